//! What cells and what is on them are called.

use super::{
    problem::Problem,
    bits::Place,
};
use crate::scene::SYMBOLS;

/// Names of rows and columns.
pub const LETTERS: [&str; 16] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p"];

/// The name of a symbol on a cell, or of the end it is.
pub fn name(problem: &Problem, place: Place) -> &'static str {
    problem.symbol(place).map_or("destination", |symbol| SYMBOLS[symbol].0)
}

/// Appends a cell's name: `ca`, or `(c, a)`.
pub fn push_cell(out: &mut String, place: Place, terse: bool) {
    let (row, column) = (LETTERS[place.row()], LETTERS[place.column()]);
    if terse {
        out.push_str(row);
        out.push_str(column);
    } else {
        out.push('(');
        out.push_str(row);
        out.push_str(", ");
        out.push_str(column);
        out.push(')');
    }
}

