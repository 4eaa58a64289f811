//! Front matter: YAML between `---` lines at the top of the file; unknown keys are errors.

use serde::Deserialize;

/// What front matter says; everything is optional.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Front {
    /// The title, instead of the first heading.
    pub title: Option<String>,
    /// The checklist's own version.
    pub version: Option<String>,
    /// The environment it is meant for.
    pub environment: Option<String>,
    /// Parameters that checks read as environment variables.
    pub params: Vec<Param>,
    /// Variables of the caller that checks may see.
    pub env: Vec<String>,
    /// Who signs.
    pub roles: Vec<RoleDeclaration>,
    /// Gates beside those that the document shows.
    pub gates: Vec<GateDeclaration>,
}

/// One parameter.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Param {
    /// `[A-Z][A-Z0-9_]*`.
    pub name: String,
    /// Used when none is given.
    pub default: Option<String>,
    /// Without a value nothing runs.
    #[serde(default)]
    pub required: bool,
    /// Redacted wherever it would be written.
    #[serde(default)]
    pub secret: bool,
    /// The only values allowed; empty: any.
    #[serde(default)]
    pub values: Vec<String>,
}

/// One role.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RoleDeclaration {
    /// As printed.
    pub name: String,
    /// ASCII slug, where the name gives none.
    pub id: Option<String>,
    /// How many people; 1 unless told.
    pub quorum: Option<u32>,
}

/// One gate.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GateDeclaration {
    /// As people call it.
    pub name: String,
    /// Heading at whose end it stands; the end of the document unless told.
    pub section: Option<String>,
    /// Names of the roles that sign here; all of `roles` unless told.
    pub roles: Option<Vec<String>>,
}
