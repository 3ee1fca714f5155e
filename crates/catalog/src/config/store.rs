//! `stores`: where sessions and counts of requests live.

use frontdesk_diagnostics::Diagnostic;

use super::keys::{self, Key};
use super::section::{Section, one_or_many};
use super::{text, units};
use crate::catalog::{Store, Stores, Text};
use crate::tree::{Entry, Value};

pub fn read(entry: &Entry, found: &mut Vec<Diagnostic>) -> Stores {
    let section = Section::open(&entry.value, entry.key_span, "`stores`", keys::STORES, found);
    let Some(mut section) = section else { return Stores::default() };
    let mut one = |key: &str, keys: &'static [Key]| {
        section.take(key).and_then(|entry| read_store(&entry, keys, found)).unwrap_or_default()
    };
    Stores { sessions: one("sessions", keys::SESSION_STORE), limits: one("limits", keys::LIMIT_STORE) }
}

fn read_store(entry: &Entry, keys: &'static [Key], found: &mut Vec<Diagnostic>) -> Option<Store> {
    if let Value::String(word) = &entry.value.value {
        let example = match word.as_str() {
            "redis" => "redis: \"redis://127.0.0.1:6379\"",
            "embedded" if keys.iter().any(|key| key.name == "embedded") => "embedded: sessions.db",
            _ => return units::one_of(entry, &["memory"], found).map(|_| Store::Memory),
        };
        let message = format!("the store `{}` does not say where its {word} is", entry.key);
        let help = format!("write `{}: {{ {example} }}`", entry.key);
        found.push(text::bad_value(entry.value.span, &message, "but where is it?", &help));
        return None;
    }
    let what = format!("the store `{}`", entry.key);
    let mut section = Section::open(&entry.value, entry.key_span, what, keys, found)?;
    let is_key = |name: &str| keys.iter().any(|key| key.name == name);
    let embedded = if is_key("embedded") { section.take("embedded") } else { None };
    match (embedded, section.take("redis")) {
        (Some(path), None) => text::filled(&path, found).map(Store::Embedded),
        (None, Some(redis)) => Some(Store::Redis(read_redis(&redis, found))),
        (Some(_), Some(redis)) => {
            let message = format!("the store `{}` is two at once", entry.key);
            found.push(text::bad_value(redis.key_span, &message, "the second", "keep one of them"));
            None
        }
        (None, None) => {
            if matches!(&entry.value.value, Value::Map(map) if map.iter().next().is_some()) {
                return None;
            }
            let message = format!("the store `{}` does not say which one", entry.key);
            let help = "write `memory`, or for instance `{ redis: \"redis://127.0.0.1:6379\" }`";
            found.push(text::bad_value(entry.key_span, &message, "neither memory nor anything else", help));
            None
        }
    }
}

fn read_redis(entry: &Entry, found: &mut Vec<Diagnostic>) -> Vec<Text> {
    let nodes = one_or_many(entry);
    if nodes.is_empty() {
        let help = "write at least one: `redis: redis://127.0.0.1:6379`";
        found.push(text::bad_value(entry.value.span, "`redis` is an empty list", "no URL stands here", help));
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
    urls
}
