//! Pictures as a page shows them: their pixels, scaled down to what paper has room for. A picture that cannot be read
//! is none, so that no file makes a report fail, and nothing of a file goes into the PDF but what can be seen.

use std::collections::BTreeMap;

use base64::Engine as _;
use serde_json::{Value, json};
use typst::foundations::Bytes;
use typst::visualize::{ExchangeFormat, RasterImage};

use super::view::Picture;

/// More pixels are not unpacked.
const UNPACKED: usize = 10_000_000;
/// So many stand on paper in one direction.
const SIDE: u32 = 1_200;
/// So many are shown in one report.
const PIXELS: usize = 16_000_000;
/// Points that it has at most on a page.
const WIDTH: f64 = 440.0;
const HEIGHT: f64 = 300.0;

/// One of them.
pub(super) struct Plate {
    size: (u32, u32),
    /// As the template names it.
    encoding: &'static str,
    pub(super) pixels: Vec<u8>,
    /// How wide it stands on the page, in points.
    wide: f64,
}

impl Plate {
    /// As the template has it.
    pub(super) fn told(&self) -> Value {
        json!({ "encoding": self.encoding, "width": self.size.0, "height": self.size.1, "wide": self.wide })
    }
}

/// All that can be read, by their digests.
pub(super) fn plates(pictures: &BTreeMap<String, Picture>) -> BTreeMap<String, Plate> {
    let mut room = PIXELS;
    let mut fits = |plate: &Plate| {
        let pixels = plate.size.0 as usize * plate.size.1 as usize;
        let fits = pixels <= room;
        room -= if fits { pixels } else { 0 };
        fits
    };
    let all = pictures.iter().filter_map(|(digest, picture)| {
        let small = picture.width.checked_mul(picture.height)? <= UNPACKED;
        let plate = small.then(|| plate(&picture.base64)).flatten()?;
        fits(&plate).then(|| (digest.clone(), plate))
    });
    all.collect()
}

/// The picture that some base64 holds.
pub(super) fn plate(base64: &str) -> Option<Plate> {
    let bytes = Bytes::new(base64::engine::general_purpose::STANDARD.decode(base64).ok()?);
    let format = ExchangeFormat::detect(&bytes)?;
    let plate = RasterImage::plain(bytes, format).ok().map(|picture| {
        let picture = picture.dynamic();
        let (wide, high) = (f64::from(picture.width()), f64::from(picture.height()));
        let wide = (wide * 0.75).min(WIDTH).min(HEIGHT * wide / high).max(1.0);
        let large = picture.width().max(picture.height()) > SIDE;
        let scaled = if large { picture.thumbnail(SIDE, SIDE) } else { (**picture).clone() };
        let size = (scaled.width(), scaled.height());
        let (encoding, pixels) = match scaled.color().has_alpha() {
            true => ("rgba8", scaled.into_rgba8().into_raw()),
            false => ("rgb8", scaled.into_rgb8().into_raw()),
        };
        Plate { size, encoding, pixels, wide }
    });
    // What was unpacked is not kept.
    typst::comemo::evict(0);
    plate
}
