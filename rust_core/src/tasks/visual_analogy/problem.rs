//! What a problem is made of, and what shows in it.

use super::{
    panel::Panel,
    relations::{Attribute, Domain, Pairs, Relation, holding_in},
};
use crate::{rng::Rng, task::Style};

/// One problem.
#[derive(Debug, Clone)]
pub struct Analogy {
    pub(super) style: Style,
    pub(super) cross_domain: bool,
    /// The pairs that queries of this level ask for.
    pub(super) asked: Pairs,
    /// The right option, from 0.
    pub(super) answer: u8,
    pub(super) relation: Relation,
    /// Where the right option shows it.
    pub(super) domain: Domain,
    pub(super) examples: u8,
    pub(super) options: u8,
    pub(super) example_domains: [Domain; 2],
    pub(super) rows: [[Panel; 3]; 2],
    pub(super) query: [Panel; 2],
    pub(super) choices: [Panel; 4],
    /// The pair that each option shows.
    pub(super) shown: [Pairs; 4],
}

impl Analogy {
    /// The right option and another change places.
    pub(super) fn alter(&mut self, rng: &mut Rng) {
        let right = usize::from(self.answer);
        let other = (right + rng.between(1, usize::from(self.options) - 1)) % usize::from(self.options);
        self.choices.swap(right, other);
        self.shown.swap(right, other);
        self.answer = other as u8;
    }

    /// The panels of the examples, row by row.
    pub fn rows(&self) -> &[[Panel; 3]] {
        &self.rows[..usize::from(self.examples)]
    }

    /// The options.
    pub fn choices(&self) -> &[Panel] {
        &self.choices[..usize::from(self.options)]
    }

    /// The attributes of an example's panels or, after the last, the query's.
    pub fn attributes(&self, row: usize) -> &'static [Attribute] {
        if self.lines(row) { &Attribute::ALL[..2] } else { &Attribute::ALL }
    }

    /// Whether an example's panels or, after the last, the query's hold lines.
    pub fn lines(&self, row: usize) -> bool {
        self.rows().get(row).map_or(self.query[0].sets.lines, |row| row[0].sets.lines)
    }

    /// The values of an example's panels or, after the last, of the query's two.
    pub fn values(&self, row: usize, attribute: Attribute) -> [u16; 3] {
        match self.rows().get(row) {
            Some(panels) => panels.each_ref().map(|panel| panel.sets.get(attribute)),
            None => [self.query[0].sets.get(attribute), self.query[1].sets.get(attribute), 0],
        }
    }

    /// The relation that an example shows in an attribute; generation saw to it that it is one at most.
    pub fn shows(&self, row: usize, attribute: Attribute) -> Option<Relation> {
        let [a, b, c] = self.values(row, attribute);
        relation_of(holding_in(attribute, a, b, c))
    }

    /// The relation that the query shows in an attribute when an option completes it.
    pub fn completes(&self, option: usize, attribute: Attribute) -> Option<Relation> {
        let [a, b] = self.query.each_ref().map(|panel| panel.sets.get(attribute));
        relation_of(holding_in(attribute, a, b, self.choices[option].sets.get(attribute)))
    }
}

fn relation_of(bits: u8) -> Option<Relation> {
    Relation::ALL.get(bits.trailing_zeros() as usize).copied()
}
