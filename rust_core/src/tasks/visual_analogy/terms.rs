//! The words, numbers and marks of a sentence.

use std::ops::Range;

use super::vocabulary::{Meaning, meaning_at};
use crate::scan::Token;

/// What a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Word(Meaning),
    /// A run of digits; it saturates.
    Number(u32),
    Mark(u8),
    /// A character outside ASCII.
    Other,
}

/// A term and the bytes of the reply that it takes.
#[derive(Debug, Clone, Copy)]
pub struct Term {
    pub kind: Kind,
    pub start: u32,
    pub end: u32,
    /// Whether its letters are capital ones.
    pub capital: bool,
    /// Whether a bracket closes behind it.
    pub closed: bool,
}

impl Term {
    /// A token of a line that starts at `offset`.
    #[inline]
    pub fn of(text: &[u8], token: Token, span: &Range<usize>, offset: usize) -> Self {
        let mut capital = false;
        let kind = match token {
            Token::Word(word) => {
                // An arrow is a word that is not written there.
                let length = word.len().min(span.len());
                let written = &text[span.start..span.start + length];
                capital = written[length - 1].is_ascii_uppercase();
                match meaning_at(text, span.start, length) {
                    Meaning::Rule if length == 9 => Kind::Word(Meaning::Rules),
                    meaning => Kind::Word(meaning),
                }
            }
            Token::Number(number) => Kind::Number(u32::try_from(number).unwrap_or(u32::MAX)),
            Token::Mark(mark) => Kind::Mark(mark),
            // A cross says that what it stands at is not so.
            Token::Other => match &text[span.clone()] {
                [0xE2, 0x9C, 0x95..=0x98] | [0xE2, 0x9D, 0x8C | 0x8E] | [0xF0, 0x9F, 0x9A, 0xAB] => {
                    Kind::Word(Meaning::Hedge)
                }
                _ => Kind::Other,
            },
        };
        Self { kind, start: (offset + span.start) as u32, end: (offset + span.end) as u32, capital, closed: false }
    }

    /// Whether it is one of these marks.
    #[inline]
    pub fn is_mark<const N: usize>(&self, marks: &[u8; N]) -> bool {
        let Kind::Mark(own) = self.kind else { return false };
        marks.contains(&own)
    }

    /// Whether it is this word.
    #[inline]
    pub fn is(&self, meaning: Meaning) -> bool {
        self.kind == Kind::Word(meaning)
    }

    pub fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// Whether a mark stands around words without a meaning.
#[inline]
pub fn is_dressing(mark: u8) -> bool {
    matches!(mark, b'*' | b'_' | b'`' | b'"' | b'\'' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'$')
}
