//! What a button carries, in the 64 bytes that it may. Nothing in it says whose chat it is about:
//! a press is about the chat that it was made in, so a forged one can say no more than words can.

use chrono::{NaiveTime, Weekday};
use uuid::Uuid;

use super::hours::Span;
use super::settings::{Menu, Rhythm, Setting};
use super::topics::Pick;
use crate::entry::Slug;
use crate::text;

/// The longest name of a feed that is carried as it is.
const LONGEST: usize = 60;

/// What was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Press {
    /// Follow this feed.
    Follow(String),
    /// Leave it.
    Leave(String),
    /// Leave all.
    LeaveAll,
    /// The newest news.
    News,
    /// What is followed.
    Mine,
    /// Which feeds there are.
    Choose,
    /// How it works.
    Help,
    /// Change a setting.
    Set(Setting),
    /// Which settings there are of one kind.
    Ask(Menu),
}

impl Press {
    /// As a button carries it.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Follow(name) => format!("f:{name}"),
            Self::Leave(name) => format!("l:{name}"),
            Self::LeaveAll => "l*".to_owned(),
            Self::News => "n".to_owned(),
            Self::Mine => "m".to_owned(),
            Self::Choose => "w".to_owned(),
            Self::Help => "h".to_owned(),
            Self::Set(setting) => format!("s:{}", written(setting)),
            Self::Ask(menu) => format!("a:{}", letter(*menu)),
        }
    }

    /// From what came back; `None` for what no button of ours carries.
    pub(super) fn read(data: &str) -> Option<Self> {
        match data.split_once(':') {
            Some(("f", name)) => Some(Self::Follow(name.to_owned())),
            Some(("l", name)) => Some(Self::Leave(name.to_owned())),
            Some(("s", written)) => read(written).map(Self::Set),
            Some(("a", written)) => MENUS.iter().find(|menu| letter(**menu) == written).map(|menu| Self::Ask(*menu)),
            Some(_) => None,
            None => [Self::LeaveAll, Self::News, Self::Mine, Self::Choose, Self::Help].into_iter().find(|press| press.written() == data),
        }
    }
}

const MENUS: [Menu; 5] = [Menu::Quiet, Menu::Silence, Menu::Gather, Menu::Topics, Menu::Sections];
const PICKS: [(char, Pick); 4] = [('=', Pick::Only), ('+', Pick::More), ('-', Pick::Less), ('!', Pick::Without)];

const fn letter(menu: Menu) -> &'static str {
    match menu {
        Menu::Quiet => "q",
        Menu::Silence => "x",
        Menu::Gather => "g",
        Menu::Topics => "t",
        Menu::Sections => "c",
    }
}

fn hour(at: NaiveTime) -> String {
    at.format("%H%M").to_string()
}

fn read_hour(written: &str) -> Option<NaiveTime> {
    NaiveTime::parse_from_str(written, "%H%M").ok()
}

fn read_span(written: &str) -> Option<Span> {
    let (from, to) = written.split_once('-')?;
    let (from, to) = (read_hour(from)?, read_hour(to)?);
    (from != to).then_some(Span { from, to })
}

fn written(setting: &Setting) -> String {
    match setting {
        Setting::Quiet(spans) => {
            let one = |span: &Span| format!("{}-{}", hour(span.from), hour(span.to));
            format!("q{}", spans.iter().map(one).collect::<Vec<_>>().join("+"))
        }
        Setting::Gather(None) => "g".to_owned(),
        Setting::Gather(Some(Rhythm { weekday, at })) => {
            let day = weekday.map(|day| format!(".{}", day.num_days_from_monday())).unwrap_or_default();
            format!("g{}{day}", at.iter().map(|at| hour(*at)).collect::<Vec<_>>().join("+"))
        }
        Setting::Topics(pick, topics) => {
            let sign = PICKS.iter().find(|(_, known)| known == pick).map_or('=', |(sign, _)| *sign);
            format!("t{sign}{}", topics.join("|"))
        }
        Setting::Section(wanted, name) => format!("c{}{name}", if *wanted { '+' } else { '-' }),
        Setting::AllTopics => "t".to_owned(),
    }
}

fn read(written: &str) -> Option<Setting> {
    let mut chars = written.chars();
    let (kind, rest) = (chars.next()?, chars.as_str());
    match (kind, rest) {
        ('q', "") => Some(Setting::Quiet(Vec::new())),
        ('g', "") => Some(Setting::Gather(None)),
        ('t', "") => Some(Setting::AllTopics),
        ('q', hours) => hours.split('+').map(read_span).collect::<Option<_>>().map(Setting::Quiet),
        ('g', rhythm) => {
            let (hours, day) = rhythm.split_once('.').map_or((rhythm, None), |(hours, day)| (hours, Some(day)));
            let weekday = day.map(|day| Weekday::try_from(day.parse::<u8>().ok()?).ok());
            let at = hours.split('+').map(read_hour).collect::<Option<Vec<_>>>()?;
            Some(Setting::Gather(Some(Rhythm { weekday: weekday.map_or(Some(None), |day| day.map(Some))?, at })))
        }
        ('t', topics) => {
            let (sign, topics) = topics.split_at_checked(1)?;
            let (_, pick) = PICKS.iter().find(|(known, _)| sign.starts_with(*known))?;
            (!topics.is_empty()).then(|| Setting::Topics(*pick, topics.split('|').map(str::to_owned).collect()))
        }
        ('c', section) => {
            let (sign, name) = section.split_at_checked(1)?;
            (matches!(sign, "+" | "-") && !name.is_empty()).then(|| Setting::Section(sign == "+", name.to_owned()))
        }
        _ => None,
    }
}

/// A section of the site as buttons name it.
pub(super) fn section(name: &str) -> String {
    let hash = Uuid::new_v5(&Uuid::NAMESPACE_URL, text::slug(name).as_bytes()).simple().to_string();
    hash.get(..12).unwrap_or_default().to_owned()
}

/// A feed as buttons and links name it: by its name, or where that is long by a part of its hash.
#[must_use]
pub fn name(feed: &Slug) -> String {
    let own = feed.as_str();
    if own.len() <= LONGEST {
        return own.to_owned();
    }
    let hash = Uuid::new_v5(&Uuid::NAMESPACE_URL, own.as_bytes()).simple().to_string();
    format!("_{}", hash.get(..16).unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_carries_comes_back_and_fits() {
        let long = name(&Slug::new(&"a".repeat(64)).unwrap());
        let at = |hour| NaiveTime::from_hms_opt(hour, 30, 0).unwrap();
        let rhythm = |weekday| Setting::Gather(Some(Rhythm { weekday, at: vec![at(7), at(17)] }));
        let settings = [
            Setting::Quiet(Vec::new()),
            Setting::Quiet(vec![Span { from: at(22), to: at(6) }]),
            Setting::Quiet(vec![Span { from: at(22), to: at(6) }, Span { from: at(11), to: at(13) }]),
            Setting::Gather(None),
            rhythm(None),
            rhythm(Some(Weekday::Sun)),
            Setting::Topics(Pick::Only, vec!["dien".into(), "nuoc".into()]),
            Setting::Topics(Pick::Less, vec!["họp tổ".into()]),
            Setting::Section(false, section("Thông báo")),
            Setting::AllTopics,
        ];
        let all =
            [Press::Follow(long), Press::Leave("tho-quan".into()), Press::LeaveAll, Press::News, Press::Mine, Press::Choose, Press::Help];
        for press in all.into_iter().chain(settings.map(Press::Set)).chain(MENUS.map(Press::Ask)) {
            assert!(press.written().len() <= 64);
            assert_eq!(Press::read(&press.written()), Some(press));
        }
        for forged in [
            "unsub:-100123",
            "",
            "x",
            "l",
            "f",
            "lx:",
            "s:",
            "s:q2200",
            "s:q2200-2200",
            "s:g9900",
            "s:g0700.9",
            "s:t=",
            "s:t?x",
            "s:c",
            "a:z",
        ] {
            assert_eq!(Press::read(forged), None, "{forged}");
        }
    }
}
