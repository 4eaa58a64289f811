//! The keys of front matter: ours, nearly ours, and those of other tools.
//!
//! Many documents have front matter for an issue template or a site generator. It is left alone where
//! nothing in it can have been meant for us; a mistyped key of ours never hides behind it.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

use crate::source::{Diagnostic, Edit, Fix, Severity, Span};

use super::front::Place;

/// The keys at the top.
pub(super) const TOP: &[&str] =
    &["title", "version", "environment", "language", "params", "env", "roles", "gates"];
/// Keys of the top that will come.
const LATER: &[&str] = &["window", "policy"];
/// Keys of the top that everybody's front matter has.
const SHARED: &[&str] = &["title", "version", "language"];
/// Keys of the maps in a list, by the key at the top.
const INSIDE: &[(&str, &[&str])] = &[
    ("params", &["name", "default", "required", "secret", "values"]),
    ("roles", &["name", "id", "quorum"]),
    ("gates", &["name", "section", "roles"]),
];

/// Words that somebody may use for a key of ours.
const MEANT: &[&str] = &[
    "approval",
    "approver",
    "checkpoint",
    "env",
    "environment",
    "gate",
    "holdpoint",
    "param",
    "parameter",
    "policy",
    "quorum",
    "reviewer",
    "role",
    "secret",
    "signatory",
    "signer",
    "signoff",
    "stage",
    "target",
    "variable",
    "vars",
    "window",
];

/// Keys that only other tools have: issue templates, site generators, notes.
const FOREIGN: &[&str] = &[
    "about",
    "aliases",
    "assignees",
    "author",
    "authors",
    "body",
    "categories",
    "category",
    "created",
    "createdAt",
    "cssclasses",
    "date",
    "description",
    "doc_type",
    "draft",
    "excerpt",
    "grand_parent",
    "has_children",
    "hide_table_of_contents",
    "hide_title",
    "id",
    "image",
    "keywords",
    "labels",
    "lang",
    "last_modified",
    "last_updated",
    "lastmod",
    "lastUpdated",
    "layout",
    "linkTitle",
    "menu",
    "modified",
    "name",
    "nav_exclude",
    "nav_order",
    "owner",
    "pagination_next",
    "pagination_prev",
    "parent",
    "permalink",
    "product",
    "project",
    "projects",
    "published",
    "redirect_from",
    "search_exclude",
    "sidebar",
    "sidebar_label",
    "sidebar_position",
    "slug",
    "status",
    "summary",
    "tags",
    "template",
    "toc",
    "type",
    "updated",
    "url",
    "weight",
];

/// All keys of front matter, with their places.
pub(super) struct Keys(Vec<Key>);

struct Key {
    name: String,
    /// Where it stands in the YAML.
    span: Span,
    value: Value,
}

/// A value, as far as keys are concerned.
enum Value {
    Other,
    List(Vec<Value>),
    Map(Vec<Key>),
}

impl Keys {
    /// Reads the keys, and no values.
    pub(super) fn read(yaml: &str) -> Result<Self, serde_saphyr::Error> {
        Ok(match serde_saphyr::from_str(yaml)? {
            Value::Map(keys) => Self(keys),
            // The typed reading says what it should be.
            Value::List(_) | Value::Other => Self(Vec::new()),
        })
    }

    /// The YAML with blanks for the key at the top that a line (from 1) belongs to.
    pub(super) fn without(&self, yaml: &str, line: usize) -> Option<String> {
        let at = yaml.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
        let key = self.0.iter().rposition(|key| key.span.start < at)?;
        let begins = |key: &Key| key.span.start == 0 || yaml[..key.span.start].ends_with('\n');
        let next = self.0.get(key + 1);
        if !begins(&self.0[key]) || next.is_some_and(|next| !begins(next)) {
            return None;
        }
        let (from, to) = (self.0[key].span.start, next.map_or(yaml.len(), |next| next.span.start));
        let kept = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
        let blank: String = yaml[from..to].bytes().map(kept).collect();
        (!yaml[from..to].trim().is_empty()).then(|| yaml[..from].to_owned() + &blank + &yaml[to..])
    }

    /// What there is to say about them.
    pub(super) fn findings(&self, place: &Place<'_>) -> Vec<Diagnostic> {
        if self.are_foreign() {
            return vec![self.note(place)];
        }
        let mut findings: Vec<Diagnostic> = self
            .0
            .iter()
            .filter(|key| !TOP.contains(&key.name.as_str()))
            .map(|key| unknown(place, key, TOP, &self.0))
            .collect();
        for (name, known) in INSIDE {
            let list = self.0.iter().find(|key| key.name == *name).map(|key| &key.value);
            let Some(Value::List(list)) = list else { continue };
            for map in list.iter().filter_map(Value::map) {
                let wrong = map.iter().filter(|key| !known.contains(&key.name.as_str()));
                findings.extend(wrong.map(|key| unknown(place, key, known, map)));
            }
        }
        findings
    }

    /// One key at least is another tool's, and none is or may have been meant for us.
    fn are_foreign(&self) -> bool {
        let of_others = |key: &Key| FOREIGN.contains(&key.name.as_str());
        let keys = self.0.iter().filter(|key| !SHARED.contains(&key.name.as_str()));
        self.0.iter().any(of_others)
            && keys
                .clone()
                .all(|key| (of_others(key) || !is_near(&key.name)) && !key.value.is_ours())
    }

    fn note(&self, place: &Place<'_>) -> Diagnostic {
        let names = self.0.iter().map(|key| &key.name);
        let (shared, others): (Vec<_>, Vec<_>) =
            names.partition(|name| SHARED.contains(&name.as_str()));
        let quoted = |names: &[&String]| {
            names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
        };
        let shown = quoted(&others[..others.len().min(4)]);
        let more = if others.len() > 4 { " and others" } else { "" };
        let read = match shared[..] {
            [] => "nothing of it is read".to_owned(),
            _ => format!("but for {} it is not read", quoted(&shared)),
        };
        let span = self.0.first().map_or(place.yaml, |key| place.at(key.span));
        let message = format!("front matter of another tool ({shown}{more}): {read}");
        let hint = "docs/checklist.md lists the keys that holdpoint knows";
        Diagnostic { severity: Severity::Note, ..place.fault("HP019", span, message, hint) }
    }
}

impl Value {
    fn map(&self) -> Option<&[Key]> {
        match self {
            Self::Map(keys) => Some(keys),
            Self::List(_) | Self::Other => None,
        }
    }

    /// It has the shape of parameters, roles or gates, whatever it is called.
    fn is_ours(&self) -> bool {
        const TELLING: &[&str] = &["default", "required", "secret", "values", "quorum", "section"];
        let Self::List(list) = self else { return false };
        list.iter()
            .filter_map(Self::map)
            .any(|map| map.iter().any(|key| TELLING.contains(&key.name.as_str())))
    }
}

/// A key that may have been meant for one of ours: nearly spelt so, or named with one of our words.
fn is_near(name: &str) -> bool {
    let lower = name.to_lowercase();
    let ours = || TOP.iter().chain(LATER);
    let close = |known: &&str| {
        let allowed = if known.len() <= 4 { 1 } else { 2 };
        strsim::damerau_levenshtein(&lower, known) <= allowed
    };
    let named = |part: &str| MEANT.contains(&part) || MEANT.contains(&part.trim_end_matches('s'));
    ours().any(close)
        || lower.replace(['-', '_'], "").contains("signoff")
        || lower.split(|char: char| !char.is_alphanumeric()).any(named)
}

fn unknown(place: &Place<'_>, key: &Key, known: &[&str], siblings: &[Key]) -> Diagnostic {
    let (name, span) = (&key.name, place.at(key.span));
    if LATER.contains(&name.as_str()) && known == TOP {
        let hint = match name.as_str() {
            "window" => "give it with `run --window FROM/TO`",
            _ => "remove it: nothing would come of it",
        };
        return place.fault("HP002", span, format!("`{name}` is not supported yet"), hint);
    }
    let message = format!("`{name}` is no key of front matter");
    let near = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), *known))
        .filter(|(distance, _)| *distance <= 3)
        .min();
    let Some((distance, meant)) = near else {
        let hint = format!("the keys here are `{}`", known.join("`, `"));
        return place.fault("HP002", span, message, &hint);
    };
    let finding = place.fault("HP002", span, message, &format!("did you mean `{meant}`?"));
    let taken = siblings.iter().any(|other| other.name == meant);
    // Its place is that of the word itself, not of something in quotes.
    let is_plain = place.text().get(key.span.start..key.span.end) == Some(name);
    let certain = distance <= 2 && distance < meant.len() / 2 && !taken && is_plain;
    let edits = vec![Edit { span, text: meant.to_owned() }];
    Diagnostic { fix: certain.then_some(Fix { edits }), ..finding }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Values)
    }
}

struct Values;

impl<'de> Visitor<'de> for Values {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("YAML")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut keys = Vec::new();
        while let Some(key) = map.next_key::<Spanned<String>>()? {
            let place = key.referenced.span();
            let start = place.byte_offset().unwrap_or_default() as usize;
            let end = start + place.byte_len().unwrap_or_default() as usize;
            let span = Span { start, end };
            keys.push(Key { name: key.value, span, value: map.next_value()? });
        }
        Ok(Value::Map(keys))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(value) = seq.next_element()? {
            list.push(value);
        }
        Ok(Value::List(list))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_i128<E>(self, _: i128) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_u128<E>(self, _: u128) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_str<E>(self, _: &str) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Other)
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        Value::deserialize(inner)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Value, D::Error> {
        Value::deserialize(inner)
    }
}
