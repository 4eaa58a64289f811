//! What headings and lines are recognised by, as tables of words; a language is a few more rows.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::Claim;

/// Headings of sections that are only for when things go wrong, or for reference.
const STANDBY: &[&str] = &[
    "rollback",
    "roll back",
    "roll-back",
    "contingency",
    "troubleshooting",
    "emergency",
    "appendix",
    "common issues",
    "known issues",
    "if issues",
    "backout",
    "back-out",
    "fallback plan",
    "useful commands",
    "rückfall",
    "notfall",
    "fehlerbehebung",
    "fehlersuche",
    "anhang",
    "retour arrière",
    "urgence",
    "dépannage",
    "annexe",
    "reversión",
    "reversion",
    "emergencia",
    "contingencia",
    "solución de problemas",
    "apéndice",
    "reversão",
    "emergência",
    "contingência",
    "solução de problemas",
    "apêndice",
    "ripristino",
    "emergenza",
    "risoluzione dei problemi",
    "appendice",
    "回滚",
    "应急",
    "故障排除",
    "附录",
    "ロールバック",
    "緊急",
    "トラブルシューティング",
    "付録",
    "切り戻し",
    "롤백",
    "긴급",
    "откат",
    "аварийн",
];

/// Words that make a heading ask about such a plan beforehand: its items count.
const READINESS: &[&str] = &[
    "tested",
    "test",
    "tests",
    "testing",
    "verified",
    "ready",
    "readiness",
    "drill",
    "check",
    "checks",
    "rehearsal",
    "rehearsed",
    "documented",
    "backup",
    "backups",
    "without",
    "remove",
    "removed",
    "contacts",
    "confirmed",
    "reviewed",
    "resolved",
    "see appendix",
    "getestet",
    "geübt",
    "probado",
    "testado",
    "testé",
    "verificado",
    "演练",
    "准备",
    "準備",
    "测试",
    "テスト",
];

/// Boxes of people who do not write task lists, and what they claim.
const BOXES: &[(char, Claim)] = &[
    ('☐', Claim::Open),
    ('□', Claim::Open),
    ('⬜', Claim::Open),
    ('🔲', Claim::Open),
    ('☑', Claim::Done),
    ('✅', Claim::Done),
    ('☒', Claim::Done),
];

/// Headings that count: such siblings run in their order.
pub(super) const COUNTED: &[&str] = &[
    "step", "phase", "day", "stage", "schritt", "tag", "étape", "paso", "fase", "etapa", "día",
    "dia",
];

/// Words of sections where people sign or decide.
const SIGNING: &[&str] = &[
    "sign-off",
    "sign off",
    "signoff",
    "sign-offs",
    "approval",
    "approvals",
    "approved by",
    "go/no-go",
    "go / no-go",
    "go-no-go",
    "go no go",
    "go/no go",
    "freigabe",
    "abnahme",
    "unterschrift",
    "approbation",
    "validation finale",
    "aprobación",
    "aprobaciones",
    "firma",
    "aprovação",
    "aprovações",
    "assinatura",
    "approvazione",
    "审批",
    "签字",
    "承認",
    "승인",
];

/// Last words of a role's name.
const ROLES: &[&str] = &[
    "lead",
    "manager",
    "owner",
    "engineer",
    "director",
    "team",
    "officer",
    "admin",
    "administrator",
    "architect",
    "cto",
    "ceo",
    "ciso",
    "cio",
    "coo",
    "vp",
    "head",
    "devops",
    "sre",
    "qa",
    "ops",
    "operations",
    "security",
    "product",
    "engineering",
    "dba",
    "sponsor",
    "stakeholder",
    "coordinator",
    "reviewer",
    "approver",
    "operator",
    "developer",
    "auditor",
    "legal",
    "compliance",
    "support",
    "leiter",
    "leiterin",
    "verantwortlicher",
    "responsable",
    "líder",
    "gerente",
    "jefe",
    "chef",
    "负责人",
    "経理",
    "責任者",
];

/// What follows a role's name in a line that is also a task.
const APPROVES: &[&str] = &[
    "approval",
    "approves",
    "approved",
    "sign-off",
    "signoff",
    "signature",
    "freigabe",
    "aprobación",
    "aprovação",
];

/// Blanks that are filled in and no role.
const FACTS: &[&str] = &[
    "date",
    "time",
    "version",
    "release",
    "reason",
    "notes",
    "note",
    "ticket",
    "comment",
    "comments",
    "name",
    "signature",
    "start",
    "end",
    "start time",
    "end time",
    "datum",
    "fecha",
    "data",
    "duration",
    "build",
    "commit",
    "tag",
    "url",
    "id",
    "incident",
    "change",
    "environment",
    "decision",
    "next review",
    "last updated",
    "deployed by",
    "status",
    "result",
    "issues",
];

/// A table, searched for in one pass.
struct Phrases(LazyLock<Option<AhoCorasick>>);

impl Phrases {
    /// Whether one of them stands in a text in lower case, as whole words.
    fn are_in(&self, lower: &str) -> bool {
        let Some(search) = self.0.as_ref() else { return false };
        search.find_overlapping_iter(lower).any(|found| {
            let is_letter = |c: char| c.is_alphanumeric();
            // Scripts without spaces have no word borders; a prefix such as `аварийн` may be inflected.
            let borderless = lower[found.range()].chars().any(|c| c as u32 >= 0x400);
            borderless
                || !lower[..found.start()].ends_with(is_letter)
                    && !lower[found.end()..].starts_with(is_letter)
        })
    }
}

static STANDBY_PHRASES: Phrases = Phrases(LazyLock::new(|| AhoCorasick::new(STANDBY).ok()));
static READINESS_PHRASES: Phrases = Phrases(LazyLock::new(|| AhoCorasick::new(READINESS).ok()));
static SIGNING_PHRASES: Phrases = Phrases(LazyLock::new(|| AhoCorasick::new(SIGNING).ok()));

/// The section is only for when things go wrong, or for reference.
pub(super) fn is_standby(title: &str) -> bool {
    let lower = title.to_lowercase();
    // `Rollback plan tested` is a question before the event. In doubt the items count.
    STANDBY_PHRASES.are_in(&lower) && !READINESS_PHRASES.are_in(&lower)
}

/// A heading on standby that names when things go wrong in passing: `Disable emergency mode`.
pub(super) fn is_standby_in_passing(title: &str) -> bool {
    let lower = title.to_lowercase();
    let mut words =
        lower.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let first = words.find(|word| word.chars().any(char::is_alphabetic)).unwrap_or_default();
    let counted = COUNTED.contains(&first);
    let from = |word: &str| lower.find(word).map_or("", |at| &lower[at..]);
    let next =
        if counted { words.find(|word| word.chars().any(char::is_alphabetic)) } else { None };
    let begins = from(next.unwrap_or(first));
    // What stands in parentheses behind it says how, not what.
    let last = lower.split(" (").next().unwrap_or_default();
    let last = last.trim_end_matches(|c: char| !c.is_alphanumeric());
    is_standby(title)
        && !STANDBY.iter().any(|phrase| begins.starts_with(phrase) || last.ends_with(phrase))
        && !["plan", "procedure", "steps", "guide", "playbook", "strategy"]
            .iter()
            .any(|word| last.ends_with(word))
}

/// One side of a decision, and nothing to be done: `GO`, `NO-GO`, `Yes`.
pub(super) fn is_choice(text: &str) -> bool {
    const CHOICES: &[&str] = &[
        "go", "no-go", "no go", "nogo", "hold", "yes", "no", "ja", "nein", "oui", "non", "sí",
        "sim", "não", "approve", "approved", "reject", "rejected",
    ];
    let lower = text.to_lowercase();
    CHOICES.contains(&lower.trim_matches(|c: char| !c.is_alphanumeric()))
}

/// What stands behind `[ ]` in its line makes an item of it: a blank and a text.
pub(super) fn follows_box(behind: &str) -> bool {
    behind.starts_with([' ', '\t']) && !behind.trim().is_empty()
}

/// A line that begins with a box: what it claims, and what the line says.
pub(super) fn boxed(line: &str) -> Option<(Claim, &str)> {
    // What some hosts render as a box with a dash.
    if let Some(rest) =
        line.trim_start().strip_prefix("[~]").or(line.trim_start().strip_prefix("[-]"))
        && follows_box(rest)
    {
        return Some((Claim::NotApplicable, rest.trim()));
    }
    let mut chars = line.trim_start().chars();
    let first = chars.next()?;
    let (_, claim) = BOXES.iter().find(|(known, _)| *known == first)?;
    let rest = chars.as_str().trim_start_matches('\u{fe0f}').trim();
    Some((*claim, rest))
}

/// A cell of a column of boxes: a box and nothing else, or that it does not apply.
pub(super) fn boxed_cell(cell: &str) -> Option<Claim> {
    const NOT_APPLICABLE: &[&str] = &[
        "n/a",
        "n.a.",
        "na",
        "n.v.t.",
        "entfällt",
        "sans objet",
        "no aplica",
        "não se aplica",
        "不适用",
        "対象外",
    ];
    let cell = cell.trim();
    match boxed(cell) {
        Some((claim, "")) => Some(claim),
        _ => NOT_APPLICABLE.contains(&cell.to_lowercase().as_str()).then_some(Claim::NotApplicable),
    }
}

/// The heading counts: `Step 1`, `Phase 2`, `3.`, `1.1`, `T-30 min`, `T+1 Hour`.
pub(super) fn counts(title: &str) -> bool {
    let lower = title.trim().to_lowercase();
    let digit_follows = |rest: &str| rest.trim_start().starts_with(|c: char| c.is_ascii_digit());
    let numbered = lower.split_whitespace().next().is_some_and(|word| {
        let digits = word.trim_end_matches(['.', ')', ':']);
        digits.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()))
            && (digits.len() < word.len() || digits.contains('.'))
    });
    let clock = lower.strip_prefix('t').is_some_and(|rest| {
        rest.trim_start().starts_with(['-', '+', '−', '–'])
            && digit_follows(
                &rest.trim_start()[rest.trim_start().chars().next().map_or(0, char::len_utf8)..],
            )
    });
    let word = COUNTED.iter().any(|word| {
        lower
            .strip_prefix(word)
            .is_some_and(|rest| rest.starts_with([' ', '-']) && digit_follows(&rest[1..]))
    });
    numbered || clock || word
}

/// The text names a place where people sign or decide.
pub(super) fn is_signing(text: &str) -> bool {
    SIGNING_PHRASES.are_in(&text.to_lowercase())
}

/// The role that a sign-off line names, if it names one. `task`: the line is a task, which has to
/// look like a person's approval; `signing`: it stands where people sign.
pub(super) fn role(label: &str, task: bool, signing: bool, dated: bool) -> Option<String> {
    let label = label.trim().trim_matches(['*', '_', '`', ':', ' ']).trim();
    let lower = label.to_lowercase();
    if label.is_empty() || label.chars().count() > 60 || FACTS.contains(&lower.as_str()) {
        return None;
    }
    let approves = APPROVES.iter().find_map(|word| without_last_word(label, word));
    let name = approves.filter(|name| !name.is_empty()).unwrap_or(label);
    let last = name.to_lowercase();
    let last = last
        .split(|c: char| !c.is_alphanumeric())
        .rfind(|word| !word.is_empty())
        .unwrap_or_default()
        .to_owned();
    let known = ROLES.contains(&last.as_str());
    let reads = if task {
        approves.is_some_and(|name| !name.is_empty()) || known && dated
    } else {
        known || signing && dated
    };
    reads.then(|| name.to_owned())
}

/// The label before its last word, if that is `word`; case does not matter.
fn without_last_word<'a>(label: &'a str, word: &str) -> Option<&'a str> {
    let (before, last) = match label.rsplit_once(char::is_whitespace) {
        Some((before, last)) => (before.trim_end(), last),
        None => ("", label),
    };
    (last.to_lowercase() == word).then_some(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_count_by_number_clock_or_word() {
        for counted in [
            "Step 1: build",
            "Phase 2",
            "3. Deploy",
            "1.1 Code Status",
            "T-30 Min: Communication",
            "T+1 Hour",
            "DÍA 4 - x",
        ] {
            assert!(counts(counted), "{counted}");
        }
        for not in ["Deploy", "2024 review", "Steps", "Testing 1", "T-Day", "5 things"] {
            assert!(!counts(not), "{not}");
        }
    }

    #[test]
    fn standby_is_found_by_whole_words() {
        assert!(is_standby("Rollback Procedure (If Issues Found)"));
        assert!(is_standby("Common Issues & Solutions"));
        assert!(is_standby("回滚方案"));
        assert!(!is_standby("Emergencyless"));
        assert!(!is_standby("Deployment"));
        assert!(!is_standby("Rollback plan tested"));
        assert!(!is_standby("Backup / rollback"));
    }

    #[test]
    fn roles_are_told_from_tasks() {
        assert_eq!(role("**Tech Lead**", false, true, true).as_deref(), Some("Tech Lead"));
        assert_eq!(role("Operations Team", false, true, true).as_deref(), Some("Operations Team"));
        assert_eq!(
            role("Product Owner approval", true, true, true).as_deref(),
            Some("Product Owner")
        );
        assert_eq!(role("All smoke tests passing", true, true, true), None);
        assert_eq!(role("Date", false, true, true), None);
        // Lower case of this letter is longer than the letter.
        assert!(role(&format!("{}aprobación", "İ".repeat(12)), false, true, true).is_some());
    }
}
