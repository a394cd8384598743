//! The service: opened, started, served, and closed again in the opposite order.

mod connections;
mod files;
mod listen;
mod payments;
mod signals;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use eventify_core::text::Texts;
use eventify_core::{Eventify, Settings};
use eventify_http::{Config, router};
use eventify_pay::test_provider::TestProvider;
use tokio::net::TcpListener;

use self::listen::{Listening, Stop};
use self::payments::Ways;
use super::address;
use super::args::ServeArgs;
use super::brokers::Brokers;
use super::control::Control;
use super::demo;
use super::exit::{Exit, Failure};
use super::out::{Out, Terminal};
use super::people::People;
use super::store::{self, Missing, OpenStore};
use super::store_url::StoreUrl;
use super::task::Office;
use super::webhooks;

/// Runs the service until it is told to stop.
pub(crate) async fn serve(args: Box<ServeArgs>) -> Result<(), Failure> {
    files::allow(args.connections_max);
    let wanted = address::wanted(&args.listen)?;
    let url = args.store.url()?;
    let mut ways = Ways::of(&args.payments, args.people.public_url.as_deref(), args.demo)?;
    let demo = if args.demo { Some(demo::chosen_password()?) } else { None };
    let brokers = Brokers::chosen(&args.brokers)?;
    let texts = Arc::new(texts(args.texts.as_deref())?);
    let people = People::chosen(&args.people, &texts)?;
    let listener = bind(wanted).await?;
    let postgres = args.postgres.clone().with_password_of(&args.store);
    let opened = store::open(&url, Missing::Make, &postgres).await?;
    if let Some(password) = demo {
        demo::fill(&opened, password.as_deref(), &Terminal).await?;
    }
    let mut config = config(&args, ways.open_page(&here(&listener)?, &opened).await?);
    config.push_key = people.push_key().cloned();
    let engine = Eventify::builder_over(opened.records.clone()).settings(settings(&args, &ways)).texts(texts);
    let engine = webhooks::attach(people.told_by(brokers.told_by(engine)), args.webhooks.reach)?;
    let eventify = ways.attach(engine).start().await?;
    // Before anybody is told that we listen: whoever is told may say stop.
    let stop = signals::stop()?;
    let control = start_control(&url, &opened, &eventify);
    announce(&listener, &url)?;
    let listening = Listening {
        listener,
        router: router(eventify.clone(), config),
        eventify: eventify.clone(),
        connections_max: args.connections_max,
        header_timeout: Duration::from_secs(u64::from(args.header_timeout_s)),
        finish_within: Duration::from_secs(u64::from(args.shutdown_timeout_s)),
    };
    listening.run(stop).await;
    if let Some(control) = control {
        control.stop().await;
    }
    eventify.shut_down().await;
    drop(eventify);
    brokers.close().await;
    opened.close().await;
    tracing::info!("stopped");
    Ok(())
}

fn texts(directory: Option<&Path>) -> Result<Texts, Failure> {
    let Some(directory) = directory else { return Ok(Texts::bundled()) };
    Texts::bundled().with_directory(directory).map_err(|error| Failure::new(Exit::Usage, error.to_string()))
}

fn settings(args: &ServeArgs, ways: &Ways) -> Settings {
    let days = |days: u32| Duration::from_secs(u64::from(days) * 24 * 3600);
    let mut settings = Settings::default();
    settings.notifications_kept = days(args.keep.notifications_kept_days);
    settings.dead_letters_kept = days(args.keep.dead_letters_kept_days);
    settings.audit_kept = args.keep.audit_kept_days.map(days);
    let hours = u64::from(args.payments.payment_by_hand_hours);
    settings.payment_by_hand_for = Duration::from_secs(hours * 3600);
    ways.settle(&mut settings);
    settings
}

fn config(args: &ServeArgs, test_payments: Option<TestProvider>) -> Config {
    let mut config = Config::default();
    config.auth_rate = args.auth_rate.0;
    config.proxy_hops_trusted = usize::from(args.front.proxy_hops);
    config.cors_origins.clone_from(&args.front.cors_origins);
    config.hsts = args.front.hsts;
    config.feeds.feeds_max = usize::try_from(args.feeds.feeds_max).unwrap_or(usize::MAX);
    config.feeds.per_person_max = usize::try_from(args.feeds.feeds_per_person_max).unwrap_or(usize::MAX);
    config.test_payments = test_payments;
    config
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let failure = Failure::new(Exit::Listen, format!("cannot listen on {address}: {error}"));
        match error.kind() {
            std::io::ErrorKind::AddrInUse => failure.hint(
                "another program listens there; choose another port with --listen or PORT, or 0 for any",
            ),
            std::io::ErrorKind::PermissionDenied => {
                failure.hint("ports below 1024 are for root; choose another one and put a proxy before it")
            }
            _ => failure,
        }
    })
}

/// Without it the service runs all the same; only the other commands have to wait until it is stopped.
fn start_control(url: &StoreUrl, opened: &OpenStore, eventify: &Eventify) -> Option<Control> {
    let office = Office::serving(opened.clone(), eventify.clone());
    Control::start(url, office).unwrap_or_else(|error| {
        tracing::warn!(%error, "no socket for commands: backup, check and others need the service stopped");
        None
    })
}

fn local(listener: &TcpListener) -> Result<SocketAddr, Failure> {
    listener
        .local_addr()
        .map_err(|error| Failure::new(Exit::Listen, format!("the address is unknown: {error}")))
}

/// Where the service is for somebody on this machine.
fn here(listener: &TcpListener) -> Result<String, Failure> {
    Ok(format!("http://{}", address::reachable(local(listener)?)))
}

fn announce(listener: &TcpListener, store: &StoreUrl) -> Result<(), Failure> {
    let (address, url) = (local(listener)?, here(listener)?);
    Terminal.line(&format!("Eventify is running on {url}, with its records in {store}."));
    Terminal.line(&format!("  events        {url}/api/events"));
    Terminal.line(&format!("  documentation {url}/docs"));
    Terminal.line("  stop it with Ctrl-C");
    Terminal.line(&format!("listening address={address} url={url} docs={url}/docs"));
    tracing::info!(%address, %store, version = env!("CARGO_PKG_VERSION"), "listening");
    Ok(())
}

/// Told once, heard by everybody.
pub(crate) type StopSignal = tokio::sync::watch::Receiver<Stop>;
