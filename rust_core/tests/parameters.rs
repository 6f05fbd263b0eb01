//! What parameters do: any combination makes problems or is refused by value and remedy, and wording changes words alone.
//! `AVRGYM_COMBINATIONS` sets how many combinations a task.

use std::{env, panic, time::Instant};

use _core::{
    address::{Address, parse_all},
    batch,
    render::Theme,
    rng::Rng,
    tasks,
};

/// What the suite can afford.
const COMBINATIONS: usize = 250;

/// The side of the pictures: legible at every level.
const SIDE: usize = 768;

/// The names that a parameter may be given, and some it may not.
fn names(key: &str) -> &'static [&'static str] {
    match key {
        "style" => &["full", "terse", "loud"],
        "trace" => &["path", "dfs"],
        "ties" => &["first", "random"],
        "scatter" => &["density", "count", "heap"],
        "spelling" => &["digits", "words", "capitals"],
        "order" => &["row", "column", "value"],
        "names" => &["full", "short", "letters"],
        "values" => &["words", "digits"],
        "ends" => &["named", "marked"],
        "twin" => &["latex", "markdown"],
        "ask" => &["list", "total"],
        "pairs" => &["simple", "hard", "all"],
        "relations" => &["and", "or", "xor", "progression"],
        "families" => &["random", "sine", "spiral", "compositional"],
        "domains" => {
            &["line_type", "line_color", "shape_type", "shape_color", "shape_size", "shape_quantity", "shape_position"]
        }
        _ => panic!("{key} is new; say what it may be"),
    }
}

/// A value of the kind that `like` is, in bounds or beyond.
fn value(key: &str, like: &str, rng: &mut Rng) -> String {
    let whole = |rng: &mut Rng| match rng.below(12) {
        0 => u32::MAX as usize,
        1 => rng.below(400),
        2 => 0,
        _ => rng.below(40),
    };
    if ["families", "relations", "domains"].contains(&key) {
        let mut some = names(key).to_vec();
        let count = rng.between(1, some.len());
        rng.choose(&mut some, count);
        return some[..count].join("+");
    }
    if like == "true" || like == "false" {
        return rng.chance(0.5).to_string();
    }
    if like.bytes().any(|byte| byte.is_ascii_alphabetic()) {
        return (*rng.pick(names(key))).to_owned();
    }
    let reals = ["density", "blind_max", "p_unsolvable", "detours", "reversed"];
    if reals.contains(&key) {
        return (*rng.pick(&["0", "1", "0.5", "0.05", "0.95", "-0.5", "2", "1e300", "1e-300", "0.9", "nan", "inf"]))
            .to_owned();
    }
    let (low, high) = (whole(rng), whole(rng));
    match rng.below(4) {
        0 => low.to_string(),
        1 => format!("{high}-{low}"),
        _ => format!("{}-{}", low.min(high), low.max(high)),
    }
}

fn overrides(task: &str, level: &str, rng: &mut Rng) -> String {
    let mut parameters = tasks::parameters(task, level).expect("the level is registered");
    let count = rng.between(1, 4).min(parameters.len());
    rng.choose(&mut parameters, count);
    let pairs: Vec<String> =
        parameters[..count].iter().map(|(key, like)| format!("{key}={}", value(key, like, rng))).collect();
    pairs.join("&")
}

/// Makes some problems of a level and all that can be made of them.
fn use_up(addresses: &[Address]) {
    for words in batch::words(addresses) {
        assert!(!words.question.is_empty() && !words.twin.is_empty() && !words.answer.is_empty());
    }
    for described in batch::describe(addresses) {
        assert!(described.features.iter().all(|(_, value)| value.is_finite()), "{:?}", described.features);
        assert!(
            described.shortcuts.iter().all(|(_, chance)| (0.0..=1.0).contains(chance)),
            "{:?}",
            described.shortcuts
        );
    }
    let mut pixels = vec![0; addresses.len() * SIDE * SIDE * 3];
    batch::render(addresses, SIDE, SIDE, Theme::Paper, &mut pixels).expect("the size is allowed");
}

#[test]
fn any_combination_of_parameters_makes_problems_or_is_refused_by_its_value() {
    let count = env::var("AVRGYM_COMBINATIONS").ok().and_then(|count| count.parse().ok()).unwrap_or(COMBINATIONS);
    for task in tasks::IDS {
        let levels = tasks::levels(task).unwrap();
        let mut rng = Rng::keyed([count as u64, 10, 4, 0]);
        let mut possible = 0;
        for _ in 0..count {
            let level = rng.pick(&levels);
            let prefix = format!("{task}/{level}?{}", overrides(task, level, &mut rng));
            let begun = Instant::now();
            let tried = panic::catch_unwind(|| {
                let texts: Vec<String> = (0..3).map(|index| format!("{prefix}#val:3:{index}")).collect();
                match parse_all(texts.iter().map(String::as_str)) {
                    Ok(addresses) => {
                        use_up(&addresses);
                        true
                    }
                    Err(error) => {
                        let told = error.to_string();
                        let named = prefix.split(['?', '&', '=']).skip(1).any(|part| told.contains(part));
                        assert!(named, "{told}");
                        false
                    }
                }
            });
            possible += usize::from(tried.unwrap_or_else(|_| panic!("{prefix} panics")));
            assert!(begun.elapsed().as_secs() < 60, "{prefix} takes {:?}", begun.elapsed());
        }
        assert!(possible > count / 20, "{task}: {possible} of {count}");
    }
}

#[test]
fn wording_changes_no_feature_no_shortcut_and_no_content() {
    for task in tasks::IDS {
        let wording = tasks::wording(task).unwrap();
        for level in tasks::levels(task).unwrap() {
            let at = |overrides: &str| {
                let texts: Vec<String> =
                    (0..12).map(|index| format!("{task}/{level}{overrides}#val:4:{index}")).collect();
                let addresses = parse_all(texts.iter().map(String::as_str)).unwrap_or_else(|error| panic!("{error}"));
                let described = batch::describe(&addresses).into_iter().map(|one| (one.features, one.shortcuts));
                (described.collect::<Vec<_>>(), batch::contents(&addresses))
            };
            let plain = at("");
            for key in wording {
                let values: &[&str] = if *key == "survey" { &["true", "false"] } else { names(key) };
                for value in values.iter().filter(|value| **value != "loud") {
                    assert_eq!(at(&format!("?{key}={value}")), plain, "{task}/{level} {key}={value}");
                }
            }
        }
    }
}
