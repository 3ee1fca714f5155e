//! What a view sees as `session` whoever asks: the locale that fits the client best, and a currency.

use frontdesk_lang::model::BffConfig;
use frontdesk_perimeter::Identity;

/// The BFF's locale that the caller's `locale` claim names, or else the one that `Accept-Language` likes best.
pub fn locale<'c>(
    config: &'c BffConfig,
    identity: Option<&Identity>,
    accept_language: Option<&str>,
) -> &'c str {
    let claimed = identity.and_then(|identity| identity.claims.get("locale")?.as_str());
    claimed.and_then(|claimed| lookup(config, claimed)).unwrap_or_else(|| accepted(config, accept_language))
}

/// The caller's `currency` claim, or else the BFF's currency.
pub fn currency<'r>(config: &'r BffConfig, identity: Option<&'r Identity>) -> &'r str {
    let claimed = identity.and_then(|identity| identity.claims.get("currency")?.as_str());
    claimed
        .filter(|text| text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase()))
        .unwrap_or(&config.currency)
}

/// The BFF's locale that `Accept-Language` likes best (RFC 4647 §3.4 lookup, both ways); else its first.
fn accepted<'c>(config: &'c BffConfig, accept_language: Option<&str>) -> &'c str {
    let default = config.locales.first().map_or("en-GB", |locale| &**locale);
    let Some(header) = accept_language.filter(|_| config.locales.len() > 1) else { return default };
    let mut best: Option<(f32, &'c str)> = None;
    for item in header.split(',') {
        let mut parts = item.split(';');
        let range = parts.next().unwrap_or_default().trim();
        let weight = parts
            .find_map(|part| part.trim().strip_prefix("q="))
            .map_or(1.0, |text| text.trim().parse::<f32>().unwrap_or(0.0));
        if weight > 0.0
            && best.is_none_or(|(than, _)| weight > than)
            && let Some(found) = lookup(config, range)
        {
            best = Some((weight, found));
        }
    }
    best.map_or(default, |(_, locale)| locale)
}

/// `de-AT` finds `de-AT`, then `de`, then any `de-…`.
fn lookup<'c>(config: &'c BffConfig, range: &str) -> Option<&'c str> {
    let locales = || config.locales.iter().map(|locale| &**locale);
    let mut wanted = range;
    loop {
        if let Some(found) = locales().find(|locale| locale.eq_ignore_ascii_case(wanted)) {
            return Some(found);
        }
        match wanted.rfind('-') {
            Some(at) => wanted = &wanted[..at],
            None => break,
        }
    }
    let language = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    locales().find(|locale| !range.is_empty() && language(locale) == language(range))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use frontdesk_diagnostics::{FileId, Span};

    use super::*;

    fn config(locales: &[&str]) -> BffConfig {
        BffConfig {
            client: "web".into(),
            owner: None,
            locales: locales.iter().map(|l| (*l).into()).collect(),
            currency: "EUR".into(),
            latency: Duration::from_secs(1),
            body_limit: None,
            errors: Vec::new(),
            proxies: Vec::new(),
            versions: frontdesk_lang::model::Versions::None,
            openapi: false,
            perimeter: frontdesk_lang::model::Perimeter::default(),
            span: Span::new(FileId(0), 0, 0),
        }
    }

    #[test]
    fn the_client_s_best_language_that_we_have() {
        let config = config(&["en-GB", "de-DE", "fr"]);
        for (header, expected) in [
            ("de-DE", "de-DE"),
            ("de", "de-DE"),
            ("de-AT, en;q=0.5", "de-DE"),
            ("fr-CA", "fr"),
            ("ja, fr;q=0.2, en;q=0.1", "fr"),
            ("ja", "en-GB"),
            ("*", "en-GB"),
            ("", "en-GB"),
            ("de;q=0, fr;q=0.1", "fr"),
            ("de;q=x", "en-GB"),
        ] {
            assert_eq!(locale(&config, None, Some(header)), expected, "{header}");
        }
        assert_eq!(locale(&config, None, None), "en-GB");
    }
}
