//! What each refusal of the Bot API means for the outbox. Codes and parameters first, texts
//! second: the texts are those of tdlib's `Client.cpp` and change without notice.

use std::time::Duration;

use super::api::{Answer, Fault};
use super::chat::without_thread;
use crate::channel::SendError;
use crate::phrases;
use crate::subscription::Address;

/// A refused token is asked about again after this.
const TOKEN_REST: Duration = Duration::from_secs(600);

/// What the outbox does after this fault of a message to `to`.
pub(super) fn verdict(fault: &Fault, to: &Address) -> SendError {
    match fault {
        Fault::None(fault) => fault.clone().verdict("Telegram"),
        Fault::Strange { status, retry_after } => strange(*status, *retry_after),
        Fault::Answer(answer) => answered(answer, to),
    }
}

/// Where the status alone says that nothing was sent, that is enough; else nobody knows.
fn strange(status: u16, retry_after: Option<Duration>) -> SendError {
    let said = format!("HTTP {status}");
    match status {
        300..=399 => SendError::Down { after: Some(TOKEN_REST), cause: phrases::telegram_redirected(status) },
        401 | 404 => SendError::Down { after: Some(TOKEN_REST), cause: phrases::telegram_token(&said) },
        413 => SendError::Refused { cause: phrases::telegram_too_long(&said) },
        429 => SendError::Retry { after: retry_after, cause: phrases::telegram_flood(&said) },
        _ => SendError::InDoubt { cause: phrases::telegram_strange_answer(status) },
    }
}

fn answered(answer: &Answer, to: &Address) -> SendError {
    if let Some(id) = answer.moved {
        return SendError::Moved { to: moved(to, id) };
    }
    let said = answer.text.as_str();
    let after = answer.retry_after;
    match answer.code {
        429 => SendError::Retry { after, cause: phrases::telegram_flood(said) },
        401 | 404 => SendError::Down { after: Some(TOKEN_REST), cause: phrases::telegram_token(said) },
        403 => SendError::Gone { cause: forbidden(said) },
        413 => SendError::Refused { cause: phrases::telegram_too_long(said) },
        // Not taken, without a reason.
        200..=299 => SendError::Retry { after, cause: phrases::telegram_refused(said) },
        // What failed behind the API may have failed after the message was out.
        500..=599 => SendError::InDoubt { cause: phrases::telegram_trouble(said) },
        _ => bad_request(said),
    }
}

/// The new address of a group that became a supergroup; its topic stays.
fn moved(to: &Address, id: i64) -> Address {
    let thread = to.chat().strip_prefix(without_thread(to.chat())).unwrap_or_default();
    Address::new(to.channel(), format!("{id}{thread}"))
}

const RIGHTS: &[&str] =
    &["not enough rights", "need administrator rights", "have no rights", "chat_write_forbidden", "chat_admin_required", "chat_restricted"];
const TOO_LONG: &[&str] = &["too long", "too_long"];
const NO_CHAT: &[&str] = &["chat not found", "peer_id_invalid", "user not found"];

fn forbidden(said: &str) -> String {
    if says(said, RIGHTS) { phrases::telegram_no_right(said) } else { phrases::telegram_gone(said) }
}

fn bad_request(said: &str) -> SendError {
    // What is owed is kept while an admin sets these right.
    if says(said, RIGHTS) {
        return SendError::Gone { cause: phrases::telegram_no_right(said) };
    }
    if says(said, &["topic_closed", "topic_deleted"]) {
        return SendError::Gone { cause: phrases::telegram_topic_closed(said) };
    }
    SendError::Refused {
        cause: match said {
            _ if says(said, TOO_LONG) => phrases::telegram_too_long(said),
            _ if says(said, NO_CHAT) => phrases::telegram_no_such_chat(said),
            _ => phrases::telegram_refused(said),
        },
    }
}

fn says(said: &str, any: &[&str]) -> bool {
    let said = said.to_ascii_lowercase();
    any.iter().any(|words| said.contains(words))
}

/// What may be left out of a message so that it is taken at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ease {
    /// The picture: Telegram could not fetch it.
    Picture,
    /// The topic: it is not there.
    Thread,
    /// The markup.
    Markup,
    /// The button.
    Button,
    /// The second half of the text.
    Length,
}

impl Ease {
    /// Whether Telegram had to refuse it because this program made it wrong.
    pub(super) const fn is_ours(self) -> bool {
        match self {
            Self::Markup | Self::Length => true,
            Self::Picture | Self::Thread | Self::Button => false,
        }
    }
}

const PICTURE: &[&str] = &[
    "failed to get http url content",
    "wrong file identifier",
    "wrong remote file identifier",
    "wrong type of the web page content",
    "photo_invalid_dimensions",
    "photo_save_file_invalid",
    "image_process_failed",
    "webpage_curl_failed",
    "webpage_media_empty",
    "external_url_invalid",
    "file is too big",
    "caption is too long",
    "rights to send photos",
];

/// Which part of the message this fault is about, where the rest can go without it.
pub(super) fn ease(fault: &Fault) -> Option<Ease> {
    let Fault::Answer(Answer { code: 400, text, .. }) = fault else {
        return None;
    };
    match text.as_str() {
        said if says(said, PICTURE) => Some(Ease::Picture),
        said if says(said, TOO_LONG) => Some(Ease::Length),
        said if says(said, &["message thread not found"]) => Some(Ease::Thread),
        said if says(said, &["can't parse entities"]) => Some(Ease::Markup),
        said if says(said, &["inline keyboard button url", "button_url_invalid"]) => Some(Ease::Button),
        _ => None,
    }
}
