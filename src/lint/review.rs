//! A date for the next review of the document that has passed.

use chrono::NaiveDate;

use crate::checklist::Checklist;
use crate::lexicon::{MONTHS, REVIEW};
use crate::source::Diagnostic;

use super::lines::{Line, lines};

/// Labels of dates that are behind `today`.
pub fn overdue(checklist: &Checklist, today: NaiveDate) -> Vec<Diagnostic> {
    let prose = lines(checklist).filter(|line| line.block.is_none());
    prose.filter_map(|line| finding(&line, today)).collect()
}

fn finding(line: &Line<'_>, today: NaiveDate) -> Option<Diagnostic> {
    let (at, value) = review(line.text)?;
    let due = last_day(value).filter(|due| *due < today)?;
    let message = format!("the next review of this document was due by {due}");
    let end = at + value.trim_end().len();
    Some(line.doubt("HP024", line.span(at, end), message, "review it, and write the next date"))
}

/// What stands behind the label `Next review`, and where.
fn review(line: &str) -> Option<(usize, &str)> {
    let text = line.trim_start_matches(|char: char| !char.is_alphanumeric());
    // A label stands in front, or the line is about reviews.
    let (label, rest) = text.split_once([':', '：', '|']).filter(|(label, _)| label.len() <= 80)?;
    let label = label.trim_end_matches(|char: char| !char.is_alphanumeric());
    let value = rest.trim_start_matches(['|', '*', '_', ' ', '\t']);
    let at = line.len() - value.len();
    let value = value.trim_end_matches(['*', '_', '|', ' ', '\t', '\\']);
    REVIEW.is(&label.to_lowercase()).then_some((at, value))
}

/// The last day that a date written by people may mean; in doubt the later one.
fn last_day(text: &str) -> Option<NaiveDate> {
    let lower = text.to_lowercase();
    let numbers: Vec<(u32, usize)> = numbers(&lower);
    let month_name = month(&lower);
    let mut values = numbers.iter().map(|(number, _)| *number);
    match (values.next(), values.next(), values.next(), month_name) {
        (Some(day), Some(year), _, Some(month)) if year > 31 => date(year, month, day),
        (Some(year), day, _, Some(month)) if year > 31 => match day {
            Some(day) if day <= 31 => date(year, month, day),
            _ => end_of(year, month),
        },
        // ISO 8601 and its like, `2026年3月1日`.
        (Some(year), Some(month), Some(day), None) if year > 31 => date(year, month, day),
        // Day and month may stand either way round.
        (Some(a), Some(b), Some(year), None) if year > 31 => {
            let dotted = lower.contains('.');
            let swapped = date(year, a, b).filter(|_| !dotted);
            date(year, b, a).into_iter().chain(swapped).max()
        }
        (Some(quarter @ 1..=4), Some(year), None, None) if lower.starts_with('q') => {
            end_of(year, quarter * 3)
        }
        (Some(year), Some(month), None, None) if year > 31 => end_of(year, month),
        _ => None,
    }
}

/// The numbers of a text and where they begin; a date has at most four.
fn numbers(text: &str) -> Vec<(u32, usize)> {
    let mut numbers = Vec::new();
    let mut at = 0;
    while let Some(begin) = text[at..].find(|char: char| char.is_ascii_digit()).map(|b| at + b) {
        let digits = text[begin..].bytes().take_while(u8::is_ascii_digit).count();
        at = begin + digits;
        // A number that is no part of a date says that this is another sentence.
        let Ok(number) = text[begin..at].parse() else { return Vec::new() };
        numbers.push((number, begin));
        if numbers.len() == 4 {
            break;
        }
    }
    numbers
}

/// A month written out or shortened, in the languages of the tables.
fn month(lower: &str) -> Option<u32> {
    let words = lower.split(|char: char| !char.is_alphabetic()).filter(|word| word.len() >= 3);
    for word in words {
        let known = MONTHS.iter().position(|names| names.iter().any(|name| word.starts_with(name)));
        if let Some(at) = known {
            return u32::try_from(at + 1).ok();
        }
    }
    None
}

fn date(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    let year = i32::try_from(year).ok().filter(|year| (1990..2200).contains(year))?;
    NaiveDate::from_ymd_opt(year, month, day)
}

fn end_of(year: u32, month: u32) -> Option<NaiveDate> {
    let next = if month == 12 { date(year + 1, 1, 1) } else { date(year, month + 1, 1) };
    next?.pred_opt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_people_write_them() {
        for (text, expected) in [
            ("2025-01-10", "2025-01-10"),
            ("2025-01-10 (quarterly)", "2025-01-10"),
            ("2025/01/10", "2025-01-10"),
            ("10.01.2025", "2025-01-10"),
            ("January 10, 2025", "2025-01-10"),
            ("10th Jan 2025", "2025-01-10"),
            ("10 de enero de 2025", "2025-01-10"),
            ("10. Januar 2025", "2025-01-10"),
            ("10 août 2025", "2025-08-10"),
            ("2025年1月10日", "2025-01-10"),
            ("10 января 2025", "2025-01-10"),
            ("02/03/2025", "2025-03-02"),
            ("13/01/2025", "2025-01-13"),
            ("November 2025", "2025-11-30"),
            ("2025-12", "2025-12-31"),
            ("Q4 2025", "2025-12-31"),
            ("March 2025", "2025-03-31"),
        ] {
            assert_eq!(
                last_day(text).map(|date| date.to_string()).as_deref(),
                Some(expected),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_date_is_never_overdue() {
        for text in [
            "after launch",
            "T-7 days",
            "2025",
            "YYYY-MM-DD",
            "v2.1",
            "every 90 days",
            "2025-13-40",
            "after the 3rd release",
            "99999999999999-01-01",
            "Mayor 2",
            "12:30",
        ] {
            assert_eq!(last_day(text), None, "{text}");
        }
    }

    #[test]
    fn the_label_stands_in_front() {
        for line in [
            "**Next Review**: 2025-01-10",
            "- Next review: 2025-01-10",
            "| Next review | 2025-01-10 |",
            "*Nächste Überprüfung:* 2025-01-10",
            "> 下次评审：2025-01-10",
            "**Next Review:** 2025-01-10  ",
        ] {
            assert_eq!(review(line).map(|(_, value)| value), Some("2025-01-10"), "{line}");
        }
        assert_eq!(review("We plan the next review: 2025-01-10"), None);
    }
}
