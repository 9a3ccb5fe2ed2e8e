//! Telling another hub that a topic has changed. WebSub leaves it to both how; this is what hubs
//! take: `hub.mode=publish` with the topic under its present and its former name.

use std::time::Duration;

use super::{Hub, Role, rest};
use crate::channel::retry_after;
use crate::phrases;
use crate::store::Announcement;

const TIMEOUT: Duration = Duration::from_secs(30);

impl Hub {
    /// Tells the hub of one topic.
    pub(super) async fn announce(&self, announcement: &Announcement) {
        let (told, asked) = self.publish(&announcement.topic).await;
        let again = if told { None } else { rest::after(announcement.attempt, asked).map(|rest| (self.clock)() + rest) };
        let outcome = match (told, again) {
            (true, _) => "announced",
            (false, Some(_)) => "failed",
            (false, None) => "given_up",
        };
        self.metrics.hub_pinged(outcome);
        if !told {
            tracing::warn!(topic = announcement.topic, attempt = announcement.attempt, "{}", phrases::log_hub_unreached());
        }
        self.told(self.store.settle_announcement(announcement, again).await);
    }

    /// Whether the hub took it, and how long it wants to be left alone.
    async fn publish(&self, topic: &str) -> (bool, Option<Duration>) {
        let Role::Other(url) = &self.role else { return (false, None) };
        let Ok(client) = self.guarded.client(url) else { return (false, None) };
        let form = [("hub.mode", "publish"), ("hub.topic", topic), ("hub.url", topic)];
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        let request = client.post(url.clone()).timeout(TIMEOUT).header("content-type", "application/x-www-form-urlencoded").body(body);
        match request.send().await {
            Ok(answer) => (answer.status().is_success(), retry_after(&answer)),
            Err(_) => (false, None),
        }
    }
}
