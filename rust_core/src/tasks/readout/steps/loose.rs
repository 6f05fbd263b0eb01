//! Sentences in words of their own: `In row Bee, Jan is 3 and Feb is 4`, `Bee from Jan to Mar: 3, 4, 1`.
//!
//! What such a sentence says plainly, and what is true and due, is a step; all else in it is none.

use std::ops::Range;

use super::{
    reader::{Line, NONE, Reader},
    terms::{Kind, Term},
    tone::{ASIDE, COUNT, DENY, FROM, JOIN, LINK, RANGE, SUM, TALK},
};
use crate::verdict::{Skill, Step};

/// A row and a column, as far as they are stated, and the bytes that state them.
#[derive(Clone)]
struct Part {
    row: Option<Line>,
    column: Option<Line>,
    span: Range<usize>,
}

/// A digit that is said of a cell.
struct Claim {
    cell: u8,
    span: Range<usize>,
    number: u64,
    digit: Range<usize>,
}

/// Whether the cells so far are the two ends of a range.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Span {
    None,
    /// Its sign was the last thing said.
    Begun,
    Whole,
}

/// Sorts the terms of a sentence into cells and the digits said of them.
struct Sorter<'a, 'b> {
    reader: &'a Reader<'b>,
    /// Whether digits stand before their cells.
    value_first: bool,
    row: Option<Line>,
    column: Option<Line>,
    part: Option<Part>,
    cells: Vec<Part>,
    digits: Vec<(u64, Range<usize>)>,
    range: Span,
    /// The next number is a result.
    skip: bool,
    /// A number was said of nothing, and may take back what stands before it.
    stray: bool,
    claims: Vec<Claim>,
}

/// A list of cells and digits without the cell within which it breaks off, if it does.
pub fn unbroken(terms: &[Term]) -> &[Term] {
    let refers = |term: &Term| matches!(term.kind, Kind::Row(_) | Kind::Column(_) | Kind::Cell { .. });
    let counts = |term: &Term| matches!(term.kind, Kind::Number(_));
    let first = terms.iter().find(|term| refers(term) || counts(term));
    let end = terms.iter().rposition(counts).map_or(0, |last| last + 1);
    let (list, rest) = terms.split_at(end);
    // Where digits stand first, what follows the last of them is its cell.
    let breaks = first.is_some_and(refers) && rest.iter().all(|term| refers(term) || term.is_mark(b",;("));
    if breaks { list } else { terms }
}

impl Reader<'_> {
    /// Finds the steps of a sentence, or of what stands in it before a claim about a cell; tells
    /// whether it says another digit of that cell.
    pub(super) fn loosely(&mut self, terms: &[Term], next: Option<u8>) -> bool {
        let mut clashes = false;
        let refers = |term: &&Term| matches!(term.kind, Kind::Row(_) | Kind::Column(_) | Kind::Cell { .. });
        let named = terms.iter().any(|term| refers(&term));
        let counts = |term: &Term| matches!(term.kind, Kind::Number(_));
        let numbers = terms.iter().any(counts);
        if !named {
            return false;
        }
        if numbers && !terms.iter().any(|term| term.is(DENY) || term.is(ASIDE) || term.is_mark(b"?&")) {
            let last = terms.iter().rev().find(|term| refers(term) || counts(term));
            let mut sorter = Sorter {
                reader: self,
                value_first: last.is_some_and(|last| refers(&last)),
                row: self.row,
                column: self.column,
                part: None,
                cells: Vec::new(),
                digits: Vec::new(),
                range: Span::None,
                skip: false,
                stray: false,
                claims: Vec::new(),
            };
            sorter.sort(terms);
            let claims = std::mem::take(&mut sorter.claims);
            let stray = sorter.stray;
            self.take(if stray { &[] } else { &claims }, terms);
            clashes = claims.iter().any(|claim| Some(claim.cell) == next && !self.is_true(claim));
        }
        self.remember(terms, numbers);
        clashes
    }

    fn is_true(&self, claim: &Claim) -> bool {
        u64::from(self.of.table.values[usize::from(claim.cell)]) == claim.number
    }

    /// Takes what is true and due as steps.
    fn take(&mut self, claims: &[Claim], terms: &[Term]) {
        let mut denied = [0_u64; 4];
        for claim in claims.iter().filter(|claim| !self.is_true(claim)) {
            denied[usize::from(claim.cell / 64)] |= 1 << (claim.cell % 64);
        }
        let is_old = !claims.is_empty() && claims.iter().all(|claim| self.is_told(claim.cell));
        let mut read = terms.first().map_or(0, |first| first.start as usize);
        for claim in claims {
            let is_denied = denied[usize::from(claim.cell / 64)] & (1 << (claim.cell % 64)) != 0;
            if is_denied || !self.is_due(claim.cell) {
                continue;
            }
            let place = usize::from(self.of.place[usize::from(claim.cell)]) - 1;
            self.tell(place);
            self.loose.push((self.steps.len(), place));
            let cell = Step::ok(claim.span.clone(), Skill::NextCell);
            let digit = Step::ok(claim.digit.clone(), Skill::Read);
            read = read.max(claim.digit.end);
            self.steps.extend(if claim.digit.start < claim.span.start { [digit, cell] } else { [cell, digit] });
        }
        if is_old || terms[0].is_mark(b"|") {
            return;
        }
        // Digits that are true of the next cells may have been said of them: a line that goes on from
        // there is not out of order.
        for term in terms.iter().filter(|term| term.start as usize >= read) {
            if let Kind::Number(number) = term.kind {
                let due = self.of.value(self.due + self.slack);
                self.slack += usize::from(due.is_some_and(|due| u64::from(due) == number));
            }
        }
    }

    /// Keeps the row or column that heads a list.
    fn remember(&mut self, terms: &[Term], numbers: bool) {
        for term in terms {
            match term.kind {
                Kind::Row(row) => self.row = Some(row),
                Kind::Column(column) => self.column = Some(column),
                _ => {}
            }
        }
        let row = terms.iter().any(|term| matches!(term.kind, Kind::Row(_)));
        let column = terms.iter().any(|term| matches!(term.kind, Kind::Column(_)));
        if row || column {
            self.heading = !numbers && row != column || self.heading && !(row && column);
        }
        if !column && row && !numbers {
            self.column = None;
        }
        if !row && column && !numbers && !self.heading {
            self.row = None;
        }
    }
}

impl Sorter<'_, '_> {
    fn sort(&mut self, terms: &[Term]) {
        for (at, term) in terms.iter().enumerate() {
            let before = at.checked_sub(1).map(|at| &terms[at]);
            match term.kind {
                Kind::Row(row) => self.name(Some(row), None, term),
                Kind::Column(column) => self.name(None, Some(column), term),
                Kind::Cell { row, column, .. } => {
                    let named = |name| Some(Line { name, number: NONE, plain: true });
                    self.name(named(row), named(column), term);
                }
                Kind::Number(number) => self.number(number, term),
                // "3 cells" and "3 or so" say no digit.
                Kind::Word(tone)
                    if !self.value_first
                        && before.is_some_and(|before| matches!(before.kind, Kind::Number(_)))
                        && (tone == TALK || tone.is(COUNT)) =>
                {
                    self.cells.clear();
                    self.digits.clear();
                    self.range = Span::None;
                }
                Kind::Word(tone) if tone.is(SUM) => self.skip = true,
                Kind::Word(tone) if tone.is(RANGE) && self.digits.is_empty() => self.begin_range(),
                Kind::Word(tone) if tone.is(JOIN) => {}
                Kind::Word(tone)
                    if (tone.is(LINK) || tone.is(FROM)) && (self.digits.is_empty() || self.value_first) => {}
                Kind::Mark(b'-') => {
                    let next = terms.get(at + 1);
                    let touches = next.is_some_and(|next| next.start == term.end);
                    let apart = before.is_none_or(|before| before.end != term.start);
                    if touches && apart && next.is_some_and(|next| matches!(next.kind, Kind::Number(_))) {
                        self.stray = true; // a minus sign
                    }
                    self.begin_range();
                }
                Kind::Mark(b'+') if !self.digits.is_empty() && !self.value_first => self.close(),
                Kind::Mark(b'>') => {
                    let arrow = term.end - term.start > 1 || before.is_some_and(|before| before.is_mark(b"-="));
                    if !arrow {
                        self.part_with();
                    }
                }
                Kind::Word(_) | Kind::Mark(b'!' | b'+' | b'~' | b'<' | b'^' | b'%' | b'\\') | Kind::Other => {
                    self.part_with();
                }
                Kind::Mark(b'|' | b'=') if self.value_first => self.part_with(),
                Kind::Mark(_) | Kind::Ordinal => {}
            }
        }
        self.close();
    }

    fn name(&mut self, row: Option<Line>, column: Option<Line>, term: &Term) {
        self.skip = false;
        if self.value_first && self.digits.is_empty() {
            self.row = row.or(self.row);
            self.column = column.or(self.column);
            return;
        }
        if !self.value_first && !self.digits.is_empty() {
            self.close();
        }
        let table = &self.reader.of.table;
        let same = |one: Option<Line>, other: Option<Line>, lines| {
            one.zip(other).is_none_or(|(one, other)| one.at(lines) == other.at(lines))
        };
        match &mut self.part {
            Some(part) if !(part.row.is_some() && row.is_some() || part.column.is_some() && column.is_some()) => {
                part.row = part.row.or(row);
                part.column = part.column.or(column);
                part.span.end = term.end as usize;
            }
            // "Bee (row 1)"
            Some(part)
                if (part.row.is_none() || part.column.is_none())
                    && same(part.row, row, table.rows)
                    && same(part.column, column, table.columns) =>
            {
                part.span.end = term.end as usize;
                return;
            }
            _ => {
                self.push();
                if self.range == Span::Begun && !self.cells.is_empty() {
                    self.range = Span::Whole;
                }
                self.part = Some(Part { row, column, span: term.span() });
            }
        }
        if self.range == Span::Begun {
            self.range = Span::None;
        }
    }

    fn number(&mut self, number: u64, term: &Term) {
        if std::mem::take(&mut self.skip) {
            return;
        }
        if self.value_first {
            if self.part.is_some() || !self.cells.is_empty() {
                self.close();
            }
        } else {
            self.push();
            if self.cells.is_empty() {
                self.stray |= !self.claims.is_empty();
                return;
            }
        }
        self.digits.push((number, term.span()));
    }

    fn begin_range(&mut self) {
        if self.range == Span::None {
            self.range = Span::Begun;
        }
    }

    /// A word that parts a cell from its digit.
    fn part_with(&mut self) {
        if self.value_first == self.digits.is_empty() {
            if !self.value_first || self.part.is_some() {
                self.close();
            }
            return;
        }
        if self.value_first {
            if self.part.is_some() || !self.cells.is_empty() {
                self.close();
            } else {
                self.digits.clear();
            }
        } else {
            self.push();
            if self.digits.is_empty() {
                self.cells.clear();
                self.range = Span::None;
            } else {
                self.close();
            }
        }
    }

    /// Ends a cell; what it leaves open is the last one's.
    fn push(&mut self) {
        let Some(mut part) = self.part.take() else { return };
        part.row = part.row.or(self.row);
        part.column = part.column.or(self.column);
        self.row = part.row;
        self.column = part.column;
        let cell = |part: &Part| self.reader.cell(part.row?, part.column?).ok();
        let named_twice = self.cells.last().and_then(cell).is_some_and(|last| Some(last) == cell(&part));
        if !named_twice {
            self.cells.push(part);
        }
    }

    /// Says the digits of the cells.
    fn close(&mut self) {
        self.push();
        let reader = self.reader;
        let (row, column) = (self.row, self.column);
        let cell = |part: &Part| reader.cell(part.row.or(row)?, part.column.or(column)?).ok();
        let cells: Vec<(Option<u8>, Range<usize>)> =
            self.cells.drain(..).map(|part| (cell(&part), part.span)).collect();
        let digits = self.digits.drain(..);
        match *cells {
            [(Some(first), ref from), (Some(last), ref to)] if self.range == Span::Whole => {
                let place = |cell: u8| usize::from(reader.of.place[usize::from(cell)]);
                let (first, last) = (place(first), place(last));
                self.range = Span::None;
                if first == 0 || last < first || last - first + 1 != digits.len() {
                    return;
                }
                let span = from.start.min(to.start)..from.end.max(to.end);
                self.claims.extend(
                    reader.of.path[first - 1..last].iter().zip(digits).map(|(&cell, (number, digit))| Claim {
                        cell,
                        span: span.clone(),
                        number,
                        digit,
                    }),
                );
            }
            _ if cells.len() == digits.len() => {
                self.claims.extend(
                    cells
                        .into_iter()
                        .zip(digits)
                        .filter_map(|((cell, span), (number, digit))| Some(Claim { cell: cell?, span, number, digit })),
                );
            }
            _ => {}
        }
        self.range = Span::None;
    }
}
