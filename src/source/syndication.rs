//! stub
use serde::de::Error as _;
use super::Kind;
pub(super) const KIND: Kind = Kind { name: "syndication", about: "", example: "", build: |_, _| Err(serde::de::Error::custom("stub")) };
