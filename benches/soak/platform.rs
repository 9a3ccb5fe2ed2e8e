//! The platforms that messages go to: strict fakes over loopback, three chats each.

use std::collections::HashSet;
use std::time::Duration;

use crate::fakes::matrix::Matrix;
use crate::fakes::{FakePlatform, FakeTelegram, Fault, Mishap, Receiver, Trouble};
use crate::wire::Wire;

const CHATS: [i64; 3] = [-1_001_000_000_001, -1_001_000_000_002, -1_001_000_000_003];
const OPS: i64 = -1_009_999_999_999;
const ROOMS: [&str; 3] = ["!mot:may.example", "!hai:may.example", "!ba:may.example"];
const PATHS: [&str; 3] = ["/mot", "/hai", "/ba"];

/// A channel by what it can tell after a lost answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// By a probe through its `ops_chat`.
    Telegram,
    /// By `webhook-id`.
    Webhook,
    /// By its transaction ids.
    Matrix,
    /// Telegram without an `ops_chat`: not at all.
    Blind,
}

/// Those that can tell.
pub(crate) const TELLING: [Kind; 3] = [Kind::Telegram, Kind::Webhook, Kind::Matrix];

enum Fake {
    Telegram(FakeTelegram),
    Webhook(Receiver),
    Matrix(FakePlatform),
}

/// A channel, the platform behind it, and the way there.
pub(crate) struct Platform {
    pub(crate) kind: Kind,
    fake: Fake,
    pub(crate) wire: Wire,
}

impl Platform {
    /// Bytes take up to `most` in each direction.
    pub(crate) async fn start(kind: Kind, most: Duration, rng: fastrand::Rng) -> Self {
        let fake = match kind {
            Kind::Telegram | Kind::Blind => {
                let telegram = FakeTelegram::start().await;
                telegram.no_limits().supergroup(OPS).channel(CHATS[0], "@mot").supergroup(CHATS[1]).supergroup(CHATS[2]);
                Fake::Telegram(telegram)
            }
            Kind::Webhook => Fake::Webhook(Receiver::start(&Receiver::secret(5)).await),
            Kind::Matrix => Fake::Matrix(FakePlatform::start(Matrix { token: "syt_soak", rooms: &ROOMS, alias: "#mot:may.example" }).await),
        };
        let url = match &fake {
            Fake::Telegram(telegram) => telegram.url(),
            Fake::Webhook(receiver) => receiver.url(""),
            Fake::Matrix(matrix) => matrix.url(),
        };
        let wire = Wire::start(url.trim_start_matches("http://").parse().unwrap(), most, rng).await;
        Self { kind, fake, wire }
    }

    /// Its name in the config.
    pub(crate) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Telegram => "telegram",
            Kind::Webhook => "webhook",
            Kind::Matrix => "matrix",
            Kind::Blind => "blind",
        }
    }

    /// Its block in the config.
    pub(crate) fn block(&self) -> String {
        let (name, url) = (self.name(), self.wire.url());
        match &self.fake {
            Fake::Telegram(telegram) => {
                let ops = if self.kind == Kind::Telegram { format!("ops_chat = '{OPS}'\n") } else { String::new() };
                let token = telegram.token();
                format!(
                    "[[channels]]\nname = '{name}'\nkind = 'telegram'\ntoken = '{token}'\napi = '{url}'\npreview = 'off'\npace = 'off'\n{ops}"
                )
            }
            Fake::Webhook(_) => format!("[[channels]]\nname = '{name}'\nkind = 'webhook'\nsecret = '{}'\n", Receiver::secret(5)),
            Fake::Matrix(_) => {
                format!("[[channels]]\nname = '{name}'\nkind = 'matrix'\nhomeserver = '{url}'\ntoken = 'syt_soak'\npace = 'off'\n")
            }
        }
    }

    /// The addresses of its chats.
    pub(crate) fn addresses(&self) -> Vec<String> {
        let name = self.name();
        match &self.fake {
            Fake::Telegram(_) => CHATS.iter().map(|chat| format!("{name}:{chat}")).collect(),
            Fake::Webhook(_) => PATHS.iter().map(|path| format!("{name}:{}{path}", self.wire.url())).collect(),
            Fake::Matrix(_) => ROOMS.iter().map(|room| format!("{name}:{room}")).collect(),
        }
    }

    /// What people see in each chat, the oldest first.
    pub(crate) fn texts(&self) -> Vec<Vec<String>> {
        match &self.fake {
            Fake::Telegram(telegram) => CHATS.iter().map(|chat| telegram.texts_in(*chat)).collect(),
            Fake::Webhook(receiver) => {
                let (all, mut known) = (receiver.deliveries(), HashSet::new());
                // A receiver that remembers ids sees each once.
                let new: Vec<_> = all.into_iter().filter(|one| known.insert(one.id.clone())).collect();
                let of = |path: &str| -> Vec<String> {
                    let there = new.iter().filter(|one| one.path == path);
                    there.map(|one| String::from_utf8_lossy(&one.body).into_owned()).collect()
                };
                PATHS.iter().map(|path| of(path)).collect()
            }
            Fake::Matrix(matrix) => {
                let seen = matrix.seen();
                let of = |room: &str| -> Vec<String> { seen.iter().filter(|one| one.place == room).map(|one| one.text.clone()).collect() };
                ROOMS.iter().map(|room| of(room)).collect()
            }
        }
    }

    /// The messages of a Telegram chat: as they are, and as they were before their changes.
    pub(crate) fn changes(&self, chat: usize) -> Vec<(String, Vec<String>)> {
        let Fake::Telegram(telegram) = &self.fake else { return Vec::new() };
        telegram.messages_in(CHATS[chat]).into_iter().map(|message| (message.text, message.earlier)).collect()
    }

    /// The last chat throws the bot out.
    pub(crate) fn throw_out(&self) {
        if let Fake::Telegram(telegram) = &self.fake {
            telegram.kick(CHATS[2]);
        }
    }

    /// Requests that a strict platform refused for what they are.
    pub(crate) fn refusals(&self) -> Vec<String> {
        match &self.fake {
            // A probe asks for messages that are not there.
            Fake::Telegram(telegram) => {
                let refusals = telegram.refusals().into_iter().filter(|refusal| refusal.method != "forwardmessage");
                refusals.map(|refusal| format!("{} {}: {}", refusal.code, refusal.method, refusal.description)).collect()
            }
            Fake::Webhook(receiver) => receiver.refusals().into_iter().map(|(status, why)| format!("{status} {why}")).collect(),
            Fake::Matrix(matrix) => matrix.refusals(),
        }
    }

    /// Spoils the next message.
    pub(crate) fn fail_next(&self, mishap: Mishap) {
        match &self.fake {
            Fake::Telegram(telegram) => {
                telegram.fail_next(match mishap {
                    Mishap::ServerError => Fault::Status500,
                    Mishap::Gone => Fault::Refuse(403, "Forbidden: bot was kicked from the supergroup chat"),
                    Mishap::Reset => Fault::Reset,
                    Mishap::LostAnswer => Fault::LostAnswer,
                    Mishap::HtmlPage | Mishap::Flood(_) | Mishap::BadToken => unreachable!("{mishap:?}"),
                });
            }
            Fake::Webhook(receiver) => {
                receiver.fail_next(match mishap {
                    Mishap::ServerError => Trouble::Status(500),
                    Mishap::Gone => Trouble::Status(403),
                    Mishap::Reset => Trouble::Reset,
                    Mishap::LostAnswer => Trouble::LostAnswer,
                    Mishap::HtmlPage | Mishap::Flood(_) | Mishap::BadToken => unreachable!("{mishap:?}"),
                });
            }
            Fake::Matrix(matrix) => assert!(matrix.fail_next(mishap), "{mishap:?}"),
        }
    }
}
