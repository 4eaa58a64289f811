//! What holds of every input, however hostile. `fuzz/` asks for it of whatever it comes upon, and the
//! tests beside this file of the shapes in `shapes.rs`.
//!
//! What does not hold is a panic.
#![allow(unreachable_pub, reason = "the fuzz targets call these from another crate")]

use holdpoint::adopt;
use holdpoint::check::{self, Check, Fault};
use holdpoint::checklist::{self, Block, Checklist, Entry, Item, Mark, Node, Reading};
use holdpoint::lint::{self, File, Linted, Summary};
use holdpoint::plan::{self, Plan, Planned};
use holdpoint::source::{Source, Span};
use holdpoint::survey;

/// Any bytes, read as a checklist.
pub fn checklist(bytes: &[u8]) {
    let Ok(reading) = checklist::read("fuzz.md", bytes) else {
        return;
    };
    let linted = lint::complete(reading);
    places_are_in_the_source(&linted.reading);
    sections_nest(&linted.reading.checklist);
    items_stand_where_they_say(&linted.reading.checklist);
    blocks_are_as_written(&linted);
    gates_answer(&linted.reading.checklist);
    nothing_is_lost_from_the_body(&linted.reading.checklist);
    everybody_has_a_turn(&linted);
    survey::survey(&linted.reading.checklist);
    lint::advice(&linted);
    // It reads its own proposal again, often more than once.
    if bytes.len() < 4096 && !linted.reading.disputed {
        a_proposal_loses_nothing(&linted);
    }
    reading_again_finds_the_same(bytes, &linted.reading);
}

/// Nothing that lint lets through waits for itself.
fn everybody_has_a_turn(linted: &Linted) {
    let checklist = &linted.reading.checklist;
    let none = std::collections::BTreeMap::new();
    let Ok(plan) = plan::build(checklist, &linted.checks, &none, &none) else { return };
    // What is asked here takes the square of them.
    if plan.items.len() > 200 {
        return;
    }
    let runs = |item: &Planned| item.gate.is_some() && !item.checks.is_empty();
    let mut open: Vec<usize> = (0..plan.items.len()).filter(|at| runs(&plan.items[*at])).collect();
    while !open.is_empty() {
        let is_due = |at: &usize| {
            let item = &plan.items[*at];
            let before = |other: &usize| {
                plan.items[*other].order.iter().any(|(parent, section)| {
                    item.order.iter().any(|(own, mine)| own == parent && mine > section)
                })
            };
            !open.iter().any(before) && !item.after.iter().any(|&other| waits(&plan, &open, other))
        };
        let due: Vec<usize> = open.iter().copied().filter(is_due).collect();
        assert!(!due.is_empty(), "{open:?} wait for each other");
        open.retain(|at| !due.contains(at));
    }
}

fn waits(plan: &Plan, open: &[usize], at: usize) -> bool {
    open.contains(&at) || plan.items[at].inside.iter().any(|&inner| waits(plan, open, inner))
}

fn a_proposal_loses_nothing(linted: &Linted) {
    let old = &linted.reading.checklist;
    let proposal = adopt::propose(&linted.reading);
    let new = checklist::read("fuzz.md", proposal.text.as_bytes());
    let new = lint::complete(new.expect("a proposal can be read")).reading;
    assert!(!new.disputed, "both readers read the proposal alike: {:?}", proposal.text);
    let tasks = |list: &Checklist| {
        let tasks = list.items.iter().filter(|item| item.kind == checklist::ItemKind::Task);
        tasks.map(|item| (item.text.clone(), item.claim)).collect::<Vec<_>>()
    };
    let mut left = tasks(&new.checklist);
    for task in tasks(old) {
        let at = left.iter().position(|other| *other == task);
        left.remove(at.unwrap_or_else(|| panic!("{task:?} is lost: {:?}", proposal.text)));
    }
}

/// Any text between the fences of front matter.
pub fn front_matter(bytes: &[u8]) {
    let Ok(yaml) = std::str::from_utf8(bytes) else {
        return;
    };
    let text = format!("---\n{yaml}\n---\n\n# List\n\n- [ ] One\n");
    checklist(text.as_bytes());
    let ends_early = yaml.lines().any(|line| matches!(line.trim_end(), "---" | "..."));
    let Ok(reading) = checklist::read("fuzz.md", text.as_bytes()) else {
        return;
    };
    if !ends_early {
        let checklist = &reading.checklist;
        assert_eq!(checklist.items.len(), 1, "front matter holds no items");
        assert!(checklist.items[0].gate.is_some(), "front matter sets nothing aside");
    }
}

/// Any lines as comments before the first command.
pub fn directives(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let comments: String = text.lines().map(|line| format!("# {line}\n")).collect();
    for language in ["bash", "python"] {
        let script = format!("{comments}true\n# expect: exit == 0\n");
        let Some(check) = compiled(language, &script) else { continue };
        let directives = check.directives();
        let day = std::time::Duration::from_secs(24 * 60 * 60);
        assert!(!directives.timeout.is_zero() && directives.timeout <= day);
        if let Some(again) = &directives.again {
            assert!((2..=1_000).contains(&again.attempts()) && again.every <= day, "{again:?}");
        }
        if let Some(cwd) = &directives.cwd {
            assert!(!cwd.starts_with('/') && cwd.split('/').all(|part| part != ".."), "{cwd}");
        }
        for line in text.lines().map(str::trim) {
            assert!(line != "serial" || directives.serial, "`serial` counts");
            assert!(!line.starts_with("cwd:") || directives.cwd.is_some(), "{line}");
            let says =
                |name: &str| line.strip_prefix(name).is_some_and(|value| !value.starts_with("//"));
            let again = says("retry:") || says("until:");
            assert_eq!(directives.again.is_some() && again, again, "{line} is ignored");
            assert!(!says("after:") || !directives.after.is_empty(), "{line} is ignored");
            assert!(!says("if:") || !directives.conditions.is_empty(), "{line} is ignored");
            assert!(!says("each:") || directives.each.is_some(), "{line} is ignored");
            assert!(!says("save:") || !directives.saves.is_empty(), "{line} is ignored");
            for later in ["for:", "on:", "sandbox:", "server:", "url:"] {
                assert!(!says(later), "{line} is ignored");
            }
        }
        assert_eq!(check.steps().count(), 1);
    }
}

/// Any lines as expectations, each below a command; and any text as a script.
pub fn expectations(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for language in ["bash", "sh", "zsh", "python"] {
        compiled(language, text);
    }
    for (head, language) in [("expect:", "bash"), ("expect:", "python"), ("Expected:", "sh")] {
        every_expectation_counts(head, language, text);
    }
    block_in_a_checklist(text);
}

/// Compiles, and asks what holds of any check.
fn compiled(language: &str, script: &str) -> Option<Check> {
    let lines = script.lines().count();
    let placed = |faults: &[Fault]| {
        for fault in faults {
            assert!(fault.line <= lines, "{fault:?} of {lines} lines");
            assert!(fault.code.starts_with("HP1") && !fault.message.is_empty(), "{fault:?}");
        }
    };
    match check::compile(language, script) {
        Ok(check) => {
            placed(check.doubts());
            assert!(check.steps().count() > 0, "a check has a step");
            for step in check.steps() {
                assert!(step.expectations().count() > 0, "a step expects something");
            }
            let sources: String = check.steps().map(|step| step.source.as_str()).collect();
            assert!(script.starts_with(&sources), "the steps are the script");
            Some(check)
        }
        Err(faults) => {
            assert!(!faults.is_empty(), "what does not compile says why");
            placed(&faults);
            None
        }
    }
}

/// No expectation vanishes: each closes its own step, or the check does not compile.
fn every_expectation_counts(head: &str, language: &str, text: &str) {
    let wanted: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if wanted.is_empty() {
        return;
    }
    let script: String = wanted.iter().map(|line| format!("true\n# {head} {line}\n")).collect();
    let Some(check) = compiled(language, &script) else { return };
    let found: Vec<&str> = check.steps().flat_map(|step| step.expectations()).collect();
    let mut rest = found.iter();
    for line in &wanted {
        assert!(rest.any(|found| found == line), "{line:?} is not in {found:?}");
    }
}

/// What stands between the fences is what is compiled.
fn block_in_a_checklist(script: &str) {
    if script.is_empty() || script.contains(['`', '\0', '\r']) {
        return;
    }
    let text = format!("# List\n\n- [ ] One\n\n```bash check\n{script}\n```\n");
    let Ok(reading) = checklist::read("fuzz.md", text.as_bytes()) else {
        return;
    };
    let [block] = &reading.checklist.blocks[..] else { panic!("one block") };
    assert_eq!(block.content, format!("{script}\n"));
    assert!(!reading.disputed, "a plain block is read alike");
    checklist(text.as_bytes());
}

fn places_are_in_the_source(reading: &Reading) {
    let source = &reading.checklist.source;
    for finding in &reading.diagnostics {
        assert!(is_in(source, finding.span), "{finding:?}");
        assert!(finding.code.starts_with("HP") && !finding.message.is_empty(), "{finding:?}");
    }
    assert!(reading.diagnostics.is_sorted_by_key(|finding| finding.span.start));
    let summary = Summary::of(&File::Read(reading.clone()), &[]);
    for finding in &summary.findings {
        assert!(finding.line <= source.line_count().max(1), "{finding:?}");
        assert!((finding.line, finding.column) <= (finding.end_line, finding.end_column));
    }
    let disputes = reading.diagnostics.iter().filter(|finding| finding.code == "HP001").count();
    assert_eq!(reading.disputed, disputes > 0, "what is disputed is shown");
    assert!(!reading.disputed || lint::blocking(reading).next().is_some(), "and stops the run");
}

fn is_in(source: &Source, span: Span) -> bool {
    span.start <= span.end && source.text.get(span.start..span.end).is_some()
}

fn is_line(source: &Source, line: usize) -> bool {
    (1..=source.line_count().max(1)).contains(&line)
}

fn sections_nest(checklist: &Checklist) {
    let sections = &checklist.sections;
    assert!(sections.is_sorted_by_key(|section| section.line));
    for (at, section) in sections.iter().enumerate() {
        assert!(is_line(&checklist.source, section.line), "{section:?}");
        assert!(section.line < section.end_line, "{section:?}");
        assert!(section.end_line <= checklist.source.line_count() + 1, "{section:?}");
        let Some(parent) = section.parent else { continue };
        assert!(parent < at, "{section:?}");
        let around = &sections[parent];
        assert!(around.level < section.level && around.end_line >= section.end_line);
        assert!(section.standby || !around.standby, "standby is inherited");
    }
}

fn items_stand_where_they_say(checklist: &Checklist) {
    let mut identities = std::collections::BTreeSet::new();
    assert!(checklist.items.is_sorted_by_key(|item| item.line), "items stand in order");
    for (at, item) in checklist.items.iter().enumerate() {
        assert!(identities.insert(&item.id), "`{}` is there twice", item.id);
        assert!(!item.id.is_empty() && !item.text.is_empty(), "{item:?}");
        item_stands_where_it_says(checklist, at, item);
    }
}

fn item_stands_where_it_says(checklist: &Checklist, at: usize, item: &Item) {
    let source = &checklist.source;
    assert!(is_line(source, item.line), "{item:?}");
    assert!(item.spans.iter().all(|span| is_in(source, *span) && span.start < span.end));
    assert!(item.spans.is_sorted_by(|one, next| one.end <= next.start), "{item:?}");
    let own = source.line_span(item.line);
    let holds = |span: &Span| span.start <= own.start && own.end <= span.end;
    assert!(item.spans.iter().any(holds), "{item:?} has its own line");
    assert!(item.parent.is_none_or(|parent| parent < at), "{item:?}");
    if let Some(section) = item.section.map(|section| &checklist.sections[section]) {
        assert!((section.line..section.end_line).contains(&item.line), "{item:?} {section:?}");
    }
    for &block in &item.blocks {
        assert_eq!(checklist.blocks[block].item, Some(at), "{item:?}");
        assert!(checklist.blocks[block].mark != Mark::None, "{item:?}");
    }
}

fn blocks_are_as_written(linted: &Linted) {
    let checklist = &linted.reading.checklist;
    assert!(checklist.blocks.is_sorted_by_key(|block| block.line));
    for (at, block) in checklist.blocks.iter().enumerate() {
        assert!(is_in(&checklist.source, block.span), "{block:?}");
        assert!(is_line(&checklist.source, block.line), "{block:?}");
        assert_eq!(linted.checks.contains_key(&at), block.mark == Mark::Check, "{block:?}");
        if block.mark != Mark::None {
            let item = block.item.map(|item| &checklist.items[item]);
            assert!(item.is_some_and(|item| item.blocks.contains(&at)), "{block:?}");
        }
        if matches!(block.mark, Mark::Check | Mark::Action | Mark::Trigger) {
            block_is_as_written(&checklist.source, block);
        }
    }
}

/// Whoever reads the file sees the mark, and each line that would run.
fn block_is_as_written(source: &Source, block: &Block) {
    let fence = source.line(block.line);
    let word = match block.mark {
        Mark::Check => "check",
        Mark::Action => "action",
        _ => "trigger",
    };
    assert!(fence.trim_end().ends_with(word), "{fence:?} {block:?}");
    assert!(fence.contains("```") || fence.contains("~~~"), "{fence:?}");
    for (at, line) in block.content.lines().enumerate() {
        let written = source.line(block.line + 1 + at);
        let seen = line.trim_start_matches(' ');
        assert!(written.ends_with(seen), "{written:?} runs as {line:?}");
    }
}

fn gates_answer(checklist: &Checklist) {
    assert!(!checklist.gates.is_empty(), "somebody decides");
    let names: std::collections::BTreeSet<String> =
        checklist.gates.iter().map(|gate| gate.name.to_lowercase()).collect();
    assert_eq!(names.len(), checklist.gates.len(), "gates have names of their own");
    for gate in &checklist.gates {
        assert!(is_line(&checklist.source, gate.line), "{gate:?}");
        assert!(gate.roles.iter().all(|role| is_line(&checklist.source, role.line)));
    }
    let mut latest = 0;
    for item in &checklist.items {
        let standby = item.section.is_some_and(|section| checklist.sections[section].standby);
        assert_eq!(item.gate.is_none(), standby, "{item:?} is answered for");
        if let Some(gate) = item.gate {
            assert!(gate < checklist.gates.len() && gate >= latest, "{item:?}");
            latest = gate;
        }
    }
}

/// Reports show all sections, items and blocks, each once and in order.
fn nothing_is_lost_from_the_body(checklist: &Checklist) {
    let mut shown = Shown::default();
    shown.nodes(&checklist.body);
    assert!(shown.blocks.iter().copied().eq(0..checklist.blocks.len()), "{:?}", shown.blocks);
    assert!(shown.sections.iter().copied().eq(0..checklist.sections.len()));
    assert!(shown.items.is_sorted_by(|one, next| one < next), "{:?}", shown.items);
    assert!(shown.items.last().is_none_or(|last| *last < checklist.items.len()));
}

#[derive(Default)]
struct Shown {
    sections: Vec<usize>,
    items: Vec<usize>,
    blocks: Vec<usize>,
}

impl Shown {
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Heading { section, .. } => self.sections.push(*section),
                Node::List { entries, .. } => entries.iter().for_each(|entry| self.entry(entry)),
                Node::Code(block) => self.blocks.push(*block),
                Node::Quote(inner) => self.nodes(inner),
                Node::Paragraph(_) | Node::Table(_) | Node::Rule | Node::Html(_) => {}
            }
        }
    }

    fn entry(&mut self, entry: &Entry) {
        self.items.extend(entry.item);
        self.nodes(&entry.body);
    }
}

fn reading_again_finds_the_same(bytes: &[u8], first: &Reading) {
    let again = checklist::read("fuzz.md", bytes).map(lint::complete);
    let Ok(Linted { reading: again, .. }) = again else { panic!("it could be read before") };
    assert_eq!(again.diagnostics, first.diagnostics);
    assert_eq!(again.checklist.body, first.checklist.body);
    let named = |reading: &Reading| -> Vec<(String, holdpoint::digest::Digest, Option<usize>)> {
        let items = reading.checklist.items.iter();
        items.map(|item| (item.id.clone(), item.sha256, item.gate)).collect()
    };
    assert_eq!(named(&again), named(first));
}
