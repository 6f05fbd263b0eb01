//! Pictures as files: PNG without loss, JPEG with.
//!
//! ```text
//! palette   colors -> indices, if there are few     zlib      rows -> a zlib stream
//! png       the file
//! ```
//!
//! A picture is drawn into a buffer that its thread keeps and encoded from there; files are all
//! that leaves. Tables and boards are drawn as indices, which saves finding their colors again; so a
//! palette lists what a look could show, and a file is a function of address, size, theme, encoding and quality.

mod palette;
mod png;
mod zlib;

use std::cell::RefCell;

use rayon::prelude::*;

use crate::{
    Error, Result,
    address::Address,
    batch::{FEW, with_drawn, with_renderer},
    render::{Renderer, Theme},
    rng::{Rng, Stream},
    scene::Scene,
};

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Without loss: a palette where there are at most 256 colors, else true color.
    Png,
    /// With loss, no chroma subsampling, at a quality of 1 to 100.
    Jpeg(u8),
}

/// Names of [`Encoding`], in order.
pub const ENCODINGS: [&str; 2] = ["png", "jpeg"];

impl Encoding {
    /// The encoding of this name; `quality` counts for JPEG.
    ///
    /// # Errors
    /// There is no such encoding or quality.
    pub fn named(name: &str, quality: i64) -> Result<Self> {
        match name {
            "png" => Ok(Self::Png),
            "jpeg" if (1..=100).contains(&quality) => Ok(Self::Jpeg(quality as u8)),
            "jpeg" => Err(Error::Quality { quality }),
            _ => Err(Error::Encoding { encoding: name.to_owned(), known: ENCODINGS.join(", ") }),
        }
    }
}

/// Draws samples and encodes their pictures, each a file.
///
/// # Errors
/// A bad size.
pub fn encode(
    addresses: &[Address],
    [height, width]: [usize; 2],
    theme: Theme,
    encoding: Encoding,
) -> Result<Vec<Vec<u8>>> {
    Renderer::new(height, width, theme)?; // a bad size is an error even for an empty batch
    let one = |address: &Address| {
        let (scene, look) = (address.resolve().scene(), address.stream(Stream::Look));
        if encoding == Encoding::Png
            && let Some(file) = indexed(&scene, look.clone(), [height, width], theme)?
        {
            return Ok(file);
        }
        with_drawn(&scene, look, [height, width], theme, |picture| file(picture, height, width, encoding))
    };
    if addresses.len() <= FEW {
        return addresses.iter().map(one).collect();
    }
    addresses.par_iter().with_min_len(4).map(one).collect()
}

thread_local! {
    static PRESS: RefCell<png::Press> = RefCell::new(png::Press::default());
}

/// The PNG of a scene that can be drawn as indices.
fn indexed(scene: &Scene, look: Rng, [height, width]: [usize; 2], theme: Theme) -> Result<Option<Vec<u8>>> {
    with_renderer(height, width, theme, |renderer| {
        PRESS.with_borrow_mut(|press| press.drawn(height, width, |out| renderer.draw_indices(scene, look, out)))
    })
}

/// Encodes a picture of `height * width * 3` bytes, rows top to bottom.
///
/// # Panics
/// If the picture has another length, or a side is 0 or more than 65535.
pub fn file(picture: &[u8], height: usize, width: usize, encoding: Encoding) -> Vec<u8> {
    assert_eq!(picture.len(), height * width * 3, "a picture of {height} x {width} pixels has three bytes each");
    match encoding {
        Encoding::Png => PRESS.with_borrow_mut(|press| press.file(picture, height, width)),
        Encoding::Jpeg(quality) => jpeg(picture, height, width, quality),
    }
}

fn jpeg(picture: &[u8], height: usize, width: usize, quality: u8) -> Vec<u8> {
    let mut out = Vec::with_capacity(picture.len() / 8);
    let side = |side: usize| u16::try_from(side).expect("no picture is that large");
    let mut encoder = jpeg_encoder::Encoder::new(&mut out, quality);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::R_4_4_4);
    encoder
        .encode(picture, side(width), side(height), jpeg_encoder::ColorType::Rgb)
        .expect("a whole picture fits into memory");
    out
}
