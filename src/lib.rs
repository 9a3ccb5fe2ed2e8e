//! loaphuong reads the news pages of Vietnamese wards, publishes feeds of them, and pushes each
//! new article to chat channels.
//!
//! The modules stand in reading order: each uses only modules above it. ARCHITECTURE.md tells why.

// Ground: words. Pure.
pub mod text;
pub mod date;
pub mod schedule;
pub mod rhythm;
pub mod phrases;
pub mod charset;
pub mod html;
pub mod entry;
pub mod page;
pub mod subscription;

// First floor: pure makers.
pub mod source;
pub mod read;
pub mod judge;
pub mod feed;
pub mod outbox;
pub mod brake;
pub mod incident;
pub mod correction;

// Second floor: edges, all IO.
pub mod secret;
pub mod redact;
pub mod tls;
pub mod disk;
pub mod channel;
pub mod fetch;
pub mod store;
pub mod metrics;
pub mod shelf;

// Third floor: flow.
pub mod config;
pub mod watch;
pub mod hub;
pub mod publish;
pub mod dispatch;
pub mod desk;
pub mod web;

// Roof.
pub mod app;
pub mod sample;
pub mod cli;
