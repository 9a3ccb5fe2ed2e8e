//! Whether a subscriber meant what was asked in its name (WebSub §5.3), and telling it that it
//! cannot have it (§5.2).

use std::time::Duration;

use chrono::TimeDelta;
use reqwest::{Response, StatusCode};
use ring::rand::{SecureRandom, SystemRandom};
use url::Url;

use super::Hub;
use crate::phrases;
use crate::store::{Mode, Pending};

/// A subscriber answers within this.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How often it is asked where nobody answers.
const TRIES: u32 = 2;
const AGAIN: TimeDelta = TimeDelta::seconds(30);

/// What a subscriber said.
enum Said {
    Yes,
    No,
    Nothing,
}

impl Said {
    const fn name(&self) -> &'static str {
        match self {
            Self::Yes => "confirmed",
            Self::No => "refused",
            Self::Nothing => "unreached",
        }
    }
}

impl Hub {
    /// Asks the subscriber of a wish, and does as it says.
    pub(super) async fn verify(&self, pending: &Pending) {
        if pending.wish.mode == Mode::Denied || self.topics.name(&pending.wish.topic).is_none() {
            self.deny(pending).await;
            return;
        }
        let asked_at = (self.clock)();
        let Some(held) = self.standing(&pending.wish.topic).await else {
            self.told(self.store.put_off_wish(pending, asked_at + AGAIN).await);
            return;
        };
        let said = self.ask(pending).await;
        self.metrics.hub_verified(said.name());
        let written = match said {
            Said::Yes => self.store.confirm(pending, &held, asked_at).await.map(drop),
            Said::Nothing if pending.attempt < TRIES => self.store.put_off_wish(pending, asked_at + AGAIN).await,
            Said::No | Said::Nothing => self.store.drop_wish(pending).await,
        };
        self.told(written);
        let (topic, host, mode) = (&pending.wish.topic, &pending.wish.host, pending.wish.mode.name());
        tracing::info!(topic, host, mode, said = said.name(), "{}", phrases::log_hub_verified());
        self.bell.notify_one();
    }

    /// Nothing depends on the answer.
    async fn deny(&self, pending: &Pending) {
        let reason = phrases::hub_topic_unknown();
        let denied = [("hub.mode", Mode::Denied.name()), ("hub.topic", pending.wish.topic.as_str()), ("hub.reason", reason.as_str())];
        self.get(pending, &denied).await;
        self.metrics.hub_verified("denied");
        self.told(self.store.drop_wish(pending).await);
    }

    async fn ask(&self, pending: &Pending) -> Said {
        let Some(challenge) = challenge() else { return Said::Nothing };
        let lease = pending.wish.lease_seconds.to_string();
        let (mode, topic) = (pending.wish.mode.name(), pending.wish.topic.as_str());
        let mut question = vec![("hub.mode", mode), ("hub.topic", topic), ("hub.challenge", challenge.as_str())];
        if pending.wish.mode == Mode::Subscribe {
            question.push(("hub.lease_seconds", lease.as_str()));
        }
        match self.get(pending, &question).await {
            Some(answer) if answer.status().is_success() => match is_body(answer, challenge.as_bytes()).await {
                Some(true) => Said::Yes,
                Some(false) => Said::No,
                None => Said::Nothing,
            },
            Some(answer) if answer.status().is_server_error() || answer.status() == StatusCode::TOO_MANY_REQUESTS => Said::Nothing,
            Some(_) => Said::No,
            None => Said::Nothing,
        }
    }

    /// The callback's own parameters stand first, as they are (§5.1.1).
    async fn get(&self, pending: &Pending, question: &[(&str, &str)]) -> Option<Response> {
        let mut url = Url::parse(&pending.wish.callback).ok()?;
        let client = self.guarded.client(&url).ok()?;
        url.query_pairs_mut().extend_pairs(question);
        client.get(url).timeout(TIMEOUT).send().await.ok()
    }
}

/// 128 random bits.
fn challenge() -> Option<String> {
    let mut bits = [0; 16];
    SystemRandom::new().fill(&mut bits).ok()?;
    Some(bits.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Whether a body is these bytes and nothing more; `None` where it did not come. What is longer is not read.
async fn is_body(mut answer: Response, wanted: &[u8]) -> Option<bool> {
    let mut body = Vec::with_capacity(wanted.len());
    while let Some(chunk) = answer.chunk().await.ok()? {
        if body.len() + chunk.len() > wanted.len() {
            return Some(false);
        }
        body.extend_from_slice(&chunk);
    }
    Some(body == wanted)
}
