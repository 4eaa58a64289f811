//! What an expectation says of what it is about: `SUBJECT OP VALUE`, or a jq program.

use super::super::measure::Measure;
use super::super::subject::{Sort, Subject, Subjects};
use super::super::template::{Piece, Template};
use super::super::{Fault, jq};
use super::{Assertion, Channel, Comparison, Quantity, TextTest};

const OPERATORS: &str = "`==`, `!=`, `<`, `<=`, `>`, `>=`, `contains`, `matches`, `not contains`, `not matches`, `is empty`";

pub(super) fn assertion(text: &str, line: usize, subjects: Subjects) -> Result<Assertion, Fault> {
    let refuse = |message: String, hint: &str| Err(Fault::new(line, "HP121", message, hint));
    if text == "a person agrees" {
        return Ok(Assertion::Person);
    }
    if text.starts_with(['.', '[']) {
        return match jq::check(text) {
            Ok(_) => Ok(Assertion::Json(text.to_owned())),
            Err(why) => refuse(
                format!("`{text}` is no jq program: {why}"),
                "for example `.redis.connected == true`",
            ),
        };
    }
    let (subject, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let rest = rest.trim();
    match subjects.find(subject) {
        Some(Subject::Number(quantity)) => number(quantity, rest, line),
        Some(Subject::Stream(stream)) => of_text(rest, line, stream == Channel::Both)
            .map(|(test, negated)| Assertion::Text { stream, test, negated }),
        Some(Subject::Field(name)) => of_text(rest, line, false)
            .map(|(test, negated)| Assertion::Field { name, test, negated }),
        Some(Subject::List(name)) => of_text(rest, line, false)
            .map(|(test, negated)| Assertion::Among { name, test, negated }),
        Some(Subject::Scalar(name)) => {
            let as_number = number(Quantity::Field(name.clone(), Sort::Scalar), rest, line);
            as_number.or_else(|fault| {
                let value = rest.trim_start_matches(['=', '!', '<', '>', ' ']);
                if value.starts_with(|char: char| char.is_ascii_digit()) {
                    return Err(fault);
                }
                let (test, negated) = of_text(rest, line, false)?;
                Ok(Assertion::Field { name, test, negated })
            })
        }
        Some(Subject::Truth(name)) => match rest.split_whitespace().collect::<Vec<_>>()[..] {
            ["==", "true"] | ["!=", "false"] => Ok(Assertion::Truth { name, wanted: true }),
            ["==", "false"] | ["!=", "true"] => Ok(Assertion::Truth { name, wanted: false }),
            _ => refuse(
                format!("`{subject}` is true or false, and `{rest}` asks for something else"),
                &format!("write `{subject} == true`"),
            ),
        },
        // What was meant is about the usual.
        None if ["==", "!=", "<", "<=", ">", ">="].contains(&subject)
            && subjects.find("value").is_some() =>
        {
            refuse(
                format!("`{text}` does not say what it is about"),
                &format!("for a number that is printed, write `value {text}`"),
            )
        }
        None if ["contains", "matches", "not", "is"].contains(&subject)
            && subjects.find("output").is_some() =>
        {
            refuse(
                format!("`{text}` does not say what it is about"),
                &format!("for what is printed, write `output {text}`"),
            )
        }
        None => refuse(
            format!("`{subject}` is nothing that an expectation can be about"),
            &format!("{}, a jq program, or `a person agrees`", subjects.all().join(", ")),
        ),
    }
}

fn number(subject: Quantity, rest: &str, line: usize) -> Result<Assertion, Fault> {
    let tests = [
        ("==", Comparison::Equal),
        ("!=", Comparison::NotEqual),
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
    ];
    let found = tests.iter().find_map(|(sign, test)| Some((*test, rest.strip_prefix(sign)?)));
    let Some((test, value)) = found else {
        return Err(Fault::new(
            line,
            "HP121",
            format!("`{rest}` does not compare a number"),
            format!("operators are {OPERATORS}"),
        ));
    };
    let template = Template::read(value.trim());
    if template.has_names() {
        return Ok(Assertion::Unset { subject, test, value: template });
    }
    let value = Measure::parse(value).ok_or_else(|| {
        Fault::new(
            line,
            "HP122",
            format!("`{}` is no number", value.trim()),
            "a number and a unit: ms µs s m h d, %, B KB MB GB KiB MiB GiB Gi",
        )
    })?;
    if value.has_unit() && matches!(subject, Quantity::Exit | Quantity::Lines) {
        return Err(Fault::new(
            line,
            "HP122",
            "an exit or a count of lines has no unit",
            "write the number alone",
        ));
    }
    if always_holds(&subject, test, &value) {
        let hint = "write what it must be: `exit == 1`, `lines > 0`";
        return Err(Fault::new(line, "HP121", format!("`{rest}` always holds"), hint));
    }
    Ok(Assertion::Number { subject, test, value })
}

/// Whether a test holds for every exit that there is, or for every count of lines.
fn always_holds(subject: &Quantity, test: Comparison, value: &Measure) -> bool {
    let holds =
        |number: i64| Measure::plain(number).compare(value).is_some_and(|order| test.holds(order));
    match subject {
        Quantity::Exit => (0..256).all(holds),
        Quantity::Lines => {
            // Lengths far apart, and those around the value.
            let near = (-2..3).filter_map(|off| Some(value.whole()?.saturating_add(off).max(0)));
            [0, 1, i64::MAX].into_iter().chain(near).all(holds)
        }
        Quantity::Seconds | Quantity::Value | Quantity::Field(..) => false,
    }
}

/// A test of a text; `two` streams have no one text.
fn of_text(rest: &str, line: usize, two: bool) -> Result<(TextTest, bool), Fault> {
    let refuse = |message: String, hint: &str| Err(Fault::new(line, "HP121", message, hint));
    if rest == "is empty" {
        return Ok((TextTest::Empty, false));
    }
    let tests = [
        ("==", "equals", false),
        ("!=", "equals", true),
        ("contains ", "contains", false),
        ("not contains ", "contains", true),
        ("matches ", "matches", false),
        ("not matches ", "matches", true),
    ];
    let found = tests
        .iter()
        .find_map(|(sign, test, negated)| Some((*test, *negated, rest.strip_prefix(sign)?.trim())));
    let Some((test, negated, value)) = found else {
        return refuse(
            format!("`{rest}` does not test a text"),
            &format!("operators are {OPERATORS}"),
        );
    };
    if test == "matches" {
        return pattern(value, line).map(|pattern| (TextTest::Matches(pattern), negated));
    }
    if test == "contains" && value.contains('|') && !value.starts_with(['"', '\'']) {
        return refuse(
            format!("`{value}` is one text, in which `|` is a letter"),
            "write `matches /one|other/`, or put the text in quotes",
        );
    }
    let Some(value) = unquote(value) else {
        return refuse(
            format!("`{value}` goes on behind its quote"),
            "one text, in one pair of quotes; write another expectation for another",
        );
    };
    if value.is_empty() {
        return refuse(
            "an empty text is contained in everything".to_owned(),
            "write `is empty`, or the text",
        );
    }
    if test == "equals" && two {
        return refuse(
            "`output` is two streams, and has no one text".to_owned(),
            "write `stdout ==` or `output contains`",
        );
    }
    let test = if test == "equals" {
        TextTest::Equals(value.to_owned())
    } else {
        TextTest::Contains(value.to_owned())
    };
    Ok((test, negated))
}

/// `/…/` or `/…/i`.
fn pattern(text: &str, line: usize) -> Result<String, Fault> {
    let refuse =
        |message: String| Fault::new(line, "HP123", message, "write `/ERROR/` or `/error/i`");
    let (body, flags) = text
        .strip_prefix('/')
        .and_then(|rest| rest.rsplit_once('/'))
        .ok_or_else(|| refuse(format!("`{text}` is no regex between slashes")))?;
    let prefix = match flags {
        "" => "",
        "i" => "(?i)",
        _ => return Err(refuse(format!("`{flags}` are no flags of a regex"))),
    };
    if body.is_empty() {
        return Err(refuse("an empty regex matches everything".to_owned()));
    }
    if body.replace("\\\\", "").contains("\\n") {
        return Err(refuse(
            "it is tried against each line, and no line holds a line end".to_owned(),
        ));
    }
    if body.replace("\\\\", "").replace("\\/", "").contains('/') {
        return Err(refuse("a slash inside a regex is written `\\/`".to_owned()));
    }
    let pattern = format!("{prefix}{}", body.replace("\\/", "/"));
    // A value is text in it: some letter stands for it, since `^{{NAME}}` would be no repetition.
    let template = Template::read(&pattern);
    let pieces = template.pieces().iter().map(|piece| match piece {
        Piece::Text(text) => text.as_str(),
        Piece::Name(_) => "x",
    });
    match regex_of(&pieces.collect::<String>()) {
        Ok(_) => Ok(pattern),
        Err(error) => {
            let why = error.to_string();
            Err(refuse(format!(
                "this regex cannot be read: {}",
                why.lines().last().unwrap_or_default().trim()
            )))
        }
    }
}

/// A regex over bytes, with bounded size.
pub(in crate::check) fn regex_of(pattern: &str) -> Result<regex::bytes::Regex, regex::Error> {
    regex::bytes::RegexBuilder::new(pattern).size_limit(1 << 19).dfa_size_limit(1 << 20).build()
}

fn unquote(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\'' | '`'));
    let Some(quote) = quote else { return Some(text) };
    let inside = text[1..].strip_suffix(quote)?;
    (!inside.contains(quote)).then_some(inside)
}
