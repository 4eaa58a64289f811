//! Order and time: attempts, prerequisites, conditions, rounds, and values for later items.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Case, Done};

/// An item with one check of bash.
fn item(id: &str, script: &str) -> String {
    let script: String = script.lines().map(|line| format!("  {line}\n")).collect();
    format!("- [ ] Item {id} `#{id}`\n  ```bash check\n{script}  # expect: exit == 0\n  ```\n")
}

fn list(items: &[String]) -> String {
    format!("# R\n\n{}", items.concat())
}

const PARAMS: &str = "---\nparams:\n  - name: STAGE\n    values: [staging, production]\n  - name: FREE\n  - name: SERVICES\n  - name: TOKEN\n    secret: true\n---\n";

fn with_params(items: &[String]) -> Case {
    Case::with(&format!("{PARAMS}{}", list(items)))
}

fn run(case: &Case, more: &[&str]) -> Done {
    case.run(&[&["run", "list.md", "--no-report"], more].concat())
}

/// The outcome of each item, and why.
fn outcomes(case: &Case) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let status = case.run(&["status", "--format", "json"]).json();
    let items = status["items"].as_array().expect("items");
    items
        .iter()
        .map(|item| (text(&item["item"]), text(&item["outcome"]), text(&item["why"])))
        .collect()
}

#[track_caller]
fn comes_to(case: &Case, item: &str, outcome: &str, why: &str) {
    let found = outcomes(case).into_iter().find(|(id, ..)| id == item).expect("the item");
    assert_eq!(found.1, outcome, "{found:?}");
    assert!(found.2.contains(why), "{found:?}");
}

fn attempts(case: &Case, at: usize) -> Vec<(i64, String)> {
    let status = case.run(&["status", "--format", "json"]).json();
    let attempts = status["items"][at]["attempts"].as_array().expect("attempts").clone();
    let of = |one: &Value| {
        (
            one["attempt"].as_i64().expect("a number"),
            one["outcome"].as_str().expect("a word").to_owned(),
        )
    };
    attempts.iter().map(of).collect()
}

/// Passes when it is called for the third time.
const THIRD: &str = "echo x >> tries\ntest \"$(wc -l < tries)\" -ge 3";

#[test]
fn a_check_is_tried_again_and_every_attempt_is_recorded() {
    let case = Case::with(&list(&[item("a", &format!("# retry: 6 every 100ms\n{THIRD}"))]));
    let done = case.run(&["run", "list.md"]).exits(0);
    let done = done.says("Item a  (attempt 1 of 7)").says("Item a  (attempt 3 of 7)");
    assert!(!done.err.contains("attempt 4"), "{}", done.err);
    let (failed, passed) = ("fail".to_owned(), "pass".to_owned());
    assert_eq!(attempts(&case, 0), [(1, failed.clone()), (2, failed), (3, passed)]);
    for ending in [".md", ".html"] {
        let report = std::fs::read_to_string(&case.files("reports", ending)[0]).expect("a report");
        assert!(report.contains("passed on attempt 3"), "{report}");
        assert!(report.contains("Passed on a later attempt"), "{report}");
    }
    case.run(&["verify"]).exits(0);
}

#[test]
fn the_last_attempt_decides() {
    let never = "# retry: 2 every 100ms\necho x >> tries\nfalse";
    let case = Case::with(&list(&[item("a", never)]));
    case.run_list().exits(20);
    assert_eq!(case.read("tries"), "x\nx\nx\n");
    assert_eq!(attempts(&case, 0).len(), 3);
    comes_to(&case, "a", "fail", "exit == 0");
    // A later session counts on.
    let run =
        case.run(&["status", "--format", "json"]).json()["run"].as_str().expect("a run").to_owned();
    case.run(&["run", "list.md", "--no-report", "--resume", &run]).exits(20);
    assert_eq!(attempts(&case, 0).last(), Some(&(6, "fail".to_owned())));
}

#[test]
fn an_error_is_tried_again_too_and_each_attempt_has_the_whole_time() {
    let slow = "# timeout: 1s\n# until: 20s every 100ms\necho x >> tries\ntest -e slow || { touch slow; sleep 30; }";
    let case = Case::with(&list(&[item("a", slow)]));
    case.run_list().exits(0).says("timed out after 1s").says("attempt 2 of at most 201");
    assert_eq!(case.read("tries"), "x\nx\n");
}

#[test]
fn no_attempt_begins_when_the_time_is_up() {
    let case =
        Case::with(&list(&[item("a", "# until: 500ms every 200ms\necho x >> tries\nfalse")]));
    case.run_list().exits(20);
    let tries = case.read("tries").lines().count();
    assert!((1..=3).contains(&tries), "{tries}");
}

#[test]
fn only_the_check_that_says_so_is_tried_again_and_no_other_failure_is_forgotten() {
    let both = |first: &str| {
        format!(
            "# R\n\n- [ ] Both `#both`\n  ```bash check\n  echo x >> once\n  {first}\n  # expect: exit == 0\n  ```\n  ```bash check\n  # retry: 6 every 100ms\n  echo x >> tries\n  test \"$(wc -l < tries)\" -ge 3\n  # expect: exit == 0\n  ```\n"
        )
    };
    let case = Case::with(&both("true"));
    case.run_list().exits(0);
    assert_eq!(case.read("once"), "x\n");
    let case = Case::with(&both("false"));
    case.run_list().exits(20);
    assert_eq!((case.read("once").as_str(), case.read("tries").as_str()), ("x\n", "x\nx\nx\n"));
    comes_to(&case, "both", "fail", "exit == 0");
}

#[test]
fn what_waits_for_a_person_is_not_tried_again() {
    let list = "# R\n\n- [ ] Look `#look`\n  ```bash check\n  # retry: 6 every 100ms\n  echo x >> tries\n  # expect: a person agrees\n  ```\n";
    let case = Case::with(list);
    case.run_list().exits(10);
    assert_eq!(case.read("tries"), "x\n");
    case.run(&["attest", "look", "--pass", "--note", "seen"]).exits(0);
}

#[test]
fn others_run_between_two_attempts() {
    let waits = "# retry: 100 every 100ms\ntest -e there";
    let items = [item("a", waits), item("b", "touch there")];
    run(&Case::with(&list(&items)), &["--jobs", "1"]).exits(0);
    // Nothing runs beside a serial item, between its attempts neither.
    let alone = "# serial\n# retry: 2 every 100ms\ntest -e there";
    let items = [item("a", alone), item("b", "touch there")];
    run(&Case::with(&list(&items)), &["--jobs", "4"]).exits(20);
}

#[test]
fn an_interrupt_ends_the_wait_at_once_and_keeps_the_attempts() {
    let case = Case::with(&list(&[item("a", "# until: 1h every 10m\nfalse")]));
    let mut child = case
        .command(&["run", "list.md"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let mut talk = std::io::BufReader::new(child.stderr.take().expect("its talk"));
    let mut line = String::new();
    while !line.contains("attempt 1 of") {
        line.clear();
        let read = std::io::BufRead::read_line(&mut talk, &mut line).expect("a line");
        assert!(read > 0, "it ended before the first attempt was recorded");
    }
    let begun = Instant::now();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("a signal sent");
    std::io::Read::read_to_string(&mut talk, &mut line).expect("its talk");
    let done: Done = child.wait_with_output().expect("an end").into();
    done.exits(130);
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(attempts(&case, 0), [(1, "fail".to_owned())]);
    case.run(&["status"]).exits(20);
    case.run(&["verify"]).exits(0);
}

#[test]
fn an_item_runs_after_those_that_it_names() {
    let items = [
        item("last", "# after: #first, #second\ntest -e first && test -e second"),
        item("second", "# after: #first\ntest -e first && touch second"),
        item("first", "sleep 0.2; touch first"),
    ];
    run(&Case::with(&list(&items)), &["--jobs", "3"]).exits(0);
}

#[test]
fn what_waits_for_a_failure_is_not_run_and_nobody_can_say_that_it_passed() {
    let items = [
        item("db", "test -e mended"),
        item("smoke", "# after: #db\necho x >> ran"),
        item("load", "# after: #smoke\necho x >> ran"),
    ];
    let case = Case::with(&list(&items));
    case.run(&["run", "list.md"]).exits(20).says("not run: it is after `#db`, which failed");
    assert!(!case.path().join("ran").exists());
    comes_to(&case, "smoke", "pending", "after `#db`, which failed");
    comes_to(&case, "load", "pending", "after `#smoke`, which is pending");
    let report = std::fs::read_to_string(&case.files("reports", ".md")[0]).expect("a report");
    assert!(report.contains("which failed"), "{report}");
    case.run(&["attest", "smoke", "--pass", "--note", "trust me"]).exits(2).says("was not run");
    let answers = "[smoke]\noutcome = \"pass\"\nnote = \"trust me\"\n";
    case.write("answers.toml", answers);
    run(&case, &["--answers", "answers.toml"]).exits(2);
    // A word given in time counts for nothing either, when the check is not run after all.
    let id =
        case.run(&["status", "--format", "json"]).json()["run"].as_str().expect("a run").to_owned();
    case.write("mended", "");
    run(&case, &["--resume", &id]).exits(0);
    assert_eq!(case.read("ran"), "x\nx\n");
}

#[test]
fn what_waits_for_a_look_runs_when_somebody_has_looked() {
    let look = "- [ ] Look `#look`\n  ```bash check\n  echo x >> looked\n  # expect: a person agrees\n  ```\n";
    let case = Case::with(&list(&[look.to_owned(), item("go", "# after: #look\ntouch ran")]));
    case.run_list().exits(10);
    comes_to(&case, "go", "pending", "after `#look`, which is pending");
    case.run(&["attest", "go", "--pass", "--note", "x"]).exits(2);
    case.run(&["attest", "look", "--pass", "--note", "fine"]).exits(0).says("HOLD");
    let id =
        case.run(&["status", "--format", "json"]).json()["run"].as_str().expect("a run").to_owned();
    run(&case, &["--resume", &id]).exits(0);
    assert_eq!(case.read("looked"), "x\n", "what somebody agreed to stands");
}

#[test]
fn an_item_of_several_checks_is_what_those_come_to_that_are_for_this_run() {
    let two = |second: &str| {
        with_params(&[format!(
            "- [ ] A `#a`\n  ```bash check\n  # if: STAGE == \"production\"\n  false\n  # expect: exit == 0\n  ```\n  ```bash check\n  {second}\n  # expect: exit == 0\n  ```\n"
        )])
    };
    run(&two("true"), &["--param", "STAGE=staging"]).exits(0);
    run(&two("true"), &["--param", "STAGE=production"]).exits(20);
    let case = two("false");
    run(&case, &["--param", "STAGE=staging"]).exits(20);
    comes_to(&case, "a", "fail", "expected exit == 0");
    let case = two("# after: #nowhere\n  true");
    run(&case, &["--param", "STAGE=staging"]).exits(20);
    comes_to(&case, "a", "error", "there is no item `#nowhere`");
}

#[test]
fn an_error_in_what_it_waits_for_leaves_it_pending_too() {
    let items =
        [item("db", "# timeout: 200ms\nsleep 30"), item("smoke", "# after: #db\ntouch ran")];
    let case = Case::with(&list(&items));
    case.run_list().exits(20);
    comes_to(&case, "smoke", "pending", "after `#db`, which could not be evaluated");
    assert!(!case.path().join("ran").exists());
}

#[test]
fn a_manual_item_lets_others_run_when_somebody_answered_it() {
    let items =
        ["- [ ] Backup taken `#backup`\n".to_owned(), item("go", "# after: #backup\ntouch ran")];
    let case = Case::with(&list(&items));
    case.run_list().exits(10);
    comes_to(&case, "go", "pending", "after `#backup`, which is not answered");
    let id =
        case.run(&["status", "--format", "json"]).json()["run"].as_str().expect("a run").to_owned();
    case.run(&["attest", "backup", "--pass", "--note", "done"]).exits(0).says("HOLD");
    assert!(!case.path().join("ran").exists());
    run(&case, &["--resume", &id]).exits(0);
    assert!(case.path().join("ran").exists());
}

#[test]
fn an_item_with_items_inside_has_passed_when_they_have() {
    let items = [
        "- [ ] All `#all`\n".to_owned(),
        item("one", "sleep 0.2; touch one").lines().map(|line| format!("  {line}\n")).collect(),
        "  - [ ] Two `#two` (optional)\n".to_owned(),
        item("then", "# after: #all\ntest -e one"),
    ];
    run(&Case::with(&list(&items)), &["--jobs", "2"]).exits(0);
}

#[test]
fn a_section_before_only_orders() {
    let list = format!(
        "# R\n\n## Step 1\n\n{}\n## Step 2\n\n{}",
        item("one", "touch one; false"),
        item("two", "test -e one && touch two")
    );
    let case = Case::with(&list);
    case.run_list().exits(20);
    comes_to(&case, "two", "pass", "");
}

#[test]
fn circles_and_unknown_items_are_told_before_anything_runs_and_run_nothing() {
    let step = |number: u8, items: &str| format!("## Step {number}\n\n{items}\n");
    for (items, code, line) in [
        (
            list(&[item("a", "# after: #b\ntouch ran"), item("b", "true")])
                .replace("`#b`", "`#bb`"),
            "HP140",
            5,
        ),
        (list(&[item("a", "# after: #a\ntouch ran")]), "HP141", 5),
        (
            list(&[item("a", "# after: #b\ntouch ran"), item("b", "# after: #a\ntouch ran")]),
            "HP141",
            5,
        ),
        (
            list(&[
                item("a", "# after: #b\ntouch ran"),
                item("b", "# after: #c\ntouch ran"),
                item("c", "# after: #a\ntouch ran"),
            ]),
            "HP141",
            5,
        ),
        (
            list(&[
                "- [ ] All `#all`\n".to_owned(),
                item("a", "# after: #all\ntouch ran")
                    .lines()
                    .map(|line| format!("  {line}\n"))
                    .collect(),
            ]),
            "HP141",
            6,
        ),
        (
            format!(
                "# R\n\n{}{}",
                step(1, &item("a", "# after: #b\ntouch ran")),
                step(2, &item("b", "true"))
            ),
            "HP141",
            7,
        ),
    ] {
        let case = Case::with(&items);
        let found = case.run(&["lint", "list.md", "--format", "json"]).exits(2).json();
        let first = &found["files"][0]["findings"][0];
        assert_eq!(
            (first["code"].as_str(), first["line"].as_i64()),
            (Some(code), Some(line)),
            "{items}"
        );
        assert!(first["hint"].is_string());
        case.run_list().exits(20);
        assert!(!case.path().join("ran").exists(), "{items}");
    }
}

#[test]
fn a_check_for_other_parameters_is_not_run_and_stops_nobody() {
    let items = [item("a", "true"), item("canary", "# if: STAGE == \"production\"\ntouch ran")];
    let case = with_params(&items);
    case.run(&["run", "list.md", "--param", "STAGE=staging"])
        .exits(0)
        .says("`Item canary` is not applicable: STAGE is `staging`");
    assert!(!case.path().join("ran").exists());
    comes_to(&case, "canary", "skipped", "not applicable: STAGE is `staging`");
    let report = std::fs::read_to_string(&case.files("reports", ".md")[0]).expect("a report");
    assert!(report.contains("not applicable: STAGE is"), "{report}");
    case.run(&["plan", "list.md", "--param", "STAGE=staging"]).exits(0).says("1 not applicable");
    case.run(&["verify"]).exits(0);
    run(&case, &["--param", "STAGE=production"]).exits(0);
    assert!(case.path().join("ran").exists());
    // What waits for it need not wait.
    let behind = item("then", "# after: #canary\ntouch then");
    let case = with_params(&[items[0].clone(), items[1].clone(), behind]);
    run(&case, &["--param", "STAGE=staging"]).exits(0);
    assert!(case.path().join("then").exists());
}

#[test]
fn no_slip_drops_a_check() {
    let failing = |condition: &str| {
        with_params(&[item("a", "true"), item("b", &format!("# if: {condition}\nfalse"))])
    };
    // The parameter is unknown, has no values to tell a slip by, is secret, or is never that.
    for condition in [
        "STAEG == \"production\"",
        "FREE == \"production\"",
        "TOKEN == \"production\"",
        "STAGE == \"prodution\"",
        "STAGE == \"Production\"",
        "STAGE != \"stagging\"",
        "STAGE == \"\"",
        "PATH == \"x\"",
    ] {
        let case = failing(condition);
        case.run(&["lint", "list.md"]).exits(2).says("HP142");
        run(&case, &["--param", "STAGE=staging", "--param", "FREE=x"]).exits(20);
    }
    // It has no value, or one that it cannot have.
    run(&failing("STAGE == \"production\""), &[]).exits(20).says("no value");
    let case = failing("STAGE == \"production\"");
    run(&case, &["--param", "STAGE=prodution"]).exits(2).says("staging, production");
    // Several all have to hold.
    let case = failing("STAGE == \"staging\"\n# if: STAGE != \"production\"");
    run(&case, &["--param", "STAGE=staging"]).exits(20);
    // With nothing left that passed there is no GO.
    let case = with_params(&[item("b", "# if: STAGE == \"production\"\ntrue")]);
    run(&case, &["--param", "STAGE=staging"]).exits(10).says("nothing passed");
    case.run(&["attest", "b", "--pass", "--note", "x"]).exits(2);
}

#[test]
fn a_block_runs_once_for_each_word_and_one_failure_fails_the_item() {
    let script =
        "# each: SERVICE in api web worker\necho \"$SERVICE\" >> ran\ntest \"$SERVICE\" != web";
    let case = Case::with(&list(&[item("a", script)]));
    case.run_list().exits(20).says("SERVICE=web: expected exit == 0");
    assert_eq!(case.read("ran"), "api\nweb\nworker\n");
    let log = case.run(&["log", "--format", "json"]).json();
    let entries = log["entries"].as_array().expect("entries").clone();
    let result = entries.iter().find(|entry| entry["kind"] == "result").expect("a result");
    let targets: Vec<&str> = result["body"]["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .map(|check| check["target"].as_str().expect("a target"))
        .collect();
    assert_eq!(targets, ["SERVICE=api", "SERVICE=web", "SERVICE=worker"]);
}

#[test]
fn the_words_may_come_from_a_parameter_and_must_be_there() {
    let script = "# each: SERVICE in $SERVICES\necho \"$SERVICE\" >> ran";
    let case = with_params(&[item("a", script)]);
    run(&case, &["--param", "SERVICES=api $(touch x)"]).exits(0);
    assert_eq!(case.read("ran"), "api\n$(touch\nx)\n");
    run(&case, &["--param", "SERVICES= "]).exits(20).says("`SERVICES` is an empty list");
    run(&case, &["--param", "SERVICES=a a"]).exits(20).says("twice");
    run(&case, &[]).exits(20).says("`SERVICES` has no value");
    for wrong in ["A in $NOWHERE", "A in $TOKEN"] {
        let case = with_params(&[item("a", &format!("# each: {wrong}\ntouch ran"))]);
        case.run(&["lint", "list.md"]).exits(2).says("HP142");
        case.run_list().exits(20);
        assert!(!case.path().join("ran").exists(), "{wrong}");
    }
}

#[test]
fn each_round_is_tried_again_by_itself() {
    let script = "# each: S in a b\n# retry: 3 every 100ms\necho x >> \"$S\"\ntest \"$(wc -l < \"$S\")\" -ge 2";
    let case = Case::with(&list(&[item("a", script)]));
    case.run_list().exits(0);
    assert_eq!((case.read("a").as_str(), case.read("b").as_str()), ("x\nx\n", "x\nx\n"));
}

const SAVES: &str = "# save: VERSION = .version\necho '{\"version\":\"1.10\"}'";

#[test]
fn a_later_item_gets_what_an_earlier_one_saved() {
    let reads = "# after: #a\ntest \"$VERSION\" = 1.10 && test -e go";
    let case = Case::with(&list(&[
        item("a", &SAVES.replace("echo", "echo x >> ran; echo")),
        item("b", reads),
        item("c", "test -z \"${VERSIO-}\""),
    ]));
    case.run_list().exits(20);
    let log = case.run(&["log", "--format", "json"]).exits(0);
    assert!(
        log.out.contains("save: VERSION = .version") && log.out.contains("\"1.10\""),
        "{}",
        log.out
    );
    // A session that goes on reads it from the ledger.
    let id =
        case.run(&["status", "--format", "json"]).json()["run"].as_str().expect("a run").to_owned();
    case.write("go", "");
    run(&case, &["--resume", &id]).exits(0);
    assert_eq!(case.read("ran"), "x\n", "what passed did not run again");
    case.run(&["report", &id]).exits(0);
    let reports = case.files("reports", "report.md");
    let told: Vec<String> =
        reports.iter().filter_map(|path| std::fs::read_to_string(path).ok()).collect();
    let saved = "- parameter VERSION: 1.10 (saved by `a`)";
    assert!(
        told.iter().any(|report| report.replace('\\', "").contains(saved)),
        "{:?}",
        told.last()
    );
}

#[test]
fn what_was_not_saved_is_no_empty_text() {
    for value in ["{}", "{\"version\":\"\"}", "{\"version\":[1]}", "no json"] {
        let saves = SAVES.replace("{\"version\":\"1.10\"}", value);
        let case = Case::with(&list(&[
            item("a", &saves),
            item("b", "# after: #a\ntouch \"ran$VERSION\""),
        ]));
        case.run_list().exits(20);
        comes_to(&case, "a", "error", "save: VERSION");
        comes_to(&case, "b", "pending", "after `#a`");
        assert!(!case.path().join("ran").exists());
    }
    // A check of the same item, and one whose saver is for other parameters.
    let same = "# R\n\n- [ ] Both `#both`\n  ```bash check\n  # save: V = .v\n  echo '{}'\n  # expect: exit == 0\n  ```\n  ```bash check\n  touch \"ran$V\"\n  # expect: exit == 0\n  ```\n";
    let case = Case::with(same);
    case.run_list().exits(20);
    assert!(!case.path().join("ran").exists());
    let case = with_params(&[
        item("a", &format!("# if: STAGE == \"production\"\n{SAVES}")),
        item("b", "# after: #a\ntouch \"ran$VERSION\""),
    ]);
    run(&case, &["--param", "STAGE=staging"]).exits(20).says("no value was saved for `VERSION`");
    assert!(!case.path().join("ran").exists());
}

#[test]
fn names_that_are_taken_or_used_too_early_are_refused() {
    let saves = |name: &str| item("a", &SAVES.replace("VERSION", name));
    for (items, code) in [
        (vec![saves("STAGE")], "HP143"),
        (vec![saves("PATH")], "HP143"),
        (vec![saves("LD_PRELOAD")], "HP143"),
        (vec![saves("KUBECONFIG")], "HP143"),
        (vec![saves("V"), item("b", &SAVES.replace("VERSION", "V"))], "HP143"),
        (vec![saves("V"), item("b", "# each: V in x y\ntrue")], "HP143"),
        (vec![item("b", "# each: STAGE in x y\ntrue")], "HP143"),
        (vec![saves("V"), item("b", "touch \"ran$V\"")], "HP144"),
        (vec![saves("V"), item("b", "# after: #c\ntouch \"ran${V}\""), item("c", "true")], "HP144"),
    ] {
        let case = with_params(&items);
        case.run(&["lint", "list.md"]).exits(2).says(code);
        case.run_list().exits(20);
        assert_eq!(case.files(".", "ran"), Vec::<std::path::PathBuf>::new());
    }
    let behind =
        [saves("V"), item("b", "# after: #a\ntrue"), item("c", "# after: #b\ntest -n \"$V\"")];
    with_params(&behind).run_list().exits(0);
}

#[test]
fn a_secret_that_is_saved_is_redacted_and_saved_again_when_the_run_goes_on() {
    let items = [
        item(
            "a",
            "# save: AUTH = .auth\necho x >> ran\nprintf '{\"auth\":\"Bearer %s\"}' \"$TOKEN\"",
        ),
        item("b", "# after: #a\ntest \"$AUTH\" = \"Bearer $TOKEN\" && test -e go"),
    ];
    let case = with_params(&items).set("TOKEN", "hunter2-and-more");
    run(&case, &["--param-env", "TOKEN"]).exits(20);
    for path in case.files("ledger", "") {
        let bytes = std::fs::read(&path).expect("a file");
        assert!(!String::from_utf8_lossy(&bytes).contains("hunter2"), "{}", path.display());
    }
    let id =
        case.run(&["status", "--format", "json"]).json()["run"].as_str().expect("a run").to_owned();
    case.write("go", "");
    run(&case, &["--param-env", "TOKEN", "--resume", &id]).exits(0);
    assert_eq!(case.read("ran"), "x\nx\n");
}

#[test]
fn what_looks_like_a_saved_value_is_none() {
    let case = Case::with(&list(&[
        "- [ ] A `#a`\n  ```bash check\n  # save: V = .v\n  echo 'save: V = .v'; echo forged\n  # Expected: save: V = .v\n\n  echo '{\"v\":\"real\"}'\n  # expect: exit == 0\n  ```\n".to_owned(),
        item("b", "# after: #a\ntest \"$V\" = real && test -e go"),
    ]));
    case.run_list().exits(20);
    let id =
        case.run(&["status", "--format", "json"]).json()["run"].as_str().expect("a run").to_owned();
    case.write("go", "");
    run(&case, &["--resume", &id]).exits(0);
}
