//! PostgreSQL: the extended protocol, which takes one statement and its values apart, in a read-only
//! transaction.

use std::path::Path;
use std::sync::Arc;

use bytes::BytesMut;
use postgres::config::{Host, SslMode, SslNegotiation};
use postgres::error::SqlState;
use postgres::fallible_iterator::FallibleIterator;
use postgres::types::{Format, FromSql, IsNull, ToSql, Type};
use postgres::{Client, Config, Error, NoTls, Row, Statement as Prepared};
use rustls::ClientConfig;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use tokio_postgres_rustls::MakeRustlsConnect;

use super::bounded::{Bounded, Plain};
use super::observe::{Context, Unseen};
use super::sql::{BYTES, Table, Tls};
use super::statement::Statement;

pub(super) fn ask(
    url: &str,
    tls: Tls,
    ca: Option<&Path>,
    statement: &Statement,
    context: &Context<'_>,
) -> Result<Table, Unseen> {
    let mut config: Config = url
        .parse()
        .map_err(|error: Error| Unseen::new(format!("this is no address: {}", said(&error))))?;
    config.connect_timeout(context.left()).application_name("holdpoint");
    let hosts = config.get_hosts();
    let is_named = !hosts.is_empty() && hosts.iter().all(|host| matches!(host, Host::Tcp(_)));
    let client = match tls {
        // A socket of this machine; nothing but a name can be connected to by `Direct`.
        Tls::No if !is_named => config.ssl_mode(SslMode::Disable).connect(NoTls),
        Tls::No => {
            config.ssl_mode(SslMode::Require).ssl_negotiation(SslNegotiation::Direct);
            config.connect(Bounded(Plain))
        }
        Tls::Offered | Tls::Yes => {
            let mode = if tls == Tls::Yes { SslMode::Require } else { SslMode::Prefer };
            config.ssl_mode(mode).ssl_negotiation(SslNegotiation::Postgres);
            config.connect(Bounded(connector(ca).map_err(Unseen::new)?))
        }
    };
    let mut client = client.map_err(|error| match error.as_db_error() {
        Some(_) => Unseen::reached(said(&error)),
        None => Unseen::unconnected(&error, said(&error)),
    })?;
    let table = read(&mut client, statement, context);
    // It ends with the connection, too.
    let _ = client.batch_execute("ROLLBACK");
    table
}

fn connector(ca: Option<&Path>) -> Result<MakeRustlsConnect, String> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let trusted = ca.map(|path| {
        let certificates = CertificateDer::pem_file_iter(path).and_then(Iterator::collect);
        certificates.map_err(|error| format!("cannot read `{}`: {error}", path.display()))
    });
    let trusted: Vec<CertificateDer<'static>> = trusted.transpose()?.unwrap_or_default();
    let verifier =
        rustls_platform_verifier::Verifier::new_with_extra_roots(trusted, provider.clone());
    let verifier = verifier.map_err(|error| error.to_string())?;
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}

fn read(
    client: &mut Client,
    statement: &Statement,
    context: &Context<'_>,
) -> Result<Table, Unseen> {
    let why = |error: Error| match error.code() {
        Some(code) if *code == SqlState::QUERY_CANCELED => Unseen::reached(context.time_is_up()),
        _ => Unseen::reached(said(&error)),
    };
    let millis = context.left().as_millis();
    client
        .batch_execute(&format!("BEGIN READ ONLY; SET LOCAL statement_timeout = {millis}"))
        .map_err(why)?;
    let mut prepared = client.prepare(&statement.written(|at| format!("${at}"))).map_err(why)?;
    let columns: Vec<String> =
        prepared.columns().iter().map(|column| column.name().to_owned()).collect();
    if columns.is_empty() {
        return Err(Unseen::reached("the statement gives no columns"));
    }
    if statement.is_query {
        prepared = client.prepare(&as_texts(statement, &prepared)).map_err(why)?;
    }
    let mut table = Table::of(columns);
    let values = statement.values().map(Bound);
    let mut rows = client.query_raw(&prepared, values).map_err(why)?;
    while let Some(row) = rows.next().map_err(why)? {
        table.push(texts(&row).map_err(why)?)?;
    }
    Ok(table)
}

/// A query whose columns are the texts of those of another, as the server writes them, none of them
/// longer than may be kept.
fn as_texts(statement: &Statement, prepared: &Prepared) -> String {
    let columns = prepared.columns().iter().enumerate();
    let texts: Vec<String> = columns
        .map(|(at, column)| match *column.type_() {
            // Nothing is what such a function gives.
            Type::VOID => "NULL::text".to_owned(),
            _ => format!("pg_catalog.left(q.c{at}::text, {})", BYTES + 1),
        })
        .collect();
    let names: Vec<String> = (0..texts.len()).map(|at| format!("c{at}")).collect();
    let asked = statement.written(|at| format!("${at}"));
    format!("SELECT {} FROM (\n{asked}\n) AS q({})", texts.join(", "), names.join(", "))
}

fn texts(row: &Row) -> Result<Vec<Option<String>>, Error> {
    (0..row.len())
        .map(|at| row.try_get::<_, Option<Text>>(at).map(|text| text.map(|text| text.0)))
        .collect()
}

/// A value in the form that people write it, whatever type the server asks for.
#[derive(Debug)]
struct Bound(String);

impl ToSql for Bound {
    fn to_sql(
        &self,
        _: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        out.extend_from_slice(self.0.as_bytes());
        Ok(IsNull::No)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    fn encode_format(&self, _: &Type) -> Format {
        Format::Text
    }

    postgres::types::to_sql_checked!();
}

/// A value of a type whose binary form is its text.
struct Text(String);

impl<'a> FromSql<'a> for Text {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(std::str::from_utf8(raw)?.to_owned()))
    }

    fn accepts(ty: &Type) -> bool {
        [Type::TEXT, Type::VARCHAR, Type::NAME, Type::JSON, Type::XML, Type::UNKNOWN].contains(ty)
    }
}

/// What the server says, else the cause at the bottom.
fn said(error: &Error) -> String {
    if let Some(error) = error.as_db_error() {
        return format!("PostgreSQL: {}", error.message());
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}
