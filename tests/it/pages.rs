//! The public pages, over real sockets: what each shows, how light it is, and what a browser may do on it.

use reqwest::{Response, StatusCode};
use serde_json::Value;
use sqlx::AnyPool;

use crate::daemon::Daemon;
use crate::fakes::{Portal, Reply};
use crate::house::House;

const PNG: &[u8] = b"\x89PNG\r\n\x1A\n and so on";
/// Before pictures.
const LIGHTEST: usize = 30 << 10;

/// Two wards of one city and one of another, and ways to follow the first; `site` goes into `[site]`.
fn house(site: &str, more: &str) -> House {
    let source = |name: &str, title: &str, province: &str| {
        format!(
            "[[sources]]\nname = \"{name}\"\ntitle = \"{title}\"\nprovince = \"{province}\"\nkind = \"folder\"\npath = \"news/{name}\"\n"
        )
    };
    let house = House::new(&format!(
        "[site]\ntitle = \"Loa phường\"\nbase_url = \"https://loa.example\"\n{site}\n[server]\nlisten = \"127.0.0.1:0\"\n{more}\n{}{}{}",
        source("tho-quan", "Phường Thổ Quan", "Hà Nội"),
        source("hoa-gao", "Phường Hoa Gạo", "Hà Nội"),
        source("an-hien", "Phường An Hiên", "Huế"),
    ));
    house.write("news/tho-quan/2026-11-05-cat-dien.txt", "Tạm ngừng cấp điện\n\nPhố Hoa Gạo mất điện từ 8 giờ.\n\nXin bà con thông cảm.\n");
    house.write("news/hoa-gao/2026-11-06-hop.txt", "Họp <tổ> dân phố & bà con\n\nBảy giờ tối thứ Bảy.\n");
    house.write("news/an-hien/2026-11-04-rac.txt", "Lịch thu gom rác\n\nSáng Chủ nhật.\n");
    house
}

const WAYS: &str = "[[channels]]\nname = \"bot\"\nkind = \"telegram\"\ntoken = \"1:thu\"\napi = \"http://127.0.0.1:9\"\n\
    [[channels]]\nname = \"zalo\"\nkind = \"zalo-bot\"\ntoken = \"1:thu\"\napi = \"http://127.0.0.1:9\"\n\
    [[channels]]\nname = \"day\"\nkind = \"web-push\"\nsubject = \"mailto:vanphong@phuong.example\"\n\
    [[subscriptions]]\nfeed = \"tho-quan\"\nto = \"bot:@phuongthoquan\"\n\
    [[subscriptions]]\nfeed = \"tho-quan\"\nto = \"bot:-1001234567890\"\n\
    [[subscriptions]]\nfeed = \"tho-quan\"\nto = \"zalo:abc\"\ninvite = \"https://zalo.me/g/thoquan\"\n";

async fn get(daemon: &Daemon, path: &str) -> Response {
    asking(daemon, path, &[]).await
}

async fn asking(daemon: &Daemon, path: &str, headers: &[(&'static str, &str)]) -> Response {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let request = client.get(format!("http://{}{path}", daemon.address));
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value)).send().await.unwrap()
}

async fn text(daemon: &Daemon, path: &str) -> String {
    get(daemon, path).await.text().await.unwrap()
}

fn policy(response: &Response) -> String {
    response.headers()["content-security-policy"].to_str().unwrap().to_owned()
}

/// The addresses of articles that a page links to.
fn articles(page: &str) -> Vec<String> {
    let document = dom_query::Document::from(page);
    document.select("h2 a[href^='/tin/']").nodes().iter().map(|a| a.attr("href").unwrap().to_string()).collect()
}

async fn withdraw(house: &House, title: &str) {
    let raw = AnyPool::connect(&format!("sqlite://{}/data/loaphuong.db", house.path().display())).await.unwrap();
    sqlx::query("UPDATE entries SET withdrawn = 1 WHERE title = $1").bind(title.to_owned()).execute(&raw).await.unwrap();
    raw.close().await;
}

#[tokio::test]
async fn every_page_is_valid_light_strict_and_in_both_languages() {
    let house = house("", WAYS);
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let article = articles(&text(&daemon, "/").await).remove(0);
    for (path, status) in [
        ("/", 200),
        (article.as_str(), 200),
        ("/tim", 200),
        ("/tim?q=dien", 200),
        ("/tim?q=khong+co", 200),
        ("/muc", 200),
        ("/phuong/tho-quan", 200),
        ("/chon-phuong", 200),
        ("/chon-phuong?tinh=ha-noi", 200),
        ("/chon-phuong?q=khong", 200),
        ("/theo-doi", 200),
        ("/theo-doi/tho-quan", 200),
        ("/ap-phich/tho-quan", 200),
        ("/khong-co", 404),
        ("/muc/khong-co", 404),
        ("/phuong/khong-co", 404),
        ("/tin/tho-quan/khong-co", 404),
    ] {
        let answer = get(&daemon, path).await;
        assert_eq!(
            (answer.status().as_u16(), answer.headers()["content-type"].to_str().unwrap()),
            (status, "text/html; charset=utf-8"),
            "{path}"
        );
        let policy = policy(&answer);
        assert!(
            policy.starts_with("default-src 'none'; style-src 'self'; img-src 'self'; ") && !policy.contains("unsafe"),
            "{path}: {policy}"
        );
        assert_eq!(policy.contains("script-src"), path == "/theo-doi/tho-quan", "{path}: {policy}");
        let page = answer.text().await.unwrap();
        assert!(page.len() < LIGHTEST, "{path}: {}", page.len());
        let document = dom_query::Document::from(page.as_str());
        assert_eq!(*document.errors.borrow(), Vec::<String>::new(), "{path}: {page}");
        for bad in [" style=", "<style", " onclick", "javascript:"] {
            assert!(!page.contains(bad), "{path}: {bad}");
        }
        assert_eq!(document.select("main").length(), 1, "{path}");
        assert_eq!(document.select("h1").length(), 1, "{path}");
        assert_eq!(document.select("html").attr("lang").as_deref(), Some("vi"), "{path}");
        assert!(document.select("span[lang=en]").length() > 0, "{path}");
        for loaded in document.select("script[src], img[src], link[rel=stylesheet], link[rel=icon]").nodes() {
            let address = loaded.attr("src").or_else(|| loaded.attr("href")).unwrap();
            assert!(address.starts_with('/') && !address.starts_with("//"), "{path} loads {address}");
        }
    }
    for (path, media_type) in [
        ("/loaphuong.css", "text/css; charset=utf-8"),
        ("/theo-doi.js", "text/javascript; charset=utf-8"),
        ("/loaphuong.svg", "image/svg+xml"),
        ("/loaphuong.png", "image/png"),
        ("/loaphuong.webmanifest", "application/manifest+json"),
        ("/loaphuong-192.png", "image/png"),
        ("/loaphuong-512.png", "image/png"),
    ] {
        let answer = get(&daemon, path).await;
        assert_eq!((answer.status(), answer.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, media_type), "{path}");
    }
    daemon.end().await;
}

#[tokio::test]
async fn a_page_that_a_browser_has_is_not_sent_again() {
    let house = house("", WAYS);
    house.once().await;
    let daemon = Daemon::start(&house).await;
    for path in ["/", "/phuong/tho-quan", "/theo-doi/tho-quan", "/tim?q=dien", "/loaphuong.css"] {
        let first = get(&daemon, path).await;
        let etag = first.headers()["etag"].to_str().unwrap().to_owned();
        assert!(etag.starts_with("W/\""), "{path}: {etag}");
        let again = asking(&daemon, path, &[("if-none-match", &format!("\"x\", {etag}")), ("accept-encoding", "gzip")]).await;
        assert_eq!((again.status(), again.headers()["etag"].to_str().unwrap()), (StatusCode::NOT_MODIFIED, etag.as_str()), "{path}");
        assert_eq!(again.headers().get("cache-control"), first.headers().get("cache-control"), "{path}");
        assert!(again.bytes().await.unwrap().is_empty(), "{path}");
    }
    let before = get(&daemon, "/").await.headers()["etag"].clone();
    withdraw(&house, "Lịch thu gom rác").await;
    let after = asking(&daemon, "/", &[("if-none-match", before.to_str().unwrap())]).await;
    assert_eq!(after.status(), StatusCode::OK, "another page");
    assert_eq!(asking(&daemon, "/khong-co", &[("if-none-match", "*")]).await.status(), StatusCode::NOT_FOUND);
    daemon.end().await;
}

#[tokio::test]
async fn a_phone_can_put_the_site_on_its_home_screen() {
    let house = house("", WAYS);
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let page = text(&daemon, "/").await;
    assert!(page.contains("<link rel=\"manifest\" href=\"/loaphuong.webmanifest\">"), "{page}");
    let manifest: serde_json::Value = serde_json::from_str(&text(&daemon, "/loaphuong.webmanifest").await).unwrap();
    assert_eq!((&manifest["display"], &manifest["start_url"], &manifest["lang"]), (&"standalone".into(), &"/".into(), &"vi".into()));
    for (icon, side) in manifest["icons"].as_array().unwrap().iter().zip([192_u32, 512]) {
        let bytes = get(&daemon, icon["src"].as_str().unwrap()).await.bytes().await.unwrap();
        // The first chunk of a PNG tells its sides.
        assert_eq!((&bytes[16..20], &bytes[20..24]), (side.to_be_bytes().as_slice(), side.to_be_bytes().as_slice()));
        assert_eq!(icon["sizes"], format!("{side}x{side}"));
    }
    daemon.end().await;
}

#[tokio::test]
async fn pages_travel_compressed_to_those_who_take_it() {
    let house = house("", "");
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let client = reqwest::Client::builder().no_gzip().no_brotli().no_zstd().no_deflate().build().unwrap();
    let answer = client.get(format!("http://{}/", daemon.address)).header("accept-encoding", "gzip, br").send().await.unwrap();
    assert_eq!(
        (answer.headers()["content-encoding"].to_str().unwrap(), answer.headers()["vary"].to_str().unwrap()),
        ("gzip", "accept-encoding")
    );
    let plain = text(&daemon, "/").await;
    assert!(answer.bytes().await.unwrap().len() * 2 < plain.len());
    daemon.end().await;
}

#[tokio::test]
async fn an_article_tells_search_engines_and_chats_what_it_is() {
    let house = house("", "");
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let path = articles(&text(&daemon, "/phuong/hoa-gao").await).remove(0);
    let page = text(&daemon, &path).await;
    let document = dom_query::Document::from(page.as_str());
    let data: Value = serde_json::from_str(&document.select("script[type='application/ld+json']").text()).unwrap();
    assert_eq!((data["@type"].as_str(), data["headline"].as_str()), (Some("NewsArticle"), Some("Họp <tổ> dân phố & bà con")), "{data}");
    assert_eq!(data["datePublished"], "2026-11-06T00:00:00+07:00");
    assert_eq!(data["mainEntityOfPage"], format!("https://loa.example{path}"));
    let property = |name: &str| document.select(&format!("meta[property='{name}']")).attr("content").unwrap().to_string();
    assert_eq!(property("og:title"), "Họp <tổ> dân phố & bà con");
    assert_eq!(property("og:url"), format!("https://loa.example{path}"));
    assert_eq!(property("og:image"), "https://loa.example/loaphuong.png");
    assert_eq!(document.select("meta[name='twitter:card']").attr("content").as_deref(), Some("summary_large_image"));
    assert_eq!(document.select("link[rel=canonical]").attr("href").unwrap().to_string(), format!("https://loa.example{path}"));
    assert_eq!(document.select("time").attr("datetime").as_deref(), Some("2026-11-06T00:00:00+07:00"));
    daemon.end().await;
}

#[tokio::test]
async fn an_article_lists_its_files_and_leads_to_the_original() {
    let portal = Portal::start().await;
    portal.set("/mau-don.pdf", Reply::bytes("application/pdf", vec![b'%'; 45_000]));
    portal.page("/tin/1", "<html><head><title>Cấp đổi căn cước</title></head><body><h1>Cấp đổi căn cước</h1><p>Bộ phận một cửa nhận hồ sơ của bà con vào sáng thứ Bảy hằng tuần.</p><p>Mang theo <a href=\"/mau-don.pdf\">Mẫu đơn</a> đã điền.</p></body></html>");
    portal.set("/rss", Reply::bytes("application/rss+xml", format!("<rss version=\"2.0\"><channel><title>T</title><item><title>Cấp đổi căn cước</title><link>{}</link><guid>1</guid><category>Thủ tục</category><description>&lt;p&gt;Bộ phận một cửa nhận hồ sơ. Xem &lt;a href=\"/mau-don.pdf\"&gt;Mẫu đơn&lt;/a&gt;.&lt;/p&gt;</description></item></channel></rss>", portal.url("/tin/1"))));
    let more = format!(
        "[fetch]\nallow = [\"127.0.0.1\"]\npause = \"0s\"\n[[sources]]\nname = \"mot-cua\"\nkind = \"syndication\"\nurl = \"{}\"\n",
        portal.url("/rss")
    );
    let house = house("", &more);
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let path = articles(&text(&daemon, "/phuong/mot-cua").await).remove(0);
    let page = text(&daemon, &path).await;
    assert!(page.contains("Mẫu đơn <span class=\"about\">(PDF, 43 KB)</span>"), "{page}");
    let document = dom_query::Document::from(page.as_str());
    assert_eq!(document.select("link[rel=canonical]").attr("href").unwrap().to_string(), portal.url("/tin/1"));
    assert_eq!(document.select(&format!("a.button[href='{}']", portal.url("/tin/1"))).length(), 1);
    assert!(text(&daemon, "/muc").await.contains("href=\"/muc/thu-tuc\""));
    assert_eq!(articles(&text(&daemon, "/muc/thu-tuc").await), [path]);
    daemon.end().await;
}

#[tokio::test]
async fn news_are_found_without_accents_in_all_wards_or_one() {
    let house = house("", "");
    house.once().await;
    let daemon = Daemon::start(&house).await;
    assert_eq!(articles(&text(&daemon, "/").await).len(), 3);
    assert_eq!(articles(&text(&daemon, "/tim?q=MAT+dien").await).len(), 1);
    assert_eq!(articles(&text(&daemon, "/tim?q=%22t%E1%BB%95+d%C3%A2n%22").await).len(), 1);
    assert_eq!(articles(&text(&daemon, "/tim?q=dien&phuong=hoa-gao").await).len(), 0);
    assert_eq!(articles(&text(&daemon, "/tim?q=dien&phuong=tho-quan").await).len(), 1);
    let shown = text(&daemon, "/tim?q=%3Cscript%3E%22").await;
    assert!(!shown.contains("<script") && shown.contains("value=\"&#60;script&#62;&#34;\""), "{shown}");
    daemon.end().await;
}

#[tokio::test]
async fn a_long_list_is_read_page_by_page() {
    let house = house("", "");
    for number in 1..=45 {
        house.write(&format!("news/an-hien/2026-10-01-{number:02}.txt"), &format!("Thông báo số {number}\n\nNội dung.\n"));
    }
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let (mut path, mut seen) = ("/".to_owned(), Vec::new());
    loop {
        let page = text(&daemon, &path).await;
        seen.extend(articles(&page));
        let document = dom_query::Document::from(page.as_str());
        match document.select("a[rel=next]").attr("href") {
            Some(next) => path = next.to_string(),
            None => break,
        }
    }
    assert_eq!(seen.len(), 48);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 48, "each once");
    daemon.end().await;
}

#[tokio::test]
async fn a_withdrawn_article_is_gone_and_helps_on() {
    let house = house("", "");
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let path = articles(&text(&daemon, "/phuong/an-hien").await).remove(0);
    daemon.end().await;
    withdraw(&house, "Lịch thu gom rác").await;
    let daemon = Daemon::start(&house).await;
    let answer = get(&daemon, &path).await;
    assert_eq!(answer.status(), StatusCode::GONE);
    let page = answer.text().await.unwrap();
    assert!(page.contains("đã được gỡ") && page.contains("role=\"search\"") && !page.contains("Sáng Chủ nhật"), "{page}");
    assert!(articles(&text(&daemon, "/phuong/an-hien").await).is_empty());
    daemon.end().await;
}

#[tokio::test]
async fn a_ward_is_chosen_by_province_or_by_name() {
    let house = house("", "");
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let page = text(&daemon, "/chon-phuong").await;
    assert!(page.contains("Hà Nội (2)") && page.contains("Huế (1)") && !page.contains("Phường Hoa Gạo"), "{page}");
    let page = text(&daemon, "/chon-phuong?tinh=ha-noi").await;
    assert!(page.contains("href=\"/phuong/hoa-gao\"") && !page.contains("An Hiên"), "{page}");
    let page = text(&daemon, "/chon-phuong?q=an+hien").await;
    assert!(page.contains("href=\"/phuong/an-hien\"") && !page.contains("Hoa Gạo"), "{page}");
    daemon.end().await;
}

#[tokio::test]
async fn very_many_wards_are_chosen_in_light_pages() {
    let ward = |n: u32| {
        let province = if n < 230 { "Thành phố Hồ Chí Minh" } else { "Hà Nội" };
        format!(
            "[[sources]]\nname = \"phuong-{n}\"\ntitle = \"Phường Nguyễn Thị Minh Khai số {n}\"\nprovince = \"{province}\"\npath = \"news\"\n"
        )
    };
    let house = House::new(&format!("[server]\nlisten = \"127.0.0.1:0\"\n{}", (0..260).map(ward).collect::<String>()));
    house.write("news/1.txt", "Tin\n\nNội dung.\n");
    let daemon = Daemon::start(&house).await;
    let (mut path, mut seen) = ("/chon-phuong?tinh=thanh-pho-ho-chi-minh".to_owned(), Vec::new());
    for _ in 0..3 {
        let page = text(&daemon, &path).await;
        assert!(page.len() < LIGHTEST, "{path}: {}", page.len());
        let document = dom_query::Document::from(page.as_str());
        seen.extend(document.select(".choice a").nodes().iter().map(|a| a.attr("href").unwrap().to_string()));
        path = document.select("a[rel=next]").attr("href").map(|next| next.to_string()).unwrap_or_default();
    }
    assert_eq!((seen.len(), path.as_str()), (230, ""));
    daemon.end().await;
}

#[tokio::test]
async fn only_ways_that_this_house_has_are_offered() {
    let house = house("", WAYS);
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let page = text(&daemon, "/theo-doi/tho-quan").await;
    let document = dom_query::Document::from(page.as_str());
    let ways: Vec<String> = document.select("a.button.strong").nodes().iter().map(|a| a.attr("href").unwrap().to_string()).collect();
    assert_eq!(ways, ["https://zalo.me/g/thoquan", "https://t.me/phuongthoquan"], "a private chat is no way to join");
    assert_eq!(document.select("svg.code").length(), 3);
    assert!(page.contains("id=\"thong-bao\"") && page.contains("value=\"https://loa.example/feeds/tho-quan.atom\""));
    let other = text(&daemon, "/theo-doi/an-hien").await;
    assert!(!other.contains("t.me") && !other.contains("zalo"), "{other}");
    daemon.end().await;
}

#[tokio::test]
async fn the_poster_leads_to_the_page_that_tells_how_to_follow() {
    let house = house("", "");
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let page = text(&daemon, "/ap-phich/tho-quan").await;
    assert!(page.contains("<strong>loa.example/theo-doi/tho-quan</strong>") && page.contains("<svg class=\"code\""), "{page}");
    assert!(!text(&daemon, "/theo-doi/tho-quan").await.contains("thong-bao"), "no channel of this kind");
    daemon.end().await;
}

/// A house with an article that shows these pictures.
fn pictured(site: &str, fetch: &str, pictures: &[String]) -> House {
    let house = house(site, fetch);
    let images: String = pictures.iter().map(|url| format!("<p><img src=\"{url}\"></p>")).collect();
    house.write("news/tho-quan/2026-11-06-anh.html", &format!("<h1>Ảnh vườn rau</h1><p>Bà con cùng làm vườn.</p>{images}"));
    house
}

async fn shown(daemon: &Daemon) -> (String, Vec<String>, String) {
    let path = articles(&text(daemon, "/tim?q=%22vuon+rau%22").await).remove(0);
    let answer = get(daemon, &path).await;
    let (policy, page) = (policy(&answer), answer.text().await.unwrap());
    let document = dom_query::Document::from(page.as_str());
    let images = document.select("img").nodes().iter().map(|img| img.attr("src").unwrap().to_string()).collect();
    (policy, images, page.clone())
}

#[tokio::test]
async fn pictures_come_from_this_server_and_only_those_of_entries() {
    let portal = Portal::start().await;
    portal.set("/a.png", Reply::bytes("text/plain", PNG));
    portal.set("/to-a", Reply::redirect(302, "/a.png"));
    portal.set("/x.svg", Reply::bytes("image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg'/>"));
    portal.set("/big.png", Reply::bytes("image/png", [PNG, vec![0; 5 << 20].as_slice()].concat()));
    let urls: Vec<String> = ["/a.png", "/to-a", "/x.svg", "/big.png", "/none.png"].iter().map(|path| portal.url(path)).collect();
    let house = pictured("", "[fetch]\nallow = [\"127.0.0.1\"]\npause = \"0s\"\n", &urls);
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let (policy, images, page) = shown(&daemon).await;
    assert!(policy.contains("img-src 'self';") && !page.contains("src=\"http"), "{policy} {page}");
    assert_eq!(images.len(), 5);
    for (image, status) in images.iter().zip([200, 200, 404, 404, 404]) {
        let answer = get(&daemon, image).await;
        assert_eq!(answer.status().as_u16(), status, "{image}");
        if status == 200 {
            assert_eq!(answer.headers()["content-type"], "image/png", "by its bytes, whatever its server says");
            assert_eq!(self::policy(&answer), "default-src 'none'; sandbox");
            assert_eq!(answer.bytes().await.unwrap(), PNG);
        }
    }
    let before = portal.hits().len();
    get(&daemon, &images[0]).await;
    get(&daemon, &images[4]).await;
    assert_eq!(portal.hits().len(), before, "what was had, and what failed, is not asked for again");
    let (article, _) = images[0].rsplit_once('/').unwrap();
    for stranger in
        [format!("{article}/0123456789abcdef"), article.replace("tho-quan", "hoa-gao") + "/0123456789abcdef", "/anh/x/y/z".to_owned()]
    {
        assert_eq!(get(&daemon, &stranger).await.status(), StatusCode::NOT_FOUND, "{stranger}");
    }
    daemon.end().await;
}

#[tokio::test]
async fn a_picture_at_a_private_address_is_not_fetched() {
    let portal = Portal::start().await;
    portal.set("/a.png", Reply::bytes("image/png", PNG));
    let house = pictured("", "", &[portal.url("/a.png")]);
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let (_, images, _) = shown(&daemon).await;
    assert_eq!(get(&daemon, &images[0]).await.status(), StatusCode::NOT_FOUND);
    assert!(portal.hits().is_empty());
    daemon.end().await;
}

#[tokio::test]
async fn the_config_decides_where_pictures_come_from() {
    let url = "https://anh.example/a.png".to_owned();
    for (setting, images, loads) in [("direct", vec![url.clone()], "img-src 'self' https: http:;"), ("none", Vec::new(), "img-src 'self';")]
    {
        let house = pictured(&format!("images = \"{setting}\""), "", std::slice::from_ref(&url));
        house.once().await;
        let daemon = Daemon::start(&house).await;
        let (policy, found, page) = shown(&daemon).await;
        assert_eq!((found, policy.contains(loads)), (images, true), "{setting}: {policy}");
        assert_eq!(page.contains(&format!("<a href=\"{url}\">Ảnh 1")), setting == "none", "{page}");
        assert!(page.contains(&format!("property=\"og:image\" content=\"{url}\"")), "{page}");
        daemon.end().await;
    }
}

#[tokio::test]
async fn a_site_in_a_folder_of_its_proxy_links_within_it() {
    let house = house("", "");
    house.write("config.toml", &house.read("config.toml").replace("https://loa.example", "https://phuong.example/loa"));
    house.once().await;
    let daemon = Daemon::start(&house).await;
    let page = text(&daemon, "/").await;
    let document = dom_query::Document::from(page.as_str());
    for link in document.select("a[href], link[href], form[action]").nodes() {
        let address = link.attr("href").or_else(|| link.attr("action")).unwrap();
        assert!(["/loa/", "https://phuong.example/loa/", "#"].iter().any(|start| address.starts_with(start)), "{address}");
    }
    daemon.end().await;
}
