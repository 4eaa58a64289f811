use serde_json::{Value, json};

use super::*;

const DIGEST: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const AT: &str = "2026-11-21T09:30:00.000Z";

/// Every kind with all its keys, optional ones too.
fn bodies() -> Vec<(&'static str, Value)> {
    let result = json!({
        "attempt": 1, "item": "disk", "item_sha256": DIGEST, "ms": 12, "outcome": "pass", "run": "r",
        "redactions": [{ "count": 1, "rule": "token" }],
        "checks": [{
            "kind": "bash", "message": null, "target": "host",
            "steps": [{
                "exit": 0, "ms": 3, "title": "df", "expect": [{ "held": null, "observed": "1", "text": "x" }],
                "stdout": { "bytes": 1, "kept": null, "lines": 1, "sha256": DIGEST },
                "stderr": { "bytes": 0, "kept": DIGEST, "lines": 0, "sha256": DIGEST },
            }],
        }],
    });
    let said = |kind: &str, more: Value| json!({ "run": "r", "sig": null, "statement": statement(kind, more) });
    let policy = json!({ "allowed_signers": null, "policy": DIGEST, "revoked": DIGEST });
    let mut unrun = statement("policy", json!({ "policy": policy }));
    unrun["run"] = Value::Null;
    let attested = json!({
        "decision": "pass", "item": "disk", "item_sha256": DIGEST, "evidence": [DIGEST], "reason": "seen",
    });
    let waived = json!({ "item": "disk", "item_sha256": DIGEST, "result": null, "until": AT });
    vec![
        (
            "genesis",
            json!({ "ledger": "00112233445566778899aabbccddeeff", "log_key": null, "name": "n", "trunk": "main" }),
        ),
        (
            "policy",
            json!({
                "allowed_signers": null, "policy": DIGEST, "revoked": DIGEST, "sig": "S", "statement": unrun,
            }),
        ),
        (
            "run_opened",
            json!({
                "change": { "reference": "CHG-1", "risk": "low" }, "checklist": { "path": "a.md", "sha256": DIGEST, "title": "A" },
                "commit": "", "dirty": false, "environment": "e", "gates": ["G"], "items": 1, "items_sha256": DIGEST,
                "params": [{ "name": "A", "value": "1" }, { "name": "B", "redacted": true }],
                "release": "1", "run": "r",
            }),
        ),
        ("result", result.clone()),
        ("action", result),
        (
            "attested",
            json!({
                "evidence": [DIGEST], "item": "disk", "item_sha256": DIGEST, "note": "seen", "outcome": "pass",
                "run": "r", "sig": "S", "statement": statement("attested", attested),
            }),
        ),
        (
            "sample",
            json!({
                "item": "disk", "item_sha256": DIGEST, "run": "r",
                "samples": [{ "at": AT, "held": null, "observed": "1" }],
            }),
        ),
        (
            "trigger",
            json!({
                "fired": true, "item": "disk", "item_sha256": DIGEST, "observed": "1", "run": "r", "since": AT,
            }),
        ),
        ("waived", said("waived", waived)),
        ("signoff", said("signoff", json!({ "decision": "no-go", "gate": "G" }))),
        ("decided", said("decided", json!({ "decision": "go", "gate": "G", "verdict": "HOLD" }))),
        ("void", said("void", json!({ "entry": DIGEST }))),
        ("forgotten", said("forgotten", json!({ "evidence": [DIGEST] }))),
        (
            "report",
            json!({
                "format": "md", "gate": null, "head": DIGEST, "renderer": "h", "run": "r", "sha256": DIGEST,
                "templates": DIGEST, "view_sha256": DIGEST,
            }),
        ),
        ("note", json!({ "run": null, "text": "t" })),
    ]
}

fn statement(kind: &str, more: Value) -> Value {
    let mut statement = json!({
        "at": AT, "decision": null, "gate": null, "head": DIGEST, "ledger": "00", "meaning": "approved",
        "name": "Alice", "reason": "", "report": null, "role": "lead", "root": DIGEST, "run": "r",
        "signer": "alice", "size": 0, "type": format!("holdpoint/{kind}@v1"),
    });
    for (key, value) in more.as_object().expect("an object") {
        statement[key] = value.clone();
    }
    statement
}

fn line(kind: &str, body: &Value) -> Vec<u8> {
    let writer = json!({ "id": "a@h", "n": 1 });
    let line = json!({ "at": AT, "body": body, "kind": kind, "prev": [], "seq": 0, "v": 1, "writer": writer });
    json::canonical(&line).expect("canonical")
}

/// Every object in a value, by its path.
fn objects(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            found.push(path.to_owned());
            members.iter().for_each(|(key, value)| objects(value, &format!("{path}/{key}"), found));
        }
        Value::Array(values) => values
            .iter()
            .enumerate()
            .for_each(|(at, value)| objects(value, &format!("{path}/{at}"), found)),
        _ => {}
    }
}

/// Keys that may be left out, and keys that may be null.
const OPTIONAL: &[&str] = &["change", "reference", "risk"];
const NULLABLE: &[&str] = &[
    "allowed_signers",
    "revoked",
    "log_key",
    "message",
    "target",
    "exit",
    "held",
    "kept",
    "decision",
    "gate",
    "report",
    "result",
    "run",
    "sig",
];

#[test]
fn every_kind_is_read_and_written_to_the_same_bytes() {
    for (kind, body) in bodies() {
        let line = line(kind, &body);
        let entry = Entry::read(&line).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(entry.body.kind(), kind);
        let again = entry.line().expect("a line");
        assert_eq!(again, [line, b"\n".to_vec()].concat(), "{kind}");
    }
}

#[test]
fn a_key_that_is_missing_or_one_more_is_refused_at_every_depth() {
    for (kind, body) in bodies() {
        let mut paths = Vec::new();
        objects(&body, "", &mut paths);
        for path in paths {
            let mut more = body.clone();
            more.pointer_mut(&path).expect("an object")["zz"] = json!(1);
            assert!(Entry::read(&line(kind, &more)).is_err(), "{kind}: `zz` in `{path}`");
            let object = body.pointer(&path).and_then(Value::as_object).expect("an object");
            for key in object.keys().filter(|key| !OPTIONAL.contains(&key.as_str())) {
                let mut fewer = body.clone();
                let object = fewer.pointer_mut(&path).and_then(Value::as_object_mut);
                object.expect("an object").remove(key);
                assert!(Entry::read(&line(kind, &fewer)).is_err(), "{kind}: no `{path}/{key}`");
            }
        }
    }
}

#[test]
fn null_stands_only_where_the_table_says_so() {
    for (kind, body) in bodies() {
        let mut paths = Vec::new();
        objects(&body, "", &mut paths);
        for path in paths {
            let object = body.pointer(&path).and_then(Value::as_object).expect("an object");
            for key in object.keys().filter(|key| !NULLABLE.contains(&key.as_str())) {
                let mut null = body.clone();
                null.pointer_mut(&path).expect("an object")[key] = Value::Null;
                assert!(Entry::read(&line(kind, &null)).is_err(), "{kind}: `{path}/{key}`");
            }
        }
    }
}

#[test]
fn policy_and_attestations_may_be_without_a_signature() {
    for (kind, mut body) in bodies() {
        if !["policy", "attested"].contains(&kind) {
            continue;
        }
        let object = body.as_object_mut().expect("an object");
        object.remove("statement");
        object.remove("sig");
        assert!(Entry::read(&line(kind, &body)).is_ok(), "{kind}");
        body["sig"] = Value::Null;
        assert!(Entry::read(&line(kind, &body)).is_err(), "{kind}");
    }
}

#[test]
fn a_statement_is_about_its_own_entry() {
    let wrong = |kind: &str, path: &str, value: Value| {
        let (_, mut body) = bodies().into_iter().find(|(known, _)| *known == kind).expect("a kind");
        *body.pointer_mut(path).expect("a place") = value;
        assert!(Entry::read(&line(kind, &body)).is_err(), "{kind}: {path}");
    };
    wrong("signoff", "/run", json!("other"));
    wrong("signoff", "/statement/type", json!("holdpoint/decided@v1"));
    wrong("waived", "/statement/run", Value::Null);
    wrong("attested", "/outcome", json!("fail"));
    wrong("attested", "/note", json!("other"));
    wrong("attested", "/item", json!("other"));
    wrong("attested", "/evidence", json!([]));
    wrong("policy", "/policy", json!("0".repeat(64)));
    wrong("policy", "/revoked", Value::Null);
}
