//! A line as terms: cells, headings, keywords and words, without dressing.

use super::{
    bits::Heading,
    lines::{Key, Named, is_common, key, named},
};
use crate::{
    scan::{Token, tokens},
    tasks::readout::tone::{DENY, tone},
};

/// What a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind<'a> {
    /// A cell, spelled so that it is nothing else.
    Cell(Named),
    /// Two letters in one word: a cell where a cell is due.
    Pair(Named, &'a [u8]),
    /// An arrow, which may just mean "to".
    Arrow(Heading),
    /// A keyword.
    Key(Key),
    /// Any other word.
    Word(&'a [u8]),
    /// A number.
    Number,
}

/// A term and where it begins.
#[derive(Debug, Clone, Copy)]
pub struct Term<'a> {
    pub kind: Kind<'a>,
    pub start: usize,
    /// Whether it begins the line or a mark or a number stands before it.
    pub fresh: bool,
    /// Whether a sentence begins with it.
    pub opens: bool,
    /// Whether it is a keyword that no line of ours has.
    pub foreign: bool,
}

/// Keywords that our own lines never use.
const FOREIGN: [&[u8]; 9] =
    [b"source", b"goal", b"empty", b"blocked", b"retracing", b"backtrack", b"collects", b"collecting", b"reached"];

/// Words of two letters that are no cell of any lattice, and stand where one might.
const FUNCTION: [&[u8]; 16] = [
    b"is", b"it", b"we", b"us", b"so", b"or", b"my", b"by", b"as", b"ve", b"re", b"th", b"st", b"nd", b"rd", b"vs",
];

impl Term<'_> {
    /// Whether it is the word `lower`, in any case.
    pub fn is(&self, lower: &str) -> bool {
        match self.kind {
            Kind::Word(word) | Kind::Pair(_, word) => word.eq_ignore_ascii_case(lower.as_bytes()),
            _ => false,
        }
    }

    /// Whether it may tell of a way: a cell, a heading, an end.
    pub fn tells_of_a_way(&self) -> bool {
        self.cell().is_some()
            || matches!(self.kind, Kind::Arrow(_) | Kind::Key(Key::Heading(_) | Key::Destination))
    }

    /// Whether it is two letters that are a common word.
    pub fn is_common(&self) -> bool {
        match self.kind {
            Kind::Pair(_, &[a, b]) => is_common([a | 0x20, b | 0x20]),
            _ => false,
        }
    }

    /// The cell that it is where a cell is due.
    pub fn cell(&self) -> Option<Named> {
        match self.kind {
            Kind::Pair(Named::Nowhere, word) if FUNCTION.iter().any(|known| word.eq_ignore_ascii_case(known)) => None,
            Kind::Cell(named) | Kind::Pair(named, _) => Some(named),
            _ => None,
        }
    }
}

/// The terms of a line; `None` for a row of a table.
pub fn terms<'a>(bytes: &'a [u8], out: &mut Vec<Term<'a>>) -> Option<()> {
    out.clear();
    let (mut fresh, mut opens) = (true, true);
    // The first letter of a cell in two words, and whether a bracket opens before it.
    let mut row: Option<(u8, bool)> = None;
    let mut bracket = None;
    for (token, span) in tokens(bytes) {
        let word = match token {
            Token::Word(word) => word,
            Token::Mark(b'&' | b'|') => return None,
            Token::Mark(b'(') => {
                (row, bracket) = (None, Some(span.start));
                continue;
            }
            Token::Mark(b',') if row.is_some() => continue,
            Token::Mark(b'\'' | b'"' | b'*' | b'_' | b'`') => continue,
            Token::Mark(_) | Token::Other => {
                opens |= matches!(token, Token::Mark(b'.' | b'!' | b';'));
                (row, fresh) = (None, true);
                continue;
            }
            Token::Number(_) => {
                out.push(Term { kind: Kind::Number, start: span.start, fresh, opens, foreign: false });
                (row, bracket, fresh, opens) = (None, None, true, false);
                continue;
            }
        };
        let start = bracket.take().unwrap_or(span.start);
        if let [letter] = *word {
            let letter = letter | 0x20;
            if let Some((first, open)) = row.take()
                && (open || letter <= b'p')
                && let Some(before) = out.pop()
            {
                out.push(Term { kind: Kind::Cell(named(first, letter)), ..before });
            } else {
                row = (b'a'..=b'p').contains(&letter).then_some((letter, start < span.start));
                out.push(Term { kind: Kind::Word(word), start, fresh, opens, foreign: false });
            }
            (fresh, opens) = (false, false);
            continue;
        }
        row = None;
        let written = bytes[span.start].is_ascii();
        let kind = match key(word, if written { &bytes[span.start..] } else { word }) {
            Some(Key::Heading(heading)) if !written => Kind::Arrow(heading),
            Some(key) => Kind::Key(key),
            None => match *word {
                [a, b] => Kind::Pair(named(a | 0x20, b | 0x20), word),
                _ => Kind::Word(word),
            },
        };
        // `at` and `to` are keywords before they are cells, as for the terse lines.
        let foreign = matches!(kind, Kind::Key(_)) && FOREIGN.iter().any(|known| word.eq_ignore_ascii_case(known));
        out.push(Term { kind, start, fresh, opens, foreign });
        // An arrow that begins a line is a bullet.
        (fresh, opens) = (!written && out.len() == 1, false);
    }
    Some(())
}

/// Words that make a plan, a recap or a thought of a move, besides those that deny or hedge in any task; `t` is that
/// of `can't`.
const TONE: [&str; 24] = [
    "t", "will", "plan", "planned", "planning", "later", "eventually", "recap", "recall", "remember", "earlier", "previously",
    "already", "far", "before", "ago", "try", "trying", "consider", "considering", "want", "wanted", "option", "shall",
];

/// Whether a sentence with these terms claims nothing as it stands.
pub fn is_toned(terms: &[Term<'_>], bytes: &[u8]) -> bool {
    // `from if to no` names two cells.
    let due = |at: usize| {
        at > 0
            && (matches!(terms[at - 1].kind, Kind::Key(Key::To | Key::At | Key::Heading(_)) | Kind::Arrow(_))
                || terms[at - 1].is("from"))
    };
    bytes.contains(&b'?')
        || terms.iter().enumerate().any(|(at, term)| match term.kind {
            Kind::Pair(Named::Cell(_), _) if due(at) => false,
            Kind::Word(word) | Kind::Pair(_, word) => {
                tone(word).is(DENY) || TONE.iter().any(|tone| word.eq_ignore_ascii_case(tone.as_bytes()))
            }
            Kind::Key(Key::Lost | Key::Future) => true,
            _ => false,
        })
}
