//! What is acknowledged is never lost, and one history comes of many.

use std::io::Write;

use crate::support::Case;

const LIST: &str = "# R\n\n- [ ] One `#one`\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n- [ ] Two `#two`\n";

fn entries(case: &Case) -> Vec<serde_json::Value> {
    let done = case.run(&["log", "--format", "json"]).exits(0);
    done.json()["entries"].as_array().expect("entries").clone()
}

#[test]
fn every_line_names_the_digest_of_the_line_before_it() {
    let case = Case::with(LIST);
    case.run_list().exits(10);
    let ledger = case.read("ledger/ledger.jsonl");
    let lines: Vec<&str> = ledger.lines().collect();
    assert!(lines.len() >= 4, "{ledger}");
    for pair in lines.windows(2) {
        let id = sha256sum(&format!("{}\n", pair[0]));
        assert!(pair[1].contains(&format!("\"prev\":[\"{id}\"]")), "{}", pair[1]);
    }
}

/// By the program that auditors have.
fn sha256sum(text: &str) -> String {
    let mut child = std::process::Command::new("sha256sum")
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("sha256sum is installed (apt-get install coreutils)");
    child.stdin.take().expect("a pipe").write_all(text.as_bytes()).expect("written");
    let output = child.wait_with_output().expect("an end");
    String::from_utf8_lossy(&output.stdout)[..64].to_owned()
}

#[test]
fn entries_that_git_took_away_come_back() {
    let case = Case::with(LIST).committed();
    case.run_list().exits(10);
    let before = entries(&case);
    case.git(&["stash", "-u", "-q"]);
    assert!(!case.path().join("ledger/ledger.jsonl").exists());
    case.run(&["seal"]).exits(0);
    assert_eq!(entries(&case), before);
    case.run(&["verify"]).exits(0);
}

#[test]
fn a_journal_goes_when_git_has_its_lines() {
    let case = Case::with(LIST).committed();
    case.run_list().exits(10);
    let journals = || case.files(".git/holdpoint/journal", "").len();
    assert!(journals() > 0);
    case.run(&["seal"]).exits(0);
    assert!(journals() > 0, "nothing is committed yet");
    case.commit("ledger");
    case.run(&["seal"]).exits(0);
    assert_eq!(journals(), 0);
    case.run(&["verify"]).exits(0);
}

#[test]
fn a_torn_tail_is_put_aside_and_the_ledger_goes_on() {
    let case = Case::with(LIST);
    case.run_list().exits(10);
    let session = case.files("ledger/inbox", ".jsonl").pop().expect("a session's file");
    let mut file = std::fs::OpenOptions::new().append(true).open(&session).expect("opened");
    file.write_all(b"{\"at\":\"2026").expect("written");
    case.run(&["verify"]).exits(30).says("repair");
    case.run(&["attest", "two", "--pass"]).exits(0).says("put right: 1 file cut");
    case.run(&["verify"]).exits(0);
    case.run(&["status"]).exits(0);
}

#[test]
fn a_sessions_file_that_a_crash_filled_with_anything_is_made_from_the_journal() {
    let case = Case::with(LIST).committed();
    case.run(&["init"]).exits(0);
    std::fs::rename(case.log_key(), case.user().join("away")).expect("moved");
    case.run_list().exits(10);
    let before = entries(&case);
    let session = case.files("ledger/inbox", ".jsonl");
    let session = session.iter().max_by_key(|path| path.metadata().expect("a file").len());
    let mut bytes = std::fs::read(session.expect("a file")).expect("lines");
    bytes[10..200].fill(0);
    std::fs::write(session.expect("a file"), &bytes).expect("written");
    case.run(&["verify"]).exits(30);
    case.run(&["attest", "two", "--pass"]).exits(0).says("1 entry put back");
    assert_eq!(entries(&case)[..before.len()], before);
    case.run(&["verify"]).exits(0);
    // What was in the file is kept, in case that it was something after all.
    let aside = case.files(".git/holdpoint", "").into_iter();
    let mut aside = aside.filter(|path| path.to_string_lossy().contains(".torn-"));
    assert!(aside.any(|path| std::fs::read(path).expect("bytes") == bytes));
}

#[test]
fn a_ledger_whose_beginning_was_cut_short_goes_on() {
    let case = Case::with(LIST);
    case.run(&["init"]).exits(0);
    let first =
        case.read("ledger/ledger.jsonl").split_inclusive('\n').next().expect("a line").to_owned();
    for path in case.files("ledger", "").iter().chain(&case.files(".gitattributes", "")) {
        std::fs::remove_file(path).expect("removed");
    }
    std::fs::remove_file(case.log_key().with_file_name("checkpoint")).expect("removed");
    case.write("ledger/inbox/begun.jsonl", first + "{\"at\":");
    case.run_list().exits(10);
    case.run(&["attest", "two", "--pass"]).exits(0);
    case.run(&["status"]).exits(0);
    case.run(&["verify", "--strict"]).exits(0);
    assert!(case.path().join(".gitattributes").exists());
}

#[test]
fn segments_that_a_crash_left_in_two_places_are_finished() {
    use holdpoint::ledger::record::{Body, Note};
    use holdpoint::ledger::{Ledger, Location, ROTATION, Session};

    let case = Case::with(LIST).committed();
    case.run(&["init"]).exits(0);
    let private = case.path().join(".git/holdpoint");
    let open = || {
        let location = Location::new(case.path(), Some(&private), None);
        Ledger::open_to_write(location).expect("a ledger")
    };
    let note = Body::Note(Note { run: None, text: "so it goes".to_owned() });
    let session = Session { name: "long".to_owned(), writer: "alice@host".to_owned() };
    let time = "2026-11-21T09:30:00.000Z".parse().expect("a time");
    open().append(&session, time, vec![note; 2 * ROTATION + 1], &[]).expect("appended");
    case.run(&["seal"]).exits(0);
    let segments = case.files("ledger/archive", ".jsonl");
    assert_eq!(segments.len(), 2);
    let newest = case.read("ledger/ledger.jsonl");
    let all = segments.iter().map(|path| std::fs::read_to_string(path).expect("lines"));
    // Both are written, and the trunk has not been cut yet.
    case.write("ledger/ledger.jsonl", all.collect::<String>() + &newest);
    let count = open().entries().len();
    assert_eq!((count, case.read("ledger/ledger.jsonl")), (2 * ROTATION + 3, newest));
    case.run(&["verify"]).exits(0).says("intact, self-anchored");
}

#[test]
fn two_clones_join_without_a_conflict() {
    let origin = Case::new();
    origin.git(&["init", "-q", "--bare", "-b", "main"]);
    let url = origin.path().to_str().expect("a path").to_owned();
    let first = Case::with(LIST).committed();
    first.git(&["remote", "add", "origin", &url]);
    first.run(&["init", "."]);
    first.commit("ledger");
    first.git(&["push", "-q", "-u", "origin", "main"]);
    let second = Case::new().set("HOLDPOINT_LOG_KEY", &first.log_key().to_string_lossy());
    second.git(&["clone", "-q", &url, "."]);

    first.run_list().exits(10);
    first.commit("first");
    first.git(&["push", "-q"]);
    second.run_list().exits(10);
    second.commit("second");
    second.git(&["pull", "-q", "--no-rebase", "--no-edit"]);
    second.run(&["verify"]).exits(0);
    second.run(&["attest", "two", "--pass"]).exits(0);
    second.run(&["seal"]).exits(0);
    second.run(&["verify"]).exits(0);
    let log = entries(&second);
    let opened = log.iter().filter(|entry| entry["kind"] == "run_opened").count();
    assert_eq!(opened, 2);
    assert!(log.iter().any(|entry| entry["prev"].as_array().is_some_and(|prev| prev.len() == 2)));
}

#[test]
fn a_folder_that_cannot_be_written_gives_a_message_and_no_go() {
    let case = Case::with(LIST);
    case.write("ledger", "a file where the folder should be");
    let done = case.run_list();
    assert!([1, 2].contains(&done.code), "{done:?}");
    done.says("ledger");
}

#[test]
fn a_journal_that_cannot_be_written_gives_a_message_and_no_go() {
    let case = Case::with(LIST);
    case.run_list().exits(10);
    let journal = case.path().join("ledger/.journal");
    let _ = std::fs::remove_dir_all(&journal);
    case.write("ledger/.journal", "no folder");
    case.run_list().exits(1).says(".journal");
    std::fs::remove_file(&journal).expect("removed");
    case.run(&["verify"]).exits(0);
}

#[test]
fn a_folder_of_the_ledger_that_cannot_be_listed_is_not_empty() {
    let case = Case::with("# L\n\n- [ ] one\n").committed();
    case.run_list().exits(10);
    case.run(&["attest", "one", "--pass"]).exits(0);
    let inbox = case.path().join("ledger/inbox");
    let _ = std::fs::remove_dir_all(&inbox);
    case.write("ledger/inbox", "no folder");
    case.run(&["status"]).exits(1).says("inbox");
    case.run(&["verify"]).exits(30).says("ledger/inbox");
}

#[test]
fn runs_beside_each_other_lose_nothing() {
    let items: String = (0..20)
        .map(|n| format!("- [ ] Item {n}\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n"))
        .collect();
    let case = Case::with(&format!("# L\n\n{items}"));
    let children: Vec<_> = (0..4)
        .map(|_| case.command(&["run", "list.md", "--no-report"]).spawn().expect("started"))
        .collect();
    for mut child in children {
        assert!(child.wait().expect("an end").success());
    }
    case.run(&["verify"]).exits(0);
    let log = entries(&case);
    assert_eq!(log.iter().filter(|entry| entry["kind"] == "run_opened").count(), 4);
    assert_eq!(log.iter().filter(|entry| entry["kind"] == "result").count(), 80);
    assert_eq!(log.iter().filter(|entry| entry["kind"] == "genesis").count(), 1);
}

#[test]
fn what_was_acknowledged_survives_being_killed() {
    let items: String = (0..200)
        .map(|n| format!("- [ ] Item {n}\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n"))
        .collect();
    let case = Case::with(&format!("# L\n\n{items}"));
    let mut child = case
        .command(&["run", "list.md", "--no-report"])
        .stderr(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("started");
    let mut said = std::io::BufReader::new(child.stderr.take().expect("its talk"));
    let mut acknowledged = 0;
    let mut line = String::new();
    while acknowledged < 20 && std::io::BufRead::read_line(&mut said, &mut line).expect("text") > 0
    {
        acknowledged += usize::from(line.contains("pass"));
        line.clear();
    }
    child.kill().expect("killed");
    child.wait().expect("an end");
    assert!(acknowledged >= 20);
    case.run(&["status"]).exits(10);
    case.run(&["verify"]).exits(0);
    let log = entries(&case);
    assert!(log.iter().filter(|entry| entry["kind"] == "result").count() >= acknowledged);
}

#[test]
fn damage_by_something_else_stops_with_its_place() {
    let case = Case::with(LIST);
    case.run_list().exits(10);
    let ledger = case.read("ledger/ledger.jsonl");
    case.write("ledger/ledger.jsonl", ledger.replacen("\"seq\":1", "\"seq\":9", 1));
    let done = case.run_list();
    assert_eq!(done.code, 1, "{done:?}");
    done.says("ledger.jsonl:2");
    case.write("ledger/ledger.jsonl", format!("<<<<<<< HEAD\n{ledger}"));
    case.run_list().exits(1).says("ledger.jsonl:1").says("conflict");
}

#[test]
fn a_job_writes_under_the_name_that_it_is_given() {
    let case = Case::with("# R\n\n- [ ] One\n").set("HOLDPOINT_WRITER", "jenkins:release/42");
    case.run_list().exits(10);
    case.run(&["log", "--person", "jenkins:release/42"]).exits(0).says("run_opened");
}
