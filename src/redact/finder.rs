//! Finds texts of a list, also where they overlap. Their heads are looked for many at a time by vector
//! instructions, which is several times as fast as an automaton; that is there for processors without them.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::{AhoCorasick, packed};

use super::escapes::Escaped;

/// So many heads fit into one search.
const HEADS: usize = 64;

/// More searches than this one after another are slower than an automaton.
const SEARCHES: usize = 6;

/// Of a text that is cut off, so many bytes at least are told from other texts.
const LEAST: usize = 8;

/// Finds texts, and values that are escaped.
#[derive(Clone, Debug)]
pub(super) struct Finder {
    texts: Vec<Vec<u8>>,
    escaped: Vec<Escaped>,
    longest: usize,
    engine: Engine,
}

/// What begins with a head, by number: texts, and behind them values that are escaped.
type Begun = Vec<usize>;

#[derive(Clone, Debug)]
enum Engine {
    Packed(Vec<(packed::Searcher, Vec<Begun>)>),
    Automaton(AhoCorasick, Vec<Begun>),
}

impl Finder {
    /// For texts that are not empty, in order, and values that are escaped. Heads are as long as `head`, or less.
    pub(super) fn new(texts: Vec<Vec<u8>>, escaped: Vec<Escaped>, head: usize) -> Option<Self> {
        let heads = heads(&texts, &escaped, head);
        let engine = match packed_engine(&heads) {
            Some(packed) => Engine::Packed(packed),
            None => automaton(&heads)?,
        };
        let longest = texts.iter().map(Vec::len).max().unwrap_or(0);
        Some(Self { texts, escaped, longest, engine })
    }

    /// Calls `take` with the place and number of each that begins in `range`.
    pub(super) fn each(
        &self,
        bytes: &[u8],
        range: Range<usize>,
        mut take: impl FnMut(Range<usize>, usize),
    ) {
        match &self.engine {
            Engine::Packed(searches) => {
                for (search, begun) in searches {
                    let mut at = range.start;
                    while let Some(found) = search.find_in(bytes, (at..bytes.len()).into()) {
                        let start = found.start();
                        if start >= range.end {
                            break;
                        }
                        self.verify(bytes, start, &begun[found.pattern().as_usize()], &mut take);
                        at = start + 1;
                    }
                }
            }
            Engine::Automaton(automaton, begun) => {
                let input = aho_corasick::Input::new(bytes).range(range.start..);
                let found = automaton.find_overlapping_iter(input);
                found.filter(|found| found.start() < range.end).for_each(|found| {
                    self.verify(
                        bytes,
                        found.start(),
                        &begun[found.pattern().as_usize()],
                        &mut take,
                    );
                });
            }
        }
    }

    /// Which of those begin there.
    fn verify(
        &self,
        bytes: &[u8],
        start: usize,
        begun: &[usize],
        take: &mut impl FnMut(Range<usize>, usize),
    ) {
        let rest = &bytes[start..];
        for &number in begun {
            let length = match self.texts.get(number) {
                Some(text) => rest.starts_with(text).then_some(text.len()),
                None => self.escaped[number - self.texts.len()].end(rest),
            };
            if let Some(length) = length {
                take(start..start + length, number);
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

/// Heads, and what begins with them; none begins with another.
fn heads(texts: &[Vec<u8>], escaped: &[Escaped], head: usize) -> Vec<(Vec<u8>, Begun)> {
    let mut all: BTreeMap<Vec<u8>, Begun> = BTreeMap::new();
    for (at, text) in texts.iter().enumerate() {
        all.entry(text[..head.min(text.len())].to_vec()).or_default().push(at);
    }
    for (at, value) in escaped.iter().enumerate() {
        for head in value.heads(head) {
            all.entry(head).or_default().push(texts.len() + at);
        }
    }
    let mut apart: Vec<(Vec<u8>, Begun)> = Vec::new();
    // In order, so that the shorter comes first.
    for (head, begun) in all {
        match apart.last_mut().filter(|(last, _)| head.starts_with(last)) {
            Some((_, last)) => last.extend(begun),
            None => apart.push((head, begun)),
        }
    }
    for (_, begun) in &mut apart {
        begun.sort_unstable();
        begun.dedup();
    }
    apart
}

fn packed_engine(heads: &[(Vec<u8>, Begun)]) -> Option<Vec<(packed::Searcher, Vec<Begun>)>> {
    if heads.len() > HEADS * SEARCHES {
        return None;
    }
    let search = |heads: &[(Vec<u8>, Begun)]| {
        let search = packed::Searcher::new(heads.iter().map(|(head, _)| head))?;
        Some((search, heads.iter().map(|(_, begun)| begun.clone()).collect()))
    };
    heads.chunks(HEADS).map(search).collect()
}

fn automaton(heads: &[(Vec<u8>, Begun)]) -> Option<Engine> {
    let automaton = AhoCorasick::new(heads.iter().map(|(head, _)| head)).ok()?;
    Some(Engine::Automaton(automaton, heads.iter().map(|(_, begun)| begun.clone()).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_engines_find_the_same() {
        let texts: Vec<Vec<u8>> =
            (0..300).map(|n| format!("te{:x}xt{}", n * 37 % 900, n / 7).into_bytes()).collect();
        let bytes: Vec<u8> = texts.concat().into_iter().cycle().take(20_000).collect();
        let escaped = vec![Escaped::new("te2\u{20}5xt").expect("a value")];
        let heads = heads(&texts, &escaped, 4);
        let all = |engine: Engine| {
            let (texts, escaped) = (texts.clone(), escaped.clone());
            let finder = Finder { texts, escaped, longest: 0, engine };
            let mut found = Vec::new();
            finder.each(&bytes, 5..19_000, |at, text| found.push((at.start, text)));
            found.sort_unstable();
            found
        };
        let wanted = all(automaton(&heads).expect("an automaton"));
        assert!(wanted.len() > 1_000);
        // Some processors have only the other.
        if let Some(packed) = packed_engine(&heads) {
            assert_eq!(all(Engine::Packed(packed)), wanted);
        }
    }
}
