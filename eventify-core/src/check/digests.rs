//! Digests: what waits for one has the job that sends it.

use super::walk::{Pages, Walk};
use crate::job::Job;
use crate::notification::{DigestBox, emptying};
use crate::store::{Key, Recorded, StoreError};

pub(super) async fn check(walk: &mut Walk<'_>) -> Result<(), StoreError> {
    let mut pages = Pages::<DigestBox>::new();
    while let Some(page) = pages.next(walk).await? {
        let related = walk.load(page.iter().map(|of| Key::Job(emptying(of.user_id))).collect()).await?;
        for waiting in page {
            let seen_to = related.has::<Job>(&emptying(waiting.user_id));
            let fits = (1..=DigestBox::DRAFTS_MAX).contains(&waiting.drafts.len());
            let message = || "it is empty or too full, or no job sees to it".to_owned();
            walk.report.require(seen_to && fits, "digest_box", waiting.key(), message);
        }
    }
    Ok(())
}
