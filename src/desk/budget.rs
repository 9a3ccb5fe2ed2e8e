//! Answers on a channel that takes only so many messages a month.

use anyhow::Result;
use chrono::{DateTime, Utc};

use super::{AT_ONCE, FrontDesk};
use crate::channel::budget::{begins, spent};
use crate::dispatch::Line;

impl FrontDesk {
    /// Whether an answer may leave. What is kept for urgent news is never spent on one, nor by all
    /// that may be on their way at once.
    pub(super) async fn may_answer(&self, line: &Line, now: DateTime<Utc>) -> Result<bool> {
        let Some(per_month) = line.per_month() else { return Ok(true) };
        let (_, month) = begins(now, self.plan.zone);
        let left = self.store.spent(&line.name, month).await?;
        Ok(spent(per_month, left.saturating_add(u32::try_from(AT_ONCE)?)).is_none())
    }
}
