//! What a channel must remember when the process ends: tokens that work once, and how far a
//! message of several steps has come.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// A small memory with a key for each thing, which outlives the process. The store is one. Errors
/// are texts without values, for values may be secrets.
#[async_trait]
pub trait Keep: Send + Sync {
    /// What was put under a key.
    async fn get(&self, key: &str) -> Result<Option<String>, String>;
    /// Remembers a value; it is committed when this returns.
    async fn put(&self, key: &str, value: &str, now: DateTime<Utc>) -> Result<(), String>;
    /// Remembers a value if `was` still stands there; whether it did.
    async fn swap(&self, key: &str, was: &str, value: &str, now: DateTime<Utc>) -> Result<bool, String>;
    /// Takes a key for `holder` until a time, if nobody else has it at `now`; whether it was taken.
    async fn lease(&self, key: &str, holder: &str, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<bool, String>;
    /// Gives a key back.
    async fn give_back(&self, key: &str, holder: &str) -> Result<(), String>;
    /// Forgets what stands under keys that start so and was put before a time.
    async fn sweep(&self, start: &str, before: DateTime<Utc>) -> Result<(), String>;
    /// Writes a second copy beside the first, forced to the disk: for what must survive a database
    /// that is lost or taken from a backup.
    fn put_copy(&self, key: &str, value: &str) -> Result<(), String>;
    /// The second copy.
    fn copy(&self, key: &str) -> Option<String>;
}
