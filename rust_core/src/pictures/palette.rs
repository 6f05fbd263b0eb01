//! Colors to indices, for pictures of few colors.

/// A palette's colors at most: an index is a byte.
pub(super) const MOST: usize = 256;
/// Bits of a place in the table of colors, which has many more places than colors, so that hardly two share one.
const BITS: u32 = 12;
/// Pixels looked at together.
const STRETCH: usize = 8;
/// Stretches whose differences from the row above are noted in one word.
const WORD: usize = 64;
/// Colors as they are looked up, red, green and blue above eight bits for an index. White has all of a color's bits.
const BLACK: u32 = 0;
const WHITE: u32 = 0xffff_ff00;

/// The colors of a picture in the order in which they appear, found by hashing.
pub(super) struct Palette {
    pub colors: Vec<[u8; 3]>,
    /// By hash, a color and its index in one.
    places: [u32; 1 << BITS],
}

impl Default for Palette {
    fn default() -> Self {
        Self { colors: Vec::with_capacity(MOST), places: [0; 1 << BITS] }
    }
}

/// Where a color is looked for first.
#[inline]
fn place(color: u32) -> usize {
    (color.wrapping_mul(0x9e37_79b1) >> (32 - BITS)) as usize
}

/// The colors of eight pixels, taken from three words.
#[inline]
fn colors([a, b, c]: [u64; 3]) -> [u32; STRETCH] {
    [a << 8, a >> 16, a >> 40 | b << 24, b, b >> 24, b >> 48 | c << 16, c >> 8, c >> 32].map(|bits| bits as u32 & WHITE)
}

#[inline]
fn words(stretch: &[u8; STRETCH * 3]) -> [u64; 3] {
    let words = stretch.as_chunks::<8>().0;
    [0, 1, 2].map(|at| u64::from_le_bytes(words[at]))
}

/// Which of some stretches differ, a bit each.
#[inline]
fn differing(here: &[[u8; STRETCH * 3]], there: &[[u8; STRETCH * 3]]) -> u64 {
    here.iter().zip(there).enumerate().fold(0, |differ, (at, (here, there))| {
        let (here, there) = (words(here), words(there));
        let difference = here[0] ^ there[0] | here[1] ^ there[1] | here[2] ^ there[2];
        differ | u64::from(difference != 0) << at
    })
}

impl Palette {
    /// Writes a picture's rows as a filter byte 0 and an index a pixel; false if there are too many colors.
    /// `repeats` says which rows are those above them.
    pub fn index(&mut self, picture: &[u8], width: usize, repeats: &[bool], rows: &mut Vec<u8>) -> bool {
        self.colors.clear();
        // An empty place holds a color that belongs elsewhere: black belongs to the first, white does not.
        self.places.fill(BLACK);
        self.places[place(BLACK)] = WHITE;
        rows.resize(picture.len() / 3 + picture.len() / (width * 3), 0);
        let mut above: Option<(&[u8], &[u8])> = None;
        let rows = rows.chunks_exact_mut(width + 1);
        for ((pixels, row), repeats) in picture.chunks_exact(width * 3).zip(rows).zip(repeats) {
            row[0] = 0;
            let indices = &mut row[1..];
            let known = match above {
                None => self.look_up_all(pixels, indices),
                Some((pixels_above, indices_above)) => {
                    indices.copy_from_slice(indices_above);
                    *repeats || self.row(pixels, pixels_above, indices)
                }
            };
            if !known {
                return false;
            }
            above = Some((pixels, indices));
        }
        true
    }

    /// Writes the indices of what differs from the row above.
    fn row(&mut self, pixels: &[u8], above: &[u8], out: &mut [u8]) -> bool {
        let ((stretches, rest), (known, known_rest)) = (pixels.as_chunks(), above.as_chunks());
        let (outs, rest_out) = out.as_chunks_mut();
        let mut last: Option<(&[u8; STRETCH * 3], u64)> = None;
        for ((stretches, known), outs) in stretches.chunks(WORD).zip(known.chunks(WORD)).zip(outs.chunks_mut(WORD)) {
            // Noted first and looked up then: where letters begin and end no branch could be foretold.
            let ((eights, few), (known_eights, known_few)) = (stretches.as_chunks::<8>(), known.as_chunks::<8>());
            let mut differ = if few.is_empty() { 0 } else { differing(few, known_few) << (8 * eights.len()) };
            for (at, (here, there)) in eights.iter().zip(known_eights).enumerate() {
                differ |= differing(here, there) << (8 * at);
            }
            while differ != 0 {
                let at = differ.trailing_zeros() as usize % WORD;
                differ &= differ - 1;
                let stretch = &stretches[at];
                let indices = match last {
                    Some((same, indices)) if same == stretch => indices,
                    _ => match self.stretch(words(stretch)) {
                        Some(indices) => indices,
                        None => return false,
                    },
                };
                outs[at] = indices.to_le_bytes();
                last = Some((stretch, indices));
            }
        }
        rest == known_rest || self.look_up_all(rest, rest_out)
    }

    /// The indices of eight pixels, looked up at once, without a branch a pixel.
    #[inline]
    fn stretch(&mut self, words: [u64; 3]) -> Option<u64> {
        let found = colors(words).map(|color| self.places[place(color)] ^ color);
        if found.iter().fold(0, |all, found| all | found) > 255 {
            return self.stretch_slowly(words);
        }
        // Of each only the lowest byte is left.
        Some(found.iter().rev().fold(0, |indices, found| indices << 8 | u64::from(*found)))
    }

    /// The same where there are new colors, or some that share a place.
    #[cold]
    fn stretch_slowly(&mut self, words: [u64; 3]) -> Option<u64> {
        let mut out = [0; STRETCH];
        colors(words)
            .iter()
            .zip(&mut out)
            .all(|(color, out)| self.look_up(*color, out))
            .then(|| u64::from_le_bytes(out))
    }

    fn look_up_all(&mut self, pixels: &[u8], out: &mut [u8]) -> bool {
        let mut colors =
            pixels.as_chunks().0.iter().map(|[red, green, blue]| u32::from_le_bytes([0, *red, *green, *blue]));
        colors.by_ref().zip(out).all(|(color, out)| self.look_up(color, out))
    }

    /// Writes the index of a color, a new one where there is room.
    fn look_up(&mut self, color: u32, out: &mut u8) -> bool {
        let mut at = place(color);
        let empty = |at: usize| if at == place(BLACK) { WHITE } else { BLACK };
        while self.places[at] == empty(at) || self.places[at] & WHITE != color {
            if self.places[at] == empty(at) {
                if self.colors.len() == MOST {
                    return false;
                }
                self.places[at] = color | self.colors.len() as u32;
                let [_, red, green, blue] = color.to_le_bytes();
                self.colors.push([red, green, blue]);
                break;
            }
            at = (at + 1) % (1 << BITS);
        }
        *out = self.places[at] as u8;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(palette: &mut Palette, picture: &[u8], width: usize, rows: &mut Vec<u8>) -> bool {
        let mut above = None;
        let repeats: Vec<bool> =
            picture.chunks_exact(width * 3).map(|row| above.replace(row).is_some_and(|above| above == row)).collect();
        palette.index(picture, width, &repeats, rows)
    }

    /// Colors that are looked for in one place, the first.
    fn crowd() -> Vec<u32> {
        (0..=WHITE >> 8).map(|color| color << 8).filter(|color| place(*color) == place(BLACK)).take(5).collect()
    }

    #[test]
    fn colors_that_share_a_place_are_told_apart() {
        let crowd = crowd();
        assert_eq!(crowd[0], BLACK);
        let all: Vec<u32> = crowd.iter().copied().chain([WHITE, 0x10_2000]).collect();
        for first in 0..all.len() {
            // Every color is the first once, and every other one new in a row of its own, between pixels that are
            // known: taken for one of these it would not be missed. Twelve pixels are a stretch and a rest.
            let pixels: Vec<u32> =
                all.iter().flat_map(|new| (0..12).map(|at| if at % 3 == 1 { *new } else { all[first] })).collect();
            let picture: Vec<u8> = pixels.iter().flat_map(|color| color.to_le_bytes()[1..].to_vec()).collect();
            let (mut palette, mut rows) = (Palette::default(), vec![9; 100]);
            for _ in 0..2 {
                assert!(index(&mut palette, &picture, 12, &mut rows));
                let back: Vec<u8> = rows
                    .chunks_exact(13)
                    .flat_map(|row| row[1..].iter().flat_map(|index| palette.colors[usize::from(*index)]))
                    .collect();
                assert_eq!(back, picture);
                assert_eq!(palette.colors.len(), all.len());
            }
        }
    }

    #[test]
    fn a_color_too_many_is_noticed_wherever_it_stands() {
        let colors: Vec<[u8; 3]> = (0..=MOST).map(|at| [at as u8, (at >> 8) as u8, 7]).collect();
        let mut palette = Palette::default();
        for width in [1, 257, 20, 13] {
            let mut picture = vec![[0, 0, 7]; 520];
            picture[width..width + 257].copy_from_slice(&colors);
            picture.truncate(520 / width * width);
            assert!(!index(&mut palette, picture.as_flattened(), width, &mut vec![]));
            picture[width + 256] = colors[3];
            assert!(index(&mut palette, picture.as_flattened(), width, &mut vec![]));
            assert_eq!(palette.colors.len(), MOST);
        }
    }
}
