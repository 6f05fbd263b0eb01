//! Which bytes of two rows agree, a bit each.

use wide::u8x16;

/// Bytes to a word of bits.
const WORD: usize = 64;

/// Notes which bytes of two rows agree, 64 to a word; bits past the end are 0.
pub(super) fn equal(here: &[u8], there: &[u8], out: &mut Vec<u64>) {
    out.clear();
    let ((words, rest), (words_there, rest_there)) = (here.as_chunks::<WORD>(), there.as_chunks::<WORD>());
    out.extend(words.iter().zip(words_there).map(|(here, there)| word(here, there)));
    if !rest.is_empty() {
        let (mut here, mut there) = ([0; WORD], [0; WORD]);
        here[..rest.len()].copy_from_slice(rest);
        there[..rest.len()].copy_from_slice(rest_there);
        out.push(word(&here, &there) & ((1 << rest.len()) - 1));
    }
}

/// Bytes compared at once.
pub(super) const PART: usize = 32;

/// Which of some bytes agree.
#[inline]
pub(super) fn agreeing(here: &[u8; PART], there: &[u8; PART]) -> u32 {
    let (here, there) = (here.as_chunks::<16>().0, there.as_chunks::<16>().0);
    let bits = |at: usize| u8x16::new(here[at]).simd_eq(u8x16::new(there[at])).to_bitmask();
    bits(0) | bits(1) << 16
}

#[inline]
fn word(here: &[u8; WORD], there: &[u8; WORD]) -> u64 {
    let (here, there) = (here.as_chunks().0, there.as_chunks().0);
    u64::from(agreeing(&here[0], &there[0])) | u64::from(agreeing(&here[1], &there[1])) << PART
}

/// Where four bits or more are set, at the first of them.
pub(super) fn fours(bits: &[u64]) -> impl Iterator<Item = u64> {
    bits.iter().zip(bits[1..].iter().chain([&0])).map(|(word, next)| {
        let twos = word & (word >> 1 | next << 63);
        let twos_next = next & next >> 1;
        twos & (twos >> 2 | twos_next << 62)
    })
}

/// At least 64 bits from a place on; those past the end are 0.
#[inline]
pub(super) fn window(bits: &[u64], at: usize) -> u128 {
    let word = |at: usize| u128::from(bits.get(at).copied().unwrap_or(0));
    (word(at / WORD) | word(at / WORD + 1) << WORD) >> (at % WORD)
}

/// How many bits are set from a place on.
#[inline]
pub(super) fn ones(bits: &[u64], at: usize) -> usize {
    let mut count = window(bits, at).trailing_ones() as usize;
    // As far as the window goes, so perhaps on.
    if count == 2 * WORD - at % WORD {
        for word in &bits[at / WORD + 2..] {
            count += word.trailing_ones() as usize;
            if *word != u64::MAX {
                break;
            }
        }
    }
    count
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bits_say_what_bytes_do(
            here in prop::collection::vec(0_u8..2, 1..300),
            noise in prop::collection::vec(prop::bool::weighted(0.02), 300),
            at in any::<prop::sample::Index>(),
        ) {
            let there: Vec<u8> = here.iter().zip(noise).map(|(byte, other)| byte ^ u8::from(other)).collect();
            let agree: Vec<bool> = here.iter().zip(&there).map(|(a, b)| a == b).collect();
            let run = |at: usize| agree[at.min(agree.len())..].iter().take_while(|agree| **agree).count();
            let mut bits = vec![7];
            equal(&here, &there, &mut bits);
            let at = at.index(here.len());
            prop_assert_eq!(bits.len(), here.len().div_ceil(64));
            prop_assert_eq!(ones(&bits, at), run(at));
            let fours: Vec<u64> = fours(&bits).collect();
            let next = (at..here.len()).find(|place| run(*place) >= 4).map_or(64, |place| (place - at).min(64));
            prop_assert_eq!((window(&fours, at) as u64).trailing_zeros() as usize, next);
            // No bit is set past the end.
            prop_assert_eq!(window(&bits, here.len()), 0);
        }
    }
}
