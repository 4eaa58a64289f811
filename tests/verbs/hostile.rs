//! Bad input: one clear message, the right exit code, never a panic, a GO or a lost entry.

use crate::support::{Case, Done};

#[track_caller]
fn refused(done: Done, text: &str) {
    assert!([1, 2].contains(&done.code), "{done:?}");
    assert!(done.err.contains("error"), "{done:?}");
    assert!(!done.err.contains("panicked"), "{done:?}");
    done.says(text);
}

#[test]
fn a_missing_file_is_named() {
    refused(Case::new().run(&["run", "nowhere.md"]), "nowhere.md");
    Case::new().run(&["lint", "nowhere.md"]).exits(2).says("nowhere.md: error[HP018]");
    let case = Case::new();
    std::fs::create_dir(case.path().join("folder.md")).expect("a folder");
    refused(case.run(&["run", "folder.md"]), "folder.md");
}

#[test]
fn invalid_utf_8_is_placed() {
    let case = Case::new();
    case.write("list.md", b"# R\n\n- [ ] caf\xe9\n");
    refused(case.run(&["run", "list.md"]), "list.md:3:10");
}

#[test]
fn utf_16_gets_a_hint() {
    let case = Case::new();
    case.write("list.md", b"\xff\xfe#\0 \0R\0\n\0");
    refused(case.run(&["run", "list.md"]), "UTF-16");
}

#[test]
fn a_huge_file_is_refused_before_it_is_read() {
    let case = Case::new();
    let file = std::fs::File::create(case.path().join("list.md")).expect("a file");
    file.set_len(100 << 20).expect("a sparse file of 100 MiB");
    refused(case.run(&["run", "list.md"]), "MiB");
}

#[test]
fn deep_nesting_is_refused() {
    let mut list = String::from("# R\n\n");
    for depth in 0..10_000 {
        list.push_str(&" ".repeat(2 * depth.min(400)));
        list.push_str("- [ ] item\n");
    }
    let done = Case::with(&list).run_list();
    assert!([2, 10].contains(&done.code), "{}", done.err);
    let quotes = format!("{} - [ ] item\n", ">".repeat(100_000));
    let done = Case::with(&quotes).run_list();
    assert!([2, 10].contains(&done.code), "{}", done.err);
}

#[test]
fn front_matter_with_a_mistake_is_refused_with_its_line() {
    let case = Case::with("---\ntitle: R\nparms: []\n---\n# R\n\n- [ ] One\n");
    let done = case.run_list().exits(2).says("parms");
    assert!(done.err.contains("params"), "{}", done.err);
    assert!(done.err.contains("list.md:3") || done.out.contains("list.md:3"), "{done:?}");
}

#[test]
fn identities_that_are_equal_are_refused() {
    let case = Case::with("# R\n\n- [ ] One `#same`\n- [ ] Two `#same`\n");
    case.run_list().exits(2).says("same");
}

#[test]
fn a_working_folder_that_is_not_there_is_an_error_of_the_check() {
    let case = Case::with(
        "# R\n\n- [ ] One\n  ```bash check\n  # cwd: nowhere\n  true\n  # expect: exit == 0\n  ```\n",
    );
    case.run_list().exits(20).says("nowhere");
}

#[test]
fn text_of_a_checklist_cannot_drive_the_terminal() {
    let case = Case::with("# R\n\n- [ ] One \u{1b}[2J\u{202e}two\n");
    let done = case.run_list();
    assert!(!done.out.contains('\u{1b}') && !done.err.contains('\u{1b}'), "{done:?}");
    assert!(!done.out.contains('\u{202e}') && !done.err.contains('\u{202e}'), "{done:?}");
}
