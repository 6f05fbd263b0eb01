//! The documented shapes: those of the task's own rationales, whole or behind a preface.
//!
//! Only a line that ends with one of them can be wrong.

use super::{
    lines::{Key, Line, is_common, loose},
    Problem,
    terms::{Kind, Term, is_toned},
};

/// A documented line: what it says, and whether words stand before it.
pub struct Shaped {
    pub line: Line,
    pub prefaced: bool,
}

/// A shape is at most so many terms long, lists aside.
const LONGEST: usize = 14;

/// The documented shape that a line ends with.
pub fn shaped(problem: &Problem, bytes: &[u8], terms: &[Term<'_>]) -> Option<Shaped> {
    let at = begin(terms, bytes)?;
    let preface = &terms[..at];
    if !preface.is_empty() && is_toned(preface, &[]) || bytes.contains(&b'?') {
        return None;
    }
    let line = loose(problem, &bytes[terms[at].start..])?;
    Some(Shaped { line, prefaced: preface.iter().any(|term| term.kind != Kind::Number) })
}

/// Where the shape begins.
fn begin(terms: &[Term<'_>], bytes: &[u8]) -> Option<usize> {
    let lists = |term: &Term<'_>| {
        matches!(term.kind, Kind::Key(Key::Collect | Key::Avoid | Key::Reach)) || matches!(term.kind, Kind::Key(Key::Lost))
    };
    if let Some(at) = terms.iter().rposition(lists) {
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
        reader().step(bounded) || reader().ends(bounded) || reader().back(bounded) || reader().header(bounded, colon && is_led_to(terms, at))
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
        self.eat(|term| term.kind == Kind::Key(key))
    }

    fn cell(&mut self) -> bool {
        self.eat(|term| term.cell().is_some())
    }

    /// A symbol, or an end in its place.
    fn symbol(&mut self) -> bool {
        self.eat(|term| matches!(term.kind, Kind::Key(Key::Symbol(_) | Key::Destination | Key::Start)))
    }

    fn heading(&mut self) -> bool {
        self.eat(|term| matches!(term.kind, Kind::Key(Key::Heading(_))))
    }

    fn done(&self) -> bool {
        self.0.is_empty()
    }

    /// `collect the heart at (a, c), the star at (b, c)`, `avoid aa bb`, `reach ca cb`, `lost heart ac`
    fn list(&mut self) -> bool {
        self.0 = &self.0[1..];
        if self.key(Key::Nothing) {
            return self.done();
        }
        let mut any = false;
        while !self.done() {
            self.word("and");
            self.word("the");
            self.symbol();
            self.key(Key::At);
            if !self.cell() {
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
            && self.0.first().is_some_and(|first| match first.kind {
                Kind::Pair(_, &[a, b]) => is_common([a | 0x20, b | 0x20]),
                _ => false,
            });
        let origin = !verb && self.cell();
        if !origin && (from || !bounded) {
            return false;
        }
        let go = from && self.word("go");
        if !self.heading() {
            return false;
        }
        let to = go && self.key(Key::To);
        if from && !(go && to) {
            return false;
        }
        let target = self.cell();
        let verdict = self.eat(|term| {
            matches!(
                term.kind,
                Kind::Key(Key::Closed | Key::Outside | Key::Visited | Key::Future | Key::Okay)
            )
        });
        if verdict {
            self.key(Key::Collect);
            self.symbol();
            return self.done();
        }
        if !(origin && target) {
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
        if bounded && self.cell() {
            return self.key(Key::To) && self.cell() && self.done();
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
    fn header(&mut self, bounded: bool, colon: bool) -> bool {
        if !self.key(Key::At) || !self.cell() || !(bounded || colon) {
            return false;
        }
        if self.key(Key::Collect) && !self.symbol() {
            return false;
        }
        self.word("again");
        self.done()
    }
}
