//! The web server among strangers: how often they may ask, how slowly, how much, and how many at once.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Empty};
use hyper_util::rt::{TokioExecutor, TokioIo};
use loaphuong::config::Config;
use loaphuong::web::Patience;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};

use crate::daemon::Daemon;
use crate::house::House;
use crate::http::{Answer, ask, send};

/// Nobody is waited for.
const NONE: Patience = Patience {
    head: Duration::from_millis(250),
    body: Duration::from_millis(250),
    stall: Duration::from_millis(250),
    life: Duration::from_secs(60),
};

fn house(server: &str) -> House {
    let house = House::new(&format!("[server]\nlisten = \"127.0.0.1:0\"\n{server}\n[[sources]]\nname = \"hoa-gao\"\npath = \"news\"\n"));
    house.write("news/2026-11-05-hop-to-dan-pho.txt", "Họp tổ dân phố số 4\n\n19 giờ 30 thứ Sáu, tại nhà văn hóa ngõ 15.\n");
    house
}

#[tokio::test]
async fn who_asks_too_often_is_told_when_to_come_again() {
    let house = house("trusted_proxies = []\nlimits = { feeds = 3, pages = 2, searches = 1, forms = 1 }");
    let daemon = Daemon::start(&house).await;
    let cases = [
        ("GET /feeds/hoa-gao.rss", 3, "20"),
        ("GET /livez", 2, "30"),
        ("GET /feeds/hoa-gao.rss?q=nuoc", 1, "60"),
        ("POST /push/subscribe", 1, "60"),
    ];
    for (request, allowed, wait) in cases {
        for _ in 0..allowed {
            assert_ne!(ask(daemon.address, request, &["content-length: 0"]).await.status, 429, "{request}");
        }
        // A stranger's word on whom it asks for is worth nothing.
        for more in ["accept: */*", "x-forwarded-for: 192.0.2.1", "forwarded: for=192.0.2.2"] {
            let answer = ask(daemon.address, request, &["content-length: 0", more]).await;
            assert_eq!((answer.status, answer.header("retry-after")), (429, wait), "{request} {more}");
            assert!(answer.text().contains("thử lại sau"), "{}", answer.text());
        }
    }
    daemon.end().await;
}

#[tokio::test]
async fn a_trusted_proxys_clients_are_counted_each_for_itself() {
    let house = house("trusted_proxies = [\"127.0.0.1\"]\nlimits = { feeds = 2 }");
    let daemon = Daemon::start(&house).await;
    let get = async |told: &str| ask(daemon.address, "GET /feeds/hoa-gao.rss", &[told]).await.status;
    for client in ["x-forwarded-for: 192.0.2.1", "forwarded: for=\"[2001:db8:1:1::1]:4711\";proto=https"] {
        assert_eq!((get(client).await, get(client).await, get(client).await), (200, 200, 429), "{client}");
    }
    assert_eq!(get("x-forwarded-for: 8.8.8.8, 192.0.2.1").await, 429, "what a client writes before its address changes nothing");
    assert_eq!(get("x-forwarded-for: 2001:db8:1:1:ffff::2").await, 429, "one network of IPv6 is one client");
    assert_eq!(get("x-forwarded-for: 192.0.2.9").await, 200);
    for _ in 0..5 {
        assert_eq!(get("accept: */*").await, 200, "the proxy itself");
    }
    daemon.end().await;
}

#[tokio::test]
async fn what_is_too_long_is_refused_by_its_name() {
    let house = house("");
    let daemon = Daemon::start(&house).await;
    let long = "a".repeat(9 << 10);
    assert_eq!(ask(daemon.address, &format!("GET /feeds/{long}"), &[]).await.status, 414);
    assert_eq!(ask(daemon.address, &format!("GET /?q={long}"), &[]).await.status, 414);
    let header = format!("x-long: {long}");
    assert_eq!(ask(daemon.address, "GET /feeds/hoa-gao.rss", &[&header, &header]).await.status, 431);
    let many: Vec<String> = (0..200).map(|n| format!("x-{n}: 1")).collect();
    assert_eq!(ask(daemon.address, "GET /", &many.iter().map(String::as_str).collect::<Vec<_>>()).await.status, 431);
    let told = ask(daemon.address, "POST /push/subscribe", &["content-type: application/json", "content-length: 100000"]).await;
    assert_eq!((told.status, told.header("connection")), (413, "close"), "before any of it is read");
    let pieces = format!("{:x}\r\n{}\r\n", 70_000, "a".repeat(70_000));
    let untold = format!("POST /push/subscribe HTTP/1.1\r\nhost: a\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n{pieces}");
    assert_eq!(send(daemon.address, untold.as_bytes()).await.status, 413);
    let other = ask(daemon.address, "GET /feeds/hoa-gao.rss", &[]).await;
    assert_eq!(other.status, 200, "and others are served: {}", other.text());
    daemon.end().await;
}

/// What comes back to a client that writes this and then nothing more.
async fn stalled(address: SocketAddr, written: &str) -> Answer {
    send(address, written.as_bytes()).await
}

#[tokio::test]
async fn who_is_too_slow_is_cut() {
    let house = house("");
    assert!(house.once().await.all_well());
    let daemon = Daemon::patient(&house, NONE).await;
    assert_eq!(
        stalled(daemon.address, "GET /feeds/hoa-gao.rss HTTP/1.1\r\nhost: a\r\nx-a: ").await.status,
        408,
        "a head that does not end"
    );
    assert_eq!(stalled(daemon.address, "").await.status, 0, "silence is answered by silence");
    assert_eq!(stalled(daemon.address, "PR").await.status, 0, "half a preface");
    let body = "POST /push/subscribe HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{";
    let answer = stalled(daemon.address, body).await;
    assert_eq!((answer.status, answer.header("connection")), (408, "close"), "a body that does not end");
    let again = stalled(daemon.address, "GET /livez HTTP/1.1\r\nhost: a\r\n\r\n").await;
    assert_eq!((again.status, again.text().as_str()), (200, "ok\n"), "a connection that is not used any more just ends");
    daemon.end().await;
}

#[tokio::test]
async fn a_head_that_comes_a_byte_at_a_time_is_cut_too() {
    let house = house("");
    assert!(house.once().await.all_well());
    let daemon = Daemon::patient(&house, NONE).await;
    let mut stream = TcpStream::connect(daemon.address).await.unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nx-a: ").await.unwrap();
    // Endless; ends when the server does not listen any more.
    while stream.write_all(b"a").await.is_ok() {
        tokio::task::yield_now().await;
        let mut answer = [0; 64];
        if let Ok(read @ 1..) = stream.try_read(&mut answer) {
            assert!(answer[..read].starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(&answer));
            break;
        }
    }
    daemon.end().await;
}

#[tokio::test]
async fn who_does_not_read_is_cut() {
    let house = house("trusted_proxies = []\nlimits = { connections = 1, feeds = 1000000 }");
    let long = format!("{}\n\n", "Nội dung cuộc họp được ghi lại đầy đủ để bà con theo dõi. ".repeat(3000));
    for number in 0..20 {
        house.write(&format!("news/2026-10-{:02}-bien-ban.txt", number + 1), &format!("Biên bản số {number}\n\n{long}"));
    }
    house.once().await;
    let daemon = Daemon::patient(&house, NONE).await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut idle = socket.connect(daemon.address).await.unwrap();
    idle.write_all(b"GET /feeds/hoa-gao.json HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    // The one connection that a client may have is free again when that one was cut.
    let mut tries = 0;
    while ask(daemon.address, "GET /feeds/hoa-gao.rss", &["accept-encoding: gzip"]).await.status != 200 {
        tries += 1;
        assert!(tries < 100_000, "it was never cut");
    }
    let mut read = Vec::new();
    idle.read_to_end(&mut read).await.ok();
    let whole = std::fs::metadata(house.path().join("feeds/hoa-gao.json")).unwrap().len();
    assert!((read.len() as u64) < whole, "{} of {whole}", read.len());
    daemon.end().await;
}

#[tokio::test]
async fn one_client_has_only_so_many_connections() {
    let house = house("trusted_proxies = []\nlimits = { connections = 2 }");
    let daemon = Daemon::start(&house).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(daemon.address).await.unwrap();
        stream.write_all(b"GET /livez HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        stream.readable().await.unwrap();
        open.push(stream);
    }
    let refused = ask(daemon.address, "GET /livez", &[]).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "10"));
    drop(open);
    let mut tries = 0;
    while ask(daemon.address, "GET /livez", &[]).await.status == 429 {
        tries += 1;
        assert!(tries < 100_000, "a place that was left is free again");
    }
    daemon.end().await;
}

#[tokio::test]
async fn http2_is_spoken_to_who_begins_with_it() {
    let house = house("");
    // What is read later would change the feed between two answers.
    assert!(house.once().await.all_well());
    let daemon = Daemon::start(&house).await;
    let stream = TcpStream::connect(daemon.address).await.unwrap();
    let (mut client, connection) = hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    let driving = tokio::spawn(connection);
    let request = |path: &str, tag: &str| {
        let uri = format!("http://{}{path}", daemon.address);
        hyper::Request::get(uri).header("if-none-match", tag).header("accept-encoding", "gzip").body(Empty::<Bytes>::new()).unwrap()
    };
    let first = client.send_request(request("/feeds/hoa-gao.rss", "\"x\"")).await.unwrap();
    assert_eq!((first.status().as_u16(), first.version()), (200, hyper::Version::HTTP_2));
    let tag = first.headers()["etag"].to_str().unwrap().to_owned();
    assert!(!first.into_body().collect().await.unwrap().to_bytes().is_empty());
    // Side by side on one connection, from memory and through the routes.
    let many = (0..20).map(|n| client.send_request(request(if n % 2 == 0 { "/feeds/hoa-gao.rss" } else { "/livez" }, &tag)));
    let statuses: Vec<u16> = futures_util::future::join_all(many).await.into_iter().map(|a| a.unwrap().status().as_u16()).collect();
    assert!(statuses.chunks(2).all(|two| two == [304, 200]), "{statuses:?}");
    drop(client);
    driving.await.unwrap().unwrap();
    daemon.end().await;
}

#[test]
fn what_the_config_says_of_the_door_is_checked() {
    let errors = |server: &str| {
        let config = format!("[server]\n{server}\n[[sources]]\nname = \"a\"\npath = \".\"\n");
        let house = House::new(&config);
        let loaded = Config::load(&house.path().join("config.toml"));
        loaded.err().map(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")).unwrap_or_default()
    };
    assert_eq!(errors("trusted_proxies = [\"10.0.0.0/8\", \"::1\"]\nlimits = { feeds = 10 }"), "");
    let wrong = errors("trusted_proxies = [\"10.0.0.0/8\", \"proxy\"]");
    assert!(wrong.contains(":2:34") && wrong.contains("10.0.0.0/8") && wrong.contains("`proxy` không phải"), "{wrong}");
    assert!(errors("limits = { feeds = 0 }").contains(":2:20"), "{}", errors("limits = { feeds = 0 }"));
    assert!(errors("limits = { feed = 1 }").contains("feeds"));
}

#[test]
fn a_former_name_that_another_feed_has_is_refused_with_its_place() {
    let two = "[[sources]]\nname = \"a\"\npath = \".\"\naliases = [\"cu\"]\n[[sources]]\nname = \"b\"\npath = \".\"\naliases = [\"cu\", \"a\", \"Sai\"]\n";
    let house = House::new(two);
    let errors = Config::load(&house.path().join("config.toml")).err().unwrap();
    let places: Vec<String> = errors.iter().map(|e| e.place.rsplit_once("config.toml").unwrap().1.to_owned()).collect();
    assert_eq!(places, [":8:12", ":8:18", ":8:23"], "{errors:?}");
}
