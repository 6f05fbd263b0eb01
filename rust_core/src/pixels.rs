//! Pictures as the numbers a vision model takes: normalised by a table, in the order of its patches.
//!
//! A picture is drawn into a buffer that its thread keeps and read once. Most of a picture repeats the
//! scanline above, so a stretch of it that does is copied as numbers; only the rest is looked up.
//! Patches are cut from whole rows of numbers, because what was just stored one by one cannot be
//! read back as a vector without waiting for the stores.

use std::cell::RefCell;

use rayon::prelude::*;

use crate::{
    Error, Result,
    address::Address,
    batch::{FEW, with_picture},
    render::{Renderer, Theme},
};

/// What stands for a byte: a float32, or the bits of a float of half its size. Tables say what they mean.
pub trait Number: Copy + Default + Send + Sync {
    /// Runs `work` on numbers that this thread keeps.
    fn with_kept<T>(work: impl FnOnce(&mut Vec<Self>) -> T) -> T;
}

macro_rules! numbers {
    ($($number:ty),*) => {$(
        impl Number for $number {
            fn with_kept<T>(work: impl FnOnce(&mut Vec<Self>) -> T) -> T {
                thread_local! {
                    static KEPT: RefCell<Vec<$number>> = const { RefCell::new(Vec::new()) };
                }
                KEPT.with_borrow_mut(work)
            }
        }
    )*};
}
numbers!(f32, u16);

/// For each channel, red first, the number that stands for each byte.
pub type Tables<N> = [[N; 256]; 3];

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
pub fn pixels<N: Number>(
    addresses: &[Address],
    [height, width]: [usize; 2],
    theme: Theme,
    order: Order,
    tables: &Tables<N>,
    out: &mut [N],
) -> Result<()> {
    Renderer::new(height, width, theme)?; // a bad size is an error even for an empty batch
    let numbers = order.numbers(height, width)?;
    let want = addresses.len() * numbers;
    if out.len() != want {
        return Err(Error::Buffer { got: out.len(), want });
    }
    let one = |(out, address): (&mut [N], &Address)| {
        with_picture(address, height, width, theme, |picture| arrange(picture, width, order, tables, out))
    };
    if addresses.len() <= FEW {
        return out.chunks_exact_mut(numbers).zip(addresses).try_for_each(one);
    }
    out.par_chunks_exact_mut(numbers).zip(addresses).try_for_each(one)
}

/// Writes the numbers of a picture.
fn arrange<N: Number>(picture: &[u8], width: usize, order: Order, tables: &Tables<N>, out: &mut [N]) {
    let pixels = picture.as_chunks::<3>().0;
    match order {
        Order::Planes => planes(pixels, width, tables, out),
        Order::Patches { side: 14, merge, frames } => patches::<14, N>(pixels, width, merge, frames, tables, out),
        Order::Patches { merge, frames, .. } => patches::<16, N>(pixels, width, merge, frames, tables, out),
    }
}

fn patches<const SIDE: usize, N: Number>(
    pixels: &[[u8; 3]],
    width: usize,
    merge: usize,
    frames: usize,
    tables: &Tables<N>,
    out: &mut [N],
) {
    let plane = SIDE * merge * width; // pixels to a row of blocks
    let mut starts = Vec::with_capacity(SIDE * merge);
    N::with_kept(|rows| {
        rows.resize(3 * plane, N::default());
        for (pixels, out) in pixels.chunks_exact(plane).zip(out.chunks_exact_mut(3 * frames * plane)) {
            look_up(pixels, width, tables, rows, &mut starts);
            cut::<SIDE, N>(rows, &starts, merge, frames, out);
        }
    });
}

/// Writes the numbers of different lines as rows of three planes, and where each line's row starts.
fn look_up<N: Number>(pixels: &[[u8; 3]], width: usize, tables: &Tables<N>, rows: &mut [N], starts: &mut Vec<usize>) {
    let mut planes = split(rows);
    let mut above: &[_] = &[];
    let mut next = 0;
    starts.clear();
    for line in pixels.chunks_exact(width) {
        if line != above {
            follow(line, above, tables, &mut planes, next);
            next += width;
        }
        starts.push(next - width);
        above = line;
    }
}

/// Writes the patches of a row of blocks.
fn cut<const SIDE: usize, N: Number>(rows: &[N], starts: &[usize], merge: usize, frames: usize, out: &mut [N]) {
    let (plane, squares) = (rows.len() / 3, merge * merge);
    for (number, patch) in out.chunks_exact_mut(3 * frames * SIDE * SIDE).enumerate() {
        let (block, within) = (number / squares, number % squares);
        let starts = &starts[within / merge * SIDE..][..SIDE];
        let column = (block * merge + within % merge) * SIDE;
        for (part, channel) in patch.chunks_exact_mut(frames * SIDE * SIDE).enumerate() {
            let from = &rows[part * plane + column..];
            let (first, others) = channel.split_at_mut(SIDE * SIDE);
            // Whole arrays: their length is known, so that a copy needs no loop.
            for (line, &start) in first.as_chunks_mut::<SIDE>().0.iter_mut().zip(starts) {
                line.copy_from_slice(&from[start..start + SIDE]);
            }
            for other in others.chunks_exact_mut(SIDE * SIDE) {
                other.copy_from_slice(first);
            }
        }
    }
}

fn planes<N: Number>(pixels: &[[u8; 3]], width: usize, tables: &Tables<N>, out: &mut [N]) {
    let mut planes = split(out);
    let mut above: &[_] = &[];
    for (y, line) in pixels.chunks_exact(width).enumerate() {
        let start = y * width;
        if line == above {
            for plane in &mut planes {
                plane.copy_within(start - width..start, start);
            }
        } else {
            follow(line, above, tables, &mut planes, start);
        }
        above = line;
    }
}

/// Three planes that lie side by side.
fn split<N: Number>(planes: &mut [N]) -> [&mut [N]; 3] {
    let plane = planes.len() / 3;
    let (red, rest) = planes.split_at_mut(plane);
    let (green, blue) = rest.split_at_mut(plane);
    [red, green, blue]
}

/// Pixels that are compared to those above at once: long enough to be worth it, short enough to be equal.
const STRETCH: usize = 16;

/// Writes the row of a line at `start` of each plane; that of the line above, if any, is right before.
fn follow<N: Number>(
    line: &[[u8; 3]],
    above: &[[u8; 3]],
    tables: &Tables<N>,
    planes: &mut [&mut [N]; 3],
    start: usize,
) {
    let (stretches, rest) = line.as_chunks::<STRETCH>();
    let above = above.as_chunks::<STRETCH>().0;
    let before = if above.is_empty() { start } else { start - line.len() };
    let mut rows = planes.each_mut().map(|plane| {
        let (old, new) = plane[before..start + line.len()].split_at_mut(start - before);
        let (new, rest) = new.as_chunks_mut::<STRETCH>();
        (old.as_chunks::<STRETCH>().0, new, rest)
    });
    for (at, stretch) in stretches.iter().enumerate() {
        if above.get(at) == Some(stretch) {
            for (old, new, _) in &mut rows {
                new[at] = old[at];
            }
        } else {
            translate(stretch, tables, rows.each_mut().map(|(_, new, _)| new[at].as_mut_slice()));
        }
    }
    translate(rest, tables, rows.map(|(_, _, rest)| rest));
}

fn translate<N: Number>(pixels: &[[u8; 3]], tables: &Tables<N>, [red, green, blue]: [&mut [N]; 3]) {
    for (((pixel, red), green), blue) in pixels.iter().zip(red).zip(green).zip(blue) {
        *red = tables[0][usize::from(pixel[0])];
        *green = tables[1][usize::from(pixel[1])];
        *blue = tables[2][usize::from(pixel[2])];
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What the order says, number by number.
    fn expected<N: Number>(pixels: &[[u8; 3]], width: usize, order: Order, tables: &Tables<N>) -> Vec<N> {
        let height = pixels.len() / width;
        let number = |part: usize, y: usize, x: usize| tables[part][usize::from(pixels[y * width + x][part])];
        let mut numbers = Vec::new();
        let Order::Patches { side, merge, frames } = order else {
            for (part, at) in (0..3).flat_map(|part| (0..pixels.len()).map(move |at| (part, at))) {
                numbers.push(number(part, at / width, at % width));
            }
            return numbers;
        };
        let block = side * merge;
        for (top, left) in (0..height).step_by(block).flat_map(|y| (0..width).step_by(block).map(move |x| (y, x))) {
            for square in 0..merge * merge {
                let (top, left) = (top + square / merge * side, left + square % merge * side);
                for part in (0..3).flat_map(|part| std::iter::repeat_n(part, frames)) {
                    for at in 0..side * side {
                        numbers.push(number(part, top + at / side, left + at % side));
                    }
                }
            }
        }
        numbers
    }

    /// Orders with a height and a width that they take, and sides that end within a stretch.
    fn orders() -> impl Strategy<Value = (Order, usize, usize)> {
        let patches = (prop::sample::select(vec![14, 16]), 1..4_usize, 1..4_usize, 1..4_usize, 1..4_usize);
        prop_oneof![
            patches.prop_map(|(side, merge, frames, down, across)| {
                (Order::Patches { side, merge, frames }, down * side * merge, across * side * merge)
            }),
            (1..40_usize, 1..70_usize).prop_map(|(height, width)| (Order::Planes, height, width)),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn numbers_are_where_the_order_says(
            (order, height, width) in orders(),
            changes in prop::collection::vec(prop::collection::vec((0..1000_usize, any::<[u8; 3]>()), 0..4), 144),
        ) {
            // Each line is the one above but for a few pixels, or all of it.
            let mut line = vec![[0; 3]; width];
            let mut picture = Vec::new();
            for changes in &changes[..height] {
                for (at, color) in changes {
                    line[at % width] = *color;
                }
                picture.extend(line.iter().flatten());
            }
            let halves = std::array::from_fn(|part| std::array::from_fn(|byte| (part * 256 + byte) as u16));
            let singles = halves.map(|table| table.map(f32::from));
            let expected = expected(picture.as_chunks().0, width, order, &halves);
            let mut half = vec![u16::MAX; expected.len()];
            arrange(&picture, width, order, &halves, &mut half);
            prop_assert!(half == expected);
            let mut single = vec![-1.0; expected.len()];
            arrange(&picture, width, order, &singles, &mut single);
            prop_assert!(single == half.into_iter().map(f32::from).collect::<Vec<_>>());
        }
    }
}
