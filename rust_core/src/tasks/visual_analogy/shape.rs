//! Sentences in the form of the rationale, of either style. They alone can be wrong; so the whole rest of
//! a sentence has to be of that form, marks aside: `Option 2 is consistent: XOR on shape type`.

use super::{
    claim::{Claim, Said, Subject},
    relations::{Attribute, Relation},
    terms::{Kind, Term},
    vocabulary::Meaning,
};

/// Why a sentence is none: the place of the term that does not belong.
type Shape = Result<(), usize>;

/// What a claim that starts at a place is about, and the place after its header.
#[inline]
pub fn header(terms: &[Term], at: usize) -> Option<(Subject, usize)> {
    let Kind::Word(word) = terms[at].kind else { return None };
    let follows = |want: fn(Kind) -> bool| {
        terms.get(at + 1).filter(|term| want(term.kind)).map(|term| (term.kind, at + 2))
    };
    match word {
        Meaning::Query => Some((Subject::Query, at + 1)),
        Meaning::Rule => Some((Subject::Rule, at + 1)),
        Meaning::Common => follows(|kind| kind == Kind::Word(Meaning::Rule)).map(|(_, next)| (Subject::Rule, next)),
        Meaning::Example | Meaning::Choice => {
            let (Kind::Number(number), next) = follows(|kind| matches!(kind, Kind::Number(_)))? else { return None };
            let index = number.wrapping_sub(1).min(99) as usize;
            Some((if word == Meaning::Example { Subject::Example(index) } else { Subject::Choice(index) }, next))
        }
        _ => None,
    }
}

/// Reads what follows a header, and fills the claim; returns the place after it. Where it is not of the
/// rationale's form, returns the place of the term that does not belong.
pub fn read(terms: &[Term], body: usize, claim: &mut Claim) -> Result<usize, usize> {
    let mut reader = Reader { terms, at: body, claim };
    match reader.claim.subject {
        Subject::Example(_) => reader.row(3)?,
        Subject::Query => reader.row(2)?,
        Subject::Choice(_) => reader.choice()?,
        Subject::Rule => reader.rule()?,
    }
    reader.end()
}

struct Reader<'a> {
    terms: &'a [Term],
    at: usize,
    claim: &'a mut Claim,
}

impl Reader<'_> {
    /// The next term.
    #[inline]
    fn peek(&self) -> Option<&Term> {
        self.terms.get(self.at)
    }

    #[inline]
    fn word(&self) -> Meaning {
        match self.peek().map(|term| term.kind) {
            Some(Kind::Word(meaning)) => meaning,
            _ => Meaning::Noise,
        }
    }

    #[inline]
    fn takes(&mut self, meaning: Meaning) -> bool {
        let found = self.word() == meaning;
        self.at += usize::from(found);
        found
    }

    #[inline]
    fn mark<const N: usize>(&mut self, marks: &[u8; N]) -> bool {
        let found = self.peek().is_some_and(|term| term.is_mark(marks));
        self.at += usize::from(found);
        found
    }

    /// Where the term just taken ends.
    fn taken(&self) -> usize {
        self.terms[self.at - 1].end as usize
    }

    /// `shape type`, `type`.
    fn domain(&mut self) -> bool {
        let family = if let Meaning::Family(lines) = self.word() {
            self.at += 1;
            Some(lines)
        } else {
            None
        };
        let Meaning::Attribute(attribute) = self.word() else { return false };
        self.at += 1;
        let end = self.taken();
        self.claim.name(attribute, family, end);
        true
    }

    /// `AND`, `no relation`.
    fn relation(&mut self) -> bool {
        let Some(&first) = self.peek() else { return false };
        let said = match first.kind {
            Kind::Word(Meaning::Relation(relation) | Meaning::Loose(relation)) => Said::Relation(relation),
            Kind::Word(Meaning::None) => Said::Without,
            _ => return false,
        };
        self.at += 1;
        if said == Said::Without {
            let _ = self.takes(Meaning::Rule);
        }
        let span = first.start as usize..self.taken();
        self.claim.relate(said, span);
        true
    }

    /// One value of whatever attribute.
    fn value(&mut self) -> bool {
        let Some(&first) = self.peek() else { return false };
        let lines = self.claim.lines;
        let (attribute, value, known) = match first.kind {
            Kind::Number(number) => {
                let known = (1..=9).contains(&number);
                (Attribute::Quantity, if known { number as u8 - 1 } else { 15 }, known)
            }
            Kind::Word(word) => match word {
                Meaning::Value(attribute, value) => (attribute, value, true),
                Meaning::Shape(value) => (Attribute::Type, value, !lines),
                Meaning::Line(value) => (Attribute::Type, value, lines),
                Meaning::Circle => (Attribute::Type, if lines { 5 } else { 0 }, true),
                Meaning::Number(number) => (Attribute::Quantity, number - 1, true),
                Meaning::Gray => (Attribute::Color, 2, true),
                Meaning::Vee | Meaning::Row(_) | Meaning::Shade(_) => {
                    self.at += 1;
                    match (word, self.word()) {
                        (Meaning::Vee, Meaning::Facing(value) | Meaning::Side(_, Some(value))) => {
                            (Attribute::Type, value, lines)
                        }
                        (Meaning::Row(row), Meaning::Side(column, _)) => (Attribute::Position, row + column, true),
                        (Meaning::Shade(shade), Meaning::Gray) => (Attribute::Color, shade, true),
                        // "light black"
                        (Meaning::Shade(_), Meaning::Value(Attribute::Color, value)) => (Attribute::Color, value, false),
                        _ => return false,
                    }
                }
                _ => return false,
            },
            _ => return false,
        };
        self.at += 1;
        if matches!(first.kind, Kind::Word(Meaning::Line(0 | 1))) {
            let _ = self.takes(Meaning::Diagonal);
        }
        self.claim.foreign |= !known;
        let end = self.taken();
        self.claim.value(attribute, value, end);
        true
    }

    /// The values of one panel; `apart` where commas have to stand between them.
    fn values(&mut self, apart: bool) -> Shape {
        loop {
            if !self.value() {
                return Err(self.at);
            }
            let comma = self.mark(b",");
            let next = match self.peek().map(|term| term.kind) {
                Some(Kind::Number(_)) => true,
                Some(Kind::Word(word)) => !matches!(
                    word,
                    Meaning::Panel(_) | Meaning::Pane | Meaning::Noise | Meaning::Loose(_) | Meaning::Relation(_)
                ),
                _ => false,
            };
            if !next {
                return Ok(());
            }
            if apart && !comma {
                return Err(self.at);
            }
        }
    }

    /// `, shape type: A circle, square; B square; C square: AND`, ` type circle square; square; square: and`.
    fn row(&mut self, panels: usize) -> Shape {
        while self.mark(b",:-") {}
        if !self.domain() {
            return Err(self.at);
        }
        let _ = self.mark(b":=");
        let mut lettered = false;
        let mut panel = 0;
        loop {
            let named = self.letter(panel)?;
            if panel > 0 && named != lettered {
                return Err(self.at);
            }
            lettered = named;
            self.claim.panel = panel;
            self.values(lettered)?;
            panel += 1;
            let parted = self.mark(b";|/");
            let goes_on = parted && !self.is_over() || lettered && matches!(self.word(), Meaning::Panel(_) | Meaning::Pane);
            if !goes_on {
                break;
            }
            if panel == panels {
                return Err(self.at);
            }
        }
        if panels == 3 && self.mark(b":=") && !self.relation() {
            return Err(self.at);
        }
        let related = self.claim.said != Said::Nothing;
        if panel == panels || panel > 1 && related { Ok(()) } else { Err(self.at) }
    }

    /// The letter of a panel, if one is there; it must be that of the one that is due.
    fn letter(&mut self, panel: usize) -> Result<bool, usize> {
        let pane = self.takes(Meaning::Pane);
        let Meaning::Panel(letter) = self.word() else { return if pane { Err(self.at) } else { Ok(false) } };
        if usize::from(letter) != panel {
            return Err(self.at);
        }
        self.at += 1;
        let _ = self.mark(b":=") || self.takes(Meaning::Is);
        let _ = self.takes(Meaning::Panel(0)); // "shows a"
        Ok(true)
    }

    /// `, shape type: circle: AND`, ` circle: and`, ` is consistent: AND on shape type`.
    fn choice(&mut self) -> Shape {
        if self.takes(Meaning::Is) {
            let negative = self.takes(Meaning::Not);
            let Meaning::Consistent(positive) = self.word() else { return Err(self.at) };
            self.at += 1;
            self.claim.consistent = Some(positive != negative);
            self.claim.end = self.taken();
            let whole = self.mark(b":=") && self.relation() && self.takes(Meaning::On) && self.domain();
            return if whole { Ok(()) } else { Err(self.at) };
        }
        while self.mark(b",:-") {}
        let named = self.domain();
        if named && !self.mark(b":=") {
            return Err(self.at);
        }
        self.values(named)?;
        if self.claim.attribute.is_none() && self.claim.mixed {
            return Err(self.at);
        }
        if self.mark(b":=") && self.relation() { Ok(()) } else { Err(self.at) }
    }

    /// `: AND on shape type in example 1 and on shape color in example 2`, ` and`.
    fn rule(&mut self) -> Shape {
        while self.mark(b":=-") {}
        if !self.relation() {
            return Err(self.at);
        }
        while self.takes(Meaning::On) {
            if !self.domain() {
                return Err(self.at);
            }
            loop {
                if self.takes(Meaning::In) {
                    if !self.takes(Meaning::Example) {
                        return Err(self.at);
                    }
                    let Some(&Term { kind: Kind::Number(number), .. }) = self.peek() else { return Err(self.at) };
                    self.at += 1;
                    let end = self.taken();
                    self.claim.place(number, end);
                }
                let _ = self.mark(b",;");
                if !self.takes(Meaning::Loose(Relation::And)) {
                    break;
                }
                if self.word() != Meaning::In {
                    if self.word() != Meaning::On {
                        return Err(self.at);
                    }
                    break;
                }
            }
        }
        Ok(())
    }

    fn is_over(&self) -> bool {
        self.peek().is_none_or(|term| term.is_mark(b"."))
    }

    /// Only marks may follow, or after one of them another header.
    fn end(&mut self) -> Result<usize, usize> {
        let start = self.at;
        while let Some(term) = self.terms.get(self.at) {
            let ends = term.is_mark(b".,;!|-");
            let next = self.at > start && header(self.terms, self.at).is_some();
            if next {
                return Ok(self.at);
            }
            if !ends {
                return Err(self.at);
            }
            self.at += 1;
        }
        Ok(self.at)
    }
}
