//! The ancestor's defects, each by name.

use super::{answer, at, component, judged, reference, twin};
use crate::{
    task::Instance,
    tasks::grid_navigation::{
        Problem,
        bits::{Heading, Place},
        dfs,
    },
    verdict::{Outcome, Reason, State},
};

/// The first problem of a level that is as wanted.
fn found(level: &str, wanted: impl Fn(&Problem) -> bool) -> Box<Problem> {
    (0..20_000).map(|index| at(&format!("{level}#train:0:{index}"))).find(|problem| wanted(problem)).unwrap()
}

#[test]
fn up_from_the_first_row_does_not_wrap_to_the_last() {
    // Rows of a 3 × 3 grid walled off from each other: start top left, destination bottom right.
    let level = "rung2?obstacles=3&blind_max=1&length=1-8&p_unsolvable=1";
    let problem = found(level, |problem| {
        problem.start == Place::new(0, 0)
            && problem.destination == Place::new(2, 2)
            && (0..3).all(|column| !problem.is_free(Place::new(1, column)))
    });
    let verdict = judged(&problem, "Answer: up, right, right, down");
    assert_eq!(verdict.outcome, Outcome::Wrong);
    assert_eq!(component(&verdict, "left_grid").to_bits(), 1_f32.to_bits());
    let verdict = judged(&problem, "aa up ca\nca right cb\ncb right cc\nAnswer: up, right, right");
    assert_eq!((verdict.outcome, verdict.steps[0].reason), (Outcome::Wrong, Reason::OffGrid));
    assert_eq!(judged(&problem, "Answer: No path exists").outcome, Outcome::Correct);
    // Nor do columns wrap.
    assert_eq!(judged(&problem, "Answer: left").outcome, Outcome::Wrong);
    assert_eq!(component(&judged(&problem, "Answer: left"), "left_grid").to_bits(), 1_f32.to_bits());
}

#[test]
fn moves_after_the_goal_count() {
    for index in 0..50 {
        let problem = at(&format!("simple#train:0:{index}"));
        let answer = answer(&problem);
        for more in ["up", "down", "left", "right"] {
            let verdict = judged(&problem, &format!("Answer: {answer}, {more}"));
            assert_eq!(verdict.outcome, Outcome::Wrong);
        }
        // There and back ends on the destination again.
        let last = answer.rsplit(", ").next().unwrap();
        let back = match last {
            "up" => "down",
            "down" => "up",
            "left" => "right",
            _ => "left",
        };
        assert_eq!(judged(&problem, &format!("Answer: {answer}, {back}, {last}")).outcome, Outcome::Correct);
    }
}

#[test]
fn an_empty_answer_is_no_answer() {
    for level in ["simple", "rung0", "hard_unsolvable"] {
        for index in 0..50 {
            let problem = at(&format!("{level}#train:0:{index}"));
            for reply in ["", "Answer:", "Answer: ", "Answer: ,", "Answer: []", "<answer></answer>", "\\boxed{}"] {
                assert_eq!(judged(&problem, reply).outcome, Outcome::Unparsed, "{reply}");
            }
        }
    }
}

#[test]
fn a_double_space_changes_nothing() {
    for index in 0..50 {
        let problem = at(&format!("simple#train:0:{index}"));
        let answer = answer(&problem);
        for reply in [
            format!("Answer:  {}", answer.replace(", ", "  ")),
            format!("Answer: {}", answer.replace(", ", " ,  ")),
            format!("Answer:\t{}", answer.replace(", ", "\t")),
        ] {
            assert_eq!(judged(&problem, &reply).outcome, Outcome::Correct, "{reply}");
        }
    }
}

#[test]
fn the_destination_is_anywhere() {
    for level in ["simple", "hard", "rung0"] {
        let (mut first_row, mut first_column) = (0, 0);
        for index in 0..400 {
            let problem = at(&format!("{level}#train:0:{index}"));
            first_row += usize::from(problem.destination.row() == 0);
            first_column += usize::from(problem.destination.column() == 0);
        }
        assert!(first_row > 20 && first_column > 20, "{level}: {first_row}, {first_column}");
    }
}

#[test]
fn future_collect_names_the_object_that_is_there() {
    let mut seen = 0;
    for index in 0..300 {
        let problem = at(&format!("hard?trace=dfs&style=terse&objects=5#train:0:{index}"));
        let text = problem.rationale().text;
        let twin = twin(&problem);
        let rows: Vec<Vec<&str>> = twin.lines().skip(1).map(|line| line.split(" & ").skip(1).collect()).collect();
        for line in text.lines() {
            if let [_, _, cell, "later", name] = line.split(' ').collect::<Vec<_>>()[..] {
                let bytes = cell.as_bytes();
                let held = rows[usize::from(bytes[0] - b'a')][usize::from(bytes[1] - b'a')];
                assert_eq!(name, if held == "D" { "destination" } else { held });
                seen += 1;
                // Another object's name is a wrong step.
                let other = if held == "heart" { "crown" } else { "heart" };
                let corrupted = text.replacen(line, &line.replace(name, other), 1);
                let verdict = judged(&problem, &corrupted);
                let step = verdict.steps[verdict.first_error().unwrap()];
                assert_eq!((step.state, step.reason), (State::Wrong, Reason::WrongContents));
            }
        }
    }
    assert!(seen > 50, "{seen}");
}

#[test]
fn nothing_coincides() {
    for level in ["hard", "rung4", "rung11"] {
        for index in 0..300 {
            let problem = at(&format!("{level}#train:0:{index}"));
            let mut places = problem.objects.clone();
            places.extend([problem.start, problem.destination]);
            assert!(places.iter().all(|&place| problem.is_free(place)));
            let mut symbols: Vec<_> = problem.objects.iter().map(|&place| problem.symbol(place).unwrap()).collect();
            let count = places.len();
            places.sort_unstable();
            places.dedup();
            assert_eq!(places.len(), count);
            symbols.sort_unstable();
            symbols.dedup();
            assert_eq!(symbols.len(), problem.objects.len());
        }
    }
}

#[test]
fn answers_are_not_loopy() {
    let (mut ours, mut theirs) = (0, 0);
    for index in 0..300 {
        let problem = at(&format!("simple#train:0:{index}"));
        let length = answer(&problem).split(", ").count();
        assert_eq!(length, usize::from(problem.shortest.unwrap()));
        let verdict = judged(&problem, &format!("Answer: {}", answer(&problem)));
        assert_eq!(component(&verdict, "length_ratio").to_bits(), 1_f32.to_bits());
        ours += length;
        // The depth-first walk is right as well, and longer; the component tells.
        let walk: Vec<&str> = dfs::walk(&problem).into_iter().map(Heading::name).collect();
        assert!(reference(&twin(&problem), &walk));
        let verdict = judged(&problem, &format!("Answer: {}", walk.join(", ")));
        assert_eq!(verdict.outcome, Outcome::Correct);
        let ratio = walk.len() as f32 / length as f32;
        assert!((component(&verdict, "length_ratio") - ratio).abs() < 1e-6);
        theirs += walk.len();
    }
    assert!(theirs > ours + ours / 20, "{theirs} {ours}");
}

#[test]
fn every_object_must_be_visited() {
    let mut missed = 0;
    for index in 0..300 {
        let problem = at(&format!("rung4#train:0:{index}"));
        let straight = at(&format!("rung4#train:0:{index}"));
        // Straight to the destination, if the object is not on the way.
        let free = problem.free;
        if let Some(moves) = super::super::guide::shortest(free, &[problem.start, problem.destination])
            && Some(moves) < problem.shortest
        {
            let guide = super::super::guide::Guide::new(free, &[straight.destination]);
            let walk = guide.tour(problem.start, |_| None, |_| 0);
            let words: Vec<&str> = walk.iter().map(|(heading, _)| heading.name()).collect();
            let verdict = judged(&problem, &format!("Answer: {}", words.join(", ")));
            assert_eq!(verdict.outcome, Outcome::Wrong);
            assert_eq!(component(&verdict, "reached").to_bits(), 1_f32.to_bits());
            assert_eq!(component(&verdict, "collected").to_bits(), 0_f32.to_bits());
            missed += 1;
        }
    }
    assert!(missed > 50);
}
