//! How often and how much a source publishes, from what is stored of it.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::{Any, Row, Transaction};

use super::ms;
use crate::entry::Slug;
use crate::rhythm;

/// The most entries that one visit brought, the first left out.
pub(super) async fn burst(tx: &mut Transaction<'static, Any>, source: &Slug) -> Result<usize> {
    let most: Option<i64> = sqlx::query_scalar(
        "SELECT MAX(brought) FROM (SELECT COUNT(*) AS brought FROM entries e JOIN sources s ON s.slug = e.source \
         WHERE e.source = $1 AND e.seen > s.first_read GROUP BY e.seen) visits",
    )
    .bind(source.as_str().to_owned())
    .fetch_one(&mut **tx)
    .await
    .context("store: burst")?;
    Ok(most.and_then(|most| usize::try_from(most).ok()).unwrap_or_default())
}

/// The times of a source's newest entries.
pub(super) async fn newest(tx: &mut Transaction<'static, Any>, source: &Slug) -> Result<Vec<DateTime<Utc>>> {
    let rows = sqlx::query("SELECT sorted FROM entries WHERE source = $1 ORDER BY sorted DESC, id DESC LIMIT 20")
        .bind(source.as_str().to_owned())
        .fetch_all(&mut **tx)
        .await
        .context("store: pulse")?;
    rows.iter().map(|row| Ok(super::at(row.try_get("sorted")?))).collect()
}

/// Notes how often the source publishes, from its newest entries.
pub(super) async fn pulse(tx: &mut Transaction<'static, Any>, source: &Slug) -> Result<()> {
    let times = newest(tx, source).await?;
    sqlx::query("UPDATE sources SET gap = $1, newest = $2 WHERE slug = $3")
        .bind(rhythm::gap(&times).map(|gap| gap.num_milliseconds()))
        .bind(times.first().map(|at| ms(*at)))
        .bind(source.as_str().to_owned())
        .execute(&mut **tx)
        .await
        .context("store: pulse")?;
    Ok(())
}
