//! `bearer({ … })`: access tokens that clients bring.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::perimeter as codes;
use oxc_ast::ast::CallExpression;

use super::{Method, Setting, claims, provider, scopes, secret, texts};
use crate::define::Reader;
use crate::define::written::Node;
use crate::model::{Algorithm, AuthMethod, BearerAuth, Demand};
use crate::parse::span_of;

const KEYS: [&str; 10] = [
    "issuer",
    "audience",
    "algorithms",
    "types",
    "leeway",
    "scopes",
    "dpop",
    "introspect",
    "client",
    "claims",
];
const LEEWAY: Duration = Duration::from_secs(5);
const MOST_LEEWAY: Duration = Duration::from_mins(1);
/// RFC 9068 §2.1.
const TYPE: &str = "at+jwt";
/// What providers sign with in practice; a BFF may narrow or widen it.
const ALGORITHMS: [Algorithm; 4] = [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa];

pub(super) fn read<'a>(
    node: Node<'a>,
    call: &'a CallExpression<'a>,
    setting: Setting<'_>,
    reader: &mut Reader<'_>,
) -> Option<Method> {
    let fields = node.fields("bearer", "`bearer`", &KEYS, &[], reader)?;
    let issuer = fields.require("issuer", "issuer: \"https://login.example.com\"", reader);
    let issuer = issuer.and_then(|node| provider::issuer(node, setting, reader));
    let audience = fields.require("audience", "audience: \"https://api.example.com\"", reader);
    let audiences = audience.map(|node| texts(node, "audience", reader)).unwrap_or_default();
    let algorithms = match fields.value("algorithms") {
        Some(node) => algorithms(node, reader),
        None => ALGORITHMS.to_vec(),
    };
    let types = match fields.value("types") {
        Some(node) => texts(node, "types", reader).iter().map(|ty| media_type(ty)).collect(),
        None => vec![TYPE.into()],
    };
    let leeway = fields.value("leeway").and_then(|node| leeway(node, reader)).unwrap_or(LEEWAY);
    let wanted = fields.value("scopes").map(|node| scopes(node, "scopes", reader)).unwrap_or_default();
    let dpop = match fields.value("dpop") {
        Some(node) => provider::demand(node.word("dpop", &["auto", "required", "off"], reader)),
        None => Demand::Auto,
    };
    let introspect = fields.value("introspect").and_then(|node| node.boolean("introspect", reader));
    let client = fields.value("client").map(|node| secret::client(node, reader));
    if let (Some(true), None, Some(node)) = (introspect, &client, fields.get("introspect")) {
        reader.found.push(
            Diagnostic::error(
                codes::CONTRADICTION,
                "`introspect` without `client`",
                node.name_span,
                "as whom does the BFF ask the provider?",
            )
            .help("add `client: { id: \"api-bff\", auth: clientSecret(secret(\"…\")) }` (RFC 7662 §2.1)"),
        );
    }
    let claims = fields.value("claims").map(|node| claims::read(node, reader)).unwrap_or_default();
    let method = AuthMethod::Bearer(BearerAuth {
        issuer: issuer?,
        audiences,
        algorithms,
        types,
        leeway,
        scopes: wanted,
        client: client.flatten(),
        introspect: introspect.unwrap_or(false),
        dpop,
        span: span_of(reader.file, call.span),
    });
    Some(Method { method, claims })
}

/// `application/at+jwt` is `at+jwt` (RFC 7515 §4.1.9), and letter case does not count.
fn media_type(written: &str) -> Arc<str> {
    let lower = written.to_ascii_lowercase();
    lower.strip_prefix("application/").unwrap_or(&lower).into()
}

fn algorithms(node: &Node<'_>, reader: &mut Reader<'_>) -> Vec<Algorithm> {
    let mut all: Vec<Algorithm> = Vec::new();
    let items = node.items("algorithms", reader);
    for item in items {
        let Some(name) = item.text("algorithms", reader) else { continue };
        if let Some(known) = Algorithm::ALL.into_iter().find(|algorithm| algorithm.name() == &*name) {
            if !all.contains(&known) {
                all.push(known);
            }
            continue;
        }
        let names: Vec<&str> = Algorithm::ALL.iter().map(|algorithm| algorithm.name()).collect();
        let why = match name.to_ascii_lowercase().as_str() {
            "none" => Some("anybody can make a token that nobody signed"),
            "hs256" | "hs384" | "hs512" => Some("whoever can check such a token can also make one"),
            _ => None,
        };
        match why {
            Some(why) => reader.found.push(
                Diagnostic::error(
                    codes::BAD_ALGORITHM,
                    format!("`{name}` is never accepted"),
                    item.span,
                    why,
                )
                .help("write the algorithm that the provider signs with, such as `\"RS256\"` or `\"ES256\"`"),
            ),
            None => {
                item.wrong(
                    format!("`{name}` is not an algorithm that is known here"),
                    format!("write some of `{}`", names.join("`, `")),
                    reader,
                );
            }
        }
    }
    if items.is_empty() {
        node.wrong("no algorithm means no token", "leave it out, or write `[\"RS256\"]`", reader);
    }
    all
}

fn leeway(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Duration> {
    let leeway = node.duration("leeway", reader)?;
    if leeway > MOST_LEEWAY {
        node.wrong("clocks that differ by more than a minute are broken", "write at most `\"60s\"`", reader);
        return None;
    }
    Some(leeway)
}
