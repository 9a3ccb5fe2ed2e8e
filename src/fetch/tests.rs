#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::{Compression, write::GzEncoder};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;
const OK: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 3\r\nConnection: close\r\n\r\ntin";

/// A server on loopback that answers each path with fixed bytes and closes; what it does not
/// know is 404. It keeps the head of every request.
struct Site {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Site {
    async fn new(answers: Vec<(&'static str, Vec<u8>)>) -> Self {
        Self::with(move |_| answers).await
    }

    /// With answers that depend on its address.
    async fn with(answers: impl FnOnce(SocketAddr) -> Vec<(&'static str, Vec<u8>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (answers, heads) = (Arc::new(answers(address)), asked.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(answer_one(stream, answers.clone(), heads.clone()));
            }
        });
        Self { address, asked }
    }

    fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).unwrap()
    }

    /// The paths that were asked for, robots.txt left out.
    fn pages(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        let paths = asked.iter().map(|head| head.split(' ').nth(1).unwrap().to_owned());
        paths.filter(|path| path != "/robots.txt").collect()
    }
}

async fn answer_one(mut stream: TcpStream, answers: Arc<Vec<(&'static str, Vec<u8>)>>, asked: Arc<Mutex<Vec<String>>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let path = head.split(' ').nth(1).unwrap().to_owned();
    asked.lock().unwrap().push(head);
    let known = answers.iter().find(|(at, _)| *at == path);
    let answer = known.map_or(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".as_slice(), |(_, bytes)| bytes);
    // A client that has read enough hangs up.
    let _ = stream.write_all(answer).await;
    let _ = stream.shutdown().await;
}

fn fetcher(change: impl FnOnce(&mut Settings)) -> Fetcher {
    let mut settings = Settings { pause: Duration::ZERO, allow: vec!["127.0.0.1".parse().unwrap()], ..Settings::new("loaphuong/0 (+http://a.vn; mailto:a@a.vn)") };
    change(&mut settings);
    Fetcher::new(settings).unwrap()
}

async fn get(fetcher: &Fetcher, url: &Url) -> Result<Fetched, FetchError> {
    fetcher.get(url, &Validators::default(), NOW).await
}

/// What came of it, in short: a body, or the kind of error and a word of its cause.
async fn outcome(fetcher: &Fetcher, url: &Url) -> String {
    match get(fetcher, url).await {
        Ok(Fetched::Page { page, .. }) => format!("page {}", String::from_utf8_lossy(&page.body)),
        Ok(Fetched::NotModified) => "not modified".into(),
        Err(FetchError::Later { cause, .. }) => format!("later {cause}"),
        Err(FetchError::Gone { cause }) => format!("gone {cause}"),
        Err(FetchError::Refused { cause, .. }) => format!("refused {cause}"),
        Err(FetchError::TooBig { cause }) => format!("big {cause}"),
    }
}

async fn check(fetcher: &Fetcher, url: &Url, kind: &str, word: &str) {
    let found = outcome(fetcher, url).await;
    assert!(found.starts_with(kind) && found.contains(word), "{url}: {found}");
}

fn redirect(status: u16, to: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} Moved\r\nLocation: {to}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").into()
}

fn coded(coding: &str, body: &[u8]) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn what_servers_send_becomes_a_page_or_a_reason() {
    let html = |headers: &str, body: &str| format!("HTTP/1.1 200 OK\r\n{headers}Connection: close\r\n\r\n{body}").into_bytes();
    let table: Vec<(&str, Vec<u8>, &str, &str)> = vec![
        ("/tin", OK.into(), "page", "tin"),
        ("/khong-loai", html("Content-Length: 3\r\n", "tin"), "page", "tin"),
        ("/het-khi-dong", html("", "tin"), "page", "tin"),
        ("/thua", html("Content-Length: 3\r\n", "tin thừa"), "page tin", ""),
        ("/thieu", html("Content-Length: 50000\r\n", "tin"), "later", "dở dang"),
        ("/am", html("Content-Length: -1\r\n", "tin"), "later", "dở dang"),
        ("/hai-do-dai", html("Content-Length: 3\r\nContent-Length: 30\r\n", "tin"), "later", "dở dang"),
        ("/khuc", html("Transfer-Encoding: chunked\r\n", "3\r\ntin\r\n0\r\n\r\n"), "page", "tin"),
        ("/khuc-cut", html("Transfer-Encoding: chunked\r\n", "3\r\ntin\r\n"), "later", "dở dang"),
        ("/khuc-khong-lo", html("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFF\r\ntin"), "later", "dở dang"),
        ("/trong", html("Content-Length: 0\r\n", ""), "later", "trống"),
        ("/204", b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_vec(), "later", "trống"),
        ("/304", b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_vec(), "later", "304"),
        ("/410", b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(), "gone", "410"),
        ("/404", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(), "refused", "404"),
        ("/503", b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(), "later", "503"),
        ("/9.9", b"HTTP/9.9 abc\r\n\r\n".to_vec(), "later", "dở dang"),
        ("/dau-lon", html(&format!("X: {}\r\n", "a".repeat(4 << 20)), "tin"), "later", "dở dang"),
        ("/1000-cookie", html(&"Set-Cookie: a=b\r\n".repeat(1_000), "tin"), "page", "tin"),
        ("/2000-dau", html(&"X: y\r\n".repeat(2_000), "tin"), "later", "dở dang"),
        ("/pdf", html("Content-Type: application/pdf\r\n", "%PDF-"), "refused", "application/pdf"),
        ("/zip", html("Content-Type: text/html\r\n", "PK\x03\x04abc"), "refused", "zip"),
        ("/dong", b"".to_vec(), "later", "dở dang"),
        ("/gzip", coded("gzip", &gzip(b"tin")), "page", "tin"),
        ("/gzip-hai-lan", coded("gzip, gzip", &gzip(&gzip(b"tin"))), "refused", "gzip, gzip"),
        ("/gzip-gia", coded("gzip", b"<p>tin</p>"), "later", "dở dang"),
        ("/gzip-cut", coded("gzip", &gzip(&[7; 100_000])[..60]), "later", "dở dang"),
        ("/compress", coded("compress", b"tin"), "refused", "compress"),
        ("/bom", coded("gzip", &gzip(&vec![b' '; 64 << 20])), "big", "1 MiB"),
        ("/qua-1", html("", &"x".repeat((1 << 20) + 1)), "big", "1 MiB"),
    ];
    let site = Site::new(table.iter().map(|(path, bytes, ..)| (*path, bytes.clone())).collect()).await;
    let fetcher = fetcher(|s| s.size_cap = 1 << 20);
    for (path, _, kind, word) in &table {
        check(&fetcher, &site.url(path), kind, word).await;
    }
}

#[tokio::test]
async fn a_page_comes_with_what_the_next_request_needs() {
    let page = "HTTP/1.1 200 OK\r\nContent-Type: Text/HTML; charset=windows-1258\r\nETag: W/\"1\"\r\nLast-Modified: Fri, 01 Jan 2099 00:00:00 GMT\r\nSet-Cookie: a=b\r\nContent-Length: 3\r\nConnection: close\r\n\r\ntin";
    let site = Site::new(vec![("/tin", page.into()), ("/cu", b"HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n".to_vec())]).await;
    let fetcher = fetcher(|_| {});
    let mut url = site.url("/tin");
    url.set_username("bien-tap").unwrap();
    url.set_password(Some("mat-khau")).unwrap();
    let Ok(Fetched::Page { page, moved: None }) = get(&fetcher, &url).await else { panic!("no page") };
    assert_eq!((page.url, page.fetched), (site.url("/tin"), NOW));
    assert_eq!((page.media_type.as_deref(), page.charset.as_deref()), (Some("text/html"), Some("windows-1258")));
    let again = fetcher.get(&site.url("/cu"), &page.validators, NOW).await;
    assert!(matches!(again, Ok(Fetched::NotModified)), "{again:?}");
    let unsendable = Validators { etag: Some("\"a\r\nX-Evil: 1\"".into()), last_modified: None };
    assert!(fetcher.get(&site.url("/tin"), &unsendable, NOW).await.is_ok());
    let asked = site.asked.lock().unwrap();
    let head = |n: usize| asked[n].to_ascii_lowercase();
    assert!(head(0).starts_with("get /robots.txt ") && head(0).contains("user-agent: loaphuong/0 (+http://a.vn; mailto:a@a.vn)\r\n"));
    assert!(!head(1).contains("if-") && head(1).contains("accept-encoding: "));
    assert!(head(2).contains("if-none-match: w/\"1\"\r\n") && head(2).contains("if-modified-since: fri, 01 jan 2099 00:00:00 gmt\r\n"));
    assert!(!head(3).contains("if-") && !head(3).contains("x-evil"));
    assert!(asked.iter().all(|h| !h.to_ascii_lowercase().contains("cookie:") && !h.to_ascii_lowercase().contains("referer:")));
    assert_eq!(asked.len(), 4, "robots.txt is read once");
}

#[tokio::test]
async fn redirects_are_followed_five_times_and_never_inside() {
    let site = Site::with(|address| {
        let bare: [(&'static str, Vec<u8>); 15] = [
            ("/vong-a", redirect(302, "/vong-b")),
            ("/vong-b", redirect(302, "/vong-a")),
            ("/minh", redirect(302, "/minh")),
            ("/0", redirect(302, "/1")),
            ("/1", redirect(302, "/2")),
            ("/2", redirect(301, "/3")),
            ("/3", redirect(308, "/4")),
            ("/4", redirect(301, "/5")),
            ("/5", redirect(301, "/tin")),
            ("/tin", OK.into()),
            ("/noi-bo", redirect(302, &format!("http://127.0.0.2:{}/", address.port()))),
            ("/may-ao", redirect(301, "http://169.254.169.254/latest/meta-data/")),
            ("/tep", redirect(302, "file:///etc/passwd")),
            ("/khong-dau", b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec()),
            ("/hong", redirect(302, "http://[")),
        ];
        bare.into()
    })
    .await;
    let fetcher = fetcher(|_| {});
    check(&fetcher, &site.url("/vong-a"), "later", "vòng tròn").await;
    check(&fetcher, &site.url("/minh"), "later", "vòng tròn").await;
    check(&fetcher, &site.url("/0"), "later", "quá 5 lần").await;
    check(&fetcher, &site.url("/1"), "page", "tin").await;
    check(&fetcher, &site.url("/noi-bo"), "refused", "mạng nội bộ").await;
    check(&fetcher, &site.url("/may-ao"), "refused", "mạng nội bộ").await;
    check(&fetcher, &site.url("/tep"), "refused", "file:").await;
    check(&fetcher, &site.url("/khong-dau"), "later", "không đọc được").await;
    check(&fetcher, &site.url("/hong"), "later", "không đọc được").await;
    let moved = async |path: &str| match get(&fetcher, &site.url(path)).await {
        Ok(Fetched::Page { moved, page }) => (moved, page.url),
        other => panic!("{other:?}"),
    };
    assert_eq!(moved("/2").await, (Some(site.url("/tin")), site.url("/tin")));
    assert_eq!(moved("/1").await, (None, site.url("/tin")));
}

#[tokio::test]
async fn https_never_falls_back_to_http() {
    let response = |url: &str| {
        let answer = axum::http::Response::builder().status(301).header("location", url).body("").unwrap();
        Response::from(answer)
    };
    let mut trail = Trail::new(Url::parse("https://a.vn/").unwrap());
    assert!(matches!(trail.follow(&response("http://a.vn/")), Err(FetchError::Refused { .. })));
    assert_eq!(trail.follow(&response("https://b.vn/")), Ok(true));
    assert_eq!(trail.moved().unwrap().as_str(), "https://b.vn/");
}

#[tokio::test]
async fn a_host_that_asks_for_silence_gets_it() {
    let busy = "HTTP/1.1 429 Slow\r\nRetry-After: 3600\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    let site = Site::new(vec![("/tin", busy.into())]).await;
    let fetcher = fetcher(|_| {});
    let after = async |path: &str| match get(&fetcher, &site.url(path)).await {
        Err(FetchError::Later { after: Some(after), .. }) => after.as_secs(),
        other => panic!("{other:?}"),
    };
    assert_eq!(after("/tin").await, 3600);
    assert!((3500..=3600).contains(&after("/tin").await));
    assert!((3500..=3600).contains(&after("/khac").await));
    assert_eq!(site.pages(), ["/tin"]);
}

#[tokio::test]
async fn robots_txt_is_obeyed() {
    let text = |status: &str, body: &str| format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).into_bytes();
    let padded = format!("User-agent: *\nDisallow: /an\n{}\nDisallow: /tin", "#".repeat(600 << 10));
    let table: Vec<(Vec<u8>, &str, &str)> = vec![
        (text("200 OK", "User-agent: *\nDisallow: /"), "refused", "User-agent: * / Disallow: /"),
        (text("200 OK", "User-agent: *\nDisallow: /an"), "page", "tin"),
        (text("403 No", ""), "page", "tin"),
        (text("500 Oops", ""), "later", "robots.txt"),
        (text("200 OK", &padded), "page", "tin"),
        (redirect(302, "/robots.txt"), "page", "tin"),
        (redirect(302, "http://10.0.0.1/robots.txt"), "page", "tin"),
        (redirect(302, "/cam.txt"), "refused", "Disallow: /"),
        (b"".to_vec(), "later", "dở dang"),
    ];
    for (robots, kind, word) in table {
        let site = Site::new(vec![("/robots.txt", robots), ("/cam.txt", text("200 OK", "User-agent: loaphuong\nDisallow: /")), ("/tin", OK.into())]).await;
        check(&fetcher(|_| {}), &site.url("/tin"), kind, word).await;
        assert_eq!(site.pages().iter().any(|path| path == "/tin"), kind == "page", "{word}");
    }
}

#[tokio::test]
async fn robots_txt_is_asked_again_after_a_day_and_after_an_error() {
    let fetcher = fetcher(|_| {});
    let count = |site: &Site| site.asked.lock().unwrap().iter().filter(|head| head.starts_with("GET /robots.txt")).count();
    let site = Site::new(vec![("/tin", OK.into())]).await;
    for (hours, want) in [(0, 1), (23, 1), (24, 2)] {
        fetcher.get(&site.url("/tin"), &Validators::default(), NOW + chrono::TimeDelta::hours(hours)).await.unwrap();
        assert_eq!(count(&site), want, "{hours}");
    }
    let broken = Site::new(vec![("/robots.txt", b"HTTP/1.1 503 Busy\r\nRetry-After: 60\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec())]).await;
    for _ in 0..2 {
        let refused = get(&fetcher, &broken.url("/tin")).await;
        assert!(matches!(refused, Err(FetchError::Later { after: Some(_), .. })), "{refused:?}");
    }
    assert_eq!(count(&broken), 1, "Retry-After of robots.txt holds for the host");
}

#[tokio::test]
async fn a_host_is_asked_one_thing_at_a_time() {
    static NOW_INSIDE: AtomicUsize = AtomicUsize::new(0);
    static MOST_INSIDE: AtomicUsize = AtomicUsize::new(0);
    let app = axum::Router::new().fallback(|| async {
        let inside = NOW_INSIDE.fetch_add(1, Ordering::SeqCst) + 1;
        MOST_INSIDE.fetch_max(inside, Ordering::SeqCst);
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        NOW_INSIDE.fetch_sub(1, Ordering::SeqCst);
        "tin"
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let fetcher = fetcher(|_| {});
    let urls: Vec<_> = (0..20).map(|n| Url::parse(&format!("http://{address}/{n}")).unwrap()).collect();
    let all = futures_util::future::join_all(urls.iter().map(|url| get(&fetcher, url))).await;
    assert!(all.iter().all(Result::is_ok));
    assert_eq!(MOST_INSIDE.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_drip_a_silence_and_an_endless_head_end_in_time() {
    async fn drip(mut stream: TcpStream) {
        let mut head = [0; 1024];
        let read = stream.read(&mut head).await.unwrap_or_default();
        let path = String::from_utf8_lossy(&head[..read]).split(' ').nth(1).unwrap_or_default().to_owned();
        let (start, drop): (&str, &str) = match path.as_str() {
            "/giot" => ("HTTP/1.1 200 OK\r\n\r\n", "x"),
            "/100" => ("", "HTTP/1.1 100 Continue\r\n\r\n"),
            "/im" => return std::future::pending().await,
            _ => ("HTTP/1.1 404 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", ""),
        };
        let mut ticks = tokio::time::interval(Duration::from_millis(5));
        let mut sent = stream.write_all(start.as_bytes()).await;
        while sent.is_ok() && !drop.is_empty() {
            ticks.tick().await;
            sent = stream.write_all(drop.as_bytes()).await;
        }
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(drip(stream));
        }
    });
    let fetcher = fetcher(|s| s.timeout = Duration::from_millis(300));
    for path in ["/giot", "/im", "/100"] {
        check(&fetcher, &Url::parse(&format!("http://{address}{path}")).unwrap(), "later", "quá chậm").await;
    }
}

#[tokio::test]
async fn nothing_is_sent_to_a_private_address() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let fetcher = fetcher(|s| s.allow = vec!["127.0.0.1:1".parse().unwrap()]);
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1"] {
        let url = Url::parse(&format!("http://{host}:{port}/")).unwrap();
        check(&fetcher, &url, "refused", "mạng nội bộ").await;
        for scheme in ["http", "https"] {
            let url = Url::parse(&format!("{scheme}://{host}:{port}/")).unwrap();
            assert!(fetcher.guarded_client().post(url).body("x").send().await.is_err());
        }
    }
    assert_eq!(listener.accept().map_err(|e| e.kind()).unwrap_err(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn a_guarded_client_reaches_what_is_listed_and_follows_nothing() {
    let site = Site::new(vec![("/hook", redirect(302, "/khac")), ("/khac", OK.into())]).await;
    let port = site.address.port();
    for (listed, host) in [(format!("127.0.0.1:{port}"), "127.0.0.1"), (format!("localhost:{port}"), "localhost")] {
        let client = fetcher(|s| s.allow = vec![listed.parse().unwrap()]).guarded_client();
        let response = client.get(format!("http://{host}:{port}/hook")).send().await.unwrap();
        assert_eq!(response.status(), 302);
    }
}

#[tokio::test]
async fn a_name_is_dialled_only_at_the_port_that_is_listed() {
    let site = Site::new(vec![("/tin", OK.into())]).await;
    let port = site.address.port();
    let url = Url::parse(&format!("http://localhost:{port}/tin")).unwrap();
    for (listed, kind) in [(format!("127.0.0.1:{port}"), "page"), (format!("localhost:{port}"), "page"), ("localhost:1".to_owned(), "refused")] {
        check(&fetcher(|s| s.allow = vec![listed.parse().unwrap()]), &url, kind, "").await;
    }
}

#[tokio::test]
async fn a_server_without_tls_or_at_all_is_named_without_the_password() {
    let plain = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = plain.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = plain.accept().await {
            let _ = stream.write_all(OK.as_bytes()).await;
        }
    });
    let fetcher = fetcher(|_| {});
    check(&fetcher, &Url::parse(&format!("https://{address}/")).unwrap(), "later", "không nói TLS").await;
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let url = Url::parse(&format!("http://a:mat-khau@{closed}/")).unwrap();
    let found = outcome(&fetcher, &url).await;
    assert!(found.starts_with("later không kết nối được") && !found.contains("mat-khau"), "{found}");
}

#[tokio::test]
async fn a_folder_of_the_config_is_read_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("a.txt"), "tin").unwrap();
    let fetcher = fetcher(|_| {});
    let url = Url::from_file_path(dir.path().join("a.txt")).unwrap();
    check(&fetcher, &url, "refused", "cấu hình").await;
    fetcher.permit_folder(dir.path());
    check(&fetcher, &url, "page", "tin").await;
    check(&fetcher, &Url::from_directory_path(dir.path()).unwrap(), "page", "a.txt\t").await;
    check(&fetcher, &Url::parse("file:///etc/passwd").unwrap(), "refused", "/etc/passwd").await;
}
