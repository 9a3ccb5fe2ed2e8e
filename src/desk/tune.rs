//! Hours, rhythm and topics: what people ask for holds for everything that they follow in a chat.
//! What an admin wrote in the config stays the admin's.

use std::collections::HashMap;

use anyhow::Result;

use super::FrontDesk;
use super::answers::Decision;
use super::feeds::Plan;
use super::press::section;
use super::settings::{Menu, Setting};
use super::topics::{Pick, filed, named, picked};
use crate::channel::{Heard, Reply, Talk};
use crate::entry::Slug;
use crate::phrases;
use crate::schedule::{Quiet, Schedule};
use crate::store::{Deed, Query};
use crate::subscription::{Filter, Subscription};

/// Sections are those of so many of the newest entries.
const LOOKED_AT: usize = 200;

impl FrontDesk {
    /// What people subscribed this chat to.
    pub(super) async fn own(&self, heard: &Heard) -> Result<Vec<Subscription>> {
        self.store.subscriptions_of(&heard.chat, self.plan.zone).await
    }

    pub(super) async fn set(&self, talk: &dyn Talk, heard: &Heard, settings: &[Setting]) -> Result<Decision> {
        if let Some(refused) = self.refused(talk, heard).await? {
            return Ok(refused);
        }
        let (own, followed) = (self.own(heard).await?, self.followed(heard).await?);
        if let Some(feeds) = self.names_feeds(settings, &followed) {
            return self.leave(talk, heard, feeds).await;
        }
        let Some(first) = own.first() else { return Ok(self.nothing_own(&followed).into()) };
        let names_sections = settings.iter().any(|setting| matches!(setting, Setting::Section(..)));
        let sections = if names_sections { self.sections(heard, first).await? } else { Vec::new() };
        let tune = |one: &Subscription| settings.iter().fold(one.clone(), |one, setting| self.tuned(&one, setting, &sections));
        let tuned: Vec<Subscription> = own.iter().map(tune).collect();
        let now = tuned.first().unwrap_or(first);
        let mut reply = if let [setting] = settings { self.plan.is_set(setting, now) } else { self.plan.are_set(now) };
        let kept: Vec<String> =
            followed.iter().filter(|feed| !own.iter().any(|one| one.feed == **feed)).map(|feed| self.plan.title_of(feed)).collect();
        if !kept.is_empty() {
            reply.text = format!("{}\n\n{}", reply.text, phrases::desk_admin_keeps(self.plan.language, &kept.join(", ")));
        }
        let deeds = tuned.into_iter().map(|one| Deed::Tune(Box::new(one), self.plan.zone)).collect();
        Ok(Decision { deeds, reply: Some(reply), ..Decision::default() })
    }

    pub(super) async fn ask(&self, heard: &Heard, menu: Menu) -> Result<Decision> {
        let own = self.own(heard).await?;
        let Some(first) = own.first() else {
            let followed = self.followed(heard).await?;
            // Who gets what the config sends may still leave it.
            let leaves = menu == Menu::Silence && !followed.is_empty();
            return Ok(if leaves { self.plan.mine(&followed, None) } else { self.nothing_own(&followed) }.into());
        };
        let plan = &self.plan;
        Ok(match menu {
            Menu::Quiet => plan.ask_quiet(first),
            Menu::Silence => plan.ask_silence(),
            Menu::Gather => plan.ask_gather(first),
            Menu::Topics => plan.ask_topics(first, !self.sections(heard, first).await?.is_empty()),
            Menu::Sections => plan.ask_sections(first, &self.sections(heard, first).await?),
        }
        .into())
    }

    /// "Bỏ tin về phường Thổ Quan" leaves that feed.
    fn names_feeds(&self, settings: &[Setting], followed: &[Slug]) -> Option<Vec<Slug>> {
        let [Setting::Topics(Pick::Without, topics)] = settings else { return None };
        let [said] = topics.as_slice() else { return None };
        let meant = if named(said).is_some() { Vec::new() } else { self.plan.meant(said) };
        let feeds: Vec<Slug> = meant.iter().map(|feed| feed.slug.clone()).filter(|feed| followed.contains(feed)).collect();
        (!feeds.is_empty()).then_some(feeds)
    }

    fn nothing_own(&self, followed: &[Slug]) -> Reply {
        if followed.is_empty() { self.plan.nothing() } else { Plan::plain(phrases::desk_by_admin(self.plan.language)) }
    }

    fn tuned(&self, one: &Subscription, setting: &Setting, sections: &[String]) -> Subscription {
        let (zone, mut tuned) = (self.plan.zone, one.clone());
        match setting {
            Setting::Quiet(spans) => tuned.quiet = Quiet::of(spans.iter().map(|span| (span.from, span.to)).collect(), zone),
            Setting::Gather(rhythm) => {
                tuned.schedule = rhythm.as_ref().and_then(|rhythm| Schedule::parse(&rhythm.cron(), zone).ok());
                tuned.digest = tuned.schedule.is_some();
            }
            Setting::Topics(pick, topics) => tuned.filter = picked(&one.filter, *pick, topics),
            Setting::Section(wanted, name) => {
                if let Some(known) = sections.iter().find(|known| section(known) == *name) {
                    tuned.filter = filed(&one.filter, *wanted, known);
                }
            }
            Setting::AllTopics => tuned.filter = Filter { urgent: one.filter.urgent.clone(), ..Filter::default() },
        }
        tuned
    }

    /// The sections of what is followed here, the most used first, behind those that were chosen.
    async fn sections(&self, heard: &Heard, own: &Subscription) -> Result<Vec<String>> {
        let sources = self.near(heard).await?;
        let mut count: HashMap<String, usize> = HashMap::new();
        for stored in self.store.entries(&Query { sources: &sources, limit: LOOKED_AT }).await? {
            for name in stored.entry.categories {
                *count.entry(name).or_default() += 1;
            }
        }
        let mut others: Vec<(String, usize)> = count.into_iter().filter(|(name, _)| !own.filter.categories.contains(name)).collect();
        others.sort_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
        Ok(own.filter.categories.iter().cloned().chain(others.into_iter().map(|(name, _)| name)).collect())
    }
}
