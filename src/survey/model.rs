//! Everything that was read, as JSON has it: docs/json.md describes the shape.

use serde::Serialize;

use crate::checklist::{Checklist, Claim, Item, Mark, PieceKind};

use super::owner::{OwnerKind, Relation};
use super::{
    Decision, Document, Fact, Found, Note, Placeholder, SignOff, Slot, Survey, Threshold, Time,
};

/// A checklist as it was understood. Lines count from 1.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct Model<'c> {
    pub sections: Vec<SectionModel<'c>>,
    pub items: Vec<ItemModel<'c>>,
    pub blocks: Vec<BlockModel<'c>>,
    pub commands: &'c [Found],
    pub expectations: &'c [Note],
    pub placeholders: &'c [Placeholder],
    pub signoffs: &'c [SignOff],
    pub decisions: &'c [Decision],
    pub facts: &'c [Fact],
    pub times: &'c [Time],
    pub thresholds: &'c [Threshold],
    pub evidence: &'c [Slot],
}

/// A heading and what is under it.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct SectionModel<'c> {
    pub title: &'c str,
    pub level: u8,
    pub line: usize,
    pub standby: bool,
    pub counted: bool,
}

/// A line to be answered.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct ItemModel<'c> {
    pub id: &'c str,
    pub text: &'c str,
    pub line: usize,
    /// The last line of its own text.
    pub end_line: usize,
    /// `open`, `done` or `not-applicable`.
    pub state: &'static str,
    /// How many list entries are around it.
    pub depth: usize,
    /// The line of the item that it is in.
    pub parent: Option<usize>,
    /// The line of its heading.
    pub section: Option<usize>,
    /// `check`, `result` of the block above it, or `approval`.
    pub role: &'static str,
    pub optional: bool,
    pub owner: Option<&'c str>,
    pub gate: Option<&'c str>,
}

/// A code block.
#[derive(Debug, Serialize)]
#[allow(missing_docs)]
pub struct BlockModel<'c> {
    pub line: usize,
    pub end_line: usize,
    pub info: &'c str,
    /// `check`, `action`, `trigger`, `wrong` or null.
    pub mark: Option<&'static str>,
    pub relation: Relation,
    pub owner: OwnerKind,
    /// The owner's line.
    pub owner_line: Option<usize>,
    /// The lines of the items that are its results.
    pub results: Vec<usize>,
}

impl<'c> Model<'c> {
    /// Puts a checklist and its survey into one shape.
    pub fn of(checklist: &'c Checklist, survey: &'c Survey) -> Self {
        Self {
            sections: sections(checklist),
            items: items(checklist, survey),
            blocks: blocks(checklist, survey),
            commands: &survey.commands,
            expectations: &survey.notes,
            placeholders: &survey.placeholders,
            signoffs: &survey.signoffs,
            decisions: &survey.decisions,
            facts: &survey.facts,
            times: &survey.times,
            thresholds: &survey.thresholds,
            evidence: &survey.slots,
        }
    }
}

fn sections(checklist: &Checklist) -> Vec<SectionModel<'_>> {
    let sections = checklist.sections.iter().map(|section| SectionModel {
        title: &section.title,
        level: section.level,
        line: section.line,
        standby: section.standby,
        counted: section.counted,
    });
    sections.collect()
}

fn items<'c>(checklist: &'c Checklist, survey: &Survey) -> Vec<ItemModel<'c>> {
    let document = Document::of(checklist);
    let mut places = vec![None; checklist.items.len()];
    for (at, piece) in document.pieces.iter().enumerate() {
        if let PieceKind::Entry { item: Some(item), .. } = piece.kind {
            let end = document.said(at).map_or(piece.line, |said| said.end_line);
            let is_entry =
                |at: &usize| matches!(document.pieces[*at].kind, PieceKind::Entry { .. });
            places[item] = Some((end, document.around(at).filter(is_entry).count()));
        }
    }
    let results: std::collections::BTreeSet<usize> =
        survey.owners.iter().flat_map(|owner| owner.results.iter().copied()).collect();
    let item = |(at, item): (usize, &'c Item)| {
        let (end_line, depth) = places[at].unwrap_or((item.line, 0));
        let approves =
            survey.signoffs.binary_search_by_key(&item.line, |signoff| signoff.line).is_ok();
        ItemModel {
            id: &item.id,
            text: &item.text,
            line: item.line,
            end_line,
            state: match item.claim {
                Claim::Open => "open",
                Claim::Done => "done",
                Claim::NotApplicable => "not-applicable",
            },
            depth,
            parent: item.parent.map(|at| checklist.items[at].line),
            section: item.section.map(|at| checklist.sections[at].line),
            role: match (results.contains(&at), approves) {
                (true, _) => "result",
                (_, true) => "approval",
                _ => "check",
            },
            optional: item.optional,
            owner: item.owner.as_deref(),
            gate: item.gate.map(|at| checklist.gates[at].name.as_str()),
        }
    };
    checklist.items.iter().enumerate().map(item).collect()
}

fn blocks<'c>(checklist: &'c Checklist, survey: &Survey) -> Vec<BlockModel<'c>> {
    let source = &checklist.source;
    let each = checklist.blocks.iter().zip(&survey.owners);
    let block = each.map(|(block, owner)| BlockModel {
        line: block.line,
        end_line: source.line_of(block.span.end.saturating_sub(1).max(block.span.start)),
        info: &block.info,
        mark: match block.mark {
            Mark::None => None,
            Mark::Check => Some("check"),
            Mark::Action => Some("action"),
            Mark::Trigger => Some("trigger"),
            Mark::Wrong(_) => Some("wrong"),
        },
        relation: owner.relation,
        owner: owner.kind,
        owner_line: owner.line,
        results: owner.results.iter().map(|at| checklist.items[*at].line).collect(),
    });
    block.collect()
}
