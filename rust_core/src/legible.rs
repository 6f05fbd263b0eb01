//! The smallest size at which a level's pictures tell apart what decides an answer; `tests/legible.rs` proves it by
//! drawing.

use std::sync::OnceLock;

use crate::{
    render::{LEAST, MOST, Reads, THEMES, Theme, reads},
    scene::Scene,
};

/// Sides are tried in steps of so many pixels.
const STEP: usize = 4;

/// What is worked out once for a level, a theme each: what tells whether a size is legible, and the least side that is.
#[derive(Default)]
pub struct Sides([OnceLock<(Reads, usize)>; THEMES.len()]);

impl Sides {
    fn known(&self, theme: Theme, extreme: impl FnOnce() -> Scene) -> &(Reads, usize) {
        self.0[theme as usize].get_or_init(|| {
            let reads = reads(&extreme(), theme);
            let least = (LEAST..MOST).step_by(STEP).find(|&side| reads([side, side])).unwrap_or(MOST);
            (reads, least)
        })
    }

    /// The side in pixels of the smallest legible square picture, for the largest sheet, the longest names and the
    /// smallest figures of the level that `extreme` is of, in whatever look.
    pub fn least(&self, theme: Theme, extreme: impl FnOnce() -> Scene) -> usize {
        self.known(theme, extreme).1
    }

    /// Whether a picture of this height and width is legible; one that is no square is judged by its own layout.
    pub fn allow(&self, [height, width]: [usize; 2], theme: Theme, extreme: impl FnOnce() -> Scene) -> bool {
        let (reads, least) = self.known(theme, extreme);
        height.min(width) >= *least || (height != width && reads([height, width]))
    }
}
