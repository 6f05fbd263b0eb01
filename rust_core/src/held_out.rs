//! Contents kept for evaluation. Splits share no random stream, but small levels repeat themselves by chance, so
//! that what is reported on would have been trained on.
//!
//! * **Which are kept**: one content in `n`, by its own hash, whatever split, seed or level it turns up in; half of
//!   those belong to `val` and half to `test`. No list of hashes has to travel.
//! * **What stands at an index**: the first of the samples `index`, `index + SPAN`, `index + 2 · SPAN`, … whose
//!   content belongs to its split. So every index has a sample, any one is found without the others, and no two
//!   indices share one.

use crate::{
    Error, Result,
    address::{Address, SPLITS, Split},
};

/// Indices are below it where contents are held out; above it are what stands in for them.
pub const SPAN: u64 = 1 << 40;

/// The rarest that held-out contents may be.
pub const RAREST: u32 = 1 << 16;

/// One content in so many is kept for evaluation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldOut(u32);

impl HeldOut {
    /// One content in `one_in`.
    pub fn new(one_in: u32) -> Result<Self> {
        if (2..=RAREST).contains(&one_in) {
            return Ok(Self(one_in));
        }
        Err(Error::HeldOut {
            why: format!("held_out={one_in} is out of range; give 2 to {RAREST}: one content in so many"),
        })
    }

    /// The one in how many.
    pub fn one_in(self) -> u32 {
        self.0
    }

    /// The split that a content belongs to.
    pub fn split(self, content: u128) -> Split {
        let (first, second) = ((content >> 96) as u32, (content >> 64) as u32);
        match (first.is_multiple_of(self.0), second % 2) {
            (false, _) => Split::Train,
            (true, 0) => Split::Val,
            (true, _) => Split::Test,
        }
    }

    /// The sample that stands at an address: itself, or the first of those that may stand in for it.
    ///
    /// # Errors
    /// The index is too large, or the level shows hardly anything that belongs to the split.
    pub fn admitted(self, address: &Address) -> Result<Address> {
        if address.index >= SPAN {
            return Err(Error::HeldOut {
                why: format!("index {} is out of range; with held_out={} give one below 2^40", address.index, self.0),
            });
        }
        let tries = u64::from(self.0 * 64).max(4096);
        self.first(address, tries).ok_or_else(|| Error::HeldOut {
            why: format!(
                "{} has no content of split {} with held_out={} among {tries} samples; give another number or a larger level",
                address.setting.name, SPLITS[address.split as usize], self.0
            ),
        })
    }

    /// As [`Self::admitted`] for a level that is known to show what belongs to the split.
    ///
    /// # Panics
    /// If none of 2²⁴ samples does.
    pub fn surely(self, address: &Address) -> Address {
        self.first(address, u64::MAX / SPAN).expect("a level that showed such a content shows one again")
    }

    fn first(self, address: &Address, tries: u64) -> Option<Address> {
        let mut found = address.clone();
        (0..tries).find_map(|again| {
            found.index = address.index + again * SPAN;
            let fits = self.split(found.content(&*found.resolve())) == found.split;
            fits.then(|| found.clone())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_what_they_are_said_to_be() {
        let held = HeldOut::new(4).unwrap();
        let mut seen = [0_usize; 3];
        for index in 0..4000 {
            let address: Address = format!("grid_navigation/simple#val:1:{index}").parse().unwrap();
            seen[held.split(address.content(&*address.resolve())) as usize] += 1;
        }
        // Five standard deviations of 4,000 draws with p = 1/8 are 105, with p = 3/4 137.
        assert!(seen[0].abs_diff(3000) < 137 && seen[1].abs_diff(500) < 105 && seen[2].abs_diff(500) < 105, "{seen:?}");
    }

    #[test]
    fn every_index_has_a_sample_of_its_own_that_belongs_to_the_split() {
        let held = HeldOut::new(3).unwrap();
        for split in SPLITS {
            for index in 0..50 {
                let address: Address = format!("table_readout/rung0#{split}:7:{index}").parse().unwrap();
                let found = held.admitted(&address).unwrap();
                assert_eq!(found.index % SPAN, index);
                assert_eq!(SPLITS[held.split(found.content(&*found.resolve())) as usize], split);
                assert!(found.same(&held.surely(&address)));
            }
        }
    }

    #[test]
    fn what_cannot_be_had_is_refused() {
        assert!(HeldOut::new(1).is_err() && HeldOut::new(RAREST + 1).is_err());
        let held = HeldOut::new(4).unwrap();
        let far: Address = format!("table_readout/rung0#train:7:{SPAN}").parse().unwrap();
        assert!(held.admitted(&far).is_err_and(|error| error.to_string().contains("1099511627776")));
    }
}
