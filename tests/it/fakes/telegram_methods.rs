//! The Bot API's methods, except those about updates.

use serde_json::{Value, json};

use super::telegram::Message;
use super::telegram_call::{Outcome, Params, Refused, bad, refused};
use super::telegram_link::checked_link;
use super::telegram_options::{buttons, preview};
use super::telegram_state::{Chat, State, bot_json, user_json};
use super::telegram_text::{Shown, read};
use super::telegram_updates;

const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

/// Runs `method` (in lower case); getUpdates that waits is elsewhere.
pub(super) fn run(state: &mut State, method: &str, params: &Params) -> Outcome {
    match method {
        "getme" => Ok(me()),
        "sendmessage" => send_message(state, params),
        "sendphoto" => send_photo(state, params),
        "senddocument" => send_document(state, params),
        "editmessagetext" => edit(state, params, false),
        "editmessagecaption" => edit(state, params, true),
        "forwardmessage" => forward(state, params),
        "deletemessage" => delete(state, params),
        "getchat" => get_chat(state, params),
        "getchatmember" => get_chat_member(state, params),
        "getupdates" => telegram_updates::get_now(state, params),
        "setwebhook" => telegram_updates::set_webhook(state, params),
        "deletewebhook" => telegram_updates::delete_webhook(state, params),
        "getwebhookinfo" => telegram_updates::webhook_info(state),
        "answercallbackquery" => telegram_updates::answer_callback(state, params),
        "setmycommands" | "sendchataction" => Ok(true.into()),
        _ => Err(refused(404, "Not Found: method not found")),
    }
}

/// Whether the method writes to a chat: those are what `fail_next` waits for.
pub(super) fn is_send(method: &str) -> bool {
    matches!(method, "sendmessage" | "sendphoto" | "senddocument" | "editmessagetext" | "editmessagecaption" | "forwardmessage")
}

fn me() -> Value {
    let mut me = bot_json();
    if let Some(fields) = me.as_object_mut() {
        let no = ["can_read_all_group_messages", "supports_inline_queries", "can_connect_to_business", "has_main_web_app"];
        fields.insert("can_join_groups".into(), json!(true));
        fields.extend(no.map(|name| (name.to_owned(), json!(false))));
    }
    me
}

fn send_message(state: &mut State, params: &Params) -> Outcome {
    let shown = read(params, "text", false)?;
    let draft = draft(state, params, "text messages")?;
    within(&shown, 4_096, "message is too long")?;
    let message = Message { html: params.text("text").unwrap_or_default().to_owned(), ..draft };
    post(state, message, shown)
}

fn send_photo(state: &mut State, params: &Params) -> Outcome {
    let shown = read(params, "caption", true)?;
    let photo = photo(state, params)?;
    let draft = draft(state, params, "photos")?;
    within(&shown, 1_024, "message caption is too long")?;
    let message = Message { html: params.text("caption").unwrap_or_default().to_owned(), photo: Some(photo), ..draft };
    post(state, message, shown)
}

/// By URL the server fetches PDF, ZIP and GIF alone.
fn send_document(state: &mut State, params: &Params) -> Outcome {
    let shown = read(params, "caption", true)?;
    let document = params.text("document").unwrap_or_default().to_owned();
    let fetched = [".pdf", ".zip", ".gif"].iter().any(|end| document.ends_with(end)) && checked_link(&document).is_some();
    match state.bad_photos.get(&document) {
        Some(why) => return Err(bad(why)),
        None if document.starts_with("BQAC") || document.starts_with("attach:") || fetched => {}
        None => return Err(bad("wrong type of the web page content")),
    }
    let draft = draft(state, params, "documents")?;
    within(&shown, 1_024, "message caption is too long")?;
    let message = Message { html: params.text("caption").unwrap_or_default().to_owned(), document: Some(document), ..draft };
    post(state, message, shown)
}

/// A picture by URL, by a known `file_id`, or as an upload.
fn photo(state: &State, params: &Params) -> Result<String, Refused> {
    let given = params.text("photo").unwrap_or_default();
    let photo = match given.strip_prefix("attach://") {
        Some(name) => params.text(name).unwrap_or_default(),
        None => given,
    };
    match state.bad_photos.get(photo) {
        Some(why) => Err(bad(why)),
        None if photo.is_empty() => Err(bad("there is no photo in the request")),
        None if photo.starts_with("attach:") || photo.starts_with("AgAC") => Ok(photo.to_owned()),
        None if photo.contains("://") && checked_link(photo).is_some() => Ok(photo.to_owned()),
        None => Err(bad("wrong file identifier/HTTP URL specified")),
    }
}

fn within(shown: &Shown, limit: usize, complaint: &str) -> Result<(), Refused> {
    if shown.plain.chars().count() > limit { Err(bad(complaint)) } else { Ok(()) }
}

/// Everything about a new message but its content.
fn draft(state: &State, params: &Params, what: &str) -> Result<Message, Refused> {
    let (buttons, preview) = (buttons(params)?, preview(params)?);
    let chat = state.open_chat(params.text("chat_id"), what)?;
    let thread = chat.thread(params.int("message_thread_id"))?;
    let silent = params.flag("disable_notification");
    let reply_to = answered(state, chat.id, params)?;
    Ok(Message { chat: chat.id, silent, thread, preview, buttons, reply_to, ..Message::default() })
}

/// The message that is answered; one that is not there is refused unless the sender allows it.
fn answered(state: &State, chat: i64, params: &Params) -> Result<Option<i64>, Refused> {
    let Some(reply) = params.json("reply_parameters")? else { return Ok(None) };
    let id = reply["message_id"].as_i64().ok_or_else(|| bad("message identifier is not specified"))?;
    let there = state.messages.iter().any(|m| m.chat == chat && m.id == id && !m.deleted);
    match (there, reply["allow_sending_without_reply"] == true) {
        (true, _) => Ok(Some(id)),
        (false, true) => Ok(None),
        (false, false) => Err(bad("message to be replied not found")),
    }
}

/// Takes the message, if the flood limits allow it.
fn post(state: &mut State, draft: Message, shown: Shown) -> Outcome {
    state.count(draft.chat)?;
    let Message { id, text, entities, entities_ignored, at_ms, .. } = state.blank(draft.chat, shown, true);
    let message = Message { id, text, entities, entities_ignored, at_ms, ours: true, ..draft };
    let result = state.message_json(&message);
    state.messages.push(message);
    Ok(result)
}

fn edit(state: &mut State, params: &Params, is_caption: bool) -> Outcome {
    let name = if is_caption { "caption" } else { "text" };
    let (shown, buttons, preview) = (read(params, name, is_caption)?, buttons(params)?, preview(params)?);
    let chat = state.open_chat(params.text("chat_id"), "text messages")?.id;
    let id = message_id(params)?;
    let message = state.find(chat, id).ok_or_else(|| bad("message to edit not found"))?;
    editable(message, is_caption)?;
    within(&shown, if is_caption { 1_024 } else { 4_096 }, "MESSAGE_TOO_LONG")?;
    if (&message.text, &message.entities, &message.buttons) == (&shown.plain, &shown.entities, &buttons) && message.preview == preview {
        return Err(bad(NOT_MODIFIED));
    }
    state.count(chat)?;
    let html = params.text(name).unwrap_or_default().to_owned();
    let Some(message) = state.find(chat, id) else { return Err(bad("message to edit not found")) };
    message.earlier.push(std::mem::replace(&mut message.text, shown.plain));
    (message.html, message.buttons, message.preview) = (html, buttons, preview);
    (message.entities, message.entities_ignored) = (shown.entities, shown.ignored);
    let message = message.clone();
    Ok(state.message_json(&message))
}

fn editable(message: &Message, is_caption: bool) -> Result<(), Refused> {
    match (message.ours && message.forwarded.is_none(), message.photo.is_some()) {
        (false, _) => Err(bad("message can't be edited")),
        (true, true) if !is_caption => Err(bad("there is no text in the message to edit")),
        (true, false) if is_caption => Err(bad("there is no caption in the message to edit")),
        (true, _) => Ok(()),
    }
}

fn message_id(params: &Params) -> Result<i64, Refused> {
    params.int("message_id").filter(|id| *id > 0).ok_or_else(|| bad("message identifier is not specified"))
}

fn forward(state: &mut State, params: &Params) -> Outcome {
    let from = state.resolve(params.text("from_chat_id"))?;
    let to = state.open_chat(params.text("chat_id"), "text messages")?;
    let (to, thread, silent) = (to.id, to.thread(params.int("message_thread_id"))?, params.flag("disable_notification"));
    let id = message_id(params)?;
    let protected = state.chats.get(&from).is_some_and(|chat| chat.protected);
    let original = state.find(from, id).ok_or_else(|| bad("message to forward not found"))?.clone();
    if protected {
        return Err(bad("message can't be forwarded"));
    }
    let shown = Shown { plain: original.text, entities: original.entities, ignored: 0 };
    let copy = Message {
        chat: to,
        silent,
        thread,
        html: original.html,
        photo: original.photo,
        document: original.document,
        forwarded: Some((from, id)),
        ..Message::default()
    };
    post(state, copy, shown)
}

fn delete(state: &mut State, params: &Params) -> Outcome {
    let chat = state.resolve(params.text("chat_id"))?;
    let id = message_id(params)?;
    let message = state.find(chat, id).ok_or_else(|| bad("message to delete not found"))?;
    if !message.ours {
        return Err(bad("message can't be deleted"));
    }
    message.deleted = true;
    Ok(true.into())
}

fn get_chat(state: &State, params: &Params) -> Outcome {
    let id = state.resolve(params.text("chat_id"))?;
    let mut chat = state.chats.get(&id).map(Chat::to_json).unwrap_or_default();
    if let Some(fields) = chat.as_object_mut() {
        let gifts = ["unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription"].map(|name| (name.to_owned(), json!(true)));
        fields.insert("accent_color_id".into(), json!(1));
        fields.insert("max_reaction_count".into(), json!(11));
        fields.insert("accepted_gift_types".into(), Value::Object(gifts.into_iter().collect()));
    }
    Ok(chat)
}

fn get_chat_member(state: &State, params: &Params) -> Outcome {
    let id = state.resolve(params.text("chat_id"))?;
    let user = params.int("user_id").filter(|user| *user > 0).ok_or_else(|| bad("invalid user_id specified"))?;
    let is_admin = state.chats.get(&id).is_some_and(|chat| chat.admins.contains(&user));
    Ok(match is_admin {
        true => json!({"status": "creator", "user": user_json(user), "is_anonymous": false}),
        false => json!({"status": "member", "user": user_json(user)}),
    })
}
