use super::*;

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
        ("/bom", coded("gzip", &gzip(&vec![b' '; 16 << 20])), "big", "1 MiB"),
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
