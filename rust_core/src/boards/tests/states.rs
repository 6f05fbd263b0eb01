//! Boards written down and taken up again, copied, and placed: all of it or nothing.

use super::*;

const LEVELS: [&str; 4] =
    ["grid_navigation/rung4", "grid_navigation/hard", "table_readout/rung1", "consecutive_table_readout/rung3"];

fn wander(made: &mut Fixture, rng: &mut Rng, steps: usize) {
    for _ in 0..steps {
        // Digits end readings, so moves are likelier.
        let most = if rng.chance(0.9) { 4 } else { made.boards.kind().actions() };
        let actions: Vec<i64> = (0..made.boards.count()).map(|_| rng.below(most) as i64).collect();
        made.step(&actions, Autoreset::SameStep);
    }
}

#[test]
fn what_is_taken_up_goes_on_alike() {
    for setting in LEVELS {
        for look in [Look::Symbols, Look::Picture(64, 80, Theme::Varied)] {
            let mut rng = Rng::keyed([9; 4]);
            let mut made = Fixture::of(setting, 5, Some(17), look);
            for _ in 0..6 {
                wander(&mut made, &mut rng, 11);
                let mut again = Fixture::of(setting, 5, Some(17), look);
                again.boards.resume(&made.boards.written()).unwrap();
                again.observations.clone_from(&made.observations);
                assert!((0..5).all(|seat| again.whole(seat) == made.whole(seat)), "{setting} {look:?}");
                let copy = made.boards.clone();
                let mut others = [rng.clone(), rng.clone()];
                wander(&mut again, &mut others[0], 30);
                let seen = made.observations.clone();
                wander(&mut made, &mut others[1], 30);
                assert_eq!(again.observations, made.observations, "{setting} {look:?}");
                assert_eq!(again.facts, made.facts);
                // The copy stands where it was made.
                made.boards = copy;
                made.observations = seen;
            }
        }
    }
}

#[test]
fn places_count_for_the_next_reset_alone() {
    let mut made = Fixture::new("rung2", 2, None, Look::Symbols);
    let before = made.boards.addresses();
    made.boards.place(vec![(1, "grid_navigation/rung1#val:9:77".parse().unwrap(), 5)]).unwrap();
    assert_eq!(made.boards.addresses(), before);
    let mut again = Fixture::new("rung2", 2, None, Look::Symbols);
    again.boards.resume(&made.boards.written()).unwrap();
    for fixture in [&mut made, &mut again] {
        fixture.reset(&[false, true]);
        assert_eq!(fixture.boards.addresses()[1], "grid_navigation/rung1#val:9:77");
        fixture.reset(&[false, true]);
        assert_eq!(fixture.boards.addresses()[1], "grid_navigation/rung1#val:9:82");
    }
}

#[test]
fn boards_are_placed_all_or_none() {
    let mut made = Fixture::new("rung2", 2, None, Look::Symbols);
    let good: Address = "grid_navigation/rung1#val:9:77".parse().unwrap();
    let large: Address = "grid_navigation/hard#val:9:77".parse().unwrap();
    assert!(made.boards.place(vec![(0, good, 1), (1, large, 1)]).is_err());
    made.reset(&[true; 2]);
    assert_eq!(made.boards.addresses()[0], "grid_navigation/rung2#train:3:2");
}

#[test]
fn states_that_no_board_has_are_refused() {
    let made = Fixture::new("rung4", 2, None, Look::Symbols);
    let mut rng = Rng::keyed([4; 4]);
    let mut refused = 0;
    for _ in 0..2000 {
        let mut written = made.boards.written();
        let state = (rng.below(256) as u8, rng.below(256) as u8);
        let (content, _) = written[1].walk.unwrap();
        written[1].walk = Some((content, state));
        let mut again = made.boards.clone();
        match again.resume(&written) {
            Ok(()) => assert_eq!(again.seats[1].walk.as_ref().unwrap().board.state(), state),
            Err(_) => refused += 1,
        }
    }
    assert!(refused > 1500, "{refused}");
}
