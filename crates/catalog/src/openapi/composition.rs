//! `oneOf`, `anyOf` and discriminators: unions whose members can be told apart.

use std::sync::Arc;

use frontdesk_diagnostics::codes;
use frontdesk_types::{Field, Literal, Object, Type};

use super::reference::Target;
use super::schema::{completed, documentation, owner_name};
use super::{Place, Reader, Scope};
use crate::tree::{Entry, Map, Node};

/// Which field tells the members of a union apart, and its values where they are not the members' names.
struct Discriminator {
    property: Arc<str>,
    /// Value → reference or component name, as written.
    mapping: Vec<Entry>,
}

impl Reader<'_> {
    /// The union that `oneOf` or `anyOf` describes.
    pub(super) fn alternatives(&mut self, map: &Map, keyword: &str, scope: &Scope) -> Type {
        let discriminator = self.discriminator(map);
        let mut members = Vec::new();
        for member in self.list_of_schemas(map, keyword) {
            let reference = member.get("$ref").cloned();
            let ty = match (&discriminator, reference) {
                (Some(discriminator), Some(reference)) => match self.target(&reference) {
                    Some(target) => self.tagged(&target, discriminator, scope),
                    None => Type::Unknown,
                },
                _ => self.schema(&member, scope),
            };
            members.push(ty);
        }
        if members.is_empty() { Type::Unknown } else { Type::union(members) }
    }

    /// A schema with a discriminator and no alternatives is a base: what is answered in its place is one of the
    /// schemas that extend it.
    pub(super) fn subtypes(&mut self, node: &Arc<Node>, scope: &Scope) -> Option<Type> {
        let map = node.as_map()?;
        if map.get("oneOf").is_some() || map.get("anyOf").is_some() {
            return None;
        }
        let discriminator = self.discriminator(map)?;
        let mut targets: Vec<Target> = Vec::new();
        for entry in discriminator.mapping.clone() {
            let target = self.mapped(&entry);
            targets
                .extend(target.filter(|t| !targets.iter().any(|o| Place::of(&o.node) == Place::of(&t.node))));
        }
        for target in self.extensions(node) {
            if !targets.iter().any(|other| Place::of(&other.node) == Place::of(&target.node)) {
                targets.push(target);
            }
        }
        let base = Place::of(node);
        let members: Vec<Type> = targets
            .iter()
            .filter(|target| Place::of(&target.node) != base)
            .map(|target| self.tagged(target, &discriminator, scope))
            .collect();
        (!members.is_empty()).then(|| Type::union(members))
    }

    /// The component schemas of the base's own file whose `allOf` mentions it.
    fn extensions(&mut self, base: &Arc<Node>) -> Vec<Target> {
        let path = self.files.path(base.span).to_owned();
        let mut unheard = Vec::new();
        let document = self.files.tree(&path, base.span, &mut unheard);
        let schemas =
            document.as_ref().and_then(|document| document.get("components")?.get("schemas").cloned());
        let Some(schemas) = schemas.as_ref().and_then(|schemas| schemas.as_map()) else { return Vec::new() };
        let mut targets = Vec::new();
        for entry in schemas {
            let parts = entry.value.get("allOf").and_then(|all| all.as_list()).unwrap_or_default();
            let references: Vec<Arc<Node>> =
                parts.iter().filter_map(|part| part.get("$ref").cloned()).collect();
            if references.iter().any(|reference| self.leads_to(reference, Place::of(base))) {
                targets.push(Target {
                    node: entry.value.clone(),
                    span: entry.key_span,
                    name: entry.key.to_string(),
                });
            }
        }
        targets
    }

    fn discriminator(&mut self, map: &Map) -> Option<Discriminator> {
        let node = map.get("discriminator")?;
        let Some(property) = node.get("propertyName").and_then(|name| name.as_str()) else {
            self.wrong(node, "a `discriminator` needs a `propertyName`");
            return None;
        };
        let mapping = node.get("mapping").and_then(|mapping| mapping.as_map());
        let mapping = mapping.map(|mapping| mapping.iter().cloned().collect()).unwrap_or_default();
        Some(Discriminator { property: property.into(), mapping })
    }

    /// What a value of a discriminator's mapping names: a reference, or a component schema of the same file.
    fn mapped(&mut self, entry: &Entry) -> Option<Target> {
        let Some(written) = entry.value.as_str() else {
            self.wrong(&entry.value, "a `mapping` leads from a value to a schema");
            return None;
        };
        let is_reference =
            written.contains(['/', '#']) || written.contains(".json") || written.contains(".y");
        if is_reference {
            return self.follow(written, entry.value.span);
        }
        self.follow(&format!("#/components/schemas/{written}"), entry.value.span)
    }

    /// A member of a union with its discriminating field pinned to the values that choose it.
    fn tagged(&mut self, target: &Target, discriminator: &Discriminator, scope: &Scope) -> Type {
        let place = Place::of(&target.node);
        let mut tags: Vec<Arc<str>> = Vec::new();
        for entry in &discriminator.mapping {
            let mapped = self.mapped(entry);
            if mapped.is_some_and(|mapped| Place::of(&mapped.node) == place) {
                tags.push(entry.key.clone());
            }
        }
        if tags.is_empty() {
            tags.push(target.name.as_str().into());
        }
        let key = (place, scope.direction, format!("{}={}", discriminator.property, tags.join("|")));
        if let Some(known) = self.variants.get(&key) {
            return Type::Named(known.clone());
        }
        if self.expanding.contains(&place) {
            return Type::Named(self.name(target, scope.direction));
        }
        let inner = Scope { owner: owner_name(target), ..scope.clone() };
        let Type::Object(object) = completed(self.expansion(&target.node, &inner)) else {
            let message =
                format!("`{}` has no field `{}` to tell it apart by", target.name, discriminator.property);
            let help = "the members of a union with a discriminator must be objects";
            self.warn(codes::catalog::NOT_UNDERSTOOD, message, target.node.span, "not an object", help);
            return Type::Named(self.name(target, scope.direction));
        };
        let is_pinned = object.field(&discriminator.property).is_some_and(|field| {
            let members = field.ty.members();
            !field.optional && !members.is_empty() && members.iter().all(is_text_literal)
        });
        if is_pinned {
            return Type::Named(self.name(target, scope.direction));
        }
        let variant = self.declare(&format!("{}Variant", super::schema::type_name(&target.name)));
        self.variants.insert(key, variant.clone());
        let pinned = pin(&object, &discriminator.property, &tags);
        let doc = documentation(&target.node);
        let origin = frontdesk_types::Origin { span: target.span, schema: inner.owner };
        self.types.define(&variant, pinned, doc, Some(origin));
        Type::Named(variant)
    }
}

fn is_text_literal(ty: &Type) -> bool {
    matches!(ty, Type::Literal(Literal::String(_)))
}

fn pin(object: &Arc<Object>, property: &Arc<str>, tags: &[Arc<str>]) -> Type {
    let mut object = (**object).clone();
    let ty = Type::union(tags.iter().map(|tag| Type::string(tag)));
    match object.fields.iter_mut().find(|field| field.name == *property) {
        Some(field) => {
            field.ty = ty;
            field.optional = false;
        }
        None => object.fields.insert(0, Field::required(property.clone(), ty)),
    }
    Type::Object(Arc::new(object))
}
