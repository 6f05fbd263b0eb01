//! Claims of a rationale as they are read, word by word.

use std::ops::Range;

use super::{
    relations::{Attribute, Domain, Relation},
    vocabulary::Meaning,
};
use crate::verdict::Reason;

/// What a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The example of this index.
    Example(usize),
    /// The query.
    Query,
    /// The option of this index.
    Choice(usize),
    /// The relation of all rows.
    Rule,
}

/// How far a claim is held to what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It has the rationale's form: it must be true and due.
    Due,
    /// The same behind a preface of other words: it must be true, but may be said of another part.
    True,
    /// It has words of its own: it counts where it is true and due, and else is nothing.
    Loosely,
}

/// What a claim says of relations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Nothing.
    Nothing,
    /// That there is none.
    Without,
    /// This one.
    Relation(Relation),
}

impl Said {
    /// What would be true where this relation, or none, holds.
    pub fn of(relation: Option<Relation>) -> Self {
        relation.map_or(Self::Without, Self::Relation)
    }

    /// The relation, if one is named.
    pub fn relation(self) -> Option<Relation> {
        match self {
            Self::Relation(relation) => Some(relation),
            Self::Nothing | Self::Without => None,
        }
    }
}

/// The first half of what takes two words to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Half {
    Nothing,
    /// A V, before its direction.
    Vee,
    /// `dark` or `light`, before gray.
    Shade(u8),
    /// A row of slots, before the column.
    Row(u8),
    /// A slanted line, before "diagonal".
    Slanted,
    /// `example`, before its number.
    Example,
}

/// A claim as far as it has been read.
#[allow(clippy::struct_excessive_bools, reason = "they are independent facts")]
pub struct Claim {
    /// What it is about.
    pub subject: Subject,
    /// First byte.
    pub start: usize,
    /// One past the last byte that matters.
    pub end: usize,
    /// Whether the panels hold lines.
    pub lines: bool,
    /// The attribute named.
    pub attribute: Option<Attribute>,
    /// Whether of lines, where that is said.
    pub family: Option<bool>,
    /// The attribute that the values belong to.
    pub implied: Option<Attribute>,
    /// The values read, by panel; those of options count as the first panel's.
    pub sets: [u16; 3],
    /// One past the last byte of the values, 0 without any.
    pub values_end: usize,
    /// Whether they belong to several attributes, though none was named.
    pub mixed: bool,
    /// The relation stated.
    pub said: Said,
    /// Its bytes.
    pub said_span: Range<usize>,
    /// Whether an option is said to be consistent.
    pub consistent: Option<bool>,
    /// Domains named by a rule for each example, as bits of domain numbers.
    pub domains: [u8; 2],
    /// Those named for none in particular.
    pub loose: u8,
    /// Whether some values are not of the named attribute or of such panels.
    pub foreign: bool,
    /// The panel whose values come next.
    pub panel: usize,
    /// Whether it says several things that exclude each other.
    pub doubt: bool,
    /// Whether a separator stood before what comes.
    advance: bool,
    not: bool,
    half: Half,
    /// The attribute that numbers are read as where none is named.
    default: Option<Attribute>,
}

impl Claim {
    /// The start of a claim about panels of lines or of shapes.
    pub fn new(subject: Subject, start: usize, end: usize, lines: bool, default: Option<Attribute>) -> Self {
        Self {
            subject,
            start,
            end,
            lines,
            attribute: None,
            family: None,
            implied: None,
            sets: [0; 3],
            values_end: 0,
            mixed: false,
            said: Said::Nothing,
            said_span: 0..0,
            consistent: None,
            domains: [0; 2],
            loose: 0,
            foreign: false,
            panel: 0,
            doubt: false,
            advance: false,
            not: false,
            half: Half::Nothing,
            default,
        }
    }

    /// Takes a separator of panels.
    pub fn separate(&mut self) {
        self.advance = self.values_end > 0;
    }

    /// Takes a word of a sentence in its own words, `last` being what came before it: [`Meaning::Is`] after a colon.
    pub fn word(&mut self, word: Meaning, capital: bool, last: Meaning, span: Range<usize>) {
        let announced = last == Meaning::Is;
        let end = span.end;
        let half = self.half;
        if !matches!(word, Meaning::Noise | Meaning::Family(_)) {
            self.half = Half::Nothing;
        }
        match word {
            Meaning::Value(attribute, value) => self.value(attribute, value, end),
            Meaning::Shape(value) => {
                self.foreign |= self.lines;
                self.value(Attribute::Type, value, end);
            }
            Meaning::Line(value) => {
                self.foreign |= !self.lines;
                self.value(Attribute::Type, value, end);
                if value < 2 {
                    self.half = Half::Slanted;
                }
            }
            Meaning::Diagonal if half == Half::Slanted => self.values_end = self.values_end.max(end),
            Meaning::Circle => self.value(Attribute::Type, if self.lines { 5 } else { 0 }, end),
            Meaning::Vee => {
                self.foreign |= !self.lines;
                self.half = Half::Vee;
            }
            Meaning::Facing(value) | Meaning::Side(_, Some(value)) if half == Half::Vee => {
                self.value(Attribute::Type, value, end);
            }
            Meaning::Side(column, _) => {
                if let Half::Row(row) = half {
                    self.value(Attribute::Position, row + column, end);
                }
            }
            Meaning::Row(row) => self.half = Half::Row(row),
            Meaning::Shade(value) => self.half = Half::Shade(value),
            Meaning::Gray => {
                let shade = if let Half::Shade(shade) = half { shade } else { 2 };
                self.value(Attribute::Color, shade, end);
            }
            Meaning::Number(number) => {
                self.half = half;
                self.number(u32::from(number), end);
            }
            Meaning::Panel(panel) if panel > 0 || capital => {
                self.panel = usize::from(panel);
                self.advance = false;
            }
            Meaning::Attribute(attribute) => {
                let family = if let Meaning::Family(lines) = last { Some(lines) } else { None };
                self.name(attribute, family, end);
            }
            Meaning::Relation(relation) if !self.not => self.relate(Said::Relation(relation), span),
            Meaning::Loose(relation) => self.relate(Said::Relation(relation), span),
            Meaning::None if announced || last == Meaning::Rule || self.implied.is_some() => {
                self.relate(Said::Without, span);
            }
            // "no relation"
            Meaning::Rule if last == Meaning::None && self.said == Said::Without => {
                self.said_span.end = end;
                self.end = end;
            }
            Meaning::Not => self.not = true,
            Meaning::Consistent(positive) => {
                self.consistent = Some(positive != std::mem::take(&mut self.not));
                self.end = end;
            }
            Meaning::Example => self.half = Half::Example,
            _ => {}
        }
    }

    /// Takes a number: an example's, or a quantity.
    pub fn number(&mut self, number: u32, end: usize) {
        if std::mem::replace(&mut self.half, Half::Nothing) == Half::Example {
            self.place(number, end);
            return;
        }
        if self.attribute.or(self.default) == Some(Attribute::Quantity) && self.consistent.is_none() {
            let known = (1..=9).contains(&number);
            self.foreign |= !known;
            self.value(Attribute::Quantity, if known { number as u8 - 1 } else { 15 }, end);
        }
    }

    /// Takes the number of the example that a rule's domain is of.
    pub fn place(&mut self, number: u32, end: usize) {
        if let Some(domains) = self.domains.get_mut(number.wrapping_sub(1) as usize) {
            *domains |= std::mem::take(&mut self.loose);
        }
        self.end = end;
    }

    /// Takes a value of an attribute.
    pub fn value(&mut self, attribute: Attribute, value: u8, end: usize) {
        if self.consistent.is_some() || self.said != Said::Nothing {
            return;
        }
        if std::mem::take(&mut self.advance) {
            self.panel += 1;
        }
        match self.attribute {
            Some(own) => {
                self.foreign |= own != attribute;
            }
            None => self.mixed |= self.implied.is_some_and(|other| other != attribute),
        }
        self.implied = Some(attribute);
        let panel = if matches!(self.subject, Subject::Choice(_)) { 0 } else { self.panel };
        match self.sets.get_mut(panel) {
            Some(set) => *set |= 1 << value,
            None => self.foreign = true,
        }
        self.values_end = end;
    }

    /// Takes the name of an attribute, perhaps with what it is of.
    pub fn name(&mut self, attribute: Attribute, family: Option<bool>, end: usize) {
        if self.subject == Subject::Rule {
            if self.said.relation().is_some() {
                self.loose |= domain_bit(Domain { lines: family.unwrap_or(self.lines), attribute });
                self.end = end;
            }
        } else {
            if self.attribute.is_none() {
                self.attribute = Some(attribute);
                self.family = family;
            }
            self.end = end;
        }
    }

    /// Takes a relation.
    pub fn relate(&mut self, said: Said, span: Range<usize>) {
        let due = match self.subject {
            Subject::Rule => true,
            Subject::Query => false,
            Subject::Example(_) | Subject::Choice(_) => self.values_end > 0 || self.consistent.is_some(),
        };
        if !due {
            return;
        }
        if self.said == Said::Nothing {
            self.said = said;
            self.end = span.end;
            self.said_span = span;
        } else {
            self.doubt |= self.said != said;
        }
    }

    /// What is wrong with the values read, if anything.
    pub fn misread(&self, values: [u16; 3], panels: usize) -> Reason {
        if self.family.is_some_and(|lines| lines != self.lines) {
            Reason::WrongDomain
        } else if self.foreign {
            Reason::WrongValue
        } else if self.sets == values {
            Reason::None
        } else if self.sets[..panels].contains(&0) {
            Reason::Incomplete
        } else {
            Reason::WrongValue
        }
    }

    /// The bit of the domain that an attribute of this claim is.
    pub fn domain(&self, attribute: Attribute) -> u8 {
        domain_bit(Domain { lines: self.family.unwrap_or(self.lines), attribute })
    }
}

/// The bit of a domain's number; lines have no sizes and the like, which share the last bit.
pub fn domain_bit(domain: Domain) -> u8 {
    if domain.lines && domain.attribute as usize > 1 { 1 << 7 } else { 1 << domain.number() }
}
