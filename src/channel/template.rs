//! Messages as an admin writes them: a template (minijinja) for a channel whose message is a text.
//! Every value is escaped for the channel's markup; only what the template itself says is markup.

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};
use serde_json::{Value, json};

use super::{Channel, Checked, Doubt, Edited, Keep, Message, Notice, Noticed, Pace, SendError, Talk, plain, sheet};
use crate::entry::{Enclosure, Entry, Guid};
use crate::outbox::{KnownIds, MessageId, Sent};
use crate::phrases::{self, Language};
use crate::schedule::Clock;
use crate::subscription::Address;
use crate::text;

/// Steps of one rendering: a loop over a hundred entries takes some thousand.
const FUEL: u64 = 50_000;
/// The longest template (bytes).
const LONGEST: usize = 64 << 10;
/// The name under which minijinja knows a template.
const NAME: &str = "template";

/// How a channel's text is written, and how much of it a message takes.
#[derive(Debug, Clone, Copy)]
pub struct Face {
    /// Text written so that it is read as it is.
    pub escape: fn(&str) -> String,
    /// What people see of a text with its markup.
    pub seen: fn(&str) -> String,
    /// The length of a text as the platform counts it; never less than its UTF-16 units.
    pub size: fn(&str) -> usize,
    /// The longest text.
    pub limit: usize,
    /// The longest under a picture.
    pub caption: usize,
    /// Whether one message may list any number of entries.
    pub lists: bool,
    /// Makes a text that of a message which the channel itself laid out.
    pub put: fn(&mut Message, String),
}

/// For channels whose message is its text.
pub(super) fn put(message: &mut Message, text: String) {
    message.text = text;
}

/// The same where the text is a field of a JSON body, by its pointer.
pub(super) fn put_at(message: &mut Message, pointer: &str, text: String) {
    let mut body: Value = serde_json::from_str(&message.text).unwrap_or_default();
    if let Some(field) = body.pointer_mut(pointer) {
        *field = text.into();
    }
    message.text = body.to_string();
}

/// What is wrong with a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// A sentence.
    pub message: String,
    /// The bytes of the template that it is about.
    pub range: Option<Range<usize>>,
    /// Their line, from 1.
    pub line: Option<usize>,
}

/// A template that was tried.
pub struct Template {
    environment: Environment<'static>,
    source: String,
    face: Face,
    /// Whether it says how a list looks.
    lists: bool,
}

impl Template {
    /// Reads a template and tries it on an entry that has everything, and on one that has nothing.
    ///
    /// # Errors
    /// What is wrong with it, and where.
    pub fn parse(source: String, face: Face) -> Result<Self, Wrong> {
        if source.len() > LONGEST {
            return Err(Wrong { message: phrases::template_too_large(LONGEST >> 10), range: None, line: None });
        }
        let environment = environment(face);
        let names = environment.template_from_named_str(NAME, &source).map_err(|e| wrong(&e))?.undeclared_variables(false);
        let lists = face.lists && names.contains("entries");
        let template = Self { environment, source, face, lists };
        for sample in [full(), Entry::new(Guid::new("-"), "-")] {
            template.attempt(sample).map_err(|e| wrong(&e))?;
        }
        Ok(template)
    }

    fn attempt(&self, entry: Entry) -> Result<(), Error> {
        let Ok(link) = url::Url::parse("https://phuong.example/tin/1") else { return Ok(()) };
        let entries = [Noticed { entry, link, source_title: "Phường".to_owned() }];
        let zone = chrono_tz::Asia::Ho_Chi_Minh;
        let (digest, language) = (false, Language::Vi);
        let notice =
            Notice { feed: None, feed_title: "Phường", entries: &entries, digest, silent: false, urgent: false, language, zone };
        let values = entries.iter().map(|noticed| values(noticed, &notice, "", ""));
        values.chain(self.lists.then(|| list(&notice))).try_for_each(|values| self.write(&values).map(drop))
    }

    fn write(&self, values: &Value) -> Result<String, Error> {
        self.environment.render_named_str(NAME, &self.source, Serde(values))
    }

    fn told(&self, values: &Value) -> Result<String, String> {
        let written = self.write(values).map_err(|e| wrong(&e).sentence())?;
        // Blank lines of loops and conditions are not meant.
        Ok(written.trim().to_owned())
    }

    fn fits(&self, written: &str) -> bool {
        (self.face.size)(written) <= self.face.limit
    }

    /// An entry; its text is cut, or else its lead, where the message would be too long.
    fn article(&self, noticed: &Noticed, notice: &Notice<'_>) -> Result<String, String> {
        let (lead, whole) = (plain::lead(&noticed.entry), plain::whole(&noticed.entry));
        let write = |lead: &str, whole: &str| self.told(&values(noticed, notice, lead, whole));
        let fits = |written: Result<String, String>| written.is_ok_and(|written| self.fits(&written));
        let first = write(&lead, &whole)?;
        if self.fits(&first) {
            return self.visible(first);
        }
        let shorter = sheet::longest(&whole, self.face.limit, |cut| fits(write(&lead, cut)));
        let second = write(&lead, &shorter)?;
        if self.fits(&second) {
            return self.visible(second);
        }
        let short_lead = sheet::longest(&lead, self.face.limit, |cut| fits(write(cut, "")));
        self.fitting(write(&short_lead, "")?)
    }

    fn list(&self, notice: &Notice<'_>) -> Option<Result<String, String>> {
        self.lists.then(|| self.told(&list(notice)).and_then(|written| self.fitting(written)))
    }

    fn fitting(&self, written: String) -> Result<String, String> {
        if self.fits(&written) { self.visible(written) } else { Err(phrases::template_too_long(self.face.limit)) }
    }

    fn visible(&self, written: String) -> Result<String, String> {
        if plain::is_visible(&(self.face.seen)(&written)) { Ok(written) } else { Err(phrases::template_says_nothing()) }
    }
}

fn environment(face: Face) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // So that what a template sets by a block is known to be marked already.
    environment.set_auto_escape_callback(|_| AutoEscape::Custom(NAME.into()));
    environment.set_fuel(Some(FUEL));
    // Whatever a template says of escaping, a stranger's words are never markup.
    environment.remove_filter("safe");
    environment.set_formatter(move |out, _, value| {
        let written = value.to_string();
        if value.is_safe() {
            out.write_str(&written)?
        } else {
            out.write_str(&(face.escape)(&written))?
        }
        Ok(())
    });
    environment
}

fn wrong(error: &Error) -> Wrong {
    let detail = error.detail().unwrap_or_default();
    let kind = error.kind();
    let message = if kind == ErrorKind::SyntaxError {
        phrases::template_syntax(detail)
    } else if kind == ErrorKind::UndefinedError {
        phrases::template_no_such_name(detail)
    } else if kind == ErrorKind::OutOfFuel {
        phrases::template_takes_too_long()
    } else {
        phrases::template_fails(&format!("{kind}: {detail}"))
    };
    Wrong { message, range: error.range(), line: error.line() }
}

impl Wrong {
    /// With its line, where a place cannot be shown.
    #[must_use]
    pub fn sentence(&self) -> String {
        self.line.map_or_else(|| self.message.clone(), |line| phrases::template_line(line, &self.message))
    }
}

/// What a template may name of an entry.
fn values(noticed: &Noticed, notice: &Notice<'_>, lead: &str, whole: &str) -> Value {
    let entry = &noticed.entry;
    let file = |file: &Enclosure| json!({ "name": plain::attachment(file), "url": file.url.as_str() });
    json!({
        "title": plain::title(noticed, notice),
        "ward": text::line(&noticed.source_title),
        "feed": text::line(notice.feed_title),
        "time": plain::time(noticed, notice).unwrap_or_default(),
        "lead": lead,
        "text": whole,
        "url": noticed.link.as_str(),
        "author": entry.author.as_deref().map(text::line).unwrap_or_default(),
        "categories": entry.categories,
        "hashtags": plain::hashtags(&entry.categories),
        "attachments": entry.attachments.iter().map(file).collect::<Vec<_>>(),
        "urgent": notice.urgent,
        "entries": [],
    })
}

/// The same of a list: its own title, and its entries.
fn list(notice: &Notice<'_>) -> Value {
    let row = |noticed: &Noticed| values(noticed, notice, &plain::lead(&noticed.entry), "");
    json!({
        "title": plain::list_head(notice),
        "ward": text::line(notice.feed_title),
        "feed": text::line(notice.feed_title),
        "time": "", "lead": "", "text": "", "url": "", "author": "", "hashtags": "",
        "categories": [],
        "attachments": [],
        "urgent": false,
        "entries": notice.entries.iter().map(row).collect::<Vec<_>>(),
    })
}

/// An entry that has everything.
fn full() -> Entry {
    let mut entry = Entry::new(Guid::new("-"), "Tiêu đề");
    entry.published = chrono::DateTime::from_timestamp(1_568_712_600, 0).map(|at| at.fixed_offset());
    entry.author = Some("Tác giả".to_owned());
    entry.summary = Some("Tóm tắt".to_owned());
    entry.categories = vec!["Thông báo".to_owned()];
    let file = url::Url::parse("https://phuong.example/ke-hoach.pdf").ok();
    entry.attachments.extend(file.map(|url| Enclosure { url, media_type: "application/pdf".to_owned(), length: None, title: None }));
    entry
}

/// A channel whose messages a template lays out; where that fails, the channel itself does.
pub struct Templated {
    /// The channel's name in the config.
    pub name: String,
    /// The channel.
    pub channel: Arc<dyn Channel>,
    /// The template.
    pub template: Template,
}

impl Templated {
    fn one(&self, noticed: &Noticed, notice: &Notice<'_>) -> Vec<Message> {
        let own = self.channel.render(&Notice { entries: std::slice::from_ref(noticed), ..*notice });
        match self.template.article(noticed, notice) {
            Ok(text) => self.dressed(own, text),
            Err(cause) => self.fallen(&cause, own),
        }
    }

    /// The template's text with the picture, the button and the documents of the channel's own.
    fn dressed(&self, own: Vec<Message>, text: String) -> Vec<Message> {
        let face = self.template.face;
        let takes_picture = (face.size)(&text) <= face.caption;
        let mut first = Message {
            image: own.iter().find_map(|message| message.image.clone()).filter(|_| takes_picture),
            link: own.iter().find_map(|message| message.link.clone()),
            ..own.first().cloned().unwrap_or_default()
        };
        (face.put)(&mut first, text);
        std::iter::once(first).chain(own.into_iter().filter(|message| message.document.is_some())).collect()
    }

    fn fallen(&self, cause: &str, own: Vec<Message>) -> Vec<Message> {
        tracing::warn!(channel = self.name, cause, "{}", phrases::log_template_failed());
        own
    }
}

#[async_trait]
impl Channel for Templated {
    fn render(&self, notice: &Notice<'_>) -> Vec<Message> {
        if !notice.digest {
            let all = notice.entries.iter().enumerate();
            return all.flat_map(|(n, one)| self.one(one, notice).into_iter().map(move |m| Message { covers: n..n + 1, ..m })).collect();
        }
        match self.template.list(notice) {
            Some(Ok(text)) => {
                let own = self.channel.render(notice).into_iter().next().unwrap_or_default();
                let mut list = Message { image: None, link: None, covers: 0..notice.entries.len(), ..own };
                (self.template.face.put)(&mut list, text);
                vec![list]
            }
            Some(Err(cause)) => self.fallen(&cause, self.channel.render(notice)),
            None => self.channel.render(notice),
        }
    }

    fn face(&self) -> Option<Face> {
        Some(self.template.face)
    }

    fn account(&self) -> Option<String> {
        self.channel.account()
    }

    fn attach(&self, keep: Arc<dyn Keep>) {
        self.channel.attach(keep);
    }

    fn go_by(&self, clock: Clock) {
        self.channel.go_by(clock);
    }

    fn talk(&self) -> Option<&dyn Talk> {
        self.channel.talk()
    }

    fn pace(&self) -> Pace {
        self.channel.pace()
    }

    fn canonical(&self, chat: &str) -> String {
        self.channel.canonical(chat)
    }

    fn accepts(&self, chat: &str) -> Result<(), String> {
        self.channel.accepts(chat)
    }

    fn invite(&self, chat: &str) -> Option<url::Url> {
        self.channel.invite(chat)
    }

    async fn send(&self, to: &Address, message: &Message, key: &str) -> Result<Sent, SendError> {
        self.channel.send(to, message, key).await
    }

    async fn resolve(&self, to: &Address, message: &Message, known: &KnownIds) -> Result<Doubt, SendError> {
        self.channel.resolve(to, message, known).await
    }

    fn edits(&self) -> bool {
        self.channel.edits()
    }

    async fn edit(&self, to: &Address, id: &MessageId, message: &Message) -> Result<Edited, SendError> {
        self.channel.edit(to, id, message).await
    }

    async fn check(&self, of: &[Address]) -> Vec<Checked> {
        self.channel.check(of).await
    }
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
