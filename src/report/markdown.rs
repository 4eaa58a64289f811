//! Markdown (CommonMark with GFM tables), from `templates/report.md`; no raw HTML in it at all.

use tera::{Context, Kwargs, State, Tera};

use super::{Error, View};

pub(super) const TEMPLATE: &str = include_str!("../../templates/report.md");

/// The view as Markdown.
pub fn markdown(view: &View) -> Result<Vec<u8>, Error> {
    let failed = |error: tera::Error| Error::Template(error.to_string());
    let mut tera = Tera::default();
    tera.register_filter("md", |text: &str, _: Kwargs, _: &State| escape(text));
    tera.register_filter("fence", |text: &str, _: Kwargs, _: &State| fence(text));
    tera.add_raw_template("report.md", TEMPLATE).map_err(failed)?;
    let mut context = Context::new();
    context.insert("v", view);
    Ok(tera.render("report.md", &context).map_err(failed)?.into_bytes())
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

/// A fenced block around text, its fence longer than any run of backticks inside.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}", text.trim_end_matches('\n'))
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
    fn fences_are_longer_than_any_run_inside() {
        assert_eq!(fence("a\n````\nb"), "`````text\na\n````\nb\n`````");
    }
}
