//! What stands right before the body of an article and belongs to it, where only some articles of a
//! site have it: their pages do not teach its place.

use dom_query::{NodeRef, local_name};

use crate::html::{self, Named};

use super::trim::calls_a_lead;
use super::{is_shorter, line_of};

/// A lead is shorter than this, and longer than that.
const LEAD: usize = 800;
const SHORTEST: usize = 40;
/// What is said of a picture is shorter.
const CAPTION: usize = 200;
/// Smaller pictures are buttons.
const BUTTON: u32 = 100;
/// What pictures are called that are no pictures of an article.
const NO_PICTURES: &[&str] = &["icon", "logo", "banner", "button", "spacer", "print", "share", "dot."];

/// The elements before the body, the nearest first.
fn neighbours<'a>(body: &NodeRef<'a>) -> impl Iterator<Item = NodeRef<'a>> {
    let levels = std::iter::once(*body).chain(body.ancestors_it(Some(2)));
    levels.flat_map(|at| std::iter::successors(at.prev_element_sibling(), NodeRef::prev_element_sibling).take(2))
}

/// What is called a lead.
pub(in crate::source) fn lead<'a>(body: &NodeRef<'a>) -> Option<NodeRef<'a>> {
    let is_lead = |node: &NodeRef<'_>| {
        let names = format!("{} {}", node.attr_or("class", ""), node.attr_or("id", "")).to_lowercase();
        let line = if calls_a_lead(&names) && is_shorter(node, LEAD) { line_of(node) } else { return false };
        line.chars().count() >= SHORTEST && line.ends_with(['.', '!', '?', '…'])
    };
    neighbours(body).find(is_lead)
}

/// Pictures with nothing but their captions.
pub(in crate::source) fn pictures<'a>(body: &NodeRef<'a>) -> Option<NodeRef<'a>> {
    let nearest = std::iter::successors(body.prev_element_sibling(), NodeRef::prev_element_sibling).find(|node| !is_empty(node))?;
    let shown: Vec<NodeRef<'_>> = images(&nearest).collect();
    (is_shorter(&nearest, CAPTION) && !shown.is_empty() && shown.iter().all(is_picture)).then_some(nearest)
}

fn images<'a>(node: &NodeRef<'a>) -> impl Iterator<Item = NodeRef<'a>> {
    std::iter::once(*node).chain(node.descendants_it()).filter(|inner| inner.is_a(&local_name!("img")))
}

fn is_empty(node: &NodeRef<'_>) -> bool {
    is_shorter(node, 1) && images(node).next().is_none()
}

/// Whether a picture is one of a button, by its size or its name.
pub(in crate::source) fn is_button(image: &NodeRef<'_>) -> bool {
    let address = html::image_address(image).unwrap_or_default().to_lowercase();
    let small = ["width", "height"].iter().any(|side| image.attr_or(side, "").parse::<u32>().is_ok_and(|pixels| pixels < BUTTON));
    small || html::is_pixel(image) || NO_PICTURES.iter().any(|name| address.contains(name))
}

fn is_picture(image: &NodeRef<'_>) -> bool {
    let address = html::image_address(image).unwrap_or_default().to_lowercase();
    let is_photo = [".jpg", ".jpeg", ".png", ".webp"].iter().any(|end| address.contains(end));
    let linked = image.ancestors_it(Some(3)).any(|above| above.is_a(&local_name!("a")));
    is_photo && !linked && !is_button(image)
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use dom_query::Document;

    use super::*;

    #[test]
    fn a_lead_and_pictures_before_the_body_are_found() {
        let check = |html: &str, want: (bool, bool)| {
            let page = Document::from(html);
            let body = page.select("#x").nodes()[0];
            assert_eq!((lead(&body).is_some(), pictures(&body).is_some()), want, "{html}");
        };
        let said = "Sáng nay, tổ dân phố họp bàn việc trồng cây dọc bờ kênh.";
        check(&format!("<div class='field-tom-tat'>{said}</div><div><div id=x>Bài</div></div>"), (true, false));
        check(&format!("<div class='sapo_4'>{said}</div><div></div><div id=x>Bài</div>"), (true, false));
        check("<div class=sapo>Ngày đăng 17/09/2019</div><div id=x>Bài</div>", (false, false));
        check(&format!("<div class=khac>{said}</div><div id=x>Bài</div>"), (false, false));
        check("<p>17/09/2019</p><div><img src=/anh/1.jpg></div><p> </p><div id=x>Bài</div>", (false, true));
        check("<div><a href=/><img src=/anh/1.jpg></a></div><div id=x>Bài</div>", (false, false));
        check("<div><img src=/anh/icon-in.png></div><div id=x>Bài</div>", (false, false));
        check("<div><img src=/anh/1.jpg width=16></div><div id=x>Bài</div>", (false, false));
    }
}
