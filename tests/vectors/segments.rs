//! Segments: of a ledger that is long enough to have one.

use std::fs;
use std::sync::OnceLock;

use holdpoint::ledger::record::{Body, Note};
use holdpoint::ledger::{Ledger, Location, ROTATION, Session};

use crate::support::Case;
use crate::support::desk::Desk;

use super::attack::remove;
use super::story::{NOW, Story};
use super::{Attack, Lie, holds};

const SEGMENT: &str = "ledger/archive/000000000000.jsonl";

pub(super) fn story() -> &'static Story {
    static STORY: OnceLock<Story> = OnceLock::new();
    STORY.get_or_init(|| {
        let case = Case::with("# R\n\n- [ ] One\n").set("HOLDPOINT_CLOCK", NOW).committed();
        case.run(&["init"]).exits(0);
        let private = case.path().join(".git/holdpoint");
        let location = Location::new(case.path(), Some(&private), None);
        let mut ledger = Ledger::open_to_write(location).expect("a ledger");
        let note = Body::Note(Note { run: None, text: "so it goes".to_owned() });
        let session = Session { name: "long".to_owned(), writer: "alice@host".to_owned() };
        let notes = vec![note; ROTATION + 3];
        let time = NOW.parse().expect("a time");
        ledger.append(&session, time, notes, &[]).expect("appended");
        case.run(&["seal"]).exits(0);
        assert!(case.path().join(SEGMENT).exists());
        case.run(&["verify"]).exits(0).says("intact, self-anchored");
        Story { desk: Desk { case }, runs: std::array::from_fn(|_| "none".to_owned()) }
    })
}

const BROKEN: &str = "broken";

fn lines(a: &Attack) -> Vec<String> {
    a.case.read(SEGMENT).split_inclusive('\n').map(str::to_owned).collect()
}

pub(super) const LIES: &[Lie] = &[
    holds(
        "the first segment is missing",
        |a| remove(&a.case.path().join(SEGMENT)),
        &["HL006", "HL011", "HL014"],
        BROKEN,
    ),
    holds(
        "a segment is cut",
        |a| a.case.write(SEGMENT, lines(a)[..4000].concat()),
        &["HL005", "HL011", "HL033", "HL036"],
        BROKEN,
    ),
    holds(
        "a segment has another name",
        |a| {
            let folder = a.case.path();
            let other = folder.join("ledger/archive/000000004096.jsonl");
            fs::rename(folder.join(SEGMENT), other).expect("moved");
        },
        &["HL036"],
        BROKEN,
    ),
    holds(
        "a line of a segment is changed",
        |a| {
            let mut lines = lines(a);
            lines[2000] = lines[2000].replacen("so it goes", "so it went", 1);
            a.case.write(SEGMENT, lines.concat());
        },
        &["HL005", "HL032"],
        BROKEN,
    ),
    holds(
        "a segment follows that is empty",
        |a| a.case.write("ledger/archive/000000004096.jsonl", ""),
        &["HL036"],
        BROKEN,
    ),
    holds(
        "the trunk is gone behind a segment",
        |a| remove(&a.case.path().join("ledger/ledger.jsonl")),
        &["HL033"],
        BROKEN,
    ),
];
