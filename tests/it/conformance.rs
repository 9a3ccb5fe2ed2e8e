//! What every channel must do, whatever the platform behind it. A platform's fake says here how it
//! fails; the rules are the same for all.

use std::sync::Arc;

use async_trait::async_trait;
use loaphuong::channel::{Channel, Doubt, Edited, Message, Notice, Noticed, SendError};
use loaphuong::entry::{Entry, Guid, Slug};
use loaphuong::outbox::{KnownIds, Sent};
use loaphuong::phrases::Language;
use loaphuong::subscription::Address;

use crate::fakes::{BotFault, FakeTelegram, FakeZaloBot, FakeZaloOa, Fault, Mishap, OaFault, Receiver, Trouble};
use crate::messages::built;

/// A platform on loopback, with one channel to it and one address there.
#[async_trait]
pub(crate) trait Platform: Send + Sync {
    /// The channel under test.
    fn channel(&self) -> Arc<dyn Channel>;
    /// Where to write to.
    fn to(&self) -> Address;
    /// What must never be seen in an error.
    fn secrets(&self) -> Vec<String>;
    /// What was taken and would be seen, each text once for each time that it would be seen.
    fn taken(&self) -> Vec<String>;
    /// Requests that were refused for what they are; there must be none.
    fn refusals(&self) -> Vec<String>;
    /// Spoils the next message; false where this platform cannot fail so.
    fn fail_next(&self, mishap: Mishap) -> bool;
    /// No connection comes about any more.
    async fn stop(&self);
    /// Whether one dead receiver says nothing about the others (each address has its own server).
    fn dies_alone(&self) -> bool {
        false
    }
}

struct OnTelegram {
    fake: FakeTelegram,
    channel: Arc<dyn Channel>,
}

const CHAT: i64 = -1_001_234_567_890;
const OPS: i64 = -1_009_999_999_999;

#[async_trait]
impl Platform for OnTelegram {
    fn channel(&self) -> Arc<dyn Channel> {
        self.channel.clone()
    }
    fn to(&self) -> Address {
        Address::new("test", CHAT.to_string())
    }
    fn secrets(&self) -> Vec<String> {
        vec![self.fake.token()]
    }
    fn taken(&self) -> Vec<String> {
        self.fake.messages_in(CHAT).into_iter().map(|m| m.text).collect()
    }
    fn refusals(&self) -> Vec<String> {
        self.fake.refusals().iter().map(|refused| format!("{refused:?}")).collect()
    }
    fn fail_next(&self, mishap: Mishap) -> bool {
        let fault = match mishap {
            Mishap::ServerError => Fault::Status500,
            Mishap::Reset => Fault::Reset,
            Mishap::LostAnswer => Fault::LostAnswer,
            Mishap::HtmlPage => Fault::Html502,
            Mishap::Flood(seconds) => Fault::TooMany(seconds),
            Mishap::BadToken => Fault::Refuse(401, "Unauthorized"),
            Mishap::Gone => Fault::Refuse(403, "Forbidden: bot was blocked by the user"),
        };
        self.fake.fail_next_in(CHAT, fault);
        true
    }
    async fn stop(&self) {
        self.fake.stop().await;
    }
}

struct OnWebhook {
    receiver: Receiver,
    channel: Arc<dyn Channel>,
    secret: String,
}

#[async_trait]
impl Platform for OnWebhook {
    fn channel(&self) -> Arc<dyn Channel> {
        self.channel.clone()
    }
    fn to(&self) -> Address {
        Address::new("test", self.receiver.url("/nhan-tin"))
    }
    fn secrets(&self) -> Vec<String> {
        vec![self.secret.clone()]
    }
    fn taken(&self) -> Vec<String> {
        self.receiver.by_id().into_values().map(|body| String::from_utf8_lossy(&body).into_owned()).collect()
    }
    fn refusals(&self) -> Vec<String> {
        self.receiver.refusals().into_iter().map(|(status, why)| format!("{status} {why}")).collect()
    }
    fn fail_next(&self, mishap: Mishap) -> bool {
        let trouble = match mishap {
            Mishap::ServerError => Trouble::Status(500),
            Mishap::Reset => Trouble::Reset,
            Mishap::LostAnswer => Trouble::LostAnswer,
            Mishap::HtmlPage => Trouble::Status(502),
            Mishap::Flood(seconds) => Trouble::Later(429, if seconds == 7 { "7" } else { "43838" }),
            Mishap::BadToken => return false,
            Mishap::Gone => Trouble::Status(410),
        };
        self.receiver.fail_next(trouble);
        true
    }
    async fn stop(&self) {
        self.receiver.stop().await;
    }
    fn dies_alone(&self) -> bool {
        true
    }
}

struct OnZaloBot {
    fake: FakeZaloBot,
    channel: Arc<dyn Channel>,
}

const GROUP: &str = "6d1c5f0e9a7b";

#[async_trait]
impl Platform for OnZaloBot {
    fn channel(&self) -> Arc<dyn Channel> {
        self.channel.clone()
    }
    fn to(&self) -> Address {
        Address::new("test", GROUP)
    }
    fn secrets(&self) -> Vec<String> {
        vec![self.fake.token()]
    }
    fn taken(&self) -> Vec<String> {
        self.fake.taken().into_iter().map(|message| message.text).collect()
    }
    fn refusals(&self) -> Vec<String> {
        self.fake.refusals()
    }
    fn fail_next(&self, mishap: Mishap) -> bool {
        let fault = match mishap {
            Mishap::ServerError => BotFault::Refuse(403, "Internal server error"),
            Mishap::Reset => BotFault::Reset,
            Mishap::LostAnswer => BotFault::LostAnswer,
            Mishap::HtmlPage => BotFault::Html(502),
            // Zalo never says for how long.
            Mishap::Flood(_) => return false,
            Mishap::BadToken => BotFault::Refuse(401, "Unauthorized"),
            Mishap::Gone => BotFault::Refuse(404, "chat not found"),
        };
        self.fake.fail_next(fault);
        true
    }
    async fn stop(&self) {
        self.fake.stop().await;
    }
}

async fn zalo_bot() -> Box<dyn Platform> {
    let fake = FakeZaloBot::start().await;
    fake.chat(GROUP);
    let keys = format!("{{ token = '{}', api = '{}' }}", fake.token(), fake.url());
    Box::new(OnZaloBot { channel: built("zalo-bot", &keys), fake })
}

struct OnZaloOa {
    fake: FakeZaloOa,
    channel: Arc<dyn Channel>,
}

#[async_trait]
impl Platform for OnZaloOa {
    fn channel(&self) -> Arc<dyn Channel> {
        self.channel.clone()
    }
    fn to(&self) -> Address {
        Address::new("test", "group/f414c8f76fa586fbdfb4")
    }
    fn secrets(&self) -> Vec<String> {
        self.fake.secrets()
    }
    fn taken(&self) -> Vec<String> {
        self.fake.seen().into_iter().map(|seen| seen.text).collect()
    }
    fn refusals(&self) -> Vec<String> {
        self.fake.refusals()
    }
    fn fail_next(&self, mishap: Mishap) -> bool {
        let fault = match mishap {
            Mishap::ServerError => OaFault::Code(-200, "Unknown error"),
            Mishap::Reset => OaFault::Reset,
            Mishap::LostAnswer => OaFault::LostAnswer,
            Mishap::HtmlPage => OaFault::Html(502),
            // Zalo never says for how long.
            Mishap::Flood(_) => return false,
            Mishap::BadToken => OaFault::Code(-216, "Access token is invalid"),
            Mishap::Gone => OaFault::Code(-403, "OA is not in the group"),
        };
        self.fake.fail_next(fault);
        true
    }
    async fn stop(&self) {
        self.fake.stop().await;
    }
}

async fn zalo_oa() -> Box<dyn Platform> {
    let fake = FakeZaloOa::start().await;
    Box::new(OnZaloOa { channel: built("zalo-oa", &fake.good_keys()), fake })
}

async fn telegram() -> Box<dyn Platform> {
    let fake = FakeTelegram::start().await;
    fake.no_limits().supergroup(CHAT).supergroup(OPS);
    let keys = format!("{{ token = '{}', api = '{}', ops_chat = {OPS} }}", fake.token(), fake.url());
    Box::new(OnTelegram { channel: built("telegram", &keys), fake })
}

async fn webhook() -> Box<dyn Platform> {
    let secret = Receiver::secret(7);
    let receiver = Receiver::start(&secret).await;
    let channel = built("webhook", &format!("{{ secret = '{secret}' }}"));
    Box::new(OnWebhook { receiver, channel, secret })
}

/// Every platform, anew for each rule.
pub(crate) async fn platforms() -> Vec<(&'static str, Box<dyn Platform>)> {
    let mut all =
        vec![("telegram", telegram().await), ("webhook", webhook().await), ("zalo-bot", zalo_bot().await), ("zalo-oa", zalo_oa().await)];
    all.extend(crate::platforms::all().await);
    all.push(("email", crate::mail::platform().await));
    all.push(("web-push", crate::push::platform().await));
    all
}

pub(crate) fn noticed(title: &str, html: &str) -> Noticed {
    let link: url::Url = "https://thoquan.example/tin/1".parse().unwrap();
    let mut entry = Entry::new(Guid::new(link.as_str()), title);
    entry.content_html = html.to_owned();
    entry.summary = Some("Từ 8 giờ đến 11 giờ ngày mai.".to_owned());
    Noticed { entry, link, source_title: "Phường Thổ Quan".to_owned() }
}

pub(crate) fn laid_out(channel: &dyn Channel, entries: &[Noticed]) -> Vec<Message> {
    let zone = chrono_tz::Asia::Ho_Chi_Minh;
    let feed = Slug::new("tho-quan").unwrap();
    channel.render(&Notice {
        feed: Some(&feed),
        feed_title: "Phường Thổ Quan",
        entries,
        digest: entries.len() > 1,
        silent: false,
        urgent: false,
        language: Language::Vi,
        zone,
    })
}

fn one(channel: &dyn Channel) -> Message {
    laid_out(channel, &[noticed("Lịch cắt điện", "<p>Ngõ 15 và ngõ 17.</p>")]).remove(0)
}

fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).collect()
}

#[tokio::test]
async fn what_is_laid_out_is_taken() {
    for (name, platform) in platforms().await {
        let channel = platform.channel();
        channel.send(&platform.to(), &one(&*channel), "k1").await.unwrap_or_else(|e| panic!("{name}: {e:?}"));
        let taken = platform.taken();
        assert_eq!((taken.len(), platform.refusals()), (1, Vec::<String>::new()), "{name}");
        assert!(letters(&taken[0]).contains(&letters("Lịch cắt điện")), "{name}: {taken:?}");
    }
}

/// Titles that break markup, that address people, that turn the line round, that show nothing.
pub(crate) const HOSTILE: &[&str] = &[
    "<b>đậm</b> <script>alert(1)</script> & <a href='x'>",
    "*sao* _gạch_ [tên](https://a.example) `mã` ~~bỏ~~ ||ẩn||",
    "@everyone @here <@123> <!channel> [@all] {{ x }} {% x %}",
    "\u{202e}ngược\u{202c} \u{2066}chiều\u{2069}",
    "Z̸̢̧̛̛͔̲͙̩͑̿͒̋̈́̓̅́͗̆a̸̡͉̤̹͌̐̀̇̈́́̈́͜l̷̨̛̟͇̪̲̽̀̔̐g̷̢̰̈́ơ̵̛",
    "\u{200b}\u{3164}",
    "",
    "👨\u{200d}👩\u{200d}👧 🇻🇳",
    "dòng 1\r\nDòng: 2\r\n\r\nthân",
    "\u{0}\u{8}\u{1b}[31mđỏ\u{7f}",
    "https://th\u{43e}quan.hanoi.gov.vn/ javascript:alert(1) tg://user?id=1",
    "=1+1|cmd '); DROP TABLE entries;-- ${x} %s %n &#60;b&#62; &nbsp;",
];

/// The words of a title that must be read whatever the platform does to its marks.
pub(crate) fn words(title: &str) -> Vec<&str> {
    let plain = |word: &&str| word.chars().count() > 2 && word.chars().all(|c| c.is_ascii_alphanumeric());
    // Where `[@…]` calls somebody it is left out.
    let called = |word: &&str| !title.contains(&format!("[@{word}]"));
    title.split(|c: char| !c.is_alphanumeric()).filter(plain).filter(called).collect()
}

#[tokio::test]
async fn hostile_titles_are_taken_and_say_what_they_say() {
    for (name, platform) in platforms().await {
        let channel = platform.channel();
        let huge = "Thông báo dài ".repeat(80_000);
        for (n, title) in HOSTILE.iter().copied().chain([huge.as_str()]).enumerate() {
            for html in ["<p>Nội dung.</p>", ""] {
                let mut entry = noticed(title, html);
                entry.entry.summary = entry.entry.summary.filter(|_| !html.is_empty());
                for (m, message) in laid_out(&*channel, &[entry]).iter().enumerate() {
                    let sent = channel.send(&platform.to(), message, &format!("k{n}-{m}-{}", html.len())).await;
                    assert!(sent.is_ok(), "{name}: {title:.60}: {sent:?}");
                }
                let taken = platform.taken().concat();
                let missing: Vec<&str> = words(title).into_iter().filter(|word| title.len() < 200 && !taken.contains(word)).collect();
                assert!(missing.is_empty(), "{name}: {title:.60}: {missing:?} is missing in {taken}");
            }
        }
        assert_eq!(platform.refusals(), Vec::<String>::new(), "{name}");
    }
}

#[tokio::test]
async fn a_long_list_is_taken() {
    for (name, platform) in platforms().await {
        let channel = platform.channel();
        let entries: Vec<Noticed> = (0..100).map(|n| noticed(&format!("Thông báo số {n} về việc cắt nước"), "<p>Nội dung.</p>")).collect();
        let messages = laid_out(&*channel, &entries);
        for (n, message) in messages.iter().enumerate() {
            let sent = channel.send(&platform.to(), message, &format!("k{n}")).await;
            assert!(sent.is_ok(), "{name}: {sent:?}");
        }
        let all = letters(&platform.taken().concat());
        let missing: Vec<usize> = (0..100).filter(|n| !all.contains(&letters(&format!("số {n} về")))).collect();
        assert_eq!((missing, platform.refusals()), (Vec::new(), Vec::new()), "{name}");
    }
}

/// After any mishap the message is seen once at least; twice only where nothing can tell.
#[tokio::test]
async fn whatever_goes_wrong_nothing_is_lost_and_no_secret_is_told() {
    for mishap in [Mishap::ServerError, Mishap::Reset, Mishap::LostAnswer, Mishap::HtmlPage] {
        for (name, platform) in platforms().await {
            let channel = platform.channel();
            let before = channel.send(&platform.to(), &one(&*channel), "k0").await.unwrap();
            if !platform.fail_next(mishap) {
                continue;
            }
            let ours = laid_out(&*channel, &[noticed("Họp tổ dân phố", "<p>Nội dung.</p>")]).remove(0);
            let told = channel.send(&platform.to(), &ours, "k1").await.unwrap_err();
            let shown = told.clone().cause();
            assert!(platform.secrets().iter().all(|secret| !shown.contains(secret)), "{name} {mishap:?}: {shown}");
            assert!(shown.contains('('), "{name} {mishap:?}: in two languages: {shown}");
            let again = match told {
                SendError::Retry { .. } | SendError::Down { .. } => true,
                SendError::InDoubt { .. } => {
                    let known = KnownIds::from(before.ids);
                    !matches!(channel.resolve(&platform.to(), &ours, &known).await, Ok(Doubt::Delivered(_)))
                }
                other => panic!("{name} {mishap:?}: {other:?}"),
            };
            if again {
                channel.send(&platform.to(), &ours, "k1").await.unwrap_or_else(|e| panic!("{name} {mishap:?}: {e:?}"));
            }
            let seen = platform.taken().iter().filter(|text| letters(text).contains(&letters("Họp tổ dân phố"))).count();
            let most = if mishap == Mishap::LostAnswer { 2 } else { 1 };
            assert!((1..=most).contains(&seen), "{name} {mishap:?}: seen {seen} times");
        }
    }
}

#[tokio::test]
async fn a_wait_that_is_told_is_kept() {
    for (name, platform) in platforms().await {
        let channel = platform.channel();
        if !platform.fail_next(Mishap::Flood(7)) {
            continue;
        }
        let told = channel.send(&platform.to(), &one(&*channel), "k1").await;
        let seconds = match told {
            Err(SendError::Retry { after, .. } | SendError::Down { after, .. }) => after.map(|after| after.as_secs()),
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!((seconds, platform.taken().len()), (Some(7), 0), "{name}");
    }
}

#[tokio::test]
async fn a_refused_token_rests_the_channel_and_a_gone_receiver_only_itself() {
    for (mishap, want) in [(Mishap::BadToken, "down"), (Mishap::Gone, "gone")] {
        for (name, platform) in platforms().await {
            let channel = platform.channel();
            if !platform.fail_next(mishap) {
                continue;
            }
            let told = match channel.send(&platform.to(), &one(&*channel), "k1").await {
                Err(SendError::Down { .. }) => "down",
                Err(SendError::Gone { .. }) => "gone",
                other => panic!("{name}: {other:?}"),
            };
            assert_eq!(told, want, "{name}");
        }
    }
}

#[tokio::test]
async fn where_nothing_can_be_reached_nothing_was_sent() {
    for (name, platform) in platforms().await {
        let (channel, alone) = (platform.channel(), platform.dies_alone());
        let message = one(&*channel);
        platform.stop().await;
        let told = channel.send(&platform.to(), &message, "k1").await.unwrap_err();
        let right = if alone { matches!(told, SendError::Retry { .. }) } else { matches!(told, SendError::Down { .. }) };
        assert!(right, "{name}: {told:?}");
        let checks = channel.check(&[platform.to()]).await;
        assert!(checks.iter().any(|checked| checked.holds == Some(false)), "{name}: {checks:?}");
    }
}

#[tokio::test]
async fn a_check_finds_all_well_and_shows_nobody_a_message() {
    for (name, platform) in platforms().await {
        let checks = platform.channel().check(&[platform.to()]).await;
        assert!(!checks.is_empty() && checks.iter().all(|checked| checked.holds != Some(false)), "{name}: {checks:?}");
        assert_eq!(platform.taken(), Vec::<String>::new(), "{name}");
        let told: String = checks.into_iter().map(|checked| checked.told).collect();
        assert!(platform.secrets().iter().all(|secret| !told.contains(secret)), "{name}: {told}");
    }
}

#[tokio::test]
async fn an_edit_shows_the_new_text_and_can_be_made_again() {
    for (name, platform) in platforms().await {
        let channel = platform.channel();
        let Sent { ids } = channel.send(&platform.to(), &one(&*channel), "k1").await.unwrap();
        let Some(id) = ids.first() else { continue };
        let new = laid_out(&*channel, &[noticed("Lịch cắt điện (đã sửa)", "<p>Ngõ 19.</p>")]).remove(0);
        for _ in 0..2 {
            let edited = channel.edit(&platform.to(), id, &new).await.unwrap();
            if edited == Edited::Unsupported {
                break;
            }
            assert_eq!(edited, Edited::Done, "{name}");
            assert!(platform.taken().iter().any(|text| letters(text).contains(&letters("đã sửa"))), "{name}: {:?}", platform.taken());
        }
        assert_eq!(platform.taken().len(), 1, "{name}");
    }
}

#[test]
fn an_address_is_judged_before_it_is_used() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    for (name, platform) in runtime.block_on(platforms()) {
        assert_eq!(platform.channel().accepts(platform.to().chat()), Ok(()), "{name}");
        assert!(platform.channel().accepts("").is_err() || name == "console", "{name}");
    }
}
