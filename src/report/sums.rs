//! How many items came to what, in all and below each heading, and which of them need a look.

use std::collections::BTreeMap;

use super::attempts;
use super::build::{Builder, NOT_APPLICABLE, STANDBY};
use super::view::{Count, Exceptions, ItemView, SectionView};

/// How many items came to what. One that waits on standby is not what work waits for.
pub(super) fn counts<'i>(items: impl Iterator<Item = &'i ItemView> + Clone) -> Vec<Count> {
    let all = items.clone().count().max(1);
    let mut before = 0;
    ["fail", "error", "pending", "skipped", "waived", STANDBY, "pass"]
        .into_iter()
        .filter_map(|outcome| {
            let n = items.clone().filter(|item| item.counted == outcome).count();
            let x = before * 1000 / all;
            before += n;
            let end = before * 1000 / all;
            (n > 0).then_some(Count { outcome, n, x, width: end - x })
        })
        .collect()
}

/// Items by what there is to look at.
pub(super) fn exceptions(items: &[ItemView]) -> Vec<Exceptions> {
    let pick = |wanted: &dyn Fn(&ItemView) -> bool| -> Vec<usize> {
        (0..items.len()).filter(|at| wanted(&items[*at])).collect()
    };
    [
        ("Failed", pick(&|item| item.outcome == "fail")),
        ("Could not be evaluated", pick(&|item| item.outcome == "error")),
        ("Waived", pick(&|item| item.outcome == "waived")),
        ("Skipped", pick(&|item| item.outcome == "skipped" && item.how != NOT_APPLICABLE)),
        ("Pending", pick(&|item| item.counted == "pending")),
        ("Not applicable", pick(&|item| item.how == NOT_APPLICABLE)),
        ("On standby", pick(&|item| item.counted == STANDBY)),
        ("Answered by a person", pick(&|item| item.how == "attested")),
        ("Claimed by the document", pick(&|item| !item.claim.is_empty())),
        ("Passed on a later attempt", pick(&|item| item.answers.iter().any(attempts::is_late))),
        ("Superseded attempts", pick(&|item| !item.superseded.is_empty())),
    ]
    .into_iter()
    .filter(|(_, items)| !items.is_empty())
    .map(|(title, items)| Exceptions { title, items })
    .collect()
}

impl Builder<'_> {
    /// The headings that divide the document, with the items below each; none where they are all below one.
    pub(super) fn sections(&mut self, items: &[ItemView]) -> Vec<SectionView> {
        let checklist = &self.subject.checklist;
        let sections = &checklist.sections;
        // Headings lie in the order of the document: one pass finds the way to the topmost of each.
        let mut paths: Vec<Vec<usize>> = Vec::with_capacity(sections.len());
        for (at, section) in sections.iter().enumerate() {
            let around = section.parent.and_then(|parent| paths.get(parent));
            let mut path =
                around.map_or_else(Vec::new, |path| path.iter().copied().take(2).collect());
            path.push(at);
            paths.push(path);
        }
        let topmost = |depth: usize| {
            let mut found: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            for (at, item) in checklist.items.iter().enumerate() {
                let path = item.section.and_then(|section| paths.get(section));
                let head = path.and_then(|path| path.get(depth).or(path.last()));
                found.entry(head.copied().unwrap_or(0)).or_default().push(at);
            }
            found
        };
        let divided = (0..3).map(topmost).find(|found| found.len() > 1).unwrap_or_default();
        divided
            .into_iter()
            .filter_map(|(section, at)| {
                let below = at.iter().filter_map(|at| items.get(*at));
                let section = sections.get(section)?;
                Some(SectionView {
                    title: self.see(&section.title),
                    line: section.line,
                    n: at.len(),
                    counts: counts(below),
                })
            })
            .collect()
    }
}
