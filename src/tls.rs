//! The one TLS setup: this machine's certificate authorities, read once and shared by all clients;
//! and, for sites that an admin names, further ones beside them.

use std::collections::HashMap;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use rustls_platform_verifier::{BuilderVerifierExt, Verifier};

/// Certificates that are trusted for a host beside those of this machine, by its name.
pub type Authorities = HashMap<String, Vec<CertificateDer<'static>>>;

/// TLS 1.2 and 1.3 with the certificate authorities that the machine trusts. Clones share them.
///
/// # Errors
/// When the machine has no certificate authorities (a bare container without `ca-certificates`).
pub fn client_config() -> Result<ClientConfig, Error> {
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    Ok(builder.with_platform_verifier()?.with_no_client_auth())
}

/// The same, but for the hosts named in `own` also with their certificates; `plain` where there are
/// none. Everything else that makes a certificate good (name, dates, signatures) is looked at as ever.
///
/// # Errors
/// As [`client_config`], or where a certificate cannot be read.
pub(crate) fn trusting(own: &Authorities, plain: &ClientConfig) -> Result<ClientConfig, Error> {
    if own.is_empty() {
        return Ok(plain.clone());
    }
    let builder = ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(ByHost::of(own)?)).with_no_client_auth())
}

/// The certificates in a PEM file.
///
/// # Errors
/// What is wrong with it, in the words of the library; `None` where it has none at all.
pub(crate) fn certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Option<String>> {
    let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let found = read.map_err(|error| Some(error.to_string()))?;
    let mut store = RootCertStore::empty();
    for certificate in &found {
        store.add(certificate.clone()).map_err(|error| Some(error.to_string()))?;
    }
    if found.is_empty() { Err(None) } else { Ok(found) }
}

fn provider() -> Arc<CryptoProvider> {
    Arc::new(ring::default_provider())
}

/// Verifies by the machine's authorities; for some hosts by theirs too.
#[derive(Debug)]
struct ByHost {
    all: Verifier,
    own: HashMap<String, Arc<Verifier>>,
}

impl ByHost {
    fn of(own: &Authorities) -> Result<Self, Error> {
        // Wards of one province name one file.
        let mut known: HashMap<&[CertificateDer<'static>], Arc<Verifier>> = HashMap::new();
        let mut hosts = HashMap::new();
        for (host, certificates) in own {
            let verifier = match known.get(certificates.as_slice()) {
                Some(verifier) => verifier.clone(),
                None => Arc::new(Verifier::new_with_extra_roots(certificates.iter().cloned(), provider())?),
            };
            known.insert(certificates, verifier.clone());
            hosts.insert(host.clone(), verifier);
        }
        Ok(Self { all: Verifier::new(provider())?, own: hosts })
    }

    fn of_host(&self, name: &ServerName<'_>) -> &Verifier {
        self.own.get(&*name.to_str()).map_or(&self.all, |own| own)
    }
}

impl ServerCertVerifier for ByHost {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        self.of_host(name).verify_server_cert(end_entity, intermediates, name, ocsp, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.all.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.all.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.all.supported_verify_schemes()
    }
}
