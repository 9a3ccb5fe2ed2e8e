//! When: cron in the site's zone, and quiet hours. The time is always an argument.

use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, Datelike, NaiveTime, TimeDelta, TimeZone, Timelike, Utc, Weekday};
use chrono_tz::Tz;

/// Where the loops get the time from.
pub type Clock = Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>;

/// A cron schedule by Unix rules in one zone: five fields, or six with seconds in front, or a
/// name such as `@daily`. Sunday is 0 or 7; day of month and weekday together mean either.
#[derive(Debug, Clone)]
pub struct Schedule {
    written: String,
    zone: Tz,
    /// More than one where day of month and weekday are both restricted.
    any_of: Vec<cron::Schedule>,
}

impl PartialEq for Schedule {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written && self.zone == other.zone
    }
}

impl Eq for Schedule {}

/// Why a schedule was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScheduleError {
    /// Neither five nor six fields, nor a known name.
    Fields(usize),
    /// `L`, `W`, `#`, `?` and other extensions that other programs read in other ways.
    Extension(char),
    /// A field that cannot be read.
    Field(String),
    /// It parses, but that day never comes (31 February).
    Never,
}

impl Schedule {
    /// Reads a crontab line.
    ///
    /// # Errors
    /// See [`ScheduleError`].
    pub fn parse(written: &str, zone: Tz) -> Result<Self, ScheduleError> {
        let any_of = expand(written.trim())?
            .iter()
            .map(|line| cron::Schedule::from_str(line).map_err(|_| ScheduleError::Field(written.trim().to_owned())))
            .collect::<Result<Vec<_>, _>>()?;
        let schedule = Self { written: written.trim().to_owned(), zone, any_of };
        let epoch = DateTime::<Utc>::UNIX_EPOCH;
        schedule.next_after(epoch).ok_or(ScheduleError::Never)?;
        Ok(schedule)
    }

    /// As it was written.
    #[must_use]
    pub fn written(&self) -> &str {
        &self.written
    }

    /// The first time strictly after `now`; `None` where the calendar ends.
    #[must_use]
    pub fn next_after(&self, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = now.with_timezone(&self.zone);
        self.any_of.iter().filter_map(|s| s.after(&local).next()).min().map(|t| t.with_timezone(&Utc))
    }

    /// The shortest pause among the next 100 visits, to refuse schedules that would hammer a site.
    #[must_use]
    pub fn shortest_pause(&self, now: DateTime<Utc>) -> Option<TimeDelta> {
        let times: Vec<_> = std::iter::successors(self.next_after(now), |t| self.next_after(*t)).take(100).collect();
        times.iter().zip(times.iter().skip(1)).map(|(a, b)| *b - *a).min()
    }
}

const NAMES: &[(&str, &str)] = &[
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];
const MONTHS: &[&str] = &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: &[&str] = &["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The lines of the cron crate's dialect that together mean the same.
fn expand(written: &str) -> Result<Vec<String>, ScheduleError> {
    let lower = written.to_ascii_lowercase();
    let line = NAMES.iter().find(|(name, _)| *name == lower).map_or(lower.as_str(), |(_, fields)| fields);
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let (second, rest) = match fields.as_slice() {
        [minute, hour, day, month, weekday] => ("0", [*minute, *hour, *day, *month, *weekday]),
        [second, minute, hour, day, month, weekday] => (*second, [*minute, *hour, *day, *month, *weekday]),
        other => return Err(ScheduleError::Fields(other.len())),
    };
    let [minute, hour, day, month, weekday] = rest;
    let second = Field { low: 0, high: 59, names: &[] }.values(second)?;
    let minute = Field { low: 0, high: 59, names: &[] }.values(minute)?;
    let hour = Field { low: 0, high: 23, names: &[] }.values(hour)?;
    let days = Field { low: 1, high: 31, names: &[] }.values(day)?;
    let month = Field { low: 1, high: 12, names: MONTHS }.values(month)?;
    let weekdays = weekday_names(&Field { low: 0, high: 7, names: DAYS }.numbers(weekday)?);
    let head = format!("{second} {minute} {hour}");
    // As in Vixie cron: a field that begins with * does not restrict, else either of the two will do.
    if day.starts_with('*') || weekday.starts_with('*') {
        return Ok(vec![format!("{head} {days} {month} {weekdays}")]);
    }
    Ok(vec![format!("{head} {days} {month} *"), format!("{head} * {month} {weekdays}")])
}

fn weekday_names(numbers: &[u32]) -> String {
    let mut names: Vec<&str> = numbers.iter().filter_map(|n| DAYS.get((*n % 7) as usize).copied()).collect();
    names.sort_unstable();
    names.dedup();
    names.join(",")
}

/// One field of a crontab line.
struct Field {
    low: u32,
    high: u32,
    names: &'static [&'static str],
}

impl Field {
    fn values(&self, written: &str) -> Result<String, ScheduleError> {
        Ok(self.numbers(written)?.iter().map(u32::to_string).collect::<Vec<_>>().join(","))
    }

    fn numbers(&self, written: &str) -> Result<Vec<u32>, ScheduleError> {
        let mut numbers = Vec::new();
        for part in written.split(',') {
            numbers.extend(self.range(part)?);
        }
        numbers.sort_unstable();
        numbers.dedup();
        Ok(numbers)
    }

    fn range(&self, part: &str) -> Result<Vec<u32>, ScheduleError> {
        let bad = || ScheduleError::Field(part.to_owned());
        let (span, step) = match part.split_once('/') {
            Some((span, step)) => (span, Some(digits(step).filter(|s| *s > 0).ok_or_else(bad)?)),
            None => (part, None),
        };
        let (from, to) = match span.split_once('-') {
            None if span == "*" => (self.low, self.high),
            None => {
                let only = self.number(span)?;
                (only, if step.is_some() { self.high } else { only })
            }
            Some((from, to)) => (self.number(from)?, self.number(to)?),
        };
        if from > to {
            return Err(bad());
        }
        Ok((from..=to).step_by(step.unwrap_or(1) as usize).collect())
    }

    fn number(&self, written: &str) -> Result<u32, ScheduleError> {
        if let Some(place) = self.names.iter().position(|name| *name == written) {
            return Ok(u32::try_from(place).unwrap_or_default() + self.low);
        }
        if let Some(n) = digits(written) {
            return if (self.low..=self.high).contains(&n) { Ok(n) } else { Err(ScheduleError::Field(written.to_owned())) };
        }
        match written.chars().find(|c| matches!(c, 'l' | 'w' | '#' | '?')) {
            Some(c) => Err(ScheduleError::Extension(c.to_ascii_uppercase())),
            None => Err(ScheduleError::Field(written.to_owned())),
        }
    }
}

fn digits(written: &str) -> Option<u32> {
    let all = !written.is_empty() && written.bytes().all(|b| b.is_ascii_digit());
    all.then(|| written.parse().ok()).flatten()
}

/// Hours in which nothing is sent, e.g. `22:00-06:00` (over midnight allowed), or several of them:
/// `22:00-06:00, 11:30-13:30`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quiet {
    hours: Vec<(NaiveTime, NaiveTime)>,
    zone: Tz,
}

impl Quiet {
    /// Reads `HH:MM-HH:MM`, or several with commas between; `None` where it is anything else or empty.
    #[must_use]
    pub fn parse(written: &str, zone: Tz) -> Option<Self> {
        let time = |s: &str| NaiveTime::parse_from_str(s.trim(), "%H:%M").ok();
        let hours = written.split(',').map(|hours| {
            let (from, to) = hours.split_once('-')?;
            Some((time(from)?, time(to)?))
        });
        Self::of(hours.collect::<Option<_>>()?, zone)
    }

    /// From times of the day to others; `None` where two are the same, or there are none.
    #[must_use]
    pub fn of(hours: Vec<(NaiveTime, NaiveTime)>, zone: Tz) -> Option<Self> {
        (!hours.is_empty() && hours.iter().all(|(from, to)| from != to)).then_some(Self { hours, zone })
    }

    /// When they begin and end.
    #[must_use]
    pub fn hours(&self) -> &[(NaiveTime, NaiveTime)] {
        &self.hours
    }

    /// As [`Quiet::parse`] reads it.
    #[must_use]
    pub fn written(&self) -> String {
        let one = |(from, to): &(NaiveTime, NaiveTime)| format!("{}-{}", from.format("%H:%M"), to.format("%H:%M"));
        self.hours.iter().map(one).collect::<Vec<_>>().join(", ")
    }

    /// Whether it is quiet at this time of the day.
    #[must_use]
    pub fn is_at(&self, time: NaiveTime) -> bool {
        self.hours.iter().any(|hours| holds(*hours, time))
    }

    /// The first time at or after `at` that is not quiet.
    #[must_use]
    pub fn clear(&self, at: DateTime<Utc>) -> DateTime<Utc> {
        // The end of some may lie in others.
        (0..self.hours.len()).fold(at, |at, _| self.hours.iter().fold(at, |at, hours| self.end(*hours, at)))
    }

    /// The end of these hours, where `at` is in them.
    fn end(&self, (from, to): (NaiveTime, NaiveTime), at: DateTime<Utc>) -> DateTime<Utc> {
        let local = at.with_timezone(&self.zone);
        if !holds((from, to), local.time()) {
            return at;
        }
        let day = if from > to && local.time() >= from { local.date_naive() + TimeDelta::days(1) } else { local.date_naive() };
        let end = day.and_time(to);
        self.zone.from_local_datetime(&end).earliest().map_or(at, |t| t.with_timezone(&Utc))
    }
}

/// Whether a time is in these hours, which may go over midnight.
fn holds((from, to): (NaiveTime, NaiveTime), time: NaiveTime) -> bool {
    if from > to { time >= from || time < to } else { time >= from && time < to }
}

/// A time as people in Việt Nam write it: `16:30, Thứ Ba 17/09/2019`. Midnight is what a date
/// without a time became, so it is not said.
#[must_use]
pub fn spoken(at: DateTime<Utc>, zone: Tz) -> String {
    let local = at.with_timezone(&zone);
    let weekday = match local.weekday() {
        Weekday::Mon => "Thứ Hai",
        Weekday::Tue => "Thứ Ba",
        Weekday::Wed => "Thứ Tư",
        Weekday::Thu => "Thứ Năm",
        Weekday::Fri => "Thứ Sáu",
        Weekday::Sat => "Thứ Bảy",
        Weekday::Sun => "Chủ nhật",
    };
    let day = format!("{weekday} {}", local.format("%d/%m/%Y"));
    if local.num_seconds_from_midnight() == 0 { day } else { format!("{}, {day}", local.format("%H:%M")) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const ZONE: Tz = chrono_tz::Asia::Ho_Chi_Minh;

    fn at(local: &str) -> DateTime<Utc> {
        let naive = chrono::NaiveDateTime::parse_from_str(local, "%Y-%m-%d %H:%M").unwrap();
        ZONE.from_local_datetime(&naive).unwrap().with_timezone(&Utc)
    }

    fn check(cron: &str, now: &str, want: &str) {
        assert_eq!(Schedule::parse(cron, ZONE).unwrap().next_after(at(now)), Some(at(want)), "{cron} after {now}");
    }

    #[test]
    fn crontab_habits_hold() {
        check("0 7,17 * * *", "2026-11-22 07:00", "2026-11-22 17:00");
        check("*/10 6-22 * * *", "2026-11-22 22:55", "2026-11-23 06:00");
        check("0 7 * * 1", "2026-11-22 08:00", "2026-11-23 07:00");
        check("0 7 * * 0", "2026-11-21 08:00", "2026-11-22 07:00");
        check("0 7 * * 7", "2026-11-21 08:00", "2026-11-22 07:00");
        check("0 7 * * Mon-Fri", "2026-11-21 08:00", "2026-11-23 07:00");
        check("0 7 1 * Mon", "2026-11-22 08:00", "2026-11-23 07:00");
        check("0 7 1 * Mon", "2026-11-30 08:00", "2026-12-01 07:00");
        check("0 0 7 * * *", "2026-11-22 08:00", "2026-11-23 07:00");
        check("@daily", "2026-11-22 08:00", "2026-11-23 00:00");
        check("@hourly", "2026-11-22 08:59", "2026-11-22 09:00");
        check("5/20 8 * * *", "2026-11-22 08:06", "2026-11-22 08:25");
    }

    #[test]
    fn what_other_programs_read_otherwise_is_refused() {
        for (cron, want) in [
            ("0 7 L * *", ScheduleError::Extension('L')),
            ("0 7 * * 1#2", ScheduleError::Extension('#')),
            ("0 7 15W * *", ScheduleError::Extension('W')),
            ("0 7 31 2 *", ScheduleError::Never),
            ("0 7 * *", ScheduleError::Fields(4)),
            ("", ScheduleError::Fields(0)),
            ("60 7 * * *", ScheduleError::Field("60".into())),
            ("9-5 7 * * *", ScheduleError::Field("9-5".into())),
            ("*/0 7 * * *", ScheduleError::Field("*/0".into())),
            ("@reboot", ScheduleError::Fields(1)),
        ] {
            assert_eq!(Schedule::parse(cron, ZONE), Err(want), "{cron}");
        }
    }

    #[test]
    fn quiet_hours_hold_until_morning() {
        let quiet = Quiet::parse("22:00-06:00", ZONE).unwrap();
        assert_eq!(quiet.clear(at("2026-11-22 21:59")), at("2026-11-22 21:59"));
        assert_eq!(quiet.clear(at("2026-11-22 22:00")), at("2026-11-23 06:00"));
        assert_eq!(quiet.clear(at("2026-11-23 05:59")), at("2026-11-23 06:00"));
        assert_eq!(quiet.clear(at("2026-11-23 06:00")), at("2026-11-23 06:00"));
        let noon = Quiet::parse("12:00-13:30", ZONE).unwrap();
        assert_eq!(noon.clear(at("2026-11-23 12:10")), at("2026-11-23 13:30"));
        let both = Quiet::parse("22:00-06:00, 05:30-07:00,11:30-13:30", ZONE).unwrap();
        assert_eq!(both.written(), "22:00-06:00, 05:30-07:00, 11:30-13:30");
        assert_eq!(both.clear(at("2026-11-22 22:00")), at("2026-11-23 07:00"), "one ends in another");
        assert_eq!(both.clear(at("2026-11-23 12:00")), at("2026-11-23 13:30"));
        assert_eq!(both.clear(at("2026-11-23 08:00")), at("2026-11-23 08:00"));
        assert!(Quiet::parse("06:00-06:00", ZONE).is_none() && Quiet::parse("22:00-06:00,", ZONE).is_none());
        assert!(Quiet::parse("22h-6h", ZONE).is_none());
    }

    #[test]
    fn a_schedule_knows_how_often_it_comes() {
        let every_second = Schedule::parse("* * * * * *", ZONE).unwrap();
        assert_eq!(every_second.shortest_pause(at("2026-11-22 08:00")), Some(TimeDelta::seconds(1)));
    }

    #[test]
    fn times_are_written_as_people_say_them() {
        assert_eq!(spoken(at("2019-09-17 16:30"), ZONE), "16:30, Thứ Ba 17/09/2019");
        assert_eq!(spoken(at("2019-09-17 00:00"), ZONE), "Thứ Ba 17/09/2019");
    }
}
