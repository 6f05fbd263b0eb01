//! How pictures may look, by name.

use crate::{Error, Result};

/// How pictures look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Theme {
    /// As the figures of the paper.
    Paper,
    /// Palette, fonts, widths and margins drawn from the address; labels unchanged.
    Varied,
    /// Square cells on whole pixels, one cell a patch; the lattice begins at pixel (0, 0).
    ///
    /// A sheet of `r` rows and `c` columns has cells of `s = min(height / (r + 1), width / (c + 1))`
    /// pixels (rounded down), the row labels' column at the left one cell wide, the column labels'
    /// row (a table's at the top, a board's at the bottom) one cell high: choose
    /// `height = (r + 1) * patch`, `width = (c + 1) * patch`. A cell's first pixel row and pixel
    /// column are its line.
    ///
    /// Panels, `n` rows of them above `k` options, are `2 * h` pixels wide and high with
    /// `h = min(width / (2 * max(k, longest row)), height / (2 * n + 3))`; the options' numbers are
    /// below them in a strip `h` high. Choose `height = (2 * n + 3) * h` and `width = 2 * h * max(...)`: two
    /// rows (one example, one query) over four options are 112 high and 128 wide with panels of 32. A frame
    /// is one pixel, a slot `(2 * h - 2) / 3` pixels (rounded down).
    Compact,
}

/// Names of [`Theme`], in order.
pub const THEMES: [&str; 3] = ["paper", "varied", "compact"];

impl Theme {
    /// Its name.
    pub fn name(self) -> &'static str {
        THEMES[self as usize]
    }

    /// The theme of this name.
    pub fn named(name: &str) -> Result<Self> {
        match name {
            "paper" => Ok(Self::Paper),
            "varied" => Ok(Self::Varied),
            "compact" => Ok(Self::Compact),
            _ => Err(Error::Theme { theme: name.to_owned(), known: THEMES.join(", ") }),
        }
    }
}
