//! PNG files. Every row has filter 0: what a row shares with the row above is found by `deflate`.

use png::{BitDepth, ColorType, Encoder, EncodingError, chunk};

use super::{deflate::Deflate, palette::Palette};

/// What a thread keeps from one picture to the next.
#[derive(Default)]
pub(super) struct Press {
    palette: Palette,
    /// Which rows are those above them.
    repeats: Vec<bool>,
    /// Rows as they are compressed: a filter byte, then pixels.
    rows: Vec<u8>,
    deflate: Deflate,
}

impl Press {
    /// Encodes a picture.
    pub fn file(&mut self, picture: &[u8], height: usize, width: usize) -> Vec<u8> {
        let mut above: &[u8] = &[];
        self.repeats.clear();
        self.repeats.extend(picture.chunks_exact(width * 3).map(|row| std::mem::replace(&mut above, row) == row));
        let (depth, row, unit) = if self.palette.index(picture, width, &self.repeats, &mut self.rows) {
            let depth = match self.palette.colors.len() {
                0..=2 => BitDepth::One,
                3..=4 => BitDepth::Two,
                5..=16 => BitDepth::Four,
                _ => BitDepth::Eight,
            };
            (Some(depth), pack(&mut self.rows, width, depth), 1)
        } else {
            self.rows.clear();
            for row in picture.chunks_exact(width * 3) {
                self.rows.push(0);
                self.rows.extend_from_slice(row);
            }
            (None, width * 3 + 1, 3)
        };
        let stream = self.deflate.zlib(&self.rows, row, unit, &self.repeats);
        let palette = self.palette.colors.as_flattened();
        write(depth.map(|depth| (depth, palette)), [height, width], stream).expect("a picture's file fits into memory")
    }
}

/// The file of a stream of rows: of indices of so many bits each if there is a palette, else of colors.
fn write(
    palette: Option<(BitDepth, &[u8])>,
    [height, width]: [usize; 2],
    stream: &[u8],
) -> Result<Vec<u8>, EncodingError> {
    let mut out = Vec::with_capacity(stream.len() + 1024);
    let mut encoder = Encoder::new(&mut out, width as u32, height as u32);
    if let Some((depth, palette)) = palette {
        encoder.set_color(ColorType::Indexed);
        encoder.set_depth(depth);
        encoder.set_palette(palette);
    } else {
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
    }
    let mut writer = encoder.write_header()?;
    writer.write_chunk(chunk::IDAT, stream)?;
    writer.finish()?;
    Ok(out)
}

/// Packs rows of an index a byte to fewer bits in place; returns a packed row's bytes.
fn pack(rows: &mut Vec<u8>, width: usize, depth: BitDepth) -> usize {
    let bits = depth as usize;
    let each = 8 / bits;
    let packed = width.div_ceil(each) + 1;
    if bits == 8 {
        return packed;
    }
    let height = rows.len() / (width + 1);
    for y in 0..height {
        let (from, to) = (y * (width + 1), y * packed);
        rows[to] = 0;
        for at in 0..packed - 1 {
            let mut byte = 0;
            for x in at * each..(at + 1) * each {
                byte = byte << bits | if x < width { rows[from + 1 + x] } else { 0 };
            }
            rows[to + 1 + at] = byte;
        }
    }
    rows.truncate(height * packed);
    packed
}
