//! Identities: the visible `` `#id` ``, or slugs of headings and text; and digests of items.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::digest::Hasher;
use crate::source::{Diagnostic, Severity, Span};

use super::{Checklist, Item, ItemKind, Mark};

/// Names every item and digests its lines; identities end up unique.
pub(super) fn fill(
    checklist: &mut Checklist,
    explicit: &[Option<String>],
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let titles = checklist.sections.iter().filter(|section| section.level == 1).count();
    let sections: Vec<String> =
        checklist.sections.iter().map(|section| slug(&section.title)).collect();
    // What is written out is taken first, so that no derived identity stands in its way.
    let mut order: Vec<usize> = (0..checklist.items.len()).collect();
    order.sort_by_key(|&at| explicit.get(at).is_none_or(Option::is_none));
    for at in order {
        let own = explicit.get(at).cloned().flatten();
        let wanted = own
            .clone()
            .unwrap_or_else(|| slugs(checklist, &sections, &checklist.items[at], titles));
        let id = match first.get(&wanted).copied() {
            None => wanted.clone(),
            Some(other) => {
                complain(checklist, at, other, &wanted, own.is_some(), diagnostics);
                let number = numbers.entry(wanted.clone()).or_insert(1);
                loop {
                    *number += 1;
                    let id = format!("{wanted}-{number}");
                    if !first.contains_key(&id) {
                        break id;
                    }
                }
            }
        };
        first.insert(id.clone(), at);
        let sha256 = digest(checklist, &checklist.items[at]);
        let item = &mut checklist.items[at];
        item.id = id;
        item.sha256 = sha256;
    }
}

fn digest(checklist: &Checklist, item: &Item) -> crate::digest::Digest {
    let mut hasher = Hasher::default();
    for span in &item.spans {
        let text = &checklist.source.text[span.start..span.end];
        if text.contains('\r') {
            hasher.update(text.replace("\r\n", "\n").as_bytes());
        } else {
            hasher.update(text.as_bytes());
        }
        // The file's last line may lack its end; another line behind it must not change the item.
        if !text.ends_with('\n') {
            hasher.update(b"\n");
        }
    }
    hasher.finish()
}

fn complain(
    checklist: &Checklist,
    at: usize,
    other: usize,
    id: &str,
    explicit: bool,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let has_check = |item: &Item| {
        item.kind == ItemKind::Check
            || item.blocks.iter().any(|&block| checklist.blocks[block].mark != Mark::None)
    };
    let (item, first) = (&checklist.items[at], &checklist.items[other]);
    let grave = explicit || has_check(item) || has_check(first);
    let start = checklist.source.line_span(item.line).start;
    diagnostics.push(Diagnostic {
        code: "HP005",
        severity: if grave { Severity::Error } else { Severity::Warning },
        span: Span { start, end: start + checklist.source.line(item.line).len() },
        message: format!(
            "this item has the identity `{id}`, and so has the one in line {}",
            first.line
        ),
        hint: Some("give it one of its own at the end of its line: `` `#name` ``".to_owned()),
        fix: None,
    });
}

/// Headings and text as slugs, joined by `/`. A document's only first-level heading is its title and
/// does not count.
fn slugs(checklist: &Checklist, of_sections: &[String], item: &Item, titles: usize) -> String {
    let sections = &checklist.sections;
    let text = slug(&item.text);
    let mut parts = vec![text.as_str()];
    let mut section = item.section;
    while let Some(at) = section {
        if sections[at].level > 1 || titles > 1 {
            parts.push(&of_sections[at]);
        }
        section = sections[at].parent;
    }
    parts.retain(|part| !part.is_empty());
    parts.reverse();
    if parts.is_empty() { "item".to_owned() } else { parts.join("/") }
}

/// Lower case, letters and digits of any script kept, all else a single `-`.
fn slug(text: &str) -> String {
    let mut slug = String::new();
    for char in text.chars().flat_map(char::to_lowercase) {
        if char.is_alphanumeric() {
            slug.push(char);
        } else if !slug.is_empty() && !slug.ends_with('-') && !matches!(char, '\'' | '’') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    // Long lines make long identities; beyond this they say no more.
    if let Some((end, _)) = slug.char_indices().nth(80) {
        slug.truncate(end);
        slug.truncate(slug.trim_end_matches('-').len());
    }
    slug
}

/// The ASCII slug of a role: accents and other scripts leave nothing, and need an `id`.
pub fn ascii_slug(text: &str) -> String {
    let plain: String = text
        .nfd()
        .filter(|char| !is_combining_mark(*char))
        .flat_map(|char| match UNDECOMPOSED.iter().find(|(letter, _)| *letter == char) {
            Some((_, letters)) => letters.chars().collect::<Vec<char>>(),
            None => vec![char],
        })
        .collect();
    slug(&plain)
        .split('-')
        .filter(|part| part.is_ascii() && !part.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

/// Latin letters that Unicode does not take for others with a mark.
const UNDECOMPOSED: &[(char, &str)] = &[
    ('ß', "ss"),
    ('æ', "ae"),
    ('Æ', "ae"),
    ('ø', "o"),
    ('Ø', "o"),
    ('đ', "d"),
    ('Đ', "d"),
    ('ł', "l"),
    ('Ł', "l"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_keep_letters_of_any_script() {
        assert_eq!(slug("All 119/119 tests passing in CI"), "all-119-119-tests-passing-in-ci");
        assert_eq!(slug("  Größe prüfen ✅ "), "größe-prüfen");
        assert_eq!(slug("数据库备份"), "数据库备份");
        assert_eq!(slug("🚀"), "");
        assert_eq!(ascii_slug("Tech Lead"), "tech-lead");
        assert_eq!(ascii_slug("Jurídico/comercial"), "juridico-comercial");
        assert_eq!(ascii_slug("Großkundenbetreuung"), "grosskundenbetreuung");
    }
}
