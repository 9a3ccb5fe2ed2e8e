//! What the desk says, laid out without any platform.

use chrono_tz::Tz;
use url::{Host, Url};

use super::feeds::{Feed, Plan};
use super::press::{Press, name};
use crate::channel::{Choice, Does, Reply};
use crate::entry::Slug;
use crate::phrases;
use crate::store::Stored;
use crate::subscription::Subscription;
use crate::text;

/// Buttons that are offered at once.
pub(super) const BUTTONS: usize = 8;
/// News in one answer.
pub(super) const NEWS: usize = 5;
/// More of a question is not said back.
const ECHO: usize = 60;
/// A line of an answer, in UTF-16 units.
const LINE: usize = 200;
/// Feeds that are listed by name.
const LISTED: usize = 20;

impl Plan {
    pub(super) fn title_of(&self, feed: &Slug) -> String {
        self.feeds.iter().find(|known| known.slug == *feed).map_or_else(|| feed.to_string(), |known| known.title.clone())
    }

    /// What stands under most answers.
    pub(super) fn usual(&self) -> Vec<Choice> {
        vec![
            tell(phrases::desk_button_news(self.language), &Press::News),
            tell(phrases::desk_button_mine(self.language), &Press::Mine),
            tell(phrases::desk_button_choose(self.language), &Press::Choose),
        ]
    }

    pub(super) fn help(&self) -> Reply {
        Reply { text: phrases::desk_help(self.language), choices: self.usual() }
    }

    pub(super) fn follow_button(&self, feed: &Feed) -> Choice {
        tell(phrases::desk_button_follow(self.language, &feed.title), &Press::Follow(name(&feed.slug)))
    }

    pub(super) fn leave_button(&self, feed: &Slug) -> Choice {
        tell(phrases::desk_button_leave(self.language, &self.title_of(feed)), &Press::Leave(name(feed)))
    }

    /// A feed is followed; `kept` tells of settings that hold for it from now on.
    pub(super) fn followed(&self, feed: &Feed, before: bool, kept: Option<String>) -> Reply {
        let choices = vec![
            tell(phrases::desk_button_news(self.language), &Press::News),
            self.leave_button(&feed.slug),
            tell(phrases::desk_button_help(self.language), &Press::Help),
        ];
        let text = match (before, kept) {
            (_, Some(kept)) => phrases::desk_followed_as_chosen(self.language, &feed.title, &kept),
            (true, None) => phrases::desk_followed_already(self.language, &feed.title),
            (false, None) => phrases::desk_followed(self.language, &feed.title),
        };
        Reply { text, choices }
    }

    /// All feeds where they are few, else the question for the ward.
    pub(super) fn choose(&self) -> Reply {
        if self.feeds.len() > BUTTONS {
            return Reply { text: phrases::desk_which(self.language, &self.title), choices: Vec::new() };
        }
        Reply {
            text: phrases::desk_choose(self.language, &self.title),
            choices: self.feeds.iter().map(|feed| self.follow_button(feed)).collect(),
        }
    }

    pub(super) fn these(&self, found: &[&Feed]) -> Reply {
        let shown = found.len().min(BUTTONS);
        let choices = found.iter().take(BUTTONS).map(|feed| self.follow_button(feed)).collect();
        Reply { text: phrases::desk_meant(self.language, found.len(), shown), choices }
    }

    pub(super) fn none_meant(&self, said: &str) -> Reply {
        Reply { text: phrases::desk_none_meant(self.language, &echo(said)), choices: Vec::new() }
    }

    pub(super) fn stopped(&self, feeds: &[Slug]) -> Reply {
        let titles: Vec<String> = feeds.iter().take(LISTED).map(|feed| self.title_of(feed)).collect();
        let again = feeds.iter().filter_map(|feed| self.feeds.iter().find(|known| known.slug == *feed));
        let choices = again.take(BUTTONS).map(|feed| self.follow_button(feed)).collect();
        Reply { text: phrases::desk_stopped(self.language, &titles.join(", ")), choices }
    }

    pub(super) fn nothing(&self) -> Reply {
        Reply {
            text: phrases::desk_nothing(self.language),
            choices: vec![tell(phrases::desk_button_choose(self.language), &Press::Choose)],
        }
    }

    /// What is followed; `own` stands for what people made here themselves, and can change.
    pub(super) fn mine(&self, feeds: &[Slug], own: Option<&Subscription>) -> Reply {
        let titles: Vec<String> = feeds.iter().take(LISTED).map(|feed| format!("• {}", self.title_of(feed))).collect();
        let mut choices = if own.is_some() { self.settings_buttons() } else { Vec::new() };
        let room = BUTTONS - 1 - choices.len();
        choices.extend(feeds.iter().take(room).map(|feed| self.leave_button(feed)));
        if feeds.len() > 1 {
            choices.push(tell(phrases::desk_button_leave_all(self.language), &Press::LeaveAll));
        }
        let followed = phrases::desk_mine(self.language, &titles.join("\n"));
        let text = std::iter::once(followed).chain(own.map(|own| self.settings(own))).collect::<Vec<_>>().join("\n\n");
        Reply { text, choices }
    }

    pub(super) fn plain(text: String) -> Reply {
        Reply { text, choices: Vec::new() }
    }

    pub(super) fn news(&self, entries: &[Stored]) -> Reply {
        if entries.is_empty() {
            return Self::plain(phrases::desk_no_news(self.language));
        }
        Reply { text: self.listed(&phrases::desk_newest(self.language), entries), choices: Vec::new() }
    }

    pub(super) fn found(&self, question: &str, entries: &[Stored], more: bool) -> Reply {
        if entries.is_empty() {
            return Reply { text: phrases::desk_found_none(self.language, &echo(question)), choices: self.usual() };
        }
        // The address of an example leads nowhere on a phone.
        let reachable = matches!(self.base.host(), Some(Host::Domain(name)) if name != "localhost");
        let page = self.base.join("tim").ok().filter(|_| more && reachable).map(|mut page| {
            page.query_pairs_mut().append_pair("q", question);
            page
        });
        let open = |page: Url| Choice { label: phrases::desk_button_more(self.language), does: Does::Open(page) };
        Reply {
            text: self.listed(&phrases::desk_found(self.language, &echo(question)), entries),
            choices: page.into_iter().map(open).collect(),
        }
    }

    pub(super) fn hello(&self) -> Reply {
        let choices = match self.feeds.as_slice() {
            [only] => vec![self.follow_button(only)],
            _ => vec![tell(phrases::desk_button_choose(self.language), &Press::Choose)],
        };
        Reply { text: phrases::desk_hello(self.language, &self.title), choices }
    }

    fn listed(&self, head: &str, entries: &[Stored]) -> String {
        let several = self.feeds.len() > 1;
        let one = |stored: &Stored| {
            let from = several.then(|| self.title_of(&stored.source));
            let told: Vec<String> = from.into_iter().chain(day(stored, self.zone)).collect();
            let told = if told.is_empty() { String::new() } else { format!(" ({})", told.join(", ")) };
            format!("• {}{told}\n{}", text::cut(&text::line(&stored.entry.title), LINE), stored.link(&self.base))
        };
        let all: Vec<String> = entries.iter().take(NEWS).map(one).collect();
        format!("{head}\n\n{}", all.join("\n\n"))
    }
}

pub(super) fn tell(label: String, press: &Press) -> Choice {
    Choice { label: text::cut(&text::line(&label), 60), does: Does::Tell(press.written()) }
}

fn day(stored: &Stored, zone: Tz) -> Option<String> {
    Some(stored.entry.published?.with_timezone(&zone).format("%d/%m/%Y").to_string())
}

fn echo(said: &str) -> String {
    text::cut(&text::line(said), ECHO)
}
