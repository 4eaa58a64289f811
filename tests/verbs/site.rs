//! The site of all runs: complete, the same bytes whichever way it was made, and nothing of others touched.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use crate::support::{Case, Done};

const GO: &str = "# Shop\n\n- [ ] Up `#up`\n  ```bash check\n  echo up\n  # Expected: up\n  ```\n";

fn with_runs() -> Case {
    let case = Case::with(GO);
    case.write("db.md", GO.replace("Shop", "Database").replace("echo up", "echo down"));
    case.run(&["run", "list.md", "--release", "v1", "--environment", "staging"]).exits(0);
    let later = ["run", "list.md", "--release", "v2", "--environment", "production", "--no-report"];
    case.run(&later).exits(0);
    case.run(&["run", "db.md", "--release", "pg-17", "--no-report"]).exits(20);
    case
}

fn site(case: &Case, folder: &str) -> Done {
    case.run(&["report", "--site", folder]).exits(0)
}

/// Every file of a folder by its path, without what is written down of them.
fn files(case: &Case, folder: &str) -> BTreeMap<String, Vec<u8>> {
    let root = case.path().join(folder);
    let below =
        |path: &Path| path.strip_prefix(&root).expect("below").to_string_lossy().into_owned();
    let all = case.files(folder, "");
    all.iter()
        .map(|path| (below(path), std::fs::read(path).expect("a file")))
        .filter(|(name, _)| name != ".holdpoint-site")
        .collect()
}

/// The addresses that a page links.
fn links(page: &str) -> Vec<&str> {
    page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn every_run_is_listed_and_every_link_leads_to_a_page() {
    let case = with_runs();
    site(&case, "site").says("3 runs in `site`: 3 rendered");
    let all = files(&case, "site");
    let index = String::from_utf8_lossy(&all["index.html"]).into_owned();
    for text in ["v1", "v2", "pg-17", "staging", "production", "NO-GO", "Database", "1 pass"] {
        assert!(index.contains(text), "{text}");
    }
    for (name, bytes) in all.iter().filter(|(name, _)| name.ends_with("index.html")) {
        let page = String::from_utf8_lossy(bytes);
        for link in links(&page).into_iter().filter(|link| !link.starts_with('#')) {
            let from = case.path().join("site").join(name);
            let to = from.parent().expect("a folder").join(link);
            assert!(to.is_file(), "{name} links {link}");
        }
    }
    // What was issued is shown as it was issued.
    let recorded = case.files("reports", "report.html");
    let recorded = std::fs::read(&recorded[0]).expect("a report");
    let runs: Vec<&Vec<u8>> = all
        .iter()
        .filter_map(|(name, bytes)| name.starts_with("list/runs/").then_some(bytes))
        .collect();
    assert_eq!(runs.len(), 2);
    assert_eq!(runs.iter().filter(|bytes| ***bytes == recorded).count(), 1);
}

#[test]
fn a_run_counts_the_same_items_on_the_site_as_in_its_report() {
    let list = "# Shop\n\n## Before\n\n- [ ] All `#all`\n  - [ ] Up `#up`\n    ```bash check\n    true\n    # expect: exit == 0\n    ```\n  - [ ] Seen `#seen`\n\n## Rollback\n\n- [ ] Back `#back`\n- [ ] Told `#told`\n";
    let case = Case::with(list);
    case.run(&["run", "list.md", "--no-report"]).exits(10);
    case.run(&["attest", "told", "--pass"]);
    case.run(&["report", "--out", "out"]).exits(0);
    site(&case, "site");
    let counted = |page: &str, begin: &str, end: &str| -> Vec<String> {
        let part = regex::Regex::new("[0-9]+ (pass|pending|standby|fail)").expect("a pattern");
        let rest = case.read(page).split(begin).nth(1).expect(begin).to_owned();
        let place = rest.split(end).next().expect(end);
        part.find_iter(place).map(|one| one.as_str().to_owned()).collect()
    };
    let report = counted("out/report.html", "<p class=\"counts\">", "</p>");
    assert_eq!(report, ["2 pending", "1 standby", "2 pass"]);
    assert_eq!(counted("site/list/index.html", "<tr data-checklist", "</tr>"), report);
}

#[test]
fn what_has_not_changed_is_left_and_the_bytes_are_those_of_a_new_site() {
    let case = with_runs();
    site(&case, "site");
    site(&case, "site").says("0 rendered, 0 files written, 0 removed");
    case.run(&["run", "list.md", "--release", "v3", "--no-report"]).exits(0);
    // Its page, and the index and feed of its checklist and of all.
    site(&case, "site").says("4 runs in `site`: 1 rendered, 5 files written");
    site(&case, "fresh").says("4 rendered");
    assert!(files(&case, "site") == files(&case, "fresh"), "they differ");
    // A remark in a run makes that run be looked at again.
    let gone = case.files("site/db/runs", ".html").remove(0);
    std::fs::remove_file(&gone).expect("removed");
    site(&case, "site").says("1 rendered, 1 file written");
    assert!(gone.is_file());
}

#[test]
fn what_a_repository_says_of_its_reports_makes_other_pages() {
    let case = with_runs();
    site(&case, "site");
    case.write("holdpoint.toml", "[report]\norganisation = \"Example Works\"\n");
    site(&case, "site").says("3 rendered");
    let pages = files(&case, "site");
    let named = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains("Example Works");
    // What was issued stays as it was; the pages of all runs and of each checklist name it, too.
    assert_eq!(pages.values().filter(|bytes| named(bytes)).count(), 2 + 3);
}

#[test]
fn a_damaged_note_of_what_was_written_renders_all_again() {
    let case = with_runs();
    site(&case, "site");
    let before = files(&case, "site");
    let known = case.read("site/.holdpoint-site");
    case.write("site/.holdpoint-site", known.replacen("\"NO-GO\"", "\"GO\"", 1));
    site(&case, "site").says("3 rendered");
    assert!(files(&case, "site") == before, "they differ");
    case.write("site/.holdpoint-site", "");
    site(&case, "site").says("3 rendered");
    assert!(files(&case, "site") == before, "they differ");
}

#[test]
fn only_what_a_site_wrote_is_removed_and_only_where_it_is_as_it_was() {
    // Who wrote a site is told by a key of the user's.
    let user = tempfile::tempdir().expect("a folder");
    let as_one = |case: Case| case.set("XDG_CONFIG_HOME", &user.path().to_string_lossy());
    let case = as_one(with_runs());
    site(&case, "site");
    case.write("site/CNAME", "example.com\n");
    case.write("site/db/feed.xml", "mine\n");
    let other = as_one(Case::with(GO));
    other.run(&["run", "list.md", "--no-report"]).exits(0);
    let folder = case.path().join("site");
    let done = other.run(&["report", "--site", &folder.to_string_lossy()]).exits(0);
    done.says("1 run in").says("1 rendered");
    let left: Vec<String> = files(&case, "site").into_keys().collect();
    let runs = left.iter().filter(|name| name.starts_with("list/runs/")).count();
    assert_eq!(runs, 1, "{left:?}");
    assert!(left.iter().any(|name| name == "CNAME"), "{left:?}");
    assert_eq!(case.read("site/db/feed.xml"), "mine\n");
    assert!(!folder.join("db/runs").exists(), "an empty folder stays");
}

#[test]
fn a_folder_of_others_is_not_written_into() {
    let case = with_runs();
    case.write("docs/index.html", "mine");
    case.run(&["report", "--site", "docs"]).exits(2).says("holds other files");
    assert_eq!(case.read("docs/index.html"), "mine");
    case.run(&["report", "--site", "."]).exits(2).says("new or empty");
    case.run(&["report", "--site", "ledger/site"]).exits(2).says("ledger");
    site(&case, "site");
    std::fs::remove_dir_all(case.path().join("site/db")).expect("removed");
    std::os::unix::fs::symlink(case.path().join("docs"), case.path().join("site/db"))
        .expect("a link");
    case.run(&["report", "--site", "site"]).exits(2).says("is a link");
    assert_eq!(case.files("docs", "").len(), 1);
}

#[test]
fn git_is_told_of_where_a_site_would_be_committed() {
    let case = with_runs().committed();
    site(&case, "site").says("git does not ignore `site`");
    case.write(".gitignore", "/site/\n");
    let done = site(&case, "site");
    assert!(!done.err.contains("git"), "{}", done.err);
}

#[test]
fn a_run_stays_as_it_stood_and_one_that_cannot_be_judged_is_held() {
    let case = with_runs();
    case.write("list.md", GO.replace("Up", "Upper"));
    case.run(&["status"]).exits(20);
    site(&case, "site");
    let page = case.read("site/list/index.html");
    assert_eq!(page.matches("data-verdict=\"GO\"").count(), 2, "{page}");
    let log = case.run(&["log", "--kind", "run_opened", "--format", "json"]).json();
    let plan = log["entries"][2]["body"]["items_sha256"].as_str().expect("a digest").to_owned();
    let kept = case.files("ledger/evidence", &plan);
    std::fs::remove_file(&kept[0]).expect("removed");
    site(&case, "fresh").says("3 runs");
    let page = case.read("fresh/db/index.html");
    assert!(
        page.contains("data-verdict=\"HOLD\"") && page.contains("is gone or changed"),
        "{page}"
    );
}

/// Texts that do harm where anything takes them for more.
const EVIL: &str = "</script><script>alert(1)</script>\" onmouseover=\"x ' ]]> <!-- & &lt; {{ v }} {% raw %} \u{1} \u{202e} \u{ffff} ../../x";

fn hostile() -> Case {
    let case = Case::new();
    case.write("<b> & \"x\".md", GO.replace("Shop", &EVIL.replace('\u{1}', "")));
    case.run(&["run", "<b> & \"x\".md", "--release", EVIL, "--environment", EVIL, "--no-report"]);
    case
}

#[test]
fn hostile_texts_are_texts_on_pages_and_in_feeds() {
    let case = hostile();
    site(&case, "site").says("1 run in");
    for (name, bytes) in files(&case, "site") {
        let text = String::from_utf8(bytes).expect("UTF-8");
        for bad in ["<script>alert", "\u{1}", "\u{202e}", "\u{ffff}", "\" onmouseover"] {
            assert!(!text.contains(bad), "{name}: {bad:?}");
        }
        assert!(!name.contains(".."), "{name}");
        if name.ends_with(".xml") {
            let mut reader = quick_xml::Reader::from_str(&text);
            reader.config_mut().check_end_names = true;
            loop {
                match reader.read_event().unwrap_or_else(|error| panic!("{name}: {error}\n{text}"))
                {
                    quick_xml::events::Event::Eof => break,
                    quick_xml::events::Event::CData(_) | quick_xml::events::Event::Comment(_) => {
                        panic!("{name}: {text}")
                    }
                    _ => {}
                }
            }
            // The strict reader of another library.
            let path = case.path().join("site").join(&name);
            let script = "import sys, xml.etree.ElementTree as e; e.parse(sys.argv[1])";
            let parsed = Command::new("python3").args(["-c", script]).arg(path).output();
            let parsed = parsed.expect("python3 is installed (apt-get install python3)");
            assert!(parsed.status.success(), "{name}: {parsed:?}");
        }
    }
}

#[test]
fn feeds_have_what_atom_asks_for() {
    let case = with_runs();
    site(&case, "site");
    for (feed, entries) in
        [("site/feed.xml", 3), ("site/list/feed.xml", 2), ("site/db/feed.xml", 1)]
    {
        let text = case.read(feed);
        let count = |tag: &str| text.matches(tag).count();
        assert_eq!(count("<entry>"), entries, "{text}");
        for tag in ["<id>urn:uuid:", "<title>", "<updated>"] {
            assert_eq!(count(tag), entries + 1, "{feed}: {tag}");
        }
        assert_eq!(count("<author><name>"), entries);
        let mut ids: Vec<&str> =
            text.split("<id>").skip(1).filter_map(|rest| rest.split('<').next()).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), entries + 1, "{feed}");
    }
    let before = case.read("site/feed.xml");
    let id = |text: &str| text.split("<id>").nth(1).map(|rest| rest[..45].to_owned());
    case.run(&["run", "list.md", "--no-report"]).exits(0);
    site(&case, "site");
    assert_eq!(id(&before), id(&case.read("site/feed.xml")));
}

/// What a browser makes of a page, and all that it logs.
fn browse(case: &Case, address: &str) -> (String, String) {
    let profile = case.user().join("chromium");
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr"])
        .args(["--host-resolver-rules=MAP * ~NOTFOUND", "--dump-dom"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--log-net-log={}", case.user().join("net.json").display()))
        .arg(format!("file://{}/{address}", case.path().display()))
        .output()
        .expect("chromium is installed (apt-get install chromium)");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn a_browser_filters_asks_nobody_and_complains_of_nothing() {
    let case = with_runs();
    site(&case, "site");
    let hidden = |page: &str| page.matches("hidden=\"\"").count();
    for (address, left) in [
        ("site/index.html", 3),
        ("site/index.html#verdict=NO-GO", 1),
        ("site/index.html#checklist=list&environment=production", 1),
        ("site/index.html#release=V", 2),
        ("site/list/index.html#decision=none", 2),
        ("site/list/index.html#verdict=HOLD", 0),
    ] {
        let (page, log) = browse(&case, address);
        let rows = page.matches("<tr data-").count();
        assert_eq!(rows - hidden(&page), left, "{address}\n{page}");
        assert!(!page.contains("class=\"filters\" hidden"), "the filters are shown");
        assert!(!log.contains("CONSOLE"), "{log}");
    }
    let net = std::fs::read_to_string(case.user().join("net.json")).expect("a log of requests");
    // What a page of a file asks for has no origin; what a browser asks its maker for has none to name.
    assert!(!net.contains("\"initiator\":\"null\""), "a page asked for something");
    let evil = hostile();
    site(&evil, "site");
    let (page, log) = browse(&evil, "site/index.html");
    assert!(page.contains("&lt;script&gt;alert") && !log.contains("CONSOLE"), "{log}");
}

#[test]
fn pages_speak_the_language_of_the_repository_or_the_one_that_is_asked_for() {
    let case = with_runs();
    case.write("holdpoint.toml", "[report]\nlanguage = \"de\"\n");
    site(&case, "site");
    let page = case.read("site/list/index.html");
    for text in [
        "<html lang=\"de\">",
        "Was am längsten dauert",
        "2 GO, 0 HOLD, 0 NO-GO; der neueste",
        "1 bestanden",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(case.read("site/index.html").contains("Checklisten und ihre Läufe"));
    let script = |page: &str| page.split("<script>").nth(1).map(str::to_owned);
    case.run(&["report", "--site", "fr", "--language", "fr"]).exits(0);
    let french = case.read("fr/list/index.html");
    assert!(french.contains("Ce qui est le plus lent") && french.contains("<html lang=\"fr\">"));
    assert_eq!(script(&page), script(&french), "the script is the same, so that its digest is");
    let (page, log) = browse(&case, "site/index.html#verdict=NO-GO");
    assert!(page.contains("1 von 3 gezeigt") && !log.contains("CONSOLE"), "{page}{log}");
}

#[test]
fn a_page_that_somebody_changed_is_written_again_and_what_others_note_stands_for_nothing() {
    let case = with_runs();
    site(&case, "site");
    let before = files(&case, "site");
    let page = case.files("site/db/runs", ".html").remove(0);
    let text = std::fs::read_to_string(&page).expect("a page");
    std::fs::write(&page, text.replacen('e', "a", 1)).expect("written");
    site(&case, "site").says("1 rendered, 1 file written");
    assert!(files(&case, "site") == before, "they differ");
    // Whoever brings a folder with a note that fits it brings no verdicts.
    let others = case.path().join("others").display().to_string();
    let case = case.set("XDG_CONFIG_HOME", &others);
    site(&case, "site").says("3 rendered");
    assert!(files(&case, "site") == before, "they differ");
}

#[test]
fn a_site_is_not_written_where_the_ledger_the_reports_or_git_have_theirs() {
    let case = with_runs();
    std::os::unix::fs::symlink(case.path().join("ledger"), case.path().join("way"))
        .expect("a link");
    for folder in ["ledger/site", "reports/site", ".git/site", "way/site", "x/../ledger/site"] {
        case.run(&["report", "--site", folder]).exits(2).says("must not lie");
    }
}
