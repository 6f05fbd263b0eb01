//! Free text around the rationale's lines: it may earn, and never costs.

use super::paraphrases::{Spoken, TRUE};
use super::tests::{at, readout};
use super::*;
use crate::{
    tasks::levels,
    verdict::{State, Step},
};

const TASKS: [&str; 2] = ["consecutive_table_readout", "table_readout"];

/// How many addresses each sentence is tried on: `AVRGYM_ADDRESSES`, or a few.
fn addresses(few: usize) -> usize {
    std::env::var("AVRGYM_ADDRESSES").ok().and_then(|count| count.parse().ok()).unwrap_or(few)
}

/// The n-th address of a walk through all levels of both tasks, and through every wording.
fn address(n: usize) -> String {
    let task = TASKS[n % 2];
    let levels = levels(task).unwrap();
    let level = levels[n / 2 % levels.len()];
    let pick = |at: usize, of: [&'static str; 3]| of[n / at % 3];
    format!(
        "{task}/{level}?names={}&spelling={}&order={}&style={}&ask={}#val:5:{n}",
        pick(1, ["full", "short", "letters"]),
        pick(5, ["digits", "words", "capitals"]),
        pick(7, ["row", "column", "value"]),
        ["full", "terse"][n / 11 % 2],
        ["list", "total"][n / 13 % 2],
    )
}

fn bad(of: &dyn Instance, reply: &str) -> Option<String> {
    let verdict = of.verify(reply.as_bytes());
    let step = verdict.steps.iter().find(|step| step.state != State::Ok)?;
    Some(format!("{:?} {:?} in {reply}", &reply[step.start as usize..step.end as usize], step))
}

/// The rationale with a sentence before one of its lines.
fn with(lines: &[&str], before: usize, sentence: &str) -> String {
    let mut lines = lines.to_vec();
    lines.insert(before.min(lines.len()), sentence);
    lines.join("\n")
}

fn earned(of: &dyn Instance, reply: &str) -> usize {
    let is_earned = |step: &&Step| step.state == State::Ok && !step.repeated;
    of.verify(reply.as_bytes()).steps.iter().filter(is_earned).count()
}

#[test]
fn true_sentences_cost_nothing() {
    let mut alarms = Vec::new();
    for (name, say) in TRUE {
        for n in 0..addresses(12) {
            let address = address(n * 7 + name.len());
            let of = at(&address);
            let rationale = of.rationale();
            let own = rationale.steps.len();
            let lines: Vec<&str> = rationale.text.lines().collect();
            let length = readout(&*of).path.len();
            for (place, before) in
                [(0, 0), (n % length, n % lines.len()), (n * 5 % length, lines.len() - 1), (n % length, lines.len())]
            {
                let spoken = Spoken { of: readout(&*of), at: place, spelling: Spelling::Digits };
                let sentence = say(&spoken);
                let reply = with(&lines, before, &sentence);
                if let Some(bad) = bad(&*of, &reply) {
                    alarms.push(format!("{name} {address}: {bad}"));
                }
                let earned = earned(&*of, &reply);
                if earned < own {
                    alarms.push(format!("{name} {address}: {earned} of {own} earned in {reply}"));
                }
            }
        }
    }
    assert!(
        alarms.is_empty(),
        "{} alarms, as\n{}",
        alarms.len(),
        alarms.iter().take(400).step_by(1 + alarms.len() / 40).cloned().collect::<Vec<_>>().join("\n\n")
    );
}
