//! Scripts that run elsewhere: over a real sshd, and through stand-ins for `docker` and `kubectl`,
//! which need a daemon and a cluster.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::service::{Service, executable};
use crate::support::{Case, Done};

/// A case that finds programs in a folder before all others.
fn with_programs(checklist: &str, bin: &Path) -> Case {
    let path = std::env::var("PATH").unwrap_or_default();
    Case::with(checklist).set("PATH", &format!("{}:{path}", bin.display()))
}

/// A checklist of items, each with its identity, language and block.
fn list(items: &[(&str, &str, &str)]) -> String {
    let head = "---\nparams:\n  - name: WORD\n    default: it's \"one\" $(word) \\\n  - name: HOST\n    default: box\n  - name: TOKEN\n    secret: true\n    required: false\n---\n# Release\n\n";
    items.iter().fold(head.to_owned(), |list, (id, language, block)| {
        let block = block.replace('\n', "\n  ");
        format!("{list}- [ ] Item {id} `#{id}`\n  ```{language} check\n  {block}\n  ```\n")
    })
}

/// Runs all of it.
fn run(case: &Case, more: &[&str]) -> Done {
    let arguments = ["run", "list.md", "--no-report", "--format", "json"];
    case.run(&[&arguments[..], more].concat())
}

/// How an item came out, and why.
#[track_caller]
fn item(done: &Done, id: &str) -> (String, String) {
    let json = done.json();
    let items = json["items"].as_array().expect("items");
    let found = items.iter().find(|item| item["item"] == id);
    let found = found.unwrap_or_else(|| panic!("no item `{id}`: {done:?}"));
    let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
    (text("outcome"), text("why"))
}

#[track_caller]
fn comes_to(done: &Done, id: &str, outcome: &str, why: &str) {
    let (found, said) = item(done, id);
    assert!(found == outcome && said.contains(why), "{id}: {found}: {said}");
}

#[test]
fn over_ssh_steps_and_expectations_are_as_they_are_here() {
    let server = Service::sshd();
    let case = with_programs(
        &list(&[
            (
                "word",
                "bash",
                "# on: ssh://box\necho \"$WORD\"\n# expect: stdout matches /^it's \"one\" \\$\\(word\\) \\\\$/\necho \"$SSH_CONNECTION\" | wc -w\n# expect: value == 4",
            ),
            (
                "second",
                "bash",
                "# on: ssh://box\ntrue\n# expect: exit == 0\nls /nonexistent\n# expect: exit == 0\ntrue\n# expect: exit == 0",
            ),
            (
                "posix",
                "sh",
                "# on: ssh://box\n# save: SEEN = .a\necho '{\"a\": \"b\"}'\n# expect: .a == \"b\"",
            ),
            (
                "python",
                "python",
                "# on: ssh://box\nimport os, sys\nprint(os.environ[\"WORD\"], len(sys.stdin.read()))\nsys.exit(3)\n# expect: exit == 3\n# expect: stdout matches /^it's .* 0$/",
            ),
            (
                "each",
                "bash",
                "# on: ssh://{{PLACE}}\n# each: PLACE in box gone\n# after: #posix\necho \"$SEEN $PLACE\"\n# expect: stdout matches /^b (box|gone)$/",
            ),
            ("console", "console", "# on: ssh://box\n$ echo one; echo two\none\n..."),
            ("silent", "bash", "# on: ssh://box\ntrue\n# expect: output is empty"),
            ("input", "bash", "# on: ssh://box\ncat\n# expect: stdout is empty"),
        ]),
        &server.ssh(),
    );
    let done = run(&case, &[]);
    for passed in ["word", "posix", "python", "console", "silent", "input"] {
        comes_to(&done, passed, "pass", "");
    }
    comes_to(&done, "second", "fail", "No such file");
    comes_to(&done, "each", "error", "cannot reach ssh://gone");
    let entries = case.read("ledger/ledger.jsonl");
    assert!(entries.contains("\"target\":\"ssh://box\""), "{entries}");
    assert!(entries.contains("\"target\":\"ssh://box PLACE=box\""), "{entries}");
}

#[test]
fn the_failure_of_a_connection_is_told_from_that_of_a_command() {
    let server = Service::sshd();
    let case = with_programs(
        &list(&[
            ("gone", "bash", "# on: ssh://gone\ntrue\n# expect: exit == 255"),
            ("stranger", "bash", "# on: ssh://stranger\ntrue\n# expect: exit == 255"),
            ("same", "bash", "# on: ssh://box\n(exit 255)\n# expect: exit == 255"),
            ("other", "bash", "# on: ssh://box\n(exit 255)\n# expect: exit == 0"),
            (
                "lost",
                "bash",
                "# on: ssh://box\nsleep 1\nkill -9 $(ps -o ppid= -p $PPID)\nsleep 3\n# expect: exit == 255",
            ),
            ("killed", "bash", "# on: ssh://box\nkill -9 $$\n# expect: exit == 137"),
            ("signal", "python", "# on: ssh://box\nimport sys\nsys.exit(178)\n# expect: exit == 0"),
            ("left", "bash", "# on: ssh://box\necho yes\nexit 0\n# Expected: yes"),
        ]),
        &server.ssh(),
    );
    let done = run(&case, &[]);
    comes_to(&done, "gone", "error", "cannot reach ssh://gone: ssh: connect to host");
    comes_to(&done, "stranger", "error", "cannot reach ssh://stranger: Host key verification");
    comes_to(&done, "same", "pass", "");
    comes_to(&done, "other", "fail", "saw exit 255");
    comes_to(&done, "lost", "error", "the connection was lost; process");
    comes_to(&done, "killed", "error", "");
    comes_to(&done, "signal", "error", "");
    comes_to(&done, "left", "error", "");
}

#[test]
fn what_a_timeout_may_leave_running_there_is_said() {
    let server = Service::sshd();
    let slow = "# on: ssh://box\n# timeout: 2s\necho begun\nsleep 6\n# expect: exit == 0";
    let behind = "# on: ssh://box\n# timeout: 20s\nsleep 6 &\necho done\n# Expected: done";
    let case =
        with_programs(&list(&[("slow", "bash", slow), ("behind", "bash", behind)]), &server.ssh());
    let begun = Instant::now();
    let done = run(&case, &[]);
    assert!(begun.elapsed() < Duration::from_secs(6), "a job there held the run");
    comes_to(&done, "slow", "error", "timed out after 2s; process ");
    comes_to(&done, "slow", "error", " and what it started may still run on ssh://box");
    comes_to(&done, "behind", "pass", "");
}

#[test]
fn values_are_on_no_command_line_and_secrets_nowhere() {
    let server = Service::sshd();
    let block = "# on: ssh://box\ncat /proc/[0-9]*/cmdline >\"/tmp/holdpoint-lines-$WORD\" 2>/dev/null || status=$?\necho \"token $TOKEN\"\n# expect: stdout contains \"token \"";
    let case = with_programs(&list(&[("one", "bash", block)]), &server.ssh())
        .set("TOKEN", "Xk29-hunter2-77");
    let word = format!("{}", std::process::id());
    let done = run(&case, &["--param-env", "TOKEN", "--param", &format!("WORD={word}")]);
    let lines = format!("/tmp/holdpoint-lines-{word}");
    let seen = std::fs::read_to_string(&lines).expect("what was seen");
    std::fs::remove_file(&lines).expect("a file removed");
    comes_to(&done, "one", "pass", "");
    assert!(seen.contains("ssh") && !seen.contains("hunter2"), "{seen}");
    for path in case.files("ledger", "") {
        let bytes = std::fs::read(&path).expect("a file");
        assert!(!String::from_utf8_lossy(&bytes).contains("hunter2"), "{}", path.display());
    }
}

/// Notes its arguments, makes noise as a login does, and runs what follows `sh`.
const STAND_IN: &str = "#!/bin/sh\nprintf '%s\\n' \"$0 $*\" >>\"$HOME/calls\"\necho noise; echo noise >&2\n[ \"$3\" != bare ] || PATH=$HOME/bare\nwhile [ \"$1\" != sh ]; do shift; done\n\"$@\"\nend=$?\necho noise; echo noise >&2\nexit $end\n";

#[test]
fn containers_and_pods_are_reached_by_the_programs_of_the_user() {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["docker", "kubectl"] {
        executable(&folder.path().join(name), STAND_IN);
    }
    let (home, bare) = (folder.path().display().to_string(), folder.path().join("bare"));
    std::fs::create_dir(&bare).expect("a folder");
    for name in ["sh", "cat"] {
        std::os::unix::fs::symlink(Path::new("/bin").join(name), bare.join(name)).expect("a link");
    }
    let text = list(&[
        (
            "container",
            "bash",
            "# on: docker://api_1\necho \"$WORD\"\n# expect: lines == 1\nfalse\n# expect: exit == 1",
        ),
        (
            "pod",
            "sh",
            "# on: kubectl://shop/deployment/api?container=app\necho \"$WORD\"\n# expect: output matches /^it's \"one\" \\$\\(word\\) \\\\$/",
        ),
        ("without", "perl", "# on: docker://bare\nexit 127;\n# expect: exit == 127"),
        ("word", "bash", "# on: docker://api\necho kubectl\n# expect: lines == 1"),
    ]);
    let case = with_programs(&text, folder.path()).set("HOME", &home);
    let done = run(&case, &[]);
    for passed in ["container", "pod", "word"] {
        comes_to(&done, passed, "pass", "");
    }
    comes_to(&done, "without", "error", "program `perl` is not installed on docker://bare");
    let calls = std::fs::read_to_string(folder.path().join("calls")).expect("calls");
    assert!(calls.contains("docker exec -i api_1 sh -c eval"), "{calls}");
    assert!(
        calls.contains("kubectl exec -i -n shop deployment/api -c app -- sh -c eval"),
        "{calls}"
    );
    assert!(!calls.contains("it's"), "{calls}");

    // Another daemon than the one that the checklist names would be asked.
    let case = with_programs(&text, folder.path()).set("HOME", &home).set("DOCKER_HOST", "tcp://x");
    let done = run(&case, &[]);
    comes_to(&done, "container", "error", "`DOCKER_HOST` is set");
    comes_to(&done, "pod", "pass", "");
}

#[test]
fn a_place_is_never_an_option() {
    let case = Case::with(&list(&[
        ("host", "bash", "# on: ssh://{{HOST}}\ntrue\n# expect: exit == 0"),
        (
            "each",
            "bash",
            "# on: docker://{{PLACE}}\n# each: PLACE in --privileged -v\ntrue\n# expect: exit == 0",
        ),
    ]));
    let done = run(&case, &["--param", "HOST=-oProxyCommand=touch owned"]);
    comes_to(&done, "host", "error", "is no place");
    comes_to(&done, "each", "error", "`docker://--privileged` is no place");
    assert!(!case.path().join("owned").exists());
    let lint = |block: &str| {
        case.write("list.md", list(&[("one", "bash", block)]));
        case.run(&["lint", "list.md"]).exits(2)
    };
    lint("# on: ssh://-oProxyCommand=id\ntrue\n# expect: exit == 0").says("is no place");
    lint("# on: ssh://a\n# cwd: web\ntrue\n# expect: exit == 0").says("the block runs elsewhere");
    lint("# sandbox: no-writes\n# on: ssh://a\ntrue\n# expect: exit == 0").says("`sandbox` guards");
}
