//! A contract as languages without anonymous types need it: each object, enum, union and tuple with a name of its own.
//!
//! Names that the contract gives stay. What it does not name is called after its owner: `Cart` + `lines` → `CartLine`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::words::{Scope, pascal, singular};
use crate::{Contract, Field, Kind, More, Operation, Parameter, Problem, Schema};

/// A type at the place where it is used.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Type {
    pub kind: TypeKind,
    pub nullable: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TypeKind {
    /// Any JSON value, `null` among them.
    Any,
    Boolean,
    Integer,
    Number,
    Text,
    /// This text and no other.
    Constant(String),
    List(Box<Type>),
    /// By keys that are not known before.
    Map(Box<Type>),
    /// The place in [`Declared::types`].
    Named(usize),
}

/// A type with a name.
#[derive(Clone, Debug)]
pub(super) struct Declaration<'c> {
    pub name: String,
    pub doc: Option<&'c str>,
    pub shape: Shape<'c>,
    /// Requests hold it: it must be possible to write `null` where that differs from leaving it out.
    pub sent: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Shape<'c> {
    Record {
        members: Vec<Member<'c>>,
        more: Option<Type>,
    },
    /// Texts. Others than these may come, one day.
    Enum(Vec<&'c str>),
    /// In the order in which they are to be tried.
    Union(Vec<Variant<'c>>),
    Tuple(Vec<Type>),
    Alias(Type),
}

#[derive(Clone, Debug)]
pub(super) struct Member<'c> {
    pub field: &'c Field,
    pub ty: Type,
    /// The key may be missing.
    pub optional: bool,
}

#[derive(Clone, Debug)]
pub(super) struct Variant<'c> {
    pub ty: Type,
    pub fits: Fits<'c>,
}

/// What a JSON value must be for a variant to be tried.
#[derive(Clone, Debug)]
pub(super) enum Fits<'c> {
    Anything,
    Boolean,
    Integer,
    Number,
    Text,
    OneOf(Vec<&'c str>),
    List,
    /// An object with these keys, and with one of these texts under each of those.
    Object {
        keys: Vec<&'c str>,
        texts: Vec<(&'c str, Vec<&'c str>)>,
    },
}

/// An operation, with the names of what it takes and gives.
#[derive(Clone, Debug)]
pub(super) struct Method<'c> {
    pub operation: &'c Operation,
    pub parameters: Vec<(&'c Parameter, Type)>,
    pub body: Option<(Type, bool)>,
    pub answer: Type,
    /// The name of the type of its problems, or of their codes.
    pub problems_name: String,
    /// Each code once, by the first status that it comes with.
    pub problems: Vec<&'c Problem>,
}

#[derive(Debug)]
pub(super) struct Declared<'c> {
    pub types: Vec<Declaration<'c>>,
    pub methods: Vec<Method<'c>>,
}

/// `reserved`: names that no type may have. `problems`: what the name of an operation's problems ends with.
pub(super) fn declare<'c>(contract: &'c Contract, reserved: &[&str], problems: &str) -> Declared<'c> {
    let mut declaring = Declaring {
        contract,
        scope: Scope::with(reserved),
        by_schema: BTreeMap::new(),
        types: Vec::new(),
        sent: sent(contract),
    };
    declaring.name_schemas(reserved);
    let names: Vec<String> = (contract.operations.iter())
        .map(|operation| declaring.scope.take(format!("{}{problems}", pascal(&operation.id, "Operation"))))
        .collect();
    declaring.fill_schemas();
    let methods = contract
        .operations
        .iter()
        .zip(names)
        .map(|(operation, problems_name)| declaring.method(operation, problems_name))
        .collect();
    let mut declared = Declared { types: declaring.types, methods };
    declared.break_endless_aliases();
    declared
}

/// The names of schemas that requests hold.
fn sent(contract: &Contract) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    let mut open: Vec<&Schema> = (contract.operations.iter())
        .flat_map(|operation| {
            let parameters = operation.parameters.iter().map(|parameter| &parameter.schema);
            parameters.chain(operation.body.iter().map(|body| &body.schema))
        })
        .collect();
    while let Some(schema) = open.pop() {
        match &schema.kind {
            Kind::Reference(name) if found.insert(&**name) => open.extend(contract.schemas.get(name)),
            Kind::Array { items, .. } => open.push(items),
            Kind::Tuple(items) | Kind::AnyOf(items) => open.extend(items),
            Kind::Object(object) => {
                open.extend(object.fields.iter().map(|field| &field.schema));
                if let More::Of(more) = &object.more {
                    open.push(more);
                }
            }
            _ => {}
        }
    }
    found
}

struct Declaring<'c> {
    contract: &'c Contract,
    scope: Scope,
    by_schema: BTreeMap<&'c str, usize>,
    types: Vec<Declaration<'c>>,
    sent: BTreeSet<&'c str>,
}

impl<'c> Declaring<'c> {
    /// Before anything else, so that what the contract names has its name whatever else there is.
    fn name_schemas(&mut self, reserved: &[&str]) {
        let named: Vec<&'c str> = self.contract.schemas.keys().map(|name| &**name).collect();
        let names = super::words::settle(&named, &mut self.scope, |name| {
            let spelled = pascal(name, "Type");
            if reserved.contains(&&*spelled) { format!("{spelled}Value") } else { spelled }
        });
        for (schema, name) in named.into_iter().zip(names) {
            self.by_schema.insert(schema, self.types.len());
            let shape = Shape::Alias(Type { kind: TypeKind::Any, nullable: false });
            self.types.push(Declaration { name, doc: None, shape, sent: self.sent.contains(schema) });
        }
    }

    fn fill_schemas(&mut self) {
        for (at, schema) in self.contract.schemas.values().enumerate() {
            let Some(own) = self.types.get(at) else { continue };
            let (owner, sent) = (own.name.clone(), own.sent);
            let shape = self.shape(schema, &owner, sent);
            let shape = shape.unwrap_or_else(|| {
                let mut ty = self.ty(schema, &owner, sent);
                ty.nullable = false;
                Shape::Alias(ty)
            });
            if let Some(own) = self.types.get_mut(at) {
                own.shape = shape;
                own.doc = schema.doc.as_deref();
            }
        }
    }

    /// What needs a name of its own; `None` for everything else.
    fn shape(&mut self, schema: &'c Schema, owner: &str, sent: bool) -> Option<Shape<'c>> {
        match &schema.kind {
            Kind::Object(object) if object.fields.is_empty() && object.more != More::None => None,
            Kind::Object(object) => {
                let members = object.fields.iter().map(|field| self.member(field, owner, sent)).collect();
                let more = match &object.more {
                    More::None => None,
                    More::Of(more) => Some(self.ty(more, &format!("{owner}More"), sent)),
                };
                Some(Shape::Record { members, more })
            }
            Kind::Enum(values) => {
                let texts = texts(values)?;
                (texts.len() > 1).then_some(Shape::Enum(texts))
            }
            Kind::Tuple(items) => Some(Shape::Tuple(
                (items.iter().enumerate())
                    .map(|(at, item)| self.ty(item, &format!("{owner}{}", ordinal(at)), sent))
                    .collect(),
            )),
            Kind::AnyOf(variants) => self.union(variants, owner, sent).map(Shape::Union),
            _ => None,
        }
    }

    fn member(&mut self, field: &'c Field, owner: &str, sent: bool) -> Member<'c> {
        let ty = self.ty(&field.schema, &format!("{owner}{}", pascal(&field.name, "Field")), sent);
        let optional = !field.required || field.life.since.is_some() || field.life.until.is_some();
        Member { field, ty, optional }
    }

    /// `None` if there is nothing to choose from.
    fn union(&mut self, variants: &'c [Schema], owner: &str, sent: bool) -> Option<Vec<Variant<'c>>> {
        let variants = flat(variants);
        if variants.is_empty() || only(&variants).is_some() {
            return None;
        }
        let mut out: Vec<Variant<'c>> = Vec::with_capacity(variants.len());
        for (at, schema) in variants.into_iter().enumerate() {
            let tag = match (self.tag(schema), &schema.kind) {
                (Some(tag), _) => pascal(tag, "Empty"),
                (None, Kind::Enum(_)) => "Choice".to_owned(),
                (None, _) => (at + 1).to_string(),
            };
            let mut ty = self.ty(schema, &format!("{owner}{tag}"), sent);
            ty.nullable = false;
            if out.iter().all(|other| other.ty != ty) {
                out.push(Variant { ty, fits: self.fits(schema) });
            }
        }
        // Whoever asks for more comes first; else an object with nothing but optional keys would take everything.
        out.sort_by_key(|variant| std::cmp::Reverse(variant.fits.demands()));
        Some(out)
    }

    /// `{ kind: "card", … }` → `card`
    fn tag(&self, schema: &'c Schema) -> Option<&'c str> {
        let Kind::Object(object) = &self.contract.resolve(schema)?.kind else { return None };
        object.fields.iter().filter(|field| field.required).find_map(|field| constant(&field.schema))
    }

    fn fits(&self, schema: &'c Schema) -> Fits<'c> {
        let Some(schema) = self.contract.resolve(schema) else { return Fits::Anything };
        match &schema.kind {
            Kind::Boolean => Fits::Boolean,
            Kind::Number { integer: true, .. } => Fits::Integer,
            Kind::Number { .. } => Fits::Number,
            Kind::String { .. } => Fits::Text,
            Kind::Enum(values) => match texts(values) {
                Some(texts) => Fits::OneOf(texts),
                None => scalar(values).map_or(Fits::Anything, |kind| match kind {
                    TypeKind::Boolean => Fits::Boolean,
                    TypeKind::Integer => Fits::Integer,
                    _ => Fits::Number,
                }),
            },
            Kind::Array { .. } | Kind::Tuple(_) => Fits::List,
            Kind::Object(object) => {
                let required = || object.fields.iter().filter(|field| field.required);
                Fits::Object {
                    keys: required().map(|field| &*field.name).collect(),
                    texts: required()
                        .filter_map(|field| match &field.schema.kind {
                            Kind::Enum(values) if !field.schema.nullable => {
                                Some((&*field.name, texts(values).filter(|_| !holds_null(values))?))
                            }
                            _ => None,
                        })
                        .collect(),
                }
            }
            Kind::Any | Kind::Null | Kind::Reference(_) | Kind::AnyOf(_) => Fits::Anything,
        }
    }

    /// The type of a schema; what needs a name is declared as `owner`.
    fn ty(&mut self, schema: &'c Schema, owner: &str, sent: bool) -> Type {
        let kind = self.kind(schema, owner, sent);
        let nullable = kind != TypeKind::Any && self.is_nullable(schema, &mut BTreeSet::new());
        Type { kind, nullable }
    }

    fn kind(&mut self, schema: &'c Schema, owner: &str, sent: bool) -> TypeKind {
        match &schema.kind {
            Kind::Any | Kind::Null => TypeKind::Any,
            Kind::Boolean => TypeKind::Boolean,
            Kind::Number { integer: true, .. } => TypeKind::Integer,
            Kind::Number { .. } => TypeKind::Number,
            Kind::String { .. } => TypeKind::Text,
            Kind::Array { items, .. } => TypeKind::List(Box::new(self.ty(items, &singular(owner), sent))),
            Kind::Reference(name) => match self.by_schema.get(&**name) {
                Some(&at) => TypeKind::Named(at),
                None => TypeKind::Any,
            },
            Kind::Object(object) if object.fields.is_empty() => match &object.more {
                More::Of(more) => TypeKind::Map(Box::new(self.ty(more, &singular(owner), sent))),
                More::None => self.declared(schema, owner, sent),
            },
            Kind::Enum(values) => match texts(values) {
                Some(texts) => match *texts {
                    [only] => TypeKind::Constant(only.to_owned()),
                    _ => self.declared(schema, owner, sent),
                },
                None => scalar(values).unwrap_or(TypeKind::Any),
            },
            Kind::Object(_) | Kind::Tuple(_) => self.declared(schema, owner, sent),
            Kind::AnyOf(variants) => {
                let variants = flat(variants);
                match only(&variants) {
                    Some(only) => self.kind(only, owner, sent),
                    None if variants.is_empty() => TypeKind::Any,
                    None => self.declared(schema, owner, sent),
                }
            }
        }
    }

    fn declared(&mut self, schema: &'c Schema, owner: &str, sent: bool) -> TypeKind {
        // The place is taken before the parts get theirs, so that the order of the file is from the outside in.
        let at = self.types.len();
        let name = self.scope.take(owner.to_owned());
        let open = Shape::Alias(Type { kind: TypeKind::Any, nullable: false });
        self.types.push(Declaration { name, doc: schema.doc.as_deref(), shape: open, sent });
        let shape = self.shape(schema, owner, sent);
        if let (Some(own), Some(shape)) = (self.types.get_mut(at), shape) {
            own.shape = shape;
        }
        TypeKind::Named(at)
    }

    /// `seen` are the names that were asked already: what alternatives say of each other has no end otherwise.
    fn is_nullable<'s>(&'s self, schema: &'s Schema, seen: &mut BTreeSet<&'s str>) -> bool {
        if schema.nullable || is_null(schema) {
            return true;
        }
        match &schema.kind {
            Kind::Enum(values) => holds_null(values),
            Kind::AnyOf(variants) => variants.iter().any(|variant| self.is_nullable(variant, seen)),
            Kind::Reference(name) if seen.insert(name) => {
                self.contract.schemas.get(name).is_some_and(|target| self.is_nullable(target, seen))
            }
            _ => false,
        }
    }

    /// Fits into a path, a query string or a header. What does not is left to the caller, as text.
    fn is_plain(&self, kind: &TypeKind, lists: bool) -> bool {
        match kind {
            TypeKind::Any | TypeKind::Map(_) => false,
            TypeKind::List(items) => lists && !items.nullable && self.is_plain(&items.kind, false),
            TypeKind::Named(at) => match self.types.get(*at).map(|declaration| &declaration.shape) {
                Some(Shape::Enum(_)) => true,
                Some(Shape::Alias(target)) => self.is_plain(&target.kind, lists),
                _ => false,
            },
            _ => true,
        }
    }

    fn method(&mut self, operation: &'c Operation, problems_name: String) -> Method<'c> {
        let owner = pascal(&operation.id, "Operation");
        let parameters = (operation.parameters.iter())
            .map(|parameter| {
                let name = format!("{owner}{}", pascal(&parameter.input, "Input"));
                let ty = self.ty(&parameter.schema, &name, true);
                (
                    parameter,
                    if self.is_plain(&ty.kind, true) { ty } else { Type { kind: TypeKind::Text, ..ty } },
                )
            })
            .collect();
        let body = (operation.body.as_ref())
            .map(|body| (self.ty(&body.schema, &format!("{owner}Body"), true), body.required));
        // The answer has the operation's own name, as far as it is free.
        let answer = self.ty(&operation.answer, &owner, false);
        let mut problems: Vec<&Problem> = Vec::new();
        for problem in &operation.problems {
            if problems.iter().all(|other| other.code != problem.code) {
                problems.push(problem);
            }
        }
        Method { operation, parameters, body, answer, problems_name, problems }
    }
}

impl Declared<'_> {
    pub fn name(&self, at: usize) -> &str {
        self.types.get(at).map_or("", |declaration| &declaration.name)
    }

    /// Follows aliases.
    pub fn behind(&self, ty: &TypeKind) -> TypeKind {
        let mut kind = ty.clone();
        for _ in 0..=self.types.len() {
            match kind {
                TypeKind::Named(at) => match self.types.get(at).map(|declaration| &declaration.shape) {
                    Some(Shape::Alias(target)) => kind = target.kind.clone(),
                    _ => return kind,
                },
                _ => return kind,
            }
        }
        TypeKind::Any
    }

    /// `type Tree = Tree[]` has no end in languages whose aliases are abbreviations: there, its items are any JSON.
    fn break_endless_aliases(&mut self) {
        for at in 0..self.types.len() {
            let mut seen = BTreeSet::new();
            let mut open = vec![at];
            let mut endless = false;
            while let Some(next) = open.pop() {
                let Some(Shape::Alias(ty)) = self.types.get(next).map(|declaration| &declaration.shape)
                else {
                    continue;
                };
                let mut kind = &ty.kind;
                while let TypeKind::List(items) | TypeKind::Map(items) = kind {
                    kind = &items.kind;
                }
                if let TypeKind::Named(target) = *kind {
                    endless |= target == at;
                    if seen.insert(target) {
                        open.push(target);
                    }
                }
            }
            if endless
                && let Some(own) = self.types.get_mut(at)
                && let Shape::Alias(ty) = &mut own.shape
            {
                let mut kind = &mut ty.kind;
                while let TypeKind::List(items) | TypeKind::Map(items) = kind {
                    kind = &mut items.kind;
                }
                *kind = TypeKind::Any;
            }
        }
    }

    /// The named type holds itself with no list, map or union between: it has no size unless something points.
    pub fn holds_itself(&self, at: usize, through: &TypeKind) -> bool {
        let mut seen = BTreeSet::new();
        let mut open = vec![self.behind(through)];
        while let Some(kind) = open.pop() {
            let TypeKind::Named(next) = kind else { continue };
            if next == at {
                return true;
            }
            if !seen.insert(next) {
                continue;
            }
            match self.types.get(next).map(|declaration| &declaration.shape) {
                Some(Shape::Record { members, .. }) => {
                    open.extend(members.iter().map(|member| self.behind(&member.ty.kind)));
                }
                Some(Shape::Tuple(items)) => open.extend(items.iter().map(|item| self.behind(&item.kind))),
                _ => {}
            }
        }
        false
    }
}

impl Fits<'_> {
    /// How much it asks for. Numbers are tried after whole numbers, any text after known texts.
    fn demands(&self) -> usize {
        match self {
            Self::Anything => 0,
            Self::Object { keys, texts } => 2 + keys.len() + 1000 * texts.len(),
            Self::Integer | Self::OneOf(_) => 2,
            Self::Boolean | Self::Number | Self::Text | Self::List => 1,
        }
    }
}

/// `first`, `second`, … as parts of a tuple are called.
pub(super) fn ordinal(at: usize) -> String {
    const NAMES: [&str; 8] = ["First", "Second", "Third", "Fourth", "Fifth", "Sixth", "Seventh", "Eighth"];
    NAMES.get(at).map_or_else(|| format!("Item{}", at + 1), |&name| name.to_owned())
}

fn is_null(schema: &Schema) -> bool {
    match &schema.kind {
        Kind::Null => true,
        Kind::Enum(values) => values.iter().all(Value::is_null),
        _ => false,
    }
}

/// The variants but `null`, those of unions within a union among them.
fn flat(variants: &[Schema]) -> Vec<&Schema> {
    let mut out = Vec::with_capacity(variants.len());
    for variant in variants {
        match &variant.kind {
            Kind::AnyOf(inner) => out.extend(flat(inner)),
            _ if is_null(variant) => {}
            _ => out.push(variant),
        }
    }
    out
}

/// The one type that all variants are, if they differ in nothing that types tell.
fn only<'c>(variants: &[&'c Schema]) -> Option<&'c Schema> {
    let (&first, others) = variants.split_first()?;
    let is_twin = |other: &&Schema| match (&first.kind, &other.kind) {
        (Kind::Boolean, Kind::Boolean) | (Kind::String { .. }, Kind::String { .. }) => true,
        (Kind::Number { integer: a, .. }, Kind::Number { integer: b, .. }) => a == b,
        (Kind::Reference(a), Kind::Reference(b)) => a == b,
        _ => false,
    };
    others.iter().all(is_twin).then_some(first)
}

fn holds_null(values: &[Value]) -> bool {
    values.iter().any(Value::is_null)
}

/// The texts of an enum that has nothing else, `null` aside.
fn texts(values: &[Value]) -> Option<Vec<&str>> {
    let mut texts: Vec<&str> = Vec::with_capacity(values.len());
    for value in values {
        match value {
            Value::Null => {}
            Value::String(text) if texts.contains(&&**text) => {}
            Value::String(text) => texts.push(text),
            _ => return None,
        }
    }
    (!texts.is_empty()).then_some(texts)
}

fn constant(schema: &Schema) -> Option<&str> {
    match &schema.kind {
        Kind::Enum(values) => match *texts(values)? {
            [only] => Some(only),
            _ => None,
        },
        _ => None,
    }
}

/// What all of an enum's values are, if they are numbers or booleans.
fn scalar(values: &[Value]) -> Option<TypeKind> {
    let mut all = values.iter().filter(|value| !value.is_null()).peekable();
    all.peek()?;
    if all.clone().all(Value::is_boolean) {
        return Some(TypeKind::Boolean);
    }
    if all.clone().all(|value| value.is_i64() || value.is_u64()) {
        return Some(TypeKind::Integer);
    }
    all.all(Value::is_number).then_some(TypeKind::Number)
}
