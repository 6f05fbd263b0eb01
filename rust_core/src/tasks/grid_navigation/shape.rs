//! Which part of a line is in the rationale's own form, and what stands before it.
//!
//! A line is in that form if its words are those of the rationale's lines and the first of them begins one. It may
//! stand behind a preface, which ends in a mark; words that lead from step to step, such as `Step 3:`, leave it as
//! it is, and behind other talk only what is false in itself can be wrong.

use std::ops::Range;

use super::lines::{Key, Line, Said, is_cell, key_of};
use crate::{
    scan::{Token, tokens},
    tasks::readout::tone::{ASIDE, DENY, tone},
};

/// How a line says what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// As the rationale does; the bytes that do.
    Own(Range<usize>, Opener),
    /// The same, behind talk.
    Behind(Range<usize>, Opener),
    /// In other words.
    Loose,
    /// In words that deny, doubt or plan it.
    Weighed,
}

/// What a line of the rationale begins with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Opener {
    /// `ca right cb`, `ca to bb`, `dc retrace ec`
    Cell,
    /// `From (c, a) go right to (c, b)`
    From,
    /// `At (c, a):`
    At,
    /// `The start is (c, a)`
    The,
    /// `up: (b, a) closed (dot)`
    Heading,
    /// `collect heart ac`, `Not reachable: the heart at (a, c)`
    List,
    /// `retrace to (c, a)`
    Retrace,
}

impl Opener {
    /// Whether a line that begins so says what such lines say.
    pub fn fits(self, line: &Line) -> bool {
        let moves = line.heading.is_some() && line.target.is_some();
        match self {
            Self::Cell => line.heading.is_some() || line.said.has(Said::TO) || line.check.is_some(),
            Self::From => moves && line.origin.is_some(),
            Self::At => line.heading.is_none() && line.target.is_none() && line.origin.is_some(),
            Self::The => line.said.has(Said::START) && line.said.has(Said::DESTINATION) && line.target.is_some(),
            Self::Heading => line.check.is_some(),
            Self::List => line.listed.is_some(),
            Self::Retrace => line.check == Some(Key::Retrace),
        }
    }
}

/// Words of the rationale's lines that are no keywords.
const OWN: [&str; 16] = [
    "from", "go", "which", "is", "where", "the", "was", "held", "and", "it", "back", "dead", "end", "step", "steps", "again",
];

/// Words that lead from step to step.
const LEADS: [&str; 36] = [
    "step", "move", "next", "then", "now", "first", "second", "third", "finally", "and", "so", "i", "we", "do", "take",
    "number", "no", "line", "after", "that", "okay", "ok", "well", "also", "moving", "on", "action", "turn", "again",
    "last", "lastly", "my", "this", "is", "follows", "here",
];

/// Tells how a line says what it says, in one pass.
pub fn shape(line: &[u8]) -> Shape {
    let mut tail: Option<(usize, Opener)> = None;
    // Whether a line of the rationale may begin here, and whether what stands before is more than words that lead to it.
    let (mut open, mut talk, mut weighed) = (true, false, false);
    let mut end = 0;
    let mut all = tokens(line).peekable();
    let (mut quoted, mut turned) = (false, false);
    while let Some((token, span)) = all.next() {
        match token {
            Token::Word(word) => {
                end = span.end;
                let does = tone(word);
                // Where a cell is due two letters are one, whether they are a word as well, or name no cell there is.
                let listed = matches!(tail, Some((_, Opener::List)));
                let is_own = own(line, word, &span) || (word.len() == 2 && (turned || listed));
                turned = matches!(key_of(line, word, &span), Some(Key::Heading(_) | Key::To | Key::Retrace));
                weighed |= does.is(DENY) || does.is(ASIDE) || (quoted && token.is("t"));
                if tail.is_some() {
                    if !is_own {
                        (tail, open, talk) = (None, false, true);
                    }
                } else if open && (is_own || word.len() == 2) {
                    let next = all.peek().map(|(token, _)| *token);
                    match opener(line, word, &span, next) {
                        Some(opener) => tail = Some((span.start, opener)),
                        None => (open, talk) = (false, talk || !leads(word)),
                    }
                } else {
                    talk |= !leads(word);
                    open = false;
                }
                quoted = false;
            }
            Token::Mark(mark) => {
                quoted = mark == b'\'' || mark == b'"';
                weighed |= mark == b'?';
                open |= tail.is_none() && b":-.)>|,;!".contains(&mark);
                end = if tail.is_some() { span.end } else { end };
            }
            Token::Number(_) => {}
            Token::Other => open |= tail.is_none(),
        }
    }
    match tail {
        Some((start, opener)) if !talk => Shape::Own(start..end.max(start), opener),
        Some(_) if weighed => Shape::Weighed,
        Some((start, opener)) => Shape::Behind(start..end.max(start), opener),
        None if weighed => Shape::Weighed,
        None => Shape::Loose,
    }
}

fn leads(word: &[u8]) -> bool {
    LEADS.iter().any(|lead| word.eq_ignore_ascii_case(lead.as_bytes()))
}

/// Whether a word may stand in a line of the rationale.
fn own(line: &[u8], word: &[u8], span: &Range<usize>) -> bool {
    is_cell(word)
        || word.len() == 1
        || key_of(line, word, span).is_some()
        || OWN.iter().any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

/// What a line begins with, if it is a line of the rationale.
fn opener(line: &[u8], word: &[u8], span: &Range<usize>, next: Option<Token<'_>>) -> Option<Opener> {
    let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
    if is("dead") {
        return Some(Opener::Retrace);
    }
    if is("from") {
        return Some(Opener::From);
    }
    if is("the") {
        let ends = next.is_some_and(|next| ["start", "source", "destination", "goal"].iter().any(|name| next.is(name)));
        return ends.then_some(Opener::The);
    }
    match key_of(line, word, span) {
        Some(Key::At) => return Some(Opener::At),
        Some(Key::Start | Key::Destination) => return Some(Opener::The),
        Some(Key::Heading(_)) => return Some(Opener::Heading),
        Some(Key::Collect | Key::Avoid | Key::Reach | Key::Lost) => return Some(Opener::List),
        Some(Key::Retrace) => return Some(Opener::Retrace),
        Some(_) => return None,
        None => {}
    }
    let goes_on = |next: Token<'_>| ["up", "down", "left", "right", "to", "retrace"].iter().any(|name| next.is(name));
    if word.len() == 2 && next.is_some_and(goes_on) {
        return Some(Opener::Cell);
    }
    let letter = word.len() == 1 && matches!(next, Some(Token::Mark(b',') | Token::Word(_)));
    (is_cell(word) || letter).then_some(Opener::Cell)
}
