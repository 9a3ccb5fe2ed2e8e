//! From the store to a feed as readers see it: its newest entries, one of its archives, what of it
//! says some words.

use std::cmp::Reverse;
use std::collections::HashSet;

use anyhow::Result;
use chrono::{DateTime, FixedOffset, Offset, TimeZone, Utc};

use super::{FeedPlan, Publish};
use crate::entry::{Guid, Slug};
use crate::feed::{Feed, Item, Manner, Part, Withdrawn};
use crate::rhythm;
use crate::store::{Query, Search, Stored, Words};
use crate::subscription::{self, Filter};
use crate::text;

/// Searches that make one topic; more words and sections than this are looked for in vain.
const SEARCHES: usize = 32;

/// What is wanted of a feed.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// With these words.
    pub words: Words,
    /// Of the category with this name in addresses.
    pub category: Option<String>,
    /// Only what stands before this place.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: usize,
    /// What is asked for, in words for the title.
    pub said: String,
}

impl Publish {
    /// A feed with its newest entries.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn newest(&self, plan: &FeedPlan) -> Result<Feed> {
        if let Some(filter) = &plan.filter {
            let stored = self.of_topic(plan, filter).await?;
            return Ok(self.feed(plan, stored, Part::Newest { archives: 0 }));
        }
        let archives = self.store.archive(&plan.slug, &plan.sources, self.entries).await?;
        let mut stored = self.store.entries(&Query { sources: &plan.sources, limit: self.entries }).await?;
        let full = if archives.complete { archives.full } else { 0 };
        // What came late with an old date would else be in neither. While archives of very many old
        // entries are still being made, all of those are in none, and nobody is led to any.
        if full > 0 {
            let known: HashSet<(Slug, Guid)> = stored.iter().map(identity).collect();
            let later = self.store.unarchived(&plan.sources, &archives, self.entries).await?;
            stored.extend(later.into_iter().filter(|one| !known.contains(&identity(one))));
            stored.sort_by_key(|one| Reverse(time(one)));
        }
        let mut feed = self.feed(plan, stored, Part::Newest { archives: full });
        let taken = self.store.taken_back(&plan.sources, self.entries).await?;
        feed.withdrawn = taken.into_iter().map(|one| Withdrawn { guid: one.guid, at: self.local(one.at) }).collect();
        feed.updated = feed.withdrawn.iter().map(|one| one.at.with_timezone(&Utc)).max().map_or(feed.updated, |at| at.max(feed.updated));
        Ok(feed)
    }

    /// One archive of a feed; `None` where there is none of this number.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn archive(&self, plan: &FeedPlan, number: u32) -> Result<Option<Feed>> {
        if plan.filter.is_some() {
            return Ok(None);
        }
        let found = self.store.archived(&plan.slug, &plan.sources, number, self.entries).await?;
        Ok(found.map(|(stored, of)| self.feed(plan, stored, Part::Archive { number, of })))
    }

    /// What is wanted of a feed; `query` is the query of its address, and `next` makes that of the
    /// next page.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn found(&self, plan: &FeedPlan, wanted: &Wanted, query: String, next: impl Fn(i64) -> String) -> Result<Feed> {
        let search = Search {
            sources: &plan.sources,
            words: &wanted.words,
            category: wanted.category.as_deref(),
            before: wanted.before,
            limit: wanted.limit,
        };
        let found = self.store.search(&search).await?;
        let mut stored = found.entries;
        if let Some(filter) = &plan.filter {
            stored.retain(|one| filter.admits(&subscription::Words::of(&one.entry)));
        }
        let mut feed = self.feed(plan, stored, Part::Found { query, next: found.more.map(next) });
        feed.title = format!("{}: {}", plan.title, wanted.said);
        Ok(feed)
    }

    /// The newest entries that a topic wants, one search for each of its words in each of its sections.
    pub(super) async fn of_topic(&self, plan: &FeedPlan, filter: &Filter) -> Result<Vec<Stored>> {
        let quoted = |words: &str| format!("\"{}\"", words.replace('"', " "));
        let but = filter.exclude.iter().map(|words| quoted(words)).collect::<Vec<_>>().join(" ");
        let any = [String::new()];
        let include = if filter.include.is_empty() { any.as_slice() } else { filter.include.as_slice() };
        let sections: Vec<Option<String>> = match filter.categories.as_slice() {
            [] => vec![None],
            names => names.iter().map(|name| Some(text::slug(name))).collect(),
        };
        let (mut known, mut all) = (HashSet::new(), Vec::new());
        let searches: Vec<(&String, &Option<String>)> =
            include.iter().flat_map(|said| sections.iter().map(move |section| (said, section))).take(SEARCHES).collect();
        for (said, section) in searches {
            let words = Words::parse(&quoted(said)).without(&but);
            let search = Search { sources: &plan.sources, words: &words, category: section.as_deref(), before: None, limit: self.entries };
            all.extend(self.store.search(&search).await?.entries.into_iter().filter(|one| known.insert(identity(one))));
        }
        all.retain(|one| filter.admits(&subscription::Words::of(&one.entry)));
        all.sort_by_key(|one| Reverse(time(one)));
        all.truncate(self.entries);
        Ok(all)
    }

    /// Entries as a feed.
    #[must_use]
    pub fn feed(&self, plan: &FeedPlan, stored: Vec<Stored>, part: Part) -> Feed {
        let items: Vec<Item> = stored.into_iter().map(|s| self.item(s)).collect();
        let updated = items.iter().map(|i| i.updated.with_timezone(&Utc)).max().unwrap_or(DateTime::UNIX_EPOCH);
        let times: Vec<DateTime<Utc>> = items.iter().map(|i| i.published.with_timezone(&Utc)).collect();
        Feed {
            slug: plan.slug.clone(),
            id: self.ids.get().and_then(|ids| ids.get(&plan.slug)).cloned(),
            title: plan.title.clone(),
            home: plan.home.clone().unwrap_or_else(|| self.base.clone()),
            base: self.base.clone(),
            language: self.language,
            zone: self.zone,
            manner: Manner { content: plan.content.unwrap_or(self.manner.content), ..self.manner.clone() },
            updated,
            gap: rhythm::gap(&times).filter(|_| matches!(part, Part::Newest { .. })),
            items,
            withdrawn: Vec::new(),
            part,
        }
    }

    fn local(&self, at: DateTime<Utc>) -> DateTime<FixedOffset> {
        at.with_timezone(&self.zone.offset_from_utc_datetime(&at.naive_utc()).fix())
    }

    fn item(&self, stored: Stored) -> Item {
        let link = stored.link(&self.base);
        let published = stored.entry.published.unwrap_or_else(|| self.local(stored.seen));
        let changed = if stored.revision > 1 { self.local(stored.changed) } else { published };
        let updated = stored.entry.updated.unwrap_or(changed).max(changed).max(published);
        let source_title = self.titles.get(&stored.source).cloned().unwrap_or_else(|| stored.source.to_string());
        Item { entry: stored.entry, link, source_title, published, updated }
    }
}

fn identity(stored: &Stored) -> (Slug, Guid) {
    (stored.source.clone(), stored.entry.guid.clone())
}

fn time(stored: &Stored) -> DateTime<Utc> {
    stored.entry.published.map_or(stored.seen, |at| at.with_timezone(&Utc))
}
