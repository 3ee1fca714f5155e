//! The cache that instances share, in Redis.
//!
//! Entries and versions of tags are plain keys with an end, spread over a cluster, and any of them may be evicted at any
//! moment: an entry that is gone is a miss, a version that is gone is made anew and so kills the entries that hold it.
//! The talk has connections of its own, so that a long entry delays no session; a read has one short limit over all
//! that it asks, and a server that keeps missing it is left alone for a moment.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use frontdesk_adapter::{CacheStore, PurgeListener, Shared, StoreFault, StoreFuture, now};
use redis::{Cmd, FromRedisValue, Value, from_redis_value};
use sha2::{Digest, Sha256};
use tokio::time::Instant;

use super::ear::{Ear, Hearer};
use super::link::{Link, Request};
use super::{RedisStore, milliseconds};

/// How long a version is kept that a purge made. An entry may not live as long; a version that ends takes its entries with it.
const VERSION_KEPT: Duration = Duration::from_secs(7 * 24 * 3600);
/// How long one is kept that was made because somebody asked: clients choose what stands in tags, and may ask for as many as
/// they like.
const ASKED_VERSION_KEPT: Duration = Duration::from_secs(26 * 3600);
/// A longer tag is named by its hash, for the same reason.
const LONGEST_NAME: usize = 64;
/// The longest that an entry is kept.
const ENTRY_KEPT: Duration = Duration::from_secs(6 * 24 * 3600);
/// So many reads in a row without an answer in time, and none is made for a while.
const MISSED_IN_A_ROW: u32 = 8;
const REST: Duration = Duration::from_millis(500);

/// What only the cache needs; made when it is first asked for.
pub(super) struct CacheSide {
    link: Arc<Link>,
    since: Instant,
    missed_in_a_row: AtomicU32,
    /// Milliseconds after `since` until which nothing is read.
    rests_until: AtomicU64,
}

impl CacheSide {
    fn new(link: Arc<Link>) -> Self {
        Self { link, since: now(), missed_in_a_row: AtomicU32::new(0), rests_until: AtomicU64::new(0) }
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(now().duration_since(self.since).as_millis()).unwrap_or(u64::MAX)
    }

    fn is_resting(&self) -> bool {
        let until = self.rests_until.load(Ordering::Relaxed);
        until != 0 && self.elapsed() < until
    }

    /// After a rest a single miss is enough for the next: somebody has to look whether it is better.
    fn learn(&self, is_answered: bool) {
        if is_answered {
            if self.missed_in_a_row.load(Ordering::Relaxed) != 0 {
                self.missed_in_a_row.store(0, Ordering::Relaxed);
            }
        } else if self.missed_in_a_row.fetch_add(1, Ordering::Relaxed).saturating_add(1) >= MISSED_IN_A_ROW {
            let rest = u64::try_from(REST.as_millis()).unwrap_or(u64::MAX);
            self.rests_until.store(self.elapsed().saturating_add(rest), Ordering::Relaxed);
        }
    }
}

fn nonsense() -> StoreFault {
    StoreFault("Redis: the answer makes no sense".to_owned())
}

fn sense<T: FromRedisValue>(value: Value) -> Result<T, StoreFault> {
    from_redis_value(value).map_err(|_| nonsense())
}

impl RedisStore {
    fn cache_side(&self) -> &CacheSide {
        let side: &OnceLock<CacheSide> = &self.cache;
        side.get_or_init(|| CacheSide::new(self.new_link()))
    }

    fn cached_key(&self, key: &[u8; 32]) -> String {
        use std::fmt::Write as _;

        let mut name = format!("{}c:", self.names.single);
        for byte in key {
            let _ = write!(name, "{byte:02x}");
        }
        name
    }

    fn version_key(&self, tag: &str) -> String {
        use std::fmt::Write as _;

        let prefix = &self.names.single;
        if tag.len() <= LONGEST_NAME {
            return format!("{prefix}v:{tag}");
        }
        // A `#` and 64 digits are longer than any tag that stands for itself.
        let mut name = format!("{prefix}v:#");
        for byte in Sha256::digest(tag) {
            let _ = write!(name, "{byte:02x}");
        }
        name
    }

    /// Random, and of this moment: two instances whose dice agree have clocks that do not.
    fn new_version(&self) -> u64 {
        (fastrand::u64(..) ^ self.clock.unix_micros().rotate_left(20)).max(1)
    }

    fn set_version(&self, tag: &str, time: Duration) -> (Cmd, u64) {
        let version = self.new_version();
        let mut set = redis::cmd("SET");
        set.arg(self.version_key(tag)).arg(version).arg("PX").arg(milliseconds(time));
        (set, version)
    }

    /// All of it by `until`.
    async fn got(&self, key: &[u8; 32], tags: &[&str], until: Instant) -> Result<Shared, StoreFault> {
        let link = &self.cache_side().link;
        let left = || until.saturating_duration_since(now());
        let get = |name: String| {
            let mut get = redis::cmd("GET");
            get.arg(name);
            get
        };
        let mut asked = Vec::with_capacity(1 + tags.len());
        asked.push(get(self.cached_key(key)));
        asked.extend(tags.iter().map(|tag| get(self.version_key(tag))));
        let mut answers = link.call_each(asked, left()).await?.into_iter();
        let entry: Option<Vec<u8>> = sense(answers.next().ok_or_else(nonsense)?)?;
        let mut versions = answers.map(|answer| Ok(sense::<Option<u64>>(answer)?.unwrap_or(0)));
        let mut versions = versions.by_ref().collect::<Result<Vec<u64>, StoreFault>>()?;
        let missing: Vec<usize> = (0..versions.len()).filter(|at| versions.get(*at) == Some(&0)).collect();
        if !missing.is_empty() {
            let named = |at: &usize| tags.get(*at).copied().unwrap_or_default();
            let (sets, made): (Vec<Cmd>, Vec<u64>) = missing
                .iter()
                .map(|at| {
                    let (mut set, version) = self.set_version(named(at), ASKED_VERSION_KEPT);
                    // Another instance may be quicker.
                    set.arg("NX");
                    (set, version)
                })
                .unzip();
            link.call_each(sets, left()).await?;
            let gets = missing.iter().map(|at| get(self.version_key(named(at)))).collect();
            let found = link.call_each(gets, left()).await?;
            for ((at, made), found) in missing.iter().zip(made).zip(found) {
                if let Some(version) = versions.get_mut(*at) {
                    // Evicted as soon as it was made: what is kept with our number will be found dead.
                    *version = sense::<Option<u64>>(found)?.filter(|found| *found != 0).unwrap_or(made);
                }
            }
        }
        if versions.len() != tags.len() {
            return Err(nonsense());
        }
        Ok(Shared { entry: entry.map(Bytes::from), versions })
    }
}

impl CacheStore for RedisStore {
    fn get<'a>(&'a self, key: &'a [u8; 32], tags: &'a [&'a str]) -> StoreFuture<'a, Shared> {
        Box::pin(async move {
            let side = self.cache_side();
            if side.is_resting() {
                return Err(StoreFault("Redis: too slow for a cache, left alone for a moment".to_owned()));
            }
            let until = now() + self.times.cache;
            let got = self.got(key, tags, until).await;
            side.learn(got.is_ok() || now() < until);
            got
        })
    }

    fn put<'a>(&'a self, key: &'a [u8; 32], entry: Bytes, time: Duration) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut set = redis::cmd("SET");
            let time = milliseconds(time.min(ENTRY_KEPT));
            set.arg(self.cached_key(key)).arg(entry.as_ref()).arg("PX").arg(time);
            sense(self.cache_side().link.call(Request::Command(set), self.times.write).await?)
        })
    }

    fn purge<'a>(&'a self, tags: &'a [&'a str]) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            if tags.is_empty() {
                return Ok(());
            }
            let link = &self.cache_side().link;
            let sets = tags.iter().map(|tag| self.set_version(tag, VERSION_KEPT).0).collect();
            link.call_each(sets, self.times.write).await?;
            // Told when it is done: whoever hears of it and asks again finds the new versions.
            let mut publish = redis::cmd("PUBLISH");
            publish.arg(self.purge_channel()).arg(written(tags));
            let _: u64 = sense(link.call(Request::Command(publish), self.times.write).await?)?;
            Ok(())
        })
    }

    /// The listener is held by the store: if it holds the store in its turn, both live as long as the process.
    fn listen(&self, listener: Arc<dyn PurgeListener>) {
        listener.lost();
        let link = self.cache_side().link.clone();
        let hearer = Arc::new(Purges(listener));
        let ear = Ear::new(self.servers.clone(), link, self.purge_channel(), hearer);
        self.runtime.spawn(ear.listen());
    }
}

impl RedisStore {
    fn purge_channel(&self) -> String {
        format!("{}purged", self.names.single)
    }
}

struct Purges(Arc<dyn PurgeListener>);

impl Hearer for Purges {
    fn heard(&self, told: &[u8]) {
        if let Some(tags) = read(told) {
            self.0.purged(&tags);
        } else {
            // From a version of us that says it otherwise: it may be about anything.
            self.0.lost();
            self.0.found();
        }
    }

    fn found(&self) {
        self.0.found();
    }

    fn lost(&self) {
        self.0.lost();
    }
}

/// Tags one after the other, each after its length in bytes and a colon.
fn written(tags: &[&str]) -> String {
    use std::fmt::Write as _;

    tags.iter().fold(String::new(), |mut told, tag| {
        let _ = write!(told, "{}:{tag}", tag.len());
        told
    })
}

fn read(mut told: &[u8]) -> Option<Vec<&str>> {
    let mut tags = Vec::new();
    while !told.is_empty() {
        let colon = told.iter().position(|byte| *byte == b':')?;
        let length: usize = str::from_utf8(told.get(..colon)?).ok()?.parse().ok()?;
        let rest = told.get(colon + 1..)?;
        tags.push(str::from_utf8(rest.get(..length)?).ok()?);
        told = rest.get(length..)?;
    }
    Some(tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_tags_is_read_again() {
        let all: [&[&str]; 4] = [&["home"], &["a", "b:c", "12:"], &["", "é", "{x}"], &[]];
        for tags in all {
            assert_eq!(read(written(tags).as_bytes()).as_deref(), Some(tags));
        }
        for nonsense in ["x", "4:ab", "-1:a", ":", "99999999999999999999:a", "3:a"] {
            assert_eq!(read(nonsense.as_bytes()), None, "{nonsense}");
        }
        assert_eq!(read(b"2:\xff\xff"), None);
        assert_eq!(read("1:é".as_bytes()), None);
    }
}
