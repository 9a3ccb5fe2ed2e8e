//! Attachments as documents behind the text that lists them. Telegram fetches a few kinds of files
//! itself (Bot API, "Sending files"); the others, and those that it cannot fetch, are uploaded.

use std::sync::Arc;

use quick_cache::sync::Cache;
use serde::Deserialize;
use teloxide::payloads::{SendDocument, SendDocumentSetters};
use teloxide::types::{FileId, InputFile, ParseMode};
use teloxide::utils::html::escape;
use url::Url;

use super::api::{Answer, Fault, Upload};
use super::chat::Chat;
use super::{Telegram, download, layout, plain, refusal};
use crate::channel::{Guarded, Message, Notice};
use crate::entry::Enclosure;
use crate::outbox::Sent;

/// What Telegram fetches.
const FETCHED: &[&str] = &["application/pdf", "application/zip", "image/gif"];
/// What is uploaded to it, as forms and tables are published.
const UPLOADED: &[&str] = &[
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
];
/// How the names of such files end.
const ENDINGS: &[&str] = &[".doc", ".docx", ".xls", ".xlsx"];
/// The largest file that it fetches (bytes).
const LARGEST: u64 = 20 << 20;
/// Documents behind one entry; the text names the others.
const MOST: usize = 3;
/// Files whose number at Telegram is remembered.
const KEPT: usize = 200;
/// Stands for the id of a document that Telegram did not take, so that those behind it keep their place.
const NONE: &str = "-";

/// Files that Telegram has already, by their addresses: sent again by number, they are not fetched anew.
pub(super) struct Documents {
    known: Cache<Url, Arc<str>>,
    ways: Arc<dyn Guarded>,
}

impl Documents {
    pub(super) fn new(ways: Arc<dyn Guarded>) -> Self {
        Self { known: Cache::new(KEPT), ways }
    }
}

/// How Telegram gets a file.
enum Way {
    /// It has it.
    Known(Arc<str>),
    /// It fetches it.
    Fetched,
    /// We give it.
    Uploaded,
}

impl Way {
    fn first(url: &Url) -> Self {
        let path = url.path().to_ascii_lowercase();
        if ENDINGS.iter().any(|ending| path.ends_with(ending)) { Self::Uploaded } else { Self::Fetched }
    }

    /// What is left to try when this way was refused.
    fn next(&self, url: &Url) -> Option<Self> {
        match self {
            Self::Known(_) => Some(Self::first(url)),
            Self::Fetched => Some(Self::Uploaded),
            Self::Uploaded => None,
        }
    }

    fn file(&self, url: &Url) -> InputFile {
        match self {
            Self::Known(id) => InputFile::file_id(FileId(id.to_string())),
            Self::Fetched | Self::Uploaded => InputFile::url(url.clone()),
        }
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
        let files = noticed.iter().flat_map(|noticed| &noticed.entry.attachments).filter(|file| is_wanted(file)).take(MOST);
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
fn is_wanted(file: &Enclosure) -> bool {
    let kind = file.media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let most = match kind.as_str() {
        fetched if FETCHED.contains(&fetched) => LARGEST,
        uploaded if UPLOADED.contains(&uploaded) => download::LARGEST,
        _ => return false,
    };
    file.length.is_some_and(|length| (1..=most).contains(&length)) && layout::takes(&file.url)
}

impl Telegram {
    /// Sends a document. One that Telegram does not take is done with: the text has its address.
    pub(super) async fn send_document(&self, chat: &Chat, message: &Message, url: &Url) -> Result<Sent, Fault> {
        let known = self.documents.as_ref().and_then(|documents| documents.known.get(url));
        let mut way = known.map_or_else(|| Way::first(url), Way::Known);
        let mut thread = chat.thread;
        loop {
            let mut payload = SendDocument::new(chat.id.clone(), way.file(url)).caption(message.text.clone());
            payload = payload.parse_mode(ParseMode::Html).disable_notification(message.silent);
            payload.message_thread_id = thread;
            payload.allow_paid_broadcast = self.pays();
            let Some(sent) = self.give(&payload, &way, url).await else { return Ok(not_taken()) };
            match sent {
                Ok(took) => return Ok(self.remember(took, url)),
                Err(fault) if refusal::ease(&fault) == Some(refusal::Ease::Thread) && thread.take().is_some() => {}
                Err(fault) if is_refused(&fault) => {
                    if let (Way::Known(_), Some(documents)) = (&way, &self.documents) {
                        documents.known.remove(url);
                    }
                    let Some(next) = way.next(url) else { return Ok(not_taken()) };
                    way = next;
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    /// One try; `None` where the file cannot be had.
    async fn give(&self, payload: &SendDocument, way: &Way, url: &Url) -> Option<Result<Took, Fault>> {
        let Way::Uploaded = way else { return Some(self.api.call(payload).await) };
        let bytes = download::fetch(self.documents.as_ref()?.ways.as_ref(), url).await?;
        let name = plain::file_name(url).unwrap_or_default().replace(['"', '\\', ';', '/'], "_");
        let name = if name.is_empty() { "tep".to_owned() } else { name };
        Some(self.api.upload(payload, "document", Upload { name, bytes }).await)
    }

    fn remember(&self, took: Took, url: &Url) -> Sent {
        if let (Some(documents), Some(file)) = (&self.documents, took.document) {
            documents.known.insert(url.clone(), file.file_id.into());
        }
        Sent { ids: vec![took.message_id.to_string()] }
    }
}

fn not_taken() -> Sent {
    Sent { ids: vec![NONE.to_owned()] }
}

/// Whether it is the document that was refused, not the chat or the pace.
fn is_refused(fault: &Fault) -> bool {
    let Fault::Answer(Answer { code, text, moved: None, .. }) = fault else { return false };
    let said = text.to_ascii_lowercase();
    let of_chat = ["chat not found", "topic_closed", "topic_deleted"].iter().any(|words| said.contains(words));
    *code == 413 || *code == 400 && !of_chat || *code == 404 && said.contains("method not found")
}
