//! Verdicts as columns: one array a fact, ragged steps by offsets.

use numpy::{IntoPyArray, PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;

use crate::verdict::{COMPONENTS, Verdict};

/// outcome, form, components, first error, step offsets, step start, end, skill, state, reason, and whether in a thought and repeated.
pub type Columns<'py> = (
    Bound<'py, PyArray1<u8>>,
    Bound<'py, PyArray1<u8>>,
    Bound<'py, PyArray2<f32>>,
    Bound<'py, PyArray1<i32>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<i64>>,
    Bound<'py, PyArray1<u8>>,
    Bound<'py, PyArray1<u8>>,
    Bound<'py, PyArray1<u8>>,
    Bound<'py, PyArray1<bool>>,
    Bound<'py, PyArray1<bool>>,
);

/// The code of a form that is not there.
const NO_FORM: u8 = 255;

/// Turns verdicts into columns, in order.
pub fn columns<'py>(py: Python<'py>, verdicts: &[Verdict]) -> Columns<'py> {
    let steps = || verdicts.iter().flat_map(|verdict| &verdict.steps);
    let mut offsets = Vec::with_capacity(verdicts.len() + 1);
    offsets.push(0_i64);
    for verdict in verdicts {
        offsets.push(offsets[offsets.len() - 1] + verdict.steps.len() as i64);
    }
    let bytes = |column: Vec<u8>| column.into_pyarray(py);
    (
        bytes(verdicts.iter().map(|verdict| verdict.outcome as u8).collect()),
        bytes(verdicts.iter().map(|verdict| verdict.form.map_or(NO_FORM, |form| form as u8)).collect()),
        verdicts
            .iter()
            .flat_map(|verdict| verdict.components)
            .collect::<Vec<f32>>()
            .into_pyarray(py)
            .reshape([verdicts.len(), COMPONENTS])
            .expect("every verdict has all components"),
        verdicts
            .iter()
            .map(|verdict| verdict.first_error().map_or(-1, |at| at as i32))
            .collect::<Vec<i32>>()
            .into_pyarray(py),
        offsets.into_pyarray(py),
        steps().map(|step| i64::from(step.start)).collect::<Vec<_>>().into_pyarray(py),
        steps().map(|step| i64::from(step.end)).collect::<Vec<_>>().into_pyarray(py),
        bytes(steps().map(|step| step.skill as u8).collect()),
        bytes(steps().map(|step| step.state as u8).collect()),
        bytes(steps().map(|step| step.reason as u8).collect()),
        steps().map(|step| step.thought).collect::<Vec<_>>().into_pyarray(py),
        steps().map(|step| step.repeated).collect::<Vec<_>>().into_pyarray(py),
    )
}
