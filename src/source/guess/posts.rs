//! Pages on which people talk, forums and questions with their answers: every post is text.

use std::sync::LazyLock;

use dom_query::{Attr, Document, NodeRef};
use regex::Regex;

use crate::html::{Index, Query};

use super::is_in;
use super::stats::Stats;

/// What may be called so.
static CALLED: LazyLock<Query> = LazyLock::new(|| Query::new("[class], [itemprop~=text], [id^=post_message]"));
/// What the makers of forums call the text of a post.
static POST: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"post-text|post[-_]?body|post-?content|message-body|message-content|messageContent|topic-body|answer-body|reply-content")
        .ok()
});
/// What they call the words within a post, beside its title, its date and a signature.
static WORDS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i-u)(^|[\s_-])(content|message|text|noi-?dung)([\s_-]|$)").ok());
/// No page is read for more posts.
const MOST: usize = 500;

/// The texts of posts, where several hold most of `all` the text in the paragraphs of a page.
pub(super) fn posts<'a>(page: &Index<'a>, stats: &Stats, all: usize) -> Vec<NodeRef<'a>> {
    let mut posts: Vec<NodeRef<'a>> = Vec::new();
    // In the order of the page: what stands in a post comes directly behind it.
    // What was taken out has no text.
    for node in page.all(&CALLED).filter(|node| stats.get(node).chars > 0 && is_post(node)).take(MOST) {
        if posts.last().is_none_or(|last| !is_in(&node, last.id)) {
            posts.push(node);
        }
    }
    let told: usize = posts.iter().map(|post| stats.get(post).good).sum();
    if posts.len() > 1 && told > 0 && told * 3 >= all * 2 { posts } else { Vec::new() }
}

/// The words of the first of several posts, which the others answer.
pub(in crate::source) fn first<'a>(page: &'a Document, index: &Index<'a>) -> Option<NodeRef<'a>> {
    let stats = Stats::of(&page.body()?);
    let first = *posts(index, &stats, stats.get(&page.body()?).good).first()?;
    let is_words = |node: &NodeRef<'_>| WORDS.as_ref().is_some_and(|words| words.is_match(&node.attr_or("class", "")));
    Some(first.descendants_it().find(|node| node.is_element() && stats.get(node).chars > 0 && is_words(node)).unwrap_or(first))
}

/// The smallest part of the page that holds all of them.
pub(super) fn together<'a>(posts: &[NodeRef<'a>]) -> Option<NodeRef<'a>> {
    let (first, last) = (posts.first()?, posts.last()?);
    first.ancestors_it(None).find(|above| is_in(last, above.id))
}

fn is_post(node: &NodeRef<'_>) -> bool {
    let says_so = |told: &Attr| match &*told.name.local {
        "class" => POST.as_ref().is_some_and(|post| post.is_match(&told.value)),
        "itemprop" => told.value.split_ascii_whitespace().any(|one| one == "text"),
        "id" => told.value.starts_with("post_message"),
        _ => false,
    };
    node.query_or(false, |inner| inner.as_element().is_some_and(|element| element.attrs.iter().any(says_so)))
}
