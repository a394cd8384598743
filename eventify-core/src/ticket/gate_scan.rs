//! Scans that were made without network: the record of each, and what it came to.

use serde::{Deserialize, Serialize};

use super::passages::Direction;
use crate::error::Reason;
use crate::id::{EventId, ScanId, TicketId};
use crate::time::Timestamp;

/// A scan that a device made without network, or one that such a scan overtook. Every one is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateScan {
    /// Follows from the event and the device's own id of the scan, so that each is kept once.
    pub id: ScanId,
    /// At whose door.
    pub event_id: EventId,
    /// The device's own id of the scan.
    pub scan_id: String,
    /// The ticket, if the code was one of ours.
    pub ticket_id: Option<TicketId>,
    /// Which way.
    pub direction: Direction,
    /// When, by the device's clock; not later than it was uploaded.
    pub at: Timestamp,
    /// At which gate.
    pub gate: Option<String>,
    /// By which device.
    pub device: Option<String>,
    /// What it came to, by all that is known now.
    pub outcome: ScanOutcome,
    /// When it became known.
    pub uploaded_at: Timestamp,
}

/// What a scan came to, by all that is known now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum))]
#[serde(rename_all = "snake_case")]
pub enum ScanOutcome {
    /// The person came in or went out with it.
    Accepted,
    /// Another scan in the same direction was earlier: somebody came in twice, or went out twice.
    Duplicate,
    /// Taken back by the staff.
    Undone,
    /// The ticket was cancelled.
    Cancelled,
    /// The event was cancelled.
    EventCancelled,
    /// The ticket is for another event.
    WrongEvent,
    /// It was too early for the ticket.
    NotYetValid,
    /// The event was over.
    Expired,
    /// No ticket has the code.
    Unknown,
    /// The code was not signed by this deployment.
    BadSignature,
    /// A newer code was issued for the ticket.
    Reissued,
    /// The ticket lets in once, so nobody checks out with it.
    NoReEntry,
    /// The ticket was scanned as often as one may be: the scan is kept and counts for nothing.
    TooManyPassages,
}

impl ScanOutcome {
    /// What a refusal at the door is called in a report.
    pub(super) const fn of(reason: Reason) -> Option<Self> {
        Some(match reason {
            Reason::AlreadyUsed => Self::Duplicate,
            Reason::TicketCancelled => Self::Cancelled,
            Reason::EventCancelled => Self::EventCancelled,
            Reason::WrongEvent => Self::WrongEvent,
            Reason::NotYetValid => Self::NotYetValid,
            Reason::Expired => Self::Expired,
            Reason::Unknown => Self::Unknown,
            Reason::BadSignature => Self::BadSignature,
            Reason::Reissued => Self::Reissued,
            Reason::NoReEntry => Self::NoReEntry,
            Reason::TooManyPassages => Self::TooManyPassages,
            _ => return None,
        })
    }
}

impl GateScan {
    /// Whether somebody has to look at it.
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        !matches!(self.outcome, ScanOutcome::Accepted | ScanOutcome::Undone)
    }
}

/// A scan that was made without network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct GateScanView {
    /// The device's own id of the scan.
    pub scan_id: String,
    /// What it came to, by all that is known now: a scan that becomes known later may change it.
    pub outcome: ScanOutcome,
    /// The ticket, if the code was one of ours.
    pub ticket_id: Option<TicketId>,
    /// Which way.
    pub direction: Direction,
    /// When, by the device's clock.
    pub scanned_at: Timestamp,
    /// At which gate.
    pub gate: Option<String>,
    /// By which device.
    pub device: Option<String>,
    /// When it became known.
    pub uploaded_at: Timestamp,
}

impl From<&GateScan> for GateScanView {
    fn from(scan: &GateScan) -> Self {
        Self {
            scan_id: scan.scan_id.clone(),
            outcome: scan.outcome,
            ticket_id: scan.ticket_id,
            direction: scan.direction,
            scanned_at: scan.at,
            gate: scan.gate.clone(),
            device: scan.device.clone(),
            uploaded_at: scan.uploaded_at,
        }
    }
}
