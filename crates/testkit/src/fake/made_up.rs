//! Answers from schemas, keyed by what was asked: whoever asks for product `x` gets a product whose id is `x`.

use frontdesk_catalog::{Catalog, Operation, OperationId, Service};
use frontdesk_contract::example::{Knobs, fits, with};
use frontdesk_types::{Object, Type, Types};
use serde_json::{Map, Value};

/// Arguments that say how many are wanted.
const LIMITS: [&str; 7] = ["limit", "first", "size", "pageSize", "perPage", "count", "top"];
/// The longest list that an argument can ask for.
const LONGEST: usize = 1000;

pub(super) fn answer(
    catalog: &Catalog,
    service: &Service,
    id: OperationId,
    args: &Value,
    knobs: Knobs,
) -> Value {
    let Some(operation) = service.operations.get(id.0 as usize) else { return Value::Null };
    let types = &catalog.types;
    let seed = format!("{}.{} {args}", service.name, operation.name);
    let wanted = LIMITS.iter().find_map(|name| args.get(*name)?.as_u64());
    let knobs = match wanted.and_then(|n| usize::try_from(n).ok()) {
        Some(limit) if knobs.large => Knobs { list: limit.min(LONGEST), ..knobs },
        Some(limit) => Knobs { list: knobs.list.min(limit), ..knobs },
        None => knobs,
    };
    let mut value = with(types, &operation.result, None, &operation.name, &seed, knobs);
    echo(types, &operation.result, args, &mut value);
    single_id(types, operation, args, &mut value);
    if let Some((field, key, ids)) = batch_of(service, id, args) {
        twin(types, &operation.result, field, key, ids, &mut value);
    }
    value
}

/// Arguments that stand in the answer under the same name are those that were given.
fn echo(types: &Types, ty: &Type, args: &Value, value: &mut Value) {
    let (Some(object), Some(members), Some(args)) =
        (object(types, ty), value.as_object_mut(), args.as_object())
    else {
        return;
    };
    for (name, arg) in args {
        let Some(field) = object.field(name) else { continue };
        match arg {
            Value::Array(asked) => {
                if let Some(value) = members.get_mut(name) {
                    echo_each(types, &field.ty, asked, value);
                }
            }
            arg if fits(types, &field.ty, arg).is_ok() && !arg.is_null() => {
                members.insert(name.clone(), arg.clone());
            }
            _ => {}
        }
    }
}

/// A list, or a map by id, of as many things as were asked for.
fn echo_each(types: &Types, ty: &Type, asked: &[Value], value: &mut Value) {
    let id = |one: &Value| match one {
        Value::String(id) => Some(id.clone()),
        Value::Object(members) => members.get("id").and_then(Value::as_str).map(str::to_owned),
        _ => None,
    };
    match value {
        Value::Array(made) => {
            let Some(of) = element(types, ty) else { return };
            if fits(types, ty, &Value::Array(asked.to_vec())).is_ok() {
                made.clone_from(&asked.to_vec());
                return;
            }
            let Some(first) = made.first().cloned() else { return };
            *made = (0..asked.len()).map(|at| made.get(at).unwrap_or(&first).clone()).collect();
            made.iter_mut().zip(asked).for_each(|(made, asked)| echo(types, of, asked, made));
        }
        Value::Object(made) if object(types, ty).is_some_and(|object| object.index.is_some()) => {
            let Some(of) = object(types, ty).and_then(|object| object.index.as_ref()) else { return };
            let values: Vec<Value> = made.values().cloned().collect();
            let Some(first) = values.first() else { return };
            let ids = asked.iter().enumerate().filter_map(|(at, one)| Some((at, one, id(one)?)));
            *made = ids
                .map(|(at, one, id)| {
                    let mut value = values.get(at).unwrap_or(first).clone();
                    echo(types, of, one, &mut value);
                    (id, value)
                })
                .collect::<Map<_, _>>();
        }
        _ => {}
    }
}

/// `getProduct({ productId })` answers a product with that `id`.
fn single_id(types: &Types, operation: &Operation, args: &Value, value: &mut Value) {
    let (Some(members), Some(given)) = (value.as_object_mut(), args.as_object()) else { return };
    let (name, arg) = match &operation.batch {
        Some(batch) => (&*batch.key, given.get(&*batch.id_arg)),
        None => {
            let mut ids = given.iter().filter(|(name, _)| name.ends_with("Id"));
            let only = ids.next().filter(|_| ids.next().is_none());
            // `productId` of `getProduct`, and not `customerId` of `getCart`.
            let of = |name: &str| {
                let noun = name.strip_suffix("Id").unwrap_or(name).to_ascii_lowercase();
                !noun.is_empty() && operation.name.to_ascii_lowercase().ends_with(&noun)
            };
            ("id", only.filter(|(name, _)| of(name)).map(|(_, arg)| arg))
        }
    };
    let Some(arg) = arg else { return };
    let fitting = object(types, &operation.result)
        .and_then(|object| object.field(name))
        .is_some_and(|field| fits(types, &field.ty, arg).is_ok());
    if fitting {
        members.insert(name.to_owned(), arg.clone());
    }
}

/// Whether this is the twin of another operation: the field of its answer that holds the list, the field of an item that
/// is its id, and the ids that are asked for.
fn batch_of<'a>(
    service: &'a Service,
    id: OperationId,
    args: &'a Value,
) -> Option<(Option<&'a str>, &'a str, &'a [Value])> {
    let batch = service.operations.iter().filter_map(|o| o.batch.as_ref()).find(|batch| batch.twin == id)?;
    let ids = args.get(&*batch.ids_arg)?.as_array()?;
    Some((batch.items.as_deref(), &batch.key, ids))
}

/// One item for each id that is asked for.
fn twin(types: &Types, ty: &Type, field: Option<&str>, key: &str, ids: &[Value], value: &mut Value) {
    let (ty, list) = match field {
        None => (Some(ty), Some(value)),
        Some(name) => (
            object(types, ty).and_then(|object| object.field(name)).map(|field| &field.ty),
            value.get_mut(name),
        ),
    };
    let (Some(of), Some(Value::Array(items))) = (ty.and_then(|ty| element(types, ty)), list) else { return };
    let spare = with(types, of, None, "item", "", Knobs::default());
    *items = ids
        .iter()
        .enumerate()
        .map(|(at, id)| {
            let mut item = items.get(at).or(items.first()).unwrap_or(&spare).clone();
            if let Some(members) = item.as_object_mut() {
                members.insert(key.to_owned(), id.clone());
            }
            item
        })
        .collect();
}

fn object<'t>(types: &'t Types, ty: &'t Type) -> Option<&'t Object> {
    types.resolve(ty).members().iter().find_map(|ty| match types.resolve(ty) {
        Type::Object(object) => Some(&**object),
        _ => None,
    })
}

fn element<'t>(types: &'t Types, ty: &'t Type) -> Option<&'t Type> {
    types.resolve(ty).members().iter().find_map(|ty| match types.resolve(ty) {
        Type::Array(of) => Some(&**of),
        _ => None,
    })
}
