//! Secrets by name, and how a BFF proves itself to a provider.

use frontdesk_catalog::config::is_secret_name;
use frontdesk_diagnostics::codes::perimeter as codes;
use frontdesk_diagnostics::{Diagnostic, Span};

use super::called::{self, Call};
use crate::define::Reader;
use crate::define::written::{Node, Written};
use crate::model::{Client, ClientAuth, SecretName};

/// `secret("WEB_CLIENT_SECRET")`
pub(super) fn read(node: &Node<'_>, name: &str, reader: &mut Reader<'_>) -> Option<SecretName> {
    match called::call(node, &["secret"], reader) {
        Call::Of(_, call) => {
            let arguments = called::arguments(call, 1..=1, "secret(\"WEB_CLIENT_SECRET\")", reader)?;
            let argument = arguments.first()?;
            let name = argument.text("secret", reader)?;
            if is_secret_name(&name) {
                return Some(SecretName { name, span: argument.span });
            }
            argument.wrong(
                "this is not the name of a secret",
                "name it like an environment variable, with letters, digits and `_`: `secret(\"WEB_CLIENT_SECRET\")`",
                reader,
            );
            None
        }
        Call::Reported => None,
        Call::Other if matches!(node.value, Written::Text(_)) => {
            written(node.span, reader);
            None
        }
        Call::Other => {
            node.unfit(name, "a secret: `secret(\"WEB_CLIENT_SECRET\")`", reader);
            None
        }
    }
}

fn written(span: Span, reader: &mut Reader<'_>) {
    reader.found.push(
        Diagnostic::error(
            codes::SECRET_WRITTEN,
            "a secret stands in the code",
            span,
            "whoever reads the repository has it",
        )
        .help(
            "name it: `secret(\"WEB_CLIENT_SECRET\")`, and give its value to the server, as the environment \
             variable of this name or under `secrets` in `frontdesk.yaml`; if it is a real one, have it changed",
        ),
    );
}

/// `client: { id: "web", auth: privateKeyJwt(secret("…")) }`
pub(super) fn client(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Client> {
    let fields = node.fields("client", "`client`", &["id", "auth"], &[], reader)?;
    let id = fields.require("id", "id: \"web-bff\"", reader).and_then(|node| node.text("id", reader));
    if fields.lacks("auth") {
        not_confidential(fields.span(), "`auth` is missing here", reader);
    }
    let auth = fields.value("auth").and_then(|node| client_auth(node, reader));
    let id = id?;
    if id.trim().is_empty() {
        fields.value("id")?.wrong("`id` is empty", "write what the provider knows this BFF as", reader);
        return None;
    }
    Some(Client { id, auth: auth? })
}

fn client_auth(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<ClientAuth> {
    match called::call(node, &["privateKeyJwt", "clientSecret", "secret"], reader) {
        Call::Of("privateKeyJwt", call) => {
            let example = "privateKeyJwt(secret(\"WEB_CLIENT_KEY\"))";
            let arguments = called::arguments(call, 1..=1, example, reader)?;
            read(arguments.first()?, "privateKeyJwt", reader).map(ClientAuth::PrivateKeyJwt)
        }
        Call::Of("clientSecret", call) => {
            let example = "clientSecret(secret(\"WEB_CLIENT_SECRET\"))";
            let arguments = called::arguments(call, 1..=2, example, reader)?;
            let secret = read(arguments.first()?, "clientSecret", reader);
            let is_post = match arguments.get(1) {
                Some(options) => {
                    let fields =
                        options.fields("clientSecret", "`clientSecret`", &["method"], &[], reader)?;
                    match fields.value("method") {
                        Some(method) => method.word("method", &["basic", "post"], reader)? == "post",
                        None => false,
                    }
                }
                None => false,
            };
            Some(if is_post { ClientAuth::SecretPost(secret?) } else { ClientAuth::SecretBasic(secret?) })
        }
        Call::Of(..) => {
            node.wrong(
                "`auth` says how the secret is used",
                "write `clientSecret(secret(\"…\"))`, or `privateKeyJwt(secret(\"…\"))` for a private key",
                reader,
            );
            None
        }
        Call::Reported => None,
        Call::Other => {
            match &node.value {
                Written::Text(text) if &**text == "none" => {
                    not_confidential(node.span, "this client proves nothing", reader);
                }
                Written::Text(_) => written(node.span, reader),
                _ => node.unfit(
                    "auth",
                    "`privateKeyJwt(secret(\"…\"))` or `clientSecret(secret(\"…\"))`",
                    reader,
                ),
            }
            None
        }
    }
}

fn not_confidential(span: Span, label: &str, reader: &mut Reader<'_>) {
    reader.found.push(
        Diagnostic::error(codes::NO_CLIENT_AUTH, "the BFF must be a confidential client", span, label).help(
            "add `auth: privateKeyJwt(secret(\"WEB_CLIENT_KEY\"))`, or \
             `auth: clientSecret(secret(\"WEB_CLIENT_SECRET\"))`",
        ),
    );
}
