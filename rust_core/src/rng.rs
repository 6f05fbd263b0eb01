//! The only source of randomness: a ChaCha8 stream whose key is the sample's address.
//!
//! The draws are ours because a published dataset may not change when a library improves its
//! sampling. Each draw takes 32 bits of the keystream; none depends on the platform.

use rand_chacha::{
    ChaCha8Rng,
    rand_core::{RngCore, SeedableRng},
};

/// What a stream is drawn for. Streams of one address never meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Stream {
    /// The instance itself.
    Instance = 0,
    /// Its look under the theme `varied`.
    Look = 1,
    /// What is changed in a counterfactual.
    Change = 2,
}

/// A deterministic random stream.
#[derive(Clone)]
pub struct Rng(ChaCha8Rng);

impl Rng {
    /// The stream that belongs to `words`, the four parts of a key.
    pub fn keyed(words: [u64; 4]) -> Self {
        let mut key = [0; 32];
        for (bytes, word) in key.chunks_exact_mut(8).zip(words) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        Self(ChaCha8Rng::from_seed(key))
    }

    /// The next 32 bits.
    #[inline]
    pub fn word(&mut self) -> u32 {
        self.0.next_u32()
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_chacha8() {
        // The first words of the keystream for the key of zeros, from the eSTREAM test vectors (TC1, 8 rounds).
        let mut rng = Rng::keyed([0; 4]);
        for expected in [0x3e00_ef2f_895f_40d6_7f5b_b8e8_1f09_a5a1_u128, 0x2c84_0ec3_ce9a_7f3b_181b_e188_ef71_1a1e] {
            let words = (0..4).fold(0, |words, _| words << 32 | u128::from(rng.word().swap_bytes()));
            assert_eq!(words, expected);
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
