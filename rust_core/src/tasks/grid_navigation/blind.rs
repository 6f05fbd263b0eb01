//! Walkers without the skill, and the numbers that make a problem hard.
//!
//! * `blind` walks as if there were no obstacle: a uniform choice among all pairs of an order of the
//!   objects that is shortest on the empty grid and a shortest walk in that order. Its chance, the
//!   *blind share*, is exact: lattice paths are counted per leg and multiplied along each order.
//! * `direct` walks as if there were neither obstacles nor objects: a uniform choice among the shortest
//!   walks from the start to the destination.
//! * `greedy` looks one cell ahead: it steps to the free cell not yet visited that is nearest to its goal
//!   (the nearest object left, then the destination) and fails where there is none.
//! * `wander` takes a uniform free neighbour again and again and stops as soon as it has succeeded; the
//!   chance that it does within twice the shortest length.
//! * `constant` always answers `right`, the best constant answer on small grids; `hopeless` always
//!   answers `No path exists`.

use super::{
    problem::{Problem, Ties},
    bits::{Bits, HEADINGS, Heading, Place},
    guide::{MOST_OBJECTS, togo},
};

const GOALS: usize = MOST_OBJECTS + 2;

/// Shortest walks from `a` to `b` on the empty grid that keep to the cells of `free`.
fn walks(free: Bits, a: Place, b: Place) -> f64 {
    let down = b.row() >= a.row();
    let right = b.column() >= a.column();
    let width = a.column().abs_diff(b.column()) + 1;
    let mut counts = [0.0_f64; 16];
    for r in 0..=a.row().abs_diff(b.row()) {
        let row = if down { a.row() + r } else { a.row() - r };
        let mut west = 0.0;
        for (c, count) in counts.iter_mut().enumerate().take(width) {
            let column = if right { a.column() + c } else { a.column() - c };
            let here = if r == 0 && c == 0 { 1.0 } else { west + *count };
            *count = if free.has(Place::new(row, column)) { here } else { 0.0 };
            west = *count;
        }
    }
    counts[width - 1]
}

/// Binomial coefficients, `CHOOSE[n][k]` with `k` the smaller side.
static CHOOSE: [[f64; 16]; 31] = {
    let mut table = [[0.0; 16]; 31];
    let mut n = 0;
    while n < 31 {
        table[n][0] = 1.0;
        let mut k = 1;
        while k < 16 && k <= n {
            table[n][k] = table[n - 1][k - 1] + table[n - 1][k];
            k += 1;
        }
        n += 1;
    }
    table
};

/// Shortest walks from `a` to `b` on the empty grid.
fn all_walks(a: Place, b: Place) -> f64 {
    let (down, right) = (a.row().abs_diff(b.row()), a.column().abs_diff(b.column()));
    CHOOSE[down + right][down]
}

/// The share of obstacle-blind shortest walks over all places, the first and the last at their places, that are
/// valid. Whole numbers below 2⁵³ are exact, so 0, 1 and simple fractions are what they are.
pub fn share(free: Bits, places: &[Place]) -> f64 {
    let last = places.len() - 1;
    if last == 1 {
        return walks(free, places[0], places[1]) / all_walks(places[0], places[1]);
    }
    let objects = last - 1;
    let between = |a: usize, b: usize| places[a].manhattan(places[b]) as u16;
    let togo = togo(objects, |at| between(at + 1, last), |a, b| between(a + 1, b + 1));
    let everything = (1 << objects) - 1;
    let best = (0..objects).map(|at| between(0, at + 1) + togo[everything ^ 1 << at][at]).min();
    // Legs are counted when a shortest order uses them; most are not used by any.
    let mut legs = [[None; GOALS]; GOALS];
    let mut leg = |a: usize, b: usize| -> (f64, f64) {
        let (a, b) = (a.min(b), a.max(b));
        *legs[a][b].get_or_insert_with(|| (walks(free, places[a], places[b]), all_walks(places[a], places[b])))
    };
    // Per set of objects left and the one stood on: valid and all walks so far, of shortest orders only.
    let mut counts = [[(0.0, 0.0); MOST_OBJECTS]; 1 << MOST_OBJECTS];
    for at in 0..objects {
        if Some(between(0, at + 1) + togo[everything ^ 1 << at][at]) == best {
            counts[everything ^ 1 << at][at] = leg(0, at + 1);
        }
    }
    for left in (1..everything).rev() {
        for at in (0..objects).filter(|at| left >> at & 1 == 0) {
            let (good, all) = counts[left][at];
            if all == 0.0 {
                continue;
            }
            for next in (0..objects).filter(|next| left >> next & 1 == 1) {
                let rest = left ^ 1 << next;
                if between(at + 1, next + 1) + togo[rest][next] == togo[left][at] {
                    let (more_good, more) = leg(at + 1, next + 1);
                    counts[rest][next].0 += good * more_good;
                    counts[rest][next].1 += all * more;
                }
            }
        }
    }
    let (mut valid, mut total) = (0.0, 0.0);
    for (at, &(good, all)) in counts[0].iter().enumerate().take(objects) {
        if all > 0.0 {
            let (more_good, more) = leg(at + 1, last);
            valid += good * more_good;
            total += all * more;
        }
    }
    valid / total
}

fn goals(problem: &Problem) -> Vec<Place> {
    let mut places = vec![problem.start];
    places.extend(&problem.objects);
    places.push(problem.destination);
    places
}

/// The chance of walking over all objects by a shortest walk from start to destination.
fn direct(problem: &Problem) -> f64 {
    let mut places = goals(problem);
    places.sort_by_key(|place| (place.manhattan(problem.start), *place == problem.destination));
    let length = problem.start.manhattan(problem.destination);
    let legs: usize = places.windows(2).map(|pair| pair[0].manhattan(pair[1])).sum();
    if legs != length {
        return 0.0;
    }
    let good: f64 = places.windows(2).map(|pair| walks(problem.free, pair[0], pair[1])).product();
    good / all_walks(problem.start, problem.destination)
}

fn greedy(problem: &Problem) -> bool {
    let mut place = problem.start;
    let mut left = problem.objects.clone();
    let mut visited = Bits::of(place);
    loop {
        let goal = left.iter().copied().min_by_key(|object| object.manhattan(place)).unwrap_or(problem.destination);
        let open = HEADINGS.into_iter().filter_map(|heading| problem.step(place, heading));
        let Some(next) =
            open.filter(|&next| problem.free.has(next) && !visited.has(next)).min_by_key(|next| next.manhattan(goal))
        else {
            return false;
        };
        place = next;
        visited.insert(place);
        if left.contains(&place) {
            left.retain(|&object| object != place);
            visited = Bits::of(place);
        }
        if left.is_empty() && place == problem.destination {
            return true;
        }
    }
}

fn wander(problem: &Problem, moves: usize) -> f64 {
    let sets = usize::from(problem.everything()) + 1;
    let region = problem.free.flood(problem.start);
    let mut chance = vec![0.0_f64; sets * 256];
    let mut next = chance.clone();
    chance[problem.everything() as usize * 256 + problem.start.index()] = 1.0;
    let ways: Vec<(Place, Vec<Place>)> = region
        .places()
        .map(|place| {
            let open = HEADINGS.into_iter().filter_map(|heading| problem.step(place, heading));
            (place, open.filter(|&to| problem.free.has(to)).collect())
        })
        .collect();
    let mut done = 0.0;
    for _ in 0..moves {
        next.fill(0.0);
        for left in 0..sets {
            for (place, open) in &ways {
                let here = chance[left * 256 + place.index()];
                if here == 0.0 {
                    continue;
                }
                let each = here / open.len() as f64;
                for &to in open {
                    let still = problem.object(to).map_or(left, |at| left & !(1 << at));
                    if still == 0 && to == problem.destination {
                        done += each;
                    } else {
                        next[still * 256 + to.index()] += each;
                    }
                }
            }
        }
        std::mem::swap(&mut chance, &mut next);
    }
    done
}

/// Policies that succeed without the skill, and their chances.
pub fn shortcuts(problem: &Problem) -> Vec<(&'static str, f64)> {
    let truth = |claim: bool| f64::from(u8::from(claim));
    let Some(shortest) = problem.shortest else {
        let mut all = vec![("blind", 0.0), ("direct", 0.0), ("greedy", 0.0), ("wander", 0.0), ("constant", 0.0)];
        all.push(("hopeless", 1.0));
        return all;
    };
    let right = problem.objects.is_empty() && problem.step(problem.start, Heading::Right) == Some(problem.destination);
    vec![
        ("blind", share(problem.free, &goals(problem))),
        ("direct", direct(problem)),
        ("greedy", truth(greedy(problem))),
        ("wander", wander(problem, 2 * usize::from(shortest))),
        ("constant", truth(right)),
        ("hopeless", 0.0),
    ]
}

/// Whether an answer learned on another problem is right on this one: 1 or 0.
pub fn follows(problem: &Problem, answer: &str) -> f64 {
    if problem.shortest.is_none() || answer.starts_with('N') {
        return f64::from(u8::from(problem.shortest.is_none() && answer.starts_with('N')));
    }
    let (mut place, mut left) = (problem.start, problem.everything());
    for name in answer.split(", ") {
        let heading = HEADINGS.into_iter().find(|heading| heading.name() == name);
        let Some(next) = heading.and_then(|heading| problem.step(place, heading)).filter(|&to| problem.is_free(to))
        else {
            return 0.0;
        };
        place = next;
        left &= problem.object(place).map_or(u8::MAX, |at| !(1 << at));
    }
    f64::from(u8::from(left == 0 && place == problem.destination))
}

/// What makes a problem hard.
pub fn features(problem: &Problem) -> Vec<(&'static str, f64)> {
    // The first tour, whichever is shown: which one that is is wording.
    let tour = problem.tour_with(Ties::First);
    let turns = tour.windows(2).filter(|pair| pair[0].0 != pair[1].0).count();
    let obstacles = problem.obstacles();
    let kinds = obstacles.places().fold(0_u64, |kinds, place| kinds | 1 << problem.code(place));
    let length = tour.len() as f64;
    let straight = empty_tour(&goals(problem));
    vec![
        ("rows", problem.rows as f64),
        ("columns", problem.columns as f64),
        ("objects", problem.objects.len() as f64),
        ("obstacles", obstacles.len() as f64),
        ("kinds", f64::from(kinds.count_ones())),
        ("length", length),
        ("turns", turns as f64),
        ("detour", if tour.is_empty() { 0.0 } else { length - f64::from(straight) }),
        ("blind_share", share(problem.free, &goals(problem))),
        ("solvable", f64::from(u8::from(problem.shortest.is_some()))),
    ]
}

/// The shortest tour on the empty grid.
fn empty_tour(places: &[Place]) -> u16 {
    super::guide::shortest(Bits([u64::MAX; 4]), places).expect("an empty grid is connected")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_walks_are_those_of_the_empty_grid() {
        let everywhere = Bits([u64::MAX; 4]);
        let places = || Bits::rectangle(0, 15, 0, 15).places().step_by(7);
        for a in places() {
            for b in places() {
                assert_eq!(all_walks(a, b).to_bits(), walks(everywhere, a, b).to_bits());
            }
        }
    }

    #[test]
    fn blind_shares_are_counted_exactly() {
        let whole = Bits::rectangle(0, 2, 0, 2);
        let (a, b) = (Place::new(0, 0), Place::new(2, 2));
        assert_eq!(share(whole, &[a, b]).to_bits(), 1.0_f64.to_bits());
        let mut free = whole;
        free.remove(Place::new(1, 1)); // 4 of the 6 walks pass the middle
        assert!((share(free, &[a, b]) - 2.0 / 6.0).abs() < 1e-12);
        // Over an object on the rim: one walk to it, one on from it.
        assert!((share(free, &[a, Place::new(0, 2), b]) - 1.0).abs() < 1e-12);
        // Over an object next to the middle: straight on or round it.
        assert!((share(free, &[a, Place::new(0, 1), b]) - 1.0 / 3.0).abs() < 1e-12);
        // Two objects, either order is as short: only walks along the rim remain.
        let both = [Place::new(0, 1), Place::new(1, 0)];
        assert!((share(free, &[a, both[0], both[1], b]) - share(free, &[a, both[1], both[0], b])).abs() < 1e-12);
    }

    /// All shortest tours of the empty grid as pairs of an order and a walk, and how many of them are valid.
    fn by_walking(free: Bits, places: &[Place]) -> f64 {
        fn legs(free: Bits, at: Place, goal: Place) -> (f64, f64) {
            if at == goal {
                let valid = f64::from(u8::from(free.has(at)));
                return (valid, 1.0);
            }
            let mut sum = (0.0, 0.0);
            for heading in HEADINGS {
                let Some(next) = super::super::guide::neighbour(at, heading) else { continue };
                if next.manhattan(goal) < at.manhattan(goal) {
                    let (good, all) = legs(free, next, goal);
                    sum.0 += if free.has(at) { good } else { 0.0 };
                    sum.1 += all;
                }
            }
            sum
        }
        fn orders(free: Bits, at: Place, left: &[Place], end: Place) -> Vec<(usize, f64, f64)> {
            if left.is_empty() {
                let (good, all) = legs(free, at, end);
                return vec![(at.manhattan(end), good, all)];
            }
            let mut out = Vec::new();
            for &next in left {
                let rest: Vec<Place> = left.iter().copied().filter(|&other| other != next).collect();
                let (good, all) = legs(free, at, next);
                for (length, more_good, more) in orders(free, next, &rest, end) {
                    out.push((length + at.manhattan(next), good * more_good, all * more));
                }
            }
            out
        }
        let last = places.len() - 1;
        let all = orders(free, places[0], &places[1..last], places[last]);
        let least = all.iter().map(|order| order.0).min().expect("there is an order");
        let shortest = all.iter().filter(|order| order.0 == least);
        let (good, total) = shortest.fold((0.0, 0.0), |sum, order| (sum.0 + order.1, sum.1 + order.2));
        good / total
    }

    #[test]
    fn blind_shares_are_those_of_all_walks() {
        let mut rng = crate::rng::Rng::keyed([8, 3, 0, 0]);
        let mut between = 0;
        for _ in 0..300 {
            let whole = Bits::rectangle(0, 3, 0, 4);
            let mut cells: Vec<Place> = whole.places().collect();
            let count = rng.between(2, 6);
            rng.choose(&mut cells, count);
            let mut free = whole;
            for &place in &cells[count..] {
                if rng.chance(0.2) {
                    free.remove(place);
                }
            }
            let (ours, theirs) = (share(free, &cells[..count]), by_walking(free, &cells[..count]));
            assert!((ours - theirs).abs() < 1e-12, "{ours} {theirs}");
            between += usize::from(ours > 0.0 && ours < 1.0);
        }
        assert!(between > 50, "{between}");
    }
}
