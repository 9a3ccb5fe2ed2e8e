//! How a source is read in one round: by what it learned, and without it beside that.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};

use crate::entry::{Entry, Guid, Slug};
use crate::page::Page;
use crate::source::{Reading, Source, Visit};

use super::read::{READ_LIMIT, read};

/// How many bytes of pages are kept in hand for learning.
const IN_HAND: usize = 4 << 20;
/// And how many pages: a list and ten articles tell a frame.
const PAGES: usize = 11;

/// Sources as their recipes made them, kept between rounds.
#[derive(Default)]
pub struct Taught {
    known: Mutex<HashMap<Slug, Pupil>>,
}

/// A recipe, and the source that reads by it.
struct Pupil {
    recipe: String,
    source: Arc<dyn Source>,
}

impl Taught {
    /// A source reading by this recipe; `None` where it cannot.
    pub(super) fn by(&self, name: &Slug, source: &Arc<dyn Source>, recipe: &str) -> Option<Arc<dyn Source>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pupil) = known.get(name).filter(|pupil| pupil.recipe == recipe) {
            return Some(pupil.source.clone());
        }
        let taught = source.taught(recipe)?;
        known.insert(name.clone(), Pupil { recipe: recipe.to_owned(), source: taught.clone() });
        Some(taught)
    }
}

/// The readers of one round, and what they saw.
pub(super) struct Eyes {
    pub(super) plain: Arc<dyn Source>,
    pub(super) taught: Option<Arc<dyn Source>>,
    /// Pages in hand, the list first.
    pub(super) pages: Vec<(Visit, Page)>,
    bytes: usize,
    /// Articles as they are read without the recipe, where it collapsed on them.
    pub(super) others: HashMap<Guid, Entry>,
    /// How many article pages were read by both.
    pub(super) compared: usize,
    /// On how many of them the recipe collapsed.
    pub(super) collapsed: usize,
    /// And of those, how many the other reading calls as the list or the store does.
    pub(super) agreed: usize,
}

impl Eyes {
    pub(super) fn new(plain: &Arc<dyn Source>, taught: Option<Arc<dyn Source>>) -> Self {
        Self { plain: plain.clone(), taught, pages: Vec::new(), bytes: 0, others: HashMap::new(), compared: 0, collapsed: 0, agreed: 0 }
    }

    /// Reads a page by what was learned, and beside it without; `None` where nothing was learned,
    /// or `enough` was read already: a page is only understood twice where there is doubt.
    pub(super) async fn both(&mut self, visit: &Visit, page: Page, enough: impl Fn(&Reading) -> bool) -> (Reading, Option<Reading>) {
        if self.pages.len() < PAGES && self.bytes + page.body.len() <= IN_HAND {
            self.bytes += page.body.len();
            self.pages.push((visit.clone(), page.clone()));
        }
        match &self.taught {
            None => (read(&self.plain, visit, page).await, None),
            Some(taught) => {
                let learned = read(taught, visit, page.clone()).await;
                let other = if enough(&learned) { None } else { Some(read(&self.plain, visit, page).await) };
                (learned, other)
            }
        }
    }

    /// What the pages in hand teach. A source that breaks over them learned nothing.
    pub(super) async fn learn(&self) -> Option<String> {
        let (source, pages) = (self.plain.clone(), self.pages.clone());
        let work = tokio::task::spawn_blocking(move || std::panic::catch_unwind(AssertUnwindSafe(|| source.learn(&pages))));
        let learned = tokio::time::timeout(READ_LIMIT, work).await;
        learned.ok().and_then(Result::ok).and_then(Result::ok).flatten()
    }
}
