//! What the desk says of settings, and the buttons that change them. What a button does its words
//! do as well, for platforms without buttons.

use chrono::NaiveTime;

use super::days::Part;
use super::feeds::Plan;
use super::hours::{Span, clock};
use super::press::{Press, section};
use super::replies::{BUTTONS, tell};
use super::settings::{Menu, Rhythm, Setting};
use super::topics::{Pick, TOPICS, names};
use crate::channel::{Choice, Reply};
use crate::phrases;
use crate::subscription::{Filter, Subscription};

/// What a button can carry.
const CARRIED: usize = 64;

impl Plan {
    pub(super) fn settings_buttons(&self) -> Vec<Choice> {
        let language = self.language;
        vec![
            tell(phrases::desk_button_quiet(language), &Press::Ask(Menu::Quiet)),
            tell(phrases::desk_button_gather(language), &Press::Ask(Menu::Gather)),
            tell(phrases::desk_button_topics(language), &Press::Ask(Menu::Topics)),
        ]
    }

    /// What holds for a chat.
    pub(super) fn settings(&self, own: &Subscription) -> String {
        let quiet = own.quiet.as_ref().map(|quiet| self.hours(quiet.hours()));
        phrases::desk_settings(self.language, quiet.as_deref(), self.rhythm_of(own).as_deref(), &self.topics(&own.filter))
    }

    pub(super) fn rhythm_of(&self, own: &Subscription) -> Option<String> {
        let schedule = own.schedule.as_ref()?;
        Some(Rhythm::of(schedule).map_or_else(|| schedule.written().to_owned(), |rhythm| self.rhythm(&rhythm)))
    }

    pub(super) fn topics(&self, filter: &Filter) -> String {
        let named = |words: &[String]| names(words, self.language);
        phrases::setting_topics(self.language, &named(&filter.include), &named(&filter.exclude), &filter.categories)
    }

    fn rhythm(&self, rhythm: &Rhythm) -> String {
        phrases::setting_rhythm(self.language, rhythm.weekday, &rhythm.at)
    }

    fn hours(&self, hours: &[(NaiveTime, NaiveTime)]) -> String {
        phrases::setting_hours(self.language, hours)
    }

    fn spans_told(&self, spans: &[Span]) -> String {
        self.hours(&spans.iter().map(|span| (span.from, span.to)).collect::<Vec<_>>())
    }

    /// What holds from now on.
    pub(super) fn is_set(&self, setting: &Setting, now: &Subscription) -> Reply {
        let language = self.language;
        let urgent = || if self.urgent.is_empty() { Vec::new() } else { vec![phrases::desk_urgent_comes(language)] };
        let topics = || vec![phrases::desk_topics_set(language, &self.topics(&now.filter))];
        let said = match setting {
            Setting::Quiet(spans) if spans.is_empty() => vec![phrases::desk_quiet_ended(language)],
            Setting::Quiet(spans) => std::iter::once(phrases::desk_quiet_set(language, &self.spans_told(spans))).chain(urgent()).collect(),
            Setting::Gather(Some(rhythm)) => {
                let quiet = rhythm.at.iter().any(|at| now.quiet.as_ref().is_some_and(|quiet| quiet.is_at(*at)));
                let delayed = quiet.then(|| phrases::desk_gather_delayed(language));
                std::iter::once(phrases::desk_gather_set(language, &self.rhythm(rhythm))).chain(delayed).chain(urgent()).collect()
            }
            Setting::Gather(None) => vec![phrases::desk_gather_ended(language)],
            Setting::Topics(..) | Setting::Section(..) | Setting::AllTopics => topics(),
        };
        let undo = match setting {
            Setting::Quiet(spans) if !spans.is_empty() => self.set_button(&Setting::Quiet(Vec::new())),
            Setting::Gather(Some(_)) => self.set_button(&Setting::Gather(None)),
            Setting::Topics(..) => Some(tell(phrases::desk_button_topics(language), &Press::Ask(Menu::Topics))),
            Setting::Section(..) => Some(tell(phrases::desk_button_sections(language), &Press::Ask(Menu::Sections))),
            Setting::Quiet(_) | Setting::Gather(None) | Setting::AllTopics => None,
        };
        let mine = tell(phrases::desk_button_mine(language), &Press::Mine);
        Reply { text: said.join(" "), choices: undo.into_iter().chain([mine]).collect() }
    }

    /// Several things hold from now on.
    pub(super) fn are_set(&self, now: &Subscription) -> Reply {
        let mine = tell(phrases::desk_button_mine(self.language), &Press::Mine);
        Reply { text: phrases::desk_all_set(self.language, &self.settings(now)), choices: vec![mine] }
    }

    /// A short question, where something is likely and not sure.
    pub(super) fn is_it(&self, setting: &Setting) -> Reply {
        let menu = if matches!(setting, Setting::Gather(_)) {
            tell(phrases::desk_button_gather(self.language), &Press::Ask(Menu::Gather))
        } else {
            tell(phrases::desk_button_quiet(self.language), &Press::Ask(Menu::Quiet))
        };
        Reply { text: phrases::desk_is_it(self.language), choices: self.set_button(setting).into_iter().chain([menu]).collect() }
    }

    /// A button that sets this; `None` where it would carry too much.
    fn set_button(&self, setting: &Setting) -> Option<Choice> {
        let language = self.language;
        let label = match setting {
            Setting::Quiet(spans) if spans.is_empty() => phrases::desk_button_any_time(language),
            Setting::Quiet(spans) => phrases::desk_button_quiet_from(language, &self.spans_told(spans)),
            Setting::Gather(Some(rhythm)) => phrases::desk_button_gather_at(language, &self.rhythm(rhythm)),
            Setting::Gather(None) => phrases::desk_button_at_once(language),
            Setting::Topics(pick, topics) => {
                let topic = topics.join(", ");
                let named = super::topics::named(&topic).map_or(topic.as_str(), |topic| topic.name(language));
                match pick {
                    Pick::Only => phrases::desk_button_only(language, named),
                    Pick::More => phrases::desk_button_more_of(language, named),
                    Pick::Less => phrases::desk_button_less_of(language, named),
                    Pick::Without => phrases::desk_button_without(language, named),
                }
            }
            Setting::Section(..) => return None,
            Setting::AllTopics => phrases::desk_button_all_topics(language),
        };
        let press = Press::Set(setting.clone());
        (press.written().len() <= CARRIED).then(|| tell(label, &press))
    }

    pub(super) fn ask_quiet(&self, own: &Subscription) -> Reply {
        let mut settings = self.spans();
        if own.quiet.is_some() {
            settings.push(Setting::Quiet(Vec::new()));
        }
        let choices = settings.iter().filter_map(|setting| self.set_button(setting)).collect();
        Reply { text: phrases::desk_ask_quiet(self.language), choices }
    }

    pub(super) fn ask_silence(&self) -> Reply {
        let mut choices: Vec<Choice> = self.spans().iter().filter_map(|setting| self.set_button(setting)).collect();
        choices.push(tell(phrases::desk_button_leave_all(self.language), &Press::LeaveAll));
        Reply { text: phrases::desk_ask_silence(self.language), choices }
    }

    fn spans(&self) -> Vec<Setting> {
        let late = clock(21, 0).zip(clock(6, 0)).map(|(from, to)| Span { from, to });
        let (night, noon) = (Part::Night.span(), Part::Noon.span());
        let choices = [vec![night], vec![late], vec![noon], vec![night, noon]];
        choices.into_iter().map(|spans| Setting::Quiet(spans.into_iter().flatten().collect())).collect()
    }

    pub(super) fn ask_gather(&self, own: &Subscription) -> Reply {
        let at = |part: Part| part.moment().into_iter().collect::<Vec<_>>();
        let (morning, evening) = (at(Part::Morning), at(Part::Evening));
        let both = morning.iter().chain(&at(Part::Afternoon)).copied().collect();
        let daily = [morning.clone(), evening, both].map(|at| Rhythm { weekday: None, at });
        let weekly = Rhythm { weekday: Some(chrono::Weekday::Mon), at: morning };
        let mut settings: Vec<Setting> = daily.into_iter().chain([weekly]).map(|rhythm| Setting::Gather(Some(rhythm))).collect();
        if own.schedule.is_some() {
            settings.push(Setting::Gather(None));
        }
        let choices = settings.iter().filter_map(|setting| self.set_button(setting)).collect();
        Reply { text: phrases::desk_ask_gather(self.language), choices }
    }

    /// The topics that are chosen, to be given up, and the first of the others.
    pub(super) fn ask_topics(&self, own: &Subscription, has_sections: bool) -> Reply {
        let filter = &own.filter;
        let (chosen, others): (Vec<_>, Vec<_>) = TOPICS.iter().partition(|topic| topic.is_all_of(&filter.include));
        let pick = if filter.include.is_empty() { Pick::Only } else { Pick::More };
        let less = chosen.iter().map(|topic| (Pick::Less, topic.key));
        let more = others.iter().map(|topic| (pick, topic.key));
        let mut choices: Vec<Choice> = Vec::new();
        if filter.include.len() + filter.exclude.len() + filter.categories.len() > 0 {
            choices.extend(self.set_button(&Setting::AllTopics));
        }
        let room = BUTTONS - choices.len() - usize::from(has_sections);
        let settings = less.chain(more).take(room).map(|(pick, key)| Setting::Topics(pick, vec![key.to_owned()]));
        choices.extend(settings.filter_map(|setting| self.set_button(&setting)));
        if has_sections {
            choices.push(tell(phrases::desk_button_sections(self.language), &Press::Ask(Menu::Sections)));
        }
        Reply { text: phrases::desk_ask_topics(self.language, &self.topics(filter)), choices }
    }

    pub(super) fn ask_sections(&self, own: &Subscription, sections: &[String]) -> Reply {
        let language = self.language;
        let button = |name: &String| {
            let wanted = !own.filter.categories.contains(name);
            let label =
                if wanted { phrases::desk_button_more_section(language, name) } else { phrases::desk_button_less_section(language, name) };
            tell(label, &Press::Set(Setting::Section(wanted, section(name))))
        };
        let mut choices: Vec<Choice> = sections.iter().take(BUTTONS - 1).map(button).collect();
        if !own.filter.categories.is_empty() {
            choices.extend(self.set_button(&Setting::AllTopics));
        }
        Reply { text: phrases::desk_ask_sections(language, &self.topics(&own.filter)), choices }
    }
}

#[cfg(test)]
#[path = "menus_tests.rs"]
mod tests;
