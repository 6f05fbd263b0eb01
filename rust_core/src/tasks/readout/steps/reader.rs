//! How far a reply has been read, and what it has told.

use super::super::{problem::Readout, table};
use crate::verdict::{Reason, Step};

/// Not stated.
pub const NONE: u8 = 0xFF;

/// A row or a column as far as it is stated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    pub name: u8,
    pub number: u8,
    /// Whether it is written as the rationale would.
    pub plain: bool,
}

/// The cell that a row and a column name, or why they name none.
pub fn cell(of: &Readout, row: Line, column: Line) -> Result<u8, Reason> {
    Ok(table::cell(row.at(of.table.rows)?, column.at(of.table.columns)?))
}

impl Line {
    /// Not stated.
    pub const UNSAID: Self = Self { name: NONE, number: NONE, plain: true };

    pub fn is_stated(self) -> bool {
        self.name != NONE || self.number != NONE
    }

    /// Its position.
    #[inline]
    pub fn at(self, lines: usize) -> Result<usize, Reason> {
        let there = |line: u8| if usize::from(line) < lines { Ok(usize::from(line)) } else { Err(Reason::NoSuchName) };
        match (self.name, self.number) {
            (name, NONE) => there(name),
            (NONE, number) => there(number),
            (name, number) if there(name)? == there(number)? => there(name),
            _ => Err(Reason::WrongName),
        }
    }
}

/// Whether the ends or the sum were told, and by which step if that was a loose one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    Never,
    Loosely(usize),
    Formally,
}

/// Where a reply has got to.
pub struct Reader<'a> {
    pub of: &'a Readout,
    pub steps: Vec<Step>,
    /// The place on the path after the last cell that was right.
    pub due: usize,
    /// The place after the last cell that was named, right or not.
    pub after: usize,
    /// How many cells after the due one may have been passed since, in wrong cells or in words that
    /// were not understood.
    pub slack: usize,
    pub done: [u64; 3],
    /// How many cells are done, and how many claims were in the rationale's form.
    pub told: usize,
    pub claims: usize,
    /// Cells that loose sentences alone have told: the first of their steps, and their place on the path.
    pub loose: Vec<(usize, usize)>,
    /// Steps of loose sentences that the rationale's form said again, and so takes the place of.
    pub superseded: Vec<usize>,
    pub located: Said,
    pub summed: Said,
    pub stated: Option<bool>,
    pub wrong_sums: usize,
    /// The row and the column that were named last, as long as what follows may be about them.
    pub row: Option<Line>,
    pub column: Option<Line>,
    /// Whether they head a list of lines.
    pub heading: bool,
    /// Whether the last line was an answer's that goes on in the next.
    pub listing: bool,
}
