//! Where we cannot tell, we never say pass: a test for each way in which a check could lie.

use crate::support::{Case, Done};

/// A checklist of one item, `one`, with one bash check.
fn bash(script: &str) -> Case {
    shell("bash", script)
}

fn shell(language: &str, script: &str) -> Case {
    let block: String = script.lines().map(|line| format!("  {line}\n")).collect();
    Case::with(&format!("# Release\n\n- [ ] One `#one`\n  ```{language} check\n{block}  ```\n"))
}

/// The outcome that the run recorded for item `one`.
fn outcome(case: &Case) -> String {
    let done = case.run(&["run", "list.md", "--no-report", "--format", "json"]);
    told(&done)
}

fn told(done: &Done) -> String {
    let json = done.json();
    let items = json["items"].as_array().expect("items");
    let one = items.iter().find(|item| item["item"] == "one").expect("item `one`");
    let outcome = one["outcome"].as_str().expect("an outcome").to_owned();
    let expected = match outcome.as_str() {
        "pass" => 0,
        "fail" | "error" => 20,
        _ => 10,
    };
    assert_eq!(done.code, expected, "{done:?}");
    outcome
}

#[track_caller]
fn gives(script: &str, expected: &str) {
    assert_eq!(outcome(&bash(script)), expected, "{script}");
}

#[test]
fn a_check_that_holds_is_a_go() {
    gives("echo PONG\n# Expected: PONG", "pass");
    gives("echo 3\n# expect: value < 5", "pass");
    gives("echo '{\"redis\":{\"connected\":true}}'\n# expect: .redis.connected == true", "pass");
}

#[test]
fn zero_is_not_found_in_ten() {
    gives("echo 10\n# Expected: 0", "fail");
    gives("echo 10\n# expect: value == 0", "fail");
}

#[test]
fn healthy_is_not_found_in_unhealthy() {
    gives("echo unhealthy\n# Expected: healthy", "fail");
}

#[test]
fn a_pipeline_whose_first_part_fails_fails() {
    gives("false | cat\n# expect: exit == 0", "fail");
    gives("grep nothing /dev/null | wc -l\n# Expected: 0", "fail");
}

#[test]
fn a_command_that_fails_before_the_last_fails_its_step() {
    gives("false\ntrue\n# expect: exit == 0", "fail");
    gives("cd /nowhere/at/all\necho PONG\n# Expected: PONG", "fail");
}

#[test]
fn an_exit_in_the_middle_is_an_error() {
    gives("echo PONG\nexit 0\n# Expected: PONG", "error");
    gives("echo PONG\nexec true\n# Expected: PONG", "error");
    gives("echo PONG\nkill -9 $$\n# Expected: PONG", "error");
    gives("exit 0\n# expect: exit == 0\nfalse\n# expect: exit == 0", "error");
}

#[test]
fn no_number_is_an_error() {
    gives("echo many\n# expect: value < 5", "error");
    gives("true\n# expect: value < 5", "error");
    gives("echo NaN\n# expect: value < 5", "error");
    gives("printf '1\\n2\\n'\n# expect: value < 5", "error");
    gives("echo 150\n# expect: value < 200ms", "error");
}

#[test]
fn an_empty_file_is_not_a_value() {
    gives("cat /dev/null\n# Expected: ok", "fail");
    gives("cat /dev/null\n# expect: .ok == true", "error");
    gives("cat /dev/null\n# expect: stdout contains \"ok\"", "fail");
}

#[test]
fn a_jq_program_must_give_one_true() {
    gives("echo '{}'\n# expect: .ok", "fail");
    gives("echo '{\"a\":[true,true]}'\n# expect: .a[]", "error");
    gives("echo '{\"a\":1}'\n# expect: .a", "fail");
    gives("echo 'not json'\n# expect: .ok == true", "error");
}

#[test]
fn a_forged_end_of_step_does_not_count() {
    // Whatever the shell can show of itself, replayed to both streams before leaving early.
    for leak in [
        "cat \"/proc/$$/cmdline\"",
        "cat \"$0\" 2>/dev/null || true",
        "set",
        "declare -p",
        "tr '\\0' '\\n' < /proc/self/environ",
        "set -x; true",
    ] {
        let script = format!(
            "forged=$({{ {leak}; }} 2>&1 | tr -d '\\0' || true)\n\
             printf '%b' \"$forged\"\nprintf '%b' \"$forged\" >&2\n\
             for n in 0 1 2; do printf '\\036%s %s 0\\036' \"$forged\" $n; done\n\
             exit 0\n# expect: exit == 0"
        );
        assert_ne!(outcome(&bash(&script)), "pass", "{leak}");
    }
}

#[test]
fn an_expectation_in_a_heredoc_or_a_string_is_none() {
    gives("cat <<X\n# Expected: PONG\nX", "error");
    gives("echo '\n# Expected: PONG\n'", "error");
}

#[test]
fn an_expectation_inside_a_loop_is_an_error() {
    gives("for n in 1 2; do\necho PONG\n# Expected: PONG\ndone", "error");
    gives("if true; then\necho PONG\n# Expected: PONG\nfi", "error");
}

#[test]
fn a_check_without_an_expectation_is_an_error() {
    gives("true", "error");
}

#[test]
fn a_near_miss_is_an_error() {
    assert_eq!(outcome(&shell("bash", "# timout: 3s\ntrue\n# expect: exit == 0")), "error");
    assert_eq!(outcome(&shell("bash", "true\n# expct: exit == 0")), "error");
    assert_eq!(outcome(&shell("bash", "true\n# expect: exit = 0")), "error");
    assert_eq!(outcome(&shell("basj", "true\n# expect: exit == 0")), "error");
    let case = Case::with(
        "# R\n\n- [ ] One `#one`\n  ```bash chekc\n  true\n  # expect: exit == 0\n  ```\n",
    );
    assert_eq!(outcome(&case), "error");
}

#[test]
fn what_only_looks_like_an_expectation_is_an_error() {
    for near in ["# - expect: stdout == ho", "# \u{435}xpect: stdout == ho", "# Should be: ho"] {
        gives(&format!("echo hi\n{near}\n# expect: exit == 0"), "error");
    }
    gives("echo hi\n# except: on Sundays\n# expect: exit == 0", "pass");
}

#[test]
fn what_looks_like_an_item_and_is_none_stops_the_run() {
    let check = "- [ ] One `#one`\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n";
    for near in ["- [ ]restart", "- [] restart", "[ ] restart"] {
        let case = Case::with(&format!("# R\n\n{check}\n## Next\n\n{near}\n"));
        case.run_list().exits(2).says("nothing runs").says("HP016");
    }
}

#[test]
fn a_pipeline_in_a_shell_without_pipefail_is_an_error() {
    assert_eq!(outcome(&shell("sh", "false | cat\n# expect: exit == 0")), "error");
}

#[test]
fn a_timeout_is_an_error() {
    gives("# timeout: 200ms\necho PONG\nsleep 30\n# Expected: PONG", "error");
}

#[test]
fn a_missing_program_fails_the_step() {
    gives("no-such-program-anywhere\n# expect: exit == 0", "fail");
}

#[test]
fn an_unlisted_kubeconfig_is_an_error() {
    let case = bash("kubectl version || true\n# expect: exit == 0").set("KUBECONFIG", "/tmp/other");
    assert_eq!(outcome(&case), "error");
    let case = bash("sudo -n kubectl version || true\n# expect: exit == 0").set("KUBECONFIG", "/x");
    assert_eq!(outcome(&case), "error");
}

#[test]
fn only_marked_blocks_run() {
    let case = Case::with(
        "# Release\n\n- [ ] One `#one`\n  ```bash\n  touch ran-one\n  ```\n\n```bash action\ntouch ran-two\n```\n\n\
         ```sh\ntouch ran-three\n```\n\n    touch ran-four\n",
    );
    case.run_list().exits(10);
    assert_eq!(
        case.files(".", "").iter().filter(|path| path.to_string_lossy().contains("ran-")).count(),
        0
    );
}

#[test]
fn a_person_cannot_answer_a_check() {
    let case = bash("false\n# expect: exit == 0");
    case.run_list().exits(20);
    case.run(&["attest", "one", "--pass", "--note", "looks fine"]).exits(2);
    case.run(&["status"]).exits(20);
}

#[test]
fn a_check_that_asks_for_a_person_stays_pending_until_one_has_looked() {
    let case = bash("echo looks good\n# expect: a person agrees");
    assert_eq!(outcome(&case), "pending");
    case.run(&["attest", "one", "--pass", "--note", "read it"]).exits(0);
    case.run(&["status"]).exits(0);
}

#[test]
fn an_edited_item_is_not_answered() {
    let case = bash("echo PONG\n# Expected: PONG");
    case.run_list().exits(0);
    case.run(&["status"]).exits(0);
    let edited = case.read("list.md").replace("PONG", "PING");
    case.write("list.md", edited);
    case.run(&["status"]).exits(10).says("edited");
}

#[test]
fn a_ticked_box_is_a_claim_and_not_an_answer() {
    Case::with("# Release\n\n- [x] Done already\n").run_list().exits(10);
}

#[test]
fn an_empty_checklist_is_no_data() {
    Case::with("").run_list().exits(10).says("no data");
    Case::with("# Release\n\nNothing to do.\n").run_list().exits(10).says("no data");
}

#[test]
fn two_readers_that_disagree_stop_the_run() {
    // A closing fence followed by a TAB is one for the first reader and none for the second.
    let case =
        Case::with("# R\n\n```bash check\ntouch ran\n# expect: exit == 0\n```\t\n\n- [ ] after\n");
    let done = case.run_list();
    assert_ne!(done.code, 0, "{done:?}");
    if done.code == 2 {
        assert!(!case.path().join("ran").exists());
    }
}

#[test]
fn what_is_missing_from_json_is_neither_small_nor_different() {
    gives("echo '{}'\n# expect: .errors < 5", "error");
    gives("echo '{}'\n# expect: .status != \"down\"", "error");
    gives("echo '{}'\n# expect: .errors | length == 0", "error");
    gives("echo '{}'\n# expect: . | (.errors < 5)", "error");
    gives("echo '{}'\n# expect: .errors > 5 | not", "error");
    gives("echo '[{\"n\":4},{}]'\n# expect: [.[].n] | max < 5", "error");
    gives("echo '{\"errors\":9}'\n# Expected: {}", "fail");
}

#[test]
fn numbers_with_more_digits_than_are_kept_are_not_equal() {
    let big = "echo '{\"id\":100000000000000000001}'";
    gives(&format!("{big}\n# Expected: {{\"id\":100000000000000000002}}"), "fail");
    gives(&format!("{big}\n# Expected: {{\"id\":100000000000000000001}}"), "pass");
    gives("echo '{\"id\":1.00000000000000000001}'\n# expect: .id == 1.0", "error");
}

#[test]
fn json_with_a_key_twice_answers_nothing() {
    let script = "echo '{\"ok\":false,\"ok\":true}'";
    gives(&format!("{script}\n# expect: .ok == true"), "error");
    gives(&format!("{script}\n# Expected: {{\"ok\":true}}"), "error");
}

#[test]
fn a_jq_program_cannot_hold_or_break_the_run() {
    gives("echo '{}'\n# expect: . | until(false; .)", "error");
    let deep = format!(".{}.{}", "|(".repeat(3_000), ")".repeat(3_000));
    gives(&format!("echo '{{}}'\n# expect: {deep}"), "error");
}

#[test]
fn a_shell_that_fails_after_its_last_step_is_an_error() {
    gives("trap 'exit 3' EXIT\ntrue\n# expect: exit == 0", "error");
}

#[test]
fn a_directive_in_capitals_is_not_ignored() {
    gives("# Timeout: 1s\ntrue\n# expect: exit == 0", "error");
}

#[test]
fn a_directive_that_is_nearly_one_is_not_ignored_below_a_command() {
    for near in ["# timout: 3s", "# Timeout: 3s", "# timeout 3s"] {
        gives(&format!("true\n{near}\n# expect: exit == 0"), "error");
    }
    gives("true\n# the timeout of the proxy is 3s\n# expect: exit == 0", "pass");
}

#[test]
fn what_makes_failures_count_cannot_be_switched_off() {
    gives("time exit 0\nfalse\n# expect: exit == 0", "error");
    for off in ["set +e", "\\set +e", "x=1 set +e", "set '+e'", "eval 'set +e'", "set +o pipefail"]
    {
        gives(&format!("{off}\nfalse | true\necho ok\n# Expected: ok"), "error");
    }
    // What cannot be read in the script is seen when it has happened.
    let hidden = "echo 'set +e' > off.sh";
    gives(&format!("{hidden}\n. ./off.sh\nfalse\necho ok\n# Expected: ok"), "error");
    gives(&format!("{hidden}\n. ./off.sh\nfalse; (exit 3)\n# expect: exit == 3"), "error");
    let sh = shell("sh", &format!("{hidden}\n. ./off.sh\nfalse\necho ok\n# Expected: ok"));
    assert_eq!(outcome(&sh), "error");
    gives(". /dev/null\necho ok\n# Expected: ok\n(exit 3)\n# expect: exit == 3", "pass");
    gives("set +e\nfalse\ntrue\n# expect: exit == 0", "error");
    gives("false || status=$?\ntest \"$status\" = 1\n# expect: exit == 0", "pass");
}

#[test]
fn a_function_that_returns_and_a_subshell_that_exits_fail_and_leave_nothing() {
    for script in ["f() { return 3; }\nf", "(exit 3)", "x=$(exit 3)"] {
        gives(&format!("{script}\n# expect: exit == 0"), "fail");
        gives(&format!("{script}\n# expect: exit == 3"), "pass");
    }
    gives("f() { exit 0; }\nf\n# expect: exit == 0", "error");
}

#[test]
fn a_comment_behind_a_jq_program_is_no_part_of_it() {
    gives("echo '{}'\n# expect: .errors < 5 # or fewer", "error");
    gives("echo '{}'\n# expect: .a == .b", "error");
    gives("echo '{\"a\":1,\"b\":1}'\n# expect: .a == .b", "pass");
    gives("echo '{\"a\":null}'\n# expect: .a == null", "pass");
}

#[test]
fn words_behind_a_quoted_text_or_a_regex_are_an_error() {
    gives("echo panic\n# expect: output not matches /error/ or /panic/", "error");
    gives("echo panic\n# expect: output not contains \"error\" or \"panic\"", "error");
    gives("echo panic\n# expect: output not contains \"panic\" (see wiki)", "error");
    gives("echo a/b\n# expect: stdout matches /^a\\/b$/", "pass");
    gives("echo 'it is'\n# expect: stdout contains \"it is\"", "pass");
}

#[test]
fn a_denial_that_fails_nothing_is_an_error() {
    gives("! true\necho ok\n# Expected: ok", "error");
    gives("for a in 1 2; do ! test $a = 1; done\n# expect: exit == 0", "error");
    gives("if true; then ! true; fi; echo ok\n# Expected: ok", "error");
    gives("! true | cat\necho ok\n# Expected: ok", "error");
    gives("(! true; echo ok)\n# Expected: ok", "error");
    gives("false || ! true\necho ok\n# Expected: ok", "error");
    gives("false || { ! true; }\necho ok\n# Expected: ok", "error");
    gives("x=$(! true; echo ok)\necho $x\n# Expected: ok", "error");
    gives("! true\n# expect: exit == 0", "fail");
    gives("! false\n# expect: exit == 0\necho ok\n# Expected: ok", "pass");
    gives("if ! false; then echo ok; fi\n# Expected: ok", "pass");
    gives("! false || exit 1\necho ok\n# Expected: ok", "pass");
}

#[test]
fn a_here_document_that_the_shell_does_not_end_swallows_nothing_in_silence() {
    for end in ["EOF ", "  EOF", "EOF;", "EOF # x"] {
        gives(&format!("cat <<EOF\nhi\n{end}\nfalse\n# expect: exit == 0"), "error");
    }
    gives(
        "cat <<EOF\na\nEOF \nfalse\ncat <<EOF\nb\nEOF\n# Expected: b\necho z\n# Expected: z",
        "error",
    );
    gives("cat <<-EOF\n\thi\n\tEOF\n# Expected: hi", "pass");
}

#[test]
fn a_shell_that_leaves_early_is_an_error_however_it_does_so() {
    for early in [
        "time exit 0",
        "jobs -x exit 0",
        "ex\\\nit 0",
        "[[ -f ]]",
        "POSIXLY_CORRECT=1\nBASH_ALIASES[foo]='exit 0'\nfoo",
    ] {
        let case = bash(&format!("{early}\nfalse\n# expect: exit == 0"));
        let done = case.run(&["run", "list.md", "--no-report", "--format", "json"]);
        assert_eq!(done.code, 20, "{early}: {done:?}");
    }
}

#[test]
fn the_last_status_of_a_step_counts_in_every_shell() {
    for language in ["bash", "sh", "zsh"] {
        for last in ["! true", "test -e /nope && true", "# extglob\n! true"] {
            let case = shell(language, &format!("{last}\n# expect: exit == 0"));
            assert_eq!(outcome(&case), "fail", "{language}: {last}");
        }
    }
}

#[test]
fn arithmetic_that_fails_fails_its_step() {
    for wrong in ["DAY=08\nNEXT=$((DAY + 1))", "N=0\nP=$((10 / N))"] {
        let after = format!("{wrong}\necho ok\n# Expected: ok");
        for script in [
            after.clone(),
            format!("{after}\necho two\n# Expected: two"),
            format!("eval true\n{after}"),
        ] {
            let case = bash(&script);
            let done = case.run(&["run", "list.md", "--no-report"]);
            assert_eq!(done.code, 20, "{script}: {done:?}");
        }
    }
}

#[test]
fn a_step_that_expects_a_failure_may_not_be_left_with_success() {
    gives("if true; then exit 0; fi\ntest -e /nope\n# expect: exit < 2", "error");
    gives("exit 0\nfalse\n# expect: exit != 3", "error");
    gives("\\exit 0\nfalse\n# expect: exit != 3", "error");
    gives("if false; then exit 3; fi\ntrue\n# expect: exit < 2", "pass");
    gives("exit 3\n# expect: exit == 3", "pass");
}

#[test]
fn a_plain_shell_is_not_given_what_only_bash_understands() {
    for script in [
        "false &> log\necho ok\n# Expected: ok",
        "if [[ -f /etc/passwd ]]; then false; fi\n# expect: exit == 0",
    ] {
        assert_eq!(outcome(&shell("sh", script)), "error", "{script}");
    }
}

#[test]
fn the_first_part_of_a_list_that_fails_nothing_is_told() {
    let case = bash("cd /nowhere && pwd\necho ok\n# Expected: ok");
    case.run(&["lint", "list.md"]).exits(0).says("HP113").says("first part of `&&`");
    let told = bash("test -d . && echo ok\n# Expected: ok").run(&["lint", "list.md"]).exits(0);
    assert!(!told.out.contains("HP113"), "{}", told.out);
}

#[test]
fn what_a_shell_tells_of_its_commands_shows_no_mark() {
    let case = bash("set -x\necho hi\n# expect: stdout == hi\necho two\n# expect: exit == 0");
    assert_eq!(outcome(&case), "pass");
    for file in case.files("ledger", "") {
        let text = String::from_utf8_lossy(&std::fs::read(file).expect("a file")).into_owned();
        assert!(!text.contains("printf") && !text.contains("_hp"), "{text}");
    }
}

#[test]
fn a_failure_inside_a_substitution_fails_its_step() {
    gives("OUT=$(\n  cat /nope\n  echo done\n)\necho \"$OUT\"\n# Expected: done", "fail");
}

#[track_caller]
fn of(language: &str, script: &str, expected: &str) {
    assert_eq!(outcome(&shell(language, script)), expected, "{language}: {script}");
}

#[test]
fn a_script_that_cannot_be_read_is_no_failure_that_somebody_expects() {
    for word in ["}", "fi", "done", "esac", "then true"] {
        gives(&format!("test -e nowhere\n{word}\n# expect: exit != 0"), "error");
        of("sh", &format!("test -e nowhere\n{word}\n# expect: exit != 0"), "error");
    }
    of("console", "$ test -e nowhere; fi\n[exit 2]", "error");
    of("bash", "test -e nowhere\n# expect: exit == 1", "pass");
    of("sh", "test -e nowhere\n# expect: exit != 0", "pass");
    of("python", "print \"x\"\n# expect: exit == 1", "error");
    of("python", "import sys\nsys.exit(1)\n# expect: exit == 1", "pass");
    of("node", "const x = ;\n// expect: exit == 1", "error");
    of("ruby", "def\n# expect: exit == 1", "error");
    of("perl", "if (\n# expect: exit == 255", "error");
}

#[test]
fn a_command_that_is_not_there_is_no_failure_of_one_that_is() {
    gives("no-such-command-of-mine\n# expect: exit != 0", "error");
    gives("no-such-command-of-mine\n# expect: exit > 1", "error");
    gives("no-such-command-of-mine\n# expect: exit == 127", "pass");
    gives("no-such-command-of-mine\n# expect: exit == 0", "fail");
}

#[test]
fn what_always_holds_is_no_expectation() {
    for vacuous in [
        "exit >= 0",
        "exit < 256",
        "exit != 300",
        "lines >= 0",
        "lines != -1",
        "output not matches /error\\nfatal/",
        "stdout not contains ERROR|FATAL",
    ] {
        gives(&format!("false || true\n# expect: {vacuous}"), "error");
    }
    gives("echo 'a|b'\n# expect: stdout contains \"a|b\"", "pass");
    gives("echo a\n# expect: lines >= 1", "pass");
}

#[test]
fn what_is_printed_is_no_command() {
    let case = shell("console", "$ echo hi\n> touch made");
    assert_eq!(outcome(&case), "fail");
    assert!(!case.path().join("made").exists());
    of("console", "$ for word in a b; do\n>   echo $word\n> done\na\nb", "pass");
    of("console", "$ printf '> a\\n'\n> a", "pass");
    of("console", "$ echo a \\\n> b\na b", "pass");
    of("console", "$ cat <<END\n> text\n> END\ntext", "pass");
}

#[test]
fn no_link_leads_a_check_out_of_the_repository() {
    let case = bash("# cwd: out\npwd -P\n# expect: stdout contains /");
    std::os::unix::fs::symlink("/etc", case.path().join("out")).expect("a link");
    assert_eq!(outcome(&case), "error");
    let case = bash("# cwd: here\npwd -P\n# expect: stdout contains /");
    std::fs::create_dir(case.path().join("there")).expect("a folder");
    std::os::unix::fs::symlink("there", case.path().join("here")).expect("a link");
    assert_eq!(outcome(&case), "pass");
}

#[test]
fn a_checklist_that_somebody_has_to_sign_now_is_not_go_any_more() {
    let list = "---\nparams:\n  - name: STAGE\n    default: staging\n---\n# Release\n\n- [ ] One `#one`\n  ```bash check\n  echo a\n  # Expected: a\n  ```\n";
    let case = Case::with(list);
    case.run_list().exits(0);
    case.run(&["status"]).exits(0);
    case.write("list.md", format!("{list}\n## Sign-off\n\n**Tech Lead**: ____ Date: ____\n"));
    case.run(&["status"]).exits(10).says("who signs was changed");
    case.write("list.md", list.replace("default: staging", "default: production"));
    case.run(&["status"]).exits(10).says("parameters or variables were changed");
    case.write("list.md", list);
    case.run(&["status"]).exits(0);
}

#[test]
fn a_failure_behind_more_than_can_be_looked_through_is_not_the_expected_one() {
    let floods = "import sys\nsys.stderr.write('x' * (2 << 20))\nsys.exit(1)\n# expect: exit == 1";
    of("python", floods, "error");
    of("python", &floods.replace("2 << 20", "2 << 10"), "pass");
}
