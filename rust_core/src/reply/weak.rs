//! Weaker forms, for replies to prompts that asked for none: a sentence, a heading, JSON, or nothing but the answer.

use std::ops::Range;

use super::{
    places::{is_bare, leads},
    reader::{Found, Place, Read, Reader, Spelling},
};
use crate::{
    scan::{Token, lines, tokens},
    verdict::Form,
};

/// Takes what commits to an answer in a weaker form.
pub fn find<T: PartialEq, R: Fn(&[u8], Spelling) -> Option<Read<T>>>(reader: &Reader<'_, R>, found: &mut Found<T>) {
    json(reader, found);
    heading(reader, found);
    sentences(reader, found);
    if found.first.is_none() && !found.unreadable {
        let span = unfenced(reader.reply);
        if let Some(place) = reader.whole(span) {
            found.take(Some(place), Form::Bare);
        }
    }
}

/// A reply without the fence around it.
fn unfenced(reply: &[u8]) -> Range<usize> {
    let text = reply.trim_ascii();
    let start = reply.len() - reply.trim_ascii_start().len();
    let end = start + text.len();
    let fenced = text.starts_with(b"```").then(|| memchr::memchr(b'\n', text)).flatten();
    fenced.map_or(start..end, |line| start + line..end)
}

/// `The answer is 3.`: every such sentence that begins a line or a sentence; the last must be readable.
fn sentences<T: PartialEq, R: Fn(&[u8], Spelling) -> Option<Read<T>>>(reader: &Reader<'_, R>, found: &mut Found<T>) {
    let reply = reader.reply;
    let mut last = None;
    // The end of the first that could be read.
    let mut begun = None;
    let mut from = 0;
    for at in memchr::memmem::find_iter(reply, b"nswer").map(|at| at.saturating_sub(1)) {
        let word = reply.get(at..at + 6).is_some_and(|word| word.eq_ignore_ascii_case(b"answer"));
        let begins = at == 0 || !reply[at - 1].is_ascii_alphanumeric();
        if !word || !begins || at < from || !leads(reply, at) {
            continue;
        }
        let Some(start) = predicate(reply, at + 6) else { continue };
        let line = start..memchr::memchr(b'\n', &reply[start..]).map_or(reply.len(), |end| start + end);
        from = line.end;
        let place =
            if is_bare(&reply[line.clone()]) { reader.after(start..reply.len()) } else { sentence(reader, line) };
        let Some(place) = place else {
            last = Some(false);
            continue;
        };
        let end = place.span.end;
        found.unreadable |= reader.alternative_after(end);
        begun = begun.or(Some(end));
        found.take(Some(place), Form::Sentence);
        last = Some(true);
    }
    if let (Some(end), Some((value, ..))) = (begun, &found.first) {
        found.unreadable |= reader.contradicts(end, value);
    }
    found.unreadable |= last == Some(false);
}

/// Reads a whole line, or its first sentence if that is followed by others that are no answer.
fn sentence<T: PartialEq, R: Fn(&[u8], Spelling) -> Option<Read<T>>>(
    reader: &Reader<'_, R>,
    line: Range<usize>,
) -> Option<Place<T>> {
    reader.whole(line.clone()).or_else(|| {
        let text = &reader.reply[line.clone()];
        let stop = memchr::memmem::find(text, b". ")?;
        reader.whole(line.start..line.start + stop)
    })
}

/// Where what is said of the answer begins: after "is", "would be", "to the question is" and the like.
fn predicate(reply: &[u8], from: usize) -> Option<usize> {
    const VERBS: [&str; 4] = ["is", "are", "be", "equals"];
    const AROUND: [&str; 34] = [
        "would",
        "will",
        "should",
        "must",
        "therefore",
        "thus",
        "then",
        "simply",
        "just",
        "clearly",
        "indeed",
        "exactly",
        "now",
        "to",
        "for",
        "of",
        "the",
        "this",
        "that",
        "question",
        "problem",
        "puzzle",
        "task",
        "grid",
        "table",
        "maze",
        "analogy",
        "path",
        "here",
        "given",
        "asked",
        "in",
        "finally",
        "my",
    ];
    let window = &reply[from..reply.len().min(from + 96)];
    let mut end = None;
    for (token, span) in tokens(window) {
        match token {
            Token::Word(_) if VERBS.iter().any(|verb| token.is(verb)) => end = Some(from + span.end),
            Token::Word(_) if end.is_none() && AROUND.iter().any(|word| token.is(word)) => {}
            Token::Word(_)
                if ["therefore", "thus", "then", "simply", "just", "clearly"].iter().any(|w| token.is(w)) =>
            {
                end = Some(from + span.end);
            }
            Token::Mark(b'*' | b'_' | b'"' | b'`' | b'\'' | b',') if end.is_none() => {}
            Token::Mark(b':' | b'=') if end.is_some() || token == Token::Mark(b'=') => return Some(from + span.end),
            _ => break,
        }
        if memchr::memchr(b'\n', &window[..span.start]).is_some() && end.is_none() {
            return None;
        }
    }
    end
}

/// A line that says "Answer" or "Final answer" and nothing else, and what follows it.
fn heading<T: PartialEq, R: Fn(&[u8], Spelling) -> Option<Read<T>>>(reader: &Reader<'_, R>, found: &mut Found<T>) {
    let reply = reader.reply;
    if memchr::memmem::find(reply, b"nswer").is_none() && memchr::memmem::find(reply, b"NSWER").is_none() {
        return;
    }
    let Some(line) = lines(reply).filter(|line| is_heading(&reply[line.clone()])).last() else { return };
    let place = reader.after(line.end..reply.len());
    if let Some(place) = place {
        let end = place.span.end;
        found.unreadable |= reader.alternative_after(end) || reader.contradicts(end, &place.value);
        found.take(Some(place), Form::Heading);
        return;
    }
    // What stands under it may be a sentence that says so itself.
    let mut next =
        lines(&reply[line.end..]).filter(|next| !is_bare(&reply[line.end + next.start..line.end + next.end]));
    let says = next.find(|next| !reply[line.end + next.start..line.end + next.end].trim_ascii().is_empty());
    found.unreadable |= says.is_some_and(|next| {
        let text = &reply[line.end + next.start..line.end + next.end];
        memchr::memmem::find(text, b"nswer").is_none()
    });
}

fn is_heading(line: &[u8]) -> bool {
    let mut answer = false;
    line.len() < 64
        && tokens(line).all(|(token, _)| match token {
            Token::Word(_) if token.is("answer") => !std::mem::replace(&mut answer, true),
            Token::Word(_) => !answer && ["the", "my", "final", "your", "our"].iter().any(|word| token.is(word)),
            Token::Mark(mark) => b"#*_-=~`|>.".contains(&mark),
            Token::Number(_) => !answer,
            Token::Other => true,
        })
        && answer
}

/// `"answer": …`, a string, a number, a list or an object.
fn json<T: PartialEq, R: Fn(&[u8], Spelling) -> Option<Read<T>>>(reader: &Reader<'_, R>, found: &mut Found<T>) {
    let reply = reader.reply;
    let mut begun = None;
    for colon in memchr::memchr_iter(b':', reply) {
        let before = reply[..colon].trim_ascii_end();
        let Some((&quote, name)) = before.split_last() else { continue };
        if quote != b'"' && quote != b'\'' || !is_key(name, quote) {
            continue;
        }
        let start = colon + 1 + (reply[colon + 1..].len() - reply[colon + 1..].trim_ascii_start().len());
        let span = value(reply, start);
        let closed = span.as_ref().is_some_and(|span| {
            let rest = reply[span.end..].trim_ascii_start();
            matches!(rest.first(), Some(b',' | b'}'))
        });
        let place = span.filter(|_| closed).and_then(|span| reader.whole(span));
        begun = begun.or(place.as_ref().map(|place| place.span.end));
        found.take(place, Form::Json);
        if found.unreadable {
            return;
        }
    }
    if let (Some(end), Some((value, ..))) = (begun, &found.first) {
        found.unreadable |= reader.contradicts(end, value);
    }
}

fn is_key(text: &[u8], quote: u8) -> bool {
    ["answer", "final_answer", "final answer", "finalAnswer"].iter().any(|key| {
        let (key, at) = (key.as_bytes(), text.len().wrapping_sub(key.len()));
        text.get(at..).is_some_and(|tail| tail.eq_ignore_ascii_case(key)) && at > 0 && text[at - 1] == quote
    })
}

/// The bytes of a value of JSON.
fn value(reply: &[u8], start: usize) -> Option<Range<usize>> {
    let rest = &reply[start..];
    let length = match rest.first()? {
        quote @ (b'"' | b'\'') => memchr::memchr(*quote, &rest[1..])? + 2,
        b'[' => memchr::memchr(b']', rest)? + 1,
        b'{' => memchr::memchr(b'}', rest)? + 1,
        _ => memchr::memchr3(b',', b'}', b'\n', rest)?,
    };
    Some(start..start + length)
}
