//! Directives: comment lines before the first command that say how a block is run. A closed list.

use std::time::Duration;

use super::{Fault, TIMEOUT};

mod again;
mod place;
mod scope;

pub use again::{Again, Limit};
pub(crate) use place::AGENT;
pub use place::Place;
pub(super) use place::Reach;
pub(crate) use scope::distinct;
pub use scope::{After, Condition, Each, List, Save};

/// What a block's directives say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directives {
    /// How long each attempt at the whole block may take.
    pub timeout: Duration,
    /// Working folder, relative to the repository's root.
    pub cwd: Option<String>,
    /// Nothing else runs beside it.
    pub serial: bool,
    /// It can write only to its temporary folder.
    pub no_writes: bool,
    /// It runs there, and not here.
    pub place: Option<Place>,
    /// It is tried again where it does not pass.
    pub again: Option<Again>,
    /// Items that have to pass before.
    pub after: Vec<After>,
    /// What has to hold of parameters, or the block is not for this run.
    pub conditions: Vec<Condition>,
    /// It is run once for each of these.
    pub each: Option<Each>,
    /// What later items get from it.
    pub saves: Vec<Save>,
}

impl Default for Directives {
    fn default() -> Self {
        Self {
            timeout: TIMEOUT,
            cwd: None,
            serial: false,
            no_writes: false,
            place: None,
            again: None,
            after: Vec::new(),
            conditions: Vec::new(),
            each: None,
            saves: Vec::new(),
        }
    }
}

/// Directives that are planned and not understood yet: never ignored.
const LATER: &[&str] = &["for"];

/// Directives of one kind of checks, which takes them itself.
const OF_KINDS: &[(&str, &str)] = &[("server", "promql"), ("url", "sql")];

/// Directives, each with an example of its form.
const NOW: &[(&str, &str)] = &[
    ("timeout", "timeout: 30s"),
    ("cwd", "cwd: web/app"),
    ("serial", "serial"),
    ("sandbox", "sandbox: no-writes"),
    ("on", "on: ssh://host"),
    ("retry", "retry: 6 every 5s"),
    ("until", "until: 5m every 10s"),
    ("after", "after: #id"),
    ("if", "if: NAME == \"value\""),
    ("each", "each: NAME in first second"),
    ("save", "save: NAME = .path"),
];

/// What other tools call them.
const OTHERS: &[(&str, &str)] = &[
    ("retries", "retry"),
    ("attempts", "retry"),
    ("tries", "retry"),
    ("depends", "after"),
    ("requires", "after"),
    ("needs", "after"),
    ("foreach", "each"),
    ("loop", "each"),
    ("workdir", "cwd"),
    ("redirect", "redirects"),
    ("follow", "redirects"),
    ("nameserver", "resolver"),
    ("cacert", "ca"),
    ("cert", "identity"),
];

/// The longest time a block may ask for: a day.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

impl Directives {
    /// Takes one comment (without `#`) that stands before the first command. `Ok(false)`: it is an
    /// ordinary comment.
    pub(super) fn take(&mut self, comment: &str, line: usize) -> Result<bool, Fault> {
        let text = comment.trim();
        if text == "serial" {
            self.serial = true;
            return Ok(true);
        }
        let Some((name, value)) = name_and_value(text) else {
            return misspelt(text, line).map_or(Ok(false), Err);
        };
        if let Some((_, kind)) = OF_KINDS.iter().find(|(known, _)| *known == name) {
            let message = format!("directive `{name}` belongs to `{kind}` checks");
            return Err(Fault::new(line, "HP104", message, "take it out"));
        }
        if LATER.contains(&name) {
            return Err(Fault::new(
                line,
                "HP104",
                format!("directive `{name}` is not supported yet"),
                "take it out, or write `#` before it once more if it is prose",
            ));
        }
        let Some(form) = form(name) else {
            return near_miss(name, line)
                .or_else(|| short_slip(name, value, line))
                .map_or(Ok(false), Err);
        };
        let taken = self.set(name, value, line).and_then(|()| self.agrees(name));
        let refuse = |why| Fault::new(line, "HP103", why, format!("write `# {form}`"));
        taken.map(|()| true).map_err(refuse)
    }

    /// Takes the value of a directive; what is wrong with it is said in words.
    fn set(&mut self, name: &str, value: &str, line: usize) -> Result<(), String> {
        match name {
            "timeout" => {
                self.timeout = duration(value)
                    .filter(|time| !time.is_zero() && *time <= LONGEST)
                    .ok_or_else(|| format!("`{value}` is no time a check could have"))?;
            }
            "cwd" => {
                let inside = !value.is_empty()
                    && !value.starts_with('/')
                    && !value.split('/').any(|part| part == "..");
                if !inside {
                    return Err(format!("`{value}` is no folder below the repository's root"));
                }
                self.cwd = Some(value.to_owned());
            }
            "retry" | "until" => {
                let again = Again::read(name, value)?;
                if self.again.replace(again).is_some() {
                    return Err("one `retry` or `until` is enough".to_owned());
                }
            }
            "sandbox" if value == "no-writes" => self.no_writes = true,
            "sandbox" => return Err(format!("`{value}` is no sandbox")),
            "on" => {
                if self.place.replace(Place::read(value)?).is_some() {
                    return Err("a block runs in one place".to_owned());
                }
            }
            "after" => self.after.extend(scope::after(value, line)?),
            "if" => self.conditions.push(scope::condition(value, line)?),
            "each" => {
                if self.each.replace(scope::each(value, line)?).is_some() {
                    return Err("a block has one `each`".to_owned());
                }
            }
            "save" => self.saves.push(scope::save(value, line)?),
            _ => return Err(format!("`{name}` takes no value")),
        }
        Ok(())
    }

    /// Whether what directive `name` says goes together with the others.
    fn agrees(&self, name: &str) -> Result<(), String> {
        if self.each.is_some() && !self.saves.is_empty() && matches!(name, "each" | "save") {
            return Err("a block that runs for `each` saves no single value".to_owned());
        }
        if self.place.is_some() && matches!(name, "on" | "cwd" | "sandbox") {
            if self.cwd.is_some() {
                return Err("`cwd` is a folder here, and the block runs elsewhere".to_owned());
            }
            if self.no_writes {
                return Err("`sandbox` guards what runs here".to_owned());
            }
        }
        Ok(())
    }
}

/// The form of a directive of this version.
fn form(name: &str) -> Option<&'static str> {
    NOW.iter().find(|(known, _)| *known == name).map(|(_, form)| *form)
}

/// A value that has the form of this directive, which is no form that prose has.
fn is_telling(name: &str, value: &str) -> bool {
    match name {
        "timeout" => duration(value).is_some(),
        "sandbox" => value.trim() == "no-writes",
        "on" => Place::read(value).is_ok(),
        "retry" | "until" => Again::read(name, value).is_ok(),
        "after" => scope::after(value, 0).is_ok(),
        "if" => scope::condition(value, 0).is_ok(),
        "each" => scope::each(value, 0).is_ok(),
        // Compiling a program for each comment would take too long.
        "save" => scope::save_form(value).is_some(),
        _ => false,
    }
}

/// A comment after the first command that would have been a directive before it, or nearly.
pub(super) fn misplaced(comment: &str, line: usize) -> Option<Fault> {
    let Some((name, value)) = name_and_value(comment.trim()) else {
        return misspelt(comment.trim(), line);
    };
    let strict =
        ["timeout", "cwd", "serial", "retry", "until", "each", "save", "sandbox"].contains(&name);
    // These words begin ordinary sentences.
    let telling = || matches!(name, "after" | "if" | "on") && is_telling(name, value);
    if !strict && !telling() {
        return near_miss(name, line).or_else(|| short_slip(name, value, line));
    }
    Some(too_late(name, line))
}

/// A directive below the first command.
pub(super) fn too_late(name: &str, line: usize) -> Fault {
    Fault::new(
        line,
        "HP105",
        format!("directive `{name}` stands after the first command"),
        "move it to the top of the block",
    )
}

/// A directive of this version in capitals or without its colon: `Timeout: 5s`, `timeout 5s`.
fn misspelt(text: &str, line: usize) -> Option<Fault> {
    let end = text.find(|char: char| !char.is_ascii_alphabetic())?;
    let (name, rest) = text.split_at(end);
    let (meant, _) = NOW.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
    let value = rest.trim_start_matches([' ', ':', '=']);
    let loud =
        ["timeout", "cwd", "serial", "sandbox", "retry"].contains(meant) && rest.starts_with(':');
    let mut words = value.split([' ', ':']).filter(|word| !word.is_empty());
    let timed = matches!(*meant, "retry" | "until")
        && words.clone().count() <= 5
        && words.any(|word| duration(word).is_some());
    (loud || timed || is_telling(meant, value)).then(|| slip(text, meant, line))
}

/// What nearly is a directive that only one kind of checks has: `# resolvr: …`, `# redirects 3`.
pub(super) fn slip_of_kind(text: &str, own: &[&str], line: usize) -> Option<Fault> {
    let text = text.trim();
    let end = text.find(|char: char| !char.is_ascii_alphabetic()).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let lower = word.to_ascii_lowercase();
    let off = |known: &str| strsim::damerau_levenshtein(&lower, known);
    let far = |known: &str| if known.len() < 5 { 0 } else { 2 };
    let meant = own.iter().find(|known| off(known) <= far(known))?;
    let value = rest.trim_start_matches([' ', '\t', ':', '=']);
    // Without a colon only what no sentence goes on with.
    let one = value.split_whitespace().count() <= 2;
    let telling = one && value.contains(['.', '/', ':', '{']) || value.parse::<u32>().is_ok();
    let is_meant = match rest.trim_start().chars().next() {
        Some(':' | '=') => true,
        _ => telling,
    };
    is_meant.then(|| slip(word, meant, line))
}

/// A slip in a word so short that only the value tells what was meant: `eahc: S in a b`.
fn short_slip(name: &str, value: &str, line: usize) -> Option<Fault> {
    let near = |known: &str| strsim::damerau_levenshtein(name, known) == 1;
    let is_meant = |known: &str| known.len() < 5 && near(known) && is_telling(known, value);
    let (meant, _) = NOW.iter().find(|(known, _)| is_meant(known))?;
    Some(slip(name, meant, line))
}

fn slip(written: &str, meant: &str, line: usize) -> Fault {
    let message = format!("`{written}` looks like the directive `{meant}`");
    let form = if meant == "serial" { "serial".to_owned() } else { format!("{meant}: …") };
    Fault::new(line, "HP102", message, format!("write `# {form}`"))
}

/// A word that was probably meant to be a directive or an expectation.
pub(super) fn near_miss(name: &str, line: usize) -> Option<Fault> {
    let now = NOW.iter().map(|(known, _)| known);
    let kinds = OF_KINDS.iter().map(|(known, _)| known);
    let mut known = now.chain(LATER).chain(kinds).chain(&["expect", "expected"]);
    if let Some((other, meant)) = OTHERS.iter().find(|(other, _)| *other == name) {
        return Some(slip(other, meant, line));
    }
    // `except` is a word of its own.
    if name == "except" || known.clone().any(|known| *known == name) {
        return None;
    }
    let meant = known.by_ref().filter(|known| known.len() >= 5).find(|known| {
        let off = strsim::damerau_levenshtein(name, known);
        off > 0 && off <= if known.len() == 5 { 1 } else { 2 }
    })?;
    Some(Fault::new(
        line,
        "HP102",
        format!("`{name}` looks like `{meant}`"),
        format!("write `# {meant}: …`"),
    ))
}

/// `name: value` where the name is one word in lower case.
pub(super) fn name_and_value(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once(':')?;
    let is_word = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_lowercase());
    (is_word && !value.starts_with("//")).then(|| (name, value.trim()))
}

/// `500ms`, `30s`, `5m`, `2h`.
fn duration(text: &str) -> Option<Duration> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.trim_end().parse().ok()?;
    let millis = match &text[digits.len()..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        _ => return None,
    };
    number.checked_mul(millis).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(comment: &str) -> Result<bool, &'static str> {
        Directives::default().take(comment, 0).map_err(|fault| fault.code)
    }

    #[test]
    fn takes_what_it_knows_and_leaves_prose_alone() {
        assert_eq!(take(" timeout: 10s"), Ok(true));
        assert_eq!(take(" cwd: web/app"), Ok(true));
        assert_eq!(take(" serial"), Ok(true));
        assert_eq!(take(" sandbox: no-writes"), Ok(true));
        for prose in [
            " 1. Disk space",
            " Note: this is slow",
            " see https://example.com",
            " later: rotate",
            " note: slow",
        ] {
            assert_eq!(take(prose), Ok(false), "{prose}");
        }
    }

    #[test]
    fn directives_that_contradict_each_other_are_refused() {
        for lines in [
            ["retry: 3 every 5s", "until: 5m every 10s"],
            ["retry: 3 every 5s", "retry: 3 every 5s"],
            ["each: A in x y", "each: B in x y"],
            ["each: A in x y", "save: V = .v"],
            ["save: V = .v", "each: A in x y"],
            ["on: ssh://a", "on: ssh://b"],
            ["on: ssh://a", "cwd: web"],
            ["sandbox: no-writes", "on: ssh://a"],
        ] {
            let mut directives = Directives::default();
            assert_eq!(directives.take(lines[0], 0), Ok(true), "{lines:?}");
            let refused = directives.take(lines[1], 1).map_err(|fault| fault.code);
            assert_eq!(refused, Err("HP103"), "{lines:?}");
        }
    }

    #[test]
    fn below_a_command_they_are_told_from_prose() {
        let code = |comment| misplaced(comment, 0).map(|fault| fault.code);
        for directive in ["retry: 3 every 5s", "after: #db", "if: ENV == \"x\"", "save: A = .a"] {
            assert_eq!(code(directive), Some("HP105"), "{directive}");
        }
        for prose in ["after: the deployment", "if: it is slow", "note: after #db"] {
            assert_eq!(code(prose), None, "{prose}");
        }
    }

    #[test]
    fn near_misses_of_directives_of_one_kind_are_told_from_prose() {
        let own = ["resolver", "redirects", "ca", "name", "identity"];
        let is_slip = |text: &str| slip_of_kind(text, &own, 0).is_some();
        for slip in [
            " resolvr: 127.0.0.1:53",
            " Resolver: 127.0.0.1",
            " resolver 127.0.0.1:53",
            " redirect: 3",
            " redirects 3",
            " ca certs/ca.pem",
            " CA = certs/ca.pem",
            " name www.example.com",
            " identity {{CLIENT}}",
        ] {
            assert!(is_slip(slip), "{slip}");
        }
        for prose in [
            " name of the load balancer",
            " names are those of the seed",
            " redirects are followed by the browser",
            " resolver of the office",
            " ca. 3 minutes",
            " a note",
            "",
        ] {
            assert!(!is_slip(prose), "{prose}");
        }
    }

    #[test]
    fn refuses_near_misses_and_what_is_not_there_yet() {
        assert_eq!(take(" timout: 3s"), Err("HP102"));
        assert_eq!(take(" expct: exit == 0"), Err("HP102"));
        for near in [
            " Timeout: 5s",
            " TIMEOUT: 5s",
            " timeout 5s",
            " timeout = 5s",
            " Cwd: web",
            " sandbox no-writes",
        ] {
            assert_eq!(take(near), Err("HP102"), "{near}");
        }
        assert_eq!(take(" timeout of the proxy is checked below"), Ok(false));
        for near in [
            " Retry: 3 every 5s",
            " Retry: soon",
            " retry 3 every 5s",
            " Until: 5m every 10s",
            " untill: 5m every 10s",
            " After: #db",
            " IF: ENV == \"x\"",
            " eahc: S in a b",
            " sav: A = .a",
            " retry until: 20s",
            " retries: 3 every 1s",
            " attempts: 3",
            " depends: #a",
        ] {
            assert_eq!(take(near), Err("HP102"), "{near}");
        }
        for prose in
            [" After: the deployment", " If: it is slow", " Each: of them", " eahc: of them"]
        {
            assert_eq!(take(prose), Ok(false), "{prose}");
        }
        assert_eq!(take(" for: 48h every 30m"), Err("HP104"));
        for wrong in [
            " timeout: soon",
            " timeout: 0s",
            " timeout: 9999h",
            " cwd: ../x",
            " cwd: /tmp",
            " serial: yes",
            " retry: 3",
            " until: passes",
            " after: the deployment",
            " if: it rains",
            " each: of them",
            " save: face",
            " sandbox: none",
            " on: the first host",
            " on: ssh://-oProxyCommand=id",
        ] {
            assert_eq!(take(wrong), Err("HP103"), "{wrong}");
        }
    }
}
