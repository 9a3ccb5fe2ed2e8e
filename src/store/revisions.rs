//! Earlier versions of entries, as small diffs.

use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use similar::TextDiff;
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::{Store, at, ms};
use crate::entry::{Entry, Guid, Slug};
use crate::{html, text};

/// How many earlier versions of an entry are kept.
const KEPT: i64 = 20;
/// How long one diff may be, in UTF-16 units.
const LONGEST: usize = 8_000;
/// How long comparing two versions may take; past it the diff is only coarser.
const PATIENCE: Duration = Duration::from_millis(200);

/// An earlier version of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// Its number, from 1.
    pub number: i64,
    /// When it was replaced.
    pub replaced: DateTime<Utc>,
    /// What the next version changed: a unified diff of title, lead and text, cut at 8,000 units.
    pub diff: String,
}

impl Store {
    /// The earlier versions of an entry, newest first; at most 20.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn revisions(&self, source: &Slug, guid: &Guid) -> Result<Vec<Revision>> {
        let rows = sqlx::query(
            "SELECT r.revision, r.replaced, r.diff FROM revisions r JOIN entries e ON e.id = r.entry \
             WHERE e.source = $1 AND e.guid = $2 ORDER BY r.revision DESC",
        )
        .bind(source.as_str().to_owned())
        .bind(guid.as_str().to_owned())
        .fetch_all(&self.read)
        .await
        .context("store: revisions")?;
        let one = |row: &AnyRow| {
            Ok(Revision { number: row.try_get("revision")?, replaced: at(row.try_get("replaced")?), diff: row.try_get("diff")? })
        };
        rows.iter().map(one).collect()
    }
}

/// Keeps what an entry says now, as the way from it to what it will say. Returns its number.
pub(super) async fn keep(tx: &mut Transaction<'static, Any>, id: i64, next: &Entry, now: DateTime<Utc>) -> Result<i64> {
    let old = sqlx::query("SELECT revision, title, summary, content_html FROM entries WHERE id = $1")
        .bind(id)
        .fetch_one(&mut **tx)
        .await
        .context("store: revision")?;
    let number: i64 = old.try_get("revision")?;
    let summary: Option<String> = old.try_get("summary")?;
    let earlier = said(&old.try_get::<String, _>("title")?, summary.as_deref(), &old.try_get::<String, _>("content_html")?);
    let later = said(&next.title, next.summary.as_deref(), &next.content_html);
    sqlx::query("INSERT INTO revisions (entry, revision, replaced, diff) VALUES ($1, $2, $3, $4) ON CONFLICT (entry, revision) DO NOTHING")
        .bind(id)
        .bind(number)
        .bind(ms(now))
        .bind(diff(&earlier, &later))
        .execute(&mut **tx)
        .await
        .context("store: revision")?;
    sqlx::query("DELETE FROM revisions WHERE entry = $1 AND revision <= $2")
        .bind(id)
        .bind(number - KEPT)
        .execute(&mut **tx)
        .await
        .context("store: revision")?;
    Ok(number)
}

fn said(title: &str, summary: Option<&str>, content_html: &str) -> String {
    format!("{title}\n\n{}\n\n{}\n", summary.unwrap_or_default(), html::to_text(content_html))
}

fn diff(earlier: &str, later: &str) -> String {
    let compared = TextDiff::configure().timeout(PATIENCE).diff_lines(earlier, later);
    text::cut(&compared.unified_diff().context_radius(1).to_string(), LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_tells_both_versions_and_stays_small() {
        let told = diff("Họp dân\n\n\n\nGiờ họp: 8h\nTại nhà văn hóa\n", "Họp dân\n\n\n\nGiờ họp: 14h\nTại nhà văn hóa\n");
        assert!(told.contains("-Giờ họp: 8h\n+Giờ họp: 14h\n"), "{told}");
        let long = diff(&"cũ\n".repeat(100_000), &"mới\n".repeat(100_000));
        assert!(long.encode_utf16().count() <= LONGEST);
    }
}
