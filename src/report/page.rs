//! Pages beside reports, in the looks of a report: each one file that asks nobody for anything.

use base64::Engine as _;
use serde::Serialize;
use serde_json::Value;
use tera::{Context, Kwargs, State, Tera};

use super::{Error, Language, Templates, html, text, written};
use crate::digest::Digest;

/// What these pages have beside a report's style.
const STYLE: &str = include_str!("../../templates/pages.css");

/// What a page is made from.
pub struct Sheet {
    /// Its template, with the page's model as `v`.
    pub template: &'static str,
    /// Templates that it includes, by name.
    pub parts: &'static [(&'static str, &'static str)],
    /// Its one inline script; empty for none.
    pub script: &'static str,
}

/// A page whose own words are in a language. Texts of the model are made visible on the way in.
///
/// # Errors
/// When the template fails.
pub fn page(sheet: &Sheet, language: Language, model: &impl Serialize) -> Result<Vec<u8>, Error> {
    let style = [Templates::default().text("style.css"), STYLE].concat();
    let hash = |text: &str| {
        base64::engine::general_purpose::STANDARD.encode(Digest::of(text.as_bytes()).as_bytes())
    };
    render("page.html", sheet.template, sheet.parts, language, model, |context| {
        context.insert("language", language.code());
        context.insert("style_hash", &hash(&style));
        context.insert("style", &style);
        context.insert("script_hash", &hash(sheet.script));
        context.insert("script", sheet.script);
    })
}

/// A duration in milliseconds, as reports say it.
pub fn duration(ms: i64) -> String {
    super::steps::duration(ms)
}

/// A document in XML from `template`.
///
/// # Errors
/// When the template fails.
pub fn xml(template: &str, model: &impl Serialize) -> Result<Vec<u8>, Error> {
    render("page.xml", template, &[], Language::En, model, |_| {})
}

fn render(
    name: &str,
    template: &str,
    parts: &[(&str, &str)],
    language: Language,
    model: &impl Serialize,
    more: impl FnOnce(&mut Context),
) -> Result<Vec<u8>, Error> {
    let mut model = serde_json::to_value(model).map_err(Error::View)?;
    clean(&mut model);
    let mut tera = Tera::default();
    tera.register_filter("t", move |text: &str, _: Kwargs, _: &State| {
        language.say(text).into_owned()
    });
    tera.register_filter("ticked", |text: &str, _: Kwargs, _: &State| html::ticked(text));
    let all = parts.iter().copied().chain([(name, template)]);
    tera.add_raw_templates(all).map_err(Error::tera)?;
    let mut context = Context::new();
    context.insert("v", &model);
    more(&mut context);
    written(&tera, name, &context)
}

/// What a reader could not see becomes visible; the tree is as deep as our own types.
fn clean(value: &mut Value) {
    match value {
        Value::String(seen) => *seen = text::visible(seen, &mut 0),
        Value::Array(all) => all.iter_mut().for_each(clean),
        Value::Object(all) => all.values_mut().for_each(clean),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_colour_that_pages_use_is_one_of_a_report() {
        let used: Vec<&str> =
            STYLE.split("var(").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        assert!(used.len() > 10, "{used:?}");
        let ours = Templates::default();
        for name in used {
            assert!(ours.text("style.css").contains(&format!("{name}:#")), "{name}");
        }
    }

    #[test]
    fn what_nobody_could_see_is_seen_at_every_depth() {
        let mut value = serde_json::json!({ "a": [{ "b": "x\u{202e}\u{1b}" }] });
        clean(&mut value);
        assert_eq!(value["a"][0]["b"], "x‹U+202E›‹U+001B›");
    }
}
