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
fn commands_know_their_place() {
    let script = "cd x\nls | grep a \\\n  | wc -l > n\necho $(date)\n";
    let commands = commands(script);
    let found: Vec<_> = commands
        .iter()
        .map(|command| (command.text.as_str(), command.line, command.pipeline))
        .collect();
    assert_eq!(
        found,
        [
            ("cd x", 0, None),
            ("ls", 1, Some((0, 0))),
            ("grep a", 1, Some((0, 1))),
            ("wc -l > n", 2, Some((0, 2))),
            ("echo $(date)", 3, None),
            ("date", 3, None),
        ]
    );
    assert!(
        commands.iter().all(|command| script[command.span.clone()].starts_with(&command.words[0]))
    );
}

#[test]
fn continued_lines_are_one_text_and_wrappers_are_looked_through() {
    let commands = commands("sudo docker exec -it db \\\n    psql -c 'SELECT 1'\n");
    assert_eq!(commands[0].text, "sudo docker exec -it db psql -c 'SELECT 1'");
    assert_eq!(commands[0].words, ["psql", "-c", "SELECT 1"]);
    assert!(commands[0].habits.interactive);
}

#[test]
fn messages_name_what_counts() {
    let why = |script: &str| commands(script)[0].why.clone();
    assert_eq!(
        why("kubectl -n x rollout undo deploy/a"),
        "`kubectl rollout undo` changes the cluster"
    );
    assert_eq!(why("uptime > log"), "it writes `log`");
    assert_eq!(why("npm run db:migrate"), "`npm run db:migrate` sounds like a change");
    assert_eq!(why("frobnicate"), "`frobnicate` is not in the table of programs");
    assert_eq!(why("ssh host 'rm x'"), "`rm` changes files");
}

#[test]
fn a_script_is_as_bad_as_its_worst_command() {
    assert_eq!(class(&commands("cd x\nls")), Class::Check);
    assert_eq!(class(&commands("ls\nfrobnicate")), Class::Ambiguous);
    assert_eq!(class(&commands("frobnicate\nrm x")), Class::Action);
    assert_eq!(class(&commands("cd x")), Class::ShellState);
    assert_eq!(class(&commands("# nothing")), Class::Ambiguous);
}

#[test]
fn code_spans_are_commands_only_where_they_read_so() {
    let yes = [
        "npm test",
        "git add",
        "git push origin v1",
        "cargo publish",
        "cargo build",
        "fd -h",
        "grep rust-version Cargo.toml",
        "make migrate",
        "docker exec",
        "kubectl get storageclass",
        "scripts/version-bump.sh",
        "./x.sh",
        "docker/up.sh --build",
        "cd functions",
        "export A=b",
        "python manage.py setup_production",
        "railway env set ROLLOUT_PCT=0",
        "git tag vX.Y.Z; git push origin tag vX.Y.Z",
        "curl -s http://x/health | jq .status",
        "mount /data",
        "bun run dev status",
    ];
    let no = [
        "main",
        ".env",
        "GET /health",
        "git",
        "src/lib.rs",
        "docker registry",
        "task list",
        "time zone",
        "pull request",
        "config/database.yml",
        "build: number: 0",
        "DB password",
        "8 GB RAM",
        "docker",
        "GO / NO-GO",
        "include .env",
        "https://example.org/x.sh",
        "stage -> prod",
        "host name",
        "test plan",
        "JWT_SECRET=<new secure random string>",
        "find out",
        "service account",
        "kill switch",
        "",
        "ALTER TABLE",
        "{{ version }}",
        "deploy.sh",
    ];
    for code in yes {
        assert!(of_inline(code).is_some(), "{code}");
    }
    for code in no {
        assert!(of_inline(code).is_none(), "{code}");
    }
}

#[test]
fn any_text_can_be_looked_at() {
    let parts = [
        "a",
        " ",
        "\n",
        "$(",
        ")",
        "'",
        "\"",
        "|",
        "&&",
        ";",
        "<",
        ">",
        "<<E",
        "\\",
        "{",
        "}",
        "[",
        "]",
        "if ",
        "for ",
        "done",
        "sudo ",
        "ssh h ",
        "bash -c ",
        "find -exec ",
        "é",
        "\u{0}",
        "`",
        "#",
        "--",
        "-c",
        "=",
        "docker exec ",
        "psql -c ",
        "{{",
        "}}",
        "$",
        "*",
        "((",
        "sed -e ",
        "xargs ",
    ];
    // A fixed sequence, the same in every run.
    let mut state: u64 = 7;
    for _ in 0..3000 {
        let mut script = String::new();
        for _ in 0..40 {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            script.push_str(parts[(state >> 33) as usize % parts.len()]);
        }
        for command in commands(&script) {
            assert!(script.get(command.span.clone()).is_some(), "{script:?}");
        }
        of_inline(&script);
    }
}

#[test]
fn hostile_depth_and_length_end_soon() {
    let deep =
        ["$(ls ", "sudo ", "bash -c \"", "{ ", "ls | ", "ssh h ", "X=$(", "cat <<E ", "'", "\\"];
    for part in deep {
        let script = part.repeat(200_000 / part.len());
        assert!(class(&commands(&script)) >= Class::Ambiguous, "{part}");
    }
    let nested = format!("{}{}", "echo $(".repeat(500), ")".repeat(500));
    assert!(class(&commands(&nested)) >= Class::Ambiguous);
}

#[test]
fn what_nobody_could_read_is_ambiguous() {
    for script in ["ls -l\n".repeat(20_000), format!("cat {}\n", "<<E ".repeat(100))] {
        assert_eq!(class(&commands(&script)), Class::Ambiguous);
    }
}
