//! Comments of languages without a grammar here. Sure are those at the very beginning and those at
//! the very end: a string that held the last lines would never be closed, and nothing would run.

use super::grammar::{Comment, Outline};

/// The comments of a script and where its statements begin.
pub(super) fn outline(script: &str, mark: &str) -> Outline {
    let lines: Vec<&str> = script.lines().collect();
    let is_margin = |line: &&&str| line.trim().is_empty() || line.trim_start().starts_with(mark);
    let head = lines.iter().take_while(is_margin).count();
    let tail = lines.len() - lines.iter().rev().take_while(is_margin).count();
    let comment = |(line, text): (usize, &&str)| {
        let text = text.trim_start().strip_prefix(mark)?.trim_end();
        // In between one that says something to us may be a part of a string, and is refused.
        let top = line < head || line >= tail;
        Some(Comment { line, text: text.to_owned(), alone: true, top })
    };
    Outline {
        comments: lines.iter().enumerate().filter_map(comment).collect(),
        statements: (head < lines.len()).then_some(head).into_iter().collect(),
        ..Outline::default()
    }
}

#[cfg(test)]
mod tests {
    use crate::check::{Check, compile};

    fn codes(language: &str, script: &str) -> Vec<&'static str> {
        let faults = compile(language, script).err().unwrap_or_default();
        faults.iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn directives_stand_above_a_script_and_expectations_below() {
        let script = "// timeout: 5s\n\nconst a = 1; // one\n  // two\nconsole.log(a)\n\n// Expected: 1\n// expect: exit == 0\n";
        let Ok(Check::Shell(shell)) = compile("node", script) else { panic!("no check") };
        assert_eq!(shell.steps.len(), 1);
        assert_eq!(shell.steps[0].expectations().collect::<Vec<_>>(), ["1", "exit == 0"]);
        assert_eq!(shell.directives.timeout.as_secs(), 5);
    }

    #[test]
    fn what_may_be_inside_a_string_is_refused() {
        assert_eq!(codes("ruby", "puts 'a\n# Expected: a\n'\n# Expected: a\n"), ["HP125"]);
        assert_eq!(
            codes("perl", "print 1;\n# timeout: 5s\nprint 2;\n# expect: value == 12\n"),
            ["HP105"]
        );
        assert_eq!(codes("node", "// Expected: 1\nconsole.log(1)\n"), ["HP126"]);
        assert_eq!(codes("ruby", "puts 1\n"), ["HP107"]);
        assert_eq!(codes("ruby", "# expect: exit == 0\n"), ["HP126", "HP106"]);
    }
}
