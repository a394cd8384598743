//! Where a request comes from.

use std::net::{IpAddr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};
use eventify_core::Actor;

/// The address of the client, as far as it can be believed. The envelope puts it into the request's extensions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client(Option<IpAddr>);

impl Client {
    /// The connection's address, or the one that the outermost trusted proxy saw.
    pub(crate) fn of(extensions: &Extensions, headers: &HeaderMap, proxy_hops_trusted: usize) -> Self {
        let peer = extensions.get::<ConnectInfo<SocketAddr>>().map(|info| info.0.ip().to_canonical());
        Self(forwarded(headers, proxy_hops_trusted).or(peer))
    }

    /// What rate limits count by: an IPv6 client has a whole /64 to itself. Unknown clients count as one.
    pub(crate) fn bucket(self) -> u64 {
        match self.0 {
            Some(IpAddr::V4(address)) => u64::from(address.to_bits()),
            Some(IpAddr::V6(address)) => u64::try_from(address.to_bits() >> 64).unwrap_or(0),
            None => 0,
        }
    }

    /// The actor, who comes from here.
    pub(crate) fn sign(self, actor: Actor) -> Actor {
        match self.0 {
            Some(address) => actor.from_origin(address.to_string()),
            None => actor,
        }
    }
}

/// The entry that many hops from the right: each proxy appends the address that it saw.
fn forwarded(headers: &HeaderMap, hops: usize) -> Option<IpAddr> {
    let nth = hops.checked_sub(1)?;
    let values = headers.get_all("x-forwarded-for").iter().rev();
    let mut entries = values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.rsplit(','));
    address(entries.nth(nth)?.trim())
}

/// An address, with or without a port.
fn address(text: &str) -> Option<IpAddr> {
    let bare = || text.trim_matches(['[', ']']).parse::<IpAddr>().ok();
    let found = bare().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    found.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    fn seen(forwarded: &[&str], hops: usize) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo::<SocketAddr>("192.0.2.1:4711".parse().unwrap()));
        Client::of(&extensions, &headers, hops).0.map(|address| address.to_string())
    }

    #[test]
    fn only_what_trusted_proxies_appended_is_believed() {
        let rows: [(&[&str], usize, &str); 8] = [
            (&[], 0, "192.0.2.1"),
            (&["203.0.113.9"], 0, "192.0.2.1"),
            (&["203.0.113.9"], 1, "203.0.113.9"),
            (&["10.0.0.1, 203.0.113.9"], 1, "203.0.113.9"),
            (&["10.0.0.1", "203.0.113.9, 198.51.100.2"], 2, "203.0.113.9"),
            (&["[2001:db8::1]:443"], 1, "2001:db8::1"),
            (&["nonsense"], 1, "192.0.2.1"),
            (&["203.0.113.9"], 3, "192.0.2.1"),
        ];
        for (forwarded, hops, expected) in rows {
            assert_eq!(seen(forwarded, hops).as_deref(), Some(expected), "{forwarded:?} {hops}");
        }
    }
}
