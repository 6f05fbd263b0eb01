//! The smallest size at which a level's pictures tell apart what decides an answer, and the refusal of smaller ones.

use std::sync::OnceLock;

use crate::{
    Error, Result,
    render::{LEAST, MOST, Reads, THEMES, Theme, reads},
    tasks::Setting,
};

/// Two drawings differ visibly where at least so many pixels do, …
pub const PIXELS: usize = 3;
/// … each in some channel by at least so much of 255: less than from any gray of a figure to the next, more than
/// rounding makes.
pub const CONTRAST: u8 = 32;

/// Whether two pictures of one size, three bytes a pixel, differ visibly.
pub fn tells(one: &[u8], other: &[u8]) -> bool {
    let pixels = one.as_chunks::<3>().0.iter().zip(other.as_chunks::<3>().0);
    let apart = |(one, other): &(&[u8; 3], &[u8; 3])| one.iter().zip(*other).any(|(a, b)| a.abs_diff(*b) >= CONTRAST);
    pixels.filter(apart).take(PIXELS).count() == PIXELS
}

/// What was worked out for a setting, a theme each: what tells whether a size is legible, and the least that is.
#[derive(Default)]
pub struct Sides([OnceLock<(Reads, usize)>; THEMES.len()]);

/// Sides are tried in steps of so many pixels.
const STEP: usize = 4;

/// The side in pixels of the smallest legible square picture of a setting in a theme, for its largest sheet, its
/// longest names and its smallest figures, in whatever look. It is kept with the setting.
pub fn side(setting: &Setting, theme: Theme) -> usize {
    known(setting, theme).1
}

fn known(setting: &Setting, theme: Theme) -> &(Reads, usize) {
    setting.sides.0[theme as usize].get_or_init(|| {
        let reads = reads(&setting.level.extreme(), theme);
        let least = (LEAST..MOST).step_by(STEP).find(|&side| reads([side, side])).unwrap_or(MOST);
        (reads, least)
    })
}

/// Complains if a picture of this height and width is too small for a setting. One that is no square is judged by
/// its own layout.
///
/// # Errors
/// [`Error::Legible`], which names the size that would do.
pub fn check(setting: &Setting, [height, width]: [usize; 2], theme: Theme) -> Result<()> {
    let (reads, least) = known(setting, theme);
    if height.min(width) >= *least || (height != width && reads([height, width])) {
        return Ok(());
    }
    Err(Error::Legible { height, width, level: setting.name.clone(), theme: theme.name(), least: *least })
}
