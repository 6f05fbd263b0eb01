//! The Python boundary: conversions and nothing else. No rule of any task lives here.
//!
//! Every call takes a whole batch and goes through [`pool::enter`], or [`pool::guarded`] where there is nothing to be spread. Addresses are parsed while
//! attached, because parsing takes a lock for a moment and only an attached thread can fork: no
//! child inherits it held. The types and the prose are in `python/avrgym/_core.pyi`.

#![allow(clippy::needless_pass_by_value)] // arguments arrive by value from Python

mod arguments;
mod boards;
mod errors;
mod pictures;
mod pool;
mod verdicts;

use std::collections::BTreeMap;

use numpy::{IntoPyArray, PyArray1, PyReadwriteArray4, PyUntypedArrayMethods};
use pyo3::{exceptions::PyValueError, prelude::*, pybacked::PyBackedStr, types::PyString};

use crate::{
    address::{self, Address, SPLITS},
    batch,
    held_out::HeldOut,
    lookup,
    render::{Renderer, Theme},
    reply, tasks,
    verdict::Answers,
};
use arguments::{Reply, parse};
use errors::{CoreError, TaskError};
use pool::{enter, guarded};

#[pyfunction]
fn levels(task: &str) -> PyResult<Vec<&'static str>> {
    guarded(|| Ok(tasks::levels(task)?))
}

#[pyfunction]
fn parameters(task: &str, level: &str) -> PyResult<Vec<(String, String)>> {
    guarded(|| Ok(tasks::parameters(task, level)?))
}

#[pyfunction]
fn components(task: &str) -> PyResult<Vec<&'static str>> {
    guarded(|| Ok(tasks::facts(task)?.components.to_vec()))
}

#[pyfunction]
fn about(task: &str) -> PyResult<&'static str> {
    guarded(|| Ok(tasks::facts(task)?.about))
}

#[pyfunction]
fn length(task: &str) -> PyResult<&'static str> {
    guarded(|| Ok(tasks::facts(task)?.length))
}

#[pyfunction]
fn partial(task: &str) -> PyResult<&'static str> {
    guarded(|| Ok(tasks::facts(task)?.partial))
}

#[pyfunction]
fn faults(task: &str) -> PyResult<Vec<&'static str>> {
    guarded(|| Ok(tasks::facts(task)?.faults.to_vec()))
}

#[pyfunction]
fn unique(task: &str) -> PyResult<bool> {
    guarded(|| Ok(tasks::facts(task)?.unique))
}

#[pyfunction]
fn picture(task: &str) -> PyResult<(usize, usize)> {
    guarded(|| Ok(tasks::facts(task)?.picture.into()))
}

#[pyfunction]
fn shortcut_bounds(task: &str, level: &str) -> PyResult<Vec<(&'static str, f64)>> {
    guarded(|| {
        let bounds = tasks::shortcut_bounds(task, level)?;
        Ok(bounds.iter().map(|(name, &bound)| (name.as_str(), bound)).collect())
    })
}

type Spoken = Vec<(&'static str, &'static str)>;
type Parameters = Vec<(&'static str, &'static str, &'static str, bool)>;

/// What a task's names mean: of parameters also what each may be, and whether it is wording alone.
#[pyfunction]
fn meanings(task: &str) -> PyResult<(Parameters, Spoken, Spoken)> {
    guarded(|| {
        let (said, wording) = (tasks::meanings(task)?, tasks::wording(task)?);
        let parameters = said.parameters.iter().map(|(name, [meaning, range])| {
            (name.as_str(), meaning.as_str(), range.as_str(), wording.contains(&name.as_str()))
        });
        let plain = |names: &'static BTreeMap<String, String>| {
            names.iter().map(|(name, meaning)| (name.as_str(), meaning.as_str())).collect()
        };
        Ok((parameters.collect(), plain(&said.features), plain(&said.shortcuts)))
    })
}

/// How often a table of answers learned without what must be seen is right.
#[pyfunction]
fn lookup_rate(py: Python<'_>, level: &str, learned: usize, tried: usize) -> PyResult<f64> {
    let setting = guarded(|| Ok(address::setting(level)?))?;
    enter(py, learned.saturating_add(tried), || lookup::rate(&setting, learned, tried))
}

/// The side of a level's smallest legible picture.
#[pyfunction]
fn legible_side(level: &str, theme: &str) -> PyResult<usize> {
    guarded(|| Ok(address::setting(level)?.legible_side(Theme::named(theme)?)))
}

/// Complains where what decides an answer could not be seen. Only what an address says before its place counts, and
/// nothing is said of what is no address: drawing it will.
#[pyfunction]
fn check_legible(addresses: Vec<PyBackedStr>, size: [usize; 2], theme: &str) -> PyResult<()> {
    guarded(|| {
        let theme = Theme::named(theme)?;
        Renderer::new(size[0], size[1], theme)?;
        let levels = addresses.iter().map(|address| address.split_once('#').map_or(&**address, |(level, _)| level));
        let mut last = "";
        for level in levels {
            if level != last
                && let Ok(setting) = address::setting(level)
            {
                setting.check_legible(size, theme)?;
            }
            last = level;
        }
        Ok(())
    })
}

#[pyfunction]
fn canonical(addresses: Vec<PyBackedStr>) -> PyResult<Vec<String>> {
    let addresses = parse(&addresses)?;
    guarded(|| Ok(addresses.iter().map(Address::to_string).collect()))
}

type Words<'py> = (String, Bound<'py, PyString>, String, String, String, String);

/// (address, question, twin, rationale, answer, content hash) of each sample.
#[pyfunction]
fn words(py: Python<'_>, addresses: Vec<PyBackedStr>) -> PyResult<Vec<Words<'_>>> {
    let parsed = parse(&addresses)?;
    let written = enter(py, parsed.len(), || {
        let words = parsed.iter().zip(batch::words(&parsed));
        Ok(words.map(|(address, w)| (address.to_string(), format!("{:032x}", w.content), w)).collect::<Vec<_>>())
    })?;
    // Most questions are the one before, and long: they become one object.
    let mut question = PyString::new(py, "");
    let mut last = String::new();
    Ok(written
        .into_iter()
        .map(|(address, content, w)| {
            if w.question != last {
                question = PyString::new(py, &w.question);
                last = w.question;
            }
            (address, question.clone(), w.twin, w.rationale, w.answer, content)
        })
        .collect())
}

#[pyfunction]
fn contents(py: Python<'_>, addresses: Vec<PyBackedStr>) -> PyResult<Vec<String>> {
    let addresses = parse(&addresses)?;
    enter(py, addresses.len(), || {
        Ok(batch::contents(&addresses).into_iter().map(|hash| format!("{hash:032x}")).collect())
    })
}

/// Which split each content belongs to where one in so many is held out.
#[pyfunction]
fn split_of(contents: Vec<PyBackedStr>, held_out: u32) -> PyResult<Vec<&'static str>> {
    let held_out = HeldOut::new(held_out)?;
    let split = |content: &PyBackedStr| {
        let plain = content.len() == 32 && content.bytes().all(|byte| byte.is_ascii_hexdigit());
        let hash = if plain { u128::from_str_radix(content, 16).ok() } else { None };
        let why = || TaskError::new_err(format!("{:?} is no content; give 32 hexadecimal digits", &**content));
        hash.map(|hash| SPLITS[held_out.split(hash) as usize]).ok_or_else(why)
    };
    guarded(|| contents.iter().map(split).collect())
}

/// The addresses of the samples that stand at addresses where contents are held out.
#[pyfunction]
fn admitted(py: Python<'_>, addresses: Vec<PyBackedStr>, held_out: u32) -> PyResult<Vec<String>> {
    let (addresses, held_out) = (parse(&addresses)?, HeldOut::new(held_out)?);
    enter(py, addresses.len(), || Ok(batch::admitted(&addresses, held_out)?.iter().map(Address::to_string).collect()))
}

type Spans<'py> =
    (Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<i64>>, Bound<'py, PyArray1<u8>>);

/// Where each sample's steps begin among all, and of each step its first byte, one past its last, and its skill.
#[pyfunction]
fn steps(py: Python<'_>, addresses: Vec<PyBackedStr>) -> PyResult<Spans<'_>> {
    let addresses = parse(&addresses)?;
    let each = enter(py, addresses.len(), || Ok(batch::steps(&addresses)))?;
    let mut offsets = vec![0];
    let (mut starts, mut ends, mut skills) = (vec![], vec![], vec![]);
    for step in each.iter().map(|steps| steps.iter()).inspect(|steps| offsets.push(steps.len() as i64)).flatten() {
        starts.push(i64::from(step.start));
        ends.push(i64::from(step.end));
        skills.push(step.skill as u8);
    }
    for at in 1..offsets.len() {
        offsets[at] += offsets[at - 1];
    }
    Ok((offsets.into_pyarray(py), starts.into_pyarray(py), ends.into_pyarray(py), skills.into_pyarray(py)))
}

type Columns<'py> = Vec<(&'static str, Bound<'py, PyArray1<f64>>)>;

fn named<'py>(py: Python<'py>, columns: Vec<(&'static str, Vec<f64>)>) -> Columns<'py> {
    columns.into_iter().map(|(name, column)| (name, column.into_pyarray(py))).collect()
}

/// The numbers that make samples hard, a column a name.
#[pyfunction]
fn features(py: Python<'_>, addresses: Vec<PyBackedStr>) -> PyResult<Columns<'_>> {
    let addresses = parse(&addresses)?;
    Ok(named(py, enter(py, addresses.len(), || Ok(batch::features(&addresses)))?))
}

/// The chance of each policy without the skill, a column a name.
#[pyfunction]
fn shortcuts(py: Python<'_>, addresses: Vec<PyBackedStr>) -> PyResult<Columns<'_>> {
    let addresses = parse(&addresses)?;
    Ok(named(py, enter(py, addresses.len(), || Ok(batch::shortcuts(&addresses)))?))
}

#[pyfunction]
fn step_counts(py: Python<'_>, addresses: Vec<PyBackedStr>) -> PyResult<Bound<'_, PyArray1<i64>>> {
    let addresses = parse(&addresses)?;
    let counts = enter(py, addresses.len(), || Ok(batch::step_counts(&addresses)))?;
    Ok(counts.into_iter().map(|count| count as i64).collect::<Vec<_>>().into_pyarray(py))
}

#[pyfunction]
fn render(
    py: Python<'_>,
    addresses: Vec<PyBackedStr>,
    mut out: PyReadwriteArray4<'_, u8>,
    theme: &str,
) -> PyResult<()> {
    let &[count, height, width, channels] = out.shape() else {
        return Err(PyValueError::new_err("out must have four dimensions: (n, height, width, 3)"));
    };
    if count != addresses.len() || channels != 3 {
        let shape = format!("({count}, {height}, {width}, {channels})");
        return Err(TaskError::new_err(format!(
            "out has shape {shape}; {} addresses need ({}, height, width, 3)",
            addresses.len(),
            addresses.len()
        )));
    }
    let theme = Theme::named(theme)?;
    let addresses = parse(&addresses)?;
    let pixels = out.as_slice_mut()?;
    enter(py, addresses.len(), || batch::render(&addresses, height, width, theme, pixels))
}

#[pyfunction]
#[pyo3(signature = (addresses, replies, strict = false))]
fn verify(
    py: Python<'_>,
    addresses: Vec<PyBackedStr>,
    replies: Vec<Reply>,
    strict: bool,
) -> PyResult<verdicts::Columns<'_>> {
    let answers = if strict { Answers::Marked } else { Answers::Any };
    let addresses = parse(&addresses)?;
    let verdicts = enter(py, addresses.len(), || batch::verify(&addresses, &replies, answers))?;
    guarded(|| Ok(verdicts::columns(py, &verdicts)))
}

#[pyfunction]
fn answers(py: Python<'_>, addresses: Vec<PyBackedStr>, replies: Vec<Reply>) -> PyResult<Bound<'_, PyArray1<u64>>> {
    let addresses = parse(&addresses)?;
    let keys = enter(py, addresses.len(), || batch::answers(&addresses, &replies))?;
    Ok(keys.into_pyarray(py))
}

type Sections = Vec<Vec<(usize, bool, usize, usize)>>;

/// Of each reply the tags of sections that are said aloud: which, whether it closes, first byte, one past the last.
#[pyfunction]
fn sections(py: Python<'_>, replies: Vec<Reply>) -> PyResult<Sections> {
    let of = |said: &Reply| {
        let tags = reply::sections(said.as_ref()).into_iter();
        tags.map(|(which, closes, span)| (which, closes, span.start, span.end)).collect()
    };
    enter(py, replies.len(), || Ok(replies.iter().map(of).collect()))
}

#[pymodule]
mod _core {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::boards::Boards;

    #[pymodule_export]
    use super::pictures::{encode, pixels};

    #[pymodule_export]
    use super::{
        CoreError, TaskError, about, admitted, answers, canonical, check_legible, components, contents, faults,
        features, legible_side, length, levels, lookup_rate, meanings, parameters, partial, picture, render, sections,
        shortcut_bounds, shortcuts, split_of, step_counts, steps, unique, verify, words,
    };

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("BOARD_TASKS", crate::board::tasks())?;
        module.add("TASKS", crate::tasks::IDS.to_vec())?;
        module.add("THEMES", crate::render::THEMES.to_vec())?;
        module.add("SECTIONS", crate::reply::SECTIONS.to_vec())?;
        module.add("SPLITS", crate::address::SPLITS.to_vec())?;
        module.add("OUTCOMES", crate::verdict::OUTCOMES.to_vec())?;
        module.add("FORMS", crate::verdict::FORMS.to_vec())?;
        module.add("SKILLS", crate::verdict::SKILLS.to_vec())?;
        module.add("STATES", crate::verdict::STATES.to_vec())?;
        module.add("ENCODINGS", crate::pictures::ENCODINGS.to_vec())?;
        module.add("REASONS", crate::verdict::REASONS.to_vec())
    }
}
