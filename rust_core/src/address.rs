//! Addresses: the name of a sample, and all there is to know about it.

use std::{
    collections::HashMap,
    fmt,
    str::FromStr,
    sync::{Arc, PoisonError, RwLock},
};

use crate::{
    Error, Result,
    fingerprint::Fingerprint,
    rng::{Rng, Stream},
    task::Instance,
    tasks::{self, Setting},
};

/// Which part of the data a sample belongs to. It is part of the key, so splits are disjoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u64)]
pub enum Split {
    /// For training.
    Train = 0,
    /// For choosing.
    Val = 1,
    /// For reporting.
    Test = 2,
}

/// Names of [`Split`], by code.
pub const SPLITS: [&str; 3] = ["train", "val", "test"];

/// The name of one sample: `task/level[?key=value&…]#split:seed:index`.
#[derive(Clone)]
pub struct Address {
    /// Task, level and overrides.
    pub setting: Arc<Setting>,
    /// Which part of the data.
    pub split: Split,
    /// Which dataset.
    pub seed: u64,
    /// Which sample of it.
    pub index: u64,
}

impl Address {
    /// A stream of random bits that belongs to this address and purpose alone.
    pub fn stream(&self, stream: Stream) -> Rng {
        self.keyed(stream, 0)
    }

    fn keyed(&self, stream: Stream, number: u32) -> Rng {
        let purpose = (stream as u64) << 8 | u64::from(number) << 32;
        Rng::keyed([self.setting.key, self.seed, self.index, self.split as u64 | purpose])
    }

    /// Generates the problem that lives here.
    pub fn resolve(&self) -> Box<dyn Instance> {
        let mut instance = self.setting.level.generate(&mut self.stream(Stream::Instance));
        if self.setting.changed > 0 {
            instance.change(&mut self.keyed(Stream::Change, self.setting.changed));
        }
        instance
    }

    /// The content hash of a problem that lives here.
    pub fn content(&self, instance: &dyn Instance) -> u128 {
        let mut hash = Fingerprint::default();
        hash.text(self.setting.task);
        instance.content(&mut hash);
        hash.finish()
    }

    /// Whether both name the same sample in the same words.
    pub fn same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.setting, &other.setting)
            && (self.split, self.seed, self.index) == (other.split, other.seed, other.index)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}:{}:{}", self.setting.name, SPLITS[self.split as usize], self.seed, self.index)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for Address {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        parse(text, None)
    }
}

/// Parses many addresses; those that share task, level and overrides share the parsed setting.
///
/// It takes a lock for a moment, so a caller that may be forked calls it where it cannot be.
pub fn parse_all<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Vec<Address>> {
    let texts = texts.into_iter();
    let mut addresses: Vec<Address> = Vec::with_capacity(texts.size_hint().0);
    let mut before = "";
    for text in texts {
        let address = match addresses.last() {
            Some(last) if text == before => last.clone(),
            Some(last) if prefix(text) == prefix(before) => parse(text, Some(last.setting.clone()))?,
            _ => parse(text, None)?,
        };
        addresses.push(address);
        before = text;
    }
    Ok(addresses)
}

/// What stands before the place, or all of it.
fn prefix(text: &str) -> &str {
    text.split_once('#').map_or(text, |(prefix, _)| prefix)
}

fn parse(text: &str, known: Option<Arc<Setting>>) -> Result<Address> {
    let fail = |why: String| Error::Address { address: clip(text), why };
    let (prefix, place) = text.split_once('#').ok_or_else(|| fail("'#' is missing".to_owned()))?;
    let mut parts = place.split(':');
    let (Some(split), Some(seed), Some(index), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(fail(format!("{:?} is not split:seed:index", clip(place))));
    };
    let split = match split {
        "train" => Split::Train,
        "val" => Split::Val,
        "test" => Split::Test,
        _ => return Err(fail(format!("split {:?} is none of train, val, test", clip(split)))),
    };
    let number = |what: &str, digits: &str| {
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        let value = if plain { digits.parse().ok() } else { None };
        value.ok_or_else(|| fail(format!("{what} {:?} is no integer in 0..2^64", clip(digits))))
    };
    let (seed, index) = (number("seed", seed)?, number("index", index)?);
    let setting = match known {
        Some(setting) => setting,
        None => setting(prefix).map_err(|error| match error {
            Error::Address { why, .. } => fail(why),
            other => other,
        })?,
    };
    Ok(Address { setting, split, seed, index })
}

/// Error messages quote at most this many characters of what was given.
fn clip(text: &str) -> String {
    text.chars().take(120).collect()
}

/// The most settings remembered; beyond it the memory starts afresh.
const REMEMBERED: usize = 4096;

/// The setting of `task/level[?key=value&…]`, remembered: reading it takes far longer than a draw.
///
/// # Errors
/// As [`tasks::setting`].
pub fn setting(prefix: &str) -> Result<Arc<Setting>> {
    static KNOWN: RwLock<Option<HashMap<String, Arc<Setting>>>> = RwLock::new(None);
    let found =
        KNOWN.read().unwrap_or_else(PoisonError::into_inner).as_ref().and_then(|known| known.get(prefix).cloned());
    if let Some(setting) = found {
        return Ok(setting);
    }
    let fresh = Arc::new(tasks::setting(prefix)?);
    let mut slot = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    let known = slot.get_or_insert_default();
    if known.len() >= REMEMBERED {
        known.clear();
    }
    // Spellings of one setting share one value, so that addresses can be compared by pointer.
    let setting = known.entry(fresh.name.clone()).or_insert(fresh).clone();
    known.insert(prefix.to_owned(), setting.clone());
    Ok(setting)
}
