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
        /// Pixels to a patch's side.
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
        if block == 0 || frames == 0 || !height.is_multiple_of(block) || !width.is_multiple_of(block) {
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
    match order {
        Order::Planes => planes(picture, width, tables, out),
        // The sides that models have, by name: the loops over a patch are unrolled for them.
        Order::Patches { side: 14, merge, frames } => patches(picture, width, 14, merge, frames, tables, out),
        Order::Patches { side: 16, merge, frames } => patches(picture, width, 16, merge, frames, tables, out),
        Order::Patches { side, merge, frames } => patches(picture, width, side, merge, frames, tables, out),
    }
}

#[inline(always)]
fn patches(
    picture: &[u8],
    width: usize,
    side: usize,
    merge: usize,
    frames: usize,
    tables: &Tables,
    out: &mut [f32],
) {
    let (stride, area) = (width * 3, side * side);
    let (across, squares) = (width / (side * merge), merge * merge);
    for (number, patch) in out.chunks_exact_mut(3 * frames * area).enumerate() {
        let (block, within) = (number / squares, number % squares);
        let row = block / across * merge + within / merge;
        let column = block % across * merge + within % merge;
        let start = row * side * stride + column * side * 3;
        let (red, rest) = patch.split_at_mut(frames * area);
        let (green, blue) = rest.split_at_mut(frames * area);
        let mut above: &[u8] = &[];
        for y in 0..side {
            let pixels = &picture[start + y * stride..][..side * 3];
            let at = y * side;
            if pixels == above {
                for channel in [&mut *red, &mut *green, &mut *blue] {
                    channel.copy_within(at - side..at, at);
                }
            } else {
                look_up(pixels, tables, [&mut red[at..][..side], &mut green[at..][..side], &mut blue[at..][..side]]);
            }
            above = pixels;
        }
        for channel in [red, green, blue] {
            let (first, others) = channel.split_at_mut(area);
            for other in others.chunks_exact_mut(area) {
                other.copy_from_slice(first);
            }
        }
    }
}

/// Pixels that are compared to those above at once: long enough to be worth it, short enough to be equal.
const STRETCH: usize = 16;

fn planes(picture: &[u8], width: usize, tables: &Tables, out: &mut [f32]) {
    let plane = out.len() / 3;
    let (red, rest) = out.split_at_mut(plane);
    let (green, blue) = rest.split_at_mut(plane);
    let mut above: &[u8] = &[];
    for (y, pixels) in picture.chunks_exact(width * 3).enumerate() {
        let at = y * width;
        if pixels == above {
            for channel in [&mut *red, &mut *green, &mut *blue] {
                channel.copy_within(at - width..at, at);
            }
        } else {
            for x in (0..width).step_by(STRETCH) {
                let (at, count) = (at + x, STRETCH.min(width - x));
                let stretch = &pixels[x * 3..][..count * 3];
                if y > 0 && *stretch == above[x * 3..][..count * 3] {
                    for channel in [&mut *red, &mut *green, &mut *blue] {
                        channel.copy_within(at - width..at - width + count, at);
                    }
                } else {
                    let parts = [&mut red[at..][..count], &mut green[at..][..count], &mut blue[at..][..count]];
                    look_up(stretch, tables, parts);
                }
            }
        }
        above = pixels;
    }
}

#[inline(always)]
fn look_up(pixels: &[u8], tables: &Tables, [red, green, blue]: [&mut [f32]; 3]) {
    for (((pixel, red), green), blue) in pixels.chunks_exact(3).zip(red).zip(green).zip(blue) {
        *red = tables[0][usize::from(pixel[0])];
        *green = tables[1][usize::from(pixel[1])];
        *blue = tables[2][usize::from(pixel[2])];
    }
}
