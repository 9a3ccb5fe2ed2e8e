//! What a button does its words do as well.

#![allow(clippy::unwrap_used)]

use super::super::feeds::tests::plan;
use super::super::settings::Setting;
use super::super::topics::{TOPICS, picked};
use super::super::words::{Wish, understand};
use super::*;
use crate::channel::Does;
use crate::entry::Slug;
use crate::phrases::Language;
use crate::subscription::Address;

/// What a wish about topics makes of a filter, whatever the topics are called in it.
fn same(said: &Wish, press: &Press, own: &Subscription) -> bool {
    match (said, press) {
        (Wish::Set(said), Press::Set(pressed)) => match (said.as_slice(), pressed) {
            ([Setting::Topics(a, said)], Setting::Topics(b, pressed)) => {
                a == b && picked(&own.filter, *a, said) == picked(&own.filter, *b, pressed)
            }
            ([said], pressed) => said == pressed,
            (_, _) => false,
        },
        (Wish::Ask(said), Press::Ask(pressed)) => said == pressed,
        (Wish::Mine, Press::Mine) | (Wish::Stop(_), Press::LeaveAll | Press::Leave(_)) => true,
        (_, _) => false,
    }
}

#[test]
fn what_a_button_does_its_words_do_as_well() {
    let sections = ["Thông báo".to_owned(), "Tin tức - Sự kiện".to_owned()];
    let simple = Subscription::simple(Slug::new("tho-quan").unwrap(), Address::new("bot", "1"));
    let filter = picked(&Filter::default(), Pick::Only, &["dien".to_owned()]);
    let filed = Filter { categories: vec!["Thông báo".to_owned()], ..Filter::default() };
    let zone = chrono_tz::Asia::Ho_Chi_Minh;
    let schedule = crate::schedule::Schedule::parse("0 7 * * *", zone).ok();
    let quiet = crate::schedule::Quiet::parse("22:00-06:00", zone);
    let rich = Subscription { schedule, quiet, digest: true, filter, ..simple.clone() };
    let of_sections = Subscription { filter: filed, ..simple.clone() };
    for language in [Language::Vi, Language::En] {
        let plan = Plan { language, ..plan(&[("tho-quan", "Phường Thổ Quan")]) };
        for own in [&simple, &rich, &of_sections] {
            let mut replies = vec![plan.ask_quiet(own), plan.ask_silence(), plan.ask_gather(own), plan.ask_topics(own, true)];
            replies.extend([plan.ask_sections(own, &sections), plan.mine(std::slice::from_ref(&own.feed), Some(own))]);
            replies.extend(TOPICS.iter().map(|topic| plan.is_it(&Setting::Topics(Pick::More, vec![topic.key.to_owned()]))));
            replies.push(plan.is_set(&Setting::Quiet(Part::Night.span().into_iter().collect()), own));
            for reply in &replies {
                assert!(reply.choices.len() <= BUTTONS);
                for choice in &reply.choices {
                    let Does::Tell(data) = &choice.does else { panic!("{choice:?}") };
                    let (press, said) =
                        (Press::read(data).unwrap(), understand(choice.label.trim_start_matches(|c: char| !c.is_alphanumeric())));
                    assert!(data.len() <= CARRIED && same(&said, &press, own), "{}: {said:?}, {press:?}", choice.label);
                }
            }
        }
    }
}

#[test]
fn settings_are_told_in_plain_words() {
    let plan = plan(&[("tho-quan", "Phường Thổ Quan")]);
    let simple = Subscription::simple(Slug::new("tho-quan").unwrap(), Address::new("bot", "1"));
    assert_eq!(plan.settings(&simple), "Cách gửi: gửi ngay từng tin\nGiờ yên lặng: không có\nChủ đề: tất cả tin");
    let zone = chrono_tz::Asia::Ho_Chi_Minh;
    let only = picked(&Filter::default(), Pick::Only, &["nước".to_owned(), "cây xanh".to_owned()]);
    let tuned = Subscription {
        schedule: crate::schedule::Schedule::parse("30 17 * * 1", zone).ok(),
        digest: true,
        quiet: crate::schedule::Quiet::parse("21:30-06:00", zone),
        filter: picked(&only, Pick::Without, &["thể thao".to_owned()]),
        ..simple
    };
    assert_eq!(
        plan.settings(&tuned),
        "Cách gửi: gộp một tin, thứ Hai hằng tuần lúc 17h30\nGiờ yên lặng: 21h30–6h\n\
         Chủ đề: chỉ tin về cúp nước, cây xanh, trừ tin về thể thao, văn nghệ"
    );
    let both = picked(&Filter::default(), Pick::Only, &["điện nước".to_owned()]);
    assert_eq!(names(&both.include, Language::Vi), ["cúp điện", "cúp nước"]);
    let early = super::super::settings::Rhythm { weekday: None, at: clock(5, 0).into_iter().collect() };
    assert!(plan.is_set(&Setting::Gather(Some(early)), &tuned).text.contains("đang giờ yên lặng"));
    let all = picked(&tuned.filter, Pick::Less, &["nuoc".to_owned(), "cây xanh".to_owned()]);
    assert!(all.include.is_empty() && !all.exclude.is_empty());
    assert_eq!(picked(&Filter::default(), Pick::More, &["nước".to_owned()]), Filter::default(), "who gets all has it already");
}
