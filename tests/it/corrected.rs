//! Corrections on the channels beside Telegram that can change what they sent: the message follows
//! its article, and another hour is told once.

use chrono::TimeDelta;

use crate::fakes::discord::Discord;
use crate::fakes::facebook::Facebook;
use crate::fakes::matrix::Matrix;
use crate::fakes::platform::Rules;
use crate::fakes::{FakePlatform, Portal};
use crate::flow::water_cut;
use crate::house::House;

const BEFORE: &str = "Bà con nên trữ đủ nước sinh hoạt trước 21 giờ. Trạm y tế và trường mầm non có xe bồn phục vụ riêng.";
const AFTER: &str = "Bà con nên trữ đủ nước sinh hoạt trước 19 giờ. Trạm y tế và trường mầm non có xe bồn phục vụ riêng.";

/// A portal, and a channel of this kind to a platform of these rules.
async fn scene(kind: &str, rules: impl Rules, keys: &str, chat: &str) -> (Portal, FakePlatform, House) {
    let (portal, fake) = (Portal::ward().await, FakePlatform::start(rules).await);
    let config = format!(
        r#"
        [fetch]
        allow = ["127.0.0.1"]
        pause = "0s"
        [[sources]]
        name = "hoa-gao"
        title = "Phường Hoa Gạo"
        url = "{list}"
        [[channels]]
        name = "kenh"
        kind = "{kind}"
        pace = "off"
        {keys}
        [[subscriptions]]
        feed = "hoa-gao"
        to = "kenh:{chat}"
        "#,
        list = portal.url("/tin-tuc"),
        keys = keys.replace("{url}", &fake.url()),
    );
    (portal, fake, House::new(&config))
}

fn publish(portal: &Portal, first: &str) {
    let mut article = water_cut(1);
    article.body_paragraphs[0] = first.to_owned();
    portal.publish(article);
}

async fn follows(name: &str, (portal, fake, house): (Portal, FakePlatform, House)) {
    house.once().await;
    publish(&portal, BEFORE);
    house.once().await;
    assert_eq!(fake.seen().len(), 1, "{name}: {:?}", fake.refusals());
    publish(&portal, AFTER);
    for minutes in [61, 5, 5] {
        house.pass(TimeDelta::minutes(minutes));
        house.once().await;
    }
    let seen = fake.seen();
    assert_eq!(seen.len(), 2, "{name}: the news and one correction: {seen:?}");
    assert!(seen[0].text.contains("trước 19 giờ") && !seen[0].text.contains("trước 21 giờ"), "{name}: {}", seen[0].text);
    assert!(seen[1].text.contains("Đính chính") && seen[1].text.contains("21 giờ"), "{name}: {}", seen[1].text);
    assert_eq!(fake.refusals(), Vec::<String>::new(), "{name}");
}

#[tokio::test]
async fn on_discord() {
    let rules = Discord { id: "123456789012345678", token: "ma-phong" };
    let keys = "rooms = { chung = \"{url}/api/webhooks/123456789012345678/ma-phong\" }";
    follows("discord", scene("discord", rules, keys, "chung").await).await;
}

#[tokio::test]
async fn on_matrix() {
    let rules = Matrix { token: "syt_ma", rooms: &["!phong:may.example"], alias: "#phuong:may.example" };
    let keys = "homeserver = \"{url}\"\ntoken = \"syt_ma\"";
    follows("matrix", scene("matrix", rules, keys, "!phong:may.example").await).await;
}

#[tokio::test]
async fn on_a_facebook_page() {
    let rules = Facebook { page: "100200300400500", token: "EAAma" };
    let keys = "api = \"{url}/v25.0\"\ntoken = \"EAAma\"";
    follows("facebook-page", scene("facebook-page", rules, keys, "100200300400500").await).await;
}
