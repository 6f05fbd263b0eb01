//! What holds of every instance, over many addresses of every task and level: its own words are
//! right, and nothing else is. `AVRGYM_ADDRESSES` sets how many addresses a level.

use std::collections::{HashMap, HashSet};

use _core::{
    address::{Address, parse_all},
    batch::{self, Words},
    tasks,
    verdict::{Outcome, State},
};
use rayon::prelude::*;

/// What the suite can afford.
const ADDRESSES: usize = 10_000;

/// Neighbours among these are foreign to each other.
const CHUNK: usize = 500;

/// A reply that names every answer there is, for tasks whose answers are lists or one of few.
fn everything(task: &str) -> &'static str {
    match task {
        "grid_navigation" => "left, right, up, down",
        "visual_analogy" => "1, 2, 3, 4",
        _ => "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1",
    }
}

/// The answer with its last part changed to its neighbour, or left out.
fn off_by_one(answer: &str) -> String {
    let (before, last) = answer.rsplit_once(", ").unwrap_or(("", answer));
    let changed = match last.parse::<u64>() {
        Ok(digit) => [before, &((digit + 1) % 10).to_string()].map(str::to_owned).to_vec(),
        Err(_) => vec![before.to_owned()],
    };
    let kept: Vec<String> = changed.into_iter().filter(|part| !part.is_empty()).collect();
    if kept.is_empty() { "none".to_owned() } else { kept.join(", ") }
}

type Cell = (usize, usize);

fn next(at: Cell, by: &str) -> Option<Cell> {
    match by {
        "up" => Some((at.0.checked_sub(1)?, at.1)),
        "down" => Some((at.0 + 1, at.1)),
        "left" => Some((at.0, at.1.checked_sub(1)?)),
        "right" => Some((at.0, at.1 + 1)),
        _ => None,
    }
}

/// Whether an answer solves a grid by its twin alone: the independent reference.
fn solves(twin: &str, answer: &str) -> bool {
    let mut free = HashMap::new();
    for (r, row) in twin.lines().skip(1).enumerate() {
        for (c, cell) in row.split('&').skip(1).enumerate() {
            let cell = cell.trim();
            if !["dot", "cross", "square", "triangle", "plus"].contains(&cell) {
                free.insert((r, c), cell);
            }
        }
    }
    let place = |letter: &str| free.iter().find(|(_, cell)| **cell == letter).map(|(at, _)| *at).expect(letter);
    let (start, goal) = (place("S"), place("D"));
    let mut left: HashSet<Cell> =
        free.iter().filter(|(_, cell)| !["S", "D", "O"].contains(cell)).map(|(at, _)| *at).collect();
    if answer == "No path exists" {
        let (mut seen, mut fresh) = (HashSet::from([start]), vec![start]);
        while let Some(at) = fresh.pop() {
            for to in ["up", "down", "left", "right"].iter().filter_map(|by| next(at, by)) {
                if free.contains_key(&to) && seen.insert(to) {
                    fresh.push(to);
                }
            }
        }
        left.insert(goal);
        return !left.is_subset(&seen);
    }
    let mut at = start;
    for by in answer.split(", ") {
        match next(at, by) {
            Some(to) if free.contains_key(&to) => at = to,
            _ => return false,
        }
        left.remove(&at);
    }
    left.is_empty() && at == goal
}

fn check(task: &str, addresses: &[Address]) {
    let words = batch::words(addresses);
    for (at, (address, own)) in addresses.iter().zip(&words).enumerate() {
        let instance = address.resolve();
        let correct = |reply: &str| instance.verify(reply.as_bytes()).outcome == Outcome::Correct;
        let Words { question, twin, rationale, answer, .. } = own;

        let worked = instance.verify(rationale.as_bytes());
        assert_eq!(worked.outcome, Outcome::Correct, "{address}: its own rationale");
        assert!(worked.steps.iter().all(|step| step.state == State::Ok), "{address}: its own steps");
        assert!(!worked.steps.is_empty(), "{address}: no step was found");
        assert!(correct(&format!("Answer: {answer}")), "{address}: its own answer");

        let neighbour = off_by_one(answer);
        for reply in [
            String::new(),
            format!("{question}\n\n{twin}"),
            format!("I see {answer}"), // an answer that nothing marks as one
            format!("Answer: {answer} or none"),
            format!("Answer: {answer} <answer>no idea</answer>"),
            format!("Answer: not {answer}"),
            format!("Answer: {neighbour}"),
            format!("Answer: {answer}\nAnswer: {neighbour}"),
            format!("Answer: {}", everything(task)),
        ] {
            assert!(!correct(&reply), "{address} takes {reply:?}");
        }

        let foreign = &words[(at + 1) % words.len()].answer;
        let deserved = if task == "grid_navigation" { solves(twin, foreign) } else { foreign == answer };
        assert_eq!(correct(&format!("Answer: {foreign}")), deserved, "{address} and {foreign}");
    }
}

fn promises_hold(task: &str) {
    let addresses = match std::env::var("AVRGYM_ADDRESSES") {
        Ok(count) => count.parse().expect("AVRGYM_ADDRESSES is a number"),
        Err(_) => ADDRESSES,
    };
    for level in tasks::levels(task).expect("the task is registered") {
        (0..addresses).step_by(CHUNK).collect::<Vec<_>>().into_par_iter().for_each(|start| {
            let names: Vec<String> = (start..(start + CHUNK).min(addresses))
                .map(|index| format!("{task}/{level}#test:11:{index}"))
                .collect();
            check(task, &parse_all(names.iter().map(String::as_str)).expect("the level is there"));
        });
        eprintln!("{task}/{level}: {addresses} addresses hold");
    }
}

#[test]
fn promises_hold_for_consecutive_table_readout() {
    promises_hold("consecutive_table_readout");
}

#[test]
fn promises_hold_for_table_readout() {
    promises_hold("table_readout");
}

#[test]
fn promises_hold_for_grid_navigation() {
    promises_hold("grid_navigation");
}

#[test]
fn promises_hold_for_visual_analogy() {
    promises_hold("visual_analogy");
}
