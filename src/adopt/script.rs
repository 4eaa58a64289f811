//! The script of a proposed check: statements, and what is expected of each.

use super::expect::{self, PERSON, Precise};
use super::remark::{self, Remark};
use super::segment::{Below, Statement};

/// A script on its way.
#[derive(Default)]
pub(super) struct Script {
    lines: Vec<String>,
    /// Something was run since the last expectation.
    open: bool,
    /// An exit would say nothing of some of it.
    silent: bool,
    /// Something is expected already.
    expects: bool,
    /// The title above it says that something is not there.
    negative: bool,
    /// Lines that wait to stand above what comes next, or at the end.
    tail: Vec<String>,
}

impl Script {
    /// Begins with lines that only change the shell.
    pub(super) fn after(state: &[String], negative: bool) -> Self {
        Self { lines: state.to_vec(), negative, ..Self::default() }
    }

    /// Adds a statement, whose lines are `own` as they can run by themselves.
    ///
    /// # Errors
    /// Why it cannot be a check.
    pub(super) fn add(
        &mut self,
        statement: &Statement<'_>,
        own: Vec<String>,
    ) -> Result<(), String> {
        let noted = statement.below.iter().any(|below| matches!(below, Below::Note(..)));
        let title = self.negative && expect::is_search(statement);
        let remark = remark::of(statement).or(title.then_some(Remark::Nothing)).filter(|_| !noted);
        if remark == Some(Remark::Fails) {
            self.close();
        }
        self.lines.append(&mut self.tail);
        self.lines.extend(statement.above.iter().map(|line| (*line).to_owned()));
        let before = self.silent;
        self.open |= !statement.is_state;
        self.silent |= !statement.is_state && expect::is_silent(statement);
        match remark {
            Some(Remark::Fails) => {
                self.lines.extend(own);
                self.said(vec!["# expect: exit != 0".to_owned()]);
                return Ok(());
            }
            Some(Remark::Somehow) => self.silent = true,
            Some(Remark::Nothing) if expect::search(statement).is_none() => {
                let command = statement.lines[0].trim();
                return Err(format!(
                    "`{command}` should find nothing: say so, as `output not matches`"
                ));
            }
            _ => {}
        }
        let search = match noted {
            true => None,
            false => expect::hopes_for_nothing(statement, remark == Some(Remark::Nothing)),
        };
        if let (Some(said), Some((bar, ..))) = (search, expect::search(statement)) {
            self.lines.push(without_search(&own, statement, bar));
            self.asked(before, vec![said]);
            return Ok(());
        }
        self.notes(statement, own, before)
    }

    /// A statement and the notes below it.
    fn notes(
        &mut self,
        statement: &Statement<'_>,
        mut own: Vec<String>,
        before: bool,
    ) -> Result<(), String> {
        for below in &statement.below {
            let Below::Note(note, text) = below else {
                self.tail.extend(below.lines().iter().map(|line| (*line).to_owned()));
                continue;
            };
            let precise = expect::precise(text, statement);
            if let (Precise::Searched(_), Some((bar, ..))) = (&precise, expect::search(statement)) {
                own = vec![without_search(&own, statement, bar)];
            }
            self.lines.append(&mut own);
            self.lines.append(&mut self.tail);
            match precise {
                Precise::Keep => {
                    self.asked(before, note.iter().map(|line| (*line).to_owned()).collect())
                }
                Precise::Lines(said) => {
                    if note.len() > 1 || said.len() > 1 {
                        self.lines.extend(expect::prose(note));
                    }
                    self.asked(before, said);
                }
                Precise::Searched(said) => {
                    self.lines.extend(expect::prose(note));
                    self.asked(before, said);
                }
                Precise::Person => {
                    self.lines.extend(expect::prose(note));
                    self.said(vec![PERSON.to_owned()]);
                }
                Precise::Never => {
                    let command = statement.lines[0].trim();
                    return Err(format!(
                        "`{command}` should find nothing: say so, as `output not matches`"
                    ));
                }
            }
        }
        self.lines.append(&mut own);
        Ok(())
    }

    /// An expectation on the last statement; what else was looked at silently wants a person.
    fn asked(&mut self, silent_before: bool, said: Vec<String>) {
        let asks = said.iter().any(|line| line == PERSON);
        self.said(said);
        if silent_before && !asks {
            self.lines.push(PERSON.to_owned());
        }
    }

    fn said(&mut self, said: Vec<String>) {
        self.lines.extend(said);
        (self.open, self.silent, self.expects) = (false, false, true);
    }

    /// Ends what is open with an expectation of its own.
    fn close(&mut self) {
        if self.open {
            let expectation = if self.silent { PERSON } else { "# expect: exit == 0" };
            self.lines = trimmed(std::mem::take(&mut self.lines));
            self.said(vec![expectation.to_owned()]);
            self.lines.push(String::new());
        }
    }

    /// The lines, with an expectation at least.
    pub(super) fn end(mut self) -> Vec<String> {
        let asked = match (self.silent, self.expects) {
            (true, _) => Some(PERSON),
            (false, false) => Some("# expect: exit == 0"),
            (false, true) => None,
        };
        let mut lines = trimmed(self.lines);
        lines.extend(asked.map(str::to_owned));
        let mut tail = trimmed(std::mem::take(&mut self.tail));
        if !tail.is_empty() {
            tail.insert(0, String::new());
        }
        lines.extend(tail);
        lines
    }
}

/// A statement of one line without the search behind a bar.
fn without_search(own: &[String], statement: &Statement<'_>, bar: usize) -> String {
    let (before, search) = statement.lines[0].split_at(bar);
    let kept = own.first().and_then(|line| line.strip_suffix(search)).unwrap_or(before);
    kept.trim_end().to_owned()
}

/// What stands below a statement, as it is written.
pub(super) fn written(statement: &Statement<'_>) -> impl Iterator<Item = String> {
    statement.below.iter().flat_map(|below| below.lines()).map(|line| (*line).to_owned())
}

/// Without blank lines at both ends.
pub(super) fn trimmed(mut lines: Vec<String>) -> Vec<String> {
    while lines.last().is_some_and(|line| line.trim().is_empty()) {
        lines.pop();
    }
    let blank = lines.iter().take_while(|line| line.trim().is_empty()).count();
    lines.drain(..blank);
    lines
}
