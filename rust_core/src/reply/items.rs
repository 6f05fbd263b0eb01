//! The parts of an answer, one reader for all tasks: what is an item is the task's to say; what may stand
//! between and around items is said here.
//!
//! Between items stand commas, semicolons, slashes, bars, full stops, line ends, "and", "then" and arrows (`->`,
//! `→`, `\to`). Around them stand quotes, bold marks, brackets, bullets, numbering, LaTeX (`\text{…}`, `~`) and the
//! marks of other forms (`\boxed{…}`, `<answer>…</answer>`, `Answer:`). Anything else makes the whole no answer.

use std::ops::Range;

use super::latex::{Command, Commands};
use crate::scan::{Token, tokens};

/// A part of an answer as a task sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part<'a> {
    /// A word, in any case.
    Word(&'a [u8]),
    /// A number.
    Number(u64),
    /// An arrow, as the word of its direction.
    Arrow(&'static [u8]),
}

/// What a task makes of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// An item of the answer.
    Item,
    /// A word that says nothing by itself.
    Nothing,
    /// No part of an answer.
    Foreign,
}

/// Words that may stand between items.
const JOINTS: [&str; 5] = ["and", "then", "next", "finally", "followed"];

/// How many items a text has, each as `take` takes it; `None` where anything else is in it, or no item.
pub fn items<'a>(text: &'a [u8], mut take: impl FnMut(Part<'a>) -> Taken) -> Option<usize> {
    walked(text, b"", |part, _| take(part))
}

/// The same of items that have several parts, each of which comes with the bytes it takes: `ca 8`, `ca: 8`, `(c, a) = 8`.
pub fn jointed<'a>(text: &'a [u8], take: impl FnMut(Part<'a>, Range<usize>) -> Taken) -> Option<usize> {
    walked(text, b":=", take)
}

/// The same where some more marks may stand within an item.
fn walked<'a>(
    text: &'a [u8],
    joints: &'static [u8],
    mut take: impl FnMut(Part<'a>, Range<usize>) -> Taken,
) -> Option<usize> {
    let arrows = Arrows::of(text)?;
    let mut walk = Walk::new(text, arrows, joints);
    let mut all = tokens(text).peekable();
    while let Some((token, span)) = all.next() {
        walk.line_of(&span);
        let next = all.peek().map(|(token, span)| (*token, span.clone()));
        match walk.classify(token, &span, next.as_ref()) {
            Step::Pass => {}
            Step::Skip(to) => while all.next_if(|(_, span)| span.start < to).is_some() {},
            Step::Fail => return None,
            Step::Part(part) => match take(part, span.clone()) {
                Taken::Item => walk.item(matches!(part, Part::Number(_))),
                Taken::Nothing => walk.begun = !joints.is_empty(),
                Taken::Foreign => match part {
                    // `1. up 2. right`: where numbers are no items, they may count.
                    Part::Number(number)
                        if number == walk.count as u64 + 1 && marks_numbering(next.as_ref(), &span) => {}
                    _ => return None,
                },
            },
        }
    }
    walk.finish()
}

/// What to do with a token.
enum Step<'a> {
    Pass,
    /// Go on at this byte.
    Skip(usize),
    Part(Part<'a>),
    Fail,
}

/// What arrows mean in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Arrows {
    /// There are none, or nothing but arrows: they are items.
    Items,
    /// All point to the right and stand between other items.
    Joints,
}

impl Arrows {
    /// `None` where arrows and words are mixed so that it cannot be told.
    fn of(text: &[u8]) -> Option<Self> {
        if text.is_ascii() && memchr::memchr(b'\\', text).is_none() {
            return Some(Self::Items);
        }
        let (mut words, mut arrows, mut right, mut last_word, mut between) = (0, 0, true, false, true);
        let mut commands = Commands::default();
        for (token, span) in tokens(text) {
            let named = commands.take(text, token, &span);
            match token {
                Token::Word(word) => match arrow(text, word, &span, named) {
                    Some(direction) => {
                        arrows += 1;
                        right &= direction == b"right";
                        between &= last_word;
                        last_word = false;
                    }
                    None if named && is_passed_over(word) => {}
                    None => {
                        words += 1;
                        last_word = true;
                    }
                },
                Token::Number(_) => {
                    words += 1;
                    last_word = true;
                }
                _ => {}
            }
        }
        match (words, arrows) {
            (0, _) | (_, 0) => Some(Self::Items),
            _ if right && between && last_word => Some(Self::Joints),
            // `1. → 2. ↑` numbers arrows; whether it does, the numbers tell.
            _ if !between && words <= arrows + 1 => Some(Self::Items),
            _ => None,
        }
    }
}

/// The direction of an arrow, as a character or as a command of LaTeX.
fn arrow(text: &[u8], word: &[u8], span: &Range<usize>, command: bool) -> Option<&'static [u8]> {
    if command {
        return if let Command::Arrow(direction) = Command::named(word) { Some(direction) } else { None };
    }
    if text[span.start].is_ascii() {
        return None;
    }
    [&b"left"[..], b"up", b"right", b"down"].into_iter().find(|direction| *direction == word)
}

/// Whether a command says nothing of its own.
fn is_passed_over(command: &[u8]) -> bool {
    matches!(Command::named(command), Command::Dress | Command::Box | Command::Joint)
}

/// Whether a mark of numbering follows directly.
fn marks_numbering(next: Option<&(Token<'_>, Range<usize>)>, span: &Range<usize>) -> bool {
    next.is_some_and(|(token, at)| at.start == span.end && matches!(token, Token::Mark(b'.' | b')' | b':')))
}

/// A text as far as it has been read.
struct Walk<'a> {
    text: &'a [u8],
    arrows: Arrows,
    /// Marks that may stand within an item, if items have several parts.
    joints: &'static [u8],
    /// Whether a part of such an item was taken.
    begun: bool,
    /// Items so far.
    count: usize,
    /// Where the last token ended.
    last: usize,
    commands: Commands,
    /// Square brackets and parentheses.
    groups: [Group; 2],
    /// Where the first token of the line begins, and how many lines are numbered, of how many.
    line: usize,
    numbered: usize,
    lines: usize,
    /// Whether items are numbers.
    numbers: bool,
}

/// Brackets of one kind.
#[derive(Default, Clone, Copy)]
struct Group {
    open: bool,
    /// Groups that held items.
    closed: usize,
    /// Items in the one that is open, the most in one, and all that were in any.
    inside: usize,
    most: usize,
    within: usize,
}

impl<'a> Walk<'a> {
    fn new(text: &'a [u8], arrows: Arrows, joints: &'static [u8]) -> Self {
        Self {
            text,
            arrows,
            joints,
            begun: false,
            count: 0,
            last: 0,
            commands: Commands::default(),
            groups: [Group::default(); 2],
            line: usize::MAX,
            numbered: 0,
            lines: 0,
            numbers: false,
        }
    }

    /// Notes the line that a token begins, if it does.
    fn line_of(&mut self, span: &Range<usize>) {
        if self.line == usize::MAX {
            self.line = span.start;
            self.lines = 1;
        } else if memchr::memchr(b'\n', &self.text[self.last..span.start]).is_some() {
            self.line = span.start;
            self.lines += 1;
        }
        self.last = span.end;
    }

    fn classify(
        &mut self,
        token: Token<'a>,
        span: &Range<usize>,
        next: Option<&(Token<'a>, Range<usize>)>,
    ) -> Step<'a> {
        let command = self.commands.take(self.text, token, span);
        let follows = |byte: u8| next.is_some_and(|(token, at)| *token == Token::Mark(byte) && at.start == span.end);
        match token {
            Token::Word(word) => {
                if let Some(direction) = arrow(self.text, word, span, command) {
                    return if self.arrows == Arrows::Joints { Step::Pass } else { Step::Part(Part::Arrow(direction)) };
                }
                if command {
                    return if is_passed_over(word) { Step::Pass } else { Step::Fail };
                }
                let is = |name: &str| word.eq_ignore_ascii_case(name.as_bytes());
                if is("answer") && self.count == 0 && self.colon_after(span.end).is_some() {
                    return Step::Skip(self.colon_after(span.end).unwrap_or(span.end));
                }
                if (is("final") || is("the"))
                    && self.count == 0
                    && next.is_some_and(|(token, _)| token.is("answer") || token.is("final"))
                {
                    return Step::Pass;
                }
                if self.count > 0 && next.is_some() && JOINTS.iter().any(|joint| is(joint)) {
                    return Step::Pass;
                }
                if self.count > 0 && is("by") && next.is_some() {
                    return Step::Pass; // "followed by"
                }
                Step::Part(Part::Word(word))
            }
            Token::Number(number) => {
                let first = span.start == self.line;
                if first && marks_numbering(next, span) && self.is_numbering(number, span.end) {
                    self.numbered += 1;
                    return Step::Skip(span.end + 1);
                }
                Step::Part(Part::Number(number))
            }
            Token::Mark(mark) => self.mark(mark, command, span, follows(b'>')),
            Token::Other => match &self.text[span.clone()] {
                [0xE2, 0x80, 0xA2] | [0xC2, 0xB7] => Step::Pass, // • and ·
                _ => Step::Fail,
            },
        }
    }

    /// Whether a number at a line's start, with a mark behind it, only counts the line: it is this line's number, and
    /// something other than the line's end follows.
    fn is_numbering(&self, number: u64, end: usize) -> bool {
        let rest = &self.text[end + 1..];
        let rest = &rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())];
        // `3.5` is no numbering, and `1.` alone is an item with a full stop.
        number == self.numbered as u64 + 1 && rest.first() == Some(&b' ') && !rest.trim_ascii().is_empty()
    }

    fn mark(&mut self, mark: u8, command: bool, span: &Range<usize>, arrow: bool) -> Step<'a> {
        let begins = self.line == span.start;
        match mark {
            // `\[` and `\(`, `\!` and `\:`.
            b'[' | b']' | b'(' | b')' | b'!' | b':' if command => Step::Pass,
            b'[' => self.open(0),
            b']' => self.close(0),
            b'(' => self.open(1),
            b')' => self.close(1),
            b'<' => self.tag(span.start).map_or(Step::Fail, Step::Skip),
            _ if self.begun && self.joints.contains(&mark) => Step::Pass,
            b'>' if begins || self.count > 0 || self.begun => Step::Pass, // a quotation, or half an arrow
            b'.' if self.is_decimal(span) => Step::Fail,
            b'#' if self.count == 0 => Step::Pass,
            b'-' | b'=' if arrow => Step::Pass,
            // Bullets; a dash between words joins, before a number it is a minus sign.
            b'-' | b'+' if begins && self.text.get(span.end) == Some(&b' ') => Step::Pass,
            b'-' if self.joins(span) => Step::Pass,
            b'!' | b'?' | b':' | b'%' | b'&' | b'@' | b'^' | b'+' | b'=' | b'-' | b'>' | b'#' => Step::Fail,
            _ => Step::Pass, // \ { } " ' ` * _ , ; . $ ~ / |
        }
    }

    /// A full stop with digits on both sides: `3.5` is no list.
    fn is_decimal(&self, span: &Range<usize>) -> bool {
        let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        digit(self.text[..span.start].last()) && digit(self.text.get(span.end))
    }

    /// A dash with letters on both sides, spaces aside; or one of several, as rules and arrows have.
    fn joins(&self, span: &Range<usize>) -> bool {
        let before = self.text[..span.start].trim_ascii_end().last();
        let after = self.text[span.end..].trim_ascii_start().first();
        let letter = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
        (letter(before) && letter(after)) || before == Some(&b'-') || after == Some(&b'-')
    }

    fn open(&mut self, kind: usize) -> Step<'a> {
        let group = &mut self.groups[kind];
        if group.open {
            return if group.inside == 0 { Step::Pass } else { Step::Fail };
        }
        (group.open, group.inside) = (true, 0);
        Step::Pass
    }

    fn close(&mut self, kind: usize) -> Step<'a> {
        let group = &mut self.groups[kind];
        if group.open && group.inside > 0 {
            group.closed += 1;
            group.most = group.most.max(group.inside);
            group.within += group.inside;
        }
        group.open = false;
        Step::Pass
    }

    fn item(&mut self, number: bool) {
        self.count += 1;
        // Where items have several parts, a number that is one of them stands behind a name.
        self.numbers |= number && self.joints.is_empty();
        for group in &mut self.groups {
            group.inside += usize::from(group.open);
        }
    }

    /// Where the colon after a word ends, bold marks aside.
    fn colon_after(&self, end: usize) -> Option<usize> {
        let rest = &self.text[end..self.text.len().min(end + 8)];
        let at = rest.iter().position(|byte| !matches!(byte, b'*' | b'_' | b' '))?;
        match &rest[at..] {
            [b':', ..] => Some(end + at + 1),
            [0xEF, 0xBC, 0x9A, ..] => Some(end + at + 3),
            _ => None,
        }
    }

    /// The end of `<answer>` or `</answer>` if it starts here.
    fn tag(&self, at: usize) -> Option<usize> {
        super::places::TAGS.iter().find_map(|tag| {
            let text = &self.text[at..];
            let slash = usize::from(text.get(1) == Some(&b'/'));
            let name = text.get(1 + slash..)?;
            let head = name.get(..tag.len())?;
            (head.eq_ignore_ascii_case(tag.as_bytes()) && name.get(tag.len()) == Some(&b'>'))
                .then_some(at + 2 + slash + tag.len())
        })
    }

    /// The number of items, if brackets and numbering left no doubt.
    fn finish(mut self) -> Option<usize> {
        for kind in 0..2 {
            if self.groups[kind].open {
                self.close(kind);
            }
        }
        for group in self.groups {
            let whole = group.within == 0 || group.within == self.count;
            if !whole || (group.closed > 1 && group.most > 1) {
                return None;
            }
        }
        // Two lists side by side are not one, though each item may stand in parentheses.
        if self.groups[0].closed > 1 {
            return None;
        }
        // Numbers of some lines alone may be items, and so may those that are followed by several.
        let numbering = match self.numbered {
            0 => true,
            numbered if self.numbers => numbered == self.count,
            numbered => numbered == self.lines || numbered == self.count,
        };
        (self.count > 0 && numbering).then_some(self.count)
    }
}
