//! How what was heard, and an answer, stand in a row.

use anyhow::Result;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::channel::{Choice, Does, Heard, Place, Reply, Said};
use crate::store::outbox::address;

#[derive(Serialize, Deserialize)]
struct Row {
    id: String,
    chat: String,
    named: Option<String>,
    speaker: String,
    place: Where,
    manages: Option<bool>,
    said: What,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Where {
    Private,
    Group,
    Channel,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum What {
    Words(String),
    Pressed(String, String),
    Came(Option<String>),
    Left,
    Returned(bool),
    Moved(String),
}

#[derive(Serialize, Deserialize)]
struct Answer {
    text: String,
    choices: Vec<Button>,
}

#[derive(Serialize, Deserialize)]
struct Button {
    label: String,
    tell: Option<String>,
    open: Option<Url>,
}

pub(super) fn written(heard: &Heard) -> Result<String> {
    let said = match &heard.said {
        Said::Words(words) => What::Words(words.clone()),
        Said::Pressed { data, query } => What::Pressed(data.clone(), query.clone()),
        Said::Came(payload) => What::Came(payload.clone()),
        Said::Left => What::Left,
        Said::Returned { anew } => What::Returned(*anew),
        Said::Moved(to) => What::Moved(to.to_string()),
    };
    let place = match heard.place {
        Place::Private => Where::Private,
        Place::Group => Where::Group,
        Place::Channel => Where::Channel,
    };
    Ok(serde_json::to_string(&Row {
        id: heard.id.clone(),
        chat: heard.chat.to_string(),
        named: heard.named.as_ref().map(ToString::to_string),
        speaker: heard.speaker.clone(),
        place,
        manages: heard.manages,
        said,
    })?)
}

pub(super) fn heard(json: &str) -> Result<Heard> {
    let row: Row = serde_json::from_str(json)?;
    let said = match row.said {
        What::Words(words) => Said::Words(words),
        What::Pressed(data, query) => Said::Pressed { data, query },
        What::Came(payload) => Said::Came(payload),
        What::Left => Said::Left,
        What::Returned(anew) => Said::Returned { anew },
        What::Moved(to) => Said::Moved(address(&to)?),
    };
    let place = match row.place {
        Where::Private => Place::Private,
        Where::Group => Place::Group,
        Where::Channel => Place::Channel,
    };
    let named = row.named.map(|named| address(&named)).transpose()?;
    Ok(Heard { id: row.id, chat: address(&row.chat)?, named, speaker: row.speaker, place, manages: row.manages, said })
}

pub(super) fn reply(reply: &Reply) -> Result<String> {
    let button = |choice: &Choice| match &choice.does {
        Does::Tell(data) => Button { label: choice.label.clone(), tell: Some(data.clone()), open: None },
        Does::Open(url) => Button { label: choice.label.clone(), tell: None, open: Some(url.clone()) },
    };
    Ok(serde_json::to_string(&Answer { text: reply.text.clone(), choices: reply.choices.iter().map(button).collect() })?)
}

pub(super) fn read_reply(json: &str) -> Result<Reply> {
    let answer: Answer = serde_json::from_str(json)?;
    let choice = |button: Button| {
        let does = button.open.map(Does::Open).or_else(|| button.tell.map(Does::Tell))?;
        Some(Choice { label: button.label, does })
    };
    Ok(Reply { text: answer.text, choices: answer.choices.into_iter().filter_map(choice).collect() })
}
