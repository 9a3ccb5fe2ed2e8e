//! Hearing what people say to a bot: long polls, or a webhook.

use std::sync::PoisonError;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::future::join_all;
use serde_json::Value;
use teloxide::payloads::{DeleteWebhook, GetMe, GetWebhookInfo, SetMyCommands};
use teloxide::types::BotCommand;
use tokio::time::timeout;
use url::Url;

use super::api::Fault;
use super::ask::{Hook, Updates};
use super::heard::{Me, number, read};
use super::{Telegram, http};
use crate::channel::ear::{Ear, FIRST_REST, HOPELESS, Hears, PATIENCE, Trouble, WAIT};
use crate::channel::{Desk, Keep};
use crate::phrases;

/// Updates in one answer; after one that cannot be read they come one by one.
const MANY: u8 = 100;

/// Where a poller is.
#[derive(Default)]
pub(super) struct Place {
    offset: Option<i64>,
    /// Updates come one by one.
    singly: bool,
}

#[async_trait]
impl Hears for Telegram {
    type Memory = Place;

    fn ear(&self) -> &Ear {
        &self.ear
    }

    async fn look(&self, desk: &dyn Desk, keep: &dyn Keep, place: &mut Place) -> Result<usize, Trouble> {
        let me = self.know_me(keep).await?;
        let ask = Updates::new(place.offset, if place.singly { 1 } else { MANY }, WAIT);
        let told = timeout(PATIENCE, self.ears.call::<_, Vec<Value>>(&ask)).await;
        let updates = match told.unwrap_or_else(|_| Err(Fault::None(http::Fault::Lost(phrases::send_timed_out())))) {
            Ok(updates) => updates,
            Err(fault) => return Err(self.unheard(place, fault).await),
        };
        // What Telegram was told is confirmed by now, and it may begin to count anywhere.
        let asked = place.offset.take();
        self.take(desk, &updates, &me).await.map_err(Trouble::Store)?;
        *place = Place { offset: updates.iter().filter_map(number).max().map(|last| last + 1), singly: false };
        // A server that tells the same again, whatever was confirmed, has told nothing.
        Ok(if place.offset == asked { 0 } else { updates.len() })
    }

    async fn want_pushes(&self, keep: &dyn Keep, hook: &Url, secret: &str) -> Result<(), Trouble> {
        self.know_me(keep).await?;
        self.ears.call::<_, Value>(&Hook::new(hook, secret)).await.map(drop).map_err(|fault| trouble(&fault))
    }
}

impl Telegram {
    /// Who this bot is, once it is known.
    pub(super) fn me(&self) -> Option<Me> {
        self.me.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Hands updates to the desk; they are committed when this returns.
    pub(super) async fn take(&self, desk: &dyn Desk, updates: &[Value], me: &Me) -> Result<(), String> {
        let heard = updates.iter().filter_map(|update| read(update, &self.name, me)).collect();
        let silent = desk.hear(&self.name, heard).await?;
        join_all(silent.iter().map(|query| self.notice(query, ""))).await;
        Ok(())
    }

    async fn unheard(&self, place: &mut Place, fault: Fault) -> Trouble {
        let Fault::Answer(answer) = &fault else {
            // Perhaps one update alone is more than is read.
            place.singly = matches!(fault, Fault::Strange { status: 200, .. });
            return trouble(&fault);
        };
        if answer.code != 409 {
            return trouble(&fault);
        }
        if !answer.text.contains("webhook") {
            return Trouble::Taken(phrases::listen_conflict(&answer.text));
        }
        match self.drop_own_webhook().await {
            Ok(None) => trouble(&fault),
            Ok(Some(host)) => Trouble::Taken(phrases::listen_other_webhook(&host)),
            Err(fault) => trouble(&fault),
        }
    }

    /// Ends the webhook, where this program set it; else the host of whose it is.
    async fn drop_own_webhook(&self) -> Result<Option<String>, Fault> {
        let info: Value = self.ears.call(&GetWebhookInfo::new()).await?;
        let url = Url::parse(info.get("url").and_then(Value::as_str).unwrap_or_default()).ok();
        if url.is_none() || url.as_ref() == self.ear.hook() {
            self.ears.call::<_, Value>(&DeleteWebhook::new()).await?;
            return Ok(None);
        }
        Ok(Some(url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()))
    }

    /// Who this bot is, asked once; then its menu is set, where it is another than before.
    async fn know_me(&self, keep: &dyn Keep) -> Result<Me, Trouble> {
        if let Some(me) = self.me() {
            return Ok(me);
        }
        let me: Me = self.ears.call(&GetMe::new()).await.map_err(|fault| trouble(&fault))?;
        *self.me.lock().unwrap_or_else(PoisonError::into_inner) = Some(me.clone());
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
            Ok(_) => keep.put(&key, &written, self.ear.now()).await.unwrap_or_default(),
            Err(fault) => tracing::info!(channel = self.name, cause = told(&fault), "{}", phrases::log_no_menu()),
        }
    }
}

fn trouble(fault: &Fault) -> Trouble {
    Trouble::Fault { cause: told(fault), rest: rest_of(fault) }
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
    fn a_server_without_updates_is_asked_every_few_minutes() {
        let strange = |status| Fault::Strange { status, retry_after: None };
        assert_eq!((rest_of(&strange(404)), rest_of(&strange(502))), (Some(HOPELESS), None));
        let endless = Fault::Strange { status: 429, retry_after: Some(Duration::from_secs(86_400)) };
        assert_eq!(rest_of(&endless), Some(HOPELESS));
    }
}
