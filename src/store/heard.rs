//! The inbox: what people said, each once, until it is answered. What it changes commits with the
//! mark that it is done, so a kill in between neither loses nor repeats it.

use std::collections::HashSet;

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::any::AnyRow;
use sqlx::{Any, Row, Transaction};

use super::deeds::Deed;
use super::turns::{Whose, reckon};
use super::{Store, any_of, at, ms, spent};
use crate::channel::{Heard, Reply};
use crate::outbox::MessageId;
use crate::subscription::Address;

mod wire;

/// A platform tells what was not confirmed for a day; after this its name is forgotten.
const REMEMBERED: TimeDelta = TimeDelta::days(2);
const HEAR: &str = "store: hear";

/// Something that waits for its answer.
#[derive(Debug, Clone)]
pub struct Inquiry {
    /// Its row.
    pub seq: i64,
    /// Who said what; `None` where only the answer is still to be sent.
    pub heard: Option<Heard>,
    /// Where the answer goes.
    pub to: Address,
    /// The answer, once there is one.
    pub reply: Option<Reply>,
    /// When it was heard.
    pub at: DateTime<Utc>,
    /// Proof that the claim is ours.
    pub lease: String,
}

/// What became of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was sent, as this message.
    Sent(Option<MessageId>),
    /// It is tried again at this time.
    Later(DateTime<Utc>),
    /// It is not sent.
    Dropped,
}

/// Whose turn it is: the first of each chat. An answer that was put off holds up nobody's words.
macro_rules! waiting {
    ($free:literal, $lock:literal) => {
        concat!(
            "SELECT h.seq, h.chat, h.at, h.said, h.reply FROM heard h WHERE h.channel = $1 AND h.state <> 'done' AND h.due <= $2 AND h.leased_until <= $2 AND h.seq ",
            $free,
            " AND NOT EXISTS (SELECT 1 FROM heard e WHERE e.channel = h.channel AND e.chat = h.chat AND e.state <> 'done' AND e.seq < h.seq AND (e.state = 'heard' OR e.leased_until > $2)) \
             ORDER BY h.due, h.seq LIMIT $3",
            $lock
        )
    };
}

const WAITING: (&str, &str) = (
    waiting!("NOT IN (SELECT value FROM json_each($4))", ""),
    waiting!("<> ALL (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($4::json) v))", " FOR UPDATE OF h SKIP LOCKED"),
);
const KNOWN: (&str, &str) = any_of!("SELECT id FROM heard WHERE channel = $1 AND id", "");
const LEASED: (&str, &str) = (
    "UPDATE heard SET lease = $1, leased_until = $3 WHERE seq IN (SELECT value FROM json_each($2))",
    "UPDATE heard SET lease = $1, leased_until = $3 WHERE seq = ANY (ARRAY(SELECT CAST(v AS BIGINT) FROM json_array_elements_text($2::json) v))",
);

impl Store {
    /// Which of these were heard before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn heard_before(&self, channel: &str, ids: &[&str]) -> Result<HashSet<String>> {
        let known = sqlx::query_scalar(self.pick(KNOWN.0, KNOWN.1)).bind(channel.to_owned()).bind(serde_json::to_string(ids)?);
        Ok(known.fetch_all(&self.read).await.context(HEAR)?.into_iter().collect())
    }

    /// Takes what was heard on a channel, and when each is answered; `None` for what nobody answers.
    /// What was taken before changes nothing. Committed when this returns.
    ///
    /// # Errors
    /// When the database fails; nothing is taken then.
    pub async fn hear(&self, channel: &str, heard: &[(Heard, Option<DateTime<Utc>>)], now: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin().await?;
        sqlx::query("DELETE FROM heard WHERE at < $1").bind(ms(now - REMEMBERED)).execute(&mut *tx).await.context(HEAR)?;
        for (one, due) in heard {
            let (chat, said) = match due {
                Some(_) => (one.chat.to_string(), Some(wire::written(one)?)),
                None => (String::new(), None),
            };
            sqlx::query(
                "INSERT INTO heard (channel, id, at, due, chat, state, said) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (channel, id) DO NOTHING",
            )
            .bind(channel.to_owned())
            .bind(one.id.clone())
            .bind(ms(now))
            .bind(ms(due.unwrap_or(now)))
            .bind(chat)
            .bind(if due.is_some() { "heard" } else { "done" }.to_owned())
            .bind(said)
            .execute(&mut *tx)
            .await
            .context(HEAR)?;
        }
        tx.commit().await.context(HEAR)
    }

    /// Takes what is to be answered now, in each chat one after the other. What `answering` names is
    /// being answered by this process, although its lease may have run out.
    ///
    /// # Errors
    /// When the database fails; nothing is claimed then.
    pub async fn claim_heard(
        &self,
        channel: &str,
        now: DateTime<Utc>,
        lease: TimeDelta,
        limit: usize,
        answering: &[i64],
    ) -> Result<Vec<Inquiry>> {
        if limit == 0 || self.next_heard(channel).await?.is_none_or(|next| next > now) {
            return Ok(Vec::new());
        }
        let mut tx = self.begin().await?;
        let rows = sqlx::query(self.pick(WAITING.0, WAITING.1))
            .bind(channel.to_owned())
            .bind(ms(now))
            .bind(i64::try_from(limit).unwrap_or(i64::MAX))
            .bind(serde_json::to_string(answering)?)
            .fetch_all(&mut *tx)
            .await
            .context(HEAR)?;
        let id = uuid::Uuid::new_v4().to_string();
        let claimed = rows.iter().map(|row| waiting(row, &id)).collect::<Result<Vec<Inquiry>>>()?;
        let seqs: Vec<i64> = claimed.iter().map(|one| one.seq).collect();
        sqlx::query(self.pick(LEASED.0, LEASED.1))
            .bind(id)
            .bind(serde_json::to_string(&seqs)?)
            .bind(ms(now + lease))
            .execute(&mut *tx)
            .await
            .context(HEAR)?;
        tx.commit().await.context(HEAR)?;
        Ok(claimed)
    }

    /// When the next is to be answered; `None` when nobody waits.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn next_heard(&self, channel: &str) -> Result<Option<DateTime<Utc>>> {
        let text =
            "SELECT MIN(CASE WHEN due > leased_until THEN due ELSE leased_until END) FROM heard WHERE channel = $1 AND state <> 'done'";
        let next: Option<i64> = sqlx::query_scalar(text).bind(channel.to_owned()).fetch_one(&self.read).await.context(HEAR)?;
        Ok(next.map(at))
    }

    /// Does what somebody's words ask for and forgets the words, in one transaction; what remains is
    /// the reply, if there is one. False where another process did it meanwhile.
    ///
    /// # Errors
    /// When the database fails; nothing is done then.
    pub async fn conclude_heard(&self, waiting: &Inquiry, deeds: &[Deed], reply: Option<&Reply>, now: DateTime<Utc>) -> Result<bool> {
        let mut tx = self.begin().await?;
        let state = if reply.is_some() { "said" } else { "done" };
        let ours = sqlx::query(
            "UPDATE heard SET state = $1, said = NULL, reply = $2, chat = CASE WHEN $1 = 'done' THEN '' ELSE chat END \
             WHERE seq = $3 AND lease = $4 AND state = 'heard'",
        )
        .bind(state.to_owned())
        .bind(reply.map(wire::reply).transpose()?)
        .bind(waiting.seq)
        .bind(waiting.lease.clone())
        .execute(&mut *tx)
        .await
        .context(HEAR)?;
        if ours.rows_affected() == 0 {
            return Ok(false);
        }
        for deed in deeds {
            self.perform(&mut tx, deed, now).await?;
        }
        tx.commit().await.context(HEAR)?;
        Ok(true)
    }

    /// Keeps an address for an answer, as a claim of the outbox does: one message at a time is on its
    /// way to it, and none while a doubt is open. False where it has to wait; where nothing was ever
    /// owed to the address, there is nothing to wait for.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn hold_address(&self, waiting: &Inquiry, now: DateTime<Utc>, lease: TimeDelta) -> Result<bool> {
        let taken = sqlx::query(
            "UPDATE addresses SET lease = $1, leased_until = $2, at = CASE WHEN at IS NULL THEN NULL ELSE $2 END WHERE address = $3 AND leased_until <= $4 \
             AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.address = $3 AND d.state IN ('doubt', 'sending'))",
        )
        .bind(waiting.lease.clone())
        .bind(ms(now + lease))
        .bind(waiting.to.to_string())
        .bind(ms(now))
        .execute(&self.write)
        .await
        .context(HEAR)?;
        if taken.rows_affected() > 0 {
            return Ok(true);
        }
        let text = "SELECT CAST(1 AS BIGINT) FROM addresses WHERE address = $1";
        let known: Option<i64> = sqlx::query_scalar(text).bind(waiting.to.to_string()).fetch_optional(&self.read).await.context(HEAR)?;
        Ok(known.is_none())
    }

    /// Writes down what became of an answer, and gives its address back. `counted` is its channel
    /// where that takes only so many messages a month.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn settle_heard(&self, waiting: &Inquiry, outcome: &Outcome, counted: Option<&str>, now: DateTime<Utc>) -> Result<()> {
        let mut tx = self.begin().await?;
        let text = match outcome {
            Outcome::Later(_) => "UPDATE heard SET due = $1, lease = NULL, leased_until = 0 WHERE seq = $2 AND lease = $3",
            Outcome::Sent(_) | Outcome::Dropped => {
                "UPDATE heard SET state = 'done', said = NULL, reply = NULL, chat = '', due = $1, lease = NULL, leased_until = 0 WHERE seq = $2 AND lease = $3"
            }
        };
        let due = if let Outcome::Later(due) = outcome { *due } else { now };
        sqlx::query(text).bind(ms(due)).bind(waiting.seq).bind(waiting.lease.clone()).execute(&mut *tx).await.context(HEAR)?;
        let id = if let Outcome::Sent(id) = outcome { id.clone() } else { None };
        give_back(&mut tx, waiting, id).await?;
        if let Some(channel) = counted.filter(|_| matches!(outcome, Outcome::Sent(_))) {
            spent::count(&mut tx, [((channel.to_owned(), ms(now)), 1)].into()).await?;
        }
        tx.commit().await.context(HEAR)
    }
}

async fn give_back(tx: &mut Transaction<'static, Any>, waiting: &Inquiry, id: Option<MessageId>) -> Result<()> {
    let to = waiting.to.to_string();
    let text = "UPDATE addresses SET lease = NULL, leased_until = 0, replied = COALESCE($1, replied) WHERE address = $2 AND lease = $3";
    sqlx::query(text).bind(id).bind(to.clone()).bind(waiting.lease.clone()).execute(&mut **tx).await.context(HEAR)?;
    reckon(tx, Whose::One(&to)).await
}

fn waiting(row: &AnyRow, lease: &str) -> Result<Inquiry> {
    // What another version wrote and this one cannot read is let go.
    let (said, reply): (Option<String>, Option<String>) = (row.try_get("said")?, row.try_get("reply")?);
    Ok(Inquiry {
        seq: row.try_get("seq")?,
        heard: said.and_then(|said| wire::heard(&said).ok()),
        to: super::outbox::address(&row.try_get::<String, _>("chat")?)?,
        reply: reply.and_then(|reply| wire::read_reply(&reply).ok()),
        at: at(row.try_get("at")?),
        lease: lease.to_owned(),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing)]
mod tests {
    use super::*;
    use crate::channel::{Place, Said};
    use crate::store::Access;

    fn words(id: &str, chat: &str) -> Heard {
        let said = Said::Words("dừng".into());
        let chat = Address::new("bot", chat);
        Heard { id: id.into(), chat, named: None, speaker: "9".into(), place: Place::Private, manages: None, said }
    }

    #[tokio::test]
    async fn an_answer_has_the_address_alone_and_is_known_afterwards() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open("sqlite://loa.db", dir.path(), Access::Daemon).await.unwrap_or_else(|e| panic!("{e:?}"));
        let (now, lease) = (DateTime::UNIX_EPOCH + TimeDelta::days(20_000), TimeDelta::seconds(60));
        store.hear("bot", &[(words("1", "9"), Some(now)), (words("2", "9"), Some(now)), (words("1", "8"), Some(now))], now).await.unwrap();
        sqlx::query("INSERT INTO addresses (address, channel) VALUES ('bot:9', 'bot')").execute(&store.write).await.unwrap();
        let first = store.claim_heard("bot", now, lease, 9, &[]).await.unwrap();
        assert_eq!(first.iter().map(|one| one.to.chat()).collect::<Vec<_>>(), ["9"], "one of a chat, and each name once");
        assert!(store.hold_address(&first[0], now, lease).await.unwrap());
        let other = Inquiry { lease: "another".into(), ..first[0].clone() };
        assert!(!store.hold_address(&other, now, lease).await.unwrap());
        assert!(store.conclude_heard(&first[0], &[], Some(&Reply::default()), now).await.unwrap());
        assert!(!store.conclude_heard(&first[0], &[], None, now).await.unwrap(), "done once");
        store.settle_heard(&first[0], &Outcome::Sent(Some("42".into())), None, now).await.unwrap();
        assert!(store.hold_address(&other, now, lease).await.unwrap(), "it was given back");
        let replied: Option<String> = sqlx::query_scalar("SELECT replied FROM addresses").fetch_one(&store.read).await.unwrap();
        assert_eq!(replied.as_deref(), Some("42"));
        let left: Option<String> =
            sqlx::query_scalar("SELECT said || chat FROM heard WHERE id = '1'").fetch_one(&store.read).await.unwrap();
        assert_eq!(left, None, "no words are left");
        assert_eq!(store.claim_heard("bot", now, lease, 9, &[]).await.unwrap().len(), 1);
    }

    #[tokio::test]
    async fn what_this_process_answers_is_not_answered_again_when_its_lease_runs_out() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open("sqlite://loa.db", dir.path(), Access::Daemon).await.unwrap_or_else(|e| panic!("{e:?}"));
        let (now, lease) = (DateTime::UNIX_EPOCH + TimeDelta::days(20_000), TimeDelta::seconds(60));
        store.hear("bot", &[(words("1", "9"), Some(now))], now).await.unwrap();
        let first = store.claim_heard("bot", now, lease, 9, &[]).await.unwrap().remove(0);
        let later = now + TimeDelta::minutes(5);
        assert!(store.claim_heard("bot", later, lease, 9, &[first.seq]).await.unwrap().is_empty());
        assert_eq!(store.claim_heard("bot", later, lease, 9, &[]).await.unwrap().len(), 1, "of a process that was killed");
    }

    #[tokio::test]
    async fn an_answer_that_is_put_off_holds_up_no_words() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open("sqlite://loa.db", dir.path(), Access::Daemon).await.unwrap_or_else(|e| panic!("{e:?}"));
        let (now, lease) = (DateTime::UNIX_EPOCH + TimeDelta::days(20_000), TimeDelta::seconds(60));
        store.hear("bot", &[(words("1", "9"), Some(now)), (words("2", "9"), Some(now))], now).await.unwrap();
        let first = store.claim_heard("bot", now, lease, 9, &[]).await.unwrap().remove(0);
        store.conclude_heard(&first, &[], Some(&Reply::default()), now).await.unwrap();
        store.settle_heard(&first, &Outcome::Later(now + TimeDelta::minutes(5)), None, now).await.unwrap();
        let next = store.claim_heard("bot", now, lease, 9, &[]).await.unwrap();
        assert_eq!(next.iter().filter_map(|one| one.heard.as_ref()).map(|heard| heard.id.as_str()).collect::<Vec<_>>(), ["2"]);
    }
}
