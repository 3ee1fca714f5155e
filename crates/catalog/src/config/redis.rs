//! `redis` of a store: a server, the nodes of a cluster, or Sentinels that know the primary.

use frontdesk_diagnostics::Diagnostic;

use super::keys;
use super::section::{Section, one_or_many};
use super::{text, units};
use crate::catalog::{Redis, RedisTopology, Text};
use crate::tree::{Entry, Value};

/// One URL, a list of them, or all that can be said.
pub fn read(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<Redis> {
    if !matches!(entry.value.value, Value::Map(_)) {
        let urls = urls(entry, found);
        return Some(Redis {
            topology: of_many(&urls),
            urls,
            username: None,
            password: None,
            ca: None,
            prefix: None,
            timeout: None,
        });
    }
    let mut section = Section::open(&entry.value, entry.key_span, "`redis`", keys::REDIS, found)?;
    let required = section.require("urls", "redis://127.0.0.1:6379", found);
    let (sentinel, cluster) = (section.take("sentinel"), section.take("cluster"));
    let timeout = section.take("timeout").and_then(|entry| units::duration(&entry, found));
    let mut filled = |key: &str| section.take(key).and_then(|entry| text::filled(&entry, found));
    let (username, password) = (filled("username"), filled("password"));
    let (ca, prefix) = (filled("ca"), filled("prefix"));
    let urls = urls(&required?, found);
    if let Some(ca) = &ca
        && !urls.is_empty()
        && urls.iter().all(|url| url.literal().is_some_and(|url| url.starts_with("redis://")))
    {
        let message = "`ca` is of no use without TLS";
        let help = "write `rediss://` in `urls`, or take `ca` out";
        found.push(text::bad_value(ca.span, message, "no certificate is looked at", help));
    }
    let is_cluster = cluster.as_ref().and_then(|cluster| units::boolean(cluster, found));
    let topology = match (sentinel, is_cluster) {
        (Some(sentinel), Some(true)) => {
            let help = "keep `sentinel` or `cluster`";
            let message = "`redis` is a cluster and Sentinels at once";
            found.push(text::bad_value(sentinel.key_span, message, "the second", help));
            return None;
        }
        (Some(sentinel), _) => RedisTopology::Sentinel(text::filled(&sentinel, found)?),
        (None, Some(true)) => RedisTopology::Cluster,
        (None, Some(false)) if urls.len() > 1 => {
            let help = "write one URL, or say what they are: `sentinel: NAME` or `cluster: true`";
            let span = cluster.map_or(entry.key_span, |cluster| cluster.value.span);
            found.push(text::bad_value(span, "several servers that are no cluster", "not a cluster", help));
            return None;
        }
        (None, Some(false)) => RedisTopology::Single,
        (None, None) => of_many(&urls),
    };
    prefix_fits(prefix.as_ref(), found).then_some(())?;
    Some(Redis { urls, topology, username, password, ca, prefix, timeout })
}

fn of_many(urls: &[Text]) -> RedisTopology {
    if urls.len() > 1 { RedisTopology::Cluster } else { RedisTopology::Single }
}

fn prefix_fits(prefix: Option<&Text>, found: &mut Vec<Diagnostic>) -> bool {
    let Some(prefix) = prefix else { return true };
    let Some(written) = prefix.literal().filter(|written| written.contains(['{', '}'])) else { return true };
    let message = format!("the prefix `{written}` holds a brace");
    let bare = written.replace(['{', '}'], "");
    let help = format!("braces decide where a cluster keeps a key: write `prefix: {bare}`");
    found.push(text::bad_value(prefix.span, &message, "a brace", &help));
    false
}

fn urls(entry: &Entry, found: &mut Vec<Diagnostic>) -> Vec<Text> {
    let nodes = one_or_many(entry);
    if nodes.is_empty() {
        let message = format!("`{}` is an empty list", entry.key);
        let help = format!("write at least one: `{}: redis://127.0.0.1:6379`", entry.key);
        found.push(text::bad_value(entry.value.span, &message, "no URL stands here", &help));
    }
    let mut urls = Vec::new();
    for node in nodes {
        let Some(url) = text::text(node, entry.key_span, &entry.key, found) else { continue };
        let is_redis = |url: &str| url.starts_with("redis://") || url.starts_with("rediss://");
        if let Some(written) = url.literal()
            && !is_redis(written)
        {
            let message = format!("`{written}` is neither redis:// nor rediss://");
            let bare = written.rsplit("://").next().unwrap_or(written);
            let help = format!("write `redis://{bare}`");
            found.push(text::bad_value(node.span, &message, "not the URL of a Redis", &help));
            continue;
        }
        urls.push(url);
    }
    refuse_mixture(&urls, found);
    urls
}

/// Half of the connections in the clear is a mistake nobody would see.
fn refuse_mixture(urls: &[Text], found: &mut Vec<Diagnostic>) {
    let first =
        |scheme: &str| urls.iter().find(|url| url.literal().is_some_and(|url| url.starts_with(scheme)));
    let (Some(secure), Some(plain)) = (first("rediss://"), first("redis://")) else { return };
    found.push(
        text::bad_value(
            plain.span,
            "some URLs of the store speak TLS and others do not",
            "this one travels in the clear",
            "write `rediss://` in all of them",
        )
        .label(secure.span, "this one speaks TLS"),
    );
}
