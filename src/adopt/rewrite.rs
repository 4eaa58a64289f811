//! Words of a command that have to change before it can run by itself: placeholders, hosts, `-it`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use regex::Regex;

use crate::checklist::Checklist;
use crate::survey::{self, PlaceholderKind, Survey};

/// What front matter has to declare, gathered while blocks are written.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Parameters, and the values that they have where nobody gives another.
    pub(super) params: BTreeMap<String, Param>,
    /// Variables of the caller.
    pub(super) env: Vec<String>,
}

/// A parameter.
#[derive(Clone, Debug)]
pub(super) struct Param {
    pub(super) default: Option<String>,
    /// Checks that run by themselves use it.
    pub(super) needed: bool,
}

/// What may be put in the place of words in commands.
pub(super) struct Wording {
    /// Hosts that several commands name, and the parameter for each.
    hosts: Vec<(String, String)>,
    /// Placeholders by lines.
    placeholders: Vec<(usize, String)>,
    /// Parameters and variables that are declared already.
    declared: Vec<String>,
}

static HOST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"https?://((?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}|\d{1,3}(?:\.\d{1,3}){3})").ok()
});

static TERMINAL_FLAG: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r" -(?:it|ti|t)( |$)").ok());

/// Names that would change how programs behave, or that the shell has already.
const TAKEN: &[&str] = &[
    "PATH", "HOME", "USER", "SHELL", "HOSTNAME", "PWD", "ENV", "IFS", "LANG", "TERM", "EDITOR",
    "PAGER", "LOGNAME", "UID", "RANDOM", "SECONDS", "TMPDIR",
];

/// Nobody gives more hosts by parameters.
const MOST: usize = 12;

impl Wording {
    pub(super) fn of(checklist: &Checklist, survey: &Survey) -> Self {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for found in survey.commands.iter().filter(|found| found.block.is_some()) {
            for host in hosts_of(&found.command.text) {
                *counts.entry(host.to_owned()).or_default() += 1;
            }
        }
        let mut shared: Vec<String> =
            counts.into_iter().filter(|(_, times)| *times > 1).map(|(host, _)| host).collect();
        shared.truncate(MOST);
        let alone = shared.len() == 1;
        let name = |host: &str| if alone { "HOST".to_owned() } else { host_name(host) };
        let hosts = shared.iter().map(|host| (host.clone(), name(host))).collect();
        // `{http_code}` is a word of `curl`, `{name}` of a shell's own braces.
        let filled = |found: &&survey::Placeholder| match found.kind {
            PlaceholderKind::Angle | PlaceholderKind::Bracket => true,
            PlaceholderKind::Brace => found.text.starts_with("{{"),
            _ => false,
        };
        let in_blocks = || survey.placeholders.iter().filter(|placeholder| placeholder.in_block);
        let placeholders = in_blocks().filter(filled);
        let front = &checklist.front;
        let declared = front.params.iter().map(|param| param.name.clone());
        Self {
            hosts,
            placeholders: placeholders.map(|found| (found.line, found.text.clone())).collect(),
            declared: declared.chain(front.env.iter().cloned()).collect(),
        }
    }

    /// A statement as it can run by itself; `line` is its first line in the file, `script` all of its
    /// block. What it uses is `needed` where it is a check.
    ///
    /// # Errors
    /// Why it cannot be.
    pub(super) fn rewrite(
        &self,
        lines: &[&str],
        line: usize,
        script: &str,
        needed: bool,
        acts: bool,
        names: &mut Names,
    ) -> Result<Vec<String>, String> {
        let mut text = without_terminal(&lines.join("\n"));
        let here = line..line + lines.len();
        for (_, placeholder) in self.placeholders.iter().filter(|(at, _)| here.contains(at)) {
            let name = param_name(placeholder);
            if text.contains(placeholder.as_str()) {
                text = put(&text, placeholder, &name, acts)
                    .filter(|_| !is_verbatim(&text))
                    .ok_or_else(|| {
                        format!("`{placeholder}` stands where no parameter can: fill it in")
                    })?;
                names.declare(&name, None, needed, &self.declared);
            }
        }
        for (host, name) in &self.hosts {
            if text.contains(host.as_str())
                && !acts
                && !is_verbatim(&text)
                && let Some(new) = put(&text, host, name, false)
            {
                text = new;
                names.declare(name, Some(host), needed, &self.declared);
            }
        }
        let set = survey::names_set(script);
        for (name, braced) in variables(&lines.join("\n")) {
            if braced && name.chars().all(|c| c.is_ascii_lowercase()) {
                return Err(format!("`${name}` in double quotes is a variable of the shell"));
            }
            let known = names.params.contains_key(&name) || self.declared.contains(&name);
            if !known && !set.contains(&name) && !names.env.contains(&name) {
                names.env.push(name);
            }
        }
        Ok(text.split('\n').map(str::to_owned).collect())
    }
}

impl Names {
    fn declare(&mut self, name: &str, default: Option<&String>, needed: bool, declared: &[String]) {
        if declared.iter().any(|known| known == name) {
            return;
        }
        let new = || Param { default: default.cloned(), needed: false };
        self.params.entry(name.to_owned()).or_insert_with(new).needed |= needed;
    }
}

/// A here-document whose word is quoted is taken as it is.
fn is_verbatim(text: &str) -> bool {
    text.match_indices("<<")
        .any(|(at, _)| text[at + 2..].trim_start_matches(['-', ' ']).starts_with(['\'', '"', '\\']))
}

fn hosts_of(text: &str) -> Vec<&str> {
    let found = HOST.iter().flat_map(|regex| regex.captures_iter(text));
    let hosts = found.filter_map(|found| found.get(1)).map(|host| host.as_str());
    hosts.filter(|host| *host != "127.0.0.1" && !host.starts_with("0.")).collect()
}

/// `api.staging.example.org` → `API_STAGING_HOST`.
fn host_name(host: &str) -> String {
    if host.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return format!("HOST_{}", host.replace('.', "_"));
    }
    let labels: Vec<&str> = host.split('.').collect();
    let own = labels.len().saturating_sub(2).max(1);
    format!("{}_HOST", word(&labels[..own].join("_")))
}

/// `<pod-name>` → `POD_NAME`.
fn param_name(placeholder: &str) -> String {
    let name = word(placeholder);
    if TAKEN.contains(&name.as_str()) { format!("{name}_VALUE") } else { name }
}

fn word(text: &str) -> String {
    let upper = text.to_uppercase();
    let words = upper.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name = words.collect::<Vec<_>>().join("_");
    if name.starts_with(|c: char| c.is_ascii_digit()) || name.is_empty() {
        format!("P_{name}")
    } else {
        name
    }
}

/// Puts `$NAME` for every occurrence of a text, quoted as its place wants; none where it stands in
/// single quotes.
fn put(script: &str, what: &str, name: &str, loud: bool) -> Option<String> {
    // Somebody pastes an action into a shell where nothing is set.
    let (open, close) = if loud { ("${", ":?}") } else { ("$", "") };
    let mut new = String::with_capacity(script.len());
    let mut rest = 0;
    let mut quote = Quotes::default();
    for (at, _) in script.match_indices(what) {
        quote.read(&script[rest..at]);
        new.push_str(&script[rest..at]);
        rest = at + what.len();
        // Not inside of a longer word: `api.example.org` in `my-api.example.org`.
        let inside = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || c == '-');
        if what.starts_with(|c: char| c.is_ascii_alphanumeric())
            && (inside(script[..at].chars().next_back()) || inside(script[rest..].chars().next()))
        {
            new.push_str(what);
            continue;
        }
        let follows_word =
            script[rest..].starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        // In a text of another language inside of double quotes a value would become program.
        let inner = script[..at].ends_with('\'') && script[rest..].starts_with('\'');
        match quote.open {
            Some('\'') => return None,
            Some(_) if inner => return None,
            Some(_) if follows_word && !loud => new.push_str(&format!("${{{name}}}")),
            Some(_) => new.push_str(&format!("{open}{name}{close}")),
            None => new.push_str(&format!("\"{open}{name}{close}\"")),
        }
    }
    new.push_str(&script[rest..]);
    Some(new)
}

/// Variables that a statement reads, but for those that every shell has; and whether a brace stands
/// before each, as in `{$gt: 1}`.
fn variables(text: &str) -> Vec<(String, bool)> {
    const SHELL: &[&str] =
        &["HOME", "PATH", "PWD", "USER", "SHELL", "HOSTNAME", "RANDOM", "SECONDS", "IFS", "LANG"];
    let Some(regex) = VARIABLE.as_ref() else { return Vec::new() };
    let mut quote = Quotes::default();
    let (mut read, mut names) = (0, Vec::new());
    for found in regex.captures_iter(text) {
        let (Some(whole), Some(name)) = (found.get(0), found.get(1).or(found.get(2))) else {
            continue;
        };
        quote.read(&text[read..whole.start()]);
        read = whole.start();
        if quote.open != Some('\'') && !SHELL.contains(&name.as_str()) {
            let braced = text[..whole.start()].trim_end().ends_with('{');
            names.push((name.as_str().to_owned(), braced));
        }
    }
    names
}

static VARIABLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\$(?:\{([A-Za-z_]\w*)|([A-Za-z_]\w*))").ok());

/// Which quote is open.
#[derive(Default)]
struct Quotes {
    open: Option<char>,
    escaped: bool,
}

impl Quotes {
    fn read(&mut self, text: &str) {
        for char in text.chars() {
            let escaped = std::mem::take(&mut self.escaped);
            match (self.open, char) {
                (None | Some('"'), '\\') if !escaped => self.escaped = true,
                _ if escaped => {}
                (None, '\'' | '"') => self.open = Some(char),
                (Some(open), _) if open == char => self.open = None,
                _ => {}
            }
        }
    }
}

/// `exec -it pod -- df` wants a terminal and does not need one.
pub(super) fn only_wants_terminal(text: &str) -> bool {
    let without = without_terminal(text);
    without != text
        && !crate::command::commands(&without).iter().any(|command| command.habits.interactive)
}

fn without_terminal(text: &str) -> String {
    let execs = ["docker exec", "kubectl exec", "podman exec", "oc exec"];
    if !execs.iter().any(|exec| text.contains(exec)) {
        return text.to_owned();
    }
    let Some(flag) = TERMINAL_FLAG.as_ref() else { return text.to_owned() };
    flag.replace(text, "$1").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_quoted_as_their_place_wants() {
        assert_eq!(
            put("logs <pod> -n x", "<pod>", "POD", false).as_deref(),
            Some("logs \"$POD\" -n x")
        );
        assert_eq!(
            put("echo \"a <pod>b\"", "<pod>", "POD", false).as_deref(),
            Some("echo \"a ${POD}b\"")
        );
        assert_eq!(
            put("curl https://a.org/x", "a.org", "HOST", false).as_deref(),
            Some("curl https://\"$HOST\"/x")
        );
        assert_eq!(
            put("curl https://my-a.org/x", "a.org", "HOST", false).as_deref(),
            Some("curl https://my-a.org/x")
        );
        assert_eq!(put("awk '{<pod>}'", "<pod>", "POD", false), None);
        assert_eq!(param_name("[service-name]"), "SERVICE_NAME");
        assert_eq!(param_name("<path>"), "PATH_VALUE");
        assert_eq!(host_name("api.staging.acme.io"), "API_STAGING_HOST");
    }

    #[test]
    fn a_terminal_is_taken_away_where_it_is_not_needed() {
        assert_eq!(without_terminal("kubectl exec -it p -- df -h"), "kubectl exec p -- df -h");
        assert!(only_wants_terminal("kubectl exec -it p -- df -h"));
        assert!(!only_wants_terminal("kubectl exec -it p -- bash"));
    }
}
