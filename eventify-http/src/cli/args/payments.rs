//! How paid tickets are paid for. Keys come from the environment or from files: a command line can be seen by others.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use eventify_core::Currency;

use super::StoreArgs;

/// A way to pay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PaymentWay {
    /// FreedomPay (PayBox).
    Freedompay,
    /// Stripe Checkout.
    Stripe,
    /// By hand: staff takes the money, and says so.
    Offline,
    /// A page without money; with --demo or --sandbox only.
    Test,
    /// Paid tickets are sold like free ones, and money is somebody else's business.
    Off,
}

/// How paid tickets are paid for.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Payments (keys from the environment or from files)")]
pub(crate) struct PaymentArgs {
    /// The ways to pay, separated by commas; the first one is taken when nobody chooses. By hand if absent, and with
    /// --demo the page without money.
    #[arg(long, env = "EVENTIFY_PAYMENTS", value_name = "WAYS", value_delimiter = ',', value_enum)]
    pub(crate) payments: Vec<PaymentWay>,
    /// How many hours people have to pay by hand, and their seats are kept from others meanwhile; never beyond the event's start.
    #[arg(long, env = "EVENTIFY_PAYMENT_BY_HAND_HOURS", value_name = "HOURS", default_value_t = 72,
          value_parser = clap::value_parser!(u32).range(1..=2_160))]
    pub(crate) payment_by_hand_hours: u32,
    /// Nothing here is real: allow the way `test`, by which everybody gets everything for nothing.
    #[arg(long, env = "EVENTIFY_SANDBOX")]
    pub(crate) sandbox: bool,
    /// The merchant's number at FreedomPay. Its secret key is in EVENTIFY_FREEDOMPAY_SECRET or in a file.
    #[arg(long, env = "EVENTIFY_FREEDOMPAY_MERCHANT", value_name = "NUMBER")]
    pub(crate) freedompay_merchant: Option<String>,
    /// A file with the secret key of FreedomPay.
    #[arg(long, env = "EVENTIFY_FREEDOMPAY_SECRET_FILE", value_name = "FILE")]
    pub(crate) freedompay_secret_file: Option<PathBuf>,
    /// FreedomPay's server: another one in each country, and one for tests.
    #[arg(
        long,
        env = "EVENTIFY_FREEDOMPAY_URL",
        value_name = "URL",
        default_value = "https://api.freedompay.kz"
    )]
    pub(crate) freedompay_url: String,
    /// The currencies of the contract with FreedomPay.
    #[arg(
        long,
        env = "EVENTIFY_FREEDOMPAY_CURRENCIES",
        value_name = "CODES",
        value_delimiter = ',',
        default_value = "KZT"
    )]
    pub(crate) freedompay_currencies: Vec<Currency>,
    /// FreedomPay asks before it takes money; its support has to allow it.
    #[arg(long, env = "EVENTIFY_FREEDOMPAY_CHECK")]
    pub(crate) freedompay_check: bool,
    /// FreedomPay moves no money.
    #[arg(long, env = "EVENTIFY_FREEDOMPAY_TESTING")]
    pub(crate) freedompay_testing: bool,
    /// A file with Stripe's secret key, better a restricted one; or EVENTIFY_STRIPE_KEY.
    #[arg(long, env = "EVENTIFY_STRIPE_KEY_FILE", value_name = "FILE")]
    pub(crate) stripe_key_file: Option<PathBuf>,
    /// A file with the signing secret of Stripe's webhook, a line each while it is replaced; or EVENTIFY_STRIPE_WEBHOOK_SECRET,
    /// separated by commas.
    #[arg(long, env = "EVENTIFY_STRIPE_WEBHOOK_SECRET_FILE", value_name = "FILE")]
    pub(crate) stripe_webhook_secret_file: Option<PathBuf>,
    /// Stripe's server.
    #[arg(long, env = "EVENTIFY_STRIPE_URL", value_name = "URL", default_value = "https://api.stripe.com")]
    pub(crate) stripe_url: String,
}

/// What is shown of payments.
#[derive(Debug, Subcommand)]
pub(crate) enum PaymentsCommand {
    /// Show the payments that somebody has to look at, and why, and disputes of money that no payment is known by; one line each, at most 1,000 of both.
    #[command(after_help = "Example:\n  eventify payments attention")]
    Attention(StoreArgs),
}
