//! The expectation grammar: comment lines that say what a step must have come to.

use serde::{Deserialize, Serialize};

use crate::lexicon::EXPECTED;

use super::directive::Save;
use super::measure::Measure;
use super::subject::{Sort, Subjects};
use super::template::{Template, Values, json_inside};
use super::transcript::Transcript;
use super::{Fault, directive, document, jq};

mod assertion;

use assertion::assertion;

pub(super) use assertion::regex_of;

/// One expectation of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Expectation {
    /// As written, in one line.
    pub(super) text: String,
    /// What it asserts.
    pub(super) assertion: Assertion,
}

/// What an expectation asserts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Assertion {
    /// So many consecutive whole lines of standard output, blanks collapsed; or, where these lines
    /// and the output are both JSON, contained in it.
    Lines(Vec<String>),
    /// All of standard output, line by line.
    Transcript(Transcript),
    /// On text.
    Text { stream: Channel, test: TextTest, negated: bool },
    /// On a number.
    Number { subject: Quantity, test: Comparison, value: Measure },
    /// On a number that a parameter gives: a [`Assertion::Number`] once it is there.
    Unset { subject: Quantity, test: Comparison, value: Template },
    /// On a text that the kind of check observes; where it observes several, each of them.
    Field { name: String, test: TextTest, negated: bool },
    /// On a list of texts: one of them is that text, or matches; none has it in it, or matches.
    Among { name: String, test: TextTest, negated: bool },
    /// Whether something is so.
    Truth { name: String, wanted: bool },
    /// A jq program over the JSON on standard output; one result, `true`.
    Json(String),
    /// A jq program over the same; one text, number or boolean, which later items get.
    Save { name: String, program: String },
    /// A person has to look.
    Person,
}

/// Which output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Channel {
    Stdout,
    Stderr,
    Both,
}

/// Tests on text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum TextTest {
    /// All of it, blanks at the ends aside.
    Equals(String),
    Contains(String),
    /// Some line matches; the regex of the `regex` crate.
    Matches(String),
    Empty,
}

/// Subjects that are numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Quantity {
    Exit,
    Lines,
    Value,
    Seconds,
    /// What the kind of check observes; where it observes several, each of them.
    Field(String, Sort),
}

/// Tests on numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparison {
    /// Whether what is in this order to a value is as it is to be.
    pub(super) fn holds(self, order: std::cmp::Ordering) -> bool {
        match self {
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// What a comment turns out to be.
pub(super) enum Reading {
    /// An expectation in one line.
    One(Expectation),
    /// `Expected:`: this and the comments below it are a text.
    Text(String),
    /// Neither.
    Prose,
}

impl Expectation {
    /// Judging it may go on without end: most jq programs could.
    pub(super) fn may_not_end(&self) -> bool {
        match &self.assertion {
            Assertion::Json(program) | Assertion::Save { program, .. } => !jq::is_plain(program),
            _ => false,
        }
    }

    /// The one that applies where a step says nothing of its exit.
    pub(super) fn exit_zero() -> Self {
        Self::exit(0)
    }

    /// The exit is this one.
    pub(super) fn exit(exit: u8) -> Self {
        Self {
            text: format!("exit == {exit}"),
            assertion: Assertion::Number {
                subject: Quantity::Exit,
                test: Comparison::Equal,
                value: Measure::plain(i64::from(exit)),
            },
        }
    }

    /// What a transcript shows below a command.
    pub(super) fn transcript(transcript: Transcript) -> Self {
        Self { text: transcript.written(), assertion: Assertion::Transcript(transcript) }
    }

    /// A text of one or more lines.
    pub(super) fn lines(lines: Vec<String>) -> Self {
        Self { text: lines.join(" ↵ "), assertion: Assertion::Lines(lines) }
    }

    /// What a directive saves, recorded as one.
    pub(super) fn save(save: &Save) -> Self {
        let Save { name, program, .. } = save;
        let assertion = Assertion::Save { name: name.clone(), program: program.clone() };
        Self { text: format!("save: {name} = {program}"), assertion }
    }

    /// It is about the exit.
    pub(super) fn on_exit(&self) -> bool {
        matches!(
            self.assertion,
            Assertion::Number { subject: Quantity::Exit, .. }
                | Assertion::Unset { subject: Quantity::Exit, .. }
        )
    }

    /// It with the values of parameters, which change nothing of what is asserted.
    ///
    /// # Errors
    /// When a name has no value, or a value is no number where one is asked for.
    pub(super) fn filled(&self, values: &Values) -> Result<Self, String> {
        // Nothing that is expected of an empty text says much: most outputs contain it.
        let mut names = self.names();
        if let Some(name) =
            names.find(|name| values.get(name).is_some_and(|it| it.trim().is_empty()))
        {
            return Err(format!("`{{{{{name}}}}}` is empty, and nothing can be expected of that"));
        }
        let fill = |text: &str| Template::read(text).fill(values);
        let fill_test = |test: &TextTest| -> Result<TextTest, String> {
            Ok(match test {
                TextTest::Equals(text) => TextTest::Equals(fill(text)?),
                TextTest::Contains(text) => match fill(text)? {
                    text if text.is_empty() => {
                        return Err("an empty text is contained in everything".to_owned());
                    }
                    text => TextTest::Contains(text),
                },
                TextTest::Matches(pattern) => {
                    let filled = Template::read(pattern).fill_with(values, regex::escape)?;
                    // Values that make no range of `[a-{{NAME}}]`.
                    regex_of(&filled).map_err(|_| format!("`/{filled}/` is no regex"))?;
                    TextTest::Matches(filled)
                }
                TextTest::Empty => TextTest::Empty,
            })
        };
        let assertion = match &self.assertion {
            Assertion::Lines(lines) => {
                // Inside JSON a value is the inside of a text, and no structure.
                let is_json = document::read(lines.join("\n").as_bytes())
                    .is_ok_and(|json| json.is_ok_and(|json| json.is_object() || json.is_array()));
                let each = lines.iter().map(|line| match is_json {
                    true => Template::read(line).fill_with(values, json_inside),
                    false => fill(line),
                });
                Assertion::Lines(each.collect::<Result<_, _>>()?)
            }
            Assertion::Transcript(transcript) => Assertion::Transcript(transcript.filled(values)?),
            Assertion::Text { stream, test, negated } => {
                Assertion::Text { stream: *stream, test: fill_test(test)?, negated: *negated }
            }
            Assertion::Field { name, test, negated } => {
                Assertion::Field { name: name.clone(), test: fill_test(test)?, negated: *negated }
            }
            Assertion::Among { name, test, negated } => {
                Assertion::Among { name: name.clone(), test: fill_test(test)?, negated: *negated }
            }
            Assertion::Unset { subject, test, value } => {
                let (written, value) = (value.written(), value.fill(values)?);
                let value = Measure::parse(&value)
                    .ok_or_else(|| format!("the value of `{written}` is no number"))?;
                Assertion::Number { subject: subject.clone(), test: *test, value }
            }
            // A name can only stand in a string there: elsewhere no program could be parsed.
            Assertion::Json(program) => {
                Assertion::Json(Template::read(program).fill_with(values, json_inside)?)
            }
            same @ (Assertion::Number { .. }
            | Assertion::Truth { .. }
            | Assertion::Save { .. }
            | Assertion::Person) => same.clone(),
        };
        Ok(Self { text: fill(&self.text)?, assertion })
    }

    /// Names of parameters in it.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        let template = Template::read(&self.text);
        template.names().map(str::to_owned).collect::<Vec<_>>().into_iter()
    }
}

/// Reads one comment (without `#`). What looks like an expectation and is none is a fault.
pub(super) fn read(comment: &str, line: usize, subjects: Subjects) -> Result<Reading, Fault> {
    let text = comment.trim().trim_start_matches('#').trim();
    let lower = text.to_lowercase();
    if let Some((label, rest)) = text.split_once([':', '：'])
        && EXPECTED.is(label.trim_end().to_lowercase().as_str())
    {
        return Ok(Reading::Text(rest.trim().to_owned()));
    }
    if let Some(rest) = after(text, &lower, "expect:") {
        let rest = rest.trim();
        return assertion(rest, line, subjects)
            .map(|assertion| Reading::One(Expectation { text: rest.to_owned(), assertion }));
    }
    if looks_like_one(&lower) {
        return Err(Fault::new(
            line,
            "HP120",
            "this looks like an expectation and is none",
            "write `# Expected: TEXT` or `# expect: SUBJECT OP VALUE`",
        ));
    }
    match directive::name_and_value(text).and_then(|(name, _)| directive::near_miss(name, line)) {
        Some(fault) if fault.message.contains("`expect") => Err(fault),
        _ => Ok(Reading::Prose),
    }
}

/// Prose that a reader takes for an expectation: its words, a slip of the pen in them or letters that
/// only look like them, or a list's mark before them.
fn looks_like_one(lower: &str) -> bool {
    const HEADS: &[&str] = &["response:", "should be:", "should return:", "must be:"];
    let text = lower.trim_start_matches(['-', '*', '+', '>', ' ']);
    if text.starts_with("expect") || HEADS.iter().any(|head| text.starts_with(head)) {
        return true;
    }
    let head = text.split(':').next().filter(|head| head.len() < text.len()).unwrap_or_default();
    let foreign = |word: &str| {
        let differ = strsim::damerau_levenshtein(head, word);
        !head.is_ascii() && differ <= 3 && head.chars().count() == word.len()
    };
    let slip = |word: &str| {
        let long = word.chars().count() >= 6 && head.chars().count() <= word.chars().count() + 2;
        let far = if head.chars().next() == word.chars().next() { 2 } else { 1 };
        long && (1..=far).contains(&strsim::damerau_levenshtein(head, word))
    };
    strsim::damerau_levenshtein(head, "expect") == 1
        || head.len() <= 60 && EXPECTED.words().any(slip)
        || ["expect", "expected"].into_iter().any(foreign)
}

/// A comment that belongs to no expected text above it: blank, a directive, a step's title or another
/// expectation.
pub(super) fn ends_text(comment: &str, subjects: Subjects) -> bool {
    let text = comment.trim();
    let digits = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let titled =
        digits.len() < text.len() && digits.starts_with(['.', ')']) && digits[1..].starts_with(' ');
    text.is_empty()
        || titled
        || directive::misplaced(text, 0).is_some()
        || !matches!(read(text, 0, subjects), Ok(Reading::Prose))
}

/// An expected text without a text.
pub(super) fn no_text(line: usize) -> Fault {
    let hint = "write the line that must be in the output";
    Fault::new(line, "HP127", "this expectation has no text", hint)
}

/// An expectation above what it is about.
pub(super) fn too_early(line: usize) -> Fault {
    Fault::new(
        line,
        "HP126",
        "an expectation stands before the first command",
        "put it below the command that it is about",
    )
}

/// What follows a head, whatever its case; only ASCII heads are asked for.
fn after<'a>(text: &'a str, lower: &str, head: &str) -> Option<&'a str> {
    lower.starts_with(head).then(|| text.get(head.len()..)).flatten()
}

#[cfg(test)]
mod tests {
    use super::super::subject::SCRIPT;
    use super::*;

    fn is_one(comment: &str) -> bool {
        matches!(read(comment, 0, SCRIPT), Ok(Reading::One(_)))
    }

    #[test]
    fn reads_the_whole_grammar() {
        for good in [
            " expect: exit == 0",
            " expect: value < 200ms",
            " expect: output not matches /ERROR/i",
            " expect: stdout is empty",
            " expect: stdout contains \"a b\"",
            " expect: lines >= 3",
            " expect: seconds < 2",
            " expect: .a.b == true",
            " expect: [.[] | .ok] | all",
            " expect: stdout matches /^{{NAME}}_[A-Z]+=./",
            " expect: a person agrees",
            "Expect: exit != 1",
            " expect: stderr not contains x",
        ] {
            assert!(is_one(good), "{good}");
        }
        assert!(
            matches!(read(" Expected: PONG", 0, SCRIPT), Ok(Reading::Text(text)) if text == "PONG")
        );
        assert!(matches!(read(" Expected output: a", 0, SCRIPT), Ok(Reading::Text(_))));
        assert!(matches!(read(" Attendu : a", 0, SCRIPT), Ok(Reading::Text(_))));
        assert!(matches!(read(" 预期：a", 0, SCRIPT), Ok(Reading::Text(text)) if text == "a"));
        assert!(matches!(read(" 3. Check the pods", 0, SCRIPT), Ok(Reading::Prose)));
    }

    #[test]
    fn a_value_is_text_in_a_regex_wherever_it_stands() {
        let filled = |comment: &str| {
            let Ok(Reading::One(one)) = read(comment, 0, SCRIPT) else { panic!("{comment}") };
            one.filled(&Values::from([("NAME".to_owned(), "a+".to_owned())])).map(|one| one.text)
        };
        assert_eq!(
            filled(" expect: stdout matches /^{{NAME}}=./"),
            Ok("stdout matches /^a+=./".to_owned())
        );
        assert!(filled(" expect: stdout matches /[b-{{NAME}}]/").is_err(), "no range");
    }

    #[test]
    fn what_looks_like_an_expectation_and_is_none_is_a_fault() {
        for bad in [
            " Expected files:",
            " Expcted: 1.8.0",
            " Exepcted: 1.8.0",
            " Erwarted: 1.8.0",
            " Esperdo: 1.8.0",
            " Expect no errors",
            " Response: {}",
            " expect: exit = 0",
            " expect: exit is 0",
            " expect: exti == 0",
            " expect: value < many",
            " expect: stdout matches ERROR",
            " expect: stdout matches /(/",
            " expect: stdout matches //",
            " expect: stdout contains \"\"",
            " expect: .a |",
            " expect: exit == 0s",
            " expect: output == x",
            " expct: exit == 0",
            " expect: stdout matches /a/x",
            " expect:",
            " expect: env.HOME == 1",
            " expect: .a == env.HOME",
            " expect: [input]",
        ] {
            assert!(read(bad, 0, SCRIPT).is_err(), "{bad}");
        }
    }
}
