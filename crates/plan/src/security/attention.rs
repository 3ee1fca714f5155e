//! What deserves a second look although it is allowed.

use frontdesk_catalog::config::is_loopback;
use frontdesk_catalog::{Catalog, ServiceAuth, Text};
use frontdesk_lang::model::{AuthMethod, Demand, Issuer};

use super::{AccessFacts, BffSecurity, RouteKind, RouteSecurity, counts_anybody};
use crate::plan::BffPlan;

pub(super) fn of(facts: &BffSecurity, bff: &BffPlan, catalog: &Catalog) -> Vec<String> {
    let mut all = Vec::new();
    if facts.methods.is_empty() {
        all.push("no `auth`: anybody may ask every endpoint".to_owned());
    }
    open_writes(facts, &mut all);
    lent_credentials(facts, &mut all);
    rates(facts, &mut all);
    callers_without_token(facts, bff, &mut all);
    in_the_clear(facts, catalog, &mut all);
    exchanged_for_nobody(facts, catalog, &mut all);
    written_secrets(bff, catalog, &mut all);
    all
}

/// Endpoints and proxies that write for anybody.
fn open_writes(facts: &BffSecurity, all: &mut Vec<String>) {
    if facts.methods.is_empty() {
        return;
    }
    for route in &facts.routes {
        let writes = matches!(route.kind, RouteKind::Action | RouteKind::Proxy);
        if writes && matches!(route.access, AccessFacts::Public) {
            all.push(format!("{} {} writes, and anybody may ask it", route.method, route.path));
        }
    }
}

/// Proxies where anybody may ask whatever a service lets the BFF itself do.
fn lent_credentials(facts: &BffSecurity, all: &mut Vec<String>) {
    for route in facts.routes.iter().filter(|route| route.kind == RouteKind::Proxy) {
        let is_open = facts.methods.is_empty() || matches!(route.access, AccessFacts::Public);
        let own = |auth| !matches!(auth, "user" | "exchange");
        let lent = route.services.iter().find(|called| own(called.auth) && called.carries != "nothing");
        if let (Some(called), true) = (lent, is_open) {
            all.push(format!(
                "{} {} passes anybody through to `{}` with {}",
                route.method, route.path, called.service, called.carries
            ));
        }
    }
}

fn rates(facts: &BffSecurity, all: &mut Vec<String>) {
    if facts.routes.is_empty() {
        return;
    }
    if facts.rates.is_empty() {
        let unlimited = facts.routes.iter().filter(|r| !r.kind.is_at_hand() && r.rates.is_empty()).count();
        if unlimited > 0 {
            let of = facts.routes.iter().filter(|r| !r.kind.is_at_hand()).count();
            all.push(format!("nothing limits how often one may ask {unlimited} of {of} routes"));
        }
        return;
    }
    let is_open = |route: &&RouteSecurity| {
        !route.kind.is_at_hand()
            && route.rates.is_empty()
            && (facts.methods.is_empty() || matches!(route.access, AccessFacts::Public))
    };
    let open = facts.routes.iter().filter(is_open).count();
    if open > 0 && !facts.rates.iter().any(counts_anybody) {
        all.push(format!(
            "rates count by session or key only, which callers of {open} public routes have not"
        ));
    }
}

/// Keys and certificates have no token; where a service wants one, such callers fail.
fn callers_without_token(facts: &BffSecurity, bff: &BffPlan, all: &mut Vec<String>) {
    let perimeter = &bff.config.perimeter;
    let without: Vec<&str> =
        perimeter.auth.iter().filter(|method| !method.has_token()).map(AuthMethod::name).collect();
    if without.is_empty() || without.len() == perimeter.auth.len() {
        return;
    }
    for route in &facts.routes {
        let AccessFacts::Needs { methods, .. } = &route.access else { continue };
        let wanting = route.services.iter().find(|called| matches!(called.auth, "user" | "exchange"));
        let (Some(called), true) = (wanting, methods.iter().any(|name| without.contains(name))) else {
            continue;
        };
        all.push(format!(
            "{} {} fails for callers with {}: `{}` wants a token of theirs",
            route.method,
            route.path,
            without.join(" or "),
            called.service
        ));
    }
}

/// Tokens and secrets that travel over http:// to another machine.
fn in_the_clear(facts: &BffSecurity, catalog: &Catalog, all: &mut Vec<String>) {
    for service in &catalog.services {
        let called = facts.routes.iter().flat_map(|route| &route.services);
        if !called.into_iter().any(|called| called.service == service.name && called.carries != "nothing") {
            continue;
        }
        let plain =
            service.policy.endpoints.urls().filter_map(Text::literal).find(|url| is_plain_and_far(url));
        if let Some(url) = plain {
            all.push(format!(
                "credentials for `{}` travel over {url}, which anybody on the way can read",
                service.name
            ));
        }
    }
}

fn is_plain_and_far(url: &str) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    if scheme.ends_with("https") {
        return false;
    }
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    !is_loopback(host)
}

fn exchanged_for_nobody(facts: &BffSecurity, catalog: &Catalog, all: &mut Vec<String>) {
    for service in &catalog.services {
        let ServiceAuth::Exchange { audience: None, resource: None, .. } = &service.policy.auth else {
            continue;
        };
        if facts.routes.iter().flat_map(|route| &route.services).any(|called| called.service == service.name)
        {
            all.push(format!(
                "the token for `{}` is exchanged without `audience` or `resource`: other services may take it too",
                service.name
            ));
        }
    }
}

/// Secrets whose values stand in `frontdesk.yaml`.
fn written_secrets(bff: &BffPlan, catalog: &Catalog, all: &mut Vec<String>) {
    for (name, text) in &catalog.platform.secrets {
        if text.literal().is_some() && names_secret(bff, name) {
            all.push(format!(
                "the secret `{name}` stands in frontdesk.yaml; write `${{env:…}}` or `${{file:…}}`"
            ));
        }
    }
    let loose = |issuer: &Issuer| matches!(issuer, Issuer::Url(url) if url.starts_with("http://"));
    for method in &bff.config.perimeter.auth {
        let uses = match method {
            AuthMethod::Session(session) => session.providers.as_slice(),
            AuthMethod::Device(device) => std::slice::from_ref(&device.provider),
            _ => continue,
        };
        if let Some(used) = uses.iter().find(|used| loose(&used.issuer)) {
            all.push(format!("the provider `{}` is asked over http://: for development only", used.name));
        }
        let binds = uses.iter().any(|used| used.dpop != Demand::Off);
        if !binds && matches!(method, AuthMethod::Device(_)) {
            all.push("the tokens behind `device` are not bound to a key; add `dpop: \"auto\"`".to_owned());
        }
    }
}

fn names_secret(bff: &BffPlan, name: &str) -> bool {
    bff.config.perimeter.auth.iter().flat_map(AuthMethod::secrets).any(|secret| &*secret.name == name)
}
