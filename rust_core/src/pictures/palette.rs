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
        let (mut last, mut index) = ([0; 3], None);
        for (at, (pixels, out)) in pixels.chunks(STRETCH * 3).zip(out.chunks_mut(STRETCH)).enumerate() {
            if let Some(same) = above.0.get(at * STRETCH * 3..at * STRETCH * 3 + pixels.len())
                && same == pixels
            {
                out.copy_from_slice(&above.1[at * STRETCH..][..out.len()]);
                continue;
            }
            for (pixel, out) in pixels.as_chunks::<3>().0.iter().zip(out) {
                if *pixel != last || index.is_none() {
                    last = *pixel;
                    index = self.find(last);
                }
                let Some(found) = index else { return false };
                *out = found;
            }
        }
        true
    }

    /// The index of a color, which is a new one where there is room.
    #[inline]
    fn find(&mut self, color: [u8; 3]) -> Option<u8> {
        let key = u32::from_le_bytes([color[0], color[1], color[2], 0]) + 1;
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
