//! Paths and globs below a folder, and the files that they are for. Nothing outside is looked at.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use globset::{GlobBuilder, GlobMatcher};
use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use crate::check::Fault;
use crate::check::template::{Template, Values};

use super::Line;
use super::observe::{Context, Unseen};

/// So many entries of folders are looked at in one check.
const ENTRIES: usize = 200_000;

/// A clock may be so far behind that of a file server.
const AHEAD: Duration = Duration::from_secs(2);

/// A line: a path or a glob.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Pattern {
    /// As it is shown.
    pub(super) written: String,
    /// The folder that a parameter opens, where it is another than that of the check.
    root: Option<String>,
    path: Template,
}

/// What is there, by the name under which it was found.
pub(super) type Found = BTreeMap<String, Entry>;

/// A file, a folder, or what else has a name.
pub(super) struct Entry {
    path: PathBuf,
    pub(super) known: Metadata,
}

/// Reads lines of paths and globs.
pub(super) fn read(lines: &[Line<'_>]) -> Result<Vec<Pattern>, Fault> {
    let lines = lines.iter().filter(|line| !line.text.trim().is_empty());
    let patterns = lines.map(|line| {
        let text = line.text.trim();
        let path = Template::read(text);
        let stand_ins = path.names().map(|name| (name.to_owned(), "x".to_owned())).collect();
        let parts = path.fill(&stand_ins).and_then(|path| parts(&path).map(drop));
        parts.map_err(|why| {
            let hint = "write a path below this folder, such as `dist/*.tar.gz`";
            Fault::new(line.number, "HP150", why, hint)
        })?;
        Ok(Pattern { written: text.to_owned(), root: None, path })
    });
    patterns.collect()
}

/// A part of a path between slashes.
#[derive(Debug)]
enum Part {
    Name(String),
    Glob(GlobMatcher),
    /// `**`: all folders below, and this one.
    Folders,
}

/// Takes a path apart.
fn parts(path: &str) -> Result<Vec<Part>, String> {
    if path.starts_with(['/', '~']) {
        return Err(format!("`{path}` is outside of this folder; a parameter can open one"));
    }
    let names = path.split('/').filter(|name| !matches!(*name, "" | "."));
    let mut parts = names
        .map(|name| match name {
            ".." => Err(format!("`{path}` leads out of its folder")),
            "**" => Ok(Part::Folders),
            name if name.contains(['*', '?', '[', '{', '\\']) => GlobBuilder::new(name)
                .literal_separator(true)
                .backslash_escape(true)
                .build()
                .map(|glob| Part::Glob(glob.compile_matcher()))
                .map_err(|error| format!("`{path}` is no glob: {}", error.kind())),
            name => Ok(Part::Name(name.to_owned())),
        })
        .collect::<Result<Vec<_>, _>>()?;
    parts.dedup_by(|one, other| matches!((one, other), (Part::Folders, Part::Folders)));
    if matches!(parts.last(), Some(Part::Folders)) {
        let all = GlobBuilder::new("*").build().map_err(|error| error.to_string())?;
        parts.push(Part::Glob(all.compile_matcher()));
    }
    Ok(parts)
}

impl Pattern {
    /// It with the values of parameters. One that begins it may be an absolute path: whoever runs the
    /// check opens that folder.
    pub(super) fn filled(&self, values: &Values) -> Result<Self, String> {
        let opened = RefCell::new(None);
        let path = self.path.fill_by(values, |before, value| {
            if before.is_empty() && value.starts_with('/') {
                *opened.borrow_mut() = Some(value.to_owned());
                return Ok(String::new());
            }
            Ok(globset::escape(value))
        })?;
        let mut root = opened.into_inner();
        let mut path = path;
        if let Some(folder) = &mut root {
            if path.is_empty() {
                let whole = PathBuf::from(&*folder);
                let name = whole.file_name().map(|name| name.to_string_lossy().into_owned());
                path = globset::escape(&name.unwrap_or_default());
                *folder = whole.parent().unwrap_or(Path::new("/")).to_string_lossy().into_owned();
            } else if let Some(below) = path.strip_prefix('/').map(str::to_owned) {
                path = below;
            } else {
                return Err(format!("a `/` has to stand behind the folder in `{}`", self.written));
            }
        }
        parts(&path)?;
        let written = self.path.fill(values)?;
        Ok(Self { written, root, path: Template::read_plain(&path) })
    }

    pub(super) fn template(&self) -> &Template {
        &self.path
    }

    /// What is there. A link is followed where it stays inside; `**` follows none, and leaves out
    /// `.git`.
    pub(super) fn find(&self, context: &Context<'_>, budget: &mut Budget) -> Result<Found, Unseen> {
        let parts = parts(&self.path.written()).map_err(Unseen::new)?;
        let folder = self.root.as_ref().map_or(context.folder, |root| Path::new(root));
        let top = folder.canonicalize().map_err(|error| {
            Unseen::new(format!("cannot look into `{}`: {error}", folder.display()))
        })?;
        let shown = self.root.as_ref().map_or(PathBuf::new(), PathBuf::from);
        let mut places = BTreeMap::from([(shown, top.clone())]);
        for part in &parts {
            let mut next = BTreeMap::new();
            for (shown, place) in &places {
                let walk = Walk { shown, place, top: &top, context };
                walk.step(part, budget, &mut next)
                    .map_err(|why| Unseen::new(format!("`{}`: {why}", self.written)))?;
            }
            places = next;
        }
        let entries = places.into_iter().map(|(shown, path)| {
            let known = fs::metadata(&path)
                .map_err(|error| Unseen::new(format!("`{}`: {error}", shown.display())))?;
            Ok((shown.to_string_lossy().into_owned(), Entry { path, known }))
        });
        entries.collect()
    }
}

/// How many entries may still be looked at.
pub(super) struct Budget(usize);

impl Budget {
    pub(super) fn new() -> Self {
        Self(ENTRIES)
    }

    fn take(&mut self, context: &Context<'_>) -> Result<(), String> {
        self.0 = self.0.checked_sub(1).ok_or_else(|| format!("more than {ENTRIES} entries"))?;
        if context.is_over() { Err("not all was found in time".to_owned()) } else { Ok(()) }
    }
}

/// One step down from a place.
struct Walk<'w> {
    shown: &'w Path,
    place: &'w Path,
    top: &'w Path,
    context: &'w Context<'w>,
}

impl Walk<'_> {
    fn step(
        &self,
        part: &Part,
        budget: &mut Budget,
        next: &mut BTreeMap<PathBuf, PathBuf>,
    ) -> Result<(), String> {
        match part {
            Part::Name(name) => {
                budget.take(self.context)?;
                self.enter(OsStr::new(name), next)
            }
            Part::Glob(glob) => {
                let entries = match fs::read_dir(self.place) {
                    Ok(entries) => entries,
                    Err(error) if is_nothing(&error) => return Ok(()),
                    Err(error) => return Err(error.to_string()),
                };
                for entry in entries {
                    budget.take(self.context)?;
                    let name = entry.map_err(|error| error.to_string())?.file_name();
                    if glob.is_match(Path::new(&name)) {
                        self.enter(&name, next)?;
                    }
                }
                Ok(())
            }
            Part::Folders => {
                let is_shown =
                    |entry: &walkdir::DirEntry| entry.depth() == 0 || entry.file_name() != ".git";
                for entry in WalkDir::new(self.place).into_iter().filter_entry(is_shown) {
                    budget.take(self.context)?;
                    let entry = entry.map_err(|error| error.to_string())?;
                    if entry.file_type().is_dir() {
                        let below = entry.path().strip_prefix(self.place).unwrap_or(Path::new(""));
                        next.insert(joined(self.shown, below), entry.into_path());
                    }
                }
                Ok(())
            }
        }
    }

    /// Goes to an entry of this folder, if it is there.
    fn enter(&self, name: &OsStr, next: &mut BTreeMap<PathBuf, PathBuf>) -> Result<(), String> {
        let path = self.place.join(name);
        let shown = self.shown.join(name);
        match fs::symlink_metadata(&path) {
            Ok(known) if known.is_symlink() => {
                let target = path.canonicalize().map_err(|error| {
                    format!("the link `{}` leads nowhere: {error}", shown.display())
                })?;
                if !target.starts_with(self.top) {
                    return Err(format!("the link `{}` leads out of its folder", shown.display()));
                }
                next.insert(shown, target);
            }
            Ok(_) => {
                next.insert(shown, path);
            }
            Err(error) if is_nothing(&error) => {}
            Err(error) => return Err(format!("`{}`: {error}", shown.display())),
        }
        Ok(())
    }
}

/// A path below another; `join` would end it with a slash where nothing is below.
fn joined(path: &Path, below: &Path) -> PathBuf {
    if below.as_os_str().is_empty() { path.to_owned() } else { path.join(below) }
}

/// There is nothing of that name.
fn is_nothing(error: &std::io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}

impl Entry {
    pub(super) fn is_file(&self) -> bool {
        self.known.is_file()
    }

    /// Whole seconds since it was changed; `None` where that is to come.
    pub(super) fn age(&self) -> Option<u64> {
        match self.known.modified().ok()?.elapsed() {
            Ok(age) => Some(age.as_secs()),
            Err(ahead) => (ahead.duration() <= AHEAD).then_some(0),
        }
    }

    /// All of it, if it is no longer than `most`.
    pub(super) fn read(&self, most: u64) -> Result<Option<Vec<u8>>, String> {
        let mut bytes = Vec::new();
        self.open()?.take(most + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
        Ok((bytes.len() as u64 <= most).then_some(bytes))
    }

    pub(super) fn open(&self) -> Result<File, String> {
        File::open(&self.path).map_err(|error| error.to_string())
    }
}

/// Names of parameters in patterns.
pub(super) fn names<'p>(patterns: &'p [Pattern], names: &mut BTreeSet<&'p str>) {
    crate::check::template::collect(patterns.iter().map(Pattern::template), names);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::time::Instant;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for path in ["a/b/one.txt", "a/two.txt", "a/.hidden", ".git/three.txt", "[x].txt"] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
            fs::write(path, "x").expect("a file");
        }
        folder
    }

    fn find(folder: &Path, line: &str, values: &[(&str, &str)]) -> Result<Vec<String>, String> {
        let lines = [Line { number: 0, text: line }];
        let pattern = read(&lines).map_err(|fault| fault.message)?.remove(0);
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let pattern = pattern.filled(&values.collect())?;
        let environment = BTreeMap::new();
        let timeout = Duration::from_secs(9);
        let (environment, begun, over) = (&environment, Instant::now(), &|| false);
        let context = Context { environment, folder, timeout, begun, still: false, over };
        let found = pattern.find(&context, &mut Budget::new()).map_err(|unseen| unseen.why)?;
        Ok(found.into_iter().filter(|(_, entry)| entry.is_file()).map(|(name, _)| name).collect())
    }

    #[test]
    fn globs_find_what_is_below_the_folder() {
        let folder = folder();
        let all = |line| find(folder.path(), line, &[]).expect("found");
        assert_eq!(all("a/two.txt"), ["a/two.txt"]);
        assert_eq!(all("./a//*.txt"), ["a/two.txt"]);
        assert_eq!(all("**/*.txt"), ["[x].txt", "a/b/one.txt", "a/two.txt"]);
        assert_eq!(all("**"), ["[x].txt", "a/.hidden", "a/b/one.txt", "a/two.txt"]);
        assert_eq!(all("a/**/one.*"), ["a/b/one.txt"]);
        assert_eq!(all("*/*/{one,two}.txt"), ["a/b/one.txt"]);
        assert_eq!(all(".git/*"), [".git/three.txt"]);
        assert_eq!(all("a/two.txt/x"), Vec::<String>::new());
        assert_eq!(all("nothing/*"), Vec::<String>::new());
    }

    #[test]
    fn nothing_outside_is_looked_at() {
        let (folder, other) = (folder(), folder());
        let secret = other.path().join("a/two.txt");
        symlink(&secret, folder.path().join("out.txt")).expect("a link");
        symlink(other.path(), folder.path().join("outside")).expect("a link");
        symlink("nowhere", folder.path().join("dangling")).expect("a link");
        symlink("a", folder.path().join("inside")).expect("a link");
        for line in ["../x", "a/../../x", "/etc/passwd", "~/x", "out.txt", "*.txt", "dangling"] {
            assert!(find(folder.path(), line, &[]).is_err(), "{line}");
        }
        assert!(find(folder.path(), "outside/a/two.txt", &[]).is_err());
        assert_eq!(find(folder.path(), "inside/*.txt", &[]), Ok(vec!["inside/two.txt".to_owned()]));
        assert_eq!(
            find(folder.path(), "**/two.txt", &[]),
            Ok(vec!["a/two.txt".to_owned()]),
            "no link is followed"
        );
    }

    #[test]
    fn values_are_names_and_a_first_one_may_open_a_folder() {
        let (folder, other) = (folder(), folder());
        let opened = other.path().to_str().expect("a text");
        let file = format!("{opened}/a/two.txt");
        let find = |line, value| find(folder.path(), line, &[("V", value)]);
        assert_eq!(find("a/{{V}}.txt", "two"), Ok(vec!["a/two.txt".to_owned()]));
        assert_eq!(find("a/{{V}}", "*"), Ok(vec![]), "a value is no glob");
        assert_eq!(find("{{V}}.txt", "[x]"), Ok(vec!["[x].txt".to_owned()]));
        assert_eq!(find("{{V}}/a/*.txt", opened), Ok(vec![format!("{opened}/a/two.txt")]));
        assert_eq!(find("{{V}}", &file), Ok(vec![file.clone()]));
        for (line, value) in
            [("a/{{V}}", ".."), ("{{V}}", "../x"), ("{{V}}x", opened), ("{{V}}/..", opened)]
        {
            assert!(find(line, value).is_err(), "{line} {value}");
        }
    }
}
