//! A perimeter as a few lines that people can review.

use std::fmt::Write;

use frontdesk_lang::model::{Access, AuthMethod, ClientAuth, Issuer, Perimeter, ProviderUse, RateRule};

pub fn perimeter(p: &Perimeter, out: &mut String) {
    for method in &p.auth {
        write!(out, "  auth {}", method.name()).unwrap();
        match method {
            AuthMethod::Session(s) => {
                write!(out, ", cookie {}, idle {:?}, absolute {:?}", s.cookie, s.idle, s.absolute).unwrap();
                write!(out, ", lax {:?}, remember {}", s.lax.as_ref().map(|b| &*b.0), s.remember).unwrap();
                write!(out, ", most {:?}, rotate {:?}", s.same_user_limit, s.rotate).unwrap();
                writeln!(out, ", background {}, then {}", s.background, s.after_logout).unwrap();
                for used in &s.providers {
                    writeln!(out, "    {}", provider(used)).unwrap();
                }
            }
            AuthMethod::Device(d) => {
                write!(out, ", redirects {:?}, idle {:?}", d.redirects, d.idle).unwrap();
                writeln!(out, ", absolute {:?}, rotate {:?}", d.absolute, d.rotate).unwrap();
                writeln!(out, "    {}", provider(&d.provider)).unwrap();
            }
            AuthMethod::Bearer(b) => {
                let algorithms: Vec<&str> = b.algorithms.iter().map(|a| a.name()).collect();
                write!(out, " of {}, for {:?}, {algorithms:?}", issuer(&b.issuer), b.audiences).unwrap();
                write!(out, ", {:?}, leeway {:?}, scopes {:?}", b.types, b.leeway, b.scopes).unwrap();
                let client = b.client.as_ref().map(|c| format!("{} {}", c.id, client_auth(&c.auth)));
                writeln!(out, ", dpop {:?}, introspect {}, client {client:?}", b.dpop, b.introspect).unwrap();
            }
            AuthMethod::ApiKeys(k) => writeln!(out, " in {}", k.header).unwrap(),
            AuthMethod::Certificate(c) => {
                out.push('\n');
                for client in &c.clients {
                    let (name, subject) = (&client.name, &client.subject);
                    writeln!(out, "    {name} is {subject} and may {:?}", client.scopes).unwrap();
                }
            }
        }
    }
    for claim in &p.claims {
        writeln!(out, "  claim {}: {}", claim.name, crate::summary::schema(&claim.schema)).unwrap();
    }
    if let Some(c) = &p.cors {
        write!(out, "  cors {:?}, headers {:?}, expose {:?}", c.origins, c.headers, c.expose).unwrap();
        writeln!(out, ", credentials {}, {:?}", c.credentials, c.max_age).unwrap();
    }
    if &*p.csrf.header != "x-frontdesk" {
        writeln!(out, "  csrf header {}", p.csrf.header).unwrap();
    }
    let h = &p.headers;
    if !h.forward.is_empty() || !h.answer.is_empty() || h.csp.is_some() {
        writeln!(out, "  forwards {:?}, answers {:?}, csp {:?}", h.forward, h.answer, h.csp).unwrap();
    }
    for rule in &p.rates {
        writeln!(out, "  rate {}", rate(rule)).unwrap();
    }
    if let Some(site) = &p.site {
        writeln!(out, "  site {} falls back to {:?}", site.folder, site.fallback).unwrap();
    }
}

/// Nothing for what is the default of its BFF.
pub fn access(access: &Access, perimeter: &Perimeter, pad: &str, out: &mut String) {
    if access.public && !perimeter.auth.is_empty() {
        writeln!(out, "{pad}public").unwrap();
    }
    let r = &access.requires;
    if *r != frontdesk_lang::model::Requires::default() {
        write!(out, "{pad}requires scopes {:?}, acr {:?}", r.scopes, r.acr).unwrap();
        writeln!(out, ", max age {:?}, approval {}", r.max_age, r.approval).unwrap();
    }
    if let Some(because) = &access.headerless {
        writeln!(out, "{pad}headerless because {}", because.0).unwrap();
    }
    for rule in &access.rates {
        writeln!(out, "{pad}rate {}", rate(rule)).unwrap();
    }
    if access.cost != 1 {
        writeln!(out, "{pad}cost {}", access.cost).unwrap();
    }
}

fn provider(used: &ProviderUse) -> String {
    format!(
        "{} is {} as {} by {}, scopes {:?}, resources {:?}, par {:?}, dpop {:?}, extra {:?}",
        used.name,
        issuer(&used.issuer),
        used.client_id,
        client_auth(&used.client_auth),
        used.scopes,
        used.resources,
        used.par,
        used.dpop,
        used.extra
    )
}

fn issuer(issuer: &Issuer) -> String {
    match issuer {
        Issuer::Named(id) => format!("provider {}", id.0),
        Issuer::Url(url) => url.to_string(),
    }
}

fn client_auth(auth: &ClientAuth) -> String {
    match auth {
        ClientAuth::PrivateKeyJwt(secret) => format!("private_key_jwt {}", secret.name),
        ClientAuth::SecretBasic(secret) => format!("client_secret_basic {}", secret.name),
        ClientAuth::SecretPost(secret) => format!("client_secret_post {}", secret.name),
    }
}

fn rate(rule: &RateRule) -> String {
    format!("{} per {} every {:?}, {} at once", rule.requests, rule.per.name(), rule.every, rule.burst)
}
