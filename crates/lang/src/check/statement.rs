//! Blocks: constants, early returns, and taking objects and arrays apart.

use std::sync::Arc;

use frontdesk_diagnostics::Span;
use frontdesk_diagnostics::codes::{language, types as codes};
use frontdesk_types::{Field, Object, Type};
use oxc_ast::ast::{
    ArrayPattern, BindingPattern, Expression, IfStatement, ObjectPattern, Statement, ThrowStatement,
    VariableDeclaration, VariableDeclarationKind, VariableDeclarator,
};

use super::expression::broken;
use super::frame::{Checked, Fact, Returned};
use super::literal::static_key;
use super::report::shown_type;
use super::widen::Want;
use super::widen::union_of;
use super::{Binding, Checker, MAX_DEPTH, is_poison, poison};
use crate::model::{
    Argument, BinaryOp, Builtin, Constant, EndpointKind, Expr, ExprKind, Lambda, Let, LocalId, Member, Method,
};

/// What comes after a branch that does not return.
#[derive(Clone, Copy)]
struct Rest<'r, 'a> {
    statements: &'a [Statement<'a>],
    next: Option<&'r Rest<'r, 'a>>,
    /// How many names are known there, and where those of its block begin.
    names: usize,
    block: usize,
}

/// What a function must return.
#[derive(Clone, Debug)]
pub(super) enum Wanted {
    Inferred,
    /// The type the place of a callback expects: it keeps literals and tuples, nothing is checked against it.
    Context(Type),
    Annotated(Type),
}

impl<'a> Checker<'a> {
    /// The statements of a function as one expression.
    pub(super) fn body(&mut self, statements: &'a [Statement<'a>], end: Span, wanted: &Wanted) -> Expr {
        let parameters = self.frame.block;
        self.block_in(parameters, statements, None, end, wanted)
    }

    fn block(
        &mut self,
        statements: &'a [Statement<'a>],
        rest: Option<&Rest<'_, 'a>>,
        end: Span,
        wanted: &Wanted,
    ) -> Expr {
        let names = self.frame.names.len();
        self.block_in(names, statements, rest, end, wanted)
    }

    /// A block whose own names begin at `names`: a function's body shares them with its parameters.
    fn block_in(
        &mut self,
        names: usize,
        statements: &'a [Statement<'a>],
        rest: Option<&Rest<'_, 'a>>,
        end: Span,
        wanted: &Wanted,
    ) -> Expr {
        let outer = std::mem::replace(&mut self.frame.block, names);
        let later = self.frame.later.len();
        let mut declared = Vec::new();
        for statement in statements {
            if let Statement::VariableDeclaration(declaration) = statement {
                for declarator in &declaration.declarations {
                    names_of(&declarator.id, &mut declared, 0);
                }
            }
        }
        self.frame.later.extend(declared.into_iter().map(|name| (name, names)));
        let result = self.block_from(statements, rest, end, wanted);
        self.frame.later.truncate(later);
        self.frame.block = outer;
        result
    }

    /// What is left of a block that was entered.
    fn block_from(
        &mut self,
        statements: &'a [Statement<'a>],
        rest: Option<&Rest<'_, 'a>>,
        end: Span,
        wanted: &Wanted,
    ) -> Expr {
        if self.depth >= MAX_DEPTH {
            return self.too_deep(end).expr;
        }
        self.depth += 1;
        let mut lets = Vec::new();
        let result = self.statements(statements, rest, end, wanted, &mut lets);
        self.depth -= 1;
        in_block(lets, result)
    }

    /// Gives a local a name in the block, where it must be the only one.
    pub(super) fn declare(&mut self, name: &'a str, local: LocalId, span: Span) {
        let block = self.frame.names.get(self.frame.block..).unwrap_or(&[]);
        if block.iter().any(|(own, _)| *own == name) {
            let message = format!("`{name}` is declared twice");
            let diagnostic = self.error(codes::DUPLICATE, message, span, "the name is taken in this block");
            diagnostic.help = Some("give it another name; nothing is assigned again".to_owned());
        }
        self.frame.name(name, local);
        let block = self.frame.block;
        self.frame.later.retain(|later| *later != (name, block));
    }

    fn statements(
        &mut self,
        statements: &'a [Statement<'a>],
        rest: Option<&Rest<'_, 'a>>,
        end: Span,
        wanted: &Wanted,
        lets: &mut Vec<Let>,
    ) -> Expr {
        let mut returned = false;
        for (i, statement) in statements.iter().enumerate() {
            let after = statements.get(i + 1..).unwrap_or(&[]);
            match statement {
                Statement::VariableDeclaration(declaration) => self.declaration(declaration, lets),
                Statement::ReturnStatement(result) => {
                    self.unreachable(after);
                    return self.returned(result.argument.as_ref(), self.span(&**result), wanted);
                }
                Statement::ThrowStatement(thrown) => {
                    self.unreachable(after);
                    return self.throw(thrown);
                }
                Statement::IfStatement(branch) => {
                    return self.branch(branch, after, rest, end, wanted);
                }
                Statement::BlockStatement(block) => {
                    let rest = self.follows(after, rest);
                    let names = self.frame.names.len();
                    let result = self.block(&block.body, Some(&rest), end, wanted);
                    self.frame.names.truncate(names);
                    return result;
                }
                Statement::EmptyStatement(_) => {}
                Statement::ExpressionStatement(statement) => self.effect(&statement.expression, lets),
                other => {
                    self.refused_statement(other);
                    // It may well have returned.
                    returned |= matches!(
                        other,
                        Statement::SwitchStatement(_)
                            | Statement::TryStatement(_)
                            | Statement::LabeledStatement(_)
                    );
                }
            }
        }
        if let Some(rest) = rest {
            self.frame.names.truncate(rest.names);
            let outer = std::mem::replace(&mut self.frame.block, rest.block);
            let result = self.block_from(rest.statements, rest.next, end, wanted);
            self.frame.block = outer;
            return result;
        }
        self.frame.returns.push(Returned { ty: poison(), fresh: Vec::new() });
        if returned {
            return broken(end).expr;
        }
        let diagnostic = self.error(
            language::NO_RETURN,
            "a way through this function gives nothing",
            end,
            "the end is reached without a `return`",
        );
        diagnostic.help =
            Some("end with `return …;`, or `return null;` if nothing is what you mean".to_owned());
        broken(end).expr
    }

    fn follows<'r>(&self, after: &'a [Statement<'a>], next: Option<&'r Rest<'r, 'a>>) -> Rest<'r, 'a> {
        Rest { statements: after, next, names: self.frame.names.len(), block: self.frame.block }
    }

    fn unreachable(&mut self, after: &'a [Statement<'a>]) {
        let first = after.iter().find(|statement| {
            !matches!(
                statement,
                Statement::EmptyStatement(_)
                    | Statement::TSTypeAliasDeclaration(_)
                    | Statement::TSInterfaceDeclaration(_)
            )
        });
        if let Some(first) = first {
            let span = self.span(first);
            let diagnostic = self.error(
                language::UNREACHABLE,
                "this is never reached",
                span,
                "every way before it returns",
            );
            diagnostic.help = Some("move it before the `return`, or drop it".to_owned());
        }
    }

    fn branch(
        &mut self,
        branch: &'a IfStatement<'a>,
        after: &'a [Statement<'a>],
        rest: Option<&Rest<'_, 'a>>,
        end: Span,
        wanted: &Wanted,
    ) -> Expr {
        let span = self.span(branch);
        let condition = self.expr(&branch.test, Want::Any).expr;
        let follows = self.follows(after, rest);
        let otherwise_returns = branch.alternate.as_ref().is_some_and(|alternate| returns(alternate, 0));
        let then_returns = returns(&branch.consequent, 0);
        if then_returns && otherwise_returns {
            self.unreachable(after);
        }
        // Only one of the branches may go on to what follows, or it would be there twice.
        let then_rest = if !then_returns && otherwise_returns { Some(&follows) } else { None };
        let mark = (self.frame.facts.len(), self.frame.names.len());
        self.assume(&branch.test, true);
        let then = self.one(&branch.consequent, then_rest, wanted);
        self.frame.facts.truncate(mark.0);
        self.frame.names.truncate(mark.1);
        self.assume(&branch.test, false);
        let otherwise = match &branch.alternate {
            Some(alternate) if otherwise_returns => self.one(alternate, None, wanted),
            Some(alternate) => self.one(alternate, Some(&follows), wanted),
            None => self.block_from(after, rest, end, wanted),
        };
        self.frame.facts.truncate(mark.0);
        let ty = union_of([then.ty.clone(), otherwise.ty.clone()]);
        let kind = ExprKind::If {
            condition: Box::new(condition),
            then: Box::new(then),
            otherwise: Box::new(otherwise),
        };
        Expr { kind, ty, span }
    }

    /// A branch of an `if`: a block or a single statement.
    fn one(&mut self, statement: &'a Statement<'a>, rest: Option<&Rest<'_, 'a>>, wanted: &Wanted) -> Expr {
        let statements = match statement {
            Statement::BlockStatement(block) => block.body.as_slice(),
            single => std::slice::from_ref(single),
        };
        let span = self.span(statement);
        self.block(statements, rest, Span::new(span.file, span.end.saturating_sub(1), span.end), wanted)
    }

    pub(super) fn returned(
        &mut self,
        value: Option<&'a Expression<'a>>,
        span: Span,
        wanted: &Wanted,
    ) -> Expr {
        let checked = match (value, wanted) {
            (None, _) => Checked::new(ExprKind::Constant(Constant::Undefined), Type::Undefined, span),
            (Some(value), Wanted::Inferred) => self.expr(value, Want::Any),
            (Some(value), Wanted::Context(ty)) => self.expr(value, Want::Type(ty)),
            (Some(value), Wanted::Annotated(ty)) => self.expected(value, ty, "the result"),
        };
        if let (None, Wanted::Annotated(ty)) = (value, wanted) {
            self.demand_type(&checked.expr, ty, "the result");
        }
        let (ty, fresh) = (checked.expr.ty.clone(), checked.fresh);
        self.frame.returns.push(Returned { ty, fresh });
        checked.expr
    }

    fn throw(&mut self, thrown: &'a ThrowStatement<'a>) -> Expr {
        let span = self.span(thrown);
        let call = match &thrown.argument {
            Expression::CallExpression(call) => match &call.callee {
                Expression::Identifier(name) => {
                    let bound = self.binding(self.frame.scope, name.name.as_str());
                    let is_problem = matches!(bound, Some(Binding::Frontdesk(name)) if &**name == "problem");
                    let missing = bound.is_none() && name.name == "problem";
                    if missing {
                        self.unknown_name("problem", self.span(&**name));
                        return broken(span).expr;
                    }
                    is_problem.then_some(call)
                }
                _ => None,
            },
            _ => None,
        };
        let Some(call) = call else {
            let diagnostic =
                self.error(language::THROW, "only problems are thrown", span, "this is not a `problem(…)`");
            diagnostic.help = Some("write `throw problem(\"cart_empty\", { status: 409 });`".to_owned());
            return broken(span).expr;
        };
        match self.problem(call) {
            Some((problem, detail)) => {
                self.frame.problem(&problem);
                Expr {
                    kind: ExprKind::Throw { problem, detail: detail.map(Box::new) },
                    ty: Type::Never,
                    span,
                }
            }
            None => broken(span).expr,
        }
    }

    /// A statement that is an expression: a writing call of an action, or a mistake.
    fn effect(&mut self, expression: &'a Expression<'a>, lets: &mut Vec<Let>) {
        let span = self.span(expression);
        if matches!(
            expression,
            Expression::AssignmentExpression(_)
                | Expression::UpdateExpression(_)
                | Expression::AwaitExpression(_)
        ) {
            self.expr(expression, Want::Any);
            return;
        }
        let errors = self.found.len();
        let value = self.expr(expression, Want::Any);
        if let ExprKind::Call(call) = &value.expr.kind {
            let source = super::Source { service: call.service, operation: call.operation };
            let operation =
                self.operation(source).map(|(_, operation)| (operation.name.clone(), operation.effect));
            if let Some((name, frontdesk_catalog::Effect::Writes)) = operation
                && self.frame.kind != Some(EndpointKind::View)
            {
                let local = self.frame.local(value.expr.ty.clone(), value.source);
                lets.push(Let { local, name, value: value.expr });
                return;
            }
        }
        if self.found.len() > errors {
            return;
        }
        let is_call = matches!(value.expr.kind, ExprKind::Call(_));
        let diagnostic = self.error(
            language::NO_EFFECT,
            "this statement does nothing",
            span,
            if is_call {
                "a reading call whose answer nobody uses is not made"
            } else {
                "nothing uses this value"
            },
        );
        diagnostic.help = Some("give it a name and use it: `const value = …;`, or drop it".to_owned());
    }

    fn declaration(&mut self, declaration: &'a VariableDeclaration<'a>, lets: &mut Vec<Let>) {
        if declaration.kind != VariableDeclarationKind::Const {
            let span = self.span(declaration);
            let word = declaration.kind.as_str();
            let keyword = Span::new(span.file, span.start, span.start + word.len() as u32);
            let diagnostic = self.error(
                language::MUTABLE,
                format!("`{word}` declares something that changes"),
                keyword,
                "nothing changes in a view",
            );
            diagnostic.help = Some(
                "write `const`; for a value that depends on a condition `const x = c ? a : b;`, for a total \
                 `list.reduce((sum, item) => sum + item.price, 0)`"
                    .to_owned(),
            );
        }
        for declarator in &declaration.declarations {
            self.declarator(declarator, lets);
        }
    }

    fn declarator(&mut self, declarator: &'a VariableDeclarator<'a>, lets: &mut Vec<Let>) {
        let Some(init) = &declarator.init else {
            self.name_all(&declarator.id);
            return;
        };
        if super::FunctionAst::of(init).is_some() {
            self.function_as_value(self.span(init));
            self.name_all(&declarator.id);
            return;
        }
        if let BindingPattern::BindingIdentifier(name) = &declarator.id {
            self.label = Some(name.name.as_str().into());
        }
        let annotation = declarator.type_annotation.as_ref();
        let value = match annotation {
            Some(annotation) => {
                self.label_kept(|checker| {
                    let declared = checker.annotated(&annotation.type_annotation);
                    (declared, ())
                })
                .0
            }
            None => Type::Never,
        };
        let (checked, declared) = if annotation.is_some() {
            let what = match &declarator.id {
                BindingPattern::BindingIdentifier(name) => format!("`{}`", name.name),
                _ => "the constant".to_owned(),
            };
            (self.expected(init, &value, &what), Some(value))
        } else {
            (self.expr(init, Want::Any), None)
        };
        self.label = None;
        let BindingPattern::BindingIdentifier(name) = &declarator.id else {
            let checked = match declared {
                Some(ty) => Checked { expr: Expr { ty, ..checked.expr }, fresh: Vec::new(), ..checked },
                None => checked,
            };
            self.take_apart(&declarator.id, checked, lets, false);
            return;
        };
        let implies = self.implications(init, declared.is_some());
        let local = self.constant_local(name.name.as_str(), checked, declared, lets);
        let at = self.span(&**name);
        self.declare(name.name.as_str(), local, at);
        if let Some(known) = self.frame.get_mut(local) {
            known.implies = implies;
        }
    }

    fn label_kept<T>(&mut self, f: impl FnOnce(&mut Self) -> T) -> T {
        let label = self.label.take();
        let out = f(self);
        self.label = label;
        out
    }

    /// What a constant condition proves of other locals when it is tested later.
    fn implications(
        &mut self,
        init: &'a Expression<'a>,
        annotated: bool,
    ) -> Option<Box<(Vec<Fact>, Vec<Fact>)>> {
        let condition = matches!(
            init,
            Expression::BinaryExpression(_)
                | Expression::UnaryExpression(_)
                | Expression::LogicalExpression(_)
                | Expression::CallExpression(_)
                | Expression::ParenthesizedExpression(_)
        );
        if annotated || !condition {
            return None;
        }
        let roots = |facts: Vec<Fact>| -> Vec<Fact> {
            facts.into_iter().filter(|fact| fact.place.path.is_empty()).collect()
        };
        let (when_true, when_false) = (roots(self.proved(init, true, 0)), roots(self.proved(init, false, 0)));
        (!when_true.is_empty() || !when_false.is_empty()).then(|| Box::new((when_true, when_false)))
    }

    /// A local for a value, with the type a `const` gets.
    fn constant_local(
        &mut self,
        name: &str,
        checked: Checked,
        declared: Option<Type>,
        lets: &mut Vec<Let>,
    ) -> LocalId {
        let assigned = self.settled(&checked.expr.ty);
        let ty = match &declared {
            // A declared union is known to be what was assigned to it.
            Some(declared)
                if matches!(self.types.resolve(declared), Type::Union(_)) && !is_poison(&assigned) =>
            {
                let fits = |member: &Type| {
                    self.expanded(&assigned)
                        .iter()
                        .any(|one| self.fits(one, member) || self.fits(member, one))
                };
                let kept = self.keep(declared, fits);
                if matches!(kept, Type::Never) { declared.clone() } else { kept }
            }
            Some(declared) => declared.clone(),
            None => assigned,
        };
        let local = self.frame.local(ty, checked.source);
        if declared.is_none()
            && let Some(known) = self.frame.get_mut(local)
        {
            known.fresh = checked.fresh;
        }
        lets.push(Let { local, name: name.into(), value: checked.expr });
        local
    }

    /// Gives the names of a pattern a meaning that nothing complains about.
    pub(super) fn name_all(&mut self, pattern: &'a BindingPattern<'a>) {
        let span = self.span(pattern);
        match pattern {
            BindingPattern::BindingIdentifier(name) => {
                let local = self.frame.local(poison(), None);
                let at = self.span(&**name);
                self.declare(name.name.as_str(), local, at);
            }
            _ => {
                let value = broken(span);
                self.take_apart(pattern, value, &mut Vec::new(), false);
            }
        }
    }

    /// Declares the names of a pattern. `widen`: it is a parameter, so a default's literal is not kept.
    pub(super) fn take_apart(
        &mut self,
        pattern: &'a BindingPattern<'a>,
        value: Checked,
        lets: &mut Vec<Let>,
        widen: bool,
    ) {
        if self.depth >= MAX_DEPTH {
            self.too_deep(self.span(pattern));
            return;
        }
        self.depth += 1;
        match pattern {
            BindingPattern::BindingIdentifier(name) => {
                let local = self.constant_local(name.name.as_str(), value, None, lets);
                let at = self.span(&**name);
                self.declare(name.name.as_str(), local, at);
            }
            BindingPattern::AssignmentPattern(default) => {
                let value = self.with_default(value, &default.right, lets, widen);
                self.take_apart(&default.left, value, lets, widen);
            }
            BindingPattern::ObjectPattern(object) => self.take_object(object, value, lets, widen),
            BindingPattern::ArrayPattern(array) => self.take_array(array, value, lets, widen),
        }
        self.depth -= 1;
    }

    /// `value` bound to a local, so that it can be mentioned several times.
    fn held(&mut self, value: Checked, lets: &mut Vec<Let>) -> Checked {
        if matches!(value.expr.kind, ExprKind::Local(_)) {
            return value;
        }
        let span = value.expr.span;
        let (ty, source) = (self.settled(&value.expr.ty), value.source);
        let local = self.frame.local(ty.clone(), source);
        lets.push(Let { local, name: "".into(), value: value.expr });
        Checked {
            place: Some(super::frame::Place::local(local)),
            fresh: value.fresh,
            source,
            ..Checked::new(ExprKind::Local(local), ty, span)
        }
    }

    /// `value === undefined ? default : value`
    pub(super) fn with_default(
        &mut self,
        value: Checked,
        default: &'a Expression<'a>,
        lets: &mut Vec<Let>,
        widen: bool,
    ) -> Checked {
        let value = self.held(value, lets);
        let span = self.span(default);
        let present = self.without_undefined(&value.expr.ty);
        let default = self.expr(default, if is_poison(&present) { Want::Any } else { Want::Type(&present) });
        let default_ty = if widen {
            if self.wants_literal(&present, &default.expr.ty) {
                default.expr.ty.clone()
            } else {
                Self::widen_literals(&default.expr.ty, &default.fresh)
            }
        } else {
            default.expr.ty.clone()
        };
        let ty = self.best([present.clone(), default_ty]);
        let fresh = if widen { Vec::new() } else { default.fresh.clone() };
        let undefined = Expr { kind: ExprKind::Constant(Constant::Undefined), ty: Type::Undefined, span };
        let condition = Expr {
            kind: ExprKind::Binary(BinaryOp::Equal, Box::new(value.expr.clone()), Box::new(undefined)),
            ty: Type::Boolean,
            span,
        };
        let otherwise = Expr { ty: present, ..value.expr };
        let kind = ExprKind::If {
            condition: Box::new(condition),
            then: Box::new(default.expr),
            otherwise: Box::new(otherwise),
        };
        Checked { fresh, source: value.source, ..Checked::new(kind, ty, span) }
    }

    fn take_object(
        &mut self,
        pattern: &'a ObjectPattern<'a>,
        value: Checked,
        lets: &mut Vec<Let>,
        widen: bool,
    ) {
        let span = self.span(pattern);
        let value = self.held(value, lets);
        let value = self.whole(value, span, "{ … }");
        let mut taken: Vec<Arc<str>> = Vec::new();
        for property in &pattern.properties {
            let key_span = self.span(&property.key);
            let Some(name) = static_key(&property.key, property.computed) else {
                self.refused(key_span, "a computed key in a pattern", "read it: `const x = object[key];`");
                self.name_all(&property.value);
                continue;
            };
            let name: Arc<str> = name.into();
            taken.push(name.clone());
            let field = self.taken(&value, &name, key_span);
            self.take_apart(&property.value, field, lets, widen);
        }
        if let Some(rest) = &pattern.rest {
            let others = self.others(&value, &taken, self.span(&**rest));
            self.take_apart(&rest.argument, others, lets, widen);
        }
    }

    /// A value that is taken apart, which must be there.
    fn whole(&mut self, value: Checked, span: Span, form: &str) -> Checked {
        let ty = value.expr.ty.clone();
        let (null, undefined) = self.nullish(&ty);
        if !null && !undefined {
            return value;
        }
        let missing = self.missing_word(&ty);
        let operation = value.source.and_then(|source| self.operation_name(source));
        let diagnostic = self.error(
            codes::MAYBE_NULL,
            format!("a value that may be {missing} cannot be taken apart"),
            span,
            format!("what `{form}` takes apart may be {missing}"),
        );
        diagnostic.notes.extend(operation.map(|name| format!("the value comes from `{name}`")));
        diagnostic.help =
            Some("name it first, and read it with `?.`; or return before if it is missing".to_owned());
        let present = self.without_nullish(&ty);
        Checked { expr: Expr { ty: present, ..value.expr }, ..value }
    }

    /// `...rest` of an object pattern.
    fn others(&mut self, value: &Checked, taken: &[Arc<str>], span: Span) -> Checked {
        if is_poison(&value.expr.ty) {
            return broken(span);
        }
        let members = self.expanded(&value.expr.ty);
        let object = match members.as_slice() {
            [one] => match self.types.resolve(one) {
                Type::Object(object) => Some(object.clone()),
                _ => None,
            },
            _ => None,
        };
        let Some(object) = object else {
            let shown = shown_type(&value.expr.ty);
            let message = format!("`...` takes the other fields of an object, and this is `{shown}`");
            let diagnostic =
                self.error(codes::NOT_AN_OBJECT, message, span, "its fields are not known one by one");
            diagnostic.help = Some("take the fields by name".to_owned());
            return broken(span);
        };
        let fields: Vec<Field> =
            object.fields.iter().filter(|field| !taken.contains(&field.name)).cloned().collect();
        let ty = Type::Object(Arc::new(Object { fields, index: object.index.clone() }));
        let kind = match &object.index {
            None => self.other_fields(value, &object, taken, span),
            Some(_) => self.other_entries(value, taken, span),
        };
        Checked::new(kind, ty, span).from(value.source)
    }

    /// The fields that were not taken, one by one.
    fn other_fields(&mut self, value: &Checked, object: &Object, taken: &[Arc<str>], span: Span) -> ExprKind {
        let mut members = Vec::new();
        for field in object.fields.iter().filter(|field| !taken.contains(&field.name)) {
            let read = self.taken(value, &field.name, span).expr;
            let property = Member::Property { name: field.name.clone(), value: read };
            if !field.optional {
                members.push(property);
                continue;
            }
            // A key that is not there stays away: `...(name in value ? { name: value.name } : {})`.
            let bare = |kind, ty| Expr { kind, ty, span };
            let key = bare(ExprKind::Constant(Constant::String(field.name.clone())), Type::String);
            let there = bare(
                ExprKind::Binary(BinaryOp::In, Box::new(key), Box::new(value.expr.clone())),
                Type::Boolean,
            );
            let one = Type::object(vec![field.clone()]);
            let none = Type::object(Vec::new());
            let kind = ExprKind::If {
                condition: Box::new(there),
                then: Box::new(bare(ExprKind::Object(vec![property]), one.clone())),
                otherwise: Box::new(bare(ExprKind::Object(Vec::new()), none.clone())),
            };
            members.push(Member::Spread(bare(kind, Type::union([one, none]))));
        }
        ExprKind::Object(members)
    }

    /// Of a map whose keys are not known: `Object.fromEntries(Object.entries(value).filter(([key]) => …))`.
    fn other_entries(&mut self, value: &Checked, taken: &[Arc<str>], span: Span) -> ExprKind {
        let bare = |kind, ty| Expr { kind, ty, span };
        let pair = Type::Tuple([Type::String, Type::Unknown].into());
        let pairs = Type::array(pair.clone());
        let local = self.frame.local(pair.clone(), None);
        let key = bare(
            ExprKind::Index {
                object: Box::new(bare(ExprKind::Local(local), pair)),
                key: Box::new(bare(ExprKind::Constant(Constant::Number(0.0)), Type::Number)),
            },
            Type::String,
        );
        let keep = taken
            .iter()
            .map(|name| {
                let name = bare(ExprKind::Constant(Constant::String(name.clone())), Type::String);
                let kind = ExprKind::Binary(BinaryOp::NotEqual, Box::new(key.clone()), Box::new(name));
                bare(kind, Type::Boolean)
            })
            .reduce(|a, b| bare(ExprKind::And(Box::new(a), Box::new(b)), Type::Boolean));
        let keep = keep.unwrap_or_else(|| bare(ExprKind::Constant(Constant::Boolean(true)), Type::Boolean));
        let entries = bare(
            ExprKind::Builtin {
                builtin: Builtin::ObjectEntries,
                args: vec![Argument::Value(value.expr.clone())],
            },
            pairs.clone(),
        );
        let lambda = Lambda { params: vec![local], body: Box::new(keep) };
        let kept = ExprKind::Method {
            method: Method::Filter,
            receiver: Box::new(entries),
            args: vec![Argument::Lambda(lambda)],
        };
        let args = vec![Argument::Value(bare(kept, pairs))];
        ExprKind::Builtin { builtin: Builtin::ObjectFromEntries, args }
    }

    fn take_array(
        &mut self,
        pattern: &'a ArrayPattern<'a>,
        value: Checked,
        lets: &mut Vec<Let>,
        widen: bool,
    ) {
        let span = self.span(pattern);
        let value = self.held(value, lets);
        let value = self.whole(value, span, "[ … ]");
        let list = self.expanded(&value.expr.ty).iter().all(|member| {
            is_poison(member) || matches!(self.types.resolve(member), Type::Array(_) | Type::Tuple(_))
        });
        let value = if list {
            value
        } else {
            let shown = shown_type(&value.expr.ty);
            let message = format!("`[ … ]` takes an array apart, and this is `{shown}`");
            self.error(codes::NOT_A_LIST, message, span, "not an array");
            broken(span)
        };
        for (i, element) in pattern.elements.iter().enumerate() {
            let Some(element) = element else { continue };
            let item = self.at(&value, i, self.span(element));
            self.take_apart(element, item, lets, widen);
        }
        if let Some(rest) = &pattern.rest {
            let count = pattern.elements.len();
            let rest_span = self.span(&**rest);
            let mut items = Vec::new();
            let mut tuple = None;
            for member in self.expanded(&value.expr.ty) {
                match self.types.resolve(&member) {
                    Type::Array(of) => items.push((**of).clone()),
                    Type::Tuple(of) => {
                        let others: Vec<Type> = of.iter().skip(count).cloned().collect();
                        items.extend(others.iter().cloned());
                        tuple = Some(Type::Tuple(others.into()));
                    }
                    _ => items.push(poison()),
                }
            }
            let one = self.expanded(&value.expr.ty).len() == 1;
            let ty = tuple.filter(|_| one).unwrap_or_else(|| Type::array(union_of(items)));
            let from = Expr {
                kind: ExprKind::Constant(Constant::Number(count as f64)),
                ty: Type::Number,
                span: rest_span,
            };
            let kind = ExprKind::Method {
                method: Method::Slice,
                receiver: Box::new(value.expr.clone()),
                args: vec![Argument::Value(from)],
            };
            let others = Checked::new(kind, ty, rest_span).from(value.source);
            self.take_apart(&rest.argument, others, lets, widen);
        }
    }
}

pub(super) fn in_block(lets: Vec<Let>, result: Expr) -> Expr {
    if lets.is_empty() {
        return result;
    }
    let (ty, span) = (result.ty.clone(), result.span);
    Expr { kind: ExprKind::Block { lets, result: Box::new(result) }, ty, span }
}

/// The names that a pattern declares.
fn names_of<'a>(pattern: &'a BindingPattern<'a>, names: &mut Vec<&'a str>, depth: u32) {
    if depth > MAX_DEPTH {
        return;
    }
    match pattern {
        BindingPattern::BindingIdentifier(name) => names.push(name.name.as_str()),
        BindingPattern::AssignmentPattern(default) => names_of(&default.left, names, depth + 1),
        BindingPattern::ObjectPattern(object) => {
            object.properties.iter().for_each(|property| names_of(&property.value, names, depth + 1));
            object.rest.iter().for_each(|rest| names_of(&rest.argument, names, depth + 1));
        }
        BindingPattern::ArrayPattern(array) => {
            array.elements.iter().flatten().for_each(|element| names_of(element, names, depth + 1));
            array.rest.iter().for_each(|rest| names_of(&rest.argument, names, depth + 1));
        }
    }
}

/// Whether every way through a statement returns or throws.
fn returns(statement: &Statement<'_>, depth: u32) -> bool {
    if depth > MAX_DEPTH {
        return true;
    }
    match statement {
        Statement::ReturnStatement(_) | Statement::ThrowStatement(_) => true,
        Statement::BlockStatement(block) => block.body.iter().any(|inner| returns(inner, depth + 1)),
        Statement::IfStatement(branch) => {
            returns(&branch.consequent, depth + 1)
                && branch.alternate.as_ref().is_some_and(|alternate| returns(alternate, depth + 1))
        }
        _ => false,
    }
}
