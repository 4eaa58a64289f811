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
    assert_eq!(html.matches("<script").count(), 1, "its own script, allowed by its digest");
    // Shapes of the style lie in the style.
    let html = html.replace("url(\"data:image/svg+xml,", "").replace("url(%23m)", "");
    for tag in ["<script src", "<img", "<iframe", "<link", "<object", "@import", "url("] {
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

#[test]
fn a_pdf_brings_the_record_the_checklist_and_the_checkpoint_as_they_were() {
    let list = "# R \u{1f680}\n\n- [ ] One `#one`\n- [ ] Two `#two`\n";
    let case = Case::with(list).committed();
    case.run_list().exits(10);
    case.run(&["seal"]).exits(0);
    let checkpoint = case.read("ledger/checkpoint");
    case.run(&["report"]).exits(0);
    let trunk = || case.read("ledger/ledger.jsonl");
    let before: String = trunk()
        .lines()
        .take_while(|line| !line.contains("\"kind\":\"report\""))
        .fold(String::new(), |all, line| all + line + "\n");
    let folder = case.path().join("out");
    std::fs::create_dir(&folder).expect("a folder");
    let detached = Command::new("pdfdetach")
        .args(["-saveall", "-o"])
        .arg(&folder)
        .arg(report(&case, "report.pdf"))
        .status()
        .expect("pdfdetach is installed (apt-get install poppler-utils)");
    assert!(detached.success());
    assert_eq!(case.read("out/checklist.md"), list);
    assert_eq!(case.read("out/checkpoint"), checkpoint);
    assert_eq!(case.read("out/ledger.jsonl"), before);
    assert!(case.read("out/view.json").contains("\"made\":\"holdpoint-made-with:"));
    // Which checkpoint was the newest then is read from the report, and is no other later.
    case.run(&["attest", "one", "--pass"]).exits(0);
    case.run(&["seal"]).exits(0);
    assert_ne!(case.read("ledger/checkpoint"), checkpoint);
    case.run(&["verify"]).exits(0).says("3 of 3 reports rendered again");
    let copied = case.path().join("copied");
    case.run(&["report", "--out", "copied"]).exits(0);
    assert!(copied.join("report.pdf").exists());
}

#[test]
fn a_report_that_was_issued_is_copied_with_the_checkpoint_that_it_names() {
    let case = Case::with("# R\n\n- [ ] One `#one`\n").committed();
    case.run(&["run", "list.md"]).exits(10);
    case.run(&["seal"]).exits(0);
    case.run(&["report", "--out", "copied"]).exits(0);
    for format in ["html", "md", "pdf"] {
        let name = format!("report.{format}");
        let issued: Vec<_> = case.files("reports", &name);
        let copied = std::fs::read(case.path().join("copied").join(&name)).expect("a copy");
        assert_eq!(std::fs::read(&issued[0]).expect("a report"), copied, "{format}");
    }
}

/// The HTML of a checklist after some commands, the last of which writes it.
fn page(list: &str, commands: &[&[&str]]) -> String {
    let case = Case::with(list);
    case.write("notes.txt", "read by <two> of us\n");
    case.write("drawing.svg", "<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>");
    case.write("bytes.bin", [0, 159, 146, 150]);
    case.write("long.txt", "a line\n".repeat(10_000));
    case.write("holdpoint.toml", "[policy]\ndecide_against = [\"tech-lead\"]\n");
    case.run(&["run", "list.md", "--no-report"]);
    for command in commands {
        let done = case.run(command);
        assert!(matches!(done.code, 0 | 20), "{command:?}: {done:?}");
    }
    case.run(&["report", "--out", "out"]).exits(0);
    case.read("out/report.html")
}

const PIN: &[&str] = &["policy", "--pin", "--reason", "as agreed", "--yes"];

const SIGNED: &str = "# R\n\n- [ ] One `#one`\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n\n## Sign-off\n\n**Decision**: ☐ GO ☐ NO-GO\n\n| Role | Name | Signature |\n|---|---|---|\n| Tech Lead | | |\n\n**QA Lead**: ____ Date: ____\n";

#[test]
fn what_people_said_stands_where_the_document_leaves_room_for_it() {
    let sign = ["sign", "--role", "Tech Lead", "--go", "--meaning", "reviewed", "--name", "Ada L"];
    let html = page(SIGNED, &[&[&sign[..], &["--yes"]].concat()]);
    let (_, below) = html.split_once("The checklist, as it reads").expect("the document");
    assert!(below.contains("<span class=\"filled\">GO, Ada L, reviewed, "), "{below}");
    assert!(below.contains("QA Lead: not signed"), "{below}");
    assert!(below.contains("\"filled\">not decided</p>"), "{below}");
}

#[test]
fn nothing_that_the_document_filled_in_itself_stands_for_a_signature_or_a_decision() {
    let list = "# R\n\n- [ ] One `#one`\n\n## Sign-off\n\n**Decision**: ☑ GO ☐ NO-GO\n\n**QA Lead**: ____ Date: ____\n\n| Role | Name | Date |\n|---|---|---|\n| QA Lead | GO, Ann Adams, approved | 2026-11-22 |\n| Tech Lead | QA Lead | ____ |\n";
    let sign = ["sign", "--role", "QA Lead", "--no-go", "--reason", "no", "--name", "Ben", "--yes"];
    let html = page(list, &[&sign]);
    let (_, below) = html.split_once("The checklist, as it reads").expect("the document");
    assert!(below.contains("☐ GO ☐ NO-GO") && !below.contains('☑'), "{below}");
    assert_eq!(below.matches("QA Lead: NO-GO, Ben, reviewed, ").count(), 3, "{below}");
    assert!(!below.contains("<span class=\"filled\">"), "a row of two roles is of neither");
}

#[test]
fn a_decision_against_the_verdict_shows_both_and_the_written_reason() {
    let list = SIGNED.replace("**QA Lead**: ____ Date: ____\n", "");
    let sign = ["sign", "--role", "Tech Lead", "--go", "--name", "Ada L", "--yes"];
    let no =
        ["decide", "--no-go", "--role", "Tech Lead", "--name", "Ada L", "--reason", "it is late"];
    let html = page(&list, &[PIN, &sign, &[&no[..], &["--yes"]].concat()]);
    let (first, _) = html.split_once("id=\"facts\"").expect("a first page");
    assert!(first.contains("<small>Verdict</small> <strong>GO</strong>"), "{first}");
    assert!(first.contains("<small>Decision</small> <strong>NO-GO</strong>"), "{first}");
    assert!(first.contains("against the verdict <strong>GO</strong>"), "{first}");
    assert!(first.contains("<blockquote>it is late</blockquote>"), "{first}");
}

#[test]
fn lines_that_differ_are_told_apart() {
    let list = "# R\n\n- [ ] One\n  ```bash check\n  printf 'same\\nseen\\n'\n  # Expected:\n  # same\n  # wanted\n  ```\n";
    let html = page(list, &[]);
    assert!(html.contains("  same\n<del>- wanted</del>\n<ins>+ seen</ins>"), "{html}");
}

#[test]
fn small_texts_are_shown_and_other_evidence_is_named() {
    let files = ["notes.txt", "drawing.svg", "bytes.bin", "long.txt"];
    let shown = files.iter().flat_map(|file| ["--evidence", file]);
    let attest: Vec<&str> = ["attest", "one", "--pass"].into_iter().chain(shown).collect();
    let html = page("# R\n\n- [ ] One `#one`\n", &[&attest]);
    let one = |text: &str| assert!(html.contains(text), "{text}: {html}");
    assert!(!html.contains("<img"), "a drawing can hold a script");
    one("&lt;script&gt;1&lt;");
    one("read by &lt;two&gt; of us");
    one("4 bytes: no text and no picture");
    one("70000 bytes: too large to be shown here");
}

#[test]
fn sections_are_counted_and_every_answer_has_its_place_in_time() {
    let check = "  ```bash check\n  true\n  # expect: exit == 0\n  ```\n";
    let list = format!("# R\n\n## First\n\n- [ ] One\n{check}\n## Second\n\n- [ ] Two\n");
    let html = page(&list, &[]);
    assert!(html.contains("<th scope=\"row\">Second"), "{html}");
    assert!(html.contains("1 pending") && html.contains("1 pass"), "{html}");
    assert_eq!(html.matches("<svg class=\"lane\"").count(), 1, "one answer");
}

#[test]
fn a_report_speaks_the_language_of_its_checklist_or_the_one_asked_for() {
    let list = "---\nlanguage: de\n---\n# R\n\n- [ ] One `#one`\n";
    let case = Case::with(list).committed();
    case.run(&["run", "list.md"]).exits(10);
    let html = std::fs::read_to_string(report(&case, "report.html")).expect("html");
    assert!(html.contains("<html lang=\"de\">") && html.contains("Gründe für HOLD"), "{html}");
    assert!(
        html.contains("1 von 1 nötigen Punkten ist offen: <code dir=auto>One</code>"),
        "{html}"
    );
    case.run(&["attest", "one", "--pass"]).exits(0);
    // A word of ours that the document uses stays the document's.
    case.run(&["report", "--language", "fr", "--out", "look"]).exits(0);
    let html = case.read("look/report.html");
    assert!(html.contains("<dt>Version</dt>") && html.contains("<td>Release<td>"), "{html}");
    case.run(&["report", "--language", "ja"]).exits(0);
    case.run(&["verify"]).exits(0).says("6 of 6 reports rendered again");
    let newest = case
        .files("reports", "report.html")
        .into_iter()
        .find(|path| std::fs::read_to_string(path).expect("html").contains("<html lang=\"ja\">"));
    // Its fonts have no letters for that language: the PDF is in English, and no letter is lost.
    let pdf = newest.expect("a report in Japanese").with_file_name("report.pdf");
    let text = Command::new("pdftotext").arg(pdf).arg("-").output().expect("pdftotext");
    assert!(String::from_utf8_lossy(&text.stdout).contains("Who signed"));
    case.run(&["report", "--language", "xx"]).exits(2).says("en, de, fr, es, ja, zh");
}

#[test]
fn a_report_names_whose_it_is_and_who_may_see_it() {
    let case = Case::with("# R\n\n- [ ] One `#one`\n");
    case.write(
        "holdpoint.toml",
        "[report]\norganisation = \"Müller & Söhne\"\nclassification = \"Confidential\"\nlogo = \"logo.png\"\n",
    );
    case.run(&["run", "list.md"]).exits(2).says("logo.png");
    // Not where a link leads to a user's other files.
    std::os::unix::fs::symlink("/etc/hostname", case.path().join("logo.png")).expect("a link");
    case.run(&["report"]).exits(2).says("it is not below the root");
    std::fs::remove_file(case.path().join("logo.png")).expect("removed");
    assert!(!case.path().join("reports").exists(), "nothing is written that no entry records");
    let png = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let decoded = Command::new("sh")
        .args(["-c", &format!("echo {png} | base64 -d > logo.png; truncate -s 16384 logo.png")])
        .current_dir(case.path())
        .status();
    assert!(decoded.expect("base64 and truncate").success());
    case.run(&["report"]).exits(0);
    let html = std::fs::read_to_string(report(&case, "report.html")).expect("html");
    assert!(html.contains("Müller &amp; Söhne") && html.contains("Confidential"), "{html}");
    assert!(html.contains("data:image/png;base64,iVBOR"), "{html}");
    let markdown = std::fs::read_to_string(report(&case, "report.md")).expect("markdown");
    assert!(markdown.contains("Müller \\& Söhne **Confidential**"), "{markdown}");
    case.run(&["report", "--out", "same"]).exits(0);
    assert_eq!(case.read("same/report.html"), html);
    // What is agreed on later changes no report that was issued, and every one that is not.
    case.write("holdpoint.toml", "[report]\norganisation = \"Others\"\n");
    case.run(&["report", "--out", "others"]).exits(0);
    let others = case.read("others/report.html");
    assert!(others.contains("Others") && !others.contains("Confidential"), "{others}");
    case.run(&["verify"]).exits(0).says("3 of 3 reports rendered again");
}

#[test]
fn a_document_that_says_what_reports_say_of_their_making_deceives_nobody() {
    let decoy = "holdpoint-made-with:eyJsb29rcyI6eyJvcmdhbmlzYXRpb24iOiIxIn19";
    // Colours divide a text that the Markdown puts together again.
    let split: String = (2..8)
        .map(|n| {
            let code = format!(
                "eyJsb29rcyI6eyJvcmdhbmlzYXRpb24iOiI{}",
                ["yIn19", "zIn19", "0In19", "1In19", "2In19", "3In19"][n - 2]
            );
            format!("  printf 'holdpoint-made-\\033[1mwith:{code}\\033[0m\\n'\n")
        })
        .collect();
    let list = format!(
        "# R {decoy}\n\n{decoy}2\n\n- [ ] One {decoy}3 `#one`\n  ```bash check\n  echo {decoy}4\n{split}  echo {decoy}5 made\n  # expect: stdout contains \"made\"\n  ```\n"
    );
    let case = Case::with(&list).committed();
    case.run(&["run", "list.md"]).exits(0);
    case.run(&["seal"]).exits(0);
    case.run(&["report"]).exits(0);
    case.run(&["verify"]).exits(0).says("6 of 6 reports rendered again");
}

#[test]
fn an_old_checkpoint_that_is_put_back_is_named_by_no_report() {
    let case = Case::with("# R\n\n- [ ] One `#one`\n").committed();
    case.run(&["run", "list.md"]).exits(10);
    case.run(&["seal"]).exits(0);
    let old = case.read("ledger/checkpoint");
    case.run(&["attest", "one", "--pass"]).exits(0);
    case.run(&["seal"]).exits(0);
    let size = case.read("ledger/checkpoint").lines().nth(1).expect("a size").to_owned();
    case.write("ledger/checkpoint", old);
    case.run(&["report", "--out", "look"]).exits(0);
    assert!(case.read("look/report.md").contains(&format!("{size} entries sealed")));
}

#[test]
fn the_markdown_is_the_checklist_with_its_boxes_ticked() {
    let list = "# R\n\n- [ ] One `#one`\n  - [ ] Inner `#inner`\n- [ ] Disk `#disk`\n  ```bash check\n  echo 2\n  # Expected: 1\n  ```\n\n| a | b |\n|---|---|\n| 1 | x\\|y |\n";
    let case = Case::with(list);
    case.run(&["run", "list.md", "--no-report"]).exits(20);
    case.run(&["attest", "inner", "--pass"]).exits(0);
    case.run(&["report"]).exits(0);
    let markdown = std::fs::read_to_string(report(&case, "report.md")).expect("markdown");
    for line in [
        "- [x] One: **pass**",
        "  - [x] Inner: **pass** (attested",
        "- [ ] Disk: **fail** (check",
        "  ```bash\n  echo 2\n  # Expected: 1\n  ```",
        "| a | b |\n|---|---|\n| 1 | x\\|y |",
        "- expected 1: did not hold; observed `2`",
    ] {
        assert!(markdown.contains(line), "no `{line}` in:\n{markdown}");
    }
}

/// Debian's fonts-ipafont-gothic.
const FONTS: &str = "/usr/share/fonts/opentype/ipafont-gothic";

fn text_of(pdf: &std::path::Path) -> String {
    let text = Command::new("pdftotext").arg(pdf).arg("-").output();
    String::from_utf8_lossy(&text.expect("pdftotext (apt-get install poppler-utils)").stdout)
        .into_owned()
}

#[test]
fn a_folder_of_fonts_gives_a_pdf_its_letters_and_whoever_lacks_it_is_told_so() {
    let case = Case::with("# 点検表\n\n- [ ] 漢字 `#one`\n").committed();
    case.write("holdpoint.toml", format!("[report]\nlanguage = \"ja\"\nfonts = \"{FONTS}\"\n"));
    case.run(&["run", "list.md"]).exits(10);
    let pdf = report(&case, "report.pdf");
    let text = text_of(&pdf);
    assert!(text.contains("点検表") && text.contains("漢字") && text.contains("判定"), "{text}");
    assert!(text.contains("フォントの SHA-256") && !text.contains("‹U+6F22›"), "{text}");
    case.run(&["verify"]).exits(0).says("3 of 3 reports rendered again");
    // Neither right nor wrong by whoever has others, or none.
    case.write("holdpoint.toml", "");
    let told = "not rendered again: it says that it was made with other fonts";
    case.run(&["verify"]).exits(0).says("2 of 3 reports rendered again").says(told);
    case.run(&["verify", "--fonts", FONTS]).exits(0).says("3 of 3 reports rendered again");
    let one =
        std::fs::read(format!("{FONTS}/ipag.ttf")).expect("fonts-ipafont-gothic is installed");
    case.write("others/ipag.ttf", &one);
    case.run(&["verify", "--fonts", "others"]).exits(0).says(told);
    // Whoever changes it is told all the same.
    std::fs::write(&pdf, [&std::fs::read(&pdf).expect("a PDF")[..], b"%"].concat())
        .expect("written");
    case.run(&["verify"]).exits(30).says("HL016");
}

#[test]
fn a_folder_without_fonts_or_with_what_is_none_is_refused() {
    let case = Case::with("# R\n\n- [ ] One `#one`\n");
    case.run(&["run", "list.md", "--no-report"]).exits(10);
    case.write("none/readme.txt", "x");
    case.run(&["report", "--fonts", "none"]).exits(2).says("there are none");
    case.write("wrong/a.ttf", "x");
    case.run(&["report", "--fonts", "wrong"]).exits(2).says("`a.ttf` is none");
    case.run(&["report", "--fonts", "nowhere"]).exits(2);
    // Glyphs in colours could show a verdict.
    let mut colours = std::fs::read(format!("{FONTS}/ipag.ttf")).expect("fonts-ipafont-gothic");
    colours[12..16].copy_from_slice(b"COLR");
    case.write("colours/a.ttf", colours);
    case.run(&["report", "--fonts", "colours"]).exits(2).says("has glyphs in colours");
    // What a repository brings is used when somebody asks for it.
    case.write("own/a.ttf", std::fs::read(format!("{FONTS}/ipag.ttf")).expect("a font"));
    case.write("holdpoint.toml", "[report]\nfonts = \"own\"\n");
    case.run(&["report"]).exits(2).says("lie in the repository");
    // Not from above the folder that the ledger lies in, either.
    let above = Case::with("# R\n").committed();
    above.write("own/a.ttf", std::fs::read(format!("{FONTS}/ipag.ttf")).expect("a font"));
    above.write("sub/list.md", "# R\n\n- [ ] One `#one`\n");
    above.write("sub/holdpoint.toml", "[report]\nfonts = \"../own\"\n");
    above.run(&["init", "-C", "sub"]).exits(0);
    above.run(&["run", "-C", "sub", "list.md"]).exits(2).says("lie in the repository");
    case.run(&["verify"]).exits(0);
    // Links lead to files that nobody named.
    std::fs::create_dir(case.path().join("links")).expect("a folder");
    std::os::unix::fs::symlink(format!("{FONTS}/ipag.ttf"), case.path().join("links/a.ttf"))
        .expect("a link");
    case.run(&["report", "--fonts", "links"]).exits(2).says("`a.ttf` is a link");
    assert!(!case.path().join("reports").exists(), "nothing is written that no entry records");
}

#[test]
fn a_pdf_shows_small_pictures_and_names_those_that_cannot_be_read() {
    let case = Case::with("# R\n\n- [ ] One `#one`\n");
    let grey: &[u8] = b"\x89PNG\x0d\x0a\x1a\x0a\x00\x00\x00\x0dIHDR\x00\x00\x00\x01\x00\x00\x00\x01\x08\x00\x00\x00\x00:~\x9bU\x00\x00\x00\x0aIDATx\x9cch\x00\x00\x00\x82\x00\x81w\xcdr\xb6\x00\x00\x00\x00IEND\xaeB`\x82";
    case.write("grey.png", grey);
    case.write("broken.png", &grey[..40]);
    case.write("notes.txt", "read by two of us\n");
    case.run(&["run", "list.md", "--no-report"]).exits(10);
    let files =
        ["grey.png", "broken.png", "notes.txt"].into_iter().flat_map(|file| ["--evidence", file]);
    let attest: Vec<&str> = ["attest", "one", "--pass"].into_iter().chain(files).collect();
    case.run(&attest).exits(0);
    case.run(&["report"]).exits(0);
    let pdf = report(&case, "report.pdf");
    let listed = Command::new("pdfimages")
        .arg("-list")
        .arg(&pdf)
        .output()
        .expect("pdfimages (apt-get install poppler-utils)");
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert_eq!(listed.lines().filter(|line| line.contains(" image ")).count(), 1, "{listed}");
    let text = text_of(&pdf);
    assert!(text.contains("a picture that cannot be shown here"), "{text}");
    assert!(text.contains("read by two of us"), "{text}");
    case.run(&["verify"]).exits(0).says("3 of 3 reports rendered again");
}

#[test]
fn a_pdf_of_many_items_has_all_of_them_below_heads_that_every_page_has() {
    let items: String = (0..200).map(|n| format!("- [ ] Item {n} `#item-{n}`\n")).collect();
    let case = Case::with(&format!("# R\n\n{items}"));
    case.run(&["run", "list.md"]).exits(10);
    let text = text_of(&report(&case, "report.pdf"));
    let pages: Vec<&str> = text.split('\u{c}').filter(|page| page.contains("No.\n")).collect();
    assert!(pages.len() > 3 && pages.iter().all(|page| page.contains("Outcome")), "{text}");
    assert!((0..200).all(|n| text.contains(&format!("Item {n}\n"))), "{text}");
}

#[test]
fn a_superseded_answer_tells_what_it_saw_that_the_last_one_did_not() {
    let case = Case::with(
        "# R\n\n- [ ] Up `#up`\n  ```bash check\n  cat state\n  # expect: value < 5\n  echo same\n  # Expected: same\n  ```\n",
    );
    case.write("state", "<b>9</b>");
    case.run_list().exits(20);
    let run = case.run(&["status", "--format", "json"]).json()["run"].clone();
    case.write("state", "9");
    let resume = |code: i32| {
        let run = run.as_str().expect("a name");
        case.run(&["run", "list.md", "--resume", run, "--no-report"]).exits(code)
    };
    resume(20);
    case.write("state", "3");
    resume(0);
    case.run(&["report", "--out", "out"]).exits(0);
    let html = case.read("out/report.html");
    let was: Vec<&str> = html.split("<details class=said>").skip(1).collect();
    assert_eq!(was.len(), 2, "{html}");
    assert!(
        was[0].contains("no number: `&lt;b&gt;9&lt;&#x2F;b&gt;`") || was[0].contains("&lt;b&gt;9")
    );
    let last = was[1].split("</details>").next().expect("its end");
    assert!(
        last.contains("<code>value &lt; 5</code>") && last.contains("<code>9</code>"),
        "{last}"
    );
    assert!(!last.contains("same"), "what is the same is not told again: {last}");
}

#[test]
fn a_pdf_of_long_words_and_of_right_to_left_scripts_stays_on_its_pages_and_can_be_read() {
    let word = "immeasurably".repeat(12);
    let list = format!(
        "# قائمة التحقق قبل الإطلاق\n\n## {word}\n\n- [ ] {word} `#long`\n- [ ] מסד הנתונים מגובה `#backup`\n- [ ] 漢字漢字漢字漢字漢字漢字漢字漢字漢字漢字 `#none`\n\n**{word}**: ____ Date: ____\n"
    );
    let case = Case::with(&list);
    case.run(&["run", "list.md", "--release", &word]).exits(10);
    let pdf = report(&case, "report.pdf");
    let text = text_of(&pdf);
    for read in ["قائمة", "التحقق", "הנתונים", "‹U+6F22›"] {
        assert!(text.contains(read), "{read}: {text}");
    }
    assert!(!text.contains("‹U+06") && !text.contains("‹U+05"), "{text}");
    let boxes = Command::new("pdftotext").arg("-bbox").arg(&pdf).arg("-").output();
    let boxes = boxes.expect("pdftotext (apt-get install poppler-utils)").stdout;
    let boxes = String::from_utf8_lossy(&boxes).into_owned();
    let ends = boxes.split("xMax=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let ends: Vec<f64> = ends.map(|end| end.parse().expect("a number")).collect();
    // A4 is 595.28 points wide, and its margins are 50.
    assert!(ends.len() > 100 && ends.iter().all(|end| *end < 546.5), "{ends:?}");
}

#[test]
fn evidence_that_is_not_shown_is_linked_where_it_lies_and_runs_nothing() {
    let case = Case::with("# R\n\n- [ ] One `#one`\n");
    // A head of a picture is all that tells how large it is.
    let mut large = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x20\0\0\0\x20\0\x08\0\0\0\0".to_vec();
    large.resize(600_000, 0);
    case.write("large.png", large);
    case.write("page.html", "<script>document.body.textContent = 'GO'</script>");
    case.run(&["run", "list.md", "--no-report"]).exits(10);
    let attest = ["attest", "one", "--pass", "--evidence", "large.png", "--evidence", "page.html"];
    case.run(&attest).exits(0);
    case.run(&["report"]).exits(0);
    let folder = report(&case, "report.html").parent().expect("a folder").to_owned();
    let links = |text: &str, before: &str, after: char| -> Vec<String> {
        let links = text.split(before).skip(1).filter_map(|rest| rest.split(after).next());
        links.filter(|link| link.contains("evidence/")).map(str::to_owned).collect()
    };
    let html = std::fs::read_to_string(folder.join("report.html")).expect("html");
    let markdown = std::fs::read_to_string(folder.join("report.md")).expect("markdown");
    let (html, markdown) = (links(&html, "href=\"", '"'), links(&markdown, "](", ')'));
    assert_eq!((html.len(), markdown.len()), (1, 2), "{html:?} {markdown:?}");
    let read = |link: &String| std::fs::read(folder.join(link)).expect("a link that leads there");
    assert!(read(&html[0]).starts_with(b"\x89PNG"));
    assert!(markdown.iter().any(|link| read(link).starts_with(b"<script>")));
}
