//! audit.

mod model;

pub use model::AuditEntry;
