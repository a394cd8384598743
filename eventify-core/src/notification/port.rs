//! The ports to the outside: who brings messages to people, and who tells other systems.

use std::collections::BTreeSet;
use std::fmt::{self, Debug};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::model::{Channel, FactName};
use crate::error::{Error, Reason};
use crate::id::{EventId, FactId, PushSubscriptionId, UserId};
use crate::language::Language;
use crate::ticket::TicketPaper;
use crate::time::Timestamp;
use crate::webhook::WebhookSender;

/// Something that happened, as other systems are told. Its `id` stays the same however often it is told.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Names the fact: the key to recognise a repeat by.
    pub id: FactId,
    /// What happened.
    pub name: FactName,
    /// When.
    pub at: Timestamp,
    /// The event that it is about.
    pub event_id: Option<EventId>,
    /// The rest, as JSON text: an object.
    pub data: String,
}

impl fmt::Debug for Fact {
    /// Without the data: a purchase's has the ticket's code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fact").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// The form in which a [`Fact`] leaves the house.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Envelope {
    /// The fact's id.
    pub id: FactId,
    /// The fact's name, such as `ticket.purchased`.
    pub event: FactName,
    /// When it happened.
    pub timestamp: Timestamp,
    /// What happened.
    pub data: serde_json::Value,
    /// The event that it is about, for an adapter that keeps what is told of one event in order; not part of the text.
    #[serde(skip)]
    pub event_id: Option<EventId>,
}

impl fmt::Debug for Envelope {
    /// Without the data, as a [`Fact`].
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Envelope").field("id", &self.id).field("event", &self.event).finish_non_exhaustive()
    }
}

impl Fact {
    /// The fact as it leaves the house.
    #[must_use]
    pub fn envelope(&self) -> Envelope {
        let data = serde_json::from_str(&self.data).unwrap_or(serde_json::Value::Null);
        Envelope { id: self.id, event: self.name, timestamp: self.at, data, event_id: self.event_id }
    }
}

/// What one person is told by an outside channel.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct Message {
    /// The key to recognise a repeat by: the same for every attempt.
    pub dedupe_key: String,
    /// What happened.
    pub fact: FactName,
    /// The event that it is about.
    pub event_id: Option<EventId>,
    /// One line, in the recipient's language.
    pub title: String,
    /// A sentence or two.
    pub body: String,
    /// What was bought, with its codes, for an adapter that shows them; the first ones of many. They exist only on the way out.
    #[serde(skip)]
    pub tickets: Vec<TicketPaper>,
    /// Ends messages of this kind by this channel, for whoever shows it; none for those that nobody can refuse.
    #[serde(skip)]
    pub unsubscribe: Option<OneTimeToken>,
    /// The token that `body` shows, for an adapter that makes a link of it. It exists only on the way out.
    #[serde(skip)]
    pub token: Option<OneTimeToken>,
}

/// A token that works once, on its way to a mailbox. Shows nothing of itself.
#[derive(Clone, PartialEq, Eq)]
pub struct OneTimeToken(String);

impl OneTimeToken {
    /// Takes the token's text.
    #[must_use]
    pub const fn new(text: String) -> Self {
        Self(text)
    }

    /// The token, for the message.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OneTimeToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OneTimeToken(…)")
    }
}

impl fmt::Debug for Message {
    /// Without the words: they are for the person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("dedupe_key", &self.dedupe_key)
            .field("fact", &self.fact)
            .finish_non_exhaustive()
    }
}

/// To whom a message goes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct Recipient {
    /// The person.
    pub user_id: UserId,
    /// What to call them.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// Their phone number, as `+77011234567` (E.164), when they gave one.
    pub phone: Option<String>,
    /// The language in which they are told things.
    pub language: Language,
    /// The browsers and phones that take their push messages.
    pub push: Vec<PushTarget>,
}

/// A browser or phone that takes push messages.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record), uniffi::export(Debug))]
pub struct PushTarget {
    /// Which one.
    pub id: PushSubscriptionId,
    /// How it is reached.
    pub address: PushAddress,
}

/// How a browser or phone is reached. Whoever knows it can send to it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Enum), uniffi::export(Debug))]
pub enum PushAddress {
    /// A browser, by Web Push (RFC 8030, 8291).
    Web {
        /// The push service's address for it, `https:`; at most 2,048 characters.
        endpoint: String,
        /// Its public key: an uncompressed P-256 point.
        p256dh: Vec<u8>,
        /// Its authentication secret; 16 bytes.
        auth: Vec<u8>,
    },
    /// An app, by Firebase Cloud Messaging.
    Fcm {
        /// Its registration token; at most 4,096 characters.
        token: String,
    },
}

impl fmt::Debug for PushTarget {
    /// Without the address.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PushTarget").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for PushAddress {
    /// Without what reaches it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Web { .. } => "PushAddress::Web(…)",
            Self::Fcm { .. } => "PushAddress::Fcm(…)",
        })
    }
}

/// What came of a delivery besides the message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Delivered {
    /// Browsers and phones that are gone for good: they are forgotten.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub gone: Vec<PushSubscriptionId>,
    /// Those that could not be reached for now while others were: the message comes again for these alone.
    #[cfg_attr(feature = "uniffi", uniffi(default))]
    pub left: Vec<PushSubscriptionId>,
    /// Whether there was nobody to bring it to: then it is done, and not counted as delivered.
    #[cfg_attr(feature = "uniffi", uniffi(default = false))]
    pub nobody: bool,
}

impl Delivered {
    /// There was nobody to bring it to.
    #[must_use]
    pub const fn to_nobody() -> Self {
        Self { gone: Vec::new(), left: Vec::new(), nobody: true }
    }
}

impl fmt::Debug for Recipient {
    /// Personal data stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recipient").field("user_id", &self.user_id).finish_non_exhaustive()
    }
}

/// Why a delivery failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryError {
    /// It may succeed later: tried again with growing pauses.
    #[error("{0}")]
    Transient(String),
    /// Nothing was tried: there is too much to do just now, or whoever takes it wants to be left alone. It comes again, less
    /// often the longer that goes on, and this counts as no attempt.
    #[error("{why}")]
    Busy {
        /// Why, for operators.
        why: String,
        /// Not before this is over; more than an hour counts as one.
        pause: Option<Duration>,
    },
    /// Nothing was tried: whoever takes what goes this way – the channel's, or the publisher's – is away for all of it alike. Until
    /// the pause is over the engine hands over nothing more of it, then one as a scout, and the rest once one has arrived. It
    /// counts as no attempt.
    #[error("{why}")]
    Away {
        /// Why, for operators.
        why: String,
        /// Until somebody asks again; a second at least, an hour at most.
        pause: Duration,
    },
    /// It never will: a dead letter at once.
    #[error("{0}")]
    Permanent(String),
}

impl DeliveryError {
    /// [`Self::Away`], from who cannot tell for how long: somebody asks again after ten seconds.
    #[must_use]
    pub fn away(why: impl Into<String>) -> Self {
        Self::Away { why: why.into(), pause: Duration::from_secs(10) }
    }
}

/// Brings messages to people.
///
/// - Called at least once per message; a repeat has the same [`Message::dedupe_key`].
/// - May take its time: nobody waits for it, and other messages go on meanwhile.
#[async_trait]
pub trait Notifier: Debug + Send + Sync + 'static {
    /// The channels that it serves; never [`Channel::InApp`], which is the history itself.
    fn channels(&self) -> BTreeSet<Channel>;

    /// Hands a message over.
    ///
    /// # Errors
    /// [`DeliveryError`].
    async fn deliver(
        &self,
        channel: Channel,
        to: &Recipient,
        message: &Message,
    ) -> Result<Delivered, DeliveryError>;
}

/// Tells other systems of facts.
///
/// - Called at least once per fact; a repeat has the same [`Envelope::id`].
/// - Several may be set up: each is told of every fact, and one that is down neither holds up nor repeats another.
#[async_trait]
pub trait Publisher: Debug + Send + Sync + 'static {
    /// What it is called, such as `kafka`; 1 to 40 characters, none of them a control character. What waits for it names it:
    /// with another name it is another publisher, and what waits for the old one waits a day for somebody of that name, then is given up.
    fn name(&self) -> &str;

    /// Hands a fact over, and answers when the other side has it for good.
    ///
    /// # Errors
    /// [`DeliveryError`].
    async fn publish(&self, envelope: &Envelope) -> Result<(), DeliveryError>;
}

/// Where messages and facts go, if anywhere.
#[derive(Debug, Clone, Default)]
pub struct Outlets {
    /// Brings messages to people.
    pub notifier: Option<Arc<dyn Notifier>>,
    /// Tell other systems; each has a name of its own.
    pub publishers: Vec<Arc<dyn Publisher>>,
    /// Tells systems that organizers and admins name.
    pub webhooks: Option<Arc<dyn WebhookSender>>,
}

/// The longest name of a publisher, in characters.
const PUBLISHER_NAME_CHARS_MAX: usize = 40;

impl Outlets {
    /// The outside channels by which people can be reached.
    pub(crate) fn channels(&self) -> BTreeSet<Channel> {
        let mut channels = self.notifier.as_ref().map(|n| n.channels()).unwrap_or_default();
        channels.remove(&Channel::InApp);
        channels
    }

    /// Whether any other system is told of facts.
    pub(crate) fn publish(&self) -> bool {
        !self.publishers.is_empty() || self.webhooks.is_some()
    }

    /// The publisher of this name.
    pub(crate) fn publisher(&self, name: &str) -> Option<&Arc<dyn Publisher>> {
        self.publishers.iter().find(|publisher| publisher.name() == name)
    }

    /// Refuses publishers that cannot be told apart.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let mut seen = BTreeSet::new();
        for publisher in &self.publishers {
            let name = publisher.name();
            let long = name.chars().count();
            let good = (1..=PUBLISHER_NAME_CHARS_MAX).contains(&long) && !name.chars().any(char::is_control);
            if !good || !seen.insert(name) {
                let sentence = format!(
                    "Each publisher needs a name of its own of 1 to {PUBLISHER_NAME_CHARS_MAX} characters, none of them a control character; {name:?} is none."
                );
                return Err(Error::new(Reason::InvalidValue, sentence).at_field("publisher"));
            }
        }
        Ok(())
    }
}
