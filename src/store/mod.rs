//! What must last: sources, entries, and what is owed. One SQL text for SQLite and PostgreSQL;
//! verbs, not tables.
//!
//! Times are unix milliseconds (BIGINT), truth values 0 and 1, lists JSON text: the types that
//! both engines share.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use anyhow::{Context, Result};
use chrono::{DateTime, Utc};
use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::{Any, AnyPool, Connection, Executor, SqlStr, Transaction};

use crate::phrases;
use committer::Committer;
use schema::{POSTGRES, SCHEMA, SQLITE};

mod amendments;
mod amends;
mod announcements;
mod archives;
mod batch;
mod burst;
mod claim;
mod clock;
mod committer;
mod conclude;
mod deeds;
mod divert;
mod entries;
mod fan_outs;
mod feed_ids;
mod files;
mod heard;
mod hold;
mod identity;
mod incidents;
mod kept;
mod leavers;
mod letters;
mod lock;
mod memory;
mod outbox;
mod owe;
mod pages;
mod pieces;
mod pings;
mod pulse;
mod recipes;
mod relink;
mod rename;
mod report;
mod rests;
mod retire;
mod revisions;
mod save;
mod schema;
mod search;
mod settle;
mod sources;
mod spent;
mod story;
mod strangers;
mod subscribers;
mod subscriptions;
mod tally;
mod troubles;
mod tune;
mod turns;
mod wishes;
mod woe;
mod write;
mod written;

pub use amendments::{Clear, Policies, Policy};
pub use amends::{Amend, Amended, Corrected};
pub use announcements::Announcement;
pub use archives::{Archives, Taken};
pub use batch::{Batch, Claimed};
pub use clock::Farthest;
pub use deeds::Deed;
pub use divert::{Divert, Return};
pub use entries::{Query, Stored};
pub use heard::{Inquiry, Outcome};
pub use hold::Held;
pub use identity::{Asked, Known};
pub use kept::Kept;
pub use leavers::Left;
pub use letters::{Dead, Wanted};
pub use pages::Again;
pub use pings::{Ping, Pinged, TopicStanding};
pub use recipes::Learned;
pub use report::Report;
pub use rests::WINDOW;
pub use revisions::Revision;
pub use save::{Poll, Saved, Seen, Visited};
pub use search::{Found, Search, Words};
pub use settle::Settled;
pub use sources::{Catalog, Due, Health, SourceEntry};
pub use story::{Standing, Story};
pub use tally::Tally;
pub use troubles::{COUNTED, GivenUp, Waiting};
pub use wishes::{Admission, Limits, Mode, Pending, Wish};
pub use woe::Woe;

/// Above this size the database is not read through at start.
const CHECKED_AT_START: u64 = 64 << 20;

/// Why a store could not be opened, told as what the command line does next.
#[derive(Debug)]
pub enum OpenError {
    /// Another daemon holds this database: exit 3. A sentence with its process id.
    Held(String),
    /// The database is not one that this build may touch (newer, damaged, unreachable): a sentence.
    Refused(String),
}

/// Which engine stands behind a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Engine {
    Sqlite,
    Postgres,
}

impl Engine {
    /// One of two texts, where the engines differ.
    const fn pick(self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        match self {
            Self::Sqlite => sqlite,
            Self::Postgres => postgres,
        }
    }
}

/// The store.
pub struct Store {
    engine: Engine,
    /// One connection on SQLite, which has one writer.
    write: AnyPool,
    read: AnyPool,
    /// The folder of the database's file, or of the config.
    beside: PathBuf,
    settling: Committer<settle::Request>,
    concluding: Committer<conclude::Conclusion>,
    /// Held while the store is open by a daemon on SQLite.
    _lock: Option<lock::Lock>,
}

/// How a store is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// By a daemon: the only one on this SQLite database.
    Daemon,
    /// Beside a living daemon, for a short command.
    Beside,
}

impl Store {
    /// Opens `sqlite://path` (relative to `dir`) or `postgres://…`, and brings the schema up to date.
    ///
    /// # Errors
    /// See [`OpenError`]; the sentence never holds a password.
    pub async fn open(url: &str, dir: &Path, access: Access) -> Result<Self, OpenError> {
        sqlx::any::install_default_drivers();
        let engine = if url.starts_with("sqlite:") { Engine::Sqlite } else { Engine::Postgres };
        let (options, lock) = match engine {
            Engine::Sqlite => sqlite_options(url, dir, access)?,
            Engine::Postgres => (AnyConnectOptions::from_str(url).map_err(refused)?, None),
        };
        let write = pool(engine, if engine == Engine::Sqlite { 1 } else { 8 }, &options).await.map_err(refused)?;
        check(engine, &write, url, dir).await?;
        migrate(engine, &write).await?;
        let read = pool(engine, 4, &options).await.map_err(refused)?;
        let settling = Committer::start(engine, write.clone());
        let concluding = Committer::start(engine, write.clone());
        let beside = match engine {
            Engine::Sqlite => sqlite_path(url, dir).parent().unwrap_or(dir).to_owned(),
            Engine::Postgres => dir.to_owned(),
        };
        Ok(Self { engine, write, read, beside, settling, concluding, _lock: lock })
    }

    /// Whether there is a database at `url`; a server is taken to have one.
    #[must_use]
    pub fn exists(url: &str, dir: &Path) -> bool {
        !url.starts_with("sqlite:") || sqlite_path(url, dir).exists()
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<()> {
        self.read.execute("SELECT 1").await.context("store: ping")?;
        Ok(())
    }

    /// The folder of the database's file, or of the config.
    #[must_use]
    pub fn beside(&self) -> &Path {
        &self.beside
    }

    /// Closes the connections; what was committed stays.
    pub async fn close(&self) {
        self.read.close().await;
        self.write.close().await;
    }

    async fn begin(&self) -> Result<Transaction<'static, Any>> {
        begin(self.engine, &self.write).await
    }

    /// One of two texts, where the engines differ.
    const fn pick(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        self.engine.pick(sqlite, postgres)
    }
}

/// One of two texts that end in a list of names, given as JSON in `$2`.
macro_rules! any_of {
    ($head:literal, $tail:literal) => {
        (
            concat!($head, " IN (SELECT value FROM json_each($2))", $tail),
            concat!($head, " = ANY (ARRAY(SELECT json_array_elements_text($2::json)))", $tail),
        )
    };
}
use any_of;

/// A write transaction. On SQLite it takes the write lock at once: upgrading later would fail with BUSY.
async fn begin(engine: Engine, pool: &AnyPool) -> Result<Transaction<'static, Any>> {
    let begun = match engine {
        Engine::Sqlite => pool.begin_with("BEGIN IMMEDIATE").await,
        Engine::Postgres => pool.begin().await,
    };
    begun.context("store: begin")
}

fn sqlite_path(url: &str, dir: &Path) -> PathBuf {
    let path = url.trim_start_matches("sqlite:").trim_start_matches("//");
    dir.join(path.split('?').next().unwrap_or(path))
}

fn sqlite_options(url: &str, dir: &Path, access: Access) -> Result<(AnyConnectOptions, Option<lock::Lock>), OpenError> {
    let path = sqlite_path(url, dir);
    let unusable = |e: &dyn std::fmt::Display| OpenError::Refused(phrases::store_unusable(&path, e));
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(|e| unusable(&e))?;
    }
    let lock = match access {
        Access::Daemon => Some(lock::take(&path)?),
        Access::Beside => None,
    };
    let address = url::Url::from_file_path(std::path::absolute(&path).map_err(|e| unusable(&e))?).map_err(|()| unusable(&"path"))?;
    let address = format!("sqlite://{}?mode=rwc", address.path());
    Ok((AnyConnectOptions::from_str(&address).map_err(|e| unusable(&e))?, lock))
}

async fn pool(engine: Engine, connections: u32, options: &AnyConnectOptions) -> Result<AnyPool, sqlx::Error> {
    let settings = match engine {
        Engine::Sqlite => {
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA cache_size = -2000;"
        }
        Engine::Postgres => "SET statement_timeout = '30s'",
    };
    AnyPoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(Duration::from_secs(30))
        .after_connect(move |connection, _| Box::pin(async move { connection.execute(settings).await.map(|_| ()) }))
        // A transaction that a full disk ended may still be counted as open: such a connection
        // would refuse every later one, so it goes. The ping waits for a rollback on its way.
        .after_release(|connection, _| {
            Box::pin(async move {
                connection.ping().await?;
                Ok(!connection.is_in_transaction())
            })
        })
        .connect_with(options.clone())
        .await
}

/// Refuses a database that is newer than this build, or damaged, before anything is written.
async fn check(engine: Engine, pool: &AnyPool, url: &str, dir: &Path) -> Result<(), OpenError> {
    if engine == Engine::Postgres {
        return Ok(());
    }
    let path = sqlite_path(url, dir);
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(pool).await.map_err(refused)?;
    if version > SCHEMA {
        return Err(OpenError::Refused(phrases::store_newer(version, SCHEMA)));
    }
    if std::fs::metadata(&path).map_or(0, |m| m.len()) > CHECKED_AT_START {
        return Ok(());
    }
    let damage: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(pool).await.unwrap_or_else(|e| e.to_string());
    if damage == "ok" { Ok(()) } else { Err(OpenError::Refused(phrases::store_damaged(&path, &damage))) }
}

async fn migrate(engine: Engine, pool: &AnyPool) -> Result<(), OpenError> {
    let texts = match engine {
        Engine::Sqlite => SQLITE,
        Engine::Postgres => POSTGRES,
    };
    let one = |(version, sql): &(i64, &'static str)| {
        Migration::new(*version, Cow::Borrowed("schema"), MigrationType::Simple, SqlStr::from_static(sql), false)
    };
    Migrator::with_migrations(texts.iter().map(one).collect()).run(pool).await.map_err(|e| {
        if let MigrateError::VersionMissing(found) | MigrateError::VersionTooNew(found, _) = e {
            OpenError::Refused(phrases::store_newer(found, SCHEMA))
        } else {
            OpenError::Refused(phrases::store_refused(&e.to_string()))
        }
    })?;
    if engine == Engine::Sqlite {
        pool.execute(sqlx::AssertSqlSafe(format!("PRAGMA user_version = {SCHEMA}"))).await.map_err(refused)?;
    }
    Ok(())
}

#[allow(clippy::needless_pass_by_value)] // the shape that map_err wants
fn refused(e: sqlx::Error) -> OpenError {
    OpenError::Refused(phrases::store_refused(&e.to_string()))
}

const fn ms(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

fn at(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use sqlx::Row;

    use super::*;

    /// How SQLite would go about a query.
    pub(super) async fn plan(text: &str) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open("sqlite://loa.db", dir.path(), Access::Daemon).await.unwrap_or_else(|e| panic!("{e:?}"));
        let rows = sqlx::query(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {text}"))).fetch_all(&store.read).await.unwrap();
        rows.iter().map(|row| row.try_get("detail").unwrap()).collect()
    }

    #[tokio::test]
    async fn a_full_disk_does_not_wedge_the_store() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open("sqlite://full.db", dir.path(), Access::Daemon).await.unwrap_or_else(|e| panic!("{e:?}"));
        store.write.execute("CREATE TABLE filler (text TEXT)").await.unwrap();
        store.write.execute("PRAGMA max_page_count = 1").await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let filled = tx.execute("INSERT INTO filler VALUES (hex(zeroblob(4000000)))").await;
        assert!(filled.is_err(), "the database was to be full");
        drop(tx);
        let tx = store.begin().await.unwrap_or_else(|e| panic!("{e:#}"));
        tx.commit().await.unwrap();
    }
}
