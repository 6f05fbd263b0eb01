//! The numbers that a level sets.

use std::sync::OnceLock;

use serde::Deserialize;

use super::{
    balance::{Balance, Wanted},
    problem::{Ties, Trace},
};
use crate::task::{Bounds, Style};

/// Difficulty of a grid.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GridNavigation {
    /// Rows of the grid.
    pub(super) rows: Bounds,
    /// Columns of the grid.
    pub(super) columns: Bounds,
    /// How obstacles are placed.
    pub(super) scatter: Scatter,
    /// Share of cells that are obstacles, with `scatter = "density"`.
    pub(super) density: f64,
    /// Number of obstacles, with `scatter = "count"`.
    pub(super) obstacles: Bounds,
    /// Kinds of obstacles to choose from.
    pub(super) kinds: Bounds,
    /// Objects to collect.
    pub(super) objects: Bounds,
    /// Moves of the shortest tour.
    pub(super) length: Bounds,
    /// Moves and retraces of the depth-first trace.
    pub(super) trace_length: Bounds,
    /// The greatest share of obstacle-blind shortest walks that may be valid.
    pub(super) blind_max: f64,
    /// How many walks at least, if there can be so many, can be the only one between the same start, objects and
    /// destination; 0 where that is left to chance.
    pub(super) answers: usize,
    /// The least share of those walks that are longer than on the empty grid.
    pub(super) detours: f64,
    /// How often there is no way.
    pub(super) p_unsolvable: f64,
    pub(super) style: Style,
    pub(super) trace: Trace,
    /// Whether the rationale begins by naming every obstacle.
    pub(super) survey: bool,
    pub(super) ties: Ties,
    /// What `answers` comes to; filled by [`Level::check`].
    #[serde(skip)]
    pub(super) balance: OnceLock<Balance>,
}

/// How obstacles are placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scatter {
    /// By a share of the cells.
    Density,
    /// By a number.
    Count,
}

impl GridNavigation {
    /// What it asks of grids whose answer follows from the obstacles alone.
    pub(super) fn wanted(&self) -> Wanted {
        Wanted {
            counted: self.scatter == Scatter::Count,
            rows: self.rows,
            columns: self.columns,
            objects: self.objects,
            obstacles: self.obstacles,
            length: self.length,
            blind_max: self.blind_max,
            answers: self.answers,
            detours: self.detours,
        }
    }
}
