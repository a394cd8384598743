//! An authority of our own, and a certificate by it for `localhost`.

use std::path::{Path, PathBuf};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// Their files.
pub struct Certificates {
    /// Who is to be trusted.
    pub ca: PathBuf,
    /// The server's certificate.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
    /// Key and certificate in one file.
    pub both: PathBuf,
}

impl Certificates {
    pub fn make(dir: &Path) -> Self {
        let mut authority = CertificateParams::default();
        // Who has the name of its issuer is taken for its own.
        authority.distinguished_name.push(DnType::CommonName, "an authority of a test");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let named = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let certificate = named.signed_by(&key, &authority).unwrap();
        let write = |name: &str, text: String| {
            let file = dir.join(name);
            std::fs::write(&file, text).unwrap();
            file
        };
        Self {
            ca: write("ca.pem", authority.pem()),
            certificate: write("certificate.pem", certificate.pem()),
            key: write("key.pem", key.serialize_pem()),
            both: write(
                "both.pem",
                format!("{}{}{}", key.serialize_pem(), certificate.pem(), authority.pem()),
            ),
        }
    }
}
