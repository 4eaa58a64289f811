//! Numbers that were seen, and what expectations hold them against: for whoever draws them over time.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::Check;
use super::expect::{Assertion, Quantity};
use super::measure::Measure;
use super::subject::Sort;

/// A number and what it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount(Measure);

/// What an expectation holds a number against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Threshold {
    /// The expectation as it was judged: `value < 1 %`.
    pub text: String,
    /// Its number.
    pub amount: Amount,
}

impl Amount {
    /// Reads an observation as checks note it: `0.4 %`, `0.120 s`, `3 lines`. What says more than a number is none.
    pub fn seen(text: &str) -> Option<Self> {
        let text = text.trim();
        let counted = [" lines", " line"].into_iter().find_map(|unit| text.strip_suffix(unit));
        Measure::parse(counted.unwrap_or(text)).map(Self)
    }

    /// Compares; `None` where the units differ in kind.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        self.0.compare(&other.0)
    }

    /// How much it is in the base of its unit, to draw it and for nothing else.
    pub fn size(&self) -> f64 {
        self.0.size()
    }
}

impl Check {
    /// What its last expectation on a number holds that against, with all others on the same: `value >= 10` and
    /// `value < 90`. Exits are no amounts. `values` are those of parameters.
    pub fn thresholds(&self, values: &BTreeMap<String, String>) -> Vec<Threshold> {
        let all = self.steps().flat_map(|step| &step.expectations);
        let all = all.filter_map(|one| one.filled(values).ok());
        let numbers: Vec<(Quantity, Threshold)> = all
            .filter_map(|one| {
                let Assertion::Number { subject, value, .. } = one.assertion else { return None };
                let unit = match &subject {
                    Quantity::Exit => return None,
                    Quantity::Seconds | Quantity::Field(_, Sort::Seconds) => "s",
                    Quantity::Field(_, Sort::Bytes) => "B",
                    Quantity::Lines | Quantity::Value | Quantity::Field(..) => "",
                };
                let amount = Amount(value.counted_in(unit));
                Some((subject, Threshold { text: one.text, amount }))
            })
            .collect();
        let Some((last, _)) = numbers.last() else { return Vec::new() };
        let last = last.clone();
        numbers.into_iter().filter(|(of, _)| *of == last).map(|(_, one)| one).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::compile;
    use super::*;

    fn texts(script: &str, values: &[(&str, &str)]) -> Vec<String> {
        let check = compile("bash", script).expect("a check");
        let values = values.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        check.thresholds(&values.collect()).into_iter().map(|one| one.text).collect()
    }

    #[test]
    fn the_last_number_that_is_expected_is_what_is_drawn() {
        let script =
            "date\n# expect: seconds < 2\nrate\n# expect: value >= 10 %\n# expect: value < 90 %\n";
        assert_eq!(texts(script, &[]), ["value >= 10 %", "value < 90 %"]);
        let script = "rate\n# expect: value < {{LIMIT}}\n";
        assert_eq!(texts(script, &[("LIMIT", "5 ms")]), ["value < 5 ms"]);
        assert!(texts(script, &[]).is_empty(), "a limit that is not known is none");
        assert!(texts("true\n# expect: exit == 1\n", &[]).is_empty());
        assert!(texts("echo 1\n# Expected: 1\n", &[]).is_empty());
    }

    #[test]
    fn what_checks_note_of_a_number_is_read_again() {
        let size = |text: &str| Amount::seen(text).map(|amount| amount.size());
        assert_eq!(size("0.4 %"), Some(0.4));
        assert_eq!(size("0.120 s"), size("120ms"));
        assert_eq!(size("3 lines"), Some(3.0));
        for text in ["exit 1", "no number: `x`", "", "12 of 13"] {
            assert_eq!(size(text), None, "{text}");
        }
    }
}
