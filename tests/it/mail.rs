//! E-mail against a strict mail server: what a letter says, and how one leaves.

use std::sync::Arc;

use async_trait::async_trait;
use loaphuong::channel::{Channel, SendError};
use loaphuong::store::{Access, Store};
use loaphuong::subscription::Address;
use tempfile::TempDir;

use crate::conformance::{Platform, laid_out, noticed};
use crate::daemon::Daemon;
use crate::fakes::Mishap;
use crate::fakes::smtp::{DOMAIN, FakeSmtp, PASSWORD, USER};
use crate::fakes::smtp_letter::Mail;
use crate::house::House;
use crate::messages::built;

struct OnMail {
    fake: FakeSmtp,
    channel: Arc<dyn Channel>,
    _home: TempDir,
}

#[async_trait]
impl Platform for OnMail {
    fn channel(&self) -> Arc<dyn Channel> {
        self.channel.clone()
    }
    fn to(&self) -> Address {
        Address::new("test", format!("an@{DOMAIN}"))
    }
    fn secrets(&self) -> Vec<String> {
        vec![PASSWORD.to_owned()]
    }
    fn taken(&self) -> Vec<String> {
        self.fake.letters().iter().map(|mail| format!("{}\n{}", mail.header("subject"), mail.plain)).collect()
    }
    fn refusals(&self) -> Vec<String> {
        self.fake.refusals()
    }
    fn fail_next(&self, mishap: Mishap) -> bool {
        self.fake.fail_next(mishap)
    }
    async fn stop(&self) {
        self.fake.stop().await;
    }
}

async fn mail() -> OnMail {
    let fake = FakeSmtp::start().await;
    let home = tempfile::tempdir().unwrap();
    let store = Store::open("sqlite://thu.db", home.path(), Access::Daemon).await.unwrap_or_else(|e| panic!("{e:?}"));
    let keys = format!(
        "{{ server = 'smtp://{}', tls = 'none', user = '{USER}', password = '{PASSWORD}', from = 'Loa phường <loa@phuong.example>', \
         unsubscribe = 'huy@phuong.example', reply_to = 'vanphong@phuong.example' }}",
        fake.server()
    );
    let channel = built("email", &keys);
    channel.attach(Arc::new(store));
    OnMail { fake, channel, _home: home }
}

pub(crate) async fn platform() -> Box<dyn Platform> {
    Box::new(mail().await)
}

impl OnMail {
    async fn one(&self, title: &str, html: &str, key: &str) -> Mail {
        let message = laid_out(&*self.channel, &[noticed(title, html)]).remove(0);
        self.channel.send(&self.to(), &message, key).await.unwrap_or_else(|e| panic!("{e:?}: {:?}", self.fake.refusals()));
        self.fake.letters().pop().unwrap()
    }
}

#[tokio::test]
async fn a_letter_is_that_of_a_list_and_the_same_on_every_try() {
    let mail = mail().await;
    let html = "<p>Ngõ 15.</p><p>.</p><img src='https://a.example/1.jpg'><script>alert(1)</script>";
    let first = mail.one("Lịch cắt điện\r\nBcc: x@y.example", html, "msg_1").await;
    assert_eq!(first.header("subject"), "Lịch cắt điện Bcc: x@y.example");
    assert_eq!(first.header("message-id"), "<msg_1@phuong.example>");
    assert_eq!(first.header("from"), "Loa phường <loa@phuong.example>");
    assert_eq!(first.header("list-id"), "<tho-quan.phuong.example>");
    assert_eq!(first.header("reply-to"), "vanphong@phuong.example");
    assert!(first.header("list-unsubscribe").ends_with("<mailto:huy@phuong.example?subject=huy>"), "{:?}", first.headers);
    assert!(!first.headers.contains_key("bcc"), "{:?}", first.headers);
    assert!(first.html.contains("max-width:100%") && !first.html.contains("script"), "{}", first.html);
    assert!(first.plain.contains("Ngõ 15.") && first.plain.contains("Ngừng nhận thư này"), "{}", first.plain);
    let again = mail.one("Lịch cắt điện", html, "msg_1").await;
    assert_eq!(again.header("message-id"), first.header("message-id"));
    assert_eq!(again.header("list-unsubscribe"), first.header("list-unsubscribe"));
    assert_eq!(mail.fake.connections(), 1, "a connection is used again");
}

#[tokio::test]
async fn a_huge_article_is_cut_and_read_on_the_site() {
    let mail = mail().await;
    let letter = mail.one("Quy hoạch", &"<p>Điều khoản của quy hoạch.</p>".repeat(20_000), "msg_2").await;
    assert!(letter.html.len() < 102_000 && letter.html.contains("Đọc tiếp"), "{}", letter.html.len());
    assert!(letter.plain.len() < 102_000 && letter.plain.contains("Đọc tiếp"), "{}", letter.plain.len());
}

#[tokio::test]
async fn a_refused_recipient_spoils_no_other_letter() {
    let mail = mail().await;
    let message = laid_out(&*mail.channel, &[noticed("Họp", "<p>Nội dung.</p>")]).remove(0);
    let other = mail.channel.send(&Address::new("test", "an@noi-khac.example"), &message, "k1").await;
    assert!(matches!(other, Err(SendError::Gone { .. })), "{other:?}");
    mail.channel.send(&mail.to(), &message, "k2").await.unwrap();
    assert_eq!((mail.fake.letters().len(), mail.fake.connections()), (1, 1));
}

#[tokio::test]
async fn letters_of_many_share_few_connections() {
    let mail = mail().await;
    let message = laid_out(&*mail.channel, &[noticed("Họp", "<p>Nội dung.</p>")]).remove(0);
    let to: Vec<Address> = (0..40).map(|n| Address::new("test", format!("dan{n}@{DOMAIN}"))).collect();
    let sends = to.iter().enumerate().map(|(n, to)| {
        let (channel, message, key) = (mail.channel.clone(), message.clone(), format!("k{n}"));
        async move { channel.send(to, &message, &key).await }
    });
    let sent = futures_util::future::join_all(sends).await;
    assert!(sent.iter().all(Result::is_ok), "{sent:?}");
    let letters = mail.fake.letters();
    let mut recipients: Vec<&str> = letters.iter().map(|letter| letter.to.as_str()).collect();
    recipients.sort_unstable();
    recipients.dedup();
    assert_eq!(recipients.len(), 40, "one letter each");
    assert!(mail.fake.connections() <= 4, "{}", mail.fake.connections());
}

#[test]
fn an_address_of_mail_is_one_plain_address() {
    let channel = built("email", "{ server = 'mail.phuong.example', from = 'loa@phuong.example' }");
    for (chat, good) in [
        ("an@dan.example", true),
        ("an.binh+phuong@dan.example", true),
        ("an", false),
        ("An <an@dan.example>", false),
        ("an@dan.example,binh@dan.example", false),
        ("an@dan.example\r\nRCPT TO:<x@y.example>", false),
        ("ân@dan.example", false),
    ] {
        assert_eq!(channel.accepts(chat).is_ok(), good, "{chat:?}");
    }
}

#[tokio::test]
async fn one_leaves_by_the_link_of_a_letter_and_not_by_looking_at_it() {
    let fake = FakeSmtp::start().await;
    let house = House::new(&format!(
        "[server]\nlisten = \"127.0.0.1:0\"\n[site]\nbase_url = \"https://loa.example\"\n\
         [[sources]]\nname = \"tho-quan\"\ntitle = \"Phường Thổ Quan\"\nkind = \"folder\"\npath = \"news\"\n\
         [[channels]]\nname = \"thu\"\nkind = \"email\"\nserver = \"{}\"\ntls = \"none\"\nuser = \"{USER}\"\npassword = \"{PASSWORD}\"\n\
         from = \"loa@phuong.example\"\npace = \"off\"\n\
         [[subscriptions]]\nfeed = \"tho-quan\"\nto = \"thu:an@{DOMAIN}\"\nwelcome = 1\n\
         [[subscriptions]]\nfeed = \"tho-quan\"\nto = \"thu:binh@{DOMAIN}\"\nwelcome = 1\n",
        fake.server()
    ));
    house.write("news/2026-11-06-cat-nuoc.txt", "Tạm ngừng cấp nước\n\nTừ 8 giờ đến 11 giờ ngày mai.\n");
    assert!(house.once().await.all_well());
    let letters = fake.letters();
    assert_eq!((letters.len(), fake.refusals()), (2, Vec::new()));
    let to_an = letters.iter().find(|letter| letter.to.starts_with("an@")).unwrap();
    let link = to_an.header("list-unsubscribe").trim_matches(['<', '>']).to_owned();
    let daemon = Daemon::start(&house).await;
    let here = link.replace("https://loa.example", &format!("http://{}", daemon.address));
    let http = reqwest::Client::new();
    let page = http.get(&here).send().await.unwrap();
    assert_eq!(page.status(), 200);
    let page = page.text().await.unwrap();
    assert!(page.contains("Ngừng nhận tin “Phường Thổ Quan”?") && page.contains("method=\"post\""), "{page}");
    assert_eq!(http.get(format!("{here}x")).send().await.unwrap().status(), 404);
    assert_eq!(http.post(format!("{here}x")).send().await.unwrap().status(), 404);
    daemon.end().await;
    house.write("news/2026-11-07-hop.txt", "Họp tổ dân phố\n\nBảy giờ tối thứ Bảy.\n");
    house.pass(chrono::TimeDelta::hours(1));
    assert!(house.once().await.all_well());
    assert_eq!(fake.letters().len(), 4, "looking at the page changed nothing");
    let daemon = Daemon::start(&house).await;
    let here = link.replace("https://loa.example", &format!("http://{}", daemon.address));
    let left = http
        .post(&here)
        .header("content-type", "application/x-www-form-urlencoded")
        .body("List-Unsubscribe=One-Click")
        .send()
        .await
        .unwrap();
    assert_eq!(left.status(), 200);
    assert!(left.text().await.unwrap().contains("Đã ngừng gửi tin"));
    daemon.end().await;
    house.write("news/2026-11-08-rac.txt", "Lịch thu gom rác\n\nSáng Chủ nhật.\n");
    house.pass(chrono::TimeDelta::hours(1));
    assert!(house.once().await.all_well());
    let last: Vec<String> = fake.letters().into_iter().skip(4).map(|letter| letter.to).collect();
    assert_eq!(last, [format!("binh@{DOMAIN}")]);
}
