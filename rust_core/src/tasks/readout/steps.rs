//! Finds the steps of a reply and judges them: one pass over its lines, no allocation but the list.
//!
//! A claim is a row and a column, in either order (by name, by number after the word, or by both),
//! and then, on the same line, a digit; or the digit first, see [`leading`]. A letter is a name only
//! beside another one, or after the word or its number. Numbering, bullets and talk around it say
//! nothing. Each cell of the path can be right once, so nothing is gained by repetition.

mod due;
mod leading;
mod letters;
mod sums;

use std::ops::Range;

use crate::{
    scan::{Token, lines, tokens},
    verdict::{Reason, Skill, State, Step},
};

use super::{
    Readout,
    table::{self, ABSENT},
    vocabulary::{Meaning, is_common},
};

use leading::Leading;
use letters::Awaited;
use sums::Sum;

/// Not stated.
const NONE: u8 = 0xFF;

/// A row and a column as far as they are stated.
#[derive(Debug, Clone, Copy)]
struct Claim {
    start: u32,
    end: u32,
    row_name: u8,
    column_name: u8,
    row_number: u8,
    column_number: u8,
    /// Names two columns.
    clash: bool,
    /// The column was stated before the row.
    by_column: bool,
}

const EMPTY: Claim = Claim {
    start: u32::MAX,
    end: 0,
    row_name: NONE,
    column_name: NONE,
    row_number: NONE,
    column_number: NONE,
    clash: false,
    by_column: false,
};

impl Claim {
    #[inline]
    fn has_row(&self) -> bool {
        self.row_name != NONE || self.row_number != NONE
    }

    #[inline]
    fn has_column(&self) -> bool {
        self.column_name != NONE || self.column_number != NONE
    }

    #[inline]
    fn is_whole(&self) -> bool {
        self.has_row() && self.has_column()
    }

    #[inline]
    fn cover(&mut self, span: &Range<usize>) {
        self.start = self.start.min(span.start as u32);
        self.end = span.end as u32;
    }

    fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// What the next number is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    Value,
    Row,
    Column,
}

struct Reader<'a> {
    of: &'a Readout,
    steps: Vec<Step>,
    // The reply so far.
    /// The place on the path after the last cell that was right.
    due: usize,
    /// The place after the last cell that was named, right or not.
    after: usize,
    /// How many cells after the due one may have been passed in the wrong cells since.
    slack: usize,
    done: [u64; 3],
    claims: usize,
    located: bool,
    stated: Option<bool>,
    // The line so far.
    claim: Claim,
    expected: Expected,
    /// The digit just read, as long as a second one would make it a hedge.
    fresh: Option<u64>,
    half: Option<(u8, u32)>,
    letter: Awaited,
    /// Whether the line has a word since its start or its last digit.
    talk: bool,
    from: Option<u32>,
    pairs: [Claim; 2],
    pair_count: usize,
    valued: bool,
    sum: Option<Sum>,
    leading: Option<Leading>,
}

/// Judges all steps of a reply, the conclusion among them, and tells whether the sums that it
/// states are right, if it states any.
pub fn judge(of: &Readout, reply: &[u8], conclusion: Option<Step>) -> (Vec<Step>, Option<bool>) {
    let room = if reply.len() < 64 { 1 } else { (2 * of.path.len() + 3).min(reply.len() / 3) };
    let mut reader = Reader {
        of,
        steps: Vec::with_capacity(room),
        due: 0,
        after: 0,
        slack: 0,
        done: [0; 3],
        claims: 0,
        located: false,
        stated: None,
        claim: EMPTY,
        expected: Expected::Value,
        fresh: None,
        half: None,
        letter: Awaited::Nothing,
        talk: false,
        from: None,
        pairs: [EMPTY; 2],
        pair_count: 0,
        valued: false,
        sum: None,
        leading: None,
    };
    match conclusion {
        None => reader.scan(reply, 0..reply.len()),
        Some(step) => {
            reader.scan(reply, 0..step.start as usize);
            reader.steps.push(step);
            reader.scan(reply, step.end as usize..reply.len());
        }
    }
    (reader.steps, reader.stated)
}

impl Reader<'_> {
    fn scan(&mut self, reply: &[u8], range: Range<usize>) {
        let text = &reply[range.clone()];
        if text.is_empty() {
            return; // an answer alone
        }
        for line in lines(text) {
            let (text, base) = (&text[line.clone()], range.start + line.start);
            if !self.due_line(text, base) {
                self.scan_line(text, base);
            }
        }
    }

    fn scan_line(&mut self, line: &[u8], base: usize) {
        for (token, span) in tokens(line) {
            let span = base + span.start..base + span.end;
            match token {
                Token::Word(word) => self.word(word, span),
                Token::Number(number) => self.number(number, span, self.talk),
                Token::Mark(mark) => self.mark(mark),
                Token::Other => (self.fresh, self.letter) = (None, Awaited::Nothing),
            }
        }
        self.end_line();
    }

    fn word(&mut self, word: &[u8], span: Range<usize>) {
        let half = self.half.take();
        let fresh = self.fresh.take();
        let awaited = std::mem::replace(&mut self.letter, Awaited::Nothing);
        let talk = std::mem::replace(&mut self.talk, true);
        match self.of.meaning(word, self.due) {
            Meaning::Row(row) => self.name_row(row, &span),
            Meaning::Column(column) => self.name_column(column, &span),
            Meaning::Cell(row, column) if !(talk && is_common(word)) => {
                self.name_cell(row, column, &span);
            }
            Meaning::Cell(row, column) if self.leading.is_some() => self.end_with(row, column, span),
            Meaning::Letter(letter) => self.letter(letter, &span, awaited),
            Meaning::RowWord => {
                if self.claim.row_number != NONE {
                    self.drop_claim();
                }
                self.claim.cover(&span);
                (self.expected, self.letter) = (Expected::Row, Awaited::Row);
            }
            Meaning::ColumnWord => {
                self.drop_end();
                self.claim.cover(&span);
                (self.expected, self.letter) = (Expected::Column, Awaited::Column);
            }
            Meaning::Digit(digit) => {
                self.fresh = fresh;
                self.number(digit.into(), span, talk);
            }
            Meaning::From => {
                self.from = Some(span.start as u32);
                self.leading = None;
            }
            Meaning::Sum if !self.valued && !self.claim.is_whole() => {
                self.sum = Some(Sum::begun(span.start));
                self.leading = None;
            }
            Meaning::Or => self.fresh = fresh,
            Meaning::Cell(..) | Meaning::Sum | Meaning::Nothing => self.half_name(word, span, half),
        }
    }

    #[inline]
    fn name_row(&mut self, row: u8, span: &Range<usize>) {
        if self.claim.row_name != NONE {
            self.drop_claim();
        }
        self.claim.cover(span);
        self.claim.row_name = row;
        self.expected = Expected::Value;
    }

    #[inline]
    fn name_column(&mut self, column: u8, span: &Range<usize>) {
        self.drop_end();
        let claim = &mut self.claim;
        if claim.column_name != NONE && claim.column_name != column && claim.has_row() {
            claim.clash = true;
        }
        claim.by_column |= !claim.has_row();
        claim.cover(span);
        claim.column_name = column;
        self.expected = Expected::Value;
    }

    /// `Alpha Widget` is `AlphaWidget`.
    #[cold]
    fn half_name(&mut self, word: &[u8], span: Range<usize>, half: Option<(u8, u32)>) {
        let names = self.of.wording.names;
        let codes = &self.of.table.row_codes[..self.of.table.rows];
        if let Some((row, start)) = half {
            let code = codes[usize::from(row)];
            let first = names.first_half(code).map_or(0, str::len);
            if word.eq_ignore_ascii_case(&names.row(row.into(), code).as_bytes()[first..]) {
                self.name_row(row, &(start as usize..span.end));
                return;
            }
        }
        let is_first =
            |code: &u16| names.first_half(*code).is_some_and(|first| word.eq_ignore_ascii_case(first.as_bytes()));
        self.half = codes.iter().position(is_first).map(|row| (row as u8, span.start as u32));
        if self.half.is_some() {
            return;
        }
        if names.knows_row(word) {
            self.name_row(ABSENT, &span);
            return;
        }
        if self.pair_count == 0 && self.claim.start == EMPTY.start {
            // "From left to right" leads from no cell.
            let leads_on = ["the", "cell", "at"].iter().any(|name| word.eq_ignore_ascii_case(name.as_bytes()));
            self.from = self.from.filter(|_| leads_on);
        }
        self.talk_after_digit(word);
    }

    #[inline]
    fn number(&mut self, number: u64, span: Range<usize>, talk: bool) {
        self.letter = Awaited::Nothing;
        if let Some(sum) = &mut self.sum {
            sum.number(self.of, number, span.end);
            return;
        }
        let index = if number == 0 || number > 16 { ABSENT } else { number as u8 - 1 };
        match std::mem::replace(&mut self.expected, Expected::Value) {
            Expected::Row => {
                self.claim.row_number = index;
                self.claim.cover(&span);
                self.letter = Awaited::Row;
            }
            Expected::Column => {
                let claim = &mut self.claim;
                claim.clash |= claim.column_number != NONE && claim.column_number != index;
                claim.by_column |= !claim.has_row();
                claim.column_number = index;
                claim.cover(&span);
                self.letter = Awaited::Column;
            }
            Expected::Value if self.claim.is_whole() => self.read(number, span),
            Expected::Value => {
                if self.fresh.is_some_and(|fresh| fresh != number) {
                    // "Bee Jan 3 or 4" reads nothing.
                    if let Some(step) = self.steps.last_mut() {
                        (step.state, step.reason) = (State::Wrong, Reason::WrongValue);
                    }
                }
                self.lead(number, &span, talk);
            }
        }
    }

    #[inline]
    fn mark(&mut self, mark: u8) {
        if !b",(*_-/\"'`".contains(&mark) {
            self.letter = Awaited::Nothing;
        }
        if self.leading.is_some() {
            self.mark_after_digit(mark);
        }
        match mark {
            b':' if self.fresh.is_none() => {}
            b'.' if self.expected == Expected::Value && !self.claim.is_whole() => self.claim = EMPTY,
            b',' | b';' | b'.' | b'/' | b'|' | b'*' => {}
            b'&' => {
                self.claim = EMPTY;
                self.fresh = None;
            }
            b'+' | b'=' => {
                self.fresh = None;
                if let Some(sum) = &mut self.sum {
                    sum.sign(self.of, mark == b'+');
                }
            }
            _ => self.fresh = None,
        }
    }

    /// A whole claim and its digit.
    fn read(&mut self, number: u64, span: Range<usize>) {
        self.valued = true;
        self.talk = false;
        self.fresh = Some(number);
        self.leading = None;
        let (place, digit) = self.judge(number, span);
        self.steps.push(place);
        self.steps.push(digit);
    }

    /// How a whole claim and its digit fare.
    #[inline]
    fn judge(&mut self, number: u64, span: Range<usize>) -> (Step, Step) {
        let claim = std::mem::replace(&mut self.claim, EMPTY);
        self.claims += 1;
        let cell = match self.cell(&claim) {
            Ok(cell) => cell,
            Err(reason) => {
                self.slack += 1;
                let place = Step::wrong(claim.span(), Skill::NextCell, reason);
                return (place, Step::unsupported(span, Skill::Read, Reason::AfterError));
            }
        };
        let reason = self.follow(cell);
        let is_due = reason == Reason::None;
        let place = if is_due {
            Step::ok(claim.span(), Skill::NextCell)
        } else {
            Step::wrong(claim.span(), Skill::NextCell, reason)
        };
        let is_true = number == u64::from(self.of.table.values[cell]);
        let digit = match (is_true, is_due) {
            (true, true) => Step::ok(span, Skill::Read),
            (true, false) => Step::unsupported(span, Skill::Read, Reason::AfterError),
            (false, _) => Step::wrong(span, Skill::Read, Reason::WrongValue),
        };
        (place, digit)
    }

    /// The cell that a claim names, or why it names none.
    fn cell(&self, claim: &Claim) -> Result<usize, Reason> {
        let table = &self.of.table;
        let (rows, columns) = (table.rows, table.columns);
        let row = line(claim.row_name, claim.row_number, rows)?;
        let column = line(claim.column_name, claim.column_number, columns)?;
        if claim.clash { Err(Reason::WrongName) } else { Ok(table::cell(row, column).into()) }
    }

    /// Whether the path goes on to this cell.
    fn follow(&mut self, cell: usize) -> Reason {
        let at = match self.of.place[cell] {
            0 if self.due == self.of.path.len() => return Reason::Extra,
            0 => {
                self.slack += 1;
                return Reason::WrongCell;
            }
            place => usize::from(place) - 1,
        };
        let (word, bit) = (at / 64, 1 << (at % 64));
        let awaited = at == self.after || (self.due..=self.due + self.slack).contains(&at);
        let is_new = self.done[word] & bit == 0;
        if awaited && is_new {
            self.done[word] |= bit;
            self.due = at + 1;
            self.after = at + 1;
            self.slack = 0;
            return Reason::None;
        }
        if self.due == self.of.path.len() {
            return Reason::Extra;
        }
        if is_new {
            self.after = at + 1;
        }
        self.slack += 1;
        Reason::OutOfOrder
    }

    fn drop_claim(&mut self) {
        let claim = std::mem::replace(&mut self.claim, EMPTY);
        if self.from.is_some() && claim.is_whole() {
            if let Some(pair) = self.pairs.get_mut(self.pair_count) {
                *pair = claim;
            }
            self.pair_count += 1;
        }
    }

    /// `from Jan Bee to Mar Cat`: a column after a whole cell that began with its column is the next one's.
    #[inline]
    fn drop_end(&mut self) {
        if self.from.is_some() && self.claim.by_column && self.claim.is_whole() {
            self.drop_claim();
        }
    }

    #[inline]
    fn end_line(&mut self) {
        if let Some(from) = self.from {
            self.drop_claim();
            if self.pair_count == 2 && !self.valued && !self.located && self.claims == 0 {
                self.locate(from as usize);
            }
            self.from = None;
            self.pair_count = 0;
        }
        if let Some(sum) = self.sum.take() {
            self.add_up(&sum);
        }
        if let Some(leading) = self.leading.take() {
            self.read_leading(&leading);
        }
        self.claim = EMPTY;
        self.expected = Expected::Value;
        self.fresh = None;
        self.half = None;
        self.letter = Awaited::Nothing;
        self.talk = false;
        self.valued = false;
    }

    /// A line that leads from one cell to another.
    fn locate(&mut self, from: usize) {
        let [start, end] = self.pairs;
        let span = from..end.end as usize;
        let wanted = (usize::from(self.of.path[0]), usize::from(self.of.path[self.of.path.len() - 1]));
        let found = self.cell(&start).and_then(|start| Ok((start, self.cell(&end)?)));
        self.steps.push(match found {
            Err(reason) => Step::wrong(span, Skill::Locate, reason),
            Ok(found) if found != wanted => Step::wrong(span, Skill::Locate, Reason::WrongCell),
            Ok(_) => Step::ok(span, Skill::Locate),
        });
        self.located = true;
    }
}

/// The row or column that a name and a number, one of them or both, stand for.
#[inline]
fn line(name: u8, number: u8, lines: usize) -> Result<usize, Reason> {
    let there = |line: u8| if usize::from(line) < lines { Ok(usize::from(line)) } else { Err(Reason::NoSuchName) };
    match (name, number) {
        (name, NONE) => there(name),
        (NONE, number) => there(number),
        _ if there(name)? == there(number)? => there(name),
        _ => Err(Reason::WrongName),
    }
}
