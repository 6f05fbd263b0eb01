//! Sentences in the rationale's own form, or that end with it behind a preface: `Step 3: Bee Jan 3`.
//!
//! They alone can be wrong. What their preface says decides how far they are held to it.

use std::ops::Range;

use crate::verdict::{Reason, Skill, State, Step};

use super::{
    pairs::Pair,
    reader::{Line, NONE, Reader},
    terms::{DRESS, Kind, Term},
    tone::{AT, COUNT, DENY, LEAD, NEXT, RANGE, READ},
};

/// What stands before a claim in its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preface {
    /// Nothing, or what introduces a step: the claim is the next step.
    Lead,
    /// Talk that ends with a colon, a dash or the like: the claim stands for itself, but it may be
    /// one about another part of the path ("The last cell: Cat Mar 1").
    Talk,
    /// Talk that runs into the claim, and may turn it into another one ("as far from Bee Jan: 3").
    Phrase,
    /// What denies or hedges it.
    Denial,
}

/// What a preface does to the claim behind it.
pub fn preface(terms: &[Term]) -> Preface {
    let mut lead = true;
    let mut words = 0;
    let mut next = false;
    for (at, term) in terms.iter().enumerate() {
        match term.kind {
            Kind::Word(tone) if tone.is(DENY) => return Preface::Denial,
            Kind::Word(tone) => {
                words += 1;
                next |= tone.is(NEXT);
                // "Next to" is no way of going on.
                lead &= tone.is(LEAD) && !(tone.is(RANGE) && at > 0 && terms[at - 1].is(NEXT));
            }
            Kind::Mark(b'?') => return Preface::Denial,
            Kind::Mark(mark) => lead &= !b"+=/<&%^~\\@".contains(&mark),
            Kind::Row(_) | Kind::Column(_) | Kind::Cell { .. } | Kind::Other => lead = false,
            Kind::Number(_) | Kind::Ordinal => {}
        }
    }
    if lead && (next || words == 0) {
        Preface::Lead
    } else if lead || ends_apart(terms) {
        Preface::Talk
    } else {
        Preface::Phrase
    }
}

/// Whether a sentence only numbers what comes next: "Step 3."
pub fn is_numbering(terms: &[Term]) -> bool {
    terms.iter().all(|term| match term.kind {
        Kind::Word(tone) => tone.is(COUNT),
        Kind::Number(_) | Kind::Ordinal | Kind::Other | Kind::Mark(_) => true,
        Kind::Row(_) | Kind::Column(_) | Kind::Cell { .. } => false,
    })
}

/// Whether a preface is parted from what it introduces, by a colon, a dash or the like.
pub fn ends_apart(terms: &[Term]) -> bool {
    terms.last().is_none_or(|last| last.is_mark(b":-.)>|*_,]#") || matches!(last.kind, Kind::Other))
}

/// A row and a column as they are stated.
#[derive(Debug, Clone, Copy)]
pub struct Stated {
    pub row: Line,
    pub column: Line,
    start: u32,
    end: u32,
}

impl Stated {
    pub fn span(&self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// The place before some marks.
pub fn back_over(terms: &[Term], mut at: usize, marks: &[u8]) -> usize {
    while at > 0 && terms[at - 1].is_mark(marks) {
        at -= 1;
    }
    at
}

/// The cell that ends before a place in the form of the rationale, and where it begins.
pub fn cell_before(terms: &[Term], end: usize) -> Option<(Stated, usize)> {
    let last = terms.get(end.checked_sub(1)?)?;
    if let Kind::Cell { row, column, joined: true } = last.kind {
        let named = |name| Line { name, number: NONE, plain: true };
        return Some((Stated { row: named(row), column: named(column), start: last.start, end: last.end }, end - 1));
    }
    let at = back_over(terms, end - 1, b"*_`\"',");
    let first = terms.get(at.checked_sub(1)?)?;
    let ((Kind::Row(row), Kind::Column(column)) | (Kind::Column(column), Kind::Row(row))) = (first.kind, last.kind)
    else {
        return None;
    };
    let named = row.plain && column.plain && row.name != NONE && column.name != NONE;
    named.then_some((Stated { row, column, start: first.start, end: last.end }, at - 1))
}

/// A claim in the form of the rationale at the end of a sentence.
pub struct Shape {
    /// The term it begins with.
    pub first: usize,
    pub cell: Stated,
    number: u64,
    digit: Range<usize>,
    value_first: bool,
    /// Whether a sentence that is under way says the digit.
    runs_on: bool,
}

/// The claim in the form of the rationale that a sentence ends with.
pub fn shape(terms: &[Term]) -> Option<Shape> {
    let mut end = terms.len();
    while end > 0 && (terms[end - 1].is_mark(b".,!") || terms[end - 1].is_mark(DRESS)) {
        end -= 1;
    }
    let last = terms.get(end.checked_sub(1)?)?;
    if let Kind::Number(number) = last.kind {
        let (cell, first) = cell_before(terms, back_over(terms, end - 1, b":*_`\"'"))?;
        return Some(Shape { first, cell, number, digit: last.span(), value_first: false, runs_on: false });
    }
    let (cell, at) = cell_before(terms, end)?;
    let mut before = back_over(terms, at, DRESS);
    if before > 0 && terms[before - 1].is(AT) {
        before = back_over(terms, before - 1, DRESS);
    }
    let first = before.checked_sub(1)?;
    let Kind::Number(number) = terms[first].kind else { return None };
    // "Step 3 Bee Jan" and "3 or 4 Bee Jan" read nothing.
    let introduced = match first.checked_sub(1).map(|at| &terms[at]) {
        None => true,
        Some(term) => match term.kind {
            Kind::Mark(mark) => {
                let numbered = terms[..first - 1].iter().any(|term| matches!(term.kind, Kind::Number(_)));
                !(b",/".contains(&mark) && numbered) && mark != b'='
            }
            Kind::Word(tone) => (tone.is(READ) || tone.is(NEXT)) && !tone.is(COUNT),
            Kind::Other => true,
            _ => false,
        },
    };
    let runs_on = first > 0 && matches!(terms[first - 1].kind, Kind::Word(tone) if !tone.is(NEXT));
    introduced.then(|| Shape { first, cell, number, digit: terms[first].span(), value_first: true, runs_on })
}

impl Reader<'_> {
    /// Judges a claim in the form of the rationale behind such a preface.
    pub(super) fn documented(&mut self, shape: Shape, held: Preface) {
        let cell = self.cell(shape.cell.row, shape.cell.column);
        let is_true = cell.is_ok_and(|cell| u64::from(self.of.table.values[usize::from(cell)]) == shape.number);
        let is_due = cell.is_ok_and(|cell| self.is_due(cell));
        let judged = match held {
            // "Now I see 3 at Bee Jan" may be said of any cell.
            Preface::Lead if !shape.runs_on => true,
            Preface::Lead | Preface::Talk => !is_true || is_due,
            Preface::Phrase | Preface::Denial => is_true && is_due,
        };
        if judged {
            self.claims += usize::from(held != Preface::Phrase);
            let Shape { number, digit, value_first, .. } = shape;
            self.claim(Pair { cell, span: shape.cell.span(), number, digit, value_first });
        }
    }

    /// Judges a cell and its digit that are said to come next.
    pub(super) fn claim(&mut self, Pair { cell, span, number, digit, value_first }: Pair) {
        let (place, digit) = self.judge(cell, span, number, digit);
        self.steps.extend(match (value_first, place.state) {
            (false, _) => [place, digit],
            (true, State::Ok) => [digit, place],
            // A digit that was said of no cell yet is not wrong about one that was not to come.
            (true, _) => {
                [Step::unsupported(digit.start as usize..digit.end as usize, Skill::Read, Reason::AfterError), place]
            }
        });
    }
}
