//! What a [`FaultStore`](super::FaultStore) is to do wrong.

/// One thing that goes wrong with a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing goes wrong.
    None,
    /// `Conflict` on one of the expected keys; nothing was written.
    Conflict,
    /// `Unavailable`; nothing was written.
    Unavailable,
    /// `Indeterminate`; everything was written.
    LostApplied,
    /// `Indeterminate`; nothing was written, and never will be.
    LostNotApplied,
    /// `Indeterminate`; the change set arrives at the store only after so many further operations.
    LostAndLate(u32),
}

/// How often what goes wrong, in cases out of 1,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FaultPlan {
    /// Commits that answer [`Fault::Conflict`].
    pub conflicts: u16,
    /// Commits that answer [`Fault::Unavailable`].
    pub unavailable: u16,
    /// Commits that end as [`Fault::LostApplied`].
    pub lost_applied: u16,
    /// Commits that end as [`Fault::LostNotApplied`].
    pub lost_not_applied: u16,
    /// Commits that end as [`Fault::LostAndLate`], by up to `late_operations_max`.
    pub lost_and_late: u16,
    /// How many further operations a late commit may take to arrive, at most.
    pub late_operations_max: u32,
    /// Loads and scans that answer `Unavailable`.
    pub reads_unavailable: u16,
    /// How often an operation lets others run before it starts and before it answers, at most.
    pub yields_max: u32,
}

impl FaultPlan {
    /// Nothing goes wrong.
    pub const NONE: Self = Self {
        conflicts: 0,
        unavailable: 0,
        lost_applied: 0,
        lost_not_applied: 0,
        lost_and_late: 0,
        late_operations_max: 0,
        reads_unavailable: 0,
        yields_max: 0,
    };

    /// A bad day: about a fifth of all commits go wrong, in every way.
    pub const STORM: Self = Self {
        conflicts: 50,
        unavailable: 40,
        lost_applied: 40,
        lost_not_applied: 40,
        lost_and_late: 30,
        late_operations_max: 6,
        reads_unavailable: 20,
        yields_max: 3,
    };
}

/// What went wrong so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FaultCounts {
    /// Commits that reached the store or a fault.
    pub commits: u64,
    /// Loads and scans.
    pub reads: u64,
    /// Conflicts that were none.
    pub conflicts: u64,
    /// Commits refused before anything was written.
    pub unavailable: u64,
    /// Commits applied whose answer was lost.
    pub lost_applied: u64,
    /// Commits lost with their answer.
    pub lost_not_applied: u64,
    /// Commits whose answer was lost before they arrived.
    pub lost_and_late: u64,
    /// How many of those were applied when they arrived.
    pub late_applied: u64,
    /// Loads and scans that failed.
    pub reads_unavailable: u64,
}
