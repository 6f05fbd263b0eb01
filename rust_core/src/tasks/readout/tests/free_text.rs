//! Free text around the rationale's lines: it may earn, and never costs.

use proptest::prelude::*;

use super::super::{problem::Spelling, *};
use super::paraphrases::{DENIALS, Say, Spoken, TRUE, list};
use super::{at, readout};
use crate::{
    tasks::levels,
    verdict::{Reason, Skill, State, Step},
};

const TASKS: [&str; 2] = ["consecutive_table_readout", "table_readout"];
const ANSWERS: [&str; 2] = ["digits", "cells"];

/// How many addresses each sentence is tried on: `AVRGYM_ADDRESSES`, or a few.
fn addresses(few: usize) -> usize {
    std::env::var("AVRGYM_ADDRESSES").ok().and_then(|count| count.parse().ok()).unwrap_or(few)
}

/// The n-th address of a walk through all levels of both tasks, and through every wording.
fn address(n: usize) -> String {
    answered(n, "digits")
}

/// The same, its answer in that form.
fn answered(n: usize, answer: &str) -> String {
    let task = TASKS[n % 2];
    let levels = levels(task).unwrap();
    let level = levels[n / 2 % levels.len()];
    let pick = |at: usize, of: [&'static str; 3]| of[n / at % 3];
    format!(
        "{task}/{level}?answer={answer}&names={}&spelling={}&order={}&style={}&ask={}#val:5:{n}",
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
            let address = answered(n * 7 + name.len(), ANSWERS[n % 3 / 2]);
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
                let outcome = of.verify(reply.as_bytes()).outcome;
                if outcome != Outcome::Correct && readout(&*of).lists_cells() {
                    alarms.push(format!("{name} {address}: {outcome:?} in {reply}"));
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

/// What may stand before a line of a rationale; `#` is the line's number.
const PREFACES: [&str; 30] = [
    "Step #: ",
    "Step # - ",
    "(#) ",
    "#. ",
    "#) ",
    "- ",
    "* ",
    "• ",
    "> ",
    "Next cell: ",
    "Next: ",
    "Now: ",
    "Then I read - ",
    "Then I read — ",
    "So, ",
    "Okay, now ",
    "And then ",
    "Next, I read ",
    "The next step is ",
    "Moving on: ",
    "Continuing along the yellow cells: ",
    "Looking at the picture, I find: ",
    "Following the path further: ",
    "I can make out: ",
    "Reading: ",
    "Cell #: ",
    "Line # of the work: ",
    "**Step #:** ",
    "Let me read the next cell: ",
    "I will go on with the next one: ",
];

/// Those of them after which a true line that is not due is out of order as well.
const LEADS: [&str; 13] = [
    "Step #: ",
    "Step # - ",
    "(#) ",
    "#. ",
    "- ",
    "• ",
    "Next cell: ",
    "Next: ",
    "Now: ",
    "Then I read - ",
    "Okay, now ",
    "And then ",
    "**Step #:** ",
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
        for n in 0..addresses(40) {
            let of = at(&address(n));
            let rationale = of.rationale();
            let reply = prefaced(&rationale.text, preface);
            alarms.extend(bad(&*of, &reply));
            found += earned(&*of, &reply);
            own += rationale.steps.len();
        }
        if found * 1000 < own * 995 {
            alarms.push(format!("{preface}: {found} of {own}"));
        }
    }
    assert!(alarms.is_empty(), "{}", alarms.iter().take(30).cloned().collect::<Vec<_>>().join("\n\n"));
}

#[test]
fn an_error_behind_a_preface_is_caught() {
    let mut alarms = Vec::new();
    let (mut leads, mut talks) = (0, 0);
    for n in 0..addresses(60) * 5 {
        let address = address(n);
        let of = at(&address);
        let known = readout(&*of);
        let rationale = of.rationale();
        let text = &rationale.text;
        for (at, preface) in PREFACES.iter().enumerate().filter(|(at, _)| (at + n) % 6 == 0) {
            // A digit, a cell, or a whole line is another one.
            let reads: Vec<_> = rationale.steps.iter().filter(|step| step.skill == Skill::Read).collect();
            let step = reads[(n * 31 + at) % reads.len()];
            let (start, end) = (step.start as usize, step.end as usize);
            let digits = known.wording.spelling.digits();
            let digit = digits.iter().position(|digit| *digit == &text[start..end]).unwrap();
            let changed = format!("{}{}{}", &text[..start], digits[(digit + 1 + n % 9) % 10], &text[end..]);
            let verdict = of.verify(prefaced(&changed, preface).as_bytes());
            let first = verdict.first_error().map(|at| verdict.steps[at].reason);
            if first != Some(Reason::WrongValue) {
                alarms.push(format!("{preface} {address}: {first:?} for a digit in\n{}", prefaced(&changed, preface)));
            }
            talks += 1;
            if !LEADS.contains(preface) || known.path.len() < 3 {
                continue;
            }
            let line = |place: usize| {
                let at = reads[place].start as usize;
                let start = text[..at].rfind('\n').map_or(0, |at| at + 1);
                start..start + text[start..].find('\n').unwrap() + 1
            };
            let dropped = (n * 17 + at) % (known.path.len() - 1);
            let gap = line(dropped);
            let reply = format!("{}{}", &text[..gap.start], &text[gap.end..]);
            if bad(&*of, &prefaced(&reply, preface)).is_none() {
                alarms.push(format!("{preface} {address}: no gap seen in\n{reply}"));
            }
            let next = line(dropped + 1);
            let reply = format!("{}{}{}{}", &text[..gap.start], &text[next.clone()], &text[gap], &text[next.end..]);
            if bad(&*of, &prefaced(&reply, preface)).is_none() {
                alarms.push(format!("{preface} {address}: no exchange seen in\n{reply}"));
            }
            leads += 1;
        }
    }
    assert!(
        alarms.is_empty(),
        "{} of {talks} + {leads}: {}",
        alarms.len(),
        alarms.iter().take(20).cloned().collect::<Vec<_>>().join("\n\n")
    );
}

/// Whole rationales in other words: how each line, or each row's part of the path, is said.
const RETOLD: &[(&str, bool, Say)] = &[
    ("digit at", false, |s| format!("The digit at {} is {}.", s.cell(s.at), s.digit(s.at))),
    ("holds", false, |s| format!("{} holds a {}", s.cell(s.at), s.digit(s.at))),
    ("found", false, |s| format!("A {} is found at {}.", s.digit(s.at), s.cell(s.at))),
    ("see", false, |s| format!("At {}, {} I see a {}.", s.row(s.at), s.column(s.at), s.digit(s.at))),
    ("equals", false, |s| format!("{}. {} = {}", s.at + 1, s.cell(s.at), s.digit(s.at))),
    ("arrow", false, |s| format!("({}, {}) → {}", s.row(s.at), s.column(s.at), s.digit(s.at))),
    ("under", false, |s| format!("Then, under {}, {} has {}.", s.column(s.at), s.row(s.at), s.digit(s.at))),
    ("table", false, |s| format!("| {} | {} | {} | {} |", s.at + 1, s.row(s.at), s.column(s.at), s.digit(s.at))),
    ("grouped", true, |s| {
        format!("{}: {}", s.row(s.at), list(s.group(), |at| format!("{} {}", s.names(at).1, s.digit(at)), ", "))
    }),
    ("grouped in words", true, |s| {
        format!(
            "In {}, {}.",
            s.row(s.at),
            list(s.group(), |at| format!("{} is {}", s.column(at), s.digit(at)), " and ")
        )
    }),
    ("grouped digits first", true, |s| {
        format!("{}: {}", s.row(s.at), list(s.group(), |at| format!("{} ({})", s.digit(at), s.column(at)), ", "))
    }),
    ("heading", true, |s| {
        format!("{}:\n{}", s.row(s.at), list(s.group(), |at| format!("- {}: {}", s.column(at), s.digit(at)), "\n"))
    }),
    ("range of cells", true, |s| {
        let group = s.group();
        format!("From {} to {}: {}", s.cell(group.start), s.cell(group.end - 1), s.digits(group, ", "))
    }),
    ("range", true, |s| {
        let group = s.group();
        let (first, last) = (s.names(group.start).1, s.names(group.end - 1).1);
        format!("{} from {first} to {last}: {}", s.row(s.at), s.digits(group, ", "))
    }),
    ("listed", true, |s| format!("{}: {}", list(s.group(), |at| s.cell(at), ", "), s.digits(s.group(), ", "))),
];

#[test]
fn rationales_in_other_words_earn_their_steps() {
    let mut alarms = Vec::new();
    for (name, grouped, say) in RETOLD {
        let (mut found, mut own) = (0, 0);
        for n in 0..addresses(40) {
            let of = at(&address(n));
            let known = readout(&*of);
            let mut reply = String::new();
            let mut place = 0;
            while place < known.path.len() {
                let spoken = Spoken { of: known, at: place, spelling: known.wording.spelling };
                reply.push_str(&say(&spoken));
                reply.push('\n');
                place = if *grouped { spoken.group().end } else { place + 1 };
            }
            reply.push_str("Answer: ");
            known.write_answer(&mut reply);
            alarms.extend(bad(&*of, &reply));
            own += 2 * known.path.len() + 1;
            found += earned(&*of, &reply);
        }
        if found * 100 < own * 95 {
            alarms.push(format!("{name}: {found} of {own}"));
        }
    }
    assert!(alarms.is_empty(), "{}", alarms.iter().take(30).cloned().collect::<Vec<_>>().join("\n\n"));
}

#[test]
fn what_is_denied_or_hedged_is_never_right() {
    for (name, say) in DENIALS {
        for n in 0..addresses(40) {
            let of = at(&address(n));
            let known = readout(&*of);
            let rationale = of.rationale();
            let read = rationale.steps.iter().filter(|step| step.skill == Skill::Read);
            for (place, step) in read.enumerate().filter(|(place, _)| place % 4 == n % 4) {
                // At its place, where the sentence would earn if it said the digit plainly.
                let text = &rationale.text;
                let start = text[..step.start as usize].rfind('\n').map_or(0, |at| at + 1);
                let sentence = say(&Spoken { of: known, at: place, spelling: Spelling::Digits });
                let reply = format!("{}{sentence}\n", &text[..start]);
                let verdict = of.verify(reply.as_bytes());
                let right = verdict
                    .steps
                    .iter()
                    .find(|step| step.start as usize >= start && step.skill == Skill::Read && step.state == State::Ok);
                assert_eq!(right, None, "{name}: {sentence}");
            }
        }
    }
}

#[test]
fn a_right_conclusion_from_half_the_cells_is_not_supported() {
    for n in 0..addresses(200) {
        let of = at(&address(n));
        let rationale = of.rationale();
        let lines: Vec<&str> = rationale.text.lines().collect();
        let is_cell = |line: &&&str| of.verify(line.as_bytes()).steps.iter().any(|step| step.skill == Skill::NextCell);
        let cells: Vec<&&str> = lines.iter().filter(is_cell).collect();
        let Some((last, told)) = cells.split_last().filter(|(_, told)| !told.is_empty()) else { continue };
        let reply = rationale.text.replace(&format!("{last}\n"), "");
        let verdict = of.verify(reply.as_bytes());
        let conclusion = verdict.steps.last().unwrap();
        assert_eq!((conclusion.state, conclusion.reason), (State::Unsupported, Reason::Incomplete), "{reply}");
        assert_eq!((verdict.outcome, verdict.first_error()), (Outcome::Correct, None), "{reply}");
        // Said in other words it is no gap, and an answer without any cell has none.
        let spoken = Spoken { of: readout(&*of), at: told.len(), spelling: Spelling::Words };
        let said = format!("{} reads {}.", spoken.cell(told.len()), spoken.digit(told.len()));
        assert_eq!(bad(&*of, &rationale.text.replace(*last, &said)), None);
        assert_eq!(bad(&*of, lines.last().unwrap()), None);
    }
}

/// Parts of true sentences; `n` picks what they speak of.
const CLAIMS: &[Say] = &[
    |s| format!("{} holds {}", s.cell(s.at), s.digit(s.at)),
    |s| format!("{} is {}", s.cell(s.at), s.digit(s.at)),
    |s| format!("the digit in {}, {} is {}", s.row(s.at), s.column(s.at), s.digit(s.at)),
    |s| format!("I see a {} at {}", s.digit(s.at), s.cell(s.at)),
    |s| format!("there is a {} in {} under {}", s.digit(s.at), s.row(s.at), s.column(s.at)),
    |s| format!("{} does not hold {}", s.cell(s.at), s.other(s.at)),
    |s| format!("{} at {} would be wrong", s.other(s.at), s.cell(s.at)),
    |s| format!("the path goes through {}", s.cell(s.at)),
    |s| format!("{} comes after {}", s.cell((s.at + 1).min(s.last())), s.cell(s.at)),
    |s| format!("{} has been read", s.cell(s.at)),
    |s| format!("the digits up to {} are {}", s.cell(s.at), s.digits(0..s.at + 1, ", ")),
    |s| format!("{} cells lie before {}", s.at, s.cell(s.at)),
    |s| format!("the {}th digit is {}", s.at + 1, s.digit(s.at)),
    |s| format!("the path ends at {}, which is {}", s.cell(s.last()), s.digit(s.last())),
    |s| format!("it starts from {} with {}", s.cell(0), s.digit(0)),
    |s| s.off().map_or("that is all".to_owned(), |(cell, digit)| format!("{cell} is {digit} and not marked")),
    |s| format!("next I will read {}", s.cell(s.at)),
    |s| format!("{} ({}) leads on to {}", s.cell(s.at), s.digit(s.at), s.cell((s.at + 1).min(s.last()))),
    |s| format!("{} reads {}", s.row(s.at), s.digits(s.group(), ", ")),
    |s| {
        format!("from {} to {} I read {}", s.cell(s.group().start), s.cell(s.group().end - 1), s.digits(s.group(), " "))
    },
];

fn any_sentence() -> impl Strategy<Value = Vec<(usize, usize, usize, usize)>> {
    prop::collection::vec((0..OPENERS.len(), 0..CLAIMS.len(), any::<usize>(), 0..CLOSERS.len()), 1..4)
}

const OPENERS: [&str; 16] = [
    "",
    "So ",
    "Well, ",
    "Now ",
    "Then ",
    "On the path, ",
    "Looking closely, ",
    "Again: ",
    "- ",
    "1. ",
    "2) ",
    "I note that ",
    "As we see, ",
    "> ",
    "(a) ",
    "In the picture ",
];
const CLOSERS: [&str; 10] = [". ", ", and ", "; ", " - ", " (", ") ", ": ", ", while ", "!", "\n"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(addresses(12) as u32 * 40))]

    #[test]
    fn sentences_put_together_from_true_parts_cost_nothing(
        n in 0..1_000_000_usize,
        said in prop::collection::vec((any_sentence(), any::<prop::sample::Index>()), 1..5),
    ) {
        let of = at(&answered(n, ANSWERS[n % 3 / 2]));
        let known = readout(&*of);
        let rationale = of.rationale();
        let mut lines: Vec<String> = rationale.text.lines().map(str::to_owned).collect();
        for (sentence, before) in &said {
            let mut text = String::new();
            for (opener, claim, at, closer) in sentence {
                let spoken = Spoken { of: known, at: at % known.path.len(), spelling: [Spelling::Digits, Spelling::Words][at % 2] };
                // A number or a bullet begins a line.
                let opener = OPENERS[*opener];
                if opener.is_empty() || opener.as_bytes()[0].is_ascii_uppercase() || text.is_empty() {
                    text.push_str(opener);
                }
                text.push_str(&CLAIMS[*claim](&spoken));
                text.push_str(CLOSERS[*closer]);
            }
            lines.insert(before.index(lines.len()), text);
        }
        let reply = lines.join("\n");
        prop_assert_eq!(bad(&*of, &reply), None);
        prop_assert!(earned(&*of, &reply) >= rationale.steps.len(), "{}", reply);
    }
}
