//! What a run would execute, as one text: shown before it is trusted, compared with what was trusted before, and
//! named by its digest. It holds exactly what affects execution, so that prose, gates and roles may be edited.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::checklist::{Block, Checklist, Item, Mark};
use crate::config::Config;
use crate::digest::Digest;
use crate::files;
use crate::order;

/// A record longer than this is not one of ours: 64 MiB.
const LIMIT: u64 = 64 << 20;

/// What a run of a checklist would execute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    text: String,
}

impl Subject {
    /// Of a checklist, in a repository with this configuration.
    pub fn of(checklist: &Checklist, config: &Config) -> Self {
        let mut text = "holdpoint 1\n".to_owned();
        // Nothing fails when text is written to a string.
        let _ = write_all(&mut text, checklist, config);
        Self { text }
    }

    /// Its name, as `holdpoint.toml` pins it.
    pub fn digest(&self) -> Digest {
        Digest::of(self.text.as_bytes())
    }

    /// What of it differs from what was trusted, as a unified diff.
    pub fn diff(&self, trusted: &str) -> String {
        let diff = similar::TextDiff::from_lines(trusted, &self.text);
        diff.unified_diff().context_radius(2).header("trusted", "now").to_string()
    }
}

/// The blocks that a run would execute, each with its item, in the order of the document.
pub fn blocks(checklist: &Checklist) -> impl Iterator<Item = (&Item, &Block)> {
    let due = checklist.items.iter().filter(|item| item.gate.is_some() && item.is_checked());
    due.flat_map(|item| {
        let blocks = item.blocks.iter().map(|&at| &checklist.blocks[at]);
        blocks.filter(|block| block.mark == Mark::Check).map(move |block| (item, block))
    })
}

fn write_all(text: &mut String, checklist: &Checklist, config: &Config) -> std::fmt::Result {
    for param in &checklist.front.params {
        write!(text, "param {}", quoted(&param.name))?;
        if let Some(default) = &param.default {
            write!(text, " default {}", quoted(default))?;
        }
        for (is, word) in [(param.required, " required"), (param.secret, " secret")] {
            text.push_str(if is { word } else { "" });
        }
        for value in &param.values {
            write!(text, " value {}", quoted(value))?;
        }
        text.push('\n');
    }
    for name in &checklist.front.env {
        writeln!(text, "env {}", quoted(name))?;
    }
    for pattern in &config.redaction.patterns {
        writeln!(text, "pattern {} {}", quoted(&pattern.name), quoted(&pattern.regex))?;
    }
    let mut places = Places::default();
    let mut last = None;
    for (item, block) in blocks(checklist) {
        if last.replace(&item.id) != Some(&item.id) {
            writeln!(text, "item {}{}", quoted(&item.id), places.of(checklist, item))?;
        }
        writeln!(text, "check {}", quoted(&block.language))?;
        let content = block.content.strip_suffix('\n').unwrap_or(&block.content);
        for line in content.split('\n') {
            writeln!(text, "  | {line}")?;
        }
    }
    // Whether what is waited for has passed is decided by the items inside it.
    if blocks(checklist).any(|(_, block)| block.content.contains("after:")) {
        for item in &checklist.items {
            let Some(parent) = item.parent else { continue };
            let (item_id, parent) = (quoted(&item.id), quoted(&checklist.items[parent].id));
            let optional = if item.optional { " optional" } else { "" };
            writeln!(text, "inside {parent} {item_id}{optional}")?;
        }
    }
    Ok(())
}

/// As JSON has it: one line, and nothing in it can be taken for something else.
fn quoted(text: &str) -> serde_json::Value {
    text.into()
}

/// Sections that are done in order, by numbers that do not change when others come and go.
#[derive(Default)]
struct Places(BTreeMap<usize, usize>);

impl Places {
    fn of(&mut self, checklist: &Checklist, item: &Item) -> String {
        let mut number = |section: usize| {
            let next = self.0.len();
            *self.0.entry(section).or_insert(next)
        };
        let order = order::sections(checklist, item.section);
        // Sections and parents are numbered apart: a parent's number is one more than its own as a section.
        let each = order.iter().map(|&(parent, section)| {
            format!(" order {}.{}", number(2 * parent), number(2 * section + 1))
        });
        each.collect()
    }
}

/// What was trusted before, in a folder of the user's own, outside the work tree.
#[derive(Clone, Debug)]
pub struct Record {
    path: PathBuf,
}

impl Record {
    /// Of the checklist `name` in the repository at `root`; records are in `folder`.
    pub fn new(folder: &Path, root: &Path, name: &str) -> Self {
        let key = format!("{}\0{name}", root.display());
        Self { path: folder.join(Digest::of(key.as_bytes()).to_string()) }
    }

    /// What was trusted, if anything was.
    pub fn trusted(&self) -> Option<String> {
        String::from_utf8(files::read(&self.path, LIMIT).ok()?).ok()
    }

    /// It is what is asked for.
    pub fn holds(&self, subject: &Subject) -> bool {
        self.trusted().is_some_and(|trusted| trusted == subject.text)
    }

    /// From now on `subject` is trusted here. One that was written in part is another, and is asked for again.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, subject: &Subject) -> io::Result<()> {
        if let Some(folder) = self.path.parent() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        let mut options = OpenOptions::new();
        let mut file =
            options.write(true).create(true).truncate(true).mode(0o600).open(&self.path)?;
        fs::set_permissions(&self.path, Permissions::from_mode(0o600))?;
        file.write_all(subject.text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "---\ntitle: T\nparams:\n  - name: HOST\n    default: a\nenv: [PGHOST]\n---\n# R\n\nProse.\n\n## Step 1\n\n- [ ] One `#one`\n  ```bash check\n  true\n  # expect: exit == 0\n  ```\n\n## Step 2\n\n- [ ] Two `#two`\n  ```bash check\n  false\n  # expect: exit == 1\n  ```\n\n## Rollback\n\n- [ ] Back `#back`\n  ```bash check\n  undo\n  # expect: exit == 0\n  ```\n";

    fn digest(list: &str) -> Digest {
        let reading = crate::checklist::read("list.md", list.as_bytes()).expect("a checklist");
        Subject::of(&reading.checklist, &Config::default()).digest()
    }

    #[test]
    fn what_does_not_affect_execution_may_be_edited() {
        for (old, new) in [
            ("Prose.", "More prose.\n\n## Another section\n\nand prose"),
            ("title: T", "title: U"),
            ("One `#one`", "One, of many `#one`"),
            ("undo", "redo"),
        ] {
            assert!(LIST.contains(old));
            assert_eq!(digest(LIST), digest(&LIST.replace(old, new)), "{old}");
        }
    }

    #[test]
    fn nesting_counts_where_items_wait_for_others() {
        let list = |first: &str, mark: &str| {
            format!(
                "# R\n\n- [ ] All `#all`\n  - [ ] Part `#part`{mark}\n- [ ] One `#one`\n  ```bash check\n  {first}\n  true\n  # expect: exit == 0\n  ```\n"
            )
        };
        let digests = |first: &str| [digest(&list(first, "")), digest(&list(first, " (optional)"))];
        let [alone, marked] = digests("# serial");
        assert_eq!(alone, marked);
        let [waits, marked] = digests("# after: #all");
        assert_ne!(waits, marked);
    }

    #[test]
    fn what_affects_execution_is_another_subject() {
        for (old, new) in [
            ("  true\n", "  true \n"),
            ("exit == 1", "exit == 2"),
            ("```bash check", "```sh check"),
            ("default: a", "default: b"),
            ("[PGHOST]", "[PGHOST, PGUSER]"),
            ("`#one`", "`#first`"),
            ("## Step 2", "## Other"),
            ("  ```bash check\n  true", "  ```bash\n  true"),
            ("## Rollback", "## After"),
        ] {
            assert!(LIST.contains(old));
            assert_ne!(digest(LIST), digest(&LIST.replace(old, new)), "{old}");
        }
    }
}
