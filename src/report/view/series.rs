//! What the view says of what was seen over time.

use serde::Serialize;

/// What was seen of an item over time: a line of numbers, and whether each look held. Places are in thousandths, from
/// the left and from the top.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Series {
    /// All of it in words.
    pub said: String,
    /// What is not shown, because the item was edited since; empty where nothing is left out.
    pub outdated: String,
    /// Who watched, as claimed; empty for attempts.
    pub by: String,
    pub from: String,
    pub to: String,
    /// What stands beside the line: the least and the greatest number.
    pub ticks: Vec<Tick>,
    /// What the numbers are held against.
    pub thresholds: Vec<Tick>,
    /// The line, in pieces: between two of them nothing is known.
    pub pieces: Vec<Piece>,
    /// Whether it held, as pieces of a band; what has no piece was not looked at.
    pub band: Vec<Stretch>,
    /// The worst of the numbers that did not hold, here and there.
    pub misses: Vec<Point>,
}

/// A text at a height.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Tick {
    pub text: String,
    pub y: usize,
}

/// A piece of a line.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs)]
pub struct Piece {
    /// `x,y` of each point, as SVG writes them.
    pub points: String,
}

/// A piece of a band.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Stretch {
    pub x: usize,
    pub width: usize,
    /// `held`, `missed` or `unknown`.
    pub state: &'static str,
}

/// A place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[allow(missing_docs)]
pub struct Point {
    pub x: usize,
    pub y: usize,
}
