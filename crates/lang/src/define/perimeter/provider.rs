//! How a BFF uses a provider of identity: issuer, client, scopes.

use std::sync::Arc;

use frontdesk_catalog::ProviderId;
use frontdesk_catalog::config::issuer_problem;
use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::perimeter as codes;
use frontdesk_diagnostics::nearest::nearest;

use super::{Setting, scopes, secret, texts};
use crate::define::Reader;
use crate::define::written::{Fields, Node};
use crate::model::{Demand, Issuer, ProviderUse};

pub(super) const KEYS: [&str; 7] = ["issuer", "client", "scopes", "resources", "par", "dpop", "parameters"];

/// Parameters of the authorization request that are not the author's to choose.
const OURS: [&str; 17] = [
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "nonce",
    "redirect_uri",
    "request",
    "request_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "code_verifier",
];

/// The name of a provider that was given none.
pub(super) const ONLY: &str = "default";

/// `issuer: "harbor"` or `issuer: "https://login.example.com"`
pub(super) fn issuer(node: &Node<'_>, setting: Setting<'_>, reader: &mut Reader<'_>) -> Option<Issuer> {
    let text = node.text("issuer", reader)?;
    if text.contains("://") {
        if let Some((is, help)) = issuer_problem(&text) {
            reader.found.push(
                Diagnostic::error(codes::BAD_ISSUER, format!("`{text}` {is}"), node.span, is).help(help),
            );
            return None;
        }
        return Some(Issuer::Url(text));
    }
    let providers = &setting.catalog.platform.providers;
    if let Some(at) = providers.iter().position(|provider| provider.name == text) {
        return u32::try_from(at).ok().map(ProviderId).map(Issuer::Named);
    }
    if reader.catalog_is_broken {
        // It may be there once `frontdesk.yaml` is mended.
        return None;
    }
    let names = providers.iter().map(|provider| &*provider.name);
    let help = match nearest(&text, names) {
        Some(near) => format!("did you mean `{near}`?"),
        None if text.contains('.') => format!("write `https://{text}`"),
        None => format!(
            "add `providers: {{ {text}: {{ issuer: https://login.example.com }} }}` to `frontdesk.yaml`, or write \
             the issuer's URL"
        ),
    };
    reader.found.push(
        Diagnostic::error(
            codes::BAD_ISSUER,
            format!("no provider is called `{text}`"),
            node.span,
            "not one of `providers` in `frontdesk.yaml`",
        )
        .help(help),
    );
    None
}

/// The use that `fields` describes. `name` is what the author calls it, if there are several.
pub(super) fn read(
    fields: &Fields<'_, '_>,
    name: Option<&Arc<str>>,
    setting: Setting<'_>,
    reader: &mut Reader<'_>,
) -> Option<ProviderUse> {
    let issuer = fields.require("issuer", "issuer: \"https://login.example.com\"", reader);
    let issuer = issuer.and_then(|node| self::issuer(node, setting, reader));
    let example = "client: { id: \"web-bff\", auth: privateKeyJwt(secret(\"WEB_CLIENT_KEY\")) }";
    let client = fields.require("client", example, reader).and_then(|node| secret::client(node, reader));
    let mut asked = fields.value("scopes").map(|node| scopes(node, "scopes", reader)).unwrap_or_default();
    if !asked.iter().any(|scope| &**scope == "openid") {
        asked.insert(0, "openid".into());
    }
    let resources = fields.value("resources").map(|node| resources(node, reader)).unwrap_or_default();
    let par = match fields.value("par") {
        Some(node) => demand(node.word("par", &["auto", "required"], reader)),
        None => Demand::Auto,
    };
    let dpop = match fields.value("dpop") {
        Some(node) => demand(node.word("dpop", &["auto", "required", "off"], reader)),
        None => Demand::Off,
    };
    let extra = fields.value("parameters").map(|node| parameters(node, reader)).unwrap_or_default();
    let (issuer, client) = (issuer?, client?);
    let known_as = match (&issuer, name) {
        (_, Some(name)) => name.clone(),
        (Issuer::Named(id), None) => {
            let provider = setting.catalog.platform.providers.get(id.0 as usize);
            provider.map_or_else(|| ONLY.into(), |provider| provider.name.clone())
        }
        (Issuer::Url(_), None) => ONLY.into(),
    };
    Some(ProviderUse {
        name: known_as,
        issuer,
        client_id: client.id,
        client_auth: client.auth,
        scopes: asked,
        resources,
        par,
        dpop,
        extra,
        span: fields.span(),
    })
}

pub(super) fn demand(word: Option<&str>) -> Demand {
    match word {
        Some("required") => Demand::Required,
        Some("off") => Demand::Off,
        _ => Demand::Auto,
    }
}

/// RFC 8707 §2: absolute URIs without fragments.
fn resources(node: &Node<'_>, reader: &mut Reader<'_>) -> Vec<Arc<str>> {
    let all = texts(node, "resources", reader);
    for resource in all.iter().filter(|resource| !resource.contains(':') || resource.contains('#')) {
        node.wrong(
            format!("`{resource}` is not an absolute URI without a fragment"),
            "write for instance `\"https://api.example.com\"` (RFC 8707 §2)",
            reader,
        );
    }
    all
}

fn parameters(node: &Node<'_>, reader: &mut Reader<'_>) -> Vec<(Arc<str>, Arc<str>)> {
    let mut parameters = Vec::new();
    for entry in node.entries("parameters", reader) {
        if OURS.contains(&&*entry.name) {
            reader.found.push(
                Diagnostic::error(
                    codes::CONTRADICTION,
                    format!("`{}` is not yours to set", entry.name),
                    entry.name_span,
                    "the login sends its own",
                )
                .help("take it out; `scopes`, `resources` and `dpop` are settings of their own"),
            );
            continue;
        }
        parameters.extend(entry.value.text("parameters", reader).map(|value| (entry.name.clone(), value)));
    }
    parameters
}
