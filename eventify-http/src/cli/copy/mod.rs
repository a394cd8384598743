//! Moving everything from one store to another.

mod show;

use eventify_core::copy::{CopyError, CopyFailure, copy as copy_all};

use self::show::Shown;
use super::args::{CopyArgs, PostgresArgs};
use super::exit::{Exit, Failure};
use super::out::{Out, Terminal};
use super::store::{self, Missing, NotOpen, OpenStore};
use super::store_url::StoreUrl;

/// Copies, and says how far it is.
pub(crate) async fn copy(args: CopyArgs) -> Result<(), Failure> {
    let (from_url, to_url) = (args.from()?, args.to()?);
    for (url, option) in [(&from_url, "--from"), (&to_url, "--to")] {
        if *url == StoreUrl::Memory {
            return Err(Failure::new(Exit::Usage, format!("{option}: nothing stays in memory")));
        }
    }
    let from = store::open(&from_url, Missing::Refuse, &PostgresArgs::for_commands(false)).await;
    let from = from.map_err(in_use)?;
    let to = store::open(&to_url, Missing::Make, &PostgresArgs::for_commands(args.migrate)).await;
    let to = match to.map_err(in_use) {
        Ok(to) => to,
        Err(failure) => {
            from.close().await;
            return Err(failure);
        }
    };
    let done = between(&from, &to).await.map_err(|error| explain(&error, &from_url, &to_url));
    from.close().await;
    to.close().await;
    let records = done?;
    Terminal.line(&format!("{to_url} has everything that {from_url} had, compared and checked."));
    Terminal.line(&format!("copied records={records}"));
    Ok(())
}

async fn between(from: &OpenStore, to: &OpenStore) -> Result<u64, CopyError> {
    let mut shown = Shown::new();
    let mut tell = |progress| shown.tell(&progress);
    let copying = copy_all(&*from.records, &*to.records, &mut tell);
    let done = copying.await;
    shown.end();
    let report = done?;
    for (kind, count) in &report.kinds {
        Terminal.line(&format!("  {:<20} {count:>10}", kind.table()));
    }
    Ok(report.records())
}

fn in_use(reason: NotOpen) -> Failure {
    match reason {
        NotOpen::InUse(failure) => failure.hint("to copy while it is served, copy a backup of it"),
        NotOpen::Failed(failure) => failure,
    }
}

fn explain(error: &CopyError, from: &StoreUrl, to: &StoreUrl) -> Failure {
    let mut failure = Failure::refused(format!("not copied: {error}"));
    match &error.failure {
        CopyFailure::SourceChanged => {
            failure = failure.hint("stop every process that serves it, or copy a backup of it");
        }
        CopyFailure::Unsound(report) => {
            for finding in &report.findings {
                Terminal.note(&format!("rules: {finding}"));
            }
            failure = failure.hint(&format!("look at the source: eventify check --store '{from}'"));
        }
        CopyFailure::TargetNotEmpty(_) => failure = failure.hint("name a new file or an empty database"),
        CopyFailure::SourceUnfinished => failure = failure.hint("name the store that it was copied from"),
        _ => {}
    }
    if error.is_begun || matches!(error.failure, CopyFailure::TargetUnfinished) {
        failure = failure.hint(&empty(to));
    }
    failure
}

/// What to do about a target that was begun.
pub(crate) fn empty(to: &StoreUrl) -> String {
    let how = match to {
        StoreUrl::Redb(path) => format!("remove the file {}", path.display()),
        _ => "make its database anew (eventify migrate down 0 --yes, then up)".to_owned(),
    };
    format!("{to} is not whole and no service starts over it: {how}, then copy again")
}
