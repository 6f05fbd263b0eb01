//! The names of rows and columns: invented products, small animals, months, letters.

use std::borrow::Cow;

/// How many names of rows there are of either kind, and how many second halves of products.
pub const POOL: usize = 32;

const FIRST: [&str; POOL] = [
    "Alpha", "Beta", "Gamma", "Delta", "Sigma", "Omega", "Zeta", "Kappa", "Nova", "Luna", "Solar", "Astro", "Turbo",
    "Hyper", "Ultra", "Mega", "Micro", "Nano", "Pixel", "Cyber", "Quartz", "Cobalt", "Amber", "Coral", "Ember",
    "Frost", "Storm", "Cedar", "Maple", "Raven", "Falcon", "Tiger",
];

const SECOND: [&str; POOL] = [
    "Widget", "Gadget", "Panel", "Motor", "Sensor", "Lamp", "Drone", "Router", "Camera", "Tablet", "Filter", "Valve",
    "Pump", "Engine", "Switch", "Socket", "Keypad", "Screen", "Mixer", "Kettle", "Heater", "Cooler", "Lens", "Laser",
    "Radio", "Clock", "Drill", "Torch", "Cable", "Ladder", "Bottle", "Helmet",
];

/// Short names of rows: three letters, and none that a month or a digit begins with.
pub const ANIMALS: [&str; POOL] = [
    "Ant", "Ape", "Asp", "Bat", "Bee", "Cat", "Cod", "Cow", "Cub", "Doe", "Dog", "Eel", "Elk", "Emu", "Ewe", "Fox",
    "Gnu", "Hen", "Hog", "Jay", "Kid", "Koi", "Owl", "Pig", "Pug", "Ram", "Rat", "Yak", "Auk", "Boa", "Fly", "Kit",
];

/// Full names of columns.
pub const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// Names of the first rows, and of the first columns, where position is all that names them.
const LETTERS: &str = "abcdefghijklmnop";

/// The longest product has twelve letters.
const ROOM: usize = 12;

static SPELT: [[u8; ROOM]; POOL * POOL] = {
    let mut letters = [[0; ROOM]; POOL * POOL];
    let mut product = 0;
    while product < POOL * POOL {
        let (first, second) = (FIRST[product / POOL].as_bytes(), SECOND[product % POOL].as_bytes());
        let mut at = 0;
        while at < first.len() + second.len() {
            letters[product][at] = if at < first.len() { first[at] } else { second[at - first.len()] };
            at += 1;
        }
        product += 1;
    }
    letters
};

static PRODUCTS: [&str; POOL * POOL] = {
    let mut products = [""; POOL * POOL];
    let mut product = 0;
    while product < POOL * POOL {
        let length = FIRST[product / POOL].len() + SECOND[product % POOL].len();
        let (name, _) = SPELT[product].split_at(length);
        products[product] = match std::str::from_utf8(name) {
            Ok(name) => name,
            Err(_) => panic!("the names are ASCII"),
        };
        product += 1;
    }
    products
};

/// Which names are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Names {
    /// Two-part products and whole months: `AlphaWidget`, `January`.
    Full,
    /// Three letters: `Bee`, `Jan`.
    Short,
    /// A letter by position, from the top and from the left; a cell is row and column at once: `cb`.
    Letters,
}

impl Names {
    /// The row's name by its position, below 16, and its code, below `POOL * POOL`.
    #[inline]
    pub fn row(self, row: usize, code: u16) -> &'static str {
        match self {
            Self::Full => PRODUCTS[usize::from(code)],
            Self::Short => ANIMALS[usize::from(code) / POOL],
            Self::Letters => &LETTERS[row..=row],
        }
    }

    /// The column's name by its position and its month, either 0 to 11.
    #[inline]
    pub fn column(self, column: usize, month: u8) -> &'static str {
        let name = MONTHS[usize::from(month)];
        match self {
            Self::Full => name,
            Self::Short => &name[..3],
            Self::Letters => &LETTERS[column..=column],
        }
    }

    /// Whether some table has a row of this name.
    pub fn knows_row(self, word: &[u8]) -> bool {
        let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
        match self {
            Self::Full => FIRST.iter().any(|first| {
                word.len() > first.len()
                    && word[..first.len()].eq_ignore_ascii_case(first.as_bytes())
                    && SECOND.iter().any(|second| word[first.len()..].eq_ignore_ascii_case(second.as_bytes()))
            }),
            Self::Short => ANIMALS.iter().any(|name| is(name)),
            Self::Letters => false, // a letter alone is talk as well
        }
    }

    /// The position that a letter names, in either case, among the first `lines`.
    #[inline]
    pub fn position(letter: u8, lines: usize) -> Option<u8> {
        let at = (letter | 0x20).wrapping_sub(b'a');
        (usize::from(at) < lines).then_some(at)
    }

    /// The first half of the row's name, where it has halves.
    pub fn first_half(self, code: u16) -> Option<&'static str> {
        match self {
            Self::Full => Some(FIRST[usize::from(code) / POOL]),
            Self::Short | Self::Letters => None,
        }
    }

    /// A label for a picture.
    pub fn row_label(self, row: usize, code: u16) -> Cow<'static, str> {
        Cow::Borrowed(self.row(row, code))
    }

    /// A label for a picture.
    pub fn column_label(self, column: usize, month: u8) -> Cow<'static, str> {
        Cow::Borrowed(self.column(column, month))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_names_are_alike() {
        let all: BTreeSet<String> = PRODUCTS.iter().chain(&ANIMALS).chain(&MONTHS).map(|n| n.to_lowercase()).collect();
        assert_eq!(all.len(), POOL * POOL + POOL + 12);
        let short: BTreeSet<&str> = (0..12).map(|month| Names::Short.column(0, month)).chain(ANIMALS).collect();
        assert_eq!(short.len(), 12 + POOL);
    }

    #[test]
    fn products_are_two_part_camel_case() {
        for name in PRODUCTS {
            assert_eq!(name.bytes().filter(u8::is_ascii_uppercase).count(), 2, "{name}");
            assert!(name.bytes().all(|byte| byte.is_ascii_alphabetic()) && name.len() <= ROOM, "{name}");
            assert!(Names::Full.knows_row(name.to_lowercase().as_bytes()));
        }
    }
}
