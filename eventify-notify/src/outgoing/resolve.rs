//! From a host's name to the addresses that may be reached.

use std::fmt::{self, Debug};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::{Reach, address};

/// Finds the addresses of a host.
#[async_trait]
pub trait Lookup: Debug + Send + Sync + 'static {
    /// Every address of it.
    ///
    /// # Errors
    /// When there are none, or nobody can say.
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>>;
}

/// As the machine looks names up.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemLookup;

#[async_trait]
impl Lookup for SystemLookup {
    async fn addresses(&self, host: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((host, 0)).await?.map(|found| found.ip()).collect())
    }
}

/// The host is at an address that must not be reached. The address itself stays unsaid: whoever named the host should not
/// learn what it is here.
#[derive(Debug)]
pub(super) struct OutOfReach;

impl fmt::Display for OutOfReach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("is not an address of the public internet")
    }
}

impl std::error::Error for OutOfReach {}

/// Answers with addresses that were looked at, and with nothing else: what is connected to is what was checked, also
/// when a name leads elsewhere the next moment.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) lookup: Arc<dyn Lookup>,
    pub(super) reach: Reach,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (lookup, reach) = (Arc::clone(&self.lookup), self.reach);
        Box::pin(async move {
            let found = lookup.addresses(name.as_str()).await?;
            if found.is_empty() {
                return Err(io::Error::new(io::ErrorKind::NotFound, "the host has no address").into());
            }
            // One bad address among good ones is no accident.
            if !found.iter().all(|address| reach.allows(*address)) {
                return Err(OutOfReach.into());
            }
            let found: Addrs = Box::new(found.into_iter().map(|address| SocketAddr::new(address, 0)));
            Ok(found)
        })
    }
}

impl Reach {
    pub(super) fn allows(self, found: IpAddr) -> bool {
        match self {
            Self::Public => address::is_public(found),
            Self::PublicAndLoopback => address::is_public(found) || address::is_loopback(found),
            Self::Anywhere => true,
        }
    }
}
