//! `stores`: where sessions, counts of requests, kept answers and idempotency keys live.

use frontdesk_diagnostics::Diagnostic;

use super::keys::{self, Key};
use super::section::Section;
use super::{redis, text, units};
use crate::catalog::{CachePlace, Store, Stores};
use crate::tree::{Entry, Value};

pub fn read(entry: &Entry, found: &mut Vec<Diagnostic>) -> Stores {
    let section = Section::open(&entry.value, entry.key_span, "`stores`", keys::STORES, found);
    let Some(mut section) = section else { return Stores::default() };
    let cache = section.take("cache").and_then(|entry| read_cache(&entry, found)).unwrap_or_default();
    let mut one = |key: &str, keys: &'static [Key]| {
        section.take(key).and_then(|entry| read_store(&entry, keys, found)).unwrap_or_default()
    };
    Stores {
        sessions: one("sessions", keys::STATE_STORE),
        limits: one("limits", keys::LIMIT_STORE),
        cache,
        idempotency: one("idempotency", keys::STATE_STORE),
    }
}

fn read_store(entry: &Entry, keys: &'static [Key], found: &mut Vec<Diagnostic>) -> Option<Store> {
    if let Value::String(word) = &entry.value.value {
        return only_memory(entry, word, keys, found).then_some(Store::Memory);
    }
    let what = format!("the store `{}`", entry.key);
    let mut section = Section::open(&entry.value, entry.key_span, what, keys, found)?;
    let is_key = |name: &str| keys.iter().any(|key| key.name == name);
    let embedded = if is_key("embedded") { section.take("embedded") } else { None };
    match (embedded, section.take("redis")) {
        (Some(path), None) => text::filled(&path, found).map(Store::Embedded),
        (None, Some(redis)) => redis::read(&redis, found).map(|redis| Store::Redis(Box::new(redis))),
        (Some(_), Some(redis)) => {
            let message = format!("the store `{}` is two at once", entry.key);
            found.push(text::bad_value(redis.key_span, &message, "the second", "keep one of them"));
            None
        }
        (None, None) => {
            says_nothing(entry, found);
            None
        }
    }
}

/// Memory always, and perhaps what instances share behind it.
fn read_cache(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<CachePlace> {
    let mut place = CachePlace::default();
    if let Value::String(word) = &entry.value.value {
        return only_memory(entry, word, keys::CACHE_STORE, found).then_some(place);
    }
    let mut section =
        Section::open(&entry.value, entry.key_span, "the store `cache`", keys::CACHE_STORE, found)?;
    let (memory, shared) = (section.take("memory"), section.take("redis"));
    if memory.is_none() && shared.is_none() {
        says_nothing(entry, found);
    }
    if let Some(bytes) = memory.and_then(|memory| units::size(&memory, found)) {
        place.memory = bytes;
    }
    place.shared = shared.and_then(|shared| redis::read(&shared, found)).map(Box::new);
    Some(place)
}

/// Whether the word is `memory`; a diagnostic if not.
fn only_memory(entry: &Entry, word: &str, keys: &'static [Key], found: &mut Vec<Diagnostic>) -> bool {
    let example = match word {
        "redis" => "redis: \"redis://127.0.0.1:6379\"",
        "embedded" if keys.iter().any(|key| key.name == "embedded") => "embedded: sessions.db",
        _ => return units::one_of(entry, &["memory"], found).is_some(),
    };
    let message = format!("the store `{}` does not say where its {word} is", entry.key);
    let help = format!("write `{}: {{ {example} }}`", entry.key);
    found.push(text::bad_value(entry.value.span, &message, "but where is it?", &help));
    false
}

/// Of a mapping with keys that are not known something has been said already.
fn says_nothing(entry: &Entry, found: &mut Vec<Diagnostic>) {
    if matches!(&entry.value.value, Value::Map(map) if map.iter().next().is_some()) {
        return;
    }
    let message = format!("the store `{}` does not say which one", entry.key);
    let help = "write `memory`, or for instance `{ redis: \"redis://127.0.0.1:6379\" }`";
    found.push(text::bad_value(entry.key_span, &message, "neither memory nor anything else", help));
}
