//! What a cell is painted on, by number.

use crate::scene::Fill;

/// What a cell is painted with: its meaning, or the second shade of a striped sheet, or that it was read.
pub(super) const GROUNDS: usize = 6;
/// Index of the second shade among the grounds.
pub(super) const ALTERNATE: usize = 1;
/// Index of the ground of cells that a reader has read.
pub(super) const READ: usize = 5;

/// Index of a fill among the grounds.
pub(super) fn ground(fill: Fill) -> usize {
    match fill {
        Fill::Plain => 0,
        Fill::Path => 2,
        Fill::Start => 3,
        Fill::Destination => 4,
    }
}
