//! From what was said to what is done and what is answered.

use anyhow::Result;

use super::FrontDesk;
use super::feeds::{Feed, Plan};
use super::press::Press;
use super::replies::NEWS;
use super::words::{Wish, understand};
use crate::channel::{Heard, Place, Reply, Said, SendError, Talk};
use crate::entry::Slug;
use crate::phrases;
use crate::store::{Deed, Found, Query, Search, Words};
use crate::subscription::{Address, Subscription};

/// What comes of something that was said.
#[derive(Debug, Default)]
pub(super) struct Decision {
    pub(super) deeds: Vec<Deed>,
    pub(super) reply: Option<Reply>,
    /// What is shown for a moment to who pressed a button.
    pub(super) toast: String,
}

impl From<Reply> for Decision {
    fn from(reply: Reply) -> Self {
        Self { reply: Some(reply), ..Self::default() }
    }
}

impl FrontDesk {
    pub(super) async fn decide(&self, talk: &dyn Talk, heard: &Heard) -> Result<Decision> {
        match &heard.said {
            Said::Words(words) => self.words(talk, heard, understand(words)).await,
            Said::Came(payload) => self.words(talk, heard, Wish::Start(payload.clone())).await,
            Said::Pressed { data, .. } => self.pressed(talk, heard, data).await,
            Said::Left => {
                let suspend = Deed::Suspend(heard.chat.clone(), self.named(heard), phrases::desk_cause_left());
                Ok(Decision { deeds: vec![suspend], ..Decision::default() })
            }
            Said::Returned { anew } => self.returned(heard, *anew).await,
            Said::Moved(to) => Ok(Decision { deeds: vec![Deed::Move(heard.chat.clone(), to.clone())], ..Decision::default() }),
        }
    }

    /// The addresses that the config writes for this chat, by its number or its public name.
    fn named(&self, heard: &Heard) -> Vec<Address> {
        std::iter::once(&heard.chat).chain(&heard.named).flat_map(|chat| self.plan.rooms_named(chat)).collect()
    }

    /// The names by which just this room may be written.
    fn names(heard: &Heard) -> impl Iterator<Item = &Address> {
        std::iter::once(&heard.chat).chain(&heard.named)
    }

    /// A group that takes the bot in for the first time is told what to do.
    async fn returned(&self, heard: &Heard, anew: bool) -> Result<Decision> {
        let deeds = vec![Deed::Revive(heard.chat.clone(), self.named(heard))];
        let greets = anew && heard.place == Place::Group && self.followed(heard).await?.is_empty();
        Ok(Decision { deeds, reply: greets.then(|| self.plan.hello()), ..Decision::default() })
    }

    async fn words(&self, talk: &dyn Talk, heard: &Heard, wish: Wish) -> Result<Decision> {
        match wish {
            Wish::Start(payload) => self.start(talk, heard, payload.as_deref().unwrap_or_default()).await,
            Wish::Follow(said) => self.follow_meant(talk, heard, &said).await,
            Wish::Stop(said) => self.stop(talk, heard, &said).await,
            Wish::Search(question) => self.search(heard, &question).await,
            Wish::News(said) => self.news(heard, &said).await,
            Wish::Mine => self.mine(heard).await,
            Wish::Help => Ok(self.plan.help().into()),
            Wish::Set(settings) => self.set(talk, heard, &settings).await,
            Wish::Unsure(setting) => Ok(self.plan.is_it(&setting).into()),
            Wish::Ask(menu) => self.ask(heard, menu).await,
            Wish::Other(said) => self.other(talk, heard, &said).await,
            // Another bot's, where several are in the group.
            Wish::Unknown if heard.place == Place::Group => Ok(Decision::default()),
            Wish::Unknown => Ok(self.plan.help().into()),
        }
    }

    async fn pressed(&self, talk: &dyn Talk, heard: &Heard, data: &str) -> Result<Decision> {
        let plan = &self.plan;
        let useless = || Decision { toast: phrases::desk_no_button(plan.language), ..Decision::default() };
        let decision = match Press::read(data) {
            Some(Press::Follow(name)) => match plan.feed(&name) {
                Some(feed) => self.follow(talk, heard, feed).await?,
                None => useless(),
            },
            Some(Press::Leave(name)) => {
                let followed = self.followed(heard).await?;
                let feed = followed.iter().find(|feed| super::press::name(feed) == name).cloned();
                self.leave(talk, heard, feed.into_iter().collect()).await?
            }
            Some(Press::LeaveAll) => self.stop(talk, heard, "").await?,
            Some(Press::News) => self.news(heard, "").await?,
            Some(Press::Mine) => self.mine(heard).await?,
            Some(Press::Choose) => plan.choose().into(),
            Some(Press::Help) => plan.help().into(),
            Some(Press::Set(setting)) => self.set(talk, heard, &[setting]).await?,
            Some(Press::Ask(menu)) => self.ask(heard, menu).await?,
            None => useless(),
        };
        Ok(decision)
    }

    /// Who begins follows the feed of the link, or the only one there is.
    async fn start(&self, talk: &dyn Talk, heard: &Heard, payload: &str) -> Result<Decision> {
        let plan = &self.plan;
        let only = if let [only] = plan.feeds.as_slice() { Some(only) } else { None };
        if let Some(feed) = plan.feed(payload).or(only) {
            return self.follow(talk, heard, feed).await;
        }
        let followed = self.followed(heard).await?;
        let reply = if followed.is_empty() { plan.choose() } else { plan.mine(&followed, self.own(heard).await?.first()) };
        Ok(Decision { deeds: vec![Deed::Revive(heard.chat.clone(), Vec::new())], reply: Some(reply), ..Decision::default() })
    }

    async fn follow_meant(&self, talk: &dyn Talk, heard: &Heard, said: &str) -> Result<Decision> {
        let plan = &self.plan;
        let meant = plan.feed(said).map_or_else(|| plan.meant(said), |feed| vec![feed]);
        match meant.as_slice() {
            [feed] => self.follow(talk, heard, feed).await,
            [] if said.is_empty() => match plan.feeds.as_slice() {
                [only] => self.follow(talk, heard, only).await,
                _ => Ok(plan.choose().into()),
            },
            // "Đăng ký khai sinh" is no feed: it may be news.
            [] => match self.look(heard, said).await? {
                Some(found) => Ok(found.into()),
                None => Ok(plan.none_meant(said).into()),
            },
            several => Ok(plan.these(several).into()),
        }
    }

    async fn follow(&self, talk: &dyn Talk, heard: &Heard, feed: &Feed) -> Result<Decision> {
        if let Some(refused) = self.refused(talk, heard).await? {
            return Ok(refused);
        }
        let to = heard.chat.clone();
        let before = self.followed(heard).await?.contains(&feed.slug);
        let by_config = Self::names(heard).find_map(|name| self.plan.named_for(name, &feed.slug));
        let own = self.own(heard).await?;
        let kept = own.first().filter(|own| by_config.is_none() && !own.is_simple()).map(|own| self.plan.settings(own));
        let deed = match by_config {
            Some(named) => Deed::Return(named.clone(), feed.slug.clone()),
            None if before => Deed::Revive(to, Vec::new()),
            // What was asked of this chat holds for all that is followed in it.
            None => Deed::Follow(Box::new(Subscription::simple(feed.slug.clone(), to).like(own.first())), feed.sources.clone()),
        };
        Ok(Decision { deeds: vec![deed], reply: Some(self.plan.followed(feed, before, kept)), ..Decision::default() })
    }

    /// Whoever says stop is sent nothing more, whatever it was; a name leaves the rest.
    async fn stop(&self, talk: &dyn Talk, heard: &Heard, said: &str) -> Result<Decision> {
        let mut followed = self.followed(heard).await?;
        let meant = self.plan.meant(said);
        if meant.iter().any(|feed| followed.contains(&feed.slug)) {
            followed.retain(|feed| meant.iter().any(|one| one.slug == *feed));
        }
        self.leave(talk, heard, followed).await
    }

    pub(super) async fn leave(&self, talk: &dyn Talk, heard: &Heard, feeds: Vec<Slug>) -> Result<Decision> {
        if let Some(refused) = self.refused(talk, heard).await? {
            return Ok(refused);
        }
        if feeds.is_empty() {
            return Ok(self.plan.nothing().into());
        }
        let deed = |feed: &Slug| {
            let by_config = Self::names(heard).find_map(|name| self.plan.named_for(name, feed));
            Deed::Leave(by_config.unwrap_or(&heard.chat).clone(), feed.clone())
        };
        Ok(Decision { deeds: feeds.iter().map(deed).collect(), reply: Some(self.plan.stopped(&feeds)), ..Decision::default() })
    }

    /// Who does not decide for a group changes nothing for it.
    pub(super) async fn refused(&self, talk: &dyn Talk, heard: &Heard) -> Result<Option<Decision>> {
        let may = match (heard.place, heard.manages) {
            (Place::Private, _) => true,
            (Place::Group | Place::Channel, Some(manages)) => manages,
            (Place::Group | Place::Channel, None) => match talk.manages(&heard.chat, &heard.speaker).await {
                Ok(manages) => manages,
                Err(error @ (SendError::Retry { .. } | SendError::Down { .. } | SendError::InDoubt { .. })) => {
                    return Err(anyhow::anyhow!(error.cause()));
                }
                Err(SendError::Gone { .. } | SendError::Ended { .. } | SendError::Moved { .. } | SendError::Refused { .. }) => false,
            },
        };
        if may {
            return Ok(None);
        }
        let told = phrases::desk_admins_only(self.plan.language);
        let pressed = matches!(heard.said, Said::Pressed { .. });
        Ok(Some(if pressed { Decision { toast: told, ..Decision::default() } } else { Plan::plain(told).into() }))
    }

    /// What this chat gets: what people subscribed it to, and what the config names it for.
    pub(super) async fn followed(&self, heard: &Heard) -> Result<Vec<Slug>> {
        let own = self.own(heard).await?;
        let mut feeds: Vec<Slug> = own.into_iter().map(|subscription| subscription.feed).collect();
        for (to, feed) in Self::names(heard).flat_map(|name| self.plan.named_at(name)) {
            if !self.store.left_by(to).await?.contains(feed) {
                feeds.push(feed.clone());
            }
        }
        feeds.sort_unstable();
        feeds.dedup();
        Ok(feeds)
    }

    async fn mine(&self, heard: &Heard) -> Result<Decision> {
        let followed = self.followed(heard).await?;
        let own = self.own(heard).await?;
        Ok(if followed.is_empty() { self.plan.nothing() } else { self.plan.mine(&followed, own.first()) }.into())
    }

    async fn news(&self, heard: &Heard, said: &str) -> Result<Decision> {
        let meant: Vec<Slug> = self.plan.meant(said).into_iter().flat_map(|feed| feed.sources.clone()).collect();
        let sources = if meant.is_empty() { self.near(heard).await? } else { meant };
        let entries = self.store.entries(&Query { sources: &sources, limit: NEWS }).await?;
        Ok(self.plan.news(&entries).into())
    }

    async fn search(&self, heard: &Heard, question: &str) -> Result<Decision> {
        if !question.chars().any(char::is_alphanumeric) {
            return Ok(Plan::plain(phrases::desk_search_what(self.plan.language)).into());
        }
        let found = self.look(heard, question).await?;
        Ok(found.unwrap_or_else(|| self.plan.found(question, &[], false)).into())
    }

    /// Words that ask for nothing by name: a ward, for who follows none; else something to look for.
    async fn other(&self, talk: &dyn Talk, heard: &Heard, said: &str) -> Result<Decision> {
        let meant = self.plan.meant(said);
        let names_a_ward = heard.place == Place::Private && !meant.is_empty() && self.plan.feeds.len() > 1;
        if names_a_ward && self.followed(heard).await?.is_empty() {
            return self.follow_meant(talk, heard, said).await;
        }
        if let Some(found) = self.look(heard, said).await? {
            return Ok(found.into());
        }
        if names_a_ward {
            return Ok(self.plan.these(&meant).into());
        }
        Ok(if heard.place == Place::Private { self.plan.help() } else { self.plan.found(said, &[], false) }.into())
    }

    /// What is found near by, else anywhere; words side by side are meant before the same anywhere.
    async fn look(&self, heard: &Heard, question: &str) -> Result<Option<Reply>> {
        let words = Words::parse(question);
        if words.is_empty() {
            return Ok(None);
        }
        let (near, all) = (self.near(heard).await?, self.everything());
        for sources in [Some(&near), Some(&all).filter(|all| **all != near)].into_iter().flatten() {
            for words in words.joined().iter().chain([&words]) {
                let found = self.find(sources, words).await?;
                if !found.entries.is_empty() {
                    return Ok(Some(self.plan.found(question, &found.entries, found.more.is_some())));
                }
            }
        }
        Ok(None)
    }

    async fn find(&self, sources: &[Slug], words: &Words) -> Result<Found> {
        self.store.search(&Search { sources, words, category: None, before: None, limit: NEWS }).await
    }

    /// The sources of what is followed here; of who follows nothing, all.
    pub(super) async fn near(&self, heard: &Heard) -> Result<Vec<Slug>> {
        let followed = self.followed(heard).await?;
        let feeds = self.plan.feeds.iter().filter(|feed| followed.contains(&feed.slug));
        let mut sources: Vec<Slug> = feeds.flat_map(|feed| feed.sources.clone()).collect();
        sources.sort_unstable();
        sources.dedup();
        Ok(if sources.is_empty() { self.everything() } else { sources })
    }

    fn everything(&self) -> Vec<Slug> {
        let mut sources: Vec<Slug> = self.plan.feeds.iter().flat_map(|feed| feed.sources.clone()).collect();
        sources.sort_unstable();
        sources.dedup();
        sources
    }
}
