//! Directives: comment lines before the first command that say how a block is run. A closed list.

use std::time::Duration;

use super::{Fault, TIMEOUT};

/// What a block's directives say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directives {
    /// How long the whole block may take.
    pub timeout: Duration,
    /// Working folder, relative to the repository's root.
    pub cwd: Option<String>,
    /// Nothing else runs beside it.
    pub serial: bool,
}

impl Default for Directives {
    fn default() -> Self {
        Self { timeout: TIMEOUT, cwd: None, serial: false }
    }
}

/// Directives that are planned and not understood yet: never ignored.
const LATER: &[&str] =
    &["retry", "until", "for", "after", "if", "each", "save", "on", "sandbox", "server", "url"];

const NOW: &[&str] = &["timeout", "cwd", "serial"];

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
        match name {
            "timeout" => {
                self.timeout = duration(value)
                    .filter(|time| !time.is_zero() && *time <= LONGEST)
                    .ok_or_else(|| {
                    Fault::new(
                        line,
                        "HP103",
                        format!("`{value}` is no time a check could have"),
                        "write `30s`, `500ms`, `5m` or `2h`",
                    )
                })?;
            }
            "cwd" => {
                let inside = !value.is_empty()
                    && !value.starts_with('/')
                    && !value.split('/').any(|part| part == "..");
                if !inside {
                    return Err(Fault::new(
                        line,
                        "HP103",
                        format!("`{value}` is no folder below the repository's root"),
                        "write it relative to the root",
                    ));
                }
                self.cwd = Some(value.to_owned());
            }
            "serial" => {
                return Err(Fault::new(
                    line,
                    "HP103",
                    "`serial` takes no value",
                    "write `# serial`",
                ));
            }
            name if LATER.contains(&name) => {
                return Err(Fault::new(
                    line,
                    "HP104",
                    format!("directive `{name}` is not supported yet"),
                    "take it out, or write `#` before it once more if it is prose",
                ));
            }
            name => return near_miss(name, line).map_or(Ok(false), Err),
        }
        Ok(true)
    }
}

/// A comment after the first command that would have been a directive before it, or nearly.
pub(super) fn misplaced(comment: &str, line: usize) -> Option<Fault> {
    let Some((name, _)) = name_and_value(comment.trim()) else {
        return misspelt(comment.trim(), line);
    };
    let strict =
        NOW.contains(&name) || ["retry", "until", "each", "save", "sandbox"].contains(&name);
    if !strict {
        return near_miss(name, line);
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
    let meant = NOW.iter().find(|known| known.eq_ignore_ascii_case(name))?;
    let value = rest.trim_start_matches([' ', ':', '=']);
    let is_meant = rest.starts_with(':') || *meant == "timeout" && duration(value).is_some();
    is_meant.then(|| {
        let form =
            if *meant == "serial" { "# serial".to_owned() } else { format!("# {meant}: …") };
        Fault::new(
            line,
            "HP102",
            format!("`{text}` looks like the directive `{meant}`"),
            format!("write `{form}`"),
        )
    })
}

/// A word that was probably meant to be a directive or an expectation.
pub(super) fn near_miss(name: &str, line: usize) -> Option<Fault> {
    let mut known = NOW.iter().chain(LATER).chain(&["expect", "expected"]);
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
    fn refuses_near_misses_and_what_is_not_there_yet() {
        assert_eq!(take(" timout: 3s"), Err("HP102"));
        assert_eq!(take(" expct: exit == 0"), Err("HP102"));
        for near in [" Timeout: 5s", " TIMEOUT: 5s", " timeout 5s", " timeout = 5s", " Cwd: web"] {
            assert_eq!(take(near), Err("HP102"), "{near}");
        }
        assert_eq!(take(" timeout of the proxy is checked below"), Ok(false));
        assert_eq!(take(" retry: 3 every 5s"), Err("HP104"));
        for wrong in [
            " timeout: soon",
            " timeout: 0s",
            " timeout: 9999h",
            " cwd: ../x",
            " cwd: /tmp",
            " serial: yes",
        ] {
            assert_eq!(take(wrong), Err("HP103"), "{wrong}");
        }
    }
}
