//! The wire types of ledger entries, exactly as docs/ledger.md has them.

use serde::{Deserialize, Serialize};

use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::json::{self, Refused, nullable, present};
use crate::outcome::{CheckResult, Outcome, Redaction};
use crate::sign::{Act, Statement};

mod opened;
mod said;
mod watched;

pub use opened::{Change, ChecklistFile, Param, PlanItem, RunOpened};
pub use said::{Policy, Said};
pub use watched::{Look, Sample, Trigger};

use said::{about, agree, together};

/// One entry: what a line of the ledger says. Its id is the digest of the line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// When, as the writer claims.
    pub at: Timestamp,
    /// What, by kind (`kind` and `body` of the line).
    pub body: Body,
    /// The heads that the writer knew, ascending.
    pub prev: Vec<Digest>,
    /// One more than the largest `seq` among `prev`.
    pub seq: i64,
    /// The format: 1.
    pub v: i64,
    /// Who claims to write.
    pub writer: Writer,
}

/// A line may be so long, its LF included: 64 KiB.
pub const LINE: usize = 64 << 10;

/// The keys of a line, in the order of canonical JSON.
const KEYS: [&str; 7] = ["at", "body", "kind", "prev", "seq", "v", "writer"];

/// A line as it is written.
#[derive(Serialize)]
struct Line<'e> {
    at: Timestamp,
    body: &'e Body,
    kind: &'static str,
    prev: &'e [Digest],
    seq: i64,
    v: i64,
    writer: &'e Writer,
}

impl Serialize for Entry {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { at, body, prev, seq, v, writer } = self;
        let kind = body.kind();
        Line { at: *at, body, kind, prev, seq: *seq, v: *v, writer }.serialize(serializer)
    }
}

impl Entry {
    /// Reads a line without its LF.
    ///
    /// # Errors
    /// When it is not canonical, has other keys, or is of a kind or version that is not known.
    pub fn read(line: &[u8]) -> Result<Self, Refused> {
        if line.len() >= LINE {
            return Err(Refused(format!("longer than {} KiB", LINE >> 10)));
        }
        let [at, body, kind, prev, seq, v, writer] = json::members(line, KEYS)?;
        if v != "1" {
            return Err(Refused(format!("version {v} is not known")));
        }
        let body = Body::read(json::typed(kind)?, body)?;
        let (at, prev, seq) = (json::typed(at)?, json::typed(prev)?, json::typed(seq)?);
        let writer: Writer = json::typed(writer)?;
        if writer.n < 1 {
            return Err(Refused("a writer counts from 1".to_owned()));
        }
        Ok(Self { at, body, prev, seq, v: 1, writer })
    }

    /// The line, LF included.
    ///
    /// # Errors
    /// When it would be longer than [`LINE`], or holds what canonical JSON has no place for.
    pub fn line(&self) -> Result<Vec<u8>, Refused> {
        let mut line = json::canonical(self)?;
        line.push(b'\n');
        if line.len() > LINE {
            return Err(Refused(format!(
                "the entry has {} bytes, and {} are the limit",
                line.len(),
                LINE
            )));
        }
        Ok(line)
    }
}

impl Body {
    fn read(kind: &str, body: &str) -> Result<Self, Refused> {
        use json::typed;
        let body = match kind {
            "genesis" => Self::Genesis(typed(body)?),
            "policy" => Self::Policy(typed(body)?),
            "run_opened" => Self::RunOpened(typed(body)?),
            "result" => Self::Result(typed(body)?),
            "attested" => Self::Attested(typed(body)?),
            "action" => Self::Action(typed(body)?),
            "sample" => Self::Sample(typed(body)?),
            "trigger" => Self::Trigger(typed(body)?),
            "waived" => Self::Waived(typed(body)?),
            "signoff" => Self::Signoff(typed(body)?),
            "decided" => Self::Decided(typed(body)?),
            "void" => Self::Void(typed(body)?),
            "forgotten" => Self::Forgotten(typed(body)?),
            "report" => Self::Report(typed(body)?),
            "note" => Self::Note(typed(body)?),
            _ => return Err(Refused(format!("kind `{kind}` is not known"))),
        };
        body.check()?;
        Ok(body)
    }

    /// What no type can say: keys that belong together, and a statement that is about its own entry.
    fn check(&self) -> Result<(), Refused> {
        match self {
            Self::Genesis(genesis) => match is_name(&genesis.ledger) {
                true => Ok(()),
                false => Err(Refused("`ledger` is no 16 bytes in hex".to_owned())),
            },
            Self::RunOpened(opened) => opened.params.iter().try_for_each(Param::check),
            Self::Policy(policy) => {
                together(policy.statement.is_some(), policy.sig.is_some())?;
                policy.statement.as_deref().map_or(Ok(()), |statement| {
                    about(statement, Act::Policy, None)?;
                    agree(statement.policy == Some(policy.pins()))
                })
            }
            Self::Attested(word) => {
                together(word.statement.is_some(), word.sig.is_some())?;
                word.statement.as_deref().map_or(Ok(()), |statement| {
                    about(statement, Act::Attested, Some(&word.run))?;
                    let said = statement.decision.map(|decision| decision.word());
                    agree(
                        statement.item.as_deref() == Some(&word.item)
                            && statement.item_sha256 == Some(word.item_sha256)
                            && statement.evidence.as_ref() == Some(&word.evidence)
                            && statement.reason == word.note
                            && said == Some(word.outcome.word()),
                    )
                })
            }
            Self::Waived(said) => said.check(Act::Waived),
            Self::Signoff(said) => said.check(Act::Signoff),
            Self::Decided(said) => said.check(Act::Decided),
            Self::Void(said) => said.check(Act::Void),
            Self::Forgotten(said) => said.check(Act::Forgotten),
            _ => Ok(()),
        }
    }

    /// What somebody says in it, and the signature, if it has one.
    pub fn statement(&self) -> Option<(&Statement, Option<&str>)> {
        match self {
            Self::Policy(policy) => Some((policy.statement.as_deref()?, policy.sig.as_deref())),
            Self::Attested(word) => Some((word.statement.as_deref()?, word.sig.as_deref())),
            Self::Waived(said)
            | Self::Signoff(said)
            | Self::Decided(said)
            | Self::Void(said)
            | Self::Forgotten(said) => Some((&said.statement, said.sig.as_deref())),
            _ => None,
        }
    }

    /// The kind, as lines name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Genesis(_) => "genesis",
            Self::Policy(_) => "policy",
            Self::RunOpened(_) => "run_opened",
            Self::Result(_) => "result",
            Self::Attested(_) => "attested",
            Self::Action(_) => "action",
            Self::Sample(_) => "sample",
            Self::Trigger(_) => "trigger",
            Self::Waived(_) => "waived",
            Self::Signoff(_) => "signoff",
            Self::Decided(_) => "decided",
            Self::Void(_) => "void",
            Self::Forgotten(_) => "forgotten",
            Self::Report(_) => "report",
            Self::Note(_) => "note",
        }
    }

    /// The run it is about, if one.
    pub fn run(&self) -> Option<&str> {
        match self {
            Self::Genesis(_) | Self::Policy(_) => None,
            Self::RunOpened(opened) => Some(&opened.run),
            Self::Result(result) | Self::Action(result) => Some(&result.run),
            Self::Sample(sample) => Some(&sample.run),
            Self::Trigger(trigger) => Some(&trigger.run),
            Self::Waived(said)
            | Self::Signoff(said)
            | Self::Decided(said)
            | Self::Void(said)
            | Self::Forgotten(said) => Some(&said.run),
            Self::Attested(attested) => Some(&attested.run),
            Self::Report(report) => Some(&report.run),
            Self::Note(note) => note.run.as_deref(),
        }
    }

    /// The item it is about, if one.
    pub fn item(&self) -> Option<&str> {
        match self {
            Self::Result(result) | Self::Action(result) => Some(&result.item),
            Self::Attested(word) => Some(&word.item),
            Self::Sample(sample) => Some(&sample.item),
            Self::Trigger(trigger) => Some(&trigger.item),
            _ => self.statement().and_then(|(statement, _)| statement.item.as_deref()),
        }
    }

    /// Digests of the evidence that it names.
    pub fn evidence(&self) -> Vec<Digest> {
        match self {
            Self::Policy(policy) => [Some(policy.policy), policy.allowed_signers, policy.revoked]
                .into_iter()
                .flatten()
                .collect(),
            Self::RunOpened(opened) => vec![opened.checklist.sha256, opened.items_sha256],
            Self::Attested(attested) => attested.evidence.clone(),
            Self::Result(result) | Self::Action(result) => result.kept(),
            // What was forgotten is named so that nobody looks for it.
            _ => Vec::new(),
        }
    }
}

impl ItemResult {
    /// Digests of the output that was kept, or of the list of checks kept in their stead.
    pub fn kept(&self) -> Vec<Digest> {
        let streams = self
            .checks
            .iter()
            .flat_map(|check| &check.steps)
            .flat_map(|step| [step.stdout.kept, step.stderr.kept]);
        let details = self.checks.iter().filter(|check| check.kind == DETAIL);
        let detail = details
            .flat_map(|check| [&check.message, &check.target])
            .filter_map(|digest| digest.as_ref()?.parse().ok());
        let mut kept: Vec<Digest> = streams.flatten().chain(detail).collect();
        kept.sort_unstable();
        kept.dedup();
        kept
    }
}

/// The kind of a check that stands for a list kept as evidence.
pub const DETAIL: &str = "detail";

/// Who claims to write, and a count of that writer's entries in this ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Writer {
    /// `name@host`, or a CI job.
    pub id: String,
    /// From 1.
    pub n: i64,
}

/// The bodies, by `kind`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Body {
    /// The first entry.
    Genesis(Genesis),
    /// Pins the policy and the keys.
    Policy(Policy),
    /// A run begins.
    RunOpened(Box<RunOpened>),
    /// A check's answer to an item.
    Result(ItemResult),
    /// A person's answer to an item.
    Attested(Box<Attested>),
    /// What an action did.
    Action(ItemResult),
    /// What was seen of an item that must hold for a time.
    Sample(Sample),
    /// Whether a trigger has fired.
    Trigger(Trigger),
    /// A failure is accepted.
    Waived(Box<Said>),
    /// Somebody says GO or NO-GO for a role.
    Signoff(Box<Said>),
    /// A gate is decided.
    Decided(Box<Said>),
    /// An entry is taken back.
    Void(Box<Said>),
    /// Evidence had to go.
    Forgotten(Box<Said>),
    /// A report was issued.
    Report(Report),
    /// A remark, or a line that joins branches.
    Note(Note),
}

/// The ledger's beginning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Genesis {
    /// 16 random bytes, hex.
    pub ledger: String,
    /// The log's public key, or null.
    #[serde(deserialize_with = "nullable")]
    pub log_key: Option<String>,
    /// A name for people.
    pub name: String,
    /// The branch that seals.
    pub trunk: String,
}

/// 16 bytes in hex.
fn is_name(ledger: &str) -> bool {
    let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    ledger.len() == 32 && ledger.bytes().all(hex)
}

/// The answer of checks to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ItemResult {
    /// From 1, over all sessions of the run.
    pub attempt: i64,
    /// A result for each block that was reached. Where the line would pass 64 KiB: one of kind
    /// `detail` without steps, whose `message` is the digest of the list kept as evidence, and whose
    /// `target` that of its small outputs, joined.
    pub checks: Vec<CheckResult>,
    /// Identity of the item.
    pub item: String,
    /// Digest of the item's own lines.
    pub item_sha256: Digest,
    /// How long it took, in milliseconds.
    pub ms: i64,
    /// The answer.
    pub outcome: Outcome,
    /// What was redacted.
    pub redactions: Vec<Redaction>,
    /// The run's id.
    pub run: String,
}

impl ItemResult {
    /// A check of the item ran. One that did not, because of other items or parameters, left nothing
    /// that a person could look at.
    pub fn was_run(&self) -> bool {
        self.checks.iter().any(|check| check.kind == DETAIL || !check.steps.is_empty())
    }
}

/// The answer of a person to an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Attested {
    /// Digests of what they show.
    pub evidence: Vec<Digest>,
    /// Identity of the item.
    pub item: String,
    /// Digest of the item's own lines.
    pub item_sha256: Digest,
    /// What they say.
    pub note: String,
    /// The answer.
    pub outcome: Outcome,
    /// The run's id.
    pub run: String,
    /// The signature, where it has one.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub sig: Option<String>,
    /// What was signed.
    #[serde(skip_serializing_if = "Option::is_none", default, deserialize_with = "present")]
    pub statement: Option<Box<Statement>>,
}

/// What stands for a release or an environment that nobody named.
pub const NOT_NAMED: &str = "not named";

/// What the note of an `attested` begins with that keeps what git says of a line that is ticked in the document.
pub const BLAME: &str = "git blame: ";

/// A report that was issued.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// `html`, `pdf` or `md`.
    pub format: String,
    /// Name of the gate, or null for all of them.
    #[serde(deserialize_with = "nullable")]
    pub gate: Option<String>,
    /// The head that it was rendered at.
    pub head: Digest,
    /// Program and version that rendered it.
    pub renderer: String,
    /// The run's id.
    pub run: String,
    /// Digest of its bytes.
    pub sha256: Digest,
    /// Digest of the templates.
    pub templates: Digest,
    /// Digest of the view model.
    pub view_sha256: Digest,
}

impl Report {
    /// Where it lies below the root: `reports/<checklist>/<run>/<head8>/report.<format>`.
    pub fn path(&self, checklist: &str) -> String {
        let name = checklist.rsplit('/').next().unwrap_or_default();
        let name = plain(name.strip_suffix(".md").unwrap_or(name));
        let head = self.head.to_string();
        format!("reports/{name}/{}/{}/report.{}", plain(&self.run), &head[..8], plain(&self.format))
    }
}

/// A part of a path that cannot lead elsewhere, whatever a ledger says.
pub fn plain(name: &str) -> String {
    let kept: String = name
        .chars()
        .map(
            |char| {
                if char.is_alphanumeric() || matches!(char, '-' | '_' | '.') { char } else { '-' }
            },
        )
        .take(100)
        .collect();
    if kept.trim_matches('.').is_empty() { "run".to_owned() } else { kept }
}

/// A remark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The run it is about, or null.
    #[serde(deserialize_with = "nullable")]
    pub run: Option<String>,
    /// What it says.
    pub text: String,
}

#[cfg(test)]
mod tests;
