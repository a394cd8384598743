//! The engine as it should be, beside the engine as it is.

mod invariants;
mod snapshot;

pub use invariants::violations;
pub use snapshot::Snapshot;
