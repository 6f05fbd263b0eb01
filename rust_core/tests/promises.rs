//! What holds of every instance, over many addresses of every task and level: its own words are
//! right, and nothing else is. `AVRGYM_ADDRESSES` sets how many addresses a level.
//!
//! A task is asked because it is registered. What only one task can tell, its own tests ask.

mod values;

use _core::{
    address::{Address, parse_all},
    batch::{self, Words},
    rng::Rng,
    task::Instance,
    tasks,
    verdict::{Outcome, Skill, State},
};
use proptest::prelude::*;
use rayon::prelude::*;
use values::{everything, off_by_one, reworded};

/// What the suite can afford.
const ADDRESSES: usize = 5000;

/// Neighbours among these are foreign to each other.
const CHUNK: usize = 500;

/// Of as many, one is also asked what takes longer, and in other words.
const CLOSER: usize = 20;

fn written(write: impl Fn(&mut String)) -> String {
    let mut out = String::new();
    write(&mut out);
    out
}

/// The words of a sample, and nothing that is not its answer, on neighbours.
fn check(unique: bool, addresses: &[Address]) {
    let words = batch::words(addresses);
    let all = everything(words.iter().map(|words| words.answer.as_str()));
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
            "Answer:".to_owned(),
            format!("I see {answer}"), // an answer that nothing marks as one
            format!("{answer}?"),
            format!("Answer: {answer} or none"),
            format!("Answer: {answer} <answer>no idea</answer>"),
            format!("Answer: not {answer}"),
            format!("Answer: {neighbour}"),
            format!("Answer: {answer}\nAnswer: {neighbour}"),
            format!("Answer: {all}"),
        ] {
            assert!(!correct(&reply), "{address} takes {reply:?}");
        }
        for echo in [format!("{question}\n\n{twin}"), format!("{twin}\n{question}")] {
            let verdict = instance.verify(echo.as_bytes());
            assert_ne!(verdict.outcome, Outcome::Correct, "{address} takes {echo:?}");
            assert!(verdict.steps.iter().all(|step| step.skill == Skill::Conclude), "{address}: steps of an echo");
        }

        let foreign = &words[(at + 1) % words.len()].answer;
        if unique || foreign == answer {
            assert_eq!(correct(&format!("Answer: {foreign}")), foreign == answer, "{address} and {foreign}");
        }
        if at % CLOSER == 0 {
            look_closer(address, &*instance, own);
        }
    }
}

/// Every step is judged as it was worked, words are the same every time, and to say them again adds nothing.
fn look_closer(address: &Address, instance: &dyn Instance, own: &Words) {
    let (worked, verdict) = (instance.rationale(), instance.verify(own.rationale.as_bytes()));
    let judged: Vec<_> = verdict.steps.iter().map(|step| (step.start, step.end, step.skill)).collect();
    let meant: Vec<_> = worked.steps.iter().map(|step| (step.start, step.end, step.skill)).collect();
    assert_eq!(judged, meant, "{address}: its own steps");
    assert_eq!(worked.text, own.rationale, "{address}");
    let again = address.resolve();
    assert_eq!(again.rationale(), worked, "{address}");
    assert_eq!(written(|out| again.twin(out)), own.twin, "{address}");
    assert_eq!(written(|out| again.answer(out)), own.answer, "{address}");
    assert!(worked.text.ends_with(&format!("Answer: {}", own.answer)), "{address}");
    let often = [own.rationale.as_str(); 3].join("\n");
    let again = instance.verify(often.as_bytes()).steps;
    let sound = again.iter().take_while(|step| step.state == State::Ok);
    assert!(sound.filter(|step| !step.repeated).count() <= judged.len(), "{address}: its steps said three times");
}

#[test]
fn promises_hold_for_every_task() {
    let addresses = match std::env::var("AVRGYM_ADDRESSES") {
        Ok(count) => count.parse().expect("AVRGYM_ADDRESSES is a number"),
        Err(_) => ADDRESSES,
    };
    for task in tasks::IDS {
        let unique = tasks::facts(task).expect("the task is registered").unique;
        for level in tasks::levels(task).expect("the task is registered") {
            (0..addresses).step_by(CHUNK).collect::<Vec<_>>().into_par_iter().for_each(|start| {
                let other = reworded(task, level, &mut Rng::keyed([start as u64, 6, 1, 1]));
                for (wording, step) in [("", 1), (other.as_str(), CLOSER)] {
                    let names: Vec<String> = (start..(start + CHUNK).min(addresses))
                        .step_by(step)
                        .map(|index| format!("{task}/{level}{wording}#test:11:{index}"))
                        .collect();
                    check(unique, &parse_all(names.iter().map(String::as_str)).expect("the level is there"));
                }
            });
            eprintln!("{task}/{level}: {addresses} addresses hold");
        }
    }
}

/// An address of any task, level and wording.
fn any_address() -> impl Strategy<Value = Address> {
    let level = prop::sample::select(tasks::IDS)
        .prop_flat_map(|task| (Just(task), prop::sample::select(tasks::levels(task).expect("the task is registered"))));
    (level, any::<u64>(), any::<u64>()).prop_map(|((task, level), seed, index)| {
        let wording = reworded(task, level, &mut Rng::keyed([seed, index, 6, 2]));
        format!("{task}/{level}{wording}#val:{seed}:{index}").parse().expect("the level is there")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_panic(address in any_address(), bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        address.resolve().verify(&bytes);
    }

    #[test]
    fn words_in_any_order_are_judged_in_order(address in any_address(), key in any::<u64>()) {
        let (instance, mut rng) = (address.resolve(), Rng::keyed([key, 6, 3, 0]));
        let own = written(|out| { instance.twin(out); out.push(' '); instance.question(out); });
        let rationale = instance.rationale().text;
        let mut words: Vec<&str> = rationale.split(' ').chain(own.split(' ').take(60)).collect();
        words.extend(["Answer:", "→", "\\boxed{", "<answer>", "no", "\n", "."]);
        let count = words.len().min(80);
        rng.choose(&mut words, count);
        let reply = words[..count].join(*rng.pick(&[" ", "", "\n"]));
        let verdict = instance.verify(reply.as_bytes());
        let mut last = 0;
        for step in &verdict.steps {
            prop_assert!(last <= step.start && step.start < step.end && step.end as usize <= reply.len());
            last = step.start;
        }
    }
}
