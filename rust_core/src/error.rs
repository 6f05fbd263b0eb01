//! What a caller can get wrong, each with the offending value and the remedy. Bugs panic instead.

use std::panic::{self, AssertUnwindSafe};

/// A mistake in what was asked for; never an accident inside the core.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The text is no address.
    #[error("{address:?} is no address: {why}; expected task/level[?key=value&...]#split:seed:index")]
    Address {
        /// The text as given.
        address: String,
        /// What is wrong with it.
        why: String,
    },
    /// No task has this name.
    #[error("unknown task {task:?}; known tasks: {known}")]
    Task {
        /// The name as given.
        task: String,
        /// The names there are, comma-separated.
        known: String,
    },
    /// The task has no level of this name.
    #[error("task {task:?} has no level {level:?}; known levels: {known}")]
    Level {
        /// The task.
        task: String,
        /// The name as given.
        level: String,
        /// The names there are, comma-separated.
        known: String,
    },
    /// The level has no parameter of this name.
    #[error("task {task:?} has no parameter {key:?}; known parameters: {known}")]
    Key {
        /// The task.
        task: String,
        /// The name as given.
        key: String,
        /// The names there are, comma-separated.
        known: String,
    },
    /// A parameter's value is malformed or out of range, or the parameters contradict each other.
    #[error("{level}: {why}")]
    Value {
        /// Task, level and overrides.
        level: String,
        /// What is wrong, naming the value and the range allowed.
        why: String,
    },
    /// No theme has this name.
    #[error("unknown theme {theme:?}; known themes: {known}")]
    Theme {
        /// The name as given.
        theme: String,
        /// The names there are, comma-separated.
        known: String,
    },
    /// A picture's height or width is out of range.
    #[error("picture size {height} x {width} is out of range; each side must be {least} to {most} pixels")]
    Size {
        /// Pixels.
        height: usize,
        /// Pixels.
        width: usize,
        /// The shortest side allowed, in pixels.
        least: usize,
        /// The longest side allowed, in pixels.
        most: usize,
    },
    /// A picture is too small to tell what decides its answer.
    #[error(
        "{height} x {width} pixels is too small for {level} in theme {theme}; what decides an answer could not be seen; \
         give at least {least} x {least}, or insist (insist=True, --insist)"
    )]
    Legible {
        /// Pixels.
        height: usize,
        /// Pixels.
        width: usize,
        /// Task, level and overrides.
        level: String,
        /// The theme's name.
        theme: &'static str,
        /// Pixels to a side.
        least: usize,
    },
    /// A buffer does not hold what is to be written into it.
    #[error("the buffer holds {got} values, the pictures need {want}")]
    Buffer {
        /// Values given.
        got: usize,
        /// Values needed.
        want: usize,
    },
    /// Patches do not tile a picture.
    #[error(
        "a picture of {height} x {width} pixels is no whole number of blocks of {merge} x {merge} patches of \
         {side} x {side} pixels, {frames} frames each; patches have sides of 14 or 16 pixels, pictures multiples of {}",
        side * merge
    )]
    Patches {
        /// Pixels.
        height: usize,
        /// Pixels.
        width: usize,
        /// Pixels to a patch's side.
        side: usize,
        /// Patches to a block's side.
        merge: usize,
        /// Frames to a picture.
        frames: usize,
    },
    /// No picture file is of this format.
    #[error("unknown picture format {format:?}; known formats: {known}")]
    Format {
        /// The name as given.
        format: String,
        /// The names there are, comma-separated.
        known: String,
    },
    /// A JPEG cannot have this quality.
    #[error("quality {quality} is out of range; a JPEG's is 1 to 100")]
    Quality {
        /// As given.
        quality: i64,
    },
    /// Contents cannot be held out so.
    #[error("{why}")]
    HeldOut {
        /// What is wrong, naming the value and the range allowed.
        why: String,
    },
    /// A board environment was asked for what it cannot do.
    #[error("{why}")]
    Board {
        /// What is wrong, naming the value and the range allowed.
        why: String,
    },
    /// Two batches that belong together differ in length.
    #[error("{addresses} addresses do not fit {replies} replies; give one reply per address")]
    Lengths {
        /// Addresses given.
        addresses: usize,
        /// Replies given.
        replies: usize,
    },
}

/// The core's result type.
pub type Result<T> = std::result::Result<T, Error>;

/// What `work` gives, or, if it panics, which only a bug of the core makes it do, a message that says so and repeats the
/// panic's own.
///
/// # Errors
/// The message.
pub fn caught<T>(work: impl FnOnce() -> T) -> std::result::Result<T, String> {
    // Whoever reads the message can no longer trust what `work` was changing, and is told so.
    panic::catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let said = match payload.downcast_ref::<&str>() {
            Some(said) => said,
            None => payload.downcast_ref::<String>().map_or("no message", String::as_str),
        };
        format!("this is a bug in avrgym, not in what was asked: {said}; report it, and make anew what the call was changing")
    })
}

#[cfg(test)]
mod tests {
    use super::caught;

    #[test]
    fn a_panic_becomes_a_message_that_repeats_it() {
        assert_eq!(caught(|| 7), Ok(7));
        let none = "none".parse::<usize>().ok();
        let literal = caught(|| none.expect("there is a way"));
        let formatted = caught(|| assert_eq!(none, Some(3), "of {}", "course"));
        let index = caught(|| vec![1, 2, 3][none.unwrap_or(9)]);
        let other = caught(|| std::panic::panic_any(7));
        for (message, words) in [
            (literal.unwrap_err(), "there is a way"),
            (formatted.unwrap_err(), "of course"),
            (index.unwrap_err(), "index out of bounds"),
            (other.unwrap_err(), "no message"),
        ] {
            assert!(message.contains("bug in avrgym") && message.contains(words), "{message}");
        }
    }
}
