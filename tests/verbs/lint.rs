//! `holdpoint lint` and `holdpoint plan`: they read, and never run.

use crate::support::Case;

#[test]
fn shows_the_line_a_caret_and_a_hint() {
    let case = Case::with("# R\n\n- [ ] One\n  ```bash chekc\n  true\n  ```\n");
    let done = case.run(&["lint", "list.md"]).exits(2);
    for part in ["list.md:4:", "HP", "```bash chekc", "^", "hint:", "check"] {
        assert!(done.out.contains(part), "no {part} in {}", done.out);
    }
}

#[test]
fn a_clean_checklist_is_clean() {
    let case = Case::with(
        "# R\n\n- [ ] One\n  ```bash check\n  test ! -e ran\n  # expect: exit == 0\n  ```\n",
    );
    case.run(&["lint", "list.md"]).exits(0);
    let json = case.run(&["lint", "list.md", "--format", "json"]).exits(0).json();
    assert_eq!(json["files"][0]["findings"].as_array().map(Vec::len), Some(0), "{json}");
}

#[test]
fn a_plan_names_what_would_run_and_runs_nothing() {
    let case = Case::with(
        "# R\n\n- [ ] One `#one`\n  ```bash check\n  touch ran\n  # expect: exit == 0\n  ```\n- [ ] Two `#two`\n",
    );
    case.run(&["plan", "list.md"]).exits(0).says("touch ran").says("two");
    let json = case.run(&["plan", "list.md", "--format", "json"]).exits(0).json();
    assert_eq!(json["items"].as_array().map(Vec::len), Some(2), "{json}");
    assert!(!case.path().join("ran").exists());
    assert!(!case.path().join("ledger").exists());
}

#[test]
fn everything_wrong_in_front_matter_is_told_at_once() {
    let case = Case::with("---\ntitel: x\nrolse: []\nparams: 3\n---\n# R\n\n- [ ] One\n");
    let done = case.run(&["lint", "list.md"]).exits(2);
    for part in ["list.md:2:1", "`title`", "list.md:3:1", "`roles`", "list.md:4:"] {
        assert!(done.out.contains(part), "no {part} in {}", done.out);
    }
}

#[test]
fn front_matter_of_an_issue_template_stops_nothing() {
    let front = "---\nname: Release\nabout: What to do\nlabels: release\nassignees: ''\n---\n";
    let check = "- [ ] One\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n";
    let case = Case::with(&format!("{front}# R\n\n{check}"));
    case.run(&["lint", "list.md"]).exits(0).says("note[HP019]").says("1 note");
    case.run_list().exits(0);
    case.write("list.md", format!("{front}# R\n\n{check}").replace("about:", "role:"));
    case.run(&["lint", "list.md"]).exits(2).says("HP002");
    case.run_list().exits(2);
}

#[test]
fn a_file_that_cannot_be_read_is_a_finding_in_every_format() {
    let case = Case::with("- [ ] One\n");
    case.write("latin.md", b"# R\n\n- [ ] caf\xe9\n");
    let both = ["lint", "latin.md", "gone.md", "list.md"];
    let done = case.run(&both).exits(2);
    for part in
        ["latin.md:3:10: error[HP018]: byte 0xe9", "gone.md: error[HP018]", "list.md: 1 item"]
    {
        assert!(done.out.contains(part), "no {part} in {}", done.out);
    }
    let format = |name| case.run(&[&both[..], &["--format", name]].concat()).exits(2);
    let json = format("json").json();
    assert_eq!(json["files"][0]["findings"][0]["code"], "HP018", "{json}");
    assert_eq!(json["files"][1]["findings"][0]["severity"], "error", "{json}");
    let sarif = format("sarif").json();
    assert_eq!(sarif["runs"][0]["results"].as_array().map(Vec::len), Some(2), "{sarif}");
    let github = format("github");
    assert!(github.out.contains("::error file=gone.md,line=1"), "{}", github.out);
}

#[test]
fn a_folder_means_every_checklist_below_it() {
    let case = Case::new();
    for path in
        ["lists/a.md", "lists/deep/b.MD", "lists/.git/c.md", "lists/target/d.md", "lists/e.txt"]
    {
        case.write(path, "- [ ] One\n");
    }
    let done = case.run(&["lint", "lists"]).exits(0).says("2 files: 0 errors");
    assert!(done.out.contains("a.md: 1 item") && done.out.contains("b.MD: 1 item"), "{}", done.out);
    case.write("empty/x.txt", "");
    case.run(&["lint", "empty"]).exits(2).says("no Markdown file");
}

#[test]
fn sarif_names_rules_places_and_fixes() {
    let case = Case::new();
    case.write("go live/ü.md", "# R\n\n- [ ]restart 🚀\n- [ ] b\n");
    let log = case.run(&["lint", "go live/ü.md", "--format", "sarif"]).exits(2).json();
    let run = &log["runs"][0];
    assert_eq!((&log["version"], &run["columnKind"]), (&"2.1.0".into(), &"utf16CodeUnits".into()));
    let result = &run["results"][0];
    assert_eq!(result["ruleId"], "HP016");
    let rule =
        &run["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().expect("a number") as usize];
    assert_eq!(rule["id"], "HP016");
    assert!(rule["helpUri"].as_str().is_some_and(|uri| uri.contains("docs/lint.md")), "{rule}");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "go%20live/%C3%BC.md");
    assert_eq!(
        (&place["region"]["startLine"], &place["region"]["endColumn"]),
        (&3.into(), &16.into())
    );
    let change = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(change["insertedContent"]["text"], "- [ ] ", "{change}");
}

#[test]
fn github_annotations_have_their_place_and_are_escaped() {
    let case = Case::new();
    case.write("a,b.md", "# R\n\n- [ ]100% of it\n- [ ] b\n");
    let done = case.run(&["lint", "a,b.md", "--format", "github"]).exits(2);
    let first = done.out.lines().next().unwrap_or_default();
    assert!(first.starts_with("::error file=a%2Cb.md,line=3,endLine=3,col=1,"), "{first}");
    assert!(first.contains("title=HP016::") && first.contains("%0Ahint: "), "{first}");
}

#[test]
fn fix_mends_what_is_certain_and_says_so() {
    let case = Case::with(
        "---\ntitel: T\n---\n# R\n\n- [ ]restart\n- [] look\n- [x] Docs:\n  -\n- [ ] caf\u{c3}\u{a9} roll\u{200b}back\n- [ ] One\n  ```bash check\n  # timout: 3s\n  true\n  # expect: exit == 0\n  ```\n",
    );
    let done = case.run(&["lint", "--fix", "list.md"]).exits(0).says("0 errors, 0 warnings");
    for code in ["HP002", "HP007", "HP016", "HP020", "HP021", "HP102"] {
        assert!(done.out.contains(&format!("[{code}]")), "no {code} in {}", done.out);
    }
    assert_eq!(
        case.read("list.md"),
        "---\ntitle: T\n---\n# R\n\n- [ ] restart\n- [ ] look\n- [x] Docs:\n\n  -\n- [ ] café rollback\n- [ ] One\n  ```bash check\n  # timeout: 3s\n  true\n  # expect: exit == 0\n  ```\n"
    );
    case.run(&["lint", "--fix", "list.md"]).exits(0);
    let json = case.run(&["lint", "--fix", "list.md", "--format", "json"]).exits(0).json();
    assert_eq!(json["files"][0]["fixed"], serde_json::json!([]));
}

#[test]
fn fix_never_marks_a_block_ticks_a_box_or_moves_an_item_out_of_its_gate() {
    let untouched = [
        "- [ ] One\n  ```bash chekc\n  true\n  ```\n",
        "- [ ] One\n\n```bash check\ntrue\u{200b}\n# expect: exit == 0\n```\n",
        "- [ ] One\n\n```bash che\u{200b}ck\ntrue\n```\n",
        // Without the unseen character its items would be on standby.
        "# R\n\n- [ ] One\n\n## Roll\u{200b}back\n\n- [ ] Two\n",
        "- [ ] One\n\n```markdown\n```bash check\ntrue\n```\n",
        "- [v] One\n- [ ] Two\n",
        "- [ ](https://example.com) One\n- [ ] Two\n",
        "- [x] One. Evidence: ____\n",
        "# R\n\n## Done ✅\n\n- [ ] One\n",
    ];
    for text in untouched {
        let case = Case::with(text);
        case.run(&["lint", "--fix", "list.md"]);
        assert_eq!(case.read("list.md"), text);
    }
}

#[test]
fn fix_keeps_line_ends_modes_and_links() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let case = Case::new();
    case.write("real.md", "# R\r\n\r\n- [ ]restart\r\n- [ ] Docs\r\n  ---\r\n");
    let path = case.path().join("real.md");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).expect("a mode");
    symlink("real.md", case.path().join("list.md")).expect("a link");
    case.run(&["lint", "--fix", "list.md"]).exits(0);
    assert_eq!(case.read("real.md"), "# R\r\n\r\n- [ ] restart\r\n- [ ] Docs\r\n\r\n  ---\r\n");
    assert!(case.path().join("list.md").is_symlink());
    let mode = std::fs::metadata(&path).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[test]
fn mojibake_is_shown_as_it_was() {
    let case = Case::with("- [ ] \u{f8ff}üöÄ go\n- [ ] CafÃ© ok\n- [ ] Spaß“ und l’été »\n");
    let done = case.run(&["lint", "list.md"]).exits(0).says("0 errors, 2 warnings");
    for part in ["Mac Roman", "write `🚀`", "Windows-1252", "write `é`"] {
        assert!(done.out.contains(part), "no {part} in {}", done.out);
    }
    // A document that went wrong as a whole is one finding.
    let case = Case::with(&"- [ ] CafÃ© ok\n\n".repeat(40));
    case.run(&["lint", "list.md"]).says("in 40 lines");
    case.run(&["lint", "--fix", "list.md"]);
    assert!(!case.read("list.md").contains('Ã'));
}

#[test]
fn what_is_pushed_out_of_sight_is_told_and_never_runs() {
    let gap = " ".repeat(60);
    let case = Case::with(&format!("- [ ] One\n\n```bash\ntrue{gap}; rm -rf data\n```\n"));
    case.run(&["lint", "list.md"]).exits(0).says("HP022").says("`rm` out of sight");
    case.write(
        "list.md",
        format!(
            "- [ ] One\n  ```bash check\n  true{gap}; touch ran\n  # expect: exit == 0\n  ```\n"
        ),
    );
    case.run(&["lint", "list.md"]).exits(2).says("HP008").says("out of sight");
    case.run_list().exits(20);
    assert!(!case.path().join("ran").exists());
}

#[test]
fn a_fence_inside_one_of_its_length_is_told() {
    let inside = "```markdown\n# Example\n\n```bash\nls\n```\n\n- [ ] shown\n\n```\n";
    let case = Case::with(&format!("- [ ] One\n\n{inside}"));
    case.run(&["lint", "list.md"]).exits(0).says("list.md:6:1: warning[HP023]");
    case.write("list.md", format!("- [ ] One\n\n{inside}").replace("bash", "bash check"));
    case.run(&["lint", "list.md"]).exits(2).says("error[HP023]");
    let longer = inside.replacen("```markdown", "````markdown", 1).trim_end().to_owned() + "`\n";
    case.write("list.md", format!("- [ ] One\n\n{longer}"));
    assert!(!case.run(&["lint", "list.md"]).exits(0).out.contains("HP023"));
}

#[test]
fn a_review_is_overdue_from_the_day_after_its_date() {
    let list = "# R\n\n**Next Review**: 2026-11-21\n\n- [ ] One\n";
    let at = |day: &str| {
        let case = Case::with(list).set("HOLDPOINT_CLOCK", &format!("{day}T09:30:00.000Z"));
        case.run(&["lint", "list.md"]).exits(0)
    };
    assert!(!at("2026-11-21").out.contains("HP024"));
    at("2026-11-22").says("list.md:3:18: warning[HP024]").says("2026-11-21");
}

#[test]
fn claims_that_the_document_does_not_bear_out_are_told() {
    let case = Case::with(
        "# R\n\n## Backups ✅\n\n- [x] Made. Evidence: ____\n- [ ] Restored. Evidence: ____\n\n## ✅ Checks\n\n- [ ] Open\n- [x] Done. Evidence: CHG-1\n",
    );
    let done = case.run(&["lint", "list.md"]).exits(0).says("0 errors, 2 warnings");
    assert!(done.out.contains("list.md:3:1: warning[HP026]"), "{}", done.out);
    assert!(done.out.contains("1 of its 2 boxes is open"), "{}", done.out);
    assert!(done.out.contains("list.md:5:13: warning[HP025]"), "{}", done.out);
}

#[test]
fn carets_stand_under_wide_characters() {
    let case = Case::with("- [ ] a\n- [ ] 数据 🚀 caf\u{c3}\u{a9}x\n");
    let done = case.run(&["lint", "list.md"]).exits(0);
    let line = done.out.lines().find(|line| line.contains("数据")).expect("the line").to_owned();
    let carets = done.out.lines().find(|line| line.contains('^')).expect("carets").to_owned();
    // Each of the three wide characters takes two columns.
    let before = line.chars().take_while(|char| *char != 'Ã').count() + 3;
    assert_eq!(carets.find('^'), Some(before), "{}", done.out);
}

#[test]
fn of_many_findings_of_a_kind_the_first_are_shown_and_the_others_listed() {
    let case = Case::with(&("- [ ] One\n".to_owned() + &"- [ ]again\n".repeat(9)));
    let done = case.run(&["lint", "list.md"]).exits(2).says("6 more of these, in lines 5-10");
    assert_eq!(done.out.matches("hint:").count(), 3, "{}", done.out);
    let json = case.run(&["lint", "list.md", "--format", "json"]).json();
    assert_eq!(json["files"][0]["findings"].as_array().map(Vec::len), Some(9), "{json}");
}

#[test]
fn a_code_is_explained_with_an_example_and_the_fix() {
    let case = Case::new();
    case.run(&["lint", "--explain", "hp016"]).exits(0).says("nearly a box").says("- [ ] restart");
    case.run(&["lint", "--explain", "HP999"]).exits(2).says("HP012");
}

#[test]
fn commands_and_expectations_of_checks_are_looked_at() {
    for (script, code) in [
        ("kubectl apply -f x\n# expect: exit == 0", "HP130"),
        ("echo \"$API_TOKEN\"\n# expect: lines == 1", "HP131"),
        ("docker logs -f x\n# expect: lines > 1", "HP132"),
        ("docker exec -it x bash\n# expect: exit == 0", "HP132"),
        ("kubectl get pods\n# expect: exit == 0", "HP133"),
        ("docker logs x | grep -i error\n# expect: exit == 0", "HP134"),
        ("./smoke.sh\n# Expected: All tests pass", "HP135"),
        ("echo PONG\n# Expected: PONG", "HP136"),
    ] {
        let case = Case::with(&format!("## A\n\n```bash check\n{script}\n```\n"));
        case.run(&["lint", "list.md"]).exits(0).says(&format!("warning[{code}]"));
    }
    for script in [
        "curl -fsS http://x.test\n# expect: exit == 0",
        "redis-cli ping\n# Expected: PONG",
        "kubectl get pods\n# expect: a person agrees",
        "docker logs x\n# expect: output not matches /error/i",
    ] {
        let case = Case::with(&format!("## A\n\n```bash check\n{script}\n```\n"));
        let done = case.run(&["lint", "list.md"]).exits(0);
        assert!(!done.out.contains("HP13"), "{script}: {}", done.out);
    }
}

#[test]
fn all_that_was_read_shows_in_json() {
    let case = Case::with(
        "# R\n\n**Owner**: Ops\n\n## T-30 min\n\n```bash\nkubectl get pods -n <ns>\n# Expected: Running\n```\n\n- [ ] Pods are up\n- [x] Load < 80% — `<evidence>`\n\n## Rollback\n\n- errors > 5%\n\n## Go/No-Go\n\n**Decision**: ☐ GO ☐ NO-GO\n\n- Tech Lead: ____ Date: ____\n",
    );
    let json = case.run(&["lint", "list.md", "--format", "json"]).exits(0).json();
    let model = &json["files"][0]["model"];
    assert_eq!(model["blocks"][0]["relation"], "heads");
    assert_eq!(model["blocks"][0]["results"], serde_json::json!([12, 13]));
    assert_eq!(model["commands"][0]["class"], "check");
    assert_eq!(model["expectations"][0]["for_line"], 8);
    assert_eq!(model["placeholders"][0]["text"], "<ns>");
    assert_eq!(model["signoffs"][0]["role"], "Tech Lead");
    assert_eq!(model["decisions"][0]["options"], serde_json::json!(["GO", "NO-GO"]));
    assert_eq!(model["facts"][0]["key"], "Owner");
    assert_eq!(model["times"][0]["minutes"], -30);
    let polarity: Vec<&str> = model["thresholds"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|one| one["polarity"].as_str())
        .collect();
    assert_eq!(polarity, ["pass", "trigger"]);
    assert_eq!(model["evidence"][0]["value"], serde_json::Value::Null);
    assert_eq!(model["items"][1]["state"], "done");
}
