//! Notifications in browsers (RFC 8030): no account anywhere, an encrypted message to the push
//! service that the browser named. A notification carries a mark of its article, so that one that
//! is sent again replaces itself: sending again is harmless.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use reqwest::{Response, header};
use serde::Deserialize;
use tokio::sync::OnceCell;
use url::Url;

use super::http::{Answer, innermost, retry_after};
use super::status::{self, Key};
use super::{Browsers, Channel, Checked, Doubt, Guarded, Keep, Kind, Message, Notice, Pace, SendError, Setting, house_key};
use crate::outbox::{KnownIds, Sent};
use crate::phrases;
use crate::secret::Given;
use crate::subscription::Address;
use browser::Browser;
use note::Note;
use standing::Standing;
use vapid::Vapid;

mod browser;
mod note;
mod seal;
mod standing;
mod vapid;

pub(super) const KIND: Kind = Kind {
    name: "web-push",
    about: "Thông báo trên trình duyệt, không cần tài khoản · Notifications in browsers, without any account",
    example: "[[channels]]\nname = \"day\"\nkind = \"web-push\"\nsubject = \"mailto:vanphong@phuong.example\"\n",
    build: |keys, setting| {
        let config = Config::deserialize(keys)?;
        let push = WebPush::new(config, setting).map_err(serde::de::Error::custom)?;
        Ok(Arc::new(push))
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// Whom a push service may ask about us: `mailto:` or `https:`.
    subject: Url,
    /// A key pair of one's own (VAPID, base64url); left out: one is made and kept in the store.
    public_key: Option<String>,
    private_key: Option<Given>,
    /// A small picture beside each notification.
    icon: Option<Url>,
}

const NAME: &str = "web push";
const TIMEOUT: Duration = Duration::from_secs(20);
/// A push service that trusts none of our tokens is asked again after this.
const UNTRUSTED: Duration = Duration::from_secs(3600);
/// How long a push service keeps a message for a browser that is away.
const KEPT: Duration = Duration::from_secs(3 * 24 * 3600);
/// Under which the key pair and the browsers are remembered.
const KEY: &str = "vapid";
const BROWSER: &str = "browser:";

struct WebPush {
    subject: Url,
    icon: Option<Url>,
    base: Url,
    ways: Arc<dyn Guarded>,
    keep: OnceLock<Arc<dyn Keep>>,
    vapid: OnceCell<Vapid>,
    standing: Standing,
}

impl WebPush {
    fn new(config: Config, setting: &Setting<'_>) -> Result<Self, String> {
        if !matches!(config.subject.scheme(), "mailto" | "https") {
            return Err(phrases::push_bad_subject());
        }
        let private = config.private_key.as_ref().map(setting.secret).transpose()?;
        let vapid = match (config.public_key, private) {
            (Some(public), Some(private)) => OnceCell::new_with(Some(Vapid::given(&public, private.expose())?)),
            (None, None) => OnceCell::new(),
            (Some(_), None) | (None, Some(_)) => return Err(phrases::push_bad_keys()),
        };
        let (ways, base) = (setting.guarded.clone(), setting.base.clone());
        Ok(Self { subject: config.subject, icon: config.icon, base, ways, keep: OnceLock::new(), vapid, standing: Standing::default() })
    }

    fn keep(&self) -> Result<&dyn Keep, String> {
        self.keep.get().map(AsRef::as_ref).ok_or_else(phrases::push_no_store)
    }

    async fn vapid(&self) -> Result<&Vapid, String> {
        let open = async || Vapid::remembered(&house_key::of(self.keep()?, KEY, Vapid::make, Utc::now()).await?);
        self.vapid.get_or_try_init(open).await
    }

    async fn browser(&self, chat: &str) -> Result<Option<Browser>, String> {
        let known = self.keep()?.get(&format!("{BROWSER}{chat}")).await?;
        Ok(known.and_then(|written| Browser::read(&written).ok()))
    }

    async fn forget(&self, chat: &str) -> Result<(), String> {
        self.keep()?.sweep(&format!("{BROWSER}{chat}"), DateTime::<Utc>::MAX_UTC).await
    }

    /// Hands one notification over; the push service's own answer.
    async fn push(&self, browser: &Browser, note: &Note, key: &str) -> Result<Answer, SendError> {
        let later = |cause| SendError::Retry { after: None, cause };
        let sealed = seal::seal(browser, note.written().as_bytes());
        let body = sealed.map_err(|_| SendError::Refused { cause: phrases::push_bad_browser() })?;
        let vapid = self.vapid().await.map_err(later)?;
        let url = &browser.endpoint;
        let authorization = vapid.authorization(url, self.subject.as_str(), Utc::now()).map_err(later)?;
        let http = self.ways.client(url).map_err(|cause| SendError::Gone { cause })?;
        let request = http
            .post(url.clone())
            .timeout(TIMEOUT)
            .header(header::AUTHORIZATION, authorization)
            .header(header::CONTENT_ENCODING, "aes128gcm")
            .header(header::CONTENT_TYPE, "application/octet-stream")
            .header("ttl", KEPT.as_secs())
            .header("urgency", if note.silent { "low" } else { "normal" })
            // At most 32 characters, and the same on every try: a message that waits is replaced.
            .header("topic", browser::text_name(key))
            .body(body);
        let reply = request.send().await.map_err(|error| self.lost(error, url))?;
        Ok(answer(&reply))
    }

    fn lost(&self, error: reqwest::Error, url: &Url) -> SendError {
        if let Some(cause) = self.ways.barred(&error, url) {
            return SendError::Gone { cause };
        }
        let why = innermost(&error.without_url());
        SendError::Retry { after: None, cause: phrases::platform_not_sent(NAME, &why) }
    }

    async fn ended(&self, chat: &str, status: u16) -> SendError {
        match self.forget(chat).await {
            Ok(()) => SendError::Ended { cause: phrases::platform_gone(NAME, &format!("HTTP {status}")) },
            Err(cause) => SendError::Retry { after: None, cause },
        }
    }
}

#[async_trait]
impl Channel for WebPush {
    fn render(&self, notice: &Notice<'_>) -> Vec<Message> {
        note::render(notice, &self.base, self.icon.as_ref())
    }

    fn attach(&self, keep: Arc<dyn Keep>) {
        self.keep.set(keep).ok();
    }

    fn pace(&self) -> Pace {
        Pace { per_second: Some(200.0), is_group: Some(|_| false), timeout: Some(TIMEOUT), ..Pace::default() }
    }

    fn accepts(&self, chat: &str) -> Result<(), String> {
        if browser::is_name(chat) { Ok(()) } else { Err(phrases::push_address()) }
    }

    fn browsers(&self) -> Option<&dyn Browsers> {
        Some(self)
    }

    async fn send(&self, to: &Address, message: &Message, key: &str) -> Result<Sent, SendError> {
        let known = self.browser(to.chat()).await.map_err(|cause| SendError::Retry { after: None, cause })?;
        let Some(browser) = known else { return Err(SendError::Ended { cause: phrases::push_unknown_browser() }) };
        let note = Note::of(message).ok_or_else(|| SendError::Refused { cause: phrases::nothing_to_send() })?;
        let mut answer = self.push(&browser, &note, key).await?;
        if answer.status == 413 {
            answer = self.push(&browser, &note.shorter(), key).await?;
        }
        let said = format!("HTTP {}", answer.status);
        match answer.status {
            200..=299 => {
                self.standing.trusted(&browser.endpoint);
                Ok(Sent::default())
            }
            404 | 410 => Err(self.ended(to.chat(), answer.status).await),
            401 | 403 if self.standing.refused(&browser.endpoint) => Err(SendError::Gone { cause: phrases::platform_token(NAME, &said) }),
            401 | 403 => {
                Err(SendError::Retry { after: Some(answer.retry_after.unwrap_or(UNTRUSTED)), cause: phrases::push_untrusted(&said) })
            }
            500..=599 => Err(SendError::Retry { after: answer.retry_after, cause: phrases::platform_flood(NAME, &said) }),
            _ => Err(status::verdict(NAME, &answer, Key::Room, &said)),
        }
    }

    /// Sending again is harmless: the notification replaces itself.
    async fn resolve(&self, _to: &Address, _message: &Message, _known: &KnownIds) -> Result<Doubt, SendError> {
        Ok(Doubt::NotDelivered)
    }

    async fn check(&self, of: &[Address]) -> Vec<Checked> {
        let (holds, told) = match self.vapid().await {
            Ok(vapid) => (Some(true), phrases::check_push_key(&vapid.public)),
            Err(told) => (Some(false), told),
        };
        let mut all = vec![Checked { of: None, holds, told }];
        for to in of {
            let (holds, told) = self.look(to.chat()).await;
            all.push(Checked { of: Some(to.clone()), holds, told });
        }
        all
    }
}

impl WebPush {
    /// Whether the push service of a browser answers; only a message would tell more.
    async fn look(&self, chat: &str) -> (Option<bool>, String) {
        let url = match self.browser(chat).await {
            Ok(Some(browser)) => browser.endpoint,
            Ok(None) => return (Some(false), phrases::push_unknown_browser()),
            Err(told) => return (Some(false), told),
        };
        let http = match self.ways.client(&url) {
            Ok(http) => http,
            Err(told) => return (Some(false), told),
        };
        match http.request(reqwest::Method::OPTIONS, url.clone()).timeout(TIMEOUT).send().await {
            Ok(reply) => (None, phrases::check_answers(reply.status().as_u16())),
            Err(error) => (Some(false), self.lost(error, &url).cause()),
        }
    }
}

#[async_trait]
impl Browsers for WebPush {
    async fn key(&self) -> Result<String, String> {
        Ok(self.vapid().await?.public.clone())
    }

    fn look(&self, written: &str) -> Result<(), String> {
        self.ways.client(&Browser::read(written)?.endpoint).map(drop)
    }

    async fn admit(&self, written: &str, now: DateTime<Utc>) -> Result<String, String> {
        let browser = Browser::read(written)?;
        let name = browser::name(&browser.endpoint);
        self.keep()?.put(&format!("{BROWSER}{name}"), &browser.written(), now).await?;
        Ok(name)
    }

    fn name(&self, endpoint: &Url) -> String {
        browser::name(endpoint)
    }

    async fn forget(&self, name: &str) -> Result<(), String> {
        Self::forget(self, name).await
    }
}

/// The answer less its body, which means nothing to us and may be endless.
fn answer(reply: &Response) -> Answer {
    Answer { status: reply.status().as_u16(), retry_after: retry_after(reply), left: None, body: Vec::new() }
}
