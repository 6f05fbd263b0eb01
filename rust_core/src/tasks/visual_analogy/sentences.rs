//! Finds the claims of a line, sentence by sentence.
//!
//! A sentence that has the form of the rationale, or ends with it behind a preface, is held to what it says
//! ([`shape`]). Any other one earns what it says plainly, and never costs anything.

use super::{
    claim::{Claim, Held, Said, Subject},
    judge::Judge,
    relations::Relation,
    shape::{self, header},
    terms::{Kind, Term, is_dressing},
    vocabulary::Meaning,
};
use crate::scan::{Token, tokens};

/// What stands before a claim in its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Preface {
    /// Nothing, or what introduces a step.
    Lead,
    /// Other talk.
    Talk,
    /// Talk that runs into the claim.
    Phrase,
    /// What denies or hedges it.
    Denial,
}

impl Judge<'_> {
    /// Reads one line.
    pub fn line(&mut self, text: &[u8], offset: usize) {
        let mut terms = std::mem::take(&mut self.terms);
        terms.clear();
        for (token, span) in tokens(text) {
            if let Token::Mark(mark) = token
                && is_dressing(mark)
            {
                if let (b')' | b']' | b'}', Some(last)) = (mark, terms.last_mut()) {
                    last.closed = true;
                }
                continue;
            }
            terms.push(Term::of(text, token, &span, offset));
            let ends = matches!(token, Token::Mark(b'.' | b'!' | b'?'))
                && text.get(span.end).is_none_or(|next| !next.is_ascii_alphanumeric() && !b"?!.".contains(next));
            if ends {
                self.sentence(&terms);
                terms.clear();
            }
        }
        self.sentence(&terms);
        if !self.pending.is_empty() {
            self.settle();
        }
        self.terms = terms;
    }

    fn sentence(&mut self, terms: &[Term]) {
        if terms.is_empty() {
            return;
        }
        if !self.pending.is_empty() {
            if self.takes_back(terms) {
                return;
            }
            self.settle();
        }
        let (mut at, mut from) = (0, 0);
        let mut plain = None;
        let mut options = Options::None;
        while at < terms.len() {
            let Some((subject, body)) = header(terms, at) else {
                at += 1;
                continue;
            };
            let start = terms[at].start as usize;
            let claim = self.claim(subject, start, terms[body - 1].end as usize);
            // It is filled where it will wait to be judged.
            self.pending.push((claim, Held::Due));
            let Some((claim, mode)) = self.pending.last_mut() else { return };
            match shape::read(terms, body, claim) {
                Ok(end) => {
                    match held(terms, from..at, claim, options) {
                        Some(held) => *mode = held,
                        None => self.pending.truncate(self.pending.len() - 1),
                    }
                    (at, from) = (end, end);
                }
                Err(fail) => {
                    self.pending.truncate(self.pending.len() - 1);
                    let next = (fail.max(body)..terms.len()).find(|&at| header(terms, at).is_some());
                    let next = next.unwrap_or(terms.len());
                    if *plain.get_or_insert_with(|| is_plain(terms)) {
                        let mut claim = self.claim(subject, start, terms[body - 1].end as usize);
                        loosely(terms, body..next, &mut claim);
                        if !claim.doubt {
                            self.pending.push((claim, Held::Loosely));
                        }
                    }
                    if let Subject::Choice(index) = subject {
                        self.mention(index);
                        options = options.with(index);
                    }
                    at = next;
                }
            }
        }
        // What a sentence in its own words concludes of several options may be said of either.
        if options == Options::Several {
            self.pending.retain(|(claim, held)| *held != Held::Loosely || claim.consistent.is_none());
        }
    }

    /// Whether a sentence takes back what the one before it in its line said: "Maybe." It is then forgotten.
    fn takes_back(&mut self, terms: &[Term]) -> bool {
        let mut words = terms.iter().filter_map(|term| if let Kind::Word(word) = term.kind { Some(word) } else { None });
        let denies = |word: &Meaning| matches!(word, Meaning::Hedge | Meaning::Not | Meaning::None);
        let first = words.clone().next().is_some_and(|word| denies(&word));
        let short = words.clone().count() <= 5;
        let says = |word: Meaning| !matches!(word, Meaning::Noise | Meaning::Filler | Meaning::Is | Meaning::Aside | Meaning::Says);
        let asks = terms[0].is_mark(b"?");
        let takes_back = (asks || first || short && words.any(|word| denies(&word)))
            && !terms.iter().any(|term| matches!(term.kind, Kind::Word(word) if says(word) && !denies(&word)));
        if takes_back {
            self.pending.clear();
        }
        takes_back
    }
}

/// The options that a sentence speaks of in its own words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Options {
    None,
    One(usize),
    Several,
}

impl Options {
    fn with(self, index: usize) -> Self {
        match self {
            Self::None => Self::One(index),
            Self::One(other) if other == index => self,
            _ => Self::Several,
        }
    }
}

/// How far a claim in the rationale's form is held to what it says behind such a preface; `None` where it
/// is not claimed at all.
fn held(terms: &[Term], before: std::ops::Range<usize>, claim: &Claim, options: Options) -> Option<Held> {
    let last = terms[before.clone()].last();
    if terms.last().is_some_and(|last| last.is_mark(b"?")) {
        return None;
    }
    // "Option 1 or option 2 is consistent"
    let apart = last.is_some_and(|last| last.is_mark(b":->") || last.kind == Kind::Other);
    if options != Options::None && !apart && matches!(claim.subject, Subject::Choice(_)) {
        return None;
    }
    // "Another rule: XOR", "Option 2: rule XOR": only "common relation" is of all rows whatever is before it.
    let short = terms[before.end].is(Meaning::Rule);
    let runs_on = last.is_some_and(|last| last.is(Meaning::Says) || last.is(Meaning::Is));
    let named = terms[before.clone()].iter().any(|term| {
        matches!(term.kind, Kind::Word(Meaning::Example | Meaning::Choice | Meaning::Query))
    });
    match preface(&terms[before]) {
        Preface::Denial => None,
        Preface::Lead => Some(Held::Due),
        Preface::Phrase if short && !runs_on => Some(Held::Loosely),
        Preface::Talk | Preface::Phrase if short && named => Some(Held::Loosely),
        Preface::Talk | Preface::Phrase => Some(Held::True),
    }
}

/// What a preface does to the claim behind it.
fn preface(terms: &[Term]) -> Preface {
    let mut lead = true;
    for (at, term) in terms.iter().enumerate() {
        match term.kind {
            Kind::Word(Meaning::Hedge | Meaning::Not | Meaning::None) | Kind::Mark(b'?') => return Preface::Denial,
            Kind::Word(Meaning::Filler | Meaning::Loose(Relation::And)) | Kind::Number(_) | Kind::Mark(_) | Kind::Other => {}
            // "(a)", "B."
            Kind::Word(Meaning::Panel(_)) if term.closed || terms.get(at + 1).is_some_and(|next| next.is_mark(b".:")) => {}
            Kind::Word(_) => lead = false,
        }
    }
    match terms.last() {
        _ if lead => Preface::Lead,
        Some(Term { kind: Kind::Mark(_) | Kind::Other, .. }) => Preface::Talk,
        _ => Preface::Phrase,
    }
}

/// Whether a sentence in its own words says what it says, and neither denies nor weighs it.
fn is_plain(terms: &[Term]) -> bool {
    let loud = !terms.iter().any(|term| matches!(term.kind, Kind::Word(_)) && !term.capital);
    terms.iter().enumerate().all(|(at, term)| match term.kind {
        Kind::Mark(mark) => mark != b'?',
        Kind::Word(Meaning::Hedge | Meaning::Aside) => false,
        Kind::Word(Meaning::Not) => terms.get(at + 1).is_some_and(|next| next.is(Meaning::Consistent(true))),
        Kind::Word(Meaning::None) => terms.get(at + 1).is_some_and(|next| next.is(Meaning::Rule)) || announced(terms, at),
        Kind::Word(Meaning::Loose(Relation::Or)) => term.capital && !loud || announced(terms, at),
        _ => true,
    })
}

/// Whether a word stands right behind a colon, and ends what is said.
fn announced(terms: &[Term], at: usize) -> bool {
    let before = at.checked_sub(1).map(|before| terms[before]);
    let after = terms.get(at + 1);
    before.is_some_and(|term| term.is_mark(b":=|"))
        && after.is_none_or(|term| matches!(term.kind, Kind::Mark(_) | Kind::Word(Meaning::On)))
}

/// Fills a claim from a sentence in its own words.
fn loosely(terms: &[Term], body: std::ops::Range<usize>, claim: &mut Claim) {
    let loud = !terms[body.clone()].iter().any(|term| matches!(term.kind, Kind::Word(_)) && !term.capital);
    let mut last = Meaning::Noise;
    for at in body {
        let term = &terms[at];
        match term.kind {
            Kind::Word(word) => {
                let sure = match word {
                    Meaning::Loose(_) => term.capital && !loud || announced(terms, at),
                    _ => true,
                };
                let word = if sure { word } else { Meaning::Noise };
                claim.word(word, term.capital, last, term.span());
                last = word;
            }
            Kind::Number(number) => {
                claim.number(number, term.end as usize);
                last = Meaning::Noise;
            }
            Kind::Mark(b':' | b'=') => last = Meaning::Is,
            Kind::Mark(b';' | b'|' | b'/') => {
                claim.separate();
                last = Meaning::Noise;
            }
            Kind::Mark(_) => {}
            Kind::Other => last = Meaning::Noise,
        }
    }
    // Half of what it says may be another's.
    claim.doubt |= claim.consistent.is_none() && claim.said == Said::Nothing && claim.values_end == 0;
}
