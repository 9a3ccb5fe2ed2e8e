//! What channels remember (`channel::Keep`): a row for each key, and for tokens a file beside the
//! database, which is there when the database comes from an old backup.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};

use super::{Store, ms};
use crate::channel::Keep;
use crate::phrases;

/// A lease further ahead than this was reckoned by a wrong clock.
const LONGEST_LEASE: TimeDelta = TimeDelta::minutes(10);
/// The folder beside the database.
const FOLDER: &str = "tokens";

const PUT: &str = "INSERT INTO memory (key, value, put) VALUES ($1, $2, $3) \
     ON CONFLICT (key) DO UPDATE SET value = excluded.value, put = excluded.put";
const LEASE: &str = "INSERT INTO memory (key, put, holder, leased_until) VALUES ($1, $2, $3, $4) \
     ON CONFLICT (key) DO UPDATE SET holder = excluded.holder, leased_until = excluded.leased_until \
     WHERE memory.holder IS NULL OR memory.holder = excluded.holder OR memory.leased_until <= $2 OR memory.leased_until > $5";

#[async_trait]
impl Keep for Store {
    async fn get(&self, key: &str) -> Result<Option<String>, String> {
        let found: Result<Option<Option<String>>, sqlx::Error> =
            sqlx::query_scalar("SELECT value FROM memory WHERE key = $1").bind(key.to_owned()).fetch_optional(&self.read).await;
        found.map(Option::flatten).map_err(|error| told(&error))
    }

    async fn put(&self, key: &str, value: &str, now: DateTime<Utc>) -> Result<(), String> {
        let put = sqlx::query(PUT).bind(key.to_owned()).bind(value.to_owned()).bind(ms(now)).execute(&self.write).await;
        put.map(drop).map_err(|error| told(&error))
    }

    async fn swap(&self, key: &str, was: &str, value: &str, now: DateTime<Utc>) -> Result<bool, String> {
        let swapped = sqlx::query("UPDATE memory SET value = $2, put = $3 WHERE key = $1 AND value = $4")
            .bind(key.to_owned())
            .bind(value.to_owned())
            .bind(ms(now))
            .bind(was.to_owned())
            .execute(&self.write)
            .await;
        swapped.map(|done| done.rows_affected() > 0).map_err(|error| told(&error))
    }

    async fn lease(&self, key: &str, holder: &str, now: DateTime<Utc>, until: DateTime<Utc>) -> Result<bool, String> {
        let leased = sqlx::query(LEASE)
            .bind(key.to_owned())
            .bind(ms(now))
            .bind(holder.to_owned())
            .bind(ms(until))
            .bind(ms(now + LONGEST_LEASE))
            .execute(&self.write)
            .await;
        leased.map(|done| done.rows_affected() > 0).map_err(|error| told(&error))
    }

    async fn give_back(&self, key: &str, holder: &str) -> Result<(), String> {
        let released = sqlx::query("UPDATE memory SET holder = NULL, leased_until = NULL WHERE key = $1 AND holder = $2")
            .bind(key.to_owned())
            .bind(holder.to_owned())
            .execute(&self.write)
            .await;
        released.map(drop).map_err(|error| told(&error))
    }

    async fn sweep(&self, start: &str, before: DateTime<Utc>) -> Result<(), String> {
        // What follows the start in the order of bytes, so that the index of the key serves.
        let end = format!("{start}\u{10FFFF}");
        let swept = sqlx::query("DELETE FROM memory WHERE key >= $1 AND key < $2 AND put < $3")
            .bind(start.to_owned())
            .bind(end)
            .bind(ms(before))
            .execute(&self.write)
            .await;
        swept.map(drop).map_err(|error| told(&error))
    }

    fn put_copy(&self, key: &str, value: &str) -> Result<(), String> {
        let folder = self.beside.join(FOLDER);
        let (path, fresh) = (self.copy_path(key), folder.join(format!(".{key}.new")));
        let write = || {
            fs::create_dir_all(&folder)?;
            let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
            file.write_all(value.as_bytes())?;
            file.sync_all()?;
            fs::rename(&fresh, &path)?;
            File::open(&folder)?.sync_all()
        };
        write().map_err(|error: std::io::Error| phrases::memory_unwritten(&path, &error))
    }

    fn copy(&self, key: &str) -> Option<String> {
        fs::read_to_string(self.copy_path(key)).ok()
    }
}

impl Store {
    fn copy_path(&self, key: &str) -> PathBuf {
        self.beside.join(FOLDER).join(format!("{key}.json"))
    }
}

/// Drivers tell columns and states in their errors, never bound values.
fn told(error: &sqlx::Error) -> String {
    phrases::memory_failed(&error.to_string())
}
