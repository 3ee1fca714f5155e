//! Settings of a BFF that cannot both hold, or that could never work.

use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::perimeter as codes;
use frontdesk_diagnostics::nearest::nearest;

use super::Setting;
use crate::define::Reader;
use crate::model::{AuthMethod, Perimeter};

pub(super) fn check(perimeter: &Perimeter, setting: Setting<'_>, reader: &mut Reader<'_>) {
    one_reader_of_authorization(perimeter, reader);
    certificates_are_asked_for(perimeter, setting, reader);
    origin_is_known(perimeter, setting, reader);
    secrets_are_listed(perimeter, setting, reader);
}

/// A secret that is not listed comes from the environment, unless its name is a slip of the pen.
fn secrets_are_listed(perimeter: &Perimeter, setting: Setting<'_>, reader: &mut Reader<'_>) {
    let listed = || setting.catalog.platform.secrets.iter().map(|(name, _)| &**name);
    for secret in perimeter.auth.iter().flat_map(AuthMethod::secrets) {
        if listed().any(|name| name == &*secret.name) {
            continue;
        }
        let Some(near) = nearest(&secret.name, listed()) else { continue };
        reader.found.push(
            Diagnostic::warning(
                codes::SECRET_MISSPELT,
                format!("`secrets` in `frontdesk.yaml` has no `{}`", secret.name),
                secret.span,
                format!("did you mean `{near}`?"),
            )
            .note("a secret that is not listed comes from the environment variable of its name"),
        );
    }
}

/// API keys in `Authorization` and tokens in `Authorization` cannot be told apart.
fn one_reader_of_authorization(perimeter: &Perimeter, reader: &mut Reader<'_>) {
    let keys = perimeter.auth.iter().find_map(|method| match method {
        AuthMethod::ApiKeys(keys) if &*keys.header == "authorization" => Some(keys.span),
        _ => None,
    });
    let tokens = perimeter.auth.iter().find(|m| matches!(m, AuthMethod::Bearer(_) | AuthMethod::Device(_)));
    if let (Some(keys), Some(tokens)) = (keys, tokens) {
        reader.found.push(
            Diagnostic::error(
                codes::CONTRADICTION,
                format!("`apiKeys` and `{}` both read `Authorization`", tokens.name()),
                keys,
                "is it a key or a token?",
            )
            .label(tokens.span(), "reads it too")
            .help("let keys stand in a header of their own: `apiKeys({ header: \"x-api-key\" })`"),
        );
    }
}

/// A client certificate can only come over TLS that asks for one.
fn certificates_are_asked_for(perimeter: &Perimeter, setting: Setting<'_>, reader: &mut Reader<'_>) {
    let certificate = perimeter.auth.iter().find(|m| matches!(m, AuthMethod::Certificate(_)));
    let listener = setting.catalog.platform.bffs.iter().find(|bff| &*bff.name == setting.folder);
    let (Some(method), Some(listener), false) = (certificate, listener, reader.catalog_is_broken) else {
        return;
    };
    let asks = listener.listener.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
    if !asks {
        reader.found.push(
            Diagnostic::error(
                codes::CONTRADICTION,
                format!("the listener of `{}` asks for no client certificate", setting.folder),
                method.span(),
                "nobody could ever show one",
            )
            .label(listener.span, "this listener")
            .help("add `tls: { cert: …, key: …, client-ca: certs/partners.pem }` to it"),
        );
    }
}

/// A login needs to know where browsers reach the BFF, unless that is this machine.
fn origin_is_known(perimeter: &Perimeter, setting: Setting<'_>, reader: &mut Reader<'_>) {
    let session = perimeter.auth.iter().find(|m| matches!(m, AuthMethod::Session(_) | AuthMethod::Device(_)));
    let listener = setting.catalog.platform.bffs.iter().find(|bff| &*bff.name == setting.folder);
    let (Some(method), Some(listener), false) = (session, listener, reader.catalog_is_broken) else { return };
    let host = listener.listener.address.literal().and_then(|address| address.rsplit_once(':'));
    let Some((host, _)) = host else { return };
    let is_local = frontdesk_catalog::config::is_loopback(host.trim_matches(['[', ']']));
    if listener.origin.is_none() && !is_local {
        reader.found.push(
            Diagnostic::warning(
                codes::NO_ORIGIN,
                format!("`{}` has no `origin`", setting.folder),
                listener.span,
                "where do browsers come back to after a login?",
            )
            .label(method.span(), "logins begin here")
            .help(
                "add `origin: https://shop.example.com` to the listener; `serve` does not start without it",
            ),
        );
    }
}
