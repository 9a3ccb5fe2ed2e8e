//! Where an Official Account can write: one person, a group of its own, an article, all followers.

use crate::phrases;

/// An address as the config writes it; ids are digits beyond 2^53 and stay text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place<'a> {
    /// `user/1234567890123456789`: a reply, to those who wrote within seven days.
    User(&'a str),
    /// `group/abc`: a GMF group.
    Group(&'a str),
    /// `article`: an article on the account's page; nobody is notified.
    Article,
    /// `broadcast`: the article, and a broadcast of it to all followers.
    Broadcast,
}

const LONGEST_ID: usize = 64;

impl<'a> Place<'a> {
    /// # Errors
    /// A sentence about the forms there are.
    pub(super) fn parse(chat: &'a str) -> Result<Self, String> {
        let place = match chat.split_once('/') {
            Some(("user", id)) if is_number(id) => Self::User(id),
            Some(("group", id)) if is_id(id) => Self::Group(id),
            None if chat == "article" => Self::Article,
            None if chat == "broadcast" => Self::Broadcast,
            Some(_) | None => return Err(phrases::zalo_oa_address()),
        };
        Ok(place)
    }
}

/// Whether an address is one that many read, which logs may show.
pub(super) fn is_public(chat: &str) -> bool {
    !chat.starts_with("user/")
}

fn is_number(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_digit())
}

fn is_id(id: &str) -> bool {
    (1..=LONGEST_ID).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_of_four_forms() {
        assert_eq!(Place::parse("user/5170627724267093288"), Ok(Place::User("5170627724267093288")));
        assert_eq!(Place::parse("group/f414c8f76fa586fbdfb4"), Ok(Place::Group("f414c8f76fa586fbdfb4")));
        assert_eq!(Place::parse("article"), Ok(Place::Article));
        assert_eq!(Place::parse("broadcast"), Ok(Place::Broadcast));
        for bad in ["", "all", "user/", "user/abc", "group/", "group/a b", "article/1", "broadcast/all", "5170627724267093288"] {
            assert!(Place::parse(bad).is_err(), "{bad}");
        }
    }
}
