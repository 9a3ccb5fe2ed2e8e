//! The one TLS setup: this machine's certificate authorities, read once and shared by all clients.

use std::sync::Arc;

use rustls::ClientConfig;
use rustls::crypto::ring;
use rustls_platform_verifier::BuilderVerifierExt;

/// TLS 1.2 and 1.3 with the certificate authorities that the machine trusts. Clones share them.
///
/// # Errors
/// When the machine has no certificate authorities (a bare container without `ca-certificates`).
pub fn client_config() -> Result<ClientConfig, rustls::Error> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions()?;
    Ok(builder.with_platform_verifier()?.with_no_client_auth())
}
