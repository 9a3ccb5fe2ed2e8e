//! `loaphuong add` on loopback: sites of several kinds of software, and pages that are no list.

use std::process::Output;

use serde_json::Value;

use crate::fakes::cms::{self, Telling, pieces};
use crate::fakes::{Portal, Reply};
use crate::house::House;
use crate::trying::{loaphuong, said};

/// A config with a comment that must stay.
fn house(portal: &Portal) -> House {
    House::new(&format!("# của văn phòng phường\n[fetch]\nallow = [\"{}\"] # máy thử\npause = \"0s\"\n", portal.host()))
}

/// Runs the command beside the portal, which needs this thread's runtime to answer.
async fn run(house: &House, args: &[&str]) -> Output {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    let path = house.path().to_path_buf();
    tokio::task::spawn_blocking(move || {
        let args: Vec<&str> = args.iter().map(String::as_str).collect();
        loaphuong(&path, &args)
    })
    .await
    .unwrap()
}

async fn add(house: &House, portal: &Portal, path: &str) -> Value {
    let output = run(house, &["add", &portal.url(path), "--json", "--yes"]).await;
    serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {} {}", said(&output.stdout), said(&output.stderr)))
}

/// The way that was chosen; a list that taught something is a list.
fn way_of(answer: &Value) -> &str {
    match answer["chosen"]["way"].as_str() {
        Some("learned") => "list",
        other => other.unwrap_or_default(),
    }
}

/// Adds the site and checks what was chosen, that it reads whole articles, and that the config has it.
async fn check(portal: &Portal, path: &str, way: &str, kind: &str) -> House {
    let house = house(portal);
    let before = house.read("config.toml");
    let answer = add(&house, portal, path).await;
    assert_eq!((way_of(&answer), answer["chosen"]["kind"].as_str()), (way, Some(kind)), "{answer:#}");
    assert_eq!(answer["entries"].as_array().unwrap().len(), 5, "{answer:#}");
    for (entry, piece) in answer["entries"].as_array().unwrap().iter().zip(pieces("/tin-tuc")) {
        assert_eq!(entry["title"], piece.title);
        assert!(entry["published"].as_str().unwrap().starts_with("2019-09-"), "{entry}");
        assert!(entry["content_text"].as_str().unwrap().contains("bộ phận một cửa"), "{entry}");
    }
    assert_eq!(answer["written"], true);
    if let Some(path) = answer["recipe"]["path"].as_str() {
        assert!(house.read(path).starts_with("# ") && house.read("config.toml").contains(path), "{path}: {}", house.read(path));
    }
    let after = house.read("config.toml");
    assert!(after.starts_with(&before) && after.contains(&format!("kind = \"{kind}\"")), "{after}");
    let config = house.config();
    assert_eq!(config.sources.len(), 1);
    assert_eq!((config.sources[0].slug.as_str(), config.sources[0].title.as_str()), ("phuong-hoa-gao", "Phường Hoa Gạo"));
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_list_is_added_once() {
    let portal = cms::site("").await;
    let house = check(&portal, "/tin-tuc", "list", "html").await;
    let again = run(&house, &["add", &portal.url("/tin-tuc/"), "--yes"]).await;
    assert!(again.status.success() && said(&again.stderr).contains("phuong-hoa-gao"), "{}", said(&again.stderr));
    assert_eq!(house.config().sources.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_added_is_published() {
    let portal = cms::site("").await;
    let house = check(&portal, "/tin-tuc", "list", "html").await;
    assert!(house.once().await.all_well());
    assert!(house.read("feeds/phuong-hoa-gao.rss").contains("Thay đổi giờ thu gom rác"), "{}", house.read("feeds/phuong-hoa-gao.rss"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_feed_wins_and_nothing_else_is_asked_for() {
    let portal = cms::site("<link rel='alternate' type='application/rss+xml' href='/ban-tin.xml'>").await;
    portal.set("/ban-tin.xml", cms::rss(&portal.url(""), &pieces("/tin-tuc"), Telling::Whole));
    let house = check(&portal, "/tin-tuc", "feed", "syndication").await;
    assert!(portal.hits_to("/rss").is_empty() && portal.hits_to("/sitemap.xml").is_empty());
    let again = run(&house, &["add", &portal.url("/tin-tuc"), "--yes"]).await;
    assert!(said(&again.stderr).contains("phuong-hoa-gao"), "{}", said(&again.stderr));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_of_titles_or_teasers_is_followed_to_the_articles() {
    for telling in [Telling::Title, Telling::Teaser] {
        let portal = cms::site("<link rel='alternate' type='application/rss+xml' href='/ban-tin.xml'>").await;
        portal.set("/ban-tin.xml", cms::rss(&portal.url(""), &pieces("/tin-tuc"), telling));
        let house = check(&portal, "/tin-tuc", "feed-followed", "syndication").await;
        assert!(house.read("config.toml").contains("follow = true"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn usual_places_of_feeds_are_looked_at() {
    let nukeviet = cms::site("<meta name='generator' content='NukeViet v4.5'>").await;
    nukeviet.page("/rss/", "<html><body><a href='/tin-tuc/rss/'>Tin tức</a></body></html>");
    nukeviet.set("/tin-tuc/rss/", cms::rss(&nukeviet.url(""), &pieces("/tin-tuc"), Telling::Teaser));
    check(&nukeviet, "/tin-tuc", "feed-followed", "syndication").await;
    let joomla = cms::site("<meta name='generator' content='Joomla! - Open Source Content Management'>").await;
    joomla.set("/tin-tuc?format=feed&type=rss", cms::rss(&joomla.url(""), &pieces("/tin-tuc"), Telling::Whole));
    check(&joomla, "/tin-tuc", "feed", "syndication").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn wordpress_is_read_through_its_api() {
    let portal = cms::site("<link rel='https://api.w.org/' href='/wp-json/'>").await;
    portal.set(
        "/wp-json/wp/v2/posts?per_page=20&_embed=author%2Cwp%3Afeaturedmedia%2Cwp%3Aterm",
        cms::posts(&portal.url(""), &pieces("/tin-tuc")),
    );
    check(&portal, "/tin-tuc", "api", "wordpress").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_news_sitemap_is_found_through_robots_and_its_index() {
    let portal = cms::site("").await;
    portal.robots(&format!("User-agent: *\nAllow: /\nSitemap: {}\n", portal.url("/so-do.xml")));
    let index = format!("<sitemapindex><sitemap><loc>{}</loc></sitemap></sitemapindex>", portal.url("/so-do-tin.xml"));
    portal.set("/so-do.xml", Reply::bytes("application/xml", index));
    portal.set("/so-do-tin.xml", cms::sitemap(&portal.url(""), &pieces("/tin-tuc")));
    check(&portal, "/tin-tuc", "sitemap", "sitemap").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn structured_data_is_taken_where_it_has_the_whole_list() {
    let items = |count: usize| {
        let items: Vec<String> = pieces("/tin-tuc")
            .iter()
            .take(count)
            .map(|piece| format!("{{\"@type\":\"ListItem\",\"url\":\"{}\",\"name\":\"{}\"}}", piece.path, piece.title))
            .collect();
        format!("<script type='application/ld+json'>{{\"@type\":\"ItemList\",\"itemListElement\":[{}]}}</script>", items.join(","))
    };
    check(&cms::site(&items(6)).await, "/tin-tuc", "structured", "structured").await;
    check(&cms::site(&items(2)).await, "/tin-tuc", "list", "html").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_made_by_scripts_may_still_name_its_articles() {
    let portal = cms::site("").await;
    let items: Vec<String> = pieces("/tin-tuc")
        .iter()
        .map(|piece| format!("{{\"@type\":\"NewsArticle\",\"url\":\"{}\",\"headline\":\"{}\"}}", piece.path, piece.title))
        .collect();
    portal.page(
        "/ung-dung",
        &format!("<html><head><meta property='og:site_name' content='Phường Hoa Gạo'><script type='application/ld+json'>[{}]</script></head><body><div id=app></div></body></html>", items.join(",")),
    );
    check(&portal, "/ung-dung", "structured", "structured").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_link_in_the_list_does_not_count_against_it() {
    let portal = cms::site("").await;
    portal.remove(&pieces("/tin-tuc")[1].path);
    let house = house(&portal);
    let answer = add(&house, &portal, "/tin-tuc").await;
    assert_eq!((answer["chosen"]["whole"].as_u64(), way_of(&answer)), (Some(5), "list"), "{answer:#}");
    assert!(answer["chosen"]["problems"][0].as_str().unwrap().contains("404"), "{answer:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_front_page_leads_to_its_news_index() {
    let portal = cms::site("").await;
    check(&portal, "/", "section", "html").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_front_page_tells_how_many_links_and_which_sections_it_has() {
    let portal = cms::site("").await;
    let house = house(&portal);
    let answer = add(&house, &portal, "/").await;
    let (links, articles) = (answer["links"].as_u64().unwrap(), answer["articles"].as_u64().unwrap());
    assert!(links >= articles && links >= 3, "{answer:#}");
    assert!(answer["sections"].as_array().unwrap().iter().any(|one| one["url"] == portal.url("/tin-tuc")), "{answer:#}");
    let shown = run(&self::house(&portal), &["add", &portal.url("/")]).await;
    let told = said(&shown.stdout);
    assert!(told.contains(&format!("{links} liên kết")) && told.contains("các mục tin: "), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_about_something_else_is_not_taken() {
    let portal = cms::site("<link rel='alternate' type='application/rss+xml' href='/ban-tin.xml'>").await;
    let other = pieces("/van-ban").into_iter().rev().collect::<Vec<_>>();
    portal.set("/ban-tin.xml", cms::rss("https://noi-khac.example", &other, Telling::Whole));
    let house = house(&portal);
    let answer = add(&house, &portal, "/tin-tuc").await;
    assert_eq!(answer["chosen"]["kind"], "html", "{answer:#}");
    let feed = answer["candidates"].as_array().unwrap().iter().find(|one| one["way"] == "feed").unwrap();
    assert!(feed["why"].as_str().unwrap().contains("trang khác"), "{feed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_may_be_named_itself() {
    let portal = cms::site("").await;
    portal.set("/ban-tin.xml", cms::rss(&portal.url(""), &pieces("/tin-tuc"), Telling::Whole));
    let house = house(&portal);
    let output = run(&house, &["add", &portal.url("/ban-tin.xml"), "--yes", "--name", "phuong", "--title", "Phường ta"]).await;
    assert!(output.status.success(), "{}", said(&output.stderr));
    let shown = said(&output.stdout);
    assert!(shown.contains("Tạm ngừng cấp nước") && shown.contains("name = \"phuong\"") && shown.contains("27/09/2019"), "{shown}");
    assert_eq!(house.config().sources[0].title, "Phường ta");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_yes_nothing_is_written() {
    let portal = cms::site("").await;
    let house = house(&portal);
    let before = house.read("config.toml");
    let output = run(&house, &["add", &portal.url("/tin-tuc")]).await;
    assert!(said(&output.stderr).contains("--yes") && said(&output.stdout).contains("[[sources]]"), "{}", said(&output.stderr));
    let answer: Value = serde_json::from_slice(&run(&house, &["add", &portal.url("/tin-tuc"), "--json"]).await.stdout).unwrap();
    assert_eq!((answer["written"].as_bool(), answer["name"].as_str()), (Some(false), Some("phuong-hoa-gao")));
    assert!(answer["block"].as_str().unwrap().contains("url = "), "{answer:#}");
    assert_eq!(house.read("config.toml"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_may_be_written_without_its_scheme() {
    let portal = cms::site("").await;
    let house = house(&portal);
    let output = run(&house, &["add", &format!("{}/tin-tuc", portal.host()), "--yes"]).await;
    assert!(output.status.success(), "{}", said(&output.stderr));
    assert!(house.read("config.toml").contains(&format!("url = \"{}\"", portal.url("/tin-tuc"))), "{}", house.read("config.toml"));
}

/// Adds what cannot be added: exit 1, these words, and nothing written.
async fn refused(portal: &Portal, path: &str, words: &[&str]) {
    let house = house(portal);
    let before = house.read("config.toml");
    let output = run(&house, &["add", &portal.url(path), "--yes"]).await;
    let told = said(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{path}: {} {told}", said(&output.stdout));
    for word in words {
        assert!(told.contains(word), "{path}: {word} is missing in {told}");
    }
    assert_eq!(house.read("config.toml"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_list_is_called_by_its_name() {
    let portal = cms::site("").await;
    portal.page("/dang-nhap", "<html><body><h1>Đăng nhập</h1><form><input name=u><input type=password></form></body></html>");
    portal.page("/ung-dung", "<html><head><title>Phường</title></head><body><div id=app></div><script src=/app.js></script></body></html>");
    portal.page("/chan", "<html><head><title>Attention Required!</title></head><body><h1>Checking your browser</h1></body></html>");
    let (article, index) = (&pieces("/tin-tuc")[0].path, portal.url("/tin-tuc"));
    refused(&portal, article, &["một bài viết", &index]).await;
    refused(&portal, "/gioi-thieu", &["không có danh sách", &index]).await;
    refused(&portal, "/dang-nhap", &["đăng nhập"]).await;
    refused(&portal, "/ung-dung", &["JavaScript"]).await;
    refused(&portal, "/chan", &["tường lửa", "đề nghị người quản trị"]).await;
    refused(&portal, "/khong-co", &["404", &index]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_is_wrong_is_told_before_anything_is_asked_for() {
    let portal = cms::site("").await;
    let house = house(&portal);
    let check = async |args: &[&str], code: i32| {
        let output = run(&house, args).await;
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", said(&output.stderr));
    };
    check(&["add", "ftp://hoagao.example/"], 2).await;
    check(&["add", &portal.url("/tin-tuc"), "--name", "Hoa Gạo"], 2).await;
    check(&["add", &portal.url("/tin-tuc"), "--name", "metrics"], 2).await;
    check(&["add", "http://127.0.0.1:9/tin-tuc", "--yes"], 1).await;
    assert!(portal.hits().is_empty());
}
