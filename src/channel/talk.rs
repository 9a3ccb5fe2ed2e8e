//! People who talk to a channel: what they said, free of its platform, and the desk that takes it.
//! The desk stands above the channels, so this is the one arrow of the house that points upwards.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use reqwest::header::HeaderMap;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::SendError;
use crate::outbox::Sent;
use crate::subscription::Address;

/// Something that was said to a channel, or that happened to its standing in a chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The platform's name of it, unique within the channel.
    pub id: String,
    /// The chat that it is about.
    pub chat: Address,
    /// The chat by its public name, where it has one.
    pub named: Option<Address>,
    /// Who spoke; for limits and rights alone, and never logged.
    pub speaker: String,
    /// What sort of chat it is.
    pub place: Place,
    /// Whether the speaker decides for the chat, where that is known already.
    pub manages: Option<bool>,
    /// What was said.
    pub said: Said,
}

/// A sort of chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// One person.
    Private,
    /// Several, of whom some decide for it.
    Group,
    /// One speaks, nobody answers.
    Channel,
}

/// What was said. What people share beside words (contacts, places, pictures) never becomes one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// Words, or a command.
    Words(String),
    /// A button: what it carries, and the platform's name of the press.
    Pressed {
        /// See [`Does::Tell`].
        data: String,
        /// For [`Talk::acknowledge`].
        query: String,
    },
    /// Somebody began to talk to the channel, by a link that carries this.
    Came(Option<String>),
    /// The channel may not write there any more.
    Left,
    /// It may, now or again; `anew` where it was not in the chat before.
    Returned {
        /// It has just been taken in.
        anew: bool,
    },
    /// The chat has another name from now on.
    Moved(Address),
}

/// An answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// Plain words.
    pub text: String,
    /// Buttons below; where a platform has none, its channel writes how to say the same.
    pub choices: Vec<Choice>,
}

/// A button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it says.
    pub label: String,
    /// What it does.
    pub does: Does,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Does {
    /// Comes back as [`Said::Pressed`]; 64 bytes at most.
    Tell(String),
    /// Opens a page.
    Open(Url),
}

/// Takes what people say.
#[async_trait]
pub trait Desk: Send + Sync {
    /// Takes what was heard on a channel, each once however often it is told. Committed when this
    /// returns, so that the platform can be told so. Returns the presses that nobody will answer,
    /// for there were too many: they are to be acknowledged in silence.
    async fn hear(&self, channel: &str, heard: Vec<Heard>) -> Result<Vec<String>, String>;

    /// Nothing can be heard since then, and why; `None` when words come. The admin is told where it lasts.
    async fn deaf(&self, channel: &str, since: Option<(DateTime<Utc>, String)>);
}

/// Whether a request to `/hooks/<channel>` comes from the platform, as far as its headers tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Knock {
    /// There is no such door.
    Closed,
    /// Somebody else.
    Stranger,
    /// The platform.
    Known,
    /// Only the body tells.
    Unsure,
}

/// What became of a push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    /// It is committed, or there is nothing in it for us.
    Taken,
    /// It does not come from the platform.
    Stranger,
    /// It could not be committed: the platform shall push it again.
    Later,
}

/// The part of a channel that people can talk to.
#[async_trait]
pub trait Talk: Send + Sync {
    /// Whose words it hears: of two channels with one account, one alone can listen.
    fn account(&self) -> String;

    /// Carries people's words to the desk until `stop`.
    async fn listen(&self, desk: &dyn Desk, stop: &CancellationToken);

    /// Who stands at `/hooks/<channel>`.
    fn knock(&self, _headers: &HeaderMap) -> Knock {
        Knock::Closed
    }

    /// Takes what the platform pushed there.
    async fn pushed(&self, _headers: &HeaderMap, _body: &[u8], _desk: &dyn Desk) -> Pushed {
        Pushed::Stranger
    }

    /// Whether this person decides for a chat.
    async fn manages(&self, chat: &Address, speaker: &str) -> Result<bool, SendError>;

    /// Says something to who asked. `key` is the same on every try of the same answer.
    async fn answer(&self, to: &Address, reply: &Reply, key: &str) -> Result<Sent, SendError>;

    /// Shows who pressed a button that it was noticed, with a few words. It may fail: nobody is harmed.
    async fn acknowledge(&self, query: &str, words: &str);

    /// What the page that tells how to follow calls it (`phrases::follow_way`).
    fn way(&self) -> &'static str;

    /// Where people begin to talk to it; `payload` comes back with them (`A-Za-z0-9_-`, 64 at most).
    fn door(&self, payload: &str) -> Option<Url>;
}
