//! The reply grammar, one for all tasks: which places commit to an answer, and whether they say the same.
//!
//! A place is read as a whole or not at all, so nothing is ever earned by a substring. If all places say the same and
//! none is unreadable, that is the answer; what only thinks ([`mask`]) commits to nothing. Marked places are the
//! last line that begins with `Answer:`, all tags and all boxes ([`places`]); only where there is none, weaker forms
//! count ([`weak`]). What an answer may consist of, [`items`] says.

mod items;
mod latex;
mod mask;
mod places;
mod reader;
mod weak;

#[cfg(test)]
mod tests;

use crate::verdict::{Answers, Form, Verdict};

pub use items::{Part, Taken, items, jointed};
pub use mask::{SECTIONS, sections};
use places::{Held, markers};
use reader::{Found, Reader};
pub use reader::{Given, Read, Spelling};

/// Judges a reply by `judge`, which is shown what is said aloud, and then what is thought, as words that commit to
/// nothing. Components and outcome are those of what is said aloud.
pub fn judged(reply: &[u8], answers: Answers, judge: impl Fn(&[u8], Answers) -> Verdict) -> Verdict {
    let Some(masked) = mask::mask(reply) else { return judge(reply, answers) };
    let mut verdict = judge(&masked.aloud, answers);
    if let Some(thought) = masked.thought {
        let thoughts = judge(&thought, Answers::None).steps;
        verdict.steps.extend(thoughts.into_iter().map(|step| crate::verdict::Step { thought: true, ..step }));
        verdict.steps.sort_by_key(|step| step.start);
    }
    verdict
}

/// Finds the final answer and reads it with `read`, which must take the whole of what it is given.
pub fn given<T: PartialEq>(
    reply: &[u8],
    answers: Answers,
    read: impl Fn(&[u8], Spelling) -> Option<Read<T>>,
) -> Given<T> {
    if answers == Answers::None {
        return Given::Nothing;
    }
    if let Some(given) = given_last(reply, &read) {
        return given;
    }
    let reader = Reader { reply, held: Held::of(reply), loose: answers == Answers::Any, read };
    let mut found = Found { first: None, unreadable: false, agree: true };
    let mut marked = !reader.held.boxes.is_empty() || !reader.held.tags.is_empty();
    // What is said of an answer in passing commits to none, but may contradict one.
    let mut asides = Vec::new();
    // The end of the first place: what is read once is what follows it.
    let mut from = reply.len();
    // An aside ends where the next begins.
    let mut until = reply.len();
    for marker in markers(reply, &reader.held) {
        if marker.leads {
            marked = true;
            let place = reader.after(marker.after..reply.len());
            let wraps = place.as_ref().is_some_and(|place| reader.held.touches(&place.span));
            let end = place.as_ref().map_or(marker.after, |place| place.span.end);
            found.take(place, Form::Line);
            // `Answer: \boxed{3}` is told by the box.
            if wraps {
                found.form(None);
            }
            found.unreadable |= reader.alternative_after(end);
            from = end;
            break;
        }
        asides.extend(reader.after(marker.after..until));
        until = marker.word;
    }
    for (span, closed) in &reader.held.boxes {
        let place = if *closed { reader.held_in(span) } else { None };
        found.take(place, Form::Boxed);
        from = from.min((span.end + 1).min(reply.len()));
        reader.around(span.start - 1, span.end + 1, &mut found);
    }
    for span in &reader.held.tags {
        found.take(reader.held_in(span), Form::Tag);
        from = from.min(reader.past_tag(span.end));
        reader.around(span.start, span.end, &mut found);
    }
    if !marked {
        if answers == Answers::Any {
            weak::find(&reader, &mut found);
        }
        return found.given();
    }
    found.agree &= found.first.as_ref().is_none_or(|(value, ..)| !reader.contradicts(from, value));
    for place in asides {
        found.agree &= found.first.as_ref().is_none_or(|(value, ..)| *value == place.value);
    }
    found.given()
}

/// Nearly all answers: the last line is `Answer: …`, spelled as asked, and no other form is there.
#[inline]
fn given_last<T>(reply: &[u8], read: impl Fn(&[u8], Spelling) -> Option<Read<T>>) -> Option<Given<T>> {
    let end = reply.trim_ascii_end().len();
    let start = memchr::memrchr(b'\n', &reply[..end]).map_or(0, |at| at + 1);
    let answer = reply[start..end].strip_prefix(b"Answer:")?;
    let alone = memchr::memchr(b':', answer).is_none() && memchr::memchr3(b'<', b'\\', 0xEF, reply).is_none();
    let read = if alone { read(answer, Spelling::Asked)? } else { return None };
    Some(Given::Answer(read.value, Form::Line, end - answer.len()..end))
}
