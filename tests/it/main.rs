//! The one integration test binary: golden files, the store on both engines, the real parts on
//! loopback, and the laws of the house.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::panic,
    clippy::wildcard_enum_match_arm
)]

mod adding;
mod admin;
mod bad_addresses;
mod bad_admin;
mod bad_desk;
mod bad_inputs;
mod bad_telegram;
mod bad_tls;
mod bad_webhook;
mod bad_zalo;
mod bad_pages;
mod bad_servers;
mod budget;
mod change;
mod channels;
mod charsets;
mod config;
mod conformance;
mod corrected;
mod corrections;
mod daemon;
mod delivery;
mod deserted;
mod desk;
mod documents;
mod fakes;
mod feeds;
mod figures;
mod flow;
mod fuzzed;
mod guarding;
mod healing;
mod hostile;
mod house;
mod http;
mod hub;
mod hub_store;
mod kinds;
mod large;
mod learning;
mod made_feeds;
mod mail;
mod messages;
mod pages;
mod platforms;
mod postgres;
mod push;
mod renamed_channel;
mod second_way;
mod serving;
mod sites;
mod store;
mod templated;
mod talked;
mod tidy;
mod troubles;
mod trying;
mod tuned;
mod visits;
mod zalo_bot;
mod zalo_oa;
mod zalo_talk;
