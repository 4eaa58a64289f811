//! The properties of `properties.rs`, of inputs that somebody thought of. `fuzz/` thinks of others.

use crate::{properties, shapes};

#[test]
fn every_shape_is_read_into_something_sound() {
    for shape in shapes::all() {
        let text = (shape.of_size)(2_000);
        let read = std::panic::catch_unwind(|| properties::checklist(text.as_bytes()));
        assert!(read.is_ok(), "{}", shape.name);
    }
}

#[test]
fn front_matter_of_any_kind_is_read_into_something_sound() {
    for yaml in [
        "",
        "title: &a [*a]",
        "roles: [{name: }]\nroles:",
        "? [a]\n: b",
        "\u{feff}title: a",
        "title: \"\\uD800\"",
        "env: [A, A]\nparams: [{name: A, default: x, values: [y]}]",
        "gates: [{name: '', section: '', roles: ['']}]",
        "roles: [{name: '', quorum: 0}, {name: İ}]",
        "a: b\n---\n- [ ] Two",
        "<<: {title: a}",
        "title: !!binary AAAA",
    ] {
        properties::front_matter(yaml.as_bytes());
    }
}

#[test]
fn no_directive_is_ignored() {
    for comments in [
        "timeout: 3s\ntimeout: 3h\ncwd: a\nserial",
        "timeout: 99999999999999999999h",
        "cwd: a/../b",
        "retry: 3",
        "retry: 3 every 5s\nafter: #a, #b\nif: A == \"b\"\neach: S in a b",
        "until: 5m every 10s\nsave: V = .v\nsave: W = .w[0]",
        "retry: 4294967295 every 24h",
        "until: 18446744073709551615h every 1ms",
        "after: #",
        "if: A == \"",
        "each: S in",
        "save: V = .",
        "for: ever and ever",
        "sandbox",
        "timeout:\u{a0}3s",
    ] {
        properties::directives(comments.as_bytes());
    }
}

#[test]
fn nothing_that_runs_waits_for_itself() {
    let item = |id: usize, after: &str| {
        format!(
            "- [ ] {id} `#i{id}`\n  ```bash check\n{after}  true\n  # expect: exit == 0\n  ```\n"
        )
    };
    // Each of four items waits for any of the four, in two counted sections; half of them nest.
    for pattern in 0..(1_usize << 16) {
        if pattern % 311 != 0 {
            continue;
        }
        let mut text = "# R\n\n## Step 1\n\n".to_owned();
        for id in 0..4 {
            let after: String = (0..4)
                .filter(|other| pattern >> (4 * id + other) & 1 == 1)
                .map(|other| format!("  # after: #i{other}\n"))
                .collect();
            if id == 2 {
                text.push_str("\n## Step 2\n\n");
            }
            let indent = if id % 2 == 1 { "  " } else { "" };
            let lines = item(id, &after);
            text.extend(lines.lines().map(|line| format!("{indent}{line}\n")));
        }
        properties::checklist(text.as_bytes());
    }
}

#[test]
fn no_expectation_vanishes() {
    for text in [
        "exit == 0\nexit == 1",
        "a person agrees\n.a == 1\nstdout is empty",
        "1. a\n2. b",
        "cat <<E\n# expect: exit == 1\nE\n# expect: exit == 0",
        "echo \\\n# expect: exit == 0",
        "if true; then\n# expect: exit == 0\nfi",
        "timeout: 3s",
        "expect: exit == 0",
        "x = '''\n# Expected: a\n'''",
        "#\n#\u{2028}#",
    ] {
        properties::expectations(text.as_bytes());
    }
}
