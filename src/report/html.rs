//! HTML: one self-contained file without script or request, from `templates/report.html`.

use tera::{Context, Tera};

use super::{Error, View};
use crate::digest::Digest;

pub(super) const TEMPLATE: &str = include_str!("../../templates/report.html");
pub(super) const STYLE: &str = include_str!("../../templates/style.css");

/// The view as one HTML file.
pub fn html(view: &View) -> Result<Vec<u8>, Error> {
    use base64::Engine as _;
    let failed = |error: tera::Error| Error::Template(error.to_string());
    let mut tera = Tera::default();
    tera.add_raw_template("report.html", TEMPLATE).map_err(failed)?;
    let mut context = Context::new();
    context.insert("v", view);
    context.insert("style", STYLE);
    let hash =
        base64::engine::general_purpose::STANDARD.encode(Digest::of(STYLE.as_bytes()).as_bytes());
    context.insert("style_hash", &hash);
    Ok(tera.render("report.html", &context).map_err(failed)?.into_bytes())
}
