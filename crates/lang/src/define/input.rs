//! `t.string().max(64)`: what a client may send, and where it stands in the request.

use std::sync::Arc;

use frontdesk_diagnostics::codes::endpoint as codes;
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span};
use frontdesk_types::{Field, Type};
use oxc_ast::ast::{Argument, CallExpression, Expression};
use oxc_span::GetSpan;

use super::Reader;
use super::route::Route;
use super::written::{Node, Property, Written, peel};
use crate::model::{Input, InputPlace, Schema, SchemaKind};
use crate::parse::span_of;

mod constraint;

const KINDS: [&str; 9] =
    ["string", "number", "integer", "boolean", "enum", "array", "object", "date", "dateTime"];

/// `.header("x-client-version")`
#[derive(Debug)]
struct Place {
    kind: InputPlace,
    wire: Option<Arc<str>>,
    span: Span,
}

/// One call of a chain: `.max(64)`.
struct Link<'a> {
    name: &'a str,
    name_span: Span,
    call: &'a CallExpression<'a>,
}

/// Reads all inputs of an endpoint and says where each stands. The names of those that are wrong come second.
pub(crate) fn read(
    node: &Node<'_>,
    route: Option<&Route>,
    reader: &mut Reader<'_>,
) -> (Vec<Input>, Vec<Arc<str>>) {
    let mut inputs: Vec<Input> = Vec::new();
    let mut wrong = Vec::new();
    for property in node.entries("input", reader) {
        let read = schema(&property.value, reader);
        let Some(input) = read.and_then(|(schema, place)| placed(property, schema, place, route, reader))
        else {
            wrong.push(property.name.clone());
            continue;
        };
        if let Some(first) = inputs.iter().find(|i| i.place == input.place && i.wire == input.wire) {
            reader.found.push(
                Diagnostic::error(
                    codes::INPUT_PLACE,
                    format!("`{}` and `{}` are read from the same place", first.name, input.name),
                    input.span,
                    format!("`{}` again", input.wire),
                )
                .label(first.span, "read here first")
                .help("keep one of them, or give it another name on the wire"),
            );
        }
        inputs.push(input);
    }
    (inputs, wrong)
}

/// The type of one input as the endpoint's function sees it.
pub(crate) fn type_of(schema: &Schema) -> Type {
    let ty = match &schema.kind {
        SchemaKind::String { .. } | SchemaKind::Date | SchemaKind::DateTime => Type::String,
        SchemaKind::Number { .. } | SchemaKind::Integer { .. } => Type::Number,
        SchemaKind::Boolean => Type::Boolean,
        SchemaKind::Enum(values) => Type::union(values.iter().map(|value| Type::string(value))),
        SchemaKind::Array { of, .. } => Type::array(type_of(of)),
        SchemaKind::Object(properties) => Type::object(
            properties.iter().map(|(name, schema)| Field::required(name.clone(), type_of(schema))).collect(),
        ),
    };
    let ty = if schema.nullable { ty.or_null() } else { ty };
    if schema.optional && schema.default.is_none() { ty.or_undefined() } else { ty }
}

fn placed(
    property: &Property<'_>,
    schema: Schema,
    place: Option<Place>,
    route: Option<&Route>,
    reader: &mut Reader<'_>,
) -> Option<Input> {
    let name = property.name.clone();
    let in_path = route.is_some_and(|route| route.params().any(|param| *param == name));
    let no_body = route.is_none_or(Route::has_no_body);
    let (place, wire, span) = match place {
        Some(place) => (place.kind, place.wire.unwrap_or_else(|| name.clone()), place.span),
        None if in_path => (InputPlace::Path, name.clone(), property.name_span),
        None if no_body => (InputPlace::Query, name.clone(), property.name_span),
        None => (InputPlace::Body, name.clone(), property.name_span),
    };
    let input = Input { name, place, wire, schema, span: property.name_span };
    let refusal = fits_place(&input, in_path, no_body, route);
    if let Some((message, label, help)) = refusal {
        reader.found.push(Diagnostic::error(codes::INPUT_PLACE, message, span, label).help(help));
        return None;
    }
    Some(input)
}

/// Whether a text can be a segment of a path that is served: no slashes and control characters, no `.` and `..`, with or
/// without `;parameters`.
fn is_segment(text: &str) -> bool {
    let plain = text.split(';').next().unwrap_or_default();
    let is_dots = matches!(plain, "." | "..");
    !text.is_empty() && !is_dots && !text.bytes().any(|byte| matches!(byte, 0..0x20 | b'/' | b'\\' | 0x7f))
}

/// Why an input cannot stand where it is said to: message, label, help.
fn fits_place(
    input: &Input,
    in_path: bool,
    no_body: bool,
    route: Option<&Route>,
) -> Option<(String, String, String)> {
    let Input { name, place, wire, schema, .. } = input;
    let compound = matches!(schema.kind, SchemaKind::Object(_));
    let list = matches!(schema.kind, SchemaKind::Array { .. });
    let refuse =
        |message: String, label: &str, help: &str| Some((message, label.to_owned(), help.to_owned()));
    if in_path && *place != InputPlace::Path {
        let message = format!("`{name}` is a parameter of the route");
        return refuse(message, "and cannot come from elsewhere", "rename the input or the parameter");
    }
    match place {
        InputPlace::Path => {
            if let Some(route) = route
                && !route.params().any(|param| param == wire)
            {
                let message = format!("the route has no parameter `{wire}`");
                let near = nearest(wire, route.params().map(|param| &**param));
                let help = match near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("add `{{{wire}}}` to the path"),
                };
                return Some((message, "so it cannot come from the path".to_owned(), help));
            }
            if schema.optional || schema.nullable || schema.default.is_some() {
                let message = format!("`{name}` is part of the path, so it is always there");
                return refuse(message, "it cannot be left out or null", "make it required");
            }
            if compound || list {
                let message = format!("`{name}` is one segment of the path");
                return refuse(message, "which holds one plain value", "use a string, number, enum or date");
            }
            if let SchemaKind::Enum(values) = &schema.kind
                && let Some(value) = values.iter().find(|value| !is_segment(value))
            {
                let message = format!("`{value}` cannot stand in a path");
                let help = "leave it out of the route, so that it comes from the query string";
                return refuse(message, "servers differ in how they would read it, so it is refused", help);
            }
        }
        InputPlace::Query | InputPlace::Header => {
            let (where_, what) = match place {
                InputPlace::Header => ("a header", list || compound),
                _ => (
                    "a query string",
                    compound || matches!(&schema.kind, SchemaKind::Array { of, .. } if !is_plain(of)),
                ),
            };
            if what {
                let message = format!("`{name}` does not fit into {where_}");
                return refuse(message, "it is not a plain value", "take it from the JSON body of an action");
            }
            if schema.nullable {
                let message = format!("{where_} has no `null`");
                return refuse(message, "so this is never `null`", "use `.optional()`");
            }
            if *place == InputPlace::Header && !is_token(wire) {
                return refuse(
                    format!("`{wire}` is not a header's name"),
                    "not a name",
                    "write it as `\"x-client-version\"`",
                );
            }
            if *place == InputPlace::Header && NEVER_AN_INPUT.contains(&&**wire) {
                let message = format!("the header `{wire}` belongs to the connection or to the perimeter");
                return refuse(message, "it is not passed on to endpoints", "use a header of your own");
            }
        }
        InputPlace::Body if no_body => {
            let method = route.map_or("GET", |route| &route.method);
            let message = format!("a `{method}` request has no body");
            return refuse(message, "so it cannot come from there", "use `.query()`, or `POST`");
        }
        InputPlace::Body => {}
    }
    None
}

fn is_plain(schema: &Schema) -> bool {
    !matches!(schema.kind, SchemaKind::Array { .. } | SchemaKind::Object(_)) && !schema.nullable
}

/// RFC 9110 §5.6.2, lower case.
pub(super) fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// Headers of the connection, and those that say who the client is.
const NEVER_AN_INPUT: [&str; 12] = [
    "authorization",
    "connection",
    "content-length",
    "cookie",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Reads a chain that begins with `t.…`, and the place it names.
fn schema(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<(Schema, Option<Place>)> {
    let Written::Code(expression) = node.value else {
        not_a_schema(node.span, reader);
        return None;
    };
    let (kind, links) = chain(expression, reader)?;
    let kind_span = kind.name_span;
    let mut schema = Schema { kind: base(&kind, reader)?, optional: false, nullable: false, default: None };
    let mut place: Option<Place> = None;
    let mut default = None;
    for link in &links {
        match link.name {
            "optional" => schema.optional = no_arguments(link, reader),
            "nullable" => schema.nullable = no_arguments(link, reader),
            "default" => default = argument(link, reader).map(|value| (link, value)),
            "query" | "header" | "body" | "path" => {
                let read = place_of(link, reader)?;
                if let Some(first) = &place {
                    reader.found.push(
                        Diagnostic::error(
                            codes::INPUT_PLACE,
                            "an input comes from one place",
                            read.span,
                            "the second place",
                        )
                        .label(first.span, "the first place"),
                    );
                }
                place = Some(read);
            }
            _ => constraint::apply(link, &mut schema.kind, reader),
        }
    }
    constraint::bounds(&schema.kind, kind_span, reader);
    if let Some((link, value)) = default {
        if schema.optional {
            reader.found.push(
                Diagnostic::error(
                    codes::BAD_CONSTRAINT,
                    "an input with a default is never missing",
                    link.name_span,
                    "`optional()` says nothing beside it",
                )
                .help("keep one of the two"),
            );
        }
        schema.default = constraint::default(&schema, &value, reader);
    }
    Some((schema, place))
}

/// The first call of a chain and those after it. `t.string().max(3)` is `string` and `[max]`.
fn chain<'a>(expression: &'a Expression<'a>, reader: &mut Reader<'_>) -> Option<(Link<'a>, Vec<Link<'a>>)> {
    let mut links = Vec::new();
    let mut expression = expression;
    loop {
        let Expression::CallExpression(call) = peel(expression) else {
            not_a_schema(span_of(reader.file, expression.span()), reader);
            return None;
        };
        let Expression::StaticMemberExpression(member) = peel(&call.callee) else {
            not_a_schema(span_of(reader.file, expression.span()), reader);
            return None;
        };
        let name_span = span_of(reader.file, member.property.span);
        let link = Link { name: member.property.name.as_str(), name_span, call };
        if reader.builtin_name(peel(&member.object)) == Some("t") {
            links.reverse();
            return Some((link, links));
        }
        links.push(link);
        expression = &member.object;
    }
}

fn not_a_schema(span: Span, reader: &mut Reader<'_>) {
    reader.found.push(
        Diagnostic::error(codes::BAD_INPUT, "an input is described with `t`", span, "this is not `t.…`")
            .help("write `t.string()`, `t.integer()`, `t.enum([\"a\", \"b\"])` …, with `t` from `frontdesk`"),
    );
}

fn base(link: &Link<'_>, reader: &mut Reader<'_>) -> Option<SchemaKind> {
    let kind = match link.name {
        "string" => SchemaKind::String { min: None, max: None, pattern: None },
        "number" => SchemaKind::Number { min: None, max: None },
        "integer" => SchemaKind::Integer { min: None, max: None },
        "boolean" => SchemaKind::Boolean,
        "date" => SchemaKind::Date,
        "dateTime" => SchemaKind::DateTime,
        "enum" => return enumeration(&argument(link, reader)?, reader),
        "array" => {
            let of = nested(&argument(link, reader)?, reader)?;
            return Some(SchemaKind::Array { of: Box::new(of), min: None, max: None });
        }
        "object" => return object(&argument(link, reader)?, reader),
        unknown => {
            let diagnostic = Diagnostic::error(
                codes::BAD_INPUT,
                format!("`t` has no `{unknown}`"),
                link.name_span,
                match nearest(unknown, KINDS) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "not a kind of input".to_owned(),
                },
            );
            reader.found.push(diagnostic.note(format!("`t` has `{}`", KINDS.join("`, `"))));
            return None;
        }
    };
    no_arguments(link, reader);
    Some(kind)
}

fn enumeration(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<SchemaKind> {
    let mut values: Vec<Arc<str>> = Vec::new();
    for item in node.items("enum", reader) {
        let value = item.text("enum", reader)?;
        if values.contains(&value) {
            item.wrong(format!("`{value}` stands in the list twice"), "keep one", reader);
        } else {
            values.push(value);
        }
    }
    if values.is_empty() {
        if matches!(node.value, Written::List(_)) {
            node.wrong("an enum needs a value", "write `t.enum([\"new\", \"used\"])`", reader);
        }
        return None;
    }
    Some(SchemaKind::Enum(values))
}

fn object(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<SchemaKind> {
    let mut properties = Vec::new();
    let mut whole = true;
    for property in node.entries("object", reader) {
        match nested(&property.value, reader) {
            Some(schema) => properties.push((property.name.clone(), schema)),
            None => whole = false,
        }
    }
    (whole && matches!(node.value, Written::Object(_))).then_some(SchemaKind::Object(properties))
}

/// A schema inside another one, which has no place of its own.
pub(super) fn nested(node: &Node<'_>, reader: &mut Reader<'_>) -> Option<Schema> {
    let (schema, place) = schema(node, reader)?;
    if let Some(place) = place {
        reader.found.push(
            Diagnostic::error(
                codes::INPUT_PLACE,
                "a part of an input comes from where the input comes from",
                place.span,
                "it has no place of its own",
            )
            .help("say it of the whole input"),
        );
    }
    Some(schema)
}

fn place_of(link: &Link<'_>, reader: &mut Reader<'_>) -> Option<Place> {
    let kind = match link.name {
        "query" => InputPlace::Query,
        "header" => InputPlace::Header,
        "body" => InputPlace::Body,
        _ => InputPlace::Path,
    };
    let mut wire = None;
    if kind == InputPlace::Header || !link.call.arguments.is_empty() {
        let name = argument(link, reader)?.text(link.name, reader)?;
        wire = Some(if kind == InputPlace::Header { name.to_ascii_lowercase().into() } else { name });
    }
    Some(Place { kind, wire, span: link.name_span })
}

/// The one argument of a call in a chain.
fn argument<'a>(link: &Link<'a>, reader: &mut Reader<'_>) -> Option<Node<'a>> {
    let expression = match link.call.arguments.as_slice() {
        [argument] => argument.as_expression(),
        _ => None,
    };
    match expression {
        Some(expression) => Some(Node::read(expression, reader)),
        None => {
            let diagnostic = Diagnostic::error(
                codes::BAD_INPUT,
                format!("`{}` takes one argument", link.name),
                span_of(reader.file, link.call.span),
                format!("{} are given", link.call.arguments.len()),
            );
            reader.found.push(match link.name {
                "enum" => diagnostic.help("write a list: `t.enum([\"gold\", \"basic\"])`"),
                _ => diagnostic,
            });
            None
        }
    }
}

/// Always true; reports arguments where there should be none.
fn no_arguments(link: &Link<'_>, reader: &mut Reader<'_>) -> bool {
    if let Some(first) = link.call.arguments.first() {
        reader.found.push(
            Diagnostic::error(
                codes::BAD_INPUT,
                format!("`{}` takes no argument", link.name),
                span_of(reader.file, Argument::span(first)),
                "not expected here",
            )
            .help(format!("write `{}()`", link.name)),
        );
    }
    true
}
