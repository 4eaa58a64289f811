//! Lines whose form is not canonical, or that say what no entry says. Each is appended behind all others.

use super::{Attack, Lie, holds, lie};

/// A line that differs from a good one in one place.
fn changed(a: &Attack, from: &str, to: &str) {
    let line = a.note("x");
    assert!(line.contains(from), "{from}: {line}");
    a.append_bytes(line.replacen(from, to, 1).as_bytes());
}

/// The last entry of a kind, as another.
fn again(a: &Attack, run: usize, kind: &str, from: &str, to: &str) {
    let body = a.of(run, kind)["body"].clone();
    let line = super::attack::line(&a.draft(&a.last(), kind, body));
    assert!(line.contains(from), "{from}: {line}");
    a.append_bytes(line.replacen(from, to, 1).as_bytes());
}

const HL003: &[&str] = &["HL003"];

const fn refused(name: &'static str, how: fn(&Attack)) -> Lie {
    holds(name, how, HL003, "broken")
}

pub(super) const LIES: &[Lie] = &[
    refused("a blank stands behind a colon", |a| changed(a, "\"v\":1", "\"v\": 1")),
    refused("a blank stands behind the line", |a| changed(a, "}\n", "} \n")),
    refused("a line ends as on Windows", |a| changed(a, "}\n", "}\r\n")),
    refused("a byte order mark stands before the line", |a| {
        changed(a, "{\"at\"", "\u{feff}{\"at\"")
    }),
    refused("a key is there twice, and the last one counts", |a| {
        changed(a, "\"v\":1", "\"v\":1,\"v\":1")
    }),
    refused("a key is there twice in a body", |a| {
        changed(a, "\"text\":\"x\"", "\"text\":\"y\",\"text\":\"x\"")
    }),
    refused("keys stand in another order", |a| {
        changed(a, "\"run\":null,\"text\":\"x\"", "\"text\":\"x\",\"run\":null")
    }),
    refused("a key is there that nobody knows", |a| {
        changed(a, "\"text\":\"x\"", "\"text\":\"x\",\"waived\":true")
    }),
    refused("a key is missing", |a| changed(a, "\"run\":null,", "")),
    refused("a key that may not be null is", |a| changed(a, "\"text\":\"x\"", "\"text\":null")),
    refused("a number is a float", |a| changed(a, "\"v\":1", "\"v\":1.0")),
    refused("a number has an exponent", |a| changed(a, "\"v\":1", "\"v\":1e0")),
    refused("a number is minus nothing", |a| changed(a, "\"n\":1", "\"n\":-0")),
    refused("a number has a nought before it", |a| changed(a, "\"n\":1", "\"n\":01")),
    refused("a number is too large for others", |a| {
        changed(a, "\"n\":1", "\"n\":9007199254740993")
    }),
    refused("a number stands as a text", |a| changed(a, "\"n\":1", "\"n\":\"1\"")),
    refused("a letter is escaped without need", |a| {
        changed(a, "\"text\":\"x\"", "\"text\":\"\\u0078\"")
    }),
    refused("a slash is escaped", |a| changed(a, "\"text\":\"x\"", "\"text\":\"\\/\"")),
    refused("an escape is in capitals", |a| changed(a, "\"text\":\"x\"", "\"text\":\"\\u001F\"")),
    refused("a line feed is escaped the long way", |a| {
        changed(a, "\"text\":\"x\"", "\"text\":\"\\u000a\"")
    }),
    refused("half a character is there", |a| changed(a, "\"text\":\"x\"", "\"text\":\"\\ud800\"")),
    refused("a text holds NUL", |a| changed(a, "\"text\":\"x\"", "\"text\":\"\\u0000\"")),
    refused("a text holds DEL", |a| changed(a, "\"text\":\"x\"", "\"text\":\"\u{7f}\"")),
    refused("a text holds a tab as it is", |a| changed(a, "\"text\":\"x\"", "\"text\":\"\t\"")),
    refused("a line is not UTF-8", |a| {
        let mut line = a.note("x").into_bytes();
        let at = line.iter().rposition(|byte| *byte == b'x').expect("a text");
        line[at] = 0xff;
        a.append_bytes(&line);
    }),
    refused("a key is in capitals", |a| changed(a, "\"text\"", "\"Text\"")),
    refused("a digest is in capitals", |a| {
        let line = a.note("x");
        let (head, tail) = line.split_once("\"prev\":[\"").expect("links");
        let (id, tail) = tail.split_at(64);
        a.append_bytes(format!("{head}\"prev\":[\"{}{tail}", id.to_uppercase()).as_bytes());
    }),
    refused("a digest is too short", |a| changed(a, "\"prev\":[\"", "\"prev\":[\"00\",\"")),
    refused("a time has no milliseconds", |a| changed(a, ".000Z", "Z")),
    refused("a time has more than milliseconds", |a| changed(a, ".000Z", ".000000Z")),
    refused("a time is in a zone", |a| changed(a, ".000Z", ".000+00:00")),
    refused("a time is on a day that is none", |a| changed(a, "2026-11-21", "2026-02-30")),
    refused("a time is a leap second", |a| changed(a, "09:30:00.000Z", "23:59:60.000Z")),
    refused("a version is not known", |a| changed(a, "\"v\":1", "\"v\":2")),
    refused("a kind is not known", |a| changed(a, "\"kind\":\"note\"", "\"kind\":\"remark\"")),
    refused("a kind is another than the body", |a| {
        changed(a, "\"kind\":\"note\"", "\"kind\":\"result\"")
    }),
    refused("a line is empty", |a| a.append_bytes(format!("\n{}", a.note("x")).as_bytes())),
    refused("a line is a list", |a| a.append_bytes(b"[]\n")),
    refused("a line is longer than 64 KiB", |a| {
        a.append_bytes(a.note(&"x".repeat(70_000)).as_bytes())
    }),
    refused("a line is nested without end", |a| {
        a.append_bytes(format!("{}\n", "[".repeat(60_000)).as_bytes())
    }),
    refused("a mark of git stands between lines", |a| {
        a.append_bytes(format!("<<<<<<< HEAD\n{}", a.note("x")).as_bytes())
    }),
    refused("an outcome is not known", |a| {
        again(a, 2, "result", "\"outcome\":\"", "\"outcome\":\"un")
    }),
    refused("what held is neither true nor false nor null", |a| {
        again(a, 2, "result", "\"held\":true", "\"held\":1")
    }),
    refused("a statement stands in a run that it is not about", |a| {
        again(a, 0, "signoff", "\"run\":\"", "\"run\":\"x")
    }),
    refused("a sign-off stands as a decision", |a| {
        let body = a.of(0, "signoff")["body"].clone();
        let entry = a.draft(&a.last(), "decided", body);
        a.append_bytes(super::attack::line(&entry).as_bytes());
    }),
    refused("a waiver says GO", |a| {
        again(a, 0, "waived", "\"decision\":null", "\"decision\":\"go\"")
    }),
    refused("a waiver has no end", |a| {
        again(a, 0, "waived", ",\"until\":\"2026-12-01T00:00:00.000Z\"", "")
    }),
    refused("a decision names no verdict", |a| again(a, 0, "decided", ",\"verdict\":\"GO\"", "")),
    refused("a statement has no signature and no null for it", |a| {
        let mut body = a.of(0, "signoff")["body"].clone();
        body.as_object_mut().expect("a body").remove("sig");
        let entry = a.draft(&a.last(), "signoff", body);
        a.append_bytes(super::attack::line(&entry).as_bytes());
    }),
    refused("an answer has a signature of nothing", |a| {
        let mut body = a.of(0, "attested")["body"].clone();
        body["sig"] = a.of(0, "signoff")["body"]["sig"].clone();
        let entry = a.draft(&a.last(), "attested", body);
        a.append_bytes(super::attack::line(&entry).as_bytes());
    }),
    lie(
        "the last line has no end",
        |a| a.append_bytes(a.note("x").trim_end().as_bytes()),
        &["HL002"],
        "repairable",
    ),
];
