//! A walk over a grid.
//!
//! * Actions are 0 up, 1 down, 2 left, 3 right. A move into an obstacle or off the grid is refused: the
//!   walker stays, and the turn says so.
//! * The walk succeeds when the walker stands on the destination with everything collected.
//! * *Closeness* is 1 − moves of the shortest way on / the most there can be, which are those from the
//!   farthest cell with everything to collect: 1 on success. So every move costs or earns alike, wherever it is made.
//! * A symbolic observation is one byte a cell, `rows × columns` of the level's largest grid, row-major: a code
//!   ([`OUTSIDE`], [`BLANK`], [`START`], [`DESTINATION`], [`SYMBOL`] + index) plus [`HERE`] where the walker
//!   stands. Objects vanish when they are collected.

use super::turn::{HERE, Place, Refusal, Turn};
use crate::{
    scene::{Cell, Mark, SYMBOLS, Scene, Sheet},
    task::Instance,
    tasks::grid_navigation::{Problem, bits::HEADINGS, guide::HOPELESS},
};

pub use crate::tasks::grid_navigation::{BLANK, DESTINATION, OUTSIDE, START, SYMBOL};

/// Moves.
pub const ACTIONS: usize = HEADINGS.len();

/// A problem and a walker on it.
#[derive(Clone)]
pub struct Grid {
    problem: Problem,
    walker: Place,
    /// Objects not collected, one bit each.
    left: u8,
    /// Moves of the shortest way on.
    distance: u16,
}

impl Grid {
    /// Puts a walker on the start of a problem.
    pub fn new(problem: Problem) -> Self {
        let (walker, left) = (problem.start(), problem.everything());
        let distance = problem.distance(walker, left);
        Self { problem, walker, left, distance }
    }

    /// Where the walker is and what is left to collect: with the problem, the whole state.
    pub fn state(&self) -> (u8, u8) {
        (self.walker.0, self.left)
    }

    /// Goes to a state; `None` if the problem has no such.
    #[must_use]
    pub fn at(mut self, (walker, left): (u8, u8)) -> Option<Self> {
        let walker = Place(walker);
        let fits = self.problem.holds(walker) && self.problem.is_free(walker) && left & !self.problem.everything() == 0;
        let stands_on = self.problem.object(walker).map_or(0, |at| 1 << at);
        if !fits || left & stands_on != 0 {
            return None;
        }
        self.distance = self.problem.distance(walker, left);
        (self.walker, self.left) = (walker, left);
        Some(self)
    }

    /// Makes a move.
    ///
    /// # Panics
    /// If the action is none of 0 to 3.
    #[inline]
    pub fn act(&mut self, action: usize) -> Turn {
        let (problem, from) = (&self.problem, self.walker);
        let success = self.has_succeeded();
        let refused = |why| Turn { from, to: from, gain: 0.0, collected: false, refused: Some(why), success };
        let Some(next) = problem.step(from, HEADINGS[action]) else { return refused(Refusal::Edge) };
        if !problem.is_free(next) {
            return refused(Refusal::Hit);
        }
        let mut left = self.left;
        if left != 0
            && let Some(at) = problem.object(next)
        {
            left &= !(1 << at);
        }
        let distance = problem.distance(next, left);
        let gain = problem.closeness_at(distance) - problem.closeness_at(self.distance);
        let collected = left != self.left;
        (self.walker, self.left, self.distance) = (next, left, distance);
        Turn { from, to: next, gain, collected, refused: None, success: self.has_succeeded() }
    }

    /// The moves that are not refused, one bit each.
    #[inline]
    pub fn allowed(&self) -> u16 {
        let free = |heading| self.problem.step(self.walker, heading).is_some_and(|next| self.problem.is_free(next));
        HEADINGS.into_iter().enumerate().map(|(bit, heading)| u16::from(free(heading)) << bit).sum()
    }

    /// Whether the walker stands on the destination with everything collected.
    #[inline]
    pub fn has_succeeded(&self) -> bool {
        self.left == 0 && self.walker == self.problem.destination()
    }

    /// The problem.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Where the walker stands.
    pub fn walker(&self) -> Place {
        self.walker
    }

    /// Moves of the shortest way on, `None` if there is none.
    #[inline]
    pub fn distance(&self) -> Option<u16> {
        (self.distance != HOPELESS).then_some(self.distance)
    }

    /// Moves after which a walk is cut short unless told otherwise: two a cell.
    #[inline]
    pub fn patience(&self) -> u32 {
        2 * self.problem.cells() as u32
    }

    /// How many objects are to be collected yet.
    #[inline]
    pub fn left(&self) -> u32 {
        self.left.count_ones()
    }

    /// Writes the symbolic observation, `columns` cells to a row of `out`.
    pub fn observe(&self, columns: usize, out: &mut [u8]) {
        for (row, line) in out.chunks_exact_mut(columns).enumerate() {
            self.problem.codes(row, line);
        }
        for place in self.problem.objects().iter().copied().chain([self.walker]) {
            self.observe_cell(place, columns, out);
        }
    }

    /// Writes one cell of the symbolic observation.
    #[inline]
    pub fn observe_cell(&self, place: Place, columns: usize, out: &mut [u8]) {
        let code = if self.is_collected(place) { BLANK } else { self.problem.code(place) };
        let walker = if place == self.walker { HERE } else { 0 };
        out[place.row() * columns + place.column()] = code | walker;
    }

    /// The board as a picture.
    ///
    /// # Panics
    /// Never: grids are sheets.
    pub fn sheet(&self) -> Sheet {
        let Scene::Sheet(mut sheet) = self.problem.scene() else { panic!("grids are sheets") };
        for place in self.problem.objects().iter().copied().chain([self.walker]) {
            self.repaint(place, &mut sheet);
        }
        sheet
    }

    /// Brings a cell of a picture of this board up to date.
    pub fn repaint(&self, place: Place, sheet: &mut Sheet) {
        sheet.cells[place.row() * sheet.columns + place.column()] = self.cell(place);
    }

    /// What a picture shows on a cell.
    fn cell(&self, place: Place) -> Cell {
        let cell = self.problem.cell(place);
        if place == self.walker {
            Cell { mark: Mark::Walker, ..cell }
        } else if self.is_collected(place) {
            Cell { mark: Mark::Blank, ..cell }
        } else {
            cell
        }
    }

    /// The board as text: the twin, with `W` where the walker stands and collected objects gone.
    pub fn text(&self) -> String {
        let sheet = self.sheet();
        let mut out = String::from(" ");
        for letter in &sheet.column_labels {
            out.push_str(" & ");
            out.push_str(letter);
        }
        for (row, letter) in sheet.row_labels.iter().enumerate() {
            out.push('\n');
            out.push_str(letter);
            for column in 0..sheet.columns {
                let place = Place::new(row, column);
                out.push_str(" & ");
                out.push_str(match sheet.cells[row * sheet.columns + column].mark {
                    Mark::Walker => "W",
                    Mark::Symbol(symbol) => SYMBOLS[usize::from(symbol)].0,
                    _ if place == self.problem.start() => "S",
                    _ if place == self.problem.destination() => "D",
                    _ => "O",
                });
            }
        }
        out
    }

    /// Whether the object on a cell has been collected.
    #[inline]
    fn is_collected(&self, place: Place) -> bool {
        self.problem.object(place).is_some_and(|at| self.left >> at & 1 == 0)
    }
}
