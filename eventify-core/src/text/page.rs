//! Texts of pages for browsers.

/// A text of a page. Some have something below their title.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageText {
    /// Somebody is to prove an address.
    ProveAddress,
    /// It is proven.
    AddressProven,
    /// Somebody is to say a new password.
    SetPassword,
    /// It is set.
    PasswordSet,
    /// The code is wrong, used or too old.
    CodeNoGood,
    /// What a mail has for the form.
    Code,
    /// What the password is called.
    NewPassword,
    /// What to press.
    GoOn,
    /// An event was called off.
    EventCancelled,
}

impl PageText {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ProveAddress => "page-prove-address",
            Self::AddressProven => "page-address-proven",
            Self::SetPassword => "page-set-password",
            Self::PasswordSet => "page-password-set",
            Self::CodeNoGood => "page-code-no-good",
            Self::Code => "page-code",
            Self::NewPassword => "page-new-password",
            Self::GoOn => "page-go-on",
            Self::EventCancelled => "page-event-cancelled",
        }
    }
}
