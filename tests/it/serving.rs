//! Feeds over HTTP as the specifications want them; docs/http.md names these tests by clause.

use std::io::Read as _;
use std::net::SocketAddr;

use chrono::TimeDelta;
use loaphuong::feed::FORMATS;
use loaphuong::shelf::{Coding, Print};

use crate::daemon::Daemon;
use crate::house::House;
use crate::http::{Answer, ask};

const CONFIG: &str = r#"
[site]
base_url = "https://loa.example.vn/goc"
[server]
listen = "127.0.0.1:0"
[[sources]]
name = "hoa-gao"
title = "Phường Hoa Gạo"
path = "news"
aliases = ["phuong-cu", "xa-cu"]
[[sources]]
name = "moi-lap"
path = "empty"
[[feeds.combined]]
name = "tat-ca"
sources = ["*"]
aliases = ["toan-bo"]
"#;

/// A ward with some news, whose feeds are written.
async fn ward() -> House {
    let house = House::new(CONFIG);
    for number in 1..=6 {
        write(&house, number);
    }
    std::fs::create_dir_all(house.path().join("empty")).unwrap();
    assert!(house.once().await.all_well());
    house
}

fn write(house: &House, number: u32) {
    let text = format!(
        "Tạm ngừng cấp nước đợt {number}\n\nTừ 8 giờ đến 17 giờ, các ngõ 15, 17 và 19 tạm ngừng cấp nước.\n\n\
         Bà con trữ nước đủ dùng trong ngày; xe bồn của công ty cấp nước đứng ở đầu ngõ 15 từ 9 giờ.\n"
    );
    house.write(&format!("news/2026-11-0{number}-cap-nuoc.txt"), &text);
}

fn unpacked(answer: &Answer) -> Vec<u8> {
    let (mut plain, body) = (Vec::new(), answer.body.as_slice());
    match answer.header("content-encoding") {
        "gzip" => flate2::read::GzDecoder::new(body).read_to_end(&mut plain).map(|_| ()).unwrap(),
        "br" => brotli::BrotliDecompress(&mut &*body, &mut plain).unwrap(),
        "zstd" => plain = zstd::decode_all(body).unwrap(),
        _ => plain = body.to_vec(),
    }
    plain
}

/// Asks until the answer is another one than `before`.
async fn changed(address: SocketAddr, path: &str, before: &str) -> Answer {
    for _ in 0..20_000 {
        let answer = ask(address, path, &[]).await;
        if ![before, ""].contains(&answer.header("etag")) {
            return answer;
        }
    }
    panic!("{path} never changed")
}

#[tokio::test]
async fn each_coding_is_the_same_feed_with_a_strong_validator_of_its_own() {
    let house = ward().await;
    let daemon = Daemon::start(&house).await;
    let mut tags = Vec::new();
    for format in FORMATS {
        let name = format!("hoa-gao.{}", format.extension);
        let file = std::fs::read(house.path().join("feeds").join(&name)).unwrap();
        for coding in ["", "gzip", "br", "zstd"] {
            let answer = ask(daemon.address, &format!("GET /feeds/{name}"), &[&format!("accept-encoding: {coding}")]).await;
            assert_eq!((answer.status, answer.header("content-encoding")), (200, coding), "{name}");
            assert_eq!(unpacked(&answer), file, "{name} {coding}");
            assert_eq!(answer.header("vary"), "accept-encoding");
            let tag = answer.header("etag").to_owned();
            assert!(tag.starts_with('"') && tag.ends_with('"') && !tags.contains(&tag), "{tag} {tags:?}");
            tags.push(tag);
        }
    }
    daemon.end().await;
    // From the content alone: another process on another day says the same.
    house.pass(TimeDelta::days(3));
    let daemon = Daemon::start(&house).await;
    let again = ask(daemon.address, "GET /feeds/hoa-gao.rss", &["accept-encoding: gzip"]).await;
    assert_eq!(again.header("etag"), tags[1]);
    daemon.end().await;
}

#[tokio::test]
async fn what_a_reader_has_is_not_sent_again() {
    let house = ward().await;
    let daemon = Daemon::start(&house).await;
    let get = "GET /feeds/hoa-gao.atom";
    let first = ask(daemon.address, get, &["accept-encoding: br"]).await;
    let (tag, time) = (first.header("etag"), first.header("last-modified"));
    let none = |tag: &str| format!("if-none-match: {tag}");
    let since = format!("if-modified-since: {time}");
    let cases: &[(&[&str], u16)] = &[
        (&[&none(tag)], 304),
        (&[&none(&format!("W/{tag}"))], 304),
        (&[&none(&format!("\"x\", {tag}"))], 304),
        (&[&none("*")], 304),
        (&[&none("\"x\"")], 200),
        (&[&since], 304),
        (&["if-modified-since: Thu, 01 Jan 1970 00:00:01 GMT"], 200),
        (&[&none("\"x\""), &since], 200),
        (&["if-match: \"x\""], 412),
        (&["if-unmodified-since: Thu, 01 Jan 1970 00:00:01 GMT"], 412),
    ];
    for (headers, want) in cases {
        let asked: Vec<&str> = headers.iter().copied().chain(["accept-encoding: br"]).collect();
        let answer = ask(daemon.address, get, &asked).await;
        assert_eq!(answer.status, *want, "{headers:?}");
        if answer.status == 304 {
            assert!(answer.body.is_empty());
            for same in ["etag", "cache-control", "vary"] {
                assert_eq!(answer.header(same), first.header(same), "RFC 9110 §15.4.5: {same}");
            }
        }
    }
    let other = ask(daemon.address, get, &[&none(tag)]).await;
    assert_eq!(other.status, 200, "the validator of another coding is another one's");
    daemon.end().await;
}

#[tokio::test]
async fn a_feed_says_all_that_caches_scripts_and_readers_need() {
    let house = ward().await;
    let daemon = Daemon::start(&house).await;
    let types =
        [("rss", "application/rss+xml; charset=utf-8"), ("atom", "application/atom+xml; charset=utf-8"), ("json", "application/feed+json")];
    for (extension, media_type) in types {
        let answer = ask(daemon.address, &format!("GET /feeds/hoa-gao.{extension}"), &[]).await;
        assert_eq!(answer.header("content-type"), media_type);
        let cache = answer.header("cache-control");
        assert!(cache.starts_with("public, max-age=300, stale-while-revalidate="), "{cache}");
        assert_eq!(answer.header("access-control-allow-origin"), "*");
        for exposed in ["etag", "link", "im", "content-range"] {
            assert!(answer.header("access-control-expose-headers").split(", ").any(|name| name == exposed), "{exposed}");
        }
        assert_eq!(
            answer.header("link"),
            format!("<https://loa.example.vn/goc/hub>; rel=\"hub\", <https://loa.example.vn/goc/feeds/hoa-gao.{extension}>; rel=\"self\"")
        );
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        let head = ask(daemon.address, &format!("HEAD /feeds/hoa-gao.{extension}"), &[]).await;
        let (mut of_head, mut of_get) = (head.headers, answer.headers);
        assert!(head.body.is_empty() && of_head.remove("date").is_some() && of_get.remove("date").is_some());
        assert_eq!(of_head, of_get, "HEAD says what GET says");
    }
    let preflight =
        ask(daemon.address, "OPTIONS /feeds/hoa-gao.rss", &["origin: https://a.example", "access-control-request-method: GET"]).await;
    assert_eq!((preflight.status, preflight.header("access-control-allow-origin")), (204, "*"));
    assert!(preflight.header("access-control-allow-headers").contains("if-none-match") && preflight.body.is_empty());
    let refused = ask(daemon.address, "PUT /feeds/hoa-gao.rss", &["content-length: 0"]).await;
    assert_eq!((refused.status, refused.header("allow").contains("GET")), (405, true));
    daemon.end().await;
}

#[tokio::test]
async fn ranges_are_parts_of_what_is_sent() {
    let house = ward().await;
    let daemon = Daemon::start(&house).await;
    let get = "GET /feeds/hoa-gao.json";
    for coding in ["accept-encoding: identity", "accept-encoding: gzip"] {
        let whole = ask(daemon.address, get, &[coding]).await;
        let (length, tag) = (whole.body.len(), whole.header("etag").to_owned());
        assert_eq!(whole.header("accept-ranges"), "bytes");
        let part = ask(daemon.address, get, &[coding, "range: bytes=10-19"]).await;
        assert_eq!((part.status, part.header("content-range")), (206, format!("bytes 10-19/{length}").as_str()));
        assert_eq!((part.body.as_slice(), part.header("etag")), (&whole.body[10..20], tag.as_str()));
        let last = ask(daemon.address, get, &[coding, "range: bytes=-7", &format!("if-range: {tag}")]).await;
        assert_eq!((last.status, last.body.as_slice()), (206, &whole.body[length - 7..]));
        let dated = ask(daemon.address, get, &[coding, "range: bytes=0-0", &format!("if-range: {}", whole.header("last-modified"))]).await;
        assert_eq!((dated.status, dated.body.len()), (206, 1));
        let other = ask(daemon.address, get, &[coding, "range: bytes=0-0", "if-range: \"x\""]).await;
        assert_eq!((other.status, other.body.len()), (200, length), "another version: all of it");
        let beyond = ask(daemon.address, get, &[coding, &format!("range: bytes={length}-")]).await;
        assert_eq!((beyond.status, beyond.header("content-range")), (416, format!("bytes */{length}").as_str()));
        let head = ask(daemon.address, &get.replace("GET", "HEAD"), &[coding, "range: bytes=0-0"]).await;
        assert_eq!(head.status, 200, "a range is GET's alone");
    }
    daemon.end().await;
}

#[tokio::test]
async fn a_coding_is_sent_only_to_those_who_take_it_and_only_where_it_helps() {
    let house = ward().await;
    let daemon = Daemon::start(&house).await;
    let coding = async |path: &str, accept: &str| {
        let answer = ask(daemon.address, &format!("GET /feeds/{path}"), &[&format!("accept-encoding: {accept}")]).await;
        (answer.status, answer.header("content-encoding").to_owned())
    };
    let got = |status: u16, coding: &str| (status, coding.to_owned());
    assert_eq!(coding("hoa-gao.rss", "gzip;q=0.5, br;q=0.4").await, got(200, "gzip"));
    assert_eq!(coding("hoa-gao.rss", "gzip, br, zstd").await, got(200, "br"));
    assert_eq!(coding("hoa-gao.rss", "deflate").await, got(200, ""));
    assert_eq!(coding("hoa-gao.rss", "deflate, identity;q=0").await, got(406, ""));
    assert_eq!(coding("hoa-gao.rss", "*;q=0").await, got(406, ""));
    assert_eq!(coding("moi-lap.json", "gzip, br").await, got(200, ""), "one packet either way");
    assert_eq!(coding("moi-lap.json", "gzip, identity;q=0").await, got(406, ""));
    daemon.end().await;
}

#[tokio::test]
async fn an_address_without_extension_gives_what_the_client_likes_best() {
    let house = ward().await;
    let daemon = Daemon::start(&house).await;
    let shaped = async |accept: &str| ask(daemon.address, "GET /feeds/hoa-gao", &[&format!("accept: {accept}")]).await;
    for (accept, extension) in [("application/atom+xml", "atom"), ("application/json, */*;q=0.1", "json"), ("*/*", "rss")] {
        let answer = shaped(accept).await;
        let named = ask(daemon.address, &format!("GET /feeds/hoa-gao.{extension}"), &[]).await;
        assert_eq!(
            (answer.status, answer.header("content-location")),
            (200, format!("/goc/feeds/hoa-gao.{extension}").as_str()),
            "{accept}"
        );
        assert_eq!((answer.body.as_slice(), answer.header("etag")), (named.body.as_slice(), named.header("etag")));
        assert_eq!(answer.header("vary"), "accept, accept-encoding");
        let tag = format!("if-none-match: {}", answer.header("etag"));
        let had = ask(daemon.address, "GET /feeds/hoa-gao", &[&format!("accept: {accept}"), &tag]).await;
        assert_eq!((had.status, had.header("vary")), (304, "accept, accept-encoding"));
    }
    let page = shaped("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8").await;
    assert_eq!((page.status, page.header("location")), (303, "https://loa.example.vn/goc/"));
    let none = shaped("image/png").await;
    assert_eq!((none.status, none.header("vary")), (406, "accept, accept-encoding"));
    assert!(none.text().contains("https://loa.example.vn/goc/feeds/hoa-gao.atom"), "{}", none.text());
    assert_eq!(ask(daemon.address, "GET /feeds/khong-co", &[]).await.status, 404);
    daemon.end().await;
}

#[tokio::test]
async fn a_renamed_feed_is_found_under_its_old_names() {
    let house = ward().await;
    let daemon = Daemon::start(&house).await;
    for (old, new) in [
        ("feeds/phuong-cu.rss", "feeds/hoa-gao.rss"),
        ("feeds/xa-cu.json", "feeds/hoa-gao.json"),
        ("feeds/xa-cu", "feeds/hoa-gao"),
        ("feeds/toan-bo.atom?q=nuoc&n=5", "feeds/tat-ca.atom?q=nuoc&n=5"),
        ("tin/phuong-cu/tam-ngung", "tin/hoa-gao/tam-ngung"),
    ] {
        let answer = ask(daemon.address, &format!("GET /{old}"), &["host: la.example", "x-forwarded-host: la.example"]).await;
        assert_eq!((answer.status, answer.header("location")), (301, format!("https://loa.example.vn/goc/{new}").as_str()));
    }
    for other in ["/feeds/khong-co.rss", "/feeds//la.example/.rss", "/tin/khong-co/x"] {
        let answer = ask(daemon.address, &format!("GET {other}"), &[]).await;
        assert_eq!((answer.status, answer.header("location")), (404, ""), "{other}");
    }
    daemon.end().await;
}

#[tokio::test]
async fn a_renamed_feed_keeps_its_news_and_their_identities() {
    let house = ward().await;
    let ids = |text: &str| -> Vec<String> { text.split("<id>").skip(1).map(|id| id.split('<').next().unwrap().to_owned()).collect() };
    let before = ids(&house.read("feeds/hoa-gao.atom"));
    let page = house.read("feeds/hoa-gao.rss").split("/goc/tin/hoa-gao/").nth(1).unwrap().split('<').next().unwrap().to_owned();
    house.write("config.toml", &CONFIG.replace("\"hoa-gao\"", "\"gao-moi\"").replace("\"xa-cu\"", "\"hoa-gao\""));
    let daemon = Daemon::start(&house).await;
    let atom = ask(daemon.address, "GET /feeds/gao-moi.atom", &[]).await;
    assert_eq!(ids(&atom.text()), before, "{}", atom.text());
    for old in ["phuong-cu", "hoa-gao"] {
        let answer = ask(daemon.address, &format!("GET /tin/{old}/{page}"), &[]).await;
        assert_eq!((answer.status, answer.header("location")), (301, format!("https://loa.example.vn/goc/tin/gao-moi/{page}").as_str()));
    }
    assert_eq!(ask(daemon.address, &format!("GET /tin/gao-moi/{page}"), &[]).await.status, 200);
    daemon.end().await;
}

#[tokio::test]
async fn a_feed_is_known_by_its_first_address_for_life() {
    let house = ward().await;
    let id = |text: &str| text.split("<id>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let first = "https://loa.example.vn/goc/feeds/hoa-gao.atom";
    assert_eq!(id(&house.read("feeds/hoa-gao.atom")), first);
    house.write("config.toml", &CONFIG.replace("https://loa.example.vn/goc", "https://tin.example.vn"));
    assert!(house.once().await.all_well());
    let atom = house.read("feeds/hoa-gao.atom");
    assert_eq!(id(&atom), first, "{atom}");
    assert!(atom.contains("https://tin.example.vn/feeds/hoa-gao.atom"), "{atom}");
    let daemon = Daemon::start(&house).await;
    let found = ask(daemon.address, "GET /feeds/hoa-gao.atom?q=khong+co+tin+nao", &[]).await.text();
    assert!(id(&found).starts_with("https://tin.example.vn/feeds/hoa-gao.atom?q=khong+co+tin+nao"), "{found}");
    daemon.end().await;
}

#[tokio::test]
async fn a_reader_that_asks_for_news_gets_only_what_is_new_to_it() {
    let house = ward().await;
    let daemon = Daemon::start(&house).await;
    let get = "GET /feeds/hoa-gao.rss";
    let old = ask(daemon.address, get, &[]).await.header("etag").to_owned();
    // What was written before this process is not remembered: one change later it is.
    let mut tags = vec![old];
    for number in 7..=9 {
        write(&house, number);
        house.pass(TimeDelta::hours(1));
        daemon.reload().await;
        tags.push(changed(daemon.address, get, tags.last().unwrap()).await.header("etag").to_owned());
    }
    let newest = tags.last().unwrap().clone();
    let news = async |tag: &str| ask(daemon.address, get, &["a-im: feed", &format!("if-none-match: {tag}")]).await;
    let answer = news(&tags[1]).await;
    assert_eq!((answer.status, answer.header("im"), answer.header("delta-base")), (226, "feed", tags[1].as_str()));
    assert_eq!((answer.header("etag"), answer.header("cache-control")), (newest.as_str(), "no-store, im"));
    let text = answer.text();
    for (number, is_new) in [(7, false), (8, true), (9, true)] {
        assert_eq!(text.contains(&format!("đợt {number}")), is_new, "{number}: {text}");
    }
    assert!(text.contains("<rss"), "a feed as any other");
    assert_eq!(news(&newest).await.status, 304);
    assert_eq!(news("\"000000000000000000000000\"").await.status, 200, "nobody remembers that one");
    assert_eq!(ask(daemon.address, get, &["a-im: vcdiff", &format!("if-none-match: {}", tags[1])]).await.status, 200);
    assert_eq!(ask(daemon.address, get, &[&format!("if-none-match: {}", tags[1])]).await.status, 200, "who does not ask for it");
    daemon.end().await;
}

#[tokio::test]
async fn a_start_reads_and_writes_no_feed_that_did_not_change() {
    let house = ward().await;
    let path = house.path().join("feeds/hoa-gao.rss");
    let before = std::fs::metadata(&path).unwrap().modified().unwrap();
    let daemon = Daemon::start(&house).await;
    let first = ask(daemon.address, "GET /feeds/hoa-gao.rss", &[]).await;
    assert_eq!((first.status, std::fs::metadata(&path).unwrap().modified().unwrap()), (200, before));
    daemon.end().await;
    // A file that somebody spoilt is written again, and its time is another one.
    std::fs::write(&path, "hỏng").unwrap();
    let daemon = Daemon::start(&house).await;
    let spoilt = Print::of("hỏng".as_bytes()).etag(Coding::Identity);
    let mended = changed(daemon.address, "GET /feeds/hoa-gao.rss", &spoilt).await;
    assert_eq!((mended.header("etag"), &mended.body), (first.header("etag"), &first.body));
    daemon.end().await;
}

#[tokio::test]
async fn a_feed_that_left_the_config_is_served_no_more() {
    let house = ward().await;
    let daemon = Daemon::start(&house).await;
    assert_eq!(ask(daemon.address, "GET /feeds/tat-ca.rss", &[]).await.status, 200);
    house.write("config.toml", CONFIG.split("[[feeds.combined]]").next().unwrap());
    daemon.reload().await;
    assert_eq!(ask(daemon.address, "GET /feeds/tat-ca.rss", &[]).await.status, 404);
    assert_eq!(ask(daemon.address, "GET /feeds/hoa-gao.rss", &[]).await.status, 200);
    daemon.end().await;
}

#[tokio::test]
async fn services_that_read_for_many_tell_for_how_many() {
    let house = ward().await;
    let daemon = Daemon::start(&house).await;
    let feedly = "user-agent: Feedly/1.0 (+http://www.feedly.com/fetcher.html; 16 subscribers; like FeedFetcher-Google)";
    let inoreader = "user-agent: Inoreader/1.0 (+http://www.inoreader.com/feed-fetcher; 5 subscribers; )";
    for (path, agent) in [("hoa-gao.rss", feedly), ("hoa-gao.atom", inoreader), ("khong-co.rss", feedly)] {
        ask(daemon.address, &format!("GET /feeds/{path}"), &[agent]).await;
    }
    ask(daemon.address, "GET /feeds/hoa-gao.rss", &["user-agent: Mozilla/5.0 (may cua ba Tu)"]).await;
    let metrics = ask(daemon.address, "GET /metrics", &[]).await.text();
    assert!(metrics.contains("loaphuong_subscribers{feed=\"hoa-gao\",reader=\"feedly\"} 16"), "{metrics}");
    assert!(metrics.contains("loaphuong_subscribers{feed=\"hoa-gao\",reader=\"inoreader\"} 5"), "{metrics}");
    assert!(!metrics.contains("khong-co") && !metrics.contains("ba Tu"), "{metrics}");
    let health: serde_json::Value = serde_json::from_slice(&ask(daemon.address, "GET /healthz", &[]).await.body).unwrap();
    assert_eq!(health["subscribers"], serde_json::json!({ "hoa-gao": 21 }));
    daemon.end().await;
}

#[test]
fn every_test_that_the_table_of_clauses_names_is_there() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |pattern: &str| -> String {
        let files = glob::glob(root.join(pattern).to_str().unwrap()).unwrap().map(Result::unwrap);
        files.map(|path| std::fs::read_to_string(path).unwrap()).collect()
    };
    let code = read("src/**/*.rs") + &read("tests/it/*.rs");
    let table = read("docs/http.md");
    let quoted: Vec<&str> =
        table.lines().filter(|line| line.starts_with("| ")).flat_map(|line| line.split('`').skip(1).step_by(2)).collect();
    let named: Vec<&str> =
        quoted.iter().map(|name| name.rsplit([':', ' ']).next().unwrap()).filter(|name| name.matches('_').count() > 1).collect();
    assert!(named.len() > 25, "{named:?}");
    for name in named {
        assert!(code.contains(&format!("fn {name}(")), "{name}");
    }
}
