//! A workspace's files → its [`Catalog`].

use std::sync::Arc;

use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, Severity, Sources, codes};
use frontdesk_types::{Type, Types};

use crate::catalog::{
    Binding, Catalog, Effect, Endpoints, Operation, ParamPlace, Service, ServiceKind, Text,
};
use crate::config::{self, SchemaEntry, ServiceEntry, Spanned};
use crate::files::resolve_path;
use crate::{FileProblem, Files, batch, openapi, proto, sample};

/// Reads `frontdesk.yaml`, its overlay for `environment`, and every schema they name.
///
/// Always gives a catalogue, of what could be read: whoever goes on looks at [`Diagnostics::has_errors`] first.
/// Every text that was read is in `sources` afterwards.
pub fn load(
    files: &dyn Files,
    environment: Option<&str>,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Catalog {
    let config = config::read(files, environment, sources, diagnostics);
    let mut catalog = Catalog { services: Vec::new(), types: Types::default(), platform: config.platform };
    for entry in config.services {
        let service = load_service(entry, files, sources, &mut catalog.types, diagnostics);
        catalog.services.push(service);
    }
    catalog
}

fn load_service(
    entry: ServiceEntry,
    files: &dyn Files,
    sources: &mut Sources,
    types: &mut Types,
    diagnostics: &mut Diagnostics,
) -> Service {
    let mut service = Service {
        name: entry.name.clone(),
        kind: ServiceKind::OpenApi,
        doc: None,
        span: entry.span,
        schema_path: None,
        policy: entry.policy.clone(),
        traffic: entry.traffic.clone(),
        operations: Vec::new(),
        messages: Vec::new(),
    };
    let mut item_limits = Vec::new();
    match &entry.schema {
        SchemaEntry::OpenApi(path) => {
            let offered = openapi::read(&entry.name, path, files, sources, types, diagnostics);
            service.schema_path = Some(path.value.as_str().into());
            service.doc = offered.doc;
            service.operations = offered.operations;
            item_limits = offered.item_limits;
        }
        SchemaEntry::Grpc(path) => {
            let offered =
                proto::read(&entry.name, &path.value, path.span, files, sources, types, diagnostics);
            service.kind = ServiceKind::Grpc;
            service.schema_path = Some(path.value.as_str().into());
            service.operations = offered.operations;
            service.messages = offered.messages;
        }
        SchemaEntry::Sampled(operations) => {
            service.kind = ServiceKind::Sampled;
            service.operations = sample::read(operations, files, sources, diagnostics);
            diagnostics.push(inferred_note(&entry));
        }
    }
    let versions = entry.traffic.versions.iter().map(|version| &version.policy);
    for policy in [&entry.policy].into_iter().chain(versions) {
        if let Endpoints::File(path) = &policy.endpoints {
            check_endpoint_file(path, files, sources, diagnostics);
        }
    }
    let mut found = Vec::new();
    for name in &entry.reads {
        let at = batch::find(&entry.name, &name.value, name.span, &service.operations, &mut found);
        if let Some(operation) = at.and_then(|at| service.operations.get_mut(at)) {
            operation.effect = Effect::Reads;
        }
    }
    for (operation, param) in &entry.fields {
        set_fields_param(&entry.name, operation, param, &mut service.operations, &mut found);
    }
    batch::resolve(&entry.name, &entry.batch, &item_limits, &mut service.operations, types, &mut found);
    diagnostics.extend(found);
    service
}

/// A file of endpoints in the workspace must be good now; one elsewhere may be there only where the server runs.
fn check_endpoint_file(path: &Text, files: &dyn Files, sources: &mut Sources, diagnostics: &mut Diagnostics) {
    let Some(written) = path.literal().filter(|path| !path.starts_with('/')) else { return };
    match resolve_path("", written).ok_or(FileProblem::Missing).and_then(|path| files.text(&path)) {
        Ok(text) => {
            config::endpoint_list(written, text, sources, diagnostics);
        }
        Err(problem) => diagnostics.push(
            Diagnostic::error(
                codes::catalog::BAD_VALUE,
                format!("the endpoints in `{written}` cannot be read"),
                path.span,
                problem.to_string(),
            )
            .help(
                "put the file into the workspace; one that only the machine has that serves is named by its \
                 whole path: `file: /etc/frontdesk/endpoints.yaml`",
            ),
        ),
    }
}

fn inferred_note(entry: &ServiceEntry) -> Diagnostic {
    Diagnostic::new(
        Severity::Note,
        codes::catalog::TYPES_INFERRED,
        format!("the types of service `{}` are inferred from samples", entry.name),
        entry.span,
        "this service has no schema",
    )
}

/// `fields: { listProducts: fields }`: the parameter leaves the arguments, since the planner fills it in.
fn set_fields_param(
    service: &str,
    operation: &Spanned<Arc<str>>,
    param: &Spanned<String>,
    operations: &mut [Operation],
    found: &mut Vec<Diagnostic>,
) {
    let Some(at) = batch::find(service, &operation.value, operation.span, operations, found) else { return };
    let Some(Operation { binding, args, .. }) = operations.get_mut(at) else { return };
    let Binding::Http(http) = binding else {
        found.push(
            Diagnostic::error(
                codes::catalog::BAD_VALUE,
                format!("`{}` is not an HTTP operation", operation.value),
                operation.span,
                "has no query parameters",
            )
            .help("take it out; a gRPC request with a `google.protobuf.FieldMask` is filled in by itself"),
        );
        return;
    };
    let is_named = |wire: &str| *wire == *param.value;
    let declared = http.params.iter().position(|p| p.place == ParamPlace::Query && is_named(&p.wire));
    if let Some(at) = declared {
        let removed = http.params.remove(at);
        if let Type::Object(object) = args {
            Arc::make_mut(object).fields.retain(|field| field.name != removed.arg);
        }
    } else if let Some(near) = nearest(&param.value, http.params.iter().map(|param| &*param.wire)) {
        found.push(
            Diagnostic::error(
                codes::catalog::BAD_VALUE,
                format!("`{}` has no query parameter `{}`", operation.value, param.value),
                param.span,
                "not declared by the service's schema",
            )
            .help(format!("did you mean `{near}`?")),
        );
        return;
    }
    http.fields_param = Some(param.value.as_str().into());
}
