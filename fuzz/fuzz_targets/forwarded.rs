//! What proxies pass on of where a client comes from, first as `X-Forwarded-For`, then as `Forwarded`: never a panic,
//! never an address from left of one that no proxy of ours vouches for, and nothing at all from strangers.

#![no_main]

use std::net::IpAddr;

use frontdesk_perimeter::{Inbound, TrustedProxies};
use http::header::{FORWARDED, HeaderName};
use http::{HeaderMap, HeaderValue, Method, Uri};
use libfuzzer_sys::fuzz_target;

const PROXY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
const STRANGER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 9));

fuzz_target!(|bytes: &[u8]| {
    let proxies = TrustedProxies::parse(["10.0.0.0/8"]).expect("a network");
    let uri = Uri::from_static("/");
    for (name, behind) in
        [(HeaderName::from_static("x-forwarded-for"), ", 203.0.113.9"), (FORWARDED, ", for=203.0.113.9")]
    {
        let ask = |value: &[u8], peer: IpAddr| {
            let value = HeaderValue::from_bytes(value).ok()?;
            let headers: HeaderMap = [(name.clone(), value)].into_iter().collect();
            let inbound = Inbound {
                method: &Method::GET,
                uri: &uri,
                headers: &headers,
                peer,
                secure: false,
                certificate: None,
            };
            assert!(!proxies.trail(&inbound).is_empty());
            Some(proxies.client(&inbound).address)
        };
        let _ = ask(bytes, PROXY);
        assert!(ask(bytes, STRANGER).is_none_or(|client| client == STRANGER));
        // Whatever stands left of what the proxy wrote: the client is what the proxy wrote, or nobody can tell.
        let appended = [bytes, behind.as_bytes()].concat();
        assert!(ask(&appended, PROXY).is_none_or(|client| client == STRANGER || client == PROXY));
    }
});
