//! Which of the claimed sources is visited next. Hosts take turns, so that a slow one with many
//! sources keeps nobody else waiting.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};

use crate::store::Due;

/// Sources that are claimed and wait for their turn.
pub(super) struct Queue {
    hosts: VecDeque<Host>,
    /// Visits under way at one host.
    per_host: usize,
    /// The claims that are held, and when they were last renewed.
    leases: HashSet<String>,
    renewed: Option<DateTime<Utc>>,
}

struct Host {
    name: String,
    waiting: VecDeque<Due>,
    /// Each visit under way holds a clone, and drops it however it ends.
    visits: Visiting,
}

/// Held while a visit is under way.
pub(super) type Visiting = Arc<()>;

impl Queue {
    pub(super) fn new(per_host: usize) -> Self {
        Self { hosts: VecDeque::new(), per_host, leases: HashSet::new(), renewed: None }
    }

    /// Takes claimed sources in, each with the host that it is read from.
    pub(super) fn extend(&mut self, claimed: impl IntoIterator<Item = (String, Due)>) {
        self.hosts.retain(|host| !host.waiting.is_empty() || Arc::strong_count(&host.visits) > 1);
        for (name, due) in claimed {
            self.renewed.get_or_insert(due.claimed);
            self.leases.insert(due.lease.clone());
            match self.hosts.iter_mut().find(|host| host.name == name) {
                Some(host) => host.waiting.push_back(due),
                None => self.hosts.push_back(Host { name, waiting: VecDeque::from([due]), visits: Visiting::default() }),
            }
        }
    }

    /// The next source whose host has a visit to spare.
    pub(super) fn take(&mut self) -> Option<(Due, Visiting)> {
        let at = self.hosts.iter().position(|host| self.has_room(host))?;
        let mut host = self.hosts.remove(at)?;
        let taken = host.waiting.pop_front().map(|due| (due, host.visits.clone()));
        self.hosts.push_back(host);
        taken
    }

    /// Whether nothing that waits can be visited now, and fewer wait than `most`.
    pub(super) fn wants_more(&self, most: usize) -> bool {
        self.len() < most && !self.hosts.iter().any(|host| self.has_room(host))
    }

    fn has_room(&self, host: &Host) -> bool {
        !host.waiting.is_empty() && Arc::strong_count(&host.visits) <= self.per_host
    }

    pub(super) fn len(&self) -> usize {
        self.hosts.iter().map(|host| host.waiting.len()).sum()
    }

    /// What waits still, at the end.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Due> {
        std::mem::take(&mut self.hosts).into_iter().flat_map(|host| host.waiting)
    }

    /// The claims that are to be renewed now, where a part of their time has passed.
    pub(super) fn renewable(&mut self, every: TimeDelta, now: DateTime<Utc>) -> Option<Vec<String>> {
        let last = self.renewed.filter(|_| !self.leases.is_empty())?;
        if now - last < every {
            return None;
        }
        self.renewed = Some(now);
        Some(self.leases.iter().cloned().collect())
    }

    /// Keeps only the claims of which something is left.
    pub(super) fn held(&mut self, leases: HashSet<String>) {
        self.leases = leases;
        if self.leases.is_empty() {
            self.renewed = None;
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::entry::Slug;

    fn due(name: &str) -> (String, Due) {
        let host = name.split('-').next().unwrap_or_default().to_owned();
        (host, Due { source: Slug::new(name).unwrap(), lease: "1".into(), ..Due::unknown(DateTime::UNIX_EPOCH) })
    }

    #[test]
    fn hosts_take_turns_and_a_slow_one_holds_nobody_up() {
        let mut queue = Queue::new(2);
        queue.extend(["a-1", "a-2", "a-3", "a-4", "b-1", "b-2", "c-1"].map(due));
        let mut under_way = Vec::new();
        while let Some((due, visit)) = queue.take() {
            under_way.push((due.source.to_string(), visit));
        }
        assert_eq!(under_way.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["a-1", "b-1", "c-1", "a-2", "b-2"]);
        assert_eq!(queue.len(), 2);
        under_way.retain(|(name, _)| name != "a-1");
        assert_eq!(queue.take().unwrap().0.source.as_str(), "a-3");
    }

    #[test]
    fn claims_are_renewed_while_something_of_them_is_left() {
        let (mut queue, start) = (Queue::new(2), DateTime::UNIX_EPOCH);
        let every = TimeDelta::seconds(30);
        assert_eq!(queue.renewable(every, start), None);
        queue.extend([due("a-1")]);
        assert_eq!(queue.renewable(every, start + TimeDelta::seconds(29)), None);
        assert_eq!(queue.renewable(every, start + every), Some(vec!["1".to_owned()]));
        assert_eq!(queue.renewable(every, start + every), None);
        queue.held(HashSet::new());
        assert_eq!(queue.renewable(every, start + every * 9), None);
    }
}
