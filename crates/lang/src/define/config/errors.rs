//! `errors` of `bff.ts`: how problems are answered, and what failed calls become.

use std::sync::Arc;

use frontdesk_catalog::{Catalog, OperationId, ServiceId};
use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::endpoint as codes;
use frontdesk_diagnostics::nearest::nearest;

use crate::define::Reader;
use crate::define::written::{Node, Property, Written};
use crate::model::{ErrorMapping, Problem};

/// Reads all rows: first the problems, then the failures that are turned into them.
pub(super) fn read(node: &Node<'_>, catalog: &Catalog, reader: &mut Reader<'_>) -> Vec<ErrorMapping> {
    let rows = node.entries("errors", reader);
    let is_mapping = |row: &&Property<'_>| matches!(row.value.value, Written::Text(_));
    let mut mappings: Vec<ErrorMapping> = rows
        .iter()
        .filter(|row| !is_mapping(row))
        .filter_map(|row| problem(row, reader))
        .map(ErrorMapping::Problem)
        .collect();
    let codes: Vec<Arc<str>> =
        rows.iter().filter(|row| !is_mapping(row)).map(|row| row.name.clone()).collect();
    mappings.extend(rows.iter().filter(is_mapping).filter_map(|row| fault(row, &codes, catalog, reader)));
    mappings
}

/// `cart_empty: { status: 409, title: "…" }`
fn problem(row: &Property<'_>, reader: &mut Reader<'_>) -> Option<Problem> {
    if !is_code(&row.name) {
        let help = if row.name.contains(['.', ':']) {
            "to turn a failed call into a problem write the problem's code: `\"cart.getCart:404\": \"cart_not_found\"`"
        } else {
            "write it as `cart_empty`: lower case letters, digits and `_`"
        };
        reader.found.push(
            Diagnostic::error(
                codes::BAD_ERROR_MAPPING,
                format!("`{}` is not a problem code", row.name),
                row.name_span,
                "codes are part of the contract, and all alike",
            )
            .help(help),
        );
        return None;
    }
    let fields = row.value.fields(&row.name, "a problem", &["status", "title"], &[], reader)?;
    let status = fields.require("status", "status: 409", reader)?;
    Some(Problem {
        code: row.name.clone(),
        status: status.problem_status("status", reader)?,
        title: fields.value("title").and_then(|node| node.text("title", reader)),
    })
}

/// `"cart.getCart:404": "cart_not_found"`
fn fault(
    row: &Property<'_>,
    known: &[Arc<str>],
    catalog: &Catalog,
    reader: &mut Reader<'_>,
) -> Option<ErrorMapping> {
    let code = row.value.text("errors", reader)?;
    let mut refuse = |message: String, label: String, help: &str| {
        let diagnostic = Diagnostic::error(codes::BAD_ERROR_MAPPING, message, row.name_span, label);
        reader.found.push(diagnostic.help(help));
    };
    let (call, status) = match row.name.split_once(':') {
        Some((call, status)) => (call, Some(status)),
        None => (&*row.name, None),
    };
    let status = match status.map(str::parse::<u16>) {
        None => None,
        Some(Ok(status)) if (400..=599).contains(&status) => Some(status),
        Some(_) => {
            refuse(
                format!("`{}` does not name a failure", row.name),
                "after `:` stands a status from 400 to 599".to_owned(),
                "write `\"cart.getCart:404\"`",
            );
            return None;
        }
    };
    let (service, operation) = match call.split_once('.') {
        Some((service, operation)) => (service, Some(operation)),
        None => (call, None),
    };
    if reader.catalog_is_broken && catalog.service(service).is_none() {
        // It may be there once `frontdesk.yaml` is mended.
        return None;
    }
    let mut refuse = |message: String, label: String, help: &str| {
        let diagnostic = Diagnostic::error(codes::BAD_ERROR_MAPPING, message, row.name_span, label);
        reader.found.push(diagnostic.help(help));
    };
    let (service, operation) = find(service, operation, catalog)
        .map_err(|(message, label)| {
            refuse(
                message,
                label,
                "write `\"service.operation:status\"`, `\"service:status\"` or `\"service.operation\"`",
            );
        })
        .ok()?;
    if !known.contains(&code) {
        let near = nearest(&code, known.iter().map(|code| &**code));
        let help = match near {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("add `{code}: {{ status: 404 }}` to `errors`"),
        };
        reader.found.push(
            Diagnostic::error(
                codes::BAD_ERROR_MAPPING,
                format!("`errors` has no problem `{code}`"),
                row.value.span,
                "not declared",
            )
            .help(help),
        );
        return None;
    }
    Some(ErrorMapping::Fault { service, operation, status, code })
}

type Named = (ServiceId, Option<OperationId>);

/// The service and operation, or the message and label that say which is unknown.
fn find(service: &str, operation: Option<&str>, catalog: &Catalog) -> Result<Named, (String, String)> {
    let Some((service_id, found)) = catalog.service(service) else {
        let near = nearest(service, catalog.services.iter().map(|service| &*service.name));
        let label =
            near.map_or("not a service of this workspace".to_owned(), |n| format!("did you mean `{n}`?"));
        return Err((format!("there is no service `{service}`"), label));
    };
    let Some(operation) = operation else { return Ok((service_id, None)) };
    match found.operation(operation) {
        Some((operation_id, _)) => Ok((service_id, Some(operation_id))),
        // Its schema could not be read, which was reported.
        None if found.operations.is_empty() => Ok((service_id, None)),
        None => {
            let near = nearest(operation, found.operations.iter().map(|operation| &*operation.name));
            let label = near.map_or("not an operation of it".to_owned(), |n| format!("did you mean `{n}`?"));
            Err((format!("the service `{service}` has no operation `{operation}`"), label))
        }
    }
}

/// lower_snake_case.
fn is_code(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
