//! Facts, and what must have become of them.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use eventify_core::notification::{DeliveryError, Envelope, FactName, Publisher};
use eventify_core::{EventId, FactId, Timestamp};
use serde_json::{Value, json};

/// How long a broker may be on its way back; machines that run tests have other things to do.
const PATIENCE: Duration = Duration::from_secs(120);

/// A fact about an event; the same for the same numbers.
pub fn fact(event: u8, nth: u32) -> Envelope {
    let mut id = [event; 16];
    id[..4].copy_from_slice(&nth.to_be_bytes());
    Envelope {
        id: FactId::from_bytes(id),
        event: FactName::TicketPurchased,
        timestamp: Timestamp::from_micros(1_780_000_000_000_000 + i64::from(nth)).unwrap(),
        data: json!({ "event_id": EventId::from_bytes([event; 16]), "nth": nth, "title": "Қаз «ой» 🎟" }),
        event_id: Some(EventId::from_bytes([event; 16])),
    }
}

/// A fact of so many bytes, at least.
pub fn large_fact(nth: u32, bytes: usize) -> Envelope {
    Envelope { data: json!({ "words": "x".repeat(bytes) }), ..fact(9, nth) }
}

/// What arrived, as the broker gave it.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// The id that the broker carries beside the text.
    pub id: String,
    /// The name that it carries there.
    pub name: String,
    pub text: Vec<u8>,
}

impl Arrived {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.text).unwrap()
    }
}

/// Exactly the seeds' envelope, with an id.
pub fn assert_is(arrived: &Arrived, told: &Envelope) {
    let expected = json!({
        "id": told.id, "event": "ticket.purchased", "timestamp": told.timestamp, "data": told.data,
    });
    assert_eq!(arrived.json(), expected);
    assert_eq!(
        (arrived.id.as_str(), arrived.name.as_str()),
        (told.id.to_string().as_str(), "ticket.purchased")
    );
}

/// Every fact arrived, and nothing else: at least once each.
pub fn assert_all(arrived: &[Arrived], told: &[Envelope]) {
    let ids = |ids: Vec<String>| ids.into_iter().collect::<BTreeSet<_>>();
    let arrived = ids(arrived.iter().map(|one| one.id.clone()).collect());
    assert_eq!(arrived, ids(told.iter().map(|one| one.id.to_string()).collect()));
}

/// What arrived about each event is in the order in which it was told.
pub fn assert_in_order(arrived: &[Arrived]) {
    let mut last: BTreeMap<String, u64> = BTreeMap::new();
    for one in arrived {
        let data = &one.json()["data"];
        let (event, nth) = (data["event_id"].as_str().unwrap().to_owned(), data["nth"].as_u64().unwrap());
        let before = last.insert(event, nth);
        assert!(before.is_none_or(|before| before < nth), "{nth} after {before:?}");
    }
}

/// Facts of some events, in turns.
pub fn facts(events: u8, each: u32) -> Vec<Envelope> {
    (0..each).flat_map(|nth| (0..events).map(move |event| fact(event, nth))).collect()
}

/// All of them handed over side by side.
pub async fn tell(publisher: &dyn Publisher, facts: &[Envelope]) {
    let told = futures_util::future::join_all(facts.iter().map(|fact| publisher.publish(fact))).await;
    for (nth, told) in told.into_iter().enumerate() {
        assert_eq!(told, Ok(()), "fact {nth}");
    }
}

/// Tells it until it is taken, as the engine does, but with less patience. What is said meanwhile must be transient.
pub async fn tell_until_taken(publisher: &dyn Publisher, fact: &Envelope) {
    let taken = async {
        while let Err(error) = publisher.publish(fact).await {
            assert!(!matches!(error, DeliveryError::Permanent(_)), "{error}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, taken).await.expect("it is taken at last");
}

/// The reason of a failure that is to pass.
pub fn transient(told: Result<(), DeliveryError>) -> String {
    match told {
        Err(DeliveryError::Transient(why)) => why,
        other => panic!("{other:?}"),
    }
}

/// The same, where it may also be that nothing was tried.
pub fn not_now(told: Result<(), DeliveryError>) -> String {
    match told {
        Err(DeliveryError::Busy { why, .. } | DeliveryError::Away { why, .. }) => why,
        other => transient(other),
    }
}

/// The reason why nothing was tried.
pub fn untried(told: Result<(), DeliveryError>) -> String {
    match told {
        Err(DeliveryError::Away { why, .. }) => why,
        other => panic!("{other:?}"),
    }
}

/// Tells it until what keeps it out has this word, and says it whole: a busy machine may need longer than a test's short limit to get
/// so far, and says just that until then.
pub async fn kept_out_because(publisher: &dyn Publisher, fact: &Envelope, word: &str) -> String {
    let told = async {
        loop {
            let why = not_now(publisher.publish(fact).await);
            if why.contains(word) {
                return why;
            }
            assert!(why.starts_with("no answer within"), "{why}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(PATIENCE, told).await.expect("it is kept out at last")
}

/// The reason of a failure for ever.
pub fn permanent(told: Result<(), DeliveryError>) -> String {
    match told {
        Err(DeliveryError::Permanent(why)) => why,
        other => panic!("{other:?}"),
    }
}
