//! Items that would wait for themselves: over `after`, over the items that decide another, and over
//! counted sections, which wait for those before them.

use std::collections::BTreeMap;

use crate::check::{Compiled, Fault};
use crate::checklist::Checklist;

use super::{inside, places, running, sections};

/// A fault for each `after` that is part of a circle.
pub(super) fn faults(checklist: &Checklist, checks: &Compiled) -> Vec<(usize, Fault)> {
    let places = places(checklist);
    let waits: Vec<(usize, usize, usize, usize)> = running(checklist, checks)
        .flat_map(|(item, block, check)| {
            let after = &check.directives().after;
            let known = after.iter().filter_map(|after| {
                Some((item, block, after.line, *places.get(after.id.as_str())?))
            });
            known.collect::<Vec<_>>()
        })
        .collect();
    if waits.is_empty() {
        return Vec::new();
    }
    let mut graph = inside(checklist);
    for (item, _, _, other) in &waits {
        graph[*item].push(*other);
    }
    by_sections(checklist, checks, &mut graph);
    let circles = circles(&graph);
    let fault = |line: usize, item: usize, other: usize| {
        let message = if item == other {
            "this waits for itself".to_owned()
        } else {
            format!("`#{}` waits for this item, and this for it", checklist.items[other].id)
        };
        Fault::new(
            line,
            "HP141",
            message,
            "take one `after` of the circle out; sections that count run in their order",
        )
    };
    waits
        .into_iter()
        .filter(|(item, _, _, other)| circles[*item] == circles[*other])
        .map(|(item, block, line, other)| (block, fault(line, item, other)))
        .collect()
}

/// Adds two places for each counted section: what is inside begins after the first, and the second
/// is reached when it has ended.
fn by_sections(checklist: &Checklist, checks: &Compiled, graph: &mut Vec<Vec<usize>>) {
    let mut gates: BTreeMap<(usize, usize), (usize, usize)> = BTreeMap::new();
    let mut last = None;
    for (item, ..) in running(checklist, checks) {
        let runs = checklist.items[item].gate.is_some();
        if !runs || last.replace(item) == Some(item) {
            continue;
        }
        for section in sections(checklist, checklist.items[item].section) {
            let (begin, end) = *gates.entry(section).or_insert_with(|| {
                graph.extend([Vec::new(), Vec::new()]);
                (graph.len() - 2, graph.len() - 1)
            });
            graph[item].push(begin);
            graph[end].push(item);
        }
    }
    let mut before: Option<(usize, usize)> = None;
    for ((parent, _), (begin, end)) in gates {
        if let Some((_, ended)) = before.filter(|(theirs, _)| *theirs == parent) {
            graph[begin].push(ended);
            // A section ends no earlier than those before it.
            graph[end].push(ended);
        }
        before = Some((parent, end));
    }
}

/// A number for each place, the same for those that can reach each other (Tarjan's algorithm, with a
/// stack of its own: documents may be hostile).
fn circles(graph: &[Vec<usize>]) -> Vec<usize> {
    const NEW: usize = usize::MAX;
    let mut numbers = vec![NEW; graph.len()];
    let mut lowest = vec![NEW; graph.len()];
    let mut circles = vec![NEW; graph.len()];
    let (mut next, mut open, mut work) = (0, Vec::new(), Vec::new());
    for root in 0..graph.len() {
        if numbers[root] == NEW {
            work.push((root, 0));
        }
        while let Some((at, edge)) = work.pop() {
            if edge == 0 {
                (numbers[at], lowest[at]) = (next, next);
                next += 1;
                open.push(at);
            }
            let Some(&to) = graph[at].get(edge) else {
                if lowest[at] == numbers[at] {
                    while let Some(member) = open.pop() {
                        circles[member] = at;
                        if member == at {
                            break;
                        }
                    }
                }
                if let Some(&(parent, _)) = work.last() {
                    let parent: usize = parent;
                    lowest[parent] = lowest[parent].min(lowest[at]);
                }
                continue;
            };
            work.push((at, edge + 1));
            if numbers[to] == NEW {
                work.push((to, 0));
            } else if circles[to] == NEW {
                lowest[at] = lowest[at].min(numbers[to]);
            }
        }
    }
    circles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_that_reach_each_other_have_one_number() {
        let found = circles(&[vec![1], vec![2], vec![1, 3], vec![], vec![0, 4]]);
        assert_eq!(found[1], found[2]);
        let distinct: std::collections::BTreeSet<usize> = found.into_iter().collect();
        assert_eq!(distinct.len(), 4);
    }

    #[test]
    fn a_long_chain_takes_no_stack() {
        let chain: Vec<Vec<usize>> = (1..200_000).map(|next| vec![next]).chain([vec![]]).collect();
        let found = circles(&chain);
        assert_eq!(found.len(), 200_000);
        assert_ne!(found[0], found[1]);
    }
}
