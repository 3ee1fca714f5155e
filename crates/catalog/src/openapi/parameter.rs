//! Path, query, header and cookie parameters → arguments and their form on the wire.

use std::sync::Arc;

use frontdesk_diagnostics::{Diagnostic, Span, codes};
use frontdesk_types::{Field, Origin, Type};

use super::schema::documentation;
use super::{Reader, Scope, keywords};
use crate::catalog::{HttpParam, ParamPlace, ParamStyle};
use crate::names::argument;
use crate::tree::Node;

/// The parameters of one operation.
pub(super) struct Parameters {
    /// The arguments they take, path parameters first.
    pub args: Vec<Field>,
    /// Path parameters: the name in the template, the argument.
    pub path: Vec<(Arc<str>, Arc<str>)>,
    pub params: Vec<HttpParam>,
}

impl Parameters {
    pub fn query_names(&self) -> impl Iterator<Item = &str> {
        self.params.iter().filter(|param| param.place == ParamPlace::Query).map(|param| &*param.wire)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Path,
    Query,
    Header,
    Cookie,
}

/// A parameter object whose name and place are known.
struct Declared {
    node: Arc<Node>,
    name: Arc<str>,
    name_span: Span,
    place: Place,
}

/// Headers that are not parameters: they follow from the body and the security scheme (OpenAPI 3.1 §4.8.12.2).
const NOT_PARAMETERS: &[&str] = &["accept", "content-type", "authorization"];

/// `maxItems`, if the schema itself says it.
pub(super) fn most_items(schema: &Node) -> Option<u32> {
    let most = schema.get("maxItems")?.as_count()?;
    u32::try_from(most).ok().filter(|most| *most > 0)
}

/// RFC 9110 §5.6.2.
pub(crate) fn is_token(name: &str) -> bool {
    !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

impl Reader<'_> {
    /// `None` if the operation cannot be called because of one of them; then that was reported.
    pub(super) fn parameters(
        &mut self,
        shared: Option<&Arc<Node>>,
        own: Option<&Arc<Node>>,
        operation: &str,
        scope: &Scope,
    ) -> Option<Parameters> {
        let mut all = self.declared(shared);
        for declared in self.declared(own) {
            match all.iter_mut().find(|other| other.name == declared.name && other.place == declared.place) {
                Some(other) => *other = declared,
                None => all.push(declared),
            }
        }
        all.sort_by_key(|declared| declared.place != Place::Path);
        let mut parameters = Parameters { args: Vec::new(), path: Vec::new(), params: Vec::new() };
        for declared in all {
            self.parameter(&declared, operation, scope, &mut parameters)?;
        }
        Some(parameters)
    }

    fn declared(&mut self, list: Option<&Arc<Node>>) -> Vec<Declared> {
        let Some(list) = list else { return Vec::new() };
        let Some(items) = list.as_list() else {
            self.wrong(list, "`parameters` must be a list");
            return Vec::new();
        };
        items.iter().filter_map(|item| self.declared_one(item)).collect()
    }

    fn declared_one(&mut self, item: &Arc<Node>) -> Option<Declared> {
        let node = self.dereferenced(item)?;
        let name = node.get("name").and_then(|name| Some((name.as_str()?, name.span)));
        let place = node.get("in").and_then(|place| place.as_str());
        let (Some((name, name_span)), Some(place)) = (name, place) else {
            self.wrong(&node, "a parameter needs `name` and `in`");
            return None;
        };
        let place = match place {
            "path" => Place::Path,
            "query" => Place::Query,
            "header" => Place::Header,
            "cookie" => Place::Cookie,
            other => {
                let message = format!("a parameter cannot be `in: {other}`");
                let span = node.get("in").map_or(node.span, |place| place.span);
                let help = "parameters are in path, query, header or cookie; a body is a `requestBody`";
                self.warn(codes::catalog::SCHEMA_WRONG, message, span, "passed over", help);
                return None;
            }
        };
        if place == Place::Header && NOT_PARAMETERS.iter().any(|header| name.eq_ignore_ascii_case(header)) {
            return None;
        }
        let name: Arc<str> = name.into();
        self.check_keywords(&node, keywords::PARAMETER, "a parameter");
        Some(Declared { node, name, name_span, place })
    }

    fn parameter(
        &mut self,
        declared: &Declared,
        operation: &str,
        scope: &Scope,
        parameters: &mut Parameters,
    ) -> Option<()> {
        let Declared { node, name, name_span, place } = declared;
        let arg: Arc<str> = argument(name).into();
        if let Some(other) = parameters.args.iter().find(|field| field.name == arg) {
            let first = other.origin.as_ref().map_or(*name_span, |origin| origin.span);
            self.argument_taken(operation, &arg, *name_span, first);
            return None;
        }
        if matches!(place, Place::Header | Place::Cookie) && !is_token(name) {
            let message = format!("`{}` is not the name of a header or cookie", name.escape_debug());
            self.skipped(
                operation,
                &message,
                *name_span,
                "names are made of letters, digits and `-` (RFC 9110 §5.1)",
            );
            return None;
        }
        let (ty, style, explode) = if let Some(content) =
            node.get("content").and_then(|content| content.as_map())
        {
            let media = content.iter().find(|entry| super::body::is_json(&entry.key));
            let Some(media) = media else {
                let message = format!("the parameter `{name}` is not JSON");
                self.skipped(operation, &message, *name_span, "only `content: application/json` can be sent");
                return None;
            };
            let schema = media.value.get("schema").cloned();
            let ty = schema.map_or(Type::Unknown, |schema| self.schema(&schema, scope));
            (ty, ParamStyle::Json, false)
        } else {
            let schema = node.get("schema").cloned();
            let ty = match schema {
                Some(schema) => {
                    if let Some(most) = most_items(&schema) {
                        self.item_limits.push((operation.into(), arg.clone(), most));
                    }
                    self.schema(&schema, scope)
                }
                None => Type::Unknown,
            };
            let (style, explode) = self.style(declared, operation)?;
            (ty, style, explode)
        };
        if node.get("allowReserved").and_then(|value| value.as_bool()) == Some(true) {
            let message = "`allowReserved` is not understood";
            let help = "reserved characters are percent-encoded all the same; most services accept that";
            self.warn(codes::catalog::NOT_UNDERSTOOD, message, *name_span, "of this parameter", help);
        }
        let hints = self.parameter_hints(node, &ty);
        let is_required = *place == Place::Path
            || node.get("required").and_then(|required| required.as_bool()) == Some(true);
        parameters.args.push(Field {
            name: arg.clone(),
            ty,
            optional: !is_required,
            doc: documentation(node),
            origin: Some(Origin { span: *name_span, schema: operation.into() }),
            written: None,
            life: None,
            hints,
        });
        let place = match place {
            Place::Path => {
                parameters.path.push((name.clone(), arg));
                return Some(());
            }
            Place::Query => ParamPlace::Query,
            Place::Header => ParamPlace::Header,
            Place::Cookie => ParamPlace::Cookie,
        };
        parameters.params.push(HttpParam { arg, wire: name.clone(), place, style, explode });
        Some(())
    }

    /// `style` and `explode`, with the defaults of the parameter's place.
    fn style(&mut self, declared: &Declared, operation: &str) -> Option<(ParamStyle, bool)> {
        let Declared { node, place, name, .. } = declared;
        let written = node.get("style");
        let style = written.and_then(|style| style.as_str());
        let explode = node.get("explode").and_then(|explode| explode.as_bool());
        let default = match place {
            Place::Path | Place::Header => ParamStyle::Simple,
            Place::Query | Place::Cookie => ParamStyle::Form,
        };
        let fits = |allowed: &[Place]| allowed.contains(place);
        let style = match style {
            None => default,
            Some("form") if fits(&[Place::Query, Place::Cookie]) => ParamStyle::Form,
            Some("simple") if fits(&[Place::Path, Place::Header]) => ParamStyle::Simple,
            Some("spaceDelimited") if fits(&[Place::Query]) => ParamStyle::SpaceDelimited,
            Some("pipeDelimited") if fits(&[Place::Query]) => ParamStyle::PipeDelimited,
            Some("deepObject") if fits(&[Place::Query]) => return Some((ParamStyle::DeepObject, true)),
            Some(other) => {
                let span = written.map_or(node.span, |style| style.span);
                let message = format!("the parameter `{name}` has the style `{other}`");
                self.skipped(
                    operation,
                    &message,
                    span,
                    "this style cannot be sent for a parameter of this place",
                );
                return None;
            }
        };
        Some((style, explode.unwrap_or(style == ParamStyle::Form)))
    }

    pub(super) fn argument_taken(&mut self, operation: &str, arg: &str, span: Span, first: Span) {
        self.found.push(
            Diagnostic::warning(
                codes::catalog::NAME_TAKEN,
                format!("two arguments of `{operation}` are called `{arg}`"),
                span,
                "the operation is left out",
            )
            .label(first, "the first one")
            .help("rename one of the two parameters"),
        );
    }

    /// Says that an operation is left out, and why.
    pub(super) fn skipped(&mut self, operation: &str, why: &str, span: Span, label: &str) {
        self.found.push(
            Diagnostic::warning(
                codes::catalog::OPERATION_SKIPPED,
                format!("`{operation}` cannot be called: {why}"),
                span,
                label,
            )
            .help("views can call the service's other operations"),
        );
    }
}
