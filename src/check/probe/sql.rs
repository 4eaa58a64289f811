//! `sql`: one statement that reads, in a transaction that can do nothing else.

use std::collections::BTreeSet;

use reqwest::Url;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::check::Fault;
use crate::check::subject::{Output, Sort, Subjects};
use crate::check::template::{self, Template, Values};
use crate::digest;

use super::observe::{Context, Fields, Sink, Unseen};
use super::statement::Statement;
use super::url::percent_encoding;
use super::{Parts, mariadb, postgresql, sqlite};

pub(super) const DIRECTIVES: &[&str] = &["url", "ca"];
pub(super) const SUBJECTS: Subjects = Subjects {
    example: "value == 0",
    output: Output::Json,
    fields: &[("reachable", Sort::Truth), ("value", Sort::Scalar), ("count", Sort::Plain)],
    families: &[],
};

/// So many rows are read.
const ROWS: usize = 10_000;

/// So many bytes are read: 8 MiB.
pub(super) const BYTES: usize = 8 << 20;

/// The kinds of databases, by how their addresses begin.
const SCHEMES: &[(&str, Kind)] = &[
    ("postgres://", Kind::Postgresql),
    ("postgresql://", Kind::Postgresql),
    ("mysql://", Kind::Mariadb),
    ("mariadb://", Kind::Mariadb),
    ("sqlite:", Kind::Sqlite),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Postgresql,
    Mariadb,
    Sqlite,
}

/// A statement, and the database that is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Ask {
    url: Template,
    /// A file of certificates that are trusted besides the usual ones.
    ca: Option<Template>,
    statement: Statement,
}

/// Reads a statement and the address of a database.
pub(super) fn read(parts: &mut Parts<'_>) -> Result<Ask, Fault> {
    let (line, text) = parts.asked();
    let (at, url) = parts.own("url").ok_or_else(|| {
        let hint = "write `-- url: {{DATABASE_URL}}` above the statement";
        Fault::new(line, "HP152", "this check does not say which database it asks", hint)
    })?;
    if !url.starts_with("{{") && kind(&url).is_none() {
        let hint = "begin it with `postgres://`, `mysql://`, `sqlite:` or `{{NAME}}`";
        return Err(Fault::new(at, "HP150", "this is no address of a database", hint));
    }
    let ca = parts.own("ca").map(|(_, value)| Template::read(&value));
    Ok(Ask { url: Template::read(&url), ca, statement: Statement::read(&text, line)? })
}

fn kind(url: &str) -> Option<Kind> {
    SCHEMES.iter().find(|(scheme, _)| url.starts_with(scheme)).map(|(_, kind)| *kind)
}

impl Ask {
    pub(super) fn filled(&self, values: &Values) -> Result<Self, String> {
        let in_url = |before: &str, value: &str| match before {
            "" | "sqlite:" => Ok(value.to_owned()),
            _ => Ok(percent_encoding(value)),
        };
        let ca = self.ca.as_ref().map(|ca| ca.fill(values)).transpose()?;
        Ok(Self {
            url: Template::read_plain(&self.url.fill_by(values, in_url)?),
            ca: ca.map(|ca| Template::read_plain(&ca)),
            statement: self.statement.filled(values)?,
        })
    }

    pub(super) fn names<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        template::collect([&self.url].into_iter().chain(&self.ca), names);
        self.statement.names(names);
    }

    pub(super) fn look(&self, context: &Context<'_>, sink: &Sink<'_>) -> Result<Fields, Unseen> {
        // Nothing that is said holds the address: it may hold a password.
        let url = self.url.written();
        let ca = self.ca.as_ref().map(|ca| context.folder.join(ca.written()));
        let kind = kind(&url).ok_or_else(|| Unseen::new("this is no address of a database"))?;
        let seen = match kind {
            Kind::Sqlite => sqlite::ask(&url["sqlite:".len()..], &self.statement, context),
            Kind::Postgresql => {
                let (url, tls) = tls(&url)?;
                postgresql::ask(&url, tls, ca.as_deref(), &self.statement, context)
            }
            Kind::Mariadb => {
                let (url, tls) = tls(&url)?;
                mariadb::ask(&url, tls, ca, &self.statement, context)
            }
        };
        // Some functions of databases end without an error when their time is up.
        if context.is_over() {
            let reachable = seen.is_ok();
            let late = Unseen::reached(context.time_is_up());
            return Err(if reachable { late } else { seen.err().unwrap_or(late) });
        }
        let table = seen?;
        sink.show_fields(&table.shown());
        Ok(table.fields())
    }
}

/// Whether a connection is encrypted, and with whom that has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tls {
    No,
    /// Where the server offers it.
    Offered,
    Yes,
}

/// Takes what is said of encryption out of an address. Whoever encrypts also asks who it is.
fn tls(url: &str) -> Result<(String, Tls), Unseen> {
    let mut url = Url::parse(url).map_err(|_| Unseen::new("this is no address of a database"))?;
    let is_mode = |name: &str| matches!(name, "sslmode" | "ssl-mode" | "ssl_mode");
    let (modes, others): (Vec<_>, Vec<_>) =
        url.query_pairs().into_owned().partition(|(name, _)| is_mode(name));
    let mode = modes.first().map_or("disable", |(_, mode)| mode.as_str());
    let tls = match mode.to_ascii_lowercase().replace('_', "-").as_str() {
        "disable" | "disabled" => Tls::No,
        "allow" | "prefer" | "preferred" => Tls::Offered,
        "require" | "required" | "verify-ca" | "verify-full" | "verify-identity" => Tls::Yes,
        _ => return Err(Unseen::new("the address has an unknown `sslmode`")),
    };
    url.set_query(None);
    if !others.is_empty() {
        url.query_pairs_mut().extend_pairs(others);
    }
    Ok((url.into(), tls))
}

/// What came back: texts as the database writes them.
#[derive(Default)]
pub(super) struct Table {
    pub(super) columns: Vec<String>,
    rows: Vec<Vec<Option<String>>>,
    bytes: usize,
}

impl Table {
    pub(super) fn of(columns: Vec<String>) -> Self {
        Self { columns, ..Self::default() }
    }

    /// Takes a row, where there is room for it.
    pub(super) fn push(&mut self, row: Vec<Option<String>>) -> Result<(), Unseen> {
        self.bytes += row.iter().flatten().map(String::len).sum::<usize>() + row.len();
        if self.rows.len() == ROWS {
            return Err(Unseen::reached(format!("there are more than {ROWS} rows")));
        }
        if self.bytes > BYTES {
            let why = format!("the rows are longer than {} MiB", BYTES >> 20);
            return Err(Unseen::reached(why));
        }
        self.rows.push(row);
        Ok(())
    }

    /// All of one row of one column.
    fn value(&self) -> Option<&str> {
        match &self.rows[..] {
            [row] if row.len() == 1 => row[0].as_deref(),
            _ => None,
        }
    }

    fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        fields.insert("reachable".to_owned(), Value::Bool(true));
        fields.insert("value".to_owned(), json!(self.value()));
        fields.insert("count".to_owned(), json!(self.rows.len()));
        fields
    }

    fn shown(&self) -> Fields {
        let mut shown = self.fields();
        shown.insert("columns".to_owned(), json!(self.columns));
        shown.insert("rows".to_owned(), json!(self.rows));
        shown
    }
}

/// Bytes as a text; what is none is shown as `0x…`.
pub(super) fn text_of(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        // More than fits is refused as a row.
        Err(_) => format!("0x{}", digest::hex(&bytes[..bytes.len().min(BYTES)])),
    }
}
