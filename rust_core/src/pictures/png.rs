//! PNG files. Every row has filter 0: what a row shares with the row above is found by `deflate`.

use png::{BitDepth, ColorType, Encoder, EncodingError, chunk};

use super::{palette::Palette, zlib::Deflate};

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
        note_repeats(picture.chunks_exact(width * 3), &mut self.repeats);
        if self.palette.index(picture, width, &self.repeats, &mut self.rows) {
            let palette = std::mem::take(&mut self.palette.colors);
            let file = self.indexed_file(&palette, height, width);
            self.palette.colors = palette;
            return file;
        }
        self.rows.clear();
        for row in picture.chunks_exact(width * 3) {
            self.rows.push(0);
            self.rows.extend_from_slice(row);
        }
        let stream = self.deflate.zlib(&self.rows, width * 3 + 1, 3, &self.repeats);
        write(None, [height, width], stream).expect("a picture's file fits into memory")
    }

    /// Encodes a picture that `draw` writes as indices, if it can: into `height` rows of `width` and one byte more, which it
    /// leaves alone, and returning the palette.
    pub fn drawn(
        &mut self,
        height: usize,
        width: usize,
        draw: impl FnOnce(&mut [u8]) -> Option<Vec<[u8; 3]>>,
    ) -> Option<Vec<u8>> {
        // A row's filter stands before it, so the byte after it is the next one's.
        self.rows.resize(height * (width + 1) + 1, 0);
        let mut palette = draw(&mut self.rows[1..])?;
        self.rows.pop();
        self.rows.iter_mut().step_by(width + 1).for_each(|filter| *filter = 0);
        palette.truncate(usize::from(self.rows.iter().fold(0, |most, index| most.max(*index))) + 1);
        note_repeats(self.rows.chunks_exact(width + 1), &mut self.repeats);
        Some(self.indexed_file(&palette, height, width))
    }

    /// The file of the rows at hand, a filter byte and an index a pixel.
    fn indexed_file(&mut self, palette: &[[u8; 3]], height: usize, width: usize) -> Vec<u8> {
        let depth = match palette.len() {
            0..=2 => BitDepth::One,
            3..=4 => BitDepth::Two,
            5..=16 => BitDepth::Four,
            _ => BitDepth::Eight,
        };
        let row = pack(&mut self.rows, width, depth);
        let stream = self.deflate.zlib(&self.rows, row, 1, &self.repeats);
        write(Some((depth, palette.as_flattened())), [height, width], stream)
            .expect("a picture's file fits into memory")
    }
}

/// Notes which rows are those above them.
fn note_repeats<'a>(rows: impl Iterator<Item = &'a [u8]>, out: &mut Vec<bool>) {
    let mut above: &[u8] = &[];
    out.clear();
    out.extend(rows.map(|row| std::mem::replace(&mut above, row) == row));
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
