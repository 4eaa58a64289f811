//! Probes: checks that state what is looked at instead of a script that looks.
//!
//! A block is directives, then what is asked, then expectations, each a comment line of its own. One
//! file a kind: what it asks ([`Ask`]), what expectations may be about, and how it looks.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::directive::{self, Directives};
use super::expect::{self, Expectation, Reading};
use super::shell::Step;
use super::subject::Subjects;
use super::template::Values;
use super::{Fault, bounds};

mod address;
mod body;
mod bounded;
mod dns;
mod env;
mod file;
mod glob;
mod http;
mod junit;
mod mariadb;
mod observe;
mod postgresql;
mod promql;
mod sql;
mod sqlite;
mod statement;
mod suites;
mod tcp;
mod tls;
mod url;
mod web;

use observe::{Context, Fields, Sink, Unseen};

/// Gets ready for what ends by itself.
pub(super) fn warm_up() {
    web::warm_up();
}

/// A kind of probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Dns,
    Env,
    File,
    Http,
    Junit,
    Promql,
    Sql,
    Tcp,
    Tls,
}

/// A title may have so many characters.
const TITLE: usize = 120;

/// The kinds, by the language of their blocks.
pub(super) const KINDS: &[(&str, Kind)] = &[
    ("dns", Kind::Dns),
    ("env", Kind::Env),
    ("file", Kind::File),
    ("http", Kind::Http),
    ("junit", Kind::Junit),
    ("promql", Kind::Promql),
    ("sql", Kind::Sql),
    ("tcp", Kind::Tcp),
    ("tls", Kind::Tls),
];

/// The kind that a language names.
pub(super) fn of(language: &str) -> Option<Kind> {
    KINDS.iter().find(|(name, _)| *name == language).map(|(_, kind)| *kind)
}

/// What a probe asks, with `{{NAME}}` where a parameter goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Ask {
    Dns(dns::Ask),
    Env(env::Ask),
    File(file::Ask),
    Http(http::Ask),
    Promql(promql::Ask),
    Sql(sql::Ask),
    Junit(junit::Ask),
    Tcp(tcp::Ask),
    Tls(tls::Ask),
}

/// A probe, ready to run.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Its language.
    pub(super) name: &'static str,
    /// How it is run.
    pub(super) directives: Directives,
    pub(super) ask: Ask,
    /// What it shows of itself: the block is one step.
    pub(super) step: Step,
    /// Where it begins to say what is looked at.
    line: usize,
}

impl Probe {
    /// What it does besides looking, if so: a method that changes something.
    pub fn acts(&self) -> Option<&str> {
        self.ask.acts()
    }

    /// Variables that it asks for.
    pub fn variables(&self) -> &[String] {
        match &self.ask {
            Ask::Env(ask) => ask.variables(),
            _ => &[],
        }
    }

    /// The line of the block in which it begins to say what is looked at, from 0.
    pub fn line(&self) -> usize {
        self.line
    }
}

/// A line of a block that is neither a directive nor an expectation.
struct Line<'b> {
    /// Its number in the block, from 0.
    number: usize,
    text: &'b str,
}

/// What a block says, taken apart.
struct Parts<'b> {
    directives: Directives,
    /// Directives of the kind, by their names.
    own: BTreeMap<&'static str, (usize, String)>,
    lines: Vec<Line<'b>>,
    expectations: Vec<Expectation>,
    /// Comments that are neither, the first of which is the title.
    title: Option<String>,
    faults: Vec<Fault>,
}

impl Kind {
    fn name(self) -> &'static str {
        KINDS.iter().find(|(_, kind)| *kind == self).map_or("", |(name, _)| name)
    }

    /// What begins a comment.
    fn marks(self) -> &'static [&'static str] {
        match self {
            Self::Http => http::MARKS,
            Self::Sql => &["--"],
            _ => &["#"],
        }
    }

    /// Directives that only this kind has.
    fn own(self) -> &'static [&'static str] {
        match self {
            Self::Dns => dns::DIRECTIVES,
            Self::Http => http::DIRECTIVES,
            Self::Promql => promql::DIRECTIVES,
            Self::Sql => sql::DIRECTIVES,
            Self::Tls => tls::DIRECTIVES,
            Self::Env | Self::File | Self::Junit | Self::Tcp => &[],
        }
    }

    /// What its expectations may be about.
    fn subjects(self) -> Subjects {
        match self {
            Self::Dns => dns::SUBJECTS,
            Self::Env => env::SUBJECTS,
            Self::File => file::SUBJECTS,
            Self::Http => http::SUBJECTS,
            Self::Promql => promql::SUBJECTS,
            Self::Sql => sql::SUBJECTS,
            Self::Junit => junit::SUBJECTS,
            Self::Tcp => tcp::SUBJECTS,
            Self::Tls => tls::SUBJECTS,
        }
    }

    fn read(self, parts: &mut Parts<'_>) -> Result<Ask, Fault> {
        match self {
            Self::Dns => dns::read(parts).map(Ask::Dns),
            Self::Env => env::read(parts).map(Ask::Env),
            Self::File => file::read(parts).map(Ask::File),
            Self::Http => http::read(parts).map(Ask::Http),
            Self::Promql => promql::read(parts).map(Ask::Promql),
            Self::Sql => sql::read(parts).map(Ask::Sql),
            Self::Junit => junit::read(parts).map(Ask::Junit),
            Self::Tcp => tcp::read(parts).map(Ask::Tcp),
            Self::Tls => tls::read(parts).map(Ask::Tls),
        }
    }
}

/// Compiles a block.
pub(super) fn compile(kind: Kind, content: &str) -> Result<Probe, Vec<Fault>> {
    if let Some(fault) = bounds::too_long(content) {
        return Err(vec![fault]);
    }
    let mut parts = Parts::of(kind, content);
    let ask = if parts.lines.iter().all(|line| line.text.trim().is_empty()) {
        let hint = format!("write what is to be looked at; docs/checks.md shows `{}`", kind.name());
        Err(Fault::new(0, "HP106", "there is nothing to look at in this check", hint))
    } else {
        kind.read(&mut parts)
    };
    let mut faults = std::mem::take(&mut parts.faults);
    if parts.expectations.is_empty() && faults.is_empty() {
        let example = kind.subjects().example;
        let hint = format!("add a line `{} expect: {example}`", kind.marks()[0]);
        faults.push(Fault::new(0, "HP107", "this check expects nothing", hint));
    }
    match ask {
        Ok(ask) if faults.is_empty() => {
            let first = parts.lines.iter().find(|line| !line.text.trim().is_empty());
            let line = first.map_or(0, |line| line.number);
            let title = parts.title.take().unwrap_or_else(|| parts.named(kind));
            let saves = parts.directives.saves.iter().map(Expectation::save);
            parts.expectations.extend(saves);
            Ok(Probe {
                name: kind.name(),
                directives: parts.directives,
                ask,
                step: Step::whole(title, content, parts.expectations),
                line,
            })
        }
        Ok(_) => Err(faults),
        Err(fault) => {
            faults.push(fault);
            faults.sort_by_key(|fault| fault.line);
            Err(faults)
        }
    }
}

impl<'b> Parts<'b> {
    /// What is asked, in one text, and its first line.
    fn asked(&self) -> (usize, String) {
        let lines: Vec<&str> = self.lines.iter().map(|line| line.text).collect();
        let first = self.lines.iter().find(|line| !line.text.trim().is_empty());
        (first.map_or(0, |line| line.number), lines.join("\n").trim().to_owned())
    }

    /// What is asked, in one line: of a request the method and address, else all of it.
    fn named(&self, kind: Kind) -> String {
        let lines = self.lines.iter().map(|line| line.text.trim()).filter(|text| !text.is_empty());
        let wanted = if kind == Kind::Http { 1 } else { usize::MAX };
        let lines: Vec<&str> = lines.take(wanted).collect();
        lines.join(" ").chars().take(TITLE).collect()
    }

    fn of(kind: Kind, content: &'b str) -> Self {
        let mut parts = Self {
            directives: Directives::default(),
            own: BTreeMap::new(),
            lines: Vec::new(),
            expectations: Vec::new(),
            title: None,
            faults: Vec::new(),
        };
        let mut lines = content.lines().enumerate().peekable();
        while let Some((number, text)) = lines.next() {
            let Some(comment) = comment(kind, text) else {
                parts.lines.push(Line { number, text });
                continue;
            };
            match parts.take(kind, comment, number) {
                Ok(Taken::Yes) => {}
                // A body may have such lines: what is behind the request's head is its own.
                Ok(Taken::No) => parts.lines.push(Line { number, text }),
                Ok(Taken::Text(head)) => {
                    let mut said = vec![head];
                    while let Some((_, next)) = lines.peek() {
                        let Some(next) = self::comment(kind, next) else { break };
                        if expect::ends_text(next, kind.subjects()) {
                            break;
                        }
                        said.push(next.trim().to_owned());
                        lines.next();
                    }
                    said.retain(|line| !line.is_empty());
                    match said.is_empty() {
                        true => parts.faults.push(expect::no_text(number)),
                        false => parts.expectations.push(Expectation::lines(said)),
                    }
                }
                Err(fault) => parts.faults.push(fault),
            }
        }
        parts
    }

    fn take(&mut self, kind: Kind, comment: &str, number: usize) -> Result<Taken, Fault> {
        let text = comment.trim();
        let asked = self.lines.iter().any(|line| !line.text.trim().is_empty());
        let own = |name: &str| kind.own().iter().find(|own| **own == name).copied();
        if let Some((name, value)) = directive::name_and_value(text)
            && let Some(own) = own(name)
        {
            if asked {
                return Err(directive::too_late(name, number));
            }
            if self.own.insert(own, (number, value.to_owned())).is_some() {
                let message = format!("`{name}` is given twice");
                return Err(Fault::new(number, "HP103", message, "keep one"));
            }
            return Ok(Taken::Yes);
        }
        if let Some(fault) = directive::slip_of_kind(text, kind.own(), number) {
            return Err(fault);
        }
        if let Some((name @ ("on" | "sandbox"), _)) = directive::name_and_value(text)
            && !asked
        {
            let message = format!("directive `{name}` belongs to scripts");
            return Err(Fault::new(number, "HP104", message, "take it out"));
        }
        if !asked && self.directives.take(comment, number)? {
            return Ok(Taken::Yes);
        }
        match expect::read(comment, number, kind.subjects())? {
            Reading::One(_) | Reading::Text(_) if !asked => Err(expect::too_early(number)),
            Reading::One(expectation) => {
                self.expectations.push(expectation);
                Ok(Taken::Yes)
            }
            Reading::Text(head) => Ok(Taken::Text(head)),
            Reading::Prose if !asked => {
                let title = text.trim_matches(['#', ' ']);
                if !title.is_empty() && self.title.is_none() {
                    self.title = Some(title.chars().take(TITLE).collect());
                }
                Ok(Taken::Yes)
            }
            Reading::Prose => directive::misplaced(comment, number).map_or(Ok(Taken::No), Err),
        }
    }

    /// A directive of the kind, with its line.
    fn own(&mut self, name: &str) -> Option<(usize, String)> {
        self.own.remove(name)
    }
}

/// What became of a comment.
enum Taken {
    Yes,
    No,
    /// It begins an expected text.
    Text(String),
}

/// What a line says behind the mark of a comment.
fn comment(kind: Kind, line: &str) -> Option<&str> {
    let line = line.trim();
    kind.marks().iter().find_map(|mark| line.strip_prefix(mark))
}

impl Ask {
    /// It with the values of parameters.
    ///
    /// # Errors
    /// When a name has no value.
    pub(super) fn filled(&self, values: &Values) -> Result<Self, String> {
        match self {
            Self::Dns(ask) => ask.filled(values).map(Self::Dns),
            Self::Env(_) => Ok(self.clone()),
            Self::File(ask) => ask.filled(values).map(Self::File),
            Self::Http(ask) => ask.filled(values).map(Self::Http),
            Self::Promql(ask) => ask.filled(values).map(Self::Promql),
            Self::Sql(ask) => ask.filled(values).map(Self::Sql),
            Self::Junit(ask) => ask.filled(values).map(Self::Junit),
            Self::Tcp(ask) => ask.filled(values).map(Self::Tcp),
            Self::Tls(ask) => ask.filled(values).map(Self::Tls),
        }
    }

    /// Looks, for at most as long as `context` allows.
    fn look(&self, context: &Context<'_>, sink: &Sink<'_>) -> Result<Fields, Unseen> {
        match self {
            Self::Dns(ask) => ask.look(context, sink),
            Self::Env(ask) => ask.look(context, sink),
            Self::File(ask) => ask.look(context, sink),
            Self::Http(ask) => ask.look(context, sink),
            Self::Promql(ask) => ask.look(context, sink),
            Self::Sql(ask) => ask.look(context, sink),
            Self::Junit(ask) => ask.look(context, sink),
            Self::Tcp(ask) => ask.look(context, sink),
            Self::Tls(ask) => ask.look(context, sink),
        }
    }

    /// Whether it, and the judging of what it sees, ends in time and when it is told to: then it needs no
    /// process that can be killed.
    pub(super) fn ends_by_itself(&self, expectations: &[Expectation]) -> bool {
        matches!(self, Self::Http(ask) if ask.ends_by_itself())
            && !expectations.iter().any(Expectation::may_not_end)
    }

    /// What it does besides looking, if so: a method that changes something.
    pub(super) fn acts(&self) -> Option<&str> {
        match self {
            Self::Http(ask) => ask.acts(),
            _ => None,
        }
    }

    /// Names of parameters in it.
    pub(super) fn names<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        match self {
            Self::Dns(ask) => ask.names(names),
            Self::Env(_) => {}
            Self::File(ask) => ask.names(names),
            Self::Http(ask) => ask.names(names),
            Self::Promql(ask) => ask.names(names),
            Self::Sql(ask) => ask.names(names),
            Self::Junit(ask) => ask.names(names),
            Self::Tcp(ask) => ask.names(names),
            Self::Tls(ask) => ask.names(names),
        }
    }
}
