//! The documented shapes: those of the task's own rationales, whole or behind a preface.
//!
//! Only a line that ends with one of them can be wrong.

use std::ops::Range;

use super::{
    problem::Problem,
    lines::{Key, Line, Named},
    terms::{Kind, Term, is_toned},
};

/// A documented line: what it says, and where it stands.
pub struct Shaped {
    pub line: Line,
    /// The bytes from its first term on, up to the next shape in the line.
    pub span: Range<usize>,
    /// Whether words stand before it.
    pub prefaced: bool,
    /// Whether it may be said of another place than the walker's: a sentence that stops short of what is on the
    /// cell, or one of several shapes in a line.
    pub casual: bool,
    /// Whether what stands before it takes it back: it is no step.
    pub toned: bool,
}

/// A shape is at most so many terms long, lists aside.
const LONGEST: usize = 14;

/// Words between two shapes of a line.
const BETWEEN: [&str; 4] = ["then", "and", "next", "finally"];

/// The documented shapes that a line ends with, the last one first, and how many terms stand before them.
pub fn shaped(problem: &Problem, bytes: &[u8], terms: &[Term<'_>], out: &mut Vec<Shaped>) -> usize {
    out.clear();
    let (mut rest, mut end) = (terms, bytes.len());
    let mut toned = bytes.contains(&b'?');
    while let Some(at) = begin(rest, &bytes[..end], out.is_empty()) {
        toned |= out.is_empty() && is_toned(same_sentence(&rest[..at], rest[at].opens), &[]);
        let start = rest[at].start;
        let line = read(problem, &rest[at..]);
        // `Go to (c, a)`
        if line.heading.is_none()
            && line.check.is_none()
            && rest[at].is_common()
            && !(bytes[start].is_ascii_lowercase() && matches!(line.origin, Some(Named::Cell(place)) if problem.holds(place)))
        {
            break;
        }
        let casual = rest[at].is("from") && rest.last().is_some_and(|last| last.cell().is_some());
        out.push(Shaped { line, span: start..end, prefaced: false, casual, toned });
        rest = &rest[..at];
        while let Some((last, before)) = rest.split_last()
            && BETWEEN.iter().any(|word| last.is(word))
        {
            rest = before;
        }
        end = start;
    }
    let several = out.len() > 1;
    for shape in &mut *out {
        shape.casual |= several;
    }
    if let Some(first) = out.last_mut() {
        first.prefaced = rest.iter().any(|term| term.kind != Kind::Number);
        let barred = rest.iter().any(|term| matches!(term.kind, Kind::Key(Key::Closed | Key::Outside)));
        // `Blocked: (c, a) left (c, b)`
        if barred && first.line.check.is_none() && first.line.heading.is_some() {
            out.clear();
            return terms.len();
        }
    }
    rest.len()
}

/// What of a preface bears on the shape behind it, which begins a sentence or not: its sentence, and one before it that only
/// says yes or no.
fn same_sentence<'a, 'b>(preface: &'a [Term<'b>], opens: bool) -> &'a [Term<'b>] {
    let begins = |terms: &[Term<'_>]| terms.iter().rposition(|term| term.opens).unwrap_or(0);
    let own = if opens { preface.len() } else { begins(preface) };
    let before = begins(&preface[..own]);
    if own - before <= 2 { &preface[before..] } else { &preface[own..] }
}

/// What the terms of a shape say.
fn read(problem: &Problem, terms: &[Term<'_>]) -> Line {
    let mut line = Line::default();
    let mut symbol = None;
    for (at, term) in terms.iter().enumerate() {
        match term.kind {
            Kind::Key(Key::Heading(heading)) => line.heading = line.heading.or(Some(heading)),
            Kind::Key(key) => line.note(key, &mut symbol),
            Kind::Pair(_, word) if at == 2 && word.eq_ignore_ascii_case(b"go") && terms[0].is("from") => {}
            _ => {
                let Some(cell) = term.cell() else { continue };
                if let Some(listed) = &mut line.listed {
                    listed.add(problem, cell, symbol.take());
                } else if line.heading.is_none() && line.origin.is_none() {
                    line.origin = Some(cell);
                } else {
                    line.target = Some(cell);
                }
            }
        }
    }
    line
}

/// Whether a term begins a list: `collect`, `avoid`, `reach`, `lost` and their like, but no `collected`, `reached`, `not`.
fn begins_list(term: &Term<'_>, bytes: &[u8]) -> bool {
    let Kind::Key(key) = term.kind else { return false };
    let names: &[&str] = match key {
        Key::Collect => &["collect"],
        Key::Avoid => &["avoid"],
        Key::Reach => &["reach", "reachable"],
        Key::Lost => &["lost"],
        _ => return false,
    };
    let word = &bytes[term.start..];
    names.iter().any(|name| {
        word.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name.as_bytes()))
            && !word.get(name.len()).is_some_and(u8::is_ascii_alphabetic)
    })
}

/// Where the shape begins that the terms end with; `last`: nothing stands after them.
fn begin(terms: &[Term<'_>], bytes: &[u8], last: bool) -> Option<usize> {
    if last && let Some(at) = terms.iter().rposition(|term| begins_list(term, bytes)) {
        let not = at.checked_sub(1).filter(|&before| matches!(terms[before].kind, Kind::Key(Key::Lost)));
        let start = not.unwrap_or(at);
        if terms[start].fresh && Reader(&terms[at..]).list() {
            return Some(start);
        }
    }
    let colon = bytes.iter().rev().find(|byte| !matches!(byte, b' ' | b'\r' | b'*' | b'_' | b'`')) == Some(&b':');
    (terms.len().saturating_sub(LONGEST)..terms.len()).find(|&at| {
        let bounded = terms[at].fresh || at == 0;
        let reader = || Reader(&terms[at..]);
        let header = colon && (bounded || is_led_to(terms, at));
        reader().step(bounded) || reader().ends(bounded) || reader().back(bounded) || (header && reader().header())
    })
}

/// Whether what stands before `at` only leads there; in `I am now at (c, h):` it does not.
fn is_led_to(terms: &[Term<'_>], at: usize) -> bool {
    const LEADS: [&str; 9] = ["next", "then", "so", "and", "finally", "okay", "well", "again", "thus"];
    at > 0
        && (LEADS.iter().any(|word| terms[at - 1].is(word)) || matches!(terms[at - 1].kind, Kind::Key(Key::Okay)))
}

/// Terms not read yet.
struct Reader<'a, 'b>(&'a [Term<'b>]);

impl Reader<'_, '_> {
    fn eat(&mut self, wanted: impl Fn(&Term<'_>) -> bool) -> bool {
        match self.0.split_first() {
            Some((first, rest)) if wanted(first) => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }

    fn word(&mut self, word: &str) -> bool {
        self.eat(|term| term.is(word))
    }

    fn key(&mut self, key: Key) -> bool {
        self.eat(|term| term.kind == Kind::Key(key) && !term.foreign)
    }

    fn cell(&mut self) -> bool {
        self.eat(|term| term.cell().is_some())
    }

    /// A symbol, or an end in its place.
    fn symbol(&mut self) -> bool {
        self.eat(|term| {
            matches!(term.kind, Kind::Key(Key::Symbol(_) | Key::Destination | Key::Start)) && !term.foreign
        })
    }

    fn heading(&mut self) -> bool {
        self.eat(|term| matches!(term.kind, Kind::Key(Key::Heading(_))))
    }

    /// Whether a mark stands before the next term.
    fn is_marked(&self) -> bool {
        self.0.first().is_some_and(|next| next.fresh)
    }

    fn done(&self) -> bool {
        self.0.is_empty()
    }

    /// `collect the heart at (a, c), the star at (b, c)`, `avoid aa bb`, `reach ca cb`, `lost heart ac`
    fn list(&mut self) -> bool {
        let Some((begins, items)) = self.0.split_first() else { return false };
        let named = begins.kind == Kind::Key(Key::Collect);
        self.0 = items;
        if self.key(Key::Nothing) {
            return self.done();
        }
        let mut any = false;
        while !self.done() {
            self.word("and");
            self.word("the");
            let symbol = self.symbol();
            self.key(Key::At);
            // `the dot on (c, a)`
            let word = symbol && self.0.first().is_some_and(Term::is_common) && self.0.get(1).is_some_and(|next| next.cell().is_some());
            if word || (named && !symbol) || !self.cell() {
                return false;
            }
            any = true;
        }
        any
    }

    /// `ca right cb heart`, `From (c, a) go right to (c, b), which is blank.`, `up: (b, a) closed (dot)`
    fn step(&mut self, bounded: bool) -> bool {
        let from = self.word("from");
        // `I go: left: (d, c) okay` and `go right: (c, d)` say no cell.
        let verb = !from
            && (!bounded || self.0.get(2).is_some_and(|third| third.fresh))
            && self.0.first().is_some_and(Term::is_common);
        let origin = !verb && self.cell();
        if !origin && from {
            return false;
        }
        let go = from && self.word("go");
        // `ca, right, cb` and `ca --right--> cb` are no lines of ours.
        let marked = self.is_marked();
        // `ii) down: (c, b) okay`
        if (marked && origin) || !self.heading() {
            return false;
        }
        let to = go && self.key(Key::To);
        if from && !(go && to) {
            return false;
        }
        let split = self.is_marked();
        let marked = origin && split;
        let target = self.cell();
        let outside = self.key(Key::Outside);
        if outside || [Key::Closed, Key::Visited, Key::Future, Key::Okay].into_iter().any(|key| self.key(key)) {
            self.key(Key::Collect);
            self.symbol();
            return !from && (origin || split) && (target || outside) && self.done();
        }
        if !(origin && target) || marked {
            return false;
        }
        if self.word("which") {
            if self.word("is") {
                return self.key(Key::Blank) && self.done();
            }
            self.word("held");
        } else if self.word("where") {
            self.word("the");
            return self.symbol() && self.word("is") && self.key(Key::Collect) && self.done();
        }
        self.word("the");
        if !self.symbol() {
            self.key(Key::Blank);
        }
        self.done()
    }

    /// `ca to bb`, `The start is (c, a) and the destination is (b, b).`
    fn ends(&mut self, bounded: bool) -> bool {
        if bounded && self.0.first().is_some_and(|first| matches!(first.kind, Kind::Pair(..))) && self.cell() {
            return !self.is_marked() && self.key(Key::To) && self.cell() && self.done();
        }
        self.word("the")
            && self.symbol()
            && self.word("is")
            && self.cell()
            && self.word("and")
            && self.word("the")
            && self.symbol()
            && self.word("is")
            && self.cell()
            && self.done()
    }

    /// `cb retrace ca`, `Dead end, retrace 1 step to (c, a)`
    fn back(&mut self, bounded: bool) -> bool {
        if bounded && self.word("dead") {
            if !self.word("end") {
                return false;
            }
            if self.key(Key::Nothing) {
                return self.key(Key::To) && self.key(Key::Retrace) && self.done();
            }
            if !self.key(Key::Retrace) {
                return false;
            }
            self.eat(|term| term.kind == Kind::Number);
            self.word("step");
            return self.key(Key::To) && self.cell() && self.done();
        }
        self.cell() && self.key(Key::Retrace) && (self.cell() || self.key(Key::Nothing)) && self.done()
    }

    /// `At (c, a), collect heart:`, `At (c, a) again:`
    fn header(&mut self) -> bool {
        if !self.key(Key::At) || !self.cell() {
            return false;
        }
        if self.key(Key::Collect) && !self.symbol() {
            return false;
        }
        self.word("again");
        self.done()
    }
}
