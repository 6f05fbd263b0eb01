//! Lines that state a sum: `Sum: 3 + 1 + 1 = 5`.

use crate::verdict::{Reason, Skill, Step};

use super::{
    reader::Reader,
    shape::Preface,
    terms::{DRESS, Kind, Term},
    tone::{self, ADD, SUM},
};

/// A stated sum.
struct Sum {
    /// The term of its word.
    at: usize,
    /// The bytes it takes.
    start: u32,
    end: u32,
    addends: usize,
    /// Whether the addends so far are the path's digits.
    right: bool,
    added: u64,
    result: u64,
    /// Whether its sentence is one in the rationale's own form, or at least ends with one.
    documented: bool,
}

impl Reader<'_> {
    /// Judges the sum that a sentence states, if it states one.
    pub(super) fn add_up(&mut self, terms: &[Term], preface: impl Fn(&[Term]) -> Preface) -> bool {
        let Some(sum) = self.sum(terms) else { return false };
        let preface = preface(&terms[..sum.at]);
        if preface == Preface::Denial {
            return true;
        }
        let length = self.of.path.len();
        let right = sum.result == u64::from(self.of.total);
        let whole = sum.right && sum.addends == length;
        let span = sum.start as usize..sum.end as usize;
        if right && (whole || sum.addends == 0) {
            // A total alone is one only where no other sum is under way.
            if sum.addends == 0 && self.told > 0 && self.told < length {
                return true;
            }
            self.stated = Some(self.wrong_sums == 0);
            self.summed = self.say(self.summed, Step::ok(span, Skill::ApplyRule), sum.documented);
            return true;
        }
        if sum.addends == 0 {
            if sum.documented && (self.told == 0 || self.told == length) {
                self.stated = Some(false);
            }
            return true;
        }
        // Behind talk it may be another sum, which is true if it adds up.
        let adds_up = sum.added == sum.result;
        if !sum.documented || preface == Preface::Phrase || (preface == Preface::Talk && adds_up) {
            return true;
        }
        // Sums on the way are true if they add up.
        let under_way = self.told < length && (self.told > 0 || self.slack > 0 || sum.right);
        if under_way && adds_up && !whole {
            return true;
        }
        self.stated = Some(false);
        self.wrong_sums += 1;
        let reason = if whole || under_way { Reason::WrongConclusion } else { Reason::WrongValue };
        self.steps.push(Step::wrong(span, Skill::ApplyRule, reason));
        true
    }

    fn sum(&self, terms: &[Term]) -> Option<Sum> {
        let at = terms.iter().position(|term| term.is(SUM))?;
        let refers = |term: &Term| matches!(term.kind, Kind::Row(_) | Kind::Column(_) | Kind::Cell { .. });
        if terms[..at].iter().any(refers) {
            return None;
        }
        let colon = terms[at + 1..].iter().find(|term| !term.is_mark(DRESS));
        let documented = terms[at].is(ADD) && colon.is_some_and(|term| term.is_mark(b":"));
        let mut sum =
            Sum { at, start: terms[at].start, end: 0, addends: 0, right: true, added: 0, result: 0, documented };
        let mut pending = None;
        let mut summed = false;
        for term in &terms[at + 1..] {
            match term.kind {
                Kind::Number(number) if pending.is_none() => {
                    (pending, sum.end) = (Some(number), term.end);
                }
                Kind::Mark(b'+') => {
                    let number = pending.take()?;
                    sum.right &= self.of.value(sum.addends).is_some_and(|value| u64::from(value) == number);
                    sum.added = sum.added.saturating_add(number);
                    sum.addends += 1;
                }
                Kind::Mark(b'=') => {
                    summed = true;
                    if let Some(number) = pending.take() {
                        sum.right &= self.of.value(sum.addends).is_some_and(|value| u64::from(value) == number);
                        sum.added = sum.added.saturating_add(number);
                        sum.addends += 1;
                    }
                }
                Kind::Mark(b':' | b'.' | b'!' | b',') => {}
                Kind::Mark(mark) if DRESS.contains(&mark) => {}
                Kind::Word(tone) if !tone.is(tone::DENY) && pending.is_none() => sum.documented = false,
                Kind::Mark(b'(' | b')' | b'$') => sum.documented = false,
                _ => return None,
            }
        }
        sum.result = pending?;
        sum.documented &= summed || sum.addends == 0;
        Some(sum)
    }
}
