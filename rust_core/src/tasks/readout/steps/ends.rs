//! Lines that lead from one cell to another: `The path leads from Bee, Jan to Cat, Mar.`

use crate::verdict::{Reason, Skill, Step};

use super::{
    reader::{Reader, Said},
    shape::{Preface, back_over, cell_before, is_numbering},
    terms::{DRESS, Term},
    tone::{FROM, PATH, RANGE, READ},
};

impl Reader<'_> {
    /// Judges the ends that a sentence states if it ends with them. Only the whole sentence of the
    /// rationale can be wrong about them: a move leads from one cell to another as well.
    pub(super) fn locate(&mut self, terms: &[Term], preface: impl Fn(&[Term]) -> Preface) -> bool {
        let mut end = terms.len();
        while end > 0 && (terms[end - 1].is_mark(b".,:!") || terms[end - 1].is_mark(DRESS)) {
            end -= 1;
        }
        let Some((second, at)) = cell_before(terms, end) else { return false };
        let to = back_over(terms, at, DRESS);
        if to == 0 || !terms[to - 1].is(RANGE) {
            return false;
        }
        let Some((first, at)) = cell_before(terms, back_over(terms, to - 1, DRESS)) else { return false };
        let from = back_over(terms, at, DRESS);
        if from == 0 || !terms[from - 1].is(FROM) {
            return false;
        }
        let from = from - 1;
        let mut head = from;
        while head > 0 && terms[head - 1].is(PATH) {
            head -= 1;
        }
        let leads = from - head;
        if head > 0 && terms[head - 1].end - terms[head - 1].start == 3 && terms[head - 1].is(READ) {
            head -= 1; // "the"
        }
        let preface = preface(&terms[..head]);
        let span = terms[from].start as usize..terms[end - 1].end as usize;
        let (start, last) = (self.of.path[0], self.of.path[self.of.path.len() - 1]);
        let found =
            self.cell(first.row, first.column).and_then(|first| Ok((first, self.cell(second.row, second.column)?)));
        let documented = leads == 2 && preface == Preface::Lead && is_numbering(&terms[..head]);
        match found {
            _ if preface == Preface::Denial => {}
            Ok(found) if found == (start, last) => {
                self.located = self.say(self.located, Step::ok(span, Skill::Locate), documented);
            }
            _ if !documented || self.told > 0 || self.slack > 0 || self.located != Said::Never => {}
            found => {
                let reason = found.err().unwrap_or(Reason::WrongCell);
                self.located = Said::Formally;
                self.steps.push(Step::wrong(span, Skill::Locate, reason));
            }
        }
        true
    }
}
