//! Boards as Python holds them: one call steps them all, into arrays that the caller made once.

use numpy::{
    PyReadonlyArray1, PyReadwriteArray1, PyReadwriteArray2, PyReadwriteArray3, PyReadwriteArray4, PyUntypedArrayMethods,
};
use pyo3::{exceptions::PyIndexError, prelude::*, pybacked::PyBackedStr};

use super::{
    arguments::parse,
    errors::TaskError,
    pool::{enter, guarded},
};
use crate::{
    Result,
    address::Address,
    board::Weights,
    boards::{self, Autoreset, FACTS, Look, Outcome, state::Written},
    held_out::HeldOut,
    render::Theme,
};

/// Many boards that step together; see `_core.pyi`.
#[pyclass(module = "avrgym._core")]
#[derive(Clone)]
pub struct Boards {
    inner: boards::Boards,
    /// What it was made of.
    made: Made,
}

/// The arguments of `Boards`, as Python gave them.
type Made =
    (String, usize, [f64; 5], Option<u32>, Option<(usize, usize, String)>, Option<u32>, Option<u32>, Option<(u8, u8)>);

/// The build and the form of a written state, and the boards: see [`Written`].
type State = (String, Vec<Row>);
type Row = (String, u64, u64, u64, Option<String>, u32, bool, Option<(u128, (u8, u8))>);

/// What a state begins with. The content hash of each board says besides whether its problem is the same.
const FORM: &str = concat!("avrgym ", env!("CARGO_PKG_VERSION"), " boards 2");

fn row(written: &Written) -> Row {
    let onto = written.onto.as_ref().map(Address::to_string);
    let Written { address, index, next, stride, moves, over, walk, .. } = written;
    (address.to_string(), *index, *next, *stride, onto, *moves, *over, *walk)
}

fn written(row: Row) -> Result<Written> {
    let (address, index, next, stride, onto, moves, over, walk) = row;
    let onto = onto.map(|onto| onto.parse()).transpose()?;
    Ok(Written { address: address.parse()?, index, next, stride, onto, moves, over, walk })
}

/// The modes by Gymnasium's names.
fn mode_named(name: &str) -> PyResult<Autoreset> {
    match name {
        "NextStep" => Ok(Autoreset::NextStep),
        "SameStep" => Ok(Autoreset::SameStep),
        "Disabled" => Ok(Autoreset::Disabled),
        _ => Err(TaskError::new_err(format!(
            "unknown autoreset mode {name:?}; known modes: NextStep, SameStep, Disabled"
        ))),
    }
}

impl Boards {
    /// Complains unless arrays hold one part a board.
    fn fits(&self, what: &str, shape: &[usize], part: &[usize]) -> PyResult<()> {
        if shape.first() == Some(&self.inner.count()) && shape[1..] == *part {
            return Ok(());
        }
        Err(TaskError::new_err(format!("{what} has shape {shape:?}; {} boards need {part:?} each", self.inner.count())))
    }

    fn known(&self, seat: usize) -> PyResult<()> {
        if seat < self.inner.count() {
            return Ok(());
        }
        Err(PyIndexError::new_err(format!("no board {seat}; there are {}", self.inner.count())))
    }

    /// How much a call weighs on the pool: boards that few threads step faster weigh nothing.
    fn weight(&self) -> usize {
        if self.inner.is_much() { self.inner.count() } else { 0 }
    }
}

#[pymethods]
impl Boards {
    #[new]
    #[pyo3(signature = (setting, count, weights, max_moves=None, picture=None, held_out=None, cap=None, room=None))]
    #[allow(clippy::too_many_arguments)] // keywords in Python
    fn new(
        setting: &str,
        count: usize,
        weights: [f64; 5],
        max_moves: Option<u32>,
        picture: Option<(usize, usize, String)>,
        held_out: Option<u32>,
        cap: Option<u32>,
        room: Option<(u8, u8)>,
    ) -> PyResult<Self> {
        let look = match &picture {
            Some((height, width, theme)) => Look::Picture(*height, *width, Theme::named(theme)?),
            None => Look::Symbols,
        };
        if let Some(weight) = weights.iter().find(|weight| !weight.is_finite()) {
            return Err(TaskError::new_err(format!("a weight is {weight}; give finite numbers")));
        }
        let [progress, success, collected, refused, step] = weights;
        let worth = Weights { progress, success, collected, refused, step };
        let held = held_out.map(HeldOut::new).transpose()?;
        let inner = guarded(|| {
            let made = boards::Boards::new(setting, count, max_moves, look, worth, held)?.capped(cap)?;
            Ok(made.roomy(room.unwrap_or_default()))
        })?;
        Ok(Self { inner, made: (setting.to_owned(), count, weights, max_moves, picture, held_out, cap, room) })
    }

    fn __copy__(&self) -> PyResult<Self> {
        guarded(|| Ok(self.clone()))
    }

    fn __deepcopy__(&self, _memo: Bound<'_, PyAny>) -> PyResult<Self> {
        guarded(|| Ok(self.clone()))
    }

    fn __reduce__(slf: &Bound<'_, Self>) -> PyResult<(Py<PyAny>, Made, State)> {
        let boards = slf.borrow();
        let rows = guarded(|| Ok(boards.inner.written().iter().map(row).collect()))?;
        let class = slf.get_type().into_any().unbind();
        Ok((class, boards.made.clone(), (FORM.to_owned(), rows)))
    }

    fn __setstate__(&mut self, py: Python<'_>, state: State) -> PyResult<()> {
        let (form, rows) = state;
        if form != FORM {
            return Err(TaskError::new_err(format!("the state is of {form:?}, this build is {FORM:?}; start anew")));
        }
        let written = guarded(|| Ok(rows.into_iter().map(written).collect::<Result<Vec<Written>>>()?))?;
        enter(py, self.weight(), || self.inner.resume(&written))
    }

    #[getter]
    fn shape(&self) -> PyResult<(usize, usize, usize)> {
        guarded(|| Ok(self.inner.shape().into()))
    }

    #[getter]
    fn actions(&self) -> PyResult<usize> {
        guarded(|| Ok(self.inner.kind().actions()))
    }

    #[getter]
    fn facts(&self) -> PyResult<Vec<&'static str>> {
        guarded(|| Ok(self.inner.facts().to_vec()))
    }

    fn place(
        &mut self,
        py: Python<'_>,
        seats: Vec<usize>,
        addresses: Vec<PyBackedStr>,
        strides: Vec<u64>,
    ) -> PyResult<()> {
        if seats.len() != addresses.len() || seats.len() != strides.len() {
            return Err(TaskError::new_err(format!(
                "{} seats, {} addresses and {} strides do not go together",
                seats.len(),
                addresses.len(),
                strides.len()
            )));
        }
        seats.iter().try_for_each(|&seat| self.known(seat))?;
        let addresses = parse(&addresses)?;
        let places: Vec<_> = seats
            .into_iter()
            .zip(addresses)
            .zip(strides)
            .map(|((seat, address), stride)| (seat, address, stride))
            .collect();
        // Only where contents are held out is there anything to work out.
        let size = if self.made.5.is_some() { places.len() } else { 0 };
        enter(py, size, || self.inner.place(places))
    }

    #[pyo3(signature = (seats=None))]
    fn addresses(&self, seats: Option<Vec<usize>>) -> PyResult<Vec<String>> {
        let Some(seats) = seats else { return guarded(|| Ok(self.inner.addresses())) };
        seats.iter().try_for_each(|&seat| self.known(seat))?;
        guarded(|| Ok(seats.iter().map(|&seat| self.inner.address(seat)).collect()))
    }

    fn text(&self, seat: usize) -> PyResult<String> {
        self.known(seat)?;
        guarded(|| Ok(self.inner.text(seat)))
    }

    fn draw(&self, py: Python<'_>, seat: usize, mut out: PyReadwriteArray3<'_, u8>, theme: &str) -> PyResult<()> {
        self.known(seat)?;
        let &[height, width, 3] = out.shape() else {
            return Err(TaskError::new_err("out must have the shape (height, width, 3)"));
        };
        let theme = Theme::named(theme)?;
        let pixels = out.as_slice_mut()?;
        enter(py, 0, || self.inner.draw(seat, height, width, theme, pixels))
    }

    fn reset(
        &mut self,
        py: Python<'_>,
        mask: PyReadonlyArray1<'_, bool>,
        mut observations: PyReadwriteArray4<'_, u8>,
        mut facts: PyReadwriteArray2<'_, i64>,
    ) -> PyResult<()> {
        self.fits("mask", mask.shape(), &[])?;
        self.fits("observations", observations.shape(), &self.inner.shape())?;
        self.fits("facts", facts.shape(), &[FACTS])?;
        let mask = mask.as_slice()?;
        if !guarded(|| Ok(self.inner.can_reset(mask)))? {
            return Err(TaskError::new_err("boards are placed before their first reset where contents are held out"));
        }
        let (seen, told) = (observations.as_slice_mut()?, facts.as_slice_mut()?);
        enter(py, self.weight(), || {
            self.inner.reset(mask, seen, told);
            Ok(())
        })
    }

    #[allow(clippy::too_many_arguments)] // one array a fact, all made by the caller
    fn step(
        &mut self,
        py: Python<'_>,
        actions: PyReadonlyArray1<'_, i64>,
        mode: &str,
        mut observations: PyReadwriteArray4<'_, u8>,
        mut finals: PyReadwriteArray4<'_, u8>,
        mut rewards: PyReadwriteArray1<'_, f64>,
        mut terminated: PyReadwriteArray1<'_, bool>,
        mut truncated: PyReadwriteArray1<'_, bool>,
        mut facts: PyReadwriteArray2<'_, i64>,
        mut final_facts: PyReadwriteArray2<'_, i64>,
    ) -> PyResult<()> {
        let mode = mode_named(mode)?;
        self.fits("actions", actions.shape(), &[])?;
        self.fits("observations", observations.shape(), &self.inner.shape())?;
        let kept = if mode == Autoreset::SameStep { self.inner.shape() } else { [1, 1, 1] };
        self.fits("finals", finals.shape(), &kept)?;
        self.fits("rewards", rewards.shape(), &[])?;
        self.fits("terminated", terminated.shape(), &[])?;
        self.fits("truncated", truncated.shape(), &[])?;
        self.fits("facts", facts.shape(), &[FACTS])?;
        self.fits("final_facts", final_facts.shape(), &[FACTS])?;
        let actions = actions.as_slice()?;
        let kind = self.inner.kind();
        if let Some(action) = actions.iter().find(|action| !(0..kind.actions() as i64).contains(*action)) {
            return Err(TaskError::new_err(format!("no action {action}; give {}", kind.explained())));
        }
        if !self.inner.begun() {
            return Err(TaskError::new_err("boards are reset before they are stepped"));
        }
        let outcome = Outcome {
            observations: observations.as_slice_mut()?,
            finals: finals.as_slice_mut()?,
            rewards: rewards.as_slice_mut()?,
            terminated: terminated.as_slice_mut()?,
            truncated: truncated.as_slice_mut()?,
            facts: facts.as_slice_mut()?,
            final_facts: final_facts.as_slice_mut()?,
        };
        enter(py, self.weight(), || {
            self.inner.step(actions, mode, outcome);
            Ok(())
        })
    }
}
