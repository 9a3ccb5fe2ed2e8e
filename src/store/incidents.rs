//! What happened to sources and is not over.

use std::collections::HashMap;

use anyhow::{Context, Result};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::entries::slug;
use super::{Store, at, ms};
use crate::entry::Slug;
use crate::incident::{Change, Incident, Kind};

impl Store {
    /// The open incidents of some sources, names as JSON.
    pub(super) async fn incidents(&self, sources: &str) -> Result<HashMap<Slug, Vec<Incident>>> {
        let text = self.pick(
            "SELECT source, kind, since, reported, earlier, later FROM incidents WHERE source IN (SELECT value FROM json_each($1)) ORDER BY since",
            "SELECT source, kind, since, reported, earlier, later FROM incidents WHERE source = ANY (ARRAY(SELECT json_array_elements_text($1::json))) ORDER BY since",
        );
        let rows = sqlx::query(text).bind(sources.to_owned()).fetch_all(&self.read).await.context("store: incidents")?;
        let mut of: HashMap<Slug, Vec<Incident>> = HashMap::new();
        for row in &rows {
            let source = slug(&row.try_get::<String, _>("source")?)?;
            of.entry(source).or_default().extend(incident(row)?);
        }
        Ok(of)
    }

    /// How many incidents of each kind are open.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn open_incidents(&self) -> Result<HashMap<Kind, i64>> {
        let rows = sqlx::query(
            "SELECT i.kind, COUNT(*) AS number FROM incidents i JOIN sources s ON s.slug = i.source WHERE s.active = 1 GROUP BY i.kind",
        )
        .fetch_all(&self.read)
        .await
        .context("store: incidents")?;
        let one = |row: &AnyRow| Ok(Kind::named(&row.try_get::<String, _>("kind")?).zip(Some(row.try_get("number")?)));
        Ok(rows.iter().map(one).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }
}

/// `None` for a kind that this build does not know.
pub(super) fn incident(row: &AnyRow) -> Result<Option<Incident>> {
    let Some(kind) = Kind::named(&row.try_get::<String, _>("kind")?) else { return Ok(None) };
    Ok(Some(Incident {
        kind,
        since: at(row.try_get("since")?),
        reported: row.try_get::<Option<i64>, _>("reported")?.map(at),
        before: row.try_get("earlier")?,
        after: row.try_get("later")?,
    }))
}

pub(super) async fn change(tx: &mut Transaction<'static, Any>, subject: &str, change: &Change) -> Result<()> {
    match change {
        Change::Open(incident) => open(tx, subject, incident).await,
        Change::Close(kind) => {
            sqlx::query("DELETE FROM incidents WHERE source = $1 AND kind = $2")
                .bind(subject.to_owned())
                .bind(kind.name().to_owned())
                .execute(&mut **tx)
                .await
                .context("store: incident")?;
            Ok(())
        }
    }
}

async fn open(tx: &mut Transaction<'static, Any>, subject: &str, incident: &Incident) -> Result<()> {
    sqlx::query(
        "INSERT INTO incidents (source, kind, since, reported, earlier, later) VALUES ($1, $2, $3, $4, $5, $6) \
         ON CONFLICT (source, kind) DO UPDATE SET since = excluded.since, reported = excluded.reported, earlier = excluded.earlier, later = excluded.later",
    )
    .bind(subject.to_owned())
    .bind(incident.kind.name().to_owned())
    .bind(ms(incident.since))
    .bind(incident.reported.map(ms))
    .bind(incident.before.clone())
    .bind(incident.after.clone())
    .execute(&mut **tx)
    .await
    .context("store: incident")?;
    Ok(())
}
