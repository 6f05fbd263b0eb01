//! Drawing problems: numbers first, then cells, until the level's filters pass.

use std::sync::OnceLock;

use super::{
    bits::{Bits, Place, SIDE},
    blind, dfs,
    guide::{MOST_OBJECTS, shortest},
    level::{GridNavigation, Scatter},
    problem::{BLANK, DESTINATION, OUTSIDE, Problem, START, SYMBOL, Wording},
};
use crate::{
    rng::Rng,
    scene::{OBJECTS, SYMBOLS},
};

/// How often cells are drawn before the numbers are drawn again.
pub const PATIENCE: usize = 4096;

/// How often numbers are drawn before a problem is made that passes no filter. The pilot sees to it
/// that this never happens: at its least acceptance the chance is below e⁻¹⁰⁰.
const DESPAIR: usize = 64;

/// How many problems the pilot draws before it refuses a level that gave fewer than [`ENOUGH`].
const PILOT: usize = 20_000;

/// How many problems must pass the filters.
const ENOUGH: usize = 8;

/// The longest trace that `trace_length` names; no trace comes near it.
pub const LONGEST_TRACE: usize = 9999;

/// The numbers of a problem.
#[derive(Debug, Clone, Copy)]
struct Numbers {
    rows: usize,
    columns: usize,
    objects: usize,
    obstacles: usize,
}

/// Cells drawn for a problem.
struct Layout {
    free: Bits,
    /// Start, objects, destination.
    places: [Place; MOST_OBJECTS + 2],
    shortest: Option<u16>,
}

impl GridNavigation {
    fn numbers(&self, rng: &mut Rng) -> Numbers {
        let rows = self.rows.draw(rng);
        let columns = self.columns.draw(rng);
        let objects = self.objects.draw(rng);
        let obstacles = match self.scatter {
            Scatter::Density => 0,
            Scatter::Count => self.obstacles.draw(rng),
        };
        Numbers { rows, columns, objects, obstacles }
    }

    /// Draws a problem; always ends.
    pub(super) fn draw(&self, rng: &mut Rng) -> Problem {
        let solvable = self.p_unsolvable == 0.0 || !rng.chance(self.p_unsolvable);
        for _ in 0..DESPAIR {
            let numbers = self.numbers(rng);
            for _ in 0..PATIENCE {
                if let Some(problem) = self.attempt(numbers, solvable, rng) {
                    return problem;
                }
            }
        }
        // Unfiltered, but a problem.
        let numbers = Numbers { obstacles: 0, ..self.numbers(rng) };
        let open = Self { scatter: Scatter::Count, ..self.clone() };
        let layout = open.layout(numbers, false, rng).and_then(|layout| layout.measured(numbers));
        let layout = layout.expect("an empty grid is connected");
        self.furnish(numbers, &layout, rng)
    }

    /// Complains if filters pass so rarely that drawing would not end in reasonable time.
    pub(super) fn pilot(&self) -> Result<(), String> {
        let mut rng = Rng::keyed([0x70_696c_6f74, 0, 0, 0]);
        for solvable in [true, false] {
            let wanted = if solvable { self.p_unsolvable < 1.0 } else { self.p_unsolvable > 0.0 };
            if !wanted {
                continue;
            }
            let drawn = (0..PILOT).filter(|_| {
                let numbers = self.numbers(&mut rng);
                self.attempt(numbers, solvable, &mut rng).is_some()
            });
            if drawn.take(ENOUGH).count() < ENOUGH {
                return Err(if solvable {
                    format!(
                        "fewer than {ENOUGH} of {PILOT} drawn grids have length={}-{}, trace_length={}-{} and blind_max={} at \
                         rows={}-{}, columns={}-{}, objects={}-{}; widen length, raise blind_max or change the grid",
                        self.length.low,
                        self.length.high,
                        self.trace_length.low,
                        self.trace_length.high,
                        self.blind_max,
                        self.rows.low,
                        self.rows.high,
                        self.columns.low,
                        self.columns.high,
                        self.objects.low,
                        self.objects.high,
                    )
                } else {
                    format!(
                        "p_unsolvable={} but fewer than {ENOUGH} of {PILOT} drawn grids are unsolvable; give p_unsolvable=0 or more \
                         obstacles",
                        self.p_unsolvable
                    )
                });
            }
        }
        Ok(())
    }

    fn attempt(&self, numbers: Numbers, solvable: bool, rng: &mut Rng) -> Option<Problem> {
        let shape = (numbers.rows, numbers.columns, numbers.objects);
        let balanced = self.balance.get().filter(|_| solvable).and_then(|balance| balance.draw(shape, rng));
        if let Some(ends) = balanced {
            let mut layout = Layout { free: ends.draw(rng), places: [Place::default(); MOST_OBJECTS + 2], shortest: None };
            layout.places[..ends.places.len()].copy_from_slice(&ends.places);
            let layout = layout.measured(numbers)?;
            return self.traced(self.furnish(numbers, &layout, rng));
        }
        let layout = self.layout(numbers, solvable, rng)?;
        if !solvable {
            let hopeless = shortest(layout.free, layout.goals(numbers)).is_none();
            return hopeless.then(|| self.furnish(numbers, &layout, rng));
        }
        let layout = layout.measured(numbers)?;
        if !self.length.contains(usize::from(layout.shortest?)) {
            return None;
        }
        if self.blind_max < 1.0 && blind::share(layout.free, layout.goals(numbers)) > self.blind_max {
            return None;
        }
        self.traced(self.furnish(numbers, &layout, rng))
    }

    /// The problem, if its trace passes the filter.
    fn traced(&self, problem: Problem) -> Option<Problem> {
        (!self.filters_traces() || self.trace_length.contains(dfs::length(&problem))).then_some(problem)
    }

    /// Whether the trace's length matters.
    fn filters_traces(&self) -> bool {
        self.trace_length.low > 1 || self.trace_length.high < LONGEST_TRACE
    }

    /// Whether no obstacles can make these cells pass the filters; looked at early, since most draws end here.
    fn is_hopeless(&self, places: &[Place]) -> bool {
        let [start, end] = places else { return false };
        let straight = start.manhattan(*end);
        // Next to each other, the only shortest walk meets no cell; and no walk is shorter than straight.
        (straight == 1 && (self.blind_max < 1.0 || self.length.low > 1)) || straight > self.length.high
    }

    /// Cells of the ends, the objects and the obstacles; `None` where the former already fail the filters.
    fn layout(&self, numbers: Numbers, solvable: bool, rng: &mut Rng) -> Option<Layout> {
        let Numbers { rows, columns, objects, obstacles } = numbers;
        let mut places = [Place::default(); MOST_OBJECTS + 2];
        let mut taken = Bits::default();
        let any = Cells::new(rows, columns);
        for place in &mut places[..objects + 2] {
            *place = any.other(&mut taken, rng);
        }
        if solvable && self.is_hopeless(&places[..objects + 2]) {
            return None;
        }
        let whole = Bits::rectangle(0, rows - 1, 0, columns - 1);
        let barred = match self.scatter {
            Scatter::Count => {
                let ends = taken;
                for _ in 0..obstacles {
                    any.other(&mut taken, rng);
                }
                taken.without(ends)
            }
            Scatter::Density => {
                let (start, end) = (places[0], places[objects + 1]);
                let ends = Bits::of(start).or(Bits::of(end));
                let inside = Bits::rectangle(
                    start.row().min(end.row()),
                    start.row().max(end.row()),
                    start.column().min(end.column()),
                    start.column().max(end.column()),
                );
                let chosen = coins(self.density, rows.div_ceil(4), rng);
                let room = inside.without(ends);
                let count = (room.len() as f64 * self.density) as usize;
                subset(room, count, chosen.and(room), rng).or(chosen.and(whole.without(inside))).without(taken)
            }
        };
        Some(Layout { free: whole.without(barred), places, shortest: None })
    }

    /// Symbols for the cells drawn.
    fn furnish(&self, numbers: Numbers, layout: &Layout, rng: &mut Rng) -> Problem {
        let Numbers { rows, columns, objects, .. } = numbers;
        let mut codes = [OUTSIDE; SIDE * SIDE];
        for line in codes.chunks_exact_mut(SIDE).take(rows) {
            line[..columns].fill(BLANK);
        }
        codes[layout.places[0].index()] = START;
        codes[layout.places[objects + 1].index()] = DESTINATION;
        let mut symbols: [u8; OBJECTS] = std::array::from_fn(|at| at as u8);
        rng.choose(&mut symbols, objects);
        let mut cells = layout.places[1..=objects].to_vec();
        cells.sort_unstable();
        for (place, symbol) in cells.iter().zip(symbols) {
            codes[place.index()] = SYMBOL + symbol;
        }
        let mut kinds: [u8; SYMBOLS.len() - OBJECTS] = std::array::from_fn(|at| (OBJECTS + at) as u8);
        let count = self.kinds.draw(rng);
        rng.choose(&mut kinds, count);
        for place in Bits::rectangle(0, rows - 1, 0, columns - 1).without(layout.free).places() {
            codes[place.index()] = SYMBOL + rng.pick(&kinds[..count]);
        }
        Problem {
            rows,
            columns,
            start: layout.places[0],
            destination: layout.places[objects + 1],
            objects: cells,
            free: layout.free,
            codes,
            shortest: layout.shortest,
            wording: Wording { style: self.style, trace: self.trace, survey: self.survey, ties: self.ties },
            luck: rng.word(),
            guide: OnceLock::new(),
            plan: OnceLock::new(),
        }
    }
}

impl Layout {
    fn goals(&self, numbers: Numbers) -> &[Place] {
        &self.places[..numbers.objects + 2]
    }

    fn measured(self, numbers: Numbers) -> Option<Self> {
        let moves = shortest(self.free, self.goals(numbers))?;
        Some(Self { shortest: Some(moves), ..self })
    }
}

/// The cells of a grid, to draw from.
struct Cells {
    count: usize,
    /// 2¹⁶ / columns, rounded up: a division by multiplication, exact for fewer than 2⁸ cells.
    inverse: u32,
    columns: u32,
}

impl Cells {
    fn new(rows: usize, columns: usize) -> Self {
        Self { count: rows * columns, inverse: 65_536_u32.div_ceil(columns as u32), columns: columns as u32 }
    }

    /// A uniform cell that is not taken; it is afterwards.
    fn other(&self, taken: &mut Bits, rng: &mut Rng) -> Place {
        loop {
            let cell = rng.below(self.count) as u32;
            let row = (cell * self.inverse) >> 16;
            let place = Place((row * SIDE as u32 + cell - row * self.columns) as u8);
            if !taken.has(place) {
                taken.insert(place);
                return place;
            }
        }
    }
}

/// Cells that each are in it with probability `p`, rounded to 1/256, in the first `words` words.
fn coins(p: f64, words: usize, rng: &mut Rng) -> Bits {
    let threshold = (p * 256.0 + 0.5) as u32;
    let mut out = Bits::default();
    // Compares 64 eight-bit numbers with the threshold at once, from the lowest bit up.
    for word in &mut out.0[..words] {
        for bit in threshold.trailing_zeros().min(8)..8 {
            let random = u64::from(rng.word()) << 32 | u64::from(rng.word());
            *word = if threshold >> bit & 1 == 1 { !random | *word } else { !random & *word };
        }
    }
    out
}

/// A uniform choice of `count` cells of `room`, made from `seed`, a choice of independent cells of it:
/// given its size that is uniform, and stays so when uniform cells are added or taken away.
fn subset(room: Bits, count: usize, seed: Bits, rng: &mut Rng) -> Bits {
    let mut chosen = seed;
    let mut size = chosen.len();
    while size < count {
        let rest = room.without(chosen);
        chosen.insert(rest.nth(rng.below(rest.len())));
        size += 1;
    }
    while size > count {
        chosen.remove(chosen.nth(rng.below(size)));
        size -= 1;
    }
    chosen
}
