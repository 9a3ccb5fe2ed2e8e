//! Learning a site's frame from its own pages, without labels.
//!
//! What stands at the same place on several pages is frame: menus, sidebars, share bars, "tin
//! khác". It is taken away, and in what is left even a notice of two lines stands out. Every page
//! then votes with the selectors that fit its title, date, lead and body; those that most pages
//! agree on become the recipe. What repeats inside the body is written into it as well.

use std::collections::HashMap;

use chrono_tz::Tz;
use dom_query::{Document, NodeId, NodeRef};
use url::Url;

use crate::charset;
use crate::date;
use crate::html::{Index, parse};
use crate::page::Page;

use super::guess::title::last_step;
use super::guess::{author, body, headline, is_in, is_labelled, line_of, meta, posts};
use super::{Hint, Visit, link};

mod furniture;
mod lead;
mod lines;
mod select;
mod write;

use lines::Line;
use select::Had;

/// Fewer articles teach nothing.
const LEAST: usize = 2;
/// A line with a date is shorter than this.
const DATE_LINE: usize = 120;
/// A sentence with a date and a time tells when the article was posted only this near to its title.
const NEAR: usize = 4;
/// What is as long and ends with a full stop is text and no title.
const SENTENCE: usize = 60;
/// More articles teach nothing new.
const MOST: usize = 20;

/// One page with all that stands on it, and the same page without what repeats; nodes have the
/// same ids on both.
struct Lesson {
    visit: Visit,
    base: Url,
    meta: meta::Meta,
    whole: Document,
    bare: Document,
}

impl Lesson {
    /// What the site calls this article.
    fn titles(&self) -> impl Iterator<Item = &String> {
        [&self.visit.hint.title, &self.meta.headline, &self.meta.og_title].into_iter().flatten()
    }
}

/// Where one article keeps what, as nodes of its page.
#[derive(Debug, Default, Clone, Copy)]
struct Places {
    title: Option<NodeId>,
    date: Option<NodeId>,
    body: Option<NodeId>,
    author: Option<NodeId>,
    /// Whether others answer the article on its page.
    answered: bool,
}

/// The recipe that the pages of one site teach: its list pages (visits without a guid) and its
/// articles. `hints` is what its lists say of their articles. `None` when they agree on nothing.
pub(super) fn learn(pages: &[(Visit, Page)], hints: &HashMap<Url, Hint>, zone: Tz) -> Option<String> {
    let mut lessons: Vec<Lesson> = pages.iter().filter_map(|(visit, page)| lesson(visit, page, hints)).collect();
    let lists: Vec<Lesson> = lessons.extract_if(.., |lesson| lesson.visit.guid.is_none()).collect();
    lessons.truncate(MOST);
    if lessons.len() < LEAST {
        return None;
    }
    let frame = lines::repeated(&lessons, &lists);
    lessons.iter().for_each(|lesson| lines::strip(&lesson.bare, &frame));
    let mut places: Vec<Places> = lessons.iter().map(|lesson| places(lesson, zone)).collect();
    let thread = take_first_posts(&lessons, &mut places);
    let agreed = |place: fn(&Places) -> Option<NodeId>, had| select::agreed(&lessons, &places.iter().map(place).collect::<Vec<_>>(), had);
    let body = agreed(|places| places.body, Had::Everywhere)?;
    let (title, date) = (agreed(|places| places.title, Had::Everywhere), agreed(|places| places.date, Had::Everywhere));
    let author = agreed(|places| places.author, Had::NowhereElse);
    let furniture = furniture::inside(&lessons, &body);
    let leads: Vec<Option<NodeId>> = match &title {
        Some(title) => lessons.iter().map(|lesson| lead::between(lesson, title, &body, [&date, &author])).collect(),
        None => Vec::new(),
    };
    let article = write::Article {
        lead: select::agreed(&lessons, &leads, Had::Somewhere),
        title,
        date,
        author,
        remove: furniture.remove,
        frame: furniture.lines,
        ends: furniture.ends,
        thread,
        body,
    };
    write::recipe(article, lessons.len())
}

fn lesson(visit: &Visit, page: &Page, hints: &HashMap<Url, Hint>) -> Option<Lesson> {
    let text = charset::decode(&page.body, page.charset.as_deref());
    let whole = if charset::is_binary(&page.body) { return None } else { parse(&text).ok()? };
    let (meta, base) = (meta::read(&Index::of(&whole), page.url.host_str()), link::base(&whole, &page.url));
    // Types of their own, so that no count of siblings changes.
    whole.select("script, style, noscript, template").remove();
    let mut visit = visit.clone();
    let told = hints.get(&visit.url).or_else(|| hints.get(&link::canonical(page.url.clone())));
    visit.hint.title = visit.hint.title.or_else(|| told.and_then(|hint| hint.title.clone()));
    Some(Lesson { visit, base, meta, bare: whole.clone(), whole })
}

/// Where one article keeps what, judged by what is left of its page without the frame.
fn places(lesson: &Lesson, zone: Tz) -> Places {
    let page = &lesson.bare;
    let index = Index::of(page);
    body::hide(&index);
    // Before more is pruned: some sites show the date in a footer.
    let all = page.body().map(|body| lines::of(&body)).unwrap_or_default();
    body::prune(page, &index);
    let known: Vec<String> = lesson.titles().cloned().collect();
    let shown = headline::title(&index, &known, lesson.meta.page_title.as_deref());
    let title = shown.or_else(|| known_line(&all, &known)).or_else(|| first_headline(&all));
    body::prune_lists(page, &index, &lesson.base, title.as_ref().map(|node| node.id));
    // Answers that stand on several pages were taken for frame.
    let post = posts::first(page, &index).or_else(|| posts::first(&lesson.whole, &Index::of(&lesson.whole)));
    let found = post.or_else(|| body::container(page, &index, title.as_ref()));
    let title_at = title.and_then(|title| all.iter().position(|line| is_in(&line.node, title.id)));
    Places {
        title: title.map(|node| node.id),
        date: date_line(&all, title_at, zone),
        author: called(&lesson.whole).or_else(|| title.and_then(|title| person(lesson, title.id))),
        body: found.map(|node| node.id),
        answered: post.is_some(),
    }
}

/// Whether articles of this site are first posts that others answer. Where they are, one that nobody
/// answered is what is called as the others are.
fn take_first_posts(lessons: &[Lesson], places: &mut [Places]) -> bool {
    let class = |lesson: &Lesson, id: NodeId| lesson.whole.root().tree.get(&id).and_then(|node| node.class());
    let pairs = || lessons.iter().zip(places.iter());
    let known: Vec<_> = pairs().filter(|(_, at)| at.answered).filter_map(|(lesson, at)| class(lesson, at.body?)).collect();
    let Some(name) = known.iter().max_by_key(|name| known.iter().filter(|other| other == name).count()) else { return false };
    if known.iter().filter(|other| *other == name).count() < LEAST {
        return false;
    }
    for (lesson, at) in lessons.iter().zip(places.iter_mut()).filter(|(_, at)| !at.answered) {
        let alike = lesson.whole.root().descendants_it().find(|node| node.class().as_ref() == Some(name));
        at.body = alike.map(|node| node.id).or(at.body);
    }
    true
}

/// The line that says what the site calls the article, whatever element it is.
fn known_line<'a>(all: &[Line<'a>], known: &[String]) -> Option<NodeRef<'a>> {
    let line = all.iter().find(|line| known.contains(&line.text) || known.contains(&last_step(line.text.clone())))?;
    Some(lines::element(&line.node))
}

/// Without its frame a page begins with its title, or with the way to it.
fn first_headline<'a>(all: &[Line<'a>]) -> Option<NodeRef<'a>> {
    let is_way = |line: &str| [" > ", " » ", " / ", " >> "].iter().any(|sign| line.contains(sign));
    let first = all.iter().find(|line| !date::is_stamp_line(&line.text) && !is_labelled(&line.text) && !is_way(&line.text));
    let is_title = |line: &&Line<'_>| {
        let chars = line.text.chars().count();
        (12..200).contains(&chars) && !(chars >= SENTENCE && line.text.ends_with('.'))
    };
    let found = first.filter(is_title).or_else(|| all.iter().find(|line| last_step(line.text.clone()) != line.text))?;
    Some(lines::element(&found.node))
}

/// The line that tells the date: near the title before far, with a time before one without, one
/// that says nothing else before one that does, behind the title before in front.
fn date_line(all: &[Line<'_>], title: Option<usize>, zone: Tz) -> Option<NodeId> {
    let title = title.unwrap_or_default();
    let now = chrono::DateTime::<chrono::Utc>::MAX_UTC;
    let dated = all.iter().enumerate().filter(|(_, line)| line.text.chars().count() < DATE_LINE).filter_map(|(at, line)| {
        let stamp = date::parse(&line.text, zone, now).filter(|stamp| !stamp.coarse)?;
        let alone = date::is_stamp_line(&line.text) || is_labelled(&line.text);
        let distance = if at >= title { at - title } else { (title - at) * 2 };
        (alone || stamp.has_time && distance <= NEAR).then_some(((distance > NEAR, !stamp.has_time, !alone, distance), line))
    });
    let (_, line) = dated.min_by_key(|(order, _)| *order)?;
    let line = lines::element(&line.node);
    // The smallest element that says the same.
    let whole = date::parse(&line_of(&line), zone, now);
    if let Some(around) = whole.filter(|whole| !whole.has_time).and_then(|day| timed(&line, day, zone)) {
        return Some(around.id);
    }
    let same = |node: &NodeRef<'_>| node.is_element() && date::parse(&line_of(node), zone, now) == whole;
    Some(line.descendants_it().filter(same).last().unwrap_or(line).id)
}

/// What holds a day and, in a part of its own, its time.
fn timed<'a>(line: &NodeRef<'a>, day: date::Stamp, zone: Tz) -> Option<NodeRef<'a>> {
    let now = chrono::DateTime::<chrono::Utc>::MAX_UTC;
    let small = line.ancestors_it(Some(3)).map(|above| (above, line_of(&above))).take_while(|(_, told)| told.chars().count() < DATE_LINE);
    let stamps = small.filter_map(|(above, told)| Some((above, date::parse(&told, zone, now)?)));
    stamps.filter(|(_, stamp)| stamp.has_time && stamp.at.date_naive() == day.at.date_naive()).map(|(above, _)| above).next()
}

/// What is called after the author, else the first that is called after an account: whose post it is.
fn called(page: &Document) -> Option<NodeId> {
    let named =
        page.select("[itemprop=author], [rel=author], [class*=author], [class*=tacgia], [class*=tac-gia], [class*=actor], [class*=byline], [class*=createdby]");
    let accounts = page.select("[class*=username], [class*=user-name], [class*=poster]");
    let line = |node: &&NodeRef<'_>| {
        let line = line_of(node);
        (3..60).contains(&line.chars().count()) && !line.bytes().any(|b| b.is_ascii_digit())
    };
    named.nodes().iter().rfind(line).or_else(|| accounts.nodes().iter().find(line)).map(|node| node.id)
}

/// A line right behind the title that is nothing but the name of a person.
fn person(lesson: &Lesson, title: NodeId) -> Option<NodeId> {
    let all = lines::of(&lesson.whole.body()?);
    let behind = all.iter().skip_while(|line| !is_in(&line.node, title)).take(NEAR + 1);
    behind.filter(|line| author::is_person(&line.text)).map(|line| lines::element(&line.node).id).next()
}
