//! Types as written: primitives, literals, arrays, tuples, objects, unions, names, and a few of TypeScript's own
//! generic types.

use std::sync::Arc;

use frontdesk_diagnostics::Span;
use frontdesk_diagnostics::codes::{language, types as codes};
use frontdesk_diagnostics::nearest::nearest;
use frontdesk_types::{Field, Literal, Object, Type};
use oxc_ast::ast::{
    TSIntersectionType, TSLiteral, TSLiteralType, TSSignature, TSTupleElement, TSType, TSTypeName,
    TSTypeOperatorOperator, TSTypeQueryExprName, TSTypeReference,
};

use super::literal::static_key;
use super::widen::{list_of, union_of};
use super::{Binding, Checker, MAX_DEPTH, ScopeId, TypeDeclaration, is_poison, poison};
use crate::define::context;

impl<'a> Checker<'a> {
    pub(super) fn annotated(&mut self, ast: &'a TSType<'a>) -> Type {
        let span = self.span(ast);
        if self.depth >= MAX_DEPTH {
            return self.too_deep(span).expr.ty;
        }
        self.depth += 1;
        let ty = self.annotated_inner(ast, span);
        self.depth -= 1;
        ty
    }

    fn annotated_inner(&mut self, ast: &'a TSType<'a>, span: Span) -> Type {
        match ast {
            TSType::TSStringKeyword(_) => Type::String,
            TSType::TSNumberKeyword(_) => Type::Number,
            TSType::TSBooleanKeyword(_) => Type::Boolean,
            TSType::TSNullKeyword(_) => Type::Null,
            TSType::TSUndefinedKeyword(_) | TSType::TSVoidKeyword(_) => Type::Undefined,
            TSType::TSNeverKeyword(_) => Type::Never,
            TSType::TSUnknownKeyword(_) => Type::Unknown,
            TSType::TSAnyKeyword(_) => {
                let diagnostic =
                    self.error(language::ANY, "`any` turns checking off", span, "nothing would be checked");
                diagnostic.help = Some(
                    "name the type: `catalog.Product`, `ReturnType<typeof helper>`, or `unknown` for what is only \
                     passed through"
                        .to_owned(),
                );
                poison()
            }
            TSType::TSParenthesizedType(inner) => self.annotated(&inner.type_annotation),
            TSType::TSArrayType(array) => {
                let of = self.annotated(&array.element_type);
                list_of(of)
            }
            TSType::TSTypeOperatorType(operator) if operator.operator == TSTypeOperatorOperator::Readonly => {
                self.annotated(&operator.type_annotation)
            }
            TSType::TSUnionType(union) => {
                let members: Vec<Type> = union.types.iter().map(|member| self.annotated(member)).collect();
                union_of(members)
            }
            TSType::TSIntersectionType(intersection) => self.intersection(intersection, span),
            TSType::TSLiteralType(literal) => self.literal_type(literal, span),
            TSType::TSTupleType(tuple) => {
                let mut items = Vec::new();
                for element in &tuple.element_types {
                    let element = match element {
                        TSTupleElement::TSNamedTupleMember(named) if !named.optional => &named.element_type,
                        other => other,
                    };
                    match element.as_ts_type() {
                        Some(ty) => items.push(self.annotated(ty)),
                        None => {
                            let at = self.span(element);
                            return self.no_type_form(
                                at,
                                "a tuple with optional or rest elements",
                                "write an array",
                            );
                        }
                    }
                }
                if items.iter().any(is_poison) { poison() } else { Type::Tuple(items.into()) }
            }
            TSType::TSTypeLiteral(literal) => self.members(&literal.members),
            TSType::TSTypeReference(reference) => self.reference(reference, span),
            TSType::TSTypeQuery(query) => match &query.expr_name {
                TSTypeQueryExprName::IdentifierReference(name) => {
                    match self.binding(self.frame.scope, name.name.as_str()).cloned() {
                        _ if self.frame.find(name.name.as_str()).is_some() => {
                            let local = self.frame.find(name.name.as_str());
                            local.map_or_else(poison, |local| self.local(local, span).expr.ty)
                        }
                        Some(Binding::Constant(known)) => known.ty,
                        Some(Binding::Broken) => poison(),
                        _ => self.no_type_form(
                            span,
                            "this `typeof`",
                            "of a helper: `ReturnType<typeof helper>`",
                        ),
                    }
                }
                _ => self.no_type_form(span, "this `typeof`", "name a constant"),
            },
            TSType::TSIndexedAccessType(access) => {
                let object = self.annotated(&access.object_type);
                let index = self.annotated(&access.index_type);
                self.indexed_type(&object, &index, span)
            }
            TSType::TSFunctionType(_) | TSType::TSConstructorType(_) => self.no_type_form(
                span,
                "a function type",
                "functions are no values here; name the type of the data",
            ),
            TSType::TSConditionalType(_) | TSType::TSInferType(_) => {
                self.no_type_form(span, "a conditional type", "write the type that comes out")
            }
            TSType::TSMappedType(_) => {
                self.no_type_form(span, "a mapped type", "write `Record<string, T>`, or the fields")
            }
            TSType::TSTypePredicate(_) => self.no_type_form(
                span,
                "a type predicate",
                "check the value where it is used; TypeScript infers the rest",
            ),
            TSType::TSObjectKeyword(_) => {
                self.no_type_form(span, "`object`", "write the fields: `{ id: string }`")
            }
            TSType::TSBigIntKeyword(_) | TSType::TSSymbolKeyword(_) => {
                self.no_type_form(span, "a type JSON has not", "big integers are `string`")
            }
            TSType::TSTemplateLiteralType(_) => self.no_type_form(span, "a template type", "write `string`"),
            TSType::TSTypeOperatorType(_) => {
                self.no_type_form(span, "`keyof`", "write the names: `\"a\" | \"b\"`")
            }
            _ => self.no_type_form(
                span,
                "this type",
                "types are primitives, literals, arrays, objects, unions and names",
            ),
        }
    }

    fn no_type_form(&mut self, span: Span, what: &str, instead: &str) -> Type {
        let diagnostic = self.error(
            codes::TYPE_FORM,
            format!("{what} is outside the language"),
            span,
            "not a type of data",
        );
        diagnostic.help = Some(instead.to_owned());
        poison()
    }

    fn literal_type(&mut self, literal: &'a TSLiteralType<'a>, span: Span) -> Type {
        match &literal.literal {
            TSLiteral::StringLiteral(text) => Type::string(text.value.as_str()),
            TSLiteral::NumericLiteral(number) => Type::Literal(Literal::Number(number.value)),
            TSLiteral::BooleanLiteral(value) => Type::Literal(Literal::Boolean(value.value)),
            TSLiteral::UnaryExpression(unary) => match &unary.argument {
                oxc_ast::ast::Expression::NumericLiteral(number) => {
                    Type::Literal(Literal::Number(-number.value))
                }
                _ => self.no_type_form(span, "this literal", "write text, a number or a boolean"),
            },
            _ => self.no_type_form(span, "this literal", "write text, a number or a boolean"),
        }
    }

    /// `A & B` of objects: the fields of both.
    fn intersection(&mut self, intersection: &'a TSIntersectionType<'a>, span: Span) -> Type {
        let mut merged = Object::default();
        for member in &intersection.types {
            let ty = self.annotated(member);
            if is_poison(&ty) {
                return ty;
            }
            let Type::Object(object) = self.types.resolve(&ty).clone() else {
                return self.no_type_form(
                    span,
                    "an intersection of other than objects",
                    "write the type that comes out",
                );
            };
            for field in &object.fields {
                match merged.fields.iter_mut().find(|own| own.name == field.name) {
                    Some(own) => own.optional &= field.optional,
                    None => merged.fields.push(field.clone()),
                }
            }
            merged.index = merged.index.or_else(|| object.index.clone());
        }
        Type::Object(Arc::new(merged))
    }

    fn members(&mut self, members: &'a [TSSignature<'a>]) -> Type {
        let mut object = Object::default();
        for member in members {
            let span = self.span(member);
            match member {
                TSSignature::TSPropertySignature(property) => {
                    let Some(name) = static_key(&property.key, property.computed) else {
                        self.no_type_form(span, "a computed field", "name the field");
                        continue;
                    };
                    let ty = match &property.type_annotation {
                        Some(annotation) => self.annotated(&annotation.type_annotation),
                        None => {
                            let message = format!("`{name}` does not say its type");
                            self.error(codes::PARAMETER_TYPE, message, span, "of which type?");
                            poison()
                        }
                    };
                    if object.field(name).is_some() {
                        self.error(codes::DUPLICATE, format!("`{name}` stands twice"), span, "the second");
                        continue;
                    }
                    let doc = self.comment_before(span);
                    let written = Some(self.span(&property.key));
                    object.fields.push(Field {
                        optional: property.optional,
                        doc,
                        written,
                        ..Field::required(name, ty)
                    });
                }
                TSSignature::TSIndexSignature(index) => {
                    object.index = Some(self.annotated(&index.type_annotation.type_annotation));
                }
                _ => {
                    self.no_type_form(span, "a method in a type", "data has fields only");
                }
            }
        }
        Type::Object(Arc::new(object))
    }

    fn reference(&mut self, reference: &'a TSTypeReference<'a>, span: Span) -> Type {
        let args: &'a [TSType<'a>] =
            reference.type_arguments.as_ref().map_or(&[], |arguments| arguments.params.as_slice());
        match &reference.type_name {
            TSTypeName::IdentifierReference(name) => {
                let name = name.name.as_str();
                match self.binding(self.frame.scope, name).cloned() {
                    Some(Binding::Type(declaration, scope)) => {
                        if !args.is_empty() {
                            return self.no_type_form(span, "a generic type", "write a type for each use");
                        }
                        self.declared_type(declaration, scope, name, span)
                    }
                    Some(Binding::Broken) => poison(),
                    Some(Binding::Service(_)) => {
                        let message = format!("`{name}` is a service, not a type");
                        let diagnostic =
                            self.error(codes::UNKNOWN_TYPE, message, span, "which of its types?");
                        diagnostic.help = Some(format!("write `{name}.TypeName`"));
                        poison()
                    }
                    Some(Binding::Function(_)) => {
                        let message = format!("`{name}` is a function, not a type");
                        let diagnostic = self.error(codes::UNKNOWN_TYPE, message, span, "not a type");
                        diagnostic.help = Some(format!("of what it gives: `ReturnType<typeof {name}>`"));
                        poison()
                    }
                    Some(Binding::Frontdesk(export)) if context::named(&export).is_some() => {
                        context::named(&export).unwrap_or_else(poison)
                    }
                    Some(Binding::Frontdesk(_) | Binding::Constant(..)) => {
                        let message = format!("`{name}` is a value, not a type");
                        self.error(codes::UNKNOWN_TYPE, message, span, "not a type");
                        poison()
                    }
                    None => self.generic(name, args, span),
                }
            }
            TSTypeName::QualifiedName(qualified) => match &qualified.left {
                TSTypeName::IdentifierReference(namespace) => {
                    let at = self.span(&qualified.right);
                    let namespace_span = self.span(&**namespace);
                    self.service_type(
                        namespace.name.as_str(),
                        namespace_span,
                        qualified.right.name.as_str(),
                        at,
                    )
                }
                _ => self.no_type_form(span, "this name", "types of services are `service.TypeName`"),
            },
            TSTypeName::ThisExpression(_) => self.no_type_form(span, "`this`", "there are no classes"),
        }
    }

    /// `catalog.Product`
    fn service_type(&mut self, namespace: &str, namespace_span: Span, name: &str, at: Span) -> Type {
        let service = match self.binding(self.frame.scope, namespace) {
            Some(Binding::Service(service)) => self.catalog.services.get(service.0 as usize),
            Some(Binding::Broken) => return poison(),
            _ => None,
        };
        let Some(service) = service else {
            let known = self.catalog.service(namespace).is_some();
            let message = format!("there is no `{namespace}` here");
            let diagnostic =
                self.error(codes::UNKNOWN_TYPE, message, namespace_span, "not a service that is imported");
            if known {
                diagnostic.help = Some(format!("`import {{ {namespace} }} from \"frontdesk/services\";`"));
            }
            return poison();
        };
        // Not among those of BFFs: a BFF may have the name of a service.
        let catalog = self.catalog;
        let found = catalog
            .types
            .iter()
            .find(|(_, definition)| *definition.name == *name && definition.owner == service.name)
            .map(|(id, definition)| {
                Type::Named(frontdesk_types::Named { id, name: definition.name.clone() })
            });
        if let Some(found) = found {
            return found;
        }
        let names: Vec<String> = catalog
            .types
            .iter()
            .filter(|(_, definition)| definition.owner == service.name)
            .map(|(_, definition)| definition.name.to_string())
            .collect();
        let near = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
        let message = format!("`{}` has no type `{name}`", service.name);
        let label = match &near {
            Some(near) => format!("did you mean `{near}`?"),
            None => "not in its schema".to_owned(),
        };
        let diagnostic = self.error(codes::UNKNOWN_TYPE, message, at, label);
        if near.is_none() && !names.is_empty() {
            diagnostic.help = Some(format!("it has {}", super::report::listed(&names)));
        }
        poison()
    }

    /// An alias or interface, resolved once, in the scope it was declared in.
    fn declared_type(
        &mut self,
        declaration: TypeDeclaration<'a>,
        scope: ScopeId,
        name: &str,
        at: Span,
    ) -> Type {
        let file = self.file_of(scope);
        let place = match declaration {
            TypeDeclaration::Alias(alias) => crate::parse::span_of(file, alias.span),
            TypeDeclaration::Interface(interface) => crate::parse::span_of(file, interface.span),
        };
        if let Some(known) = self.resolved.get(&place) {
            return known.clone();
        }
        if self.resolving.contains(&place) {
            let message = format!("`{name}` mentions itself");
            let diagnostic = self.error(codes::TYPE_FORM, message, at, "a type without end");
            diagnostic.help =
                Some("types of services may be recursive; name theirs: `catalog.Category`".to_owned());
            return poison();
        }
        self.resolving.push(place);
        let outer = (self.frame.scope, self.frame.file);
        (self.frame.scope, self.frame.file) = (scope, file);
        let names = std::mem::take(&mut self.frame.names);
        let ty = match declaration {
            TypeDeclaration::Alias(alias) => {
                if let Some(params) = &alias.type_parameters {
                    let span = self.span(&**params);
                    self.no_type_form(span, "a generic type", "write a type for each use")
                } else {
                    self.annotated(&alias.type_annotation)
                }
            }
            TypeDeclaration::Interface(interface) => self.interface(interface),
        };
        self.frame.names = names;
        (self.frame.scope, self.frame.file) = outer;
        self.resolving.pop();
        let ty = self.under_name(ty, scope, name, place);
        self.resolved.insert(place, ty.clone());
        ty
    }

    fn interface(&mut self, interface: &'a oxc_ast::ast::TSInterfaceDeclaration<'a>) -> Type {
        if let Some(params) = &interface.type_parameters {
            let span = self.span(&**params);
            return self.no_type_form(span, "a generic type", "write a type for each use");
        }
        let mut merged = Object::default();
        for base in &interface.extends {
            let span = self.span(base);
            let TSTypeName::IdentifierReference(name) = &base.type_name else {
                let TSTypeName::QualifiedName(qualified) = &base.type_name else { continue };
                let TSTypeName::IdentifierReference(namespace) = &qualified.left else { continue };
                let at = self.span(&qualified.right);
                let ty = self.service_type(namespace.name.as_str(), span, qualified.right.name.as_str(), at);
                if let Type::Object(object) = self.types.resolve(&ty) {
                    merged = (**object).clone();
                }
                continue;
            };
            let name = name.name.as_str();
            let ty = match self.binding(self.frame.scope, name).cloned() {
                Some(Binding::Type(declaration, scope)) => self.declared_type(declaration, scope, name, span),
                _ => {
                    self.error(
                        codes::UNKNOWN_TYPE,
                        format!("there is no type `{name}` here"),
                        span,
                        "not a type",
                    );
                    return poison();
                }
            };
            if let Type::Object(object) = self.types.resolve(&ty) {
                merged.fields.extend(object.fields.iter().cloned());
                merged.index = merged.index.or_else(|| object.index.clone());
            }
        }
        let own = self.members(&interface.body.body);
        if let Type::Object(own) = own {
            for field in &own.fields {
                match merged.fields.iter_mut().find(|known| known.name == field.name) {
                    Some(known) => *known = field.clone(),
                    None => merged.fields.push(field.clone()),
                }
            }
            merged.index = own.index.clone().or(merged.index);
        }
        Type::Object(Arc::new(merged))
    }

    /// TypeScript's own generic types, those that describe data.
    fn generic(&mut self, name: &str, args: &'a [TSType<'a>], span: Span) -> Type {
        match (name, args) {
            _ if self.frame.generics.contains(&name) => poison(),
            ("Array" | "ReadonlyArray", [of]) => {
                let of = self.annotated(of);
                list_of(of)
            }
            ("Record", [key, value]) => {
                let (key, value) = (self.annotated(key), self.annotated(value));
                let keys = self.expanded(&key);
                if keys.iter().all(|key| matches!(key, Type::Literal(Literal::String(_)))) {
                    let fields = keys.iter().filter_map(|key| match key {
                        Type::Literal(Literal::String(name)) => {
                            Some(Field::required(name.clone(), value.clone()))
                        }
                        _ => None,
                    });
                    return Type::object(fields.collect());
                }
                if is_poison(&value) { value } else { Type::map(value) }
            }
            ("Readonly", [of]) => self.annotated(of),
            ("NonNullable", [of]) => {
                let of = self.annotated(of);
                self.without_nullish(&of)
            }
            ("Partial" | "Required", [of]) => {
                let of = self.annotated(of);
                self.with_fields(&of, span, |field| Some(Field { optional: name == "Partial", ..field }))
            }
            ("Pick" | "Omit", [of, keys]) => {
                let (of, keys) = (self.annotated(of), self.annotated(keys));
                let keys = self.expanded(&keys);
                let named = |field: &Field| {
                    keys.iter()
                        .any(|key| matches!(key, Type::Literal(Literal::String(key)) if *key == field.name))
                };
                self.with_fields(&of, span, |field| (named(&field) == (name == "Pick")).then_some(field))
            }
            ("Exclude" | "Extract", [of, others]) => {
                let (of, others) = (self.annotated(of), self.annotated(others));
                self.keep(&of, |member| self.fits(member, &others) == (name == "Extract"))
            }
            ("ReturnType", [of]) => self.return_type(of, span),
            ("Date" | "RegExp" | "Map" | "Set" | "Promise" | "Function", _) => self.no_type_form(
                span,
                &format!("`{name}`"),
                "data is what JSON has: dates are `string`, maps are `Record<string, T>`",
            ),
            _ => {
                let names: Vec<String> = self
                    .scopes
                    .get(self.frame.scope.0 as usize)
                    .map(|scope| {
                        let types =
                            scope.names.iter().filter(|(_, binding)| matches!(binding, Binding::Type(..)));
                        types.map(|(name, _)| name.to_string()).collect()
                    })
                    .unwrap_or_default();
                let near = nearest(name, names.iter().map(String::as_str)).map(str::to_owned);
                let owner = self.types.iter().find(|(_, d)| *d.name == *name).map(|(_, d)| d.owner.clone());
                let label = match &near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "not declared and not imported".to_owned(),
                };
                let diagnostic =
                    self.error(codes::UNKNOWN_TYPE, format!("there is no type `{name}` here"), span, label);
                if let Some(owner) = owner {
                    diagnostic.help = Some(format!("the one of the service is `{owner}.{name}`"));
                }
                poison()
            }
        }
    }

    fn with_fields(&mut self, of: &Type, span: Span, f: impl Fn(Field) -> Option<Field>) -> Type {
        match self.types.resolve(of) {
            _ if is_poison(of) => poison(),
            Type::Object(object) => Type::Object(Arc::new(Object {
                fields: object.fields.iter().cloned().filter_map(f).collect(),
                index: object.index.clone(),
            })),
            _ => self.no_type_form(span, "this of other than an object", "name an object type"),
        }
    }

    /// `ReturnType<typeof helper>`
    fn return_type(&mut self, of: &'a TSType<'a>, span: Span) -> Type {
        if let TSType::TSTypeQuery(query) = of
            && let TSTypeQueryExprName::IdentifierReference(name) = &query.expr_name
            && let Some(Binding::Function(id)) = self.binding(self.frame.scope, name.name.as_str()).cloned()
        {
            return self
                .helper(id, Some(span))
                .map_or_else(poison, |meaning| meaning.function.result.clone());
        }
        self.no_type_form(span, "this `ReturnType`", "write `ReturnType<typeof helper>`")
    }

    /// `T["field"]`, `T[number]`
    fn indexed_type(&mut self, object: &Type, index: &Type, span: Span) -> Type {
        if is_poison(object) || is_poison(index) {
            return poison();
        }
        match (self.types.resolve(object), index) {
            (Type::Array(of), Type::Number) => (**of).clone(),
            (Type::Tuple(of), Type::Number) => union_of(of.iter().cloned()),
            (Type::Object(fields), Type::Literal(Literal::String(name))) => match fields.field(name) {
                Some(field) if field.optional => field.ty.clone().or_undefined(),
                Some(field) => field.ty.clone(),
                None => {
                    let (object, name) = (object.clone(), name.clone());
                    self.no_field(&object, &name, span, None);
                    poison()
                }
            },
            (Type::Object(fields), Type::String) if fields.index.is_some() => {
                fields.index.clone().unwrap_or_else(poison)
            }
            _ => self.no_type_form(span, "this index", "write `Type[\"field\"]` or `Type[number]`"),
        }
    }
}
