//! Lines that say the digit first: `7 at row 3 Alpha, column 2 January`.
//!
//! A number before a cell is more often a line's own number, so it is a digit only if it is the first
//! thing said, has no mark of numbering behind it, nothing but a few words that lead to the cell
//! stand in the line, and no digit follows the cell.

use std::ops::Range;

use crate::verdict::{Reason, Skill, State, Step};

use super::{EMPTY, Reader};

/// A digit that stands first in its line.
#[derive(Clone)]
pub struct Leading {
    /// `None` where two numbers lead, which reads nothing.
    number: Option<u64>,
    span: Range<usize>,
    /// The cell that a word names if the line ends with it (`six of`), and else does not.
    last: Option<(u8, u8, Range<usize>)>,
}

impl Reader<'_> {
    /// A number that may be the digit of the cell to come.
    #[inline]
    pub(super) fn lead(&mut self, number: u64, span: &Range<usize>, talk: bool) {
        match &mut self.leading {
            Some(Leading { last: Some(_), .. }) => self.leading = None,
            Some(leading) => {
                leading.number = leading.number.filter(|&first| first == number);
                leading.span.end = span.end;
            }
            None if talk || self.valued || self.claim.start != EMPTY.start || self.from.is_some() => {}
            None => self.leading = Some(Leading { number: Some(number), span: span.clone(), last: None }),
        }
    }

    /// A word that is talk unless it ends the line.
    pub(super) fn end_with(&mut self, row: u8, column: u8, span: Range<usize>) {
        if let Some(leading) = &mut self.leading {
            leading.last = Some((row, column, span));
        }
    }

    /// Talk in a line that begins with a digit.
    pub(super) fn talk_after_digit(&mut self, word: &[u8]) {
        let Some(leading) = &self.leading else { return };
        let leads_on = ["at", "in", "is", "stands", "the", "cell"];
        if leading.last.is_some() || !leads_on.iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes())) {
            self.leading = None;
        }
    }

    /// A mark in a line that begins with a digit.
    pub(super) fn mark_after_digit(&mut self, mark: u8) {
        let numbers_the_line = b".):]|".contains(&mark) && self.claim.start == EMPTY.start;
        if numbers_the_line || b"&+=".contains(&mark) {
            self.leading = None;
        }
    }

    /// The end of a line that begins with a digit.
    pub(super) fn read_leading(&mut self, leading: &Leading) {
        match &leading.last {
            Some((row, column, span)) if self.claim.start == EMPTY.start => self.name_cell(*row, *column, span),
            None if self.claim.is_whole() => {}
            _ => return,
        }
        // No table holds the largest number.
        let (place, digit) = self.judge(leading.number.unwrap_or(u64::MAX), leading.span.clone());
        // A digit that was said of no cell yet is not wrong about one that was not to come.
        self.steps.push(if place.state == State::Ok {
            digit
        } else {
            Step::unsupported(leading.span.clone(), Skill::Read, Reason::AfterError)
        });
        self.steps.push(place);
    }
}
