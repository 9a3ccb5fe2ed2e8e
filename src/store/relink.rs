//! A site that moved its addresses: entries that look new and are known.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};
use sqlx::{Any, Transaction};

use super::Poll;
use super::identity::{self, Candidate, StoredRow, select_rows};
use crate::entry::Guid;
use crate::text;

/// So many fresh entries at once are looked for among the known.
const MANY: usize = 5;
/// How many titles tell the admin what a list was and is.
pub(super) const TOLD: usize = 5;

/// Fresh entries that are known ones at another address.
#[derive(Default)]
pub(super) struct Moved {
    /// By the guid that the list gives them now.
    pub(super) pairs: HashMap<Guid, StoredRow>,
    /// The newest titles that were known.
    pub(super) before: Vec<String>,
}

/// Where more than half of a list is new, looks for each fresh entry among the stored ones that
/// the list no longer names: by title and day, or by title and text. Each is found at most once.
/// `already` were found to have moved before.
pub(super) async fn moved(tx: &mut Transaction<'static, Any>, poll: &Poll<'_>, fresh: &[&Candidate<'_>], already: usize) -> Result<Moved> {
    let count = fresh.len() + already;
    if poll.due.first || count < MANY || count * 2 <= poll.seen.named || poll.seen.named == 0 {
        return Ok(Moved::default());
    }
    let rows = sqlx::query(select_rows!(
        " FROM entries e WHERE e.source = $1 AND e.withdrawn IS NULL ORDER BY e.sorted DESC, e.id DESC LIMIT 500"
    ))
    .bind(poll.due.source.as_str().to_owned())
    .fetch_all(&mut **tx)
    .await
    .context("store: relink")?;
    let rows = rows.iter().map(identity::row).collect::<Result<Vec<_>>>()?;
    let before = rows.iter().take(TOLD).map(|row| line(&row.title, row.url.as_deref())).collect();
    let listed: HashSet<&str> = poll.seen.listed.iter().flatten().map(Guid::as_str).collect();
    let mut free: Vec<StoredRow> = rows.into_iter().filter(|row| !listed.contains(row.guid.as_str())).collect();
    let mut pairs = HashMap::new();
    for candidate in fresh {
        let same_title = |row: &StoredRow| candidate.day.is_some() && row.day == candidate.day && text::fold(&row.title) == candidate.title;
        let same = |row: &StoredRow| row.gist.as_ref() == Some(&candidate.gist) || same_title(row);
        let found: Vec<usize> = free.iter().enumerate().filter(|(_, row)| same(row)).map(|(n, _)| n).collect();
        if let [only] = found.as_slice() {
            pairs.insert(candidate.entry.guid.clone(), free.swap_remove(*only));
        }
    }
    Ok(Moved { pairs, before })
}

/// An entry in one line, for the admin.
pub(super) fn line(title: &str, url: Option<&str>) -> String {
    format!("{title} {}", url.unwrap_or_default()).trim_end().to_owned()
}
