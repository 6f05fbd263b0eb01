//! Replies in the words of several authors: what is true costs nothing, neither its own line nor the rationale's.

use super::{
    Place, Problem, SYMBOLS,
    free_text::{addresses, cell, faults, problem},
    judged,
};
use crate::{
    rng::Rng,
    task::Instance,
    tasks::grid_navigation::bits::{HEADINGS, Heading},
    verdict::{Reason, Skill, State},
};

/// The walk at one of its cells, and what is around it.
struct Scene<'a> {
    problem: &'a Problem,
    /// The last cell, this one, the next two, as far as there are any.
    cells: [Option<Place>; 4],
    headings: [Option<Heading>; 2],
    /// A heading that an obstacle bars, and one that the edge does.
    barred: Option<(Heading, Place)>,
    edge: Option<Heading>,
    object: Option<Place>,
    moves: usize,
    at: usize,
}

impl<'a> Scene<'a> {
    fn new(problem: &'a Problem, rng: &mut Rng) -> Option<Self> {
        let tour = problem.tour();
        if tour.is_empty() {
            return None;
        }
        let at = rng.below(tour.len());
        let place = |at: usize| if at == 0 { problem.start } else { tour[at - 1].1 };
        let barred = HEADINGS.into_iter().find_map(|heading| {
            let next = problem.step(place(at), heading)?;
            (!problem.free.has(next)).then_some((heading, next))
        });
        let tour_cell = |at: usize| tour.get(at).map(|step| step.1);
        Some(Self {
            problem,
            cells: [at.checked_sub(1).map(place), Some(place(at)), tour_cell(at), tour_cell(at + 1)],
            headings: [Some(tour[at].0), tour.get(at + 1).map(|step| step.0)],
            barred,
            edge: HEADINGS.into_iter().find(|&heading| problem.step(place(at), heading).is_none()),
            object: (!problem.objects.is_empty()).then(|| *rng.pick(&problem.objects)),
            moves: tour.len(),
            at,
        })
    }

    /// A pattern filled in; `None` where something that it speaks of is not there.
    fn say(&self, pattern: &str, spelling: usize) -> Option<String> {
        let named = |place: Place| self.problem.symbol(place).map_or("blank", |symbol| SYMBOLS[symbol].0);
        let spelt = |place: Option<Place>| place.map(|place| cell(place, spelling));
        let heading = |heading: Option<Heading>| heading.map(|heading| heading.name().to_owned());
        let slots = [
            ("{p}", spelt(self.cells[0])),
            ("{f}", spelt(self.cells[1])),
            ("{t}", spelt(self.cells[2])),
            ("{u}", spelt(self.cells[3])),
            ("{h}", heading(self.headings[0])),
            ("{i}", heading(self.headings[1])),
            ("{b}", heading(self.barred.map(|barred| barred.0))),
            ("{x}", spelt(self.barred.map(|barred| barred.1))),
            ("{X}", self.barred.map(|barred| named(barred.1).to_owned())),
            ("{e}", heading(self.edge)),
            ("{o}", spelt(self.object)),
            ("{O}", self.object.map(|object| named(object).to_owned())),
            ("{s}", spelt(Some(self.problem.start))),
            ("{d}", spelt(Some(self.problem.destination))),
            ("{n}", Some((self.at + 1).to_string())),
            ("{N}", Some(self.moves.to_string())),
        ];
        let mut out = pattern.to_owned();
        for (slot, value) in slots {
            if out.contains(slot) {
                out = out.replace(slot, &value?);
            }
        }
        Some(out)
    }
}

/// True sentences; see [`Scene::say`] for the slots.
const TRUE: &[&str] = &[
    // What bars the way.
    "We cannot go {b} to {x} because it is an obstacle.",
    "Going {b} from {f} would hit the {X} at {x}.",
    "{b} of {f} is {x}, which is blocked.",
    "{b}: {x} is a {X}, so that way is shut",
    "{f} {b} -> {x} is blocked by the {X}",
    "- {b} ({x}): obstacle ({X})",
    "Moving {b} isn't allowed, {x} holds a {X}.",
    "If I went {b} from {f}, I'd enter {x}, an obstacle.",
    "The {X} at {x} rules out {b}.",
    "{x} = {X} (obstacle) → not an option",
    "From {f} you can't go {b} to {x}.",
    "From {f} we must not go {b} to {x}, it is closed.",
    "Avoid {x}, it contains the {X}.",
    "I have to avoid {x}",
    "Going {e} from {f} would leave the grid.",
    "{e} is outside the grid.",
    "{e}: off the board",
    "At {f}, {e} is not possible.",
    // Where one is.
    "Current cell: {f}. Next cell: {t}.",
    "Position after {n} moves: {t}",
    "You are at {f}.",
    "I'm at {f}, heading {h}.",
    "Standing at {f}, I look {h} and see {t}.",
    "Now at {f}",
    "We have arrived at {f}.",
    "At {f} I can go {h} to {t}.",
    "At {f} now.",
    "Okay, at {f}.",
    "Location = {f}",
    "State: position {f}, {n} of {N}",
    "The agent is currently in {f} and came from {p}.",
    "Our traveller stands on {f}, having left {p}.",
    // Where things are.
    "The start {s} and the destination {d} are given.",
    "Start = {s}, goal = {d}",
    "Source: {s}; destination: {d}",
    "S: {s}\tD: {d}",
    "We start at {s} and want to reach {d}.",
    "I need to get from {s} to {d}.",
    "The traveller begins at {s}, the end is {d}.",
    "From {s} to {d}, {N} moves.",
    "Path from {s} to {d}:",
    "The {O} lies on {o}.",
    "Objects: {O} at {o}, among others.",
    "Object to collect: {O} ({o})",
    "Collect {O} at {o}.",
    "Collect the {O} at {o}!",
    "Remember to collect the {O} at {o}.",
    "- collect {O} ({o})",
    "First target: the {O} at {o}",
    "{O}: {o}",
    "On {o} I spot a {O}; I'll collect it on the way.",
    "{o} has the {O}, {d} is the destination.",
    "The {O} can be reached.",
    // Moves.
    "Step {n}: {h} ({f} to {t})",
    "Step {n}: go {h}, now at {t}",
    "{n}. Move {h} to reach {t}.",
    "{n}) {f} → {t}: {h}",
    "{n}. {h}: {f} -> {t}",
    "{f} --{h}--> {t}",
    "{f} =={h}==> {t}",
    "{f}, {h}, {t}",
    "[{n}] {h} => {t}",
    "Move {n}: {h} from {f}, landing on {t}",
    "Current: {f}. Move: {h}. New: {t}.",
    "pos={f} action={h} next={t}",
    "from {f} {h} to {t}",
    "From {f} go {h} to {t}.",
    "From {f} go {h}.",
    "from {f}, go {h}, to {t}",
    "From {f} we go {h} to {t}.",
    "From {f} go {h} to {t} and from there {i} to {u}.",
    "From {f} go {h} to {t}, then from {t} go {i} to {u}.",
    "{f} {h} {t}, {t} {i} {u}",
    "{f} → {t} → {u}",
    "{f} -> {t} -> {u} ({h}, {i})",
    "Go {h} then {i}: {f}, {t}, {u}",
    "{h} to {t}, {i} to {u}",
    "With {h} and {i} I pass {t} and end on {u}.",
    "Two moves, {h} and {i}, bring me from {f} to {u}.",
    "↦ {h} {t}",
    "Moved {h}. Now in {t}.",
    "I then moved {h} and reached {t}.",
    "{t} comes next ({h}).",
    "Go {h} (to {t}).",
    "Walk {h} from {f}; that is {t}.",
    "The move {h} from {f} gives {t}.",
    "{h} leads from {f} to {t}",
    "{h}wards from {f} lies {t}",
    "Next cell {t}, via {h}",
    // Plans, recaps, checks.
    "Next I will be going {h} to {t}.",
    "Plan: {f} {h} {t} and so on",
    "We should go {h} to {t}, then {i} to {u}.",
    "Let's try {h} to {t}.",
    "Let us see whether {h} to {t} works.",
    "The shortest way has {N} moves, from {s} to {d}.",
    "So far the path is {s} to {f}.",
    "So far: {p} to {f}",
    "We have already been to {p}.",
    "{p} was visited before.",
    "{p} visited, {t} not yet",
    "Previously at {p}, now at {f}.",
    "Going back to {p} makes no sense.",
    "No need to backtrack to {p}.",
    "I don't need to retrace to {p}.",
    "Backtracking from {f} to {p} would be a waste.",
    "Checking: {f} to {t} is {h}, right.",
    "Check: {t} is okay",
    "{h} of {f}: {t}, free",
    "{h}: {t} free",
    "{t} okay",
    "{h} looks okay from {f}",
    "{d} is not reached yet.",
    "{d} is reachable.",
    "{d} can be reached from {s}.",
    "Reach {d} at last.",
    "Reachable from {f}: {t} and others",
    "Dead end? No, {h} is open at {f}.",
    "There is no dead end at {f}.",
    "Nothing at {x} can be entered.",
    "Not {x}.",
    "Not {b}, but {h}.",
    "Cells around {f}: {t} and more.",
    "The rows of {s} and {d} differ or their columns do.",
    "All objects collected, now to {d}.",
    "Finally at {d}.",
    "That leads to {d}, the destination.",
    "We end up at {d}, which is the destination.",
    "{d} is the destination and {s} is the start.",
    "I start from {s}: that is S.",

    // A second round.
    "From {f}, {h} is {t}; {b} is {x}, which is closed.",
    "At {f}: {h} leads to {t}, {b} is blocked.",
    "At {f}, options: {h}",
    "At {f}, the options are {h} ({t}) and others.",
    "Options at {f}: {h} to {t}, {b} blocked",
    "(at {f})",
    "Position: {f} -> {t}",
    "{f}:",
    "{f}",
    "{t}: free",
    "{t} (blank)",
    "{x} ({X})",
    "{x} closed",
    "{b} closed",
    "{b} blocked",
    "{b}: blocked",
    "{b}: {x} obstacle",
    "{f} {b}: obstacle",
    "{e}: edge",
    "{e} outside",
    "Outside: {e}",
    "Visited: {p}",
    "Visited: {p}, {f}",
    "Visited cells so far: {s}, {f}",
    "Obstacles: {x}",
    "Obstacles near {f}: {x}",
    "Avoid: {x}",
    "Avoid the cell {x}.",
    "To avoid: {x}",
    "avoid the {X} on {x}",
    "Must avoid {x}!",
    "Collect: {O}",
    "Collect: {O} at {o}",
    "Collected: {O} at {o}",
    "Collecting the {O} at {o} comes first.",
    "To collect: {O} at {o}",
    "Collect the {O} ({o}) first.",
    "Collect {o}",
    "collect at {o}",
    "Reach: {d}",
    "Reach {o}, then {d}.",
    "Reached {o}.",
    "Reaching {d} needs {N} moves.",
    "Go to {t}.",
    "Go to {t} from {f}.",
    "Go from {f} to {t}.",
    "Goal: {d}",
    "Goal {d}, start {s}.",
    "The goal is at {d} and I start at {s}.",
    "Start {s}",
    "start: {s}, destination: {d}",
    "The start cell is {s} and the destination cell is {d}.",
    "The destination is {d} and the start is {s}.",
    "The start is {s} and the destination is {d}.",
    "The start is {s} and the goal is at {d}.",
    "{s} to {d}",
    "{s} is the start, {d} the destination",
    "I want to travel {s} to {d}.",
    "Route: {s} to {d}",
    "Task: from {s} to {d}",
    "{f} to {t}: {h}",
    "Step {n}: {f} to {t}",
    "Step {n}: {f} => {t}",
    "Step {n}: {h}",
    "Step {n} ({h}): {t}",
    "Move {n}: {h}",
    "{n}: {h}",
    "{h}, {i}",
    "{h}",
    "Then {h}.",
    "go {h}",
    "{h} again",
    "from here {h} to {t}",
    "From here, {h}: {t}",
    "Go one cell {h} to {t}.",
    "Take {h} to {t}.",
    "Take a step {h} into {t}.",
    "go {h} into {t}",
    "go {h} and then {i}",
    "First {h} to {t}, and then {i} to {u}.",
    "{f} {h} to {t}",
    "{f} ({h}) {t}",
    "{f}: {h}",
    "{f}: {h} {t}",
    "{f}; {h}; {t}",
    "{f} {h} = {t}",
    "{f}, then {h}, then {t}",
    "Cell {f} → move {h} → cell {t}",
    "I am on {f}; {h} takes me to {t}",
    "The agent moves {h}: from {f} to {t}.",
    "Agent: {f}. Action: {h}.",
    "a) {h} → {t}",
    "i. {h} → {t}",
    "\\({f} \\to {t}\\)",
    "${f} \\rightarrow {t}$",
    "`{f} {h}`",
    "<b>{f}</b>: go <i>{h}</i>",
    "{\"from\": \"{f}\", \"move\": \"{h}\", \"to\": \"{t}\"}",
    "Dead end at {x}.",
    "No dead end, so no retracing to {p}.",
    "Retracing is not needed.",
    "retrace? no.",
    "Backtrack: not needed at {f}",
    "If {b} were open, {x} would be next.",
    "While at {f}, note that {x} is closed.",
    "Since {t} is okay, I go {h}.",
    "{t} seems okay.",
    "Okay, {h} to {t}.",
    "Okay: {h}",
    "okay {t}",
    "{h} okay",
    "{h}: okay",
    "{h} is okay",
    "Is {t} okay? Yes.",
    "Later: {d}",
    "{d} later",
    "{o} later, first {t}",
    "Leave {o} for later.",
    "The future goal is {d}.",
    "Nothing at {t}.",
    "Nothing is at {t}, so I can go {h}.",
    "{t} is empty",
    "{t} empty",
    "blank: {t}",
    "{f} and {t} are neighbours.",
    "{f} is left or right or above or below {t}.",
    "From row to row: {f}, {t}",
    "Distance from {f} to {d} shrinks.",
    "I lost count, but I am at {f}.",
    "Lost? No, at {f}.",
    "I have {N} moves for {s} to {d}.",
    "In {n} moves {s} to {t}",
    "{s}→…→{f}",
    "My position is {f} and the next one {t}.",
    "So we are done with {f} and go on {h} with {t}.",
    "The path goes on {h}, to {t}, next {i}, to {u}.",
    "The first object is the {O} at {o}, collect it.",
    "There's the {O} at {o} to collect and then the destination at {d}.",
    "We collect the {O} at {o} later.",
    "We must collect the {O} at {o} and end at {d}.",
    "Collect the {O} at {o} and end at {d}.",
    "collect {O}, end {d}",
    "Collect everything, then go to {d}.",
    "Without {x} the way would be shorter.",
    "I'd avoid {x} and {x}.",
    "So avoid {x} and go {h} to {t}.",
    "It helps to avoid {x}: go {h}.",
    "Don't go {b} from {f}: {x} is closed",
    "We see {x} closed",
    "{f} {b} {x}: blocked, so {h}",
    "{f} {b} is {x}, closed",
    "going {b} is blocked",
    "cannot go {b}, {x} closed",
    "Not going {b} to {x}",
    "{b} is not okay",
    "{x} is not okay, {t} is.",
];

const LEADS: [&str; 12] =
    ["", "", "- ", "{n}. ", "Note: ", "**Step {n}:** ", "So ", "Okay, ", "Hmm. ", "> ", "\u{2022} ", "Thought: "];

#[test]
fn sentences_of_many_authors_cost_nothing() {
    let mut alarms = std::collections::BTreeMap::new();
    for index in 0..addresses() {
        let problem = problem(index);
        let mut rng = Rng::keyed([index as u64, 9, 2, 6]);
        let own = problem.rationale().text;
        let lines: Vec<&str> = own.lines().collect();
        for &pattern in TRUE {
            let Some(scene) = Scene::new(&problem, &mut rng) else { break };
            let (lead, spelling) = (*rng.pick(&LEADS), rng.below(6));
            let Some(said) = scene.say(&format!("{lead}{pattern}"), spelling) else { continue };
            let mut mixed = lines.clone();
            for _ in 0..3 {
                mixed.insert(rng.below(mixed.len()), &said);
            }
            for reply in [format!("{said}\nThat is all."), format!("{said}\n{own}"), mixed.join("\n")] {
                let faults = faults(&problem, &reply);
                if !faults.is_empty() {
                    alarms.entry(pattern).or_insert((0, format!("{faults:?}\n{reply}"))).0 += 1;
                }
            }
        }
    }
    let told: Vec<_> = alarms.iter().map(|(pattern, (count, first))| (pattern, count, first)).collect();
    assert!(alarms.is_empty(), "{} {told:#?}", alarms.len());
}

/// Whole walks: what stands before all moves, at each of them, and at the end.
const AUTHORS: [[&str; 3]; 16] = [
    ["Start at {s}.", "Move {h} → {t}.", "Reached {d}."],
    ["I'm at {s}.", "Heading {h} brings me to {t}.", "That is the destination."],
    ["S = {s}, D = {d}", "{n}. {h}: {f} -> {t}", "Done."],
    ["At {s}:", "At {f}, move {h} to {t}.", "At {d}: done."],
    ["At {s}:", "From {f} go {h} to {t}.", "At {d}."],
    ["Current: {s}", "Current: {f}. Move: {h}. New: {t}.", "Current: {d}"],
    ["The start is at {s}, the destination at {d}.", "{f} --{h}--> {t}", "{d} is the destination."],
    ["From {s} to {d}:", "Step {n}: {h} to {t}", "Total: {N} moves"],
    ["Path:", "- {h} to {t}", "Now at {d}."],
    ["We begin at {s}.", "We go {h} from {f} to {t}.", "We are at {d}, as required."],
    ["| # | from | move | to |", "| {n} | {f} | {h} | {t} |", ""],
    ["Start: {s}", "{n}) At {f} the best is {h}, so I go to {t}.", "End: {d}"],
    ["{s}", "→ {t} ({h})", "= {d}"],
    ["Let me trace the way from {s}.", "Then {h}: {t}.", "{N} moves in all."],
    ["At {s}:", "At {f}:\n{h} to {t}", "At {d}:"],
    ["Let's go from {s} to {d}.", "Now I am at {f}. I move {h}. Now I am at {t}.", "Finished at {d}."],
];

#[test]
fn walks_of_many_authors_cost_nothing() {
    let mut alarms = std::collections::BTreeMap::new();
    for index in 0..addresses() {
        let problem = problem(index);
        let tour = problem.tour();
        let own = problem.rationale().text;
        let answer = own.lines().last().unwrap();
        for (author, [before, step, after]) in AUTHORS.iter().enumerate() {
            for spelling in 0..6 {
                let mut rng = Rng::keyed([0; 4]);
                let Some(mut scene) = Scene::new(&problem, &mut rng) else { break };
                let mut lines = vec![scene.say(before, spelling).unwrap()];
                let mut place = problem.start;
                for (at, &(heading, next)) in tour.iter().enumerate() {
                    scene.cells = [None, Some(place), Some(next), None];
                    (scene.headings, scene.at) = ([Some(heading), None], at);
                    lines.push(scene.say(step, spelling).unwrap());
                    place = next;
                }
                lines.push(scene.say(after, spelling).unwrap());
                lines.push(answer.to_owned());
                let reply = lines.join("\n");
                let faults = faults(&problem, &reply);
                if !faults.is_empty() {
                    alarms.entry((author, spelling)).or_insert(format!("{faults:?}\n{reply}"));
                }
            }
        }
    }
    assert!(alarms.is_empty(), "{} {:#?}", alarms.len(), alarms);
}

#[test]
fn the_rationale_with_a_word_about_each_line_is_right() {
    let mut alarms = std::collections::BTreeMap::new();
    for index in 0..addresses() {
        let problem = problem(index);
        let (own, tour) = (problem.rationale(), problem.tour());
        for around in ["At {f}:", "Now at {f}.", "I am at {f}, next is {h} to {t}.", "{h} to {t}", "{f} -> {t}", "Avoid {x}."] {
            let mut rng = Rng::keyed([index as u64, 1, 1, 1]);
            let Some(mut scene) = Scene::new(&problem, &mut rng) else { break };
            let (mut lines, mut place, mut at) = (Vec::new(), problem.start, 0);
            for line in own.text.lines() {
                let moves = line.starts_with("From ") || line.as_bytes().get(3..).is_some_and(|rest| {
                    HEADINGS.iter().any(|heading| rest.starts_with(heading.name().as_bytes()))
                });
                if moves && !line.contains("closed") && at < tour.len() && problem.wording.trace == super::Trace::Path {
                    scene.cells = [None, Some(place), Some(tour[at].1), None];
                    scene.headings = [Some(tour[at].0), None];
                    lines.extend(scene.say(around, index % 6));
                    (place, at) = (tour[at].1, at + 1);
                }
                lines.push(line.to_owned());
            }
            let reply = lines.join("\n");
            let verdict = judged(&problem, &reply);
            let found = verdict.steps.iter().filter(|step| step.state == State::Ok && !step.repeated).count();
            if verdict.steps.iter().any(|step| step.state != State::Ok) || found < own.steps.len() {
                alarms.entry(around).or_insert(format!("{found} of {}: {:?}\n{reply}", own.steps.len(), faults(&problem, &reply)));
            }
        }
    }
    assert!(alarms.is_empty(), "{} {:#?}", alarms.len(), alarms);
}

/// `{m}` is a move in a documented shape.
const TONES: &[&str] = &[
    "never {m}", "not {m}", "It is not true that {m}", "I doubt that {m}", "I would never say: {m}", "{m}?", "{m}, maybe",
    "{m}, perhaps", "{m} or not", "{m}, I think", "{m} (not sure)", "Wrong: {m}", "This is false: {m}", "Maybe {m}",
    "Maybe: {m}", "Perhaps, {m}", "Possibly: {m}", "It could be: {m}", "I might: {m}", "If so, {m}", "Either {m}",
    "Don't: {m}", "We can't {m}", "We cannot {m}", "Do not {m}", "You shouldn't {m}", "Is it {m}?", "Should I: {m}",
    "I won't {m}", "Plan: I will {m}", "I will: {m}", "{m}, or rather not", "{m} - no, wrong", "No: {m}",
    "Suppose {m}", "Assuming {m}", "I guess {m}", "Probably {m}", "Let me consider {m}", "{m} is not possible",
    "{m} is impossible", "{m} would be wrong", "Instead of {m}", "Unlikely: {m}", "Nobody would {m}", "Without {m}",
    "Neither {m} nor anything else", "Rather than {m}", "I\u{2019}m not going to {m}", "We can\u{2019}t {m}", "{m} might work", "{m} could be right",
];

#[test]
fn what_is_denied_or_hedged_is_never_right_in_any_shape() {
    let shapes = ["From {f} go {h} to {t}", "{f} {h} {t}", "go {h} to {t}", "move {h} from {f} to {t}", "{h} to {t}", "{f} {h} {t} okay"];
    let mut paid = std::collections::BTreeSet::new();
    for index in 0..addresses() {
        let problem = problem(index);
        let Some(&(heading, to)) = problem.tour().first() else { continue };
        let mut rng = Rng::keyed([0; 4]);
        let Some(mut scene) = Scene::new(&problem, &mut rng) else { continue };
        scene.cells = [None, Some(problem.start), Some(to), None];
        scene.headings = [Some(heading), None];
        for shape in shapes {
            for tone in TONES {
                let said = scene.say(&tone.replace("{m}", shape), index % 3).unwrap();
                let steps = judged(&problem, &said).steps;
                if steps.iter().any(|step| step.state == State::Ok) {
                    paid.insert((*tone, shape));
                }
                if steps.iter().any(|step| step.state != State::Ok) {
                    paid.insert((*tone, "an error"));
                }
            }
        }
    }
    assert!(paid.is_empty(), "{} {paid:#?}", paid.len());
}

#[test]
fn a_last_step_left_out_is_told_at_the_conclusion_whatever_was_said_before() {
    let mut tried = 0;
    for index in 0..addresses() {
        let problem = problem(index);
        if problem.shortest.is_none() || problem.tour().len() < 2 {
            continue;
        }
        let own = problem.rationale().text;
        let mut rng = Rng::keyed([0; 4]);
        let scene = Scene::new(&problem, &mut rng).unwrap();
        let talk = scene.say("Let me look at the grid from {s} to {d}, where I am at {s} now.", index).unwrap();
        let mut lines: Vec<&str> = own.lines().collect();
        lines.remove(lines.len() - 2);
        lines.insert(0, &talk);
        let reply = lines.join("\n");
        let last = *judged(&problem, &reply).steps.last().unwrap();
        assert_eq!((last.skill, last.state, last.reason), (Skill::Conclude, State::Unsupported, Reason::Incomplete), "{reply}");
        let bare = own.lines().last().unwrap();
        assert_eq!(faults(&problem, bare), [""; 0]);
        assert_eq!(faults(&problem, &format!("{talk}\n{bare}")), [""; 0]);
        tried += 1;
    }
    assert!(tried * 2 > addresses());
}
