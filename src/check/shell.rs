//! Scripts: one interpreter for the whole block, its steps judged separately.

use std::ops::Range;

use super::directive::{self, Directives};
use super::expect::{self, Expectation, Reading};
use super::failure::Unseen;
use super::grammar::{self, Comment, Outline};
use super::interpreter::{Family, Interpreter};
use super::subject::SCRIPT;
use super::{Fault, bounds, margin, target};

/// A script, cut into steps.
#[derive(Clone, Debug)]
pub struct Shell {
    /// What runs it.
    pub interpreter: Interpreter,
    /// How it is run.
    pub directives: Directives,
    /// Its steps, in order; at least one.
    pub steps: Vec<Step>,
    /// Programs in it that a variable of the caller may send elsewhere.
    pub(super) programs: Vec<&'static str>,
    /// Nothing in it can leave the shell by itself, or change how it treats failures.
    pub(super) calm: bool,
    /// What is probably not meant, and stops nothing.
    pub(super) doubts: Vec<Fault>,
}

/// A part of a script, up to and including its expectations.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its first comment, or its first command.
    pub title: String,
    /// Its lines.
    pub source: String,
    /// What it must come to; an expectation on the exit is always among them.
    pub(super) expectations: Vec<Expectation>,
    /// So many of its lines stand above its expectations.
    pub(super) above: usize,
    /// It may leave the shell by itself (`exit`, `exec`, `return`).
    pub(super) leaves: bool,
}

impl Step {
    /// A block that is one step, expectations and all.
    pub(super) fn whole(title: String, source: &str, expectations: Vec<Expectation>) -> Self {
        let source = source.to_owned();
        Self { title, source, expectations, above: 0, leaves: false }
    }

    /// Its expectations as written.
    pub fn expectations(&self) -> impl Iterator<Item = &str> {
        self.expectations.iter().map(|expectation| expectation.text.as_str())
    }
}

/// Lines of one expectation in the script.
struct Place {
    first: usize,
    last: usize,
    expectation: Expectation,
}

/// Compiles a script.
pub(super) fn compile(interpreter: Interpreter, content: &str) -> Result<Shell, Vec<Fault>> {
    if let Some(fault) = bounds::objection(content, interpreter.family) {
        return Err(vec![fault]);
    }
    let outline = match interpreter.family {
        Family::Posix { .. } => grammar::bash(content),
        Family::Python => grammar::python(content),
        Family::Marked(mark) => margin::outline(content, mark),
    };
    if let Some(fault) = objection(&outline, interpreter.name) {
        return Err(vec![fault]);
    }
    let mut faults = Vec::new();
    let mut directives = Directives::default();
    let places = places(&outline, &mut directives, &mut faults);
    if outline.statements.is_empty() {
        faults.push(Fault::new(
            0,
            "HP106",
            "there is no command in this check",
            "write what is to be checked",
        ));
    } else if places.is_empty() && faults.is_empty() {
        faults.push(Fault::new(
            0,
            "HP107",
            "this check expects nothing",
            "add a line `# expect: exit == 0` or `# Expected: TEXT`",
        ));
    }
    faults.extend(hidden(&outline));
    if interpreter.name == "sh" {
        faults.extend(outline.bashisms.iter().map(|&line| {
            Fault::new(
                line,
                "HP108",
                "`sh` takes this for something else than bash does",
                "use `bash check`, or what POSIX has",
            )
        }));
        faults.extend(outline.pipelines.iter().map(|&line| {
            Fault::new(
                line,
                "HP108",
                "`sh` hides the exit of all but the last part of a pipeline",
                "use `bash check`, or a command at a time",
            )
        }));
    }
    let (unseen, doubts): (Vec<_>, Vec<_>) =
        unseen(&outline, &places).partition(|fault| fault.code == "HP112");
    faults.extend(unseen);
    if !faults.is_empty() {
        faults.sort_by_key(|fault| fault.line);
        return Err(faults);
    }
    let script = Script { lines: content.split_inclusive('\n').collect(), outline: &outline };
    let mut steps = match interpreter.family {
        Family::Posix { .. } => steps(&script, places),
        Family::Python | Family::Marked(_) => {
            let all = places.into_iter().map(|place| place.expectation).collect();
            vec![step(&script, 0..script.lines.len(), script.lines.len(), all)]
        }
    };
    if let Some(last) = steps.last_mut() {
        last.expectations.extend(directives.saves.iter().map(Expectation::save));
    }
    let programs = target::programs(content);
    Ok(Shell { interpreter, directives, steps, programs, calm: outline.calm, doubts })
}

/// Why a script cannot be read, if so.
pub(super) fn objection(outline: &Outline, language: &str) -> Option<Fault> {
    let unreadable = |line| {
        let message = format!("this cannot be read as {language}");
        Fault::new(line, "HP101", message, "is a quote, a bracket or a keyword left open?")
    };
    outline.too_deep.map(bounds::too_deep).or_else(|| outline.unreadable.map(unreadable))
}

/// Lines that switch off what makes a failing command fail its step.
pub(super) fn hidden(outline: &Outline) -> impl Iterator<Item = Fault> {
    outline.lenient.iter().map(|&line| {
        Fault::new(
            line,
            "HP109",
            "this hides commands that fail",
            "write `command || status=$?`, or say which exit you expect",
        )
    })
}

/// Failures that the shell would not see, though the step goes on behind them.
fn unseen(outline: &Outline, places: &[Place]) -> impl Iterator<Item = Fault> {
    let ends_step = |from: usize, to: usize| {
        let next = places.partition_point(|place| place.first <= from);
        places.get(next).is_some_and(|place| place.first < to)
    };
    let goes_on =
        move |unseen: &&Unseen| unseen.next.is_none_or(|next| !ends_step(unseen.line, next));
    outline.unseen.iter().filter(goes_on).map(unseen_fault)
}

/// What is to be said of a failure that the shell does not see.
pub(super) fn unseen_fault(unseen: &Unseen) -> Fault {
    let (code, message, hint) = if unseen.negated {
        (
            "HP112",
            "nothing happens where this is not as it says: shells look away at `!`",
            "put an expectation below it, or write `if command; then false; fi`",
        )
    } else {
        (
            "HP113",
            "nothing happens where the first part of `&&` fails",
            "write both on lines of their own, or put an expectation below",
        )
    };
    Fault::new(unseen.line, code, message, hint)
}

/// Takes directives and expectations out of the comments.
fn places(outline: &Outline, directives: &mut Directives, faults: &mut Vec<Fault>) -> Vec<Place> {
    let first_command = outline.statements.iter().copied().min().unwrap_or(usize::MAX);
    let mut places = Vec::new();
    let mut taken = None;
    for (at, comment) in outline.comments.iter().enumerate() {
        if taken.is_some_and(|last| comment.line <= last) {
            continue;
        }
        match place(outline, at, first_command, directives) {
            Ok(Some(place)) => {
                taken = Some(place.last);
                places.push(place);
            }
            Ok(None) => {}
            Err(fault) => faults.push(fault),
        }
    }
    places
}

fn place(
    outline: &Outline,
    at: usize,
    first_command: usize,
    directives: &mut Directives,
) -> Result<Option<Place>, Fault> {
    let comment = &outline.comments[at];
    let line = comment.line;
    let before = line < first_command;
    if comment.alone && comment.top && before && directives.take(&comment.text, line)? {
        return Ok(None);
    }
    let reading = expect::read(&comment.text, line, SCRIPT)?;
    if matches!(reading, Reading::Prose) {
        let misplaced = if before { None } else { directive::misplaced(&comment.text, line) };
        return misplaced.map_or(Ok(None), Err);
    }
    if !comment.alone {
        return Err(Fault::new(
            line,
            "HP124",
            "an expectation stands behind a command",
            "put it on a line of its own below",
        ));
    }
    if !comment.top {
        return Err(Fault::new(
            line,
            "HP125",
            "an expectation stands inside a loop, function, condition or group",
            "put it below the whole of it",
        ));
    }
    if before {
        return Err(expect::too_early(line));
    }
    match reading {
        Reading::One(expectation) => Ok(Some(Place { first: line, last: line, expectation })),
        Reading::Text(head) => text(outline, at, head).map(Some),
        Reading::Prose => Ok(None),
    }
}

/// `# Expected: …` and the comment lines below it that belong to it.
fn text(outline: &Outline, at: usize, head: String) -> Result<Place, Fault> {
    let first = outline.comments[at].line;
    let mut last = first;
    let mut lines = vec![head];
    let ends = |comment: &Comment| expect::ends_text(&comment.text, SCRIPT);
    for comment in &outline.comments[at + 1..] {
        if comment.line != last + 1 || !comment.alone || !comment.top || ends(comment) {
            break;
        }
        last = comment.line;
        lines.push(comment.text.trim().to_owned());
    }
    lines.retain(|line| !line.is_empty());
    if lines.is_empty() {
        return Err(expect::no_text(first));
    }
    Ok(Place { first, last, expectation: Expectation::lines(lines) })
}

/// Expectations with no command between them close the same step; what follows the last is a step.
fn steps(script: &Script<'_>, places: Vec<Place>) -> Vec<Step> {
    let total = script.lines.len();
    let mut steps = Vec::new();
    let mut begin = 0;
    let mut places = places.into_iter().peekable();
    while let Some(place) = places.next() {
        let (above, mut end) = (place.first, place.last + 1);
        let mut expectations = vec![place.expectation];
        let command_between = |from: usize, to: usize| script.statements(from, to).next().is_some();
        while let Some(next) = places.next_if(|next| !command_between(end, next.first)) {
            end = next.last + 1;
            expectations.push(next.expectation);
        }
        steps.push(step(script, begin..end, above, expectations));
        begin = end;
    }
    if script.statements(begin, usize::MAX).next().is_some() {
        steps.push(step(script, begin..total, total, Vec::new()));
    }
    // Most checks have one, and a document many checks.
    steps.shrink_to_fit();
    steps
}

/// The step in `lines`, whose expectations begin at line `above`.
fn step(
    script: &Script<'_>,
    lines: Range<usize>,
    above: usize,
    mut expectations: Vec<Expectation>,
) -> Step {
    let Range { start: begin, end } = lines;
    if !expectations.iter().any(Expectation::on_exit) {
        expectations.push(Expectation::exit_zero());
    }
    expectations.shrink_to_fit();
    let lines = &script.lines[begin..end.min(script.lines.len())];
    Step {
        title: title(script, begin, end),
        source: lines.concat(),
        expectations,
        above: above - begin,
        leaves: within(&script.outline.leaves, begin, end).next().is_some(),
    }
}

/// A script by lines.
struct Script<'s> {
    /// Each with its end.
    lines: Vec<&'s str>,
    outline: &'s Outline,
}

impl Script<'_> {
    /// The lines of `from..to` on which statements begin.
    fn statements(&self, from: usize, to: usize) -> impl Iterator<Item = usize> {
        within(&self.outline.statements, from, to)
    }
}

/// Those of the sorted `lines` that are in `from..to`.
fn within(lines: &[usize], from: usize, to: usize) -> impl Iterator<Item = usize> {
    let first = lines.partition_point(|line| *line < from);
    lines[first..].iter().copied().take_while(move |line| *line < to)
}

/// The first comment of a step that is no directive, without its number, else its first command.
fn title(script: &Script<'_>, begin: usize, end: usize) -> String {
    let command = script.statements(begin, end).next().unwrap_or(begin);
    let comments = &script.outline.comments;
    let first = comments.partition_point(|comment| comment.line < begin);
    let comment = comments[first..]
        .iter()
        .take_while(|comment| comment.line < command)
        .filter(|comment| comment.top && comment.alone)
        .map(|comment| comment.text.trim_matches(['#', ' ']))
        .find(|text| {
            !text.is_empty()
                && directive::name_and_value(text).is_none()
                && *text != "serial"
                && !text.starts_with('!')
        });
    let text = comment
        .map_or_else(|| script.lines.get(command).map_or("", |line| line.trim()), unnumbered);
    text.chars().take(120).collect()
}

fn unnumbered(text: &str) -> &str {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    match rest.strip_prefix(['.', ')']) {
        Some(rest) if rest.starts_with(' ') => rest.trim_start(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::interpreter::{BASH, SH};

    fn steps_of(script: &str) -> Vec<(String, Vec<String>)> {
        let shell = compile(BASH, script).expect("a check");
        shell
            .steps
            .iter()
            .map(|step| (step.title.clone(), step.expectations().map(str::to_owned).collect()))
            .collect()
    }

    fn codes(script: &str) -> Vec<&'static str> {
        compile(BASH, script).expect_err("faults").iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn expectations_close_steps() {
        let script = "# timeout: 3s\n# 1. First\na\nb\n# Expected: x\n#   y\n#\n# prose\n# 2. Second\nc\n# expect: lines == 1\n\n# expect: exit == 1\nd\n";
        let steps = steps_of(script);
        assert_eq!(
            steps[0],
            ("First".to_owned(), vec!["x ↵ y".to_owned(), "exit == 0".to_owned()])
        );
        assert_eq!(steps[1].1, ["lines == 1", "exit == 1"]);
        assert_eq!(steps[2], ("d".to_owned(), vec!["exit == 0".to_owned()]));
    }

    #[test]
    fn what_cannot_be_understood_is_a_fault() {
        assert_eq!(codes("true\n"), ["HP107"]);
        assert_eq!(codes("# expect: exit == 0\n"), ["HP126", "HP106"]);
        assert_eq!(codes("true # Expected: x\n"), ["HP124"]);
        assert_eq!(codes("if a; then\nb\n# Expected: x\nfi\n"), ["HP125"]);
        assert_eq!(codes("true\n# timeout: 3s\n# expect: exit == 0\n"), ["HP105"]);
        assert_eq!(codes("true\n# Expected:\n"), ["HP127"]);
        assert_eq!(codes("if true\n"), ["HP101"]);
        assert_eq!(
            codes(&format!("true{}\n# expect: exit == 0\n", " && true".repeat(400))),
            ["HP101"]
        );
        for lenient in [
            "set +e",
            "set +ue -x",
            "set +o pipefail",
            "builtin set +e",
            "shopt -uo errexit",
            "\\set +e",
            "x=1 set '+e'",
            "set \"+o\" pipefail",
            "eval 'true; set +e'",
            "command eval \"eval 'builtin set +e'\"",
        ] {
            assert_eq!(codes(&format!("{lenient}\n# expect: exit == 0\n")), ["HP109"], "{lenient}");
        }
        assert!(compile(BASH, "set -e +x\n# expect: exit == 0\n").is_ok());
        assert_eq!(
            compile(SH, "a | b\n# expect: exit == 0\n").expect_err("a fault")[0].code,
            "HP108"
        );
    }
}
