//! Where the service listens, and where it is found.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::args::ListenArgs;
use super::exit::{Exit, Failure};

/// Where to listen: PORT replaces the port, unless the address was given on the command line itself.
pub(crate) fn wanted(args: &ListenArgs) -> Result<SocketAddr, Failure> {
    let port = std::env::var_os("PORT").filter(|port| !port.is_empty());
    match port {
        Some(port) if !args.is_typed => {
            let port = port.to_str().and_then(|port| port.trim().parse().ok());
            let port =
                port.ok_or_else(|| Failure::new(Exit::Usage, "PORT must be a number from 0 to 65535"))?;
            Ok(SocketAddr::new(args.listen.ip(), port))
        }
        _ => Ok(args.listen),
    }
}

/// An address that a client on this machine can reach: one that means "all interfaces" is no place to go to.
pub(crate) fn reachable(mut address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    address
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use super::*;

    #[test]
    fn addresses_can_be_reached() {
        for (address, expected) in [
            ("127.0.0.1:8000", "127.0.0.1:8000"),
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:9000", "[::1]:9000"),
            ("10.0.0.7:1", "10.0.0.7:1"),
        ] {
            assert_eq!(reachable(address.parse().unwrap()).to_string(), expected);
        }
    }
}
