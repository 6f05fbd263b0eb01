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
    #[error("unknown task {task:?}{}; known tasks: {known}", near(.task, .known))]
    Task {
        /// The name as given.
        task: String,
        /// The names there are, comma-separated.
        known: String,
    },
    /// The task has no level of this name.
    #[error("task {task:?} has no level {level:?}{}; known levels: {known}", near(.level, .known))]
    Level {
        /// The task.
        task: String,
        /// The name as given.
        level: String,
        /// The names there are, comma-separated.
        known: String,
    },
    /// The level has no parameter of this name.
    #[error("task {task:?} has no parameter {key:?}{}; known parameters: {known}", near(.key, .known))]
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
    #[error("unknown theme {theme:?}{}; known themes: {known}", near(.theme, .known))]
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
    /// No picture file has this encoding.
    #[error("unknown encoding {encoding:?}{}; known encodings: {known}", near(.encoding, .known))]
    Encoding {
        /// The name as given.
        encoding: String,
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

/// The name that was probably meant, as a message adds it; empty if none is near. `known` is comma-separated.
fn near(given: &str, known: &str) -> String {
    // Nothing of this length is a slip of the hand.
    if given.len() > 64 {
        return String::new();
    }
    let wanted = given.to_lowercase();
    let slips = |name: &&str| distance(&wanted, &name.to_lowercase());
    let nearest = known.split(", ").filter(|name| slips(name) <= name.len().max(3) / 3).min_by_key(slips);
    let mut begun = known.split(", ").filter(|name| wanted.len() >= 3 && name.starts_with(&wanted));
    let whole = begun.next().filter(|_| begun.next().is_none());
    nearest.or(whole).map_or_else(String::new, |name| format!(" (did you mean {name}?)"))
}

/// How many letters must be put in, left out, replaced or swapped with the next one to make one word of another
/// (restricted edit distance, Boytsov 2011, 2.2).
fn distance(one: &str, other: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (one.chars().collect(), other.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
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
    use super::{caught, near};

    #[test]
    fn the_nearest_name_is_offered_and_none_that_is_far() {
        let known = "simple, hard, rung1, rung10, size, spelling";
        for (given, meant) in
            [("simpel", "simple"), ("Hard", "hard"), ("hrad", "hard"), ("spell", "spelling"), ("rung99", "rung10")]
        {
            assert_eq!(near(given, known), format!(" (did you mean {meant}?)"), "{given}");
        }
        for far in ["", "s", "zebra", "medium", "x".repeat(1000).as_str()] {
            assert_eq!(near(far, known), "", "{far}");
        }
    }

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
