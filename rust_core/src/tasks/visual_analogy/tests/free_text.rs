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

#[test]
fn a_right_answer_without_its_ground_is_not_supported() {
    for n in 0..addresses(60) {
        let it = problem(n);
        for style in [Style::Full, Style::Terse] {
            let text = written(&it, style).text;
            let (work, answer) = text.rsplit_once('\n').unwrap();
            let right = usize::from(it.answer) + 1;
            let about = |line: &str, option: usize| {
                line.starts_with(&format!("Option {option}")) || line.starts_with(&format!("o{option} "))
            };
            // Without what is said of the right option and of another.
            let gap = |drop: &[usize]| {
                let kept = work.lines().filter(|line| !drop.iter().any(|option| about(line, *option)));
                kept.chain([answer]).collect::<Vec<_>>().join("\n")
            };
            let other = right % it.choices().len() + 1;
            let reply = gap(&[right, other]);
            let verdict = it.verify(reply.as_bytes());
            let conclusion = verdict.steps.last().unwrap();
            assert_eq!((conclusion.state, conclusion.reason), (State::Unsupported, Reason::Incomplete), "{reply}");
            assert_eq!((verdict.outcome, verdict.first_error()), (Outcome::Correct, None), "{reply}");
            // A bare answer has no gap, nor has one that other words or the other options lead to.
            assert_eq!(bad(&it, answer), None);
            let said = reply.replace(answer, &format!("Only option {right} goes with the rule.\n{answer}"));
            assert_eq!(bad(&it, &said), None);
            if style == Style::Full {
                assert_eq!(bad(&it, &gap(&[right])), None);
            }
        }
    }
}

/// Parts of true sentences.
const CLAIMS: [fn(&Spoken) -> String; 18] = [
    |s| format!("example {} shows {} on {}", s.row() + 1, s.shows(), s.domain()),
    |s| format!("panel A of example {} holds {}", s.row() + 1, s.panel(0, ", ")),
    |s| format!("Example {}, {}: A {}", s.row() + 1, s.domain(), s.panel(0, ", ")),
    |s| format!("Example {}, {}: {}: {}", s.row() + 1, s.domain(), s.panels(), s.shows()),
    |s| format!("the rule is {}", s.relation()),
    |s| format!("the relation is not {}", s.other()),
    |s| format!("the query has {} in A", s.query(0, " and ")),
    |s| format!("Query, {}: A {}; B {}", s.asked_domain(), s.query(0, ", "), s.query(1, ", ")),
    |s| format!("option {} is consistent", s.right() + 1),
    |s| format!("option {} is not consistent", s.wrong() + 1),
    |s| format!("option {} is inconsistent with {} on {}", s.wrong() + 1, s.relation(), s.answer_domain()),
    |s| format!("option {} has {} for its {}", s.option() + 1, s.choice(s.option(), " and "), s.asked_domain()),
    |s| format!("Option {}, {}: {}: {}", s.option() + 1, s.asked_domain(), s.choice(s.option(), ", "), s.completes(s.option())),
    |s| format!("not option {} but option {} fits", s.wrong() + 1, s.right() + 1),
    |s| format!("it may be {} or {}", s.relation(), s.other()),
    |s| format!("A and B share something in example {}", s.row() + 1),
    |s| format!("{} would come from {}", s.other(), s.domain()),
    |s| format!("next comes option {}", s.option() + 1),
];

const OPENERS: [&str; 14] =
    ["", "So ", "Well, ", "Now ", "Looking closely, ", "Again: ", "- ", "1. ", "I note that ", "As we see, ", "> ", "(a) ", "| ", "Rule 1: "];
const CLOSERS: [&str; 11] = [". ", ", and ", "; ", " - ", " (", ") ", ": ", ", while ", "!", " | ", "\n"];

fn any_sentence() -> impl Strategy<Value = Vec<(usize, usize, usize, usize)>> {
    prop::collection::vec((0..OPENERS.len(), 0..CLAIMS.len(), 0..10_000_usize, 0..CLOSERS.len()), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(addresses(14) as u32 * 40))]

    #[test]
    fn sentences_put_together_from_true_parts_cost_nothing(
        n in 0..1_000_000_usize,
        said in prop::collection::vec((any_sentence(), any::<prop::sample::Index>()), 1..5),
    ) {
        let it = problem(n);
        let own = it.rationale();
        let mut lines: Vec<String> = own.text.lines().map(str::to_owned).collect();
        for (sentence, before) in &said {
            let mut text = String::new();
            for (opener, claim, n, closer) in sentence {
                let opener = OPENERS[*opener];
                if opener.is_empty() || opener.as_bytes()[0].is_ascii_uppercase() || text.is_empty() {
                    text.push_str(opener);
                }
                text.push_str(&CLAIMS[*claim](&Spoken { of: &it, n: *n }));
                text.push_str(CLOSERS[*closer]);
            }
            lines.insert(before.index(lines.len()), text);
        }
        let reply = lines.join("\n");
        let verdict = it.verify(reply.as_bytes());
        // Whole lines of the rationale that stand too early are out of order, but nothing is wrong.
        prop_assert_eq!(verdict.first_error(), None, "{:?} {}", verdict.steps, reply);
        let place = |step: &&Step| step.reason == Reason::OutOfOrder;
        prop_assert!(earned(&it, &reply) + verdict.steps.iter().filter(place).count() >= own.steps.len(), "{}", reply);
    }
}

#[test]
fn a_line_without_end_is_read_in_linear_time() {
    let it = problem(1);
    let start = std::time::Instant::now();
    for part in [
        "Example 1, shape type: A circle; ",
        "Option 1 ",
        "common relation rule ",
        "rule xor on shape type in example 1 and ",
        "e1 type circle; square; circle: xor, ",
        "q type circle circle ",
        "Option 1 is consistent: or ",
        "Option 2 is consistent. Maybe ",
        "((((",
        "A not ",
    ] {
        it.verify(part.repeat(1_000_000 / part.len()).as_bytes());
    }
    // In quadratic time it would be hours.
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}
