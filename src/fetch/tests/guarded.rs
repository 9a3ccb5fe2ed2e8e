use super::*;

#[tokio::test]
async fn nothing_is_sent_to_a_private_address() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    let fetcher = fetcher(|s| s.allow = vec!["127.0.0.1:1".parse().unwrap()]);
    let open = Guarded::client(&fetcher, &Url::parse("https://thoquan.example/").unwrap()).unwrap();
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0x7f.1"] {
        let url = Url::parse(&format!("http://{host}:{port}/")).unwrap();
        check(&fetcher, &url, "refused", "mạng nội bộ").await;
        for scheme in ["http", "https"] {
            let url = Url::parse(&format!("{scheme}://{host}:{port}/")).unwrap();
            assert!(Guarded::client(&fetcher, &url).is_err());
            assert!(open.post(url).body("x").send().await.is_err());
        }
    }
    assert_eq!(listener.accept().map_err(|e| e.kind()).unwrap_err(), std::io::ErrorKind::WouldBlock);
}

#[tokio::test]
async fn a_guarded_client_reaches_what_is_listed_as_a_source_does_and_follows_nothing() {
    let site = Site::new(vec![("/hook", redirect(302, "/khac")), ("/khac", OK.into())]).await;
    let port = site.address.port();
    let number = format!("127.0.0.1:{port}");
    for (listed, host) in [(&number, "127.0.0.1"), (&number, "localhost"), (&format!("localhost:{port}"), "localhost")] {
        let url = Url::parse(&format!("http://{host}:{port}/hook")).unwrap();
        let client = Guarded::client(&fetcher(|s| s.allow = vec![listed.parse().unwrap()]), &url).unwrap();
        let response = client.get(url).send().await.unwrap();
        assert_eq!(response.status(), 302);
    }
}

#[tokio::test]
async fn a_name_is_dialled_only_at_the_port_that_is_listed() {
    let site = Site::new(vec![("/tin", OK.into())]).await;
    let port = site.address.port();
    let url = Url::parse(&format!("http://localhost:{port}/tin")).unwrap();
    for (listed, kind) in
        [(format!("127.0.0.1:{port}"), "page"), (format!("localhost:{port}"), "page"), ("localhost:1".to_owned(), "refused")]
    {
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
