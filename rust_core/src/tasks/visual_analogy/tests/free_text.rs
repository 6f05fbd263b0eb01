//! Free text around the rationale's lines: it may earn, and never costs.

use super::{
    super::*,
    paraphrases::{DENIALS, Spoken, TRUE},
    *,
};
use crate::verdict::Step;

/// How many addresses each sentence is tried on: `AVRGYM_ADDRESSES`, or a few.
fn addresses(few: usize) -> usize {
    std::env::var("AVRGYM_ADDRESSES").ok().and_then(|count| count.parse().ok()).unwrap_or(few)
}

/// The n-th problem of a walk through all levels and both styles.
fn problem(n: usize) -> Analogy {
    let levels = levels();
    let level = levels[n % levels.len()];
    at(&format!("visual_analogy/{level}?style={}#val:5:{n}", ["full", "terse"][n / levels.len() % 2]))
}

fn bad(it: &Analogy, reply: &str) -> Option<String> {
    let verdict = it.verify(reply.as_bytes());
    let step = verdict.steps.iter().find(|step| step.state != State::Ok)?;
    Some(format!("{:?} {:?} in {reply}", &reply[step.start as usize..step.end as usize], step))
}

fn earned(it: &Analogy, reply: &str) -> usize {
    let is_earned = |step: &&Step| step.state == State::Ok && !step.repeated;
    it.verify(reply.as_bytes()).steps.iter().filter(is_earned).count()
}

fn report(alarms: &[String]) {
    let some: Vec<&str> = alarms.iter().step_by(1 + alarms.len() / 25).map(String::as_str).collect();
    assert!(alarms.is_empty(), "{} alarms, as\n{}", alarms.len(), some.join("\n\n"));
}

#[test]
fn true_sentences_cost_nothing() {
    assert!(TRUE.len() >= 40);
    let mut alarms = Vec::new();
    for (name, say) in TRUE {
        for n in 0..addresses(14) {
            let it = problem(n * 5 + name.len());
            let own = it.rationale();
            let lines: Vec<&str> = own.text.lines().collect();
            let sentence = say(&Spoken { of: &it, n: n * 7 + n / 3 });
            let recap = name.starts_with("recap");
            for before in [0, n % lines.len(), lines.len() - 1, lines.len()] {
                // What is said again is said after it was said.
                let before = if recap { lines.len() - 1 } else { before };
                let mut lines = lines.clone();
                lines.insert(before, &sentence);
                let reply = lines.join("\n");
                alarms.extend(bad(&it, &reply).map(|bad| format!("{name}: {bad}")));
                let paid = earned(&it, &reply);
                if paid < own.steps.len() {
                    alarms.push(format!("{name}: {paid} of {} earned in {reply}", own.steps.len()));
                }
                let verdict = it.verify(reply.as_bytes());
                if verdict.outcome != Outcome::Correct || verdict.components[..4] != [1.0; 4] {
                    alarms.push(format!("{name}: {:?} in {reply}", verdict.components));
                }
            }
            alarms.extend(bad(&it, &sentence).map(|bad| format!("{name} alone: {bad}")));
        }
    }
    report(&alarms);
}

/// What may stand before a line of a rationale; `#` is the line's number.
const PREFACES: [&str; 36] = [
    "Step #: ",
    "Step # - ",
    "(#) ",
    "#. ",
    "#) ",
    "- ",
    "* ",
    "• ",
    "> ",
    "### ",
    "(a) ",
    "**Step #:** ",
    "So, ",
    "Okay, now ",
    "And then ",
    "Next: ",
    "Now: ",
    "Next, I read ",
    "I see that ",
    "We find: ",
    "Looking at the picture, I find: ",
    "Looking at the rows in turn, ",
    "From the panels one reads ",
    "The next step is ",
    "Moving on: ",
    "I can make out: ",
    "Let me read on: ",
    "I will go on with the next one: ",
    "Then I note — ",
    "Line # of the work: ",
    "Compare the panels. ",
    "Here is what I get -> ",
    "In the grid of panels: ",
    "As for the attributes, ",
    "Reading: ",
    "It follows that ",
];

/// A rationale with a preface before each of its lines but the answer's.
fn prefaced(text: &str, preface: &str) -> String {
    let lines = text.lines().enumerate().map(|(at, line)| {
        let is_answer = line.starts_with("Answer");
        if is_answer { line.to_owned() } else { preface.replace('#', &(at + 1).to_string()) + line }
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn steps_are_found_behind_any_preface() {
    let mut alarms = Vec::new();
    for preface in PREFACES {
        let (mut found, mut own) = (0, 0);
        for n in 0..addresses(14) {
            let it = problem(n);
            for style in [Style::Full, Style::Terse] {
                let rationale = written(&it, style);
                let reply = prefaced(&rationale.text, preface);
                alarms.extend(bad(&it, &reply));
                found += earned(&it, &reply);
                own += rationale.steps.len();
            }
        }
        if found * 1000 < own * 995 {
            alarms.push(format!("{preface}: {found} of {own}"));
        }
    }
    report(&alarms);
}

#[test]
fn an_error_behind_a_preface_is_caught() {
    let mut alarms = Vec::new();
    for n in 0..addresses(30) * 4 {
        let it = problem(n);
        let preface = PREFACES[n % PREFACES.len()];
        for style in [Style::Full, Style::Terse] {
            let own = written(&it, style);
            // The answer has no preface.
            for (index, step) in own.steps[..own.steps.len() - 1].iter().enumerate().filter(|(at, _)| (at + n) % 5 == 0) {
                let (start, end) = (step.start as usize, step.end as usize);
                let spoiled = spoil(&own.text[start..end], step.skill, usize::from(it.answer));
                let reply = prefaced(&format!("{}{spoiled}{}", &own.text[..start], &own.text[end..]), preface);
                let verdict = it.verify(reply.as_bytes());
                if verdict.first_error() != Some(index) {
                    alarms.push(format!("{preface}{spoiled}: {:?}", verdict.first_error()));
                }
            }
        }
    }
    report(&alarms);
}

#[test]
fn what_is_denied_or_hedged_is_never_right() {
    let mut alarms = Vec::new();
    for (name, say) in DENIALS {
        for n in 0..addresses(40) {
            let it = problem(n);
            let sentence = say(&Spoken { of: &it, n });
            let verdict = it.verify(sentence.as_bytes());
            if verdict.steps.iter().any(|step| step.state == State::Ok) || verdict.components[1..4].contains(&1.0) {
                alarms.push(format!("{name}: {sentence} {:?}", verdict.steps));
            }
        }
    }
    report(&alarms);
}
