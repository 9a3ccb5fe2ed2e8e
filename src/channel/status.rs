//! What an answer's status means for the outbox, where the platform's own words tell no more.

use std::time::Duration;

use serde::de::DeserializeOwned;

use super::SendError;
use super::http::Answer;
use crate::phrases;

/// A refused key, or an address that is none of the platform's, is asked about again after this.
pub(super) const REST: Duration = Duration::from_secs(600);

/// Whom a refused key concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// All of the channel.
    Channel,
    /// The one room that it belongs to.
    Room,
}

/// What the outbox does after this answer, which is no success. `said` is what the platform wrote,
/// without secrets. Where the status says that nothing was taken, that is believed; a failure
/// behind the platform's door may have come after the message was out.
pub(super) fn verdict(platform: &str, answer: &Answer, key: Key, said: &str) -> SendError {
    let after = answer.retry_after;
    match answer.status {
        300..=399 => rest(key, phrases::platform_redirected(platform, answer.status)),
        401 => rest(key, phrases::platform_token(platform, said)),
        403 => SendError::Gone { cause: phrases::platform_no_right(platform, said) },
        404 | 410 => SendError::Gone { cause: phrases::platform_gone(platform, said) },
        408 | 425 => SendError::Retry { after, cause: phrases::platform_not_sent(platform, said) },
        413 => SendError::Refused { cause: phrases::platform_too_long(platform, said) },
        429 => SendError::Retry { after, cause: phrases::platform_flood(platform, said) },
        400..=499 => SendError::Refused { cause: phrases::platform_refused(platform, said) },
        // Whoever says when to come back has not taken it.
        503 if after.is_some() => SendError::Retry { after, cause: phrases::platform_flood(platform, said) },
        500..=599 => SendError::InDoubt { cause: phrases::platform_trouble(platform, said) },
        status => SendError::InDoubt { cause: phrases::platform_strange(platform, status) },
    }
}

fn rest(key: Key, cause: String) -> SendError {
    match key {
        Key::Channel => SendError::Down { after: Some(REST), cause },
        Key::Room => SendError::Gone { cause },
    }
}

/// What was answered, where it is JSON of this form.
pub(super) fn json<T: DeserializeOwned>(answer: &Answer) -> Option<T> {
    serde_json::from_slice(&answer.body).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_alone_says_what_comes_next() {
        let check = |status: u16, after: Option<u64>, key: Key, want: &str| {
            let answer = Answer { status, retry_after: after.map(Duration::from_secs), left: None, body: Vec::new() };
            let told = format!("{:?}", verdict("X", &answer, key, "x"));
            assert!(told.starts_with(want), "{status}: {told}");
        };
        for (status, want) in [
            (302, "Down { after: Some(600s)"),
            (401, "Down { after: Some(600s)"),
            (403, "Gone"),
            (404, "Gone"),
            (410, "Gone"),
            (400, "Refused"),
            (408, "Retry"),
            (413, "Refused"),
            (422, "Refused"),
            (500, "InDoubt"),
            (502, "InDoubt"),
            (503, "InDoubt"),
            (504, "InDoubt"),
            (200, "InDoubt"),
            (600, "InDoubt"),
        ] {
            check(status, None, Key::Channel, want);
        }
        check(302, None, Key::Room, "Gone");
        check(401, None, Key::Room, "Gone");
        check(429, Some(7), Key::Room, "Retry { after: Some(7s)");
        check(503, Some(7), Key::Room, "Retry { after: Some(7s)");
    }
}
