//! Evidence as a report shows it: small texts and pictures where they belong, the rest by its digest.

use base64::Engine as _;
use imagesize::ImageType;

use super::build::Builder;
use super::steps::counted_bytes;
use super::view::{Exhibit, Picture};
use crate::digest::Digest;
use crate::said;
use crate::said::Said;

/// A longer text is named by its digest.
const TEXT: usize = 16 * 1024;
/// So is a larger picture; one of many pixels in few bytes would fill the reader's memory.
const PICTURE: usize = 512 * 1024;
const PIXELS: usize = 20_000_000;
/// So many bytes of pictures are shown in one report.
const PICTURES: usize = 4 * 1024 * 1024;

impl Builder<'_> {
    pub(super) fn exhibit(&mut self, digest: &Digest) -> Exhibit {
        let mut exhibit = Exhibit {
            sha256: digest.to_string(),
            size: String::new(),
            kind: "",
            lines: Vec::new(),
            why: String::new(),
            path: String::new(),
            inert: false,
        };
        let Some(bytes) = (self.subject.evidence)(digest) else {
            exhibit.why = self.absent(digest);
            return exhibit;
        };
        let name = digest.to_string();
        // From where reports lie: reports/<checklist>/<run>/<head>/.
        exhibit.path = format!("../../../../ledger/evidence/{}/{name}", &name[..2]);
        exhibit.inert = is_still(&bytes);
        let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
        exhibit.size = self.say(&counted_bytes(size));
        if let Some(picture) = picture(&bytes) {
            let known = self.pictures.contains_key(&exhibit.sha256);
            let room = self.shown + bytes.len() <= PICTURES;
            if known || room {
                if !known {
                    self.shown += bytes.len();
                    self.pictures.insert(exhibit.sha256.clone(), picture);
                }
                exhibit.kind = "picture";
            } else {
                exhibit.why = self.say(&said!("a picture, not shown: the report has many"));
            }
        } else if bytes.len() > TEXT {
            exhibit.why = self.say(&said!("too large to be shown here"));
        } else if std::str::from_utf8(&bytes).is_ok_and(|text| !text.contains('\0')) {
            exhibit.kind = "text";
            exhibit.lines = self.lines(&bytes);
        } else {
            exhibit.why = self.say(&said!("no text and no picture"));
        }
        exhibit
    }

    /// Why evidence is not there.
    fn absent(&mut self, digest: &Digest) -> String {
        let why = self.forgotten(digest).unwrap_or_else(|| said!("missing"));
        self.say(&why)
    }

    /// By whom evidence was let go, if it was.
    pub(super) fn forgotten(&self, digest: &Digest) -> Option<Said> {
        let statement = self.subject.hearing.forgets(digest)?.statement();
        let name = Said::name(&statement.name);
        let (role, reason) = (&statement.role, &statement.reason);
        Some(said!("forgotten by {} ({}): {}", name, role, reason))
    }
}

/// Whoever opens it runs nothing: any other file could be a page with a script, or with a verdict of its own.
fn is_still(bytes: &[u8]) -> bool {
    let kind = imagesize::image_type(bytes);
    kind.is_ok_and(|kind| {
        matches!(kind, ImageType::Png | ImageType::Jpeg | ImageType::Gif | ImageType::Webp)
    })
}

/// PNG or JPEG of a size that a reader has memory for.
pub fn is_picture(bytes: &[u8]) -> bool {
    picture(bytes).is_some_and(|known| matches!(known.mime, "image/png" | "image/jpeg"))
}

/// A picture of the kinds that cannot hold a script, and is of a size that can be shown.
fn picture(bytes: &[u8]) -> Option<Picture> {
    let mime = match imagesize::image_type(bytes).ok()? {
        ImageType::Png => "image/png",
        ImageType::Jpeg => "image/jpeg",
        ImageType::Gif => "image/gif",
        ImageType::Webp => "image/webp",
        _ => return None,
    };
    let size = imagesize::blob_size(bytes).ok()?;
    let fits = bytes.len() <= PICTURE && size.width.checked_mul(size.height)? <= PIXELS;
    let base64 = || base64::engine::general_purpose::STANDARD.encode(bytes);
    let (width, height) = (size.width, size.height);
    fits.then(|| Picture { mime, width, height, base64: base64() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head of a PNG of this size.
    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        bytes.extend([8, 2, 0, 0, 0, 0, 0, 0, 0]);
        bytes
    }

    #[test]
    fn a_picture_is_told_by_its_bytes_and_a_drawing_with_scripts_is_none() {
        let shown = picture(&png(3, 2)).expect("a picture");
        assert_eq!((shown.mime, shown.width, shown.height), ("image/png", 3, 2));
        assert!(picture(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>").is_none());
        assert!(picture(b"\xff\xd8\xff").is_none() && picture(b"").is_none());
    }

    #[test]
    fn a_picture_of_more_pixels_than_a_reader_has_memory_for_is_not_shown() {
        assert!(picture(&png(60_000, 60_000)).is_none());
        assert!(picture(&png(u32::MAX, u32::MAX)).is_none());
    }
}
