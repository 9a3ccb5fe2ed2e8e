//! A channel's messages of the month: what may leave now, and what waits for a list.

use chrono::{DateTime, TimeDelta, Utc};

use super::line::Pause;
use super::{Dispatch, Line};
use crate::channel::budget::{Allowance, Spent, after, allowance, begins, spent};
use crate::phrases;

impl Dispatch {
    /// What the channel's budget lets leave now. What must wait is put off; a budget that is used up
    /// is a channel that is down.
    pub(super) async fn budget(&self, line: &Line, now: DateTime<Utc>) -> Allowance {
        match self.try_budget(line, now).await {
            Ok(allowance) => allowance,
            Err(e) => {
                tracing::error!(channel = line.name, error = format!("{e:#}"), "{}", phrases::log_store_failed());
                Allowance::Nothing(now)
            }
        }
    }

    async fn try_budget(&self, line: &Line, now: DateTime<Utc>) -> anyhow::Result<Allowance> {
        let Some(per_month) = line.per_month() else { return Ok(Allowance::All(u32::MAX)) };
        let (day, month) = begins(now, self.zone);
        let (today, all) = (self.store.spent(&line.name, day).await?, self.store.spent(&line.name, month).await?);
        line.note_left(per_month.saturating_sub(all));
        let left = per_month.saturating_sub(all);
        let allowance = allowance(per_month, all.saturating_sub(today), today, now, self.zone);
        let allowance = after(self.yesterday(line, per_month, now).await?, allowance, left, now);
        if !matches!(allowance, Allowance::Nothing(_)) {
            line.refilled();
        }
        match allowance {
            Allowance::All(_) => {}
            Allowance::Urgent(_, until) => {
                let waiting = self.store.put_off(&line.name, until, now).await?;
                if waiting > 0 {
                    tracing::warn!(channel = line.name, waiting, %until, "{}", phrases::log_budget_put_off());
                }
            }
            Allowance::Nothing(until) => line.rest(Pause::Spent, (until - now).to_std().ok(), &phrases::budget_spent(), now),
        }
        Ok(allowance)
    }

    /// How the day before ended.
    async fn yesterday(&self, line: &Line, per_month: u32, now: DateTime<Utc>) -> anyhow::Result<Allowance> {
        let (today, _) = begins(now, self.zone);
        let end = today - TimeDelta::milliseconds(1);
        let (day, month) = begins(end, self.zone);
        let since = async |from| self.store.spent(&line.name, from).await;
        let (today, day, month) = (since(today).await?, since(day).await?, since(month).await?);
        Ok(allowance(per_month, month.saturating_sub(day), day.saturating_sub(today), end, self.zone))
    }

    /// What of the channel's month is used up, as the store counts it.
    pub(super) async fn used_up(&self, line: &Line, now: DateTime<Utc>) -> anyhow::Result<Option<Spent>> {
        let Some(per_month) = line.per_month() else { return Ok(None) };
        Ok(spent(per_month, self.store.spent(&line.name, begins(now, self.zone).1).await?))
    }
}
