//! stub
use super::Format;
pub(super) const FORMAT: Format = Format { extension: "json", media_type: "", title: "", render: |_| Vec::new() };
