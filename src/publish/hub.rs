//! Telling the hub: what its topics stand at is noted in the store once it is on the shelf, and
//! before it is noted as written, so that a kill in between is made good by the next start.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use anyhow::Result;
use tokio::sync::Notify;
use url::Url;

use super::{FeedPlan, Publish, file_name};
use crate::entry::Slug;
use crate::feed::{self, FILES, Format};
use crate::shelf::{Coding, Print};
use crate::store::TopicStanding;

/// The hub that tells of changes.
#[derive(Clone)]
pub struct HubLink {
    /// Its address, as the feeds name it.
    pub url: Url,
    /// Whether it is this server's own.
    pub is_own: bool,
    /// Rung when it has something to do.
    pub bell: Arc<Notify>,
}

/// What a feed stands at: one standing for each file. `fresh` is told in [`TopicStanding`].
pub(super) fn standings(base: &Url, slug: &Slug, prints: &[Print], version: i64, fresh: bool) -> Vec<TopicStanding> {
    let one = |(format, print): (&Format, &Print)| TopicStanding {
        topic: feed::address(base, slug, format),
        version,
        etag: print.etag(Coding::Identity),
        fresh,
    };
    FILES.iter().zip(prints).map(one).collect()
}

impl Publish {
    /// Tells the hub what topics stand at. A feed that was saved to meanwhile is written again anyway;
    /// what it says now may belong to either version.
    pub(super) async fn tell_hub(&self, plans: &[(&FeedPlan, i64)], standings: Vec<TopicStanding>) -> Result<()> {
        let Some(hub) = &self.hub else { return Ok(()) };
        let now: HashMap<Slug, i64> = self.store.feed_versions().await?.into_iter().collect();
        let moved = plans.iter().filter(|(plan, version)| super::version(plan, &now) != *version);
        let moved: HashSet<String> =
            moved.flat_map(|(plan, _)| FILES.iter().map(move |f| feed::address(&self.base, &plan.slug, f))).collect();
        let settled: Vec<TopicStanding> = standings.into_iter().filter(|standing| !moved.contains(&standing.topic)).collect();
        if self.store.note_topics(&settled, !hub.is_own).await? {
            hub.bell.notify_one();
        }
        Ok(())
    }

    /// Puts on the shelf, unread, what lies in the folder: subscribers may still be owed it.
    pub(super) fn shelve(&self) {
        for (plan, format) in self.feeds.iter().flat_map(|plan| FILES.iter().map(move |format| (plan, format))) {
            self.shelf.find(&file_name(&plan.slug, format), || self.sheet(&plan.slug, format));
        }
    }
}
