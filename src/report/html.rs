//! HTML: one self-contained file without script or request, from `templates/report.html`.

use tera::{Context, Kwargs, State, Tera};

use super::{Error, View};
use crate::digest::Digest;

pub(super) const TEMPLATE: &str = include_str!("../../templates/report.html");
pub(super) const STYLE: &str = include_str!("../../templates/style.css");

/// The view as one HTML file.
pub fn html(view: &View) -> Result<Vec<u8>, Error> {
    use base64::Engine as _;
    let failed = |error: tera::Error| Error::Template(error.to_string());
    let mut tera = Tera::default();
    tera.register_filter("ticked", |text: &str, _: Kwargs, _: &State| ticked(text));
    tera.add_raw_template("report.html", TEMPLATE).map_err(failed)?;
    let mut context = Context::new();
    context.insert("v", view);
    context.insert("style", STYLE);
    let hash =
        base64::engine::general_purpose::STANDARD.encode(Digest::of(STYLE.as_bytes()).as_bytes());
    context.insert("style_hash", &hash);
    Ok(tera.render("report.html", &context).map_err(failed)?.into_bytes())
}

/// HTML of a text whose names stand between backticks, as the judge puts them.
fn ticked(text: &str) -> String {
    let mut escaped = Vec::new();
    // Memory takes whatever is written.
    let _ = tera::escape_html(text, &mut escaped);
    let escaped = String::from_utf8_lossy(&escaped);
    let parts: Vec<&str> = escaped.split('`').collect();
    // One without its partner is a character like any other.
    if parts.len().is_multiple_of(2) {
        return escaped.into_owned();
    }
    let code = |(at, part): (usize, &&str)| match at % 2 {
        1 => format!("<code>{part}</code>"),
        _ => (*part).to_owned(),
    };
    parts.iter().enumerate().map(code).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_between_backticks_are_code_and_nothing_else_is_markup() {
        assert_eq!(ticked("`<b>` & `x`"), "<code>&lt;b&gt;</code> &amp; <code>x</code>");
        assert_eq!(ticked("a ` <i>"), "a ` &lt;i&gt;");
        assert_eq!(ticked(""), "");
    }
}
