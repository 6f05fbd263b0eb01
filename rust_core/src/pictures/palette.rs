//! Colors to indices, for pictures of few colors.

use std::array;

/// A palette's colors at most: an index is a byte.
pub(super) const MOST: usize = 256;
/// Slots of the table of colors: many more than colors, so that hardly two share one.
const SLOTS: usize = 2048;
/// Pixels compared to those above at once.
const STRETCH: usize = 8;

/// The colors of a picture in the order in which they appear, found by hashing.
pub(super) struct Palette {
    pub colors: Vec<[u8; 3]>,
    /// A color's 24 bits plus one, or 0; and its index.
    slots: [(u32, u8); SLOTS],
}

impl Default for Palette {
    fn default() -> Self {
        Self { colors: Vec::with_capacity(MOST), slots: array::from_fn(|_| (0, 0)) }
    }
}

impl Palette {
    /// Writes a picture's rows as a filter byte 0 and an index a pixel; false if there are too many colors.
    pub fn index(&mut self, picture: &[u8], width: usize, rows: &mut Vec<u8>) -> bool {
        self.colors.clear();
        self.slots.fill((0, 0));
        rows.clear();
        rows.resize(picture.len() / 3 + picture.len() / (width * 3), 0);
        let mut above: (&[u8], &[u8]) = (&[], &[]);
        for (pixels, row) in picture.chunks_exact(width * 3).zip(rows.chunks_exact_mut(width + 1)) {
            let indices = &mut row[1..];
            if pixels == above.0 {
                indices.copy_from_slice(above.1);
            } else if !self.row(pixels, above, indices) {
                return false;
            }
            above = (pixels, indices);
        }
        true
    }

    fn row(&mut self, pixels: &[u8], above: (&[u8], &[u8]), out: &mut [u8]) -> bool {
        // Whole arrays, so that they are compared and copied as words.
        let (stretches, rest) = pixels.as_chunks::<{ STRETCH * 3 }>();
        let (outs, rest_out) = out.as_chunks_mut::<STRETCH>();
        let (known, indices) = (above.0.as_chunks::<{ STRETCH * 3 }>().0, above.1.as_chunks::<STRETCH>().0);
        for (at, (stretch, out)) in stretches.iter().zip(outs).enumerate() {
            if known.get(at) == Some(stretch) {
                *out = indices[at];
            } else if !self.look_up(stretch, out) {
                return false;
            }
        }
        self.look_up(rest, rest_out)
    }

    #[inline]
    fn look_up(&mut self, pixels: &[u8], out: &mut [u8]) -> bool {
        let (mut last, mut index) = (0, 0);
        for (pixel, out) in pixels.as_chunks::<3>().0.iter().zip(out) {
            let key = u32::from_le_bytes([pixel[0], pixel[1], pixel[2], 0]) + 1;
            if key != last {
                let Some(found) = self.find(key, *pixel) else { return false };
                (last, index) = (key, found);
            }
            *out = index;
        }
        true
    }

    /// The index of a color, which is a new one where there is room.
    #[inline]
    fn find(&mut self, key: u32, color: [u8; 3]) -> Option<u8> {
        let mut slot = (key.wrapping_mul(0x9e37_79b1) >> 21) as usize % SLOTS;
        loop {
            match self.slots[slot] {
                (0, _) if self.colors.len() == MOST => return None,
                (0, _) => {
                    let index = self.colors.len() as u8;
                    self.colors.push(color);
                    self.slots[slot] = (key, index);
                    return Some(index);
                }
                (known, index) if known == key => return Some(index),
                _ => slot = (slot + 1) % SLOTS,
            }
        }
    }
}
