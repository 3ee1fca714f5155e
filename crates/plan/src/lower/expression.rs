//! One expression of a plan, cut out of the tree: which `const`s it needs around it, and how often it reads them.

use std::collections::{BTreeSet, HashMap};

use frontdesk_lang::model::Constant;

use super::emit::Emitter;
use super::tree::{Child, Def, Kind, NodeId, VarId};
use crate::plan::{ExprId, Op, Slot};

/// What is known of the expression being written.
#[derive(Default)]
pub(super) struct Part {
    pub counts: HashMap<VarId, Count>,
    /// Parameters of the callbacks and loops around.
    pub bound: BTreeSet<VarId>,
    /// Those of the innermost of them.
    pub innermost: Vec<VarId>,
    /// Results of calls for the current element that are read more than once.
    pub elements: HashMap<VarId, Slot>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Count {
    pub reads: u32,
    /// Callbacks around the definition.
    pub depth: u32,
    /// Read in a deeper callback than it is defined in.
    pub crosses: bool,
}

impl Emitter<'_> {
    /// An expression on its own, with `around` (the parameters of loops) set when it is evaluated.
    pub(crate) fn expression(&mut self, node: NodeId, around: &[VarId]) -> ExprId {
        let wrapped = self.free_definitions(node);
        self.part = Part {
            bound: around.iter().copied().collect(),
            innermost: around.iter().rev().take(2).copied().collect(),
            ..Part::default()
        };
        for var in &wrapped {
            self.part.counts.entry(*var).or_default();
        }
        self.count(node, 0);
        self.count_definitions(&wrapped, 0);
        self.definitions(&wrapped, node)
    }

    /// All of `conditions`, each evaluated only if those before it hold; `None` if there are none.
    pub(crate) fn all_of(&mut self, conditions: &[NodeId], around: &[VarId]) -> Option<ExprId> {
        let mut all: Option<ExprId> = None;
        for condition in conditions.iter().rev() {
            let one = self.expression(*condition, around);
            all = Some(match all {
                None => one,
                Some(rest) => self.pools.op(Op::And(one, rest)),
            });
        }
        all
    }

    /// `value`, or `otherwise` unless all of `conditions` hold.
    pub(crate) fn guarded(
        &mut self,
        conditions: &[NodeId],
        value: ExprId,
        otherwise: &Constant,
        around: &[VarId],
    ) -> ExprId {
        match self.all_of(conditions, around) {
            None => value,
            Some(condition) => {
                let otherwise = self.pools.constant_op(otherwise);
                self.pools.op(Op::If { condition, then: value, otherwise })
            }
        }
    }

    /// `const`s that `node` mentions and that are defined around it, in order.
    pub(super) fn free_definitions(&self, node: NodeId) -> Vec<VarId> {
        let (mut mentioned, mut bound) = (BTreeSet::new(), BTreeSet::new());
        self.gather(node, &mut mentioned, &mut bound);
        let mut wrapped = BTreeSet::new();
        loop {
            let next = mentioned.iter().rev().find(|var| {
                !bound.contains(*var) && !wrapped.contains(*var) && self.inline_value(**var).is_some()
            });
            let Some(var) = next.copied() else { break };
            wrapped.insert(var);
            if let Some(value) = self.inline_value(var) {
                self.gather(value, &mut mentioned, &mut bound);
            }
        }
        wrapped.into_iter().collect()
    }

    /// The value of a `const` that is not a step.
    pub(super) fn inline_value(&self, var: VarId) -> Option<NodeId> {
        match self.tree.var(var).def {
            Def::Let(value) if !self.steps.computed.contains(&var) => Some(value),
            _ => None,
        }
    }

    pub(super) fn gather(&self, id: NodeId, mentioned: &mut BTreeSet<VarId>, bound: &mut BTreeSet<VarId>) {
        let id = self.tree.stripped(id);
        match self.tree.kind(id) {
            Kind::Var(var) => {
                mentioned.insert(*var);
            }
            Kind::Block { vars, result } => {
                self.gather(*result, mentioned, bound);
                for var in vars.iter().rev() {
                    bound.insert(*var);
                    if mentioned.contains(var)
                        && let Some(value) = self.inline_value(*var)
                    {
                        self.gather(value, mentioned, bound);
                    }
                }
            }
            _ => self.each_child(id, &mut |node, _| self.gather(node, mentioned, bound)),
        }
    }

    pub(super) fn each_child(&self, id: NodeId, visit: &mut dyn FnMut(NodeId, bool)) {
        self.tree.children(id, &|object, entry| self.demand.keeps(object, entry), &mut |child| match child {
            Child::Node(node) => visit(node, false),
            Child::Callback(callback) => visit(callback.body, true),
        });
    }

    pub(super) fn count(&mut self, id: NodeId, depth: u32) {
        let id = self.tree.stripped(id);
        match self.tree.kind(id) {
            Kind::Var(var) => self.count_read(*var, depth),
            Kind::Block { vars, result } => {
                for var in vars {
                    self.part.counts.insert(*var, Count { depth, ..Count::default() });
                }
                self.count(*result, depth);
                self.count_definitions(vars, depth);
            }
            _ => {
                let mut children = Vec::new();
                self.each_child(id, &mut |node, deeper| children.push((node, depth + u32::from(deeper))));
                for (node, depth) in children {
                    self.count(node, depth);
                }
            }
        }
    }

    pub(super) fn count_definitions(&mut self, vars: &[VarId], depth: u32) {
        for var in vars.iter().rev() {
            let read = self.part.counts.get(var).is_some_and(|count| count.reads > 0);
            if read && let Some(value) = self.inline_value(*var) {
                self.count(value, depth);
            }
        }
    }

    pub(super) fn count_read(&mut self, var: VarId, depth: u32) {
        let count = self.part.counts.entry(var).or_default();
        count.reads += 1;
        count.crosses |= depth > count.depth;
        if self.tree.site(var).is_some()
            && let Some(shape) = self.steps.calls.get(&self.steps.representative(var))
        {
            for kept in &shape.loops {
                let index = self.tree.loop_over(kept.id).index;
                self.part.counts.entry(index).or_default().reads += 1;
            }
        }
    }
}
