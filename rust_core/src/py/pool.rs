//! The one way from Python into Rust: off the GIL, onto all cores, and safe after a fork.

use std::{
    process,
    sync::{Mutex, PoisonError},
};

use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::{Result, batch::FEW};

/// Runs `work` on a batch of `size` without the GIL.
pub fn enter<T: Send>(py: Python<'_>, size: usize, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    if size <= FEW {
        return Ok(py.detach(work)?);
    }
    // Fetched while attached: only an attached thread can fork, so no child inherits the lock held.
    let pool = pool();
    Ok(py.detach(|| pool.install(work))?)
}

/// This process's threads. A fork copies none, so a child that finds its parent's pool builds
/// its own; the parent's is leaked, because its threads are not there to be joined.
fn pool() -> &'static ThreadPool {
    static POOL: Mutex<Option<(u32, &'static ThreadPool)>> = Mutex::new(None);
    let mut slot = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    match *slot {
        Some((owner, pool)) if owner == process::id() => pool,
        _ => {
            let pool = ThreadPoolBuilder::new().build().expect("threads can be spawned");
            let pool: &'static ThreadPool = Box::leak(Box::new(pool));
            *slot = Some((process::id(), pool));
            pool
        }
    }
}
