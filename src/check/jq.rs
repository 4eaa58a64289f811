//! jq programs over JSON, without access to environment, time or further input, in bounded time,
//! depth and memory; see [`strict`] for what they may not do to a missing value.

mod library;
mod plain;
mod strict;

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use jaq_core::load::parse::Def;
use jaq_core::load::{Arena, File, Loader};
use jaq_core::{Compiler, Ctx, Vars, data, unwrap_valr};
use jaq_json::{Val, read};

use super::document;

use plain::Plain;

type Filter = jaq_core::compile::Filter<jaq_core::Native<data::JustLut<Val>>>;

/// Functions that look at more than the document, or do more than look.
const REFUSED: &[&str] = &[
    "env",
    "now",
    "input",
    "inputs",
    "input_filename",
    "input_line_number",
    "debug",
    "debug_empty",
    "stderr",
    "stderr_empty",
    "halt",
    "halt_error",
    "localtime",
    "strflocaltime",
];

/// Longer programs are refused: the parser goes as deep as they do.
const LONGEST: usize = 1_000;

/// Brackets inside brackets.
const DEEPEST: usize = 40;

/// Enough for the deepest program that is [`LONGEST`]: 64 MiB, of which only what is used is taken.
const STACK: usize = 64 << 20;

/// How long a program may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// How much memory this process may take while a program runs: 1 GiB.
const MEMORY: u64 = 1 << 30;

/// What is said of a program that does not end; it goes on, and its process must be ended.
pub(super) const TOO_LONG: &str = "the jq program did not end in time";

/// A compiled program.
struct Program(Filter);

/// What a program says of a document.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// One result: `true`.
    True,
    /// One result that is not `true`.
    Other(String),
    /// No result, several, or an error: why.
    Unclear(String),
}

impl Answer {
    fn of(is_true: bool, value: String) -> Self {
        if is_true { Self::True } else { Self::Other(value) }
    }
}

/// Whether `text` is a program that may be asked; the error is in words.
pub(super) fn check(text: &str) -> Result<(), String> {
    if is_plain(text) {
        return Ok(());
    }
    if text.len() > LONGEST || depth(text) > DEEPEST {
        return Err("it is too long or too deep".to_owned());
    }
    if has_comment(text) {
        return Err("a comment cannot stand behind it".to_owned());
    }
    // The parser goes as deep as the text does; the caller's stack may be small.
    let text = text.to_owned();
    let thread = std::thread::Builder::new()
        .stack_size(STACK)
        .spawn(move || Program::compile(&text).map(drop));
    match thread.map(std::thread::JoinHandle::join) {
        Ok(Ok(result)) => result,
        Ok(Err(_)) | Err(_) => Err("it cannot be parsed".to_owned()),
    }
}

/// Whether a program is so plain that it costs nothing to compile.
pub(super) fn is_plain(text: &str) -> bool {
    text.len() <= LONGEST && Plain::read(text).is_some()
}

/// Asks a program about a document, and says what was seen, secrets included. `None` for the document: it is too long.
pub(super) fn judge(program: &str, document: Option<Vec<u8>>) -> (Option<bool>, String) {
    match limited(program, document.as_deref()) {
        Answer::True => (Some(true), "true".to_owned()),
        Answer::Other(value) if value == "false" => {
            let seen = document.and_then(|document| compared(program, &document));
            (Some(false), seen.unwrap_or(value))
        }
        Answer::Other(value) => (Some(false), value),
        Answer::Unclear(why) => (None, why),
    }
}

/// What a program compared that says `false`, as JSON.
fn compared(program: &str, document: &[u8]) -> Option<String> {
    let document = document::read(document).ok()?.ok()?;
    plain::compared(program, &document).map(serde_json::Value::to_string)
}

/// What a program finds in a document, as text: one text, number or boolean; else why there is none.
pub(super) fn value(program: &str, document: Option<Vec<u8>>) -> Result<String, String> {
    match limited(program, document.as_deref()) {
        Answer::True => Ok("true".to_owned()),
        Answer::Other(json) => scalar(&json),
        Answer::Unclear(why) => Err(why),
    }
}

/// A value is kept whole in a line of the ledger: so many characters.
const VALUE: usize = 300;

fn scalar(json: &str) -> Result<String, String> {
    let value = match serde_json::from_str(json) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(serde_json::Value::Bool(_) | serde_json::Value::Number(_)) => json.to_owned(),
        _ => return Err("neither a text nor a number nor a boolean".to_owned()),
    };
    if value.is_empty() {
        Err("an empty text".to_owned())
    } else if value.chars().count() > VALUE {
        Err(format!("a text of more than {VALUE} characters"))
    } else if value.chars().any(char::is_control) {
        Err("a text with line ends or other control characters".to_owned())
    } else {
        Ok(value)
    }
}

fn limited(program: &str, document: Option<&[u8]>) -> Answer {
    let Some(document) = document else {
        return Answer::Unclear("too long to be read as JSON".to_owned());
    };
    match document::read(document) {
        Err(()) => return Answer::Unclear("this is no single JSON document".to_owned()),
        Ok(Err(why)) => return Answer::Unclear(why),
        Ok(Ok(document)) => {
            let plain = Plain::read(program).and_then(|plain| plain.ask(&document));
            if let Some(value) = plain {
                return Answer::of(value == serde_json::Value::Bool(true), value.to_string());
            }
        }
    }
    // One that is plain ends soon, and may run in a process that does more than this.
    let limits = (!is_plain(program)).then(Limits::set);
    let answer = bounded(program.to_owned(), document.to_vec(), PATIENCE);
    drop(limits);
    answer
}

/// Asks in a thread, which cannot be ended: after [`TOO_LONG`] the process has to go.
fn bounded(program: String, document: Vec<u8>, patience: Duration) -> Answer {
    let (tell, told) = channel();
    let thread = std::thread::Builder::new().stack_size(STACK).spawn(move || {
        // Nobody listens any more when it took too long.
        let _ = tell.send(ask(&program, &document));
    });
    if let Err(error) = thread {
        return Answer::Unclear(format!("jq cannot be run: {error}"));
    }
    match told.recv_timeout(patience) {
        Ok(answer) => answer,
        Err(RecvTimeoutError::Timeout) => Answer::Unclear(TOO_LONG.to_owned()),
        Err(RecvTimeoutError::Disconnected) => Answer::Unclear("the jq program failed".to_owned()),
    }
}

fn ask(program: &str, document: &[u8]) -> Answer {
    match Program::compile(program) {
        Ok(program) => program.ask(document),
        Err(why) => Answer::Unclear(why),
    }
}

/// Whether a function looks at the document and no further.
fn allowed(name: &str) -> bool {
    !REFUSED.contains(&name)
}

/// The name under which a program is called.
const MAIN: &str = "hp_main";

impl Program {
    fn compile(text: &str) -> Result<Self, String> {
        let unreadable = || "it cannot be parsed".to_owned();
        let mut body =
            jaq_core::load::parse(text, |parser| parser.term()).ok_or_else(unreadable)?;
        if let Some(why) = strict::objection(&mut body) {
            return Err(why.to_owned());
        }
        strict::rewrite(&mut body);
        let arena = Arena::default();
        let mut defs = library::needed_by(&mut body).ok_or_else(unreadable)?;
        defs.push(Def { name: MAIN, args: Vec::new(), body });
        let modules = Loader::new(defs)
            .load(&arena, File { code: MAIN, path: () })
            .map_err(|_| unreadable())?;
        let own = jaq_json::funs()
            .chain(jaq_std::funs())
            .filter_map(|(name, arity, run)| Some((strict::own_name(name)?, arity, run)));
        let funs = jaq_core::funs()
            .chain(jaq_std::funs())
            .chain(jaq_json::funs())
            .chain(own)
            .filter(|(name, ..)| allowed(name));
        let filter = Compiler::default().with_funs(funs).compile(modules).map_err(|errors| {
            let names: Vec<String> = errors
                .into_iter()
                .flat_map(|(_, errors)| errors)
                .map(|(name, _)| format!("`{name}` is not known here"))
                .collect();
            names.join(", ")
        })?;
        Ok(Self(filter))
    }

    fn ask(&self, document: &[u8]) -> Answer {
        let Ok(input) = read::parse_single(&document::exact(document)) else {
            return Answer::Unclear("this is no single JSON document".to_owned());
        };
        let ctx = Ctx::<data::JustLut<Val>>::new(&self.0.lut, Vars::new([]));
        let mut results = self.0.id.run((ctx, input)).map(unwrap_valr);
        match (results.next(), results.next()) {
            (None, _) => Answer::Unclear("no result".to_owned()),
            (Some(Err(error)), _) => Answer::Unclear(error.to_string()),
            (Some(Ok(_)), Some(_)) => {
                Answer::Unclear("several results where one is expected".to_owned())
            }
            (Some(Ok(value)), None) => Answer::of(value == Val::from(true), value.to_string()),
        }
    }
}

/// A `#` outside of strings: what stands behind it would be read as words of the program.
fn has_comment(text: &str) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    text.bytes().any(|byte| {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ => {}
        }
        byte == b'#' && !quoted
    })
}

fn depth(text: &str) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for byte in text.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Bounds the memory of this process for as long as it lives: what asks for more ends the process,
/// and the item is an error.
struct Limits {
    #[cfg(target_os = "linux")]
    before: rustix::process::Rlimit,
}

impl Limits {
    #[cfg(target_os = "linux")]
    fn set() -> Self {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let before = getrlimit(Resource::As);
        let bound = before.maximum.map_or(MEMORY, |most| most.min(MEMORY));
        // Where it is refused, time alone is bounded.
        let _ = setrlimit(Resource::As, Rlimit { current: Some(bound), maximum: before.maximum });
        Self { before }
    }

    #[cfg(not(target_os = "linux"))]
    fn set() -> Self {
        let _ = MEMORY;
        Self {}
    }
}

#[cfg(target_os = "linux")]
impl Drop for Limits {
    fn drop(&mut self) {
        // What we may lower we may raise again up to the hard limit.
        let _ = rustix::process::setrlimit(rustix::process::Resource::As, self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(program: &str, document: &str) -> Answer {
        check(program).expect("a program");
        super::ask(program, document.as_bytes())
    }

    #[test]
    fn plain_programs_say_what_jq_says_of_them() {
        let documents = [
            r#"{"a":{"b":true},"s":"x","n":7,"f":7.0,"e":"","z":null,"big":12345678901234567890,"l":[1]}"#,
            r#"{"a":{"b":false},"s":"y z","n":-7,"f":0.1,"e":"\u00e9ö","z":"null"}"#,
            r#"{"a":true,"s":7,"n":"7","f":"x"}"#,
            "[]",
            "null",
            "{}",
        ];
        let paths =
            [".a.b", ".s", ".n", ".f", ".e", ".z", ".big", ".l", ".a", ".missing.b", ".s.b"];
        let literals = ["true", "false", "7", "0", "\"x\"", "\"y z\"", "\"\"", "\"éö\"", "\"7\""];
        let mut certain = 0;
        for path in paths {
            let compared = literals.iter().flat_map(|literal| {
                [format!("{path} == {literal}"), format!("{path} != {literal}")]
            });
            for program in compared.chain([path.to_owned()]) {
                assert!(is_plain(&program), "{program}");
                for document in documents {
                    let jq = super::ask(&program, document.as_bytes());
                    let parsed = serde_json::from_str(document).expect("JSON");
                    let Some(value) = Plain::read(&program).and_then(|plain| plain.ask(&parsed))
                    else {
                        continue;
                    };
                    certain += 1;
                    let plain =
                        Answer::of(value == serde_json::Value::Bool(true), value.to_string());
                    assert_eq!(plain, jq, "{program} of {document}");
                }
            }
        }
        assert!(certain > 50, "{certain}");
        for other in [
            ".",
            ".a[0]",
            ".a | .b",
            ".and == 1",
            ".a == 1.0",
            ".a == 01",
            ".a == null",
            ".a == -1",
            ".a == \"\\(.b)\"",
            ".a < 1",
            ".a == .b",
            ".a-b == 1",
            ".a == true or true",
            "a == 1",
        ] {
            assert!(!is_plain(other), "{other}");
        }
    }

    fn is_unclear(program: &str, document: &str) {
        let answer = ask(program, document);
        assert!(matches!(answer, Answer::Unclear(_)), "{program} of {document}: {answer:?}");
    }

    #[test]
    fn only_one_true_is_true() {
        assert_eq!(ask(".a == 1", "{\"a\":1}"), Answer::True);
        assert_eq!(ask(".a", "{\"a\":1}"), Answer::Other("1".to_owned()));
        assert_eq!(ask(".a", "{}"), Answer::Other("null".to_owned()));
        is_unclear(".[]", "[true,true]");
        is_unclear(".[]", "[]");
        is_unclear(".a", "3");
        is_unclear(".a", "{} {}");
        is_unclear(".a", "");
    }

    #[test]
    fn what_is_missing_is_neither_small_nor_different() {
        for (program, document) in [
            (".errors < 5", "{}"),
            (". | (.errors < 5)", "{}"),
            (".errors > 5 | not", "{}"),
            ("(.errors | length) == 0", "{}"),
            (".errors | length | . == 0", "{}"),
            (".errors + 0 < 5", "{}"),
            (".errors * 1 < 5", "{}"),
            ("[.[].n] | max < 5", "[{\"n\":4},{}]"),
            ("[.[].n] | add < 5", "[{\"n\":4},{}]"),
            ("all(.[]; .n < 5)", "[{\"n\":4},{}]"),
            ("[.[] | select(.bad)] | length == 0", "[{},{}]"),
            ("all(.[]; .ok)", "[]"),
            ("[.[].n] | sort | .[-1] < 5", "[{\"n\":4},{}]"),
            (".errors / .requests < 0.05", "{\"errors\":0,\"requests\":0}"),
            (".errors / .requests > 0.05", "{\"errors\":1,\"requests\":0}"),
            ("nan < 5 and .a == 1", "{\"a\":1}"),
            ("[.[].version] | unique | length == 1", "[{},{}]"),
            ("[.a] == [.b]", "{}"),
            ("[.status] != [\"down\"]", "{}"),
            (". | \"\\(.status)\" != \"down\"", "{}"),
            ("(.a | tostring) != \"x\"", "{}"),
            (".tags | contains([\"bad\"]) | not", "{}"),
            ("any(.[]; .bad) | not", "[]"),
            (".u < \"80%\"", "{\"u\":\"100%\"}"),
            (".u < \"9 GB\"", "{\"u\":\"10 GB\"}"),
            (".u < \"v1.9.0\"", "{\"u\":\"v1.10.0-rc1\"}"),
            (".maintenance | not", "{}"),
            ("(.a and .b) | not", "{}"),
            ("if .bad then false else true end", "{}"),
            (".enabled // true", "{\"enabled\":false}"),
            (".a.b <= 5", "{\"a\":null}"),
            (".rate > 5", "{\"rate\":\"n/a\"}"),
            (".status != \"down\"", "{}"),
            (".a == .b", "{}"),
            (".a == 1", "{}"),
            ("(.a == 1) | not", "{\"a\":\"1\"}"),
            ("[.a[0]] | .[0] < 3", "{}"),
            (".version > \"1.9\"", "{\"version\":\"1.10\"}"),
            (".id == 1.0", "{\"id\":1.00000000000000000001}"),
            (".id < 2", "{\"id\":1.00000000000000000001}"),
        ] {
            is_unclear(program, document);
        }
        for (program, document) in [
            (".errors | length == 0", "{\"errors\":[]}"),
            (".errors < 5", "{\"errors\":4}"),
            (".a != null", "{\"a\":4}"),
            (".a == null", "{}"),
            ("[.[] | .n] | max < 5", "[{\"n\":4}]"),
            ("[.[].n] | add == 7", "[{\"n\":4},{\"n\":3}]"),
            (".\"a<b\" == 1", "{\"a<b\":1}"),
            (".a as $a | .b == $a", "{\"a\":1,\"b\":1}"),
            (".errors // 0 | . < 5", "{}"),
            ("(.a | not) and (.b or .a)", "{\"a\":false,\"b\":true}"),
            ("if .a > 1 then true elif .a == 1 then false else false end", "{\"a\":2}"),
            ("any(.[]; . > 3) and all(.[]; . > 0)", "[1,4]"),
            (".date >= \"2026-01-01\"", "{\"date\":\"2026-11-21\"}"),
            (".name | test(\"^api-\")", "{\"name\":\"api-1\"}"),
            (".a < .b", "{\"a\":\"low\",\"b\":\"medium\"}"),
            (
                "(.tags | contains([\"b\"])) and ([.tags[] | tostring] | unique | length == 2)",
                "{\"tags\":[\"b\",\"c\"]}",
            ),
            (".ratio == 0.30000000000000004", "{\"ratio\":0.30000000000000004}"),
            (".ratio == 0.1 and .id != 4", "{\"ratio\":1e-1,\"id\":3}"),
            ("[.[].v] | sort == [1, 2] and (sort_by(-.) | .[0]) == 2", "[{\"v\":2},{\"v\":1}]"),
            ("[.[] | select(.v > 2) | .v] == [3, 4]", "[{\"v\":3},{\"v\":1},{\"v\":4}]"),
            ("\"\\(.a + 1)\" == \"2\"", "{\"a\":1}"),
            (".[1:] == [2] and .[-1] == 2", "[1,2]"),
        ] {
            assert_eq!(ask(program, document), Answer::True, "{program} of {document}");
        }
        assert!(check(".id == 1.00000000000000000001").is_err());
        assert!(check(".errors += 0 | .errors < 5").is_err());
        assert!(check(".enabled //= true | .enabled").is_err());
    }

    #[test]
    fn a_value_is_one_text_number_or_boolean_that_is_there() {
        let value = |program: &str, document: &str| {
            super::value(program, Some(document.as_bytes().to_vec()))
        };
        for (document, saved) in [
            ("{\"v\":\"1.10\"}", "1.10"),
            ("{\"v\":\"ä \\\"q\\\" ☐\"}", "ä \"q\" ☐"),
            ("{\"v\":1.50}", "1.50"),
            ("{\"v\":12345678901234567890}", "12345678901234567890"),
            ("{\"v\":true}", "true"),
            ("{\"v\":false}", "false"),
        ] {
            assert_eq!(value(".v", document), Ok(saved.to_owned()), "{document}");
        }
        let long = format!("{{\"v\":\"{}\"}}", "a".repeat(301));
        for document in [
            "{}",
            "{\"v\":null}",
            "{\"v\":[1]}",
            "{\"v\":\"\"}",
            "{\"v\":\"a\\nb\"}",
            "{\"v\":\"\\u007f\"}",
            "no",
            &long,
        ] {
            assert!(value(".v", document).is_err(), "{document}");
        }
        assert!(value(".[]", "[1,2]").is_err());
    }

    #[test]
    fn nothing_hides_what_is_missing() {
        for program in [
            "[.b[]?] == []",
            "[.b[]?.c] == []",
            ".b? == 1",
            ". | .b.c? == null",
            "[.b | (.c)?] == []",
            ". | [try .b[]] == []",
            ". | (try error(1) catch 1) == 1",
            "all(.b[]?; .ok)",
            ".[.b?] == 1",
            ". as {a: $x} | [$x[]?] == []",
        ] {
            let refused = check(program).expect_err(program);
            assert!(refused.contains("hide what is missing"), "{program}: {refused}");
        }
        assert_eq!(check(". | [..] == []"), Ok(()));
        is_unclear("[.b[]] == []", "{}");
        assert_eq!(ask(".b == \"?\"", "{\"b\":\"?\"}"), Answer::True);
    }

    #[test]
    fn sees_nothing_but_the_document() {
        for program in [
            ".a == env.HOME",
            ".a == $ENV.HOME",
            "[now] == 1",
            "[input]",
            ". == input_filename",
            ".a |",
            ". | def f: f; f",
        ] {
            assert!(check(program).is_err(), "{program}");
        }
    }

    #[test]
    fn long_and_deep_programs_are_refused_before_they_are_parsed() {
        let deep = format!(".{}.{}", "|(".repeat(300), ")".repeat(300));
        assert!(check(&deep).is_err());
        assert!(check(&format!(".{}", "|.a".repeat(5_000))).is_err());
        assert!(check(&format!(".{}", "|.a".repeat(330))).is_ok());
        for piece in ["try ", "- ", "if . then ", "..|", ".a as $x|", "reduce ", "\"\\("] {
            let _ = check(&format!(".|{}", piece.repeat(990 / piece.len())));
        }
    }

    #[test]
    fn a_program_without_end_is_left_behind() {
        let program = ". | until(false; .)".to_owned();
        let answer = bounded(program, b"{}".to_vec(), Duration::from_millis(50));
        assert_eq!(answer, Answer::Unclear(TOO_LONG.to_owned()));
    }
}
