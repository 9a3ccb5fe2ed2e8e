//! `[hub]`.

use std::sync::Arc;

use url::Url;

use super::Hub;
use super::build::Builder;
use super::diagnose::File;
use super::sections;
use crate::fetch::check_url;
use crate::phrases;

impl Builder {
    /// This server's own hub, unless another is named or none is wanted.
    pub(super) fn hub(&mut self, file: &Arc<File>, hub: sections::Hub) -> Hub {
        let found = hub.url.map(|written| match Url::parse(written.get_ref()) {
            Ok(url) => {
                if let Err(message) = check_url(&url, &self.allow) {
                    self.findings.error(file, Some(written.span()), message, None);
                }
                Hub::Other(url)
            }
            Err(_) => {
                self.findings.error(file, Some(written.span()), phrases::config_bad_url(written.get_ref()), None);
                Hub::Own
            }
        });
        if hub.enabled == Some(false) { Hub::Off } else { found.unwrap_or(Hub::Own) }
    }
}
