//! `patch`: an answer of which only what matters is said.

use frontdesk_contract::example;
use frontdesk_types::{Literal, Object, Type, Types};
use serde_json::Value;

/// Merges `patch` over an answer of type `ty`. Objects are merged member by member; a list stands instead, each of its
/// elements merged over one that was made up; anything else stands instead. `null` is `null` where the schema allows it;
/// elsewhere it takes the member away.
pub(crate) fn merge(types: &Types, ty: &Type, value: &mut Value, patch: &Value) {
    match (patch, &mut *value) {
        (Value::Object(patch), Value::Object(members)) => {
            let object = objects(types, ty).next();
            for (key, patch) in patch {
                let field = object.and_then(|object| object.field(key)).map(|field| &field.ty);
                let ty = field.or_else(|| object?.index.as_ref()).unwrap_or(&Type::Unknown);
                if patch.is_null() && !takes_null(types, ty) {
                    members.remove(key);
                } else {
                    merge(types, ty, members.entry(key.clone()).or_insert(Value::Null), patch);
                }
            }
        }
        (Value::Object(_), _) if objects(types, ty).next().is_some() => {
            *value = base(types, ty, patch, None);
            if value.is_object() {
                merge(types, ty, value, patch);
            }
        }
        (Value::Array(patch), Value::Array(made)) => {
            let of = element(types, ty).unwrap_or(&Type::Unknown);
            *made = patch
                .iter()
                .enumerate()
                .map(|(at, patch)| {
                    if !patch.is_object() {
                        return patch.clone();
                    }
                    let mut one = base(types, of, patch, made.get(at).or(made.last()));
                    merge(types, of, &mut one, patch);
                    one
                })
                .collect();
        }
        _ => *value = patch.clone(),
    }
}

/// What an object is merged over: what was made up there, unless the patch says that another variant is meant.
fn base(types: &Types, ty: &Type, patch: &Value, made: Option<&Value>) -> Value {
    let all: Vec<&Type> =
        members(types, ty).filter(|ty| matches!(types.resolve(ty), Type::Object(_))).collect();
    if let ([_], Some(made)) = (all.as_slice(), made) {
        return made.clone();
    }
    let meant = all.iter().find(|ty| objects(types, ty).any(|object| agrees(types, object, patch)));
    meant.map_or_else(|| patch.clone(), |ty| example::of(types, ty, ""))
}

/// Whether every literal field that the patch names is what the patch says.
fn agrees(types: &Types, object: &Object, patch: &Value) -> bool {
    object.fields.iter().all(|field| match (types.resolve(&field.ty), patch.get(&*field.name)) {
        (Type::Literal(Literal::String(wanted)), Some(said)) => said.as_str() == Some(wanted),
        _ => true,
    })
}

fn takes_null(types: &Types, ty: &Type) -> bool {
    members(types, ty).any(|ty| matches!(types.resolve(ty), Type::Null | Type::Unknown))
}

fn members<'t>(types: &'t Types, ty: &'t Type) -> impl Iterator<Item = &'t Type> {
    types.resolve(ty).members().iter()
}

fn objects<'t>(types: &'t Types, ty: &'t Type) -> impl Iterator<Item = &'t Object> {
    members(types, ty).filter_map(|ty| match types.resolve(ty) {
        Type::Object(object) => Some(&**object),
        _ => None,
    })
}

fn element<'t>(types: &'t Types, ty: &'t Type) -> Option<&'t Type> {
    members(types, ty).find_map(|ty| match types.resolve(ty) {
        Type::Array(of) => Some(&**of),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use frontdesk_types::Field;
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_said_is_made_up() {
        let percent = Type::object(vec![
            Field::required("kind", Type::string("percent")),
            Field::required("off", Type::Number),
        ]);
        let bundle = Type::object(vec![
            Field::required("kind", Type::string("bundle")),
            Field::required("buy", Type::Number),
        ]);
        let ty = Type::object(vec![
            Field::required("offers", Type::array(Type::union([percent, bundle]))),
            Field::required("next", Type::String.or_null()),
            Field::optional("note", Type::String),
            Field::required("prices", Type::map(Type::Number)),
        ]);
        let types = Types::default();
        let made = json!({
            "offers": [{ "kind": "percent", "off": 3 }],
            "next": "more",
            "note": "made up",
            "prices": { "price-1": 1 },
        });
        let merged = |patch: Value| {
            let mut value = made.clone();
            merge(&types, &ty, &mut value, &patch);
            value
        };
        let value = merged(json!({ "next": null, "note": null, "prices": { "price-1": null, "b": 2 } }));
        assert_eq!(value["next"], Value::Null);
        assert!(value.get("note").is_none());
        assert_eq!(value["prices"], json!({ "b": 2 }));
        let value = merged(json!({ "offers": [{ "kind": "bundle" }, { "off": 7 }] }));
        assert!(value["offers"][0]["buy"].is_number() && value["offers"][0].get("off").is_none(), "{value}");
        assert_eq!(value["offers"][1], json!({ "kind": "percent", "off": 7 }));
        assert_eq!(merged(json!({ "offers": [] }))["offers"], json!([]));
        assert_eq!(merged(json!({})), made);
    }
}
