//! stub
#![allow(missing_docs)]
use chrono::{DateTime, FixedOffset, Utc};
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp { pub at: DateTime<FixedOffset>, pub has_time: bool, pub coarse: bool }
#[must_use] pub fn parse(_t: &str, _z: chrono_tz::Tz, _n: DateTime<Utc>) -> Option<Stamp> { None }
#[must_use] pub fn is_stamp_line(_l: &str) -> bool { false }
