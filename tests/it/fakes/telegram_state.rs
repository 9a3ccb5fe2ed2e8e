//! What the Bot API server remembers: chats, messages, limits, its clock.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use serde_json::{Value, json};

use super::telegram::{Limits, Message, Refusal, Request};
use super::telegram_call::{Refused, bad, forbidden, too_many};
use super::telegram_fault::Fault;
use super::telegram_options::Button;
use super::telegram_text::Shown;
use super::telegram_updates::Updates;

/// The four sorts of chats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Private,
    Group,
    Supergroup,
    Channel,
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Group => "group",
            Self::Supergroup => "supergroup",
            Self::Channel => "channel",
        }
    }
}

/// Why a chat refuses the bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ban {
    Blocked,
    Deactivated,
    NeverStarted,
    Kicked,
    NotMember,
    Deleted,
    Migrated(i64),
    NeedAdmin,
    NoRights,
}

/// One chat.
pub(super) struct Chat {
    pub(super) id: i64,
    pub(super) kind: Kind,
    pub(super) name: Option<String>,
    pub(super) ban: Option<Ban>,
    /// Forum topics: open or not. Nothing when the chat is no forum.
    pub(super) topics: Option<BTreeMap<i64, bool>>,
    pub(super) protected: bool,
    pub(super) admins: BTreeSet<i64>,
    pub(super) last_id: i64,
    /// When messages were taken, in ms.
    pub(super) taken: VecDeque<u64>,
    pub(super) frozen_until: u64,
}

impl Chat {
    pub(super) fn new(id: i64, kind: Kind) -> Self {
        let (admins, taken) = (BTreeSet::new(), VecDeque::new());
        Self { id, kind, name: None, ban: None, topics: None, protected: false, admins, last_id: 0, taken, frozen_until: 0 }
    }

    /// Why a message of this sort (`text messages`, `photos`) cannot be written here.
    pub(super) fn ban_refusal(&self, what: &str) -> Option<Refused> {
        let place = self.kind.name();
        Some(match self.ban? {
            Ban::Blocked => forbidden("bot was blocked by the user"),
            Ban::Deactivated => forbidden("user is deactivated"),
            Ban::NeverStarted => forbidden("bot can't initiate conversation with a user"),
            Ban::Kicked => forbidden(&format!("bot was kicked from the {place} chat")),
            Ban::NotMember => forbidden(&format!("bot is not a member of the {place} chat")),
            Ban::Deleted => forbidden("the group chat was deleted"),
            Ban::Migrated(to) => Refused { migrate_to: Some(to), ..bad("group chat was upgraded to a supergroup chat") },
            Ban::NeedAdmin => bad("need administrator rights in the channel chat"),
            Ban::NoRights => bad(&format!("not enough rights to send {what} to the chat")),
        })
    }

    /// The topic a message goes to; non-forum groups ignore the field silently.
    pub(super) fn thread(&self, asked: Option<i64>) -> Result<Option<i64>, Refused> {
        let Some(thread) = asked.filter(|thread| *thread != 0) else { return Ok(None) };
        let Some(topics) = &self.topics else {
            return if self.kind == Kind::Private { Err(bad("message thread not found")) } else { Ok(None) };
        };
        match topics.get(&thread) {
            Some(true) => Ok(Some(thread)),
            Some(false) => Err(bad("TOPIC_CLOSED")),
            None => Err(bad("message thread not found")),
        }
    }

    /// As the Bot API writes it.
    pub(super) fn to_json(&self) -> Value {
        let mut chat = json!({"id": self.id, "type": self.kind.name()});
        let Some(fields) = chat.as_object_mut() else { return chat };
        match self.kind {
            Kind::Private => fields.insert("first_name".into(), json!("Người dân")),
            Kind::Group | Kind::Supergroup | Kind::Channel => fields.insert("title".into(), json!(format!("Chat {}", self.id))),
        };
        if let Some(name) = &self.name {
            fields.insert("username".into(), json!(name));
        }
        if self.topics.is_some() {
            fields.insert("is_forum".into(), json!(true));
        }
        chat
    }

    /// Milliseconds until this chat takes another message.
    fn wait(&self, limits: &Limits, now: u64) -> u64 {
        let window =
            |count: usize, span: u64| self.taken.iter().rev().nth(count.saturating_sub(1)).map_or(0, |t| (t + span).saturating_sub(now));
        let counted = matches!(self.kind, Kind::Group | Kind::Supergroup) || (self.kind == Kind::Channel && limits.channels_as_groups);
        let minute = if counted { window(limits.per_group_minute, 60_000) } else { 0 };
        let burst = u64::try_from(limits.chat_burst).unwrap_or(1);
        window(limits.chat_burst, burst * 1_000).max(minute).max(self.frozen_until.saturating_sub(now))
    }
}

/// Everything behind the lock.
pub(super) struct State {
    pub(super) chats: BTreeMap<i64, Chat>,
    pub(super) messages: Vec<Message>,
    pub(super) requests: Vec<Request>,
    pub(super) refusals: Vec<Refusal>,
    pub(super) updates: Updates,
    pub(super) limits: Option<Limits>,
    pub(super) frozen_until: u64,
    pub(super) bad_photos: BTreeMap<String, String>,
    pub(super) revoked: bool,
    /// Waiting faults: for one chat or any, for one method or any send.
    pub(super) faults: Vec<(Option<i64>, Option<String>, Fault)>,
    pub(super) always: Option<Fault>,
    pub(super) always_in: BTreeMap<i64, Fault>,
    taken: VecDeque<u64>,
    /// Ids of private chats and basic groups grow over the whole account.
    pub(super) account_id: i64,
    born: Instant,
    virtual_ms: Option<u64>,
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            chats: BTreeMap::new(),
            messages: Vec::new(),
            requests: Vec::new(),
            refusals: Vec::new(),
            updates: Updates::default(),
            limits: Some(Limits::default()),
            frozen_until: 0,
            bad_photos: BTreeMap::new(),
            revoked: false,
            faults: Vec::new(),
            always: None,
            always_in: BTreeMap::new(),
            taken: VecDeque::new(),
            account_id: 1_000,
            born: Instant::now(),
            virtual_ms: None,
        }
    }

    /// The server's time in ms: since it started, or what the test says.
    pub(super) fn now(&self) -> u64 {
        self.virtual_ms.unwrap_or_else(|| u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX))
    }

    pub(super) fn set_now(&mut self, ms: u64) {
        self.virtual_ms = Some(ms);
    }

    /// The numeric id behind `chat_id`.
    pub(super) fn resolve(&self, asked: Option<&str>) -> Result<i64, Refused> {
        let asked = asked.unwrap_or_default();
        if asked.is_empty() {
            return Err(bad("chat_id is empty"));
        }
        let named =
            |chat: &&Chat| asked.strip_prefix('@').is_some_and(|name| chat.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case(name)));
        let id = asked.parse().ok().or_else(|| self.chats.values().find(named).map(|chat| chat.id));
        id.filter(|id| self.chats.contains_key(id)).ok_or_else(|| bad("chat not found"))
    }

    /// The chat, if the bot may write this sort of message in it.
    pub(super) fn open_chat(&self, asked: Option<&str>, what: &str) -> Result<&Chat, Refused> {
        let chat = self.chats.get(&self.resolve(asked)?).ok_or_else(|| bad("chat not found"))?;
        chat.ban_refusal(what).map_or(Ok(chat), Err)
    }

    /// Counts one send or edit against the flood limits, or says how long to wait.
    pub(super) fn count(&mut self, chat: i64) -> Result<(), Refused> {
        let now = self.now();
        let limits = self.limits.clone().unwrap_or_else(Limits::none);
        let (bot, frozen) = (self.bot_wait(&limits, now), self.frozen_until.saturating_sub(now));
        let Some(chat) = self.chats.get_mut(&chat) else { return Err(bad("chat not found")) };
        let wait = chat.wait(&limits, now).max(bot).max(frozen);
        if wait > 0 {
            return Err(too_many(wait.div_ceil(1_000)));
        }
        remember(&mut chat.taken, now);
        remember(&mut self.taken, now);
        Ok(())
    }

    fn bot_wait(&self, limits: &Limits, now: u64) -> u64 {
        self.taken.iter().rev().nth(limits.per_second.saturating_sub(1)).map_or(0, |t| (t + 1_000).saturating_sub(now))
    }

    /// The next message id: per chat in supergroups and channels, else over the account.
    pub(super) fn next_id(&mut self, chat: i64) -> i64 {
        match self.chats.get_mut(&chat) {
            Some(chat) if matches!(chat.kind, Kind::Supergroup | Kind::Channel) => {
                chat.last_id += 1;
                chat.last_id
            }
            _ => {
                self.account_id += 1;
                self.account_id
            }
        }
    }

    /// A message with nothing in it but its place.
    pub(super) fn blank(&mut self, chat: i64, shown: Shown, ours: bool) -> Message {
        let (id, at_ms) = (self.next_id(chat), self.now());
        let Shown { plain, entities, ignored } = shown;
        Message { chat, id, text: plain, entities, entities_ignored: ignored, ours, at_ms, ..Message::default() }
    }

    /// The living message with this id.
    pub(super) fn find(&mut self, chat: i64, id: i64) -> Option<&mut Message> {
        self.messages.iter_mut().find(|m| m.chat == chat && m.id == id && !m.deleted)
    }

    /// The message as the Bot API writes it.
    pub(super) fn message_json(&self, message: &Message) -> Value {
        let chat = self.chats.get(&message.chat);
        let mut object = json!({"message_id": message.id, "date": chrono::Utc::now().timestamp(), "chat": chat.map(Chat::to_json)});
        let Some(fields) = object.as_object_mut() else { return object };
        if chat.is_some_and(|chat| chat.kind != Kind::Channel) {
            fields.insert("from".into(), if message.ours { bot_json() } else { user_json(777) });
        }
        let entities: Vec<Value> = message.entities.iter().map(|e| e.to_json()).collect();
        let (text, marks) =
            if message.photo.is_some() || message.document.is_some() { ("caption", "caption_entities") } else { ("text", "entities") };
        if !message.text.is_empty() {
            fields.insert(text.into(), json!(message.text));
        }
        if !entities.is_empty() {
            fields.insert(marks.into(), json!(entities));
        }
        if let Some(photo) = &message.photo {
            fields.insert("photo".into(), photo_json(photo));
        }
        if let Some(document) = &message.document {
            let id = if document.starts_with("BQAC") { document.clone() } else { format!("BQAC{:x}", document.len()) };
            fields.insert("document".into(), json!({"file_id": id, "file_unique_id": format!("u{id}")}));
        }
        if let Some(thread) = message.thread {
            fields.insert("message_thread_id".into(), json!(thread));
            fields.insert("is_topic_message".into(), json!(true));
        }
        if !message.buttons.is_empty() {
            let rows: Vec<Vec<Value>> = message.buttons.iter().map(|row| row.iter().map(Button::to_json).collect()).collect();
            fields.insert("reply_markup".into(), json!({"inline_keyboard": rows}));
        }
        object
    }
}

/// Keeps the last thousand times.
fn remember(taken: &mut VecDeque<u64>, now: u64) {
    taken.push_back(now);
    if taken.len() > 1_000 {
        taken.pop_front();
    }
}

/// The bot itself.
pub(super) fn bot_json() -> Value {
    json!({"id": 123_456, "is_bot": true, "first_name": "Loa phường", "username": "loaphuong_bot"})
}

/// A person.
pub(super) fn user_json(id: i64) -> Value {
    json!({"id": id, "is_bot": false, "first_name": "Người dân", "language_code": "vi"})
}

/// A `file_id` made from the photo's address, so that it can be sent again.
fn photo_json(photo: &str) -> Value {
    let id = if photo.starts_with("AgAC") { photo.to_owned() } else { format!("AgAC{:x}", photo.len()) };
    json!([{"file_id": id, "file_unique_id": format!("u{id}"), "file_size": 20_000, "width": 1280, "height": 720}])
}
