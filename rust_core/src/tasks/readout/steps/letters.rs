//! Rows and columns that are named by letters, alone or together.

use std::ops::Range;

use super::{
    super::{names::Names, table, vocabulary::within},
    NONE, Reader,
};

/// What a letter names, if it comes next.
#[derive(Clone, Copy)]
pub enum Awaited {
    Nothing,
    Row,
    Column,
    /// The column of this row, whose letter starts here.
    Second(u8, u32),
}

impl Reader<'_> {
    /// `cb` and `c b`.
    pub(super) fn name_cell(&mut self, row: u8, column: u8, span: &Range<usize>) {
        if self.claim.column_name != NONE {
            self.drop_claim();
        }
        self.name_row(row, span);
        self.name_column(column, span);
    }

    /// A letter is a name where one is awaited; else it may be the first of two.
    pub(super) fn letter(&mut self, letter: u8, span: &Range<usize>, awaited: Awaited) {
        let table = &self.of.table;
        let row = Names::position(letter, table::ROWS).map(|row| within(row, table.rows));
        let column = Names::position(letter, table::COLUMNS).map(|column| within(column, table.columns));
        match (awaited, row, column) {
            (Awaited::Row, Some(row), _) => self.name_row(row, span),
            (Awaited::Column, _, Some(column)) => self.name_column(column, span),
            (Awaited::Second(row, start), _, Some(column)) => {
                self.name_cell(row, column, &(start as usize..span.end));
            }
            (_, Some(row), _) => self.letter = Awaited::Second(row, span.start as u32),
            _ => {}
        }
    }
}
