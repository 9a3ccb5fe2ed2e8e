#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stderr)]
use super::*;

fn check(html: &str, want: &str) {
    let base = Url::parse("https://phuong.example.vn/tin/1.html").unwrap();
    assert_eq!(sanitise(html, Some(&base)), want, "{html}");
}

#[test]
fn only_harmless_markup_is_left() {
    check("<p onclick=alert(1)>x<script>alert(1)</script></p>", "<p>x</p>");
    check("<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>", "");
    check("<video onloadstart=\"alert(1)\"><source>", "");
    check("<svg><a xlink:href=\"javascript:alert(1)\"><text>x</text></a></svg>", "");
    check("<p style=\"background:url(javascript:alert(1))\">x", "<p>x</p>");
    check("<iframe srcdoc=\"<script>alert(1)</script>\">", "");
    check("<a href='java\tscript:alert(1)'>x</a>", "<a>x</a>");
    check("a&#8;b", "ab");
}

#[test]
fn pages_of_all_times_become_paragraphs() {
    check("<div>Một</div><div><span><span>Hai</span></span></div>", "<p>Một</p><p>Hai</p>");
    check("<div><div><p>Một</p></div></div>", "<p>Một</p>");
    check("<p class=MsoNormal><font size=2>Một<o:p></o:p></font></p><p>&nbsp;</p><p><br></p>", "<p>Một</p>");
    check("<br><table><tr><td>Một<br>Hai</td></tr></table><br>", "<p>Một<br>Hai</p>");
    check("<p class=MsoNormal><o:p>&nbsp;</o:p></p>", "");
    check("<h1>Đầu</h1><div>chữ<ul><li>a</li></ul></div>", "<h2>Đầu</h2><div>chữ<ul><li>a</li></ul></div>");
}

#[test]
fn pictures_are_shown_without_scripts() {
    check("<img src='data:image/gif;base64,R0' data-src='/a.jpg'>", "<img src=\"https://phuong.example.vn/a.jpg\">");
    check("<img srcset='/s.jpg 320w, /l.jpg 1024w'>", "<img src=\"https://phuong.example.vn/l.jpg\">");
    check("<img src=../../../x.jpg>", "<img src=\"https://phuong.example.vn/x.jpg\">");
    check("<img src=//t.example/p.gif width=1 height=1>", "");
    check("<img srcset='a 1x,,, b 99999999999999999999x'>", "<img src=\"https://phuong.example.vn/tin/b\">");
}

#[test]
fn what_is_too_complex_is_nothing() {
    check(&"<div>".repeat(10_000), "");
    assert_eq!(to_text(&"<div>".repeat(10_000)), "");
}

#[test]
fn attacks_leave_nothing_active() {
    let Some(dir) = shared() else { return eprintln!("skipped: no shared data") };
    let payloads = ["dompurify.json", "h5sc.json"].iter().flat_map(|name| {
        let file = std::fs::read_to_string(dir.join("sanitizer").join(name)).unwrap();
        serde_json::from_str::<Vec<serde_json::Value>>(&file).unwrap()
    });
    let mut seen = 0;
    for attack in payloads {
        let payload = attack["payload"].as_str().or(attack["html"].as_str()).unwrap();
        assert_harmless(&sanitise(payload, None), payload);
        seen += 1;
    }
    assert!(seen > 150, "{seen}");
}

/// Judged as a browser would: parsed once more, looking at what stands there then.
fn assert_harmless(clean: &str, payload: &str) {
    for node in Document::from(clean).select("body, body *").nodes() {
        let name = node.node_name().unwrap();
        assert!(TAGS.contains(&&*name) || *name == *"body", "{name}: {payload}");
        for attribute in node.attrs() {
            let key = attribute.name.local.to_string();
            assert!(ATTRIBUTES.get(&*name).is_some_and(|known| known.contains(key.as_str())), "{key}: {payload}");
            let safe = !["href", "src"].contains(&key.as_str())
                || Url::parse(&attribute.value).is_ok_and(|url| ["http", "https", "mailto", "tel"].contains(&url.scheme()));
            assert!(safe, "{}: {payload}", attribute.value);
        }
    }
}

fn shared() -> Option<std::path::PathBuf> {
    let beside = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let dir = std::env::var_os("LOAPHUONG_TEST_SHARED").map_or(beside, Into::into).join("data");
    dir.exists().then_some(dir)
}

#[test]
fn what_takes_too_long_to_write_is_not_written() {
    let check = |html: &str, fits: bool| assert_eq!(is_writable(&parse(html).unwrap().root()), fits, "{} bytes", html.len());
    check(&"<p>Tin tức</p>".repeat(5_000), true);
    check(&"&amp;".repeat(10_000), true);
    check(&"&nbsp;Tin tức ".repeat(100_000), false);
    check(&format!("<p title='{}'>Tin</p>", "&amp;".repeat(100_000)), false);
    check(&format!("<p>{}</p>", "tin ".repeat(300_000)), true);
}

#[test]
fn every_step_up_a_page_is_counted() {
    let nested = format!("{}tin{}", "<div>".repeat(400), "</div>".repeat(400));
    let page = parse(&nested).unwrap();
    // html, head and body, the elements in it, and the text.
    let steps = 1 + 2 + 2 + (3..=402).sum::<usize>() + 403;
    assert!(is_shallow(&page, steps));
    assert!(!is_shallow(&page, steps - 1));
}
