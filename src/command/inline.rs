//! Whether a code span in a sentence reads as a command line.

use super::judge::program_of;
use super::table::{Effect, TABLE};
use super::word::Word;
use super::{Class, Command, commands};

/// The commands of a code span in a sentence, such as `git push origin v1`; none where it does not
/// read as a command line.
pub fn of_inline(code: &str) -> Option<Vec<Command>> {
    let commands = commands(code);
    let first = commands.first()?;
    let walked = super::walk(code);
    let simple = walked.commands.first()?;
    let is_line = walked.is_readable && simple.span.start == code.len() - code.trim_start().len();
    (is_line && reads_as_command(&simple.words, first)).then_some(commands)
}

fn reads_as_command(words: &[Word], command: &Command) -> bool {
    let Some((first, behind)) = words.split_first() else { return false };
    if first.dynamic {
        return false;
    }
    if let Some(program) = program_of(&first.text) {
        let Some(next) = behind.first() else { return false };
        let is_technical = |word: &Word| {
            word.dynamic || word.text.contains(|c: char| !c.is_alphabetic() && !c.is_whitespace())
        };
        if behind.iter().any(is_technical) {
            return true;
        }
        let verbs = program
            .rules
            .iter()
            .filter(|(_, effect)| matches!(effect, Effect::Is(_) | Effect::Task | Effect::Inside));
        let mut firsts = verbs.filter_map(|(pattern, _)| pattern.positions.first());
        let is_verb =
            firsts.any(|any| any.contains(&next.text) || any == &["*"] && !program.is_english);
        return is_verb || !program.has_verbs() && !program.is_english;
    }
    let is_path =
        first.text.contains('/') && !first.text.contains("://") && !first.text.ends_with('/');
    let is_script = TABLE.words.files.is_script(&first.text);
    let has_option = behind.first().is_some_and(|word| word.text.starts_with('-'));
    command.class != Class::Check
        && is_path
        && (is_script || has_option || first.text.starts_with("./"))
}
