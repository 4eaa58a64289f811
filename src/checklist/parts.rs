//! The text in parts that have one tree each: the tree of a long document is many times as large as
//! the document.
//!
//! A part ends before a heading that is in no other block, which ends all that was open (CommonMark
//! 0.31, 4.2 and 5). The parser itself says so: it is given the heading's line with the part.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use comrak::nodes::NodeValue;
use comrak::options::{BrokenLinkCallback, BrokenLinkReference};
use comrak::{Arena, ResolvedReference, parse_document};
use pulldown_cmark::Parser;

use super::agree;
use super::parse::{self, Ast};

/// The least that a part has, in bytes.
const LEAST: usize = 64 << 10;

/// Shows each block that is in no other, with the number of lines before its part.
pub(super) fn each(body: &str, lines_before: usize, see: impl FnMut(Ast<'_>, usize)) {
    each_of(LEAST, body, lines_before, see);
}

fn each_of(size: usize, body: &str, lines_before: usize, mut see: impl FnMut(Ast<'_>, usize)) {
    let mut options = parse::options();
    let mut size = size;
    match if body.len() > size { defined(body) } else { Defined::Nothing } {
        Defined::Nothing => {}
        Defined::Links => {
            options.parse.broken_link_callback = Some(Arc::new(Links::of(body)));
        }
        Defined::More => size = body.len(),
    }
    let (mut rest, mut least, mut lines_before) = (body, size, lines_before);
    while !rest.is_empty() {
        let end = end(rest, least);
        let heading = rest[end..].find('\n').map_or(rest.len(), |at| end + at + 1);
        let arena = Arena::new();
        let root = parse_document(&arena, &rest[..heading], &options);
        let lines = memchr::memchr_iter(b'\n', &rest.as_bytes()[..end]).count();
        if end < rest.len() && !root.last_child().is_some_and(|last| heads(last, lines + 1)) {
            // Twice as long each time: all in all, nothing is read more than a few times.
            least = end * 2;
            continue;
        }
        for child in root.children().filter(|child| end == rest.len() || !heads(child, lines + 1)) {
            see(child, lines_before);
        }
        lines_before += lines;
        (rest, least) = (&rest[end..], size);
    }
}

/// Where a part may end that has at least so many bytes: before a line that begins with `#`.
fn end(text: &str, least: usize) -> usize {
    let behind = text.as_bytes().get(least..).unwrap_or_default();
    memchr::memmem::find(behind, b"\n#").map_or(text.len(), |at| least + at + 1)
}

/// Whether a block is a heading in this line.
fn heads(block: Ast<'_>, line: usize) -> bool {
    let data = block.data.borrow();
    matches!(data.value, NodeValue::Heading(_)) && data.sourcepos.start.line == line
}

/// What lines may define that counts in all the text.
enum Defined {
    /// Nothing.
    Nothing,
    /// Addresses of links; a name that is defined again has the same address.
    Links,
    /// Something else, such as footnotes, which count their references.
    More,
}

fn defined(text: &str) -> Defined {
    let mut addresses: HashMap<String, &str> = HashMap::new();
    for at in memchr::memmem::find_iter(text.as_bytes(), b"]:") {
        let from = memchr::memrchr(b'\n', &text.as_bytes()[..at]).map_or(0, |end| end + 1);
        let address = text[at + 2..].lines().next().unwrap_or_default().trim();
        let Some((before, name)) = text[from..at].split_once('[') else {
            return Defined::More;
        };
        if before.bytes().all(|byte| b" \t>-*+.)".contains(&byte) || byte.is_ascii_digit()) {
            let known = addresses.entry(folded(name)).or_insert(address);
            if *known != address || address.is_empty() || name.starts_with('^') {
                return Defined::More;
            }
        }
    }
    if addresses.is_empty() { Defined::Nothing } else { Defined::Links }
}

/// Addresses and titles by their names, as the second reader finds them in all the text.
struct Links {
    named: HashMap<String, (String, String)>,
    /// So many bytes of them may still be given away: a long address can have many links.
    left: AtomicUsize,
}

impl Links {
    fn of(text: &str) -> Self {
        let parser = Parser::new_ext(text, agree::options());
        let links = parser.reference_definitions().iter().map(|(name, link)| {
            let title = link.title.as_deref().unwrap_or_default();
            (folded(name), (link.dest.to_string(), title.to_owned()))
        });
        Self { named: links.collect(), left: AtomicUsize::new(text.len().max(100_000)) }
    }
}

impl BrokenLinkCallback for Links {
    fn resolve(&self, link: BrokenLinkReference<'_>) -> Option<ResolvedReference> {
        let (url, title) = self.named.get(&folded(link.original))?;
        let less = |left: usize| left.checked_sub(url.len() + title.len());
        // As much as the document is long, as parsers after the specification allow.
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).ok()?;
        Some(ResolvedReference { url: url.clone(), title: title.clone() })
    }
}

/// A name as it is compared: blanks and capitals do not count.
fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every block and text with its lines, in the whole document.
    fn dump(size: usize, text: &str) -> Vec<String> {
        let mut all = Vec::new();
        each_of(size, text, 0, |child, lines_before| {
            for node in child.descendants() {
                let data = node.data.borrow();
                let place = data.sourcepos;
                let value = match &data.value {
                    NodeValue::TaskItem(task) => {
                        let line = task.symbol_sourcepos.start.line + lines_before;
                        format!("task {:?} {line}", task.symbol)
                    }
                    value => format!("{value:?}"),
                };
                let (from, to) = (place.start.line + lines_before, place.end.line + lines_before);
                all.push(format!("{from}-{to} {value}"));
            }
        });
        all
    }

    fn parts(size: usize, text: &str) -> usize {
        let mut befores = std::collections::BTreeSet::new();
        each_of(size, text, 0, |_, before| {
            befores.insert(before);
        });
        befores.len()
    }

    #[test]
    fn a_document_in_parts_is_the_same_document() {
        // What may come before a heading, and what may be open there.
        const PIECES: &[&str] = &[
            "# One\n",
            "## Two ##\n",
            "####### no heading\n",
            "#no heading\n",
            "#\n",
            "\n",
            "\n",
            "\n",
            "\r\n",
            "  \n",
            "- [ ] task\n",
            "  - [x] below\n",
            "1. step\n",
            "\n   ## inside\n",
            "text\n",
            "> quote\n",
            "> # heading\n",
            "> [!NOTE]\n",
            "```bash check\n",
            "```\n",
            "~~~\n",
            "  ```\n",
            "    # code\n",
            "<div>\n",
            "</div>\n",
            "<!-- note\n",
            "-->\n",
            "<pre>\n",
            "</pre>\n",
            "| a | b |\n|---|---|\n",
            "| # | d |\n",
            "===\n",
            "---\n",
            "`code\n",
            "**bold\n",
        ];
        let mut state = 1_u64;
        let mut random = |below: usize| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (state >> 33) as usize % below
        };
        let mut split = 0;
        for _ in 0..20_000 {
            let length = 2 + random(14);
            let text: String = (0..length).map(|_| PIECES[random(PIECES.len())]).collect();
            let size = 1 + random(20);
            assert_eq!(dump(size, &text), dump(text.len(), &text), "{text:?} by {size}");
            split += usize::from(parts(size, &text) > 1);
        }
        assert!(split > 1000, "{split} were read in parts");
    }

    #[test]
    fn addresses_are_found_in_all_parts() {
        let text =
            "# One\n\n[text][There] and [x] and [no]\n\n# Two\n\n- [x] [there]\n\n# Three\n\n";
        for definition in
            ["[there]: /a 'title'", "> - [THERE]: </a>\n\n[x]: /b", "[there]: /a\n[There]: /a"]
        {
            let text = format!("{text}{definition}\n");
            assert_eq!(dump(1, &text), dump(text.len(), &text), "{definition}");
            assert_eq!(parts(1, &text), 3, "{definition}");
        }
    }

    #[test]
    fn a_long_address_is_not_written_out_for_each_of_its_links() {
        let text = format!("{}\n# Two\n\n[a]: /{}\n", "[a] ".repeat(10_000), "b".repeat(50_000));
        let mut given = 0;
        each_of(1, &text, 0, |child, _| {
            for node in child.descendants() {
                if let NodeValue::Link(link) = &node.data.borrow().value {
                    given += link.url.len();
                }
            }
        });
        assert!((50_000..1_000_000).contains(&given), "{given}");
    }

    #[test]
    fn what_counts_everywhere_keeps_a_document_whole() {
        let text = "# One\n\n[text][there]\n\n# Two\n\n";
        let everywhere =
            ["[there]: /a\n[there]: /b", "[^1]: note", "[th\nere]: /a", "[there]:\n  /a"];
        for definition in everywhere {
            assert_eq!(parts(1, &format!("{text}{definition}\n")), 1, "{definition}");
        }
        assert_eq!(parts(1, &format!("{text}see `a[0]: b`\n")), 2);
    }
}
