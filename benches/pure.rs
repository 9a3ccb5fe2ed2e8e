//! `cargo bench --bench pure`: the makers that touch nothing, by criterion.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

mod common;

use std::hint::black_box;

use common::{article_page, entry, feed, hinted, html_source, list_page, page, time};
use criterion::{Criterion, criterion_group, criterion_main};
use loaphuong::entry::Guid;
use loaphuong::feed::FORMATS;
use loaphuong::source::{Hint, Visit};
use loaphuong::{date, text};

fn reading(c: &mut Criterion) {
    let source = html_source();
    let list = page("tin-tuc", list_page(30));
    assert_eq!(hinted(source.as_ref(), &list).len(), 30);
    c.bench_function("list page of 30 to RSS bytes", |b| b.iter(|| (FORMATS[0].render)(&feed(hinted(source.as_ref(), black_box(&list))))));
    let article = page("tin-tuc/thong-bao-1.html", article_page(1));
    let visit = Visit { url: article.url.clone(), guid: Some(Guid::new(article.url.as_str())), hint: Hint::default() };
    assert_eq!(source.read(&visit, &article).entries[0].published, Some(time(1)));
    c.bench_function("article page to entry", |b| b.iter(|| source.read(&visit, black_box(&article))));
}

fn writing(c: &mut Criterion) {
    let ten_thousand = feed((0..10_000).map(entry).collect());
    let mut group = c.benchmark_group("10,000 entries");
    group.sample_size(10);
    for format in FORMATS {
        group.bench_function(format.title, |b| b.iter(|| (format.render)(black_box(&ten_thousand))));
    }
}

fn words(c: &mut Criterion) {
    let line = "Ngày đăng 17/09/2019 | 16:30  | Lượt xem: 261";
    c.bench_function("date", |b| b.iter(|| date::parse(black_box(line), chrono_tz::Asia::Ho_Chi_Minh, time(0).to_utc())));
    let none = "Kế hoạch số 101 về việc thực hiện Nghị quyết của phường";
    c.bench_function("no date", |b| b.iter(|| date::is_stamp_line(black_box(none))));
    let long = entry(1).content_html.repeat(10);
    c.bench_function("clean", |b| b.iter(|| text::clean(black_box(&long))));
    c.bench_function("fold", |b| b.iter(|| text::fold(black_box(&long))));
}

/// Pages made to take time and memory, each as large as a page may be or as its kind needs to hurt.
fn hostile_pages() -> Vec<(&'static str, String)> {
    const LINE: &str = "Bà con tổ dân phố lưu ý lịch cắt nước trong ngày mai, xin cảm ơn. ";
    let counted = |times: usize, one: &dyn Fn(usize) -> String| (0..times).map(one).collect::<String>();
    vec![
        ("10 MB of paragraphs", format!("<p>{LINE}").repeat(110_000)),
        ("10 MB of one text", LINE.repeat(115_000)),
        ("100,000 links", counted(100_000, &|n| format!("<li><a href='/tin/bai-{n}.html'>Tin tức số {n} của phường ta</a>"))),
        ("100,000 links of a pager", counted(100_000, &|n| format!("<a href='?page={n}'>{n}</a> "))),
        ("100,000 files", counted(100_000, &|n| format!("<p><a href='/tep/{n}.pdf'>Tệp {n}</a>"))),
        ("150,000 attributes", format!("<div {}>", counted(150_000, &|n| format!("a{n} ")))),
        ("500 KB of nested divs", "<div>".repeat(100_000)),
        ("500 KB of nested spans", "<span>".repeat(83_000)),
        ("500 KB of nested tables", "<table><tr><td>".repeat(33_000)),
        ("500 KB of nested formatting", "<b><i>".repeat(83_000)),
        ("formatting over paragraphs", format!("{}{}", counted(400, &|n| format!("<b id={n}>")), format!("<p>{LINE}").repeat(20_000))),
        ("texts 400 divs deep", format!("{}{LINE}{}", "<div>".repeat(400), "</div>".repeat(400)).repeat(1_000)),
        ("3,000,000 paragraphs without text", "<p>".repeat(3_000_000)),
        ("10 MB of entities", "&amp;&nbsp;&lt;".repeat(660_000)),
        ("one entity of 5 MB", format!("&{}", "a".repeat(5_000_000))),
        ("an attribute of 9 MB", format!("<a href='{}'>Tin</a>", "x".repeat(9_000_000))),
        ("a class of 1,000,000 names", format!("<div class='{}'>{LINE}", counted(1_000_000, &|n| format!("c{n} ")))),
        ("a comment without an end", format!("<!--{}", "x".repeat(9_000_000))),
        ("2,000,000 beginnings of comments", "<!--".repeat(2_000_000)),
        ("1,000,000 cells", format!("<table>{}", format!("<tr>{}", "<td>1".repeat(100)).repeat(10_000))),
        ("900,000 options", format!("<select>{}", "<option>Tin".repeat(900_000))),
        ("500,000 paths of a drawing", format!("<svg>{}", "<path d='M1 1'/>".repeat(500_000))),
        ("templates in templates", format!("{}{LINE}", "<template>".repeat(50_000))),
        ("150,000 dates", counted(150_000, &|n| format!("<p>Ngày đăng 17/09/2019 16:{:02}", n % 60))),
    ]
}

/// A table, not a distribution: each page is read twice, as a list and as an article.
fn hostile(_: &mut Criterion) {
    let source = html_source();
    println!("\n{:<36} {:>8} {:>12} {:>12}", "hostile pages", "MB", "list ms", "article ms");
    for (what, html) in hostile_pages() {
        let (size, page) = (html.len() as f64 / 1e6, page("tin-tuc/thong-bao-1.html", html));
        let timed = |guid: Option<Guid>| {
            let visit = Visit { url: page.url.clone(), guid, hint: Hint::default() };
            let start = std::time::Instant::now();
            black_box(source.read(&visit, &page));
            start.elapsed().as_secs_f64() * 1e3
        };
        let (list, article) = (timed(None), timed(Some(Guid::new(page.url.as_str()))));
        println!("{what:<36} {size:>8.1} {list:>12.0} {article:>12.0}");
    }
}

criterion_group!(benches, hostile, reading, writing, words);
criterion_main!(benches);
