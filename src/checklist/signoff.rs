//! Lines where people sign or decide: `**Tech Lead**: ____ Date: ____`, `☐ GO ☐ NO-GO`, and tables.

use std::ops::Range;

use crate::lexicon::{self, CHOICES, Concept, DATE, NAME, Pair, RESULTS, ROLE, SIGNATURE, THIRD};

use super::words;

pub(super) fn is_entry(line: &str) -> bool {
    line.starts_with(['-', '*', '+', '|']) || line.starts_with(|c: char| c.is_ascii_digit())
}

/// The boxes that a line offers a choice with.
const BOXES: [&str; 7] = ["☐", "☑", "☒", "⬜", "[ ]", "[x]", "[X]"];

/// `☐ GO ☐ NO-GO`, `☐ YES ☐ NO (reason: …)`, `[ ] GO [ ] NO-GO`, `GO / NO-GO` behind a label.
pub fn is_decision(line: &str) -> bool {
    offers(line, CHOICES) || is_worded(line.trim())
}

/// A line that offers a choice, whatever of: `☐ PASS ☐ FAIL` too.
pub(super) fn is_choice(line: &str) -> bool {
    offers(line, CHOICES) || offers(line, RESULTS)
}

/// Such a line in which nothing else is to be done: `☐ GO ☐ NO-GO`, and not with `☐ Backup` behind.
pub(super) fn is_all_choice(line: &str) -> bool {
    let known = |option: &str| {
        let lower = option.to_lowercase();
        let lower = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
        let side = |pairs: &[Pair]| {
            pairs.iter().any(|(_, through, not)| begins(lower, through) || begins(lower, not))
        };
        side(CHOICES) || side(RESULTS) || THIRD.begins(lower).is_some() || lower.is_empty()
    };
    is_choice(line) && choices(line).iter().all(|(option, _)| known(option))
}

/// Whether a text begins with a word, and not with a longer one.
fn begins(lower: &str, word: &str) -> bool {
    lower.strip_prefix(word).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

fn offers(line: &str, pairs: &[Pair]) -> bool {
    // Most lines have neither kind of box.
    if !line.bytes().any(|byte| byte == b'[' || !byte.is_ascii())
        || BOXES.iter().map(|sign| line.matches(sign).count()).sum::<usize>() < 2
    {
        return false;
    }
    let lower = line.to_lowercase();
    let holds = |word| lexicon::holds(&lower, word);
    pairs.iter().any(|(_, through, not)| holds(through) && holds(not))
}

/// `GO / NO-GO`, `Go | Conditional Go | No-Go`, and nothing else: its options.
pub fn worded(text: &str) -> Option<Vec<String>> {
    // Most cells have one word and no bar.
    if !text.contains(['/', '|']) || text.len() > 200 {
        return None;
    }
    let plain = |part: &str| {
        let part = part.trim_matches(|c: char| !c.is_alphanumeric() && !"()（）".contains(c));
        (!part.is_empty()).then(|| part.to_owned())
    };
    let parts: Vec<String> = text.split(['/', '|']).filter_map(plain).collect();
    let lower: Vec<String> = parts.iter().map(|part| part.to_lowercase()).collect();
    let holds = |word: &str| lower.iter().any(|part| part == word);
    let pair = CHOICES.iter().chain(RESULTS).any(|(_, through, not)| holds(through) && holds(not));
    let short = parts.iter().all(|part| part.split_whitespace().count() <= 4);
    (parts.len() >= 2 && short && pair).then_some(parts)
}

/// A line that holds such options behind a label, or in a cell.
fn is_worded(line: &str) -> bool {
    let go = |text: &str| {
        worded(text).is_some_and(|options| {
            let lower: Vec<String> = options.iter().map(|option| option.to_lowercase()).collect();
            CHOICES.iter().any(|(_, through, not)| {
                lower.iter().any(|option| option == through)
                    && lower.iter().any(|option| option == not)
            })
        })
    };
    match line.strip_prefix('|') {
        Some(row) => row.split('|').any(go),
        None => line.split_once([':', '：']).is_some_and(|(_, text)| go(text)),
    }
}

/// Nobody chooses among more in one line.
const MOST: usize = 16;

/// The options of such a line, and whether each is ticked.
pub fn choices(line: &str) -> Vec<(String, bool)> {
    let mut options = Vec::new();
    let mut rest = line;
    while let Some((at, sign)) = next_box(rest).filter(|_| options.len() < MOST) {
        let behind = &rest[at + sign.len()..];
        let end = next_box(behind).map_or(behind.len(), |(at, _)| at);
        let text = behind[..end].trim_matches(|c: char| c.is_whitespace() || "/|*,;".contains(c));
        options.push((text.to_owned(), matches!(sign, "☑" | "☒" | "[x]" | "[X]")));
        rest = behind;
    }
    options
}

/// Where the boxes of a decision stand, and the side that each option takes: to go on, not to, or neither.
pub fn sides(line: &str) -> Vec<(Range<usize>, Option<bool>)> {
    let mut at = 0;
    let places = std::iter::from_fn(|| {
        let (found, sign) = next_box(&line[at..])?;
        let place = at + found..at + found + sign.len();
        at = place.end;
        Some(place)
    });
    let places: Vec<Range<usize>> = places.take(MOST).collect();
    places
        .into_iter()
        .zip(choices(line))
        .map(|(place, (option, _))| {
            let lower = option.to_lowercase();
            let lower = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
            let not = CHOICES.iter().any(|(_, _, not)| begins(lower, not));
            let through = CHOICES.iter().any(|(_, through, _)| begins(lower, through));
            (place, (not || through).then_some(!not))
        })
        .collect()
}

fn next_box(text: &str) -> Option<(usize, &'static str)> {
    BOXES.iter().filter_map(|sign| text.find(sign).map(|at| (at, *sign))).min()
}

/// `**Tech Lead**: ______ Date: ____`, with or without a list marker; where people sign (`signing`)
/// other names are roles too, and in a list of signatures (`listed`) labels with nothing behind them.
pub(super) fn line_role(line: &str, signing: bool, listed: bool) -> Option<String> {
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
    // `- [ ] **Security Lead** - audit completed`, where people sign.
    if task
        && listed
        && let Some((name, _)) = entry.strip_prefix("**").and_then(|rest| rest.split_once("**"))
        && words::is_role(name)
    {
        return Some(name.trim_end_matches(':').to_owned());
    }
    let (label, blank) = entry.split_once([':', '：'])?;
    // Formatters escape the underscores of a blank.
    let blank = blank.replace('\\', "");
    let blank = blank.trim_start_matches([' ', '*']);
    // A list of labels under `Signatures:` is signed where nothing stands yet.
    let open = listed && !task && blank.is_empty() && entry.len() < line.len() && is_name(label);
    if !open
        && !blank.starts_with("___")
        && !blank.starts_with("...")
        && !blank.starts_with("[ ]___")
    {
        return None;
    }
    let lower = blank.to_lowercase();
    let dated = DATE.is_in(&lower);
    let signed = dated || ["signature", "____"].iter().any(|word| lower.contains(word));
    let named = listed && words::is_person(label);
    // Somebody signs and dates that line, whatever the heading above says.
    let whole = dated && !task && line.starts_with("**") && blank.starts_with("___");
    words::role(label, task, signing || whole, open || named || signing && signed || dated)
}

/// The role of a line that begins with one of these names, and leaves room to sign.
pub(super) fn declared<'n>(line: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let entry = line.trim_start_matches(['>', '-', '*', '+', ' ']);
    let entry = entry.strip_prefix("[ ] ").unwrap_or(entry);
    let mut names = names.filter(|name| {
        let behind = entry.get(name.len()..).filter(|_| {
            entry.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
        });
        behind.is_some_and(|behind| {
            let blank = behind.replace('\\', "");
            let blank = blank.trim_start_matches(['*', ' ']);
            blank.starts_with([':', '：']) && blank.contains("___")
        })
    });
    names.next()
}

/// The other roles of a line of several: `**Security**: ____ **Legal**: ____`.
pub(super) fn more_roles(line: &str, signing: bool) -> Vec<String> {
    let labels = line.split("**").collect::<Vec<&str>>();
    // Of `a ** b ** c`, every second part is strong.
    let strong = labels.iter().enumerate().skip(3).step_by(2);
    let named = strong.filter_map(|(at, label)| {
        let behind = labels.get(at + 1)?.replace('\\', "");
        let colon = label.ends_with([':', '：']) || behind.starts_with([':', '：']);
        let blank = behind.trim_start_matches([':', '：', ' ']).starts_with("___");
        (colon && blank)
            .then(|| words::role(label.trim_end_matches([':', '：']), false, signing, true))?
    });
    named.collect()
}

/// `**DevOps Lead:**` alone, above blanks for a name, a date and a signature.
pub(super) fn role_above(line: &str) -> Option<&str> {
    let label = line.strip_prefix("**")?;
    let label = label.strip_suffix(":**").or_else(|| label.strip_suffix("**:"))?;
    (!label.contains('*') && is_name(label)).then_some(label)
}

/// `- Signature: ____`, `Name: ____`.
pub(super) fn is_field(line: &str) -> bool {
    let entry = line.trim_start_matches(['-', '*', '+', ' ']);
    entry.split_once([':', '：']).is_some_and(|(label, blank)| {
        words::is_field(label) && blank.replace('\\', "").contains("___")
    })
}

/// So few words may name a role.
fn is_name(label: &str) -> bool {
    label.split_whitespace().count() <= 4
}

/// The column of roles in the head of a table where people sign: `| Role | Name | Signature |`.
///
/// A table of roles and names alone may list whom to call, so it counts only where people sign
/// anyway (`signing`).
pub(super) fn role_column(line: &str, signing: bool) -> Option<usize> {
    let cells = cells(line)?;
    let begins = |cell: &str, concept: &Concept| {
        let lower = cell.to_lowercase();
        // A head of many words is about something else: `Approved channel classification`.
        lower.split_whitespace().count() <= 2 && concept.begins(&lower).is_some()
    };
    let column = cells.iter().position(|cell| begins(cell, &ROLE))?;
    let others = || cells.iter().enumerate().filter(|(at, _)| *at != column);
    let signs = others().any(|(_, cell)| begins(cell, &SIGNATURE));
    let person = |cell: &str| begins(cell, &NAME) || begins(cell, &DATE);
    let names = signing && others().any(|(_, cell)| person(cell));
    (signs || names).then_some(column)
}

/// The role that a row of such a table names.
pub(super) fn table_role(line: &str, column: usize) -> Option<String> {
    let name = *cells(line)?.get(column)?;
    let is_rule = name.bytes().all(|b| matches!(b, b'-' | b':' | b' ' | b'_'));
    (!is_rule && name.chars().count() <= 60).then(|| name.to_owned())
}

fn cells(line: &str) -> Option<Vec<&str>> {
    let row = line.trim().strip_prefix('|')?;
    Some(row.split('|').map(|cell| cell.trim().trim_matches('*').trim()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_box_of_a_decision_is_placed_with_the_side_that_it_takes() {
        let told = |line: &'static str| -> Vec<(&str, Option<bool>)> {
            sides(line).into_iter().map(|(place, side)| (&line[place], side)).collect()
        };
        assert_eq!(told("☑ GO ☐ NO-GO"), [("☑", Some(true)), ("☐", Some(false))]);
        assert_eq!(told("x [ ] No go / [x] Go!"), [("[ ]", Some(false)), ("[x]", Some(true))]);
        assert_eq!(told("结论： ☐ 是 ☑ 否"), [("☐", Some(true)), ("☑", Some(false))]);
        assert_eq!(told("☐ HOLD ☐ GOLD ☐ nobody"), [("☐", None); 3]);
    }

    #[test]
    fn a_decision_offers_both_sides() {
        assert!(is_decision("**Decision**: ☐ GO to production ☐ NO-GO (address issues first)"));
        assert!(is_decision("**Ready**: ☐ YES ☐ NO (reason: ____)"));
        assert!(is_decision("**Decision**: [ ] GO [ ] NO-GO"));
        assert!(!is_decision("- [ ] GO or NO-GO decided"));
        assert!(!is_decision("☐ backups ☐ restores"));
        assert!(is_decision("结论： ☐ 是 ☐ 否"));
        assert!(!is_decision("**Result**: ☐ PASS ☐ FAIL") && is_choice("☐ PASS ☐ FAIL"));
        assert_eq!(
            choices("**Go?** ☑ GO ☐ NO-GO (why)"),
            [("GO".to_owned(), true), ("NO-GO (why)".to_owned(), false)]
        );
    }

    #[test]
    fn a_list_of_contacts_is_no_sign_off() {
        assert_eq!(role_column("| Role | Name | Signature | Date |", false), Some(0));
        assert_eq!(role_column("| # | Role | Signed off |", false), Some(1));
        assert_eq!(role_column("| Role | Name | Phone |", false), None);
        assert_eq!(role_column("| Role | Name | Date |", true), Some(0));
        assert_eq!(
            role_column("| Audience | Message owner role | Approved channel kind |", false),
            None
        );
        assert_eq!(table_role("| 1 | **CTO** | |", 1).as_deref(), Some("CTO"));
        assert_eq!(table_role("|---|---|---|", 1), None);
    }
}
