//! Messages as each channel carries them: golden files, and what must hold of all of them.
//! Every folder in `fixtures/messages` is a case; `UPDATE_GOLDEN=1` writes its files anew.

use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex};

use chrono::{DateTime, FixedOffset};
use loaphuong::channel::{Channel, Guarded, KINDS, Message, Notice, Noticed, Setting};
use loaphuong::entry::{Enclosure, Entry, Guid};
use loaphuong::html;
use loaphuong::phrases::Language;
use loaphuong::secret::{Given, Secret};
use quick_xml::events::Event;
use serde::Deserialize;
use url::Url;

const CHANNELS: &[(&str, &str)] = &[
    ("telegram", "{ token = '1:x' }"),
    ("console", "{ }"),
    ("webhook", "{ secret = 'x' }"),
    ("email", "{ server = 'mail.phuong.example', from = 'loa@phuong.example' }"),
    ("web-push", "{ subject = 'mailto:a@phuong.example' }"),
    ("discord", "{ rooms = { chung = 'https://discord.example/api/webhooks/1/x' } }"),
    ("slack", "{ rooms = { chung = 'https://slack.example/services/x' } }"),
    ("teams", "{ rooms = { chung = 'https://teams.example/x' } }"),
    ("matrix", "{ homeserver = 'https://matrix.example', token = 'x' }"),
    ("ntfy", "{ }"),
    ("facebook-page", "{ token = 'x' }"),
    ("zalo-bot", "{ token = '1:x' }"),
    ("zalo-oa", "{ app_id = '1', secret = 'x', oa_id = '2' }"),
];

#[derive(Deserialize)]
struct NoticeFixture {
    feed_title: String,
    #[serde(default)]
    digest: bool,
    #[serde(default)]
    silent: bool,
    #[serde(default)]
    urgent: bool,
    #[serde(default)]
    language: Language,
    entries: Vec<EntryFixture>,
}

#[derive(Deserialize)]
struct EntryFixture {
    link: Url,
    title: String,
    source_title: Option<String>,
    published: Option<DateTime<FixedOffset>>,
    author: Option<String>,
    summary: Option<String>,
    #[serde(default)]
    content_html: String,
    /// So often the content is repeated, for long articles.
    repeat: Option<usize>,
    #[serde(default)]
    images: Vec<FileFixture>,
    #[serde(default)]
    attachments: Vec<FileFixture>,
    #[serde(default)]
    categories: Vec<String>,
}

#[derive(Deserialize)]
struct FileFixture {
    url: Url,
    r#type: String,
    length: Option<u64>,
    title: Option<String>,
}

impl From<FileFixture> for Enclosure {
    fn from(FileFixture { url, r#type, length, title }: FileFixture) -> Self {
        Self { url, media_type: r#type, length, title }
    }
}

fn noticed(fixture: EntryFixture, feed_title: &str) -> Noticed {
    let mut entry = Entry::new(Guid::new(fixture.link.as_str()), fixture.title);
    entry.published = fixture.published;
    entry.author = fixture.author;
    entry.summary = fixture.summary;
    entry.content_html = fixture.content_html.repeat(fixture.repeat.unwrap_or(1));
    entry.images = fixture.images.into_iter().map(Into::into).collect();
    entry.attachments = fixture.attachments.into_iter().map(Into::into).collect();
    entry.categories = fixture.categories;
    Noticed { entry, link: fixture.link, source_title: fixture.source_title.unwrap_or_else(|| feed_title.to_owned()) }
}

struct Anywhere(reqwest::Client);

impl Guarded for Anywhere {
    fn client(&self, _url: &Url) -> Result<reqwest::Client, String> {
        Ok(self.0.clone())
    }

    fn barred(&self, _error: &reqwest::Error, _url: &Url) -> Option<String> {
        None
    }
}

/// A channel from its keys, with plain secrets and a client that may go anywhere.
pub(crate) fn built(kind: &str, keys: &str) -> Arc<dyn Channel> {
    rustls::crypto::ring::default_provider().install_default().ok();
    let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let secret = |given: &Given| match given {
        Given::Text(text) => Ok(Secret::new(text.as_str())),
        Given::Env(_) | Given::File(_) => Err("only plain text here".to_owned()),
    };
    let setting = Setting {
        name: "test",
        guarded: Arc::new(Anywhere(http)),
        tls: &loaphuong::tls::client_config().unwrap(),
        base: &"https://loa.example/".parse().unwrap(),
        language: loaphuong::phrases::Language::Vi,
        secret: &secret,
    };
    let kind = KINDS.iter().find(|k| k.name == kind).unwrap();
    (kind.build)(toml::de::ValueDeserializer::parse(keys).unwrap(), &setting).unwrap_or_else(|e| panic!("{}: {e}", kind.name))
}

fn cases() -> Vec<PathBuf> {
    let all = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/messages");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(all).unwrap().map(|case| case.unwrap().path()).collect();
    cases.sort();
    cases
}

/// The messages of every case on every channel.
pub(crate) fn each(check: impl Fn(&Path, &str, &[Noticed], &[Message])) {
    for case in cases() {
        let fixture: NoticeFixture = serde_json::from_slice(&std::fs::read(case.join("entries.json")).unwrap()).unwrap();
        let entries: Vec<Noticed> = fixture.entries.into_iter().map(|entry| noticed(entry, &fixture.feed_title)).collect();
        let notice = Notice {
            feed: None,
            feed_title: &fixture.feed_title,
            entries: &entries,
            digest: fixture.digest,
            silent: fixture.silent,
            urgent: fixture.urgent,
            language: fixture.language,
            zone: chrono_tz::Asia::Ho_Chi_Minh,
        };
        for (kind, keys) in CHANNELS {
            check(&case, kind, &entries, &built(kind, keys).render(&notice));
        }
    }
}

/// The messages of every case on one channel. Laid out once for all tests.
pub(crate) fn golden(kind: &str) -> Vec<Message> {
    static ALL: LazyLock<Vec<(String, Message)>> = LazyLock::new(|| {
        let all = Mutex::new(Vec::new());
        each(|_, kind, _, messages| all.lock().unwrap().extend(messages.iter().map(|m| (kind.to_owned(), m.clone()))));
        all.into_inner().unwrap()
    });
    ALL.iter().filter(|(of, _)| of == kind).map(|(_, message)| message.clone()).collect()
}

/// A message as the golden file shows it.
fn shown(message: &Message) -> String {
    let mut text = format!("=== {}..{}{}\n", message.covers.start, message.covers.end, if message.silent { " silent" } else { "" });
    if let Some(image) = &message.image {
        text.push_str(&format!("[{image}]\n"));
    }
    text.push_str(&message.text);
    text.push('\n');
    if let Some((label, url)) = &message.link {
        text.push_str(&format!("[{label}]({url})\n"));
    }
    text
}

#[test]
fn messages_look_as_they_did() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    each(|case, kind, _, messages| {
        let got: String = messages.iter().map(shown).collect();
        let path = case.join(format!("{kind}.txt"));
        if update {
            std::fs::write(&path, &got).unwrap();
        }
        let want = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(got, want, "{}: run with UPDATE_GOLDEN=1 if this is as it should be", path.display());
    });
}

#[test]
fn every_entry_is_carried_once_and_in_order() {
    each(|case, kind, entries, messages| {
        let mut next = 0;
        for (index, message) in messages.iter().enumerate() {
            let again = index > 0 && message.covers == messages[index - 1].covers;
            assert!(again || message.covers.start == next, "{} {kind}: {:?}", case.display(), message.covers);
            assert!(!message.covers.is_empty(), "{} {kind}", case.display());
            next = message.covers.end;
        }
        assert_eq!(next, entries.len(), "{} {kind}", case.display());
    });
}

/// The visible text of a message of Telegram; fails on anything but `<b>` and `<a href>`, closed in order.
pub(crate) fn visible(text: &str) -> String {
    let whole = format!("<message>{text}</message>");
    let mut reader = quick_xml::Reader::from_str(&whole);
    let mut seen = String::new();
    loop {
        match reader.read_event().unwrap_or_else(|e| panic!("{e} in {text}")) {
            Event::Start(tag) => assert!([&b"message"[..], b"b", b"a"].contains(&tag.name().as_ref()), "{tag:?}"),
            Event::Text(words) => seen.push_str(&words.decode().unwrap()),
            Event::GeneralRef(name) => {
                let at = [&b"amp"[..], b"lt", b"gt", b"quot"].iter().position(|known| *known == &*name);
                seen.push(['&', '<', '>', '"'][at.unwrap_or_else(|| panic!("{name:?} is not known to Telegram"))]);
            }
            Event::End(_) => {}
            Event::Eof => return seen,
            other => panic!("{other:?} in {text}"),
        }
    }
}

#[test]
fn telegram_can_take_every_message() {
    each(|case, kind, _, messages| {
        for (index, message) in messages.iter().enumerate().filter(|_| kind == "telegram") {
            let name = format!("{} {index}", case.display());
            let seen = visible(&message.text);
            let units = seen.encode_utf16().count();
            assert!((1..=if message.image.is_some() { 1024 } else { 4096 }).contains(&units), "{name}: {units}");
            assert!(seen.chars().any(char::is_alphanumeric), "{name}: {seen:?}");
            assert!(message.text.len() <= 32_768, "{name}");
            let same = messages.iter().skip(index + 1).any(|later| later.covers == message.covers);
            assert!(!same || message.link.is_none(), "{name}: only the last has the button");
            let earlier = index > 0 && messages[index - 1].covers == message.covers;
            assert!(!earlier || message.image.is_none(), "{name}: only the first has the picture");
        }
    });
}

#[test]
fn a_webhook_body_is_small_and_the_same_each_time() {
    each(|case, kind, entries, messages| {
        for message in messages.iter().filter(|_| kind == "webhook") {
            let json: serde_json::Value = serde_json::from_str(&message.text).unwrap();
            assert!(message.text.len() <= 20_000, "{}: {}", case.display(), message.text.len());
            let listed = json["data"]["entries"].as_array();
            let title = listed.map_or(&json["data"]["title"], |list| &list[0]["title"]);
            assert_eq!(title, entries[message.covers.start].entry.title.as_str(), "{}", case.display());
            assert_eq!(listed.map_or(1, Vec::len), message.covers.len(), "{}", case.display());
        }
    });
}

/// Nothing of a text is lost between the parts of a long message.
#[test]
fn the_parts_of_a_long_entry_are_its_text() {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    let body: String =
        (0..300).map(|n| format!("<p>Đoạn số {n}: cắt điện từ 8 giờ, &lt;b&gt; &amp; 👨\u{200d}👩\u{200d}👧.</p>")).collect();
    let entry = noticed(
        serde_json::from_value(serde_json::json!({ "link": "https://a.example/1", "title": "T", "content_html": body })).unwrap(),
        "W",
    );
    let entries = [entry];
    let notice = Notice {
        feed: None,
        feed_title: "W",
        entries: &entries,
        digest: false,
        silent: false,
        urgent: false,
        language: Language::Vi,
        zone: chrono_tz::Asia::Ho_Chi_Minh,
    };
    let messages = built("telegram", "{ token = '1:x' }").render(&notice);
    assert_eq!(messages.len(), 3, "long enough to be cut");
    let told: String = messages.iter().map(|message| visible(&message.text)).collect();
    let told = told.rsplit_once("… Đọc tiếp").unwrap().0.to_owned();
    let whole = letters(&format!("TW{}", html::to_text(&body)));
    assert!(whole.starts_with(&letters(&told)) && letters(&told).len() > 9_000, "{told}");
}
