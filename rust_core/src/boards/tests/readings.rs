//! Readings: what the cursor does, what it is worth, and that nobody succeeds unseen.

use std::any::Any;

use super::*;
use crate::board::{Refusal, reading::Reading};

const BOTH: [&str; 2] = ["table_readout", "consecutive_table_readout"];

fn reading(made: &Fixture, seat: usize) -> &Reading {
    match made.board(seat) {
        Board::Reading(reading) => reading,
        Board::Grid(_) => panic!("not a table"),
    }
}

/// The way through a problem: to each cell row first, then its digit.
fn answer(board: &Reading) -> Vec<i64> {
    let (path, mut actions) = (board.problem().path(), vec![]);
    let mut at = (path[0] >> 4, path[0] & 15);
    for &cell in path {
        let (row, column) = (cell >> 4, cell & 15);
        let vertical = i64::from(row >= at.0);
        actions.extend((0..row.abs_diff(at.0)).map(|_| vertical));
        let level = if column < at.1 { 2 } else { 3 };
        actions.extend((0..column.abs_diff(at.1)).map(|_| level));
        actions.push(4 + i64::from(board.problem().digit(cell)));
        at = (row, column);
    }
    actions
}

#[test]
fn every_level_is_read_in_the_shortest_way_and_in_time() {
    for task in BOTH {
        for level in crate::tasks::levels(task).unwrap() {
            for seat in 0..4 {
                let mut made = Fixture::of(&format!("{task}/{level}"), 4, None, Look::Symbols);
                let cells = made.fact(seat, "left");
                let answer = answer(reading(&made, seat));
                let greatest = f64::from(made.board(seat).patience()) / 2.0;
                let expected = answer.len() as f64 / greatest + 10.0 + 0.5 * cells as f64 - 0.01 * answer.len() as f64;
                let mut sum = 0.0;
                for (step, &action) in answer.iter().enumerate() {
                    assert_eq!(made.fact(seat, "distance"), (answer.len() - step) as i64);
                    made.step(&[action; 4], Autoreset::NextStep);
                    sum += made.rewards[seat];
                    assert_eq!(made.terminated[seat], step + 1 == answer.len(), "{task}/{level}");
                    assert!(!made.truncated[seat]);
                }
                assert_eq!((made.fact(seat, "left"), made.fact(seat, "distance")), (0, 0));
                assert!((sum - expected).abs() < 1e-9, "{task}/{level} {sum} {expected}");
            }
        }
    }
}

#[test]
fn what_changed_makes_the_whole_observation() {
    let picture = |theme| Look::Picture(96, 112, theme);
    for (setting, look) in [
        ("table_readout/hard", Look::Symbols),
        ("consecutive_table_readout/rung2", Look::Symbols),
        ("table_readout/simple", picture(Theme::Paper)),
        ("table_readout/rung4", picture(Theme::Varied)),
        ("consecutive_table_readout/simple", picture(Theme::Varied)),
        ("consecutive_table_readout/rung0", picture(Theme::Compact)),
    ] {
        let mut made = Fixture::of(setting, 7, Some(40), look);
        let mut rng = Rng::keyed([5; 4]);
        for _ in 0..120 {
            // Half of the time the right thing, else any move.
            let pick = |seat| {
                let board = reading(&made, seat);
                let due = board.problem().path()[board.problem().path().len() - board.left() as usize];
                if board.cursor().0 == due && rng.chance(0.8) {
                    4 + i64::from(board.problem().digit(due))
                } else {
                    rng.below(4) as i64
                }
            };
            let actions: Vec<i64> = (0..7).map(pick).collect();
            made.step(&actions, Autoreset::SameStep);
            let bytes = made.whole(0).len();
            for (seat, seen) in made.observations.chunks_exact(bytes).enumerate() {
                assert!(seen == made.whole(seat), "{setting} {look:?}");
            }
        }
    }
}

#[test]
fn a_misreading_ends_the_walk_and_changes_nothing() {
    for task in BOTH {
        let made = Fixture::of(&format!("{task}/simple"), 16, None, Look::Symbols);
        for seat in 0..16 {
            let board = reading(&made, seat);
            let right = 4 + usize::from(board.problem().digit(board.cursor().0));
            for action in (4..14).filter(|&action| action != right) {
                let mut board = Reading::new(problem_of(&made, seat));
                let turn = board.act(action);
                assert_eq!((turn.refused, turn.collected, turn.success), (Some(Refusal::Misread), false, false));
                assert!(turn.is_last() && turn.changed().count() == 0 && turn.gain.to_bits() == 0);
                assert_eq!(board.left(), reading(&made, seat).left());
            }
            // The right digit, but not twice: the cell is not due any more.
            let mut board = Reading::new(problem_of(&made, seat));
            let turn = board.act(right);
            assert!(turn.collected && turn.refused.is_none() && turn.gain > 0.0);
            assert_eq!(turn.changed().count(), 1);
            assert_eq!(board.act(right).refused, Some(Refusal::Misread));
        }
    }
}

/// The problem on a board, drawn anew.
fn problem_of(made: &Fixture, seat: usize) -> crate::tasks::readout::Readout {
    let address = &made.boards.seats[seat].address;
    let mut rng = address.stream(Stream::Instance);
    let problem: Box<dyn Any> = address.setting.level.generate(&mut rng);
    *problem.downcast().expect("a table")
}

#[test]
fn edges_are_told_and_every_move_is_one_cell() {
    let mut made = Fixture::of("table_readout/rung3", 32, Some(1000), Look::Symbols);
    let mut rng = Rng::keyed([6; 4]);
    let mut edges = 0;
    for _ in 0..200 {
        let before: Vec<_> = (0..32).map(|seat| reading(&made, seat).cursor()).collect();
        let actions: Vec<i64> = (0..32).map(|_| rng.below(4) as i64).collect();
        made.step(&actions, Autoreset::SameStep);
        for (seat, before) in before.into_iter().enumerate() {
            let (edge, at) = (made.fact(seat, "edge"), reading(&made, seat).cursor());
            assert_eq!(before.manhattan(at), usize::from(edge == 0));
            assert_eq!(made.fact(seat, "misread"), 0);
            edges += edge;
        }
    }
    assert!(edges > 300, "{edges}");
}

#[test]
fn text_shows_cursor_and_path() {
    let mut made = Fixture::of("table_readout/rung0", 1, None, Look::Symbols);
    let count = |text: &str, mark: char| text.matches(mark).count();
    let text = made.boards.text(0);
    assert_eq!((count(&text, '['), count(&text, '.')), (1, 0), "{text}");
    assert!(text.contains(&format!("[{} S]", reading(&made, 0).problem().digit(reading(&made, 0).cursor().0))));
    let answer = answer(reading(&made, 0));
    made.step(&answer[..1], Autoreset::NextStep);
    assert_eq!(count(&made.boards.text(0), '.'), 1);
}
