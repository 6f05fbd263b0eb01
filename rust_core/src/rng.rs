//! The only source of randomness: a ChaCha8 stream whose key is the sample's address.
//!
//! The draws are ours because a published dataset may not change when a library improves its
//! sampling. Each draw takes 32 bits of the keystream; none depends on the platform.

const ROUNDS: usize = 8;

/// What a stream is drawn for. Streams of one address never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Stream {
    /// The instance itself.
    Instance = 0,
    /// Its look under the theme `varied`.
    Look = 1,
}

/// A deterministic random stream.
#[derive(Clone)]
pub struct Rng {
    key: [u32; 8],
    block: [u32; 16],
    counter: u64,
    used: usize,
}

impl Rng {
    /// The stream that belongs to `words`, the four parts of a key.
    pub fn keyed(words: [u64; 4]) -> Self {
        let mut key = [0; 8];
        for (pair, word) in key.chunks_exact_mut(2).zip(words) {
            pair[0] = word as u32;
            pair[1] = (word >> 32) as u32;
        }
        Self { key, block: [0; 16], counter: 0, used: 16 }
    }

    /// The next 32 bits.
    #[inline]
    pub fn word(&mut self) -> u32 {
        if self.used == 16 {
            self.refill();
        }
        let word = self.block[self.used];
        self.used += 1;
        word
    }

    /// A uniform integer in `0..n`, without modulo bias (Lemire, arXiv 1805.10941).
    ///
    /// # Panics
    /// If `n` is zero or does not fit 32 bits.
    #[inline]
    pub fn below(&mut self, n: usize) -> usize {
        let n = u32::try_from(n).expect("below() draws less than 32 bits");
        assert!(n > 0, "nothing is below zero");
        loop {
            let wide = u64::from(self.word()) * u64::from(n);
            let low = wide as u32;
            // The threshold is only needed where the cheap comparison fails.
            if low >= n || low >= n.wrapping_neg() % n {
                return (wide >> 32) as usize;
            }
        }
    }

    /// A uniform integer in `low..=high`.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + self.below(high - low + 1)
    }

    /// True with probability `p`, to 2⁻³² exactly.
    pub fn chance(&mut self, p: f64) -> bool {
        f64::from(self.word()) < p * 4_294_967_296.0
    }

    /// One element of a non-empty slice.
    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Fisher–Yates, in place.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i + 1));
        }
    }

    /// The first `count` places hold a uniform ordered choice of the items afterwards.
    pub fn choose<T>(&mut self, items: &mut [T], count: usize) {
        for i in 0..count {
            let j = i + self.below(items.len() - i);
            items.swap(i, j);
        }
    }

    fn refill(&mut self) {
        let mut input = [0; 16];
        // "expand 32-byte k"
        input[..4].copy_from_slice(&[0x6170_7865, 0x3320_646e, 0x7962_2d32, 0x6b20_6574]);
        input[4..12].copy_from_slice(&self.key);
        input[12] = self.counter as u32;
        input[13] = (self.counter >> 32) as u32;
        let mut x = input;
        for _ in 0..ROUNDS / 2 {
            quarter(&mut x, 0, 4, 8, 12);
            quarter(&mut x, 1, 5, 9, 13);
            quarter(&mut x, 2, 6, 10, 14);
            quarter(&mut x, 3, 7, 11, 15);
            quarter(&mut x, 0, 5, 10, 15);
            quarter(&mut x, 1, 6, 11, 12);
            quarter(&mut x, 2, 7, 8, 13);
            quarter(&mut x, 3, 4, 9, 14);
        }
        for (out, (a, b)) in self.block.iter_mut().zip(x.iter().zip(&input)) {
            *out = a.wrapping_add(*b);
        }
        self.counter += 1;
        self.used = 0;
    }
}

#[inline]
fn quarter(x: &mut [u32; 16], a: usize, b: usize, c: usize, d: usize) {
    x[a] = x[a].wrapping_add(x[b]);
    x[d] = (x[d] ^ x[a]).rotate_left(16);
    x[c] = x[c].wrapping_add(x[d]);
    x[b] = (x[b] ^ x[c]).rotate_left(12);
    x[a] = x[a].wrapping_add(x[b]);
    x[d] = (x[d] ^ x[a]).rotate_left(8);
    x[c] = x[c].wrapping_add(x[d]);
    x[b] = (x[b] ^ x[c]).rotate_left(7);
}

#[cfg(test)]
mod tests {
    use rand_chacha::ChaCha8Rng;
    use rand_core::{RngCore, SeedableRng};

    use super::*;

    #[test]
    fn the_stream_is_chacha8() {
        for words in [[0; 4], [1, 2, 3, u64::MAX], [9, u64::MAX, 1 << 40, 5]] {
            let mut seed = [0; 32];
            for (bytes, word) in seed.chunks_exact_mut(8).zip(words) {
                bytes.copy_from_slice(&word.to_le_bytes());
            }
            let mut theirs = ChaCha8Rng::from_seed(seed);
            let mut ours = Rng::keyed(words);
            for _ in 0..1000 {
                assert_eq!(ours.word(), theirs.next_u32());
            }
        }
    }

    #[test]
    fn below_is_uniform() {
        let mut rng = Rng::keyed([3; 4]);
        let mut seen = [0_u32; 7];
        for _ in 0..70_000 {
            seen[rng.below(7)] += 1;
        }
        // Five standard deviations of a binomial with n = 70,000 and p = 1/7 are 463.
        assert!(seen.iter().all(|&n| n.abs_diff(10_000) < 463), "{seen:?}");
    }

    #[test]
    fn choose_makes_every_ordered_pair_equally_likely() {
        let mut rng = Rng::keyed([4; 4]);
        let mut seen = [[0_u32; 3]; 3];
        for _ in 0..60_000 {
            let mut items = [0, 1, 2];
            rng.choose(&mut items, 2);
            seen[items[0]][items[1]] += 1;
        }
        for (a, row) in seen.iter().enumerate() {
            for (b, &n) in row.iter().enumerate() {
                assert!(if a == b { n == 0 } else { n.abs_diff(10_000) < 460 }, "{seen:?}");
            }
        }
    }
}
