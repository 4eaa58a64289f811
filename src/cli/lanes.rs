//! Lanes beside a list of entries, newest first: who follows whom, drawn in a column for each line of descent.

use holdpoint::digest::Digest;

/// So many lanes are drawn; what is beyond them is told as a number.
const WIDEST: usize = 12;

/// The lanes between two entries: each leads down to an entry that is still to come.
#[derive(Default)]
pub(super) struct Lanes(Vec<Option<Digest>>);

/// What is drawn for an entry.
pub(super) struct Drawn {
    /// Lines above it: lanes that meet in it.
    pub above: Vec<String>,
    /// Its own line.
    pub own: String,
    /// Lines below it: lanes that part from it.
    pub below: Vec<String>,
    /// What stands beside the lines of its text.
    pub beside: String,
}

impl Lanes {
    /// Draws the next entry; all that follow it have been drawn.
    pub(super) fn draw(&mut self, id: &Digest, parents: &[Digest]) -> Drawn {
        let waiting: Vec<usize> =
            (0..self.0.len()).filter(|at| self.0[*at].as_ref() == Some(id)).collect();
        let at = waiting.first().copied().unwrap_or_else(|| self.free());
        self.0[at] = Some(*id);
        let mut above = Vec::new();
        for &other in waiting.iter().skip(1).rev() {
            above.push(self.link(at, other, '╯'));
            self.0[other] = None;
        }
        self.trim();
        let own = self.line(|lane, taken| match taken {
            _ if lane == at => '●',
            true => '│',
            false => ' ',
        });
        let (first, others) = match parents.split_first() {
            Some((first, others)) => (Some(*first), others),
            None => (None, &[][..]),
        };
        self.0[at] = first;
        let mut below = Vec::new();
        for parent in others {
            let known = self.0.iter().position(|lane| lane.as_ref() == Some(parent));
            match known.filter(|known| *known != at) {
                Some(known) => below.push(self.link(at, known, '┤')),
                None => {
                    let lane = self.free();
                    below.push(self.link(at, lane, '╮'));
                    self.0[lane] = Some(*parent);
                }
            }
        }
        self.trim();
        let beside = self.line(|_, taken| if taken { '│' } else { ' ' });
        Drawn { above, own, below, beside }
    }

    /// Lanes on the right that lead nowhere are none.
    fn trim(&mut self) {
        while self.0.last().is_some_and(Option::is_none) {
            self.0.pop();
        }
    }

    /// The first lane that leads nowhere.
    fn free(&mut self) -> usize {
        let free = self.0.iter().position(Option::is_none);
        free.unwrap_or_else(|| {
            self.0.push(None);
            self.0.len() - 1
        })
    }

    /// A line from a lane to another, over those between them; `end` is its end on the right, mirrored on the left.
    fn link(&self, from: usize, to: usize, end: char) -> String {
        let (left, right) = (from.min(to), from.max(to));
        let mirrored = match end {
            '╯' => '╰',
            '╮' => '╭',
            _ => '├',
        };
        let between = |lane: usize| (left..right).contains(&lane);
        let mut line = String::new();
        for lane in 0..self.0.len().max(right + 1).min(WIDEST) {
            let taken = self.0.get(lane).is_some_and(Option::is_some);
            line.push(match lane {
                _ if lane == from => {
                    if to > from {
                        '├'
                    } else {
                        '┤'
                    }
                }
                _ if lane == to => {
                    if to > from {
                        end
                    } else {
                        mirrored
                    }
                }
                _ if between(lane) => {
                    if taken {
                        '┼'
                    } else {
                        '─'
                    }
                }
                _ => {
                    if taken {
                        '│'
                    } else {
                        ' '
                    }
                }
            });
            line.push(if between(lane) { '─' } else { ' ' });
        }
        self.bounded(line)
    }

    fn line(&self, mark: impl Fn(usize, bool) -> char) -> String {
        let lanes = self.0.iter().take(WIDEST).enumerate();
        let line = lanes.flat_map(|(at, lane)| [mark(at, lane.is_some()), ' ']).collect();
        self.bounded(line)
    }

    /// Tells how many lanes are not drawn.
    fn bounded(&self, mut line: String) -> String {
        if self.0.len() > WIDEST {
            line.push_str(&format!("+{} ", self.0.len() - WIDEST));
        }
        line
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries newest first, each with its parents.
    fn drawn(entries: &[(&str, &[&str])]) -> String {
        let id = |name: &&str| Digest::of(name.as_bytes());
        let mut lanes = Lanes::default();
        let mut lines = Vec::new();
        for (name, parents) in entries {
            let parents: Vec<Digest> = parents.iter().map(id).collect();
            let drawn = lanes.draw(&id(name), &parents);
            lines.extend(drawn.above);
            lines.push(format!("{}{name}", drawn.own));
            lines.extend(drawn.below);
        }
        lines.iter().map(|line| format!("{}\n", line.trim_end())).collect()
    }

    #[test]
    fn a_line_of_entries_is_one_lane() {
        assert_eq!(drawn(&[("c", &["b"]), ("b", &["a"]), ("a", &[])]), "● c\n● b\n● a\n");
    }

    #[test]
    fn branches_part_and_meet() {
        let all: [(&str, &[&str]); 5] =
            [("e", &["c", "d"]), ("d", &["a"]), ("c", &["b"]), ("b", &["a"]), ("a", &[])];
        assert_eq!(drawn(&all), "● e\n├─╮\n│ ● d\n● │ c\n● │ b\n├─╯\n● a\n");
    }

    #[test]
    fn heads_that_nobody_joined_have_lanes_of_their_own() {
        let all: [(&str, &[&str]); 3] = [("c", &["a"]), ("b", &["a"]), ("a", &[])];
        assert_eq!(drawn(&all), "● c\n│ ● b\n├─╯\n● a\n");
    }

    #[test]
    fn a_join_of_many_stays_narrow() {
        let names: Vec<String> = (0..100).map(|n| format!("p{n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let text = drawn(&[("join", &names)]);
        assert!(text.lines().all(|line| line.chars().count() < 40), "{text}");
        assert!(text.contains("+88"), "{text}");
    }
}
