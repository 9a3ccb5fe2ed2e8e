//! Attachments as documents behind the text that lists them. Telegram fetches them itself, which
//! it does for a few kinds of files alone (Bot API, "Sending files").

use std::sync::Arc;

use quick_cache::sync::Cache;
use serde::Deserialize;
use teloxide::payloads::{SendDocument, SendDocumentSetters};
use teloxide::types::{FileId, InputFile, ParseMode};
use teloxide::utils::html::escape;
use url::Url;

use super::api::{Answer, Fault};
use super::chat::Chat;
use super::{Telegram, layout, plain, refusal};
use crate::channel::{Message, Notice};
use crate::entry::Enclosure;
use crate::outbox::Sent;

/// What Telegram fetches.
const KINDS: &[&str] = &["application/pdf", "application/zip", "image/gif"];
/// The largest file that it fetches (bytes).
const LARGEST: u64 = 20 << 20;
/// Documents behind one entry; the text names the others.
const MOST: usize = 3;
/// Files whose number at Telegram is remembered.
const KEPT: usize = 200;
/// Stands for the id of a document that Telegram did not take, so that those behind it keep their place.
const NONE: &str = "-";

/// Files that Telegram has already, by their addresses: sent again by number, they are not fetched anew.
pub(super) struct Documents(Cache<Url, Arc<str>>);

impl Default for Documents {
    fn default() -> Self {
        Self(Cache::new(KEPT))
    }
}

#[derive(Deserialize)]
struct Took {
    message_id: i64,
    document: Option<File>,
}

#[derive(Deserialize)]
struct File {
    file_id: String,
}

/// Each entry's documents behind its last message.
pub(super) fn after(messages: Vec<Message>, notice: &Notice<'_>) -> Vec<Message> {
    let mut all = Vec::with_capacity(messages.len());
    let mut messages = messages.into_iter().peekable();
    while let Some(message) = messages.next() {
        let covers = message.covers.clone();
        let is_last = messages.peek().is_none_or(|next| next.covers != covers);
        all.push(message);
        let noticed = notice.entries.get(covers.start).filter(|_| is_last && !notice.digest);
        let files = noticed.iter().flat_map(|noticed| &noticed.entry.attachments).filter(|file| is_fetched(file)).take(MOST);
        all.extend(files.map(|file| Message {
            text: escape(&plain::attachment(file)),
            document: Some(file.url.clone()),
            // One sound for one piece of news.
            silent: true,
            covers: covers.clone(),
            ..Message::default()
        }));
    }
    all
}

/// Only what is known to be small enough: a refused document has cost a call.
fn is_fetched(file: &Enclosure) -> bool {
    let kind = file.media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    KINDS.contains(&kind.as_str()) && file.length.is_some_and(|length| (1..=LARGEST).contains(&length)) && layout::takes(&file.url)
}

impl Telegram {
    /// Sends a document. One that Telegram does not take is done with: the text has its address.
    pub(super) async fn send_document(&self, chat: &Chat, message: &Message, url: &Url) -> Result<Sent, Fault> {
        let known = self.documents.as_ref().and_then(|documents| documents.0.get(url));
        let mut file = known.map_or_else(|| InputFile::url(url.clone()), |id| InputFile::file_id(FileId(id.to_string())));
        let mut thread = chat.thread;
        loop {
            let mut payload = SendDocument::new(chat.id.clone(), file.clone()).caption(message.text.clone());
            payload = payload.parse_mode(ParseMode::Html).disable_notification(message.silent);
            payload.message_thread_id = thread;
            payload.allow_paid_broadcast = self.pays();
            match self.api.call::<_, Took>(&payload).await {
                Ok(took) => return Ok(self.remember(took, url)),
                Err(fault) if refusal::ease(&fault) == Some(refusal::Ease::Thread) && thread.take().is_some() => {}
                Err(fault) if is_refused(&fault) && self.forget(url) => file = InputFile::url(url.clone()),
                Err(fault) if is_refused(&fault) => return Ok(Sent { ids: vec![NONE.to_owned()] }),
                Err(fault) => return Err(fault),
            }
        }
    }

    fn remember(&self, took: Took, url: &Url) -> Sent {
        if let (Some(documents), Some(file)) = (&self.documents, took.document) {
            documents.0.insert(url.clone(), file.file_id.into());
        }
        Sent { ids: vec![took.message_id.to_string()] }
    }

    /// Whether the number of a file was known, and may be what was refused.
    fn forget(&self, url: &Url) -> bool {
        self.documents.as_ref().is_some_and(|documents| documents.0.remove(url).is_some())
    }
}

/// Whether it is the document that was refused, not the chat or the pace.
fn is_refused(fault: &Fault) -> bool {
    let Fault::Answer(Answer { code, text, moved: None, .. }) = fault else { return false };
    let said = text.to_ascii_lowercase();
    let of_chat = ["chat not found", "topic_closed", "topic_deleted"].iter().any(|words| said.contains(words));
    *code == 413 || *code == 400 && !of_chat || *code == 404 && said.contains("method not found")
}
