//! `bffs/<bff>/keys.yaml`: who has a key, with hashes in place of keys. Written by `frontdesk keys`, fit for a
//! repository, and for hands.

use std::time::Duration;

use frontdesk_adapter::Rate;
use jiff::Timestamp;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::{ID_LENGTH, ID_LETTERS};
use crate::limits;

/// The keys of one BFF.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFile {
    pub keys: Vec<KeyEntry>,
}

/// One key, without the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEntry {
    /// Part of the key, and public.
    pub id: String,
    /// Whose it is: `acme`. Several keys may have one name, for the time in which one replaces another.
    pub name: String,
    /// SHA-256 of the key's text.
    pub hash: [u8; 32],
    pub scopes: Vec<String>,
    /// Unix seconds.
    pub created: u64,
    /// Unix seconds from which it is not accepted.
    pub expires: u64,
    pub rate: Option<KeyRate>,
    /// The version of the contract it is held to.
    pub version: Option<String>,
}

/// What a key may do instead of what `bff.ts` says per key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRate {
    pub requests: u32,
    pub every: Duration,
    pub burst: u32,
}

impl KeyRate {
    pub(crate) fn rate(self) -> Rate {
        limits::rate(self.requests, self.every, self.burst)
    }
}

/// What is wrong with a `keys.yaml`, and where. A file with anything wrong in it is not used at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BadKeyFile {
    pub line: u64,
    pub why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    keys: Option<Vec<Entry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: Spanned<String>,
    name: Spanned<String>,
    hash: Spanned<String>,
    #[serde(default)]
    scopes: Vec<Spanned<String>>,
    created: Option<Spanned<String>>,
    expires: Spanned<String>,
    rate: Option<WrittenRate>,
    version: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRate {
    requests: Spanned<u32>,
    every: Spanned<String>,
    burst: Option<Spanned<u32>>,
}

impl KeyFile {
    /// # Errors
    /// The first thing that is wrong.
    pub fn parse(text: &str) -> Result<Self, BadKeyFile> {
        if text.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#')) {
            return Ok(Self::default());
        }
        let written: Written = serde_saphyr::from_str(text).map_err(|error| {
            let line = error.location().map_or(1, |location| location.line());
            let message = error.without_snippet().to_string();
            // The place is said apart.
            let why = message.lines().next().unwrap_or("it is not YAML").split(" at line ").next();
            BadKeyFile { line, why: why.unwrap_or_default().to_owned() }
        })?;
        let mut keys: Vec<KeyEntry> = Vec::new();
        for entry in written.keys.unwrap_or_default() {
            let line = entry.id.referenced.line();
            let key = entry.checked()?;
            if keys.iter().any(|other| other.id == key.id) {
                return Err(BadKeyFile { line, why: format!("two keys have the id `{}`", key.id) });
            }
            keys.push(key);
        }
        Ok(Self { keys })
    }

    /// The file's text.
    pub fn text(&self) -> String {
        let mut out = String::from(
            "# Written by `frontdesk keys create` and `revoke`. Here are the hashes of keys, not the keys.\nkeys:\n",
        );
        if self.keys.is_empty() {
            out = out.replace("keys:\n", "keys: []\n");
        }
        for key in &self.keys {
            out.push_str(&format!("  - id: {}\n    name: {}\n", quoted(&key.id), quoted(&key.name)));
            out.push_str("    hash: \"sha256:");
            key.hash.iter().for_each(|byte| out.push_str(&format!("{byte:02x}")));
            out.push_str("\"\n");
            let scopes: Vec<String> = key.scopes.iter().map(|scope| quoted(scope)).collect();
            out.push_str(&format!("    scopes: [{}]\n", scopes.join(", ")));
            out.push_str(&format!("    created: {}\n", quoted(&date(key.created))));
            out.push_str(&format!("    expires: {}\n", quoted(&date(key.expires))));
            if let Some(KeyRate { requests, every, burst }) = key.rate {
                let every = format!("{}s", every.as_secs());
                out.push_str(&format!(
                    "    rate: {{ requests: {requests}, every: {every}, burst: {burst} }}\n"
                ));
            }
            if let Some(version) = &key.version {
                out.push_str(&format!("    version: {}\n", quoted(version)));
            }
        }
        out
    }
}

impl Entry {
    fn checked(self) -> Result<KeyEntry, BadKeyFile> {
        let is_id = |id: &str| id.len() == ID_LENGTH && id.bytes().all(|byte| ID_LETTERS.contains(&byte));
        if !is_id(&self.id.value) {
            return bad(&self.id, format!("`{}` is not a key's id", self.id.value));
        }
        if self.name.value.trim().is_empty() || self.name.value.chars().any(char::is_control) {
            return bad(&self.name, "a key needs the name of whom it belongs to".to_owned());
        }
        let Some(hash) = self.hash.value.strip_prefix("sha256:").and_then(bytes) else {
            return bad(&self.hash, "a hash is `sha256:` and 64 hexadecimal digits".to_owned());
        };
        for scope in &self.scopes {
            // RFC 6749 §3.3
            let is_scope = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
            if scope.value.is_empty() || !scope.value.bytes().all(is_scope) {
                return bad(scope, format!("`{}` is not a scope", scope.value));
            }
        }
        let created = self.created.as_ref().map_or(Ok(0), moment)?;
        let expires = moment(&self.expires)?;
        Ok(KeyEntry {
            created,
            expires,
            hash,
            rate: self.rate.map(WrittenRate::checked).transpose()?,
            id: self.id.value,
            name: self.name.value,
            scopes: self.scopes.into_iter().map(|scope| scope.value).collect(),
            version: self.version.map(|version| version.value),
        })
    }
}

impl WrittenRate {
    fn checked(self) -> Result<KeyRate, BadKeyFile> {
        if self.requests.value == 0 {
            return bad(&self.requests, "a rate allows at least one request".to_owned());
        }
        let Some(every) = span_of_time(&self.every.value) else {
            return bad(
                &self.every,
                format!("`{}` is not a time: write `1m`, `30s` or `24h`", self.every.value),
            );
        };
        let burst = self.burst.map_or(self.requests.value, |burst| burst.value.max(1));
        Ok(KeyRate { requests: self.requests.value, every, burst })
    }
}

fn bad<T, U>(at: &Spanned<T>, why: String) -> Result<U, BadKeyFile> {
    Err(BadKeyFile { line: at.referenced.line(), why })
}

fn moment(written: &Spanned<String>) -> Result<u64, BadKeyFile> {
    let parsed: Option<Timestamp> = written.value.parse().ok();
    match parsed.and_then(|moment| u64::try_from(moment.as_second()).ok()) {
        Some(moment) => Ok(moment),
        None => {
            bad(written, format!("`{}` is not a date: write it as `2027-02-28T12:00:00Z`", written.value))
        }
    }
}

/// Unix seconds as `2027-02-28T12:00:00Z`.
pub fn date(unix: u64) -> String {
    i64::try_from(unix)
        .ok()
        .and_then(|unix| Timestamp::from_second(unix).ok())
        .unwrap_or_default()
        .to_string()
}

fn bytes(hex: &str) -> Option<[u8; 32]> {
    let digits: Vec<u8> =
        hex.chars().map(|digit| digit.to_digit(16).map(|digit| digit as u8)).collect::<Option<_>>()?;
    let pairs: Vec<u8> =
        digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |sum, digit| sum * 16 + digit)).collect();
    (digits.len() == 64).then(|| pairs.try_into().ok()).flatten()
}

/// A time as people write it: `30s`, `5m`, `12h`, `90d`, `2w`; at least a second, at most ten years.
pub fn span_of_time(text: &str) -> Option<Duration> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(unit);
    let each = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => return None,
    };
    let seconds = number.parse::<u64>().ok()?.checked_mul(each)?;
    (1..=3650 * 86_400).contains(&seconds).then(|| Duration::from_secs(seconds))
}

/// As a JSON string, which is a YAML one too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
