//! What holds of every problem and every reply.

mod ancestor;
mod free_text;
mod levels;
mod paraphrases;

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::{
    relations::{ALL_PAIRS, Attribute, Domain, Relation, relations_in, unpair},
    worked::written,
    *,
};
use crate::{
    address::Address,
    rng::Rng,
    task::Style,
    tasks,
    verdict::{Outcome, Reason, Skill, State},
};

fn analogy(address: &Address) -> Analogy {
    let instance: Box<dyn std::any::Any> = address.resolve();
    *instance.downcast::<Analogy>().unwrap()
}

fn at(address: &str) -> Analogy {
    analogy(&address.parse().unwrap())
}

fn many(level: &str, count: u64) -> impl Iterator<Item = Analogy> {
    let first: Address = format!("visual_analogy/{level}#train:1:0").parse().unwrap();
    (0..count).map(move |index| analogy(&Address { index, ..first.clone() }))
}

fn levels() -> Vec<&'static str> {
    tasks::levels("visual_analogy").unwrap()
}

fn text(write: impl FnOnce(&mut String)) -> String {
    let mut out = String::new();
    write(&mut out);
    out
}

fn prompt(it: &Analogy) -> String {
    format!("{}\n\n{}", text(|out| it.question(out)), text(|out| it.twin(out)))
}

fn outcome(it: &Analogy, reply: &str) -> Outcome {
    it.verify(reply.as_bytes()).outcome
}

fn content(it: &Analogy) -> u128 {
    let mut hash = Fingerprint::default();
    it.content(&mut hash);
    hash.finish()
}

/// The pairs that a row of the query with an option shows.
fn with(it: &Analogy, option: usize) -> Pairs {
    holding(&it.query[0].sets, &it.query[1].sets, &it.choices[option].sets)
}

fn row(it: &Analogy, row: usize) -> Pairs {
    let [a, b, c] = &it.rows[row];
    holding(&a.sets, &b.sets, &c.sets)
}

fn any_analogy() -> impl Strategy<Value = Analogy> {
    let levels: Vec<String> = levels()
        .into_iter()
        .map(str::to_owned)
        .chain(
            [
                "hard?style=terse",
                "simple?style=terse&examples=1",
                "rung9?examples=1&options=2",
                "rung9?style=terse",
                "rung2?style=full",
            ]
            .map(str::to_owned),
        )
        .collect();
    (prop::sample::select(levels), 0..3_usize, any::<u64>(), any::<u64>()).prop_map(|(level, split, seed, index)| {
        at(&format!("visual_analogy/{level}#{}:{seed}:{index}", ["train", "val", "test"][split]))
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn its_own_rationale_is_correct_in_every_step(it in any_analogy()) {
        for style in [Style::Full, Style::Terse] {
            let own = written(&it, style);
            let verdict = it.verify(own.text.as_bytes());
            prop_assert_eq!(verdict.outcome, Outcome::Correct);
            let found: Vec<_> = verdict.steps.iter().map(|s| (s.start, s.end, s.skill, s.state)).collect();
            let meant: Vec<_> = own.steps.iter().map(|s| (s.start, s.end, s.skill, State::Ok)).collect();
            prop_assert_eq!(found, meant, "{}", own.text);
            prop_assert_eq!(&verdict.components[..4], [1.0; 4]);
            let loud = own.text.replace('\n', "\n - ").to_uppercase();
            let again = it.verify(loud.as_bytes());
            prop_assert_eq!(again.outcome, Outcome::Correct);
            prop_assert!(again.steps.iter().all(|s| s.state == State::Ok), "{:?} {}", again.steps, loud);
            prop_assert_eq!(again.steps.len(), own.steps.len());
        }
        prop_assert_eq!(it.rationale().text, written(&it, it.style).text);
    }

    #[test]
    fn only_the_answer_is_correct(it in any_analogy(), other in any_analogy()) {
        let right = usize::from(it.answer) + 1;
        for reply in ["Answer: {}", "Answer: option {}", "**Answer:** ({}).", "<answer>{}</answer>", "so \\boxed{{}}"] {
            prop_assert_eq!(outcome(&it, &reply.replace("{}", &right.to_string())), Outcome::Correct, "{}", reply);
        }
        let words = ["one", "two", "three", "four"];
        prop_assert_eq!(outcome(&it, &format!("Answer: Option {}", words[right - 1])), Outcome::Correct);
        for wrong in [right + 1, right - 1, 0, 7, 40, usize::MAX] {
            prop_assert_eq!(outcome(&it, &format!("Answer: {wrong}")), Outcome::Wrong);
        }
        for none in ["", "Answer:", "Answer: 1 2 3 4", "Answer: 1, 2, 3 or 4", "Answer: not 3", &format!("{right}?"), &prompt(&it)] {
            prop_assert_ne!(outcome(&it, none), Outcome::Correct, "{}", none);
        }
        prop_assert_eq!(outcome(&it, &other.rationale().text) == Outcome::Correct, other.answer == it.answer);
    }

    #[test]
    fn no_likely_text_panics(
        it in any_analogy(),
        text in "(Example |e|o|Option |q|query|rule|common relation|[0-9]{1,3}| type| color| quantity| position| circle| dark| gray| top| left| v| up|; |: |\\.|,|\n| and| no relation| consistent| A | B | C |→|answer: ){0,60}",
    ) {
        let verdict = it.verify(text.as_bytes());
        let mut last = 0;
        for step in &verdict.steps {
            prop_assert!(last <= step.start && step.start < step.end && step.end as usize <= text.len());
            last = step.start;
        }
    }

    #[test]
    fn exactly_one_option_fits_under_every_reading(it in any_analogy()) {
        let count = it.choices().len();
        let shown: Vec<Pairs> = (0..count).map(|option| with(&it, option)).collect();
        for (option, pairs) in shown.iter().enumerate() {
            prop_assert_eq!(pairs.count_ones(), 1, "an option shows one pair");
            prop_assert_eq!(*pairs, it.shown[option]);
            prop_assert_eq!(shown.iter().filter(|other| *other == pairs).count(), 1);
        }
        let rows: Vec<Pairs> = (0..it.rows().len()).map(|i| row(&it, i)).collect();
        // Every relation that all examples show, each in whatever domain.
        let common = rows.iter().fold(15, |common, pairs| common & relations_in(*pairs));
        prop_assert_eq!(common, 1 << it.relation as u32);
        let fits: Vec<usize> = if it.cross_domain {
            (0..count).filter(|i| relations_in(shown[*i]) & common != 0).collect()
        } else {
            let pairs = rows.iter().fold(ALL_PAIRS, |common, pairs| common & pairs);
            prop_assert_eq!(pairs.count_ones(), 1);
            (0..count).filter(|i| shown[*i] & pairs != 0).collect()
        };
        prop_assert_eq!(fits, [usize::from(it.answer)]);
        for (i, pairs) in rows.iter().enumerate() {
            let here = *pairs & 0x0111_1111 << it.relation as u32;
            prop_assert_eq!(unpair(here), (it.example_domains[i], it.relation));
            prop_assert_eq!(here.count_ones(), 1);
        }
    }

    #[test]
    fn panels_hold_one_kind_of_object_each_in_a_place_of_its_own(it in any_analogy()) {
        for panel in it.rows().iter().flatten().chain(&it.query).chain(it.choices()) {
            let objects = panel.objects();
            prop_assert!((1..=9).contains(&objects.len()));
            let places: BTreeSet<u8> = objects.iter().map(|o| if panel.sets.lines { o.kind } else { o.slot }).collect();
            prop_assert_eq!(places.len(), objects.len());
        }
    }

    #[test]
    fn a_spoiled_step_is_the_first_error(it in any_analogy(), which in any::<prop::sample::Index>(), terse in any::<bool>()) {
        let own = written(&it, if terse { Style::Terse } else { Style::Full });
        let index = which.index(own.steps.len());
        let step = own.steps[index];
        let (start, end) = (step.start as usize, step.end as usize);
        let claim = &own.text[start..end];
        let spoiled = spoil(claim, step.skill, usize::from(it.answer));
        let reply = format!("{}{}{}", &own.text[..start], spoiled, &own.text[end..]);
        let verdict = it.verify(reply.as_bytes());
        prop_assert_eq!(verdict.first_error(), Some(index), "{} -> {}", claim, spoiled);
        prop_assert!(verdict.steps[..index].iter().all(|s| s.state == State::Ok));
        // What comes after is judged by itself.
        prop_assert!(verdict.steps[index + 1..].iter().all(|s| s.state == State::Ok), "{:?} {}", verdict.steps, reply);
    }
}

/// Another claim in the same words.
fn spoil(claim: &str, skill: Skill, answer: usize) -> String {
    let swap = |from: &str, to: &str| claim.replacen(from, to, 1);
    let other_relation = || {
        for (from, to) in [
            ("AND", "OR"),
            ("XOR", "AND"),
            ("OR", "XOR"),
            ("xor", "and"),
            ("progression", "or"),
            ("no relation", "XOR"),
            ("none", "xor"),
            ("and", "progression"),
            ("or", "none"),
        ] {
            if claim.contains(from) {
                return swap(from, to);
            }
        }
        unreachable!("{claim} names no relation")
    };
    match skill {
        Skill::Compare | Skill::ApplyRule => other_relation(),
        Skill::InferRule if claim.starts_with("rule") => format!("rule {}", spoil(&claim[5..], Skill::Compare, answer)),
        Skill::InferRule => {
            let (head, tail) = claim.split_at(17);
            let word = tail.split(' ').next().unwrap();
            format!("{head}{}{}", if word == "XOR" { "AND" } else { "XOR" }, &tail[word.len()..])
        }
        Skill::Conclude if claim.starts_with("Answer") => format!("Answer: {}", answer + 2),
        Skill::Conclude if claim.contains("is not") => swap("is not", "is"),
        Skill::Conclude => swap("is", "is not"),
        _ => {
            // The last value becomes another.
            let (head, last) = claim.rsplit_once(' ').unwrap();
            if last == "diagonal" {
                return format!("{} v up", head.rsplit_once(' ').unwrap().0);
            }
            if head.ends_with(" v") {
                return format!("{head} {}", if last == "left" { "right" } else { "left" });
            }
            let pairs = [
                ("circle", "diamond"),
                ("black", "white"),
                ("gray", "black"),
                ("white", "black"),
                ("small", "huge"),
                ("huge", "small"),
                ("medium", "small"),
                ("large", "small"),
                ("left", "center"),
                ("right", "center"),
                ("center", "left"),
                ("up", "down"),
                ("down", "up"),
                ("horizontal", "vertical"),
                ("vertical", "horizontal"),
                ("diamond", "circle"),
            ];
            let other = match pairs.iter().find(|(from, _)| *from == last) {
                Some((_, to)) => (*to).to_owned(),
                None => match last.parse::<u8>() {
                    Ok(number) => (number % 9 + 1).to_string(),
                    Err(_) => "circle".to_owned(),
                },
            };
            format!("{head} {other}")
        }
    }
}

#[test]
fn repeats_and_afterthoughts_earn_nothing() {
    let it = at("visual_analogy/rung1#train:1:1");
    let own = it.rationale().text;
    let line = own.lines().next().unwrap();
    let verdict = it.verify(format!("{line}\n{line}\n{own}\n{}", own.lines().nth(2).unwrap()).as_bytes());
    let repeated = verdict.steps.iter().filter(|step| step.repeated && step.state == State::Ok).count();
    assert_eq!(repeated, 4, "{:?}", verdict.steps);
    let extra = verdict.steps.iter().filter(|step| step.reason == Reason::Extra).count();
    assert_eq!(extra, 1, "{:?}", verdict.steps);
    assert_eq!(verdict.first_error(), None);
    let verdict = it.verify(format!("rule {}\n{line}", it.relation.key()).as_bytes());
    assert_eq!(verdict.steps[1].reason, Reason::OutOfOrder);
}

#[test]
fn what_is_weighed_or_denied_is_no_step() {
    for it in many("hard", 50) {
        let own = written(&it, Style::Full).text;
        let rule = own.lines().find(|line| line.starts_with("Common")).unwrap();
        let (head, tail) = rule.split_once(": ").unwrap();
        for said in [format!("{head} could be {tail}"), format!("{head}: {tail}?"), format!("{head} is not {tail}")] {
            let verdict = it.verify(said.as_bytes());
            assert!(verdict.steps.is_empty(), "{said} {:?}", verdict.steps);
            assert!(verdict.components[1].is_nan(), "{said}");
        }
    }
}

#[test]
fn loose_wording_is_understood() {
    let it = at("visual_analogy/simple#train:7:5");
    let own = written(&it, Style::Full);
    let loose = own
        .text
        .lines()
        .enumerate()
        .map(|(i, line)| {
            format!(
                "{}. So, **{}**",
                i + 1,
                line.trim_end_matches('.')
                    .replace(": A", ": panel A shows a")
                    .replace("; ", " | ")
                    .replace("gray", "grey")
            )
        })
        .collect::<Vec<_>>()
        .join("\n");
    let verdict = it.verify(loose.as_bytes());
    assert_eq!(verdict.steps.len(), own.steps.len(), "{loose}");
    assert!(verdict.steps.iter().all(|step| step.state == State::Ok), "{loose} {:?}", verdict.steps);
}
