//! A zlib stream of a picture's rows (RFC 1950, 1951), made for pictures of flat areas and letters.
//!
//! General compressors read every byte. Here it is known which rows repeat the one above; of other
//! rows it is noted, a bit a byte, what repeats the row above and what repeats the pixel before, so that the length of a
//! copy or a run is a count of bits. Only what is left, mostly the edges of letters, is looked for
//! in the last 32 KiB. One block has one pair of Huffman codes, as there is hardly a picture with more
//! to say than fits one.

use std::ops::Range;

use super::{
    block::{self, LONGEST, Token},
    huffman::Bits,
    masks::{PART, agreeing, equal, fours, ones, window},
};

/// As many bytes as are taken as they are; a fresh look is taken no later than after them.
const PLAIN: usize = 24;

/// The farthest copy, in bytes.
const FARTHEST: usize = 32_767;
/// A copy that is shorter is not worth it.
const SHORTEST: usize = 4;
/// A copy of what is near that is this long is taken without a look farther.
const ENOUGH: usize = 16;

/// Slots of the table of what was seen where.
const SLOTS: usize = 1 << 12;

/// What a thread keeps from one stream to the next.
pub struct Deflate {
    tokens: Vec<Token>,
    out: Bits,
    /// By hash, the last place where something began; 0 if none did.
    seen: Box<[u32; SLOTS]>,
    /// Which bytes of the row are those above them, and which those of the pixel before.
    above: Vec<u64>,
    before: Vec<u64>,
}

impl Default for Deflate {
    fn default() -> Self {
        Self {
            tokens: vec![],
            out: Bits::default(),
            seen: vec![0; SLOTS].try_into().expect("the lengths agree"),
            above: vec![],
            before: vec![],
        }
    }
}

impl Deflate {
    /// Compresses rows of `row` bytes, a filter byte and whole pixels of `unit` bytes each, 1 or 3; `repeats` says which
    /// rows are those above them.
    pub fn zlib(&mut self, data: &[u8], row: usize, unit: usize, repeats: &[bool]) -> &[u8] {
        self.tokens.clear();
        self.seen.fill(0);
        if unit == 3 {
            self.read::<3>(data, row, repeats);
        } else {
            self.read::<1>(data, row, repeats);
        }
        self.out.begin(&[0x78, 0x01]);
        block::write(&self.tokens, &mut self.out);
        self.out.end(&simd_adler32::adler32(&data).to_be_bytes())
    }

    /// Turns rows into tokens.
    fn read<const UNIT: usize>(&mut self, data: &[u8], row: usize, repeats: &[bool]) {
        // The first row has nothing before it: what differs from all its bytes stands there.
        let first: Vec<u8> = data[..UNIT].iter().map(|byte| !byte).chain(data[..row - UNIT].iter().copied()).collect();
        // Bytes read last that repeat the row above and are not in a token yet: equal rows make one copy.
        let mut repeated = 0;
        let has_above = |start: usize| start > 0 && (SHORTEST..=FARTHEST).contains(&row);
        for (start, repeats) in (0..data.len()).step_by(row).zip(repeats) {
            let end = start + row;
            if *repeats && has_above(start) {
                repeated += row;
                continue;
            }
            let here = &data[start..end];
            equal(here, if start == 0 { &first } else { &data[start - UNIT..end - UNIT] }, &mut self.before);
            if has_above(start) {
                equal(here, &data[start - row..start], &mut self.above);
            } else {
                self.above.clear();
                self.above.resize(self.before.len(), 0);
            }
            let mut at = start;
            let more = whole::<UNIT>(ones(&self.above, 0), row);
            if repeated + more >= SHORTEST {
                self.copy(repeated + more, row);
                at += more;
            }
            repeated = 0;
            while at < end {
                let (length, distance) = self.longest::<UNIT>(data, at, start..end);
                if length < SHORTEST {
                    at += self.plain::<UNIT>(data, at, start..end);
                    continue;
                }
                at += length;
                if at == end && distance == row {
                    repeated = length;
                } else {
                    self.copy(length, distance);
                }
            }
        }
        if repeated > 0 {
            self.copy(repeated, row);
        }
    }

    /// The longest copy of what stands at a place of a row, and its distance.
    #[inline]
    fn longest<const UNIT: usize>(&mut self, data: &[u8], at: usize, row: Range<usize>) -> (usize, usize) {
        let (place, rest) = (at - row.start, row.end - at);
        let (run, above) = (ones(&self.before, place), ones(&self.above, place));
        let (mut length, mut distance) = if run + 1 >= above { (run, UNIT) } else { (above, row.len()) };
        if length < ENOUGH
            && let Some(key) = data[at..].first_chunk::<4>()
        {
            let slot = (u32::from_le_bytes(*key).wrapping_mul(0x9e37_79b1) >> 20) as usize % SLOTS;
            let there = self.seen[slot] as usize;
            self.seen[slot] = at as u32;
            // Looked at in any case: whether there is anything could not be foretold.
            let found = common(data, at, there, rest);
            let found = if there > 0 && at - there <= FARTHEST { found } else { 0 };
            if found > length + 1 {
                (length, distance) = (found, at - there);
            }
        }
        (whole::<UNIT>(length, rest), distance)
    }

    /// Takes a place as it is, up to where there is a copy again; returns how far that goes.
    #[inline]
    fn plain<const UNIT: usize>(&mut self, data: &[u8], at: usize, row: Range<usize>) -> usize {
        let rest = &data[at..row.end];
        // A row's first byte is its filter; what follows is whole pixels.
        let length = if UNIT > 1 && at == row.start {
            1
        } else {
            let next = at + 1 - row.start;
            let worth = fours(window(&self.above, next)) | fours(window(&self.before, next));
            let next = worth.trailing_zeros() as usize + 1;
            next.next_multiple_of(UNIT).min(PLAIN).min(rest.len())
        };
        let (many, start) = (length.div_ceil(2), self.tokens.len());
        // As many as there could be are added, so that no branch waits for how many there are.
        if let Some(bytes) = data[at..].first_chunk::<PLAIN>() {
            let pairs: [Token; PLAIN / 2] = std::array::from_fn(|at| block::pair(bytes[2 * at], bytes[2 * at + 1]));
            self.tokens.extend_from_slice(&pairs);
            self.tokens.truncate(start + many);
        } else {
            self.tokens.extend(rest[..length].chunks(2).map(|pair| block::pair(pair[0], pair[pair.len() - 1])));
        }
        if length % 2 == 1 {
            self.tokens[start + many - 1] = block::single(rest[length - 1]);
        }
        length
    }

    /// Adds copies of `length` bytes in all.
    fn copy(&mut self, mut length: usize, distance: usize) {
        let distance = block::distance(distance);
        while length > LONGEST {
            // No copy is shorter than three bytes, so the last but one leaves enough for the last.
            let part = LONGEST.min(length - 3);
            self.tokens.push(block::copy(part, distance));
            length -= part;
        }
        self.tokens.push(block::copy(length, distance));
    }
}

/// As much of a copy as leaves whole pixels of a row's `rest`, so that the next begin where others do.
#[inline]
fn whole<const UNIT: usize>(length: usize, rest: usize) -> usize {
    let ragged = (rest - length) % UNIT;
    if ragged == 0 { length } else { length.saturating_sub(UNIT - ragged) }
}

/// How many bytes two places have in common, at most so many.
#[inline]
fn common(data: &[u8], here: usize, there: usize, most: usize) -> usize {
    let mut length = 0;
    while let (Some(a), Some(b)) = (data[here + length..].first_chunk(), data[there + length..].first_chunk()) {
        let same = agreeing(a, b).trailing_ones() as usize;
        length += same;
        if same < PART || length >= most {
            return length.min(most);
        }
    }
    length + data[here + length..here + most].iter().zip(&data[there + length..]).take_while(|(a, b)| a == b).count()
}
