//! What the levels are like, and which cannot be.

use std::collections::BTreeMap;

use super::{answer, at, twin};
use crate::{
    Error,
    scene::SYMBOLS,
    task::Instance,
    tasks::{
        self,
        grid_navigation::{bits::HEADINGS, dfs},
    },
};

const SAMPLE: usize = 400;

fn averages(level: &str, of: impl Fn(&super::Problem) -> Vec<(&'static str, f64)>) -> BTreeMap<&'static str, f64> {
    let mut sums = BTreeMap::new();
    for index in 0..SAMPLE {
        for (name, value) in of(&at(&format!("{level}#test:5:{index}"))) {
            *sums.entry(name).or_insert(0.0) += value / SAMPLE as f64;
        }
    }
    sums
}

#[test]
fn shortcuts_stay_within_their_bounds() {
    for level in tasks::levels("grid_navigation").unwrap() {
        let bounds = tasks::shortcut_bounds("grid_navigation", level).unwrap();
        for (name, rate) in averages(level, Instance::shortcuts) {
            let bound = bounds.get(name).unwrap_or_else(|| panic!("{level} has no bound for {name}"));
            // Three standard errors of a rate over the sample.
            let slack = 3.0 * (bound * (1.0 - bound) / SAMPLE as f64).sqrt();
            assert!(rate <= bound + slack, "{level} {name}: {rate} > {bound}");
        }
    }
}

#[test]
fn levels_are_as_described() {
    let features = |level: &str| averages(level, Instance::features);
    let simple = features("simple");
    assert!((9.5..10.5).contains(&simple["rows"]) && (9.5..10.5).contains(&simple["columns"]), "{simple:?}");
    assert!((1.4..1.6).contains(&simple["objects"]), "{simple:?}");
    assert!((simple["kinds"] - 1.0).abs() < 1e-9, "{simple:?}");
    assert!((15.0..19.0).contains(&simple["length"]), "{simple:?}");
    let hard = features("hard");
    assert!((3.3..3.7).contains(&hard["objects"]), "{hard:?}");
    assert!((3.7..4.1).contains(&hard["kinds"]), "{hard:?}");
    assert!((31.0..36.0).contains(&hard["length"]), "{hard:?}");
    // Objects replace obstacles: a little below 0.35.
    let density = hard["obstacles"] / (hard["rows"] * hard["columns"]);
    assert!((0.29..0.35).contains(&density), "{density}");
    let mixed = features("hard_unsolvable");
    assert!((0.85..0.95).contains(&mixed["solvable"]), "{mixed:?}");
    for (level, least, most) in [("simple", 10, 25), ("hard", 26, 60), ("rung3", 2, 6)] {
        for index in 0..SAMPLE {
            let moves = answer(&at(&format!("{level}#train:1:{index}"))).split(", ").count();
            assert!((least..=most).contains(&moves), "{level} {moves}");
        }
    }
}

#[test]
fn the_ladder_climbs() {
    let mean = |level: &str, name: &str| averages(level, Instance::features)[name];
    // Within a geometry walks get longer, and more of them are detours.
    for pair in [["rung0", "rung1"], ["rung1", "rung2"], ["rung2", "rung3"]] {
        for feature in ["length", "detour"] {
            assert!(mean(pair[0], feature) + 0.05 < mean(pair[1], feature), "{pair:?} {feature}");
        }
    }
    assert!(mean("rung2", "obstacles") > mean("rung1", "obstacles") + 0.2);
    for pair in [["rung3", "rung4"], ["rung5", "rung6"], ["rung7", "rung8"], ["rung9", "rung10"], ["rung10", "rung11"]]
    {
        assert!(mean(pair[0], "length") < mean(pair[1], "length"), "{pair:?}");
    }
}

#[test]
fn low_rungs_have_enough_contents_and_all_obstacles() {
    for level in ["rung0", "rung1", "rung2", "rung3", "rung4"] {
        let mut contents = std::collections::BTreeSet::new();
        let mut symbols = std::collections::BTreeSet::new();
        for index in 0..12_000 {
            let problem = at(&format!("{level}#train:2:{index}"));
            contents.insert(twin(&problem));
            symbols
                .extend(problem.obstacles().places().filter_map(|place| problem.symbol(place)).map(|at| SYMBOLS[at].0));
        }
        assert!(contents.len() >= 2000, "{level}: {}", contents.len());
        assert_eq!(symbols.into_iter().collect::<Vec<_>>(), ["cross", "dot", "plus", "square", "triangle"]);
    }
}

#[test]
fn the_trace_length_can_be_the_filter() {
    for index in 0..100 {
        let problem = at(&format!("hard?length=1-200&trace_length=26-60#train:0:{index}"));
        assert!((26..=60).contains(&dfs::length(&problem)));
    }
}

#[test]
fn impossible_levels_are_refused_with_the_range() {
    for (parameters, names) in [
        ("rows=0", "rows=0-0"),
        ("rows=17", "1 <= a <= b <= 16"),
        ("rows=5-3", "rows=5-3"),
        ("rows=1&columns=1", "two cells"),
        ("rows=1&columns=2", "objects"),
        ("objects=7", "objects=7"),
        ("kinds=6", "kinds=6"),
        ("kinds=0", "kinds=0"),
        ("density=0.95", "density=0.95"),
        ("density=-0.1", "density=-0.1"),
        ("blind_max=1.5", "blind_max=1.5"),
        ("p_unsolvable=2", "p_unsolvable=2"),
        ("length=0", "length=0"),
        ("scatter=count&obstacles=63", "obstacles=63"),
        ("scatter=heap", "heap"),
        ("style=loud", "loud"),
        // Not wrong by a single number, but there is nothing to be found.
        ("rows=2&columns=2", "length=10-25"),
        ("length=200-300", "length=200-300"),
        ("density=0&p_unsolvable=0.5", "p_unsolvable=0.5"),
        ("density=0&blind_max=0", "blind_max=0"),
        ("answers=3&rows=3&columns=3&length=2-9&objects=0&scatter=count&obstacles=7", "obstacles=7"),
        ("answers=3&rows=3&columns=3&length=2-3&objects=0&scatter=count&obstacles=2&detours=1", "detours=1"),
        ("answers=3&rows=3&columns=3&length=2-9&objects=0&scatter=count&obstacles=2&trace_length=90-99", "trace_length=90-99"),
        ("detours=0.5", "needs answers"),
    ] {
        let error = tasks::setting(&format!("grid_navigation/simple?{parameters}")).err();
        let Some(Error::Value { why, .. }) = error else { panic!("{parameters}: {error:?}") };
        assert!(why.contains(names), "{parameters}: {why}");
    }
    for parameters in
        ["rows=1&columns=16&objects=0&length=1-15", "rows=16&columns=16&objects=6&length=1-200", "density=0"]
    {
        let prefix = format!("simple?{parameters}");
        assert!(!answer(&at(&format!("{prefix}#train:0:0"))).is_empty());
    }
}

#[test]
fn hopeless_grids_are_told_so() {
    let mut hopeless = 0;
    for index in 0..200 {
        let problem = at(&format!("hard_unsolvable#train:0:{index}"));
        assert_eq!(answer(&problem) == "No path exists", problem.shortest.is_none());
        hopeless += usize::from(problem.shortest.is_none());
        assert!(at(&format!("hard#train:0:{index}")).shortest.is_some());
    }
    assert!((8..40).contains(&hopeless), "{hopeless}");
}

#[test]
fn between_the_same_ends_every_way_is_as_likely_and_the_only_one() {
    use std::collections::BTreeSet;

    for level in ["rung0", "rung1", "rung2", "rung3"] {
        let mut ways: BTreeMap<(usize, usize), BTreeMap<String, usize>> = BTreeMap::new();
        for index in 0..6000 {
            let problem = at(&format!("{level}#train:6:{index}"));
            let answer = answer(&problem);
            *ways
                .entry((problem.start.index(), problem.destination.index()))
                .or_default()
                .entry(answer.clone())
                .or_default() += 1;
            // Whatever cell of it but the ends is taken away, there is no walk any more.
            let mut place = problem.start;
            for name in answer.split(", ") {
                let heading = HEADINGS.into_iter().find(|heading| heading.name() == name).unwrap();
                place = problem.step(place, heading).unwrap();
                if place != problem.destination {
                    let mut less = problem.free;
                    less.remove(place);
                    assert!(!less.flood(problem.start).has(problem.destination), "{level}#train:6:{index}");
                }
            }
        }
        for counts in ways.values() {
            let all: usize = counts.values().sum();
            assert!(counts.len() >= 3, "{level}: {counts:?}");
            let even = all as f64 / counts.len() as f64;
            assert!(counts.values().all(|&count| (count as f64 - even).abs() < 5.0 * even.sqrt()), "{level}: {counts:?}");
        }
        let distinct: BTreeSet<&String> = ways.values().flat_map(BTreeMap::keys).collect();
        assert!(distinct.len() >= 12, "{level}");
    }
}

#[test]
fn rungs_may_be_overridden_beyond_what_can_be_balanced() {
    for parameters in ["rows=5&columns=5&length=2-9", "rows=1&columns=2&obstacles=0&length=1", "objects=1&length=1-9", "p_unsolvable=0.5"]
    {
        for index in 0..20 {
            assert!(!answer(&at(&format!("rung0?{parameters}#train:0:{index}"))).is_empty());
        }
    }
}
