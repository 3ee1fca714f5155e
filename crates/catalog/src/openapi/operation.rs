//! Paths and methods → operations.

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span, codes};
use frontdesk_types::{Field, Origin, Type};

use super::direction::Direction;
use super::parameter::Parameters;
use super::{Reader, Scope, keywords};
use crate::catalog::{Binding, Effect, HttpBinding, Operation, PathPart};
use crate::names::{lower_camel, upper_camel};
use crate::path_template;
use crate::tree::{Entry, Node};

/// Methods in the order a path item is usually written.
const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/// RFC 9110 §9.2.1.
const SAFE: &[&str] = &["get", "head", "options", "trace"];

/// What is known of an operation before its parts are read.
struct Head<'n> {
    name: Arc<str>,
    /// Where the name stands: the `operationId`, or the method.
    span: Span,
    method: &'n Entry,
    path: &'n Entry,
}

impl Reader<'_> {
    pub(super) fn operations(&mut self, document: &Arc<Node>) -> Vec<Operation> {
        let Some(paths) = document.get("paths") else { return Vec::new() };
        let Some(paths) = paths.as_map() else {
            self.wrong(paths, "`paths` must be a mapping of paths to what can be done there");
            return Vec::new();
        };
        let mut operations: Vec<Operation> = Vec::new();
        let mut taken: HashMap<Arc<str>, Span> = HashMap::new();
        for path in paths.iter().filter(|entry| !entry.key.starts_with("x-")) {
            if let Some(problem) = path_template::problem(&path.key) {
                let message = format!("the operations of the path `{}` cannot be called", path.key);
                let help = if path.key.starts_with('/') {
                    "declare what follows `?` as query parameters".to_owned()
                } else {
                    format!("write `/{}`", path.key)
                };
                self.warn(codes::catalog::OPERATION_SKIPPED, message, path.key_span, problem, &help);
                continue;
            }
            let Some(item) = self.dereferenced(&path.value) else { continue };
            let Some(methods) = item.as_map() else {
                self.wrong(&item, "a path item must be a mapping");
                continue;
            };
            self.check_keywords(&item, keywords::PATH_ITEM, "a path item");
            let shared = methods.get("parameters").cloned();
            for method in METHODS.iter().filter_map(|method| methods.entry(method)) {
                let Some(head) = self.head(method, path) else { continue };
                if let Some(first) = taken.get(&head.name) {
                    self.name_taken(&head, *first);
                    continue;
                }
                taken.insert(head.name.clone(), head.span);
                operations.extend(self.operation(&head, shared.as_ref()));
            }
        }
        operations
    }

    fn head<'n>(&mut self, method: &'n Entry, path: &'n Entry) -> Option<Head<'n>> {
        if method.value.as_map().is_none() {
            self.wrong(&method.value, "an operation must be a mapping");
            return None;
        }
        let id = method.value.get("operationId");
        let named =
            id.and_then(|id| Some((lower_camel(id.as_str()?), id.span))).filter(|(name, _)| !name.is_empty());
        let (name, span) = named.unwrap_or_else(|| (derived_name(&method.key, &path.key), method.key_span));
        Some(Head { name: name.into(), span, method, path })
    }

    fn name_taken(&mut self, head: &Head<'_>, first: Span) {
        self.found.push(
            Diagnostic::warning(
                codes::catalog::NAME_TAKEN,
                format!("two operations are called `{}`", head.name),
                head.span,
                "this one cannot be called",
            )
            .label(first, "the first one")
            .help("give each operation an `operationId` of its own"),
        );
    }

    fn operation(&mut self, head: &Head<'_>, shared: Option<&Arc<Node>>) -> Option<Operation> {
        let node = &head.method.value;
        self.check_keywords(node, keywords::OPERATION, "an operation");
        let request = Scope { direction: Direction::Request, owner: head.name.clone() };
        let response = Scope { direction: Direction::Response, owner: head.name.clone() };
        let mut parameters = self.parameters(shared, node.get("parameters"), &head.name, &request)?;
        let path = self.path(head, &mut parameters);
        let body = self.body(node.get("requestBody"), &parameters, &head.name, &request)?;
        let answer = self.answer(node.get("responses"), &head.name, head.method.key_span, &response)?;
        let is_safe = SAFE.contains(&&*head.method.key);
        let fields_param = self.fields_param(node, &parameters);
        let Parameters { mut args, mut params, .. } = parameters;
        if let Some(wire) = &fields_param {
            let arg = params.iter().find(|param| param.wire == *wire).map(|param| param.arg.clone());
            args.retain(|field| Some(&field.name) != arg.as_ref());
            params.retain(|param| param.wire != *wire);
        }
        args.extend(body.args);
        Some(Operation {
            name: head.name.clone(),
            doc: documentation_of(node),
            origin: Origin { span: head.span, schema: head.name.clone() },
            args: Type::object(args),
            result: answer.result,
            effect: if is_safe || self.says_reads(node) { Effect::Reads } else { Effect::Writes },
            batch: None,
            binding: Binding::Http(HttpBinding {
                method: head.method.key.to_uppercase().into(),
                path,
                params,
                body: body.binding,
                fields_param,
                empty_statuses: answer.empty_statuses,
            }),
            deprecated: node.get("deprecated").and_then(|value| value.as_bool()) == Some(true),
        })
    }

    fn path(&mut self, head: &Head<'_>, parameters: &mut Parameters) -> Vec<PathPart> {
        let mut used: Vec<&str> = Vec::new();
        let parts = path_template::parse(&head.path.key);
        let mut path = Vec::new();
        for part in &parts {
            match part {
                path_template::Part::Literal(text) => {
                    path.push(PathPart::Literal(path_template::encoded(text).into()));
                }
                path_template::Part::Name(name) => {
                    used.push(name);
                    let arg =
                        parameters.path.iter().find(|(wire, _)| &**wire == *name).map(|(_, arg)| arg.clone());
                    path.push(PathPart::Arg(arg.unwrap_or_else(|| self.undeclared(head, name, parameters))));
                }
            }
        }
        for (wire, _) in parameters.path.iter().filter(|(wire, _)| !used.contains(&&**wire)) {
            let message = format!("the path `{}` has no `{{{wire}}}`", head.path.key);
            let label = "a path parameter is declared that the path does not have";
            let help = nearest(wire, used.iter().copied()).map(|name| format!("did you mean `{name}`?"));
            self.warn(
                codes::catalog::SCHEMA_WRONG,
                message,
                head.path.key_span,
                label,
                &help.unwrap_or_default(),
            );
        }
        path
    }

    /// An argument for a part of the path that no parameter declares: the path cannot be written without it.
    fn undeclared(&mut self, head: &Head<'_>, name: &str, parameters: &mut Parameters) -> Arc<str> {
        let message = format!("`{{{name}}}` of the path `{}` is not declared", head.path.key);
        let help = format!("declare `{{ name: {name}, in: path, required: true, schema: … }}`");
        let label = "read as text or a number";
        self.warn(codes::catalog::SCHEMA_WRONG, message, head.path.key_span, label, &help);
        let arg: Arc<str> = crate::names::argument(name).into();
        if !parameters.args.iter().any(|field| field.name == arg) {
            let origin = Some(Origin { span: head.path.key_span, schema: head.name.clone() });
            let ty = Type::union([Type::String, Type::Number]);
            parameters.args.push(Field { origin, ..Field::required(arg.clone(), ty) });
        }
        arg
    }

    fn says_reads(&mut self, node: &Arc<Node>) -> bool {
        let Some(reads) = node.get("x-frontdesk-reads") else { return false };
        if reads.as_bool().is_none() {
            self.wrong(reads, "`x-frontdesk-reads` must be true or false");
        }
        reads.as_bool() == Some(true)
    }

    /// The query parameter that `x-frontdesk-fields` names.
    fn fields_param(&mut self, node: &Arc<Node>, parameters: &Parameters) -> Option<Arc<str>> {
        let named = node.get("x-frontdesk-fields")?;
        let Some(name) = named.as_str() else {
            self.wrong(named, "`x-frontdesk-fields` must be the name of a query parameter");
            return None;
        };
        if parameters.query_names().any(|query| query == name) {
            return Some(name.into());
        }
        let diagnostic = Diagnostic::error(
            codes::catalog::SCHEMA_WRONG,
            format!("`x-frontdesk-fields` names no query parameter: `{name}`"),
            named.span,
            "not a query parameter of this operation",
        );
        let near = nearest(name, parameters.query_names());
        self.found.push(match near {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help("declare it under `parameters` with `in: query`"),
        });
        None
    }
}

fn documentation_of(node: &Arc<Node>) -> Option<Arc<str>> {
    let text =
        |key: &str| node.get(key).and_then(|text| text.as_str()).map(str::trim).filter(|t| !t.is_empty());
    match (text("summary"), text("description")) {
        (Some(summary), Some(description)) if summary != description => {
            Some(format!("{summary}\n\n{description}").into())
        }
        (one, other) => one.or(other).map(Arc::from),
    }
}

/// `GET /products/{id}/reviews` → `getProductsByIdReviews`.
fn derived_name(method: &str, path: &str) -> String {
    let mut name = method.to_owned();
    for part in path_template::parse(path) {
        match part {
            path_template::Part::Literal(text) => name.push_str(&upper_camel(text).replace('_', "")),
            path_template::Part::Name(arg) => {
                name.push_str("By");
                name.push_str(&upper_camel(arg));
            }
        }
    }
    name
}
