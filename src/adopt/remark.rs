//! Comments above and behind a statement that say how it has to come out.

use std::sync::LazyLock;

use regex::Regex;

use super::segment::Statement;

/// How a comment says that a statement has to come out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Remark {
    /// It has to fail: `# Must FAIL (no route from here)`.
    Fails,
    /// It has to find nothing: `# Verify no processes remain`.
    Nothing,
    /// Somehow: `# should be 200`.
    Somehow,
}

static FAILS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:must|should|shall|has to|expected? to)\s+(?:all\s+)?(?:fail|be\s+(?:refused|denied|rejected|blocked|unreachable)|not\s+(?:succeed|work|connect|resolve|be\s+reachable))|nxdomain|\bexpect(?:ed)?\s+(?:a\s+)?(?:failure|error)").ok()
});

static NOTHING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:must|should|shall)\s+(?:return|show|print|find|list|output|display|be|have|see|contain)\s+(?:nothing|no\b|none|empty|zero\b|0\b)|\b(?:must|should|shall)\s+not\b|\b(?:verify|check|ensure|confirm|make sure)\s+(?:that\s+)?(?:there\s+(?:is|are)\s+)?no\b|\bno\s+\w+(?:\s+\w+)?\s+(?:remain|left|exist|should)|^\s*nothing\b").ok()
});

static SOMEHOW: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?:must|should|shall|sollte|debe|devrait|deve)\b|^\s*["\d]"#).ok()
});

/// What comments say of a statement; the gravest counts.
pub(super) fn of(statement: &Statement<'_>) -> Option<Remark> {
    let above = statement.above.iter().filter_map(|line| line.trim_start().strip_prefix('#'));
    let behind = statement.lines.iter().filter_map(|line| line.split_once(" #"));
    let texts: Vec<&str> = above.chain(behind.map(|(_, text)| text)).collect();
    let any = |regex: &LazyLock<Option<Regex>>| {
        regex.as_ref().is_some_and(|regex| texts.iter().any(|text| regex.is_match(text)))
    };
    let [fails, nothing, somehow] = [&FAILS, &NOTHING, &SOMEHOW].map(any);
    match (fails, nothing, somehow) {
        (true, ..) => Some(Remark::Fails),
        (_, true, _) => Some(Remark::Nothing),
        (_, _, true) => Some(Remark::Somehow),
        _ => None,
    }
}

static NEGATIVE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:no|not|none|gone|free|without|disabled|removed|deleted|stopped|absent|never|kein\w*|nicht|ohne|sin|sem|senza|nessun\w*|aucun\w*|sans|nenhum\w*|ning[uú]n\w*)\b|нет|без|没有|沒有|无|無|なし|ない").ok()
});

/// A title that says that something is not there: `Old container is gone`.
pub(super) fn is_negative(title: &str) -> bool {
    NEGATIVE.as_ref().is_some_and(|regex| regex.is_match(title))
}

static WAITS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?:--timeout[= ]|--max-time[= ]|\bsleep\s+|\btimeout\s+)(\d{1,6})(ms|s|m|h)?").ok()
});

/// How long statements may wait by their own words, in seconds, when that is longer than a check has.
pub(super) fn waits(statements: &[Statement<'_>]) -> Option<u64> {
    let mut seconds: u64 = 0;
    for line in statements.iter().flat_map(|statement| &statement.lines) {
        let found = WAITS.iter().flat_map(|regex| regex.captures_iter(line));
        for wait in found {
            let number: u64 = wait[1].parse().unwrap_or(0);
            seconds += match wait.get(2).map(|unit| unit.as_str()) {
                Some("ms") => number / 1000,
                Some("m") => number * 60,
                Some("h") => number * 3600,
                _ => number,
            };
        }
        let long = ["rollout status", " wait "].iter().any(|words| line.contains(words));
        if long && !line.contains("--timeout") {
            seconds += 600;
        }
    }
    (seconds >= 20).then_some(seconds + 30)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(comment: &str) -> Option<Remark> {
        let statement = Statement {
            above: vec![comment],
            lines: vec!["ping -c 1 db"],
            at: 0,
            below: Vec::new(),
            commands: Vec::new(),
            is_state: false,
            kind: super::super::segment::Kind::Look,
        };
        of(&statement)
    }

    #[test]
    fn remarks_say_how_it_has_to_come_out() {
        assert_eq!(said("# Must FAIL (no way to the network)"), Some(Remark::Fails));
        assert_eq!(said("# Should return NXDOMAIN"), Some(Remark::Fails));
        assert_eq!(said("# Verify no processes remain"), Some(Remark::Nothing));
        assert_eq!(said("# should return nothing"), Some(Remark::Nothing));
        assert_eq!(said("# All chains should be healthy"), Some(Remark::Somehow));
        assert_eq!(said("# Check the pods"), None);
    }
}
