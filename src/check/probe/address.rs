//! Hosts with ports, and connections to them within the time of a check.

use std::collections::BTreeSet;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use crate::check::Fault;
use crate::check::template::{self, Template, Values};

use super::Line;
use super::observe::Context;

/// So many lines are looked at, all at once.
const MOST: usize = 100;

/// So many addresses of one name are tried.
const ADDRESSES: usize = 16;

/// How long an address may keep the next one waiting (RFC 8305, 5).
const STAGGER: Duration = Duration::from_millis(250);

/// `host:port`, one a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Addresses {
    each: Vec<Template>,
    /// The port of a host without one.
    port: Option<u16>,
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) host: String,
    pub(super) port: u16,
}

/// Why there is no connection.
#[derive(Debug)]
pub(super) enum Refusal {
    /// Nobody is there, or nobody answers: that was observed.
    Silence(String),
    /// We could not ask.
    Unclear(String),
}

impl Addresses {
    pub(super) fn read(lines: &[Line<'_>], port: Option<u16>) -> Result<Self, Fault> {
        let mut each = Vec::new();
        for line in lines.iter().filter(|line| !line.text.trim().is_empty()) {
            let refuse = |message: String| {
                let example = if port.is_some() { "example.com:443" } else { "db.internal:5432" };
                Fault::new(line.number, "HP150", message, format!("write `{example}`"))
            };
            let template = Template::read(line.text.trim());
            if !template.has_names() {
                parse(line.text.trim(), port).map_err(refuse)?;
            }
            if each.len() == MOST {
                return Err(refuse(format!("more than {MOST} lines in one check")));
            }
            each.push(template);
        }
        Ok(Self { each, port })
    }

    pub(super) fn filled(&self, values: &Values) -> Result<Self, String> {
        let fill = |template: &Template| {
            let text = template.fill(values)?;
            parse(&text, self.port)?;
            Ok(Template::read_plain(&text))
        };
        let each = self.each.iter().map(fill).collect::<Result<_, String>>()?;
        Ok(Self { each, port: self.port })
    }

    pub(super) fn names<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        template::collect(&self.each, names);
    }

    /// Looks at all of them at once, so that one without an answer takes no time from the others.
    pub(super) fn look<T: Send>(
        &self,
        look: impl Fn(&Address) -> T + Sync,
    ) -> Result<Vec<T>, String> {
        let parsed = self.each.iter().map(|template| parse(&template.written(), self.port));
        let addresses: Vec<Address> = parsed.collect::<Result<_, _>>()?;
        Ok(std::thread::scope(|scope| {
            let threads: Vec<_> =
                addresses.iter().map(|address| scope.spawn(|| look(address))).collect();
            threads
                .into_iter()
                .map(|thread| {
                    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
                .collect()
        }))
    }
}

/// `host:port`, `[::1]:port`, or either without a port where there is one by `default`.
fn parse(text: &str, default: Option<u16>) -> Result<Address, String> {
    let refuse = || format!("`{text}` is no host and port");
    let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, "")) => (host, None),
        Some((host, rest)) => (host, Some(rest.strip_prefix(':').ok_or_else(refuse)?)),
        None => match text.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (text, None),
        },
    };
    let is_name = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    let is_host = if text.starts_with('[') {
        host.parse::<IpAddr>().is_ok_and(|address| address.is_ipv6())
    } else {
        is_name && host.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
    };
    let port = match port {
        Some(port) => port.parse().ok().filter(|port| *port > 0).ok_or_else(refuse)?,
        None => default.ok_or_else(|| format!("`{text}` has no port"))?,
    };
    if !is_host {
        return Err(refuse());
    }
    Ok(Address { host: host.to_owned(), port })
}

impl Address {
    /// As people write it.
    pub(super) fn written(&self) -> String {
        match self.host.contains(':') {
            true => format!("[{}]:{}", self.host, self.port),
            false => format!("{}:{}", self.host, self.port),
        }
    }

    /// Connects to the first of its addresses that answers.
    pub(super) fn connect(&self, context: &Context<'_>) -> Result<TcpStream, Refusal> {
        let addresses = self.resolve(context.left()).map_err(Refusal::Unclear)?;
        let mut waiting = addresses.into_iter().take(ADDRESSES);
        let (tell, told) = channel();
        let (mut open, mut silence, mut unclear) = (0, None, None);
        loop {
            if let Some(address) = waiting.next() {
                let (tell, left) = (tell.clone(), context.left());
                let connecting = std::thread::Builder::new().spawn(move || {
                    // Nobody listens any more where another was faster.
                    let _ = tell.send(TcpStream::connect_timeout(&address, left));
                });
                match connecting {
                    Ok(_) => open += 1,
                    Err(error) => unclear = Some(error.to_string()),
                }
            }
            if open == 0 && waiting.len() == 0 {
                break;
            }
            let patience = if waiting.len() > 0 { STAGGER } else { context.left() };
            match told.recv_timeout(patience.min(context.left())) {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => {
                    open -= 1;
                    let place = if is_answer(error.kind()) { &mut silence } else { &mut unclear };
                    *place = Some(said(&error));
                }
                Err(_) if context.is_over() => {
                    return Err(Refusal::Silence("no connection in time".to_owned()));
                }
                Err(_) => {}
            }
        }
        Err(match (silence, unclear) {
            (Some(why), _) => Refusal::Silence(why),
            (None, Some(why)) => Refusal::Unclear(why),
            (None, None) => Refusal::Unclear(format!("`{}` has no address", self.host)),
        })
    }

    /// The system's resolver knows no deadline.
    fn resolve(&self, left: Duration) -> Result<Vec<SocketAddr>, String> {
        if let Ok(address) = self.host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(address, self.port)]);
        }
        let (tell, told) = channel();
        let asked = (self.host.clone(), self.port);
        let resolving = std::thread::Builder::new().spawn(move || {
            let found = asked.to_socket_addrs().map(Iterator::collect::<Vec<_>>);
            // Nobody listens any more when it took too long.
            let _ = tell.send(found);
        });
        resolving.map_err(|error| error.to_string())?;
        received(&told, left, &self.host)
    }
}

fn received(
    told: &Receiver<io::Result<Vec<SocketAddr>>>,
    left: Duration,
    host: &str,
) -> Result<Vec<SocketAddr>, String> {
    match told.recv_timeout(left) {
        Ok(Ok(addresses)) => Ok(addresses),
        Ok(Err(error)) => Err(format!("`{host}` cannot be resolved: {error}")),
        Err(RecvTimeoutError::Timeout) => Err(format!("`{host}` was not resolved in time")),
        Err(RecvTimeoutError::Disconnected) => Err(format!("`{host}` cannot be resolved")),
    }
}

/// Whether an error says something about the other side, and not about our network.
pub(super) fn is_answer(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::HostUnreachable
            | ErrorKind::TimedOut
    )
}

/// An error in a few words.
fn said(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        ErrorKind::TimedOut => "no connection in time".to_owned(),
        _ => error.to_string(),
    }
}

/// A connection whose every read and write ends when the time of the check is over.
pub(super) struct Timed {
    pub(super) stream: TcpStream,
    pub(super) until: Instant,
}

impl Timed {
    fn left(&self) -> io::Result<Option<Duration>> {
        match self.until.saturating_duration_since(Instant::now()) {
            Duration::ZERO => Err(ErrorKind::TimedOut.into()),
            left => Ok(Some(left)),
        }
    }
}

/// A wait that ended looks to the system like one that would go on.
fn timed_out(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::WouldBlock => ErrorKind::TimedOut.into(),
        _ => error,
    }
}

impl Read for Timed {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        self.stream.set_read_timeout(self.left()?)?;
        self.stream.read(bytes).map_err(timed_out)
    }
}

impl Write for Timed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.set_write_timeout(self.left()?)?;
        self.stream.write(bytes).map_err(timed_out)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, default: Option<u16>) -> Option<(String, u16)> {
        parse(text, default).ok().map(|address| (address.host, address.port))
    }

    #[test]
    fn hosts_and_ports_are_told_apart() {
        let is = |host: &str, port| Some((host.to_owned(), port));
        assert_eq!(read("db.internal:5432", None), is("db.internal", 5432));
        assert_eq!(read("example.com", Some(443)), is("example.com", 443));
        assert_eq!(read("[::1]:8443", None), is("::1", 8443));
        assert_eq!(read("[2001:db8::1]", Some(443)), is("2001:db8::1", 443));
        assert_eq!(read("127.0.0.1:1", None), is("127.0.0.1", 1));
        for wrong in [
            "",
            ":443",
            "db",
            "db:",
            "db:0",
            "db:65536",
            "db:http",
            "db:5432:1",
            "::1:443",
            "https://db:443",
            "[db]:443",
            "[::1]443",
            "a b:1",
            "-x:1",
            "db:+1x",
            "user@db:1",
        ] {
            assert_eq!(read(wrong, None), None, "{wrong}");
        }
    }
}
