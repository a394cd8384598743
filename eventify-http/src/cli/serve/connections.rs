//! No single address may take every connection.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedSemaphorePermit;

/// Counts the connections of each address. An IPv6 client has a whole /64 to itself, which counts as one.
#[derive(Debug, Clone)]
pub(super) struct Clients {
    open: Arc<Mutex<HashMap<IpAddr, u32>>>,
    per_address_max: u32,
}

impl Clients {
    /// One address may have three quarters of all: a proxy has them all in its own name, and still leaves room for
    /// whoever looks after it.
    pub(super) fn new(connections_max: u32) -> Self {
        Self { open: Arc::default(), per_address_max: (connections_max / 4 * 3).max(1) }
    }

    /// Another connection of an address, unless it has too many.
    pub(super) fn enter(&self, address: IpAddr, permit: OwnedSemaphorePermit) -> Option<Slot> {
        let address = counted(address);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(address).or_default();
        if *count >= self.per_address_max {
            return None;
        }
        *count += 1;
        Some(Slot { clients: self.clone(), address, _permit: permit })
    }

    fn leave(&self, address: IpAddr) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&address);
            }
        }
    }
}

/// What an address counts as. Over a socket for both, an IPv4 client has an IPv6 address: it counts as what it is.
fn counted(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address @ IpAddr::V4(_) => address,
    }
}

/// One open connection.
#[derive(Debug)]
pub(super) struct Slot {
    clients: Clients,
    address: IpAddr,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.clients.leave(self.address);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use tokio::sync::Semaphore;

    use super::*;

    #[test]
    fn one_address_leaves_room_for_others() {
        let all = Arc::new(Semaphore::new(4));
        let clients = Clients::new(4);
        let permit = || all.clone().try_acquire_owned().unwrap();
        let (a, b) = ("10.0.0.1".parse().unwrap(), "10.0.0.2".parse().unwrap());
        let mut held: Vec<Slot> = (0..3).map(|_| clients.enter(a, permit()).unwrap()).collect();
        assert!(clients.enter(a, permit()).is_none());
        assert!(clients.enter(b, permit()).is_some());
        held.pop();
        assert!(clients.enter(a, permit()).is_some());
        drop(held);
        assert!(clients.open.lock().unwrap().is_empty());
        assert_eq!(all.available_permits(), 4);
    }

    #[test]
    fn an_ipv6_client_counts_by_its_64_and_an_ipv4_client_by_its_address() {
        let counted = |address: &str| super::counted(address.parse().unwrap());
        assert_eq!(counted("2001:db8:1:2::1"), counted("2001:db8:1:2:ffff::9"));
        assert_ne!(counted("2001:db8:1:2::1"), counted("2001:db8:1:3::1"));
        assert_eq!(counted("::ffff:10.0.0.1"), counted("10.0.0.1"));
        assert_ne!(counted("::ffff:10.0.0.1"), counted("::ffff:10.0.0.2"));
        let all = Arc::new(Semaphore::new(4));
        let clients = Clients::new(4);
        let enter =
            |address: &str| clients.enter(address.parse().unwrap(), all.clone().try_acquire_owned().unwrap());
        let held = ["2001:db8::1", "2001:db8::2", "2001:db8::3"].map(|address| enter(address).unwrap());
        assert!(enter("2001:db8::4").is_none());
        drop(held);
        assert!(clients.open.lock().unwrap().is_empty());
    }
}
