//! The sets, as they lie in their folder.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use url::Url;

/// How a set measures a body.
#[derive(Clone, Copy)]
pub(crate) enum Measure {
    /// Runs of four words; precision and recall averaged over pages.
    Shingles,
    /// Single words; F1 averaged over pages.
    Words,
}

pub(crate) struct Set {
    pub(crate) name: &'static str,
    pub(crate) measure: Measure,
    /// The pages are of one site and may teach its frame.
    pub(crate) is_site: bool,
    /// A list page of the site.
    pub(crate) list: Option<(Url, Vec<u8>)>,
    pub(crate) cases: Vec<Case>,
}

/// A page and what must be read from it; empty where the set does not tell.
#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) url: Url,
    pub(crate) page: Vec<u8>,
    pub(crate) body: String,
    pub(crate) title: Option<String>,
    pub(crate) date: Option<String>,
    pub(crate) authors: Vec<String>,
}

#[derive(Deserialize)]
struct Truth {
    url: String,
    #[serde(rename = "articleBody", default)]
    body: String,
    title: Option<String>,
    date: Option<String>,
    #[serde(default)]
    authors: Vec<String>,
}

#[derive(Deserialize)]
struct Wcxb {
    url: String,
    ground_truth: WcxbTruth,
    #[serde(rename = "_internal")]
    internal: serde_json::Value,
}

#[derive(Deserialize)]
struct WcxbTruth {
    main_content: String,
}

/// Every set that is there.
pub(crate) fn all(dir: &Path) -> Vec<Set> {
    let nukeviet = dir.join("vietnamese/nukeviet");
    let sample = dir.join("extraction/wcxb-dev-sample");
    let (articles, listings) = (wcxb(&sample, "article"), wcxb(&sample, "listing"));
    let both = articles.iter().chain(&listings).cloned().collect();
    let mut sets = vec![
        Set::of("scrapinghub", truths(&dir.join("extraction/scrapinghub"))),
        Set::of("fundus", truths(&dir.join("extraction/fundus"))),
        Set { measure: Measure::Words, ..Set::of("wcxb-articles", articles) },
        Set { measure: Measure::Words, ..Set::of("wcxb-listings", listings) },
        Set { measure: Measure::Words, ..Set::of("wcxb", both) },
        Set::of("nukeviet", truths(&nukeviet)),
        site(&nukeviet),
        Set::of("vportal", vportal(dir)),
        Set::of("htmldate", truths(&dir.join("dates/htmldate"))),
    ];
    sets.retain(|set| !set.cases.is_empty());
    sets
}

impl Set {
    fn of(name: &'static str, cases: Vec<Case>) -> Self {
        Self { name, measure: Measure::Shingles, is_site: false, list: None, cases }
    }
}

fn site(nukeviet: &Path) -> Set {
    let url = Url::parse("http://thoquan.example.org/index.php/Tin-tuc/").unwrap();
    let list = read(&nukeviet.join("html/list-cat-Tin-tuc.html.gz")).map(|page| (url, page));
    Set { is_site: true, list, ..Set::of("nukeviet-site", truths(nukeviet)) }
}

fn truths(dir: &Path) -> Vec<Case> {
    let Some(text) = read(&dir.join("ground-truth.json")) else { return Vec::new() };
    let truths: BTreeMap<String, Truth> = serde_json::from_slice(&text).unwrap();
    truths.into_iter().filter_map(|(name, truth)| case(&dir.join("html"), name, truth)).collect()
}

fn case(pages: &Path, name: String, truth: Truth) -> Option<Case> {
    let name = name.trim_end_matches(".html").to_owned();
    let page = read(&pages.join(format!("{name}.html.gz")))?;
    let url = Url::parse(&truth.url).or_else(|_| Url::parse(&format!("http://{}", truth.url))).ok()?;
    let date = truth.date.map(|date| date.replace(' ', "T"));
    Some(Case { name, url, page, body: truth.body, title: truth.title, date, authors: truth.authors })
}

fn wcxb(dir: &Path, kind: &str) -> Vec<Case> {
    let Ok(files) = std::fs::read_dir(dir.join("ground-truth")) else { return Vec::new() };
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.sort();
    let cases = paths.iter().filter_map(|path| {
        let truth: Wcxb = serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
        let name = path.file_stem()?.to_str()?.to_owned();
        let page = read(&dir.join("html").join(format!("{name}.html.gz")))?;
        let is_kind = truth.internal.pointer("/page_type/primary").is_some_and(|told| told == kind);
        let body = truth.ground_truth.main_content;
        is_kind.then_some(Case { name, url: Url::parse(&truth.url).ok()?, page, body, title: None, date: None, authors: Vec::new() })
    });
    cases.collect()
}

/// Rebuilt pages of another family around articles of the first; the truth is the same.
fn vportal(dir: &Path) -> Vec<Case> {
    let mut cases = truths(&dir.join("vietnamese/nukeviet"));
    cases.retain_mut(|case| {
        let page = read(&dir.join(format!("vietnamese/vportal-sample/{}.html", case.name)));
        page.map(|page| case.page = page).is_some()
    });
    cases
}

fn read(path: &Path) -> Option<Vec<u8>> {
    let bytes = std::fs::read(path).ok()?;
    if !bytes.starts_with(b"\x1f\x8b") {
        return Some(bytes);
    }
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes.as_slice()).read_to_end(&mut plain).ok()?;
    Some(plain)
}
