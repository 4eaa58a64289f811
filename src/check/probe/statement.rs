//! A statement of SQL: that it is one and only reads, and where values go. What databases may read
//! in two ways is refused.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::check::Fault;
use crate::check::template::{Piece, Template, Values};

/// Statements that give rows and can be a part of another.
const QUERIES: &[&str] = &["select", "with", "values", "table"];

/// Others that only read.
const OTHERS: &[&str] = &["show", "explain", "describe", "desc"];

/// One statement that reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Statement {
    /// What stands around the values.
    texts: Vec<String>,
    /// The values, which never become text of the statement.
    values: Vec<Template>,
    /// It can be a part of another.
    pub(super) is_query: bool,
}

impl Statement {
    /// Reads one that begins in a line.
    pub(super) fn read(text: &str, line: usize) -> Result<Self, Fault> {
        let refuse = |(message, hint): (&str, &str)| Fault::new(line, "HP153", message, hint);
        let template = Template::read(text);
        let mut scan = Scan::default();
        let (mut texts, mut values) = (vec![String::new()], Vec::new());
        for piece in template.pieces() {
            match piece {
                Piece::Text(text) => {
                    let read = scan.read(text).map_err(refuse)?;
                    texts.last_mut().into_iter().for_each(|last| last.push_str(&read));
                }
                Piece::Name(_) if scan.state == State::Comment => {}
                Piece::Name(_) if scan.state != State::Code => {
                    let hint = "take the quotes away: a value is not put into the text";
                    let message = "a parameter stands inside quotes";
                    return Err(Fault::new(line, "HP154", message, hint));
                }
                Piece::Name(name) => {
                    scan.code.push_str(" ? ");
                    values.push(Template::read(&format!("{{{{{name}}}}}")));
                    texts.push(String::new());
                }
            }
        }
        if scan.state != State::Code && scan.state != State::Comment {
            return Err(refuse(("a quote or a comment is left open", "close it")));
        }
        if let Some(last) = texts.last_mut() {
            *last = last.trim_end().trim_end_matches(';').to_owned();
        }
        let is_query = judge(&scan.code).map_err(refuse)?;
        Ok(Self { texts, values, is_query })
    }

    pub(super) fn filled(&self, values: &Values) -> Result<Self, String> {
        let fill = |value: &Template| Ok(Template::read_plain(&value.fill(values)?));
        let values = self.values.iter().map(fill).collect::<Result<_, String>>()?;
        Ok(Self { texts: self.texts.clone(), values, is_query: self.is_query })
    }

    pub(super) fn names<'a>(&'a self, names: &mut BTreeSet<&'a str>) {
        names.extend(self.values.iter().flat_map(Template::names));
    }

    /// Its text; `place` is what stands for a value, counted from 1.
    pub(super) fn written(&self, place: impl Fn(usize) -> String) -> String {
        let mut written = String::new();
        for (at, text) in self.texts.iter().enumerate() {
            if at > 0 {
                written.push_str(&place(at));
            }
            written.push_str(text);
        }
        written
    }

    /// The values, in order.
    pub(super) fn values(&self) -> impl ExactSizeIterator<Item = String> {
        self.values.iter().map(Template::written)
    }
}

/// Whether a statement can be a part of another; why it is refused, if so.
fn judge(code: &str) -> Result<bool, (&'static str, &'static str)> {
    let code = code.trim_end().trim_end_matches([';', ' ', '\n', '\t', '\r']).to_ascii_lowercase();
    if code.contains(';') {
        return Err(("there is more than one statement", "write one check for each"));
    }
    let mut words = code
        .split(|char: char| !(char.is_alphanumeric() || char == '_' || char == '$'))
        .filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    let is_query = QUERIES.contains(&first);
    if !is_query && !OTHERS.contains(&first) {
        let hint =
            "a check reads: `SELECT`, `WITH`, `VALUES`, `TABLE`, `SHOW`, `EXPLAIN`, `DESCRIBE`";
        return Err(("this is no statement that only reads", hint));
    }
    // `SELECT … INTO` makes a table or a file.
    if words.any(|word| word == "into") {
        return Err(("`INTO` writes", "take it out; a column of this name needs quotes"));
    }
    Ok(is_query)
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Code,
    /// Up to the end of the line.
    Comment,
    Block,
    Quoted(char),
}

/// Reads a statement from its beginning to its end.
#[derive(Default)]
struct Scan {
    state: State,
    /// What is neither quoted nor a comment.
    code: String,
}

impl Scan {
    /// The text without comments to the ends of lines.
    fn read(&mut self, text: &str) -> Result<String, (&'static str, &'static str)> {
        let mut read = String::new();
        let mut chars = text.chars().peekable();
        while let Some(char) = chars.next() {
            let next = chars.peek().copied();
            let is_quote = |char| matches!(char, '\'' | '"' | '`');
            match (self.state, char) {
                (State::Code, '-') if next == Some('-') => {
                    chars.next();
                    if !chars.peek().is_none_or(|char| char.is_whitespace()) {
                        let message = "`--` without a blank is a comment for some databases only";
                        return Err((message, "write a blank behind it, or between"));
                    }
                    self.state = State::Comment;
                    continue;
                }
                (State::Code, '#') if next.is_none_or(|char| !matches!(char, '>' | '-')) => {
                    return Err(("`#` is a comment for some databases only", "write `-- `"));
                }
                (State::Code, '/') if next == Some('*') => {
                    let mut ahead = chars.clone();
                    ahead.next();
                    if matches!(ahead.next(), Some('!' | 'M')) {
                        let message = "this comment is run by some databases";
                        return Err((message, "take it out"));
                    }
                    self.state = State::Block;
                }
                (State::Block, '/') if next == Some('*') => {
                    return Err(("a comment stands inside another", "take it out"));
                }
                (State::Block, '*') if next == Some('/') => {
                    read.push(char);
                    chars.next();
                    read.push('/');
                    self.code.push(' ');
                    self.state = State::Code;
                    continue;
                }
                (State::Comment, '\n') => self.state = State::Code,
                (State::Comment, _) => continue,
                (State::Code, quote) if is_quote(quote) => self.state = State::Quoted(quote),
                (State::Code, '$') if next.is_none_or(|char| !char.is_ascii_digit()) => {
                    return Err(("`$` begins a quote for some databases only", "write `'…'`"));
                }
                (State::Quoted(_), '\\') if next.is_none_or(is_quote) => {
                    let message = "databases read a quote behind a backslash differently";
                    return Err((message, "write the quote twice"));
                }
                (State::Quoted(quote), char) if char == quote => {
                    self.code.push_str("''");
                    self.state = State::Code;
                    read.push(char);
                    continue;
                }
                _ => {}
            }
            if self.state == State::Code {
                self.code.push(char);
            }
            read.push(char);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(text: &str) -> Option<&'static str> {
        Statement::read(text, 0).err().map(|fault| fault.code)
    }

    #[test]
    fn values_are_bound_and_never_text() {
        let text = "SELECT *  -- all {{OF}}\nFROM t WHERE a = {{A}} AND b = 'x;''into'\n  AND c = {{ B }};\n";
        let statement = Statement::read(text, 0).expect("a statement");
        assert_eq!(
            statement.written(|at| format!("${at}")),
            "SELECT *  \nFROM t WHERE a = $1 AND b = 'x;''into'\n  AND c = $2"
        );
        let values =
            Values::from([("A", "1; DROP"), ("B", "'")].map(|(a, b)| (a.into(), b.into())));
        let filled = statement.filled(&values).expect("values");
        assert_eq!(filled.values().collect::<Vec<_>>(), ["1; DROP", "'"]);
        assert_eq!(code("SELECT '{{A}}'"), Some("HP154"));
    }

    #[test]
    fn only_one_statement_that_reads_is_let_through() {
        for reads in [
            "select 1",
            "(SELECT 1) UNION (SELECT 2);",
            "WITH x AS (SELECT 1) TABLE x",
            "SHOW server_version",
            "EXPLAIN SELECT 1 /* a; b */",
            "SELECT a - 1, '--x', \"into\" FROM t",
            "SELECT a #>> '{b}' FROM t",
        ] {
            assert_eq!(code(reads), None, "{reads}");
        }
        for refused in [
            "DELETE FROM t",
            "CREATE TABLE t (a int)",
            "SELECT 1; DELETE FROM t",
            "SELECT 1;;DELETE FROM t",
            "SELECT * INTO u FROM t",
            "SELECT 1 INTO/**/OUTFILE '/tmp/x'",
            "SELECT 1 /*! INTO OUTFILE '/tmp/x' */",
            "SELECT 'a\\'' , 1",
            "SELECT 'a",
            "SELECT 1 --1",
            "SELECT $$a$$",
            "SELECT 1 # one",
            "COPY t TO PROGRAM 'id'",
            "COMMIT",
            "SET x = 1",
            "{{A}}",
            "/* SELECT */ DROP TABLE t",
        ] {
            assert_eq!(code(refused), Some("HP153"), "{refused}");
        }
    }
}
