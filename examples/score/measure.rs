//! The measures of the sets, as their makers define them.

use std::collections::HashMap;
use std::sync::LazyLock;

use chrono::{DateTime, NaiveDateTime};
use regex::Regex;

use crate::readers::Read;
use crate::sets::{Measure, Set};

static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"\w+").unwrap());

/// What one reader reached on one set.
#[derive(Default)]
pub(crate) struct Score {
    bodies: Vec<(f64, f64)>,
    pub(crate) title: String,
    pub(crate) day: String,
    pub(crate) instant: String,
    pub(crate) wrong: usize,
    pub(crate) author: String,
}

impl Score {
    pub(crate) fn of(set: &Set, reads: &[Read]) -> Self {
        let pairs = || set.cases.iter().zip(reads);
        let bodies = pairs().map(|(case, read)| body(set.measure, &case.body, &read.text)).collect();
        let share = |all: Vec<bool>| match all.len() {
            0 => "-".to_owned(),
            n => format!("{:.3}", all.iter().filter(|good| **good).count() as f64 / n as f64),
        };
        let titles = pairs().filter_map(|(case, read)| Some(same(case.title.as_ref()?, read.title.as_deref()))).collect();
        let dates = || pairs().filter_map(|(case, read)| Some((case.date.as_ref()?, read.published.as_deref())));
        let days: Vec<(bool, bool)> = dates().map(|(want, got)| (same_day(want, got), got.is_some())).collect();
        let instants = dates().filter(|(want, _)| DateTime::parse_from_rfc3339(want).is_ok());
        let authors = pairs().filter(|(case, _)| !case.authors.is_empty());
        Self {
            bodies,
            title: share(titles),
            wrong: days.iter().filter(|(right, told)| *told && !right).count(),
            day: share(days.iter().map(|(right, _)| *right).collect()),
            instant: share(instants.map(|(want, got)| same_instant(want, got)).collect()),
            author: share(authors.map(|(case, read)| same_author(&case.authors, read.author.as_deref())).collect()),
        }
    }

    pub(crate) fn precision(&self) -> f64 {
        mean(self.bodies.iter().map(|(precision, _)| *precision))
    }

    pub(crate) fn recall(&self) -> f64 {
        mean(self.bodies.iter().map(|(_, recall)| *recall))
    }

    /// The F1 of the means, or for word sets the mean of the F1s.
    pub(crate) fn f1(&self, set: &Set) -> f64 {
        match set.measure {
            Measure::Shingles => f1(self.precision(), self.recall()),
            Measure::Words => mean(self.bodies.iter().map(|(precision, recall)| f1(*precision, *recall))),
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0_u32), |(sum, count), value| (sum + value, count + 1));
    sum / f64::from(count.max(1))
}

fn f1(precision: f64, recall: f64) -> f64 {
    if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
}

/// Precision and recall of a text.
pub(crate) fn body(measure: Measure, want: &str, got: &str) -> (f64, f64) {
    let (want, got) = match measure {
        Measure::Shingles => (shingles(want, 4), shingles(got, 4)),
        Measure::Words => (shingles(&want.to_lowercase(), 1), shingles(&got.to_lowercase(), 1)),
    };
    let common: usize = want.iter().map(|(shingle, count)| (*count).min(got.get(shingle).copied().unwrap_or_default())).sum();
    let share = |all: &HashMap<String, usize>| match all.values().sum::<usize>() {
        0 => f64::from(u8::from(want.is_empty() && got.is_empty())),
        n => common as f64 / n as f64,
    };
    (share(&got), share(&want))
}

fn shingles(text: &str, n: usize) -> HashMap<String, usize> {
    let words: Vec<&str> = WORD.find_iter(text).map(|word| word.as_str()).collect();
    let mut counts = HashMap::new();
    if !words.is_empty() {
        for window in words.windows(n.min(words.len())) {
            *counts.entry(window.join(" ")).or_default() += 1;
        }
    }
    counts
}

/// Lines of which most words in a row are not in the other text: missed ones, then extra ones.
pub(crate) fn difference(want: &str, got: &str) -> (Vec<String>, Vec<String>) {
    let only = |here: &str, there: &str| {
        let known = shingles(there, 4);
        let unknown = |line: &&str| {
            let own = shingles(line, 4);
            let strange = own.keys().filter(|shingle| !known.contains_key(*shingle)).count();
            strange * 2 > own.len()
        };
        here.lines().map(str::trim).filter(|line| !line.is_empty()).filter(unknown).map(str::to_owned).collect()
    };
    (only(want, got), only(got, want))
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether two titles are the same to the letter, blanks aside.
pub(crate) fn same(want: &str, got: Option<&str>) -> bool {
    got.is_some_and(|got| squeezed(got) == squeezed(want))
}

fn same_day(want: &str, got: Option<&str>) -> bool {
    let Some(got) = got else { return false };
    match (DateTime::parse_from_rfc3339(want), DateTime::parse_from_rfc3339(got)) {
        (Ok(want), Ok(got)) => want == got || want.date_naive() == got.date_naive(),
        _ => want.get(..10) == got.get(..10),
    }
}

pub(crate) fn same_instant(want: &str, got: Option<&str>) -> bool {
    let minute = |at: i64| at / 60;
    let Some(got) = got.and_then(|got| DateTime::parse_from_rfc3339(got).ok()) else { return false };
    match DateTime::parse_from_rfc3339(want) {
        Ok(want) => minute(want.timestamp()) == minute(got.timestamp()),
        Err(_) => NaiveDateTime::parse_from_str(want, "%Y-%m-%dT%H:%M:%S").is_ok_and(|want| want.date() == got.date_naive()),
    }
}

/// Whether every author is named, in whatever order and with whatever between them: readers join
/// several names each in their own way.
pub(crate) fn same_author(want: &[String], got: Option<&str>) -> bool {
    let got = got.unwrap_or_default().to_lowercase();
    want.iter().all(|name| got.contains(&name.to_lowercase()))
}
