//! What a visit brought: entries, what is owed of them, and what was learned of the source commit
//! in one transaction.

use std::collections::HashMap;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::{Any, Transaction};
use url::Url;

use super::conclude::Conclusion;
use super::identity::{Candidate, Index, StoredRow};
use super::owe::owe_all;
use super::pulse::{burst, newest, pulse};
use super::recipes::{self, Learned};
use super::relink;
use super::report::{self, Report};
use super::write::{self, Upsert};
use super::{Due, Engine, Store, files, incidents, kept, pages, search, strangers};
use crate::brake::{Brake, Ledger, Standing};
use crate::entry::{Entry, Guid, Slug};
use crate::incident::{self, Change, Kind, Word};
use crate::outbox::oldest_first;
use crate::page::{About, Validators};
use crate::rhythm;
use crate::subscription::Subscription;

/// What one poll of a source brought.
#[derive(Debug, Clone)]
pub struct Poll<'a> {
    /// What was claimed.
    pub due: &'a Due,
    /// When.
    pub now: DateTime<Utc>,
    /// When to visit it again.
    pub next: DateTime<Utc>,
    /// What came of it.
    pub visited: Visited,
    /// Sentences for the admin.
    pub problems: Vec<String>,
    /// The subscriptions of the config that this source's entries go to.
    pub subscriptions: &'a [Subscription],
    /// The feeds that they are in; people may have subscribed to these themselves.
    pub feeds: &'a [Slug],
    /// What was seen beside new entries.
    pub seen: Seen,
    /// What the admin is to hear of it.
    pub words: Vec<Word>,
    /// Who hears that.
    pub report: Option<Report<'a>>,
}

impl Poll<'_> {
    /// Whether it brought nothing that is to be stored beside the source itself.
    fn is_quiet(&self) -> bool {
        let nothing = match &self.visited {
            Visited::Read { entries, .. } => entries.is_empty() && !self.due.first && !strangers::were_here(self.due),
            Visited::Unchanged | Visited::Resting => true,
            Visited::Failed { .. } => false,
        };
        nothing && self.seen.is_nothing()
    }
}

/// What came of a poll.
#[derive(Debug, Clone)]
pub enum Visited {
    /// The listing was read.
    Read {
        /// Entries that are new or changed.
        entries: Vec<Entry>,
        /// For the next conditional request.
        validators: Validators,
    },
    /// The listing is as it was.
    Unchanged,
    /// The site wants no further request yet: the visit goes on later, with the pages that it kept.
    Resting,
    /// The listing could not be read.
    Failed {
        /// Why.
        cause: String,
    },
}

/// What a poll saw beside new entries.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    /// Known entries that the list names; `None` where no list was read.
    pub listed: Option<Vec<Guid>>,
    /// How many articles the list names; 0 for what is no list of a site.
    pub named: usize,
    /// How many of them its first page names.
    pub on_first_page: usize,
    /// Entries that were read from a page of their own, and what to ask for it again with.
    pub pages: HashMap<Guid, Validators>,
    /// Known entries whose pages were looked at again and read.
    pub corrected: Vec<Entry>,
    /// Known entries whose pages are as they were.
    pub unchanged: Vec<Guid>,
    /// Known entries whose pages are gone.
    pub gone: Vec<Guid>,
    /// Where the list has moved for good, from now on.
    pub moved: Option<Url>,
    /// What begins or ends.
    pub incidents: Vec<Change>,
    /// What it taught.
    pub learned: Option<Learned>,
    /// Attachments that were asked about, and what was told; nothing where it was refused.
    pub files: Vec<(Url, About)>,
    /// Attachments that there was no time to ask about, and the entries that have them.
    pub waiting: Vec<(Url, Guid)>,
    /// Pages were kept while it was under way.
    pub kept: bool,
    /// Until when the site wants no further request.
    pub rests: Option<DateTime<Utc>>,
}

impl Seen {
    /// Whether there is nothing to store of it.
    fn is_nothing(&self) -> bool {
        self.corrected.is_empty()
            && self.unchanged.is_empty()
            && self.gone.is_empty()
            && self.incidents.is_empty()
            && self.learned.is_none()
            && self.files.is_empty()
            && self.waiting.is_empty()
            && !self.kept
    }
}

/// What a save stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Saved {
    /// New entries.
    pub new: usize,
    /// Entries with a new revision.
    pub changed: usize,
    /// Entries of whose attachments more is known.
    pub weighed: usize,
    /// Deliveries owed.
    pub owed: usize,
    /// Entries known under another address, found again.
    pub relinked: usize,
    /// New entries that are owed to nobody, being too old or part of a relaunch.
    pub braked: usize,
    /// Entries that their site took back.
    pub withdrawn: usize,
    /// Entries that it gave again.
    pub returned: usize,
    /// What the admin is to hear of it.
    pub words: Vec<Word>,
}

impl Saved {
    /// Whether a feed changed.
    #[must_use]
    pub const fn touches_feeds(&self) -> bool {
        self.new + self.changed + self.weighed + self.relinked + self.withdrawn + self.returned > 0
    }
}

impl Store {
    /// Stores what a poll brought, in one transaction: entries, what is owed of them, validators,
    /// the next visit. A poll whose lease another took meanwhile stores nothing.
    ///
    /// # Errors
    /// When the database fails; nothing is stored then.
    pub async fn save(&self, poll: &Poll<'_>) -> Result<Saved> {
        if poll.is_quiet() {
            self.conclude(poll).await?;
            return Ok(Saved::default());
        }
        let mut tx = self.begin().await?;
        if !Conclusion::of(poll)?.end(&mut tx).await? {
            return Ok(Saved::default());
        }
        let mut work = Work { tx: &mut tx, engine: self.engine, poll, saved: Saved::default(), strange: strangers::were_here(poll.due) };
        if let Visited::Read { entries, .. } = &poll.visited {
            work.take(entries).await?;
        }
        work.look_back().await?;
        work.tell().await?;
        let saved = work.saved;
        if saved.touches_feeds() {
            bump(&mut tx, &poll.due.source).await?;
        }
        tx.commit().await.context("store: save")?;
        Ok(saved)
    }
}

/// One save under way.
struct Work<'a> {
    tx: &'a mut Transaction<'static, Any>,
    engine: Engine,
    poll: &'a Poll<'a>,
    saved: Saved,
    /// Nothing that is new is believed: others write on this site.
    strange: bool,
}

impl Work<'_> {
    /// Stores what was read: what is known is brought up to date, the rest is new, and of that the
    /// news is owed.
    async fn take(&mut self, entries: &[Entry]) -> Result<()> {
        if self.strange {
            self.strange = strangers::stay(self.tx, self.engine, self.poll, &mut self.saved.words).await?;
        }
        // Numbered in the order of the news, which decides between entries of the same minute.
        let candidates: Vec<Candidate<'_>> = oldest_first(entries, self.poll.now).into_iter().map(Candidate::new).collect();
        let mut index = Index::load(self.tx, self.engine, &self.poll.due.source, &candidates).await?;
        let mut fresh = Vec::new();
        for candidate in &candidates {
            if !self.known(&index, candidate).await? {
                fresh.push(candidate);
            }
        }
        let news = self.fresh(&mut index, &fresh).await?;
        self.saved.owed = owe_all(self.tx, self.engine, self.poll, &news).await?;
        if self.saved.new > 0 {
            pulse(self.tx, &self.poll.due.source).await?;
        }
        Ok(())
    }

    /// Brings a known entry up to date; false where it is none.
    async fn known(&mut self, index: &Index, candidate: &Candidate<'_>) -> Result<bool> {
        let Some(found) = index.find(candidate) else { return Ok(false) };
        if found.row.withdrawn {
            pages::give_back(self.tx, self.engine, found.row.id, self.poll.now).await?;
            self.saved.returned += 1;
        }
        if found.twin {
            let names = |listed: &Vec<Guid>| listed.iter().any(|guid| guid.as_str() == found.row.guid);
            if found.added || self.poll.seen.listed.as_ref().is_none_or(names) {
                write::alias(self.tx, &self.poll.due.source, candidate, &found.row).await?;
                return Ok(true);
            }
            // The list names the other address alone: that is where the article is now.
            self.saved.relinked += 1;
        }
        let outcome = self.update(&found.row, candidate).await?;
        self.saved.changed += usize::from(outcome == Upsert::Changed);
        self.saved.weighed += usize::from(outcome == Upsert::Weighed);
        Ok(true)
    }

    async fn update(&mut self, row: &StoredRow, candidate: &Candidate<'_>) -> Result<Upsert> {
        let source = &self.poll.due.source;
        let outcome = write::update(self.tx, source, row, candidate, self.poll.now).await?;
        if outcome == Upsert::Changed {
            search::place(self.tx, self.engine, row.id, source, candidate.entry).await?;
        }
        if row.guid != candidate.entry.guid.as_str() {
            write::alias(self.tx, source, candidate, row).await?;
        }
        self.asked(&row.guid, candidate.entry).await?;
        Ok(outcome)
    }

    /// Stores new entries and gives those that are news.
    async fn fresh(&mut self, index: &mut Index, fresh: &[&Candidate<'_>]) -> Result<Vec<Entry>> {
        let mut moved = relink::moved(self.tx, self.poll, fresh, self.saved.relinked).await?;
        let brake = self.brake(&moved, fresh).await?;
        if brake.replaced {
            self.tell_braked(Kind::Replaced, &moved.before).await?;
        } else if brake.relaunch {
            self.tell_braked(Kind::Relaunch, &moved.before).await?;
        }
        let mut news = Vec::new();
        for candidate in fresh {
            if let Some(row) = moved.pairs.remove(&candidate.entry.guid) {
                self.update(&row, candidate).await?;
                self.saved.relinked += 1;
            } else if !self.known(index, candidate).await? {
                self.insert(index, candidate).await?;
                match brake.standing(candidate.entry) {
                    Standing::News => news.push(candidate.entry.clone()),
                    Standing::Old | Standing::Doubtful => self.saved.braked += 1,
                }
            }
        }
        news.reverse();
        Ok(news)
    }

    async fn brake(&mut self, moved: &relink::Moved, fresh: &[&Candidate<'_>]) -> Result<Brake> {
        let due = self.poll.due;
        let last_ok = due.last_ok.filter(|_| !due.first);
        let expected = match last_ok.filter(|_| !fresh.is_empty()) {
            Some(last) => {
                let step = rhythm::usual_step(&newest(self.tx, &due.source).await?);
                Ledger::expect(last, step, burst(self.tx, &due.source).await?, self.poll.now)
            }
            None => None,
        };
        let ledger = Ledger {
            last_ok,
            before: due.named,
            expected,
            strange: self.strange,
            named: self.poll.seen.named,
            known: self.poll.seen.listed.as_ref().map_or(0, Vec::len),
            moved: moved.pairs.len() + self.saved.relinked,
        };
        let others: Vec<&Entry> = fresh.iter().map(|c| c.entry).filter(|e| !moved.pairs.contains_key(&e.guid)).collect();
        Ok(Brake::new(ledger, &others))
    }

    async fn insert(&mut self, index: &mut Index, candidate: &Candidate<'_>) -> Result<()> {
        let source = &self.poll.due.source;
        let row = write::insert(self.tx, source, candidate, self.poll.now).await?;
        search::place(self.tx, self.engine, row.id, source, candidate.entry).await?;
        index.add(row, candidate);
        self.asked(candidate.entry.guid.as_str(), candidate.entry).await?;
        self.saved.new += 1;
        Ok(())
    }

    /// Notes when the page of an entry was read, where it has one of its own.
    async fn asked(&mut self, guid: &str, entry: &Entry) -> Result<()> {
        let Some(validators) = self.poll.seen.pages.get(&entry.guid) else { return Ok(()) };
        let young = rhythm::is_young(entry.published.map(|at| at.with_timezone(&Utc)), self.poll.now);
        pages::asked(self.tx, &self.poll.due.source, guid, Some(validators), young, self.poll.now).await
    }

    async fn tell_braked(&mut self, kind: Kind, before: &[String]) -> Result<()> {
        let Visited::Read { entries, .. } = &self.poll.visited else { return Ok(()) };
        let newest: Vec<String> =
            entries.iter().take(relink::TOLD).map(|e| relink::line(&e.title, e.url.as_ref().map(Url::as_str))).collect();
        let due = self.poll.due;
        // What was known before strangers came is not what they wrote since.
        let earlier = incident::find(&due.incidents, kind).filter(|_| self.strange);
        let before = earlier.map_or_else(|| before.join("\n"), |incident| incident.before.clone());
        let (change, word) = incident::happened(&due.incidents, kind, before, newest.join("\n"), self.poll.now);
        incidents::change(self.tx, due.source.as_str(), &change).await?;
        self.saved.words.extend(word);
        Ok(())
    }

    /// Owes the admin what is to be heard of it.
    async fn tell(&mut self) -> Result<()> {
        self.saved.words.extend(self.poll.words.iter().cloned());
        let Some(report) = self.poll.report else { return Ok(()) };
        for word in &self.saved.words {
            report::tell(self.tx, self.engine, report, word, self.poll.now).await?;
        }
        Ok(())
    }

    /// Stores what became of entries that were looked at again.
    async fn look_back(&mut self) -> Result<()> {
        let (seen, source, now) = (&self.poll.seen, &self.poll.due.source, self.poll.now);
        if seen.is_nothing() {
            return Ok(());
        }
        let corrected: Vec<Candidate<'_>> = seen.corrected.iter().map(Candidate::new).collect();
        let index = Index::load(self.tx, self.engine, source, &corrected).await?;
        for candidate in &corrected {
            self.known(&index, candidate).await?;
        }
        for guid in &seen.unchanged {
            pages::asked(self.tx, source, guid.as_str(), None, true, now).await?;
        }
        for guid in &seen.gone {
            let listed = seen.listed.as_ref().is_none_or(|listed| listed.contains(guid));
            self.saved.withdrawn += usize::from(pages::gone(self.tx, self.engine, (source, guid), listed, now).await?);
        }
        if let Some(learned) = &seen.learned {
            recipes::learn(self.tx, source, learned, now).await?;
        }
        for change in &seen.incidents {
            incidents::change(self.tx, source.as_str(), change).await?;
        }
        for (url, about) in &seen.files {
            self.saved.weighed += usize::from(files::remember(self.tx, source, (url, about), now).await?);
        }
        for (url, guid) in &seen.waiting {
            files::wait(self.tx, source, (url, guid)).await?;
        }
        if seen.kept {
            kept::forget(self.tx, source).await?;
        }
        Ok(())
    }
}

async fn bump(tx: &mut Transaction<'static, Any>, source: &Slug) -> Result<()> {
    sqlx::query("UPDATE sources SET version = version + 1 WHERE slug = $1")
        .bind(source.as_str().to_owned())
        .execute(&mut **tx)
        .await
        .context("store: save")?;
    Ok(())
}
