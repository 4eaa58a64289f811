//! What a command does, by its words and the table of programs.

use std::collections::HashSet;

use super::arguments::sort;
use super::redirect::Input;
use super::row::Row;
use super::table::{Program, TABLE};
use super::word::Word;
use super::{Class, Habits, task};

/// How many commands may be given to each other (`sudo ssh host docker exec …`).
pub(super) const DEEPEST: usize = 8;

/// More words than anybody writes are not looked at.
const MOST_WORDS: usize = 4096;

/// What is known of a command.
#[derive(Clone, Debug)]
pub(super) struct Verdict {
    pub(super) class: Class,
    pub(super) why: String,
    pub(super) words: Vec<String>,
    pub(super) habits: Habits,
    /// What goes in does not come out.
    pub(super) swallows: bool,
}

impl Verdict {
    pub(super) fn new(class: Class, why: impl Into<String>) -> Self {
        let habits = Habits::default();
        Self { class, why: why.into(), words: Vec::new(), habits, swallows: false }
    }

    /// At least of this class.
    pub(super) fn raise(&mut self, class: Class, why: impl FnOnce() -> String) {
        if class > self.class {
            self.class = class;
            self.why = why();
        }
    }

    /// Takes up what is inside.
    pub(super) fn include(&mut self, inside: Self) {
        self.habits = self.habits.and(inside.habits);
        self.words = inside.words;
        if inside.class >= self.class {
            self.class = inside.class;
            self.why = inside.why;
        }
    }
}

/// What stands around the words of a command.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    /// What is fed to it.
    pub(super) input: Option<&'a Input>,
    /// What is fed to it was fetched from somewhere.
    pub(super) is_fetched: bool,
    /// Names that the script has given to something else.
    pub(super) defined: &'a HashSet<String>,
    /// How deep it is inside of others.
    pub(super) depth: usize,
}

/// Judges the words of a command.
pub(super) fn judge(words: &[Word], scene: Scene<'_>) -> Verdict {
    let Some((first, behind)) = words.split_first() else {
        return Verdict::new(Class::ShellState, "nothing is run");
    };
    let mut verdict = if scene.depth > DEEPEST || words.len() > MOST_WORDS {
        Verdict::new(Class::Ambiguous, "there is too much in it to look at")
    } else if first.dynamic {
        let why = format!("only running it tells what `{}` is", brief(&first.text));
        Verdict::new(Class::Ambiguous, why)
    } else if scene.defined.contains(&first.text) {
        let why = format!("the script defines `{}` itself", brief(&first.text));
        Verdict::new(Class::Ambiguous, why)
    } else {
        match program_of(&first.text) {
            Some(program) => by_row(program, first, behind, scene),
            None => unknown(words),
        }
    };
    if verdict.words.is_empty() {
        verdict.words = words.iter().map(|word| word.text.clone()).collect();
    }
    verdict
}

/// The row of a program, if its name is not that of a file of the project's own.
pub(super) fn program_of(name: &str) -> Option<&'static Program> {
    let Some((folder, file)) = name.rsplit_once(['/', '\\']) else { return TABLE.program(name) };
    let is_installed =
        folder.ends_with("bin") || folder.ends_with("Scripts") || folder.contains("System32");
    let own = format!("./{file}");
    TABLE.program(&own).or_else(|| TABLE.program(file).filter(|_| is_installed))
}

fn unknown(words: &[Word]) -> Verdict {
    let name = &words[0].text;
    if !name.contains(['/', '\\']) && !TABLE.words.files.is_script(name) {
        let why = format!("`{}` is not in the table of programs", brief(name));
        return Verdict::new(Class::Ambiguous, why);
    }
    by_name(task::of_script(words), name)
}

pub(super) fn by_name(class: Class, name: &str) -> Verdict {
    let name = brief(name);
    match class {
        Class::Action => Verdict::new(class, format!("`{name}` sounds like a change")),
        _ => Verdict::new(class, format!("`{name}` may do anything")),
    }
}

pub(super) fn by_row(
    program: &Program,
    first: &Word,
    behind: &[Word],
    scene: Scene<'_>,
) -> Verdict {
    let given = sort(program, behind);
    let row = Row { program, name: base(&first.text), given: &given, fed: scene.input.is_some() };
    if row.only_asks_for_help() {
        let why = format!("`{}` only shows its help or version", row.name);
        return Verdict::new(Class::Check, why);
    }
    let mut verdict = row.by_rules(scene);
    row.habits(&mut verdict);
    if verdict.habits.endless {
        verdict.raise(Class::Ambiguous, || format!("`{}` does not end by itself", row.name));
    }
    verdict
}

/// The name of a file without its folders.
pub(super) fn base(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or(path)
}

/// A text for a message: one line, not too long.
pub(super) fn brief(text: &str) -> String {
    const LONGEST: usize = 40;
    let words: Vec<&str> = text.split_whitespace().take(LONGEST).collect();
    let line = words.join(" ").replace('`', "'");
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}
