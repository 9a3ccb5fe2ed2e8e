//! What is made when it is asked for and kept while nothing changes: feeds by words, and archives.
//! Little memory, and few at a time, whatever strangers ask for.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use anyhow::{Context, Result};
use bytes::Bytes;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use tokio::sync::Semaphore;

use crate::entry::Slug;
use crate::shelf::Sheet;

/// Bytes that are kept.
const MEMORY: u64 = 8 << 20;
/// Feeds that are expected in them.
const EXPECTED: usize = 512;
/// Made at the same time; others wait.
const AT_ONCE: usize = 4;

#[derive(Clone)]
struct Weight;

impl Weighter<String, Kept> for Weight {
    fn weight(&self, key: &String, kept: &Kept) -> u64 {
        (key.len() + kept.size + 256) as u64
    }
}

#[derive(Clone)]
struct Kept {
    version: i64,
    size: usize,
    /// `None` where there is no such thing.
    sheet: Option<Arc<Sheet>>,
}

/// Feeds that were made for those who asked.
pub struct Made {
    kept: Cache<String, Kept, Weight>,
    gate: Semaphore,
    versions: RwLock<HashMap<Slug, i64>>,
}

impl Default for Made {
    fn default() -> Self {
        Self { kept: Cache::with_weighter(EXPECTED, MEMORY, Weight), gate: Semaphore::new(AT_ONCE), versions: RwLock::default() }
    }
}

impl Made {
    /// Notes what the feeds are made of now; what was made of something else is made anew.
    pub(super) fn renew(&self, versions: HashMap<Slug, i64>) {
        *self.versions.write().unwrap_or_else(PoisonError::into_inner) = versions;
    }

    /// What is kept under an address, or what `make` makes of it now: its bytes with the sheet for
    /// them, or nothing.
    ///
    /// # Errors
    /// Those of `make`.
    pub async fn get<F>(&self, feed: &Slug, address: &str, sheet: impl Fn(Bytes) -> Sheet, make: F) -> Result<Option<Arc<Sheet>>>
    where
        F: Future<Output = Result<Option<Vec<u8>>>>,
    {
        let version = self.versions.read().unwrap_or_else(PoisonError::into_inner).get(feed).copied().unwrap_or_default();
        let known = || self.kept.get(address).filter(|kept| kept.version == version).map(|kept| kept.sheet);
        if let Some(sheet) = known() {
            return Ok(sheet);
        }
        let _place = self.gate.acquire().await.context("closed")?;
        // Who waited for the same has it now.
        if let Some(sheet) = known() {
            return Ok(sheet);
        }
        let bytes = make.await?;
        let size = bytes.as_ref().map_or(0, Vec::len);
        let sheet = bytes.map(|bytes| Arc::new(sheet(bytes.into())));
        self.kept.insert(address.to_owned(), Kept { version, size, sheet: sheet.clone() });
        Ok(sheet)
    }
}
