//! Judges output as it streams by: all of it, in bounded memory.

use crate::digest::Hasher;
use crate::outcome::{ExpectResult, KEPT, Redaction, Stream};
use crate::redact::{self, Redactor};

use super::document;
use super::expect::{Assertion, Channel, Comparison, Expectation, Quantity, TextTest, regex_of};
use super::field::{self, Fields};
use super::measure::Measure;
use super::sandbox;
use super::search::Search;
use super::transcript::{Difference, Transcript};

/// What has to be read whole (a number, JSON, an exact text) may be so long: 1 MiB.
const WHOLE: usize = 1 << 20;

/// One output stream of one step.
pub(super) struct Seen<'r> {
    redactor: &'r Redactor,
    redacting: redact::Stream<'r>,
    clean: Vec<u8>,
    hasher: Hasher,
    bytes: u64,
    lines: u64,
    last: u8,
    head: Vec<u8>,
    tail: Vec<u8>,
    raw_lines: u64,
    raw_last: u8,
    whole: Vec<u8>,
    overflow: bool,
    searches: Vec<Option<Search>>,
}

impl<'r> Seen<'r> {
    pub(super) fn new(
        channel: Channel,
        expectations: &[Expectation],
        redactor: &'r Redactor,
    ) -> Self {
        let searches = expectations
            .iter()
            .map(|expectation| Search::of(&expectation.assertion, channel))
            .collect();
        Self {
            redactor,
            redacting: redactor.stream(),
            clean: Vec::new(),
            hasher: Hasher::default(),
            bytes: 0,
            lines: 0,
            last: b'\n',
            head: Vec::new(),
            tail: Vec::new(),
            raw_lines: 0,
            raw_last: b'\n',
            whole: Vec::new(),
            overflow: false,
            searches,
        }
    }

    /// Takes a piece of output as the program wrote it.
    pub(super) fn feed(&mut self, piece: &[u8]) {
        let Some(&last) = piece.last() else { return };
        self.raw_lines += newlines(piece);
        self.raw_last = last;
        let room = WHOLE - self.whole.len();
        self.overflow |= piece.len() > room;
        self.whole.extend_from_slice(&piece[..piece.len().min(room)]);
        for search in self.searches.iter_mut().flatten() {
            search.feed(piece);
        }
        let mut clean = std::mem::take(&mut self.clean);
        self.redacting.feed(piece, &mut clean);
        self.record(&clean);
        clean.clear();
        self.clean = clean;
    }

    /// Nothing more comes.
    pub(super) fn end(&mut self) {
        let mut clean = Vec::new();
        self.redacting.end(&mut clean);
        self.record(&clean);
        for search in self.searches.iter_mut().flatten() {
            search.end();
        }
    }

    fn record(&mut self, clean: &[u8]) {
        let Some(&last) = clean.last() else { return };
        self.hasher.update(clean);
        self.bytes += clean.len() as u64;
        self.lines += newlines(clean);
        self.last = last;
        let room = (KEPT - self.head.len()).min(clean.len());
        self.head.extend_from_slice(&clean[..room]);
        self.tail.extend_from_slice(&clean[room..]);
        if self.tail.len() > 2 * KEPT {
            self.tail.drain(..self.tail.len() - KEPT);
        }
    }

    /// What the ledger says of it, and the bytes that are kept.
    pub(super) fn record_of(&mut self) -> (Stream, Vec<u8>) {
        let mut kept = std::mem::take(&mut self.head);
        let from =
            if self.bytes as usize > 2 * KEPT { self.tail.len().saturating_sub(KEPT) } else { 0 };
        kept.extend_from_slice(&self.tail[from..]);
        let lines = self.lines + u64::from(self.last != b'\n');
        let stream = Stream {
            bytes: i64::try_from(self.bytes).unwrap_or(i64::MAX),
            lines: i64::try_from(lines).unwrap_or(i64::MAX),
            sha256: std::mem::take(&mut self.hasher).finish(),
            kept: (!kept.is_empty()).then(|| crate::digest::Digest::of(&kept)),
        };
        (stream, kept)
    }

    pub(super) fn redactions(&self) -> impl Iterator<Item = Redaction> + '_ {
        self.redacting.counts()
    }

    /// All of it, where it is short enough to be read whole.
    pub(super) fn whole(&self) -> Option<&[u8]> {
        (!self.overflow).then_some(&self.whole)
    }

    /// A program passes on that it was denied something.
    pub(super) fn denied(&self) -> bool {
        sandbox::tells(&self.whole)
    }

    fn line_count(&self) -> i64 {
        i64::try_from(self.raw_lines + u64::from(self.raw_last != b'\n')).unwrap_or(i64::MAX)
    }

    /// The last line that says something, for people.
    fn glimpse(&self) -> String {
        if self.whole.is_empty() {
            return "no output".to_owned();
        }
        if self.overflow {
            return lines_of(self.line_count());
        }
        // Before anything is cut: half a secret would not be found.
        let text = self.redactor.text(&String::from_utf8_lossy(&self.whole));
        let said: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        match said[..] {
            [] => "blank lines only".to_owned(),
            [one] => format!("`{}`", cut(one)),
            [.., last] => format!("{} lines, the last `{}`", said.len(), cut(last)),
        }
    }
}

impl Seen<'_> {
    /// The first line in which a text is found, for people.
    fn line_with(&self, test: &TextTest) -> Option<String> {
        let whole = std::str::from_utf8(self.whole()?).ok()?;
        let regex = match test {
            TextTest::Contains(text) => regex_of(&regex::escape(text)).ok()?,
            TextTest::Matches(pattern) => regex_of(pattern).ok()?,
            TextTest::Equals(_) | TextTest::Empty => return None,
        };
        let number = whole.lines().position(|line| regex.is_match(line.as_bytes()))?;
        // Before anything is cut: half a secret would not be found. Where one of several lines was replaced, no line
        // is known by its number.
        let clean = self.redactor.text(whole);
        let same = clean.lines().count() == whole.lines().count();
        let line = clean.lines().nth(number).filter(|_| same)?;
        Some(format!("line {}: `{}`", number + 1, cut(line.trim())))
    }
}

/// So many characters of what was observed fit into a line.
const SHORT: usize = 200;

fn newlines(bytes: &[u8]) -> u64 {
    memchr::memchr_iter(b'\n', bytes).count() as u64
}

/// What stands between backticks, with none of its own: nobody's output ends where it did not.
fn cut(text: &str) -> String {
    let text = text.replace('`', "'");
    if text.chars().count() <= 160 {
        return text;
    }
    text.chars().take(159).chain(['…']).collect()
}

/// The beginning of a long text.
pub(super) fn short(text: &str) -> String {
    if text.chars().count() <= SHORT {
        return text.to_owned();
    }
    text.chars().take(SHORT - 1).chain(['…']).collect()
}

/// What a step came to, besides its output.
#[derive(Clone, Copy)]
pub(super) struct End<'e> {
    pub(super) exit: Option<i64>,
    pub(super) micros: i64,
    /// What a probe observed, and why that is not all, if so.
    pub(super) fields: &'e Fields,
    pub(super) failure: Option<&'e str>,
}

/// Judges one expectation of a step that has ended.
pub(super) fn judge(
    at: usize,
    expectation: &Expectation,
    end: End<'_>,
    stdout: &Seen<'_>,
    stderr: &Seen<'_>,
) -> ExpectResult {
    let text = expectation.text.clone();
    // What cannot be reached was observed not to be.
    let known =
        field::name_of(&expectation.assertion).is_some_and(|name| end.fields.contains_key(name));
    if end.exit.is_none() && !known {
        let observed = end.failure.unwrap_or("the step did not end").to_owned();
        return ExpectResult { text, held: None, observed };
    }
    if let Some(why) =
        end.failure.filter(|_| end.exit.is_some() && is_of_text(&expectation.assertion))
    {
        return ExpectResult { text, held: None, observed: why.to_owned() };
    }
    let (held, observed) = match &expectation.assertion {
        Assertion::Person => (None, "waits for a person".to_owned()),
        Assertion::Lines(lines) => of_lines(at, lines, stdout),
        Assertion::Transcript(transcript) => of_transcript(transcript, stdout),
        // Asked when the check has ended.
        Assertion::Json(_) | Assertion::Save { .. } => (None, stdout.glimpse()),
        on_field if field::name_of(on_field).is_some() => {
            field::judge(on_field, end.fields).unwrap_or((None, "not observed".to_owned()))
        }
        Assertion::Number { subject, test, value } => {
            let (held, shown) = of_number(subject, *test, value, end, stdout);
            // What a program says about its failure is what people ask for next.
            match stderr.whole.is_empty() || *subject != Quantity::Exit || held == Some(true) {
                true => (held, shown),
                false => (held, format!("{shown}: {}", stderr.glimpse())),
            }
        }
        Assertion::Text { stream, test, negated } => {
            let streams: &[&Seen<'_>] = match stream {
                Channel::Stdout => &[stdout],
                Channel::Stderr => &[stderr],
                Channel::Both => &[stdout, stderr],
            };
            of_text(at, test, *negated, streams)
        }
        // Its value is put in before anything runs.
        Assertion::Unset { .. }
        | Assertion::Field { .. }
        | Assertion::Among { .. }
        | Assertion::Truth { .. } => (None, "not observed".to_owned()),
    };
    ExpectResult { text, held, observed }
}

/// It is about the text that was shown.
fn is_of_text(assertion: &Assertion) -> bool {
    match assertion {
        Assertion::Number { subject, .. } => matches!(subject, Quantity::Lines | Quantity::Value),
        Assertion::Lines(_)
        | Assertion::Transcript(_)
        | Assertion::Json(_)
        | Assertion::Save { .. }
        | Assertion::Text { .. } => true,
        _ => false,
    }
}

fn of_lines(at: usize, lines: &[String], stdout: &Seen<'_>) -> (Option<bool>, String) {
    let found = stdout.searches.get(at).and_then(Option::as_ref).and_then(Search::found);
    let wanted = document::read(lines.join("\n").as_bytes()).ok().and_then(Result::ok);
    let Some(wanted) = wanted.filter(|wanted| wanted.is_object() || wanted.is_array()) else {
        return (found, stdout.glimpse());
    };
    let Some(whole) = stdout.whole() else {
        let why = format!("{}, too long to be read as JSON", stdout.glimpse());
        return (found.filter(|found| *found), why);
    };
    match document::read(whole) {
        Ok(Ok(seen)) => (Some(contains(&seen, &wanted)), stdout.glimpse()),
        Ok(Err(why)) => (None, short(&stdout.redactor.text(&why))),
        Err(()) => (found, stdout.glimpse()),
    }
}

fn of_transcript(transcript: &Transcript, stdout: &Seen<'_>) -> (Option<bool>, String) {
    let Some(whole) = stdout.whole() else {
        return (None, format!("{}, too long to be compared", stdout.glimpse()));
    };
    let Ok(whole) = std::str::from_utf8(whole) else {
        return (None, "output that is no text in UTF-8".to_owned());
    };
    let Some(difference) = transcript.difference(whole) else {
        return (Some(true), stdout.glimpse());
    };
    // Where a secret of several lines was replaced, none of them may be shown.
    let clean = stdout.redactor.text(whole);
    let seen = |number: usize| match clean.lines().count() == whole.lines().count() {
        true => clean.lines().nth(number).map(|line| format!("`{}`", cut(line.trim_end()))),
        false => whole.lines().nth(number).map(|_| "something else".to_owned()),
    };
    let told = match difference {
        Difference::Unclear => return (None, "too much to be compared".to_owned()),
        Difference::Line { number, expected } => {
            let seen = seen(number).unwrap_or_else(|| "the end of the output".to_owned());
            format!("line {}: {seen}, not `{}`", number + 1, cut(&stdout.redactor.text(&expected)))
        }
        Difference::More { number } => {
            let seen = seen(number).unwrap_or_default();
            format!("line {}: {seen}, and no such line is expected", number + 1)
        }
        Difference::Missing { from, expected } => {
            format!("no `{}` from line {} on", cut(&stdout.redactor.text(&expected)), from + 1)
        }
    };
    (Some(false), told)
}

/// Every key and value that is wanted is there; lists have as many elements, in order. An empty
/// object is contained in an empty one only, or it would be in every answer.
fn contains(seen: &serde_json::Value, wanted: &serde_json::Value) -> bool {
    use serde_json::Value::{Array, Object};
    match (seen, wanted) {
        (Object(seen), Object(wanted)) if wanted.is_empty() => seen.is_empty(),
        (Object(seen), Object(wanted)) => wanted
            .iter()
            .all(|(key, wanted)| seen.get(key).is_some_and(|seen| contains(seen, wanted))),
        (Array(seen), Array(wanted)) => {
            seen.len() == wanted.len()
                && seen.iter().zip(wanted).all(|(seen, wanted)| contains(seen, wanted))
        }
        _ => seen == wanted,
    }
}

fn of_number(
    subject: &Quantity,
    test: Comparison,
    value: &Measure,
    end: End<'_>,
    stdout: &Seen<'_>,
) -> (Option<bool>, String) {
    let (seen, shown) = match subject {
        Quantity::Exit => match end.exit {
            Some(exit) => (Measure::plain(exit), format!("exit {exit}")),
            None => return (None, "the step did not end".to_owned()),
        },
        Quantity::Lines => (Measure::plain(stdout.line_count()), lines_of(stdout.line_count())),
        Quantity::Seconds => (
            Measure::micros(end.micros),
            format!("{}.{:03} s", end.micros / 1_000_000, end.micros / 1_000 % 1_000),
        ),
        Quantity::Value => {
            let text = stdout.whole().and_then(|bytes| std::str::from_utf8(bytes).ok());
            match text.and_then(Measure::parse) {
                Some(seen) => (seen, text.unwrap_or_default().trim().to_owned()),
                None => return (None, format!("no number: {}", stdout.glimpse())),
            }
        }
        Quantity::Field(name, _) => return (None, format!("there is no `{name}`")),
    };
    let value = if *subject == Quantity::Seconds { value.counted_in("s") } else { *value };
    let Some(order) = seen.compare(&value) else {
        return (None, format!("{shown}, which cannot be compared with that unit"));
    };
    let held = test.holds(order);
    // Who expects some failure expects one of the command, and not that there is no such command.
    let absent = *subject == Quantity::Exit && matches!(end.exit, Some(126 | 127));
    if held && absent && test != Comparison::Equal {
        return (None, format!("{shown}, which shells say of what they cannot run"));
    }
    (Some(held), shown)
}

fn of_text(
    at: usize,
    test: &TextTest,
    negated: bool,
    streams: &[&Seen<'_>],
) -> (Option<bool>, String) {
    let shown: Vec<String> =
        streams.iter().map(|seen| seen.glimpse()).filter(|text| text != "no output").collect();
    let shown = if shown.is_empty() { "no output".to_owned() } else { shown.join("; stderr: ") };
    let mut answers = streams.iter().map(|seen| match test {
        TextTest::Empty => Some(seen.bytes == 0 && seen.whole.is_empty()),
        TextTest::Equals(text) => match seen.whole() {
            Some(whole) => Some(whole.trim_ascii() == text.as_bytes().trim_ascii()),
            None => (text.len() < WHOLE / 2).then_some(false),
        },
        TextTest::Contains(_) | TextTest::Matches(_) => {
            seen.searches.get(at).and_then(Option::as_ref)?.found()
        }
    });
    let all: Vec<Option<bool>> = answers.by_ref().collect();
    let found = if *test == TextTest::Empty {
        Some(all.iter().all(|answer| *answer == Some(true)))
    } else if all.contains(&Some(true)) {
        Some(true)
    } else if all.contains(&None) {
        None
    } else {
        Some(false)
    };
    match found {
        // What should not be there says more than what stands at the end.
        Some(true) if negated => {
            let lines = streams.iter().map(|seen| seen.line_with(test));
            let culprit = lines.enumerate().find_map(|(at, line)| Some((at, line?)));
            let told = culprit.map(|(at, line)| match at {
                0 => line,
                _ => format!("stderr, {line}"),
            });
            (Some(false), told.unwrap_or(shown))
        }
        Some(found) => (Some(found != negated), shown),
        None => (None, format!("{shown}, with a line too long to be matched")),
    }
}
fn lines_of(count: i64) -> String {
    if count == 1 { "1 line".to_owned() } else { format!("{count} lines") }
}
