//! Reports in somebody's own templates: they look as wanted, say the same verdict, and can be proven all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::Case;

const LIST: &str = "# Shop\n\n## Before\n\n- [ ] Health `#health`\n  ```bash check\n  echo ok\n  # Expected: ok\n  ```\n- [ ] Disk `#disk`\n  ```bash check\n  echo 3\n  # Expected: 4\n  ```\n- [ ] Look `#look`\n";

/// A run that is NO-GO, and a folder `house` of templates.
fn house(files: &[(&str, &str)]) -> Case {
    let case = Case::with(LIST);
    case.run(&["run", "list.md", "--no-report", "--release", "R1"]).exits(20);
    for (name, text) in files {
        case.write(&format!("house/{name}"), text);
    }
    case
}

fn text(case: &Case, name: &str) -> String {
    std::fs::read_to_string(case.path().join(name)).expect("a report")
}

/// The text of the pages of a PDF.
fn pages(path: &Path) -> Vec<String> {
    let output = Command::new("pdftotext").args(["-layout"]).arg(path).arg("-").output();
    let output = output.expect("pdftotext is installed (tests/run)");
    String::from_utf8_lossy(&output.stdout).split('\u{c}').map(str::to_owned).collect()
}

const HTML: &str = "{% include \"parts/head.html\" %}<ul>{% for i in v.items %}<li>{{ i.id }} {{ i.outcome }}</li>{% endfor %}</ul>";
const TYPST: &str = "#import \"/kit.typ\": *\n= House of #v.title\n#for i in v.items [- #i.id #outcome(i.outcome)\n]";
const ALL: &[(&str, &str)] = &[
    ("report.html", HTML),
    ("report.md", "House of {{ v.title | md }}\n"),
    ("report.typ", TYPST),
    ("parts/head.html", "<h2>House of {{ v.title }}</h2>"),
    ("style.css", "body{font-family:serif}"),
];

#[test]
fn a_report_looks_as_its_templates_say_behind_the_verdict() {
    let case = house(ALL);
    case.run(&["report", "--templates", "house", "--out", "out"]).exits(0);
    let html = text(&case, "out/report.html");
    let verdict = html.find("<strong>NO-GO</strong>").expect("the verdict");
    let house = html.find("<h2>House of Shop</h2>").expect("the part");
    assert!(verdict < house && html.contains("<li>disk fail</li>"), "{html}");
    assert!(html.contains("body{font-family:serif}") && html.contains("@layer"));
    let own = "Rendered with templates that are not holdpoint's own";
    assert!(html.contains("Rendered with templates that are not holdpoint&#39;s own"), "{html}");
    let markdown = text(&case, "out/report.md");
    assert!(markdown.starts_with("# NO-GO: Shop\n"), "{markdown}");
    assert!(markdown.contains(own) && markdown.contains("\nHouse of Shop\n"), "{markdown}");
    let pages = pages(&case.path().join("out/report.pdf"));
    assert!(pages[0].contains("NO-GO") && pages[0].contains(own), "{pages:?}");
    assert!(!pages[0].contains("House") && pages[1].contains("House of Shop"), "{pages:?}");
    assert!(pages[1].contains("disk"), "{pages:?}");
    // What a window shows above a document is ours, too.
    case.write("house/report.typ", "#set document(title: \"GO: all well\")\n= House\n");
    case.run(&["report", "--templates", "house", "--out", "out"]).exits(0);
    let info = Command::new("pdfinfo").arg(case.path().join("out/report.pdf")).output();
    let info = info.expect("pdfinfo is installed (tests/run)").stdout;
    let info = String::from_utf8_lossy(&info).into_owned();
    assert!(info.contains("NO-GO: Shop R1") && !info.contains("all well"), "{info}");
}

#[test]
fn the_ledger_pins_the_templates_and_verify_renders_with_them_when_it_is_given_them() {
    let case = house(ALL);
    case.write("holdpoint.toml", "[report]\ntemplates = \"house\"\n");
    case.run(&["report"]).exits(0);
    let log = case.run(&["log", "--kind", "report", "--format", "json"]).exits(0).out;
    let line = log.lines().find(|line| line.contains("\"templates\":")).expect("an entry");
    let digest = line.split("\"templates\": \"").nth(1).and_then(|rest| rest.split('"').next());
    let digest = digest.expect("a digest").to_owned();
    let issued = case.files("reports", "report.html").remove(0);
    let html = std::fs::read_to_string(&issued).expect("html");
    assert!(html.contains(&format!("<code>{digest}</code>")), "the digest is named");

    // What a repository names is not run: what the report was made of is checked, its looks are not.
    let plain = case.run(&["verify"]).exits(0).out;
    assert_eq!(plain.matches("warning[HL018]").count(), 3, "{plain}");
    assert!(
        plain.contains("which names what the ledger says") && plain.contains("0 of 3 reports"),
        "{plain}"
    );
    let given = case.run(&["verify", "--templates", "house"]).exits(0).out;
    assert!(!given.contains("HL018") && given.contains("3 of 3 reports"), "{given}");
    case.write("house/report.md", "Other\n");
    let other = case.run(&["verify", "--templates", "house"]).exits(0).out;
    assert_eq!(other.matches("warning[HL018]").count(), 3, "{other}");
}

#[test]
fn a_mistake_names_file_line_and_what_is_known_and_nothing_is_written() {
    let field = "`relase` is not defined. Available fields: awaited, call, change";
    let cases: &[(&str, &str, &[&str])] = &[
        ("report.html", "<p>\n  {{ v.relase }}", &["house/report.html:2:8:", field]),
        (
            "report.html",
            "{% for i in v.items %}{{ i.txt }}{% endfor %}",
            &["report.html:1:28:", "answers, at,"],
        ),
        ("report.html", "<p>\n{% if %}", &["house/report.html:2:"]),
        ("report.md", "a\n{{ v.relase }}", &["house/report.md:2:6:", field]),
        (
            "report.html",
            "{% include \"parts/gone.html\" %}",
            &["house/report.html:1:12: Unknown template `parts/gone.html`"],
        ),
        (
            "report.typ",
            "#import \"/kit.typ\": *\n\n#v.relase",
            &["house/report.typ:3:4:", "`release` has awaited, call, change"],
        ),
        (
            "report.typ",
            "#import \"/kit.typ\": *\n#(v.items.at(0).txt)",
            &["report.typ:2:17:", "`text` has answers, at, attempts"],
        ),
        ("report.typ", "#read(\"/etc/passwd\")", &["house/report.typ:1:"]),
        ("report.html", "<p>\n<script>alert(1)</script>", &["house/report.html:2:1:", "`<script`"]),
        (
            "reprot.html",
            "x",
            &["house/reprot.html:1:1:", "report.html, report.md, report.typ, style.css"],
        ),
        ("verdict.html", "x", &["house/verdict.html:1:1:", "always holdpoint's own"]),
        ("report.html", "<p>\n<b class=x style=\"top:0\">", &["house/report.html:2:1:", "style"]),
        ("report.html", "<p onclick='x()'>", &["house/report.html:1:1:", "onclick"]),
        ("report.html", "<button autofocus>", &["house/report.html:1:1:", "autofocus"]),
        ("report.html", "<div popover id=a>", &["house/report.html:1:1:", "popover"]),
        ("report.md", "a\n<style>b{}</style>", &["house/report.md:2:1:", "<style"]),
        ("style.css", "a{}\n@import 'x.css';", &["house/style.css:2:1:", "@import"]),
        ("style.css", "@page{@top-center{content:\"GO\"}}", &["house/style.css:1:7:", "@top-"]),
        ("style.css", "@page{@\\74op-center{content:\"GO\"}}", &["house/style.css:1:7:"]),
        (
            "style.css",
            "a{background:url( 'https://example.com/x.png')}",
            &["house/style.css:1:14:"],
        ),
        ("report.html", "\u{0}{{", &["house/report.html:1:"]),
    ];
    for (name, template, wanted) in cases {
        let case = house(&[(name, template)]);
        let said = case.run(&["report", "--templates", "house"]).exits(2).err;
        for part in *wanted {
            assert!(said.contains(part), "{name}: {part} is not in {said}");
        }
        assert!(said.contains("hint: "), "{said}");
        assert!(!case.path().join("reports").exists(), "{name}");
    }
}

#[test]
fn a_template_that_writes_without_end_is_stopped() {
    let text = "x".repeat(100_000);
    let endless = format!("{{% for a in range(end=100000) %}}{text}{{% endfor %}}");
    let case = house(&[("report.md", &endless)]);
    let said = case.run(&["report", "--templates", "house"]).exits(2).err;
    assert!(said.contains("no end, or more than 256 MiB"), "{said}");
    assert!(!case.path().join("reports").exists());
}

#[test]
fn a_folder_that_is_not_there_or_not_below_the_root_is_an_error() {
    let case = house(&[]);
    let said = case.run(&["report", "--templates", "nowhere"]).exits(2).err;
    assert!(said.contains("nowhere"), "{said}");
    case.write("empty/.hidden", "");
    let said = case.run(&["report", "--templates", "empty"]).exits(2).err;
    assert!(said.contains("there are none"), "{said}");
    let outside = Case::with(LIST);
    outside.write("style.css", "body{}");
    std::os::unix::fs::symlink(outside.path(), case.path().join("link")).expect("a link");
    case.write("holdpoint.toml", "[report]\ntemplates = \"link\"\n");
    let said = case.run(&["report"]).exits(2).err;
    assert!(said.contains("not below the root"), "{said}");
    case.write("big/style.css", "x".repeat((1 << 20) + 1));
    case.run(&["report", "--templates", "big"]).exits(2);
}

/// Styles and templates that would hide the verdict, or show another one over it.
const HIDING: &[(&str, &str)] = &[
    ("#verdict{display:none!important;opacity:0!important;height:0!important}", "<p>x</p>"),
    (
        "#verdict *{color:transparent!important;font-size:0!important;transform:scale(0)!important}",
        "<p>x</p>",
    ),
    (
        "html{display:none}body{visibility:hidden;opacity:0;transform:translateY(-900px);margin-top:-900px}",
        "<p>x</p>",
    ),
    (
        "body{display:flex!important;flex-direction:column-reverse}main{height:300vh}",
        "<main>GO</main>",
    ),
    (
        ".over{position:fixed!important;inset:0;background:green;z-index:2147483647!important}",
        "<div class=over>GO</div>",
    ),
    (
        "body>*{position:fixed!important;inset:0!important;background:green;z-index:2147483647!important}",
        "</div></div></main><b>GO</b><i>GO</i>",
    ),
    (
        "html::before,body::after,#verdict::after,#verdict strong::before{content:\"GO\"!important;position:fixed;inset:0;background:lime}",
        "<p>x</p>",
    ),
    (
        "main{margin-top:-400px!important;position:relative!important;top:-400px!important;translate:0 -400px!important;background:lime;height:400px}",
        "<main>GO</main>",
    ),
    (
        "@layer{#verdict{display:none!important}}@layer a{#verdict{display:none!important}}",
        "<p>x</p>",
    ),
    (
        "@keyframes a{to{opacity:0;visibility:hidden;translate:0 -99rem}}html,body,#verdict,#verdict *{animation:a 1ms forwards;transition:all 99s}",
        "<p>x</p>",
    ),
    (
        "#verdict strong::first-letter{font-size:0}#verdict strong::first-line{color:transparent}",
        "<dialog open class=over>GO</dialog>",
    ),
    (
        "#verdict .call strong::first-line{color:transparent;background:url(\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'/>\");font-size:1px}",
        "<p>x</p>",
    ),
    (
        "body{-webkit-text-fill-color:transparent;text-indent:-9999px;letter-spacing:-9px;visibility:hidden;line-height:0}",
        "<p>x</p>",
    ),
    (
        "html{scroll-snap-type:y mandatory}main{scroll-snap-align:start;height:300vh}",
        "<main>GO</main>",
    ),
    ("button{scroll-margin:99rem}main{height:300vh}", "<main>GO<button>x</button></main>"),
    (
        "body>script{display:block!important;position:fixed!important;inset:0!important;z-index:2147483647!important;background:white!important;color:transparent!important;font-size:0!important}body>script::before{content:\"GO\";font:700 60px sans-serif;display:block}",
        "<p>x</p>",
    ),
    (
        "head,head title,head style{display:block!important;height:3000px!important;background:#fff}head::before{content:\"Verdict: GO\";display:block!important}",
        "<p>x</p>",
    ),
];

#[test]
fn no_style_hides_moves_or_covers_the_verdict() {
    let case = house(&[]);
    let mut reports: Vec<PathBuf> = Vec::new();
    for (at, (style, body)) in HIDING.iter().enumerate() {
        let (folder, out) = (format!("t{at}"), format!("o{at}"));
        case.write(&format!("{folder}/style.css"), style);
        case.write(&format!("{folder}/report.html"), body);
        case.run(&["report", "--templates", &folder, "--out", &out]).exits(0);
        reports.push(case.path().join(out).join("report.html"));
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/verdict.mjs");
    let output = Command::new("node").arg(script).args(&reports).output();
    let output = output.expect("node is installed (tests/run)");
    let seen: Vec<Vec<String>> = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}; is Chromium here, and what tests/browser needs? tests/run brings it: {output:?}")
    });
    assert_eq!(seen.len(), HIDING.len());
    for (problems, (style, _)) in seen.iter().zip(HIDING) {
        assert!(problems.is_empty(), "{style}: {problems:?}");
    }
}

#[test]
fn a_copy_of_our_templates_is_ours_to_whoever_verifies() {
    let case = Case::with("# Shop\n\n- [ ] One `#one`\n").committed();
    case.run(&["run", "list.md", "--no-report"]).exits(10);
    for name in ["report.html", "report.md", "report.typ", "style.css"] {
        let ours = case.run(&["report", "--print-template", name]).exits(0).out;
        case.write(&format!("copy/{name}"), ours);
    }
    case.run(&["report", "--templates", "copy"]).exits(0);
    case.run(&["verify"]).exits(0).says("3 of 3 reports rendered again");
    let html = std::fs::read_to_string(&case.files("reports", ".html")[0]).expect("a report");
    assert!(!html.contains("class=\"own\""), "{html}");
}

#[test]
fn a_site_is_rendered_with_templates_too() {
    let case = house(ALL);
    case.run(&["report", "--site", "site", "--templates", "house"]).exits(0);
    let page = case
        .files("site", ".html")
        .into_iter()
        .find(|path| path.to_string_lossy().contains("runs/"));
    let html = std::fs::read_to_string(page.expect("a run's page")).expect("html");
    assert!(html.contains("<h2>House of Shop</h2>"), "{html}");
}

/// Names of members by the paths of what has them: `v.items[]` has `n`, `id` and so on.
fn shapes(path: &str, value: &serde_json::Value, all: &mut BTreeMap<String, BTreeSet<String>>) {
    match value {
        serde_json::Value::Array(list) => {
            list.iter().for_each(|one| shapes(&format!("{path}[]"), one, all))
        }
        serde_json::Value::Object(members) => {
            let known = all.entry(path.to_owned()).or_default();
            known.extend(members.keys().cloned());
            members.iter().for_each(|(name, one)| shapes(&format!("{path}.{name}"), one, all));
        }
        _ => {}
    }
}

/// What stands between backticks.
fn ticked(line: &str) -> Vec<String> {
    line.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn the_docs_name_everything_that_a_view_has_and_nothing_else() {
    let list = "---\nowner: Ops\n---\n# Shop\n\n> quoted `code`\n\n## Before\n\n- [x] Health `#health` @ops\n  ```bash check\n  printf '\\033[31mno\\033[0m\\n'\n  # Expected:\n  # one\n  # two\n  ```\n- [ ] Slow `#slow`\n  ```bash check\n  # retry: 3 every 100ms\n  n=$(cat n 2> /dev/null || echo 9); echo $n; echo $((n-1)) > n\n  # expect: value < 3\n  ```\n- [ ] Dash `#dash`\n\n## After\n\n- [ ] Wait `#wait`\n  ```bash check\n  echo ok\n  # Expected: ok\n  ```\n\n| a | b |\n|---|---|\n| c | d |\n\n**Tech Lead**: ____ Date: ____\n\n**Decision**: ☐ GO ☐ NO-GO\n";
    let case = Case::with(list);
    case.write("note.txt", "seen\n");
    case.run(&["run", "list.md", "--no-report"]).exits(20);
    case.run(&["run", "list.md", "--no-report"]).exits(20);
    case.run(&["attest", "dash", "--fail", "--note", "red", "--evidence", "note.txt"]);
    case.run(&["attest", "dash", "--pass", "--note", "green", "--evidence", "note.txt"]);
    case.write("holdpoint.toml", "[policy]\ndecide_against = [\"tech-lead\"]\n");
    case.run(&["policy", "--pin", "--reason", "as agreed", "--yes"]).exits(0);
    let who = ["--role", "Tech Lead", "--name", "Ada", "--yes"];
    case.run(&[&["sign", "--go"], &who[..]].concat());
    case.run(&[&["decide", "--go", "--reason", "it is known"], &who[..]].concat());
    case.run(&["report", "--out", "out"]).exits(0);
    let pdf = case.path().join("out/report.pdf");
    let detached =
        Command::new("pdfdetach").args(["-saveall", "-o"]).arg(case.path()).arg(pdf).output();
    assert!(detached.expect("pdfdetach is installed (tests/run)").status.success());
    let view = serde_json::from_str(&text(&case, "view.json")).expect("a view");
    let mut seen = BTreeMap::new();
    shapes("v", &view, &mut seen);

    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/templates.md");
    let docs = std::fs::read_to_string(docs).expect("docs");
    let docs = docs.split("## The pages of a site").next().expect("a beginning");
    let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut parts = Vec::new();
    for line in docs.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            parts = ticked(heading);
        } else if let Some(names) = line.strip_prefix("| `") {
            let names = ticked(&format!("`{}", names.split(" | ").next().unwrap_or_default()));
            parts
                .iter()
                .for_each(|part| told.entry(part.clone()).or_default().extend(names.clone()));
        }
    }
    for (path, names) in &seen {
        // Every list of runs is told where it stands first.
        if names.iter().eq(["style", "text"].iter()) {
            continue;
        }
        assert_eq!(told.get(path), Some(names), "{path}");
    }
    assert!(
        seen.contains_key("v.decision") && seen.contains_key("v.gates[].signers[].signatures[]"),
        "{:?}",
        seen.keys()
    );
    for path in told.keys() {
        // Exhibits and checks of what was superseded are as those of what counts.
        let known =
            seen.contains_key(path) || path.contains(".superseded[].") || path == "v.params[]";
        assert!(
            known || path == "v.change[]" || path.contains(".pauses[]"),
            "{path} is in no view"
        );
    }
}

#[test]
fn the_pages_of_a_site_and_of_a_difference_have_templates_too_below_a_head_that_is_ours() {
    let case = house(&[
        ("site.html", "<h1>House of {{ v.name }}</h1>{% include \"site-runs.html\" %}"),
        ("site-feed.xml", "<feed>{{ v.title }}</feed>"),
        ("diff.html", "<h1>House: {{ v.from.release }}</h1>"),
    ]);
    case.run(&["run", "list.md", "--no-report", "--release", "R2"]).exits(20);
    case.run(&["report", "--site", "site", "--templates", "house"]).exits(0);
    let index = text(&case, "site/index.html");
    assert!(index.contains("<h1>House of ") && index.contains("R2"), "{index}");
    assert!(index.contains("default-src 'none'") && index.contains("not holdpoint&#39;s own"));
    assert!(text(&case, "site/feed.xml").starts_with("<feed>"));
    let page = text(&case, "site/list/index.html");
    assert!(page.contains("<h1>Shop</h1>") && !page.contains("House"), "{page}");
    let runs = case.run(&["log", "--kind", "run_opened", "--format", "json"]).exits(0).out;
    let names: Vec<&str> =
        runs.split("\"run\": \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let diff = ["diff", names[0], names[1], "--format", "html", "--templates", "house"];
    let page = case.run(&diff).exits(0).out;
    assert!(page.contains("<h1>House: R1</h1>") && page.contains("default-src 'none'"), "{page}");
    case.write("house/diff.html", "\n{{ v.form }}");
    let said = case.run(&diff).exits(2).err;
    assert!(said.contains("house/diff.html:2:6: Field `form` is not defined"), "{said}");
}

#[test]
fn a_style_comes_behind_ours_and_our_templates_can_be_printed_to_begin_with() {
    let case = house(&[("style.css", ":root{--link:#a0522d}")]);
    let case = case.set("HOLDPOINT_CLOCK", "2030-01-01T00:00:00.000Z");
    case.run(&["report", "--out", "out", "--templates", "house"]).exits(0);
    let html = text(&case, "out/report.html");
    let (ours, own) = (html.find(".banner{").expect("ours"), html.find("#a0522d").expect("own"));
    assert!(ours < own);
    let printed = case.run(&["report", "--print-template", "report.html"]).exits(0).out;
    case.write("all/report.html", &printed);
    case.run(&["report", "--out", "all", "--templates", "all"]).exits(0);
    let body = |html: &str| html.split("<div class=\"page\">").nth(1).map(str::to_owned);
    let same = |text: Option<String>| {
        text.and_then(|text| Some(text.split("id=\"ledger\"").next()?.to_owned()))
    };
    let plain = case.run(&["report", "--out", "plain"]).exits(0);
    assert!(
        same(body(&text(&case, "all/report.html")))
            == same(body(&text(&case, "plain/report.html"))),
        "{plain:?}"
    );
    let said = case.run(&["report", "--print-template", "nothing"]).exits(2).err;
    assert!(said.contains("report.html, report.md"), "{said}");
}

#[test]
fn reports_of_several_templates_are_verified_at_once() {
    let case = house(ALL);
    case.write("other/style.css", "body{color:#222}");
    case.run(&["report", "--templates", "house"]).exits(0);
    case.run(&["report", "--templates", "other"]).exits(0);
    let both = ["verify", "--templates", "house", "--templates", "other"];
    case.run(&both).exits(0).says("6 of 6 reports rendered again");
}
