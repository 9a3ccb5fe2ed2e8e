//! The access token, renewed by one process at a time. The rules, each for a way in which an
//! Official Account was lost elsewhere: whoever renews holds a lease and has read the pair again
//! under it; that a renewal begins is committed before its request; the new pair is committed, as
//! a row and as a file, before it is used; a lost answer is followed by one more try after a
//! minute and then by none; and where only a person can help, the queue is kept and the person told.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;
use url::Url;

use super::grant::Grant;
use super::oauth::{self, Renewal};
use crate::channel::http::Http;
use crate::channel::{Keep, SendError};
use crate::phrases;
use crate::secret::Secret;

/// A renewal is over by then: its request ends after a minute.
const LEASE: TimeDelta = TimeDelta::seconds(120);
/// After a lost answer one more renewal is tried, this much later.
const UNCLEAR_REST: TimeDelta = TimeDelta::seconds(60);
/// So many renewals with one refresh token may end without an answer.
const TRIES: u32 = 2;
/// A pair that was renewed this lately and was never taken is not renewed again.
const YOUNG: TimeDelta = TimeDelta::hours(1);
/// How soon to look again at what another process, or a person, is about to do.
const SOON: TimeDelta = TimeDelta::seconds(3);
const LATER: TimeDelta = TimeDelta::minutes(10);

pub(super) struct Tokens {
    /// Under which the pair is remembered.
    key: String,
    /// Who we are to other processes.
    holder: String,
    app: String,
    secret: Secret,
    server: Url,
    http: Http,
    /// The pair as the config gives it.
    pasted: Option<Grant>,
    keep: OnceLock<Arc<dyn Keep>>,
    /// One renewal at a time in this process; inside, a pair that could not be remembered yet.
    unsaved: Mutex<Option<Grant>>,
    /// The access token that Zalo took last.
    proved: std::sync::Mutex<String>,
    /// Whether this process has told that consent is needed.
    told: AtomicBool,
}

/// What a renewal is tried with.
pub(super) struct Account {
    pub(super) name: String,
    pub(super) app: String,
    pub(super) secret: Secret,
    pub(super) server: Url,
    pub(super) pasted: Option<Grant>,
}

impl Tokens {
    pub(super) fn new(account: Account, http: Http) -> Self {
        let Account { name, app, secret, server, pasted } = account;
        Self {
            key: format!("zalo-{name}"),
            holder: uuid::Uuid::new_v4().to_string(),
            app,
            secret,
            server,
            http,
            pasted,
            keep: OnceLock::new(),
            unsaved: Mutex::default(),
            proved: std::sync::Mutex::default(),
            told: AtomicBool::new(false),
        }
    }

    /// Zalo took this access token.
    pub(super) fn proved(&self, access: &str) {
        let mut proved = self.proved.lock().unwrap_or_else(PoisonError::into_inner);
        if *proved != access {
            access.clone_into(&mut proved);
        }
    }

    /// Whether a refusal of this pair says that it ended, not that such pairs are not taken at all.
    fn has_worked(&self, grant: &Grant) -> bool {
        *self.proved.lock().unwrap_or_else(PoisonError::into_inner) == grant.access
    }

    pub(super) fn attach(&self, keep: Arc<dyn Keep>) {
        // A channel lives in one house; a second memory would be the same store.
        self.keep.set(keep).ok();
    }

    pub(super) fn keep(&self) -> Option<&Arc<dyn Keep>> {
        self.keep.get()
    }

    /// A token that can be used now; renewed when it is old, or when it is the one that was `rejected`.
    /// Runs to its end also when the caller gives up waiting: a pair whose answer nobody reads is lost.
    pub(super) async fn access(self: &Arc<Self>, rejected: Option<String>, now: DateTime<Utc>) -> Result<String, SendError> {
        let this = self.clone();
        let found = tokio::spawn(async move { this.find(rejected.as_deref(), now).await }).await;
        found.unwrap_or_else(|_| Err(down(UNCLEAR_REST, phrases::zalo_refresh_lost(""))))
    }

    async fn find(&self, rejected: Option<&str>, now: DateTime<Utc>) -> Result<String, SendError> {
        let mut unsaved = self.unsaved.lock().await;
        let Some(keep) = self.keep.get() else {
            // Nothing could be remembered, so nothing that works once is used.
            let good = self.pasted.as_ref().filter(|grant| !grant.access.is_empty() && rejected != Some(grant.access.as_str()));
            return good.map(|grant| grant.access.clone()).ok_or_else(|| self.consent(phrases::zalo_token_rejected()));
        };
        if let Some(grant) = unsaved.clone() {
            self.remember(keep, &grant, now).await?;
            *unsaved = None;
        }
        let grant = self.current(keep, now).await?;
        let refused = rejected == Some(grant.access.as_str());
        let usable = grant.is_good(now) && !refused;
        if let Some(why) = &grant.needs_consent {
            // The token may work for hours yet; a person needs those hours.
            self.tell(&phrases::zalo_needs_consent(&self.app, why));
        }
        if usable && (!grant.is_old(now) || grant.needs_consent.is_some()) {
            return Ok(grant.access);
        }
        let renewed = self.alone(keep, rejected, now, &mut unsaved).await;
        match renewed {
            // What is not renewed now is used until it ends.
            Err(_) if usable => Ok(grant.access),
            renewed => renewed,
        }
    }

    /// Renews under the lease that keeps other processes away.
    async fn alone(
        &self,
        keep: &Arc<dyn Keep>,
        rejected: Option<&str>,
        now: DateTime<Utc>,
        unsaved: &mut Option<Grant>,
    ) -> Result<String, SendError> {
        if !keep.lease(&self.key, &self.holder, now, now + LEASE).await.map_err(forgotten)? {
            return Err(down(SOON, phrases::zalo_renewed_elsewhere()));
        }
        let renewed = self.under_lease(keep, rejected, now, unsaved).await;
        keep.give_back(&self.key, &self.holder).await.ok();
        renewed
    }

    async fn under_lease(
        &self,
        keep: &Arc<dyn Keep>,
        rejected: Option<&str>,
        now: DateTime<Utc>,
        unsaved: &mut Option<Grant>,
    ) -> Result<String, SendError> {
        let grant = self.current(keep, now).await?;
        let refused = rejected == Some(grant.access.as_str());
        if grant.is_good(now) && !refused && !grant.is_old(now) {
            // Another process was faster.
            return Ok(grant.access);
        }
        self.may_renew(&grant, refused, now)?;
        // Counted before, so that it counts too when this process dies.
        let begun = Grant { refreshing_since: Some(now), unclear: grant.unclear + 1, ..grant.clone() };
        keep.put(&self.key, &begun.written(), now).await.map_err(forgotten)?;
        match oauth::renew(&self.http, &self.server, &self.app, &self.secret, &begun.refresh).await {
            Renewal::Pair { access, refresh, lasts } => {
                let new = begun.renewed(access, refresh, &lasts, now);
                // It is the only one that works from now on: kept here until it can be written.
                *unsaved = Some(new.clone());
                self.remember(keep, &new, now).await?;
                *unsaved = None;
                Ok(new.access)
            }
            Renewal::NotDone(cause) => {
                self.note(keep, &begun, &grant, now).await;
                Err(down(LATER, cause))
            }
            Renewal::Disturbed(why) => {
                self.note(keep, &begun, &Grant { unclear: grant.unclear, ..begun.clone() }, now).await;
                Err(down(UNCLEAR_REST, phrases::zalo_refresh_lost(&why)))
            }
            Renewal::Unknown(why) if begun.unclear < TRIES => {
                tracing::error!(cause = why, "{}", phrases::zalo_refresh_lost(&why));
                Err(down(UNCLEAR_REST, phrases::zalo_refresh_lost(&why)))
            }
            Renewal::Unknown(why) => Err(self.end(keep, &begun, phrases::zalo_refresh_lost(&why), now).await),
            Renewal::Ended(why) => Err(self.end(keep, &begun, why, now).await),
        }
    }

    /// Whether a renewal may be tried now.
    fn may_renew(&self, grant: &Grant, refused: bool, now: DateTime<Utc>) -> Result<(), SendError> {
        if let Some(why) = &grant.needs_consent {
            return Err(self.consent(why.clone()));
        }
        let age = now - grant.obtained;
        if refused && age < YOUNG && !self.is_as_pasted(grant) && !self.has_worked(grant) {
            return Err(down(LATER, phrases::zalo_token_rejected()));
        }
        if refused && age < UNCLEAR_REST && !self.is_as_pasted(grant) {
            return Err(down(UNCLEAR_REST, phrases::zalo_token_rejected()));
        }
        if grant.unclear >= TRIES {
            return Err(self.consent(phrases::zalo_refresh_lost("")));
        }
        // The process that began it may have died, or still be waiting for its answer.
        let rest = grant.refreshing_since.map(|since| since + UNCLEAR_REST - now).filter(|rest| *rest > TimeDelta::zero());
        rest.map_or(Ok(()), |rest| Err(down(rest.min(UNCLEAR_REST), phrases::zalo_refresh_lost(""))))
    }

    /// The newest pair of those that are remembered, or the pasted one where it is new.
    async fn current(&self, keep: &Arc<dyn Keep>, now: DateTime<Utc>) -> Result<Grant, SendError> {
        let row = keep.get(&self.key).await.map_err(forgotten)?.as_deref().and_then(Grant::read);
        let file = keep.copy(&self.key).as_deref().and_then(Grant::read);
        let newest = match (row, file) {
            // The process ended between file and row, or the database comes from a backup.
            (Some(row), Some(file)) if file.obtained > row.obtained && file.pasted == row.pasted => Some(file),
            (Some(row), _) => Some(row),
            (None, file) => file,
        };
        let Some(pasted) = &self.pasted else {
            return newest.ok_or_else(|| self.consent(phrases::zalo_no_tokens()));
        };
        match newest {
            Some(grant) if grant.pasted == pasted.pasted => Ok(grant),
            // Pasted after the last one: somebody consented anew.
            Some(_) | None => {
                let adopted = Grant { obtained: now, expires: now + (pasted.expires - pasted.obtained), ..pasted.clone() };
                self.remember(keep, &adopted, now).await?;
                Ok(adopted)
            }
        }
    }

    /// The file first: it is there even when the row cannot be written.
    async fn remember(&self, keep: &Arc<dyn Keep>, grant: &Grant, now: DateTime<Utc>) -> Result<(), SendError> {
        let text = grant.written();
        let copied = keep.put_copy(&self.key, &text);
        if let Err(cause) = &copied {
            tracing::warn!(cause, "{}", phrases::zalo_copy_failed());
        }
        match keep.put(&self.key, &text, now).await {
            Ok(()) => Ok(()),
            Err(cause) => Err(down(SOON, cause)),
        }
    }

    /// Notes how a renewal ended, unless somebody wrote something newer meanwhile.
    async fn note(&self, keep: &Arc<dyn Keep>, was: &Grant, is: &Grant, now: DateTime<Utc>) {
        if let Err(cause) = keep.swap(&self.key, &was.written(), &is.written(), now).await {
            tracing::error!(cause, "{}", phrases::log_store_failed());
        }
    }

    async fn end(&self, keep: &Arc<dyn Keep>, grant: &Grant, why: String, now: DateTime<Utc>) -> SendError {
        self.note(keep, grant, &Grant { needs_consent: Some(why.clone()), ..grant.clone() }, now).await;
        self.tell(&phrases::zalo_needs_consent(&self.app, &why));
        self.consent(why)
    }

    /// Once in the life of a process.
    fn tell(&self, cause: &str) {
        if !self.told.swap(true, Ordering::Relaxed) {
            tracing::error!(cause, "{}", phrases::zalo_consent_lost(&self.key));
        }
    }

    /// Only a person can help: the queue is kept.
    fn consent(&self, why: String) -> SendError {
        down(LATER, phrases::zalo_needs_consent(&self.app, &why))
    }

    fn is_as_pasted(&self, grant: &Grant) -> bool {
        self.pasted.as_ref().is_some_and(|pasted| pasted.access == grant.access)
    }

    /// Why a person has to consent anew, though the token may still work for hours.
    pub(super) async fn warning(&self, now: DateTime<Utc>) -> Option<String> {
        let keep = self.keep.get()?;
        let grant = self.current(keep, now).await.ok()?;
        let why = grant.needs_consent?;
        Some(phrases::zalo_needs_consent(&self.app, &why))
    }
}

/// Without its memory nothing is sent: a pair might be lost.
fn forgotten(cause: String) -> SendError {
    down(SOON, cause)
}

fn down(after: TimeDelta, cause: String) -> SendError {
    SendError::Down { after: after.to_std().ok(), cause }
}
