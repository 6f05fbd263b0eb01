//! Values that parameters and answers may take, right ones and wrong ones, of any task that is registered.

#![allow(dead_code, reason = "every suite takes what it needs")]

use _core::{address::setting, rng::Rng, tasks};

/// What a parameter takes, as its task says where it refuses something else.
pub enum Takes {
    /// One of these names.
    Name(Vec<String>),
    /// Any of these names.
    Names(Vec<String>),
    /// `true` or `false`.
    Truth,
    /// A number.
    Real,
    /// Whole numbers, one or a range.
    Whole,
}

/// Why a level refuses an override.
fn refusal(task: &str, level: &str, key: &str, text: &str) -> String {
    setting(&format!("{task}/{level}?{key}={text}")).err().map_or_else(String::new, |error| error.to_string())
}

impl Takes {
    /// What a parameter of a level takes that has this value.
    pub fn of(task: &str, level: &str, key: &str, like: &str) -> Self {
        if like == "true" || like == "false" {
            return Self::Truth;
        }
        if like.bytes().any(|byte| byte.is_ascii_alphabetic()) {
            let known = names(task, level, key);
            let levels = tasks::levels(task).expect("the task is registered");
            let listed = |level: &&str| {
                let parameters = tasks::parameters(task, level).expect("the level is registered");
                parameters.iter().any(|(own, value)| own == key && value.contains('+'))
            };
            return if levels.iter().any(listed) { Self::Names(known) } else { Self::Name(known) };
        }
        if refusal(task, level, key, "0.5").contains("is no ") { Self::Whole } else { Self::Real }
    }

    /// A value of this kind, in bounds or beyond.
    pub fn value(&self, rng: &mut Rng) -> String {
        let whole = |rng: &mut Rng| match rng.below(12) {
            0 => u32::MAX as usize,
            1 => rng.below(400),
            2 => 0,
            _ => rng.below(40),
        };
        match self {
            Self::Names(known) => {
                let mut some = known.clone();
                let count = rng.between(1, some.len());
                rng.choose(&mut some, count);
                some[..count].join("+")
            }
            Self::Name(known) if rng.below(8) > 0 => rng.pick(known).clone(),
            Self::Name(_) => "loud".to_owned(),
            Self::Truth => rng.chance(0.5).to_string(),
            Self::Real => (*rng.pick(&REALS)).to_owned(),
            Self::Whole => {
                let (low, high) = (whole(rng), whole(rng));
                match rng.below(4) {
                    0 => low.to_string(),
                    1 => format!("{high}-{low}"),
                    _ => format!("{}-{}", low.min(high), low.max(high)),
                }
            }
        }
    }
}

const REALS: [&str; 12] = ["0", "1", "0.5", "0.05", "0.95", "-0.5", "2", "1e300", "1e-300", "0.9", "nan", "inf"];

/// The names that a parameter may be given: what refuses another one lists them.
pub fn names(task: &str, level: &str, key: &str) -> Vec<String> {
    let told = refusal(task, level, key, "loud");
    let listed = told.split("is none of ").nth(1).map(|list| list.split(", ").map(str::to_owned).collect());
    let quoted = || told.split('`').skip(3).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let found = listed.unwrap_or_else(quoted);
    assert!(!found.is_empty(), "{task}/{level}: what {key} may be is not said: {told:?}");
    found
}

/// Overrides that word a task's problems in some other way: `?key=value&…`, or nothing where it has one wording.
pub fn reworded(task: &str, level: &str, rng: &mut Rng) -> String {
    let wording = tasks::wording(task).expect("the task is registered");
    let parameters = tasks::parameters(task, level).expect("the level is registered");
    let mut pairs = vec![];
    for (key, like) in parameters.iter().filter(|(key, _)| wording.contains(&&**key)) {
        match Takes::of(task, level, key, like) {
            Takes::Name(known) | Takes::Names(known) => pairs.push(format!("{key}={}", rng.pick(&known))),
            Takes::Truth => pairs.push(format!("{key}={}", rng.chance(0.5))),
            Takes::Real | Takes::Whole => {}
        }
    }
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// An answer with its last part changed to its neighbour, or left out; "none" where nothing is left.
pub fn off_by_one(answer: &str) -> String {
    let (before, last) = answer.rsplit_once(", ").unwrap_or(("", answer));
    let changed = match last.parse::<u64>() {
        Ok(digit) => [before, &((digit + 1) % 10).to_string()].map(str::to_owned).to_vec(),
        Err(_) => vec![before.to_owned()],
    };
    let kept: Vec<String> = changed.into_iter().filter(|part| !part.is_empty()).collect();
    if kept.is_empty() { "none".to_owned() } else { kept.join(", ") }
}

/// A list of everything that some answers are made of, one part said twice so that it is nobody's answer.
pub fn everything<'a>(answers: impl Iterator<Item = &'a str> + Clone) -> String {
    let lists = answers.clone().filter(|answer| answer.contains(", ")).flat_map(|answer| answer.split(", "));
    let mut parts: Vec<&str> = lists.collect();
    if parts.is_empty() {
        parts.extend(answers);
    }
    parts.sort_unstable();
    parts.dedup();
    parts.extend_from_within(..1);
    parts.join(", ")
}
