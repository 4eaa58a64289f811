//! Odd secrets, in every channel of a run: none is written anywhere, in no form that docs/redaction.md names.

use std::io::{Read, Write};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use crate::servers;
use crate::support::Case;

const INNER: &str = "kQ7-inner.x9";

/// Secrets that are hard to find, by their names.
fn secrets() -> Vec<(&'static str, String)> {
    let long: String = (0..820).map(|n| format!("L{:03}z", (n * 7_919) % 1_000)).collect();
    vec![
        ("INNER", INNER.to_owned()),
        ("OUTER", format!("pre-{INNER}-post")),
        ("TWICE", "abaXYZ7aba".to_owned()),
        ("LINES", "the first line of 9c\nthe second line of 4d".to_owned()),
        ("UMLAUT", "p\u{e4}ssw\u{f6}rd-\u{fc}n\u{ef}".to_owned()),
        ("REGEX", r"a.*b+(c|d)[e]\f^$".to_owned()),
        ("SHORT", "zQ7!x9".to_owned()),
        ("LONG", long),
    ]
}

/// What a checklist saves, and no parameter knows.
const SESSION: &str = "opaque7session2value5";

/// As shells write them.
const QUOTED: &[&str] =
    &[r"a.\*b+\(c\|d\)\[e\]", "the first line of 9c\\nthe second", r"p\303\244ssw"];

fn forms(value: &str) -> Vec<String> {
    let percent = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        byte => format!("%{byte:02X}"),
    };
    let json = serde_json::to_string(value).expect("JSON");
    let mut forms = vec![value.to_owned(), json[1..json.len() - 1].to_owned()];
    forms.push(value.bytes().map(percent).collect());
    forms.push(value.bytes().map(|byte| format!("{byte:02x}")).collect());
    for before in ["", "x", "xy"] {
        for engine in [&STANDARD, &URL_SAFE] {
            let text = engine.encode(format!("{before}{value}"));
            let (from, to) = ((before.len() * 8).div_ceil(6), (before.len() + value.len()) * 8 / 6);
            forms.push(text[from..to].to_owned());
        }
    }
    forms
}

/// All that must be nowhere; of what is long or has lines, its parts too.
fn planted() -> Vec<String> {
    let mut planted: Vec<String> = secrets().iter().flat_map(|(_, value)| forms(value)).collect();
    planted.extend(forms(SESSION));
    planted.extend(QUOTED.iter().map(|&quoted| quoted.to_owned()));
    let long = &secrets()[7].1;
    planted.extend([0, 1_000, 2_000].map(|at| long[at..at + 1_000].to_owned()));
    planted.extend(["the first line of 9c", "the second line of 4d"].map(str::to_owned));
    planted
}

#[track_caller]
fn assert_clean(place: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    // Names of hosts are written in small letters.
    let lower = format!("{text}{}", text.to_ascii_lowercase());
    for secret in planted().into_iter().chain([INNER.to_ascii_lowercase()]) {
        if let Some(at) = lower.find(&secret) {
            let around = lower.floor_char_boundary(at.saturating_sub(200))..at;
            panic!("`{secret}` in {place} behind:\n{}", &lower[around]);
        }
    }
}

/// All secrets in all forms, and two that overlap.
fn output() -> String {
    let all = secrets().into_iter().flat_map(|(name, value)| {
        forms(&value).into_iter().map(move |form| format!("{name}: {form} end\n"))
    });
    all.collect::<String>() + "abaXYZ7abaXYZ7aba\n"
}

/// A server whose answers hold all that can be in a header and in a body; `/away` redirects to such a place.
fn server() -> u16 {
    servers::serve(|mut stream| {
        let mut request = [0; 16 << 10];
        let read = stream.read(&mut request).unwrap_or(0);
        let away = request[..read].windows(5).any(|part| part == b"/away");
        let body = format!("{}{{\"a\": 1}}", output());
        let zipped = |body: &str| {
            let mut gzip = Command::new("gzip");
            let mut child = gzip
                .stdin(std::process::Stdio::piped())
                .stdout(std::process::Stdio::piped())
                .spawn()
                .expect("gzip is installed (apt-get install gzip)");
            let mut input = child.stdin.take().expect("a pipe");
            let body = body.to_owned();
            std::thread::spawn(move || input.write_all(body.as_bytes()));
            child.wait_with_output().expect("gzip ends").stdout
        };
        let body = zipped(&body);
        let status = if away { "302 Found" } else { "200 OK" };
        let head = format!(
            "HTTP/1.1 {status}\r\nX-Echo: {INNER} pre-{INNER}-post\r\nX-{INNER}: 1\r\nLocation: http://app:{INNER}@127.0.0.1:1/{INNER}\r\nContent-Encoding: gzip\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            body.len()
        );
        let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
    })
}

/// An item with one check.
fn item(id: &str, language: &str, check: &str) -> String {
    let check = check.replace('\n', "\n  ");
    format!("- [ ] Item {id} `#{id}`\n  ```{language} check\n  {check}\n  ```\n")
}

/// Writes it in pieces, so that secrets lie across all borders.
const PIECES: &str = "import os, sys, time\nfor name in ['OUTER', 'LINES', 'LONG', 'UMLAUT']:\n    value = os.environ[name].encode()\n    for fill in [8190, 65534, 0]:\n        sys.stdout.buffer.write(b'-' * fill)\n        for at in range(0, len(value), 700 if len(value) > 999 else 3):\n            sys.stdout.buffer.write(value[at:at + (700 if len(value) > 999 else 3)])\n            sys.stdout.buffer.flush()\n            time.sleep(0.001)\n    print()\nprint('', flush=True)";

fn list() -> String {
    let (port, closed) = (server(), servers::closed());
    let params: String = secrets()
        .iter()
        .map(|(name, _)| format!("  - name: {name}\n    secret: true\n    required: true\n"))
        .collect();
    let items = [
        item(
            "plain",
            "bash",
            "cat plain.txt\n# expect: stdout is empty\n\ncat plain.txt >&2\n# expect: stderr is empty\n\necho \"$OUTER\"\n# expect: stdout contains {{INNER}}\n# expect: stdout == {{TWICE}}\n# expect: stdout matches /^no/",
        ),
        item("pieces", "python", &format!("{PIECES}\n# expect: stdout is empty")),
        item(
            "cut",
            "bash",
            "# timeout: 1s\nprintf %s \"${LONG:0:3001}\"; printf %s \"${OUTER:0:15}\" >&2; sleep 60\n# expect: exit == 0",
        ),
        item("syntax", "bash", "eval \"if [ $OUTER ( $REGEX\"\n# expect: exit == 0"),
        item(
            "trace",
            "bash",
            "set -x; : \"$OUTER\" \"$REGEX\" \"$UMLAUT\" \"$LINES\"\n# expect: stderr is empty",
        ),
        item(
            "raised",
            "python",
            "import os\nraise ValueError(os.environ['OUTER'], os.environ['UMLAUT'], os.environ['REGEX'])\n# expect: exit == 0",
        ),
        item(
            "jq",
            "bash",
            "python3 -c 'import json,os; print(json.dumps({\"a\": dict(os.environ)}))'\n# expect: .a.OUTER | error\n# expect: .a.LINES\n# expect: .a\n# expect: .a.LONG | @base64\n# expect: .a.INNER | @uri\n# expect: .a.REGEX | error\n# expect: .a.OUTER == {{TWICE}}",
        ),
        item(
            "quoted",
            "bash",
            "printf '%q\n' \"$REGEX\" \"$UMLAUT\" \"$LINES\"; declare -p REGEX LINES; LC_ALL=C bash -c 'printf \"%q\\n\" \"$UMLAUT\"'\n# expect: stdout is empty",
        ),
        item("number", "bash", "echo \"$OUTER\"\n# expect: value < 3"),
        item(
            "console",
            "console",
            "$ cat plain.txt\nanything else\n$ echo \"$OUTER\"\n{{TWICE}} [..] {{LONG}}",
        ),
        item(
            "http",
            "http",
            &format!(
                "# redirects: 2\nGET http://127.0.0.1:{port}/{{{{INNER}}}}?q={{{{UMLAUT}}}}\nX-Api-Key: {{{{REGEX}}}}\n\n{{{{OUTER}}}}\n# expect: body is empty\n# expect: header.x-echo == 1\n# expect: header.location is empty\n# expect: url == 1\n# expect: .a == 2"
            ),
        ),
        item(
            "away",
            "http",
            &format!(
                "# redirects: 2\nGET http://app:{{{{INNER}}}}@127.0.0.1:{port}/away\n# expect: status == 200"
            ),
        ),
        item(
            "refused",
            "http",
            &format!(
                "GET http://app:{{{{OUTER}}}}@127.0.0.1:{closed}/{{{{INNER}}}}\n# expect: status == 200"
            ),
        ),
        item("noaddress", "http", "GET {{OUTER}}://{{INNER}}\n# expect: status == 200"),
        item(
            "noheader",
            "http",
            &format!("GET http://127.0.0.1:{port}/\nX-A: {{{{LINES}}}}\n# expect: status == 200"),
        ),
        item(
            "promql",
            "promql",
            &format!(
                "# server: http://app:{{{{INNER}}}}@127.0.0.1:{closed}\nup{{a=\"{{{{OUTER}}}}\"}}\n# expect: value == 1"
            ),
        ),
        item(
            "sql",
            "sql",
            &format!(
                "-- url: postgres://app:{{{{INNER}}}}@127.0.0.1:{closed}/{{{{INNER}}}}\nSELECT {{{{OUTER}}}}\n-- expect: value == 1"
            ),
        ),
        item("nosql", "sql", "-- url: {{OUTER}}\nSELECT 1\n-- expect: value == 1"),
        item(
            "rows",
            "sql",
            "-- url: sqlite:rows.db\nSELECT * FROM secrets\n-- expect: value == 1\n-- expect: .rows == 1",
        ),
        item(
            "cell",
            "sql",
            "-- url: sqlite:rows.db\nSELECT value FROM secrets WHERE name = {{INNER}} OR name = 'OUTER'\n-- expect: value == 1",
        ),
        item("tls", "tls", "{{INNER}}.invalid:443\n# expect: valid == true"),
        item("tcp", "tcp", "{{INNER}}.invalid:443\n# expect: connected == true"),
        item("dns", "dns", "{{INNER}}.invalid A\n# expect: answers is empty"),
        item(
            "file",
            "file",
            "files/*\nfiles/{{OUTER}}.txt\n# expect: size < 1\n# expect: text contains nothing of it\n# expect: exists == false",
        ),
        item("junit", "junit", "junit.xml\n# expect: failed is empty\n# expect: tests == 9"),
        item(
            "words",
            "bash",
            "# each: WORD in a b\necho \"$WORD $OUTER\"\n# expect: stdout is empty",
        ),
        item(
            "save",
            "bash",
            &format!(
                "# save: SESSION_TOKEN = .token\necho \"trace of {SESSION_PARTS}\" >&2\nprintf '{{\"token\":\"%s%s\"}}' opaque7session 2value5\n# expect: .token != \"x\""
            ),
        ),
        item(
            "saved",
            "bash",
            "# after: #save\necho \"$SESSION_TOKEN\"; printf %s \"$SESSION_TOKEN\" | base64; printf 'xy%s' \"$SESSION_TOKEN\" | base64; printf %s \"$SESSION_TOKEN\" | xxd -p\n# expect: stdout contains {{SESSION_TOKEN}}\n# expect: stdout is empty",
        ),
        item("person", "bash", "cat plain.txt\n# expect: a person agrees"),
        "- [ ] Noted `#noted`\n".to_owned(),
    ];
    format!("---\nparams:\n{params}---\n# R\n\n{}", items.concat())
}

const SESSION_PARTS: &str = "$(printf '%s%s' opaque7session 2value5)";

fn case() -> Case {
    let mut case = Case::with(&list()).set("RUST_BACKTRACE", "0");
    for (name, value) in secrets().iter().filter(|(name, _)| *name != "LONG") {
        case = case.set(name, value);
    }
    case.write("plain.txt", output());
    case.write("long", &secrets()[7].1);

    case.write(&format!("files/{INNER}.txt"), output());
    case.write(&format!("files/pre-{INNER}-post.txt"), output());
    let told = output().replace('&', "&amp;").replace('<', "&lt;");
    case.write("junit.xml", format!("<testsuite name=\"{INNER}\" tests=\"1\" failures=\"1\"><testcase name=\"pre-{INNER}-post\" classname=\"{INNER}\"><failure message=\"{INNER}\">{told}</failure></testcase></testsuite>"));
    let python = "import sqlite3, os\ndb = sqlite3.connect('rows.db')\ndb.execute('CREATE TABLE secrets (name, value)')\nfor name in ['OUTER', 'TWICE', 'LINES', 'UMLAUT', 'REGEX', 'SHORT']:\n    db.execute('INSERT INTO secrets VALUES (?, ?)', (name, os.environ[name]))\ndb.commit()\n";
    let made = case_command(&case, "python3").args(["-c", python]).status();
    assert!(made.expect("python3 is installed").success());
    let notes = serde_json::to_string(&output()).expect("JSON");
    case.write("answers.toml", format!("[noted]\noutcome = \"pass\"\nnote = {notes}\n"));
    case.committed()
}

fn case_command(case: &Case, program: &str) -> Command {
    let mut command = Command::new(program);
    let values = secrets().into_iter().filter(|(name, _)| *name != "LONG");
    command.current_dir(case.path()).envs(values);
    command
}

/// A verb with all parameters: the long one from a file.
fn with_values(verb: &[&str]) -> Vec<String> {
    let words = verb.iter().map(|word| (*word).to_owned());
    let names = secrets().into_iter().map(|(name, _)| name).filter(|name| *name != "LONG");
    let values = names.map(|name| format!("--param-env={name}"));
    words.chain(values).chain(["--param-file=LONG=long".to_owned()]).collect()
}

fn assert_nothing_on_disk(case: &Case) -> usize {
    let folders = ["ledger", "reports", ".git/holdpoint", ".local"];
    let files: Vec<_> = folders.iter().flat_map(|folder| case.files(folder, "")).collect();
    for path in &files {
        assert_clean(&path.display().to_string(), &std::fs::read(path).expect("a file"));
    }
    files.len()
}

fn assert_clean_pdf(path: &Path) {
    for program in ["pdftotext", "pdfinfo"] {
        let mut command = Command::new(program);
        command.arg(path);
        if program == "pdftotext" {
            command.arg("-");
        }
        let text = command.output().expect("pdftotext (apt-get install poppler-utils)");
        assert!(text.status.success());
        assert_clean(program, &text.stdout);
    }
}

#[test]
fn odd_secrets_in_every_channel_are_written_nowhere() {
    let case = case();
    let quiet = |arguments: Vec<String>| {
        let done = case.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_clean("standard output", done.out.as_bytes());
        assert_clean("standard error", done.err.as_bytes());
        done
    };
    let owned = |verb: &[&str]| verb.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let mut order = with_values(&["run", "list.md", "--answers", "answers.toml"]);
    order.extend([format!("--release={INNER}"), format!("--environment=pre-{INNER}-post")]);
    let ran = quiet(order).exits(20);
    assert!(ran.err.contains("pass") && ran.err.contains("Item saved"), "{}", ran.err);
    quiet(with_values(&["plan", "list.md"])).exits(0);
    quiet(with_values(&["plan", "list.md", "--format", "json"])).exits(0);
    for verb in [&["status"][..], &["status", "--format", "json"]] {
        quiet(owned(verb)).exits(20);
    }
    let note: String = output()
        .lines()
        .filter(|line| !line.starts_with("LONG"))
        .map(|line| format!("{line}\n"))
        .collect();
    case.write("seen.txt", &note);
    quiet(owned(&["attest", "noted", "--fail", "--note", &note, "--evidence", "seen.txt"]))
        .exits(0);
    for verb in [
        &["report"][..],
        &["lint", "list.md", "--format", "json"],
        &["log"],
        &["log", "--format", "json"],
        &["verify"],
        &["verify", "--format", "json"],
    ] {
        quiet(owned(verb));
    }
    assert!(assert_nothing_on_disk(&case) > 30);
    let pdfs = case.files("reports", ".pdf");
    assert!(!pdfs.is_empty());
    pdfs.iter().for_each(|pdf| assert_clean_pdf(pdf));
    let ledger = case.read("ledger/ledger.jsonl");
    let result = |id: &str| {
        let entries = ledger.lines().filter_map(|line| serde_json::from_str(line).ok());
        let mut results = entries.filter(|entry: &serde_json::Value| entry["body"]["item"] == id);
        results.next_back().unwrap_or_else(|| panic!("no result of {id}"))["body"].clone()
    };
    // Seen as it was: the redacted one would not have held.
    let held = |id: &str, at: usize| result(id)["checks"][0]["steps"][0]["expect"][at].clone();
    assert_eq!(held("saved", 0)["held"], true, "{}", result("saved"));
    assert_eq!(held("save", 2)["observed"], "[redacted:SESSION_TOKEN]", "{}", result("save"));
    let plain = result("plain");
    assert_eq!(plain["checks"][0]["steps"][2]["expect"][0]["held"], true, "{plain}");
    for id in ["plain", "words"] {
        let result = result(id);
        let counted = result["redactions"].as_array().expect("redactions");
        for (name, _) in secrets().iter().filter(|(name, _)| id == "plain" || *name == "OUTER") {
            let of_rule = counted.iter().filter(|one| one["rule"] == *name);
            assert_eq!(of_rule.count(), 1, "{name}: {counted:?}");
        }
    }
}

#[test]
fn a_run_that_is_killed_leaves_no_secret_on_the_disk() {
    let check =
        |id: &str, script: &str| item(id, "bash", &format!("{script}\n# expect: stdout is empty"));
    let list = format!(
        "---\nparams:\n  - name: OUTER\n    secret: true\n---\n# R\n\n{}{}",
        check("first", "echo \"$OUTER\"; printf %s \"$OUTER\" | base64"),
        check("second", "echo \"$OUTER\" | tee out >&2; sleep 60"),
    );
    let case = Case::with(&list).set("OUTER", &secrets()[1].1).committed();
    let temporary = case.path().join("temporary");
    std::fs::create_dir(&temporary).expect("a folder");
    let mut run = case
        .command(&["run", "list.md", "--param-env", "OUTER", "--jobs", "2"])
        .env("TMPDIR", &temporary)
        .stderr(std::process::Stdio::null())
        .spawn()
        .expect("the binary starts");
    let begun = Instant::now();
    let recorded = || {
        let journals = case.files(".git/holdpoint", ".jsonl");
        let text = journals.iter().filter_map(|path| std::fs::read_to_string(path).ok());
        text.collect::<String>().contains("\"first\"") && case.path().join("out").exists()
    };
    while !recorded() {
        assert!(begun.elapsed() < Duration::from_secs(60), "nothing was recorded");
        std::thread::sleep(Duration::from_millis(20));
    }
    run.kill().expect("it runs");
    run.wait().expect("it ends");
    assert!(assert_nothing_on_disk(&case) > 0);
    for path in case.files("temporary", "") {
        assert_clean(&path.display().to_string(), &std::fs::read(&path).expect("a file"));
    }
}

#[test]
fn a_secret_parameter_comes_from_a_file_or_standard_input() {
    let list = "---\nparams:\n  - name: PIN\n    secret: true\n    required: true\n---\n# R\n\n- [ ] One `#one`\n  ```bash check\n  test \"$PIN\" = hunter2-\"hunter3\"\n  # expect: exit == 0\n  ```\n";
    let case = Case::with(list);
    case.write("pin", "hunter2-hunter3\n");
    let run = |pin: &str| case.run(&["run", "list.md", "--no-report", "--param-file", pin]);
    run("PIN=pin").exits(0);
    run("PIN=missing").exits(2).says("`missing`");
    run("pin").exits(2).says("has no `=`");
    let mut child = case
        .command(&["run", "list.md", "--no-report", "--param-file", "PIN=-"])
        .stdin(std::process::Stdio::piped())
        .spawn()
        .expect("the binary starts");
    child.stdin.take().expect("a pipe").write_all(b"hunter2-hunter3\n").expect("written");
    assert!(child.wait().expect("it ends").success());
    case.run(&["run", "list.md", "--param", "hunter2-hunter3"]).exits(2).says("has no `=`");
    for blanks in ["         ", "  a b c "] {
        let done = case.run(&["run", "list.md", "--param", &format!("PIN={blanks}")]);
        done.exits(2).says("shorter than 6 bytes");
    }
}

#[test]
fn a_parameter_is_secret_by_its_name_where_the_document_does_not_tell_its_value() {
    let list = "---\nparams:\n  - name: DB_PASSWORD\n  - name: API_KEY\n    default: nothing-in-it\n  - name: SORT_KEY\n    values: [ascending, descending]\n---\n# R\n\n- [ ] One `#one`\n  ```bash check\n  echo \"$DB_PASSWORD $API_KEY $SORT_KEY\"\n  # expect: exit == 0\n  ```\n";
    let case = Case::with(list);
    let order = [
        "run",
        "list.md",
        "--no-report",
        "--param=DB_PASSWORD=hunter2-hunter3",
        "--param=SORT_KEY=ascending",
    ];
    case.run(&order).exits(0);
    let all: String = case
        .files("ledger", "")
        .iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .collect();
    assert!(!all.contains("hunter2"));
    assert!(all.contains("[redacted:DB_PASSWORD] nothing-in-it ascending"), "{all}");
}

#[test]
fn secrets_in_a_checklist_are_told_masked_and_run_nothing() {
    let secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let line = format!("see https://app:k3Rb9-ziQ2@db.internal/x and {secret}");
    for list in [
        format!(
            "---\ntitle: {secret}\nowner: https://app:k3Rb9-ziQ2@db.internal/\n---\n# R\n\n- [ ] One\n"
        ),
        format!("# R\n\n{line}\n\n- [ ] One\n"),
        format!("# R {line}\n\n- [ ] One\n"),
        format!("# R\n\n- [ ] One {line}\n"),
        format!("# R\n\n- [ ] One [here](https://app:k3Rb9-ziQ2@db.internal/{secret})\n"),
        format!(
            "# R\n\n- [ ] One `#one`\n  ```bash check\n  # timout: {secret}\n  echo '{line}' <pod-name>\n  # expect: exit == 0\n  ```\n"
        ),
        format!(
            "# R\n\n- [ ] One `#one`\n  ```http check\n  FETCH https://app:k3Rb9-ziQ2@db.internal/{secret}\n  # expect: status == 200\n  ```\n"
        ),
        format!("# R\n\n- [ ] One `#one` badge-1234 {line}\n"),
    ] {
        let case = Case::with(&list);
        case.write(
            "holdpoint.toml",
            "[redaction]\npatterns = [{ name = \"badge\", regex = 'badge-\\d+' }]\n",
        );
        for (verb, says) in [
            (&["lint", "list.md"][..], "HP027"),
            (&["lint", "list.md", "--format", "json"], "HP027"),
            (&["lint", "list.md", "--format", "sarif"], "HP027"),
            (&["lint", "list.md", "--format", "github"], "HP027"),
            (&["run", "list.md"], "nothing runs"),
            (&["plan", "list.md"], "nothing runs"),
        ] {
            let done = case.run(verb);
            let all = format!("{}{}", done.out, done.err);
            for secret in [secret, "k3Rb9", "badge-1234"] {
                assert!(!all.contains(secret), "{verb:?} of {list}\n{all}");
            }
            done.exits(2).says(says);
        }
        assert!(!case.path().join("ledger").exists());
    }
    let case = Case::with("# R\n\n- [ ] One, see badge-1234\n");
    case.run(&["lint", "list.md"]).exits(0);
    case.write(
        "holdpoint.toml",
        "[redaction]\npatterns = [{ name = \"badge\", regex = 'badge-\\d+' }]\n",
    );
    case.run(&["lint", "list.md"]).exits(2).says("list.md:3:16").says("`badge`");
    case.run_list().exits(2);
}
