//! Taking a whole programme over from elsewhere; again and again, without repeating anything.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::model::{Event, Schedule};
use super::schedule::{PutScheduleItem, checked, insert, item_of};
use super::{Events, access};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::Error;
use crate::id::{EventId, ScheduleItemId};
use crate::scope::Scope;
use crate::store::Key;
use crate::work::{Decision, Work};

/// An entry of a programme from elsewhere.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportedItem {
    /// What its source calls it: the same entry keeps its id when it is imported again.
    pub source_id: String,
    /// The entry.
    pub item: PutScheduleItem,
}

/// What became of an imported programme.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Entries that are new.
    pub added: u32,
    /// Entries that were there and changed.
    pub updated: u32,
    /// Entries that were there just so.
    pub unchanged: u32,
    /// Entries of earlier imports that the programme does not have any more.
    pub removed: u32,
    /// Entries that were left out: which (by `source_id`), and why.
    pub skipped: Vec<(String, String)>,
}

impl Events<'_> {
    /// Makes the event's schedule that of the programme: adds, updates and removes imported entries, and leaves those
    /// alone that were added by hand. An entry that breaks a rule is left out and reported; the rest is taken.
    ///
    /// # Errors
    /// `event_not_found`, `not_event_owner`, `event_cancelled`, `event_not_published` (completed).
    pub async fn import_schedule(
        &self,
        actor: &Actor,
        event_id: EventId,
        items: Vec<ImportedItem>,
    ) -> Result<ImportReport, Error> {
        let actor = &*actor.within(Scope::EventsWrite)?;
        self.engine.executor.decide(Import { actor: actor.clone(), event_id, items }).await
    }
}

struct Import {
    actor: Actor,
    event_id: EventId,
    items: Vec<ImportedItem>,
}

impl Command for Import {
    type Reply = ImportReport;
    const NAME: &'static str = "import_schedule";

    fn lane(&self) -> LaneKey {
        LaneKey::Event(self.event_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::Event(self.event_id), Key::Schedule(self.event_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<ImportReport> {
        let event = access::find(work, self.event_id)?;
        access::require_manager(work, &self.actor, &event)?;
        event.state.require_editable()?;
        let before = work.find::<Schedule>(&self.event_id)?;
        let before = before.map_or_else(|| Schedule::empty(self.event_id), |s| (*s).clone());
        let (schedule, report) = self.merge(&before, &event, cx);
        if schedule != before {
            work.put(schedule);
            let act = audit::Act::new("schedule.imported", "schedule", self.event_id).of_event(self.event_id);
            audit::record(work, cx, &self.actor, &act);
        }
        Ok(report)
    }
}

impl Import {
    fn merge(&self, before: &Schedule, event: &Event, cx: &Context<'_>) -> (Schedule, ImportReport) {
        let mut report = ImportReport::default();
        let mut schedule = Schedule::empty(self.event_id);
        schedule.items.extend(before.items.iter().filter(|item| item.source_id.is_none()).cloned());
        let imported = before.items.iter().filter_map(|item| Some((item.source_id.as_deref()?, item)));
        let mut known: BTreeMap<&str, _> = imported.collect();
        let mut seen = BTreeSet::new();
        for (nth, ImportedItem { source_id, item }) in self.items.iter().enumerate() {
            if !seen.insert(source_id.as_str()) {
                // Two of one name would be told apart by nothing when they are imported again.
                report.skipped.push((source_id.clone(), "The programme has this entry twice.".to_owned()));
                continue;
            }
            let old = known.remove(source_id.as_str());
            let put = match checked(item.clone(), &format!("items[{nth}].")) {
                Ok(put) => put,
                Err(error) => {
                    report.skipped.push((source_id.clone(), error.message().to_owned()));
                    continue;
                }
            };
            let id = old.map_or_else(|| ScheduleItemId::from_uuid(cx.new_uuid()), |old| old.id);
            let new = item_of(id, &put, Some(source_id.clone()));
            match insert(&mut schedule, event, new.clone()) {
                Err(error) => report.skipped.push((source_id.clone(), error.message().to_owned())),
                Ok(()) if old == Some(&new) => report.unchanged += 1,
                Ok(()) if old.is_some() => report.updated += 1,
                Ok(()) => report.added += 1,
            }
        }
        report.removed = u32::try_from(known.len()).unwrap_or(u32::MAX);
        (schedule, report)
    }
}
