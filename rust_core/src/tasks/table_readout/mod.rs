//! Read the digits along a winding path through a table.
//!
//! Decisions that refine `tasks.md`:
//! * No two cells of a path touch unless they follow each other. That is more than exactly one path
//!   from start to end through all highlighted cells: there is no fork to be seen anywhere.
//! * A random path's length is drawn first, uniformly in `random_cells`; the other families give
//!   whatever their runs give, and `cells` bounds all of them. `simple` ends at 30 cells and `hard`
//!   begins at 31, so that they share nothing.
//! * Pieces are straight segments, the steps sideways counted; trimming leaves each piece a cell.
//! * `hard` is all three families in every split; `hard_test` is compositional paths alone.

mod families;
mod walk;

use serde::Deserialize;

use crate::{
    rng::Rng,
    scene::Scene,
    task::{BoardKind, Bounds, Level, check_probability},
    tasks::readout::{
        self, Family, Readout, Route, Wording,
        table::{COLUMNS, ROWS},
    },
};

/// Difficulty of a table readout.
#[derive(Debug, Clone, Deserialize)]
pub struct TableReadout {
    rows: Bounds,
    columns: Bounds,
    families: Vec<Family>,
    cells: Bounds,
    random_cells: Bounds,
    random: Bounds,
    sine: Bounds,
    spiral: Bounds,
    compositional: Bounds,
    gap: usize,
    inset: Bounds,
    trim: Bounds,
    reversed: f64,
    #[serde(flatten)]
    wording: Wording,
}

/// Attempts that `check` makes per family, and how many of them must be good.
const TRIALS: usize = 1500;
const GOOD: usize = 30;

/// More attempts than any level that passed `check` needs; the chance to need them is below 10⁻³⁰.
const ATTEMPTS: usize = 10_000;

impl Level for TableReadout {
    const TASK: &'static str = "table_readout";
    const LEVELS: &'static str = include_str!("../../../../envs/table_readout.toml");
    const WORDING: &'static [&'static str] = readout::WORDING;
    const ABOUT: &'static str = "Follow a winding path of highlighted cells and read it.";
    const LENGTH: &'static str = readout::LENGTH;
    const COMPONENTS: &'static [&'static str] = readout::COMPONENTS;
    const PARTIAL: &'static str = readout::PARTIAL;
    const PICTURE: [usize; 2] = readout::PICTURE;
    const BOARD: Option<BoardKind> = Some(BoardKind::Reading);
    type Instance = Readout;

    fn check(&self) -> Result<(), String> {
        self.rows.check("rows", 1, ROWS)?;
        self.columns.check("columns", 1, COLUMNS)?;
        self.cells.check("cells", 1, ROWS * COLUMNS)?;
        self.random_cells.check("random_cells", 1, ROWS * COLUMNS)?;
        for (key, pieces) in [
            ("random", self.random),
            ("sine", self.sine),
            ("spiral", self.spiral),
            ("compositional", self.compositional),
        ] {
            pieces.check(key, 1, 32)?;
        }
        if !(1..=4).contains(&self.gap) {
            return Err(format!("gap={} is out of range; give 1 to 4", self.gap));
        }
        self.inset.check("inset", 0, 3)?;
        self.trim.check("trim", 0, 8)?;
        check_probability("reversed", self.reversed)?;
        if self.families.is_empty() {
            return Err("families= is empty; give some of random, sine, spiral, compositional joined by +".to_owned());
        }
        let (cells, random) = (self.cells, self.random_cells);
        if random.low > cells.high || (self.families.contains(&Family::Random) && random.high < cells.low) {
            return Err(format!(
                "random_cells={}-{} and cells={}-{} have no length in common; let them overlap",
                random.low, random.high, cells.low, cells.high
            ));
        }
        self.families.iter().try_for_each(|&family| self.check_family(family))
    }

    fn largest(&self) -> (usize, usize) {
        (self.rows.high, self.columns.high)
    }

    fn extreme(&self) -> Scene {
        self.wording.extreme(self.rows.high, self.columns.high)
    }

    fn generate(&self, rng: &mut Rng) -> Readout {
        let family = *rng.pick(&self.families);
        let length = self.random_length().draw(rng);
        let mut found = None;
        for _ in 0..ATTEMPTS {
            found = self.route(family, length, rng);
            if found.is_some() {
                break;
            }
        }
        let mut route = found.unwrap_or_else(|| self.row(family));
        route.reversed = rng.chance(self.reversed);
        if route.reversed {
            route.cells.reverse();
        }
        Readout::draw(route, self.wording, rng)
    }
}

impl TableReadout {
    /// What random paths may measure.
    fn random_length(&self) -> Bounds {
        Bounds {
            low: self.random_cells.low.max(self.cells.low),
            high: self.random_cells.high.min(self.cells.high).max(self.cells.low),
        }
    }

    /// One attempt at a path that the level wants.
    fn route(&self, family: Family, length: usize, rng: &mut Rng) -> Option<Route> {
        let attempt = self.attempt(family, length, rng)?;
        if !self.cells.contains(attempt.kept.len()) {
            return None;
        }
        let (rows, columns) = (attempt.walk.rows, attempt.walk.columns);
        let cells = attempt.walk.cells()[attempt.kept].to_vec();
        walk::is_only_path(&cells).then_some(Route { family, rows, columns, cells, reversed: false })
    }

    /// The path of last resort: one cell.
    fn row(&self, family: Family) -> Route {
        Route { family, rows: self.rows.low, columns: self.columns.low, cells: vec![0], reversed: false }
    }

    /// Complains where hardly any attempt at a family's path succeeds.
    fn check_family(&self, family: Family) -> Result<(), String> {
        let Self { rows, columns, cells, .. } = self;
        let Bounds { low, high } = self.random_length();
        let lengths = if family == Family::Random { vec![low, high] } else { vec![low] };
        for length in lengths {
            let mut rng = Rng::keyed([length as u64, family as u64, 0, 0]);
            let good = (0..TRIALS).filter(|_| self.route(family, length, &mut rng).is_some()).take(GOOD).count();
            if good < GOOD {
                let pieces = self.pieces(family);
                let name = format!("{family:?}").to_lowercase();
                let wanted = if family == Family::Random {
                    format!("{length} cells")
                } else {
                    format!("cells={}-{}", cells.low, cells.high)
                };
                return Err(format!(
                    "{name}={}-{} pieces with {wanted} and gap={} succeed in {good} of {TRIALS} attempts in tables of \
                     rows={}-{} and columns={}-{}, fewer than {GOOD}; allow a wider range of cells, fewer pieces or \
                     larger tables",
                    pieces.low, pieces.high, self.gap, rows.low, rows.high, columns.low, columns.high
                ));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
