//! A catalogue as text that shows a wrong type or binding in review.

use std::fmt::Write;

use frontdesk_catalog::{
    Addresses, Balance, Binding, Breaker, Bulkhead, CachePlace, Catalog, Cohort, Effect, EndpointEntry,
    Endpoints, FieldKind, Hedging, HttpBody, Listener, MessageId, Mirror, Operation, Outliers, ParamPlace,
    PathPart, Platform, Redis, RedisTopology, Retries, Service, ServiceAuth, ServicePolicy, Store, Text,
    TextPart, Traffic,
};
use frontdesk_diagnostics::Sources;
use frontdesk_types::{Hints, Object, Type};

pub fn catalog(catalog: &Catalog, sources: &Sources) -> String {
    let mut out = String::new();
    let platform = &catalog.platform;
    for bff in &platform.bffs {
        let origin =
            bff.origin.as_ref().map(|origin| format!(" origin {}", text(origin))).unwrap_or_default();
        writeln!(out, "bff {} on {}{origin}", bff.name, listener(&bff.listener)).unwrap();
    }
    if let Some(admin) = &platform.admin {
        writeln!(out, "admin on {}", listener(admin)).unwrap();
    }
    let limits = format!("{:?}", platform.limits);
    if limits != format!("{:?}", frontdesk_catalog::ClientLimits::default()) {
        writeln!(out, "limits {}", limits.trim_start_matches("ClientLimits ")).unwrap();
    }
    write_perimeter(&mut out, platform);
    for service in &catalog.services {
        write_service(&mut out, service, sources);
        for (_, definition) in catalog.types.iter().filter(|(_, d)| d.owner == service.name) {
            write!(out, "  type {} = ", definition.name).unwrap();
            write_type(&mut out, &definition.ty, sources, 2);
            let place = definition.origin.as_ref().map(|origin| sources.place(origin.span));
            writeln!(out, "{}", place.map(|place| format!("  @ {place}")).unwrap_or_default()).unwrap();
        }
    }
    out
}

fn write_perimeter(out: &mut String, platform: &Platform) {
    for provider in &platform.providers {
        let ca = provider.ca.as_ref().map(|ca| format!(" ca {}", text(ca))).unwrap_or_default();
        let (issuer, timeout) = (text(&provider.issuer), provider.timeout);
        writeln!(out, "provider {} {issuer}{ca} timeout {timeout:?}", provider.name).unwrap();
    }
    let stores = &platform.stores;
    for (what, store) in
        [("sessions", &stores.sessions), ("limits", &stores.limits), ("idempotency", &stores.idempotency)]
    {
        match store {
            Store::Default => {}
            Store::Memory => writeln!(out, "{what} in memory").unwrap(),
            Store::Embedded(path) => writeln!(out, "{what} in file {}", text(path)).unwrap(),
            Store::Redis(place) => writeln!(out, "{what} in redis {}", redis(place)).unwrap(),
        }
    }
    if stores.cache != CachePlace::default() {
        let shared = stores.cache.shared.as_ref().map(|place| format!(", redis {}", redis(place)));
        writeln!(out, "cache in memory {}{}", stores.cache.memory, shared.unwrap_or_default()).unwrap();
    }
    for (name, value) in &platform.secrets {
        writeln!(out, "secret {name} = {}", text(value)).unwrap();
    }
    if let Some(path) = &platform.session_keys {
        writeln!(out, "session keys {}", text(path)).unwrap();
    }
    if let Some(zone) = &platform.zone {
        writeln!(out, "zone {}", text(zone)).unwrap();
    }
    if let Some(resolver) = &platform.resolver {
        writeln!(out, "resolver {}", text(resolver)).unwrap();
    }
    for block in &platform.trusted_proxies {
        writeln!(out, "trusts {}", text(block)).unwrap();
    }
}

fn redis(place: &Redis) -> String {
    let mut out = place.urls.iter().map(text).collect::<Vec<_>>().join(", ");
    match &place.topology {
        RedisTopology::Single => {}
        RedisTopology::Cluster => out.push_str(" cluster"),
        RedisTopology::Sentinel(name) => write!(out, " sentinel {}", text(name)).unwrap(),
    }
    let said = [
        ("username", &place.username),
        ("password", &place.password),
        ("ca", &place.ca),
        ("prefix", &place.prefix),
    ];
    for (what, value) in said {
        if let Some(value) = value {
            write!(out, " {what} {}", text(value)).unwrap();
        }
    }
    if let Some(timeout) = place.timeout {
        write!(out, " timeout {timeout:?}").unwrap();
    }
    out
}

fn service_auth(auth: &ServiceAuth, platform_text: impl Fn(&Text) -> String) -> Option<String> {
    let target =
        |audience: &Option<Text>, resource: &Option<Text>, scopes: &[std::sync::Arc<str>], dpop: bool| {
            let audience =
                audience.as_ref().map(|a| format!(" audience {}", platform_text(a))).unwrap_or_default();
            let resource =
                resource.as_ref().map(|r| format!(" resource {}", platform_text(r))).unwrap_or_default();
            format!("{audience}{resource} scopes [{}]{}", scopes.join(" "), if dpop { " dpop" } else { "" })
        };
    Some(match auth {
        ServiceAuth::None => return None,
        ServiceAuth::User { dpop } => format!("user{}", if *dpop { " dpop" } else { "" }),
        ServiceAuth::Exchange { audience, resource, scopes, dpop } => {
            format!("exchange{}", target(audience, resource, scopes, *dpop))
        }
        ServiceAuth::ClientCredentials {
            provider,
            client_id,
            client_secret,
            audience,
            resource,
            scopes,
            dpop,
        } => format!(
            "client-credentials of provider {} as {} with {}{}",
            provider.0,
            platform_text(client_id),
            platform_text(client_secret),
            target(audience, resource, scopes, *dpop)
        ),
        ServiceAuth::Static(headers) => {
            let headers: Vec<String> =
                headers.iter().map(|(name, value)| format!("{name}: {}", platform_text(value))).collect();
            format!("static {}", headers.join(", "))
        }
        ServiceAuth::Mtls => "mtls".to_owned(),
    })
}

fn listener(listener: &Listener) -> String {
    match &listener.tls {
        Some(tls) => {
            let ca = tls.client_ca.as_ref().map(|ca| format!(" client-ca {}", text(ca))).unwrap_or_default();
            format!("{} cert {} key {}{ca}", text(&listener.address), text(&tls.cert), text(&tls.key))
        }
        None => text(&listener.address),
    }
}

fn text(text: &Text) -> String {
    text.parts
        .iter()
        .map(|part| match part {
            TextPart::Literal(text) => text.clone(),
            TextPart::Env(name) => format!("<env {name}>"),
            TextPart::File(path) => format!("<file {path}>"),
        })
        .collect()
}

fn write_service(out: &mut String, service: &Service, sources: &Sources) {
    let policy = &service.policy;
    let urls = endpoints(&policy.endpoints);
    writeln!(out, "service {} ({:?}) at {}", service.name, service.kind, urls.join(", ")).unwrap();
    if let Some(doc) = &service.doc {
        writeln!(out, "  doc {doc}").unwrap();
    }
    writeln!(
        out,
        "  policy timeout {:?} connect {:?} bulkhead {} retries {} body {}{}",
        policy.timeout,
        policy.connect_timeout,
        bulkhead(policy.bulkhead),
        policy.retries.most,
        policy.body_limit,
        resilience(policy)
    )
    .unwrap();
    if policy.http2 {
        out.push_str("  policy http2\n");
    }
    if policy.balance == Balance::Hash {
        out.push_str("  balance by hash\n");
    }
    if policy.slow_start != ServicePolicy::default().slow_start {
        writeln!(out, "  slow start {:?}", policy.slow_start).unwrap();
    }
    if let Some(health) = &policy.health {
        writeln!(
            out,
            "  health {}{} every {:?} timeout {:?} healthy {} unhealthy {}",
            health.path, health.service, health.every, health.timeout, health.healthy, health.unhealthy
        )
        .unwrap();
    }
    if let Some(ca) = &policy.tls.ca {
        writeln!(out, "  ca {}", text(ca)).unwrap();
    }
    if let Some(name) = &policy.tls.server_name {
        writeln!(out, "  server name {name}").unwrap();
    }
    if let (Some(cert), Some(key)) = (&policy.tls.cert, &policy.tls.key) {
        writeln!(out, "  shows {} with {}", text(cert), text(key)).unwrap();
    }
    if let Some(auth) = service_auth(&policy.auth, text) {
        writeln!(out, "  auth {auth}").unwrap();
    }
    if policy.addresses == Addresses::Public {
        out.push_str("  addresses public\n");
    }
    for (name, value) in &policy.headers {
        writeln!(out, "  header {name}: {}", text(value)).unwrap();
    }
    write_traffic(out, &service.traffic);
    for operation in &service.operations {
        write_operation(out, operation, service, sources);
    }
    for message in &service.messages {
        writeln!(out, "  message {}", message.name).unwrap();
        for field in &message.fields {
            let kind = kind(&field.kind, service);
            let oneof = field.oneof.map(|oneof| format!(" of oneof {oneof}")).unwrap_or_default();
            writeln!(out, "    {} {} {:?} {kind}{oneof}", field.number, field.name, field.cardinality)
                .unwrap();
        }
    }
}

fn write_traffic(out: &mut String, traffic: &Traffic) {
    for version in &traffic.versions {
        let urls = endpoints(&version.policy.endpoints);
        writeln!(out, "  version {} at {}", version.name, urls.join(", ")).unwrap();
        for (name, value) in &version.policy.headers {
            writeln!(out, "    header {name}: {}", text(value)).unwrap();
        }
    }
    for route in &traffic.routes {
        let who = match &route.who {
            Cohort::Header { name, is: Some(is) } => format!("{name}: {is}"),
            Cohort::Header { name, is: None } => format!("{name}: anything"),
            Cohort::Share { share, sticky: true } => format!("{share} of users"),
            Cohort::Share { share, sticky: false } => format!("{share} of calls"),
        };
        writeln!(out, "  route {who} to {}", traffic.version(route.to).unwrap().name).unwrap();
    }
    if let Some(mirror) = &traffic.mirror {
        let to = &traffic.version(mirror.to).unwrap().name;
        let Mirror { share, compare, credentials, timeout, calls, .. } = mirror;
        writeln!(out, "  mirror {share} to {to} compare {compare} credentials {credentials} timeout {timeout:?} calls {calls}").unwrap();
    }
}

fn endpoints(of: &Endpoints) -> Vec<String> {
    match of {
        Endpoints::File(path) => vec![format!("those of file {}", text(path))],
        Endpoints::Listed(listed) => listed.iter().map(endpoint).collect(),
    }
}

fn endpoint(entry: &EndpointEntry) -> String {
    let weight = if entry.weight == 1 { String::new() } else { format!(" weight {}", entry.weight) };
    let zone = entry.zone.as_ref().map(|zone| format!(" zone {}", text(zone))).unwrap_or_default();
    format!("{}{weight}{zone}", text(&entry.url))
}

fn kind(kind_of: &FieldKind, service: &Service) -> String {
    match kind_of {
        FieldKind::Message(id) => service.messages[id.0 as usize].name.to_string(),
        FieldKind::Map { key, value } => format!("map<{}, {}>", kind(key, service), kind(value, service)),
        FieldKind::Enum(values) => {
            let values = values.iter().map(|(number, name)| format!("{name} = {number}"));
            format!("enum {{ {} }}", values.collect::<Vec<_>>().join(", "))
        }
        FieldKind::WellKnown(known) => format!("{known:?}"),
        scalar => format!("{scalar:?}").to_lowercase(),
    }
}

fn write_operation(out: &mut String, operation: &Operation, service: &Service, sources: &Sources) {
    let effect = if operation.effect == Effect::Reads { "reads" } else { "writes" };
    let deprecated = if operation.deprecated { " deprecated" } else { "" };
    let place = sources.place(operation.origin.span);
    writeln!(out, "  {} {effect}{deprecated} @ {place}", operation.name).unwrap();
    if let Some(doc) = &operation.doc {
        writeln!(out, "    doc {doc:?}").unwrap();
    }
    if let Binding::Http(http) = &operation.binding {
        let path: String = http
            .path
            .iter()
            .map(|part| match part {
                PathPart::Literal(text) => text.to_string(),
                PathPart::Arg(name) => format!("{{{name}}}"),
            })
            .collect();
        writeln!(out, "    {} {path}", http.method).unwrap();
        for param in &http.params {
            let place = match param.place {
                ParamPlace::Query => "query",
                ParamPlace::Header => "header",
                ParamPlace::Cookie => "cookie",
            };
            let explode = if param.explode { " explode" } else { "" };
            writeln!(out, "    {place} {} <- {} {:?}{explode}", param.wire, param.arg, param.style).unwrap();
        }
        match &http.body {
            Some(HttpBody::Fields(names)) => writeln!(out, "    body of {}", names.join(", ")).unwrap(),
            Some(HttpBody::Whole(name)) => writeln!(out, "    body is {name}").unwrap(),
            None => {}
        }
        if let Some(param) = &http.fields_param {
            writeln!(out, "    fields in {param}").unwrap();
        }
        if !http.empty_statuses.is_empty() {
            writeln!(out, "    empty {:?}", http.empty_statuses).unwrap();
        }
    }
    if let Binding::Grpc(grpc) = &operation.binding {
        let name = |id: MessageId| &service.messages[id.0 as usize].name;
        let mask = grpc.mask_arg.as_ref().map(|arg| format!(", fields in {arg}")).unwrap_or_default();
        let (request, response) = (name(grpc.request), name(grpc.response));
        writeln!(out, "    rpc {}: {request} -> {response}{mask}", grpc.path).unwrap();
    }
    out.push_str("    args ");
    write_type(out, &operation.args, sources, 4);
    out.push_str("\n    result ");
    write_type(out, &operation.result, sources, 4);
    out.push('\n');
    if let Some(batch) = &operation.batch {
        let twin = service.operations.get(batch.twin.0 as usize).map_or("?", |twin| &*twin.name);
        writeln!(
            out,
            "    batch {twin}({}: {}[]) items {} key {} limit {}",
            batch.ids_arg,
            batch.id_arg,
            batch.items.as_deref().unwrap_or("-"),
            batch.key,
            batch.limit
        )
        .unwrap();
    }
}

/// Objects with their fields one a line, each with its place.
fn write_type(out: &mut String, ty: &Type, sources: &Sources, indent: usize) {
    match ty {
        Type::Object(object) if !object.fields.is_empty() => write_object(out, object, sources, indent),
        Type::Array(item) if matches!(**item, Type::Object(_)) => {
            write_type(out, item, sources, indent);
            out.push_str("[]");
        }
        Type::Union(members) => {
            for (at, member) in members.iter().enumerate() {
                out.push_str(if at > 0 { " | " } else { "" });
                write_type(out, member, sources, indent);
            }
        }
        other => write!(out, "{other}").unwrap(),
    }
}

fn write_object(out: &mut String, object: &Object, sources: &Sources, indent: usize) {
    let pad = " ".repeat(indent + 2);
    out.push_str("{\n");
    for field in &object.fields {
        let mark = if field.optional { "?" } else { "" };
        write!(out, "{pad}{}{mark}: ", field.name).unwrap();
        write_type(out, &field.ty, sources, indent + 2);
        if let Some(origin) = &field.origin {
            let (line, column) = sources.line_column(origin.span);
            write!(out, "  @ {}:{line}:{column} ({})", sources.path(origin.span.file), origin.schema)
                .unwrap();
        }
        if let Some(doc) = &field.doc {
            write!(out, "  {doc:?}").unwrap();
        }
        if let Some(hints) = &field.hints {
            write_hints(out, hints);
        }
        out.push('\n');
    }
    if let Some(index) = &object.index {
        write!(out, "{pad}[key]: ").unwrap();
        write_type(out, index, sources, indent + 2);
        out.push('\n');
    }
    write!(out, "{}}}", " ".repeat(indent)).unwrap();
}

fn write_hints(out: &mut String, hints: &Hints) {
    out.push_str("  ~");
    if hints.integer {
        out.push_str(" integer");
    }
    for (name, text) in [("", &hints.format), ("e.g. ", &hints.example), ("pattern ", &hints.pattern)] {
        if let Some(text) = text {
            write!(out, " {name}{text}").unwrap();
        }
    }
    for (name, bound) in [("from", hints.min), ("to", hints.max)] {
        if let Some(bound) = bound {
            write!(out, " {name} {bound}").unwrap();
        }
    }
}

fn bulkhead(bulkhead: Bulkhead) -> String {
    match bulkhead {
        Bulkhead::Adaptive => "adaptive".to_owned(),
        Bulkhead::Fixed { calls, queue } => format!("{calls}+{queue}"),
    }
}

/// What is not as it is by default.
fn resilience(policy: &ServicePolicy) -> String {
    let mut out = String::new();
    let retries = Retries { most: policy.retries.most, ..Retries::default() };
    if policy.retries != retries {
        out.push_str(&format!(" {:?}", policy.retries));
    }
    if policy.hedge != Hedging::Never {
        out.push_str(&format!(" hedge {:?}", policy.hedge));
    }
    if policy.breaker != Some(Breaker::default()) {
        out.push_str(&format!(" breaker {:?}", policy.breaker));
    }
    if policy.outliers != Some(Outliers::default()) {
        out.push_str(&format!(" outliers {:?}", policy.outliers));
    }
    out
}
