//! Types, names and comments as TypeScript source over several lines.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use frontdesk_types::{Field, NamedId, Object, Type, Types, is_identifier, is_reserved};

/// The longest object type that stays on one line.
const LINE: usize = 80;

/// How types are written in one namespace: what its named types are called there.
pub(super) struct Printer<'a> {
    types: &'a Types,
    names: HashMap<NamedId, Arc<str>>,
}

impl<'a> Printer<'a> {
    /// A printer for the namespace of `owner`, whose named types get distinct identifiers.
    pub(super) fn new(types: &'a Types, owner: &str) -> Self {
        let mut taken = HashSet::new();
        let mut names = HashMap::new();
        for (id, definition) in types.iter().filter(|(_, definition)| &*definition.owner == owner) {
            let base = type_identifier(&definition.name);
            let mut name = base.clone();
            let mut number = 2;
            while !taken.insert(name.clone()) {
                name = format!("{base}{number}");
                number += 1;
            }
            names.insert(id, Arc::from(name));
        }
        Self { types, names }
    }

    pub(super) fn name(&self, id: NamedId) -> Option<&str> {
        self.names.get(&id).map(|name| &**name)
    }

    /// `ty` as it stands after `name: ` on a line that is indented by `indent` spaces.
    pub(super) fn ty(&self, ty: &Type, indent: usize) -> String {
        match ty {
            Type::Literal(literal) => literal.to_string(),
            Type::Array(of) => self.array(of, indent),
            Type::Tuple(items) => {
                let items: Vec<String> = items.iter().map(|item| self.ty(item, indent)).collect();
                format!("[{}]", items.join(", "))
            }
            Type::Object(object) => self.object(object, indent),
            Type::Named(named) => match self.name(named.id) {
                Some(name) => name.to_owned(),
                // A schema of another service: written out, it would need its neighbours too.
                None => self.foreign(named.id, indent),
            },
            Type::Union(members) => {
                let members: Vec<String> = members.iter().map(|member| self.ty(member, indent)).collect();
                members.join(" | ")
            }
            other => other.to_string(),
        }
    }

    fn array(&self, of: &Type, indent: usize) -> String {
        let text = self.ty(of, indent);
        if matches!(of, Type::Union(_)) { format!("({text})[]") } else { format!("{text}[]") }
    }

    fn foreign(&self, id: NamedId, indent: usize) -> String {
        match self.types.get(id) {
            Some(definition) if !mentions_names(&definition.ty) => self.ty(&definition.ty, indent),
            _ => "unknown".to_owned(),
        }
    }

    fn object(&self, object: &Object, indent: usize) -> String {
        if object.fields.is_empty() && object.index.is_none() {
            return "{}".to_owned();
        }
        if object.fields.iter().all(|field| field.doc.is_none()) {
            let members: Vec<String> = self.members(object, indent).collect();
            let line = format!("{{ {} }}", members.join("; "));
            if line.len() <= LINE && !line.contains('\n') {
                return line;
            }
        }
        format!("{{\n{}{:indent$}}}", self.body(object, indent + 2), "")
    }

    /// The members of an object or interface, a line each, with their comments.
    pub(super) fn body(&self, object: &Object, indent: usize) -> String {
        let mut out = String::new();
        let docs = object.fields.iter().map(|field| field.doc.as_deref()).chain([None]);
        for (member, doc) in self.members(object, indent).zip(docs) {
            out.push_str(&comment(doc, false, indent));
            out.push_str(&format!("{:indent$}{member};\n", ""));
        }
        out
    }

    fn members(&self, object: &Object, indent: usize) -> impl Iterator<Item = String> {
        let fields = object.fields.iter().map(move |field| {
            let mark = if field.optional { "?" } else { "" };
            format!("{}{mark}: {}", key(&field.name), self.ty(&field.ty, indent))
        });
        let index = object
            .index
            .iter()
            .map(move |ty| format!("[key: string]: {}", self.ty(&index_type(ty, &object.fields), indent)));
        fields.chain(index)
    }
}

/// TypeScript wants every field to fit the index signature beside it, JSON Schema does not: the signature
/// takes the fields' types in.
fn index_type(index: &Type, fields: &[Field]) -> Type {
    let of_fields = fields
        .iter()
        .map(|field| if field.optional { field.ty.clone().or_undefined() } else { field.ty.clone() });
    Type::union(std::iter::once(index.clone()).chain(of_fields))
}

/// Whether a type mentions a named one, and so may mention itself.
fn mentions_names(ty: &Type) -> bool {
    match ty {
        Type::Array(of) => mentions_names(of),
        Type::Tuple(items) | Type::Union(items) => items.iter().any(mentions_names),
        Type::Object(object) => {
            object.fields.iter().map(|field| &field.ty).chain(&object.index).any(mentions_names)
        }
        Type::Named(_) => true,
        _ => false,
    }
}

/// A TSDoc comment of its own lines, or nothing.
pub(super) fn comment(doc: Option<&str>, deprecated: bool, indent: usize) -> String {
    let doc = doc.unwrap_or_default().replace("*/", "*\\/");
    let mut lines: Vec<&str> = doc.trim().lines().map(str::trim_end).collect();
    if deprecated {
        lines.push("@deprecated by the service.");
    }
    match lines.as_slice() {
        [] => String::new(),
        [line] => format!("{:indent$}/** {line} */\n", ""),
        lines => {
            let mut out = format!("{:indent$}/**\n", "");
            for line in lines {
                let line = format!("{:indent$} * {line}", "");
                out.push_str(line.trim_end());
                out.push('\n');
            }
            out.push_str(&format!("{:indent$} */\n", ""));
            out
        }
    }
}

/// A property's name, in quotes where it needs them.
fn key(name: &str) -> String {
    if is_identifier(name) { name.to_owned() } else { format!("{}", Type::string(name)) }
}

/// The name a schema has as a type in its service's namespace: `harbor.cart.v1.Line` is `harbor_cart_v1_Line`.
///
/// Schemas of one service that come out the same get a number.
pub fn type_identifier(schema: &str) -> String {
    let mut name: String = schema
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || c == '_' || c == '$' { c } else { '_' })
        .collect();
    if !is_identifier(&name) {
        name.insert(0, '_');
    }
    if is_reserved(&name) || TYPE_NAMES.contains(&name.as_str()) {
        name.push('_');
    }
    name
}

/// Names that mean a type of their own wherever they stand.
const TYPE_NAMES: &[&str] = &[
    "any",
    "bigint",
    "boolean",
    "intrinsic",
    "never",
    "number",
    "object",
    "string",
    "symbol",
    "undefined",
    "unknown",
];
