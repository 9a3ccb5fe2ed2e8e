//! What each error code of the Bot API means for the outbox.

use std::time::Duration;

use super::api::Fault;
use crate::channel::SendError;
use crate::phrases;

pub(super) const PLATFORM: &str = "Zalo Bot";
/// A refused token is asked about again after this.
const TOKEN_REST: Duration = Duration::from_secs(600);
/// The limits of Zalo carry no numbers; those of a minute are over after this.
const QUOTA_REST: Duration = Duration::from_secs(60);

/// What the outbox does after this fault.
pub(super) fn verdict(fault: Fault) -> SendError {
    match fault {
        Fault::None(fault) => fault.verdict(PLATFORM),
        Fault::Strange { status, retry_after } => strange(status, retry_after),
        Fault::Answer { code, text, retry_after } => answered(code, &text, retry_after),
    }
}

/// Where the status alone says that nothing was sent, that is enough; else nobody knows.
fn strange(status: u16, retry_after: Option<Duration>) -> SendError {
    let said = format!("HTTP {status}");
    match status {
        300..=399 => SendError::Down { after: Some(TOKEN_REST), cause: phrases::platform_redirected(PLATFORM, status) },
        401 | 404 => SendError::Down { after: Some(TOKEN_REST), cause: phrases::platform_token(PLATFORM, &said) },
        413 => SendError::Refused { cause: phrases::platform_too_long(PLATFORM, &said) },
        429 => SendError::Retry { after: retry_after.or(Some(QUOTA_REST)), cause: phrases::platform_flood(PLATFORM, &said) },
        _ => SendError::InDoubt { cause: phrases::platform_strange(PLATFORM, status) },
    }
}

fn answered(code: u16, said: &str, retry_after: Option<Duration>) -> SendError {
    match code {
        401 => SendError::Down { after: Some(TOKEN_REST), cause: phrases::platform_token(PLATFORM, said) },
        // What is owed is kept: a group may take the bot back.
        404 => SendError::Gone { cause: phrases::platform_no_such_place(PLATFORM, said) },
        413 => SendError::Refused { cause: phrases::platform_too_long(PLATFORM, said) },
        429 => SendError::Retry { after: retry_after.or(Some(QUOTA_REST)), cause: phrases::platform_flood(PLATFORM, said) },
        // 403 is Zalo's "Internal server error", and 408 its timeout.
        // A success that failed names no reason at all.
        200..=299 | 403 | 408 | 500..=599 => SendError::Retry { after: retry_after, cause: phrases::zalo_bot_trouble(said) },
        _ => SendError::Refused { cause: phrases::platform_refused(PLATFORM, said) },
    }
}

/// Whether the message may be taken without its picture, or else without its styles.
pub(super) fn may_ease(fault: &Fault, picture: bool) -> bool {
    match fault {
        // Not found may be the picture as well as the chat.
        Fault::Answer { code, .. } => *code == 400 || (picture && matches!(code, 404 | 413)),
        Fault::None(_) | Fault::Strange { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(error: &SendError) -> &'static str {
        match error {
            SendError::Retry { .. } => "retry",
            SendError::Down { .. } => "down",
            SendError::InDoubt { .. } => "doubt",
            SendError::Gone { .. } => "gone",
            SendError::Ended { .. } => "ended",
            SendError::Refused { .. } => "refused",
            SendError::Moved { .. } => "moved",
        }
    }

    #[test]
    fn each_code_says_what_the_outbox_does_next() {
        let table = [
            (200, "retry"),
            (400, "refused"),
            (401, "down"),
            (403, "retry"),
            (404, "gone"),
            (408, "retry"),
            (413, "refused"),
            (429, "retry"),
            (500, "retry"),
            (503, "retry"),
            (7, "refused"),
        ];
        for (code, want) in table {
            assert_eq!(kind(&answered(code, "", None)), want, "{code}");
        }
    }

    #[test]
    fn what_is_not_the_bot_api_says_only_what_its_status_says() {
        let table =
            [(200, "doubt"), (302, "down"), (401, "down"), (404, "down"), (413, "refused"), (429, "retry"), (502, "doubt"), (504, "doubt")];
        for (status, want) in table {
            assert_eq!(kind(&strange(status, None)), want, "{status}");
        }
    }
}
