//! Commands in which comments, texts, variables and the words of a language are told apart by classes.
//!
//! One pass over the text that knows what most languages share, not a grammar for each: what it does not know stays
//! plain, its cost grows with the length and with nothing else, and a report of a thousand commands takes no longer
//! for them. Grammars by regex took longer for one of these than the whole report does.

use super::html::escaped;

/// What is known of a language.
struct Language {
    names: &'static [&'static str],
    comment: &'static str,
    /// Dollar signs begin variables, and the first word of a command is one.
    shell: bool,
    words: &'static [&'static str],
}

const LANGUAGES: &[Language] = &[
    Language {
        names: &["bash", "sh", "zsh", "shell", "console", "ksh", "fish"],
        comment: "#",
        shell: true,
        words: &[
            "if", "then", "elif", "else", "fi", "for", "in", "while", "until", "do", "done",
            "case", "esac", "function", "return", "exit", "export", "local", "set",
        ],
    },
    Language {
        names: &["python", "py", "ruby", "rb"],
        comment: "#",
        shell: false,
        words: &[
            "and", "as", "assert", "begin", "class", "def", "do", "elif", "else", "end", "except",
            "False", "finally", "for", "from", "if", "import", "in", "is", "lambda", "nil", "None",
            "not", "or", "raise", "require", "return", "True", "try", "unless", "while", "with",
        ],
    },
    Language {
        names: &["javascript", "js", "node", "typescript", "ts", "json"],
        comment: "//",
        shell: false,
        words: &[
            "async", "await", "const", "else", "false", "for", "function", "if", "let", "new",
            "null", "of", "return", "throw", "true", "try", "var", "while",
        ],
    },
    Language {
        names: &["sql"],
        comment: "--",
        shell: false,
        words: &[
            "AND", "AS", "BY", "COUNT", "DESC", "DISTINCT", "FROM", "GROUP", "HAVING", "IN", "IS",
            "JOIN", "LEFT", "LIKE", "LIMIT", "NOT", "NULL", "ON", "OR", "ORDER", "SELECT", "SHOW",
            "UNION", "WHERE", "WITH",
        ],
    },
    Language {
        names: &[
            "http", "promql", "yaml", "toml", "dns", "tls", "tcp", "file", "env", "junit", "pwsh",
        ],
        comment: "#",
        shell: false,
        words: &[
            "by", "DELETE", "false", "GET", "HEAD", "HTTP/1.1", "OPTIONS", "PATCH", "POST", "PUT",
            "sum", "true",
        ],
    },
];

/// A name between braces is no longer.
const NAME: usize = 100;

/// Comments that the program reads.
const READ: &[&str] =
    &["expect", "timeout:", "retry:", "until:", "for:", "after:", "if:", "each:", "save:"];

/// A command or a block of them as HTML.
pub(super) fn painted(text: &str, language: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for (class, part) in parts(text, language) {
        let safe = escaped(part);
        match class {
            "" => out.push_str(&safe),
            class => out.push_str(&format!("<span class={class}>{safe}</span>")),
        }
    }
    out
}

/// Its parts, each with its class; all of them are all of it.
pub(super) fn parts<'t>(text: &'t str, language: &str) -> Vec<(&'static str, &'t str)> {
    let known = LANGUAGES.iter().find(|known| known.names.contains(&language));
    let Some(language) = known else { return vec![("", text)] };
    let mut brush = Brush { text, at: 0, out: Vec::new(), language, endless: Vec::new() };
    let (mut rest, mut first) = (text, true);
    while let Some(c) = rest.chars().next() {
        let length = brush.token(rest, c, first);
        let (token, behind) = rest.split_at(length);
        // Whatever ends a command, another begins behind it.
        first = match c {
            '\n' | '|' | ';' | '&' | '(' => true,
            c if c.is_whitespace() => first,
            _ => first && language.words.contains(&token) && token != "in",
        };
        rest = behind;
    }
    brush.out
}

struct Brush<'t> {
    text: &'t str,
    /// So much of it is in `out`.
    at: usize,
    out: Vec<(&'static str, &'t str)>,
    language: &'static Language,
    /// Quotes that have no end behind here: nobody looks for it twice.
    endless: Vec<char>,
}

impl Brush<'_> {
    /// Writes the token that a text begins with, and tells its length.
    fn token(&mut self, text: &str, c: char, first: bool) -> usize {
        let comment = self.language.comment;
        // In the middle of a word `#` and `//` are a part of it.
        let before = &self.text[..self.at];
        let free = || before.ends_with(['\n', ' ', '\t', ';', '(']) || before.is_empty();
        if text.starts_with(comment) && free() {
            let line = &text[..text.find('\n').unwrap_or(text.len())];
            let said = line.trim_start_matches(comment).trim_start().to_ascii_lowercase();
            let read = READ.iter().any(|word| said.starts_with(word));
            return self.span(if read { "hr" } else { "hn" }, line);
        }
        match c {
            '"' | '\'' => self.quoted(text, c),
            '$' if self.language.shell => self.variable(text),
            c if c.is_alphanumeric() || matches!(c, '_' | '/' | '.') => {
                let part = |c: char| c.is_alphanumeric() || "_/.-:".contains(c);
                let word = &text[..text.find(|c| !part(c)).unwrap_or(text.len())];
                let class = match word {
                    _ if self.language.words.contains(&word) => "hw",
                    _ if c.is_ascii_digit() => "hd",
                    _ if self.language.shell && first => "hc",
                    _ => "",
                };
                self.span(class, word)
            }
            c => self.span("", &text[..c.len_utf8()]),
        }
    }

    /// A text between quotes. Where its end is missing it ends with its line, so that an apostrophe in prose
    /// colours no more than that.
    fn quoted(&mut self, text: &str, quote: char) -> usize {
        let literal = quote == '\'' && self.language.shell;
        let mut escape = false;
        let mut end = || {
            text.char_indices().skip(1).find(|(_, c)| {
                let ends = *c == quote && !escape;
                escape = *c == '\\' && !escape && !literal;
                ends
            })
        };
        let end = if self.endless.contains(&quote) { None } else { end() };
        if end.is_none() {
            self.endless.push(quote);
        }
        let line = text.find('\n').unwrap_or(text.len());
        let length = end.map_or(line, |(at, c)| at + c.len_utf8());
        self.span("ht", &text[..length])
    }

    fn variable(&mut self, text: &str) -> usize {
        let name = &text[1..];
        let length = match name.chars().next() {
            Some('{') => match name.bytes().take(NAME).position(|byte| byte == b'}') {
                Some(at) => at + 2,
                None => 1,
            },
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                1 + name
                    .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
                    .unwrap_or(name.len())
            }
            Some(c) if c.is_ascii_digit() || "@#?!*$".contains(c) => 2,
            _ => 1,
        };
        self.span("hv", &text[..length])
    }

    fn span(&mut self, class: &'static str, text: &str) -> usize {
        let (from, to) = (self.at, self.at + text.len());
        self.at = to;
        match self.out.last_mut() {
            // What is plain stays together.
            Some(("", last)) if class.is_empty() => *last = &self.text[from - last.len()..to],
            _ => self.out.push((class, &self.text[from..to])),
        }
        text.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_shows_its_parts() {
        assert_eq!(
            painted("curl -s \"$URL\" | jq .ok # fast\n# Expected: true", "bash"),
            "<span class=hc>curl</span> -s <span class=ht>&quot;$URL&quot;</span> | \
             <span class=hc>jq</span> .ok <span class=hn># fast</span>\n\
             <span class=hr># Expected: true</span>"
        );
        assert_eq!(painted("<b>", "klingon"), "&lt;b&gt;");
    }

    #[test]
    fn markup_in_a_command_stays_text() {
        let painted = painted("echo '<script>' \"</span>\" ${a<b} # <i>", "sh");
        let tags = ["<span class=hc>", "<span class=ht>", "<span class=hv>"];
        let tags = tags.into_iter().chain(["<span class=hn>", "</span>"]);
        let text = tags.fold(painted, |text, tag| text.replace(tag, ""));
        assert!(!text.contains('<'), "{text}");
    }

    #[test]
    fn what_does_not_end_costs_no_square() {
        for text in ["'", "\"", "${", "$", "#", "\\\"", "\\\"\n", "a'\n"] {
            assert!(painted(&text.repeat(100_000), "bash").len() > 100_000);
        }
    }
}
