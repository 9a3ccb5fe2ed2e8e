//! Was a message delivered whose answer was lost? The ids that it can have are the few above the
//! last one known; each is forwarded to a private group of the admins and looked at there.
//!
//! Where none is known, it is the first message that the bot sends there. In a channel or group that
//! was made for it that has one of the first ids, and can be found; but that it is not found says
//! nothing, for the chat may be an old one.

use serde_json::Value;
use teloxide::payloads::{DeleteMessage, ForwardMessage, ForwardMessageSetters, GetMe};
use teloxide::types::{MessageId, Recipient};

use super::api::{Answer, Api, Fault};
use super::chat::Chat;
use super::{Took, layout, plain};
use crate::channel::{Doubt, Message};
use crate::outbox::{KnownIds, Sent};

/// How many ids are looked at in a supergroup or channel, which counts its messages itself.
pub(super) const ALONE: i32 = 20;
/// And elsewhere, where the ids of all chats of the bot are one row.
pub(super) const SHARED: i32 = 50;
/// So many ids in a row that are not there: nothing comes after them. One alone may be a message
/// that was deleted.
pub(super) const END: u32 = 3;

/// What became of one id.
enum Look {
    Ours,
    Another,
    /// There, but not to be looked at: a service message, protected content.
    Hidden,
    Missing,
    /// The ops chat or the chat cannot be used for this.
    Closed,
}

/// Looks for `message` in `chat`. The fault is of a call that gave no answer, or of the limit.
pub(super) async fn resolve(api: &Api, ops: Option<&Chat>, chat: &Chat, message: &Message, known: &KnownIds) -> Result<Doubt, Fault> {
    // While the API does not answer there is nothing to find out, nor could anything be sent.
    api.call::<_, Value>(&GetMe::new()).await?;
    let last = known.iter().filter_map(|id| id.parse::<i32>().ok()).max();
    let alone = chat.counts_alone();
    let (Some(ops), Some(from)) = (ops, last.or(alone.then_some(0))) else {
        return Ok(Doubt::Unknown);
    };
    let want = plain::letters(&layout::unmarked(&message.text));
    let (mut missing, mut hidden) = (0, false);
    for id in (1..=if alone { ALONE } else { SHARED }).filter_map(|step| from.checked_add(step)) {
        match look(api, ops, &chat.id, id, &want).await? {
            Look::Ours => return Ok(Doubt::Delivered(Sent { ids: vec![id.to_string()] })),
            Look::Closed => return Ok(Doubt::Unknown),
            Look::Hidden => (missing, hidden) = (0, true),
            Look::Another => missing = 0,
            Look::Missing => missing += 1,
        }
        if alone && last.is_some() && missing == END {
            return Ok(if hidden { Doubt::Unknown } else { Doubt::NotDelivered });
        }
    }
    Ok(Doubt::Unknown)
}

async fn look(api: &Api, ops: &Chat, from: &Recipient, id: i32, want: &str) -> Result<Look, Fault> {
    let mut forward = ForwardMessage::new(ops.id.clone(), from.clone(), MessageId(id)).disable_notification(true);
    forward.message_thread_id = ops.thread;
    let copy: Took = match api.call(&forward).await {
        Ok(copy) => copy,
        Err(Fault::Answer(answer)) if matches!(answer.code, 400 | 403) => return Ok(refused(&answer)),
        Err(fault) => return Err(fault),
    };
    delete(api, ops, copy.message_id).await;
    let text = copy.text.or(copy.caption).unwrap_or_default();
    Ok(if plain::letters(&text) == want { Look::Ours } else { Look::Another })
}

fn refused(answer: &Answer) -> Look {
    let said = answer.text.to_ascii_lowercase();
    match said.as_str() {
        _ if said.contains("message to forward not found") => Look::Missing,
        _ if said.contains("can't be forwarded") => Look::Hidden,
        _ => Look::Closed,
    }
}

/// A copy that stays behind in the admins' group does no harm, so a fault here is not told.
async fn delete(api: &Api, ops: &Chat, id: i64) {
    if let Ok(id) = i32::try_from(id) {
        api.call::<_, Value>(&DeleteMessage::new(ops.id.clone(), MessageId(id))).await.ok();
    }
}
