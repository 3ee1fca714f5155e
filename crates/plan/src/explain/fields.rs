//! Which fields of an answer are read, of those its schema offers.

use std::collections::BTreeMap;

use frontdesk_types::{NamedId, Object, Type, Types};

use crate::plan::{EndpointPlan, Kinds, RecordSelect, SelectId};

/// The most characters and paths that are written, more or less: types that hold each other in every way have no end.
const LONGEST: usize = 20_000;
const MANY: usize = 1000;

/// `id, lines { id, quantity }`; lists are written like what is in them.
pub(crate) fn read(plan: &EndpointPlan, id: SelectId) -> String {
    let mut out = String::new();
    write(plan, id, &mut Vec::new(), &mut out);
    let out = out.trim();
    match out.strip_prefix("{ ").and_then(|inner| inner.strip_suffix(" }")) {
        Some(inner) => inner.to_owned(),
        None if out.is_empty() => nothing_named(plan, id).to_owned(),
        None => out.to_owned(),
    }
}

fn nothing_named(plan: &EndpointPlan, id: SelectId) -> &'static str {
    let select = plan.selections.get(id);
    if select.items.is_some() && select.record.is_none() {
        "how many there are"
    } else if select.verbatim {
        "all there is"
    } else if select.record.is_some() || select.kinds == Kinds::NULL {
        "whether it is there"
    } else {
        "the value"
    }
}

fn write(plan: &EndpointPlan, id: SelectId, around: &mut Vec<SelectId>, out: &mut String) {
    if around.contains(&id) || out.len() > LONGEST {
        out.push_str(" …");
        return;
    }
    around.push(id);
    let select = plan.selections.get(id);
    if let Some(record) = &select.record {
        write_record(plan, record, around, out);
    }
    if let Some(items) = select.items {
        write(plan, items, around, out);
    }
    around.pop();
}

fn write_record(plan: &EndpointPlan, record: &RecordSelect, around: &mut Vec<SelectId>, out: &mut String) {
    if record.fields.is_empty() && record.rest.is_none() {
        return;
    }
    out.push_str(" { ");
    for (i, field) in record.fields.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        out.push_str(&plan.program.name(field.name).text);
        write(plan, field.select, around, out);
    }
    if let Some(rest) = record.rest {
        if !record.fields.is_empty() {
            out.push_str(", ");
        }
        out.push_str("[key]");
        write(plan, rest, around, out);
    }
    out.push_str(" }");
}

/// The paths that are read: `lines.id`; `*` stands for any key.
pub(crate) fn paths(plan: &EndpointPlan, id: SelectId) -> Vec<String> {
    let mut paths = Vec::new();
    add_paths(plan, id, "", &mut Vec::new(), &mut paths);
    paths
}

fn add_paths(
    plan: &EndpointPlan,
    id: SelectId,
    prefix: &str,
    around: &mut Vec<SelectId>,
    paths: &mut Vec<String>,
) {
    if paths.len() >= MANY {
        return;
    }
    let before = paths.len();
    if !around.contains(&id) {
        around.push(id);
        let select = plan.selections.get(id);
        if let Some(record) = &select.record {
            for field in &record.fields {
                let path = joined(prefix, &plan.program.name(field.name).text);
                add_paths(plan, field.select, &path, around, paths);
            }
            if let Some(rest) = record.rest {
                add_paths(plan, rest, &joined(prefix, "*"), around, paths);
            }
        }
        if let Some(items) = select.items {
            add_paths(plan, items, prefix, around, paths);
        }
        around.pop();
    }
    let found_below = paths.len() > before;
    let known = paths.iter().any(|path| path == prefix);
    if !found_below && !prefix.is_empty() && !known {
        paths.push(prefix.to_owned());
    }
}

fn joined(prefix: &str, name: &str) -> String {
    if prefix.is_empty() { name.to_owned() } else { format!("{prefix}.{name}") }
}

/// How many paths a type offers; a recursive type is counted once on each way.
pub(crate) fn offered(ty: &Type, types: &Types) -> usize {
    let mut paths = 0;
    count(ty, types, false, &mut Vec::new(), &mut paths);
    paths
}

/// Deep unions of unions are not worth an exact number.
const MOST: usize = 9999;

fn count(ty: &Type, types: &Types, below: bool, around: &mut Vec<NamedId>, paths: &mut usize) {
    let before = *paths;
    let depth = around.len();
    let mut objects: Vec<&Object> = Vec::new();
    let mut lists: Vec<Type> = Vec::new();
    open(ty, types, around, &mut objects, &mut lists);
    if *paths < MOST {
        let mut fields: BTreeMap<&str, Vec<Type>> = BTreeMap::new();
        for field in objects.iter().flat_map(|object| &object.fields) {
            fields.entry(&field.name).or_default().push(field.ty.clone());
        }
        for ty in fields.into_values() {
            count(&Type::union(ty), types, true, around, paths);
        }
        let index: Vec<Type> = objects.iter().filter_map(|object| object.index.clone()).collect();
        if !index.is_empty() {
            count(&Type::union(index), types, true, around, paths);
        }
        if !lists.is_empty() {
            count(&Type::union(lists), types, false, around, paths);
        }
    }
    around.truncate(depth);
    if *paths == before && below {
        *paths += 1;
    }
}

/// The objects and list elements among the members of a type; names that are open already are left out.
fn open<'a>(
    ty: &'a Type,
    types: &'a Types,
    around: &mut Vec<NamedId>,
    objects: &mut Vec<&'a Object>,
    lists: &mut Vec<Type>,
) {
    match ty {
        Type::Named(named) if !around.contains(&named.id) => {
            around.push(named.id);
            if let Some(definition) = types.get(named.id) {
                open(&definition.ty, types, around, objects, lists);
            }
        }
        Type::Union(members) => members.iter().for_each(|member| open(member, types, around, objects, lists)),
        Type::Object(object) => objects.push(object),
        Type::Array(of) => lists.push((**of).clone()),
        Type::Tuple(items) => lists.extend(items.iter().cloned()),
        _ => {}
    }
}
