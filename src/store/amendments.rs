//! Entries that changed after they were sent: noted with the change itself, and brought to those
//! who got the old version in short transactions, which a killed process goes on with.

use std::collections::{BTreeMap, HashMap};

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Any, Row as _, Transaction};

use super::entries::{Stored, select_entries, stored};
use super::identity::Candidate;
use super::turns::{Whose, reckon};
use super::{Engine, Store, ms, write};
use crate::correction::{self, Fate};
use crate::entry::Slug;
use crate::phrases::{self, Language};

/// What was sent longer ago is left as it is; Telegram changes nothing older in groups.
pub(super) const AMENDED_FOR: TimeDelta = TimeDelta::hours(48);
/// An entry that is changed again and again is told of so often at most.
const APART: TimeDelta = TimeDelta::minutes(10);
/// Those who were just being sent the old version are looked at again after this, and for so long.
const STRAGGLING: TimeDelta = TimeDelta::seconds(40);
const STRAGGLED: TimeDelta = TimeDelta::hours(1);
/// Deliveries that one transaction changes, and that it looks at: most of them may not have left yet.
const TOGETHER: usize = 200;
const LOOKED_AT: usize = 1000;

/// What is done on one channel for those who got an older version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Their messages are changed.
    pub edits: bool,
    /// They are told in a message of its own what is weighty.
    pub tells: bool,
}

/// When a message of a feed to an address may leave, from a time on; the third are the quiet hours that
/// its people chose.
pub type Clear<'a> = dyn Fn(&str, &str, Option<&str>, DateTime<Utc>) -> DateTime<Utc> + Send + Sync + 'a;

/// What [`Store::amend_some`] goes by.
pub struct Policies<'a> {
    /// By the channel's name; nothing is done on one that is not named.
    pub channels: HashMap<&'a str, Policy>,
    /// When a message to an address may leave that is to leave now: the end of its quiet hours.
    pub clear: &'a Clear<'a>,
    /// Of the words of a correction.
    pub language: Language,
}

/// Notes that an entry changed; `told` is what stood before, `gone` whether it was withdrawn then.
/// Nothing is noted of what nobody is owed; whether anybody was sent it is looked at later, for of
/// very many deliveries none may have left.
pub(super) async fn note(tx: &mut Transaction<'static, Any>, entry: i64, told: i64, gone: bool, now: DateTime<Utc>) -> Result<()> {
    sqlx::query(
        "INSERT INTO amendments (entry, since, gone, due) SELECT $1, $2, $3, $4 WHERE EXISTS (SELECT 1 FROM deliveries d WHERE d.entry = $1) \
         ON CONFLICT (entry) DO UPDATE SET passed = 0, \
         since = CASE WHEN amendments.due IS NULL OR (amendments.passed = 1 AND amendments.after = '') THEN excluded.since ELSE amendments.since END, \
         gone = CASE WHEN amendments.due IS NULL OR (amendments.passed = 1 AND amendments.after = '') THEN excluded.gone ELSE amendments.gone END, \
         due = CASE WHEN amendments.begun > $4 - $5 AND amendments.begun <= $4 THEN amendments.begun + $5 ELSE $4 END, after = ''",
    )
    .bind(entry)
    .bind(told)
    .bind(i64::from(gone))
    .bind(ms(now))
    .bind(APART.num_milliseconds())
    .execute(&mut **tx)
    .await
    .context("store: amend")?;
    Ok(())
}

/// One change under way.
struct Amendment {
    entry: i64,
    since: i64,
    gone: bool,
    after: String,
    begun: i64,
}

/// A delivery whose messages show an older version.
struct Outdated {
    id: i64,
    address: String,
    channel: String,
    feed: String,
    /// The hours in which its people want to be left in peace.
    quiet: Option<String>,
    /// Its messages have ids by which they can be changed.
    named: bool,
}

/// The next of those whom an entry is or was owed to.
struct Piece {
    /// They were sent an older version.
    outdated: Vec<Outdated>,
    /// Deliveries that were dropped because it was withdrawn.
    dropped: Vec<i64>,
    /// The last address that was looked at; `None` where there are no more.
    last: Option<String>,
}

impl Store {
    /// Brings one change to some of those who got an older version, in a transaction of its own.
    /// Returns how many; `None` where nothing is to be done now.
    ///
    /// # Errors
    /// When the database fails; nothing is written then.
    pub async fn amend_some(&self, policies: &Policies<'_>, now: DateTime<Utc>) -> Result<Option<usize>> {
        let due: Option<i64> = sqlx::query_scalar("SELECT entry FROM amendments WHERE due <= $1 LIMIT 1")
            .bind(ms(now))
            .fetch_optional(&self.read)
            .await
            .context("store: amend")?;
        if due.is_none() {
            return Ok(None);
        }
        let mut tx = self.begin().await?;
        let Some(next) = self.next_amendment(&mut tx, now).await? else { return Ok(None) };
        let mut spread = Spread { tx: &mut tx, engine: self.engine, policies, now };
        let looked_at = spread.some(&next).await?;
        tx.commit().await.context("store: amend")?;
        Ok(Some(looked_at))
    }

    /// On PostgreSQL one that another process is at is left to it.
    async fn next_amendment(&self, tx: &mut Transaction<'static, Any>, now: DateTime<Utc>) -> Result<Option<Amendment>> {
        let text = self.pick(
            "SELECT entry, since, gone, after, begun FROM amendments WHERE due <= $1 ORDER BY due, entry LIMIT 1",
            "SELECT entry, since, gone, after, begun FROM amendments WHERE due <= $1 ORDER BY due, entry LIMIT 1 FOR UPDATE SKIP LOCKED",
        );
        let row = sqlx::query(text).bind(ms(now)).fetch_optional(&mut **tx).await.context("store: amend")?;
        row.map(|row| {
            Ok(Amendment {
                entry: row.try_get("entry")?,
                since: row.try_get("since")?,
                gone: row.try_get::<i64, _>("gone")? == 1,
                after: row.try_get("after")?,
                begun: row.try_get("begun")?,
            })
        })
        .transpose()
    }
}

/// Those who are being sent a version, by the indexes of what is under way: of very many deliveries of
/// one entry the others are not read. SQLite would take the index of the entry.
macro_rules! stragglers {
    ($entry:literal) => {
        concat!(
            "SELECT CAST(1 AS BIGINT) FROM deliveries WHERE ",
            $entry,
            " AND told < $2 AND owed_since > $3 AND state = 'sending' \
             UNION ALL SELECT CAST(1 AS BIGINT) FROM deliveries WHERE ",
            $entry,
            " AND told < $2 AND owed_since > $3 AND state = 'doubt' \
             UNION ALL SELECT CAST(1 AS BIGINT) FROM deliveries WHERE entry = $1 AND told < $2 AND owed_since > $3 AND state = 'due' AND message_ids <> '[]' \
             LIMIT 1"
        )
    };
}
const STRAGGLERS_SQLITE: &str = stragglers!("+entry = $1");
const STRAGGLERS_POSTGRES: &str = stragglers!("entry = $1");

/// A change on its way to some.
struct Spread<'a> {
    tx: &'a mut Transaction<'static, Any>,
    engine: Engine,
    policies: &'a Policies<'a>,
    now: DateTime<Utc>,
}

impl Spread<'_> {
    async fn some(&mut self, next: &Amendment) -> Result<usize> {
        let row = sqlx::query(select_entries!("FROM entries e WHERE e.id = $1")).bind(next.entry).fetch_one(&mut **self.tx).await;
        let entry = stored(&row.context("store: amend")?)?;
        let Piece { outdated, dropped, last } = self.piece(next, entry.revision).await?;
        if !entry.withdrawn {
            self.give_back(&dropped).await?;
        }
        let fate = match (next.gone, entry.withdrawn) {
            (false, true) => Fate::Withdrawn,
            (true, false) => Fate::Returned,
            (false, false) | (true, true) => Fate::Kept,
        };
        let policy = |one: &Outdated| self.policies.channels.get(one.channel.as_str()).copied();
        let edits = |one: &&Outdated| one.named && policy(one).is_some_and(|p| p.edits);
        // Who sees the mark in the old place needs no word of it.
        let tells = |one: &&Outdated| policy(one).is_some_and(|p| p.tells) && (fate == Fate::Kept || !edits(one));
        let (edited, told): (Vec<&Outdated>, Vec<&Outdated>) =
            (outdated.iter().filter(edits).collect(), outdated.iter().filter(tells).collect());
        let rest: Vec<i64> = outdated.iter().filter(|one| !edits(one)).map(|one| one.id).collect();
        let edited: Vec<i64> = edited.iter().map(|one| one.id).collect();
        let gone_before = entry.withdrawn && fate == Fate::Kept;
        if !told.is_empty() && !gone_before {
            self.tell(next, &entry, fate, &told).await?;
        }
        self.amend(&edited, entry.revision).await?;
        self.shown(&rest, entry.revision).await?;
        self.advance(next, entry.revision, last).await?;
        Ok(outdated.len())
    }

    /// What is to be done for the next addresses.
    async fn piece(&mut self, next: &Amendment, revision: i64) -> Result<Piece> {
        let rows = sqlx::query(
            "SELECT d.id, d.address, d.channel, d.feed, d.message_ids, d.state, d.told, d.settled, d.cause, s.quiet FROM deliveries d \
             LEFT JOIN subscriptions s ON s.feed = d.feed AND s.address = d.address WHERE d.entry = $1 AND d.address > $2 ORDER BY d.address LIMIT $3",
        )
        .bind(next.entry)
        .bind(next.after.clone())
        .bind(i64::try_from(LOOKED_AT).unwrap_or(i64::MAX))
        .fetch_all(&mut **self.tx)
        .await
        .context("store: amend")?;
        let (mut outdated, mut dropped, withdrawn) = (Vec::new(), Vec::new(), phrases::delivery_withdrawn());
        for row in &rows {
            let cause: Option<String> = row.try_get("cause")?;
            if row.try_get::<String, _>("state")? == "dropped" && cause.is_some_and(|cause| cause == withdrawn) {
                dropped.push(row.try_get("id")?);
            }
            let settled: Option<i64> = row.try_get("settled")?;
            let is_sent = row.try_get::<String, _>("state")? == "sent" && settled.is_some_and(|at| at > ms(self.now - AMENDED_FOR));
            if !is_sent || row.try_get::<i64, _>("told")? >= revision {
                continue;
            }
            outdated.push(Outdated {
                id: row.try_get("id")?,
                address: row.try_get("address")?,
                channel: row.try_get("channel")?,
                feed: row.try_get("feed")?,
                quiet: row.try_get("quiet")?,
                named: row.try_get::<String, _>("message_ids")? != "[]",
            });
            if outdated.len() == TOGETHER {
                break;
            }
        }
        let last = match (outdated.last().filter(|_| outdated.len() == TOGETHER), rows.last()) {
            (Some(last), _) => Some(last.address.clone()),
            (None, Some(row)) if rows.len() == LOOKED_AT => Some(row.try_get("address")?),
            (None, _) => None,
        };
        Ok(Piece { outdated, dropped, last })
    }

    /// What was dropped because it was withdrawn is owed again.
    async fn give_back(&mut self, ids: &[i64]) -> Result<()> {
        let text = self.pick(
            "UPDATE deliveries SET state = 'due', due = $1, cause = NULL WHERE state = 'dropped' AND id IN (SELECT value FROM json_each($2)) RETURNING address",
            "UPDATE deliveries SET state = 'due', due = $1, cause = NULL WHERE state = 'dropped' \
             AND id = ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($2::json) v)) RETURNING address",
        );
        let owed: Vec<String> = sqlx::query_scalar(text)
            .bind(ms(self.now))
            .bind(serde_json::to_string(ids)?)
            .fetch_all(&mut **self.tx)
            .await
            .context("store: give back")?;
        reckon(self.tx, Whose::These(self.engine, &owed)).await
    }

    /// Owes a correction, once for each address, where there is something to say.
    async fn tell(&mut self, next: &Amendment, entry: &Stored, fate: Fate, to: &[&Outdated]) -> Result<()> {
        let Some(letter) = self.letter(next, entry, fate).await? else { return Ok(()) };
        let mut by_time: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for one in to {
            by_time.entry(ms((self.policies.clear)(&one.feed, &one.address, one.quiet.as_deref(), self.now))).or_default().push(one.id);
        }
        let text = self.pick(
            "INSERT INTO deliveries (entry, address, channel, feed, digest, silent, owed_since, due, rank, state) \
             SELECT $1, d.address, d.channel, d.feed, 0, d.silent, $2, $3, d.rank, 'due' FROM deliveries d \
             WHERE d.id IN (SELECT value FROM json_each($4)) ORDER BY d.id ON CONFLICT DO NOTHING",
            "INSERT INTO deliveries (entry, address, channel, feed, digest, silent, owed_since, due, rank, state) \
             SELECT $1, d.address, d.channel, d.feed, 0, d.silent, $2, $3, d.rank, 'due' FROM deliveries d \
             WHERE d.id = ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($4::json) v)) ORDER BY d.id ON CONFLICT DO NOTHING",
        );
        for (due, ids) in by_time {
            let query = sqlx::query(text).bind(letter).bind(ms(self.now)).bind(due).bind(serde_json::to_string(&ids)?);
            query.execute(&mut **self.tx).await.context("store: correct")?;
        }
        let addresses: Vec<String> = to.iter().map(|one| one.address.clone()).collect();
        reckon(self.tx, Whose::These(self.engine, &addresses)).await
    }

    /// The correction as an entry, stored with the first who are told of it.
    async fn letter(&mut self, next: &Amendment, entry: &Stored, fate: Fate) -> Result<Option<i64>> {
        let diffs: Vec<String> = sqlx::query_scalar("SELECT diff FROM revisions WHERE entry = $1 AND revision >= $2 ORDER BY revision")
            .bind(next.entry)
            .bind(next.since)
            .fetch_all(&mut **self.tx)
            .await
            .context("store: correct")?;
        let weighty = correction::weighty(correction::changes(&diffs));
        let Some(letter) = correction::letter(&entry.entry, &entry.source, entry.revision, &weighty, fate, self.policies.language) else {
            return Ok(None);
        };
        let source = Slug::corrections();
        let known: Option<i64> = sqlx::query_scalar("SELECT id FROM entries WHERE source = $1 AND guid = $2")
            .bind(source.as_str().to_owned())
            .bind(letter.guid.as_str().to_owned())
            .fetch_optional(&mut **self.tx)
            .await
            .context("store: correct")?;
        if known.is_some() {
            return Ok(known);
        }
        let row = write::insert(self.tx, &source, &Candidate::new(&letter), self.now).await?;
        sqlx::query("UPDATE entries SET corrects = $1 WHERE id = $2")
            .bind(next.entry)
            .bind(row.id)
            .execute(&mut **self.tx)
            .await
            .context("store: correct")?;
        Ok(Some(row.id))
    }

    /// Their messages are to be changed; a change under way is made again when it lands.
    async fn amend(&mut self, ids: &[i64], revision: i64) -> Result<()> {
        let text = self.pick(
            "INSERT INTO amends (delivery, channel, revision, due) SELECT d.id, d.channel, $1, $2 FROM deliveries d \
             WHERE d.id IN (SELECT value FROM json_each($3)) ON CONFLICT (delivery) DO UPDATE SET revision = excluded.revision, attempt = 0, \
             due = CASE WHEN amends.lease IS NULL THEN excluded.due ELSE amends.due END",
            "INSERT INTO amends (delivery, channel, revision, due) SELECT d.id, d.channel, $1, $2 FROM deliveries d \
             WHERE d.id = ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($3::json) v)) ON CONFLICT (delivery) DO UPDATE SET \
             revision = excluded.revision, attempt = 0, due = CASE WHEN amends.lease IS NULL THEN excluded.due ELSE amends.due END",
        );
        let query = sqlx::query(text).bind(revision).bind(ms(self.now)).bind(serde_json::to_string(ids)?);
        query.execute(&mut **self.tx).await.context("store: amend")?;
        Ok(())
    }

    /// Nothing more is to be done about this revision for deliveries that cannot be changed.
    async fn shown(&mut self, ids: &[i64], revision: i64) -> Result<()> {
        let text = self.pick(
            "UPDATE deliveries SET told = $1 WHERE id IN (SELECT value FROM json_each($2))",
            "UPDATE deliveries SET told = $1 WHERE id = ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($2::json) v))",
        );
        let query = sqlx::query(text).bind(revision).bind(serde_json::to_string(ids)?);
        query.execute(&mut **self.tx).await.context("store: amend")?;
        Ok(())
    }

    /// Where the next look goes on: behind the last, or from the start while some are being sent an
    /// older version.
    async fn advance(&mut self, of: &Amendment, revision: i64, last: Option<String>) -> Result<()> {
        let begun = if of.after.is_empty() { ms(self.now) } else { of.begun };
        let due = match last {
            Some(_) => Some(ms(self.now)),
            None => self.straggles(of.entry, revision).await?.then(|| ms(self.now + STRAGGLING)),
        };
        sqlx::query("UPDATE amendments SET due = $1, after = $2, passed = 1, begun = $3 WHERE entry = $4")
            .bind(due)
            .bind(last.unwrap_or_default())
            .bind(begun)
            .bind(of.entry)
            .execute(&mut **self.tx)
            .await
            .context("store: amend")?;
        Ok(())
    }

    async fn straggles(&mut self, entry: i64, revision: i64) -> Result<bool> {
        let open: Option<i64> = sqlx::query_scalar(self.pick(STRAGGLERS_SQLITE, STRAGGLERS_POSTGRES))
            .bind(entry)
            .bind(revision)
            .bind(ms(self.now - STRAGGLED))
            .fetch_optional(&mut **self.tx)
            .await
            .context("store: amend")?;
        Ok(open.is_some())
    }

    fn pick(&self, sqlite: &'static str, postgres: &'static str) -> &'static str {
        self.engine.pick(sqlite, postgres)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::tests::plan;

    #[tokio::test]
    async fn those_who_are_being_sent_an_older_version_are_found_without_a_look_at_all_others() {
        let plan = plan(STRAGGLERS_SQLITE).await;
        let steps: Vec<&String> = plan.iter().filter(|step| step.contains("deliveries")).collect();
        let by = |step: &str| {
            ["deliveries_sending", "deliveries_open", "deliveries_doubt", "deliveries_partly"].iter().any(|name| step.contains(name))
        };
        assert!(steps.len() == 3 && steps.iter().all(|step| by(step)), "{plan:?}");
    }
}
