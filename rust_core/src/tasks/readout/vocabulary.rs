//! What the words of a reply mean to a readout.

use super::{
    names::{MONTHS, Names},
    problem::Readout,
    table,
};

/// What a word means here.
pub enum Meaning {
    /// A row, by name.
    Row(u8),
    /// A column, by name.
    Column(u8),
    /// A row and a column in one word.
    Cell(u8, u8),
    /// A letter, which may name a row or a column.
    Letter(u8),
    /// The word "row": a number follows.
    RowWord,
    /// The word "column".
    ColumnWord,
    /// A digit in letters.
    Digit(u8),
    /// Talk.
    Nothing,
}

impl Readout {
    /// What a word means in a reply that has got to place `due` of the path.
    #[inline]
    pub(super) fn meaning(&self, word: &[u8], due: usize) -> Meaning {
        let Some(&[a, b, c]) = word.first_chunk::<3>() else {
            return self.brief(word);
        };
        if let Some(row) = self.likely_row(word, due) {
            return Meaning::Row(row);
        }
        let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
        match three([a, b, c]) {
            ROW if word.len() == 3 => return Meaning::RowWord,
            COLUMN if word.len() == 3 || is("column") => return Meaning::ColumnWord,
            key if self.wording.names != Names::Letters => {
                if let Some(month) = month(key, word) {
                    return Meaning::Column(self.table.column_of[month]);
                }
            }
            _ => {}
        }
        match self.any_row(word) {
            Some(row) => Meaning::Row(row),
            None => digit_word(word).map_or(Meaning::Nothing, Meaning::Digit),
        }
    }

    /// What a word of one or two letters means.
    fn brief(&self, word: &[u8]) -> Meaning {
        match *word {
            _ if self.wording.names != Names::Letters => Meaning::Nothing,
            [letter] => Meaning::Letter(letter),
            [row, column] => match (Names::position(row, table::ROWS), Names::position(column, table::COLUMNS)) {
                (Some(row), Some(column)) => {
                    Meaning::Cell(within(row, self.table.rows), within(column, self.table.columns))
                }
                _ => Meaning::Nothing,
            },
            _ => Meaning::Nothing,
        }
    }

    /// Whether the word is the row that is due.
    #[inline]
    fn likely_row(&self, word: &[u8], due: usize) -> Option<u8> {
        let cell = *self.path.get(due)?;
        let row = table::row(cell);
        (self.row_name(row).as_bytes() == word).then_some(row as u8)
    }

    /// Whether a word is the first half of a row's name.
    pub(super) fn begins_row(&self, word: &[u8]) -> bool {
        let mut codes = self.table.row_codes[..self.table.rows].iter();
        codes.any(|&code| {
            self.wording.names.first_half(code).is_some_and(|half| word.eq_ignore_ascii_case(half.as_bytes()))
        })
    }

    /// `Alpha Widget` is `AlphaWidget`, where the table has it.
    pub(super) fn row_in_halves(&self, first: &[u8], second: &[u8]) -> Option<u8> {
        let names = self.wording.names;
        let mut codes = self.table.row_codes[..self.table.rows].iter().enumerate();
        let row = codes.position(|(row, &code)| {
            names.first_half(code).is_some_and(|half| {
                first.eq_ignore_ascii_case(half.as_bytes())
                    && second.eq_ignore_ascii_case(&names.row(row, code).as_bytes()[half.len()..])
            })
        })?;
        Some(row as u8)
    }

    fn any_row(&self, word: &[u8]) -> Option<u8> {
        let is = |row: &usize| self.row_name(*row).as_bytes().eq_ignore_ascii_case(word);
        (0..self.table.rows).find(is).map(|row| row as u8)
    }
}

/// The digit that a word names.
#[inline]
pub(super) fn digit_word(word: &[u8]) -> Option<u8> {
    const WORDS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    if !(3..=5).contains(&word.len()) {
        return None;
    }
    WORDS.iter().position(|name| word.eq_ignore_ascii_case(name.as_bytes())).map(|digit| digit as u8)
}

/// A line's position, [`table::ABSENT`] where the table ends before it.
#[inline]
pub fn within(at: u8, lines: usize) -> u8 {
    if usize::from(at) < lines { at } else { table::ABSENT }
}

/// Whether two letters that could name a cell of the largest table are a word, and so a name only
/// where nothing is said before them.
pub fn is_common(word: &[u8]) -> bool {
    ["ad", "ah", "be", "eh", "ha", "he", "hi", "id", "if", "me", "of", "oh", "ok"]
        .iter()
        .any(|common| word.eq_ignore_ascii_case(common.as_bytes()))
}

/// Three letters as a number, in lower case.
const fn three(letters: [u8; 3]) -> u32 {
    u32::from_le_bytes([letters[0] | 0x20, letters[1] | 0x20, letters[2] | 0x20, 0])
}

const ROW: u32 = three(*b"row");
const COLUMN: u32 = three(*b"col");

const MONTH_KEYS: [u32; 12] = {
    let mut keys = [0; 12];
    let mut month = 0;
    while month < 12 {
        let name = MONTHS[month].as_bytes();
        keys[month] = three([name[0], name[1], name[2]]);
        month += 1;
    }
    keys
};

/// The month that a word names, in full or by its first three letters.
#[inline]
fn month(key: u32, word: &[u8]) -> Option<usize> {
    let month = MONTH_KEYS.iter().position(|&known| known == key)?;
    let whole = word.len() == 3
        || word.eq_ignore_ascii_case(MONTHS[month].as_bytes())
        || (month == 8 && word.eq_ignore_ascii_case(b"sept"));
    whole.then_some(month)
}
