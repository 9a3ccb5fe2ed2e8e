//! Rooms that are reached by a webhook each. Whoever knows its address can write there, so the
//! config keeps it as a secret under a name, and the name is what a subscription says.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use url::Url;

use super::{SendError, Setting};
use crate::phrases;
use crate::secret::{Given, Secret};
use crate::subscription::Address;

/// Parts of an address that are this long may be the key in it (bytes).
const TELLING: usize = 12;

/// `rooms = { chung = { env = "DISCORD_CHUNG" } }`: the addresses by name, one at least.
pub(super) struct GivenRooms(BTreeMap<String, Given>);

// Not a plain map, so that an empty one is told with its place.
impl<'de> Deserialize<'de> for GivenRooms {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let rooms = BTreeMap::deserialize(from)?;
        if rooms.is_empty() { Err(D::Error::custom(phrases::rooms_none())) } else { Ok(Self(rooms)) }
    }
}

/// The rooms of one channel.
pub(super) struct Rooms {
    platform: &'static str,
    /// The channel's name in the config.
    channel: String,
    rooms: BTreeMap<String, Room>,
}

/// One room.
pub(super) struct Room {
    /// Where to post. Never shown.
    pub(super) url: Url,
    /// Whether the platform said that it is no longer there.
    dead: AtomicBool,
}

impl Rooms {
    /// Resolves the addresses.
    ///
    /// # Errors
    /// A sentence without secrets that names the room.
    pub(super) fn new(platform: &'static str, given: &GivenRooms, setting: &Setting<'_>) -> Result<Self, String> {
        let mut rooms = BTreeMap::new();
        for (name, given) in &given.0 {
            let secret = (setting.secret)(given)?;
            let url = Url::parse(secret.expose()).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
            let url = url.ok_or_else(|| phrases::room_no_address(platform, name))?;
            rooms.insert(name.clone(), Room { url, dead: AtomicBool::new(false) });
        }
        Ok(Self { platform, channel: setting.name.to_owned(), rooms })
    }

    /// The room of this name.
    ///
    /// # Errors
    /// A sentence that names the rooms there are.
    pub(super) fn named(&self, chat: &str) -> Result<&Room, String> {
        self.rooms.get(chat).ok_or_else(|| {
            let known: Vec<&str> = self.rooms.keys().map(String::as_str).collect();
            phrases::room_unknown(self.platform, chat, &known)
        })
    }

    /// The room to send to; what is owed to one that the config lost is kept.
    pub(super) fn open(&self, to: &Address) -> Result<&Room, SendError> {
        let room = self.named(to.chat()).map_err(|cause| SendError::Gone { cause })?;
        if room.dead.load(Ordering::Relaxed) {
            return Err(SendError::Gone { cause: phrases::room_dead(self.platform, to.chat()) });
        }
        Ok(room)
    }

    /// Every room with its address, for looking after them.
    pub(super) fn all(&self) -> impl Iterator<Item = (Address, &Room)> {
        self.rooms.iter().map(|(name, room)| (Address::new(self.channel.as_str(), name.as_str()), room))
    }

    /// What no error may show: the addresses, and what of them a proxy might say back.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let telling = |url: &Url| {
            let paths = url.path_segments().into_iter().flatten().map(str::to_owned);
            let values = url.query_pairs().map(|(_, value)| value.into_owned());
            let query = url.query().map(str::to_owned);
            paths.chain(values).chain(query).filter(|part| part.len() >= TELLING).collect::<Vec<_>>()
        };
        let all = self.rooms.values().flat_map(|room| [vec![room.url.to_string()], telling(&room.url)].concat());
        all.map(Secret::new).collect()
    }
}

impl Room {
    /// It is no longer there: never asked again, until the config is read anew.
    pub(super) fn bury(&self) {
        self.dead.store(true, Ordering::Relaxed);
    }
}
