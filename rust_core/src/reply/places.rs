//! Where a reply commits to an answer in a marked form: boxes, tags, and lines that begin with `Answer:`.

use std::ops::Range;

use super::latex::{Command, Commands, boxes};
use crate::scan::{Token, tokens};

/// Names of tags that hold an answer.
pub const TAGS: [&str; 3] = ["answer", "final_answer", "finalanswer"];

/// Words that may stand between the start of a sentence and the word "answer".
const LEADING: [&str; 27] = [
    "the",
    "my",
    "our",
    "final",
    "correct",
    "right",
    "so",
    "thus",
    "hence",
    "therefore",
    "then",
    "and",
    "now",
    "finally",
    "here",
    "is",
    "s",
    "this",
    "gives",
    "full",
    "complete",
    "short",
    "overall",
    "in",
    "conclusion",
    "text",
    "boxed",
];

/// The contents of the outermost boxes and of all tags; an open one reaches to the end.
#[derive(Debug, Default)]
pub struct Held {
    /// Of `\boxed{…}`, and whether it was closed.
    pub boxes: Vec<(Range<usize>, bool)>,
    /// Of `<answer>…</answer>`.
    pub tags: Vec<Range<usize>>,
}

impl Held {
    /// Finds them all in one pass each.
    pub fn of(reply: &[u8]) -> Self {
        let mut held = Self::default();
        if memchr::memchr(b'\\', reply).is_some() {
            held.boxes = boxes(reply);
        }
        if memchr::memchr(b'<', reply).is_some() {
            held.tags = tags(reply);
        }
        held
    }

    /// Whether a place is inside any of them.
    pub fn holds(&self, at: usize) -> bool {
        let inside = |span: &Range<usize>| span.contains(&at);
        let near = self.boxes.partition_point(|(span, _)| span.end <= at);
        let tag = self.tags.partition_point(|span| span.end <= at);
        self.boxes.get(near).is_some_and(|(span, _)| inside(span)) || self.tags.get(tag).is_some_and(inside)
    }

    /// Where the last of those ends that begin in a range.
    pub fn end_from(&self, range: &Range<usize>) -> Option<usize> {
        let last = |at: usize, of: &dyn Fn(usize) -> Option<Range<usize>>| {
            of(at.checked_sub(1)?).filter(|span| span.start >= range.start).map(|span| span.end)
        };
        let boxed = self.boxes.partition_point(|(span, _)| span.start <= range.end);
        let tag = self.tags.partition_point(|span| span.start <= range.end);
        let boxed = last(boxed, &|at| self.boxes.get(at).map(|(span, _)| span.clone()));
        boxed.max(last(tag, &|at| self.tags.get(at).cloned()))
    }

    /// Where the one before a place ends and the one after it begins, at the ends of the reply if there is none.
    pub fn between(&self, start: usize, end: usize, length: usize) -> (usize, usize) {
        let (boxes, tags) = (&self.boxes, &self.tags);
        let boxed = boxes.partition_point(|(span, _)| span.end <= start);
        let tag = tags.partition_point(|span| span.end <= start);
        let floor = |at: usize, of: &dyn Fn(usize) -> usize| at.checked_sub(1).map_or(0, of);
        let before = floor(boxed, &|at| boxes[at].0.end).max(floor(tag, &|at| tags[at].end));
        let boxed = boxes.partition_point(|(span, _)| span.start < end);
        let tag = tags.partition_point(|span| span.start < end);
        let after = boxes
            .get(boxed)
            .map_or(length, |(span, _)| span.start)
            .min(tags.get(tag).map_or(length, |span| span.start));
        (before.min(start), after.max(end))
    }

    /// Whether any of them touches a range.
    pub fn touches(&self, range: &Range<usize>) -> bool {
        let touches = |span: &Range<usize>| span.start < range.end && range.start < span.end + 1;
        let near = self.boxes.partition_point(|(span, _)| span.end < range.start);
        let tag = self.tags.partition_point(|span| span.end < range.start);
        self.boxes.get(near).is_some_and(|(span, _)| touches(span)) || self.tags.get(tag).is_some_and(touches)
    }
}

fn tags(reply: &[u8]) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut open: Option<usize> = None;
    for at in memchr::memchr_iter(b'<', reply) {
        let slash = reply.get(at + 1) == Some(&b'/');
        let name = &reply[(at + 1 + usize::from(slash)).min(reply.len())..];
        let Some(tag) = TAGS.iter().find(|tag| {
            name.get(..tag.len()).is_some_and(|head| head.eq_ignore_ascii_case(tag.as_bytes()))
                && name.get(tag.len()) == Some(&b'>')
        }) else {
            continue;
        };
        if !slash {
            open.get_or_insert(at + tag.len() + 2);
        } else if let Some(start) = open.take() {
            found.push(start..at);
        }
    }
    // Generation often stops at the closing tag.
    found.extend(open.map(|start| start..reply.len()));
    found
}

/// A word "answer" with a colon behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Marker {
    /// Where the word begins.
    pub word: usize,
    /// One past the colon.
    pub after: usize,
    /// Whether it begins a line or a sentence, a few words aside; else it is talk of an answer.
    pub leads: bool,
}

/// All markers outside of boxes and tags, the last first.
pub fn markers<'a>(reply: &'a [u8], held: &'a Held) -> impl Iterator<Item = Marker> + 'a {
    let colons = memchr::memrchr2_iter(b':', 0xEF, reply).filter_map(|at| match reply[at] {
        b':' => Some((at, at + 1)),
        _ => reply[at..].starts_with("：".as_bytes()).then_some((at, at + 3)),
    });
    colons.filter_map(move |(colon, after)| {
        let word = answer_before(reply, colon)?;
        (!held.holds(word)).then(|| Marker { word, after, leads: leads(reply, word) })
    })
}

/// Where the word "answer" begins that a place stands behind, bold marks and spaces aside.
pub fn answer_before(reply: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    let floor = at.saturating_sub(8);
    while end > floor && matches!(reply[end - 1], b' ' | b'*' | b'_' | b'\t' | b'}') {
        end -= 1;
    }
    let word = reply[..end].last_chunk::<6>()?;
    let whole = end == 6 || !reply[end - 7].is_ascii_alphanumeric();
    (whole && word.eq_ignore_ascii_case(b"answer")).then(|| end - 6)
}

/// Whether what stands before a word, back to the start of its line or sentence, are but a few words that lead to it.
pub fn leads(reply: &[u8], word: usize) -> bool {
    let mut at = word;
    while at > 0 {
        match reply[at - 1] {
            b'\n' | b'.' | b'!' | b'?' | b';' | b':' | b')' | b'>' | b'|' => return true,
            byte if byte.is_ascii_alphabetic() => {
                let start = reply[..at].iter().rposition(|byte| !byte.is_ascii_alphabetic()).map_or(0, |at| at + 1);
                let known = &reply[start..at];
                if known.len() > 10 || !LEADING.iter().any(|lead| known.eq_ignore_ascii_case(lead.as_bytes())) {
                    return false;
                }
                at = start;
            }
            byte if byte.is_ascii_digit() => return false,
            _ => at -= 1,
        }
    }
    true
}

/// Whether a text is nothing but marks: bold type, fences, rules, brackets, the tags and commands of other forms.
pub fn is_bare(text: &[u8]) -> bool {
    if text.trim_ascii_start().starts_with(b"```") {
        return true;
    }
    let mut commands = Commands::default();
    tokens(text).all(|(token, span)| {
        let named = commands.take(text, token, &span);
        match token {
            Token::Mark(_) => true,
            Token::Word(word) => {
                (named && matches!(Command::named(word), Command::Dress | Command::Box | Command::Environment))
                    || TAGS.iter().any(|tag| word.eq_ignore_ascii_case(tag.as_bytes()))
            }
            Token::Number(_) | Token::Other => false,
        }
    })
}
