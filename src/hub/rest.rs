//! How long a host that did not take something is left alone.

use std::time::Duration;

use chrono::TimeDelta;

/// After the first failure, the second, and so on: two days in all, then it is given up.
const STEPS: [i64; 9] = [10, 60, 300, 1_800, 7_200, 18_000, 36_000, 43_200, 64_800];

/// Until the next try after `attempt` of them; `None` when it is given up. What a server `asked` for
/// is kept to, up to twice the step.
pub(super) fn after(attempt: u32, asked: Option<Duration>) -> Option<TimeDelta> {
    let step = STEPS.get(usize::try_from(attempt).ok()?.saturating_sub(1))?;
    let asked = asked.and_then(|asked| i64::try_from(asked.as_secs()).ok()).unwrap_or_default();
    Some(TimeDelta::seconds(asked.clamp(*step, step * 2)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_further_and_further_apart_and_end_after_days() {
        let rests: Vec<i64> = (1..).map_while(|attempt| after(attempt, None)).map(|rest| rest.num_seconds()).collect();
        assert_eq!(rests.len(), STEPS.len());
        assert!(rests.windows(2).all(|pair| matches!(pair, [a, b] if a < b)), "{rests:?}");
        let days = rests.iter().sum::<i64>() / 86_400;
        assert!((1..=3).contains(&days), "{days}");
    }

    #[test]
    fn a_server_may_ask_for_twice_the_step() {
        let second = |asked: u64| after(2, Some(Duration::from_secs(asked)));
        assert_eq!([second(1), second(90), second(31_536_000)], [60, 90, 120].map(|s| Some(TimeDelta::seconds(s))));
    }
}
