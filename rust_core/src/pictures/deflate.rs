//! A zlib stream of a picture's rows (RFC 1950, 1951), made for pictures of flat areas and letters.
//!
//! General compressors read every byte. Here a row that repeats the one above is one comparison; of other
//! rows it is noted, a bit a byte, what repeats the row above and what repeats the pixel before, so that the length of a
//! copy or a run is a count of bits. Only what is left, mostly the edges of letters, is looked for
//! in the last 32 KiB. One block has one pair of Huffman codes, as there is hardly a picture with more
//! to say than fits one.

use std::ops::Range;

use super::huffman::{Bits, Code};

/// What a stream is made of: bytes as they are, as `how many << PLACE | where`, or a copy, as
/// `COPY | length << 16 | distance`.
type Token = u32;
const COPY: Token = 1 << 31;
/// Bits of a place; the largest picture has fewer than 2²⁶ bytes.
const PLACE: u32 = 26;
/// As many bytes as a token holds as they are; a fresh look is taken no later than after them.
const PLAIN: usize = 24;

/// The longest copy and the farthest, in bytes.
const LONGEST: usize = 258;
const FARTHEST: usize = 32_767;
/// A repetition of the row above that is this long is taken as it is.
const ENOUGH: usize = 24;

/// Slots of the table of what was seen where.
const SLOTS: usize = 1 << 12;

const END: usize = 256;
const LITERALS: usize = 286;
const DISTANCES: usize = 30;
/// The order in which a block gives the lengths of the codes that code lengths are written in.
const LENGTHS: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// What a thread keeps from one stream to the next.
pub(super) struct Deflate {
    tokens: Vec<Token>,
    literals: [u32; LITERALS],
    distances: [u32; DISTANCES],
    /// By hash, one past the last place where something began.
    seen: Box<[u32; SLOTS]>,
    /// Which bytes of the row are those above them, and which those of the pixel before.
    above: Vec<u64>,
    before: Vec<u64>,
    /// Where four bytes or more are either.
    worth: Vec<u64>,
}

impl Default for Deflate {
    fn default() -> Self {
        Self {
            tokens: vec![],
            literals: [0; LITERALS],
            distances: [0; DISTANCES],
            seen: vec![0; SLOTS].try_into().expect("the lengths agree"),
            above: vec![],
            before: vec![],
            worth: vec![],
        }
    }
}

impl Deflate {
    /// Compresses rows of `row` bytes, a filter byte and whole pixels of `unit` bytes each, 1 or 3.
    pub fn zlib(&mut self, data: &[u8], row: usize, unit: usize) -> Vec<u8> {
        self.tokens.clear();
        self.literals.fill(0);
        self.distances.fill(0);
        self.seen.fill(0);
        self.literals[END] = 1;
        if unit == 3 {
            self.read::<3>(data, row);
        } else {
            self.read::<1>(data, row);
        }
        let mut out = Bits::new(&[0x78, 0x01]);
        self.block(data, &mut out);
        let mut out = out.finish();
        out.extend_from_slice(&simd_adler32::adler32(&data).to_be_bytes());
        out
    }

    /// Turns rows into tokens.
    fn read<const UNIT: usize>(&mut self, data: &[u8], row: usize) {
        // The first row has nothing before it: what differs from all its bytes stands there.
        let first: Vec<u8> = data[..UNIT].iter().map(|byte| !byte).chain(data[..row - UNIT].iter().copied()).collect();
        // Bytes before `at` that repeat the row above and are not in a token yet: equal rows make one copy.
        let mut repeated = 0;
        let has_above = |start: usize| start > 0 && (4..=FARTHEST).contains(&row);
        for start in (0..data.len()).step_by(row) {
            let end = start + row;
            if has_above(start) && data[start..end] == data[start - row..start] {
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
            self.worth.clear();
            self.worth.extend(fours(&self.above).zip(fours(&self.before)).map(|(above, before)| above | before));
            let mut at = start;
            while at < end {
                let above = whole::<UNIT>(ones(&self.above, at - start), end - at);
                if above >= ENOUGH || (repeated > 0 && above > 0) {
                    repeated += above;
                    at += above;
                    continue;
                }
                if repeated > 0 {
                    self.copy(repeated, row);
                    repeated = 0;
                }
                at += self.step::<UNIT>(data, at, start..end, above);
            }
        }
        if repeated > 0 {
            self.copy(repeated, row);
        }
    }

    /// Writes what stands at a place of a row as the longest copy there is, or as it is up to where there is one
    /// again; returns how far that goes.
    #[inline]
    fn step<const UNIT: usize>(&mut self, data: &[u8], at: usize, row: Range<usize>, above: usize) -> usize {
        let rest = &data[at..row.end];
        let run = ones(&self.before, at - row.start);
        let (mut length, mut distance) = if run + 1 >= above { (run, UNIT) } else { (above, row.len()) };
        if length < 4
            && let Some(key) = rest.first_chunk::<4>()
        {
            let slot = (u32::from_le_bytes(*key).wrapping_mul(0x9e37_79b1) >> 20) as usize % SLOTS;
            let place = self.seen[slot] as usize;
            self.seen[slot] = at as u32 + 1;
            if place > 0 && at + 1 - place <= FARTHEST {
                let found = common(rest, &data[place - 1..]);
                if found > length + 1 {
                    (length, distance) = (found, at + 1 - place);
                }
            }
        }
        length = whole::<UNIT>(length, rest.len());
        if length >= 4 {
            self.copy(length, distance);
            return length;
        }
        // A row's first byte is its filter; what follows is whole pixels.
        let length = if UNIT > 1 && at == row.start {
            1
        } else {
            let next = first(&self.worth, at + 1 - row.start).map_or(rest.len(), |next| row.start + next - at);
            next.next_multiple_of(UNIT).min(PLAIN)
        };
        for byte in &rest[..length] {
            self.literals[usize::from(*byte)] += 1;
        }
        self.tokens.push((length as u32) << PLACE | at as u32);
        length
    }

    /// Adds copies of `length` bytes in all.
    fn copy(&mut self, mut length: usize, distance: usize) {
        while length > 0 {
            // No copy is shorter than three bytes, so the last but one leaves enough for the last.
            let part = if length > LONGEST && length < LONGEST + 3 { length - 3 } else { length.min(LONGEST) };
            self.literals[length_code(part).0] += 1;
            self.distances[distance_code(distance).0] += 1;
            self.tokens.push(COPY | (part as u32) << 16 | distance as u32);
            length -= part;
        }
    }

    /// Writes all tokens as the last block.
    fn block(&mut self, data: &[u8], out: &mut Bits) {
        let literals = Code::new(&self.literals, 15);
        let distances = Code::new(&self.distances, 15);
        let (many, far) = (literals.used(257), distances.used(1));
        out.write(0b101, 3);
        out.write(many as u64 - 257, 5);
        out.write(far as u64 - 1, 5);
        write_lengths(&[&literals.lengths()[..many], &distances.lengths()[..far]].concat(), out);
        for &token in &self.tokens {
            if token < COPY {
                let at = (token & ((1 << PLACE) - 1)) as usize;
                for bytes in data[at..at + (token >> PLACE) as usize].chunks(3) {
                    out.write_all(bytes.iter().map(|byte| literals.of(usize::from(*byte))));
                }
            } else {
                let (length, more, rest) = length_code((token >> 16) as usize & 0x7fff);
                let (distance, farther, by) = distance_code(token as usize & 0xffff);
                out.write_all([literals.of(length), (rest, more), distances.of(distance), (by, farther)]);
            }
        }
        literals.write(END, out);
    }
}

/// As much of a copy as leaves whole pixels of a row's `rest`, so that the next begin where others do.
#[inline]
fn whole<const UNIT: usize>(length: usize, rest: usize) -> usize {
    let ragged = (rest - length) % UNIT;
    if ragged == 0 { length } else { length.saturating_sub(UNIT - ragged) }
}

/// Notes which bytes of two rows agree, 64 to a word; bits past the end are 0.
fn equal(here: &[u8], there: &[u8], out: &mut Vec<u64>) {
    out.clear();
    let ((here, rest), (there, rest_there)) = (here.as_chunks::<64>(), there.as_chunks::<64>());
    out.extend(here.iter().zip(there).map(|(here, there)| {
        let (here, there) = (here.as_chunks::<8>().0, there.as_chunks::<8>().0);
        here.iter().zip(there).rev().fold(0, |word, (a, b)| word << 8 | agreeing(*a, *b))
    }));
    if !rest.is_empty() {
        out.push(rest.iter().zip(rest_there).rev().fold(0, |word, (a, b)| word << 1 | u64::from(a == b)));
    }
}

/// Which of eight bytes agree, a bit each.
#[inline]
fn agreeing(a: [u8; 8], b: [u8; 8]) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let difference = u64::from_le_bytes(a) ^ u64::from_le_bytes(b);
    // The highest bit of each byte that is 0, then those eight bits side by side.
    let zeros = !(((difference & LOW) + LOW) | difference | LOW);
    (zeros >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// Where four bits or more are set, at the first of them.
fn fours(bits: &[u64]) -> impl Iterator<Item = u64> {
    bits.iter().zip(bits[1..].iter().chain([&0])).map(|(word, next)| {
        let wide = u128::from(*next) << 64 | u128::from(*word);
        let twos = wide & wide >> 1;
        (twos & twos >> 2) as u64
    })
}

/// The first bit that is set from a place on, which may be the end.
#[inline]
fn first(bits: &[u64], at: usize) -> Option<usize> {
    let mut word = at / 64;
    let mut rest = bits.get(word)? >> (at % 64) << (at % 64);
    while rest == 0 {
        word += 1;
        rest = *bits.get(word)?;
    }
    Some(word * 64 + rest.trailing_zeros() as usize)
}

/// How many bits are set from a place on.
#[inline]
fn ones(bits: &[u64], at: usize) -> usize {
    let mut word = at / 64;
    let mut count = (!(bits[word] >> (at % 64))).trailing_zeros() as usize;
    // As far as the word goes, so perhaps on.
    if count == 64 - at % 64 {
        word += 1;
        while let Some(more) = bits.get(word) {
            count += more.trailing_ones() as usize;
            if *more != u64::MAX {
                break;
            }
            word += 1;
        }
    }
    count
}

/// How many bytes two places have in common, as far as the first goes.
#[inline]
fn common(here: &[u8], there: &[u8]) -> usize {
    let (here_words, there_words) = (here.as_chunks::<8>().0, there.as_chunks::<8>().0);
    for (at, (a, b)) in here_words.iter().zip(there_words).enumerate() {
        let difference = u64::from_le_bytes(*a) ^ u64::from_le_bytes(*b);
        if difference != 0 {
            return at * 8 + difference.trailing_zeros() as usize / 8;
        }
    }
    let at = here_words.len().min(there_words.len()) * 8;
    at + here[at..].iter().zip(&there[at..]).take_while(|(a, b)| a == b).count()
}

/// Symbol, extra bits and their value for a copy's length, 3 to 258.
#[inline]
fn length_code(length: usize) -> (usize, u32, u64) {
    let over = length - 3;
    if length == LONGEST {
        return (285, 0, 0);
    }
    if over < 8 {
        return (257 + over, 0, 0);
    }
    let bits = over.ilog2() - 2;
    (257 + 4 * (bits as usize + 1) + (over >> bits & 3), bits, (over & ((1 << bits) - 1)) as u64)
}

/// Symbol, extra bits and their value for a copy's distance, 1 to 32768.
#[inline]
fn distance_code(distance: usize) -> (usize, u32, u64) {
    let over = distance - 1;
    if over < 4 {
        return (over, 0, 0);
    }
    let bits = over.ilog2() - 1;
    (2 * (bits as usize + 1) + (over >> bits & 1), bits, (over & ((1 << bits) - 1)) as u64)
}

/// Writes the lengths of a block's codes, repetitions as such.
fn write_lengths(lengths: &[u8], out: &mut Bits) {
    let mut parts: Vec<(usize, u32, u64)> = vec![];
    for same in lengths.chunk_by(|a, b| a == b) {
        let (value, mut count) = (usize::from(same[0]), same.len());
        if value > 0 {
            parts.push((value, 0, 0));
            count -= 1;
        }
        while count > 0 {
            let (symbol, least, most, bits) = match (value, count) {
                (0, 11..) => (18, 11, 138, 7),
                (0, 3..) => (17, 3, 10, 3),
                (1.., 3..) => (16, 3, 6, 2),
                _ => (value, 1, 1, 0),
            };
            let taken = count.min(most);
            parts.push((symbol, bits, (taken - least) as u64));
            count -= taken;
        }
    }
    let mut counts = [0; 19];
    for (symbol, _, _) in &parts {
        counts[*symbol] += 1;
    }
    let code = Code::new(&counts, 7);
    let given = LENGTHS.iter().rposition(|&symbol| code.lengths()[symbol] > 0).map_or(4, |last| (last + 1).max(4));
    out.write(given as u64 - 4, 4);
    for &symbol in &LENGTHS[..given] {
        out.write(u64::from(code.lengths()[symbol]), 3);
    }
    for (symbol, bits, extra) in parts {
        code.write(symbol, out);
        out.write(extra, bits);
    }
}
