//! Files: evidence, keys, checkpoints, and the folder itself.

use std::fs;

use holdpoint::ledger::checkpoint::origin;
use holdpoint::note::Signer;
use serde_json::{Value, json};

use super::attack::remove;
use super::{Attack, Lie, holds, lie};

const BROKEN: &str = "broken";
const FINE: &str = "intact, self-anchored";

/// The policy that is pinned, the keys, and the like.
fn pinned(a: &Attack, key: &str) -> std::path::PathBuf {
    a.evidence(&a.pins()[key])
}

fn opened(a: &Attack, pick: fn(&Value) -> &Value) -> std::path::PathBuf {
    a.evidence(pick(&a.of(0, "run_opened")["body"]))
}

fn output(a: &Attack) -> std::path::PathBuf {
    let result = a.entry(&[a.run(0), "\"item\":\"disk\"", "\"kind\":\"result\""]);
    a.evidence(&result["body"]["checks"][0]["steps"][0]["stdout"]["kept"])
}

fn write(path: std::path::PathBuf, bytes: &[u8]) {
    fs::write(path, bytes).expect("written");
}

pub(super) const LIES: &[Lie] = &[
    lie("the output of a check is gone", |a| remove(&output(a)), &["HL012"], BROKEN),
    lie("the output of a check is another", |a| write(output(a), b"10\n"), &["HL013"], BROKEN),
    lie("the output of a check is cut to nothing", |a| write(output(a), b""), &["HL013"], BROKEN),
    holds(
        "two pieces of evidence change places",
        |a| {
            let (output, policy) = (output(a), opened(a, |body| &body["checklist"]["sha256"]));
            let other = a.case.path().join("other");
            fs::rename(&output, &other).expect("moved");
            fs::rename(&policy, &output).expect("moved");
            fs::rename(&other, &policy).expect("moved");
        },
        &["HL013"],
        BROKEN,
    ),
    lie(
        "evidence is a link to itself elsewhere",
        |a| {
            let (path, other) = (output(a), a.case.path().join("other"));
            fs::rename(&path, &other).expect("moved");
            fs::create_dir(&path).expect("a folder");
        },
        &["HL012"],
        BROKEN,
    ),
    lie(
        "a file lies beside the evidence",
        |a| {
            a.keep(b"GO");
        },
        &["HL014"],
        FINE,
    ),
    holds(
        "the plan of a run is one without its checks",
        |a| write(opened(a, |body| &body["items_sha256"]), b"[]"),
        &["HL013"],
        BROKEN,
    ),
    holds(
        "the checklist of a run asks for less",
        |a| {
            write(
                opened(a, |body| &body["checklist"]["sha256"]),
                b"# Release\n\n- [ ] Notes are written `#notes`\n",
            );
        },
        &["HL013"],
        BROKEN,
    ),
    holds(
        "the checklist of a run is gone",
        |a| remove(&opened(a, |body| &body["checklist"]["sha256"])),
        &["HL012"],
        BROKEN,
    ),
    holds(
        "the policy that is pinned asks for no signatures",
        |a| {
            let path = pinned(a, "policy");
            let text = fs::read_to_string(&path).expect("a policy");
            write(path, text.replace("required", "optional").as_bytes());
        },
        &["HL013", "HL023"],
        BROKEN,
    ),
    holds(
        "the policy that is pinned is gone",
        |a| remove(&pinned(a, "policy")),
        &["HL012", "HL023"],
        BROKEN,
    ),
    holds(
        "the keys that are pinned have one more",
        |a| {
            let path = pinned(a, "allowed_signers");
            let eve = a.case.read("eve.pub");
            let text = fs::read_to_string(&path).expect("keys");
            write(
                path,
                format!("{text}eve@example.com namespaces=\"tech-lead.signoff@holdpoint\" {eve}")
                    .as_bytes(),
            );
        },
        &["HL013", "HL023"],
        BROKEN,
    ),
    holds(
        "the keys that are revoked are no more",
        |a| write(pinned(a, "revoked"), b""),
        &["HL013", "HL023"],
        BROKEN,
    ),
    lie(
        "a key is added in the work tree",
        |a| {
            let known = a.case.read("ledger/keys/allowed_signers");
            let eve = a.case.read("eve.pub");
            a.case.write(
                "ledger/keys/allowed_signers",
                format!("{known}eve@example.com namespaces=\"tech-lead.signoff@holdpoint\" {eve}"),
            );
            let mut statement = a.missing();
            statement["signer"] = json!("eve@example.com");
            a.say("signoff", statement, "eve");
        },
        &["HL020", "HL022"],
        "intact, not anchored after entry ",
    ),
    lie(
        "everybody may sign by a wildcard in the work tree",
        |a| {
            let eve = a.case.read("eve.pub");
            a.case.write("ledger/keys/allowed_signers", format!("* namespaces=\"*\" {eve}"));
        },
        &["HL020"],
        FINE,
    ),
    lie(
        "a key is taken out of `revoked` in the work tree",
        |a| {
            remove(&a.case.path().join("ledger/keys/revoked"));
        },
        &["HL020"],
        FINE,
    ),
    lie(
        "the policy of the work tree asks for no signatures",
        |a| {
            a.case.write(
                "holdpoint.toml",
                a.case.read("holdpoint.toml").replace("required", "optional"),
            );
        },
        &["HL020"],
        FINE,
    ),
    lie(
        "the checkpoint is gone",
        |a| remove(&a.case.path().join("ledger/checkpoint")),
        &["HL031"],
        BROKEN,
    ),
    lie("the checkpoint is empty", |a| a.case.write("ledger/checkpoint", ""), &["HL030"], BROKEN),
    lie(
        "the checkpoint has lost its signature",
        |a| {
            let text: String =
                a.case.read("ledger/checkpoint").split_inclusive('\n').take(4).collect();
            a.case.write("ledger/checkpoint", text);
        },
        &["HL030"],
        BROKEN,
    ),
    lie(
        "the checkpoint is signed by another key",
        |a| {
            a.sign_log_with(&Signer::new(&origin(&a.ledger()), &[7; 32]).expect("a key"));
        },
        &["HL030"],
        BROKEN,
    ),
    lie(
        "the checkpoint is signed by another key as well",
        |a| {
            let own = a.case.read("ledger/checkpoint");
            a.sign_log_with(&Signer::new("other", &[7; 32]).expect("a key"));
            let other = a.case.read("ledger/checkpoint");
            let line = other.lines().last().expect("a signature");
            a.case.write("ledger/checkpoint", format!("{own}{line}\n"));
        },
        &[],
        FINE,
    ),
    lie(
        "the checkpoint says more lines than there are",
        |a| {
            let text = a.case.read("ledger/checkpoint");
            let size = text.lines().nth(1).expect("a size").to_owned();
            a.case.write("ledger/checkpoint", text.replacen(&size, &format!("{size}0"), 1));
        },
        &["HL030"],
        BROKEN,
    ),
    lie(
        "the checkpoint has an extension line",
        |a| {
            let text = a.case.read("ledger/checkpoint");
            a.case.write("ledger/checkpoint", text.replacen("\n\n", "\nverified by eve\n\n", 1));
        },
        &["HL030"],
        BROKEN,
    ),
    lie(
        "an older checkpoint is put back",
        |a| {
            let lines = a.trunk();
            a.put(&lines[..9]);
            a.sign_log();
            a.put(&lines);
        },
        &[],
        "intact, not anchored after entry 9",
    ),
    lie(
        "the log's public key is another",
        |a| {
            let signer = Signer::new(&origin(&a.ledger()), &[7; 32]).expect("a key");
            a.case.write("ledger/keys/log.vkey", format!("{}\n", signer.verifier()));
        },
        &["HL035"],
        BROKEN,
    ),
    lie(
        "the log's public key is gone",
        |a| remove(&a.case.path().join("ledger/keys/log.vkey")),
        &["HL035"],
        BROKEN,
    ),
    holds(
        "the trunk is gone, and a line waits",
        |a| {
            a.append("note", json!({ "run": null, "text": "x" }));
            remove(&a.case.path().join("ledger/ledger.jsonl"));
        },
        &["HL006", "HL014"],
        BROKEN,
    ),
    holds(
        "the trunk is empty, and another ledger's first lines wait",
        |a| {
            let other = a.trunk()[0].replacen(&a.ledger(), &"0".repeat(32), 1);
            a.case.write("ledger/ledger.jsonl", "");
            a.append_bytes(other.as_bytes());
        },
        &["HL014", "HL023", "HL030"],
        BROKEN,
    ),
    holds(
        "a folder stands in place of the inbox's file",
        |a| {
            fs::create_dir_all(a.case.path().join("ledger/inbox/eve.jsonl")).expect("a folder");
        },
        &["HL001"],
        BROKEN,
    ),
    lie(
        "lines of the trunk are called a segment",
        |a| {
            a.case.write("ledger/archive/000000000000.jsonl", a.case.read("ledger/ledger.jsonl"));
            a.case.write("ledger/ledger.jsonl", "");
        },
        &["HL036"],
        BROKEN,
    ),
    holds(
        "a segment is there that the trunk has already",
        |a| {
            a.case.write("ledger/archive/000000000000.jsonl", a.case.read("ledger/ledger.jsonl"));
        },
        &["HL004", "HL036"],
        BROKEN,
    ),
];
