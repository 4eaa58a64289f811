//! Judges the steps of a check as they end, and the check when all of it has.

use std::collections::HashSet;
use std::time::Instant;

use crate::digest::Digest;
use crate::outcome::{CheckResult, ExpectResult, Outcome, Redaction, StepResult, Stream};
use crate::redact::{self, Redactor};

use super::course::{Course, Ended};
use super::expect::{Assertion, Expectation, Quantity};
use super::field;
use super::jq;
use super::judge::{End, Seen, judge, short};
use super::request::{Answer, StepRequest};
use super::sandbox;
use super::script::{END, expects_failure};

/// What python, node, ruby and perl say of a script that they cannot read.
const UNREAD: &[&[u8]] = &[b"SyntaxError", b"IndentationError", b"TabError", b"syntax error"];

/// Steps whose output is kept are many only in a hostile block.
const KEPT_STEPS: usize = 8 << 20;

/// So many bytes of JSON wait for the jq programs of a check.
const DOCUMENTS: usize = 8 << 20;

impl Course<'_> {
    /// What came of all of it.
    pub(super) fn answer(mut self, end: Ended) -> Answer {
        for stream in 0..2 {
            let step = self.scanners[stream].step;
            if step < self.request.steps.len() {
                let held = std::mem::take(&mut self.scanners[stream].held);
                self.text(stream, step, &held);
            }
        }
        let complete = self.settled.steps.len();
        let mut message = match &end {
            Ended::Killed(why) | Ended::Never(why) | Ended::Unseen(why) => Some(why.clone()),
            Ended::Exited(_) | Ended::Signalled(_) => None,
        };
        if complete < self.request.steps.len() && !matches!(end, Ended::Never(_)) {
            let (exit, why) = self.last_exit(complete, &end);
            message = message.or(why);
            self.settle(exit);
        }
        if self.lenient.is_some() {
            let why = "a step switched off what makes a failing command fail it";
            message = message.or_else(|| Some(why.to_owned()));
        }
        self.ask_jq();
        let mut outcome = self.outcome();
        let mut trouble = None;
        if self.settled.steps.len() < self.request.steps.len() && outcome < Outcome::Error {
            trouble = Some("the steps after this one were not reached".to_owned());
        } else if complete == self.request.steps.len() {
            trouble = after_the_last(&end);
        }
        if trouble.is_some() || matches!(end, Ended::Killed(_) | Ended::Never(_)) {
            outcome = outcome.max(Outcome::Error);
        }
        message = message.or(trouble);
        if self.leftovers {
            outcome = outcome.max(Outcome::Error);
            message = Some("a process that it started could not be ended".to_owned());
        }
        if self.denied && outcome > Outcome::Pass {
            message.get_or_insert_with(|| sandbox::DENIED.to_owned());
        }
        if let Some(error) = &self.litter {
            let why = format!("its temporary folder could not be removed: {error}");
            message.get_or_insert(why);
        }
        let mut clean = |text: &str| self.settled.clean(self.redactor, text);
        let target = self.request.target.as_deref().map(&mut clean);
        let message = message.as_deref().map(&mut clean);
        Answer {
            result: CheckResult {
                kind: self.request.kind.clone(),
                steps: self.settled.steps,
                target,
                message,
            },
            outcome,
            redactions: self.settled.redactions,
            evidence: self.settled.evidence,
            saved: self.settled.saved,
            kept: Vec::new(),
            spent: self.settled.spent,
        }
    }

    /// The worst of the steps that were reached.
    fn outcome(&self) -> Outcome {
        let of = |step: &StepResult, request: &StepRequest| {
            let each = step.expect.iter().zip(&request.expectations);
            each.map(|(result, expectation)| match result.held {
                Some(true) => Outcome::Pass,
                Some(false) => Outcome::Fail,
                None if expectation.assertion == Assertion::Person && step.exit.is_some() => {
                    Outcome::Pending
                }
                None => Outcome::Error,
            })
            .max()
            .unwrap_or(Outcome::Error)
        };
        let steps = self.settled.steps.iter().zip(&self.request.steps);
        steps.map(|(step, request)| of(step, request)).max().unwrap_or(Outcome::Error)
    }

    /// jq programs run when nothing else of the check does: a document may send one out of bounds,
    /// and this process with it.
    fn ask_jq(&mut self) {
        let redactor = self.hidden.unwrap_or(self.redactor);
        for Deferred { step, expectation, program, save, document } in
            std::mem::take(&mut self.settled.deferred)
        {
            let (held, seen) = match &save {
                _ if self.settled.spent => (None, "an earlier jq program did not end".to_owned()),
                None => jq::judge(&program, document),
                Some(name) => match saved(name, &program, document) {
                    Ok(value) => (Some(true), value),
                    Err(why) => (None, why),
                },
            };
            self.settled.spent |= held.is_none() && seen == jq::TOO_LONG;
            let clean = self.settled.clean(redactor, &seen);
            let place = &mut self.settled.steps[step].expect[expectation];
            place.held = held;
            place.observed = match (held, &save) {
                (None, _) => format!("{}: {}", short(&clean), place.observed),
                // It is read again when the run goes on.
                (Some(_), Some(_)) => clean,
                (Some(_), None) => short(&clean),
            };
            self.settled.saved.extend(save.filter(|_| held.is_some()).map(|name| (name, seen)));
        }
    }

    /// The exit of the step in which the interpreter ended, and what is to be said about it.
    fn last_exit(&self, at: usize, end: &Ended) -> (Option<i64>, Option<String>) {
        match end {
            Ended::Exited(code) if self.request.ends_itself() => match self.unread(at, *code) {
                true => (None, Some("the script cannot be read as what it is".to_owned())),
                false => (Some(*code), None),
            },
            Ended::Signalled(signal) if self.request.ends_by_signal() && END == Some(*signal) => {
                (Some(0), None)
            }
            Ended::Exited(0) => {
                (None, Some("the shell was left in the middle of the step".to_owned()))
            }
            Ended::Exited(_) if self.request.steps[at].leaves => {
                (None, Some("the step left the shell by `exit`, `exec` or `return`".to_owned()))
            }
            // Such a step says when it has failed; the shell alone fails where it cannot read it.
            Ended::Exited(code) if self.fails_as_expected(at) => {
                (None, Some(format!("the shell ended with {code} in the middle of the step")))
            }
            Ended::Exited(code) => (Some(*code), None),
            Ended::Signalled(signal) => {
                (None, Some(format!("the shell was ended by signal {signal}")))
            }
            Ended::Killed(_) | Ended::Never(_) | Ended::Unseen(_) => (None, None),
        }
    }

    fn fails_as_expected(&self, at: usize) -> bool {
        expects_failure(&self.request.steps[at].expectations)
    }

    /// An interpreter that fails because of the script itself, where a failure is expected.
    fn unread(&self, at: usize, code: i64) -> bool {
        let says_so =
            |said: &[u8]| UNREAD.iter().any(|word| memchr::memmem::find(said, word).is_some());
        // Of what is too long to be looked through nobody can tell.
        let unread = self.seen[at][1].as_ref().is_some_and(|seen| seen.whole().is_none_or(says_so));
        code != 0 && unread && self.fails_as_expected(at)
    }

    /// Judges the next step, which has ended, and lets go of its output. At the end of a check with
    /// many steps, only what is kept of each is in memory.
    pub(super) fn settle(&mut self, exit: Option<i64>) {
        let at = self.settled.steps.len();
        for stream in 0..2 {
            self.seen(stream, at).end();
        }
        let [Some(mut stdout), Some(mut stderr)] = std::mem::take(&mut self.seen[at]) else {
            return;
        };
        let until = self.ends[at].map_or_else(Instant::now, |(when, _)| when);
        let took = until.saturating_duration_since(self.settled.until);
        let micros = i64::try_from(took.as_micros()).unwrap_or(i64::MAX);
        self.settled.until = until;
        let step = &self.request.steps[at];
        let (fields, failure) = (&self.fields, self.failure.as_deref());
        let end = End { exit, micros, fields, failure };
        let expect = step.expectations.iter().enumerate();
        let expect: Vec<ExpectResult> = expect
            .map(|(number, expectation)| {
                let result = judge(number, expectation, end, &stdout, &stderr);
                let hidden = self.hidden.filter(|_| shows_answer(expectation, &result));
                let mut clean = |text: &str, redactor| self.settled.clean(redactor, text);
                ExpectResult {
                    text: clean(&result.text, self.redactor),
                    observed: short(&clean(&result.observed, hidden.unwrap_or(self.redactor))),
                    held: result.held,
                }
            })
            .collect();
        self.denied |=
            self.request.no_writes && [&stdout, &stderr].iter().any(|seen| seen.denied());
        self.defer(at, exit, &stdout);
        self.settled.count(stdout.redactions().chain(stderr.redactions()));
        let result = StepResult {
            title: self.settled.clean(self.redactor, &step.title),
            exit,
            ms: micros / 1_000,
            expect,
            stdout: self.settled.keep(&mut stdout),
            stderr: self.settled.keep(&mut stderr),
        };
        self.settled.steps.push(result);
    }

    /// Keeps what the jq programs of a step need.
    fn defer(&mut self, at: usize, exit: Option<i64>, stdout: &Seen<'_>) {
        if exit.is_none() || self.failure.is_some() {
            return;
        }
        for (number, expectation) in self.request.steps[at].expectations.iter().enumerate() {
            let (program, save) = match &expectation.assertion {
                Assertion::Json(program) => (program, None),
                Assertion::Save { name, program } => (program, Some(name.clone())),
                _ => continue,
            };
            let room = DOCUMENTS - self.settled.documents;
            let document = stdout.whole().filter(|document| document.len() <= room);
            self.settled.documents += document.map_or(0, <[u8]>::len);
            self.settled.deferred.push(Deferred {
                step: at,
                expectation: number,
                program: program.clone(),
                save,
                document: document.map(<[u8]>::to_vec),
            });
        }
    }
}

/// What was observed is a part of the answer itself, as its streams are, and long enough to be a secret.
fn shows_answer(expectation: &Expectation, result: &ExpectResult) -> bool {
    let assertion = &expectation.assertion;
    let number = matches!(assertion, Assertion::Number { subject: Quantity::Value, .. });
    (number || field::name_of(assertion).is_some()) && result.observed.len() >= redact::SHORTEST
}

/// The value to be saved; that of a secret is not found in other texts where it is too short.
fn saved(name: &str, program: &str, document: Option<Vec<u8>>) -> Result<String, String> {
    let value = jq::value(program, document)?;
    match redact::is_secret(name) && value.trim().len() < redact::SHORTEST {
        true => Err(format!("a secret shorter than {} bytes", redact::SHORTEST)),
        false => Ok(value),
    }
}

/// What is known of the steps that have ended.
pub(super) struct Settled {
    pub(super) steps: Vec<StepResult>,
    /// When the last of them ended.
    until: Instant,
    redactions: Vec<Redaction>,
    evidence: Vec<Vec<u8>>,
    /// Values for later items, as (name, value).
    saved: Vec<(String, String)>,
    /// Its digests.
    known: HashSet<Digest>,
    /// Bytes of evidence.
    kept: usize,
    deferred: Vec<Deferred>,
    /// Bytes of documents that jq programs wait for.
    documents: usize,
    /// A jq program or a probe goes on without end: this process must not be used again.
    pub(super) spent: bool,
}

/// A jq program that is still to be asked.
struct Deferred {
    step: usize,
    expectation: usize,
    program: String,
    /// The variable that its result is saved in.
    save: Option<String>,
    /// `None` where the output is too long to be read whole.
    document: Option<Vec<u8>>,
}

impl Settled {
    /// Nothing has ended yet; the first step began at `begun`.
    pub(super) fn from(begun: Instant) -> Self {
        Self {
            steps: Vec::new(),
            until: begun,
            redactions: Vec::new(),
            evidence: Vec::new(),
            saved: Vec::new(),
            known: HashSet::new(),
            kept: 0,
            deferred: Vec::new(),
            documents: 0,
            spent: false,
        }
    }

    /// The first step begins now.
    pub(super) fn begin_now(&mut self) {
        self.until = Instant::now();
    }

    /// A text without secrets; what was found in it counts too.
    fn clean(&mut self, redactor: &Redactor, text: &str) -> String {
        let (clean, found) = redactor.clean(text.as_bytes());
        self.count(found.into_iter());
        String::from_utf8_lossy(&clean).into_owned()
    }

    fn count(&mut self, redactions: impl Iterator<Item = Redaction>) {
        for redaction in redactions {
            redaction.count_in(&mut self.redactions);
        }
    }

    fn keep(&mut self, seen: &mut Seen<'_>) -> Stream {
        let (mut stream, bytes) = seen.record_of();
        if self.kept + bytes.len() > KEPT_STEPS {
            stream.kept = None;
        } else if stream.kept.is_some_and(|digest| self.known.insert(digest)) {
            self.kept += bytes.len();
            self.evidence.push(bytes);
        }
        stream
    }
}

/// What went wrong when all steps had ended: an `EXIT` trap that fails, a signal.
fn after_the_last(end: &Ended) -> Option<String> {
    match end {
        Ended::Exited(0) | Ended::Killed(_) | Ended::Never(_) | Ended::Unseen(_) => None,
        Ended::Exited(code) => Some(format!("the shell exited with {code} after its last step")),
        Ended::Signalled(signal) => {
            Some(format!("the shell was ended by signal {signal} after its last step"))
        }
    }
}
