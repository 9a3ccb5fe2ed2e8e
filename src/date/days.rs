//! The days that a folded text names.

use std::ops::Range;

use chrono::NaiveDate;
use regex::Captures;

use super::patterns::{self, Order, Shape};

/// A day found in a text.
pub(super) struct Day {
    pub(super) span: Range<usize>,
    /// `None` when the numbers name no day of the calendar.
    pub(super) date: Option<NaiveDate>,
    /// Year first: a machine wrote it, so a bare "-05:00" behind the time is an offset.
    pub(super) iso: bool,
}

/// All of them, in the order of the text.
pub(super) fn written(line: &str) -> Vec<Day> {
    let mut days = in_numbers(line);
    if patterns::MONTH_NAME.is_match(line) {
        let occur = patterns::ANY_SHAPE.matches(line);
        let shapes = occur.iter().filter_map(|at| patterns::SHAPES.get(at));
        days.extend(shapes.flat_map(|shape| in_words(shape, line)));
        days.sort_by_key(|day| day.span.start);
        let mut end = 0;
        days.retain(|day| {
            let is_next = day.span.start >= end;
            end = end.max(day.span.end);
            is_next
        });
    }
    days
}

/// "17/09/2019", "17 - 9 - 19", "2019-09-17".
fn in_numbers(line: &str) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    for three in numbers(line).windows(3) {
        let [first, second, third] = three else { continue };
        let taken = days.last().is_some_and(|day| first.start < day.span.end);
        if let Some(order) = (!taken).then(|| order(line, first, second, third)).flatten() {
            let texts = [first, second, third].map(|number| line.get(number.clone()).unwrap_or_default());
            days.push(Day { span: first.start..third.end, date: date(texts, order), iso: order == Order::Ymd });
        }
    }
    days
}

fn numbers(line: &str) -> Vec<Range<usize>> {
    let digit = |byte: &u8| byte.is_ascii_digit();
    let chunks = line.as_bytes().chunk_by(|a, b| digit(a) == digit(b));
    let mut end = 0;
    let spans = chunks.map(|chunk| {
        end += chunk.len();
        (end - chunk.len()..end, chunk.first().is_some_and(digit))
    });
    spans.filter(|(_, is_number)| *is_number).map(|(span, _)| span).collect()
}

/// Which of three numbers is what, when they stand as a day and are not a piece of something longer.
fn order(line: &str, first: &Range<usize>, second: &Range<usize>, third: &Range<usize>) -> Option<Order> {
    let between = |left: &Range<usize>, right: &Range<usize>| line.get(left.end..right.start).unwrap_or_default();
    let (gap, next_gap) = (between(first, second), between(second, third));
    let sign = gap.trim();
    let order = match (first.len(), second.len(), third.len()) {
        (4, 1..=2, 1..=2) if is_tight(gap) && is_tight(next_gap) => Order::Ymd,
        (1..=2, 1..=2, 4 | 2) if is_sign(sign) && next_gap.trim() == sign => Order::Dmy,
        _ => return None,
    };
    is_whole(line, &(first.start..third.end)).then_some(order)
}

fn is_sign(text: &str) -> bool {
    matches!(text, "/" | "-" | ".")
}

/// A sign without blanks; Koreans write one behind the point.
fn is_tight(gap: &str) -> bool {
    is_sign(gap) || gap == ". "
}

/// "17 tháng 9 năm 2019" and the other ways with a month's name.
fn in_words(shape: &Shape, line: &str) -> Vec<Day> {
    let mut days = Vec::new();
    let mut from = 0;
    while let Some((found, whole)) = shape.regex.captures_at(line, from).and_then(|c| c.get(0).map(|w| (c, w))) {
        from = if is_whole(line, &whole.range()) {
            days.push(named(&found, whole.range(), shape.order));
            whole.end()
        } else {
            // Only one step: a day may begin inside the refused piece.
            whole.start() + line.get(whole.start()..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8)
        };
    }
    days
}

fn named(found: &Captures<'_>, span: Range<usize>, order: Order) -> Day {
    let (_, texts) = found.extract();
    Day { span, date: date(texts, order), iso: order == Order::Ymd }
}

/// Whether a day is not a piece of a longer number, an IP address, or the start of a clock.
fn is_whole(line: &str, span: &Range<usize>) -> bool {
    let before = line.get(..span.start).unwrap_or_default();
    let after = line.get(span.end..).unwrap_or_default();
    let digit = |c: char| c.is_ascii_digit();
    // In "16:30 - 17 - 9 - 2019" the day does not begin with the minutes.
    let cut_before = before.strip_suffix(['.', '/']).unwrap_or(before).ends_with(digit) || is_minutes(before);
    let ends_in_digit = line.get(..span.end).is_some_and(|text| text.ends_with(digit));
    let cut_after = ends_in_digit && after.strip_prefix(['.', '/', ':']).unwrap_or(after).starts_with(digit);
    !cut_before && !cut_after
}

/// Whether a text ends in an hour and its colon. A colon behind a label is another.
fn is_minutes(before: &str) -> bool {
    before.strip_suffix(':').is_some_and(|hour| hour.ends_with(|c: char| c.is_ascii_digit()))
}

fn date(texts: [&str; 3], order: Order) -> Option<NaiveDate> {
    let [first, second, third] = texts;
    let (year, month, day) = match order {
        Order::Ymd => (first, second, third),
        Order::Dmy => (third, second, first),
        Order::Mdy => (third, first, second),
    };
    NaiveDate::from_ymd_opt(full_year(year)?, patterns::month(month)?, day.parse().ok()?)
}

fn full_year(year: &str) -> Option<i32> {
    let number: i32 = year.parse().ok()?;
    Some(match number {
        _ if year.len() > 2 => number,
        70.. => 1900 + number,
        _ => 2000 + number,
    })
}
