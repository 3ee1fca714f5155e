//! A model as a few lines that people can review.

use std::fmt::Write;

use frontdesk_lang::Model;
use frontdesk_lang::model::{
    Bff, Endpoint, EndpointKind, ErrorMapping, Idempotency, Input, InputPlace, RoutePart, Schema, SchemaKind,
    TagPart, Versions, ViewCache,
};
use frontdesk_types::Deprecation;

pub fn summary(model: &Model) -> String {
    let mut out = String::new();
    for bff in &model.bffs {
        config(bff, model, &mut out);
        for e in &bff.endpoints {
            endpoint(e, bff, &mut out);
        }
    }
    for (_, definition) in model.types.iter() {
        if model.bffs.iter().any(|bff| bff.name == definition.owner) {
            writeln!(out, "shape {}.{} = {}", definition.owner, definition.name, definition.ty).unwrap();
        }
    }
    for function in &model.functions {
        let kind = if function.shape.is_some() { "shape" } else { "helper" };
        writeln!(out, "{kind} {}: {}", function.name, function.result).unwrap();
    }
    out
}

fn config(bff: &Bff, model: &Model, out: &mut String) {
    let c = &bff.config;
    write!(out, "bff {}: client {}", bff.name, c.client).unwrap();
    if let Some(owner) = &c.owner {
        write!(out, ", owner {owner}").unwrap();
    }
    write!(out, ", {} {}, {:?}", c.locales.join(" "), c.currency, c.latency).unwrap();
    if let Some(limit) = c.body_limit {
        write!(out, ", {limit} B").unwrap();
    }
    out.push('\n');
    match &c.versions {
        Versions::None => {}
        Versions::Client(v) => {
            let minimum = v.minimum.map_or_else(|| "none".to_owned(), |minimum| minimum.to_string());
            let supported: Vec<String> = v.supported.iter().map(ToString::to_string).collect();
            let upgrade = v.upgrade.as_deref().unwrap_or("none");
            let supported = supported.join(" ");
            writeln!(
                out,
                "  versions in {}: minimum {minimum}, supported [{supported}], upgrade {upgrade}",
                v.header
            )
            .unwrap();
        }
        Versions::Dated(v) => {
            let dates: Vec<String> = v.dates.iter().map(ToString::to_string).collect();
            writeln!(out, "  dates in {}: {}", v.header, dates.join(" ")).unwrap();
        }
    }
    if c.openapi {
        out.push_str("  openapi\n");
    }
    crate::perimeter::perimeter(&c.perimeter, out);
    for mapping in &c.errors {
        match mapping {
            ErrorMapping::Problem(p) => {
                writeln!(out, "  problem {} {} {:?}", p.code, p.status, p.title).unwrap();
            }
            ErrorMapping::Fault { service, operation, status, code } => {
                let service = &model.catalog.services[service.0 as usize];
                let operation = operation.map_or("*", |o| &*service.operations[o.0 as usize].name);
                let status = status.map_or("*".to_owned(), |s| s.to_string());
                writeln!(out, "  {}.{operation}:{status} becomes {code}", service.name).unwrap();
            }
        }
    }
    for proxy in &c.proxies {
        let service = &model.catalog.services[proxy.service.0 as usize];
        writeln!(
            out,
            "  proxy {}* to {}, strip {}, remove {:?}, add {:?}, timeout {:?}",
            proxy.prefix, service.name, proxy.strip, proxy.remove_headers, proxy.add_headers, proxy.timeout
        )
        .unwrap();
        if proxy.cache {
            out.push_str("    kept by RFC 9111\n");
        }
        if !proxy.forward_headers.is_empty() || !proxy.answer_headers.is_empty() {
            let (forward, answer) = (proxy.forward_headers.join(" "), proxy.answer_headers.join(" "));
            writeln!(out, "    forwards [{forward}], answers [{answer}]").unwrap();
        }
        crate::perimeter::access(&proxy.access, &c.perimeter, "    ", out);
    }
}

fn endpoint(e: &Endpoint, bff: &Bff, out: &mut String) {
    let kind = match e.kind {
        EndpointKind::View => "view",
        EndpointKind::Action => "action",
    };
    let route: String = e
        .route
        .iter()
        .map(|part| match part {
            RoutePart::Literal(text) => text.to_string(),
            RoutePart::Param(name) => format!("{{{name}}}"),
        })
        .collect();
    write!(out, "{kind} {}: {} {route}, {:?}", e.name, e.method, e.latency).unwrap();
    if let Some(payload) = e.payload {
        write!(out, ", {payload} B").unwrap();
    }
    if let Some(text) = &e.summary {
        write!(out, ", {text:?}").unwrap();
    }
    out.push('\n');
    crate::perimeter::access(&e.access, &bff.config.perimeter, "  ", out);
    policy(e, out);
    if let Some(deprecated) = &e.deprecated {
        writeln!(out, "  deprecated {}", deprecation(deprecated)).unwrap();
    }
    for i in &e.inputs {
        writeln!(out, "  {}", input(i)).unwrap();
    }
    if !e.inputs.is_empty() {
        writeln!(out, "  input: {}", e.input_type).unwrap();
    }
    writeln!(out, "  answer: {}", e.response).unwrap();
    for dated in &e.dated {
        match &dated.answer {
            None => writeln!(out, "  on {}: not there", dated.date).unwrap(),
            Some(answer) if answer.is_converted => {
                writeln!(out, "  on {}: {}", dated.date, answer.response).unwrap();
            }
            Some(_) => writeln!(out, "  on {}: the same", dated.date).unwrap(),
        }
    }
    for p in &e.problems {
        writeln!(out, "  throws {} {} {:?}", p.code, p.status, p.title).unwrap();
    }
}

fn policy(e: &Endpoint, out: &mut String) {
    if let Some(cache) = &e.cache {
        let tags: Vec<String> = cache
            .tags
            .iter()
            .map(|tag| {
                let part = |part: &TagPart| match part {
                    TagPart::Text(text) => text.to_string(),
                    TagPart::Input(name) => format!("<{name}>"),
                };
                tag.parts.iter().map(part).collect()
            })
            .collect();
        let ViewCache { scope, max_age, stale, stale_if_error, store, .. } = cache;
        writeln!(
            out,
            "  cache {scope:?} {max_age:?}, stale {stale:?}, if error {stale_if_error:?}, store {store}, tags {tags:?}"
        )
        .unwrap();
    }
    if e.idempotency != Idempotency::Off {
        writeln!(out, "  idempotency {:?}", e.idempotency).unwrap();
    }
    if let Some(bulkhead) = e.bulkhead {
        writeln!(out, "  bulkhead {bulkhead}").unwrap();
    }
    if e.background {
        out.push_str("  in the background\n");
    }
}

pub fn deprecation(d: &Deprecation) -> String {
    let mut text = format!("since {}", d.since);
    if let Some(sunset) = d.sunset {
        write!(text, ", sunset {sunset}{}", if d.enforce { " enforced" } else { "" }).unwrap();
    }
    if let Some(instead) = &d.instead {
        write!(text, ", use {instead}").unwrap();
    }
    if let Some(because) = &d.because {
        write!(text, ", because {because}").unwrap();
    }
    text
}

fn input(input: &Input) -> String {
    let place = match input.place {
        InputPlace::Path => "path",
        InputPlace::Query => "query",
        InputPlace::Header => "header",
        InputPlace::Body => "body",
    };
    format!("{} from {place} {}: {}", input.name, input.wire, schema(&input.schema))
}

pub fn schema(s: &Schema) -> String {
    let mut text = match &s.kind {
        SchemaKind::String { min, max, pattern } => {
            format!(
                "string {}{}",
                bounds(*min, *max),
                pattern.as_ref().map_or(String::new(), |p| format!(" /{p}/"))
            )
        }
        SchemaKind::Number { min, max } => format!("number {}", bounds(*min, *max)),
        SchemaKind::Integer { min, max } => format!("integer {}", bounds(*min, *max)),
        SchemaKind::Boolean => "boolean".to_owned(),
        SchemaKind::Enum(values) => format!("enum {values:?}"),
        SchemaKind::Date => "date".to_owned(),
        SchemaKind::DateTime => "dateTime".to_owned(),
        SchemaKind::Array { of, min, max } => format!("array {} of ({})", bounds(*min, *max), schema(of)),
        SchemaKind::Object(properties) => {
            let properties: Vec<String> =
                properties.iter().map(|(name, s)| format!("{name}: {}", schema(s))).collect();
            format!("object {{{}}}", properties.join("; "))
        }
    };
    for (is, word) in [(s.optional, " optional"), (s.nullable, " nullable")] {
        if is {
            text.push_str(word);
        }
    }
    if let Some(default) = &s.default {
        write!(text, " default {default:?}").unwrap();
    }
    text.replace("  ", " ")
}

fn bounds<T: std::fmt::Display>(min: Option<T>, max: Option<T>) -> String {
    match (min, max) {
        (None, None) => String::new(),
        (min, max) => {
            let side = |side: Option<T>| side.map_or(String::new(), |side| side.to_string());
            format!("{}..{}", side(min), side(max))
        }
    }
}
