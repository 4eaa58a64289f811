//! What has to be looked at before it runs. The terminal is a real one: `script` of util-linux (apt-get install
//! bsdutils) gives the program a pseudoterminal and feeds it.

use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;

use crate::support::{Case, Done};

const LIST: &str = "---\nenv: [PGHOST]\n---\n# R\n\nProse.\n\n- [ ] One `#one`\n  ```bash check\n  touch ran\n  # expect: exit == 0\n  ```\n- [ ] Two `#two`\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n";

/// Runs the binary at a terminal on which `typed` is typed.
fn at_terminal(case: &Case, arguments: &str, typed: &str) -> Done {
    let binary = env!("CARGO_BIN_EXE_holdpoint");
    let plain = case.command(&[]);
    let mut command = std::process::Command::new("script");
    command
        .args(["-qec", &format!("{binary} {arguments}"), "/dev/null"])
        .current_dir(case.path())
        .env_clear()
        .envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .env("TERM", "dumb")
        .env("SHELL", "/bin/sh")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("script (apt-get install bsdutils)");
    let mut input = child.stdin.take().expect("an input");
    input.write_all(typed.as_bytes()).expect("typed");
    // The end of its input would be typed too: it stays open until the program has ended.
    let output = child.wait_with_output();
    drop(input);
    output.expect("an end").into()
}

const RUN: &str = "run list.md --no-report";

#[test]
fn a_terminal_shows_what_would_run_and_asks_once() {
    let case = Case::with(LIST);
    let ran = || case.path().join("ran").exists();
    for no in ["n\n", "\n", "nope\n"] {
        let done = at_terminal(&case, RUN, no).exits(2);
        done.says("touch ran").says("Run these 2 checks? [y/N]").says("nothing was run");
        assert!(!ran() && !case.path().join("ledger").exists());
    }
    at_terminal(&case, RUN, "y\n").exits(0).says("10  │ touch ran").says("GO");
    assert!(ran());
    let again = at_terminal(&case, RUN, "").exits(0);
    assert!(!again.out.contains("[y/N]"), "{again:?}");
    let records = case.files(".local/state/holdpoint/trust", "");
    let mode =
        |path: &std::path::Path| path.metadata().expect("a record").permissions().mode() & 0o777;
    assert_eq!(records.iter().map(|path| mode(path)).collect::<Vec<_>>(), [0o600]);
    // Another clone is another place.
    let other = Case::with(LIST).set("HOME", &case.path().to_string_lossy());
    at_terminal(&other, RUN, "n\n").exits(2).says("was not run here yet");
}

#[test]
fn a_terminal_shows_what_changed() {
    let case = Case::with(LIST);
    at_terminal(&case, RUN, "yes\n").exits(0);
    case.write("list.md", LIST.replace("Prose.", "Other prose."));
    at_terminal(&case, RUN, "").exits(0);
    case.write("list.md", LIST.replace("touch ran", "touch ran other"));
    let done = at_terminal(&case, RUN, "n\n").exits(2);
    let done = done
        .says("other checks than the last time")
        .says("-  | touch ran")
        .says("+  | touch ran other");
    assert!(!done.out.contains("| true"), "{done:?}");
    assert!(!case.path().join("other").exists());
    at_terminal(&case, RUN, "n\n").exits(2);
    case.write("list.md", LIST.replace("[PGHOST]", "[PGHOST, PGUSER]"));
    at_terminal(&case, RUN, "n\n").exits(2).says("+env \"PGUSER\"");
    let hides = "echo -----BEGIN PRIVATE KEY-----; touch ran other";
    case.write("list.md", LIST.replace("touch ran", hides));
    at_terminal(&case, RUN, "n\n").exits(2).says(&format!("+  | {hides}"));
    case.run(&["plan", "list.md"]).exits(0).says(hides);
    case.write("list.md", LIST);
    case.write(
        "holdpoint.toml",
        "[redaction]\npatterns = [{ name = \"a\", regex = \"zq[0-9]\" }]\n",
    );
    at_terminal(&case, RUN, "n\n").exits(2).says("+pattern \"a\" \"zq[0-9]\"");
}

#[test]
fn what_is_shown_cannot_drive_the_terminal_or_hide() {
    let long = format!("true {} ; touch hidden", "x".repeat(300));
    let case = Case::with(&LIST.replace("touch ran", &format!("printf 'a\u{7f}' ; {long}")));
    let done = at_terminal(&case, RUN, "n\n");
    assert!(!done.out.contains('\u{7f}'), "{done:?}");
    let case = Case::with(&LIST.replace("touch ran", &long));
    at_terminal(&case, RUN, "n\n").exits(2).says("; touch hidden");
}

#[test]
fn without_a_terminal_nobody_is_asked() {
    let case = Case::with(LIST);
    case.run_list().exits(0);
    at_terminal(&case, RUN, "n\n").exits(2).says("[y/N]");
}

#[test]
fn locked_runs_only_what_is_pinned() {
    let case = Case::with(LIST);
    let locked = || case.run(&["run", "list.md", "--no-report", "--locked"]);
    let nothing = |done: Done, why: &str| {
        done.exits(2).says(why).says("holdpoint plan --digest list.md");
        assert!(!case.path().join("ran").exists() && !case.path().join("ledger").exists());
    };
    nothing(locked(), "pins no digest");
    // A checklist cannot pin itself.
    let pin = case.run(&["plan", "list.md", "--digest"]).exits(0).out;
    case.write(
        "holdpoint.toml",
        format!("[trust.checklists]\n\"other.md\" = \"{}\"\n", "0".repeat(64)),
    );
    nothing(locked(), "pins no digest");
    case.write(
        "holdpoint.toml",
        format!("[trust.checklists]\n\"list.md\" = \"{}\"\n", "0".repeat(64)),
    );
    nothing(locked(), "is pinned");
    let pinned = format!("[trust.checklists]\n{pin}");
    case.write("holdpoint.toml", &pinned);
    locked().exits(0).says("GO");
    case.write("list.md", LIST.replace("Prose.", "Other prose."));
    locked().exits(0);
    case.write("list.md", LIST.replace("true", "true "));
    locked().exits(2).says("is pinned");
    case.write("list.md", LIST);
    case.write(
        "holdpoint.toml",
        format!("{pinned}[redaction]\npatterns = [{{ name = \"a\", regex = \"zq[0-9]\" }}]\n"),
    );
    locked().exits(2).says("is pinned");
    case.write("holdpoint.toml", "[trust]\nchecklist = {}\n");
    locked().exits(2).says("did you mean `checklists`?");
}
