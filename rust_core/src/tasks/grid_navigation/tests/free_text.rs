//! Steps in free text: no true sentence costs anything, none that is denied or hedged earns anything.

use super::{Place, Problem, SYMBOLS, at, judged};
use crate::{rng::Rng, task::Instance, tasks::{self, grid_navigation::bits::Heading}, verdict::State};

/// What a pattern may speak of: a move of the tour and what is beside it.
struct Facts<'a> {
    problem: &'a Problem,
    from: Place,
    heading: Heading,
    to: Place,
    obstacle: Option<(Place, &'static str)>,
    object: Option<(Place, &'static str)>,
}

/// A cell in one of the spellings that are usual.
pub fn cell(place: Place, spelling: usize) -> String {
    let letter = |at: usize| char::from(b'a' + at as u8);
    let (row, column) = (letter(place.row()), letter(place.column()));
    match spelling % 6 {
        0 => format!("({row}, {column})"),
        1 => format!("({row},{column})"),
        2 => format!("{row}{column}"),
        3 => format!("row {row}, column {column}"),
        4 => format!("{row},{column}"),
        _ => format!("**({row}, {column})**"),
    }
}

/// True sentences: `{f}` from, `{t}` to, `{h}` the heading, `{s}` start, `{d}` destination, `{x}` an obstacle's cell and
/// `{X}` its name, `{o}` an object's cell and `{O}` its name.
const TRUE: [&str; 84] = [
    // Moves.
    "I move {h} from {f} to {t}.",
    "Moving {h} takes me from {f} to {t}.",
    "From {f}, go {h} → {t}",
    "1. {h} to {t}",
    "- Move {h} to {t}.",
    "{f} → {t} ({h})",
    "{f} -> {t}",
    "Step 4: move {h} from {f} into {t}",
    "Going {h} from {f} brings us to {t}.",
    "We then step {h}, arriving at {t}.",
    "The traveller goes {h} from {f} and lands on {t}.",
    "Take one step {h}: {f} to {t}.",
    "Heading {h} from {f} leads to {t}, which is free.",
    "{t} is reached from {f} by going {h}.",
    "Now {h}, from {f} to {t}.",
    "So the next move is {h} to {t}.",
    "To get from {f} to {t}, move {h}.",
    "I go from {f} to {t}.",
    "Move: {f} to {t}",
    "{h}: now at {t}",
    "After moving {h} I am at {t}.",
    "With one move {h} the walker arrives in {t}.",
    "({h}) {f} => {t}",
    "| 3 | {f} | {h} | {t} |",
    "Then go {h} to {t}.",
    // Locations.
    "The {O} is at {o}.",
    "There is a {O} at {o}.",
    "{o} holds the {O}.",
    "An object, the {O}, sits on {o}.",
    "Right now I am at {f}.",
    "Current position: {f}",
    "I am standing on {f}.",
    "We are now at {f}:",
    "Start: {s}",
    "Destination: {d}",
    "The start is at {s}.",
    "The start is {s}.",
    "The destination is {d}.",
    "S is at {s} and D is at {d}.",
    "We begin at {s}.",
    "The goal is in {d}.",
    "Starting point {s}, end point {d}.",
    "I see the {X} at {x}.",
    "Obstacle: {X} at {x}",
    "The {X} at {x} is an obstacle.",
    "{x} is blocked by the {X}.",
    "Position is {f}, facing {h}.",
    "At {f} the way {h} is open.",
    "The cell {h} of {f} is {t}.",
    "{t} is free, so {h} is possible.",
    "Between {s} and {d} there are obstacles.",
    // Negations.
    "We cannot enter {x} because it is an obstacle.",
    "I can't go to {x}: the {X} is there.",
    "Never go to {x}.",
    "{x} is not free.",
    "It is not possible to pass {x}.",
    "No way leads over {x}.",
    "Don't step on {x}.",
    "I must avoid {x}.",
    "We should avoid the {X} at {x}.",
    "Be careful to avoid the {X} at {x}.",
    "Note: avoid the {X} at {x}.",
    // Plans.
    "At this point, collect the {O} at {o}.",
    "I want to collect the {O} at {o}.",
    "Plan: collect the {O} at {o}, then go on to {d}.",
    "I will go from {f} to {t} by moving {h}.",
    "The plan is to move {h} to {t}.",
    "We need to reach {d}.",
    "The next goal is {o}, where the {O} waits.",
    "First I should get to {o}.",
    "If I go {h} I reach {t}.",
    "Maybe {h} to {t}?",
    "I might move {h} from {f} to {t}.",
    "Either way, the end must be {d}.",
    "Our target: {d}.",
    "We have to visit {o} on the way to {d}.",
    // Recaps.
    "So far I have come from {s} to {f}.",
    "Recap: we started at {s} and are at {f}.",
    "I have already left {s}.",
    "So far: {s} to {f}.",
    "Let me double-check: {f} {h} is {t}.",
    "As noted, {t} lies {h} of {f}.",
    "The way from {s} to {d} goes over {t}.",
    "Remember, from {f} we went {h} to {t}.",
];

/// What may stand before a line.
pub const PREFACES: [&str; 50] = [
    "", "Step 3: ", "Next, ", "- **Move 2.** I go: ", "Okay so: ", "Now: ", "7) ", "> ", "* ", "### ", "Then: ", "Thus, ", "(4) ", "Move 12 - ",
    "Next step => ", "Well, ", "I look at the grid: ", "Let me continue: ", "So, next: ", "**Step 2:** ",
    "At this point: ", "Right, ", "Up next: ", "What is left: ", "After that, ", "From there: ", "I see: ", "The next line is: ", "My 4th move: ",
    "\u{2705} ", "Step three: ", "c) ", "A. ", "ii) ", "Row by row: ", "I am at the start, so: ", "Good. ", "**", "Looking left and right: ", "Down we go: ",
    "- [x] ", "Step 5/9: ", "<step> ", "\u{2192} ", "~ ", "To go on: ", "We continue as follows: ", "By the map, ", "Hence: ", "In row c: ",
];

impl<'a> Facts<'a> {
    fn new(problem: &'a Problem, rng: &mut Rng) -> Option<(usize, Self)> {
        let tour = problem.tour();
        if tour.is_empty() {
            return None;
        }
        let at = rng.below(tour.len());
        let from = if at == 0 { problem.start } else { tour[at - 1].1 };
        let (heading, to) = tour[at];
        let named = |place: Place| problem.symbol(place).map(|symbol| (place, SYMBOLS[symbol].0));
        let obstacles: Vec<Place> = problem.obstacles().places().collect();
        let obstacle = (!obstacles.is_empty()).then(|| *rng.pick(&obstacles)).and_then(named);
        let object = (!problem.objects.is_empty()).then(|| *rng.pick(&problem.objects)).and_then(named);
        Some((at, Self { problem, from, heading, to, obstacle, object }))
    }

    fn say(&self, pattern: &str, spelling: usize) -> Option<String> {
        let mut out = pattern.to_owned();
        for (slot, fact) in [("{x}", self.obstacle), ("{o}", self.object)] {
            if pattern.contains(slot) || pattern.contains(&slot.to_uppercase()) {
                let (place, name) = fact?;
                out = out.replace(slot, &cell(place, spelling)).replace(&slot.to_uppercase(), name);
            }
        }
        for (slot, place) in
            [("{f}", self.from), ("{t}", self.to), ("{s}", self.problem.start), ("{d}", self.problem.destination)]
        {
            out = out.replace(slot, &cell(place, spelling));
        }
        Some(out.replace("{h}", self.heading.name()))
    }
}

/// Addresses a pattern: few in the committed run, 300 where asked.
pub fn addresses() -> usize {
    std::env::var("AVRGYM_ADDRESSES").ok().and_then(|count| count.parse().ok()).unwrap_or(40)
}

const WORDINGS: [&str; 5] =
    ["?style=full", "?style=terse", "?style=full&trace=dfs", "?style=terse&trace=dfs", "?style=full&survey=true"];

pub fn problem(index: usize) -> Box<Problem> {
    let levels = tasks::levels("grid_navigation").unwrap();
    at(&format!("{}{}#train:11:{index}", levels[index % levels.len()], WORDINGS[index / levels.len() % WORDINGS.len()]))
}

pub fn faults(problem: &Problem, reply: &str) -> Vec<String> {
    let verdict = judged(problem, reply);
    let bad = verdict.steps.iter().filter(|step| step.state != State::Ok);
    bad.map(|step| format!("{:?} {:?}", step.reason, &reply[step.start as usize..step.end as usize])).collect()
}

#[test]
fn true_sentences_cost_nothing() {
    let mut alarms = std::collections::BTreeMap::new();
    for index in 0..addresses() {
        let problem = problem(index);
        let mut rng = Rng::keyed([index as u64, 3, 1, 4]);
        let own = problem.rationale().text;
        let lines: Vec<&str> = own.lines().collect();
        for pattern in TRUE {
            let Some((_, facts)) = Facts::new(&problem, &mut rng) else { break };
            let spelling = rng.below(6);
            let Some(said) = facts.say(pattern, spelling) else { continue };
            // Alone, before all else, and in its place: anywhere before the answer.
            let place = rng.below(lines.len());
            let mut mixed = lines.clone();
            mixed.insert(place, &said);
            for reply in [said.clone(), format!("{said}\n{own}"), mixed.join("\n")] {
                let faults = faults(&problem, &reply);
                if !faults.is_empty() {
                    alarms.entry(pattern).or_insert((0, format!("{faults:?}\n{reply}"))).0 += 1;
                }
            }
        }
    }
    assert!(alarms.is_empty(), "{alarms:#?}");
}

/// A true sentence put together at random; all that it says is true wherever it stands.
fn assembled(rng: &mut Rng) -> String {
    const OPENINGS: [&str; 16] = [
        "", "First, ", "At this point, ", "Note that ", "Because of that ", "Okay: ", "- ", "3. ", "Step 2: ", "**Note:** ", "So ", "> ",
        "Hmm, ", "Looking at the grid, ", "Also, ", "Observation: ",
    ];
    const SUBJECTS: [&str; 6] = ["I", "we", "the traveller", "the walker", "You", "our path"];
    const SAID: [&str; 40] = [
        "now at {f}", "standing on {f}", "move {h} from {f} to {t}", "moved {h} from {f} to {t}", "went {h} to {t}",
        "will go {h} to {t}", "can go {h} from {f}", "could go {h} to {t}", "must go {h} to {t}", "came to {f} from {s}",
        "cannot enter {x}", "can not go to {x}", "don't go to {x}", "do not step into {x}", "must not enter the {X} at {x}",
        "have to avoid {x}", "avoid {x}", "avoid the {X} at {x}", "want to collect the {O} at {o}", "collect the {O} at {o}",
        "need to collect the {O}, which is at {o}", "see the {O} at {o}", "find the {X} at {x}", "start at {s}",
        "started at {s} and must end at {d}", "end at {d}", "go from {s} to {d}", "head to {d}", "leave {f} going {h}", "enter {t} from {f}",
        "go {h}: {t}", "at {f}", "from {f} {h}", "from {s} to {o}", "reach {t} by going {h}", "reach {d} at the end",
        "reach {o} first", "is at {f}, {h} of it lies {t}", "step {h} into {t}", "keep going {h} to {t}",
    ];
    const REASONS: [&str; 14] = [
        "", "", "", " because it is an obstacle", " since {t} is free", ", which is next to {f}", " as {x} is blocked by the {X}",
        " in order to reach {d}", " and the {O} is at {o}", " next", " again", " (one step {h})", ", so {h} it is", " on the way to {d}",
    ];
    const ENDINGS: [&str; 6] = [".", "", "!", ":", "...", ";"];
    let mut out = (*rng.pick(&OPENINGS)).to_owned();
    let said = *rng.pick(&SAID);
    // Without a subject some would be lines of the rationale out of their places.
    if rng.chance(0.6) || ["at ", "avoid ", "collect ", "reach "].iter().any(|begin| said.starts_with(begin)) {
        out += *rng.pick(&SUBJECTS);
        out.push(' ');
    }
    out += said;
    out += *rng.pick(&REASONS);
    out += *rng.pick(&ENDINGS);
    out
}

#[test]
fn sentences_put_together_at_random_cost_nothing() {
    let mut alarms = std::collections::BTreeMap::new();
    for index in 0..addresses() {
        let problem = problem(index);
        let mut rng = Rng::keyed([index as u64, 2, 7, 1]);
        let own = problem.rationale().text;
        for _ in 0..40 {
            let Some((_, facts)) = Facts::new(&problem, &mut rng) else { break };
            let pattern = assembled(&mut rng);
            let mut lines: Vec<String> = own.lines().map(str::to_owned).collect();
            for _ in 0..2 {
                let spelling = rng.below(6);
                if let Some(said) = facts.say(&pattern, spelling) {
                    lines.insert(rng.below(lines.len()), said);
                }
            }
            let reply = lines.join("\n");
            let faults = faults(&problem, &reply);
            if !faults.is_empty() {
                alarms.entry(pattern).or_insert(faults);
            }
        }
    }
    assert!(alarms.is_empty(), "{} {alarms:#?}", alarms.len());
}

#[test]
fn a_walk_in_own_words_earns_its_steps() {
    for pattern in [
        "I move {h} from {f} to {t}.",
        "Moving {h} takes me from {f} to {t}.",
        "From {f}, go {h} → {t}",
        "1. {h} to {t}",
        "We go {h} and arrive at {t}.",
    ] {
        let (mut moves, mut found) = (0, 0);
        for index in 0..addresses() {
            let problem = problem(index);
            let mut place = problem.start;
            let mut text = String::new();
            for &(heading, to) in &problem.tour() {
                let facts = Facts { problem: &problem, from: place, heading, to, obstacle: None, object: None };
                text += &facts.say(pattern, index % 3).unwrap();
                text.push('\n');
                place = to;
                moves += 1;
            }
            let verdict = judged(&problem, &text);
            assert!(verdict.steps.iter().all(|step| step.state == State::Ok), "{text}");
            found += verdict.steps.len();
        }
        assert!(found == moves, "{pattern}: {found} of {moves}");
    }
}

#[test]
fn steps_are_found_behind_any_preface_and_errors_as_well() {
    let mut rates = std::collections::BTreeMap::new();
    for index in 0..addresses() {
        let problem = problem(index);
        let rationale = problem.rationale();
        for preface in PREFACES {
            let lines: Vec<String> = rationale.text.lines().map(|line| format!("{preface}{line}")).collect();
            let mut reply = lines[..lines.len() - 1].join("\n");
            assert_eq!(faults(&problem, &reply), [""; 0], "{preface} {index}");
            let (steps, found) = rates.entry(preface).or_insert((0, 0));
            *steps += lines.len() - 1;
            *found += judged(&problem, &reply).steps.len();
            // One heading turned around in the last line that names one.
            let turned = [(" up ", " down "), (" down ", " up "), (" left ", " right "), (" right ", " left ")];
            let last = reply.rfind('\n').map_or(0, |at| at + 1) + preface.len();
            if let Some((from, to)) = turned.iter().find(|(from, _)| reply[last..].contains(from)) {
                let line = reply[last..].replacen(from, to, 1);
                reply.replace_range(last.., &line);
                assert_eq!(faults(&problem, &reply).len(), 1, "{reply}");
            }
        }
    }
    assert!(rates.values().all(|(steps, found)| found * 100 >= steps * 95), "{rates:?}");
}

#[test]
fn what_is_denied_or_hedged_is_no_step() {
    let tones = [
        "never {h} from {f} to {t}", "never go {h} to {t}", "maybe I move {h} from {f} to {t}", "I could go {h} from {f} to {t}",
        "perhaps: {f} {h} {t}", "We do not move {h} from {f} to {t}.", "We can't go {h} from {f} to {t}.",
        "Is it {h} from {f} to {t}?", "either {h} to {t} or back", "not {f} {h} {t}", "I won't go {h} to {t}.",
        "Possibly from {f} go {h} to {t}", "Suppose we move {h} from {f} to {t}.", "It is impossible to go {h} from {f} to {t}.",
    ];
    for index in 0..addresses() {
        let problem = problem(index);
        let Some(&(heading, to)) = problem.tour().first() else { continue };
        let facts = Facts { problem: &problem, from: problem.start, heading, to, obstacle: None, object: None };
        for tone in tones {
            let said = facts.say(tone, index % 3).unwrap();
            assert!(judged(&problem, &said).steps.is_empty(), "{said}");
        }
    }
}

#[test]
fn what_is_said_again_is_marked() {
    for index in 0..addresses() {
        let problem = problem(index);
        let own = problem.rationale().text;
        assert!(judged(&problem, &own).steps.iter().all(|step| !step.repeated), "{own}");
        for line in own.lines().filter(|line| !line.starts_with("Answer")) {
            let reply = format!("{line}\n").repeat(4);
            let paid = judged(&problem, &reply).steps.iter().filter(|step| step.state == State::Ok && !step.repeated).count();
            assert!(paid <= 1, "{reply}");
        }
        let Some(&(heading, to)) = problem.tour().first() else { continue };
        let back = ["down", "up", "right", "left"][heading as usize];
        let (from, to) = (cell(problem.start, 2), cell(to, 2));
        let pacing = format!("{from} {} {to}\n{to} {back} {from}\n", heading.name()).repeat(5);
        let paid = judged(&problem, &pacing).steps.iter().filter(|step| step.state == State::Ok && !step.repeated).count();
        assert!(paid <= 1, "{pacing}");
    }
}

#[test]
fn a_walk_that_stops_short_does_not_carry_its_answer() {
    for index in 0..addresses() {
        let problem = problem(index);
        let own = problem.rationale().text;
        let mut lines: Vec<&str> = own.lines().collect();
        if problem.shortest.is_none() {
            continue;
        }
        lines.remove(lines.len() - 2);
        let reply = lines.join("\n");
        assert!(!faults(&problem, &reply).is_empty(), "{reply}");
    }
}
