//! When the admin is told of what.

use super::*;

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::minutes(minutes)
}

/// What is told of failures at these minutes, and of the success after them.
fn heard(minutes: &[i64]) -> Vec<&'static str> {
    let mut open: Vec<Incident> = Vec::new();
    let mut words = Vec::new();
    for (n, minute) in minutes.iter().enumerate() {
        let (change, word) = failing(&open, u32::try_from(n).unwrap_or_default() + 1, "HTTP 500", at(*minute));
        if let Change::Open(incident) = change {
            open = vec![incident];
        }
        words.push(word);
    }
    words.extend(over(&open, at(99_999)).into_iter().map(|(_, word)| word));
    let name = |word: &Option<Word>| match word {
        None => "-",
        Some(Word::Report(_)) => "report",
        Some(Word::Remind(_)) => "remind",
        Some(Word::AllClear(_)) => "clear",
    };
    words.iter().map(name).collect()
}

#[test]
fn failures_are_told_late_again_daily_and_once_when_over() {
    assert_eq!(heard(&[0, 15]), ["-", "-", "-"]);
    assert_eq!(heard(&[0, 1, 2, 3]), ["-", "-", "-", "-", "-"], "not for three tries in a minute");
    assert_eq!(heard(&[0, 15, 31, 60, 1400, 1471, 1500]), ["-", "-", "report", "-", "-", "remind", "-", "clear"]);
}

#[test]
fn what_is_only_to_be_known_is_told_once_and_leaves_by_itself() {
    let (change, word) = happened(&[], Kind::Relaunch, "a".into(), "b".into(), at(0));
    assert!(matches!(word, Some(Word::Report(_))));
    let Change::Open(incident) = change else { return assert_eq!(change, Change::Close(Kind::Relaunch)) };
    let open = [incident];
    assert_eq!(happened(&open, Kind::Relaunch, "a".into(), "b".into(), at(5000)).1, None);
    assert!(matches!(happened(&open, Kind::Relaunch, "b".into(), "c".into(), at(5000)).1, Some(Word::Report(_))));
    assert!(over(&open, at(60)).is_empty());
    assert_eq!(over(&open, at(60 * 24 * 8)), [(Change::Close(Kind::Relaunch), None)]);
}

#[test]
fn a_list_taken_over_lasts_until_somebody_says_otherwise() {
    let (change, word) = happened(&[], Kind::Replaced, "a".into(), "b".into(), at(0));
    assert!(matches!(word, Some(Word::Report(_))));
    let Change::Open(incident) = change else { return assert_eq!(change, Change::Close(Kind::Replaced)) };
    let open = [incident];
    assert!(over(&open, at(60 * 24 * 30)).is_empty());
    assert_eq!(happened(&open, Kind::Replaced, "a".into(), "c".into(), at(60)).1, None);
    assert!(matches!(happened(&open, Kind::Replaced, "a".into(), "c".into(), at(60 * 25)).1, Some(Word::Remind(_))));
    assert!(matches!(ended(&open, Kind::Replaced), Some((Change::Close(Kind::Replaced), Some(Word::AllClear(_))))));
}

#[test]
fn names_are_kinds() {
    assert!(KINDS.iter().all(|kind| Kind::named(kind.name()) == Some(*kind)));
    assert_eq!(Kind::named("khác"), None);
}
