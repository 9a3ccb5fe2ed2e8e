//! An admin's template on every channel that sends text: what it says is taken by the platform, and
//! a stranger's words stay words.

use std::sync::Arc;

use loaphuong::channel::Channel;
use loaphuong::channel::template::{Template, Templated};

use crate::conformance::{HOSTILE, laid_out, noticed, platforms, words};

fn templated(name: &str, channel: Arc<dyn Channel>, source: &str) -> Option<Templated> {
    let template = Template::parse(source.to_owned(), channel.face()?).unwrap_or_else(|wrong| panic!("{name}: {wrong:?}"));
    Some(Templated { name: name.to_owned(), channel, template })
}

#[tokio::test]
async fn what_a_template_says_is_taken_whatever_the_title() {
    let mut without = Vec::new();
    for (name, platform) in platforms().await {
        let source = "TINPHUONG {{ title }}\n{{ lead }}\n{% for file in attachments %}{{ file.url }}{% endfor %}{{ url }}";
        let Some(channel) = templated(name, platform.channel(), source) else {
            without.push(name);
            continue;
        };
        let huge = "Thông báo dài ".repeat(80_000);
        for (n, title) in HOSTILE.iter().copied().chain([huge.as_str()]).enumerate() {
            for message in laid_out(&channel, &[noticed(title, "<p>Nội dung.</p>")]) {
                let sent = channel.send(&platform.to(), &message, &format!("k{n}")).await;
                assert!(sent.is_ok(), "{name}: {title:.60}: {sent:?}");
            }
            let taken = platform.taken().pop().unwrap();
            let missing: Vec<&str> = words(title).into_iter().filter(|word| title.len() < 200 && !taken.contains(word)).collect();
            let told = title.len() > 10_000 || taken.contains("TINPHUONG") && taken.contains("Từ 8 giờ đến 11 giờ");
            assert!(told && missing.is_empty(), "{name}: {title:.60}: {missing:?} in {taken}");
        }
        assert_eq!(platform.refusals(), Vec::<String>::new(), "{name}");
    }
    assert_eq!(without, ["webhook", "web-push"]);
}

#[tokio::test]
async fn a_template_lays_out_lists_where_one_message_may_carry_them() {
    for (name, platform) in platforms().await {
        let source = "{% if entries %}DANHSACH{% for e in entries %}\n{{ e.title }}{% endfor %}{% else %}{{ title }}{% endif %}";
        let Some(channel) = templated(name, platform.channel(), source) else { continue };
        let entries: Vec<_> = (0..12).map(|n| noticed(&format!("Thông báo số {n} của tổ"), "<p>Nội dung.</p>")).collect();
        let messages = laid_out(&channel, &entries);
        let covered: Vec<usize> = messages.iter().flat_map(|message| message.covers.clone()).collect();
        assert_eq!(covered, (0..12).collect::<Vec<_>>(), "{name}");
        for (n, message) in messages.iter().enumerate() {
            let sent = channel.send(&platform.to(), message, &format!("k{n}")).await;
            assert!(sent.is_ok(), "{name}: {sent:?}");
        }
        let all = platform.taken().concat();
        assert!((0..12).all(|n| all.contains(&format!("Thông báo số {n} của tổ"))), "{name}: {all}");
        assert!(all.contains("DANHSACH") || name == "zalo-oa", "{name}: {all}");
        assert_eq!(platform.refusals(), Vec::<String>::new(), "{name}");
    }
}

#[tokio::test]
async fn a_message_of_a_template_can_be_changed_where_others_can() {
    for (name, platform) in platforms().await {
        let plain = platform.channel();
        let Some(channel) = templated(name, plain.clone(), "{{ title }}\n{{ text }}") else { continue };
        assert_eq!(channel.edits(), plain.edits(), "{name}");
    }
}
