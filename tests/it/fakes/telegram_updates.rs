//! What people say: updates, their queue, the webhook, callback queries.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::telegram_call::{Outcome, Params, Refused, bad, refused};
use super::telegram_state::{Chat, State, user_json};

/// Updates that wait to be fetched.
#[derive(Default)]
pub(super) struct Updates {
    queue: VecDeque<(i64, Value)>,
    last: i64,
    /// Grows with every getUpdates: a waiting one sees that it is not the only one.
    poller: u64,
    allowed: Vec<String>,
    /// How often one poller ended another.
    pub(super) conflicts: usize,
    pub(super) webhook: Option<Webhook>,
    callbacks: BTreeSet<String>,
    pub(super) answered: Vec<(String, String)>,
}

/// What `setWebhook` said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Webhook {
    /// Where updates are to go.
    pub(crate) url: String,
    /// What `X-Telegram-Bot-Api-Secret-Token` must say.
    pub(crate) secret: Option<String>,
}

impl Updates {
    /// Queues an update `{kind: body}` and gives its id; kinds that are not wanted are dropped.
    pub(super) fn push(&mut self, kind: &str, body: Value) -> i64 {
        self.last += 1;
        if self.allowed.is_empty() || self.allowed.iter().any(|k| k == kind) {
            let mut update = json!({"update_id": self.last});
            update.as_object_mut().map(|fields| fields.insert(kind.to_owned(), body));
            self.queue.push_back((self.last, update));
        }
        self.last
    }

    /// Queues an update as it is, with the id it names.
    pub(super) fn push_raw(&mut self, update: Value) {
        let id = update.get("update_id").and_then(Value::as_i64).unwrap_or(self.last + 1);
        self.last = id;
        self.queue.push_back((id, update));
    }

    pub(super) fn jump(&mut self, last: i64) {
        self.last = last;
    }

    pub(super) fn add_callback(&mut self) -> String {
        let id = format!("{}", 4_000_000_000_u64 + u64::try_from(self.callbacks.len() + self.answered.len()).unwrap_or(0));
        self.callbacks.insert(id.clone());
        id
    }

    pub(super) fn waiting(&self) -> usize {
        self.queue.len()
    }

    /// Forgets what `offset` confirms and gives what is left, if anything.
    fn take(&mut self, offset: i64, limit: usize) -> Vec<Value> {
        if offset < 0 {
            let keep = usize::try_from(offset.unsigned_abs()).unwrap_or(usize::MAX);
            self.queue.drain(..self.queue.len().saturating_sub(keep));
        } else if offset <= self.last + 11 {
            self.queue.retain(|(id, _)| *id >= offset);
        }
        self.queue.iter().take(limit).map(|(_, update)| update.clone()).collect()
    }
}

/// getUpdates: waits for `timeout`, gives way to a second one.
pub(super) async fn get_updates(state: &Mutex<State>, changed: &Notify, params: &Params) -> Outcome {
    let timeout = Duration::from_secs(params.int("timeout").unwrap_or(0).clamp(0, 50).unsigned_abs());
    let me = begin(&mut state.lock().unwrap(), params)?;
    changed.notify_waiters();
    let wait = async {
        loop {
            let mut next = std::pin::pin!(changed.notified());
            next.as_mut().enable();
            if let Some(outcome) = look(&mut state.lock().unwrap(), params, me) {
                return outcome;
            }
            next.await;
        }
    };
    tokio::time::timeout(timeout, wait).await.unwrap_or_else(|_| Ok(json!([])))
}

fn begin(state: &mut State, params: &Params) -> Result<u64, Refused> {
    if state.updates.webhook.is_some() {
        return Err(refused(
            409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
        ));
    }
    allow(state, params)?;
    state.updates.poller += 1;
    Ok(state.updates.poller)
}

/// getUpdates without the wait, for one that a fault has held up or spoilt.
pub(super) fn get_now(state: &mut State, params: &Params) -> Outcome {
    let me = begin(state, params)?;
    look(state, params, me).unwrap_or_else(|| Ok(json!([])))
}

fn allow(state: &mut State, params: &Params) -> Result<(), Refused> {
    let Some(list) = params.json("allowed_updates")? else { return Ok(()) };
    let list = list.as_array().ok_or_else(|| bad("can't parse allowed updates JSON object"))?;
    state.updates.allowed = list.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    Ok(())
}

fn look(state: &mut State, params: &Params, me: u64) -> Option<Outcome> {
    if state.updates.poller != me {
        state.updates.conflicts += 1;
        let text = "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running";
        return Some(Err(refused(409, text)));
    }
    let limit = usize::try_from(params.int("limit").unwrap_or(100).clamp(1, 100)).unwrap_or(100);
    let updates = state.updates.take(params.int("offset").unwrap_or(0), limit);
    (!updates.is_empty()).then_some(Ok(Value::Array(updates)))
}

/// setWebhook; plain http is taken on loopback only, as in the server's local mode.
pub(super) fn set_webhook(state: &mut State, params: &Params) -> Outcome {
    let url = params.text("url").unwrap_or_default();
    if url.is_empty() {
        return delete_webhook(state, params);
    }
    if !url.starts_with("https://") && !url.starts_with("http://127.0.0.1:") {
        return Err(bad("bad webhook: An HTTPS URL must be provided for webhook"));
    }
    let secret = params.text("secret_token").filter(|s| !s.is_empty()).map(str::to_owned);
    let good = |s: &String| s.len() <= 256 && s.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if !secret.as_ref().is_none_or(good) {
        return Err(bad("secret token contains unallowed characters"));
    }
    allow(state, params)?;
    state.updates.webhook = Some(Webhook { url: url.to_owned(), secret });
    Ok(true.into())
}

pub(super) fn delete_webhook(state: &mut State, params: &Params) -> Outcome {
    state.updates.webhook = None;
    if params.flag("drop_pending_updates") {
        state.updates.queue.clear();
    }
    Ok(true.into())
}

pub(super) fn webhook_info(state: &State) -> Outcome {
    let url = state.updates.webhook.as_ref().map_or("", |hook| hook.url.as_str());
    Ok(json!({"url": url, "has_custom_certificate": false, "pending_update_count": state.updates.queue.len()}))
}

pub(super) fn answer_callback(state: &mut State, params: &Params) -> Outcome {
    let id = params.text("callback_query_id").unwrap_or_default();
    let text = params.text("text").unwrap_or_default();
    if text.chars().count() > 200 {
        return Err(bad("MESSAGE_TOO_LONG"));
    }
    if !state.updates.callbacks.remove(id) {
        return Err(bad("query is too old and response timeout expired or query ID is invalid"));
    }
    state.updates.answered.push((id.to_owned(), text.to_owned()));
    Ok(true.into())
}

/// A `message` (or `channel_post`) from a person.
pub(super) fn said(chat: &Chat, message_id: i64, user: i64, text: &str) -> Value {
    let mut message = json!({"message_id": message_id, "date": chrono::Utc::now().timestamp(), "chat": chat.to_json(), "from": user_json(user), "text": text});
    let command = text.split_whitespace().next().filter(|word| word.starts_with('/'));
    if let (Some(command), Some(fields)) = (command, message.as_object_mut()) {
        let length = command.encode_utf16().count();
        fields.insert("entities".into(), json!([{"type": "bot_command", "offset": 0, "length": length}]));
    }
    message
}

/// A `my_chat_member`: `member`, `kicked`, `left` or `administrator`.
pub(super) fn membership(chat: &Chat, user: i64, from: &str, to: &str) -> Value {
    let date = chrono::Utc::now().timestamp();
    json!({"chat": chat.to_json(), "from": user_json(user), "date": date, "old_chat_member": member(from), "new_chat_member": member(to)})
}

fn member(status: &str) -> Value {
    let bot = super::telegram_state::bot_json();
    let mut member = json!({"status": status, "user": bot});
    let Some(fields) = member.as_object_mut() else { return member };
    let rights = [
        "can_be_edited",
        "is_anonymous",
        "can_manage_chat",
        "can_delete_messages",
        "can_manage_video_chats",
        "can_restrict_members",
        "can_promote_members",
        "can_change_info",
        "can_invite_users",
        "can_post_messages",
        "can_edit_messages",
        "can_post_stories",
        "can_edit_stories",
        "can_delete_stories",
    ];
    match status {
        "administrator" => fields.extend(rights.map(|name| (name.to_owned(), json!(name.ends_with("messages"))))),
        "kicked" => fields.extend([("until_date".to_owned(), json!(0))]),
        _ => {}
    }
    member
}
