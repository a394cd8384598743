//! Writes what of the Python binding follows from `eventify-core`: the dataclasses, the enums, the exceptions, the sync and
//! the async clients, and the table of operations in Rust. The files are checked in; a test fails when they are not what this
//! program writes now.
//!
//! `cargo run -p eventify-python-codegen` writes them.

mod errors;
mod examples;
mod left_out;
mod nouns;
mod plan;
mod python;
mod table;
mod text;
mod types;
mod wire;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use eventify_surface::Surface;

pub use left_out::{LeftOut, left_out};
pub use plan::Plan;

/// Why nothing could be written.
pub type Error = Box<dyn std::error::Error + Send + Sync>;

/// Where the binding is.
#[must_use]
pub fn binding() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_owned).unwrap_or_default()
}

/// Core's surface, read from its sources.
///
/// # Errors
/// When they cannot be read.
pub fn surface() -> Result<Surface, Error> {
    Ok(Surface::read(&binding().join("../../eventify-core/src"))?)
}

/// Every file that follows from core, by its path in the binding.
///
/// # Errors
/// For what core says and this program has no Python for: it names it.
pub fn files(surface: &Surface) -> Result<BTreeMap<String, String>, Error> {
    let left_out = left_out()?;
    let plan = Plan::new(surface, &left_out)?;
    let mut files = BTreeMap::new();
    files.insert("src/operations.rs".to_owned(), table::file(&plan));
    files.insert(format!("{PACKAGE}/_kinds.py"), errors::file(surface)?);
    let version = format!("{HEAD}FINGERPRINT = \"{}\"\n", plan.fingerprint());
    files.insert(format!("{PACKAGE}/_version.py"), version);
    types::files(&plan, &mut files)?;
    wire::files(&plan, &mut files)?;
    nouns::files(&plan, &examples::examples(&plan)?, &mut files)?;
    Ok(files)
}

/// Where the Python sources are.
pub(crate) const PACKAGE: &str = "python/eventify";

/// What every written Python file begins with.
pub(crate) const HEAD: &str = "# Written by eventify-python-codegen from eventify-core; do not edit.\n";
