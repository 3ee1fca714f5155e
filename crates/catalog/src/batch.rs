//! `batch:` of a service → [`Batch`] of its operations: what is written is checked, what is not is inferred.
//!
//! Inference takes only what is certain. A wrong guess would answer with the wrong product, so two candidates
//! are as good as none, and the diagnostic says which they are.

use std::sync::Arc;

use frontdesk_diagnostics::nearest::nearest;
use frontdesk_diagnostics::{Diagnostic, Span, codes};
use frontdesk_types::{Field, Object, Type, Types, without_nullish};

use crate::catalog::{Batch, Effect, Operation, OperationId};
use crate::config::{BatchEntry, Spanned};

/// The most ids of one call where neither `frontdesk.yaml` nor the schema says it.
pub const DEFAULT_LIMIT: u32 = 100;

/// Fills in [`Operation::batch`] for every entry that can be resolved.
pub fn resolve(
    service: &str,
    entries: &[BatchEntry],
    item_limits: &[(Arc<str>, Arc<str>, u32)],
    operations: &mut [Operation],
    types: &Types,
    found: &mut Vec<Diagnostic>,
) {
    for entry in entries {
        let single = find(service, &entry.single.value, entry.single.span, operations, found);
        let twin = find(service, &entry.with.value, entry.with.span, operations, found);
        let (Some(single), Some(twin)) = (single, twin) else { continue };
        let matching = Matching { entry, types, single: &operations[single], twin: &operations[twin] };
        match matching.batch(OperationId(twin as u32), item_limits) {
            Ok(batch) => operations[single].batch = Some(batch),
            Err(problem) => found.push(*problem),
        }
    }
}

/// The operation called `name`, or a diagnostic with the name that was probably meant.
pub fn find(
    service: &str,
    name: &str,
    span: Span,
    operations: &[Operation],
    found: &mut Vec<Diagnostic>,
) -> Option<usize> {
    let at = operations.iter().position(|operation| &*operation.name == name);
    // A service whose schema could not be read has no operations; that was reported, and is enough.
    if at.is_none() && !operations.is_empty() {
        let names = || operations.iter().map(|operation| &*operation.name);
        let diagnostic = Diagnostic::error(
            codes::catalog::UNKNOWN_OPERATION,
            format!("service `{service}` has no operation `{name}`"),
            span,
            "not declared by the service's schema",
        );
        found.push(match nearest(name, names()) {
            Some(near) => diagnostic.help(format!("did you mean `{near}`?")),
            None => diagnostic.help(format!("its operations are {}", some_of(names()))),
        });
    }
    at
}

fn some_of<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    match names.get(..8) {
        Some(first) if names.len() > 8 => format!("{} and {} more", first.join(", "), names.len() - 8),
        _ => names.join(", "),
    }
}

struct Matching<'a> {
    entry: &'a BatchEntry,
    types: &'a Types,
    single: &'a Operation,
    twin: &'a Operation,
}

type Matched<T> = Result<T, Box<Diagnostic>>;

impl Matching<'_> {
    fn batch(&self, twin: OperationId, item_limits: &[(Arc<str>, Arc<str>, u32)]) -> Matched<Batch> {
        if self.single.name == self.twin.name {
            return Err(self.unclear(
                self.entry.with.span,
                "an operation cannot be its own twin",
                "name the operation that takes many ids",
            ));
        }
        if self.single.effect == Effect::Reads && self.twin.effect == Effect::Writes {
            let label = format!("`{}` writes, `{}` only reads", self.twin.name, self.single.name);
            let help = "if it changes nothing, list it under `reads` of the service";
            return Err(self.unclear(self.entry.with.span, &label, help));
        }
        let id_arg = self.id_arg()?;
        let ids_arg = self.ids_arg(&id_arg)?;
        let (items, item) = self.items()?;
        self.same_answer(&item)?;
        let key = self.key(&id_arg, &item)?;
        self.other_args(&id_arg, &ids_arg)?;
        let declared = item_limits
            .iter()
            .find(|(operation, arg, _)| *operation == self.twin.name && *arg == ids_arg)
            .map(|(_, _, most)| *most);
        let limit = self.entry.limit.or(declared).unwrap_or(DEFAULT_LIMIT);
        Ok(Batch { twin, id_arg, ids_arg, items, key, limit })
    }

    /// The one argument that the single operation cannot do without.
    fn id_arg(&self) -> Matched<Arc<str>> {
        let args = self.object(&self.single.args);
        if let Some(written) = &self.entry.id {
            return self.written(written, &args, &format!("`{}` has no argument", self.single.name));
        }
        let required: Vec<&Field> = args.fields.iter().filter(|field| !field.optional).collect();
        let candidates = if required.is_empty() { args.fields.iter().collect() } else { required };
        match candidates.as_slice() {
            [one] => Ok(one.name.clone()),
            [] => Err(self.unclear(
                self.entry.single.span,
                "it takes no argument that could be an id",
                "batch an operation that takes an id",
            )),
            several => {
                let label = format!("any of its arguments {} could be the id", names(several));
                Err(self.unclear(self.entry.single.span, &label, &self.long_form("id: …")))
            }
        }
    }

    /// The list argument whose items are ids; by name if there are several.
    fn ids_arg(&self, id_arg: &str) -> Matched<Arc<str>> {
        let args = self.object(&self.twin.args);
        if let Some(written) = &self.entry.ids {
            let name = self.written(written, &args, &format!("`{}` has no argument", self.twin.name))?;
            let is_list = args.field(&name).is_some_and(|field| self.list_item(&field.ty).is_some());
            if !is_list {
                return Err(self.unclear(
                    written.span,
                    "this argument takes no list",
                    "name the argument that takes the list of ids",
                ));
            }
            return Ok(name);
        }
        let lists: Vec<&Field> =
            args.fields.iter().filter(|field| self.list_item(&field.ty).is_some()).collect();
        let plural = [format!("{id_arg}s"), "ids".to_owned()];
        let by_name =
            lists.iter().find(|field| plural.iter().any(|name| field.name.eq_ignore_ascii_case(name)));
        match (lists.as_slice(), by_name) {
            ([one], _) => Ok(one.name.clone()),
            (_, Some(one)) => Ok(one.name.clone()),
            ([], None) => {
                let label = format!("`{}` has no argument that takes a list", self.twin.name);
                Err(self.unclear(self.entry.with.span, &label, "name an operation that takes many ids"))
            }
            (several, None) => {
                let label = format!("any of its arguments {} could take the ids", names(several));
                Err(self.unclear(self.entry.with.span, &label, &self.long_form("ids: …")))
            }
        }
    }

    /// The field of the twin's answer that holds the list, and the type of the list's items.
    fn items(&self) -> Matched<(Option<Arc<str>>, Type)> {
        let answer = without_nullish(&self.twin.result, self.types);
        if let Some(item) = self.list_item(&answer) {
            return match &self.entry.items {
                None => Ok((None, item)),
                Some(written) => Err(self.unclear(
                    written.span,
                    "the twin answers with the list itself",
                    "take `items` out",
                )),
            };
        }
        let Type::Object(object) = self.types.resolve(&answer) else {
            let label = format!("`{}` answers with {answer}, which holds no list", self.twin.name);
            return Err(self.unclear(
                self.entry.with.span,
                &label,
                "name an operation that answers with a list",
            ));
        };
        if let Some(written) = &self.entry.items {
            let name =
                self.written(written, object, &format!("the answer of `{}` has no field", self.twin.name))?;
            let item = object.field(&name).and_then(|field| self.list_item(&field.ty));
            return match item {
                Some(item) => Ok((Some(name), item)),
                None => Err(self.unclear(
                    written.span,
                    "this field holds no list",
                    "name the field that holds the list of answers",
                )),
            };
        }
        let of_objects = |field: &&Field| {
            let item = self.list_item(&field.ty).map(|item| without_nullish(&item, self.types));
            item.is_some_and(|item| matches!(self.types.resolve(&item), Type::Object(_) | Type::Union(_)))
        };
        let lists: Vec<&Field> = object.fields.iter().filter(of_objects).collect();
        let fitting: Vec<&Field> = lists
            .iter()
            .copied()
            .filter(|field| self.list_item(&field.ty).is_some_and(|item| self.answers_like_single(&item)))
            .collect();
        match (lists.as_slice(), fitting.as_slice()) {
            ([one], _) | (_, [one]) => {
                Ok((Some(one.name.clone()), self.list_item(&one.ty).unwrap_or(Type::Unknown)))
            }
            ([], _) => {
                let label = format!("the answer of `{}` holds no list of objects", self.twin.name);
                Err(self.unclear(self.entry.with.span, &label, "name an operation that answers with a list"))
            }
            (several, _) => {
                let label = format!("any of its answer's fields {} could be the list", names(several));
                Err(self.unclear(self.entry.with.span, &label, &self.long_form("items: …")))
            }
        }
    }

    fn answers_like_single(&self, item: &Type) -> bool {
        let item = without_nullish(item, self.types);
        let single = without_nullish(&self.single.result, self.types);
        self.types.assignable(&item, &single)
    }

    /// A view's type comes from the single operation, so an item of the twin must be of that type.
    fn same_answer(&self, item: &Type) -> Matched<()> {
        if self.answers_like_single(item) {
            return Ok(());
        }
        let label = format!(
            "an item of `{}` is {}, but `{}` answers with {}",
            self.twin.name,
            brief(&without_nullish(item, self.types)),
            self.single.name,
            brief(&without_nullish(&self.single.result, self.types)),
        );
        Err(self.unclear(self.entry.with.span, &label, "name a twin that answers with the same type"))
    }

    /// The field of an item that is called like the id, or `id`.
    fn key(&self, id_arg: &str, item: &Type) -> Matched<Arc<str>> {
        let item = without_nullish(item, self.types);
        let object = self.object(&item);
        if let Some(written) = &self.entry.key {
            return self.written(written, &object, "an item has no field");
        }
        let wanted = [id_arg, "id", "key", "code", "sku"];
        let by_name = wanted.iter().find_map(|name| object.field(name));
        if let Some(field) = by_name {
            Ok(field.name.clone())
        } else {
            let label = format!("an item has neither a field `{id_arg}` nor `id`");
            Err(self.unclear(self.entry.with.span, &label, &self.long_form("key: …")))
        }
    }

    /// The twin's other arguments get the single call's values, so they must exist there.
    fn other_args(&self, id_arg: &str, ids_arg: &str) -> Matched<()> {
        let single = self.object(&self.single.args);
        let twin = self.object(&self.twin.args);
        let lacking = twin
            .fields
            .iter()
            .find(|field| !field.optional && *field.name != *ids_arg && single.field(&field.name).is_none());
        if let Some(field) = lacking {
            let label =
                format!("it needs the argument `{}`, which `{}` does not take", field.name, self.single.name);
            return Err(self.unclear(self.entry.with.span, &label, "name a twin that needs only the ids"));
        }
        let lost = single
            .fields
            .iter()
            .find(|field| !field.optional && *field.name != *id_arg && twin.field(&field.name).is_none());
        if let Some(field) = lost {
            let label =
                format!("it does not take the argument `{}` that `{}` needs", field.name, self.single.name);
            return Err(self.unclear(
                self.entry.with.span,
                &label,
                "name a twin that takes the same arguments",
            ));
        }
        Ok(())
    }

    fn object(&self, ty: &Type) -> Arc<Object> {
        match self.types.resolve(ty) {
            Type::Object(object) => object.clone(),
            _ => Arc::default(),
        }
    }

    fn list_item(&self, ty: &Type) -> Option<Type> {
        let ty = without_nullish(ty, self.types);
        match self.types.resolve(&ty) {
            Type::Array(item) => Some((**item).clone()),
            _ => None,
        }
    }

    fn written(&self, written: &Spanned<String>, object: &Object, lacks: &str) -> Matched<Arc<str>> {
        if let Some(field) = object.field(&written.value) {
            return Ok(field.name.clone());
        }
        let names = || object.fields.iter().map(|field| &*field.name);
        let help = match nearest(&written.value, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("there are {}", some_of(names())),
        };
        Err(self.unclear(written.span, &format!("{lacks} `{}`", written.value), &help))
    }

    fn long_form(&self, what: &str) -> String {
        format!("write `{}: {{ with: {}, {what} }}`", self.single.name, self.twin.name)
    }

    fn unclear(&self, span: Span, label: &str, help: &str) -> Box<Diagnostic> {
        Box::new(
            Diagnostic::error(
                codes::catalog::BATCH_UNCLEAR,
                format!("calls of `{}` cannot be batched with `{}`", self.single.name, self.twin.name),
                span,
                label,
            )
            .help(help),
        )
    }
}

fn names(fields: &[&Field]) -> String {
    fields.iter().map(|field| format!("`{}`", field.name)).collect::<Vec<_>>().join(", ")
}

/// A type short enough for a label.
fn brief(ty: &Type) -> String {
    let text = ty.to_string();
    match text.char_indices().nth(40) {
        Some((at, _)) => format!("`{}…`", text.get(..at).unwrap_or_default()),
        None => format!("`{text}`"),
    }
}
