//! How often one client may ask. Nobody is remembered: a client is a place in a table of fixed
//! size, found by a hash that only this process knows, and a place is a time.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering::Relaxed};

use chrono::{DateTime, TimeDelta, Utc};

use crate::config::Rates;

/// Places in each table: a client shares its one with another rarely, and then has half of what is
/// allowed.
const PLACES: usize = 1 << 14;
/// What all strangers together may write: a machine with a whole network of addresses is one too.
const WRITES: u32 = 60;
const WRITES_AT_ONCE: u32 = 120;

/// What a request asks for, by what it may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// What is prepared.
    Feed,
    /// What is looked up.
    Page,
    /// What is searched for.
    Search,
    /// What writes.
    Form,
}

/// Who asks, as far as anybody wants to know: IPv6 clients by their network, as each has all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Client(usize);

/// Tables of times at which all room will be there again.
pub struct Doorman {
    secret: RandomState,
    tables: [Box<[AtomicI64]>; 4],
    written: AtomicI64,
    connected: Box<[AtomicU32]>,
}

impl Default for Doorman {
    fn default() -> Self {
        let table = || (0..PLACES).map(|_| AtomicI64::new(0)).collect();
        Self {
            secret: RandomState::new(),
            tables: [table(), table(), table(), table()],
            written: AtomicI64::new(0),
            connected: (0..PLACES).map(|_| AtomicU32::new(0)).collect(),
        }
    }
}

impl Doorman {
    pub(super) fn client(&self, address: IpAddr) -> Client {
        let network = match address.to_canonical() {
            IpAddr::V4(address) => u128::from(address.to_bits()),
            IpAddr::V6(address) => address.to_bits() >> 64 | 1 << 64,
        };
        Client(self.secret.hash_one(network) as usize % PLACES)
    }

    /// Lets a request through, or tells when to come again.
    pub(super) fn admits(&self, client: Client, class: Class, rates: &Rates, now: DateTime<Utc>) -> Result<(), TimeDelta> {
        let per_minute = match class {
            Class::Feed => rates.feeds,
            Class::Page => rates.pages,
            Class::Search => rates.searches,
            Class::Form => rates.forms,
        };
        let place = self.tables.get(class as usize).and_then(|table| table.get(client.0));
        place.map_or(Ok(()), |place| pass(place, per_minute, per_minute, now))?;
        // After its own: who is refused there takes nothing from the others.
        if class == Class::Form { pass(&self.written, WRITES, WRITES_AT_ONCE, now) } else { Ok(()) }
    }

    /// Takes a connection in, unless the client has so many already.
    pub(super) fn connect(self: &std::sync::Arc<Self>, client: Client, most: u32) -> Option<Guest> {
        let guest = Guest { doorman: self.clone(), client };
        // One that is refused is counted out again when it is dropped.
        (self.connected.get(client.0)?.fetch_add(1, Relaxed) < most).then_some(guest)
    }
}

/// A connection that is counted until it ends.
pub(super) struct Guest {
    doorman: std::sync::Arc<Doorman>,
    client: Client,
}

impl Drop for Guest {
    fn drop(&mut self) {
        if let Some(count) = self.doorman.connected.get(self.client.0) {
            count.fetch_sub(1, Relaxed);
        }
    }
}

/// A bucket that holds `burst` and gets `per_minute`, kept as the time at which it will be full.
fn pass(full_at: &AtomicI64, per_minute: u32, burst: u32, now: DateTime<Utc>) -> Result<(), TimeDelta> {
    let now = now.timestamp_nanos_opt().unwrap_or_default();
    let step = 60_000_000_000 / i64::from(per_minute.max(1));
    let room = step.saturating_mul(i64::from(burst.max(1)));
    // A clock that went back starts anew.
    let after = |full_at: i64| (if full_at > now && full_at <= now + room + step { full_at } else { now }) + step;
    let taken = full_at.fetch_update(Relaxed, Relaxed, |full_at| Some(after(full_at)).filter(|after| *after <= now + room));
    taken.map(|_| ()).map_err(|full_at| TimeDelta::nanoseconds(after(full_at) - now - room))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const RATES: Rates = Rates { feeds: 600, pages: 60, searches: 10, forms: 60, connections: 2 };

    fn at(seconds: i64) -> DateTime<Utc> {
        "2026-11-06T08:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(seconds)
    }

    fn passed(doorman: &Doorman, address: &str, class: Class, now: i64) -> usize {
        let client = doorman.client(address.parse().unwrap());
        (0..500).filter(|_| doorman.admits(client, class, &RATES, at(now)).is_ok()).count()
    }

    #[test]
    fn a_minutes_worth_at_once_and_then_as_it_comes() {
        let doorman = Doorman::default();
        let of = |now| passed(&doorman, "192.0.2.1", Class::Page, now);
        assert_eq!((of(0), of(1), of(11), of(1000)), (60, 1, 10, 60));
        assert_eq!(of(0), 60, "a clock that was set back locks nobody out");
    }

    #[test]
    fn classes_and_clients_have_each_their_own() {
        let doorman = Doorman::default();
        assert_eq!(passed(&doorman, "2001:db8:1:1::1", Class::Search, 0), 10);
        assert_eq!(passed(&doorman, "2001:db8:1:1:ffff::9", Class::Search, 0), 0, "one network of IPv6 is one client");
        assert_eq!(passed(&doorman, "2001:db8:1:1::1", Class::Feed, 0), 500);
        // Two clients may share a place; of so many, most have one of their own.
        let others: usize = (0..100).map(|n| passed(&doorman, &format!("192.0.2.{n}"), Class::Search, 0)).sum();
        assert!(others > 900, "{others}");
    }

    #[test]
    fn an_ipv4_client_is_the_same_within_ipv6() {
        let doorman = Doorman::default();
        let of = |address: &str| doorman.client(address.parse().unwrap());
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
    }

    #[test]
    fn all_strangers_together_write_no_more_than_people_would() {
        let doorman = Doorman::default();
        let written: usize = (0..100).map(|n| passed(&doorman, &format!("2001:db8:{n}::1"), Class::Form, 0)).sum();
        assert_eq!(written, 120);
    }

    #[test]
    fn who_is_refused_is_told_when_to_come_again() {
        let doorman = Doorman::default();
        passed(&doorman, "192.0.2.1", Class::Search, 0);
        let client = doorman.client("192.0.2.1".parse().unwrap());
        assert_eq!(doorman.admits(client, Class::Search, &RATES, at(0)), Err(TimeDelta::seconds(6)));
    }

    #[test]
    fn connections_are_counted_while_they_last() {
        let doorman = std::sync::Arc::new(Doorman::default());
        let client = doorman.client("192.0.2.1".parse().unwrap());
        let first = doorman.connect(client, 2).unwrap();
        let _second = doorman.connect(client, 2).unwrap();
        assert!(doorman.connect(client, 2).is_none() && doorman.connect(client, 2).is_none());
        drop(first);
        assert!(doorman.connect(client, 2).is_some());
    }
}
