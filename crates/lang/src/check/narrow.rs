//! What a condition proves.
//!
//! As in TypeScript, a condition narrows *places*: locals and paths of fields below them. Everything is constant, so
//! a fact about a local holds as long as the branch, callbacks included; a fact about a path does not reach into
//! callbacks, because TypeScript forgets it there.

use frontdesk_types::{Field, Literal, Object, Type};
use oxc_ast::ast::{
    Argument, BinaryExpression, BinaryOperator, CallExpression, ChainElement, Expression, LogicalOperator,
    UnaryOperator,
};

use super::frame::{Fact, Place, Step};
use super::widen::union_of;
use super::{Binding, Checker, is_poison};

type Refine<'f> = &'f dyn Fn(&Checker<'_>, &Type) -> Type;

impl<'a> Checker<'a> {
    /// Learns what `condition` being `outcome` proves, until the facts are truncated.
    pub(super) fn assume(&mut self, condition: &'a Expression<'a>, outcome: bool) {
        let facts = self.proved(condition, outcome, 0);
        self.frame.learn(facts);
    }

    pub(super) fn proved(&mut self, condition: &'a Expression<'a>, outcome: bool, depth: u32) -> Vec<Fact> {
        if depth > 60 {
            return Vec::new();
        }
        match condition {
            Expression::ParenthesizedExpression(inner) => self.proved(&inner.expression, outcome, depth + 1),
            Expression::TSSatisfiesExpression(inner) => self.proved(&inner.expression, outcome, depth + 1),
            Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::LogicalNot => {
                self.proved(&unary.argument, !outcome, depth + 1)
            }
            Expression::LogicalExpression(logical) => match (logical.operator, outcome) {
                (LogicalOperator::And, true) | (LogicalOperator::Or, false) => {
                    self.proved_both(&logical.left, outcome, &logical.right, outcome, depth)
                }
                (LogicalOperator::And, false) | (LogicalOperator::Or, true) => {
                    let first = self.proved(&logical.left, outcome, depth + 1);
                    let second = self.proved_both(&logical.left, !outcome, &logical.right, outcome, depth);
                    self.either(first, second)
                }
                (LogicalOperator::Coalesce, _) => Vec::new(),
            },
            Expression::BinaryExpression(binary) => self.proved_by_comparison(binary, outcome),
            Expression::CallExpression(call) => self.proved_by_call(call, outcome),
            Expression::Identifier(name) => {
                let mut facts = self.refine_place(condition, truthiness(outcome));
                if let Some(known) = self.frame.find(name.name.as_str()).and_then(|id| self.frame.get(id))
                    && let Some(implies) = &known.implies
                {
                    let implied = if outcome { &implies.0 } else { &implies.1 };
                    facts.extend(implied.iter().cloned());
                }
                facts
            }
            Expression::StaticMemberExpression(_)
            | Expression::ComputedMemberExpression(_)
            | Expression::ChainExpression(_) => self.refine_place(condition, truthiness(outcome)),
            _ => Vec::new(),
        }
    }

    fn proved_both(
        &mut self,
        left: &'a Expression<'a>,
        left_outcome: bool,
        right: &'a Expression<'a>,
        right_outcome: bool,
        depth: u32,
    ) -> Vec<Fact> {
        let mark = self.frame.facts.len();
        let mut facts = self.proved(left, left_outcome, depth + 1);
        self.frame.learn(facts.iter().cloned());
        facts.extend(self.proved(right, right_outcome, depth + 1));
        self.frame.facts.truncate(mark);
        facts
    }

    /// What holds if one of two lists does.
    fn either(&mut self, first: Vec<Fact>, second: Vec<Fact>) -> Vec<Fact> {
        let mut out: Vec<Fact> = Vec::new();
        for fact in &first {
            let place = &fact.place;
            if out.iter().any(|known| known.place == *place) {
                continue;
            }
            let Some(now) = self.place_type(place) else { continue };
            let a = self.under(&first, place);
            let b = self.under(&second, place);
            let ty = union_of([a.unwrap_or_else(|| now.clone()), b.unwrap_or_else(|| now.clone())]);
            if ty != now {
                out.push(Fact { place: place.clone(), ty });
            }
        }
        out
    }

    fn under(&mut self, facts: &[Fact], place: &Place) -> Option<Type> {
        let mark = self.frame.facts.len();
        self.frame.learn(facts.iter().cloned());
        let ty = self.place_type(place);
        self.frame.facts.truncate(mark);
        ty
    }

    fn proved_by_comparison(&mut self, binary: &'a BinaryExpression<'a>, outcome: bool) -> Vec<Fact> {
        let (loose, equal) = match binary.operator {
            BinaryOperator::StrictEquality => (false, outcome),
            BinaryOperator::StrictInequality => (false, !outcome),
            BinaryOperator::Equality => (true, outcome),
            BinaryOperator::Inequality => (true, !outcome),
            BinaryOperator::In => return self.proved_by_in(binary, outcome),
            _ => return Vec::new(),
        };
        for (subject, value) in [(&binary.left, &binary.right), (&binary.right, &binary.left)] {
            if let Expression::UnaryExpression(unary) = subject
                && unary.operator == UnaryOperator::Typeof
                && let Expression::StringLiteral(name) = value
            {
                let name = name.value.as_str();
                return self
                    .refine_place(&unary.argument, &|checker, ty| refine_typeof(checker, ty, name, equal));
            }
        }
        let mut facts = Vec::new();
        for (subject, value) in [(&binary.left, &binary.right), (&binary.right, &binary.left)] {
            let Some(value) = self.value_type(value) else { continue };
            facts.extend(self.refine_place(subject, &|checker, ty| {
                if loose {
                    refine_missing(checker, ty, equal)
                } else {
                    checker.refine_equal(ty, &value, equal)
                }
            }));
        }
        facts
    }

    /// The values of `ty` for which `=== value` is `equal`.
    fn refine_equal(&self, ty: &Type, value: &Type, equal: bool) -> Type {
        let values = self.expanded(value);
        let unit = match values.as_slice() {
            [one @ (Type::Null | Type::Undefined | Type::Literal(_))] => Some(one),
            _ => None,
        };
        if is_poison(value) || is_poison(ty) {
            return ty.clone();
        }
        if !equal {
            let Some(unit) = unit else { return ty.clone() };
            return self.refined(ty, |member| match (member, unit) {
                (member, unit) if member == unit => Type::Never,
                (Type::Boolean, Type::Literal(Literal::Boolean(value))) => {
                    Type::Literal(Literal::Boolean(!value))
                }
                _ => member.clone(),
            });
        }
        if matches!(ty, Type::Unknown) {
            return unit.cloned().unwrap_or(Type::Unknown);
        }
        self.refined(ty, |member| {
            if !self.overlap(member, value) {
                return Type::Never;
            }
            match (member, unit) {
                (Type::String | Type::Number | Type::Boolean, Some(unit)) => unit.clone(),
                _ => member.clone(),
            }
        })
    }

    /// The type of the other side of a comparison, as far as it narrows.
    fn value_type(&mut self, ast: &'a Expression<'a>) -> Option<Type> {
        Some(match ast {
            Expression::NullLiteral(_) => Type::Null,
            Expression::StringLiteral(text) => Type::string(text.value.as_str()),
            Expression::NumericLiteral(number) => Type::Literal(Literal::Number(number.value)),
            Expression::BooleanLiteral(value) => Type::Literal(Literal::Boolean(value.value)),
            Expression::UnaryExpression(unary) if unary.operator == UnaryOperator::UnaryNegation => {
                let Expression::NumericLiteral(number) = &unary.argument else { return None };
                Type::Literal(Literal::Number(-number.value))
            }
            Expression::ParenthesizedExpression(inner) => return self.value_type(&inner.expression),
            Expression::Identifier(name) if self.frame.find(name.name.as_str()).is_none() => {
                match self.binding(self.frame.scope, name.name.as_str()) {
                    Some(Binding::Constant(known)) => known.ty.clone(),
                    Some(_) => return None,
                    None if name.name == "undefined" => Type::Undefined,
                    None => return None,
                }
            }
            other => {
                let (place, optional) = self.place_of(other)?;
                let ty = self.place_type(&place)?;
                if optional { union_of([ty, Type::Undefined]) } else { ty }
            }
        })
    }

    fn proved_by_in(&mut self, binary: &'a BinaryExpression<'a>, outcome: bool) -> Vec<Fact> {
        let Expression::StringLiteral(name) = &binary.left else { return Vec::new() };
        let name = name.value.as_str();
        self.refine_place(&binary.right, &|checker, ty| {
            let members = checker.expanded(ty);
            let has = |member: &Type| match checker.types.resolve(member) {
                Type::Object(object) => {
                    (object.field(name).map(|field| field.optional), object.index.is_some())
                }
                _ => (None, false),
            };
            let possible = |member: &Type| match has(member) {
                (Some(optional), _) => outcome || optional,
                (None, true) => true,
                (None, false) => !outcome,
            };
            if !members.iter().any(|member| matches!(has(member), (Some(_), _) | (None, true))) && outcome {
                // Something of which only this is known now.
                return checker.refined(ty, |member| match checker.types.resolve(member) {
                    Type::Object(object) => {
                        let mut fields = object.fields.clone();
                        fields.push(Field::required(name, Type::Unknown));
                        Type::Object(std::sync::Arc::new(Object { fields, index: object.index.clone() }))
                    }
                    _ => member.clone(),
                });
            }
            checker.keep(ty, possible)
        })
    }

    /// `Array.isArray(x)`, or a helper that is one condition: `isOpen(x)`.
    fn proved_by_call(&mut self, call: &'a CallExpression<'a>, outcome: bool) -> Vec<Fact> {
        if let Expression::Identifier(name) = &call.callee {
            return self.proved_by_helper(name.name.as_str(), call, outcome).unwrap_or_default();
        }
        let Expression::StaticMemberExpression(callee) = &call.callee else { return Vec::new() };
        let Expression::Identifier(namespace) = &callee.object else { return Vec::new() };
        let shadowed =
            self.frame.find("Array").is_some() || self.binding(self.frame.scope, "Array").is_some();
        if shadowed || namespace.name != "Array" || callee.property.name != "isArray" {
            return Vec::new();
        }
        let Some(value) = call.arguments.first().and_then(Argument::as_expression) else { return Vec::new() };
        self.refine_place(value, &|checker, ty| {
            checker.keep(ty, |member| {
                let list = matches!(checker.types.resolve(member), Type::Array(_) | Type::Tuple(_));
                list == outcome || matches!(member, Type::Unknown) || is_poison(member)
            })
        })
    }

    fn proved_by_helper(
        &mut self,
        name: &str,
        call: &'a CallExpression<'a>,
        outcome: bool,
    ) -> Option<Vec<Fact>> {
        if self.frame.find(name).is_some() {
            return None;
        }
        let Some(Binding::Function(id)) = self.binding(self.frame.scope, name) else { return None };
        let proved = self.known_helper(*id)?.predicate.clone()?;
        let value = call.arguments.first().and_then(Argument::as_expression)?;
        Some(self.refine_place(value, &|checker, ty| {
            checker.keep(ty, |member| checker.fits(member, &proved) == outcome || is_poison(member))
        }))
    }

    /// Narrows the place that `subject` is to what `refine` leaves of it; with it, the optional links before it
    /// and the union that it is the telling field of.
    fn refine_place(&mut self, subject: &'a Expression<'a>, refine: Refine<'_>) -> Vec<Fact> {
        let Some((place, optional)) = self.place_of(subject) else {
            // `a?.find(…)` is no place, but if it is there, so is `a`.
            return if matches!(refine(self, &Type::Undefined), Type::Never) {
                self.present_links(subject)
            } else {
                Vec::new()
            };
        };
        let mut facts = Vec::new();
        let mark = self.frame.facts.len();
        if optional && matches!(refine(self, &Type::Undefined), Type::Never) {
            facts.extend(self.present_links(subject));
            self.frame.learn(facts.iter().cloned());
        }
        if let Some(now) = self.place_type(&place) {
            let cut_off = optional && facts.is_empty();
            let now = if cut_off { union_of([now, Type::Undefined]) } else { now };
            let ty = refine(self, &now);
            if ty != now {
                facts.push(Fact { place: place.clone(), ty });
            }
        }
        facts.extend(self.refine_union(&place, optional, refine));
        self.frame.facts.truncate(mark);
        facts
    }

    /// `x.kind === "a"` narrows `x` if `kind` tells its members apart.
    fn refine_union(&mut self, place: &Place, optional: bool, refine: Refine<'_>) -> Option<Fact> {
        let mut parent = place.clone();
        let Some(Step::Name(name)) = parent.path.pop() else { return None };
        let whole = self.place_type(&parent)?;
        let members = self.expanded(&whole);
        let kinds: Vec<Option<Type>> = members
            .iter()
            .map(|member| match member {
                Type::Null | Type::Undefined if optional => Some(Type::Undefined),
                _ => self.field_of(member, &name).ok(),
            })
            .collect();
        // `a?.b` says nothing of whether `a` is missing if all it can be else is one object.
        let is_object = |member: &Type| !optional || !matches!(member, Type::Null | Type::Undefined);
        let objects = members.iter().filter(|member| is_object(member)).count();
        let present: Vec<&Type> = members
            .iter()
            .zip(&kinds)
            .filter(|(member, _)| is_object(member))
            .filter_map(|(_, kind)| kind.as_ref())
            .collect();
        let telling = present.len() == objects
            && present.len() > 1
            && present.windows(2).any(|pair| matches!(pair, [a, b] if a != b))
            && present.iter().any(|kind| {
                self.expanded(kind)
                    .iter()
                    .all(|k| matches!(k, Type::Literal(_) | Type::Null | Type::Undefined | Type::Boolean))
            });
        if !telling {
            return None;
        }
        let kept: Vec<Type> = members
            .iter()
            .zip(&kinds)
            .filter(|(_, kind)| kind.as_ref().is_none_or(|kind| !matches!(refine(self, kind), Type::Never)))
            .map(|(member, _)| member.clone())
            .collect();
        (kept.len() != members.len()).then(|| Fact { place: parent, ty: union_of(kept) })
    }

    /// Facts that the links `a?.` of a chain are there.
    fn present_links(&mut self, subject: &'a Expression<'a>) -> Vec<Fact> {
        let mut links = Vec::new();
        collect_links(subject, &mut links, 0);
        let mut facts = Vec::new();
        for link in links {
            let Some((place, _)) = self.place_of(link) else { continue };
            let Some(now) = self.place_type(&place) else { continue };
            let ty = self.without_nullish(&now);
            if ty != now {
                facts.push(Fact { place, ty });
            }
        }
        facts
    }

    /// The place an expression names, and whether there is a `?.` on the way.
    fn place_of(&self, ast: &'a Expression<'a>) -> Option<(Place, bool)> {
        match ast {
            Expression::Identifier(name) => Some((Place::local(self.frame.find(name.name.as_str())?), false)),
            Expression::ParenthesizedExpression(inner) => self.place_of(&inner.expression),
            Expression::StaticMemberExpression(member) => {
                let (place, optional) = self.place_of(&member.object)?;
                let name = member.property.name.as_str();
                Some((place.then(Step::Name(name.into())), optional || member.optional))
            }
            Expression::ComputedMemberExpression(member) => {
                let (place, optional) = self.place_of(&member.object)?;
                Some((place.then(self.step(&member.expression)?), optional || member.optional))
            }
            Expression::ChainExpression(chain) => match &chain.expression {
                ChainElement::StaticMemberExpression(member) => {
                    let (place, optional) = self.place_of(&member.object)?;
                    let name = member.property.name.as_str();
                    Some((place.then(Step::Name(name.into())), optional || member.optional))
                }
                ChainElement::ComputedMemberExpression(member) => {
                    let (place, optional) = self.place_of(&member.object)?;
                    Some((place.then(self.step(&member.expression)?), optional || member.optional))
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn step(&self, key: &'a Expression<'a>) -> Option<Step> {
        match key {
            Expression::StringLiteral(name) => Some(Step::Name(name.value.as_str().into())),
            Expression::Identifier(name) => self.frame.find(name.name.as_str()).map(Step::Local),
            Expression::NumericLiteral(number) => Step::index(number.value),
            _ => None,
        }
    }

    /// The type of a place as it is known here, without the `undefined` of optional links.
    fn place_type(&self, place: &Place) -> Option<Type> {
        if let Some(known) = self.frame.fact(place) {
            return Some(known.clone());
        }
        let mut parent = place.clone();
        let Some(last) = parent.path.pop() else {
            return self.frame.get(place.root).map(|local| local.ty.clone());
        };
        let object = self.without_nullish(&self.place_type(&parent)?);
        let mut found = Vec::new();
        for member in self.expanded(&object) {
            found.push(match &last {
                Step::Name(name) => self.field_of(&member, name).ok()?,
                Step::Local(_) | Step::Index(_) => match self.types.resolve(&member) {
                    Type::Tuple(items) => match &last {
                        Step::Index(index) => items.get(*index as usize)?.clone(),
                        _ => return None,
                    },
                    Type::Array(of) => union_of([(**of).clone(), Type::Undefined]),
                    Type::Object(object) => union_of([object.index.clone()?, Type::Undefined]),
                    _ => return None,
                },
            });
        }
        Some(union_of(found))
    }

    /// What a callback's condition proves of its parameter: `(x) => x !== null` is `x is T`, if being false
    /// proves the opposite.
    pub(super) fn predicate(
        &mut self,
        condition: &'a Expression<'a>,
        param: crate::model::LocalId,
    ) -> Option<Type> {
        let place = Place::local(param);
        let before = self.place_type(&place)?;
        let when_true = self.proved(condition, true, 0);
        let narrowed = self.under(&when_true, &place)?;
        if narrowed == before {
            return None;
        }
        let mark = self.frame.facts.len();
        self.frame.learn([Fact { place: place.clone(), ty: narrowed.clone() }]);
        let when_false = self.proved(condition, false, 0);
        let opposite = self.under(&when_false, &place);
        self.frame.facts.truncate(mark);
        matches!(opposite, Some(Type::Never)).then_some(narrowed)
    }
}

fn collect_links<'a>(ast: &'a Expression<'a>, links: &mut Vec<&'a Expression<'a>>, depth: u32) {
    if depth > 100 {
        return;
    }
    let (object, optional) = match ast {
        Expression::StaticMemberExpression(member) => (&member.object, member.optional),
        Expression::ComputedMemberExpression(member) => (&member.object, member.optional),
        Expression::CallExpression(call) => (&call.callee, call.optional),
        Expression::ParenthesizedExpression(inner) => (&inner.expression, false),
        Expression::ChainExpression(chain) => match &chain.expression {
            ChainElement::StaticMemberExpression(member) => (&member.object, member.optional),
            ChainElement::ComputedMemberExpression(member) => (&member.object, member.optional),
            ChainElement::CallExpression(call) => (&call.callee, call.optional),
            _ => return,
        },
        _ => return,
    };
    collect_links(object, links, depth + 1);
    if optional {
        links.push(object);
    }
}

fn truthiness(outcome: bool) -> Refine<'static> {
    if outcome { &|checker, ty| checker.truthy(ty) } else { &|checker, ty| checker.falsy(ty) }
}

fn refine_missing(checker: &Checker<'_>, ty: &Type, missing: bool) -> Type {
    checker.keep(ty, |member| {
        let nothing = matches!(member, Type::Null | Type::Undefined);
        nothing == missing || matches!(member, Type::Unknown) || is_poison(member)
    })
}

fn refine_typeof(checker: &Checker<'_>, ty: &Type, name: &str, equal: bool) -> Type {
    let primitive = match name {
        "string" => Some(Type::String),
        "number" => Some(Type::Number),
        "boolean" => Some(Type::Boolean),
        "undefined" => Some(Type::Undefined),
        _ => None,
    };
    if matches!(ty, Type::Unknown) {
        return match (primitive, equal) {
            (Some(primitive), true) => primitive,
            _ => Type::Unknown,
        };
    }
    let kind = |member: &Type| match member {
        Type::String | Type::Literal(Literal::String(_)) => "string",
        Type::Number | Type::Literal(Literal::Number(_)) => "number",
        Type::Boolean | Type::Literal(Literal::Boolean(_)) => "boolean",
        Type::Undefined => "undefined",
        Type::Null | Type::Array(_) | Type::Tuple(_) | Type::Object(_) => "object",
        // A named object; names of unions and primitives are followed before.
        Type::Named(_) => "object",
        Type::Never | Type::Unknown | Type::Union(_) => "",
    };
    let keep = |member: &Type| {
        is_poison(member) || matches!(member, Type::Unknown) || (kind(member) == name) == equal
    };
    checker.keep(ty, keep)
}
