//! Documents stay true: links lead somewhere, every finding is explained, examples are what we accept.

mod ci;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::Case;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn documents() -> Vec<PathBuf> {
    let mut documents: Vec<PathBuf> =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"]
            .iter()
            .map(|name| root().join(name))
            .collect();
    let docs = fs::read_dir(root().join("docs"))
        .expect("docs")
        .filter_map(Result::ok)
        .map(|entry| entry.path());
    documents
        .extend(docs.filter(|path| path.extension().is_some_and(|extension| extension == "md")));
    documents
}

#[test]
fn every_link_leads_somewhere() {
    let mut broken = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).expect("a document");
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            if !target.contains("://")
                && !file.is_empty()
                && !path.with_file_name("").join(file).exists()
            {
                broken.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert_eq!(broken, Vec::<String>::new());
}

/// Codes such as `HP012` in a text.
fn codes(text: &str, prefix: &str) -> BTreeSet<String> {
    text.split(prefix)
        .skip(1)
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>())
        .filter(|digits| digits.len() == 3)
        .map(|digits| format!("{prefix}{digits}"))
        .collect()
}

#[test]
fn every_finding_is_explained_and_every_explanation_has_a_finding() {
    let sources: String = walkdir::WalkDir::new(root().join("src"))
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"))
        .map(|entry| fs::read_to_string(entry.path()).expect("a source file"))
        .collect();
    for (prefix, document) in [("HP", "docs/lint.md"), ("HL", "docs/ledger.md")] {
        let explained =
            codes(&fs::read_to_string(root().join(document)).expect("a document"), prefix);
        let mut raised = codes(&sources, prefix);
        // A range in a comment, not a finding.
        raised.retain(|code| !["HP100", "HP199"].contains(&code.as_str()));
        assert_eq!(raised, explained, "{document}");
    }
}

#[test]
fn the_checklists_that_ship_lint_clean() {
    let case = Case::new();
    for entry in fs::read_dir(root().join("checklists")).expect("checklists").filter_map(Result::ok)
    {
        let path = entry.path();
        if path.extension().is_some_and(|extension| extension == "md") {
            let name = path.to_string_lossy().into_owned();
            case.run(&["lint", &name]).exits(0).says("0 errors, 0 warnings");
        }
    }
}

#[test]
fn the_front_matter_of_the_docs_is_accepted() {
    let text = fs::read_to_string(root().join("docs/checklist.md")).expect("a document");
    let yaml = text
        .split("```yaml\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .expect("an example");
    let case = Case::with(&format!("{yaml}# Shop\n\n- [ ] One\n\n## Sign-off\n\n- [ ] Two\n"));
    let json = case.run(&["lint", "list.md", "--format", "json"]).exits(0).json();
    assert_eq!(json["files"][0]["findings"], serde_json::json!([]), "{json}");
    assert_eq!(json["files"][0]["gates"][0]["name"], "Go-live", "{json}");
}

#[test]
fn the_checks_of_the_docs_are_accepted() {
    let text = fs::read_to_string(root().join("docs/checks.md")).expect("a document");
    let examples = text.split("````markdown\n").skip(1);
    let examples: Vec<&str> = examples.filter_map(|rest| rest.split("````").next()).collect();
    assert!(examples.len() > 7, "where are the examples?");
    let front = "---\nparams:\n  - name: BASE_URL\n  - name: DB_HOST\n  - name: PROMETHEUS_URL\n  - name: REGION\nenv: [DATABASE_URL, REDIS_URL, SENTRY_DSN, REDIS_HOST]\n---\n";
    for example in examples {
        let case = Case::with(&format!("{front}# R\n\n{example}"));
        case.run(&["lint", "list.md"]).exits(0).says("0 errors, 0 warnings");
    }
}

#[test]
fn init_leaves_an_example_that_works() {
    let case = Case::new();
    case.run(&["init"]).exits(0).says("checklists/release.md");
    case.run(&["run", "checklists/release.md"]).exits(10).says("HOLD");
    case.run(&["attest", "notes", "--pass"]).exits(0);
    case.run(&["verify"]).exits(0);
    case.run(&["init"]).exits(0).says("already");
}
