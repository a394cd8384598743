//! What goes in, what comes out, and where it is written.

use std::collections::{BTreeMap, BTreeSet};

use eventify_surface::{Declared, Noun, Operation, Param, Shape, Surface, Type};

use crate::{Error, LeftOut};

/// Types that hosts' own notifiers, payment providers and settings are made of: `true` for those that come out of core.
const PORTS: &[(&str, bool)] = &[
    ("CallbackAnswer", false),
    ("Charge", false),
    ("ChargeDispute", false),
    ("ChargeKey", true),
    ("ChargeRequest", true),
    ("Channel", false),
    ("Envelope", true),
    ("Message", true),
    ("ProviderCallback", true),
    ("Recipient", true),
    ("RefundReceipt", false),
    ("RefundRequest", true),
    ("Role", false),
    ("Settings", false),
];

/// Answers that are read piece by piece: the type, the operation that reads on, and what a piece is made of.
pub(crate) const PIECES: &[(&str, &str, &str)] = &[
    ("AttendeeExport", "exports.next_attendees", "ExportedAttendee"),
    ("BookingExport", "exports.next_bookings", "ExportedBooking"),
    ("LedgerExport", "exports.next_ledger", "LedgerEntryView"),
    ("Archive", "accounts.read_archive", "str"),
];

/// Answers that never end by themselves, and what they consist of.
pub(crate) const FEEDS: &[(&str, &str)] = &[("Feed", "NotificationView"), ("LiveFeed", "LiveView")];

/// Everything that is written, decided once.
#[derive(Debug)]
pub struct Plan<'s> {
    pub(crate) surface: &'s Surface,
    pub(crate) nouns: Vec<Noun>,
    pub(crate) inputs: BTreeSet<String>,
    pub(crate) outputs: BTreeSet<String>,
    /// Records whose fields are the keywords of a call, and nothing else.
    pub(crate) unrolled: BTreeSet<String>,
    pub(crate) versioned: BTreeSet<String>,
    pub(crate) replayed: BTreeSet<String>,
    numbers: BTreeMap<String, usize>,
}

impl<'s> Plan<'s> {
    /// # Errors
    /// When something is listed as left out that is not there.
    pub fn new(surface: &'s Surface, left_out: &[LeftOut]) -> Result<Self, Error> {
        let mut plan = Self {
            surface,
            nouns: surface.nouns.clone(),
            inputs: BTreeSet::new(),
            outputs: BTreeSet::new(),
            unrolled: BTreeSet::new(),
            versioned: BTreeSet::new(),
            replayed: BTreeSet::new(),
            numbers: BTreeMap::new(),
        };
        plan.check(left_out)?;
        for noun in &mut plan.nouns {
            let gone =
                |of: &Operation| left_out.iter().any(|l| l.what == format!("{}.{}", noun.name, of.name));
            noun.operations.retain(|of| !gone(of));
        }
        plan.nouns.retain(|noun| !noun.operations.is_empty());
        plan.reach();
        let paths =
            plan.nouns.iter().flat_map(|n| n.operations.iter().map(|of| format!("{}.{}", n.name, of.name)));
        plan.numbers = paths.enumerate().map(|(number, path)| (path, number)).collect();
        Ok(plan)
    }

    fn check(&self, left_out: &[LeftOut]) -> Result<(), Error> {
        for LeftOut { what, .. } in left_out {
            let field = what.split_once('.').and_then(|(of, name)| {
                self.surface.types.get(of).and_then(|of| of.fields().iter().find(|field| field.name == name))
            });
            let is_option = what
                .strip_prefix("Builder.")
                .is_some_and(|option| self.surface.options.iter().any(|of| of == option));
            if field.is_none() && self.surface.operation(what).is_none() && !is_option {
                return Err(format!("left-out.txt: core has no {what}").into());
            }
        }
        Ok(())
    }

    fn reach(&mut self) {
        let mut nested = BTreeSet::new();
        for operation in self.nouns.clone().iter().flat_map(|noun| noun.operations.clone()) {
            for param in &operation.params {
                match self.record(param) {
                    Some(declared) => {
                        self.unrolled.insert(declared.name.clone());
                        for field in declared.fields().to_vec() {
                            self.surface.reach(&field.ty, &mut nested);
                        }
                    }
                    None => self.surface.reach(&param.ty, &mut nested),
                }
            }
            self.answer(&operation.answer);
        }
        for (name, comes_out) in PORTS {
            let into = if *comes_out { &mut self.outputs } else { &mut nested };
            self.surface.reach(&Type::plain(name), into);
        }
        self.inputs = nested;
        let kept: BTreeSet<String> = self.inputs.union(&self.outputs).cloned().collect();
        self.unrolled.retain(|name| !kept.contains(name));
    }

    fn answer(&mut self, answer: &Type) {
        if let Some(of) = answer.inside("Fetched") {
            self.versioned.insert(of.name.clone());
        }
        if let Some(of) = answer.inside("Answer") {
            self.replayed.insert(of.name.clone());
        }
        let piece = PIECES.iter().find(|(name, ..)| *name == answer.name).map(|(_, _, piece)| *piece);
        let item = FEEDS.iter().find(|(name, _)| *name == answer.name).map(|(_, item)| *item);
        let ty = piece.or(item).map_or_else(|| answer.clone(), Type::plain);
        self.surface.reach(&ty, &mut self.outputs);
    }

    /// The record behind a parameter whose fields are keywords of the call.
    pub(crate) fn record(&self, param: &Param) -> Option<&'s Declared> {
        let declared = self.surface.types.get(&param.ty.name)?;
        let is_page = param.ty.name == "PageRequest";
        (matches!(declared.shape, Shape::Record(_)) && !is_page).then_some(declared)
    }

    /// The types that Python has a class or a name for, by the directory of core that they are in.
    pub(crate) fn types_by_group(&self) -> BTreeMap<&str, Vec<&'s Declared>> {
        let mut groups: BTreeMap<&str, Vec<&Declared>> = BTreeMap::new();
        let names = self.inputs.union(&self.outputs);
        for declared in names.filter_map(|name| self.surface.types.get(name)).filter(|of| is_named(of)) {
            groups.entry(declared.noun.as_str()).or_default().push(declared);
        }
        groups
    }

    /// The number under which Rust and Python know an operation.
    pub(crate) fn number(&self, noun: &Noun, operation: &Operation) -> usize {
        self.numbers.get(&format!("{}.{}", noun.name, operation.name)).copied().unwrap_or_default()
    }

    /// A sum over everything that both sides have to agree on.
    pub(crate) fn fingerprint(&self) -> String {
        // FNV-1a: it tells two versions apart, and nobody attacks it.
        let mut sum = 0xcbf2_9ce4_8422_2325_u64;
        for byte in self.agreed().flat_map(String::into_bytes) {
            sum = (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        }
        format!("{sum:016x}")
    }

    /// The operations, and the records by whose order alone answers are understood.
    fn agreed(&self) -> impl Iterator<Item = String> {
        let operations = self.nouns.iter().flat_map(|noun| {
            noun.operations.iter().map(|of| {
                let params: Vec<String> = of.params.iter().map(|param| param.ty.to_string()).collect();
                format!("{}.{}({}) -> {};", noun.name, of.name, params.join(", "), of.answer)
            })
        });
        let records = self.surface.types.values().filter_map(|declared| {
            let Shape::Record(fields) = &declared.shape else { return None };
            let written = fields.iter().filter(|field| field.is_written);
            let written: Vec<String> =
                written.map(|field| format!("{}: {} {}", field.wire, field.ty, field.is_flat)).collect();
            Some(format!("{} {{ {} }};", declared.name, written.join(", ")))
        });
        operations.chain(records)
    }
}

/// Whether Python has a name for it: instants and secrets are what Python has already.
fn is_named(declared: &Declared) -> bool {
    !matches!(declared.shape, Shape::Opaque) && !crate::python::is_builtin(&declared.name)
}
