//! Where sections end, and what the document is called.

use super::Checklist;

/// Ends each section where the next of its level or above begins.
pub(super) fn close(checklist: &mut Checklist) {
    let end = checklist.source.line_count() + 1;
    let heads: Vec<(u8, usize)> = checklist.sections.iter().map(|s| (s.level, s.line)).collect();
    for (at, section) in checklist.sections.iter_mut().enumerate() {
        section.end_line = heads[at + 1..]
            .iter()
            .find(|(level, _)| *level <= section.level)
            .map_or(end, |(_, line)| *line);
    }
}

/// Titles the checklist: front matter, else the first heading of the first level, else any, else
/// the file's name.
pub(super) fn name(checklist: &mut Checklist) {
    let heading = checklist
        .sections
        .iter()
        .find(|section| section.level == 1)
        .or(checklist.sections.first())
        .map(|section| section.title.clone());
    let file = || {
        let name = checklist.source.path.rsplit('/').next().unwrap_or_default();
        name.strip_suffix(".md").unwrap_or(name).to_owned()
    };
    checklist.title = checklist
        .front
        .title
        .clone()
        .or(heading)
        .filter(|title| !title.is_empty())
        .unwrap_or_else(file);
}
