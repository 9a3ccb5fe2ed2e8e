//! Tells the admin when the disk is nearly full, and when there is room again.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::disk::Disk;
use crate::incident::{Change, Kind, Office, Subject, Word, ended, find, lasting};
use crate::phrases;
use crate::schedule::Clock;
use crate::store::{Report, Store, Woe};

/// How often it is looked.
const EVERY: Duration = Duration::from_secs(10);

/// What is needed to look and to tell.
pub(super) struct RoomWatch {
    pub(super) store: Arc<Store>,
    pub(super) disk: Arc<Disk>,
    pub(super) clock: Clock,
    pub(super) office: Option<Office>,
    /// Rung when the admin is owed a word.
    pub(super) bells: Vec<Arc<Notify>>,
}

impl RoomWatch {
    /// Looks until stopped.
    pub(super) async fn run(&self, stop: &CancellationToken) {
        let (mut since, mut woe) = (None, Woe::default());
        while !stop.is_cancelled() {
            match self.look(&mut since).await {
                Ok(()) => woe.over("disk"),
                Err(e) => {
                    woe.failed("disk", &e);
                }
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = tokio::time::sleep(EVERY) => {}
            }
        }
    }

    /// One look. `since` is when the room was first seen to be scarce: on a full disk that cannot be
    /// committed, and is told as soon as it can be.
    async fn look(&self, since: &mut Option<DateTime<Utc>>) -> anyhow::Result<()> {
        let (now, subject) = ((self.clock)(), Subject { key: "disk".to_owned(), title: phrases::disk_called(), url: None });
        let mut open = self.store.incidents_of(&subject).await?;
        let known = find(&open, Kind::Full).is_some();
        let scarce = self.disk.scarcest(known || since.is_some()).map(|(dir, room)| phrases::disk_left(dir, room.free >> 20));
        if let (None, Some(cause)) = (*since, &scarce) {
            tracing::error!(cause, "{}", phrases::incident_full());
            *since = Some(now);
        }
        let mut told: Vec<(Change, Option<Word>)> = Vec::new();
        if let Some(since) = *since
            && (scarce.is_some() || !known)
        {
            told.push(lasting(&open, Kind::Full, since, &scarce.clone().unwrap_or_else(phrases::disk_was_full), TimeDelta::zero(), now));
        }
        if scarce.is_none() {
            open.extend(told.iter().filter_map(|(change, _)| change.opened().cloned()));
            told.extend(ended(&open, Kind::Full));
        }
        self.tell(&subject, told, known && scarce.is_some(), now).await?;
        if scarce.is_none() && since.take().is_some() {
            tracing::info!("{}", phrases::incident_over_full());
        }
        Ok(())
    }

    /// Commits what is `told`; what only `lasts` needs no commit.
    async fn tell(&self, about: &Subject, told: Vec<(Change, Option<Word>)>, lasts: bool, now: DateTime<Utc>) -> anyhow::Result<()> {
        let (changes, words): (Vec<Change>, Vec<Option<Word>>) = told.into_iter().unzip();
        let words: Vec<Word> = words.into_iter().flatten().collect();
        if changes.is_empty() || (lasts && words.is_empty()) {
            return Ok(());
        }
        self.store.report(Report { subject: about, office: self.office.as_ref() }, &changes, &words, now).await?;
        self.bells.iter().filter(|_| !words.is_empty()).for_each(|bell| bell.notify_one());
        Ok(())
    }
}
