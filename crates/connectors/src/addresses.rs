//! Which resolved addresses are dialled: against names that are made, or rebound, to lead inside.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What the names of a service may resolve to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Addresses {
    /// Any but link-local ones and those where clouds tell machines their credentials.
    #[default]
    Any,
    /// Only such as are reachable from everywhere.
    Public,
}

impl Addresses {
    pub(crate) fn allow(self, address: IpAddr) -> bool {
        let address = plain(address);
        if is_metadata(address) {
            return false;
        }
        match self {
            Self::Any => true,
            Self::Public => match address {
                IpAddr::V4(v4) => is_public_v4(v4),
                IpAddr::V6(v6) => is_public_v6(v6),
            },
        }
    }
}

/// The IPv4 address that an IPv6 one stands for, if it does.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return v4.into();
    }
    match v6.segments() {
        // NAT64 (RFC 6052 §2.1)
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => joined(high, low).into(),
        // 6to4 (RFC 3056 §2)
        [0x2002, high, low, ..] => joined(high, low).into(),
        _ => address,
    }
}

fn joined(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low))
}

/// 169.254.169.254 and its like, with everything link-local.
fn is_metadata(address: IpAddr) -> bool {
    const ALIBABA: Ipv4Addr = Ipv4Addr::new(100, 100, 100, 200);
    const AMAZON: Ipv6Addr = Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254);
    match address {
        IpAddr::V4(v4) => v4.is_link_local() || v4 == ALIBABA,
        IpAddr::V6(v6) => v6.is_unicast_link_local() || v6 == AMAZON,
    }
}

/// Without the blocks of IANA's registry of special-purpose addresses (RFC 6890) that are not global.
fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let is_special = v4.is_loopback()
        || v4.is_private()
        || v4.is_documentation()
        || v4.is_multicast()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 198 && (b == 18 || b == 19));
    !is_special
}

/// Global unicast is 2000::/3; the rest is loopback, local, multicast, or not given out.
fn is_public_v6(v6: Ipv6Addr) -> bool {
    let [first, second, ..] = v6.segments();
    let is_documentation = (first == 0x2001 && second == 0xdb8) || first == 0x3fff;
    // 2001::/23 holds Teredo and other tunnels.
    let is_tunnel = first == 0x2001 && second < 0x200;
    first & 0xe000 == 0x2000 && !is_documentation && !is_tunnel
}

#[cfg(test)]
mod tests {
    use super::Addresses;

    #[test]
    fn metadata_services_are_never_called() {
        for address in [
            "169.254.169.254",
            "169.254.1.1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "fe80::1",
            "fd00:ec2::254",
            "100.100.100.200",
        ] {
            assert!(!Addresses::Any.allow(address.parse().unwrap()), "{address}");
            assert!(!Addresses::Public.allow(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn what_is_inside_is_not_public() {
        for address in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "0.0.0.0",
            "198.18.0.1",
            "192.0.2.1",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "fc00::1",
            "ff02::1",
            "2001:db8::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
        ] {
            let address = address.parse().unwrap();
            assert!(Addresses::Any.allow(address), "{address}");
            assert!(!Addresses::Public.allow(address), "{address}");
        }
        for address in ["1.1.1.1", "203.0.114.1", "172.32.0.1", "2606:4700::1111", "2a00:1450::1"] {
            assert!(Addresses::Public.allow(address.parse().unwrap()), "{address}");
        }
    }
}
