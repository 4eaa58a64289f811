//! Pages beside reports, in the looks of a report: each one file that asks nobody for anything.

use base64::Engine as _;
use serde::Serialize;
use serde_json::Value;
use tera::{Context, Kwargs, State, Tera};

use super::{Error, Language, Templates, html, text, written};
use crate::digest::Digest;

/// What a page is made from.
pub struct Sheet {
    /// The name of its template, which has the page's model as `v`.
    pub template: &'static str,
    /// Names of templates that it includes.
    pub parts: &'static [&'static str],
    /// The name of its one inline script; empty for none.
    pub script: &'static str,
}

/// What stands above a page.
pub struct Head {
    /// Its title.
    pub title: String,
    /// What its feed is called; empty where it has none.
    pub feed: String,
    /// Whose it is, and who may see it; empty where nobody says.
    pub whose: Whose,
}

/// Whose a page is, and who may see it.
#[derive(Clone, Debug, Default)]
pub struct Whose {
    /// An organisation.
    pub organisation: String,
    /// A line above and below.
    pub classification: String,
}

/// A page whose own words are in a language. Texts of the model are made visible on the way in.
///
/// # Errors
/// When a template has a mistake.
pub fn page(
    sheet: &Sheet,
    head: &Head,
    language: Language,
    templates: &Templates,
    model: &impl Serialize,
) -> Result<Vec<u8>, Error> {
    let style = [templates.style("style.css"), templates.style("pages.css")].concat();
    let script = templates.text(sheet.script);
    let hash = |text: &str| {
        base64::engine::general_purpose::STANDARD.encode(Digest::of(text.as_bytes()).as_bytes())
    };
    // The head and all that may run are ours; what is below them may be somebody's own.
    let frame = templates.text("page.html").replace("BODY", sheet.template);
    let parts = sheet.parts.iter().chain([&sheet.template]);
    let parts = parts.map(|name| (*name, templates.text(name))).chain(templates.parts());
    render("page.html", &frame, parts, language, model, |context| {
        context.insert("language", language.code());
        context.insert("title", &text::visible(&head.title, &mut 0));
        context.insert("feed", &text::visible(&head.feed, &mut 0));
        context.insert("organisation", &text::visible(&head.whose.organisation, &mut 0));
        context.insert("classification", &text::visible(&head.whose.classification, &mut 0));
        context.insert("own_templates", &templates.are_own());
        context.insert("style_hash", &hash(&style));
        context.insert("style", &style);
        context.insert("script_hash", &hash(script));
        context.insert("script", script);
    })
}

/// A duration in milliseconds, as reports say it.
pub fn duration(ms: i64) -> String {
    super::steps::duration(ms)
}

/// A document in XML from the template `name`.
///
/// # Errors
/// When the template has a mistake.
pub fn xml(name: &str, templates: &Templates, model: &impl Serialize) -> Result<Vec<u8>, Error> {
    render(name, templates.text(name), templates.parts(), Language::En, model, |_| {})
}

fn render<'t>(
    name: &'t str,
    template: &'t str,
    parts: impl Iterator<Item = (&'t str, &'t str)>,
    language: Language,
    model: &impl Serialize,
    more: impl FnOnce(&mut Context),
) -> Result<Vec<u8>, Error> {
    let mut model = serde_json::to_value(model).map_err(Error::View)?;
    clean(&mut model);
    let mut tera = Tera::default();
    tera.register_filter("t", move |text: &str, with: Kwargs, _: &State| {
        html::said(language, text, with)
    });
    tera.register_filter("ticked", |text: &str, _: Kwargs, _: &State| html::ticked(text));
    tera.add_raw_templates(parts.chain([(name, template)])).map_err(Error::tera)?;
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
        let ours = Templates::default();
        let style = ours.text("pages.css");
        let used: Vec<&str> =
            style.split("var(").skip(1).filter_map(|rest| rest.split(')').next()).collect();
        assert!(used.len() > 10, "{used:?}");
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
