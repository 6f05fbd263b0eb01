//! What a depth-first trace looks for, in order; `dfs` says how the order comes about.

use super::{
    bits::{Bits, Place},
    guide::{Guide, MOST_OBJECTS},
};

/// What is looked for, in order.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub(super) goals: [Place; MOST_OBJECTS + 1],
    pub(super) count: usize,
    /// Whether the destination may be entered before the last stage.
    pub(super) crossing: bool,
}

impl Plan {
    /// The plan for a problem.
    pub fn new(start: Place, destination: Place, objects: &[Place], free: Bits, is_solvable: bool) -> Self {
        let mut goals = [destination; MOST_OBJECTS + 1];
        if !is_solvable {
            goals[0] = lost(objects, destination, free.flood(start)).expect("something cannot be reached");
            return Self { goals, count: 1, crossing: true };
        }
        let count = objects.len() + 1;
        if count == 1 {
            return Self { goals, count, crossing: true };
        }
        let mut places = objects.to_vec();
        places.push(destination);
        let apart = free.without(Bits::of(destination));
        let reached = apart.flood(start);
        let crossing = objects.iter().any(|&object| !reached.has(object));
        let apart = if crossing { free } else { apart };
        let object = |place| objects.iter().position(|&own| own == place).map(|at| at as u8);
        let tour = Guide::new(apart, &places).tour(start, object, |_| 0);
        let mut left = (1_u8 << objects.len()) - 1;
        let mut stage = 0;
        for (_, place) in tour {
            if let Some(at) = object(place).filter(|at| left >> at & 1 == 1) {
                left &= !(1 << at);
                goals[stage] = place;
                stage += 1;
            }
        }
        Self { goals, count, crossing }
    }

    /// The objects, in the order in which they are collected.
    pub fn objects(&self) -> &[Place] {
        &self.goals[..self.count - 1]
    }
}

/// The first goal that is not among the cells reached: an object in reading order, else the destination.
pub fn lost(objects: &[Place], destination: Place, reached: Bits) -> Option<Place> {
    objects.iter().copied().chain([destination]).find(|&place| !reached.has(place))
}
