//! Finds the steps of a reply and judges them: one pass over its lines.
//!
//! A line is read sentence by sentence. A sentence that has the form of the rationale, or ends with it
//! behind a preface, is held to what it says ([`shape`], [`ends`], [`sums`]). Any other one earns the
//! steps that it says plainly, and never costs anything ([`loose`]). Each cell of the path is told
//! once; what is said again is marked as repeated. Where the answer lists cells with their digits ([`pairs`]), each of
//! them is held to what it says as a line would be, and no conclusion follows from them.

mod due;
mod ends;
mod loose;
mod pairs;
mod reader;
mod shape;
mod sums;
mod terms;
pub mod tone;

use std::ops::Range;

use crate::{
    scan::lines,
    verdict::{Reason, Skill, State, Step},
};

use super::problem::Readout;

use loose::unbroken;
use reader::{Line, Reader, Said};
use shape::{Preface, is_numbering, preface, shape};
use terms::{Lexer, Term};

pub use pairs::{Pair, pairs};

/// What gives the answer in a reply.
pub enum Concluded {
    /// Nothing.
    Nothing,
    /// A conclusion.
    At(Step),
    /// The bytes of an answer of cells, and what it lists.
    Cells(Range<usize>, Vec<Pair>),
}

/// Judges all steps of a reply, the conclusion among them, and tells whether the sums that it
/// states are right, if it states any.
pub fn judge(of: &Readout, reply: &[u8], conclusion: Concluded) -> (Vec<Step>, Option<bool>) {
    let room = if reply.len() < 64 { 1 } else { (2 * of.path.len() + 3).min(reply.len() / 3) };
    let mut reader = Reader {
        of,
        steps: Vec::with_capacity(room),
        due: 0,
        after: 0,
        slack: 0,
        done: [0; 3],
        told: 0,
        claims: 0,
        loose: Vec::new(),
        superseded: Vec::new(),
        located: Said::Never,
        summed: Said::Never,
        stated: None,
        wrong_sums: 0,
        row: None,
        column: None,
        heading: false,
        listing: false,
    };
    match conclusion {
        Concluded::Nothing => reader.scan(reply, 0..reply.len()),
        Concluded::Cells(span, pairs) => {
            reader.scan(reply, 0..span.start);
            for pair in pairs {
                reader.claim(pair);
            }
            reader.scan(reply, span.end..reply.len());
        }
        Concluded::At(step) => {
            reader.scan(reply, 0..step.start as usize);
            let at = reader.steps.len();
            reader.steps.push(step);
            reader.scan(reply, step.end as usize..reply.len());
            reader.conclude(at);
        }
    }
    reader.tidy();
    (reader.steps, reader.stated)
}

impl Reader<'_> {
    fn scan(&mut self, reply: &[u8], range: Range<usize>) {
        let text = &reply[range.clone()];
        if text.is_empty() {
            return; // an answer alone
        }
        let mut terms = Vec::new();
        for line in lines(text) {
            let (text, base) = (&text[line.clone()], range.start + line.start);
            if !self.due_line(text, base) {
                self.scan_line(text, base, &mut terms);
            }
        }
    }

    fn scan_line(&mut self, line: &[u8], base: usize, terms: &mut Vec<Term>) {
        if !self.heading || line.trim_ascii().is_empty() {
            (self.row, self.column, self.heading) = (None, None, false);
        }
        // An answer of cells is judged where it is read; one that is taken back, or cannot be read, earns what it plainly
        // says and costs nothing.
        let answers = self.listing || self.of.lists_cells() && memchr::memmem::find(line, b"nswer").is_some();
        self.listing = answers && line.trim_ascii_end().ends_with(b",");
        let mut denied = false;
        let mut alone = true;
        let mut lexer = Lexer::new(self.of, line, base, self.due, self.row.is_some());
        while let Some(end) = lexer.sentence(terms) {
            let is_last = lexer.is_done();
            let taken_back = denied || !is_last && lexer.takes_back();
            // What a sentence denies is denied up to its last semicolon, and one of several in a line is
            // no line of the rationale.
            let held = |before: &[Term]| match preface(before) {
                _ if taken_back => Preface::Denial,
                Preface::Lead if !(alone && is_last) => Preface::Talk,
                held => held,
            };
            self.sentence(terms, held, answers);
            denied = end == b';' && (denied || preface(terms) == Preface::Denial);
            alone &= is_numbering(terms);
            lexer.go_on(self.due);
        }
    }

    fn sentence(&mut self, terms: &[Term], held: impl Fn(&[Term]) -> Preface, answers: bool) {
        if terms.last().is_some_and(|last| last.is_mark(b"?")) {
            return;
        }
        if self.add_up(terms, &held) || self.locate(terms, &held) {
            return;
        }
        let Some(shape) = shape(terms).filter(|_| !answers) else {
            if held(&[]) != Preface::Denial {
                self.loosely(if answers { unbroken(terms) } else { terms }, None);
            }
            return;
        };
        let before = &terms[..shape.first];
        let held = held(before);
        if held != Preface::Denial && !self.loosely(before, self.cell(shape.cell.row, shape.cell.column).ok()) {
            self.documented(shape, held);
        }
    }

    /// How a cell and its digit fare that are said in the rationale's form.
    #[inline]
    fn judge(
        &mut self,
        cell: Result<u8, Reason>,
        span: Range<usize>,
        number: u64,
        digit: Range<usize>,
    ) -> (Step, Step) {
        let cell = match cell {
            Ok(cell) => cell,
            Err(reason) => {
                self.slack += 1;
                let place = Step::wrong(span, Skill::NextCell, reason);
                return (place, Step::unsupported(digit, Skill::Read, Reason::AfterError));
            }
        };
        let is_true = number == u64::from(self.of.table.values[usize::from(cell)]);
        let repeated = self.is_told(cell) && !self.takes_over(cell);
        let reason = if self.is_told(cell) { Reason::None } else { self.follow(cell) };
        let is_due = reason == Reason::None;
        let place = if is_due {
            Step { repeated, ..Step::ok(span, Skill::NextCell) }
        } else {
            Step::wrong(span, Skill::NextCell, reason)
        };
        let digit = match (is_true, is_due) {
            (true, true) => Step { repeated, ..Step::ok(digit, Skill::Read) },
            (true, false) => Step::unsupported(digit, Skill::Read, Reason::AfterError),
            (false, _) => Step::wrong(digit, Skill::Read, Reason::WrongValue),
        };
        (place, digit)
    }

    /// The cell that a row and a column name, or why they name none.
    fn cell(&self, row: Line, column: Line) -> Result<u8, Reason> {
        reader::cell(self.of, row, column)
    }

    /// Whether a cell was told before.
    #[inline]
    fn is_told(&self, cell: u8) -> bool {
        let place = usize::from(self.of.place[usize::from(cell)]);
        place > 0 && self.done[(place - 1) / 64] & (1 << ((place - 1) % 64)) != 0
    }

    /// Whether a cell was told in a loose sentence alone, so that this claim takes the place of that one.
    fn takes_over(&mut self, cell: u8) -> bool {
        let at = usize::from(self.of.place[usize::from(cell)]) - 1;
        let Some(found) = self.loose.iter().position(|(_, place)| *place == at) else { return false };
        let (first, _) = self.loose.swap_remove(found);
        self.superseded.extend([first, first + 1]);
        true
    }

    /// Whether a cell is the one that is due: no loose sentence leads further.
    fn is_due(&self, cell: u8) -> bool {
        self.of.path.get(self.due) == Some(&cell) && !self.is_told(cell)
    }

    /// Whether a cell is one that the path may go on to.
    #[inline]
    fn awaits(&self, cell: u8) -> bool {
        let Some(at) = usize::from(self.of.place[usize::from(cell)]).checked_sub(1) else { return false };
        (at == self.after || (self.due..=self.due + self.slack).contains(&at)) && !self.is_told(cell)
    }

    /// The path has got to a place.
    #[inline]
    fn tell(&mut self, at: usize) {
        self.done[at / 64] |= 1 << (at % 64);
        self.told += 1;
        self.due = at + 1;
        self.after = at + 1;
        self.slack = 0;
    }

    /// Whether the path goes on to this cell, which was not told before.
    fn follow(&mut self, cell: u8) -> Reason {
        let at = match self.of.place[usize::from(cell)] {
            _ if self.due == self.of.path.len() => return Reason::Extra,
            0 => {
                self.slack += 1;
                return Reason::WrongCell;
            }
            place => usize::from(place) - 1,
        };
        if self.awaits(cell) {
            self.tell(at);
            return Reason::None;
        }
        self.after = at + 1;
        self.slack += 1;
        Reason::OutOfOrder
    }

    /// A right conclusion from cells of which the last ones were left out does not follow from them.
    fn conclude(&mut self, at: usize) {
        let conclusion = &mut self.steps[at];
        if conclusion.state == State::Ok && self.claims > 0 && self.due + self.slack < self.of.path.len() {
            (conclusion.state, conclusion.reason) = (State::Unsupported, Reason::Incomplete);
        }
    }

    /// Adds a step that says the ends or the sum, rightly.
    fn say(&mut self, said: Said, step: Step, documented: bool) -> Said {
        let repeated = match said {
            Said::Never => false,
            _ if !documented => return said,
            Said::Loosely(at) => {
                self.superseded.push(at);
                false
            }
            Said::Formally => true,
        };
        self.steps.push(Step { repeated, ..step });
        if documented { Said::Formally } else { Said::Loosely(self.steps.len() - 1) }
    }

    /// Takes away what was told loosely first and then in the rationale's form.
    fn tidy(&mut self) {
        self.superseded.sort_unstable();
        for &at in self.superseded.iter().rev() {
            self.steps.remove(at);
        }
    }
}
