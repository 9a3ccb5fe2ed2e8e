//! An article in Markdown: the heading is the title; a front matter, where there is one, is read.

use std::ops::Range;

use pulldown_cmark::{Event, Options, Parser, Tag};

use super::pasted::{self, Article, Calendar};
use crate::charset::legacy;
use crate::text;

/// Lines that may stand above the heading: a section's name, a date.
const ABOVE_HEADING: usize = 2;
/// The date stands in one of the first lines under the title.
const HEAD_LINES: usize = 2;

/// Reads a Markdown file. `None` when there is no line in it.
pub(super) fn read(text: &str, calendar: &Calendar) -> Option<Article> {
    let text = text::clean(&legacy::repair(text));
    let (mut article, source) = front_matter(&text, calendar);
    let titled = title(source);
    let mut lines = body(source, titled.as_ref(), &article.title);
    if article.title.is_empty() {
        article.title = titled.map(|at| plain(source.get(at).unwrap_or_default())).filter(|title| !title.is_empty())?;
    }
    let stamp = take_stamp(&mut lines);
    article.published = article.published.or_else(|| calendar.read(&stamp?));
    let signed = take_byline(&mut lines);
    article.author = article.author.or(signed);
    article.html = render(&lines.join("\n"));
    Some(article)
}

/// Reads `key: value` lines between two `---`; gives what stands behind them.
fn front_matter<'a>(text: &'a str, calendar: &Calendar) -> (Article, &'a str) {
    let mut article = Article::default();
    let split = text.trim_start().strip_prefix("---\n").and_then(|rest| rest.split_once("\n---"));
    // A rule above a text is no front matter.
    let Some((front, rest)) = split
        .filter(|(front, _)| front.lines().all(|line| line.contains(':') || line.trim().is_empty() || line.trim_start().starts_with("- ")))
    else {
        return (article, text);
    };
    for (key, value) in front.lines().filter_map(|line| line.split_once(':')) {
        let value = value.trim().trim_matches(['"', '\'']);
        match key.trim() {
            "title" => article.title = text::line(value),
            "date" => article.published = calendar.read(value),
            "author" => article.author = Some(text::line(value)).filter(|name| !name.is_empty()),
            "categories" => article.categories = list(value),
            _ => {}
        }
    }
    (article, rest.trim_start_matches('-'))
}

fn list(value: &str) -> Vec<String> {
    let names = value.trim_matches(['[', ']']).split(',').map(|name| text::line(name.trim().trim_matches(['"', '\''])));
    names.filter(|name| !name.is_empty()).collect()
}

/// Where the title is written: the first heading, else the first line.
fn title(source: &str) -> Option<Range<usize>> {
    let heading = Parser::new_ext(source, options())
        .into_offset_iter()
        .find_map(|(event, at)| matches!(event, Event::Start(Tag::Heading { .. })).then_some(at));
    let near = |at: &Range<usize>| {
        source.get(..at.start).is_some_and(|above| above.lines().filter(|line| !line.trim().is_empty()).count() <= ABOVE_HEADING)
    };
    heading.filter(near).or_else(|| first_line(source))
}

fn first_line(source: &str) -> Option<Range<usize>> {
    let start = source.find(|c: char| !c.is_whitespace())?;
    let length = source.get(start..)?.find('\n').unwrap_or(source.len() - start);
    Some(start..start + length)
}

/// The lines without the title. A first line stays when the front matter gave another title.
fn body<'a>(source: &'a str, titled: Option<&Range<usize>>, given: &str) -> Vec<&'a str> {
    let Some(at) = titled else { return Vec::new() };
    let written = source.get(at.clone()).unwrap_or_default();
    if !given.is_empty() && text::fold(&plain(written)) != text::fold(given) {
        return source.lines().collect();
    }
    let around = [source.get(..at.start), source.get(at.end..)];
    let lines = around.into_iter().flatten().flat_map(str::lines);
    lines.skip_while(|line| line.trim().is_empty() || pasted::is_heading(&undecorated(line))).collect()
}

/// A line without emphasis around it.
fn undecorated(line: &str) -> String {
    text::line(line.trim_matches(['*', '_', '>', ' ', '\t']))
}

fn take_stamp(lines: &mut Vec<&str>) -> Option<String> {
    let mut written = lines.iter().enumerate().filter(|(_, line)| !line.trim().is_empty()).take(HEAD_LINES);
    let at = written.find(|(_, line)| pasted::is_stamp(&undecorated(line)))?.0;
    Some(undecorated(lines.remove(at)))
}

fn take_byline(lines: &mut Vec<&str>) -> Option<String> {
    drop_foot(lines);
    let (last, above) = lines.split_last()?;
    let author = pasted::byline(&undecorated(last)).filter(|_| above.last().is_some_and(|line| line.trim().is_empty()))?;
    lines.pop();
    drop_foot(lines);
    Some(author)
}

fn drop_foot(lines: &mut Vec<&str>) {
    // A rule is a foot too: `is_navigation` holds for what has no letter.
    while lines.pop_if(|line| pasted::is_navigation(&undecorated(line)) && !line.starts_with(['|', '`', '~', '!'])).is_some() {}
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH
}

fn plain(source: &str) -> String {
    let words = Parser::new_ext(source, options())
        .filter_map(|event| if let Event::Text(text) | Event::Code(text) = event { Some(text.into_string()) } else { None });
    text::line(&words.collect::<Vec<_>>().concat())
}

fn render(source: &str) -> String {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, Parser::new_ext(source, options()));
    html
}
