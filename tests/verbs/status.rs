//! `holdpoint status` of a ledger with full segments: what it takes from its index, and what it reads.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use holdpoint::ledger::record::{Body, Note};
use holdpoint::ledger::{Ledger, Location, ROTATION, Session};

use crate::support::desk::Desk;
use crate::support::{Case, chance::Chance};

const LIST: &str = "# R\n\n- [ ] One `#one`\n- [ ] Disk `#disk`\n  ```bash check\n  echo 1\n  # Expected: 1\n  ```\n\n## Sign-off\n\n**Tech Lead**: ____ Date: ____\n";

const POLICY: &str = "[policy]\nsignatures = \"required\"\nvoid = [\"qa-lead\"]\n[policy.change]\nroles = [\"qa-lead\"]\n";

const SEGMENT: &str = "ledger/archive/000000000000.jsonl";

/// Writes so many remarks, and seals them.
fn fill(case: &Case, count: usize) {
    let private = case.path().join(".git/holdpoint");
    let location = Location::new(case.path(), Some(&private), None);
    let mut ledger = Ledger::open_to_write(location).expect("a ledger");
    let note = Body::Note(Note { run: None, text: "so it goes".to_owned() });
    let session = Session { name: "long".to_owned(), writer: "carol@host".to_owned() };
    let time = "2036-01-01T00:00:00.000Z".parse().expect("a time");
    ledger.append(&session, time, vec![note; count], &[]).expect("appended");
    case.run(&["seal"]).exits(0);
}

/// A run, answered and signed; decided where told so.
fn signed(desk: &Desk, says: &str, decide: bool) {
    desk.case.run_list().exits(10);
    desk.case.run(&["attest", "one", "--pass"]).exits(0);
    desk.sign("alice", "Tech Lead", says);
    if decide {
        desk.by("alice", &["decide", "--key", "alice", "--yes", "--role", "Tech Lead"]).exits(0);
    }
    desk.case.run(&["seal"]).exits(0);
}

/// Two runs that are in segments, the second undecided, and one behind them.
fn desk() -> Desk {
    let desk = Desk::with(LIST, POLICY);
    let desk = Desk { case: desk.case.committed() };
    desk.key("alice", &["tech-lead"], "").key("bob", &["qa-lead"], "");
    desk.pin(&[]).exits(0);
    signed(&desk, "--go", true);
    fill(&desk.case, ROTATION);
    signed(&desk, "--no-go", false);
    fill(&desk.case, ROTATION);
    // The third is looser than the first, which was decided.
    desk.case.write("list.md", LIST.replace("One `#one`", "One `#one` (optional)"));
    desk.case.commit("looser");
    signed(&desk, "--go", true);
    assert_eq!(desk.case.files("ledger/archive", ".jsonl").len(), 2);
    desk
}

fn runs(desk: &Desk) -> Vec<String> {
    let opened = desk.entries("run_opened");
    opened.iter().map(|one| one["body"]["run"].as_str().expect("a run").to_owned()).collect()
}

fn index(case: &Case) -> PathBuf {
    case.path().join(".git/holdpoint/tree/index")
}

/// What `status` says of each run and of the newest, without an index and with the one that this left.
fn told(case: &Case, runs: &[String]) -> Vec<String> {
    let say = |run: Option<&String>| {
        let run = run.map(String::as_str);
        let arguments: Vec<&str> = ["status", "--format", "json"].into_iter().chain(run).collect();
        let done = case.run(&arguments);
        format!("{:?} {} {}", done.code, done.out, done.err)
    };
    runs.iter().map(Some).chain([None]).map(say).collect()
}

/// A file that was changed just now may change again without another time, and is not noted.
fn settle() {
    std::thread::sleep(Duration::from_secs(4));
}

/// The same length, and the same time of writing.
fn rewrite(path: &Path, bytes: &[u8]) {
    let time = fs::metadata(path).and_then(|about| about.modified()).expect("a time");
    fs::write(path, bytes).expect("written");
    let file = fs::File::options().write(true).open(path).expect("a file");
    file.set_modified(time).expect("a time set");
}

#[test]
fn status_says_the_same_with_an_index_and_without() {
    let desk = desk();
    let (case, runs) = (&desk.case, runs(&desk));
    // Whatever was noted meanwhile, each of them is asked as if for the first time.
    let mut without = Vec::new();
    for at in 0..runs.len() {
        let _ = fs::remove_file(index(case));
        without.push(told(case, &runs[at..=at]));
    }
    without.push(told(case, &[]));
    let without: Vec<String> = without.into_iter().map(|mut said| said.swap_remove(0)).collect();
    assert!(without[0].contains("\"decision\""), "{}", without[0]);
    assert!(without[2].contains("is optional"), "{}", without[2]);
    settle();
    fs::remove_file(index(case)).expect("removed");
    assert_eq!(told(case, &runs), without);
    let noted = fs::read(index(case)).expect("an index");
    assert_eq!(told(case, &runs), without);
    assert_eq!(fs::read(index(case)).expect("an index"), noted);
    // Somebody writes behind it.
    case.run(&["attest", "one", "--fail", "--note", "no"]).exits(0);
    let behind = told(case, &runs);
    assert_ne!(behind, without);
    fs::remove_file(index(case)).expect("removed");
    assert_eq!(told(case, &runs), behind);
    // Another segment is added to it.
    fill(case, ROTATION);
    settle();
    let longer = told(case, &runs);
    assert!(fs::metadata(index(case)).expect("an index").len() > noted.len() as u64);
    fs::remove_file(index(case)).expect("removed");
    assert_eq!(told(case, &runs), longer);
}

#[test]
fn an_index_that_is_damaged_is_made_anew() {
    let desk = desk();
    let (case, runs) = (&desk.case, runs(&desk));
    settle();
    let said = told(case, &runs);
    let noted = fs::read(index(case)).expect("an index");
    let mut chance = Chance::new();
    for _ in 0..6 {
        let mut other = noted.clone();
        match chance.below(3) {
            0 => other.truncate(chance.below(noted.len() as u64) as usize),
            1 => other.extend_from_slice(b"more"),
            _ => {
                let at = chance.below(noted.len() as u64) as usize;
                other[at] ^= 1 << chance.below(8);
            }
        }
        fs::write(index(case), &other).expect("written");
        let (seed, expected) = (chance.seed, [said[1].clone(), said[3].clone()]);
        assert_eq!(told(case, &runs[1..2]), expected, "HOLDPOINT_SEED={seed}");
    }
}

#[test]
fn a_segment_that_was_changed_behind_an_index_is_told() {
    let desk = desk();
    let (case, runs) = (&desk.case, runs(&desk));
    settle();
    told(case, &runs);
    assert!(index(case).exists());
    let path = case.path().join(SEGMENT);
    let good = fs::read(&path).expect("a segment");
    let text = String::from_utf8(good.clone()).expect("text");
    // What anyone who can write the repository might want: a result, a word, a line less.
    for changed in [
        text.replacen("\"outcome\":\"pass\"", "\"outcome\":\"fail\"", 1),
        text.replacen("so it goes", "so it went", 1),
        text.lines().filter(|line| !line.contains("\"kind\":\"signoff\"")).fold(
            String::new(),
            |mut all, line| {
                all.push_str(line);
                all.push('\n');
                all
            },
        ),
    ] {
        assert_ne!(changed, text);
        rewrite(&path, changed.as_bytes());
        for run in &runs {
            case.run(&["status", run]).exits(1).says("holdpoint verify");
        }
        rewrite(&path, &good);
    }
    // Another file of the same length in its stead, and none at all.
    let aside = case.path().join("aside");
    fs::rename(&path, &aside).expect("moved");
    case.run(&["status"]).exits(1);
    Command::new("cp").args(["-p"]).arg(&aside).arg(&path).status().expect("cp");
    rewrite(&path, text.replacen("so it goes", "so it went", 1).as_bytes());
    case.run(&["status"]).exits(1);
    fs::rename(&aside, &path).expect("moved back");
    assert_eq!(told(case, &runs).len(), 4);
}

#[test]
fn a_pipe_among_the_segments_is_told_and_not_waited_for() {
    let case = Case::with("# R\n\n- [ ] One `#one`\n").committed();
    case.run_list().exits(10);
    let folder = case.path().join("ledger/archive");
    fs::create_dir_all(&folder).expect("a folder");
    let made = Command::new("mkfifo").arg(folder.join("000000000000.jsonl")).status();
    assert!(made.expect("mkfifo starts").success());
    case.run(&["status"]).exits(1).says("is no file");
    case.run(&["verify"]).exits(30);
}
