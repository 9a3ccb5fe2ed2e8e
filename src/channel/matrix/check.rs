//! Whose token it is, and whether that account has joined the rooms and may write there.

use std::collections::HashMap;

use reqwest::Method;
use serde::Deserialize;

use super::{Matrix, NAME};
use crate::channel::{Checked, SendError};
use crate::phrases;
use crate::subscription::Address;

#[derive(Deserialize)]
struct Me {
    user_id: String,
}

#[derive(Deserialize)]
struct Joined {
    joined_rooms: Vec<String>,
}

/// `m.room.power_levels`, as far as writing depends on it.
#[derive(Deserialize)]
struct Levels {
    #[serde(default)]
    users: HashMap<String, i64>,
    #[serde(default)]
    users_default: i64,
    #[serde(default)]
    events: HashMap<String, i64>,
    #[serde(default)]
    events_default: i64,
}

impl Levels {
    fn let_write(&self, user: &str) -> bool {
        let has = self.users.get(user).unwrap_or(&self.users_default);
        has >= self.events.get("m.room.message").unwrap_or(&self.events_default)
    }
}

impl Matrix {
    /// What holds of the account and of each address.
    pub(super) async fn look(&self, of: &[Address]) -> Vec<Checked> {
        let me: Me = match self.ask(self.request(Method::GET, &["account", "whoami"])).await {
            Ok(me) => me,
            Err(error) => return vec![Checked { of: None, holds: Some(false), told: error.cause() }],
        };
        let mut all = vec![Checked { of: None, holds: Some(true), told: phrases::check_account(NAME, &me.user_id) }];
        for to in of {
            let (holds, told) = self.place(to, &me.user_id).await;
            all.push(Checked { of: Some(to.clone()), holds: Some(holds), told });
        }
        all
    }

    async fn place(&self, to: &Address, me: &str) -> (bool, String) {
        let asked = async {
            let room = self.room(to.chat()).await?;
            let joined: Joined = self.ask(self.request(Method::GET, &["joined_rooms"])).await?;
            if !joined.joined_rooms.contains(&room) {
                return Ok((false, phrases::check_not_joined(me)));
            }
            let levels: Levels = self.ask(self.request(Method::GET, &["rooms", &room, "state", "m.room.power_levels"])).await?;
            if levels.let_write(me) {
                return Ok((true, phrases::check_may_write(to.chat())));
            }
            Ok((false, phrases::platform_no_right(NAME, me)))
        };
        asked.await.unwrap_or_else(|error: SendError| (false, error.cause()))
    }
}
