//! The whole policy: what a refusal, a lost answer or a settled doubt means for the outbox.

use chrono::{DateTime, TimeDelta, Utc};

use super::Line;
use super::line::Pause;
use crate::channel::{Doubt, SendError};
use crate::outbox::{self, DOUBT_REST, LIFETIME, LOST, OnDoubt, Sent, Verdict};
use crate::phrases;
use crate::store::{Batch, Claimed, Settled};

/// Refusals in a row, over days, after which what is older than a week is given up.
const REFUSALS: u32 = 4;

/// How much later than others an address is tried on a channel that rested because of it.
const AFTER_OTHERS: TimeDelta = TimeDelta::seconds(1);

/// What became of one message that carries `covered`; `more` of the same delivery follows.
pub(super) fn of_send(
    line: &Line,
    batch: &Batch,
    covered: &[Claimed],
    sent: Result<Sent, SendError>,
    more: bool,
    now: DateTime<Utc>,
) -> (Verdict, Settled) {
    let since = covered.first().map_or(now, |d| d.owed_since);
    let old = now - since > LIFETIME;
    match sent {
        Ok(sent) => {
            line.works(now);
            let ready = Some(line.buckets().ready(batch.to.chat(), now)).filter(|t| *t > now);
            (if more { Verdict::Part(sent) } else { Verdict::Sent(sent) }, Settled { ready, ..Settled::default() })
        }
        Err(SendError::Retry { after, cause }) => {
            if let Some(after) = after {
                line.hold(batch.to.chat(), now + outbox::bounded(after), now);
            }
            let verdict = outbox::retry(covered.first().map_or(1, |d| d.attempt), since, after, now, cause);
            let ready = if let Verdict::Later { due, .. } = &verdict { Some(*due) } else { None };
            let held = ready.filter(|_| after.is_some_and(|after| outbox::bounded(after) >= LOST));
            (verdict, Settled { ready, held, ..Settled::default() })
        }
        // A channel that is down keeps its queue: news that nobody could send has not been tried.
        Err(SendError::Down { cause, .. }) if old && line.is_given_up() => (Verdict::Dead { cause }, Settled::default()),
        Err(SendError::Down { after, cause }) => {
            line.rest(Pause::Outage, after, &cause, now);
            (Verdict::Later { due: since, cause, counts: false }, Settled::default())
        }
        Err(SendError::InDoubt { cause }) => {
            line.note_untold(&cause, now);
            (Verdict::InDoubt { due: now + DOUBT_REST, cause, counts: true }, Settled::default())
        }
        // What is owed to one that ended is dropped with its subscriptions; the config's are only suspended.
        Err(SendError::Gone { cause } | SendError::Ended { cause }) if old && batch.refusals >= REFUSALS => {
            (Verdict::Dead { cause: cause.clone() }, suspended(batch, cause, now))
        }
        Err(SendError::Gone { cause } | SendError::Ended { cause }) => {
            (Verdict::Later { due: since, cause: cause.clone(), counts: false }, suspended(batch, cause, now))
        }
        Err(SendError::Moved { to }) => {
            let verdict = Verdict::Later { due: since, cause: phrases::address_moved(), counts: false };
            (verdict, Settled { moved: Some(to), ..Settled::default() })
        }
        Err(SendError::Refused { cause }) => (Verdict::Dead { cause }, Settled::default()),
    }
}

/// Whether the subscriptions that people made for an address end with this answer, after so many
/// `refusals` before it.
pub(super) fn has_ended(sent: &Result<Sent, SendError>, refusals: u32) -> bool {
    match sent {
        Err(SendError::Ended { .. }) => true,
        Err(SendError::Gone { .. }) => refusals + 1 >= outbox::DESERTED,
        Ok(_) | Err(SendError::Retry { .. } | SendError::Down { .. } | SendError::InDoubt { .. }) => false,
        Err(SendError::Moved { .. } | SendError::Refused { .. }) => false,
    }
}

fn suspended(batch: &Batch, cause: String, now: DateTime<Utc>) -> Settled {
    Settled { ready: Some(outbox::suspension(batch.refusals + 1, now)), refused: Some(cause), ..Settled::default() }
}

/// What asking about a doubt means; where nothing can tell, the channel's `on_doubt` decides.
/// `more` messages follow the one in doubt.
pub(super) fn of_doubt(line: &Line, batch: &Batch, asked: Result<Doubt, SendError>, more: bool, now: DateTime<Utc>) -> (Verdict, Settled) {
    // At once, and in its old place: nothing that came later may overtake it.
    let since = batch.deliveries.first().map_or(now, |d| d.owed_since);
    let again = |cause: String| Verdict::Later { due: since, cause, counts: true };
    let verdict = match asked {
        Ok(Doubt::Delivered(sent)) if more => Verdict::Part(sent),
        Ok(Doubt::Delivered(sent)) => Verdict::Sent(sent),
        Ok(Doubt::NotDelivered) => again(phrases::doubt_not_arrived()),
        Ok(Doubt::Unknown) => unknown(line, batch, again, now),
        Err(SendError::Down { after, cause }) => {
            line.rest(Pause::Outage, after, &cause, now);
            Verdict::InDoubt { due: now, cause, counts: false }
        }
        Err(SendError::Gone { cause } | SendError::Ended { cause }) => {
            return (Verdict::InDoubt { due: now, cause: cause.clone(), counts: false }, suspended(batch, cause, now));
        }
        // A platform that does not even answer a question is asked by one address at a time.
        Err(SendError::InDoubt { cause }) => {
            line.rest(Pause::Outage, None, &cause, now);
            Verdict::InDoubt { due: now + DOUBT_REST, cause, counts: false }
        }
        Err(SendError::Retry { cause, .. }) => Verdict::InDoubt { due: now + DOUBT_REST, cause, counts: false },
        // The question itself was refused, so it answers nothing.
        Err(SendError::Refused { .. } | SendError::Moved { .. }) => unknown(line, batch, again, now),
    };
    // Of all addresses it is the last to show whether a channel that rests is well again.
    let ready = line.rests_until().filter(|until| *until > now).map(|until| until + AFTER_OTHERS);
    (verdict, Settled { ready, ..Settled::default() })
}

fn unknown(line: &Line, batch: &Batch, again: impl Fn(String) -> Verdict, now: DateTime<Utc>) -> Verdict {
    let doubts = batch.deliveries.first().map_or(0, |d| d.doubts);
    let another = line.allow_another(&phrases::channel_untold(), now);
    match line.on_doubt {
        OnDoubt::Resend if doubts < 2 && another => again(phrases::doubt_resent()),
        // Sent into an outage it would only be lost: it waits until the channel may be tried.
        OnDoubt::Resend if doubts < 2 => Verdict::InDoubt { due: now, cause: phrases::doubt_waits(), counts: false },
        OnDoubt::Resend => Verdict::Dead { cause: phrases::doubt_given_up() },
        OnDoubt::Skip => Verdict::Dead { cause: phrases::doubt_skipped() },
    }
}
