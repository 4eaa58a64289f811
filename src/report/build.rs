//! Subject → view: what the ledger says, item by item, as text that can be shown.

use std::collections::{BTreeMap, BTreeSet};

use super::steps::duration;
use super::sums::{counts, exceptions};
use super::view::{AnswerView, Fact, Gate, ItemView, LooksView, Picture, Reason, View};
use super::{Language, RENDERER, Subject, VERSION, attempts, text};
use crate::checklist::{Claim, Item};
use crate::judge::Call;
use crate::ledger::record::BLAME;
use crate::ledger::state::{Answer, Given, Shown};
use crate::outcome::Outcome;
use crate::said;
use crate::said::Said;
use crate::standing;

/// Who answered: the person whose statement it is, and who wrote it down.
fn whose(answer: &Answer) -> Said {
    let statement = match &answer.given {
        Given::Machine(_) => None,
        Given::Person(word) => word.statement.as_deref(),
    };
    match statement {
        Some(said) => {
            said!("{} ({}), written by {}", Said::name(&said.name), &said.role, &answer.by)
        }
        None => Said::from(&answer.by),
    }
}

/// A reason has so many characters of what others said in one place: the rest stands with the item.
const LONGEST: usize = 160;

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
    /// What the report's own words are said in.
    pub(super) language: Language,
    replaced: u64,
    /// Items that have items inside them.
    parents: BTreeSet<usize>,
    /// Pictures to show, and how many bytes they have.
    pub(super) pictures: BTreeMap<String, Picture>,
    pub(super) shown: usize,
}

impl<'a> Builder<'a> {
    pub(super) fn new(subject: &'a Subject<'a>, language: Language) -> Self {
        let parents = subject.checklist.items.iter().filter_map(|item| item.parent).collect();
        let (replaced, pictures, shown) = (0, BTreeMap::new(), 0);
        Self { subject, language, replaced, parents, pictures, shown }
    }

    pub(super) fn replaced(&self) -> u64 {
        self.replaced
    }

    pub(super) fn see(&mut self, text: &str) -> String {
        text::visible(text, &mut self.replaced)
    }

    /// What is said, in the report's language.
    pub(super) fn say(&mut self, said: &Said) -> String {
        let text = self.language.say(said);
        self.see(&text)
    }

    /// What a check saw, as the ledger has it.
    pub(super) fn seen(&mut self, text: &str) -> String {
        self.say(&Said::Seen(text.to_owned()))
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
            release: self.see(self.language.named(&opened.release)),
            environment: self.see(self.language.named(&opened.environment)),
            call,
            decision: self.decided(call),
            awaited: subject
                .checklist
                .gates
                .get(subject.gate)
                .is_some_and(|one| !one.roles.is_empty()),
            change: self.change(),
            clock: self.clock(),
            reasons,
            open: pick(&|item| item.counted == "pending" && item.gate == gate && !item.optional),
            waived: pick(&|item| item.outcome == "waived"),
            counts: counts(items.iter()),
            sections: self.sections(&items),
            timeline: self.timeline(),
            past: self.past(call),
            gate,
            listed: self.say(&said!("all {} of {} items listed", items.len(), items.len())),
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
                .map_or_else(String::new, |(than, _)| self.say(than)),
            exceptions: exceptions(&items),
            flow: self.flow(),
            ledger: self.ledger(),
            items,
            run: opened.run.clone(),
            head8: subject.ledger.head.to_string()[..8].to_owned(),
            last_at: subject.run.last_at.to_string(),
            sealed: sealed.map_or_else(String::new, |sealed| {
                let root = &sealed.root.to_string()[..8];
                self.say(&said!("{} sealed, root {}", sealed.size.to_string(), root))
            }),
            made: subject.made.marked(),
            looks: LooksView::of(subject, self.language, |text| text::visible(text, &mut 0)),
            replaced: 0,
            pictures: BTreeMap::new(),
        }
    }

    fn looser(&mut self) -> Vec<String> {
        let lines = self.subject.looser.as_ref().map_or(&[][..], |(_, lines)| lines);
        lines.iter().map(|line| self.say(line)).collect()
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
                text: self.say(&reason.text.clone().cut(LONGEST)),
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
            (true, _) => self.language.say(&said!("none: not in a git work tree")),
            (false, true) => {
                self.language.say(&said!("{} with uncommitted changes", &opened.commit))
            }
            (false, false) => opened.commit.clone(),
        };
        let facts = [
            ("Release", self.language.named(&opened.release).to_owned()),
            ("Environment", self.language.named(&opened.environment).to_owned()),
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
            let value = param.value.as_ref().map(Said::from);
            (param.name.clone(), value.unwrap_or_else(|| said!("secret, redacted")))
        });
        let items = self.subject.checklist.items.iter();
        let saved = items.flat_map(|item| {
            let answers = run.answers.get(&item.id).map_or(&[][..], Vec::as_slice);
            let counting = answers.iter().filter(|answer| answer.counts);
            counting.flat_map(saved).map(|(name, value)| {
                (name.to_owned(), said!("{} (saved by `{}`)", value, &item.id))
            })
        });
        let all: Vec<(String, Said)> = given.chain(saved).collect();
        let language = self.language;
        all.into_iter().map(|(name, value)| self.fact(&name, &language.say(&value))).collect()
    }

    fn ledger(&mut self) -> Vec<Fact> {
        let ledger = &self.subject.ledger;
        let checkpoint = match &self.subject.made.checkpoint {
            Some(sealed) => {
                let (size, root) = (sealed.size.to_string(), sealed.root.to_string());
                said!("{} entries sealed, root {}", size, root)
            }
            None => said!(
                "none: nothing was sealed, `holdpoint verify` refuses it, or this report was not issued"
            ),
        };
        let anchored = said!("`holdpoint verify` tells by what, at the time you ask");
        [
            ("Ledger", format!("{} ({})", ledger.name, ledger.id)),
            ("Head", ledger.head.to_string()),
            ("Entries up to the head", ledger.entries.to_string()),
            ("Checkpoint", self.language.say(&checkpoint)),
            ("Anchored", self.language.say(&anchored)),
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
            counted: match (outcome, item.gate) {
                (Outcome::Pending, None) => STANDBY,
                _ => outcome.word(),
            },
            how: self.how(at).to_owned(),
            gate: match item.gate.and_then(|gate| subject.checklist.gates.get(gate)) {
                Some(gate) => self.see(&gate.name),
                None => self.language.word(STANDBY).to_owned(),
            },
            optional: item.optional,
            owner: self.see(item.owner.as_deref().unwrap_or_default()),
            claim: match item.claim {
                Claim::Open => "",
                Claim::Done => "ticked in the document",
                Claim::NotApplicable => "not applicable, says the document",
            },
            ticked: self.ticked(item),
            waiver: waiver.map_or_else(String::new, |waiver| self.say(&waiver)),
            attempts: given.iter().filter(machine).count(),
            at: counting.map_or_else(String::new, |answer| answer.at.to_string()),
            by: counting.map_or_else(String::new, |answer| self.say(&whose(answer))),
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
        let said = said.and_then(|shown| shown.note.strip_prefix(BLAME)).unwrap_or_default();
        // git has no commit, or not all of them.
        let said = match said {
            "not committed" => said!("not committed"),
            "not known, the clone is shallow" => said!("not known, the clone is shallow"),
            said => Said::from(said),
        };
        self.say(&said)
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
            attempt: 0,
            note: self.see(&shown.note),
            evidence: shown.evidence.iter().map(ToString::to_string).collect(),
            exhibits: shown.evidence.iter().map(|digest| self.exhibit(digest)).collect(),
            checks: Vec::new(),
            was: Vec::new(),
        }
    }

    fn answer(&mut self, answer: &Answer) -> AnswerView {
        let (took, attempt, note, evidence, checks) = match &answer.given {
            Given::Machine(result) => {
                let read = result.expanded(self.subject.evidence);
                let checks = read.as_ref().unwrap_or(&result.checks);
                let attempt = attempts::last(checks);
                let redacted = result.redactions.iter().map(|rule| match rule.count {
                    1 => said!("redacted in 1 place: {}", &rule.rule),
                    count => said!("redacted in {} places: {}", count, &rule.rule),
                });
                let notes = attempts::told(result.outcome, attempt).into_iter().chain(redacted);
                let note = Said::semicolons(notes);
                let note = note.map_or_else(String::new, |note| self.say(&note));
                let checks = checks.iter().map(|check| self.check(check)).collect();
                (duration(result.ms), attempt, note, &[][..], checks)
            }
            Given::Person(attested) => {
                let (note, evidence) = (self.see(&attested.note), attested.evidence.as_slice());
                (String::new(), 0, note, evidence, Vec::new())
            }
        };
        AnswerView {
            outcome: answer.outcome().word(),
            source: match answer.given {
                Given::Machine(_) => "machine",
                Given::Person(_) => "person",
            },
            at: answer.at.to_string(),
            by: self.say(&whose(answer)),
            entry: answer.id.to_string(),
            took,
            attempt,
            note,
            evidence: evidence.iter().map(ToString::to_string).collect(),
            exhibits: evidence.iter().map(|digest| self.exhibit(digest)).collect(),
            checks,
            was: Vec::new(),
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
