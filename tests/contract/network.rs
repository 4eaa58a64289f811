//! Probes that ask a server without a login: `http`, `promql`, `tls`, `tcp`, `dns`.

use super::{Cell, Expected, Ports, Row, asked, looks};
use crate::servers::{self, Vice, relay, saying};

pub(super) fn rows(at: &Ports) -> Vec<Row> {
    vec![http(at), promql(at), tls(at), tcp(at), dns()]
}

/// A connection that was refused, or on which nobody spoke.
const SILENT: [Expected; 2] =
    [("reachable == false", "pass", ""), ("reachable == true", "fail", "")];

fn http(at: &Ports) -> Row {
    let get = |port: u16, seconds: u8, expected: &[Expected]| {
        let head = format!("# timeout: {seconds}s\nGET http://127.0.0.1:{port}/health\n");
        looks("#", &head, expected)
    };
    let half = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 47\r\n\r\n{\"status\":", Vice::Cuts);
    let chunks =
        saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", Vice::Cuts);
    let half_head = relay(at.nginx, 20, Vice::Cuts);
    let strange = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n", Vice::Garbles);
    let packed = saying(
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 65536\r\n\r\n",
        Vice::Garbles,
    );
    let long = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n", Vice::Floods);
    let slow = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 47\r\n\r\n", Vice::Drips);
    Row {
        kind: "http",
        languages: &["http"],
        passes: asked([get(
            at.nginx,
            30,
            &[
                ("status == 200", "pass", ""),
                (".redis.connected == true", "pass", ""),
                ("header.content-type == \"application/json\"", "pass", ""),
                ("reachable == true", "pass", ""),
            ],
        )]),
        fails: asked([get(
            at.nginx,
            30,
            &[
                ("status == 204", "fail", "saw 200"),
                (".redis.connected == false", "fail", ""),
                ("reachable == false", "fail", ""),
            ],
        )]),
        cannot_connect: asked([
            get(servers::closed(), 10, &SILENT),
            get(servers::closed(), 10, &[("status != 200", "error", "refused")]),
        ]),
        times_out: asked([
            get(servers::silent(), 1, &SILENT),
            get(servers::full(), 1, &SILENT),
            get(servers::silent(), 1, &[("status != 200", "error", "in time")]),
        ]),
        is_cut_off: asked([
            get(
                half,
                10,
                &[
                    ("status == 200", "error", "broke off"),
                    ("reachable == false", "fail", ""),
                    ("body not contains error", "error", "broke off"),
                ],
            ),
            get(chunks, 10, &[("body contains hello", "error", "broke off")]),
            get(half_head, 10, &[("status == 200", "error", "")]),
        ]),
        answers_garbage: asked([
            get(
                saying(b"220 mail.test ESMTP\r\n", Vice::Garbles),
                10,
                &[("status != 200", "error", ""), ("reachable == false", "error", "")],
            ),
            get(
                strange,
                10,
                &[(".redis.connected == true", "error", ""), ("value < 5", "error", "")],
            ),
            get(packed, 10, &[("body not contains error", "error", "broke off")]),
        ]),
        answers_a_gigabyte: asked([
            get(
                servers::bomb(),
                120,
                &[("body not contains error", "error", "longer than 1024 MiB")],
            ),
            get(long, 120, &[("value == 0", "error", "")]),
            get(
                saying(b"HTTP/1.1 200 OK\r\nX: ", Vice::Floods),
                30,
                &[("status == 200", "error", "")],
            ),
        ]),
        drips: asked([
            get(slow, 3, &[("status == 200", "error", "")]),
            get(relay(at.nginx, 0, Vice::Drips), 3, &[("status != 200", "error", "")]),
        ]),
        is_cancelled: asked([get(servers::silent(), 30, &[("status == 200", "pending", "")])]),
    }
}

fn promql(at: &Ports) -> Row {
    let ask = |port: u16, seconds: u8, expected: &[Expected]| {
        let head = format!("# timeout: {seconds}s\n# server: http://127.0.0.1:{port}\nvector(7)");
        looks("#", &head, expected)
    };
    let endless =
        saying(b"HTTP/1.1 200 OK\r\n\r\n{\"status\":\"success\",\"data\":\"", Vice::Floods);
    let strange = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n", Vice::Garbles);
    let half =
        saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"status\":\"success\"", Vice::Cuts);
    let slow = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n", Vice::Drips);
    Row {
        kind: "promql",
        languages: &["promql"],
        passes: asked([ask(
            at.prometheus,
            30,
            &[("value == 7", "pass", ""), ("series == 1", "pass", "")],
        )]),
        fails: asked([ask(
            at.prometheus,
            30,
            &[
                ("value < 7", "fail", "7"),
                ("series == 0", "fail", ""),
                ("reachable == false", "fail", ""),
            ],
        )]),
        cannot_connect: asked([
            ask(servers::closed(), 10, &SILENT),
            ask(servers::closed(), 10, &[("series == 0", "error", "refused")]),
        ]),
        times_out: asked([
            ask(servers::silent(), 1, &SILENT),
            ask(servers::silent(), 1, &[("series == 0", "error", "in time")]),
        ]),
        is_cut_off: asked([ask(
            half,
            10,
            &[("series == 0", "error", "broke off"), ("reachable == false", "fail", "")],
        )]),
        answers_garbage: asked([ask(
            strange,
            10,
            &[("series == 0", "error", "no answer of Prometheus")],
        )]),
        answers_a_gigabyte: asked([ask(
            endless,
            60,
            &[("series == 0", "error", "longer than 8 MiB")],
        )]),
        drips: asked([ask(slow, 3, &[("series == 0", "error", "")])]),
        is_cancelled: asked([ask(servers::silent(), 30, &[("series == 0", "pending", "")])]),
    }
}

fn tls(at: &Ports) -> Row {
    let port = at.tls;
    let look = |port: u16, seconds: u8, expected: &[Expected]| {
        let head = format!("# timeout: {seconds}s\n# ca: ca.pem\nlocalhost:{port}");
        looks("#", &head, expected)
    };
    let unseen: [Expected; 4] =
        [("valid == false", "error", ""), ("days < 0", "error", ""), SILENT[0], SILENT[1]];
    Row {
        kind: "tls",
        languages: &["tls"],
        passes: asked([look(
            port,
            30,
            &[("valid == true", "pass", ""), ("days == 30", "pass", "")],
        )]),
        fails: asked([look(
            port,
            30,
            &[("valid == false", "fail", ""), ("days > 60", "fail", "30")],
        )]),
        cannot_connect: asked([look(servers::closed(), 10, &unseen)]),
        times_out: asked([look(servers::silent(), 1, &unseen), look(servers::full(), 1, &unseen)]),
        is_cut_off: asked(
            [0, 60, 400].map(|after| look(relay(port, after, Vice::Cuts), 10, &unseen[..2])),
        ),
        answers_garbage: asked(
            [0, 60].map(|after| look(relay(port, after, Vice::Garbles), 10, &unseen[..2])),
        ),
        answers_a_gigabyte: asked(
            [0, 60].map(|after| look(relay(port, after, Vice::Floods), 10, &unseen[..2])),
        ),
        drips: asked([0, 60].map(|after| look(relay(port, after, Vice::Drips), 3, &unseen[..2]))),
        is_cancelled: asked([look(servers::silent(), 30, &[("valid == true", "pending", "")])]),
    }
}

fn tcp(at: &Ports) -> Row {
    let look = |port: u16, seconds: u8, expected: &[Expected]| {
        looks("#", &format!("# timeout: {seconds}s\n127.0.0.1:{port}"), expected)
    };
    let refused: [Expected; 2] =
        [("connected == true", "fail", ""), ("connected == false", "pass", "")];
    let unread = Cell::Never;
    const WHY: &str = "a connection is all that is asked for: nothing is read from it";
    Row {
        kind: "tcp",
        languages: &["tcp"],
        passes: asked([look(at.redis, 30, &[("connected == true", "pass", "")])]),
        fails: asked([look(at.redis, 30, &[("connected == false", "fail", "")])]),
        cannot_connect: asked([look(servers::closed(), 10, &refused)]),
        times_out: asked([look(servers::full(), 1, &refused)]),
        is_cut_off: unread(WHY),
        answers_garbage: unread(WHY),
        answers_a_gigabyte: unread(WHY),
        drips: unread(WHY),
        is_cancelled: asked([look(servers::full(), 30, &[("connected == true", "pending", "")])]),
    }
}

fn dns() -> Row {
    let ask = |port: u16, question: &str, expected: &[Expected]| {
        looks("#", &format!("# timeout: 3s\n# resolver: 127.0.0.1:{port}\n{question}"), expected)
    };
    let sound = servers::name_server();
    let unsaid: [Expected; 3] = [
        ("exists == false", "error", ""),
        ("answers is empty", "error", ""),
        ("count == 0", "error", ""),
    ];
    let by = |vice| servers::name_server_with(Some(vice));
    Row {
        kind: "dns",
        languages: &["dns"],
        passes: asked([ask(
            sound,
            "shop.test A",
            &[("exists == true", "pass", ""), ("answers contains 192.0.2.2", "pass", "")],
        )]),
        fails: asked([ask(
            sound,
            "shop.test A",
            &[("count == 1", "fail", "2"), ("answers contains 192.0.2", "fail", "")],
        )]),
        cannot_connect: asked([ask(servers::closed(), "shop.test A", &unsaid)]),
        times_out: asked([ask(sound, "silent.shop.test A", &unsaid)]),
        is_cut_off: asked([ask(by(Vice::Cuts), "long.shop.test TXT", &unsaid)]),
        answers_garbage: asked([ask(by(Vice::Garbles), "long.shop.test TXT", &unsaid)]),
        answers_a_gigabyte: asked([ask(by(Vice::Floods), "long.shop.test TXT", &unsaid)]),
        drips: asked([ask(by(Vice::Drips), "long.shop.test TXT", &unsaid)]),
        is_cancelled: asked([looks(
            "#",
            &format!("# resolver: 127.0.0.1:{sound}\nsilent.shop.test A"),
            &[("exists == true", "pending", "")],
        )]),
    }
}
