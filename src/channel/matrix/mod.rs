//! Matrix, by an account of its own on any homeserver. Each message has a transaction id that is
//! the same on every try, so the homeserver takes it once however often it is sent.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use reqwest::{Method, RequestBuilder};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::http::{self, Answer, Http};
use super::status::{self, Key};
use super::{Channel, Checked, Doubt, Edited, Face, Kind, Message, Notice, Noticed, Pace, SendError, Setting, sheet};
use crate::outbox::{KnownIds, MessageId, Sent};
use crate::phrases;
use crate::secret::{Given, Secret};
use crate::subscription::Address;
use crate::text;

mod check;
mod layout;
#[cfg(test)]
mod tests;

pub(super) const KIND: Kind = Kind {
    name: "matrix",
    about: "Gửi vào phòng Matrix bằng một tài khoản · Matrix rooms, by an account",
    example: "[[channels]]\nname = \"matrix\"\nkind = \"matrix\"\nhomeserver = \"https://matrix.org\"\ntoken = { env = \"MATRIX_TOKEN\" }\n",
    build: |keys, setting| {
        let config = Config::deserialize(keys)?;
        let matrix = Matrix::new(config, setting).map_err(serde::de::Error::custom)?;
        Ok(Arc::new(matrix))
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// The homeserver's root.
    homeserver: Url,
    /// The account's access token.
    token: Given,
}

const NAME: &str = "Matrix";
/// An id or alias, as the specification bounds it (bytes).
const LONGEST: usize = 255;

struct Matrix {
    http: Http,
    homeserver: Url,
    token: Secret,
    /// Ids of rooms by their aliases: an alias is resolved once.
    rooms: Mutex<HashMap<String, String>>,
    /// What each message was last changed to, by its digest, and how often it was changed.
    edits: Mutex<HashMap<MessageId, (String, u32)>>,
}

/// A refusal in the words of the specification.
#[derive(Deserialize)]
struct Refusal {
    errcode: String,
    #[serde(default)]
    error: String,
    retry_after_ms: Option<u64>,
}

#[derive(Deserialize)]
struct Event {
    event_id: String,
}

#[derive(Deserialize)]
struct Alias {
    room_id: String,
}

impl Matrix {
    fn new(config: Config, setting: &Setting<'_>) -> Result<Self, String> {
        let token = (setting.secret)(&config.token)?;
        let http = Http::new(setting.tls, vec![token.clone()])?;
        Ok(Self { http, homeserver: config.homeserver, token, rooms: Mutex::default(), edits: Mutex::default() })
    }

    /// A request to `/_matrix/client/v3/…`.
    fn request(&self, method: Method, path: &[&str]) -> RequestBuilder {
        let mut url = self.homeserver.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["_matrix", "client", "v3"]).extend(path);
        }
        self.http.client().request(method, url).bearer_auth(self.token.expose())
    }

    async fn ask<T: DeserializeOwned>(&self, request: RequestBuilder) -> Result<T, SendError> {
        let answer = self.http.send(request).await.map_err(|fault: http::Fault| fault.verdict(NAME))?;
        let told = status::json::<T>(&answer).filter(|_| answer.status == 200);
        told.ok_or_else(|| self.refusal(&answer))
    }

    /// The room's id.
    async fn room(&self, chat: &str) -> Result<String, SendError> {
        if chat.starts_with('!') {
            return Ok(chat.to_owned());
        }
        let known = self.rooms.lock().unwrap_or_else(PoisonError::into_inner).get(chat).cloned();
        if let Some(id) = known {
            return Ok(id);
        }
        let Alias { room_id } = self.ask(self.request(Method::GET, &["directory", "room", chat])).await?;
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner).insert(chat.to_owned(), room_id.clone());
        Ok(room_id)
    }

    /// Puts an event into a room; with the same `transaction` it is there once.
    async fn put(&self, room: &str, transaction: &str, content: &Value) -> Result<Event, SendError> {
        let request = self.request(Method::PUT, &["rooms", room, "send", "m.room.message", transaction]);
        self.ask(request.json(content)).await
    }

    /// The same while a change is only made again; another where a text returns to what it was.
    fn transaction(&self, id: &MessageId, message: &Message) -> String {
        let text = digest(&message.text);
        let mut edits = self.edits.lock().unwrap_or_else(PoisonError::into_inner);
        let (last, times) = edits.entry(id.clone()).or_default();
        if *last != text {
            last.clone_from(&text);
            *times += 1;
        }
        format!("edit-{}", digest(&format!("{id} {times} {text}")))
    }

    fn refusal(&self, answer: &Answer) -> SendError {
        let Some(told) = status::json::<Refusal>(answer) else { return strange(answer) };
        let said = format!("{} {}", told.errcode, self.http.strip(&text::cut(&told.error, 200)));
        let after = told.retry_after_ms.map(Duration::from_millis).or(answer.retry_after);
        let rest = Some(status::REST);
        match told.errcode.as_str() {
            "M_LIMIT_EXCEEDED" => SendError::Retry { after, cause: phrases::platform_flood(NAME, &said) },
            "M_UNKNOWN_TOKEN" | "M_MISSING_TOKEN" | "M_USER_DEACTIVATED" | "M_USER_SUSPENDED" | "M_USER_LOCKED" => {
                SendError::Down { after: rest, cause: phrases::platform_token(NAME, &said) }
            }
            // The account as a whole may not write, for a reason that an admin can set right.
            "M_CONSENT_NOT_GIVEN" | "M_RESOURCE_LIMIT_EXCEEDED" | "M_UNRECOGNIZED" => {
                SendError::Down { after: rest, cause: phrases::platform_refused(NAME, &said) }
            }
            "M_NOT_FOUND" => SendError::Gone { cause: phrases::platform_no_such_place(NAME, &said) },
            "M_TOO_LARGE" => SendError::Refused { cause: phrases::platform_too_long(NAME, &said) },
            _ if answer.status >= 500 => SendError::Retry { after, cause: phrases::platform_trouble(NAME, &said) },
            _ => status::verdict(NAME, answer, Key::Channel, &said),
        }
    }
}

/// Something answered that is no homeserver. Sending again is harmless, so nothing is in doubt.
fn strange(answer: &Answer) -> SendError {
    let said = format!("HTTP {}", answer.status);
    match answer.status {
        401 | 403 | 404 | 405 => SendError::Down { after: Some(status::REST), cause: phrases::platform_no_such_place(NAME, &said) },
        status @ (200..=299 | 500..=599) => SendError::Retry { after: answer.retry_after, cause: phrases::platform_strange(NAME, status) },
        _ => status::verdict(NAME, answer, Key::Channel, &said),
    }
}

#[async_trait]
impl Channel for Matrix {
    fn render(&self, notice: &Notice<'_>) -> Vec<Message> {
        if notice.digest {
            let lists = sheet::lists(notice, &layout::LIST);
            return lists.into_iter().map(|(html, covers)| Message { covers, ..layout::list(&html, notice) }).collect();
        }
        let one = |(index, noticed): (usize, &Noticed)| Message { covers: index..index + 1, ..layout::article(noticed, notice) };
        notice.entries.iter().enumerate().map(one).collect()
    }

    fn face(&self) -> Option<Face> {
        Some(layout::FACE)
    }

    fn pace(&self) -> Pace {
        // Homeservers differ; this is what they are delivered with.
        Pace { per_second: Some(0.2), burst: Some(10), is_group: Some(|_| true), timeout: Some(http::TOTAL), ..Pace::default() }
    }

    fn accepts(&self, chat: &str) -> Result<(), String> {
        let named = chat.strip_prefix(['!', '#']).is_some_and(|rest| !rest.is_empty() && !rest.chars().any(char::is_whitespace));
        // Ids of rooms have no server from room version 12 on; aliases always have one.
        let whole = chat.starts_with('!') || chat.split_once(':').is_some_and(|(_, server)| !server.is_empty());
        if named && whole && chat.len() <= LONGEST { Ok(()) } else { Err(phrases::matrix_address()) }
    }

    /// Rooms with an alias can be found.
    fn invite(&self, chat: &str) -> Option<Url> {
        let alias = chat.strip_prefix('#')?;
        Url::parse(&format!("https://matrix.to/#/%23{alias}")).ok()
    }

    async fn send(&self, to: &Address, message: &Message, key: &str) -> Result<Sent, SendError> {
        let room = self.room(to.chat()).await?;
        let Event { event_id } = self.put(&room, key, &answering(message)).await?;
        Ok(Sent { ids: vec![event_id] })
    }

    /// Sending again with the same transaction id is harmless, and answers with the event's id.
    async fn resolve(&self, _to: &Address, _message: &Message, _known: &KnownIds) -> Result<Doubt, SendError> {
        Ok(Doubt::NotDelivered)
    }

    fn edits(&self) -> bool {
        true
    }

    async fn edit(&self, to: &Address, id: &MessageId, message: &Message) -> Result<Edited, SendError> {
        let room = self.room(to.chat()).await?;
        self.put(&room, &self.transaction(id, message), &replacement(id, content(message))).await.map(|_| Edited::Done)
    }

    async fn check(&self, of: &[Address]) -> Vec<Checked> {
        self.look(of).await
    }
}

fn content(message: &Message) -> Value {
    serde_json::from_str(&message.text).unwrap_or_default()
}

/// The message as an event; a correction answers what it corrects (`m.in_reply_to`).
fn answering(message: &Message) -> Value {
    let mut content = content(message);
    if let (Some(id), Value::Object(fields)) = (&message.reply_to, &mut content) {
        fields.insert("m.relates_to".into(), json!({ "m.in_reply_to": { "event_id": id } }));
    }
    content
}

/// The event that puts `new` in the place of `id`, with a line for those who do not know replacements.
fn replacement(id: &str, new: Value) -> Value {
    let first = new.get("body").and_then(Value::as_str).and_then(|body| body.lines().next()).unwrap_or_default();
    json!({
        "msgtype": "m.text", "body": format!("* {first}"), "m.mentions": {},
        "m.new_content": new, "m.relates_to": { "rel_type": "m.replace", "event_id": id },
    })
}

/// Sixteen bytes of a digest, in hexadecimal.
fn digest(text: &str) -> String {
    Sha256::digest(text).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}
