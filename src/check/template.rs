//! `{{NAME}}`: where the value of a parameter goes. It is put there after everything was parsed, so
//! that a value cannot change what is asked.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// A text with places for values.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Template(Vec<Piece>);

/// A part of a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Piece {
    Text(String),
    Name(String),
}

/// Values by the names of parameters and variables.
pub(super) type Values = BTreeMap<String, String>;

impl Template {
    /// Reads a text.
    pub(super) fn read(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, name, behind)) = next(rest) {
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Name(name.to_owned()));
            rest = behind;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Self(pieces)
    }

    /// A text without places.
    pub(super) fn read_plain(text: &str) -> Self {
        Self(vec![Piece::Text(text.to_owned())])
    }

    /// The text with values as `write` writes them, given what stands before them.
    ///
    /// # Errors
    /// When a name has no value, or a value cannot stand there.
    pub(super) fn fill_by(
        &self,
        values: &Values,
        write: impl Fn(&str, &str) -> Result<String, String>,
    ) -> Result<String, String> {
        self.0.iter().try_fold(String::new(), |mut filled, piece| {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Name(name) => {
                    let value = values.get(name).ok_or_else(|| unset(name))?;
                    let written = write(&filled, value)
                        .map_err(|why| format!("`{{{{{name}}}}}` cannot stand there: {why}"))?;
                    filled.push_str(&written);
                }
            }
            Ok(filled)
        })
    }

    /// The text with values as `write` writes them.
    ///
    /// # Errors
    /// When a name has no value.
    pub(super) fn fill_with(
        &self,
        values: &Values,
        write: impl Fn(&str) -> String,
    ) -> Result<String, String> {
        self.fill_by(values, |_, value| Ok(write(value)))
    }

    /// The text with values.
    ///
    /// # Errors
    /// When a name has no value.
    pub(super) fn fill(&self, values: &Values) -> Result<String, String> {
        self.fill_with(values, str::to_owned)
    }

    /// The names in it.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|piece| match piece {
            Piece::Name(name) => Some(name.as_str()),
            Piece::Text(_) => None,
        })
    }

    /// Its parts, in order.
    pub(super) fn pieces(&self) -> &[Piece] {
        &self.0
    }

    /// It has a place for a value.
    pub(super) fn has_names(&self) -> bool {
        self.names().next().is_some()
    }

    /// The text, names as they were written.
    pub(super) fn written(&self) -> String {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Name(name) => format!("{{{{{name}}}}}"),
        });
        pieces.collect()
    }
}

/// All names in several templates.
pub(super) fn collect<'t>(
    templates: impl IntoIterator<Item = &'t Template>,
    names: &mut BTreeSet<&'t str>,
) {
    names.extend(templates.into_iter().flat_map(Template::names));
}

/// A value as it stands inside a text of JSON.
pub(super) fn json_inside(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn unset(name: &str) -> String {
    format!("`{{{{{name}}}}}` has no value")
}

/// The first name of a text, and what stands before and behind it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let mut from = 0;
    while let Some(at) = text[from..].find("{{") {
        let open = from + at;
        let inside = &text[open + 2..];
        let name = inside.trim_start_matches(' ');
        let end =
            name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(name.len());
        let behind = name[end..].trim_start_matches(' ');
        if end > 0
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && let Some(rest) = behind.strip_prefix("}}")
        {
            return Some((&text[..open], &name[..end], rest));
        }
        from = open + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_go_where_their_names_stand_and_are_not_read_again() {
        let values = BTreeMap::from([
            ("HOST".to_owned(), "{{PATH}}".to_owned()),
            ("B".to_owned(), String::new()),
        ]);
        let template = Template::read("https://{{HOST}}/{{ B }}{x}{{1}}{{{B}}}");
        assert_eq!(template.fill(&values), Ok("https://{{PATH}}/{x}{{1}}{}".to_owned()));
        assert_eq!(template.names().collect::<Vec<_>>(), ["HOST", "B", "B"]);
        assert!(Template::read("{{NO}}").fill(&values).is_err());
        assert!(!Template::read("{{ }} {{a b}} { {HOST} }").has_names());
    }
}
