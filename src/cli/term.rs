//! The only place that prints: results to standard output, talk to standard error, progress on a
//! terminal. Colour only where somebody looks and `NO_COLOR` does not object.

use std::cell::RefCell;
use std::io::{self, IsTerminal, Write};

use anstyle::{AnsiColor, Style};
use holdpoint::judge::Call;
use holdpoint::outcome::Outcome;

/// Where words go.
pub struct Term {
    out: RefCell<Box<dyn Write>>,
    failed: RefCell<Option<io::Error>>,
}

impl Term {
    /// The process's own streams.
    pub fn new() -> Self {
        Self { out: RefCell::new(Box::new(anstream::stdout())), failed: RefCell::default() }
    }

    /// Writes a line of results.
    pub fn out(&self, line: impl AsRef<str>) {
        let written = writeln!(self.out.borrow_mut(), "{}", line.as_ref());
        if let Err(error) = written.and_then(|()| self.out.borrow_mut().flush()) {
            self.failed.borrow_mut().get_or_insert(error);
        }
    }

    /// Writes a line of talk.
    pub fn err(&self, line: impl AsRef<str>) {
        // Nobody is left to be told when standard error is gone.
        let _ = writeln!(anstream::stderr(), "{}", line.as_ref());
    }

    /// Why results could not be written, if so; a reader who has seen enough is no failure.
    pub fn failure(&self) -> Option<io::Error> {
        self.failed.take().filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
    }
}

/// Somebody watches standard error.
pub fn watched() -> bool {
    io::stderr().is_terminal()
}

/// Columns of the terminal; 80 where there is none.
pub fn width() -> usize {
    rustix::termios::tcgetwinsize(io::stdout()).map_or(80, |size| match size.ws_col {
        0 => 80,
        columns => usize::from(columns),
    })
}

/// `text` in `style`; stripped on the way out where colour is not wanted.
pub fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Bold text.
pub fn bold(text: &str) -> String {
    styled(Style::new().bold(), text)
}

/// Text of less weight.
pub fn dim(text: &str) -> String {
    styled(Style::new().dimmed(), text)
}

/// An outcome as a mark and a word, eight columns wide.
pub fn outcome(outcome: Outcome) -> String {
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
pub fn call(call: Call) -> String {
    let colour = match call {
        Call::Go => AnsiColor::Green,
        Call::Hold => AnsiColor::Yellow,
        Call::NoGo => AnsiColor::Red,
    };
    styled(colour.on_default().bold(), call.word())
}

/// Text of others, made safe for a terminal: control and direction characters become visible.
pub fn visible(text: &str) -> String {
    text.chars()
        .map(|char| match char {
            '\n' | '\t' => ' '.to_string(),
            char if unsafe_to_show(char) => format!("‹U+{:04X}›", char as u32),
            char => char.to_string(),
        })
        .collect()
}

fn unsafe_to_show(char: char) -> bool {
    char.is_control()
        || matches!(char,
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}' | '\u{61c}')
}
