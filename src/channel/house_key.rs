//! Keys that the house makes for itself, once, and keeps: whoever has the store has the same ones.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ring::rand::{SecureRandom, SystemRandom};

use super::Keep;
use crate::phrases;

/// Making a key takes no time; a process that died over it holds up the others no longer.
const LEASE: TimeDelta = TimeDelta::seconds(10);

/// The key of this name; made and remembered where there is none yet.
///
/// # Errors
/// A sentence, when the store fails, or while another process makes the key.
pub(super) async fn of(keep: &dyn Keep, name: &str, make: fn() -> Result<String, String>, now: DateTime<Utc>) -> Result<String, String> {
    if let Some(known) = keep.get(name).await? {
        return Ok(known);
    }
    let holder = uuid::Uuid::new_v4().to_string();
    if !keep.lease(name, &holder, now, now + LEASE).await? {
        return Err(phrases::house_key_in_the_making());
    }
    // Another process may have made it just before the lease.
    let key = match keep.get(name).await? {
        Some(known) => known,
        None => {
            let fresh = make()?;
            keep.put(name, &fresh, now).await?;
            fresh
        }
    };
    keep.give_back(name, &holder).await?;
    Ok(key)
}

/// 32 random bytes, in base64url.
///
/// # Errors
/// A sentence, when the machine gives no random numbers.
pub(super) fn random() -> Result<String, String> {
    let mut bytes = [0; 32];
    SystemRandom::new().fill(&mut bytes).map_err(|_| phrases::house_key_no_random())?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
