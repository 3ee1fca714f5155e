//! Listeners, what clients may use up, and secrets: `bffs`, `admin`, `limits`, `secrets`.

use std::sync::Arc;

use frontdesk_diagnostics::{Diagnostic, codes};

use super::section::{Section, entries};
use super::{keys, network, text, units};
use crate::catalog::{BffListener, ClientLimits, Listener, ListenerTls, Platform, Text};
use crate::tree::Entry;

pub fn read_bffs(entry: &Entry, found: &mut Vec<Diagnostic>) -> Vec<BffListener> {
    let mut bffs = Vec::new();
    for bff in entries(entry, found).collect::<Vec<_>>() {
        if !is_folder_name(&bff.key) {
            found.push(
                Diagnostic::error(
                    codes::catalog::BAD_NAME,
                    format!("`{}` is not the name of a BFF", bff.key),
                    bff.key_span,
                    "a BFF is named by its folder in bffs/",
                )
                .help("use letters, digits, `-` and `_`"),
            );
        }
        let what = format!("BFF `{}`", bff.key);
        let Some(mut section) = Section::open(&bff.value, bff.key_span, what, keys::BFF, found) else {
            continue;
        };
        let origin = section.take("origin").and_then(|origin| network::origin(&origin, found));
        if let Some(listener) = read_listener(&mut section, keys::BFF_TLS, found) {
            bffs.push(BffListener { name: bff.key.clone(), listener, origin, span: bff.key_span });
        }
    }
    bffs
}

/// What `admin` says.
pub struct Admin {
    pub listener: Listener,
    /// What an administrator shows.
    pub token: Option<Text>,
    pub faults: bool,
}

pub fn read_admin(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<Admin> {
    let mut section = Section::open(&entry.value, entry.key_span, "`admin`", keys::ADMIN, found)?;
    let token_entry = section.take("token");
    let faults_entry = section.take("faults");
    let faults = faults_entry.as_ref().and_then(|entry| units::boolean(entry, found)).unwrap_or(false);
    if let (true, Some(entry), None) = (faults, &faults_entry, &token_entry) {
        found.push(
            Diagnostic::error(
                codes::catalog::MISSING_KEY,
                "`faults: true` needs a `token`",
                entry.key_span,
                "without a token nobody may order any",
            )
            .help("add `token: \"${env:ADMIN_TOKEN}\"`"),
        );
    }
    let token = token_entry.and_then(|token| text::filled(&token, found));
    Some(Admin { listener: read_listener(&mut section, keys::ADMIN_TLS, found)?, token, faults })
}

/// `secrets: { WEB_CLIENT_SECRET: "${file:secrets/web}" }`
pub fn read_secrets(entry: &Entry, found: &mut Vec<Diagnostic>) -> Vec<(Arc<str>, Text)> {
    let mut secrets = Vec::new();
    for secret in entries(entry, found).collect::<Vec<_>>() {
        if !is_secret_name(&secret.key) {
            found.push(
                Diagnostic::error(
                    codes::catalog::BAD_NAME,
                    format!("`{}` cannot be the name of a secret", secret.key),
                    secret.key_span,
                    "secrets are named like environment variables",
                )
                .help("use letters, digits and `_`, for instance `WEB_CLIENT_SECRET`"),
            );
            continue;
        }
        secrets.extend(text::filled(secret, found).map(|text| (secret.key.clone(), text)));
    }
    secrets
}

/// What `secret("…")` may name: what an environment variable may be called.
pub fn is_secret_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn is_folder_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

fn read_listener(
    section: &mut Section<'_>,
    tls_keys: &'static [keys::Key],
    found: &mut Vec<Diagnostic>,
) -> Option<Listener> {
    let tls = section.take("tls").and_then(|tls| read_tls(&tls, tls_keys, found));
    let listen = section.require("listen", "127.0.0.1:7001", found)?;
    let address = text::address(&listen.value, listen.key_span, "listen", found)?;
    Some(Listener { address, tls })
}

fn read_tls(entry: &Entry, keys: &'static [keys::Key], found: &mut Vec<Diagnostic>) -> Option<ListenerTls> {
    let mut section = Section::open(&entry.value, entry.key_span, "`tls`", keys, found)?;
    let client_ca = if keys.iter().any(|key| key.name == "client-ca") {
        section.take("client-ca").and_then(|ca| text::filled(&ca, found))
    } else {
        None
    };
    let cert = section.require("cert", "certs/server.pem", found);
    let key = section.require("key", "certs/server.key", found);
    let (cert, key) = (cert?, key?);
    let cert = text::text(&cert.value, cert.key_span, "cert", found);
    let key = text::text(&key.value, key.key_span, "key", found);
    Some(ListenerTls { cert: cert?, key: key?, client_ca })
}

pub fn read_limits(entry: &Entry, found: &mut Vec<Diagnostic>) -> ClientLimits {
    let mut limits = ClientLimits::default();
    let section = Section::open(&entry.value, entry.key_span, "`limits`", keys::CLIENT_LIMITS, found);
    let Some(mut section) = section else { return limits };
    if let Some(bytes) = section.take("header-bytes").and_then(|e| units::size(&e, found)) {
        limits.header_bytes = bytes;
    }
    if let Some(bytes) = section.take("body").and_then(|e| units::size(&e, found)) {
        limits.body_bytes = bytes;
    }
    if let Some(timeout) = section.take("header-timeout").and_then(|e| units::duration(&e, found)) {
        limits.header_timeout = timeout;
    }
    if let Some(timeout) = section.take("idle-timeout").and_then(|e| units::duration(&e, found)) {
        limits.idle_timeout = timeout;
    }
    if let Some(connections) = section.take("connections").and_then(|e| units::count(&e, 1, found)) {
        limits.connections = connections;
    }
    if let Some(requests) = section.take("requests").and_then(|e| units::count(&e, 1, found)) {
        limits.requests = requests;
    }
    limits
}

/// Port 0 (any free port) never collides.
pub fn refuse_shared_addresses(platform: &Platform, found: &mut Vec<Diagnostic>) {
    let mut seen: Vec<&crate::catalog::Text> = Vec::new();
    let listeners = platform.bffs.iter().map(|bff| &bff.listener).chain(&platform.admin);
    for address in listeners.map(|listener| &listener.address) {
        let Some(written) = address.literal().filter(|written| !written.ends_with(":0")) else { continue };
        match seen.iter().find(|other| other.literal() == Some(written)) {
            Some(first) => found.push(
                Diagnostic::error(
                    codes::catalog::ADDRESS_TWICE,
                    format!("two listeners want the address `{written}`"),
                    address.span,
                    "this one could not be opened",
                )
                .label(first.span, "taken here")
                .help("give each listener a port of its own"),
            ),
            None => seen.push(address),
        }
    }
}
