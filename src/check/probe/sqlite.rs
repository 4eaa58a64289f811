//! SQLite: a file that is opened for reading.

use std::time::Instant;

use rusqlite::limits::Limit;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Error, ErrorCode, OpenFlags};

use super::observe::{Context, Unseen};
use super::sql::{Table, text_of};
use super::statement::Statement;

/// So many steps of SQLite pass between looks at the clock.
const STEPS: i32 = 10_000;

/// A value may be so long while a statement is evaluated: 32 MiB.
const LONGEST: i32 = 32 << 20;

pub(super) fn ask(
    path: &str,
    statement: &Statement,
    context: &Context<'_>,
) -> Result<Table, Unseen> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let path = context.folder.join(path.strip_prefix("//").unwrap_or(path));
    let is_missing = path.try_exists().is_ok_and(|exists| !exists);
    let mut connection =
        Connection::open_with_flags(path, flags).map_err(|error| match is_missing {
            true => Unseen::unreachable(said(&error)),
            false => Unseen::new(said(&error)),
        })?;
    read(&mut connection, statement, context).map_err(|error| match error {
        Trouble::Unseen(unseen) => unseen,
        Trouble::Sqlite(error) => match error.sqlite_error_code() {
            Some(ErrorCode::OperationInterrupted) => Unseen::reached(context.time_is_up()),
            _ => Unseen::reached(said(&error)),
        },
    })
}

enum Trouble {
    Sqlite(Error),
    Unseen(Unseen),
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        Self::Sqlite(error)
    }
}

impl From<Unseen> for Trouble {
    fn from(unseen: Unseen) -> Self {
        Self::Unseen(unseen)
    }
}

fn read(
    connection: &mut Connection,
    statement: &Statement,
    context: &Context<'_>,
) -> Result<Table, Trouble> {
    let end = context.until();
    connection.busy_timeout(context.left())?;
    connection.progress_handler(STEPS, Some(move || Instant::now() >= end))?;
    connection.pragma_update(None, "query_only", true)?;
    connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, LONGEST)?;
    let mut prepared = connection.prepare(&statement.written(|at| format!("?{at}")))?;
    if !prepared.readonly() {
        return Err(Unseen::reached("the statement does more than read").into());
    }
    for (at, value) in statement.values().enumerate() {
        bind(&mut prepared, at + 1, &value)?;
    }
    let mut table = Table::of(prepared.column_names().map(str::to_owned).collect());
    let width = table.columns.len();
    if width == 0 {
        return Err(Unseen::reached("the statement gives no columns").into());
    }
    let mut rows = prepared.raw_query();
    while let Some(row) = rows.next()? {
        let values = (0..width).map(|at| row.get_ref(at).map(shown));
        table.push(values.collect::<Result<_, _>>()?)?;
    }
    Ok(table)
}

/// SQLite orders numbers before all texts: what reads as a number is bound as one.
fn bind(prepared: &mut rusqlite::Statement<'_>, at: usize, value: &str) -> Result<(), Error> {
    let whole = value.parse::<i64>().ok().filter(|number| number.to_string() == value);
    let real = value.parse::<f64>().ok().filter(|number| number.to_string() == value);
    match (whole, real) {
        (Some(number), _) => prepared.raw_bind_parameter(at, number),
        (None, Some(number)) if number.is_finite() => prepared.raw_bind_parameter(at, number),
        _ => prepared.raw_bind_parameter(at, value),
    }
}

fn shown(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(format!("{number:?}")),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => Some(text_of(bytes)),
    }
}

fn said(error: &Error) -> String {
    match error {
        Error::SqliteFailure(failure, None) => format!("SQLite: {failure}"),
        Error::SqliteFailure(_, Some(why)) => format!("SQLite: {why}"),
        Error::SqlInputError { msg, .. } => format!("SQLite: {msg}"),
        other => other.to_string(),
    }
}
