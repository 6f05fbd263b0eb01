//! What holds of every readout of either task.

mod cases;
mod free_text;
mod located;
mod paraphrases;

use std::any::Any;

use proptest::prelude::*;

use super::*;
use crate::{
    address::Address,
    lookup,
    tasks::{levels, parameters, shortcut_bounds},
    verdict::{Reason, Skill, State},
};

const TASKS: [&str; 2] = ["consecutive_table_readout", "table_readout"];

/// The problem at an address.
pub fn at(address: &str) -> Box<dyn Instance> {
    match address.parse::<Address>() {
        Ok(address) => address.resolve(),
        Err(error) => panic!("{error}"),
    }
}

/// The readout behind a problem.
pub fn readout(instance: &dyn Instance) -> &Readout {
    (instance as &dyn Any).downcast_ref().unwrap()
}

/// The route of a problem: rows, columns, cells as (row, column), whether it is reversed.
pub fn route(instance: &dyn Instance) -> (usize, usize, Vec<(usize, usize)>, bool) {
    let of = readout(instance);
    let cells = of.path.iter().map(|&cell| (table::row(cell), table::column(cell))).collect();
    (of.table.rows, of.table.columns, cells, of.reversed)
}

/// A feature by name.
pub fn feature(instance: &dyn Instance, name: &str) -> f64 {
    instance.features().into_iter().find(|(known, _)| *known == name).unwrap().1
}

/// What a function writes.
pub fn written(write: impl FnOnce(&mut String)) -> String {
    let mut out = String::new();
    write(&mut out);
    out
}

/// The digits as the steps of its rationale spell them.
fn said(of: &Readout) -> &'static [&'static str; 10] {
    (if of.lists_cells() { problem::Spelling::Digits } else { of.wording.spelling }).digits()
}

fn answer(of: &dyn Instance) -> String {
    written(|out| of.answer(out))
}

fn outcome(of: &dyn Instance, reply: &str) -> Outcome {
    of.verify(reply.as_bytes()).outcome
}

fn any_place() -> impl Strategy<Value = (String, String)> {
    let level = (0..2_usize, any::<prop::sample::Index>()).prop_map(|(task, level)| {
        let levels = levels(TASKS[task]).unwrap();
        format!("{}/{}", TASKS[task], level.get(&levels))
    });
    let place = (0..3_usize, any::<u64>(), any::<u64>())
        .prop_map(|(split, seed, index)| format!("#{}:{seed}:{index}", ["train", "val", "test"][split]));
    (level, place)
}

fn any_wording() -> impl Strategy<Value = String> {
    (any::<[bool; 3]>(), any_asked(), any_spoken()).prop_map(|([twin, values, ends], asked, spoken)| {
        format!(
            "?{asked}&{spoken}&twin={}&values={}&ends={}",
            ["latex", "markdown"][usize::from(twin)],
            ["words", "digits"][usize::from(values)],
            ["named", "marked"][usize::from(ends)],
        )
    })
}

/// Wording that decides which replies are right.
fn any_asked() -> impl Strategy<Value = String> {
    (0..2_usize, 0..2_usize, 0..3_usize).prop_map(|(ask, answer, names)| {
        format!(
            "ask={}&answer={}&names={}",
            ["list", "total"][ask],
            ["digits", "cells"][answer],
            ["full", "short", "letters"][names]
        )
    })
}

/// Wording of the rationale.
fn any_spoken() -> impl Strategy<Value = String> {
    (0..2_usize, 0..3_usize, 0..3_usize).prop_map(|(style, spelling, order)| {
        format!(
            "style={}&spelling={}&order={}",
            ["full", "terse"][style],
            ["digits", "words", "capitals"][spelling],
            ["row", "column", "value"][order],
        )
    })
}

prop_compose! {
    fn any_address()((level, place) in any_place(), wording in any_wording()) -> String {
        format!("{level}{wording}{place}")
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_wording_of_its_rationale_is_right_in_every_step(
        (level, place) in any_place(),
        asked in any_asked(),
        [own, other] in [any_spoken(), any_spoken()],
    ) {
        let rationale = at(&format!("{level}?{asked}&{other}{place}")).rationale();
        let verdict = at(&format!("{level}?{asked}&{own}{place}")).verify(rationale.text.as_bytes());
        prop_assert_eq!(verdict.outcome, Outcome::Correct);
        let judged: Vec<_> = verdict.steps.iter().map(|step| (step.start, step.end, step.skill)).collect();
        let worked: Vec<_> = rationale.steps.iter().map(|step| (step.start, step.end, step.skill)).collect();
        prop_assert_eq!(judged, worked);
        prop_assert!(verdict.steps.iter().all(|step| step.state == State::Ok), "{:?}", verdict.steps);
    }

    #[test]
    fn its_own_answer_is_right_in_every_form(address in any_address()) {
        let of = at(&address);
        let answer = answer(&*of);
        for reply in [
            format!("Answer: {answer}"),
            format!("so **Answer:** [{answer}]."),
            format!("<answer>{answer}</answer>"),
            format!("\\boxed{{{answer}}}"),
            format!("Answer: {}", answer.replace(", ", ",")),
            format!("Answer: {}", answer.replace(", ", " ")),
            format!("Answer:\n{}", answer.replace(", ", "\n")),
            format!("answer: {}", answer.replace(", ", " → ")),
            format!("Answer: {}", answer.replace(", ", " -> ")),
        ] {
            prop_assert_eq!(outcome(&*of, &reply), Outcome::Correct, "{}", reply);
        }
    }

    #[test]
    fn a_near_miss_is_wrong((level, place) in any_place(), which in any::<prop::sample::Index>()) {
        let of = at(&format!("{level}?ask=list{place}"));
        let digits: Vec<u8> = readout(&*of).values().collect();
        let say = |digits: &[u8]| {
            let words: Vec<String> = digits.iter().map(u8::to_string).collect();
            of.verify(format!("Answer: {}", words.join(", ")).as_bytes())
        };
        let at = which.index(digits.len());
        let mut changed = digits.clone();
        changed[at] = (changed[at] + 1) % 10;
        let verdict = say(&changed);
        prop_assert_eq!(verdict.outcome, Outcome::Wrong);
        let length = digits.len() as f32;
        prop_assert_eq!(verdict.components[..4].to_vec(), [0.0, at as f32 / length, 0.0, (length - 1.0) / length]);
        let mut longer = digits.clone();
        longer.insert(at, 0);
        prop_assert_eq!(say(&longer).outcome, Outcome::Wrong);
        if digits.len() > 1 {
            prop_assert_eq!(say(&digits[1..]).outcome, Outcome::Wrong);
            prop_assert_eq!(say(&digits[..digits.len() - 1]).outcome, Outcome::Wrong);
        }
        let total = self::at(&format!("{level}?ask=total{place}"));
        let sum: u64 = digits.iter().map(|&digit| u64::from(digit)).sum();
        prop_assert_eq!(outcome(&*total, &format!("Answer: {}", sum + 1)), Outcome::Wrong);
        prop_assert_eq!(outcome(&*total, &format!("Answer: {sum}, {sum}")), Outcome::Unparsed);
    }

    #[test]
    fn wording_does_not_alter_the_problem((level, place) in any_place(), wording in any_wording()) {
        let hash = |address: &str| {
            let address: Address = address.parse().unwrap();
            address.content(&*address.resolve())
        };
        prop_assert_eq!(hash(&format!("{level}{place}")), hash(&format!("{level}{wording}{place}")));
    }

    #[test]
    fn a_misread_digit_is_the_first_error(address in any_address(), which in any::<prop::sample::Index>()) {
        let of = at(&address);
        let rationale = of.rationale();
        let reads: Vec<usize> =
            (0..rationale.steps.len()).filter(|&at| rationale.steps[at].skill == Skill::Read).collect();
        let at = reads[which.index(reads.len())];
        let (text, step) = (&rationale.text, rationale.steps[at]);
        let (start, end) = (step.start as usize, step.end as usize);
        let digits = said(readout(&*of));
        let digit = digits.iter().position(|digit| *digit == &text[start..end]).unwrap();
        let reply = format!("{}{}{}", &text[..start], digits[(digit + 1) % 10], &text[end..]);
        let verdict = of.verify(reply.as_bytes());
        prop_assert_eq!(verdict.first_error(), Some(at));
        prop_assert_eq!(verdict.steps[at].reason, Reason::WrongValue);
        prop_assert_eq!(verdict.steps.iter().filter(|step| step.state != State::Ok).count(), 1);
    }

    #[test]
    fn a_wrong_cell_is_the_first_error(address in any_address(), which in any::<prop::sample::Index>()) {
        let of = at(&address);
        let rationale = of.rationale();
        let known = readout(&*of);
        let table = &known.table;
        if table.rows * table.columns == known.path.len() {
            return Ok(()); // no cell is off the path
        }
        let on = which.index(known.path.len());
        let off = (0..=u8::MAX).find(|&cell| {
            table::row(cell) < table.rows && table::column(cell) < table.columns && known.place[usize::from(cell)] == 0
        });
        let off = off.unwrap();
        let claims: Vec<usize> =
            (0..rationale.steps.len()).filter(|&at| rationale.steps[at].skill == Skill::NextCell).collect();
        let step = rationale.steps[claims[on]];
        let (row, column) = (known.row_name(table::row(off)), known.column_name(table::column(off)));
        let text = &rationale.text;
        let reply =
            format!("{}{row} {column}{}", &text[..step.start as usize], &text[step.end as usize..]);
        let verdict = of.verify(reply.as_bytes());
        prop_assert_eq!(verdict.first_error(), Some(claims[on]));
        prop_assert_eq!(verdict.steps[claims[on]].reason, Reason::WrongCell);
        prop_assert_eq!(verdict.outcome, if known.lists_cells() { Outcome::Wrong } else { Outcome::Correct });
        // The cells after it are judged as if it had been right.
        prop_assert!(verdict.steps[claims[on] + 2..].iter().all(|step| step.state == State::Ok));
    }

    #[test]
    fn a_wrong_end_is_the_first_error((level, place) in any_place(), wording in any_wording()) {
        let of = at(&format!("{level}{wording}{place}").replace("style=terse", "style=full"));
        let rationale = of.rationale();
        let step = rationale.steps[0];
        let (header, rest) = rationale.text.split_at(step.end as usize);
        let (ahead, ends) = header.split_at(step.start as usize + "from ".len());
        let (start, end) = ends.split_once(" to ").unwrap();
        if start == end {
            return Ok(()); // a path of one cell
        }
        let verdict = of.verify(format!("{ahead}{end} to {start}{rest}").as_bytes());
        prop_assert_eq!(verdict.first_error(), Some(0));
        prop_assert_eq!((verdict.steps[0].skill, verdict.steps[0].reason), (Skill::Locate, Reason::WrongCell));
        prop_assert!(verdict.steps[1..].iter().all(|step| step.state == State::Ok));
    }

    #[test]
    fn a_skipped_cell_is_noticed_where_it_is_missed(address in any_address(), which in any::<prop::sample::Index>()) {
        let of = at(&address);
        let known = readout(&*of);
        if known.path.len() < 3 {
            return Ok(());
        }
        let skipped = which.index(known.path.len() - 2);
        let rationale = of.rationale();
        let claims: Vec<_> = rationale.steps.iter().filter(|step| step.skill == Skill::NextCell).collect();
        let part = |at: usize| {
            let before = &rationale.text[..claims[at].start as usize];
            let joint = if known.lists_cells() { ' ' } else { '\n' };
            // Lines may begin with the digit.
            before.rfind(joint).map_or(0, |joint| joint + 1)
        };
        let reply = format!("{}{}", &rationale.text[..part(skipped)], &rationale.text[part(skipped + 1)..]);
        let verdict = of.verify(reply.as_bytes());
        let wrong = &verdict.steps[verdict.first_error().unwrap()];
        prop_assert_eq!((wrong.skill, wrong.reason), (Skill::NextCell, Reason::OutOfOrder));
        prop_assert_eq!(verdict.steps.iter().filter(|step| step.state == State::Wrong).count(), 1);
    }

    #[test]
    fn no_likely_text_panics(
        (level, place) in any_place(),
        wording in any_wording(),
        text in "(Bee|Row|Koi| Jan|March|column| 3|, 17|[\n :&+=*.-]|Sum|total|from| to |Alpha|Widget|Answer:|or|／|→|[acp]| [bdl]|of|cb|4 |seven| at ){0,80}",
    ) {
        at(&format!("{level}{wording}{place}")).verify(text.as_bytes());
    }
}

#[test]
fn names_are_distinct_and_digits_uniform() {
    let mut seen = [0_u32; 10];
    for index in 0..300 {
        let of = at(&format!("table_readout/hard#train:5:{index}"));
        let table = &readout(&*of).table;
        let mut rows = table.row_codes[..table.rows].iter().map(|code| code / names::POOL as u16).collect::<Vec<_>>();
        rows.sort_unstable();
        assert!(rows.windows(2).all(|pair| pair[0] < pair[1]));
        let mut months = table.months[..table.columns].to_vec();
        months.sort_unstable();
        assert!(months.windows(2).all(|pair| pair[0] < pair[1]));
        table.digits().flatten().for_each(|&digit| seen[usize::from(digit)] += 1);
    }
    let mean = f64::from(seen.iter().sum::<u32>()) / 10.0;
    // Five standard deviations of a binomial with p = 1/10.
    assert!(seen.iter().all(|&n| (f64::from(n) - mean).abs() < 5.0 * (0.9 * mean).sqrt()), "{seen:?}");
}

/// A guesser who sees the question alone answers with another problem's digits.
#[test]
fn guessing_without_the_table_is_at_chance() {
    for task in TASKS {
        let (mut chance, mut variance, mut hits) = (0.0, 0.0, 0.0);
        for index in 0..3000 {
            let of = at(&format!("{task}/rung0#test:3:{index}"));
            let length = readout(&*of).path.len();
            let guess: Vec<String> = (0..length as u64).map(|at| ((index + 3 * at) % 10).to_string()).collect();
            let lucky = of.shortcuts().into_iter().find(|(name, _)| *name == "guess").unwrap().1;
            chance += lucky;
            variance += lucky * (1.0 - lucky);
            hits += f64::from(u8::from(outcome(&*of, &format!("Answer: {}", guess.join(", "))) == Outcome::Correct));
        }
        assert!(chance < 0.03 * 3000.0, "{task}: {chance}");
        assert!((hits - chance).abs() < 5.0 * variance.sqrt(), "{task}: {hits} hits, {chance} expected");
    }
}

#[test]
fn shortcuts_are_bounded_at_every_level() {
    for task in TASKS {
        for level in levels(task).unwrap() {
            let bounds = shortcut_bounds(task, level).unwrap();
            let mut rates = std::collections::BTreeMap::new();
            let count = 1000;
            for index in 0..count {
                for (name, chance) in at(&format!("{task}/{level}#val:1:{index}")).shortcuts() {
                    assert!((0.0..=1.0).contains(&chance), "{name} {chance}");
                    *rates.entry(name).or_insert(0.0) += chance / f64::from(count);
                }
            }
            assert_eq!(bounds.keys().filter(|name| *name != lookup::NAME).count(), rates.len(), "{task}/{level}");
            for (name, rate) in rates {
                assert!(rate <= bounds[name] + 0.015, "{task}/{level}: {name} succeeds {rate}");
            }
        }
    }
}

#[test]
fn files_state_every_parameter_and_no_other() {
    let own: [&[&str]; 2] = [
        &["cells", "columns", "reversed", "rows"],
        &[
            "cells",
            "columns",
            "compositional",
            "families",
            "gap",
            "inset",
            "random",
            "random_cells",
            "reversed",
            "rows",
            "sine",
            "spiral",
            "trim",
        ],
    ];
    for (task, own) in TASKS.iter().zip(own) {
        let mut keys: Vec<&str> = own.iter().chain(WORDING).copied().collect();
        keys.sort_unstable();
        for level in levels(task).unwrap() {
            let stated: Vec<String> = parameters(task, level).unwrap().into_iter().map(|(key, _)| key).collect();
            assert_eq!(stated, keys, "{task}/{level}");
        }
    }
}

#[test]
fn every_level_has_thousands_of_contents() {
    for task in TASKS {
        for level in ["rung0", "rung1", "simple"] {
            let hash = |index: u64| {
                let address: Address = format!("{task}/{level}#train:0:{index}").parse().unwrap();
                address.content(&*address.resolve())
            };
            let seen: std::collections::BTreeSet<u128> = (0..2000).map(hash).collect();
            assert_eq!(seen.len(), 2000, "{task}/{level}");
        }
    }
}
