//! A view made fit for print: every text covered by a font, long words with places to break at, outputs in short lines
//! with their colours, pictures that can be shown.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Language;
use super::fonts::Fonts;
use super::paint::parts;
use super::plates::Plate;
use crate::said;

/// Columns of an output before a line is broken; the template's font size fits them to the page.
const COLUMNS: usize = 95;
/// Lines of an output that are shown of each end.
const HEAD: usize = 40;
const TAIL: usize = 60;
/// Characters of one text that are shown at most: half a page, as rows that span pages are slow to set.
const LONGEST: usize = 2_000;
/// Characters of an item's text where it stands in a list.
const SHORT: usize = 220;
/// A longer word is given places to break at.
const WORD: usize = 24;

/// Members of a view that no page shows.
const UNSEEN: [&str; 2] = ["entry", "evidence"];

/// A piece of a line in one style.
pub(super) type Run = (String, String);

/// What a view is printed with.
pub(super) struct Print<'a> {
    pub(super) fonts: &'a Fonts,
    pub(super) plates: &'a BTreeMap<String, Plate>,
    /// Letters of ASCII alone.
    pub(super) strict: bool,
    language: Language,
    replaced: u64,
}

/// Fonts have all letters of a language's texts.
pub(super) fn is_covered(fonts: &Fonts, language: Language, strict: bool) -> bool {
    let covered = |text: &String| fonts.clean(text, strict, &mut 0) == *text;
    language.texts().is_none_or(|texts| texts.values().all(covered))
}

impl<'a> Print<'a> {
    pub(super) fn new(fonts: &'a Fonts, plates: &'a BTreeMap<String, Plate>, strict: bool) -> Self {
        Self { fonts, plates, strict, language: Language::En, replaced: 0 }
    }

    /// What the template reads.
    pub(super) fn of(mut self, view: &Value) -> Value {
        let language = view["looks"]["language"].as_str().and_then(Language::of);
        let covered = language.filter(|one| is_covered(self.fonts, *one, self.strict));
        self.language = covered.unwrap_or_default();
        let words = self.language.texts();
        let mut value = self.value("", view);
        value["unset"] = json!(self.replaced);
        value["words"] = json!(words);
        value
    }

    fn value(&mut self, name: &str, value: &Value) -> Value {
        match value {
            // These are for programs, and in letters that every font has.
            Value::String(_) if name == "made" || name == "points" => value.clone(),
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(changes) if name == "diff" => self.difference(changes),
            Value::Array(list) => list.iter().map(|value| self.value("", value)).collect(),
            Value::Object(members) if members.contains_key("sha256") => self.shown(members),
            Value::Object(members) => {
                let seen = members.iter().filter(|(name, _)| !UNSEEN.contains(&name.as_str()));
                let mut out: Map<String, Value> = seen
                    .map(|(name, value)| (name.clone(), self.member(members, name, value)))
                    .collect();
                if let Some(Value::String(text)) = members.get("text")
                    && members.contains_key("line")
                {
                    out.insert("text".to_owned(), Value::String(self.text(text)));
                    let mut short: String = text.chars().take(SHORT).collect();
                    if short.len() < text.len() {
                        short.push('…');
                    }
                    out.insert("short".to_owned(), Value::String(self.text(&short)));
                }
                if runs_left(&out) {
                    out.insert("rtl".to_owned(), Value::Bool(true));
                }
                Value::Object(out)
            }
            other => other.clone(),
        }
    }

    /// A member of an object; code in the colours of its language.
    fn member(&mut self, all: &Map<String, Value>, name: &str, value: &Value) -> Value {
        match (value.as_str(), all.get("language").and_then(Value::as_str)) {
            (Some(code), Some(language)) if name == "code" => self.block(code, language),
            _ => self.value(name, value),
        }
    }

    fn block(&mut self, code: &str, language: &str) -> Value {
        let mut lines: Vec<Vec<Run>> = vec![Vec::new(); usize::from(!code.is_empty())];
        for (class, part) in parts(code.trim_end_matches('\n'), language) {
            for (at, piece) in part.split('\n').enumerate() {
                let piece = piece.strip_suffix('\r').unwrap_or(piece);
                if at > 0 {
                    lines.push(Vec::new());
                }
                // Numbers are plain on paper: each piece of another style takes memory there.
                let class = if class == "hd" { "" } else { class };
                let Some(line) = lines.last_mut().filter(|_| !piece.is_empty()) else { continue };
                match line.last_mut() {
                    Some((style, last)) if style == class => last.push_str(piece),
                    _ => line.push((class.to_owned(), piece.to_owned())),
                }
            }
        }
        self.excerpt(lines, Vec::new(), "")
    }

    fn text(&mut self, text: &str) -> String {
        let mut clean = self.fonts.clean(text, self.strict, &mut self.replaced);
        if let Some((at, _)) = clean.char_indices().nth(LONGEST) {
            clean.truncate(at);
            let all = text.chars().count();
            let cut = said!("cut here: {} characters in all", all);
            clean.push_str(&format!(" … ({})", self.language.say(&cut)));
        }
        breakable(&clean)
    }

    /// An output or a piece of evidence.
    fn shown(&mut self, members: &Map<String, Value>) -> Value {
        let said = |name: &str| members.get(name).and_then(Value::as_str).unwrap_or_default();
        let mut out = Map::new();
        for (name, value) in members {
            if value.is_string() {
                out.insert(name.clone(), self.value(name, value));
            }
        }
        let mut code = match members.get("lines") {
            Some(lines) => self.excerpt(lines_of(Some(lines)), Vec::new(), ""),
            None => {
                let (head, tail) = (lines_of(members.get("head")), lines_of(members.get("tail")));
                self.excerpt(head, tail, said("left_out"))
            }
        };
        if let Some(left) = code["left_out"].as_str().filter(|left| !left.is_empty()) {
            let digest = said!("SHA-256 of all bytes: {}", said("sha256"));
            code["left_out"] = json!(self.language.say(&said!("{} · {}", left, digest)));
        }
        out.extend(code.as_object().cloned().unwrap_or_default());
        if said("kind") == "picture" {
            let plate = self.plates.get(said("sha256"));
            out.insert("plate".to_owned(), json!(plate.map(Plate::told)));
            if plate.is_none() {
                out.insert(
                    "why".to_owned(),
                    json!(self.language.word("a picture that cannot be shown here")),
                );
            }
        }
        Value::Object(out)
    }

    /// The first and the last lines as they are printed, and what is said between them.
    fn excerpt(&mut self, head: Vec<Vec<Run>>, tail: Vec<Vec<Run>>, said: &str) -> Value {
        let (mut head, mut tail) = (self.wrapped(head), self.wrapped(tail));
        let whole = said.is_empty() && tail.is_empty() && head.len() <= HEAD + TAIL;
        if !whole && tail.is_empty() && said.is_empty() {
            tail = head.split_off(HEAD);
        }
        let mut left = 0;
        if !whole {
            left = head.len().saturating_sub(HEAD) + tail.len().saturating_sub(TAIL);
            head.truncate(HEAD);
            tail.drain(..tail.len().saturating_sub(TAIL));
        }
        let said = match (left, said) {
            (0, said) => said.to_owned(),
            (_, "") => self.language.say(&said!("{} lines left out here", left)),
            _ => self.language.say(&said!("{}; {}", said, said!("{} lines left out here", left))),
        };
        json!({ "head": joined(head), "left_out": said, "tail": joined(tail) })
    }

    fn wrapped(&mut self, lines: Vec<Vec<Run>>) -> Vec<Vec<Run>> {
        let mut out = Vec::with_capacity(lines.len());
        for line in lines {
            let clean = line.into_iter().map(|(style, text)| {
                let style = if self.strict { String::new() } else { style };
                (style, self.fonts.clean(&text, self.strict, &mut self.replaced))
            });
            let line: Vec<Run> = clean.collect();
            out.extend(self.fonts.wrap(line, COLUMNS));
        }
        out
    }

    /// Lines that differ, those of one kind in a row together.
    fn difference(&mut self, changes: &[Value]) -> Value {
        let mut out: Vec<(&str, Vec<Vec<Run>>)> = Vec::new();
        for change in changes {
            let said = |name: &str| change[name].as_str().unwrap_or_default();
            let sign = match said("kind") {
                "missing" => "- ",
                "seen" => "+ ",
                _ => "  ",
            };
            let line = vec![(String::new(), format!("{sign}{}", said("text")))];
            match out.last_mut() {
                Some((kind, lines)) if *kind == said("kind") => lines.push(line),
                _ => out.push((said("kind"), vec![line])),
            }
        }
        let group =
            |(kind, lines)| json!({ "kind": kind, "code": self.excerpt(lines, Vec::new(), "") });
        out.into_iter().map(group).collect()
    }
}

/// Whether what an item, a paragraph or a whole document says begins with a letter of those that run from right to left, as it
/// is printed.
fn runs_left(members: &Map<String, Value>) -> bool {
    let said = ["text", "title"].iter().find_map(|name| members.get(*name)?.as_str());
    let spans = members.get("spans").and_then(Value::as_array).into_iter().flatten();
    let mut texts = said.into_iter().chain(spans.filter_map(|span| span["text"].as_str()));
    let first = texts.find_map(|text| text.chars().find(|c| c.is_alphabetic()));
    let is_left = |c| matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}' | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}');
    first.is_some_and(is_left)
}

/// Lines of a view, each a list of runs.
fn lines_of(lines: Option<&Value>) -> Vec<Vec<Run>> {
    let said = |run: &Value, name: &str| run[name].as_str().unwrap_or_default().to_owned();
    let run = |run: &Value| (said(run, "style"), said(run, "text"));
    let line = |line: &Value| line.as_array().into_iter().flatten().map(run).collect();
    lines.and_then(Value::as_array).into_iter().flatten().map(line).collect()
}

/// Lines as runs with line ends in them: as few as there are changes of style.
fn joined(lines: Vec<Vec<Run>>) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::new();
    for (at, line) in lines.into_iter().enumerate() {
        if at > 0 {
            match out.last_mut() {
                Some((_, text)) => text.push('\n'),
                None => out.push((String::new(), "\n".to_owned())),
            }
        }
        for (style, text) in line {
            match out.last_mut() {
                Some((last, all)) if *last == style => all.push_str(&text),
                _ => out.push((style, text)),
            }
        }
    }
    out
}

/// Gives words that are too long for a line zero-width places to break at. A digest stays whole: it
/// is copied, and there is room for it.
fn breakable(text: &str) -> String {
    let digest = |word: &str| word.len() <= 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mut out = String::with_capacity(text.len());
    for word in text.split_inclusive([' ', '\n']) {
        if word.len() <= WORD || digest(word.trim_end()) {
            out.push_str(word);
            continue;
        }
        let mut run = 0;
        for cluster in unicode_segmentation::UnicodeSegmentation::graphemes(word, true) {
            out.push_str(cluster);
            run += 1;
            if run >= 16 || run > 7 && matches!(cluster, "/" | "-" | "_" | "." | ":" | "›") {
                out.push('\u{200b}');
                run = 0;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn print(view: &Value) -> Value {
        Print::new(Fonts::own(), &BTreeMap::new(), false).of(view)
    }

    /// The text of runs, whatever their style.
    fn plain(runs: &Value) -> String {
        let texts = runs.as_array().into_iter().flatten().filter_map(|run| run[1].as_str());
        texts.collect()
    }

    #[test]
    fn shows_head_and_tail_of_a_long_output_and_says_what_is_left_out() {
        let line = |n| json!([{ "style": "bold", "text": "line " }, { "style": "", "text": format!("{n}") }]);
        let lines: Vec<Value> = (0..1000).map(line).collect();
        let print =
            print(&json!({"o": {"head": lines, "left_out": "", "tail": [], "sha256": "a"}}));
        let shown = |name: &str| plain(&print["o"][name]);
        assert!(shown("head").ends_with("line 39"));
        assert_eq!(print["o"]["left_out"], "900 lines left out here · SHA-256 of all bytes: a");
        assert!(shown("tail").starts_with("line 940\n") && shown("tail").ends_with("line 999"));
        assert_eq!(print["o"]["head"][0], json!(["bold", "line "]));
    }

    #[test]
    fn breaks_long_lines_of_an_output_and_cuts_endless_texts() {
        let long = "x".repeat(100_000);
        let print = print(&json!({"code": long, "language": "", "text": long}));
        let head = plain(&print["code"]["head"]);
        assert!(head.lines().all(|line| line.chars().count() <= COLUMNS + 1));
        assert!(head.lines().all(|line| line.ends_with('↩')));
        let text = print["text"].as_str().unwrap_or_default();
        assert!(text.ends_with("… (cut here: 100000 characters in all)"));
        assert!(text.chars().count() < 2 * LONGEST);
    }

    #[test]
    fn gives_long_words_places_to_break_at_but_keeps_digests_whole() {
        let digest = "0123456789abcdef".repeat(4);
        assert_eq!(breakable(&digest), digest);
        assert!(breakable(&"x".repeat(30)).contains('\u{200b}'));
    }

    #[test]
    fn what_begins_with_a_letter_from_right_to_left_runs_so_where_a_font_has_it() {
        let said = |text: &str| json!({ "title": text });
        let left = |text: &str| runs_left(said(text).as_object().expect("members"));
        assert!(left("\u{5e9} one") && left("1. \u{645} two"));
        assert!(!left("one \u{5e9}") && !left("") && !left("\u{2039}U+05E9\u{203a}"));
        assert_eq!(print(&said("\u{5e9}"))["rtl"], true);
        assert!(print(&said("\u{710}"))["rtl"].is_null());
    }

    #[test]
    fn lines_that_differ_keep_their_order_in_as_few_pieces_as_there_are() {
        let change = |kind: &str, text: &str| json!({ "kind": kind, "text": text });
        let changes = [change("same", "a"), change("missing", "b"), change("missing", "c")];
        let print = print(&json!({ "diff": changes }));
        let piece = |at: usize| plain(&print["diff"][at]["code"]["head"]);
        assert_eq!((piece(0), piece(1)), ("  a".to_owned(), "- b\n- c".to_owned()));
    }
}
