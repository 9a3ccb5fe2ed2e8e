//! `cargo run --example score_lists -- DIR`: how many of the links that news lists are known to
//! have are found, on the sets of a data folder, and what is found on pages that are no lists.
//! Prints a table, and the worst pages with `--worst`. `--sites DIR` reads folders of sites instead,
//! each with `list.html`, `urls.json` and `truth.json`.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::print_stdout)]

use std::collections::{BTreeMap, HashSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use loaphuong::entry::Slug;
use loaphuong::page::{Page, Validators};
use loaphuong::source::{KINDS, Setting, Source, Visit};
use serde::Deserialize;
use toml::de::ValueDeserializer;
use url::Url;

/// What is known of one page.
#[derive(Deserialize)]
struct Known {
    url: Url,
    #[serde(default)]
    items: Vec<Item>,
    /// Links that are news as well, and may be given or not.
    #[serde(default)]
    also_ok: Vec<Url>,
}

#[derive(Deserialize)]
struct Item {
    url: Url,
}

/// How one page was read.
struct Score {
    name: String,
    precision: f64,
    recall: f64,
    missed: Vec<String>,
    wrong: Vec<String>,
    next: Option<Url>,
}

impl Score {
    fn f1(&self) -> f64 {
        if self.precision + self.recall == 0.0 { 0.0 } else { 2.0 * self.precision * self.recall / (self.precision + self.recall) }
    }
}

fn source(url: &Url) -> Arc<dyn Source> {
    let kind = KINDS.iter().find(|kind| kind.name == "html").unwrap();
    let name = Slug::new("phuong").unwrap();
    let setting = Setting { name: &name, dir: Path::new("."), zone: chrono_tz::Asia::Ho_Chi_Minh, load: &|_| Err(String::new()) };
    let keys = format!("{{ url = \"{url}\", recipe = \"auto\" }}");
    (kind.build)(ValueDeserializer::parse(&keys).unwrap(), &setting).unwrap()
}

fn bytes(file: &Path) -> Option<Vec<u8>> {
    let raw = std::fs::read(file).ok()?;
    if file.extension().is_some_and(|end| end == "gz") {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(&*raw).read_to_end(&mut plain).ok()?;
        return Some(plain);
    }
    Some(raw)
}

fn read(url: &Url, file: &Path) -> Option<loaphuong::source::Reading> {
    let fetched = "2026-11-23T00:00:00Z".parse().unwrap();
    let body = bytes(file)?.into();
    let page =
        Page { url: url.clone(), fetched, media_type: Some("text/html".into()), charset: None, body, validators: Validators::default() };
    Some(source(url).read(&Visit::listing(url.clone()), &page))
}

/// Addresses are compared without what a reader's way to them leaves behind.
fn plain(url: &Url) -> String {
    let text = url.as_str().split('#').next().unwrap_or_default();
    text.trim_start_matches("https://").trim_start_matches("http://").trim_start_matches("www.").trim_end_matches('/').to_lowercase()
}

fn score(name: &str, known: &Known, file: &Path) -> Option<Score> {
    let reading = read(&known.url, file)?;
    let next = reading.next.iter().find(|visit| visit.guid.is_none()).map(|visit| visit.url.clone());
    let got: Vec<String> = reading.next.iter().filter(|visit| visit.guid.is_some()).map(|visit| plain(&visit.url)).collect();
    let want: HashSet<String> = known.items.iter().map(|item| plain(&item.url)).collect();
    let fine: HashSet<String> = known.also_ok.iter().map(plain).collect();
    let counted: Vec<&String> = got.iter().filter(|url| want.contains(*url) || !fine.contains(*url)).collect();
    let right = counted.iter().filter(|url| want.contains(**url)).count() as f64;
    let share = |of: usize| if of == 0 { 1.0 } else { right / of as f64 };
    let wrong = counted.iter().filter(|url| !want.contains(**url)).map(|url| (*url).clone()).collect();
    let missed = want.iter().filter(|url| !got.contains(url)).cloned().collect();
    Some(Score { name: name.to_owned(), precision: share(counted.len()), recall: share(want.len()), missed, wrong, next })
}

fn known(file: PathBuf) -> BTreeMap<String, Known> {
    std::fs::read(file).ok().and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}

fn tell(set: &str, scores: &[Score], worst: bool) {
    let mean = |of: fn(&Score) -> f64| scores.iter().map(of).sum::<f64>() / scores.len().max(1) as f64;
    let (precision, recall) = (mean(|s| s.precision), mean(|s| s.recall));
    println!("{set:<24} {:>3} pages   P {precision:.3}   R {recall:.3}   F1 {:.3}", scores.len(), mean(Score::f1));
    for score in scores.iter().filter(|score| worst && score.f1() < 0.97) {
        println!("  {} P {:.2} R {:.2} next {:?}", score.name, score.precision, score.recall, score.next.as_ref().map(Url::as_str));
        score.missed.iter().take(5).for_each(|url| println!("      missed {url}"));
        score.wrong.iter().take(5).for_each(|url| println!("      wrong  {url}"));
    }
}

/// Pages without a news list must give nothing.
fn tell_empty(set: &str, pages: &[(Url, PathBuf)]) {
    let mut silent = 0;
    for (url, file) in pages {
        let Some(reading) = read(url, file) else { continue };
        let links: Vec<&Visit> = reading.next.iter().filter(|visit| visit.guid.is_some()).collect();
        if links.is_empty() {
            silent += 1;
        } else {
            println!("  {} gives {} links, first {}", file.display(), links.len(), links[0].url);
        }
    }
    println!("{set:<24} {:>3} pages   {silent} give nothing", pages.len());
}

/// Made-up sites: each a folder with `list.html`, its articles, `urls.json` and `truth.json`.
fn tell_sites(dir: &Path, worst: bool) {
    let (mut lists, mut none) = (Vec::new(), Vec::new());
    let mut folders: Vec<PathBuf> = std::fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    folders.sort();
    for folder in folders {
        let read = |name: &str| std::fs::read(folder.join(name)).ok();
        let (Some(urls), Some(truth)) = (read("urls.json"), read("truth.json")) else { continue };
        let urls: BTreeMap<String, Url> = serde_json::from_slice(&urls).unwrap();
        let truth: serde_json::Value = serde_json::from_slice(&truth).unwrap();
        let items = truth["list"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| Item { url: one["url"].as_str().or(one.as_str()).unwrap().parse().unwrap() })
            .collect();
        let known = Known { url: urls["list.html"].clone(), items, also_ok: Vec::new() };
        lists.extend(score(&folder.to_string_lossy(), &known, &folder.join("list.html")));
        none.extend(urls.into_iter().filter(|(name, _)| name != "list.html").map(|(name, url)| (url, folder.join(name))));
    }
    tell("sites", &lists, worst);
    for score in &lists {
        println!("  {} F1 {:.3} next {}", score.name, score.f1(), score.next.as_ref().map_or("-", Url::as_str));
    }
    tell_empty("articles of sites", &none);
}

/// The articles of a set, which are no lists.
fn articles(set: &Path) -> Vec<(Url, PathBuf)> {
    let truth: serde_json::Value =
        serde_json::from_slice(&std::fs::read(set.join("ground-truth.json")).unwrap_or_default()).unwrap_or_default();
    let one = |(name, article): (&String, &serde_json::Value)| {
        let url = Url::parse(article["url"].as_str()?).ok()?;
        Some((url, set.join("html").join(format!("{name}.html.gz"))))
    };
    truth.as_object().into_iter().flatten().filter_map(one).collect()
}

fn tell_nukeviet(set: &Path, worst: bool) {
    let (without, with): (Vec<_>, Vec<_>) =
        known(set.join("lists.json")).into_iter().partition(|(name, _)| ["list-about", "list-notfound"].contains(&name.as_str()));
    let file = |name: &str| set.join("html").join(format!("{name}.html.gz"));
    let scores: Vec<Score> = with.iter().filter_map(|(name, known)| score(name, known, &file(name))).collect();
    tell("NukeViet", &scores, worst);
    let none: Vec<_> = without.iter().map(|(name, known)| (known.url.clone(), file(name))).chain(articles(set)).collect();
    tell_empty("NukeViet, no lists", &none);
}

fn tell_wcxb(set: &Path, lists: &BTreeMap<String, Known>, worst: bool) {
    let file = |name: &str| set.join("html").join(format!("{name}.html.gz"));
    let scores: Vec<Score> = lists.iter().filter_map(|(name, known)| score(name, known, &file(name))).collect();
    tell("WCXB lists (derived)", &scores, worst);
    let mut none = Vec::new();
    for truth in std::fs::read_dir(set.join("ground-truth")).into_iter().flatten().flatten() {
        let name = truth.path().file_stem().unwrap().to_string_lossy().into_owned();
        let truth: serde_json::Value = serde_json::from_slice(&std::fs::read(truth.path()).unwrap()).unwrap_or_default();
        let url = truth["url"].as_str().and_then(|url| Url::parse(url).ok());
        none.extend(url.filter(|_| !lists.contains_key(&name)).map(|url| (url, file(&name))));
    }
    tell_empty("WCXB, no lists", &none);
}

fn main() {
    if let Some(dir) = std::env::args().skip_while(|arg| arg != "--sites").nth(1) {
        return tell_sites(Path::new(&dir), true);
    }
    let worst = std::env::args().any(|arg| arg == "--worst");
    let dir = PathBuf::from(std::env::args().nth(1).unwrap_or_default());
    tell_nukeviet(&dir.join("vietnamese/nukeviet"), worst);
    let extraction = dir.join("extraction");
    tell_wcxb(&extraction.join("wcxb-dev-sample"), &known(dir.join("listing/wcxb_item_links.json")), worst);
    tell_empty("scrapinghub, articles", &articles(&extraction.join("scrapinghub")));
    tell_empty("fundus, articles", &articles(&extraction.join("fundus")));
}
