//! What holds of every problem; see `regressions` for the ancestor's defects and `levels` for statistics.

mod authors;
mod free_text;
mod levels;
mod paraphrases;
mod regressions;
mod steps;

use std::{any::Any, sync::OnceLock};

use proptest::prelude::*;

use super::{
    BLANK, DESTINATION, OUTSIDE, Problem, START, SYMBOL,
    bits::{Bits, Place},
    guide,
    problem::{Ties, Trace, Wording},
};
use crate::{
    address::Address,
    rng::Rng,
    scene::{OBJECTS, SYMBOLS},
    task::{Instance, Style},
    tasks,
    verdict::{Form, Outcome, Verdict},
};

/// The problem at an address of this task: `rung0?style=full#train:0:1`.
fn at(address: &str) -> Box<Problem> {
    let address: Address = format!("grid_navigation/{address}").parse().unwrap_or_else(|error| panic!("{error}"));
    let problem: Box<dyn Any> = address.resolve();
    problem.downcast().unwrap()
}

fn written(write: impl Fn(&mut String)) -> String {
    let mut out = String::new();
    write(&mut out);
    out
}

fn answer(problem: &Problem) -> String {
    written(|out| problem.answer(out))
}

fn twin(problem: &Problem) -> String {
    written(|out| problem.twin(out))
}

fn judged(problem: &Problem, reply: &str) -> Verdict {
    problem.verify(reply.as_bytes())
}

fn component(verdict: &Verdict, name: &str) -> f32 {
    let names = tasks::facts("grid_navigation").unwrap().components;
    verdict.components[names.iter().position(|known| *known == name).unwrap()]
}

/// A grid given as its twin's rows.
fn drawn(rows: &[&str]) -> Problem {
    let cells: Vec<Vec<&str>> = rows.iter().map(|row| row.split(' ').collect()).collect();
    let mut problem = Problem {
        rows: cells.len(),
        columns: cells[0].len(),
        start: Place::default(),
        destination: Place::default(),
        objects: Vec::new(),
        free: Bits::default(),
        codes: [OUTSIDE; 256],
        shortest: None,
        wording: Wording { style: Style::Terse, trace: Trace::Path, survey: true, ties: Ties::First },
        luck: 0,
        guide: OnceLock::new(),
        plan: OnceLock::new(),
    };
    for (r, row) in cells.iter().enumerate() {
        for (c, cell) in row.iter().enumerate() {
            let place = Place::new(r, c);
            let symbol = SYMBOLS.iter().position(|(name, _)| name == cell);
            problem.codes[place.index()] = match *cell {
                "S" => START,
                "D" => DESTINATION,
                "O" => BLANK,
                _ => SYMBOL + symbol.unwrap() as u8,
            };
            match symbol {
                Some(symbol) if symbol >= OBJECTS => continue,
                Some(_) => problem.objects.push(place),
                None if *cell == "S" => problem.start = place,
                None if *cell == "D" => problem.destination = place,
                None => {}
            }
            problem.free.insert(place);
        }
    }
    let mut places = vec![problem.start];
    places.extend(&problem.objects);
    places.push(problem.destination);
    problem.shortest = guide::shortest(problem.free, &places);
    problem
}

/// Start and destination face each other over an obstacle.
fn detour() -> Problem {
    drawn(&["plus O O", "D dot S", "O O O"])
}

const WORDINGS: [&str; 8] = [
    "",
    "?style=full&ties=random",
    "?style=terse",
    "?style=full&survey=true",
    "?style=terse&survey=false",
    "?style=full&trace=dfs",
    "?style=terse&trace=dfs",
    "?style=full&trace=dfs&survey=true",
];

fn addresses() -> impl Strategy<Value = String> {
    let levels = tasks::levels("grid_navigation").unwrap();
    (prop::sample::select(levels), prop::sample::select(&WORDINGS), 0..4_u64, any::<u32>())
        .prop_map(|(level, wording, seed, index)| format!("{level}{wording}#train:{seed}:{index}"))
}

fn cases(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

/// Whether moves solve a grid, from the twin alone and by the rules as the question has them.
fn reference(twin: &str, moves: &[&str]) -> bool {
    let rows: Vec<Vec<&str>> = twin.lines().skip(1).map(|line| line.split(" & ").skip(1).collect()).collect();
    let obstacles = ["dot", "cross", "square", "triangle", "plus"];
    let mut place = (0, 0);
    let mut objects = Vec::new();
    for (r, row) in rows.iter().enumerate() {
        for (c, cell) in row.iter().enumerate() {
            match *cell {
                "S" => place = (r, c),
                "D" | "O" => {}
                cell if obstacles.contains(&cell) => {}
                _ => objects.push((r, c)),
            }
        }
    }
    for step in moves {
        let next = match *step {
            "up" => (place.0.wrapping_sub(1), place.1),
            "down" => (place.0 + 1, place.1),
            "left" => (place.0, place.1.wrapping_sub(1)),
            _ => (place.0, place.1 + 1),
        };
        let Some(cell) = rows.get(next.0).and_then(|row| row.get(next.1)) else { return false };
        if obstacles.contains(cell) {
            return false;
        }
        place = next;
        objects.retain(|object| *object != place);
    }
    objects.is_empty() && rows[place.0][place.1] == "D"
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn own_answers_are_right_by_any_judge(address in addresses()) {
        let problem = at(&address);
        let answer = answer(&problem);
        for reply in [
            format!("Answer: {answer}"),
            format!("So.\n\n**Answer:** [{}]", answer.to_uppercase()),
            format!("<answer>{}</answer>", answer.replace(", ", "\n")),
            format!("\\boxed{{\\text{{{answer}}}}}"),
        ] {
            let verdict = judged(&problem, &reply);
            prop_assert_eq!(verdict.outcome, Outcome::Correct, "{}", reply);
            prop_assert_eq!(component(&verdict, "closeness").to_bits(), 1_f32.to_bits());
        }
        let moves: Vec<&str> = answer.split(", ").collect();
        if problem.shortest.is_some() {
            prop_assert!(reference(&twin(&problem), &moves));
            if !address.contains("dfs") {
                prop_assert_eq!(moves.len(), usize::from(problem.shortest.unwrap()));
            }
        }
    }

    #[test]
    fn other_answers_are_judged_as_the_twin_judges_them(address in addresses(), other in any::<u32>()) {
        let problem = at(&address);
        let twin = twin(&problem);
        let own = answer(&problem);
        let mut rng = Rng::keyed([u64::from(other), 7, 0, 0]);
        let level = address.split(['?', '#']).next().unwrap();
        let foreign = answer(&at(&format!("{level}#test:9:{other}")));
        let mut short: Vec<&str> = own.split(", ").collect();
        let last = short.pop().unwrap();
        let mut long = short.clone();
        long.extend([last, ["up", "down", "left", "right"][rng.below(4)]]);
        let random: Vec<&str> = (0..rng.between(1, 12)).map(|_| *rng.pick(&["up", "down", "left", "right"])).collect();
        for moves in [foreign.split(", ").collect(), short, long, random] {
            let reply = format!("Answer: {}", moves.join(", "));
            let hopeless = moves == ["No path exists"];
            let right = if hopeless { problem.shortest.is_none() } else { reference(&twin, &moves) };
            let verdict = judged(&problem, &reply);
            prop_assert_eq!(verdict.outcome == Outcome::Correct, right, "{}\n{}", twin, reply);
            if !right {
                prop_assert!(verdict.outcome == Outcome::Unparsed || component(&verdict, "closeness") < 1.0);
            }
        }
    }

    #[test]
    fn no_likely_text_panics(
        address in addresses(),
        text in "([a-p]{2} |\\([a-p], ?[a-z]\\)|[A-Z]|up|down|left|right|retrace|okay|closed|outside|visited|later|heart|dot|to|at|collect|avoid|reach|none|Answer:|→|[ ,.:&]|\n){0,80}",
    ) {
        at(&address).verify(text.as_bytes());
    }
}

#[test]
fn words_do_not_change_the_problem() {
    for level in ["hard", "rung2"] {
        let twins = WORDINGS.map(|wording| twin(&at(&format!("{level}{wording}#val:3:14"))));
        assert!(twins.iter().all(|twin| *twin == twins[0]));
    }
}

#[test]
fn answers_are_understood_in_many_spellings() {
    let problem = detour();
    assert_eq!(answer(&problem), "down, left, left, up");
    for reply in [
        "Answer: down left left up",
        "Answer: Down, LEFT, left, up.",
        "answer: d l l u",
        "Answer: D, L, L, U",
        "Answer: ↓←←↑",
        "Answer: ⬇️ ⬅️ ⬅️ ⬆️",
        "Answer: down → left → left → up",
        "Answer: `down`, `left`, `left`, `up`",
        "Answer: ['down', 'left', 'left', 'up']",
        "Answer: down\nleft\nleft\nup",
        "\\boxed{\\left[\\text{down, left, left, up}\\right]}",
        "\\boxed{\\downarrow \\leftarrow \\leftarrow \\uparrow}",
        "Answer: down,left,left,up\nThat is the way.",
    ] {
        assert_eq!(judged(&problem, reply).outcome, Outcome::Correct, "{reply}");
    }
    for reply in [
        "Answer: down - left - left - up",
        "Answer: down / left / left / up",
        "Answer: down -> left => left > up",
        "Answer: down; left; left; then up",
        "Answer: down, left, left and up",
        "Answer: $\\text{down} \\rightarrow \\text{left} \\rightarrow \\texttt{left} \\to \\mathrm{up}$",
        "Answer:\n1. down\n2. left\n3. left\n4. up",
        "Answer:\n- down\n- left\n- left\n- up",
        "Answer: 1. down 2. left 3. left 4. up",
    ] {
        let verdict = judged(&problem, reply);
        assert_eq!((verdict.outcome, verdict.form.map(Form::is_marked)), (Outcome::Correct, Some(true)), "{reply}");
    }
    for reply in ["Answer: dllu", "DLLU", "Answer: down, left x2, up", "1x down, left ×2, up", "down, 2 left, up"] {
        let verdict = judged(&problem, reply);
        assert_eq!((verdict.outcome, verdict.form.map(Form::is_marked)), (Outcome::Correct, Some(false)), "{reply}");
    }
    for reply in [
        "Answer: Dllu",
        "Answer: dllu or u",
        "Answer: down, left, left, up, or stay",
        "Answer: down, left x2, up x2",
        "Answer: down, 2 left, 3",
        "Answer: down, left x99999999999, up",
        "Answer: [down] [left, left, up]",
        "Answer: down, left, left (up)",
        "Answer: down, left, left, up (5 moves)",
        "Answer: down → left → ← → up",
        "Answer: south, west, west, north",
        "Answer: no path exists",
        "Answer: right",
    ] {
        assert_ne!(judged(&problem, reply).outcome, Outcome::Correct, "{reply}");
    }
    assert_eq!(judged(&problem, "Answer: no path exists").outcome, Outcome::Wrong);
    assert_eq!(judged(&problem, "Answer: down, left, stay").outcome, Outcome::Unparsed);
}

#[test]
#[expect(clippy::float_cmp, reason = "facts are exact")]
fn components_tell_what_happened() {
    let problem = detour();
    let facts = |reply: &str| {
        let verdict = judged(&problem, reply);
        ["reached", "collected", "hits", "left_grid", "length_ratio", "closeness"].map(|name| component(&verdict, name))
    };
    // The start is four moves from the destination.
    let gained = |moves: f64| ((4.0 - moves) / 4.0) as f32;
    assert_eq!(facts("Answer: down, left, left, up"), [1.0, 1.0, 0.0, 0.0, 1.0, 1.0]);
    assert_eq!(facts("Answer: up, down, down, left, left, up"), [1.0, 1.0, 0.0, 0.0, 1.5, 1.0]);
    assert_eq!(facts("Answer: left, left"), [1.0, 1.0, 1.0, 0.0, 0.5, gained(4.0)]);
    assert_eq!(facts("Answer: down, left"), [0.0, 1.0, 0.0, 0.0, 0.5, gained(2.0)]);
    assert_eq!(facts("Answer: right"), [0.0, 1.0, 0.0, 1.0, 0.25, gained(4.0)]);
    let hopeless = facts("Answer: No path exists");
    assert!(hopeless[4].is_nan());
    assert_eq!(hopeless[5].to_bits(), gained(4.0).to_bits());
    let ends = |reply: &str| {
        let verdict = judged(&problem, reply);
        [component(&verdict, "source"), component(&verdict, "destination")]
    };
    assert!(ends("Answer: up").iter().all(|value| value.is_nan()));
    assert_eq!(ends("bc to ba\nAnswer: up"), [1.0, 1.0]);
    assert_eq!(ends("bc to aa\nAnswer: up"), [1.0, 0.0]);
    assert_eq!(ends("The destination is (b, a) and the start is (b, b)."), [0.0, 1.0]);
    assert_eq!(ends("bc down cc\ncc left cb"), [1.0, 0.0]);
    assert_eq!(ends("cb left ca\nca up ba"), [0.0, 1.0]);
}
