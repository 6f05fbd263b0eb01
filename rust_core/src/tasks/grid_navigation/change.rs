//! Counterfactuals: one fact of a grid changed so that what was right is wrong.
//!
//! * **An obstacle** on an empty cell that every shortest tour enters, if the depth-first trace's walk fails there too and
//!   there is still a way round: one cell differs.
//! * Where no way round is left, **an obstacle moves** onto such a cell, if what it leaves opens another way: two cells differ.
//! * Where that helps nowhere, **the destination** moves to another empty cell: no walk ends in two places.
//! * Where none can be reached, start and destination change places.
//! * Where there was no way, one obstacle less opens one; where one is not enough, all of them go.

use std::sync::OnceLock;

use super::{
    bits::{Bits, Place},
    guide::shortest,
    problem::{BLANK, DESTINATION, Problem, START, SYMBOL, Ties, Trace, Wording},
    words,
};
use crate::{
    rng::Rng,
    scene::{OBJECTS, SYMBOLS},
    task::Instance,
    verdict::Outcome,
};

impl Problem {
    /// Changes one fact, the same under every wording.
    pub(super) fn alter(&mut self, rng: &mut Rng) {
        *self = if self.shortest.is_some() {
            self.barred(rng).or_else(|| self.moved(rng)).unwrap_or_else(|| self.turned())
        } else {
            self.opened(rng).unwrap_or_else(|| self.cleared())
        };
    }

    /// With an obstacle in the way: another one, or one that stood elsewhere.
    fn barred(&self, rng: &mut Rng) -> Option<Self> {
        let kinds: Vec<u8> = self.obstacles().places().map(|place| self.code(place)).collect();
        let any: Vec<u8> = (OBJECTS..SYMBOLS.len()).map(|symbol| SYMBOL + symbol as u8).collect();
        let from: &[u8] = if kinds.is_empty() { &any } else { &kinds };
        let kind = *rng.pick(from);
        let before = self.shortest?;
        let tour = self.tour_with(Ties::First);
        let mut cells: Vec<Place> = tour.into_iter().map(|(_, place)| place).filter(|&p| self.code(p) == BLANK).collect();
        cells.retain(|&place| self.with(&[(place, kind)]).shortest.is_none_or(|moves| moves > before));
        rng.shuffle(&mut cells);
        let mut left: Vec<Place> = self.obstacles().places().collect();
        rng.shuffle(&mut left);
        let searched = Wording { trace: Trace::Dfs, ..self.wording };
        let mut walk = "Answer: ".to_owned();
        words::answer(&Self { wording: searched, ..self.clone() }, &mut walk);
        let fits = |changed: &Self| changed.shortest.is_some() && changed.verify(walk.as_bytes()).outcome != Outcome::Correct;
        let another = cells.iter().map(|&place| self.with(&[(place, kind)])).find(fits);
        another.or_else(|| {
            let pairs = cells.iter().flat_map(|&place| left.iter().map(move |&from| (from, place)));
            pairs.map(|(from, place)| self.with(&[(from, BLANK), (place, self.code(from))])).find(fits)
        })
    }

    /// With the destination elsewhere.
    fn moved(&self, rng: &mut Rng) -> Option<Self> {
        let mut cells: Vec<Place> = self.free.places().filter(|&place| self.code(place) == BLANK).collect();
        rng.shuffle(&mut cells);
        let moved = |place| self.with(&[(self.destination, BLANK), (place, DESTINATION)]);
        cells.into_iter().map(moved).find(|changed| changed.shortest.is_some())
    }

    /// With start and destination the other way round.
    fn turned(&self) -> Self {
        self.with(&[(self.start, DESTINATION), (self.destination, START)])
    }

    /// With one obstacle less, that was one too many.
    fn opened(&self, rng: &mut Rng) -> Option<Self> {
        let mut cells: Vec<Place> = self.obstacles().places().collect();
        rng.shuffle(&mut cells);
        cells.into_iter().map(|place| self.with(&[(place, BLANK)])).find(|changed| changed.shortest.is_some())
    }

    /// With no obstacle at all.
    fn cleared(&self) -> Self {
        let cells: Vec<(Place, u8)> = self.obstacles().places().map(|place| (place, BLANK)).collect();
        self.with(&cells)
    }

    /// With other codes on some cells that hold no object, and all that follows from them.
    fn with(&self, cells: &[(Place, u8)]) -> Self {
        let mut changed = Self { guide: OnceLock::new(), plan: OnceLock::new(), ..self.clone() };
        for &(place, code) in cells {
            changed.codes[place.index()] = code;
            match code {
                START => changed.start = place,
                DESTINATION => changed.destination = place,
                _ => {}
            }
            changed.free = if code >= SYMBOL { changed.free.without(Bits::of(place)) } else { changed.free.or(Bits::of(place)) };
        }
        let mut goals = vec![changed.start];
        goals.extend(&changed.objects);
        goals.push(changed.destination);
        changed.shortest = shortest(changed.free, &goals);
        changed
    }
}
