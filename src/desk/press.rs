//! What a button carries, in the 64 bytes that it may. Nothing in it says whose chat it is about:
//! a press is about the chat that it was made in, so a forged one can say no more than words can.

use uuid::Uuid;

use crate::entry::Slug;

/// The longest name of a feed that is carried as it is.
const LONGEST: usize = 60;

/// What was pressed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Press {
    /// Follow this feed.
    Follow(String),
    /// Leave it.
    Leave(String),
    /// Leave all.
    LeaveAll,
    /// The newest news.
    News,
    /// What is followed.
    Mine,
    /// Which feeds there are.
    Choose,
    /// How it works.
    Help,
}

impl Press {
    /// As a button carries it.
    pub(super) fn written(&self) -> String {
        match self {
            Self::Follow(name) => format!("f:{name}"),
            Self::Leave(name) => format!("l:{name}"),
            Self::LeaveAll => "l*".to_owned(),
            Self::News => "n".to_owned(),
            Self::Mine => "m".to_owned(),
            Self::Choose => "w".to_owned(),
            Self::Help => "h".to_owned(),
        }
    }

    /// From what came back; `None` for what no button of ours carries.
    pub(super) fn read(data: &str) -> Option<Self> {
        match data.split_once(':') {
            Some(("f", name)) => Some(Self::Follow(name.to_owned())),
            Some(("l", name)) => Some(Self::Leave(name.to_owned())),
            Some(_) => None,
            None => [Self::LeaveAll, Self::News, Self::Mine, Self::Choose, Self::Help].into_iter().find(|press| press.written() == data),
        }
    }
}

/// A feed as buttons and links name it: by its name, or where that is long by a part of its hash.
#[must_use]
pub fn name(feed: &Slug) -> String {
    let own = feed.as_str();
    if own.len() <= LONGEST {
        return own.to_owned();
    }
    let hash = Uuid::new_v5(&Uuid::NAMESPACE_URL, own.as_bytes()).simple().to_string();
    format!("_{}", hash.get(..16).unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_a_button_carries_comes_back_and_fits() {
        let long = name(&Slug::new(&"a".repeat(64)).unwrap());
        for press in
            [Press::Follow(long), Press::Leave("tho-quan".into()), Press::LeaveAll, Press::News, Press::Mine, Press::Choose, Press::Help]
        {
            assert!(press.written().len() <= 64);
            assert_eq!(Press::read(&press.written()), Some(press));
        }
        for forged in ["unsub:-100123", "", "x", "l", "f", "lx:"] {
            assert_eq!(Press::read(forged), None, "{forged}");
        }
    }
}
