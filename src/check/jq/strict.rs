//! jq without its indulgence. jq orders all values (`null < 5` and `"n/a" > 5` are true), counts what is
//! not there (`null | length` is 0), adds nothing to it (`null + 1` is 1), and takes all but `null` and
//! `false` for true. In a check each of these would turn a missing value into a pass, so here they are
//! errors, wherever in a program they stand.

use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::ops::{Cmp, Math};
use jaq_core::path::{Opt, Part, Path};

use super::super::document;

/// What comparisons and conditions of a program become, and functions in the place of jq's own.
const DEFINITIONS: &str = r#"
def hp_kinds($l; $r):
  if $l == null or $r == null then error("a value that is compared is missing")
  elif ($l | type) != ($r | type)
  then error("a \($l | type) cannot be compared with a \($r | type)")
  elif any($l, $r | ..; . == null) then error("a value inside what is compared is missing")
  elif ($l | type) == "number" and ([$l, $r] | any(.[]; isnan or isinfinite))
  then error("a value that is compared is no number")
  else . end;
def hp_ordered($l; $r):
  hp_kinds($l; $r)
  | if ($l | type) == "number" then .
    elif ($l | type) != "string" then error("a \($l | type) is neither less nor greater")
    elif ([$l, $r] | map(gsub("[0-9]"; "0")) | .[0] == .[1]) and ($l | test("^[0-9]{4}-[0-9]{2}"))
    then .
    elif ($l + $r) | test("[0-9]")
    then error("texts with digits are no numbers: `9` would come after `10`")
    else . end;
def hp_eq(l; r): r as $r | l as $l | hp_kinds($l; $r) | $l == $r;
def hp_ne(l; r): r as $r | l as $l | hp_kinds($l; $r) | $l != $r;
def hp_lt(l; r): r as $r | l as $l | hp_ordered($l; $r) | $l < $r;
def hp_le(l; r): r as $r | l as $l | hp_ordered($l; $r) | $l <= $r;
def hp_gt(l; r): r as $r | l as $l | hp_ordered($l; $r) | $l > $r;
def hp_ge(l; r): r as $r | l as $l | hp_ordered($l; $r) | $l >= $r;

def hp_there($l; $r):
  if $l == null or $r == null then error("a value that is calculated with is missing") else . end;
def hp_add(l; r): r as $r | l as $l | hp_there($l; $r) | $l + $r;
def hp_sub(l; r): r as $r | l as $l | hp_there($l; $r) | $l - $r;
def hp_mul(l; r): r as $r | l as $l | hp_there($l; $r) | $l * $r;
def hp_div(l; r): r as $r | l as $l | hp_there($l; $r) | $l / $r;
def hp_rem(l; r): r as $r | l as $l | hp_there($l; $r) | $l % $r;

def hp_truth: if isboolean then . else error("a \(type) is neither true nor false") end;
def hp_alt(l; r):
  [l] as $l
  | if any($l[]; . == false) then error("`//` would replace `false` too") else . end
  | if any($l[]; . != null) then $l[] | select(. != null) else r end;

def hp_present: if . == null then error("a value that is written as text is missing") else . end;
def tostring: hp_present | "\(.)";
def tojson: hp_present | hp_tojson;
def fromjson: error("text inside JSON is not read as JSON");
def contains($x):
  if any(., $x | ..; . == null) then error("a value that is looked for or in is missing")
  else hp_contains($x) end;
def inside($xs): . as $x | $xs | contains($x);
def in($xs): if . == null then error("a key that is looked for is missing") else . as $x | $xs | has($x) end;
def length: if . == null then error("what is missing has no length") else hp_length end;
def not: hp_truth | . == false;
def select(f): (f | hp_truth) as $x | if $x then . else empty end;
def all(g; cond):
  [g | cond | hp_truth]
  | if . == [] then error("all of nothing") else . end
  | reduce .[] as $x (true; . and $x);
def all(cond): all(.[]; cond);
def all: all(.[]; .);
def any(g; cond):
  [g | cond | hp_truth]
  | if . == [] then error("any of nothing") else . end
  | reduce .[] as $x (false; . or $x);
def any(cond): any(.[]; cond);
def any: any(.[]; .);
def hp_alike:
  if (map(type) | hp_group_by(.) | hp_length) > 1 then error("values of several kinds")
  elif any(.[]; . == null) then error("values are missing") else . end;
def add(f): [f] | if any(.[]; . == null) then error("a value that is added is missing") else . end
  | reduce .[] as $x (null; . + $x);
def add: add(.[]);
def min_by(f): (map(f) | hp_alike) as $_ | reduce min_by_or_empty(f) as $x (null; $x);
def max_by(f): (map(f) | hp_alike) as $_ | reduce max_by_or_empty(f) as $x (null; $x);
def sort_by(f): (map(f) | hp_alike) as $_ | hp_sort_by(f);
def sort: sort_by(.);
def group_by(f): (map(f) | hp_alike) as $_ | hp_group_by(f);
def unique_by(f): [group_by(f)[] | .[0]];
def unique: unique_by(.);
def min: min_by(.);
def max: max_by(.);
"#;

/// What the strict functions call jq's own of the same name.
pub(super) fn own_name(name: &str) -> Option<&'static str> {
    match name {
        "length" => Some("hp_length"),
        "sort_by" => Some("hp_sort_by"),
        "group_by" => Some("hp_group_by"),
        "contains" => Some("hp_contains"),
        "tojson" => Some("hp_tojson"),
        _ => None,
    }
}

/// The functions of [`DEFINITIONS`].
pub(super) fn definitions() -> Option<Vec<Def<&'static str>>> {
    jaq_core::load::parse(DEFINITIONS, |parser| parser.defs())
}

/// What would make nothing at all of what is missing.
const HIDES: &str = "`?` and `try` hide what is missing; ask for it with `!= null` first";

/// Why a program is not asked, if so: it must say what it means, only look, and be judged by nothing
/// of its own making.
pub(super) fn objection(term: &mut Term<&str>) -> Option<&'static str> {
    use BinaryOp::{Assign, Update, UpdateAlt, UpdateMath};
    let mut found = None;
    walk(term, &mut |term| {
        let objection = match term {
            Term::Num(text) if !document::is_exact(text) => {
                "a number in it has more digits than are kept"
            }
            Term::TryCatch(..) => HIDES,
            Term::Path(_, Path(parts))
                if parts.iter().any(|(_, opt)| matches!(opt, Opt::Optional)) =>
            {
                HIDES
            }
            Term::Def(..) => "functions cannot be defined here",
            Term::BinOp(_, Assign | Update | UpdateAlt | UpdateMath(_), _) => {
                "it changes the document; only look at it"
            }
            _ => return,
        };
        found = Some(objection);
    });
    found
}

/// Makes a program strict.
pub(super) fn rewrite(term: &mut Term<&str>) {
    walk(term, &mut |term| {
        let is_null =
            |term: &Term<&str>| matches!(term, Term::Call("null", none) if none.is_empty());
        match std::mem::take(term) {
            Term::BinOp(left, BinaryOp::Cmp(cmp), right) => {
                let equality = matches!(cmp, Cmp::Eq | Cmp::Ne);
                *term = if equality && (is_null(&left) || is_null(&right)) {
                    Term::BinOp(left, BinaryOp::Cmp(cmp), right)
                } else {
                    call(comparison(cmp), [*left, *right])
                };
            }
            Term::BinOp(left, BinaryOp::Math(math), right) => {
                *term = call(calculation(math), [*left, *right]);
            }
            Term::BinOp(left, op @ (BinaryOp::And | BinaryOp::Or), right) => {
                *term = Term::BinOp(truth(*left), op, truth(*right));
            }
            Term::Str(format, parts) => {
                let parts = parts.into_iter().map(|part| match part {
                    StrPart::Term(inner) => StrPart::Term(piped(inner, "hp_present")),
                    part => part,
                });
                *term = Term::Str(format, parts.collect());
            }
            Term::BinOp(left, BinaryOp::Alt, right) => *term = call("hp_alt", [*left, *right]),
            Term::IfThenElse(branches, otherwise) => {
                let branches = branches.into_iter().map(|(when, then)| (*truth(when), then));
                *term = Term::IfThenElse(branches.collect(), otherwise);
            }
            other => *term = other,
        }
    });
}

fn call<'s>(name: &'static str, arguments: [Term<&'s str>; 2]) -> Term<&'s str> {
    Term::Call(name, arguments.into())
}

/// `term | name`.
fn piped<'s>(term: Term<&'s str>, name: &'static str) -> Term<&'s str> {
    let call = Box::new(Term::Call(name, Vec::new()));
    Term::BinOp(Box::new(term), BinaryOp::Pipe(None), call)
}

fn truth(term: Term<&str>) -> Box<Term<&str>> {
    Box::new(piped(term, "hp_truth"))
}

fn comparison(cmp: Cmp) -> &'static str {
    match cmp {
        Cmp::Eq => "hp_eq",
        Cmp::Ne => "hp_ne",
        Cmp::Lt => "hp_lt",
        Cmp::Le => "hp_le",
        Cmp::Gt => "hp_gt",
        Cmp::Ge => "hp_ge",
    }
}

fn calculation(math: Math) -> &'static str {
    match math {
        Math::Add => "hp_add",
        Math::Sub => "hp_sub",
        Math::Mul => "hp_mul",
        Math::Div => "hp_div",
        Math::Rem => "hp_rem",
    }
}

/// Calls `each` for every term, the innermost first.
pub(super) fn walk<'s>(term: &mut Term<&'s str>, each: &mut impl FnMut(&mut Term<&'s str>)) {
    match term {
        Term::Id | Term::Recurse | Term::Num(_) | Term::Break(_) | Term::Var(_) => {}
        Term::Str(_, parts) => {
            for part in parts {
                if let StrPart::Term(term) = part {
                    walk(term, each);
                }
            }
        }
        Term::Arr(inner) => inner.iter_mut().for_each(|inner| walk(inner, each)),
        Term::Obj(members) => {
            for (key, value) in members {
                walk(key, each);
                value.iter_mut().for_each(|value| walk(value, each));
            }
        }
        Term::Neg(inner) | Term::Label(_, inner) => walk(inner, each),
        Term::BinOp(left, op, right) => {
            walk(left, each);
            if let BinaryOp::Pipe(Some(pattern)) = op {
                walk_pattern(pattern, each);
            }
            walk(right, each);
        }
        Term::Fold(_, source, pattern, arguments) => {
            walk(source, each);
            walk_pattern(pattern, each);
            arguments.iter_mut().for_each(|argument| walk(argument, each));
        }
        Term::TryCatch(inner, catch) => {
            walk(inner, each);
            catch.iter_mut().for_each(|catch| walk(catch, each));
        }
        Term::IfThenElse(branches, otherwise) => {
            for (when, then) in branches {
                walk(when, each);
                walk(then, each);
            }
            otherwise.iter_mut().for_each(|otherwise| walk(otherwise, each));
        }
        Term::Def(definitions, inner) => {
            definitions.iter_mut().for_each(|definition| walk(&mut definition.body, each));
            walk(inner, each);
        }
        Term::Call(_, arguments) => {
            arguments.iter_mut().for_each(|argument| walk(argument, each));
        }
        Term::Path(inner, Path(parts)) => {
            walk(inner, each);
            for (part, _) in parts {
                match part {
                    Part::Index(index) => walk(index, each),
                    Part::Range(from, to) => {
                        from.iter_mut().chain(to).for_each(|bound| walk(bound, each));
                    }
                }
            }
        }
    }
    each(term);
}

fn walk_pattern<'s>(pattern: &mut Pattern<&'s str>, each: &mut impl FnMut(&mut Term<&'s str>)) {
    match pattern {
        Pattern::Var(_) => {}
        Pattern::Arr(parts) => parts.iter_mut().for_each(|part| walk_pattern(part, each)),
        Pattern::Obj(members) => {
            for (key, value) in members {
                walk(key, each);
                walk_pattern(value, each);
            }
        }
    }
}
