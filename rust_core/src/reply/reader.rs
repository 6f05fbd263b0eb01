//! Reads the places that commit to an answer, and what stands around them.

use std::ops::Range;

use super::{
    latex::{Command, Commands},
    places::{Held, is_bare, markers},
};
use crate::{
    scan::{Token, lines, tokens},
    verdict::Form,
};

/// How far from what was asked for the spelling of an answer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spelling {
    /// As asked for, dressing aside.
    Asked,
    /// As models spell unasked: letters run together, `up x3`, a remark that adds the answer up.
    Loose,
}

/// An answer as a task reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read<T> {
    /// What it says.
    pub value: T,
    /// How many items it has: a list of one may go on in the next line.
    pub items: usize,
    /// Whether it is a true part of the right answer: said of the work, it contradicts none.
    pub part: bool,
}

/// What a reply gives as its final answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given<T> {
    /// No place commits to an answer, or none that does can be read.
    Nothing,
    /// Several places say different things, or one of them cannot be read.
    Ambiguous,
    /// The answer, how it was marked, and the bytes it was read from.
    Answer(T, Form, Range<usize>),
}

/// A place that was read.
pub struct Place<T> {
    /// What it says.
    pub value: T,
    /// Where it stands.
    pub span: Range<usize>,
    /// Whether it is spelled otherwise than asked for.
    pub loose: bool,
}

/// The places as far as they have been read.
pub struct Found<T> {
    /// The first, its form, and where it stands.
    pub first: Option<(T, Option<Form>, Range<usize>)>,
    /// Whether one cannot be read.
    pub unreadable: bool,
    /// Whether all say the same.
    pub agree: bool,
}

impl<T: PartialEq> Found<T> {
    /// Takes the next place, `None` if it cannot be read.
    pub fn take(&mut self, place: Option<Place<T>>, form: Form) {
        let Some(Place { value, span, loose }) = place else {
            self.unreadable = true;
            return;
        };
        let form = if loose && form.is_marked() { Form::Loose } else { form };
        match &mut self.first {
            None => self.first = Some((value, Some(form), span)),
            Some((first, told, at)) => {
                self.agree &= value == *first;
                if told.is_none() {
                    (*told, *at) = (Some(form), span);
                }
            }
        }
    }

    /// Leaves the form to the place that is read next.
    pub fn form(&mut self, form: Option<Form>) {
        if let Some((_, told, _)) = &mut self.first
            && *told != Some(Form::Loose)
        {
            *told = form;
        }
    }

    /// What they come to.
    pub fn given(self) -> Given<T> {
        match self.first {
            None => Given::Nothing,
            Some(_) if self.unreadable || !self.agree => Given::Ambiguous,
            Some((value, form, span)) => Given::Answer(value, form.unwrap_or(Form::Line), span),
        }
    }
}

/// A reply and how its task reads an answer.
pub struct Reader<'a, R> {
    /// The whole reply.
    pub reply: &'a [u8],
    /// Its boxes and tags.
    pub held: Held,
    /// Whether loose spellings count.
    pub loose: bool,
    /// How the task reads one.
    pub read: R,
}

impl<T: PartialEq, R: Fn(&[u8], Spelling) -> Option<Read<T>>> Reader<'_, R> {
    /// Reads a text as asked for, or else loosely; tells which.
    pub fn spelled(&self, text: &[u8]) -> Option<(Read<T>, bool)> {
        let asked = (self.read)(text, Spelling::Asked).map(|read| (read, false));
        asked.or_else(|| if self.loose { (self.read)(text, Spelling::Loose).map(|read| (read, true)) } else { None })
    }

    pub fn whole(&self, span: Range<usize>) -> Option<Place<T>> {
        let (read, loose) = self.spelled(&self.reply[span.clone()])?;
        Some(Place { value: read.value, span, loose })
    }

    /// Reads what a box or a tag holds: the whole of it, or what follows an `Answer:` that begins a line of it.
    pub fn held_in(&self, span: &Range<usize>) -> Option<Place<T>> {
        if let Some(place) = self.whole(span.clone()) {
            return Some(place);
        }
        let text = &self.reply[span.clone()];
        let marker = markers(text, &Held::default()).find(|marker| marker.leads)?;
        let line = memchr::memrchr(b'\n', &text[..marker.word]);
        let before = span.start..span.start + line?;
        let place = self.after(span.start + marker.after..span.end)?;
        let said = self.spelled(&self.reply[before]).is_none_or(|(read, _)| read.value == place.value);
        said.then_some(place)
    }

    /// Reads what follows a mark: the first line with anything on it, and the lines after it as long as they go on
    /// with a list of which every line reads by itself.
    pub fn after(&self, range: Range<usize>) -> Option<Place<T>> {
        let body = &self.reply[range.clone()];
        // What a box or a tag holds is read with the line that it begins in.
        let through = |line: &Range<usize>| {
            let at = range.start + line.start..range.start + line.end;
            let end = self.held.end_from(&at).unwrap_or(at.end).min(range.end);
            let rest = &self.reply[end..range.end];
            line.start
                ..end - range.start + if end > at.end { memchr::memchr(b'\n', rest).unwrap_or(rest.len()) } else { 0 }
        };
        let mut first: Option<(Read<T>, bool)> = None;
        let mut span = range.start..range.start;
        let (mut count, mut listed) = (0_usize, false);
        for line in lines(body) {
            let line = if count == 0 { through(&line) } else { line };
            let text = &body[line.clone()];
            if text.trim_ascii().is_empty() {
                if count > 0 {
                    break;
                }
                continue;
            }
            if count == 0 {
                if is_bare(text) && !text.contains(&b'\n') {
                    continue; // `**Answer:**` leaves its bold marks behind, and fences are no answer
                }
                let read = self.spelled(text)?;
                let goes_on = read.0.items == 1 || ends_open(text);
                span = range.start + line.start..range.start + line.end;
                listed = unnumbered(text).len() < text.len();
                (first, count) = (Some(read), 1);
                if !goes_on {
                    break;
                }
                continue;
            }
            let place = range.start + line.start..range.start + line.end;
            if self.held.touches(&place) || is_bare(text) {
                break;
            }
            let item = unnumbered(text);
            if self.spelled(item).is_none() {
                // A list of which a part cannot be read is no list.
                if listed && item.len() < text.len() {
                    return None;
                }
                break;
            }
            span.end = place.end;
            count += 1;
        }
        if count == 1 {
            let (read, loose) = first?;
            return Some(Place { value: read.value, span, loose });
        }
        if count == 0 { None } else { self.whole(span) }
    }

    /// Whether the next word is an alternative: "or", "alternatively".
    pub fn alternative_after(&self, at: usize) -> bool {
        let near = &self.reply[at..self.reply.len().min(at + 64)];
        let word = tokens(near).find(|(token, _)| !token.is_dressing());
        word.is_some_and(|(token, span)| {
            // A line may begin with the name of a relation.
            let named = token == Token::Word(b"OR") && memchr::memchr(b'\n', &near[..span.start]).is_some();
            !named && (token.is("or") || token.is("alternatively") || token.is("vs"))
        })
    }

    /// Whether the word before is one.
    pub fn alternative_before(&self, at: usize) -> bool {
        let near = &self.reply[at.saturating_sub(32)..at];
        // Where the last word ends if it is one, and whether a colon stands before it.
        let mut last: Option<(usize, bool)> = None;
        let (mut colon, mut commands) = (false, Commands::default());
        for (token, span) in tokens(near) {
            let named = commands.take(near, token, &span);
            if !token.is_dressing() && !matches!(token, Token::Mark(b'<' | b'>' | b'\\' | b'/')) {
                let dress = match token {
                    Token::Word(word) if named => matches!(Command::named(word), Command::Dress | Command::Box),
                    _ => token.is("answer"),
                };
                if !dress {
                    last = (token.is("or") || token.is("vs")).then_some((span.end, colon));
                }
                colon = token == Token::Mark(b':');
            }
        }
        // A line may end with the name of a relation.
        last.is_some_and(|(end, told)| !told || memchr::memchr(b'\n', &near[end..]).is_none())
    }

    /// Looks around a box or a tag, in its line and up to the next one, for what makes it one of several.
    pub fn around(&self, start: usize, end: usize, found: &mut Found<T>) {
        let end = self.past_tag(end);
        found.unreadable |= self.alternative_after(end) || self.alternative_before(start);
        let Some((value, ..)) = &found.first else { return };
        let (floor, ceiling) = self.held.between(start, end, self.reply.len());
        let before = &self.reply[floor..start];
        let before = &before[memchr::memrchr(b'\n', before).map_or(0, |at| at + 1)..];
        let before = &before[..memchr::memrchr2(b'<', b'\\', before).unwrap_or(before.len())];
        let after = &self.reply[end..ceiling];
        let after = &after[..memchr::memchr2(b'\n', b'<', after).unwrap_or(after.len())];
        let numbers =
            matches!(before.trim_ascii(), [digits @ .., b'.' | b')' | b':'] if digits.iter().all(u8::is_ascii_digit));
        let same = |text: &[u8]| self.spelled(text).is_none_or(|(read, _)| read.part || read.value == *value);
        found.agree &= (numbers || same(before)) && same(after);
    }

    /// Past `</answer>` if that begins here.
    pub fn past_tag(&self, at: usize) -> usize {
        let rest = &self.reply[at.min(self.reply.len())..];
        let close = if rest.starts_with(b"</") { memchr::memchr(b'>', &rest[..rest.len().min(20)]) } else { None };
        at.min(self.reply.len()) + close.map_or(0, |close| close + 1)
    }

    /// Whether a line further on, hedging words aside, is another answer.
    pub fn contradicts(&self, from: usize, value: &T) -> bool {
        let rest = &self.reply[from..];
        lines(rest).any(|line| {
            let place = from + line.start..from + line.end;
            if self.held.touches(&place) {
                return false; // read by itself
            }
            let text = &rest[line];
            let other = self.spelled(text).or_else(|| self.spelled(unhedged(text)?));
            other.is_some_and(|(read, _)| !read.part && read.value != *value)
        })
    }
}

/// Whether a line goes on in the next.
fn ends_open(line: &[u8]) -> bool {
    let line = line.trim_ascii_end();
    line.ends_with(b",") || line.ends_with(b"->") || line.ends_with("→".as_bytes()) || line.ends_with(b";")
}

/// A line without its number or bullet.
fn unnumbered(line: &[u8]) -> &[u8] {
    let text = line.trim_ascii_start();
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    match text[digits..].trim_ascii_end() {
        [b'.' | b')' | b':', b' ', rest @ ..] if digits > 0 => rest,
        [b'-' | b'*' | b'+', b' ', rest @ ..] if digits == 0 => rest,
        _ => line,
    }
}

/// What follows the words with which one takes back or adds to what was said; `None` where there are none.
fn unhedged(line: &[u8]) -> Option<&[u8]> {
    const WORDS: [&str; 33] = [
        "or",
        "maybe",
        "perhaps",
        "possibly",
        "alternatively",
        "it",
        "could",
        "might",
        "be",
        "is",
        "also",
        "else",
        "either",
        "as",
        "well",
        "the",
        "answer",
        "wait",
        "no",
        "actually",
        "hmm",
        "sorry",
        "probably",
        "rather",
        "instead",
        "but",
        "i",
        "mean",
        "and",
        "correction",
        "s",
        "final",
        "another",
    ];
    let mut start = None;
    for (token, span) in tokens(line) {
        let hedges = WORDS.iter().any(|word| token.is(word));
        if !hedges && !matches!(token, Token::Mark(_)) {
            return start.map(|_| &line[span.start..]);
        }
        if hedges {
            start = Some(span.end);
        }
    }
    None
}
