//! Read the digits along a run of cells that follows the rows of a table.
//!
//! Decisions that refine `tasks.md`:
//! * A run's length is drawn first, uniformly in `cells`, and its first cell among those from which
//!   the whole run fits: no length is ever cut.
//! * No column repeats in a run no longer than the table is wide, so `column_only` always succeeds
//!   at the paper's `simple`; the rungs use narrower tables and longer runs.

use serde::Deserialize;

use crate::{
    rng::Rng,
    scene::Scene,
    task::{BoardKind, Bounds, Level, check_probability},
    tasks::readout::{
        self, Family, Readout, Route, Wording,
        table::{self, COLUMNS, ROWS},
    },
};

/// Difficulty of a consecutive readout.
#[derive(Debug, Clone, Deserialize)]
pub struct ConsecutiveTableReadout {
    rows: Bounds,
    columns: Bounds,
    cells: Bounds,
    reversed: f64,
    #[serde(flatten)]
    wording: Wording,
}

impl Level for ConsecutiveTableReadout {
    const TASK: &'static str = "consecutive_table_readout";
    const LEVELS: &'static str = include_str!("../../../../envs/consecutive_table_readout.toml");
    const WORDING: &'static [&'static str] = readout::WORDING;
    const ABOUT: &'static str = "Read a run of highlighted cells that wraps at the edge.";
    const LENGTH: &'static str = readout::LENGTH;
    const COMPONENTS: &'static [&'static str] = readout::COMPONENTS;
    const PARTIAL: &'static str = readout::PARTIAL;
    const PICTURE: [usize; 2] = readout::PICTURE;
    const BOARD: Option<BoardKind> = Some(BoardKind::Reading);
    type Instance = Readout;

    fn check(&self) -> Result<(), String> {
        self.rows.check("rows", 1, ROWS)?;
        self.columns.check("columns", 1, COLUMNS)?;
        self.cells.check("cells", 1, self.rows.low * self.columns.low)?;
        check_probability("reversed", self.reversed)
    }

    fn largest(&self) -> (usize, usize) {
        (self.rows.high, self.columns.high)
    }

    fn extreme(&self) -> Scene {
        self.wording.extreme(self.rows.high, self.columns.high)
    }

    fn generate(&self, rng: &mut Rng) -> Readout {
        let (rows, columns) = (self.rows.draw(rng), self.columns.draw(rng));
        let length = self.cells.draw(rng);
        let first = rng.between(0, rows * columns - length);
        let mut cells: Vec<u8> = (first..first + length).map(|at| table::cell(at / columns, at % columns)).collect();
        let reversed = rng.chance(self.reversed);
        if reversed {
            cells.reverse();
        }
        Readout::draw(Route { family: Family::Consecutive, rows, columns, cells, reversed }, self.wording, rng)
    }
}

#[cfg(test)]
mod tests;
