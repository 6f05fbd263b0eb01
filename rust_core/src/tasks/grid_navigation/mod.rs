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
mod change;
mod dfs;
mod generate;
pub mod guide;
mod judge;
mod judge_dfs;
mod level;
mod lines;
mod loose;
mod names;
mod own;
mod plan;
mod problem;
mod shapes;
mod terms;
mod verify;
mod words;

pub use self::{
    level::GridNavigation,
    problem::{BLANK, DESTINATION, OUTSIDE, Problem, START, SYMBOL},
};

use self::{
    balance::Balance,
    bits::{Place, SIDE},
    guide::MOST_OBJECTS,
    level::Scatter,
};
use crate::{
    fingerprint::Fingerprint,
    rationale::Rationale,
    rng::Rng,
    scene::{Cell, Fill, Kind, Label, Mark, OBJECTS, SYMBOLS, Scene, Sheet},
    task::{BoardKind, Instance, Level, check_probability},
    verdict::{Answers, Verdict},
};

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
        let balance = Balance::new(&self.wanted())?;
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

    fn change(&mut self, rng: &mut Rng) {
        self.alter(rng);
    }

    fn judge(&self, reply: &[u8], answers: Answers) -> Verdict {
        verify::verify(self, reply, answers)
    }
}

#[cfg(test)]
mod tests;
