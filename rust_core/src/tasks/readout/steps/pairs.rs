//! Answers that list cells with their digits: `ca 8, cb 0`, `(Bee, Jan): 3`, `row 1, column 2 = 8`, `3 at Bee Jan`.
//!
//! What may stand between and around them the grammar of all answers says, and what the words mean is what they mean in
//! any line of a reply.

use std::ops::Range;

use super::{
    super::{
        names::Names,
        problem::Readout,
        table::{self, ABSENT},
        vocabulary::{Meaning, within},
    },
    reader::{self, Line, NONE},
    terms::counted,
};
use crate::{
    reply::{Part, Spelling, Taken, jointed},
    verdict::Reason,
};

/// Words that may stand in an item besides names and digits where it is spelled as nobody asked.
const LINKS: [&str; 13] =
    ["cell", "is", "in", "has", "holds", "reads", "contains", "equals", "under", "digit", "value", "with", "the"];

/// A digit that an answer gives with its cell.
pub struct Pair {
    /// The cell, or why what is named is none.
    pub cell: Result<u8, Reason>,
    /// The bytes that name it.
    pub span: Range<usize>,
    pub number: u64,
    /// The bytes of the digit.
    pub digit: Range<usize>,
    /// Whether the digit stands before its cell.
    pub value_first: bool,
}

/// How many cells with digits a text lists, each as `take` takes it; `None` where it is no such list.
pub fn pairs(of: &Readout, text: &[u8], spelling: Spelling, take: impl FnMut(Pair)) -> Option<usize> {
    let mut list = List {
        of,
        loose: spelling == Spelling::Loose,
        take,
        count: 0,
        row: Line::UNSAID,
        column: Line::UNSAID,
        span: None,
        word: None,
        half: None,
        number: None,
        value_first: None,
    };
    jointed(text, |part, span| list.part(part, span).unwrap_or(Taken::Foreign))?;
    list.end()
}

/// A list as far as it has been read.
struct List<'a, 'b, F> {
    of: &'a Readout,
    loose: bool,
    take: F,
    count: usize,
    /// The cell as far as it is named, and the bytes that name it.
    row: Line,
    column: Line,
    span: Option<Range<usize>>,
    /// The last word was "row", true, or "column".
    word: Option<bool>,
    /// The last word was the first half of a row's name.
    half: Option<&'b [u8]>,
    /// The digit of the cell that is being named, where digits stand first.
    number: Option<(u64, Range<usize>)>,
    value_first: Option<bool>,
}

impl<'b, F: FnMut(Pair)> List<'_, 'b, F> {
    fn part(&mut self, part: Part<'b>, span: Range<usize>) -> Option<Taken> {
        match part {
            Part::Number(number) => self.number(number, span),
            Part::Word(word) => self.word(word, span),
            Part::Arrow(_) => None,
        }
    }

    fn word(&mut self, word: &'b [u8], span: Range<usize>) -> Option<Taken> {
        if let Some(first) = self.half.take() {
            let row = self.of.row_in_halves(first, word)?;
            return self.name(true, row, span);
        }
        match self.of.meaning(word, self.count) {
            Meaning::Row(row) => self.name(true, row, span),
            Meaning::Column(column) => self.name(false, column, span),
            Meaning::Cell(row, column) => {
                self.name(true, row, span.clone())?;
                self.name(false, column, span)
            }
            Meaning::Letter(letter) => {
                let is_row = self.word.unwrap_or(self.row.name == NONE);
                let (most, lines) =
                    if is_row { (table::ROWS, self.of.table.rows) } else { (table::COLUMNS, self.of.table.columns) };
                self.name(is_row, within(Names::position(letter, most)?, lines), span)
            }
            Meaning::RowWord => Some(self.announce(true, span)),
            Meaning::ColumnWord => Some(self.announce(false, span)),
            Meaning::Digit(digit) => self.number(digit.into(), span),
            Meaning::Nothing => self.talk(word, span),
        }
    }

    fn talk(&mut self, word: &'b [u8], span: Range<usize>) -> Option<Taken> {
        let names = self.of.wording.names;
        if self.of.begins_row(word) {
            self.half = Some(word);
            self.cover(span);
            return Some(Taken::Nothing);
        }
        if names.knows_row(word) {
            return self.name(true, ABSENT, span);
        }
        let is = |link: &str| word.eq_ignore_ascii_case(link.as_bytes());
        (is("at") || self.loose && LINKS.iter().any(|link| is(link))).then_some(Taken::Nothing)
    }

    /// The word "row" or "column".
    fn announce(&mut self, is_row: bool, span: Range<usize>) -> Taken {
        self.word = Some(is_row);
        self.cover(span);
        Taken::Nothing
    }

    fn line(&mut self, is_row: bool) -> &mut Line {
        if is_row { &mut self.row } else { &mut self.column }
    }

    fn name(&mut self, is_row: bool, name: u8, span: Range<usize>) -> Option<Taken> {
        let line = self.line(is_row);
        if line.name != NONE {
            return None;
        }
        line.name = name;
        self.word = None;
        self.cover(span);
        Some(Taken::Nothing)
    }

    /// A row or a column by its number behind the word, else a digit.
    fn number(&mut self, number: u64, span: Range<usize>) -> Option<Taken> {
        if let Some(is_row) = self.word
            && self.line(is_row).number == NONE
        {
            self.line(is_row).number = counted(number);
            self.cover(span);
            return Some(Taken::Nothing);
        }
        if self.value_first.unwrap_or(self.span.is_none()) {
            if self.number.is_some() {
                self.close()?;
            }
            self.value_first = Some(true);
            self.number = Some((number, span));
            return Some(Taken::Item);
        }
        self.value_first = Some(false);
        self.pair(number, span)?;
        Some(Taken::Item)
    }

    fn cover(&mut self, span: Range<usize>) {
        let start = self.span.as_ref().map_or(span.start, |before| before.start);
        self.span = Some(start..span.end);
    }

    /// Ends a cell whose digit stands before it.
    fn close(&mut self) -> Option<()> {
        let (number, digit) = self.number.take()?;
        self.pair(number, digit)
    }

    /// Ends a cell, which must be named in full.
    fn pair(&mut self, number: u64, digit: Range<usize>) -> Option<()> {
        if self.half.is_some() || !self.row.is_stated() || !self.column.is_stated() {
            return None;
        }
        let cell = reader::cell(self.of, self.row, self.column);
        let value_first = self.value_first == Some(true);
        (self.take)(Pair { cell, span: self.span.take()?, number, digit, value_first });
        (self.row, self.column, self.word) = (Line::UNSAID, Line::UNSAID, None);
        self.count += 1;
        Some(())
    }

    /// The number of cells, if nothing is left of another one.
    fn end(mut self) -> Option<usize> {
        if self.number.is_some() {
            self.close()?;
        }
        (self.count > 0 && self.span.is_none()).then_some(self.count)
    }
}
