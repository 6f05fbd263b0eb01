//! A table of digits with named rows and columns.

use crate::{fingerprint::Fingerprint, rng::Rng};

use super::names::POOL;

/// The most rows a table may have.
pub const ROWS: usize = 16;
/// The most columns a table may have: one a month.
pub const COLUMNS: usize = 12;
/// Cells are numbered row by row, with this many numbers a row whatever the columns.
pub const STRIDE: usize = 16;
/// How many numbers of cells there are.
pub const CELLS: usize = ROWS * STRIDE;
/// Stands for a row or column that the table does not have.
pub const ABSENT: u8 = 0xFE;

/// The table itself, without any path through it.
#[derive(Debug, Clone)]
pub struct Table {
    /// How many rows.
    pub rows: usize,
    /// How many columns.
    pub columns: usize,
    /// Codes of the rows' names, distinct.
    pub row_codes: [u16; ROWS],
    /// Months of the columns, distinct.
    pub months: [u8; COLUMNS],
    /// The column of each month, [`ABSENT`] where there is none.
    pub column_of: [u8; COLUMNS],
    /// Digits by cell; 0 where the table has none.
    pub values: [u8; CELLS],
}

impl Table {
    /// Draws names without repetition, and digits independently.
    pub fn draw(rows: usize, columns: usize, rng: &mut Rng) -> Self {
        let mut table = Self {
            rows,
            columns,
            row_codes: [0; ROWS],
            months: std::array::from_fn(|month| month as u8),
            column_of: [ABSENT; COLUMNS],
            values: [0; CELLS],
        };
        // A row's code is the animal, or the product's first half, times POOL plus its second half:
        // full and short names belong to the same draw, so the wording does not alter the problem.
        let mut firsts: [u16; POOL] = std::array::from_fn(|first| first as u16);
        rng.choose(&mut firsts, rows);
        for (codes, firsts) in table.row_codes[..rows].chunks_mut(6).zip(firsts.chunks(6)) {
            let mut bits = rng.word();
            for (code, first) in codes.iter_mut().zip(firsts) {
                *code = first * POOL as u16 + (bits % POOL as u32) as u16;
                bits /= POOL as u32;
            }
        }
        rng.choose(&mut table.months, columns);
        for (column, &month) in table.months[..columns].iter().enumerate() {
            table.column_of[usize::from(month)] = column as u8;
        }
        let mut digits = 0;
        let mut left = 0;
        for row in table.values.chunks_exact_mut(STRIDE).take(rows) {
            for value in &mut row[..columns] {
                if left == 0 {
                    (digits, left) = (rng.below(1_000_000_000) as u32, 9); // nine digits a draw
                }
                *value = (digits % 10) as u8;
                digits /= 10;
                left -= 1;
            }
        }
        table
    }

    /// The digits, row by row.
    pub fn digits(&self) -> impl Iterator<Item = &[u8]> {
        self.values.chunks_exact(STRIDE).take(self.rows).map(|row| &row[..self.columns])
    }

    /// Adds the table to a content hash.
    pub fn content(&self, hash: &mut Fingerprint) {
        hash.bytes(&[self.rows as u8, self.columns as u8]);
        for code in &self.row_codes[..self.rows] {
            hash.bytes(&code.to_le_bytes());
        }
        hash.bytes(&self.months[..self.columns]);
        for row in self.digits() {
            hash.bytes(row);
        }
    }
}

/// The number of a cell.
#[inline]
pub fn cell(row: usize, column: usize) -> u8 {
    (row * STRIDE + column) as u8
}

/// The row of a cell.
#[inline]
pub fn row(cell: u8) -> usize {
    usize::from(cell) / STRIDE
}

/// The column of a cell.
#[inline]
pub fn column(cell: u8) -> usize {
    usize::from(cell) % STRIDE
}
