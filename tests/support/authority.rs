//! A time-stamping authority on loopback: `openssl ts` behind a small web server.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// An authority with certificates of its own; its thread ends with the tests.
pub(crate) struct Authority {
    folder: TempDir,
    pub url: String,
}

const CONFIG: &str = "\
[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign
[tsa]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[web]
extendedKeyUsage = serverAuth,timeStamping
[stamps]
default_tsa = stamp
[stamp]
serial = serial
digests = sha256, sha512
default_policy = 1.2.3.4.1
accuracy = secs:1
certs = ca.pem
ess_cert_id_alg = sha256
signer_digest = sha256
";

impl Authority {
    /// Starts one whose certificate is for what a section of its settings says; `replays` makes it answer the same for
    /// ever.
    pub(crate) fn start(section: &str, replays: bool) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("tsa.cnf"), CONFIG).expect("settings");
        std::fs::write(folder.path().join("serial"), "01\n").expect("a number");
        let run = |line: &str| openssl(folder.path(), line);
        let key = "ecparam -name prime256v1 -genkey -noout -out";
        run(&format!("{key} ca.key"));
        run(&format!("{key} tsa.key"));
        run(
            "req -x509 -new -key ca.key -subj /CN=Stamps -days 30 -config tsa.cnf -extensions ca -out ca.pem",
        );
        run("req -new -key tsa.key -subj /CN=Stamp -config tsa.cnf -out tsa.csr");
        run(&format!(
            "x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 20 -extfile tsa.cnf -extensions {section} -out tsa.pem"
        ));
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let url = format!("http://{}/", listener.local_addr().expect("an address"));
        let place = folder.path().to_owned();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                serve(stream, &place, replays);
            }
        });
        Self { folder, url }
    }

    pub(crate) fn certificate(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// The digest that a policy names it by.
    pub(crate) fn digest(&self) -> String {
        openssl(self.folder.path(), "x509 -in ca.pem -outform der -out ca.der");
        let der = std::fs::read(self.folder.path().join("ca.der")).expect("a certificate");
        holdpoint::digest::Digest::of(&der).to_string()
    }

    /// As an auditor would check a time-stamp, with openssl alone.
    pub(crate) fn vouches(&self, data: &Path, stamp: &Path) -> bool {
        let mut command = Command::new("openssl");
        command.args(["ts", "-verify", "-data"]).arg(data).arg("-in").arg(stamp);
        command.arg("-CAfile").arg(self.certificate());
        command.output().is_ok_and(|output| output.status.success())
    }
}

fn openssl(folder: &Path, line: &str) {
    let output = Command::new("openssl").args(line.split(' ')).current_dir(folder).output();
    let output = output.expect("openssl is installed (apt-get install openssl)");
    assert!(output.status.success(), "openssl {line}: {output:?}");
}

/// Answers one request.
fn serve(mut stream: TcpStream, folder: &Path, replays: bool) {
    let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
    let (mut line, mut length) = (String::new(), 0);
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().expect("a length");
        }
        line.clear();
    }
    let mut query = vec![0; length];
    reader.read_exact(&mut query).expect("a request");
    let reply = folder.join("reply.tsr");
    if !replays || !reply.exists() {
        std::fs::write(folder.join("query.tsq"), query).expect("a query");
        openssl(
            folder,
            "ts -reply -config tsa.cnf -section stamp -queryfile query.tsq -signer tsa.pem -inkey tsa.key -out reply.tsr",
        );
    }
    let reply = std::fs::read(reply).expect("a reply");
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/timestamp-reply\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        reply.len()
    );
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&reply));
}
