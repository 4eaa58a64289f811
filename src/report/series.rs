//! What was seen of an item over time: looks of somebody who watched, and attempts of a check that is tried again.
//! Thousands of looks become some hundred columns, each with its least and its greatest number.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::Language;
use super::build::Builder;
use super::view::{Piece, Point, Series, Stretch, Tick};
use crate::checklist::Item;
use crate::clock::Timestamp;
use crate::ledger::state::{Answer, Given};
use crate::said;
use crate::said::Said;
use crate::standing::threshold::{Amount, Threshold, thresholds};

/// A picture has so many columns, and a thousand in length and height.
const COLUMNS: usize = 500;
const SCALE: usize = 1000;
const STEP: usize = SCALE / COLUMNS;
/// Fewer attempts are no line.
const LEAST: usize = 3;
/// So many columns share a mark of what did not hold.
const SHARED: usize = 10;
/// What did not hold, or could not be told, is at least so many columns wide.
const NARROWEST: usize = 3;
/// A number is written in so many characters.
const WRITTEN: usize = 24;
/// Two numbers that are nearer are written as one range.
const NEAR: usize = 130;
/// So many of those who watched are named.
const WRITERS: usize = 3;
/// So many thresholds are drawn.
const MOST: usize = 4;

/// One look.
#[derive(Clone)]
struct Look {
    at: i64,
    held: Option<bool>,
    seen: String,
    amount: Option<Amount>,
}

impl Look {
    fn of(at: Timestamp, held: Option<bool>, seen: &str) -> Self {
        Self { at: at.as_millis(), held, seen: seen.trim().to_owned(), amount: Amount::seen(seen) }
    }

    fn time(&self) -> String {
        Timestamp::from_millis(self.at).map(|at| at.to_string()).unwrap_or_default()
    }
}

impl Builder<'_> {
    /// What was seen of an item over time.
    pub(super) fn series(&mut self, item: &Item, given: &[Answer]) -> Vec<Series> {
        let subject = self.subject;
        let watched = subject.run.watched.get(&item.id).map_or(&[][..], Vec::as_slice);
        if watched.is_empty() && given.len() < LEAST {
            return Vec::new();
        }
        let limits = thresholds(subject.checklist, item, &subject.run.opened);
        let (current, before): (Vec<_>, Vec<_>) =
            watched.iter().partition(|watched| watched.item_sha256 == item.sha256);
        let mut all = Vec::new();
        if !watched.is_empty() {
            let looks = current.iter().flat_map(|watched| &watched.looks);
            let looks = looks.map(|look| Look::of(look.at, look.held, &look.observed)).collect();
            let by: BTreeSet<&str> = current.iter().map(|watched| watched.by.as_str()).collect();
            // Each job of a watch that goes on for days is another writer.
            let more = by.len().saturating_sub(WRITERS);
            let mut by = by.into_iter().take(WRITERS).collect::<Vec<_>>().join(", ");
            if more > 0 {
                by.push_str(&format!(" + {more}"));
            }
            let mut series = drawn(samples, looks, &limits, self.language);
            series.by = self.see(&by);
            let left: usize = before.iter().map(|watched| watched.looks.len()).sum();
            if left > 0 {
                let outdated = said!("samples of the item as it read before, not shown: {}", left);
                series.outdated = self.say(&outdated);
            }
            all.push(series);
        }
        let attempts = self.attempts(item, given, &limits);
        if attempts.len() >= LEAST {
            let attempts = drawn(tries, attempts, &limits, self.language);
            all.push(attempts);
        }
        for series in &mut all {
            for tick in series.ticks.iter_mut().chain(&mut series.thresholds) {
                tick.text = self.see(&tick.text);
            }
            series.said = self.see(&series.said);
        }
        all
    }

    /// What each attempt saw of the number that the item is held to; nothing where no attempt saw one.
    fn attempts(&self, item: &Item, given: &[Answer], limits: &[Threshold]) -> Vec<Look> {
        let Some(limit) = limits.first() else { return Vec::new() };
        let current = given.iter().filter(|answer| answer.item_sha256() == item.sha256);
        let looks: Vec<Look> = current
            .filter_map(|answer| {
                let Given::Machine(result) = &answer.given else { return None };
                let checks = result.expanded(self.subject.evidence)?;
                let steps = checks.iter().rev().flat_map(|check| check.steps.iter().rev());
                let mut results = steps.flat_map(|step| &step.expect);
                let found = results.find(|result| result.text == limit.text);
                Some(match found {
                    Some(result) => Look::of(answer.at, result.held, &result.observed),
                    None => Look::of(answer.at, None, ""),
                })
            })
            .collect();
        match looks.iter().any(|look| look.amount.is_some()) {
            true => looks,
            false => Vec::new(),
        }
    }
}

/// A look, its column, and its height where it has one.
struct Placed {
    column: usize,
    y: Option<usize>,
    held: Option<bool>,
    size: f64,
    /// A pause without looks stands before it.
    after_pause: bool,
}

/// How many looks there were, from when to when.
type Kind = fn(usize, String, String) -> Said;

fn samples(count: usize, from: String, to: String) -> Said {
    said!("{} samples, {} to {}", count, from, to)
}

fn tries(count: usize, from: String, to: String) -> Said {
    said!("{} attempts, {} to {}", count, from, to)
}

fn drawn(kind: Kind, mut looks: Vec<Look>, limits: &[Threshold], language: Language) -> Series {
    looks.sort_by_key(|look| look.at);
    let numbers = numbers(&looks, limits);
    let limits: Vec<&Threshold> = match numbers.first() {
        Some((_, amount)) => limits.iter().filter(|one| like(&one.amount, amount)).collect(),
        None => Vec::new(),
    };
    let limits = &limits[..limits.len().min(MOST)];
    let sizes = numbers.iter().map(|(_, amount)| amount.size());
    let sizes: Vec<f64> = sizes.chain(limits.iter().map(|one| one.amount.size())).collect();
    let height = Height::of(&sizes);
    let placed = placed(&looks, &numbers, &height);
    let time = |look: Option<&Look>| look.map_or_else(String::new, Look::time);
    Series {
        said: said(kind, &looks, &numbers).map_or_else(String::new, |said| language.say(&said)),
        outdated: String::new(),
        by: String::new(),
        from: time(looks.first()),
        to: time(looks.last()),
        ticks: ticks(&looks, &numbers, &height),
        thresholds: limits
            .iter()
            .map(|one| Tick { text: one.text.clone(), y: height.place(one.amount.size()) })
            .collect(),
        pieces: pieces(&placed),
        band: band(&placed),
        misses: misses(&placed, limits),
    }
}

/// Of one kind: they can be compared, and there is room for them on a scale.
fn like(one: &Amount, other: &Amount) -> bool {
    one.compare(other).is_some() && one.size().is_finite()
}

/// The numbers that can be drawn together, from the least to the greatest, each with the place of its look.
fn numbers(looks: &[Look], limits: &[Threshold]) -> Vec<(usize, Amount)> {
    let seen = || looks.iter().enumerate().filter_map(|(at, look)| Some((at, look.amount?)));
    let limit = limits.iter().map(|one| one.amount);
    let limit = limit.filter(|limit| limit.size().is_finite());
    let wanted = limit.clone().find(|limit| seen().any(|(_, amount)| like(&amount, limit)));
    let Some(wanted) = wanted.or_else(|| seen().map(|(_, amount)| amount).next()) else {
        return Vec::new();
    };
    let mut all: Vec<(usize, Amount)> = seen().filter(|(_, one)| like(one, &wanted)).collect();
    all.sort_by(|(_, one), (_, other)| one.compare(other).unwrap_or(Ordering::Equal));
    all
}

/// Where numbers stand.
struct Height {
    least: f64,
    range: f64,
}

impl Height {
    fn of(sizes: &[f64]) -> Self {
        let least = sizes.iter().copied().fold(f64::INFINITY, f64::min);
        let greatest = sizes.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        Self { least, range: greatest - least }
    }

    fn place(&self, size: f64) -> usize {
        let part = (size - self.least) / self.range;
        match part.is_finite() {
            // It is between nought and one.
            true => SCALE - (part * SCALE as f64).round() as usize,
            false => SCALE / 2,
        }
    }
}

fn placed(looks: &[Look], numbers: &[(usize, Amount)], height: &Height) -> Vec<Placed> {
    let (Some(first), Some(last)) = (looks.first(), looks.last()) else { return Vec::new() };
    let mut pauses: Vec<i64> = looks.windows(2).map(|two| two[1].at - two[0].at).collect();
    pauses.sort_unstable();
    // Of two looks nobody can tell how often somebody looks.
    let usual = if pauses.len() > 2 { pauses[pauses.len() / 2] } else { i64::MAX / 4 };
    let mut sizes = vec![None; looks.len()];
    numbers.iter().for_each(|(at, amount)| sizes[*at] = Some(amount.size()));
    let column = |look: &Look| {
        let (passed, all) = (i128::from(look.at - first.at), i128::from(last.at - first.at));
        let column = (passed * (COLUMNS as i128 - 1)).checked_div(all);
        column.and_then(|column| usize::try_from(column).ok()).unwrap_or(COLUMNS / 2)
    };
    looks
        .iter()
        .enumerate()
        .map(|(at, look)| Placed {
            column: column(look),
            // What could not be judged is no part of a line, whatever was seen.
            y: sizes[at].filter(|_| look.held.is_some()).map(|size| height.place(size)),
            held: look.held,
            size: sizes[at].unwrap_or(f64::NAN),
            after_pause: at > 0 && look.at - looks[at - 1].at > usual.saturating_mul(4),
        })
        .collect()
}

/// The line: it ends wherever nothing is known.
fn pieces(placed: &[Placed]) -> Vec<Piece> {
    let mut pieces: Vec<Vec<(usize, usize, usize)>> = Vec::new();
    let mut goes_on = false;
    for look in placed {
        let Some(y) = look.y else {
            goes_on = false;
            continue;
        };
        let fresh = (look.column, y, y);
        match pieces.last_mut().filter(|_| goes_on && !look.after_pause) {
            Some(piece) => match piece.last_mut().filter(|last| last.0 == look.column) {
                Some((_, high, low)) => (*high, *low) = ((*high).min(y), (*low).max(y)),
                None => piece.push(fresh),
            },
            None => pieces.push(vec![fresh]),
        }
        goes_on = true;
    }
    pieces.iter().map(|columns| Piece { points: points(columns) }).collect()
}

/// Down in one column and up in the next, so that nothing crosses; one point alone is a dot.
fn points(columns: &[(usize, usize, usize)]) -> String {
    let mut points: Vec<String> = Vec::new();
    for (at, (column, high, low)) in columns.iter().enumerate() {
        let x = column * STEP + STEP / 2;
        let (from, to) = if at % 2 == 0 { (high, low) } else { (low, high) };
        points.push(format!("{x},{from}"));
        if from != to {
            points.push(format!("{x},{to}"));
        }
    }
    if let [only] = &points[..] {
        points.push(only.clone());
    }
    points.join(" ")
}

/// Each look stands for the time around it, as far as the looks beside it; the worst is seen.
fn band(placed: &[Placed]) -> Vec<Stretch> {
    let worse = |held: Option<bool>| match held {
        Some(true) => 1_u8,
        None => 2,
        Some(false) => 3,
    };
    let mut columns = [0_u8; COLUMNS];
    for (at, look) in placed.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| placed.get(at)).filter(|_| !look.after_pause);
        let behind = placed.get(at + 1).filter(|next| !next.after_pause);
        let middle = |other: &Placed| (other.column + look.column).div_ceil(2);
        let mut from = before.map_or(look.column, middle);
        let mut to = behind.map_or(look.column + 1, middle).max(from + 1);
        if look.held != Some(true) || placed.len() < COLUMNS {
            from = from.min(look.column.saturating_sub(NARROWEST / 2));
            to = to.max((look.column + NARROWEST / 2 + 1).min(COLUMNS));
        }
        let to = to.min(COLUMNS);
        columns[from.min(to)..to].iter_mut().for_each(|one| *one = (*one).max(worse(look.held)));
    }
    let mut band: Vec<Stretch> = Vec::new();
    for (at, state) in columns.into_iter().enumerate() {
        let state = match state {
            1 => "held",
            2 => "unknown",
            3 => "missed",
            _ => continue,
        };
        match band.last_mut().filter(|last| last.state == state && last.x + last.width == at * STEP)
        {
            Some(last) => last.width += STEP,
            None => band.push(Stretch { x: at * STEP, width: STEP, state }),
        }
    }
    band
}

/// Of neighbouring columns the number that is furthest from what it is held against.
fn misses(placed: &[Placed], limits: &[&Threshold]) -> Vec<Point> {
    let far = |look: &Placed| {
        let distances = limits.iter().map(|limit| (look.size - limit.amount.size()).abs());
        distances.fold(f64::INFINITY, f64::min)
    };
    let mut worst: Vec<(usize, f64, Point)> = Vec::new();
    for look in placed.iter().filter(|look| look.held == Some(false)) {
        let Some(y) = look.y else { continue };
        let (group, far) = (look.column / SHARED, far(look));
        let here = (group, far, Point { x: look.column * STEP + STEP / 2, y });
        match worst.last_mut().filter(|(last, ..)| *last == group) {
            Some(last) if last.1 < far => *last = here,
            Some(_) => {}
            None => worst.push(here),
        }
    }
    worst.into_iter().map(|(_, _, point)| point).collect()
}

fn written(looks: &[Look], number: Option<&(usize, Amount)>) -> String {
    let seen = number.map_or("", |(at, _)| looks[*at].seen.as_str());
    let mut text: String = seen.chars().take(WRITTEN).collect();
    if text.len() < seen.len() {
        text.push('…');
    }
    text
}

fn ticks(looks: &[Look], numbers: &[(usize, Amount)], height: &Height) -> Vec<Tick> {
    let tick = |number: &(usize, Amount)| Tick {
        text: written(looks, Some(number)),
        y: height.place(number.1.size()),
    };
    let (Some(least), Some(greatest)) = (numbers.first(), numbers.last()) else {
        return Vec::new();
    };
    let (least, greatest) = (tick(least), tick(greatest));
    match least.y - greatest.y {
        0 => vec![greatest],
        1..NEAR => {
            let text = format!("{} – {}", least.text, greatest.text);
            vec![Tick { text, y: (least.y + greatest.y) / 2 }]
        }
        _ => vec![greatest, least],
    }
}

fn said(kind: Kind, looks: &[Look], numbers: &[(usize, Amount)]) -> Option<Said> {
    let (first, last) = (looks.first()?, looks.last()?);
    let count = |held| looks.iter().filter(|look| look.held == held).count();
    let (missed, unknown) = (count(Some(false)), count(None));
    let mut all = kind(looks.len(), first.time(), last.time());
    if !numbers.is_empty() {
        let middle = numbers.get((numbers.len() - 1) / 2);
        let [least, median, greatest] =
            [numbers.first(), middle, numbers.last()].map(|one| written(looks, one));
        all = said!("{}: least {}, median {}, greatest {}", all, least, median, greatest);
    }
    Some(said!("{}; {} did not hold, {} could not be told", all, missed, unknown))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn look(at: i64, held: Option<bool>, seen: &str) -> Look {
        Look { at, held, seen: seen.to_owned(), amount: Amount::seen(seen) }
    }

    fn below(text: &str) -> Vec<Threshold> {
        let amount = Amount::seen(text).expect("a number");
        vec![Threshold { text: format!("value < {text}"), amount }]
    }

    #[test]
    fn two_days_of_minutes_are_some_hundred_columns_and_nothing_that_failed_is_lost() {
        let looks = (0..2880).map(|at| match at {
            1000 => look(at * MINUTE, Some(false), "7.5 %"),
            at => look(at * MINUTE, Some(true), &format!("0.{} %", at % 10)),
        });
        let series = drawn(samples, looks.collect(), &below("1 %"), Language::En);
        assert_eq!(series.pieces.len(), 1);
        assert!(series.pieces[0].points.len() < 12_000, "{}", series.pieces[0].points.len());
        assert_eq!(series.misses, [Point { x: 347, y: 0 }]);
        let missed: Vec<_> = series.band.iter().filter(|one| one.state == "missed").collect();
        assert_eq!(missed.len(), 1);
        assert!(missed[0].x <= 347 && missed[0].x + missed[0].width > 347, "{missed:?}");
        assert_eq!(series.ticks[0].text, "7.5 %");
        assert_eq!(series.thresholds[0].y, SCALE - 133);
        let told = "2880 samples, 1970-01-01T00:00:00.000Z to 1970-01-02T23:59:00.000Z: least 0.0 %, median 0.5 %, greatest 7.5 %; 1 did not hold, 0 could not be told";
        assert_eq!(series.said, told);
    }

    #[test]
    fn what_could_not_be_told_is_a_gap_and_so_is_a_pause() {
        let unknown = |at: i64| if at == 3 { None } else { Some(true) };
        let looks: Vec<Look> = [0, 1, 2, 3, 4, 5, 300, 301]
            .into_iter()
            .map(|at| look(at * MINUTE, unknown(at), "5 ms"))
            .collect();
        let series = drawn(samples, looks, &below("9 ms"), Language::En);
        assert_eq!(series.pieces.len(), 3, "{:?}", series.pieces);
        assert!(series.band.iter().any(|one| one.state == "unknown"));
        let held = |x: usize| series.band.iter().any(|one| one.x <= x && x < one.x + one.width);
        assert!(held(0) && !held(500) && held(999), "{:?}", series.band);
    }

    #[test]
    fn looks_without_numbers_are_a_band_alone_and_numbers_of_other_kinds_no_part_of_a_line() {
        let words = vec![look(0, Some(true), "up"), look(MINUTE, Some(false), "down")];
        let series = drawn(samples, words, &below("1 %"), Language::En);
        assert!(
            series.pieces.is_empty() && series.ticks.is_empty() && series.thresholds.is_empty()
        );
        assert_eq!(series.band.len(), 2);
        let mixed = vec![
            look(0, Some(true), "5 ms"),
            look(1, Some(true), "3"),
            look(2, Some(true), "0.007 s"),
        ];
        let series = drawn(samples, mixed, &below("9 ms"), Language::En);
        assert_eq!(series.pieces.len(), 2, "{:?}", series.pieces);
        assert!(series.said.contains("least 5 ms, median 5 ms, greatest 0.007 s"));
        assert_eq!(drawn(samples, Vec::new(), &[], Language::En).said, "");
    }

    #[test]
    fn one_look_and_numbers_beyond_all_measure_are_drawn() {
        for seen in ["1", "-9e380", "9e380", "0.0000000000000000001"] {
            for times in 1..4 {
                let looks = (0..times).map(|at| look(at, Some(at % 2 == 0), seen)).collect();
                let series = drawn(samples, looks, &below("1"), Language::En);
                for point in series.pieces.iter().flat_map(|piece| piece.points.split([' ', ','])) {
                    assert!(point.parse::<usize>().expect("a place") <= SCALE);
                }
            }
        }
    }
}
