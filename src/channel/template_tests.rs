#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::*;

fn html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

const FACE: Face = Face { escape: html, seen: str::to_owned, size: text::utf16_len, limit: 300, caption: 100, lists: true, put };

fn noticed() -> Noticed {
    let mut entry = full();
    entry.title = "Cắt nước <b>phố Huế</b> & lân cận".to_owned();
    entry.summary = Some("Từ 8 giờ. ".repeat(60));
    Noticed { entry, link: "https://thoquan.example/tin/1".parse().unwrap(), source_title: "Phường Thổ Quan".to_owned() }
}

fn notice(entries: &[Noticed], digest: bool) -> Notice<'_> {
    let zone = chrono_tz::Asia::Ho_Chi_Minh;
    let (language, feed_title) = (Language::Vi, "Phường Thổ Quan");
    Notice { feed: None, feed_title, entries, digest, silent: false, urgent: false, language, zone }
}

fn told(source: &str) -> Result<String, String> {
    let entries = [noticed()];
    Template::parse(source.to_owned(), FACE).map_err(|wrong| wrong.sentence())?.article(&entries[0], &notice(&entries, false))
}

#[test]
fn only_the_templates_own_tags_are_markup() {
    for source in [
        "<b>{{ title }}</b>",
        "{% autoescape false %}<b>{{ title }}</b>{% endautoescape %}",
        "{% set t = title %}<b>{{ t }}</b>",
        "{% set t %}<b>{{ title }}</b>{% endset %}{{ t }}",
    ] {
        assert_eq!(told(source).unwrap(), "<b>Cắt nước &lt;b&gt;phố Huế&lt;/b&gt; &amp; lân cận</b>", "{source}");
    }
    assert!(told("{{ title|safe }}").is_err(), "nothing makes a stranger's words markup");
}

#[test]
fn what_is_too_long_is_cut_before_it_is_marked() {
    let text = told("<b>{{ title }}</b>\n{{ lead }}").unwrap();
    assert!(text.contains("Từ 8 giờ") && text.ends_with('…') && text::utf16_len(&text) <= 300, "{text}");
    assert!(told(&"dài ".repeat(200)).is_err(), "what the template itself says is not cut");
    assert!(told("{% if urgent %}{{ title }}{% endif %}").is_err(), "nothing to see");
}

#[test]
fn mistakes_are_found_when_a_template_is_read() {
    let check = |source: &str, line: usize, at: &str, words: &str| {
        let wrong = Template::parse(source.to_owned(), FACE).err().unwrap();
        assert_eq!((wrong.line, wrong.message.contains(words)), (Some(line), true), "{source}: {wrong:?}");
        assert!(wrong.range.clone().is_some_and(|range| source[range].contains(at)), "{source}: {wrong:?}");
    };
    check("{{ title }}\n{{ tieude }}", 2, "tieude", "không có");
    check("{{ title|viet_hoa }}", 1, "viet_hoa", "mẫu");
    check("{% for a in attachments %}{{ a.ten }}{% endfor %}", 1, "ten", "không có");
    let endless = Template::parse("{% for i in range(9000) %}{% for j in range(9000) %}{{ j }}{% endfor %}{% endfor %}".to_owned(), FACE);
    assert!(endless.err().unwrap().message.contains("quá lâu"));
    assert!(Template::parse("{% if title %}".to_owned(), FACE).is_err());
}

#[test]
fn a_list_is_the_templates_own_where_it_names_entries() {
    let entries = [noticed(), noticed()];
    let list = |source: &str| Template::parse(source.to_owned(), FACE).unwrap().list(&notice(&entries, true));
    let rows = list("{{ title }}{% for e in entries %}\n- {{ e.title }}{% endfor %}").unwrap().unwrap();
    assert_eq!(rows.lines().next(), Some("2 tin mới của Phường Thổ Quan, 17/09"));
    assert_eq!(rows.lines().count(), 3, "{rows}");
    assert!(list("{{ title }}").is_none());
}
