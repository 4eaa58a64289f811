//! `promql`: one instant query to the HTTP API of Prometheus, or of what speaks as it does.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::check::subject::{Output, Sort, Subjects};
use crate::check::template::{self, Template, Values};
use crate::check::{Fault, document};

use super::observe::{Context, Fields, Sink, Unseen};
use super::{Parts, http, url};

pub(super) const DIRECTIVES: &[&str] = &["server", "ca", "identity"];
pub(super) const SUBJECTS: Subjects = Subjects {
    example: "value < 0.01",
    output: Output::Json,
    fields: &[("reachable", Sort::Truth), ("value", Sort::Plain), ("series", Sort::Plain)],
    families: &["label"],
};

/// An answer may be so long: 8 MiB.
const LONGEST: usize = 8 << 20;

/// Words that are no names in a query.
const KEYWORDS: &[&str] = &[
    "and",
    "atan2",
    "bool",
    "by",
    "group_left",
    "group_right",
    "ignoring",
    "inf",
    "nan",
    "offset",
    "on",
    "or",
    "unless",
    "without",
];

/// A query.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Ask {
    server: Template,
    query: Template,
    /// Files of certificates, as for `http`: who is trusted, and who asks.
    files: [Option<Template>; 2],
}

/// Reads a query and the server that is asked.
pub(super) fn read(parts: &mut Parts<'_>) -> Result<Ask, Fault> {
    let (line, query) = parts.asked();
    let (at, server) = parts.own("server").ok_or_else(|| {
        let hint = "write `# server: {{PROMETHEUS_URL}}` above the query";
        Fault::new(line, "HP152", "this check does not say which server it asks", hint)
    })?;
    http::check_address(&server, at)?;
    let files =
        ["ca", "identity"].map(|name| parts.own(name).map(|(_, value)| Template::read(&value)));
    Ok(Ask { server: Template::read(&server), query: Template::read(&query), files })
}

impl Ask {
    pub(super) fn filled(&self, values: &Values) -> Result<Self, String> {
        let fill = |file: &Option<Template>| {
            let filled = file.as_ref().map(|file| file.fill(values)).transpose()?;
            Ok::<_, String>(filled.map(|text| Template::read_plain(&text)))
        };
        let scan = Scan::default();
        let query = self.query.fill_by(values, |before, value| scan.written(before, value))?;
        Ok(Self {
            server: Template::read_plain(&url::filled(&self.server, values)?),
            query: Template::read_plain(&query),
            files: [fill(&self.files[0])?, fill(&self.files[1])?],
        })
    }

    pub(super) fn names<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        let files = self.files.iter().flatten();
        template::collect([&self.server, &self.query].into_iter().chain(files), names);
    }

    pub(super) fn look(&self, context: &Context<'_>, sink: &Sink<'_>) -> Result<Fields, Unseen> {
        let server = self.server.written();
        let url = format!("{}/api/v1/query", server.trim_end_matches('/'));
        let timeout = format!("{}ms", context.left().as_millis());
        let fields = [("query", &*self.query.written()), ("timeout", &*timeout)];
        let (status, body) =
            http::Ask::form(&url, &fields, self.files.clone()).answer(context, LONGEST)?;
        let series = Series::read(status, &body, sink)?;
        sink.show_fields(&series.shown());
        Ok(series.fields())
    }
}

/// What a query came to.
struct Series(Vec<(Map<String, Value>, String)>);

impl Series {
    fn read(status: StatusCode, body: &[u8], sink: &Sink<'_>) -> Result<Self, Unseen> {
        let foreign = || Unseen::reached(format!("this is no answer of Prometheus: {status}"));
        let answer = match document::read(body) {
            Ok(Ok(answer)) => answer,
            Ok(Err(why)) => return Err(Unseen::reached(why)),
            Err(()) => return Err(foreign()),
        };
        let text = |name: &str| answer[name].as_str().unwrap_or_default();
        match text("status") {
            "success" if answer["isPartial"] == true => {
                return Err(Unseen::reached("the answer is a part of all that there is"));
            }
            "success" if status.is_success() => {}
            "success" => return Err(foreign()),
            "error" => {
                let why = format!("Prometheus: {}: {}", text("errorType"), text("error"));
                return Err(Unseen::reached(why));
            }
            _ => return Err(foreign()),
        }
        let told = ["warnings", "infos"].map(|name| answer[name].as_array());
        let (infos, warnings): (Vec<&Value>, Vec<&Value>) =
            told.into_iter().flatten().flatten().partition(|told| {
                told.as_str().is_some_and(|text| text.starts_with("PromQL info"))
            });
        infos.iter().filter_map(|info| info.as_str()).for_each(|info| {
            sink.tell(&format!("{info}\n"));
        });
        if let Some(warning) = warnings.first() {
            return Err(Unseen::reached(format!("Prometheus warns: {warning}")));
        }
        let result = &answer["data"]["result"];
        match answer["data"]["resultType"].as_str() {
            Some("vector") => {
                let all = result.as_array().ok_or_else(foreign)?;
                let one = |one: &Value| {
                    let labels = one["metric"].as_object().ok_or_else(foreign)?.clone();
                    let why = "the query gives histograms, and no values";
                    let value = value(&one["value"]).ok_or_else(|| Unseen::reached(why))?;
                    Ok((labels, value))
                };
                all.iter().map(one).collect::<Result<_, _>>().map(Self)
            }
            Some("scalar") => {
                let value = value(result).ok_or_else(foreign)?;
                Ok(Self(vec![(Map::new(), value)]))
            }
            Some(other) => {
                let why = format!("the query gives a {other}, and no values of this instant");
                Err(Unseen::reached(why))
            }
            None => Err(foreign()),
        }
    }

    /// The one value; else why there is none, which is no number.
    fn value(&self) -> String {
        match &self.0[..] {
            [] => "no series".to_owned(),
            [(_, value)] => value.clone(),
            several => format!("several series: {}", several.len()),
        }
    }

    fn shown(&self) -> Fields {
        let mut shown = Fields::new();
        shown.insert("reachable".to_owned(), Value::Bool(true));
        let value = if self.0.len() == 1 { json!(self.value()) } else { Value::Null };
        shown.insert("value".to_owned(), value);
        shown.insert("series".to_owned(), json!(self.0.len()));
        let labels = self.0.iter().map(|(labels, _)| Value::Object(labels.clone()));
        shown.insert("labels".to_owned(), labels.collect());
        let values = self.0.iter().map(|(_, value)| json!(value));
        shown.insert("values".to_owned(), values.collect());
        shown
    }

    /// What expectations are about; a label that a series lacks is empty, as it is for Prometheus.
    fn fields(&self) -> Fields {
        let mut names: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for name in self.0.iter().flat_map(|(labels, _)| labels.keys()) {
            let values = self.0.iter().map(|(labels, _)| labels.get(name).cloned());
            let values = values.map(|value| value.unwrap_or_else(|| json!("")));
            if !names.contains_key(name) {
                names.insert(name.clone(), values.collect());
            }
        }
        let mut labels: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for (name, values) in names {
            labels.entry(name.to_ascii_lowercase()).or_default().extend(values);
        }
        let mut fields = Fields::new();
        fields.insert("reachable".to_owned(), Value::Bool(true));
        fields.insert("value".to_owned(), json!(self.value()));
        fields.insert("series".to_owned(), json!(self.0.len()));
        fields.insert("label".to_owned(), json!(labels));
        fields
    }
}

/// `[time, "value"]`, the value as Prometheus wrote it.
fn value(sample: &Value) -> Option<String> {
    sample.get(1)?.as_str().map(str::to_owned)
}

/// What a place in a query is inside of.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Code,
    Comment,
    /// A string, by its quote, and whether it is a regex.
    Text {
        quote: char,
        regex: bool,
    },
}

/// Reads a query up to the places of values, each part once.
#[derive(Default)]
struct Scan {
    read: Cell<usize>,
    state: Cell<State>,
    /// A regex is what follows.
    matches: Cell<bool>,
}

impl Scan {
    /// A value as it stands behind `before`: in a string it is text, elsewhere a number, a duration
    /// or a name.
    fn written(&self, before: &str, value: &str) -> Result<String, String> {
        self.read_to(before);
        match self.state.get() {
            State::Comment => Ok(String::new()),
            State::Text { quote, regex } => in_text(value, quote, regex),
            State::Code if is_word(value) => Ok(value.to_owned()),
            State::Code => {
                Err(format!("`{value}` is no number, duration or name; quotes make it a text"))
            }
        }
    }

    fn read_to(&self, before: &str) {
        let mut chars = before[self.read.get()..].chars();
        let (mut state, mut matches) = (self.state.get(), self.matches.get());
        let mut last = ' ';
        while let Some(char) = chars.next() {
            state = match (state, char) {
                (State::Code, '"' | '\'' | '`') => State::Text { quote: char, regex: matches },
                (State::Code, '#') => State::Comment,
                (State::Comment, '\n') => State::Code,
                (State::Text { quote, .. }, '\\') if quote != '`' => {
                    chars.next();
                    state
                }
                (State::Text { quote, .. }, char) if char == quote => State::Code,
                _ => state,
            };
            if state == State::Code && !char.is_whitespace() {
                matches = char == '~' && matches!(last, '=' | '!');
            }
            last = char;
        }
        self.read.set(before.len());
        self.state.set(state);
        self.matches.set(matches);
    }
}

fn in_text(value: &str, quote: char, regex: bool) -> Result<String, String> {
    let value = if regex { regex::escape(value) } else { value.to_owned() };
    if quote == '`' {
        return match value.contains('`') {
            true => Err("it holds a backtick".to_owned()),
            false => Ok(value),
        };
    }
    Ok(value.chars().fold(String::new(), |mut text, char| {
        match char {
            '\\' | '"' | '\'' if char == quote || char == '\\' => text.extend(['\\', char]),
            char if char.is_control() => text.push_str(&format!("\\u{:04x}", u32::from(char))),
            char => text.push(char),
        }
        text
    }))
}

/// A number, a duration or a name, and nothing that changes what is asked.
fn is_word(value: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"_:".contains(&byte);
    let is_number = value.split('.').count() <= 2
        && value.starts_with(|char: char| char.is_ascii_digit())
        && value.split('.').all(|part| !part.is_empty() && part.bytes().all(is_part))
        && !value.contains(['_', ':']);
    let is_name = value.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_')
        && value.bytes().all(is_part)
        && !KEYWORDS.contains(&value.to_ascii_lowercase().as_str());
    is_number || is_name
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(query: &str, value: &str) -> Result<String, String> {
        let values = Values::from([("V".to_owned(), value.to_owned())]);
        let scan = Scan::default();
        Template::read(query).fill_by(&values, |before, value| scan.written(before, value))
    }

    #[test]
    fn a_value_changes_nothing_of_what_is_asked() {
        for (query, value, expected) in [
            (r#"up{job="{{V}}"}"#, r#"a"} or x{y="\"#, r#"up{job="a\"} or x{y=\"\\"}"#),
            (r#"up{job='{{V}}'}"#, "it's", r"up{job='it\'s'}"),
            (r#"up{job=~"{{V}}"}"#, "a.*|b", r#"up{job=~"a\\.\\*\\|b"}"#),
            (r#"up{job !~ "{{V}}", b="{{V}}"}"#, ".", r#"up{job !~ "\\.", b="."}"#),
            (r#"up{a="\"", b="{{V}}"}"#, "\n", r#"up{a="\"", b="\u000a"}"#),
            ("rate(x[{{V}}])", "5m", "rate(x[5m])"),
            ("up > {{V}}", "0.5", "up > 0.5"),
            ("{{V}} == 1", "job:up:sum", "job:up:sum == 1"),
            ("up # \"{{V}}\n > {{V}}", "1", "up # \"\n > 1"),
        ] {
            assert_eq!(filled(query, value), Ok(expected.to_owned()), "{query}");
        }
        for (query, value) in [
            ("up > {{V}}", "1 or vector(0)"),
            ("up > {{V}}", ""),
            ("up {{V}} down", "or"),
            ("up > {{V}}", "-1"),
            ("up{job=`{{V}}`}", "`"),
            ("up > {{V}}", "1.2.3"),
        ] {
            assert!(filled(query, value).is_err(), "{query} {value}");
        }
    }
}
