//! Servers that mean no good: none of them holds memory or time, and what surely was not sent is
//! told so, for a doubt costs a letter.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::atomic::{AtomicUsize, Ordering};

use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::time::interval;
use tokio_rustls::TlsAcceptor;

use super::super::bounded::MOST;
use super::*;
use crate::channel::scripted::word;

/// How a server ends what it says at the last stage that it reaches.
#[derive(Debug, Clone, Copy)]
enum Does {
    /// A line without an end.
    EndlessLine,
    /// Lines without an end to them.
    EndlessLines,
    /// A byte now and then, for ever.
    Drips,
    /// Nothing more.
    Hangs,
}

/// The certificate of 127.0.0.1 and its key, for these tests alone.
const CERTIFICATE: &str = "MIIBZzCCAQ2gAwIBAgIBATAKBggqhkjOPQQDAjAbMRkwFwYDVQQDDBBtYWlsLmRhbi5leGFtcGxlMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAx\
    MDAwMDAwWjAbMRkwFwYDVQQDDBBtYWlsLmRhbi5leGFtcGxlMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE9REv/G6cfYvlgDBpNneSlakugWq2dMRgfRK6uLs3ZQfB\
    6beFM+wRwNHW86wCmM3w58Nit7ffVbNiKgkkQJMpr6NAMD4wDwYDVR0RBAgwBocEfwAAATAMBgNVHRMBAf8EAjAAMB0GA1UdDgQWBBQFQAo7EHZXDNnn8/hMC699Xd33\
    kzAKBggqhkjOPQQDAgNIADBFAiEAq6Qln8+zgyZ4YnA1SFy6nGaIF+Wkobg105Lxux6qljsCIECZH7YWWhmAiTH0W3YQ5H1v0NOQJmSIpY3XqeeIiUQ3";
const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgPR1DX6YQyMiSBxi1kOSlUBfcDJdQT+lf13Iu+cyfvCGhRANCAAT1ES/8bpx9i+WAMGk2d5KVqS6B\
    arZ0xGB9Erq4uzdlB8Hpt4Uz7BHA0dbzrAKYzfDnw2K3t99Vs2IqCSRAkymv";

/// The same server with TLS from the first byte, and what trusts it.
async fn wrapped(well: usize, then: Does) -> Post {
    let certificate = CertificateDer::from(STANDARD.decode(CERTIFICATE).unwrap());
    let key = PrivateKeyDer::try_from(STANDARD.decode(KEY).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_no_client_auth().with_single_cert(vec![certificate.clone()], key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        serve(acceptor.accept(stream).await.unwrap(), well, then).await;
    });
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let trusting = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let trusting = trusting.with_root_certificates(roots).with_no_client_auth();
    Post::new(Server { host: "127.0.0.1".to_owned(), port, tls: Tls::Wrapped }, None, "phuong.example", &trusting).unwrap()
}

/// A server that is well until it has answered so many commands, the greeting among them.
async fn server(well: usize, then: Does) -> (Server, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counted = connections.clone();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(serve(stream, well, then));
        }
    });
    (Server { host: "127.0.0.1".to_owned(), port, tls: Tls::None }, connections)
}

const REPLIES: [&str; 6] =
    ["220 mail.dan.example\r\n", "250 mail.dan.example\r\n", "250 ok\r\n", "250 ok\r\n", "354 go on\r\n", "250 queued\r\n"];

async fn serve<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, well: usize, then: Does) {
    for reply in REPLIES.iter().take(well) {
        stream.write_all(reply.as_bytes()).await.unwrap();
        let read = stream.read(&mut [0; 4096]).await.unwrap();
        assert!(read > 0, "hung up after {reply}");
    }
    match then {
        Does::EndlessLine => while stream.write_all(&[b'2'; 4096]).await.is_ok() {},
        Does::EndlessLines => {
            let line = format!("250-{}\r\n", "x".repeat(900));
            while stream.write_all(line.as_bytes()).await.is_ok() {}
        }
        Does::Drips => {
            let mut ticks = interval(Duration::from_millis(5));
            while stream.write_all(b"2").await.is_ok() {
                ticks.tick().await;
            }
        }
        Does::Hangs => std::future::pending().await,
    }
}

fn post(server: Server) -> Post {
    rustls::crypto::ring::default_provider().install_default().ok();
    Post::new(server, None, "phuong.example", &crate::tls::client_config().unwrap()).unwrap()
}

/// One with little patience.
fn hasty(server: Server) -> Post {
    let short = Duration::from_millis(100);
    Post { patience: Patience { address: short, step: short, before: short * 2, letter: short, tidying: short }, ..post(server) }
}

async fn sent(post: &Post) -> Result<(), SendError> {
    let (from, to) = ("loa@phuong.example".parse().unwrap(), "an@dan.example".parse().unwrap());
    post.send(&from, &to, b"Subject: x\r\n\r\nx\r\n").await
}

/// What becomes of a letter by the stage at which a server turns bad.
const STAGES: [(usize, &str); 6] = [(0, "down"), (1, "down"), (2, "retry"), (3, "retry"), (4, "retry"), (5, "doubt")];

#[tokio::test]
async fn an_endless_reply_is_cut_off_at_every_stage() {
    for (well, want) in STAGES {
        for does in [Does::EndlessLine, Does::EndlessLines] {
            let (server, _) = server(well, does).await;
            let told = sent(&post(server)).await.unwrap_err();
            let cut = [phrases::email_endless(), "SMTP response too large", "SMTP response line too long"];
            assert_eq!(word(&told), want, "{well} {does:?}: {told:?}");
            let told = told.cause();
            assert!(cut.iter().any(|words| told.contains(words)), "{well} {does:?}: not cut off for its length: {told}");
        }
    }
}

#[tokio::test]
async fn a_letter_goes_by_tls_from_the_first_byte_and_an_endless_reply_is_cut_off_there_too() {
    assert_eq!(sent(&wrapped(6, Does::Hangs).await).await, Ok(()));
    let told = sent(&wrapped(0, Does::EndlessLine).await).await.unwrap_err();
    assert!(word(&told) == "down" && told.clone().cause().contains(phrases::email_endless()), "{told:?}");
}

#[tokio::test]
async fn a_server_that_drips_or_hangs_is_left_at_every_stage() {
    for (well, want) in STAGES {
        for does in [Does::Drips, Does::Hangs] {
            let (server, _) = server(well, does).await;
            let told = sent(&hasty(server)).await.unwrap_err();
            assert_eq!(word(&told), want, "{well} {does:?}: {told:?}");
        }
    }
}

#[tokio::test]
async fn a_letter_that_found_no_free_connection_was_surely_not_sent() {
    let (server, connections) = server(0, Does::Hangs).await;
    let post = hasty(server);
    let _others = post.places.acquire_many(u32::try_from(CONNECTIONS).unwrap()).await.unwrap();
    let told = sent(&post).await.unwrap_err();
    assert_eq!((word(&told).as_str(), connections.load(Ordering::SeqCst)), ("retry", 0), "{told:?}");
}

#[tokio::test]
async fn a_look_at_a_server_that_never_says_goodbye_ends() {
    let (server, _) = server(5, Does::Drips).await;
    let post = hasty(server);
    let (from, to): (lettre::Address, lettre::Address) = ("loa@phuong.example".parse().unwrap(), "an@dan.example".parse().unwrap());
    let told = post.check(&from, vec![(Address::new("thu", "an@dan.example"), to)]).await;
    assert_eq!(told.first().and_then(|checked| checked.holds), Some(true), "{told:?}");
}

#[test]
fn a_letter_takes_less_than_a_send_may_take() {
    let Patience { before, letter, tidying, .. } = PATIENCE;
    assert!(before + letter + tidying <= TOTAL && TOTAL < Duration::from_secs(60));
}

#[tokio::test]
async fn no_more_is_read_than_a_step_has_room_for() {
    let room = Room::new();
    let mut bounded = Bounded::new(tokio::io::join(tokio::io::repeat(b'2'), tokio::io::sink()), ([127, 0, 0, 1], 25).into(), room.clone());
    for _ in 0..2 {
        let mut said = Vec::new();
        let told = bounded.read_to_end(&mut said).await.unwrap_err();
        assert!(said.len() < MOST + 65_536 && said.len() >= MOST, "{}", said.len());
        assert_eq!(told.to_string(), phrases::email_endless());
        room.renew();
    }
}
