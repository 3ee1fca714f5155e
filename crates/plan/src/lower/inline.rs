//! An endpoint's function, its helpers and shapes → one [`Tree`] with its calls taken out of expressions.
//!
//! Helpers are copied to where they are used, each time with variables of their own, so that a call in a helper
//! is one call per use. What decides whether a call is made, and what a callback with calls runs over, gets a
//! name, so that steps and the answer can both speak of it.

use std::collections::HashMap;
use std::sync::Arc;

use frontdesk_catalog::Effect;
use frontdesk_diagnostics::codes::plan as codes;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, Span};
use frontdesk_lang::model::{
    Argument, BinaryOp, Builtin, Call, Constant, Element, Endpoint, Expr, ExprKind, FunctionId, Lambda,
    LocalId, Member, Method, Model, OnFailure, TemplatePart, UnaryOp,
};
use frontdesk_types::Type;

use super::contents::Contents;
use super::known::{Known, singular};
use super::tree::{
    Callback, Def, Entry, Failure, Item, Kept, Kind, LoopId, LoopOver, NodeId, Operand, Path, PathId,
    PathStep, Piece, Site, Tree, VarId,
};

/// More nodes than this in one endpoint is a mistake (helpers that multiply), not a screen.
const MOST_NODES: usize = 200_000;
/// Helpers within helpers.
pub(super) const DEEPEST: usize = 64;

/// The endpoint as a tree, and the node of its answer; `None` (with a diagnostic) if it is too large.
pub(crate) fn inline(
    model: &Model,
    endpoint: &Endpoint,
    diagnostics: &mut Diagnostics,
) -> Option<(Tree, NodeId)> {
    let mut inliner = Inliner {
        model,
        tree: Tree::default(),
        frames: vec![HashMap::new()],
        scopes: Vec::new(),
        path: None,
        callbacks: 0,
        contents: HashMap::new(),
        diagnostics,
        too_large: false,
    };
    let input = inliner.tree.add_var(Def::Input, Some("input".into()), None);
    let context = inliner.tree.add_var(Def::Context, Some("context".into()), None);
    for (local, var) in endpoint.function.params.iter().zip([input, context]) {
        let node = inliner.tree.add(Kind::Var(var), Type::Unknown, endpoint.span);
        inliner.define(*local, node);
    }
    let root = inliner.scope(None, &endpoint.function.body);
    if inliner.too_large {
        diagnostics.push(
            Diagnostic::error(
                codes::ENDPOINT_TOO_LARGE,
                format!("`{}` becomes too large when its helpers are put in place", endpoint.name),
                endpoint.span,
                format!("more than {MOST_NODES} expressions, or helpers more than {DEEPEST} deep"),
            )
            .help(
                "call a helper once and keep its result in a `const`, instead of calling it in each branch",
            ),
        );
        return None;
    }
    Some((inliner.tree, root))
}

pub(super) struct Inliner<'a> {
    pub(super) model: &'a Model,
    pub(super) tree: Tree,
    /// What each local stands for: a variable or a constant. One frame for each helper being inlined.
    frames: Vec<HashMap<LocalId, NodeId>>,
    /// The definitions of the straight lines of code around, outermost first.
    scopes: Vec<Vec<VarId>>,
    path: Option<PathId>,
    /// How many callbacks are around.
    pub(super) callbacks: u32,
    pub(super) contents: HashMap<usize, Contents>,
    diagnostics: &'a mut Diagnostics,
    too_large: bool,
}

/// How a method or built-in runs its callback.
#[derive(Clone, Copy)]
enum Runs {
    /// `(element, index, array)`
    PerElement,
    /// `(accumulator, element, index, array)`
    Reducing,
    /// `(a, b)` of `toSorted`.
    Comparing,
}

impl<'a> Inliner<'a> {
    // ---- straight lines of code and their definitions

    /// `expr` as a straight line of code of its own, under one more step of the path.
    fn scope(&mut self, step: Option<PathStep>, expr: &'a Expr) -> NodeId {
        let outer = self.path;
        if let Some(step) = step {
            self.enter(step);
        }
        self.scopes.push(Vec::new());
        let result = self.build(expr);
        let vars = self.scopes.pop().unwrap_or_default();
        self.path = outer;
        if vars.is_empty() {
            return result;
        }
        let ty = self.tree.node(result).ty.clone();
        self.tree.add(Kind::Block { vars, result }, ty, expr.span)
    }

    fn enter(&mut self, step: PathStep) {
        self.tree.paths.push(Path { outer: self.path, step });
        self.path = Some(PathId(self.tree.paths.len() as u32 - 1));
    }

    fn new_var(&mut self, def: Def, name: Option<Arc<str>>) -> VarId {
        // Destructuring has steps that nobody named.
        let name = name.filter(|name| !name.is_empty());
        let var = self.tree.add_var(def, name, self.path);
        if let Some(scope) = self.scopes.last_mut() {
            scope.push(var);
        }
        var
    }

    fn define(&mut self, local: LocalId, node: NodeId) {
        if let Some(frame) = self.frames.last_mut() {
            frame.insert(local, node);
        }
    }

    /// A node that can be repeated for nothing: itself if it is a variable or constant, else a new variable.
    fn named(&mut self, node: NodeId, name: Option<Arc<str>>) -> NodeId {
        match *self.tree.kind(node) {
            Kind::Constant(_) => node,
            Kind::Var(var) => {
                let var = &mut self.tree.vars[var.0 as usize];
                if var.name.is_none() {
                    var.name = name;
                }
                node
            }
            _ => {
                let (ty, span) = (self.tree.node(node).ty.clone(), self.tree.node(node).span);
                let var = self.new_var(Def::Let(node), name);
                self.tree.add(Kind::Var(var), ty, span)
            }
        }
    }

    fn bind(&mut self, local: LocalId, value: NodeId, name: Option<Arc<str>>) {
        let value = self.with_named_members(value);
        let node = self.named(value, name);
        self.define(local, node);
    }

    /// An object literal that gets a name gets names for its members too: whoever reads only one member then
    /// waits only for that one, and most such objects are never built.
    fn with_named_members(&mut self, node: NodeId) -> NodeId {
        let Kind::Object(entries) = self.tree.kind(node).clone() else { return node };
        if !entries.iter().any(|entry| matches!(entry, Entry::Property { .. })) {
            return node;
        }
        let entries = entries
            .into_iter()
            .map(|entry| match entry {
                Entry::Property { name, value } => {
                    let value = self.named(value, Some(name.clone()));
                    Entry::Property { name, value }
                }
                other => other,
            })
            .collect();
        let (ty, span) = (self.tree.node(node).ty.clone(), self.tree.node(node).span);
        self.tree.add(Kind::Object(entries), ty, span)
    }

    // ---- expressions

    fn build(&mut self, expr: &'a Expr) -> NodeId {
        if self.tree.nodes.len() > MOST_NODES {
            self.too_large = true;
        }
        if self.too_large {
            return self.undefined(expr.span);
        }
        let kind = match &expr.kind {
            ExprKind::Constant(constant) => Kind::Constant(constant.clone()),
            ExprKind::ClientSince(version) => Kind::ClientSince(*version),
            ExprKind::Local(local) => match self.frames.last().and_then(|frame| frame.get(local)) {
                Some(node) => self.tree.kind(*node).clone(),
                None => Kind::Constant(Constant::Undefined),
            },
            ExprKind::Block { lets, result } => {
                for binding in lets {
                    let value = self.build(&binding.value);
                    self.bind(binding.local, value, Some(binding.name.clone()));
                }
                return self.build(result);
            }
            ExprKind::If { condition, then, otherwise } => {
                return self.build_if(expr, condition, then, otherwise);
            }
            ExprKind::And(left, right) => {
                let (left, right) = self.build_short_circuit(left, right, |_, value| value);
                Kind::And(left, right)
            }
            ExprKind::Or(left, right) => {
                let (left, right) = self.build_short_circuit(left, right, Self::not);
                Kind::Or(left, right)
            }
            ExprKind::Coalesce(left, right) => {
                let (left, right) = self
                    .build_short_circuit(left, right, |me, value| me.nullish(value, BinaryOp::LooseEqual));
                if let Kind::Constant(constant) = self.tree.kind(left) {
                    return match constant {
                        Constant::Null | Constant::Undefined => right,
                        _ => left,
                    };
                }
                Kind::Coalesce(left, right)
            }
            ExprKind::IfPresent { local, value, then } => {
                return self.build_if_present(expr, *local, value, then);
            }
            ExprKind::Get { object, name } => {
                let object = self.build(object);
                match self.known_member(object, name) {
                    Known::Value(member) => return self.retyped(member, expr),
                    Known::Missing => return self.undefined(expr.span),
                    Known::Unclear => {}
                }
                Kind::Get { object, name: name.clone() }
            }
            ExprKind::Index { object, key } => {
                let object = self.build(object);
                let key = self.build(key);
                if let Some(item) = self.known_item(object, key) {
                    return self.retyped(item, expr);
                }
                Kind::Index { object, key }
            }
            ExprKind::Unary(op, value) => Kind::Unary(*op, self.build(value)),
            ExprKind::Binary(op, left, right) => {
                let left = self.build(left);
                let right = self.build(right);
                match self.folded(*op, left, right) {
                    Some(truth) => Kind::Constant(Constant::Boolean(truth)),
                    None => Kind::Binary(*op, left, right),
                }
            }
            ExprKind::Template(parts) => Kind::Template(
                parts
                    .iter()
                    .map(|part| match part {
                        TemplatePart::Text(text) => Piece::Text(text.clone()),
                        TemplatePart::Value(value) => Piece::Value(self.build(value)),
                    })
                    .collect(),
            ),
            ExprKind::Object(members) => Kind::Object(self.build_entries(members)),
            ExprKind::Array(elements) => Kind::Array(
                elements
                    .iter()
                    .map(|element| match element {
                        Element::Item(value) => Item::Value(self.build(value)),
                        Element::Spread(value) => Item::Spread(self.build(value)),
                    })
                    .collect(),
            ),
            ExprKind::Method { method, receiver, args } => {
                let runs = match method {
                    Method::Reduce | Method::ReduceRight => Runs::Reducing,
                    Method::ToSorted => Runs::Comparing,
                    _ => Runs::PerElement,
                };
                let mut receiver = self.build(receiver);
                if self.callbacks_of(args).calls {
                    let name = self.name_of(receiver);
                    receiver = self.named(receiver, name);
                }
                let operands = args.iter().map(|arg| self.build_operand(arg, receiver, runs)).collect();
                return self.guarding(expr, Kind::Method { method: *method, receiver, args: operands }, args);
            }
            ExprKind::Builtin { builtin, args } => return self.build_builtin(expr, *builtin, args),
            ExprKind::Apply { function, args } => return self.build_apply(expr, *function, args),
            ExprKind::Call(call) => Kind::Var(self.build_call(call)),
            ExprKind::Throw { problem, detail } => {
                let detail = detail.as_ref().map(|detail| self.build(detail));
                let problem = problem.clone();
                if self.callbacks > 0 {
                    Kind::Throw { problem, detail }
                } else {
                    self.new_var(Def::Check { problem, detail }, None);
                    Kind::Diverges
                }
            }
        };
        self.tree.add(kind, expr.ty.clone(), expr.span)
    }

    fn build_entries(&mut self, members: &'a [Member]) -> Vec<Entry> {
        let mut entries = Vec::with_capacity(members.len());
        for member in members {
            match member {
                Member::Property { name, value } => {
                    let value = self.build(value);
                    self.push_property(&mut entries, name.clone(), value);
                }
                Member::Computed { key, value } => {
                    let key = self.build(key);
                    entries.push(Entry::Computed { key, value: self.build(value) });
                }
                Member::Spread(value) => {
                    let value = self.build(value);
                    // `...{ a, b }` is `a, b`.
                    let literal = self.definition(value).unwrap_or_else(|| self.tree.kind(value));
                    match literal {
                        Kind::Object(inner) if self.is_repeatable(value, inner) => {
                            for entry in inner.clone() {
                                match entry {
                                    Entry::Property { name, value } => {
                                        self.push_property(&mut entries, name, value);
                                    }
                                    other => entries.push(other),
                                }
                            }
                        }
                        _ => entries.push(Entry::Spread(value)),
                    }
                }
            }
        }
        entries
    }

    fn build_if(
        &mut self,
        expr: &'a Expr,
        condition: &'a Expr,
        then: &'a Expr,
        otherwise: &'a Expr,
    ) -> NodeId {
        let mut condition = self.build(condition);
        if let Kind::Constant(Constant::Boolean(truth)) = self.tree.kind(condition) {
            return self.build(if *truth { then } else { otherwise });
        }
        let (when, unless) = if self.taken_out(then) || self.taken_out(otherwise) {
            condition = self.named(condition, None);
            let negated = self.not(condition);
            // What follows a check waits for it instead of asking again.
            let checked = |branch: &Expr, me: &Self| me.callbacks == 0 && me.always_throws(branch, 0);
            let when = (!checked(otherwise, self)).then_some(PathStep::When(condition));
            let unless = (!checked(then, self)).then_some(PathStep::When(negated));
            (when, unless)
        } else {
            (Some(PathStep::Inner), Some(PathStep::Inner))
        };
        let then = self.scope(when, then);
        let otherwise = self.scope(unless, otherwise);
        self.tree.add(Kind::If { condition, then, otherwise }, expr.ty.clone(), expr.span)
    }

    /// Both sides of an operator whose right side is evaluated only if `taken` of the left side holds.
    fn build_short_circuit(
        &mut self,
        left: &'a Expr,
        right: &'a Expr,
        taken: impl Fn(&mut Self, NodeId) -> NodeId,
    ) -> (NodeId, NodeId) {
        let mut left = self.build(left);
        let step = if self.taken_out(right) {
            left = self.named(left, None);
            PathStep::When(taken(self, left))
        } else {
            PathStep::Inner
        };
        (left, self.scope(Some(step), right))
    }

    fn build_if_present(
        &mut self,
        expr: &'a Expr,
        local: LocalId,
        value: &'a Expr,
        then: &'a Expr,
    ) -> NodeId {
        let value = self.build(value);
        if self.taken_out(then) {
            let value = self.named(value, None);
            self.define(local, value);
            let condition = self.nullish(value, BinaryOp::LooseNotEqual);
            let then = self.scope(Some(PathStep::When(condition)), then);
            let otherwise = self.undefined(expr.span);
            return self.tree.add(Kind::If { condition, then, otherwise }, expr.ty.clone(), expr.span);
        }
        let name = self.name_of(value);
        let var = self.tree.add_var(Def::Present(value), name, self.path);
        let ty = self.tree.node(value).ty.clone();
        let node = self.tree.add(Kind::Var(var), ty, expr.span);
        self.define(local, node);
        let then = self.scope(Some(PathStep::Inner), then);
        self.tree.add(Kind::IfPresent { var, value, then }, expr.ty.clone(), expr.span)
    }

    fn build_builtin(&mut self, expr: &'a Expr, builtin: Builtin, args: &'a [Argument]) -> NodeId {
        let calls = self.callbacks_of(args).calls;
        let mut list = None;
        let mut operands = Vec::with_capacity(args.len());
        for arg in args {
            let over = list.unwrap_or(NodeId(u32::MAX));
            let mut operand = self.build_operand(arg, over, Runs::PerElement);
            if let (Operand::Value(node), None) = (&mut operand, list) {
                if calls {
                    let name = self.name_of(*node);
                    *node = self.named(*node, name);
                }
                list = Some(*node);
            }
            operands.push(operand);
        }
        self.guarding(expr, Kind::Builtin { builtin, args: operands }, args)
    }

    /// A value whose callback may throw is evaluated whether it is read or not.
    fn guarding(&mut self, expr: &'a Expr, kind: Kind, args: &'a [Argument]) -> NodeId {
        let node = self.tree.add(kind, expr.ty.clone(), expr.span);
        if self.callbacks == 0 && self.callbacks_of(args).throws {
            let var = self.new_var(Def::Guarding(node), None);
            return self.tree.add(Kind::Var(var), expr.ty.clone(), expr.span);
        }
        node
    }

    fn build_operand(&mut self, arg: &'a Argument, list: NodeId, runs: Runs) -> Operand {
        match arg {
            Argument::Value(value) => Operand::Value(self.build(value)),
            Argument::Lambda(lambda) => Operand::Callback(self.build_callback(lambda, list, runs)),
        }
    }

    fn build_callback(&mut self, lambda: &'a Lambda, list: NodeId, runs: Runs) -> Callback {
        let span = lambda.body.span;
        let calls = self.contents(&lambda.body).calls;
        let first = usize::from(matches!(runs, Runs::Reducing));
        let outer = self.path;
        let mut params: Vec<VarId> = Vec::new();
        let wanted = if calls { lambda.params.len().max(first + 2) } else { lambda.params.len() };
        let element = self.name_of(list).and_then(|list| singular(&list));
        for at in 0..wanted {
            let name: Option<Arc<str>> = match (runs, at) {
                (Runs::Comparing, 0) => Some("a".into()),
                (Runs::Comparing, _) => Some("b".into()),
                (Runs::Reducing, 0) => Some("sum".into()),
                (_, at) if at == first => Some(element.clone().unwrap_or_else(|| "item".into())),
                (_, at) if at == first + 1 => Some("i".into()),
                _ => None,
            };
            params.push(self.tree.add_var(Def::Parameter, name, self.path));
        }
        for (i, (local, var)) in lambda.params.iter().zip(&params).enumerate() {
            let kind = Kind::Var(*var);
            // The array itself has a name outside already, by which steps can speak of it too.
            let kind = if calls && i == first + 2 { self.tree.kind(list).clone() } else { kind };
            let node = self.tree.add(kind, Type::Unknown, span);
            self.define(*local, node);
        }
        let step = if calls {
            if let Runs::Comparing = runs {
                self.diagnostics.push(
                    Diagnostic::error(
                        codes::CALL_IN_ORDER,
                        "a comparison cannot make calls",
                        span,
                        "there is no telling how often this runs",
                    )
                    .help("make the calls in a `.map(…)` first, and sort its result"),
                );
            }
            let over = LoopOver { list, element: params[first], index: params[first + 1] };
            self.tree.loops.push(over);
            PathStep::Loop(LoopId(self.tree.loops.len() as u32 - 1))
        } else {
            PathStep::Inner
        };
        self.callbacks += 1;
        let body = self.scope(Some(step), &lambda.body);
        self.callbacks -= 1;
        self.path = outer;
        Callback { params, body }
    }

    fn build_apply(&mut self, expr: &'a Expr, function: FunctionId, args: &'a [Expr]) -> NodeId {
        let Some(callee) = self.model.functions.get(function.0 as usize) else {
            return self.undefined(expr.span);
        };
        if self.frames.len() > DEEPEST {
            self.too_large = true;
            return self.undefined(expr.span);
        }
        let args: Vec<NodeId> = args.iter().map(|arg| self.build(arg)).collect();
        self.frames.push(HashMap::new());
        for (i, local) in callee.lambda.params.iter().enumerate() {
            let arg = match args.get(i) {
                Some(arg) => *arg,
                None => self.undefined(expr.span),
            };
            self.bind(*local, arg, None);
        }
        let result = self.build(&callee.lambda.body);
        self.frames.pop();
        self.tree.applied.entry(result).or_default().push((function, expr.span));
        result
    }

    fn build_call(&mut self, call: &'a Call) -> VarId {
        let args = self.build(&call.args);
        let on_failure = match &call.options.on_failure {
            OnFailure::Fail => Failure::Fail,
            OnFailure::Null => Failure::Null,
            OnFailure::Otherwise(value) => Failure::Otherwise(self.build(value)),
            OnFailure::LastGood(value) => Failure::LastGood(value.as_ref().map(|value| self.build(value))),
        };
        let cache = call.options.cache.as_ref().map(|cache| Kept {
            lifetime: cache.lifetime,
            stale: cache.stale,
            stale_if_error: cache.stale_if_error,
            negative: cache.negative,
            tags: cache.tags.as_ref().map(|tags| self.build(tags)),
        });
        let operation = self
            .model
            .catalog
            .services
            .get(call.service.0 as usize)
            .and_then(|service| service.operations.get(call.operation.0 as usize));
        let site = Site {
            service: call.service,
            operation: call.operation,
            args,
            within: call.options.within,
            on_failure,
            cache,
            retries: call.options.retries,
            hedge: call.options.hedge,
            label: call.label.clone(),
            span: call.span,
            writes: operation.is_some_and(|operation| operation.effect == Effect::Writes),
        };
        let name = call.label.clone().or_else(|| operation.map(|operation| operation.name.clone()));
        self.new_var(Def::Call(Box::new(site)), name)
    }

    // ---- small nodes

    fn undefined(&mut self, span: Span) -> NodeId {
        self.tree.add(Kind::Constant(Constant::Undefined), Type::Undefined, span)
    }

    fn not(&mut self, value: NodeId) -> NodeId {
        let span = self.tree.node(value).span;
        self.tree.add(Kind::Unary(UnaryOp::Not, value), Type::Boolean, span)
    }

    fn nullish(&mut self, value: NodeId, op: BinaryOp) -> NodeId {
        let span = self.tree.node(value).span;
        let null = self.tree.add(Kind::Constant(Constant::Null), Type::Null, span);
        self.tree.add(Kind::Binary(op, value, null), Type::Boolean, span)
    }

    /// A variable or constant again, with the type it has here.
    fn retyped(&mut self, node: NodeId, expr: &Expr) -> NodeId {
        let kind = self.tree.kind(node).clone();
        self.tree.add(kind, expr.ty.clone(), expr.span)
    }
}
