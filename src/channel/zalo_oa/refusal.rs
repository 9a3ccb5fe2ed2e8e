//! What each error of the OpenAPI means for the outbox, as one table.

use std::time::Duration;

use chrono::{DateTime, FixedOffset, TimeDelta, Utc};

use super::api::Fault;
use crate::channel::SendError;
use crate::phrases;

pub(super) const PLATFORM: &str = "Zalo OA";
/// What only an administrator can set right is asked about again after this.
const ADMIN_REST: Duration = Duration::from_secs(3600);
/// A wrong address of the API, or something in between.
const WRONG_REST: Duration = Duration::from_secs(600);
/// Between two questions whether an article is ready.
const PROCESSING_REST: Duration = Duration::from_secs(3);
/// Longer than a platform can make us wait; the outbox bounds it to a day and asks again.
const MONTH_REST: Duration = Duration::from_secs(24 * 3600);
/// Indochina Time.
const HANOI: i32 = 7 * 3600;

/// What an error code asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Class {
    /// Another access token.
    Token,
    /// To wait for the next minute: too many calls.
    NextMinute,
    /// To ask again in a moment: an article is being processed.
    Processing,
    /// To wait until the night is over.
    Morning,
    /// To wait for the next month.
    Month,
    /// Nobody knows what became of it.
    Unknown,
    /// To leave this receiver alone.
    Recipient,
    /// An administrator, for the whole account.
    Account,
    /// An administrator, for what this address needs.
    Feature,
    /// A correction of the message, or of this program.
    Message,
    /// Not in the table.
    Other,
}

fn class(code: i64, said: &str) -> Class {
    match code {
        -216 | -220 | -124 => Class::Token,
        -32 => Class::NextMinute,
        -214 => Class::Processing,
        -234 => Class::Morning,
        -211 => Class::Month,
        // Two messages share this code.
        -223 if is_about_quota(said) => Class::Month,
        -200 => Class::Unknown,
        -213 | -217 | -218 | -227 | -230 | -232 | -244 => Class::Recipient,
        -204 | -205 | -209 | -212 | -219 => Class::Account,
        -221 | -223 | -224 | -235 | -237 | -320 | -321 | -403 => Class::Feature,
        -100 | -201 | -210 | -233 | -240 | -242 | -248 => Class::Message,
        _ => Class::Other,
    }
}

fn is_about_quota(said: &str) -> bool {
    let said = said.to_lowercase();
    ["quota", "limit", "exceed", "maximum"].iter().any(|word| said.contains(word))
}

/// Whether another access token is asked for.
pub(super) fn is_token(code: i64) -> bool {
    class(code, "") == Class::Token
}

/// Whether a call may have done what it was to do.
pub(super) fn is_doubtful(fault: &Fault) -> bool {
    matches!(verdict(fault.clone(), DateTime::UNIX_EPOCH), SendError::InDoubt { .. })
}

/// What the outbox does after this fault.
pub(super) fn verdict(fault: Fault, now: DateTime<Utc>) -> SendError {
    match fault {
        Fault::Token(error) => error,
        Fault::UsedUp => {
            SendError::Down { after: Some(to_next_minute(now)), cause: phrases::platform_flood(PLATFORM, "X-RateLimit-Remain: 0") }
        }
        Fault::None(fault) => fault.verdict(PLATFORM),
        Fault::Strange { status, retry_after } => strange(status, retry_after),
        Fault::Code { code, said } => answered(code, &said, now),
    }
}

fn strange(status: u16, retry_after: Option<Duration>) -> SendError {
    let said = format!("HTTP {status}");
    match status {
        300..=399 => SendError::Down { after: Some(WRONG_REST), cause: phrases::platform_redirected(PLATFORM, status) },
        401 | 404 => SendError::Down { after: Some(WRONG_REST), cause: phrases::platform_token(PLATFORM, &said) },
        413 => SendError::Refused { cause: phrases::platform_too_long(PLATFORM, &said) },
        429 => SendError::Down { after: retry_after.or(Some(Duration::from_secs(60))), cause: phrases::platform_flood(PLATFORM, &said) },
        _ => SendError::InDoubt { cause: phrases::platform_strange(PLATFORM, status) },
    }
}

fn answered(code: i64, said: &str, now: DateTime<Utc>) -> SendError {
    match class(code, said) {
        Class::Token => SendError::Down { after: Some(WRONG_REST), cause: phrases::platform_token(PLATFORM, said) },
        Class::NextMinute => SendError::Down { after: Some(to_next_minute(now)), cause: phrases::platform_flood(PLATFORM, said) },
        Class::Processing => SendError::Retry { after: Some(PROCESSING_REST), cause: phrases::zalo_article_processing() },
        Class::Morning => SendError::Retry { after: Some(to_morning(now)), cause: phrases::zalo_night(said) },
        Class::Month => SendError::Down { after: Some(MONTH_REST), cause: phrases::zalo_month_used(said) },
        Class::Unknown => SendError::InDoubt { cause: phrases::platform_trouble(PLATFORM, said) },
        Class::Recipient => SendError::Gone { cause: phrases::platform_gone(PLATFORM, said) },
        Class::Account => SendError::Down { after: Some(ADMIN_REST), cause: phrases::zalo_admin_needed(said) },
        Class::Feature => SendError::Gone { cause: phrases::zalo_admin_needed(said) },
        Class::Message => SendError::Refused { cause: phrases::platform_refused(PLATFORM, said) },
        Class::Other => SendError::Retry { after: None, cause: phrases::platform_refused(PLATFORM, said) },
    }
}

/// Limits are counted by the minute; a second more for clocks that differ.
pub(super) fn to_next_minute(now: DateTime<Utc>) -> Duration {
    let into = now.timestamp_millis().rem_euclid(60_000);
    Duration::from_millis(61_000_u64.saturating_sub(into.unsigned_abs()))
}

/// Until 06:05 in Hà Nội and up to ten minutes more, so that not all wards come at once.
fn to_morning(now: DateTime<Utc>) -> Duration {
    let zone = FixedOffset::east_opt(HANOI);
    let local = zone.map_or_else(|| now.naive_utc(), |zone| now.with_timezone(&zone).naive_local());
    let since_midnight = local - local.date().and_time(chrono::NaiveTime::MIN);
    let morning = TimeDelta::minutes(6 * 60 + 5);
    let wait = if since_midnight < morning { morning - since_midnight } else { morning + TimeDelta::days(1) - since_midnight };
    let jitter = Duration::from_millis(u64::from(now.timestamp_subsec_micros()) * 6 / 10);
    wait.to_std().unwrap_or_default() + jitter
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn told(code: i64, said: &str) -> &'static str {
        match answered(code, said, DateTime::UNIX_EPOCH) {
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
        for (codes, want) in [
            (&[-216, -220, -124, -32, -211, -204, -205, -209, -212, -219][..], "down"),
            (&[-214, -234, -999], "retry"),
            (&[-200], "doubt"),
            (&[-213, -217, -218, -227, -230, -232, -244, -221, -223, -224, -235, -237, -320, -321, -403], "gone"),
            (&[-100, -201, -210, -233, -240, -242, -248], "refused"),
        ] {
            for code in codes {
                assert_eq!(told(*code, "no"), want, "{code}");
            }
        }
    }

    #[test]
    fn one_code_with_two_messages_is_told_apart() {
        assert_eq!(class(-223, "OA has not authorized this API"), Class::Feature);
        assert_eq!(class(-223, "You have exceeded the quota of new articles this month"), Class::Month);
    }

    #[test]
    fn a_night_ends_at_five_past_six_in_hanoi() {
        for (now, minutes) in [
            ("2026-11-24T22:00:00+07:00", 8 * 60 + 5),
            ("2026-11-24T23:59:00+07:00", 6 * 60 + 6),
            ("2026-11-25T00:00:00+07:00", 6 * 60 + 5),
            ("2026-11-25T05:59:00+07:00", 6),
        ] {
            let wait = to_morning(DateTime::parse_from_rfc3339(now).unwrap().to_utc());
            assert_eq!(wait, Duration::from_secs(minutes * 60), "{now}");
        }
        let late = DateTime::parse_from_rfc3339("2026-11-25T05:59:00.999999+07:00").unwrap().to_utc();
        assert!((300..=1000).contains(&to_morning(late).as_secs()), "with up to ten minutes of jitter");
    }

    #[test]
    fn the_next_minute_is_waited_for() {
        for (now, seconds) in [("2026-11-24T10:00:00Z", 61), ("2026-11-24T10:00:59Z", 2)] {
            assert_eq!(to_next_minute(DateTime::parse_from_rfc3339(now).unwrap().to_utc()).as_secs(), seconds, "{now}");
        }
    }
}
