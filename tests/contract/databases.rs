//! `sql`, by each of its databases.

use super::{Cell, Expected, Ports, Row, asked, looks};
use crate::servers::{self, Vice, relay, saying};

pub(super) fn rows(at: &Ports) -> Vec<Row> {
    vec![postgresql(at), mariadb(at), sqlite()]
}

const GONE: [Expected; 3] = [
    ("reachable == false", "pass", ""),
    ("reachable == true", "fail", ""),
    ("count == 0", "error", "refused"),
];

/// Nothing is known of what was asked for.
const UNKNOWN: [Expected; 2] = [("count == 0", "error", ""), ("value == 7", "error", "")];

/// A database behind a port, asked for a statement.
fn ask(url: &str, seconds: u8, statement: &str, expected: &[Expected]) -> Vec<super::Asked> {
    looks("--", &format!("-- timeout: {seconds}s\n-- url: {url}\n{statement}"), expected)
}

fn postgresql(at: &Ports) -> Row {
    let url = |port: u16| format!("postgres://app:hunter2-pg@127.0.0.1:{port}/postgres");
    let ask = |port: u16, seconds, statement: &str, expected: &[Expected]| {
        ask(&url(port), seconds, statement, expected)
    };
    // The greeting, the login, and a whole answer are longer.
    let behind = |vice, after: &[u64], seconds| {
        let one =
            |after: &u64| ask(relay(at.postgresql, *after, vice), seconds, "SELECT 7", &UNKNOWN);
        after.iter().flat_map(one).collect::<Vec<_>>()
    };
    let many = "SELECT repeat('x', 1000000) FROM generate_series(1, 1000)";
    Row {
        kind: "postgresql",
        languages: &["sql"],
        passes: asked([ask(at.postgresql, 30, "SELECT 7", &[("value == 7", "pass", "")])]),
        fails: asked([ask(
            at.postgresql,
            30,
            "SELECT 7",
            &[("value < 7", "fail", "7"), ("reachable == false", "fail", "")],
        )]),
        cannot_connect: asked([ask(servers::closed(), 10, "SELECT 7", &GONE)]),
        times_out: asked([
            ask(at.postgresql, 1, "SELECT pg_sleep(60)", &[("count == 1", "error", "timed out")]),
            ask(servers::silent(), 1, "SELECT 7", &UNKNOWN),
            ask(servers::full(), 1, "SELECT 7", &UNKNOWN),
        ]),
        is_cut_off: asked([behind(Vice::Cuts, &[0, 10, 200, 450], 10)]),
        answers_garbage: asked([
            behind(Vice::Garbles, &[0, 10, 200, 450], 10),
            ask(saying(b"220 mail.test ESMTP\r\n", Vice::Cuts), 10, "SELECT 7", &UNKNOWN),
        ]),
        answers_a_gigabyte: asked([
            ask(at.postgresql, 60, many, &[("count == 1000", "error", "longer than 8 MiB")]),
            behind(Vice::Floods, &[0, 10, 200, 450], 20),
        ]),
        drips: asked([behind(Vice::Drips, &[0, 200], 3)]),
        is_cancelled: asked([
            ask(at.postgresql, 30, "SELECT pg_sleep(60)", &[("count == 1", "pending", "")]),
            ask(servers::silent(), 30, "SELECT 7", &[("count == 1", "pending", "")]),
        ]),
    }
}

fn mariadb(at: &Ports) -> Row {
    let url = |port: u16| format!("mysql://app:hunter2-maria@127.0.0.1:{port}/shop");
    let ask = |port: u16, seconds, statement: &str, expected: &[Expected]| {
        ask(&url(port), seconds, statement, expected)
    };
    let behind = |vice, after: &[u64], seconds| {
        let one = |after: &u64| ask(relay(at.mariadb, *after, vice), seconds, "SELECT 7", &UNKNOWN);
        after.iter().flat_map(one).collect::<Vec<_>>()
    };
    let forever = "SELECT count(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b";
    let many = "SELECT repeat('x', 1000000) FROM seq_1_to_1000";
    Row {
        kind: "mariadb",
        languages: &["sql"],
        passes: asked([ask(at.mariadb, 30, "SELECT 7", &[("value == 7", "pass", "")])]),
        fails: asked([ask(
            at.mariadb,
            30,
            "SELECT 7",
            &[("value < 7", "fail", "7"), ("reachable == false", "fail", "")],
        )]),
        cannot_connect: asked([ask(servers::closed(), 10, "SELECT 7", &GONE)]),
        times_out: asked([
            ask(at.mariadb, 1, forever, &[("count == 1", "error", "timed out")]),
            ask(servers::silent(), 1, "SELECT 7", &UNKNOWN),
            ask(servers::full(), 1, "SELECT 7", &UNKNOWN),
        ]),
        is_cut_off: asked([behind(Vice::Cuts, &[0, 10, 100, 250], 10)]),
        answers_garbage: asked([
            behind(Vice::Garbles, &[0, 10, 100, 250], 10),
            ask(saying(b"220 mail.test ESMTP\r\n", Vice::Cuts), 10, "SELECT 7", &UNKNOWN),
        ]),
        answers_a_gigabyte: asked([
            ask(at.mariadb, 60, many, &[("count == 1000", "error", "longer than 8 MiB")]),
            behind(Vice::Floods, &[0, 10, 100, 250], 20),
        ]),
        drips: asked([behind(Vice::Drips, &[0, 100], 3)]),
        is_cancelled: asked([
            ask(at.mariadb, 30, forever, &[("count == 1", "pending", "")]),
            ask(servers::silent(), 30, "SELECT 7", &[("count == 1", "pending", "")]),
        ]),
    }
}

fn sqlite() -> Row {
    let ask = |file: &str, seconds, statement: &str, expected: &[Expected]| {
        ask(&format!("sqlite:{file}"), seconds, statement, expected)
    };
    let forever =
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n";
    let many = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 1000) SELECT hex(zeroblob(500000)) FROM n";
    let count = "SELECT count(*) FROM orders";
    Row {
        kind: "sqlite",
        languages: &["sql"],
        passes: asked([ask("shop.db", 30, count, &[("value == 1000", "pass", "")])]),
        fails: asked([ask(
            "shop.db",
            30,
            count,
            &[("value < 1000", "fail", "1000"), ("reachable == false", "fail", "")],
        )]),
        cannot_connect: asked([ask(
            "nowhere.db",
            10,
            count,
            &[("reachable == false", "pass", ""), ("count == 0", "error", "")],
        )]),
        times_out: asked([ask(
            "shop.db",
            1,
            forever,
            &[("count == 1", "error", "timed out after 1s")],
        )]),
        is_cut_off: asked([ask(
            "half.db",
            10,
            "SELECT * FROM orders",
            &[("count == 0", "error", ""), ("count > 0", "error", "")],
        )]),
        answers_garbage: asked([ask("garbage", 10, count, &UNKNOWN)]),
        answers_a_gigabyte: asked([
            ask("shop.db", 30, many, &[("count == 1000", "error", "longer than 8 MiB")]),
            ask("shop.db", 30, "SELECT zeroblob(999999999)", &[("count == 1", "error", "")]),
        ]),
        drips: Cell::Never("what a file holds is there or is not: nobody waits for it"),
        is_cancelled: asked([ask("shop.db", 30, forever, &[("count == 1", "pending", "")])]),
    }
}
