//! Pages for a host that serves nothing but files: the news, each ward's, each article's. Their
//! links are relative, so that the folder may stand anywhere.

use std::borrow::Borrow;

use anyhow::Result;
use askama::Template;
use chrono::{DateTime, Utc};

use super::{FeedPlan, LISTING, Publish, file_name};
use crate::entry::Entry;
use crate::feed::{FILES, Format};
use crate::phrases::{self, Said};
use crate::schedule::spoken;
use crate::store::Stored;
use crate::text;

/// Of a lead in a list.
const SUMMARY: usize = 200;
/// Wards that a front page names; of more there is the list of all feeds.
const NAMED: usize = 200;
const STYLE: &str = include_str!("../web/templates/loaphuong.css");

/// What every page has.
struct Page<'a> {
    lang: &'static str,
    site: &'a str,
    title: &'a str,
    /// Leads to the folder from where the page lies.
    root: &'static str,
    feeds: Vec<(&'static Format, String)>,
    shows_pictures: bool,
    publish: &'a Publish,
}

impl Page<'_> {
    fn say(&self, said: impl Borrow<Said>) -> Both {
        let (first, second) = (self.publish.language, self.publish.language.other());
        let said = said.borrow();
        Both { first: said.in_language(first).to_owned(), second: said.in_language(second).to_owned(), tag: second.tag() }
    }
}

/// A sentence in both languages.
#[derive(Template)]
#[template(source = "{{ first }} <span class=\"en\" lang=\"{{ tag }}\">{{ second }}</span>", ext = "html")]
struct Both {
    first: String,
    second: String,
    tag: &'static str,
}

impl askama::filters::HtmlSafe for Both {}

/// An entry in a list.
struct Shown {
    title: String,
    page: String,
    source: String,
    time: String,
    datetime: String,
    summary: String,
}

#[derive(Template)]
#[template(path = "kept_list.html")]
struct List<'a> {
    page: Page<'a>,
    entries: Vec<Shown>,
    wards: Vec<(String, &'a str)>,
}

#[derive(Template)]
#[template(path = "kept_article.html")]
struct Article<'a> {
    page: Page<'a>,
    entry: &'a Entry,
    source: String,
    shown: Shown,
}

impl Publish {
    /// The pages of a feed's entries: one for the feed, and one for each article.
    pub(super) fn pages(&self, plan: &FeedPlan, stored: &[Stored]) -> Result<Vec<(String, Vec<u8>)>> {
        let mut files = Vec::with_capacity(stored.len() + 1);
        for one in stored {
            let article = Article {
                page: self.page(&one.entry.title, "../../", self.feeds.iter().find(|plan| plan.slug == one.source)),
                entry: &one.entry,
                source: one.source.to_string(),
                shown: self.shown(one),
            };
            files.push((page_name(one), article.render()?.into_bytes()));
        }
        files.push((format!("{}.html", plan.slug), self.list_page(&plan.title, plan, stored, false)?));
        Ok(files)
    }

    /// The front page, with the news of the first feed, and what all pages share.
    pub(super) fn front(&self, plan: &FeedPlan, stored: &[Stored]) -> Result<Vec<(String, Vec<u8>)>> {
        let title = phrases::page_latest().in_language(self.language).to_owned();
        let page = self.list_page(&title, plan, stored, true)?;
        Ok(vec![("loaphuong.css".to_owned(), STYLE.into()), ("index.html".to_owned(), page)])
    }

    fn list_page(&self, title: &str, plan: &FeedPlan, stored: &[Stored], is_front: bool) -> Result<Vec<u8>> {
        let wards = self.feeds.iter().filter(|_| is_front).take(NAMED).map(|plan| (plan.slug.to_string(), plan.title.as_str())).collect();
        let list = List { page: self.page(title, "", Some(plan)), entries: stored.iter().map(|one| self.shown(one)).collect(), wards };
        Ok(list.render()?.into_bytes())
    }

    fn page<'a>(&'a self, title: &'a str, root: &'static str, plan: Option<&FeedPlan>) -> Page<'a> {
        let feeds = plan.map(|plan| FILES.iter().map(|format| (format, file_name(&plan.slug, format))).collect());
        Page {
            lang: self.language.tag(),
            site: self.manner.publisher.as_deref().unwrap_or(LISTING),
            title,
            root,
            feeds: feeds.unwrap_or_default(),
            shows_pictures: self.shows_pictures,
            publish: self,
        }
    }

    fn shown(&self, stored: &Stored) -> Shown {
        let at: DateTime<Utc> = stored.entry.published.map_or(stored.seen, |at| at.with_timezone(&Utc));
        Shown {
            title: stored.entry.title.clone(),
            page: page_name(stored),
            source: self.titles.get(&stored.source).cloned().unwrap_or_else(|| stored.source.to_string()),
            time: spoken(at, self.zone),
            datetime: at.with_timezone(&self.zone).to_rfc3339(),
            summary: text::cut(stored.entry.summary.as_deref().unwrap_or_default(), SUMMARY),
        }
    }
}

/// Where the page of an article lies in the folder.
pub(super) fn page_name(stored: &Stored) -> String {
    format!("tin/{}/{}.html", stored.source, stored.slug)
}
