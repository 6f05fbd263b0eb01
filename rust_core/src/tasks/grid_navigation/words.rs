//! A problem in words: question, twin, worked steps, answer.
//!
//! The lines of the rationale, by style (full, then terse); `judge` reads all of them:
//!
//! ```text
//! The start is (c, a) and the destination is (b, b).            ca to bb                 locate
//! Collect the heart at (a, c) and the star at (b, c).           collect heart ac, star bc    read
//! Avoid the dot at (a, a).                                      avoid aa                   avoid (with survey)
//! From (c, a) go right to (c, b), which is blank.               ca right cb              move
//! From (c, b) go up to (b, b), where the heart is collected.    cb up bb heart           collect
//! Answer: right, up                                             Answer: right, up        conclude
//! ```
//! `survey` names every obstacle's cell in reading order, `avoid none` where there is none. Where there is no way, the cells that can be reached are listed and what is not among them is named:
//! ```text
//! Reachable: (c, a), (c, b).                                    reach ca cb              next_cell
//! Not reachable: the heart at (a, c).                           lost heart ac            avoid
//! ```

use super::{
    plan::lost,
    problem::{Problem, Trace},
    bits::{Heading, Place},
    dfs,
    names::{LETTERS, name, push_cell},
};
use crate::{
    rationale::Rationale,
    scene::{OBJECTS, SYMBOLS},
    task::Style,
    verdict::Skill,
};

const QUESTION: &str = "The grid has a start (the sky blue cell, written S), a destination (the dark green cell, \
written D), objects, and obstacles. The obstacles are the symbols dot, cross, square, triangle and plus; every other \
symbol is an object; blank cells are written O. A traveller begins at the start and moves one cell at a time: left, right, \
up or down. Give a list of moves that visits every object, in any order, and ends on the destination, without \
leaving the grid and without entering an obstacle. Cells are named by their row letter and their column letter. \
Finish with 'Answer: ' and the moves, separated by commas, or with 'Answer: No path exists' if there is no way.";

const BRIEF: &str = "Collect every object and end on the destination; enter no obstacle.";

/// What is asked.
pub fn question(problem: &Problem, out: &mut String) {
    out.push_str(match problem.wording.style {
        Style::Full => QUESTION,
        Style::Terse => BRIEF,
    });
}

/// The grid as text: a header with the column letters, then a line a row.
pub fn twin(problem: &Problem, out: &mut String) {
    out.push(' ');
    for letter in &LETTERS[..problem.columns] {
        out.push_str(" & ");
        out.push_str(letter);
    }
    for (row, letter) in LETTERS.iter().enumerate().take(problem.rows) {
        out.push('\n');
        out.push_str(letter);
        for column in 0..problem.columns {
            let place = Place::new(row, column);
            // Most cells are one constant, which is copied without a call.
            match problem.symbol(place) {
                Some(symbol) => {
                    out.push_str(" & ");
                    out.push_str(SYMBOLS[symbol].0);
                }
                None if place == problem.start => out.push_str(" & S"),
                None if place == problem.destination => out.push_str(" & D"),
                None => out.push_str(" & O"),
            }
        }
    }
}

/// The bare answer.
pub fn answer(problem: &Problem, out: &mut String) {
    if problem.shortest.is_none() {
        out.push_str("No path exists");
        return;
    }
    match problem.wording.trace {
        Trace::Path => push_moves(out, problem.tour().iter().map(|&(heading, _)| heading)),
        Trace::Dfs => push_moves(out, dfs::walk(problem).into_iter()),
    }
}

fn push_moves(out: &mut String, moves: impl Iterator<Item = Heading>) {
    for (at, heading) in moves.enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        out.push_str(heading.name());
    }
}

/// Worked steps, as the problem's wording asks.
pub fn rationale(problem: &Problem) -> Rationale {
    match problem.wording.trace {
        Trace::Path => path(problem),
        Trace::Dfs => search(problem),
    }
}

fn search(problem: &Problem) -> Rationale {
    let mut out = Rationale::default();
    opening(problem, problem.plan().objects(), &mut out);
    let walk = dfs::write(problem, &mut out);
    conclusion(walk.into_iter(), &mut out);
    out
}

fn conclusion(moves: impl ExactSizeIterator<Item = Heading>, out: &mut Rationale) {
    out.step(Skill::Conclude, |text| {
        text.push_str("Answer: ");
        if moves.len() == 0 {
            text.push_str("No path exists");
        }
        push_moves(text, moves);
    });
}

fn path(problem: &Problem) -> Rationale {
    let tour = problem.tour();
    let terse = problem.wording.style == Style::Terse;
    let moves = tour.len();
    let mut out = Rationale {
        text: String::with_capacity(160 + moves * if terse { 20 } else { 66 }),
        steps: Vec::with_capacity(moves + 4),
    };
    opening(problem, &problem.objects, &mut out);
    if problem.shortest.is_none() {
        no_way(problem, &mut out);
    }
    let (mut place, mut left) = (problem.start, problem.everything());
    for &(heading, next) in &tour {
        let found = problem.object(next).filter(|at| left >> at & 1 == 1);
        let skill = if found.is_some() { Skill::Collect } else { Skill::Move };
        if let Some(at) = found {
            left &= !(1 << at);
        }
        out.step(skill, |text| {
            if terse {
                push_cell(text, place, true);
                text.push(' ');
                text.push_str(heading.name());
                text.push(' ');
                push_cell(text, next, true);
                if found.is_some() {
                    text.push(' ');
                    text.push_str(name(problem, next));
                }
                return;
            }
            text.push_str("From ");
            push_cell(text, place, false);
            text.push_str(" go ");
            text.push_str(heading.name());
            text.push_str(" to ");
            push_cell(text, next, false);
            match problem.symbol(next) {
                Some(_) if found.is_some() => {
                    text.push_str(", where the ");
                    text.push_str(name(problem, next));
                    text.push_str(" is collected.");
                }
                Some(_) => {
                    text.push_str(", which held the ");
                    text.push_str(name(problem, next));
                    text.push('.');
                }
                None if next == problem.destination => text.push_str(", the destination."),
                None if next == problem.start => text.push_str(", the start."),
                None => text.push_str(", which is blank."),
            }
        });
        place = next;
    }
    conclusion(tour.iter().map(|&(heading, _)| heading), &mut out);
    out
}

/// The lines that any trace begins with: the ends, the objects, with `survey` the obstacles.
fn opening(problem: &Problem, objects: &[Place], out: &mut Rationale) {
    let terse = problem.wording.style == Style::Terse;
    out.step(Skill::Locate, |text| {
        text.push_str(if terse { "" } else { "The start is " });
        push_cell(text, problem.start, terse);
        text.push_str(if terse { " to " } else { " and the destination is " });
        push_cell(text, problem.destination, terse);
        text.push_str(if terse { "" } else { "." });
    });
    if !objects.is_empty() {
        out.step(Skill::Read, |text| {
            text.push_str(if terse { "collect" } else { "Collect" });
            push_items(problem, text, objects.iter().copied());
        });
    }
    if problem.wording.survey {
        let obstacles = problem.obstacles();
        out.step(Skill::Avoid, |text| {
            text.push_str(if terse { "avoid" } else { "Avoid" });
            if obstacles.is_empty() {
                text.push_str(if terse { " none" } else { ": none." });
            } else if terse {
                for place in obstacles.places() {
                    text.push(' ');
                    push_cell(text, place, true);
                }
            } else {
                push_items(problem, text, obstacles.places());
            }
        });
    }
}

/// Symbols with their cells, in the given order.
fn push_items(problem: &Problem, text: &mut String, places: impl Iterator<Item = Place>) {
    let terse = problem.wording.style == Style::Terse;
    for (at, place) in places.enumerate() {
        text.push_str(match (at, terse) {
            (0, true) => " ",
            (0, false) => " the ",
            (_, true) => ", ",
            (_, false) => ", the ",
        });
        text.push_str(name(problem, place));
        text.push_str(if terse { " " } else { " at " });
        push_cell(text, place, terse);
    }
    text.push_str(if terse { "" } else { "." });
}

fn no_way(problem: &Problem, out: &mut Rationale) {
    let terse = problem.wording.style == Style::Terse;
    let reached = problem.free.flood(problem.start);
    out.step(Skill::NextCell, |text| {
        text.push_str(if terse { "reach" } else { "Reachable:" });
        for (at, place) in reached.places().enumerate() {
            text.push_str(if terse || at == 0 { " " } else { ", " });
            push_cell(text, place, terse);
        }
        text.push_str(if terse { "" } else { "." });
    });
    let lost = lost(&problem.objects, problem.destination, reached).expect("something cannot be reached where there is no way");
    out.step(Skill::Avoid, |text| {
        text.push_str(if terse { "lost " } else { "Not reachable: the " });
        text.push_str(name(problem, lost));
        text.push_str(if terse { " " } else { " at " });
        push_cell(text, lost, terse);
        text.push_str(if terse { "" } else { "." });
    });
}

const _: () = assert!(OBJECTS == 31, "the question names the obstacles");
