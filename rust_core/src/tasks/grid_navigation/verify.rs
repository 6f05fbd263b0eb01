//! Judging a reply: the answer is walked as it is read; the steps are judged by `judge`.
//!
//! An answer is a list of moves: words, initials (`l r u d`, one by one) or arrows, in any case; or `No path exists`,
//! whole. `right → up` is two moves: arrows to the right between words are commas.

use std::ops::Range;

use super::{
    problem::Problem,
    bits::{Heading, Place},
    judge::{Ends, judge},
};
use crate::{
    reply::{Given, Part, Read, Spelling, Taken, given, items},
    scan::{Token, tokens},
    verdict::{Answers, Outcome, Verdict},
};

/// The most moves that letters run together and repetitions may make: more than any walk needs.
const MOST_MOVES: usize = 4096;

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

impl Answer {
    /// Tells it from other answers.
    fn key(&self) -> u64 {
        match self {
            Self::Moves(walk) => walk.hash ^ (walk.moves as u64).rotate_left(32),
            Self::NoPath => u64::MAX,
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

    /// Goes on in one direction, but no farther than any walk needs to.
    fn repeat(&mut self, problem: &Problem, heading: Heading, times: u64) -> Option<()> {
        let most = MOST_MOVES.saturating_sub(self.moves) as u64;
        (times <= most).then(|| (0..times).for_each(|_| self.go(problem, heading)))
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
    match given(reply, answers, |text, spelling| read(problem, text, spelling)) {
        Given::Nothing => {}
        Given::Ambiguous => verdict.outcome = Outcome::Ambiguous,
        Given::Answer(answer, form, span) => {
            verdict.form = Some(form);
            verdict.answer = Some(answer.key());
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
fn read(problem: &Problem, text: &[u8], spelling: Spelling) -> Option<Read<Answer>> {
    if spelling == Spelling::Loose {
        return read_loose(problem, text);
    }
    if let Some(walk) = read_plain(problem, text) {
        return Some(Read { value: Answer::Moves(walk), items: walk.moves, part: false });
    }
    let mut walk = Walk::new(problem);
    let listed = items(text, |part| match part {
        Part::Word(word) | Part::Arrow(word) => match heading(word) {
            Some(heading) => {
                walk.go(problem, heading);
                Taken::Item
            }
            None => Taken::Foreign,
        },
        Part::Number(_) => Taken::Foreign,
    });
    match listed {
        Some(items) => Some(Read { value: Answer::Moves(walk), items, part: false }),
        None => no_path(text, &["no", "path", "exists"]).then_some(Read { value: Answer::NoPath, items: 2, part: false }),
    }
}

/// `URRD`, `up x3`, `3 up`, `up (2)`, `there is no path`.
#[cold]
fn read_loose(problem: &Problem, text: &[u8]) -> Option<Read<Answer>> {
    const NONE: [&[&str]; 8] = [
        &["there", "is", "no", "path"],
        &["there", "is", "no", "valid", "path"],
        &["no", "path"],
        &["no", "valid", "path"],
        &["no", "valid", "path", "exists"],
        &["no", "possible", "path"],
        &["no", "path", "is", "possible"],
        &["no", "such", "path", "exists"],
    ];
    if NONE.iter().any(|words| no_path(text, words)) {
        return Some(Read { value: Answer::NoPath, items: 2, part: false });
    }
    let (text, counted) = counted(text);
    let mut factors = factors(text)?.into_iter();
    let mut walk = Walk::new(problem);
    let (mut last, mut times) = (None, 1);
    items(text, |part| {
        let taken = match part {
            Part::Word(word) if is_times(word) => Some(Taken::Nothing),
            Part::Word(word) => match (heading(word), letters(word)) {
                (Some(heading), _) => {
                    last = Some(heading);
                    walk.repeat(problem, heading, std::mem::replace(&mut times, 1)).map(|()| Taken::Item)
                }
                (None, Some(letters)) => letters
                    .iter()
                    .try_for_each(|letter| walk.repeat(problem, heading(&[*letter])?, 1))
                    .map(|()| Taken::Item),
                (None, None) => None,
            },
            Part::Number(number) if number > 0 => match (factors.next(), last) {
                (Some(Side::After), Some(heading)) => walk.repeat(problem, heading, number - 1).map(|()| Taken::Nothing),
                (Some(Side::Before), _) => {
                    times = number;
                    Some(Taken::Nothing)
                }
                _ => None,
            },
            Part::Arrow(_) | Part::Number(_) => None,
        };
        taken.unwrap_or(Taken::Foreign)
    })?;
    let told = walk.moves > 0 && counted.is_none_or(|count| count == walk.moves as u64);
    told.then_some(Read { value: Answer::Moves(walk), items: 2, part: false })
}

/// Where the heading stands that a number repeats.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Before,
    After,
}

/// For each number of a text, whether it stands before its heading or after it; `None` where that cannot be told.
fn factors(text: &[u8]) -> Option<Vec<Side>> {
    let mut sides = Vec::new();
    let mut tokens = tokens(text).filter(|(token, _)| {
        !matches!(token, Token::Mark(b'*' | b'(' | b')' | b'_' | b'`' | b'"' | b'\'')) && !matches!(token, Token::Word(word) if is_times(word))
    });
    let is_heading = |token: Option<Token<'_>>| matches!(token, Some(Token::Word(word)) if heading(word).is_some());
    let (mut before, mut here) = (None, tokens.next().map(|(token, _)| token));
    while let Some(token) = here {
        let next = tokens.next().map(|(token, _)| token);
        if let Token::Number(_) = token {
            sides.push(match (is_heading(before), is_heading(next)) {
                (true, false) => Side::After,
                (false, true) => Side::Before,
                _ => return None,
            });
        }
        (before, here) = (here, next);
    }
    Some(sides)
}

/// What may stand between a heading and its number.
fn is_times(word: &[u8]) -> bool {
    word.eq_ignore_ascii_case(b"x") || word.eq_ignore_ascii_case(b"times")
}

/// A text without the remark `(4 moves)` at its end, and the number in it.
fn counted(text: &[u8]) -> (&[u8], Option<u64>) {
    let Some(open) = memchr::memrchr(b'(', text) else { return (text, None) };
    let mut words = tokens(&text[open..]).map(|(token, _)| token).filter(|token| !token.is_dressing());
    match (words.next(), words.next(), words.next()) {
        (Some(Token::Number(count)), Some(word), None)
            if ["moves", "steps", "move", "step", "total"].iter().any(|name| word.is(name)) =>
        {
            (&text[..open], Some(count))
        }
        _ => (text, None),
    }
}

/// Initials of moves run together, all capitals or all small.
fn letters(word: &[u8]) -> Option<&[u8]> {
    let same = word.iter().all(u8::is_ascii_uppercase) || word.iter().all(u8::is_ascii_lowercase);
    (same && word.len() > 1 && word.iter().all(|letter| b"udlr".contains(&(letter | 0x20)))).then_some(word)
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

/// Whether a text says these words and nothing else.
fn no_path(text: &[u8], words: &[&str]) -> bool {
    let mut at = 0;
    let listed = items(text, |part| match part {
        Part::Word(word) if words.get(at).is_some_and(|due| word.eq_ignore_ascii_case(due.as_bytes())) => {
            at += 1;
            Taken::Item
        }
        _ => Taken::Foreign,
    });
    listed.is_some() && at == words.len()
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
