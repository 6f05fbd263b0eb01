//! What an action does on a board of any kind, and what that is worth.

pub use crate::tasks::grid_navigation::bits::Place;

/// Added to the code of the cell that the walker or the cursor is on.
pub const HERE: u8 = 128;

/// What a turn is worth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights {
    /// Times the gain in closeness.
    pub progress: f64,
    /// On success.
    pub success: f64,
    /// For an object collected or a cell read.
    pub collected: f64,
    /// For an action refused.
    pub refused: f64,
    /// For each step.
    pub step: f64,
}

/// Why an action is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is an obstacle.
    Hit,
    /// It leaves the board.
    Edge,
    /// The digit is wrong, or it is not this cell's turn.
    Misread,
}

/// What an action did.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Turn {
    /// Where the walker or the cursor was before.
    pub from: Place,
    /// Where it is.
    pub to: Place,
    /// The gain in closeness; less than 0 after a step back.
    pub gain: f64,
    /// Whether an object was collected or a cell read.
    pub collected: bool,
    /// Why the action was refused, if it was.
    pub refused: Option<Refusal>,
    /// Whether the walk has succeeded.
    pub success: bool,
}

impl Turn {
    /// What it is worth.
    #[inline]
    pub fn worth(&self, weights: &Weights) -> f64 {
        let when = |fact: bool, weight: f64| if fact { weight } else { 0.0 };
        weights.step
            + weights.progress * self.gain
            + when(self.success, weights.success)
            + when(self.collected, weights.collected)
            + when(self.refused.is_some(), weights.refused)
    }

    /// Whether the walk is over: it has succeeded, or it cannot any more.
    #[inline]
    pub fn is_last(&self) -> bool {
        self.success || self.refused == Some(Refusal::Misread)
    }

    /// The cells that look different after it.
    #[inline]
    pub fn changed(&self) -> impl Iterator<Item = Place> {
        let moved = self.from != self.to;
        let left = (moved || self.collected).then_some(self.from);
        left.into_iter().chain(moved.then_some(self.to))
    }
}
