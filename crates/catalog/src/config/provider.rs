//! `providers`: whom the platform trusts to say who somebody is.

use std::time::Duration;

use frontdesk_diagnostics::{Diagnostic, codes};

use super::section::{Section, entries};
use super::{keys, network, text, units};
use crate::catalog::Provider;
use crate::tree::Entry;

const TIMEOUT: Duration = Duration::from_secs(5);

pub fn read_all(entry: &Entry, found: &mut Vec<Diagnostic>) -> Vec<Provider> {
    let all: Vec<&Entry> = entries(entry, found).collect();
    all.into_iter().filter_map(|entry| read(entry, found)).collect()
}

fn read(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<Provider> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if entry.key.is_empty() || !entry.key.chars().all(is_name) {
        found.push(
            Diagnostic::error(
                codes::catalog::BAD_NAME,
                format!("`{}` cannot be the name of a provider", entry.key),
                entry.key_span,
                "a short name that bff.ts can say",
            )
            .help("use letters, digits, `-` and `_`"),
        );
    }
    let what = format!("provider `{}`", entry.key);
    let mut section = Section::open(&entry.value, entry.key_span, what, keys::PROVIDER, found)?;
    let ca = section.take("ca").and_then(|entry| text::filled(&entry, found));
    let timeout = section.take("timeout").and_then(|entry| units::duration(&entry, found));
    let issuer_entry = section.require("issuer", "https://login.example.com", found)?;
    let issuer = text::filled(&issuer_entry, found)?;
    if let Some(written) = issuer.literal()
        && let Some((is, help)) = network::issuer_problem(written)
    {
        let message = format!("`issuer: {written}` {is}");
        found.push(text::bad_value(issuer_entry.value.span, &message, is, &help));
    }
    Some(Provider {
        name: entry.key.clone(),
        issuer,
        ca,
        timeout: timeout.unwrap_or(TIMEOUT),
        span: entry.key_span,
    })
}
