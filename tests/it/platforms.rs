//! The smaller platforms, each on loopback with a channel to it, for the rules in `conformance`.

use std::sync::Arc;

use async_trait::async_trait;
use loaphuong::channel::{Channel, Noticed};
use loaphuong::entry::{Enclosure, Entry, Guid};
use loaphuong::subscription::Address;

use crate::conformance::{Platform, laid_out};
use crate::fakes::platform::Rules;
use crate::fakes::{FakePlatform, Mishap};
use crate::fakes::{discord::Discord, facebook::Facebook, matrix::Matrix, ntfy::Ntfy, slack::Slack, teams::Teams};
use crate::messages::built;

struct OnFake {
    fake: FakePlatform,
    channel: Arc<dyn Channel>,
    chat: &'static str,
    secret: &'static str,
}

#[async_trait]
impl Platform for OnFake {
    fn channel(&self) -> Arc<dyn Channel> {
        self.channel.clone()
    }
    fn to(&self) -> Address {
        Address::new("test", self.chat)
    }
    fn secrets(&self) -> Vec<String> {
        vec![self.secret.to_owned()]
    }
    fn taken(&self) -> Vec<String> {
        self.fake.seen().into_iter().map(|seen| format!("{}\n{}", seen.title, seen.text)).collect()
    }
    fn refusals(&self) -> Vec<String> {
        self.fake.refusals()
    }
    fn fail_next(&self, mishap: Mishap) -> bool {
        self.fake.fail_next(mishap)
    }
    async fn stop(&self) {
        self.fake.stop().await;
    }
}

async fn on(kind: &str, rules: impl Rules, keys: &str, chat: &'static str, secret: &'static str) -> Box<dyn Platform> {
    let fake = FakePlatform::start(rules).await;
    let channel = built(kind, &keys.replace("{url}", &fake.url()));
    Box::new(OnFake { fake, channel, chat, secret })
}

/// Each of them, anew.
pub(crate) async fn all() -> Vec<(&'static str, Box<dyn Platform>)> {
    let discord = Discord { id: "123456789012345678", token: "MARKED-discord-token" };
    let slack = Slack { path: "/services/T000/B000/MARKEDslackSecret" };
    let teams = Teams { target: "/workflows/a1b2/triggers/manual/paths/invoke?api-version=1&sig=MARKEDteamsSignature" };
    let matrix = Matrix { token: "syt_MARKED_matrix", rooms: &["!phong:may.example"], alias: "#phuong:may.example" };
    let ntfy = Ntfy { token: "tk_MARKEDntfy" };
    let facebook = Facebook { page: "100200300400500", token: "EAAMARKEDfacebook" };
    let room = |target: &str| format!("{{ rooms = {{ chung = '{{url}}{target}' }} }}");
    let (discord_room, slack_room, teams_room) =
        (room("/api/webhooks/123456789012345678/MARKED-discord-token"), room(slack.path), room(teams.target));
    vec![
        ("discord", on("discord", discord, &discord_room, "chung", "MARKED-discord-token").await),
        ("slack", on("slack", slack, &slack_room, "chung", "MARKEDslackSecret").await),
        ("teams", on("teams", teams, &teams_room, "chung", "MARKEDteamsSignature").await),
        (
            "matrix",
            on("matrix", matrix, "{ homeserver = '{url}', token = 'syt_MARKED_matrix' }", "#phuong:may.example", "syt_MARKED_matrix").await,
        ),
        ("ntfy", on("ntfy", ntfy, "{ server = '{url}', token = 'tk_MARKEDntfy' }", "phuong-thoquan", "tk_MARKEDntfy").await),
        (
            "facebook-page",
            on("facebook-page", facebook, "{ api = '{url}/v25.0', token = 'EAAMARKEDfacebook' }", "100200300400500", "EAAMARKEDfacebook")
                .await,
        ),
    ]
}

/// Entries at every limit at once: what escapes make longer is still taken, alone and in a list.
#[tokio::test]
async fn what_escapes_make_longer_is_taken() {
    for filling in ["&", "*", "<", "đ", "\"", "\\", "👨‍👩‍👧", "@everyone "] {
        for (name, platform) in all().await {
            let channel = platform.channel();
            let entries: Vec<Noticed> = (0..12).map(|n| overlong(filling, n)).collect();
            let alone = laid_out(&*channel, &entries[..1]);
            for (n, message) in alone.iter().chain(&laid_out(&*channel, &entries)).enumerate() {
                let sent = channel.send(&platform.to(), message, &format!("k{n}")).await;
                assert!(sent.is_ok(), "{name} {filling}: {sent:?}");
            }
            assert_eq!(platform.refusals(), Vec::<String>::new(), "{name} {filling}");
        }
    }
}

fn overlong(filling: &str, n: usize) -> Noticed {
    let long = |times: usize| format!("{n}{}", filling.repeat(times));
    let link: url::Url = format!("https://thoquan.example/?{}", "&a".repeat(230)).parse().unwrap();
    let mut entry = Entry::new(Guid::new(n.to_string()), long(300));
    entry.content_html = format!("<p>{}</p>", long(20_000).replace('&', "&amp;").replace('<', "&lt;"));
    let file = Enclosure { url: link.clone(), media_type: String::new(), length: None, title: Some(long(300)) };
    entry.attachments = vec![file; 12];
    entry.categories = vec![long(90)];
    Noticed { entry, link, source_title: long(300) }
}
