//! The functions that are written in jq: its own, and the strict ones. There are hundreds, and a program
//! calls a few; it is compiled with these alone.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use jaq_core::load::parse::{Def, Term};

use super::{allowed, strict};

/// A function, and the names that it calls.
struct Function {
    definition: Def<&'static str>,
    calls: BTreeSet<&'static str>,
}

/// In the order in which they are defined: each sees those before it, and the last of a name counts.
static FUNCTIONS: LazyLock<Option<Vec<Function>>> = LazyLock::new(|| {
    let own = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs());
    let all = own.filter(|definition| allowed(definition.name)).chain(strict::definitions()?);
    let function = |mut definition: Def<&'static str>| {
        let calls = calls(&mut definition.body);
        Function { definition, calls }
    };
    Some(all.map(function).collect())
});

/// What a program needs of them, in their order.
pub(super) fn needed_by<'s>(body: &mut Term<&'s str>) -> Option<Vec<Def<&'s str>>> {
    let mut wanted: BTreeSet<&str> = calls(body);
    let mut needed = Vec::new();
    for function in FUNCTIONS.as_ref()?.iter().rev() {
        if wanted.contains(function.definition.name) {
            wanted.extend(&function.calls);
            needed.push(function.definition.clone());
        }
    }
    needed.reverse();
    Some(needed)
}

/// The names that a term calls, in formats (`@json`) too.
fn calls<'s>(term: &mut Term<&'s str>) -> BTreeSet<&'s str> {
    let mut names = BTreeSet::new();
    strict::walk(term, &mut |term| match term {
        Term::Call(name, _) | Term::Str(Some(name), _) => {
            names.insert(*name);
        }
        _ => {}
    });
    names
}
