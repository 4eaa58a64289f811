//! Probes of this machine: `file`, `junit`, `env`.

use std::fs::File;
use std::process::Command;

use super::{Cell, Expected, Row, asked, looks};
use crate::support::Case;

pub(super) fn rows() -> Vec<Row> {
    vec![file(), junit(), env()]
}

/// The digest of `abc`.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

const SUITE: &str = "<testsuite name=\"a\" tests=\"2\"><testcase classname=\"a\" name=\"x\"/><testcase classname=\"a\" name=\"y\"/></testsuite>";

/// The files that cells ask for.
pub(super) fn write(case: &Case) {
    case.write("abc", "abc");
    case.write("half", "ab");
    case.write(
        "garbage",
        (0..4_096_u32).map(|at| (at * at / 7 % 251) as u8 | 0x80).collect::<Vec<u8>>(),
    );
    case.write("good.xml", SUITE);
    case.write("half.xml", &SUITE[..SUITE.len() / 2]);
    let tests = "<testcase classname=\"a\" name=\"x\"/>".repeat(1_200_000);
    case.write("long.xml", format!("<testsuite name=\"a\">{tests}</testsuite>"));
    for copy in 0..40 {
        let copy = case.path().join(format!("long-{copy}.xml"));
        std::fs::hard_link(case.path().join("long.xml"), copy).expect("a second name");
    }
    for (name, size) in
        [("gigabyte", 1_000_000_000), ("gigabyte.xml", 1_000_000_000), ("terabyte", 1 << 40)]
    {
        let file = File::create(case.path().join(name)).expect("a file");
        file.set_len(size).expect("a sparse file");
    }
    let pipe = Command::new("mkfifo").arg(case.path().join("pipe")).status();
    assert!(pipe.expect("mkfifo starts").success());
    let rows = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 1000) SELECT x, hex(randomblob(50)) FROM n";
    let made = Command::new("sqlite3")
        .arg(case.path().join("shop.db"))
        .arg(format!("CREATE TABLE orders AS {rows};"))
        .status();
    assert!(made.expect("sqlite3 is installed (apt-get install sqlite3)").success());
    let whole = std::fs::read(case.path().join("shop.db")).expect("a database");
    case.write("half.db", &whole[..whole.len() / 2]);
}

fn look(file: &str, timeout: &str, expected: &[Expected]) -> Vec<super::Asked> {
    looks("#", &format!("# timeout: {timeout}\n{file}"), expected)
}

fn file() -> Row {
    const OF_ABC: &str =
        "sha256 == ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const HERE: &str = "a file is on this machine: it is there or is not, which `exists` tells";
    assert!(OF_ABC.ends_with(ABC));
    Row {
        kind: "file",
        languages: &["file"],
        passes: asked([look(
            "abc",
            "30s",
            &[("exists == true", "pass", ""), (OF_ABC, "pass", ""), ("text == abc", "pass", "")],
        )]),
        fails: asked([
            look("abc", "30s", &[("size > 3B", "fail", "3"), ("text == abd", "fail", "")]),
            look("nothing", "30s", &[("exists == true", "fail", ""), ("size < 1KB", "error", "")]),
        ]),
        cannot_connect: Cell::Never(HERE),
        times_out: asked([look("terabyte", "1s", &[(OF_ABC, "error", "in time")])]),
        is_cut_off: asked([look(
            "half",
            "30s",
            &[(OF_ABC, "fail", ""), ("text == abc", "fail", "ab")],
        )]),
        answers_garbage: asked([look(
            "garbage",
            "30s",
            &[("text not contains error", "error", "")],
        )]),
        answers_a_gigabyte: asked([
            look("gigabyte", "30s", &[("text not contains error", "error", "")]),
            look(
                "{{DEVICE}}",
                "30s",
                &[("text not contains error", "error", ""), (OF_ABC, "error", "")],
            ),
        ]),
        drips: asked([look(
            "pipe",
            "3s",
            &[("text not contains error", "error", ""), (OF_ABC, "error", "")],
        )]),
        is_cancelled: asked([look("terabyte", "30s", &[(OF_ABC, "pending", "")])]),
    }
}

fn junit() -> Row {
    Row {
        kind: "junit",
        languages: &["junit"],
        passes: asked([look(
            "good.xml",
            "30s",
            &[("tests == 2", "pass", ""), ("failed is empty", "pass", "")],
        )]),
        fails: asked([look(
            "good.xml",
            "30s",
            &[("tests > 2", "fail", "2"), ("skipped == 1", "fail", "0")],
        )]),
        cannot_connect: Cell::Never(
            "a report is on this machine: one that is not there is an error",
        ),
        times_out: asked([look("long.xml", "10ms", &[("failed is empty", "error", "")])]),
        is_cut_off: asked([look(
            "half.xml",
            "30s",
            &[("failed is empty", "error", ""), ("tests == 1", "error", "")],
        )]),
        answers_garbage: asked([look(
            "garbage",
            "30s",
            &[("failed is empty", "error", ""), ("tests == 0", "error", "")],
        )]),
        answers_a_gigabyte: asked([look(
            "gigabyte.xml",
            "30s",
            &[("failed is empty", "error", "longer than 50 MB")],
        )]),
        drips: asked([look("pipe", "3s", &[("failed is empty", "error", "")])]),
        is_cancelled: asked([look("long*.xml", "60s", &[("failed is empty", "pending", "")])]),
    }
}

fn env() -> Row {
    const ALREADY: &str = "nobody is asked: variables are there before the check begins";
    let nothing = || Cell::Never(ALREADY);
    Row {
        kind: "env",
        languages: &["env"],
        passes: asked([look("CONTRACT_SET", "30s", &[("set == true", "pass", "")])]),
        fails: asked([
            look("CONTRACT_EMPTY", "30s", &[("set == true", "fail", "")]),
            look(
                "CONTRACT_SET CONTRACT_EMPTY",
                "30s",
                &[("set == true", "fail", "CONTRACT_EMPTY")],
            ),
            look("CONTRACT_SET", "30s", &[("set == false", "fail", "")]),
        ]),
        cannot_connect: nothing(),
        times_out: nothing(),
        is_cut_off: nothing(),
        answers_garbage: Cell::Never("a variable that is no text is refused before anything runs"),
        answers_a_gigabyte: Cell::Never("the system lets no variable be longer than 128 KiB"),
        drips: nothing(),
        is_cancelled: Cell::Never("it looks at what is there, which takes no time"),
    }
}
