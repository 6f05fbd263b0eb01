//! What parameters do: any combination makes problems or is refused by value and remedy, and wording changes words alone.
//! `AVRGYM_COMBINATIONS` sets how many combinations a task.

mod values;

use std::{env, panic, time::Instant};

use _core::{
    address::{Address, parse_all},
    batch,
    render::Theme,
    rng::Rng,
    tasks,
};
use values::Takes;

/// What the suite can afford.
const COMBINATIONS: usize = 250;

/// The side of the pictures: legible at every level.
const SIDE: usize = 768;

fn overrides(task: &str, level: &str, rng: &mut Rng) -> String {
    let mut parameters = tasks::parameters(task, level).expect("the level is registered");
    let count = rng.between(1, 4).min(parameters.len());
    rng.choose(&mut parameters, count);
    let pairs: Vec<String> = parameters[..count]
        .iter()
        .map(|(key, like)| format!("{key}={}", Takes::of(task, level, key, like).value(rng)))
        .collect();
    pairs.join("&")
}

/// Makes some problems of a level and all that can be made of them.
fn use_up(addresses: &[Address]) {
    for words in batch::words(addresses) {
        assert!(!words.question.is_empty() && !words.twin.is_empty() && !words.answer.is_empty());
    }
    for (name, column) in batch::features(addresses) {
        assert!(column.iter().all(|value| value.is_finite()), "{name}: {column:?}");
    }
    for (name, column) in batch::shortcuts(addresses) {
        assert!(column.iter().all(|chance| (0.0..=1.0).contains(chance)), "{name}: {column:?}");
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
                (batch::features(&addresses), batch::shortcuts(&addresses), batch::contents(&addresses))
            };
            let plain = at("");
            for (key, like) in
                tasks::parameters(task, level).unwrap().iter().filter(|(key, _)| wording.contains(&&**key))
            {
                let values = match Takes::of(task, level, key, like) {
                    Takes::Name(known) | Takes::Names(known) => known,
                    Takes::Truth => ["true", "false"].map(str::to_owned).to_vec(),
                    Takes::Real | Takes::Whole => vec![],
                };
                for value in values {
                    assert_eq!(at(&format!("?{key}={value}")), plain, "{task}/{level} {key}={value}");
                }
            }
        }
    }
}
