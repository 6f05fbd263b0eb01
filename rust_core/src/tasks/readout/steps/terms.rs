//! Splits a line into sentences and a sentence into terms: cells, rows, columns, numbers, talk.

use std::ops::Range;

use crate::scan::{Token, Tokens};

use super::{
    super::{
        names::Names,
        problem::Readout,
        table::{self, ABSENT},
        vocabulary::{Meaning, digit_word, is_common, within},
    },
    reader::{Line, NONE},
    tone::{self, Tone, tone},
};

/// What a part of a sentence is.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Row(Line),
    Column(Line),
    /// Both letters of a cell, `cb` or `c, b`.
    Cell {
        row: u8,
        column: u8,
        /// Whether the letters stand together, with nothing or a space between them.
        joined: bool,
    },
    Number(u64),
    /// A number that counts steps, cells or lines.
    Ordinal,
    Word(Tone),
    Mark(u8),
    Other,
}

/// A part of a sentence and the bytes of the reply it takes.
#[derive(Debug, Clone, Copy)]
pub struct Term {
    pub start: u32,
    pub end: u32,
    pub kind: Kind,
}

impl Term {
    pub fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Whether this is one of some marks.
    pub fn is_mark(&self, marks: &[u8]) -> bool {
        matches!(self.kind, Kind::Mark(mark) if marks.contains(&mark))
    }

    /// Whether this word does any of that.
    pub fn is(&self, other: Tone) -> bool {
        matches!(self.kind, Kind::Word(tone) if tone.is(other))
    }
}

/// Bold marks and quotes.
pub const DRESS: &[u8] = b"*_`\"'";

/// Reads the terms of a line, sentence by sentence.
#[derive(Clone)]
pub struct Lexer<'a> {
    of: &'a Readout,
    line: &'a [u8],
    base: usize,
    tokens: Tokens<'a>,
    due: usize,
    /// Whether a row is named, in this sentence or before it.
    row_named: bool,
    /// What the sentence has said so far.
    said: Said,
    /// Where the last word or number of the line ends.
    end: usize,
}

/// What stands in a sentence already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Nothing,
    Numbering,
    More,
}

impl<'a> Lexer<'a> {
    pub fn new(of: &'a Readout, line: &'a [u8], base: usize, due: usize, row_named: bool) -> Self {
        let end = line.iter().rposition(u8::is_ascii_alphanumeric).map_or(0, |at| at + 1);
        Self { of, line, base, tokens: crate::scan::tokens(line), due, row_named, said: Said::Nothing, end }
    }

    /// Reads the next sentence; `None` at the end of the line, else the mark that ended it, if any.
    pub fn sentence(&mut self, terms: &mut Vec<Term>) -> Option<u8> {
        terms.clear();
        self.said = Said::Nothing;
        while let Some((token, span)) = self.tokens.next() {
            let kind = match token {
                Token::Word(word) => self.word(word, &span, terms),
                Token::Number(number) => self.number(number, &span, terms),
                Token::Mark(mark @ (b'.' | b'!' | b'?' | b';')) => {
                    if self.ends(mark, span.end, terms) {
                        if mark == b'?' {
                            terms.push(self.term(span, Kind::Mark(mark)));
                        }
                        self.pass_marks(terms);
                        return Some(mark);
                    }
                    Kind::Mark(mark)
                }
                Token::Mark(mark) => Kind::Mark(mark),
                Token::Other => match self.line[span.clone()] {
                    // Dashes.
                    [0xE2, 0x80, 0x90..=0x95] | [0xE2, 0x88, 0x92] => Kind::Mark(b'-'),
                    // Bullets.
                    [0xE2, 0x80, 0xA2 | 0xA3] | [0xE2, 0x81, 0x83] | [0xE2, 0x96 | 0x97, _] => Kind::Mark(b'*'),
                    _ => Kind::Other,
                },
            };
            self.said = self.said.max(match kind {
                Kind::Mark(_) | Kind::Other => Said::Nothing,
                Kind::Ordinal => Said::Numbering,
                _ => Said::More,
            });
            let end = self.tokens.position().max(span.end);
            terms.push(self.term(span.start..self.trimmed(span.end, end), kind));
        }
        (!terms.is_empty()).then_some(b'\n')
    }

    /// More marks at the end of a sentence are no sentences: "...".
    fn pass_marks(&mut self, terms: &mut Vec<Term>) {
        let mut ahead = self.tokens.clone();
        while let Some((Token::Mark(mark @ (b'.' | b'!' | b'?')), span)) = ahead.next() {
            if mark == b'?' {
                terms.push(self.term(span, Kind::Mark(mark)));
            }
            self.tokens = ahead.clone();
        }
    }

    /// Whether the next sentence takes back what this one said.
    pub fn takes_back(&self) -> bool {
        let mut ahead = self.clone();
        let mut terms = Vec::new();
        ahead.sentence(&mut terms).is_some() && is_correction(&terms, ahead.is_done())
    }

    /// Whether no word and no number is left.
    pub fn is_done(&self) -> bool {
        self.tokens.position() >= self.end
    }

    /// Takes note of how far the path has been told.
    pub fn go_on(&mut self, due: usize) {
        self.due = due;
    }

    fn term(&self, span: Range<usize>, kind: Kind) -> Term {
        Term { start: (self.base + span.start) as u32, end: (self.base + span.end) as u32, kind }
    }

    /// Terms of several tokens end where their last one does.
    fn trimmed(&self, floor: usize, end: usize) -> usize {
        let mut end = end;
        while end > floor && self.line[end - 1].is_ascii_whitespace() {
            end -= 1;
        }
        end
    }

    fn ends(&self, mark: u8, end: usize, terms: &[Term]) -> bool {
        let ended = self.line.get(end).is_none_or(|next| !next.is_ascii_alphanumeric() && *next < 0x80);
        // "Jan. 3"
        let shortened = mark == b'.'
            && terms.last().is_some_and(|last| matches!(last.kind, Kind::Column(_)) && last.end - last.start == 3)
            && self.peek().is_some_and(|next| matches!(next, Token::Number(_)));
        ended && !shortened
    }

    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.clone().next().map(|(token, _)| token)
    }

    fn number(&mut self, number: u64, span: &Range<usize>, terms: &[Term]) -> Kind {
        let rest = &self.line[span.end..];
        let is_suffix = |suffix: &[u8]| {
            rest.get(..2).is_some_and(|next| next.eq_ignore_ascii_case(suffix))
                && rest.get(2).is_none_or(|next| !next.is_ascii_alphabetic())
        };
        if [b"st", b"nd", b"rd", b"th"].into_iter().any(|suffix| is_suffix(suffix)) {
            self.tokens.next();
            return Kind::Ordinal;
        }
        let is_named = |last: &&Term| !(self.says(last, "number") || last.is_mark(b"#"));
        let counted = terms.iter().rev().take(3).find(is_named).is_some_and(|last| last.is(tone::COUNT));
        let is_hash = span.start > 0 && self.line[span.start - 1] == b'#';
        let numbers_the_line = matches!(rest.first(), Some(b')' | b':')) && self.said == Said::Nothing;
        if counted || numbers_the_line || is_hash { Kind::Ordinal } else { Kind::Number(number) }
    }

    fn word(&mut self, word: &'a [u8], span: &Range<usize>, terms: &[Term]) -> Kind {
        if self.line[span.start] >= 0x80 {
            return Kind::Mark(b'>'); // an arrow
        }
        let last = terms.last();
        match self.of.meaning(word, self.due) {
            Meaning::Row(row) => self.row(Line { name: row, number: NONE, plain: true }),
            Meaning::Column(column) => Kind::Column(Line { name: column, number: NONE, plain: true }),
            Meaning::Cell(..) if self.is_apostrophe(last) => Kind::Word(tone(word)), // "I'll"
            Meaning::Cell(row, column) if is_common(word) => self.common((row, column), word, terms),
            Meaning::Cell(row, column) => Kind::Cell { row, column, joined: true },
            Meaning::Letter(letter) => self.letter(letter, terms),
            Meaning::RowWord => {
                let line = self.worded(table::ROWS, true);
                if line.is_stated() { self.row(line) } else { Kind::Word(tone::LINK) }
            }
            Meaning::ColumnWord => {
                let line = self.worded(table::COLUMNS, false);
                if line.is_stated() { Kind::Column(line) } else { Kind::Word(tone::LINK) }
            }
            // "The next one" is no digit.
            Meaning::Digit(1) if last.is_some_and(|last| self.points(last)) => Kind::Word(tone::TALK),
            Meaning::Digit(digit) => self.number(digit.into(), span, terms),
            Meaning::Nothing => self.talk(word, last),
        }
    }

    /// Whether a quotation mark stands right behind a letter.
    fn is_apostrophe(&self, mark: Option<&Term>) -> bool {
        mark.is_some_and(|mark| {
            let before = (mark.start as usize - self.base).checked_sub(1).map(|at| self.line[at]);
            mark.is_mark(b"'\"") && before.is_some_and(|before| before.is_ascii_alphabetic())
        })
    }

    /// Whether a term is this word.
    fn says(&self, term: &Term, word: &str) -> bool {
        let text = &self.line[term.start as usize - self.base..term.end as usize - self.base];
        text.eq_ignore_ascii_case(word.as_bytes())
    }

    /// Whether a "one" after this term stands for a cell.
    fn points(&self, term: &Term) -> bool {
        ["the", "this", "that", "next", "first", "last", "each", "every", "which", "other"]
            .iter()
            .any(|word| self.says(term, word))
    }

    /// Two letters that are a word as well name a cell only where no word is to be expected.
    fn common(&self, (row, column): (u8, u8), word: &[u8], terms: &[Term]) -> Kind {
        let next = self.peek();
        let runs_on = matches!(next, Some(Token::Word(next)) if digit_word(next).is_none());
        let stands_alone = match terms.last().map(|last| last.kind) {
            None | Some(Kind::Other) => !runs_on,
            Some(Kind::Mark(mark)) => !runs_on && b":-.,>*|_)]".contains(&mark),
            Some(Kind::Number(_)) => next.is_none(),
            Some(Kind::Word(tone)) if tone.is(tone::RANGE) => {
                matches!(terms, [.., from, _] if matches!(from.kind, Kind::Cell { .. }))
            }
            _ => false,
        };
        // The cell that is due may stand where a cell would, too.
        let is_followed = match next {
            None | Some(Token::Number(_)) => true,
            Some(Token::Word(next)) => {
                let tone = tone(next);
                digit_word(next).is_some() || tone.is(tone::LINK) || tone.is(tone::RANGE)
            }
            Some(Token::Mark(mark)) => b":=,-().;!".contains(&mark),
            Some(Token::Other) => false,
        };
        let is_introduced = match terms.last().map(|last| last.kind) {
            // "3 of 9"
            Some(Kind::Number(_) | Kind::Ordinal) => !word.eq_ignore_ascii_case(b"of"),
            // "Moving on to be", not "appears to be".
            Some(Kind::Word(tone)) if tone.is(tone::RANGE) => {
                matches!(terms, [.., before, _] if before.is(tone::LEAD) || before.is(tone::FROM))
            }
            _ => true,
        };
        let is_due = self.of.path.get(self.due) == Some(&table::cell(row.into(), column.into()));
        let is_read = is_due && is_followed && is_introduced;
        if stands_alone || is_read { Kind::Cell { row, column, joined: true } } else { Kind::Word(tone(word)) }
    }

    fn row(&mut self, line: Line) -> Kind {
        self.row_named = true;
        Kind::Row(line)
    }

    fn talk(&mut self, word: &'a [u8], last: Option<&Term>) -> Kind {
        if let Some(tone) = contracted(word).filter(|_| self.is_apostrophe(last)) {
            return Kind::Word(tone);
        }
        if let Some(row) = self.halved(word) {
            return self.row(Line { name: row, number: NONE, plain: true });
        }
        if self.of.wording.names.knows_row(word) {
            return self.row(Line { name: ABSENT, number: NONE, plain: true });
        }
        Kind::Word(tone(word))
    }

    /// `Alpha Widget` is `AlphaWidget`.
    fn halved(&mut self, word: &[u8]) -> Option<u8> {
        if self.of.wording.names != Names::Full {
            return None;
        }
        let mut ahead = self.tokens.clone();
        let (Token::Word(second), _) = ahead.next()? else { return None };
        let row = self.of.row_in_halves(word, second)?;
        self.tokens = ahead;
        Some(row)
    }

    /// What follows the word "row" or "column": a number, a name, or both.
    fn worded(&mut self, most: usize, is_row: bool) -> Line {
        let mut line = Line { name: NONE, number: NONE, plain: true };
        let mut ahead = self.tokens.clone();
        let mut bracket = false;
        while let Some((token, _)) = ahead.next() {
            match token {
                Token::Mark(mark) if DRESS.contains(&mark) => continue,
                Token::Mark(b'(') if line.number != NONE && !bracket => {
                    bracket = true;
                    continue;
                }
                Token::Number(number) if line.number == NONE && !bracket => line.number = counted(number),
                Token::Word(word) => match (self.of.meaning(word, self.due), is_row) {
                    (Meaning::Row(name), true) | (Meaning::Column(name), false) => line.name = name,
                    (Meaning::Digit(digit), _) if line.number == NONE && !bracket => {
                        line.number = counted(digit.into());
                    }
                    (Meaning::Letter(letter), _) => match self.named(letter, most, is_row) {
                        Some(name) => line.name = name,
                        None => break,
                    },
                    (Meaning::Nothing, true) if self.of.wording.names.knows_row(word) => line.name = ABSENT,
                    _ => break,
                },
                _ => break,
            }
            self.tokens = ahead.clone();
            if line.name != NONE {
                line.plain = !bracket;
                break;
            }
        }
        line
    }

    fn named(&self, letter: u8, most: usize, is_row: bool) -> Option<u8> {
        let lines = if is_row { self.of.table.rows } else { self.of.table.columns };
        Names::position(letter, most).map(|at| within(at, lines))
    }

    /// A letter is a name only where others show that it is one.
    fn letter(&mut self, letter: u8, terms: &[Term]) -> Kind {
        let last = terms.last();
        if let Some(tone) = contracted(&[letter]).filter(|_| self.is_apostrophe(last)) {
            return Kind::Word(tone);
        }
        let talk = Kind::Word(tone(&[letter]));
        if letter == b'I' {
            return talk;
        }
        let mut ahead = self.tokens.clone();
        let heads = self.said < Said::More && matches!(self.peek(), Some(Token::Mark(b':')));
        if let Some(row) = self.named(letter, table::ROWS, true).filter(|_| heads) {
            return self.row(Line { name: row, number: NONE, plain: false });
        }
        let listed = last.is_none_or(|last| {
            !matches!(last.kind, Kind::Word(_)) || last.is(tone::FROM) || last.is(tone::RANGE) || last.is(tone::JOIN)
        });
        if let Some(column) = self.named(letter, table::COLUMNS, false).filter(|_| self.row_named && listed) {
            return Kind::Column(Line { name: column, number: NONE, plain: false });
        }
        let Some(row) = self.named(letter, table::ROWS, true) else { return talk };
        let mut joined = last.is_none_or(|last| !matches!(last.kind, Kind::Word(tone) if !tone.is(tone::AT)));
        while let Some((token, _)) = ahead.next() {
            match token {
                Token::Mark(mark) if b",(*_-/\"'`".contains(&mark) => joined = false,
                Token::Word(&[second]) => {
                    let Some(column) = self.named(second, table::COLUMNS, false) else { return talk };
                    self.tokens = ahead;
                    return Kind::Cell { row, column, joined };
                }
                _ => break,
            }
        }
        talk
    }
}

/// What is left of a word behind an apostrophe: "isn't".
fn contracted(word: &[u8]) -> Option<Tone> {
    if word.eq_ignore_ascii_case(b"t") { Some(tone::DENY) } else { tone::known(word).filter(|_| word.len() <= 2) }
}

/// A row or column by its number, as people count.
pub fn counted(number: u64) -> u8 {
    if number == 0 || number > 16 { ABSENT } else { number as u8 - 1 }
}

/// Whether a sentence takes back the digit that was said before it: "Maybe 4."
fn is_correction(terms: &[Term], is_last: bool) -> bool {
    let mut words = terms.iter().filter(|term| matches!(term.kind, Kind::Word(_)));
    let denies = words.next().map_or(is_last, |first| first.is(tone::DENY));
    let says = |kind: Kind| matches!(kind, Kind::Row(_) | Kind::Column(_) | Kind::Cell { .. } | Kind::Mark(b'+'));
    denies
        && terms.iter().any(|term| matches!(term.kind, Kind::Number(_)))
        && !terms.iter().any(|term| says(term.kind) || term.is(tone::SUM))
}
