//! Pictures as Python takes them away: files, and a model's input written where the caller wants it.

use numpy::{Element, PyArray2, PyReadonlyArray2, PyReadwriteArray1, PyUntypedArrayMethods};
use pyo3::{prelude::*, pybacked::PyBackedStr, types::PyBytes};

use super::{arguments::parse, errors::TaskError, pool::enter};
use crate::{
    address::Address,
    pictures::{self, Encoding},
    pixels::{Number, Order, Tables},
    render::Theme,
};

#[pyfunction]
pub fn encode<'py>(
    py: Python<'py>,
    addresses: Vec<PyBackedStr>,
    size: [usize; 2],
    theme: &str,
    encoding: &str,
    quality: i64,
) -> PyResult<Vec<Bound<'py, PyBytes>>> {
    let (theme, encoding) = (Theme::named(theme)?, Encoding::named(encoding, quality)?);
    let addresses = parse(&addresses)?;
    let files = enter(py, addresses.len(), || pictures::encode(&addresses, size, theme, encoding))?;
    Ok(files.iter().map(|file| PyBytes::new(py, file)).collect())
}

#[pyfunction]
pub fn pixels(
    py: Python<'_>,
    addresses: Vec<PyBackedStr>,
    size: [usize; 2],
    theme: &str,
    tables: &Bound<'_, PyAny>,
    patches: Option<[usize; 3]>,
    out: &Bound<'_, PyAny>,
) -> PyResult<()> {
    let theme = Theme::named(theme)?;
    let order = match patches {
        Some([side, merge, frames]) => Order::Patches { side, merge, frames },
        None => Order::Planes,
    };
    let addresses = parse(&addresses)?;
    if tables.cast::<PyArray2<u16>>().is_ok() {
        write(py, &addresses, size, theme, order, tables.extract::<PyReadonlyArray2<'_, u16>>()?, out.extract()?)
    } else {
        write(py, &addresses, size, theme, order, tables.extract::<PyReadonlyArray2<'_, f32>>()?, out.extract()?)
    }
}

fn write<N: Number + Element>(
    py: Python<'_>,
    addresses: &[Address],
    size: [usize; 2],
    theme: Theme,
    order: Order,
    tables: PyReadonlyArray2<'_, N>,
    mut out: PyReadwriteArray1<'_, N>,
) -> PyResult<()> {
    let shape = tables.shape();
    let (&[3, 256], Ok(tables)) = (shape, Tables::try_from(tables.as_slice()?.as_chunks::<256>().0)) else {
        return Err(TaskError::new_err(format!("tables have shape {shape:?}, not (3, 256)")));
    };
    let numbers = out.as_slice_mut()?;
    enter(py, addresses.len(), || crate::pixels::pixels(addresses, size, theme, order, &tables, numbers))
}
