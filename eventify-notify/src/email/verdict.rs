//! What a mail server's refusal means for the one mail.
//!
//! A mail is given up only for what is the recipient's, or its own. Whatever the operator can mend – the relay's permission, a
//! block list, a full disk – is tried again: the engine bounds the attempts. What is refused before any mail is named, such as the
//! login, is none of one mail's, and never comes here.

/// What was being done when the server refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Naming the sender.
    Sender,
    /// Naming the recipient.
    Recipient,
    /// The mail itself.
    Content,
}

/// A negative answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Refusal<'a> {
    pub(super) stage: Stage,
    /// The reply code, such as 550.
    pub(super) code: u16,
    pub(super) text: &'a str,
}

impl Refusal<'_> {
    /// Whether it will be the same however often it is tried.
    pub(super) fn is_final(&self) -> bool {
        if self.code < 500 || self.stage == Stage::Sender {
            return false;
        }
        match enhanced(self.text) {
            Some(status) => is_final_status(status),
            None => self.is_final_code(),
        }
    }

    /// Servers without enhanced codes (RFC 5321 section 4.2.3).
    fn is_final_code(&self) -> bool {
        let about_relaying = self.text.to_ascii_lowercase().contains("relay");
        match (self.stage, self.code) {
            // No such mailbox, moved, no such name; no mail for the domain (RFC 7504).
            (Stage::Recipient, 550 | 551 | 553 | 556) => !about_relaying,
            // The content is too large.
            (Stage::Content, 552) => true,
            (Stage::Content, 550 | 551 | 553) => !about_relaying,
            _ => false,
        }
    }
}

/// By RFC 3463 and the registry that goes with it.
const fn is_final_status((subject, detail): (u16, u16)) -> bool {
    match (subject, detail) {
        // The sender's address, not the recipient's.
        (1, 7 | 8) => false,
        // The recipient's address.
        (1, _) => true,
        // A full mailbox may be emptied.
        (2, 2) => false,
        // Disabled, or too large for it.
        (2, 1 | 3) => true,
        // Too large for the system.
        (3, 4) => true,
        // The form of the content, or international addresses that the other side does not take.
        (6, _) => true,
        // Everything else – routes, protocol, permissions, policies – is for the operator to mend.
        _ => false,
    }
}

/// Subject and detail of an enhanced status code of permanent failure, such as `5.1.1`, at the beginning of the text.
fn enhanced(text: &str) -> Option<(u16, u16)> {
    let mut parts = text.split_whitespace().next()?.split('.');
    let mut number = || parts.next()?.parse::<u16>().ok();
    let (class, subject, detail) = (number()?, number()?, number()?);
    (class == 5 && parts.next().is_none()).then_some((subject, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_the_recipients_own_is_final() {
        use Stage::{Content, Recipient, Sender};
        for (stage, code, text, is_final) in [
            (Sender, 550, "5.1.0 Sender rejected", false),
            (Sender, 553, "5.7.1 Not owned by user", false),
            (Recipient, 450, "4.2.0 Greylisted", false),
            (Recipient, 451, "try later", false),
            (Recipient, 550, "5.1.1 No such user", true),
            (Recipient, 550, "5.1.2 Bad destination system", true),
            (Recipient, 550, "5.1.10 The domain takes no mail", true),
            (Recipient, 550, "5.1.8 Bad sender's system", false),
            (Recipient, 550, "5.2.1 Mailbox disabled", true),
            (Recipient, 552, "5.2.2 Mailbox full", false),
            (Recipient, 550, "5.7.1 Relaying denied", false),
            (Recipient, 554, "5.7.1 Blocked by a block list", false),
            (Recipient, 550, "No such user here", true),
            (Recipient, 551, "User not local", true),
            (Recipient, 553, "Mailbox name not allowed", true),
            (Recipient, 556, "Domain does not accept mail", true),
            (Recipient, 550, "Relay not permitted", false),
            (Recipient, 552, "Quota exceeded", false),
            (Recipient, 503, "Bad sequence of commands", false),
            (Recipient, 530, "Authentication required", false),
            (Recipient, 554, "5.4.4 Unable to route", false),
            (Recipient, 553, "5.6.7 Non-ASCII addresses not permitted", true),
            (Content, 552, "Message size exceeds limit", true),
            (Content, 552, "5.3.4 Message too big", true),
            (Content, 550, "5.6.0 Invalid content", true),
            (Content, 550, "5.1.1 No such user", true),
            (Content, 550, "User unknown", true),
            (Content, 550, "5.7.26 Unauthenticated mail", false),
            (Content, 554, "Transaction failed", false),
            (Content, 452, "4.3.1 Insufficient storage", false),
            (Recipient, 550, "5.1", true),
            (Recipient, 550, "4.7.1 odd", true),
        ] {
            let refusal = Refusal { stage, code, text };
            assert_eq!(refusal.is_final(), is_final, "{stage:?} {code} {text}");
        }
    }
}
