use super::*;

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
    let text = |status: &str, body: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len()).into_bytes()
    };
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
        let site = Site::new(vec![
            ("/robots.txt", robots),
            ("/cam.txt", text("200 OK", "User-agent: loaphuong\nDisallow: /")),
            ("/tin", OK.into()),
        ])
        .await;
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
    let broken = Site::new(vec![(
        "/robots.txt",
        b"HTTP/1.1 503 Busy\r\nRetry-After: 60\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".to_vec(),
    )])
    .await;
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
