//! `allowed_signers` (ssh-keygen(1), "ALLOWED SIGNERS") and `revoked`, read strictly: a line that could let in
//! more people than it seems to is refused, and with it the file.

use std::collections::BTreeSet;
use std::fmt;

use chrono::{NaiveDateTime, Utc};
use ssh_key::{HashAlg, PublicKey};

use crate::clock::Timestamp;

use super::statement::{Act, namespace};

/// A file may be so long: 1 MiB.
const LIMIT: usize = 1 << 20;

/// Who may sign what.
#[derive(Clone, Debug, Default)]
pub struct Signers(Vec<Signer>);

/// One line.
#[derive(Clone, Debug)]
pub struct Signer {
    /// People who have the key; the first is who it is.
    pub principals: Vec<String>,
    /// What it may sign: `tech-lead.signoff@holdpoint`.
    pub namespaces: Vec<String>,
    /// The key.
    pub key: PublicKey,
    /// From when it is good.
    pub valid_after: Option<Timestamp>,
    /// Until when.
    pub valid_before: Option<Timestamp>,
    /// The line, from 1.
    pub line: usize,
}

/// Keys that are good no more.
#[derive(Clone, Debug, Default)]
pub struct Revoked(Vec<PublicKey>);

/// Why a file is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The line, from 1.
    pub line: usize,
    /// Lower case, no full stop.
    pub why: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

impl Signers {
    /// Reads the file.
    ///
    /// # Errors
    /// The first line that is refused.
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let lines = lines(bytes)?;
        let signers = lines.into_iter().map(|(line, text)| signer(line, text));
        signers.collect::<Result<Vec<_>, _>>().map(Self)
    }

    /// Nobody may sign.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All lines.
    pub fn iter(&self) -> impl Iterator<Item = &Signer> {
        self.0.iter()
    }

    /// Who a principal is: of the names that stand in a line together, whatever their case, the first in order.
    /// One person under two names is not two.
    pub fn person(&self, principal: &str) -> String {
        let mut names = BTreeSet::from([principal.to_lowercase()]);
        loop {
            let known = names.len();
            for signer in &self.0 {
                let theirs = signer.principals.iter().map(|name| name.to_lowercase());
                if theirs.clone().any(|name| names.contains(&name)) {
                    names.extend(theirs);
                }
            }
            if names.len() == known {
                return names.pop_first().unwrap_or_default();
            }
        }
    }

    /// The principals whose key this is, in the order of the file, each once.
    pub fn principals_of(&self, key: &PublicKey) -> Vec<&str> {
        let lines = self.0.iter().filter(|signer| signer.key.key_data() == key.key_data());
        let mut names: Vec<&str> = Vec::new();
        for name in lines.flat_map(|signer| &signer.principals) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// The lines that let a key do something for a role, whatever their time.
    pub fn of_key<'s>(
        &'s self,
        key: &'s PublicKey,
        role: &str,
        act: Act,
    ) -> impl Iterator<Item = &'s Signer> {
        let namespace = namespace(role, act);
        self.0.iter().filter(move |signer| {
            signer.key.key_data() == key.key_data() && signer.namespaces.contains(&namespace)
        })
    }
}

impl Signer {
    /// Its key, as `ssh-keygen -l` names it.
    pub fn fingerprint(&self) -> String {
        self.key.fingerprint(HashAlg::Sha256).to_string()
    }

    /// Whether its key is good at a time.
    pub fn is_valid(&self, at: Timestamp) -> bool {
        self.valid_after.is_none_or(|after| at >= after)
            && self.valid_before.is_none_or(|before| at < before)
    }
}

impl Revoked {
    /// Reads public keys, one on a line.
    ///
    /// # Errors
    /// The first line that is none.
    pub fn read(bytes: &[u8]) -> Result<Self, Refused> {
        let keys = lines(bytes)?.into_iter().map(|(line, text)| {
            PublicKey::from_openssh(text).map_err(|_| refused(line, "this is no public key"))
        });
        keys.collect::<Result<Vec<_>, _>>().map(Self)
    }

    /// All but those that `was_good` when it mattered.
    pub fn without(&self, was_good: impl Fn(&PublicKey) -> bool) -> Self {
        Self(self.0.iter().filter(|key| !was_good(key)).cloned().collect())
    }

    /// Whether a key is good no more.
    pub fn holds(&self, key: &PublicKey) -> bool {
        self.0.iter().any(|revoked| revoked.key_data() == key.key_data())
    }
}

fn refused(line: usize, why: impl Into<String>) -> Refused {
    Refused { line, why: why.into() }
}

/// Lines that say something, with their numbers.
fn lines(bytes: &[u8]) -> Result<Vec<(usize, &str)>, Refused> {
    if bytes.len() > LIMIT {
        return Err(refused(1, "the file is longer than 1 MiB"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| refused(1, "the file is not UTF-8"))?;
    if let Some(line) = text.lines().position(|line| line.contains(['\r', '\0', '\u{b}', '\u{c}']))
    {
        return Err(refused(line + 1, "it holds a control character"));
    }
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim_matches([' ', '\t'])));
    Ok(lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')).collect())
}

/// `principals options key-type base64-key comment`.
fn signer(line: usize, text: &str) -> Result<Signer, Refused> {
    let refuse = |why: &str| Err(refused(line, why));
    if text.starts_with('"') {
        return refuse("principals in quotes are not read");
    }
    let (principals, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    let principals: Vec<String> = principals.split(',').map(str::to_owned).collect();
    if principals.iter().any(|name| !is_plain(name)) {
        return refuse("a principal is empty, or holds a wildcard or a negation");
    }
    let (options, key) = options(rest.trim_start()).map_err(|why| refused(line, why))?;
    let mut signer = Signer {
        principals,
        namespaces: Vec::new(),
        key: PublicKey::from_openssh(key).map_err(|_| refused(line, "this is no public key"))?,
        valid_after: None,
        valid_before: None,
        line,
    };
    for (name, value) in options {
        let value = value.as_deref();
        match (name.to_ascii_lowercase().as_str(), value) {
            ("namespaces", Some(list)) if signer.namespaces.is_empty() => {
                signer.namespaces = list.split(',').map(str::to_owned).collect();
            }
            ("valid-after", Some(text)) if signer.valid_after.is_none() => {
                signer.valid_after = Some(time(text).ok_or_else(|| no_time(line, text))?);
            }
            ("valid-before", Some(text)) if signer.valid_before.is_none() => {
                signer.valid_before = Some(time(text).ok_or_else(|| no_time(line, text))?);
            }
            ("cert-authority", _) => return refuse("certificate authorities are not trusted here"),
            _ => return refuse("an option is not known, stands twice, or has no value"),
        }
    }
    if signer.namespaces.is_empty() {
        return refuse("`namespaces` is missing, and without it the key could sign everything");
    }
    if signer.namespaces.iter().any(|name| !is_plain(name)) {
        return refuse("a namespace is empty, or holds a wildcard or a negation");
    }
    Ok(signer)
}

fn no_time(line: usize, text: &str) -> Refused {
    let why = format!("`{text}` is no time in UTC: write `20270131Z` or `202701312359Z`");
    refused(line, why)
}

/// A name, and no pattern of ssh's.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|char| char.is_alphanumeric() || "@._+-".contains(char))
        && !name.starts_with('-')
}

type Options<'t> = Vec<(&'t str, Option<String>)>;

/// Options before a key, and the key: `namespaces="a,b",valid-after="…" ssh-ed25519 …`.
fn options(text: &str) -> Result<(Options<'_>, &str), &'static str> {
    let mut options = Vec::new();
    let mut rest = text;
    loop {
        // Keys begin with their type, which no option is named like.
        if ["ssh-", "ecdsa-", "sk-"].iter().any(|head| rest.starts_with(head)) {
            return Ok((options, rest));
        }
        let end = rest.find(['=', ',', ' ', '\t']).ok_or("this is no public key")?;
        let (name, behind) = rest.split_at(end);
        rest = behind;
        let value = match rest.strip_prefix("=\"") {
            Some(behind) => {
                let (value, behind) = behind.split_once('"').ok_or("a quote is left open")?;
                if value.contains('\\') {
                    return Err("an option holds a backslash");
                }
                rest = behind;
                Some(value.to_owned())
            }
            None if rest.starts_with('=') => return Err("the value of an option has no quotes"),
            None => None,
        };
        options.push((name, value));
        rest = match rest.strip_prefix(',') {
            Some(behind) => behind,
            None if rest.starts_with([' ', '\t']) => {
                let key = rest.trim_start_matches([' ', '\t']);
                return Ok((options, key));
            }
            None => return Err("this is no public key"),
        };
    }
}

/// `YYYYMMDDZ`, `YYYYMMDDHHMMZ` or `YYYYMMDDHHMMSSZ`: without `Z` it would be whatever zone the reader is in.
fn time(text: &str) -> Option<Timestamp> {
    let digits = text.strip_suffix('Z')?;
    let full = match digits.len() {
        8 => format!("{digits}000000"),
        12 => format!("{digits}00"),
        14 => digits.to_owned(),
        _ => return None,
    };
    let time = NaiveDateTime::parse_from_str(&full, "%Y%m%d%H%M%S").ok()?;
    Timestamp::from_millis(time.and_local_timezone(Utc).single()?.timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBv1xVt1kyeBcyF+SzRvvGkfKaMS+Nh5ZCXDhC0sUnVx";

    fn read(head: &str) -> Result<Signers, Refused> {
        Signers::read(format!("# people\n{head} {KEY} a comment\n").as_bytes())
    }

    #[test]
    fn a_line_says_who_may_sign_what_and_when() {
        let signers = read("alice@example.com,alice namespaces=\"tech-lead.signoff@holdpoint,tech-lead.waived@holdpoint\",valid-after=\"20260101Z\",valid-before=\"202701312359Z\"").expect("signers");
        let alice = signers.iter().next().expect("a signer");
        assert_eq!(alice.principals, ["alice@example.com", "alice"]);
        assert_eq!(signers.of_key(&alice.key, "tech-lead", Act::Signoff).count(), 1);
        assert_eq!(signers.of_key(&alice.key, "tech-lead", Act::Decided).count(), 0);
        assert_eq!(signers.of_key(&alice.key, "tech", Act::Signoff).count(), 0);
        let valid = |text: &str| alice.is_valid(text.parse().expect("a time"));
        assert!(!valid("2025-12-31T23:59:59.999Z") && valid("2026-01-01T00:00:00.000Z"));
        assert!(valid("2027-01-31T23:58:59.999Z") && !valid("2027-01-31T23:59:00.000Z"));
    }

    #[test]
    fn a_line_that_could_let_in_more_than_it_seems_to_is_refused() {
        let good = "namespaces=\"a.signoff@holdpoint\"";
        for head in [
            "alice".to_owned(),
            format!("* {good}"),
            format!("*@example.com {good}"),
            format!("alice,!bob {good}"),
            format!("alice, {good}"),
            format!("\"alice\" {good}"),
            format!("alice cert-authority,{good}"),
            "alice namespaces=\"*\"".to_owned(),
            "alice namespaces=\"a.*@holdpoint\"".to_owned(),
            "alice namespaces=\"!a.signoff@holdpoint\"".to_owned(),
            "alice namespaces=\"\"".to_owned(),
            "alice namespaces=a.signoff@holdpoint".to_owned(),
            format!("alice {good},{good}"),
            format!("alice {good},valid-before=\"20270131\""),
            format!("alice {good},valid-before=\"soon\""),
            format!("alice {good},no-touch-required"),
            format!("alice {good},valid-before=\"20270131Z"),
        ] {
            assert!(read(&head).is_err(), "{head}");
        }
        assert!(
            Signers::read(b"alice namespaces=\"a.signoff@holdpoint\" ssh-ed25519 AAAA\n").is_err()
        );
        assert!(Signers::read(&vec![b'#'; LIMIT + 1]).is_err());
        assert!(Signers::read(b"\xff\n").is_err());
        assert!(Signers::read(b"\n# nobody\n").is_ok_and(|signers| signers.is_empty()));
    }

    #[test]
    fn names_in_a_line_are_one_person() {
        let good = "namespaces=\"a.signoff@holdpoint\"";
        let lines =
            format!("alice,a@example.com {good} {KEY}\nAlice,al {good} {KEY}\nbob {good} {KEY}\n");
        let signers = Signers::read(lines.as_bytes()).expect("signers");
        assert_eq!(signers.person("al"), signers.person("a@example.com"));
        assert_ne!(signers.person("al"), signers.person("bob"));
        assert_eq!(signers.person("nobody"), "nobody");
    }

    #[test]
    fn revoked_keys_are_known_whatever_their_comment() {
        let revoked = Revoked::read(format!("{KEY} stolen\n").as_bytes()).expect("keys");
        assert!(revoked.holds(&PublicKey::from_openssh(KEY).expect("a key")));
        assert!(Revoked::read(b"nobody\n").is_err());
    }
}
