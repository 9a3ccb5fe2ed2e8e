//! The world outside, on loopback: a Bot API server and other platforms, a ward's portal and a
//! webhook receiver.
//!
//! They speak the real wire format over real sockets and refuse what the real servers refuse.
//! Nothing in here waits for time to pass: what hangs, hangs on a [`Gate`] that the test opens.

// Every test uses a few of these tools; which ones is not the fakes' business.
#![allow(dead_code, unused_imports)]

pub(crate) mod cms;
pub(crate) mod discord;
pub(crate) mod facebook;
pub(crate) mod families;
pub(crate) mod matrix;
pub(crate) mod ntfy;
pub(crate) mod platform;
pub(crate) mod portal;
pub(crate) mod push;
pub(crate) mod receiver;
pub(crate) mod slack;
pub(crate) mod smtp;
pub(crate) mod smtp_letter;
pub(crate) mod subscriber;
pub(crate) mod teams;
pub(crate) mod telegram;
pub(crate) mod telegram_html;
pub(crate) mod ward;
pub(crate) mod zalo_bot;
pub(crate) mod zalo_oa;
pub(crate) mod zalo_oauth;

mod portal_reply;
mod mishap;
mod telegram_call;
mod telegram_fault;
mod telegram_link;
mod telegram_methods;
mod telegram_options;
mod telegram_scene;
mod telegram_state;
mod telegram_text;
mod telegram_updates;
mod ward_news;
mod wire;

pub(crate) use mishap::Mishap;
pub(crate) use platform::FakePlatform;
pub(crate) use portal::{Hit, Portal, Reply};
pub(crate) use receiver::{Delivery, Receiver, Trouble};
pub(crate) use telegram::{FakeTelegram, Fault, Limits, Message};
pub(crate) use ward::{Article, ward_articles};
pub(crate) use wire::Gate;
pub(crate) use zalo_bot::{BotFault, FakeZaloBot};
pub(crate) use zalo_oa::{FakeZaloOa, OA, OaFault};
pub(crate) use zalo_oauth::OauthFault;
