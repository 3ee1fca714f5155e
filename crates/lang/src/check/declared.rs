//! Types that files declare, and those of shapes: they keep their names, and what is known of the values that a function gives for them.
//!
//! A declared type says what a field is, the expression in the function says for whom it is there and where its value
//! comes from. A contract wants both.

use std::sync::Arc;

use frontdesk_diagnostics::{FileId, Span};
use frontdesk_types::{Field, Named, Object, Origin, Type};

use super::widen::union_of;
use super::{Checker, ScopeId, ShapeName, is_poison};
use crate::parse::{FunctionAst, span_of};

/// How deep declared types are looked into.
const DEEPEST: u32 = 32;

impl Checker<'_> {
    /// Says which BFF (or folder, for files that several share) the types of a file belong to.
    pub(crate) fn belongs_to(&mut self, scope: ScopeId, owner: Arc<str>) {
        if let Some(scope) = self.scopes.get_mut(scope.0 as usize) {
            scope.owner = owner;
        }
    }

    /// An object type under the name that its file gives it; any other type as it is.
    pub(super) fn under_name(&mut self, ty: Type, scope: ScopeId, name: &str, place: Span) -> Type {
        let is_object = matches!(&ty, Type::Object(object) if !object.fields.is_empty());
        if is_poison(&ty) || !is_object {
            return ty;
        }
        let owner = self.scopes.get(scope.0 as usize).map(|scope| scope.owner.clone()).unwrap_or_default();
        let named = self.types.declare(owner, name);
        let doc = self.comment_before(place);
        let origin = Origin { span: place, schema: name.into() };
        self.types.define(&named, ty, doc, Some(origin));
        Type::Named(named)
    }

    /// A shape's result has the shape's name, beside `null` and `undefined`.
    pub(super) fn shape_type(
        &mut self,
        shape: &ShapeName,
        result: Type,
        ast: FunctionAst<'_>,
        file: FileId,
    ) -> Type {
        let members = self.expanded(&result);
        let objects: Vec<&Type> =
            members.iter().filter(|member| !matches!(member, Type::Null | Type::Undefined)).collect();
        let object = match objects.as_slice() {
            [object @ Type::Object(_)] => (*object).clone(),
            // Under a declared name: the shape's stands for it.
            [Type::Named(named)] if self.is_own(named) && named.name != shape.name => {
                self.types.resolve(&Type::Named(named.clone())).clone()
            }
            _ => return result,
        };
        let named = self.types.declare(shape.owner.clone(), shape.name.clone());
        let origin = Origin { span: span_of(file, ast.span()), schema: shape.name.clone() };
        self.types.define(&named, object, shape.doc.clone(), Some(origin));
        let named = Type::Named(named);
        union_of(members.iter().map(|member| match member {
            Type::Null | Type::Undefined => member.clone(),
            _ => named.clone(),
        }))
    }

    /// Whether a named type is declared in a BFF, not by a service.
    pub(super) fn is_own(&self, named: &Named) -> bool {
        self.catalog.types.get(named.id).is_none() && self.types.get(named.id).is_some()
    }

    /// The declared type of values that are of these types, with what is known of their fields.
    pub(super) fn adopting(&mut self, declared: &Type, given: &[Type]) -> Type {
        self.adopt(declared, given, 0)
    }

    fn adopt(&mut self, declared: &Type, given: &[Type], depth: u32) -> Type {
        if depth > DEEPEST || given.is_empty() || is_poison(declared) {
            return declared.clone();
        }
        let members: Vec<Type> = given.iter().flat_map(|ty| self.expanded(ty)).collect();
        match declared {
            Type::Object(object) => {
                let objects: Vec<Arc<Object>> = members
                    .iter()
                    .filter_map(|member| match self.types.resolve(member) {
                        Type::Object(object) => Some(object.clone()),
                        _ => None,
                    })
                    .collect();
                let fields = object.fields.iter().map(|field| self.adopt_field(field, &objects, depth));
                Type::Object(Arc::new(Object { fields: fields.collect(), index: object.index.clone() }))
            }
            Type::Array(of) => {
                let items: Vec<Type> = members
                    .iter()
                    .filter_map(|member| match self.types.resolve(member) {
                        Type::Array(of) => Some((**of).clone()),
                        _ => None,
                    })
                    .collect();
                Type::array(self.adopt(of, &items, depth + 1))
            }
            Type::Union(of) => {
                let of = of.clone();
                Type::union(of.iter().map(|member| self.adopt(member, given, depth + 1)))
            }
            Type::Named(named) if self.is_own(named) => {
                // Of itself it has nothing to learn.
                if members.iter().all(|member| member == declared) {
                    return declared.clone();
                }
                let Some(definition) = self.types.get(named.id).cloned() else { return declared.clone() };
                let ty = self.adopt(&definition.ty, given, depth + 1);
                self.types.define(named, ty, definition.doc, definition.origin);
                declared.clone()
            }
            other => other.clone(),
        }
    }

    fn adopt_field(&mut self, field: &Field, objects: &[Arc<Object>], depth: u32) -> Field {
        let given: Vec<&Field> = objects
            .iter()
            .filter_map(|object| object.field(&field.name))
            .filter(|given| given.ty != Type::Undefined)
            .collect();
        let mut out = field.clone();
        out.doc = out.doc.or_else(|| given.iter().find_map(|given| given.doc.clone()));
        // What is known of the value must hold whichever it is.
        let hints = given.iter().map(|given| given.hints.as_deref().cloned());
        let known = hints.reduce(|a, b| Some(a?.both(&b?))).flatten().map(Arc::new);
        out.hints = out.hints.or(known);
        // A field that is there for everybody on one way through is there for everybody.
        let lives = given.iter().map(|given| given.life.as_deref().cloned());
        let life = lives.reduce(|a, b| Some(a?.either(b?))).flatten().map(Arc::new);
        out.life = out.life.or(life);
        let types: Vec<Type> = given.iter().map(|given| given.ty.clone()).collect();
        out.ty = self.adopt(&field.ty, &types, depth + 1);
        out
    }
}
