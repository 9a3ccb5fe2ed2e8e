//! Dates told from today: "hôm qua", "3 giờ trước".

use super::{Day, Stamp, in_zone, is_only_stamp, patterns, surroundings};
use chrono::{DateTime, Days, Months, NaiveTime, TimeDelta, Utc};
use chrono_tz::Tz;

/// "Hôm nay, 9:05", "Hôm qua". Without a time it must be the whole line: portals count "Hôm nay:
/// 438" visits, and sentences begin with "Hôm nay".
pub(super) fn spoken_day(line: &str, zone: Tz, now: DateTime<Utc>) -> Option<Stamp> {
    let found = patterns::SPOKEN.captures(line)?;
    let (whole, name) = (found.get(0)?, found.get(1)?.as_str());
    let back = ["nay", "qua", "kia"].iter().zip(0..).find(|(word, _)| **word == name).map(|(_, back)| back)?;
    let date = now.with_timezone(&zone).date_naive().checked_sub_days(Days::new(back));
    let day = [Day { span: whole.range(), date, iso: false }];
    let stamp = surroundings(line, &day).next()?.stamp(zone)?;
    (stamp.has_time || is_only_stamp(line)).then_some(stamp)
}

/// Whether "hôm nay" or "hôm qua" stands beside a time or behind the label of a posting date.
pub(super) fn is_stamp(line: &str) -> bool {
    let around = patterns::SPOKEN.find(line).map(|day| (line.get(..day.start()), line.get(day.end()..)));
    let Some((Some(before), Some(after))) = around else {
        return false;
    };
    let timed = patterns::CLOCK_AFTER.is_match(after) || patterns::CLOCK_BEFORE.is_match(before);
    timed || patterns::POSTED.is_match(before) || patterns::UPDATED.is_match(before)
}

/// "2 giờ trước", "cách đây 1 giờ 20 phút", "vừa xong". From days on the time of day means nothing
/// and is left out, so that every visit of that day gives the same.
pub(super) fn ago(line: &str, zone: Tz, now: DateTime<Utc>) -> Option<Stamp> {
    let found = if may_be_ago(line) { patterns::AGO.captures(line)? } else { return None };
    let spans = found.name("spans").or(found.name("since")).map_or("", |spans| spans.as_str());
    let mut at = now;
    let mut has_time = true;
    for span in patterns::SPAN.captures_iter(spans) {
        let (_, [count, unit]) = span.extract();
        at = earlier(at, count.parse().unwrap_or(1), unit)?;
        has_time &= matches!(unit, "giay" | "phut" | "gio" | "tieng");
    }
    let local = at.with_timezone(&zone);
    let at = if has_time { local.fixed_offset() } else { in_zone(local.date_naive(), NaiveTime::MIN, zone)? };
    Some(Stamp { at, has_time, coarse: true })
}

/// Whether a word of `AGO` occurs at all.
pub(super) fn may_be_ago(folded: &str) -> bool {
    ["truoc", "cach day", "vua xong"].iter().any(|word| folded.contains(word))
}

fn earlier(at: DateTime<Utc>, count: u32, unit: &str) -> Option<DateTime<Utc>> {
    let long = i64::from(count);
    match unit {
        "giay" => at.checked_sub_signed(TimeDelta::seconds(long)),
        "phut" => at.checked_sub_signed(TimeDelta::minutes(long)),
        "gio" | "tieng" => at.checked_sub_signed(TimeDelta::hours(long)),
        "ngay" => at.checked_sub_days(Days::new(count.into())),
        "tuan" => at.checked_sub_signed(TimeDelta::weeks(long)),
        "thang" => at.checked_sub_months(Months::new(count)),
        _ => at.checked_sub_months(Months::new(count.checked_mul(12)?)),
    }
}
