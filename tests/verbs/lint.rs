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
        "# R\n\n- [ ] One\n  ```bash check\n  touch ran\n  # expect: exit == 0\n  ```\n",
    );
    case.run(&["lint", "list.md"]).exits(0);
    let json = case.run(&["lint", "list.md", "--format", "json"]).exits(0).json();
    assert_eq!(json["files"][0]["findings"].as_array().map(Vec::len), Some(0), "{json}");
    assert!(!case.path().join("ran").exists());
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
