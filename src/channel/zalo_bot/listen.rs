//! Hearing what people write to a bot: one poller for each bot, by a lease in the store, or a
//! webhook. What Zalo handed out it never tells again, so it is kept until the store took it.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use super::ZaloBot;
use super::api::Fault;
use super::heard::read;
use super::refusal::verdict;
use crate::channel::{Desk, Keep, Talk as _, house_key};
use crate::phrases;

/// So long Zalo waits for something to be said, in seconds; a String, as the table says.
const WAIT: &str = "20";
/// And so long we wait for its answer.
const PATIENCE: Duration = Duration::from_secs(28);
/// Who polls has the bot for so long; a killed poller keeps others from it no longer.
const LEASE: TimeDelta = TimeDelta::seconds(35);
/// The lease of another is looked at again after this.
const LOOK: Duration = Duration::from_secs(5);
/// An answer without anything comes at most this often, whoever answers.
const LEAST: Duration = Duration::from_secs(1);
const FIRST_REST: Duration = Duration::from_secs(1);
const LONGEST_REST: Duration = Duration::from_secs(60);
/// A server that refuses the token.
const HOPELESS: Duration = Duration::from_secs(300);

/// How a bot hears.
#[derive(Deserialize, Debug, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Listen {
    /// It asks.
    #[default]
    Poll,
    /// Zalo tells it.
    Webhook,
    /// Not at all.
    Off,
}

/// What proves that Zalo pushes; known only while listening.
#[derive(Default)]
pub(super) struct Ear(Mutex<Option<String>>);

impl Ear {
    pub(super) fn secret(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn learn(&self, secret: String) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret);
    }
}

/// Why nothing was heard.
enum Trouble {
    /// Told by Zalo, or by nobody at all.
    Fault(Fault),
    /// The store.
    Store(String),
    /// Somebody else has the bot: what the admin is told.
    Taken(String),
}

/// How it goes.
#[derive(Default)]
struct Run {
    /// Handed out by Zalo, and not taken by the store yet.
    update: Option<Value>,
    failures: u32,
    /// Since when somebody else has the bot.
    taken: Option<DateTime<Utc>>,
}

impl ZaloBot {
    /// Polls for ever.
    pub(super) async fn poll(&self, desk: &dyn Desk, keep: &dyn Keep, holder: &str) {
        let mut run = Run::default();
        loop {
            let began = Instant::now();
            match self.turn(desk, keep, holder, &mut run).await {
                Ok(None) => sleep(LOOK).await,
                Ok(Some(heard)) => {
                    self.hears(desk, &mut run).await;
                    if !heard {
                        sleep(LEAST.saturating_sub(began.elapsed())).await;
                    }
                }
                Err(trouble) => sleep(self.troubled(desk, &mut run, trouble).await).await,
            }
        }
    }

    /// One look at what was said, and whether it was anything; `None` where another process has the bot.
    async fn turn(&self, desk: &dyn Desk, keep: &dyn Keep, holder: &str, run: &mut Run) -> Result<Option<bool>, Trouble> {
        let now = (self.clock())();
        if !keep.lease(&self.account(), holder, now, now + LEASE).await.map_err(Trouble::Store)? {
            return Ok(None);
        }
        if run.update.is_none() {
            let told = timeout(PATIENCE, self.api.call("getUpdates", &json!({ "timeout": WAIT }))).await;
            run.update = match told {
                Ok(Ok(update)) => Some(update),
                // Nothing was said.
                Ok(Err(Fault::Answer { code: 408, .. })) | Err(_) => return Ok(Some(false)),
                Ok(Err(fault)) => return Err(self.unheard(fault).await),
            };
        }
        let heard = run.update.as_ref().and_then(|update| read(update, &self.name));
        desk.hear(&self.name, heard.into_iter().collect()).await.map_err(Trouble::Store)?;
        run.update = None;
        Ok(Some(true))
    }

    /// Polling is refused while a webhook is set: one that this program set is ended.
    async fn unheard(&self, fault: Fault) -> Trouble {
        let info = match &fault {
            Fault::Answer { code: 400 | 403 | 404 | 409, .. } => self.api.call("getWebhookInfo", &json!({})).await.ok(),
            Fault::Answer { .. } | Fault::None(_) | Fault::Strange { .. } => None,
        };
        let url = info.and_then(|info| Url::parse(info.get("url")?.as_str()?).ok());
        match url {
            None => Trouble::Fault(fault),
            Some(url) if Some(&url) == self.hook.as_ref() => match self.api.call("deleteWebhook", &json!({})).await {
                Ok(_) => Trouble::Fault(fault),
                Err(fault) => Trouble::Fault(fault),
            },
            Some(url) => Trouble::Taken(phrases::listen_other_webhook(url.host_str().unwrap_or_default())),
        }
    }

    async fn hears(&self, desk: &dyn Desk, run: &mut Run) {
        if run.failures > 0 {
            tracing::info!(channel = self.name, "{}", phrases::log_hears());
        }
        (run.failures, run.taken) = (0, None);
        desk.deaf(&self.name, None).await;
    }

    /// How long to rest. It is logged once; that somebody else has the bot is told where it lasts.
    async fn troubled(&self, desk: &dyn Desk, run: &mut Run, trouble: Trouble) -> Duration {
        run.failures = run.failures.saturating_add(1);
        let rest = (FIRST_REST * 2_u32.pow(run.failures.min(7) - 1)).min(LONGEST_REST);
        let (cause, rest) = match trouble {
            Trouble::Store(cause) => (cause, rest),
            Trouble::Fault(Fault::Answer { code: 401, text, .. }) => (text, HOPELESS),
            Trouble::Fault(fault) => (verdict(fault).cause(), rest),
            Trouble::Taken(cause) => {
                let since = *run.taken.get_or_insert_with(|| (self.clock())());
                desk.deaf(&self.name, Some((since, cause.clone()))).await;
                (cause, rest)
            }
        };
        if run.failures == 1 {
            tracing::warn!(channel = self.name, cause, "{}", phrases::log_deaf());
        }
        rest
    }

    /// Lets Zalo push, for ever.
    pub(super) async fn be_pushed(&self, desk: &dyn Desk, keep: &dyn Keep) {
        let mut run = Run::default();
        loop {
            match self.set_webhook(keep).await {
                Ok(()) => {
                    self.hears(desk, &mut run).await;
                    std::future::pending::<()>().await;
                }
                Err(trouble) => sleep(self.troubled(desk, &mut run, trouble).await).await,
            }
        }
    }

    async fn set_webhook(&self, keep: &dyn Keep) -> Result<(), Trouble> {
        let Some(url) = &self.hook else { return Err(Trouble::Store(phrases::listen_needs_base_url())) };
        let key = format!("zalo-hook:{}", self.name);
        let secret = house_key::of(keep, &key, house_key::random, (self.clock())()).await.map_err(Trouble::Store)?;
        self.ear.learn(secret.clone());
        let asked = json!({ "url": url.as_str(), "secret_token": secret });
        self.api.call("setWebhook", &asked).await.map(drop).map_err(Trouble::Fault)
    }
}
