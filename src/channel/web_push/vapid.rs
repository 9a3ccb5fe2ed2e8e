//! Who we are to push services (RFC 8292): a key pair that the browser is given when it subscribes,
//! and a token signed with it for each push service.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, TimeDelta, Utc};
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::json;
use url::Url;

use crate::phrases;

/// A token may hold a day at most.
const HOLDS: TimeDelta = TimeDelta::hours(12);

pub(super) struct Vapid {
    pair: EcdsaKeyPair,
    /// The public key, uncompressed, in base64url: what a page gives `PushManager.subscribe`.
    pub(super) public: String,
}

impl Vapid {
    /// A new pair, as it is remembered.
    pub(super) fn make() -> Result<String, String> {
        let made = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new());
        made.map(|pair| URL_SAFE_NO_PAD.encode(pair)).map_err(|_| phrases::house_key_no_random())
    }

    /// A pair that was remembered.
    pub(super) fn remembered(text: &str) -> Result<Self, String> {
        let broken = || phrases::house_key_broken();
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| broken())?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &bytes, &SystemRandom::new());
        pair.map(Self::of).map_err(|_| broken())
    }

    /// A pair of the config, both halves in base64url as usual tools print them.
    pub(super) fn given(public: &str, private: &str) -> Result<Self, String> {
        let decoded = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).map_err(|_| phrases::push_bad_keys());
        let (public, private) = (decoded(public)?, decoded(private)?);
        let pair = EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, &private, &public, &SystemRandom::new());
        pair.map(Self::of).map_err(|_| phrases::push_bad_keys())
    }

    fn of(pair: EcdsaKeyPair) -> Self {
        let public = URL_SAFE_NO_PAD.encode(pair.public_key());
        Self { pair, public }
    }

    /// The header `Authorization` for this push service.
    pub(super) fn authorization(&self, endpoint: &Url, subject: &str, now: DateTime<Utc>) -> Result<String, String> {
        let claims = json!({ "aud": endpoint.origin().ascii_serialization(), "exp": (now + HOLDS).timestamp(), "sub": subject });
        let part = |text: String| URL_SAFE_NO_PAD.encode(text);
        let signed = format!("{}.{}", part(json!({ "typ": "JWT", "alg": "ES256" }).to_string()), part(claims.to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), signed.as_bytes()).map_err(|_| phrases::house_key_no_random())?;
        Ok(format!("vapid t={signed}.{}, k={}", URL_SAFE_NO_PAD.encode(signature), self.public))
    }
}
