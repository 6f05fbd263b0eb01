//! Reads the final answer and holds it against the path, without keeping a list.

use std::ops::Range;

use crate::{
    reply::{Given, Part, Read, Spelling, Taken, items},
    scan::{Token, tokens},
    verdict::{Form, Reason, Skill, Step},
};

use super::problem::{Ask, Readout};

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
}

impl Listed {
    /// Takes a number, and whether it is the one due.
    #[inline]
    fn list(&mut self, due: bool, number: u64) {
        self.prefix += usize::from(due && self.prefix == self.count);
        self.count += 1;
        self.total = self.total.saturating_add(number);
        self.counts[number.min(10) as usize] += 1;
        self.hash = (self.hash ^ number).wrapping_mul(0x0000_0100_0000_01b3);
    }
}

impl Readout {
    /// Reads a whole text as a list of numbers: anything but numbers, digit words and separators
    /// makes it no answer. Loosely, a remark behind it may add the digits up or count them.
    pub(super) fn read(&self, text: &[u8], spelling: Spelling) -> Option<Read<Listed>> {
        let listed = match spelling {
            Spelling::Asked => self.read_plain(text).or_else(|| self.read_dressed(text))?,
            Spelling::Loose => self.read_remarked(text)?,
        };
        let whole = match self.wording.ask {
            Ask::List => listed.count > 0,
            Ask::Total => listed.count == 1,
        };
        whole.then_some(Read { value: listed, items: listed.count })
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
        let open = memchr::memrchr(b'(', text)?;
        let (list, remark) = text.split_at(open);
        let listed = self.read_dressed(list)?;
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

    /// The answer, and the step that gives it.
    pub(super) fn concluded(&self, reply: &[u8], given: &Given<Listed>) -> (Option<Listed>, Option<Step>) {
        let Given::Answer(listed, form, body) = given else { return (None, None) };
        let span = conclusion(reply, *form, body);
        let step = if self.is_right(listed) {
            Step::ok(span, Skill::Conclude)
        } else {
            Step::wrong(span, Skill::Conclude, Reason::WrongConclusion)
        };
        (Some(*listed), Some(step))
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
                    let common: u32 =
                        self.counts.iter().zip(&listed.counts).map(|(&want, &got)| got.min(want.into())).sum();
                    let length = self.path.len() as f32;
                    (listed.prefix as f32 / length, common as f32 / length.max(listed.count as f32))
                });
                out[1] = prefix;
                out[3] = common;
            }
        }
    }
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

/// The digit that a word names.
#[inline]
pub(super) fn digit_word(word: &[u8]) -> Option<u8> {
    const WORDS: [&str; 10] = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
    if !(3..=5).contains(&word.len()) {
        return None;
    }
    WORDS.iter().position(|name| word.eq_ignore_ascii_case(name.as_bytes())).map(|digit| digit as u8)
}
