//! A ledger of a million entries, made here: verified beside `sha256sum` of the same bytes, one run of it proven, and looked
//! at.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use holdpoint::clock::Timestamp;
use holdpoint::digest::Digest;
use holdpoint::flow::{self, Home};
use holdpoint::ledger::ROTATION;
use holdpoint::ledger::checkpoint::{Checkpoint, origin};
use holdpoint::ledger::merkle::Tree;
use holdpoint::ledger::record::{
    Attested, Body, ChecklistFile, Entry, Genesis, ItemResult, PlanItem, Policy, RunOpened, Writer,
};
use holdpoint::note::Signer;
use holdpoint::outcome::{CheckResult, ExpectResult, Outcome, StepResult, Stream};
use holdpoint::redact::Secrets;
use holdpoint::run::{self, Earlier, Settings, Stop};
use holdpoint::sign::Pins;

use super::{BINARY, in_turn, show, timed};

const ENTRIES: usize = 1_000_000;
const LEDGER: &str = "00112233445566778899aabbccddeeff";

/// Entries of one run.
const RUN: usize = 1_000;

pub(super) fn verify() {
    let place = tempfile::tempdir().expect("a temporary folder");
    let bytes = write(&place.path().join("ledger"), ENTRIES);
    let memory = format!("{}/memory", place.path().display());
    let ours = || {
        timed(|| {
            let measured = ["-f", "%M", "-o", &memory, BINARY, "verify", "--strict"];
            call(Command::new("/usr/bin/time").args(measured).current_dir(place.path()));
        })
    };
    let archive = place.path().join("ledger/archive");
    let sum = || {
        timed(|| {
            call(Command::new("sh").args(["-c", "cat *.jsonl | sha256sum"]).current_dir(&archive))
        })
    };
    let (ours, theirs, ratio) = in_turn(ours, sum);
    let kilobytes: u64 =
        fs::read_to_string(&memory).ok().and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    show(
        &format!("verify of {ENTRIES} entries, {} MB", bytes / 1_000_000),
        ours,
        &format!(
            "sha256sum {:.0} ms: {ratio:.2} times, limit 1; {} MB of memory, limit 100",
            theirs.as_secs_f64() * 1e3,
            kilobytes / 1_000
        ),
    );
    prove(place.path());
    look(place.path());
}

/// Where runs stand, and what was written last, beside reading the bytes alone.
fn look(root: &Path) {
    let archive = root.join("ledger/archive");
    let bytes = || {
        timed(|| {
            call(Command::new("sh").args(["-c", "cat *.jsonl > /dev/null"]).current_dir(&archive))
        })
    };
    let once = |arguments: &[&str]| {
        let done = Command::new(BINARY).args(arguments).current_dir(root).output().expect("an end");
        assert!(done.status.code().is_some_and(|code| [0, 10].contains(&code)), "{done:?}");
    };
    for arguments in [
        &["status"][..],
        &["log", "-n", "20"],
        &["log", "--run", "run-000500"],
        &["log", "--item", "item-7", "-n", "20"],
        &["log", "--outcome", "fail", "--kind", "result"],
    ] {
        let (ours, alone, _) = in_turn(|| timed(|| once(arguments)), bytes);
        let beside = format!("limit 200 ms; `cat` of it {:.0} ms", alone.as_secs_f64() * 1e3);
        show(&format!("  {}", arguments.join(" ")), ours, &beside);
    }
}

/// Every entry of one run, the files written included; the first time makes the cache.
fn prove(root: &Path) {
    let once = || -> Duration {
        let named = "run-000500";
        let done = timed(|| {
            call(
                Command::new(BINARY)
                    .args(["log", "--prove", named, "--out", "proof"])
                    .current_dir(root),
            );
        });
        fs::remove_dir_all(root.join("proof")).expect("proofs");
        done
    };
    show("  the cache of proofs, made from nothing", once(), "once");
    show(&format!("  {RUN} proofs of one run"), super::median(once), "limit 10 ms a proof");
}

/// Other bytes at each call.
fn fresh() -> io::Result<[u8; 16]> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let (next, pid) = (NEXT.fetch_add(1, Ordering::Relaxed), u64::from(std::process::id()));
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&next.to_le_bytes());
    bytes[8..].copy_from_slice(&pid.to_le_bytes());
    Ok(bytes)
}

/// Nobody watches.
struct Silence;

impl flow::Watch for Silence {
    fn started(&self, _: &str) {}
    fn again(&self, _: &str, _: flow::Attempt) {}
    fn recorded(&self, _: &[flow::Recorded<'_>]) {}
}

/// A run of 1,000 checks as it is recorded, beside the same checks by the same runner and nothing kept.
pub(super) fn recording(cores: usize) {
    let item = "- [ ] Item N\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n";
    let items: String = (0..1_000).map(|n| item.replace('N', &n.to_string())).collect();
    let place = super::folder(&format!("# Many\n\n{items}"));
    let (root, jobs) = (place.path(), cores);
    let (home, none) = (Home { seals: false, random: fresh, ..super::home(root) }, BTreeMap::new());
    let caller: BTreeMap<String, String> =
        std::env::vars().filter(|(name, _)| ["PATH", "HOME", "LANG"].contains(&&**name)).collect();
    let worker = vec![OsString::from(BINARY), OsString::from("__worker")];
    let read = || flow::read(&root.join("list.md"), "list.md", &home.config).expect("a checklist");
    let alone = || {
        let checklist = read();
        let settings = Settings {
            worker: worker.clone(),
            jobs,
            root: root.to_owned(),
            random: home.random,
            temporary: std::env::temp_dir(),
            secrets: Secrets::default(),
        };
        let stop = Stop::default();
        // Whoever runs checks plans them, too.
        timed(|| {
            let plan = flow::plan(&checklist, &none, &caller).expect("a plan");
            let wanted = Vec::from_iter(0..plan.items.len());
            let pending = vec![Outcome::Pending; plan.items.len()];
            let earlier = Earlier { outcomes: pending, ..Earlier::default() };
            let workers = run::prepare(&plan, &settings, &stop);
            run::run(&plan, &wanted, &earlier, &settings, &stop, workers, &|_| {});
        })
    };
    let recorded = || {
        let order = flow::Order {
            checklist: read(),
            release: "1".to_owned(),
            environment: None,
            change: None,
            window: None,
            commit: String::new(),
            ticked: Default::default(),
            dirty: false,
            params: none.clone(),
            caller: caller.clone(),
            worker: worker.clone(),
            jobs,
            answers: Vec::new(),
            gate: None,
            resume: None,
            report: false,
        };
        let _ = fs::remove_dir_all(root.join("ledger"));
        timed(|| {
            let ran = flow::run(&home, &order, &Stop::default(), |_| Silence).expect("a run");
            assert!(ran.standing.outcomes().iter().all(|outcome| *outcome == Outcome::Pass));
        })
    };
    let (ours, bare, ratio) = in_turn(recorded, alone);
    let bare = bare.as_secs_f64() * 1e3;
    show(
        "1,000 checks recorded",
        ours,
        &format!("the checks alone {bare:.0} ms: {ratio:.2} times, limit 1.05"),
    );
}

fn call(command: &mut Command) {
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).status();
    assert!(status.is_ok_and(|status| status.success()), "{command:?}");
}

/// Writes a sealed and signed ledger; says how long its lines are.
fn write(folder: &Path, entries: usize) -> usize {
    let signer = Signer::new(&origin(LEDGER), &[7; 32]).expect("a name");
    let policy = holdpoint::policy::Policy::default().bytes().expect("a policy");
    let pins = Pins { policy: Digest::of(&policy), allowed_signers: None, revoked: None };
    put(&holdpoint::ledger::evidence::path(folder, &pins.policy), &policy);
    let (mut tree, mut segment, mut bytes) = (Tree::default(), Vec::new(), 0);
    let mut before = Vec::new();
    for n in 0..entries {
        let body = match n {
            0 => Body::Genesis(Genesis {
                ledger: LEDGER.to_owned(),
                log_key: Some(signer.verifier().to_string()),
                name: "bench".to_owned(),
                trunk: "main".to_owned(),
            }),
            1 => Body::Policy(Policy::unsigned(pins)),
            2 => opened(folder, n),
            _ if n.is_multiple_of(RUN) => opened(folder, n),
            _ => answer(n),
        };
        let writer = Writer { id: "bench@example".to_owned(), n: n as i64 + 1 };
        let at: Timestamp = "2026-11-21T09:30:00.000Z".parse().expect("a time");
        let entry =
            Entry { at, body, prev: std::mem::take(&mut before), seq: n as i64, v: 1, writer };
        let line = entry.line().expect("a line");
        before = vec![Digest::of(&line)];
        tree.push(&before[0]);
        segment.extend_from_slice(&line);
        bytes += line.len();
        if (n + 1) % ROTATION == 0 {
            put(&folder.join(format!("archive/{:012}.jsonl", n + 1 - ROTATION)), &segment);
            segment.clear();
        }
    }
    put(&folder.join("ledger.jsonl"), &segment);
    let checkpoint =
        Checkpoint { origin: origin(LEDGER), size: tree.size(), root: tree.root() }.signed(&signer);
    put(&folder.join("checkpoint"), checkpoint.as_bytes());
    put(&folder.join("keys/log.vkey"), format!("{}\n", signer.verifier()).as_bytes());
    bytes
}

/// A run begins; its checklist and its plan are evidence.
fn opened(folder: &Path, n: usize) -> Body {
    let items = || (1..RUN).map(|n| format!("- [ ] Item {n} `#item-{n}`\n"));
    let checklist = format!("# Bench\n\n{}", items().collect::<String>());
    let plan: Vec<PlanItem> = (1..RUN)
        .map(|n| PlanItem {
            gate: Some("Bench".to_owned()),
            item: format!("item-{n}"),
            item_sha256: Digest::of(format!("item-{n}").as_bytes()),
            required: true,
        })
        .collect();
    let plan = holdpoint::json::canonical(&plan).expect("a plan");
    let (sha256, items_sha256) = (Digest::of(checklist.as_bytes()), Digest::of(&plan));
    put(&holdpoint::ledger::evidence::path(folder, &sha256), checklist.as_bytes());
    put(&holdpoint::ledger::evidence::path(folder, &items_sha256), &plan);
    put(&folder.with_file_name("list.md"), checklist.as_bytes());
    Body::RunOpened(Box::new(RunOpened {
        change: None,
        checklist: ChecklistFile { path: "list.md".to_owned(), sha256, title: "Bench".to_owned() },
        commit: String::new(),
        dirty: false,
        environment: "bench".to_owned(),
        gates: vec!["Bench".to_owned()],
        items: RUN as i64 - 1,
        items_sha256,
        params: Vec::new(),
        release: "1".to_owned(),
        run: format!("run-{:06}", n / RUN),
    }))
}

/// A check's result, then three words of people.
fn answer(n: usize) -> Body {
    let (run, item) = (format!("run-{:06}", n / RUN), format!("item-{}", n % RUN));
    let item_sha256 = Digest::of(item.as_bytes());
    if !n.is_multiple_of(4) {
        let note = "seen by the team".to_owned();
        let outcome = Outcome::Pass;
        return Body::Attested(Box::new(Attested {
            evidence: Vec::new(),
            item,
            item_sha256,
            note,
            outcome,
            run,
            sig: None,
            statement: None,
        }));
    }
    let stream = Stream { bytes: 0, kept: None, lines: 0, sha256: Digest::of(b"") };
    let held =
        ExpectResult { held: Some(true), observed: "0".to_owned(), text: "exit == 0".to_owned() };
    let step = StepResult {
        exit: Some(0),
        expect: vec![held],
        ms: 3,
        stderr: stream,
        stdout: stream,
        title: String::new(),
    };
    let check =
        CheckResult { kind: "bash".to_owned(), message: None, steps: vec![step], target: None };
    Body::Result(ItemResult {
        attempt: 1,
        checks: vec![check],
        item,
        item_sha256,
        ms: 3,
        outcome: Outcome::Pass,
        redactions: Vec::new(),
        run,
    })
}

fn put(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    fs::write(path, bytes).expect("a file written");
}
