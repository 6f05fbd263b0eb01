//! Reads the final answer and holds it against the path, without keeping a list.
//!
//! With `answer = "cells"` each digit stands with its cell, and an item is right if both are: digits alone are no answer
//! then, as cells are none to whoever asked for digits.

use std::ops::Range;

use crate::{
    reply::{Given, Part, Read, Spelling, Taken, items},
    scan::{Token, tokens},
    verdict::{Form, Reason, Skill, Step},
};

use super::{
    problem::{Ask, Readout},
    steps::{Concluded, Pair, pairs},
    vocabulary::digit_word,
};

/// What is to be known of a list of numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listed {
    /// How many there are.
    count: usize,
    /// How many are right from the start.
    prefix: usize,
    /// Their sum; it saturates.
    total: u64,
    /// How often each digit occurs, and at the end how many numbers are no digit.
    counts: [u32; 11],
    /// Of their sequence, so that different lists compare as different.
    hash: u64,
    /// Places of the path whose cell was given with its digit, one bit each.
    located: [u64; 3],
    /// Whether anything else was given, or these out of order or with a gap: else it is a part of the right answer.
    strayed: bool,
}

impl Listed {
    /// Takes a number, and whether it is the one due.
    #[inline]
    fn list(&mut self, due: bool, number: u64) {
        self.prefix += usize::from(due && self.prefix == self.count);
        self.count += 1;
        self.total = self.total.saturating_add(number);
        self.counts[number.min(10) as usize] += 1;
        self.mix(number);
    }

    #[inline]
    fn mix(&mut self, number: u64) {
        self.hash = (self.hash ^ number).wrapping_mul(0x0000_0100_0000_01b3);
    }

    /// Takes a digit with its cell, which is the path's at this place, if at any.
    fn locate(&mut self, place: Option<usize>, cell: u64, number: u64) {
        self.mix(cell);
        match place {
            Some(at) => {
                let is_first = self.count == 0;
                let follows = at.checked_sub(1).is_some_and(|before| self.has(before));
                self.strayed |= self.has(at) || !(is_first || follows);
                self.located[at / 64] |= 1 << (at % 64);
            }
            None => self.strayed = true,
        }
        self.list(place == Some(self.count), number);
    }

    /// Tells it from other lists.
    pub fn key(&self) -> u64 {
        let mut all = *self;
        all.mix(self.count as u64);
        all.hash
    }

    fn has(&self, place: usize) -> bool {
        self.located[place / 64] & (1 << (place % 64)) != 0
    }
}

impl Readout {
    /// Reads a whole text as a list of numbers, or of cells with numbers: anything but these, digit words and
    /// separators makes it no answer. Loosely, a remark behind it may add the digits up or count them.
    pub(super) fn read(&self, text: &[u8], spelling: Spelling) -> Option<Read<Listed>> {
        let cells = self.lists_cells();
        let listed = match (spelling, cells) {
            (Spelling::Asked, false) => self.read_plain(text).or_else(|| self.read_dressed(text))?,
            (Spelling::Asked, true) => self.read_cells(text, spelling)?,
            (Spelling::Loose, false) => self.read_remarked(text)?,
            (Spelling::Loose, true) => self.read_cells(text, spelling).or_else(|| self.read_remarked(text))?,
        };
        let whole = match self.wording.ask {
            Ask::List => listed.count > 0,
            Ask::Total => listed.count == 1,
        };
        // Cells that are true of the path and in order say a part of the right answer again: a rationale's lines do.
        let part = cells && !listed.strayed;
        // One cell that is all of the path is no list that goes on: what follows says it again.
        let items = if cells && self.is_right(&listed) { listed.count.max(2) } else { listed.count };
        whole.then_some(Read { value: listed, items, part })
    }

    /// Cells with their digits.
    fn read_cells(&self, text: &[u8], spelling: Spelling) -> Option<Listed> {
        let mut listed = Listed::default();
        pairs(self, text, spelling, |Pair { cell, number, .. }| {
            let is_true = |cell: &u8| u64::from(self.digit(*cell)) == number;
            let place = cell.ok().filter(is_true).and_then(|cell| self.place(cell));
            let code = cell.map_or_else(|reason| 256 + reason as u64, u64::from);
            listed.locate(place, code, number);
        })?;
        Some(listed)
    }

    /// Single digits with nothing but a comma and a space between them: nearly all answers.
    fn read_plain(&self, text: &[u8]) -> Option<Listed> {
        let mut listed = Listed::default();
        let (parts, last) = text.strip_prefix(b" ").unwrap_or(text).as_chunks();
        for part in parts {
            let [digit @ b'0'..=b'9', b',', b' '] = *part else { return None };
            self.list(&mut listed, digit - b'0');
        }
        let [digit @ b'0'..=b'9'] = *last else { return None };
        self.list(&mut listed, digit - b'0');
        Some(listed)
    }

    /// All that the grammar of replies allows.
    fn read_dressed(&self, text: &[u8]) -> Option<Listed> {
        let mut listed = Listed::default();
        items(text, |part| {
            let number = match part {
                Part::Number(number) => number,
                Part::Word(word) => match digit_word(word) {
                    Some(digit) => digit.into(),
                    None => return Taken::Foreign,
                },
                Part::Arrow(_) => return Taken::Foreign,
            };
            match number {
                0..=9 => self.list(&mut listed, number as u8),
                _ => listed.list(false, number),
            }
            Taken::Item
        })?;
        Some(listed)
    }

    /// A list and a remark in parentheses that is true of it: `3, 1, 1 (total 5)`.
    #[cold]
    fn read_remarked(&self, text: &[u8]) -> Option<Listed> {
        let (list, remark) = remarked(text)?;
        let listed =
            if self.lists_cells() { self.read_cells(list, Spelling::Loose)? } else { self.read_dressed(list)? };
        let (mut stated, mut named) = (None, false);
        let words =
            ["total", "sum", "of", "is", "the", "digits", "digit", "cells", "in", "all", "values", "a", "length"];
        for (token, _) in tokens(remark) {
            match token {
                Token::Number(number) if stated.is_none() => stated = Some(number),
                Token::Word(_) if words.iter().any(|word| token.is(word)) => named = true,
                Token::Mark(b'(' | b')' | b':' | b'=' | b'.' | b'*') => {}
                _ => return None,
            }
        }
        let right = stated.is_some_and(|number| number == listed.total || number == listed.count as u64);
        (named && right).then_some(listed)
    }

    #[inline]
    fn list(&self, listed: &mut Listed, digit: u8) {
        listed.list(self.value(listed.count) == Some(digit), digit.into());
    }

    /// Whether an answer is the right one.
    pub(super) fn is_right(&self, listed: &Listed) -> bool {
        match self.wording.ask {
            Ask::List => listed.count == self.path.len() && listed.prefix == listed.count,
            Ask::Total => listed.total == u64::from(self.total),
        }
    }

    /// The answer, and the step or the steps that give it.
    pub(super) fn concluded(&self, reply: &[u8], given: &Given<Listed>) -> (Option<Listed>, Concluded) {
        let Given::Answer(listed, form, body) = given else { return (None, Concluded::Nothing) };
        let span = conclusion(reply, *form, body);
        if self.lists_cells() {
            return (Some(*listed), Concluded::Cells(span, self.listed_in(reply, body.clone())));
        }
        let step = if self.is_right(listed) {
            Step::ok(span, Skill::Conclude)
        } else {
            Step::wrong(span, Skill::Conclude, Reason::WrongConclusion)
        };
        (Some(*listed), Concluded::At(step))
    }

    /// Cells and digits of an answer that could be read, placed in the reply.
    fn listed_in(&self, reply: &[u8], body: Range<usize>) -> Vec<Pair> {
        let mut found = Vec::with_capacity(self.path.len());
        let mut take = |text: &[u8]| {
            found.clear();
            let shift = |span: Range<usize>| body.start + span.start..body.start + span.end;
            pairs(self, text, Spelling::Loose, |pair| {
                found.push(Pair { span: shift(pair.span), digit: shift(pair.digit), ..pair });
            })
        };
        let text = &reply[body.clone()];
        if take(text).is_none() {
            remarked(text).and_then(|(list, _)| take(list));
        }
        found
    }

    /// Fills in `exact`, `prefix`, `total`, `values`. `stated` tells whether the sums that the reply
    /// stated are right, if it stated any.
    pub(super) fn components(&self, listed: Option<&Listed>, stated: Option<bool>, out: &mut [f32]) {
        let as_number = |truth: bool| f32::from(u8::from(truth));
        let right = listed.is_some_and(|listed| self.is_right(listed));
        out[0] = as_number(right);
        match self.wording.ask {
            // The order of digits is not asked for, so nothing is known of it.
            Ask::Total => out[2] = as_number(right),
            Ask::List => {
                let total = listed.is_some_and(|listed| listed.total == u64::from(self.total));
                out[2] = as_number(stated.unwrap_or(total));
                let (prefix, common) = listed.map_or((0.0, 0.0), |listed| {
                    let common: u32 = if self.lists_cells() {
                        listed.located.iter().map(|places| places.count_ones()).sum()
                    } else {
                        self.counts.iter().zip(&listed.counts).map(|(&want, &got)| got.min(want.into())).sum()
                    };
                    let length = self.path.len() as f32;
                    (listed.prefix as f32 / length, common as f32 / length.max(listed.count as f32))
                });
                out[1] = prefix;
                out[3] = common;
            }
        }
    }
}

/// A list and the remark in parentheses behind it.
fn remarked(text: &[u8]) -> Option<(&[u8], &[u8])> {
    Some(text.split_at(memchr::memrchr(b'(', text)?))
}

/// The bytes of the conclusion: the answer with the word that announces it.
fn conclusion(reply: &[u8], form: Form, body: &Range<usize>) -> Range<usize> {
    let mut end = body.end;
    while end > body.start && reply[end - 1].is_ascii_whitespace() {
        end -= 1;
    }
    let start = match form {
        Form::Line => {
            let floor = body.start.saturating_sub(24);
            let head = &reply[floor..body.start];
            let word = head.windows(6).rposition(|word| word.eq_ignore_ascii_case(b"answer"));
            word.map_or(body.start, |at| floor + at)
        }
        _ => body.start,
    };
    start..end
}
