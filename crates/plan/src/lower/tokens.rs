//! Calls that need a token of whoever asks, where nobody has one.

use std::collections::BTreeSet;

use frontdesk_catalog::{Service, ServiceAuth};
use frontdesk_diagnostics::codes::perimeter as codes;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, Span};
use frontdesk_lang::model::{Access, AuthMethod, Bff, Demand as Wish, Endpoint, Model, Perimeter};

use super::demand::Demand;
use super::tree::{Tree, VarId};

/// Reports calls of an endpoint that would fail with each request.
pub(crate) fn endpoint(
    model: &Model,
    bff: &Bff,
    tree: &Tree,
    demand: &Demand,
    endpoint: &Endpoint,
    diagnostics: &mut Diagnostics,
) {
    let mut told: BTreeSet<Span> = BTreeSet::new();
    for var in &demand.live {
        let Some(site) = tree.site(VarId(var.0)) else { continue };
        let Some(service) = model.catalog.services.get(site.service.0 as usize) else { continue };
        let Some(why) = lacks_token(&endpoint.access, &bff.config.perimeter, service) else { continue };
        if told.insert(site.span) {
            let name = format!("`{}`", endpoint.name);
            diagnostics.push(why.diagnostic(&name, service, site.span, Some(endpoint.route_span)));
        }
    }
}

/// Reports proxies that would fail with each request.
pub(crate) fn proxies(model: &Model, bff: &Bff, diagnostics: &mut Diagnostics) {
    for proxy in &bff.config.proxies {
        let Some(service) = model.catalog.services.get(proxy.service.0 as usize) else { continue };
        if let Some(why) = lacks_token(&proxy.access, &bff.config.perimeter, service) {
            let name = format!("`{}*`", proxy.prefix);
            diagnostics.push(why.diagnostic(&name, service, proxy.span, None));
        }
    }
}

/// Why nobody who gets this far has the token that a service wants.
enum Lack {
    Public,
    NoAuth,
    /// API keys and certificates only.
    NoToken,
    /// Tokens of bearers, and nobody as whom they could be exchanged.
    NoClient,
    /// Tokens, but none that is bound to a key.
    Unbound,
}

fn lacks_token(access: &Access, perimeter: &Perimeter, service: &Service) -> Option<Lack> {
    let (is_exchanged, bound) = match service.policy.auth {
        ServiceAuth::User { dpop } => (false, dpop),
        ServiceAuth::Exchange { dpop, .. } => (true, dpop),
        _ => return None,
    };
    // What is wrong with `auth` was told; what it would have been is not known.
    if perimeter.is_auth_broken {
        return None;
    }
    if perimeter.auth.is_empty() {
        return Some(Lack::NoAuth);
    }
    if access.public {
        return Some(Lack::Public);
    }
    if !perimeter.auth.iter().any(AuthMethod::has_token) {
        return Some(Lack::NoToken);
    }
    // As whom a bearer's token is exchanged, only `client` says.
    let exchanges = |method: &&AuthMethod| match method {
        AuthMethod::Bearer(bearer) => bearer.client.is_some(),
        other => other.has_token(),
    };
    let mut able = perimeter.auth.iter().filter(|method| !is_exchanged || exchanges(method)).peekable();
    if able.peek().is_none() {
        return Some(Lack::NoClient);
    }
    let binds = |method: &AuthMethod| match method {
        AuthMethod::Session(session) => session.providers.iter().any(|used| used.dpop != Wish::Off),
        AuthMethod::Device(device) => device.provider.dpop != Wish::Off,
        // A bearer's own key is not ours; what its token is exchanged for is bound to a key that is.
        AuthMethod::Bearer(_) => is_exchanged,
        AuthMethod::ApiKeys(_) | AuthMethod::Certificate(_) => false,
    };
    (bound && !able.any(binds)).then_some(Lack::Unbound)
}

impl Lack {
    fn diagnostic(&self, asked: &str, service: &Service, span: Span, route: Option<Span>) -> Diagnostic {
        let name = &service.name;
        let (label, help) = match self {
            Self::Public => (
                format!("{asked} is public: nobody is known, so there is no token"),
                "take `public: true` out, or call a service that wants none",
            ),
            Self::NoAuth => (
                "the BFF has no `auth`: nobody is known, so there is no token".to_owned(),
                "add `auth: session({ … })`, or another method, to `bff.ts`",
            ),
            Self::NoToken => (
                "API keys and certificates come without a token".to_owned(),
                "add `session(…)`, `bearer(…)` or `device(…)` to `auth`, or let the service take `client-credentials`",
            ),
            Self::NoClient => (
                "`bearer` has no `client`, as whom tokens could be exchanged".to_owned(),
                "add `client: { id: \"api-bff\", auth: clientSecret(secret(\"…\")) }` to `bearer`",
            ),
            Self::Unbound => (
                "the BFF asks for no tokens that are bound to a key".to_owned(),
                "add `dpop: \"auto\"` beside `issuer` in `bff.ts`, or take `dpop` out of the service's `auth`",
            ),
        };
        let message = format!("`{name}` wants the caller's token, and there is none");
        let diagnostic = Diagnostic::error(codes::NO_TOKEN, message, span, label)
            .label(service.span, "`auth` of this service says so")
            .help(help);
        match (self, route) {
            (Self::Public, Some(route)) => diagnostic.label(route, "public"),
            _ => diagnostic,
        }
    }
}
