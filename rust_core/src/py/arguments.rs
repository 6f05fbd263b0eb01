//! Addresses and replies as they arrive.

use pyo3::{
    exceptions::PyTypeError,
    prelude::*,
    pybacked::{PyBackedBytes, PyBackedStr},
    types::{PyBytes, PyString},
};

use super::pool::guarded;
use crate::address::{self, Address};

pub fn parse(addresses: &[PyBackedStr]) -> PyResult<Vec<Address>> {
    guarded(|| Ok(address::parse_all(addresses.iter().map(|address| &**address))?))
}

/// A reply as Python gives it.
pub enum Reply {
    /// `str`.
    Text(PyBackedStr),
    /// `bytes`.
    Bytes(PyBackedBytes),
}

impl AsRef<[u8]> for Reply {
    fn as_ref(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }
}

impl<'py> FromPyObject<'_, 'py> for Reply {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if let Ok(text) = object.cast::<PyString>() {
            let text = text.to_owned();
            if let Ok(text) = PyBackedStr::try_from(text.clone()) {
                return Ok(Self::Text(text));
            }
            // Lone surrogates are no UTF-8, but a model may be made to say anything.
            let bytes = text.call_method1("encode", ("utf-8", "surrogatepass"))?;
            return Ok(Self::Bytes(bytes.extract()?));
        }
        if object.cast::<PyBytes>().is_ok() {
            return Ok(Self::Bytes(object.extract::<PyBackedBytes>()?));
        }
        Err(PyTypeError::new_err(format!("a reply must be str or bytes, not {}", object.get_type().name()?)))
    }
}
