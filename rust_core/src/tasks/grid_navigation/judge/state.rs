//! Where a reply has got to, and what it has told.

use super::super::{
    bits::{Bits, Place},
    judge_dfs::Follower,
    lines::Line,
    problem::Problem,
};

/// Whether the ends were read correctly, where they are stated.
pub struct Ends {
    /// The start.
    pub source: Option<bool>,
    /// The destination.
    pub destination: Option<bool>,
}

/// A line that tells the ends.
pub const ENDS: u16 = 1;
/// A list of the objects.
pub const OBJECTS: u16 = 2;
/// A list of the obstacles.
pub const OBSTACLES: u16 = 4;
/// A list of the cells that can be reached.
pub const REACHED: u16 = 8;
/// A move, or a step of a search.
pub const MOVES: u16 = 16;
/// A list of what cannot be reached.
pub const LOST: u16 = 32;
/// A move of a path, before any check of a search.
pub const WALKS: u16 = 64;
/// A check or a retrace of a search.
pub const SEARCHES: u16 = 128;
/// A move from where talk has led.
pub const LEAPS: u16 = 256;

/// Where a reply has got to.
pub struct Judge<'a> {
    pub problem: &'a Problem,
    /// Where the walker stands; `None` after a move to nowhere.
    pub walker: Option<Place>,
    /// Objects not collected.
    pub left: u8,
    /// Where sentences have led since the last documented move, and what is left to collect there.
    pub ahead: Option<(Place, u8)>,
    /// The places where the walker has been, by objects left.
    pub been: Vec<Bits>,
    /// Whether the step just judged says again what was said, or leads back.
    pub repeated: bool,
    /// Whether a line was passed over since the last move that may have told more of the way.
    pub talk: bool,
    /// The last cell that such lines have named, and how many cells and headings.
    pub heard: Option<(Place, usize)>,
    /// The headings among them, a bit each.
    pub turns: u8,
    /// Lines of a search that were told, but denied or hedged, since the last one that was not.
    pub doubted: Vec<Line>,
    /// Kinds of lines that were told before.
    pub told: u16,
    pub ends: Ends,
    /// The depth-first search, once a line tells of one.
    pub search: Option<Follower<'a>>,
    /// The first and the last cell of the walk as told.
    pub walked: Option<(Option<Place>, Option<Place>)>,
}
