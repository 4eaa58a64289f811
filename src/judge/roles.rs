//! What was said for a role: one NO-GO is a NO-GO, and a quorum is of distinct people with distinct keys.

use std::collections::BTreeSet;

use super::{Call, Reason, RoleFact, SignoffFact, Weight};
use crate::said;
use crate::said::Said;
use crate::sign::Decision;

/// Somebody says NO-GO.
pub(super) fn against(role: &RoleFact, line: usize) -> impl Iterator<Item = Reason> {
    let says_no = role.signoffs.iter().filter(|signoff| signoff.says == Decision::NoGo);
    says_no.filter(|signoff| signoff.weight == Weight::Counts).map(move |signoff| {
        let text = match signoff.reason.as_str() {
            "" => said!("{} says NO-GO ({})", &role.name, Said::name(&signoff.name)),
            why => said!("{} says NO-GO ({}): {}", &role.name, Said::name(&signoff.name), why),
        };
        Reason { call: Call::NoGo, text, item: None, line }
    })
}

/// Who has still to say GO, and why what was said does not do.
pub(super) fn missing(role: &RoleFact, line: usize) -> Vec<Reason> {
    let hold = |text: Said| Reason { call: Call::Hold, text, item: None, line };
    let mut reasons = Vec::new();
    // Whoever said NO-GO has signed, and that is told.
    if against(role, line).next().is_some() {
        return reasons;
    }
    let missing = role.quorum.max(1).saturating_sub(count(&role.signoffs));
    if missing > 0 {
        let text = match role.quorum {
            0 | 1 => said!("{} has not signed", &role.name),
            quorum => {
                said!("{} of {} sign-offs by {} are missing", missing, quorum, &role.name)
            }
        };
        let why = Said::semicolons(role.signoffs.iter().filter_map(why_not));
        reasons.push(hold(match why {
            Some(why) => said!("{}: {}", text, why),
            None => text,
        }));
    } else {
        // Who said NO-GO has to say otherwise: others cannot outvote it, nor can the run outlive it.
        let stale = role
            .signoffs
            .iter()
            .filter(|signoff| signoff.says == Decision::NoGo && signoff.weight == Weight::Stale);
        reasons.extend(stale.map(|signoff| {
            let (role, name) = (&role.name, Said::name(&signoff.name));
            hold(said!(
                "{} said NO-GO before the run went on ({}), and has to sign again",
                role,
                name
            ))
        }));
    }
    reasons
}

/// So many distinct people said GO with distinct keys.
fn count(signoffs: &[SignoffFact]) -> u32 {
    let (mut people, mut keys) = (BTreeSet::new(), BTreeSet::new());
    let go = signoffs
        .iter()
        .filter(|signoff| signoff.says == Decision::Go && signoff.weight == Weight::Counts);
    let count = go
        .filter(|signoff| {
            let key_is_new = signoff.key.as_ref().is_none_or(|key| !keys.contains(key));
            let counts = key_is_new && !people.contains(&signoff.person);
            if counts {
                people.insert(&signoff.person);
                keys.extend(&signoff.key);
            }
            counts
        })
        .count();
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn why_not(signoff: &SignoffFact) -> Option<Said> {
    let SignoffFact { name, says, .. } = signoff;
    match &signoff.weight {
        Weight::Counts if *says == Decision::Go => None,
        Weight::Counts => Some(said!("{} abstains", Said::name(name))),
        Weight::Stale => {
            Some(said!("what {} signed is stale, the run went on since", Said::name(name)))
        }
        Weight::Nothing(why) => {
            Some(said!("what {} says does not count: {}", Said::name(name), why.clone()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signoff(person: &str, key: Option<&str>, says: Decision, weight: Weight) -> SignoffFact {
        SignoffFact {
            person: person.to_owned(),
            name: person.to_owned(),
            key: key.map(str::to_owned),
            says,
            reason: String::new(),
            weight,
        }
    }

    fn go(person: &str, key: &str) -> SignoffFact {
        signoff(person, Some(key), Decision::Go, Weight::Counts)
    }

    fn calls(quorum: u32, signoffs: Vec<SignoffFact>) -> Vec<Call> {
        let role = RoleFact { name: "Tech Lead".to_owned(), quorum, signoffs };
        let reasons = against(&role, 1).chain(missing(&role, 1)).collect::<Vec<Reason>>();
        reasons.into_iter().map(|reason| reason.call).collect()
    }

    #[test]
    fn a_quorum_is_of_distinct_people_with_distinct_keys() {
        assert_eq!(calls(1, vec![]), [Call::Hold]);
        assert_eq!(calls(0, vec![]), [Call::Hold], "a quorum of none is one");
        assert_eq!(calls(1, vec![go("alice", "A")]), []);
        assert_eq!(calls(2, vec![go("alice", "A"), go("bob", "B")]), []);
        assert_eq!(calls(2, vec![go("alice", "A"), go("alice", "B")]), [Call::Hold]);
        assert_eq!(calls(2, vec![go("alice", "A"), go("bob", "A")]), [Call::Hold]);
        let unsigned = |person| signoff(person, None, Decision::Go, Weight::Counts);
        assert_eq!(calls(2, vec![unsigned("alice"), unsigned("bob")]), []);
    }

    #[test]
    fn what_does_not_count_makes_no_quorum() {
        let weights = [Weight::Stale, Weight::Nothing(said!("it is not signed"))];
        for weight in weights {
            let said = signoff("alice", None, Decision::Go, weight.clone());
            assert_eq!(calls(1, vec![said]), [Call::Hold], "{weight:?}");
        }
        let abstains = signoff("alice", Some("A"), Decision::Abstain, Weight::Counts);
        assert_eq!(calls(1, vec![abstains.clone()]), [Call::Hold]);
        assert_eq!(calls(1, vec![abstains, go("bob", "B")]), []);
    }

    #[test]
    fn one_no_go_is_not_outvoted_and_does_not_go_away_with_time() {
        let no = |weight| signoff("alice", Some("A"), Decision::NoGo, weight);
        assert_eq!(calls(1, vec![no(Weight::Counts), go("bob", "B")]), [Call::NoGo]);
        assert_eq!(calls(1, vec![no(Weight::Stale), go("bob", "B")]), [Call::Hold]);
    }
}
