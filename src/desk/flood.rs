//! Who is answered when: one answer a second to one person, and to a group fewer than its platform
//! takes, so that room for its news remains. What comes faster waits a little, and what comes far
//! too fast is not answered at all.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::channel::Place;

/// One person is answered once in this time.
const PERSON: TimeDelta = TimeDelta::seconds(1);
/// A group once in this, on the whole.
const GROUP: TimeDelta = TimeDelta::seconds(6);
/// So much of it may come at once.
const GROUP_SLACK: TimeDelta = TimeDelta::seconds(24);
/// Nobody waits longer for an answer because of what they wrote before.
const LONGEST: TimeDelta = TimeDelta::seconds(10);
/// Idle ones are forgotten when there are so many.
const MANY: usize = 10_000;

/// When each person and each group was last answered, as the time from which the next answer is due.
#[derive(Debug, Default)]
pub(super) struct Flood {
    next: HashMap<String, DateTime<Utc>>,
}

impl Flood {
    /// When what is said now is answered; `None`: not at all.
    pub(super) fn turn(&mut self, speaker: &str, chat: &str, place: Place, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        if self.next.len() >= MANY {
            self.next.retain(|_, next| *next > now && *next <= now + LONGEST + GROUP_SLACK);
        }
        let (person, group) = (format!("p {speaker}"), format!("g {chat}"));
        let of_person = self.at(&person, now);
        let of_group = if place == Place::Group { self.at(&group, now) - GROUP_SLACK } else { now };
        let turn = of_person.max(of_group).max(now);
        if turn - now > LONGEST {
            return None;
        }
        if place == Place::Group {
            let next = self.at(&group, now) + GROUP;
            self.next.insert(group, next);
        }
        self.next.insert(person, turn + PERSON);
        Some(turn)
    }

    /// A clock that was set back starts anew.
    fn at(&self, who: &str, now: DateTime<Utc>) -> DateTime<Utc> {
        let known = self.next.get(who).copied().unwrap_or(now);
        if known > now + LONGEST + GROUP_SLACK + GROUP { now } else { known.max(now) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::milliseconds(ms)
    }

    #[test]
    fn tg_038_a_hundred_commands_a_second_get_one_answer_a_second_and_others_theirs_at_once() {
        let mut flood = Flood::default();
        let (mut answered, mut waits) = (Vec::new(), Vec::new());
        for ms in (0..60_000).step_by(10) {
            answered.extend(flood.turn("loud", "loud", Place::Private, at(ms)));
            if ms % 1_000 == 0 {
                let other = format!("other {ms}");
                waits.push(flood.turn(&other, &other, Place::Private, at(ms)).map(|turn| turn - at(ms)));
            }
        }
        assert!((60..=71).contains(&answered.len()), "{}", answered.len());
        assert!(answered.windows(2).all(|pair| matches!(pair, [a, b] if *b - *a >= PERSON)), "{answered:?}");
        assert!(waits.iter().all(|wait| *wait == Some(TimeDelta::zero())), "{waits:?}");
    }

    #[test]
    fn a_group_leaves_room_for_its_news() {
        let mut flood = Flood::default();
        let minute = (0..6_000).filter_map(|n| flood.turn(&format!("member {n}"), "group", Place::Group, at(n * 10)));
        let minute: Vec<_> = minute.collect();
        let most = minute
            .iter()
            .map(|first| minute.iter().filter(|turn| **turn >= *first && **turn < *first + TimeDelta::minutes(1)).count())
            .max();
        assert!(most.is_some_and(|most| (10..=16).contains(&most)), "{most:?}");
    }

    #[test]
    fn a_clock_that_is_set_back_silences_nobody() {
        let mut flood = Flood::default();
        assert_eq!(flood.turn("a", "a", Place::Private, at(86_400_000)), Some(at(86_400_000)));
        assert_eq!(flood.turn("a", "a", Place::Private, at(0)), Some(at(0)));
    }

    #[test]
    fn very_many_people_take_no_more_memory_for_ever() {
        let mut flood = Flood::default();
        for n in 0..50_000 {
            flood.turn(&n.to_string(), "x", Place::Private, at(n * 10));
        }
        assert!(flood.next.len() <= MANY, "{}", flood.next.len());
    }
}
