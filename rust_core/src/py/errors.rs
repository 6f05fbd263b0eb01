//! What goes wrong, as Python sees it.

use pyo3::{
    create_exception,
    exceptions::{PyRuntimeError, PyValueError},
    prelude::*,
};

use crate::Error;

create_exception!(avrgym, TaskError, PyValueError);
create_exception!(avrgym, CoreError, PyRuntimeError);

impl From<Error> for PyErr {
    fn from(error: Error) -> Self {
        TaskError::new_err(error.to_string())
    }
}
