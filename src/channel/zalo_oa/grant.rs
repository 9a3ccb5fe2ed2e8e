//! The pair of tokens that an Official Account gave us, as it is remembered.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// How long an access token lasts where Zalo's own figure makes no sense.
const SHORT: TimeDelta = TimeDelta::hours(1);
/// And where a person pasted it, who knows how long ago: Zalo's usual 25 hours; a refusal ends it earlier.
const USUAL: TimeDelta = TimeDelta::hours(25);
/// No token lasts longer than the refresh token's three months.
const LONGEST: TimeDelta = TimeDelta::days(90);

/// A pair, and what became of the last try to renew it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Grant {
    pub(super) access: String,
    pub(super) refresh: String,
    /// When we got it.
    pub(super) obtained: DateTime<Utc>,
    /// When the access token ends.
    pub(super) expires: DateTime<Utc>,
    /// Which pasted pair it comes from, as a fingerprint.
    pub(super) pasted: String,
    /// Since when a renewal is under way, or its answer was lost.
    #[serde(default)]
    pub(super) refreshing_since: Option<DateTime<Utc>>,
    /// How many renewals with this refresh token have an unknown outcome.
    #[serde(default)]
    pub(super) unclear: u32,
    /// Why only a person can help, where that is so.
    #[serde(default)]
    pub(super) needs_consent: Option<String>,
}

impl Grant {
    /// A pair as a person pasted it, or a refresh token alone; `None` where the text is neither.
    pub(super) fn pasted(text: &str, now: DateTime<Utc>) -> Option<Self> {
        let (access, refresh, lasts) = pair(text)?;
        let lasts = match (&access, lasts) {
            (None, _) => TimeDelta::zero(),
            (Some(_), Some(told)) => lifetime(&told),
            (Some(_), None) => USUAL,
        };
        let access = access.unwrap_or_default();
        let pasted = fingerprint(&refresh);
        Some(Self { access, refresh, obtained: now, expires: now + lasts, pasted, refreshing_since: None, unclear: 0, needs_consent: None })
    }

    /// The pair that a renewal gave.
    pub(super) fn renewed(&self, access: String, refresh: String, lasts: &Value, now: DateTime<Utc>) -> Self {
        let expires = now + lifetime(lasts);
        let pasted = self.pasted.clone();
        Self { access, refresh, obtained: now, expires, pasted, refreshing_since: None, unclear: 0, needs_consent: None }
    }

    /// Whether it was read from a row that this build, or a newer one, wrote.
    pub(super) fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    pub(super) fn written(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether the access token may still be used.
    pub(super) fn is_good(&self, now: DateTime<Utc>) -> bool {
        now < self.expires
    }

    /// Whether it is time to renew it: after four fifths of its life, 20 of 25 hours.
    pub(super) fn is_old(&self, now: DateTime<Utc>) -> bool {
        now >= self.obtained + (self.expires - self.obtained) * 4 / 5
    }
}

/// Prints as its times alone.
impl std::fmt::Debug for Grant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Grant {{ obtained: {}, expires: {}, .. }}", self.obtained, self.expires)
    }
}

/// The JSON that Zalo's API Explorer shows, or two words, the access token and then the refresh
/// token, or the latter alone.
fn pair(text: &str) -> Option<(Option<String>, String, Option<Value>)> {
    if let Ok(Value::Object(fields)) = serde_json::from_str(text) {
        let told = |key: &str| fields.get(key).and_then(Value::as_str).filter(|token| !token.is_empty()).map(str::to_owned);
        return Some((told("access_token"), told("refresh_token")?, fields.get("expires_in").cloned()));
    }
    let label = |word: &&str| !word.ends_with([':', '=']);
    let mut words = text.split_whitespace().filter(label).map(|word| word.trim_matches(['"', '\'', ',', ';']).to_owned());
    match (words.next()?, words.next(), words.next()) {
        (refresh, None, _) => Some((None, refresh, None)),
        (access, Some(refresh), None) => Some((Some(access), refresh, None)),
        (_, Some(_), Some(_)) => None,
    }
}

/// `expires_in` in seconds, as a number or as text; what makes no sense is an hour.
fn lifetime(told: &Value) -> TimeDelta {
    let seconds = told.as_i64().or_else(|| told.as_str()?.trim().parse().ok()).unwrap_or_default();
    TimeDelta::try_seconds(seconds).filter(|lasts| *lasts > TimeDelta::zero() && *lasts <= LONGEST).unwrap_or(SHORT)
}

fn fingerprint(refresh: &str) -> String {
    Sha256::digest(refresh).iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_pair_is_pasted_as_json_or_as_two_words() {
        for text in [
            "acc-1 ref-1",
            "acc-1\r\nref-1\n",
            "access_token: acc-1\nrefresh_token: ref-1",
            "\"acc-1\",\n\"ref-1\"",
            "{\"access_token\":\"acc-1\",\"refresh_token\":\"ref-1\",\"expires_in\":\"90000\"}",
        ] {
            let grant = Grant::pasted(text, DateTime::UNIX_EPOCH).unwrap();
            assert_eq!((grant.access.as_str(), grant.refresh.as_str()), ("acc-1", "ref-1"), "{text}");
            assert_eq!(grant.expires, DateTime::UNIX_EPOCH + TimeDelta::hours(25), "{text}");
        }
        let alone = Grant::pasted("ref-1\n", DateTime::UNIX_EPOCH).unwrap();
        assert!(alone.refresh == "ref-1" && !alone.is_good(DateTime::UNIX_EPOCH));
        for text in ["", "one two three", "{\"access_token\":\"a\"}"] {
            assert!(Grant::pasted(text, DateTime::UNIX_EPOCH).is_none(), "{text}");
        }
    }

    #[test]
    fn a_lifetime_is_text_or_number_and_nonsense_is_an_hour() {
        for (told, hours) in [
            (json!("90000"), 25),
            (json!(90_000), 25),
            (json!("-5"), 1),
            (json!("1e99"), 1),
            (json!(0), 1),
            (json!(null), 1),
            (json!("x"), 1),
        ] {
            assert_eq!(lifetime(&told), TimeDelta::hours(hours), "{told}");
        }
    }

    #[test]
    fn a_pair_is_renewed_after_twenty_of_its_hours() {
        let grant = Grant::pasted("a b", DateTime::UNIX_EPOCH).unwrap();
        for (hour, old, good) in [(0, false, true), (19, false, true), (20, true, true), (24, true, true), (25, true, false)] {
            let now = DateTime::UNIX_EPOCH + TimeDelta::hours(hour);
            assert_eq!((grant.is_old(now), grant.is_good(now)), (old, good), "{hour}");
        }
        assert!(!format!("{grant:?}").contains("access"));
        assert_eq!(Grant::read(&grant.written()), Some(grant));
    }
}
