//! Pages that are about one thing: an article with "tin khác" below it, an introduction, a form,
//! a page that is not there. What they list only stands around that.

use dom_query::{Document, local_name};
use url::Url;

use crate::html::Named;
use crate::source::link;
use crate::text;

use super::items::Item;
use super::judge::Judge;
use super::links::{LINKS, Proof, proof, shape};

/// Shorter lines are headings, labels and menus, in characters.
const SENTENCE: usize = 60;
/// A heading that says less could head a list, in characters.
const HEADING: usize = 15;
/// So much text beside the list is hardly the head of a list.
const TEXT: usize = 1_000;
/// So much text is an article where something else says so.
const SHORT_TEXT: usize = 100;
/// How many texts of a page may be its heading.
const TEXTS_READ: usize = 300;
/// How pages are called that are not there, folded.
const NOT_THERE: &[&str] = &["404", "not found", "khong tim thay", "khong ton tai", "page not found", "loi truy cap"];
/// How the names of pages begin that are no lists, folded.
const OTHER_PAGES: &[&str] =
    &["lien he", "contact", "dang nhap", "dang ky", "login", "sign in", "log in", "quen mat khau", "so do", "sitemap"];
/// How the names of pages begin that are no lists where they have text of their own, folded.
const TEXTS: &[&str] = &["gioi thieu", "about", "chuc nang", "co cau to chuc", "lich su", "so do to chuc"];

/// Is the page about one thing, and no list?
pub(super) fn stands_alone(page: &Document, judge: &mut Judge<'_, '_>, items: &[Item], here: &Url) -> bool {
    let name = name(page);
    let begins = |words: &[&str]| words.iter().any(|word| name.starts_with(word));
    if begins(OTHER_PAGES) || NOT_THERE.iter().any(|words| text::contains_folded(&name, words)) {
        return true;
    }
    // Of a page with more links than are looked at, the rest of the list would be the text.
    let beside = if judge.survey.anchors.len() > LINKS { 0 } else { text_beside(judge, items) };
    let listed: usize = items.iter().map(|item| judge.survey.chars(item.texts.clone())).sum();
    let told =
        || beside >= SHORT_TEXT && (beside * 8 >= listed && is_one_of(judge, items, here) || beside * 3 >= listed && says_article(page));
    let shown = || is_one_of(judge, items, here) && is_headed(judge, items, &name);
    told() || shown() || beside >= TEXT / 3 && begins(TEXTS) || beside >= TEXT && beside * 2 > listed * 3
}

/// What the page calls itself, folded.
fn name(page: &Document) -> String {
    page.head()
        .and_then(|head| head.children().into_iter().find(|node| node.is_a(&local_name!("title"))))
        .map(|title| text::fold(&title.text()))
        .unwrap_or_default()
}

fn says_article(page: &Document) -> bool {
    let tells = |node: &dom_query::NodeRef<'_>| {
        let (name, content) = (node.attr_or("property", ""), node.attr_or("content", ""));
        &*name == "og:type" && content.eq_ignore_ascii_case("article") || &*name == "article:published_time"
    };
    page.head().is_some_and(|head| head.children_it(false).any(|node| node.is_a(&local_name!("meta")) && tells(&node)))
}

/// Characters of sentences that are in no piece of the list, no link and no frame.
fn text_beside(judge: &mut Judge<'_, '_>, items: &[Item]) -> usize {
    let survey = judge.survey;
    let linked = survey.anchors.iter().filter_map(|at| survey.spots.get(*at)).map(|spot| spot.texts.clone());
    let mut taken: Vec<_> = items.iter().map(|item| item.texts.clone()).chain(linked).collect();
    taken.sort_by_key(|range| range.start);
    let mut taken = taken.into_iter().peekable();
    let (mut sum, mut line, mut spot) = (0, 0, 0);
    for (at, text) in survey.texts.iter().enumerate() {
        if text.breaks {
            sum += if line >= SENTENCE && !judge.stands_in_frame(spot) { line } else { 0 };
            line = 0;
        }
        while taken.next_if(|range| range.end <= at).is_some() {}
        if !taken.peek().is_some_and(|range| range.contains(&at)) {
            (line, spot) = (line + text.chars, text.spot);
        }
    }
    sum + if line >= SENTENCE && !judge.stands_in_frame(spot) { line } else { 0 }
}

/// Does the page's own address look like those of the list?
fn is_one_of(judge: &Judge<'_, '_>, items: &[Item], here: &Url) -> bool {
    let words = |url: &Url| url.path().rsplit('/').find(|part| !part.is_empty()).map_or(0, |last| last.split(['-', '_', '+']).count());
    let own = shape(here);
    // "/chuyen-muc/3" is none of "/bai/7".
    let beside = |url: &Url| link::counted(here).is_none_or(|folder| link::counted(url) == Some(folder));
    let alike = |url: &&Url| shape(url) == own && beside(url) && words(here) * 3 >= words(url);
    let urls = items.iter().filter_map(|item| judge.links.articles.get(item.article)).map(|article| &article.url);
    proof(here) > Proof::Nothing && urls.filter(alike).count() * 2 > items.len()
}

/// Does a line beside the list, and no link, say the name of the page?
fn is_headed(judge: &Judge<'_, '_>, items: &[Item], name: &str) -> bool {
    let survey = judge.survey;
    let free = |text: &&super::survey::Text| {
        (HEADING..400).contains(&text.chars) && !survey.above(text.spot).chain([text.spot]).take(4).any(|at| survey.is_link(at))
    };
    let outside = |at: &usize| items.iter().all(|item| !item.texts.contains(at));
    let texts = survey.texts.iter().enumerate().filter(|(_, text)| free(text)).take(TEXTS_READ).filter(|(at, _)| outside(at));
    texts.into_iter().any(|(_, text)| name.starts_with(&text::fold(&text.raw)))
}
