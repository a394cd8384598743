//! What a copy tells.

use crate::store::Kind;

/// How far a copy is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// What it does.
    pub stage: Stage,
    /// The kind of record that it is at.
    pub kind: Kind,
    /// Records that this stage has done.
    pub records: u64,
    /// Records that this stage will do, once that is known.
    pub records_total: Option<u64>,
}

/// What a copy does, one after another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Reads the source and writes the target.
    Copy,
    /// Reads the target back.
    Compare,
    /// Looks at the rules between records.
    Check,
}

/// What was copied.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CopyReport {
    /// How many records of each kind, in the order of [`Kind::ALL`]; kinds without any are left out.
    pub kinds: Vec<(Kind, u64)>,
}

impl CopyReport {
    /// How many records.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.kinds.iter().map(|(_, count)| count).sum()
    }
}
