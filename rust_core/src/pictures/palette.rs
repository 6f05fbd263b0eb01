//! Colors to indices, for pictures of few colors.

/// A palette's colors at most: an index is a byte.
pub(super) const MOST: usize = 256;
/// Bits of a place in the table of colors, which has many more places than colors, so that hardly two share one.
const BITS: u32 = 12;
/// Pixels looked at together.
const STRETCH: usize = 8;
/// A color's key is its 24 bits and this one, so that none is 0.
const MARK: u32 = 1 << 24;

/// The colors of a picture in the order in which they appear, found by hashing.
pub(super) struct Palette {
    pub colors: Vec<[u8; 3]>,
    /// Keys of the colors known, by hash, else 0.
    keys: [u32; 1 << BITS],
    /// Their indices.
    indices: [u8; 1 << BITS],
}

impl Default for Palette {
    fn default() -> Self {
        Self { colors: Vec::with_capacity(MOST), keys: [0; 1 << BITS], indices: [0; 1 << BITS] }
    }
}

/// Where a key is looked for first.
#[inline]
fn place(key: u32) -> usize {
    (key.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as usize
}

#[inline]
fn key([red, green, blue]: [u8; 3]) -> u32 {
    MARK | u32::from_le_bytes([red, green, blue, 0])
}

/// The keys of eight pixels, taken from three words.
#[inline]
fn keys(stretch: &[u8; STRETCH * 3]) -> [u32; STRETCH] {
    let words = stretch.as_chunks::<8>().0;
    let [a, b, c] = [0, 1, 2].map(|at| u64::from_le_bytes(words[at]));
    [a, a >> 24, a >> 48 | b << 16, b >> 8, b >> 32, b >> 56 | c << 8, c >> 16, c >> 40]
        .map(|bits| MARK | bits as u32 & (MARK - 1))
}

impl Palette {
    /// Writes a picture's rows as a filter byte 0 and an index a pixel; false if there are too many colors.
    pub fn index(&mut self, picture: &[u8], width: usize, rows: &mut Vec<u8>) -> bool {
        self.colors.clear();
        self.keys.fill(0);
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
        let mut flat = (&[0; STRETCH * 3], None);
        for (at, (stretch, out)) in stretches.iter().zip(outs).enumerate() {
            if known.get(at) == Some(stretch) {
                *out = indices[at];
            } else if let (true, Some(index)) = (flat.0 == stretch, flat.1) {
                *out = [index; STRETCH];
            } else {
                if !self.stretch(stretch, out) {
                    return false;
                }
                flat = (stretch, out.iter().all(|index| *index == out[0]).then_some(out[0]));
            }
        }
        rest.as_chunks::<3>().0.iter().zip(rest_out).all(|(pixel, out)| self.look_up(key(*pixel), out))
    }

    /// Looks eight pixels up at once, without a branch a pixel: where letters have their edges none could be foretold.
    #[inline]
    fn stretch(&mut self, pixels: &[u8; STRETCH * 3], out: &mut [u8; STRETCH]) -> bool {
        let keys = keys(pixels);
        let mut missed = 0;
        for (key, out) in keys.iter().zip(&mut *out) {
            let place = place(*key);
            missed |= self.keys[place] ^ key;
            *out = self.indices[place];
        }
        missed == 0 || keys.iter().zip(out).all(|(key, out)| self.look_up(*key, out))
    }

    /// Writes the index of a color, a new one where there is room.
    fn look_up(&mut self, key: u32, out: &mut u8) -> bool {
        let mut place = place(key);
        while self.keys[place] != key {
            if self.keys[place] == 0 {
                if self.colors.len() == MOST {
                    return false;
                }
                let [red, green, blue, _] = key.to_le_bytes();
                (self.keys[place], self.indices[place]) = (key, self.colors.len() as u8);
                self.colors.push([red, green, blue]);
                break;
            }
            place = (place + 1) % (1 << BITS);
        }
        *out = self.indices[place];
        true
    }
}
