//! E-mail over SMTP: one letter for each recipient, plain and HTML, with a link to leave by
//! (RFC 8058). Signing (DKIM) is the relay's. A `Message-ID` that is the same on every try lets a
//! receiver drop a repeat, but nothing can be asked about a letter whose answer was lost.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use chrono::Utc;
use lettre::message::Mailbox;
use serde::Deserialize;
use tokio::sync::OnceCell;
use url::Url;

use super::leave::{self, Leaving};
use super::{Channel, Checked, Face, Keep, Kind, Message, Notice, Pace, SendError, Setting};
use crate::entry::Slug;
use crate::outbox::Sent;
use crate::phrases;
use crate::secret::{Given, Secret};
use crate::subscription::Address;
use letter::Letter;
use post::Post;
use server::Tls;

mod bounded;
mod layout;
mod letter;
mod post;
mod server;
mod verdict;

pub(super) const KIND: Kind = Kind {
    name: "email",
    about: "Gửi thư điện tử qua máy chủ SMTP, mỗi người một thư · E-mail by an SMTP server, a letter each",
    example: "[[channels]]\nname = \"thu\"\nkind = \"email\"\nserver = \"smtps://mail.phuong.example\"\nuser = \"loa\"\n\
              password = { env = \"SMTP_PASSWORD\" }\nfrom = \"Loa phường <loa@phuong.example>\"\n",
    build: |keys, setting| {
        let config = Config::deserialize(keys)?;
        let email = Email::new(config, setting).map_err(serde::de::Error::custom)?;
        Ok(Arc::new(email))
    },
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Config {
    /// `host`, `host:port`, `smtps://host` or `smtp://host`.
    server: String,
    /// Left out where the server asks for none.
    user: Option<String>,
    password: Option<Given>,
    /// Whom letters are from.
    from: String,
    /// How the way to the server is kept secret; left out: from its address.
    tls: Option<Tls>,
    /// Where answers go; left out: to `from`.
    reply_to: Option<String>,
    /// An address of the ward's own that people may write to in order to leave.
    unsubscribe: Option<String>,
}

pub(super) const NAME: &str = "e-mail";
/// Letters a second, unless the config says otherwise; relays of offices take no more.
const PER_SECOND: f64 = 10.0;

struct Email {
    post: Post,
    from: Mailbox,
    reply_to: Option<Mailbox>,
    mailto: Option<lettre::Address>,
    base: Url,
    keep: OnceLock<Arc<dyn Keep>>,
    leaving: OnceCell<Leaving>,
}

impl Email {
    fn new(config: Config, setting: &Setting<'_>) -> Result<Self, String> {
        let from = mailbox(&config.from)?;
        let reply_to = config.reply_to.map(|given| mailbox(&given)).transpose()?;
        let mailto = config.unsubscribe.map(|given| address(&given)).transpose()?;
        let password = config.password.as_ref().map(setting.secret).transpose()?;
        let login = match (config.user, password) {
            (Some(user), Some(password)) => Some((user, password)),
            (None, None) => None,
            (Some(_), None) | (None, Some(_)) => return Err(phrases::email_half_login()),
        };
        let server = server::read(&config.server, config.tls, login.is_some(), setting.guarded.as_ref())?;
        let post = Post::new(server, login, from.email.domain(), setting.tls)?;
        Ok(Self { post, from, reply_to, mailto, base: setting.base.clone(), keep: OnceLock::new(), leaving: OnceCell::new() })
    }

    /// The page where this address leaves this feed; none where nothing is remembered.
    async fn way_out(&self, feed: Option<&str>, to: &Address) -> Result<Option<Url>, SendError> {
        let (Some(keep), Some(feed)) = (self.keep.get(), feed.and_then(|feed| Slug::new(feed).ok())) else { return Ok(None) };
        let open = || Leaving::open(keep.as_ref(), Utc::now());
        let leaving = self.leaving.get_or_try_init(open).await.map_err(|cause| SendError::Down { after: None, cause })?;
        Ok(self.base.join(&format!("{}/{}", leave::PATH, leaving.token(&feed, to))).ok())
    }
}

#[async_trait]
impl Channel for Email {
    fn render(&self, notice: &Notice<'_>) -> Vec<Message> {
        layout::render(notice)
    }

    fn attach(&self, keep: Arc<dyn Keep>) {
        self.keep.set(keep).ok();
    }

    fn face(&self) -> Option<Face> {
        Some(layout::FACE)
    }

    fn pace(&self) -> Pace {
        Pace { per_second: Some(PER_SECOND), is_group: Some(|_| false), timeout: Some(post::TOTAL), ..Pace::default() }
    }

    fn accepts(&self, chat: &str) -> Result<(), String> {
        address(chat).map(drop)
    }

    async fn send(&self, to: &Address, message: &Message, key: &str) -> Result<Sent, SendError> {
        let refused = |cause| SendError::Refused { cause };
        let recipient = address(to.chat()).map_err(refused)?;
        let sheet = layout::Sheet::of(message).ok_or_else(|| refused(phrases::nothing_to_send()))?;
        let way_out = self.way_out(sheet.feed.as_deref(), to).await?;
        let letter =
            Letter { from: &self.from, reply_to: self.reply_to.as_ref(), to: &recipient, key, way_out, mailto: self.mailto.as_ref() };
        let bytes = letter.written(&sheet).map_err(|error| refused(phrases::platform_refused(NAME, &error)))?;
        self.post.send(&self.from.email, &recipient, &bytes).await?;
        Ok(Sent::default())
    }

    async fn check(&self, of: &[Address]) -> Vec<Checked> {
        let recipients = of.iter().filter_map(|to| Some((to.clone(), address(to.chat()).ok()?))).collect();
        self.post.check(&self.from.email, recipients).await
    }
}

/// An address that letters go to: one, without a name, in letters that every server takes.
fn address(chat: &str) -> Result<lettre::Address, String> {
    let plain = chat.is_ascii() && chat.len() <= 254;
    Some(chat).filter(|_| plain).and_then(|chat| chat.parse().ok()).ok_or_else(|| phrases::email_address(chat))
}

/// A ward's own address, with or without its name: `Loa phường <loa@phuong.vn>`.
fn mailbox(written: &str) -> Result<Mailbox, String> {
    written.parse().ok().filter(|mailbox: &Mailbox| address(mailbox.email.as_ref()).is_ok()).ok_or_else(|| phrases::email_from(written))
}

/// What a letter's way to the server is opened with.
pub(super) type Login = (String, Secret);
