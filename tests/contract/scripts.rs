//! Scripts and transcripts, here and by a real sshd.

use super::{Asked, Ports, Row, asked};
use crate::servers::{self, Vice, relay};

pub(super) fn rows(at: &Ports) -> Vec<Row> {
    let (here, there) = (None, Some("box"));
    let all = [bash, python, console].map(|words| words(at));
    let rows = all.into_iter().flat_map(|words| [row(&words, here), row(&words, there)]);
    rows.collect()
}

/// How hosts are reached that have a vice.
pub(super) fn places(sshd: u16) -> Vec<(&'static str, u16)> {
    vec![
        ("cut-0", relay(sshd, 0, Vice::Cuts)),
        ("cut-1500", relay(sshd, 1_500, Vice::Cuts)),
        ("cut-3000", relay(sshd, 3_000, Vice::Cuts)),
        ("garbled-0", relay(sshd, 0, Vice::Garbles)),
        ("garbled-3000", relay(sshd, 3_000, Vice::Garbles)),
        ("flooded-0", relay(sshd, 0, Vice::Floods)),
        ("flooded-3000", relay(sshd, 3_000, Vice::Floods)),
        ("dripping", relay(sshd, 0, Vice::Drips)),
        ("silent", servers::silent()),
    ]
}

/// A language, and what is written in it.
struct Words {
    kind: [&'static str; 2],
    languages: &'static [&'static str],
    /// Asks Redis, and expects its answer.
    asks: String,
    /// Expects another.
    asks_for_other: String,
    /// Asks where nobody listens.
    asks_nobody: String,
    sleeps: &'static str,
    /// Prints a half, and is killed.
    is_killed: &'static str,
    prints_garbage: &'static str,
    prints_a_gigabyte: &'static str,
    drips: &'static str,
}

fn bash(at: &Ports) -> Words {
    let ping = |port: u16| format!("redis-cli -h 127.0.0.1 -p {port} ping");
    Words {
        kind: ["bash", "bash-over-ssh"],
        languages: &["bash", "sh", "zsh"],
        asks: ping(at.redis) + "\n# Expected: PONG",
        asks_for_other: ping(at.redis) + "\n# Expected: PING",
        asks_nobody: ping(servers::closed()) + "\n# Expected: PONG",
        sleeps: "sleep 6\n# expect: exit == 0",
        is_killed: "printf half\nkill -9 $$\n# Expected: half",
        prints_garbage: "head -c 100000 /dev/urandom\n# expect: .redis.connected == true\nhead -c 100000 /dev/urandom\n# expect: value < 80%",
        prints_a_gigabyte: "head -c 1000000000 /dev/zero\n# expect: value == 0",
        drips: "while true; do printf 0; sleep 1; done\n# expect: value == 0",
    }
}

fn python(at: &Ports) -> Words {
    let ping = |port: u16| {
        format!(
            "import socket\nredis = socket.create_connection((\"127.0.0.1\", {port}))\nredis.sendall(b\"PING\\r\\n\")\nprint(redis.recv(64).decode().strip())"
        )
    };
    Words {
        kind: ["python", "python-over-ssh"],
        languages: &["python", "python3", "node", "javascript", "js", "ruby", "rb", "perl"],
        asks: ping(at.redis) + "\n# Expected: +PONG",
        asks_for_other: ping(at.redis) + "\n# Expected: +PING",
        asks_nobody: ping(servers::closed()) + "\n# Expected: +PONG",
        sleeps: "import time\ntime.sleep(6)\n# expect: exit == 0",
        is_killed: "import os\nprint(\"half\", flush=True)\nos.kill(os.getpid(), 9)\n# Expected: half",
        prints_garbage: "import os, sys\nsys.stdout.buffer.write(os.urandom(100000))\n# expect: .redis.connected == true",
        prints_a_gigabyte: "for _ in range(1000):\n    print(\"x\" * 999999)\n# expect: value == 0",
        drips: "import time\nwhile True:\n    print(0, end=\"\", flush=True)\n    time.sleep(1)\n# expect: value == 0",
    }
}

fn console(at: &Ports) -> Words {
    let ping = |port: u16| format!("$ redis-cli -h 127.0.0.1 -p {port} ping");
    Words {
        kind: ["console", "console-over-ssh"],
        languages: &["console"],
        asks: ping(at.redis) + "\nPONG",
        asks_for_other: ping(at.redis) + "\nPING",
        asks_nobody: ping(servers::closed()) + "\nPONG",
        sleeps: "$ sleep 6",
        is_killed: "$ printf half; kill -9 $$\nhalf",
        prints_garbage: "$ head -c 100000 /dev/urandom\n...",
        prints_a_gigabyte: "$ head -c 1000000000 /dev/zero\n...",
        drips: "$ while true; do printf 0; sleep 1; done\n...",
    }
}

/// A row of a language, on a host.
fn row(words: &Words, host: Option<&str>) -> Row {
    let at = |host: Option<&str>, timeout: &str, block: &str, outcome, why| {
        let on = host.map(|host| format!("# on: ssh://{host}\n")).unwrap_or_default();
        vec![Asked { block: format!("{on}# timeout: {timeout}\n{block}"), outcome, why }]
    };
    let one = |timeout: &str, block: &str, outcome, why| at(host, timeout, block, outcome, why);
    // What happens to the connection, where there is one.
    let by = |hosts: &[&str], timeout: &str, why: &'static str| {
        let all = hosts.iter().filter(|_| host.is_some());
        all.flat_map(|host| at(Some(host), timeout, &words.asks, "error", why)).collect::<Vec<_>>()
    };
    let refused = match host {
        None => one("30s", &words.asks_nobody, "fail", ""),
        Some(_) => by(&["gone"], "30s", "cannot reach ssh://gone"),
    };
    Row {
        kind: words.kind[usize::from(host.is_some())],
        languages: words.languages,
        passes: asked([one("30s", &words.asks, "pass", "")]),
        fails: asked([one("30s", &words.asks_for_other, "fail", "PONG")]),
        cannot_connect: asked([refused]),
        times_out: asked([
            one("2s", words.sleeps, "error", "timed out after 2s"),
            by(&["silent"], "1s", "timed out after 1s, and ssh://silent had not answered"),
        ]),
        is_cut_off: asked([
            one("30s", words.is_killed, "error", ""),
            by(&["cut-0", "cut-1500", "cut-3000"], "30s", ""),
        ]),
        answers_garbage: asked([
            one("30s", words.prints_garbage, "error", ""),
            by(&["garbled-0", "garbled-3000"], "30s", ""),
        ]),
        answers_a_gigabyte: asked([
            one("120s", words.prints_a_gigabyte, "error", ""),
            by(&["flooded-0", "flooded-3000"], "30s", ""),
        ]),
        drips: asked([
            one("3s", words.drips, "error", "timed out after 3s"),
            by(&["dripping"], "2s", "timed out after 2s"),
        ]),
        is_cancelled: asked([one("30s", words.sleeps, "pending", "")]),
    }
}
