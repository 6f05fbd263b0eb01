use super::*;
use crate::{
    board::{HERE, grid::Grid},
    rng::Rng,
    task::Instance,
};

mod readings;
mod states;

const WEIGHTS: Weights = Weights { progress: 1.0, success: 10.0, collected: 0.5, refused: -0.25, step: -0.01 };

struct Fixture {
    boards: Boards,
    observations: Vec<u8>,
    finals: Vec<u8>,
    rewards: Vec<f64>,
    terminated: Vec<bool>,
    truncated: Vec<bool>,
    facts: Vec<i64>,
    final_facts: Vec<i64>,
}

impl Fixture {
    /// Boards of a level, environment `i` of `n` at index `i`, strides of `n`, reset.
    fn new(level: &str, count: usize, limit: Option<u32>, look: Look) -> Self {
        Self::of(&format!("grid_navigation/{level}"), count, limit, look)
    }

    fn of(setting: &str, count: usize, limit: Option<u32>, look: Look) -> Self {
        let mut boards = Boards::new(setting, count, limit, look, WEIGHTS, None).unwrap();
        for seat in 0..count {
            let address = format!("{setting}#train:3:{seat}").parse().unwrap();
            boards.place(vec![(seat, address, count as u64)]).unwrap();
        }
        let bytes = count * boards.shape().iter().product::<usize>();
        let mut made = Self {
            boards,
            observations: vec![7; bytes],
            finals: vec![7; bytes],
            rewards: vec![0.0; count],
            terminated: vec![false; count],
            truncated: vec![false; count],
            facts: vec![0; count * FACTS],
            final_facts: vec![0; count * FACTS],
        };
        made.reset(&vec![true; count]);
        made
    }

    fn reset(&mut self, mask: &[bool]) {
        self.boards.reset(mask, &mut self.observations, &mut self.facts);
    }

    fn step(&mut self, actions: &[i64], mode: Autoreset) {
        let out = Outcome {
            observations: &mut self.observations,
            finals: &mut self.finals,
            rewards: &mut self.rewards,
            terminated: &mut self.terminated,
            truncated: &mut self.truncated,
            facts: &mut self.facts,
            final_facts: &mut self.final_facts,
        };
        self.boards.step(actions, mode, out);
    }

    fn fact(&self, seat: usize, name: &str) -> i64 {
        self.facts[seat * FACTS + self.boards.facts().iter().position(|known| *known == name).unwrap()]
    }

    fn board(&self, seat: usize) -> &Board {
        &self.boards.seats[seat].walk.as_ref().unwrap().board
    }

    fn grid(&self, seat: usize) -> &Grid {
        match self.board(seat) {
            Board::Grid(grid) => grid,
            Board::Reading(_) => panic!("not a grid"),
        }
    }

    /// One observation made from nothing.
    fn whole(&self, seat: usize) -> Vec<u8> {
        let [height, width, depth] = self.boards.shape();
        let mut out = vec![9; height * width * depth];
        match self.boards.look {
            Look::Symbols => self.board(seat).observe(width, &mut out),
            Look::Picture(height, width, theme) => self.boards.draw(seat, height, width, theme, &mut out).unwrap(),
        }
        out
    }
}

/// The moves of the canonical answer, as actions.
fn answer(board: &Grid) -> Vec<i64> {
    let mut out = String::new();
    board.problem().answer(&mut out);
    let action = |word: &str| ["up", "down", "left", "right"].iter().position(|name| *name == word).unwrap() as i64;
    out.split(", ").map(action).collect()
}

#[test]
fn what_changed_makes_the_whole_observation() {
    let picture = |theme| Look::Picture(96, 112, theme);
    for (level, look) in [
        ("rung4", Look::Symbols),
        ("hard", Look::Symbols),
        ("simple", picture(Theme::Paper)),
        ("simple", picture(Theme::Varied)),
        ("rung2", picture(Theme::Compact)),
    ] {
        for mode in [Autoreset::NextStep, Autoreset::SameStep] {
            let mut made = Fixture::new(level, 7, Some(23), look);
            let mut rng = Rng::keyed([5; 4]);
            for _ in 0..100 {
                let before: Vec<Vec<u8>> = (0..7).map(|seat| made.whole(seat)).collect();
                let actions: Vec<i64> = (0..7).map(|_| rng.below(4) as i64).collect();
                made.step(&actions, mode);
                let bytes = made.whole(0).len();
                for (seat, seen) in made.observations.chunks_exact(bytes).enumerate() {
                    assert!(seen == made.whole(seat), "{level} {look:?}");
                    if mode == Autoreset::SameStep && made.boards.seats[seat].moves == 0 {
                        // The last observation is one move from the one before it, not of the next problem.
                        let last = &made.finals[seat * bytes..(seat + 1) * bytes];
                        let apart = last.iter().zip(&before[seat]).filter(|(a, b)| a != b).count();
                        assert!(apart <= if look == Look::Symbols { 2 } else { bytes / 4 }, "{level} {look:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn canonical_answers_succeed_and_are_worth_what_they_should() {
    for level in ["rung0", "rung4", "simple", "hard", "rung11"] {
        let mut made = Fixture::new(level, 5, Some(2000), Look::Symbols);
        for seat in 0..5 {
            let board = made.grid(seat);
            let start = board.problem().closeness_at(board.distance().unwrap());
            let objects = f64::from(board.left());
            let answer = answer(board);
            let mut sum = 0.0;
            for (step, &action) in answer.iter().enumerate() {
                assert_eq!(made.fact(seat, "distance"), (answer.len() - step) as i64);
                // The others go wherever the same action leads them.
                made.step(&[action; 5], Autoreset::NextStep);
                sum += made.rewards[seat];
                assert_eq!(made.terminated[seat], step + 1 == answer.len(), "{level}");
                assert!(!made.truncated[seat]);
            }
            let expected = 1.0 - start + 10.0 + 0.5 * objects - 0.01 * answer.len() as f64;
            assert!((sum - expected).abs() < 1e-9, "{level} {sum} {expected}");
            made = Fixture::new(level, 5, Some(2000), Look::Symbols);
        }
    }
}

#[test]
fn problems_are_those_of_the_addresses() {
    let mut made = Fixture::new("rung2", 4, Some(9), Look::Symbols);
    for round in 0..3 {
        for (seat, own) in made.boards.addresses().iter().enumerate() {
            let address: Address = format!("grid_navigation/rung2#train:3:{}", seat + 4 * round).parse().unwrap();
            assert_eq!(*own, address.to_string());
            assert_eq!(address.content(made.grid(seat).problem()), address.content(&*address.resolve()));
        }
        made.reset(&[true; 4]);
    }
    made.boards.place(vec![(2, "grid_navigation/rung1#val:9:77".parse().unwrap(), 1)]).unwrap();
    made.reset(&[false, false, true, false]);
    assert_eq!(made.boards.addresses()[2], "grid_navigation/rung1#val:9:77");
    assert_eq!(made.boards.addresses()[1], "grid_navigation/rung2#train:3:13");
}

#[test]
fn the_three_ways_to_reset_are_gymnasiums() {
    // Everybody bumps or wanders; the limit of two moves ends every walk that has not succeeded.
    for mode in [Autoreset::NextStep, Autoreset::SameStep, Autoreset::Disabled] {
        let mut made = Fixture::new("simple", 3, Some(2), Look::Symbols);
        let indices = |made: &Fixture| (0..3).map(|seat| made.fact(seat, "index")).collect::<Vec<_>>();
        made.step(&[0, 1, 2], mode);
        assert_eq!(made.truncated, [false; 3]);
        made.step(&[0, 1, 2], mode);
        assert_eq!(made.truncated, [true; 3]);
        match mode {
            Autoreset::NextStep => {
                assert_eq!(indices(&made), [0, 1, 2]);
                made.step(&[0, 1, 2], mode);
                assert_eq!(indices(&made), [3, 4, 5]);
                assert_eq!(made.rewards, [0.0; 3]);
                assert_eq!(made.truncated, [false; 3]);
            }
            Autoreset::SameStep => {
                assert_eq!(indices(&made), [3, 4, 5]);
                let finals = made.final_facts.chunks_exact(FACTS).map(|facts| facts[0]);
                assert_eq!(finals.collect::<Vec<_>>(), [0, 1, 2]);
                let walkers = made.finals.iter().filter(|&&code| code >= HERE).count();
                assert_eq!(walkers, 3);
            }
            Autoreset::Disabled => {
                assert_eq!(indices(&made), [0, 1, 2]);
                made.reset(&[true, false, true]);
                assert_eq!(indices(&made), [3, 1, 5]);
            }
        }
    }
}

#[test]
fn many_threads_step_as_one_does() {
    let count = FEW + 1;
    let mut many = Fixture::new("rung3", count, Some(5), Look::Symbols);
    let mut few = Fixture::new("rung3", 8, Some(5), Look::Symbols);
    for seat in 0..8 {
        let address = format!("grid_navigation/rung3#train:3:{seat}").parse().unwrap();
        few.boards.place(vec![(seat, address, count as u64)]).unwrap();
    }
    few.reset(&[true; 8]);
    let mut rng = Rng::keyed([8; 4]);
    for _ in 0..20 {
        let actions: Vec<i64> = (0..count).map(|_| rng.below(4) as i64).collect();
        many.step(&actions, Autoreset::SameStep);
        few.step(&actions[..8], Autoreset::SameStep);
        assert_eq!(many.observations[..few.observations.len()], few.observations);
        assert_eq!(many.facts[..few.facts.len()], few.facts);
        assert_eq!(many.rewards[..8], few.rewards);
    }
}

#[test]
fn refused_moves_are_told_and_stay() {
    let mut made = Fixture::new("simple", 64, Some(1000), Look::Symbols);
    let (mut hits, mut edges) = (0, 0);
    let mut rng = Rng::keyed([6; 4]);
    for _ in 0..100 {
        let before: Vec<_> = (0..64).map(|seat| made.grid(seat).walker()).collect();
        let actions: Vec<i64> = (0..64).map(|_| rng.below(4) as i64).collect();
        made.step(&actions, Autoreset::SameStep);
        for seat in (0..64).filter(|&seat| !made.terminated[seat]) {
            let (hit, edge) = (made.fact(seat, "hit"), made.fact(seat, "edge"));
            let walker = made.grid(seat).walker();
            assert_eq!(before[seat].manhattan(walker), usize::from(hit + edge == 0));
            assert!(made.grid(seat).problem().is_free(walker));
            hits += hit;
            edges += edge;
        }
    }
    assert!(hits > 300 && edges > 100, "{hits} {edges}");
}

#[test]
fn what_cannot_be_done_is_refused() {
    let new = |setting: &str, look| Boards::new(setting, 1, None, look, WEIGHTS, None);
    assert!(new("visual_analogy/simple", Look::Symbols).is_err_and(|e| e.to_string().contains("visual_analogy")));
    assert!(new("grid_navigation/nope", Look::Symbols).is_err());
    assert!(new("grid_navigation/simple", Look::Picture(8, 64, Theme::Paper)).is_err());
    for count in [0, MOST + 1, usize::MAX] {
        let made = Boards::new("grid_navigation/simple", count, None, Look::Symbols, WEIGHTS, None);
        assert!(made.is_err_and(|error| error.to_string().contains(&count.to_string())));
    }
    let mut small = new("grid_navigation/rung0", Look::Symbols).unwrap();
    let large: Address = "grid_navigation/hard#train:0:0".parse().unwrap();
    assert!(small.place(vec![(0, large, 1)]).is_err_and(|e| e.to_string().contains("do not fit")));
    let other: Address = "table_readout/rung0#train:0:0".parse().unwrap();
    assert!(small.place(vec![(0, other, 1)]).is_err_and(|e| e.to_string().contains("another kind")));
}

#[test]
fn what_is_allowed_is_what_is_not_refused_and_caps_cut_short() {
    for setting in ["grid_navigation/rung4", "table_readout/rung3", "consecutive_table_readout/rung3"] {
        let mut made = Fixture::of(setting, 16, None, Look::Symbols);
        made.boards = made.boards.capped(Some(9)).unwrap();
        let (mut rng, mut refused) = (Rng::keyed([7; 4]), 0);
        for _ in 0..40 {
            let before: Vec<i64> = (0..16).map(|seat| made.fact(seat, "allowed")).collect();
            let actions: Vec<i64> = (0..16).map(|_| rng.below(4) as i64).collect();
            made.step(&actions, Autoreset::SameStep);
            for seat in (0..16).filter(|&seat| !made.terminated[seat] && !made.truncated[seat]) {
                let wrong = made.facts[seat * FACTS + 3] + made.facts[seat * FACTS + 4];
                assert_eq!(before[seat] >> actions[seat] & 1, 1 - wrong, "{setting}");
                refused += wrong;
            }
            assert!(made.boards.seats.iter().all(|seat| seat.moves < 9), "{setting}");
        }
        assert!(refused > 20, "{setting} {refused}");
    }
    assert!(Fixture::new("rung0", 1, None, Look::Symbols).boards.capped(Some(0)).is_err());
}
