//! Judging a reply: the answer is walked as it is read; the steps are judged by `judge`.
//!
//! An answer is a list of moves: words, initials (`l r u d`, one by one) or arrows, in any case, with
//! commas, spaces, brackets and the like between them; or `No path exists`, whole. `right → up` is two
//! moves: arrows to the right between words are commas.

use std::ops::Range;

use super::{
    Problem,
    bits::{Heading, Place},
    judge::{Ends, judge},
};
use crate::{
    reply::{Given, given},
    scan::{Token, tokens},
    verdict::{Answers, Outcome, Verdict},
};

/// An answer, as far as it matters. Two answers are the same if they make the same moves.
#[derive(Debug, Clone, Copy)]
enum Answer {
    Moves(Walk),
    NoPath,
}

impl PartialEq for Answer {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Moves(a), Self::Moves(b)) => (a.moves, a.hash) == (b.moves, b.hash),
            (Self::NoPath, Self::NoPath) => true,
            _ => false,
        }
    }
}

/// A walk over a problem's grid, as it goes.
#[derive(Debug, Clone, Copy)]
struct Walk {
    moves: usize,
    /// Of the moves.
    hash: u64,
    /// Where the walker is; obstacles do not stop it, the edge does.
    place: Place,
    /// Where it last kept to the rules.
    good: Place,
    /// Objects not collected by then.
    left: u8,
    /// Obstacles entered.
    hits: usize,
    left_grid: bool,
}

impl Walk {
    fn new(problem: &Problem) -> Self {
        Self {
            moves: 0,
            hash: 0,
            place: problem.start,
            good: problem.start,
            left: problem.everything(),
            hits: 0,
            left_grid: false,
        }
    }

    #[inline]
    fn go(&mut self, problem: &Problem, heading: Heading) {
        self.moves += 1;
        self.hash = (self.hash ^ (heading as u64 + 1)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(23);
        if self.left_grid {
            return;
        }
        let Some(next) = problem.step(self.place, heading) else {
            self.left_grid = true;
            return;
        };
        self.place = next;
        if !problem.free.has(next) {
            self.hits += 1;
        } else if self.hits == 0 {
            self.good = next;
            if let Some(at) = problem.object(next) {
                self.left &= !(1 << at);
            }
        }
    }

    fn reached(&self, problem: &Problem) -> bool {
        !self.left_grid && self.place == problem.destination
    }

    fn complete(&self, problem: &Problem) -> bool {
        self.reached(problem) && self.hits == 0 && self.left == 0
    }
}

/// Judges a reply.
pub fn verify(problem: &Problem, reply: &[u8], answers: Answers) -> Verdict {
    let mut verdict = Verdict::default();
    let mut concluded: Option<(Range<usize>, bool)> = None;
    match given(reply, answers, |text| read(problem, text)) {
        Given::Nothing => {}
        Given::Ambiguous => verdict.outcome = Outcome::Ambiguous,
        Given::Answer(answer, form, span) => {
            verdict.form = Some(form);
            let correct = match answer {
                Answer::NoPath => problem.shortest.is_none(),
                Answer::Moves(walk) => walk.complete(problem),
            };
            facts(problem, &answer, correct, &mut verdict);
            verdict.outcome = if correct { Outcome::Correct } else { Outcome::Wrong };
            concluded = Some((span, correct));
        }
    }
    let Ends { source, destination } = judge(problem, reply, concluded, &mut verdict.steps);
    let known = |claim: Option<bool>| claim.map_or(f32::NAN, |right| f32::from(u8::from(right)));
    verdict.components[5] = known(source);
    verdict.components[6] = known(destination);
    verdict
}

/// Fills in all components but those of the rationale. `No path exists` is a walk of no moves, but for its length.
fn facts(problem: &Problem, answer: &Answer, correct: bool, verdict: &mut Verdict) {
    let (walk, ratio) = match (answer, problem.shortest) {
        (Answer::Moves(walk), Some(shortest)) => (*walk, walk.moves as f32 / f32::from(shortest)),
        (Answer::Moves(walk), None) => (*walk, f32::NAN),
        (Answer::NoPath, _) => (Walk::new(problem), f32::NAN),
    };
    let flag = |claim: bool| f32::from(u8::from(claim));
    let objects = problem.objects.len();
    let collected = objects - walk.left.count_ones() as usize;
    let share = if objects == 0 { 1.0 } else { collected as f32 / objects as f32 };
    verdict.components[..5].copy_from_slice(&[
        flag(walk.reached(problem)),
        share,
        walk.hits as f32,
        flag(walk.left_grid),
        ratio,
    ]);
    verdict.components[7] = if correct { 1.0 } else { problem.gained(walk.good, walk.left).min(0.999) as f32 };
}

/// Reads a whole answer, walking it on the way.
fn read(problem: &Problem, text: &[u8]) -> Option<Answer> {
    if let Some(walk) = read_plain(problem, text) {
        return Some(Answer::Moves(walk));
    }
    let mut walk = Walk::new(problem);
    for heading in moves(text) {
        let Some(heading) = heading else {
            return no_path(text).then_some(Answer::NoPath);
        };
        walk.go(problem, heading);
    }
    (walk.moves > 0).then_some(Answer::Moves(walk))
}

/// The common case, fast: lower-case words with commas and spaces between them.
#[inline]
fn read_plain(problem: &Problem, text: &[u8]) -> Option<Walk> {
    let mut walk = Walk::new(problem);
    let mut rest = text;
    loop {
        let (heading, length) = match rest {
            [b' ' | b',', ..] => {
                rest = &rest[1..];
                continue;
            }
            [b'r', b'i', b'g', b'h', b't', ..] => (Heading::Right, 5),
            [b'l', b'e', b'f', b't', ..] => (Heading::Left, 4),
            [b'd', b'o', b'w', b'n', ..] => (Heading::Down, 4),
            [b'u', b'p', ..] => (Heading::Up, 2),
            [] if walk.moves > 0 => return Some(walk),
            _ => return None,
        };
        rest = &rest[length..];
        if rest.first().is_some_and(|next| !matches!(next, b' ' | b',')) {
            return None;
        }
        walk.go(problem, heading);
    }
}

fn no_path(text: &[u8]) -> bool {
    const WORDS: [&str; 3] = ["no", "path", "exists"];
    let mut at = 0;
    let mut latex = false;
    for (token, _) in tokens(text) {
        let command = std::mem::replace(&mut latex, token == Token::Mark(b'\\'));
        if at < WORDS.len() && token.is(WORDS[at]) {
            at += 1;
        } else if !(latex || token.is_dressing() || (command && token.is("text"))) {
            return false;
        }
    }
    at == WORDS.len()
}

/// The moves of an answer; `None` for anything that is neither move nor dressing.
fn moves(text: &[u8]) -> impl Iterator<Item = Option<Heading>> + '_ {
    let arrows_divide = divided_by_arrows(text);
    let mut latex = false;
    tokens(text).filter_map(move |(token, span)| {
        let command = std::mem::replace(&mut latex, token == Token::Mark(b'\\'));
        if latex || token.is_dressing() {
            return None;
        }
        let Token::Word(word) = token else { return Some(None) };
        if command {
            return match word {
                b"rightarrow" => Some(Some(Heading::Right)),
                b"leftarrow" => Some(Some(Heading::Left)),
                b"uparrow" => Some(Some(Heading::Up)),
                b"downarrow" => Some(Some(Heading::Down)),
                b"text" | b"textbf" | b"mathrm" | b"mathbf" | b"boxed" | b"quad" | b"left" | b"right" => None,
                _ => Some(None),
            };
        }
        if arrows_divide && !text[span.start].is_ascii() {
            return None;
        }
        Some(heading(word))
    })
}

/// Whether all arrows point to the right and stand between words.
fn divided_by_arrows(text: &[u8]) -> bool {
    if text.is_ascii() {
        return false;
    }
    let (mut word, mut divided) = (false, false);
    for (token, span) in tokens(text) {
        if let Token::Word(name) = token {
            let arrow = !text[span.start].is_ascii();
            if arrow && (!word || name != b"right") {
                return false;
            }
            divided |= arrow;
            word = !arrow;
        }
    }
    divided && word
}

/// A word or an initial as a move, in any case.
#[inline]
pub fn heading(word: &[u8]) -> Option<Heading> {
    let (&first, rest) = word.split_first()?;
    let (heading, tail): (Heading, &[u8]) = match first | 0x20 {
        b'u' => (Heading::Up, b"p"),
        b'd' => (Heading::Down, b"own"),
        b'l' => (Heading::Left, b"eft"),
        b'r' => (Heading::Right, b"ight"),
        _ => return None,
    };
    (rest.is_empty() || rest.eq_ignore_ascii_case(tail)).then_some(heading)
}
