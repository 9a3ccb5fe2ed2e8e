//! loaphuong reads the news pages of Vietnamese wards, publishes feeds of them, and pushes each
//! new article to chat channels.
//!
//! The modules stand in reading order: each uses only modules above it. ARCHITECTURE.md tells why.

// Ground: words. Pure.
pub mod charset;
pub mod date;
pub mod entry;
pub mod html;
pub mod page;
pub mod phrases;
pub mod schedule;
pub mod subscription;
pub mod text;

// First floor: pure makers.
pub mod feed;
pub mod outbox;
pub mod source;

// Second floor: edges, all IO.
pub mod channel;
pub mod fetch;
pub mod metrics;
pub mod redact;
pub mod secret;
pub mod shelf;
pub mod store;
pub mod tls;

// Third floor: flow.
pub mod config;
pub mod dispatch;
pub mod publish;
pub mod watch;
pub mod web;

// Roof.
pub mod app;
pub mod cli;
pub mod sample;
