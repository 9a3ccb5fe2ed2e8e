//! Which test proves which bad input of sites and of Telegram: an id that nobody proves is a fault.

use std::path::Path;

use serde_json::Value;

/// A group, the first and the last of its ids, the file of the test and its name.
type Proof = (&'static str, u32, u32, &'static str, &'static str);

const ADDRESSES: &str = "tests/it/bad_addresses.rs";
const SERVERS: &str = "tests/it/bad_servers.rs";
const PAGES: &str = "tests/it/bad_pages.rs";
const CHANGE: &str = "tests/it/change.rs";
const ZALO: &str = "tests/it/bad_zalo.rs";
const ZALO_TOKENS: &str = "tests/it/zalo_oa.rs";
const ZALO_TALK: &str = "tests/it/zalo_talk.rs";
const GUARD: &str = "src/fetch/guard/tests.rs";
const TELEGRAM: &str = "tests/it/bad_telegram.rs";
const DESK: &str = "tests/it/bad_desk.rs";
const MANNERS: &str = "src/fetch/tests/manners.rs";

const PROVEN: &[Proof] = &[
    ("url", 1, 39, ADDRESSES, "url_001_to_039_a_private_address_is_refused_twice_and_sent_nothing"),
    ("url", 40, 60, ADDRESSES, "url_040_to_060_what_is_no_web_address_is_told_where_it_stands"),
    ("url", 61, 61, ADDRESSES, "url_061_a_name_with_accents_is_asked_for_in_ascii"),
    ("url", 62, 62, ADDRESSES, "url_062_a_name_that_mixes_alphabets_is_warned_of"),
    ("url", 63, 63, ADDRESSES, "url_063_a_password_in_an_address_is_told_to_nobody"),
    ("url", 64, 65, ADDRESSES, "url_064_and_065_a_port_and_tracking_are_accepted"),
    ("url", 66, 67, GUARD, "only_addresses_that_may_be_dialled_are_handed_on"),
    ("url", 68, 68, GUARD, "the_resolver_hands_on_no_loopback_address_unless_listed"),
    ("url", 69, 71, MANNERS, "redirects_are_followed_five_times_and_never_inside"),
    ("url", 72, 72, ADDRESSES, "url_072_a_proxy_of_the_environment_is_not_asked"),
    ("url", 73, 73, GUARD, "the_resolver_hands_on_no_loopback_address_unless_listed"),
    ("url", 74, 75, GUARD, "only_addresses_that_may_be_dialled_are_handed_on"),
    ("url", 76, 77, GUARD, "a_name_without_an_answer_is_asked_for_again_later"),
    ("http", 1, 2, SERVERS, "redirects_end_and_are_told"),
    ("http", 3, 3, MANNERS, "https_never_falls_back_to_http"),
    ("http", 4, 4, SERVERS, "redirects_end_and_are_told"),
    ("http", 5, 7, SERVERS, "what_does_not_come_in_time_is_given_up"),
    ("http", 8, 25, SERVERS, "an_answer_is_a_page_or_a_reason"),
    ("http", 26, 26, SERVERS, "what_does_not_come_in_time_is_given_up"),
    ("http", 27, 28, SERVERS, "an_answer_is_a_page_or_a_reason"),
    ("http", 29, 29, CHANGE, "an_endless_304_is_doubted_once_a_day"),
    ("http", 30, 31, SERVERS, "validators_and_cookies_go_back_only_where_they_may"),
    ("http", 32, 35, SERVERS, "a_source_that_is_refused_rests_and_its_feed_stays"),
    ("http", 36, 38, SERVERS, "a_host_is_left_alone_as_long_as_it_asks_within_a_day"),
    ("http", 39, 39, SERVERS, "http_039_a_broken_day_costs_few_requests_and_ends_at_once"),
    ("http", 40, 43, "tests/it/bad_tls.rs", "http_040_to_043_a_site_that_cannot_be_trusted_is_refused_in_plain_words"),
    ("http", 44, 44, "src/fetch/tests/guarded.rs", "a_server_without_tls_or_at_all_is_named_without_the_password"),
    ("http", 45, 45, SERVERS, "an_answer_is_a_page_or_a_reason"),
    ("http", 46, 46, SERVERS, "validators_and_cookies_go_back_only_where_they_may"),
    ("http", 47, 49, SERVERS, "an_answer_is_a_page_or_a_reason"),
    ("http", 50, 52, SERVERS, "robots_txt_is_kept_whatever_it_is"),
    ("http", 53, 53, SERVERS, "http_053_a_crawl_delay_of_a_day_is_kept_as_an_hour_and_the_admin_is_told_once"),
    ("html", 1, 5, PAGES, "pages_too_complex_to_be_read_are_problems"),
    ("html", 6, 9, PAGES, "pages_of_one_thing_again_and_again_give_no_news"),
    ("html", 10, 10, PAGES, "a_list_takes_what_is_news_and_nothing_else"),
    ("html", 11, 11, PAGES, "pages_of_one_thing_again_and_again_give_no_news"),
    ("html", 12, 12, SERVERS, "html_012_a_list_that_shrank_loses_and_repeats_nothing"),
    ("html", 13, 13, CHANGE, "moved_addresses_are_the_same_entries"),
    ("html", 14, 14, SERVERS, "html_014_articles_that_were_all_stamped_anew_are_no_news"),
    ("html", 15, 15, SERVERS, "html_015_a_backlog_of_years_is_in_the_feed_and_in_no_chat"),
    ("html", 16, 18, PAGES, "what_changes_with_each_load_is_no_change"),
    ("html", 19, 21, PAGES, "a_title_is_one_line_of_text"),
    ("html", 22, 22, PAGES, "a_body_is_what_people_may_read"),
    ("html", 23, 27, PAGES, "a_list_takes_what_is_news_and_nothing_else"),
    ("html", 28, 30, PAGES, "a_body_is_what_people_may_read"),
    ("html", 31, 31, PAGES, "a_list_takes_what_is_news_and_nothing_else"),
    ("html", 32, 32, SERVERS, "html_032_two_articles_of_one_title_and_minute_are_two"),
    ("html", 33, 33, CHANGE, "a_withdrawn_article_leaves_the_feed_and_comes_back_with_its_page"),
    ("html", 34, 34, CHANGE, "an_edited_article_updates_its_entry_and_keeps_what_it_said"),
    ("html", 35, 37, PAGES, "the_next_page_is_one_of_this_list"),
    ("html", 38, 38, PAGES, "pages_of_one_thing_again_and_again_give_no_news"),
    ("html", 39, 39, PAGES, "a_body_is_what_people_may_read"),
    ("html", 40, 40, PAGES, "a_list_takes_what_is_news_and_nothing_else"),
    ("html", 41, 41, PAGES, "a_body_is_what_people_may_read"),
    ("date", 1, 22, PAGES, "dates_are_read_by_day_first_or_not_at_all"),
    ("enc", 1, 11, PAGES, "bytes_become_letters_or_none"),
    ("enc", 12, 21, PAGES, "letters_are_written_in_one_way"),
    ("tg", 1, 8, TELEGRAM, "what_is_sent"),
    ("tg", 9, 9, TELEGRAM, "tg_009_a_wait_of_twelve_hours_is_kept_and_holds_up_nobody_else"),
    ("tg", 10, 12, TELEGRAM, "what_is_answered"),
    ("tg", 13, 13, "tests/it/flow.rs", "a_group_that_became_a_supergroup_is_followed"),
    ("tg", 14, 21, TELEGRAM, "what_is_answered"),
    ("tg", 22, 22, TELEGRAM, "tg_022_a_clock_that_is_set_back_a_day_repeats_and_delays_nothing"),
    ("tg", 23, 23, TELEGRAM, "what_is_answered"),
    ("tg", 24, 25, DESK, "tg_024_and_025_odd_updates_are_passed_by_and_the_next_is_heard"),
    ("tg", 26, 26, DESK, "tg_026_an_update_that_comes_twice_is_answered_once"),
    ("tg", 27, 28, DESK, "tg_027_and_028_numbers_that_jump_back_are_heard"),
    ("tg", 29, 30, DESK, "tg_029_to_035_whatever_is_written_is_words"),
    ("tg", 31, 31, DESK, "tg_031_041_042_and_047_what_is_not_meant_for_us_is_not_heard"),
    ("tg", 32, 35, DESK, "tg_029_to_035_whatever_is_written_is_words"),
    ("tg", 36, 37, DESK, "tg_036_and_037_a_press_can_do_no_more_than_its_sender"),
    ("tg", 38, 38, DESK, "tg_038_who_writes_a_hundred_times_is_answered_once_a_second_and_others_at_once"),
    ("tg", 39, 40, DESK, "tg_039_and_040_only_who_decides_for_a_group_changes_what_it_gets"),
    ("tg", 41, 42, DESK, "tg_031_041_042_and_047_what_is_not_meant_for_us_is_not_heard"),
    ("tg", 43, 43, DESK, "tg_043_another_poller_is_told_to_the_admin_once_it_lasts"),
    ("tg", 44, 44, DESK, "tg_044_only_telegram_may_push"),
    ("tg", 45, 45, DESK, "tg_045_what_is_pushed_is_at_most_a_mebibyte"),
    ("tg", 46, 46, DESK, "tg_046_what_is_pushed_twice_is_answered_once_and_telegram_is_no_reader"),
    ("tg", 47, 47, DESK, "tg_031_041_042_and_047_what_is_not_meant_for_us_is_not_heard"),
    ("zalo", 1, 1, ZALO_TOKENS, "a_refused_token_is_renewed_once_however_long_it_was_to_last"),
    ("zalo", 2, 2, ZALO_TOKENS, "consent_that_is_needed_is_told_and_a_pasted_pair_ends_it"),
    ("zalo", 3, 4, ZALO_TOKENS, "a_crash_before_the_answer_was_written_is_followed_by_one_try_and_then_by_words"),
    ("zalo", 5, 5, ZALO_TOKENS, "two_processes_renew_once"),
    ("zalo", 6, 6, ZALO_TOKENS, "an_old_pair_is_renewed_once_and_remembered_before_it_is_used"),
    ("zalo", 7, 7, "src/channel/zalo_oa/grant.rs", "a_lifetime_is_text_or_number_and_nonsense_is_an_hour"),
    ("zalo", 8, 12, ZALO, "what_the_open_api_answers"),
    ("zalo", 13, 13, ZALO_TALK, "zalo_013_what_bears_another_mark_is_refused"),
    ("zalo", 14, 14, ZALO_TALK, "zalo_014_while_the_store_is_busy_nothing_is_promised_and_nothing_done_twice"),
    ("zalo", 15, 15, ZALO_TALK, "zalo_015_and_018_a_message_told_again_is_one_and_our_own_echo_is_none"),
    ("zalo", 16, 16, ZALO, "zalo_016_ids_beyond_what_a_number_holds_exactly_stay_what_they_are"),
    ("zalo", 17, 17, ZALO, "zalo_017_a_text_over_the_limit_is_cut_at_a_word"),
    ("zalo", 18, 18, ZALO_TALK, "zalo_015_and_018_a_message_told_again_is_one_and_our_own_echo_is_none"),
];

#[test]
fn every_proof_is_a_test() {
    for (group, first, _, file, name) in PROVEN {
        let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap();
        assert!(text.contains(&format!("fn {name}(")), "{group}-{first:03}: no {name} in {file}");
    }
}

#[test]
fn every_bad_input_of_sites_and_telegram_is_proven() {
    let Some(shared) = std::env::var_os("LOAPHUONG_TEST_SHARED") else {
        eprintln!("skipped: LOAPHUONG_TEST_SHARED is not set");
        return;
    };
    let text = std::fs::read_to_string(Path::new(&shared).join("data/bad_inputs.json")).unwrap();
    let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
    let ids = cases.iter().filter_map(|case| case["id"].as_str()?.rsplit_once('-'));
    let ours: Vec<(&str, u32)> = ids
        .filter(|(group, _)| PROVEN.iter().any(|proof| proof.0 == *group))
        .map(|(group, number)| (group, number.parse().unwrap()))
        .collect();
    assert!(ours.len() > 200, "{}", ours.len());
    let proven = |group: &str, number: u32| PROVEN.iter().any(|proof| proof.0 == group && (proof.1..=proof.2).contains(&number));
    let missing: Vec<_> = ours.iter().filter(|(group, number)| !proven(group, *number)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
