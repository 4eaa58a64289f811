//! Servers for tests, each a thread on a free port of loopback that ends with the test program.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use hickory_proto::op::{Message, OpCode, ResponseCode};
use hickory_proto::rr::rdata::{A, CNAME, MX, TXT};
use hickory_proto::rr::{Name, RData, Record, RecordType};

mod certificates;
mod vice;

pub(crate) use certificates::{Authority, self_signed};
pub(crate) use vice::{Vice, bomb, full, relay, saying};

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

/// A port on which nobody listens, nor will: it is one end of a connection for as long as the tests run.
pub(crate) fn closed() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let taken = TcpStream::connect(address).expect("a connection");
    let port = taken.local_addr().expect("an address").port();
    std::mem::forget((listener, taken));
    port
}

/// Accepts connections, and says nothing.
pub(crate) fn silent() -> u16 {
    serve(|stream| {
        std::thread::sleep(Duration::from_secs(60));
        drop(stream);
    })
}

/// A name server for `shop.test`, over UDP and TCP.
pub(crate) fn name_server() -> u16 {
    name_server_with(None)
}

/// The same, with a vice wherever an answer is too long for UDP.
pub(crate) fn name_server_with(vice: Option<Vice>) -> u16 {
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
            let whole = [&length, bytes.as_slice()].concat();
            // The client may leave at any time.
            let _ = match vice {
                None => stream.write_all(&whole),
                Some(vice) => stream.write_all(&whole[..20]).and_then(|()| vice.befall(&stream)),
            };
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
