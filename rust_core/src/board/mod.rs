//! One walk over a problem, action by action: the rules of the board environments, one file a kind of board.
//!
//! ```text
//! BoardLevel  what a setting makes boards of: their kind and their largest size, as its task says
//! Board       a problem and somebody on it: act -> Turn, observe, sheet, text
//! ```
//!
//! Actions 0 to 3 move up, down, left and right on every board; what else there is, a kind's file says.
//! A walk tells facts; what they are worth is the caller's to say, by [`Weights`].

use std::any::Any;

use crate::{
    Error, Result,
    rng::Rng,
    scene::Sheet,
    task::{AnyLevel, Instance},
    tasks::{self, Setting},
};

pub mod grid;
pub mod reading;
mod turn;

pub use self::turn::{HERE, Place, Refusal, Turn, Weights};
pub use crate::task::BoardKind as Kind;
use grid::Grid;
use reading::Reading;

/// The tasks that have boards.
pub fn tasks() -> Vec<&'static str> {
    tasks::IDS.iter().copied().filter(|task| tasks::facts(task).is_ok_and(|facts| facts.board.is_some())).collect()
}

impl Kind {
    /// How many actions there are.
    pub fn actions(self) -> usize {
        match self {
            Self::Grid => grid::ACTIONS,
            Self::Reading => reading::ACTIONS,
        }
    }

    /// The actions in words.
    pub fn explained(self) -> &'static str {
        match self {
            Self::Grid => "0 up, 1 down, 2 left or 3 right",
            Self::Reading => "0 up, 1 down, 2 left, 3 right or 4 to 13 for the digits 0 to 9",
        }
    }

    /// Which refusal only boards of this kind know, and its name.
    pub fn own_refusal(self) -> (Refusal, &'static str) {
        match self {
            Self::Grid => (Refusal::Hit, "hit"),
            Self::Reading => (Refusal::Misread, "misread"),
        }
    }
}

/// A level that boards are made of.
pub struct BoardLevel<'a> {
    level: &'a dyn AnyLevel,
    /// The kind of its boards.
    pub kind: Kind,
    /// The most rows and columns.
    pub largest: (usize, usize),
}

impl<'a> BoardLevel<'a> {
    /// The board level behind a setting.
    pub fn of(setting: &'a Setting) -> Result<Self> {
        let level = &*setting.level;
        if setting.changed > 0 {
            let why = format!(
                "{} is a counterfactual, which no board begins with; leave {} out",
                setting.name,
                tasks::CHANGED
            );
            return Err(Error::Board { why });
        }
        let (kind, largest) = level.board().ok_or_else(|| Error::Board {
            why: format!("task {:?} has no boards; tasks that have: {}", setting.task, tasks().join(", ")),
        })?;
        Ok(Self { level, kind, largest })
    }

    /// Draws a problem and begins a walk on it.
    pub fn begin(&self, rng: &mut Rng) -> Board {
        let problem: Box<dyn Any> = self.level.generate(rng);
        match self.kind {
            Kind::Grid => Board::Grid(Grid::new(own(problem))),
            Kind::Reading => Board::Reading(Reading::new(own(problem))),
        }
    }
}

/// A problem as what boards of a kind are made of.
fn own<P: Any>(problem: Box<dyn Any>) -> P {
    *problem.downcast().expect("a task has boards of the kind that its problems are for")
}

/// A problem and somebody on it.
#[allow(clippy::large_enum_variant, reason = "boxed, every step of a thousand boards would wait for memory once more")]
#[derive(Clone)]
pub enum Board {
    /// A walker on a grid.
    Grid(Grid),
    /// A cursor on a table.
    Reading(Reading),
}

macro_rules! each {
    ($board:expr, $own:ident => $what:expr) => {
        match $board {
            Board::Grid($own) => $what,
            Board::Reading($own) => $what,
        }
    };
}

impl Board {
    /// Takes an action.
    ///
    /// # Panics
    /// If there is no such action.
    #[inline]
    pub fn act(&mut self, action: usize) -> Turn {
        each!(self, own => own.act(action))
    }

    /// The actions that may be right by what the board shows, one bit each; all of them where none may.
    #[inline]
    pub fn allowed(&self) -> u16 {
        let (allowed, actions) = match self {
            Self::Grid(own) => (own.allowed(), grid::ACTIONS),
            Self::Reading(own) => (own.allowed(), reading::ACTIONS),
        };
        if allowed == 0 { (1 << actions) - 1 } else { allowed }
    }

    /// Two numbers that with the problem are the whole state.
    pub fn state(&self) -> (u8, u8) {
        each!(self, own => own.state())
    }

    /// Goes to a state; `None` if the problem has no such.
    #[must_use]
    pub fn at(self, state: (u8, u8)) -> Option<Self> {
        match self {
            Self::Grid(own) => own.at(state).map(Self::Grid),
            Self::Reading(own) => own.at(state).map(Self::Reading),
        }
    }

    /// The problem.
    pub fn problem(&self) -> &dyn Instance {
        each!(self, own => own.problem())
    }

    /// Actions of the shortest way on, 0 on success alone; `None` if there is no way.
    #[inline]
    pub fn distance(&self) -> Option<u16> {
        each!(self, own => own.distance())
    }

    /// How many objects are to be collected or cells to be read yet.
    #[inline]
    pub fn left(&self) -> u32 {
        each!(self, own => own.left())
    }

    /// Actions after which a walk is cut short unless told otherwise.
    #[inline]
    pub fn patience(&self) -> u32 {
        each!(self, own => own.patience())
    }

    /// Writes the symbolic observation, `columns` cells to a row of `out`.
    pub fn observe(&self, columns: usize, out: &mut [u8]) {
        each!(self, own => own.observe(columns, out));
    }

    /// Writes one cell of the symbolic observation.
    #[inline]
    pub fn observe_cell(&self, place: Place, columns: usize, out: &mut [u8]) {
        each!(self, own => own.observe_cell(place, columns, out));
    }

    /// The board as a picture, which tells as much as the symbols do.
    pub fn sheet(&self) -> Sheet {
        each!(self, own => own.sheet())
    }

    /// Brings a changed cell of [`Self::sheet`] up to date.
    pub fn repaint(&self, place: Place, sheet: &mut Sheet) {
        each!(self, own => own.repaint(place, sheet));
    }

    /// The board as text.
    pub fn text(&self) -> String {
        each!(self, own => own.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::address::Address;

    #[test]
    fn every_task_with_boards_makes_what_they_are_made_of() {
        assert!(!tasks().is_empty());
        for task in tasks() {
            for level in tasks::levels(task).unwrap() {
                let address: Address = format!("{task}/{level}#val:0:0").parse().unwrap();
                let level = BoardLevel::of(&address.setting).unwrap();
                let board = level.begin(&mut address.stream(crate::rng::Stream::Instance));
                let (rows, columns) = level.largest;
                let mut seen = vec![0; rows * columns];
                board.observe(columns, &mut seen);
                assert_eq!(seen.iter().filter(|cell| **cell >= HERE).count(), 1, "{address}");
            }
        }
    }
}
