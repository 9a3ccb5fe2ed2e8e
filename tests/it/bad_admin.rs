//! Bad inputs of admins, each by its id, as far as they reach the config. Those of the admin's
//! pages come with the pages.

use chrono::{DateTime, Utc};
use loaphuong::config::Config;
use loaphuong::schedule::Schedule;

use crate::fakes::FakeTelegram;
use crate::house::House;

/// What is wrong with a config, in one text; empty where nothing is.
fn told(config: &str) -> String {
    let house = House::new(config);
    house.write("news/.keep", "");
    let loaded = Config::load(&house.path().join("config.toml"));
    loaded.err().map(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")).unwrap_or_default()
}

fn source(more: &str) -> String {
    format!("[[sources]]\nname = \"a\"\nurl = \"https://phuong.example.vn/tin\"\n{more}\n")
}

#[test]
fn what_is_refused_where_it_stands() {
    let bomb = ":not(:not(:not(:not(*))))".repeat(50);
    let long = "div ".repeat(10_000);
    let selector = |text: &str| source(&format!("recipe = {{ article = {{ body = \"{text}\" }} }}"));
    for (id, config, place, words) in [
        ("admin-009", selector(&bomb), ":4:", "500"),
        ("admin-010", selector(&long), ":4:", "500"),
        ("admin-011", source("schedule = \"* * * * * *\""), ":4:", "schedule"),
        ("admin-012", source("schedule = \"0 0 31 2 *\""), ":4:", "never"),
        ("admin-013", source("schedule = \"0 22-5 * * SUN-MON\""), ":4:", "22-5"),
        ("admin-013 seven fields", source("schedule = \"0 0 7 * * 1 2026\""), ":4:", "fields"),
    ] {
        let told = told(&config);
        assert!(told.contains(place) && told.contains(words), "{id}: {told:.600}");
    }
}

#[test]
fn admin_007_a_filter_is_words_and_no_pattern() {
    for words in ["(a+)+$", "((((a{100}){100}){100}){100})"] {
        let config = source("")
            + &format!(
                "[[channels]]\nname = \"c\"\nkind = \"console\"\n[[subscriptions]]\nfeed = \"a\"\nto = \"c:all\"\ninclude = [\"{words}\"]\n"
            );
        assert_eq!(told(&config), "", "{words}");
    }
}

#[test]
fn admin_014_seven_in_the_morning_is_that_of_hanoi() {
    let schedule = Schedule::parse("0 7 * * *", chrono_tz::Asia::Ho_Chi_Minh).unwrap();
    let now: DateTime<Utc> = "2026-11-06T15:00:00+07:00".parse().unwrap();
    assert_eq!(schedule.next_after(now).unwrap().to_rfc3339(), "2026-11-07T00:00:00+00:00");
}

#[tokio::test]
async fn admin_015_and_016_what_is_pasted_is_understood_and_the_token_is_not_shown() {
    let telegram = FakeTelegram::start().await;
    telegram.no_limits().channel(-1001234567890, "@phuongthoquan");
    for chat in ["@phuongthoquan", "https://t.me/phuongthoquan", "-1001234567890", "\u{2212}1001234567890"] {
        let house = House::new(&format!(
            "[[sources]]\nname = \"a\"\nkind = \"folder\"\npath = \"news\"\n\
             [[channels]]\nname = \"bot\"\nkind = \"telegram\"\ntoken = \" {} \\r\\n\"\napi = \"{}\"\npace = \"off\"\n\
             [[subscriptions]]\nfeed = \"a\"\nto = \"bot:{chat}\"\nwelcome = 1\n",
            telegram.token(),
            telegram.url(),
        ));
        house.write("news/2026-11-01-hop-to.txt", "Họp tổ dân phố\n\nMời bà con.\n");
        let before = telegram.texts_in(-1001234567890).len();
        assert!(house.once().await.all_well(), "{chat}");
        assert_eq!(telegram.texts_in(-1001234567890).len(), before + 1, "{chat}");
        let shown = format!("{:?}", house.config().secrets);
        assert!(!shown.contains(&telegram.token()), "{shown}");
    }
}
