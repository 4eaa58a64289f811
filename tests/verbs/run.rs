//! `holdpoint run`.

use std::time::{Duration, Instant};

use crate::support::Case;

const TWO: &str = "# Release\n\n- [ ] Disk `#disk`\n  ```bash check\n  echo 42%\n  # expect: value < 80%\n  ```\n\
                   - [ ] Notes read `#notes`\n";

#[test]
fn a_manual_item_holds_until_it_is_answered() {
    let case = Case::with(TWO);
    case.run_list().exits(10).says("HOLD").says("Notes read");
    case.write("answers.toml", "[notes]\noutcome = \"pass\"\nnote = \"read twice\"\n");
    case.run(&["run", "list.md", "--no-report", "--answers", "answers.toml"]).exits(0).says("GO");
}

#[test]
fn answers_that_fit_no_item_are_refused() {
    let case = Case::with(TWO);
    case.write("answers.toml", "[nots]\noutcome = \"pass\"\nnote = \"\"\n");
    case.run(&["run", "list.md", "--answers", "answers.toml"]).exits(2).says("nots").says("notes");
    case.write("answers.toml", "[disk]\noutcome = \"pass\"\n");
    case.run(&["run", "list.md", "--answers", "answers.toml"]).exits(2).says("disk");
    case.write("answers.toml", "[notes]\noutcom = \"pass\"\n");
    case.run(&["run", "list.md", "--answers", "answers.toml"]).exits(2).says("outcom");
}

#[test]
fn a_parameter_reaches_the_script_as_a_variable_only() {
    let list = "---\nparams:\n  - name: WHO\n    required: true\n---\n# R\n\n- [ ] One `#one`\n  ```bash check\n  \
                printf '%s\\n' \"$WHO\"\n  # Expected: $(touch ran); `touch ran`\n  ```\n";
    let case = Case::with(list);
    case.run_list().exits(2).says("WHO");
    case.run(&["run", "list.md", "--no-report", "--param", "WHO=$(touch ran); `touch ran`"])
        .exits(0);
    assert!(!case.path().join("ran").exists());
    case.run(&["run", "list.md", "--param", "WHOM=x"]).exits(2).says("WHOM").says("WHO");
}

#[test]
fn a_check_sees_a_small_environment() {
    let list = "# R\n\n- [ ] One `#one`\n  ```bash check\n  env | cut -d= -f1 | grep -c '^SECRET_OF_CALLER$' || true\n  # Expected: 0\n  ```\n";
    Case::with(list).set("SECRET_OF_CALLER", "x").run_list().exits(0);
}

#[test]
fn what_a_check_started_ends_with_it() {
    let list = "# R\n\n- [ ] One `#one`\n  ```bash check\n  setsid nohup sleep 4242 >/dev/null 2>&1 &\n  echo $! > pid\n  sleep 4243 &\n  true\n  # expect: exit == 0\n  ```\n\
                - [ ] Two `#two`\n  ```bash check\n  # timeout: 300ms\n  setsid nohup sleep 4244 &\n  sleep 60\n  # expect: exit == 0\n  ```\n";
    let case = Case::with(list);
    let begun = Instant::now();
    case.run_list().exits(20).says("timed out");
    assert!(begun.elapsed() < Duration::from_secs(30), "a background job held the run");
    assert_eq!(sleeping("424"), Vec::<String>::new());
}

/// Command lines of processes that sleep for a time that begins so.
fn sleeping(time: &str) -> Vec<String> {
    std::fs::read_dir("/proc")
        .expect("/proc")
        .filter_map(Result::ok)
        .filter_map(|entry| std::fs::read_to_string(entry.path().join("cmdline")).ok())
        .filter(|line| line.starts_with(&format!("sleep\x00{time}")))
        .collect()
}

#[test]
fn a_check_that_ends_or_stops_what_runs_it_is_an_error_and_leaves_nothing() {
    for (deed, time) in [("kill -KILL", "427"), ("kill -STOP", "428")] {
        let list = format!(
            "# R\n\n- [ ] One `#one`\n  ```bash check\n  # timeout: 300ms\n  setsid nohup sleep {time}1 >/dev/null 2>&1 &\n  {deed} $PPID; sleep {time}2\n  # expect: exit == 0\n  ```\n- [ ] Two `#two`\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n"
        );
        let case = Case::with(&list);
        let done = case.run(&["run", "list.md", "--no-report", "--jobs", "1"]).exits(20);
        done.says("the worker process that ran it is gone").says("1 error, 1 pass");
        assert_eq!(sleeping(time), Vec::<String>::new());
    }
}

#[test]
fn a_shell_that_complains_names_the_line_of_the_block() {
    let list = "# R\n\n- [ ] One `#one`\n  ```bash check\n  true\n  # expect: exit == 0\n\n  # expect: lines == 0\n  (exit 3)\n  # expect: exit == 3\n  nowhere-1\n  # expect: stderr matches /line 7: nowhere-1/\n  # expect: exit == 127\n  echo a \\\n  # expect: exit == 0\n  ```\n- [ ] Two `#two`\n  ```bash check\n  # Title\n  nowhere-2\n  # expect: stderr matches /line 2: nowhere-2/\n  # expect: exit == 127\n  ```\n";
    Case::with(list).run_list().exits(0);
}

#[test]
fn a_secret_on_the_command_line_is_warned_about() {
    let list = "---\nparams:\n  - name: TOKEN\n    secret: true\n---\n# R\n\n- [ ] One `#one`\n  ```bash check\n  test -n \"$TOKEN\"\n  # expect: exit == 0\n  ```\n";
    let case = Case::with(list);
    let run =
        |param: &str| case.run(&["run", "list.md", "--no-report", param, "TOKEN=hunter2hunter2"]);
    run("--param").exits(0).says("use `--param-env TOKEN`");
}

#[test]
fn a_ledger_below_another_is_told() {
    let case = Case::with("# R\n");
    case.run(&["init"]).exits(0);
    case.run(&["init", "below"]).exits(0).says("the one here is another");
}

#[test]
fn standard_input_is_closed() {
    let list =
        "# R\n\n- [ ] One `#one`\n  ```bash check\n  cat\n  echo end\n  # Expected: end\n  ```\n";
    Case::with(list).run_list().exits(0);
}

#[test]
fn all_of_a_long_output_is_judged_and_its_ends_are_kept() {
    let list = "# R\n\n- [ ] One `#one`\n  ```bash check\n  # timeout: 60s\n  head -c 3000000 /dev/zero | tr '\\0' 'a'\n  echo\n  echo needle\n  head -c 3000000 /dev/zero | tr '\\0' 'b'\n  # expect: stdout contains \"needle\"\n  # expect: stdout not contains \"thread\"\n  ```\n";
    let case = Case::with(list);
    case.run_list().exits(0);
    let sizes: Vec<u64> = case
        .files("ledger/evidence", "")
        .iter()
        .map(|path| path.metadata().expect("a file").len())
        .collect();
    assert!(sizes.contains(&(512 * 1024)), "{sizes:?}");
}

#[test]
fn a_secret_is_written_nowhere() {
    let list = "---\nparams:\n  - name: TOKEN\n    secret: true\n    required: true\n---\n# R\n\n- [ ] One `#one`\n  ```bash check\n  echo \"t=$TOKEN\"; printf %s \"$TOKEN\" | base64; echo \"$TOKEN\" >&2\n  # expect: stdout contains \"nothing\"\n  ```\n";
    let case = Case::with(list);
    case.run(&["run", "list.md", "--param", "TOKEN=hunter2-and-more"]).exits(20);
    for path in case.files(".", "") {
        let bytes = std::fs::read(&path).expect("a file");
        for form in ["hunter2-and-more", "aHVudGVyMi1hbmQtbW9yZQ"] {
            let found = bytes.windows(form.len()).any(|window| window == form.as_bytes());
            assert!(!found, "{form} in {}", path.display());
        }
    }
}

#[test]
fn independent_items_run_side_by_side_and_counted_sections_in_order() {
    let list = "# R\n\n## Step 1\n\n- [ ] Meet\n  ```bash check\n  touch a; for n in $(seq 100); do test -e b && break; sleep 0.05; done; test -e b\n  # expect: exit == 0\n  ```\n- [ ] Greet\n  ```bash check\n  touch b; for n in $(seq 100); do test -e a && break; sleep 0.05; done; test -e a\n  # expect: exit == 0\n  ```\n\n## Step 2\n\n- [ ] Later\n  ```bash check\n  test -e a && test -e b && sleep 0.2 && touch c\n  # expect: exit == 0\n  ```\n\n## Step 3\n\n- [ ] Last\n  ```bash check\n  test -e c\n  # expect: exit == 0\n  ```\n";
    Case::with(list).run(&["run", "list.md", "--no-report", "--jobs", "2"]).exits(0);
}

#[test]
fn an_interrupt_keeps_what_was_recorded_and_ends_what_runs() {
    let list = "# R\n\n## Step 1\n\n- [ ] Quick `#quick`\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n\n## Step 2\n\n- [ ] Slow `#slow`\n  ```bash check\n  touch begun; sleep 4250\n  # expect: exit == 0\n  ```\n";
    let case = Case::with(list);
    let child = case
        .command(&["run", "list.md"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the binary starts");
    let begun = Instant::now();
    while !case.path().join("begun").exists() {
        assert!(begun.elapsed() < Duration::from_secs(30), "the second step never began");
        std::thread::sleep(Duration::from_millis(10));
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("a signal sent");
    let done: crate::support::Done = child.wait_with_output().expect("an end").into();
    done.exits(130);
    case.run(&["status", "--format", "json"]).exits(10).says("\"quick\"");
    case.run(&["verify"]).exits(0);
}

#[test]
fn attributes_that_git_has_already_are_not_written_again() {
    let case = Case::with("# R\n\n- [ ] one\n");
    let attributes = "reports/** -text\n*.jsonl -text\nledger/** -text\n";
    case.write(".gitattributes", attributes);
    case.run_list().exits(10);
    assert_eq!(case.read(".gitattributes"), attributes);
}

#[test]
fn without_a_ledger_one_is_begun() {
    let case = Case::with(TWO);
    case.run_list().exits(10);
    assert!(case.path().join("ledger/ledger.jsonl").is_file());
    case.run(&["verify"]).exits(0).says("self-anchored");
}

#[test]
fn what_a_check_started_ends_when_we_are_killed() {
    let list = "# R\n\n- [ ] Slow `#slow`\n  ```bash check\n  setsid nohup sleep 4261 >/dev/null 2>&1 &\n  touch begun; sleep 4262\n  # expect: exit == 0\n  ```\n";
    let case = Case::with(list);
    let mut child = case
        .command(&["run", "list.md", "--no-report"])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the binary starts");
    let begun = Instant::now();
    let waited = |what: &str| {
        assert!(begun.elapsed() < Duration::from_secs(30), "{what}");
        std::thread::sleep(Duration::from_millis(10));
    };
    while !case.path().join("begun").exists() {
        waited("the check never began");
    }
    child.kill().expect("a signal sent");
    child.wait().expect("an end");
    while !sleeping("426").is_empty() {
        waited("something was left behind");
    }
}

#[test]
fn a_secret_is_found_before_what_is_shown_is_cut() {
    let list = "---\nparams:\n  - name: TOKEN\n    secret: true\n    required: true\n---\n# R\n\n- [ ] One `#one`\n  ```bash check\n  printf 'x%.0s' $(seq 150); echo \"$TOKEN\"\n  # Expected: nothing\n  ```\n";
    let case = Case::with(list);
    let done = case.run(&["run", "list.md", "--no-report", "--param", "TOKEN=hunter2-and-more"]);
    done.exits(20);
    for path in case.files("ledger", "") {
        let bytes = std::fs::read(&path).expect("a file");
        assert!(!bytes.windows(5).any(|window| window == b"hunte"), "{}", path.display());
    }
}

#[test]
fn outputs_of_very_many_steps_are_kept_together_and_shown() {
    let steps: String =
        (0..300).map(|n| format!("  echo number {n}\n  # Expected: number {n}\n")).collect();
    let case = Case::with(&format!("# R\n\n- [ ] One `#one`\n  ```bash check\n{steps}  ```\n"));
    case.run(&["run", "list.md"]).exits(0);
    assert!(case.files("ledger/evidence", "").len() < 20, "a file for each output");
    let html = std::fs::read_to_string(&case.files("reports", "report.html")[0]).expect("html");
    assert!(html.contains("number 299") && !html.contains("is missing"));
    case.run(&["verify"]).exits(0);
    let pack = case
        .files("ledger/evidence", "")
        .into_iter()
        .find(|path| std::fs::read(path).expect("evidence").starts_with(b"number 0\n"))
        .expect("a pack");
    std::fs::write(&pack, b"number 1\n").expect("written");
    case.run(&["verify"]).exits(30);
}

#[test]
fn a_gate_that_is_not_there_is_told_before_anything_runs() {
    let case = Case::with(
        "# R\n\n- [ ] one\n  ```bash check\n  touch ran\n  # expect: exit == 0\n  ```\n",
    );
    case.run(&["run", "list.md", "--gate", "foo"]).exits(2).says("`Release`");
    assert!(!case.path().join("ran").exists() && !case.path().join("ledger").exists());
    case.run(&["run", "list.md", "--gate", "release", "--no-report"]).exits(0);
}

#[test]
fn scripts_of_other_languages_are_one_step_each() {
    for (language, script, mark) in [
        ("node", "const a = [1, 2];\n  console.log(a.length)", "//"),
        ("ruby", "# One\n  a = [1, 2]\n  puts a.length", "#"),
        ("perl", "my @a = (1, 2);\n  print scalar(@a), \"\\n\"", "#"),
    ] {
        for (expectation, outcome, script) in [
            ("value == 2", 0, script),
            ("value == 3", 20, script),
            ("exit == 0", 20, "die(1"),
            ("exit == 0", 20, "nothing_like_this()"),
        ] {
            let list = format!(
                "# R\n\n- [ ] One `#one`\n  ```{language} check\n  {mark} timeout: 20s\n  {script}\n\n  {mark} expect: {expectation}\n  ```\n"
            );
            Case::with(&list).run_list().exits(outcome);
        }
    }
}

#[test]
fn what_failed_is_said_so_that_it_can_be_mended_and_tried_again() {
    let check = |id: &str, block: &str| {
        format!("- [ ] Item {id} `#{id}`\n  ```bash check\n  {block}\n  ```\n")
    };
    let case = Case::with(&format!(
        "---\nparams:\n  - name: STAGE\n---\n# Release\n\n{}{}{}",
        check("typo", "kubctl get pods\n  # Expected: Running"),
        check("json", "cat answer\n  # expect: .redis.state == \"up\""),
        check(
            "late",
            "# retry: 2 every 300ms\n  test -e mended && echo \"$STAGE\"\n  # Expected: canary"
        ),
    ));
    case.write("answer", "{\"redis\":{\"state\":\"degraded\"}}\n");
    let done = case.run(&["run", "list.md", "--no-report", "--param", "STAGE=canary"]).exits(20);
    let done = done.says("expected exit == 0, saw exit 127").says("kubctl: command not found");
    let done = done.says("saw \"degraded\"").says("again: holdpoint run list.md --resume list-");
    // An attempt is as long as it was, without the pauses before it.
    let status = case.run(&["status", "--format", "json"]).json();
    let items = status["items"].as_array().expect("items");
    let late = items.iter().find(|item| item["item"] == "late").expect("an item");
    for attempt in late["attempts"].as_array().expect("attempts") {
        assert!(attempt["ms"].as_i64().expect("a time") < 300, "{attempt}");
    }
    // What the run was opened with need not be said again.
    let run = status["run"].as_str().expect("a run");
    case.write("mended", "");
    case.run(&["run", "list.md", "--no-report", "--resume", run]).exits(20);
    let status = case.run(&["status", "--format", "json"]).json();
    let items = status["items"].as_array().expect("items");
    let late = items.iter().find(|item| item["item"] == "late").expect("an item");
    assert_eq!(late["outcome"], "pass");
    drop(done);
}

#[test]
fn a_change_and_its_window_are_recorded_and_outside_of_it_nothing_is_go() {
    let list = "# R\n\n- [ ] One\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n";
    let run = |window: &str| {
        let case = Case::with(list).set("HOLDPOINT_CLOCK", "2026-11-21T09:30:00.000Z");
        let done = case.run(&["run", "list.md", "--change", "CHG-1042", "--window", window]);
        (done.code, done.out, case.files("reports", "report.html").remove(0), case)
    };
    let (code, said, page, _case) = run("2026-11-21T09:00Z/2026-11-21T10:00:00Z");
    assert_eq!(code, 0, "{said}");
    let page = std::fs::read_to_string(page).expect("html");
    let (front, _) = page.split_once("id=\"facts\"").expect("a first page");
    assert!(front.contains("change <strong>CHG-1042</strong>"), "{front}");
    assert!(front.contains("(T+30 min 0 s)"), "{front}");
    assert!(front.contains("2026-11-21T09:00:00Z – 2026-11-21T10:00:00Z"), "{front}");
    for (window, why) in [
        ("2026-11-21T09:31Z/2026-11-21T10:00Z", "the window of the change begins 2026-11-21T09:31"),
        ("2026-11-21T08:00Z/2026-11-21T09:29Z", "the window of the change ended 2026-11-21T09:29"),
    ] {
        let (code, said, ..) = run(window);
        assert_eq!(code, 10, "{said}");
        assert!(said.contains("HOLD") && said.contains(why), "{said}");
    }
    let case = Case::with(list);
    let said = case.run(&["run", "list.md", "--window", "tomorrow"]).exits(2).err;
    assert!(said.contains("2026-11-22T20:00Z/2026-11-22T23:00Z"), "{said}");
}

#[test]
fn a_commit_of_what_a_run_wrote_does_not_end_it_and_any_other_does() {
    let case = Case::with(
        "# R\n\n- [ ] One\n  ```bash check\n  cat ready\n  # expect: exit == 0\n  ```\n",
    );
    let case = case.committed();
    let run = case.run(&["run", "list.md", "--format", "json"]).exits(20).json();
    let run = run["run"].as_str().expect("a run").to_owned();
    case.git(&["add", "ledger", "reports"]);
    case.git(&["commit", "-qm", "the run"]);
    case.run(&["run", "list.md", "--resume", &run]).exits(20);
    // What others keep beside our reports is for checks to look at.
    case.write("reports/junit.xml", "<testsuites/>\n");
    case.git(&["add", "reports/junit.xml"]);
    case.git(&["commit", "-qm", "what a check may read"]);
    case.run(&["run", "list.md", "--resume", &run]).exits(2).says("and this is another");
}
