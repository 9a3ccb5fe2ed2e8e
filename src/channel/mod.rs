//! Ways of reaching people. A channel lays entries out, sends them, and says what the outbox must do next.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use url::Url;

use crate::entry::{Entry, Slug};
use crate::outbox::{KnownIds, MessageId, Sent};
use crate::phrases::{self, Language};
use crate::schedule::Clock;
use crate::subscription::Address;

mod console;
mod discord;
mod ear;
mod email;
mod facebook_page;
mod house_key;
mod http;
mod keep;
pub mod leave;
mod matrix;
mod ntfy;
pub mod budget;
pub mod pace;
mod plain;
mod rooms;
#[cfg(test)]
mod scripted;
mod sheet;
mod slack;
mod status;
mod talk;
mod teams;
mod telegram;
pub mod template;
mod web_push;
mod webhook;
mod zalo_bot;
mod zalo_oa;
mod zalo_talk;
mod zalo_text;

pub(crate) use http::retry_after;
pub use keep::Keep;
pub use pace::{Pace, PaceSetting};
pub use talk::{Choice, Desk, Does, Heard, Knock, Place, Pushed, Reply, Said, Talk};
pub use template::Face;

/// Every kind of channel this build knows. To add one: write its file, add its line.
pub const KINDS: &[Kind] = &[
    console::KIND,
    discord::KIND,
    email::KIND,
    facebook_page::KIND,
    matrix::KIND,
    ntfy::KIND,
    slack::KIND,
    teams::KIND,
    telegram::KIND,
    web_push::KIND,
    webhook::KIND,
    zalo_bot::KIND,
    zalo_oa::KIND,
];

/// One way of reaching people.
pub struct Kind {
    /// What an admin writes after `kind =`.
    pub name: &'static str,
    /// One line about it, for people.
    pub about: &'static str,
    /// A working TOML block (the whole `[[channels]]` table); a test parses it.
    pub example: &'static str,
    /// Builds a channel from its own keys.
    pub build: Build,
}

/// Turns the keys of one `[[channels]]` block, less `name`, `kind`, `on_doubt`, `pace` and `corrections`, into a
/// channel. The error keeps the position of the key that is wrong.
pub type Build = fn(toml::de::ValueDeserializer<'_>, &Setting<'_>) -> Result<Arc<dyn Channel>, toml::de::Error>;

/// What a channel is built with beside its own keys.
pub struct Setting<'a> {
    /// Its name in the config.
    pub name: &'a str,
    /// For addresses that strangers may choose (webhook receivers).
    pub guarded: Arc<dyn Guarded>,
    /// For a client of the channel's own.
    pub tls: &'a rustls::ClientConfig,
    /// How this server is reached from outside, ending in `/`.
    pub base: &'a Url,
    /// The language of fixed words.
    pub language: Language,
    /// Resolves a secret of the config; the error is a sentence without the secret.
    pub secret: &'a dyn Fn(&crate::secret::Given) -> Result<crate::secret::Secret, String>,
}

/// The way to addresses that strangers may choose: private ones are refused.
pub trait Guarded: Send + Sync {
    /// The client for this address; it follows no redirect.
    ///
    /// # Errors
    /// A sentence that says why the address may not be asked.
    fn client(&self, url: &Url) -> Result<reqwest::Client, String>;

    /// Why a request was not sent at all, where its address was found to be private only when its
    /// name was resolved.
    fn barred(&self, error: &reqwest::Error, url: &Url) -> Option<String>;
}

/// What is to be laid out for one address.
#[derive(Debug, Clone, Copy)]
pub struct Notice<'a> {
    /// The feed's name, where what is laid out belongs to a subscription.
    pub feed: Option<&'a Slug>,
    /// The title of the feed (the ward).
    pub feed_title: &'a str,
    /// What is owed, oldest first.
    pub entries: &'a [Noticed],
    /// All of them in one list, instead of a message each.
    pub digest: bool,
    /// Without a sound.
    pub silent: bool,
    /// It cannot wait: marked as such, and never silent.
    pub urgent: bool,
    /// The language of fixed words.
    pub language: Language,
    /// The zone that times are shown in.
    pub zone: Tz,
}

/// An entry with the address that people open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noticed {
    /// The entry.
    pub entry: Entry,
    /// Its own address, or that of its public page here.
    pub link: Url,
    /// Its source's title.
    pub source_title: String,
}

/// One message as this channel carries it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The text in the channel's own markup; where the platform takes a document, its JSON body
    /// less what only the address decides.
    pub text: String,
    /// A picture that travels with it.
    pub image: Option<Url>,
    /// A document that is the message; the text is its caption.
    pub document: Option<Url>,
    /// A button or link to the original: label and address.
    pub link: Option<(String, Url)>,
    /// Without a sound.
    pub silent: bool,
    /// The message that it answers, where it is a correction; platforms without replies pass it by.
    pub reply_to: Option<MessageId>,
    /// Which of the entries it carries; a long entry has several messages with the same range.
    pub covers: Range<usize>,
}

/// Why a message was not sent, told as what the outbox must do next. `cause` is for people and
/// never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendError {
    /// Surely not delivered; this address later.
    Retry {
        /// What the platform told, e.g. `retry_after`.
        after: Option<Duration>,
        /// The reason.
        cause: String,
    },
    /// Surely not delivered; nothing of this channel gets through now (unreachable, token refused,
    /// the bot as a whole limited): the whole channel later.
    Down {
        /// What the platform told.
        after: Option<Duration>,
        /// The reason.
        cause: String,
    },
    /// The answer was lost: perhaps delivered.
    InDoubt {
        /// The reason.
        cause: String,
    },
    /// Blocked, deleted, kicked: this address is suspended.
    Gone {
        /// The reason.
        cause: String,
    },
    /// It is no more and never will be again: the subscriptions that people made for it are deleted.
    Ended {
        /// The reason.
        cause: String,
    },
    /// A group became a supergroup.
    Moved {
        /// Its new address.
        to: Address,
    },
    /// Never again: dead letter.
    Refused {
        /// The reason.
        cause: String,
    },
}

impl SendError {
    /// The reason in words; for a group that moved, where to.
    #[must_use]
    pub fn cause(self) -> String {
        match self {
            Self::Retry { cause, .. }
            | Self::Down { cause, .. }
            | Self::InDoubt { cause }
            | Self::Gone { cause }
            | Self::Ended { cause }
            | Self::Refused { cause } => cause,
            Self::Moved { to } => phrases::check_moved(&to.to_string()),
        }
    }
}

/// What asking the platform about a send in doubt gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// It arrived.
    Delivered(Sent),
    /// It did not.
    NotDelivered,
    /// The platform cannot tell.
    Unknown,
}

/// What became of a message that was to be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edited {
    /// It shows the new text now, or showed it already.
    Done,
    /// It is no longer there, or too old to be changed.
    Gone,
    /// The platform changes no messages.
    Unsupported,
}

/// One thing that a channel was asked about itself, for `loaphuong channel test`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The address it is about; `None` for the channel as a whole.
    pub of: Option<Address>,
    /// Whether it holds; `None` where only a real message would tell.
    pub holds: Option<bool>,
    /// What was found, in a sentence without secrets.
    pub told: String,
}

/// One way of reaching people.
#[async_trait]
pub trait Channel: Send + Sync {
    /// Lays entries out as messages this channel can carry. Pure.
    fn render(&self, notice: &Notice<'_>) -> Vec<Message>;
    /// The account whose tokens work once: another channel with the same would end them.
    fn account(&self) -> Option<String> {
        None
    }
    /// How its messages are written, where they are a text that a template can lay out.
    fn face(&self) -> Option<Face> {
        None
    }
    /// Gives the channel a memory that outlives the process, before anything is sent.
    fn attach(&self, _keep: Arc<dyn Keep>) {}
    /// Gives it the clock by which it remembers for a time, before anything is sent.
    fn go_by(&self, _clock: Clock) {}
    /// The door for browsers that subscribe by themselves, where this channel has one.
    fn browsers(&self) -> Option<&dyn Browsers> {
        None
    }
    /// The part that people can talk to; `None` where it only speaks.
    fn talk(&self) -> Option<&dyn Talk> {
        None
    }
    /// How fast this platform may be used; the dispatcher keeps to it.
    fn pace(&self) -> Pace;
    /// A chat (what stands after `channel:`) as it is kept, however it was pasted.
    fn canonical(&self, chat: &str) -> String {
        chat.to_owned()
    }
    /// Whether such a chat can be an address here; the error is a sentence.
    fn accepts(&self, chat: &str) -> Result<(), String>;
    /// Where anybody can begin to follow `chat` by themselves; `None` where there is no such place.
    fn invite(&self, _chat: &str) -> Option<Url> {
        None
    }
    /// Sends one message. `key` is the same on every try of the same message (`webhook-id`, `txnId`).
    async fn send(&self, to: &Address, message: &Message, key: &str) -> Result<Sent, SendError>;
    /// Was this message delivered before the answer was lost? `known` are the ids of what was
    /// surely sent to this address before.
    async fn resolve(&self, _to: &Address, _message: &Message, _known: &KnownIds) -> Result<Doubt, SendError> {
        Ok(Doubt::Unknown)
    }
    /// Whether messages can be changed after they were sent.
    fn edits(&self) -> bool {
        false
    }
    /// Changes a message that was sent as `id`. Changing it to what it is already is [`Edited::Done`],
    /// so that a change whose answer was lost can be made again.
    async fn edit(&self, _to: &Address, _id: &MessageId, _message: &Message) -> Result<Edited, SendError> {
        Ok(Edited::Unsupported)
    }
    /// Proves token, rights and reach before anything depends on them. Nobody sees a message of it.
    async fn check(&self, of: &[Address]) -> Vec<Checked>;
}

/// Browsers that subscribe by themselves, as a page posts them. What a browser tells of itself lets
/// anybody write to it: it is remembered, and never part of an address.
#[async_trait]
pub trait Browsers: Send + Sync {
    /// The public key that browsers subscribe with.
    async fn key(&self) -> Result<String, String>;
    /// Whether this is a browser that may be written to; the error is a sentence.
    fn look(&self, written: &str) -> Result<(), String>;
    /// Remembers a browser; the chat that it is from now on.
    async fn admit(&self, written: &str, now: DateTime<Utc>) -> Result<String, String>;
    /// The chat that the browser at this address is.
    fn name(&self, endpoint: &Url) -> String;
    /// Forgets a browser.
    async fn forget(&self, chat: &str) -> Result<(), String>;
}

/// Goes anywhere, for tests of channels.
#[cfg(test)]
struct Anywhere(reqwest::Client);

#[cfg(test)]
impl Guarded for Anywhere {
    fn client(&self, _url: &Url) -> Result<reqwest::Client, String> {
        Ok(self.0.clone())
    }

    fn barred(&self, _error: &reqwest::Error, _url: &Url) -> Option<String> {
        None
    }
}
