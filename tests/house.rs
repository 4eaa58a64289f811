//! What ARCHITECTURE.md says never happens, held against the sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Module, and the modules of this crate that it may import.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("clock", &[]),
    ("digest", &[]),
    ("files", &[]),
    ("json", &[]),
    ("lexicon", &[]),
    ("note", &["digest"]),
    ("said", &["clock"]),
    ("source", &[]),
    ("command", &[]),
    ("outcome", &["digest", "json", "said"]),
    ("policy", &["digest", "json"]),
    ("timestamp", &["clock", "digest", "note"]),
    ("redact", &["outcome"]),
    ("checklist", &["digest", "lexicon", "source"]),
    ("check", &["digest", "lexicon", "outcome", "redact"]),
    ("survey", &["checklist", "command", "lexicon"]),
    ("order", &["check", "checklist"]),
    ("lint", &["check", "checklist", "command", "lexicon", "order", "redact", "source", "survey"]),
    ("adopt", &["checklist", "command", "lexicon", "lint", "source", "survey"]),
    ("config", &["digest", "files", "policy", "redact"]),
    ("plan", &["check", "checklist", "digest", "order", "redact"]),
    ("trust", &["checklist", "config", "digest", "files", "order"]),
    ("run", &["check", "digest", "outcome", "plan", "redact"]),
    ("sign", &["clock", "digest", "files", "json", "said"]),
    ("judge", &["outcome", "said", "sign"]),
    (
        "ledger",
        &["clock", "digest", "files", "json", "note", "outcome", "policy", "sign", "timestamp"],
    ),
    (
        "standing",
        &[
            "check",
            "checklist",
            "clock",
            "digest",
            "judge",
            "ledger",
            "outcome",
            "policy",
            "said",
            "sign",
        ],
    ),
    (
        "report",
        &[
            "checklist",
            "clock",
            "digest",
            "json",
            "judge",
            "ledger",
            "outcome",
            "said",
            "sign",
            "standing",
        ],
    ),
    (
        "diff",
        &[
            "checklist",
            "digest",
            "judge",
            "ledger",
            "outcome",
            "report",
            "said",
            "sign",
            "site",
            "source",
            "standing",
        ],
    ),
    ("site", &["clock", "digest", "judge", "outcome", "report", "said"]),
    ("verify", &["clock", "digest", "files", "ledger", "note", "source"]),
    (
        "flow",
        &[
            "adopt",
            "checklist",
            "clock",
            "config",
            "diff",
            "digest",
            "files",
            "json",
            "judge",
            "ledger",
            "lint",
            "note",
            "outcome",
            "plan",
            "policy",
            "redact",
            "report",
            "run",
            "said",
            "sign",
            "site",
            "source",
            "standing",
            "timestamp",
            "verify",
        ],
    ),
];

/// Words that name nothing.
const FORBIDDEN_NAMES: &[&str] =
    &["utils", "util", "helpers", "helper", "manager", "common", "misc"];

/// Lines before the tests of a file.
const LONGEST: usize = 500;

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources: Vec<(PathBuf, String)> = walkdir::WalkDir::new(&root)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "rs"))
        .map(|entry| {
            let text = fs::read_to_string(entry.path()).expect("a source file");
            (entry.path().strip_prefix(&root).expect("below src").to_owned(), text)
        })
        .collect();
    sources.sort();
    assert!(sources.len() > 30, "where are the sources?");
    sources
}

/// The topmost module of a file: `checklist/read.rs` is of `checklist`.
fn module(path: &Path) -> String {
    let first = path.iter().next().expect("a name").to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// The code without its unit tests and comments.
fn code(text: &str) -> String {
    let before_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = before_tests.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| format!("{line}\n")).collect()
}

/// Modules of this crate that code names: `use crate::a::b`, `use crate::{a, b}`, `crate::a::b()`.
fn imports(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        let names = match rest.strip_prefix('{') {
            Some(list) => list.split('}').next().unwrap_or_default(),
            None => rest,
        };
        let is_list = rest.starts_with('{');
        for part in names.split(',').take(if is_list { usize::MAX } else { 1 }) {
            let name: String =
                part.trim().chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            if !name.is_empty() {
                found.insert(name);
            }
        }
    }
    found
}

fn is_test(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == "tests")
}

#[test]
fn imports_keep_the_directions_of_the_house() {
    let mut wrong = Vec::new();
    for (path, text) in sources() {
        let own = module(&path);
        if is_test(&path) || ["main", "lib", "cli"].contains(&own.as_str()) {
            continue;
        }
        let (_, allowed) = MAY_IMPORT
            .iter()
            .find(|(name, _)| *name == own)
            .unwrap_or_else(|| panic!("`{own}` has no row in the table"));
        for import in imports(&code(&text)) {
            let known = MAY_IMPORT.iter().any(|(name, _)| *name == import);
            if known && import != own && !allowed.contains(&import.as_str()) {
                wrong.push(format!("{} imports {import}", path.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_scanner_sees_imports_in_every_form() {
    let code = "use crate::a::b;\nuse crate::{c, d::e, f};\nfn x() { crate::g::h() }\npub(crate) fn y() {}\n";
    let found: Vec<String> = imports(code).into_iter().collect();
    assert_eq!(found, ["a", "c", "d", "f", "g"]);
}

#[test]
fn the_table_has_no_circles() {
    for (name, _) in MAY_IMPORT {
        let mut reached = BTreeSet::new();
        let mut open = vec![*name];
        while let Some(at) = open.pop() {
            let (_, imports) = MAY_IMPORT.iter().find(|(known, _)| *known == at).expect("a row");
            open.extend(imports.iter().filter(|import| reached.insert(**import)));
        }
        assert!(!reached.contains(name), "{name} reaches itself");
    }
}

#[test]
fn the_command_line_uses_the_library_from_outside() {
    for (path, text) in sources().iter().filter(|(path, _)| module(path) == "cli") {
        let named = imports(&code(text));
        assert!(named.iter().all(|name| name == "cli"), "{}: {named:?}", path.display());
    }
}

#[test]
fn only_the_terminal_prints() {
    for (path, text) in sources() {
        let code = code(&text);
        let printing =
            ["println!", "print!(", "eprint", "dbg!("].iter().any(|word| code.contains(word));
        assert!(!printing || path == Path::new("cli/term.rs"), "{} prints", path.display());
    }
}

#[test]
fn nothing_below_the_command_line_is_ambient() {
    for (path, text) in sources() {
        let code = code(&text);
        let own = module(&path);
        if own == "cli" || own == "main" || is_test(&path) {
            continue;
        }
        let ambient = [
            "env::var",
            "env::home_dir",
            "env::current_dir",
            "env::current_exe",
            "SystemTime::now",
            "Local::now",
        ];
        for word in ambient {
            assert!(!code.contains(word), "{} uses {word}", path.display());
        }
        assert!(own == "clock" || !code.contains("Utc::now"), "{} reads the clock", path.display());
    }
}

#[test]
fn nothing_unwraps() {
    for (path, text) in sources().iter().filter(|(path, _)| !is_test(path)) {
        let code = code(text);
        for word in [".unwrap()", "todo!(", "unimplemented!("] {
            assert!(!code.contains(word), "{} has {word}", path.display());
        }
    }
}

#[test]
fn names_say_something_and_files_can_be_read() {
    for (path, text) in sources() {
        let stem = path.file_stem().expect("a name").to_string_lossy().into_owned();
        assert!(!FORBIDDEN_NAMES.contains(&stem.as_str()), "{}", path.display());
        let lines = text.split("#[cfg(test)]").next().unwrap_or_default().lines().count();
        assert!(
            lines <= LONGEST || is_test(&path),
            "{} has {lines} lines before its tests",
            path.display()
        );
        assert!(path.iter().count() <= 3, "{} lies too deep", path.display());
        let purpose = text.lines().next().is_some_and(|line| line.starts_with("//!"));
        assert!(purpose || is_test(&path), "{} does not say what it is for", path.display());
    }
}
