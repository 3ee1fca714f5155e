//! Nodes → ops.
//!
//! A step's expression is cut out of the tree, so the `const`s it mentions are written again around it, unless
//! they are steps themselves. A `const` that is read once, and not in a deeper callback, is written where it is
//! read. A value that does not depend on the callbacks around it is evaluated once a request.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use frontdesk_lang::model::{BinaryOp, Builtin, Constant, Method, UnaryOp};
use frontdesk_types::Types;

use super::demand::Demand;
use super::expression::{Count, Part};
use super::joins;
use super::pools::Pools;
use super::steps::{Dependencies, Steps};
use super::tree::{Def, Entry, Item, Kind, NodeId, Operand, Piece, Tree, VarId};
use crate::plan::{Arg, ElementOp, ExprId, LambdaOp, MemberOp, Op, PartOp, Slot};

pub(crate) struct Emitter<'a> {
    pub tree: &'a Tree,
    pub demand: &'a Demand,
    pub steps: &'a Steps,
    pub types: &'a Types,
    pub pools: Pools,
    pub slot_names: Vec<Option<Arc<str>>>,
    dependencies: Dependencies,
    slots: HashMap<VarId, Slot>,
    pub(super) part: Part,
}

impl<'a> Emitter<'a> {
    pub fn new(
        tree: &'a Tree,
        demand: &'a Demand,
        steps: &'a Steps,
        types: &'a Types,
        pools: Pools,
        dependencies: Dependencies,
    ) -> Self {
        Self {
            tree,
            demand,
            steps,
            types,
            pools,
            slot_names: Vec::new(),
            dependencies,
            slots: HashMap::new(),
            part: Part::default(),
        }
    }

    // ---- slots

    pub fn new_slot(&mut self, name: Option<Arc<str>>) -> Slot {
        self.slot_names.push(name);
        Slot(self.slot_names.len() as u32 - 1)
    }

    pub fn slot(&mut self, var: VarId) -> Slot {
        if let Some(slot) = self.slots.get(&var) {
            return *slot;
        }
        let slot = self.new_slot(self.tree.var(var).name.clone());
        self.slots.insert(var, slot);
        slot
    }

    pub fn known_slot(&self, var: VarId) -> Option<Slot> {
        self.slots.get(&var).copied()
    }

    // ---- nodes

    /// `result` with those of `vars` defined that it needs defined.
    pub(super) fn definitions(&mut self, vars: &[VarId], result: NodeId) -> ExprId {
        let Some((var, rest)) = vars.split_first() else { return self.node(result) };
        let count = self.part.counts.get(var).copied().unwrap_or_default();
        if self.is_per_element(*var) && count.reads > 1 {
            let value = self.var(*var);
            let value = self.for_readers(*var, value);
            let slot = self.new_slot(self.tree.var(*var).name.clone());
            self.part.elements.insert(*var, slot);
            let then = self.definitions(rest, result);
            self.part.elements.remove(var);
            return self.pools.op(Op::Let { slot, value, then });
        }
        match self.inline_value(*var) {
            Some(value) if count.reads > 0 && !is_substituted(count) => {
                let value = self.node(value);
                let value = self.for_readers(*var, value);
                let slot = self.slot(*var);
                let then = self.definitions(rest, result);
                self.pools.op(Op::Let { slot, value, then })
            }
            _ => self.definitions(rest, result),
        }
    }

    /// A value that only some clients read: for the others the calls in it are not made, so it is not there.
    fn for_readers(&mut self, var: VarId, value: ExprId) -> ExprId {
        let Some(condition) = self.demand.narrowed.get(&var) else { return value };
        let condition = self.node(*condition);
        let otherwise = self.pools.constant_op(&Constant::Undefined);
        self.pools.op(Op::If { condition, then: value, otherwise })
    }

    fn is_per_element(&self, var: VarId) -> bool {
        self.tree.site(var).is_some()
            && self
                .steps
                .calls
                .get(&self.steps.representative(var))
                .is_some_and(|shape| !shape.loops.is_empty())
    }

    pub(crate) fn node(&mut self, id: NodeId) -> ExprId {
        let id = self.tree.stripped(id);
        if !self.part.bound.is_empty() && is_costly(self.tree.kind(id)) {
            let depends = self.dependencies.of_node(self.tree, self.demand, id);
            if depends.is_disjoint(&self.part.bound) {
                let bound = std::mem::take(&mut self.part.bound);
                let innermost = std::mem::take(&mut self.part.innermost);
                let value = self.op(id);
                self.part.bound = bound;
                self.part.innermost = innermost;
                let slot = self.new_slot(None);
                return self.pools.op(Op::Once { slot, value });
            }
        }
        self.op(id)
    }

    fn op(&mut self, id: NodeId) -> ExprId {
        if let Some(constant) = self.constant(id) {
            return self.pools.constant_op(&constant);
        }
        let tree = self.tree;
        let op = match tree.kind(id) {
            Kind::Constant(constant) => Op::Constant(self.pools.constant(constant)),
            Kind::ClientSince(version) => Op::ClientSince(*version),
            Kind::Diverges => Op::Constant(self.pools.constant(&Constant::Undefined)),
            Kind::Var(var) => return self.var(*var),
            Kind::Block { vars, result } => return self.definitions(vars, *result),
            Kind::If { condition, then, otherwise } => {
                let condition = self.node(*condition);
                let then = self.node(*then);
                Op::If { condition, then, otherwise: self.node(*otherwise) }
            }
            Kind::And(a, b) => {
                let a = self.node(*a);
                Op::And(a, self.node(*b))
            }
            Kind::Or(a, b) => {
                let a = self.node(*a);
                Op::Or(a, self.node(*b))
            }
            Kind::Coalesce(a, b) => {
                let a = self.node(*a);
                Op::Coalesce(a, self.node(*b))
            }
            Kind::IfPresent { var, value, then } => {
                let value = self.node(*value);
                let slot = self.slot(*var);
                Op::IfPresent { slot, value, then: self.node(*then) }
            }
            Kind::Get { object, name } => {
                let object = self.node(*object);
                Op::Get { object, name: self.pools.names.intern(name) }
            }
            Kind::Index { object, key } => {
                let object = self.node(*object);
                // `labels["en"]` is `labels.en`.
                if let Kind::Constant(Constant::String(name)) = tree.kind(*key) {
                    Op::Get { object, name: self.pools.names.intern(name) }
                } else {
                    Op::Index { object, key: self.node(*key) }
                }
            }
            Kind::Unary(op, value) => {
                let value = self.node(*value);
                match (op, self.pools.program.op(value)) {
                    (UnaryOp::Not, Op::Binary(comparison, a, b)) if negated(*comparison).is_some() => {
                        Op::Binary(negated(*comparison).unwrap_or(*comparison), *a, *b)
                    }
                    _ => Op::Unary(*op, value),
                }
            }
            Kind::Binary(op, a, b) => {
                let a = self.node(*a);
                Op::Binary(*op, a, self.node(*b))
            }
            Kind::Template(pieces) => {
                let mut parts = Vec::with_capacity(pieces.len());
                for piece in pieces {
                    parts.push(match piece {
                        Piece::Text(text) if text.is_empty() => continue,
                        Piece::Text(text) => {
                            PartOp::Text(self.pools.constant(&Constant::String(text.clone())))
                        }
                        Piece::Value(value) => PartOp::Value(self.node(*value)),
                    });
                }
                Op::Template(self.pools.parts(&parts))
            }
            Kind::Object(entries) => {
                let members = self.members(id, entries);
                Op::Object(self.pools.members(&members))
            }
            Kind::Array(items) => {
                let mut elements = Vec::with_capacity(items.len());
                for item in items {
                    elements.push(match item {
                        Item::Value(value) => ElementOp::Item(self.node(*value)),
                        Item::Spread(value) => ElementOp::Spread(self.node(*value)),
                    });
                }
                Op::Array(self.pools.elements(&elements))
            }
            Kind::Method { method, receiver, args } => {
                if let Some(joined) = joins::method(self, *method, *receiver, args) {
                    return joined;
                }
                let receiver = self.node(*receiver);
                let args = self.operands(args);
                Op::Method { method: *method, receiver, args: self.pools.args(&args) }
            }
            Kind::Builtin { builtin, args } => {
                let args = self.operands(args);
                Op::Builtin { builtin: *builtin, args: self.pools.args(&args) }
            }
            Kind::Throw { problem, detail } => {
                let detail = detail.map(|detail| self.node(detail));
                Op::Throw { problem: self.pools.problem(problem), detail }
            }
        };
        let chooses =
            matches!(op, Op::If { .. } | Op::And(..) | Op::Or(..) | Op::Coalesce(..) | Op::IfPresent { .. });
        let at = self.pools.op(op);
        if chooses {
            self.pools.program.choices.push((at, tree.node(id).span));
        }
        at
    }

    pub fn members(&mut self, object: NodeId, entries: &[Entry]) -> Vec<MemberOp> {
        let demand = self.demand;
        let mut members = Vec::with_capacity(entries.len());
        for entry in entries.iter().filter(|entry| demand.keeps(object, entry)) {
            match entry {
                Entry::Property { name, value } => {
                    let value = self.node(*value);
                    members.push(MemberOp::Property { name: self.pools.names.intern(name), value });
                }
                Entry::Computed { key, value } => {
                    let key = self.node(*key);
                    members.push(MemberOp::Computed { key, value: self.node(*value) });
                }
                Entry::Spread(value) => match self.literal(*value) {
                    Some((inner, inner_entries)) if !overlap(entries, inner_entries) => {
                        members.extend(self.members(inner, inner_entries));
                    }
                    _ => members.push(MemberOp::Spread(self.node(*value))),
                },
            }
        }
        members
    }

    /// The literal that a spread would copy, if it is written nowhere else.
    fn literal(&self, node: NodeId) -> Option<(NodeId, &'a [Entry])> {
        let tree = self.tree;
        let node = tree.stripped(node);
        match tree.kind(node) {
            Kind::Object(entries) => Some((node, entries)),
            Kind::Var(var) => {
                let value = self.inline_value(*var)?;
                let count = self.part.counts.get(var).copied().unwrap_or_default();
                if is_substituted(count) { self.literal(value) } else { None }
            }
            _ => None,
        }
    }

    fn var(&mut self, var: VarId) -> ExprId {
        match &self.tree.var(var).def {
            Def::Call(_) => {
                if let Some(slot) = self.part.elements.get(&var) {
                    return self.pools.op(Op::Slot(*slot));
                }
                let step = self.steps.representative(var);
                let Some(shape) = self.steps.calls.get(&step) else {
                    return self.pools.constant_op(&Constant::Undefined);
                };
                let slot = self.slot(step);
                let mut result = self.pools.op(Op::Slot(slot));
                for kept in &shape.loops {
                    let index = self.slot(self.tree.loop_over(kept.id).index);
                    let key = self.pools.op(Op::Slot(index));
                    result = self.pools.op(Op::Index { object: result, key });
                }
                result
            }
            Def::Let(value) if !self.steps.computed.contains(&var) => {
                let count = self.part.counts.get(&var).copied().unwrap_or_default();
                if is_substituted(count) {
                    return self.node(*value);
                }
                let slot = self.slot(var);
                self.pools.op(Op::Slot(slot))
            }
            _ => {
                let slot = self.slot(var);
                self.pools.op(Op::Slot(slot))
            }
        }
    }

    fn operands(&mut self, operands: &[Operand]) -> Vec<Arg> {
        operands
            .iter()
            .map(|operand| match operand {
                Operand::Value(value) => Arg::Value(self.node(*value)),
                Operand::Callback(callback) => {
                    let body = self.inside(&callback.params, callback.body);
                    let read = |var: &VarId| self.part.counts.get(var).is_some_and(|count| count.reads > 0);
                    let last = callback.params.iter().rposition(read).map_or(0, |at| at + 1);
                    let params = callback.params[..last].iter().map(|var| self.slot(*var)).collect();
                    Arg::Lambda(self.pools.lambda(LambdaOp { params, body }))
                }
            })
            .collect()
    }

    /// A callback's body.
    pub fn inside(&mut self, params: &[VarId], body: NodeId) -> ExprId {
        self.inside_with(params, &[], body)
    }

    /// Whether the node is the same value in every round of the innermost callback around.
    pub fn is_steady(&mut self, node: NodeId) -> bool {
        let innermost = self.part.innermost.clone();
        !innermost.is_empty() && !self.depends_on(node, &innermost)
    }

    /// `node`, which stands after `definitions` in a callback's body, on its own.
    pub fn with(&mut self, definitions: &[VarId], node: NodeId) -> ExprId {
        let (mut mentioned, mut bound) = (BTreeSet::new(), BTreeSet::new());
        self.gather(node, &mut mentioned, &mut bound);
        for var in definitions.iter().rev() {
            if mentioned.contains(var)
                && let Some(value) = self.inline_value(*var)
            {
                self.gather(value, &mut mentioned, &mut bound);
            }
        }
        let used: Vec<VarId> = definitions.iter().copied().filter(|var| mentioned.contains(var)).collect();
        self.definitions(&used, node)
    }

    /// A part of a callback's body that stands after `definitions`.
    pub fn inside_with(&mut self, params: &[VarId], definitions: &[VarId], node: NodeId) -> ExprId {
        let added: Vec<VarId> = params.iter().copied().filter(|var| self.part.bound.insert(*var)).collect();
        let outer = std::mem::replace(&mut self.part.innermost, params.to_vec());
        let node = if definitions.is_empty() { self.node(node) } else { self.with(definitions, node) };
        self.part.innermost = outer;
        for var in added {
            self.part.bound.remove(&var);
        }
        node
    }

    /// Whether the node reads properties of `element` and nothing else: what an index can be made of.
    pub fn is_path_of(&self, node: NodeId, element: VarId) -> bool {
        match self.tree.kind(self.tree.stripped(node)) {
            Kind::Get { object, .. } => self.is_path_of(*object, element),
            Kind::Var(var) if *var == element => true,
            Kind::Var(var) => match self.tree.var(*var).def {
                Def::Let(value) => self.is_path_of(value, element),
                Def::Present(value) => self.is_path_of(value, element),
                _ => false,
            },
            Kind::IfPresent { value, then, .. } => {
                self.is_path_of(*value, element) && self.is_path_of(*then, element)
            }
            _ => false,
        }
    }

    pub fn depends_on(&mut self, node: NodeId, params: &[VarId]) -> bool {
        let depends = self.dependencies.of_node(self.tree, self.demand, node);
        params.iter().any(|param| depends.contains(param))
    }

    /// Literals of literals are constants.
    fn constant(&self, id: NodeId) -> Option<Constant> {
        match self.tree.kind(self.tree.stripped(id)) {
            Kind::Constant(constant) => Some(constant.clone()),
            Kind::Array(items) => {
                let items: Option<Vec<Constant>> = items
                    .iter()
                    .map(|item| match item {
                        Item::Value(value) => self.constant(*value),
                        Item::Spread(_) => None,
                    })
                    .collect();
                items.map(Constant::Array)
            }
            Kind::Object(entries) => {
                let mut members: Vec<(Arc<str>, Constant)> = Vec::with_capacity(entries.len());
                for entry in entries.iter().filter(|entry| self.demand.keeps(id, entry)) {
                    let Entry::Property { name, value } = entry else { return None };
                    if members.iter().any(|(known, _)| known == name) {
                        return None;
                    }
                    members.push((name.clone(), self.constant(*value)?));
                }
                Some(Constant::Object(members))
            }
            _ => None,
        }
    }
}

/// Of comparisons that have an opposite. (`!(a < b)` is not `a >= b` when one of them is not a number.)
fn negated(op: BinaryOp) -> Option<BinaryOp> {
    match op {
        BinaryOp::Equal => Some(BinaryOp::NotEqual),
        BinaryOp::NotEqual => Some(BinaryOp::Equal),
        BinaryOp::LooseEqual => Some(BinaryOp::LooseNotEqual),
        BinaryOp::LooseNotEqual => Some(BinaryOp::LooseEqual),
        _ => None,
    }
}

fn is_substituted(count: Count) -> bool {
    count.reads <= 1 && !count.crosses
}

/// Whether two literals set the same name, so that the order of their members matters.
fn overlap(outer: &[Entry], inner: &[Entry]) -> bool {
    inner.iter().any(|entry| match entry {
        Entry::Property { name, .. } => {
            outer.iter().any(|other| matches!(other, Entry::Property { name: known, .. } if known == name))
        }
        Entry::Computed { .. } | Entry::Spread(_) => false,
    })
}

/// Whether evaluating it per element would cost more than remembering it.
fn is_costly(kind: &Kind) -> bool {
    match kind {
        Kind::Method { method, args, .. } => {
            args.iter().any(|arg| matches!(arg, Operand::Callback(_)))
                || matches!(
                    method,
                    Method::Concat
                        | Method::Flat
                        | Method::Join
                        | Method::Slice
                        | Method::ToSorted
                        | Method::ToReversed
                        | Method::With
                        | Method::Entries
                        | Method::Split
                )
        }
        Kind::Builtin { builtin, .. } => matches!(
            builtin,
            Builtin::KeyBy
                | Builtin::GroupBy
                | Builtin::Money
                | Builtin::Number
                | Builtin::DateTime
                | Builtin::Plural
                | Builtin::Image
                | Builtin::ObjectKeys
                | Builtin::ObjectValues
                | Builtin::ObjectEntries
                | Builtin::ObjectFromEntries
                | Builtin::ArrayFrom
        ),
        _ => false,
    }
}
