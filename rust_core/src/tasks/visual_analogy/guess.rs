//! Policies that do without the examples, or without the query, and how each fares.

use super::{
    problem::Analogy,
    relations::{Attribute, Relation, Sets, holding, relations_in},
};
use crate::fingerprint::Fingerprint;

/// The options in an order that does not depend on how they are numbered: by the pair that each shows with the query.
fn ranked(analogy: &Analogy) -> Vec<usize> {
    let mut order: Vec<usize> = (0..analogy.choices().len()).collect();
    order.sort_by_key(|&at| analogy.shown[at]);
    order
}

/// The place of the right option in that order.
pub fn rank(analogy: &Analogy) -> usize {
    ranked(analogy).iter().position(|&at| at == usize::from(analogy.answer)).unwrap_or_default()
}

/// What query and options say without the examples: the pairs that the options show; also how many values each option has
/// of every attribute; all of it.
pub fn lookups(analogy: &Analogy) -> Vec<Fingerprint> {
    let mut pairs = Fingerprint::default();
    pairs.number(analogy.choices().len());
    let order = ranked(analogy);
    for &at in &order {
        pairs.number(analogy.shown[at] as usize);
    }
    let (mut sizes, mut whole) = (pairs, pairs);
    let options = order.iter().map(|&at| &analogy.choices()[at]);
    for panel in analogy.query.iter().chain(options) {
        for set in panel.sets.of {
            sizes.number(set.count_ones() as usize);
            whole.number(usize::from(set));
        }
    }
    vec![pairs, sizes, whole]
}

/// Name and chance of success of each policy. All but the last two do not look at the examples.
pub fn shortcuts(analogy: &Analogy) -> Vec<(&'static str, f64)> {
    let options = analogy.choices();
    let [a, b] = &analogy.query;
    let shown: Vec<u32> = options.iter().map(|c| holding(&a.sets, &b.sets, &c.sets)).collect();
    let answer = usize::from(analogy.answer);
    let best = |score: &dyn Fn(usize) -> i32| {
        let scores: Vec<i32> = (0..options.len()).map(score).collect();
        let most = scores.iter().copied().max().unwrap_or(0);
        let among = scores.iter().filter(|score| **score == most).count();
        if scores[answer] == most { 1.0 / among as f64 } else { 0.0 }
    };
    let agreement = |one: &Sets, other: &Sets| one.of.iter().zip(&other.of).filter(|(x, y)| x == y).count() as i32;
    let alike = |i: usize| options.iter().map(|other| agreement(&options[i].sets, &other.sets)).sum::<i32>();
    let overlap = |i: usize| {
        let shared = |other: &Sets| options[i].sets.of.iter().zip(&other.of).map(|(x, y)| (x & y).count_ones()).sum();
        options.iter().map(|other| -> u32 { shared(&other.sets) }).sum::<u32>() as i32
    };
    let majority = |i: usize| {
        // For each attribute the values that most options show; a vote for each match.
        (0..5)
            .filter(|&k| {
                let votes = |set: u16| options.iter().filter(|other| other.sets.of[k] == set).count();
                let most = options.iter().map(|other| votes(other.sets.of[k])).max();
                Some(votes(options[i].sets.of[k])) == most
            })
            .count() as i32
    };
    let objects = |i: usize| options[i].objects().len() as i32;
    let relations = |i: usize| relations_in(shown[i]);
    let size = |i: usize| options[i].sets.get(analogy.domain.attribute).count_ones() as i32;
    let single = matches!(analogy.domain.attribute, Attribute::Color | Attribute::Size);
    let count = analogy.rows()[0][2].sets.get(analogy.example_domains[0].attribute).count_ones() as i32;
    vec![
        // The ancestor's: the option whose relation no other option shows.
        ("unique_relation", {
            best(&|i| i32::from((0..options.len()).all(|j| j == i || relations(j) & relations(i) == 0)))
        }),
        ("unique_pair", best(&|i| i32::from((0..options.len()).all(|j| j == i || shown[j] & shown[i] == 0)))),
        ("any_relation", best(&|i| i32::from(shown[i] != 0))),
        ("level_relation", best(&|i| i32::from(shown[i] & analogy.asked != 0))),
        ("most_alike", best(&alike)),
        ("least_alike", best(&|i| -alike(i))),
        ("most_overlap", best(&overlap)),
        ("majority_vote", best(&majority)),
        ("most_objects", best(&objects)),
        ("fewest_objects", best(&|i| -objects(i))),
        ("like_panel_b", best(&|i| agreement(&options[i].sets, &b.sets))),
        ("unlike_panel_b", best(&|i| -agreement(&options[i].sets, &b.sets))),
        // Knows relation and domain, not the query: AND leaves few values, OR many.
        (
            "without_query",
            match analogy.relation {
                Relation::And => best(&|i| -size(i)),
                Relation::Or => best(&size),
                Relation::Progression if single => best(&|i| -size(i)),
                Relation::Xor | Relation::Progression => best(&|_| 0),
            },
        ),
        // Takes the option that has as many values there as C of the first example.
        ("count_of_example", best(&|i| -(size(i) - count).abs())),
    ]
}
