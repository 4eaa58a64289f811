//! `dns`: one question to a name server, and what it answers (RFC 1035).

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

use hickory_proto::op::{Edns, Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::check::Fault;
use crate::check::subject::{Output, Sort, Subjects};
use crate::check::template::{self, Template, Values};

use super::Parts;
use super::address::Timed;
use super::observe::{Context, Fields, Sink, Unseen};

pub(super) const DIRECTIVES: &[&str] = &["resolver"];
pub(super) const SUBJECTS: Subjects = Subjects {
    example: "exists == true",
    output: Output::Json,
    fields: &[
        ("exists", Sort::Truth),
        ("answers", Sort::List),
        ("count", Sort::Plain),
        ("ttl", Sort::Seconds),
    ],
    families: &[],
};

/// Types that can be asked for.
const TYPES: &[(&str, RecordType)] = &[
    ("A", RecordType::A),
    ("AAAA", RecordType::AAAA),
    ("CAA", RecordType::CAA),
    ("CNAME", RecordType::CNAME),
    ("MX", RecordType::MX),
    ("NS", RecordType::NS),
    ("PTR", RecordType::PTR),
    ("SOA", RecordType::SOA),
    ("SRV", RecordType::SRV),
    ("TXT", RecordType::TXT),
];

/// The resolvers of the system.
const SYSTEM: &str = "/etc/resolv.conf";

/// How long each server is waited for, in the first round, the second and the third.
const PATIENCE: [Duration; 3] =
    [Duration::from_secs(2), Duration::from_secs(3), Duration::from_secs(5)];

/// So many aliases may lead to an answer.
const ALIASES: usize = 16;

/// What crosses every network in one datagram.
const DATAGRAM: u16 = 1232;

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in super::super) struct Ask {
    name: Template,
    kind: String,
    /// Whom to ask, instead of the system's resolvers.
    resolver: Option<Template>,
}

/// Reads a line with a name and a type.
pub(super) fn read(parts: &mut Parts<'_>) -> Result<Ask, Fault> {
    let resolver = parts.own("resolver");
    if let Some((line, written)) = &resolver
        && !Template::read(written).has_names()
    {
        server(written)
            .map_err(|why| Fault::new(*line, "HP103", why, "write `# resolver: 9.9.9.9`"))?;
    }
    let mut lines = parts.lines.iter().filter(|line| !line.text.trim().is_empty());
    let first = lines.next();
    let number = lines.next().or(first).map_or(0, |line| line.number);
    let refuse = |message: String| {
        Fault::new(number, "HP150", message, "write one line, such as `example.com MX`")
    };
    if first.is_some_and(|first| first.number != number) {
        return Err(refuse("a check asks one question".to_owned()));
    }
    let text = first.map_or("", |line| line.text.trim());
    let (name, kind) = text
        .rsplit_once(char::is_whitespace)
        .ok_or_else(|| refuse(format!("`{text}` is no name and type")))?;
    let (name, kind) = (name.trim(), kind.to_ascii_uppercase());
    if !TYPES.iter().any(|(known, _)| *known == kind) {
        let known: Vec<&str> = TYPES.iter().map(|(known, _)| *known).collect();
        let message = format!("`{kind}` is no type of records that can be asked for");
        return Err(Fault::new(number, "HP150", message, format!("known are {}", known.join(" "))));
    }
    let template = Template::read(name);
    if !template.has_names() {
        query(name, &kind).map_err(refuse)?;
    }
    let resolver = resolver.map(|(_, written)| Template::read(&written));
    Ok(Ask { name: template, kind, resolver })
}

/// The question for a name and a type; `PTR` also takes an address.
fn query(name: &str, kind: &str) -> Result<Query, String> {
    let known = TYPES.iter().find(|(known, _)| *known == kind).map(|(_, kind)| *kind);
    let kind = known.ok_or_else(|| format!("`{kind}` is no type of records"))?;
    let asked = match name.parse::<IpAddr>() {
        Ok(address) if kind == RecordType::PTR => Ok(Name::from(address)),
        Ok(_) => return Err(format!("`{name}` is an address, which only `PTR` is for")),
        Err(_) => Name::from_str_relaxed(name),
    };
    let mut asked = asked
        .ok()
        .filter(|_| !name.is_empty() && !name.contains(char::is_whitespace))
        .ok_or_else(|| format!("`{name}` is no name"))?;
    asked.set_fqdn(true);
    Ok(Query::query(asked, kind))
}

/// The address of a name server, with its port where it is another than 53.
fn server(text: &str) -> Result<SocketAddr, String> {
    let host = text.parse::<IpAddr>().map(|ip| SocketAddr::new(ip, 53));
    host.or_else(|_| text.parse()).map_err(|_| format!("`{text}` is no address of a resolver"))
}

impl Ask {
    pub(super) fn filled(&self, values: &Values) -> Result<Self, String> {
        let name = self.name.fill(values)?;
        query(&name, &self.kind)?;
        let resolver = self.resolver.as_ref().map(|resolver| {
            let resolver = resolver.fill(values)?;
            server(&resolver)?;
            Ok::<_, String>(Template::read_plain(&resolver))
        });
        Ok(Self {
            name: Template::read_plain(&name),
            kind: self.kind.clone(),
            resolver: resolver.transpose()?,
        })
    }

    pub(super) fn names<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        template::collect([&self.name].into_iter().chain(&self.resolver), names);
    }

    pub(super) fn look(&self, context: &Context<'_>, sink: &Sink<'_>) -> Result<Fields, Unseen> {
        let query = query(&self.name.written(), &self.kind).map_err(Unseen::new)?;
        let servers = self.servers().map_err(Unseen::new)?;
        let (server, found) = ask_all(&servers, &query, context).map_err(Unseen::new)?;
        let mut fields = Fields::new();
        fields.insert("exists".to_owned(), json!(!found.answers.is_empty()));
        fields.insert("count".to_owned(), json!(found.answers.len()));
        fields.insert("answers".to_owned(), json!(found.answers));
        fields.extend(found.ttl.map(|ttl| ("ttl".to_owned(), json!(ttl))));
        let mut shown = fields.clone();
        shown.insert("name".to_owned(), json!(written(&query.name)));
        shown.insert("type".to_owned(), json!(self.kind));
        shown.insert("aliases".to_owned(), json!(found.aliases));
        shown.insert("resolver".to_owned(), json!(server.to_string()));
        sink.show_fields(&shown);
        Ok(fields)
    }

    fn servers(&self) -> Result<Vec<SocketAddr>, String> {
        if let Some(resolver) = &self.resolver {
            return server(&resolver.written()).map(|server| vec![server]);
        }
        let text = std::fs::read_to_string(SYSTEM)
            .map_err(|error| format!("cannot read `{SYSTEM}`: {error}; write `# resolver:`"))?;
        let servers = text.lines().filter_map(|line| {
            let mut words = line.split_whitespace();
            (words.next() == Some("nameserver")).then(|| words.next()).flatten()
        });
        let servers: Vec<SocketAddr> = servers.filter_map(|text| server(text).ok()).collect();
        match servers.is_empty() {
            true => Err(format!("`{SYSTEM}` names no resolver; write `# resolver:`")),
            false => Ok(servers),
        }
    }
}

/// What a name server says of a name.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    answers: Vec<String>,
    /// Names that the name stands for.
    aliases: Vec<String>,
    /// The smallest.
    ttl: Option<u32>,
}

/// Asks one server after the other until one answers, for three rounds.
fn ask_all(
    servers: &[SocketAddr],
    query: &Query,
    context: &Context<'_>,
) -> Result<(SocketAddr, Found), String> {
    let mut why = "no resolver".to_owned();
    for patience in PATIENCE {
        for server in servers {
            if context.is_over() {
                return Err(why);
            }
            let until = context.until().min(Instant::now() + patience);
            match ask(*server, query, until).and_then(|answer| read_answer(&answer, query)) {
                Ok(found) => return Ok((*server, found)),
                Err(reason) => why = format!("{server}: {reason}"),
            }
        }
    }
    Err(why)
}

/// Asks over UDP, and over TCP where the answer is too long for that.
fn ask(server: SocketAddr, query: &Query, until: Instant) -> Result<Message, String> {
    let mut message = Message::query();
    message.metadata.recursion_desired = true;
    message.add_query(query.clone());
    let mut edns = Edns::new();
    edns.set_max_payload(DATAGRAM);
    message.set_edns(edns);
    let bytes = message.to_vec().map_err(|error| error.to_string())?;
    let answer = over_udp(server, &bytes, &message, until).map_err(said)?;
    if !answer.metadata.truncation {
        return Ok(answer);
    }
    let answer = over_tcp(server, &bytes, until).map_err(said)?;
    match Message::from_vec(&answer) {
        Ok(answer) if is_answer(&answer, &message) && !answer.metadata.truncation => Ok(answer),
        Ok(_) => Err("it answers another question".to_owned()),
        Err(error) => Err(format!("its answer cannot be read: {error}")),
    }
}

fn over_udp(
    server: SocketAddr,
    bytes: &[u8],
    asked: &Message,
    until: Instant,
) -> std::io::Result<Message> {
    let any: IpAddr = if server.is_ipv4() { [0; 4].into() } else { [0; 16].into() };
    let socket = UdpSocket::bind((any, 0))?;
    socket.connect(server)?;
    socket.send(bytes)?;
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(ErrorKind::TimedOut.into());
        }
        socket.set_read_timeout(Some(left))?;
        let length = socket.recv(&mut buffer)?;
        // Anybody can send a datagram: what is no answer to this question is not for us.
        match Message::from_vec(&buffer[..length]) {
            Ok(answer) if is_answer(&answer, asked) => return Ok(answer),
            _ => {}
        }
    }
}

fn over_tcp(server: SocketAddr, bytes: &[u8], until: Instant) -> std::io::Result<Vec<u8>> {
    let left = until.saturating_duration_since(Instant::now()).max(Duration::from_millis(1));
    let mut stream = Timed { stream: TcpStream::connect_timeout(&server, left)?, until };
    let length = u16::try_from(bytes.len()).map_err(|_| ErrorKind::InvalidInput)?;
    stream.write_all(&[&length.to_be_bytes(), bytes].concat())?;
    let mut length = [0; 2];
    stream.read_exact(&mut length)?;
    let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut answer)?;
    Ok(answer)
}

fn said(error: std::io::Error) -> String {
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => "no answer in time".to_owned(),
        ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        _ => error.to_string(),
    }
}

fn is_answer(answer: &Message, asked: &Message) -> bool {
    let same = |one: &Query, other: &Query| {
        one.query_type == other.query_type
            && one.query_class == other.query_class
            && one.name.to_lowercase() == other.name.to_lowercase()
    };
    answer.metadata.id == asked.metadata.id
        && answer.metadata.message_type == MessageType::Response
        && answer.queries.len() == 1
        && same(&answer.queries[0], &asked.queries[0])
}

/// What an answer says of the name. That there is nothing has to be said by somebody who knows.
fn read_answer(answer: &Message, query: &Query) -> Result<Found, String> {
    let metadata = &answer.metadata;
    let code = metadata.response_code;
    if !matches!(code, ResponseCode::NoError | ResponseCode::NXDomain) {
        return Err(format!("it answers with an error: {code}"));
    }
    let mut name = query.name.to_lowercase();
    let mut used: Vec<&Record> = Vec::new();
    let mut aliases = Vec::new();
    let is_alias = |record: &&Record| matches!(record.data, RData::CNAME(_));
    let of = |name: &Name, record: &&Record| record.name.to_lowercase() == *name;
    if query.query_type != RecordType::CNAME {
        let next =
            |name: &Name| answer.answers.iter().filter(is_alias).find(|record| of(name, record));
        while let Some(record) = next(&name) {
            let RData::CNAME(target) = &record.data else { break };
            if used.len() == ALIASES {
                return Err("its aliases do not end".to_owned());
            }
            name = target.0.to_lowercase();
            aliases.push(written(&name));
            used.push(record);
        }
    }
    let found: Vec<&Record> = answer
        .answers
        .iter()
        .filter(|record| record.record_type() == query.query_type && of(&name, record))
        .collect();
    if found.is_empty() && code == ResponseCode::NoError {
        let has = |kind| answer.authorities.iter().any(|record| record.record_type() == kind);
        let knows = metadata.recursion_available || metadata.authoritative && aliases.is_empty();
        if !knows || has(RecordType::NS) && !has(RecordType::SOA) {
            return Err("it does not know, and refers to others".to_owned());
        }
    }
    let ttl = match found.is_empty() {
        true => None,
        false => used.iter().chain(&found).map(|record| record.ttl).min(),
    };
    let mut answers: Vec<String> = found.iter().map(|record| shown(&record.data)).collect();
    answers.sort();
    Ok(Found { answers, aliases, ttl })
}

/// A name without the dot of the root.
fn written(name: &Name) -> String {
    let text = name.to_lowercase().to_ascii();
    match text.strip_suffix('.') {
        Some("") | None => text,
        Some(name) => name.to_owned(),
    }
}

/// What a record holds, as zone files write it; names without the last dot.
fn shown(data: &RData) -> String {
    match data {
        RData::CNAME(name) => written(&name.0),
        RData::NS(name) => written(&name.0),
        RData::PTR(name) => written(&name.0),
        RData::MX(mx) => format!("{} {}", mx.preference, written(&mx.exchange)),
        RData::SRV(srv) => {
            format!("{} {} {} {}", srv.priority, srv.weight, srv.port, written(&srv.target))
        }
        RData::SOA(soa) => format!(
            "{} {} {} {} {} {} {}",
            written(&soa.mname),
            written(&soa.rname),
            soa.serial,
            soa.refresh,
            soa.retry,
            soa.expire,
            soa.minimum
        ),
        // One text, in pieces only because a piece has a length of one byte.
        RData::TXT(txt) => String::from_utf8_lossy(&txt.txt_data.concat()).into_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hickory_proto::op::OpCode;
    use hickory_proto::rr::rdata::{A, CNAME};

    fn name(text: &str) -> Name {
        let mut name = Name::from_str_relaxed(text).expect("a name");
        name.set_fqdn(true);
        name
    }

    fn answer(code: ResponseCode, records: &[(&str, u32, RData)]) -> Message {
        let mut answer = Message::response(1, OpCode::Query);
        answer.metadata.response_code = code;
        answer.metadata.recursion_available = true;
        for (owner, ttl, data) in records {
            answer.add_answer(Record::from_rdata(name(owner), *ttl, data.clone()));
        }
        answer
    }

    fn address(last: u8) -> RData {
        RData::A(A::new(192, 0, 2, last))
    }

    fn alias(target: &str) -> RData {
        RData::CNAME(CNAME(name(target)))
    }

    #[test]
    fn answers_are_those_of_the_name_and_of_what_it_stands_for() {
        let query = query("www.Example.com", "A").expect("a question");
        let records = [
            ("WWW.example.com", 300, alias("edge.example.net")),
            ("edge.example.net", 60, address(2)),
            ("edge.example.net", 60, address(1)),
            ("bank.example", 5, address(9)),
        ];
        let found = read_answer(&answer(ResponseCode::NoError, &records), &query);
        let wanted = Found {
            answers: vec!["192.0.2.1".to_owned(), "192.0.2.2".to_owned()],
            aliases: vec!["edge.example.net".to_owned()],
            ttl: Some(60),
        };
        assert_eq!(found, Ok(wanted));
    }

    #[test]
    fn only_who_knows_can_say_that_there_is_nothing() {
        let query = query("gone.example.com", "A").expect("a question");
        let nothing = |answer: &Message| read_answer(answer, &query).map(|found| found.answers);
        assert_eq!(nothing(&answer(ResponseCode::NXDomain, &[])), Ok(vec![]));
        assert_eq!(nothing(&answer(ResponseCode::NoError, &[])), Ok(vec![]));
        for code in [ResponseCode::ServFail, ResponseCode::Refused, ResponseCode::NotImp] {
            assert!(nothing(&answer(code, &[])).is_err(), "{code}");
        }
        let mut ignorant = answer(ResponseCode::NoError, &[]);
        ignorant.metadata.recursion_available = false;
        assert!(nothing(&ignorant).is_err(), "neither authoritative nor recursive");
        ignorant.metadata.authoritative = true;
        assert_eq!(nothing(&ignorant), Ok(vec![]));
        ignorant.add_answer(Record::from_rdata(name("gone.example.com"), 1, alias("x.example")));
        assert!(nothing(&ignorant).is_err(), "the alias leads into a zone of others");
    }

    #[test]
    fn aliases_in_a_circle_are_no_answer() {
        let query = query("a.example", "A").expect("a question");
        let records = [("a.example", 1, alias("b.example")), ("b.example", 1, alias("a.example"))];
        assert!(read_answer(&answer(ResponseCode::NoError, &records), &query).is_err());
    }

    #[test]
    fn questions_are_read() {
        assert!(query("_dmarc.example.com", "TXT").is_ok());
        assert!(query("example.com.", "MX").is_ok());
        let reverse = query("192.0.2.10", "PTR").expect("a question");
        assert_eq!(written(&reverse.name), "10.2.0.192.in-addr.arpa");
        for (name, kind) in [("192.0.2.10", "A"), ("", "A"), ("a b", "A"), ("a..b", "A")] {
            assert!(query(name, kind).is_err(), "{name} {kind}");
        }
        assert_eq!(server("127.0.0.1:5353").map(|server| server.port()), Ok(5353));
        assert_eq!(server("::1").map(|server| server.port()), Ok(53));
        assert!(server("dns.example").is_err());
    }
}
