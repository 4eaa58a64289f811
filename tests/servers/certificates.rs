//! Certificates of every sort, each shown by a server that answers over TLS.

use std::io::{BufRead, BufReader, Write};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::serve;

/// An authority of our own.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        Self::named("Test CA")
    }

    pub(crate) fn named(name: &str) -> Self {
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(rights(name), key).expect("an authority"))
    }

    /// An authority that this one vouches for.
    pub(crate) fn below(&self) -> Self {
        let key = KeyPair::generate().expect("a key");
        let below = CertifiedIssuer::signed_by(rights("Test CA below"), key, &self.0);
        Self(below.expect("an authority"))
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Serves TLS with a certificate for these names that ends in so many seconds.
    pub(crate) fn serve(&self, names: &[&str], seconds: i64) -> u16 {
        self.serve_with(names, seconds, &[])
    }

    /// The same, and shows the certificates of these authorities too.
    pub(crate) fn serve_with(&self, names: &[&str], seconds: i64, chain: &[&Self]) -> u16 {
        let key = KeyPair::generate().expect("a key");
        let own = params(names, seconds).signed_by(&key, &self.0).expect("a certificate");
        let chain = chain.iter().map(|authority| authority.0.der().clone());
        serve_tls(std::iter::once(own.der().clone()).chain(chain).collect(), &key)
    }
}

/// Serves TLS with a certificate that nobody but itself has signed.
pub(crate) fn self_signed(names: &[&str]) -> u16 {
    let key = KeyPair::generate().expect("a key");
    let certificate = params(names, 80_000).self_signed(&key).expect("a certificate");
    serve_tls(vec![certificate.der().clone()], &key)
}

fn rights(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(vec![]).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    params
}

fn params(names: &[&str], seconds: i64) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names");
    params.distinguished_name.push(DnType::CommonName, "shop");
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a time");
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(now.as_secs() - 1_000_000);
    params.not_after = epoch + Duration::from_secs(now.as_secs().saturating_add_signed(seconds));
    params
}

fn serve_tls(chain: Vec<CertificateDer<'static>>, key: &KeyPair) -> u16 {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocols")
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .expect("a certificate with its key");
    let config = Arc::new(config);
    serve(move |stream| {
        let connection = ServerConnection::new(config.clone()).expect("a connection");
        let mut stream = BufReader::new(StreamOwned::new(connection, stream));
        let mut line = String::new();
        // The client may leave at any time.
        while stream.read_line(&mut line).is_ok_and(|length| length > 2) {
            line.clear();
        }
        if line == "\r\n" {
            let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
            let _ = stream.get_mut().write_all(answer);
        }
    })
}
