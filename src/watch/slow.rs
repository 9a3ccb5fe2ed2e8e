//! Sites whose robots.txt asks for so long a pause between two requests that no visit waits for it.
//! Such a visit asks for one page, keeps it and ends; the next one goes on where it ended, and when
//! all pages are there they are saved together, as those of any other visit.

use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use crate::config::SourcePlan;
use crate::fetch::Rest;
use crate::phrases;
use crate::store::{Due, Seen};
use crate::text;

use super::Watch;
use super::harvest::{Harvest, Outcome};

/// Whoever got a page lets the others at its host go first the next time.
const BEHIND: TimeDelta = TimeDelta::seconds(1);

/// Why a visit goes on later.
#[derive(Debug, Clone)]
pub(super) struct Resting {
    host: String,
    rest: Rest,
    /// A page came in this visit.
    came: bool,
}

impl Resting {
    pub(super) fn at(url: &Url, rest: Rest) -> Self {
        Self { host: text::shown_host(url.host_str().unwrap_or_default()).into_owned(), rest, came: false }
    }

    /// When the visit goes on.
    pub(super) fn over(&self, now: DateTime<Utc>) -> DateTime<Utc> {
        until(self.rest, now) + if self.came { BEHIND } else { TimeDelta::zero() }
    }

    /// What the site asks for and what is done, for the admin.
    pub(super) fn told(&self) -> String {
        phrases::site_rests(&self.host, self.rest.asked.as_secs(), self.rest.kept().as_secs())
    }
}

impl Watch {
    /// Ends a visit that is not over: nothing of it is saved but its pages.
    pub(super) async fn go_on_later(&self, due: &Due, rest: Resting, harvest: &mut Harvest) -> Outcome {
        let came = !harvest.unkept.is_empty();
        if came {
            self.keep_all(harvest).await;
        }
        harvest.seen = Seen { moved: due.moved.clone(), ..Seen::default() };
        Outcome::Resting(Resting { came, ..rest })
    }

    /// Until when the list's site wants no further request.
    pub(super) fn rests_until(&self, plan: &SourcePlan, due: &Due, harvest: &Harvest) -> Option<DateTime<Utc>> {
        let starts = plan.source.start().into_iter().map(|visit| visit.url);
        let lists = starts.chain(due.moved.clone()).chain(harvest.list.clone());
        let now = (self.clock)();
        lists.filter_map(|list| self.fetcher.rest(&list)).map(|rest| until(rest, now)).max()
    }
}

impl Harvest {
    /// Whether the visit waits for this address when its host rests: what stands elsewhere never
    /// holds up the news of this site.
    pub(super) fn waits_for(&self, url: &Url) -> bool {
        let host = |url: &Url| url.host_str().unwrap_or_default().trim_start_matches("www.").to_owned();
        self.list.as_ref().is_some_and(|list| host(list) == host(url))
    }
}

/// Rounded up: a visit a moment too early would be in vain.
fn until(rest: Rest, now: DateTime<Utc>) -> DateTime<Utc> {
    now + TimeDelta::milliseconds(i64::try_from(rest.left.as_millis()).unwrap_or(i64::MAX).saturating_add(1))
}
