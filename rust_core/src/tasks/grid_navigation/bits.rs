//! Sets of cells as bits, and the floods that distances come from.

/// The most rows and columns of a grid.
pub const SIDE: usize = 16;

/// A cell of the 16 × 16 lattice that every grid is the top left part of: `row * 16 + column`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Place(pub u8);

impl Place {
    /// The cell in this row and column, both below 16.
    #[inline]
    pub fn new(row: usize, column: usize) -> Self {
        Self((row * SIDE + column) as u8)
    }

    /// Its row, from the top.
    #[inline]
    pub fn row(self) -> usize {
        usize::from(self.0 >> 4)
    }

    /// Its column, from the left.
    #[inline]
    pub fn column(self) -> usize {
        usize::from(self.0 & 15)
    }

    /// Where it stands in a table of 256.
    #[inline]
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// Moves to it from `other` without obstacles.
    #[inline]
    pub fn manhattan(self, other: Self) -> usize {
        self.row().abs_diff(other.row()) + self.column().abs_diff(other.column())
    }
}

/// A move by one cell. The order is the paper's, and ties are broken by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Heading {
    /// To the row above.
    Up = 0,
    /// To the row below.
    Down = 1,
    /// To the column on the left.
    Left = 2,
    /// To the column on the right.
    Right = 3,
}

/// All of them, in order.
pub const HEADINGS: [Heading; 4] = [Heading::Up, Heading::Down, Heading::Left, Heading::Right];

impl Heading {
    /// The word for it.
    #[inline]
    pub fn name(self) -> &'static str {
        ["up", "down", "left", "right"][self as usize]
    }
}

/// A set of cells: bit `place % 64` of word `place / 64`, so four rows to a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Bits(pub [u64; 4]);

impl Bits {
    /// One cell.
    #[inline]
    pub fn of(place: Place) -> Self {
        let mut bits = Self::default();
        bits.insert(place);
        bits
    }

    /// Rows `top..=bottom` of columns `left..=right`.
    pub fn rectangle(top: usize, bottom: usize, left: usize, right: usize) -> Self {
        let row = ((2_u64 << right) - 1) & !((1_u64 << left) - 1);
        let mut words = [0; 4];
        for at in top..=bottom {
            words[at / 4] |= row << (at % 4 * SIDE);
        }
        Self(words)
    }

    /// Whether a cell is in it.
    #[inline]
    pub fn has(&self, place: Place) -> bool {
        self.0[place.index() >> 6] >> (place.0 & 63) & 1 == 1
    }

    /// Adds a cell.
    #[inline]
    pub fn insert(&mut self, place: Place) {
        self.0[place.index() >> 6] |= 1 << (place.0 & 63);
    }

    /// Takes a cell out.
    #[inline]
    pub fn remove(&mut self, place: Place) {
        self.0[place.index() >> 6] &= !(1 << (place.0 & 63));
    }

    /// Cells of both.
    #[inline]
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] & other.0[i]))
    }

    /// Cells of either.
    #[inline]
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    /// Cells of this one that are not in the other.
    #[inline]
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i] & !other.0[i]))
    }

    /// Whether it holds nothing.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.0 == [0; 4]
    }

    /// How many cells it holds.
    #[inline]
    pub fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Everything that can be walked to from `start` over the cells of this set.
    #[must_use]
    pub fn flood(self, start: Place) -> Self {
        let mut wave = Wave::new(self, start);
        while !wave.spread().is_empty() {}
        let mut seen = self.without(wave.open.into());
        seen.insert(start);
        seen
    }

    /// Its cells, in reading order.
    pub fn places(self) -> impl Iterator<Item = Place> {
        self.0.into_iter().enumerate().flat_map(|(at, mut word)| {
            std::iter::from_fn(move || {
                let bit = word.trailing_zeros();
                if word == 0 {
                    return None;
                }
                word &= word - 1;
                Some(Place((at as u32 * 64 + bit) as u8))
            })
        })
    }

    /// The cell of this rank in reading order.
    ///
    /// # Panics
    /// If it holds no more than `rank` cells.
    pub fn nth(&self, rank: usize) -> Place {
        let mut rest = rank as u32;
        for (at, &word) in self.0.iter().enumerate() {
            if rest < word.count_ones() {
                let mut word = word;
                for _ in 0..rest {
                    word &= word - 1;
                }
                return Place((at as u32 * 64 + word.trailing_zeros()) as u8);
            }
            rest -= word.count_ones();
        }
        panic!("rank {rank} of {} cells", self.len());
    }
}

/// Two halves of a set, eight rows each: numbers this wide are shifted as a whole, which keeps a flood in registers.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Halves(u128, u128);

const FIRST_COLUMN: u128 = 0x0001_0001_0001_0001_0001_0001_0001_0001;

impl Halves {
    #[inline]
    fn is_empty(self) -> bool {
        self.0 | self.1 == 0
    }

    #[inline]
    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0, self.1 & other.1)
    }

    #[inline]
    fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0, self.1 & !other.1)
    }

    /// The cells next to its cells.
    #[inline]
    fn neighbours(self) -> Self {
        let sideways = |x: u128| (x << 1 & !FIRST_COLUMN) | (x & !FIRST_COLUMN) >> 1;
        let Self(a, b) = self;
        let upper = sideways(a) | a << 16 | a >> 16;
        if b == 0 {
            return Self(upper, a >> 112);
        }
        Self(upper | b << 112, sideways(b) | b << 16 | b >> 16 | a >> 112)
    }
}

impl From<Bits> for Halves {
    #[inline]
    fn from(Bits([a, b, c, d]): Bits) -> Self {
        Self(u128::from(a) | u128::from(b) << 64, u128::from(c) | u128::from(d) << 64)
    }
}

impl From<Halves> for Bits {
    #[inline]
    fn from(Halves(a, b): Halves) -> Self {
        Self([a as u64, (a >> 64) as u64, b as u64, (b >> 64) as u64])
    }
}

/// A flood, one move at a time.
struct Wave {
    fresh: Halves,
    open: Halves,
}

impl Wave {
    #[inline]
    fn new(free: Bits, start: Place) -> Self {
        let fresh = Halves::from(Bits::of(start));
        Self { fresh, open: Halves::from(free).without(fresh) }
    }

    /// The cells that one more move reaches for the first time.
    #[inline]
    fn spread(&mut self) -> Halves {
        self.fresh = self.fresh.neighbours().and(self.open);
        self.open = self.open.without(self.fresh);
        self.fresh
    }
}

/// Stands for "cannot be reached" in distance tables.
pub const NEVER: u8 = u8::MAX;

/// Moves from every cell to `goal` over the cells of `free`, by place; [`NEVER`] where there is no way.
/// A shortest way visits no cell twice, so 254 is the most there can be.
pub fn distances(free: Bits, goal: Place) -> [u8; 256] {
    let mut table = [NEVER; 256];
    let mut wave = Wave::new(free, goal);
    let mut moves = 0;
    while !wave.fresh.is_empty() {
        // Plain loops: of all that is asked of a grid, this takes longest.
        for (block, mut word) in table.chunks_exact_mut(64).zip(Bits::from(wave.fresh).0) {
            while word != 0 {
                block[word.trailing_zeros() as usize] = moves;
                word &= word - 1;
            }
        }
        wave.spread();
        moves += 1;
    }
    table
}

/// Moves from `start` to each of the other places, `None` if one of them cannot be reached.
#[inline]
pub fn legs(free: Bits, start: Place, places: &[Place], out: &mut [u8]) -> Option<()> {
    let mut wanted = Bits::default();
    for &place in places {
        wanted.insert(place);
    }
    let mut wanted = Halves::from(wanted);
    let mut wave = Wave::new(free, start);
    let mut moves = 0;
    while !wanted.is_empty() {
        let fresh = wave.spread();
        if fresh.is_empty() {
            return None;
        }
        moves += 1;
        let met = fresh.and(wanted);
        if !met.is_empty() {
            wanted = wanted.without(met);
            let met = Bits::from(met);
            for (&place, leg) in places.iter().zip(&mut *out) {
                if met.has(place) {
                    *leg = moves;
                }
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// Distances by a queue, the way everybody writes them.
    fn by_queue(free: Bits, rows: usize, columns: usize, goal: Place) -> [u8; 256] {
        let mut table = [NEVER; 256];
        table[goal.index()] = 0;
        let mut queue = std::collections::VecDeque::from([goal]);
        while let Some(place) = queue.pop_front() {
            let (row, column) = (place.row() as i32, place.column() as i32);
            for (r, c) in [(row - 1, column), (row + 1, column), (row, column - 1), (row, column + 1)] {
                if (0..rows as i32).contains(&r) && (0..columns as i32).contains(&c) {
                    let next = Place::new(r as usize, c as usize);
                    if free.has(next) && table[next.index()] == NEVER {
                        table[next.index()] = table[place.index()] + 1;
                        queue.push_back(next);
                    }
                }
            }
        }
        table
    }

    #[test]
    fn floods_agree_with_a_queue() {
        let mut rng = Rng::keyed([8, 1, 0, 0]);
        for _ in 0..300 {
            let (rows, columns) = (rng.between(1, 16), rng.between(1, 16));
            let mut free = Bits::rectangle(0, rows - 1, 0, columns - 1);
            for place in free.places() {
                if rng.chance(0.35) {
                    free.remove(place);
                }
            }
            let goal = Place::new(rng.below(rows), rng.below(columns));
            free.insert(goal);
            let table = distances(free, goal);
            assert_eq!(table, by_queue(free, rows, columns, goal));
            let reached = free.flood(goal);
            for place in Bits::rectangle(0, 15, 0, 15).places() {
                assert_eq!(reached.has(place), table[place.index()] != NEVER);
            }
            let mut rest = free;
            rest.remove(goal);
            if rest.is_empty() {
                continue;
            }
            let others: Vec<Place> = (0..4).map(|_| rest.nth(rng.below(rest.len()))).collect();
            let mut out = [0; 4];
            match legs(free, goal, &others, &mut out) {
                Some(()) => assert!(others.iter().zip(out).all(|(place, leg)| table[place.index()] == leg)),
                None => assert!(others.iter().any(|place| table[place.index()] == NEVER)),
            }
        }
    }

    #[test]
    fn places_come_in_reading_order() {
        let bits = Bits::rectangle(2, 9, 3, 15);
        let places: Vec<Place> = bits.places().collect();
        assert_eq!(places.len(), bits.len());
        assert!(places.is_sorted());
        assert!(places.iter().enumerate().all(|(rank, &place)| bits.nth(rank) == place && bits.has(place)));
    }
}
