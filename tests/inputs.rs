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
        "for: ever and ever",
        "sandbox",
        "timeout:\u{a0}3s",
    ] {
        properties::directives(comments.as_bytes());
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
