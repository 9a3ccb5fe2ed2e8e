//! A Facebook page, by the Graph API and the page's own token. What a lost answer hides is looked
//! up among the page's last posts.

use std::sync::Arc;

use async_trait::async_trait;
use reqwest::{Method, RequestBuilder};
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;
use url::form_urlencoded::Serializer;

use super::http::{self, Answer, Http};
use super::sheet::{self, Markup, Parts};
use super::status::{self, Key};
use super::{Channel, Checked, Doubt, Edited, Face, Kind, Message, Notice, Noticed, Pace, SendError, Setting, plain, template};
use crate::outbox::{KnownIds, MessageId, Sent};
use crate::phrases;
use crate::secret::{Given, Secret};
use crate::subscription::Address;
use crate::text;

pub(super) const KIND: Kind = Kind {
    name: "facebook-page",
    about: "Đăng bài lên trang Facebook · Posts on a Facebook page",
    example: "[[channels]]\nname = \"facebook\"\nkind = \"facebook-page\"\ntoken = { env = \"FACEBOOK_TOKEN\" }\n",
    build: |keys, setting| {
        let config = Config::deserialize(keys)?;
        let page = FacebookPage::new(config, setting).map_err(serde::de::Error::custom)?;
        Ok(Arc::new(page))
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The page's access token, with `pages_manage_posts` and `pages_read_engagement`.
    token: Given,
    /// The Graph API with its version.
    api: Option<Url>,
}

/// Facebook's own.
const API: &str = "https://graph.facebook.com/v25.0";
const NAME: &str = "Facebook";
/// A post's text: Facebook takes 63,206 characters, people read far fewer.
const MARKUP: Markup = Markup {
    escape: str::to_owned,
    bold: str::to_owned,
    link: |label, url| format!("{label}: {url}"),
    size: text::utf16_len,
    limit: 8_000,
};
/// What a template may count on: it writes plain text.
const FACE: Face = Face {
    escape: str::to_owned,
    seen: str::to_owned,
    size: text::utf16_len,
    limit: MARKUP.limit,
    caption: MARKUP.limit,
    lists: true,
    put: |message, text| template::put_at(message, "/message", text),
};
/// A list has each address on a line of its own.
const LIST: Markup = Markup { link: |label, url| format!("{label}\n{url}"), ..MARKUP };
/// So many of the page's last posts are looked through for one in doubt.
const LOOKED_THROUGH: &str = "25";

/// The longest list of posts that is read: each letter may take six bytes.
const POSTS: usize = 4 << 20;

struct FacebookPage {
    http: Http,
    api: Url,
    token: Secret,
}

#[derive(Deserialize)]
struct Refusal {
    error: Reason,
}

/// A refusal in the Graph API's own words.
#[derive(Deserialize)]
struct Reason {
    code: i64,
    #[serde(default)]
    error_subcode: i64,
    #[serde(default)]
    message: String,
    #[serde(default)]
    is_transient: bool,
}

#[derive(Deserialize)]
struct Post {
    id: String,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Posts {
    data: Vec<Post>,
}

#[derive(Deserialize)]
struct Owner {
    id: String,
    #[serde(default)]
    name: String,
}

impl FacebookPage {
    fn new(config: Config, setting: &Setting<'_>) -> Result<Self, String> {
        let token = (setting.secret)(&config.token)?;
        let api = config.api.map_or_else(|| Url::parse(API), Ok).map_err(|error| error.to_string())?;
        Ok(Self { http: Http::new(setting.tls, vec![token.clone()])?.reading(POSTS), api, token })
    }

    /// A request with the token in its header: an address is logged on the way, a header is not.
    fn request(&self, method: Method, path: &[&str], query: &[(&str, &str)]) -> RequestBuilder {
        let mut url = self.api.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        self.http.client().request(method, url).bearer_auth(self.token.expose())
    }

    async fn ask(&self, request: RequestBuilder) -> Result<Answer, SendError> {
        self.http.send(request).await.map_err(|fault: http::Fault| fault.verdict(NAME))
    }

    async fn post(&self, path: &[&str], message: &Value) -> Result<Answer, SendError> {
        let fields = message.as_object().into_iter().flatten().map(|(key, value)| (key, value.as_str().unwrap_or_default()));
        let form = Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.request(Method::POST, path, &[]).header("content-type", "application/x-www-form-urlencoded");
        self.ask(request.body(form)).await
    }

    /// Where this text stands among the page's last posts, other than as one of `known`.
    async fn find(&self, page: &str, message: &Message, known: &KnownIds) -> Result<Option<String>, SendError> {
        let query = [("fields", "id,message"), ("limit", LOOKED_THROUGH)];
        let answer = self.ask(self.request(Method::GET, &[page, "feed"], &query)).await?;
        let Some(Posts { data }) = status::json(&answer).filter(|_| answer.status == 200) else { return Err(self.refusal(&answer)) };
        let ours = plain::letters(content(message).get("message").and_then(Value::as_str).unwrap_or_default());
        let found = data.into_iter().find(|post| !known.contains(&post.id) && plain::letters(&post.message) == ours);
        Ok(found.map(|post| post.id))
    }

    fn refusal(&self, answer: &Answer) -> SendError {
        let Some(error) = reason(answer) else {
            let said = format!("HTTP {}", answer.status);
            return match answer.status {
                // Something else than the Graph API answers there.
                401 | 403 | 404 => SendError::Down { after: Some(status::REST), cause: phrases::platform_no_such_place(NAME, &said) },
                _ => status::verdict(NAME, answer, Key::Channel, &said),
            };
        };
        let said = format!("{}/{} {}", error.code, error.error_subcode, self.http.strip(&text::cut(&error.message, 200)));
        coded(&error, answer, &said)
    }

    async fn look(&self, to: &Address, owner: &Owner) -> (bool, String) {
        if owner.id != to.chat() {
            return (false, phrases::check_other_page(&format!("{} ({})", owner.name, owner.id)));
        }
        // Reading is what settles doubts.
        match self.find(to.chat(), &Message::default(), &KnownIds::new()).await {
            Ok(_) => (true, phrases::check_may_write(&owner.name)),
            Err(error) => (false, error.cause()),
        }
    }

    async fn owner(&self) -> Result<Owner, SendError> {
        let answer = self.ask(self.request(Method::GET, &["me"], &[("fields", "id,name")])).await?;
        status::json(&answer).filter(|_| answer.status == 200).ok_or_else(|| self.refusal(&answer))
    }
}

/// What the Graph API's codes mean for the outbox.
fn coded(error: &Reason, answer: &Answer, said: &str) -> SendError {
    let wait = answer.retry_after.or(Some(status::REST));
    match error.code {
        190 | 102 | 104 | 2500 => SendError::Down { after: Some(status::REST), cause: phrases::platform_token(NAME, said) },
        // Limits of the app and of the account hold for all pages, the others for this one.
        4 | 17 | 80_000..=80_014 => SendError::Down { after: wait, cause: phrases::platform_flood(NAME, said) },
        32 | 341 | 613 => SendError::Retry { after: wait, cause: phrases::platform_flood(NAME, said) },
        368 => SendError::Gone { cause: phrases::facebook_blocked(said) },
        3 | 10 | 200..=299 => SendError::Gone { cause: phrases::platform_no_right(NAME, said) },
        803 => SendError::Gone { cause: phrases::platform_no_such_place(NAME, said) },
        // "Unknown error" and "service unavailable": the post may be there, which can be looked up.
        1 | 2 => SendError::InDoubt { cause: phrases::platform_trouble(NAME, said) },
        _ if error.is_transient => SendError::InDoubt { cause: phrases::platform_trouble(NAME, said) },
        _ if is_missing(error) => SendError::Gone { cause: phrases::platform_no_such_place(NAME, said) },
        _ => SendError::Refused { cause: phrases::platform_refused(NAME, said) },
    }
}

/// The same text was posted a moment ago.
const DUPLICATE: i64 = 506;
/// A link that Facebook cannot show: malformed, or one that it cannot read.
const BAD_LINK: i64 = 1500;
/// Any parameter that is wrong; which one is only in the words.
const BAD_PARAMETER: i64 = 100;

fn reason(answer: &Answer) -> Option<Reason> {
    status::json::<Refusal>(answer).map(|told| told.error)
}

fn is_missing(error: &Reason) -> bool {
    error.code == BAD_PARAMETER && error.error_subcode == 33
}

fn is_about_link(error: &Reason) -> bool {
    let said = error.message.to_ascii_lowercase();
    error.code == BAD_LINK || error.code == BAD_PARAMETER && (said.contains("url") || said.contains("link"))
}

#[async_trait]
impl Channel for FacebookPage {
    fn render(&self, notice: &Notice<'_>) -> Vec<Message> {
        if notice.digest {
            let lists = sheet::lists(notice, &LIST);
            return lists.into_iter().map(|(text, covers)| Message { covers, ..message(&text, None, notice) }).collect();
        }
        let one = |(index, noticed): (usize, &Noticed)| Message { covers: index..index + 1, ..article(noticed, notice) };
        notice.entries.iter().enumerate().map(one).collect()
    }

    fn face(&self) -> Option<Face> {
        Some(FACE)
    }

    fn pace(&self) -> Pace {
        Pace { is_group: Some(|_| true), timeout: Some(http::TOTAL), ..Pace::default() }
    }

    fn accepts(&self, chat: &str) -> Result<(), String> {
        let is_id = (1..=32).contains(&chat.len()) && chat.bytes().all(|b| b.is_ascii_digit());
        if is_id { Ok(()) } else { Err(phrases::facebook_address()) }
    }

    fn invite(&self, chat: &str) -> Option<Url> {
        Url::parse(&format!("https://www.facebook.com/{chat}")).ok()
    }

    async fn send(&self, to: &Address, message: &Message, _key: &str) -> Result<Sent, SendError> {
        self.accepts(to.chat()).map_err(|cause| SendError::Refused { cause })?;
        let mut body = content(message);
        let mut answer = self.post(&[to.chat(), "feed"], &body).await?;
        if reason(&answer).is_some_and(|error| is_about_link(&error)) && body.as_object_mut().and_then(|body| body.remove("link")).is_some()
        {
            answer = self.post(&[to.chat(), "feed"], &body).await?;
        }
        if reason(&answer).is_some_and(|error| error.code == DUPLICATE) {
            let there = self.find(to.chat(), message, &KnownIds::new()).await?;
            return there.map(|id| Sent { ids: vec![id] }).ok_or_else(|| self.refusal(&answer));
        }
        match status::json::<Post>(&answer).filter(|_| answer.status == 200) {
            Some(post) => Ok(Sent { ids: vec![post.id] }),
            None => Err(self.refusal(&answer)),
        }
    }

    async fn resolve(&self, to: &Address, message: &Message, known: &KnownIds) -> Result<Doubt, SendError> {
        match self.find(to.chat(), message, known).await {
            Ok(Some(id)) => Ok(Doubt::Delivered(Sent { ids: vec![id] })),
            Ok(None) => Ok(Doubt::NotDelivered),
            // Who may post need not be allowed to read.
            Err(SendError::Gone { .. }) => Ok(Doubt::Unknown),
            Err(error) => Err(error),
        }
    }

    fn edits(&self) -> bool {
        true
    }

    async fn edit(&self, _to: &Address, id: &MessageId, message: &Message) -> Result<Edited, SendError> {
        let mut body = content(message);
        // The link of a post cannot be changed.
        body.as_object_mut().and_then(|body| body.remove("link"));
        let answer = self.post(&[id], &body).await?;
        match reason(&answer) {
            None if answer.status == 200 => Ok(Edited::Done),
            // "Does not exist, or not of this app": nothing that we could still change.
            Some(error) if is_missing(&error) => Ok(Edited::Gone),
            _ => Err(self.refusal(&answer)),
        }
    }

    async fn check(&self, of: &[Address]) -> Vec<Checked> {
        let owner = match self.owner().await {
            Ok(owner) => owner,
            Err(error) => return vec![Checked { of: None, holds: Some(false), told: error.cause() }],
        };
        let mut all = vec![Checked { of: None, holds: Some(true), told: phrases::check_account(NAME, &owner.name) }];
        for to in of {
            let (holds, told) = self.look(to, &owner).await;
            all.push(Checked { of: Some(to.clone()), holds: Some(holds), told });
        }
        all
    }
}

fn content(message: &Message) -> Value {
    serde_json::from_str(&message.text).unwrap_or_default()
}

fn article(noticed: &Noticed, notice: &Notice<'_>) -> Message {
    let parts = Parts { tags: plain::hashtags(&noticed.entry.categories), ..Parts::of(noticed, notice) };
    message(&parts.marked(notice, &MARKUP), Some(&noticed.link), notice)
}

fn message(text: &str, link: Option<&Url>, notice: &Notice<'_>) -> Message {
    let mut body = json!({ "message": text });
    if let (Value::Object(fields), Some(link)) = (&mut body, link) {
        fields.insert("link".to_owned(), link.as_str().into());
    }
    Message { text: body.to_string(), silent: notice.silent, ..Message::default() }
}

#[cfg(test)]
#[path = "facebook_page_tests.rs"]
mod tests;
