//! `apiKeys({ … })` and `certificate({ … })`: machines of partners.

use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::perimeter as codes;
use oxc_ast::ast::CallExpression;

use super::{called, header, scopes};
use crate::define::Reader;
use crate::define::written::Node;
use crate::model::{ApiKeyAuth, CertificateAuth, CertificateClient};
use crate::parse::span_of;

const HEADER: &str = "x-api-key";

pub(super) fn api_keys<'a>(call: &'a CallExpression<'a>, reader: &mut Reader<'_>) -> Option<ApiKeyAuth> {
    let arguments = called::arguments(call, 0..=1, "apiKeys({ header: \"x-api-key\" })", reader)?;
    let mut keys = ApiKeyAuth { header: HEADER.into(), span: span_of(reader.file, call.span) };
    let Some(node) = arguments.first() else { return Some(keys) };
    let fields = node.fields("apiKeys", "`apiKeys`", &["header"], &[], reader)?;
    if let Some(node) = fields.value("header") {
        let text = node.text("header", reader)?;
        match header::name(&text) {
            Some(name) if header::taken(&name).is_none() => {
                keys.header = name;
            }
            Some(name) => {
                let why = header::taken(&name).unwrap_or("it is taken");
                reader.found.push(
                    Diagnostic::error(
                        codes::HEADER_NEVER_PASSES,
                        format!("a key cannot stand in `{name}`"),
                        node.span,
                        why,
                    )
                    .help("write `\"x-api-key\"`, or `\"authorization\"` for `Bearer <key>`"),
                );
            }
            None => node.wrong(format!("`{text}` is not a header's name"), "write `\"x-api-key\"`", reader),
        }
    }
    Some(keys)
}

pub(super) fn certificate<'a>(
    node: &Node<'a>,
    call: &'a CallExpression<'a>,
    reader: &mut Reader<'_>,
) -> Option<CertificateAuth> {
    let fields = node.fields("certificate", "`certificate`", &["clients"], &[], reader)?;
    let example = "clients: { \"partner.example.com\": { subject: \"partner\" } }";
    let written = fields.require("clients", example, reader)?;
    let mut clients: Vec<CertificateClient> = Vec::new();
    for entry in written.entries("clients", reader) {
        if entry.name.is_empty() || entry.name.contains('*') || entry.name.chars().any(char::is_whitespace) {
            reader.found.push(
                Diagnostic::error(
                    codes::CONTRADICTION,
                    format!("`{}` names no one certificate", entry.name),
                    entry.name_span,
                    "compared exactly with the names in the certificate",
                )
                .help("write the DNS name or URI as it stands in it: `\"partner.example.com\"`"),
            );
            continue;
        }
        let read = entry.value.fields("clients", "a client", &["subject", "scopes"], &[], reader);
        let Some(client) = read else { continue };
        let subject = match client.value("subject") {
            Some(node) => node.text("subject", reader),
            None => Some(entry.name.clone()),
        };
        let may = client.value("scopes").map(|node| scopes(node, "scopes", reader)).unwrap_or_default();
        clients.extend(subject.map(|subject| CertificateClient {
            name: entry.name.clone(),
            subject,
            scopes: may,
        }));
    }
    Some(CertificateAuth { clients, span: span_of(reader.file, call.span) })
}
