//! Messages that were sent and show an older version: they are changed when no news waits, within
//! the pace of their chat.

use chrono::{DateTime, Utc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::flight::Ticket;
use super::line::Pause;
use super::{Dispatch, LEASE, Line, SEND_LIMIT, Shape};
use crate::channel::{Edited, Message, Noticed, SendError};
use crate::correction::{self, Corrections};
use crate::outbox::{self, TRIES};
use crate::phrases;
use crate::store::{Amend, Amended};

/// Changes that are claimed at once: few, so that news is soon ahead.
const AT_ONCE: usize = 8;
/// How often an article is shortened until it fits the messages that it had.
const CUTS: usize = 16;

impl Dispatch {
    /// Messages to change now, when there is room and no news.
    pub(super) async fn claim_amends(&self, line: &Line, room: usize, now: DateTime<Utc>) -> Vec<Amend> {
        if room == 0 || line.corrections != Corrections::Edit {
            return Vec::new();
        }
        self.store.claim_amends(&line.name, now, LEASE, room.min(AT_ONCE)).await.unwrap_or_else(|e| {
            tracing::error!(channel = line.name, error = format!("{e:#}"), "{}", phrases::log_store_failed());
            Vec::new()
        })
    }

    /// Changes the messages of one delivery.
    pub(super) async fn amend(&self, line: &Line, amend: Amend, mut ticket: Ticket, stop: &CancellationToken) {
        let messages = self.anew(line, &amend);
        let mut amended = Amended::Done;
        for (id, message) in amend.sent.iter().zip(&messages) {
            if !line.turn(&self.clock, amend.to.chat(), stop).await {
                amended = Amended::Later { due: (self.clock)(), counts: false };
                break;
            }
            ticket.punch();
            let answer = timeout(SEND_LIMIT, line.channel.edit(&amend.to, id, message)).await;
            let answer = answer.unwrap_or_else(|_| Err(SendError::InDoubt { cause: phrases::send_timed_out() }));
            amended = verdict(line, &amend, answer, (self.clock)());
            if amended != Amended::Done {
                break;
            }
        }
        if let Err(e) = self.store.settle_amend(&amend, amended, (self.clock)()).await {
            // Its lease runs out, and it is changed again to the same.
            tracing::error!(channel = line.name, error = format!("{e:#}"), "{}", phrases::log_settle_failed());
        }
    }

    /// The messages as they are to be, one for each that was sent.
    fn anew(&self, line: &Line, amend: &Amend) -> Vec<Message> {
        let noticed: Vec<Noticed> = amend.entries.iter().map(|stored| self.noticed(stored, None)).collect();
        let shape = Shape { feed: &amend.feed, digest: amend.digest, silent: false, urgent: amend.urgent };
        let lay_out = |noticed: &[Noticed]| self.lay_out(line, &shape, noticed);
        let mut messages = lay_out(&noticed);
        let [one] = noticed.as_slice() else {
            // A list in other pieces than before would show some articles twice.
            return if messages.len() == amend.sent.len() { messages } else { Vec::new() };
        };
        let (mut length, mut cuts) = (crate::html::to_text(&one.entry.content_html).chars().count(), 0);
        while messages.len() > amend.sent.len() && cuts < CUTS {
            (length, cuts) = (length * 3 / 4, cuts + 1);
            let entry = correction::shortened(&one.entry, length, self.language);
            messages = lay_out(&[Noticed { entry, ..one.clone() }]);
        }
        if messages.len() < amend.sent.len() {
            let bare = Noticed { entry: correction::emptied(&one.entry), link: one.link.clone(), source_title: String::new() };
            let empty = lay_out(&[bare]).into_iter().next().unwrap_or_default();
            messages.resize(amend.sent.len(), empty);
        }
        messages
    }
}

/// What an answer means for the messages of a delivery. Where nothing can be changed any more, they
/// are left as they are.
fn verdict(line: &Line, amend: &Amend, answer: Result<Edited, SendError>, now: DateTime<Utc>) -> Amended {
    let cause = match answer {
        Ok(Edited::Done) => {
            line.works(now);
            tracing::debug!(channel = line.name, delivery = amend.delivery, "{}", phrases::log_amended());
            return Amended::Done;
        }
        Ok(Edited::Gone | Edited::Unsupported) => String::new(),
        Err(SendError::Down { after, cause }) => {
            line.rest(Pause::Outage, after, &cause, now);
            return Amended::Later { due: now, counts: false };
        }
        Err(SendError::Retry { after, .. }) if amend.attempt < TRIES => {
            if let Some(after) = after {
                line.hold(amend.to.chat(), now + outbox::bounded(after), now);
            }
            return later(amend, after, now);
        }
        Err(SendError::InDoubt { .. }) if amend.attempt < TRIES => return later(amend, None, now),
        Err(error) => error.cause(),
    };
    tracing::info!(channel = line.name, delivery = amend.delivery, cause, "{}", phrases::log_not_amended());
    Amended::Done
}

fn later(amend: &Amend, after: Option<std::time::Duration>, now: DateTime<Utc>) -> Amended {
    let wait = after.unwrap_or_default().max(outbox::backoff(amend.attempt));
    Amended::Later { due: now + outbox::bounded(wait), counts: true }
}
