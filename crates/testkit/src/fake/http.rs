//! Which operation an HTTP request is for, and its arguments: what the engine's encoder does, read backwards.

use frontdesk_adapter::ServiceCall;
use frontdesk_catalog::{
    Binding, HttpBinding, HttpBody, HttpParam, Operation, OperationId, ParamPlace, ParamStyle, PathPart,
    Service,
};
use frontdesk_types::{Type, Types};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// An operation with what its path's arguments are, and how many.
type Match<'m> = (usize, OperationId, &'m Operation, &'m HttpBinding, Vec<(&'m str, &'m str)>);

/// The operation whose method and path these are, the most literal of several.
pub(super) fn find(types: &Types, service: &Service, call: &ServiceCall) -> Option<(OperationId, Value)> {
    let target = std::str::from_utf8(&call.target).ok()?;
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut best: Option<Match<'_>> = None;
    for (at, operation) in service.operations.iter().enumerate() {
        let Binding::Http(binding) = &operation.binding else { continue };
        if *binding.method != *call.method {
            continue;
        }
        let Some(taken) = matched(&binding.path, path) else { continue };
        if best.as_ref().is_none_or(|(fewest, ..)| taken.len() < *fewest) {
            best = Some((taken.len(), OperationId(at as u32), operation, binding, taken));
        }
    }
    let (_, id, operation, binding, taken) = best?;
    let mut args = Map::new();
    for (name, text) in taken {
        args.insert(name.to_owned(), typed(types, field(types, operation, name), &decoded(text)));
    }
    let pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), value.to_owned()))
        .collect();
    for param in &binding.params {
        let texts = texts(param, &pairs, call);
        if !texts.is_empty() {
            args.insert(
                param.arg.to_string(),
                value(types, field(types, operation, &param.arg), param, &texts),
            );
        }
    }
    if let Ok(body) = serde_json::from_slice::<Value>(&call.body) {
        match (&binding.body, body) {
            (Some(HttpBody::Fields(_)), Value::Object(members)) => args.extend(members),
            (Some(HttpBody::Whole(name)), body) => {
                args.insert(name.to_string(), body);
            }
            _ => {}
        }
    }
    Some((id, Value::Object(args)))
}

/// The raw text of each argument in the path; `None` if it is another path.
fn matched<'p, 't>(template: &'t [PathPart], path: &'p str) -> Option<Vec<(&'t str, &'p str)>> {
    let Some((part, rest)) = template.split_first() else { return path.is_empty().then(Vec::new) };
    match part {
        PathPart::Literal(text) => matched(rest, path.strip_prefix(&**text)?),
        PathPart::Arg(name) => {
            let most = path.find('/').unwrap_or(path.len());
            // The longest first: `{id}.json` of `a.json.json` is `a.json`.
            (1..=most).rev().filter(|end| path.is_char_boundary(*end)).find_map(|end| {
                let (taken, after) = path.split_at(end);
                let mut all = matched(rest, after)?;
                all.insert(0, (&**name, taken));
                Some(all)
            })
        }
    }
}

/// As they stand, one for each time the parameter is there.
fn texts(param: &HttpParam, query: &[(String, String)], call: &ServiceCall) -> Vec<String> {
    let header = |name: &str| {
        let found = call.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name.as_bytes()));
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    };
    match param.place {
        ParamPlace::Query => {
            query.iter().filter(|(name, _)| *name == *param.wire).map(|(_, value)| value.clone()).collect()
        }
        ParamPlace::Header => header(&param.wire).into_iter().collect(),
        ParamPlace::Cookie => header("cookie")
            .iter()
            .flat_map(|all| all.split("; "))
            .filter_map(|pair| pair.split_once('='))
            .filter(|(name, _)| **name == *param.wire)
            .map(|(_, value)| value.to_owned())
            .collect(),
    }
}

fn value(types: &Types, ty: Option<&Type>, param: &HttpParam, texts: &[String]) -> Value {
    let of = ty.and_then(|ty| list_of(types, ty));
    let delimiter = match param.style {
        ParamStyle::SpaceDelimited => "%20",
        ParamStyle::PipeDelimited => "%7C",
        _ => ",",
    };
    match (texts, of) {
        ([json], _) if param.style == ParamStyle::Json => {
            serde_json::from_str(&decoded(json)).unwrap_or_else(|_| Value::String(decoded(json)))
        }
        (many, Some(of)) => {
            let all = many.iter().flat_map(|text| text.split(delimiter));
            Value::Array(all.map(|text| typed(types, Some(of), &decoded(text))).collect())
        }
        ([one], None) => typed(types, ty, &decoded(one)),
        (many, None) => Value::Array(many.iter().map(|text| Value::String(decoded(text))).collect()),
    }
}

fn list_of<'t>(types: &'t Types, ty: &'t Type) -> Option<&'t Type> {
    types.resolve(ty).members().iter().find_map(|ty| match types.resolve(ty) {
        Type::Array(of) => Some(&**of),
        _ => None,
    })
}

/// A text as the number or truth value that its schema says it is.
fn typed(types: &Types, ty: Option<&Type>, text: &str) -> Value {
    let is = |wanted: &dyn Fn(&Type) -> bool| {
        ty.is_some_and(|ty| types.resolve(ty).members().iter().any(|ty| wanted(types.resolve(ty))))
    };
    if is(&|ty| *ty == Type::Number)
        && let Ok(number) = serde_json::from_str::<serde_json::Number>(text)
    {
        return Value::Number(number);
    }
    match text {
        "true" | "false" if is(&|ty| *ty == Type::Boolean) => Value::Bool(text == "true"),
        _ => Value::String(text.to_owned()),
    }
}

fn field<'t>(types: &'t Types, operation: &'t Operation, name: &str) -> Option<&'t Type> {
    match types.resolve(&operation.args) {
        Type::Object(object) => object.field(name).map(|field| &field.ty),
        _ => None,
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_taken_apart_by_its_template() {
        let template = [
            PathPart::Literal("/items/".into()),
            PathPart::Arg("id".into()),
            PathPart::Literal(".json/x-".into()),
            PathPart::Arg("part".into()),
        ];
        assert_eq!(matched(&template, "/items/a.json.json/x-2"), Some(vec![("id", "a.json"), ("part", "2")]));
        for other in ["/items/a.json/x-", "/items/a/b.json/x-2", "/items/.json/x-2", "/item/a.json/x-2"] {
            assert_eq!(matched(&template, other), None, "{other}");
        }
    }
}
