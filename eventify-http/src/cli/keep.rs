//! Keeping a store: backup, compaction, and looking whether it is sound.

use std::path::Path;
use std::sync::Arc;

use eventify_core::check::{Activity, CheckReport, check as check_rules};
use eventify_core::store::Store;
use eventify_store_redb::RedbStore;

use super::args::{BackupArgs, StoreArgs};
use super::exit::{Exit, Failure};
use super::out::{Out, inline};
use super::store::OpenStore;
use super::store_url::StoreUrl;
use super::task::{Office, Task};

/// How often a store that others work with is looked at.
const SHARED_TRIES_MAX: u32 = 3;

/// The task of copying to a file, which is named from this process's directory.
pub(crate) fn backup_task(args: &BackupArgs) -> Result<Task, Failure> {
    if let StoreUrl::Postgres(url) = args.store.url()? {
        let words = format!("{url} is a database, which has its own tools for backups");
        return Err(Failure::new(Exit::Usage, words).hint(
            "pg_dump --format=custom (one state, while the service runs) and pg_restore; or pg_basebackup",
        ));
    }
    let file = &args.file;
    let file = std::path::absolute(file)
        .map_err(|error| Failure::new(Exit::Usage, format!("{}: {error}", file.display())))?;
    Ok(Task::Backup { file })
}

/// The task of making a file small.
pub(crate) fn compact_task(store: &StoreArgs) -> Result<Task, Failure> {
    if let StoreUrl::Postgres(url) = store.url()? {
        let words = format!("{url} is a database, which uses its space again by itself (autovacuum)");
        return Err(Failure::new(Exit::Usage, words)
            .hint("after very much was deleted: VACUUM (FULL), which locks each table, or pg_repack"));
    }
    Ok(Task::Compact)
}

/// Copies the store to a new file.
pub(crate) async fn backup(store: &OpenStore, file: &Path, out: &dyn Out) -> Result<(), Failure> {
    let redb = file_of(store)?;
    redb.backup(file).await.map_err(|error| Failure::refused(format!("no backup was made: {error}")))?;
    let bytes = std::fs::metadata(file).map_or(0, |about| about.len());
    out.line(&format!("Backed up to {} ({}).", file.display(), size(bytes)));
    Ok(())
}

/// Makes the store's file as small as it can be.
pub(crate) async fn compact(store: &OpenStore, out: &dyn Out) -> Result<(), Failure> {
    let done = file_of(store)?.compact().await?;
    out.line(&format!("Compacted from {} to {}.", size(done.bytes_before), size(done.bytes_after)));
    Ok(())
}

/// Looks whether everything is as it should be.
pub(crate) async fn check(office: &Office, out: &dyn Out) -> Result<(), Failure> {
    let mut findings = 0;
    if let Some(redb) = &office.store.redb {
        let report = redb.check().await?;
        for problem in &report.problems {
            out.line(&format!("file: {}", inline(problem)));
        }
        findings += report.problems_total;
        let records: u64 = report.tables.iter().map(|(_, count)| count).sum();
        out.line(&format!("{records} records, {} index entries.", report.index_entries));
    }
    let rules = match &office.store.redb {
        // The rules hold between records, so they are looked at in one state: that of a copy.
        Some(redb) if office.is_serving => check_copy(redb).await?,
        Some(_) => check_rules(&*office.store.records).await?,
        None => check_shared(&*office.store.records, out).await?,
    };
    for finding in &rules.findings {
        out.line(&format!("rules: {}", inline(&finding.to_string())));
    }
    findings += rules.findings_total;
    if findings > 0 {
        let listed = usize::try_from(findings).is_ok_and(|total| total > rules.findings.len());
        let more = if listed { "; not all may be listed" } else { "" };
        return Err(Failure::refused(format!("{findings} findings{more}")));
    }
    let what =
        if office.store.redb.is_some() { "pages, records, indexes and rules" } else { "records and rules" };
    out.line(&format!("Nothing was found: {what} are as they should be."));
    Ok(())
}

/// Others may work with the store meanwhile, and what they change half way looks wrong: then it is looked at again.
async fn check_shared(store: &dyn Store, out: &dyn Out) -> Result<CheckReport, Failure> {
    let mut tries_left = SHARED_TRIES_MAX;
    loop {
        let before = Activity::of(store).await?;
        let report = check_rules(store).await?;
        let is_certain = report.is_clean() || before == Activity::of(store).await?;
        tries_left -= 1;
        if !is_certain && tries_left > 0 {
            continue;
        }
        out.line(&format!("{} records.", report.records));
        if !is_certain {
            out.note("note: others wrote to the store meanwhile, so what was found may be no fault");
            out.note("  hint: stop the services, or check a restored backup");
        }
        return Ok(report);
    }
}

async fn check_copy(redb: &RedbStore) -> Result<CheckReport, Failure> {
    let place =
        tempfile::tempdir().map_err(|error| Failure::refused(format!("no place for a copy: {error}")))?;
    let file = place.path().join("copy.redb");
    redb.backup(&file)
        .await
        .map_err(|error| Failure::refused(format!("no copy to check could be made: {error}")))?;
    let copy = RedbStore::open(&file)
        .map_err(|error| Failure::refused(format!("the copy to check cannot be opened: {error}")))?;
    let copy: Arc<dyn Store> = Arc::new(copy);
    Ok(check_rules(&*copy).await?)
}

fn file_of(store: &OpenStore) -> Result<&RedbStore, Failure> {
    store
        .redb
        .as_deref()
        .ok_or_else(|| Failure::new(Exit::Usage, "only a store in a file (redb:PATH) can do this"))
}

/// Bytes as people read them.
fn size(bytes: u64) -> String {
    const KIB: u64 = 1 << 10;
    const MIB: u64 = 1 << 20;
    match bytes {
        ..KIB => format!("{bytes} bytes"),
        KIB..MIB => format!("{} KiB", bytes / KIB),
        _ => format!("{}.{} MiB", bytes / MIB, bytes % MIB * 10 / MIB),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_readable() {
        assert_eq!(size(1023), "1023 bytes");
        assert_eq!(size(1024), "1 KiB");
        assert_eq!(size(1_572_864), "1.5 MiB");
    }
}
