//! What a command does, by its words and the table of programs.

use super::arguments::{Arguments, sort};
use super::pattern::{Fit, Pattern};
use super::table::{Effect, Habit, Language, Program, Shows, TABLE};
use super::walk::Input;
use super::word::Word;
use super::{Class, Habits, secret, task, text};

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
    fn include(&mut self, inside: Self) {
        self.habits = self.habits.and(inside.habits);
        self.raise(inside.class, || inside.why);
        self.words = inside.words;
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
    pub(super) defined: &'a std::collections::HashSet<String>,
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

fn by_name(class: Class, name: &str) -> Verdict {
    let name = brief(name);
    match class {
        Class::Action => Verdict::new(class, format!("`{name}` sounds like a change")),
        _ => Verdict::new(class, format!("`{name}` may do anything")),
    }
}

fn by_row(program: &Program, first: &Word, behind: &[Word], scene: Scene<'_>) -> Verdict {
    let given = sort(program, behind);
    let row = Row { program, name: base(&first.text), given: &given, fed: scene.input.is_some() };
    let mut verdict = if row.only_asks_for_help() {
        Verdict::new(Class::Check, format!("`{}` only shows its help or version", row.name))
    } else {
        row.by_rules(scene)
    };
    row.habits(&mut verdict);
    if verdict.habits.endless {
        verdict.raise(Class::Ambiguous, || format!("`{}` does not end by itself", row.name));
    }
    verdict
}

/// A program, and what was given to it.
struct Row<'a> {
    program: &'a Program,
    name: &'a str,
    given: &'a Arguments<'a>,
    fed: bool,
}

impl Row<'_> {
    /// `--help` and `--version`, before anything that could be another program's.
    fn only_asks_for_help(&self) -> bool {
        let given = self.given;
        let (words, options) = (&given.words, &given.options);
        let fits = |pattern: &Pattern| pattern.fit(given, self.fed, true) == Fit::Yes;
        let is_verb = |at: usize| {
            self.program.rules.iter().any(|(pattern, effect)| {
                matches!(effect, Effect::Is(_))
                    && pattern.positions.get(at).is_some_and(|any| any.contains(&words[at].text))
            })
        };
        let verbs = (0..words.len()).take_while(|&at| is_verb(at)).count();
        let asks = |option: &super::arguments::Given<'_>| {
            matches!(&*option.name, "--help" | "--version")
                && option.value.is_none()
                && option.after <= verbs
        };
        if options.iter().any(asks) {
            return true;
        }
        let is_plain = |class: Class| class != Class::Action;
        match (words.as_slice(), options.as_slice()) {
            ([], [option]) => {
                matches!(&*option.name, "-h" | "-V" | "-v" | "-version" | "-help")
                    && given.rest.is_empty()
                    && is_plain(self.program.otherwise)
            }
            ([word], []) => {
                matches!(word.text.as_str(), "help" | "version")
                    && self.program.has_verbs()
                    && !self
                        .program
                        .rules
                        .iter()
                        .any(|(pattern, _)| *pattern != Pattern::default() && fits(pattern))
            }
            _ => false,
        }
    }

    /// Of the rules that fit, those that no narrower one stands in for; the worst of them counts.
    fn by_rules(&self, scene: Scene<'_>) -> Verdict {
        let rules = &self.program.rules;
        let fit = |pattern: &Pattern, effect: Effect| {
            let strict = matches!(effect, Effect::Is(Class::Check | Class::ShellState));
            pattern.fit(self.given, self.fed, strict)
        };
        let fits: Vec<(&Pattern, Effect, Fit)> = rules
            .iter()
            .map(|(pattern, effect)| (pattern, *effect, fit(pattern, *effect)))
            .filter(|(_, _, fit)| *fit != Fit::No)
            .collect();
        let sure = || fits.iter().filter(|(_, _, fit)| *fit == Fit::Yes);
        let counts = |pattern: &Pattern| {
            !sure().any(|(other, _, _)| other.is_narrower(pattern, &self.given.words))
        };
        let mut verdict: Option<Verdict> = None;
        for (pattern, effect, _) in sure().filter(|(pattern, _, _)| counts(pattern)) {
            let next = self.follow(pattern, *effect, scene);
            match &mut verdict {
                Some(verdict) if next.words.is_empty() => verdict.raise(next.class, || next.why),
                Some(verdict) => verdict.include(next),
                None => verdict = Some(next),
            }
        }
        let mut verdict = verdict.unwrap_or_else(|| self.plain(self.program.otherwise, None));
        let may = fits.iter().filter(|(_, _, fit)| *fit == Fit::Perhaps);
        let worst = may.map(|(_, effect, _)| match effect {
            Effect::Is(class) => *class,
            _ => Class::Ambiguous,
        });
        let unsure = worst.max().is_some_and(|worst| worst > verdict.class) || self.given.uncertain;
        if unsure {
            verdict.raise(Class::Ambiguous, || {
                format!("only running it tells what `{}` is asked for", self.name)
            });
        }
        if self.program.asks_addresses {
            let acts = self.given.words.iter().find(|word| task::is_acting_address(&word.text));
            if let Some(word) = acts {
                verdict.raise(Class::Ambiguous, || {
                    format!("`{}` sounds like a change", brief(&word.text))
                });
            }
        }
        verdict
    }

    fn follow(&self, pattern: &Pattern, effect: Effect, scene: Scene<'_>) -> Verdict {
        let inner = Scene { depth: scene.depth + 1, ..scene };
        match effect {
            Effect::Is(class) => self.plain(class, Some(pattern)),
            Effect::Task => {
                let name = &self.given.words[pattern.positions.len() - 1];
                let class = if name.dynamic { Class::Ambiguous } else { task::of_name(&name.text) };
                let named = format!("{} {}", self.name, name.text);
                by_name(if self.is_spared() { Class::Ambiguous } else { class }, &named)
            }
            Effect::Inside => self.inside(inner),
            Effect::Script => self.script(inner),
            Effect::Text(language) => self.text(pattern, language, scene, inner),
        }
    }

    /// The commands behind.
    fn inside(&self, scene: Scene<'_>) -> Verdict {
        let mut verdict = Verdict::new(Class::ShellState, "");
        for rest in &self.given.rest {
            let options = rest.iter().take_while(|word| word.text.starts_with('-')).count();
            let mut words = rest[options.min(rest.len())..].to_vec();
            if self.program.adds_words {
                words.push(Word::unknown());
            }
            verdict.include(judge(&words, scene));
        }
        if self.given.rest.is_empty() {
            return self.plain(self.program.otherwise, None);
        }
        verdict
    }

    /// A file of the project, unless the table knows what such files do: `manage.py`.
    fn script(&self, scene: Scene<'_>) -> Verdict {
        let Some((first, behind)) = self.given.rest.first().and_then(|rest| rest.split_first())
        else {
            return self.plain(self.program.otherwise, None);
        };
        if first.dynamic {
            return by_name(Class::Ambiguous, &first.text);
        }
        let file = base(&first.text);
        match TABLE.program(&format!("./{file}")) {
            Some(program) => {
                let mut verdict = by_row(program, first, behind, scene);
                if verdict.words.is_empty() {
                    verdict.words =
                        self.given.rest[0].iter().map(|word| word.text.clone()).collect();
                }
                verdict
            }
            None => {
                let words = &self.given.rest[0];
                by_name(task::of_script(words), &format!("{} {}", self.name, file))
            }
        }
    }

    /// A text: the values of an option, the word at a place, all that is behind, or what is fed.
    fn text(
        &self,
        pattern: &Pattern,
        language: Language,
        scene: Scene<'_>,
        inner: Scene<'_>,
    ) -> Verdict {
        let mut dynamic = false;
        let mut texts = Vec::new();
        if pattern.rest {
            for rest in &self.given.rest {
                let words: Vec<&str> = rest.iter().map(|word| word.text.as_str()).collect();
                texts.push(words.join(" "));
            }
        } else if pattern.fed {
            match scene.input {
                Some(Input::Text(text)) => texts.push(text.clone()),
                Some(Input::File(file)) if task::of_name(&file.text) == Class::Action => {
                    let why = format!("`{}` is run, and sounds like a change", brief(&file.text));
                    return Verdict::new(Class::Action, why);
                }
                _ if scene.is_fetched && language == Language::Shell => {
                    return Verdict::new(Class::Action, "what is fetched is run");
                }
                _ => {
                    return Verdict::new(
                        Class::Ambiguous,
                        format!("`{}` runs what it is fed", self.name),
                    );
                }
            }
        } else if let Some(option) = pattern.options.iter().find(|option| !option.is_absent()) {
            for given in &self.given.options {
                if option.names.iter().any(|name| *name == given.name) {
                    dynamic |= given.dynamic;
                    texts.extend(given.value.as_deref().map(str::to_owned));
                }
            }
        } else if let Some(word) =
            pattern.positions.len().checked_sub(1).and_then(|at| self.given.words.get(at))
        {
            dynamic |= word.dynamic;
            texts.push(word.text.clone());
        }
        let text = texts.join("\n");
        if language == Language::Shell {
            return super::of_text(&text, inner);
        }
        let mut class = text::class(&text, language);
        if dynamic && text.trim_start().starts_with('$') {
            class = class.max(Class::Ambiguous);
        }
        let shown = brief(&text);
        Verdict::new(
            class,
            match class {
                Class::Action => format!("`{shown}` changes {}", self.program.changes),
                Class::Ambiguous => format!("`{shown}` may do more than look"),
                _ => format!("`{}` only looks", self.name),
            },
        )
    }

    /// A class that a rule states.
    fn plain(&self, class: Class, pattern: Option<&Pattern>) -> Verdict {
        let mut name = self.name.to_owned();
        let verbs = pattern.map_or(0, |pattern| pattern.positions.len());
        let verbs = verbs.max(usize::from(self.program.has_verbs()));
        for word in self.given.words.iter().take(verbs) {
            name = format!("{name} {}", word.text);
        }
        let options = pattern
            .iter()
            .flat_map(|pattern| &pattern.options)
            .filter(|option| !option.is_absent());
        for option in options {
            let given = self
                .given
                .options
                .iter()
                .find(|given| option.names.iter().any(|name| *name == given.name));
            if let Some(given) = given {
                name = format!("{name} {}", given.name);
            }
        }
        let name = brief(&name);
        if class == Class::Action && self.is_spared() {
            return Verdict::new(
                Class::Ambiguous,
                format!("`{name}` is told to do nothing, and may keep to it"),
            );
        }
        Verdict::new(
            class,
            match class {
                Class::Check => format!("`{name}` only looks"),
                Class::ShellState => format!("`{name}` changes the shell"),
                Class::Ambiguous => format!("`{name}` may do anything"),
                Class::Action => format!("`{name}` changes {}", self.program.changes),
            },
        )
    }

    /// Programs that know `--dry-run` do nothing with it; others may not know it.
    fn is_spared(&self) -> bool {
        let words = self.given.words.iter().map(|word| word.text.as_str());
        let options =
            self.given.options.iter().filter(|option| option.value.as_deref() != Some("none"));
        let names = options
            .filter(|option| option.value.as_deref() != Some("false"))
            .map(|option| &*option.name);
        names.chain(words).any(|name| matches!(name, "--dry-run" | "--dryrun"))
    }

    fn habits(&self, verdict: &mut Verdict) {
        let fits = |pattern: &Pattern| pattern.fit(self.given, self.fed, false) == Fit::Yes;
        let mut habits = verdict.habits;
        for (_, habit) in self.program.habits.iter().filter(|(pattern, _)| fits(pattern)) {
            match habit {
                Habit::Interactive => habits.interactive = true,
                Habit::Waits => habits.interactive |= !self.fed,
                Habit::Endless => habits.endless = true,
                Habit::Silent => habits.silent = true,
                Habit::Secret => habits.secret = true,
                Habit::Swallows => verdict.swallows = true,
            }
        }
        habits.secret |= match self.program.shows {
            Some(Shows::Files) => {
                self.given.words.iter().any(|word| TABLE.words.files.is_secret(&word.text))
            }
            Some(Shows::Words) => {
                self.given.words.iter().any(|word| word.dynamic && secret::is_named(&word.text))
            }
            None => false,
        };
        habits.secret &= !verdict.swallows;
        verdict.habits = habits;
    }
}

/// The name of a file without its folders.
fn base(path: &str) -> &str {
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
