//! Hearing what people write to a bot: long polls, or a webhook. What Zalo handed out it never
//! tells again, so it is kept until the store took it.

use async_trait::async_trait;
use serde_json::{Value, json};
use tokio::time::timeout;
use url::Url;

use super::ZaloBot;
use super::api::Fault;
use super::heard::read;
use super::refusal::verdict;
use crate::channel::ear::{Ear, HOPELESS, Hears, PATIENCE, Trouble, WAIT};
use crate::channel::{Desk, Keep};
use crate::phrases;

#[async_trait]
impl Hears for ZaloBot {
    /// Handed out by Zalo, and not taken by the store yet.
    type Memory = Option<Value>;

    fn ear(&self) -> &Ear {
        &self.ear
    }

    async fn look(&self, desk: &dyn Desk, _keep: &dyn Keep, update: &mut Option<Value>) -> Result<usize, Trouble> {
        if update.is_none() {
            // A String, as the table says.
            let told = timeout(PATIENCE, self.api.call("getUpdates", &json!({ "timeout": WAIT.to_string() }))).await;
            *update = match told {
                Ok(Ok(update)) => Some(update),
                // Nothing was said.
                Ok(Err(Fault::Answer { code: 408, .. })) | Err(_) => return Ok(0),
                Ok(Err(fault)) => return Err(self.unheard(fault).await),
            };
        }
        let heard = update.as_ref().and_then(|update| read(update, &self.name));
        desk.hear(&self.name, heard.into_iter().collect()).await.map_err(Trouble::Store)?;
        *update = None;
        Ok(1)
    }

    async fn want_pushes(&self, _keep: &dyn Keep, hook: &Url, secret: &str) -> Result<(), Trouble> {
        let asked = json!({ "url": hook.as_str(), "secret_token": secret });
        self.api.call("setWebhook", &asked).await.map(drop).map_err(trouble)
    }
}

impl ZaloBot {
    /// Polling is refused while a webhook is set: one that this program set is ended.
    async fn unheard(&self, fault: Fault) -> Trouble {
        let info = match &fault {
            Fault::Answer { code: 400 | 403 | 404 | 409, .. } => self.api.call("getWebhookInfo", &json!({})).await.ok(),
            Fault::Answer { .. } | Fault::None(_) | Fault::Strange { .. } => None,
        };
        let url = info.and_then(|info| Url::parse(info.get("url")?.as_str()?).ok());
        match url {
            None => trouble(fault),
            Some(url) if Some(&url) == self.ear.hook() => {
                let ended = self.api.call("deleteWebhook", &json!({})).await;
                trouble(ended.err().unwrap_or(fault))
            }
            Some(url) => Trouble::Taken(phrases::listen_other_webhook(url.host_str().unwrap_or_default())),
        }
    }
}

fn trouble(fault: Fault) -> Trouble {
    let rest = matches!(fault, Fault::Answer { code: 401, .. }).then_some(HOPELESS);
    Trouble::Fault { cause: verdict(fault).cause(), rest }
}
