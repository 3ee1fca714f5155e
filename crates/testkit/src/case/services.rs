//! `services`: what each service answers, by its operations' names or their paths.

use std::sync::Arc;

use frontdesk_catalog::config::parse_share;
use frontdesk_catalog::tree::{Entry, Map, Node, Value as Written};
use frontdesk_catalog::{Binding, Catalog, Effect, OperationId, PathPart, Service, ServiceId};
use frontdesk_contract::example::{self, Misfit, fits};
use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::testing::FIXTURE_MISFIT;
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_types::{Type, Types};

use super::quantity;
use super::walk::Found;
use crate::fake::{FaultKind, Reply, Scripts, grpc, merge};

const REPLY: [&str; 12] = [
    "args", "status", "headers", "json", "patch", "body", "hex", "delay", "fault", "share", "chunked",
    "misfit",
];

/// What may be said of every operation of a service at once, under this name.
const EVERY: &str = "*";
const HINDRANCE: [&str; 4] = ["status", "delay", "fault", "share"];

/// The scripts that the section behind `entry` says.
pub fn read(catalog: &Catalog, entry: &Entry, diagnostics: &mut Vec<Diagnostic>) -> Scripts {
    let mut found = Found::default();
    let mut scripts = Scripts::default();
    for service in found.map(entry).into_iter().flat_map(|map| map.iter()) {
        let Some((id, known)) = catalog.service(&service.key) else {
            let names = catalog.services.iter().map(|service| &*service.name);
            found.unknown(service.key_span, ("service", None), &service.key, names);
            continue;
        };
        for operation in found.map(service).into_iter().flat_map(|map| map.iter()) {
            if &*operation.key == EVERY {
                scripts.set(id, Scripts::EVERY, hindrances(operation, &mut found));
                continue;
            }
            let Some(at) = operation_of(known, operation, &mut found) else { continue };
            scripts.set(id, at, replies(catalog, known, (id, at), operation, &mut found));
        }
    }
    diagnostics.extend(found.0);
    scripts
}

/// By its name; or by its path, or its method and path, as `GET /items/{id}` or `/items/1`.
fn operation_of(service: &Service, entry: &Entry, found: &mut Found) -> Option<OperationId> {
    let by_name = service.operation(&entry.key).map(|(id, _)| id);
    if by_name.is_some() || !entry.key.contains('/') {
        if by_name.is_none() {
            let names = service.operations.iter().map(|operation| &*operation.name);
            found.unknown(entry.key_span, ("operation", Some(&service.name)), &entry.key, names);
        }
        return by_name;
    }
    let (method, path) = match entry.key.split_once(' ') {
        Some((method, path)) => (Some(method), path.trim()),
        None => (None, &*entry.key),
    };
    let fitting: Vec<usize> = service
        .operations
        .iter()
        .enumerate()
        .filter(|(_, operation)| match &operation.binding {
            Binding::Grpc(grpc) => *grpc.path == *path,
            Binding::Http(http) => {
                method.is_none_or(|method| *http.method == *method) && is_path(&http.path, path)
            }
        })
        .map(|(at, _)| at)
        .collect();
    // A path alone is read, as one does with an address.
    let reads = |at: &usize| service.operations.get(*at).is_some_and(|one| one.effect == Effect::Reads);
    let fitting: Vec<usize> = match fitting.iter().copied().filter(reads).collect::<Vec<_>>() {
        only if only.len() == 1 && method.is_none() => only,
        _ => fitting,
    };
    match fitting.as_slice() {
        [at] => Some(OperationId(*at as u32)),
        [] => {
            found.unknown(entry.key_span, ("path", Some(&service.name)), &entry.key, []);
            None
        }
        several => {
            let names: Vec<&str> = several
                .iter()
                .filter_map(|at| service.operations.get(*at))
                .map(|operation| &*operation.name)
                .collect();
            found.bad(
                entry.key_span,
                format!("`{}` may be several operations of `{}`", entry.key, service.name),
                "which one?",
                &format!("name one of them: {}", names.join(", ")),
            );
            None
        }
    }
}

/// Whether the path is one of the template's: written as the template, or with values in it.
fn is_path(template: &[PathPart], path: &str) -> bool {
    let written: String = template
        .iter()
        .map(|part| match part {
            PathPart::Literal(text) => text.to_string(),
            PathPart::Arg(name) => format!("{{{name}}}"),
        })
        .collect();
    let (ours, theirs) = (written.split('/'), path.split('/'));
    written == path
        || (ours.clone().count() == theirs.clone().count()
            && ours
                .zip(theirs)
                .all(|(ours, theirs)| ours == theirs || (ours.contains('{') && !theirs.is_empty())))
}

/// What happens to calls of every operation. What is answered is each one's own matter.
fn hindrances(entry: &Entry, found: &mut Found) -> Vec<Reply> {
    let read = |node: &Arc<Node>, found: &mut Found| {
        let map = found.section(node, "what happens to every operation", &HINDRANCE)?;
        let mut reply = Reply::default();
        map.iter().for_each(|entry| hindrance(entry, &mut reply, found));
        Some(reply)
    };
    let replies: Vec<Reply> = nodes(entry, found).iter().filter_map(|node| read(node, found)).collect();
    if replies.iter().any(|reply| reply.status.is_some_and(|status| (200..=299).contains(&status))) {
        let label = "of which operation?";
        let message = "an answer of every operation cannot be a success".to_owned();
        found.bad(entry.value.span, message, label, "write a status from 400 on, or name the operation");
    }
    replies
}

/// One answer, or several one after the other.
fn nodes<'e>(entry: &'e Entry, found: &mut Found) -> &'e [Arc<Node>] {
    let nodes: &[Arc<Node>] = match &entry.value.value {
        Written::List(items) => items,
        _ => std::slice::from_ref(&entry.value),
    };
    if nodes.is_empty() {
        found.wrong(entry.value.span, &entry.key, "an answer, or a list of them");
    }
    nodes
}

/// What stands in the way of an answer.
fn hindrance(entry: &Entry, reply: &mut Reply, found: &mut Found) {
    match &*entry.key {
        "status" => reply.status = found.status(entry),
        "delay" => {
            let delay = found.quantity(entry, quantity::duration, "a length of time such as `200ms`");
            reply.delay = delay.unwrap_or_default();
        }
        "share" => {
            let share = found.quantity(entry, parse_share, "a share such as `30%`");
            reply.share = share.map(|share| share.0);
        }
        "fault" => {
            let Some(word) = found.text(entry) else { return };
            reply.fault = FaultKind::WORDS.iter().find(|(known, _)| **known == *word).map(|(_, kind)| *kind);
            if reply.fault.is_none() {
                let known = FaultKind::WORDS.map(|(word, _)| word);
                found.unknown(entry.value.span, ("fault", None), &word, known);
            }
        }
        _ => {}
    }
}

fn replies(
    catalog: &Catalog,
    service: &Service,
    at: (ServiceId, OperationId),
    entry: &Entry,
    found: &mut Found,
) -> Vec<Reply> {
    let nodes = nodes(entry, found);
    nodes.iter().filter_map(|node| reply(catalog, service, at.1, node, &entry.key, found)).collect()
}

fn reply(
    catalog: &Catalog,
    service: &Service,
    id: OperationId,
    node: &Node,
    name: &str,
    found: &mut Found,
) -> Option<Reply> {
    let map = found.section(node, &format!("`{name}`"), &REPLY)?;
    let mut reply = Reply::default();
    let mut misfit = false;
    for entry in map {
        match &*entry.key {
            "args" => reply.args = Some(entry.value.to_json()),
            "status" | "delay" | "fault" | "share" => hindrance(entry, &mut reply, found),
            "json" => reply.json = Some(entry.value.to_json()),
            "patch" => reply.patch = Some(entry.value.to_json()),
            "body" => reply.body = found.text(entry).map(Into::into),
            "hex" => {
                reply.body = found.quantity(entry, hex, "bytes in hexadecimal").map(Into::into);
            }
            "headers" => {
                for header in found.map(entry).into_iter().flat_map(|map| map.iter()) {
                    if header.key.eq_ignore_ascii_case("content-type") {
                        reply.content_type = found.text(header);
                    }
                }
            }
            "misfit" => misfit = found.boolean(entry).unwrap_or_default(),
            // How an answer is cut into pieces cannot be told in process.
            _ => {}
        }
    }
    let is_good = reply.fault.is_none() && reply.status.is_none_or(|status| (200..=299).contains(&status));
    if is_good && !misfit && reply.body.is_none() {
        check_fit(catalog, service, id, (map, &reply), found);
    }
    Some(reply)
}

/// What is written, or what comes of it when it is merged over a made-up answer, must be one that the service may give.
fn check_fit(
    catalog: &Catalog,
    service: &Service,
    id: OperationId,
    (map, reply): (&Map, &Reply),
    found: &mut Found,
) {
    let Some(operation) = service.operations.get(id.0 as usize) else { return };
    let Some(entry) = map.entry("patch").or_else(|| map.entry("json")) else { return };
    let codec = match &operation.binding {
        Binding::Grpc(binding) => Some(grpc::Codec::new(binding, &service.messages)),
        Binding::Http(_) => None,
    };
    let mut value = match &reply.json {
        Some(json) => json.clone(),
        None => {
            let mut value = example::of(&catalog.types, &operation.result, "");
            if let Some(codec) = &codec {
                codec.mend(&mut value);
            }
            value
        }
    };
    if let Some(patch) = &reply.patch {
        merge(&catalog.types, &operation.result, &mut value, patch);
    }
    if let Some((pointer, key, known)) = stranger(&catalog.types, &operation.result, &value, "") {
        let (span, meant) = (place(&entry.value, &pointer), nearest(&key, known.iter().copied()));
        let label = meant.map_or("nobody reads it".to_owned(), |meant| format!("did you mean `{meant}`?"));
        let message = format!("`{}.{}` answers no `{key}`", service.name, operation.name);
        found.0.push(Diagnostic::warning(FIXTURE_MISFIT, message, span, label).help(match meant {
            Some(meant) => format!("write `{meant}`"),
            None => format!("it answers {}", known.join(", ")),
        }));
    }
    let why = match codec {
        None => fits(&catalog.types, &operation.result, &value).err(),
        // A message says nothing of what has its default value, and takes numbers as texts too.
        Some(codec) => codec.answer(&value).err().map(|why| Misfit { pointer: String::new(), why }),
    };
    let Some(why) = why else { return };
    found.0.push(
        Diagnostic::warning(
            FIXTURE_MISFIT,
            format!("`{}.{}` does not answer that: {why}", service.name, operation.name),
            place(&entry.value, &why.pointer),
            "does not fit the schema",
        )
        .help("say `misfit: true` beside it if the service is to break its promise here"),
    );
}

/// The first key that the type does not know: where it stands, and those that are known there.
fn stranger<'t>(
    types: &'t Types,
    ty: &'t Type,
    value: &serde_json::Value,
    pointer: &str,
) -> Option<(String, String, Vec<&'t str>)> {
    use serde_json::Value;
    let mut members = types.resolve(ty).members().iter().map(|ty| types.resolve(ty));
    let is_something = |ty: &&Type| !matches!(ty, Type::Null | Type::Undefined);
    let only = members.by_ref().find(is_something)?;
    // Which of several was meant is not for here to say.
    if members.any(|ty| is_something(&ty)) {
        return None;
    }
    match (only, value) {
        (Type::Object(object), Value::Object(entries)) => entries.iter().find_map(|(key, value)| {
            let at = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
            match (object.field(key), &object.index) {
                (Some(field), _) => stranger(types, &field.ty, value, &at),
                (None, Some(index)) => stranger(types, index, value, &at),
                (None, None) => {
                    Some((at, key.clone(), object.fields.iter().map(|field| &*field.name).collect()))
                }
            }
        }),
        (Type::Array(of), Value::Array(items)) => items
            .iter()
            .enumerate()
            .find_map(|(at, item)| stranger(types, of, item, &format!("{pointer}/{at}"))),
        _ => None,
    }
}

/// Where a JSON pointer leads in the tree; as far as it leads.
fn place(node: &Node, pointer: &str) -> frontdesk_diagnostics::Span {
    let mut node = node;
    for part in pointer.split('/').skip(1) {
        let key = part.replace("~1", "/").replace("~0", "~");
        let next = match &node.value {
            Written::Map(map) => map.get(&key),
            Written::List(items) => key.parse::<usize>().ok().and_then(|at| items.get(at)),
            _ => None,
        };
        match next {
            Some(next) => node = next,
            None => break,
        }
    }
    node.span
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let nibble = |byte: u8| char::from(byte).to_digit(16).map(|n| n as u8);
    pairs.iter().map(|[high, low]| Some(nibble(*high)? << 4 | nibble(*low)?)).collect()
}
