//! How results fit into lines of the ledger: long texts are cut, a long list of checks becomes evidence,
//! and its small outputs are packed into one piece beside it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::digest::Digest;
use crate::json;
use crate::outcome::{CheckResult, StepResult, Stream};

use super::record::{Body, DETAIL, ItemResult, LINE};

/// Evidence that came of making results fit.
#[derive(Default)]
pub(super) struct Made {
    /// New pieces: lists of checks, and packs of small outputs.
    pub(super) pieces: Vec<(Digest, Vec<u8>)>,
    /// Outputs of long results that are kept each by itself.
    pub(super) separate: BTreeSet<Digest>,
}

/// Outputs up to this size are packed where their result does not fit into a line: 4 KiB.
pub(super) const SMALL: i64 = 4 << 10;

/// Makes every result fit; `given` is the evidence that came with them.
pub(super) fn all(bodies: Vec<Body>, given: &HashMap<Digest, &[u8]>) -> (Vec<Body>, Made) {
    let mut made = Made::default();
    let fitted = bodies
        .into_iter()
        .map(|body| match body {
            Body::Result(result) => Body::Result(result.fit(given, &mut made)),
            body => body,
        })
        .collect();
    (fitted, made)
}

/// The small outputs of a list of checks that are kept, each once, in the order of the list.
fn small(checks: &[CheckResult]) -> Vec<(Digest, usize)> {
    let mut seen = BTreeSet::new();
    streams(checks)
        .filter(|stream| stream.bytes <= SMALL)
        .filter_map(|stream| Some((stream.kept?, usize::try_from(stream.bytes).ok()?)))
        .filter(|(digest, _)| seen.insert(*digest))
        .collect()
}

fn streams(checks: &[CheckResult]) -> impl Iterator<Item = &Stream> {
    checks.iter().flat_map(|check| &check.steps).flat_map(|step| [&step.stdout, &step.stderr])
}

/// Texts of a result are cut to so many characters.
const TEXT: usize = 400;

impl ItemResult {
    /// Cuts long texts, and takes the list of checks out where a line would be too long.
    fn fit(mut self, given: &HashMap<Digest, &[u8]>, made: &mut Made) -> Self {
        for check in &mut self.checks {
            cut(&mut check.message);
            cut(&mut check.target);
            for step in &mut check.steps {
                cut_text(&mut step.title);
                for expect in &mut step.expect {
                    cut_text(&mut expect.text);
                    cut_text(&mut expect.observed);
                }
            }
        }
        // The rest of a line is far below what is left for it here.
        if at_most(&self.checks) < LINE / 2 {
            return self;
        }
        let list = json::canonical(&self.checks).unwrap_or_default();
        if list.len() < LINE / 2 {
            return self;
        }
        let packed = small(&self.checks);
        let pack: Vec<u8> = packed
            .iter()
            .filter_map(|(digest, _)| given.get(digest))
            .flat_map(|bytes| bytes.iter().copied())
            .collect();
        let large = streams(&self.checks)
            .filter(|stream| stream.bytes > SMALL)
            .filter_map(|stream| stream.kept);
        made.separate.extend(large);
        let list = (Digest::of(&list), list);
        let pack = (!pack.is_empty()).then(|| (Digest::of(&pack), pack));
        self.checks = vec![CheckResult {
            kind: DETAIL.to_owned(),
            steps: Vec::new(),
            target: pack.as_ref().map(|(digest, _)| digest.to_string()),
            message: Some(list.0.to_string()),
        }];
        made.pieces.push(list);
        made.pieces.extend(pack);
        self
    }

    /// Outputs of its checks that lie in one piece of evidence, whether that is there or not.
    pub fn in_pack(&self, checks: &[CheckResult]) -> BTreeSet<Digest> {
        let is_packed = self.pack().is_some();
        let small = if is_packed { small(checks) } else { Vec::new() };
        small.into_iter().map(|(digest, _)| digest).collect()
    }

    /// The piece of evidence that holds its small outputs, if one does.
    pub fn pack(&self) -> Option<Digest> {
        match &self.checks[..] {
            [check] if check.kind == DETAIL => check.target.as_ref()?.parse().ok(),
            _ => None,
        }
    }

    /// Outputs that are packed into one piece of evidence, by their digests.
    pub fn packed(
        &self,
        evidence: impl Fn(&Digest) -> Option<Vec<u8>>,
    ) -> BTreeMap<Digest, Vec<u8>> {
        let mut outputs = BTreeMap::new();
        let (Some(pack), Some(checks)) =
            (self.pack().and_then(|digest| evidence(&digest)), self.expanded(&evidence))
        else {
            return outputs;
        };
        let mut rest = pack.as_slice();
        for (digest, length) in small(&checks) {
            let Some((output, after)) = rest.split_at_checked(length) else { break };
            if Digest::of(output) == digest {
                outputs.insert(digest, output.to_vec());
                rest = after;
            }
        }
        outputs
    }

    /// The checks, read from evidence where the line only names them; `None` when that is missing.
    pub fn expanded(
        &self,
        evidence: impl Fn(&Digest) -> Option<Vec<u8>>,
    ) -> Option<Vec<CheckResult>> {
        match &self.checks[..] {
            [check] if check.kind == DETAIL => {
                let digest: Digest = check.message.as_ref()?.parse().ok()?;
                serde_json::from_slice(&evidence(&digest)?).ok()
            }
            checks => Some(checks.to_vec()),
        }
    }
}

/// An upper bound of the length of a list of checks in a line.
fn at_most(checks: &[CheckResult]) -> usize {
    // A byte of text takes six at most, as `\u0000`; names of keys, digests and numbers the rest.
    const STEP: usize = 700;
    const EXPECT: usize = 100;
    let expects = |step: &StepResult| -> usize {
        step.expect.iter().map(|one| EXPECT + 6 * (one.text.len() + one.observed.len())).sum()
    };
    let steps = |check: &CheckResult| -> usize {
        check.steps.iter().map(|step| STEP + 6 * step.title.len() + expects(step)).sum()
    };
    let texts = |check: &CheckResult| {
        [&check.message, &check.target].into_iter().flatten().map(String::len).sum::<usize>()
    };
    checks.iter().map(|check| STEP + 6 * (check.kind.len() + texts(check)) + steps(check)).sum()
}

fn cut(text: &mut Option<String>) {
    if let Some(text) = text {
        cut_text(text);
    }
}

fn cut_text(text: &mut String) {
    if text.chars().count() > TEXT {
        *text = text.chars().take(TEXT - 1).chain(['…']).collect();
    }
}
