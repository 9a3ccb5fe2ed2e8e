//! Sites that teach how they are read: a list and some articles, without labels.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use loaphuong::entry::Entry;
use loaphuong::html;
use loaphuong::page::Page;
use loaphuong::read::{self, Site};

use crate::fakes::families::{self, FAMILIES, Family, STORIES, Story};

fn page(url: &str, html: String) -> Page {
    Page::new(url.parse().unwrap(), "2026-11-23T00:00:00Z".parse().unwrap(), html)
}

fn articles(family: &Family) -> Vec<Page> {
    STORIES.iter().enumerate().map(|(at, story)| page(&families::address(at), (family.1)(at, story))).collect()
}

fn site(family: &Family) -> (Site, Vec<Page>) {
    let articles = articles(family);
    let mut pages = vec![page("https://honglinh.example.vn/tin-tuc", families::list())];
    pages.extend(articles.iter().cloned());
    (Site::learn(&pages, chrono_tz::Asia::Ho_Chi_Minh), articles)
}

/// What differs from what the author wrote.
fn faults(entry: Option<&Entry>, story: &Story) -> Vec<String> {
    let Some(entry) = entry else { return vec!["nothing read".to_owned()] };
    let (day, time) = story.date;
    let text: Vec<String> = html::to_text(&entry.content_html).lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let want: Vec<&str> = std::iter::once(story.lead).chain(story.body.iter().copied()).collect();
    let date = entry.published.map(|at| at.format("%d/%m/%Y %H:%M %:z").to_string()).unwrap_or_default();
    let mut faults = Vec::new();
    if entry.title != story.title {
        faults.push(format!("title {:?}", entry.title));
    }
    if date != format!("{day} {time} +07:00") {
        faults.push(format!("date {date:?}, not {day} {time}"));
    }
    if text != want {
        faults.push(format!("text {text:#?}, not {want:#?}"));
    }
    faults
}

fn check(family: &Family, site: &Site, articles: &[Page]) -> Vec<String> {
    let read = articles.iter().zip(STORIES);
    read.flat_map(|(page, story)| {
        faults(site.article(page).entries.first(), story).into_iter().map(|fault| format!("{}: {}: {fault}", family.0, story.title))
    })
    .collect()
}

#[test]
fn every_family_of_portals_teaches_its_frame() {
    let mut all = Vec::new();
    for family in FAMILIES {
        let (site, articles) = site(family);
        let faults = check(family, &site, &articles);
        if !faults.is_empty() {
            all.push(format!("{}\n{}", site.recipe(), faults.join("\n")));
        }
    }
    assert!(all.is_empty(), "{}", all.join("\n\n"));
}

/// The recipe alone is enough: it is kept beside the config and read at the next start.
#[test]
fn a_learned_recipe_reads_articles_that_were_not_there() {
    for family in FAMILIES {
        let articles = articles(family);
        let (known, new) = articles.split_at(5);
        let recipe = Site::learn(known, chrono_tz::Asia::Ho_Chi_Minh).recipe().to_owned();
        let site = Site::taught(&recipe, chrono_tz::Asia::Ho_Chi_Minh).unwrap();
        for (page, story) in new.iter().zip(&STORIES[5..]) {
            let faults = faults(site.article(page).entries.first(), story);
            assert!(faults.is_empty(), "{} {recipe}\n{}", family.0, faults.join("\n"));
        }
    }
}

#[test]
fn one_page_teaches_nothing_and_is_still_read() {
    let page = articles(&FAMILIES[0]).remove(2);
    let site = Site::learn(std::slice::from_ref(&page), chrono_tz::Asia::Ho_Chi_Minh);
    assert_eq!(site.recipe(), "");
    assert_eq!(site.article(&page), read::article(&page, chrono_tz::Asia::Ho_Chi_Minh));
}
