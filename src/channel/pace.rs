//! How fast a platform may be used: token buckets for the bot, a chat, a group.

use std::time::Duration;

/// A channel's limits. `None` is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pace {
    /// Messages a second over all chats.
    pub per_second: Option<f64>,
    /// Messages a second to one chat.
    pub per_chat_second: Option<f64>,
    /// Messages a minute to one group (see [`Pace::is_group`]).
    pub per_group_minute: Option<f64>,
    /// Whether a chat counts as a group.
    pub is_group: Option<fn(&str) -> bool>,
    /// Longest time for one send.
    pub timeout: Option<Duration>,
}
