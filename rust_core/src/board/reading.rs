//! A cursor that reads the path of a table.
//!
//! * The cursor begins on the path's first cell. Actions 0 to 3 move it up, down, left, right, over any cell;
//!   a move off the table is refused (`Edge`). Actions 4 to 13 say that the digit 0 to 9 stands under it.
//! * The *due* cell is the first of the path that is not read yet. The right digit on the due cell reads it.
//!   Any other digit, or a digit on any other cell, is a misreading: it changes nothing, and ends the walk
//!   without success. Were it only refused, ten guesses a cell would read every table unseen, at no more cost
//!   than time, and success would not mean that anything was read. So a guesser who keeps to the path succeeds
//!   on one table in 10ⁿ of n cells, exactly as with a reply, of which one wrong digit makes the whole wrong.
//! * The walk succeeds when every cell is read.
//! * The shortest way on is the moves to the due cell and along the rest of the path, and a digit for each cell.
//!   *Closeness* is 1 − its actions / the most there can be: 1 on success. The most is with nothing read and the
//!   cursor as far from the start as the table has it: to have read a cell never makes the rest longer.
//! * A symbolic observation is one byte a cell, `rows × columns` of the level's largest table, row-major:
//!   [`OUTSIDE`] off the table, else 1 + digit + 10 × ([`PLAIN`], [`PATH`], [`START`], [`END`] or [`READ`]), plus
//!   [`HERE`] under the cursor. It tells the whole state: what is due next to the cells read, or the start.
//! * Start and end are told apart here whatever the wording's `ends`: with `named` a question names them, and
//!   a board asks none; where the cursor began would be forgotten with its first move.

use super::turn::{HERE, Place, Refusal, Turn};
use crate::{
    scene::{Fill, Label, Reader, Sheet},
    tasks::{
        grid_navigation::bits::HEADINGS,
        readout::{Ends, Readout},
    },
};

/// The code of what lies outside the table.
pub const OUTSIDE: u8 = 0;
/// Off the path.
pub const PLAIN: u8 = 0;
/// On the path.
pub const PATH: u8 = 1;
/// The path's first cell.
pub const START: u8 = 2;
/// The path's last cell.
pub const END: u8 = 3;
/// Read.
pub const READ: u8 = 4;

/// Moves and digits.
pub const ACTIONS: usize = HEADINGS.len() + 10;

/// A problem and a cursor on it.
#[derive(Clone)]
pub struct Reading {
    problem: Readout,
    cursor: Place,
    /// How many cells are read.
    read: usize,
    /// Actions that remain on the cell that is due, by how many are read; 0 when all are.
    ahead: Vec<u16>,
    /// Actions of the shortest way on.
    distance: u16,
    /// The most it can be.
    most: u16,
}

impl Reading {
    /// Puts a cursor on the start of a problem.
    pub fn new(problem: Readout) -> Self {
        let path = problem.path();
        let mut ahead = vec![0; path.len() + 1];
        for read in (0..path.len()).rev() {
            let way = path.get(read + 1).map_or(0, |&next| Place(next).manhattan(Place(path[read])) as u16);
            ahead[read] = ahead[read + 1] + way + 1;
        }
        let cursor = Place(path[0]);
        let (rows, columns) = problem.size();
        let (row, column) = (cursor.row(), cursor.column());
        let farthest = row.max(rows - 1 - row) + column.max(columns - 1 - column);
        let (distance, most) = (ahead[0], ahead[0] + farthest as u16);
        Self { problem, cursor, read: 0, ahead, distance, most }
    }

    /// Where the cursor is and how many cells are read: with the problem, the whole state.
    pub fn state(&self) -> (u8, u8) {
        (self.cursor.0, self.read as u8)
    }

    /// Goes to a state; `None` if the problem has no such.
    #[must_use]
    pub fn at(mut self, (cursor, read): (u8, u8)) -> Option<Self> {
        let (rows, columns) = self.problem.size();
        let (place, read) = (Place(cursor), usize::from(read));
        if place.row() >= rows || place.column() >= columns || read > self.problem.path().len() {
            return None;
        }
        (self.cursor, self.read) = (place, read);
        self.measure();
        Some(self)
    }

    /// Moves the cursor or says a digit.
    ///
    /// # Panics
    /// If there is no such action.
    #[inline]
    pub fn act(&mut self, action: usize) -> Turn {
        let (from, before, was) = (self.cursor, self.read, self.distance);
        let refused = match action.checked_sub(HEADINGS.len()) {
            Some(digit) => self.say(digit),
            None => self.walk(action),
        };
        let gain = self.closeness(self.distance) - self.closeness(was);
        Turn { from, to: self.cursor, gain, collected: self.read > before, refused, success: self.has_succeeded() }
    }

    #[inline]
    fn walk(&mut self, heading: usize) -> Option<Refusal> {
        if !self.inside()[heading] {
            return Some(Refusal::Edge);
        }
        self.cursor = Place(self.cursor.0.wrapping_add_signed([-16, 16, -1, 1][heading]));
        self.measure();
        None
    }

    /// Which moves stay on the table.
    #[inline]
    fn inside(&self) -> [bool; 4] {
        let (rows, columns) = self.problem.size();
        let (row, column) = (self.cursor.row(), self.cursor.column());
        [row > 0, row + 1 < rows, column > 0, column + 1 < columns]
    }

    /// The moves that are not refused, and all digits where a cell of the path that is not read yet is under the
    /// cursor, one bit each: which digit it is, and whether the cell is due, is for the reader to find out.
    #[inline]
    pub fn allowed(&self) -> u16 {
        let moves = self.inside().into_iter().enumerate().map(|(bit, inside)| u16::from(inside) << bit).sum::<u16>();
        let unread = !matches!(self.ground(self.cursor), PLAIN | READ);
        if unread { moves | (0b11_1111_1111 << HEADINGS.len()) } else { moves }
    }

    #[inline]
    fn say(&mut self, digit: usize) -> Option<Refusal> {
        assert!(digit < 10, "there are ten digits");
        let here = self.cursor.0;
        if self.problem.path().get(self.read) != Some(&here) || usize::from(self.problem.digit(here)) != digit {
            return Some(Refusal::Misread);
        }
        self.read += 1;
        self.measure();
        None
    }

    /// Finds out how far it is.
    #[inline]
    fn measure(&mut self) {
        let way = self.problem.path().get(self.read).map_or(0, |&due| self.cursor.manhattan(Place(due)));
        self.distance = way as u16 + self.ahead[self.read];
    }

    #[inline]
    fn closeness(&self, distance: u16) -> f64 {
        1.0 - f64::from(distance) / f64::from(self.most)
    }

    /// Whether every cell is read.
    #[inline]
    pub fn has_succeeded(&self) -> bool {
        self.read == self.problem.path().len()
    }

    /// The problem.
    pub fn problem(&self) -> &Readout {
        &self.problem
    }

    /// Where the cursor is.
    pub fn cursor(&self) -> Place {
        self.cursor
    }

    /// Actions of the shortest way on; there always is one.
    #[inline]
    pub fn distance(&self) -> Option<u16> {
        Some(self.distance)
    }

    /// Actions after which a walk is cut short unless told otherwise: twice the longest way on, which on
    /// paths that wrap at the table's edge may be more than two a cell.
    #[inline]
    pub fn patience(&self) -> u32 {
        2 * u32::from(self.most)
    }

    /// How many cells are to be read yet.
    #[inline]
    pub fn left(&self) -> u32 {
        (self.problem.path().len() - self.read) as u32
    }

    /// Writes the symbolic observation, `columns` cells to a row of `out`.
    pub fn observe(&self, columns: usize, out: &mut [u8]) {
        out.fill(OUTSIDE);
        let (rows, own) = self.problem.size();
        for row in 0..rows {
            for column in 0..own {
                self.observe_cell(Place::new(row, column), columns, out);
            }
        }
    }

    /// Writes one cell of the symbolic observation.
    #[inline]
    pub fn observe_cell(&self, place: Place, columns: usize, out: &mut [u8]) {
        let here = if place == self.cursor { HERE } else { 0 };
        out[place.row() * columns + place.column()] =
            (1 + self.problem.digit(place.0) + 10 * self.ground(place)) | here;
    }

    /// The board as a picture.
    pub fn sheet(&self) -> Sheet {
        let mut sheet = self.problem.sheet(Ends::Marked);
        let read = (0..sheet.cells.len()).map(|at| self.is_read(Place::new(at / sheet.columns, at % sheet.columns)));
        let cursor = self.cursor.row() * sheet.columns + self.cursor.column();
        sheet.reader = Some(Reader { cursor, read: read.collect() });
        sheet
    }

    /// Brings a cell of a picture of this board up to date.
    pub fn repaint(&self, place: Place, sheet: &mut Sheet) {
        let number = |place: Place| place.row() * sheet.columns + place.column();
        let (at, cursor) = (number(place), number(self.cursor));
        if let Some(reader) = &mut sheet.reader {
            (reader.read[at], reader.cursor) = (self.is_read(place), cursor);
        }
    }

    /// The board as text, a line a row: `*` marks the path, `S` its start, `E` its end, `.` what is read,
    /// brackets the cursor.
    pub fn text(&self) -> String {
        let sheet = self.sheet();
        let widest = |labels: &[Label]| labels.iter().map(|label| label.len()).max().unwrap_or(0);
        let (first, wide) = (widest(&sheet.row_labels), widest(&sheet.column_labels).max(5));
        let mut out = " ".repeat(first);
        for label in &sheet.column_labels {
            push_centered(&mut out, label, wide);
        }
        for (row, label) in sheet.row_labels.iter().enumerate() {
            out.push('\n');
            out.push_str(label);
            out.extend(std::iter::repeat_n(' ', first - label.len()));
            for column in 0..sheet.columns {
                let place = Place::new(row, column);
                let ground = match self.ground(place) {
                    PLAIN => ' ',
                    PATH => '*',
                    START => 'S',
                    END => 'E',
                    _ => '.',
                };
                let [open, close] = if place == self.cursor { ['[', ']'] } else { [' ', ' '] };
                push_centered(&mut out, &format!("{open}{} {ground}{close}", self.problem.digit(place.0)), wide);
            }
        }
        out
    }

    /// What a cell is.
    #[inline]
    fn ground(&self, place: Place) -> u8 {
        if self.is_read(place) {
            return READ;
        }
        match self.problem.ground(place.0, Ends::Marked) {
            Fill::Plain => PLAIN,
            Fill::Path => PATH,
            Fill::Start => START,
            Fill::Destination => END,
        }
    }

    /// Whether a cell is read.
    #[inline]
    fn is_read(&self, place: Place) -> bool {
        self.problem.place(place.0).is_some_and(|at| at < self.read)
    }
}

/// Appends a space and a text in the middle of `wide` columns.
fn push_centered(out: &mut String, text: &str, wide: usize) {
    let free = wide - text.len();
    out.extend(std::iter::repeat_n(' ', 1 + free / 2));
    out.push_str(text);
    out.extend(std::iter::repeat_n(' ', free - free / 2));
}
