//! Lines that state a sum: `Sum: 3 + 1 + 1 = 5`.

use crate::verdict::{Reason, Skill, Step};

use super::{super::Readout, Reader};

/// A stated sum under way.
#[derive(Clone, Copy)]
pub struct Sum {
    start: u32,
    end: u32,
    addends: usize,
    right: bool,
    plus: bool,
    pending: Option<u64>,
}

impl Sum {
    /// A sum whose word starts here.
    pub fn begun(start: usize) -> Self {
        Self { start: start as u32, end: 0, addends: 0, right: true, plus: false, pending: None }
    }

    /// A number that ends here.
    pub fn number(&mut self, of: &Readout, number: u64, end: usize) {
        self.end = end as u32;
        if std::mem::take(&mut self.plus) {
            self.add(of, number);
        } else {
            self.pending = Some(number);
        }
    }

    /// A plus or an equals sign.
    pub fn sign(&mut self, of: &Readout, plus: bool) {
        let pending = self.pending.take();
        self.plus = plus;
        if let Some(number) = pending.filter(|_| plus) {
            self.add(of, number);
        }
    }

    fn add(&mut self, of: &Readout, number: u64) {
        self.right &= of.value(self.addends).is_some_and(|value| u64::from(value) == number);
        self.addends += 1;
    }
}

impl Reader<'_> {
    /// A line that states a sum; sums on the way there are no steps.
    pub(super) fn add_up(&mut self, sum: &Sum) {
        let Some(result) = sum.pending else { return };
        let length = self.of.path.len();
        if self.claims > 0 && self.claims < length {
            return;
        }
        let right = result == u64::from(self.of.total);
        let addends_right = sum.addends == 0 || (sum.right && sum.addends == length);
        if right && addends_right && self.stated.is_some() {
            return; // said again
        }
        self.stated = Some(right && self.stated != Some(false));
        let span = sum.start as usize..sum.end as usize;
        self.steps.push(if !addends_right {
            Step::wrong(span, Skill::ApplyRule, Reason::WrongValue)
        } else if right {
            Step::ok(span, Skill::ApplyRule)
        } else {
            Step::wrong(span, Skill::ApplyRule, Reason::WrongConclusion)
        });
    }
}
