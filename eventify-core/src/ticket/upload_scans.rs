//! Taking in what devices scanned without network, in whatever order it arrives.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Tickets;
use super::check_in::{acting_device, action, tell};
use super::door::check_time;
use super::find::Located;
use super::gate_scan::{GateScan, GateScanView, ScanOutcome};
use super::model::{CheckIn, Ticket, TicketState, ticket_cancelled};
use super::passages::{Direction, Passage, Passages};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Category, Error, Reason};
use crate::event::{self, Event, event_not_found};
use crate::id::{EventId, ScanId, derived_uuid};
use crate::notification;
use crate::page::{Listing, PageRequest};
use crate::scope::Scope;
use crate::stats;
use crate::store::{Index, Key};
use crate::ticket_type::{self, ReEntry, TicketType};
use crate::time::Timestamp;
use crate::validate::Check;
use crate::work::{Decision, Work};

/// The scans that one upload may have.
const SCANS_MAX: usize = 200;

/// What a device scanned without network.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
#[serde(deny_unknown_fields)]
pub struct UploadScans {
    /// 1 to 200 scans, in any order.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub scans: Vec<OfflineScan>,
}

/// One scan that was made without network.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
#[serde(deny_unknown_fields)]
pub struct OfflineScan {
    /// The scan's own id, made by the device and never used again: uploading it twice is uploading it once, and after
    /// a check-in with this id nothing new. 1 to 100 characters.
    pub scan_id: String,
    /// The code, signed or short, as it was shown; at most 500 characters.
    pub code: String,
    /// When, by the device's clock. What lies in the future counts as now.
    pub scanned_at: Timestamp,
    /// Which way; in when absent.
    #[serde(default)]
    pub direction: Direction,
    /// The gate; at most 100 characters.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub gate: Option<String>,
    /// The device; at most 100 characters. One that shows its own key need not and cannot name another.
    #[serde(default)]
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub device: Option<String>,
}

impl fmt::Debug for OfflineScan {
    /// Without the code: it lets people in.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OfflineScan").field("scan_id", &self.scan_id).finish_non_exhaustive()
    }
}

impl Tickets<'_> {
    /// Takes in what a device scanned without network. Every scan is kept: of several that let the same person in, the
    /// earliest counts, and the others are duplicates, whichever arrives first. For the event's staff.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_staff`, `invalid_value`.
    pub async fn upload_scans(
        &self,
        actor: &Actor,
        event_id: EventId,
        request: UploadScans,
    ) -> Result<Vec<GateScanView>, Error> {
        let actor = &*actor.within(Scope::TicketsCheckIn)?;
        let event = self.engine.load::<Event>(&event_id).await?.ok_or_else(event_not_found)?;
        self.engine.require_door(actor, &event).await?;
        let mut scans = Vec::with_capacity(request.scans.len());
        for scan in checked(request, actor)? {
            // A scan whose code cannot be looked up now is not one of an unknown code.
            let located = match self.locate(&scan.code).await {
                Ok(located) => Ok(located),
                Err(error) if matches!(error.category(), Category::Unavailable | Category::Internal) => {
                    return Err(error);
                }
                Err(error) => Err(error),
            };
            scans.push(Shown { located, scan });
        }
        // By time, so that what one upload brings is told of in its order.
        let place = |s: &Shown| (s.scan.scanned_at, s.scan.scan_id.clone(), s.scan.device.clone());
        scans.sort_by_cached_key(place);
        let kept = self.engine.executor.decide(Upload { actor: actor.clone(), event_id, scans }).await?;
        Ok(kept.iter().map(GateScanView::from).collect())
    }

    /// The scans that were made without network at an event, by time; only those that somebody has to look at when
    /// `conflicts`. For the event's staff.
    ///
    /// # Errors
    /// `not_authenticated`, `event_not_found`, `not_event_staff`, `invalid_value` (limit), `malformed` (cursor).
    pub async fn scans(
        &self,
        actor: &Actor,
        event_id: EventId,
        conflicts: bool,
        page: &PageRequest,
    ) -> Result<Listing<GateScanView>, Error> {
        let actor = &*actor.within(Scope::TicketsCheckIn)?;
        let event = self.engine.load::<Event>(&event_id).await?.ok_or_else(event_not_found)?;
        self.engine.require_door(actor, &event).await?;
        let index =
            if conflicts { Index::ScanConflictsOfEvent(event_id) } else { Index::ScansOfEvent(event_id) };
        let found = self.engine.list::<GateScan>(index, false, page).await?;
        Ok(found.map(|scan| GateScanView::from(&*scan)))
    }
}

fn checked(request: UploadScans, actor: &Actor) -> Result<Vec<OfflineScan>, Error> {
    let mut check = Check::new();
    let count = request.scans.len();
    check.require((1..=SCANS_MAX).contains(&count), "scans", "must be 1 to 200");
    let mut ids = BTreeSet::new();
    let mut scans = request.scans;
    for (nth, scan) in scans.iter_mut().enumerate().take(SCANS_MAX) {
        scan.scan_id = check.line(&format!("scans[{nth}].scan_id"), &scan.scan_id, 100);
        check.length(&format!("scans[{nth}].code"), &scan.code, 500);
        for (field, text) in [("gate", &mut scan.gate), ("device", &mut scan.device)] {
            let field = format!("scans[{nth}].{field}");
            *text = text.take().map(|t| check.optional_line(&field, &t, 100)).filter(|t| !t.is_empty());
        }
        scan.device = acting_device(actor, scan.device.take());
        let is_new = ids.insert((scan.device.clone(), scan.scan_id.clone()));
        check.require(
            is_new,
            &format!("scans[{nth}].scan_id"),
            "must not be another scan's of this upload and device",
        );
    }
    check.finish()?;
    Ok(scans)
}

/// A scan with what its code stands for.
struct Shown {
    located: Result<Located, Error>,
    scan: OfflineScan,
}

struct Upload {
    actor: Actor,
    event_id: EventId,
    scans: Vec<Shown>,
}

impl Upload {
    fn key(&self, scan: &OfflineScan) -> ScanId {
        scan_key(self.event_id, scan.device.as_deref(), &scan.scan_id)
    }

    /// The tickets that are of this event.
    fn tickets(&self) -> impl Iterator<Item = &Located> {
        self.scans.iter().filter_map(|s| s.located.as_ref().ok()).filter(|l| l.event_id == self.event_id)
    }
}

impl Command for Upload {
    type Reply = Vec<GateScan>;
    const NAME: &'static str = "upload_scans";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn weight(&self) -> u32 {
        u32::try_from(self.scans.len()).unwrap_or(u32::MAX)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.event_id), stats::reads(self.event_id)]);
        keys.extend(self.scans.iter().map(|s| Key::GateScan(self.key(&s.scan))));
        keys.extend(self.tickets().flat_map(|l| [Key::Ticket(l.ticket_id), Key::Passages(l.ticket_id)]));
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<Vec<GateScan>> {
        let event = event::find(work, self.event_id)?;
        event::require_door(work, &self.actor, &event)?;
        self.need_all(work, cx)?;
        for shown in &self.scans {
            let id = self.key(&shown.scan);
            if work.find::<GateScan>(&id)?.is_none() {
                self.take(work, cx, &event, id, shown)?;
            }
        }
        let act = audit::Act::new("scans.uploaded", "event", event.id).of_event(event.id);
        audit::record(work, cx, &self.actor, &act);
        // Only now: a scan of this very upload may have overtaken another.
        let mut found = Vec::with_capacity(self.scans.len());
        for shown in &self.scans {
            let id = self.key(&shown.scan);
            found.extend(work.find::<GateScan>(&id)?.map(|scan| (*scan).clone()));
        }
        Ok(found)
    }
}

impl Upload {
    /// Asks for the records of all scans before the first is decided, so that they are loaded together.
    fn need_all(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let mut keys = BTreeSet::new();
        let mut counted: Vec<Timestamp> = self.scans.iter().map(|s| s.scan.scanned_at.min(cx.now)).collect();
        for located in self.tickets() {
            let Some(ticket) = work.find::<Ticket>(&located.ticket_id)? else { continue };
            keys.extend([Key::TicketType(ticket.ticket_type_id), notification::reads(ticket.user_id)]);
            let kept = work.find::<Passages>(&ticket.id)?;
            for passage in Passages::of(&ticket, kept.as_deref()).list {
                keys.insert(Key::GateScan(key_of(self.event_id, &ticket, &passage)));
                counted.push(passage.scan.at);
            }
        }
        // Both before either halts, so that they are loaded together.
        let days = stats::need(work, self.event_id, counted.into_iter());
        work.need(keys).and(days)
    }

    /// Keeps a scan that is new, with what it comes to.
    fn take(
        &self,
        work: &mut Work,
        cx: &Context<'_>,
        event: &Event,
        id: ScanId,
        shown: &Shown,
    ) -> Decision<()> {
        let scan = &shown.scan;
        let mut kept = GateScan {
            id,
            event_id: self.event_id,
            scan_id: scan.scan_id.clone(),
            ticket_id: shown.located.as_ref().ok().map(|located| located.ticket_id),
            direction: scan.direction,
            at: scan.scanned_at.min(cx.now),
            gate: scan.gate.clone(),
            device: scan.device.clone(),
            outcome: ScanOutcome::Accepted,
            uploaded_at: cx.now,
        };
        let refused = match &shown.located {
            Err(error) => Some(error.reason()),
            Ok(located) if located.event_id != self.event_id => Some(Reason::WrongEvent),
            Ok(located) => match work.find::<Ticket>(&located.ticket_id)? {
                None => Some(Reason::Unknown),
                Some(ticket) => {
                    let of = ticket_type::find(work, event.id, ticket.ticket_type_id)?;
                    if self.repeat(work, cx, (&*ticket, &*of), &kept)? {
                        return Ok(());
                    }
                    match admissible(located, &ticket, event, &of, &kept) {
                        Ok(()) => return self.pass(work, cx, event, (&*ticket, &*of), kept),
                        Err(error) => Some(error.reason()),
                    }
                }
            },
        };
        kept.outcome = refused.and_then(ScanOutcome::of).unwrap_or(ScanOutcome::Unknown);
        work.put(kept);
        Ok(())
    }

    /// Whether it was made online already, and only the answer was lost: then it comes to what it came to, and nothing
    /// is added.
    fn repeat(
        &self,
        work: &mut Work,
        cx: &Context<'_>,
        (ticket, of): (&Ticket, &TicketType),
        scan: &GateScan,
    ) -> Decision<bool> {
        let stored = work.find::<Passages>(&ticket.id)?;
        let known = Passages::of(ticket, stored.as_deref());
        let Some(first) = known.repeated(scan.direction, scan.device.as_deref(), Some(&scan.scan_id)) else {
            return Ok(false);
        };
        let outcome = if first.undone {
            ScanOutcome::Undone
        } else if known.counting(of.re_entry).contains(&first) {
            ScanOutcome::Accepted
        } else {
            ScanOutcome::Duplicate
        };
        self.mark(work, cx, ticket, first, outcome)?;
        Ok(true)
    }

    /// Puts a scan into the row of its ticket's scans, and writes down what that changes.
    fn pass(
        &self,
        work: &mut Work,
        cx: &Context<'_>,
        event: &Event,
        (ticket, of): (&Ticket, &TicketType),
        mut scan: GateScan,
    ) -> Decision<()> {
        let stored = work.find::<Passages>(&ticket.id)?;
        let mut known = Passages::of(ticket, stored.as_deref());
        let presence = known.presence(&ticket.state);
        let before: Vec<Passage> = known.counting(of.re_entry).into_iter().cloned().collect();
        let check_in = CheckIn {
            at: scan.at,
            gate: scan.gate.clone(),
            device: scan.device.clone(),
            scan_id: Some(scan.scan_id.clone()),
        };
        let own = Passage { direction: scan.direction, scan: check_in, undone: false };
        if let Err(error) = known.add(own.clone()) {
            scan.outcome = ScanOutcome::of(error.reason()).unwrap_or(ScanOutcome::TooManyPassages);
            work.put(scan);
            return Ok(());
        }
        let after: Vec<Passage> = known.counting(of.re_entry).into_iter().cloned().collect();
        scan.outcome = if after.contains(&own) { ScanOutcome::Accepted } else { ScanOutcome::Duplicate };
        for overtaken in before.iter().filter(|passage| !after.contains(passage)) {
            self.mark(work, cx, ticket, overtaken, ScanOutcome::Duplicate)?;
        }
        for confirmed in after.iter().filter(|passage| **passage != own && !before.contains(passage)) {
            self.mark(work, cx, ticket, confirmed, ScanOutcome::Accepted)?;
        }
        let (passed, nth) = (Ticket { state: known.state(of.re_entry), ..ticket.clone() }, known.list.len());
        stats::count_presence(work, ticket, &presence, &known.presence(&passed.state))?;
        if stored.is_some() || of.re_entry == ReEntry::InOut || known.list.len() > 1 {
            work.put(known);
        }
        if scan.outcome == ScanOutcome::Accepted {
            if scan.direction == Direction::In {
                tell(work, cx, event, &passed, (nth, matches!(ticket.state, TicketState::Active)))?;
            }
            let act = audit::Act::new(action(scan.direction), "ticket", ticket.id).of_event(event.id);
            audit::record(work, cx, &self.actor, &act);
        }
        work.put(passed);
        work.put(scan);
        Ok(())
    }

    /// Writes down what another scan of the ticket comes to now; one that was made online is written down here first.
    fn mark(
        &self,
        work: &mut Work,
        cx: &Context<'_>,
        ticket: &Ticket,
        passage: &Passage,
        outcome: ScanOutcome,
    ) -> Decision<()> {
        let id = key_of(self.event_id, ticket, passage);
        let known = work.find::<GateScan>(&id)?;
        let scan = known.map_or_else(
            || GateScan {
                id,
                event_id: self.event_id,
                scan_id: passage.scan.scan_id.clone().unwrap_or_else(|| id.to_string()),
                ticket_id: Some(ticket.id),
                direction: passage.direction,
                at: passage.scan.at,
                gate: passage.scan.gate.clone(),
                device: passage.scan.device.clone(),
                outcome,
                uploaded_at: cx.now,
            },
            |scan| GateScan { outcome, ..(*scan).clone() },
        );
        work.put(scan);
        Ok(())
    }
}

/// Whether the ticket could be shown there and then, whatever else was scanned.
fn admissible(
    located: &Located,
    ticket: &Ticket,
    event: &Event,
    of: &TicketType,
    scan: &GateScan,
) -> Result<(), Error> {
    located.check_issue(ticket)?;
    // Before the event: which ticket was cancelled by itself is told from those that went with the event.
    if matches!(ticket.state, TicketState::Cancelled { .. }) {
        return Err(ticket_cancelled());
    }
    match (scan.direction, of.re_entry) {
        (Direction::Out, ReEntry::Once) => {
            Err(Error::new(Reason::NoReEntry, "The ticket lets in once; nobody checks out with it."))
        }
        (Direction::Out, ReEntry::InOut) => Ok(()),
        // By the time of the scan, as if nobody had come in yet: that is for the row of its scans to say.
        (Direction::In, _) => {
            let unused = Ticket { state: TicketState::Active, ..ticket.clone() };
            check_time(&unused, event, Some(of), scan.at)
        }
    }
}

/// The key of a device's scan of this event.
fn scan_key(event_id: EventId, device: Option<&str>, scan_id: &str) -> ScanId {
    let device = device.unwrap_or_default();
    let parts: [&[u8]; 4] = [b"scan", event_id.as_bytes(), device.as_bytes(), scan_id.as_bytes()];
    ScanId::from_uuid(derived_uuid(&parts))
}

/// The key of a passage's scan; one without an id of its own has one that follows from its ticket and instant.
pub(super) fn key_of(event_id: EventId, ticket: &Ticket, passage: &Passage) -> ScanId {
    let device = passage.scan.device.as_deref();
    match &passage.scan.scan_id {
        Some(scan_id) => scan_key(event_id, device, scan_id),
        None => scan_key(event_id, device, &format!("{}@{}", ticket.id, passage.scan.at)),
    }
}
