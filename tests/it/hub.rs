//! The hub against a subscriber that was written from the W3C text (docs/websub.md has the table of
//! its clauses and these tests).

use std::collections::HashSet;

use chrono::TimeDelta;
use loaphuong::feed::FILES;
use loaphuong::hub::LIMITS;
use loaphuong::secret::Secret;
use loaphuong::store::{Admission, Mode, Store, Wish};
use sqlx::AnyPool;

use crate::daemon::Daemon;
use crate::fakes::Gate;
use crate::fakes::subscriber::{Subscriber, Whim, links, post};
use crate::house::House;
use crate::postgres;

/// What readers see in front of a proxy; the daemon itself listens elsewhere.
const BASE: &str = "https://loa.example/phuong";
const ATOM: &str = "https://loa.example/phuong/feeds/tho-quan.atom";
const SECRET: &str = "MARKED-hub-secret";

fn config(more: &str) -> String {
    format!(
        "{more}\n[site]\nbase_url = \"{BASE}\"\n[server]\nlisten = \"127.0.0.1:0\"\n[fetch]\nallow = [\"127.0.0.1\"]\n\
         [[sources]]\nname = \"tho-quan\"\ntitle = \"Phường Thổ Quan\"\nkind = \"folder\"\npath = \"news\"\n"
    )
}

async fn house() -> House {
    let house = House::new(&config(""));
    house.write("news/2026-11-05-cat-nuoc.txt", "Tạm ngừng cấp nước\n\nTừ 8 giờ đến 11 giờ ngày mai.\n");
    house.once().await;
    house
}

fn hub(daemon: &Daemon) -> String {
    format!("http://{}/hub", daemon.address)
}

/// One more article, an hour later; everything due is done.
async fn news(house: &House, title: &str) {
    house.pass(TimeDelta::hours(1));
    house.write(&format!("news/2026-11-06-{}.txt", title.len()), &format!("{title}\n\nNội dung của tin này.\n"));
    assert!(house.once().await.all_well());
}

/// Lets a subscriber ask, and be asked.
async fn asks(house: &House, subscriber: &Subscriber, mode: &'static str, path: &str, more: &[(&str, &str)]) {
    house.pass(TimeDelta::seconds(11));
    let (daemon, requests) = (Daemon::start(house).await, subscriber.requests());
    let (status, told) = subscriber.ask(&hub(&daemon), mode, ATOM, path, more).await;
    assert_eq!(status, 202, "{told}");
    subscriber.wait_requests(requests + 1).await;
    daemon.end().await;
}

#[tokio::test]
async fn a_subscriber_finds_the_hub_confirms_and_is_sent_the_whole_feed() {
    let (house, subscriber) = (house().await, Subscriber::start().await);
    let daemon = Daemon::start(&house).await;
    for (extension, element) in [
        ("atom", format!("href=\"{BASE}/hub\" rel=\"hub\"")),
        ("rss", format!("href=\"{BASE}/hub\" rel=\"hub\"")),
        ("json", format!("\"url\": \"{BASE}/hub\"")),
    ] {
        let answer = reqwest::get(format!("http://{}/feeds/tho-quan.{extension}", daemon.address)).await.unwrap();
        assert_eq!(links(answer.headers(), "hub"), [format!("{BASE}/hub")]);
        assert_eq!(links(answer.headers(), "self"), [format!("{BASE}/feeds/tho-quan.{extension}")]);
        let text = answer.text().await.unwrap();
        assert!(text.contains(&element), "{text}");
    }
    daemon.end().await;
    asks(&house, &subscriber, "subscribe", "/nhan?khoa=1&x=%C4%91", &[("hub.secret", SECRET), ("hub.lease_seconds", "86400")]).await;
    let question = subscriber.questions().remove(0);
    assert_eq!((question.mode.as_str(), question.topic.as_str(), question.lease), ("subscribe", ATOM, Some(86_400)));
    house.once().await;
    assert!(subscriber.contents().is_empty(), "nothing has changed since");
    news(&house, "Họp tổ dân phố").await;
    let contents = subscriber.contents();
    assert_eq!(contents.len(), 1, "{:?}", subscriber.refusals());
    assert_eq!((contents[0].topic.as_str(), contents[0].media_type.as_str()), (ATOM, "application/atom+xml; charset=utf-8"));
    assert_eq!(contents[0].body, house.read("feeds/tho-quan.atom").as_bytes());
    house.pass(TimeDelta::hours(1));
    house.once().await;
    assert_eq!((subscriber.contents().len(), subscriber.refusals()), (1, Vec::new()));
}

#[tokio::test]
async fn what_cannot_be_followed_is_refused_with_a_reason_and_nobody_is_asked() {
    let (house, subscriber) = (house().await, Subscriber::start().await);
    let daemon = Daemon::start(&house).await;
    let callback = subscriber.callback("/nhan");
    let asked = async |change: (&str, &str)| {
        let mut fields = vec![("hub.mode", "subscribe"), ("hub.topic", ATOM), ("hub.callback", callback.as_str())];
        fields.retain(|(name, _)| *name != change.0);
        fields.push(change);
        post(&hub(&daemon), &fields).await
    };
    let long = "x".repeat(200);
    for (change, reason) in [
        (("hub.mode", "publish"), "publish"),
        (("hub.topic", "https://khac.example/feeds/tho-quan.atom"), "rel=\"self\""),
        (("hub.topic", "https://loa.example/phuong/feeds/tho-quan.atom?q=cat+dien"), "search"),
        (("hub.callback", "http://10.0.0.1/nhan"), "private"),
        (("hub.callback", "http://localhost:1/nhan"), "port 1"),
        (("hub.callback", "http://[::1]:8080/nhan"), "private"),
        (("hub.callback", "http://169.254.169.254/latest"), "private"),
        (("hub.secret", long.as_str()), "200"),
    ] {
        let (status, told) = asked(change).await;
        assert!(status == 400 && told.contains(reason), "{change:?}: {status} {told}");
    }
    let client = reqwest::Client::new();
    let json = client.post(hub(&daemon)).header("content-type", "application/json").body("{}").send().await.unwrap();
    assert_eq!(json.status(), 415);
    let huge = "x".repeat(20_000);
    assert_eq!(post(&hub(&daemon), &[("hub.mode", huge.as_str())]).await.0, 413);
    assert_eq!(reqwest::get(hub(&daemon)).await.unwrap().status(), 405);
    daemon.end().await;
    assert_eq!(subscriber.requests(), 0);
}

#[tokio::test]
async fn only_the_exact_challenge_confirms() {
    let (house, subscriber) = (house().await, Subscriber::start().await);
    for (path, whim) in [
        ("/sai", Whim::Body("khong phai challenge")),
        ("/rong", Whim::Body("")),
        ("/404", Whim::Status(404)),
        ("/noi-khac", Whim::Redirect(subscriber.callback("/dung"))),
        ("/vo-tan", Whim::Endless),
    ] {
        subscriber.next(whim);
        asks(&house, &subscriber, "subscribe", path, &[]).await;
    }
    assert_eq!((subscriber.requests(), subscriber.refusals()), (5, Vec::new()), "each was asked once, and no redirect followed");
    asks(&house, &subscriber, "subscribe", "/dung", &[]).await;
    news(&house, "Họp tổ dân phố").await;
    let paths: Vec<String> = subscriber.contents().into_iter().map(|content| content.path).collect();
    assert_eq!((paths, subscriber.refusals()), (vec!["/dung".to_owned()], Vec::new()));
}

#[tokio::test]
async fn who_could_not_be_asked_is_asked_once_more() {
    let (house, subscriber) = (house().await, Subscriber::start().await);
    subscriber.next(Whim::Status(502)).next(Whim::LostAnswer);
    asks(&house, &subscriber, "subscribe", "/nhan", &[]).await;
    for _ in 0..3 {
        house.pass(TimeDelta::minutes(1));
        house.once().await;
    }
    assert_eq!(subscriber.requests(), 2);
    news(&house, "Họp tổ dân phố").await;
    assert!(subscriber.contents().is_empty());
}

#[tokio::test]
async fn a_renewal_replaces_the_secret_and_the_lease_without_a_gap() {
    let (house, subscriber) = (house().await, Subscriber::start().await);
    asks(&house, &subscriber, "subscribe", "/nhan", &[("hub.secret", SECRET), ("hub.lease_seconds", "3600")]).await;
    house.pass(TimeDelta::minutes(50));
    asks(&house, &subscriber, "subscribe", "/nhan", &[("hub.secret", "một bí mật khác")]).await;
    news(&house, "Họp tổ dân phố").await;
    assert_eq!((subscriber.contents().len(), subscriber.refusals()), (1, Vec::new()), "an hour later, signed with the other secret");
    // Not confirmed: everything stays as it was.
    subscriber.next(Whim::Status(404));
    asks(&house, &subscriber, "unsubscribe", "/nhan", &[]).await;
    news(&house, "Lịch thu gom rác").await;
    assert_eq!((subscriber.contents().len(), subscriber.refusals()), (2, Vec::new()));
    asks(&house, &subscriber, "unsubscribe", "/nhan", &[]).await;
    news(&house, "Tiêm chủng cho trẻ em").await;
    assert_eq!((subscriber.contents().len(), subscriber.refusals()), (2, Vec::new()));
}

#[tokio::test]
async fn a_lease_ends() {
    let (house, subscriber) = (house().await, Subscriber::start().await);
    asks(&house, &subscriber, "subscribe", "/nhan", &[("hub.lease_seconds", "315360000")]).await;
    assert_eq!(subscriber.questions()[0].lease, Some(30 * 86_400));
    house.pass(TimeDelta::days(29));
    news(&house, "Họp tổ dân phố").await;
    assert_eq!(subscriber.contents().len(), 1);
    house.pass(TimeDelta::days(1));
    news(&house, "Lịch thu gom rác").await;
    assert_eq!(subscriber.contents().len(), 1);
}

#[tokio::test]
async fn what_is_not_taken_is_tried_again_and_only_the_newest_content_is_sent() {
    let (house, subscriber) = (house().await, Subscriber::start().await);
    asks(&house, &subscriber, "subscribe", "/nhan", &[]).await;
    subscriber.always(Whim::Status(500));
    news(&house, "Họp tổ dân phố").await;
    // Later than the first rest.
    news(&house, "Lịch thu gom rác").await;
    subscriber.always(Whim::Redirect(subscriber.callback("/khac")));
    news(&house, "Tiêm chủng cho trẻ em").await;
    let requests = subscriber.requests();
    house.once().await;
    assert_eq!((subscriber.requests(), subscriber.contents().len()), (requests, 0), "it is left alone, and no redirect is followed");
    subscriber.heal().next(Whim::Endless);
    house.pass(TimeDelta::hours(1));
    house.once().await;
    let contents = subscriber.contents();
    assert_eq!((contents.len(), subscriber.refusals()), (1, Vec::new()), "an answer without an end is taken as it begins");
    assert_eq!(contents[0].body, house.read("feeds/tho-quan.atom").as_bytes());
    assert!(String::from_utf8_lossy(&contents[0].body).contains("Tiêm chủng cho trẻ em"));
}

#[tokio::test]
async fn a_subscriber_that_is_gone_is_forgotten() {
    let (house, subscriber) = (house().await, Subscriber::start().await);
    asks(&house, &subscriber, "subscribe", "/nhan", &[]).await;
    subscriber.next(Whim::Status(410));
    news(&house, "Họp tổ dân phố").await;
    let requests = subscriber.requests();
    news(&house, "Lịch thu gom rác").await;
    assert_eq!((subscriber.requests(), subscriber.refusals()), (requests, Vec::new()));
}

/// Subscribers that were verified, so that a test need not wait for the pace.
async fn following(house: &House, store: &Store, subscriber: &Subscriber, paths: &[String]) {
    let sent = "not what it stands at".to_owned();
    for path in paths {
        let wish = Wish {
            topic: ATOM.to_owned(),
            callback: subscriber.callback(path),
            host: "127.0.0.1".to_owned(),
            mode: Mode::Subscribe,
            lease_seconds: 864_000,
            secret: Some(Secret::new(SECRET)),
            sent: sent.clone(),
        };
        assert_eq!(store.wish(&wish, &LIMITS, house.now()).await.unwrap(), Admission::Accepted);
        let none = TimeDelta::zero();
        let pending = store.claim_wishes(house.now(), TimeDelta::seconds(90), 1, [none, none]).await.unwrap().remove(0);
        assert!(store.confirm(&pending, &sent, house.now()).await.unwrap());
        subscriber.follow(ATOM, path, Some(SECRET));
    }
}

#[tokio::test]
async fn a_kill_in_the_midst_of_it_loses_nothing_and_repeats_only_what_was_under_way() {
    let (house, subscriber, gate) = (house().await, Subscriber::start().await, Gate::new());
    let paths: Vec<String> = (0..6).map(|number| format!("/{number}")).collect();
    let store = house.store().await;
    following(&house, &store, &subscriber, &paths).await;
    store.close().await;
    house.pass(TimeDelta::hours(1));
    house.write("news/2026-11-06-hop.txt", "Họp tổ dân phố\n\nBảy giờ tối.\n");
    subscriber.next(Whim::Hang(gate.clone()));
    let url = format!("sqlite://{}/data/loaphuong.db", house.path().display());
    // One hangs, all others have theirs and that is committed.
    let hanging = async {
        gate.reached().await;
        subscriber.wait_contents(paths.len() - 1).await;
        let pool = AnyPool::connect(&url).await.unwrap();
        let owed =
            async || sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM subscribers WHERE due IS NOT NULL").fetch_one(&pool).await.unwrap();
        let committed = async { while owed().await > 1 {} };
        tokio::time::timeout(std::time::Duration::from_secs(30), committed).await.unwrap();
        pool.close().await;
    };
    house.once_killed(hanging).await;
    house.once().await;
    let mut told: Vec<String> = subscriber.contents().into_iter().map(|content| content.path).collect();
    told.sort();
    assert_eq!((told, subscriber.refusals()), (paths, Vec::new()));
}

#[tokio::test]
async fn two_daemons_on_one_database_ping_each_subscriber_once() {
    let Some(url) = postgres::database() else { return };
    let subscriber = Subscriber::start().await;
    let news = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(news.path().join(name), text).unwrap();
    let shared = config(&format!("store = \"{url}\"")).replace("\"news\"", &format!("\"{}\"", news.path().display()));
    let (first, second) = (House::new(&shared), House::new(&shared));
    write("2026-11-05-cat-nuoc.txt", "Tạm ngừng cấp nước\n\nTừ 8 giờ.\n");
    first.once().await;
    second.once().await;
    let paths: Vec<String> = (0..20).map(|number| format!("/{number:02}")).collect();
    let store = first.store().await;
    following(&first, &store, &subscriber, &paths).await;
    write("2026-11-06-hop.txt", "Họp tổ dân phố\n\nBảy giờ tối.\n");
    // One whose shelf is behind leaves it to the other, or to itself a moment later.
    for _ in 0..5 {
        first.pass(TimeDelta::minutes(1));
        second.pass(TimeDelta::minutes(1));
        tokio::join!(first.once(), second.once());
    }
    // Whoever looks before the article is stored tells first what the topic stood at till then.
    let contents = subscriber.contents();
    let each: HashSet<(&str, &[u8])> = contents.iter().map(|content| (content.path.as_str(), content.body.as_ref())).collect();
    assert_eq!(each.len(), contents.len(), "the same content twice");
    let newest = contents.iter().filter(|content| String::from_utf8_lossy(&content.body).contains("Họp tổ dân phố"));
    let mut told: Vec<&String> = newest.map(|content| &content.path).collect();
    told.sort();
    assert_eq!((told, subscriber.refusals()), (paths.iter().collect(), Vec::new()));
}

#[tokio::test]
async fn subscribers_of_a_feed_that_is_no_more_are_told_after_a_day() {
    let (house, subscriber) = (house().await, Subscriber::start().await);
    asks(&house, &subscriber, "subscribe", "/nhan", &[]).await;
    house.write("config.toml", &config("").replace("\"tho-quan\"", "\"khac\""));
    house.once().await;
    house.pass(TimeDelta::hours(23));
    house.once().await;
    assert!(subscriber.denied().is_empty(), "a mistake in the config can be mended");
    house.pass(TimeDelta::hours(2));
    house.once().await;
    house.pass(TimeDelta::minutes(1));
    house.once().await;
    let denied = subscriber.denied();
    assert_eq!((denied.len(), denied[0].0.as_str(), subscriber.refusals()), (1, ATOM, Vec::new()));
}

#[tokio::test]
async fn another_hub_is_named_and_told_of_each_change_until_it_takes_it() {
    let other = Subscriber::start().await;
    let house = House::new(&format!("{}[hub]\nurl = \"{}\"\n", config(""), other.callback("/hub")));
    other.always(Whim::Status(500));
    house.write("news/2026-11-05-cat-nuoc.txt", "Tạm ngừng cấp nước\n\nTừ 8 giờ.\n");
    house.once().await;
    assert!(house.read("feeds/tho-quan.atom").contains(&format!("href=\"{}\" rel=\"hub\"", other.callback("/hub"))));
    let tries = other.requests();
    assert!(tries > 0);
    house.once().await;
    assert_eq!(other.requests(), tries, "it is left alone for a while");
    house.pass(TimeDelta::minutes(5));
    house.once().await;
    assert_eq!(other.requests(), tries * 2);
    other.heal();
    house.pass(TimeDelta::hours(1));
    house.once().await;
    let told: HashSet<String> = other.published().into_iter().collect();
    let all: HashSet<String> = FILES.iter().map(|format| format!("{BASE}/feeds/tho-quan.{}", format.extension)).collect();
    assert_eq!((told, other.published().len(), other.refusals()), (all, FILES.len(), Vec::new()));
    house.once().await;
    assert_eq!(other.published().len(), FILES.len(), "once");
    news(&house, "Họp tổ dân phố").await;
    assert!(other.published().get(FILES.len()..).unwrap().contains(&ATOM.to_owned()), "{:?}", other.published());
    let daemon = Daemon::start(&house).await;
    let answer = other.ask(&hub(&daemon), "subscribe", ATOM, "/nhan", &[]).await;
    assert_eq!(answer.0, 404, "this server is no hub then");
    daemon.end().await;
}

#[tokio::test]
async fn without_a_hub_the_feeds_name_none() {
    let house = House::new(&format!("{}[hub]\nenabled = false\n", config("")));
    house.write("news/2026-11-05-cat-nuoc.txt", "Tạm ngừng cấp nước\n\nTừ 8 giờ.\n");
    house.once().await;
    assert!(!house.read("feeds/tho-quan.atom").contains("hub"), "{}", house.read("feeds/tho-quan.atom"));
    let daemon = Daemon::start(&house).await;
    let answer = reqwest::get(format!("http://{}/feeds/tho-quan.atom", daemon.address)).await.unwrap();
    assert_eq!((links(answer.headers(), "hub").len(), links(answer.headers(), "self").len()), (0, 1));
    daemon.end().await;
}

#[tokio::test]
async fn figures_and_health_tell_neither_secrets_nor_strangers() {
    let (house, subscriber) = (house().await, Subscriber::start().await);
    asks(&house, &subscriber, "subscribe", "/MARKED-callback", &[("hub.secret", SECRET)]).await;
    subscriber.always(Whim::Status(500));
    news(&house, "Họp tổ dân phố").await;
    let daemon = Daemon::start(&house).await;
    let get = async |path: &str| reqwest::get(format!("http://{}{path}", daemon.address)).await.unwrap().text().await.unwrap();
    let (figures, health) = (get("/metrics").await, get("/healthz").await);
    assert!(figures.contains("loaphuong_hub_subscribers{topic=\"tho-quan.atom\"} 1"), "{figures}");
    assert!(health.contains("\"status\":\"ok\""), "{health}");
    assert!(!figures.contains("MARKED") && !health.contains("MARKED"), "{figures}{health}");
    daemon.end().await;
}
