//! What differs between two runs, by the identities of items: what matters first, and nothing that is the same.

use serde_json::Value;

use crate::support::{Case, Done};

/// A checklist whose checks see what the parameter says.
const LIST: &str = "---\nparams:\n  - name: N\n    default: \"1\"\n---\n# Shop\n\n- [ ] Queue is short `#queue`\n  ```bash check\n  echo $N\n  # expect: value < 50\n  ```\n- [ ] Notes were read `#notes`\n- [ ] Gone later `#gone`\n";

fn opened(case: &Case) -> Vec<String> {
    let log = case.run(&["log", "--kind", "run_opened", "--format", "json"]).exits(0).json();
    let entries = log["entries"].as_array().expect("entries").iter();
    entries.map(|entry| entry["body"]["run"].as_str().expect("a run").to_owned()).collect()
}

fn run(case: &Case, arguments: &[&str]) -> Done {
    case.run(&[&["run", "list.md", "--no-report"], arguments].concat())
}

fn diff(case: &Case, more: &[&str]) -> Done {
    let runs = opened(case);
    let arguments = ["diff", runs[0].as_str(), runs[1].as_str()];
    case.run(&[&arguments[..], more].concat())
}

/// The names of what changed in `changes`, each with both values.
fn changes(changes: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or("none").to_owned();
    let all = changes.as_array().expect("changes").iter();
    all.map(|one| (text(&one["name"]), text(&one["from"]), text(&one["to"]))).collect()
}

fn owned(name: &str, from: &str, to: &str) -> (String, String, String) {
    (name.to_owned(), from.to_owned(), to.to_owned())
}

#[test]
fn what_is_worse_comes_first_and_what_is_the_same_is_counted() {
    let case = Case::with(LIST);
    run(&case, &["--release", "v1", "--environment", "staging"]).exits(10);
    let edited = LIST.replace("- [ ] Gone later `#gone`\n", "- [ ] New `#new`\n");
    case.write("list.md", edited.replace("Notes were read", "All notes were read"));
    run(&case, &["--release", "v2", "--environment", "production", "--param", "N=90"]).exits(20);
    let json = diff(&case, &["--format", "json"]).exits(0).json();
    let kinds: Vec<&Value> =
        json["items"].as_array().expect("items").iter().map(|item| &item["kind"]).collect();
    assert_eq!(kinds, ["worse", "removed", "added", "edited"]);
    let worse = &json["items"][0];
    assert_eq!(changes(&worse["changes"]), [owned("outcome", "pass", "fail")]);
    let seen = changes(&worse["seen"]);
    assert!(seen.iter().any(|(name, ..)| name == "value < 50"), "{seen:?}");
    let edited = json["items"][3]["edit"].as_str().expect("a diff");
    assert!(edited.contains("+- [ ] All notes were read"), "{edited}");
    let facts = changes(&json["facts"]);
    assert!(facts.contains(&owned("parameter `N`", "1", "90")), "{facts:?}");
    assert_eq!(facts[0], owned("verdict of `Release`", "HOLD", "NO-GO"));
    let about = changes(&json["about"]);
    assert_eq!(
        about[..2],
        [owned("release", "v1", "v2"), owned("environment", "staging", "production")]
    );
    let lines: Vec<&Value> = json["looser"].as_array().expect("lines").iter().collect();
    assert!(
        lines.iter().any(|line| line.as_str().is_some_and(|line| line.contains("gone"))),
        "{lines:?}"
    );
    assert_eq!(json["unchanged"], 0);
}

#[test]
fn the_exit_code_tells_only_where_it_is_asked_for() {
    let case = Case::with(LIST);
    run(&case, &[]).exits(10);
    run(&case, &["--param", "N=90"]).exits(20);
    let runs = opened(&case);
    diff(&case, &[]).exits(0).says("▼ worse");
    diff(&case, &["--exit-code"]).exits(20);
    case.run(&["diff", &runs[1], &runs[0], "--exit-code"]).exits(10).says("▲ better");
    case.run(&["diff", &runs[0], &runs[0], "--exit-code"]).exits(0).says("nothing differs");
}

#[test]
fn what_checks_saw_is_told_and_is_no_difference() {
    let case = Case::with(&LIST.replace("echo $N", "echo 1$(date +%N | tail -c 2)"));
    let mut seen = false;
    // The digit may be the same twice.
    for _ in 0..8 {
        run(&case, &[]).exits(10);
    }
    let runs = opened(&case);
    for later in &runs[1..] {
        let json = case.run(&["diff", &runs[0], later, "--exit-code", "--format", "json"]).exits(0);
        let json = json.json();
        assert_eq!(json["differs"], false);
        seen |= json["items"][0]["kind"] == "seen";
    }
    assert!(seen, "eight times the same digit");
}

#[test]
fn signers_and_answers_are_compared_by_what_counts() {
    let list = format!("{LIST}\n## Sign-off\n\n**Tech Lead**: ____ Date: ____\n");
    let case = Case::with(&list);
    run(&case, &[]).exits(10);
    run(&case, &[]).exits(10);
    case.run(&["attest", "notes", "--pass", "--note", "by two of us"]).exits(0);
    case.run(&["sign", "--role", "Tech Lead", "--go", "--yes"]).exits(0);
    let json = diff(&case, &["--format", "json"]).exits(0).json();
    let facts = changes(&json["facts"]);
    let signed = facts.iter().find(|(name, ..)| name.starts_with("signed for `Tech Lead`"));
    let (_, from, to) = signed.unwrap_or_else(|| panic!("{facts:?}"));
    assert!(from == "nobody" && to.contains("alice"), "{facts:?}");
    let item = &json["items"][0];
    assert_eq!(item["kind"], "better");
    let changed = changes(&item["changes"]);
    assert!(
        changed.iter().any(|(name, _, to)| name == "answered by" && to.contains("by two of us"))
    );
}

#[test]
fn a_run_that_is_not_there_names_those_that_are() {
    let case = Case::with(LIST);
    run(&case, &[]).exits(10);
    let runs = opened(&case);
    case.run(&["diff", "nowhere", &runs[0]])
        .exits(2)
        .says("there is no run `nowhere`")
        .says(&runs[0]);
    Case::new().run(&["diff", "a", "b"]).exits(2);
}

#[test]
fn hostile_texts_stay_texts_in_every_shape() {
    let evil = "</style><script>alert(1)</script>{{ v }}{% raw %}\u{202e}\u{1b}[2J";
    let list = LIST.replace("Queue is short", &format!("Queue {evil}"));
    let case = Case::with(&list.replace('\u{1b}', ""));
    run(&case, &["--release", evil]);
    case.write("list.md", LIST);
    run(&case, &["--environment", evil, "--param", &format!("N={evil}")]);
    assert_eq!(opened(&case).len(), 2);
    let html = diff(&case, &["--format", "html"]).exits(0).out;
    assert!(html.contains("&lt;script&gt;alert"), "{html}");
    let text = diff(&case, &[]).exits(0).out;
    for shown in [&html, &text] {
        assert!(!shown.contains('\u{202e}') && !shown.contains('\u{1b}'));
    }
    for tag in ["<script", "<img", "<link", "@import"] {
        assert!(!html.contains(tag), "{tag}");
    }
    let elsewhere = html.matches("url(").count() - html.matches("url(\"data:").count();
    let inside = html.matches("url(%23").count();
    assert_eq!(elsewhere, inside, "an address in the style");
    assert!(html.contains("default-src 'none'"), "a policy");
    diff(&case, &["--format", "html", "--out", "d.html"]).exits(0);
    assert_eq!(case.read("d.html"), html);
    diff(&case, &["--out", "d.html"]).exits(2).says("--format html");
}

#[test]
fn the_page_speaks_the_language_that_is_asked_for_and_translates_no_data() {
    let case = Case::with(
        "# L\n\n- [ ] worse `#up`\n  ```bash check\n  cat state\n  # Expected: up\n  ```\n",
    );
    case.write("state", "up");
    case.run(&["run", "list.md", "--release", "before", "--no-report"]).exits(0);
    case.write("state", "down");
    case.run(&["run", "list.md", "--release", "all", "--no-report"]).exits(20);
    let log = case.run(&["log", "--kind", "run_opened", "--format", "json"]).json();
    let run = |at: usize| log["entries"][at]["body"]["run"].as_str().expect("a name").to_owned();
    let arguments = ["--format", "html", "--language", "de", "--out", "d.html"];
    case.run(&[&["diff", &run(0), &run(1)], &arguments[..]].concat()).exits(0);
    let page = case.read("d.html");
    for text in [
        "<html lang=\"de\">",
        "Urteil von <code dir=auto>Release</code>",
        "▼ schlechter</span> worse",
        "nicht bestanden",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(page.contains("<td><bdi>before</bdi></td><td><bdi>all</bdi></td>"), "{page}");
}

#[test]
fn what_no_gate_asks_for_makes_nothing_worse() {
    let case = Case::with(&LIST.replace("Queue is short", "Queue is short (optional)"));
    case.write("answers.toml", "[notes]\noutcome = \"pass\"\n[gone]\noutcome = \"pass\"\n");
    run(&case, &["--answers", "answers.toml"]).exits(0);
    run(&case, &["--answers", "answers.toml", "--param", "N=90"]).exits(0);
    let json = diff(&case, &["--format", "json"]).exits(0).json();
    assert_eq!(json["items"][0]["kind"], "worse");
    assert_eq!((&json["items"][0]["required"], &json["worse"]), (&false.into(), &false.into()));
    diff(&case, &["--exit-code"]).exits(10);
}
