//! loaphuong reads the news pages of Vietnamese wards, publishes feeds of them, and pushes each
//! new article to chat channels.
//!
//! The modules stand in reading order: each uses only modules above it. ARCHITECTURE.md tells why.

// Ground: words.
pub mod text;
pub mod date;
pub mod phrases;
pub mod charset;
pub mod html;
pub mod entry;
pub mod page;
pub mod schedule;
pub mod subscription;

// First floor: pure makers.
pub mod source;
pub mod feed;
pub mod outbox;

// Second floor: edges.
pub mod secret;
pub mod channel;
pub mod store;
