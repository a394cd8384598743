//! Why a copy failed.

use std::fmt;

use crate::check::CheckReport;
use crate::store::{CodecError, Kind, StoreError};

/// A copy's failure, and what it left behind.
#[derive(Debug)]
pub struct CopyError {
    /// Why.
    pub failure: CopyFailure,
    /// Whether the target was begun: it is of no use, no engine starts over it, and it has to be emptied before the
    /// next try.
    pub is_begun: bool,
}

/// Why a copy failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum CopyFailure {
    /// The source has no keyring: no engine ever ran over it.
    SourceEmpty,
    /// The source is itself the target of a copy that was interrupted.
    SourceUnfinished,
    /// An engine wrote to the source meanwhile.
    SourceChanged,
    /// The target has records, of this kind among others.
    TargetNotEmpty(Kind),
    /// The target is that of a copy that is under way or was interrupted.
    TargetUnfinished,
    /// Somebody else wrote to the target meanwhile.
    TargetChanged(Kind),
    /// What arrived is not what was sent: so many records of a kind were sent, and so many are there; with equal
    /// counts their contents differ.
    Differs {
        /// Of this kind.
        kind: Kind,
        /// Records sent.
        sent: u64,
        /// Records found.
        found: u64,
    },
    /// Everything arrived, and it breaks rules; so did the source.
    Unsound(CheckReport),
    /// The source cannot be read.
    Source(StoreError),
    /// The target cannot be written or read.
    Target(StoreError),
    /// A record cannot be encoded.
    Codec(CodecError),
}

impl fmt::Display for CopyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SourceEmpty => f.write_str("the source is empty"),
            Self::SourceUnfinished => f.write_str("the source is itself the rest of an interrupted copy"),
            Self::SourceChanged => f.write_str("the source was written to meanwhile"),
            Self::TargetNotEmpty(kind) => {
                write!(f, "the target is not empty: there are records in {}", kind.table())
            }
            Self::TargetUnfinished => {
                f.write_str("the target belongs to a copy that is under way or was interrupted")
            }
            Self::TargetChanged(kind) => {
                write!(f, "somebody else wrote to the target meanwhile, in {}", kind.table())
            }
            Self::Differs { kind, sent, found } if sent == found => {
                write!(f, "{} records arrived in {}, but with other contents", found, kind.table())
            }
            Self::Differs { kind, sent, found } => {
                write!(f, "{sent} records were sent to {}, and {found} are there", kind.table())
            }
            Self::Unsound(report) => {
                write!(
                    f,
                    "everything arrived, but {} rules are broken, as in the source",
                    report.findings_total
                )
            }
            Self::Source(error) => write!(f, "the source: {error}"),
            Self::Target(error) => write!(f, "the target: {error}"),
            Self::Codec(error) => error.fmt(f),
        }
    }
}

impl fmt::Display for CopyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.failure.fmt(f)
    }
}

impl std::error::Error for CopyError {}
