//! What DNS says of a name, and how long that holds.
//!
//! The system's resolver does not tell the time to live of an answer, so this asks the system's name servers itself
//! (or the one that `resolver` names), by search list and hosts file as usual.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hickory_resolver::config::{LookupIpStrategy, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::RData;
use hickory_resolver::{ResolverBuilder, TokioResolver};

/// For one question to one name server; each is asked again once.
const PATIENCE: Duration = Duration::from_secs(2);
/// Of one SRV name.
const MOST_TARGETS: usize = 64;
/// Of one name, and of one target of an SRV name. An answer over TCP can hold thousands.
const MOST_ADDRESSES: usize = 256;

/// An answer, with its time to live.
pub(super) struct Answer<T> {
    pub(super) found: Vec<T>,
    pub(super) lives: Duration,
}

/// A place that an SRV record names (RFC 2782), at one of its addresses.
pub(super) struct Target {
    pub(super) priority: u16,
    /// That of the record, divided among the addresses of its target.
    pub(super) weight: f32,
    pub(super) address: SocketAddr,
}

/// Asks name servers: the given one, or the system's. Made for each question, as the system's may change.
pub(super) struct Names(TokioResolver);

impl Names {
    pub(super) fn ask(server: Option<SocketAddr>) -> Result<Self, String> {
        let mut builder = match server {
            None => TokioResolver::builder_tokio().map_err(|e| told(&e))?,
            Some(server) => at(server),
        };
        let options = builder.options_mut();
        options.timeout = PATIENCE;
        options.attempts = 2;
        // What is kept is kept where it can be told how old it is.
        options.cache_size = 0;
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        builder.build().map(Self).map_err(|e| told(&e))
    }

    /// The addresses of `name`; never none.
    pub(super) async fn addresses(&self, name: &str) -> Result<Answer<IpAddr>, String> {
        let answer = self.0.lookup_ip(name).await.map_err(|e| told(&e))?;
        let found: Vec<IpAddr> = answer.iter().take(MOST_ADDRESSES).collect();
        if found.is_empty() {
            return Err("the name has no address".to_owned());
        }
        let lives = answer.as_lookup().answers().iter().map(|record| record.ttl).min();
        Ok(Answer { found, lives: Duration::from_secs(lives.unwrap_or_default().into()) })
    }

    /// The addresses of everything that the SRV records of `name` name; never none.
    pub(super) async fn targets(&self, name: &str) -> Result<Answer<Target>, String> {
        let answer = self.0.srv_lookup(name).await.map_err(|e| told(&e))?;
        let mut lives = u32::MAX;
        let mut found = Vec::new();
        let mut last = "the name has no SRV records".to_owned();
        for record in answer.answers().iter().take(MOST_TARGETS) {
            let RData::SRV(srv) = &record.data else { continue };
            lives = lives.min(record.ttl);
            if srv.target.is_root() {
                "the service is decidedly not there (SRV target `.`, RFC 2782)".clone_into(&mut last);
                continue;
            }
            // A target that does not resolve leaves the others.
            match self.addresses(&srv.target.to_string()).await {
                Err(why) => last = format!("{}: {why}", srv.target),
                Ok(of) => {
                    lives = lives.min(u32::try_from(of.lives.as_secs()).unwrap_or(u32::MAX));
                    // "Very small" is what RFC 2782 wants of a weight of 0; without any other it is all the same.
                    let weight = f32::from(srv.weight).max(0.1) / of.found.len() as f32;
                    found.extend(of.found.into_iter().map(|address| Target {
                        priority: srv.priority,
                        weight,
                        address: SocketAddr::new(address, srv.port),
                    }));
                }
            }
        }
        if found.is_empty() {
            Err(last)
        } else {
            Ok(Answer { found, lives: Duration::from_secs(lives.into()) })
        }
    }
}

fn at(server: SocketAddr) -> ResolverBuilder<TokioRuntimeProvider> {
    let mut name_server = NameServerConfig::udp_and_tcp(server.ip());
    for connection in &mut name_server.connections {
        connection.port = server.port();
    }
    let config = ResolverConfig::from_name_servers(vec![name_server]);
    TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
}

fn told(error: &NetError) -> String {
    if error.is_nx_domain() {
        return "there is no such name".to_owned();
    }
    if error.is_no_records_found() {
        return "the name has no such records".to_owned();
    }
    error.to_string()
}
