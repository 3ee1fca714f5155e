//! One entry of a service's `url`: an endpoint, a name that stands for several, or a list that somebody else keeps.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use super::dns::{Answer, Names};
use crate::endpoint::{self, Endpoint, Scheme};
use crate::{Addresses, At, EndpointList, EndpointSource, Error};

/// However short an answer of DNS lives, a name is not asked for more often.
const LEAST_LIFE: Duration = Duration::from_secs(1);
/// However long it lives, a change is seen by then.
const MOST_LIFE: Duration = Duration::from_secs(5 * 60);
/// How often a list is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// An endpoint as a source tells of it.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) endpoint: Arc<Endpoint>,
    pub(super) weight: f32,
    pub(super) zone: Option<Arc<str>>,
    /// An SRV priority; 0 where there is none.
    pub(super) priority: u16,
}

/// What a source says at one moment, and when to look again.
pub(super) struct Seen {
    /// `None`: as before.
    pub(super) spots: Option<Vec<Spot>>,
    pub(super) next: Duration,
}

pub(super) struct Source {
    kind: Kind,
    weight: f32,
    zone: Option<Arc<str>>,
    pub(super) scheme: Scheme,
    pub(super) is_secure: bool,
}

enum Kind {
    Fixed(Arc<Endpoint>),
    /// As many endpoints as the host of this one has addresses.
    Name(Endpoint),
    /// As many as the SRV records of `records` name; each is this one elsewhere.
    Records {
        records: String,
        endpoint: Endpoint,
    },
    List {
        list: Arc<dyn EndpointList>,
        first: Vec<Spot>,
    },
}

impl Source {
    /// Reads lists once: a service cannot begin with one that is wrong.
    pub(super) fn parse(written: &EndpointSource) -> Result<Self, Error> {
        let weight = written.weight as f32;
        let make =
            |kind, scheme, is_secure| Self { kind, weight, zone: written.zone.clone(), scheme, is_secure };
        let url = match &written.at {
            At::Url(url) => url,
            At::List(list) => {
                let refuse = |why: String| Error::List { name: list.name().to_owned(), why };
                let listed = list.read().map_err(refuse)?;
                let (spots, scheme) = spots_of(&listed, weight)?;
                let (Some(first), Some(scheme)) = (spots.first(), scheme) else {
                    return Err(refuse("it is empty".to_owned()));
                };
                let is_secure = first.endpoint.is_secure;
                return Ok(make(Kind::List { list: Arc::clone(list), first: spots }, scheme, is_secure));
            }
        };
        let Some((scheme, rest)) = url.split_once("://").filter(|(scheme, _)| scheme.starts_with("dns"))
        else {
            let (endpoint, scheme) = endpoint::parse(url)?;
            let is_secure = endpoint.is_secure;
            return Ok(make(Kind::Fixed(Arc::new(endpoint)), scheme, is_secure));
        };
        let plain = match scheme {
            "dns" | "dns+srv" => "http",
            "dns+https" | "dns+srv+https" => "https",
            _ => {
                let why = "of `dns:` URLs there are `dns`, `dns+https`, `dns+srv` and `dns+srv+https`";
                return Err(Error::Url { url: url.clone(), why });
            }
        };
        if scheme.starts_with("dns+srv") {
            let (records, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            // `_service._proto.domain` (RFC 2782); certificates and `Host` have the domain: targets are DNS's word only
            // (RFC 9525 §6.1.1).
            let Some(domain) = records.splitn(3, '.').nth(2).filter(|_| records.starts_with('_')) else {
                let why = "SRV records are named `_http._tcp.` and a domain";
                return Err(Error::Url { url: url.clone(), why });
            };
            let (endpoint, scheme) = endpoint::parse(&format!("{plain}://{domain}{path}"))?;
            let is_secure = endpoint.is_secure;
            return Ok(make(Kind::Records { records: records.to_owned(), endpoint }, scheme, is_secure));
        }
        let (endpoint, scheme) = endpoint::parse(&format!("{plain}://{rest}"))?;
        let is_secure = endpoint.is_secure;
        Ok(make(Kind::Name(endpoint), scheme, is_secure))
    }

    /// What it is called in messages.
    pub(super) fn name(&self) -> &str {
        match &self.kind {
            Kind::Fixed(endpoint) => &endpoint.name,
            Kind::Name(endpoint) => &endpoint.authority,
            Kind::Records { records, .. } => records,
            Kind::List { list, .. } => list.name(),
        }
    }

    pub(super) fn is_fixed(&self) -> bool {
        matches!(self.kind, Kind::Fixed(_))
    }

    /// What is known without asking anybody.
    pub(super) fn at_first(&self) -> Vec<Spot> {
        match &self.kind {
            Kind::Fixed(endpoint) => vec![self.spot(Arc::clone(endpoint), self.weight, 0)],
            Kind::List { first, .. } => first.clone(),
            Kind::Name(_) | Kind::Records { .. } => Vec::new(),
        }
    }

    /// # Errors
    /// In words, and then what was known stays: a name server that is away is no reason to forget a service (RFC 8767).
    pub(super) async fn look(&self, server: Option<SocketAddr>, allowed: Addresses) -> Result<Seen, String> {
        match &self.kind {
            Kind::Fixed(_) => Ok(Seen { spots: None, next: MOST_LIFE }),
            Kind::Name(endpoint) => {
                let answer = Names::ask(server)?.addresses(&endpoint.host).await?;
                let spots = answer.found.iter().filter(|address| allowed.allow(**address)).map(|address| {
                    let endpoint = endpoint.at(SocketAddr::new(*address, endpoint.port));
                    self.spot(Arc::new(endpoint), self.weight, 0)
                });
                seen(spots.collect(), &answer)
            }
            Kind::Records { records, endpoint } => {
                let answer = Names::ask(server)?.targets(records).await?;
                let is_allowed = |address: IpAddr| allowed.allow(address);
                let spots =
                    answer.found.iter().filter(|target| is_allowed(target.address.ip())).map(|target| {
                        let endpoint = Arc::new(endpoint.at(target.address));
                        self.spot(endpoint, self.weight * target.weight, target.priority)
                    });
                seen(spots.collect(), &answer)
            }
            Kind::List { list, .. } => {
                let list = Arc::clone(list);
                // Files may lie on disks that hang.
                let read = tokio::task::spawn_blocking(move || list.read());
                let listed = read.await.map_err(|e| e.to_string())??;
                Ok(Seen { spots: Some(self.taken(&listed)?), next: LOOK_EVERY })
            }
        }
    }

    fn taken(&self, listed: &[EndpointSource]) -> Result<Vec<Spot>, String> {
        let (spots, scheme) = spots_of(listed, self.weight).map_err(|e| e.to_string())?;
        if spots.is_empty() {
            return Err("it is empty".to_owned());
        }
        if scheme != Some(self.scheme) || spots.iter().any(|spot| spot.endpoint.is_secure != self.is_secure) {
            return Err(
                "its endpoints speak another protocol than those before; that needs a reload".to_owned()
            );
        }
        Ok(spots)
    }

    fn spot(&self, endpoint: Arc<Endpoint>, weight: f32, priority: u16) -> Spot {
        Spot { endpoint, weight, zone: self.zone.clone(), priority }
    }
}

fn seen<T>(spots: Vec<Spot>, answer: &Answer<T>) -> Result<Seen, String> {
    if spots.is_empty() {
        return Err("none of its addresses may be called".to_owned());
    }
    Ok(Seen { spots: Some(spots), next: answer.lives.clamp(LEAST_LIFE, MOST_LIFE) })
}

/// The endpoints of a list, which names no further lists and no `dns:` URLs.
fn spots_of(listed: &[EndpointSource], weight: f32) -> Result<(Vec<Spot>, Option<Scheme>), Error> {
    let mut spots = Vec::with_capacity(listed.len());
    let mut all = None;
    for written in listed {
        let At::Url(url) = &written.at else { continue };
        let (endpoint, scheme) = endpoint::parse(url)?;
        if all.get_or_insert(scheme) != &scheme {
            return Err(Error::MixedProtocols { url: url.clone() });
        }
        spots.push(Spot {
            endpoint: Arc::new(endpoint),
            weight: written.weight as f32 * weight,
            zone: written.zone.clone(),
            priority: 0,
        });
    }
    Ok((spots, all))
}
