//! A site that changes under us: what was learned of its pages is compared with what is read
//! without it, and the source heals itself or is held.

use std::collections::HashSet;
use std::sync::Arc;

use anyhow::Result;
use chrono::{DateTime, Utc};

use crate::config::SourcePlan;
use crate::entry::{Entry, Guid};
use crate::judge;
use crate::page::Page;
use crate::phrases;
use crate::source::{Reading, Source, Visit};
use crate::store::{Due, Learned};

use super::harvest::{Harvest, Held, Outcome};
use super::{Watch, read};

/// So many articles must be in hand to learn from, beside the list.
const ENOUGH: usize = 3;

impl Watch {
    /// Reads a list page. `Err` where nothing that is read of it agrees with what is known.
    pub(super) async fn read_list(&self, due: &Due, visit: &Visit, page: Page, harvest: &mut Harvest) -> Result<Result<Reading, Held>> {
        let eyes = &mut harvest.eyes;
        // As long as before, or nearly: no sidebar that the recipe now takes for the list.
        let as_before = |reading: &Reading| judge::count(reading) * 2 > due.named.max(ENOUGH);
        let (learned, other) = eyes.both(visit, page, as_before).await;
        let Some(other) = other.filter(|other| judge::list_collapsed(&learned, other)) else { return Ok(Ok(learned)) };
        let titles = self.store.titles(&due.source).await?;
        if !judge::agrees(&other, &judge::folded(&titles)) {
            return Ok(Err(Held { before: judge::lines(&titles), after: judge::told(&other) }));
        }
        eyes.taught = None;
        harvest.healed = Some(Held { before: phrases::read_by_recipe(judge::count(&learned)), after: judge::told(&other) });
        Ok(Ok(other))
    }

    /// Reads an article's page. What the recipe no longer finds is read without it; whether that
    /// is right is decided when all are read.
    pub(super) async fn read_page(&self, visit: &Visit, page: Page, harvest: &mut Harvest) -> Reading {
        let eyes = &mut harvest.eyes;
        let (learned, other) = eyes.both(visit, page, |_| false).await;
        let Some(other) = other else { return learned };
        eyes.compared += 1;
        if !judge::article_collapsed(&learned, &other) {
            return learned;
        }
        eyes.collapsed += 1;
        for entry in &other.entries {
            eyes.agreed += usize::from(visit.hint.title.as_ref().is_some_and(|title| judge::is_called(entry, title)));
            eyes.others.insert(entry.guid.clone(), entry.clone());
        }
        if learned.entries.is_empty() { other } else { learned }
    }

    /// When all is read: learns where nothing was learned yet, and takes the other reading of the
    /// articles where the recipe collapsed on most. A reading that agrees with nothing is held.
    pub(super) async fn reflect(&self, plan: &SourcePlan, due: &Due, harvest: &mut Harvest, now: DateTime<Utc>) -> Result<Option<Outcome>> {
        let eyes = &mut harvest.eyes;
        if eyes.collapsed * 2 > eyes.compared {
            if eyes.agreed * 2 < eyes.collapsed {
                let after = eyes.others.values().map(|entry| entry.title.as_str()).collect::<Vec<_>>().join("\n");
                let before = judge::lines(&self.store.titles(&due.source).await?);
                return Ok(Some(Outcome::held(Held { before, after })));
            }
            let (before, after) =
                (phrases::articles_by_recipe(eyes.collapsed, eyes.compared), phrases::articles_without(eyes.others.len()));
            let others = std::mem::take(&mut eyes.others);
            for entry in harvest.entries.iter_mut().chain(&mut harvest.seen.corrected) {
                if let Some(other) = others.get(&entry.guid) {
                    *entry = other.clone();
                }
            }
            harvest.healed.get_or_insert(Held { before, after });
        }
        let nothing_learned = due.recipe.is_none();
        if harvest.healed.is_some() || nothing_learned && harvest.has_pages(ENOUGH) {
            self.learn(plan, due, harvest, now).await;
        }
        Ok(None)
    }

    /// Learns from the pages in hand, and reads them again by it. What reads them worse than before
    /// was not learned.
    async fn learn(&self, plan: &SourcePlan, due: &Due, harvest: &mut Harvest, now: DateTime<Utc>) {
        let learned = harvest.eyes.learn().await;
        let taught = learned.as_ref().and_then(|text| self.taught.by(&due.source, &plan.source, text));
        let again = match &taught {
            Some(taught) => harvest.read_again(taught).await,
            None => None,
        };
        let Some((text, again)) = learned.zip(again) else {
            harvest.seen.learned = due.recipe.is_some().then_some(Learned::Nothing);
            return;
        };
        harvest.seen.learned = Some(Learned::Recipe { text, pages: harvest.eyes.pages.len() });
        harvest.eyes.taught = taught;
        for better in again.articles {
            if let Some(entry) = harvest.entries.iter_mut().find(|entry| entry.guid == better.guid) {
                *entry = better;
            }
        }
        if due.first {
            self.settle_list(again.named, harvest, now).await;
        }
    }

    /// After a first visit the learned list is the list: what only the guess named is no article,
    /// and what only the recipe names is read now, so that it is not taken for news later.
    async fn settle_list(&self, named: Vec<Visit>, harvest: &mut Harvest, now: DateTime<Utc>) {
        let names: HashSet<Guid> = named.iter().filter_map(|visit| visit.guid.clone()).collect();
        let first_page = std::mem::take(&mut harvest.first_page);
        if names.intersection(&first_page).count() * 2 < first_page.len().max(1) {
            return;
        }
        harvest.entries.retain(|entry| names.contains(&entry.guid) || !first_page.contains(&entry.guid));
        for visit in named.iter().filter(|visit| visit.guid.as_ref().is_some_and(|guid| !first_page.contains(guid))) {
            self.article(visit, harvest, now).await;
        }
    }
}

/// Pages in hand as a new recipe reads them.
struct Again {
    /// What their lists name.
    named: Vec<Visit>,
    articles: Vec<Entry>,
}

impl Harvest {
    /// Reads the pages in hand by a new recipe; `None` where it reads most of them worse.
    async fn read_again(&self, taught: &Arc<dyn Source>) -> Option<Again> {
        let mut again = Again { named: Vec::new(), articles: Vec::new() };
        let mut worse = 0;
        for (visit, page) in &self.eyes.pages {
            let reading = read(taught, visit, page.clone()).await;
            again.named.extend(reading.next.into_iter().filter(|v| visit.guid.is_none() && v.guid.is_some()));
            let Some(guid) = &visit.guid else { continue };
            let known = self.entries.iter().chain(&self.seen.corrected).find(|entry| entry.guid == *guid);
            let better = reading.entries.into_iter().find(|entry| known.is_none_or(|known| !judge::is_less(entry, known)));
            worse += usize::from(better.is_none() && known.is_some());
            again.articles.extend(better);
        }
        (worse * 2 <= again.articles.len() + worse).then_some(again)
    }

    /// Whether a list and so many articles are in hand.
    fn has_pages(&self, articles: usize) -> bool {
        let lists = self.eyes.pages.iter().filter(|(visit, _)| visit.guid.is_none()).count();
        lists > 0 && self.eyes.pages.len() - lists >= articles
    }
}
