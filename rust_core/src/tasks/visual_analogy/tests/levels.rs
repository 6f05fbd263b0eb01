//! What holds of levels: what they ask for, what guessing earns there, which are possible.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    super::{
        relations::{ALL_PAIRS, HARD_PAIRS, pair},
        *,
    },
    *,
};
use crate::lookup;

#[test]
fn a_guesser_without_the_examples_scores_at_chance() {
    for level in levels() {
        let bounds = tasks::shortcut_bounds("visual_analogy", level).unwrap();
        let count = 2000;
        let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
        let mut options = 0;
        let mut places = [0; 4];
        for it in many(level, count) {
            options = it.choices().len();
            places[usize::from(it.answer)] += 1;
            for (name, value) in it.shortcuts() {
                *sums.entry(name).or_default() += value / count as f64;
            }
        }
        let chance = 1.0 / options as f64;
        let named: BTreeSet<&str> = bounds.keys().map(String::as_str).filter(|name| *name != lookup::NAME).collect();
        assert_eq!(named, sums.keys().copied().collect(), "{level}");
        for (name, rate) in &sums {
            assert!(*rate <= bounds[*name], "{level}: {name} {rate:.3} > {}", bounds[*name]);
            // Nothing without the examples is above chance.
            if !["without_query", "count_of_example"].contains(name) {
                assert!((rate - chance).abs() < 0.05, "{level}: {name} {rate:.3}");
            }
        }
        for place in &places[..options] {
            assert!((f64::from(*place) / count as f64 - chance).abs() < 0.05, "{level}: {places:?}");
        }
    }
}

#[test]
fn simple_asks_for_17_pairs_in_one_domain_and_hard_shows_the_other_8_across_domains() {
    let mut asked = 0;
    for it in many("simple", 4000) {
        asked |= pair(it.domain, it.relation);
        assert_eq!(it.example_domains, [it.domain; 2]);
    }
    assert_eq!(asked, ALL_PAIRS & !HARD_PAIRS);
    let (mut asked, mut shown, mut both) = (0, 0, 0);
    for it in many("hard", 4000) {
        asked |= pair(it.domain, it.relation);
        it.example_domains.iter().for_each(|domain| shown |= pair(*domain, it.relation));
        assert_ne!(it.example_domains[0], it.example_domains[1]);
        both += u32::from(it.domain == it.example_domains[0]);
    }
    assert_eq!(shown | asked, HARD_PAIRS);
    assert_eq!((HARD_PAIRS & !asked).count_ones(), 2, "only the pairs of lines are never asked for");
    assert!(both.abs_diff(2000) < 200, "{both}");
    for it in many("rung11", 1000) {
        let [a, b] = it.example_domains;
        assert!(a != b && a != it.domain && b != it.domain);
    }
}

#[test]
fn low_rungs_have_thousands_of_problems() {
    for level in ["rung0", "rung1", "rung2", "rung3"] {
        let seen: BTreeSet<u128> = many(level, 4000).map(|it| content(&it)).collect();
        assert!(seen.len() > 3500, "{level}: {}", seen.len());
    }
}

#[test]
fn impossible_levels_are_refused() {
    for (overrides, words) in [
        ("options=5", "options=5 is out of range; give 2 to 4"),
        ("examples=0", "examples=0"),
        ("examples=3", "give 1 to 2"),
        ("vary=5", "vary=5"),
        ("objects=7-9", "objects=7-9"),
        ("objects=1-3", "objects=1-3"),
        ("objects=0-5", "objects=0-5"),
        ("objects=1-10", "objects=1-10"),
        ("pairs=some", "pairs=some is none of simple, hard, all"),
        ("relations=nand", "relations=nand"),
        ("domains=shape", "domains=shape is none of line_type"),
        ("relations=and&domains=shape_quantity", "leave nothing"),
        ("relations=and+or&domains=shape_type", "options=4 is too many for 2 pairs"),
        ("relations=and+or+xor&domains=shape_type+shape_color&cross_domain=true", "options=4 is too many"),
        ("domains=shape_type&cross_domain=true", "each in at least two domains"),
    ] {
        let error = tasks::setting(
            &format!("visual_analogy/simple?{overrides}&pairs=all")
                .replace("&pairs=all", if overrides.contains("pairs") { "" } else { "&pairs=all" }),
        );
        let error = error.err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(words), "{overrides}: {error}");
    }
}

#[test]
fn every_possible_level_yields_problems() {
    let domains =
        ["line_type", "line_color", "shape_type", "shape_color", "shape_size", "shape_quantity", "shape_position"];
    let mut rng = Rng::keyed([5; 4]);
    let mut possible = 0;
    for _ in 0..400 {
        let mut some = |of: &[&'static str]| {
            let mut of = of.to_vec();
            let count = rng.between(1, of.len());
            rng.choose(&mut of, count);
            of[..count].join("+")
        };
        let (domains, relations) = (some(&domains), some(&["and", "or", "xor", "progression"]));
        let (low, vary) = (rng.between(1, 6), rng.below(5));
        let high = rng.between(low.max(3), 9);
        let prefix = format!(
            "visual_analogy/simple?pairs={}&domains={domains}&relations={relations}&objects={low}-{high}&vary={vary}&cross_domain={}&examples={}&options={}&fillers={}&plain={}",
            rng.pick(&["simple", "hard", "all"]),
            rng.chance(0.5),
            rng.between(1, 2),
            rng.between(2, 4),
            rng.chance(0.3),
            rng.chance(0.5),
        );
        if tasks::setting(&prefix).is_ok() {
            possible += 1;
            for index in 0..10 {
                at(&format!("{prefix}#train:0:{index}"));
            }
        }
    }
    assert!(possible > 60, "{possible}");
}
