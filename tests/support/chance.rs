//! Chance that can be had again: `HOLDPOINT_SEED` is the seed that a failure printed.

use std::time::{SystemTime, UNIX_EPOCH};

/// A source of numbers (xorshift64*, by Marsaglia and Vigna).
#[derive(Clone)]
pub(crate) struct Chance {
    /// What it began with.
    pub seed: u64,
    state: u64,
}

impl Chance {
    /// From the seed given, or the time.
    pub(crate) fn new() -> Self {
        let given = std::env::var("HOLDPOINT_SEED").ok().and_then(|seed| seed.parse().ok());
        let now = || SystemTime::now().duration_since(UNIX_EPOCH).map_or(1, |now| now.as_nanos());
        Self::of(given.unwrap_or_else(|| now() as u64 >> 8))
    }

    fn of(seed: u64) -> Self {
        Self { seed, state: (seed ^ 0x9e37_79b9_7f4a_7c15).max(1) }
    }

    /// Another source, of the same seed.
    pub(crate) fn part(&self, part: u64) -> Self {
        let mut chance = Self::of(self.seed.wrapping_add(part << 40));
        chance.next();
        chance
    }

    fn next(&mut self) -> u64 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        self.state.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number from 0, less than `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }
}

/// How often: a few times in each run of the tests, many where `HOLDPOINT_FAULTS` is `full`.
pub(crate) fn amount(few: u64, full: u64) -> u64 {
    match std::env::var("HOLDPOINT_FAULTS").as_deref() {
        Ok("full") => full,
        _ => few,
    }
}
