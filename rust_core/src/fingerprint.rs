//! Content hashes: 128 bits that two instances share exactly when they pose the same problem.
//!
//! FNV-1a with the 128-bit parameters (Fowler, Noll, Vo; draft-eastlake-fnv): no dependency, no
//! platform in it, and at 2⁶⁴ instances before a collision is likely it is wide enough.

const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;

/// A hash under construction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(u128);

impl Default for Fingerprint {
    fn default() -> Self {
        Self(OFFSET)
    }
}

impl Fingerprint {
    /// Adds bytes. Fields of varying length must be preceded by their length.
    pub fn bytes(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u128::from(byte)).wrapping_mul(PRIME);
        }
    }

    /// Adds a small number.
    pub fn number(&mut self, number: usize) {
        self.bytes(&(number as u32).to_le_bytes());
    }

    /// Adds a text, its length first.
    pub fn text(&mut self, text: &str) {
        self.number(text.len());
        self.bytes(text.as_bytes());
    }

    /// The hash of all that was added.
    pub fn finish(self) -> u128 {
        self.0
    }
}

/// The 64-bit FNV-1a hash of a text; names enter the random stream's key by it.
pub fn name_key(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_vectors_hold() {
        assert_eq!(name_key(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(name_key("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(name_key("foobar"), 0x8594_4171_f739_67e8);
        let mut hash = Fingerprint::default();
        hash.bytes(b"foobar");
        assert_eq!(hash.finish(), 0x343e_1662_793c_64bf_6f0d_3597_ba44_6f18);
    }
}
