//! The sample that ships: its ledger is intact, and its reports come out of it byte for byte.
//!
//! Where a change of the templates or the renderer is meant, `tests/sample` makes it again.

use std::fs;
use std::path::Path;

use crate::support::Case;

#[test]
fn the_sample_is_rendered_again_to_the_same_bytes() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("reports/sample");
    let case = Case::new();
    for entry in walkdir::WalkDir::new(&sample).into_iter().filter_map(Result::ok) {
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(&sample).expect("below the sample");
            case.write(&name.to_string_lossy(), fs::read(entry.path()).expect("a file"));
        }
    }
    case.run(&["verify"]).exits(0).says("3 of 3 reports rendered again to the same bytes");
    let json = case.run(&["verify", "--format", "json"]).exits(0).json();
    assert_eq!(json["findings"], serde_json::json!([]), "{json}");
}
