//! Checks against real PostgreSQL, MariaDB, SQLite and Prometheus.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::servers::{Vice, saying};
use crate::support::Case;
use crate::support::service::{Service, free_port};

/// A check: its item, what it says, and what it comes to: its outcome, and a part of why.
pub(super) type Check<'c> = (&'c str, String, &'c str, &'c str);

/// A document of checks in a language that may see `URL` and `VALUE`.
fn document(language: &str, checks: &[Check<'_>]) -> String {
    let head = "---\nenv: [URL, VALUE]\n---\n# R\n\n".to_owned();
    checks.iter().fold(head, |document, (id, content, ..)| {
        let content = content.replace('\n', "\n  ");
        format!("{document}- [ ] {id} `#{id}`\n  ```{language} check\n  {content}\n  ```\n")
    })
}

/// Runs checks, and holds each against what it is to come to.
#[track_caller]
pub(super) fn come_to(language: &str, url: &str, checks: &[Check<'_>]) -> Case {
    let case =
        Case::with(&document(language, checks)).set("URL", url).set("VALUE", "it's; DROP \"x\"");
    let done = case.run_list();
    let outcomes = case.run(&["status", "--format", "json"]).outcomes();
    for (id, _, outcome, why) in checks {
        let found = outcomes.get(*id).unwrap_or_else(|| panic!("no `{id}`: {}", done.err));
        assert_eq!(&found.0, outcome, "{id}: {}", found.1);
        assert!(found.1.contains(why), "{id}: no `{why}` in {}", found.1);
    }
    case
}

/// Nothing that was written down or said holds a text.
#[track_caller]
fn nowhere(case: &Case, text: &str) {
    for path in case.files(".", "") {
        let bytes = std::fs::read(&path).expect("a file");
        assert!(!String::from_utf8_lossy(&bytes).contains(text), "{}", path.display());
    }
}

/// A statement and what is expected of it, with the address of its database.
fn sql(statement: &str, expectation: &str) -> String {
    format!("-- url: {{{{URL}}}}\n{statement}\n-- expect: {expectation}")
}

#[test]
fn postgresql_is_asked_and_cannot_be_changed() {
    let server = Service::postgresql();
    let set_up = "CREATE TABLE orders (id int, sum numeric(30,12), at timestamptz, tags text[]); INSERT INTO orders VALUES (1, 12345678901234567.123456789012, '2026-01-02 03:04:05+00', '{a,b}'), (2, NULL, NULL, NULL); CREATE FUNCTION grow() RETURNS int LANGUAGE sql VOLATILE AS 'INSERT INTO orders VALUES (3) RETURNING id'; CREATE SEQUENCE counter";
    server.psql(set_up).expect("a database set up");
    let url = format!("postgres://app:hunter2-pg@127.0.0.1:{}/postgres", server.port);
    let late = "-- timeout: 1s\n".to_owned() + &sql("SELECT pg_sleep(600)", "count == 1");
    let twice = "-- url: {{URL}}\nSELECT a, count(*) FROM (VALUES ({{VALUE}}), ({{VALUE}})) AS v(a) GROUP BY a\n-- expect: .rows == [[\"it's; DROP \\\"x\\\"\", \"2\"]]".to_owned();
    let checks = [
        ("value", sql("SELECT count(*) FROM orders", "value == 2"), "pass", ""),
        ("fails", sql("SELECT count(*) FROM orders;", "value == 3"), "fail", "2"),
        (
            "exact",
            sql("SELECT sum FROM orders WHERE id = 1", "value > 12345678901234567"),
            "error",
            "",
        ),
        (
            "kept",
            sql(
                "SELECT sum FROM orders WHERE id = 1",
                "value contains 12345678901234567.123456789012",
            ),
            "pass",
            "",
        ),
        (
            "null",
            sql("SELECT sum FROM orders WHERE id = 2", "value == 0"),
            "error",
            "there is no `value`",
        ),
        (
            "empty",
            sql("SELECT id FROM orders WHERE id = 9", "value == 0"),
            "error",
            "there is no `value`",
        ),
        ("none", sql("SELECT id FROM orders WHERE id = 9", "count == 0"), "pass", ""),
        (
            "rows",
            sql("SELECT id, tags FROM orders ORDER BY id DESC", ".rows[1] == [\"1\", \"{a,b}\"]"),
            "pass",
            "",
        ),
        ("several", sql("SELECT id FROM orders", "value == 1"), "error", "there is no `value`"),
        ("bound", twice, "pass", ""),
        (
            "typed",
            sql("SELECT id FROM orders WHERE id::text = {{VALUE}}", "count == 0"),
            "pass",
            "",
        ),
        ("show", sql("SHOW transaction_read_only", "value == \"on\""), "pass", ""),
        ("explain", sql("EXPLAIN (FORMAT JSON) SELECT * FROM orders", "count == 1"), "pass", ""),
        ("function", sql("SELECT grow()", "count == 1"), "error", "read-only transaction"),
        (
            "sequence",
            sql("SELECT nextval('counter')", "count == 1"),
            "error",
            "read-only transaction",
        ),
        (
            "with",
            sql("WITH d AS (DELETE FROM orders RETURNING 1) SELECT count(*) FROM d", "value == 2"),
            "error",
            "data-modifying",
        ),
        (
            "mode",
            sql("SELECT set_config('transaction_read_only', 'off', false), grow()", "count == 1"),
            "error",
            "",
        ),
        (
            "lock",
            sql("SELECT * FROM orders FOR UPDATE", "count == 2"),
            "error",
            "read-only transaction",
        ),
        ("wrong", sql("SELECT nothing", "count == 1"), "error", "does not exist"),
        ("late", late, "error", "timed out after 1s"),
        ("long", sql("SELECT repeat('x', 9000000)", "count == 1"), "error", "longer than 8 MiB"),
        ("delete", sql("DELETE FROM orders", "count == 0"), "error", "only reads"),
        (
            "many",
            sql("SELECT generate_series(1, 10001)", "count > 1"),
            "error",
            "more than 10000 rows",
        ),
        (
            "two",
            sql("SELECT 1; DELETE FROM orders", "value == 1"),
            "error",
            "more than one statement",
        ),
    ];
    let case = come_to("sql", &url, &checks);
    nowhere(&case, "hunter2");
    assert_eq!(server.psql("SELECT count(*) FROM orders").as_deref(), Some("2"));
    assert_eq!(server.psql("SELECT is_called FROM counter").as_deref(), Some("f"));
    let begun = Instant::now();
    let sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'holdpoint'";
    while server.psql(sessions).as_deref() != Some("0") {
        assert!(begun.elapsed() < Duration::from_secs(10), "a session is left behind");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn who_is_not_let_in_and_who_is_not_there_are_told_apart() {
    let server = Service::postgresql();
    let address = format!("@127.0.0.1:{}/postgres", server.port);
    let checks = [
        ("here", sql("SELECT 1", "reachable == true"), "pass", ""),
        ("asked", sql("SELECT 1", "value == 1"), "error", "password authentication failed"),
    ];
    let case = come_to("sql", &format!("postgres://app:hunter2-wrong{address}"), &checks);
    nowhere(&case, "hunter2-wrong");
    let encrypted = format!("postgres://app:hunter2-pg{address}?sslmode=verify-full");
    let trusted = format!("-- ca: {}\n", server.ca().display());
    let is_encrypted = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";
    let checks = [
        ("foreign", sql("SELECT 1", "value == 1"), "error", "UnknownIssuer"),
        ("trusted", trusted + &sql(is_encrypted, "value == \"true\""), "pass", ""),
        ("nowhere", format!("-- ca: no.pem\n{}", sql("SELECT 1", "value == 1")), "error", "no.pem"),
    ];
    come_to("sql", &encrypted, &checks);
    for scheme in ["postgres", "mysql"] {
        let nobody = format!("{scheme}://app:hunter2-none@127.0.0.1:{}/x", free_port());
        let checks = [
            ("gone", sql("SELECT 1", "reachable == false"), "pass", ""),
            ("asked", sql("SELECT 1", "value == 1"), "error", ""),
        ];
        nowhere(&come_to("sql", &nobody, &checks), "hunter2-none");
    }
}

#[test]
fn mariadb_is_asked_and_cannot_be_changed() {
    let server = Service::mariadb();
    let url = format!("mysql://app:hunter2-maria@127.0.0.1:{}/shop", server.port);
    let late = "-- timeout: 1s\n".to_owned()
        + &sql("SELECT count(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b", "count == 1");
    let checks = [
        ("value", sql("SELECT count(*) FROM orders", "value == 2"), "pass", ""),
        ("fails", sql("SELECT count(*) FROM orders", "value == 3"), "fail", "2"),
        ("exact", sql("SELECT sum FROM orders WHERE id = 1", "value == \"10.50\""), "pass", ""),
        (
            "rows",
            sql(
                "SELECT * FROM orders ORDER BY id",
                ".rows[0] == [\"1\", \"10.50\", \"2026-01-02\"]",
            ),
            "pass",
            "",
        ),
        ("none", sql("SELECT id FROM orders WHERE day = {{VALUE}}", "count == 0"), "pass", ""),
        ("bound", sql("SELECT {{VALUE}}", ".value == \"it's; DROP \\\"x\\\"\""), "pass", ""),
        (
            "null",
            sql("SELECT sum FROM orders WHERE id = 2", "value == 0"),
            "error",
            "there is no `value`",
        ),
        ("show", sql("SHOW TABLES LIKE 'o%'", "value == \"orders\""), "pass", ""),
        (
            "file",
            sql("SELECT 1 INTO OUTFILE '/tmp/holdpoint-outfile'", "count == 1"),
            "error",
            "`INTO` writes",
        ),
        (
            "sequence",
            sql("SELECT NEXT VALUE FOR counter", "count == 1"),
            "error",
            "READ ONLY transaction",
        ),
        ("lock", sql("SELECT * FROM nothing", "count == 2"), "error", "doesn't exist"),
        (
            "two",
            sql("SELECT 1; DELETE FROM orders", "value == 1"),
            "error",
            "more than one statement",
        ),
        ("late", late, "error", "timed out after 1s"),
    ];
    let case = come_to("sql", &url, &checks);
    nowhere(&case, "hunter2");
    let trusted = format!("-- ca: {}\n", server.ca().display());
    let version = sql("SHOW SESSION STATUS LIKE 'Ssl_version'", ".rows[0][1] == \"TLSv1.3\"");
    let checks = [
        ("foreign", version.clone(), "error", "UnknownIssuer"),
        ("trusted", trusted + &version, "pass", ""),
    ];
    come_to("sql", &format!("{url}?sslmode=verify-full"), &checks);
    let checks = [("asked", version, "error", "Access denied")];
    let case = come_to("sql", &url.replace("maria@", "wrong@"), &checks);
    nowhere(&case, "hunter2-wrong");
}

#[test]
fn sqlite_is_asked_and_cannot_be_changed() {
    let case = Case::new();
    let database = case.path().join("shop.db");
    let set_up = "CREATE TABLE orders (id INTEGER, sum REAL, name TEXT); INSERT INTO orders VALUES (1, 10.5, 'x'), (2, NULL, NULL);";
    let made = Command::new("sqlite3").arg(&database).arg(set_up).status();
    assert!(made.expect("sqlite3 is installed (apt-get install sqlite3)").success());
    let late = "-- timeout: 1s\n".to_owned()
        + &sql(
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n",
            "count == 1",
        );
    let before = std::fs::read(&database).expect("a database");
    let checks = [
        ("value", sql("SELECT count(*) FROM orders", "value == 2"), "pass", ""),
        ("fails", sql("SELECT count(*) FROM orders", "value < 2"), "fail", "2"),
        ("rows", sql("SELECT * FROM orders", ".rows[0] == [\"1\", \"10.5\", \"x\"]"), "pass", ""),
        ("bound", sql("SELECT {{VALUE}}", ".value == \"it's; DROP \\\"x\\\"\""), "pass", ""),
        (
            "null",
            sql("SELECT sum FROM orders WHERE id = 2", "value == 0"),
            "error",
            "there is no `value`",
        ),
        ("write", sql("WITH x AS (SELECT 1) DELETE FROM orders", "count == 0"), "error", ""),
        (
            "two",
            sql("SELECT 1; DELETE FROM orders", "value == 1"),
            "error",
            "more than one statement",
        ),
        ("late", late, "error", "timed out after 1s"),
    ];
    come_to("sql", &format!("sqlite:{}", database.display()), &checks);
    assert_eq!(std::fs::read(&database).expect("a database"), before);
    let checks = [("gone", sql("SELECT 1", "reachable == false"), "pass", "")];
    come_to("sql", "sqlite:nowhere.db", &checks);
}

/// A query and what is expected of it, with the address of the server.
pub(super) fn promql(query: &str, expectation: &str) -> String {
    format!("# server: {{{{URL}}}}\n{query}\n# expect: {expectation}")
}

#[test]
fn prometheus_is_asked() {
    let server = Service::prometheus();
    let two = "label_replace(vector(1), \"job\", \"api\", \"\", \"\") or label_replace(vector(2), \"job\", \"web\", \"\", \"\")";
    let firing = "# until: 60s every 1s\n".to_owned()
        + &promql(
            "ALERTS{alertstate=\"firing\", alertname=\"Burning\"}",
            "label.severity == \"page\"",
        );
    let checks = [
        ("value", promql("vector(0.25)", "value < 0.3"), "pass", ""),
        ("fails", promql("vector(0.25)", "value > 0.3"), "fail", "0.25"),
        ("scalar", promql("1 + 1", "value == 2"), "pass", ""),
        ("small", promql("vector(0.0000001)", "value < 0.000001"), "pass", ""),
        ("empty", promql("nothing_at_all", "value == 0"), "error", "no series"),
        ("none", promql("nothing_at_all", "series == 0"), "pass", ""),
        (
            "quiet",
            promql("ALERTS{alertname=\"Nothing\", alertstate=\"firing\"}", "series == 0"),
            "pass",
            "",
        ),
        ("firing", firing, "pass", ""),
        ("nan", promql("vector(0) / 0", "value < 1"), "error", "NaN"),
        ("infinite", promql("vector(1) / 0", "value > 1"), "error", "+Inf"),
        ("several", promql(two, "value > 0"), "error", "several series: 2"),
        ("count", promql(two, "series == 2"), "pass", ""),
        ("each", promql(two, "label.job matches /^(api|web)$/"), "pass", ""),
        ("one", promql(two, "label.job == \"api\""), "fail", "web"),
        ("label", promql(two, "label.nothing is empty"), "error", "there is no `label.nothing`"),
        ("json", promql(two, ".labels[1].job == \"web\""), "pass", ""),
        (
            "text",
            promql(
                "label_replace(vector(1), \"a\", \"{{VALUE}}\", \"\", \"\")",
                "label.a == {{VALUE}}",
            ),
            "pass",
            "",
        ),
        ("code", promql("vector({{VALUE}})", "series == 1"), "error", "cannot stand there"),
        ("range", promql("up[5m]", "series == 0"), "error", "gives a matrix"),
        ("wrong", promql("sum(", "series == 0"), "error", "bad_data"),
    ];
    come_to("promql", &format!("http://127.0.0.1:{}/", server.port), &checks);
    let checks = [
        ("gone", promql("up", "reachable == false"), "pass", ""),
        ("asked", promql("up", "series == 0"), "error", ""),
    ];
    come_to("promql", &format!("http://127.0.0.1:{}", free_port()), &checks);
}

#[test]
fn what_prometheus_does_not_say_whole_is_an_error() {
    for (answer, why) in [
        (&b"HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"[..], "no answer of Prometheus: 404"),
        (b"\x16\x03\x01 rubbish", ""),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n{\"status\":", "broke off"),
        (b"HTTP/1.1 200 OK\r\n\r\n{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]},\"warnings\":[\"store 2 is down\"]}", "Prometheus warns"),
        (b"HTTP/1.1 200 OK\r\n\r\n{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{}]}}", ""),
        (b"HTTP/1.1 200 OK\r\n\r\n{\"status\":\"success\"}", "no answer of Prometheus"),
        (b"HTTP/1.1 503 Busy\r\n\r\n{\"status\":\"error\",\"errorType\":\"timeout\",\"error\":\"too slow\"}", "timeout: too slow"),
    ] {
        let checks = [("asked", promql("up", "series == 0"), "error", why)];
        let address = format!("http://127.0.0.1:{}", saying(answer, Vice::Cuts));
        come_to("promql", &address, &checks);
    }
}
