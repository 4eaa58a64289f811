//! HTML: one self-contained file without a request, from `templates/verdict.html` and what that includes. Its style and
//! its script are inline, and allowed by their digests; nothing needs the script.

use base64::Engine as _;
use tera::{Context, Kwargs, State, Tera, Value};

use super::paint::painted;
use super::{Error, Language, Templates, View, written};
use crate::digest::Digest;

/// The view as one HTML file.
pub fn html(view: &View, templates: &Templates) -> Result<Vec<u8>, Error> {
    let mut tera = Tera::default();
    let language = view.language();
    tera.register_filter("t", move |text: &str, with: Kwargs, _: &State| {
        said(language, text, with)
    });
    tera.register_filter("ticked", |text: &str, _: Kwargs, _: &State| ticked(text));
    tera.register_filter("lines", |lines: &[Value], _: Kwargs, _: &State| lines_of(lines));
    tera.register_filter("painted", |text: &str, named: Kwargs, _: &State| {
        let language: Option<String> = named.get("language")?;
        Ok::<String, tera::Error>(painted(text, language.as_deref().unwrap_or_default()))
    });
    let names = ["verdict.html", "report.html"].map(|name| (name, templates.text(name)));
    tera.add_raw_templates(names.into_iter().chain(templates.parts())).map_err(Error::tera)?;
    let mut context = Context::new();
    context.insert("v", view);
    context.insert("pictures", &view.pictures);
    // Somebody's own style may not hide the verdict.
    let guard = if templates.are_own() { templates.text("verdict.css") } else { "" };
    let (style, script) = (templates.style("style.css"), templates.text("report.js"));
    for (name, text) in [("style", &style[..]), ("guard", guard), ("script", script)] {
        let digest = Digest::of(text.as_bytes());
        let hash = base64::engine::general_purpose::STANDARD.encode(digest.as_bytes());
        context.insert(name.to_owned(), text);
        context.insert(format!("{name}_hash"), &hash);
    }
    written(&tera, "verdict.html", &context)
}

/// A word or sentence of a template in a language; `with` has what stands at its places.
pub(super) fn said(language: Language, text: &str, with: Kwargs) -> Result<String, tera::Error> {
    let Some(parts) = with.get::<Vec<Value>>("with")? else {
        return Ok(language.word(text).to_owned());
    };
    let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
    Ok(language.sentence(text, &parts))
}

/// A text in which nothing is markup.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = Vec::with_capacity(text.len());
    // Memory takes whatever is written.
    let _ = tera::escape_html(text, &mut escaped);
    String::from_utf8_lossy(&escaped).into_owned()
}

/// HTML of lines that are lists of runs, each with the classes of its style.
fn lines_of(lines: &[Value]) -> String {
    let mut out = String::new();
    for line in lines {
        for run in line.as_array().unwrap_or_default() {
            let part = |name: &'static str| {
                escaped(run.get_from_path(name).and_then(Value::as_str).unwrap_or_default())
            };
            match part("style").as_str() {
                "" => out.push_str(&part("text")),
                style => {
                    out.push_str(&format!("<span class=\"{style}\">{}</span>", part("text")));
                }
            }
        }
        out.push('\n');
    }
    out
}

/// HTML of a text whose names stand between backticks, as the judge puts them.
pub(super) fn ticked(text: &str) -> String {
    let escaped = escaped(text);
    let parts: Vec<&str> = escaped.split('`').collect();
    // One without its partner is a character like any other.
    if parts.len().is_multiple_of(2) {
        return escaped;
    }
    let code = |(at, part): (usize, &&str)| match at % 2 {
        1 => format!("<code dir=auto>{part}</code>"),
        _ => (*part).to_owned(),
    };
    parts.iter().enumerate().map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_between_backticks_are_code_and_nothing_else_is_markup() {
        assert_eq!(
            ticked("`<b>` & `x`"),
            "<code dir=auto>&lt;b&gt;</code> &amp; <code dir=auto>x</code>"
        );
        assert_eq!(ticked("a ` <i>"), "a ` &lt;i&gt;");
        assert_eq!(ticked(""), "");
    }

    #[test]
    fn colours_of_an_output_are_classes_and_its_text_is_text() {
        let line = serde_json::json!([
            [{ "style": "bold red", "text": "<b>" }, { "style": "", "text": " & more" }],
            [],
        ]);
        let lines = Value::from_serializable(&line);
        assert_eq!(
            lines_of(lines.as_array().expect("lines")),
            "<span class=\"bold red\">&lt;b&gt;</span> &amp; more\n\n"
        );
    }
}
