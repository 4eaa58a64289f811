//! What a run asks for less than an earlier one did: items, roles, people, rules. Told, and never judged: a checklist
//! may change, and whoever decides should know.

use std::collections::{BTreeMap, BTreeSet};

use crate::check;
use crate::checklist::{Checklist, Item, Mark};
use crate::ledger::record::PlanItem;
use crate::policy::{Duty, Policy};

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
pub fn looser(before: &Terms<'_>, now: &Terms<'_>) -> Vec<String> {
    let mut all = gates(before, now);
    all.extend(items(before, now));
    match (before.policy, now.policy) {
        (Some(before), Some(now)) => all.extend(rules(before, now)),
        (Some(_), None) => all.push("nobody can tell which policy holds".to_owned()),
        (None, _) => {}
    }
    all
}

fn gates(before: &Terms<'_>, now: &Terms<'_>) -> Vec<String> {
    let mut all = Vec::new();
    for gate in &before.checklist.gates {
        let name = &gate.name;
        let Some(known) = now.checklist.gates.iter().find(|known| known.name == *name) else {
            all.push(format!("gate `{name}` is gone"));
            continue;
        };
        for role in &gate.roles {
            match known.roles.iter().find(|known| known.slug == role.slug) {
                None => {
                    all.push(format!("gate `{name}` does not ask for `{}` any more", role.name))
                }
                Some(known) if known.quorum < role.quorum => all.push(format!(
                    "gate `{name}` takes {} for `{}`, and took {}",
                    known.quorum, role.name, role.quorum
                )),
                Some(_) => {}
            }
        }
    }
    all
}

fn items(before: &Terms<'_>, now: &Terms<'_>) -> Vec<String> {
    let planned: BTreeMap<&str, &PlanItem> =
        now.plan.iter().map(|item| (item.item.as_str(), item)).collect();
    let (then, known) = (by_id(before.checklist), by_id(now.checklist));
    let mut all = Vec::new();
    for item in before.plan.iter().filter(|item| item.required) {
        let (id, Some(gate)) = (&item.item, &item.gate) else { continue };
        let Some(planned) = planned.get(id.as_str()) else {
            all.push(format!("item `{id}` is gone"));
            continue;
        };
        match &planned.gate {
            None => all.push(format!("item `{id}` is on standby, and was in gate `{gate}`")),
            Some(_) if !planned.required => all.push(format!("item `{id}` is optional")),
            Some(other) if other != gate && later(now.checklist, other, gate) => {
                all.push(format!("item `{id}` is in gate `{other}`, and was in `{gate}`"));
            }
            Some(_) => {}
        }
        let (Some(before_item), Some(item)) = (then.get(id.as_str()), known.get(id.as_str()))
        else {
            continue;
        };
        if before_item.is_checked() && !item.is_checked() {
            all.push(format!("item `{id}` is answered by people, and was by a check"));
        }
        let asked = conditions(before.checklist, before_item);
        for fresh in conditions(now.checklist, item).difference(&asked) {
            all.push(format!("item `{id}` is only for `{fresh}`"));
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

fn rules(before: &Policy, now: &Policy) -> Vec<String> {
    let mut all = Vec::new();
    if before.wants_signatures() && !now.wants_signatures() {
        all.push("the policy asks for no signatures any more".to_owned());
    }
    if before.wants_signed_answers() && !now.wants_signed_answers() {
        all.push("answers of people need no signature any more".to_owned());
    }
    for (duty, words) in [
        (Duty::Operator, "whoever ran the checks may sign and decide"),
        (Duty::Roles, "one person may sign for several roles"),
    ] {
        if before.separates(duty) && !now.separates(duty) {
            all.push(words.to_owned());
        }
    }
    for quorum in &before.quorum {
        let (role, people) = (&quorum.role, now.quorum_of(&quorum.role, 1));
        if people < before.quorum_of(role, 1) {
            all.push(format!("the policy takes {people} for `{role}`, and took {}", quorum.people));
        }
    }
    let rights = [
        ("waive", &before.waive, &now.waive),
        ("take entries back", &before.void, &now.void),
        ("have evidence forgotten", &before.forget, &now.forget),
        ("decide against the verdict", &before.decide_against, &now.decide_against),
        ("change the policy", &before.change.roles, &now.change.roles),
    ];
    for (what, before, now) in rights {
        let fresh = now.iter().filter(|role| !before.contains(role));
        all.extend(fresh.map(|role| format!("`{role}` may {what}")));
    }
    if !before.decide.is_empty() {
        if now.decide.is_empty() {
            all.push("every role of a gate may decide".to_owned());
        }
        let fresh = now.decide.iter().filter(|role| !before.decide.contains(role));
        all.extend(fresh.map(|role| format!("`{role}` may decide")));
    }
    if now.change.people < before.change.people {
        let (people, were) = (now.change.people, before.change.people);
        all.push(format!("a change of the policy takes {people}, and took {were}"));
    }
    if is_longer(before.max_age_hours, now.max_age_hours) {
        all.push("older answers count".to_owned());
    }
    if is_longer(before.waive_days, now.waive_days) {
        all.push("waivers may last longer".to_owned());
    }
    if now.waive_errors && !before.waive_errors {
        all.push("what could not be evaluated may be waived".to_owned());
    }
    if now.waive_pending && !before.waive_pending {
        all.push("what is not answered may be waived".to_owned());
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
        looser(&before, &Terms { plan: &now.1, checklist: &now.0, policy: None })
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
        assert_eq!(rules(&strict, &strict), Vec::<String>::new());
        assert_eq!(rules(&loose, &strict), Vec::<String>::new());
        assert_eq!(rules(&strict, &loose).len(), 13);
    }
}
