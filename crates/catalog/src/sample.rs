//! Services without a schema: types from sample JSON documents.
//!
//! Several samples of one answer are joined: a field that one of them lacks is optional, one that is null
//! somewhere is nullable. What no sample shows is unknown.

use std::sync::Arc;

use frontdesk_diagnostics::{Diagnostic, Diagnostics, Severity, Sources, codes};
use frontdesk_types::{Field, Object, Origin, Type};

use crate::Files;
use crate::catalog::{
    Binding, Effect, HttpBinding, HttpBody, HttpParam, Operation, ParamPlace, ParamStyle, PathPart,
};
use crate::config::{SampledOperation, Spanned};
use crate::names::argument;
use crate::path_template::{self, Part};
use crate::schema_file::SchemaFiles;
use crate::tree::{Node, Value};

/// Statuses whose answer may have no body.
const EMPTY_STATUSES: [u16; 5] = [200, 201, 202, 204, 205];

/// The operations of a service, as its paths and samples describe them.
pub fn read(
    written: &[SampledOperation],
    files: &dyn Files,
    sources: &mut Sources,
    diagnostics: &mut Diagnostics,
) -> Vec<Operation> {
    let mut reader = Reader { files: SchemaFiles::new(files, sources), found: Vec::new() };
    let operations = written.iter().filter_map(|operation| reader.operation(operation)).collect();
    diagnostics.extend(reader.found);
    operations
}

struct Reader<'a> {
    files: SchemaFiles<'a>,
    found: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn operation(&mut self, written: &SampledOperation) -> Option<Operation> {
        let mut args = Vec::new();
        let path = self.path(written, &mut args)?;
        let params = self.query(written, &mut args);
        let body = self.body(written, &mut args);
        let result = self.joined(&written.samples, &written.name);
        let is_read = written.method == "GET" || written.reads;
        if written.samples.is_empty() && is_read {
            self.found.push(
                Diagnostic::warning(
                    codes::catalog::NO_SAMPLE,
                    format!("operation `{}` has no sample", written.name),
                    written.span,
                    "its answer is `unknown`: a view can read no field of it",
                )
                .help("add `sample: services/samples/….json`"),
            );
        }
        let empty_statuses = if written.samples.is_empty() { EMPTY_STATUSES.to_vec() } else { Vec::new() };
        Some(Operation {
            name: written.name.clone(),
            doc: None,
            origin: Origin { span: written.span, schema: written.name.clone() },
            args: Type::object(args),
            result: result.unwrap_or(Type::Unknown),
            effect: if is_read { Effect::Reads } else { Effect::Writes },
            batch: None,
            binding: Binding::Http(HttpBinding {
                method: written.method.into(),
                path,
                params,
                body,
                fields_param: None,
                empty_statuses,
            }),
            deprecated: false,
        })
    }

    fn path(&mut self, written: &SampledOperation, args: &mut Vec<Field>) -> Option<Vec<PathPart>> {
        let template = &written.path.value;
        if let Some(label) = path_template::problem(template) {
            let help = if template.starts_with('/') {
                "list query parameters under `query`".to_owned()
            } else {
                format!("write `/{template}`")
            };
            let message = format!("`{template}` is not a path");
            self.bad(&written.path, &message, label, &help);
            return None;
        }
        let mut path = Vec::new();
        for part in path_template::parse(template) {
            match part {
                Part::Literal(text) => path.push(PathPart::Literal(path_template::encoded(text).into())),
                Part::Name(name) => {
                    let arg: Arc<str> = argument(name).into();
                    let ty = Type::union([Type::String, Type::Number]);
                    if !args.iter().any(|field: &Field| field.name == arg) {
                        args.push(field(&arg, ty, false, &written.path, &written.name));
                    }
                    path.push(PathPart::Arg(arg));
                }
            }
        }
        Some(path)
    }

    fn query(&mut self, written: &SampledOperation, args: &mut Vec<Field>) -> Vec<HttpParam> {
        let mut params = Vec::new();
        for name in &written.query {
            let arg: Arc<str> = argument(&name.value).into();
            if args.iter().any(|field| field.name == arg) {
                let message = format!("two arguments of `{}` are called `{arg}`", written.name);
                self.bad(name, &message, "taken already", "give the path argument another name");
                continue;
            }
            let ty = Type::union([Type::String, Type::Number, Type::Boolean]);
            args.push(field(&arg, ty, true, name, &written.name));
            params.push(HttpParam {
                arg,
                wire: name.value.as_str().into(),
                place: ParamPlace::Query,
                style: ParamStyle::Form,
                explode: true,
            });
        }
        params
    }

    fn body(&mut self, written: &SampledOperation, args: &mut Vec<Field>) -> Option<HttpBody> {
        let ty = self.joined(&written.body, &written.name)?;
        if let Type::Object(object) = &ty
            && object.index.is_none()
            && object.fields.iter().all(|field| !args.iter().any(|arg| arg.name == field.name))
        {
            args.extend(object.fields.iter().cloned());
            return Some(HttpBody::Fields(object.fields.iter().map(|field| field.name.clone()).collect()));
        }
        let name: Arc<str> = "body".into();
        let mention = written.body.first()?;
        if args.iter().any(|arg| arg.name == name) {
            let message = format!("two arguments of `{}` are called `body`", written.name);
            self.bad(
                mention,
                &message,
                "this is the other one",
                "give the path or query argument another name",
            );
            return None;
        }
        args.push(field(&name, ty, false, mention, &written.name));
        Some(HttpBody::Whole(name))
    }

    /// The type of everything the samples show; `None` if there are none.
    fn joined(&mut self, samples: &[Spanned<String>], operation: &Arc<str>) -> Option<Type> {
        let trees: Vec<Arc<Node>> = samples
            .iter()
            .filter_map(|sample| self.files.tree(&sample.value, sample.span, &mut self.found))
            .collect();
        (!samples.is_empty()).then(|| {
            let trees: Vec<&Arc<Node>> = trees.iter().collect();
            if trees.is_empty() { Type::Unknown } else { infer(&trees, operation) }
        })
    }

    fn bad(&mut self, at: &Spanned<String>, message: &str, label: &str, help: &str) {
        let diagnostic = Diagnostic::new(Severity::Error, codes::catalog::BAD_VALUE, message, at.span, label);
        self.found.push(diagnostic.help(help));
    }
}

fn field(name: &Arc<str>, ty: Type, optional: bool, at: &Spanned<String>, operation: &Arc<str>) -> Field {
    let origin = Some(Origin { span: at.span, schema: operation.clone() });
    Field { optional, origin, ..Field::required(name.clone(), ty) }
}

/// The narrowest type that has all of `values`.
fn infer(values: &[&Arc<Node>], operation: &Arc<str>) -> Type {
    let mut members = Vec::new();
    let mut items: Vec<&Arc<Node>> = Vec::new();
    let mut maps = Vec::new();
    let mut has_list = false;
    for node in values {
        match &node.value {
            Value::Null => members.push(Type::Null),
            Value::Boolean(_) => members.push(Type::Boolean),
            Value::Number(_) => members.push(Type::Number),
            Value::String(_) => members.push(Type::String),
            Value::List(list) => {
                has_list = true;
                items.extend(list);
            }
            Value::Map(map) => maps.push(map),
        }
    }
    if has_list {
        members.push(Type::array(if items.is_empty() { Type::Unknown } else { infer(&items, operation) }));
    }
    if !maps.is_empty() {
        let mut fields: Vec<(Field, Vec<&Arc<Node>>)> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for entry in maps.iter().flat_map(|map| map.iter()) {
            let place = *places.entry(entry.key.clone()).or_insert_with(|| {
                let origin = Some(Origin { span: entry.key_span, schema: operation.clone() });
                fields.push((
                    Field { origin, ..Field::required(entry.key.clone(), Type::Unknown) },
                    Vec::new(),
                ));
                fields.len() - 1
            });
            if let Some((_, seen)) = fields.get_mut(place) {
                seen.push(&entry.value);
            }
        }
        let fields: Vec<Field> = fields
            .into_iter()
            .map(|(field, seen)| Field {
                ty: infer(&seen, operation),
                optional: seen.len() < maps.len(),
                ..field
            })
            .collect();
        let index = if fields.is_empty() { Some(Type::Unknown) } else { None };
        members.push(Type::Object(Arc::new(Object { fields, index })));
    }
    // A null beside something that is known is a nullable something.
    members.sort_by_key(|member| *member == Type::Null);
    Type::union(members)
}
