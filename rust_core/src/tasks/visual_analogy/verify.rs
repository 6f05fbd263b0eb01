//! The verdict on a reply: the answer, and every claim of a rationale found in it.
//!
//! A claim starts with `Example n` (`e1`), `Query` (`q`), `Option n` (`o1`) or `Common relation` (`rule`), behind
//! whatever preface. What starts otherwise is no step, nor is a list of whole objects as the twin has them.

use std::ops::Range;

use super::{
    problem::Analogy,
    judge::Judge,
    vocabulary::{Meaning, meaning},
};
use crate::{
    reply::{Given, Part, Read, Spelling, Taken, given, items},
    scan::lines,
    verdict::{Answers, Form, Outcome, Reason, Skill, State, Step, Verdict},
};

/// Judges a reply.
pub fn verify(analogy: &Analogy, reply: &[u8], answers: Answers) -> Verdict {
    let mut judge = Judge::new(analogy, reply.len());
    let mut verdict = Verdict::default();
    let right = u64::from(analogy.answer) + 1;
    let answer = match given(reply, answers, option) {
        Given::Nothing => None,
        Given::Ambiguous => {
            verdict.outcome = Outcome::Ambiguous;
            verdict.components[0] = 0.0;
            None
        }
        Given::Answer(value, form, span) => {
            let correct = value == right;
            verdict.outcome = if correct { Outcome::Correct } else { Outcome::Wrong };
            verdict.form = Some(form);
            verdict.answer = Some(value);
            verdict.components[0] = f32::from(u8::from(correct));
            let span = marked(reply, form, span);
            judge.end = span.start;
            Some(if correct {
                Step::ok(span, Skill::Conclude)
            } else {
                Step::wrong(span, Skill::Conclude, Reason::WrongConclusion)
            })
        }
    };
    for line in lines(reply) {
        judge.line(&reply[line.clone()], line.start);
    }
    if let Some(mut step) = answer {
        if step.state == State::Ok && judge.claims > 0 && !judge.has_ground() {
            (step.state, step.reason) = (State::Unsupported, Reason::Incomplete);
        }
        let place = judge.steps.partition_point(|other| other.start < step.start);
        judge.steps.insert(place, step);
    }
    [verdict.components[1], verdict.components[2], verdict.components[3]] = judge.components();
    verdict.steps = judge.steps;
    verdict
}

/// Reads `3`, `option 3`, `(3)`, `three`.
fn option(text: &[u8], spelling: Spelling) -> Option<Read<u64>> {
    if spelling == Spelling::Loose {
        return None; // there is no other way to spell a number
    }
    let (mut number, mut named) = (None, false);
    let count = items(text, |part| {
        let value = match part {
            Part::Number(value) => Some(value),
            Part::Word(word) => match meaning(word) {
                Meaning::Number(value) => Some(u64::from(value)),
                Meaning::Choice if word.len() > 1 && !named && number.is_none() => {
                    named = true;
                    return Taken::Nothing;
                }
                _ => None,
            },
            Part::Arrow(_) => None,
        };
        number = number.or(value);
        if value.is_some() { Taken::Item } else { Taken::Foreign }
    })?;
    number.filter(|_| count == 1).map(|value| Read { value, items: 2, part: false })
}

/// The bytes of an answer with the mark before it, without white space around.
fn marked(reply: &[u8], form: Form, span: Range<usize>) -> Range<usize> {
    let end = span.start + reply[span.clone()].trim_ascii_end().len();
    let before = match form {
        // `read` takes what follows the colon; before it stands the word, bold marks aside.
        Form::Line => {
            let from = span.start.saturating_sub(20);
            let tail = &reply[from..span.start];
            let word = (0..tail.len())
                .rev()
                .find(|&at| tail.get(at..at + 6).is_some_and(|word| word.eq_ignore_ascii_case(b"answer")));
            return word.map_or(span.start, |at| from + at)..end;
        }
        Form::Tag => 8,
        Form::Boxed => 7,
        _ => 0,
    };
    span.start.saturating_sub(before)..end
}

