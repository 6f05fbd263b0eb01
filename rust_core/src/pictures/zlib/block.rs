//! Tokens, and the block that is made of them (RFC 1951, 3.2.7).

use super::huffman::{Bits, Code};

/// Two bytes as they are, one and nothing, or a copy's length and distance. All are written alike, so that no
/// branch waits for what comes next: a byte or `LENGTH + length`; a byte, `DISTANCE + symbol` or [`NOTHING`];
/// and a distance's extra bits.
pub(super) type Token = u32;
/// Where the second part and the extra bits begin.
const SECOND: u32 = 10;
const EXTRA: u32 = 19;
const FIRSTS: usize = 1 << SECOND;
const SECONDS: usize = 1 << (EXTRA - SECOND);
const LENGTH: usize = 256;
const DISTANCE: usize = 256;
const NOTHING: usize = DISTANCE + DISTANCES;

/// The shortest and the longest copy, in bytes.
const SHORTEST: usize = 3;
pub(super) const LONGEST: usize = 258;

const END: usize = 256;
const LITERALS: usize = 286;
const DISTANCES: usize = 30;
/// The order in which a block gives the lengths of the codes that code lengths are written in.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// Two bytes.
#[inline]
pub(super) fn pair(first: u8, second: u8) -> Token {
    Token::from(first) | Token::from(second) << SECOND
}

/// A byte.
#[inline]
pub(super) fn single(byte: u8) -> Token {
    Token::from(byte) | (NOTHING as Token) << SECOND
}

/// A copy of 3 to 258 bytes from a [`distance`].
#[inline]
pub(super) fn copy(length: usize, distance: Token) -> Token {
    (LENGTH + length) as Token | distance
}

/// A copy's distance, 1 to 32768, as a token has it.
#[inline]
pub(super) fn distance(distance: usize) -> Token {
    let over = distance as Token - 1;
    let bits = over.checked_ilog2().map_or(0, |log| log.saturating_sub(1));
    let symbol = DISTANCE as Token + 2 * bits + (over >> bits);
    symbol << SECOND | (over & ((1 << bits) - 1)) << EXTRA
}

#[inline]
fn first(token: Token) -> usize {
    token as usize % FIRSTS
}

#[inline]
fn second(token: Token) -> usize {
    (token >> SECOND) as usize % SECONDS
}

/// Symbol, extra bits and their value for a copy's length, 3 to 258.
fn length_code(length: usize) -> (usize, u32, u64) {
    let over = length - SHORTEST;
    if length == LONGEST {
        return (285, 0, 0);
    }
    if over < 8 {
        return (257 + over, 0, 0);
    }
    let bits = over.ilog2() - 2;
    (257 + 4 * (bits as usize + 1) + (over >> bits & 3), bits, (over & ((1 << bits) - 1)) as u64)
}

/// Writes tokens as the last block.
pub(super) fn write(tokens: &[Token], out: &mut Bits) {
    let (literals, distances) = codes(tokens);
    let (many, far) = (literals.used(257), distances.used(1));
    out.write(0b101, 3);
    out.write(many as u64 - 257, 5);
    out.write(far as u64 - 1, 5);
    write_lengths(&[&literals.lengths()[..many], &distances.lengths()[..far]].concat(), out);

    // Bits, and how many; of a distance how many come before its extra bits, and how many with them.
    let mut firsts = [(0_u64, 0_u32); FIRSTS];
    let mut seconds = [(0_u64, 0_u32, 0_u32); SECONDS];
    for byte in 0..256 {
        let (bits, count) = literals.of(byte);
        firsts[byte] = (bits, count);
        seconds[byte] = (bits, count, count);
    }
    for length in SHORTEST..=LONGEST {
        let (symbol, more, rest) = length_code(length);
        let (bits, count) = literals.of(symbol);
        firsts[LENGTH + length] = (bits | rest << count, count + more);
    }
    for symbol in 0..DISTANCES {
        let (bits, count) = distances.of(symbol);
        seconds[DISTANCE + symbol] = (bits, count, count + (symbol as u32 / 2).saturating_sub(1));
    }
    // A copy has 15 and 5, 15 and 13 bits at most.
    out.write_all(tokens.iter().map(|&token| {
        let (bits, count) = firsts[first(token)];
        let (more, before, whole) = seconds[second(token)];
        let more = more | u64::from(token >> EXTRA) << before;
        (bits | more << count, count + whole)
    }));
    literals.write(END, out);
}

/// The codes of bytes and lengths, and of distances.
fn codes(tokens: &[Token]) -> (Code, Code) {
    let (mut firsts, mut seconds) = ([0_u32; FIRSTS], [0_u32; SECONDS]);
    for &token in tokens {
        firsts[first(token)] += 1;
        seconds[second(token)] += 1;
    }
    let mut literals = [0; LITERALS];
    for (all, (first, second)) in literals.iter_mut().zip(firsts.iter().zip(&seconds[..DISTANCE])) {
        *all = first + second;
    }
    literals[END] = 1;
    for length in SHORTEST..=LONGEST {
        literals[length_code(length).0] += firsts[LENGTH + length];
    }
    (Code::new(&literals, 15), Code::new(&seconds[DISTANCE..NOTHING], 15))
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
    let given = ORDER.iter().rposition(|&symbol| code.lengths()[symbol] > 0).map_or(4, |last| (last + 1).max(4));
    out.write(given as u64 - 4, 4);
    for &symbol in &ORDER[..given] {
        out.write(u64::from(code.lengths()[symbol]), 3);
    }
    for (symbol, bits, extra) in parts {
        code.write(symbol, out);
        out.write(extra, bits);
    }
}
