//! Ending messages of a kind from a link in one of them, without logging in (RFC 8058).
//!
//! The link has a token: the person, the kinds, the channel, and a proof that this deployment made it. It is stored nowhere and
//! does not end: it can do nothing but what its message offers.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::Notifications;
use super::model::{Channel, NoticeKind, Preferences};
use super::port::OneTimeToken;
use super::say::Voice;
use crate::account::{SecretText, User};
use crate::actor::Actor;
use crate::audit;
use crate::command::{Command, LaneKey};
use crate::context::Context;
use crate::error::{Error, Reason};
use crate::id::UserId;
use crate::keyring::Keyring;
use crate::page::keyed_hash;
use crate::store::Key;
use crate::work::{Decision, Work};

/// What a link in a message ends, and how to say so in its person's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "uniffi", derive(uniffi::Record))]
pub struct Unsubscription {
    /// Messages of these kinds: one, but for the link of a digest.
    pub kinds: Vec<NoticeKind>,
    /// By this channel.
    pub channel: Channel,
    /// The language of the words, as a BCP 47 tag.
    pub language: String,
    /// What it asks, or what was done; one line.
    pub title: String,
    /// Which messages, and by which channel.
    pub body: String,
    /// What to press.
    pub button: String,
}

/// What a token names.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Named {
    user_id: UserId,
    kinds: BTreeSet<NoticeKind>,
    channel: Channel,
}

impl Named {
    fn mac(&self, keyring: &Keyring) -> [u8; 32] {
        let (kinds, channel) = (self.kinds(), self.channel.as_str().as_bytes());
        keyed_hash(
            &keyring.account_key,
            &[b"unsubscribe", self.user_id.as_bytes(), kinds.as_bytes(), channel],
        )
    }

    fn can_be_refused(&self) -> bool {
        !self.kinds.is_empty() && !self.kinds.contains(&NoticeKind::Security)
    }

    /// The kinds as the token names them: always in the same order.
    fn kinds(&self) -> String {
        self.kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join("+")
    }
}

/// The token that ends messages of these kinds by a channel; none where nobody can refuse them.
pub(crate) fn unsubscribe_token(
    keyring: &Keyring,
    user_id: UserId,
    kinds: impl IntoIterator<Item = NoticeKind>,
    channel: Channel,
) -> Option<OneTimeToken> {
    let named = Named { user_id, kinds: kinds.into_iter().collect(), channel };
    named.can_be_refused().then(|| {
        let proof = [user_id.as_bytes().as_slice(), &named.mac(keyring)].concat();
        let proof = data_encoding::BASE64URL_NOPAD.encode(&proof);
        OneTimeToken::new(format!("{proof}.{}.{}", named.kinds(), channel.as_str()))
    })
}

fn invalid() -> Error {
    Error::new(Reason::InvalidToken, "The link is not one of ours, or its person is gone.")
}

fn read(keyring: &Keyring, token: &SecretText) -> Result<Named, Error> {
    // 48 bytes are 64 characters; the words behind them are few and short.
    let text = Some(token.expose()).filter(|text| text.len() <= 256).ok_or_else(invalid)?;
    let mut parts = text.split('.');
    let (Some(proof), Some(kinds), Some(channel), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(invalid());
    };
    let proof = data_encoding::BASE64URL_NOPAD.decode(proof.as_bytes()).map_err(|_| invalid())?;
    let (id, mac) = proof.split_at_checked(16).ok_or_else(invalid)?;
    let user_id = UserId::from_bytes(id.try_into().map_err(|_| invalid())?);
    let known = |name: &str| NoticeKind::ALL.iter().copied().find(|known| known.as_str() == name);
    let kinds: Option<BTreeSet<NoticeKind>> = kinds.split('+').map(known).collect();
    let channel = Channel::ALL.iter().find(|known| known.as_str() == channel).ok_or_else(invalid)?;
    let named = Named { user_id, kinds: kinds.ok_or_else(invalid)?, channel: *channel };
    let genuine = bool::from(named.mac(keyring).as_slice().ct_eq(mac));
    if genuine && named.can_be_refused() { Ok(named) } else { Err(invalid()) }
}

impl Notifications<'_> {
    /// What the token of a message's link would end; changes nothing. For whoever has it.
    ///
    /// # Errors
    /// `invalid_token`.
    pub async fn unsubscription(&self, token: &SecretText) -> Result<Unsubscription, Error> {
        let named = read(&self.engine.core().keyring(), token)?;
        self.engine.load::<User>(&named.user_id).await?.ok_or_else(invalid)?;
        self.shown(named, "unsubscribe-ask").await
    }

    /// Ends messages of a kind by a channel, for whoever has the token of such a message's link. Doing so again changes
    /// nothing. The person turns them on again in their preferences.
    ///
    /// # Errors
    /// `invalid_token`.
    pub async fn unsubscribe(&self, actor: &Actor, token: &SecretText) -> Result<Unsubscription, Error> {
        let named = read(&self.engine.core().keyring(), token)?;
        let origin = actor.origin().map(str::to_owned);
        self.engine.executor.decide(Unsubscribe { named: named.clone(), origin }).await?;
        self.shown(named, "unsubscribe-done").await
    }

    async fn shown(&self, named: Named, text: &str) -> Result<Unsubscription, Error> {
        let Named { user_id, kinds, channel } = named;
        let voice = Voice::of(self.engine.core(), user_id).await?;
        let label = |name: String| voice.phrase(&name, &[]).title;
        let what = kinds.iter().map(|kind| label(format!("kind-{}", kind.as_str())));
        let (what, by) =
            (what.collect::<Vec<_>>().join(", "), label(format!("channel-{}", channel.as_str())));
        let said = voice.phrase(text, &[("kind", &what), ("channel", &by)]);
        let button = voice.phrase("unsubscribe-button", &[]).title;
        let language = voice.language().tag().to_owned();
        let kinds = kinds.into_iter().collect();
        Ok(Unsubscription { kinds, channel, language, title: said.title, body: said.body, button })
    }
}

struct Unsubscribe {
    named: Named,
    origin: Option<String>,
}

impl Command for Unsubscribe {
    type Reply = ();
    const NAME: &'static str = "unsubscribe";

    fn lane(&self) -> LaneKey {
        LaneKey::User(self.named.user_id)
    }

    fn reads(&self, keys: &mut BTreeSet<Key>) {
        keys.extend([Key::User(self.named.user_id), Key::Preferences(self.named.user_id)]);
    }

    fn run(&self, work: &mut Work, cx: &Context<'_>) -> Decision<()> {
        let Named { user_id, ref kinds, channel } = self.named;
        work.find::<User>(&user_id)?.ok_or_else(invalid)?;
        let before = work.find::<Preferences>(&user_id)?;
        let mut chosen = before.map_or_else(|| Preferences::everything(user_id), |before| (*before).clone());
        let before = chosen.off.len();
        chosen.off.extend(kinds.iter().map(|kind| (*kind, channel)));
        if chosen.off.len() == before {
            return Ok(());
        }
        work.put(chosen);
        let who = audit::by(user_id, self.origin.as_deref());
        audit::record(work, cx, &who, &audit::Act::new("preferences.unsubscribed", "user", user_id));
        Ok(())
    }
}
