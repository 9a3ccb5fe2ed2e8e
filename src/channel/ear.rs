//! Hearing what people say, whatever the platform: one poller for each account, by a lease in the
//! store, or a platform that pushes. Whatever happens here, sending goes on; nothing of it counts
//! against the channel.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::HeaderValue;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Desk, Keep, Knock, Talk, house_key};
use crate::phrases;
use crate::schedule::Clock;

/// So long a platform waits for something to be said, in seconds: below the lease.
pub(super) const WAIT: u64 = 20;
/// And so long we wait for its answer.
pub(super) const PATIENCE: Duration = Duration::from_secs(28);
/// A server that does not know the way of listening, or refuses the token, is left alone for so long.
pub(super) const HOPELESS: Duration = Duration::from_secs(300);
/// The shortest rest after a failure.
pub(super) const FIRST_REST: Duration = Duration::from_secs(1);
/// A second poller, or a server that fails.
const LONGEST_REST: Duration = Duration::from_secs(60);
/// Who polls has the account for so long; a killed poller keeps others from it no longer.
const LEASE: TimeDelta = TimeDelta::seconds(35);
/// The lease of another is looked at again after this.
const LOOK: Duration = Duration::from_secs(5);
/// An answer without anything comes at most this often, whoever answers.
const LEAST: Duration = Duration::from_secs(1);

/// How a bot hears.
#[derive(Deserialize, Debug, Clone, Copy, Default, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Listen {
    /// It asks.
    #[default]
    Poll,
    /// Its platform tells it.
    Webhook,
    /// Not at all.
    Off,
}

/// Why nothing was heard.
pub(super) enum Trouble {
    /// Told by the platform, or by nobody at all.
    Fault {
        /// In words.
        cause: String,
        /// How long to leave it alone, where that is known.
        rest: Option<Duration>,
    },
    /// The store.
    Store(String),
    /// Somebody else has the account: what the admin is told.
    Taken(String),
}

/// What a channel has to hear with.
pub(super) struct Ear {
    channel: String,
    listen: Listen,
    hook: Option<Url>,
    secret: Mutex<Option<String>>,
    keep: OnceLock<Arc<dyn Keep>>,
    clock: OnceLock<Clock>,
}

/// A channel whose platform is asked what people said, or pushes it.
#[async_trait]
pub(super) trait Hears: Talk {
    /// What a poller remembers from one look to the next.
    type Memory: Default + Send;

    /// See [`Ear`].
    fn ear(&self) -> &Ear;

    /// One look at what was said, handed to the desk and committed; how much it was.
    async fn look(&self, desk: &dyn Desk, keep: &dyn Keep, memory: &mut Self::Memory) -> Result<usize, Trouble>;

    /// Tells the platform to push to `hook`, with a secret that proves it.
    async fn want_pushes(&self, keep: &dyn Keep, hook: &Url, secret: &str) -> Result<(), Trouble>;
}

/// How it goes.
#[derive(Default)]
struct Run {
    failures: u32,
    /// Since when somebody else has the account.
    taken: Option<DateTime<Utc>>,
}

impl Ear {
    /// Of the channel with this name; `base` is how this server is reached from outside.
    pub(super) fn new(channel: &str, listen: Listen, base: &Url) -> Self {
        let (keep, clock) = (OnceLock::new(), OnceLock::new());
        Self { channel: channel.to_owned(), listen, hook: hook(base, channel), secret: Mutex::default(), keep, clock }
    }

    pub(super) fn attach(&self, keep: Arc<dyn Keep>) {
        self.keep.set(keep).ok();
    }

    pub(super) fn go_by(&self, clock: Clock) {
        self.clock.set(clock).ok();
    }

    /// By the house's clock; the machine's where none was given.
    pub(super) fn now(&self) -> DateTime<Utc> {
        self.clock.get().map_or_else(Utc::now, |clock| clock())
    }

    pub(super) fn is_open(&self) -> bool {
        self.listen != Listen::Off
    }

    /// Where pushes go.
    pub(super) const fn hook(&self) -> Option<&Url> {
        self.hook.as_ref()
    }

    /// Who brings this secret, compared in a time that tells nothing of where it differs.
    pub(super) fn knock(&self, given: Option<&HeaderValue>) -> Knock {
        if self.listen != Listen::Webhook {
            return Knock::Closed;
        }
        let given = given.map(HeaderValue::as_bytes).unwrap_or_default();
        let secret = self.secret.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let known = secret.is_some_and(|secret| bool::from(secret.as_bytes().ct_eq(given)));
        if known { Knock::Known } else { Knock::Stranger }
    }

    /// Makes the secret of the pushes, once, and knows it from now on.
    async fn learn(&self, keep: &dyn Keep) -> Result<String, Trouble> {
        let key = format!("hook:{}", self.channel);
        let secret = house_key::of(keep, &key, house_key::random, self.now()).await.map_err(Trouble::Store)?;
        *self.secret.lock().unwrap_or_else(PoisonError::into_inner) = Some(secret.clone());
        Ok(secret)
    }

    async fn hears(&self, desk: &dyn Desk, run: &mut Run) {
        if run.failures > 0 {
            tracing::info!(channel = self.channel, "{}", phrases::log_hears());
        }
        *run = Run::default();
        desk.deaf(&self.channel, None).await;
    }

    /// How long to rest. It is logged once; that somebody else has the account is told where it lasts.
    async fn troubled(&self, desk: &dyn Desk, run: &mut Run, trouble: Trouble) -> Duration {
        run.failures = run.failures.saturating_add(1);
        let usual = (FIRST_REST * 2_u32.pow(run.failures.min(7) - 1)).min(LONGEST_REST);
        let (cause, rest) = match trouble {
            Trouble::Store(cause) => (cause, usual),
            Trouble::Fault { cause, rest } => (cause, rest.unwrap_or(usual)),
            Trouble::Taken(cause) => {
                let since = *run.taken.get_or_insert_with(|| self.now());
                desk.deaf(&self.channel, Some((since, cause.clone()))).await;
                (cause, usual)
            }
        };
        if run.failures == 1 {
            tracing::warn!(channel = self.channel, cause, "{}", phrases::log_deaf());
        }
        rest
    }
}

/// Where the words of a channel are pushed to.
fn hook(base: &Url, channel: &str) -> Option<Url> {
    let mut url = base.clone();
    url.path_segments_mut().ok()?.pop_if_empty().extend(["hooks", channel]);
    Some(url)
}

/// Carries what people say on a channel to the desk until `stop`.
pub(super) async fn listen<H: Hears>(channel: &H, desk: &dyn Desk, stop: &CancellationToken) {
    let ear = channel.ear();
    // Without a memory nothing can be heard once.
    let Some(keep) = ear.keep.get().cloned() else { return stop.cancelled().await };
    let holder = uuid::Uuid::new_v4().to_string();
    let hearing = async {
        match ear.listen {
            Listen::Poll => poll(channel, desk, keep.as_ref(), &holder).await,
            Listen::Webhook => be_pushed(channel, desk, keep.as_ref()).await,
            Listen::Off => std::future::pending().await,
        }
    };
    stop.run_until_cancelled(hearing).await;
    // The next poller need not wait; if this fails, the lease ends by itself.
    keep.give_back(&channel.account(), &holder).await.ok();
}

/// Polls for ever.
async fn poll<H: Hears>(channel: &H, desk: &dyn Desk, keep: &dyn Keep, holder: &str) {
    let (ear, mut run, mut memory) = (channel.ear(), Run::default(), H::Memory::default());
    loop {
        let (began, now) = (Instant::now(), ear.now());
        let looked = match keep.lease(&channel.account(), holder, now, now + LEASE).await {
            Ok(true) => channel.look(desk, keep, &mut memory).await.map(Some),
            Ok(false) => Ok(None),
            Err(error) => Err(Trouble::Store(error)),
        };
        let rest = match looked {
            // Another process has the account.
            Ok(None) => LOOK,
            Ok(Some(count)) => {
                ear.hears(desk, &mut run).await;
                pause(count, began.elapsed())
            }
            Err(trouble) => ear.troubled(desk, &mut run, trouble).await,
        };
        sleep(rest).await;
    }
}

/// Lets the platform push, for ever.
async fn be_pushed<H: Hears>(channel: &H, desk: &dyn Desk, keep: &dyn Keep) {
    let (ear, mut run) = (channel.ear(), Run::default());
    loop {
        match begin_pushes(channel, keep).await {
            Ok(()) => {
                ear.hears(desk, &mut run).await;
                std::future::pending::<()>().await;
            }
            Err(trouble) => sleep(ear.troubled(desk, &mut run, trouble).await).await,
        }
    }
}

async fn begin_pushes<H: Hears>(channel: &H, keep: &dyn Keep) -> Result<(), Trouble> {
    let ear = channel.ear();
    let nowhere = || Trouble::Fault { cause: phrases::listen_needs_base_url(), rest: Some(HOPELESS) };
    let hook = ear.hook().ok_or_else(nowhere)?;
    let secret = ear.learn(keep).await?;
    channel.want_pushes(keep, hook, &secret).await
}

/// Who answers at once with nothing, however long it was to wait, is not asked all the time.
const fn pause(count: usize, took: Duration) -> Duration {
    if count == 0 { LEAST.saturating_sub(took) } else { Duration::ZERO }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_endpoint_that_does_not_wait_is_asked_once_a_second() {
        assert_eq!(pause(0, Duration::ZERO), LEAST);
        assert_eq!(pause(0, Duration::from_secs(20)), Duration::ZERO);
        assert_eq!(pause(3, Duration::ZERO), Duration::ZERO, "what people say is heard at once");
    }

    #[test]
    fn only_the_secret_opens_and_only_where_a_platform_pushes() {
        let base = Url::parse("https://loa.example.vn/goc/");
        let Ok(base) = base else { panic!("an address") };
        let ear = |listen| {
            let ear = Ear::new("bot", listen, &base);
            *ear.secret.lock().unwrap_or_else(PoisonError::into_inner) = Some("khoa".to_owned());
            ear
        };
        let given = |secret: &'static str| HeaderValue::from_static(secret);
        assert_eq!(ear(Listen::Webhook).hook().map(Url::as_str), Some("https://loa.example.vn/goc/hooks/bot"));
        assert_eq!(ear(Listen::Webhook).knock(Some(&given("khoa"))), Knock::Known);
        for wrong in ["", "kho", "khoa2", "khob"] {
            assert_eq!(ear(Listen::Webhook).knock(Some(&given(wrong))), Knock::Stranger, "{wrong}");
        }
        assert_eq!(ear(Listen::Webhook).knock(None), Knock::Stranger);
        assert_eq!(ear(Listen::Poll).knock(Some(&given("khoa"))), Knock::Closed);
        assert_eq!(Ear::new("bot", Listen::Webhook, &base).knock(Some(&given(""))), Knock::Stranger, "before there is a secret");
    }
}
