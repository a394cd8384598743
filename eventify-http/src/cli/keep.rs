//! Keeping a store: backup, compaction, and looking whether it is sound.

use std::path::Path;
use std::sync::Arc;

use eventify_core::check::{CheckReport, check as check_rules};
use eventify_core::store::Store;
use eventify_store_redb::RedbStore;

use super::exit::{Exit, Failure};
use super::out::{Out, inline};
use super::store::OpenStore;
use super::task::{Office, Task};

/// The task of copying to a file, which is named from this process's directory.
pub(crate) fn backup_task(file: &Path) -> Result<Task, Failure> {
    let file = std::path::absolute(file)
        .map_err(|error| Failure::new(Exit::Usage, format!("{}: {error}", file.display())))?;
    Ok(Task::Backup { file })
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
        _ => check_rules(&*office.store.records).await?,
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
    out.line("Nothing was found: pages, records, indexes and rules are as they should be.");
    Ok(())
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
