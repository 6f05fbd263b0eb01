//! What a picture's memory holds for a pixel: a color, or the index of one in a palette.

use std::{fmt::Debug, hash::Hash};

use super::{
    blend::{Rgb, mix, tint},
    figure,
    outline::{LEVELS, STEP},
};

/// Ink on a ground.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Pair<P = Rgb> {
    pub ground: P,
    pub ink: P,
}

/// A ground's mixtures with its ink, by coverage.
pub(super) type Shades<P> = [<P as Pixel>::Shade; 256];

/// A pixel that can be painted and printed.
pub(super) trait Pixel: Copy + Debug + Default + Eq + Hash {
    /// A pixel as many are written most quickly.
    type Shade: Copy + Default;

    /// A pair's ground with `coverage` of 255 parts of its ink over it.
    fn shade(pair: Pair<Self>, coverage: u8) -> Self::Shade;

    /// A shade as a pixel.
    fn plain(shade: Self::Shade) -> Self;

    /// Fills pixels with one.
    fn flood(span: &mut [Self], pixel: Self);

    /// Appends the pixels of some coverage.
    fn develop(pixels: &mut Vec<Self>, coverage: &[u8], shades: &Shades<Self>);

    /// The walker's pixels on a ground, `side` of them wide and high.
    fn walker(ground: Self, side: usize) -> Vec<Self>;
}

/// All shades of a pair.
pub(super) fn shades<P: Pixel>(pair: Pair<P>) -> Shades<P> {
    std::array::from_fn(|coverage| P::shade(pair, coverage as u8))
}

impl Pixel for Rgb {
    /// Red is the lowest byte, the highest is zero.
    type Shade = u32;

    fn shade(Pair { ground, ink }: Pair, coverage: u8) -> u32 {
        let [r, g, b] = [0, 1, 2].map(|part| mix(ground[part], ink[part], coverage));
        u32::from_le_bytes([r, g, b, 0])
    }

    #[inline]
    fn plain(shade: u32) -> Self {
        let [r, g, b, _] = shade.to_le_bytes();
        [r, g, b]
    }

    #[inline]
    fn flood(span: &mut [Self], color: Self) {
        let span = span.as_flattened_mut();
        if color[0] == color[1] && color[1] == color[2] {
            span.fill(color[0]);
            return;
        }
        let mut block = [0; 48];
        block.as_chunks_mut().0.fill(color);
        let mut blocks = span.chunks_exact_mut(48);
        for out in &mut blocks {
            out.copy_from_slice(&block);
        }
        let rest = blocks.into_remainder();
        let left = rest.len();
        rest.copy_from_slice(&block[..left]);
    }

    /// Four at a time in three words.
    fn develop(pixels: &mut Vec<Self>, coverage: &[u8], shades: &Shades<Self>) {
        let at = pixels.len();
        pixels.resize(at + coverage.len(), [0; 3]);
        let ((outs, last), (fours, rest)) = (pixels[at..].as_chunks_mut::<4>(), coverage.as_chunks::<4>());
        for (out, four) in outs.iter_mut().zip(fours) {
            let shade = |at: usize| shades[usize::from(four[at])];
            let (a, b, c, d) = (shade(0), shade(1), shade(2), shade(3));
            let out = out.as_flattened_mut();
            out[..4].copy_from_slice(&(a | b << 24).to_le_bytes());
            out[4..8].copy_from_slice(&(b >> 8 | c << 16).to_le_bytes());
            out[8..].copy_from_slice(&(c >> 16 | d << 8).to_le_bytes());
        }
        for (out, &coverage) in last.iter_mut().zip(rest) {
            *out = Self::plain(shades[usize::from(coverage)]);
        }
    }

    fn walker(ground: Self, side: usize) -> Vec<Self> {
        let mut pixels = vec![ground; side.max(1).pow(2)];
        for (mask, ink) in figure::walker(side) {
            tint(&mut pixels, &mask, ink);
        }
        pixels
    }
}

/// An index: a pair's ground is followed by its mixtures with its ink, which stands anywhere.
impl Pixel for u8 {
    type Shade = u8;

    fn shade(Pair { ground, ink }: Pair<u8>, coverage: u8) -> u8 {
        if coverage == 255 { ink } else { ground + coverage / STEP }
    }

    #[inline]
    fn plain(shade: u8) -> u8 {
        shade
    }

    #[inline]
    fn flood(span: &mut [u8], index: u8) {
        span.fill(index);
    }

    fn develop(pixels: &mut Vec<u8>, coverage: &[u8], shades: &Shades<u8>) {
        pixels.extend(coverage.iter().map(|coverage| shades[usize::from(*coverage)]));
    }

    fn walker(_: u8, _: usize) -> Vec<u8> {
        unreachable!("the colors of the walker's rings on each other are on no palette")
    }
}

/// How many indices a pair takes besides its ink.
pub(super) const MIXTURES: usize = LEVELS as usize;
