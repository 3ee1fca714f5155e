//! Where answers of a proxy route are kept: under what was asked for, and where they vary, under what they vary by.
//!
//! Under the target stands either the answer itself, or, if the service says `Vary`, a **marker**: the names of the headers that select
//! an answer, and which variants there are. The names are those of all variants together, so that one look finds the
//! right one; an answer that varies by less is kept more often than it need be, never given wrongly. A target has at most
//! [`MOST_VARIANTS`]: the oldest is forgotten then.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::now;
use frontdesk_cache::http::vary;
use frontdesk_cache::{Cache, Entry, Kept, Key, Kind, Lead, Look, Times};
use hyper::header::{HeaderMap, HeaderName};

/// So many answers are kept of one target.
pub(super) const MOST_VARIANTS: usize = 32;
/// What a marker has for a status; no answer has it.
const MARKER: u16 = 0;
/// Longer than anything that it leads to.
const MARKER_TIME: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// What is asked for, whatever the request's headers are.
#[derive(Clone, Debug)]
pub(super) struct Place {
    key: Key,
    /// Of the service, and of the target at that service: who purges one purges what is kept here.
    pub tags: Box<[Arc<str>]>,
    /// Stands for the key where a mistake costs little.
    pub print: u64,
}

/// What tells targets apart. The host and protocol that the client used are told to the service, which may write them into its
/// answers: so nobody gets what was made for another host.
pub(super) struct Asked<'a> {
    pub bff: &'a str,
    pub prefix: &'a str,
    pub service: &'a str,
    /// Which version of it answers.
    pub variant: u32,
    pub host: &'a [u8],
    pub scheme: &'a [u8],
    /// Path and query as the service gets them.
    pub target: &'a str,
    /// What the request says under [`ALTERING`], in this order.
    pub altering: [Option<&'a [u8]>; ALTERING.len()],
}

/// Headers that pass to every service, by which some answer otherwise, and which hardly any names in `Vary`: a page for
/// everybody must not become the fragment that one client's `X-Requested-With` made of it.
pub(super) const ALTERING: [&str; 3] = ["x-requested-with", "prefer", "save-data"];

/// What there is for a request.
pub(super) enum Found {
    Nothing,
    /// The target is known, but no answer that these request headers select.
    NoVariant(Key),
    Answer(Key, Arc<Kept>),
}

impl Place {
    pub fn new(asked: &Asked<'_>) -> Self {
        let mut key = Key::build(Kind::Route)
            .part(asked.bff.as_bytes())
            .part(asked.prefix.as_bytes())
            .part(asked.service.as_bytes())
            .number(asked.variant.into())
            .part(&asked.host.to_ascii_lowercase())
            .part(asked.scheme)
            .part(asked.target.as_bytes());
        for (number, said) in (0..).zip(asked.altering) {
            if let Some(said) = said {
                key = key.number(number).part(said);
            }
        }
        let key = key.finish();
        let tags = [service_tag(asked.service), target_tag(asked.service, asked.target)];
        Self { print: print(key.bytes()), key, tags: tags.into() }
    }

    /// The key under which to fetch what is not there.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Looks for an answer to a request with these headers.
    pub fn find(&self, cache: &Cache, headers: &HeaderMap) -> Found {
        let Some(kept) = look(cache, &self.key) else { return Found::Nothing };
        if kept.status != MARKER {
            return Found::Answer(self.key.clone(), kept);
        }
        let Some(marker) = Marker::read(&kept.body) else { return Found::Nothing };
        let key = self.variant(&marker.names, headers);
        if !marker.variants.contains(&print(key.bytes())) {
            return Found::NoVariant(key);
        }
        match look(cache, &key) {
            Some(kept) => Found::Answer(key, kept),
            None => Found::NoVariant(key),
        }
    }

    /// Keeps an answer to a request with `headers`. `lead` is the fetch that it came of.
    pub fn keep(&self, cache: &Cache, lead: Lead, headers: &HeaderMap, entry: Entry) -> Arc<Kept> {
        let names = entry.headers.as_deref().and_then(vary::names).unwrap_or_default();
        let known = look(cache, &self.key)
            .filter(|kept| kept.status == MARKER)
            .and_then(|kept| Marker::read(&kept.body));
        if names.is_empty() && known.is_none() {
            return finish(lead, &self.key, entry);
        }
        let known = known.unwrap_or_default();
        let Some(all) = vary::union(&known.names, &names) else {
            // It began to vary by ever more: what it varies by now is where it starts anew.
            return self.keep_variant(lead, headers, entry, Marker { names, variants: Vec::new() });
        };
        let variants = if all == known.names { known.variants } else { Vec::new() };
        self.keep_variant(lead, headers, entry, Marker { names: all, variants })
    }

    fn keep_variant(&self, lead: Lead, headers: &HeaderMap, entry: Entry, mut marker: Marker) -> Arc<Kept> {
        let key = self.variant(&marker.names, headers);
        let print = print(key.bytes());
        // The latest stands last.
        marker.variants.retain(|other| *other != print);
        marker.variants.push(print);
        if marker.variants.len() > MOST_VARIANTS {
            marker.variants.remove(0);
        }
        let signpost = Entry {
            status: MARKER,
            body: marker.write(),
            times: Times { fresh: MARKER_TIME, ..Times::default() },
            tags: self.tags.clone(),
            ..Entry::default()
        };
        // First what it leads to. Both count as fetched when this fetch began, for whoever purges meanwhile.
        let beside = lead.beside(self.key.clone());
        let kept = finish(lead, &key, entry);
        beside.finish(signpost);
        kept
    }

    fn variant(&self, names: &[HeaderName], headers: &HeaderMap) -> Key {
        let mut key = Key::build(Kind::Route).part(self.key.bytes());
        for name in names {
            key = key.part(name.as_str().as_bytes());
            key = match vary::value(headers, name) {
                Some(value) => key.number(1).part(&value),
                None => key.number(0),
            };
        }
        key.finish()
    }
}

/// Who waits for this very key gets it; who waits for another looks again.
fn finish(lead: Lead, key: &Key, entry: Entry) -> Arc<Kept> {
    if lead.key() == key { lead.finish(entry) } else { lead.beside(key.clone()).finish(entry) }
}

fn look(cache: &Cache, key: &Key) -> Option<Arc<Kept>> {
    match cache.look(key) {
        Look::Fresh(kept, _) | Look::Stale(kept, _) | Look::Expired(kept, _) => Some(kept),
        Look::Miss => None,
    }
}

/// Whether this is an answer, and not what leads to answers.
pub(super) fn is_answer(kept: &Kept) -> bool {
    kept.status != MARKER
}

/// How old it is: by the clock that does not jump, or by the dates, whichever says more.
pub(super) fn age(cache: &Cache, kept: &Kept) -> Duration {
    let by_date = Duration::from_micros(cache.unix_micros().saturating_sub(kept.stored));
    kept.age(now()).max(by_date)
}

pub(super) fn service_tag(service: &str) -> Arc<str> {
    format!("service:{service}").into()
}

/// What an unsafe request for the same target purges, by whatever route and host it comes.
pub(super) fn target_tag(service: &str, target: &str) -> Arc<str> {
    format!("target:{service}:{:016x}", print(target.as_bytes())).into()
}

/// FNV-1a.
fn print(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Marker {
    names: Vec<HeaderName>,
    variants: Vec<u64>,
}

impl Marker {
    fn write(&self) -> Bytes {
        let names: Vec<&str> = self.names.iter().map(HeaderName::as_str).collect();
        let mut out = names.join(",").into_bytes();
        out.push(b'\n');
        for variant in &self.variants {
            out.extend_from_slice(&variant.to_le_bytes());
        }
        out.into()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.iter().position(|byte| *byte == b'\n')?;
        let names = bytes.get(..end)?.split(|byte| *byte == b',').map(HeaderName::from_bytes);
        let variants =
            bytes.get(end + 1..)?.as_chunks::<8>().0.iter().map(|chunk| u64::from_le_bytes(*chunk));
        Some(Self { names: names.collect::<Result<_, _>>().ok()?, variants: variants.collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_marker_reads_as_it_was_written() {
        let marker = Marker {
            names: vec![HeaderName::from_static("accept"), HeaderName::from_static("x-a")],
            variants: vec![1, u64::MAX, 0x0a0a_0a0a],
        };
        assert_eq!(Marker::read(&marker.write()), Some(marker));
        assert_eq!(Marker::read(b""), None);
        assert_eq!(Marker::read(b"a b\n"), None);
    }
}
