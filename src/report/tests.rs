use super::*;
use crate::checklist::{Claim, Entry, Front, Gate, Inline, Item, ItemKind, Link, Node, Role};
use crate::judge::{Counts, Reason};
use crate::ledger::record::{ChecklistFile, ItemResult, RunOpened};
use crate::ledger::state::{Answer, Given};
use crate::outcome::{CheckResult, ExpectResult, Outcome, StepResult, Stream};
use crate::source::Source;

const HOSTILE: &[u8] =
    b"<script>alert(1)</script> {{ 7 * 7 }} #typst[ \x1b[31mred\x1b[0m\r\n\0\xff ```\n 1%\r100%\n";

fn rendered(format: Format) -> String {
    String::from_utf8(bytes(format)).expect("UTF-8")
}

fn bytes(format: Format) -> Vec<u8> {
    let hostile = String::from_utf8_lossy(HOSTILE).into_owned();
    let at = Timestamp::from_millis(1_795_000_000_000).expect("a time");
    let zero = Digest::of(b"");
    let item = Item {
        id: "disk".into(),
        text: hostile.clone(),
        line: 3,
        spans: Vec::new(),
        sha256: zero,
        kind: ItemKind::Task,
        section: None,
        parent: None,
        claim: Claim::Done,
        optional: false,
        owner: None,
        blocks: Vec::new(),
        acts: false,
        gate: Some(0),
    };
    let mut nested = Node::Paragraph(vec![Inline::Link(Box::new(Link {
        url: "https://example.org".into(),
        text: vec![Inline::Text("site".into())],
    }))]);
    for _ in 0..200 {
        nested =
            Node::List { start: None, entries: vec![Entry { item: None, body: vec![nested] }] };
    }
    let checklist = Checklist {
        source: Source::new("a.md", ""),
        begins: 0,
        sha256: zero,
        title: hostile.clone(),
        front: Front::default(),
        sections: Vec::new(),
        items: vec![item.clone(), Item { id: "alone".into(), ..item }],
        blocks: Vec::new(),
        gates: vec![Gate {
            name: "Go live".into(),
            line: 9,
            roles: vec![Role {
                name: "Tech Lead".into(),
                slug: "tech-lead".into(),
                quorum: 1,
                line: 9,
            }],
            unreadable: false,
        }],
        body: vec![
            Node::List {
                start: None,
                entries: vec![Entry {
                    item: Some(0),
                    body: vec![Node::Paragraph(vec![Inline::Text(hostile.clone())])],
                }],
            },
            Node::Table(vec![vec![vec![Inline::Text(hostile.clone())]]]),
            Node::Html(hostile.clone()),
            Node::Heading { section: 0, level: 6, text: Vec::new() },
            nested,
        ],
    };
    let stream = Stream {
        bytes: HOSTILE.len() as i64,
        lines: 3,
        sha256: Digest::of(HOSTILE),
        kept: Some(Digest::of(HOSTILE)),
    };
    let step = StepResult {
        title: hostile.clone(),
        exit: Some(1),
        ms: 1250,
        expect: vec![ExpectResult {
            text: "exit == 0".into(),
            held: Some(false),
            observed: "1".into(),
        }],
        stdout: stream,
        stderr: stream,
    };
    let answer = |counts, outcome| Answer {
        id: zero,
        at,
        by: "ada@host".into(),
        counts,
        after_checks: false,
        given: Given::Machine(ItemResult {
            run: "r".into(),
            item: "disk".into(),
            item_sha256: zero,
            attempt: 1,
            outcome,
            ms: 1250,
            checks: vec![CheckResult {
                kind: "bash".into(),
                steps: vec![step.clone()],
                target: None,
                message: None,
            }],
            redactions: Vec::new(),
        }),
    };
    let run = RunState {
        id: zero,
        opened: RunOpened {
            change: None,
            run: "r-1".into(),
            checklist: ChecklistFile { path: "a.md".into(), sha256: zero, title: hostile.clone() },
            release: "1.2.0".into(),
            environment: "staging".into(),
            commit: String::new(),
            dirty: false,
            params: Vec::new(),
            gates: vec!["Go live".into()],
            items: 1,
            items_sha256: zero,
        },
        opened_at: at,
        operator: "ada@host".into(),
        last_at: at,
        operators: Default::default(),
        spoken: Vec::new(),
        changes: Vec::new(),
        shown: BTreeMap::new(),
        watched: BTreeMap::new(),
        answers: BTreeMap::from([(
            "disk".to_owned(),
            vec![answer(false, Outcome::Pass), answer(true, Outcome::Fail)],
        )]),
    };
    let verdicts = [Verdict {
        gate: "Go live".into(),
        call: Call::NoGo,
        reasons: vec![Reason {
            call: Call::NoGo,
            text: "`disk` failed".into(),
            item: Some("disk".into()),
            line: 3,
        }],
        counts: Counts::default(),
    }];
    let nobody = Err("no policy".to_owned());
    let hearing =
        Hearing::of(&run, &nobody, &crate::ledger::History::default(), &Default::default(), at);
    let subject = Subject {
        ledger: LedgerFacts {
            id: "0".repeat(32),
            name: "sample".into(),
            head: zero,
            entries: 4,
            signed: false,
        },
        record: Vec::new(),
        made: Default::default(),
        templates: &Default::default(),
        run: &run,
        checklist: &checklist,
        verdicts: &verdicts,
        hearing: &hearing,
        decided: vec![None],
        outcomes: &[Outcome::Fail],
        looser: None,
        earlier: &[],
        took: 0,
        gate: 0,
        evidence: &|_| Some(HOSTILE.to_vec()),
    };
    let first = render(&subject, format).expect("a report");
    assert_eq!(first, render(&subject, format).expect("a report"));
    first.bytes
}

#[test]
fn html_keeps_hostile_text_inert_and_says_the_verdict() {
    let html = rendered(Format::Html);
    assert!(html.contains("<small>Verdict</small> <strong>NO-GO</strong>"));
    assert!(html.contains("not signed"));
    assert!(html.contains("ticked in the document (a claim)"));
    assert!(html.contains("superseded: pass"));
    assert_eq!(html.matches("<script").count(), 1, "ours, and no other");
    assert!(html.contains("&lt;script&gt;alert(1)&lt;"));
    assert!(html.contains(r#"<span class="red">red</span>"#), "colours are kept");
    assert!(html.contains("{{ 7 * 7 }} #typst["));
    assert!(html.contains("‹U+0000›\\xFF"));
    assert!(!html.contains('\u{1b}') && !html.contains('\0'));
    assert!(html.contains("(https://example.org)"));
    assert!(html.contains("id=i2 "), "no item is left out");
}

#[test]
fn markdown_keeps_hostile_text_inert_and_says_the_verdict() {
    let markdown = rendered(Format::Markdown);
    assert!(markdown.starts_with("# NO-GO: \\<script\\>"));
    assert!(markdown.contains("````text\n<script>"));
    assert!(!markdown.contains('\u{1b}') && !markdown.contains('\0'));
}

#[test]
fn a_pdf_is_the_same_twice_and_takes_any_text() {
    let pdf = bytes(Format::Pdf);
    assert!(pdf.starts_with(b"%PDF-1.7"));
    let has = |text: &[u8]| pdf.windows(text.len()).any(|window| window == text);
    assert!(has(b"pdfaid:part>3<") && has(b"pdfuaid:part>1<"));
    assert!(has(b"view.json") && has(b"/AFRelationship"));
}

/// Elements that have no end, and those whose end HTML lets us leave out.
const OPEN: &[&str] = &[
    "meta", "br", "hr", "img", "input", "use", "path", "rect", "circle", "p", "li", "td", "tr",
    "th",
];

#[test]
fn html_closes_what_it_opens_and_names_nothing_twice() {
    let html = rendered(Format::Html);
    let (head, rest) = html.split_once("<style>").expect("a style");
    let (_, rest) = rest.split_once("</style>").expect("its end");
    let (body, end) = rest.split_once("<script>").expect("a script");
    let text = format!("{head}{body}{}", end.split_once("</script>").expect("its end").1);
    let tag =
        regex::Regex::new(r#"<(/?)([a-z][a-z0-9]*)((?:[^>"]|"[^"]*")*)>"#).expect("a pattern");
    let id = regex::Regex::new(r#" id="?([^" >]+)"#).expect("a pattern");
    let (mut stack, mut ids) = (Vec::new(), std::collections::BTreeSet::new());
    for found in tag.captures_iter(&text) {
        let name = found[2].to_owned();
        if let Some(id) = id.captures(&found[3]) {
            assert!(ids.insert(id[1].to_owned()), "`{}` is there twice", &id[1]);
        }
        match &found[1] {
            _ if OPEN.contains(&name.as_str()) => {}
            "" => stack.push(name),
            _ => assert_eq!(stack.pop(), Some(name), "{}", &found[0]),
        }
    }
    assert_eq!(stack, Vec::<String>::new());
    assert!(ids.contains("i1") && ids.contains("i2") && ids.contains("f4"), "{ids:?}");
}
