//! Output as a terminal would have shown it: carriage return, backspace and the erasing of lines are resolved,
//! colours become names of styles, and every other escape sequence is dropped.

use std::iter::Peekable;
use std::str::Chars;

/// The eight colours, in the order of their numbers; 8 to 15 are bright.
const COLOURS: [&str; 8] = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"];

/// So many characters may be erased in one output: what erases more would cost the square of its length.
const ERASED: usize = 1 << 20;

/// How characters are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Pen {
    bold: bool,
    dim: bool,
    italic: bool,
    underline: bool,
    inverse: bool,
    struck: bool,
    fore: Option<u8>,
    back: Option<u8>,
}

/// Characters drawn alike.
pub(super) type Stroke = (String, Pen);

/// The lines that a terminal would show for `bytes`. Bytes that are no UTF-8 become `\xNN`.
pub(super) fn lines(bytes: &[u8]) -> Vec<Vec<Stroke>> {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            text.push_str(&format!("\\x{byte:02X}"));
        }
    }
    let mut screen = Screen::default();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\n' => screen.feed(),
            '\r' => screen.column = 0,
            '\u{8}' => screen.column = screen.column.saturating_sub(1),
            '\u{1b}' => escape(&mut chars, &mut screen),
            c => screen.put(c),
        }
    }
    if !screen.line.is_empty() {
        screen.feed();
    }
    screen.lines
}

impl Pen {
    /// Its styles by name, joined by blanks: `bold red on-white`; empty for plain text.
    pub(super) fn styles(self) -> String {
        let colour = |number: u8| {
            let bright = if number > 7 { "bright-" } else { "" };
            format!("{bright}{}", COLOURS[usize::from(number % 8)])
        };
        let flags = [
            (self.bold, "bold"),
            (self.dim, "dim"),
            (self.italic, "italic"),
            (self.underline, "underline"),
            (self.inverse, "inverse"),
            (self.struck, "struck"),
        ];
        let flags = flags.into_iter().filter(|(on, _)| *on).map(|(_, name)| name.to_owned());
        let fore = self.fore.map(colour);
        let back = self.back.map(|number| format!("on-{}", colour(number)));
        flags.chain(fore).chain(back).collect::<Vec<_>>().join(" ")
    }

    /// Takes the parameters of `CSI … m` (ECMA-48, 8.3.117). What would hide a text does not.
    fn select(&mut self, parameters: &str) {
        let mut codes = parameters.split([';', ':']).map(|code| match code {
            "" => 0,
            code => code.parse().unwrap_or(u16::MAX),
        });
        while let Some(code) = codes.next() {
            let low = |base: u16| u8::try_from(code - base).ok();
            match code {
                0 => *self = Self::default(),
                1 => self.bold = true,
                2 => self.dim = true,
                3 => self.italic = true,
                4 => self.underline = true,
                7 => self.inverse = true,
                9 => self.struck = true,
                22 => (self.bold, self.dim) = (false, false),
                23 => self.italic = false,
                24 => self.underline = false,
                27 => self.inverse = false,
                29 => self.struck = false,
                30..=37 => self.fore = low(30),
                38 => self.fore = extended(&mut codes),
                39 => self.fore = None,
                40..=47 => self.back = low(40),
                48 => self.back = extended(&mut codes),
                49 => self.back = None,
                90..=97 => self.fore = low(82),
                100..=107 => self.back = low(92),
                _ => {}
            }
        }
    }
}

/// `5;N` or `2;R;G;B` as the nearest of the sixteen colours.
fn extended(codes: &mut impl Iterator<Item = u16>) -> Option<u8> {
    match codes.next()? {
        5 => match codes.next()? {
            number @ 0..=15 => u8::try_from(number).ok(),
            number @ 16..=231 => {
                let level = |part: u16| [0, 95, 135, 175, 215, 255][usize::from(part % 6)];
                let cube = number - 16;
                Some(nearest(level(cube / 36), level(cube / 6), level(cube)))
            }
            number @ 232..=255 => {
                let grey = 8 + (number - 232) * 10;
                Some(nearest(grey, grey, grey))
            }
            _ => None,
        },
        2 => Some(nearest(codes.next()?, codes.next()?, codes.next()?)),
        _ => None,
    }
}

/// A bit for each strong component, and whether it is bright.
fn nearest(red: u16, green: u16, blue: u16) -> u8 {
    let most = red.max(green).max(blue);
    let least = red.min(green).min(blue);
    // Greys: black, dark, light and white.
    if most - least < 32 {
        return [0, 8, 7, 15][usize::from(most.min(255) / 64)];
    }
    let strong = |part: u16| u8::from(u32::from(part) * 3 >= u32::from(most) * 2);
    let number = strong(red) | strong(green) << 1 | strong(blue) << 2;
    if least > 80 { number | 8 } else { number }
}

#[derive(Default)]
struct Screen {
    lines: Vec<Vec<Stroke>>,
    line: Vec<(char, Pen)>,
    column: usize,
    pen: Pen,
    erased: usize,
}

impl Screen {
    fn put(&mut self, c: char) {
        match self.line.get_mut(self.column) {
            Some(cell) => *cell = (c, self.pen),
            None => self.line.push((c, self.pen)),
        }
        self.column += 1;
    }

    fn feed(&mut self) {
        let mut strokes: Vec<Stroke> = Vec::new();
        for (c, pen) in self.line.drain(..) {
            match strokes.last_mut() {
                Some((text, before)) if *before == pen => text.push(c),
                _ => strokes.push((c.to_string(), pen)),
            }
        }
        self.lines.push(strokes);
        self.column = 0;
    }

    fn erase(&mut self, how: &str) {
        let column = self.column.min(self.line.len());
        let blank = (' ', Pen::default());
        self.erased += self.line.len();
        match how {
            "" | "0" => self.line.truncate(column),
            _ if self.erased > ERASED => {}
            "1" => self.line[..column].fill(blank),
            _ => self.line.fill(blank),
        }
    }
}

fn escape(chars: &mut Peekable<Chars<'_>>, screen: &mut Screen) {
    match chars.peek() {
        Some('[') => {
            chars.next();
            let mut parameters = String::new();
            while let Some(c) = chars.next_if(|c| (' '..='?').contains(c)) {
                parameters.push(c);
            }
            match chars.next_if(|c| ('@'..='~').contains(c)) {
                Some('K') => screen.erase(&parameters),
                Some('m') => screen.pen.select(&parameters),
                _ => {}
            }
        }
        Some(']' | 'P' | '_' | '^' | 'X') => {
            chars.next();
            // An unended string would swallow what follows: a line end ends it too.
            while let Some(c) = chars.next_if(|c| *c != '\n') {
                if c == '\u{7}' || c == '\u{1b}' && chars.next_if_eq(&'\\').is_some() {
                    break;
                }
            }
        }
        Some(c) if (' '..='~').contains(c) => {
            chars.next();
        }
        _ => screen.put('\u{1b}'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(bytes: &[u8]) -> Vec<String> {
        let text = |line: Vec<Stroke>| line.into_iter().map(|(text, _)| text).collect();
        lines(bytes).into_iter().map(text).collect()
    }

    fn styled(bytes: &[u8]) -> Vec<(String, String)> {
        lines(bytes).into_iter().flatten().map(|(text, pen)| (text, pen.styles())).collect()
    }

    #[test]
    fn resolves_a_progress_bar_to_its_last_state() {
        let bytes = b" 10%\r 50%\r100%\x1b[K done\r\nab\x08c\n\x1b[31mred\x1b[0m\x1b]0;t\x07!\xff";
        assert_eq!(plain(bytes), ["100% done", "ac", "red!\\xFF"]);
    }

    #[test]
    fn colours_are_names_and_last_until_they_are_taken_back() {
        let one = |text: &str, styles: &str| (text.to_owned(), styles.to_owned());
        assert_eq!(
            styled(b"a\x1b[1;31mb\nc\x1b[22;102md\x1b[me"),
            [
                one("a", ""),
                one("b", "bold red"),
                one("c", "bold red"),
                one("d", "red on-bright-green"),
                one("e", "")
            ]
        );
        assert_eq!(styled(b"\x1b[38;5;196mx\x1b[38;2;90;120;255my")[0].1, "red");
        assert_eq!(styled(b"\x1b[38;2;90;120;255my")[0].1, "bright-blue");
    }

    #[test]
    fn odd_parameters_are_passed_over_and_nothing_can_be_hidden() {
        assert_eq!(styled(b"\x1b[8;999999;;8;38mseen")[0], ("seen".to_owned(), String::new()));
        assert_eq!(plain(b"\x1b[38;5m\x1b[48;2;1m\x1b[?25lx"), ["x"]);
    }

    #[test]
    fn erasing_again_and_again_costs_no_square() {
        let mut bytes = vec![b'x'; 200_000];
        bytes.extend(b"\x1b[2K".repeat(50_000));
        assert_eq!(plain(&bytes).len(), 1);
    }
}
