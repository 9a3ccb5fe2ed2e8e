//! Much of the same work on every core, the results in order.

use std::collections::HashMap;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use url::Url;

use super::View;
use crate::phrases;

/// Runs one piece of work; what panics in it becomes a problem of the page at `url`.
pub(super) fn guarded(url: &Url, work: impl FnOnce() -> View) -> View {
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| View::trouble(url.clone(), phrases::page_broke_reader()))
}

type Work<T> = Arc<dyn Fn(usize) -> T + Send + Sync>;

enum Event<T> {
    Began(usize),
    Ended(usize, T),
}

struct Team<T> {
    work: Work<T>,
    next: Arc<AtomicUsize>,
    count: usize,
    limit: Duration,
}

/// Runs `work` for the numbers below `count` on every core and gives each result to `told`, in
/// order; `None` where one took longer than `limit`.
pub(super) fn in_order<T: Send + 'static>(count: usize, limit: Duration, work: Work<T>, mut told: impl FnMut(usize, Option<T>)) {
    let team = Team { work, next: Arc::default(), count, limit };
    let (sender, events) = mpsc::channel();
    let cores = thread::available_parallelism().map_or(1, usize::from);
    for _ in 0..cores.min(count) {
        team.hire(&sender);
    }
    team.gather(&sender, &events, &mut told);
}

impl<T: Send + 'static> Team<T> {
    fn hire(&self, events: &Sender<Event<T>>) {
        let (work, next, count, events) = (self.work.clone(), self.next.clone(), self.count, events.clone());
        thread::spawn(move || {
            loop {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count || events.send(Event::Began(at)).is_err() {
                    return;
                }
                let result = work(at);
                if events.send(Event::Ended(at, result)).is_err() {
                    return;
                }
            }
        });
    }

    fn gather(&self, sender: &Sender<Event<T>>, events: &Receiver<Event<T>>, told: &mut impl FnMut(usize, Option<T>)) {
        let mut running: HashMap<usize, Instant> = HashMap::new();
        let mut waiting: HashMap<usize, Option<T>> = HashMap::new();
        let mut out = 0;
        while out < self.count {
            match events.recv_timeout(self.patience(&running)) {
                Ok(Event::Began(at)) => {
                    running.insert(at, Instant::now());
                }
                Ok(Event::Ended(at, result)) => {
                    if running.remove(&at).is_some() {
                        waiting.insert(at, Some(result));
                    }
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
            }
            for late in self.late(&running) {
                running.remove(&late);
                waiting.insert(late, None);
                self.hire(sender);
            }
            while let Some(result) = waiting.remove(&out) {
                told(out, result);
                out += 1;
            }
        }
    }

    /// How long until the first piece of work is late.
    fn patience(&self, running: &HashMap<usize, Instant>) -> Duration {
        let oldest = running.values().map(Instant::elapsed).max().unwrap_or_default();
        self.limit.saturating_sub(oldest)
    }

    fn late(&self, running: &HashMap<usize, Instant>) -> Vec<usize> {
        running.iter().filter(|(_, began)| began.elapsed() >= self.limit).map(|(at, _)| *at).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn results_come_in_order_and_all_of_them() {
        let mut got = Vec::new();
        in_order(100, Duration::from_secs(60), Arc::new(|at| at * 2), |at, result| got.push((at, result)));
        let want: Vec<_> = (0..100).map(|at| (at, Some(at * 2))).collect();
        assert_eq!(got, want);
        in_order(0, Duration::ZERO, Arc::new(|_| ()), |at, _| assert_eq!(at, 0, "nothing is told"));
    }

    #[test]
    fn what_never_ends_is_given_up_and_the_rest_goes_on() {
        let (open, closed) = mpsc::channel::<()>();
        let gate = Mutex::new(closed);
        let work = move |at| {
            if at == 1 {
                gate.lock().map(|gate| gate.recv().is_ok()).ok();
            }
            at
        };
        let mut got = Vec::new();
        in_order(4, Duration::from_millis(200), Arc::new(work), |_, result| got.push(result));
        assert_eq!(got, [Some(0), None, Some(2), Some(3)]);
        drop(open);
    }
}
