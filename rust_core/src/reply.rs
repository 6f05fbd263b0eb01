//! The reply grammar, one for all tasks: where the final answer stands and whether it is the only one.
//!
//! The answer is what follows the last `Answer:`, the content of the only `<answer>…</answer>`, or
//! of the last `\boxed{…}`. Forms that disagree make the reply ambiguous; an answer that does not
//! read as a whole is no answer, so nothing is ever earned by a substring.

use std::ops::Range;

use crate::{
    scan::{Token, lines, tokens},
    verdict::{Answers, Form, Verdict},
};

/// Judges a reply by `judge`, which is shown words without thoughts.
pub fn judged(reply: &[u8], answers: Answers, judge: impl Fn(&[u8], Answers) -> Verdict) -> Verdict {
    judge(reply, answers)
}

/// What a reply gives as its final answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given<T> {
    /// No answer form is there, or what it holds does not read as an answer.
    Nothing,
    /// Several forms, different answers.
    Ambiguous,
    /// The answer, how it was marked, and the bytes it was read from.
    Answer(T, Form, Range<usize>),
}

/// Finds the final answer and reads it with `read`, which must take the whole of what it is given.
pub fn given<T: PartialEq>(reply: &[u8], answers: Answers, read: impl Fn(&[u8]) -> Option<T>) -> Given<T> {
    if answers == Answers::None {
        return Given::Nothing;
    }
    // Most replies have neither tags nor boxes nor wide colons: one look instead of many.
    if memchr::memchr3(b'<', b'\\', 0xEF, reply).is_none() {
        let line = last_colon(reply).and_then(|colon| read_lines(reply, colon + 1..reply.len(), &read));
        return line.map_or(Given::Nothing, |(value, span)| Given::Answer(value, Form::Line, span));
    }
    let boxed = last_boxed(reply);
    let mut marked = tags(reply);
    let first_tag = marked.next();
    let line = last_line(reply).filter(|rest| {
        // `Answer: \boxed{3}` is one answer in two wrappings, not two answers.
        let wraps = |inner: &Option<Range<usize>>| {
            inner.as_ref().is_some_and(|inner| {
                inner.start >= rest.start
                    && tokens(&reply[rest.start..inner.start]).all(|(token, _)| {
                        token.is_dressing()
                            || token.is("answer")
                            || token.is("boxed")
                            || matches!(token, Token::Mark(b'<' | b'>' | b'\\'))
                    })
            })
        };
        !wraps(&first_tag) && !wraps(&boxed)
    });

    let mut found: Option<(T, Form, Range<usize>)> = None;
    let mut unreadable = false;
    let mut agree = true;
    let mut take = |answer: Option<(T, Range<usize>)>, form: Form| match (answer, &found) {
        (None, _) => unreadable = true,
        (Some((value, span)), None) => found = Some((value, form, span)),
        (Some((value, _)), Some((first, ..))) => agree &= value == *first,
    };
    if let Some(rest) = line {
        take(read_lines(reply, rest, &read), Form::Line);
    }
    for span in first_tag.into_iter().chain(marked) {
        let inner = last_line(&reply[span.clone()]).map_or(span.clone(), |rest| span.start + rest.start..span.end);
        take(read(&reply[inner.clone()]).map(|value| (value, inner)), Form::Tag);
    }
    if let Some(span) = boxed {
        take(read(&reply[span.clone()]).map(|value| (value, span)), Form::Boxed);
    }
    match found {
        None => Given::Nothing,
        Some(_) if unreadable || !agree => Given::Ambiguous,
        Some((value, form, span)) => Given::Answer(value, form, span),
    }
}

/// Reads a list: every token is an item, as `item` reads it, or dressing. `None` if anything else
/// is there or nothing at all.
pub fn list<T>(text: &[u8], mut item: impl FnMut(&Token<'_>) -> Option<T>) -> Option<Vec<T>> {
    let mut items = Vec::new();
    let mut latex = false;
    for (token, _) in tokens(text) {
        // `\text{…}` and its like dress an answer in boxes.
        let command = std::mem::replace(&mut latex, token == Token::Mark(b'\\'));
        if let Some(value) = item(&token) {
            items.push(value);
        } else if !(latex || token.is_dressing() || (command && is_latex_dressing(&token))) {
            return None;
        }
    }
    (!items.is_empty()).then_some(items)
}

fn is_latex_dressing(token: &Token<'_>) -> bool {
    ["text", "textbf", "mathrm", "mathbf", "boxed", "quad", "left", "right"].iter().any(|name| token.is(name))
}

/// The first line with anything on it, and the lines after it as long as each reads by itself: a
/// list may be written one item a line, and talk after the answer is no part of it.
fn read_lines<T>(reply: &[u8], rest: Range<usize>, read: &impl Fn(&[u8]) -> Option<T>) -> Option<(T, Range<usize>)> {
    let body = &reply[rest.clone()];
    let mut end = None;
    let mut only = None;
    for line in lines(body) {
        let text = &body[line.clone()];
        if text.iter().all(u8::is_ascii_whitespace) {
            if end.is_some() {
                break;
            }
            continue;
        }
        if tokens(text).all(|(token, _)| token.is_dressing()) && end.is_none() {
            continue; // `**Answer:**` leaves its bold marks behind
        }
        let Some(value) = read(text) else { break };
        only = if end.is_none() { Some(value) } else { None };
        end = Some(line.end);
    }
    let span = rest.start..rest.start + end?;
    only.or_else(|| read(&reply[span.clone()])).map(|value| (value, span))
}

/// What follows the last `Answer:`, up to the end of the reply or of the tag it stands in.
fn last_line(reply: &[u8]) -> Option<Range<usize>> {
    // A full-width colon is three bytes, of which the last is counted as the colon.
    let wide = |at: &usize| reply[*at..].starts_with("：".as_bytes()) && names_answer(&reply[..at + 2]);
    let wide = memchr::memrchr_iter(0xEF, reply).find(wide).map(|at| at + 2);
    let colon = wide.max(last_colon(reply))?;
    let end = memchr::memchr_iter(b'<', &reply[colon + 1..])
        .map(|at| colon + 1 + at)
        .find(|at| reply.get(at + 1) == Some(&b'/'))
        .unwrap_or(reply.len());
    Some(colon + 1..end)
}

/// The last colon of ASCII behind the word "answer".
fn last_colon(reply: &[u8]) -> Option<usize> {
    memchr::memrchr_iter(b':', reply).find(|&colon| names_answer(&reply[..colon]))
}

/// Whether a text ends with the word "answer", bold marks and spaces aside.
fn names_answer(text: &[u8]) -> bool {
    let mut end = text.len();
    // A full-width colon leaves two bytes of itself.
    if text.ends_with(&[0xEF, 0xBC]) {
        end -= 2;
    }
    let floor = end.saturating_sub(8);
    while end > floor && matches!(text[end - 1], b' ' | b'*' | b'_' | b'\t') {
        end -= 1;
    }
    let Some(word) = text[..end].last_chunk::<6>() else { return false };
    word.eq_ignore_ascii_case(b"answer") && (end == 6 || !text[end - 7].is_ascii_alphanumeric())
}

/// The contents of all `<answer>…</answer>`.
fn tags(reply: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = find_ignoring_case(reply, at, b"<answer>")? + 8;
        let end = find_ignoring_case(reply, start, b"</answer>")?;
        at = end + 9;
        Some(start..end)
    })
}

fn find_ignoring_case(reply: &[u8], from: usize, tag: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b'<', &reply[from..])
        .map(|at| from + at)
        .find(|&at| reply.get(at..at + tag.len()).is_some_and(|text| text.eq_ignore_ascii_case(tag)))
}

/// The content of the last `\boxed{…}`, braces inside it balanced.
fn last_boxed(reply: &[u8]) -> Option<Range<usize>> {
    let start = memchr::memrchr_iter(b'\\', reply).find(|&at| reply[at..].starts_with(b"\\boxed{"))? + 7;
    let mut depth = 1_usize;
    for (at, &byte) in reply.iter().enumerate().skip(start) {
        match byte {
            b'{' => depth += 1,
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(start..at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digits(text: &[u8]) -> Option<Vec<u64>> {
        list(text, |token| match token {
            Token::Number(number) => Some(*number),
            _ => None,
        })
    }

    fn answer(reply: &str) -> Option<Vec<u64>> {
        match given(reply.as_bytes(), Answers::Any, digits) {
            Given::Answer(value, ..) => Some(value),
            _ => None,
        }
    }

    #[test]
    fn every_form_is_understood() {
        for reply in [
            "Answer: 3, 4",
            "so\n**Answer:** 3 4.",
            "**Answer**: [3, 4]",
            "final ANSWER : \"3; 4\"",
            "Answer:\n3\n4",
            "Answer: 1\nno, wait\nAnswer: 3,4",
            "<answer>3, 4</answer>",
            "<ANSWER>Answer: 3, 4</ANSWER>",
            "so \\boxed{3, 4}",
            "\\boxed{\\text{3, 4}}",
            "Answer: \\boxed{3, 4}",
            "Answer: <answer>3, 4</answer>",
            "<answer>3, 4</answer> Answer: ３，４",
            "Answer： 3, 4\nThat was easy.",
        ] {
            assert_eq!(answer(reply), Some(vec![3, 4]), "{reply}");
        }
    }

    #[test]
    fn hedges_are_refused() {
        for reply in [
            "",
            "3, 4",
            "Answer:",
            "Answer: 3 or 4",
            "Answer: maybe 3, 4",
            "Answer: -3, 4",
            "The answers: 3, 4",
            "Answer: 3, 4 <answer>3, 5</answer>",
            "<answer>3, 4</answer><answer>3, 5</answer>",
            "\\boxed{3, 5} Answer: 3, 4",
            "Answer: 3 or 4 <answer>3, 4</answer>",
        ] {
            assert_eq!(answer(reply), None, "{reply}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            given(&bytes, Answers::Any, digits);
        }

        #[test]
        fn no_likely_text_panics(text in "([a:<>/{} 0-9]|Answer|answer>|\\\\boxed\\{|：|→){0,60}") {
            given(text.as_bytes(), Answers::Any, digits);
        }
    }
}
