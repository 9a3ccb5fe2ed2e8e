//! One request at a time to a host, a pause between two pages, and silence while it asks for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Queue, OwnedMutexGuard};
use tokio::time::Instant;
use url::Url;

use super::robots::Known;

/// The longest pause that is waited for. Where a site's `Crawl-delay` asks for a longer one, the
/// host rests: nobody waits, and what is wanted of it is asked for later.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The longest rest that a `Crawl-delay` can ask for: news that is a day late is none.
const LONGEST_REST: Duration = Duration::from_secs(3600);
/// From so many hosts on, those that nothing is known of any more are forgotten.
const MANY: usize = 4_096;

/// The queues of all hosts.
pub(super) struct Gate {
    pause: Duration,
    hosts: Mutex<HashMap<String, Arc<Queue<State>>>>,
    resting: Resting,
}

/// The hosts that rest, each with when it may be asked again and how long its robots.txt wants.
type Resting = Arc<Mutex<HashMap<String, (Instant, Duration)>>>;

/// Why a host may not be asked now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shut {
    /// It asked for silence, for so long still.
    Closed(Duration),
    /// It rests between two requests.
    Resting(Rest),
}

/// The rest between two requests that a host's robots.txt asks for, where it is longer than
/// anybody waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rest {
    /// Until the next request may leave.
    pub left: Duration,
    /// What the site asks for.
    pub asked: Duration,
}

impl Rest {
    /// How long it is from its beginning.
    #[must_use]
    pub fn kept(&self) -> Duration {
        self.asked.min(LONGEST_REST)
    }
}

/// What is remembered of one host.
#[derive(Default)]
pub(super) struct State {
    /// When the next page may be asked for.
    free_at: Option<Instant>,
    /// Until when the host wants no request at all.
    closed_until: Option<Instant>,
    /// What its robots.txt says.
    pub(super) robots: Option<Known>,
}

impl State {
    /// When the next page may be asked for; `Err` with the time left while the host is closed.
    fn opening(&self, now: Instant) -> Result<Instant, Duration> {
        match self.closed_until.and_then(|until| until.checked_duration_since(now)).filter(|left| !left.is_zero()) {
            Some(left) => Err(left),
            None => Ok(self.free_at.unwrap_or(now)),
        }
    }

    fn matters(&self, now: Instant) -> bool {
        self.free_at.max(self.closed_until).is_some_and(|at| at > now)
    }
}

/// The right to ask one host, given back when dropped; the pause starts then.
pub(super) struct Turn {
    key: String,
    pause: Duration,
    resting: Resting,
    /// What is remembered of the host.
    pub(super) state: OwnedMutexGuard<State>,
}

impl Gate {
    /// A gate with this pause between two pages of a host.
    pub(super) fn new(pause: Duration) -> Self {
        Self { pause, hosts: Mutex::default(), resting: Resting::default() }
    }

    /// The rest that this address's host is in.
    pub(super) fn rest(&self, url: &Url) -> Option<Rest> {
        self.rest_of(&key(url))
    }

    fn rest_of(&self, key: &str) -> Option<Rest> {
        let (until, asked) = *self.resting.lock().unwrap_or_else(PoisonError::into_inner).get(key)?;
        let left = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero())?;
        Some(Rest { left, asked })
    }

    /// Waits for this address's host to be free; whoever came first goes first.
    ///
    /// # Errors
    /// At once, with the time left, while the host is closed or rests.
    pub(super) async fn enter(&self, url: &Url) -> Result<Turn, Shut> {
        let key = key(url);
        let state = self.host(&key).lock_owned().await;
        let now = Instant::now();
        let opening = state.opening(now).map_err(Shut::Closed)?;
        if let Some(rest) = self.rest_of(&key) {
            return Err(Shut::Resting(rest));
        }
        // The timer rounds up to a millisecond even where nothing is left to wait.
        if opening > now {
            tokio::time::sleep_until(opening).await;
        }
        Ok(Turn { key, pause: self.pause, resting: self.resting.clone(), state })
    }

    fn host(&self, key: &str) -> Arc<Queue<State>> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        if hosts.len() >= MANY && !hosts.contains_key(key) {
            let now = Instant::now();
            hosts.retain(|_, host| Arc::strong_count(host) > 1 || host.try_lock().is_ok_and(|state| state.matters(now)));
        }
        hosts.entry(key.to_owned()).or_default().clone()
    }
}

impl Turn {
    /// Whether this turn is also good for that address.
    pub(super) fn covers(&self, url: &Url) -> bool {
        self.key == key(url)
    }

    /// No request to this host for so long.
    pub(super) fn close(&mut self, time: Duration) {
        self.state.closed_until = Instant::now().checked_add(time);
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let asked = self.state.robots.as_ref().and_then(Known::delay).unwrap_or_default();
        let now = Instant::now();
        if asked <= LONGEST_PAUSE {
            self.state.free_at = now.checked_add(self.pause.max(asked));
            return;
        }
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.retain(|_, (until, _)| *until > now);
        resting.insert(self.key.clone(), (now + asked.min(LONGEST_REST), asked));
    }
}

fn key(url: &Url) -> String {
    format!("{}:{}", url.host_str().unwrap_or_default(), url.port_or_known_default().unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_page_waits_for_the_pause_and_a_closed_host_for_nobody() {
        let now = Instant::now();
        let state = |free: Option<u32>, closed: Option<u32>| State {
            free_at: free.map(|s| now + SECOND * s),
            closed_until: closed.map(|s| now + SECOND * s),
            robots: None,
        };
        assert_eq!(state(None, None).opening(now), Ok(now));
        assert_eq!(state(Some(3), None).opening(now), Ok(now + SECOND * 3));
        assert_eq!(state(Some(3), Some(0)).opening(now), Ok(now + SECOND * 3));
        assert_eq!(state(Some(3), Some(60)).opening(now), Err(SECOND * 60));
        assert_eq!(state(None, Some(60)).opening(now + SECOND * 60), Ok(now + SECOND * 60));
        assert!(state(None, Some(60)).matters(now) && state(Some(1), None).matters(now));
        assert!(!state(Some(1), None).matters(now + SECOND));
    }

    #[tokio::test]
    async fn the_pause_starts_when_the_turn_ends_and_is_the_longer_of_the_two() {
        let gate = Gate::new(SECOND * 5);
        let after = |turn: Turn| {
            let state = OwnedMutexGuard::mutex(&turn.state).clone();
            let before = Instant::now();
            drop(turn);
            (state.try_lock().unwrap().free_at.unwrap() - before).as_secs()
        };
        assert_eq!(after(gate.enter(&url("http://a.vn/")).await.unwrap()), 5);
        for (delay, want) in [("2", 5), ("20", 20), ("60", 60)] {
            let mut turn = gate.enter(&url(&format!("http://{delay}.b.vn/"))).await.unwrap();
            let text = format!("User-agent: *\nCrawl-delay: {delay}");
            turn.state.robots = Some(Known::parsed(text.as_bytes(), chrono::DateTime::UNIX_EPOCH));
            assert_eq!(after(turn), want, "{delay}");
        }
    }

    #[tokio::test]
    async fn a_pause_longer_than_a_minute_is_a_rest_of_an_hour_at_most() {
        let gate = Gate::new(SECOND);
        for (delay, kept) in [("61", 61), ("3600", 3600), ("86400", 3600), ("1e9", 3600)] {
            let page = url(&format!("http://{delay}.b.vn/"));
            let mut turn = gate.enter(&page).await.unwrap();
            let text = format!("User-agent: *\nCrawl-delay: {delay}");
            turn.state.robots = Some(Known::parsed(text.as_bytes(), chrono::DateTime::UNIX_EPOCH));
            assert_eq!(gate.rest(&page), None, "{delay}");
            drop(turn);
            let rest = gate.rest(&page).unwrap();
            assert!(rest.left <= SECOND * kept && rest.left > SECOND * (kept - 9) && rest.asked >= rest.left, "{delay}: {rest:?}");
            assert!(matches!(gate.enter(&page).await, Err(Shut::Resting(_))), "{delay}: nobody waits");
        }
        assert_eq!(gate.rest(&url("http://c.vn/")), None);
    }

    #[tokio::test]
    async fn hosts_do_not_wait_for_each_other_and_ports_are_hosts() {
        let gate = Gate::new(SECOND * 3600);
        let mut turn = gate.enter(&url("http://a.vn/1")).await.unwrap();
        assert!(turn.covers(&url("http://A.vn:80/2")) && !turn.covers(&url("https://a.vn/2")));
        drop(gate.enter(&url("http://a.vn:8080/")).await.unwrap());
        turn.close(SECOND * 7200);
        drop(turn);
        assert!(gate.enter(&url("http://a.vn/2")).await.is_err_and(|shut| matches!(shut, Shut::Closed(left) if left > SECOND * 7100)));
    }

    #[tokio::test]
    async fn forgotten_hosts_do_not_pile_up() {
        let gate = Gate::new(Duration::ZERO);
        let kept = gate.enter(&url("http://kept.vn/")).await.unwrap();
        for n in 0..MANY {
            drop(gate.enter(&url(&format!("http://{n}.vn/"))).await.unwrap());
        }
        assert!(gate.hosts.lock().unwrap().len() <= MANY / 2 + 1);
        assert!(gate.hosts.lock().unwrap().contains_key("kept.vn:80"));
        drop(kept);
    }
}
