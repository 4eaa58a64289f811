//! What somebody has to fill in before a check can run: placeholders, and names without a value.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::check::{self, Check, Compiled};
use crate::checklist::{Block, Checklist, Mark};
use crate::source::{Diagnostic, Severity, Span};

/// Something that the author meant to fill in: `<pod-name>`, `[service-name]`, `{{HOST}}`.
static PLACEHOLDER: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"<[a-z][a-z0-9]*(?:[-_ ][a-z0-9]+)+>|<(?:pod|host|name|service|namespace|url|version|user|port)>|\[[a-z]+(?:-[a-z]+)+\]|\{\{ *[A-Za-z_]+ *\}\}").ok()
});

pub(super) fn findings(checklist: &Checklist, checks: &Compiled) -> Vec<Diagnostic> {
    let marked = checklist.blocks.iter().filter(|block| block.mark == Mark::Check);
    let mut found: Vec<Diagnostic> =
        marked.flat_map(|block| placeholders(checklist, block)).collect();
    let ready = || checks.iter().filter_map(|(at, check)| Some((at, check.as_ref().ok()?)));
    let saved: BTreeSet<&str> = ready()
        .flat_map(|(_, check)| &check.directives().saves)
        .map(|save| save.name.as_str())
        .collect();
    for (at, check) in ready() {
        let front = &checklist.front;
        let each = check.directives().each.as_ref().map(|each| each.name.as_str());
        let is_known = |name: &String| {
            front.params.iter().any(|param| param.name == *name)
                || front.env.contains(name)
                || each == Some(name)
                || saved.contains(name.as_str())
        };
        let unknown = check.names().into_iter().filter(|name| !is_known(name));
        let block = &checklist.blocks[*at];
        found.extend(unknown.map(|name| without_value(checklist, block, &name)));
        let asked = if let Check::Probe(probe) = check { probe.variables() } else { &[] };
        found.extend(asked.iter().filter(|name| !is_known(name)).map(|name| {
            let message = format!("`{name}` is not listed, and checks see nothing else");
            let hint = "list it under `env` in front matter";
            let at = block.content.lines().position(|line| line.contains(name.as_str()));
            let line = block.line + 1 + at.unwrap_or(0);
            finding(checklist, line, ("HP114", Severity::Error), message, hint)
        }));
    }
    found
}

/// What looks as if somebody had to fill it in, outside comments.
fn placeholders<'c>(
    checklist: &'c Checklist,
    block: &'c Block,
) -> impl Iterator<Item = Diagnostic> + 'c {
    let fills = check::fills_names(&block.language);
    let lines = block.content.lines().enumerate();
    lines.filter_map(move |(at, text)| {
        let code = text.trim_start();
        // What a transcript shows is filled, and what it runs is not.
        let fills = fills || block.language == "console" && !code.starts_with(['$', '>']);
        let mut all = PLACEHOLDER.as_ref()?.find_iter(code).map(|found| found.as_str());
        let found = all.find(|found| !(fills && found.starts_with("{{")))?;
        (!code.starts_with('#')).then(|| {
            finding(
                checklist,
                block.line + 1 + at,
                ("HP012", Severity::Warning),
                format!("`{found}` looks like a placeholder"),
                if fills {
                    "make it a parameter in front matter's `params`, and write `{{NAME}}`"
                } else {
                    "make it a parameter in front matter's `params`, and write `\"$NAME\"`"
                },
            )
        })
    })
}

fn without_value(checklist: &Checklist, block: &Block, name: &str) -> Diagnostic {
    let holds = |line: &str| line.replace(' ', "").contains(&format!("{{{{{name}}}}}"));
    let at = block.content.lines().position(holds).unwrap_or(0);
    finding(
        checklist,
        block.line + 1 + at,
        ("HP114", Severity::Error),
        format!("`{{{{{name}}}}}` is no parameter"),
        "name it under `params` in front matter, or under `env` if it is a variable of the caller",
    )
}

fn finding(
    checklist: &Checklist,
    line: usize,
    (code, severity): (&'static str, Severity),
    message: String,
    hint: &str,
) -> Diagnostic {
    let source = &checklist.source;
    let start = source.line_span(line).start;
    let span = Span { start, end: start + source.line(line).len() };
    Diagnostic { code, severity, span, message, hint: Some(hint.to_owned()), fix: None }
}

#[cfg(test)]
mod tests {

    fn codes(text: &str) -> Vec<&'static str> {
        let reading = crate::checklist::read("a.md", text.as_bytes()).expect("a checklist");
        crate::lint::complete(reading).reading.diagnostics.iter().map(|one| one.code).collect()
    }

    #[test]
    fn what_is_to_be_filled_in_is_told_and_what_a_parameter_fills_is_not() {
        let check = |language: &str, body: &str| {
            format!(
                "---\nparams: [{{name: HOST}}]\nenv: [TOKEN]\n---\n# T\n\n- [ ] a\n  ```{language} check\n  {body}\n  ```\n"
            )
        };
        let has = |code, language: &str, body: &str| codes(&check(language, body)).contains(&code);
        assert!(has("HP012", "bash", "kubectl logs <pod-name>\n  # expect: exit == 0"));
        assert!(has("HP012", "bash", "curl {{HOST}}\n  # expect: exit == 0"));
        assert!(!has(
            "HP012",
            "bash",
            "wc -l <input.txt >out; [ -f a ]; x=${a[0]}\n  # expect: exit == 0"
        ));
        assert!(has("HP012", "http", "GET http://h/<pod-name>\n  # expect: status == 200"));
        assert!(!has("HP012", "http", "GET http://{{HOST}}/\n  # expect: status == 200"));
        assert!(!has("HP114", "http", "GET http://{{HOST}}/\n  # expect: status == {{TOKEN}}"));
        assert!(has("HP114", "http", "GET http://{{HOTS}}/\n  # expect: status == 200"));
        assert!(has("HP114", "bash", "true\n  # Expected: {{VERSION}}"));
        assert!(has("HP114", "env", "TOKEN OTHER\n  # expect: set == true"));
        assert!(!has("HP114", "env", "TOKEN\n  # expect: set == true"));
    }
}
