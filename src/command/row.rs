//! What a row of the table says of what was given to its program.

use super::arguments::{Arguments, Given};
use super::judge::{Scene, Verdict, base, brief, by_name, by_row, judge};
use super::pattern::{Fit, Pattern};
use super::redirect::Input;
use super::table::{Effect, Habit, Language, Program, Shows, TABLE};
use super::word::Word;
use super::{Class, secret, task, text};

/// A program, and what was given to it.
pub(super) struct Row<'a> {
    pub(super) program: &'a Program,
    pub(super) name: &'a str,
    pub(super) given: &'a Arguments<'a>,
    /// Something is fed to it.
    pub(super) fed: bool,
}

impl Row<'_> {
    /// `--help` and `--version`, before anything that could be another program's.
    pub(super) fn only_asks_for_help(&self) -> bool {
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
        let asks = |option: &Given<'_>| {
            matches!(&*option.name, "--help" | "--version")
                && option.value.is_none()
                && option.after <= verbs
                // `helm upgrade --version 1.2 …` gives a version, and asks for none.
                && (option.name == "--help" || option.after == words.len() && given.rest.is_empty())
        };
        if options.iter().any(asks) {
            return true;
        }
        match (words.as_slice(), options.as_slice()) {
            ([], [option]) => {
                matches!(&*option.name, "-h" | "-V" | "-version" | "-help")
                    && given.rest.is_empty()
                    && self.program.otherwise == Class::Ambiguous
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
    pub(super) fn by_rules(&self, scene: Scene<'_>) -> Verdict {
        let rules = &self.program.rules;
        let fit = |pattern: &Pattern, effect: Effect| {
            let strict = matches!(effect, Effect::Is(Class::Check | Class::ShellState));
            match effect {
                Effect::Inside | Effect::Script if self.given.rest.is_empty() => Fit::No,
                _ => pattern.fit(self.given, self.fed, strict),
            }
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
        let is_open =
            self.program.has_verbs() && self.given.words.first().is_some_and(|word| word.dynamic);
        let otherwise = if is_open { Class::Ambiguous } else { self.program.otherwise };
        let mut verdict = verdict.unwrap_or_else(|| self.plain(otherwise, None));
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
                let option = self.option(pattern).and_then(|given| {
                    Some((
                        given.value.as_deref()?.to_owned(),
                        given.dynamic,
                        given.value.as_deref()?.to_owned(),
                    ))
                });
                let word = || {
                    let word = pattern
                        .positions
                        .len()
                        .checked_sub(1)
                        .and_then(|at| self.given.words.get(at))?;
                    Some((word.text.clone(), word.dynamic, self.called(pattern.positions.len())))
                };
                let Some((name, dynamic, called)) = option.or_else(word) else {
                    return self.plain(Class::Ambiguous, Some(pattern));
                };
                let is_open = dynamic || self.is_spared();
                by_name(if is_open { Class::Ambiguous } else { task::of_name(&name) }, &called)
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
        let mut verdict = Verdict::new(
            class,
            match class {
                Class::Action => format!("`{shown}` changes {}", self.program.changes),
                Class::Ambiguous => format!("`{shown}` may do more than look"),
                _ => format!("`{}` only looks", self.name),
            },
        );
        verdict.habits.silent = language == Language::Sql && text::asks_for_rows(&text);
        verdict
    }

    /// A class that a rule states.
    fn plain(&self, class: Class, pattern: Option<&Pattern>) -> Verdict {
        let verbs = pattern.map_or(0, |pattern| pattern.positions.len()).max(self.verbs());
        let mut name = self.called(verbs);
        if let Some(given) = pattern.and_then(|pattern| self.option(pattern)) {
            name = format!("{name} {}", given.name);
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

    /// The program with its first words.
    fn called(&self, words: usize) -> String {
        let words = self.given.words.iter().take(words).map(|word| word.text.as_str());
        std::iter::once(self.name).chain(words).collect::<Vec<_>>().join(" ")
    }

    /// How many of the first words are verbs: `rollout undo` of `kubectl rollout undo deployment/x`.
    fn verbs(&self) -> usize {
        let words = &self.given.words;
        let is_verb = |at: usize| {
            words[at].text.starts_with(|c: char| c.is_alphabetic())
                && self.program.rules.iter().any(|(pattern, _)| {
                    let places = &pattern.positions;
                    let known = |any: &Vec<String>| any.iter().all(|known| !known.contains('*'));
                    let before = places.iter().zip(words).take(at);
                    places.get(at).is_some_and(known)
                        && before.into_iter().all(|(any, word)| any.contains(&word.text))
                })
        };
        (0..words.len().min(4)).take_while(|&at| is_verb(at)).count()
    }

    /// The option as given that a pattern is about.
    fn option(&self, pattern: &Pattern) -> Option<&Given<'_>> {
        let mut options = pattern.options.iter().filter(|option| !option.is_absent());
        options.find_map(|option| {
            self.given
                .options
                .iter()
                .find(|given| option.names.iter().any(|name| *name == given.name))
        })
    }

    /// Programs that know `--dry-run` do nothing with it; others may not know it.
    fn is_spared(&self) -> bool {
        let words = self.given.words.iter().map(|word| word.text.as_str());
        let options =
            self.given.options.iter().filter(|option| option.value.as_deref() != Some("none"));
        let names = options
            .filter(|option| option.value.as_deref() != Some("false"))
            .map(|option| &*option.name);
        names.chain(words).any(|name| matches!(name, "--dry-run" | "--dryrun" | "--dryRun"))
    }

    pub(super) fn habits(&self, verdict: &mut Verdict) {
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
