//! One panel: its sets of values, and the objects that show them.

use super::relations::{Attribute, Sets};
use crate::{
    fingerprint::Fingerprint,
    rng::Rng,
    scene::{self, Line, Shape},
};

/// The most objects a panel holds.
pub const MOST: usize = 9;

/// A line (its size and slot are 0) or a shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Object {
    /// Index into the names of line or shape types.
    pub kind: u8,
    /// Index into the names of grays.
    pub gray: u8,
    /// Index into the names of sizes.
    pub size: u8,
    /// Row-major slot.
    pub slot: u8,
}

/// A panel of lines or of shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Panel {
    /// What it shows.
    pub sets: Sets,
    objects: [Object; MOST],
    count: u8,
}

impl Panel {
    /// Draws objects that show exactly these sets; which value goes with which is up to chance.
    /// Every set must fit the quantity.
    pub fn draw(sets: Sets, rng: &mut Rng) -> Self {
        let count = if sets.lines { sets.of[0].count_ones() } else { sets.of[3].trailing_zeros() + 1 } as usize;
        let mut objects = [Object::default(); MOST];
        let mut kinds = [0; MOST];
        if sets.lines {
            bits(sets.get(Attribute::Type)).zip(&mut kinds).for_each(|(value, kind)| *kind = value);
        } else {
            bits(sets.get(Attribute::Position)).zip(&mut objects).for_each(|(slot, object)| object.slot = slot);
            kinds = dealt(sets.get(Attribute::Type), count, rng);
        }
        let grays = dealt(sets.get(Attribute::Color), count, rng);
        let sizes = if sets.lines { [0; MOST] } else { dealt(sets.get(Attribute::Size), count, rng) };
        for (object, ((kind, gray), size)) in objects[..count].iter_mut().zip(kinds.into_iter().zip(grays).zip(sizes)) {
            *object = Object { kind, gray, size, ..*object };
        }
        Self { sets, objects, count: count as u8 }
    }

    /// Its objects, shapes by slot and lines by type.
    pub fn objects(&self) -> &[Object] {
        &self.objects[..usize::from(self.count)]
    }

    /// As the renderer takes it.
    pub fn scene(&self) -> scene::Panel {
        if self.sets.lines {
            scene::Panel::Lines(self.objects().iter().map(|o| Line { kind: o.kind, gray: o.gray }).collect())
        } else {
            let shape = |o: &Object| Shape { kind: o.kind, gray: o.gray, size: o.size, slot: o.slot };
            scene::Panel::Shapes(self.objects().iter().map(shape).collect())
        }
    }

    /// Adds all that is seen of it.
    pub fn content(&self, hash: &mut Fingerprint) {
        let mut bytes = [0; 2 * MOST + 1];
        bytes[0] = self.count | u8::from(self.sets.lines) << 7;
        for (pair, o) in bytes[1..].chunks_exact_mut(2).zip(self.objects()) {
            pair[0] = o.kind << 4 | o.gray;
            pair[1] = o.size << 4 | o.slot;
        }
        hash.bytes(&bytes[..=2 * usize::from(self.count)]);
    }
}

/// The values of a set, least first.
pub fn bits(set: u16) -> impl Iterator<Item = u8> {
    let mut rest = set;
    std::iter::from_fn(move || {
        (rest != 0).then(|| {
            let bit = rest.trailing_zeros() as u8;
            rest &= rest - 1;
            bit
        })
    })
}

/// A uniform choice of `count` values of a set of up to ten.
pub fn subset(set: u16, count: usize, rng: &mut Rng) -> u16 {
    let size = set.count_ones() as usize;
    let chosen = BY_COUNT[FIRST[count] + rng.below(CHOOSE[size][count])];
    if set & (set + 1) == 0 { chosen } else { deposit(chosen, set) }
}

/// The most values a set may have.
const VALUES: usize = 10;

/// How many sets of `k` there are among `n` values, by `n` and `k`.
const CHOOSE: [[usize; VALUES + 1]; VALUES + 1] = {
    let mut choose = [[0; VALUES + 1]; VALUES + 1];
    let mut n = 0;
    while n <= VALUES {
        choose[n][0] = 1;
        let mut k = 1;
        while k <= n {
            choose[n][k] = choose[n - 1][k - 1] + choose[n - 1][k];
            k += 1;
        }
        n += 1;
    }
    choose
};

/// Where the sets of `k` start in [`BY_COUNT`].
const FIRST: [usize; VALUES + 1] = {
    let mut first = [0; VALUES + 1];
    let mut k = 1;
    while k <= VALUES {
        first[k] = first[k - 1] + CHOOSE[VALUES][k - 1];
        k += 1;
    }
    first
};

/// All sets by size and then by their bits as a number, so that those of the first `n` values come first.
static BY_COUNT: [u16; 1 << VALUES] = {
    let mut sets = [0; 1 << VALUES];
    let mut next = FIRST;
    let mut set = 0;
    while set < 1 << VALUES {
        let k = (set as u16).count_ones() as usize;
        sets[next[k]] = set as u16;
        next[k] += 1;
        set += 1;
    }
    sets
};

/// The members of `set` whose ranks in it are the bits of `ranks`.
fn deposit(ranks: u16, set: u16) -> u16 {
    let (mut rest, mut ranks, mut out) = (set, ranks, 0);
    while rest != 0 {
        let bit = rest & rest.wrapping_neg();
        out |= bit & (ranks & 1).wrapping_neg();
        ranks >>= 1;
        rest ^= bit;
    }
    out
}

/// Deals the values of a set to `count` objects so that each value is dealt at least once.
fn dealt(set: u16, count: usize, rng: &mut Rng) -> [u8; MOST] {
    let mut hand = [0; MOST];
    let mut values = 0;
    for (value, place) in bits(set).zip(&mut hand) {
        *place = value;
        values += 1;
    }
    debug_assert!((1..=count).contains(&values), "{set:b} does not fit {count} objects");
    if values == 1 {
        return [hand[0]; MOST];
    }
    for place in values..count {
        hand[place] = hand[rng.below(values)];
    }
    rng.shuffle(&mut hand[..count]);
    hand
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_subset_is_as_likely_as_any_other() {
        let mut rng = Rng::keyed([2; 4]);
        let mut seen = std::collections::BTreeMap::new();
        for _ in 0..60_000 {
            *seen.entry(subset(0b11_0010_1101, 3, &mut rng)).or_insert(0_u32) += 1;
        }
        // Five standard deviations of a binomial with n = 60,000 and p = 1/20 are 267.
        assert_eq!(seen.len(), 20);
        assert!(
            seen.iter().all(|(set, &n)| set & !0b11_0010_1101 == 0 && set.count_ones() == 3 && n.abs_diff(3000) < 267)
        );
    }

    #[test]
    fn a_drawn_panel_shows_its_sets() {
        let mut rng = Rng::keyed([1; 4]);
        for _ in 0..1000 {
            let slots = rng.between(3, 9);
            let sets = Sets {
                lines: false,
                of: [
                    subset(31, 3, &mut rng),
                    subset(31, 2, &mut rng),
                    subset(15, 1, &mut rng),
                    1 << (slots - 1),
                    subset(511, slots, &mut rng),
                ],
            };
            let panel = Panel::draw(sets, &mut rng);
            let seen = panel.objects().iter().fold([0_u16; 5], |mut seen, o| {
                for (set, value) in seen.iter_mut().zip([o.kind, o.gray, o.size, panel.count - 1, o.slot]) {
                    *set |= 1 << value;
                }
                seen
            });
            assert_eq!(seen, sets.of);
        }
    }
}
