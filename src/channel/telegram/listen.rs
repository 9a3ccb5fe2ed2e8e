//! Hearing what people say: one poller for each bot, by a lease in the store, or a webhook. Whatever
//! happens here, sending goes on; nothing of it counts against the channel.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::join_all;
use serde_json::Value;
use teloxide::payloads::{DeleteWebhook, GetMe, GetWebhookInfo, SetMyCommands};
use teloxide::types::BotCommand;
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use super::Telegram;
use super::api::Fault;
use super::ask::{Hook, Updates};
use super::heard::{Me, number, read};
use crate::channel::{Desk, Keep, Talk as _, house_key};
use crate::phrases;

/// So long Telegram waits for something to be said, in seconds: below the lease.
const WAIT: u64 = 20;
/// And so long we wait for its answer.
const PATIENCE: Duration = Duration::from_secs(28);
/// Who polls has the bot for so long; a killed poller keeps others from it no longer.
const LEASE: TimeDelta = TimeDelta::seconds(35);
/// The lease of another is looked at again after this.
const LOOK: Duration = Duration::from_secs(5);
/// An answer without anything comes at most this often, whoever answers.
const LEAST: Duration = Duration::from_secs(1);
/// Updates in one answer; after one that cannot be read they come one by one.
const MANY: u8 = 100;
const FIRST_REST: Duration = Duration::from_secs(1);
/// A second poller, or a server that fails.
const LONGEST_REST: Duration = Duration::from_secs(60);
/// A server that knows no updates, or refuses the token.
const HOPELESS: Duration = Duration::from_secs(300);

/// How a bot hears.
#[derive(serde::Deserialize, Debug, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Listen {
    /// It asks.
    #[default]
    Poll,
    /// Telegram tells it.
    Webhook,
    /// Not at all.
    Off,
}

/// What is known only while listening.
#[derive(Default)]
pub(super) struct Ear {
    me: Mutex<Option<Me>>,
    secret: Mutex<Option<String>>,
}

impl Ear {
    pub(super) fn me(&self) -> Option<Me> {
        self.me.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn secret(&self) -> Option<String> {
        self.secret.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Why nothing was heard.
enum Trouble {
    /// Told by Telegram, or by nobody at all.
    Fault(Fault),
    /// The store.
    Store(String),
    /// Somebody else has the bot: what the admin is told.
    Taken(String),
}

/// How it goes.
#[derive(Default)]
struct Run {
    offset: Option<i64>,
    /// Updates come one by one.
    singly: bool,
    failures: u32,
    /// Since when somebody else has the bot.
    taken: Option<DateTime<Utc>>,
}

impl Telegram {
    /// Polls for ever.
    pub(super) async fn poll(&self, desk: &dyn Desk, keep: &dyn Keep, holder: &str) {
        let mut run = Run::default();
        loop {
            let began = Instant::now();
            match self.turn(desk, keep, holder, &mut run).await {
                Ok(None) => sleep(LOOK).await,
                Ok(Some(count)) => {
                    self.hears(desk, &mut run).await;
                    sleep(pause(count, began.elapsed())).await;
                }
                Err(trouble) => sleep(self.troubled(desk, &mut run, trouble).await).await,
            }
        }
    }

    /// One look at what was said; `None` where another process has the bot.
    async fn turn(&self, desk: &dyn Desk, keep: &dyn Keep, holder: &str, run: &mut Run) -> Result<Option<usize>, Trouble> {
        let me = self.know_me(keep).await?;
        let now = (self.clock())();
        if !keep.lease(&self.account(), holder, now, now + LEASE).await.map_err(Trouble::Store)? {
            return Ok(None);
        }
        let ask = Updates::new(run.offset, if run.singly { 1 } else { MANY }, WAIT);
        let told = timeout(PATIENCE, self.ears.call::<_, Vec<Value>>(&ask)).await;
        let updates = match told.unwrap_or_else(|_| Err(Fault::None(super::http::Fault::Lost(phrases::send_timed_out())))) {
            Ok(updates) => updates,
            Err(fault) => return Err(self.unheard(run, fault).await),
        };
        // What Telegram was told is confirmed by now, and it may begin to count anywhere.
        let asked = run.offset.take();
        self.take(desk, &updates, &me).await.map_err(Trouble::Store)?;
        run.offset = updates.iter().filter_map(number).max().map(|last| last + 1);
        run.singly = false;
        // A server that tells the same again, whatever was confirmed, has told nothing.
        Ok(Some(if run.offset == asked { 0 } else { updates.len() }))
    }

    /// Hands updates to the desk; they are committed when this returns.
    pub(super) async fn take(&self, desk: &dyn Desk, updates: &[Value], me: &Me) -> Result<(), String> {
        let heard = updates.iter().filter_map(|update| read(update, &self.name, me)).collect();
        let silent = desk.hear(&self.name, heard).await?;
        join_all(silent.iter().map(|query| self.notice(query, ""))).await;
        Ok(())
    }

    async fn unheard(&self, run: &mut Run, fault: Fault) -> Trouble {
        let Fault::Answer(answer) = &fault else {
            // Perhaps one update alone is more than is read.
            run.singly = matches!(fault, Fault::Strange { status: 200, .. });
            return Trouble::Fault(fault);
        };
        if answer.code != 409 {
            return Trouble::Fault(fault);
        }
        if !answer.text.contains("webhook") {
            return Trouble::Taken(phrases::listen_conflict(&answer.text));
        }
        match self.drop_own_webhook().await {
            Ok(None) => Trouble::Fault(fault),
            Ok(Some(host)) => Trouble::Taken(phrases::listen_other_webhook(&host)),
            Err(fault) => Trouble::Fault(fault),
        }
    }

    /// Ends the webhook, where this program set it; else the host of whose it is.
    async fn drop_own_webhook(&self) -> Result<Option<String>, Fault> {
        let info: Value = self.ears.call(&GetWebhookInfo::new()).await?;
        let url = Url::parse(info.get("url").and_then(Value::as_str).unwrap_or_default()).ok();
        if url.is_none() || url == self.hook {
            self.ears.call::<_, Value>(&DeleteWebhook::new()).await?;
            return Ok(None);
        }
        Ok(Some(url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()))
    }

    /// Who this bot is, asked once; then its menu is set, where it is another than before.
    async fn know_me(&self, keep: &dyn Keep) -> Result<Me, Trouble> {
        if let Some(me) = self.ear.me() {
            return Ok(me);
        }
        let me: Me = self.ears.call(&GetMe::new()).await.map_err(Trouble::Fault)?;
        *self.ear.me.lock().unwrap_or_else(PoisonError::into_inner) = Some(me.clone());
        self.show_commands(keep).await;
        Ok(me)
    }

    /// A menu that could not be set is set at the next start; people write words anyway.
    async fn show_commands(&self, keep: &dyn Keep) {
        let commands = phrases::desk_commands(self.language);
        let (key, written) = (format!("telegram-commands:{}", self.name), format!("{commands:?}"));
        if keep.get(&key).await.is_ok_and(|known| known.as_deref() == Some(&written)) {
            return;
        }
        let list = commands.map(|(name, about)| BotCommand::new(name, about));
        match self.ears.call::<_, Value>(&SetMyCommands::new(list)).await {
            Ok(_) => keep.put(&key, &written, (self.clock())()).await.unwrap_or_default(),
            Err(fault) => tracing::info!(channel = self.name, cause = told(&fault), "{}", phrases::log_no_menu()),
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
            Trouble::Fault(fault) => (told(&fault), rest_of(&fault).unwrap_or(rest)),
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

    /// Lets Telegram push, for ever.
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
        let key = format!("telegram-hook:{}", self.name);
        let secret = house_key::of(keep, &key, house_key::random, (self.clock())()).await.map_err(Trouble::Store)?;
        *self.ear.secret.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret.clone());
        self.know_me(keep).await?;
        self.ears.call::<_, Value>(&Hook::new(url, &secret)).await.map(drop).map_err(Trouble::Fault)
    }
}

/// Who answers at once with nothing, however long it was to wait, is not asked all the time.
const fn pause(count: usize, took: Duration) -> Duration {
    if count == 0 { LEAST.saturating_sub(took) } else { Duration::ZERO }
}

/// How long a fault rests, where it says so or is hopeless.
fn rest_of(fault: &Fault) -> Option<Duration> {
    match fault {
        Fault::None(_) => None,
        Fault::Strange { status, retry_after } => retry_after.map(|told| told.clamp(FIRST_REST, HOPELESS)).or(hopeless(*status)),
        Fault::Answer(answer) => answer.retry_after.map(|told| told.clamp(FIRST_REST, HOPELESS)).or(hopeless(answer.code)),
    }
}

const fn hopeless(code: u16) -> Option<Duration> {
    if matches!(code, 401 | 403 | 404) { Some(HOPELESS) } else { None }
}

fn told(fault: &Fault) -> String {
    super::refusal::verdict(fault, &crate::subscription::Address::new("", "")).cause()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_that_does_not_wait_is_asked_once_a_second() {
        assert_eq!(pause(0, Duration::ZERO), LEAST);
        assert_eq!(pause(0, Duration::from_secs(20)), Duration::ZERO);
        assert_eq!(pause(3, Duration::ZERO), Duration::ZERO, "what people say is heard at once");
    }

    #[test]
    fn a_server_without_updates_is_asked_every_few_minutes() {
        let strange = |status| Fault::Strange { status, retry_after: None };
        assert_eq!((rest_of(&strange(404)), rest_of(&strange(502))), (Some(HOPELESS), None));
        let endless = Fault::Strange { status: 429, retry_after: Some(Duration::from_secs(86_400)) };
        assert_eq!(rest_of(&endless), Some(HOPELESS));
    }
}
