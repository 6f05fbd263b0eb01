//! The registry. Adding a task adds one line here, and one file beside this one.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use toml::{Table, Value};

use crate::{
    Error, Result,
    fingerprint::name_key,
    legible::Sides,
    render::Theme,
    task::{AnyLevel, BoardKind, Level},
};

macro_rules! tasks {
    ($($module:ident :: $level:ident),+ $(,)?) => {
        $(pub mod $module;)+

        /// Every task's name, in the order of the documentation.
        pub const IDS: &[&str] = &[$($module::$level::TASK),+];

        static REGISTRY: LazyLock<Vec<Task>> =
            LazyLock::new(|| vec![$(Task::new::<$module::$level>()),+]);
    };
}

pub(crate) mod readout;

tasks! {
    consecutive_table_readout::ConsecutiveTableReadout,
    table_readout::TableReadout,
    grid_navigation::GridNavigation,
    visual_analogy::VisualAnalogy,
}

/// A task as far as it is known without its types.
struct Task {
    name: &'static str,
    facts: Facts,
    wording: &'static [&'static str],
    meanings: Meanings,
    levels: BTreeMap<String, Preset>,
    build: fn(Table) -> std::result::Result<Box<dyn AnyLevel>, String>,
}

/// What a task's level says of the task.
#[derive(Debug, Clone, Copy)]
pub struct Facts {
    /// As [`Level::ABOUT`].
    pub about: &'static str,
    /// As [`Level::LENGTH`].
    pub length: &'static str,
    /// As [`Level::COMPONENTS`].
    pub components: &'static [&'static str],
    /// As [`Level::PARTIAL`].
    pub partial: &'static str,
    /// As [`Level::FAULTS`].
    pub faults: &'static [&'static str],
    /// As [`Level::UNIQUE`].
    pub unique: bool,
    /// As [`Level::PICTURE`].
    pub picture: [usize; 2],
    /// As [`Level::BOARD`].
    pub board: Option<BoardKind>,
}

/// What stands in a task's file for people to read: the first tables of `envs/<task>.toml`.
#[derive(Debug, Deserialize)]
pub struct Meanings {
    /// What each parameter means, and what it may be.
    pub parameters: BTreeMap<String, [String; 2]>,
    /// What each feature says of a problem.
    pub features: BTreeMap<String, String>,
    /// What each policy without the skill does.
    pub shortcuts: BTreeMap<String, String>,
}

/// A named level: its parameters in full, and how often each shortcut may succeed.
struct Preset {
    parameters: Table,
    bounds: BTreeMap<String, f64>,
}

/// The override that every level of every task takes: which counterfactual of the problem it is, the same problem with one
/// fact changed so that the right answer changes ([`crate::task::Instance::change`]); 0, which is not written, for none.
pub const CHANGED: &str = "changed";

/// A level with overrides applied: what an address says before its `#`.
pub struct Setting {
    /// The task's name.
    pub task: &'static str,
    /// Canonical `task/level[?key=value&…]`: keys sorted, only what differs from the level.
    pub name: String,
    /// What its random streams are keyed by.
    pub key: u64,
    /// Which counterfactual of the problem; 0 for the problem itself.
    pub changed: u32,
    /// The generator.
    pub level: Box<dyn AnyLevel>,
    /// Its smallest legible sizes.
    sides: Sides,
}

impl Setting {
    /// The side in pixels of the smallest square picture that can be read, in whatever look of a theme; see
    /// [`crate::legible`].
    pub fn legible_side(&self, theme: Theme) -> usize {
        self.sides.least(theme, || self.level.extreme())
    }

    /// Complains if what decides an answer could not be seen in a picture of this height and width.
    ///
    /// # Errors
    /// [`Error::Legible`], which names the size that would do.
    pub fn check_legible(&self, size: [usize; 2], theme: Theme) -> Result<()> {
        if self.sides.allow(size, theme, || self.level.extreme()) {
            return Ok(());
        }
        let ([height, width], level) = (size, self.name.clone());
        Err(Error::Legible { height, width, level, theme: theme.name(), least: self.legible_side(theme) })
    }
}

impl Task {
    fn new<L: Level>() -> Self {
        let mut file: Table = L::LEVELS.parse().expect("envs/*.toml are checked by a test");
        let defaults = match file.remove("defaults") {
            Some(Value::Table(defaults)) => defaults,
            _ => Table::new(),
        };
        let spoken = ["parameters", "features", "shortcuts"]
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), file.remove(name)?)));
        let meanings = Value::Table(spoken.collect()).try_into().expect("a file says what its names mean");
        let levels = file
            .into_iter()
            .filter_map(|(name, value)| match value {
                Value::Table(own) => {
                    let mut parameters = defaults.clone();
                    parameters.extend(own);
                    let bounds = match parameters.remove("bounds") {
                        Some(bounds) => bounds.try_into().expect("bounds are numbers by name"),
                        None => BTreeMap::new(),
                    };
                    Some((name, Preset { parameters, bounds }))
                }
                _ => None,
            })
            .collect();
        let facts = Facts {
            about: L::ABOUT,
            length: L::LENGTH,
            components: L::COMPONENTS,
            partial: L::PARTIAL,
            faults: L::FAULTS,
            unique: L::UNIQUE,
            picture: L::PICTURE,
            board: L::BOARD,
        };
        Self { name: L::TASK, facts, wording: L::WORDING, meanings, levels, build: build::<L> }
    }
}

fn build<L: Level>(parameters: Table) -> std::result::Result<Box<dyn AnyLevel>, String> {
    let level: L = parameters.try_into().map_err(|error: toml::de::Error| error.message().to_owned())?;
    level.check()?;
    Ok(Box::new(level))
}

fn task(name: &str) -> Result<&'static Task> {
    REGISTRY
        .iter()
        .find(|task| task.name == name)
        .ok_or_else(|| Error::Task { task: name.to_owned(), known: IDS.join(", ") })
}

fn preset(task: &'static Task, level: &str) -> Result<&'static Preset> {
    task.levels.get(level).ok_or_else(|| Error::Level {
        task: task.name.to_owned(),
        level: level.to_owned(),
        known: sorted_levels(task).join(", "),
    })
}

/// Named levels first, then the ladder by its number.
fn sorted_levels(task: &'static Task) -> Vec<&'static str> {
    let rank = |name: &str| match name.strip_prefix("rung").and_then(|digits| digits.parse::<usize>().ok()) {
        Some(rung) => 10 + rung,
        None => ["simple", "medium", "hard"].iter().position(|known| *known == name).unwrap_or(9),
    };
    let mut names: Vec<&'static str> = task.levels.keys().map(String::as_str).collect();
    names.sort_by_key(|name| (rank(name), *name));
    names
}

/// The names of a task's levels, from the paper's to the ladder's top rung.
pub fn levels(name: &str) -> Result<Vec<&'static str>> {
    Ok(sorted_levels(task(name)?))
}

/// The parameters of a level as the address writes them, sorted by key.
pub fn parameters(name: &str, level: &str) -> Result<Vec<(String, String)>> {
    let preset = preset(task(name)?, level)?;
    Ok(preset.parameters.iter().map(|(key, value)| (key.clone(), written(value))).collect())
}

/// How often each shortcut may succeed at a level, by the shortcut's name.
pub fn shortcut_bounds(name: &str, level: &str) -> Result<&'static BTreeMap<String, f64>> {
    Ok(&preset(task(name)?, level)?.bounds)
}

/// The parameters of a task that change words or looks but not the problem.
pub fn wording(name: &str) -> Result<&'static [&'static str]> {
    Ok(task(name)?.wording)
}

/// What the names in a task's file mean.
pub fn meanings(name: &str) -> Result<&'static Meanings> {
    Ok(&task(name)?.meanings)
}

/// What a task says of itself.
pub fn facts(name: &str) -> Result<Facts> {
    Ok(task(name)?.facts)
}

/// Reads `task/level[?key=value&…]`.
///
/// # Errors
/// An unknown task, level or key; a malformed value; parameters that make no problem.
pub fn setting(prefix: &str) -> Result<Setting> {
    let malformed = |why: String| Error::Address { address: prefix.to_owned(), why };
    let (path, overrides) = match prefix.split_once('?') {
        Some((path, overrides)) => (path, Some(overrides)),
        None => (prefix, None),
    };
    let (task_name, level_name) = path.split_once('/').ok_or_else(|| malformed("'/' is missing".to_owned()))?;
    let task = task(task_name)?;
    let preset = preset(task, level_name)?;

    let mut parameters = preset.parameters.clone();
    let (mut changed, mut number) = (BTreeMap::new(), 0);
    for pair in overrides.into_iter().flat_map(|overrides| overrides.split('&')) {
        let (key, text) = pair.split_once('=').ok_or_else(|| malformed(format!("{pair:?} is not key=value")))?;
        let counterfactual = Value::Integer(0);
        let Some(own) = preset.parameters.get(key).or_else(|| (key == CHANGED).then_some(&counterfactual)) else {
            return Err(Error::Key {
                task: task.name.to_owned(),
                key: key.to_owned(),
                known: preset.parameters.keys().map(String::as_str).chain([CHANGED]).collect::<Vec<_>>().join(", "),
            });
        };
        let value = read(text, own).ok_or_else(|| Error::Value {
            level: prefix.to_owned(),
            why: format!("{key}={text} is {}", wanted(own)),
        })?;
        if changed.contains_key(key) {
            return Err(malformed(format!("{key:?} is given twice")));
        }
        changed.insert(key.to_owned(), written(&value));
        if key == CHANGED {
            number = value.as_integer().and_then(|given| u32::try_from(given).ok()).unwrap_or_default();
        } else {
            parameters.insert(key.to_owned(), value);
        }
    }
    changed.retain(|key, text| match preset.parameters.get(key) {
        Some(own) => written(own) != *text,
        None => number > 0,
    });

    let spell = |pairs: &mut dyn Iterator<Item = (&String, &String)>| {
        let pairs: Vec<String> = pairs.map(|(key, text)| format!("{key}={text}")).collect();
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    };
    let name = spell(&mut changed.iter());
    let drawn = spell(&mut changed.iter().filter(|(key, _)| *key != CHANGED && !task.wording.contains(&key.as_str())));
    let level = (task.build)(parameters).map_err(|why| Error::Value { level: name.clone(), why })?;
    Ok(Setting { task: task.name, key: name_key(&drawn), changed: number, name, level, sides: Sides::default() })
}

/// Reads an override as the kind of value that the level has.
fn read(text: &str, like: &Value) -> Option<Value> {
    let integer = |text: &str| {
        let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if plain { text.parse::<u32>().ok().map(|n| Value::Integer(n.into())) } else { None }
    };
    match like {
        Value::Integer(_) => integer(text),
        Value::Float(_) => text.parse::<f64>().ok().filter(|number| number.is_finite()).map(Value::Float),
        Value::Boolean(_) => text.parse::<bool>().ok().map(Value::Boolean),
        Value::String(_) => (!text.is_empty()).then(|| Value::String(text.to_owned())),
        Value::Array(items) if items.first().is_some_and(Value::is_integer) => {
            let (low, high) = text.split_once('-').unwrap_or((text, text));
            Some(Value::Array(vec![integer(low)?, integer(high)?]))
        }
        Value::Array(_) => Some(Value::Array(text.split('+').map(|item| Value::String(item.to_owned())).collect())),
        _ => None,
    }
}

/// A value as an address writes it.
fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(items) if items.first().is_some_and(Value::is_integer) => {
            let ends: Vec<String> = items.iter().map(written).collect();
            if ends.first() == ends.last() { ends[0].clone() } else { ends.join("-") }
        }
        Value::Array(items) => items.iter().map(written).collect::<Vec<_>>().join("+"),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Datetime(_) | Value::Table(_) => String::new(), // no level has these
    }
}

fn wanted(like: &Value) -> &'static str {
    match like {
        Value::Integer(_) => "no whole number in 0..2^32",
        Value::Float(_) => "no finite number",
        Value::Boolean(_) => "neither true nor false",
        Value::Array(items) if items.first().is_some_and(Value::is_integer) => "no range; write a-b or a",
        _ => "empty",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{rng::Rng, verdict::COMPONENTS};

    #[test]
    fn every_level_of_every_file_is_possible_and_complete() {
        for task in IDS {
            let names = levels(task).expect("the task is registered");
            for rung in 0..12 {
                assert!(names.contains(&format!("rung{rung}").as_str()), "{task} lacks rung{rung}");
            }
            assert!(names.contains(&"simple") && names.contains(&"hard"), "{task}");
            for name in names {
                if let Err(error) = setting(&format!("{task}/{name}")) {
                    panic!("{error}");
                }
            }
        }
    }
    #[test]
    fn every_name_has_a_meaning_and_nothing_else_has() {
        for task in IDS {
            let meanings = meanings(task).unwrap();
            let said = |names: Vec<&String>| names.into_iter().cloned().collect::<BTreeSet<String>>();
            for level in levels(task).unwrap() {
                let parameters = parameters(task, level).unwrap().into_iter().map(|(name, _)| name).collect();
                assert_eq!(said(meanings.parameters.keys().collect()), parameters, "{task}/{level}: parameters");
                let bounds = shortcut_bounds(task, level).unwrap().keys().cloned().collect();
                assert_eq!(said(meanings.shortcuts.keys().collect()), bounds, "{task}/{level}: shortcuts");
                let problem =
                    setting(&format!("{task}/{level}")).unwrap().level.generate(&mut Rng::keyed([1, 5, 0, 0]));
                let features = problem.features().into_iter().map(|(name, _)| name.to_owned()).collect();
                assert_eq!(said(meanings.features.keys().collect()), features, "{task}/{level}: features");
            }
            let empty = |text: &String| text.trim().is_empty();
            assert!(!meanings.parameters.values().flatten().any(empty), "{task}");
            assert!(!meanings.features.values().chain(meanings.shortcuts.values()).any(empty), "{task}");
        }
    }

    #[test]
    fn what_a_task_says_of_itself_is_so() {
        for task in IDS {
            let facts = facts(task).unwrap();
            assert!(facts.about.ends_with('.') && !facts.about.contains('\n'), "{task}: {}", facts.about);
            assert!(facts.components.len() <= COMPONENTS, "{task}");
            for name in facts.faults.iter().chain([&facts.partial]) {
                assert!(facts.components.contains(name), "{task} has no component {name}");
            }
            for level in levels(task).unwrap() {
                let setting = setting(&format!("{task}/{level}")).unwrap();
                for key in 0..20 {
                    let problem = setting.level.generate(&mut Rng::keyed([key, 5, 0, 0]));
                    let features = problem.features();
                    let (_, length) = features.iter().find(|(name, _)| *name == facts.length).unwrap();
                    assert!(length.fract() == 0.0 && *length >= 0.0, "{task}/{level}: {} {length}", facts.length);
                    let rationale = problem.rationale().text;
                    let verdict = problem.verify(rationale.as_bytes());
                    let named = |name: &str| facts.components.iter().position(|own| *own == name).unwrap();
                    assert!(verdict.components[named(facts.partial)] >= 1.0, "{task}/{level}: {rationale}");
                    for fault in facts.faults {
                        assert!(verdict.components[named(fault)] <= 0.0, "{task}/{level}: {fault} of {rationale}");
                    }
                }
            }
        }
    }
}
