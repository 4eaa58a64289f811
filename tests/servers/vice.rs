//! Servers that do what no server should, from some byte of their answers on.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::Command;
use std::time::Duration;

use super::serve;

/// How long whoever connects may take to speak first.
const TURN: Duration = Duration::from_millis(500);

/// What a server does instead of going on.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Vice {
    /// It hangs up.
    Cuts,
    /// It sends what nobody can read, and hangs up.
    Garbles,
    /// It sends a gigabyte.
    Floods,
    /// It sends a byte a second.
    Drips,
}

impl Vice {
    /// Until the other side is gone.
    pub(super) fn befall(self, mut client: &TcpStream) -> io::Result<()> {
        match self {
            Self::Cuts => {}
            Self::Garbles => client.write_all(&garbage(64 << 10))?,
            Self::Floods => {
                let piece = [b'0'; 64 << 10];
                (0..1_000_000_000 / piece.len()).try_for_each(|_| client.write_all(&piece))?;
            }
            Self::Drips => loop {
                client.write_all(b"0")?;
                std::thread::sleep(Duration::from_secs(1));
            },
        }
        client.shutdown(Shutdown::Both)
    }
}

/// Bytes of which none follows from the one before it.
fn garbage(length: usize) -> Vec<u8> {
    let mut seed = 1_u32;
    let next = || {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (seed >> 24) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// Passes on so many bytes of what a server says, and then has its vice.
pub(crate) fn relay(to: u16, after: u64, vice: Vice) -> u16 {
    serve(move |client| {
        let Ok(server) = TcpStream::connect(("127.0.0.1", to)) else { return };
        let (from, into) = (client.try_clone(), server.try_clone());
        std::thread::spawn(move || {
            if let (Ok(mut from), Ok(mut into)) = (from, into) {
                let _ = io::copy(&mut from, &mut into);
                let _ = into.shutdown(Shutdown::Write);
            }
        });
        // The client may leave at any time.
        let _ = io::copy(&mut (&server).take(after), &mut &client);
        let _ = vice.befall(&client);
        let _ = server.shutdown(Shutdown::Both);
    })
}

/// Answers whatever it is asked with these bytes, and then has its vice.
pub(crate) fn saying(answer: &'static [u8], vice: Vice) -> u16 {
    serve(move |mut client| {
        let _ = client.set_read_timeout(Some(TURN));
        let _ = client.read(&mut [0; 4096]);
        // The client may leave at any time.
        let _ = client.write_all(answer).and_then(|()| vice.befall(&client));
    })
}

/// A server of HTTP whose answer has a megabyte, and 1,100 when it is unpacked.
pub(crate) fn bomb() -> u16 {
    let pack = "import sys, zlib\npacker = zlib.compressobj(9, zlib.DEFLATED, -15)\nsys.stdout.buffer.write(packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_SYNC_FLUSH))";
    let packed = Command::new("python3").args(["-c", pack]).output();
    // What is flushed begins anew, and can be sent as often as one likes.
    let piece = packed.expect("python3 is installed (apt-get install python3)").stdout;
    serve(move |mut client| {
        let _ = client.read(&mut [0; 4096]);
        let head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n\x1f\x8b\x08\0\0\0\0\0\0\xff";
        // The client may leave at any time.
        let _ = client.write_all(head).and_then(|()| client.write_all(&piece.repeat(1_100)));
    })
}

/// A port whose queue is full: who connects to it waits.
pub(crate) fn full() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    let connect = || TcpStream::connect_timeout(&address, Duration::from_millis(300));
    let waiting: Vec<TcpStream> = std::iter::from_fn(|| connect().ok()).collect();
    std::thread::spawn(move || {
        std::thread::park();
        drop((listener, waiting));
    });
    address.port()
}
