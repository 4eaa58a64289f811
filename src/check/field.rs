//! Expectations on what a probe observed.

use serde_json::{Map, Value};

use super::expect::{Assertion, Comparison, Quantity, TextTest, regex_of};
use super::measure::Measure;
use super::subject::Sort;

/// What a probe observed, by name; what belongs to a family is in an object of its own.
pub(super) type Fields = Map<String, Value>;

/// What one of several values comes to: whether it held, and the value as people read it.
type Held = (Option<bool>, String);

/// Judges an expectation on a field; `None` where it is about something else.
pub(super) fn judge(assertion: &Assertion, fields: &Fields) -> Option<Held> {
    match assertion {
        Assertion::Number { subject: Quantity::Field(name, sort), test, value } => {
            Some(each(fields, name, |seen| number(seen, *sort, *test, value)))
        }
        Assertion::Field { name, test, negated } => {
            Some(each(fields, name, |seen| text(seen, test, *negated)))
        }
        Assertion::Among { name, test, negated } => {
            Some(each_list(fields, name, |seen| among(seen, test, *negated)))
        }
        Assertion::Truth { name, wanted } => Some(each(fields, name, |seen| match seen {
            Value::Bool(seen) => (Some(seen == wanted), seen.to_string()),
            other => (None, shown(other)),
        })),
        _ => None,
    }
}

/// The name that an assertion is about, where it is a field's.
pub(super) fn name_of(assertion: &Assertion) -> Option<&str> {
    match assertion {
        Assertion::Number { subject: Quantity::Field(name, _), .. }
        | Assertion::Unset { subject: Quantity::Field(name, _), .. }
        | Assertion::Field { name, .. }
        | Assertion::Among { name, .. }
        | Assertion::Truth { name, .. } => Some(name),
        _ => None,
    }
}

/// Every value of a field has to hold; what is missing, or an empty list, answers nothing.
fn each(fields: &Fields, name: &str, judge: impl Fn(&Value) -> Held) -> Held {
    let found = match name.split_once('.') {
        Some((family, name)) if !fields.contains_key(family) || fields[family].is_object() => {
            fields.get(family).and_then(|family| family.get(name))
        }
        _ => fields.get(name),
    };
    match found {
        None | Some(Value::Null) => (None, format!("there is no `{name}`")),
        Some(Value::Array(all)) if all.is_empty() => (None, format!("there is no `{name}`")),
        Some(Value::Array(all)) => worst(all.iter().map(|one| {
            of_one(one, |seen| match seen {
                Value::Null => (None, format!("there is no `{name}`")),
                seen => judge(seen),
            })
        })),
        Some(one) => judge(one),
    }
}

/// One of several values, with what it was seen of: a path, a server, and why.
pub(super) fn told(seen: Value, of: impl Into<String>) -> Value {
    let of = Value::String(of.into());
    Value::Object(Map::from_iter([("seen".to_owned(), seen), ("of".to_owned(), of)]))
}

/// Judges a value, and says what it was seen of where it does not hold.
fn of_one(one: &Value, judge: impl Fn(&Value) -> Held) -> Held {
    let Some((seen, of)) = one.get("seen").zip(one.get("of")) else { return judge(one) };
    match judge(seen) {
        (Some(true), text) => (Some(true), text),
        (held, text) => (held, format!("{text} ({})", shown(of))),
    }
}

/// What fails, else what is unclear, else all of it.
fn worst(all: impl Iterator<Item = Held>) -> Held {
    let held: Vec<Held> = all.collect();
    let failed = held.iter().find(|(held, _)| *held == Some(false));
    let unclear = || held.iter().find(|(held, _)| held.is_none());
    match failed.or_else(unclear) {
        Some(one) => one.clone(),
        None => (Some(true), joined(held.iter().map(|(_, shown)| shown.as_str()))),
    }
}

/// A list of texts, or several of them: each has to hold. An empty one is an observation.
fn each_list(fields: &Fields, name: &str, judge: impl Fn(&[Value]) -> Held) -> Held {
    match fields.get(name) {
        Some(Value::Array(lists)) if lists.iter().any(|list| !list.is_string()) => {
            worst(lists.iter().map(|list| {
                of_one(list, |seen| match seen {
                    Value::Array(list) => judge(list),
                    _ => (None, format!("there is no `{name}`")),
                })
            }))
        }
        Some(Value::Array(list)) => judge(list),
        _ => (None, format!("there is no `{name}`")),
    }
}

/// `contains`: one is that text; `not contains`: none has it in it. What is said of none at all by
/// `==` or `!=` is not clear.
fn among(list: &[Value], test: &TextTest, negated: bool) -> Held {
    let shown = match list {
        [] => "none".to_owned(),
        list => joined(list.iter().map(|one| one.as_str().unwrap_or_default())),
    };
    let mut texts = list.iter().filter_map(Value::as_str);
    let held = match test {
        TextTest::Empty => Some(list.is_empty()),
        TextTest::Equals(_) if list.is_empty() => None,
        TextTest::Equals(wanted) => Some(texts.all(|text| (text == wanted) != negated)),
        TextTest::Contains(wanted) if negated => Some(!texts.any(|text| text.contains(wanted))),
        TextTest::Contains(wanted) => Some(texts.any(|text| text == wanted)),
        TextTest::Matches(pattern) => regex_of(pattern)
            .ok()
            .map(|regex| texts.any(|text| regex.is_match(text.as_bytes())) != negated),
    };
    (held, shown)
}

fn number(seen: &Value, sort: Sort, test: Comparison, value: &Measure) -> Held {
    let text = shown(seen);
    let unit = match sort {
        Sort::Seconds => "s",
        Sort::Bytes => "B",
        Sort::Plain | Sort::Text | Sort::Scalar | Sort::Truth | Sort::List => "",
    };
    let measured = match seen {
        Value::Number(number) => Measure::parse(&format!("{number}{unit}")),
        // Numbers that a double could not keep come as text.
        Value::String(text) if matches!(sort, Sort::Plain | Sort::Scalar) => Measure::parse(text),
        _ => None,
    };
    let Some(measured) = measured else {
        return (None, format!("no number: `{text}`"));
    };
    let Some(order) = measured.compare(&value.counted_in(unit)) else {
        return (None, format!("{text}, which cannot be compared with that unit"));
    };
    (Some(test.holds(order)), format!("{text}{}", if unit.is_empty() { "" } else { unit }))
}

fn text(seen: &Value, test: &TextTest, negated: bool) -> Held {
    let text = shown(seen);
    let holds = match test {
        TextTest::Equals(wanted) => Some(text.trim() == wanted.trim()),
        TextTest::Contains(wanted) => Some(text.contains(wanted.as_str())),
        TextTest::Matches(pattern) => regex_of(pattern)
            .ok()
            .map(|regex| text.lines().any(|line| regex.is_match(line.as_bytes()))),
        TextTest::Empty => Some(text.is_empty()),
    };
    let shown = match text.lines().count() {
        _ if text.is_empty() => "empty".to_owned(),
        1 => format!("`{text}`"),
        lines => format!("{lines} lines, the first `{}`", text.lines().next().unwrap_or_default()),
    };
    (holds.map(|holds| holds != negated), shown)
}

/// A value as people read it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn joined<'s>(all: impl Iterator<Item = &'s str>) -> String {
    all.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::expect::{self, Reading};
    use crate::check::subject::{Output, Subjects};

    const SUBJECTS: Subjects = Subjects {
        example: "status == 200",
        output: Output::Json,
        fields: &[
            ("status", Sort::Plain),
            ("age", Sort::Seconds),
            ("size", Sort::Bytes),
            ("names", Sort::Text),
            ("open", Sort::Truth),
            ("value", Sort::Scalar),
            ("answers", Sort::List),
            ("failed", Sort::List),
            ("each", Sort::List),
        ],
        families: &["header"],
    };

    fn held(expectation: &str) -> Option<bool> {
        let fields = serde_json::json!({
            "status": 200, "age": 90.5, "size": [10, 2000], "names": ["a.example", "b.example"],
            "open": true, "value": "003", "answers": ["10 a.example", "20 b.example"],
            "failed": [], "each": [["x", "y"], ["x"]], "header": { "content-type": "text/html" }, "none": null,
        });
        let fields = fields.as_object().expect("an object").clone();
        let comment = format!(" expect: {expectation}");
        let Ok(Reading::One(read)) = expect::read(&comment, 0, SUBJECTS) else {
            panic!("{expectation} is not read");
        };
        judge(&read.assertion, &fields).expect("on a field").0
    }

    #[test]
    fn fields_hold_by_their_sort_and_each_of_several_has_to() {
        for holds in [
            "status == 200",
            "age < 2m",
            "age < 91",
            "size < 2001",
            "size <= 2KB",
            "names matches /example$/",
            "open == true",
            "open != false",
            "value == 3",
            "value > 2",
            "value contains 003",
            "header.Content-Type contains html",
            "answers contains 10 a.example",
            "answers not contains c.example",
            "answers matches /^20/",
            "answers != a.example",
            "failed is empty",
            "failed not contains x",
            "each contains x",
        ] {
            assert_eq!(held(holds), Some(true), "{holds}");
        }
        for fails in
            ["status != 200", "size < 2KB", "names contains a.", "open == false", "value == 4"]
                .into_iter()
                .chain(["answers contains a.example", "answers not contains a.example"])
                .chain(["answers == 10 a.example", "answers not matches /^20/", "answers is empty"])
                .chain(["failed contains x", "each contains y", "each == x"])
        {
            assert_eq!(held(fails), Some(false), "{fails}");
        }
        for unclear in
            ["status < 2s", "age < 3KB", "header.x contains y", "failed == x", "failed != x"]
        {
            assert_eq!(held(unclear), None, "{unclear}");
        }
    }

    #[test]
    fn what_does_not_hold_says_what_it_was_seen_of() {
        let all = vec![told(true.into(), "a"), told(false.into(), "b: refused")];
        let fields = Fields::from_iter([("open".to_owned(), Value::Array(all))]);
        let judge = |wanted| {
            let assertion = Assertion::Truth { name: "open".to_owned(), wanted };
            judge(&assertion, &fields).expect("on a field")
        };
        assert_eq!(judge(true), (Some(false), "false (b: refused)".to_owned()));
        assert_eq!(judge(false), (Some(false), "true (a)".to_owned()));
    }

    #[test]
    fn a_subject_of_another_kind_is_refused() {
        for wrong in ["exit == 0", "stdout contains x", "open == 1", "header. == x", "lines > 1"] {
            assert!(expect::read(&format!(" expect: {wrong}"), 0, SUBJECTS).is_err(), "{wrong}");
        }
    }
}
