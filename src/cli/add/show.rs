//! What was found, for people and for programs.

use std::fmt::Write;

use serde::Serialize;
use url::Url;

use super::super::try_page::show::{Told, told};
use crate::config::edit::Addition;
use crate::entry::Entry;
use crate::phrases;
use crate::sample::{Found, Trial, Way};
use crate::schedule::spoken;
use crate::source::discover::{Look, Section};
use crate::{html, text};

/// Characters of a summary that are shown.
const SHOWN: usize = 140;

/// The answer to a program.
#[derive(Serialize)]
struct Answer<'a> {
    url: &'a str,
    saw: String,
    /// How many addresses of its own site the page links to, how many of them look like articles,
    /// and which like news indexes.
    links: usize,
    articles: usize,
    sections: Vec<Better<'a>>,
    candidates: Vec<Candidate<'a>>,
    chosen: Option<Candidate<'a>>,
    entries: Vec<Told<'a>>,
    name: Option<&'a str>,
    block: Option<String>,
    recipe: Option<Recipe>,
    advice: Vec<Better<'a>>,
    written: bool,
}

#[derive(Serialize)]
struct Candidate<'a> {
    way: &'static str,
    kind: &'a str,
    url: &'a str,
    recipe: Option<&'a str>,
    listed: usize,
    read: usize,
    whole: usize,
    worth: f32,
    why: Option<&'a str>,
    problems: &'a [String],
}

#[derive(Serialize)]
struct Recipe {
    path: String,
    text: String,
}

#[derive(Serialize)]
struct Better<'a> {
    title: &'a str,
    url: &'a str,
}

/// A site that is there already.
#[derive(Serialize)]
struct Known<'a> {
    url: &'a str,
    known: &'a str,
    written: bool,
}

pub(super) fn known(url: &Url, name: &str) -> String {
    pretty(&Known { url: url.as_str(), known: name, written: false })
}

pub(super) fn json(found: &Found, addition: Option<&Addition>, written: bool) -> String {
    let best = found.best();
    let recipe = addition.and_then(|one| Some(Recipe { path: one.recipe_path()?, text: one.recipe_text()? }));
    pretty(&Answer {
        url: found.url.as_str(),
        saw: saw(found),
        links: found.links,
        articles: found.articles,
        sections: found.sight.iter().flat_map(|sight| &sight.sections).map(titled).collect(),
        candidates: found.trials.iter().map(candidate).collect(),
        chosen: best.map(candidate),
        entries: best.map(|trial| trial.entries.iter().map(|entry| told(None, entry, &[])).collect()).unwrap_or_default(),
        name: addition.map(|one| one.name.as_str()),
        block: addition.map(Addition::block),
        recipe,
        advice: found.better.iter().map(titled).collect(),
        written,
    })
}

fn titled(section: &Section) -> Better<'_> {
    Better { title: &section.title, url: section.url.as_str() }
}

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn candidate(trial: &Trial) -> Candidate<'_> {
    let recipe = trial.keys.get("recipe").and_then(toml::Value::as_str);
    Candidate {
        way: word(trial.way),
        kind: trial.kind,
        url: trial.url.as_str(),
        recipe: recipe.or_else(|| trial.recipe.as_ref().map(|_| "learned")),
        listed: trial.listed(),
        read: trial.entries.len(),
        whole: trial.whole,
        worth: trial.worth,
        why: trial.why.as_deref(),
        problems: &trial.problems,
    }
}

const fn word(way: Way) -> &'static str {
    match way {
        Way::Feed => "feed",
        Way::Followed => "feed-followed",
        Way::Api => "api",
        Way::Sitemap => "sitemap",
        Way::Structured => "structured",
        Way::Family => "recipe",
        Way::Section => "section",
        Way::Learned => "learned",
        Way::List => "list",
    }
}

/// A way in words.
pub(super) fn way(trial: &Trial) -> String {
    match trial.way {
        Way::Feed => phrases::way_feed(),
        Way::Followed => phrases::way_feed_followed(),
        Way::Api => phrases::way_api(),
        Way::Sitemap => phrases::way_sitemap(),
        Way::Structured => phrases::way_structured(),
        Way::Family => phrases::way_family(trial.keys.get("recipe").and_then(toml::Value::as_str).unwrap_or_default()),
        Way::Learned => phrases::way_learned(),
        Way::Section | Way::List => phrases::way_list(),
    }
}

fn saw(found: &Found) -> String {
    let Some(sight) = &found.sight else { return found.failure.clone().unwrap_or_default() };
    match sight.look {
        Look::Feed => phrases::saw_feed(),
        Look::Blocked if found.articles == 0 => phrases::saw_blocked(),
        Look::Missing => phrases::saw_missing(),
        Look::Frames => phrases::saw_frames(),
        Look::Unreadable => phrases::saw_unreadable(),
        Look::Shell if found.articles == 0 => phrases::saw_shell(),
        Look::Login if found.articles == 0 => phrases::saw_login(),
        Look::Article | Look::Blocked | Look::Login | Look::Shell | Look::Page if found.is_article => phrases::saw_article(),
        Look::Article | Look::Blocked | Look::Login | Look::Shell | Look::Page if sight.is_home => {
            let titles: Vec<&str> = sight.sections.iter().map(|section| section.title.as_str()).collect();
            phrases::saw_home(found.links, found.articles, &titles)
        }
        Look::Article | Look::Blocked | Look::Login | Look::Shell | Look::Page if found.articles > 0 => phrases::saw_list(found.articles),
        Look::Article | Look::Blocked | Look::Login | Look::Shell | Look::Page => phrases::saw_no_list(),
    }
}

/// What was seen and what to try, where there is nothing to add.
pub(super) fn advice(found: &Found) -> String {
    let mut lines = vec![phrases::add_saw(&text::shown(&found.url), &saw(found)), phrases::add_nothing()];
    if !found.trials.is_empty() {
        lines.push(phrases::add_ways());
        lines.extend(found.trials.iter().map(tried));
    }
    if found.sight.as_ref().is_some_and(|sight| sight.look == Look::Blocked) {
        lines.push(phrases::add_ask_owner());
    } else if found.better.is_empty() {
        lines.push(phrases::add_try_browser());
    } else {
        lines.push(phrases::add_try_these());
        lines.extend(found.better.iter().map(better));
    }
    lines.join("\n")
}

fn better(section: &Section) -> String {
    format!("  loaphuong add {}   # {}", section.url, section.title)
}

fn tried(trial: &Trial) -> String {
    format!("  {}", phrases::add_way(&way(trial), &text::shown(&trial.url), trial.whole, trial.wanted, trial.why.as_deref()))
}

/// What would be published, and the block that makes it so.
pub(super) fn preview(found: &Found, addition: &Addition, zone: chrono_tz::Tz) -> String {
    let Some(best) = found.best() else { return String::new() };
    // Writing to a string does not fail.
    let mut out = format!("{}\n{}\n", phrases::add_saw(&text::shown(&found.url), &saw(found)), phrases::add_preview(&way(best)));
    for (number, entry) in best.entries.iter().enumerate() {
        write!(out, "\n{}. {}", number + 1, person(entry, zone)).ok();
    }
    for problem in &best.problems {
        writeln!(out, "! {problem}").ok();
    }
    writeln!(out, "\n{}", addition.block()).ok();
    if found.sight.as_ref().is_some_and(|sight| sight.is_home) && !found.better.is_empty() {
        let lines: Vec<String> = found.better.iter().map(better).collect();
        writeln!(out, "{}\n{}\n", phrases::add_try_these(), lines.join("\n")).ok();
    }
    out
}

fn person(entry: &Entry, zone: chrono_tz::Tz) -> String {
    let time = entry.published.map_or_else(phrases::no_date, |t| spoken(t.with_timezone(&chrono::Utc), zone));
    let chars = html::to_text(&entry.content_html).chars().count();
    let summary = entry.summary.as_deref().map(|summary| format!("   {}\n", text::cut(&text::line(summary), SHOWN))).unwrap_or_default();
    let measures = phrases::add_measures(chars, entry.images.len(), entry.attachments.len());
    format!("{}\n   {time}\n{summary}   {measures}\n", entry.title)
}
