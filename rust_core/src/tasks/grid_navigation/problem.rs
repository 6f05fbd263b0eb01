//! A problem: what is on the grid, what that means to a walker, and how it is to be put into words.

use std::sync::OnceLock;

use serde::Deserialize;

use super::{
    bits::{Bits, Heading, Place, SIDE},
    guide::{self, Guide},
    plan::Plan,
};
use crate::{
    scene::{Cell, Fill, Mark, OBJECTS},
    task::Style,
};

/// What the rationale tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trace {
    /// The shortest tour, move by move.
    Path,
    /// The depth-first search, check by check.
    Dfs,
}

/// Which of several shortest tours is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ties {
    /// The first in the order up, down, left, right.
    First,
    /// One that the address draws.
    Random,
}

/// How a problem is put into words.
#[derive(Debug, Clone, Copy)]
pub struct Wording {
    pub(super) style: Style,
    pub(super) trace: Trace,
    pub(super) survey: bool,
    pub(super) ties: Ties,
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
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) start: Place,
    pub(super) destination: Place,
    /// Cells of the objects, in reading order.
    pub(super) objects: Vec<Place>,
    /// Every cell but the obstacles.
    pub(super) free: Bits,
    /// What is on each cell of the lattice, by place.
    pub(super) codes: [u8; 256],
    /// Moves of the shortest tour, `None` if there is none.
    pub(super) shortest: Option<u16>,
    pub(super) wording: Wording,
    /// Draws ties.
    pub(super) luck: u32,
    pub(super) guide: OnceLock<Box<Guide>>,
    pub(super) plan: OnceLock<Plan>,
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
    pub(super) fn symbol(&self, place: Place) -> Option<usize> {
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

    pub(super) fn guide(&self) -> &Guide {
        self.guide.get_or_init(|| {
            let mut goals = self.objects.clone();
            goals.push(self.destination);
            Box::new(Guide::new(self.free, &goals))
        })
    }

    /// What the depth-first trace looks for.
    pub(super) fn plan(&self) -> &Plan {
        self.plan.get_or_init(|| Plan::new(self.start, self.destination, &self.objects, self.free, self.shortest.is_some()))
    }

    /// The canonical shortest tour, empty if there is none.
    pub(super) fn tour(&self) -> Vec<(Heading, Place)> {
        self.tour_with(self.wording.ties)
    }

    /// The shortest tour that is shown if ties are broken like that.
    pub(super) fn tour_with(&self, ties: Ties) -> Vec<(Heading, Place)> {
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
    pub(super) fn obstacles(&self) -> Bits {
        Bits::rectangle(0, self.rows - 1, 0, self.columns - 1).without(self.free)
    }
}
