//! Sites whose certificates or TLS cannot be trusted, each by its id, over real sockets and by the
//! real program: refused in words that say what is wrong, and nothing of the page is read.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use crate::house::House;
use crate::trying::said;

/// A list as a ward shows it.
const LIST: &str = "<html><body><h1>Tin tức</h1><ul><li><a href=\"/tin/1.html\">Tạm ngừng cấp nước</a> 05/11/2026</li></ul></body></html>";
/// The alert of a server that speaks no newer version than TLS 1.0 (RFC 8446, 6: fatal, 70).
const TOO_NEW: [u8; 7] = [21, 3, 1, 0, 2, 2, 70];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tls").join(name)
}

/// A server with this certificate; returns its port.
async fn site(certificate: &str) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let chain = vec![CertificateDer::from_pem_file(fixture(certificate)).unwrap()];
    let key = PrivateKeyDer::from_pem_file(fixture("server.key")).unwrap();
    let versions = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let config = versions.with_no_client_auth().with_single_cert(chain, key).unwrap();
    let (acceptor, listener) = (TlsAcceptor::from(Arc::new(config)), TcpListener::bind("127.0.0.1:0").await.unwrap());
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            // Who does not trust it goes away.
            let Ok(mut stream) = acceptor.accept(stream).await else { continue };
            let mut request = [0; 4_096];
            let asked = stream.read(&mut request).await.unwrap_or_default();
            let robots = request[..asked].starts_with(b"GET /robots.txt");
            let (status, body) = if robots { ("404 Not Found", "") } else { ("200 OK", LIST) };
            let head =
                format!("HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
            stream.write_all(format!("{head}{body}").as_bytes()).await.ok();
            stream.shutdown().await.ok();
        }
    });
    port
}

/// A server that speaks TLS 1.0 alone: it says so to whoever offers something newer.
async fn old_site() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut hello = [0; 4_096];
            if stream.read(&mut hello).await.is_ok_and(|read| read > 0) {
                stream.write_all(&TOO_NEW).await.ok();
            }
            stream.shutdown().await.ok();
        }
    });
    port
}

/// The program looks at the list of a site, and trusts the authority of the fixtures; `also` stands
/// in its config.
async fn tried(port: u16, also: &str) -> Output {
    let house = House::new(&format!("[fetch]\nallow = [\"127.0.0.1:{port}\"]\npause = \"0s\"\n{also}"));
    let mut program = Command::new(env!("CARGO_BIN_EXE_loaphuong"));
    program.args(["try", &format!("https://127.0.0.1:{port}/tin-tuc")]).current_dir(house.path());
    program.env_remove("LOAPHUONG_CONFIG").env_remove("SSL_CERT_DIR").env("SSL_CERT_FILE", fixture("authority.pem"));
    tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap()
}

fn all_said(output: &Output) -> String {
    format!("{}{}", said(&output.stdout), said(&output.stderr))
}

#[tokio::test]
async fn http_040_to_043_a_site_that_cannot_be_trusted_is_refused_in_plain_words() {
    let cases = [
        ("http-040", site("expired.pem").await, "hết hạn"),
        ("http-041", site("other-name.pem").await, "tên miền khác"),
        ("http-042", site("no-chain.pem").await, "chứng thư trung gian"),
        ("http-042", site("self-signed.pem").await, "TLS"),
        ("http-043", old_site().await, "TLS 1.2"),
    ];
    for (id, port, want) in cases {
        let output = tried(port, "").await;
        let told = all_said(&output);
        assert!(!output.status.success() && told.contains(want), "{id}: {told}");
        assert!(!told.contains("Tạm ngừng cấp nước"), "{id}: nothing of the page is believed: {told}");
    }
    let told = all_said(&tried(site("well.pem").await, "").await);
    assert!(told.contains("Tạm ngừng cấp nước"), "the same page of a site that is well: {told}");
}

/// A source of this host that names a file of certificates.
fn naming(url: &str, file: &Path) -> String {
    format!("[[sources]]\nname = \"phuong\"\n{url}ca_file = {:?}\n", file.display().to_string())
}

#[tokio::test]
async fn http_042_a_certificate_that_a_server_forgets_is_named_for_its_source_alone() {
    let here = "url = \"https://127.0.0.1/tin-tuc\"\n";
    let cases = [
        ("the missing one is named", site("no-chain.pem").await, here, "intermediate.pem", "Tạm ngừng cấp nước"),
        ("for another host", site("no-chain.pem").await, "url = \"https://phuong.example/\"\n", "intermediate.pem", "ca_file"),
        ("what it did not sign is refused", site("self-signed.pem").await, here, "intermediate.pem", "TLS"),
        ("dates count as ever", site("expired.pem").await, here, "intermediate.pem", "hết hạn"),
        ("names count as ever", site("other-name.pem").await, here, "intermediate.pem", "tên miền khác"),
    ];
    for (what, port, url, file, want) in cases {
        let url = url.replace("127.0.0.1", &format!("127.0.0.1:{port}"));
        let told = all_said(&tried(port, &naming(&url, &fixture(file))).await);
        assert!(told.contains(want), "{what}: {told}");
        assert_eq!(told.contains("Tạm ngừng cấp nước"), want.starts_with("Tạm"), "{what}: {told}");
    }
}

#[tokio::test]
async fn http_042_a_ca_file_that_is_of_no_use_is_told_where_it_stands() {
    let page = "url = \"https://phuong.example/\"\n";
    let cases = [
        (page, fixture("nothing.pem"), "nothing.pem"),
        (page, fixture("make.sh"), "PEM"),
        (page, fixture("server.key"), "PEM"),
        ("kind = \"folder\"\npath = \".\"\n", fixture("intermediate.pem"), "`url`"),
    ];
    for (url, file, want) in cases {
        let output = tried(1, &naming(url, &file)).await;
        let told = all_said(&output);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains("config.toml:") && told.contains(want), "{}: {told}", file.display());
    }
}
