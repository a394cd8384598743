//! The ways to pay that the operator wants, made of options, the environment and files.

use std::path::Path;

use eventify_core::account::SecretText;
use eventify_core::{Builder, PaymentPolicy, Settings};
use eventify_pay::freedompay::{self, FreedomPay};
use eventify_pay::offline::Offline;
use eventify_pay::stripe::{self, Stripe};
use eventify_pay::test_provider::{Sandbox, TestProvider};
use eventify_pay::{SetupError, Timeouts};

use crate::cli::args::{PaymentArgs, PaymentWay};
use crate::cli::derived;
use crate::cli::exit::{Exit, Failure};
use crate::cli::setup;
use crate::cli::store::OpenStore;

/// The ways to pay, to be attached to the engine.
pub(super) struct Ways {
    ways: Vec<Way>,
    policy: PaymentPolicy,
    public_url: Option<String>,
}

enum Way {
    FreedomPay(FreedomPay),
    Stripe(Stripe),
    Offline,
    /// Made once the store's keys are there.
    Test(Option<TestProvider>),
}

impl Ways {
    /// What is wanted, as far as that can be.
    pub(super) fn of(args: &PaymentArgs, public_url: Option<&str>, is_demo: bool) -> Result<Self, Failure> {
        let wanted = match args.payments.as_slice() {
            [] if is_demo => &[PaymentWay::Test],
            wanted => wanted,
        };
        if wanted.contains(&PaymentWay::Off) && wanted.len() > 1 {
            return Err(wrong("--payments / EVENTIFY_PAYMENTS: off goes with no other way"));
        }
        let is_off = wanted == [PaymentWay::Off];
        let policy = if is_off { PaymentPolicy::Off } else { PaymentPolicy::On };
        let wanted = wanted.iter().filter(|way| **way != PaymentWay::Off);
        let ways = wanted.map(|way| match way {
            PaymentWay::Freedompay => freedompay(args, public_url).map(Way::FreedomPay),
            PaymentWay::Stripe => stripe(args, public_url).map(Way::Stripe),
            PaymentWay::Test if !is_demo && !args.sandbox => {
                let sentence = "the way to pay `test` gives everything to everybody for nothing";
                Err(wrong(sentence).hint("say --sandbox if that is what this service is for"))
            }
            PaymentWay::Test => Ok(Way::Test(None)),
            PaymentWay::Offline | PaymentWay::Off => Ok(Way::Offline),
        });
        let ways: Vec<Way> = ways.collect::<Result<_, _>>()?;
        let is_free = ways.iter().any(|way| matches!(way, Way::Test(_)));
        if is_free && let Some(live) = ways.iter().find_map(|way| way.takes_money(args)) {
            let sentence =
                format!("--payments / EVENTIFY_PAYMENTS: test gives tickets for nothing, beside {live}");
            return Err(wrong(sentence).hint("leave test out, or give the other way what is for trials"));
        }
        Ok(Self { ways, policy, public_url: public_url.map(str::to_owned) })
    }

    /// Opens the page without money, if it is wanted: `here` is where browsers on this machine find the service.
    pub(super) async fn open_page(
        &mut self,
        here: &str,
        store: &OpenStore,
    ) -> Result<Option<TestProvider>, Failure> {
        let page = format!("{}/pay/test", self.public_url.as_deref().unwrap_or(here).trim_end_matches('/'));
        for way in &mut self.ways {
            if let Way::Test(test) = way {
                let key = derived::key(store, "eventify test payments").await?;
                let made = TestProvider::new(Sandbox::no_money_moves(), &page, &key);
                *test = Some(made.map_err(|error| cannot("--public-url / EVENTIFY_PUBLIC_URL", &error))?);
                return Ok(test.clone());
            }
        }
        Ok(None)
    }

    pub(super) fn settle(&self, settings: &mut Settings) {
        settings.payments = self.policy;
    }

    pub(super) fn attach(self, builder: Builder) -> Builder {
        self.ways.into_iter().fold(builder, |builder, way| match way {
            Way::FreedomPay(provider) => builder.payment_provider(provider),
            Way::Stripe(provider) => builder.payment_provider(provider),
            Way::Offline => builder.payment_provider(Offline),
            Way::Test(Some(provider)) => builder.payment_provider(provider),
            Way::Test(None) => builder,
        })
    }
}

impl Way {
    /// What of it takes real money, if anything does.
    fn takes_money(&self, args: &PaymentArgs) -> Option<&'static str> {
        match self {
            Self::FreedomPay(_) if !args.freedompay_testing => {
                Some("FreedomPay without --freedompay-testing")
            }
            Self::Stripe(provider) if provider.is_live() => Some("Stripe with a live key"),
            Self::FreedomPay(_) | Self::Stripe(_) | Self::Offline | Self::Test(_) => None,
        }
    }
}

fn freedompay(args: &PaymentArgs, site: Option<&str>) -> Result<FreedomPay, Failure> {
    let merchant = args.freedompay_merchant.clone();
    let secret = secret("EVENTIFY_FREEDOMPAY_SECRET", args.freedompay_secret_file.as_deref())?;
    let settings = freedompay::Settings {
        merchant_id: merchant
            .ok_or_else(|| missing("--freedompay-merchant / EVENTIFY_FREEDOMPAY_MERCHANT"))?,
        secret_key: secret,
        api_url: args.freedompay_url.clone(),
        callback_url: format!("{}/api/payments/webhooks/{}", public_url(site)?, FreedomPay::NAME),
        return_url: return_url(site)?,
        currencies: args.freedompay_currencies.clone(),
        check: args.freedompay_check,
        testing: args.freedompay_testing,
        timeouts: Timeouts::default(),
    };
    FreedomPay::new(settings).map_err(|error| cannot("FreedomPay", &error))
}

fn stripe(args: &PaymentArgs, site: Option<&str>) -> Result<Stripe, Failure> {
    let key = secret("EVENTIFY_STRIPE_KEY", args.stripe_key_file.as_deref())?;
    let secrets = secret("EVENTIFY_STRIPE_WEBHOOK_SECRET", args.stripe_webhook_secret_file.as_deref())?;
    let each = secrets.expose().split([',', '\n']).map(str::trim).filter(|secret| !secret.is_empty());
    let settings = stripe::Settings {
        secret_key: key,
        webhook_secrets: each.map(SecretText::from).collect(),
        api_url: args.stripe_url.clone(),
        return_url: return_url(site)?,
        timeouts: Timeouts::default(),
    };
    Stripe::new(settings).map_err(|error| cannot("Stripe", &error))
}

fn public_url(site: Option<&str>) -> Result<&str, Failure> {
    let url = site.ok_or_else(|| missing("--public-url / EVENTIFY_PUBLIC_URL"))?;
    Ok(url.trim_end_matches('/'))
}

fn return_url(site: Option<&str>) -> Result<String, Failure> {
    Ok(format!("{}/payments/{{payment_id}}", public_url(site)?))
}

/// A key: of the file, or of the environment. The blanks and line ends around it are no part of it.
fn secret(variable: &str, file: Option<&Path>) -> Result<SecretText, Failure> {
    let found = match file {
        Some(file) => setup::read(&format!("{variable}_FILE"), file)?,
        None => std::env::var(variable).unwrap_or_default(),
    };
    let found = SecretText::new(found.trim());
    if found.is_blank() { Err(missing(&format!("{variable} or {variable}_FILE"))) } else { Ok(found) }
}

fn wrong(message: impl Into<String>) -> Failure {
    Failure::new(Exit::Usage, message)
}

fn missing(option: &str) -> Failure {
    wrong(format!("{option} is needed for this way to pay"))
}

fn cannot(what: &str, error: &SetupError) -> Failure {
    wrong(format!("{what}: {error}"))
}
