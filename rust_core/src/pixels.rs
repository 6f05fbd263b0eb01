//! Pictures as the numbers a vision model takes: normalised by a table, in the order of its patches.
//!
//! A picture is drawn into a buffer that its thread keeps and read once. Most of a picture repeats the
//! scanline above, so a stretch of it that does is copied as numbers; only the rest is looked up.

use rayon::prelude::*;

use crate::{
    Error, Result,
    address::Address,
    batch::{FEW, with_picture},
    render::{Renderer, Theme},
};

/// For each channel, red first, the number that stands for each byte.
pub type Tables = [[f32; 256]; 3];

/// The order in which a model takes the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Channel after channel, rows top to bottom: `3 * height * width` numbers.
    Planes,
    /// Square after square, each channel after channel, each channel as often as there are frames.
    /// Squares stand in blocks that the model merges, blocks and the squares in them row by row.
    Patches {
        /// Pixels to a patch's side: 14 or 16, as vision models have them.
        side: usize,
        /// Patches to a merged block's side.
        merge: usize,
        /// How often a channel is given; a still picture is that many equal frames.
        frames: usize,
    },
}

impl Order {
    /// How many numbers stand for a picture.
    ///
    /// # Errors
    /// [`Error::Patches`], if blocks of patches do not tile it.
    pub fn numbers(self, height: usize, width: usize) -> Result<usize> {
        let Self::Patches { side, merge, frames } = self else { return Ok(3 * height * width) };
        let block = side * merge;
        if ![14, 16].contains(&side)
            || block == 0
            || frames == 0
            || !height.is_multiple_of(block)
            || !width.is_multiple_of(block)
        {
            return Err(Error::Patches { height, width, side, merge, frames });
        }
        Ok(3 * height * width * frames)
    }
}

/// Draws samples and writes their numbers side by side into `out`.
///
/// # Errors
/// A bad size or order, or `out` of another length.
pub fn pixels(
    addresses: &[Address],
    [height, width]: [usize; 2],
    theme: Theme,
    order: Order,
    tables: &Tables,
    out: &mut [f32],
) -> Result<()> {
    Renderer::new(height, width, theme)?; // a bad size is an error even for an empty batch
    let numbers = order.numbers(height, width)?;
    let want = addresses.len() * numbers;
    if out.len() != want {
        return Err(Error::Buffer { got: out.len(), want });
    }
    let one = |(out, address): (&mut [f32], &Address)| {
        with_picture(address, height, width, theme, |picture| arrange(picture, width, order, tables, out))
    };
    if addresses.len() <= FEW {
        return out.chunks_exact_mut(numbers).zip(addresses).try_for_each(one);
    }
    out.par_chunks_exact_mut(numbers).zip(addresses).try_for_each(one)
}

/// Writes the numbers of a picture.
fn arrange(picture: &[u8], width: usize, order: Order, tables: &Tables, out: &mut [f32]) {
    let pixels = picture.as_chunks::<3>().0;
    match order {
        Order::Planes => planes(pixels, width, tables, out),
        Order::Patches { side: 14, merge, frames } => patches::<14>(pixels, width, merge, frames, tables, out),
        Order::Patches { merge, frames, .. } => patches::<16>(pixels, width, merge, frames, tables, out),
    }
}

fn patches<const SIDE: usize>(
    pixels: &[[u8; 3]],
    width: usize,
    merge: usize,
    frames: usize,
    tables: &Tables,
    out: &mut [f32],
) {
    let (across, squares) = (width / (SIDE * merge), merge * merge);
    for (number, patch) in out.chunks_exact_mut(3 * frames * SIDE * SIDE).enumerate() {
        let (block, within) = (number / squares, number % squares);
        let row = block / across * merge + within / merge;
        let column = block % across * merge + within % merge;
        let start = row * SIDE * width + column * SIDE;
        // Rows of whole arrays: their lengths are known, so that copies and comparisons need no loops.
        let (red, rest) = patch.split_at_mut(frames * SIDE * SIDE);
        let (green, blue) = rest.split_at_mut(frames * SIDE * SIDE);
        let mut channels = [red, green, blue].map(|channel| channel.as_chunks_mut::<SIDE>().0);
        let mut above = None;
        for y in 0..SIDE {
            let Some(line) = pixels[start + y * width..].first_chunk::<SIDE>() else { return };
            if above == Some(line) {
                for channel in &mut channels {
                    channel[y] = channel[y - 1];
                }
            } else {
                for (part, channel) in channels.iter_mut().enumerate() {
                    channel[y] = line.map(|pixel| tables[part][usize::from(pixel[part])]);
                }
            }
            above = Some(line);
        }
        for channel in channels {
            let (first, others) = channel.split_at_mut(SIDE);
            for other in others.chunks_exact_mut(SIDE) {
                other.copy_from_slice(first);
            }
        }
    }
}

/// Pixels that are compared to those above at once: long enough to be worth it, short enough to be equal.
const STRETCH: usize = 16;

fn planes(pixels: &[[u8; 3]], width: usize, tables: &Tables, out: &mut [f32]) {
    let plane = pixels.len();
    for (y, line) in pixels.chunks_exact(width).enumerate() {
        let above = if y > 0 { &pixels[(y - 1) * width..y * width] } else { &[] };
        if line == above {
            for part in 0..3 {
                let at = part * plane + y * width;
                out.copy_within(at - width..at, at);
            }
            continue;
        }
        for x in (0..width).step_by(STRETCH) {
            let end = (x + STRETCH).min(width);
            let stretch = &line[x..end];
            let same = above.get(x..end) == Some(stretch);
            for (part, table) in tables.iter().enumerate() {
                let at = part * plane + y * width + x;
                if same {
                    out.copy_within(at - width..at - width + stretch.len(), at);
                } else {
                    for (number, pixel) in out[at..].iter_mut().zip(stretch) {
                        *number = table[usize::from(pixel[part])];
                    }
                }
            }
        }
    }
}
