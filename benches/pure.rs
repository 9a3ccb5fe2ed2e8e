//! `cargo bench --bench pure`: the makers that touch nothing, by criterion.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing)]

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

criterion_group!(benches, reading, writing, words);
criterion_main!(benches);
