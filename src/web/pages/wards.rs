//! Choosing a ward among thousands: by name, or by province.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::Uri;
use axum::response::Response;

use super::{Frame, asked, html};
use crate::entry::Slug;
use crate::phrases;
use crate::text;
use crate::web::{Site, Web};

/// Wards on a page, so that it stays light.
const SHOWN: usize = 100;
/// The address of those that name no province.
const ELSEWHERE: &str = "noi-khac";

/// A source as people choose it.
#[derive(Debug, Clone)]
pub struct Ward {
    /// Its name.
    pub slug: Slug,
    /// Its title.
    pub title: String,
    /// Its province or city.
    pub province: Option<String>,
    /// The name of its province in addresses.
    within: String,
    /// The words that it is found by, folded.
    words: String,
}

impl Ward {
    /// A ward to choose.
    #[must_use]
    pub fn new(slug: Slug, title: String, province: Option<String>) -> Self {
        let words = text::fold(&format!(" {title} {}", province.as_deref().unwrap_or_default()));
        let within = province.as_deref().map(text::slug).filter(|slug| !slug.is_empty()).unwrap_or_else(|| ELSEWHERE.to_owned());
        Self { slug, title, province, within, words }
    }

    /// Whether each word begins a word of its name.
    fn is_meant(&self, words: &[&str]) -> bool {
        words.iter().all(|word| self.words.split(' ').any(|own| own.starts_with(word)))
    }
}

#[derive(Template)]
#[template(path = "wards.html")]
struct Wards<'a> {
    frame: Frame<'a>,
    question: String,
    /// The province that is shown, with its name in addresses.
    province: Option<Province>,
    provinces: Vec<Province>,
    wards: Vec<&'a Ward>,
    total: usize,
    previous: Option<String>,
    next: Option<String>,
}

struct Province {
    slug: String,
    name: String,
    count: usize,
}

pub(super) async fn choose(State(web): State<Arc<Web>>, uri: Uri) -> Response {
    let site = web.site();
    html(&site, &page(&site, asked(&uri, "q"), &asked(&uri, "tinh"), asked(&uri, "trang").parse().unwrap_or(1)))
}

fn page<'a>(site: &'a Site, question: String, within: &str, number: usize) -> Wards<'a> {
    let folded = text::fold(&question);
    let words: Vec<&str> = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let provinces = provinces(site);
    let province = provinces.iter().position(|province| province.slug == within);
    let chosen = |ward: &&Ward| ward.is_meant(&words) && (province.is_none() || ward.within == within);
    // A list of thousands is no choice: provinces come first, where there are some.
    let is_list = !words.is_empty() || province.is_some() || provinces.len() < 2;
    let found: Vec<&Ward> = site.wards.iter().filter(|_| is_list).filter(chosen).collect();
    let last = found.len().div_ceil(SHOWN).max(1);
    let number = number.clamp(1, last);
    let link = |number: usize| {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [("q", question.as_str()), ("tinh", within)] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        format!("chon-phuong?{}", query.append_pair("trang", &number.to_string()).finish())
    };
    let wards = found.iter().copied().skip((number - 1) * SHOWN).take(SHOWN).collect();
    let (previous, next) = ((number > 1).then(|| link(number - 1)), (number < last).then(|| link(number + 1)));
    let title = phrases::page_wards().in_language(site.language).to_owned();
    let (mut shown, mut province_shown) = (Vec::new(), None);
    for (at, one) in provinces.into_iter().enumerate() {
        if province == Some(at) {
            province_shown = Some(one);
        } else if !is_list {
            shown.push(one);
        }
    }
    let frame = Frame::new(site, title, "chon-phuong");
    Wards { frame, question, province: province_shown, provinces: shown, wards, total: found.len(), previous, next }
}

/// The provinces that wards name, in the order of their names; those without one last.
fn provinces(site: &Site) -> Vec<Province> {
    let mut known: BTreeMap<(bool, String), Province> = BTreeMap::new();
    for ward in &site.wards {
        let slug = ward.within.clone();
        let name = || ward.province.clone().unwrap_or_else(|| phrases::page_no_province().in_language(site.language).to_owned());
        let one = known.entry((slug == ELSEWHERE, slug.clone())).or_insert_with(|| Province { slug, name: name(), count: 0 });
        one.count += 1;
    }
    if known.keys().all(|(elsewhere, _)| *elsewhere) { Vec::new() } else { known.into_values().collect() }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn meant(title: &str, province: &str, question: &str) -> bool {
        let ward = Ward::new(Slug::new("a").unwrap(), title.to_owned(), Some(province.to_owned()));
        let folded = text::fold(question);
        ward.is_meant(&folded.split(' ').collect::<Vec<_>>())
    }

    #[test]
    fn a_ward_is_found_by_the_start_of_its_words_without_accents() {
        assert!(meant("Phường Thổ Quan", "Hà Nội", "tho quan"));
        assert!(meant("Phường Đống Đa", "Hà Nội", "ĐỐNG"));
        assert!(meant("Phường Đống Đa", "Hà Nội", "dong da ha noi"));
        assert!(meant("Phường Thổ Quan", "Hà Nội", "qu"));
        assert!(!meant("Phường Thổ Quan", "Hà Nội", "uan"));
        assert!(!meant("Phường Thổ Quan", "Hà Nội", "tho hue"));
    }
}
