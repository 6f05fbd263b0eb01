//! A path under construction, which never comes near itself.

use crate::tasks::readout::table::{self, CELLS, ROWS};

/// Right, down, left, up: turning right adds one.
pub type Heading = usize;

/// A path under construction. A cell may be entered only if it keeps `gap` empty cells between
/// itself and everything but the last few cells before it; so no two cells of a path touch but
/// consecutive ones, and the path is the only way from its start to its end.
pub struct Walk {
    /// Rows of the table.
    pub rows: usize,
    /// Columns of the table.
    pub columns: usize,
    gap: usize,
    /// The part of the table that runs keep to: first and last row, first and last column.
    pub frame: [usize; 4],
    at: (usize, usize),
    cells: [u8; CELLS],
    length: usize,
    /// Per row, the columns that may not be entered any more.
    closed: [u16; ROWS],
}

impl Walk {
    /// A path of one cell.
    pub fn new(rows: usize, columns: usize, gap: usize, frame: [usize; 4], start: (usize, usize)) -> Self {
        let mut walk = Self { rows, columns, gap, frame, at: start, cells: [0; CELLS], length: 0, closed: [0; ROWS] };
        walk.enter(start);
        walk
    }

    /// The cells, in order.
    pub fn cells(&self) -> &[u8] {
        &self.cells[..self.length]
    }

    fn enter(&mut self, cell: (usize, usize)) {
        self.at = cell;
        self.cells[self.length] = table::cell(cell.0, cell.1);
        self.length += 1;
        if self.length > self.gap {
            let old = self.cells[self.length - 1 - self.gap];
            self.close_around(table::row(old), table::column(old));
        }
    }

    /// Closes all cells within `gap` steps of one.
    fn close_around(&mut self, row: usize, column: usize) {
        let last = (row + self.gap).min(self.rows - 1);
        for near in row.saturating_sub(self.gap)..=last {
            let reach = self.gap - near.abs_diff(row);
            let band = (1_u32 << (2 * reach + 1)) - 1;
            let placed = if column >= reach { band << (column - reach) } else { band >> (reach - column) };
            self.closed[near] |= placed as u16;
        }
    }

    /// One step, if the cell there is open and in the frame.
    pub fn step(&mut self, heading: Heading) -> bool {
        let (row, column) = self.at;
        let [top, bottom, left, right] = self.frame;
        let next = match heading {
            0 if column < right => (row, column + 1),
            1 if row < bottom => (row + 1, column),
            2 if column > left => (row, column - 1),
            3 if row > top => (row - 1, column),
            _ => return false,
        };
        let open = self.closed[next.0] & (1 << next.1) == 0;
        if open {
            self.enter(next);
        }
        open
    }

    /// How many steps there are to the frame.
    pub fn room(&self, heading: Heading) -> usize {
        let (row, column) = self.at;
        let [top, bottom, left, right] = self.frame;
        match heading {
            0 => right.saturating_sub(column),
            1 => bottom.saturating_sub(row),
            2 => column.saturating_sub(left),
            _ => row.saturating_sub(top),
        }
    }

    /// At most `most` steps; how many were made.
    pub fn run(&mut self, heading: Heading, most: usize) -> usize {
        (0..most).take_while(|_| self.step(heading)).count()
    }
}

/// Whether no two of the cells are neighbours unless they follow each other: then there is exactly
/// one path through all of them from the first to the last.
pub fn is_only_path(cells: &[u8]) -> bool {
    let mut rows = [0_u16; ROWS + 1];
    for &cell in cells {
        rows[table::row(cell)] |= 1 << table::column(cell);
    }
    let touching: u32 =
        rows.windows(2).map(|pair| (pair[0] & (pair[0] >> 1)).count_ones() + (pair[0] & pair[1]).count_ones()).sum();
    let distinct: u32 = rows.iter().map(|row| row.count_ones()).sum();
    let follow =
        |a: u8, b: u8| table::row(a).abs_diff(table::row(b)) + table::column(a).abs_diff(table::column(b)) == 1;
    let consecutive = cells.windows(2).all(|pair| follow(pair[0], pair[1]));
    consecutive && distinct as usize == cells.len() && touching as usize + 1 == cells.len()
}
