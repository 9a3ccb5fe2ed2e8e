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
use super::download::{self, Downloads};
use super::{Telegram, layout, plain, refusal};
use crate::channel::{Guarded, Message, Notice};
use crate::entry::Enclosure;
use crate::outbox::Sent;
use crate::schedule::Clock;

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
    downloads: Downloads,
}

impl Documents {
    pub(super) fn new(ways: Arc<dyn Guarded>) -> Self {
        Self { known: Cache::new(KEPT), downloads: Downloads::new(ways) }
    }

    pub(super) fn go_by(&self, clock: Clock) {
        self.downloads.go_by(clock);
    }

    /// How a file is tried first; `None` where nothing can come of it.
    fn first(&self, url: &Url) -> Option<Way> {
        let known = self.known.get(url).map(Way::Known);
        known.or_else(|| (!self.downloads.is_missed(url)).then(|| Way::first(url)))
    }

    /// What is left to try when a way was refused. Telegram is asked to fetch a file once, so this ends.
    fn next(&self, way: &Way, url: &Url, fetched: bool) -> Option<Way> {
        match way {
            Way::Known(_) => {
                self.known.remove(url);
                Some(if fetched { Way::Uploaded } else { Way::first(url) })
            }
            // It may have come to another chat meanwhile.
            Way::Fetched => self.known.get(url).map(Way::Known).or(Some(Way::Uploaded)),
            Way::Uploaded => None,
        }
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
        let Some(documents) = &self.documents else { return Ok(not_taken()) };
        let Some(mut way) = documents.first(url) else { return Ok(not_taken()) };
        let (mut thread, mut fetched) = (chat.thread, false);
        loop {
            let mut payload = SendDocument::new(chat.id.clone(), way.file(url)).caption(message.text.clone());
            payload = payload.parse_mode(ParseMode::Html).disable_notification(message.silent);
            payload.message_thread_id = thread;
            payload.allow_paid_broadcast = self.pays();
            let Some(sent) = self.give(documents, &payload, &way, url).await else { return Ok(not_taken()) };
            match sent {
                Ok(took) => return Ok(documents.remember(took, url)),
                Err(fault) if refusal::ease(&fault) == Some(refusal::Ease::Thread) && thread.take().is_some() => {}
                Err(fault) if is_refused(&fault) => {
                    fetched |= matches!(way, Way::Fetched);
                    let Some(next) = documents.next(&way, url, fetched) else {
                        documents.note_refused(&fault, url);
                        return Ok(not_taken());
                    };
                    way = next;
                }
                Err(fault) => return Err(fault),
            }
        }
    }

    /// One try; `None` where the file cannot be had.
    async fn give(&self, documents: &Documents, payload: &SendDocument, way: &Way, url: &Url) -> Option<Result<Took, Fault>> {
        let Way::Uploaded = way else { return Some(self.api.call(payload).await) };
        let bytes = documents.downloads.get(url).await?;
        let name = plain::file_name(url).unwrap_or_default().replace(['"', '\\', ';', '/'], "_");
        let name = if name.is_empty() { "tep".to_owned() } else { name };
        Some(self.api.upload(payload, "document", Upload { name, bytes }).await)
    }
}

impl Documents {
    fn remember(&self, took: Took, url: &Url) -> Sent {
        if let Some(file) = took.document {
            self.known.insert(url.clone(), file.file_id.into());
            self.downloads.forget(url);
        }
        Sent { ids: vec![took.message_id.to_string()] }
    }

    /// A file that is too large for the API is so for every chat.
    fn note_refused(&self, fault: &Fault, url: &Url) {
        if matches!(fault, Fault::Answer(Answer { code: 413, .. })) {
            self.downloads.miss(url);
        }
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
