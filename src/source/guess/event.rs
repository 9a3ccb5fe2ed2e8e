//! Dates that an article is about: when a meeting is held, the days of a schedule. Portals write the
//! date of posting in the same words.

use dom_query::{NodeRef, local_name};

use crate::date;
use crate::html::Named;
use crate::text;

use super::{is_labelled, is_shorter, length, line_of};

/// A line with nothing but a date is shorter than this.
const DATE_LINE: usize = 140;
/// So many cells of a row are looked at.
const CELLS: usize = 8;
/// A table has so many columns.
const COLUMNS: usize = 3;
/// How the other lines of an invitation begin, folded.
const INVITATION: &[&str] = &["dia diem", "noi dung", "thanh phan", "hinh thuc", "chu tri", "chu de", "doi tuong", "tai:"];

/// Whether several of these blocks are nothing but a date that is not labelled as that of posting.
pub(super) fn has_days(blocks: &[NodeRef<'_>]) -> bool {
    let is_day = |block: &&NodeRef<'_>| {
        let line = if is_shorter(block, DATE_LINE) { line_of(block) } else { return false };
        !is_labelled(&line) && date::is_stamp_line(&line)
    };
    blocks.iter().filter(is_day).nth(1).is_some()
}

/// Whether a line that is nothing but a date is one that the article tells: of an invitation, or a
/// cell of a schedule.
pub(in crate::source) fn is_told(node: &NodeRef<'_>, line: &str) -> bool {
    if is_labelled(line) || !date::is_stamp_line(line) {
        return false;
    }
    let Some(block) = std::iter::once(*node).chain(node.ancestors_it(Some(4))).find(is_line) else { return false };
    let when = text::fold(line).trim_start_matches(|c: char| !c.is_alphabetic()).starts_with("thoi gian");
    when && (line.ends_with(['.', ';']) || is_invitation(&block)) || is_scheduled(&block)
}

/// Whether a line stands in a table of several columns and rows, which is of the text.
pub(in crate::source) fn is_in_table(node: &NodeRef<'_>) -> bool {
    let row = std::iter::once(*node).chain(node.ancestors_it(Some(4))).find(|at| at.is_a(&local_name!("tr")));
    let has_columns = |row: &NodeRef<'_>| row.children_it(false).take(CELLS * 2).filter(|cell| length(cell) > 0).nth(COLUMNS - 1).is_some();
    row.is_some_and(|row| has_columns(&row) && [row.prev_element_sibling(), row.next_element_sibling()].iter().flatten().any(has_columns))
}

fn is_line(node: &NodeRef<'_>) -> bool {
    node.is_any(&[local_name!("p"), local_name!("div"), local_name!("li"), local_name!("td"), local_name!("th")])
}

/// Whether the line before or behind says where or what for.
fn is_invitation(block: &NodeRef<'_>) -> bool {
    let says = |other: Option<NodeRef<'_>>| {
        let Some(other) = other.filter(|other| is_shorter(other, 400)) else { return false };
        let line = text::fold(&line_of(&other));
        let line = line.trim_start_matches(|c: char| !c.is_alphabetic());
        INVITATION.iter().any(|label| line.starts_with(label))
    };
    says(block.prev_element_sibling()) || says(block.next_element_sibling())
}

/// Whether the row or point before or behind has a date as well.
fn is_scheduled(block: &NodeRef<'_>) -> bool {
    let place = std::iter::once(*block).chain(block.ancestors_it(Some(2))).find(|at| at.is_any(&[local_name!("tr"), local_name!("li")]));
    let is_day = |node: &NodeRef<'_>| is_shorter(node, DATE_LINE) && date::is_stamp_line(&line_of(node));
    let has_day = |other: &NodeRef<'_>| {
        if other.is_a(&local_name!("tr")) { other.children_it(false).take(CELLS).any(|cell| is_day(&cell)) } else { is_day(other) }
    };
    let several = |row: &NodeRef<'_>| !row.is_a(&local_name!("tr")) || row.children_it(false).filter(NodeRef::is_element).nth(1).is_some();
    place.is_some_and(|at| several(&at) && [at.prev_element_sibling(), at.next_element_sibling()].iter().flatten().any(has_day))
}

#[cfg(test)]
#[allow(clippy::indexing_slicing)]
mod tests {
    use dom_query::Document;

    use super::*;

    fn check(html: &str, want: bool) {
        let page = Document::from(html);
        let node = page.select("#x").nodes()[0];
        assert_eq!(is_told(&node, &line_of(&node)), want, "{html}");
    }

    #[test]
    fn the_time_of_a_meeting_is_no_time_of_posting() {
        check("<p id=x>Thời gian: 19 giờ 30 phút, ngày 01/11/2026.</p>", true);
        check("<p id=x>- Thời gian: 8h00 ngày 05/11/2026</p><p>- Địa điểm: nhà văn hóa</p>", true);
        check("<div><p>Nội dung: họp tổ</p><p><b id=x>Thời gian: 8h00, 05/11/2026</b></p></div>", true);
        check("<p id=x>Thời gian: 17/09/2019 16:30</p><p>Sáng nay, tổ dân phố họp.</p>", false);
        check("<p id=x>Ngày đăng: 17/09/2019 16:30</p><p>Nội dung: họp tổ</p>", false);
    }

    #[test]
    fn the_days_of_a_schedule_are_no_time_of_posting() {
        check("<table><tr><td id=x>05/11/2026<td>Tổ 1<tr><td>06/11/2026<td>Tổ 2</table>", true);
        check("<table><tr><td><p id=x>05/11/2026</p><td>Tổ 1<tr><td><p>06/11/2026</p><td>Tổ 2</table>", true);
        check("<ul><li>Ngày 05/11/2026<li id=x>Ngày 06/11/2026</ul>", true);
        check("<table><tr><td id=x>05/11/2026<td>In trang<tr><td>Tổ dân phố họp</table>", false);
        check("<table><tr><td id=x>05/11/2026 16:30<tr><td>Tổ dân phố họp</table>", false);
        check("<ul><li id=x>05/11/2026<li>12 lượt xem</ul>", false);
    }
}
