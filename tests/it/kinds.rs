//! What holds for every kind of source and channel, also for those that are added later.

use std::collections::HashSet;

use chrono::Utc;
use loaphuong::channel::{self, Channel, Notice, Noticed};
use loaphuong::entry::{Entry, Guid};
use loaphuong::phrases::Language;
use loaphuong::source;
use loaphuong::subscription::Address;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::house::House;

/// The example of a kind with its secrets in files, so that it builds without an environment.
fn house_of(example: &str) -> House {
    let filed: String =
        example.split("env = \"").enumerate().map(|(n, part)| if n == 0 { part.to_owned() } else { format!("file = \"{part}") }).collect();
    let house = House::new(&filed);
    // A room's secret is an address, all others are tokens.
    let secret = if example.contains("rooms =") { "https://chat.example/hooks/1" } else { "123456:AAexample-token-for-a-test-0123456789" };
    for name in filed.split("file = \"").skip(1).filter_map(|l| l.split('"').next()) {
        house.write(name, secret);
    }
    house
}

#[test]
fn every_source_kind_has_a_name_a_word_about_it_and_an_example_that_builds() {
    let names: HashSet<_> = source::KINDS.iter().map(|k| k.name).collect();
    assert_eq!(names.len(), source::KINDS.len());
    for kind in source::KINDS {
        assert!(!kind.about.is_empty(), "{}", kind.name);
        let config = house_of(kind.example).config();
        assert_eq!(config.sources.len(), 1, "{}", kind.name);
        assert!(kind.example.contains(&format!("kind = \"{}\"", kind.name)));
    }
}

#[test]
fn every_channel_kind_has_a_name_a_word_about_it_and_an_example_that_builds() {
    let names: HashSet<_> = channel::KINDS.iter().map(|k| k.name).collect();
    assert_eq!(names.len(), channel::KINDS.len());
    for kind in channel::KINDS {
        assert!(!kind.about.is_empty(), "{}", kind.name);
        let config = house_of(kind.example).config();
        assert_eq!(config.channels.len(), 1, "{}", kind.name);
    }
}

/// A server that says back all that it hears, as broken proxies do.
async fn echo(status: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut heard = vec![0; 65536];
            let read = stream.read(&mut heard).await.unwrap_or_default();
            let body = String::from_utf8_lossy(&heard[..read]).into_owned();
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).await.ok();
        }
    });
    format!("http://{address}")
}

const TOKEN: &str = "123456:AAmarked-secret-never-to-be-seen-0";
const KEY: &str = "whsec_bWFya2VkLXNlY3JldC1uZXZlci10by1iZS1zZWVu";

fn one_notice(entries: &[Noticed]) -> Notice<'_> {
    Notice {
        feed: None,
        feed_title: "Phường",
        entries,
        digest: false,
        silent: false,
        urgent: false,
        language: Language::Vi,
        zone: chrono_tz::Asia::Ho_Chi_Minh,
    }
}

async fn complaint(channel: &dyn Channel, to: &Address) -> String {
    let mut entry = Entry::new(Guid::new("https://a.example/1"), "Tin");
    entry.published = Some(Utc::now().fixed_offset());
    let entries = [Noticed { entry, link: "https://a.example/1".parse().unwrap(), source_title: "Phường".to_owned() }];
    let message = channel.render(&one_notice(&entries)).remove(0);
    format!("{:?}", channel.send(to, &message, "msg_1").await)
}

#[tokio::test]
async fn no_channel_tells_its_secret() {
    for status in ["200 OK", "400 Bad Request", "404 Not Found", "502 Bad Gateway", "302 Found"] {
        let server = echo(status).await;
        let host = server.trim_start_matches("http://").to_owned();
        let room = |kind: &str| format!("[[channels]]\nname = \"{kind}\"\nkind = \"{kind}\"\nrooms = {{ chung = \"{server}/{TOKEN}\" }}\n");
        let rooms = ["discord", "slack", "teams"].map(room).concat();
        let config = House::new(&format!(
            "[fetch]\nallow = [\"{host}\"]\n\
             [[channels]]\nname = \"bot\"\nkind = \"telegram\"\ntoken = \"{TOKEN}\"\napi = \"{server}\"\n\
             [[channels]]\nname = \"chet\"\nkind = \"telegram\"\ntoken = \"{TOKEN}\"\napi = \"http://127.0.0.1:9\"\n\
             [[channels]]\nname = \"hook\"\nkind = \"webhook\"\nsecret = \"{KEY}\"\n\
             [[channels]]\nname = \"matrix\"\nkind = \"matrix\"\ntoken = \"{TOKEN}\"\nhomeserver = \"{server}\"\n\
             [[channels]]\nname = \"ntfy\"\nkind = \"ntfy\"\ntoken = \"{TOKEN}\"\nserver = \"{server}\"\n\
             [[channels]]\nname = \"trang\"\nkind = \"facebook-page\"\ntoken = \"{TOKEN}\"\napi = \"{server}\"\n\
             [[channels]]\nname = \"zalo\"\nkind = \"zalo-bot\"\ntoken = \"{TOKEN}\"\napi = \"{server}\"\n\
             [[channels]]\nname = \"oa\"\nkind = \"zalo-oa\"\napp_id = \"1\"\noa_id = \"2\"\nsecret = \"{KEY}\"\n\
             tokens = \"{TOKEN} {TOKEN}-2\"\napi = \"{server}\"\noauth = \"{server}\"\n{rooms}"
        ))
        .config();
        for plan in &config.channels {
            let chat = match plan.name.as_str() {
                "hook" => format!("{server}/tin"),
                "matrix" => "!phong:may.example".to_owned(),
                "discord" | "slack" | "teams" => "chung".to_owned(),
                "ntfy" | "trang" => "1001".to_owned(),
                "oa" => "group/1".to_owned(),
                _ => "-1001".to_owned(),
            };
            let said = complaint(plan.channel.as_ref(), &Address::new(plan.name.clone(), chat)).await;
            assert!(!said.contains("marked-secret") && !said.contains("bWFya2Vk"), "{} {status}: {said}", plan.name);
        }
        assert!(!format!("{:?}", config.secrets).contains("marked"));
    }
}

#[test]
fn no_wrong_config_tells_a_secret() {
    let house = House::new(&format!(
        "store = \"postgres://loa:{KEY}@may-chu/kho\"\n[[channels]]\nname = \"bot\"\nkind = \"telegram\"\napi = \"x\"\ntoken = {{ file = \"token\" }}\n"
    ));
    house.write("token", TOKEN);
    let path = house.path().join("config.toml");
    let told: String = loaphuong::config::Config::load(&path).err().unwrap().iter().map(ToString::to_string).collect();
    assert!(!told.contains("marked-secret") && !told.contains("bWFya2Vk"), "{told}");
}
