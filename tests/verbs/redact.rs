//! What is taken out of whatever is written down.

use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use crate::support::{Case, Done};

/// Secrets whose values are known, as (name, value): the first by parameters, the others by the caller's variables.
fn known() -> Vec<(String, String)> {
    let names = [
        "API_TOKEN",
        "DB_PASSWORD",
        "CLIENT_SECRET",
        "SIGNING_KEY",
        "DEPLOY_PASSPHRASE",
        "GITHUB_TOKEN",
        "PGPASSWORD",
        "AWS_SECRET_ACCESS_KEY",
        "DATABASE_URL",
        "REDIS_URL",
        "STRIPE_API_KEY",
        "SENTRY_DSN",
        "SMTP_PASSWORD",
        "LDAP_BIND_PASSWD",
        "MQ_CREDENTIALS",
        "SESSION_SECRET",
        "NPM_TOKEN",
        "HOOK_WEBHOOK_URL",
        "CACHE_PASS",
        "ROOT_PWD",
    ];
    let odd = ["", "/slash", "\"quote\"", " blank&<tag>", "+plus=%41", "\\back'tick"];
    let value = |at: usize, name: &str| match name {
        "DATABASE_URL" => format!("postgres://app:pw-{at}-zq@db.example/x?y=1"),
        _ => format!("q{at}Zx{}7w-{}{}", at * 7919, name.len(), odd[at % odd.len()]),
    };
    names.iter().enumerate().map(|(at, name)| ((*name).to_owned(), value(at, name))).collect()
}

/// Secrets that only their looks tell: what a line says, and the part of it that must be nowhere.
fn looks() -> Vec<(String, String)> {
    let letters = |from: usize, length: usize| -> String {
        let all = "aZ3kQ9xW1mR7tY5uB2vN8cD4fG6hJ0pLsEoIiTyK";
        all.chars().cycle().skip(from).take(length).collect()
    };
    let hex =
        |length: usize| -> String { "0a1b2c3d4e5f60718293".chars().cycle().take(length).collect() };
    let whole = |text: String| (text.clone(), text);
    let mut looks = vec![
        whole(format!("ghp_{}", letters(0, 36))),
        whole(format!("gho_{}", letters(1, 36))),
        whole(format!("ghs_{}", letters(2, 36))),
        whole(format!("github_pat_{}", letters(3, 60))),
        whole(format!("glpat-{}", letters(4, 20))),
        whole(format!("xoxb-1234567890-{}", letters(5, 24))),
        whole(format!("xoxp-1234567890-{}", letters(6, 24))),
        whole(format!("sk_live_{}", letters(7, 24))),
        whole(format!("rk_live_{}", letters(8, 24))),
        whole(format!("npm_{}", letters(9, 36))),
        whole(format!("AIza{}", letters(10, 35))),
        whole(format!("ya29.{}", letters(11, 60))),
        whole(format!("eyJhbGciOiJIUzI1NiJ9.{}.{}", letters(12, 40), letters(13, 43))),
        whole(format!("hvs.{}", letters(14, 30))),
        whole(format!("dop_v1_{}", hex(64))),
        whole(format!("dckr_pat_{}", letters(15, 27))),
        whole(format!("shpat_{}", hex(32))),
        whole(format!("SG.{}.{}", letters(16, 22), letters(17, 43))),
        whole("AKIAQ3EGRZX7P2LMNV4B".to_owned()),
    ];
    let beside = letters(18, 40);
    looks.push((format!("ASIAQ3EGRZX7P2LMNV4C and {beside} beside it"), beside));
    for (before, secret, after) in [
        ("aws_secret_access_key = ", letters(19, 40), ""),
        ("Authorization: Bearer ", letters(20, 32), ""),
        ("> authorization: Basic ", STANDARD.encode("admin:correct-horse-9"), ""),
        ("Authorization: ", letters(21, 18), ""),
        ("X-Api-Key: ", letters(22, 18), ""),
        ("PRIVATE-TOKEN: ", letters(23, 18), ""),
        ("curl --token=", letters(24, 18), " https://x.example"),
        ("postgres://app:", letters(25, 12), "@db.example/app"),
        ("redis://:", letters(26, 12), "@cache:6379/0"),
        ("AccountName=x;AccountKey=", letters(27, 88), "=="),
        ("https://hooks.slack.com/services/", format!("T0001/B0002/{}", letters(28, 24)), ""),
    ] {
        looks.push((format!("{before}{secret}{after}"), secret));
    }
    looks
}

const BODY: &str = "MHcCAQEEIJq8nq4Zb1hWQk7qQ0m3Vd2T9gY0y3v5X6n7b8c9d0e1";

/// Every form of a known value that the world writes.
fn forms(value: &str) -> Vec<String> {
    let percent: String = value
        .bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let json = serde_json::to_string(value).expect("JSON");
    let mut forms = vec![value.to_owned(), percent, json[1..json.len() - 1].to_owned()];
    for before in ["", "x", "xy"] {
        for engine in [&STANDARD, &URL_SAFE] {
            // Without what the bytes beside it have a part in.
            let text = engine.encode(format!("{before}{value}"));
            let (from, to) = ((before.len() * 8).div_ceil(6), (before.len() + value.len()) * 8 / 6);
            forms.push(text[from..to].to_owned());
        }
    }
    forms
}

/// A file that prints all secrets, in all forms.
fn output() -> String {
    let mut output = String::new();
    for (name, value) in known() {
        let json = serde_json::to_string(&value).expect("JSON");
        output += &format!("{name}={value}\n{{\"x\": {json}}}\n");
        for form in forms(&value) {
            output += &format!("form: {form} end\n");
        }
        for before in ["", "x", "xy"] {
            output += &format!("{}\n", STANDARD.encode(format!("{before}{value} and more")));
        }
    }
    for (line, _) in looks() {
        output += &format!("{line}\n");
    }
    output
        + &format!(
            "-----BEGIN EC PRIVATE KEY-----\n{BODY}\n-----END EC PRIVATE KEY-----\nbadge-123456\nthe end\n"
        )
}

/// All that must be nowhere.
fn planted() -> Vec<String> {
    let mut planted: Vec<String> = known().iter().flat_map(|(_, value)| forms(value)).collect();
    planted.extend(looks().into_iter().map(|(_, secret)| secret));
    planted.extend([BODY.to_owned(), "badge-123456".to_owned(), "pw-8-zq".to_owned()]);
    planted
}

#[track_caller]
fn assert_clean(place: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for secret in planted() {
        assert!(!text.contains(&secret), "`{secret}` in {place}");
    }
}

#[track_caller]
fn assert_quiet(done: Done, code: i32) {
    assert_clean("standard output", done.out.as_bytes());
    assert_clean("standard error", done.err.as_bytes());
    done.exits(code);
}

fn list() -> String {
    let names: Vec<String> = known().into_iter().map(|(name, _)| name).collect();
    let (params, env) = names.split_at(5);
    let params: String = params
        .iter()
        .map(|name| format!("  - name: {name}\n    secret: true\n    required: true\n"))
        .collect();
    format!(
        "---\nparams:\n{params}  - name: HINT\n    required: true\nenv: [{}]\n---\n# R\n\n\
         - [ ] Streams `#streams`\n  ```bash check\n  cat /dev/stdin </dev/null; cat \"$HOME/plain.txt\"\n  # expect: stdout is empty\n  ```\n\
         - [ ] Errors `#errors`\n  ```bash check\n  cat \"$HOME/plain.txt\" >&2; exit 3\n  # expect: exit == 0\n  ```\n\
         - [ ] Lines `#lines`\n  ```bash check\n  while IFS= read -r line; do printf '%s\\n' \"$line\"; done <\"$HOME/plain.txt\" | tail -c 9000\n  # Expected: none of it\n  ```\n\
         - [ ] Trace `#trace`\n  ```bash check\n  set -x; : \"$API_TOKEN\" \"$DB_PASSWORD\" \"$PGPASSWORD\" \"$AWS_SECRET_ACCESS_KEY\"\n  # expect: stderr is empty\n  ```\n\
         - [ ] JSON `#json`\n  ```bash check\n  python3 -c 'import json,os; print(json.dumps(dict(os.environ)))'\n  # expect: .API_TOKEN == .DB_PASSWORD\n  # expect: .CLIENT_SECRET\n  # expect: value < 3\n  ```\n\
         - [ ] Raw `#raw`\n  ```bash check\n  printf %s \"$API_TOKEN\"\n  # expect: stdout matches /^q0Zx0/\n  ```\n\
         - [ ] Seen `#seen`\n- [ ] Noted `#noted`\n",
        env.join(", ")
    )
}

fn case() -> Case {
    let mut case = Case::with(&list()).set("RUST_BACKTRACE", "0");
    for (name, value) in known() {
        case = case.set(&name, &value);
    }
    case.write("plain.txt", output());
    case.write(
        "holdpoint.toml",
        "[redaction]\npatterns = [{ name = \"badge\", regex = 'badge-\\d+' }]\n",
    );
    let note = toml_text(&output());
    case.write("answers.toml", format!("[seen]\noutcome = \"pass\"\nnote = {note}\n"));
    case.committed()
}

fn toml_text(text: &str) -> String {
    serde_json::to_string(text).expect("JSON")
}

#[test]
fn fifty_secrets_are_planted_everywhere_and_written_nowhere() {
    assert!(known().len() + looks().len() + 3 >= 50);
    let case = case();
    let everything = output();
    let arguments = |verb: &[&str]| -> Vec<String> {
        let params = known().into_iter().take(5).map(|(name, _)| format!("--param-env={name}"));
        let hint = format!("--param=HINT={everything}");
        verb.iter().map(|word| (*word).to_owned()).chain(params).chain([hint]).collect()
    };
    let run = |arguments: Vec<String>| {
        case.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let mut order = arguments(&["run", "list.md", "--answers", "answers.toml"]);
    order.extend([format!("--release={everything}"), format!("--environment={everything}")]);
    let done = run(order);
    assert!(
        done.err.contains("pass") && done.err.contains("Raw"),
        "judged as it was: {}",
        done.err
    );
    assert_quiet(done, 20);
    assert_quiet(run(arguments(&["plan", "list.md"])), 0);
    assert_quiet(run(arguments(&["plan", "list.md", "--format", "json"])), 0);
    assert_quiet(case.run(&["status"]), 20);
    // Here no value is known, but what its looks tell.
    let seen: String = looks().iter().map(|(line, _)| format!("{line}\n")).collect();
    case.write("seen.txt", &seen);
    assert_quiet(
        case.run(&["attest", "noted", "--fail", "--note", &seen, "--evidence", "seen.txt"]),
        0,
    );
    assert_quiet(case.run(&["report"]), 0);
    assert_quiet(case.run(&["log"]), 0);
    assert_quiet(case.run(&["log", "--format", "json"]), 0);
    case.run(&["verify"]).exits(0);
    let mut files = 0;
    let folders = ["ledger", "reports", ".git/holdpoint"];
    for path in folders.iter().flat_map(|folder| case.files(folder, "")) {
        assert_clean(&path.display().to_string(), &std::fs::read(&path).expect("a file"));
        files += 1;
    }
    assert!(files > 10 && !case.files(".git/holdpoint", ".jsonl").is_empty(), "{files}");
    for pdf in case.files("reports", ".pdf") {
        let text = Command::new("pdftotext").arg(&pdf).arg("-").output();
        let text = text.expect("pdftotext (apt-get install poppler-utils)");
        assert!(text.status.success());
        assert_clean("the PDF", &text.stdout);
    }
}

#[test]
fn each_redaction_is_counted_by_its_rule() {
    let case = case();
    let mut order = vec!["run".to_owned(), "list.md".to_owned(), "--no-report".to_owned()];
    order.extend(known().into_iter().take(5).map(|(name, _)| format!("--param-env={name}")));
    order.push("--param=HINT=x".to_owned());
    case.run(&order.iter().map(String::as_str).collect::<Vec<_>>()).exits(20);
    let ledger = case.read("ledger/ledger.jsonl");
    let mut results = ledger.lines().filter(|line| line.contains("\"item\":\"streams\""));
    let entry: serde_json::Value =
        serde_json::from_str(results.next_back().expect("a result")).expect("JSON");
    let count = |rule: &str| {
        let all = entry["body"]["redactions"].as_array().expect("redactions");
        all.iter()
            .filter(|one| one["rule"] == rule)
            .filter_map(|one| one["count"].as_i64())
            .sum::<i64>()
    };
    assert_eq!((count("private-key"), count("badge"), count("gitlab-token")), (1, 1, 1));
    assert!(count("API_TOKEN") >= 9 && count("PGPASSWORD") >= 9, "{}", entry["body"]["redactions"]);
}

#[test]
fn a_checklist_that_holds_a_secret_is_not_run() {
    let case = Case::with(
        "# R\n\n- [ ] One `#one`\n  ```bash check\n  curl -H 'X: ghp_0123456789abcdefghijABCDEFGHIJ012345' x\n  # expect: exit == 0\n  ```\n",
    );
    case.run_list().exits(2).says("list.md:5").says("github-token");
    let case = Case::with(
        "---\nparams:\n  - name: PW\n    secret: true\n---\n# R\n\n- [ ] One, not hunter2hunter2\n",
    );
    case.run(&["run", "list.md", "--param", "PW=hunter2hunter2"])
        .exits(2)
        .says("list.md:8")
        .says("`PW`");
    assert!(!case.path().join("ledger").exists());
}

#[test]
fn a_short_secret_and_one_in_the_file_are_refused() {
    let list = |more: &str| {
        Case::with(&format!(
            "---\nparams:\n  - name: PIN\n    secret: true\n{more}---\n# R\n\n- [ ] One\n"
        ))
    };
    list("").run(&["run", "list.md", "--param", "PIN=12345"]).exits(2).says("shorter than 6 bytes");
    list("").run(&["run", "list.md", "--no-report", "--param", "PIN=123456"]).exits(10);
    list("    default: 123456789\n")
        .run(&["lint", "list.md"])
        .exits(2)
        .says("HP004")
        .says("default");
}

#[test]
fn what_holdpoint_toml_does_not_know_is_an_error() {
    let case = Case::with("# R\n\n- [ ] One\n");
    case.write("holdpoint.toml", "[redaction]\npaterns = []\n");
    case.run_list().exits(2).says("did you mean `patterns`?");
    case.write("holdpoint.toml", "[redaction]\npatterns = [{ name = \"x\", regex = \"(\" }]\n");
    case.run_list().exits(2).says("pattern `x`");
}
