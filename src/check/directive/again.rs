//! `retry` and `until`: when a check that did not pass is tried again.

use std::time::Duration;

use super::{LONGEST, duration};

/// When a check that did not pass is tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// As written: `retry: 6 every 5s`.
    pub text: String,
    /// So long after an attempt has ended the next one begins.
    pub every: Duration,
    /// When it is given up.
    pub limit: Limit,
}

/// When a check is not tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// After so many attempts beside the first.
    Retries(u32),
    /// When the next attempt would begin so long after the first.
    Time(Duration),
}

/// Each attempt is an entry of the ledger: nobody reads more.
const MOST: u32 = 1_000;

/// Nothing is asked more often than this.
const SHORTEST: Duration = Duration::from_millis(100);

impl Again {
    /// Reads `6 every 5s` for `retry`, `5m every 10s` for `until`; what is wrong is said in words.
    pub(super) fn read(name: &str, value: &str) -> Result<Self, String> {
        let malformed = || format!("`{value}` does not say how often");
        let (bound, every) = value.split_once(" every ").ok_or_else(malformed)?;
        let (bound, every) = (bound.trim(), duration(every.trim()).ok_or_else(malformed)?);
        if !(SHORTEST..=LONGEST).contains(&every) {
            return Err("a check is tried every 100ms at most, and once a day at least".to_owned());
        }
        let limit = if name == "retry" {
            let is_number = bound.bytes().all(|byte| byte.is_ascii_digit());
            let retries = bound.parse().ok().filter(|_| is_number).ok_or_else(malformed)?;
            Limit::Retries(retries)
        } else {
            let time = duration(bound).filter(|time| *time <= LONGEST).ok_or_else(malformed)?;
            Limit::Time(time)
        };
        let again = Self { text: format!("{name}: {value}"), every, limit };
        match again.most() {
            None => Err(format!("a check is tried {MOST} times at most")),
            Some(1) => Err(format!("`{value}` is one attempt")),
            Some(_) => Ok(again),
        }
    }

    /// So many attempts there can be; `None` for more than anybody reads.
    fn most(&self) -> Option<u32> {
        let most = match self.limit {
            Limit::Retries(retries) => retries.checked_add(1)?,
            Limit::Time(time) => u32::try_from(time.as_millis() / self.every.as_millis().max(1))
                .ok()?
                .checked_add(1)?,
        };
        (most <= MOST).then_some(most)
    }

    /// So many attempts there are at most, the first one included.
    pub fn attempts(&self) -> u32 {
        self.most().unwrap_or(MOST)
    }

    /// Whether attempt `number` (from 1) may be made so long after the first began.
    pub fn allows(&self, number: u32, since: Duration) -> bool {
        number <= self.attempts()
            && match self.limit {
                Limit::Retries(_) => true,
                Limit::Time(time) => since <= time,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_come_after_the_first_attempt() {
        let again = Again::read("retry", "6 every 5s").expect("a directive");
        assert_eq!((again.attempts(), again.every), (7, Duration::from_secs(5)));
        assert!(again.allows(7, Duration::MAX) && !again.allows(8, Duration::ZERO));
        assert_eq!(again.text, "retry: 6 every 5s");
    }

    #[test]
    fn no_attempt_begins_when_the_time_is_up() {
        let again = Again::read("until", "5m every 10s").expect("a directive");
        assert_eq!(again.attempts(), 31);
        assert!(again.allows(2, Duration::from_secs(300)));
        assert!(!again.allows(2, Duration::from_secs(301)));
    }

    #[test]
    fn refuses_what_nobody_means() {
        for (name, value) in [
            ("retry", "6"),
            ("retry", "6 every"),
            ("retry", "every 5s"),
            ("retry", "0 every 5s"),
            ("retry", "-1 every 5s"),
            ("retry", "+6 every 5s"),
            ("retry", "1000 every 5s"),
            ("retry", "99999999999 every 5s"),
            ("retry", "6 every 1ms"),
            ("retry", "6 every 48h"),
            ("retry", "5m every 10s"),
            ("until", "6 every 5s"),
            ("until", "5m"),
            ("until", "5s every 10s"),
            ("until", "24h every 1s"),
            ("until", "48h every 1h"),
            ("until", "5m every 10"),
        ] {
            assert!(Again::read(name, value).is_err(), "{name}: {value}");
        }
    }
}
