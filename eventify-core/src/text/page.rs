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
    /// Nobody knows yet whether the money came.
    PaymentOpen,
    /// The money came.
    PaymentCame,
    /// The money came and went back, or goes back.
    PaymentReturned,
    /// The money did not come.
    PaymentFailed,
    /// The payer took too long.
    PaymentExpired,
    /// The page of the provider that moves no money.
    Rehearsal,
    /// Its button that pays; without a body.
    RehearsalPay,
    /// Its button that does not; without a body.
    RehearsalDecline,
}

impl PageText {
    /// Its name in files of texts.
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
            Self::PaymentOpen => "page-payment-open",
            Self::PaymentCame => "page-payment-came",
            Self::PaymentReturned => "page-payment-returned",
            Self::PaymentFailed => "page-payment-failed",
            Self::PaymentExpired => "page-payment-expired",
            Self::Rehearsal => "page-rehearsal",
            Self::RehearsalPay => "page-rehearsal-pay",
            Self::RehearsalDecline => "page-rehearsal-decline",
        }
    }
}
