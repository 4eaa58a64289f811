//! What a run asks for less than an earlier one did: items, roles, people, rules. Told, and never judged: a checklist
//! may change, and whoever decides should know.

use std::collections::{BTreeMap, BTreeSet};

use crate::check;
use crate::checklist::{Checklist, Item, Mark};
use crate::ledger::record::PlanItem;
use crate::policy::{Duty, Policy};
use crate::said;
use crate::said::Said;

/// What a run asks for.
#[derive(Clone, Copy)]
pub struct Terms<'a> {
    /// The plan that it was opened with.
    pub plan: &'a [PlanItem],
    /// The checklist that it was opened with.
    pub checklist: &'a Checklist,
    /// The policy that held, where that can be told.
    pub policy: Option<&'a Policy>,
}

/// What `now` asks for less than `before`, each in a line: lower case, no full stop.
pub fn looser(before: &Terms<'_>, now: &Terms<'_>) -> Vec<Said> {
    let mut all = gates(before, now);
    all.extend(items(before, now));
    match (before.policy, now.policy) {
        (Some(before), Some(now)) => all.extend(rules(before, now)),
        (Some(_), None) => all.push(said!("nobody can tell which policy holds")),
        (None, _) => {}
    }
    all
}

fn gates(before: &Terms<'_>, now: &Terms<'_>) -> Vec<Said> {
    let mut all = Vec::new();
    for gate in &before.checklist.gates {
        let name = &gate.name;
        let Some(known) = now.checklist.gates.iter().find(|known| known.name == *name) else {
            all.push(said!("gate `{}` is gone", name));
            continue;
        };
        for role in &gate.roles {
            match known.roles.iter().find(|known| known.slug == role.slug) {
                None => {
                    all.push(said!("gate `{}` does not ask for `{}` any more", name, &role.name))
                }
                Some(known) if known.quorum < role.quorum => all.push(said!(
                    "gate `{}` takes {} for `{}`, and took {}",
                    name,
                    known.quorum,
                    &role.name,
                    role.quorum
                )),
                Some(_) => {}
            }
        }
    }
    all
}

fn items(before: &Terms<'_>, now: &Terms<'_>) -> Vec<Said> {
    let planned: BTreeMap<&str, &PlanItem> =
        now.plan.iter().map(|item| (item.item.as_str(), item)).collect();
    let (then, known) = (by_id(before.checklist), by_id(now.checklist));
    let mut all = Vec::new();
    for item in before.plan.iter().filter(|item| item.required) {
        let (id, Some(gate)) = (&item.item, &item.gate) else { continue };
        let Some(planned) = planned.get(id.as_str()) else {
            all.push(said!("item `{}` is gone", id));
            continue;
        };
        match &planned.gate {
            None => all.push(said!("item `{}` is on standby, and was in gate `{}`", id, gate)),
            Some(_) if !planned.required => all.push(said!("item `{}` is optional", id)),
            Some(other) if other != gate && later(now.checklist, other, gate) => {
                all.push(said!("item `{}` is in gate `{}`, and was in `{}`", id, other, gate));
            }
            Some(_) => {}
        }
        let (Some(before_item), Some(item)) = (then.get(id.as_str()), known.get(id.as_str()))
        else {
            continue;
        };
        if before_item.is_checked() && !item.is_checked() {
            all.push(said!("item `{}` is answered by people, and was by a check", id));
        }
        let asked = conditions(before.checklist, before_item);
        for fresh in conditions(now.checklist, item).difference(&asked) {
            all.push(said!("item `{}` is only for `{}`", id, fresh));
        }
    }
    all
}

fn by_id(checklist: &Checklist) -> BTreeMap<&str, &Item> {
    checklist.items.iter().map(|item| (item.id.as_str(), item)).collect()
}

/// A gate comes after another that is still there.
fn later(checklist: &Checklist, gate: &str, other: &str) -> bool {
    let place = |name: &str| checklist.gates.iter().position(|gate| gate.name == name);
    place(other).is_some_and(|other| place(gate).is_none_or(|gate| gate > other))
}

/// What has to hold of parameters for checks of an item to run.
fn conditions(checklist: &Checklist, item: &Item) -> BTreeSet<String> {
    let blocks = item.blocks.iter().filter_map(|block| checklist.blocks.get(*block));
    // Most blocks need no compiling to know that they have none.
    let may = blocks.filter(|block| block.mark == Mark::Check && block.content.contains("if"));
    let compiled = may.filter_map(|block| check::compile(&block.language, &block.content).ok());
    let mut all = BTreeSet::new();
    for check in compiled {
        all.extend(check.directives().conditions.iter().map(|condition| {
            let sign = if condition.equal { "==" } else { "!=" };
            format!("{} {sign} \"{}\"", condition.name, condition.value)
        }));
    }
    all
}

fn rules(before: &Policy, now: &Policy) -> Vec<Said> {
    let mut all = Vec::new();
    if before.wants_signatures() && !now.wants_signatures() {
        all.push(said!("the policy asks for no signatures any more"));
    }
    if before.wants_signed_answers() && !now.wants_signed_answers() {
        all.push(said!("answers of people need no signature any more"));
    }
    for (duty, words) in [
        (Duty::Operator, said!("whoever ran the checks may sign and decide")),
        (Duty::Roles, said!("one person may sign for several roles")),
    ] {
        if before.separates(duty) && !now.separates(duty) {
            all.push(words);
        }
    }
    for quorum in &before.quorum {
        let (role, people) = (&quorum.role, now.quorum_of(&quorum.role, 1));
        if people < before.quorum_of(role, 1) {
            all.push(said!(
                "the policy takes {} for `{}`, and took {}",
                people,
                role,
                quorum.people
            ));
        }
    }
    let rights = [
        (said!("waive"), &before.waive, &now.waive),
        (said!("take entries back"), &before.void, &now.void),
        (said!("have evidence forgotten"), &before.forget, &now.forget),
        (said!("decide against the verdict"), &before.decide_against, &now.decide_against),
        (said!("change the policy"), &before.change.roles, &now.change.roles),
    ];
    for (what, before, now) in rights {
        let fresh = now.iter().filter(|role| !before.contains(role));
        all.extend(fresh.map(|role| said!("`{}` may {}", role, what.clone())));
    }
    if !before.decide.is_empty() {
        if now.decide.is_empty() {
            all.push(said!("every role of a gate may decide"));
        }
        let fresh = now.decide.iter().filter(|role| !before.decide.contains(role));
        all.extend(fresh.map(|role| said!("`{}` may {}", role, said!("decide"))));
    }
    if now.change.people < before.change.people {
        let (people, were) = (now.change.people, before.change.people);
        all.push(said!("a change of the policy takes {}, and took {}", people, were));
    }
    if is_longer(before.max_age_hours, now.max_age_hours) {
        all.push(said!("older answers count"));
    }
    if is_longer(before.waive_days, now.waive_days) {
        all.push(said!("waivers may last longer"));
    }
    if now.waive_errors && !before.waive_errors {
        all.push(said!("what could not be evaluated may be waived"));
    }
    if now.waive_pending && !before.waive_pending {
        all.push(said!("what is not answered may be waived"));
    }
    all
}

/// A bound that is larger, or none where there was one.
fn is_longer(before: Option<i64>, now: Option<i64>) -> bool {
    before.is_some_and(|before| now.is_none_or(|now| now > before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checklist;
    use crate::policy::{Quorum, Signatures};

    fn read(text: &str) -> (std::sync::Arc<Checklist>, Vec<PlanItem>) {
        let list = checklist::read("list.md", text.as_bytes()).expect("a checklist").checklist;
        let gate = |item: &Item| item.gate.map(|gate| list.gates[gate].name.clone());
        let plan = list.items.iter().map(|item| PlanItem {
            gate: gate(item),
            item: item.id.clone(),
            item_sha256: item.sha256,
            required: !item.optional,
        });
        let plan = plan.collect();
        (list, plan)
    }

    fn told(before: &str, now: &str) -> Vec<String> {
        let (before, now) = (read(before), read(now));
        let terms = |of: &'_ (std::sync::Arc<Checklist>, Vec<PlanItem>)| of.clone();
        let (before, now) = (terms(&before), terms(&now));
        let before = Terms { plan: &before.1, checklist: &before.0, policy: None };
        let told = looser(&before, &Terms { plan: &now.1, checklist: &now.0, policy: None });
        told.iter().map(ToString::to_string).collect()
    }

    const LIST: &str = "# R\n\n- [ ] One `#one`\n- [ ] Two `#two`\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n\n## Sign-off\n\n**Tech Lead**: ____ Date: ____\n**QA Lead**: ____ Date: ____\n";

    #[test]
    fn what_is_the_same_or_asks_for_more_is_not_told() {
        assert_eq!(told(LIST, LIST), Vec::<String>::new());
        let more = LIST.replace("- [ ] One", "- [ ] Three `#three`\n- [ ] One");
        assert_eq!(told(LIST, &more), Vec::<String>::new());
        assert_eq!(told(&more, LIST), ["item `three` is gone"]);
    }

    #[test]
    fn each_way_of_asking_for_less_is_told() {
        let one = |now: String| {
            let told = told(LIST, &now);
            assert_eq!(told.len(), 1, "{told:?}");
            told[0].clone()
        };
        assert_eq!(
            one(LIST.replace("One `#one`", "One `#one` (optional)")),
            "item `one` is optional"
        );
        let roles = LIST.replace("**QA Lead**: ____ Date: ____\n", "");
        assert!(one(roles).contains("does not ask for `QA Lead` any more"));
        let manual = LIST.replace("bash check", "bash");
        assert_eq!(one(manual), "item `two` is answered by people, and was by a check");
        let some = LIST.replace("  true\n", "  # if: STAGE == \"live\"\n  true\n");
        let some = format!("---\nparams:\n  - name: STAGE\n    values: [live, test]\n---\n{some}");
        assert_eq!(one(some), "item `two` is only for `STAGE == \"live\"`");
    }

    #[test]
    fn each_rule_that_is_looser_is_told_and_no_other() {
        let strict = Policy {
            signatures: Signatures::Required,
            separate: vec![Duty::Operator, Duty::Roles],
            quorum: vec![Quorum { people: 2, role: "ops".to_owned() }],
            decide: vec!["cto".to_owned()],
            max_age_hours: Some(24),
            waive_days: Some(7),
            ..Policy::default()
        };
        let loose = Policy {
            waive: vec!["dev".to_owned()],
            void: vec!["dev".to_owned()],
            forget: vec!["dev".to_owned()],
            decide_against: vec!["dev".to_owned()],
            waive_errors: true,
            waive_pending: true,
            ..Policy::default()
        };
        assert_eq!(rules(&strict, &strict), Vec::<Said>::new());
        assert_eq!(rules(&loose, &strict), Vec::<Said>::new());
        assert_eq!(rules(&strict, &loose).len(), 13);
    }
}
