#![allow(clippy::unwrap_used, clippy::indexing_slicing)]
use super::*;

const PACE: Pace = Pace {
    per_second: Some(30.0),
    burst: None,
    per_chat_second: Some(1.0),
    per_group_minute: Some(20.0),
    per_month: None,
    is_group: Some(|chat| chat.starts_with('-')),
    counted_by: Some(|chat| chat.split('/').next().unwrap_or(chat)),
    timeout: None,
};

fn at(millis: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::milliseconds(millis)
}

/// A server that counts in a sliding window: how many of these times it refuses.
fn refused(times: &[i64], most: usize, window: i64) -> usize {
    let mut taken: VecDeque<i64> = VecDeque::new();
    let mut refused = 0;
    for time in times {
        while taken.front().is_some_and(|first| time - first >= window) {
            taken.pop_front();
        }
        if taken.len() < most { taken.push_back(*time) } else { refused += 1 }
    }
    refused
}

/// When messages leave that wait for these chats in turn; each wakes up to `late` ms too late.
fn send(buckets: &mut Buckets, chats: &[String], count: usize, late: i64) -> Vec<i64> {
    let (mut now, mut times) = (0, Vec::new());
    for n in 0..count {
        let chat = &chats[n % chats.len()];
        let ready = buckets.ready(chat, at(now));
        now = (ready - at(0)).num_microseconds().unwrap().div_euclid(1000) + 1 + (n as i64 * 7) % (late + 1);
        buckets.take(chat, at(now));
        times.push(now);
    }
    times
}

fn arrive(times: &[i64], jitter: i64) -> Vec<i64> {
    let mut arrived: Vec<i64> = times.iter().enumerate().map(|(n, t)| t + (n as i64 * 31) % (jitter + 1)).collect();
    arrived.sort_unstable();
    arrived
}

fn check(chats: usize, prefix: &str, most: usize, window: i64, (late, jitter): (i64, i64)) {
    let chats: Vec<String> = (0..chats).map(|n| format!("{prefix}{n}")).collect();
    let count = most * 40;
    let times = send(&mut Buckets::new(PACE), &chats, count, late);
    let took = times.last().unwrap() - times[0] + window / most as i64;
    let used = (count as f64 / took as f64) / (most as f64 / window as f64);
    assert!(used >= 0.97, "{prefix}: {used}");
    let refused = refused(&arrive(&times, jitter), most, window);
    // Under one in a hundred; none where messages travel alike.
    assert!(refused * 100 < count && (jitter > 5 || refused == 0), "{prefix}: {refused} refused of {count}");
}

#[test]
fn a_strict_window_is_used_to_the_full_and_never_refuses() {
    check(400, "", 30, 1000, (0, 0));
    check(400, "", 30, 1000, (8, 10));
    check(1, "-", 20, 60_000, (5, 200));
    check(1, "", 1, 1000, (2, 10));
}

#[test]
fn a_quiet_group_gets_a_few_at_a_second_each() {
    let times = send(&mut Buckets::new(PACE), &["-1".into()], 21, 0);
    assert!(times[19] < 21_000, "{times:?}");
    assert!(times[20] >= times[0] + 60_000, "{times:?}");
}

#[test]
fn topics_share_the_limit_of_their_group_and_other_chats_do_not() {
    let mut buckets = Buckets::new(PACE);
    buckets.take("-1/17", at(0));
    assert!(buckets.ready("-1/18", at(0)) > at(900));
    assert!(buckets.ready("-2", at(0)) < at(40));
}

#[test]
fn a_refused_chat_waits_alone() {
    let mut buckets = Buckets::new(PACE);
    buckets.hold("-1", at(43_838_000), at(0));
    buckets.hold("-2", at(5_000), at(10_500));
    buckets.hold("-2", at(20_000), at(10_600));
    assert_eq!(buckets.ready("-1", at(0)), at(43_838_000));
    assert_eq!(buckets.ready("-3", at(11_000)), at(11_000));
}

#[test]
fn several_refused_chats_rest_the_bot_longer_each_time() {
    let mut buckets = Buckets::new(PACE);
    let three = |buckets: &mut Buckets, now: i64| (1..=3).for_each(|n| buckets.hold(&format!("-{n}"), at(43_838_000), at(now + n)));
    three(&mut buckets, 0);
    assert_eq!(buckets.ready("7", at(4)), at(60_003));
    assert_eq!(buckets.held_until(), Some(at(60_003)));
    three(&mut buckets, 61_000);
    assert_eq!(buckets.ready("7", at(61_010)), at(61_003 + 120_000));
}

#[test]
fn quiet_chats_are_forgotten_and_held_ones_are_not() {
    let mut buckets = Buckets::new(Pace { per_second: None, ..PACE });
    buckets.hold("held", at(86_400_000), at(0));
    for n in 0..5000 {
        buckets.take(&format!("-{n}"), at(n * 100));
    }
    assert!(buckets.chats.len() < 2000, "{}", buckets.chats.len());
    assert_eq!(buckets.ready("held", at(0)), at(86_400_000));
}

#[test]
fn without_limits_everything_leaves_at_once() {
    let mut buckets = Buckets::new(PaceSetting::Off.over(PACE));
    buckets.take("-1", at(0));
    assert_eq!((buckets.ready("-1", at(0)), buckets.limits_all()), (at(0), false));
}

#[test]
fn the_config_says_off_or_some_limits() {
    #[derive(Debug, Deserialize)]
    struct Keys {
        pace: PaceSetting,
    }
    let read = |text: &str| toml::from_str::<Keys>(text).map(|keys| keys.pace.over(PACE));
    assert_eq!(read("pace = \"off\"").unwrap().per_second, None);
    let some = read("pace = { per_second = 5 }").unwrap();
    assert_eq!((some.per_second, some.per_group_minute), (Some(5.0), Some(20.0)));
    for (bad, want) in [
        ("pace = \"on\"", "\"off\""),
        ("pace = { per_secnd = 5 }", "per_secnd"),
        ("pace = { per_second = 0 }", "0"),
        ("pace = { per_second = -1.5 }", "0"),
        ("pace = { per_second = nan }", "0"),
        ("pace = 3", "per_second"),
    ] {
        let error = read(bad).unwrap_err();
        assert!(error.to_string().contains(want), "{bad}: {error}");
        assert!(error.span().is_some_and(|span| span.start >= 7), "{bad}: {:?}", error.span());
    }
}

#[test]
fn a_burst_leaves_at_once_and_then_the_rate_holds() {
    let pace = Pace { per_second: Some(0.2), burst: Some(60), ..Pace::default() };
    let mut buckets = Buckets::new(pace);
    let times = send(&mut buckets, &["a".to_owned(), "b".to_owned()], 100, 0);
    assert!(times[59] < 100, "{:?}", &times[..60]);
    // A bucket of 60 that gains one each 5 s never runs dry.
    let mut left = 60.0;
    for pair in times.windows(2) {
        left = f64::min(left - 1.0 + (pair[1] - pair[0]) as f64 / 5000.0, 60.0);
        assert!(left > 0.9, "{left} after {pair:?}");
    }
    assert!((5000..5400).contains(&(times[99] - times[98])), "{times:?}");
    let given = PaceSetting::Limits(Limits { per_second: Some(1.0), ..Limits::default() }).over(pace);
    assert_eq!((given.per_second, given.burst), (Some(1.0), None));
}
