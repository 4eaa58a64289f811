//! The reports of a run: three of them, from ledger and evidence alone, the same bytes each time.

use std::process::Command;

use crate::support::Case;

/// Everything that output can do to a page.
const NASTY: &str = "# Release <b>bold</b> {{ title }} #emph[x]\n\n- [ ] Nasty `#nasty` \n  ```bash check\n  printf '\\033[31mred\\033[0m \\033]0;title\\007 \\000 \\377\\376 <script>alert(1)</script> {{ tera }} {%% if %%} #typst[ $x$ \\xf0\\x9f\\x9a\\x80 \\xe4\\xb8\\xad\\xe6\\x96\\x87 \\xd7\\xa9\\xd7\\x9c \\xe2\\x80\\xae evil \\xef\\xa3\\xbf | a | ``` ~~~ \\n'\n  printf 'first\\rsecond\\n'\n  head -c 100000 /dev/zero | tr '\\0' 'w'; echo\n  echo seen\n  # Expected: seen\n  ```\n";

fn report(case: &Case, name: &str) -> std::path::PathBuf {
    let mut found = case.files("reports", name);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn bytes_from_outside_come_out_inert_and_visible() {
    let case = Case::with(NASTY);
    case.run(&["run", "list.md"]).exits(0);
    let html = std::fs::read_to_string(report(&case, "report.html")).expect("html");
    assert!(!html.contains("<script>alert"), "a script");
    assert!(html.contains("&lt;script&gt;alert"), "the script as text");
    assert!(html.contains("{{ tera }}"), "the template's syntax as text");
    assert!(!html.contains('\u{202e}') && !html.contains('\u{1b}') && !html.contains('\0'));
    let markdown = std::fs::read_to_string(report(&case, "report.md")).expect("markdown");
    assert!(
        !markdown.contains('\u{202e}') && !markdown.contains('\u{1b}') && !markdown.contains('\0')
    );
    let text = Command::new("pdftotext")
        .arg(report(&case, "report.pdf"))
        .arg("-")
        .output()
        .expect("pdftotext is installed (apt-get install poppler-utils)");
    let text = String::from_utf8_lossy(&text.stdout).into_owned();
    assert!(text.contains("<script>alert(1)</script>"), "{text}");
    assert!(text.contains("#typst["), "{text}");
    assert!(text.contains("GO"), "{text}");
}

#[test]
fn rendering_again_gives_the_same_bytes() {
    let case = Case::with(NASTY);
    case.run(&["run", "list.md"]).exits(0);
    case.run(&["report", "--out", "again"]).exits(0);
    for format in ["report.html", "report.pdf", "report.md"] {
        let issued = std::fs::read(report(&case, format)).expect("issued");
        let again = std::fs::read(case.path().join("again").join(format)).expect("again");
        assert!(issued == again, "{format} differs");
    }
}

#[test]
fn the_html_asks_nobody_for_anything() {
    let case = Case::with(
        "# R\n\n![logo](https://example.com/a.png) [link](https://example.com/)\n\n- [ ] One\n",
    );
    case.run(&["run", "list.md"]).exits(10);
    let html = std::fs::read_to_string(report(&case, "report.html")).expect("html");
    assert!(html.contains("default-src 'none'"), "a policy");
    for tag in ["<script", "<img", "<iframe", "<link", "<object", "@import", "url("] {
        assert!(!html.contains(tag), "{tag}");
    }
}

#[test]
fn the_pdf_says_what_it_conforms_to() {
    let case = Case::with("# R\n\n- [ ] One\n");
    case.run(&["run", "list.md"]).exits(10);
    let info = Command::new("pdfinfo")
        .arg(report(&case, "report.pdf"))
        .output()
        .expect("pdfinfo is installed (apt-get install poppler-utils)");
    let info = String::from_utf8_lossy(&info.stdout).into_owned();
    assert!(info.contains("PDF/A-3A") || info.contains("Tagged:          yes"), "{info}");
}

#[test]
fn a_report_that_was_issued_is_never_overwritten() {
    let case = Case::with("# R\n\n- [ ] One `#one`\n");
    case.run(&["run", "list.md"]).exits(10);
    case.run(&["attest", "one", "--pass"]).exits(0);
    case.run(&["report"]).exits(0);
    assert_eq!(case.files("reports", "report.html").len(), 2);
    case.run(&["verify"]).exits(0);
}
