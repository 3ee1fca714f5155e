//! The type of an answer and what is read of it → [`Selections`], and the list of fields for services that take
//! one.

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_types::{Literal, NamedId, Type, Types};

use super::pools::Names;
use super::uses::{Use, each_member};
use crate::plan::{FieldSelect, Kinds, RecordSelect, Select, SelectId, Selections};

#[derive(Debug, Default)]
pub(crate) struct Selector {
    pub selections: Selections,
    /// Types that are read whole: recursive ones lead back here.
    whole: Vec<(Type, SelectId)>,
    whole_named: HashMap<NamedId, SelectId>,
    /// Equal leaves are one node.
    leaves: Vec<SelectId>,
}

impl Selector {
    pub fn select(&mut self, ty: &Type, of: &Use, types: &Types, names: &mut Names) -> SelectId {
        if of.whole {
            if let Type::Named(named) = ty
                && let Some(known) = self.whole_named.get(&named.id)
            {
                return *known;
            }
            if let Some((_, known)) = self.whole.iter().find(|(known, _)| known == ty) {
                return *known;
            }
        }
        let id = SelectId(self.selections.nodes.len() as u32);
        self.selections.nodes.push(Select::default());
        let lasts = of.whole && reaches_objects(ty, types);
        if lasts {
            match ty {
                Type::Named(named) => {
                    self.whole_named.insert(named.id, id);
                }
                other => self.whole.push((other.clone(), id)),
            }
        }
        let select = self.node(ty, of, types, names);
        if !lasts && select.record.is_none() && select.items.is_none() {
            let known = self.leaves.iter().find(|leaf| *self.selections.get(**leaf) == select).copied();
            if let Some(known) = known {
                self.selections.nodes.truncate(id.0 as usize);
                return known;
            }
            self.leaves.push(id);
        }
        self.selections.nodes[id.0 as usize] = select;
        id
    }

    fn node(&mut self, ty: &Type, of: &Use, types: &Types, names: &mut Names) -> Select {
        let mut shape = Shape::default();
        each_member(ty, types, &mut |member| shape.add(member));
        if shape.unknown {
            return Select { kinds: Kinds::ALL, verbatim: true, ..Select::default() };
        }
        let strings = (!shape.any_string && !shape.strings.is_empty()).then(|| shape.strings.clone().into());
        let items = (!shape.items.is_empty()).then(|| {
            let of_items = of.of_items().with(&Use::kind());
            self.select(&Type::union(shape.items.clone()), &of_items, types, names)
        });
        let items = match items {
            None if shape.kinds.contains(Kinds::ARRAY) => {
                // The empty tuple: whatever is in it, nothing reads it.
                Some(self.select(&Type::Unknown, &Use::kind(), types, names))
            }
            other => other,
        };
        let record = (!shape.objects.is_empty()).then(|| self.record(&shape, of, types, names));
        Select { kinds: shape.kinds, strings, record, items, verbatim: false }
    }

    /// One record for all objects of a union: a field is required if each of them has and requires it.
    fn record(&mut self, shape: &Shape<'_>, of: &Use, types: &Types, names: &mut Names) -> RecordSelect {
        let mut fields: Vec<FieldSelect> = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for field in shape.objects.iter().flat_map(|object| &object.fields) {
            if seen.contains(&&*field.name) {
                continue;
            }
            seen.push(&field.name);
            let of_field = of.of_field(&field.name);
            if of_field.is_nothing() {
                continue;
            }
            let declared: Vec<_> = shape.objects.iter().map(|object| object.field(&field.name)).collect();
            let ty = Type::union(declared.iter().flatten().map(|field| field.ty.clone()));
            let required = declared.iter().all(|field| field.is_some_and(|field| !field.optional))
                && !admits_undefined(&ty, types);
            let select = self.select(&ty, &of_field, types, names);
            fields.push(FieldSelect { name: names.intern(&field.name), select, required });
        }
        let index: Vec<Type> = shape.objects.iter().filter_map(|object| object.index.clone()).collect();
        let mut rest = None;
        if !index.is_empty() {
            let index = Type::union(index);
            for (name, of_field) in &of.fields {
                if !seen.contains(&&**name) && !of_field.is_nothing() {
                    let of_field = of.of_field(name);
                    let select = self.select(&index, &of_field, types, names);
                    fields.push(FieldSelect { name: names.intern(name), select, required: false });
                }
            }
            let of_rest = of.of_unknown_key();
            if !of_rest.is_nothing() {
                rest = Some(self.select(&index, &of_rest, types, names));
            }
        }
        RecordSelect { fields, rest }
    }
}

/// What kinds of value a type holds.
#[derive(Default)]
struct Shape<'a> {
    unknown: bool,
    kinds: Kinds,
    any_string: bool,
    strings: Vec<Arc<str>>,
    items: Vec<Type>,
    objects: Vec<&'a frontdesk_types::Object>,
}

impl<'a> Shape<'a> {
    fn add(&mut self, ty: &'a Type) {
        let kind = match ty {
            Type::Unknown | Type::Named(_) => {
                self.unknown = true;
                return;
            }
            Type::Never | Type::Union(_) => return,
            Type::Undefined | Type::Null => Kinds::NULL,
            Type::Boolean | Type::Literal(Literal::Boolean(_)) => Kinds::BOOLEAN,
            Type::Number | Type::Literal(Literal::Number(_)) => Kinds::NUMBER,
            Type::String => {
                self.any_string = true;
                Kinds::STRING
            }
            Type::Literal(Literal::String(text)) => {
                if !self.strings.contains(text) {
                    self.strings.push(text.clone());
                }
                Kinds::STRING
            }
            Type::Array(of) => {
                self.items.push((**of).clone());
                Kinds::ARRAY
            }
            Type::Tuple(items) => {
                self.items.extend(items.iter().cloned());
                Kinds::ARRAY
            }
            Type::Object(object) => {
                self.objects.push(object);
                Kinds::OBJECT
            }
        };
        self.kinds = self.kinds.with(kind);
    }
}

fn admits_undefined(ty: &Type, types: &Types) -> bool {
    let mut found = false;
    each_member(ty, types, &mut |member| found |= matches!(member, Type::Undefined));
    found
}

fn reaches_objects(ty: &Type, types: &Types) -> bool {
    let mut found = matches!(ty, Type::Named(_));
    each_member(ty, types, &mut |member| {
        found |= matches!(member, Type::Object(_) | Type::Array(_) | Type::Tuple(_));
    });
    found
}

/// The fields read, as paths for a service that answers only what it is asked for; `None` if everything is read
/// or nothing can be said.
pub(crate) fn field_paths(ty: &Type, of: &Use, types: &Types, through_lists: bool) -> Option<Vec<String>> {
    if of.whole {
        return None;
    }
    let mut paths = Vec::new();
    let known = add_paths(ty, of, types, through_lists, "", &mut paths);
    (known && !paths.is_empty()).then_some(paths)
}

/// Adds the paths below `prefix`; false if the value has to be asked for as a whole.
fn add_paths(
    ty: &Type,
    of: &Use,
    types: &Types,
    through_lists: bool,
    prefix: &str,
    paths: &mut Vec<String>,
) -> bool {
    if of.whole || of.rest.is_some() {
        return false;
    }
    let mut objects = Vec::new();
    let mut lists = Vec::new();
    let mut open = false;
    each_member(ty, types, &mut |member| match member {
        Type::Object(object) => objects.push(object),
        Type::Array(item) => lists.push(item),
        Type::Tuple(_) | Type::Unknown => open = true,
        _ => {}
    });
    if open || (!lists.is_empty() && (!objects.is_empty() || lists.len() > 1 || !through_lists)) {
        return false;
    }
    if let [item] = lists.as_slice() {
        return add_paths(item, &of.of_items(), types, through_lists, prefix, paths);
    }
    if objects.is_empty() || objects.iter().any(|object| object.index.is_some()) {
        return false;
    }
    let mut any = false;
    for object in &objects {
        for field in &object.fields {
            let of_field = of.of_field(&field.name);
            if of_field.is_nothing() {
                continue;
            }
            any = true;
            let path =
                if prefix.is_empty() { field.name.to_string() } else { format!("{prefix}.{}", field.name) };
            if paths.iter().any(|known| *known == path || known.starts_with(&format!("{path}."))) {
                continue;
            }
            if !add_paths(&field.ty, &of_field, types, through_lists, &path, paths) {
                paths.push(path);
            }
        }
    }
    any
}
