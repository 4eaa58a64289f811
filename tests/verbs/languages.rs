//! That a report, a site and a diff say nothing of their own in another language than the one that was asked for. What a
//! test writes into them is in Cyrillic letters, or named in `DATA`.

use std::collections::BTreeSet;

use crate::support::Case;
use crate::support::desk::Desk;

const FONTS: &str = "/usr/share/fonts/opentype/ipafont-gothic";

const LIST: &str = r##"---
params:
  - name: K1
    secret: true
  - name: M1
    values: [юг, север]
    default: юг
---
# Выпуск

## Проверки

- [ ] Число `#b1`
  ```bash check
  # retry: 2 every 100ms
  echo 7
  # expect: value >= 20
  ```
- [ ] Строки `#b2`
  ```bash check
  printf 'а\nб\nв\n'
  # Expected:
  # а
  # г
  ```
- [ ] Тайна `#b3`
  ```bash check
  echo "$K1"; exit 3
  # expect: exit == 0
  ```
- [ ] Сон `#b4`
  ```bash check
  # timeout: 1s
  sleep 9
  # expect: exit == 0
  ```
- [ ] Север `#b5`
  ```bash check
  # if: M1 == "север"
  true
  # expect: exit == 0
  ```
- [ ] Позже `#b6`
  ```bash check
  # retry: 5 every 100ms
  echo x >> n; test "$(wc -l < n)" -ge 2
  # expect: exit == 0
  ```
- [ ] Пусто `#b7`
  ```bash check
  true
  # expect: value < 3
  ```
- [x] Отмечено `#b8`
- [ ] Сказано `#b9`
  ```bash
  reboot
  ```
- [ ] Взгляд `#b10`
- [ ] Много `#b11`
  ```bash check
  yes ы | head -c 300000
  # expect: exit == 0
  ```

## Подписи

**Tech Lead**: ____
**QA Lead**: ____

☐ GO ☐ NO-GO
"##;

const POLICY: &str = "[policy]\nsignatures = \"required\"\nwaive = [\"qa-lead\"]\nvoid = [\"qa-lead\"]\ndecide_against = [\"cto\"]\nforget = [\"qa-lead\"]\nwaive_days = 30\n[policy.change]\nroles = [\"qa-lead\"]\n";

/// Words that the test, the ledger's format or a program gave: what a report quotes. Longer ones first.
const DATA: &[&str] = &[
    "holdpoint verify",
    "sha256sum report.html",
    "pdfdetach -saveall report.pdf",
    "ledger.jsonl",
    "checklist.md",
    "view.json",
    "list.md",
    "example.com",
    "Tech Lead",
    "tech-lead",
    "QA Lead",
    "qa-lead",
    "holdpoint",
    "alice",
    "runner",
    "NO-GO",
    "HOLD",
    "stdout",
    "```text",
    "bash",
    "retry",
    "every",
    "timeout",
    "expect",
    "value",
    "exit",
    "sleep",
    "true",
    "printf",
    "echo",
    "test",
    "reboot",
    "Expected",
    "redacted",
    "exec",
    "return",
    "yes",
    "head",
    "SHA256",
    "SHA-256",
    "ticked",
    "author",
    "bob",
    "cto",
    "UTC",
    "Atom",
    "Enter",
    "checkpoint",
];

/// Everything that there is to say of a run: two runs, people, waivers, what does not count, what is gone.
fn everything() -> Desk {
    let desk = Desk::with(LIST, POLICY);
    let desk = Desk { case: desk.case.set("K1", "очень-тайное-слово") };
    desk.key("alice", &["tech-lead"], "").key("bob", &["qa-lead"], "").key("cto", &["cto"], "");
    desk.pin(&[]).exits(0);
    let run = |release: &str| {
        let arguments = ["run", "list.md", "--no-report", "--release", release];
        let change = ["--change", "Ч1", "--window", "2026-01-01T00:00Z/2026-01-02T00:00Z"];
        desk.case.run(&[&arguments[..], &change, &["--param-env", "K1"]].concat()).exits(20);
    };
    run("1");
    std::fs::remove_file(desk.case.path().join("n")).expect("removed");
    run("2");
    desk.case.write("б.bin", vec![0; 40_000]);
    desk.case.write("я.txt", "я\n");
    desk.case.run(&["attest", "b9", "--pass", "--note", "да", "--evidence", "б.bin"]).exits(0);
    desk.case.run(&["evidence", "add", "я.txt", "--item", "b9"]).exits(0);
    let reason = ["--reason", "так", "--yes", "--key", "bob"];
    let bob = |arguments: &[&str]| desk.by("bob", &[arguments, &reason[..]].concat());
    bob(&["waive", "b2", "--until", &soon()]).exits(0);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    desk.case.run(&["attest", "b10", "--fail", "--note", "нет"]).exits(0);
    bob(&["sign", "--role", "QA Lead", "--no-go"]).exits(0);
    bob(&["evidence", "forget", &piece(&desk, "я.txt"), "--role", "QA Lead"]).exits(0);
    bob(&["void", &desk.last("attested"), "--role", "QA Lead"]).exits(0);
    let decide = ["decide", "--role", "cto", "--go", "--reason", "так", "--yes", "--key", "cto"];
    desk.by("cto", &decide).exits(0);
    desk
}

/// A week from now.
fn soon() -> String {
    let week = std::time::Duration::from_secs(7 * 24 * 60 * 60);
    let at = std::time::SystemTime::now() + week;
    chrono::DateTime::<chrono::Utc>::from(at).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The digest of a file's content as it is kept.
fn piece(desk: &Desk, file: &str) -> String {
    let bytes = std::fs::read(desk.case.path().join(file)).expect("a file");
    let list = desk.case.run(&["evidence", "show", "--format", "json"]).exits(0).json();
    let all = list["evidence"].as_array().expect("evidence").clone();
    let same = |one: &&serde_json::Value| {
        let digest = one["sha256"].as_str().expect("a digest");
        let path = format!("ledger/evidence/{}/{digest}", &digest[..2]);
        std::fs::read(desk.case.path().join(path)).is_ok_and(|kept| kept == bytes)
    };
    all.iter().find(same).expect("kept")["sha256"].as_str().expect("a digest").to_owned()
}

/// What stands between tags, and in the attributes that are read aloud.
fn texts(html: &str) -> BTreeSet<String> {
    let without = regex::Regex::new("(?s)<(style|script)[^>]*>.*?</(style|script)>").expect("one");
    let html = without.replace_all(html, "");
    let tag = regex::Regex::new("<[^>]*>").expect("one");
    let aloud =
        regex::Regex::new("(?:aria-label|alt|title|placeholder)=\"([^\"]*)\"").expect("one");
    let said = aloud.captures_iter(&html).map(|found| found[1].to_owned());
    let between = tag.split(&html).map(str::to_owned);
    between.chain(said).map(|text| text.trim().to_owned()).collect()
}

fn lines(text: &str) -> BTreeSet<String> {
    text.lines().map(|line| line.trim().to_owned()).collect()
}

/// Texts that are the same in English, and have words that nobody gave.
fn left_in_english(english: &BTreeSet<String>, other: &BTreeSet<String>) -> Vec<String> {
    let plain = regex::Regex::new(
        "urn:uuid:[0-9a-f-]+|(list|holdpoint)-[A-Za-z0-9-]+|&quot;|[0-9a-f]{8,}|SHA256:[A-Za-z0-9+/]+|[0-9TZ:.-]{10,}",
    )
    .expect("one");
    let word = regex::Regex::new("[A-Za-z]{3,}").expect("one");
    let has_words = |text: &&&String| {
        let mut rest = plain.replace_all(text, " ").into_owned();
        DATA.iter().for_each(|data| rest = rest.replace(data, " "));
        word.is_match(&rest)
    };
    english
        .intersection(other)
        .collect::<Vec<_>>()
        .iter()
        .filter(|text| has_words(text))
        .map(|text| (*text).clone())
        .collect()
}

fn pdf(desk: &Desk, path: &str) -> BTreeSet<String> {
    let pdf = desk.case.path().join(path);
    let text = std::process::Command::new("pdftotext").arg("-layout").arg(pdf).arg("-").output();
    let text = text.expect("pdftotext (apt-get install poppler-utils)");
    lines(&String::from_utf8_lossy(&text.stdout))
}

#[test]
fn whatever_a_report_says_itself_is_in_its_language_in_all_formats() {
    let desk = everything();
    for language in ["en", "ja"] {
        let more = ["--out", language, "--language", language, "--fonts", FONTS];
        desk.case.run(&[&["report"], &more[..]].concat()).exits(0);
    }
    let of = |language: &str, file: &str| desk.case.read(&format!("{language}/report.{file}"));
    let none = Vec::<String>::new();
    assert!(texts(&of("en", "html")).len() > 200);
    assert_eq!(left_in_english(&texts(&of("en", "html")), &texts(&of("ja", "html"))), none);
    assert_eq!(left_in_english(&lines(&of("en", "md")), &lines(&of("ja", "md"))), none);
    let pdfs = ["en", "ja"].map(|language| pdf(&desk, &format!("{language}/report.pdf")));
    assert_eq!(left_in_english(&pdfs[0], &pdfs[1]), none);
}

#[test]
fn whatever_a_site_its_feeds_and_a_diff_say_themselves_is_in_their_language() {
    let desk = everything();
    let runs = super::past::runs(&desk.case, "list.md");
    for language in ["en", "ja"] {
        let language = ["--language", language];
        let site = format!("{}/site", language[1]);
        desk.case.run(&[&["report", "--site", &site], &language[..]].concat()).exits(0);
        let out = format!("{}/diff.html", language[1]);
        let diff = ["diff", &runs[0], &runs[1], "--format", "html", "--out", &out];
        desk.case.run(&[&diff[..], &language].concat()).exits(0);
    }
    for page in [
        "site/index.html",
        "site/list/index.html",
        "site/feed.xml",
        "site/list/feed.xml",
        "diff.html",
    ] {
        let [english, other] =
            ["en", "ja"].map(|language| texts(&desk.case.read(&format!("{language}/{page}"))));
        assert!(english.len() > 10, "{page}");
        assert_eq!(left_in_english(&english, &other), Vec::<String>::new(), "{page}");
    }
}

/// A report in a language, as HTML, Markdown and the text of its PDF on one line.
fn report_of(case: &Case, language: &str) -> [String; 3] {
    case.run(&["report", "--out", "out", "--language", language]).exits(0);
    let pdf = case.path().join("out/report.pdf");
    let text = std::process::Command::new("pdftotext").arg(pdf).arg("-").output();
    let text = text.expect("pdftotext (apt-get install poppler-utils)").stdout;
    let text = String::from_utf8_lossy(&text).split_whitespace().collect::<Vec<_>>().join(" ");
    [case.read("out/report.html"), case.read("out/report.md"), text]
}

#[test]
fn an_item_that_reads_like_a_reason_is_told_as_the_failure_that_it_is() {
    let excuse = "by Ann Adams (cto) until 2027-06-01T00:00:00.000Z: accepted by the board, see CHG-1042 and the minutes".repeat(2);
    let list = format!(
        "# R\n\n- [ ] ``smoke test` was waived: {excuse}; `load test` was waived: same`` `#t1`\n  ```bash check\n  false\n  # expect: exit == 0\n  ```\n"
    );
    let case = Case::with(&list);
    case.run(&["run", "list.md", "--no-report"]).exits(20);
    for (language, failed) in [("en", "failed: expected"), ("de", "ist nicht bestanden: erwartet")]
    {
        for text in report_of(&case, language) {
            let reason = text.split("NO-GO").find(|part| part.contains("was waived: by Ann"));
            let reason = reason.unwrap_or_else(|| panic!("{language}: no reason in {text}"));
            assert!(reason.contains(failed), "{language}: {reason}");
        }
    }
}

#[test]
fn what_a_check_read_from_others_is_never_translated() {
    let list = "# R\n\n- [ ] Tests `#tests`\n  ```junit check\n  tests.xml\n  # expect: failed is empty\n  ```\n- [ ] Ticket `#ticket`\n  ```bash check\n  # save: TICKET = .t\n  echo '{\"t\": \"timed out after 5s\"}'\n  # expect: exit == 0\n  ```\n";
    let case = Case::with(list);
    let name = "there is no `free shipping`";
    case.write(
        "tests.xml",
        format!("<testsuite><testcase name='{name}'><failure/></testcase></testsuite>"),
    );
    case.run(&["run", "list.md", "--no-report"]).exits(20);
    for text in report_of(&case, "de") {
        assert!(text.contains("free shipping") && !text.contains("gibt es nicht"), "{text}");
        assert!(!text.contains("Zeitüberschreitung"), "{text}");
    }
}

#[test]
fn a_gate_called_standby_is_a_gate() {
    let list = "---\ngates:\n  - name: standby\n---\n# R\n\n- [ ] One `#one`\n";
    let case = Case::with(list);
    case.run(&["run", "list.md", "--no-report"]).exits(10);
    let [html, markdown, _] = report_of(&case, "de");
    for text in [&html, &markdown] {
        assert!(text.contains("1 offen") && !text.contains("in Bereitschaft"), "{text}");
    }
    assert!(markdown.contains("| standby |"), "{markdown}");
}

#[test]
fn a_name_that_reads_like_a_second_signature_stands_between_quotation_marks() {
    let list = "# R\n\n- [ ] One `#one`\n\n## Sign-off\n\n**Tech Lead**: ____\n**QA**: ____\n";
    let case = Case::with(list);
    case.run(&["run", "list.md", "--no-report"]).exits(10);
    let forged = "Ann, approved, 2026-11-22T09:00:00.000Z; QA: GO, Ben";
    let sign = ["sign", "--role", "Tech Lead", "--go", "--name", forged, "--yes"];
    case.run(&sign);
    for text in report_of(&case, "en") {
        assert!(text.contains("“Ann, approved, 2026"), "{text}");
        assert!(!text.contains("GO, Ann") && !text.contains("GO Ann"), "{text}");
    }
    case.run(&["status"]).says("by “Ann, approved, 2026-11-22T09:00:00.000Z; QA: GO, Ben” at");
    // In the marks of any language.
    let forged = "Ann，批准；QA：GO，Ben";
    case.run(&["sign", "--role", "QA", "--go", "--name", forged, "--yes"]);
    let [_, markdown, _] = report_of(&case, "zh");
    assert!(markdown.contains(&format!("“{forged}”")), "{markdown}");
}

#[test]
fn an_output_with_backticks_is_quoted_whole_and_the_line_that_should_not_be_there_with_its_stream()
{
    let list = "# R\n\n- [ ] One `#one`\n  ```bash check\n  printf 'fine`; `Everything else` passed: `GO\\n'\n  # expect: output contains zzz\n  ```\n- [ ] Two `#two`\n  ```bash check\n  printf 'a`, not `b\\n'; printf 'aaa\\nbad thing\\n' >&2\n  # expect: output not contains bad\n  ```\n";
    let case = Case::with(list);
    case.run(&["run", "list.md", "--no-report"]).exits(20);
    let said = case.run(&["status"]).out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(said.contains("saw `fine'; 'Everything else' passed: 'GO`"), "{said}");
    assert!(said.contains("saw stderr, line 2: `bad thing`"), "{said}");
    let [_, markdown, _] = report_of(&case, "de");
    assert!(markdown.contains("gesehen stderr, Zeile 2: `bad thing`"), "{markdown}");
}

#[test]
fn a_language_that_there_is_not_is_told_before_anything_runs() {
    let case = Case::with(
        "# R\n\n- [ ] One `#one`\n  ```bash check\n  touch ran\n  # expect: exit == 0\n  ```\n",
    );
    case.write("holdpoint.toml", "[report]\nlanguage = \"xx\"\n");
    case.run(&["run", "list.md"]).exits(2).says("en, de, fr, es, ja, zh");
    assert!(!case.path().join("ran").exists());
}
