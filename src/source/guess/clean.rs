//! Parts inside an article's own container that are not its text: share bars, boxes of related
//! articles, sign-up forms, lines about the author; and captions, which belong to their picture.

use std::sync::LazyLock;

use dom_query::{NodeRef, local_name};
use regex::Regex;

use super::stats::{Stats, is_block};
use super::{holders, is_shorter};
use crate::html::Named;

/// Names of parts that are about the article, not of it.
static ASIDE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i-u)(^|[-_ ]|\b)(related\w*|recommend\w*|recirc\w*|read-?more|more-?(news|stories|articles|on)|most-?read|trending|newsletter\w*|subscri\w+|sign-?up|promo\w*|sponsor\w*|advert\w*|ads?|adslot|shar(e|ing)\w*|social\w*|follow\w*|comments?|disqus\w*|author\w*|byline\w*|breadcrumbs?|rating|vote|popup|modal|cookie\w*|consent|paywall|outbrain|taboola|copyright|visually-hidden|screen-reader-text|lien-?quan|tin-?khac|chia-?se|binh-?luan)([-_ ]|\b|$)").ok()
});
/// Names of parts that hold no paragraph where they are about the article.
static NOTES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i-u)(^|[-_ ]|\b)(tags?|tag-?list|keywords?|toolbar|tools|pag(er|ination)|print|overlay|audio\w*|player|video-?(info|meta|title|caption|description)|teaser\w*|timestamp|dateline|pub-?date|date|datetime|meta|credits?|popular)([-_ ]|\b|$)").ok()
});
/// Names of what stands below a picture.
static CAPTION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?i-u)(caption|legend|chu-?thich|photo-?(credit|text|desc))").ok());
/// An aside has at most this share of the text.
const ASIDE_SHARE: f32 = 0.4;

/// Takes away what is not of the text, by the names that its author gave it and by its links.
pub(in crate::source) fn clean(root: &NodeRef<'_>) {
    captions(root);
    let stats = Stats::of(root);
    // A picture, a table or a quotation is of the article, whatever stands around it is called.
    let more = holders(root, |node| node.is_any(&[local_name!("img"), local_name!("table"), local_name!("blockquote")]));
    let whole = stats.get(root);
    for node in root.descendants_it().filter(NodeRef::is_element).collect::<Vec<_>>() {
        let stat = stats.get(&node);
        let part = (stat.chars as f32) < whole.chars as f32 * ASIDE_SHARE && (stat.good as f32) <= whole.good as f32 * ASIDE_SHARE;
        let named = || named(&node, &ASIDE) || stat.good == 0 && named(&node, &NOTES);
        let aside =
            is_block(&node) && (named() || is_links(&node, &stats)) || node.is_a(&local_name!("aside")) || node.is_a(&local_name!("time"));
        let elsewhere = || {
            is_block(&node) && stat.is_line() && stat.linked * 5 > stat.chars * 4 && !node.is_a(&local_name!("li")) && !is_heading(&node)
        };
        if part && (aside || elsewhere()) && !more.contains(&node.id) {
            node.remove_from_parent();
        }
    }
}

fn named(node: &NodeRef<'_>, words: &LazyLock<Option<Regex>>) -> bool {
    words.as_ref().is_some_and(|words| node.is_called(words))
}

/// A list or box that is hardly more than links to elsewhere.
fn is_links(node: &NodeRef<'_>, stats: &Stats) -> bool {
    let stat = stats.get(node);
    node.is_any(&[
        local_name!("ul"),
        local_name!("ol"),
        local_name!("div"),
        local_name!("section"),
        local_name!("table"),
        local_name!("aside"),
    ]) && stat.linked * 5 > stat.chars * 3
}

fn is_heading(node: &NodeRef<'_>) -> bool {
    node.is_any(&[local_name!("h1"), local_name!("h2"), local_name!("h3"), local_name!("h4"), local_name!("h5"), local_name!("h6")])
}

/// Makes every caption one: a `figcaption` in a `figure`.
fn captions(root: &NodeRef<'_>) {
    let captions: Vec<NodeRef<'_>> = root.descendants_it().filter(|node| node.is_element() && named(node, &CAPTION)).collect();
    let pictured = holders(root, |node| node.is_a(&local_name!("img")));
    let pictured = |node: &NodeRef<'_>| pictured.contains(&node.id);
    for caption in captions {
        let above = || caption.ancestors_it(Some(4)).take_while(|above| above.id != root.id);
        if caption.is_a(&local_name!("caption"))
            || caption.is_a(&local_name!("figcaption"))
            || above().any(|above| above.is_a(&local_name!("figcaption")))
        {
            continue;
        }
        let short = is_shorter(&caption, 600) && !pictured(&caption);
        let Some(picture) = above().find(pictured).filter(|_| short) else {
            // The picture is loaded by a script.
            if short && is_block(&caption) {
                caption.remove_from_parent();
            }
            continue;
        };
        if !picture.is_a(&local_name!("td")) && !picture.is_a(&local_name!("figure")) {
            picture.rename("figure");
        }
        caption.rename("figcaption");
    }
}
