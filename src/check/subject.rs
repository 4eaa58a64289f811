//! What expectations of a kind of check can be about.

use serde::{Deserialize, Serialize};

use super::expect::{Channel, Quantity};

/// What a kind of check observes under a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Sort {
    Plain,
    Seconds,
    Bytes,
    Text,
    /// A number or a text, as what it is compared with.
    Scalar,
    Truth,
    /// Several texts, which may be none.
    List,
}

/// What expectations of a kind of check can be about, besides `seconds`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Subjects {
    /// An expectation as one might write it.
    pub(super) example: &'static str,
    /// What the text is called that it shows; `lines` and `value` are of that.
    pub(super) output: Output,
    /// What it observes.
    pub(super) fields: &'static [(&'static str, Sort)],
    /// Texts that it observes under names of its own: `header.content-type`.
    pub(super) families: &'static [&'static str],
}

/// The text that a kind of check shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Output {
    /// Standard output and standard error, and an exit.
    Streams,
    /// One text, by this name.
    Text(&'static str),
    /// None but its observation as JSON.
    Json,
}

/// What expectations of scripts can be about.
pub(super) const SCRIPT: Subjects =
    Subjects { example: "exit == 0", output: Output::Streams, fields: &[], families: &[] };

/// What an expectation is about.
pub(super) enum Subject {
    Number(Quantity),
    Stream(Channel),
    Field(String),
    Scalar(String),
    Truth(String),
    List(String),
}

impl Subjects {
    /// What a name in an expectation means.
    pub(super) fn find(&self, name: &str) -> Option<Subject> {
        if let Some((_, sort)) = self.fields.iter().find(|(known, _)| *known == name) {
            let name = name.to_owned();
            return Some(match sort {
                Sort::Plain | Sort::Seconds | Sort::Bytes => {
                    Subject::Number(Quantity::Field(name, *sort))
                }
                Sort::Text => Subject::Field(name),
                Sort::Scalar => Subject::Scalar(name),
                Sort::Truth => Subject::Truth(name),
                Sort::List => Subject::List(name),
            });
        }
        let family = |family: &&&str| {
            name.strip_prefix(**family)
                .and_then(|rest| rest.strip_prefix('.'))
                .is_some_and(|rest| !rest.is_empty())
        };
        if self.families.iter().find(family).is_some() {
            return Some(Subject::Field(name.to_ascii_lowercase()));
        }
        let number = |quantity| Some(Subject::Number(quantity));
        let stream = |channel| Some(Subject::Stream(channel));
        match (name, self.output) {
            ("seconds", _) => number(Quantity::Seconds),
            ("exit", Output::Streams) => number(Quantity::Exit),
            ("stdout", Output::Streams) => stream(Channel::Stdout),
            ("stderr", Output::Streams) => stream(Channel::Stderr),
            ("output", Output::Streams) => stream(Channel::Both),
            ("lines", Output::Streams | Output::Text(_)) => number(Quantity::Lines),
            ("value", Output::Streams | Output::Text(_)) => number(Quantity::Value),
            (name, Output::Text(text)) if name == text => stream(Channel::Stdout),
            _ => None,
        }
    }

    /// All that can be named.
    pub(super) fn all(&self) -> Vec<String> {
        let streams: &[&str] = match self.output {
            Output::Streams => &["exit", "stdout", "stderr", "output", "lines", "value"],
            Output::Text(text) => &[text, "lines", "value"],
            Output::Json => &[],
        };
        let fields = self.fields.iter().map(|(name, _)| (*name).to_owned());
        let families = self.families.iter().map(|family| format!("{family}.NAME"));
        let streams = streams.iter().map(|name| (*name).to_owned());
        fields.chain(families).chain(streams).chain(["seconds".to_owned()]).collect()
    }
}
