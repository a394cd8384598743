//! Whom we trust, and by what we are trusted.

use std::path::PathBuf;

#[cfg(any(feature = "nats", feature = "rabbitmq"))]
use {
    super::InvalidConfig,
    rustls::pki_types::pem::PemObject,
    rustls::pki_types::{CertificateDer, PrivateKeyDer},
    rustls::{ClientConfig, RootCertStore},
    std::path::Path,
    std::sync::Arc,
};

/// Files of TLS, all PEM. Without any, the system's authorities are trusted and we show no certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tls {
    /// The only authorities that are trusted.
    pub ca_file: Option<PathBuf>,
    /// Our certificate with its chain, and its key, for a broker that asks for it.
    pub identity: Option<Identity>,
}

/// A certificate and its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The certificate, and those that lead to its authority.
    pub certificate_file: PathBuf,
    /// Its private key, not encrypted.
    pub key_file: PathBuf,
}

#[cfg(any(feature = "nats", feature = "rabbitmq"))]
impl Tls {
    /// Reads the files.
    pub(crate) fn client(&self) -> Result<ClientConfig, InvalidConfig> {
        let wrong = |error: rustls::Error| InvalidConfig::new("tls", error.to_string());
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let trusting = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(wrong)?
            .with_root_certificates(self.roots()?);
        let Some(identity) = &self.identity else {
            return Ok(trusting.with_no_client_auth());
        };
        let chain = certificates("tls.certificate_file", &identity.certificate_file)?;
        let key = PrivateKeyDer::from_pem_file(&identity.key_file)
            .map_err(|error| unreadable("tls.key_file", &identity.key_file, &error))?;
        trusting.with_client_auth_cert(chain, key).map_err(wrong)
    }

    fn roots(&self) -> Result<RootCertStore, InvalidConfig> {
        let mut roots = RootCertStore::empty();
        if let Some(file) = &self.ca_file {
            for certificate in certificates("tls.ca_file", file)? {
                roots.add(certificate).map_err(|error| unreadable("tls.ca_file", file, &error))?;
            }
        } else {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
            if roots.is_empty() {
                let problem = "the system has no authorities to trust; name a file of them";
                return Err(InvalidConfig::new("tls.ca_file", problem));
            }
        }
        Ok(roots)
    }
}

#[cfg(any(feature = "nats", feature = "rabbitmq"))]
fn certificates(field: &'static str, file: &Path) -> Result<Vec<CertificateDer<'static>>, InvalidConfig> {
    let found: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(file).map_err(|error| unreadable(field, file, &error))?.collect();
    let found = found.map_err(|error| unreadable(field, file, &error))?;
    if found.is_empty() {
        return Err(InvalidConfig::new(field, format!("{} has no certificate", file.display())));
    }
    Ok(found)
}

#[cfg(any(feature = "nats", feature = "rabbitmq"))]
fn unreadable(field: &'static str, file: &Path, error: &dyn std::fmt::Display) -> InvalidConfig {
    InvalidConfig::new(field, format!("{}: {error}", file.display()))
}
