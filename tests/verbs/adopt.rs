//! `holdpoint adopt`: proposes, and runs nothing.

use crate::support::Case;

/// A checklist as people keep it: no mark anywhere.
const PLAIN: &str = "# Harbour release

## Before

- [ ] **Gateway answers**
  ```bash
  curl -fsS http://gate.harbour.test/health
  # Expected: ok
  ```
- [ ] **Queue is drained**
  ```
  redis-cli -h <queue-host> llen jobs
  # Expected: 0
  ```
- [ ] **New version is out**
  ```sh
  kubectl apply -f k8s/
  kubectl rollout status deployment/gate
  ```

## After

```bash
# Pods
kubectl get pods -n harbour

# Errors in the log
docker logs gate | grep -i error
# Expected: no errors

# Disk
df -h /srv
```

Checklist:
- [ ] All pods are up
- [ ] Disk has room
- [ ] Nobody complained

## Sign-off

- Product owner: ______ Date: ____
";

fn adopted(plain: &str) -> String {
    let case = Case::with(plain);
    case.run(&["adopt", "--write", "list.md"]).exits(0);
    case.run(&["lint", "list.md"]).exits(0);
    case.read("list.md")
}

#[test]
fn what_looks_becomes_a_check_and_what_acts_an_action() {
    let text = adopted(PLAIN);
    for part in [
        "  ```bash check\n  curl -fsS http://gate.harbour.test/health\n  # Expected: ok\n  ```",
        "  ```bash check\n  redis-cli -h \"$QUEUE_HOST\" llen jobs\n  # Expected: 0\n  ```",
        "  ```bash action\n  kubectl apply -f k8s/\n  ```\n\n  ```bash check\n  # timeout: 630s\n  kubectl rollout status",
        "# expect: output not matches /error/i",
        "  - name: QUEUE_HOST\n    required: true",
        "roles:\n  - name: Product owner",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert!(!text.contains("grep -i error"), "{text}");
}

#[test]
fn boxes_below_a_block_get_the_step_that_answers_them() {
    let text = adopted(PLAIN);
    let pods = "- [ ] All pods are up\n  ```bash check\n  # Pods\n  kubectl get pods -n harbour\n  # expect: a person agrees\n  ```\n";
    let disk = "- [ ] Disk has room\n  ```bash check\n  # Disk\n  df -h /srv\n";
    assert!(text.contains(pods) && text.contains(disk), "{text}");
    assert!(text.contains("- [ ] Nobody complained\n\n"), "{text}");
}

#[test]
fn a_diff_is_what_git_applies_and_nothing_is_changed_without_being_asked() {
    let case = Case::with(PLAIN).committed();
    let done = case.run(&["adopt", "list.md"]).exits(0);
    assert_eq!(case.read("list.md"), PLAIN);
    assert!(done.err.contains("proposed"), "{}", done.err);
    case.write("adopt.patch", &done.out);
    case.git(&["apply", "adopt.patch"]);
    let applied = case.read("list.md");
    case.write("list.md", PLAIN);
    case.run(&["adopt", "--write", "list.md"]).exits(0);
    assert_eq!(applied, case.read("list.md"));
}

#[test]
fn adopting_twice_proposes_nothing_more() {
    let case = Case::with(PLAIN);
    case.run(&["adopt", "--write", "list.md"]).exits(0);
    let done = case.run(&["adopt", "list.md"]).exits(0);
    assert_eq!(done.out, "", "{}", done.out);
    assert!(done.err.contains("nothing is proposed"), "{}", done.err);
}

#[test]
fn nothing_of_what_the_author_wrote_is_lost() {
    let case = Case::with(PLAIN);
    case.run(&["adopt", "--write", "list.md"]).exits(0);
    let text = case.read("list.md");
    for line in
        PLAIN.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("```"))
    {
        let words = line.trim_start_matches("# Expected: ").split("<queue-host>");
        for part in words.map(|part| part.split(" | grep").next().unwrap_or_default()) {
            assert!(text.contains(part.trim()), "`{part}` is gone from {text}");
        }
    }
}

#[test]
fn what_changes_something_is_never_proposed_as_a_check() {
    for command in [
        "kubectl delete pod x",
        "rm -rf /srv/old",
        "psql -c \"DELETE FROM jobs\"",
        "curl -X POST http://gate.harbour.test/reload",
        "docker logs gate > log.txt",
        "helm upgrade --version 1.2 gate charts/gate",
        "git push origin v1",
        "./smoke.sh",
        "make test",
        "ssh gate 'systemctl restart gate'",
        "echo $(rm x)",
        "tail -f /var/log/gate",
        "ssh gate",
        "cat .env",
        "env",
    ] {
        let case = Case::with(&format!("- [ ] One\n  ```bash\n  {command}\n  ```\n"));
        let done = case.run(&["adopt", "list.md"]).exits(0);
        assert!(!done.out.contains("```bash check"), "{command}: {}", done.out);
    }
}

#[test]
fn an_expectation_is_proposed_only_where_it_can_fail() {
    for (command, expectation) in [
        ("kubectl get pods", "a person agrees"),
        ("curl http://gate.harbour.test/", "a person agrees"),
        ("curl -f http://gate.harbour.test/", "exit == 0"),
        ("systemctl is-active gate", "exit == 0"),
        ("docker logs gate | grep -i fatal", "output not matches /fatal/i"),
        ("grep -q ready state.txt", "exit == 0"),
    ] {
        let case = Case::with(&format!("- [ ] One\n  ```bash\n  {command}\n  ```\n"));
        let done = case.run(&["adopt", "list.md"]).exits(0);
        assert!(
            done.out.contains(&format!("+  # expect: {expectation}\n")),
            "{command}: {}",
            done.out
        );
    }
}

#[test]
fn what_has_to_fail_or_to_find_nothing_is_not_turned_round() {
    for (script, line) in [
        ("# Must FAIL (no route)\nping -c 1 db", "+# expect: exit != 0"),
        ("# Should return NXDOMAIN\nnslookup bad.harbour.test", "+# expect: exit != 0"),
        (
            "# Verify no old pods remain\nkubectl get pods | grep old",
            "+# expect: output not matches /old/",
        ),
        ("# should be 200\ncurl -fs http://gate.harbour.test/", "+# expect: a person agrees"),
        ("curl -fs http://gate.harbour.test/  # 200", "+# expect: a person agrees"),
    ] {
        let case = Case::with(&format!("## A\n\n```bash\n{script}\n```\n"));
        let done = case.run(&["adopt", "list.md"]).exits(0);
        assert!(done.out.contains(&format!("{line}\n")), "{script}: {}", done.out);
        assert!(!done.out.contains("exit == 0"), "{script}: {}", done.out);
    }
    for (title, script, line) in [
        (
            "Old container is gone",
            "docker ps -a | grep gate-old",
            "+  # expect: output not matches /gate-old/",
        ),
        ("Health", "curl -f http://gate.harbour.test/ || true", "+  # expect: a person agrees"),
        ("Log", "grep ERROR app.log\n  # Expected: no output", "+  # expect: exit == 1"),
        (
            "Log",
            "docker logs gate | grep -i warn\n  # Expected: nothing",
            "+  # expect: output not matches /warn/i",
        ),
        (
            "File",
            "test -f a.conf && echo \"a conf is there\"\n  # Expected: a conf is there",
            "   # Expected: a conf is there",
        ),
    ] {
        let case = Case::with(&format!("- [ ] {title}\n  ```bash\n  {script}\n  ```\n"));
        let done = case.run(&["adopt", "list.md"]).exits(0);
        assert!(done.out.contains(&format!("{line}\n")), "{script}: {}", done.out);
    }
    let case = Case::with(
        "- [ ] No secret is in the repository\n  ```bash\n  git grep -l BEGIN_KEY\n  ```\n",
    );
    let done = case.run(&["adopt", "list.md"]).exits(0);
    assert!(!done.out.contains("bash check") && done.err.contains("find nothing"), "{}", done.err);
    for (script, why) in [
        ("# Verify no processes remain\nps aux", "find nothing"),
        ("curl -f http://gate.harbour.test/\necho $?", "`$?`"),
        ("#!/bin/bash\ndf -h", "a script"),
        ("- [ ] df -h", "boxes"),
        ("ssh gate\ndf -h", "at a terminal"),
        ("mongosh --eval \"db.jobs.countDocuments({a: {$exists: true}})\"", "$exists"),
    ] {
        let case = Case::with(&format!("## A\n\n```bash\n{script}\n```\n"));
        let done = case.run(&["adopt", "list.md"]).exits(0);
        assert!(!done.out.contains("bash check"), "{script}: {}", done.out);
        assert!(done.err.contains(why), "{script}: {}", done.err);
    }
    let case = Case::with("## A\n\n```bash\nssh gate\n```\n\nThen:\n\n```bash\ndf -h\n```\n");
    let done = case.run(&["adopt", "list.md"]).exits(0);
    assert!(done.out.is_empty() && done.err.contains("somewhere else"), "{}", done.err);
}

#[test]
fn notes_become_expectations_where_they_are_clear() {
    for (note, line) in [
        ("# Expected: PONG", " # Expected: PONG"),
        (
            "# Expected: {\"status\": \"up\", \"version\": \"1.2.0\"}",
            "+# expect: .status == \"up\"",
        ),
        ("# Expected: \"state\": \"open\"", "+# expect: stdout matches /\"state\":\\s*\"open\"/"),
        ("# Expected: no output", "+# expect: stdout is empty"),
        ("# Expected: All replicas are in sync", "+# expect: a person agrees"),
        ("# Erwartet: PONG", " # Erwartet: PONG"),
    ] {
        let case = Case::with(&format!("## A\n\n```bash\nredis-cli ping\n{note}\n```\n"));
        let done = case.run(&["adopt", "list.md"]).exits(0);
        assert!(done.out.contains(&format!("{line}\n")), "{note}: {}", done.out);
    }
}

#[test]
fn an_action_says_loudly_that_a_parameter_is_missing() {
    let text = adopted("- [ ] Tag it\n  ```bash\n  git tag -a v<version> -m x\n  ```\n");
    assert!(
        text.contains("git tag -a v\"${VERSION:?}\" -m x") && !text.contains("required"),
        "{text}"
    );
}

#[test]
fn lines_end_as_they_did_and_hostile_text_is_text() {
    let case = Case::with(&PLAIN.replace('\n', "\r\n"));
    case.run(&["adopt", "--write", "list.md"]).exits(0);
    let text = case.read("list.md");
    assert!(
        text.lines().count() > 40
            && text.split('\n').rev().skip(1).all(|line| line.ends_with('\r'))
    );
    let case =
        Case::with("- [ ] `\u{1b}[31m` <a\u{202e}b>\n  ```bash\n  ls \u{1b}]0;x\u{7}\n  ```\n");
    case.run(&["adopt", "list.md"]).exits(0);
}

#[test]
fn a_plan_has_no_check_for_an_item_that_waits_for_somebody_to_act() {
    let case = Case::with(
        "- [ ] Deploy `#deploy`\n  ```bash action\n  touch acted\n  ```\n\n  ```bash check\n  touch checked\n  # expect: exit == 0\n  ```\n- [ ] Look `#look`\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n",
    );
    let done = case.run_list().exits(10);
    assert!(
        !case.path().join("acted").exists() && !case.path().join("checked").exists(),
        "{}",
        done.out
    );
}
