//! The shapes of `config.toml`, as serde reads them. Keys of a kind live with the kind.

use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;

use super::Images;
use crate::channel::pace::PaceSetting;
use crate::feed::Content;
use crate::fetch::Allowed;
use crate::phrases::{self, Language};

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Site {
    pub(super) title: Option<String>,
    pub(super) base_url: Option<Spanned<String>>,
    pub(super) language: Option<Language>,
    pub(super) timezone: Option<Spanned<String>>,
    pub(super) contact: Option<String>,
    pub(super) rights: Option<String>,
    pub(super) icon: Option<Spanned<String>>,
    pub(super) images: Option<Images>,
    pub(super) urgent: Option<Vec<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Server {
    pub(super) listen: Option<Spanned<String>>,
    pub(super) trusted_proxies: Option<Vec<Spanned<String>>>,
    pub(super) limits: Option<Limits>,
}

/// What one client may have, a minute.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Limits {
    pub(super) feeds: Option<Spanned<u32>>,
    pub(super) pages: Option<Spanned<u32>>,
    pub(super) searches: Option<Spanned<u32>>,
    pub(super) forms: Option<Spanned<u32>>,
    pub(super) connections: Option<Spanned<u32>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Feeds {
    pub(super) dir: Option<String>,
    pub(super) entries: Option<Spanned<u32>>,
    pub(super) content: Content,
    pub(super) html: bool,
    pub(super) combined: Vec<Combined>,
    pub(super) topic: Vec<Topic>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Combined {
    pub(super) name: Spanned<String>,
    pub(super) title: Option<String>,
    pub(super) sources: Vec<Spanned<String>>,
    pub(super) content: Option<Content>,
    #[serde(default)]
    pub(super) aliases: Vec<Spanned<String>>,
}

/// A feed of all that says certain words, or is filed under certain sections.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Topic {
    pub(super) name: Spanned<String>,
    pub(super) title: Option<String>,
    pub(super) sources: Vec<Spanned<String>>,
    pub(super) content: Option<Content>,
    #[serde(default)]
    pub(super) include: Vec<String>,
    #[serde(default)]
    pub(super) exclude: Vec<String>,
    #[serde(default)]
    pub(super) categories: Vec<String>,
    #[serde(default)]
    pub(super) aliases: Vec<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Fetch {
    pub(super) allow: Vec<Allowed>,
    pub(super) pause: Option<Span>,
    pub(super) every_min: Option<Spanned<Span>>,
    pub(super) every_max: Option<Spanned<Span>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Hub {
    pub(super) enabled: Option<bool>,
    pub(super) url: Option<Spanned<String>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Admin {
    pub(super) to: Option<Spanned<String>>,
    pub(super) fallback: Option<Spanned<String>>,
}

/// What every source has, whatever its kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Source {
    pub(super) name: Spanned<String>,
    pub(super) title: Option<String>,
    pub(super) province: Option<String>,
    pub(super) kind: Option<Spanned<String>>,
    pub(super) schedule: Option<Spanned<String>>,
    pub(super) ca_file: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) backfill: u32,
    #[serde(default)]
    pub(super) aliases: Vec<Spanned<String>>,
}
pub(super) const SOURCE_KEYS: &[&str] = &["name", "title", "province", "kind", "schedule", "ca_file", "backfill", "aliases"];

/// What every channel has, whatever its kind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Channel {
    pub(super) name: Spanned<String>,
    pub(super) kind: Spanned<String>,
    pub(super) on_doubt: Option<OnDoubt>,
    pub(super) pace: Option<PaceSetting>,
    pub(super) template: Option<Spanned<String>>,
    pub(super) corrections: Option<Corrections>,
}
pub(super) const CHANNEL_KEYS: &[&str] = &["name", "kind", "on_doubt", "pace", "template", "corrections"];

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum OnDoubt {
    Resend,
    Skip,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
pub(super) enum Corrections {
    Edit,
    Tell,
    Off,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Subscription {
    pub(super) feed: Spanned<String>,
    pub(super) to: Spanned<String>,
    #[serde(default)]
    pub(super) welcome: u32,
    pub(super) schedule: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) digest: bool,
    pub(super) quiet: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) include: Vec<String>,
    #[serde(default)]
    pub(super) exclude: Vec<String>,
    #[serde(default)]
    pub(super) categories: Vec<String>,
    #[serde(default)]
    pub(super) urgent: Vec<String>,
    #[serde(default)]
    pub(super) silent: bool,
    pub(super) burst: Option<Spanned<usize>>,
    pub(super) fallback: Option<Spanned<String>>,
    pub(super) invite: Option<Spanned<String>>,
}

/// A length of time such as `"1s"`, `"500ms"`, `"2m"`.
pub(super) struct Span(pub(super) Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = String::deserialize(deserializer)?;
        humantime::parse_duration(written.trim()).map(Self).map_err(|_| serde::de::Error::custom(phrases::config_duration(&written)))
    }
}
