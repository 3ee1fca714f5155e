//! What is worth knowing of each way to prove who one is.

use frontdesk_catalog::Catalog;
use frontdesk_lang::model::{AuthMethod, ClientAuth, Demand, Issuer, ProviderUse, SessionAuth};

use super::MethodFacts;
use super::credentials::shown;
use super::words::lifetime;

pub(super) fn facts(method: &AuthMethod, catalog: &Catalog) -> MethodFacts {
    let details = match method {
        AuthMethod::Session(session) => {
            let mut details: Vec<String> =
                session.providers.iter().map(|used| provider(used, catalog)).collect();
            details.push(cookie(session));
            details.push(lives(session.idle, session.absolute));
            details.extend(session.rotate.map(|every| format!("a new id every {}", lifetime(every))));
            details
                .extend(session.same_user_limit.map(|most| format!("at most {most} sessions of one user")));
            if session.background {
                details.push("refresh tokens can be opened without their browser".to_owned());
            }
            details
        }
        AuthMethod::Device(device) => vec![
            provider(&device.provider, catalog),
            "tokens are bound to the device's key".to_owned(),
            lives(device.idle, device.absolute),
            format!("a new token every {}", lifetime(device.rotate)),
        ],
        AuthMethod::Bearer(bearer) => {
            let algorithms: Vec<&str> = bearer.algorithms.iter().map(|algorithm| algorithm.name()).collect();
            let mut details = vec![
                format!(
                    "tokens of {} for {}",
                    issuer(&bearer.issuer, catalog),
                    bearer.audiences.join(" or ")
                ),
                format!("signed with {}", algorithms.join(", ")),
            ];
            if !bearer.scopes.is_empty() {
                details.push(format!("with {}", bearer.scopes.join(" and ")));
            }
            if bearer.introspect {
                details.push("others are asked about (RFC 7662)".to_owned());
            }
            details.push(
                match bearer.dpop {
                    Demand::Auto => "bound ones need a proof (RFC 9449)",
                    Demand::Required => "only bound ones, with a proof (RFC 9449)",
                    Demand::Off => "none that is bound to a key",
                }
                .to_owned(),
            );
            details
        }
        AuthMethod::ApiKeys(keys) => vec![match &*keys.header {
            "authorization" => "keys in `Authorization: Bearer`".to_owned(),
            header => format!("keys in `{header}`"),
        }],
        AuthMethod::Certificate(certificate) => {
            let names: Vec<&str> = certificate.clients.iter().map(|client| &*client.name).collect();
            vec![format!("certificates of {}", names.join(", "))]
        }
    };
    MethodFacts { name: method.name(), details }
}

fn provider(used: &ProviderUse, catalog: &Catalog) -> String {
    let by = match &used.client_auth {
        ClientAuth::PrivateKeyJwt(_) => "private_key_jwt",
        ClientAuth::SecretBasic(_) => "client_secret_basic",
        ClientAuth::SecretPost(_) => "client_secret_post",
    };
    let par = if used.par == Demand::Required { ", only by pushed requests" } else { "" };
    let dpop = match used.dpop {
        Demand::Required => ", tokens bound to a key",
        Demand::Auto => ", tokens bound to a key if it can",
        Demand::Off => "",
    };
    format!("login at {} as {} by {by}{par}{dpop}", issuer(&used.issuer, catalog), used.client_id)
}

fn issuer(issuer: &Issuer, catalog: &Catalog) -> String {
    match issuer {
        Issuer::Url(url) => url.to_string(),
        Issuer::Named(id) => match catalog.platform.providers.get(id.0 as usize) {
            Some(provider) => format!("{} ({})", provider.name, shown(&provider.issuer)),
            None => "?".to_owned(),
        },
    }
}

fn cookie(session: &SessionAuth) -> String {
    let same_site = if session.lax.is_some() { "Lax" } else { "Strict" };
    let keeps = if session.remember { ", outlives the browser" } else { "" };
    format!("cookie __Host-Http-fd-{}, Secure, HttpOnly, SameSite={same_site}{keeps}", session.cookie)
}

fn lives(idle: std::time::Duration, absolute: std::time::Duration) -> String {
    format!("ends after {} without use, or after {}", lifetime(idle), lifetime(absolute))
}
