//! Grids whose answer follows from the obstacles alone: whatever start, destination and objects are, several walks are
//! equally likely to be the only one.
//!
//! A walk is valid if all its cells are free, so what counts is the set of cells. Those sets that hold start, objects and
//! destination in one piece, and no longer do once any other cell is taken away, are the *ways* of a problem: every valid
//! walk covers one. A layout is *decided* if it leaves one way free. Here the way is drawn first, uniformly, then the
//! obstacles among the layouts that leave just this one, so no answer is right more often than one in the number of ways.

use std::collections::BTreeMap;

use super::{
    bits::{Bits, Place},
    blind,
    guide::shortest,
};
use crate::{rng::Rng, task::Bounds};

/// The most cells of such a grid; each of its layouts is looked at when the level is read. On larger ones a table of answers
/// is seldom right anyway.
pub const MOST_CELLS: usize = 9;

/// What a level asks of such grids.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// Whether it says how many obstacles there are.
    pub counted: bool,
    /// Rows of the grid.
    pub rows: Bounds,
    /// Columns of the grid.
    pub columns: Bounds,
    /// Objects to collect.
    pub objects: Bounds,
    /// Number of obstacles.
    pub obstacles: Bounds,
    /// Moves of the shortest tour.
    pub length: Bounds,
    /// The greatest share of obstacle-blind shortest walks that may be valid.
    pub blind_max: f64,
    /// How many ways there are at least.
    pub answers: usize,
    /// The least share of them that are longer than on the empty grid.
    pub detours: f64,
}

/// Rows, columns and objects.
type Shape = (usize, usize, usize);

/// Start, objects and destination, and all that may be around them.
#[derive(Debug, Clone)]
pub struct Ends {
    /// Start, objects, destination.
    pub places: Vec<Place>,
    /// By way, then by number of obstacles: the free cells.
    ways: Vec<Vec<Vec<Bits>>>,
}

/// All that a level can draw, by shape.
#[derive(Debug, Clone, Default)]
pub struct Balance(BTreeMap<Shape, Vec<Ends>>);

impl Ends {
    /// The free cells of a layout.
    pub fn draw(&self, rng: &mut Rng) -> Bits {
        let counts = rng.pick(&self.ways);
        let layouts = rng.pick(counts.as_slice());
        *rng.pick(layouts.as_slice())
    }
}

impl Balance {
    /// Ends, each choice as likely, if grids of that shape are balanced.
    pub fn draw(&self, shape: Shape, rng: &mut Rng) -> Option<&Ends> {
        self.0.get(&shape).map(|ends| rng.pick(ends.as_slice()))
    }

    /// Looks all layouts of a level over.
    ///
    /// # Errors
    /// What the level says that no layout has.
    pub fn new(level: &Wanted) -> Result<Self, String> {
        let mut all = BTreeMap::new();
        if !level.counted {
            return Ok(Self(all));
        }
        for rows in level.rows.low..=level.rows.high {
            for columns in (level.columns.low..=level.columns.high).filter(|columns| rows * columns <= MOST_CELLS) {
                for objects in level.objects.low..=level.objects.high {
                    let mut found = ends(level, (rows, columns, objects));
                    let most = found.iter().map(|ends| ends.ways.len()).max().unwrap_or_default();
                    if most == 0 {
                        return Err(format!(
                            "no grid of {rows} x {columns} cells with objects={objects} has a walk that is the only one at \
                             answers={}, obstacles={}-{}, length={}-{}, blind_max={} and detours={}; widen one of them or \
                             give answers=0 and detours=0",
                            level.answers,
                            level.obstacles.low,
                            level.obstacles.high,
                            level.length.low,
                            level.length.high,
                            level.blind_max,
                            level.detours,
                        ));
                    }
                    // Or as many as there can be.
                    found.retain(|ends| ends.ways.len() >= level.answers.min(most));
                    all.insert((rows, columns, objects), found);
                }
            }
        }
        Ok(Self(all))
    }
}

/// All choices of start, objects and destination.
fn ends(level: &Wanted, (rows, columns, objects): Shape) -> Vec<Ends> {
    let whole = Bits::rectangle(0, rows - 1, 0, columns - 1);
    let cells: Vec<Place> = whole.places().collect();
    let mut found = Vec::new();
    for &start in &cells {
        for &end in cells.iter().filter(|&&end| end != start) {
            let others: Vec<Place> = cells.iter().copied().filter(|&cell| cell != start && cell != end).collect();
            for chosen in subsets(&others, objects, objects) {
                let mut places = vec![start];
                places.extend(chosen);
                places.push(end);
                found.extend(choice(level, whole, places));
            }
        }
    }
    found
}

/// The ways between some places, if there are any and enough of them are detours.
fn choice(level: &Wanted, whole: Bits, places: Vec<Place>) -> Option<Ends> {
    let room: Vec<Place> = whole.places().filter(|place| !places.contains(place)).collect();
    let straight = shortest(whole, &places)?;
    let mut ways: BTreeMap<Vec<u8>, Vec<Vec<Bits>>> = BTreeMap::new();
    let (mut all, mut longer) = (Vec::new(), 0);
    for barred in subsets(&room, level.obstacles.low, level.obstacles.high) {
        let count = barred.len();
        let free = barred.into_iter().fold(whole, |free, place| free.without(Bits::of(place)));
        let Some(way) = only_way(free, &places) else { continue };
        let Some(moves) = shortest(way, &places) else { continue };
        if !level.length.contains(usize::from(moves)) || blind::share(free, &places) > level.blind_max {
            continue;
        }
        let key: Vec<u8> = way.places().map(|place| place.0).collect();
        if !ways.contains_key(&key) {
            all.push(key.clone());
            longer += usize::from(moves > straight);
        }
        let counts = ways.entry(key).or_insert_with(|| vec![Vec::new(); room.len() + 1]);
        counts[count].push(free);
    }
    let enough = !all.is_empty() && longer as f64 >= level.detours * all.len() as f64;
    let ways = ways.into_values().map(|counts| counts.into_iter().filter(|layouts| !layouts.is_empty()).collect());
    enough.then(|| Ends { places, ways: ways.collect() })
}

/// The way that every valid walk covers, if there is one: the cells without which the places fall apart are then in one
/// piece.
fn only_way(free: Bits, places: &[Place]) -> Option<Bits> {
    let joined = |free: Bits| {
        let reached = free.flood(places[0]);
        places.iter().all(|&place| reached.has(place))
    };
    if !joined(free) {
        return None;
    }
    let needed = |&place: &Place| places.contains(&place) || !joined(free.without(Bits::of(place)));
    let way = free.places().filter(needed).fold(Bits::default(), |way, place| way.or(Bits::of(place)));
    joined(way).then_some(way)
}

/// All subsets of `least` to `most` of some places.
fn subsets(of: &[Place], least: usize, most: usize) -> Vec<Vec<Place>> {
    (0..1_u32 << of.len())
        .filter(|set| (least..=most).contains(&(set.count_ones() as usize)))
        .map(|set| of.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|(_, &place)| place).collect())
        .collect()
}
