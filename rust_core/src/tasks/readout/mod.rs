//! What the two readouts share: a table, a path through it, and the digits along the path.
//!
//! Decisions that refine `tasks.md`:
//! * Names, style, spelling, order, twin, ask, values and ends only word a problem: the same address
//!   parts give the same table and path under each of them.
//! * `spelling` and `order` change the rationale alone, so that what a model learns can be told from
//!   what it copies. The answer is written in digits whatever the steps say.
//! * A line of the rationale holds two steps, the cell (`next_cell`) and its digit (`read`): a
//!   misread digit and a lost path are different mistakes, and credit goes to the exact words.
//! * `ends = "marked"` shows where the path starts and ends in picture (green, orange, in every theme) and
//!   twin (`S`, `E`), so that the question can be one constant sentence, which says so; with `named` the
//!   question names both cells.
//! * `names = "letters"` names rows and columns by position, and a cell by both letters at once, as
//!   on the boards (`cb`: row c, column b): a name to be worked out rather than looked up.
//! * `answer = "cells"` lists each cell with its digit (`ca 8, cb 0`), row, column and digit whatever `order` and
//!   `spelling` say: the located digits are both the way and the answer, so the rationale has no lines that say them
//!   before. Its steps are the same as those of lines, and no conclusion stands beside them: an answer that stops short
//!   is wrong without any step being so. A sum is a number either way.
//! * The content hash knows table and path only: what is asked about them is wording.

mod answer;
mod facts;
pub mod names;
mod problem;
mod steps;
pub(crate) use steps::tone;
pub mod table;
mod vocabulary;
mod words;
mod worked;

#[cfg(test)]
pub mod tests;

pub use problem::{Ends, Family, Readout, Route, Wording};

use crate::{
    fingerprint::Fingerprint,
    rationale::Rationale,
    reply,
    rng::Rng,
    scene::Scene,
    task::Instance,
    verdict::{Answers, Outcome, Verdict},
};

use problem::{Answer, Twin};

/// Keys that only word a problem.
pub const WORDING: &[&str] = &["style", "spelling", "order", "twin", "ask", "answer", "values", "names", "ends"];

/// Names of the verdict's components.
pub const COMPONENTS: &[&str] = &["exact", "prefix", "total", "values"];

/// The component that is partial credit.
pub const PARTIAL: &str = "prefix";

/// The feature that says how long a readout is.
pub const LENGTH: &str = "cells";

/// Height and width of the paper's pictures, pixels.
pub const PICTURE: [usize; 2] = [800, 1500];

impl Instance for Readout {
    fn question(&self, out: &mut String) {
        self.write_question(out);
    }

    fn twin(&self, out: &mut String) {
        match self.wording.twin {
            Twin::Latex => self.write_latex(out),
            Twin::Markdown => self.write_markdown(out),
        }
    }

    fn rationale(&self) -> Rationale {
        self.worked()
    }

    fn answer(&self, out: &mut String) {
        self.write_answer(out);
    }

    fn features(&self) -> Vec<(&'static str, f64)> {
        self.difficulty()
    }

    fn shortcuts(&self) -> Vec<(&'static str, f64)> {
        self.lucky()
    }

    fn lookups(&self) -> Vec<Fingerprint> {
        let mut ends = Fingerprint::default();
        ends.bytes(&[self.table.rows as u8, self.table.columns as u8]);
        ends.bytes(&[self.path[0], self.path[self.path.len() - 1]]);
        let mut path = ends;
        path.number(self.path.len());
        path.bytes(&self.path);
        vec![Fingerprint::default(), ends, path]
    }

    /// Digits alone: whoever knows the path knows how its cells are called, in this table as in the other.
    fn kept(&self, out: &mut String) {
        self.write_listed(Answer::Digits, out);
    }

    fn recalled(&self, answer: &str) -> f64 {
        let mut right = String::with_capacity(answer.len());
        self.kept(&mut right);
        f64::from(u8::from(right == answer))
    }

    fn scene(&self) -> Scene {
        Scene::Sheet(self.sheet(self.wording.ends))
    }

    fn content(&self, hash: &mut Fingerprint) {
        self.table.content(hash);
        hash.number(self.path.len());
        hash.bytes(&self.path);
    }

    fn change(&mut self, rng: &mut Rng) {
        self.alter(rng);
    }

    fn judge(&self, reply: &[u8], answers: Answers) -> Verdict {
        let given = reply::given(reply, answers, |text, spelling| self.read(text, spelling));
        let (answer, concluded) = self.concluded(reply, &given);
        let (steps, stated) = steps::judge(self, reply, concluded);
        let mut verdict = Verdict { steps, ..Verdict::default() };
        (verdict.outcome, verdict.form) = match &given {
            reply::Given::Nothing => (Outcome::Unparsed, None),
            reply::Given::Ambiguous => (Outcome::Ambiguous, None),
            reply::Given::Answer(_, form, _) => {
                let right = answer.is_some_and(|answer| self.is_right(&answer));
                (if right { Outcome::Correct } else { Outcome::Wrong }, Some(*form))
            }
        };
        verdict.answer = answer.as_ref().map(answer::Listed::key);
        self.components(answer.as_ref(), stated, &mut verdict.components);
        verdict
    }
}
