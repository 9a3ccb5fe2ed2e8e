//! stub
use super::Format;
pub(super) const FORMAT: Format = Format { extension: "atom", media_type: "", title: "", render: |_| Vec::new() };
