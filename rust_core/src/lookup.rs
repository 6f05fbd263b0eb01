//! The best that can be done from everything but what must be seen: a table of answers.
//!
//! For each key of [`Instance::lookups`] the policy learns, on problems of split `train`, which of the answers seen there is
//! right most often, and gives it on problems of split `test`; a key never seen falls back on the next coarser one. What
//! counts is whether the answer is right there, not whether it is the canonical one.

use std::{cmp::Reverse, collections::HashMap, sync::Arc};

use rayon::prelude::*;

use crate::{
    Error, Result,
    address::{Address, Split},
    task::Instance,
    tasks::Setting,
};

/// Answers that are tried for a key, the most common ones.
const CANDIDATES: usize = 24;

/// Problems of a key on which each is tried.
const TRIALS: usize = 400;

/// The name of the shortcut.
pub const NAME: &str = "lookup";

type Problems = Vec<Box<dyn Instance>>;

/// The share of `tried` problems of a level on which the best table learned from `learned` others is right: the best over
/// the kinds of key.
///
/// # Errors
/// If nothing is to be learned or tried.
pub fn rate(setting: &Arc<Setting>, learned: usize, tried: usize) -> Result<f64> {
    if learned == 0 || tried == 0 {
        let why = format!("learned={learned} and tried={tried} make no rate; give 1 or more of both");
        return Err(Error::Value { level: setting.name.clone(), why });
    }
    let problems = |split: Split, count: usize| -> Problems {
        let at = |index: usize| Address { setting: setting.clone(), split, seed: 0, index: index as u64 };
        (0..count).into_par_iter().map(|index| at(index).resolve()).collect()
    };
    let (learned, tried) = (problems(Split::Train, learned), problems(Split::Test, tried));
    let kinds = learned.first().map_or(0, |problem| problem.lookups().len());
    let tables: Vec<_> = (0..kinds).map(|kind| learn(&learned, kind)).collect();
    let hits = tried.par_iter().map(|problem| {
        let keys = problem.lookups();
        let answers = tables.iter().zip(keys).scan(None, |known: &mut Option<&String>, (table, key)| {
            *known = table.get(&key.finish()).or(*known);
            Some(known.map_or(0.0, |answer| problem.recalled(answer)))
        });
        answers.collect::<Vec<f64>>()
    });
    let hits: Vec<Vec<f64>> = hits.collect();
    let share = |kind: usize| hits.iter().map(|hits| hits[kind]).sum::<f64>() / hits.len() as f64;
    Ok((0..kinds).map(share).fold(0.0, f64::max))
}

/// The best answer for each key.
fn learn(problems: &Problems, kind: usize) -> HashMap<u128, String> {
    let mut groups: HashMap<u128, Vec<usize>> = HashMap::new();
    for (at, problem) in problems.iter().enumerate() {
        groups.entry(problem.lookups()[kind].finish()).or_default().push(at);
    }
    let best = groups.into_par_iter().map(|(key, members)| {
        let mut counts: HashMap<String, usize> = HashMap::new();
        for &at in &members {
            let mut answer = String::new();
            problems[at].kept(&mut answer);
            *counts.entry(answer).or_default() += 1;
        }
        let mut answers: Vec<(Reverse<usize>, String)> =
            counts.into_iter().map(|(answer, count)| (Reverse(count), answer)).collect();
        answers.sort();
        answers.truncate(CANDIDATES);
        let right =
            |answer: &str| -> f64 { members.iter().take(TRIALS).map(|&at| problems[at].recalled(answer)).sum() };
        let mut answers = answers.into_iter().map(|(_, answer)| answer);
        let first = answers.next().unwrap_or_default();
        if members.len() == 1 {
            return (key, first);
        }
        let start = (right(&first), first);
        let best = answers.fold(start, |best, answer| {
            let score = right(&answer);
            if score > best.0 { (score, answer) } else { best }
        });
        (key, best.1)
    });
    best.collect()
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::{NAME, rate};
    use crate::{address, tasks};

    #[test]
    fn no_table_of_answers_beats_its_bound() {
        // AVRGYM_LOOKUP=20000 learns from as many problems as the bounds are stated for.
        let count: usize = env::var("AVRGYM_LOOKUP").ok().and_then(|count| count.parse().ok()).unwrap_or(2000);
        for task in tasks::IDS {
            for level in tasks::levels(task).unwrap() {
                let setting = address::setting(&format!("{task}/{level}")).unwrap();
                let rate = rate(&setting, count, count).unwrap();
                let bound = tasks::shortcut_bounds(task, level).unwrap()[NAME];
                // Three standard errors of a rate over the sample.
                let slack = 3.0 * (bound * (1.0 - bound) / count as f64).sqrt();
                assert!(rate <= bound + slack, "{task}/{level}: {rate:.3} > {bound}");
            }
        }
    }
}
