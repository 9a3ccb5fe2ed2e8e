//! The feeds that people can follow, and which of them somebody means.

use chrono_tz::Tz;
use url::Url;

use super::press;
use crate::entry::Slug;
use crate::incident::Office;
use crate::phrases::Language;
use crate::subscription::Address;
use crate::text;

/// What the desk tells of; replaced with the config.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What this house is called.
    pub title: String,
    /// How it is reached, ending in `/`.
    pub base: Url,
    /// The language of fixed words.
    pub language: Language,
    /// The zone that times are told in.
    pub zone: Tz,
    /// Every feed that can be followed, the combined ones first.
    pub feeds: Vec<Feed>,
    /// What the config itself sends, and where.
    pub named: Vec<(Address, Slug)>,
    /// News that says one of these comes at once, whatever people chose.
    pub urgent: Vec<String>,
    /// Where the admin hears of a channel that is deaf.
    pub office: Option<Office>,
}

/// One feed.
#[derive(Debug, Clone)]
pub struct Feed {
    /// Its name.
    pub slug: Slug,
    /// Its title.
    pub title: String,
    /// Its sources.
    pub sources: Vec<Slug>,
    /// The words that it is found by, folded.
    words: Vec<String>,
}

impl Feed {
    /// A feed, and the province that its people may name with it.
    #[must_use]
    pub fn new(slug: Slug, title: String, sources: Vec<Slug>, province: Option<&str>) -> Self {
        let words = split(&format!("{title} {}", province.unwrap_or_default()));
        Self { slug, title, sources, words }
    }
}

/// Words that say what a feed is, and not which.
const COMMON: &[&str] = &["phuong", "xa", "thi", "tran", "quan", "huyen", "tin", "cua", "ban", "ward"];

impl Plan {
    /// The feed of this name, as a link or a button carries it.
    pub(super) fn feed(&self, written: &str) -> Option<&Feed> {
        let hashed = written.starts_with('_');
        self.feeds.iter().find(|feed| if hashed { press::name(&feed.slug) == written } else { feed.slug.as_str() == written })
    }

    /// Feeds whose names hold every word that was said, each as the beginning of one of theirs; those
    /// that hold all of them whole come first.
    pub(super) fn meant(&self, said: &str) -> Vec<&Feed> {
        let all = split(said);
        let telling: Vec<&String> = all.iter().filter(|word| !COMMON.contains(&word.as_str())).collect();
        // "Quan" is a word of a name, too.
        let words: Vec<&String> = if telling.is_empty() { all.iter().collect() } else { telling };
        if words.is_empty() {
            return Vec::new();
        }
        let begins = |feed: &&Feed| words.iter().all(|word| feed.words.iter().any(|own| own.starts_with(word.as_str())));
        let whole = |feed: &&Feed| words.iter().all(|word| feed.words.contains(word));
        let mut found: Vec<&Feed> = self.feeds.iter().filter(begins).collect();
        found.sort_by_key(|feed| (!whole(feed), feed.words.len()));
        found
    }

    /// What the config sends to this chat, with the address as it writes it.
    pub(super) fn named_at<'a>(&'a self, chat: &'a Address) -> impl Iterator<Item = &'a (Address, Slug)> {
        self.named.iter().filter(move |(to, _)| is_same(to, chat))
    }

    /// The address by which the config sends a feed to this chat.
    pub(super) fn named_for(&self, chat: &Address, feed: &Slug) -> Option<&Address> {
        self.named.iter().find(|(to, of)| of == feed && is_same(to, chat)).map(|(to, _)| to)
    }

    /// The addresses that the config writes for a chat, its topics among them.
    pub(super) fn rooms_named(&self, chat: &Address) -> Vec<Address> {
        let whole = |to: &Address| Address::new(to.channel(), to.chat().split('/').next().unwrap_or_default());
        self.named.iter().map(|(to, _)| to).filter(|to| is_same(to, chat) || is_same(&whole(to), chat)).cloned().collect()
    }
}

/// Public names of chats are alike whatever their case.
fn is_same(one: &Address, other: &Address) -> bool {
    one.channel() == other.channel() && one.chat().eq_ignore_ascii_case(other.chat())
}

fn split(s: &str) -> Vec<String> {
    text::fold(s).split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(super) mod tests {
    use super::*;

    pub(in super::super) fn plan(titles: &[(&str, &str)]) -> Plan {
        let feed = |(slug, title): &(&str, &str)| {
            Feed::new(Slug::new(slug).unwrap(), (*title).to_owned(), vec![Slug::new(slug).unwrap()], Some("Hà Nội"))
        };
        Plan {
            title: "Loa phường".into(),
            base: Url::parse("http://127.0.0.1:8080/").unwrap(),
            language: Language::Vi,
            zone: chrono_tz::Asia::Ho_Chi_Minh,
            feeds: titles.iter().map(feed).collect(),
            named: Vec::new(),
            urgent: vec!["sơ tán khẩn cấp".to_owned()],
            office: None,
        }
    }

    #[test]
    fn a_ward_is_meant_by_its_words_in_any_writing() {
        let plan = plan(&[
            ("tho-quan", "Phường Thổ Quan"),
            ("quan-thanh", "Phường Quán Thánh"),
            ("vinh-tuy", "Phường Vĩnh Tuy"),
            ("vinh-hung", "Phường Vĩnh Hưng"),
        ]);
        let meant = |said: &str| plan.meant(said).iter().map(|feed| feed.slug.to_string()).collect::<Vec<_>>();
        assert_eq!(meant("phường Thổ Quan"), ["tho-quan"]);
        assert_eq!(meant("THO QUAN ha noi"), ["tho-quan"]);
        assert_eq!(meant("vinh"), ["vinh-tuy", "vinh-hung"]);
        assert_eq!(meant("quan"), ["tho-quan", "quan-thanh"]);
        assert!(meant("cắt điện").is_empty() && meant("' OR 1=1;--").is_empty() && meant("%_%").is_empty() && meant("").is_empty());
    }

    #[test]
    fn a_link_names_one_feed_or_none() {
        let plan = plan(&[("tho-quan", "Phường Thổ Quan"), (&"a".repeat(64), "Dài")]);
        assert!(plan.feed("tho-quan").is_some());
        assert!(plan.feed(&press::name(&Slug::new(&"a".repeat(64)).unwrap())).is_some());
        assert!(plan.feed(&"A".repeat(64)).is_none() && plan.feed("' OR 1=1;--").is_none() && plan.feed("_").is_none());
    }
}
