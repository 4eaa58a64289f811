//! The only place that prints: results to standard output, talk to standard error, progress on a
//! terminal. Colour only where somebody looks and `NO_COLOR` does not object.

use std::cell::{Cell, Ref, RefCell};
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use holdpoint::checklist::is_invisible;
use holdpoint::judge::Call;
use holdpoint::outcome::Outcome;
use holdpoint::redact::Redactor;
use holdpoint::source::Severity;
use holdpoint::verify::Finding;
use serde_json::Value;

/// Where words go.
pub(super) struct Term {
    out: RefCell<Box<dyn Write>>,
    hidden: RefCell<Redactor>,
    /// What would run is shown: nothing is taken out.
    exact: Cell<bool>,
    failed: RefCell<Option<io::Error>>,
}

impl Term {
    /// The process's own streams.
    pub(super) fn new() -> Self {
        let out: Box<dyn Write> = Box::new(anstream::stdout());
        Self {
            out: RefCell::new(out),
            hidden: RefCell::default(),
            exact: Cell::default(),
            failed: RefCell::default(),
        }
    }

    /// From now on takes out of all lines what `redactor` finds.
    pub(super) fn hide(&self, redactor: Redactor) {
        *self.hidden.borrow_mut() = redactor;
    }

    /// From now on shows results as they are: what would run could look like a secret.
    pub(super) fn show_all(&self) {
        self.exact.set(true);
    }

    /// What is taken out.
    pub(super) fn hidden(&self) -> Ref<'_, Redactor> {
        self.hidden.borrow()
    }

    /// Writes a line of results.
    pub(super) fn out(&self, line: impl AsRef<str>) {
        match self.exact.get() {
            true => self.write(line.as_ref()),
            false => self.write(&self.hidden().text(line.as_ref())),
        }
    }

    /// Writes a line as it is.
    fn write(&self, line: &str) {
        let written = writeln!(self.out.borrow_mut(), "{line}");
        if let Err(error) = written.and_then(|()| self.out.borrow_mut().flush()) {
            self.failed.borrow_mut().get_or_insert(error);
        }
    }

    /// Writes bytes as they are, for whatever reads them.
    pub(super) fn bytes(&self, bytes: &[u8]) {
        let mut out = io::stdout().lock();
        if let Err(error) = out.write_all(bytes).and_then(|()| out.flush()) {
            self.failed.borrow_mut().get_or_insert(error);
        }
    }

    /// Writes a document for machines. A terminal may show it too: what nobody sees is escaped.
    pub(super) fn json(&self, value: &impl serde::Serialize) {
        match serde_json::to_string_pretty(value).and_then(|text| self.without_secrets(text)) {
            Ok(text) => self.write(&escaped(text)),
            Err(error) => {
                self.failed.borrow_mut().get_or_insert(io::Error::other(error));
            }
        }
    }

    /// JSON without secrets; what has none stays in its order.
    fn without_secrets(&self, text: String) -> serde_json::Result<String> {
        let redactor = self.hidden();
        if self.exact.get() || redactor.sightings(&text).is_empty() {
            return Ok(text);
        }
        let mut value = serde_json::from_str(&text)?;
        clean(&mut value, &redactor);
        serde_json::to_string_pretty(&value)
    }

    /// Prints a diff: as it is where a program reads it, coloured and made visible for people.
    pub(super) fn diff(&self, diff: &str) {
        if !io::stdout().is_terminal() {
            if !diff.is_empty() {
                self.write(diff.strip_suffix('\n').unwrap_or(diff));
            }
            return;
        }
        for line in diff.lines() {
            let text = visible(line);
            let colour = match line.as_bytes().first() {
                Some(b'+') => Some(AnsiColor::Green),
                Some(b'-') => Some(AnsiColor::Red),
                Some(b'@') => Some(AnsiColor::Cyan),
                _ => None,
            };
            self.out(colour.map_or(text.clone(), |colour| styled(colour.on_default(), &text)));
        }
    }

    /// Writes a line of talk.
    pub(super) fn err(&self, line: impl AsRef<str>) {
        err(&self.hidden().text(line.as_ref()));
    }

    /// Why results could not be written, if so; a reader who has seen enough is no failure.
    pub(super) fn failure(&self) -> Option<io::Error> {
        self.failed.take().filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
    }
}

/// Takes secrets out of all texts in a document, so that it stays one.
fn clean(value: &mut Value, redactor: &Redactor) {
    match value {
        Value::String(text) => *text = redactor.text(text),
        Value::Array(all) => all.iter_mut().for_each(|one| clean(one, redactor)),
        Value::Object(all) => all.values_mut().for_each(|one| clean(one, redactor)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// JSON in which controls and what changes the order of a line are written out (RFC 8259, 7). They
/// can only be in strings.
fn escaped(json: String) -> String {
    use std::fmt::Write;
    let is_plain = |char: char| !is_invisible(char);
    if json.chars().all(is_plain) {
        return json;
    }
    json.chars().fold(String::with_capacity(json.len()), |mut text, char| {
        if is_plain(char) {
            text.push(char);
        } else {
            for unit in char.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
        text
    })
}

/// Writes a line of talk, from any thread.
pub(super) fn err(line: &str) {
    // Nobody is left to be told when standard error is gone.
    let _ = writeln!(anstream::stderr(), "{line}");
}

/// Somebody watches standard error.
pub(super) fn watched() -> bool {
    io::stderr().is_terminal()
}

/// A reason with its place: in one line where that fits or nobody watches, else wrapped at words.
pub(super) fn reason(mark: &str, text: &str, place: &str) -> String {
    let one = format!("  {mark} {text}  ");
    let fits =
        textwrap::core::display_width(&one) + textwrap::core::display_width(place) <= width();
    if fits || !io::stdout().is_terminal() {
        return one + &dim(place);
    }
    let options = textwrap::Options::new(width())
        .initial_indent("")
        .subsequent_indent("    ")
        .break_words(false);
    format!("{}\n    {}", textwrap::fill(&format!("  {mark} {text}"), options), dim(place))
}

/// A line, with what does not fit on a terminal below its beginning, `indent` columns in.
pub(super) fn hanging(beginning: &str, text: &str, indent: usize) -> String {
    if !watched() || !read_by_people() {
        return format!("{beginning}{text}");
    }
    // Commands and identities stay whole where they fit, so that they can be copied.
    let taken = " ".repeat(textwrap::core::display_width(beginning.trim_start_matches('\n')));
    let below = " ".repeat(indent);
    let options = textwrap::Options::new(width())
        .initial_indent(&taken)
        .subsequent_indent(&below)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false);
    let text = textwrap::fill(text, options);
    format!("{beginning}{}", text.strip_prefix(&taken).unwrap_or(text.trim_start_matches(' ')))
}

/// A line that is wrapped at words on a terminal, what follows `indent` columns in.
pub(super) fn wrapped(line: &str, indent: usize) -> String {
    if !read_by_people() {
        return line.to_owned();
    }
    let indent = " ".repeat(indent);
    let options = textwrap::Options::new(width())
        .subsequent_indent(&indent)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false);
    textwrap::fill(line, options)
}

/// Somebody watches standard output.
pub(super) fn read_by_people() -> bool {
    io::stdout().is_terminal()
}

/// Columns of the terminal; 80 where there is none.
pub(super) fn width() -> usize {
    rustix::termios::tcgetwinsize(io::stdout()).map_or(80, |size| match size.ws_col {
        0 => 80,
        columns => usize::from(columns),
    })
}

/// Columns of the terminal, where results go to one.
pub(super) fn columns() -> Option<usize> {
    read_by_people().then(width)
}

/// `text` in `style`; stripped on the way out where colour is not wanted.
pub(super) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Bold text.
pub(super) fn bold(text: &str) -> String {
    styled(Style::new().bold(), text)
}

/// Text of less weight.
pub(super) fn dim(text: &str) -> String {
    styled(Style::new().dimmed(), text)
}

/// An outcome as a mark and a word, eight columns wide.
pub(super) fn outcome(outcome: Outcome) -> String {
    let (mark, colour) = match outcome {
        Outcome::Pass => ("✔", AnsiColor::Green),
        Outcome::Fail => ("✘", AnsiColor::Red),
        Outcome::Error => ("!", AnsiColor::Red),
        Outcome::Pending => ("○", AnsiColor::Yellow),
        Outcome::Skipped => ("–", AnsiColor::Blue),
        Outcome::Waived => ("~", AnsiColor::Blue),
    };
    styled(colour.on_default(), &format!("{mark} {:<7}", outcome.word()))
}

/// A verdict, loud.
pub(super) fn call(call: Call) -> String {
    let colour = match call {
        Call::Go => AnsiColor::Green,
        Call::Hold => AnsiColor::Yellow,
        Call::NoGo => AnsiColor::Red,
    };
    styled(colour.on_default().bold(), call.word())
}

/// `1 item`, `3 items`.
pub(super) fn count(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// Text of others, made safe for a terminal: control and direction characters become visible, and so do so many blanks
/// that they could push what stands before them off the screen.
pub(super) fn visible(text: &str) -> String {
    let (mut out, mut blanks) = (String::with_capacity(text.len()), String::new());
    let flush = |blanks: &mut String, out: &mut String| {
        match blanks.chars().count() {
            count if count > BLANKS => out.push_str(&format!("‹{count} blanks›")),
            _ => out.push_str(blanks),
        }
        blanks.clear();
    };
    for char in text.chars() {
        match char {
            '\n' | '\t' => blanks.push(' '),
            char if char.is_whitespace() && !unsafe_to_show(char) => blanks.push(char),
            char => {
                flush(&mut blanks, &mut out);
                match unsafe_to_show(char) || is_blank(char) {
                    true => out.push_str(&format!("‹U+{:04X}›", char as u32)),
                    false => out.push(char),
                }
            }
        }
    }
    flush(&mut blanks, &mut out);
    out
}

/// More blanks in a row than any code is indented by.
const BLANKS: usize = 60;

/// The same of a name or a sentence: of blanks that follow each other one stays, so that no text draws lines of its own.
pub(super) fn flat(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char.is_whitespace() || is_blank(char) {
            true if out.ends_with(' ') => {}
            true => out.push(' '),
            false => out.push(char),
        }
    }
    visible(&out)
}

/// Letters and signs that show nothing: fillers of Hangul, the empty pattern of Braille.
fn is_blank(char: char) -> bool {
    matches!(char, '\u{115f}' | '\u{1160}' | '\u{2800}' | '\u{3164}' | '\u{ffa0}')
}

fn unsafe_to_show(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' | '\u{61c}')
}

/// An error message with its hint, as all commands print it.
pub(super) fn error(message: &str, hint: Option<&str>) -> String {
    let label = styled(AnsiColor::Red.on_default().bold(), "error");
    let hint = hint.map(|hint| {
        format!("\n{} {}", styled(AnsiColor::Cyan.on_default(), "hint:"), visible_lines(hint))
    });
    format!("{label}: {}{}", visible_lines(message), hint.unwrap_or_default())
}

/// As [`visible`], with line ends kept: a message of several lines.
fn visible_lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}

/// How much a finding weighs, as a word and its colour.
pub(super) fn severity(severity: Severity) -> (&'static str, AnsiColor) {
    match severity {
        Severity::Error => ("error", AnsiColor::Red),
        Severity::Warning => ("warning", AnsiColor::Yellow),
        Severity::Note => ("note", AnsiColor::Blue),
    }
}

/// A finding of verification.
pub(super) fn finding(finding: &Finding) -> String {
    let (word, colour) = severity(finding.severity);
    let line = finding.line.map(|line| format!(":{line}")).unwrap_or_default();
    let first = format!(
        "{}: {}: {}",
        bold(&format!("{}{line}", visible(&finding.file))),
        styled(colour.on_default().bold(), &format!("{word}[{}]", finding.code)),
        visible(&finding.message),
    );
    let hint =
        format!("  {} {}", styled(AnsiColor::Cyan.on_default(), "hint:"), visible(&finding.hint));
    format!("{}\n{}", wrapped(&first, 4), wrapped(&hint, 8))
}

/// A warning, as all commands print it.
pub(super) fn warning(message: &str) -> String {
    format!("{}: {message}", styled(AnsiColor::Yellow.on_default().bold(), "warning"))
}

/// A duration in milliseconds for people: `340 ms`, `12.4 s`, `3 min 20 s`.
pub(super) fn duration(ms: i64) -> String {
    match ms {
        ..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => format!("{} min {:02} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// `text` cut to `columns`, with an ellipsis where something is missing.
pub(super) fn fit(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    let kept: String = text.chars().take(columns.saturating_sub(1)).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_becomes_visible_and_draws_nothing() {
        assert_eq!(visible("a\u{2028}b\rc\u{1b}[2J"), "a‹U+2028›b‹U+000D›c‹U+001B›[2J");
        assert_eq!(visible("    x\ty\u{2800}"), "    x y‹U+2800›");
        assert_eq!(visible(&format!("a{}b", "\u{a0} ".repeat(500))), "a‹1000 blanks›b");
        assert_eq!(
            flat(&format!("a{}b \u{202e}", "\u{2800}\n\u{3000}".repeat(500))),
            "a b ‹U+202E›"
        );
    }

    #[test]
    fn json_shows_a_terminal_nothing_that_it_obeys() {
        let text = "a\u{9b}2J\u{202e}\u{7f}\u{e0041}é\n\"";
        let json = escaped(serde_json::to_string_pretty(&[text]).expect("JSON"));
        assert!(json.contains(r"\u009b2J\u202e\u007f\udb40\udc41é\n"), "{json}");
        assert_eq!(serde_json::from_str::<Vec<String>>(&json).expect("JSON"), [text]);
    }
}
