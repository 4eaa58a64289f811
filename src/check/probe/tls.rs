//! `tls`: the certificates that a server shows, also where they are not to be trusted, and why not.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SecondsFormat};
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{
    CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature,
};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error,
    ProtocolVersion, SignatureScheme,
};
use rustls_platform_verifier::Verifier;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use x509_parser::extensions::GeneralName;

use crate::check::Fault;
use crate::check::field::told;
use crate::check::subject::{Output, Sort, Subjects};
use crate::check::template::{self, Template, Values};
use crate::digest::Digest;

use super::Parts;
use super::address::{Address, Addresses, Refusal, Timed};
use super::observe::{Context, Fields, Sink, Unseen};

pub(super) const DIRECTIVES: &[&str] = &["ca", "name"];
pub(super) const SUBJECTS: Subjects = Subjects {
    example: "days > 14",
    output: Output::Json,
    fields: &[
        ("reachable", Sort::Truth),
        ("valid", Sort::Truth),
        ("days", Sort::Plain),
        ("subject", Sort::Text),
        ("issuer", Sort::Text),
        ("names", Sort::List),
        ("protocol", Sort::Text),
        ("chain", Sort::Plain),
    ],
    families: &[],
};

const DAY: i64 = 86_400;

/// Servers, and how they are asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Ask {
    servers: Addresses,
    /// A file of certificates that are trusted besides the system's.
    ca: Option<Template>,
    /// The name that is asked for and has to be in the certificate, instead of the host.
    name: Option<Template>,
}

/// Reads lines of `host:port`.
pub(super) fn read(parts: &mut Parts<'_>) -> Result<Ask, Fault> {
    let mut own = |name| parts.own(name).map(|(line, value)| (line, Template::read(&value)));
    let (ca, name) = (own("ca"), own("name"));
    if let Some((line, name)) = name.as_ref().filter(|(_, name)| !name.has_names()) {
        server_name(&name.written())
            .map_err(|why| Fault::new(*line, "HP103", why, "write `# name: www.example.com`"))?;
    }
    let servers = Addresses::read(&parts.lines, Some(443))?;
    Ok(Ask { servers, ca: ca.map(|(_, ca)| ca), name: name.map(|(_, name)| name) })
}

/// A server, and what is wrong with it.
fn said(server: &Map<String, Value>) -> String {
    let parts = ["address", "why"].map(|name| server.get(name).and_then(Value::as_str));
    parts.into_iter().flatten().collect::<Vec<_>>().join(": ")
}

fn server_name(name: &str) -> Result<ServerName<'static>, String> {
    ServerName::try_from(name.to_owned()).map_err(|_| format!("`{name}` is no name of a server"))
}

impl Ask {
    pub(super) fn filled(&self, values: &Values) -> Result<Self, String> {
        let fill =
            |template: &Template| template.fill(values).map(|text| Template::read_plain(&text));
        Ok(Self {
            servers: self.servers.filled(values)?,
            ca: self.ca.as_ref().map(fill).transpose()?,
            name: self.name.as_ref().map(fill).transpose()?,
        })
    }

    pub(super) fn names<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        self.servers.names(names);
        template::collect(self.ca.iter().chain(&self.name), names);
    }

    pub(super) fn look(&self, context: &Context<'_>, sink: &Sink<'_>) -> Result<Fields, Unseen> {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let platform = self.platform(context, &provider).map_err(Unseen::new)?;
        let name = self.name.as_ref().map(Template::written);
        let look = |server: &Address| {
            let name = server_name(name.as_deref().unwrap_or(&server.host))?;
            let recorder = Arc::new(Recorder::new(platform.clone(), provider.clone()));
            let end = greet(server, name, &recorder, context);
            Ok::<_, String>(recorder.observation(server, end))
        };
        let servers = self.servers.look(look).map_err(Unseen::new)?;
        let servers: Vec<Map<String, Value>> =
            servers.into_iter().collect::<Result<_, _>>().map_err(Unseen::new)?;
        let mut fields = Fields::new();
        for (name, _) in SUBJECTS.fields {
            let each = servers
                .iter()
                .map(|server| told(server.get(*name).cloned().unwrap_or_default(), said(server)));
            fields.insert((*name).to_owned(), Value::Array(each.collect()));
        }
        let silent = servers.iter().find(|server| server["reachable"] != true);
        let why = silent.map(said);
        let servers = servers.into_iter().map(Value::Object).collect();
        sink.show_fields(&Fields::from_iter([("servers".to_owned(), Value::Array(servers))]));
        let Some(why) = why else { return Ok(fields) };
        fields.retain(|name, _| name == "reachable");
        Err(Unseen { why, fields })
    }

    /// What decides on trust: the system, and what `ca` adds. A system without certificates trusts
    /// nothing, which is not the server's fault.
    fn platform(
        &self,
        context: &Context<'_>,
        provider: &Arc<CryptoProvider>,
    ) -> Result<Result<Arc<Verifier>, String>, String> {
        let Some(ca) = &self.ca else {
            let system = Verifier::new(provider.clone());
            return Ok(system.map(Arc::new).map_err(|error| error.to_string()));
        };
        let path = ca.written();
        let bytes = context.file(&path)?;
        let roots: Vec<CertificateDer<'static>> = CertificateDer::pem_slice_iter(&bytes)
            .collect::<Result<_, _>>()
            .map_err(|error| format!("cannot read `{path}`: {error}"))?;
        if roots.is_empty() {
            return Err(format!("there is no certificate in `{path}`"));
        }
        let verifier = Verifier::new_with_extra_roots(roots, provider.clone());
        verifier
            .map(|verifier| Ok(Arc::new(verifier)))
            .map_err(|error| format!("cannot trust `{path}`: {error}"))
    }
}

/// Shakes hands with a server, as far as that goes, and says in which protocol.
fn greet(
    server: &Address,
    name: ServerName<'static>,
    recorder: &Arc<Recorder>,
    context: &Context<'_>,
) -> Result<Option<ProtocolVersion>, Refusal> {
    let unclear = |error: Error| Refusal::Unclear(error.to_string());
    let stream = server.connect(context)?;
    let config = ClientConfig::builder_with_provider(recorder.provider.clone())
        .with_safe_default_protocol_versions()
        .map_err(unclear)?;
    let mut config =
        config.dangerous().with_custom_certificate_verifier(recorder.clone()).with_no_client_auth();
    config.resumption = Resumption::disabled();
    let mut connection = ClientConnection::new(Arc::new(config), name).map_err(unclear)?;
    let mut stream = Timed { stream, until: context.until() };
    let end = connection.complete_io(&mut stream).map(drop);
    if recorder.has_seen() {
        return Ok(connection.protocol_version());
    }
    Err(Refusal::Silence(match end {
        Err(error) if error.kind() == std::io::ErrorKind::TimedOut => {
            "no certificate in time".to_owned()
        }
        Err(error) => format!("no certificate: {error}"),
        Ok(()) => "no certificate".to_owned(),
    }))
}

/// How a protocol has handshakes signed.
type Verify = fn(
    &[u8],
    &CertificateDer<'_>,
    &DigitallySignedStruct,
    &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, Error>;

/// Lets every certificate pass, and remembers what the platform's verifier says of it.
#[derive(Debug)]
struct Recorder {
    platform: Result<Arc<Verifier>, String>,
    provider: Arc<CryptoProvider>,
    seen: Mutex<Option<Seen>>,
}

#[derive(Debug)]
struct Seen {
    chain: Vec<CertificateDer<'static>>,
    now: UnixTime,
    /// Whether it is trusted; `None` where the system has nothing to judge it by.
    trust: Option<Result<(), String>>,
    /// Whether whoever shows it has its key; `None` where the handshake ended before.
    signed: Option<Result<(), String>>,
}

impl Recorder {
    fn new(platform: Result<Arc<Verifier>, String>, provider: Arc<CryptoProvider>) -> Self {
        Self { platform, provider, seen: Mutex::new(None) }
    }

    fn has_seen(&self) -> bool {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    /// Whether the handshake was signed with the key of the certificate.
    fn signed(
        &self,
        verify: Verify,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        let result = verify(message, certificate, signature, algorithms);
        if let Some(seen) = self.seen.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            seen.signed = Some(result.as_ref().map(drop).map_err(ToString::to_string));
        }
        result
    }

    /// What was seen of a server, by name.
    fn observation(
        &self,
        server: &Address,
        end: Result<Option<ProtocolVersion>, Refusal>,
    ) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("address".to_owned(), json!(server.written()));
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner).take();
        let (seen, protocol) = match (seen, end) {
            (Some(seen), Ok(protocol)) => (seen, protocol),
            (_, end) => {
                let (reachable, why) = match end {
                    Err(Refusal::Unclear(why)) => (None, why),
                    Err(Refusal::Silence(why)) => (Some(false), why),
                    Ok(_) => (Some(false), "no certificate".to_owned()),
                };
                fields.insert("reachable".to_owned(), json!(reachable));
                fields.insert("why".to_owned(), json!(why));
                return fields;
            }
        };
        fields.insert("reachable".to_owned(), json!(true));
        let (valid, why) = match (&seen.trust, &seen.signed) {
            (Some(Err(why)), _) => (Some(false), Some(why.clone())),
            (_, Some(Err(why))) => (Some(false), Some(format!("not signed with its key: {why}"))),
            (Some(Ok(())), Some(Ok(()))) => (Some(true), None),
            (None, _) => (None, self.platform.as_ref().err().cloned()),
            (_, None) => (None, Some("the handshake broke off".to_owned())),
        };
        fields.insert("valid".to_owned(), json!(valid));
        fields.extend(why.map(|why| ("why".to_owned(), json!(why))));
        fields.insert("protocol".to_owned(), json!(protocol.map(spoken)));
        fields.insert("chain".to_owned(), json!(seen.chain.len()));
        let now = i64::try_from(seen.now.as_secs()).unwrap_or(i64::MAX);
        fields.extend(seen.chain.first().map(|leaf| leaf_fields(leaf, now)).unwrap_or_default());
        fields
    }
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let trust = self.platform.as_ref().ok().map(|platform| {
            platform
                .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
                .map(drop)
                .map_err(|error| reason(&error, server_name, end_entity))
        });
        let chain = std::iter::once(end_entity).chain(intermediates);
        let chain = chain.map(|certificate| certificate.clone().into_owned()).collect();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        *seen = Some(Seen { chain, now, trust, signed: None });
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed(verify_tls12_signature, message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.signed(verify_tls13_signature, message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

/// Why a certificate is not trusted, in a few words.
fn reason(error: &Error, name: &ServerName<'_>, leaf: &CertificateDer<'_>) -> String {
    use CertificateError as Why;
    let Error::InvalidCertificate(why) = error else { return error.to_string() };
    match why {
        Why::Expired | Why::ExpiredContext { .. } => "a certificate has expired".to_owned(),
        Why::NotValidYet | Why::NotValidYetContext { .. } => {
            "a certificate is not valid yet".to_owned()
        }
        Why::NotValidForName | Why::NotValidForNameContext { .. } => {
            format!("it is not for `{}`", name.to_str())
        }
        Why::UnknownIssuer if is_self_signed(leaf) => "it is self-signed".to_owned(),
        Why::UnknownIssuer => "its issuer is not trusted".to_owned(),
        Why::BadSignature => "it is not signed by its issuer".to_owned(),
        Why::Revoked => "a certificate was revoked".to_owned(),
        Why::BadEncoding => "it cannot be read".to_owned(),
        other => other.to_string(),
    }
}

fn is_self_signed(leaf: &CertificateDer<'_>) -> bool {
    x509_parser::parse_x509_certificate(leaf)
        .is_ok_and(|(_, leaf)| leaf.subject().as_raw() == leaf.issuer().as_raw())
}

fn spoken(protocol: ProtocolVersion) -> String {
    match protocol {
        ProtocolVersion::TLSv1_2 => "TLSv1.2".to_owned(),
        ProtocolVersion::TLSv1_3 => "TLSv1.3".to_owned(),
        other => format!("{other:?}"),
    }
}

/// What the certificate of a server says; nothing where it cannot be read.
fn leaf_fields(leaf: &CertificateDer<'_>, now: i64) -> Map<String, Value> {
    let mut fields = Map::new();
    fields.insert("sha256".to_owned(), json!(Digest::of(leaf).to_string()));
    let Ok((_, certificate)) = x509_parser::parse_x509_certificate(leaf) else { return fields };
    let names = certificate.subject_alternative_name();
    let moment = |seconds: i64| {
        let moment = DateTime::from_timestamp(seconds, 0);
        json!(moment.map(|moment| moment.to_rfc3339_opts(SecondsFormat::Secs, true)))
    };
    let validity = certificate.validity();
    let until = validity.not_after.timestamp();
    let mut insert = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    insert("subject", json!(certificate.subject().to_string()));
    insert("issuer", json!(certificate.issuer().to_string()));
    insert("from", moment(validity.not_before.timestamp()));
    insert("until", moment(until));
    insert("days", json!(until.saturating_sub(now).div_euclid(DAY)));
    if let Ok(names) = names {
        let all = names.iter().flat_map(|names| &names.value.general_names);
        insert("names", all.filter_map(shown).map(Value::from).collect());
    }
    fields
}

/// A name that a server can be asked for.
fn shown(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(name.to_ascii_lowercase()),
        GeneralName::IPAddress(bytes) => {
            let four = <[u8; 4]>::try_from(*bytes).map(IpAddr::from);
            four.or_else(|_| <[u8; 16]>::try_from(*bytes).map(IpAddr::from))
                .ok()
                .map(|address| address.to_string())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_is_cut_or_damaged_anywhere_is_read_as_far_as_it_goes() {
        let names = vec!["Shop.test".to_owned(), "192.0.2.7".to_owned()];
        let made = rcgen::generate_simple_self_signed(names).expect("a certificate");
        let whole = made.cert.der().to_vec();
        let read = |bytes: &[u8]| leaf_fields(&CertificateDer::from(bytes.to_vec()), 0);
        assert_eq!(read(&whole)["names"], json!(["shop.test", "192.0.2.7"]));
        for at in 0..whole.len() {
            assert!(read(&whole[..at]).get("days").is_none(), "cut at {at}");
            let mut damaged = whole.clone();
            damaged[at] ^= 0xff;
            assert!(read(&damaged).contains_key("sha256"), "damaged at {at}");
        }
    }
}
