//! The verdict on a reply: the answer, and every claim of a rationale found in it.
//!
//! A claim starts with `Example n` (`e1`), `Query` (`q`), `Option n` (`o1`) or `Common relation` (`rule`), at
//! the start of a line (bullets, numbering, bold marks and a few words such as "so" aside) or after a
//! full stop. What starts otherwise is no step, nor is a list of whole objects as the twin has them.

use std::ops::Range;

use super::{
    Analogy,
    claim::{Claim, Said, Subject, domain_bit},
    relations::{Attribute, Relation, relations_in},
    vocabulary::{Meaning, meaning, meaning_at},
};
use crate::{
    reply::{Given, given, list},
    scan::{Token, lines, tokens},
    verdict::{Answers, Form, Outcome, Reason, Skill, State, Step, Verdict},
};

/// Judges a reply.
pub fn verify(analogy: &Analogy, reply: &[u8], answers: Answers) -> Verdict {
    let mut judge = Judge::new(analogy);
    let mut verdict = Verdict::default();
    let right = u64::from(analogy.answer) + 1;
    let answer = match given(reply, answers, option) {
        Given::Nothing => None,
        Given::Ambiguous => {
            verdict.outcome = Outcome::Ambiguous;
            verdict.components[0] = 0.0;
            None
        }
        Given::Answer(value, form, span) => {
            let correct = value == right;
            verdict.outcome = if correct { Outcome::Correct } else { Outcome::Wrong };
            verdict.form = Some(form);
            verdict.components[0] = f32::from(u8::from(correct));
            let span = marked(reply, form, span);
            judge.end = span.start;
            Some(if correct {
                Step::ok(span, Skill::Conclude)
            } else {
                Step::wrong(span, Skill::Conclude, Reason::WrongConclusion)
            })
        }
    };
    for line in lines(reply) {
        judge.line(&reply[line.clone()], line.start);
    }
    if let Some(step) = answer {
        let place = judge.steps.partition_point(|other| other.start < step.start);
        judge.steps.insert(place, step);
    }
    [verdict.components[1], verdict.components[2], verdict.components[3]] = judge.components();
    verdict.steps = judge.steps;
    verdict
}

/// Reads `3`, `option 3`, `(3)`, `three`.
fn option(text: &[u8]) -> Option<u64> {
    let items = list(text, |token| match token {
        Token::Number(number) => Some(Some(*number)),
        Token::Word(word) => match meaning(word) {
            Meaning::Number(number) => Some(Some(u64::from(number))),
            Meaning::Choice if word.len() > 1 => Some(None),
            _ => None,
        },
        _ => None,
    })?;
    match items[..] {
        [Some(number)] | [None, Some(number)] => Some(number),
        _ => None,
    }
}

/// The bytes of an answer with the mark before it, without white space around.
fn marked(reply: &[u8], form: Form, span: Range<usize>) -> Range<usize> {
    let end = span.start + reply[span.clone()].trim_ascii_end().len();
    let before = match form {
        // `read` takes what follows the colon; before it stands the word, bold marks aside.
        Form::Line => {
            let from = span.start.saturating_sub(20);
            let tail = &reply[from..span.start];
            let word = (0..tail.len())
                .rev()
                .find(|&at| tail.get(at..at + 6).is_some_and(|word| word.eq_ignore_ascii_case(b"answer")));
            return word.map_or(span.start, |at| from + at)..end;
        }
        Form::Tag => 8,
        Form::Boxed => 7,
        _ => 0,
    };
    span.start.saturating_sub(before)..end
}

/// Judges claims as they come.
struct Judge<'a> {
    analogy: &'a Analogy,
    steps: Vec<Step>,
    /// Where the final answer starts.
    end: usize,
    /// The claims already made, one bit each.
    seen: u128,
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
    fn new(analogy: &'a Analogy) -> Self {
        Self {
            analogy,
            steps: Vec::new(),
            end: usize::MAX,
            seen: 0,
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

    /// Reads one line.
    fn line(&mut self, text: &[u8], offset: usize) {
        let mut claim: Option<Claim> = None;
        // Whether a claim may start here, where one that may have started did, and after which word.
        let mut open = true;
        let mut header: Option<(Meaning, usize)> = None;
        let mut last = Meaning::Noise;
        for (token, span) in tokens(text) {
            let (start, end) = (offset + span.start, offset + span.end);
            let word = match token {
                Token::Word(word) => meaning_at(text, span.start, word.len().min(span.len())),
                _ => Meaning::Noise,
            };
            // What is only weighed is no claim.
            if word == Meaning::Hedge || text[span.start] == b'?' {
                return;
            }
            if let Some((subject, from)) = header {
                match (subject, token) {
                    (_, Token::Mark(_)) => continue,
                    (Meaning::Common, Token::Word(_)) if word == Meaning::Rule => {
                        header = None;
                        claim = Some(self.claim(Subject::Rule, from, end));
                        last = word;
                        continue;
                    }
                    (Meaning::Example | Meaning::Choice, Token::Number(number)) => {
                        header = None;
                        let index = number.wrapping_sub(1).min(99) as usize;
                        let subject =
                            if subject == Meaning::Example { Subject::Example(index) } else { Subject::Choice(index) };
                        claim = Some(self.claim(subject, from, end));
                        last = Meaning::Noise;
                        continue;
                    }
                    _ => return,
                }
            }
            if open {
                match token {
                    Token::Mark(_) | Token::Number(_) if claim.is_none() => continue,
                    Token::Word(text) => {
                        let plural = word == Meaning::Rule && text.len() == 9;
                        match word {
                            _ if plural => {}
                            Meaning::Example | Meaning::Choice | Meaning::Common | Meaning::Query | Meaning::Rule => {
                                self.judge(claim.take());
                                open = false;
                                last = word;
                                match word {
                                    Meaning::Query => claim = Some(self.claim(Subject::Query, start, end)),
                                    Meaning::Rule => claim = Some(self.claim(Subject::Rule, start, end)),
                                    _ => header = Some((word, start)),
                                }
                                continue;
                            }
                            Meaning::Filler => continue,
                            _ => {}
                        }
                        if claim.is_none() {
                            return;
                        }
                        open = false;
                    }
                    _ if claim.is_none() => return,
                    _ => {}
                }
            }
            let Some(claim) = claim.as_mut() else { return };
            match token {
                Token::Word(text) => {
                    claim.word(word, text, last, start..end);
                    last = word;
                }
                Token::Number(number) => {
                    claim.number(number, end);
                    last = Meaning::Noise;
                }
                Token::Mark(b':' | b'=') => last = Meaning::Is,
                Token::Mark(b';' | b'|' | b'/') => {
                    claim.separate();
                    last = Meaning::Noise;
                }
                Token::Mark(b'.') => open = true,
                // Bold marks and the like may stand between a colon and what it announces.
                Token::Mark(_) => {}
                Token::Other => last = Meaning::Noise,
            }
        }
        self.judge(claim);
    }

    fn claim(&self, subject: Subject, start: usize, end: usize) -> Claim {
        let (row, default) = match subject {
            Subject::Example(index) => (index, None),
            Subject::Choice(_) => (usize::MAX, self.query_attribute),
            Subject::Query | Subject::Rule => (usize::MAX, None),
        };
        Claim::new(subject, start, end, self.analogy.lines(row), default)
    }

    fn judge(&mut self, claim: Option<Claim>) {
        let Some(claim) = claim else { return };
        match claim.subject {
            Subject::Example(index) => self.example(index, &claim),
            Subject::Query => self.query(&claim),
            Subject::Choice(index) if claim.consistent.is_some() => self.conclusion(index, &claim),
            Subject::Choice(index) => self.choice(index, &claim),
            Subject::Rule => self.rule(&claim),
        }
    }

    /// Records a step: false for `reason`, or true and perhaps not due, or said before.
    fn push(&mut self, span: Range<usize>, skill: Skill, reason: Reason, bit: u32, phase: Option<u8>) {
        let late = span.start > self.end;
        let mut step = Step::ok(span, skill);
        if reason != Reason::None {
            step = Step { state: State::Wrong, reason, ..step };
        } else if late {
            step = Step { state: State::Unsupported, reason: Reason::Extra, ..step };
        } else if self.seen >> bit & 1 == 1 {
            // A recap is no error, whenever it comes; nor is it a second achievement.
            step.repeated = true;
        } else if phase.is_some_and(|phase| phase < self.phase) {
            step = Step { state: State::Unsupported, reason: Reason::OutOfOrder, ..step };
        }
        self.seen |= 1 << bit;
        if let Some(phase) = phase {
            self.phase = self.phase.max(phase);
        }
        self.steps.push(step);
    }

    fn example(&mut self, index: usize, claim: &Claim) {
        let (Some(attribute), true) = (claim.attribute, claim.values_end > 0) else { return };
        let read = claim.start..claim.values_end;
        let exists = index < self.analogy.rows().len();
        let bit = (index.min(2) * 5 + attribute as usize) as u32;
        let reason = if exists { claim.misread(self.analogy.values(index, attribute), 3) } else { Reason::NoSuchName };
        self.push(read, Skill::Read, reason, bit, Some(0));
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
        self.push(claim.said_span.clone(), Skill::Compare, reason, 15 + bit, Some(0));
        if let (true, Some(relation)) = (exists, claim.said.relation()) {
            self.stated[index][relation as usize] |= claim.domain(attribute);
        }
    }

    fn query(&mut self, claim: &Claim) {
        let (Some(attribute), true) = (claim.attribute, claim.values_end > 0) else { return };
        let values = self.analogy.values(usize::MAX, attribute);
        let reason = claim.misread(values, 2);
        self.query_attribute = Some(attribute);
        self.query_domains |= claim.domain(attribute);
        self.push(claim.start..claim.values_end, Skill::Read, reason, 30 + attribute as u32, None);
    }

    fn choice(&mut self, index: usize, claim: &Claim) {
        let Some(attribute) = claim.attribute.or(claim.implied) else { return };
        if claim.values_end == 0 || (claim.attribute.is_none() && claim.mixed) {
            return;
        }
        let Some(panel) = self.analogy.choices().get(index) else {
            self.push(claim.start..claim.values_end, Skill::Read, Reason::NoSuchName, 127, Some(2));
            return;
        };
        let bit = (35 + 5 * index + attribute as usize) as u32;
        let reason = claim.misread([panel.sets.get(attribute), 0, 0], 1);
        self.push(claim.start..claim.values_end, Skill::Read, reason, bit, Some(2));
        if claim.said != Said::Nothing {
            let holds = claim.said == Said::of(self.analogy.completes(index, attribute));
            let reason = if holds { Reason::None } else { Reason::WrongRelation };
            self.push(claim.said_span.clone(), Skill::ApplyRule, reason, 20 + bit, Some(2));
        }
    }

    /// `Option 2 is consistent: AND on shape type`.
    fn conclusion(&mut self, index: usize, claim: &Claim) {
        let span = claim.start..claim.end;
        if index >= self.analogy.choices().len() {
            self.push(span, Skill::Conclude, Reason::NoSuchName, 126, Some(2));
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
        self.push(span, Skill::Conclude, reason, 75 + index as u32, Some(2));
        if fits {
            self.fitting_relation = claim.said.relation().or(self.fitting_relation);
            self.fitting_domains |= claim.attribute.map_or(0, |attribute| claim.domain(attribute));
        }
    }

    fn rule(&mut self, claim: &Claim) {
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
        self.rule = claim.said;
        self.rule_domains = domains;
        self.push(claim.start..claim.end, Skill::InferRule, reason, 80, Some(1));
    }

    /// Relation, example domains and query domain: named and right, named and wrong, or not named.
    fn components(&self) -> [f32; 3] {
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
