//! A list that strangers took over: whether it is still theirs.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::{Any, Transaction};

use super::{Due, Engine, Poll, any_of, incidents, ms};
use crate::entry::{Guid, Slug};
use crate::incident::{self, Kind, Word};

/// Whether they had it when the source was claimed.
pub(super) fn were_here(due: &Due) -> bool {
    incident::find(&due.incidents, Kind::Replaced).is_some()
}

/// Whether they have it still. They do not where at least half of what the list names was known
/// before they came; then that is over, and the admin hears it.
pub(super) async fn stay(tx: &mut Transaction<'static, Any>, engine: Engine, poll: &Poll<'_>, words: &mut Vec<Word>) -> Result<bool> {
    let due = poll.due;
    let Some(came) = incident::find(&due.incidents, Kind::Replaced).map(|incident| incident.since) else { return Ok(false) };
    let listed = poll.seen.listed.as_deref().unwrap_or_default();
    let back = known_before(tx, engine, &due.source, listed, came).await?;
    if back == 0 || back * 2 < poll.seen.named {
        return Ok(true);
    }
    if let Some((change, word)) = incident::ended(&due.incidents, Kind::Replaced) {
        incidents::change(tx, due.source.as_str(), &change).await?;
        words.extend(word);
    }
    Ok(false)
}

/// How many of these entries were known before a moment.
async fn known_before(
    tx: &mut Transaction<'static, Any>,
    engine: Engine,
    source: &Slug,
    listed: &[Guid],
    moment: DateTime<Utc>,
) -> Result<usize> {
    let (sqlite, postgres) = any_of!("SELECT COUNT(*) FROM entries WHERE source = $1 AND seen < $3 AND guid", "");
    let names: Vec<&str> = listed.iter().map(Guid::as_str).collect();
    let known: i64 = sqlx::query_scalar(engine.pick(sqlite, postgres))
        .bind(source.as_str().to_owned())
        .bind(serde_json::to_string(&names)?)
        .bind(ms(moment))
        .fetch_one(&mut **tx)
        .await
        .context("store: strangers")?;
    Ok(usize::try_from(known).unwrap_or_default())
}
