//! Request bodies → arguments; answers → the result type.

use std::sync::Arc;

use frontdesk_diagnostics::{Span, codes};
use frontdesk_types::{Field, Origin, Type};

use super::parameter::Parameters;
use super::schema::documentation;
use super::{Reader, Scope};
use crate::catalog::HttpBody;
use crate::tree::{Entry, Map, Node};

/// What a request body adds to an operation.
#[derive(Default)]
pub(super) struct Body {
    pub args: Vec<Field>,
    pub binding: Option<HttpBody>,
}

/// What an operation answers when all is well.
pub(super) struct Answer {
    pub result: Type,
    pub empty_statuses: Vec<u16>,
}

impl Reader<'_> {
    /// `None` if the operation cannot be called because of its body; then that was reported.
    pub(super) fn body(
        &mut self,
        node: Option<&Arc<Node>>,
        parameters: &Parameters,
        operation: &str,
        scope: &Scope,
    ) -> Option<Body> {
        let Some(node) = node else { return Some(Body::default()) };
        let node = self.dereferenced(node)?;
        let is_required = node.get("required").and_then(|required| required.as_bool()) == Some(true);
        let content = node.get("content").and_then(|content| content.as_map());
        let Some(media) = content.and_then(json_media) else {
            let offered =
                content.map(|content| content.keys().collect::<Vec<_>>().join(", ")).unwrap_or_default();
            let offered = if offered.is_empty() { "nothing".to_owned() } else { offered };
            if is_required {
                let why = format!("its body is {offered}");
                self.skipped(operation, &why, node.span, "only JSON bodies can be sent");
                return None;
            }
            let message = format!("the body of `{operation}` is not understood: {offered}");
            let help = "the operation can be called without a body";
            self.warn(codes::catalog::NOT_UNDERSTOOD, message, node.span, "passed over", help);
            return Some(Body::default());
        };
        let schema = media.value.get("schema").cloned();
        let ty = schema.as_ref().map_or(Type::Unknown, |schema| self.schema(schema, scope));
        let fields = schema.as_ref().and_then(|schema| self.mergeable(schema, &ty, parameters, scope));
        if let Some(fields) = fields {
            for field in &fields {
                let most = schema.as_ref().and_then(|schema| self.property_limit(schema, &field.name));
                self.item_limits.extend(most.map(|most| (Arc::from(operation), field.name.clone(), most)));
            }
            let names = fields.iter().map(|field| field.name.clone()).collect();
            return Some(Body { args: fields, binding: Some(HttpBody::Fields(names)) });
        }
        let taken = |name: &str| parameters.args.iter().find(|field| &*field.name == name);
        if let Some(other) = taken("body") {
            let first = other.origin.as_ref().map_or(node.span, |origin| origin.span);
            self.argument_taken(operation, "body", media.key_span, first);
            return None;
        }
        let name: Arc<str> = "body".into();
        let field = Field {
            name: name.clone(),
            ty,
            optional: !is_required,
            doc: documentation(&node),
            origin: Some(Origin { span: media.key_span, schema: operation.into() }),
            written: None,
            life: None,
            hints: None,
        };
        Some(Body { args: vec![field], binding: Some(HttpBody::Whole(name)) })
    }

    /// The fields of a body that can stand beside the parameters: an object's, if all are known and no name
    /// is taken.
    ///
    /// `required: false` of a body is passed over here: it is what a document says that says nothing, and
    /// services that take an object hardly ever mean that it may be absent.
    fn mergeable(
        &mut self,
        schema: &Arc<Node>,
        ty: &Type,
        parameters: &Parameters,
        scope: &Scope,
    ) -> Option<Vec<Field>> {
        let object = match ty {
            Type::Object(object) => object.clone(),
            Type::Named(named) => {
                let (node, direction, _) = self.behind.get(&named.id).cloned()?;
                if self.subtypes(&node, scope).is_some() {
                    return None;
                }
                let inner = Scope { direction, owner: named.name.clone() };
                match super::schema::completed(self.expansion(&node, &inner)) {
                    Type::Object(object) => object,
                    _ => return None,
                }
            }
            _ => return None,
        };
        let is_free = |field: &Field| !parameters.args.iter().any(|arg| arg.name == field.name);
        let is_nullable = schema.get("nullable").and_then(|value| value.as_bool()) == Some(true);
        let fits = object.index.is_none() && !is_nullable && object.fields.iter().all(is_free);
        fits.then(|| object.fields.clone())
    }

    fn property_limit(&mut self, schema: &Arc<Node>, name: &str) -> Option<u32> {
        let schema = self.dereferenced(schema)?;
        let property = self.dereferenced(schema.get("properties")?.get(name)?)?;
        super::parameter::most_items(&property)
    }

    /// `None` if no answer of the operation can be read; then that was reported.
    pub(super) fn answer(
        &mut self,
        node: Option<&Arc<Node>>,
        operation: &str,
        method: Span,
        scope: &Scope,
    ) -> Option<Answer> {
        let mut answer = Answer { result: Type::Never, empty_statuses: Vec::new() };
        let responses = match node {
            Some(node) => {
                if let Some(map) = node.as_map() {
                    Some(map)
                } else {
                    self.wrong(node, "`responses` must be a mapping of statuses to answers");
                    None
                }
            }
            None => None,
        };
        let chosen: Vec<&Entry> = responses.map(success).unwrap_or_default();
        if chosen.is_empty() {
            let message = format!("`{operation}` declares no answer of success");
            let help = "declare `responses: { '200': … }`; until then the answer is `unknown`";
            self.warn(codes::catalog::NOT_UNDERSTOOD, message, method, "no 2xx response", help);
            answer.result = Type::Unknown;
            return Some(answer);
        }
        let mut unread = Vec::new();
        let mut members = Vec::new();
        for entry in chosen {
            let Some(response) = self.dereferenced(&entry.value) else {
                members.push(Type::Unknown);
                continue;
            };
            let content = response.get("content").and_then(|content| content.as_map());
            match content.filter(|content| content.iter().next().is_some()) {
                None => {
                    members.push(Type::Null);
                    answer.empty_statuses.extend(statuses(&entry.key));
                }
                Some(content) => {
                    if let Some(media) = json_media(content) {
                        let schema = media.value.get("schema").cloned();
                        members.push(schema.map_or(Type::Unknown, |schema| self.schema(&schema, scope)));
                    } else {
                        let offered = content.keys().collect::<Vec<_>>().join(", ");
                        unread.push((entry.key_span, offered));
                    }
                }
            }
        }
        if members.is_empty() {
            let (span, offered) = unread.first().cloned().unwrap_or((method, String::new()));
            self.skipped(
                operation,
                &format!("it answers with {offered}"),
                span,
                "only JSON answers can be read",
            );
            return None;
        }
        for (span, offered) in unread {
            let message = format!("an answer of `{operation}` is not understood: {offered}");
            let help = "a call that gets this answer fails";
            self.warn(codes::catalog::NOT_UNDERSTOOD, message, span, "not JSON", help);
        }
        answer.result = Type::union(members);
        Some(answer)
    }
}

/// The answers of success: 2xx, or `default` where there is none.
fn success(responses: &Map) -> Vec<&Entry> {
    let is_success = |key: &str| key.len() == 3 && key.starts_with('2');
    let chosen: Vec<&Entry> = responses.iter().filter(|entry| is_success(&entry.key)).collect();
    if chosen.is_empty() { responses.entry("default").into_iter().collect() } else { chosen }
}

/// The statuses that a key of `responses` stands for, as far as they occur without a body.
fn statuses(key: &str) -> Vec<u16> {
    match key.parse() {
        Ok(status) => vec![status],
        Err(_) => vec![200, 201, 202, 204, 205],
    }
}

/// The JSON one of several media types.
fn json_media(content: &Map) -> Option<&Entry> {
    let exact = content.iter().find(|entry| essence(&entry.key) == "application/json");
    exact.or_else(|| content.iter().find(|entry| is_json(&entry.key)))
}

/// `application/json`, `application/problem+json; charset=utf-8`, `*/*`.
pub(super) fn is_json(media_type: &str) -> bool {
    let essence = essence(media_type);
    essence.ends_with("/json") || essence.ends_with("+json") || matches!(&*essence, "*/*" | "application/*")
}

/// A key of `content`, as opposed to a name that happens to have a slash.
pub(super) fn is_media_type(key: &str) -> bool {
    ["application/", "text/", "image/", "multipart/", "*/*"].iter().any(|start| key.starts_with(start))
}

fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}
