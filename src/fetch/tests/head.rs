use super::*;
use crate::page::About;

fn answer(head: &str) -> Vec<u8> {
    format!("HTTP/1.1 {head}\r\nConnection: close\r\n\r\n").into_bytes()
}

#[tokio::test]
async fn a_file_is_asked_about_without_its_body() {
    let site = Site::new(vec![
        ("/a.pdf", answer("200 OK\r\nContent-Type: Application/PDF; x=y\r\nContent-Length: 52100")),
        ("/b", answer("302 Found\r\nLocation: /a.pdf\r\nContent-Length: 0")),
        ("/c.doc", answer("200 OK\r\nContent-Type: application/msword\r\nContent-Encoding: gzip\r\nContent-Length: 9")),
        ("/d.pdf", answer("405 Method Not Allowed\r\nContent-Length: 0")),
        ("/e.pdf", answer("200 OK\r\nContent-Length: viel")),
        ("/robots.txt", answer("200 OK\r\nContent-Length: 30").into_iter().chain(*b"User-agent: *\nDisallow: /cam/ \n").collect()),
    ])
    .await;
    let fetcher = fetcher(|_| {});
    let told = |media_type: Option<&str>, length| About { media_type: media_type.map(str::to_owned), length };
    for (path, want) in [
        ("/a.pdf", told(Some("application/pdf"), Some(52_100))),
        ("/b", told(Some("application/pdf"), Some(52_100))),
        ("/c.doc", told(Some("application/msword"), None)),
        ("/e.pdf", told(None, None)),
    ] {
        assert_eq!(fetcher.head(&site.url(path), NOW).await, Ok(want), "{path}");
    }
    assert!(matches!(fetcher.head(&site.url("/d.pdf"), NOW).await, Err(FetchError::Refused { status: Some(405), .. })));
    assert!(matches!(fetcher.head(&site.url("/cam/a.pdf"), NOW).await, Err(FetchError::Refused { status: None, .. })));
    let heads = site.asked.lock().unwrap().iter().filter(|head| head.starts_with("HEAD ")).count();
    assert_eq!(heads, 6, "one for each hop, none where robots.txt forbids");
    let private = super::fetcher(|settings| settings.allow.clear()).head(&site.url("/a.pdf"), NOW).await;
    assert!(private.is_err());
}
