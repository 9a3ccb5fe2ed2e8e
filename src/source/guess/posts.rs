//! Pages on which people talk, forums and questions with their answers: every post is text.

use std::sync::LazyLock;

use dom_query::NodeRef;

use crate::html::{Index, Query};

use super::is_in;
use super::stats::Stats;

/// What the makers of forums call the text of a post.
static POSTS: LazyLock<Query> = LazyLock::new(|| {
    Query::new(
        "[itemprop~=text], [id^=post_message], [class*=post-text], [class*=post-body], [class*=postbody], [class*=post_body], \
    [class*=post-content], [class*=postcontent], [class*=message-body], [class*=message-content], [class*=messageContent], [class*=topic-body], \
    [class*=answer-body], [class*=reply-content]",
    )
});
/// No page is read for more posts.
const MOST: usize = 500;

/// The texts of posts, where several hold most of `all` the text in the paragraphs of a page.
pub(super) fn posts<'a>(page: &Index<'a>, stats: &Stats, all: usize) -> Vec<NodeRef<'a>> {
    let mut posts: Vec<NodeRef<'a>> = Vec::new();
    // In the order of the page: what stands in a post comes directly behind it.
    for node in page.left(&POSTS).take(MOST) {
        if stats.get(&node).chars > 0 && posts.last().is_none_or(|last| !is_in(&node, last.id)) {
            posts.push(node);
        }
    }
    let told: usize = posts.iter().map(|post| stats.get(post).good).sum();
    if posts.len() > 1 && told > 0 && told * 3 >= all * 2 { posts } else { Vec::new() }
}

/// The smallest part of the page that holds all of them.
pub(super) fn together<'a>(posts: &[NodeRef<'a>]) -> Option<NodeRef<'a>> {
    let (first, last) = (posts.first()?, posts.last()?);
    first.ancestors_it(None).find(|above| is_in(last, above.id))
}
