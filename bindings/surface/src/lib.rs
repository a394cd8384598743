//! What `eventify-core` offers, read from its sources: the nouns with their operations, the types that go in and come out,
//! and the documentation of both.
//!
//! Core is the one place where a name, a field or a sentence of documentation is written. A binding is made from this, or
//! compares itself with it:
//!
//! ```
//! use eventify_surface::Surface;
//!
//! let core = concat!(env!("CARGO_MANIFEST_DIR"), "/../../eventify-core/src");
//! let surface = Surface::read(core.as_ref())?;
//! let hold = surface.operation("bookings.hold").ok_or("core holds tickets")?;
//! assert_eq!(hold.params[1].ty.name, "HoldTickets");
//! assert_eq!(hold.answer.to_string(), "Answer<BookingView>");
//! let view = surface.types.get("BookingView").ok_or("a booking can be seen")?;
//! assert_eq!(view.fields()[0].name, "id");
//!
//! // Every operation that a binding lacks, and does not list with a reason:
//! let bound = ["bookings.hold"];
//! let listed = [("jobs.sweep", "the worker sweeps by itself")];
//! let missing = surface.missing(bound, listed);
//! assert!(missing.contains(&"bookings.confirm".to_owned()) && !missing.contains(&"jobs.sweep".to_owned()));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! It understands what core is written with: `impl Noun<'_>` blocks, serde's derives, and core's own macros of ids and
//! words. What it does not understand it says, with the file, instead of leaving it out.

mod declared;
mod docs;
mod operations;
mod own_macros;
mod ty;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub use declared::{Declared, Field, Shape, Word};
pub use docs::{ErrorCodes, without_examples};
pub use operations::{Noun, Operation, Param};
pub use ty::Type;

/// Everything that core offers to a binding.
#[derive(Debug, Clone, Default)]
pub struct Surface {
    /// The nouns, in the order of the accessors on `Eventify`.
    pub nouns: Vec<Noun>,
    /// The public types, by name; of a name that two have, neither.
    pub types: BTreeMap<String, Declared>,
    /// The public types whose name another has too: records and machinery, which no binding sees.
    pub namesakes: Vec<Declared>,
    /// The codes of refusals: name, code, category, documentation.
    pub reasons: Vec<Reason>,
    /// What a host may choose when it starts the engine: the options of `Builder`, such as `notifier`.
    pub options: Vec<String>,
}

/// A code of a refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The code, such as `sold_out`.
    pub code: String,
    /// Its category, such as `Rule`.
    pub category: String,
    /// When it is given.
    pub docs: String,
}

/// Why core's sources could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {why}", file.display())]
pub struct SurfaceError {
    /// Where.
    pub file: PathBuf,
    /// What is wrong there.
    pub why: String,
}

/// Directories that are core's own business: the store's contract, the machinery, how types pass elsewhere, the tests' helpers.
const INNER: &[&str] = &["check", "command", "copy", "executor", "ffi", "store", "testing", "text", "work"];

impl Surface {
    /// Reads `eventify-core/src`.
    ///
    /// # Errors
    /// [`SurfaceError`] for a file that cannot be read, or says something that is not understood.
    pub fn read(core_src: &Path) -> Result<Self, SurfaceError> {
        let mut files = Vec::new();
        collect(core_src, core_src, &mut files)?;
        files.sort();
        let mut surface = Self::default();
        let mut parsed = Vec::new();
        for path in files {
            let text = std::fs::read_to_string(&path).map_err(|e| error(&path, &e))?;
            let file = syn::parse_file(&text).map_err(|e| error(&path, &e))?;
            let noun = noun_of(core_src, &path);
            declared::of_file(&file, &noun)
                .map_err(|e| error(&path, &e))?
                .into_iter()
                .for_each(|declared| surface.declare(declared));
            let own = own_macros::of_file(&file, &text, &noun).map_err(|e| error(&path, &e))?;
            surface.reasons.extend(own.reasons);
            own.declared.into_iter().for_each(|declared| surface.declare(declared));
            parsed.push((path, file));
        }
        surface.nouns = parsed.iter().flat_map(|(_, file)| operations::nouns_of_file(file)).collect();
        surface.options = parsed.iter().flat_map(|(_, file)| operations::options_of_file(file)).collect();
        for (path, file) in &parsed {
            operations::add_of_file(file, &mut surface.nouns).map_err(|e| error(path, &e))?;
        }
        Ok(surface)
    }

    fn declare(&mut self, declared: Declared) {
        let name = &declared.name;
        let namesake = self.types.remove(name);
        if namesake.is_some() || self.namesakes.iter().any(|of| of.name == *name) {
            self.namesakes.extend(namesake);
            self.namesakes.push(declared);
        } else {
            self.types.insert(name.clone(), declared);
        }
    }

    /// The kinds of refusals: what an exception tree is made of.
    #[must_use]
    pub fn categories(&self) -> &[Word] {
        let all = self.types.values().chain(&self.namesakes);
        let mut found = all.filter(|of| of.noun == "error" && of.name == "Category");
        match found.next().map(|of| &of.shape) {
            Some(Shape::Words(words)) => words,
            _ => &[],
        }
    }

    /// An operation by its noun and name, such as `bookings.hold`.
    #[must_use]
    pub fn operation(&self, path: &str) -> Option<&Operation> {
        let (noun, name) = path.split_once('.')?;
        let noun = self.nouns.iter().find(|of| of.name == noun)?;
        noun.operations.iter().find(|operation| operation.name == name)
    }

    /// Every operation's noun and name, such as `bookings.hold`.
    pub fn paths(&self) -> impl Iterator<Item = String> {
        self.nouns
            .iter()
            .flat_map(|noun| noun.operations.iter().map(|of| format!("{}.{}", noun.name, of.name)))
    }

    /// The operations that are neither bound nor listed, with a reason, as left out.
    #[must_use]
    pub fn missing<'a>(
        &self,
        bound: impl IntoIterator<Item = &'a str>,
        listed: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Vec<String> {
        let mut known: BTreeSet<&str> = bound.into_iter().collect();
        known.extend(listed.into_iter().filter(|(_, reason)| !reason.is_empty()).map(|(path, _)| path));
        self.paths().filter(|path| !known.contains(path.as_str())).collect()
    }

    /// The named types that a type is made of, itself included, and theirs.
    pub fn reach(&self, ty: &Type, found: &mut BTreeSet<String>) {
        for of in &ty.of {
            self.reach(of, found);
        }
        let Some(declared) = self.types.get(&ty.name) else { return };
        if found.insert(ty.name.clone()) {
            for field in declared.fields() {
                self.reach(&field.ty, found);
            }
            if let Shape::Newtype(inner) = &declared.shape {
                self.reach(inner, found);
            }
        }
    }
}

fn error(path: &Path, why: &dyn std::fmt::Display) -> SurfaceError {
    SurfaceError { file: path.to_owned(), why: why.to_string() }
}

fn collect(root: &Path, dir: &Path, found: &mut Vec<PathBuf>) -> Result<(), SurfaceError> {
    for entry in std::fs::read_dir(dir).map_err(|e| error(dir, &e))? {
        let path = entry.map_err(|e| error(dir, &e))?.path();
        let inner = dir == root && INNER.iter().any(|name| path.file_name().is_some_and(|n| n == *name));
        if path.is_dir() && !inner {
            collect(root, &path, found)?;
        } else if path.extension().is_some_and(|of| of == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

/// The directory of core that a file belongs to, or the name of a file that belongs to none.
fn noun_of(root: &Path, path: &Path) -> String {
    let relative = path.strip_prefix(root).unwrap_or(path);
    let first = relative.components().next().map(|part| part.as_os_str().to_string_lossy().into_owned());
    first.unwrap_or_default().trim_end_matches(".rs").to_owned()
}
