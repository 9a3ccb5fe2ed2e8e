//! What a notification says, as the worker in the browser reads it.

use serde::{Deserialize, Serialize};
use url::Url;

use super::browser::text_name;
use super::seal::LONGEST;
use crate::channel::sheet::{self, Markup, Parts};
use crate::channel::{Message, Notice, Noticed, plain};
use crate::text;

/// Screens show less than this of a text (UTF-16 units).
const BODY: usize = 600;
/// And of a title.
const TITLE: usize = 120;
/// A list has titles only. What JSON makes of a text counts.
const LIST: Markup = Markup {
    escape: str::to_owned,
    bold: str::to_owned,
    link: |label, _| label.to_owned(),
    size: |text| serde_json::to_string(text).map_or(usize::MAX, |json| json.len()),
    limit: 2400,
};

/// One notification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Note {
    title: String,
    body: String,
    /// What a tap opens.
    url: Url,
    #[serde(skip_serializing_if = "Option::is_none")]
    icon: Option<Url>,
    /// One with the same mark takes its place.
    tag: String,
    /// Without a sound.
    #[serde(default)]
    pub(super) silent: bool,
}

impl Note {
    pub(super) fn of(message: &Message) -> Option<Self> {
        serde_json::from_str(&message.text).ok()
    }

    pub(super) fn written(&self) -> String {
        // Texts become JSON without fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The least that still says what it is about.
    pub(super) fn shorter(&self) -> Self {
        Self { body: String::new(), icon: None, ..self.clone() }
    }

    /// As much of the body as a push service takes; no icon where even the least is too long.
    fn fitted(self) -> Self {
        let with = |body: &str| Self { body: body.to_owned(), ..self.clone() };
        if with("").written().len() > LONGEST {
            return self.shorter();
        }
        with(&sheet::longest(&self.body, usize::MAX, |body| with(body).written().len() <= LONGEST))
    }
}

pub(super) fn render(notice: &Notice<'_>, base: &Url, icon: Option<&Url>) -> Vec<Message> {
    let small = icon.filter(|icon| icon.as_str().len() <= 500).cloned();
    let message = |note: Note, covers| Message { text: note.fitted().written(), silent: notice.silent, covers, ..Message::default() };
    if !notice.digest {
        let one = |(index, noticed): (usize, &Noticed)| message(one(noticed, notice, base, small.clone()), index..index + 1);
        return notice.entries.iter().enumerate().map(one).collect();
    }
    let head = plain::list_head(notice);
    let lists = sheet::lists(notice, &LIST).into_iter();
    lists
        .map(|(body, covers)| {
            // The list begins with what is the notification's title.
            let body = body.strip_prefix(&head).map_or(body.as_str(), str::trim_start).to_owned();
            let carried = notice.entries.get(covers.clone()).unwrap_or_default();
            let names: Vec<String> = carried.iter().map(|n| format!("{}\n{}", n.entry.guid.as_str(), n.entry.title)).collect();
            let (tag, silent, icon) = (text_name(&names.join("\n")), notice.silent, small.clone());
            message(Note { title: text::cut(&head, TITLE), body, url: base.clone(), icon, tag, silent }, covers)
        })
        .collect()
}

fn one(noticed: &Noticed, notice: &Notice<'_>, base: &Url, icon: Option<Url>) -> Note {
    let parts = Parts::of(noticed, notice);
    let lead = text::cut(&plain::lead(&noticed.entry), BODY);
    let body = [parts.byline, lead].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n");
    Note {
        title: text::cut(&parts.title, TITLE),
        body,
        url: parts.link.map_or_else(|| base.clone(), |(_, url)| url),
        icon,
        tag: text_name(noticed.entry.guid.as_str()),
        silent: notice.silent,
    }
}
