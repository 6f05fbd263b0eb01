//! Judging the claims of a rationale as they come.

use std::ops::Range;

use super::{
    problem::Analogy,
    claim::{Claim, Held, Said, Subject, domain_bit},
    relations::{Attribute, Relation, relations_in},
    terms::Term,
};
use crate::verdict::{Reason, Skill, State, Step};

/// Where the bits of [`Judge::seen`] for options start: what each holds, what it makes of the query, and
/// whether it is consistent.
const READ: usize = 35;
const APPLIED: usize = 55;
const CONCLUDED: usize = 75;

/// Judges claims as they come.
pub struct Judge<'a> {
    analogy: &'a Analogy,
    /// The terms of a sentence, and the claims of one that the next may take back.
    pub terms: Vec<Term>,
    pub pending: Vec<(Claim, Held)>,
    /// What was found.
    pub steps: Vec<Step>,
    /// Where the final answer starts.
    pub end: usize,
    /// The claims already made, one bit each.
    seen: u128,
    /// How many steps were said in the rationale's form.
    pub claims: usize,
    /// Whether a sentence of its own words spoke of the right option.
    mentioned: bool,
    /// How far the rationale is: examples, rule, options.
    phase: u8,
    /// The attribute that the query was last read for.
    query_attribute: Option<Attribute>,
    /// The relation last named as common, and the domains it was named for.
    rule: Said,
    rule_domains: [u8; 2],
    /// By example and relation, the domains in which it was stated.
    stated: [[u8; 4]; 2],
    /// The domains in which the query was read, and in which an option was found to fit.
    query_domains: u8,
    fitting_domains: u8,
    fitting_relation: Option<Relation>,
}

impl<'a> Judge<'a> {
    /// For a reply of so many bytes.
    pub fn new(analogy: &'a Analogy, bytes: usize) -> Self {
        Self {
            analogy,
            terms: Vec::with_capacity(if bytes < 64 { 8 } else { 48 }),
            pending: Vec::with_capacity(2),
            steps: Vec::with_capacity(if bytes < 64 { 1 } else { (bytes / 20).min(96) }),
            end: usize::MAX,
            seen: 0,
            claims: 0,
            mentioned: false,
            phase: 0,
            query_attribute: None,
            rule: Said::Nothing,
            rule_domains: [0; 2],
            stated: [[0; 4]; 2],
            query_domains: 0,
            fitting_domains: 0,
            fitting_relation: None,
        }
    }

    /// The start of a claim.
    pub fn claim(&self, subject: Subject, start: usize, end: usize) -> Claim {
        let (row, default) = match subject {
            Subject::Example(index) => (index, None),
            Subject::Choice(_) => (usize::MAX, self.query_attribute),
            Subject::Query | Subject::Rule => (usize::MAX, None),
        };
        Claim::new(subject, start, end, self.analogy.lines(row), default)
    }

    /// An option is spoken of in a sentence of its own words.
    pub fn mention(&mut self, index: usize) {
        self.mentioned |= index == usize::from(self.analogy.answer);
    }

    /// Judges the claims that are pending.
    pub fn settle(&mut self) {
        let mut pending = std::mem::take(&mut self.pending);
        for (claim, held) in &pending {
            match claim.subject {
                Subject::Example(index) => self.example(index, claim, *held),
                Subject::Query => self.query(claim, *held),
                Subject::Choice(index) if claim.consistent.is_some() => self.conclusion(index, claim, *held),
                Subject::Choice(index) => self.choice(index, claim, *held),
                Subject::Rule => self.rule(claim, *held),
            }
        }
        pending.clear();
        self.pending = pending;
    }

    /// Records a step: false for `reason`, or true and perhaps not due, or said before. Tells whether
    /// it counts: a sentence in its own words only does so where nothing is amiss.
    fn push(
        &mut self,
        held: Held,
        span: Range<usize>,
        skill: Skill,
        reason: Reason,
        bit: u32,
        phase: Option<u8>,
    ) -> bool {
        let late = span.start > self.end;
        let known = self.seen >> bit & 1 == 1;
        let early = phase.is_some_and(|phase| phase < self.phase);
        match held {
            Held::Loosely if reason != Reason::None || late || known || early => return false,
            Held::True if reason == Reason::None && (late || early && !known) => return false,
            _ => {}
        }
        let mut step = Step::ok(span, skill);
        if reason != Reason::None {
            step = Step { state: State::Wrong, reason, ..step };
        } else if late {
            step = Step { state: State::Unsupported, reason: Reason::Extra, ..step };
        } else if known {
            // A recap is no error, whenever it comes; nor is it a second achievement.
            step.repeated = true;
        } else if early {
            step = Step { state: State::Unsupported, reason: Reason::OutOfOrder, ..step };
        }
        self.seen |= 1 << bit;
        // What is not held to its place does not hold others to theirs.
        if let (Held::Due, Some(phase)) = (held, phase) {
            self.phase = self.phase.max(phase);
        }
        self.claims += usize::from(held != Held::Loosely);
        self.steps.push(step);
        true
    }

    fn example(&mut self, index: usize, claim: &Claim, held: Held) {
        let (Some(attribute), true) = (claim.attribute, claim.values_end > 0) else { return };
        let read = claim.start..claim.values_end;
        let exists = index < self.analogy.rows().len();
        let bit = (index.min(2) * 5 + attribute as usize) as u32;
        let reason = if exists { claim.misread(self.analogy.values(index, attribute), 3) } else { Reason::NoSuchName };
        // What a sentence in its own words compares are the values that it says.
        if held == Held::Loosely && reason != Reason::None {
            return;
        }
        self.push(held, read, Skill::Read, reason, bit, Some(0));
        if claim.said == Said::Nothing {
            return;
        }
        let reason = if !exists {
            Reason::NoSuchName
        } else if claim.said == Said::of(self.analogy.shows(index, attribute)) {
            Reason::None
        } else {
            Reason::WrongRelation
        };
        let counts = self.push(held, claim.said_span.clone(), Skill::Compare, reason, 15 + bit, Some(0));
        if let (true, Some(relation)) = (exists && counts, claim.said.relation()) {
            self.stated[index][relation as usize] |= claim.domain(attribute);
        }
    }

    fn query(&mut self, claim: &Claim, held: Held) {
        let (Some(attribute), true) = (claim.attribute, claim.values_end > 0) else { return };
        let values = self.analogy.values(usize::MAX, attribute);
        let reason = claim.misread(values, 2);
        let bit = 30 + attribute as u32;
        let counts = self.push(held, claim.start..claim.values_end, Skill::Read, reason, bit, None);
        // Other words about the query do not say that its relation is there.
        if counts && held != Held::Loosely {
            self.query_attribute = Some(attribute);
            self.query_domains |= claim.domain(attribute);
        }
    }

    fn choice(&mut self, index: usize, claim: &Claim, held: Held) {
        let Some(attribute) = claim.attribute.or(claim.implied) else { return };
        if claim.values_end == 0 || (claim.attribute.is_none() && claim.mixed) {
            return;
        }
        let read = claim.start..claim.values_end;
        let Some(panel) = self.analogy.choices().get(index) else {
            self.push(held, read, Skill::Read, Reason::NoSuchName, 127, Some(2));
            return;
        };
        let bit = (READ + 5 * index + attribute as usize) as u32;
        let reason = claim.misread([panel.sets.get(attribute), 0, 0], 1);
        if held == Held::Loosely && reason != Reason::None {
            return;
        }
        self.push(held, read, Skill::Read, reason, bit, Some(2));
        if claim.said != Said::Nothing {
            let holds = claim.said == Said::of(self.analogy.completes(index, attribute));
            let reason = if holds { Reason::None } else { Reason::WrongRelation };
            self.push(held, claim.said_span.clone(), Skill::ApplyRule, reason, bit + (APPLIED - READ) as u32, Some(2));
        }
    }

    /// `Option 2 is consistent: AND on shape type`.
    fn conclusion(&mut self, index: usize, claim: &Claim, held: Held) {
        let span = claim.start..claim.end;
        if index >= self.analogy.choices().len() {
            self.push(held, span, Skill::Conclude, Reason::NoSuchName, 126, Some(2));
            return;
        }
        let fits = claim.consistent == Some(true);
        let right = index == usize::from(self.analogy.answer);
        let reason = match (claim.said, claim.attribute) {
            _ if fits ^ right => Reason::WrongConclusion,
            (Said::Nothing, _) | (Said::Without, None) => Reason::None,
            _ if claim.family.is_some_and(|lines| lines != claim.lines) => Reason::WrongDomain,
            (said, _) if fits && said != Said::Relation(self.analogy.relation) => Reason::WrongRelation,
            (said, Some(attribute)) if said != Said::of(self.analogy.completes(index, attribute)) => {
                Reason::WrongRelation
            }
            // Without a domain the relation must hold somewhere.
            (Said::Relation(relation), None) if relations_in(self.analogy.shown[index]) >> relation as u32 & 1 == 0 => {
                Reason::WrongRelation
            }
            _ => Reason::None,
        };
        let counts = self.push(held, span, Skill::Conclude, reason, (CONCLUDED + index) as u32, Some(2));
        if counts && fits && (held != Held::Loosely || claim.said.relation().is_some()) {
            self.fitting_relation = claim.said.relation().or(self.fitting_relation);
            self.fitting_domains |= claim.attribute.map_or(0, |attribute| claim.domain(attribute));
        }
    }

    fn rule(&mut self, claim: &Claim, held: Held) {
        if claim.said == Said::Nothing {
            return;
        }
        // Domains named for no example are meant for all.
        let domains = claim.domains.map(|of| of | claim.loose);
        let right = |row: usize| domains[row] & !domain_bit(self.analogy.example_domains[row]) == 0;
        let reason = if claim.said != Said::Relation(self.analogy.relation) {
            Reason::WrongRelation
        } else if (0..self.analogy.rows().len()).all(right) {
            Reason::None
        } else {
            Reason::WrongDomain
        };
        let counts = self.push(held, claim.start..claim.end, Skill::InferRule, reason, 80, Some(1));
        // The same relation again without its domains takes none back.
        if counts && (self.rule != claim.said || domains != [0; 2]) {
            self.rule = claim.said;
            self.rule_domains = domains;
        }
    }

    /// Whether it was said what the right option makes of the query, or what all others do.
    pub fn has_ground(&self) -> bool {
        let right = usize::from(self.analogy.answer);
        let applied = (0x1F << (APPLIED + 5 * right) | 1 << (CONCLUDED + right)) & self.seen != 0;
        let concluded = |index: usize| index == right || self.seen >> (CONCLUDED + index) & 1 == 1;
        self.mentioned || applied || (0..self.analogy.choices().len()).all(concluded)
    }

    /// Relation, example domains and query domain: named and right, named and wrong, or not named.
    pub fn components(&self) -> [f32; 3] {
        let truth = |right: bool| f32::from(u8::from(right));
        let rule = match (self.rule, self.fitting_relation) {
            (Said::Nothing, Some(relation)) => Said::Relation(relation),
            (rule, _) => rule,
        };
        let relation =
            if rule == Said::Nothing { f32::NAN } else { truth(rule == Said::Relation(self.analogy.relation)) };
        let mut examples = 1.0;
        for row in 0..self.analogy.rows().len() {
            let named = match (self.rule_domains[row], rule) {
                (0, Said::Relation(relation)) => self.stated[row][relation as usize],
                (named, _) => named,
            };
            if named == 0 {
                examples = f32::NAN;
                break;
            }
            examples *= truth(named == domain_bit(self.analogy.example_domains[row]));
        }
        let query = if self.fitting_domains == 0 { self.query_domains } else { self.fitting_domains };
        let query = if query == 0 { f32::NAN } else { truth(query == domain_bit(self.analogy.domain)) };
        [relation, examples, query]
    }
}
