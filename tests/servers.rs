//! Servers for tests, each a thread on a free port of loopback that ends with the test program.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, OpCode, ResponseCode};
use hickory_proto::rr::rdata::{A, CNAME, MX, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

/// Answers each connection in a thread of its own.
pub(crate) fn serve(each: impl Fn(TcpStream) + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("an address").port();
    let each = Arc::new(each);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let each = each.clone();
            std::thread::spawn(move || each(stream));
        }
    });
    port
}

/// A port on which nobody listens.
pub(crate) fn closed() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

/// Accepts connections, and says nothing.
pub(crate) fn silent() -> u16 {
    serve(|stream| {
        std::thread::sleep(Duration::from_secs(60));
        drop(stream);
    })
}

/// An authority of our own.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::new(vec![]).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, "Test CA");
        let key = KeyPair::generate().expect("a key");
        Self(CertifiedIssuer::self_signed(params, key).expect("an authority"))
    }

    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Serves TLS with a certificate for these names that ends in so many seconds.
    pub(crate) fn serve(&self, names: &[&str], seconds: i64) -> u16 {
        let key = KeyPair::generate().expect("a key");
        let certificate = params(names, seconds).signed_by(&key, &self.0).expect("a certificate");
        serve_tls(certificate.der().clone(), &key)
    }
}

/// Serves TLS with a certificate that nobody but itself has signed.
pub(crate) fn self_signed(names: &[&str]) -> u16 {
    let key = KeyPair::generate().expect("a key");
    let certificate = params(names, 86_400).self_signed(&key).expect("a certificate");
    serve_tls(certificate.der().clone(), &key)
}

fn params(names: &[&str], seconds: i64) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let mut params = CertificateParams::new(names).expect("names");
    params.distinguished_name.push(DnType::CommonName, "shop");
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time");
    let epoch = rcgen::date_time_ymd(1970, 1, 1);
    params.not_before = epoch + Duration::from_secs(now.as_secs() - 1_000_000);
    params.not_after = epoch + Duration::from_secs(now.as_secs().saturating_add_signed(seconds));
    params
}

fn serve_tls(certificate: CertificateDer<'static>, key: &KeyPair) -> u16 {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("protocols")
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a certificate with its key");
    let config = Arc::new(config);
    serve(move |mut stream| {
        let mut connection = rustls::ServerConnection::new(config.clone()).expect("a connection");
        // The client may leave at any time.
        let _ = connection.complete_io(&mut stream);
        let _ = stream.read(&mut [0]);
    })
}

/// A name server for `shop.test`, over UDP and TCP.
pub(crate) fn name_server() -> u16 {
    let (udp, tcp) = (0..50)
        .find_map(|_| {
            let tcp = TcpListener::bind("127.0.0.1:0").ok()?;
            let udp = UdpSocket::bind(tcp.local_addr().ok()?).ok()?;
            Some((udp, tcp))
        })
        .expect("a port that is free for both");
    let port = tcp.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok((length, from)) = udp.recv_from(&mut buffer) {
            let Some(answer) = answer(&buffer[..length]) else { continue };
            let mut bytes = answer.to_vec().expect("bytes");
            if bytes.len() > 1232 {
                bytes = answer.truncate().to_vec().expect("bytes");
            }
            // What answers another question is for nobody.
            udp.send_to(b"not for you", from).expect("sent");
            udp.send_to(&bytes, from).expect("sent");
        }
    });
    std::thread::spawn(move || {
        for mut stream in tcp.incoming().map_while(Result::ok) {
            let mut length = [0; 2];
            stream.read_exact(&mut length).expect("a length");
            let mut asked = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut asked).expect("a question");
            let bytes = answer(&asked).expect("an answer").to_vec().expect("bytes");
            let length = u16::try_from(bytes.len()).expect("short").to_be_bytes();
            stream.write_all(&[&length, bytes.as_slice()].concat()).expect("sent");
        }
    });
    port
}

/// What `shop.test` answers; nothing for names that begin with `silent`.
fn answer(bytes: &[u8]) -> Option<Message> {
    let asked = Message::from_vec(bytes).ok()?;
    let query = asked.queries.first()?.clone();
    let (name, kind) = (query.name.to_lowercase().to_ascii(), query.query_type);
    let mut answer = Message::response(asked.metadata.id, OpCode::Query);
    answer.metadata.recursion_available = true;
    let mut add = |owner: &str, ttl, data| {
        let owner = Name::from_ascii(owner).expect("a name");
        answer.add_answer(Record::from_rdata(owner, ttl, data));
    };
    let target = |name: &str| Name::from_ascii(name).expect("a name");
    let code = match (name.as_str(), kind) {
        ("shop.test.", RecordType::A) => {
            add("shop.test.", 300, RData::A(A::new(192, 0, 2, 1)));
            add("shop.test.", 60, RData::A(A::new(192, 0, 2, 2)));
            ResponseCode::NoError
        }
        ("www.shop.test.", RecordType::A) => {
            add("www.shop.test.", 30, RData::CNAME(CNAME(target("shop.test."))));
            add("shop.test.", 300, RData::A(A::new(192, 0, 2, 1)));
            ResponseCode::NoError
        }
        ("shop.test.", RecordType::MX) => {
            add("shop.test.", 300, RData::MX(MX::new(10, target("Mail.shop.test."))));
            ResponseCode::NoError
        }
        ("long.shop.test.", RecordType::TXT) => {
            let pieces = vec!["x".repeat(250); 8];
            add("long.shop.test.", 300, RData::TXT(TXT::new(pieces)));
            ResponseCode::NoError
        }
        ("shop.test.", _) => ResponseCode::NoError,
        ("broken.shop.test.", _) => ResponseCode::ServFail,
        (name, _) if name.starts_with("silent.") => return None,
        _ => ResponseCode::NXDomain,
    };
    answer.metadata.response_code = code;
    answer.add_query(query);
    Some(answer)
}
