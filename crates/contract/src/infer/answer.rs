//! Types of answers → schemas, and the names these get.
//!
//! A shape gives its result a name; a type of a service that passes through whole has the service's name before its own
//! (`CatalogProduct`); any other object is named after where it stands: the endpoint and the path of fields, lists in
//! the singular (`CheckoutSummary`, `CheckoutSummaryItem`). Names do not depend on what else there is, so that a new
//! endpoint never renames an old type; two types with one name are the author's to part.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use frontdesk_diagnostics::codes::contract as codes;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, Span};
use frontdesk_lang::Model;
use frontdesk_lang::model::{Endpoint, json};
use frontdesk_types::{self as types, Hints, Literal, Named, NamedId, Type, Types};

use super::flow::{Flow, Labels};
use super::names::{pascal, singular};
use super::note::{both_hints, either_life};
use crate::contract::{Field, Kind, More, Object, Schema, Written};
use crate::openapi::PROBLEM;

pub(super) struct Answers<'m, 'd> {
    types: &'m Types,
    /// Those of services; the rest are shapes.
    catalog: &'m Types,
    claims: BTreeMap<Arc<str>, Claim>,
    /// Named types whose schemas are there, or being made.
    named: BTreeSet<NamedId>,
    diagnostics: &'d mut Diagnostics,
}

/// A name that is taken.
struct Claim {
    schema: Schema,
    /// A type of the code with this name; `None` for one that is named after its place.
    of: Option<NamedId>,
    /// Where it stands: "`items[]` of `checkoutSummary`".
    what: String,
    span: Option<Span>,
}

/// Where in an answer or a body a type stands.
#[derive(Clone)]
pub(super) struct Spot<'s> {
    /// The name of what it is part of.
    pub within: String,
    /// Its own word.
    pub word: String,
    /// `items[].price`
    pub path: String,
    /// The endpoint.
    pub of: &'s str,
    pub span: Option<Span>,
}

impl Spot<'_> {
    fn name(&self) -> String {
        self.within.clone() + &pascal(&self.word)
    }

    pub fn field(&self, name: &str, span: Option<Span>) -> Self {
        let path = if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { within: self.name(), word: name.to_owned(), path, of: self.of, span: span.or(self.span) }
    }

    /// An element of the list, or a value of the map, that stands here.
    pub fn element(&self) -> Self {
        let path = format!("{}[]", self.path);
        if self.path.is_empty() {
            // The list is the whole answer, and its own name is the endpoint's.
            return Self { within: self.name(), word: "item".to_owned(), path, ..self.clone() };
        }
        Self { word: singular(&self.word), path, ..self.clone() }
    }

    /// A shape that answers one of several objects has no type of its own; what it answers has its name all the same.
    fn in_shape(&self, flow: &Flow) -> Self {
        match flow.shape() {
            Some(shape) => Self { within: String::new(), word: shape.to_string(), ..self.clone() },
            None => self.clone(),
        }
    }

    fn variant(&self, tag: &str) -> Self {
        Self { within: self.name(), word: tag.to_owned(), ..self.clone() }
    }

    fn what(&self) -> String {
        match self.path.as_str() {
            "" => format!("the answer of `{}`", self.of),
            path => format!("`{path}` of `{}`", self.of),
        }
    }
}

impl<'m, 'd> Answers<'m, 'd> {
    pub fn new(model: &'m Model, diagnostics: &'d mut Diagnostics) -> Self {
        Self {
            types: &model.types,
            catalog: &model.catalog.types,
            claims: BTreeMap::new(),
            named: BTreeSet::new(),
            diagnostics,
        }
    }

    pub fn finish(self) -> BTreeMap<Arc<str>, Schema> {
        self.claims.into_iter().map(|(name, claim)| (name, claim.schema)).collect()
    }

    /// What a 200 of the endpoint holds.
    pub fn answer(&mut self, endpoint: &Endpoint, response: &Type, flow: &Flow) -> Schema {
        let spot = Spot {
            within: String::new(),
            word: endpoint.name.to_string(),
            path: String::new(),
            of: &endpoint.name,
            span: Some(endpoint.route_span),
        };
        // What the answer as a whole depends on no field around it can say: each of its own says so. Those of a type that
        // is found elsewhere as well do not, and neither is there a field of a list: the operation's list has to do.
        let has_own_fields = match response {
            Type::Object(_) => true,
            // One object with the fields of all of them.
            Type::Union(members) => members.iter().all(|member| matches!(member, Type::Object(_))),
            _ => false,
        };
        let told = if has_own_fields { Labels::new() } else { flow.through() };
        self.schema(response, &spot, flow, &told)
    }

    /// `told`: labels that an enclosing field is said to depend on already.
    fn schema(&mut self, ty: &Type, spot: &Spot<'_>, flow: &Flow, told: &Labels) -> Schema {
        match ty {
            Type::Never | Type::Unknown | Type::Undefined => Schema::default(),
            Type::Null => Schema::of(Kind::Null),
            Type::Boolean => Schema::of(Kind::Boolean),
            Type::Number => Schema::of(Kind::Number { integer: false, min: None, max: None }),
            Type::String => Schema::of(Kind::String { min: None, max: None, pattern: None, format: None }),
            Type::Literal(literal) => Schema::of(Kind::Enum(vec![json::literal(literal)])),
            Type::Array(of) => {
                let items = self.item(of, &spot.element(), &flow.element(), told);
                Schema::of(Kind::Array { items: Box::new(items), min: None, max: None })
            }
            Type::Tuple(items) => {
                let item = |(at, item): (usize, &Type)| {
                    let spot = spot.variant(&(at + 1).to_string());
                    self.item(item, &spot, &flow.element(), told)
                };
                Schema::of(Kind::Tuple(items.iter().enumerate().map(item).collect()))
            }
            Type::Object(object) => self.object(object, spot, flow, told),
            Type::Named(named) => self.named(named, spot, flow, told),
            Type::Union(members) => self.union(members, spot, flow, told),
        }
    }

    /// An element of a list, where JSON writes `null` for `undefined`.
    fn item(&mut self, ty: &Type, spot: &Spot<'_>, flow: &Flow, told: &Labels) -> Schema {
        if !allows_undefined(ty, self.types) {
            return self.schema(ty, spot, flow, told);
        }
        match without_undefined(ty, self.types) {
            None => Schema::of(Kind::Null),
            Some(ty) => {
                let schema = self.schema(&ty, spot, flow, told);
                Schema { nullable: can_be_null(&schema), ..schema }
            }
        }
    }

    fn object(&mut self, object: &types::Object, spot: &Spot<'_>, flow: &Flow, told: &Labels) -> Schema {
        let spot = &spot.in_shape(flow);
        let schema = Schema::of(Kind::Object(self.members(object, spot, flow, told)));
        if object.fields.is_empty() {
            return schema;
        }
        let claim = Claim { schema, of: None, what: spot.what(), span: spot.span };
        self.claim(spot.name().into(), claim)
    }

    fn members(&mut self, object: &types::Object, spot: &Spot<'_>, flow: &Flow, told: &Labels) -> Object {
        let mut fields = Vec::with_capacity(object.fields.len());
        for field in &object.fields {
            let Some(ty) = without_undefined(&field.ty, self.types) else { continue };
            let flow = flow.field(&field.name);
            let span =
                field.written.or(flow.span).or_else(|| field.origin.as_ref().map(|origin| origin.span));
            let mut known = told.clone();
            known.extend(flow.through());
            let mut schema = self.schema(&ty, &spot.field(&field.name, span), &flow, &known);
            hint(&mut schema, flow.hints(field.hints.as_deref()).as_ref());
            schema.doc = field.doc.clone().or(schema.doc);
            fields.push(Field {
                name: field.name.clone(),
                schema,
                required: !field.optional && !allows_undefined(&field.ty, self.types),
                life: flow.life(field.life.as_deref()).unwrap_or_default(),
                degraded_by: flow.through().difference(told).cloned().collect(),
                span: Written(span),
            });
        }
        let more = match object.index.as_ref().and_then(|index| without_undefined(index, self.types)) {
            None => More::None,
            Some(of) => More::Of(Box::new(self.schema(&of, &spot.element(), &flow.element(), told))),
        };
        Object { fields, more }
    }

    fn named(&mut self, named: &Named, spot: &Spot<'_>, flow: &Flow, told: &Labels) -> Schema {
        let Some(definition) = self.types.get(named.id) else { return Schema::default() };
        let nullable = allows_null(&definition.ty, self.types);
        let Some(ty) = without_nullish(&definition.ty) else {
            return Schema::of(if nullable { Kind::Null } else { Kind::Any });
        };
        // What has no parts is not worth a name.
        if matches!(
            ty,
            Type::Unknown | Type::Boolean | Type::Number | Type::String | Type::Literal(_) | Type::Named(_)
        ) {
            let schema = self.schema(&ty, spot, flow, told);
            return Schema { nullable: can_be_null(&schema) && (schema.nullable || nullable), ..schema };
        }
        let is_of_service = self.catalog.get(named.id).is_some();
        let name: Arc<str> = if is_of_service {
            format!("{}{}", pascal(&definition.owner), pascal(&definition.name)).into()
        } else {
            pascal(&definition.name).into()
        };
        let reference = Schema { nullable, ..Schema::reference(name.clone()) };
        let is_new = self.named.insert(named.id);
        // A second mention may depend on other calls, but only where a view put the object together: what comes from
        // one call depends on that call as a whole.
        if !is_new && !flow.has_parts() {
            return reference;
        }
        let origin = definition.origin.as_ref().map(|origin| origin.span);
        let inner = Spot {
            within: String::new(),
            word: name.to_string(),
            path: spot.path.clone(),
            of: spot.of,
            span: origin.or(spot.span),
        };
        let mut schema = match &ty {
            Type::Object(object) => Schema::of(Kind::Object(self.members(object, &inner, flow, told))),
            other => self.schema(other, &inner, flow, told),
        };
        schema.doc = definition.doc.clone().or(schema.doc);
        let what = if is_of_service {
            format!("`{}` of the service `{}`", definition.name, definition.owner)
        } else {
            format!("the type `{}`", definition.name)
        };
        self.claim(name, Claim { schema, of: Some(named.id), what, span: inner.span });
        reference
    }

    fn union(&mut self, members: &[Type], spot: &Spot<'_>, flow: &Flow, told: &Labels) -> Schema {
        let nullable = members.contains(&Type::Null);
        let mut values = Vec::new();
        let mut objects: Vec<&types::Object> = Vec::new();
        let mut variants = Vec::new();
        for member in members {
            match member {
                Type::Null | Type::Undefined => {}
                Type::Literal(literal) => values.push(json::literal(literal)),
                Type::Object(object) => objects.push(object),
                other => variants.push(self.schema(other, spot, flow, told)),
            }
        }
        if !values.is_empty() {
            variants.insert(0, Schema::of(Kind::Enum(values)));
        }
        if let Some(tags) = tags(&objects) {
            let (spot, flow) = (spot.in_shape(flow), flow.clone().nameless());
            for (object, tag) in objects.iter().zip(&tags) {
                variants.push(self.object(object, &spot.variant(tag), &flow, told));
            }
        } else if !objects.is_empty() {
            // Clients cannot tell them apart: to them it is one object of which some fields may be missing.
            variants.push(self.object(&merged(&objects), spot, flow, told));
        }
        let nullable = nullable || variants.iter().any(|variant| variant.nullable);
        let mut different: Vec<Schema> = Vec::with_capacity(variants.len());
        for variant in variants {
            let variant = Schema { nullable: false, ..variant };
            if variant.kind == Kind::Any {
                return variant;
            }
            if !different.contains(&variant) {
                different.push(variant);
            }
        }
        match different.len() {
            0 => Schema::of(if nullable { Kind::Null } else { Kind::Any }),
            1 => {
                let only = different.swap_remove(0);
                Schema { nullable: nullable && can_be_null(&only), ..only }
            }
            _ => Schema { nullable, ..Schema::of(Kind::AnyOf(different)) },
        }
    }

    /// Gives the schema its name, and a reference to it. Said twice of the same thing it adds what that depends on.
    pub(super) fn claim_input(&mut self, spot: &Spot<'_>, schema: Schema) -> Schema {
        let claim = Claim { schema, of: None, what: spot.what(), span: spot.span };
        self.claim(spot.name().into(), claim)
    }

    fn claim(&mut self, name: Arc<str>, claim: Claim) -> Schema {
        let reference = Schema::reference(name.clone());
        if *name == *PROBLEM
            && let Some(span) = claim.span
        {
            self.diagnostics.push(
                Diagnostic::error(
                    codes::NAME_TAKEN,
                    format!("`{PROBLEM}` is the name of problems in every contract"),
                    span,
                    format!("{} would have it too", claim.what),
                )
                .help("give it a name of its own with `shape(\"Name\", …)`, or rename the shape or the file"),
            );
            return reference;
        }
        let Some(known) = self.claims.get_mut(&name) else {
            self.claims.insert(name, claim);
            return reference;
        };
        let is_same =
            (known.of.is_some() && known.of == claim.of) || bare(&known.schema) == bare(&claim.schema);
        if is_same {
            meet(&mut known.schema, &claim.schema);
        } else if let Some(span) = claim.span.or(known.span) {
            let are_named = claim.of.is_some() && known.of.is_some();
            let mut diagnostic = Diagnostic::error(
                codes::NAME_TAKEN,
                format!("two types of the contract would be called `{name}`"),
                span,
                claim.what,
            );
            if let Some(other) = known.span {
                diagnostic = diagnostic.label(other, known.what.clone());
            }
            self.diagnostics.push(diagnostic.help(if are_named {
                "rename one of them: clients get types of these names"
            } else {
                "give one of them a name of its own with `shape(\"Name\", …)`, or rename the field"
            }));
        }
        reference
    }
}

fn can_be_null(schema: &Schema) -> bool {
    !matches!(schema.kind, Kind::Any | Kind::Null)
}

/// What a service's schema says beyond types and what clients have a use for. Bounds stay the service's business: we do
/// not check them, so we do not promise them.
fn hint(schema: &mut Schema, hints: Option<&Hints>) {
    let Some(hints) = hints else { return };
    match &mut schema.kind {
        Kind::Number { integer, .. } => *integer = hints.integer,
        Kind::String { format, .. } => format.clone_from(&hints.format),
        _ => {}
    }
    let plain = matches!(schema.kind, Kind::Number { .. } | Kind::String { .. } | Kind::Boolean);
    if plain && let Some(example) = &hints.example {
        schema.example = serde_json::from_str(example).ok();
    }
}

/// The type without `undefined`; `None` if nothing is left.
fn without_undefined(ty: &Type, types: &Types) -> Option<Type> {
    let left = Type::union(ty.members().iter().filter(|member| **member != Type::Undefined).cloned());
    let is_nothing = matches!(types.resolve(&left), Type::Never | Type::Undefined);
    (!is_nothing).then_some(left)
}

fn without_nullish(ty: &Type) -> Option<Type> {
    let is_value = |member: &&Type| !matches!(member, Type::Null | Type::Undefined);
    let left = Type::union(ty.members().iter().filter(is_value).cloned());
    (left != Type::Never).then_some(left)
}

fn allows_undefined(ty: &Type, types: &Types) -> bool {
    allows(ty, &Type::Undefined, types, 0)
}

fn allows_null(ty: &Type, types: &Types) -> bool {
    allows(ty, &Type::Null, types, 0)
}

fn allows(ty: &Type, wanted: &Type, types: &Types, depth: u32) -> bool {
    // Names of names are never that deep, but a schema may name itself.
    depth < 64
        && match ty {
            Type::Named(named) => {
                types.get(named.id).is_some_and(|definition| allows(&definition.ty, wanted, types, depth + 1))
            }
            Type::Union(members) => members.iter().any(|member| allows(member, wanted, types, depth + 1)),
            other => other == wanted,
        }
}

/// One text for each object that tells it from the others: `{ kind: "card" } | { kind: "invoice" }`.
fn tags(objects: &[&types::Object]) -> Option<Vec<Arc<str>>> {
    let (first, rest) = objects.split_first()?;
    if rest.is_empty() {
        return None;
    }
    let tag = |object: &types::Object, name: &str| match object.field(name) {
        Some(types::Field { ty: Type::Literal(Literal::String(text)), optional: false, .. }) => {
            Some(text.clone())
        }
        _ => None,
    };
    first.fields.iter().find_map(|field| {
        let all: Option<Vec<Arc<str>>> = objects.iter().map(|object| tag(object, &field.name)).collect();
        all.filter(|all| {
            let different: BTreeSet<String> = all.iter().map(|tag| pascal(tag)).collect();
            different.len() == all.len() && !different.contains("")
        })
    })
}

/// One object that each of these is.
fn merged(objects: &[&types::Object]) -> types::Object {
    let mut fields: Vec<types::Field> = Vec::new();
    for field in objects.iter().flat_map(|object| &object.fields) {
        if fields.iter().any(|known| known.name == field.name) {
            continue;
        }
        let all: Vec<Option<&types::Field>> =
            objects.iter().map(|object| object.field(&field.name)).collect();
        // `{ on?: undefined }` is how a form says that it has no such field.
        let given = || all.iter().flatten().filter(|field| field.ty != Type::Undefined);
        // A form that may have any key may have this one as well, of which nothing is known but its type.
        let lacking = objects.iter().zip(&all).filter(|(_, field)| field.is_none());
        let free: Vec<Type> = lacking.filter_map(|(object, _)| object.index.clone()).collect();
        let is_known = free.is_empty();
        let life = given().map(|field| field.life.as_deref().cloned()).reduce(either_life).flatten();
        let hints = given().map(|field| field.hints.as_deref().cloned()).reduce(both_hints).flatten();
        let ty = Type::union(all.iter().flatten().map(|field| field.ty.clone()).chain(free));
        fields.push(types::Field {
            name: field.name.clone(),
            ty,
            optional: all.iter().any(|field| field.is_none_or(|field| field.optional)),
            doc: given().find_map(|field| field.doc.clone()),
            origin: given().find_map(|field| field.origin.clone()),
            life: life.filter(|_| is_known).map(Arc::new),
            hints: hints.filter(|_| is_known).map(Arc::new),
            written: given().find_map(|field| field.written),
        });
    }
    let indexes: Vec<Type> = objects.iter().filter_map(|object| object.index.clone()).collect();
    types::Object { fields, index: (!indexes.is_empty()).then(|| Type::union(indexes)) }
}

/// Without what may differ where two types are one to clients: what a value depends on, and what is known of it beyond
/// its type.
fn bare(schema: &Schema) -> Schema {
    let kind = match &schema.kind {
        Kind::Number { min, max, .. } => Kind::Number { integer: false, min: *min, max: *max },
        Kind::String { min, max, pattern, .. } => {
            Kind::String { min: *min, max: *max, pattern: pattern.clone(), format: None }
        }
        Kind::Array { items, min, max } => Kind::Array { items: Box::new(bare(items)), min: *min, max: *max },
        Kind::Tuple(items) => Kind::Tuple(items.iter().map(bare).collect()),
        Kind::AnyOf(variants) => Kind::AnyOf(variants.iter().map(bare).collect()),
        Kind::Object(object) => Kind::Object(Object {
            fields: object
                .fields
                .iter()
                .map(|field| Field { schema: bare(&field.schema), degraded_by: Vec::new(), ..field.clone() })
                .collect(),
            more: match &object.more {
                More::None => More::None,
                More::Of(of) => More::Of(Box::new(bare(of))),
            },
        }),
        other => other.clone(),
    };
    Schema { kind, doc: None, example: None, ..schema.clone() }
}

/// Of two schemas that are the same when [`bare`]: what is known of both, and what either depends on.
fn meet(into: &mut Schema, from: &Schema) {
    into.doc = into.doc.take().or_else(|| from.doc.clone());
    into.example = into.example.take().or_else(|| from.example.clone());
    match (&mut into.kind, &from.kind) {
        (Kind::Number { integer, .. }, Kind::Number { integer: other, .. }) => *integer &= other,
        (Kind::String { format, .. }, Kind::String { format: other, .. }) => {
            format.take_if(|format| other.as_ref() != Some(format));
        }
        (Kind::Array { items, .. }, Kind::Array { items: other, .. }) => meet(items, other),
        (Kind::Tuple(items), Kind::Tuple(others)) | (Kind::AnyOf(items), Kind::AnyOf(others)) => {
            for (item, other) in items.iter_mut().zip(others) {
                meet(item, other);
            }
        }
        (Kind::Object(object), Kind::Object(other)) => {
            for (field, other) in object.fields.iter_mut().zip(&other.fields) {
                meet(&mut field.schema, &other.schema);
                field.degraded_by.extend(other.degraded_by.iter().cloned());
                field.degraded_by.sort();
                field.degraded_by.dedup();
            }
            if let (More::Of(of), More::Of(other)) = (&mut object.more, &other.more) {
                meet(of, other);
            }
        }
        _ => {}
    }
}
