//! What is served: every file by its name, ready to be sent. A body is read, and made smaller,
//! once per change and when it is first asked for; memory is bounded whatever the number of files.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use axum::http::HeaderMap;
use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use rustc_hash::FxHashMap;

mod coding;
mod past;
mod sheet;

pub use coding::{Coding, WORTH};
pub use past::{Marks, mark};
pub use sheet::{HOUSE, Known, Prepared, Print, Sheet};

use past::Past;

/// Bytes of bodies kept in memory over all files; others are read again when they are asked for.
const MEMORY: u64 = 48 << 20;
/// Prepared heads kept in memory; one takes about 3 kB.
const HEADS: usize = 4096;
/// Bytes of answers to readers that ask only for what is new to them.
const NEWS: u64 = 4 << 20;

#[derive(Clone)]
struct Weight;

impl<K> Weighter<K, Bytes> for Weight {
    fn weight(&self, _key: &K, body: &Bytes) -> u64 {
        body.len().max(1) as u64
    }
}

/// Every file that is served.
pub struct Shelf {
    dir: PathBuf,
    sheets: RwLock<FxHashMap<String, Arc<Sheet>>>,
    heads: Cache<(u64, Coding), Arc<Prepared>>,
    bodies: Cache<(Print, Coding), Bytes, Weight>,
    past: RwLock<HashMap<String, Past>>,
    news: Cache<(Print, Print), Bytes, Weight>,
}

impl Shelf {
    /// An empty shelf over the folder that holds the files.
    #[must_use]
    pub fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            sheets: RwLock::default(),
            heads: Cache::new(HEADS),
            bodies: Cache::with_weighter(HEADS, MEMORY, Weight),
            past: RwLock::default(),
            news: Cache::with_weighter(256, NEWS, Weight),
        }
    }

    /// Puts a file on the shelf under its name in the folder, in place of what was there.
    pub fn put(&self, name: &str, sheet: Sheet) {
        self.sheets.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), Arc::new(sheet));
    }

    /// Puts a file that lies in the folder already on the shelf, unless it stands there.
    pub fn find(&self, name: &str, sheet: impl FnOnce() -> Sheet) {
        let mut sheets = self.sheets.write().unwrap_or_else(PoisonError::into_inner);
        if !sheets.contains_key(name) {
            sheets.insert(name.to_owned(), Arc::new(sheet()));
        }
    }

    /// Takes everything off the shelf that `keep` does not want: feeds that the config no longer has.
    pub fn keep_only(&self, keep: impl Fn(&str) -> bool) {
        self.sheets.write().unwrap_or_else(PoisonError::into_inner).retain(|name, _| keep(name));
    }

    /// A file by its name; `None` when no feed has it.
    pub fn get(&self, name: &str) -> Option<Arc<Sheet>> {
        self.sheets.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// The heads of a file's answers in a coding.
    pub fn prepared(&self, sheet: &Sheet, known: &Known, coding: Coding) -> Arc<Prepared> {
        let key = (sheet.id, coding);
        self.heads.get(&key).unwrap_or_else(|| {
            let prepared = Arc::new(Prepared::new(sheet, known, coding));
            self.heads.insert(key, prepared.clone());
            prepared
        })
    }

    /// A file's body in a coding, where it is in memory.
    pub fn body(&self, sheet: &Sheet, known: &Known, coding: Coding) -> Option<Bytes> {
        let held = || self.bodies.get(&(known.print, coding));
        if coding == Coding::Identity { sheet.held().or_else(held) } else { held() }
    }

    /// The same, read from the disk and made smaller where need be: blocks. Callers that come
    /// together wait for one of them.
    ///
    /// # Errors
    /// When the disk fails; `InvalidData` when the file was replaced a moment before the shelf
    /// knew: see [`Sheet::anew`].
    pub fn load(&self, name: &str, sheet: &Sheet, coding: Coding) -> std::io::Result<Bytes> {
        let path = self.dir.join(name);
        let Some(known) = sheet.known() else {
            return sheet.read(&path).map(|(_, plain)| plain);
        };
        self.bodies.get_or_insert_with(&(known.print, coding), || sheet.read(&path).and_then(|(_, plain)| coding.apply(&plain)))
    }

    /// Notes what a feed says now, for readers that ask only for what is new to them.
    pub fn remember(&self, feed: &str, prints: Vec<Print>, marks: Marks) {
        self.past.write().unwrap_or_else(PoisonError::into_inner).entry(feed.to_owned()).or_default().add(prints, marks);
    }

    /// What a feed said when one of its files had this print; `None` where that is too long ago.
    pub fn said(&self, feed: &str, print: Print) -> Option<Marks> {
        self.past.read().unwrap_or_else(PoisonError::into_inner).get(feed)?.said(print)
    }

    /// What is new between two versions of a file, where it was asked for lately.
    pub fn news(&self, versions: &(Print, Print)) -> Option<Bytes> {
        self.news.get(versions)
    }

    /// Keeps it for the next reader that has the same.
    pub fn keep_news(&self, versions: (Print, Print), bytes: Bytes) {
        self.news.insert(versions, bytes);
    }

    /// The headers that every answer of the house carries.
    #[must_use]
    pub fn house() -> HeaderMap {
        HOUSE.iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }
}
