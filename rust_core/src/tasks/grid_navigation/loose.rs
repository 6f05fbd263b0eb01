//! Sentences in no documented shape: one that plainly says the move that is due is that step; none costs anything.

use super::{
    problem::Problem,
    bits::{Heading, Place},
    lines::{Key, Named},
    terms::{Kind, Term, is_toned},
};

/// A move that a sentence plainly says.
pub struct Told {
    pub next: Place,
    /// The object that is collected.
    pub found: Option<u8>,
    /// Whether something is said to be there.
    pub named: bool,
}

/// Words of going, by their beginnings.
const GOING: [&str; 14] =
    ["move", "moving", "go", "going", "step", "walk", "head", "travel", "proceed", "take", "taking", "shift", "advance", "continue"];

/// The move that a sentence says of the walker on `place`, if it does.
pub fn told(problem: &Problem, bytes: &[u8], terms: &[Term<'_>], place: Place, left: u8) -> Option<Told> {
    if is_toned(terms, bytes) {
        return None;
    }
    let mut heading: Option<Heading> = None;
    let mut arrow = None;
    let (mut origin, mut target) = (None, None);
    let mut going = false;
    let (mut from, mut named, mut collects) = (false, false, false);
    let mut claims = [None; 4];
    for (at, term) in terms.iter().enumerate() {
        match term.kind {
            Kind::Key(Key::Heading(said)) => {
                if heading.replace(said).is_some() {
                    return None;
                }
            }
            Kind::Arrow(said) => {
                arrow.get_or_insert(said);
            }
            Kind::Cell(cell) => {
                let slot = if std::mem::take(&mut from) || (at == 0 && terms.len() > 2) { &mut origin } else { &mut target };
                if slot.replace(cell).is_some() {
                    return None;
                }
            }
            Kind::Pair(cell, word) => {
                if from {
                    (origin, from) = (Some(cell), false);
                } else if at > 0 && matches!(cell, Named::Cell(place) if problem.holds(place))
                    && matches!(terms[at - 1].kind, Kind::Key(Key::To | Key::At | Key::Heading(_)) | Kind::Arrow(_))
                    && target.replace(cell).is_some()
                {
                    return None;
                } else if word.eq_ignore_ascii_case(b"go") {
                    going = true;
                } else if at == 0
                    && terms.get(1).is_some_and(|next| {
                        matches!(next.kind, Kind::Arrow(_) | Kind::Key(Key::Heading(_) | Key::To))
                    })
                {
                    origin = Some(cell);
                }
            }
            Kind::Word(word) => {
                if word.eq_ignore_ascii_case(b"from") {
                    from = true;
                }
                going |= GOING.iter().any(|verb| {
                    word.len() <= verb.len() + 2 && word.get(..verb.len()).is_some_and(|head| head.eq_ignore_ascii_case(verb.as_bytes()))
                });
            }
            Kind::Key(Key::Symbol(symbol)) => {
                claims[0] = Some(symbol);
                named = true;
            }
            Kind::Key(Key::Collect) => collects = true,
            Kind::Key(Key::Blank) => claims[1] = Some(0),
            Kind::Key(Key::Destination) => claims[2] = Some(0),
            Kind::Key(Key::Start) => claims[3] = Some(0),
            Kind::Key(Key::To | Key::At) | Kind::Number => {}
            Kind::Key(_) => return None,
        }
    }
    let heading = heading.or(arrow)?;
    let next = problem.step(place, heading).filter(|next| problem.free.has(*next))?;
    let is = |cell: Option<Named>, wanted: Place| cell.is_none_or(|cell| cell == Named::Cell(wanted));
    let plain = going || (origin.is_some() && target.is_some()) || terms.len() <= 5;
    if !plain || target.is_none() || !is(origin, place) || !is(target, next) {
        return None;
    }
    let held = problem.symbol(next).map(|symbol| symbol as u8);
    let found = problem.object(next).filter(|at| left >> at & 1 == 1);
    let sound = claims[0].is_none_or(|symbol| held == Some(symbol))
        && (claims[1].is_none() || (held.is_none() && next != problem.start && next != problem.destination))
        && (claims[2].is_none() || next == problem.destination)
        && (claims[3].is_none() || next == problem.start || place == problem.start)
        && (!collects || found.is_some());
    sound.then_some(Told { next, found, named: named && found.is_some() })
}
