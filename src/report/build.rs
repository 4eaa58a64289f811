//! Subject → view: what the ledger says, item by item, as text that can be shown.

use std::collections::{BTreeMap, BTreeSet};

use super::steps::{counted, duration};
use super::sums::{counts, exceptions};
use super::view::{AnswerView, CheckView, Fact, Gate, ItemView, LooksView, Picture, Reason, View};
use super::{RENDERER, Subject, VERSION, attempts, text};
use crate::checklist::{Claim, Item};
use crate::judge::Call;
use crate::ledger::record::{BLAME, ItemResult};
use crate::ledger::state::{Answer, Given, Shown};
use crate::outcome::Outcome;
use crate::standing;

/// Who answered: the person whose statement it is, and who wrote it down.
fn whose(answer: &Answer) -> String {
    let statement = match &answer.given {
        Given::Machine(_) => None,
        Given::Person(word) => word.statement.as_deref(),
    };
    match statement {
        Some(said) => format!("{} ({}), written by {}", said.name, said.role, answer.by),
        None => answer.by.clone(),
    }
}

/// What stands for a gate where no gate answers for an item.
pub(super) const STANDBY: &str = "standby";

/// How an item is answered that the document has for other parameters.
pub(super) const NOT_APPLICABLE: &str = "not applicable";

/// What a check that passed saved: each name with its value.
fn saved(answer: &Answer) -> Vec<(&str, &str)> {
    let Given::Machine(result) = &answer.given else { return Vec::new() };
    let steps = result.checks.iter().filter_map(|check| check.steps.last());
    let expectations = steps.flat_map(|step| &step.expect);
    let saves = expectations.filter_map(|expect| {
        let (name, _) = expect.text.strip_prefix("save: ")?.split_once(" = ")?;
        (expect.held == Some(true)).then_some((name, expect.observed.as_str()))
    });
    saves.filter(|_| result.outcome == Outcome::Pass).collect()
}

/// Builds a view, and counts the characters that it replaces.
pub(super) struct Builder<'a> {
    pub(super) subject: &'a Subject<'a>,
    replaced: u64,
    /// Items that have items inside them.
    parents: BTreeSet<usize>,
    /// Pictures to show, and how many bytes they have.
    pub(super) pictures: BTreeMap<String, Picture>,
    pub(super) shown: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new(subject: &'a Subject<'a>) -> Self {
        let parents = subject.checklist.items.iter().filter_map(|item| item.parent).collect();
        Self { subject, replaced: 0, parents, pictures: BTreeMap::new(), shown: 0 }
    }

    pub(super) fn replaced(&self) -> u64 {
        self.replaced
    }

    pub(super) fn see(&mut self, text: &str) -> String {
        text::visible(text, &mut self.replaced)
    }

    pub(super) fn fact(&mut self, name: &str, value: &str) -> Fact {
        Fact { name: self.see(name), value: self.see(value) }
    }

    pub(super) fn all(&mut self) -> View {
        let subject = self.subject;
        let (opened, sealed) = (&subject.run.opened, subject.made.checkpoint.as_ref());
        // An item that the plan does not have is answered by nothing.
        let outcome = |at: usize| subject.outcomes.get(at).copied().unwrap_or(Outcome::Pending);
        let outcomes: Vec<Outcome> = (0..subject.checklist.items.len()).map(outcome).collect();
        let items: Vec<ItemView> =
            outcomes.iter().enumerate().map(|(at, outcome)| self.item(at, *outcome)).collect();
        let verdict = subject.verdicts.get(subject.gate);
        let reasons = verdict.map_or_else(Vec::new, |verdict| self.reasons(&verdict.reasons));
        // Without a verdict nothing says that work may go on.
        let call = verdict.map_or(Call::Hold, |verdict| verdict.call).word();
        let gate = verdict.map_or_else(String::new, |verdict| self.see(&verdict.gate));
        let pick = |wanted: &dyn Fn(&ItemView) -> bool| -> Vec<usize> {
            (0..items.len()).filter(|at| wanted(&items[*at])).collect()
        };
        View {
            renderer: RENDERER.to_owned(),
            version: VERSION,
            templates: subject.templates.digest().to_string(),
            own_templates: subject.templates.are_own(),
            title: self.see(&opened.checklist.title),
            release: self.see(&opened.release),
            environment: self.see(&opened.environment),
            call,
            decision: self.decided(call),
            change: self.change(),
            clock: self.clock(),
            reasons,
            open: pick(&|item| item.outcome == "pending" && item.gate == gate && !item.optional),
            waived: pick(&|item| item.outcome == "waived"),
            counts: counts(items.iter()),
            sections: self.sections(&items),
            timeline: self.timeline(),
            past: self.past(call),
            gate,
            listed: format!("all {0} of {0} items listed", items.len()),
            gates: self.gates(),
            signed: subject.ledger.signed,
            note: self.note(),
            statements: self.statements(),
            facts: self.facts(),
            params: self.params(),
            looser: self.looser(),
            looser_than: subject
                .looser
                .as_ref()
                .map_or_else(String::new, |(than, _)| self.see(than)),
            exceptions: exceptions(&items),
            flow: self.flow(),
            ledger: self.ledger(),
            items,
            run: opened.run.clone(),
            head8: subject.ledger.head.to_string()[..8].to_owned(),
            last_at: subject.run.last_at.to_string(),
            sealed: sealed.map_or_else(String::new, |sealed| {
                format!("{} sealed, root {}", sealed.size, &sealed.root.to_string()[..8])
            }),
            made: subject.made.marked(),
            looks: LooksView::of(subject, |text| super::text::visible(text, &mut 0)),
            replaced: 0,
            pictures: BTreeMap::new(),
        }
    }

    fn looser(&mut self) -> Vec<String> {
        let lines = self.subject.looser.as_ref().map_or(&[][..], |(_, lines)| lines);
        lines.iter().map(|line| self.see(line)).collect()
    }

    fn reasons(&mut self, reasons: &[crate::judge::Reason]) -> Vec<Reason> {
        let numbers: BTreeMap<&str, usize> = self
            .subject
            .checklist
            .items
            .iter()
            .enumerate()
            .map(|(at, item)| (item.id.as_str(), at + 1))
            .collect();
        reasons
            .iter()
            .map(|reason| Reason {
                call: reason.call.word(),
                text: self.see(&reason.text),
                item: reason.item.as_deref().and_then(|id| numbers.get(id).copied()).unwrap_or(0),
                line: reason.line,
            })
            .collect()
    }

    fn gates(&mut self) -> Vec<Gate> {
        let subject = self.subject;
        subject
            .checklist
            .gates
            .iter()
            .enumerate()
            .map(|(at, gate)| Gate {
                name: self.see(&gate.name),
                call: subject.verdicts.get(at).map_or(Call::Hold, |verdict| verdict.call).word(),
                line: gate.line,
                here: at == subject.gate,
                roles: self.roles(gate),
                signers: self.signers(gate),
                decision: self.decision(at),
            })
            .collect()
    }

    fn facts(&mut self) -> Vec<Fact> {
        let run = self.subject.run;
        let opened = &run.opened;
        let commit = match (opened.commit.is_empty(), opened.dirty) {
            (true, _) => "none: not in a git work tree".to_owned(),
            (false, true) => format!("{} with uncommitted changes", opened.commit),
            (false, false) => opened.commit.clone(),
        };
        let facts = [
            ("Release", opened.release.clone()),
            ("Environment", opened.environment.clone()),
            ("Commit", commit),
            ("Checklist", opened.checklist.path.clone()),
            ("Checklist SHA-256", opened.checklist.sha256.to_string()),
            ("Run", opened.run.clone()),
            ("Opened by (claimed)", run.operator.clone()),
            ("Opened (UTC, claimed)", run.opened_at.to_string()),
            ("Last entry (UTC, claimed)", run.last_at.to_string()),
            ("Judged as of (UTC)", self.subject.hearing.now.to_string()),
            ("Rendered with", RENDERER.to_owned()),
            ("Ledger head", self.subject.ledger.head.to_string()),
        ];
        let mut facts: Vec<Fact> =
            facts.into_iter().map(|(name, value)| self.fact(name, &value)).collect();
        let change = self.change();
        facts.splice(2..2, change);
        facts
    }

    /// The parameters, and what checks saved for others.
    fn params(&mut self) -> Vec<Fact> {
        let run = self.subject.run;
        let given = run.opened.params.iter().map(|param| {
            let value = param.value.as_deref().unwrap_or("secret, redacted");
            (param.name.clone(), value.to_owned())
        });
        let items = self.subject.checklist.items.iter();
        let saved = items.flat_map(|item| {
            let answers = run.answers.get(&item.id).map_or(&[][..], Vec::as_slice);
            let counting = answers.iter().filter(|answer| answer.counts);
            counting
                .flat_map(saved)
                .map(|(name, value)| (name.to_owned(), format!("{value} (saved by `{}`)", item.id)))
        });
        let all: Vec<(String, String)> = given.chain(saved).collect();
        all.into_iter().map(|(name, value)| self.fact(&name, &value)).collect()
    }

    fn ledger(&mut self) -> Vec<Fact> {
        let ledger = &self.subject.ledger;
        let checkpoint = match &self.subject.made.checkpoint {
            Some(sealed) => format!("{} entries sealed, root {}", sealed.size, sealed.root),
            None => {
                "none is named: nothing was sealed with a key, or this was not issued".to_owned()
            }
        };
        [
            ("Ledger", format!("{} ({})", ledger.name, ledger.id)),
            ("Head", ledger.head.to_string()),
            ("Entries", ledger.entries.to_string()),
            ("Checkpoint", checkpoint),
            ("Anchored", "`holdpoint verify` tells by what, at the time you ask".to_owned()),
            ("Templates SHA-256", self.subject.templates.digest().to_string()),
            ("Fonts SHA-256", self.subject.made.looks.fonts.clone()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| self.fact(name, &value))
        .collect()
    }

    fn item(&mut self, at: usize, outcome: Outcome) -> ItemView {
        let subject = self.subject;
        let item = &subject.checklist.items[at];
        let given = subject.run.answers.get(&item.id).map_or(&[][..], Vec::as_slice);
        let shown = subject.run.shown.get(&item.id).map_or(&[][..], Vec::as_slice);
        let shown: Vec<AnswerView> = shown.iter().map(|shown| self.shown(shown)).collect();
        let (mut answers, mut superseded) = (Vec::new(), Vec::new());
        for answer in given {
            let shown = self.answer(answer);
            if answer.counts && answer.item_sha256() == item.sha256 {
                answers.push(shown);
            } else {
                superseded.push(shown);
            }
        }
        attempts::compare(&mut superseded, &answers);
        answers.extend(shown);
        let counting = given.iter().rev().find(|answer| answer.counts);
        let counting = counting.filter(|answer| answer.item_sha256() == item.sha256);
        let machine = |answer: &&Answer| matches!(answer.given, Given::Machine(_));
        let waiver = || standing::waived(&item.id, item.sha256, given, subject.hearing);
        let waiver =
            Some(outcome).filter(|outcome| *outcome == Outcome::Waived).and_then(|_| waiver());
        ItemView {
            n: at + 1,
            id: self.see(&item.id),
            text: self.see(&item.text),
            line: item.line,
            outcome: outcome.word(),
            how: self.how(at).to_owned(),
            gate: match item.gate.and_then(|gate| subject.checklist.gates.get(gate)) {
                Some(gate) => self.see(&gate.name),
                None => STANDBY.to_owned(),
            },
            optional: item.optional,
            owner: self.see(item.owner.as_deref().unwrap_or_default()),
            claim: match item.claim {
                Claim::Open => "",
                Claim::Done => "ticked in the document",
                Claim::NotApplicable => "not applicable, says the document",
            },
            ticked: self.ticked(item),
            waiver: self.see(&waiver.unwrap_or_default()),
            attempts: given.iter().filter(machine).count(),
            at: counting.map_or_else(String::new, |answer| answer.at.to_string()),
            by: counting.map_or_else(String::new, |answer| self.see(&whose(answer))),
            took: counting.map_or_else(String::new, |answer| match &answer.given {
                Given::Machine(result) => duration(result.ms),
                Given::Person(_) => String::new(),
            }),
            answers,
            superseded,
            before: self.before(item, outcome),
            series: self.series(item, given),
        }
    }

    /// What git said of a line that is ticked in the document: kept by whoever opened the run, before anything else.
    fn ticked(&mut self, item: &Item) -> String {
        let run = self.subject.run;
        let first = run.shown.get(&item.id).and_then(|shown| shown.first());
        let first = first.filter(|_| item.claim == Claim::Done);
        let said = first.filter(|shown| shown.by == run.operator && shown.at == run.opened_at);
        let said = said.and_then(|shown| shown.note.strip_prefix(BLAME));
        self.see(said.unwrap_or_default())
    }

    /// Evidence that somebody added to an item, beside its answers.
    fn shown(&mut self, shown: &Shown) -> AnswerView {
        AnswerView {
            outcome: "evidence",
            source: if shown.note.starts_with(BLAME) { "git" } else { "person" },
            at: shown.at.to_string(),
            by: self.see(&shown.by),
            entry: shown.id.to_string(),
            took: String::new(),
            note: self.see(&shown.note),
            evidence: shown.evidence.iter().map(ToString::to_string).collect(),
            exhibits: shown.evidence.iter().map(|digest| self.exhibit(digest)).collect(),
            checks: Vec::new(),
            was: Vec::new(),
        }
    }

    fn answer(&mut self, answer: &Answer) -> AnswerView {
        let (took, note, evidence, checks) = match &answer.given {
            Given::Machine(result) => {
                let checks = self.checks(result);
                let redacted = result.redactions.iter().map(|rule| {
                    format!("redacted in {}: {}", counted(rule.count, "place"), rule.rule)
                });
                let notes: Vec<String> =
                    attempts::told(result.outcome, &checks).into_iter().chain(redacted).collect();
                (duration(result.ms), notes.join("; "), &[][..], checks)
            }
            Given::Person(attested) => {
                (String::new(), attested.note.clone(), attested.evidence.as_slice(), Vec::new())
            }
        };
        AnswerView {
            outcome: answer.outcome().word(),
            source: match answer.given {
                Given::Machine(_) => "machine",
                Given::Person(_) => "person",
            },
            at: answer.at.to_string(),
            by: self.see(&whose(answer)),
            entry: answer.id.to_string(),
            took,
            note: self.see(&note),
            evidence: evidence.iter().map(ToString::to_string).collect(),
            exhibits: evidence.iter().map(|digest| self.exhibit(digest)).collect(),
            checks,
            was: Vec::new(),
        }
    }

    /// The checks of a result, read from evidence where the ledger's line only names them.
    fn checks(&mut self, result: &ItemResult) -> Vec<CheckView> {
        match result.expanded(self.subject.evidence) {
            Some(checks) => checks.iter().map(|check| self.check(check)).collect(),
            None => result.checks.iter().map(|check| self.check(check)).collect(),
        }
    }

    fn how(&self, at: usize) -> &'static str {
        let item = &self.subject.checklist.items[at];
        let given = self.subject.run.answers.get(&item.id).map_or(&[][..], Vec::as_slice);
        let mut counting = given.iter().filter(|answer| answer.counts);
        let skipped = |answer: &Answer| matches!(&answer.given, Given::Machine(result) if result.outcome == Outcome::Skipped);
        if counting.clone().any(|answer| matches!(answer.given, Given::Person(_))) {
            "attested"
        } else if counting.any(skipped) {
            NOT_APPLICABLE
        } else if item.is_checked() {
            "check"
        } else if self.parents.contains(&at) {
            "by its children"
        } else {
            "manual"
        }
    }
}
