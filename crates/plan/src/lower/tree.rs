//! The tree that planning works on: one endpoint with its helpers inlined.
//!
//! Every `const`, parameter, call and check is a [`Var`] with a number of its own. Numbers grow in the order of
//! evaluation, so a definition only mentions smaller ones. All `const`s and calls of one straight line of code
//! stand in one [`Kind::Block`]; a [`Path`] says under which conditions and inside which callbacks that is.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use frontdesk_catalog::{OperationId, ServiceId};
use frontdesk_diagnostics::Span;
use frontdesk_lang::model::{
    BinaryOp, Builtin, Constant, FunctionId, Hedge, Lifetime, Method, Problem, UnaryOp,
};
use frontdesk_types::{Type, Version};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct VarId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct PathId(pub u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct LoopId(pub u32);

#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub kind: Kind,
    pub ty: Type,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Constant(Constant),
    /// Whether the client is of this version or newer.
    ClientSince(Version),
    Var(VarId),
    /// Definitions in order, then a result that may mention them.
    Block {
        vars: Vec<VarId>,
        result: NodeId,
    },
    If {
        condition: NodeId,
        then: NodeId,
        otherwise: NodeId,
    },
    And(NodeId, NodeId),
    Or(NodeId, NodeId),
    Coalesce(NodeId, NodeId),
    IfPresent {
        var: VarId,
        value: NodeId,
        then: NodeId,
    },
    Get {
        object: NodeId,
        name: Arc<str>,
    },
    Index {
        object: NodeId,
        key: NodeId,
    },
    Unary(UnaryOp, NodeId),
    Binary(BinaryOp, NodeId, NodeId),
    Template(Vec<Piece>),
    Object(Vec<Entry>),
    Array(Vec<Item>),
    Method {
        method: Method,
        receiver: NodeId,
        args: Vec<Operand>,
    },
    Builtin {
        builtin: Builtin,
        args: Vec<Operand>,
    },
    /// A `throw` inside a callback; it happens where it is evaluated.
    Throw {
        problem: Problem,
        detail: Option<NodeId>,
    },
    /// Where a `throw` stood that has become a check: never reached when the check has passed.
    Diverges,
}

#[derive(Clone, Debug)]
pub(crate) enum Piece {
    Text(Arc<str>),
    Value(NodeId),
}

#[derive(Clone, Debug)]
pub(crate) enum Entry {
    Property { name: Arc<str>, value: NodeId },
    Computed { key: NodeId, value: NodeId },
    Spread(NodeId),
}

#[derive(Clone, Debug)]
pub(crate) enum Item {
    Value(NodeId),
    Spread(NodeId),
}

#[derive(Clone, Debug)]
pub(crate) enum Operand {
    Value(NodeId),
    Callback(Callback),
}

#[derive(Clone, Debug)]
pub(crate) struct Callback {
    pub params: Vec<VarId>,
    pub body: NodeId,
}

#[derive(Clone, Debug)]
pub(crate) struct Var {
    pub def: Def,
    pub name: Option<Arc<str>>,
    pub path: Option<PathId>,
}

#[derive(Clone, Debug)]
pub(crate) enum Def {
    Input,
    Context,
    /// Of a callback.
    Parameter,
    /// The value in an `IfPresent`, bound there.
    Present(NodeId),
    Let(NodeId),
    /// A value in which a callback may throw: it is evaluated whether it is read or not, and what comes later
    /// waits for it.
    Guarding(NodeId),
    Call(Box<Site>),
    /// Throws if its path is taken.
    Check {
        problem: Problem,
        detail: Option<NodeId>,
    },
}

/// One place where a call is written, after inlining.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub service: ServiceId,
    pub operation: OperationId,
    pub args: NodeId,
    pub within: Option<Duration>,
    pub on_failure: Failure,
    pub cache: Option<Kept>,
    pub retries: Option<u32>,
    pub hedge: Option<Hedge>,
    pub label: Option<Arc<str>>,
    pub span: Span,
    pub writes: bool,
}

impl Site {
    /// What the author wrote beside the arguments and is evaluated with them: what stands in for the answer, and
    /// the tags that it is kept under.
    pub fn beside(&self) -> impl Iterator<Item = NodeId> + use<> {
        self.on_failure.value().into_iter().chain(self.cache.and_then(|kept| kept.tags))
    }
}

/// How the answers are kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kept {
    pub lifetime: Lifetime,
    pub stale: Duration,
    pub stale_if_error: Duration,
    pub negative: Duration,
    pub tags: Option<NodeId>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Failure {
    Fail,
    Null,
    Otherwise(NodeId),
    LastGood(Option<NodeId>),
}

impl Failure {
    /// The value that the author wrote for it.
    pub fn value(self) -> Option<NodeId> {
        match self {
            Self::Fail | Self::Null => None,
            Self::Otherwise(value) => Some(value),
            Self::LastGood(value) => value,
        }
    }
}

/// A linked list from the inside out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Path {
    pub outer: Option<PathId>,
    pub step: PathStep,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum PathStep {
    /// Taken if the value is truthy. It is cheap enough to be evaluated in several places.
    When(NodeId),
    /// Once per element, in a callback with calls.
    Loop(LoopId),
    /// A callback or branch without calls and throws: nothing in it is ever taken out of it.
    Inner,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct LoopOver {
    /// A variable or constant.
    pub list: NodeId,
    pub element: VarId,
    pub index: VarId,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub nodes: Vec<Node>,
    pub vars: Vec<Var>,
    pub paths: Vec<Path>,
    pub loops: Vec<LoopOver>,
    /// What helpers gave: innermost first, with the place where each was applied.
    pub applied: HashMap<NodeId, Vec<(FunctionId, Span)>>,
}

/// A part of a node, as [`Tree::children`] lists them.
pub(crate) enum Child<'a> {
    Node(NodeId),
    Callback(&'a Callback),
}

impl Tree {
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.0 as usize]
    }

    pub fn kind(&self, id: NodeId) -> &Kind {
        &self.nodes[id.0 as usize].kind
    }

    pub fn var(&self, id: VarId) -> &Var {
        &self.vars[id.0 as usize]
    }

    pub fn loop_over(&self, id: LoopId) -> &LoopOver {
        &self.loops[id.0 as usize]
    }

    pub fn add(&mut self, kind: Kind, ty: Type, span: Span) -> NodeId {
        self.nodes.push(Node { kind, ty, span });
        NodeId(self.nodes.len() as u32 - 1)
    }

    pub fn add_var(&mut self, def: Def, name: Option<Arc<str>>, path: Option<PathId>) -> VarId {
        self.vars.push(Var { def, name, path });
        VarId(self.vars.len() as u32 - 1)
    }

    pub fn site(&self, id: VarId) -> Option<&Site> {
        match &self.var(id).def {
            Def::Call(site) => Some(site),
            _ => None,
        }
    }

    /// The steps of a path, outermost first.
    pub fn path(&self, mut path: Option<PathId>) -> Vec<PathStep> {
        let mut steps = Vec::new();
        while let Some(id) = path {
            let node = self.paths[id.0 as usize];
            steps.push(node.step);
            path = node.outer;
        }
        steps.reverse();
        steps
    }

    /// Whether evaluating the node ends in a check's problem.
    pub fn diverges(&self, id: NodeId) -> bool {
        match self.kind(id) {
            Kind::Diverges => true,
            Kind::Block { result, .. } => self.diverges(*result),
            Kind::If { then, otherwise, .. } => self.diverges(*then) && self.diverges(*otherwise),
            _ => false,
        }
    }

    /// Makes the node `undefined`: nobody reads what it gives.
    pub fn forget(&mut self, id: NodeId) {
        self.nodes[id.0 as usize].kind = Kind::Constant(Constant::Undefined);
    }

    /// The node without branches that end in a check: by the time it is evaluated they were not taken.
    pub fn stripped(&self, mut id: NodeId) -> NodeId {
        loop {
            id = match *self.kind(id) {
                Kind::If { then, otherwise, .. } if self.diverges(then) => otherwise,
                Kind::If { then, otherwise, .. } if self.diverges(otherwise) => then,
                Kind::And(left, right) | Kind::Or(left, right) | Kind::Coalesce(left, right)
                    if self.diverges(right) =>
                {
                    left
                }
                _ => return id,
            }
        }
    }

    /// The parts of a node in order of evaluation, as they stand: definitions of a block excluded, an
    /// `IfPresent`'s value included. `keep` says which properties of an object are wanted.
    pub fn children<'a>(
        &'a self,
        id: NodeId,
        keep: &dyn Fn(NodeId, &Entry) -> bool,
        visit: &mut dyn FnMut(Child<'a>),
    ) {
        match self.kind(id) {
            Kind::Constant(_) | Kind::ClientSince(_) | Kind::Var(_) | Kind::Diverges => {}
            Kind::Block { result, .. } => visit(Child::Node(*result)),
            Kind::If { condition, then, otherwise } => {
                visit(Child::Node(*condition));
                visit(Child::Node(*then));
                visit(Child::Node(*otherwise));
            }
            Kind::And(a, b) | Kind::Or(a, b) | Kind::Coalesce(a, b) | Kind::Binary(_, a, b) => {
                visit(Child::Node(*a));
                visit(Child::Node(*b));
            }
            Kind::IfPresent { value, then, .. } => {
                visit(Child::Node(*value));
                visit(Child::Node(*then));
            }
            Kind::Get { object, .. } => visit(Child::Node(*object)),
            Kind::Index { object, key } => {
                visit(Child::Node(*object));
                visit(Child::Node(*key));
            }
            Kind::Unary(_, value) => visit(Child::Node(*value)),
            Kind::Template(pieces) => {
                for piece in pieces {
                    if let Piece::Value(value) = piece {
                        visit(Child::Node(*value));
                    }
                }
            }
            Kind::Object(entries) => {
                for entry in entries.iter().filter(|entry| keep(id, entry)) {
                    match entry {
                        Entry::Property { value, .. } | Entry::Spread(value) => visit(Child::Node(*value)),
                        Entry::Computed { key, value } => {
                            visit(Child::Node(*key));
                            visit(Child::Node(*value));
                        }
                    }
                }
            }
            Kind::Array(items) => {
                for Item::Value(value) | Item::Spread(value) in items {
                    visit(Child::Node(*value));
                }
            }
            Kind::Method { receiver, args, .. } => {
                visit(Child::Node(*receiver));
                operands(args, visit);
            }
            Kind::Builtin { args, .. } => operands(args, visit),
            Kind::Throw { detail, .. } => {
                if let Some(detail) = detail {
                    visit(Child::Node(*detail));
                }
            }
        }
    }
}

fn operands<'a>(args: &'a [Operand], visit: &mut dyn FnMut(Child<'a>)) {
    for arg in args {
        match arg {
            Operand::Value(value) => visit(Child::Node(*value)),
            Operand::Callback(callback) => visit(Child::Callback(callback)),
        }
    }
}
