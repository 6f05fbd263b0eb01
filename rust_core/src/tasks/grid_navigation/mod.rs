//! Grid Navigation: walk from the start over every object to the destination, around obstacles.
//!
//! # The problem
//! A reply is a list of moves. It is right if it stays on the grid, enters no obstacle, visits every
//! object and *ends* on the destination; the order of collection is free and the destination may be
//! passed over earlier. The question says so. Where there is no such walk the right answer is `No path
//! exists`. Cells are named row letter, column letter (`ca`: third row, first column), at most 16 × 16.
//!
//! # How problems are drawn
//! Rows, columns and the numbers of objects, obstacle kinds (and, with `scatter = "count"`, obstacles) are
//! uniform in their ranges. Start, destination and objects are a uniform choice of different cells.
//! With `scatter = "density"` the rectangle spanned by start and destination holds ⌊density · cells⌋
//! obstacles (start and destination not counted, as in the paper), every cell outside it holds one with
//! probability `density`, rounded to 1/256; an object replaces an obstacle drawn on its cell, as in the paper. With
//! `scatter = "count"` a uniform choice of free cells holds obstacles. Each obstacle's kind is uniform
//! among the kinds of its problem. What fails a filter of the level (`length`, `trace_length`, `blind`) is
//! drawn again with the same numbers; after [`generate::PATIENCE`] failures the numbers are drawn again too.
//!
//! With `answers = n` (on grids of up to nine cells) the walk comes before the obstacles, so that start, destination and
//! objects say little about it; how is told in [`balance`].
//!
//! # Decisions
//! * Start and destination may share a row or a column (the paper's never do) and may be anywhere.
//! * Objects of one problem differ in kind, so that naming one is unambiguous.
//! * `trace_length` counts moves and retraces of the depth-first trace, as the paper does; the trace's
//!   rules are in [`dfs`].
//! * With `p_unsolvable` an instance is unsolvable with that probability; `length` and the like then do
//!   not apply to it.
//! * The canonical answer is a shortest tour. With `ties = "first"` it is the one that comes first in the order up,
//!   down, left, right; with `ties = "random"` each tie is drawn, evenly, from a number that belongs to the address, so that
//!   demonstrations do not all prefer one direction. Under
//!   `trace = "dfs"` it is the walk that the trace finds, which may be longer: an answer follows from its rationale.

mod balance;
pub mod bits;
mod blind;
mod dfs;
mod generate;
pub mod guide;
mod judge;
mod judge_dfs;
mod lines;
mod loose;
mod names;
mod own;
mod shapes;
mod terms;
mod verify;
mod words;

use std::sync::OnceLock;

use serde::Deserialize;

use self::{
    balance::Balance,
    bits::{Bits, Heading, Place, SIDE},
    dfs::Plan,
    guide::{Guide, MOST_OBJECTS},
};
use crate::{
    fingerprint::Fingerprint,
    rationale::Rationale,
    rng::Rng,
    scene::{Cell, Fill, Kind, Label, Mark, OBJECTS, SYMBOLS, Scene, Sheet},
    task::{BoardKind, Bounds, Instance, Level, Style, check_probability},
    verdict::{Answers, Verdict},
};

/// Difficulty of a grid.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GridNavigation {
    /// Rows of the grid.
    rows: Bounds,
    /// Columns of the grid.
    columns: Bounds,
    /// How obstacles are placed.
    scatter: Scatter,
    /// Share of cells that are obstacles, with `scatter = "density"`.
    density: f64,
    /// Number of obstacles, with `scatter = "count"`.
    obstacles: Bounds,
    /// Kinds of obstacles to choose from.
    kinds: Bounds,
    /// Objects to collect.
    objects: Bounds,
    /// Moves of the shortest tour.
    length: Bounds,
    /// Moves and retraces of the depth-first trace.
    trace_length: Bounds,
    /// The greatest share of obstacle-blind shortest walks that may be valid.
    blind_max: f64,
    /// How many walks at least, if there can be so many, can be the only one between the same start, objects and
    /// destination; 0 where that is left to chance.
    answers: usize,
    /// The least share of those walks that are longer than on the empty grid.
    detours: f64,
    /// How often there is no way.
    p_unsolvable: f64,
    style: Style,
    trace: Trace,
    /// Whether the rationale begins by naming every obstacle.
    survey: bool,
    ties: Ties,
    /// What `answers` comes to; filled by [`Level::check`].
    #[serde(skip)]
    balance: OnceLock<Balance>,
}

/// How obstacles are placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Scatter {
    Density,
    Count,
}

/// What the rationale tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Trace {
    /// The shortest tour, move by move.
    Path,
    /// The depth-first search, check by check.
    Dfs,
}

/// Which of several shortest tours is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Ties {
    /// The first in the order up, down, left, right.
    First,
    /// One that the address draws.
    Random,
}

/// How a problem is put into words.
#[derive(Debug, Clone, Copy)]
struct Wording {
    style: Style,
    trace: Trace,
    survey: bool,
    ties: Ties,
}

/// Code of a cell that the grid does not have.
pub const OUTSIDE: u8 = 0;
/// Code of a cell with nothing on it.
pub const BLANK: u8 = 1;
/// Code of the start.
pub const START: u8 = 2;
/// Code of the destination.
pub const DESTINATION: u8 = 3;
/// Code of the first of [`SYMBOLS`]; the others follow.
pub const SYMBOL: u8 = 4;

/// A grid with a start, a destination, objects and obstacles.
#[derive(Clone)]
pub struct Problem {
    rows: usize,
    columns: usize,
    start: Place,
    destination: Place,
    /// Cells of the objects, in reading order.
    objects: Vec<Place>,
    /// Every cell but the obstacles.
    free: Bits,
    /// What is on each cell of the lattice, by place.
    codes: [u8; 256],
    /// Moves of the shortest tour, `None` if there is none.
    shortest: Option<u16>,
    wording: Wording,
    /// Draws ties.
    luck: u32,
    guide: OnceLock<Box<Guide>>,
    plan: OnceLock<Plan>,
}

impl Problem {
    /// Where the walk begins.
    pub fn start(&self) -> Place {
        self.start
    }

    /// Where it has to end.
    pub fn destination(&self) -> Place {
        self.destination
    }

    /// How many cells the grid has.
    #[inline]
    pub fn cells(&self) -> usize {
        self.rows * self.columns
    }

    /// The cells of the objects, in reading order.
    pub fn objects(&self) -> &[Place] {
        &self.objects
    }

    /// The symbol on a cell.
    #[inline]
    fn symbol(&self, place: Place) -> Option<usize> {
        self.codes[place.index()].checked_sub(SYMBOL).map(usize::from)
    }

    /// The number of the object on a cell.
    #[inline]
    pub fn object(&self, place: Place) -> Option<u8> {
        if (SYMBOL..SYMBOL + OBJECTS as u8).contains(&self.codes[place.index()]) {
            self.objects.iter().position(|&object| object == place).map(|at| at as u8)
        } else {
            None
        }
    }

    /// Whether a cell of the lattice is on the grid.
    #[inline]
    pub fn holds(&self, place: Place) -> bool {
        place.row() < self.rows && place.column() < self.columns
    }

    /// Whether a cell is on the grid and holds no obstacle.
    #[inline]
    pub fn is_free(&self, place: Place) -> bool {
        self.free.has(place)
    }

    /// The cell a move leads to, if it is on the grid.
    #[inline]
    pub fn step(&self, place: Place, heading: Heading) -> Option<Place> {
        guide::neighbour(place, heading).filter(|&next| self.holds(next))
    }

    /// The set of all objects, one bit each.
    #[inline]
    pub fn everything(&self) -> u8 {
        (1_u8 << self.objects.len()) - 1
    }

    /// The least moves that take a walker on `place` over the objects of the set `left` to the destination;
    /// [`guide::HOPELESS`] if none do.
    #[inline]
    pub fn distance(&self, place: Place, left: u8) -> u16 {
        self.guide().left(place, left)
    }

    /// How near a walker is that stands on `place` and has the objects of the set `left` to collect: 1 − moves
    /// of the shortest way on / the most there can be, which are those from the farthest cell with everything to
    /// collect; 0 where there is no way at all.
    pub fn closeness(&self, place: Place, left: u8) -> f64 {
        self.closeness_at(self.distance(place, left))
    }

    /// How much of the way is behind a walker, as a share of the closeness that the start lacks: 0 at the start and
    /// farther off, 1 at the end. So nothing is gained by an answer that goes nowhere.
    pub fn gained(&self, place: Place, left: u8) -> f64 {
        let start = self.closeness(self.start, self.everything());
        if start < 1.0 { ((self.closeness(place, left) - start) / (1.0 - start)).max(0.0) } else { 0.0 }
    }

    /// As [`Self::closeness`], the distance at hand.
    #[inline]
    pub fn closeness_at(&self, distance: u16) -> f64 {
        if self.shortest.is_none() {
            return 0.0;
        }
        1.0 - f64::from(distance) / f64::from(self.guide().farthest)
    }

    /// The code of a cell.
    #[inline]
    pub fn code(&self, place: Place) -> u8 {
        self.codes[place.index()]
    }

    /// Writes the codes of a row's first cells.
    #[inline]
    pub fn codes(&self, row: usize, out: &mut [u8]) {
        out.copy_from_slice(&self.codes[row * SIDE..row * SIDE + out.len()]);
    }

    /// What a picture shows on a cell.
    pub fn cell(&self, place: Place) -> Cell {
        let fill = match place {
            place if place == self.start => Fill::Start,
            place if place == self.destination => Fill::Destination,
            _ => Fill::Plain,
        };
        Cell { mark: self.symbol(place).map_or(Mark::Blank, |symbol| Mark::Symbol(symbol as u8)), fill }
    }

    fn guide(&self) -> &Guide {
        self.guide.get_or_init(|| {
            let mut goals = self.objects.clone();
            goals.push(self.destination);
            Box::new(Guide::new(self.free, &goals))
        })
    }

    /// What the depth-first trace looks for.
    fn plan(&self) -> &Plan {
        self.plan.get_or_init(|| Plan::new(self))
    }

    /// The canonical shortest tour, empty if there is none.
    fn tour(&self) -> Vec<(Heading, Place)> {
        self.tour_with(self.wording.ties)
    }

    /// The shortest tour that is shown if ties are broken like that.
    fn tour_with(&self, ties: Ties) -> Vec<(Heading, Place)> {
        let mut state = u64::from(self.luck);
        let tie = |count: usize| match ties {
            Ties::First => 0,
            Ties::Random => {
                // The multiplier of PCG; the upper bits are good enough for a choice among four.
                state = state.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(0x1405_7b7e_f767_814f);
                (((state >> 32) * count as u64) >> 32) as usize
            }
        };
        self.guide().tour(self.start, |place| self.object(place), tie)
    }

    /// The cells of obstacles.
    fn obstacles(&self) -> Bits {
        Bits::rectangle(0, self.rows - 1, 0, self.columns - 1).without(self.free)
    }
}

impl Level for GridNavigation {
    const TASK: &'static str = "grid_navigation";
    const LEVELS: &'static str = include_str!("../../../../envs/grid_navigation.toml");
    const WORDING: &'static [&'static str] = &["style", "trace", "survey", "ties"];
    const COMPONENTS: &'static [&'static str] =
        &["reached", "collected", "hits", "left_grid", "length_ratio", "source", "destination", "closeness"];
    const ABOUT: &'static str = "Walk over every object to the destination, around obstacles.";
    const LENGTH: &'static str = "length";
    const PARTIAL: &'static str = "closeness";
    const FAULTS: &'static [&'static str] = &["hits", "left_grid"];
    const UNIQUE: bool = false; // every shortest tour, and every longer way, is right
    const PICTURE: [usize; 2] = [1000, 1000];
    const BOARD: Option<BoardKind> = Some(BoardKind::Grid);
    type Instance = Problem;

    fn check(&self) -> Result<(), String> {
        self.rows.check("rows", 1, SIDE)?;
        self.columns.check("columns", 1, SIDE)?;
        let smallest = self.rows.low * self.columns.low;
        if smallest < 2 {
            return Err("rows=1 and columns=1 leave no room for a start and a destination; give two cells".to_owned());
        }
        self.objects.check("objects", 0, MOST_OBJECTS.min(smallest - 2))?;
        self.kinds.check("kinds", 1, SYMBOLS.len() - OBJECTS)?;
        check_probability("blind_max", self.blind_max)?;
        check_probability("p_unsolvable", self.p_unsolvable)?;
        check_probability("detours", self.detours)?;
        self.length.check("length", 1, SIDE * SIDE * MOST_OBJECTS)?;
        self.trace_length.check("trace_length", 1, generate::LONGEST_TRACE)?;
        match self.scatter {
            Scatter::Density if !(0.0..=0.9).contains(&self.density) => {
                return Err(format!("density={} is out of range; give 0 to 0.9", self.density));
            }
            Scatter::Density => {}
            Scatter::Count => self.obstacles.check("obstacles", 0, smallest - 2 - self.objects.high)?,
        }
        if self.answers == 0 {
            if self.detours > 0.0 {
                return Err(format!("detours={} needs answers; give answers=2 or more, or detours=0", self.detours));
            }
            return self.pilot();
        }
        let balance = Balance::new(self)?;
        self.balance.get_or_init(|| balance);
        self.pilot()
    }

    fn largest(&self) -> (usize, usize) {
        (self.rows.high, self.columns.high)
    }

    fn extreme(&self) -> Scene {
        let (rows, columns) = (self.rows.high, self.columns.high);
        let letters = |count: usize| (0..count).map(|at| Label::Borrowed(names::LETTERS[at])).collect();
        Scene::Sheet(Sheet {
            kind: Kind::Board,
            rows,
            columns,
            cells: vec![Cell { mark: Mark::Symbol(0), fill: Fill::Plain }; rows * columns],
            row_labels: letters(rows),
            column_labels: letters(columns),
            reader: None,
        })
    }

    fn generate(&self, rng: &mut Rng) -> Problem {
        self.draw(rng)
    }
}

impl Instance for Problem {
    fn question(&self, out: &mut String) {
        words::question(self, out);
    }

    fn twin(&self, out: &mut String) {
        words::twin(self, out);
    }

    fn rationale(&self) -> Rationale {
        words::rationale(self)
    }

    fn answer(&self, out: &mut String) {
        words::answer(self, out);
    }

    fn features(&self) -> Vec<(&'static str, f64)> {
        blind::features(self)
    }

    fn shortcuts(&self) -> Vec<(&'static str, f64)> {
        blind::shortcuts(self)
    }

    fn lookups(&self) -> Vec<Fingerprint> {
        let mut ends = Fingerprint::default();
        ends.bytes(&[self.rows as u8, self.columns as u8, self.start.0, self.destination.0]);
        let mut objects = ends;
        objects.number(self.objects.len());
        for object in &self.objects {
            objects.bytes(&[object.0]);
        }
        vec![Fingerprint::default(), ends, objects]
    }

    fn recalled(&self, answer: &str) -> f64 {
        blind::follows(self, answer)
    }

    fn scene(&self) -> Scene {
        let cells = (0..self.rows)
            .flat_map(|row| (0..self.columns).map(move |column| self.cell(Place::new(row, column))))
            .collect();
        let letters = |count: usize| (0..count).map(|at| Label::Borrowed(names::LETTERS[at])).collect();
        Scene::Sheet(Sheet {
            kind: Kind::Board,
            rows: self.rows,
            columns: self.columns,
            cells,
            row_labels: letters(self.rows),
            column_labels: letters(self.columns),
            reader: None,
        })
    }

    fn content(&self, hash: &mut Fingerprint) {
        hash.bytes(&[self.rows as u8, self.columns as u8]);
        for row in 0..self.rows {
            hash.bytes(&self.codes[row * SIDE..row * SIDE + self.columns]);
        }
    }

    fn judge(&self, reply: &[u8], answers: Answers) -> Verdict {
        verify::verify(self, reply, answers)
    }
}

#[cfg(test)]
mod tests;
