//! Shortest tours: over all objects, in any order, to the destination.

use super::bits::{Bits, HEADINGS, Heading, NEVER, Place, distances, legs};

/// The most objects a grid may hold.
pub const MOST_OBJECTS: usize = 6;

/// Longer than any tour.
pub const HOPELESS: u16 = u16::MAX;

/// The least moves from the first place over those in between, in any order, to the last; `None` if
/// one of them cannot be reached. Exact: distances by flood, orders by dynamic programming over sets.
pub fn shortest(free: Bits, places: &[Place]) -> Option<u16> {
    let last = places.len() - 1;
    let mut leg = [[0_u8; MOST_OBJECTS + 2]; MOST_OBJECTS + 2];
    // From the start first: if anything cannot be reached at all, this is where it shows.
    for from in 0..last {
        legs(free, places[from], &places[from + 1..], &mut leg[from][from + 1..=last])?;
    }
    let objects = last - 1;
    if objects == 0 {
        return Some(u16::from(leg[0][1]));
    }
    let between = |a: usize, b: usize| u16::from(leg[a.min(b) + 1][a.max(b) + 1]);
    let left = togo(objects, |at| u16::from(leg[at + 1][last]), between);
    let all = (1 << objects) - 1;
    (0..objects).map(|first| u16::from(leg[0][first + 1]) + left[all ^ 1 << first][first]).min()
}

/// By set of objects left, then by object stood on.
type ToGo = [[u16; MOST_OBJECTS]; 1 << MOST_OBJECTS];

/// For every set of objects left and every object stood on, the least moves to collect and end.
pub fn togo(objects: usize, end: impl Fn(usize) -> u16, between: impl Fn(usize, usize) -> u16) -> ToGo {
    let mut table = [[HOPELESS; MOST_OBJECTS]; 1 << MOST_OBJECTS];
    for (at, cost) in table[0].iter_mut().enumerate().take(objects) {
        *cost = end(at);
    }
    for left in 1..1_usize << objects {
        for at in (0..objects).filter(|at| left >> at & 1 == 0) {
            table[left][at] = (0..objects)
                .filter(|next| left >> next & 1 == 1)
                .map(|next| between(at, next).saturating_add(table[left ^ 1 << next][next]))
                .min()
                .unwrap_or(HOPELESS);
        }
    }
    table
}

/// Knows the way from anywhere, whatever is left to collect.
#[derive(Clone)]
pub struct Guide {
    /// Moves to each object, then to the destination, by place.
    maps: Vec<[u8; 256]>,
    togo: ToGo,
    objects: usize,
    /// The longest of all shortest ways: to have collected something never makes one longer, so it begins on some
    /// cell with everything to collect. 0 where there is none.
    pub farthest: u16,
}

impl Guide {
    /// Looks the grid over once. Places: the objects, then the destination.
    pub fn new(free: Bits, places: &[Place]) -> Self {
        let maps: Vec<[u8; 256]> = places.iter().map(|&place| distances(free, place)).collect();
        let objects = places.len() - 1;
        let far = |moves: u8| if moves == NEVER { HOPELESS } else { u16::from(moves) };
        let togo = togo(objects, |at| far(maps[objects][places[at].index()]), |a, b| far(maps[a][places[b].index()]));
        let mut made = Self { maps, togo, objects, farthest: 0 };
        let everything = ((1_u16 << objects) - 1) as u8;
        let ways = free.places().map(|place| made.left(place, everything));
        made.farthest = ways.filter(|&moves| moves != HOPELESS).max().unwrap_or(0);
        made
    }

    /// The least moves from `place` over the objects of the set `left` to the destination.
    #[inline]
    pub fn left(&self, place: Place, left: u8) -> u16 {
        let far = |moves: u8| if moves == NEVER { HOPELESS } else { u16::from(moves) };
        if left == 0 {
            return far(self.maps[self.objects][place.index()]);
        }
        (0..self.objects)
            .filter(|next| left >> next & 1 == 1)
            .map(|next| {
                far(self.maps[next][place.index()]).saturating_add(self.togo[usize::from(left) ^ 1 << next][next])
            })
            .min()
            .unwrap_or(HOPELESS)
    }

    /// A shortest tour: its moves and the cells they lead to, empty if there is none. Where several moves begin a
    /// shortest way, `tie` chooses among that many. `object` gives the number of the object on a cell.
    pub fn tour(
        &self,
        start: Place,
        object: impl Fn(Place) -> Option<u8>,
        mut tie: impl FnMut(usize) -> usize,
    ) -> Vec<(Heading, Place)> {
        let (mut place, mut left) = (start, ((1_u16 << self.objects) - 1) as u8);
        let mut rest = self.left(place, left);
        if rest == HOPELESS {
            return Vec::new();
        }
        let mut tour = Vec::with_capacity(usize::from(rest));
        while rest > 0 {
            let mut open = [(Heading::Up, place, left); 4];
            let mut count = 0;
            for heading in HEADINGS {
                let Some(next) = neighbour(place, heading) else { continue };
                if self.maps[self.objects][next.index()] == NEVER {
                    continue;
                }
                let still = object(next).map_or(left, |at| left & !(1 << at));
                if self.left(next, still) == rest - 1 {
                    open[count] = (heading, next, still);
                    count += 1;
                }
            }
            let (heading, next, still) = open[if count > 1 { tie(count) } else { 0 }];
            tour.push((heading, next));
            (place, left, rest) = (next, still, rest - 1);
        }
        tour
    }
}

/// The cell next to another, within the 16 × 16 lattice.
#[inline]
pub fn neighbour(place: Place, heading: Heading) -> Option<Place> {
    let Place(at) = place;
    match heading {
        Heading::Up => (at >= 16).then(|| Place(at - 16)),
        Heading::Down => (at < 240).then(|| Place(at + 16)),
        Heading::Left => (at & 15 > 0).then(|| Place(at - 1)),
        Heading::Right => (at & 15 < 15).then(|| Place(at + 1)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// The best of all orders, tried one by one.
    fn by_orders(free: Bits, places: &[Place]) -> Option<u16> {
        fn best(maps: &[[u8; 256]], places: &[Place], at: Place, left: &[usize]) -> u16 {
            let last = places.len() - 1;
            if left.is_empty() {
                return u16::from(maps[last][at.index()]);
            }
            left.iter()
                .map(|&next| {
                    let rest: Vec<usize> = left.iter().copied().filter(|&other| other != next).collect();
                    u16::from(maps[next][at.index()]) + best(maps, places, places[next], &rest)
                })
                .min()
                .expect("something is left")
        }
        let maps: Vec<[u8; 256]> = places.iter().map(|&place| distances(free, place)).collect();
        if maps.iter().any(|map| map[places[0].index()] == NEVER) {
            return None;
        }
        let objects: Vec<usize> = (1..places.len() - 1).collect();
        Some(best(&maps, places, places[0], &objects))
    }

    #[test]
    fn tours_are_the_shortest_of_all_orders() {
        let mut rng = Rng::keyed([8, 2, 0, 0]);
        let mut found = 0;
        for _ in 0..400 {
            let mut free = Bits::rectangle(0, 6, 0, 7);
            for place in free.places() {
                if rng.chance(0.25) {
                    free.remove(place);
                }
            }
            let mut cells: Vec<Place> = Bits::rectangle(0, 6, 0, 7).places().collect();
            let count = rng.between(2, 7);
            rng.choose(&mut cells, count);
            let places = &cells[..count];
            for &place in places {
                free.insert(place);
            }
            let expected = by_orders(free, places);
            assert_eq!(shortest(free, places), expected);
            let guide = Guide::new(free, &places[1..]);
            let object = |at: Place| places[1..count - 1].iter().position(|&place| place == at).map(|i| i as u8);
            let tour = guide.tour(places[0], object, |_| 0);
            let Some(expected) = expected else {
                assert!(tour.is_empty());
                continue;
            };
            found += 1;
            assert_eq!(tour.len(), usize::from(expected));
            let mut at = places[0];
            for &(heading, next) in &tour {
                assert_eq!(neighbour(at, heading), Some(next));
                assert!(free.has(next));
                at = next;
            }
            assert_eq!(at, places[count - 1]);
            assert!(places.iter().all(|place| *place == places[0] || tour.iter().any(|(_, cell)| cell == place)));
        }
        assert!(found > 100);
    }
}
