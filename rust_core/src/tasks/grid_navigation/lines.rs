//! What a line of a reply may say, and the keywords that say it.

use super::{
    problem::Problem,
    bits::{Bits, Heading, Place},
};
use crate::{
    scene::SYMBOLS,
    verdict::{Reason, Skill},
};

/// What a step does, and what is wrong with it.
pub type Finding = Option<(Skill, Option<Reason>)>;

/// A keyword of any rationale format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Key {
    /// One of [`SYMBOLS`], by index.
    Symbol(u8),
    /// A move.
    Heading(Heading),
    /// `start`, `source`.
    Start,
    /// `destination`, `goal`.
    Destination,
    /// `blank`, `empty`.
    Blank,
    /// `closed`: an obstacle is there.
    Closed,
    /// `outside`: off the grid.
    Outside,
    /// `visited`.
    Visited,
    /// `future`, `later`: holds what is due later.
    Future,
    /// `okay`.
    Okay,
    /// `retrace`, `backtrack`.
    Retrace,
    /// `collect` and its forms.
    Collect,
    /// `avoid`.
    Avoid,
    /// `to`.
    To,
    /// `at`.
    At,
    /// `reach`, `reachable`.
    Reach,
    /// `lost`, `not`.
    Lost,
    /// `none`, `nothing`.
    Nothing,
}

const WORDS: [(&str, Key); 34] = [
    ("up", Key::Heading(Heading::Up)),
    ("down", Key::Heading(Heading::Down)),
    ("left", Key::Heading(Heading::Left)),
    ("right", Key::Heading(Heading::Right)),
    ("start", Key::Start),
    ("source", Key::Start),
    ("destination", Key::Destination),
    ("goal", Key::Destination),
    ("blank", Key::Blank),
    ("empty", Key::Blank),
    ("closed", Key::Closed),
    ("blocked", Key::Closed),
    ("outside", Key::Outside),
    ("visited", Key::Visited),
    ("future", Key::Future),
    ("later", Key::Future),
    ("okay", Key::Okay),
    ("retrace", Key::Retrace),
    ("retracing", Key::Retrace),
    ("backtrack", Key::Retrace),
    ("collect", Key::Collect),
    ("collects", Key::Collect),
    ("collected", Key::Collect),
    ("collecting", Key::Collect),
    ("avoid", Key::Avoid),
    ("to", Key::To),
    ("at", Key::At),
    ("reach", Key::Reach),
    ("reachable", Key::Reach),
    ("reached", Key::Reach),
    ("lost", Key::Lost),
    ("not", Key::Lost),
    ("none", Key::Nothing),
    ("nothing", Key::Nothing),
];

const SLOTS: usize = 512;

/// A word's first eight letters, lower case, the first in the lowest byte.
const fn packed(word: &[u8]) -> u64 {
    let mut packed = 0;
    let mut at = 0;
    while at < word.len() && at < 8 {
        packed |= ((word[at] | 0x20) as u64) << (8 * at);
        at += 1;
    }
    packed
}

const fn slot(packed: u64, length: usize) -> usize {
    ((packed ^ length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 55) as usize
}

/// An entry: the first eight letters, all of them, what the word means.
type Entry = Option<(u64, &'static str, Key)>;

/// An open hash of all keywords, filled at compile time.
static TABLE: [Entry; SLOTS] = {
    let mut table: [Entry; SLOTS] = [None; SLOTS];
    let mut at = 0;
    while at < WORDS.len() + SYMBOLS.len() {
        let (word, key) = if at < WORDS.len() {
            WORDS[at]
        } else {
            (SYMBOLS[at - WORDS.len()].0, Key::Symbol((at - WORDS.len()) as u8))
        };
        let packed = packed(word.as_bytes());
        let mut place = slot(packed, word.len());
        while table[place].is_some() {
            place = (place + 1) % SLOTS;
        }
        table[place] = Some((packed, word, key));
        at += 1;
    }
    table
};

/// The keyword that a word is; `after` is the text from the word on.
#[inline]
pub fn key(word: &[u8], after: &[u8]) -> Option<Key> {
    let packed = match after.first_chunk::<8>() {
        Some(&eight) if word.len() < 8 => {
            (u64::from_le_bytes(eight) | 0x2020_2020_2020_2020) & ((1 << (8 * word.len())) - 1)
        }
        _ => packed(word),
    };
    let mut place = slot(packed, word.len());
    while let Some((first, name, key)) = TABLE[place] {
        if first == packed
            && name.len() == word.len()
            && (word.len() <= 8 || word[8..].eq_ignore_ascii_case(&name.as_bytes()[8..]))
        {
            return Some(key);
        }
        place = (place + 1) % SLOTS;
    }
    None
}

/// What a line says besides cells, heading, verdict and symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Said(u16);

impl Said {
    /// Something is blank.
    pub const BLANK: Self = Self(1);
    /// The start is named.
    pub const START: Self = Self(2);
    /// The destination is named.
    pub const DESTINATION: Self = Self(4);
    /// The destination is named before the start and before any cell.
    pub const SWAPPED: Self = Self(8);
    /// Nothing is there.
    pub const NOTHING: Self = Self(16);
    /// `to`.
    pub const TO: Self = Self(32);
    /// `at`.
    pub const AT: Self = Self(64);
    /// Something is collected.
    pub const COLLECT: Self = Self(128);
    /// Several different symbols are named.
    pub const HEDGED: Self = Self(256);
    /// Whether it says all of `what`.
    #[inline]
    pub fn has(self, what: Self) -> bool {
        self.0 & what.0 == what.0
    }

    #[inline]
    fn add(&mut self, what: Self) {
        self.0 |= what.0;
    }
}

/// A list of symbols with cells, or of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// `Collect`, `Avoid`, `Reach` or `Lost`.
    pub kind: Key,
    /// The cells named.
    pub cells: Bits,
    /// How many times a cell is named.
    pub items: u16,
    /// Some cell is not on the grid, or does not hold the symbol named with it.
    pub wrong: bool,
}

/// A cell that a line names: on the lattice, or beyond it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// A cell, on the grid or not.
    Cell(Place),
    /// Letters that no lattice has.
    Nowhere,
}

/// What a line says.
#[derive(Debug, Clone, Copy, Default)]
pub struct Line {
    /// The cell before the heading, or the first cell.
    pub origin: Option<Named>,
    /// The heading.
    pub heading: Option<Heading>,
    /// The cell after the heading, or the second cell.
    pub target: Option<Named>,
    /// The first verdict of a check.
    pub check: Option<Key>,
    /// The first symbol said to be there.
    pub symbol: Option<u8>,
    /// Everything else.
    pub said: Said,
    /// A list that the line begins.
    pub listed: Option<Listed>,
}

/// Two-letter words that are cells only where no other word can be the cell.
pub fn is_common(word: [u8; 2]) -> bool {
    matches!(
        &word,
        b"go" | b"in" | b"on" | b"no" | b"of" | b"do" | b"be" | b"if" | b"an" | b"am" | b"me" | b"he" | b"ok"
    )
}

/// Two letters as a cell.
#[inline]
pub fn named(row: u8, column: u8) -> Named {
    let (row, column) = (row.wrapping_sub(b'a'), column.wrapping_sub(b'a'));
    if row < 16 && column < 16 { Named::Cell(Place(row << 4 | column)) } else { Named::Nowhere }
}

/// The common case, fast: `ca right cb` with at most a verdict and what is there behind it, spelled as our own terse lines are.
#[inline]
pub fn terse(bytes: &[u8]) -> Option<Line> {
    let [a, b, b' ', rest @ ..] = bytes else { return None };
    let origin @ Named::Cell(_) = named(*a, *b) else { return None };
    let (heading, rest) = match rest {
        [b'u', b'p', b' ', rest @ ..] => (Heading::Up, rest),
        [b'd', b'o', b'w', b'n', b' ', rest @ ..] => (Heading::Down, rest),
        [b'l', b'e', b'f', b't', b' ', rest @ ..] => (Heading::Left, rest),
        [b'r', b'i', b'g', b'h', b't', b' ', rest @ ..] => (Heading::Right, rest),
        _ => return None,
    };
    let [a, b, rest @ ..] = rest else { return None };
    let mut rest = rest;
    let target @ Named::Cell(_) = named(*a, *b) else { return None };
    let mut line = Line { origin: Some(origin), heading: Some(heading), target: Some(target), ..Line::default() };
    while let [b' ', tail @ ..] = rest {
        let length = tail.iter().position(|byte| !byte.is_ascii_lowercase()).unwrap_or(tail.len());
        if length < 2 {
            return None;
        }
        match key(&tail[..length], tail)? {
            check @ (Key::Closed | Key::Outside | Key::Visited | Key::Future | Key::Okay)
                if line.check.is_none() && line.is_silent() =>
            {
                line.check = Some(check);
            }
            held @ (Key::Symbol(_) | Key::Destination | Key::Start | Key::Blank) if line.is_silent() => {
                line.note(held, &mut None);
            }
            _ => return None,
        }
        rest = &tail[length..];
    }
    rest.is_empty().then_some(line)
}

impl Line {
    /// Whether it says nothing of what is on its cell.
    pub fn is_silent(&self) -> bool {
        self.symbol.is_none() && self.said.0 & (Said::BLANK.0 | Said::START.0 | Said::DESTINATION.0 | Said::COLLECT.0) == 0
    }

    /// Notes a keyword.
    #[inline]
    pub fn note(&mut self, key: Key, last_symbol: &mut Option<u8>) {
        match key {
            Key::Symbol(symbol) => {
                *last_symbol = Some(symbol);
                if self.symbol.is_some_and(|known| known != symbol) {
                    self.said.add(Said::HEDGED);
                }
                self.symbol.get_or_insert(symbol);
            }
            Key::Heading(_) => {}
            Key::Start => self.said.add(Said::START),
            Key::Destination => {
                if !self.said.has(Said::START) && self.origin.is_none() {
                    self.said.add(Said::SWAPPED);
                }
                self.said.add(Said::DESTINATION);
            }
            Key::Blank => self.said.add(Said::BLANK),
            Key::Closed | Key::Outside | Key::Visited | Key::Future | Key::Okay | Key::Retrace => {
                self.check.get_or_insert(key);
            }
            Key::Collect | Key::Avoid | Key::Reach | Key::Lost => {
                let fresh = self.origin.is_none() && self.heading.is_none() && self.listed.is_none();
                if fresh && !self.said.has(Said::AT) {
                    self.listed = Some(Listed { kind: key, cells: Bits::default(), items: 0, wrong: false });
                } else if key == Key::Collect {
                    self.said.add(Said::COLLECT);
                }
            }
            Key::Nothing => self.said.add(Said::NOTHING),
            Key::To => self.said.add(Said::TO),
            Key::At => self.said.add(Said::AT),
        }
    }
}

impl Listed {
    /// Adds a cell, and the symbol named with it.
    pub fn add(&mut self, problem: &Problem, cell: Named, symbol: Option<u8>) {
        self.items = self.items.saturating_add(1);
        match cell {
            Named::Cell(place) if problem.holds(place) => {
                self.cells.insert(place);
                self.wrong |= match (self.kind, symbol) {
                    (Key::Reach, _) | (Key::Avoid, None) => false,
                    (_, Some(symbol)) => problem.symbol(place) != Some(usize::from(symbol)),
                    (Key::Lost, None) => place != problem.destination,
                    (_, None) => true,
                };
            }
            _ => self.wrong = true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_keyword_is_found_in_any_case_and_nothing_else_is() {
        for (word, meant) in WORDS {
            for text in [word.to_owned(), word.to_uppercase(), format!("{word}, and more text")] {
                let own = &text.as_bytes()[..word.len()];
                assert_eq!(key(own, text.as_bytes()), Some(meant), "{text}");
            }
        }
        for (at, (word, _)) in SYMBOLS.iter().enumerate() {
            assert_eq!(key(word.as_bytes(), word.as_bytes()), Some(Key::Symbol(at as u8)));
        }
        for word in ["ups", "destinatiom", "destinations", "xx", "hear", "hearts", "collectin"] {
            assert_eq!(key(word.as_bytes(), word.as_bytes()), None, "{word}");
        }
    }
}
