//! What calls to a service carry.

use std::sync::Arc;

use frontdesk_catalog::{Catalog, Service, ServiceAuth, ServiceId, Text, TextPart};

use super::Credential;

pub(super) fn of(id: ServiceId, catalog: &Catalog) -> Option<Credential> {
    let service = catalog.services.get(id.0 as usize)?;
    Some(Credential {
        service: service.name.clone(),
        carries: carries(service, catalog),
        auth: word(service),
    })
}

fn word(service: &Service) -> &'static str {
    match service.policy.auth {
        ServiceAuth::None => "none",
        ServiceAuth::User { .. } => "user",
        ServiceAuth::Exchange { .. } => "exchange",
        ServiceAuth::ClientCredentials { .. } => "client-credentials",
        ServiceAuth::Static(_) => "static",
        ServiceAuth::Mtls => "mtls",
    }
}

fn carries(service: &Service, catalog: &Catalog) -> String {
    match &service.policy.auth {
        ServiceAuth::None => {
            let header = service.policy.headers.iter().find(|(name, _)| {
                matches!(&**name, "authorization" | "cookie" | "proxy-authorization" | "x-api-key")
            });
            match header {
                Some((name, _)) => format!("the header {name}"),
                None => "nothing".to_owned(),
            }
        }
        ServiceAuth::User { dpop } => bound("the caller's token".to_owned(), *dpop),
        ServiceAuth::Exchange { audience, resource, scopes, dpop } => {
            let target = audience.as_ref().or(resource.as_ref()).map(shown);
            let target = target.map_or_else(String::new, |target| format!(" for {target}"));
            bound(format!("the caller's token, exchanged{target}{}", scoped(scopes)), *dpop)
        }
        ServiceAuth::ClientCredentials { provider, scopes, dpop, .. } => {
            let name = catalog.platform.providers.get(provider.0 as usize).map_or("?", |p| &*p.name);
            bound(format!("the BFF's own token of {name}{}", scoped(scopes)), *dpop)
        }
        ServiceAuth::Static(headers) => {
            let names: Vec<&str> = headers.iter().map(|(name, _)| &**name).collect();
            format!("a secret in {}", names.join(", "))
        }
        ServiceAuth::Mtls => "the BFF's certificate".to_owned(),
    }
}

fn scoped(scopes: &[Arc<str>]) -> String {
    if scopes.is_empty() { String::new() } else { format!(" [{}]", scopes.join(" ")) }
}

fn bound(text: String, dpop: bool) -> String {
    if dpop { format!("{text}, bound to a key") } else { text }
}

/// The text with `${…}` for what only the environment knows.
pub(super) fn shown(text: &Text) -> String {
    text.parts
        .iter()
        .map(|part| match part {
            TextPart::Literal(text) => text.clone(),
            TextPart::Env(name) => format!("${{env:{name}}}"),
            TextPart::File(path) => format!("${{file:{path}}}"),
        })
        .collect()
}
