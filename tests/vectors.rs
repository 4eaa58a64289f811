//! Ways to lie: each a sentence, a small change of a good ledger, and what `verify` has to find in it. Whatever is done,
//! a run that was not GO does not become it.

mod attack;
mod bytes;
mod entries;
mod files;
mod forms;
mod reports;
mod segments;
mod story;
mod strangers;
mod words;

use std::collections::BTreeSet;

use attack::Attack;

/// One way to lie.
pub(crate) struct Lie {
    /// What is done.
    pub(crate) name: &'static str,
    /// How.
    pub(crate) how: fn(&Attack),
    /// The codes that `verify` gives, each once; none where the verdict alone tells.
    pub(crate) found: &'static [&'static str],
    /// What verification ends in: `broken`, or the beginning of another verdict.
    pub(crate) verdict: &'static str,
    /// The finished run is no longer GO: what it stood on is gone or in doubt.
    pub(crate) holds: bool,
}

/// The finished run stays GO.
pub(crate) const fn lie(
    name: &'static str,
    how: fn(&Attack),
    found: &'static [&'static str],
    verdict: &'static str,
) -> Lie {
    Lie { name, how, found, verdict, holds: false }
}

/// No run is GO any more.
pub(crate) const fn holds(
    name: &'static str,
    how: fn(&Attack),
    found: &'static [&'static str],
    verdict: &'static str,
) -> Lie {
    Lie { name, how, found, verdict, holds: true }
}

/// Tells every lie, and all that is wrong with what comes of it.
fn tell(lies: &'static [Lie], from: fn() -> Attack) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let each: Vec<Vec<String>> = std::thread::scope(|scope| {
        let parts = lies.chunks(lies.len().div_ceil(threads));
        let tell = |part: &'static [Lie]| {
            move || part.iter().filter_map(|lie| wrong(lie, from())).collect()
        };
        let handles: Vec<_> = parts.map(|part| scope.spawn(tell(part))).collect();
        handles.into_iter().map(|handle| handle.join().expect("told")).collect()
    });
    let wrong = each.concat();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn wrong(lie: &Lie, attack: Attack) -> Option<String> {
    if std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| (lie.how)(&attack))).is_err() {
        return Some(format!("{}: it cannot be told", lie.name));
    }
    let findings = attack.verify();
    let codes: BTreeSet<&str> = findings.findings.iter().map(|finding| finding.code).collect();
    let verdict = findings.verdict.to_string();
    let calls = attack.calls();
    let found = lie.found.iter().copied().eq(codes.iter().copied());
    let goes = calls[0] == "GO";
    let fits = found
        && verdict.starts_with(lie.verdict)
        && goes != lie.holds
        && !calls[1..].contains(&"GO");
    let told: Vec<&str> =
        findings.findings.iter().map(|finding| finding.message.as_str()).collect();
    (!fits).then(|| format!("{}: {codes:?} {verdict} {calls:?} {told:?}", lie.name))
}

#[test]
fn the_good_ledger_has_nothing_to_find() {
    let attack = Attack::new();
    let findings = attack.verify();
    assert_eq!(findings.findings, []);
    assert_eq!(findings.verdict.to_string(), "intact, self-anchored");
    assert_eq!(attack.calls(), ["GO", "HOLD", "NO-GO"]);
}

#[test]
fn there_are_lies_enough_and_each_has_a_name_of_its_own() {
    let all = [entries::LIES, forms::LIES, files::LIES, words::LIES, reports::LIES, segments::LIES];
    let names: BTreeSet<&str> = all.iter().copied().flatten().map(|lie| lie.name).collect();
    let count = all.iter().map(|lies| lies.len()).sum::<usize>();
    assert!(count >= 60 && names.len() == count, "{count} lies, {} names", names.len());
}

#[test]
fn no_line_can_be_changed_moved_or_left_out() {
    tell(entries::LIES, Attack::new);
}

#[test]
fn no_line_has_another_form() {
    tell(forms::LIES, Attack::new);
}

#[test]
fn no_file_can_be_changed_or_taken_away() {
    tell(files::LIES, Attack::new);
}

#[test]
fn nobody_speaks_for_somebody_else() {
    tell(words::LIES, Attack::new);
}

#[test]
fn no_report_says_what_the_ledger_does_not() {
    tell(reports::LIES, || Attack::on(reports::story()));
}

#[test]
fn no_segment_can_be_changed_or_taken_away() {
    tell(segments::LIES, || Attack::on(segments::story()));
}
