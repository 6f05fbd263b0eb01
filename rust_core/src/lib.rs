//! The core of avrgym: from an address to a problem, its words, its picture, and a verdict.
//!
//! ```text
//! envs/<task>.toml ─ level ┐
//!      key=value overrides ┼─► Address ─► Rng ─► Level::generate ─► Instance
//!    split : seed : index ─┘                                          │
//!          ┌──────────────┬──────────────┬────────────────┬───────────┴───┐
//!      question         twin      rationale, answer     scene          verify ◄─ reply
//!          └──────────────┴── words ─────┘                └─► render      └─► Verdict
//! ```
//!
//! Files depend only on what stands before them in this order, which a test holds them to:
//!
//! ```text
//! error · verdict · scene · rng · fingerprint · scan → rationale · reply → task → render → legible → tasks/* → address · board → held_out · lookup → batch → boards · pictures · pixels → py
//! ```

pub mod address;
pub mod batch;
pub mod board;
pub mod boards;
pub mod error;
pub mod fingerprint;
pub mod held_out;
pub mod legible;
pub mod lookup;
pub mod pictures;
pub mod pixels;
#[cfg(feature = "python")]
mod py;
pub mod rationale;
pub mod render;
pub mod reply;
pub mod rng;
pub mod scan;
pub mod scene;
pub mod task;
pub mod tasks;
pub mod verdict;

pub use error::{Error, Result};
