//! Lines that were expected against lines that were seen.

use similar::{Algorithm, ChangeTag, capture_diff_slices};

use super::build::Builder;
use super::view::{Change, Run};

/// What stands between expected lines where an expectation is told in one line.
const LINE: &str = " ↵ ";

/// So many lines of either side are compared: what is longer is not read line by line.
const MOST: usize = 200;

impl Builder<'_> {
    /// How an output differs from an expected text of several lines; empty where nothing can be compared.
    pub(super) fn difference(&mut self, expected: &str, seen: &[Vec<Run>]) -> Vec<Change> {
        let expected: Vec<String> = match expected.split(LINE).count() {
            2..=MOST => expected.split(LINE).map(|line| self.see(line.trim_end())).collect(),
            _ => return Vec::new(),
        };
        if seen.is_empty() || seen.len() > MOST {
            return Vec::new();
        }
        let text = |line: &Vec<Run>| line.iter().map(|run| run.text.as_str()).collect::<String>();
        let seen: Vec<String> = seen.iter().map(|line| text(line).trim_end().to_owned()).collect();
        let ops = capture_diff_slices(Algorithm::Myers, &expected, &seen);
        let changes = ops.iter().flat_map(|op| op.iter_changes(&expected, &seen));
        let change = |change: similar::Change<String>| Change {
            kind: match change.tag() {
                ChangeTag::Delete => "missing",
                ChangeTag::Insert => "seen",
                ChangeTag::Equal => "same",
            },
            text: change.value(),
        };
        changes.map(change).collect()
    }
}
