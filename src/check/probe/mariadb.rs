//! MariaDB and MySQL: a prepared statement, which is always one, in a read-only transaction.

use std::path::PathBuf;

use mysql::consts::ColumnType;
use mysql::prelude::Queryable;
use mysql::{Conn, DriverError, Error, Opts, OptsBuilder, Params, SslOpts, Value};

use super::address::is_answer;
use super::observe::{Context, Unseen};
use super::sql::{BYTES, Table, Tls, text_of};
use super::statement::Statement;

/// Errors of the server that mean that its time was up: MariaDB's and MySQL's.
const TIME_IS_UP: &[u16] = &[1969, 3024];

pub(super) fn ask(
    url: &str,
    tls: Tls,
    ca: Option<PathBuf>,
    statement: &Statement,
    context: &Context<'_>,
) -> Result<Table, Unseen> {
    // A second one is refused, and changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let url = url.replacen("mariadb://", "mysql://", 1);
    let opts =
        Opts::from_url(&url).map_err(|_| Unseen::new("this is no address of MariaDB or MySQL"))?;
    let ssl = match tls {
        Tls::No => None,
        Tls::Yes => Some(SslOpts::default().with_root_cert_path(ca)),
        Tls::Offered => {
            return Err(Unseen::new("write `sslmode=require` or `sslmode=disable`"));
        }
    };
    let opts = OptsBuilder::from_opts(opts)
        .prefer_socket(false)
        .tcp_connect_timeout(Some(context.left()))
        .read_timeout(Some(context.left() + std::time::Duration::from_millis(500)))
        // The reader waits in memory for all of a row.
        .max_allowed_packet(Some(2 * BYTES))
        .ssl_opts(ssl);
    let mut connection = Conn::new(opts).map_err(|error| match error {
        Error::MySqlError(_) => Unseen::reached(said(&error)),
        Error::DriverError(DriverError::CouldNotConnect(Some((.., kind)))) if is_answer(kind) => {
            Unseen::unreachable(said(&error))
        }
        _ => Unseen::unconnected(&error, said(&error)),
    })?;
    let table = read(&mut connection, statement, context)?;
    // It ends with the connection, too.
    let _ = connection.query_drop("ROLLBACK");
    Ok(table)
}

fn read(
    connection: &mut Conn,
    statement: &Statement,
    context: &Context<'_>,
) -> Result<Table, Unseen> {
    let why = |error: Error| match &error {
        Error::MySqlError(said) if TIME_IS_UP.contains(&said.code) => {
            Unseen::reached(context.time_is_up())
        }
        _ => Unseen::reached(said(&error)),
    };
    let version: Option<String> = connection.query_first("SELECT VERSION()").map_err(why)?;
    let millis = context.left().as_millis();
    let limit = match version.unwrap_or_default().contains("MariaDB") {
        true => format!("max_statement_time = {}.{:03}", millis / 1_000, millis % 1_000),
        false => format!("max_execution_time = {millis}"),
    };
    connection.query_drop(format!("SET SESSION {limit}")).map_err(why)?;
    connection.query_drop("START TRANSACTION READ ONLY").map_err(why)?;
    let prepared = connection.prep(statement.written(|_| "?".to_owned())).map_err(why)?;
    let values: Vec<Value> = statement.values().map(Value::from).collect();
    let values = if values.is_empty() { Params::Empty } else { Params::Positional(values) };
    let mut rows = connection.exec_iter(prepared, values).map_err(why)?;
    let columns = rows.columns();
    let types: Vec<ColumnType> =
        columns.as_ref().iter().map(|column| column.column_type()).collect();
    let names = columns.as_ref().iter().map(|column| column.name_str().into_owned());
    let mut table = Table::of(names.collect());
    if types.is_empty() {
        return Err(Unseen::reached("the statement gives no columns"));
    }
    let taken = rows.by_ref().try_for_each(|row| {
        let mut row = row.map_err(why)?;
        let values = types.iter().enumerate();
        table.push(values.map(|(at, ty)| shown(row.take(at)?, *ty)).collect())
    });
    if taken.is_err() {
        // They would be read to their end, however far that is; the connection ends here.
        std::mem::forget(rows);
    }
    taken.map(|()| table)
}

/// A value as the server would write it.
fn shown(value: Value, ty: ColumnType) -> Option<String> {
    let fraction = |micros: u32| match micros {
        0 => String::new(),
        micros => format!(".{micros:06}"),
    };
    Some(match value {
        Value::NULL => return None,
        Value::Bytes(bytes) => text_of(&bytes),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Double(number) => number.to_string(),
        Value::Date(year, month, day, ..) if ty == ColumnType::MYSQL_TYPE_DATE => {
            format!("{year:04}-{month:02}-{day:02}")
        }
        Value::Date(year, month, day, hour, minute, second, micros) => format!(
            "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}{}",
            fraction(micros)
        ),
        Value::Time(negative, days, hours, minutes, seconds, micros) => format!(
            "{}{:02}:{minutes:02}:{seconds:02}{}",
            if negative { "-" } else { "" },
            days * 24 + u32::from(hours),
            fraction(micros)
        ),
    })
}

fn said(error: &Error) -> String {
    match error {
        Error::MySqlError(error) => format!("the server: {}", error.message),
        Error::IoError(error) => error.to_string(),
        other => other.to_string(),
    }
}
