//! Feeds beyond the newest entries of a source: by words, by topic, archives, the whole site as
//! files; docs/feeds.md names these tests by clause.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use feed_rs::model;
use sha2::{Digest, Sha256};

use crate::daemon::Daemon;
use crate::house::House;
use crate::http::{Answer, ask};

const CONFIG: &str = r#"
[site]
base_url = "https://loa.example.vn/"
rights = "Được dùng lại khi ghi rõ nguồn"
[server]
listen = "127.0.0.1:0"
[feeds]
entries = 3
[[feeds.combined]]
name = "tat-ca"
sources = ["*"]
[[feeds.topic]]
name = "dien-nuoc"
title = "Điện, nước"
sources = ["*"]
include = ["cắt điện", "cắt nước"]
exclude = ["hoãn"]
[[sources]]
name = "hoa-gao"
title = "Phường Hoa Gạo"
province = "Hà Nội"
path = "hoa-gao"
[[sources]]
name = "ben-da"
title = "Phường Bến Đá"
path = "ben-da"
"#;

fn write(house: &House, ward: &str, day: u32, title: &str) {
    house.write(&format!("{ward}/2026-10-{day:02}-tin.txt"), &format!("{title}\n\nBà con lưu ý, việc này có trong sổ của tổ trưởng.\n"));
}

async fn ward() -> House {
    let house = House::new(CONFIG);
    for (ward, day, title) in [
        ("hoa-gao", 1, "Lịch cắt điện tháng mười"),
        ("hoa-gao", 2, "Họp tổ dân phố số 4"),
        ("hoa-gao", 3, "Hoãn cắt điện ngõ 12"),
        ("hoa-gao", 4, "Tiêm phòng cho chó mèo"),
        ("hoa-gao", 5, "Cắt cỏ ven đường Đê"),
        ("ben-da", 6, "Cắt nước để súc rửa bể"),
        ("ben-da", 7, "Thu gom rác cồng kềnh"),
    ] {
        write(&house, ward, day, title);
    }
    assert!(house.once().await.all_well());
    house
}

fn read(bytes: &[u8]) -> model::Feed {
    feed_rs::parser::parse(bytes).unwrap()
}

fn titles(bytes: &[u8]) -> Vec<String> {
    read(bytes).entries.into_iter().map(|entry| entry.title.unwrap().content).collect()
}

fn ids(bytes: &[u8]) -> BTreeSet<String> {
    read(bytes).entries.into_iter().map(|entry| entry.id).collect()
}

/// The archive before a feed, or before another archive.
fn archive_before(feed: &[u8]) -> Option<String> {
    let older = read(feed).links.into_iter().find(|link| link.rel.as_deref() == Some("prev-archive"));
    older.map(|link| link.href)
}

fn file(house: &House, name: &str) -> Vec<u8> {
    std::fs::read(house.path().join("feeds").join(name)).unwrap_or_default()
}

async fn get(daemon: &Daemon, path: &str) -> Answer {
    ask(daemon.address, &format!("GET {path}"), &[]).await
}

#[tokio::test]
async fn a_feed_by_words_folds_accents_and_holds_all_of_them() {
    let house = ward().await;
    let daemon = Daemon::start(&house).await;
    for (query, want) in [
        ("tat-ca.atom?q=cat+dien", vec!["Hoãn cắt điện ngõ 12", "Lịch cắt điện tháng mười"]),
        ("tat-ca.rss?q=C%E1%BA%AET+%C4%91i%E1%BB%87n", vec!["Hoãn cắt điện ngõ 12", "Lịch cắt điện tháng mười"]),
        ("tat-ca.json?q=cat+dien&not=hoan", vec!["Lịch cắt điện tháng mười"]),
        ("tat-ca.atom?q=cat&n=2", vec!["Cắt nước để súc rửa bể", "Cắt cỏ ven đường Đê"]),
        ("ben-da.rss?q=cat", vec!["Cắt nước để súc rửa bể"]),
        ("hoa-gao.rss?q=duong+de", vec!["Cắt cỏ ven đường Đê"]),
        ("hoa-gao.rss?q=khong+co+gi", vec![]),
        ("dien-nuoc.rss?q=nuoc", vec!["Cắt nước để súc rửa bể"]),
    ] {
        let answer = get(&daemon, &format!("/feeds/{query}")).await;
        assert_eq!((answer.status, titles(&answer.body)), (200, want.iter().map(|s| (*s).to_owned()).collect()), "{query}");
        assert!(answer.header("etag").starts_with('"') && !answer.header("cache-control").is_empty(), "{query}");
    }
    let calendar = get(&daemon, "/feeds/tat-ca.ics?q=cat").await;
    assert_eq!((calendar.status, calendar.header("content-type")), (200, "text/calendar; charset=utf-8"));
    daemon.end().await;
}

#[tokio::test]
async fn a_feed_by_words_has_pages_and_one_form_of_its_address() {
    let house = ward().await;
    let daemon = Daemon::start(&house).await;
    let (mut path, mut seen) = ("/feeds/tat-ca.json?n=2&q=cat&utm_source=x".to_owned(), Vec::new());
    loop {
        let answer = get(&daemon, &path).await;
        seen.extend(titles(&answer.body));
        let json: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        let Some(next) = json["next_url"].as_str() else { break };
        assert!(next.starts_with("https://loa.example.vn/feeds/tat-ca.json?q=cat&n=2&truoc="), "{next}");
        path = next.trim_start_matches("https://loa.example.vn").to_owned();
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
    let one = get(&daemon, "/feeds/tat-ca.atom?q=cat&n=2").await;
    let other = get(&daemon, "/feeds/tat-ca.atom?n=2&utm_source=x&q=cat").await;
    assert_eq!(one.body, other.body);
    let again = ask(daemon.address, "GET /feeds/tat-ca.atom?q=cat&n=2", &[&format!("if-none-match: {}", one.header("etag"))]).await;
    assert_eq!(again.status, 304);
    daemon.end().await;
}

#[tokio::test]
async fn what_cannot_be_searched_is_told_in_both_languages() {
    let house = ward().await;
    let daemon = Daemon::start(&house).await;
    for bad in ["tat-ca.rss?n=0", "tat-ca.rss?q=a&n=201", "tat-ca.rss?q=%22%22", "tat-ca.rss?q=a&truoc=x", "tat-ca?q=a", "tat-ca.xyz?q=a"] {
        let answer = get(&daemon, &format!("/feeds/{bad}")).await;
        assert_eq!(answer.status, 400, "{bad}");
        let (text, is_english) =
            (answer.text(), |text: &str| text.contains("cannot be") || text.contains("has no letter") || text.contains("needs"));
        assert!(text.contains(['ô', 'ì', 'ấ']) && is_english(&text), "{bad}: {text}");
    }
    assert_eq!(get(&daemon, "/feeds/khong-co.rss?q=a").await.status, 404);
    assert_eq!(get(&daemon, "/feeds/tat-ca.rss?utm_source=x").await.status, 200);
    daemon.end().await;
}

#[tokio::test]
async fn a_search_shows_what_changed_since() {
    let house = ward().await;
    let daemon = Daemon::start(&house).await;
    let before = get(&daemon, "/feeds/tat-ca.rss?q=rac").await;
    assert_eq!(titles(&before.body), ["Thu gom rác cồng kềnh"]);
    write(&house, "ben-da", 8, "Phân loại rác tại nhà");
    house.pass(TimeDelta::days(1));
    daemon.reload().await;
    for _ in 0..20_000 {
        let after = get(&daemon, "/feeds/tat-ca.rss?q=rac").await;
        if after.header("etag") != before.header("etag") {
            assert_eq!(titles(&after.body), ["Phân loại rác tại nhà", "Thu gom rác cồng kềnh"]);
            daemon.end().await;
            return;
        }
    }
    panic!("the search never changed")
}

#[tokio::test]
async fn a_topic_is_a_file_with_what_says_its_words() {
    let house = ward().await;
    assert_eq!(titles(&file(&house, "dien-nuoc.atom")), ["Cắt nước để súc rửa bể", "Lịch cắt điện tháng mười"]);
}

#[tokio::test]
async fn archives_hold_what_the_feed_has_no_longer_and_stay() {
    let house = ward().await;
    let daemon = Daemon::start(&house).await;
    let (mut path, mut all, mut documents) = ("/feeds/tat-ca.atom".to_owned(), BTreeSet::new(), Vec::new());
    loop {
        let answer = get(&daemon, &path).await;
        assert_eq!(answer.status, 200, "{path}");
        all.extend(ids(&answer.body));
        let older = archive_before(&answer.body);
        documents.push((path, answer.body));
        let Some(older) = older else { break };
        path = older.trim_start_matches("https://loa.example.vn").to_owned();
    }
    assert_eq!(all.len(), 7);
    assert_eq!(documents.len(), 3, "two archives of three, and the newest");
    assert_eq!(get(&daemon, "/feeds/tat-ca.3.atom").await.status, 404);
    daemon.end().await;
    // Old news that comes late moves nothing, and is told at once.
    house.write("hoa-gao/2026-09-01-cu.txt", "Tin rất cũ\n\nĐến muộn, vẫn phải có.\n");
    assert!(house.once().await.all_well());
    assert!(titles(&file(&house, "tat-ca.atom")).contains(&"Tin rất cũ".to_owned()));
    let daemon = Daemon::start(&house).await;
    for (path, body) in &documents[1..] {
        assert_eq!(get(&daemon, path).await.body, *body, "{path}");
    }
    daemon.end().await;
}

#[tokio::test]
async fn a_feed_leads_to_its_archives_once_all_of_them_are_made() {
    let house = House::new(CONFIG);
    std::fs::create_dir_all(house.path().join("ben-da")).unwrap();
    // More than are made at a time, three to each.
    for number in 1..=70 {
        house.write(&format!("hoa-gao/2026-08-{:02}-tin-{number}.txt", number % 28 + 1), &format!("Tin số {number}\n\nNội dung.\n"));
    }
    assert!(house.once().await.all_well());
    let begun = file(&house, "tat-ca.atom");
    assert_eq!((titles(&begun).len(), archive_before(&begun)), (3, None), "the rest is in none yet");
    house.write("hoa-gao/2026-09-01-moi.txt", "Tin mới nhất\n\nNội dung.\n");
    assert!(house.once().await.all_well());
    assert_eq!(archive_before(&file(&house, "tat-ca.atom")).as_deref(), Some("https://loa.example.vn/feeds/tat-ca.23.atom"));
}

#[tokio::test]
async fn ids_stay_when_a_source_is_renamed_and_the_house_moves() {
    let house = ward().await;
    let before: BTreeMap<&str, BTreeSet<String>> =
        ["rss", "atom", "json"].into_iter().map(|extension| (extension, ids(&file(&house, &format!("hoa-gao.{extension}"))))).collect();
    let moved = House::new(
        &CONFIG
            .replace("name = \"hoa-gao\"", "name = \"hoa-gao-moi\"\naliases = [\"hoa-gao\"]")
            .replace("loa.example.vn", "moi.example.vn"),
    );
    for folder in ["data", "hoa-gao", "ben-da"] {
        std::fs::create_dir_all(moved.path().join(folder)).unwrap();
        for one in std::fs::read_dir(house.path().join(folder)).unwrap().map(Result::unwrap).filter(|one| one.path().is_file()) {
            std::fs::copy(one.path(), moved.path().join(folder).join(one.file_name())).unwrap();
        }
    }
    assert!(moved.once().await.all_well());
    for (extension, ids_before) in before {
        assert_eq!(ids(&file(&moved, &format!("hoa-gao-moi.{extension}"))), ids_before, "{extension}");
    }
}

#[tokio::test]
async fn the_files_of_a_feed_that_is_gone_are_removed_and_no_others() {
    let house = ward().await;
    house.write("feeds/cua-toi.rss", "của người khác");
    assert!(!file(&house, "ben-da.ics").is_empty());
    let gone = CONFIG.split("[[sources]]\nname = \"ben-da\"").next().unwrap();
    house.write("config.toml", gone);
    assert!(house.once().await.all_well());
    for format in ["rss", "atom", "json", "ics"] {
        assert!(file(&house, &format!("ben-da.{format}")).is_empty(), "{format}");
        assert!(!file(&house, &format!("hoa-gao.{format}")).is_empty(), "{format}");
    }
    assert!(!file(&house, "cua-toi.rss").is_empty());
}

#[tokio::test]
async fn all_feeds_are_listed_by_province() {
    let house = ward().await;
    let listed = house.read("feeds/feeds.opml");
    assert!(listed.contains("<outline text=\"Hà Nội\">"), "{listed}");
    assert_eq!(listed.matches("type=\"rss\"").count(), 4);
    let daemon = Daemon::start(&house).await;
    let answer = get(&daemon, "/feeds.opml").await;
    assert_eq!((answer.text(), answer.header("content-type")), (listed, "text/x-opml; charset=utf-8"));
    assert!(answer.header("etag").starts_with('"'));
    daemon.end().await;
}

/// Every address in a page that is no other site's.
fn links(page: &str) -> Vec<String> {
    let quoted = page.split(" href=\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
    quoted.filter(|href| !href.contains("://") && !href.starts_with('#')).collect()
}

#[tokio::test]
async fn the_folder_is_a_whole_site_that_any_host_can_serve() {
    let house = House::new(&CONFIG.replace("entries = 3", "entries = 3\nhtml = true"));
    for day in 1..=7 {
        write(&house, "hoa-gao", day, &format!("Thông báo <số> {day}"));
    }
    write(&house, "ben-da", 9, "Cắt nước");
    assert!(house.once().await.all_well());
    let root = house.path().join("feeds");
    let manifest: serde_json::Value = serde_json::from_slice(&file(&house, "manifest.json")).unwrap();
    let files = manifest["files"].as_object().unwrap();
    for (name, told) in files {
        let bytes = file(&house, name);
        assert_eq!(told["size"].as_u64().unwrap(), bytes.len() as u64, "{name}");
        let print: String = Sha256::digest(&bytes).iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(told["sha256"], print, "{name}");
    }
    for name in ["index.html", "hoa-gao.html", "hoa-gao.rss", "hoa-gao.ics", "hoa-gao.2.atom", "feeds.opml", "loaphuong.css"] {
        assert!(files.contains_key(name), "{name} in {:?}", files.keys());
    }
    let pages: Vec<&String> = files.keys().filter(|name| name.ends_with(".html")).collect();
    assert!(pages.len() >= 8, "{pages:?}");
    for page in pages {
        let html = house.read(&format!("feeds/{page}"));
        assert!(!html.contains("<số>"), "{page}");
        for href in links(&html) {
            assert!(!href.starts_with('/'), "{page}: {href}");
            let target = root.join(page).parent().unwrap().join(&href);
            assert!(target.exists(), "{page} leads to {href}");
        }
    }
    house.write("feeds/cua-toi.html", "của người khác");
    let before = file(&house, "manifest.json");
    assert!(house.once().await.all_well());
    assert_eq!(file(&house, "manifest.json"), before, "nothing new, nothing written");
    let gone = house.read("config.toml");
    house.write("config.toml", gone.split("[[sources]]\nname = \"ben-da\"").next().unwrap());
    write(&house, "hoa-gao", 20, "Tin mới");
    assert!(house.once().await.all_well());
    let left: Vec<String> = std::fs::read_dir(&root).unwrap().map(|one| one.unwrap().file_name().to_string_lossy().into_owned()).collect();
    assert!(!left.iter().any(|name| name.starts_with("ben-da") || name.starts_with(".tmp")), "{left:?}");
    assert!(left.contains(&"cua-toi.html".to_owned()));
    assert!(!root.join("tin/ben-da").exists() || std::fs::read_dir(root.join("tin/ben-da")).unwrap().next().is_none());
}

/// Python's feedparser and icalendar, xmllint and newsboat, those of them that are installed.
#[tokio::test]
async fn readers_that_are_not_ours_read_every_feed_without_a_complaint() {
    let house = House::new(&CONFIG.replace("entries = 3", "entries = 3\nhtml = true"));
    for day in 1..=7 {
        write(&house, "hoa-gao", day, &format!("Cắt điện lần {day} & \"đợt\" <{day}>"));
    }
    house.write("ben-da/2026-10-20-hop.txt", "Họp tổ dân phố\n\nTổ 5 họp lúc 19h30 ngày 25/10/2026 tại nhà văn hóa.\n");
    assert!(house.once().await.all_well());
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/packaging/check-feeds.sh");
    let run = std::process::Command::new("bash").arg(script).arg(house.path().join("feeds")).output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    eprintln!("{said}");
    assert!(run.status.success(), "{said}");
}
