//! The facts for tools.

use frontdesk_lang::model::RateRule;
use serde_json::{Value, json};

use super::{AccessFacts, BffSecurity, RouteSecurity};

/// A list with an object for each BFF. Times are in seconds.
pub fn json(facts: &[BffSecurity]) -> Value {
    facts.iter().map(bff).collect()
}

fn bff(facts: &BffSecurity) -> Value {
    json!({
        "bff": &*facts.name,
        "origin": facts.origin,
        "auth": facts.methods.iter().map(|method| json!({ "method": method.name, "details": method.details })).collect::<Vec<_>>(),
        "csrfHeader": facts.csrf_header.as_deref(),
        "cors": facts.cors.as_ref().map(|cors| json!({
            "origins": cors.origins.iter().map(|origin| &**origin).collect::<Vec<_>>(),
            "credentials": cors.credentials,
        })),
        "csp": facts.csp.as_deref(),
        "rates": rates(&facts.rates),
        "routes": facts.routes.iter().map(route).collect::<Vec<_>>(),
        "relaxations": facts.relaxations.iter().map(|one| json!({ "what": one.what, "because": &*one.because })).collect::<Vec<_>>(),
        "attention": facts.attention,
    })
}

fn route(route: &RouteSecurity) -> Value {
    let access = match &route.access {
        AccessFacts::Public => json!({ "public": true }),
        AccessFacts::Needs { methods, scopes, acr, max_age, approval } => json!({
            "public": false,
            "methods": methods,
            "scopes": texts(scopes),
            "acr": texts(acr),
            "maxAge": max_age.map(|age| age.as_secs()),
            "approval": approval,
        }),
    };
    json!({
        "kind": route.kind.name(),
        "method": &*route.method,
        "path": route.path,
        "name": &*route.name,
        "access": access,
        "crossSite": route.cross_site.name(),
        "rates": rates(&route.rates),
        "cost": route.cost,
        "services": route.services.iter().map(|called| json!({
            "service": &*called.service,
            "auth": called.auth,
            "carries": called.carries,
        })).collect::<Vec<_>>(),
        "because": route.because.as_deref(),
    })
}

fn rates(rules: &[RateRule]) -> Value {
    let rule = |rule: &RateRule| {
        json!({
            "per": rule.per.name(),
            "requests": rule.requests,
            "every": rule.every.as_secs(),
            "burst": rule.burst,
        })
    };
    rules.iter().map(rule).collect()
}

fn texts(all: &[std::sync::Arc<str>]) -> Vec<&str> {
    all.iter().map(|text| &**text).collect()
}
