//! Articles and broadcasts, step by step: each step is remembered before it is taken and after, so
//! that a crash or a lost answer neither makes an article twice nor tells followers twice.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

use super::ZaloOa;
use super::api::Fault;
use super::article::Article;
use super::refusal::{self, verdict};
use crate::channel::{Doubt, Keep, SendError, plain};
use crate::outbox::Sent;
use crate::phrases;

/// How long one send may work on an article before another takes over.
const LEASE: TimeDelta = TimeDelta::seconds(120);
/// Steps are forgotten after this.
const REMEMBERED: TimeDelta = TimeDelta::days(30);
/// Zalo's clock and ours may differ by this.
const CLOCKS: TimeDelta = TimeDelta::minutes(5);
const SOON: std::time::Duration = std::time::Duration::from_secs(5);

/// How far an article, or a broadcast, has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    /// It is asked for; whether it was made is not known yet.
    Making { since: DateTime<Utc> },
    /// Zalo works on it.
    Made { token: String },
    /// The article is there.
    Ready { id: String },
    /// The broadcast is asked for; whether it goes out is not known.
    Sending,
    /// And an admin was told so: the next try is theirs.
    Told,
    /// The broadcast was taken.
    Sent { id: String },
}

impl ZaloOa {
    /// Makes an article if it is not there yet; its id once it is ready.
    pub(super) async fn publish(&self, article: &Article, now: DateTime<Utc>) -> Result<String, SendError> {
        let keep = self.keep()?;
        let key = self.article_key(article);
        let worker = uuid::Uuid::new_v4().to_string();
        if !keep.lease(&key, &worker, now, now + LEASE).await.map_err(forgotten)? {
            return Err(SendError::Retry { after: Some(SOON), cause: phrases::zalo_article_elsewhere() });
        }
        let id = self.work_on(article, keep, &key, now).await;
        keep.give_back(&key, &worker).await.ok();
        id
    }

    async fn work_on(&self, article: &Article, keep: &Arc<dyn Keep>, key: &str, now: DateTime<Utc>) -> Result<String, SendError> {
        let step = match step(keep, key).await? {
            Some(Step::Making { since }) => self.found(article, since, now).await?.map(|id| Step::Ready { id }),
            step => step,
        };
        let step = match step {
            Some(step) => step,
            None => self.make(article, keep, key, now).await?,
        };
        match step {
            Step::Made { token } => self.verify(&token, keep, key, now).await,
            Step::Ready { id } => {
                put(keep, key, &Step::Ready { id: id.clone() }, now).await?;
                Ok(id)
            }
            // Not steps of an article.
            Step::Making { .. } | Step::Sending | Step::Told | Step::Sent { .. } => {
                Err(SendError::Retry { after: Some(SOON), cause: phrases::zalo_article_processing() })
            }
        }
    }

    /// Asks for the article, with less of what Zalo may refuse each time that it refuses.
    async fn make(&self, article: &Article, keep: &Arc<dyn Keep>, key: &str, now: DateTime<Utc>) -> Result<Step, SendError> {
        let own = article.cover.as_ref().map(|cover| (cover, true));
        let general = self.cover.as_ref();
        let forms: Vec<_> = [own, general.map(|cover| (cover, true)), general.map(|cover| (cover, false))].into_iter().flatten().collect();
        let mut refused = SendError::Refused { cause: phrases::zalo_no_cover() };
        keep.sweep(&format!("zalo-{}:", self.name), now - REMEMBERED).await.map_err(forgotten)?;
        for (cover, pictures) in forms {
            put(keep, key, &Step::Making { since: now }, now).await?;
            let fault = match self.api.post("v2.0/article/create", &article.body(cover, pictures)).await {
                Ok(made) => return self.made(&made, keep, key, now).await,
                Err(fault) => fault,
            };
            if refusal::is_doubtful(&fault) {
                return Err(verdict(fault, now));
            }
            forget(keep, key, now).await?;
            refused = verdict(fault, now);
            if !matches!(refused, SendError::Refused { .. }) {
                break;
            }
        }
        Err(refused)
    }

    async fn made(&self, made: &Value, keep: &Arc<dyn Keep>, key: &str, now: DateTime<Utc>) -> Result<Step, SendError> {
        let token = made.get("token").and_then(Value::as_str);
        let token = token.ok_or_else(|| verdict(Fault::Strange { status: 200, retry_after: None }, now))?;
        let step = Step::Made { token: token.to_owned() };
        put(keep, key, &step, now).await?;
        Ok(step)
    }

    /// Asks whether Zalo has finished with it; the outbox asks again in a moment where it has not.
    async fn verify(&self, token: &str, keep: &Arc<dyn Keep>, key: &str, now: DateTime<Utc>) -> Result<String, SendError> {
        let done = match self.api.post("v2.0/article/verify", &json!({ "token": token })).await {
            Ok(done) => done,
            // The question alone was lost: it changes nothing and can be asked again.
            Err(fault) if refusal::is_doubtful(&fault) => {
                return Err(SendError::Retry { after: Some(SOON), cause: phrases::zalo_article_processing() });
            }
            Err(fault) => {
                let told = verdict(fault, now);
                if matches!(told, SendError::Refused { .. }) {
                    forget(keep, key, now).await?;
                }
                return Err(told);
            }
        };
        let id = text_of(done.get("id"));
        let id = id.ok_or_else(|| SendError::Retry { after: Some(SOON), cause: phrases::zalo_article_processing() })?;
        put(keep, key, &Step::Ready { id: id.clone() }, now).await?;
        Ok(id)
    }

    /// The id of an article that was asked for and whose answer was lost, found by its title.
    async fn found(&self, article: &Article, since: DateTime<Utc>, now: DateTime<Utc>) -> Result<Option<String>, SendError> {
        let query = [("offset", "0"), ("limit", "10"), ("type", "normal")];
        let slice = self.api.get("v2.0/article/getslice", &query).await.map_err(|fault| still_open(fault, now))?;
        let want = plain::letters(&article.title);
        let ours = |media: &&Value| {
            let title = media.get("title").and_then(Value::as_str).unwrap_or_default();
            let created = media.get("create_date").and_then(|at| at.as_i64().or_else(|| at.as_str()?.parse().ok()));
            let created = created.and_then(DateTime::from_timestamp_millis);
            plain::letters(title) == want && created.is_none_or(|at| at >= since - CLOCKS)
        };
        let medias = slice.get("medias").and_then(Value::as_array);
        Ok(medias.and_then(|all| all.iter().find(ours)).and_then(|media| text_of(media.get("id"))))
    }

    /// Tells all followers of these articles, once.
    pub(super) async fn broadcast(&self, articles: &[Article], now: DateTime<Utc>) -> Result<Sent, SendError> {
        let keep = self.keep()?;
        let key = self.broadcast_key(articles);
        match step(keep, &key).await? {
            Some(Step::Sent { id }) => return Ok(Sent { ids: vec![id] }),
            Some(Step::Sending) => {
                put(keep, &key, &Step::Told, now).await?;
                return Err(SendError::Refused { cause: phrases::zalo_broadcast_unknown() });
            }
            Some(Step::Told | Step::Making { .. } | Step::Made { .. } | Step::Ready { .. }) | None => {}
        }
        let mut elements = Vec::with_capacity(articles.len());
        for article in articles {
            elements.push(json!({ "media_type": "article", "attachment_id": self.publish(article, now).await? }));
        }
        let payload = json!({ "template_type": "media", "elements": elements });
        let body = json!({ "recipient": { "target": {} }, "message": { "attachment": { "type": "template", "payload": payload } } });
        put(keep, &key, &Step::Sending, now).await?;
        match self.api.post("v2.0/oa/message", &body).await {
            Ok(taken) => {
                let id = text_of(taken.get("message_id")).unwrap_or_default();
                put(keep, &key, &Step::Sent { id: id.clone() }, now).await.ok();
                Ok(Sent { ids: vec![id] })
            }
            Err(fault) if refusal::is_doubtful(&fault) => Err(verdict(fault, now)),
            Err(fault) => {
                forget(keep, &key, now).await?;
                Err(verdict(fault, now))
            }
        }
    }

    /// Whether an article whose send was cut short is there.
    pub(super) async fn was_published(&self, article: &Article, now: DateTime<Utc>) -> Result<Doubt, SendError> {
        let keep = self.keep()?;
        let key = self.article_key(article);
        let id = match step(keep, &key).await? {
            Some(Step::Ready { id }) => Some(id),
            Some(Step::Making { since }) => self.found(article, since, now).await?,
            Some(Step::Made { .. } | Step::Sending | Step::Told | Step::Sent { .. }) | None => None,
        };
        let Some(id) = id else { return Ok(Doubt::NotDelivered) };
        put(keep, &key, &Step::Ready { id: id.clone() }, now).await?;
        Ok(Doubt::Delivered(Sent { ids: vec![id] }))
    }

    /// Whether a broadcast whose send was cut short went out: Zalo lists none.
    pub(super) async fn was_broadcast(&self, articles: &[Article]) -> Result<Doubt, SendError> {
        Ok(match step(self.keep()?, &self.broadcast_key(articles)).await? {
            Some(Step::Sent { id }) => Doubt::Delivered(Sent { ids: vec![id] }),
            Some(Step::Sending | Step::Told) => Doubt::Unknown,
            Some(Step::Making { .. } | Step::Made { .. } | Step::Ready { .. }) | None => Doubt::NotDelivered,
        })
    }

    fn article_key(&self, article: &Article) -> String {
        format!("zalo-{}:article:{}", self.name, article.fingerprint())
    }

    fn broadcast_key(&self, articles: &[Article]) -> String {
        let all: Vec<String> = articles.iter().map(Article::fingerprint).collect();
        format!("zalo-{}:broadcast:{}", self.name, all.join("+"))
    }

    fn keep(&self) -> Result<&Arc<dyn Keep>, SendError> {
        self.api.tokens.keep().ok_or_else(|| forgotten(phrases::memory_failed("-")))
    }
}

async fn step(keep: &Arc<dyn Keep>, key: &str) -> Result<Option<Step>, SendError> {
    let written = keep.get(key).await.map_err(forgotten)?;
    Ok(written.and_then(|text| serde_json::from_str(&text).ok()))
}

async fn put(keep: &Arc<dyn Keep>, key: &str, step: &Step, now: DateTime<Utc>) -> Result<(), SendError> {
    keep.put(key, &serde_json::to_string(step).unwrap_or_default(), now).await.map_err(forgotten)
}

async fn forget(keep: &Arc<dyn Keep>, key: &str, now: DateTime<Utc>) -> Result<(), SendError> {
    keep.put(key, "", now).await.map_err(forgotten)
}

/// A question that was not answered leaves open what was asked about.
fn still_open(fault: Fault, now: DateTime<Utc>) -> SendError {
    match verdict(fault, now) {
        SendError::InDoubt { cause } | SendError::Gone { cause } | SendError::Ended { cause } | SendError::Refused { cause } => {
            SendError::Retry { after: Some(SOON), cause }
        }
        other @ (SendError::Retry { .. } | SendError::Down { .. } | SendError::Moved { .. }) => other,
    }
}

/// An id is text; a number in case they change it.
fn text_of(id: Option<&Value>) -> Option<String> {
    let id = id?;
    id.as_str().map(str::to_owned).or_else(|| id.as_u64().map(|id| id.to_string())).filter(|id| !id.is_empty())
}

/// Without its memory nothing is published: it might be twice.
fn forgotten(cause: String) -> SendError {
    SendError::Down { after: Some(SOON), cause }
}
