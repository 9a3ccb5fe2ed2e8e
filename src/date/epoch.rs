//! Unix time, as machines put it into attributes.

use std::sync::LazyLock;

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Tz;
use regex::Regex;

use super::patterns::pattern;

/// "/Date(1568712600000)/", "/Date(1568712600000+0700)/": milliseconds, as .NET writes them in JSON.
static DOT_NET: LazyLock<Regex> = LazyLock::new(|| pattern(r"^\\?/date\((-?[0-9]{1,14})(?:[+-][0-9]{4})?\)\\?/$"));

/// The instant of a text that is nothing but Unix time: ten digits are seconds, thirteen
/// milliseconds. Times before September 2001 have fewer digits, and are not told from other numbers.
pub(super) fn read(folded: &str, zone: Tz) -> Option<DateTime<FixedOffset>> {
    let millis: i64 = match folded.len() {
        10 if is_number(folded) => folded.parse::<i64>().ok()?.checked_mul(1000)?,
        13 if is_number(folded) => folded.parse().ok()?,
        _ if folded.contains("/date(") => DOT_NET.captures(folded)?.get(1)?.as_str().parse().ok()?,
        _ => return None,
    };
    Some(DateTime::<Utc>::from_timestamp_millis(millis)?.with_timezone(&zone).fixed_offset())
}

fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0')
}
