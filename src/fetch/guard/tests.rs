#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::path::PathBuf;

use super::*;

fn allow(lines: &[&str]) -> Vec<Allowed> {
    lines.iter().map(|line| line.parse().unwrap()).collect()
}

#[test]
fn only_global_unicast_is_public() {
    for ip in [
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.254.254.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.5",
        "224.0.0.1",
        "239.255.255.255",
        "240.1.1.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::c0a8:1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:1ff::1",
        "2001:db8::1",
        "2002:c0a8:1::1",
        "2002:808:808::1",
        "3fff::1",
        "4000::1",
        "5f00::1",
        "fc00::1",
        "fd7a:115c:a1e0::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ] {
        assert!(!permitted(ip.parse().unwrap(), 80, &[]), "{ip}");
    }
    for ip in [
        "8.8.8.8",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "198.17.0.1",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "64:ff9b::808:808",
        "2001:200::1",
        "2606:4700::1",
        "2404:6800::1",
    ] {
        assert!(permitted(ip.parse().unwrap(), 80, &[]), "{ip}");
    }
}

#[test]
fn an_entry_opens_what_it_says_and_nothing_else() {
    let check = |lines: &[&str], url: &str, want: bool| {
        let found = check_url(&Url::parse(url).unwrap(), &allow(lines));
        assert_eq!(found.is_ok(), want, "{url} with {lines:?}: {found:?}");
    };
    check(&["127.0.0.1:8090"], "http://127.0.0.1:8090/", true);
    check(&["127.0.0.1:8090"], "http://127.0.0.1:8091/", false);
    check(&["127.0.0.1:8090"], "http://127.0.0.2:8090/", false);
    check(&["127.0.0.1:8090"], "http://localhost:8090/", true);
    check(&["127.0.0.1:8090"], "http://[::ffff:127.0.0.1]:8090/", true);
    check(&["127.0.0.1:8090"], "http://[::1]:8090/", false);
    check(&["192.168.1.5"], "https://192.168.1.5:4430/", true);
    check(&["10.0.0.0/8"], "http://10.255.0.1/", true);
    check(&["10.0.0.0/8"], "http://11.0.0.1/", true);
    check(&["10.0.0.0/8"], "http://172.16.0.1/", false);
    check(&["fd00::/8"], "http://[fd00::1]/", true);
    check(&["[::1]:8080"], "http://[::1]:8080/", true);
    check(&["[::1]:8080"], "http://[::1]/", false);
    check(&["[::1]"], "http://[::1]/", true);
    check(&["::1"], "http://localhost./", true);
    check(&["localhost:8090"], "http://LOCALHOST:8090/", true);
    check(&["localhost:8090"], "http://localhost/", false);
    check(&["localhost:8090"], "http://127.0.0.1:8090/", false);
    check(&["0x7f.1"], "http://127.1/", true);
    check(&[], "http://a.localhost/", false);
    check(&[], "http://thoquan.example:8080/", true);
    check(&[], "http://thoquan.example:0/", false);
    check(&[], "http://user:secret@thoquan.example/", true);
    check(&[], &format!("http://thoquan.example/{}", "a".repeat(8_192)), false);
    for scheme in
        ["file:///etc/passwd", "gopher://127.0.0.1:6379/_INFO", "ftp://thoquan.example/", "data:text/html,x", "ws://thoquan.example/"]
    {
        check(&["127.0.0.1"], scheme, false);
    }
}

#[test]
fn an_entry_lists_hosts_as_they_are_written() {
    let check = |line: &str, url: &str, want: bool| {
        let entry: Allowed = line.parse().unwrap();
        assert_eq!(entry.lists(&Url::parse(url).unwrap()), want, "{line} {url}");
    };
    check("127.0.0.1:8090", "http://127.0.0.1:8090/tin", true);
    check("127.0.0.1:8090", "http://127.0.0.1/tin", false);
    check("10.0.0.0/8", "http://10.1.2.3/tin", true);
    check("fd00::/8", "http://[fd00::1]/tin", true);
    check("noi-bo.vn", "http://Noi-Bo.vn.:8080/tin", true);
    check("noi-bo.vn:80", "https://noi-bo.vn/tin", false);
    check("127.0.0.1", "file:///tin", false);
}

#[test]
fn an_entry_that_means_nothing_is_refused_with_a_sentence() {
    for bad in [
        "",
        " ",
        "http://127.0.0.1",
        "10.0.0.0/33",
        "a b",
        "host:0",
        "host:99999",
        "host:x",
        "*.local",
        "10.0.0.0/8:80",
        "[::1",
        "1.2.3.4.5",
    ] {
        let sentence = bad.parse::<Allowed>().unwrap_err();
        assert!(sentence.contains(&format!("\"{bad}\"")), "{sentence}");
    }
    #[derive(Debug, Deserialize)]
    struct Config {
        allow: Vec<Allowed>,
    }
    let config: Config = toml::from_str("allow = [\"127.0.0.1:8090\", \"noi-bo.local\"]").unwrap();
    assert_eq!(config.allow, allow(&["127.0.0.1:8090", "noi-bo.local"]));
    let error = toml::from_str::<Config>("allow = [\n  \"127.0.0.1\",\n  \"a b\",\n]").unwrap_err();
    assert_eq!(error.span(), Some(27..32), "{error}");
}

#[test]
fn only_addresses_that_may_be_dialled_are_handed_on() {
    let check = |lines: &[&str], port: u16, found: &[&str], want: Result<&[&str], Unresolved>| {
        let addresses = found.iter().map(|ip| SocketAddr::new(ip.parse().unwrap(), 0));
        let open = vetted(addresses, "noi-bo.vn", port, &allow(lines));
        let open = open.map(|open| open.iter().map(|a| a.ip().to_string()).collect::<Vec<_>>());
        assert_eq!(open, want.map(|ips| ips.iter().map(ToString::to_string).collect()), "{lines:?} {port} {found:?}");
    };
    check(&[], 0, &["93.184.216.34", "127.0.0.1"], Ok(&["93.184.216.34"]));
    check(&[], 0, &["192.168.1.1"], Err(Unresolved::Barred));
    check(&[], 0, &["fd00::1"], Err(Unresolved::Barred));
    check(&["192.168.0.0/16"], 0, &["192.168.1.1", "10.0.0.1"], Ok(&["192.168.1.1"]));
    check(&["192.168.1.1:8090"], 8090, &["192.168.1.1"], Ok(&["192.168.1.1"]));
    check(&["192.168.1.1:8090"], 0, &["192.168.1.1"], Err(Unresolved::Barred));
    check(&["noi-bo.vn"], 0, &["10.0.0.1"], Ok(&["10.0.0.1"]));
    check(&["noi-bo.vn:8090"], 8090, &["10.0.0.1"], Ok(&["10.0.0.1"]));
    check(&["noi-bo.vn:8090"], 0, &["10.0.0.1"], Err(Unresolved::Barred));
    check(&["khac.vn"], 0, &["10.0.0.1"], Err(Unresolved::Barred));
    check(&[], 0, &[], Err(Unresolved::Unknown("no address".into())));
    let mut many = vec!["10.0.0.1"; 16];
    many.push("93.184.216.34");
    check(&[], 0, &many, Err(Unresolved::Barred));
}

#[tokio::test]
async fn the_resolver_hands_on_no_loopback_address_unless_listed() {
    let resolve = async |lines: &[&str], port: u16| {
        let resolver = Resolver::at_port(allow(lines).into(), port);
        resolver.resolve("localhost".parse().unwrap()).await.map(Iterator::count).map_err(|e| e.to_string())
    };
    assert_eq!(resolve(&[], 0).await, Err("private address refused".to_owned()));
    assert!(resolve(&["localhost"], 0).await.unwrap() > 0);
    assert!(resolve(&["127.0.0.0/8", "::1"], 0).await.unwrap() > 0);
}

#[tokio::test]
async fn a_name_without_an_answer_is_asked_for_again_later() {
    rustls::crypto::ring::default_provider().install_default().ok();
    // The error of a client is of its own making, so one is asked whose resolver fails in each way.
    struct Failing(fn() -> Unresolved);
    impl Resolve for Failing {
        fn resolve(&self, _: Name) -> Resolving {
            let why = self.0();
            Box::pin(async move { Err(why.into()) })
        }
    }
    for (why, words) in
        [((|| Unresolved::Slow) as fn() -> Unresolved, "phuong.example"), (|| Unresolved::Unknown("NXDOMAIN".into()), "NXDOMAIN")]
    {
        let client = reqwest::Client::builder().no_proxy().dns_resolver(Arc::new(Failing(why))).build().unwrap();
        let error = client.get("http://phuong.example/").send().await.unwrap_err();
        let told = super::super::client::explain(&error, "phuong.example");
        assert!(matches!(&told, super::super::FetchError::Later { cause, .. } if cause.contains(words)), "{told:?}");
    }
}

#[test]
fn a_guarded_client_is_sent_nowhere_from_a_refused_address() {
    let check =
        |lines: &[&str], url: &str, want: bool| assert_eq!(refused(&Url::parse(url).unwrap(), &allow(lines)), want, "{url} {lines:?}");
    check(&[], "http://127.0.0.1/", true);
    check(&[], "https://thoquan.example/", false);
    check(&["127.0.0.1:9000"], "http://127.0.0.1:9000/hook", false);
    check(&["127.0.0.1:9000"], "http://127.0.0.1:9001/hook", true);
    check(&["noi-bo.vn:9000"], "http://noi-bo.vn:9000/hook", false);
    check(&["noi-bo.vn:9000"], "http://noi-bo.vn/hook", true);
    check(&["noi-bo.vn:9000", "noi-bo.vn:80"], "http://noi-bo.vn/hook", false);
}

#[test]
fn every_private_address_of_the_bad_inputs_is_refused() {
    let shared = std::env::var_os("LOAPHUONG_TEST_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let Ok(text) = std::fs::read_to_string(shared.join("data/bad_inputs.json")) else {
        eprintln!("skipped: no {}", shared.display());
        return;
    };
    let cases: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    let refused = cases.iter().filter_map(|case| {
        let id = case.get("id")?.as_str()?;
        let text = case.pointer("/input/text")?.as_str()?;
        let rejected = case.pointer("/expected/verdict")?.as_str()? == "reject";
        let open = Url::parse(text).is_ok_and(|url| check_url(&url, &[]).is_ok());
        (id.starts_with("url-") && rejected).then_some((id, text, open))
    });
    let refused: Vec<_> = refused.collect();
    assert!(refused.len() >= 39);
    let open: Vec<_> = refused.iter().filter(|(_, _, open)| *open).collect();
    // The URL standard drops line ends and encodes NUL; the config refuses such text as written.
    let known = ["url-058", "url-059"];
    assert!(open.iter().all(|(id, ..)| known.contains(id)), "{open:?}");
}
