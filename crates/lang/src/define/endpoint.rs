//! `view("GET /…", { … })` and `action("POST /…", { … })` without their functions.

use std::sync::Arc;
use std::time::Duration;

use frontdesk_diagnostics::codes::endpoint as codes;
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span};
use frontdesk_types::{Field, Type};
use oxc_ast::ast::CallExpression;

use super::Reader;
use super::deprecated::{self, Retirement, What};
use super::input;
use super::perimeter::access;
use super::policy::{self, Policy};
use super::route::{self, Route};
use super::written::{Fields, Node, Written};
use crate::model::{Access, EndpointKind, Input, InputPlace, Perimeter};
use crate::parse::{FunctionAst, span_of};

/// An endpoint as it is written; what was wrong is missing and was reported.
#[derive(Debug)]
pub(crate) struct Draft<'a> {
    pub(crate) kind: EndpointKind,
    pub(crate) route: Option<Route>,
    pub(crate) summary: Option<Arc<str>>,
    pub(crate) inputs: Vec<Input>,
    /// Inputs that are wrong; what the function does with them is not.
    pub(crate) wrong_inputs: Vec<Arc<str>>,
    pub(crate) latency: Option<Duration>,
    pub(crate) payload: Option<u64>,
    pub(crate) access: Access,
    pub(crate) policy: Policy,
    pub(crate) retirement: Option<Retirement>,
    pub(crate) function: Option<FunctionAst<'a>>,
    /// The whole call.
    pub(crate) span: Span,
}

/// Settings that a later version will know.
const LATER: [&str; 4] = ["cors", "headers", "limits", "versions"];
/// Settings of views and actions alike.
const KNOWN: [&str; 4] = ["summary", "input", "budget", "deprecated"];

pub(crate) fn read<'a>(
    call: &'a CallExpression<'a>,
    kind: EndpointKind,
    perimeter: &Perimeter,
    reader: &mut Reader<'_>,
) -> Option<Draft<'a>> {
    let (name, what, function_name) = match kind {
        EndpointKind::View => ("view", "a view", "load"),
        EndpointKind::Action => ("action", "an action", "run"),
    };
    let known: Vec<&'static str> =
        KNOWN.into_iter().chain(policy::keys(kind)).chain(access::KEYS).chain([function_name]).collect();
    let span = span_of(reader.file, call.span);
    let [route, definition] = call.arguments.as_slice() else {
        wrong_arguments(name, function_name, span, call.arguments.len(), reader);
        return None;
    };
    let (Some(route), Some(definition)) = (route.as_expression(), definition.as_expression()) else {
        wrong_arguments(name, function_name, span, call.arguments.len(), reader);
        return None;
    };
    let route = route::read(&Node::read(route, reader), kind, reader);
    let definition = Node::read(definition, reader);
    let fields = definition.fields(name, what, &known, &LATER, reader)?;
    let (mut inputs, mut wrong_inputs) = (Vec::new(), Vec::new());
    if let Some(node) = fields.value("input") {
        (inputs, wrong_inputs) = input::read(node, route.as_ref(), reader);
    }
    if let Some(route) = &route {
        params_are_inputs(route, fields.value("input"), &inputs, reader);
    }
    let (latency, payload) = budget(&fields, reader);
    let policy = policy::read(&fields, &inputs, &wrong_inputs, reader);
    Some(Draft {
        kind,
        policy,
        summary: fields.value("summary").and_then(|node| node.text("summary", reader)),
        inputs,
        wrong_inputs,
        latency,
        payload,
        access: access::read(&fields, perimeter, "this endpoint", reader),
        retirement: fields
            .value("deprecated")
            .and_then(|node| deprecated::read(node, What::Endpoint, reader)),
        function: function(&fields, function_name, reader),
        route,
        span,
    })
}

fn wrong_arguments(name: &str, function: &str, span: Span, given: usize, reader: &mut Reader<'_>) {
    reader.found.push(
        Diagnostic::error(
            codes::WRONG_VALUE,
            format!("`{name}` takes a route and an object"),
            span,
            format!("{given} arguments are given"),
        )
        .help(format!(
            "write `{name}(\"GET /v1/…\", {{ {function}: (input, {{ session }}) => ({{ … }}) }})`"
        )),
    );
}

fn budget(fields: &Fields<'_, '_>, reader: &mut Reader<'_>) -> (Option<Duration>, Option<u64>) {
    let Some(node) = fields.value("budget") else { return (None, None) };
    let Some(budget) = node.fields("budget", "a budget", &["latency", "payload"], &[], reader) else {
        return (None, None);
    };
    (
        budget.value("latency").and_then(|node| node.duration("latency", reader)),
        budget.value("payload").and_then(|node| node.size("payload", reader)),
    )
}

fn function<'a>(fields: &Fields<'_, 'a>, name: &str, reader: &mut Reader<'_>) -> Option<FunctionAst<'a>> {
    let example = format!("{name}: (input, {{ session }}) => ({{ … }})");
    let node = fields.require(name, &example, reader)?;
    let function = match node.value {
        Written::Code(expression) => FunctionAst::of(expression),
        _ => None,
    };
    if function.is_none() {
        reader.found.push(
            Diagnostic::error(
                codes::WRONG_VALUE,
                format!("`{name}` takes a function"),
                node.span,
                "not a function that is written here",
            )
            .help(format!("write `{example}`, and call helpers inside it")),
        );
    }
    function
}

/// Reports parameters of the route that no input describes.
fn params_are_inputs(route: &Route, written: Option<&Node<'_>>, inputs: &[Input], reader: &mut Reader<'_>) {
    let properties = match written.map(|node| &node.value) {
        Some(Written::Object(properties)) => properties.as_slice(),
        Some(_) => return,
        None => &[],
    };
    for param in route.params() {
        let described = inputs.iter().any(|input| input.place == InputPlace::Path && input.wire == *param)
            || properties.iter().any(|property| property.name == *param);
        if described {
            continue;
        }
        let diagnostic = Diagnostic::error(
            codes::PARAM_WITHOUT_INPUT,
            format!("the route's `{param}` is not an input"),
            route.span,
            format!("`{param}` stands in this path"),
        );
        let near = nearest(param, properties.iter().map(|property| &*property.name));
        reader.found.push(match near {
            Some(near) => diagnostic.help(format!("did you mean the input `{near}`?")),
            None => diagnostic.help(format!("add `input: {{ {param}: t.string() }}`")),
        });
    }
}

/// The type of the input object.
pub(crate) fn input_type(inputs: &[Input], wrong: &[Arc<str>]) -> Type {
    let right = inputs.iter().map(|input| Field::required(input.name.clone(), input::type_of(&input.schema)));
    let wrong = wrong.iter().map(|name| Field::required(name.clone(), crate::check::poison()));
    Type::object(right.chain(wrong).collect())
}
