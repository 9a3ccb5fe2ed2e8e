//! Zalo, through an Official Account: replies to people who wrote lately, messages to its own
//! groups, articles on its page, and broadcasts of articles to all followers.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::Utc;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::http::{self, Http};
use super::zalo_text::{self, Note};
use super::{Channel, Checked, Doubt, Face, Keep, Kind, Message, Notice, Pace, SendError, Setting, Talk, template};
use crate::outbox::{KnownIds, Sent};
use crate::phrases::{self, Language};
use crate::secret::{Given, Secret};
use crate::subscription::Address;
use crate::text;
use api::Api;
use article::Article;
use grant::Grant;
use place::Place;
use refusal::verdict;
use talk::Listen;
use tokens::{Account, Tokens};

mod api;
mod article;
mod check;
mod grant;
mod heard;
mod oauth;
mod place;
mod publish;
mod refusal;
mod talk;
mod tokens;

pub(super) const KIND: Kind = Kind {
    name: "zalo-oa",
    about: "Đăng bài, phát tin cho người quan tâm, gửi nhóm và trả lời bằng Zalo Official Account · A Zalo Official Account",
    example: "[[channels]]\nname = \"oa\"\nkind = \"zalo-oa\"\napp_id = \"1234567890123456789\"\nsecret = { env = \"ZALO_APP_SECRET\" }\n\
              oa_id = \"9876543210987654321\"\ntokens = { file = \"secrets/zalo-oa\" }\ncover = \"https://phuong.example/bia.jpg\"\n",
    build: |keys, setting| {
        let config = Config::deserialize(keys)?;
        let account = ZaloOa::new(config, setting).map_err(serde::de::Error::custom)?;
        Ok(Arc::new(account))
    },
};

/// Articles in one broadcast.
const TOGETHER: usize = 5;
/// Zalo's limit is 4,000 calls a minute for all accounts of an app.
const PER_SECOND: f64 = 60.0;

/// What a template may count on: it writes the plain text for people and groups. Articles keep
/// their form, and a broadcast its few of them.
const FACE: Face = Face {
    escape: str::to_owned,
    seen: str::to_owned,
    size: text::utf16_len,
    limit: zalo_text::TEXT,
    caption: zalo_text::TEXT,
    lists: false,
    put: |message, text| template::put_at(message, "/text", text),
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The app's id at developers.zalo.me.
    #[serde(deserialize_with = "digits")]
    app_id: String,
    /// The app's secret key.
    secret: Given,
    /// The account's id.
    #[serde(deserialize_with = "digits")]
    oa_id: String,
    /// The pair that API Explorer shows: two lines, or its JSON.
    tokens: Option<Given>,
    /// The picture of articles that have none.
    cover: Option<Url>,
    /// How it hears what people write.
    #[serde(default)]
    listen: Listen,
    /// The OpenAPI.
    #[serde(default = "zalos_api")]
    api: Url,
    /// Where tokens are renewed.
    #[serde(default = "zalos_oauth")]
    oauth: Url,
}

#[expect(clippy::expect_used, reason = "a constant address, read in every test")]
fn zalos_api() -> Url {
    Url::parse("https://openapi.zalo.me").expect("a valid address")
}

#[expect(clippy::expect_used, reason = "a constant address, read in every test")]
fn zalos_oauth() -> Url {
    Url::parse("https://oauth.zaloapp.com").expect("a valid address")
}

/// An id is text; written as a number it is taken too.
fn digits<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Number(u64),
        Text(String),
    }
    Ok(match Written::deserialize(from)? {
        Written::Number(id) => id.to_string(),
        Written::Text(id) => id,
    })
}

struct ZaloOa {
    name: String,
    app_id: String,
    oa_id: String,
    secret: Secret,
    cover: Option<Url>,
    listen: Listen,
    language: Language,
    api: Api,
}

/// What a message's text holds: words for people and groups, articles for the rest.
#[derive(Serialize, Deserialize)]
struct Body {
    text: String,
    articles: Vec<Article>,
}

impl ZaloOa {
    fn new(config: Config, setting: &Setting<'_>) -> Result<Self, String> {
        let secret = (setting.secret)(&config.secret)?;
        let pasted = config.tokens.as_ref().map(setting.secret).transpose()?;
        let grant =
            pasted.as_ref().map(|text| Grant::pasted(text.expose(), Utc::now()).ok_or_else(phrases::zalo_pasted_form)).transpose()?;
        let mut secrets = vec![secret.clone()];
        secrets.extend(grant.iter().flat_map(|grant| [&grant.access, &grant.refresh]).map(Secret::new));
        let http = || Http::new(setting.tls, secrets.clone());
        let app = config.app_id.clone();
        let account = Account { name: setting.name.to_owned(), app, secret: secret.clone(), server: config.oauth, pasted: grant };
        let tokens = Arc::new(Tokens::new(account, http()?));
        let api = Api::new(config.api, http()?, tokens);
        Ok(Self {
            name: setting.name.to_owned(),
            app_id: config.app_id,
            oa_id: config.oa_id,
            secret,
            cover: config.cover,
            listen: config.listen,
            language: setting.language,
            api,
        })
    }

    async fn say(&self, path: &str, recipient: &Value, text: &str) -> Result<Sent, SendError> {
        let body = json!({ "recipient": recipient, "message": { "text": text } });
        let taken = self.api.post(path, &body).await.map_err(|fault| verdict(fault, Utc::now()))?;
        let id = taken.get("message_id").and_then(Value::as_str).map(str::to_owned);
        Ok(Sent { ids: id.into_iter().collect() })
    }
}

#[async_trait]
impl Channel for ZaloOa {
    /// The address is not known here, so a message holds both, in lists of as many as one broadcast takes.
    fn render(&self, notice: &Notice<'_>) -> Vec<Message> {
        zalo_text::notes(notice, TOGETHER).into_iter().map(|note| message(note, notice)).collect()
    }

    fn account(&self) -> Option<String> {
        Some(format!("{}/{}", self.app_id, self.oa_id))
    }

    fn attach(&self, keep: Arc<dyn Keep>) {
        self.api.tokens.attach(keep);
    }

    fn face(&self) -> Option<Face> {
        Some(FACE)
    }

    fn talk(&self) -> Option<&dyn Talk> {
        (self.listen != Listen::Off).then_some(self)
    }

    fn pace(&self) -> Pace {
        Pace { per_second: Some(PER_SECOND), is_group: Some(place::is_public), timeout: Some(http::TOTAL), ..Pace::default() }
    }

    fn accepts(&self, chat: &str) -> Result<(), String> {
        Place::parse(chat).map(drop)
    }

    /// Who follows the account gets its articles and broadcasts.
    fn invite(&self, chat: &str) -> Option<Url> {
        let public = matches!(Place::parse(chat), Ok(Place::Article | Place::Broadcast));
        Url::parse(&format!("https://zalo.me/{}", self.oa_id)).ok().filter(|_| public)
    }

    async fn send(&self, to: &Address, message: &Message, _key: &str) -> Result<Sent, SendError> {
        let (place, body) = read(to, message)?;
        match place {
            Place::User(id) => self.say("v3.0/oa/message/cs", &json!({ "user_id": id }), &body.text).await,
            Place::Group(id) => self.say("v3.0/oa/group/message", &json!({ "group_id": id }), &without_mentions(&body.text)).await,
            Place::Broadcast => self.broadcast(&body.articles, Utc::now()).await,
            Place::Article => {
                let mut ids = Vec::with_capacity(body.articles.len());
                for article in &body.articles {
                    ids.push(self.publish(article, Utc::now()).await?);
                }
                Ok(Sent { ids })
            }
        }
    }

    async fn resolve(&self, to: &Address, message: &Message, _known: &KnownIds) -> Result<Doubt, SendError> {
        let (place, body) = read(to, message)?;
        match place {
            // Nothing can be listed; while the API does not answer nothing could be sent again either.
            Place::User(_) | Place::Group(_) => {
                self.api.get("v2.0/oa/getoa", &[]).await.map_err(|fault| verdict(fault, Utc::now()))?;
                Ok(Doubt::Unknown)
            }
            Place::Broadcast => self.was_broadcast(&body.articles).await,
            Place::Article => {
                let mut ids = Vec::with_capacity(body.articles.len());
                for article in &body.articles {
                    match self.was_published(article, Utc::now()).await? {
                        Doubt::Delivered(sent) => ids.extend(sent.ids),
                        // Those that are there are not made again.
                        other @ (Doubt::NotDelivered | Doubt::Unknown) => return Ok(other),
                    }
                }
                Ok(Doubt::Delivered(Sent { ids }))
            }
        }
    }

    async fn check(&self, of: &[Address]) -> Vec<Checked> {
        self.look(of).await
    }
}

fn read<'a>(to: &'a Address, message: &Message) -> Result<(Place<'a>, Body), SendError> {
    let place = Place::parse(to.chat()).map_err(|cause| SendError::Refused { cause })?;
    let body = serde_json::from_str(&message.text)
        .map_err(|error| SendError::Refused { cause: phrases::platform_refused(refusal::PLATFORM, &error.to_string()) })?;
    Ok((place, body))
}

fn message(note: Note, notice: &Notice<'_>) -> Message {
    let covered = notice.entries.get(note.covers.clone()).unwrap_or_default();
    let articles = covered.iter().map(|noticed| Article::of(noticed, notice)).collect();
    let body = Body { text: note.text, articles };
    Message { text: serde_json::to_string(&body).unwrap_or_default(), silent: notice.silent, covers: note.covers, ..Message::default() }
}

/// In a group `[@id]` calls a member, whoever wrote it; what is left must not call one either.
fn without_mentions(text: &str) -> String {
    let mut said = text.to_owned();
    while let Some((before, after)) = said.split_once("[@") {
        let rest = after.split_once(']').map_or(after, |(_, behind)| behind);
        said = format!("{before}{rest}");
    }
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mentions_are_left_out() {
        for (text, want) in [
            ("Họp [@all] tổ", "Họp  tổ"),
            ("[@5170627724267093288][@f414c8f76fa586fbdfb4]x", "x"),
            ("[[@a]@b]c", "c"),
            ("[@ chưa đóng", " chưa đóng"),
            ("a@b [c]", "a@b [c]"),
        ] {
            assert_eq!(without_mentions(text), want, "{text}");
        }
    }
}
