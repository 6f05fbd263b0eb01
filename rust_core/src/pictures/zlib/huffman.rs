//! Bits and Huffman codes as deflate wants them.

/// Bytes under construction, filled from the lowest bit; the memory is kept for the next.
#[derive(Default)]
pub(super) struct Bits {
    /// Longer than what is written by a word at least.
    out: Vec<u8>,
    /// Whole bytes written.
    at: usize,
    /// Bits that fill no byte yet, fewer than eight.
    waiting: u64,
    count: u32,
}

impl Bits {
    /// Begins anew, after some bytes.
    pub fn begin(&mut self, head: &[u8]) {
        (self.at, self.waiting, self.count) = (0, 0, 0);
        self.write_all(head.iter().map(|byte| (u64::from(*byte), 8)));
    }

    /// Adds the lowest `count` bits of `bits`, at most 56; higher ones are 0.
    #[inline]
    pub fn write(&mut self, bits: u64, count: u32) {
        self.write_all([(bits, count)]);
    }

    /// Adds numbers, each its bits and how many, at most 56; higher ones are 0.
    #[inline]
    pub fn write_all(&mut self, numbers: impl IntoIterator<Item = (u64, u32), IntoIter: ExactSizeIterator>) {
        let numbers = numbers.into_iter();
        let most = self.at + 8 + numbers.len() * 7;
        if self.out.len() < most {
            self.out.resize(most.next_power_of_two(), 0);
        }
        // In variables of its own, so that the loop keeps them in registers.
        let (mut at, mut waiting, mut waiting_count) = (self.at, self.waiting, self.count);
        let out = self.out.as_mut_slice();
        for (bits, count) in numbers {
            waiting |= bits << waiting_count;
            waiting_count += count;
            out[at..at + 8].copy_from_slice(&waiting.to_le_bytes());
            // Seven bits at most waited, so fewer than 64 do now.
            at += waiting_count as usize / 8;
            waiting >>= waiting_count & !7;
            waiting_count %= 8;
        }
        (self.at, self.waiting, self.count) = (at, waiting, waiting_count);
    }

    /// The bytes, the last one filled up with zeros, and then some more.
    pub fn end(&mut self, tail: &[u8]) -> &[u8] {
        self.write(0, 7);
        self.count = 0; // what is left of those seven
        self.write_all(tail.iter().map(|byte| (u64::from(*byte), 8)));
        &self.out[..self.at]
    }
}

/// Symbols of a code at most.
const MOST: usize = 286;

/// A canonical code: for each symbol its bits, first bit lowest, and how many; none for symbols not in use.
pub(super) struct Code {
    lengths: [u8; MOST],
    /// Bits, and 16 bits higher how many.
    codes: [u32; MOST],
}

impl Code {
    /// The code for symbols that occur so often, no longer than `longest` bits each.
    pub fn new(counts: &[u32], longest: u8) -> Self {
        let lengths = lengths(counts, longest);
        let mut many = [0_u16; 16];
        for &length in lengths.iter().filter(|&&length| length > 0) {
            many[usize::from(length)] += 1;
        }
        let mut next = [0_u16; 16];
        for length in 1..16 {
            next[length] = (next[length - 1] + many[length - 1]) << 1;
        }
        let mut codes = [0; MOST];
        for (code, &length) in codes.iter_mut().zip(&lengths) {
            if length > 0 {
                let next = &mut next[usize::from(length)];
                *code = u32::from(next.reverse_bits() >> (16 - length)) | u32::from(length) << 16;
                *next += 1;
            }
        }
        Self { lengths, codes }
    }

    /// The length of each symbol's code, 0 for symbols not in use.
    pub fn lengths(&self) -> &[u8] {
        &self.lengths
    }

    /// One past the last symbol in use, and no fewer than `least`.
    pub fn used(&self, least: usize) -> usize {
        self.lengths.iter().rposition(|&length| length > 0).map_or(least, |last| (last + 1).max(least))
    }

    /// A symbol's bits, first bit lowest, and how many.
    #[inline]
    pub fn of(&self, symbol: usize) -> (u64, u32) {
        let code = self.codes[symbol];
        (u64::from(code & 0xffff), code >> 16)
    }

    /// Writes a symbol.
    #[inline]
    pub fn write(&self, symbol: usize, out: &mut Bits) {
        let (bits, count) = self.of(symbol);
        out.write(bits, count);
    }
}

/// How long each symbol's code is: Huffman's, flattened until none is longer than `longest`.
fn lengths(counts: &[u32], longest: u8) -> [u8; MOST] {
    let mut leaves: Vec<(u32, usize)> =
        counts.iter().enumerate().filter(|(_, count)| **count > 0).map(|(symbol, &count)| (count, symbol)).collect();
    if leaves.len() == 1 {
        // A code of one symbol is none; decoders want a second.
        leaves.push((1, usize::from(leaves[0].1 == 0)));
    }
    let mut lengths = [0; MOST];
    loop {
        leaves.sort_unstable();
        let depths = depths(&leaves.iter().map(|(count, _)| *count).collect::<Vec<_>>());
        if depths.iter().all(|&depth| depth <= longest) {
            for ((_, symbol), depth) in leaves.iter().zip(depths) {
                lengths[*symbol] = depth;
            }
            return lengths;
        }
        for (count, _) in &mut leaves {
            *count = count.div_ceil(2);
        }
    }
}

/// How deep each leaf lies in Huffman's tree; weights in ascending order.
fn depths(weights: &[u32]) -> Vec<u8> {
    let leaves = weights.len();
    let mut parents = vec![0; (2 * leaves).saturating_sub(1)];
    // The sums of pairs come in ascending order as well, so the lightest node is first of either.
    let mut sums: Vec<u32> = Vec::with_capacity(leaves);
    let (mut leaf, mut sum) = (0, 0);
    while sums.len() + 1 < leaves {
        let parent = leaves + sums.len();
        let mut weight = 0;
        for _ in 0..2 {
            let node = if leaf < leaves && (sum == sums.len() || weights[leaf] <= sums[sum]) {
                weight += weights[leaf];
                leaf += 1;
                leaf - 1
            } else {
                weight += sums[sum];
                sum += 1;
                leaves + sum - 1
            };
            parents[node] = parent;
        }
        sums.push(weight);
    }
    let mut depths = vec![0_u8; parents.len()];
    for node in (0..parents.len().saturating_sub(1)).rev() {
        depths[node] = depths[parents[node]] + 1;
    }
    depths.truncate(leaves);
    depths
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_complete_and_short_enough() {
        let fibonacci: Vec<u32> = (0..40)
            .scan((1, 1), |(a, b), _| {
                (*a, *b) = (*b, *a + *b);
                Some(*a)
            })
            .collect();
        for (counts, longest) in [(&fibonacci[..], 15), (&fibonacci[..19], 7), (&[0, 5, 0][..], 7), (&[1; 286][..], 15)]
        {
            let code = Code::new(counts, longest);
            let used = code.lengths().iter().filter(|&&length| length > 0);
            assert!(used.clone().all(|&length| length <= longest));
            // Kraft's sum of a complete code is one.
            assert_eq!(used.map(|&length| 1_u32 << (15 - length)).sum::<u32>(), 1 << 15);
        }
        assert!(Code::new(&[0; 30], 15).lengths().iter().all(|&length| length == 0));
    }

    #[test]
    fn more_frequent_symbols_have_shorter_codes() {
        let code = Code::new(&[1, 100, 10, 1000], 15);
        assert_eq!(code.lengths()[..4], [3, 2, 3, 1]);
    }
}
