//! Methods → operations.

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_diagnostics::{Diagnostic, codes};
use frontdesk_types::Origin;
use prost_reflect::{Kind, MethodDescriptor, ServiceDescriptor};

use super::ProtoSchema;
use super::message::{Messages, says};
use super::place::Opened;
use crate::names::lower_camel;
use crate::{Binding, Effect, GrpcBinding, Operation};

/// `google.protobuf.MethodOptions.IdempotencyLevel.NO_SIDE_EFFECTS`
const NO_SIDE_EFFECTS: i32 = 1;

/// The operations of the services that `opened` offers; `path` is the schema's, for messages.
pub(super) fn read(path: &str, opened: &Opened, mut messages: Messages<'_>) -> ProtoSchema {
    let services: Vec<ServiceDescriptor> =
        opened.files.iter().flat_map(|file| file.services().collect::<Vec<_>>()).collect();
    if services.is_empty() {
        messages.say(
            Diagnostic::warning(
                codes::catalog::SCHEMA_WRONG,
                format!("`{path}` declares no service"),
                opened.places.mention,
                "so there is nothing to call",
            )
            .help("name the file with the `service` block; what it imports is found by itself"),
        );
    }
    let methods: Vec<MethodDescriptor> = services
        .iter()
        .flat_map(|service| service.methods().collect::<Vec<_>>())
        .filter(|method| is_callable(method, &mut messages))
        .collect();
    let names = names(&methods, &mut messages);
    let operations =
        methods.iter().zip(names).map(|(method, name)| operation(method, name, &mut messages)).collect();
    ProtoSchema { operations, messages: messages.finish() }
}

/// A view asks once and gets one answer; a stream of messages has no place in it.
fn is_callable(method: &MethodDescriptor, messages: &mut Messages<'_>) -> bool {
    if !method.is_client_streaming() && !method.is_server_streaming() {
        return true;
    }
    let span = messages.span(&method.parent_service().parent_file(), method.path());
    messages.say(
        Diagnostic::warning(
            codes::catalog::OPERATION_SKIPPED,
            format!("the method `{}` streams", method.name()),
            span,
            "cannot be called from a view or an action",
        )
        .help("ask the service's owner for a method without `stream` that gives what the screen needs"),
    );
    false
}

/// A name for each method: its own, or that of its service and its own where two services have the same.
fn names(methods: &[MethodDescriptor], messages: &mut Messages<'_>) -> Vec<Arc<str>> {
    let mut uses: HashMap<String, usize> = HashMap::new();
    for method in methods {
        *uses.entry(lower_camel(method.name())).or_default() += 1;
    }
    let mut names: Vec<Arc<str>> = Vec::with_capacity(methods.len());
    for method in methods {
        let plain = lower_camel(method.name());
        if uses.get(&plain) == Some(&1) {
            names.push(plain.into());
            continue;
        }
        let service = method.parent_service();
        let long = lower_camel(&format!("{}_{}", service.name(), method.name()));
        let name = if names.iter().any(|taken| **taken == *long) || uses.contains_key(&long) {
            lower_camel(&format!("{}_{}", service.full_name(), method.name()))
        } else {
            long
        };
        let span = messages.span(&service.parent_file(), method.path());
        messages.say(
            Diagnostic::warning(
                codes::catalog::NAME_TAKEN,
                format!("several methods are called `{plain}`"),
                span,
                format!("this one is called as `{name}`"),
            )
            .help("make an entry in frontdesk.yaml for each service, with a `.proto` file of its own"),
        );
        names.push(name.into());
    }
    names
}

fn operation(method: &MethodDescriptor, name: Arc<str>, messages: &mut Messages<'_>) -> Operation {
    let service = method.parent_service();
    let file = service.parent_file();
    let options = method.options();
    let level = options.get_field_by_name("idempotency_level");
    let reads = level.is_some_and(|level| level.as_enum_number() == Some(NO_SIDE_EFFECTS));
    let mask_arg = if reads { mask(method) } else { None };
    Operation {
        name,
        doc: messages.doc(&file, method.path()),
        origin: Origin { span: messages.span(&file, method.path()), schema: service.name().into() },
        args: messages.args(&method.input(), mask_arg.as_deref()),
        result: messages.result(&method.output()),
        effect: if reads { Effect::Reads } else { Effect::Writes },
        batch: None,
        binding: Binding::Grpc(GrpcBinding {
            path: format!("/{}/{}", service.full_name(), method.name()).into(),
            request: messages.id(&method.input()),
            response: messages.id(&method.output()),
            mask_arg,
        }),
        deprecated: says(&options, "deprecated") || says(&service.options(), "deprecated"),
    }
}

/// The field of a reading method's request that says which fields to answer. In a method that writes, a mask says
/// what to change, which is the caller's business.
fn mask(method: &MethodDescriptor) -> Option<Arc<str>> {
    let mut fields = method.input().fields().collect::<Vec<_>>().into_iter();
    let field = fields.find(|field| match field.kind() {
        Kind::Message(message) => !field.is_list() && message.full_name() == "google.protobuf.FieldMask",
        _ => false,
    })?;
    Some(field.json_name().into())
}
