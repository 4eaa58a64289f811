//! The rule itself, a page long on purpose.

use super::{Call, Counts, Facts, ItemFact, Reason, Verdict, roles};
use crate::outcome::Outcome;
use crate::said;
use crate::said::Said;

/// Judges one gate.
pub fn verdict(facts: &Facts) -> Verdict {
    let Effect { outcomes, applies, accepted } = Effect::of(&facts.items);
    let mut reasons = Vec::new();
    reasons.extend(wrong(facts, &outcomes, Outcome::Fail));
    reasons.extend(wrong(facts, &outcomes, Outcome::Error));
    reasons.extend(facts.roles.iter().flat_map(|role| roles::against(role, facts.line)));
    reasons.extend(no_data(facts));
    reasons.extend(missing(facts, &outcomes, &applies, Outcome::Pending));
    // What was skipped with a signature is open no more.
    let asked: Vec<bool> =
        applies.iter().zip(&accepted).map(|(applies, accepted)| *applies && !accepted).collect();
    reasons.extend(missing(facts, &outcomes, &asked, Outcome::Skipped));
    reasons.extend(nothing_passed(facts, &outcomes, &reasons));
    reasons.extend(facts.stale.iter().map(|why| hold(why.clone(), facts.line)));
    reasons.extend(facts.roles.iter().flat_map(|role| roles::missing(role, facts.line)));
    if facts.unreadable {
        let text = said!("the section looks like sign-offs, and no role could be read from it");
        reasons.push(hold(text, facts.line));
    }
    let call = if reasons.iter().any(|reason| reason.call == Call::NoGo) {
        Call::NoGo
    } else if reasons.is_empty() {
        reasons = green(facts, &outcomes, &applies);
        Call::Go
    } else {
        Call::Hold
    };
    let counts = Counts::of(outcomes);
    Verdict { gate: facts.gate.clone(), call, reasons, counts }
}

/// What each item comes to, in the same order: a parent is decided by its children, and by its own
/// check where it has one.
pub fn effective(items: &[ItemFact]) -> Vec<Outcome> {
    Effect::of(items).outcomes
}

/// What items come to with those inside them.
struct Effect {
    outcomes: Vec<Outcome>,
    /// Whether the document asks for anything of an item with these parameters.
    applies: Vec<bool>,
    /// Whether it was skipped with a signature; of a parent: all that was skipped in it.
    accepted: Vec<bool>,
}

impl Effect {
    fn of(items: &[ItemFact]) -> Self {
        let mut children = vec![Vec::new(); items.len()];
        for (at, item) in items.iter().enumerate() {
            // A parent that does not stand before its child cannot be one; the child stays a root.
            if let Some(parent) = item.parent.filter(|&parent| parent < at) {
                children[parent].push(at);
            }
        }
        let outcomes = vec![Outcome::Pending; items.len()];
        let accepted = items.iter().map(|item| item.accepted).collect();
        let mut effect = Self { outcomes, applies: vec![true; items.len()], accepted };
        for (at, item) in items.iter().enumerate().rev() {
            let inside = &children[at];
            let theirs = effect.by_children(item, inside, items);
            let any_applies = inside.iter().any(|&child| effect.applies[child]);
            effect.applies[at] = match inside.is_empty() {
                true => item.applies,
                false => any_applies || item.checked && item.applies,
            };
            effect.outcomes[at] = match theirs {
                None => item.outcome,
                // Its own check is for other parameters: the children alone decide.
                Some(theirs) if item.checked && !item.applies => theirs,
                // A person's word on a parent can make it worse, never better, than its children.
                Some(theirs) if item.checked || item.outcome >= Outcome::Error => {
                    theirs.max(item.outcome)
                }
                Some(theirs) => theirs,
            };
            if !inside.is_empty() {
                let own = item.outcome != Outcome::Skipped || item.accepted;
                effect.accepted[at] = own
                    && inside.iter().all(|&child| {
                        effect.outcomes[child] != Outcome::Skipped
                            || !effect.applies[child]
                            || effect.accepted[child]
                    });
            }
        }
        effect
    }

    /// All required children that apply; of only optional ones, any that passed. Where none applies
    /// the parent's own check decides, and without one nothing is asked of it either.
    fn by_children(
        &self,
        parent: &ItemFact,
        children: &[usize],
        items: &[ItemFact],
    ) -> Option<Outcome> {
        let applying = children.iter().filter(|&&child| self.applies[child]);
        if applying.clone().next().is_none() && !children.is_empty() {
            return (!parent.checked).then_some(Outcome::Skipped);
        }
        let all = applying.clone().map(|&child| self.outcomes[child]);
        // Under an optional parent each child is optional by inheritance; there they count as required.
        let required = applying
            .filter(|&&child| parent.optional || !items[child].optional)
            .map(|&child| self.outcomes[child]);
        required.max().or_else(|| match all.clone().min()? {
            Outcome::Pass => Some(Outcome::Pass),
            _ => all.max(),
        })
    }
}

/// A reason for each required item that is wrong by itself or has only optional children that are.
fn wrong<'a>(
    facts: &'a Facts,
    outcomes: &'a [Outcome],
    which: Outcome,
) -> impl Iterator<Item = Reason> + 'a {
    let mut told_by_child = vec![false; facts.items.len()];
    for (child, theirs) in facts.items.iter().zip(outcomes) {
        let told = child.parent.and_then(|parent| told_by_child.get_mut(parent));
        if let Some(told) = told.filter(|_| !child.optional && *theirs == which) {
            *told = true;
        }
    }
    facts.items.iter().zip(outcomes).enumerate().filter_map(move |(at, (item, outcome))| {
        let own = item.outcome == which || !told_by_child[at];
        (!item.optional && *outcome == which && own).then(|| {
            let name = &item.text;
            Reason {
                call: Call::NoGo,
                text: match (which, item.detail.clone()) {
                    (Outcome::Fail, None) => said!("`{}` failed", name),
                    (Outcome::Fail, Some(why)) => said!("`{}` failed: {}", name, why),
                    (_, None) => said!("`{}` could not be evaluated", name),
                    (_, Some(why)) => said!("`{}` could not be evaluated: {}", name, why),
                },
                item: Some(item.id.clone()),
                line: item.line,
            }
        })
    })
}

fn no_data(facts: &Facts) -> Option<Reason> {
    if facts.items.is_empty() {
        return Some(hold(said!("no data: there is no item to judge"), facts.line));
    }
    let answered = facts.items.iter().any(|item| item.outcome != Outcome::Pending);
    (!answered).then(|| hold(said!("no data: no item has been answered"), facts.line))
}

/// So many items are named in one reason.
const NAMED: usize = 3;

/// One reason for all required items that lack an answer, named when they are few.
fn missing(
    facts: &Facts,
    outcomes: &[Outcome],
    applies: &[bool],
    which: Outcome,
) -> Option<Reason> {
    let all = facts.items.iter().zip(outcomes).zip(applies);
    let required = all
        .filter(|((item, _), applies)| !item.optional && **applies)
        .map(|((item, outcome), _)| (item, outcome));
    let total = required.clone().count();
    let open: Vec<&ItemFact> =
        required.filter(|(_, outcome)| **outcome == which).map(|(item, _)| item).collect();
    let first = open.first()?;
    let text = match (which, open.len()) {
        (Outcome::Skipped, 1) => {
            said!("1 of {} required items is skipped, which takes a signature", total)
        }
        (Outcome::Skipped, n) => {
            said!("{} of {} required items are skipped, which takes a signature", n, total)
        }
        (_, 1) => said!("1 of {} required items is pending", total),
        (_, n) => said!("{} of {} required items are pending", n, total),
    };
    let few = open.iter().filter(|_| open.len() <= NAMED);
    let text = match Said::commas(few.map(|item| said!("`{}`", &item.text))) {
        Some(names) => said!("{}: {}", text, names),
        None => text,
    };
    Some(Reason {
        call: Call::Hold,
        text,
        item: (open.len() == 1).then(|| first.id.clone()),
        line: first.line,
    })
}

fn nothing_passed(facts: &Facts, outcomes: &[Outcome], reasons: &[Reason]) -> Option<Reason> {
    (reasons.is_empty() && !outcomes.contains(&Outcome::Pass))
        .then(|| hold(said!("nothing passed: every item was waived or skipped"), facts.line))
}

fn hold(text: Said, line: usize) -> Reason {
    Reason { call: Call::Hold, text, item: None, line }
}

fn waived<'f>(facts: &'f Facts, outcomes: &'f [Outcome]) -> impl Iterator<Item = &'f ItemFact> {
    let all = facts.items.iter().zip(outcomes);
    all.filter(|(item, outcome)| item.outcome == Outcome::Waived && **outcome == Outcome::Waived)
        .map(|(item, _)| item)
}

/// What a GO rests on.
fn green(facts: &Facts, outcomes: &[Outcome], applies: &[bool]) -> Vec<Reason> {
    let all = facts.items.iter().zip(outcomes).zip(applies).filter(|(_, applies)| **applies);
    let of = |optional: bool, outcome: Option<Outcome>| {
        let mut count = 0;
        for ((item, theirs), _) in all.clone() {
            let same = outcome.is_none_or(|outcome| outcome == *theirs);
            count += usize::from(item.optional == optional && same);
        }
        count
    };
    let go = |text: Said| Reason { call: Call::Go, text, item: None, line: facts.line };
    let (required, passed) = (of(false, None), of(false, Some(Outcome::Pass)));
    let mut text = said!("{} of {} required items passed", passed, required);
    match of(false, Some(Outcome::Waived)) {
        0 => {}
        waived => text = said!("{}, {} waived", text, waived),
    }
    match of(false, Some(Outcome::Skipped)) {
        0 => {}
        skipped => text = said!("{}, {} skipped", text, skipped),
    }
    match of(true, None) {
        0 => {}
        all => {
            let passed = of(true, Some(Outcome::Pass));
            text = said!("{}; {} of {} optional", text, passed, all);
        }
    }
    let mut reasons = vec![go(text)];
    let idle: Vec<&ItemFact> = facts
        .items
        .iter()
        .zip(applies)
        .filter(|(item, applies)| !**applies && item.detail.is_some())
        .map(|(item, _)| item)
        .collect();
    if let Some((first, detail)) =
        idle.first().and_then(|first| Some((first, first.detail.clone()?)))
    {
        let text = match idle.len() - 1 {
            0 => said!("`{}` is {}", &first.text, detail),
            more => said!("`{}` is {}, and {} more", &first.text, detail, more),
        };
        reasons.push(Reason { line: first.line, item: Some(first.id.clone()), ..go(text) });
    }
    if facts.roles.is_empty() {
        reasons.push(go(said!("no role is named, so nobody had to sign")));
    }
    let skipped = facts.items.iter().filter(|item| item.accepted);
    reasons.extend(waived(facts, outcomes).chain(skipped).map(|item| {
        let why = item.detail.clone().unwrap_or_else(|| Said::from(""));
        let text = match item.outcome {
            Outcome::Waived => said!("`{}` was waived: {}", &item.text, why),
            _ => said!("`{}` was skipped: {}", &item.text, why),
        };
        Reason { line: item.line, item: Some(item.id.clone()), ..go(text) }
    }));
    reasons
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(outcome: Outcome) -> ItemFact {
        ItemFact {
            id: "check".to_owned(),
            text: "check".to_owned(),
            line: 3,
            optional: false,
            checked: false,
            applies: true,
            outcome,
            accepted: false,
            parent: None,
            detail: None,
        }
    }

    fn under(parent: usize, outcome: Outcome) -> ItemFact {
        ItemFact { parent: Some(parent), ..item(outcome) }
    }

    fn optional(item: ItemFact) -> ItemFact {
        ItemFact { optional: true, ..item }
    }

    fn facts(items: Vec<ItemFact>) -> Facts {
        Facts {
            gate: "Release".to_owned(),
            line: 1,
            items,
            roles: Vec::new(),
            unreadable: false,
            stale: Vec::new(),
        }
    }

    fn call(items: Vec<ItemFact>) -> Call {
        verdict(&facts(items)).call
    }

    #[test]
    fn goes_only_when_every_required_item_passed() {
        use Outcome::*;
        assert_eq!(call(vec![item(Pass), item(Pass)]), Call::Go);
        assert_eq!(call(vec![item(Pass), item(Pending)]), Call::Hold);
        assert_eq!(call(vec![item(Pass), item(Skipped)]), Call::Hold);
        assert_eq!(call(vec![item(Pass), item(Error)]), Call::NoGo);
        assert_eq!(call(vec![item(Pass), item(Fail)]), Call::NoGo);
        assert_eq!(call(vec![item(Pass), optional(item(Fail))]), Call::Go);
    }

    #[test]
    fn never_goes_without_data() {
        assert_eq!(call(vec![]), Call::Hold);
        assert_eq!(call(vec![item(Outcome::Pending)]), Call::Hold);
        assert_eq!(call(vec![optional(item(Outcome::Pending))]), Call::Hold);
        assert_eq!(call(vec![optional(item(Outcome::Fail))]), Call::Hold);
        assert_eq!(call(vec![item(Outcome::Waived)]), Call::Hold);
        let reasons = verdict(&facts(vec![])).reasons;
        assert!(reasons[0].text.to_string().starts_with("no data"), "{reasons:?}");
    }

    #[test]
    fn what_was_skipped_with_a_signature_is_open_no_more() {
        use Outcome::*;
        let accepted = || ItemFact { accepted: true, ..item(Skipped) };
        assert_eq!(call(vec![item(Pass), accepted()]), Call::Go);
        assert_eq!(call(vec![accepted()]), Call::Hold, "nothing passed");
        let inside = || ItemFact { parent: Some(0), ..accepted() };
        assert_eq!(call(vec![item(Pending), under(0, Pass), inside()]), Call::Go);
        assert_eq!(
            call(vec![item(Pending), under(0, Pass), inside(), under(0, Skipped)]),
            Call::Hold
        );
        let failing = ItemFact { accepted: true, ..item(Fail) };
        assert_eq!(call(vec![item(Pass), failing]), Call::NoGo);
    }

    #[test]
    fn holds_when_sign_offs_cannot_be_read_or_results_are_stale() {
        let passed = || facts(vec![item(Outcome::Pass)]);
        assert_eq!(verdict(&Facts { unreadable: true, ..passed() }).call, Call::Hold);
        assert_eq!(verdict(&Facts { stale: vec![said!("old")], ..passed() }).call, Call::Hold);
    }

    #[test]
    fn a_parent_is_decided_by_its_required_children() {
        use Outcome::*;
        let parent = |children: Vec<ItemFact>| {
            let mut items = vec![item(Pending)];
            items.extend(children);
            effective(&items)[0]
        };
        assert_eq!(parent(vec![under(0, Pass), under(0, Pass)]), Pass);
        assert_eq!(parent(vec![under(0, Pass), under(0, Pending)]), Pending);
        assert_eq!(parent(vec![under(0, Pass), optional(under(0, Fail))]), Pass);
        assert_eq!(parent(vec![optional(under(0, Pass)), optional(under(0, Fail))]), Pass);
        assert_eq!(parent(vec![optional(under(0, Pending)), optional(under(0, Fail))]), Fail);
        assert_eq!(parent(vec![under(0, Fail), under(0, Pending)]), Fail);
    }

    #[test]
    fn what_is_for_other_parameters_is_asked_of_nobody_and_passes_nothing() {
        use Outcome::*;
        let idle = || ItemFact { applies: false, checked: true, ..item(Skipped) };
        let idle_under = |parent| ItemFact { parent: Some(parent), ..idle() };
        assert_eq!(call(vec![item(Pass), idle()]), Call::Go);
        assert_eq!(call(vec![item(Pass), item(Skipped)]), Call::Hold);
        assert_eq!(call(vec![idle()]), Call::Hold, "nothing passed");
        assert_eq!(call(vec![item(Fail), idle()]), Call::NoGo);
        assert_eq!(call(vec![item(Pass), item(Pending), idle()]), Call::Hold);
        assert_eq!(call(vec![item(Pending), under(0, Pass), idle_under(0)]), Call::Go);
        assert_eq!(call(vec![item(Pending), under(0, Fail), idle_under(0)]), Call::NoGo);
        assert_eq!(call(vec![item(Pending), under(0, Pending), idle_under(0)]), Call::Hold);
        assert_eq!(call(vec![item(Pass), item(Pending), idle_under(1)]), Call::Go);
        assert_eq!(call(vec![item(Pending), idle_under(0)]), Call::Hold);
        let checked = |outcome| ItemFact { checked: true, ..item(outcome) };
        assert_eq!(call(vec![checked(Fail), idle_under(0)]), Call::NoGo);
        assert_eq!(call(vec![checked(Pass), idle_under(0)]), Call::Go);
        assert_eq!(call(vec![idle(), under(0, Pass)]), Call::Go);
        assert_eq!(call(vec![idle(), under(0, Fail)]), Call::NoGo);
    }

    #[test]
    fn a_word_on_a_parent_never_covers_its_children() {
        use Outcome::*;
        assert_eq!(effective(&[item(Pass), under(0, Pending)])[0], Pending);
        assert_eq!(effective(&[item(Fail), under(0, Pass)])[0], Fail);
        let checked = ItemFact { checked: true, ..item(Pending) };
        assert_eq!(effective(&[checked, under(0, Pass)])[0], Pending);
    }

    #[test]
    fn tells_a_failure_once_where_it_is_and_first() {
        let failing = vec![
            item(Outcome::Pending),
            under(0, Outcome::Error),
            under(0, Outcome::Fail),
            item(Outcome::Pending),
        ];
        let reasons = verdict(&facts(failing)).reasons;
        let calls: Vec<Call> = reasons.iter().map(|reason| reason.call).collect();
        assert_eq!(calls, [Call::NoGo, Call::NoGo, Call::Hold]);
        assert!(reasons[0].text.to_string().contains("failed"), "{reasons:?}");
    }
}
