//! Lines: changed, moved, left out, written anew.

use holdpoint::ledger::checkpoint::origin;
use holdpoint::note::Signer;
use serde_json::{Value, json};

use super::attack::{id, line};
use super::{Lie, holds, lie};

const BROKEN: &str = "broken";
const OPEN: &str = "intact, not anchored after entry ";

pub(super) const LIES: &[Lie] = &[
    holds(
        "a failure is made a pass",
        |a| a.edit(&["\"kind\":\"result\""], "\"fail\"", "\"pass\""),
        &["HL005", "HL032"],
        BROKEN,
    ),
    holds(
        "a link is changed",
        |a| a.edit(&["\"kind\":\"result\""], "\"prev\":[\"", "\"prev\":[\"00"),
        &["HL003", "HL005", "HL011", "HL032"],
        BROKEN,
    ),
    holds(
        "a time is changed",
        |a| a.edit(&["\"kind\":\"result\""], "\"at\":\"2026", "\"at\":\"2025"),
        &["HL005", "HL032"],
        BROKEN,
    ),
    lie(
        "the last line is changed",
        |a| {
            let last = a.trunk().len() - 1;
            let mut lines = a.trunk();
            lines[last] = lines[last].replace("\"pass\"", "\"fail\"");
            a.put(&lines);
        },
        &["HL032"],
        BROKEN,
    ),
    holds(
        "a line in the middle is left out",
        |a| {
            let mut lines = a.trunk();
            lines.remove(a.place(&["\"kind\":\"waived\""]));
            a.put(&lines);
        },
        &["HL005", "HL011", "HL032", "HL033"],
        BROKEN,
    ),
    holds("the first line is left out", |a| a.put(&a.trunk()[1..]), &["HL006", "HL011"], BROKEN),
    holds(
        "two lines change places",
        |a| {
            let mut lines = a.trunk();
            lines.swap(7, 8);
            a.put(&lines);
        },
        &["HL006", "HL032"],
        BROKEN,
    ),
    holds(
        "a line is there twice",
        |a| {
            let mut lines = a.trunk();
            lines.insert(5, lines[5].clone());
            a.put(&lines);
        },
        &["HL004", "HL032"],
        BROKEN,
    ),
    lie(
        "the tail is cut off",
        |a| {
            let lines = a.trunk();
            a.put(&lines[..lines.len() - 2]);
        },
        &["HL033"],
        BROKEN,
    ),
    lie(
        "everything after the first run is cut off",
        |a| {
            let end = a.place(&[a.run(0)]);
            a.put(&a.trunk()[..=end]);
        },
        &["HL014", "HL033"],
        BROKEN,
    ),
    lie(
        "everything is written anew with other results",
        |a| {
            a.edit(&[a.run(2), "\"kind\":\"result\""], "\"fail\"", "\"pass\"");
            a.relink();
        },
        &["HL032"],
        BROKEN,
    ),
    holds(
        "everything is written anew and signed with the log's key",
        |a| {
            a.edit(&[a.run(0), "\"kind\":\"result\""], "\"fail\"", "\"pass\"");
            a.relink();
            a.sign_log();
        },
        &["HL022", "HL032"],
        BROKEN,
    ),
    holds(
        "everything is written anew under another log's key",
        |a| {
            let signer = Signer::new(&origin(&a.ledger()), &[7; 32]).expect("a key");
            let mut lines = a.trunk();
            let mut genesis: Value = serde_json::from_str(&lines[0]).expect("JSON");
            genesis["body"]["log_key"] = json!(signer.verifier().to_string());
            lines[0] = line(&genesis);
            a.put(&lines);
            a.relink();
            a.sign_log_with(&signer);
            a.case.write("ledger/keys/log.vkey", format!("{}\n", signer.verifier()));
        },
        &["HL022", "HL032"],
        BROKEN,
    ),
    holds(
        "everything becomes the ledger of another name",
        |a| {
            let mut lines = a.trunk();
            lines[0] = lines[0].replacen(&a.ledger(), &"0".repeat(32), 1);
            a.put(&lines);
            a.relink();
        },
        &["HL022", "HL030", "HL032"],
        BROKEN,
    ),
    lie(
        "a ledger is cut before a sign-off and signed with the log's key",
        |a| {
            let end = a.place(&[a.run(1), "\"kind\":\"signoff\""]);
            a.put(&a.trunk()[..end]);
            a.sign_log();
        },
        &[],
        "intact, self-anchored",
    ),
    holds(
        "a second ledger begins in the middle",
        |a| {
            let mut entry =
                a.draft(&a.last(), "genesis", a.entry(&["\"kind\":\"genesis\""])["body"].clone());
            entry["prev"] = json!([]);
            entry["seq"] = json!(0);
            a.append_bytes(line(&entry).as_bytes());
        },
        &["HL009"],
        BROKEN,
    ),
    lie(
        "a beginning names what was before it",
        |a| {
            a.append("genesis", a.entry(&["\"kind\":\"genesis\""])["body"].clone());
        },
        &["HL009"],
        BROKEN,
    ),
    holds(
        "an entry follows nothing and is no beginning",
        |a| {
            let mut entry = a.draft(&a.last(), "note", json!({ "run": null, "text": "x" }));
            entry["prev"] = json!([]);
            entry["seq"] = json!(0);
            a.append_bytes(line(&entry).as_bytes());
        },
        &["HL009"],
        BROKEN,
    ),
    holds(
        "an entry follows one that is not there",
        |a| {
            let mut before = a.last();
            before["id"] = json!("0".repeat(64));
            a.append_behind(&before, "note", json!({ "run": null, "text": "x" }));
        },
        &["HL006"],
        BROKEN,
    ),
    holds(
        "an entry counts as a later one",
        |a| {
            let mut entry = a.draft(&a.last(), "note", json!({ "run": null, "text": "x" }));
            entry["seq"] = json!(4000);
            a.append_bytes(line(&entry).as_bytes());
        },
        &["HL007"],
        BROKEN,
    ),
    holds(
        "an entry names its parents in another order",
        |a| {
            parents(a, |mut ids| {
                ids.sort();
                ids.reverse();
                ids
            });
        },
        &["HL008"],
        BROKEN,
    ),
    holds(
        "an entry names a parent twice",
        |a| parents(a, |ids| vec![ids[0].clone(), ids[0].clone()]),
        &["HL007", "HL008"],
        BROKEN,
    ),
    lie(
        "an entry names a parent and what that follows",
        |a| {
            parents(a, |mut ids| {
                ids.sort();
                ids
            });
        },
        &["HL008"],
        BROKEN,
    ),
    holds(
        "a sealed line stands before what it follows",
        |a| {
            let mut lines = a.trunk();
            let first = line(&a.draft(&a.last(), "note", json!({ "run": null, "text": "x" })));
            let mut before = a.last();
            before["seq"] = json!(lines.len());
            before["id"] = json!(id(&first));
            let second = line(&a.draft(&before, "note", json!({ "run": null, "text": "y" })));
            lines.extend([second, first]);
            a.put(&lines);
        },
        &["HL006", "HL010"],
        BROKEN,
    ),
    lie(
        "a count of a writer is used again",
        |a| {
            let mut entry = a.draft(&a.last(), "note", json!({ "run": null, "text": "x" }));
            entry["writer"] = a.entry(&["\"kind\":\"result\""])["writer"].clone();
            a.append_bytes(line(&entry).as_bytes());
        },
        &["HL010"],
        OPEN,
    ),
    lie(
        "a writer's red runs are left out",
        |a| {
            let mut entry = a.draft(&a.last(), "note", json!({ "run": null, "text": "x" }));
            entry["writer"]["n"] = json!(40);
            a.append_bytes(line(&entry).as_bytes());
        },
        &["HL011"],
        OPEN,
    ),
    holds(
        "a writer counts from nothing",
        |a| {
            let mut entry = a.draft(&a.last(), "note", json!({ "run": null, "text": "x" }));
            entry["writer"]["n"] = json!(0);
            a.append_bytes(line(&entry).as_bytes());
        },
        &["HL003"],
        BROKEN,
    ),
    lie(
        "a run is opened a second time with fewer items",
        |a| {
            let mut body = a.of(2, "run_opened")["body"].clone();
            body["items_sha256"] = json!(a.keep(b"[]"));
            body["items"] = json!(0);
            a.append("run_opened", body);
        },
        &["HL025"],
        BROKEN,
    ),
    lie(
        "a result is for a run that nobody opened",
        |a| {
            let mut body = a.of(2, "result")["body"].clone();
            body["run"] = json!("release-1");
            a.append("result", body);
        },
        &["HL025"],
        BROKEN,
    ),
    lie(
        "a result stands beside the run that it is for",
        |a| {
            let before = a.of(0, "decided");
            let mut body = a.of(1, "result")["body"].clone();
            body["run"] = json!(a.run(2));
            a.append_behind(&before, "result", body);
        },
        &[],
        OPEN,
    ),
    lie(
        "a friendlier result is slipped in on a branch",
        |a| {
            let bad = a.entry(&[a.run(2), "\"item\":\"disk\"", "\"kind\":\"result\""]);
            let before = a.entry(&[a.run(2), "\"kind\":\"run_opened\""]);
            let mut body = bad["body"].clone();
            body["outcome"] = json!("pass");
            a.append_behind(&before, "result", body);
        },
        &[],
        OPEN,
    ),
    holds(
        "a friendlier result is slipped in after the sign-offs",
        |a| {
            let mut body =
                a.entry(&[a.run(0), "\"item\":\"disk\"", "\"kind\":\"result\""])["body"].clone();
            body["outcome"] = json!("pass");
            body["attempt"] = json!(2);
            a.append("result", body);
        },
        &[],
        OPEN,
    ),
    lie(
        "a person's pass is put over a failed check",
        |a| {
            let mut body = a.of(2, "attested")["body"].clone();
            let disk = a.entry(&[a.run(2), "\"item\":\"disk\"", "\"kind\":\"result\""]);
            body["item"] = json!("disk");
            body["item_sha256"] = disk["body"]["item_sha256"].clone();
            a.append("attested", body);
        },
        &[],
        OPEN,
    ),
    lie(
        "a result is for another text of the item",
        |a| {
            let mut body =
                a.entry(&[a.run(2), "\"item\":\"disk\"", "\"kind\":\"result\""])["body"].clone();
            body["outcome"] = json!("pass");
            body["item_sha256"] = json!("0".repeat(64));
            a.append("result", body);
        },
        &[],
        OPEN,
    ),
];

/// An entry behind the last two, whose ids are put as a lie has them.
fn parents(a: &super::Attack, order: fn(Vec<String>) -> Vec<String>) {
    let lines = a.trunk();
    let ids = lines[lines.len() - 2..].iter().map(|line| id(line)).collect();
    let mut entry = a.draft(&a.last(), "note", json!({ "run": null, "text": "x" }));
    entry["prev"] = json!(order(ids));
    a.append_bytes(line(&entry).as_bytes());
}
