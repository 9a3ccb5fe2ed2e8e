//! What people want of the hours and the rhythm of what they get, in their words. A sentence is
//! taken for a wish only where every word of it has a meaning: "ban đêm đừng nhắn" is one, "hôm nay
//! cúp điện lúc 22h à?" is not.

use chrono::{NaiveTime, Timelike as _, Weekday};

use super::days::{PARTS, Part, WEEKDAYS};
use super::hours::{Read, Said, Span, longest, span, time};
use super::sayings::{Mark, PHRASES};
use super::topics::Pick;
use crate::schedule::Schedule;

/// Something about the messages of a chat that its people can change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Setting {
    /// Hours in which nothing is sent; there may be none.
    Quiet(Vec<Span>),
    /// What comes is gathered; `None`: it is sent at once.
    Gather(Option<Rhythm>),
    /// Which news is wanted.
    Topics(Pick, Vec<String>),
    /// News of a section of the site: wanted from now on, or no longer; by the name on its button.
    Section(bool, String),
    /// All news is.
    AllTopics,
}

/// When what was gathered is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rhythm {
    /// Once a week; `None`: every day.
    pub(super) weekday: Option<Weekday>,
    /// All at the same minute.
    pub(super) at: Vec<NaiveTime>,
}

impl Rhythm {
    /// As a schedule writes it.
    pub(super) fn cron(&self) -> String {
        let hours: Vec<String> = self.at.iter().map(|at| at.hour().to_string()).collect();
        let minute = self.at.first().map_or(0, |at| at.minute());
        let day = self.weekday.map_or("*".to_owned(), |day| day.num_days_from_sunday().to_string());
        format!("{minute} {} * * {day}", hours.join(","))
    }

    /// From a schedule; `None` where an admin wrote another.
    pub(super) fn of(schedule: &Schedule) -> Option<Self> {
        let fields: Vec<&str> = schedule.written().split(' ').collect();
        let [minute, hours, "*", "*", day] = fields.as_slice() else { return None };
        let minute = minute.parse().ok()?;
        let at = hours.split(',').map(|hour| NaiveTime::from_hms_opt(hour.parse().ok()?, minute, 0)).collect::<Option<_>>()?;
        let weekday = match *day {
            "*" => None,
            day => Some(Weekday::try_from((day.parse::<u8>().ok()? + 6) % 7).ok()?),
        };
        Some(Self { weekday, at })
    }
}

/// A question about one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Menu {
    /// When it is to be quiet.
    Quiet,
    /// The same, or nothing more at all: "đừng nhắn nữa".
    Silence,
    /// When what is gathered is sent.
    Gather,
    /// Which topics.
    Topics,
    /// Which sections of the site.
    Sections,
}

/// What a sentence says of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meant {
    Set(Setting),
    /// Likely this, and better asked.
    Unsure(Setting),
    Ask(Menu),
}

/// In a day it can be quiet so many times.
const MOST: usize = 4;

/// Everything that a sentence says, in whichever order.
#[derive(Debug, Default)]
struct Heap {
    marks: Vec<Mark>,
    spans: Vec<Read<Span>>,
    times: Vec<Said>,
    parts: Vec<Part>,
    weekdays: Vec<Weekday>,
    unknown: Vec<String>,
    asks: bool,
}

impl Heap {
    fn of(pieces: &[String]) -> Self {
        let (mut heap, mut rest) = (Self::default(), pieces);
        while let Some((first, behind)) = rest.split_first() {
            rest = heap.take(rest).unwrap_or_else(|| {
                heap.unknown.push(first.clone());
                behind
            });
        }
        heap.asks = heap.has_unknown("?");
        heap.unknown.retain(|piece| piece != "?");
        heap
    }

    /// What stands behind the next thing that is understood.
    fn take<'a>(&mut self, pieces: &'a [String]) -> Option<&'a [String]> {
        if let Some((read, rest)) = span(pieces) {
            self.spans.push(read);
            return Some(rest);
        }
        if let Some((day, rest)) = longest(pieces, WEEKDAYS) {
            self.weekdays.push(day);
            return Some(rest);
        }
        if let Some((said, rest)) = time(pieces) {
            self.times.push(said);
            return Some(rest);
        }
        let (mark, part) = (longest(pieces, PHRASES), longest(pieces, PARTS));
        match (mark, part) {
            (Some((mark, rest)), None) => self.note(mark, rest),
            (Some((mark, rest)), Some((_, longer))) if rest.len() < longer.len() => self.note(mark, rest),
            (_, Some((part, rest))) => {
                self.parts.push(part);
                Some(rest)
            }
            (None, None) => None,
        }
    }

    fn note<'a>(&mut self, mark: Mark, rest: &'a [String]) -> Option<&'a [String]> {
        self.marks.push(mark);
        Some(rest)
    }

    fn has(&self, mark: Mark) -> bool {
        self.marks.contains(&mark)
    }

    fn has_unknown(&self, word: &str) -> bool {
        self.unknown.iter().any(|piece| piece == word)
    }

    fn says_when(&self) -> bool {
        !self.spans.is_empty() || !self.times.is_empty() || !self.parts.is_empty() || !self.weekdays.is_empty()
    }

    /// The hours that are named.
    fn hours(&self) -> Option<Read<Vec<Span>>> {
        let mut what: Vec<Span> = self.spans.iter().map(|read| read.what).collect();
        let mut sure = self.spans.iter().all(|read| read.sure);
        for part in self.parts.iter().filter_map(|part| part.span()) {
            // "Ban đêm từ 10h đến 6h" says the same twice.
            if what.iter().any(|span| span.overlaps(part)) {
                sure = true;
            } else {
                what.push(part);
            }
        }
        (!what.is_empty() && what.len() <= MOST && self.times.is_empty()).then_some(Read { what, sure })
    }

    /// The times at which something is to come; those of the part of the day where none is said.
    fn rhythm(&self) -> Option<Rhythm> {
        let part = if let [part] = self.parts.as_slice() { Some(*part) } else { None };
        let mut at: Vec<NaiveTime> = self.times.iter().filter_map(|said| said.within(part)).collect();
        if at.is_empty() {
            at.push(part.unwrap_or(Part::Morning).moment()?);
        }
        at.sort_unstable();
        at.dedup();
        let weekly = self.has(Mark::Weekly) || !self.weekdays.is_empty();
        let weekday = weekly.then(|| self.weekdays.first().copied().unwrap_or(Weekday::Mon));
        let alike = at.iter().all(|time| Some(time.minute()) == at.first().map(|first| first.minute()));
        let plain = self.spans.is_empty() && self.parts.len() < 2 && self.weekdays.len() < 2 && alike;
        plain.then_some(Rhythm { weekday, at })
    }

    fn is_question(&self) -> bool {
        self.asks && !self.has(Mark::Request)
    }

    fn meant(&self) -> Option<Meant> {
        if self.is_question() || !self.unknown.is_empty() {
            return None;
        }
        let hush = self.has(Mark::Hush) || self.has(Mark::Calm) || self.has(Mark::Cease);
        let gather = self.has(Mark::Gather) || self.has(Mark::Digest);
        let several = usize::from(hush) + usize::from(gather || self.has(Mark::AtOnce)) + usize::from(self.has(Mark::AllTopics));
        match several {
            _ if self.has(Mark::AnyTime) => (several == 0).then_some(Meant::Set(Setting::Quiet(Vec::new()))),
            0 => self.plainly(),
            1 if hush => self.hushed(),
            1 if self.has(Mark::AllTopics) => (!self.says_when()).then_some(Meant::Set(Setting::AllTopics)),
            1 if gather => self.gathered(),
            1 => (!self.says_when()).then_some(Meant::Set(Setting::Gather(None))),
            _ => None,
        }
    }

    fn hushed(&self) -> Option<Meant> {
        match self.hours() {
            Some(Read { what, sure: true }) => Some(Meant::Set(Setting::Quiet(what))),
            Some(Read { what, sure: false }) => Some(Meant::Unsure(Setting::Quiet(what))),
            None if self.has(Mark::Calm) => Some(Meant::Ask(Menu::Quiet)),
            None if self.has(Mark::Hush) => Some(Meant::Ask(if self.says_when() { Menu::Quiet } else { Menu::Silence })),
            None => self.says_when().then_some(Meant::Ask(Menu::Quiet)),
        }
    }

    fn gathered(&self) -> Option<Meant> {
        let told = self.says_when() || self.has(Mark::Every) || self.has(Mark::Weekly);
        // "Tổng hợp", "một lần" alone may be words to look for.
        if !told {
            return self.has(Mark::Gather).then_some(Meant::Ask(Menu::Gather));
        }
        Some(self.rhythm().map_or(Meant::Ask(Menu::Gather), |rhythm| Meant::Set(Setting::Gather(Some(rhythm)))))
    }

    /// Without a word for what is wanted: "mỗi sáng 7h", "gửi lúc 7h".
    fn plainly(&self) -> Option<Meant> {
        if let Some(menu) = self.marks.iter().find_map(|mark| if let Mark::Menu(menu) = mark { Some(*menu) } else { None }) {
            return (!self.says_when()).then_some(Meant::Ask(menu));
        }
        let (often, timed, sends) = (self.has(Mark::Every) || self.has(Mark::Weekly), !self.times.is_empty(), self.has(Mark::Send));
        let gather = || Some(Setting::Gather(Some(self.rhythm()?)));
        match (often, timed, sends) {
            (true, true, _) => gather().map(Meant::Set),
            (true, false, true) if !self.parts.is_empty() || self.has(Mark::Weekly) => gather().map(Meant::Set),
            (true, false, true) | (false, true, true) => gather().map(Meant::Unsure),
            (_, _, _) => None,
        }
    }

    /// What a sentence with other words in it most likely is.
    fn likely(&self) -> Option<Meant> {
        if self.is_question() || self.has_unknown("về") || self.has_unknown("ve") || self.unknown.len() > 5 || self.has(Mark::AtOnce) {
            return None;
        }
        if self.has(Mark::Hush) && !self.has(Mark::Gather) {
            return self.hours().map(|read| Meant::Unsure(Setting::Quiet(read.what)));
        }
        let gathers = self.has(Mark::Gather) && (self.has(Mark::Every) || self.has(Mark::Weekly) || !self.times.is_empty());
        gathers.then(|| self.rhythm().map(|rhythm| Meant::Unsure(Setting::Gather(Some(rhythm))))).flatten()
    }
}

/// What these words say of hours and rhythm, if anything.
pub(super) fn setting(pieces: &[String]) -> Option<Meant> {
    Heap::of(pieces).meant()
}

/// What they most likely say, where some of them are understood.
pub(super) fn likely(pieces: &[String]) -> Option<Meant> {
    let heap = Heap::of(pieces);
    if heap.unknown.is_empty() { None } else { heap.likely() }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
