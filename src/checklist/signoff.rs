//! Lines where people sign or decide: `**Tech Lead**: ____ Date: ____`, `☐ GO ☐ NO-GO`, and tables.

use super::words;

pub(super) fn is_entry(line: &str) -> bool {
    line.starts_with(['-', '*', '+', '|']) || line.starts_with(|c: char| c.is_ascii_digit())
}

/// `☐ GO ☐ NO-GO`, `☐ YES ☐ NO (reason: …)`, `[ ] GO [ ] NO-GO` behind a label.
pub(super) fn is_decision(line: &str) -> bool {
    let boxes = line.matches(['☐', '☑', '☒', '⬜']).count()
        + line.matches("[ ]").count()
        + line.matches("[x]").count();
    let words: Vec<String> = line
        .split(|c: char| !c.is_alphanumeric() && c != '-')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let has = |word: &str| words.iter().any(|other| other == word);
    let no_go = has("no-go")
        || has("nogo")
        || words
            .windows(2)
            .any(|pair| pair[0] == "no" && pair[1] == "go");
    let pair = has("go") && no_go
        || has("yes") && has("no")
        || has("ja") && has("nein")
        || has("sí") && has("no")
        || has("oui") && has("non");
    boxes >= 2 && pair
}

/// `**Tech Lead**: ______ Date: ____`, with or without a list marker.
pub(super) fn line_role(line: &str, signing: bool) -> Option<String> {
    let line = line.trim_start_matches(['>', ' ']);
    let entry = line.trim_start_matches(['-', '*', '+', ' ']);
    let entry = if line.starts_with("**") { line } else { entry };
    let (task, entry) = match entry
        .strip_prefix("[ ] ")
        .or_else(|| entry.strip_prefix("[x] "))
        .or_else(|| entry.strip_prefix("[X] "))
    {
        Some(rest) => (true, rest),
        None => (false, entry),
    };
    let (label, blank) = entry.split_once(':')?;
    let blank = blank.trim_start_matches([' ', '*', '\\']);
    if !blank.starts_with("___") && !blank.starts_with("...") && !blank.starts_with("[ ]___") {
        return None;
    }
    let lower = blank.to_lowercase();
    let dated = [
        "date",
        "datum",
        "fecha",
        "data",
        "日期",
        "日付",
        "signature",
        "____",
    ]
    .iter()
    .any(|word| lower.contains(word));
    words::role(
        label,
        task,
        signing,
        dated
            && (signing
                || lower.contains("date")
                || lower.contains("datum")
                || lower.contains("fecha")),
    )
}

/// `| Role | Name | Signature | Date |`. A table of roles and names alone may list whom to call, so
/// it counts only where people sign.
pub(super) fn is_signing_head(line: &str, signing: bool) -> bool {
    let lower = line.to_lowercase();
    line.starts_with('|')
        && [
            "role", "rolle", "rol", "rôle", "função", "cargo", "角色", "役割",
        ]
        .iter()
        .any(|word| lower.contains(word))
        && [
            "sign",
            "unterschrift",
            "firma",
            "assinatura",
            "approv",
            "签",
            "署名",
        ]
        .iter()
        .chain(
            ["name", "date", "datum", "fecha"]
                .iter()
                .filter(|_| signing),
        )
        .any(|word| lower.contains(word))
}

pub(super) fn table_role(line: &str) -> Option<String> {
    let first = line
        .strip_prefix('|')?
        .split('|')
        .next()?
        .trim()
        .trim_matches('*')
        .trim();
    let is_rule = first.bytes().all(|b| matches!(b, b'-' | b':' | b' '));
    (!is_rule && !first.is_empty() && !is_signing_head(line, true) && first.chars().count() <= 60)
        .then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_offers_both_sides() {
        assert!(is_decision(
            "**Decision**: ☐ GO to production ☐ NO-GO (address issues first)"
        ));
        assert!(is_decision("**Ready**: ☐ YES ☐ NO (reason: ____)"));
        assert!(is_decision("**Decision**: [ ] GO [ ] NO-GO"));
        assert!(!is_decision("- [ ] GO or NO-GO decided"));
        assert!(!is_decision("☐ backups ☐ restores"));
    }

    #[test]
    fn a_list_of_contacts_is_no_sign_off() {
        assert!(is_signing_head("| Role | Name | Signature | Date |", false));
        assert!(!is_signing_head("| Role | Name | Phone |", false));
        assert!(is_signing_head("| Role | Name | Date |", true));
    }
}
