//! What people write into commands that a shell would misread: placeholders and prompts.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// A script to be parsed; every byte stands where it stood.
pub(super) struct Prepared<'a> {
    /// The script with plain words in the place of placeholders.
    pub(super) text: Cow<'a, str>,
    /// Where the placeholders are, in order.
    pub(super) placeholders: Vec<Range<usize>>,
}

impl Prepared<'_> {
    /// Whether a placeholder lies in a range, or around it.
    pub(super) fn is_in(&self, range: &Range<usize>) -> bool {
        let at = self.placeholders.partition_point(|known| known.end <= range.start);
        self.placeholders.get(at).is_some_and(|known| known.start < range.end)
    }
}

/// `<pod>`, `[service name]`, `{{ HOST }}`, and a prompt (`$ `) or box at the begin of a line.
static WRITTEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?m)(?P<angle><[A-Za-z\u{80}-\u{10ffff}_$][^<>&|;()\n]*>)",
        r"|(?P<square>\[[A-Za-z\u{80}-\u{10ffff}][^\[\]&|;()$<>\n]+\])",
        r"|(?P<curly>\{\{[^{}\n]+\}\})",
        r"|(?P<prompt>^[ \t]*(?:\$|[-*] \[[ xX]\])[ \t]+)",
    ))
    .ok()
});

/// What is longer is no placeholder.
const LONGEST: usize = 60;

/// Takes placeholders and prompts out of the shell's sight.
pub(super) fn prepare(script: &str) -> Prepared<'_> {
    let mut placeholders = Vec::new();
    let mut text = Cow::Borrowed(script);
    let matches = WRITTEN.iter().flat_map(|written| written.captures_iter(script));
    for found in matches {
        let Some(whole) = found.get(0) else { continue };
        let range = whole.range();
        let is_prompt = found.name("prompt").is_some();
        if !is_prompt && (range.len() > LONGEST || !is_placeholder(script, &range)) {
            continue;
        }
        let fill = if is_prompt { " " } else { "_" };
        text.to_mut().replace_range(range.clone(), &fill.repeat(range.len()));
        if !is_prompt {
            placeholders.push(range);
        }
    }
    Prepared { text, placeholders }
}

/// `sort <a.txt>b` reads and writes files, `[ -f x ]` tests, `x[index]` is a place in a list.
fn is_placeholder(script: &str, range: &Range<usize>) -> bool {
    let before = script[..range.start].chars().next_back();
    let after = script[range.end..].chars().next();
    let inner = &script[range.start + 1..range.end - 1];
    match script.as_bytes().get(range.start) {
        Some(b'<') => {
            let is_file = inner.rsplit_once('.').is_some_and(|(_, extension)| {
                matches!(extension, "sql" | "txt" | "log" | "json" | "sh" | "csv" | "yaml" | "yml")
            });
            !is_file
                && !inner.ends_with([' ', '='])
                && before != Some('<')
                && after
                    .is_none_or(|after| !after.is_alphanumeric() && after != '(' && after != '>')
        }
        Some(b'[') => {
            before.is_none_or(|before| before.is_whitespace() || "/:=-@.\"'".contains(before))
        }
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prepared(script: &str) -> String {
        let prepared = prepare(script);
        assert_eq!(prepared.text.len(), script.len());
        prepared.text.into_owned()
    }

    #[test]
    fn placeholders_become_words_of_the_same_length() {
        assert_eq!(prepared("kubectl logs <pod-name> -n x"), "kubectl logs __________ -n x");
        assert_eq!(prepared("curl http://<your host>/x"), "curl http://___________/x");
        assert_eq!(prepared("docker logs [service name]"), "docker logs ______________");
        assert_eq!(prepared("ssh {{ HOST }} uptime"), "ssh __________ uptime");
        assert_eq!(prepared("echo <größe>"), "echo _________");
    }

    #[test]
    fn prompts_become_blanks() {
        assert_eq!(prepared("$ ls\n  $ df -h\n$X"), "  ls\n    df -h\n$X");
        assert_eq!(prepared("- [ ] git pull"), "      git pull");
    }

    #[test]
    fn what_a_shell_means_by_brackets_stays() {
        for script in [
            "sort <in.txt>out",
            "cat <<EOF\nx\nEOF",
            "diff <(a) <(b)",
            "[ -f x ] && y",
            "[[ -n $x ]]",
            "echo ${list[index]}",
            "a <b.sql> c",
        ] {
            assert_eq!(prepared(script), script);
        }
    }
}
