//! `loaphuong try`, as a program calls it: shapes of the answers, many files at a time, feeds.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

use crate::house::House;

/// The binary in this folder, with the folder's `config.toml`.
pub(crate) fn loaphuong(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_loaphuong")).args(args).current_dir(folder).env_remove("LOAPHUONG_CONFIG").output().unwrap()
}

pub(crate) fn said(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

const LIST: &str = r#"<!DOCTYPE html><html><head><title>Tin tức</title></head><body><div id="menu"><a href="/">Trang chủ</a></div><ul class="tin">
<li><h3><a href="/tin/cat-nuoc-to-3-101.html">Tạm ngừng cấp nước tại tổ dân phố số 3</a></h3><span>05/11/2026 16:30</span><p>Nước sạch tạm ngừng từ 22 giờ tối nay để thay đoạn ống rò rỉ trên phố Hoa Gạo.</p></li>
<li><h3><a href="/tin/tiem-chung-102.html">Lịch tiêm chủng mở rộng tháng mười một</a></h3><span>04/11/2026 08:00</span><p>Trạm y tế phường tổ chức tiêm chủng cho trẻ dưới năm tuổi vào sáng thứ Bảy.</p></li>
<li><h3><a href="/tin/hop-to-dan-pho-103.html">Họp tổ dân phố bàn việc chỉnh trang ngõ xóm</a></h3><span>03/11/2026 09:15</span><p>Bà con bàn việc sơn lại tường và trồng hoa dọc ngõ trước dịp cuối năm.</p></li>
<li><h3><a href="/tin/van-nghe-104.html">Hội diễn văn nghệ quần chúng chào mừng ngày hội đại đoàn kết</a></h3><span>02/11/2026 19:30</span><p>Mười hai tiết mục do bà con các tổ tự biên tự diễn đã được trình bày.</p></li>
<li><h3><a href="/tin/thu-gom-rac-105.html">Thay đổi giờ thu gom rác trên địa bàn phường</a></h3><span>01/11/2026 07:45</span><p>Từ tuần sau, xe thu gom rác đi qua các ngõ lúc sáu giờ tối mỗi ngày.</p></li>
</ul></body></html>"#;

fn article(title: &str) -> String {
    format!(
        "<!DOCTYPE html><html><head><title>{title}</title></head><body><div id='menu'><a href='/'>Trang chủ</a></div><h1>{title}</h1>\
         <p class='ngay'>Thứ Năm, 05/11/2026, 16:30</p><div class='noi-dung'><p>Nước sạch tạm ngừng từ 22 giờ tối nay đến 5 giờ sáng mai để \
         thay đoạn ống rò rỉ trên phố Hoa Gạo, đoạn từ đầu ngõ 12 đến trường mầm non.</p><p>Bà con nên trữ đủ nước sinh hoạt trước 21 giờ. \
         Trạm y tế và trường mầm non có xe bồn phục vụ riêng trong suốt thời gian sửa chữa.</p></div></body></html>"
    )
}

const FEED: &str = "<rss version='2.0'><channel><title>t</title><link>https://a.example/</link><description>d</description>\
    <item><title>Một</title><link>https://a.example/1</link><guid>1</guid></item><item><title>Hai</title><link>https://a.example/2</link><guid>2</guid></item></channel></rss>";

fn house() -> House {
    let house = House::new("");
    house.write("trang/a-list.html", LIST);
    house.write("trang/b-bai.html", &article("Tạm ngừng cấp nước tại tổ dân phố số 3"));
    house.write("trang/c-feed.xml", FEED);
    house.write("trang/d-hong.html", "\u{0}\u{0}\u{0}");
    house.write(
        "trang/urls.json",
        r#"{"a-list.html": "https://hoagao.example/tin-tuc", "b-bai.html": "https://hoagao.example/tin/cat-nuoc-to-3-101.html"}"#,
    );
    house
}

fn lines(output: &Output) -> Vec<Value> {
    said(&output.stdout).lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

#[test]
fn a_batch_is_one_line_a_file_in_the_order_of_names() {
    let house = house();
    let output = loaphuong(house.path(), &["try", "--batch", "trang"]);
    assert!(output.status.success(), "{}", said(&output.stderr));
    assert!(said(&output.stdout).lines().all(|line| line.starts_with("{\"file\":\"")), "{}", said(&output.stdout));
    let rows = lines(&output);
    let files: Vec<_> = rows.iter().map(|row| row["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["a-list.html", "b-bai.html", "c-feed.xml", "d-hong.html"]);
    assert_eq!(rows[0]["links"].as_array().unwrap().len(), 5, "{}", rows[0]);
    assert_eq!(rows[0]["links"][0]["published"], "2026-11-05T16:30:00+07:00");
    assert_eq!(rows[1]["title"], "Tạm ngừng cấp nước tại tổ dân phố số 3");
    assert_eq!(rows[1]["published"], "2026-11-05T16:30:00+07:00");
    assert_eq!(rows[1]["url"], "https://hoagao.example/tin/cat-nuoc-to-3-101.html");
    assert_eq!(rows[2]["entries"].as_array().unwrap().len(), 2);
    assert!(rows[3]["title"].is_null() && !rows[3]["problems"].as_array().unwrap().is_empty(), "{}", rows[3]);
}

#[test]
fn a_batch_of_lists_is_links_and_a_batch_of_articles_entries() {
    let house = house();
    for row in lines(&loaphuong(house.path(), &["try", "--batch", "trang", "--as", "list"])) {
        assert!(row["links"].is_array() && row["problems"].is_array() && row.get("next").is_some(), "{row}");
    }
    let rows = lines(&loaphuong(house.path(), &["try", "--batch", "trang", "--as", "article"]));
    for key in [
        "guid",
        "url",
        "title",
        "published",
        "updated",
        "author",
        "summary",
        "content_html",
        "content_text",
        "images",
        "attachments",
        "categories",
        "problems",
    ] {
        assert!(rows[1].get(key).is_some() && rows[3].get(key).is_some(), "{key}");
    }
}

#[test]
fn files_of_one_site_are_read_with_what_their_list_says() {
    let house = house();
    house.write("trang/b-bai.html", &article("Tạm ngừng cấp nước tại tổ…"));
    let rows = lines(&loaphuong(house.path(), &["try", "--batch", "trang", "--site", "--json"]));
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[1]["title"], "Tạm ngừng cấp nước tại tổ dân phố số 3", "the list has the whole title");
}

#[test]
fn several_files_name_themselves_and_one_does_not() {
    let house = house();
    let one = loaphuong(house.path(), &["try", "--json", "trang/b-bai.html", "--url", "https://hoagao.example/tin/1", "--as", "article"]);
    let entries: Value = serde_json::from_slice(&one.stdout).unwrap();
    assert!(entries[0].get("file").is_none() && entries[0]["url"] == "https://hoagao.example/tin/1", "{entries}");
    let list = loaphuong(house.path(), &["try", "--json", "trang/a-list.html", "--url", "https://hoagao.example/tin-tuc", "--as", "list"]);
    let list: Value = serde_json::from_slice(&list.stdout).unwrap();
    assert_eq!(list["links"].as_array().unwrap().len(), 5, "{list}");
    house.write("trang/e-list.html", &LIST.replace("href=\"/tin", "href=\"https://hoagao.example/tin"));
    let unfetched = loaphuong(house.path(), &["try", "--json", "trang/e-list.html"]);
    let entries: Value = serde_json::from_slice(&unfetched.stdout).unwrap();
    assert_eq!(entries.as_array().unwrap().len(), 5, "what the list says of each, without asking anybody");
    let two = loaphuong(house.path(), &["try", "--json", "trang/b-bai.html", "trang/c-feed.xml"]);
    let entries: Value = serde_json::from_slice(&two.stdout).unwrap();
    let files: Vec<_> = entries.as_array().unwrap().iter().map(|entry| entry["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["trang/b-bai.html", "trang/c-feed.xml", "trang/c-feed.xml"]);
}

#[test]
fn what_cannot_be_read_is_told_and_fails() {
    let house = house();
    let output = loaphuong(house.path(), &["try", "--json", "trang/d-hong.html"]);
    assert_eq!((output.status.code(), said(&output.stdout).trim()), (Some(1), "[]"));
    assert!(said(&output.stderr).contains("d-hong.html"), "{}", said(&output.stderr));
    let missing = loaphuong(house.path(), &["try", "khong-co.html", "--config", "khong-co.toml"]);
    assert_eq!(missing.status.code(), Some(2));
}

/// The feeds that come with the project's data, where it is.
fn shared_feeds() -> Option<PathBuf> {
    let Some(shared) = std::env::var_os("LOAPHUONG_TEST_SHARED") else {
        eprintln!("skipped: LOAPHUONG_TEST_SHARED is not set");
        return None;
    };
    Some(Path::new(&shared).join("data/feeds"))
}

#[test]
fn feeds_of_the_world_are_read_sanely() {
    let Some(feeds) = shared_feeds() else { return };
    let house = House::new("");
    let mut read = 0;
    for folder in
        ["atom", "rss", "feed-rs/atom", "feed-rs/rss0", "feed-rs/rss1", "feed-rs/rss2", "feed-rs/jsonfeed", "feed-rs/xml", "xml-bombs"]
    {
        let output = loaphuong(house.path(), &["try", "--batch", feeds.join(folder).to_str().unwrap()]);
        assert!(output.status.success(), "{folder}: {}", said(&output.stderr));
        // What stands beside the feeds is their truth.
        for row in lines(&output).into_iter().filter(|row| !row["file"].as_str().unwrap().contains(".serde.")) {
            let entries = row["entries"].as_array().map_or_else(|| vec![row.clone()], Clone::clone);
            for entry in entries.iter().filter(|entry| entry["guid"].is_string()) {
                read += 1;
                assert!(entry["title"].as_str().is_some_and(|title| !title.is_empty()), "{folder}: {entry}");
                assert!(entry["url"].is_null() || !entry["url"].as_str().unwrap().starts_with("javascript"), "{folder}: {entry}");
                assert!(!entry["content_html"].as_str().unwrap().contains("<script"), "{folder}: {entry}");
            }
        }
    }
    assert!(read > 100, "{read}");
}

#[test]
fn a_page_that_is_too_large_says_how_large_it_may_be() {
    let house = House::new("");
    house.write("lon.html", &"<p>chữ</p>".repeat(1_500_000));
    let output = loaphuong(house.path(), &["try", "lon.html"]);
    let told = said(&output.stdout) + &said(&output.stderr);
    assert!(!output.status.success() && told.contains("10 MiB") && told.contains("lon.html"), "{told}");
}

#[test]
fn an_empty_batch_says_so() {
    let house = House::new("");
    house.write("trang/.an.html", "ẩn");
    let output = loaphuong(house.path(), &["try", "--batch", "trang"]);
    assert!(said(&output.stderr).contains("không có trang nào"), "{}", said(&output.stderr));
    assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0));
}

#[test]
fn a_broken_file_of_addresses_names_its_place() {
    let house = house();
    house.write("trang/urls.json", "{\n  \"a-list.html\": https\n}");
    let output = loaphuong(house.path(), &["try", "--batch", "trang"]);
    assert!(output.status.success() && said(&output.stderr).contains("urls.json:2:"), "{}", said(&output.stderr));
}

#[test]
fn an_address_that_is_none_is_told_in_vietnamese() {
    let house = House::new("");
    let output = loaphuong(house.path(), &["add", "http://256.256.256.256/tin"]);
    assert!(said(&output.stderr).contains("địa chỉ IPv4 không hợp lệ"), "{}", said(&output.stderr));
}
