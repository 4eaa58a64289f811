//! The rules that a ledger is judged by: who may sign, waive, decide and change these rules. docs/policy.md
//! explains each key.
//!
//! Written as `[policy]` in `holdpoint.toml`, kept in canonical JSON with every key written out, and in force only
//! when the ledger pins it. What is not said is not allowed.

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::json;

/// The rules. Keys in the order of canonical JSON; roles are named by their slugs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// Who may change the rules once keys are pinned.
    pub change: Change,
    /// Roles that may decide a gate; every role of the gate where none is named.
    pub decide: Vec<String>,
    /// Roles that may decide against the verdict.
    pub decide_against: Vec<String>,
    /// Roles that may have evidence forgotten. A policy that names none is written without this key.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub forget: Vec<String>,
    /// Answers older than so many hours do not count.
    pub max_age_hours: Option<i64>,
    /// Printed names, and the writers that people are known as.
    pub people: Vec<Person>,
    /// How many people a role takes at the least; a checklist may ask for more.
    pub quorum: Vec<Quorum>,
    /// Which duties are kept apart.
    pub separate: Vec<Duty>,
    /// Whether statements have to be signed.
    pub signatures: Signatures,
    /// Digests of the certificates of time-stamping authorities, lower-case hex.
    pub timestamps: Vec<Digest>,
    /// Roles that may take entries back.
    pub void: Vec<String>,
    /// Roles that may waive failures and have items skipped.
    pub waive: Vec<String>,
    /// Waivers last so many days at the most.
    pub waive_days: Option<i64>,
    /// What could not be evaluated may be waived too.
    pub waive_errors: bool,
    /// What is not answered may be waived too.
    pub waive_pending: bool,
}

/// Whether statements have to be signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Signatures {
    /// Statements without a signature count; one with a wrong signature does not.
    #[default]
    Optional,
    /// Of sign-offs, waivers, decisions and what takes back or lets go, only what is signed counts.
    Required,
    /// Answers of people have to be signed as well.
    All,
}

/// Duties that one person must not have together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Duty {
    /// Whoever ran something does not sign for it or decide it.
    Operator,
    /// Nobody signs for two roles at a gate.
    Roles,
}

/// Who may change the rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Change {
    /// How many of them together.
    pub people: u32,
    /// Their roles.
    pub roles: Vec<String>,
}

impl Default for Change {
    fn default() -> Self {
        Self { people: 1, roles: Vec::new() }
    }
}

/// Somebody who signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// Their printed name.
    pub name: String,
    /// As `allowed_signers` has them.
    pub principal: String,
    /// What the ledger calls them as a writer: `alice@laptop`.
    #[serde(default)]
    pub writers: Vec<String>,
}

/// How many people a role takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Quorum {
    /// So many.
    pub people: u32,
    /// The role.
    pub role: String,
}

impl Policy {
    /// Its bytes as the ledger keeps them.
    ///
    /// # Errors
    /// When a text in it has no place in canonical JSON.
    pub fn bytes(&self) -> Result<Vec<u8>, json::Refused> {
        json::canonical(self)
    }

    /// Reads what the ledger kept, in canonical form. A key that an older version did not write is what is not said.
    ///
    /// # Errors
    /// When it is anything else, or says what cannot be.
    pub fn read(bytes: &[u8]) -> Result<Self, json::Refused> {
        let policy: Self = json::read(bytes)?;
        policy.check().map_err(json::Refused)?;
        Ok(policy)
    }

    /// Whether what it says can be.
    ///
    /// # Errors
    /// The first thing that cannot: lower case, no full stop.
    pub fn check(&self) -> Result<(), String> {
        let lists = [
            &self.change.roles,
            &self.decide,
            &self.decide_against,
            &self.forget,
            &self.void,
            &self.waive,
        ];
        let quorum = self.quorum.iter().map(|quorum| &quorum.role);
        if let Some(role) = lists.into_iter().flatten().chain(quorum).find(|role| !is_slug(role)) {
            return Err(format!("`{role}` is no role: write `Tech Lead` as `tech-lead`"));
        }
        let counts = self.quorum.iter().map(|quorum| quorum.people).chain([self.change.people]);
        if counts.into_iter().any(|people| !(1..=100).contains(&people)) {
            return Err("a quorum is from 1 to 100 people".to_owned());
        }
        let spans = [self.max_age_hours, self.waive_days];
        if spans.into_iter().flatten().any(|span| !(1..=100_000).contains(&span)) {
            return Err("a number of hours or days is from 1 to 100000".to_owned());
        }
        let twice = |at: usize| {
            let before = &self.people[..at];
            before.iter().any(|other| other.principal == self.people[at].principal)
        };
        match (0..self.people.len()).find(|at| twice(*at)) {
            Some(at) => Err(format!("`{}` is there twice", self.people[at].principal)),
            None => Ok(()),
        }
    }

    /// Statements have to be signed.
    pub fn wants_signatures(&self) -> bool {
        self.signatures != Signatures::Optional
    }

    /// Answers of people have to be signed.
    pub fn wants_signed_answers(&self) -> bool {
        self.signatures == Signatures::All
    }

    /// These duties are kept apart.
    pub fn separates(&self, duty: Duty) -> bool {
        self.separate.contains(&duty)
    }

    /// How many people a role takes, of which a checklist asks for `asked`.
    pub fn quorum_of(&self, role: &str, asked: u32) -> u32 {
        let wanted = self.quorum.iter().filter(|quorum| quorum.role == role);
        wanted.map(|quorum| quorum.people).fold(asked, u32::max)
    }

    /// The printed name of a principal, where it is laid down.
    pub fn name_of(&self, principal: &str) -> Option<&str> {
        let person = self.people.iter().find(|person| person.principal == principal)?;
        Some(&person.name)
    }

    /// Whether a writer is known to be a principal. Who writes is a claim, so that a name before the `@` that
    /// is the same is enough.
    pub fn is_writer(&self, writer: &str, principal: &str) -> bool {
        let local = |name: &str| name.split('@').next().unwrap_or_default().to_lowercase();
        let person = self.people.iter().find(|person| person.principal == principal);
        person.is_some_and(|person| person.writers.iter().any(|known| known == writer))
            || local(writer) == local(principal)
    }
}

fn is_slug(role: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=80).contains(&role.len()) && role.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_kept_with_every_key_and_read_without_those_that_came_later() {
        let policy = Policy { waive: vec!["tech-lead".to_owned()], ..Policy::default() };
        let bytes = policy.bytes().expect("bytes");
        assert_eq!(Policy::read(&bytes), Ok(policy));
        let text = String::from_utf8(bytes).expect("UTF-8");
        let older = text.replace("\"waive_days\":null,", "");
        assert_eq!(Policy::read(older.as_bytes()), Policy::read(text.as_bytes()));
        for other in [
            text.replace("\"void\"", "\"voids\""),
            text.replace(":null", ": null"),
            text.replace("optional", "none"),
            text.replace("\"void\":[]", "\"void\":[\"Tech Lead\"]"),
            text.replace("\"people\":1", "\"people\":0"),
            "# nothing\n".to_owned(),
        ] {
            assert!(Policy::read(other.as_bytes()).is_err(), "{other}");
        }
    }

    #[test]
    fn a_checklist_can_only_raise_a_quorum() {
        let quorum = vec![Quorum { role: "ops".to_owned(), people: 2 }];
        let policy = Policy { quorum, ..Policy::default() };
        assert_eq!(policy.quorum_of("ops", 1), 2);
        assert_eq!(policy.quorum_of("ops", 3), 3);
        assert_eq!(policy.quorum_of("dev", 1), 1);
    }

    #[test]
    fn a_writer_is_known_by_a_list_or_by_the_name_before_the_at() {
        let people = vec![Person {
            name: "Alice Adams".to_owned(),
            principal: "a.adams@example.com".to_owned(),
            writers: vec!["root@build-7".to_owned()],
        }];
        let policy = Policy { people, ..Policy::default() };
        assert!(policy.is_writer("root@build-7", "a.adams@example.com"));
        assert!(policy.is_writer("A.Adams@laptop", "a.adams@example.com"));
        assert!(!policy.is_writer("bob@laptop", "a.adams@example.com"));
    }
}
