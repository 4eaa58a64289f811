//! Finds texts of a list, also where they overlap. Their heads are looked for many at a time by vector
//! instructions, which is several times as fast as an automaton; that is there for processors without them.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, packed};

/// So many heads fit into one search.
const HEADS: usize = 64;

/// More searches than this one after another are slower than an automaton.
const SEARCHES: usize = 6;

/// Of a text that is cut off, so many bytes at least are told from other texts.
const LEAST: usize = 8;

/// Finds texts.
#[derive(Clone, Debug)]
pub(super) struct Finder {
    texts: Vec<Vec<u8>>,
    longest: usize,
    engine: Engine,
}

#[derive(Clone, Debug)]
enum Engine {
    /// For each head: the texts that begin with it.
    Packed(Vec<(packed::Searcher, Vec<Vec<usize>>)>),
    Automaton(AhoCorasick),
}

impl Finder {
    /// For texts that are not empty. Of heads, as long as `head` or their text, none may begin with another.
    pub(super) fn new(texts: Vec<Vec<u8>>, head: usize) -> Option<Self> {
        let packed = packed_engine(&texts, head);
        let engine = match packed {
            Some(packed) => Engine::Packed(packed),
            None => Engine::Automaton(AhoCorasick::new(&texts).ok()?),
        };
        let longest = texts.iter().map(Vec::len).max().unwrap_or(0);
        Some(Self { texts, longest, engine })
    }

    /// Calls `take` with the place and number of each text that begins in `range`.
    pub(super) fn each(
        &self,
        bytes: &[u8],
        range: Range<usize>,
        mut take: impl FnMut(usize, usize),
    ) {
        match &self.engine {
            Engine::Packed(searches) => {
                for (search, texts) in searches {
                    let mut at = range.start;
                    while let Some(found) = search.find_in(bytes, (at..bytes.len()).into()) {
                        let start = found.start();
                        if start >= range.end {
                            break;
                        }
                        let texts = &texts[found.pattern().as_usize()];
                        texts
                            .iter()
                            .filter(|&&text| bytes[start..].starts_with(&self.texts[text]))
                            .for_each(|&text| take(start, text));
                        at = start + 1;
                    }
                }
            }
            Engine::Automaton(automaton) => {
                let input = aho_corasick::Input::new(bytes).range(range.start..);
                let found = automaton.find_overlapping_iter(input);
                found
                    .filter(|found| found.start() < range.end)
                    .for_each(|found| take(found.start(), found.pattern().as_usize()));
            }
        }
    }
}

impl Finder {
    /// Where in `range` the last of the bytes begin a text that is cut off, a quarter of it at least, and which. The
    /// texts are in order.
    pub(super) fn cut(&self, bytes: &[u8], range: Range<usize>) -> Option<(usize, usize)> {
        let from = range.start.max(bytes.len().saturating_sub(self.longest));
        let last = bytes.len().saturating_sub(LEAST - 1).min(range.end);
        (from..last).find_map(|start| {
            let rest = &bytes[start..];
            let first = self.texts.partition_point(|text| text.as_slice() < rest);
            let begun = self.texts[first..].iter().take_while(|text| text.starts_with(rest));
            let at = begun.into_iter().position(|text| rest.len() >= text.len() / 4)?;
            Some((start, first + at))
        })
    }
}

fn packed_engine(
    texts: &[Vec<u8>],
    head: usize,
) -> Option<Vec<(packed::Searcher, Vec<Vec<usize>>)>> {
    let mut heads: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
    for (at, text) in texts.iter().enumerate() {
        heads.entry(&text[..head.min(text.len())]).or_default().push(at);
    }
    let heads: Vec<(&[u8], Vec<usize>)> = heads.into_iter().collect();
    if heads.len() > HEADS * SEARCHES {
        return None;
    }
    let search = |heads: &[(&[u8], Vec<usize>)]| {
        let search = packed::Searcher::new(heads.iter().map(|(head, _)| head))?;
        Some((search, heads.iter().map(|(_, texts)| texts.clone()).collect()))
    };
    heads.chunks(HEADS).map(search).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_find_the_same() {
        let texts: Vec<Vec<u8>> =
            (0..300).map(|n| format!("te{:x}xt{}", n * 37 % 900, n / 7).into_bytes()).collect();
        let bytes: Vec<u8> = texts.concat().into_iter().cycle().take(20_000).collect();
        let automaton = Engine::Automaton(AhoCorasick::new(&texts).expect("an automaton"));
        let all = |engine: Engine| {
            let finder = Finder { texts: texts.clone(), longest: 0, engine };
            let mut found = Vec::new();
            finder.each(&bytes, 5..19_000, |start, text| found.push((start, text)));
            found.sort_unstable();
            found
        };
        let wanted = all(automaton);
        assert!(wanted.len() > 1_000);
        // Some processors have only the other.
        if let Some(packed) = packed_engine(&texts, 4) {
            assert_eq!(all(Engine::Packed(packed)), wanted);
        }
    }
}
