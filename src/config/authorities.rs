//! `ca_file` of a source: a certificate that its server forgets to send, or an authority of its own.

use std::sync::Arc;

use toml::Spanned;

use super::build::Builder;
use super::diagnose::File;
use crate::phrases;
use crate::source::Source;
use crate::tls;

impl Builder {
    /// Trusts the certificates of this file for the host of a source, beside those of the machine.
    pub(super) fn authority(&mut self, file: &Arc<File>, written: &Spanned<String>, source: &dyn Source) {
        let path = self.dir.join(written.get_ref());
        self.origin.files.push(path.clone());
        let read = std::fs::read(&path).map_err(|e| phrases::config_unreadable(&format!("{}: {e}", path.display())));
        let certificates = read.and_then(|pem| tls::certificates(&pem).map_err(|why| phrases::config_bad_certificates(why.as_deref())));
        let start = source.start();
        let host = start.iter().find_map(|visit| visit.url.host_str().filter(|_| matches!(visit.url.scheme(), "http" | "https")));
        match (certificates, host) {
            (Ok(certificates), Some(host)) => {
                // Two sources of one host may each name what it needs.
                let known = self.authorities.entry(host.trim_matches(['[', ']']).to_owned()).or_default();
                for certificate in certificates {
                    if !known.contains(&certificate) {
                        known.push(certificate);
                    }
                }
            }
            (Err(wrong), _) => self.findings.error(file, Some(written.span()), wrong, None),
            (Ok(_), None) => self.findings.error(file, Some(written.span()), phrases::config_no_host(), None),
        }
    }
}
