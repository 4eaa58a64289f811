//! What people say: forged, replayed, by the wrong person, for something else. The second run lacks one Tech Lead, and
//! nothing else: whatever counted would make it GO.

use serde_json::{Value, json};

use super::{Attack, Lie, holds, lie};

const BROKEN: &str = "broken";
const OPEN: &str = "intact, not anchored after entry ";

/// A genuine sign-off by Anna, of which one field is another afterwards.
fn field(a: &Attack, key: &str, value: Value) {
    let statement = a.missing();
    let sig = a.sign(&statement, "anna", "tech-lead.signoff@holdpoint");
    let mut lie = statement;
    assert_ne!(lie[key], value, "{key}");
    lie[key] = value;
    a.append("signoff", json!({ "run": a.run(1), "sig": sig, "statement": lie }));
}

/// Anna's words about the first run, with some fields as the second needs them.
fn replay(a: &Attack, fields: &[&str]) {
    let (mut body, wanted) = (a.of(0, "signoff")["body"].clone(), a.missing());
    let anna =
        a.entry(&[a.run(0), "\"signer\":\"anna@example.com\"", "\"kind\":\"signoff\""])["body"]
            .clone();
    body["sig"] = anna["sig"].clone();
    body["statement"] = anna["statement"].clone();
    body["run"] = json!(a.run(1));
    for key in fields.iter().chain(&["run"]) {
        body["statement"][*key] = wanted[*key].clone();
    }
    a.append("signoff", body);
}

/// Says what Anna would, as somebody else.
fn as_other(a: &Attack, signer: &str, key: &str) {
    let mut statement = a.missing();
    statement["signer"] = json!(format!("{signer}@example.com"));
    statement["name"] = json!(signer);
    a.say("signoff", statement, key);
}

/// Says something for a role about the third run, with an item's last answer.
fn waiver(a: &Attack, change: impl Fn(&mut Value)) -> Value {
    let bad = a.entry(&[a.run(2), "\"item\":\"disk\"", "\"kind\":\"result\""]);
    let mut statement = a.of(0, "waived")["body"]["statement"].clone();
    for (key, value) in
        [("head", a.last()["id"].clone()), ("result", bad["id"].clone()), ("run", json!(a.run(2)))]
    {
        statement[key] = value;
    }
    change(&mut statement);
    statement
}

pub(super) const LIES: &[Lie] = &[
    lie(
        "a sign-off has no signature",
        |a| {
            let statement = a.missing();
            a.append("signoff", json!({ "run": a.run(1), "sig": null, "statement": statement }));
        },
        &["HL022"],
        OPEN,
    ),
    lie(
        "a sign-off has a signature that is none",
        |a| {
            let statement = a.missing();
            a.append("signoff", json!({ "run": a.run(1), "sig": "none", "statement": statement }));
        },
        &["HL024"],
        BROKEN,
    ),
    lie(
        "a sign-off has the signature of another",
        |a| {
            let sig = a.entry(&[
                a.run(0),
                "\"signer\":\"anna@example.com\"",
                "\"kind\":\"signoff\"",
            ])["body"]["sig"]
                .clone();
            a.append("signoff", json!({ "run": a.run(1), "sig": sig, "statement": a.missing() }));
        },
        &["HL024"],
        BROKEN,
    ),
    lie("a sign-off of another run is copied", |a| replay(a, &[]), &["HL024"], BROKEN),
    lie(
        "a sign-off of another run is copied with its place",
        |a| replay(a, &["head", "size", "root"]),
        &["HL024"],
        BROKEN,
    ),
    lie(
        "what was signed at another time is said now",
        |a| field(a, "at", json!("2026-11-21T09:29:59.999Z")),
        &["HL024"],
        BROKEN,
    ),
    lie(
        "what was signed as no is said as yes",
        |a| {
            let mut statement = a.missing();
            statement["decision"] = json!("no-go");
            let sig = a.sign(&statement, "anna", "tech-lead.signoff@holdpoint");
            statement["decision"] = json!("go");
            a.append("signoff", json!({ "run": a.run(1), "sig": sig, "statement": statement }));
        },
        &["HL024"],
        BROKEN,
    ),
    lie(
        "what was signed at another gate is said at this",
        |a| {
            let mut statement = a.missing();
            let gate = statement["gate"].clone();
            statement["gate"] = json!("Other");
            let sig = a.sign(&statement, "anna", "tech-lead.signoff@holdpoint");
            statement["gate"] = gate;
            a.append("signoff", json!({ "run": a.run(1), "sig": sig, "statement": statement }));
        },
        &["HL024"],
        BROKEN,
    ),
    lie(
        "what was signed for another ledger is said in this",
        |a| {
            let mut statement = a.missing();
            let ledger = statement["ledger"].clone();
            statement["ledger"] = json!("0".repeat(32));
            let sig = a.sign(&statement, "anna", "tech-lead.signoff@holdpoint");
            statement["ledger"] = ledger;
            a.append("signoff", json!({ "run": a.run(1), "sig": sig, "statement": statement }));
        },
        &["HL024"],
        BROKEN,
    ),
    lie(
        "what was signed for another ledger is said as it is",
        |a| {
            let mut statement = a.missing();
            statement["ledger"] = json!("0".repeat(32));
            a.say("signoff", statement, "anna");
        },
        &["HL022"],
        OPEN,
    ),
    lie(
        "what was signed of an older state is said of this",
        |a| field(a, "head", a.of(1, "result")["id"].clone()),
        &["HL024"],
        BROKEN,
    ),
    lie(
        "what was signed of an older state is said as it is",
        |a| {
            let mut statement = a.missing();
            statement["head"] = a.of(1, "run_opened")["id"].clone();
            a.say("signoff", statement, "anna");
        },
        &[],
        OPEN,
    ),
    lie(
        "what was signed before the run is said in it",
        |a| {
            let mut statement = a.missing();
            statement["head"] = a.of(0, "run_opened")["id"].clone();
            a.say("signoff", statement, "anna");
        },
        &["HL022"],
        OPEN,
    ),
    lie(
        "what was signed names a head that is to come",
        |a| {
            let mut statement = a.missing();
            statement["head"] = json!("0".repeat(64));
            a.say("signoff", statement, "anna");
        },
        &["HL022"],
        OPEN,
    ),
    lie(
        "a signature means something else",
        |a| field(a, "meaning", json!("reviewed")),
        &["HL024"],
        BROKEN,
    ),
    lie(
        "a signature bears another name",
        |a| field(a, "name", json!("Alice Adams")),
        &["HL024"],
        BROKEN,
    ),
    lie(
        "a signature has another reason",
        |a| field(a, "reason", json!("all is well")),
        &["HL024"],
        BROKEN,
    ),
    lie(
        "a signature is for another report",
        |a| field(a, "report", json!("0".repeat(64))),
        &["HL024"],
        BROKEN,
    ),
    lie(
        "a signature saw another tree",
        |a| field(a, "root", json!("0".repeat(64))),
        &["HL024", "HL032"],
        BROKEN,
    ),
    lie(
        "a signature saw a larger tree",
        |a| field(a, "size", json!(4000)),
        &["HL024", "HL033"],
        BROKEN,
    ),
    lie(
        "a signature is by somebody else",
        |a| field(a, "signer", json!("olga@example.com")),
        &["HL024"],
        BROKEN,
    ),
    lie(
        "the role of a signature is swapped",
        |a| {
            let mut statement = a.missing();
            statement["role"] = json!("qa-lead");
            let sig = a.sign(&statement, "bob", "qa-lead.signoff@holdpoint");
            statement["role"] = json!("tech-lead");
            a.append("signoff", json!({ "run": a.run(1), "sig": sig, "statement": statement }));
        },
        &["HL024"],
        BROKEN,
    ),
    lie(
        "a signature is made for a role that its key does not have",
        |a| as_other(a, "bob", "bob"),
        &["HL022"],
        OPEN,
    ),
    lie(
        "a signature is made in another role's namespace",
        |a| {
            let statement = a.missing();
            let sig = a.sign(&statement, "anna", "qa-lead.signoff@holdpoint");
            a.append("signoff", json!({ "run": a.run(1), "sig": sig, "statement": statement }));
        },
        &["HL024"],
        BROKEN,
    ),
    lie(
        "a signature is made in the namespace of files",
        |a| {
            let statement = a.missing();
            let sig = a.sign(&statement, "anna", "file");
            a.append("signoff", json!({ "run": a.run(1), "sig": sig, "statement": statement }));
        },
        &["HL024"],
        BROKEN,
    ),
    lie("a stranger signs under their own name", |a| as_other(a, "eve", "eve"), &["HL022"], OPEN),
    lie(
        "a stranger signs under the name of another",
        |a| as_other(a, "anna", "eve"),
        &["HL022"],
        OPEN,
    ),
    lie(
        "a Tech Lead signs under the name of another",
        |a| as_other(a, "anna", "alice"),
        &["HL022"],
        OPEN,
    ),
    lie("one person signs twice with two keys", |a| as_other(a, "alice", "alice2"), &[], OPEN),
    lie("one key signs twice under two names", |a| as_other(a, "alicia", "alice"), &[], OPEN),
    lie(
        "a name is written in capitals to be another person",
        |a| as_other(a, "ALICE", "alice2"),
        &["HL022"],
        OPEN,
    ),
    lie("a key that is expired signs", |a| as_other(a, "olga", "olga"), &["HL022"], OPEN),
    lie(
        "a key that is expired signs for a time when it was not",
        |a| {
            let mut statement = a.missing();
            for (key, value) in [
                ("signer", "olga@example.com"),
                ("name", "olga"),
                ("at", "2025-12-01T00:00:00.000Z"),
            ] {
                statement[key] = json!(value);
            }
            a.say("signoff", statement, "olga");
        },
        &["HL022"],
        OPEN,
    ),
    lie("a key that is revoked signs", |a| as_other(a, "rex", "rex"), &["HL022"], OPEN),
    lie(
        "a key that is revoked signs for a time when it was not",
        |a| {
            let mut statement = a.missing();
            for (key, value) in
                [("signer", "rex@example.com"), ("name", "rex"), ("at", "2020-01-01T00:00:00.000Z")]
            {
                statement[key] = json!(value);
            }
            a.say("signoff", statement, "rex");
        },
        &["HL022"],
        OPEN,
    ),
    lie(
        "somebody signs for a time that is to come",
        |a| {
            let mut statement = a.missing();
            statement["at"] = json!("2027-11-21T09:30:00.000Z");
            a.say("signoff", statement, "anna");
        },
        &["HL022"],
        OPEN,
    ),
    lie(
        "whoever ran the checks signs them off",
        |a| as_other(a, "runner", "runner"),
        &["HL022"],
        OPEN,
    ),
    lie(
        "somebody signs for a second role",
        |a| {
            let mut statement = a.of(1, "signoff")["body"]["statement"].clone();
            statement["head"] = a.last()["id"].clone();
            statement["role"] = json!("tech-lead");
            a.say("signoff", statement, "carol");
        },
        &["HL022"],
        OPEN,
    ),
    lie(
        "a sign-off is copied to count twice",
        |a| {
            let alice = a.entry(&[
                a.run(1),
                "\"signer\":\"alice@example.com\"",
                "\"kind\":\"signoff\"",
            ])["body"]
                .clone();
            a.append("signoff", alice);
        },
        &["HL022"],
        OPEN,
    ),
    holds(
        "somebody's no is answered by a copy of their yes",
        |a| {
            let yes = a.entry(&[
                a.run(0),
                "\"signer\":\"anna@example.com\"",
                "\"kind\":\"signoff\"",
            ])["body"]
                .clone();
            let mut no = yes["statement"].clone();
            no["decision"] = json!("no-go");
            no["head"] = a.last()["id"].clone();
            a.say("signoff", no, "anna");
            a.append("signoff", yes);
        },
        &["HL022"],
        OPEN,
    ),
    lie(
        "a waiver has no signature",
        |a| {
            let statement = waiver(a, |_| ());
            a.append("waived", json!({ "run": a.run(2), "sig": null, "statement": statement }));
        },
        &["HL022"],
        OPEN,
    ),
    lie(
        "a waiver is by a role that may not",
        |a| {
            a.say(
                "waived",
                waiver(a, |one| {
                    one["role"] = json!("tech-lead");
                    one["signer"] = json!("anna@example.com");
                }),
                "anna",
            );
        },
        &["HL022"],
        OPEN,
    ),
    lie(
        "a waiver has no reason",
        |a| {
            a.say("waived", waiver(a, |one| one["reason"] = json!(" ")), "bob");
        },
        &["HL022"],
        OPEN,
    ),
    lie(
        "a waiver lasts longer than the policy lets it",
        |a| {
            a.say(
                "waived",
                waiver(a, |one| one["until"] = json!("2036-12-01T00:00:00.000Z")),
                "bob",
            );
        },
        &["HL022"],
        OPEN,
    ),
    lie(
        "a waiver that is over is used",
        |a| {
            a.say(
                "waived",
                waiver(a, |one| one["until"] = json!("2026-11-21T09:29:59.999Z")),
                "bob",
            );
        },
        &[],
        OPEN,
    ),
    lie(
        "the waiver of another run is copied",
        |a| {
            let mut body = a.of(0, "waived")["body"].clone();
            body["run"] = json!(a.run(2));
            body["statement"]["run"] = json!(a.run(2));
            a.append("waived", body);
        },
        &["HL024"],
        BROKEN,
    ),
    lie(
        "a waiver is for another text of the item",
        |a| {
            a.say("waived", waiver(a, |one| one["item_sha256"] = json!("0".repeat(64))), "bob");
        },
        &[],
        OPEN,
    ),
    lie(
        "a waiver is for another result",
        |a| {
            a.say(
                "waived",
                waiver(a, |one| one["result"] = a.of(0, "result")["id"].clone()),
                "bob",
            );
        },
        &[],
        OPEN,
    ),
    lie(
        "a decision is by a role that may not",
        |a| {
            let mut statement = a.of(0, "decided")["body"]["statement"].clone();
            for (key, value) in [
                ("head", a.last()["id"].clone()),
                ("run", json!(a.run(1))),
                ("role", json!("tech-lead")),
                ("signer", json!("anna@example.com")),
                ("name", json!("anna")),
            ] {
                statement[key] = value;
            }
            a.say("decided", statement, "anna");
        },
        &["HL022"],
        OPEN,
    ),
    lie(
        "a decision names a verdict that was not",
        |a| {
            let mut statement = a.of(0, "decided")["body"]["statement"].clone();
            statement["head"] = a.last()["id"].clone();
            statement["run"] = json!(a.run(1));
            a.say("decided", statement, "dora");
        },
        &[],
        OPEN,
    ),
    lie(
        "an entry is taken back by a role that may not",
        |a| {
            let mut statement = a.of(0, "void")["body"]["statement"].clone();
            for (key, value) in [
                (
                    "entry",
                    a.entry(&[a.run(2), "\"item\":\"disk\"", "\"kind\":\"result\""])["id"].clone(),
                ),
                ("head", a.last()["id"].clone()),
                ("run", json!(a.run(2))),
                ("role", json!("tech-lead")),
                ("signer", json!("anna@example.com")),
            ] {
                statement[key] = value;
            }
            a.say("void", statement, "anna");
        },
        &["HL022"],
        OPEN,
    ),
    lie(
        "a failure is taken back without a signature",
        |a| {
            let mut statement = a.of(0, "void")["body"]["statement"].clone();
            statement["entry"] =
                a.entry(&[a.run(2), "\"item\":\"disk\"", "\"kind\":\"result\""])["id"].clone();
            statement["head"] = a.last()["id"].clone();
            statement["run"] = json!(a.run(2));
            a.append("void", json!({ "run": a.run(2), "sig": null, "statement": statement }));
        },
        &["HL022"],
        OPEN,
    ),
    lie(
        "the policy is changed by nobody",
        |a| {
            let mut pins = a.pins();
            pins["allowed_signers"] = Value::Null;
            a.append("policy", pins);
        },
        &["HL021"],
        BROKEN,
    ),
    lie(
        "the policy is changed by one of two",
        |a| {
            a.change(&a.pins(), "qa-lead", "bob");
        },
        &["HL021"],
        OPEN,
    ),
    lie(
        "the policy is changed by one person twice",
        |a| {
            a.change(&a.pins(), "qa-lead", "bob");
            a.change(&a.pins(), "qa-lead", "bob");
        },
        &["HL021"],
        OPEN,
    ),
    lie(
        "the policy is changed by a role that may not",
        |a| {
            a.change(&a.pins(), "tech-lead", "anna");
        },
        &["HL021"],
        BROKEN,
    ),
    lie(
        "two people sign for different changes",
        |a| {
            let mut pins = a.pins();
            a.change(&pins, "qa-lead", "bob");
            pins["revoked"] = Value::Null;
            a.change(&pins, "cto", "cto");
        },
        &["HL021"],
        OPEN,
    ),
    lie(
        "the first policy is put back as it was",
        |a| {
            let lines = a.trunk();
            let first: Value = serde_json::from_str(&lines[1]).expect("JSON");
            a.append("policy", first["body"].clone());
        },
        &["HL021"],
        BROKEN,
    ),
    holds(
        "keys are pinned that let everybody sign",
        |a| {
            let eve = a.case.read("eve.pub");
            let mut pins = a.pins();
            pins["allowed_signers"] = json!(a.keep(format!("* namespaces=\"*\" {eve}").as_bytes()));
            a.change(&pins, "qa-lead", "bob");
            a.change(&pins, "cto", "cto");
        },
        &["HL021", "HL023"],
        BROKEN,
    ),
    holds(
        "keys are pinned for every role at once",
        |a| {
            let eve = a.case.read("eve.pub");
            let mut pins = a.pins();
            pins["allowed_signers"] = json!(a.keep(format!("eve@example.com {eve}").as_bytes()));
            a.change(&pins, "qa-lead", "bob");
            a.change(&pins, "cto", "cto");
        },
        &["HL021", "HL023"],
        BROKEN,
    ),
    holds(
        "a certificate authority is pinned",
        |a| {
            let eve = a.case.read("eve.pub");
            let mut pins = a.pins();
            pins["allowed_signers"] = json!(a.keep(format!("eve@example.com cert-authority,namespaces=\"tech-lead.signoff@holdpoint\" {eve}").as_bytes()));
            a.change(&pins, "qa-lead", "bob");
            a.change(&pins, "cto", "cto");
        },
        &["HL021", "HL023"],
        BROKEN,
    ),
];
