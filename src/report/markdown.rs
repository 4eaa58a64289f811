//! Markdown (CommonMark with GFM tables), from `templates/verdict.md` and what that
//! includes; no raw HTML in ours at all.

use tera::{Context, Kwargs, State, Tera, Value};

use super::{Error, Templates, View, html, written};

/// The view as Markdown.
pub fn markdown(view: &View, templates: &Templates) -> Result<Vec<u8>, Error> {
    let mut tera = Tera::default();
    let language = view.language();
    tera.register_filter("t", move |text: &str, with: Kwargs, _: &State| {
        html::said(language, text, with)
    });
    tera.register_filter("md", |text: &str, _: Kwargs, _: &State| escape(text));
    tera.register_filter("ticked", |text: &str, _: Kwargs, _: &State| ticked(text));
    tera.register_filter("fence", |text: &str, named: Kwargs, _: &State| {
        let language: Option<String> = named.get("language")?;
        Ok::<String, tera::Error>(fence(text, language.as_deref().unwrap_or_default()))
    });
    tera.register_filter("inside", |text: &str, named: Kwargs, _: &State| {
        let level: Option<usize> = named.get("level")?;
        Ok::<String, tera::Error>(inside(text, level.unwrap_or_default()))
    });
    tera.register_filter("lines", |lines: &[Value], _: Kwargs, _: &State| lines_of(lines));
    let names = ["verdict.md", "report.md"].map(|name| (name, templates.text(name)));
    tera.add_raw_templates(names.into_iter().chain(templates.parts())).map_err(Error::tera)?;
    let mut context = Context::new();
    context.insert("v", view);
    written(&tera, "verdict.md", &context)
}

/// Text that no Markdown reader takes for markup, on one line.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut leading = true;
    for (at, c) in text.char_indices() {
        let special = match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '@'
            | '$' | '#' | '!' => true,
            '-' | '+' | '=' => at == 0,
            '.' | ')' => leading && at > 0 || text[..at].ends_with("www"),
            ':' => text[at..].starts_with("://"),
            _ => false,
        };
        leading &= c.is_ascii_digit();
        if special {
            out.push('\\');
        }
        out.push(if matches!(c, '\n' | '\t') { ' ' } else { c });
    }
    out
}

/// Text whose names between backticks are code.
fn ticked(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let part = |(at, part): (usize, &&str)| match (at % 2, part.trim().is_empty()) {
        (1, false) => format!("`{}`", part.replace(['\n', '\t'], " ")),
        (1, true) => escape(&format!("`{part}`")),
        _ => escape(part),
    };
    parts.iter().enumerate().map(part).collect()
}

/// The text of lines that are lists of runs.
fn lines_of(lines: &[Value]) -> String {
    let runs = |line: &Value| -> String {
        let runs = line.as_array().unwrap_or_default().iter();
        runs.filter_map(|run| run.get_from_path("text")?.as_str()).collect()
    };
    lines.iter().map(runs).collect::<Vec<_>>().join("\n")
}

/// Text as it stands in a list so deep: each line two columns in for each list around it.
fn inside(text: &str, level: usize) -> String {
    let indent = "  ".repeat(level.min(8));
    let lines = text.split('\n').map(|line| format!("{indent}{line}"));
    lines.collect::<Vec<_>>().join("\n")
}

/// A fenced block around text, its fence longer than any run of backticks inside.
fn fence(text: &str, language: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+-_".contains(&byte);
    let named = (1..=20).contains(&language.len()) && language.bytes().all(plain);
    let language = if named { language } else { "text" };
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{language}\n{}\n{fence}", text.trim_end_matches('\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_markdown_would_read_as_markup() {
        assert_eq!(
            escape("<script> [a](b) | `x` https://x www.x"),
            "\\<script\\> \\[a\\](b) \\| \\`x\\` https\\://x www\\.x"
        );
        assert_eq!(escape("1. a"), "1\\. a");
        assert_eq!(escape("- a\n# b"), "\\- a \\# b");
    }

    #[test]
    fn names_between_backticks_are_code_and_nothing_is_markup() {
        assert_eq!(ticked("`a*b` failed: [x](y)"), "`a*b` failed: \\[x\\](y)");
        assert_eq!(ticked("a ` *b*"), "a \\` \\*b\\*");
        assert_eq!(ticked("`` <b>"), "\\`\\` \\<b\\>");
        assert_eq!(ticked("`a\n<b>` c"), "`a <b>` c");
    }

    #[test]
    fn fences_are_longer_than_any_run_inside() {
        assert_eq!(fence("a\n````\nb", ""), "`````text\na\n````\nb\n`````");
        assert_eq!(fence("a", "bash"), "```bash\na\n```");
        assert_eq!(fence("a", "x` y"), "```text\na\n```");
    }

    #[test]
    fn what_stands_in_a_list_is_as_far_in() {
        assert_eq!(inside("a\nb", 2), "    a\n    b");
        assert_eq!(inside("", 1), "  ");
    }
}
