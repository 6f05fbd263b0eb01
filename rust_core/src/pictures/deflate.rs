//! A zlib stream of a picture's rows (RFC 1950, 1951), made for pictures of flat areas and letters.
//!
//! General compressors read every byte. Here a stretch that repeats the row above is found by comparing
//! words, a run by comparing pixels, and only what is left, mostly the edges of letters, is looked for
//! in the last 32 KiB. One block has one pair of Huffman codes, as there is hardly a picture with more
//! to say than fits one.

use super::huffman::{Bits, Code};

/// What a stream is made of: a byte, three of them as `PIXEL | third << 16 | second << 8 | first`, or a
/// copy as `COPY | length << 16 | distance`.
type Token = u32;
const COPY: Token = 1 << 31;
const PIXEL: Token = 1 << 30;

/// The longest copy and the farthest, in bytes.
const LONGEST: usize = 258;
const FARTHEST: usize = 32_767;
/// A repetition of so many bytes is taken as it is; for a shorter one the other kinds are tried as well.
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
}

impl Default for Deflate {
    fn default() -> Self {
        Self {
            tokens: vec![],
            literals: [0; LITERALS],
            distances: [0; DISTANCES],
            seen: vec![0; SLOTS].try_into().expect("the lengths agree"),
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
        self.block(&mut out);
        let mut out = out.finish();
        out.extend_from_slice(&simd_adler32::adler32(&data).to_be_bytes());
        out
    }

    /// Turns rows into tokens.
    fn read<const UNIT: usize>(&mut self, data: &[u8], row: usize) {
        // Bytes before `at` that repeat the row above and are not in a token yet: equal rows make one copy.
        let mut repeated = 0;
        let reach = if (4..=FARTHEST).contains(&row) { row } else { 0 };
        for start in (0..data.len()).step_by(row) {
            let end = start + row;
            let mut at = start;
            if start >= reach && reach > 0 && data[start..end] == data[start - row..end - row] {
                repeated += row;
                continue;
            }
            while at < end {
                let rest = &data[at..end];
                let above = if at >= reach && reach > 0 { common(rest, &data[at - reach..]) } else { 0 };
                let above = whole::<UNIT>(above, rest.len());
                if above >= ENOUGH || (repeated > 0 && above > 0) {
                    repeated += above;
                    at += above;
                    continue;
                }
                if repeated > 0 {
                    self.copy(repeated, row);
                    repeated = 0;
                }
                at += self.step::<UNIT>(data, at, end, above, row);
            }
        }
        if repeated > 0 {
            self.copy(repeated, row);
        }
    }

    /// Writes what stands at a place as the longest copy there is, or as it is; returns how far that goes.
    #[inline]
    fn step<const UNIT: usize>(&mut self, data: &[u8], at: usize, end: usize, above: usize, row: usize) -> usize {
        let rest = &data[at..end];
        let run = if at >= UNIT { common(rest, &data[at - UNIT..]) } else { 0 };
        let (mut length, mut distance) = if run + 1 >= above { (run, UNIT) } else { (above, row) };
        if length < ENOUGH
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
        if UNIT == 3
            && rest.len() < row
            && let &[red, green, blue, ..] = rest
        {
            for byte in [red, green, blue] {
                self.literals[usize::from(byte)] += 1;
            }
            self.tokens.push(PIXEL | u32::from_le_bytes([red, green, blue, 0]));
            return 3;
        }
        self.literals[usize::from(rest[0])] += 1;
        self.tokens.push(u32::from(rest[0]));
        1
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
    fn block(&mut self, out: &mut Bits) {
        let literals = Code::new(&self.literals, 15);
        let distances = Code::new(&self.distances, 15);
        let (many, far) = (literals.used(257), distances.used(1));
        out.write(0b101, 3);
        out.write(many as u64 - 257, 5);
        out.write(far as u64 - 1, 5);
        write_lengths(&[&literals.lengths()[..many], &distances.lengths()[..far]].concat(), out);
        for &token in &self.tokens {
            if token < PIXEL {
                literals.write(token as usize, out);
                continue;
            }
            // All of a token at once: no more than 48 bits.
            let (mut bits, mut count) = (0, 0);
            let mut add = |(more, many): (u64, u32)| {
                bits |= more << count;
                count += many;
            };
            if token < COPY {
                let [red, green, blue, _] = token.to_le_bytes();
                for byte in [red, green, blue] {
                    add(literals.of(usize::from(byte)));
                }
            } else {
                let (symbol, many, extra) = length_code((token >> 16) as usize & 0x7fff);
                add(literals.of(symbol));
                add((extra, many));
                let (symbol, many, extra) = distance_code(token as usize & 0xffff);
                add(distances.of(symbol));
                add((extra, many));
            }
            out.write(bits, count);
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
