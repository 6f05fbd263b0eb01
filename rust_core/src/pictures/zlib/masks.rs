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
#[inline]
pub(super) fn fours(bits: u64) -> u64 {
    let twos = bits & bits >> 1;
    twos & twos >> 2
}

/// The 64 bits from a place on; those past the end are 0.
#[inline]
pub(super) fn window(bits: &[u64], at: usize) -> u64 {
    let word = |at: usize| bits.get(at).copied().unwrap_or(0);
    // Shifted twice, as by 64 at once could not be.
    word(at / WORD) >> (at % WORD) | word(at / WORD + 1) << 1 << (WORD - 1 - at % WORD)
}

/// How many bits are set from a place on.
#[inline]
pub(super) fn ones(bits: &[u64], at: usize) -> usize {
    // What is before the place counts as set.
    let (mut word, before) = (at / WORD, at % WORD);
    let mut clear = !bits[word] >> before << before;
    while clear == 0 {
        word += 1;
        clear = !bits.get(word).copied().unwrap_or(0);
    }
    word * WORD + clear.trailing_zeros() as usize - at
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
            // Those that begin in the window's last three bits are not seen.
            let next = (at..here.len().min(at + 61)).find(|place| run(*place) >= 4).map_or(64, |place| place - at);
            prop_assert_eq!(fours(window(&bits, at)).trailing_zeros() as usize, next);
            // No bit is set past the end.
            prop_assert_eq!(window(&bits, here.len()), 0);
        }
    }
}
