//! Numbers with units, compared exactly: `150ms < 0.2s`, never by floating point.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// A decimal number and what it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Measure {
    /// The number is `digits` × 10^`exponent`, in the unit's base.
    digits: i64,
    exponent: i32,
    /// How many of the base the unit is.
    factor: i64,
    dimension: Dimension,
}

/// Only numbers of one dimension compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Dimension {
    Plain,
    /// Microseconds.
    Time,
    Percent,
    /// Bytes.
    Size,
    /// `20G` may mean powers of 1000 or of 1024: it compares with its like only.
    Suffix(u8),
}

/// Unit, dimension, factor.
const UNITS: &[(&str, Dimension, i64)] = &[
    ("", Dimension::Plain, 1),
    ("%", Dimension::Percent, 1),
    ("us", Dimension::Time, 1),
    ("µs", Dimension::Time, 1),
    ("μs", Dimension::Time, 1),
    ("ms", Dimension::Time, 1_000),
    ("s", Dimension::Time, 1_000_000),
    ("m", Dimension::Time, 60_000_000),
    ("h", Dimension::Time, 3_600_000_000),
    ("d", Dimension::Time, 86_400_000_000),
    ("B", Dimension::Size, 1),
    ("KB", Dimension::Size, 1_000),
    ("kB", Dimension::Size, 1_000),
    ("MB", Dimension::Size, 1_000_000),
    ("GB", Dimension::Size, 1_000_000_000),
    ("TB", Dimension::Size, 1_000_000_000_000),
    ("KiB", Dimension::Size, 1 << 10),
    ("MiB", Dimension::Size, 1 << 20),
    ("GiB", Dimension::Size, 1 << 30),
    ("TiB", Dimension::Size, 1 << 40),
    ("Ki", Dimension::Size, 1 << 10),
    ("Mi", Dimension::Size, 1 << 20),
    ("Gi", Dimension::Size, 1 << 30),
    ("Ti", Dimension::Size, 1 << 40),
    ("K", Dimension::Suffix(b'K'), 1),
    ("M", Dimension::Suffix(b'M'), 1),
    ("G", Dimension::Suffix(b'G'), 1),
    ("T", Dimension::Suffix(b'T'), 1),
];

/// What may stand between a number and its unit: no end of a line, behind which something else begins.
const BLANKS: [char; 4] = [' ', '\t', '\u{a0}', '\u{202f}'];

impl Measure {
    /// Reads `42`, `-1.5`, `2e3`, `12 ms`, `80%`; nothing else may stand there.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let end = text
            .char_indices()
            .find(|(at, char)| {
                !(char.is_ascii_digit() || *char == '.' || *at == 0 && matches!(char, '-' | '+'))
            })
            .map_or(text.len(), |(at, _)| at);
        let (number, mut rest) = text.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let digits_of = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let unsigned = whole.trim_start_matches(['-', '+']);
        if unsigned.is_empty()
            || !digits_of(unsigned)
            || !digits_of(fraction)
            || number.ends_with('.')
        {
            return None;
        }
        let mut exponent = -i32::try_from(fraction.len()).ok()?;
        if let Some(power) = rest.strip_prefix(['e', 'E']) {
            let end = power
                .char_indices()
                .find(|(at, char)| {
                    !(char.is_ascii_digit() || *at == 0 && matches!(char, '-' | '+'))
                })
                .map_or(power.len(), |(at, _)| at);
            exponent = exponent.checked_add(power[..end].parse().ok()?)?;
            rest = &power[end..];
        }
        let (_, dimension, factor) =
            UNITS.iter().find(|(unit, ..)| *unit == rest.trim_start_matches(BLANKS))?;
        let digits = format!("{whole}{fraction}").parse().ok()?;
        (exponent.abs() <= 400).then_some(Self {
            digits,
            exponent,
            factor: *factor,
            dimension: *dimension,
        })
    }

    /// A plain whole number.
    pub(super) fn plain(number: i64) -> Self {
        Self { digits: number, exponent: 0, factor: 1, dimension: Dimension::Plain }
    }

    /// A time of so many microseconds.
    pub(super) fn micros(number: i64) -> Self {
        Self { digits: number, exponent: 0, factor: 1, dimension: Dimension::Time }
    }

    /// The number in the base of its unit, as near as a double comes: to draw it, never to judge by it.
    pub(super) fn size(&self) -> f64 {
        // Reading rounds once and alike everywhere, which powers of ten do not.
        let number: f64 = format!("{}e{}", self.digits, self.exponent).parse().unwrap_or(f64::NAN);
        number * self.factor as f64
    }

    /// The number, where it is a whole one without a unit.
    pub(super) fn whole(&self) -> Option<i64> {
        (self.exponent == 0 && !self.has_unit()).then_some(self.digits)
    }

    /// It counts something (`ms`, `%`).
    pub(super) fn has_unit(&self) -> bool {
        self.dimension != Dimension::Plain
    }

    /// The same number in a unit where it has none.
    pub(super) fn counted_in(self, unit: &str) -> Self {
        match UNITS.iter().find(|(known, ..)| *known == unit) {
            Some((_, dimension, factor)) if !self.has_unit() => {
                Self { factor: *factor, dimension: *dimension, ..self }
            }
            _ => self,
        }
    }

    /// Compares; `None` where the units differ in kind or the numbers are too large to tell.
    pub(super) fn compare(&self, other: &Self) -> Option<Ordering> {
        if self.dimension != other.dimension {
            return None;
        }
        let lowest = self.exponent.min(other.exponent);
        let scaled = |measure: &Self| {
            let power = u32::try_from(measure.exponent - lowest).ok()?;
            let value = i128::from(measure.digits).checked_mul(i128::from(measure.factor))?;
            if value == 0 { Some(0) } else { value.checked_mul(10_i128.checked_pow(power)?) }
        };
        Some(scaled(self)?.cmp(&scaled(other)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(left: &str, right: &str) -> Option<Ordering> {
        Measure::parse(left)?.compare(&Measure::parse(right)?)
    }

    #[test]
    fn compares_exactly_over_units() {
        assert_eq!(compare("150ms", "0.2s"), Some(Ordering::Less));
        assert_eq!(compare("0.1s", "100 ms"), Some(Ordering::Equal));
        assert_eq!(compare("1GiB", "1GB"), Some(Ordering::Greater));
        assert_eq!(compare("9007199254740993", "9007199254740992"), Some(Ordering::Greater));
        assert_eq!(compare("1e3", "1000"), Some(Ordering::Equal));
        assert_eq!(compare("-1", "0"), Some(Ordering::Less));
    }

    #[test]
    fn never_compares_what_may_differ_in_kind() {
        for (left, right) in
            [("150", "200ms"), ("20G", "10GiB"), ("20G", "10M"), ("5%", "5"), ("1e300", "1e-300")]
        {
            assert_eq!(compare(left, right), None, "{left} {right}");
        }
    }

    #[test]
    fn nothing_but_one_number_is_a_number() {
        for text in [
            "",
            "NaN",
            "inf",
            "1 2",
            "1,000",
            "0x10",
            ".5",
            "5.",
            "ten",
            "1\n2",
            "--1",
            "1e",
            "200mss",
            "1.2.3",
            "4\nm",
            "4\r\nm",
            "80\n%",
            "1\u{2028}s",
            "1\u{b}s",
        ] {
            assert_eq!(Measure::parse(text), None, "{text}");
        }
    }
}
