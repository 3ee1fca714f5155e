//! `auth` of a service: what its calls carry to prove on whose behalf they are made.

use std::sync::Arc;

use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span, codes};

use super::keys;
use super::section::{Section, wrong_type};
use super::service::{read_headers, read_words};
use super::{text, units};
use crate::catalog::{Provider, ProviderId, ServiceAuth, ServicePolicy, Text};
use crate::tree::{Entry, Value};

const FORMS: &str = "a word (none, user, exchange, mtls) or a mapping with `user`, `exchange`, `client-credentials` or `static`";

pub fn read(entry: &Entry, providers: &[Provider], found: &mut Vec<Diagnostic>) -> Option<ServiceAuth> {
    match &entry.value.value {
        Value::String(_) => read_word(entry, found),
        Value::Map(_) => read_mapping(entry, providers, found),
        _ => {
            found.push(wrong_type(&entry.value, entry.key_span, "`auth` of a service", FORMS));
            None
        }
    }
}

fn read_word(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<ServiceAuth> {
    let written = text::literal(&entry.value, entry.key_span, &entry.key, found)?;
    match written.as_str() {
        "none" => Some(ServiceAuth::None),
        "user" => Some(ServiceAuth::User { dpop: false }),
        "exchange" => {
            Some(ServiceAuth::Exchange { audience: None, resource: None, scopes: Vec::new(), dpop: false })
        }
        "mtls" => Some(ServiceAuth::Mtls),
        "static" => {
            let help = "write `auth: { static: { x-api-key: \"${env:SERVICE_KEY}\" } }`";
            found.push(incomplete(
                entry.value.span,
                "`auth: static` has no headers",
                "static headers, but which?",
                help,
            ));
            None
        }
        "client-credentials" => {
            let help = "write `auth: { client-credentials: { provider: …, client-id: …, client-secret: \"${env:…}\" } }`";
            let message = "`auth: client-credentials` has no client";
            found.push(incomplete(entry.value.span, message, "a token of which client?", help));
            None
        }
        _ => {
            let all = keys::SERVICE_AUTH_WORDS.iter().copied().chain(["static", "client-credentials"]);
            let help = match nearest(&written, all) {
                Some(word) => format!("did you mean `{word}`?"),
                None => format!("write {FORMS}"),
            };
            let message = format!("`auth: {written}` is not known");
            found.push(text::bad_value(entry.value.span, &message, "no way to prove anything", &help));
            None
        }
    }
}

fn read_mapping(entry: &Entry, providers: &[Provider], found: &mut Vec<Diagnostic>) -> Option<ServiceAuth> {
    let what = "`auth` of a service";
    let mut section = Section::open(&entry.value, entry.key_span, what, keys::SERVICE_AUTH, found)?;
    let given: Vec<Entry> = keys::SERVICE_AUTH.iter().filter_map(|key| section.take(key.name)).collect();
    let [one] = given.as_slice() else {
        if let [first, second, ..] = given.as_slice() {
            found.push(
                Diagnostic::error(
                    codes::catalog::SERVICE_AUTH,
                    "`auth` is two things at once",
                    second.key_span,
                    format!("`{}` and `{}` exclude each other", first.key, second.key),
                )
                .label(first.key_span, "the other")
                .help("keep one; calls that carry something else are another service"),
            );
        } else if matches!(&entry.value.value, Value::Map(map) if map.iter().next().is_none()) {
            found.push(wrong_type(&entry.value, entry.key_span, what, FORMS));
        }
        return None;
    };
    match &*one.key {
        "user" => read_user(one, found),
        "exchange" => read_exchange(one, found),
        "client-credentials" => read_client_credentials(one, providers, found),
        _ => read_static(one, found),
    }
}

fn read_user(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<ServiceAuth> {
    let mut section = Section::open(&entry.value, entry.key_span, "`auth: user`", keys::AUTH_USER, found)?;
    Some(ServiceAuth::User { dpop: read_dpop(&mut section, found) })
}

fn read_exchange(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<ServiceAuth> {
    let what = "`auth: exchange`";
    let mut section = Section::open(&entry.value, entry.key_span, what, keys::AUTH_EXCHANGE, found)?;
    let (audience, resource, scopes) = read_target(&mut section, found);
    Some(ServiceAuth::Exchange { audience, resource, scopes, dpop: read_dpop(&mut section, found) })
}

fn read_client_credentials(
    entry: &Entry,
    providers: &[Provider],
    found: &mut Vec<Diagnostic>,
) -> Option<ServiceAuth> {
    let what = "`auth: client-credentials`";
    let mut section = Section::open(&entry.value, entry.key_span, what, keys::AUTH_CLIENT, found)?;
    let (audience, resource, scopes) = read_target(&mut section, found);
    let dpop = read_dpop(&mut section, found);
    let client_id = section.require("client-id", "harbor-bff", found);
    let client_id = client_id.and_then(|entry| text::filled(&entry, found));
    let secret = section.require("client-secret", "\"${env:SERVICE_CLIENT_SECRET}\"", found);
    let client_secret = secret.and_then(|entry| text::filled(&entry, found));
    let example = providers.first().map_or("harbor", |provider| &*provider.name);
    let provider = section.require("provider", example, found);
    let provider = provider.and_then(|entry| find_provider(&entry, providers, found));
    Some(ServiceAuth::ClientCredentials {
        provider: provider?,
        client_id: client_id?,
        client_secret: client_secret?,
        audience,
        resource,
        scopes,
        dpop,
    })
}

fn find_provider(entry: &Entry, providers: &[Provider], found: &mut Vec<Diagnostic>) -> Option<ProviderId> {
    let name = text::word(&entry.value, entry.key_span, &entry.key, found)?;
    if let Some(at) = providers.iter().position(|provider| *provider.name == *name.value) {
        return u32::try_from(at).ok().map(ProviderId);
    }
    let diagnostic = Diagnostic::error(
        codes::catalog::UNKNOWN_PROVIDER,
        format!("no provider is called `{}`", name.value),
        name.span,
        "not defined in `providers`",
    );
    found.push(match nearest(&name.value, providers.iter().map(|provider| &*provider.name)) {
        Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
        None => diagnostic
            .help(format!("add `providers: {{ {}: {{ issuer: https://login.example.com }} }}`", name.value)),
    });
    None
}

fn read_static(entry: &Entry, found: &mut Vec<Diagnostic>) -> Option<ServiceAuth> {
    if matches!(&entry.value.value, Value::Map(map) if map.iter().next().is_none()) {
        let help = "write `static: { x-api-key: \"${env:SERVICE_KEY}\" }`";
        found.push(incomplete(
            entry.key_span,
            "`auth: static` has no headers",
            "no header stands here",
            help,
        ));
        return None;
    }
    let headers = read_headers(entry, found);
    (!headers.is_empty()).then_some(ServiceAuth::Static(headers))
}

type Target = (Option<Text>, Option<Text>, Vec<Arc<str>>);

fn read_target(section: &mut Section<'_>, found: &mut Vec<Diagnostic>) -> Target {
    let audience = section.take("audience").and_then(|entry| text::filled(&entry, found));
    let resource = section.take("resource").and_then(|entry| {
        let resource = text::filled(&entry, found)?;
        let is_absolute = |uri: &str| uri.contains(':') && !uri.contains('#');
        if let Some(written) = resource.literal()
            && !is_absolute(written)
        {
            let message = format!("`resource: {written}` is not an absolute URI without a fragment");
            let help =
                "write for instance `resource: https://quotes.internal` (RFC 8707 §2), or use `audience`";
            found.push(text::bad_value(entry.value.span, &message, "not an absolute URI", help));
        }
        Some(resource)
    });
    let mut scopes: Vec<Arc<str>> = Vec::new();
    if let Some(entry) = section.take("scopes") {
        for scope in read_words(&entry, found) {
            if scope.value.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\')) {
                scopes.push(scope.value.into());
                continue;
            }
            let message = format!("`{}` is not a scope", scope.value);
            let help = "write each scope as an item of the list (RFC 6749 §3.3)";
            found.push(text::bad_value(scope.span, &message, "not one scope", help));
        }
    }
    (audience, resource, scopes)
}

fn read_dpop(section: &mut Section<'_>, found: &mut Vec<Diagnostic>) -> bool {
    section.take("dpop").and_then(|entry| units::boolean(&entry, found)).unwrap_or(false)
}

/// `auth` against the rest of the service: the same header from two places, a certificate that is not there.
pub fn refuse_contradictions(auth: &Entry, policy: &ServicePolicy, found: &mut Vec<Diagnostic>) {
    let written = |name: &str| policy.headers.iter().any(|(header, _)| &**header == name);
    let twice = match &policy.auth {
        ServiceAuth::User { .. } | ServiceAuth::Exchange { .. } | ServiceAuth::ClientCredentials { .. } => {
            written("authorization").then(|| Arc::from("authorization"))
        }
        ServiceAuth::Static(headers) => {
            headers.iter().map(|(name, _)| name.clone()).find(|name| written(name))
        }
        ServiceAuth::None | ServiceAuth::Mtls => None,
    };
    if let Some(name) = twice {
        found.push(
            Diagnostic::error(
                codes::catalog::SERVICE_AUTH,
                format!("the header `{name}` is set by `auth` and by `headers`"),
                auth.key_span,
                "which of the two is sent?",
            )
            .help(format!("take `{name}` out of `headers`")),
        );
    }
    if !matches!(policy.auth, ServiceAuth::Mtls) {
        return;
    }
    if policy.tls.cert.is_none() && policy.tls.key.is_none() {
        found.push(incomplete(
            auth.key_span,
            "`auth: mtls` has no certificate",
            "there is nothing to show to the service",
            "add `tls: { cert: certs/bff.pem, key: certs/bff.key }`",
        ));
    }
    let plain = policy.endpoints.urls().find(|url| url.literal().is_some_and(is_plain));
    if let Some(url) = plain {
        found.push(
            Diagnostic::error(
                codes::catalog::SERVICE_AUTH,
                "`auth: mtls` over http:// shows no certificate",
                url.span,
                "no TLS is spoken here",
            )
            .label(auth.key_span, "asks for a certificate")
            .help("write `https://…`"),
        );
    }
}

/// No TLS is spoken with what this URL names.
fn is_plain(url: &str) -> bool {
    url.split_once("://").is_some_and(|(scheme, _)| !scheme.ends_with("https"))
}

fn incomplete(span: Span, message: &str, label: &str, help: &str) -> Diagnostic {
    Diagnostic::error(codes::catalog::SERVICE_AUTH, message, span, label).help(help)
}
