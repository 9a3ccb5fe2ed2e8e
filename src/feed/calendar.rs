//! iCalendar (RFC 5545) of what notices say will happen. Times are in UTC, which every calendar
//! shows in its own zone; days are days.

use chrono::Utc;
use icalendar::{Calendar, Component, Event, EventLike, Property};

use super::clean::{self, CleanItem};
use super::{Feed, Format};
use crate::date::{self, Happening};
use crate::entry::Guid;
use crate::{html, phrases};

pub(super) const FORMAT: Format =
    Format { extension: "ics", media_type: "text/calendar", served: "text/calendar; charset=utf-8", title: "iCalendar", render };

fn render(feed: &Feed) -> Vec<u8> {
    let title = clean::title(feed);
    let mut calendar = Calendar::empty();
    for (name, value) in [("VERSION", "2.0"), ("PRODID", "-//loaphuong//loaphuong//VI"), ("CALSCALE", "GREGORIAN"), ("METHOD", "PUBLISH")] {
        calendar.append_property(Property::new(name, value));
    }
    calendar.description(&phrases::feed_about(feed.language, &title)).name(&title).timezone(feed.zone.name());
    for item in clean::whole_items(feed) {
        for (number, one) in happenings(feed, &item).iter().enumerate() {
            calendar.push(event(&item, number, one));
        }
    }
    calendar.to_string().into_bytes()
}

/// What an article says will happen, in its title, its lead and its text.
fn happenings(feed: &Feed, item: &CleanItem) -> Vec<Happening> {
    let told = [item.title.as_str(), item.lead.as_deref().unwrap_or_default(), &html::to_text(&item.content)].join("\n");
    date::happenings(&told, feed.zone, item.published)
}

/// Its identity stays when its time is corrected.
fn event(item: &CleanItem, number: usize, one: &Happening) -> Event {
    let id = Guid::derived(&[&item.id, "event", &number.to_string()]);
    let changed = item.updated.with_timezone(&Utc);
    let mut event = Event::new();
    event.uid(id.as_str().trim_start_matches("urn:uuid:")).timestamp(changed).last_modified(changed);
    event.summary(&item.title).description(&format!("{}\n{}", item.plain(), item.link)).url(&item.link);
    if !item.categories.is_empty() {
        event.categories(&item.categories);
    }
    match (one.has_time, one.end) {
        (true, end) => {
            event.starts(one.start.with_timezone(&Utc));
            end.map(|end| event.ends(end.with_timezone(&Utc)));
        }
        (false, end) => {
            event.starts(one.start.date_naive());
            end.map(|end| event.ends(end.date_naive()));
        }
    }
    event
}
