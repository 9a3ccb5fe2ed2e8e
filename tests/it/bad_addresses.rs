//! Bad addresses of sites, each by its id: refused where they are written, and again when they are
//! asked for, before a byte leaves.

use std::net::TcpListener;
use std::process::Command;

use chrono::Utc;
use loaphuong::config::Config;
use loaphuong::fetch::{FetchError, Fetcher, Settings};
use loaphuong::page::Validators;
use loaphuong::source::discover;
use url::Url;

use crate::fakes::{Portal, Reply};
use crate::flow::{CHANNEL, config, telegram, to};
use crate::house::House;

fn block(address: &str) -> String {
    format!("[[sources]]\nname = \"a\"\nurl = {}\n", toml::Value::String(address.to_owned()))
}

/// The faults of a config with this address; empty where there are none.
fn faults(address: &str) -> String {
    let house = House::new(&block(address));
    let loaded = Config::load(&house.path().join("config.toml"));
    loaded.err().map(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")).unwrap_or_default()
}

fn accepted(address: &str) -> Config {
    House::new(&block(address)).config()
}

/// Addresses of this machine and of private networks, however they are written.
const PRIVATE: [&str; 39] = [
    "http://127.0.0.1/",
    "http://127.254.254.254/",
    "http://2130706433/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://0/",
    "http://0.0.0.0/",
    "http://[::1]/",
    "http://[::]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:169.254.169.254]/",
    "http://[2002:c0a8:0001::1]/",
    "http://[64:ff9b::c0a8:1]/",
    "http://[64:ff9b:1::1]/",
    "http://[fd00::1]/",
    "http://[fd7a:115c:a1e0::1]/",
    "http://[fe80::1]/",
    "http://[5f00::1]/",
    "http://169.254.169.254/latest/meta-data/",
    "http://169.254.169.254./",
    "http://10.0.0.1/",
    "http://172.31.255.255/",
    "http://192.168.1.1/router",
    "http://100.64.0.1/",
    "http://198.18.0.1/",
    "http://203.0.113.5/",
    "http://224.0.0.1/",
    "http://255.255.255.255/",
    "http://240.1.1.1/",
    "http://①②⑦.⓪.⓪.①/",
    "http://127。0。0。1/",
    "http://thoquan.example@127.0.0.1/",
    "http://127.0.0.1#@thoquan.example/",
    "http://localhost/",
    "http://localhost./",
    "http://LOCALHOST/",
    "http:127.0.0.1/",
    "http:///127.0.0.1/",
];

#[tokio::test]
async fn url_001_to_039_a_private_address_is_refused_twice_and_sent_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let fetcher = Fetcher::new(Settings::new("loaphuong/0 (+https://phuong.example; mailto:a@phuong.example)")).unwrap();
    for (at, address) in PRIVATE.iter().enumerate() {
        let id = format!("url-{:03}", at + 1);
        let told = faults(address);
        assert!(told.contains("config.toml:3:") && told.contains("mạng nội bộ"), "{id} {address}: {told:?}");
        let mut url = Url::parse(address).unwrap();
        url.set_port(Some(port)).unwrap();
        let asked = fetcher.get(&url, &Validators::default(), Utc::now()).await;
        assert!(matches!(&asked, Err(FetchError::Refused { cause, .. }) if cause.contains("mạng nội bộ")), "{id} {address}: {asked:?}");
    }
    assert_eq!(listener.accept().map_err(|e| e.kind()).unwrap_err(), std::io::ErrorKind::WouldBlock);
}

#[test]
fn url_040_to_060_what_is_no_web_address_is_told_where_it_stands() {
    let long = format!("http://thoquan.example/{}", "a".repeat(8_192));
    let cases = [
        ("url-040", "file:///etc/passwd", "file:"),
        ("url-041", "gopher://127.0.0.1:6379/_INFO", "gopher:"),
        ("url-042", "ftp://thoquan.example/", "ftp:"),
        ("url-043", "data:text/html,<h1>x", "data:"),
        ("url-044", "javascript:alert(1)", "javascript:"),
        ("url-045", "blob:http://x/1", "blob:"),
        ("url-046", "http+unix://%2Fvar%2Frun%2Fdocker.sock/", "http+unix:"),
        ("url-047", "ws://thoquan.example/", "ws:"),
        ("url-048", "", "chưa điền"),
        ("url-049", "   ", "chưa điền"),
        ("url-050", "thoquan.hanoi.gov.vn/tin-tuc", "https://thoquan.hanoi.gov.vn/tin-tuc"),
        ("url-051", "/tin-tuc", "https://"),
        ("url-052", "http://xn--/", "viết chưa đúng"),
        ("url-053", "http://256.256.256.256/", "viết chưa đúng"),
        ("url-054", "http://1.2.3.4.5/", "viết chưa đúng"),
        ("url-055", "http://[fe80::1%25eth0]/", "viết chưa đúng"),
        ("url-056", "http://thoquan.example:0/", "cổng"),
        ("url-057", "http://thoquan.example:99999/", "viết chưa đúng"),
        ("url-058", "http://thoquan.example/\r\nX-Evil: 1", "ký tự điều khiển"),
        ("url-059", "http://thoquan.example/\0", "ký tự điều khiển"),
        ("url-060", &long, "dài quá"),
    ];
    for (id, address, word) in cases {
        let told = faults(address);
        assert!(told.contains("config.toml:3:") && told.contains(word), "{id}: {told:.400}");
    }
}

#[test]
fn url_061_a_name_with_accents_is_asked_for_in_ascii() {
    let home = accepted("http://thô-quan.vn/").sources[0].source.home().unwrap();
    assert_eq!(home.host_str(), Some("xn--th-quan-u0a.vn"));
    assert_eq!(accepted("http://thô-quan.vn/").sources[0].address(), "http://thô-quan.vn/", "and shown as it was typed");
}

#[test]
fn url_062_a_name_that_mixes_alphabets_is_warned_of() {
    let warnings = |address: &str| accepted(address).warnings.iter().map(ToString::to_string).collect::<String>();
    let told = warnings("http://thoqu\u{430}n.hanoi.gov.vn/");
    assert!(told.contains("config.toml:3:") && told.contains("xn--"), "{told}");
    assert_eq!(warnings("http://thô-quan.vn/"), "");
    assert_eq!(warnings("http://thoquan.hanoi.gov.vn/tin/\u{430}"), "");
}

#[tokio::test]
async fn url_063_a_password_in_an_address_is_told_to_nobody() {
    let (portal, telegram) = (Portal::ward().await, telegram().await);
    let plain = config(&portal, &telegram, &to(CHANNEL, "welcome = 1"));
    let house = House::new(&plain.replace("url = \"http://", "url = \"http://bien-tap:mat-khau-kin@"));
    assert!(house.once().await.all_well());
    portal.fail_always(Reply::status(403));
    let outcome = house.once().await;
    assert!(outcome.rounds[0].cause.is_some() && !format!("{outcome:?}").contains("mat-khau-kin"), "{outcome:?}");
    for ending in ["rss", "atom", "json"] {
        let feed = house.read(&format!("feeds/hoa-gao.{ending}"));
        assert!(!feed.is_empty() && !feed.contains("mat-khau-kin"), "{ending}: {feed}");
    }
    assert!(telegram.texts_in(CHANNEL).iter().all(|text| !text.contains("mat-khau-kin")));
    let store = house.store().await;
    let health = format!("{:?}", store.health().await.unwrap());
    store.close().await;
    assert!(!health.contains("mat-khau-kin"), "{health}");
}

#[test]
fn url_064_and_065_a_port_and_tracking_are_accepted() {
    for usual in ["http://thoquan.example:8080/", "https://thoquan.example:8999/", "http://thoquan.example:443/"] {
        assert_eq!(faults(usual), "", "{usual}");
    }
    for odd in ["http://thoquan.example:9090/", "http://thoquan.example:7999/", "https://thoquan.example:22/", "http://8.8.8.8:9000/"] {
        let told = faults(odd);
        assert!(told.contains("config.toml:3:") && told.contains("[fetch] allow"), "{odd}: {told}");
    }
    let listed = "[fetch]\nallow = [\"thoquan.example:9090\", \"8.8.8.8:9000\"]\n";
    for meant in ["http://thoquan.example:9090/", "http://8.8.8.8:9000/"] {
        House::new(&format!("{listed}{}", block(meant))).config();
    }
    assert_eq!(faults("http://thoquan.example/?utm_source=x&sid=1"), "");
    let key = |address: &str| discover::key(&address.parse().unwrap());
    assert_eq!(key("http://thoquan.example/tin?utm_source=x&id=1"), key("https://www.thoquan.example/tin?id=1"));
}

#[tokio::test]
async fn url_072_a_proxy_of_the_environment_is_not_asked() {
    let (portal, proxy) = (Portal::ward().await, Portal::start().await);
    let house = House::new(&format!("[fetch]\nallow = [\"{}\"]\npause = \"0s\"\n", portal.host()));
    let mut program = Command::new(env!("CARGO_BIN_EXE_loaphuong"));
    program.args(["try", &portal.url("/tin-tuc"), "--json"]).current_dir(house.path()).env_remove("LOAPHUONG_CONFIG");
    for name in ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"] {
        program.env(name, proxy.url(""));
    }
    let output = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(!portal.hits_to("/tin-tuc").is_empty() && proxy.hits().is_empty());
}
