//! Points in time as the ledger writes them: UTC with milliseconds, `2026-11-21T09:30:00.000Z`.
//!
//! Nothing below the command line asks the system for the time; a [`Clock`] is handed down.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Milliseconds since 1970-01-01T00:00:00Z; prints as `YYYY-MM-DDTHH:MM:SS.sssZ`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Timestamp(i64);

impl Timestamp {
    /// Without thousandths, where they are none.
    pub fn brief(self) -> String {
        let text = self.to_string();
        text.strip_suffix(".000Z").map_or_else(|| text.clone(), |seconds| format!("{seconds}Z"))
    }

    /// From milliseconds since the Unix epoch; `None` outside the years 0 to 9999.
    pub fn from_millis(millis: i64) -> Option<Self> {
        let year = DateTime::<Utc>::from_timestamp_millis(millis)?.format("%Y").to_string();
        (year.len() == 4).then_some(Self(millis))
    }

    /// Milliseconds since the Unix epoch.
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// From what people write: the one form, without its seconds' fractions or without its seconds.
    pub fn short(text: &str) -> Option<Self> {
        let text = text.strip_suffix('Z')?;
        let rest = ["", ".000", ":00.000"].iter().find(|rest| text.len() + rest.len() == 23)?;
        format!("{text}{rest}Z").parse().ok()
    }

    /// The day, in UTC.
    pub fn date(self) -> NaiveDate {
        DateTime::<Utc>::from_timestamp_millis(self.0).unwrap_or_default().date_naive()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let time = DateTime::<Utc>::from_timestamp_millis(self.0).unwrap_or_default();
        f.write_str(&time.to_rfc3339_opts(SecondsFormat::Millis, true))
    }
}

impl FromStr for Timestamp {
    type Err = NotATimestamp;

    fn from_str(text: &str) -> Result<Self, NotATimestamp> {
        read(text.as_bytes()).ok_or(NotATimestamp)
    }
}

/// Of the forms of RFC 3339 the one that is printed is the only one accepted.
fn read(text: &[u8]) -> Option<Timestamp> {
    let [date @ .., b'T', h1, h2, b':', m1, m2, b':', s1, s2, b'.', f1, f2, f3, b'Z'] = text else {
        return None;
    };
    let [y1, y2, y3, y4, b'-', o1, o2, b'-', d1, d2] = date else { return None };
    let number = |digits: &[&u8]| {
        digits.iter().try_fold(0, |number, digit| {
            digit.is_ascii_digit().then(|| 10 * number + u32::from(**digit - b'0'))
        })
    };
    let year = i32::try_from(number(&[y1, y2, y3, y4])?).ok()?;
    let day = NaiveDate::from_ymd_opt(year, number(&[o1, o2])?, number(&[d1, d2])?)?;
    let (hour, minute, second) = (number(&[h1, h2])?, number(&[m1, m2])?, number(&[s1, s2])?);
    let time = day.and_hms_milli_opt(hour, minute, second, number(&[f1, f2, f3])?)?;
    Some(Timestamp(time.and_utc().timestamp_millis()))
}

/// The text is not a time of the one form that the ledger uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotATimestamp;

impl fmt::Display for NotATimestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a time of the form YYYY-MM-DDTHH:MM:SS.sssZ")
    }
}

impl std::error::Error for NotATimestamp {}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// From one time to a later one: an interval of ISO 8601 (5.5.2.1), `2026-11-22T20:00:00Z/2026-11-22T23:00:00Z`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its beginning: T-0.
    pub from: Timestamp,
    /// Its end, which is still in it.
    pub to: Timestamp,
}

impl FromStr for Window {
    type Err = NotAWindow;

    /// Times may leave out seconds or their fractions.
    fn from_str(text: &str) -> Result<Self, NotAWindow> {
        let (from, to) = text.split_once('/').ok_or(NotAWindow)?;
        let (from, to) = Timestamp::short(from).zip(Timestamp::short(to)).ok_or(NotAWindow)?;
        if from < to { Ok(Self { from, to }) } else { Err(NotAWindow) }
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.from, self.to)
    }
}

/// The text is not an interval from one time to a later one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAWindow;

impl fmt::Display for NotAWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "write two times in UTC, the earlier first: 2026-11-22T20:00Z/2026-11-22T23:00Z",
        )
    }
}

impl std::error::Error for NotAWindow {}

/// Where the time comes from.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The system's clock.
    System,
    /// Always the same time: samples and tests.
    Fixed(Timestamp),
}

impl Clock {
    /// The time now.
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => Timestamp(Utc::now().timestamp_millis()),
            Self::Fixed(time) => time,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_goes_from_one_time_to_a_later_one() {
        let text = "2026-11-22T20:00:00.000Z/2026-11-22T23:00:00.000Z";
        for same in [
            text,
            "2026-11-22T20:00:00Z/2026-11-22T23:00:00Z",
            "2026-11-22T20:00Z/2026-11-22T23:00Z",
        ] {
            assert_eq!(
                same.parse::<Window>().map(|window| window.to_string()),
                Ok(text.to_owned())
            );
        }
        for other in [
            "2026-11-22T20:00Z",
            "2026-11-22T20:00Z/2026-11-22T20:00Z",
            "2026-11-22T23:00Z/2026-11-22T20:00Z",
            "2026-11-22T20:00/2026-11-22T23:00",
            "2026-11-22T20:00Z/2026-11-22T23:00Z/",
            "2026-11-22T20Z/2026-11-22T23Z",
            "2026-11-22T20:00Z/PT3H",
            "/",
        ] {
            assert_eq!(other.parse::<Window>(), Err(NotAWindow), "{other}");
        }
    }

    #[test]
    fn accepts_only_the_form_it_prints() {
        let text = "2026-11-21T09:30:00.120Z";
        assert_eq!(text.parse::<Timestamp>().map(|time| time.to_string()), Ok(text.to_owned()));
        for other in [
            "2026-11-21T09:30:00Z",
            "2026-11-21T09:30:00.12Z",
            "2026-11-21T09:30:00.120+00:00",
            "2026-11-21 09:30:00.120Z",
            "2026-13-21T09:30:00.120Z",
            "2026-11-21T9:30:00.120Z",
            "2026-02-29T09:30:00.120Z",
            "2026-11-21T24:00:00.120Z",
            "2026-11-21T23:59:60.120Z",
            "2026-11-21T09:30:00.12\u{661}Z",
            "02026-11-21T09:30:00.120Z",
        ] {
            assert_eq!(other.parse::<Timestamp>(), Err(NotATimestamp), "{other}");
        }
    }
}
