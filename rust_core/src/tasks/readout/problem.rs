//! A problem of either task: a table, a path through it, and how both are put into words and pictures.

use serde::Deserialize;

use super::{
    names::{self, Names},
    table::{self, CELLS, Table},
};
use crate::{
    rng::Rng,
    scene::{Cell, Fill, Kind, Mark, Scene, Sheet},
    task::Style,
};

/// How the twin is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Twin {
    /// A LaTeX `tabular`.
    Latex,
    /// A Markdown table.
    Markdown,
}

/// What is asked of the digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ask {
    /// All of them, in order.
    List,
    /// Their sum.
    Total,
}

/// How an answer lists the digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// Alone.
    Digits,
    /// Each behind the name of its cell, so that the answer is all of the way to it.
    Cells,
}

/// How the picture prints digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Values {
    /// ZERO to NINE.
    Words,
    /// 0 to 9.
    Digits,
}

/// How the rationale's steps write digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Spelling {
    /// 7.
    Digits,
    /// seven.
    Words,
    /// SEVEN, as pictures have it.
    Capitals,
}

/// What a line of the rationale says first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The row, then the column, then the digit.
    Row,
    /// The column, then the row, then the digit.
    Column,
    /// The digit, then the row, then the column.
    Value,
}

/// How one learns where the path starts and ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ends {
    /// The question names the two cells.
    Named,
    /// Picture and twin mark them.
    Marked,
}

/// The words and looks of a problem.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Wording {
    /// Of question and rationale.
    pub style: Style,
    /// Of digits in the rationale.
    pub spelling: Spelling,
    /// Of the parts of the rationale's lines.
    pub order: Order,
    /// Of the table as text.
    pub twin: Twin,
    /// What is asked.
    pub ask: Ask,
    /// Of a list of digits; a sum is a number under either.
    pub answer: Answer,
    /// Of the picture.
    pub values: Values,
    /// Of rows and columns.
    pub names: Names,
    /// How start and end are told.
    pub ends: Ends,
}

impl Wording {
    /// A table of this size with every name that a row or a column may have.
    pub fn extreme(self, rows: usize, columns: usize) -> Scene {
        let mark = if self.values == Values::Words { Mark::DigitWord(3) } else { Mark::Digit(0) };
        let row_names =
            (0..(names::POOL * names::POOL) as u16).map(|code| self.names.row(usize::from(code) % rows, code));
        Scene::Sheet(Sheet {
            kind: Kind::Table,
            rows,
            columns,
            cells: vec![Cell { mark, fill: Fill::Path }; rows * columns],
            row_labels: row_names.map(Into::into).collect(),
            column_labels: (0..12).map(|month| self.names.column(usize::from(month) % columns, month).into()).collect(),
            reader: None,
        })
    }
}

/// How a path was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// Row by row, wrapping at the table's edge.
    #[serde(skip)]
    Consecutive,
    /// Straight segments of any length, turning either way.
    Random,
    /// To and fro in lanes.
    Sine,
    /// Inward, ring by ring.
    Spiral,
    /// At each turn as a spiral or as a sine.
    Compositional,
}

/// A path as drawn: the table's size, the cells in order, and what is known of them.
#[derive(Debug, Clone)]
pub struct Route {
    /// How it was made.
    pub family: Family,
    /// Rows of the table.
    pub rows: usize,
    /// Columns of the table.
    pub columns: usize,
    /// Numbers of its cells ([`table::cell`]), in the order they are read.
    pub cells: Vec<u8>,
    /// Whether it is read against the direction in which it was drawn.
    pub reversed: bool,
}

/// A problem of either task.
#[derive(Clone)]
pub struct Readout {
    pub(super) wording: Wording,
    pub(super) family: Family,
    pub(super) reversed: bool,
    pub(super) table: Table,
    pub(super) path: Vec<u8>,
    /// One more than the place on the path, by cell; 0 off the path.
    pub(super) place: [u8; CELLS],
    /// How often each digit is on the path.
    pub(super) counts: [u8; 10],
    pub(super) total: u32,
}

impl Readout {
    /// Fills a table around a path.
    pub fn draw(route: Route, wording: Wording, rng: &mut Rng) -> Self {
        let table = Table::draw(route.rows, route.columns, rng);
        let (mut place, mut counts, mut total) = ([0; CELLS], [0; 10], 0);
        for (at, &cell) in route.cells.iter().enumerate() {
            let value = table.values[usize::from(cell)];
            place[usize::from(cell)] = at as u8 + 1;
            counts[usize::from(value)] += 1;
            total += u32::from(value);
        }
        Self { wording, family: route.family, reversed: route.reversed, table, path: route.cells, place, counts, total }
    }

    /// Another digit in one cell of the path.
    pub(super) fn alter(&mut self, rng: &mut Rng) {
        let value = &mut self.table.values[usize::from(*rng.pick(&self.path))];
        let fresh = (*value + rng.between(1, 9) as u8) % 10;
        self.counts[usize::from(*value)] -= 1;
        self.counts[usize::from(fresh)] += 1;
        self.total = self.total - u32::from(*value) + u32::from(fresh);
        *value = fresh;
    }

    /// Whether the answer lists cells with their digits.
    #[inline]
    pub(super) fn lists_cells(&self) -> bool {
        self.wording.ask == Ask::List && self.wording.answer == Answer::Cells
    }

    /// The digits along the path.
    pub(super) fn values(&self) -> impl ExactSizeIterator<Item = u8> + '_ {
        self.path.iter().map(|&cell| self.table.values[usize::from(cell)])
    }

    /// The digit at a place of the path.
    #[inline]
    pub(super) fn value(&self, at: usize) -> Option<u8> {
        self.path.get(at).map(|&cell| self.table.values[usize::from(cell)])
    }

    #[inline]
    pub(super) fn row_name(&self, row: usize) -> &'static str {
        self.wording.names.row(row, self.table.row_codes[row])
    }

    #[inline]
    pub(super) fn column_name(&self, column: usize) -> &'static str {
        self.wording.names.column(column, self.table.months[column])
    }

    /// What a cell's ground means in the problem's own wording.
    pub(super) fn fill(&self, cell: u8) -> Fill {
        self.ground(cell, self.wording.ends)
    }

    /// What a cell's ground means if the ends are told like that.
    pub fn ground(&self, cell: u8, ends: Ends) -> Fill {
        match (usize::from(self.place[usize::from(cell)]), ends) {
            (0, _) => Fill::Plain,
            (1, Ends::Marked) => Fill::Start,
            (at, Ends::Marked) if at == self.path.len() => Fill::Destination,
            _ => Fill::Path,
        }
    }

    /// Rows and columns of the table.
    #[inline]
    pub fn size(&self) -> (usize, usize) {
        (self.table.rows, self.table.columns)
    }

    /// The numbers of the path's cells ([`table::cell`]), in the order they are read.
    #[inline]
    pub fn path(&self) -> &[u8] {
        &self.path
    }

    /// Where a cell is on the path, from 0.
    #[inline]
    pub fn place(&self, cell: u8) -> Option<usize> {
        usize::from(self.place[usize::from(cell)]).checked_sub(1)
    }

    /// The digit in a cell.
    #[inline]
    pub fn digit(&self, cell: u8) -> u8 {
        self.table.values[usize::from(cell)]
    }

    /// The table as a picture that tells the ends like that.
    pub fn sheet(&self, ends: Ends) -> Sheet {
        let Table { rows, columns, .. } = self.table;
        let mark = match self.wording.values {
            Values::Words => Mark::DigitWord,
            Values::Digits => Mark::Digit,
        };
        let names = self.wording.names;
        let mut cells = Vec::with_capacity(rows * columns);
        for (row, digits) in self.table.digits().enumerate() {
            let cell = |(column, &digit)| Cell { mark: mark(digit), fill: self.ground(table::cell(row, column), ends) };
            cells.extend(digits.iter().enumerate().map(cell));
        }
        Sheet {
            kind: Kind::Table,
            rows,
            columns,
            cells,
            row_labels: (0..rows).map(|row| names.row_label(row, self.table.row_codes[row])).collect(),
            column_labels: (0..columns).map(|column| names.column_label(column, self.table.months[column])).collect(),
            reader: None,
        }
    }
}
