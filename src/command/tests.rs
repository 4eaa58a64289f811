use super::*;

/// One line of `examples.txt`.
fn example(line: &str) -> (Class, Habits, String) {
    let (told, script) = line.split_once(" | ").expect("`class habits | command`");
    let mut told = told.split_whitespace();
    let class = match told.next() {
        Some("state") => Class::ShellState,
        Some("check") => Class::Check,
        Some("ambiguous") => Class::Ambiguous,
        Some("action") => Class::Action,
        other => panic!("{other:?} in {line}"),
    };
    let letters = told.next().unwrap_or_default();
    assert!(letters.chars().all(|letter| "iesx".contains(letter)), "{line}");
    let habits = Habits {
        interactive: letters.contains('i'),
        endless: letters.contains('e'),
        silent: letters.contains('s'),
        secret: letters.contains('x'),
    };
    (class, habits, script.replace("\\n", "\n"))
}

/// What the last command of a pipeline says of silence is what the pipeline says.
fn habits(commands: &[Command]) -> Habits {
    let all = commands.iter().fold(Habits::default(), |all, command| all.and(command.habits));
    let is_silent = commands.last().is_some_and(|command| command.habits.silent);
    Habits { silent: is_silent, ..all }
}

#[test]
fn every_example_comes_to_what_it_says() {
    let lines = include_str!("examples.txt").lines();
    let lines: Vec<&str> =
        lines.filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    assert!(lines.len() > 400, "{}", lines.len());
    let mut wrong = Vec::new();
    for line in lines {
        let (expected, expected_habits, script) = example(line);
        let commands = commands(&script);
        let found = (class(&commands), habits(&commands));
        if found != (expected, expected_habits) {
            let why: Vec<&str> = commands.iter().map(|command| command.why.as_str()).collect();
            wrong.push(format!("{line}\n    {found:?} because {why:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_nobody_could_read_is_ambiguous() {
    for script in ["ls -l\n".repeat(20_000), format!("cat {}\n", "<<E ".repeat(100))] {
        assert_eq!(class(&commands(&script)), Class::Ambiguous);
    }
}
