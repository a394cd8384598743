//! Eventify inside of a Python interpreter: the module `eventify._eventify`, private to the typed front in `python/eventify`.
//!
//! A call crosses as JSON, with serde's names, and its answer as JSON without them (`positions`), so no field of core is listed here. Operations
//! are a generated table, one line each; the front knows them by their number. Work is done without the interpreter's lock; answers for asyncio wait in a queue
//! that the event loop empties, so that no thread of the engine ever waits for the lock.

mod actor;
mod answers;
mod call;
mod engine;
mod error;
mod hosts;
#[rustfmt::skip]
mod operations;
mod own;
mod positions;
mod store;
mod stream;
mod wait;

use pyo3::prelude::*;

#[pymodule]
mod _eventify {
    #[pymodule_export]
    use super::actor::PyActor;
    #[pymodule_export]
    use super::answers::Answers;
    #[pymodule_export]
    use super::engine::{Engine, open};
    #[pymodule_export]
    use super::stream::Stream;
    use super::{Bound, PyModule, PyResult};
    use pyo3::types::PyModuleMethods;

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("FINGERPRINT", crate::operations::FINGERPRINT)?;
        let names: Vec<&str> = crate::operations::OPERATIONS.iter().map(|(name, _)| *name).collect();
        module.add("OPERATIONS", names)
    }
}
