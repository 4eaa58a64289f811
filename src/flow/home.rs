//! Where and as whom the product works, why it may fail, and how a ledger begins.

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::checklist::Reading;
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::digest::Digest;
use crate::ledger::record::{self, Body, Entry, Genesis};
use crate::ledger::{Ledger, Location, Sealed, Session, Stored};
use crate::policy::Policy;
use crate::sign::Pins;
use crate::{digest, files, timestamp};

use super::key::{self, Key};

/// Where and as whom the product works.
#[derive(Clone, Debug)]
pub struct Home {
    /// The folder that holds `ledger/` and `reports/`; checks run here.
    pub root: PathBuf,
    /// A folder that git leaves alone, for lock and journal.
    pub private: Option<PathBuf>,
    /// Who claims to write.
    pub writer: String,
    /// Where the time comes from.
    pub clock: Clock,
    /// No remote: whoever runs also seals.
    pub seals: bool,
    /// The branch that seals, for a new ledger.
    pub trunk: String,
    /// Fresh random bytes at each call.
    pub random: fn() -> io::Result<[u8; 16]>,
    /// What the users of the repository agree on.
    pub config: Config,
    /// The folder of the repository that the root lies in, or the root.
    pub repository: PathBuf,
    /// The folder of fonts that whoever calls names, before what `holdpoint.toml` does.
    pub fonts: Option<PathBuf>,
    /// The user's own folder of this program, for keys and marks; `None` where nothing can be kept.
    pub user: Option<PathBuf>,
    /// A file with the log's key, where it is not in the user's folder.
    pub log_key: Option<PathBuf>,
    /// What the user should hear beside the result.
    pub notices: Notices,
}

/// What the user should hear beside the result; each once.
#[derive(Clone, Debug, Default)]
pub struct Notices(Arc<Mutex<Vec<String>>>);

impl Notices {
    pub(super) fn add(&self, notice: String) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !all.contains(&notice) {
            all.push(notice);
        }
    }

    /// All of them, once.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Why a command could not do its job.
#[derive(Debug)]
pub struct Failure {
    /// Lower case, no full stop.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
    /// Findings to show before the message.
    pub reading: Option<Box<Reading>>,
    /// The caller can mend it: wrong usage or input. Else it is a failure of ours.
    pub usage: bool,
}

impl Failure {
    pub(super) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { message: message.into(), hint: Some(hint.into()), reading: None, usage: true }
    }

    pub(super) fn ours(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, reading: None, usage: false }
    }
}

impl From<crate::ledger::Error> for Failure {
    fn from(error: crate::ledger::Error) -> Self {
        Self { message: error.message, hint: Some(error.hint), reading: None, usage: error.missing }
    }
}

/// Texts that people give are cut where they would fill a line of the ledger.
pub(super) fn cut(text: &str) -> String {
    text.chars().take(1000).collect()
}

/// Opens the ledger, or begins one.
pub(super) fn open_or_begin(home: &Home) -> Result<Ledger, Failure> {
    open(home)?.map_or_else(|| begin(home), Ok)
}

/// Opens the ledger to write to it. One that went back in time is told, and written to all the same: who works
/// on an older branch loses nothing, and nothing is sealed on top of it.
pub(super) fn open_to_write(home: &Home) -> Result<Ledger, crate::ledger::Error> {
    let ledger = recovered(home)?;
    if let Err(error) = ledger.remember() {
        home.notices.add(format!("{}; {}", error.message, error.hint));
    }
    Ok(ledger)
}

/// The policy that a ledger begins with: until keys are pinned nothing has to be signed.
fn beginning() -> Result<Vec<u8>, Failure> {
    Policy::default().bytes().map_err(|error| Failure::ours(error.to_string()))
}

/// What a crash or git left behind is put right, and told.
fn recovered(home: &Home) -> Result<Ledger, crate::ledger::Error> {
    let ledger = Ledger::open_to_write(location(home))?;
    if !ledger.recovered().is_nothing() {
        let notice = format!("the ledger was put right: {}", ledger.recovered());
        home.notices.add(notice);
    }
    Ok(ledger)
}

/// The same; `None` where there is no ledger.
fn open(home: &Home) -> Result<Option<Ledger>, Failure> {
    match open_to_write(home) {
        Err(error) if error.missing => Ok(None),
        other => Ok(Some(begun(home, other?)?)),
    }
}

/// A ledger with the line that follows its beginning: a crash can come between the two.
fn begun(home: &Home, mut ledger: Ledger) -> Result<Ledger, Failure> {
    if let [Stored { entry: Entry { body: Body::Genesis(_), .. }, .. }] = ledger.entries() {
        let policy = ledger.keep(&beginning()?)?;
        let pins = Pins { policy, allowed_signers: None, revoked: None };
        let pinned = vec![Body::Policy(record::Policy::unsigned(pins))];
        ledger.append(&session(home)?, home.clock.now(), pinned, &[])?;
        surround(home)?;
    }
    Ok(ledger)
}

pub(super) fn location(home: &Home) -> Location {
    Location::new(&home.root, home.private.as_deref(), home.user.as_deref())
}

/// Files that git must not touch: another byte is another digest.
pub(super) const ATTRIBUTES: &str = "*.jsonl -text\nledger/** -text\nreports/** -text\n";

pub(super) fn begin(home: &Home) -> Result<Ledger, Failure> {
    let name = home
        .root
        .file_name()
        .map_or_else(|| "ledger".to_owned(), |name| name.to_string_lossy().into_owned());
    let ledger = hex(home)?;
    let log_key = key::make(home, &ledger)?.map(|signer| signer.verifier().to_string());
    let genesis = Genesis { ledger, name: cut(&name), trunk: home.trunk.clone(), log_key };
    let policy = beginning()?;
    let (session, now) = (session(home)?, home.clock.now());
    let mut ledger = Ledger::begin(location(home), genesis, &policy, &session, now)?;
    seal_here(home, &mut ledger)?;
    surround(home)?;
    Ok(ledger)
}

/// What git has to know of a ledger.
fn surround(home: &Home) -> Result<(), Failure> {
    if home.private.is_none() {
        // Outside git they lie in the ledger's folder, and a repository that comes later wants none of them.
        let path = home.root.join("ledger/.gitignore");
        files::replace(&path, b"/.lock\n/.journal/\n/.tree/\n").map_err(|error| {
            Failure::ours(format!("cannot write `{}`: {error}", path.display()))
        })?;
    }
    let path = home.root.join(".gitattributes");
    let known = match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
        other => other
            .map_err(|error| Failure::ours(format!("cannot read `{}`: {error}", path.display())))?,
    };
    let missing: Vec<&str> = ATTRIBUTES
        .lines()
        .filter(|line| !known.lines().any(|known| known.trim() == *line))
        .collect();
    if !missing.is_empty() {
        let newline = if known.is_empty() || known.ends_with('\n') { "" } else { "\n" };
        let all = format!("{known}{newline}{}\n", missing.join("\n"));
        files::replace(&path, all.as_bytes()).map_err(|error| {
            Failure::ours(format!("cannot write `{}`: {error}", path.display()))
        })?;
    }
    Ok(())
}

pub(super) fn hex(home: &Home) -> Result<String, Failure> {
    let bytes =
        (home.random)().map_err(|error| Failure::ours(format!("no random bytes: {error}")))?;
    Ok(digest::hex(&bytes))
}

pub(super) fn session(home: &Home) -> Result<Session, Failure> {
    let stamp: String =
        home.clock.now().to_string().chars().take(19).filter(char::is_ascii_digit).collect();
    Ok(Session { name: format!("{stamp}-{}", &hex(home)?[..12]), writer: home.writer.clone() })
}

/// Begins a ledger; false when there is one.
///
/// # Errors
/// When it cannot be written.
pub fn init(home: &Home) -> Result<bool, Failure> {
    let known = open(home)?;
    known.map_or_else(|| begin(home).map(|_| true), |_| Ok(false))
}

/// Seals, where this machine can; says what that came to. `committed` is the trunk as git has it: journals of
/// what is in it are dropped, outside git those of all that is sealed.
///
/// # Errors
/// When there is no ledger, it is damaged, does not extend what was signed before, or cannot be written; when
/// the log's key is not here.
pub fn seal(home: &Home, committed: &[u8]) -> Result<Sealed, Failure> {
    let mut ledger = recovered(home)?;
    let sealed = match key::find(home, &ledger)? {
        Key::None => ledger.seal(None)?,
        Key::Here(signer) => ledger.seal(Some(&signer))?,
        Key::Elsewhere(path) => {
            return Err(Failure::usage(
                format!("the log's key is not here: nothing was sealed, and {}", waiting(&ledger)),
                format!(
                    "seal where `{}` is, or name the file in `{}`",
                    path.display(),
                    key::VARIABLE
                ),
            ));
        }
    };
    ledger.drop_journals(home.private.is_some().then_some(committed))?;
    Ok(sealed)
}

/// The time-stamp of what is sealed.
#[derive(Clone, Debug)]
pub struct Stamp {
    /// So many entries were there.
    pub size: u64,
    /// At this time.
    pub at: Timestamp,
    /// It counts: the policy names its authority.
    pub trusted: bool,
    /// The certificates by which a policy could name it, with their names.
    pub authorities: Vec<(Digest, String)>,
}

/// Has the checkpoint stamped by the authority at `url`.
///
/// # Errors
/// When there is none, or no time-stamp comes back.
pub fn stamp(home: &Home, url: &str) -> Result<Stamp, Failure> {
    let ledger = Ledger::open(location(home))?;
    let nonce =
        (home.random)().map_err(|error| Failure::ours(format!("no random bytes: {error}")))?;
    let stamped = ledger.stamp(&nonce, |request| timestamp::ask(url, request))?;
    let rules = ledger.rules().rules;
    let trusted = rules.is_ok_and(|rules| stamped.stamp.is_by(&rules.policy.timestamps));
    let (size, at) = (stamped.checkpoint.size, stamped.stamp.at);
    Ok(Stamp { size, at, trusted, authorities: stamped.stamp.authorities() })
}

/// Seals what was written, where this machine can; where not, everything waits in the inbox, and the user is told.
pub(super) fn seal_here(home: &Home, ledger: &mut Ledger) -> Result<(), Failure> {
    let sealed = match key::find(home, ledger)? {
        Key::None => ledger.seal(None),
        Key::Here(signer) => ledger.seal(Some(&signer)),
        Key::Elsewhere(_) => {
            let waiting = waiting(ledger);
            home.notices.add(format!("the log's key is not here: {waiting} to be sealed"));
            return Ok(());
        }
    };
    // What was recorded is safe, whether it is sealed now or later.
    if let Err(error) = sealed {
        home.notices.add(format!("nothing was sealed: {}; {}", error.message, error.hint));
    }
    Ok(())
}

fn waiting(ledger: &Ledger) -> String {
    let count = ledger.entries().iter().filter(|stored| !stored.sealed).count();
    let entries = if count == 1 { "entry waits" } else { "entries wait" };
    format!("{count} {entries} safely in `ledger/inbox/`")
}
