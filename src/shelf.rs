//! What is served: each feed's bytes with their validator, in memory as far as they fit.

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use chrono::{DateTime, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use quick_cache::Weighter;
use quick_cache::sync::Cache;
use sha2::{Digest, Sha256};

/// Bytes kept in memory over all files; others are read from the disk.
const MEMORY: u64 = 48 << 20;

/// One file as it is served.
#[derive(Debug, Clone)]
pub struct File {
    /// Strong validator of the plain bytes, with its quotes; depends on content alone.
    pub etag: String,
    /// When the content last changed.
    pub modified: DateTime<Utc>,
    /// With charset.
    pub media_type: String,
}

/// The bytes of a file, plain and compressed.
#[derive(Debug, Clone)]
pub struct Bodies {
    /// As on the disk.
    pub plain: Bytes,
    /// By gzip, once per change.
    pub gzip: Bytes,
}

#[derive(Clone)]
struct Weight;

impl Weighter<String, Arc<Bodies>> for Weight {
    fn weight(&self, _key: &String, bodies: &Arc<Bodies>) -> u64 {
        (bodies.plain.len() + bodies.gzip.len()).max(1) as u64
    }
}

/// Every file that is served.
pub struct Shelf {
    dir: PathBuf,
    files: RwLock<HashMap<String, Arc<File>>>,
    bodies: Cache<String, Arc<Bodies>, Weight>,
}

impl Shelf {
    /// An empty shelf over the folder that holds the files.
    #[must_use]
    pub fn new(dir: PathBuf) -> Self {
        Self { dir, files: RwLock::default(), bodies: Cache::with_weighter(4096, MEMORY, Weight) }
    }

    /// Puts a file's new content on the shelf, once it is on the disk.
    pub fn put(&self, name: &str, media_type: &str, bytes: &[u8], modified: DateTime<Utc>) {
        let file = File { etag: etag(bytes), modified, media_type: format!("{media_type}; charset=utf-8") };
        self.files.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), Arc::new(file));
    }

    /// Takes everything off the shelf that `keep` does not want: feeds that the config no longer has.
    pub fn keep_only(&self, keep: impl Fn(&str) -> bool) {
        self.files.write().unwrap_or_else(PoisonError::into_inner).retain(|name, _| keep(name));
    }

    /// A file by its name; `None` when no feed has it.
    pub fn get(&self, name: &str) -> Option<Arc<File>> {
        self.files.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// A file with its bytes; the validator is always that of these bytes.
    ///
    /// # Errors
    /// When the disk fails.
    pub fn open(&self, name: &str) -> std::io::Result<Option<(Arc<File>, Arc<Bodies>)>> {
        for _ in 0..3 {
            let Some(file) = self.get(name) else { return Ok(None) };
            match self.bodies.get_or_insert_with(&file.etag, || self.load(name, &file.etag)) {
                Ok(bodies) => return Ok(Some((file, bodies))),
                // Replaced on the disk a moment before the shelf knew: look again.
                Err(e) if e.kind() == std::io::ErrorKind::InvalidData => std::thread::yield_now(),
                Err(e) => return Err(e),
            }
        }
        Err(std::io::ErrorKind::InvalidData.into())
    }

    fn load(&self, name: &str, wanted: &str) -> std::io::Result<Arc<Bodies>> {
        let plain = std::fs::read(self.dir.join(name))?;
        if etag(&plain) != wanted {
            return Err(std::io::ErrorKind::InvalidData.into());
        }
        let mut encoder = GzEncoder::new(Vec::with_capacity(plain.len() / 4), Compression::default());
        encoder.write_all(&plain)?;
        Ok(Arc::new(Bodies { plain: plain.into(), gzip: encoder.finish()?.into() }))
    }
}

fn etag(bytes: &[u8]) -> String {
    let hash: String = Sha256::digest(bytes).iter().take(12).map(|b| format!("{b:02x}")).collect();
    format!("\"{hash}\"")
}
