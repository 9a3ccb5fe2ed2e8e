//! The link in a message by which its reader leaves: a token that only this house can make says
//! which address leaves which feed. It never expires, for old mails are read, too.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{Keep, house_key};
use crate::entry::Slug;
use crate::phrases;
use crate::subscription::Address;

/// Where these links lead, under the server's root.
pub const PATH: &str = "huy";
/// Under which the key is remembered.
const KEY: &str = "leaving";
/// Bytes of the signature in a token: beyond guessing, and short enough for a link.
const SIGNATURE: usize = 16;
/// Longer tokens are none of ours.
const LONGEST: usize = 2048;

/// Makes and reads tokens.
#[derive(Clone)]
pub struct Leaving(Hmac<Sha256>);

impl Leaving {
    /// With the house's key, which is made at the first use.
    ///
    /// # Errors
    /// A sentence, when the store fails.
    pub async fn open(keep: &dyn Keep, now: DateTime<Utc>) -> Result<Self, String> {
        Self::of(&house_key::of(keep, KEY, house_key::random, now).await?)
    }

    fn of(key: &str) -> Result<Self, String> {
        let mac = Hmac::new_from_slice(key.as_bytes()).map_err(|_| phrases::house_key_broken())?;
        Ok(Self(mac))
    }

    /// What lets an address leave a feed.
    #[must_use]
    pub fn token(&self, feed: &Slug, to: &Address) -> String {
        let whom = format!("{feed}\n{to}");
        let signature = self.0.clone().chain_update(&whom).finalize().into_bytes();
        let signature = signature.get(..SIGNATURE).unwrap_or_default();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(whom), URL_SAFE_NO_PAD.encode(signature))
    }

    /// Who leaves what by a token; `None` where it is none of ours.
    #[must_use]
    pub fn read(&self, token: &str) -> Option<(Slug, Address)> {
        let (whom, signature) = Some(token).filter(|token| token.len() <= LONGEST)?.split_once('.')?;
        let (whom, signature) = (URL_SAFE_NO_PAD.decode(whom).ok()?, URL_SAFE_NO_PAD.decode(signature).ok()?);
        let is_ours = signature.len() == SIGNATURE && self.0.clone().chain_update(&whom).verify_truncated_left(&signature).is_ok();
        let whom = String::from_utf8(whom).ok().filter(|_| is_ours)?;
        let (feed, to) = whom.split_once('\n')?;
        Some((Slug::new(feed).ok()?, Address::parse(to)?))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_tokens_of_this_house_are_read() {
        let (ours, other) = (Leaving::of("khóa").unwrap(), Leaving::of("khóa khác").unwrap());
        let (feed, to) = (Slug::new("tho-quan").unwrap(), Address::new("thu", "an@dan.example"));
        let token = ours.token(&feed, &to);
        assert_eq!(ours.read(&token), Some((feed.clone(), to.clone())));
        assert_ne!(token, ours.token(&feed, &Address::new("thu", "binh@dan.example")));
        let (whom, signature) = token.split_once('.').unwrap();
        let others = other.token(&feed, &to);
        for wrong in
            ["", ".", whom, signature, &others, &format!("{whom}."), &format!("{whom}.AAAA"), &format!("x{token}"), &"a.".repeat(2000)]
        {
            assert_eq!(ours.read(wrong), None, "{wrong}");
        }
    }
}
