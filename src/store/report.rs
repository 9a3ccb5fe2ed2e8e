//! The door by which the admin hears of incidents: what is to be told is an entry under a reserved
//! name and a delivery of the outbox, committed with the incident itself. Whoever reports, a visit
//! or another loop, comes through here.

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::{Any, Transaction};

use super::identity::Candidate;
use super::incidents::{self, incident};
use super::owe::{self, Row};
use super::{Engine, Store, write};
use crate::entry::Slug;
use crate::incident::{Change, Incident, Office, Subject, Word, letter};
use crate::outbox::Owed;

/// What is reported, and to whom.
#[derive(Debug, Clone, Copy)]
pub struct Report<'a> {
    /// What it is about.
    pub subject: &'a Subject,
    /// Where the admin hears of it; nowhere where the config names no `[admin]`.
    pub office: Option<&'a Office>,
}

impl Store {
    /// What happened to a subject and is not over.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn incidents_of(&self, subject: &Subject) -> Result<Vec<Incident>> {
        let rows = sqlx::query("SELECT source, kind, since, reported, earlier, later FROM incidents WHERE source = $1 ORDER BY since")
            .bind(subject.key.clone())
            .fetch_all(&self.read)
            .await
            .context("store: incidents")?;
        Ok(rows.iter().map(incident).collect::<Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    /// Notes what begins or ends for a subject that is no visit's, and owes the admin the words of
    /// it, in one transaction. [`crate::incident::happened`] gives both from [`Store::incidents_of`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn report(&self, report: Report<'_>, changes: &[Change], words: &[Word], now: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin().await?;
        for change in changes {
            incidents::change(&mut tx, &report.subject.key, change).await?;
        }
        for word in words {
            tell(&mut tx, self.engine, report, word, now).await?;
        }
        tx.commit().await.context("store: report")
    }
}

/// Owes the admin a word, once.
pub(super) async fn tell(
    tx: &mut Transaction<'static, Any>,
    engine: Engine,
    report: Report<'_>,
    word: &Word,
    now: DateTime<Utc>,
) -> Result<()> {
    let Some(office) = report.office else { return Ok(()) };
    let entry = letter(report.subject, word, office, now);
    let admin = Slug::admin();
    let known: Option<i64> = sqlx::query_scalar("SELECT id FROM entries WHERE source = $1 AND guid = $2")
        .bind(admin.as_str().to_owned())
        .bind(entry.guid.as_str().to_owned())
        .fetch_optional(&mut **tx)
        .await
        .context("store: report")?;
    if known.is_some() {
        return Ok(());
    }
    write::insert(tx, &admin, &Candidate::new(&entry), now).await?;
    let owed = Owed { guid: entry.guid, subscription: 0, due: now, urgent: true };
    let subscription = office.subscription();
    let row = Row::new(0, &subscription, owed, &owe::moves(tx, engine, std::iter::once(&subscription)).await?);
    owe::owe(tx, engine, &admin, &[row], now).await
}
