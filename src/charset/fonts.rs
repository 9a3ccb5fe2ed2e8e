//! Pieces of pages that only a Vietnamese font makes readable.

use std::collections::HashMap;

use dom_query::{Document, NodeData, NodeRef, TreeNode};

use super::legacy::{self, Evidence, Legacy};

/// Elements whose text is no text.
const NOT_TEXT: [&str; 4] = ["script", "style", "noscript", "textarea"];
/// Elements that are a part of a line.
const INLINE: [&str; 12] = ["a", "b", "i", "u", "em", "strong", "span", "font", "small", "big", "sup", "sub"];
/// How far up a font is looked for.
const ANCESTORS: usize = 12;

/// Converts the texts of a page that are in TCVN3, VNI or VISCII to Unicode, in place: those of which
/// a `face` or `style` names such a font, unless what they say is Unicode already, and those that
/// prove it by their words. The rest of the page stays as it is. Tells whether anything changed.
pub fn convert_fonts(page: &Document) -> bool {
    let runs: Vec<Run<'_>> = page.root().descendants_it().filter_map(Run::new).collect();
    let mut changed = false;
    let fonts = believed_fonts(&runs);
    let proven = legacy::proven(blocks(&runs).iter().map(String::as_str));
    for run in &runs {
        let by_font = run.font.filter(|font| fonts.contains(font)).map(|font| font.decode(&run.text));
        if let Some(converted) = by_font.or_else(|| legacy::converted(&run.text, &proven)) {
            changed |= converted != run.text;
            run.node.set_text(converted);
        }
    }
    convert_attributes(page, &proven);
    changed
}

/// A text of the page that may be in one of the encodings.
struct Run<'a> {
    node: NodeRef<'a>,
    text: String,
    font: Option<Legacy>,
}

impl<'a> Run<'a> {
    fn new(node: NodeRef<'a>) -> Option<Self> {
        let text = node.query_or(None, suspect)?;
        let is_code = node.parent().is_some_and(|parent| NOT_TEXT.iter().any(|name| parent.has_name(name)));
        (!is_code).then(|| Self { font: node.ancestors_it(Some(ANCESTORS)).find_map(|above| font(&above)), node, text })
    }
}

/// A text that may be in one of the encodings.
fn suspect(node: &TreeNode) -> Option<String> {
    let NodeData::Text { contents } = &node.data else { return None };
    legacy::is_suspect(contents).then(|| contents.to_string())
}

/// The encoding of the font that an element asks for. Another font ends the search.
fn font(node: &NodeRef<'_>) -> Option<Legacy> {
    let face = node.attr("face").map(|face| face.to_string());
    let style = || node.attr("style").and_then(|style| family(&style).map(str::to_owned));
    let families = face.or_else(style)?;
    Legacy::of_font(families.split(',').next().unwrap_or_default())
}

fn family(style: &str) -> Option<&str> {
    let declarations = style.split(';').filter_map(|declaration| declaration.split_once(':'));
    let mut families = declarations.filter(|(name, _)| name.trim().eq_ignore_ascii_case("font-family"));
    families.next().map(|(_, families)| families.trim())
}

/// The fonts whose texts are in their encoding. Word keeps the font's name when a text is typed in
/// Unicode.
fn believed_fonts(runs: &[Run<'_>]) -> Vec<Legacy> {
    let mut told: HashMap<usize, (Legacy, Evidence)> = HashMap::new();
    for (font, text) in runs.iter().filter_map(|run| run.font.map(|font| (font, &run.text))) {
        told.entry(font as usize).or_insert_with(|| (font, Evidence::default())).1.add(&Evidence::of(text, font));
    }
    told.into_values().filter(|(_, evidence)| evidence.fits()).map(|(font, _)| font).collect()
}

/// The texts without a font, those of one block together.
fn blocks(runs: &[Run<'_>]) -> Vec<String> {
    let mut blocks: Vec<(Option<dom_query::NodeId>, String)> = Vec::new();
    for run in runs.iter().filter(|run| run.font.is_none()) {
        let above = run.node.ancestors_it(Some(ANCESTORS)).find(|above| !INLINE.iter().any(|name| above.has_name(name)));
        let block = above.map(|above| above.id);
        match blocks.last_mut().filter(|(last, _)| *last == block) {
            Some((_, text)) => text.extend([" ", &run.text]),
            None => blocks.push((block, run.text.clone())),
        }
    }
    blocks.into_iter().map(|(_, text)| text).collect()
}

fn convert_attributes(page: &Document, proven: &[Legacy]) {
    if proven.is_empty() {
        return;
    }
    for (selector, name) in [("[alt]", "alt"), ("[title]", "title"), ("meta[content]", "content")] {
        for node in page.select(selector).nodes() {
            if let Some(converted) = node.attr(name).and_then(|told| legacy::converted(&told, proven)) {
                node.set_attr(name, &converted);
            }
        }
    }
}
