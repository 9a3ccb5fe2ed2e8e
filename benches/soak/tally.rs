//! What arrived, held against what was owed.

use std::collections::{BTreeMap, HashSet};

use serde_json::Value;

use crate::platform::Platform;

/// What became of the news on one channel, its chats together.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) owed: usize,
    /// Owed, and seen by nobody.
    pub(crate) missing: usize,
    /// Of these, those that `letters` tells of.
    pub(crate) told: usize,
    /// Seen more than once.
    pub(crate) twice: usize,
    /// Seen after something newer.
    pub(crate) disordered: usize,
}

impl Tally {
    pub(crate) fn lost(self) -> usize {
        self.missing.saturating_sub(self.told)
    }

    pub(crate) fn is_perfect(self) -> bool {
        (self.missing, self.twice, self.disordered) == (0, 0, 0)
    }
}

/// The numbers of the notices that a text names, each once: `số 017`.
pub(crate) fn numbers(text: &str) -> Vec<usize> {
    let mut known = HashSet::new();
    let after = text.split("số ").skip(1).filter_map(|rest| rest.get(..3)?.parse().ok());
    after.filter(|number| known.insert(*number)).collect()
}

/// Of one chat, `owed` being the highest number.
fn chat(texts: &[String], owed: usize, given_up: &HashSet<usize>) -> Tally {
    let (mut seen, mut newest, mut disordered) = (BTreeMap::<usize, usize>::new(), 0, 0);
    for number in texts.iter().flat_map(|text| numbers(text)) {
        let times = seen.entry(number).or_default();
        *times += 1;
        disordered += usize::from(*times == 1 && number < newest);
        newest = newest.max(number);
    }
    let missing: Vec<usize> = (1..=owed).filter(|number| !seen.contains_key(number)).collect();
    let told = missing.iter().filter(|number| given_up.contains(number)).count();
    let twice = seen.values().filter(|times| **times > 1).count();
    Tally { owed, missing: missing.len(), told, twice, disordered }
}

/// Of one channel, with what `letters` lists.
pub(crate) fn tally(platform: &Platform, owed: usize, letters: &[Value]) -> Tally {
    let mut all = Tally::default();
    for (to, texts) in platform.addresses().iter().zip(platform.texts()) {
        let there = letters.iter().filter(|letter| letter["state"] == "dead" && letter["to"] == to.as_str());
        let given_up = there.flat_map(|letter| numbers(letter["title"].as_str().unwrap_or_default())).collect();
        let one = chat(&texts, owed, &given_up);
        all.owed += one.owed;
        all.missing += one.missing;
        all.told += one.told;
        all.twice += one.twice;
        all.disordered += one.disordered;
    }
    all
}
