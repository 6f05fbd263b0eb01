//! The one way from Python into Rust: off the GIL, onto all cores, safe after a fork, and no panic gets out.

use std::{
    process,
    sync::{Mutex, PoisonError},
};

use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

use super::errors::CoreError;
use crate::{Result, batch::FEW, error::caught};

/// Runs `work` on a batch of `size` without the GIL.
pub fn enter<T: Send>(py: Python<'_>, size: usize, work: impl FnOnce() -> Result<T> + Send) -> PyResult<T> {
    // Fetched while attached: only an attached thread can fork, so no child inherits the lock held.
    let pool = (size > FEW).then(pool);
    guarded(|| {
        let done = match pool {
            None => py.detach(work),
            Some(pool) => py.detach(|| pool.install(work)),
        };
        Ok(done?)
    })
}

/// Runs `work` where it stands; a panic of it, or of what it calls, is a [`CoreError`]. All that Python calls runs inside
/// this or [`enter`]: what PyO3 makes of a panic is no `Exception`, and no handler of the caller's would see it.
pub fn guarded<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    caught(work).unwrap_or_else(|message| Err(CoreError::new_err(message)))
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
