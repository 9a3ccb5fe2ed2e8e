//! The readers that are compared.

use std::io::Write;
use std::process::{Command, Stdio};
use std::time::Duration;

use dom_smoothie::{Config, Readability, TextMode};
use loaphuong::page::Page;
use loaphuong::{charset, html, read};
use serde_json::{Value, json};

use crate::sets::{Case, Set};

/// What a reader made of a page.
#[derive(Default)]
pub(crate) struct Read {
    pub(crate) text: String,
    pub(crate) title: Option<String>,
    pub(crate) published: Option<String>,
    pub(crate) author: Option<String>,
}

/// A set as one reader read it.
pub(crate) struct Run {
    pub(crate) reads: Vec<Read>,
    pub(crate) cpu: Duration,
}

fn page(url: &url::Url, body: &[u8]) -> Page {
    Page::new(url.clone(), "2026-11-23T00:00:00Z".parse().unwrap(), body.to_vec())
}

/// What this thread has cost so far.
fn cpu() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(told.split(' ').next().and_then(|nanos| nanos.parse().ok()).unwrap_or_default())
}

fn run(cases: &[Case], reader: impl Fn(&Case) -> Read) -> Run {
    let start = cpu();
    let reads = cases.iter().map(reader).collect();
    Run { reads, cpu: cpu().saturating_sub(start) }
}

/// Our reader: page by page, or up to ten articles at a time with the list of their site.
pub(crate) fn ours(set: &Set) -> Run {
    let zone = chrono_tz::Asia::Ho_Chi_Minh;
    if !set.is_site {
        return run(&set.cases, |case| entry(read::article(&page(&case.url, &case.page), zone)));
    }
    let mut all = Run { reads: Vec::new(), cpu: Duration::ZERO };
    for cases in set.cases.chunks(10) {
        let start = cpu();
        let list = set.list.iter().map(|(url, body)| page(url, body));
        let pages: Vec<Page> = list.chain(cases.iter().map(|case| page(&case.url, &case.page))).collect();
        let site = read::Site::learn(&pages, zone);
        if std::env::var_os("SHOW_RECIPE").is_some() {
            eprintln!("{}", site.recipe());
        }
        all.reads.extend(cases.iter().map(|case| entry(site.article(&page(&case.url, &case.page)))));
        all.cpu += cpu().saturating_sub(start);
    }
    all
}

fn entry(reading: loaphuong::source::Reading) -> Read {
    let Some(entry) = reading.entries.into_iter().next() else { return Read::default() };
    Read {
        text: html::to_text(&entry.content_html),
        title: Some(entry.title),
        published: entry.published.map(|at| at.to_rfc3339()),
        author: entry.author,
    }
}

pub(crate) fn dom_smoothie(set: &Set) -> Run {
    run(&set.cases, |case| {
        let text = charset::decode(&case.page, None);
        let config = Config { text_mode: TextMode::Formatted, ..Config::default() };
        let article = Readability::new(&*text, Some(case.url.as_str()), Some(config)).and_then(|mut reader| reader.parse());
        article.map_or_else(
            |_| Read::default(),
            |article| Read {
                text: article.text_content.to_string(),
                title: Some(article.title),
                published: article.published_time,
                author: article.byline,
            },
        )
    })
}

/// `None` where Python or trafilatura is not there.
pub(crate) fn trafilatura(set: &Set) -> Option<Run> {
    let python = std::env::var("PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let script = include_str!("trafilatura.py");
    let mut child =
        Command::new(python).args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let pages: Vec<Value> = set.cases.iter().map(|case| json!({ "url": case.url, "html": charset::decode(&case.page, None) })).collect();
    child.stdin.take()?.write_all(serde_json::to_string(&pages).ok()?.as_bytes()).ok()?;
    let told: Value = serde_json::from_slice(&child.wait_with_output().ok()?.stdout).ok()?;
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let reads = told["reads"].as_array()?.iter().map(|read| Read {
        text: text(&read["text"]).unwrap_or_default(),
        title: text(&read["title"]),
        published: text(&read["date"]).map(|day| format!("{day}T00:00:00+00:00")),
        author: text(&read["author"]),
    });
    Some(Run { reads: reads.collect(), cpu: Duration::from_secs_f64(told["cpu"].as_f64()?) })
}
