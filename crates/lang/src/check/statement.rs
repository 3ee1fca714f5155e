//! Blocks: constants, early returns, and taking objects and arrays apart.

use frontdesk_diagnostics::Span;
use frontdesk_diagnostics::codes::{language, types as codes};
use frontdesk_types::Type;
use oxc_ast::ast::{
    BindingPattern, Expression, IfStatement, Statement, ThrowStatement, VariableDeclaration,
    VariableDeclarationKind, VariableDeclarator,
};

use super::expression::broken;
use super::frame::{Checked, Fact, Returned};
use super::pattern::names_of;
use super::widen::Want;
use super::widen::union_of;
use super::{Binding, Checker, MAX_DEPTH, is_poison, poison};
use crate::model::{Constant, EndpointKind, Expr, ExprKind, Let, LocalId};

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
    pub(super) fn constant_local(
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
        let ty =
            if declared.is_some() { self.adopting(&ty, std::slice::from_ref(&checked.expr.ty)) } else { ty };
        let local = self.frame.local(ty, checked.source);
        if let Some(known) = self.frame.get_mut(local) {
            known.note = checked.note;
            if declared.is_none() {
                known.fresh = checked.fresh;
            }
        }
        lets.push(Let { local, name: name.into(), value: checked.expr });
        local
    }
}

pub(super) fn in_block(lets: Vec<Let>, result: Expr) -> Expr {
    if lets.is_empty() {
        return result;
    }
    let (ty, span) = (result.ty.clone(), result.span);
    Expr { kind: ExprKind::Block { lets, result: Box::new(result) }, ty, span }
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
