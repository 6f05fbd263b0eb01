//! Attributes as sets of values, and the relations that three sets may be in.

/// What of an object is looked at. A panel has a set of values of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Attribute {
    /// Line type or shape type.
    Type,
    /// Gray.
    Color,
    /// Size; shapes only.
    Size,
    /// How many there are; shapes only, always one value.
    Quantity,
    /// Slots taken; shapes only.
    Position,
}

impl Attribute {
    /// All, by number.
    pub const ALL: [Self; 5] = [Self::Type, Self::Color, Self::Size, Self::Quantity, Self::Position];
}

/// An attribute of lines or of shapes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Domain {
    /// Whether of lines.
    pub lines: bool,
    /// Of what.
    pub attribute: Attribute,
}

/// How many domains there are.
pub const DOMAINS: usize = 7;

impl Domain {
    /// Its number, 0 to 6: line type, line color, then the five of shapes.
    pub fn number(self) -> usize {
        self.attribute as usize + if self.lines { 0 } else { 2 }
    }

    /// The domain of a number.
    pub fn of(number: usize) -> Self {
        let lines = number < 2;
        Self { lines, attribute: Attribute::ALL[if lines { number } else { number - 2 }] }
    }

    /// Its name in level files and addresses.
    pub fn key(self) -> &'static str {
        ["line_type", "line_color", "shape_type", "shape_color", "shape_size", "shape_quantity", "shape_position"]
            [self.number()]
    }

    /// How many values it has; a quantity has as many as a level's panels may hold.
    pub fn values(self) -> u32 {
        [10, 4, 5, 5, 4, 9, 9][self.number()]
    }
}

/// What may hold between the values in panels A, B and C.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Relation {
    /// C has the values that A and B share.
    And,
    /// C has the values of both.
    Or,
    /// C has the values that exactly one of them has.
    Xor,
    /// The values go on from A to B to C.
    Progression,
}

impl Relation {
    /// All, by number.
    pub const ALL: [Self; 4] = [Self::And, Self::Or, Self::Xor, Self::Progression];

    /// Its name in level files and addresses.
    pub fn key(self) -> &'static str {
        ["and", "or", "xor", "progression"][self as usize]
    }
}

/// A set of (domain, relation) pairs, bit `4 * domain + relation`.
pub type Pairs = u32;

/// The set of one pair.
pub fn pair(domain: Domain, relation: Relation) -> Pairs {
    1 << (4 * domain.number() + relation as usize)
}

/// The one pair of a set of one.
pub fn unpair(pairs: Pairs) -> (Domain, Relation) {
    let bit = pairs.trailing_zeros() as usize;
    (Domain::of(bit / 4), Relation::ALL[bit % 4])
}

/// All 25 pairs: the logical relations are not defined on quantity.
pub const ALL_PAIRS: Pairs = 0x0FFF_FFFF & !(0b0111 << 20);

/// The 8 pairs that HARD holds out.
pub const HARD_PAIRS: Pairs = {
    const AND: u32 = 1;
    const OR: u32 = 2;
    const XOR: u32 = 4;
    const PROGRESSION: u32 = 8;
    (AND | PROGRESSION) << 4 | (OR | PROGRESSION) << 8 | AND << 12 | XOR << 16 | (OR | XOR) << 24
};

/// The relations that occur in a set of pairs, bit `relation`.
pub fn relations_in(pairs: Pairs) -> u32 {
    let halves = pairs | pairs >> 16;
    let quarters = halves | halves >> 8;
    (quarters | quarters >> 4) & 15
}

/// Whether some domain shows two relations at once.
pub fn blurred(pairs: Pairs) -> bool {
    (pairs & pairs >> 1 & 0x7777_7777) | (pairs & pairs >> 2 & 0x3333_3333) | (pairs & pairs >> 3 & 0x1111_1111) != 0
}

/// The values a panel shows, one bit each: of quantity the bit of the number less one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sets {
    /// Whether the panel holds lines; it has types and colors only then.
    pub lines: bool,
    /// By attribute.
    pub of: [u16; 5],
}

impl Sets {
    /// The values of one attribute.
    pub fn get(&self, attribute: Attribute) -> u16 {
        self.of[attribute as usize]
    }
}

/// All pairs that hold in a row.
pub fn holding(a: &Sets, b: &Sets, c: &Sets) -> Pairs {
    if a.lines != b.lines || b.lines != c.lines {
        return 0;
    }
    let (attributes, first) = if a.lines { (2, 0) } else { (5, 8) };
    (0..attributes).fold(0, |pairs, i| {
        pairs | Pairs::from(holding_in(Attribute::ALL[i], a.of[i], b.of[i], c.of[i])) << (first + 4 * i)
    })
}

/// The relations that hold in one attribute, bit `relation`. Values that stay the same show none.
pub fn holding_in(attribute: Attribute, a: u16, b: u16, c: u16) -> u8 {
    if (a == b && b == c) || c == 0 {
        return 0;
    }
    let logical = u8::from(c == a & b) | u8::from(c == a | b) << 1 | u8::from(c == a ^ b) << 2;
    let logical = if attribute == Attribute::Quantity { 0 } else { logical };
    logical | u8::from(directions(attribute, a, b, c) != 0) << 3
}

/// The directions in which a progression runs: bit 0 up (or growing), bit 1 down; for positions
/// bit `n` for a shift of [`shift`] number `n`. 0 where there is none.
pub fn directions(attribute: Attribute, a: u16, b: u16, c: u16) -> u16 {
    match attribute {
        Attribute::Type => {
            let adds_one = |from: u16, to: u16| from & !to == 0 && (to & !from).is_power_of_two();
            u16::from(a != 0 && adds_one(a, b) && adds_one(b, c))
        }
        Attribute::Position => {
            if a == b || a.count_ones() != b.count_ones() || b.count_ones() != c.count_ones() {
                return 0;
            }
            (1..9).filter(|&n| shift(a, n) == b && shift(b, n) == c).fold(0, |found, n| found | 1 << n)
        }
        _ => {
            let single = [a, b, c].iter().all(|set| set.is_power_of_two());
            u16::from(single && a < b && b < c) | u16::from(single && a > b && b > c) << 1
        }
    }
}

/// Moves slots cyclically by `n % 3` columns to the right and `n / 3` rows down. On three rows and
/// columns two steps one way are one step the other, so 1 to 8 are the eight neighbours' directions.
pub fn shift(slots: u16, n: usize) -> u16 {
    let right = match n % 3 {
        0 => slots,
        1 => (slots << 1) & 0b110_110_110 | (slots >> 2) & 0b001_001_001,
        _ => (slots >> 1) & 0b011_011_011 | (slots << 2) & 0b100_100_100,
    };
    match n / 3 {
        0 => right,
        1 => (right << 3 | right >> 6) & 0x1FF,
        _ => (right >> 3 | right << 6) & 0x1FF,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_25_pairs_of_which_8_are_held_out() {
        assert_eq!(ALL_PAIRS.count_ones(), 25);
        assert_eq!(HARD_PAIRS.count_ones(), 8);
        assert_eq!(HARD_PAIRS & !ALL_PAIRS, 0);
        let named: Vec<String> = (0..28)
            .filter(|bit| HARD_PAIRS >> bit & 1 == 1)
            .map(|bit| unpair(1 << bit))
            .map(|(domain, relation)| format!("{} {}", relation.key(), domain.key()))
            .collect();
        assert_eq!(
            named,
            [
                "and line_color",
                "progression line_color",
                "or shape_type",
                "progression shape_type",
                "and shape_color",
                "xor shape_size",
                "or shape_position",
                "xor shape_position"
            ]
        );
    }

    #[test]
    fn eight_shifts_move_every_slot_to_its_neighbours() {
        for slot in 0..9_usize {
            for n in 1..9 {
                let moved = shift(1 << slot, n);
                let (row, column) = ((slot / 3 + n / 3) % 3, (slot % 3 + n % 3) % 3);
                assert_eq!(moved, 1 << (3 * row + column), "{slot} {n}");
            }
        }
    }

    #[test]
    fn values_that_stay_show_no_relation() {
        for attribute in Attribute::ALL {
            assert_eq!(holding_in(attribute, 3, 3, 3), 0);
        }
        assert_eq!(holding_in(Attribute::Type, 0b011, 0b110, 0b010), 1);
        assert_eq!(holding_in(Attribute::Type, 0b011, 0b110, 0b111), 2);
        assert_eq!(holding_in(Attribute::Type, 0b011, 0b110, 0b101), 4);
        assert_eq!(holding_in(Attribute::Type, 0b001, 0b011, 0b111), 8);
        assert_eq!(holding_in(Attribute::Color, 0b001, 0b010, 0b100), 8);
        assert_eq!(holding_in(Attribute::Quantity, 0b001, 0b010, 0b011), 0);
        // Disjoint sets make OR and XOR one; a shifted pair of slots can be both XOR and progression.
        assert_eq!(holding_in(Attribute::Color, 0b001, 0b010, 0b011), 6);
        assert!(blurred(6) && !blurred(0x11) && blurred(9));
        assert_eq!(relations_in(0x0F00_0000 | 0x10), 15);
    }
}
