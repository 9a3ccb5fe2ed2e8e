//! Setting the scene for [`FakeTelegram`]: chats, what is wrong with them, faults, the clock, and
//! what people do.

use serde_json::{Value, json};

use super::telegram::{FakeTelegram, Fault, Limits, Message};
use super::telegram_state::{Ban, Chat, Kind, user_json};
use super::telegram_text::Shown;
use super::telegram_updates;

/// Chats and their troubles.
impl FakeTelegram {
    fn add(&self, chat: Chat) -> &Self {
        self.state().chats.insert(chat.id, chat);
        self
    }

    fn chat<R>(&self, id: i64, change: impl FnOnce(&mut Chat) -> R) -> &Self {
        change(self.state().chats.get_mut(&id).unwrap_or_else(|| panic!("chat {id} was never registered")));
        self
    }

    fn ban(&self, id: i64, ban: Ban) -> &Self {
        self.chat(id, |chat| chat.ban = Some(ban))
    }

    /// A private chat with a person who has started the bot.
    pub(crate) fn private(&self, id: i64) -> &Self {
        self.add(Chat::new(id, Kind::Private))
    }

    /// A basic group.
    pub(crate) fn group(&self, id: i64) -> &Self {
        self.add(Chat::new(id, Kind::Group))
    }

    /// A supergroup.
    pub(crate) fn supergroup(&self, id: i64) -> &Self {
        self.add(Chat::new(id, Kind::Supergroup))
    }

    /// A supergroup with topics; General has no thread id.
    pub(crate) fn forum(&self, id: i64, topics: &[i64]) -> &Self {
        let topics = Some(topics.iter().map(|topic| (*topic, true)).collect());
        self.add(Chat { topics, ..Chat::new(id, Kind::Supergroup) })
    }

    /// A channel with its public `@name`.
    pub(crate) fn channel(&self, id: i64, name: &str) -> &Self {
        let name = Some(name.trim_start_matches('@').to_owned());
        self.add(Chat { name, ..Chat::new(id, Kind::Channel) })
    }

    /// 403 `bot was blocked by the user`.
    pub(crate) fn block(&self, id: i64) -> &Self {
        self.ban(id, Ban::Blocked)
    }

    /// 403 `user is deactivated`.
    pub(crate) fn deactivate(&self, id: i64) -> &Self {
        self.ban(id, Ban::Deactivated)
    }

    /// 403 `bot can't initiate conversation with a user`.
    pub(crate) fn never_started(&self, id: i64) -> &Self {
        self.ban(id, Ban::NeverStarted)
    }

    /// 403 `bot was kicked from the … chat`.
    pub(crate) fn kick(&self, id: i64) -> &Self {
        self.ban(id, Ban::Kicked)
    }

    /// 403 `bot is not a member of the … chat`.
    pub(crate) fn not_member(&self, id: i64) -> &Self {
        self.ban(id, Ban::NotMember)
    }

    /// 403 `the group chat was deleted`.
    pub(crate) fn delete_group(&self, id: i64) -> &Self {
        self.ban(id, Ban::Deleted)
    }

    /// 400 `need administrator rights in the channel chat`.
    pub(crate) fn need_admin(&self, id: i64) -> &Self {
        self.ban(id, Ban::NeedAdmin)
    }

    /// 400 `not enough rights to send text messages to the chat`.
    pub(crate) fn no_rights(&self, id: i64) -> &Self {
        self.ban(id, Ban::NoRights)
    }

    /// All is well again in this chat.
    pub(crate) fn welcome(&self, id: i64) -> &Self {
        self.chat(id, |chat| chat.ban = None)
    }

    /// The group `old` has become the supergroup `new`.
    pub(crate) fn migrate(&self, old: i64, new: i64) -> &Self {
        self.ban(old, Ban::Migrated(new)).supergroup(new)
    }

    /// 400 `TOPIC_CLOSED` for this topic.
    pub(crate) fn close_topic(&self, id: i64, topic: i64) -> &Self {
        self.chat(id, |chat| chat.topics.get_or_insert_default().insert(topic, false))
    }

    /// 400 `message thread not found` for this topic.
    pub(crate) fn delete_topic(&self, id: i64, topic: i64) -> &Self {
        self.chat(id, |chat| chat.topics.get_or_insert_default().remove(&topic))
    }

    /// Content that cannot be forwarded.
    pub(crate) fn protect(&self, id: i64) -> &Self {
        self.chat(id, |chat| chat.protected = true)
    }

    /// Makes a person an admin, for getChatMember.
    pub(crate) fn admin(&self, id: i64, user: i64) -> &Self {
        self.chat(id, |chat| chat.admins.insert(user))
    }

    /// 401 from now on, as after `/revoke` in @BotFather.
    pub(crate) fn revoke_token(&self) {
        self.state().revoked = true;
    }

    /// The token is good again.
    pub(crate) fn restore_token(&self) {
        self.state().revoked = false;
    }

    /// This picture cannot be fetched: `failed to get HTTP URL content`.
    pub(crate) fn bad_photo(&self, url: &str) -> &Self {
        self.state().bad_photos.insert(url.to_owned(), "failed to get HTTP URL content".to_owned());
        self
    }
}

/// The clock and the limits.
impl FakeTelegram {
    /// Stops the clock at this many ms; it then moves only by this and `advance_ms`.
    pub(crate) fn now_ms(&self, ms: u64) -> &Self {
        self.state().set_now(ms);
        self
    }

    /// Moves the (then stopped) clock on.
    pub(crate) fn advance_ms(&self, ms: u64) -> &Self {
        let mut state = self.state();
        let now = state.now();
        state.set_now(now + ms);
        drop(state);
        self
    }

    /// No flood limits.
    pub(crate) fn no_limits(&self) -> &Self {
        self.state().limits = None;
        self
    }

    /// Other flood limits.
    pub(crate) fn limits(&self, limits: Limits) -> &Self {
        self.state().limits = Some(limits);
        self
    }

    /// 429 for this chat until so many seconds have passed on the clock.
    pub(crate) fn flood_wait(&self, id: i64, seconds: u64) -> &Self {
        let until = self.state().now() + seconds * 1_000;
        self.chat(id, |chat| chat.frozen_until = until)
    }

    /// 429 for the whole bot until so many seconds have passed on the clock.
    pub(crate) fn flood_wait_bot(&self, seconds: u64) -> &Self {
        let mut state = self.state();
        state.frozen_until = state.now() + seconds * 1_000;
        drop(state);
        self
    }
}

/// Faults. Those that wait come first, in order; then the chat's lasting one; then `fail_always`.
impl FakeTelegram {
    fn queue(&self, chat: Option<i64>, method: Option<String>, fault: Fault) -> &Self {
        self.state().faults.push((chat, method, fault));
        self
    }

    /// For the next send, edit or forward.
    pub(crate) fn fail_next(&self, fault: Fault) -> &Self {
        self.queue(None, None, fault)
    }

    /// For the next send, edit or forward to this chat.
    pub(crate) fn fail_next_in(&self, chat: i64, fault: Fault) -> &Self {
        self.queue(Some(chat), None, fault)
    }

    /// For the next call of this method, whichever.
    pub(crate) fn fail_next_call(&self, method: &str, fault: Fault) -> &Self {
        self.queue(None, Some(method.to_ascii_lowercase()), fault)
    }

    /// For every call of every method, until `heal`.
    pub(crate) fn fail_always(&self, fault: Fault) -> &Self {
        self.state().always = Some(fault);
        self
    }

    /// For every send, edit or forward to this chat, until `heal`.
    pub(crate) fn fail_always_in(&self, chat: i64, fault: Fault) -> &Self {
        self.state().always_in.insert(chat, fault);
        self
    }

    /// Ends every fault, the waiting ones too.
    pub(crate) fn heal(&self) -> &Self {
        let mut state = self.state();
        (state.always, state.faults) = (None, Vec::new());
        state.always_in.clear();
        drop(state);
        self
    }
}

/// What people do.
impl FakeTelegram {
    /// Somebody else writes in the chat, so an id is used up; gives that id. The bot is not told.
    pub(crate) fn stranger(&self, chat: i64, text: &str) -> i64 {
        let shown = Shown { plain: text.to_owned(), ..Shown::default() };
        let mut state = self.state();
        let message = state.blank(chat, shown, false);
        let id = message.id;
        state.messages.push(Message { html: text.to_owned(), ..message });
        id
    }

    /// A person writes to the bot: a `message`, or a `channel_post` in a channel; gives the update's id.
    pub(crate) fn say(&self, chat: i64, user: i64, text: &str) -> i64 {
        let message_id = self.stranger(chat, text);
        self.update(chat, |chat| {
            let kind = if chat.kind == Kind::Channel { "channel_post" } else { "message" };
            (kind, telegram_updates::said(chat, message_id, user, text))
        })
    }

    /// A person presses a button; gives the callback query's id.
    pub(crate) fn press(&self, chat: i64, user: i64, message: i64, data: &str) -> String {
        let id = self.state().updates.add_callback();
        self.update(chat, |chat| {
            let message = json!({"message_id": message, "date": chrono::Utc::now().timestamp(), "chat": chat.to_json(), "text": "…"});
            ("callback_query", json!({"id": id, "from": user_json(user), "chat_instance": "1", "data": data, "message": message}))
        });
        id
    }

    /// The id of a press that waits for its answer, for an update that a test writes itself.
    pub(crate) fn callback(&self) -> String {
        self.state().updates.add_callback()
    }

    /// The bot's own standing changes: `member`, `kicked`, `left`, `administrator`.
    pub(crate) fn membership(&self, chat: i64, user: i64, from: &str, to: &str) -> i64 {
        self.update(chat, |chat| ("my_chat_member", telegram_updates::membership(chat, user, from, to)))
    }

    fn update(&self, chat: i64, make: impl FnOnce(&Chat) -> (&'static str, Value)) -> i64 {
        let mut state = self.state();
        let (kind, body) = make(state.chats.get(&chat).unwrap_or_else(|| panic!("chat {chat} was never registered")));
        let id = state.updates.push(kind, body);
        drop(state);
        self.notify();
        id
    }

    /// Any update, as it is, with its own `update_id`.
    pub(crate) fn push_update(&self, update: Value) {
        self.state().updates.push_raw(update);
        self.notify();
    }

    /// The next update's id will be `id` + 1, as after a week of silence.
    pub(crate) fn jump_updates_to(&self, id: i64) {
        self.state().updates.jump(id);
    }
}
