//! Servers of sites that answer badly, each by its id, over real sockets: what the fetcher makes of
//! it, and what comes of it for a source that was read before.

use std::io::Write as _;
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use flate2::{Compression, write::GzEncoder};
use loaphuong::fetch::{FetchError, Fetched, Fetcher, Settings};
use loaphuong::page::{Page, Validators};
use url::Url;

use crate::fakes::{Article, FakeTelegram, Gate, Portal, Reply};
use crate::flow::{CHANNEL, OTHER, config, telegram, to, water_cut};
use crate::house::House;

const CAP: usize = 1 << 20;

fn fetcher(portals: &[&Portal], timeout: u64) -> Fetcher {
    let mut settings = Settings::new("loaphuong/0 (+https://phuong.example; mailto:a@phuong.example)");
    settings.allow = portals.iter().map(|portal| portal.host().parse().unwrap()).collect();
    settings.pause = Duration::ZERO;
    settings.timeout = Duration::from_millis(timeout);
    settings.size_cap = CAP;
    Fetcher::new(settings).unwrap()
}

async fn get(fetcher: &Fetcher, address: &str) -> Result<Fetched, FetchError> {
    fetcher.get(&Url::parse(address).unwrap(), &Validators::default(), Utc::now()).await
}

async fn page(fetcher: &Fetcher, address: &str) -> Page {
    match get(fetcher, address).await {
        Ok(Fetched::Page { page, .. }) => *page,
        other => panic!("{address}: {other:?}"),
    }
}

/// What came, in one line.
fn told(answer: Result<Fetched, FetchError>) -> String {
    match answer {
        Ok(Fetched::Page { page, .. }) => format!("page {}", String::from_utf8_lossy(&page.body)),
        Ok(Fetched::NotModified) => "not modified".to_owned(),
        Err(FetchError::Later { cause, .. }) => format!("later {cause}"),
        Err(FetchError::Rests { cause, .. }) => format!("rests {cause}"),
        Err(FetchError::Gone { cause }) => format!("gone {cause}"),
        Err(FetchError::Refused { cause, .. }) => format!("refused {cause}"),
        Err(FetchError::TooBig { cause }) => format!("big {cause}"),
    }
}

fn raw(headers: &str, body: &[u8]) -> Reply {
    Reply::raw([format!("HTTP/1.1 200 OK\r\nConnection: close\r\n{headers}\r\n").as_bytes(), body].concat())
}

fn coded(coding: &str, body: &[u8]) -> Reply {
    raw(&format!("Content-Type: text/html\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n", body.len()), body)
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

fn brotli(body: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    brotli::CompressorWriter::new(&mut packed, 4_096, 9, 22).write_all(body).unwrap();
    packed
}

#[tokio::test]
async fn an_answer_is_a_page_or_a_reason() {
    let zeros = vec![b'0'; 16 << 20];
    let cases: Vec<(&str, Reply, &str, &str)> = vec![
        ("http-008", Reply::reset_after(50_000, vec![b'x'; 1_000]), "later", "dở dang"),
        ("http-009", Reply::truncated(50_000, vec![b'x'; 49_999]), "later", "dở dang"),
        ("http-010", raw("Content-Length: 10\r\n", b"0123456789thua-ra-sau"), "page 0123456789", ""),
        ("http-011", raw("Content-Length: -1\r\n", b"tin"), "later", "dở dang"),
        ("http-012", raw("Content-Length: 5\r\nContent-Length: 50\r\n", b"tin"), "later", "dở dang"),
        ("http-013", raw("Content-Length: 90\r\nTransfer-Encoding: chunked\r\n", b"3\r\ntin\r\n0\r\n\r\n"), "page tin", ""),
        ("http-014", raw("Transfer-Encoding: chunked\r\n", b"FFFFFFFFFFFFFFFF\r\ntin"), "later", "dở dang"),
        ("http-015", raw("", &vec![b'x'; CAP + 1]), "big", "1 MiB"),
        ("http-016", Reply::endless("tin tức "), "big", "1 MiB"),
        ("http-017", coded("gzip", &gzip(&zeros)), "big", "1 MiB"),
        ("http-018", coded("br", &brotli(&zeros)), "big", "1 MiB"),
        ("http-019", coded("zstd", &zstd::bulk::compress(&zeros, 3).unwrap()), "big", "1 MiB"),
        ("http-020", coded("gzip, gzip", &gzip(&gzip(b"tin"))), "refused", "gzip, gzip"),
        ("http-021", coded("gzip", b"<p>tin</p>"), "later", "dở dang"),
        ("http-022", coded("gzip", &gzip(&[7; 100_000])[..60]), "later", "dở dang"),
        ("http-023", raw(&format!("X: {}\r\n", "a".repeat(4 << 20)), b"tin"), "later", "dở dang"),
        ("http-024", raw(&"X: y\r\n".repeat(2_000), b"tin"), "later", "dở dang"),
        ("http-025", Reply::raw("HTTP/9.9 abc\r\n\r\n"), "later", "dở dang"),
        ("http-027", Reply::status(204), "later", "trống"),
        ("http-028", Reply::raw("HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n"), "later", "304"),
        ("http-033", Reply::html("<h1>Just a moment...</h1>").with_status(403), "refused", "403"),
        ("http-034", Reply::status(401), "refused", "401"),
        ("http-034", Reply::status(403), "refused", "403"),
        ("http-035", Reply::status(410), "gone", "410"),
        ("http-045", Reply::raw(b"\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x0b".as_slice()), "later", "dở dang"),
        ("http-047", Reply::bytes("application/pdf", "%PDF-1.4"), "refused", "application/pdf"),
        ("http-048", Reply::bytes("", "<p>tin</p>"), "page <p>tin</p>", ""),
        ("http-049", Reply::bytes("text/html", "PK\u{3}\u{4}abc"), "refused", "zip"),
    ];
    let portal = Portal::start().await;
    for (id, reply, kind, word) in cases {
        portal.set("/tin", reply);
        let found = told(get(&fetcher(&[&portal], 10_000), &portal.url("/tin")).await);
        assert!(found.starts_with(kind) && found.contains(word), "{id}: {found:.300}");
    }
}

#[tokio::test]
async fn redirects_end_and_are_told() {
    let (portal, other) = (Portal::start().await, Portal::start().await);
    other.page("/tin", "tin");
    portal.redirect_loop("/a", "/b").redirect_chain("/xa", 7, "/tin").set("/doi", Reply::redirect(301, &other.url("/tin")));
    let fetcher = fetcher(&[&portal, &other], 10_000);
    for (id, path, word) in [("http-001", "/a", "vòng tròn"), ("http-002", "/xa", "quá 5 lần")] {
        let found = told(get(&fetcher, &portal.url(path)).await);
        assert!(found.starts_with("later") && found.contains(word), "{id}: {found}");
    }
    let moved = match get(&fetcher, &portal.url("/doi")).await {
        Ok(Fetched::Page { moved, .. }) => moved,
        other => panic!("http-004: {other:?}"),
    };
    assert_eq!(moved.map(String::from), Some(other.url("/tin")), "http-004: offered, not stored");
}

#[tokio::test]
async fn what_does_not_come_in_time_is_given_up() {
    let (portal, gate) = (Portal::start().await, Gate::new());
    portal
        .set("/giot", Reply::raw_drip(&[b"HTTP/1.1 200 OK\r\n\r\nt", b"in"], &gate))
        .set("/dau", Reply::raw_drip(&[b"HTTP/1.1 200 O", b"K\r\n\r\n"], &gate))
        .set("/im", Reply::silent(&gate))
        .set("/100", Reply::raw_drip(&[b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"], &gate));
    for (id, path) in [("http-005", "/giot"), ("http-006", "/dau"), ("http-007", "/im"), ("http-026", "/100")] {
        let found = told(get(&fetcher(&[&portal], 200), &portal.url(path)).await);
        assert!(found.starts_with("later") && found.contains("quá chậm"), "{id}: {found}");
    }
    gate.open();
}

#[tokio::test]
async fn validators_and_cookies_go_back_only_where_they_may() {
    let portal = Portal::start().await;
    let etag = format!("\"{}\"\"'", "e".repeat(10_000));
    portal
        .set("/dai", raw(&format!("ETag: {etag}\r\nContent-Length: 3\r\n"), b"tin"))
        .set("/mai", raw("Last-Modified: Thu, 01 Jan 2099 00:00:00 GMT\r\nContent-Length: 3\r\n", b"tin"))
        .set("/banh", raw(&"Set-Cookie: a=b\r\n".repeat(1_000), b"tin"));
    let fetcher = fetcher(&[&portal], 10_000);
    assert_eq!(page(&fetcher, &portal.url("/dai")).await.validators.etag, None, "http-030");
    let told = page(&fetcher, &portal.url("/mai")).await;
    assert_eq!(told.validators.last_modified.as_deref(), Some("Thu, 01 Jan 2099 00:00:00 GMT"), "http-031");
    assert!(told.fetched < Utc::now() + TimeDelta::days(1), "http-031");
    for _ in 0..2 {
        page(&fetcher, &portal.url("/banh")).await;
    }
    assert!(portal.hits_to("/banh").iter().all(|hit| hit.header("cookie").is_empty()), "http-046");
}

#[tokio::test]
async fn a_host_is_left_alone_as_long_as_it_asks_within_a_day() {
    for (id, asked, want) in [
        ("http-036", "3600", Some(3_600)),
        ("http-037", "Wed, 21 Oct 2099 07:28:00 GMT", Some(86_400)),
        ("http-038", "soon", None),
        ("http-038", "-5", None),
        ("http-038", "1e400", None),
    ] {
        let portal = Portal::start().await;
        portal.set("/tin", Reply::later(429, asked));
        let fetcher = fetcher(&[&portal], 10_000);
        let after = match get(&fetcher, &portal.url("/tin")).await {
            Err(FetchError::Later { after, .. }) => after.map(|after| after.as_secs()),
            other => panic!("{id}: {other:?}"),
        };
        assert_eq!(after, want, "{id} {asked}");
        let again = get(&fetcher, &portal.url("/khac")).await;
        assert_eq!(portal.hits_to("/khac").is_empty(), want.is_some(), "{id} {asked}: {again:?}");
    }
}

#[tokio::test]
async fn robots_txt_is_kept_whatever_it_is() {
    let long = format!("User-agent: *\nDisallow: /an\n{}\nDisallow: /tin\n", "#".repeat(10 << 20));
    for (id, robots, kind, word) in [
        ("http-050", Reply::bytes("text/plain", "User-agent: *\nDisallow: /"), "refused", "Disallow: /"),
        ("http-051", Reply::status(500), "later", "robots.txt"),
        ("http-052", Reply::bytes("text/plain", long), "page", "tin"),
    ] {
        let portal = Portal::start().await;
        portal.page("/tin", "tin").set("/robots.txt", robots);
        let found = told(get(&fetcher(&[&portal], 10_000), &portal.url("/tin")).await);
        assert!(found.starts_with(kind) && found.contains(word), "{id}: {found:.300}");
        assert_eq!(portal.hits_to("/tin").is_empty(), kind != "page", "{id}");
    }
}

/// A ward that was read once, followed by one chat.
async fn followed() -> (Portal, FakeTelegram, House) {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let house = House::new(&config(&portal, &telegram, &to(CHANNEL, "burst = 0")));
    assert!(house.once().await.all_well());
    (portal, telegram, house)
}

async fn next(house: &House) -> TimeDelta {
    let store = house.store().await;
    let due = store.health().await.unwrap().remove(0).next;
    store.close().await;
    due - house.now()
}

#[tokio::test]
async fn a_source_that_is_refused_rests_and_its_feed_stays() {
    let challenge = "<html><title>Just a moment...</title><body><h1>Checking your browser</h1><script>1</script></body></html>";
    for (id, reply) in [
        ("http-032", Reply::html("<html><body><p>Trang đang bảo trì</p></body></html>")),
        ("http-033", Reply::html(challenge)),
        ("http-033", Reply::html(challenge).with_status(403)),
        ("http-034", Reply::status(403)),
        ("http-035", Reply::status(410)),
        ("http-040", Reply::reset()),
    ] {
        let (portal, telegram, house) = followed().await;
        let feed = house.read("feeds/hoa-gao.rss");
        portal.set("/tin-tuc", reply);
        let (before, mut waits) = (portal.hits_to("/tin-tuc").len(), Vec::new());
        for _ in 0..10 {
            let outcome = house.once().await;
            assert!(outcome.rounds[0].cause.is_some(), "{id}: {outcome:?}");
            waits.push(next(&house).await);
            house.pass(next(&house).await.max(TimeDelta::minutes(1)));
        }
        let longest = TimeDelta::hours(if id == "http-035" { 24 } else { 6 });
        assert_eq!(waits.last(), Some(&longest), "{id}: {waits:?}");
        // Nothing is done to get round a refusal: one request a visit, always by the same name.
        let hits = portal.hits_to("/tin-tuc");
        assert!(hits.len() - before <= 10, "{id}: {}", hits.len());
        assert!(hits.iter().all(|hit| hit.header("user-agent") == hits[0].header("user-agent")), "{id}");
        assert_eq!(house.read("feeds/hoa-gao.rss"), feed, "{id}");
        assert!(telegram.messages().is_empty(), "{id}");
        let store = house.store().await;
        let health = store.health().await.unwrap().remove(0);
        store.close().await;
        assert!(health.incidents.iter().any(|incident| incident.reported.is_some()), "{id}: the admin is told: {health:?}");
    }
}

#[tokio::test]
async fn http_039_a_broken_day_costs_few_requests_and_ends_at_once() {
    let (portal, _telegram, house) = followed().await;
    let (start, before) = (house.now(), portal.hits().len());
    portal.fail_always(Reply::status(503));
    while house.now() - start < TimeDelta::days(1) {
        house.pass(next(&house).await.max(TimeDelta::minutes(1)));
        house.once().await;
    }
    let asked = portal.hits().len() - before;
    assert!((2..=40).contains(&asked), "{asked}");
    portal.heal();
    house.pass(next(&house).await);
    assert!(house.once().await.all_well());
}

async fn count(house: &House) -> usize {
    let store = house.store().await;
    let all = store
        .entries(&loaphuong::store::Query { sources: &[loaphuong::entry::Slug::new("hoa-gao").unwrap()], limit: 500 })
        .await
        .unwrap()
        .len();
    store.close().await;
    all
}

#[tokio::test]
async fn html_012_a_list_that_shrank_loses_and_repeats_nothing() {
    let (portal, telegram, house) = followed().await;
    let before = count(&house).await;
    let newest = portal.articles().remove(0);
    portal.page("/tin-tuc", &format!("<h1>Tin tức</h1><ul><li><a href=\"{}\">{}</a> 05/11/2026</li></ul>", newest.path, newest.title));
    house.pass(TimeDelta::hours(1));
    house.once().await;
    assert_eq!(count(&house).await, before);
    // Publishing writes the lists anew.
    portal.publish(water_cut(1));
    house.pass(TimeDelta::hours(1));
    house.once().await;
    assert_eq!((count(&house).await, telegram.texts_in(CHANNEL).len()), (before + 1, 1));
}

#[tokio::test]
async fn html_014_articles_that_were_all_stamped_anew_are_no_news() {
    let (portal, telegram, house) = followed().await;
    let before = count(&house).await;
    for mut article in portal.articles() {
        article.published_rfc3339 = "2026-11-06T15:30:00+07:00".to_owned();
        portal.publish(article);
    }
    house.pass(TimeDelta::hours(2));
    house.once().await;
    assert_eq!(count(&house).await, before);
    assert!(telegram.messages().is_empty());
}

#[tokio::test]
async fn html_015_a_backlog_of_years_is_in_the_feed_and_in_no_chat() {
    let (portal, telegram, house) = followed().await;
    let before = count(&house).await;
    for number in 1..=30 {
        let published_rfc3339 = format!("2021-{:02}-{:02}T09:00:00+07:00", number % 12 + 1, number % 28 + 1);
        portal.publish(Article { published_rfc3339, ..water_cut(number) });
    }
    house.pass(TimeDelta::hours(2));
    house.once().await;
    assert!(count(&house).await > before);
    assert!(telegram.messages().is_empty());
}

#[tokio::test]
async fn html_032_two_articles_of_one_title_and_minute_are_two() {
    let (portal, telegram, house) = followed().await;
    let before = count(&house).await;
    let other = Article {
        path: "/tin-tuc/tam-ngung-cap-nuoc-khac-77.html".to_owned(),
        lead: "Khu tập thể Bờ Kè mất nước từ sáng mai do thay đồng hồ tổng, dự kiến có lại lúc chiều tối.".to_owned(),
        body_paragraphs: vec!["Ai cần xe bồn xin báo tổ trưởng trước chín giờ để phường điều xe tới tận ngõ cho bà con.".to_owned()],
        ..water_cut(1)
    };
    portal.publish(water_cut(1)).publish(other);
    house.once().await;
    assert_eq!((count(&house).await, telegram.texts_in(CHANNEL).len()), (before + 2, 2));
}

const DAILY: &str = "User-agent: *\nCrawl-delay: 86400\n";

/// What of the site was asked for, robots.txt left out.
fn asked(portal: &Portal) -> Vec<String> {
    portal.hits().into_iter().map(|hit| hit.path).filter(|path| path != "/robots.txt").collect()
}

/// Visits whenever the source is due until a visit has read all; gives how many visits that took.
async fn read_whole(portal: &Portal, house: &House) -> usize {
    for visits in 1..100 {
        let before = asked(portal).len();
        house.once().await;
        assert!(asked(portal).len() - before <= 1, "one request in an hour: {:?}", asked(portal));
        let wait = next(house).await;
        assert!(wait >= TimeDelta::seconds(3_590), "{wait}");
        let store = house.store().await;
        let read = store.health().await.unwrap().remove(0).last_ok == Some(house.now());
        store.close().await;
        house.pass(wait.max(TimeDelta::hours(1)));
        if read {
            return visits;
        }
    }
    panic!("it never ends: {:?}", asked(portal));
}

#[tokio::test]
async fn http_053_a_crawl_delay_of_a_day_is_kept_as_an_hour_and_the_admin_is_told_once() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    portal.robots(DAILY);
    let house =
        House::new(&format!("[admin]\nto = \"bot:{OTHER}\"\n{}", config(&portal, &telegram, &to(CHANNEL, "burst = 0\nwelcome = 1"))));
    // As many as the first page of the list names.
    let articles: Vec<Article> = portal.articles().into_iter().take(6).collect();
    // One article is broken: it costs one request of the visit, and keeps none of the others away.
    let broken = articles[2].path.clone();
    portal.set(&broken, Reply::status(500));
    house.once().await;
    assert!(telegram.texts_in(CHANNEL).is_empty(), "nothing is published of a first visit before it is whole");
    let early = asked(&portal).len();
    house.pass(TimeDelta::minutes(20));
    house.once().await;
    assert_eq!(asked(&portal).len(), early, "a round by hand keeps the rest as well");
    house.pass(TimeDelta::minutes(41));
    read_whole(&portal, &house).await;
    assert_eq!(count(&house).await, articles.len() - 1);
    assert_eq!(telegram.texts_in(CHANNEL).len(), 1, "the welcome alone");
    let twice = articles.iter().filter(|article| portal.hits_to(&article.path).len() != 1).count();
    assert_eq!((twice, portal.hits_to("/tin-tuc").len()), (0, 1), "{:?}", asked(&portal));

    portal.publish(articles[2].clone());
    for number in 1..=2 {
        portal.publish(Article { published_rfc3339: format!("2026-11-09T14:0{number}:00+07:00"), ..water_cut(number) });
    }
    read_whole(&portal, &house).await;
    let texts = telegram.texts_in(CHANNEL);
    let at = |what: &str| texts.iter().position(|text| text.contains(what));
    assert!(at("lần 1 ").zip(at("lần 2 ")).is_some_and(|(first, second)| first < second), "oldest first: {texts:?}");
    assert_eq!(count(&house).await, articles.len() + 2);
    let told: Vec<String> = telegram.texts_in(OTHER).into_iter().filter(|text| text.contains("86400")).collect();
    assert!(told.len() == 1 && told[0].contains("Phường Hoa Gạo") && told[0].contains("3600"), "{told:?}");

    // The site asks for less: what was to be known is over.
    portal.robots("User-agent: *");
    house.once().await;
    let store = house.store().await;
    let health = store.health().await.unwrap().remove(0);
    store.close().await;
    assert_eq!((health.failures, health.incidents), (0, Vec::new()));
}

#[tokio::test]
async fn http_053_a_slow_site_holds_up_neither_another_nor_those_that_share_it() {
    let (slow, quick, telegram) = (Portal::ward().await, Portal::ward().await, telegram().await);
    slow.robots(DAILY);
    let one = config(&slow, &telegram, "").replace("allow = [", &format!("allow = [\"{}\", ", quick.host()));
    let more = |name: &str, portal: &Portal| format!("[[sources]]\nname = \"{name}\"\nurl = \"{}?trang={name}\"\n", portal.url("/tin-tuc"));
    let house = House::new(&format!("{one}\n{}{}", more("cung-trang", &slow), more("trang-khac", &quick)));
    slow.page("/tin-tuc?trang=cung-trang", "<h1>Tin tức</h1>");
    quick.page("/tin-tuc?trang=trang-khac", "<h1>Tin</h1>");
    for _ in 0..4 {
        let before = asked(&slow).len();
        house.once().await;
        assert!(asked(&slow).len() - before <= 1);
        house.pass(TimeDelta::seconds(3_602));
    }
    let own: Vec<bool> = asked(&slow).iter().map(|path| path.contains("cung-trang")).collect();
    assert!(own.len() >= 2 && own[0] != own[1], "none of the two asks twice while the other waits: {:?}", asked(&slow));
    assert!(!asked(&quick).is_empty());
}
