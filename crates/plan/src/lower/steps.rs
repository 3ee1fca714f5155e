//! Which calls, checks and `const`s become steps, under which guards and over which lists, and what waits for
//! what.

use std::collections::{BTreeSet, HashMap};

use frontdesk_lang::model::{BinaryOp, Constant, EndpointKind, Method};
use frontdesk_types::Type;

use super::demand::Demand;
use super::same::Same;
use super::tree::{Child, Def, Failure, Kind, LoopId, NodeId, PathStep, Tree, VarId};

/// The steps of an endpoint, each known by the variable that holds its result.
#[derive(Debug, Default)]
pub(crate) struct Steps {
    /// In the order of evaluation, which respects all needs.
    pub order: Vec<VarId>,
    pub calls: HashMap<VarId, CallShape>,
    /// For a call that is another one again: that one.
    pub same_as: HashMap<VarId, VarId>,
    /// `const`s that became steps of their own.
    pub computed: BTreeSet<VarId>,
    pub needs: HashMap<VarId, BTreeSet<VarId>>,
    /// Those of `needs` that are there because a value is read.
    pub answer_needs: BTreeSet<VarId>,
    pub may_repeat: BTreeSet<VarId>,
    /// Calls that need what only an earlier round of their callback knows.
    pub entangled: Vec<VarId>,
}

/// Where a call runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct CallShape {
    /// Outermost first; none for a call that is made once.
    pub loops: Vec<KeptLoop>,
    /// All must hold, with the loops' variables set.
    pub guard: Vec<NodeId>,
}

#[derive(Clone, Debug)]
pub(crate) struct KeptLoop {
    pub id: LoopId,
    /// The list counts as empty unless all of these hold.
    pub when: Vec<NodeId>,
}

impl Steps {
    /// The call that stands for this one.
    pub fn representative(&self, var: VarId) -> VarId {
        self.same_as.get(&var).copied().unwrap_or(var)
    }
}

/// Callback parameters a value depends on, through every definition on the way.
#[derive(Debug, Default)]
pub(crate) struct Dependencies {
    vars: HashMap<VarId, BTreeSet<VarId>>,
}

impl Dependencies {
    pub fn of_node(&mut self, tree: &Tree, demand: &Demand, id: NodeId) -> BTreeSet<VarId> {
        let id = tree.stripped(id);
        if let Kind::Var(var) = tree.kind(id) {
            return self.of_var(tree, demand, *var);
        }
        let mut all = BTreeSet::new();
        let mut parts: Vec<(NodeId, &[VarId])> = Vec::new();
        tree.children(id, &|object, entry| demand.keeps(object, entry), &mut |child| match child {
            Child::Node(node) => parts.push((node, &[])),
            Child::Callback(callback) => parts.push((callback.body, &callback.params)),
        });
        for (node, bound) in parts {
            let mut inner = self.of_node(tree, demand, node);
            for param in bound {
                inner.remove(param);
            }
            all.extend(inner);
        }
        all
    }

    pub fn of_var(&mut self, tree: &Tree, demand: &Demand, var: VarId) -> BTreeSet<VarId> {
        if let Some(known) = self.vars.get(&var) {
            return known.clone();
        }
        let all = match &tree.var(var).def {
            Def::Parameter => BTreeSet::from([var]),
            Def::Let(value) | Def::Guarding(value) | Def::Present(value) => {
                self.of_node(tree, demand, *value)
            }
            // Calls are entered when their loops are known, before anything that comes later asks.
            Def::Input | Def::Context | Def::Check { .. } | Def::Call(_) => BTreeSet::new(),
        };
        self.vars.insert(var, all.clone());
        all
    }
}

pub(crate) fn decide(
    tree: &mut Tree,
    root: NodeId,
    demand: &Demand,
    kind: EndpointKind,
) -> (Steps, Dependencies) {
    let mut steps = Steps::default();
    let mut dependencies = Dependencies::default();
    let calls: Vec<VarId> = demand.live.iter().copied().filter(|var| tree.site(*var).is_some()).collect();
    let mut same = Same::default();
    let mut last_write = None;
    for var in calls {
        let shape = shape(tree, demand, &mut dependencies, var, &mut steps.entangled);
        let of_loops = shape.loops.iter().map(|kept| tree.loop_over(kept.id).index).collect();
        dependencies.vars.insert(var, of_loops);
        let writes = tree.site(var).is_some_and(|site| site.writes);
        if writes {
            last_write = Some(var);
        } else if let Some(earlier) = same.find(tree, demand, &mut steps, var, &shape, last_write) {
            steps.same_as.insert(var, earlier);
            continue;
        }
        steps.calls.insert(var, shape);
    }
    let writes_between = kind == EndpointKind::Action && last_write.is_some();
    if !writes_between {
        steps.may_repeat = super::same::repeating(tree, &steps);
    }
    Parts::new(tree, demand, &mut steps).assign(root);
    order(tree, demand, kind, &mut steps);
    (steps, dependencies)
}

/// The conditions and loops a call stays under: loops that it does not depend on are left.
fn shape(
    tree: &mut Tree,
    demand: &Demand,
    dependencies: &mut Dependencies,
    var: VarId,
    entangled: &mut Vec<VarId>,
) -> CallShape {
    let Some(site) = tree.site(var) else { return CallShape::default() };
    let (args, beside) = (site.args, site.beside());
    let mut needed = dependencies.of_node(tree, demand, args);
    for value in beside {
        needed.extend(dependencies.of_node(tree, demand, value));
    }
    let path = tree.path(tree.var(var).path);
    for step in &path {
        if let PathStep::When(condition) = step {
            needed.extend(dependencies.of_node(tree, demand, *condition));
        }
    }
    let mut loops: Vec<KeptLoop> = Vec::new();
    let mut level: Vec<NodeId> = Vec::new();
    let mut guard = None;
    for step in path.iter().rev() {
        match step {
            PathStep::When(condition) => level.push(*condition),
            PathStep::Inner => {}
            PathStep::Loop(id) => {
                let over = *tree.loop_over(*id);
                let of_list = dependencies.of_node(tree, demand, over.list);
                needed.extend(of_list);
                let by_element = needed.remove(&over.element);
                let by_index = needed.remove(&over.index);
                if by_element || by_index {
                    let inside = std::mem::take(&mut level);
                    match loops.last_mut() {
                        Some(inner) => inner.when = reversed(inside),
                        None => guard = Some(reversed(inside)),
                    }
                    loops.push(KeptLoop { id: *id, when: Vec::new() });
                } else {
                    level.push(is_not_empty(tree, over.list));
                }
            }
        }
    }
    let outside = reversed(level);
    match loops.last_mut() {
        Some(outermost) => outermost.when = outside,
        None => guard = Some(outside),
    }
    if !needed.is_empty() {
        entangled.push(var);
    }
    loops.reverse();
    CallShape { loops, guard: guard.unwrap_or_default() }
}

fn reversed(mut nodes: Vec<NodeId>) -> Vec<NodeId> {
    nodes.reverse();
    nodes
}

fn is_not_empty(tree: &mut Tree, list: NodeId) -> NodeId {
    let span = tree.node(list).span;
    let length = Kind::Method { method: Method::Length, receiver: list, args: Vec::new() };
    let length = tree.add(length, Type::Number, span);
    let zero = tree.add(Kind::Constant(Constant::Number(0.0)), Type::Number, span);
    tree.add(Kind::Binary(BinaryOp::Greater, length, zero), Type::Boolean, span)
}

/// The conditions under which a check or `const` stands.
pub(crate) fn conditions(tree: &Tree, var: VarId) -> Vec<NodeId> {
    tree.path(tree.var(var).path)
        .into_iter()
        .filter_map(|step| match step {
            PathStep::When(condition) => Some(condition),
            PathStep::Loop(_) | PathStep::Inner => None,
        })
        .collect()
}

/// Every expression that is evaluated for a step, each on its own.
pub(crate) fn expressions(tree: &Tree, steps: &Steps, var: VarId) -> Vec<NodeId> {
    let mut all = Vec::new();
    match &tree.var(var).def {
        Def::Call(site) => {
            if let Some(shape) = steps.calls.get(&var) {
                for kept in &shape.loops {
                    all.extend(&kept.when);
                    all.push(tree.loop_over(kept.id).list);
                }
                all.extend(&shape.guard);
            }
            all.push(site.args);
            all.extend(site.beside());
        }
        Def::Check { detail, .. } => {
            all.extend(conditions(tree, var));
            all.extend(detail);
        }
        Def::Guarding(value) | Def::Let(value) => {
            all.extend(conditions(tree, var));
            all.push(*value);
        }
        Def::Input | Def::Context | Def::Parameter | Def::Present(_) => {}
    }
    all
}

/// Finds out which parts (steps, or the answer) read each definition. A definition that several parts read, and
/// that costs something, becomes a step of its own.
struct Parts<'a> {
    tree: &'a Tree,
    demand: &'a Demand,
    steps: &'a mut Steps,
    /// The step of each part; `None` is the answer.
    owners: Vec<Option<VarId>>,
    users: Vec<BTreeSet<usize>>,
}

impl<'a> Parts<'a> {
    fn new(tree: &'a Tree, demand: &'a Demand, steps: &'a mut Steps) -> Self {
        Self { tree, demand, steps, owners: Vec::new(), users: vec![BTreeSet::new(); tree.vars.len()] }
    }

    fn assign(mut self, root: NodeId) {
        self.owners.push(None);
        self.mention(root, &BTreeSet::from([0]));
        for var in self.demand.live.iter().copied() {
            let is_step = match &self.tree.var(var).def {
                Def::Call(_) => self.steps.calls.contains_key(&var),
                Def::Check { .. } | Def::Guarding(_) => true,
                _ => false,
            };
            if is_step {
                self.add_part(var);
            }
        }
        for at in (0..self.tree.vars.len()).rev() {
            let var = VarId(at as u32);
            let users = std::mem::take(&mut self.users[at]);
            if users.is_empty() {
                continue;
            }
            match &self.tree.var(var).def {
                Def::Let(value) => {
                    if users.len() > 1 && self.can_be_step(var) && !is_cheap(self.tree, *value) {
                        self.steps.computed.insert(var);
                        self.add_part(var);
                        self.add_needs(&users, var);
                    } else {
                        self.mention(*value, &users);
                    }
                }
                Def::Call(_) | Def::Guarding(_) | Def::Check { .. } => {
                    let step = self.steps.representative(var);
                    self.add_needs(&users, step);
                }
                Def::Input | Def::Context | Def::Parameter | Def::Present(_) => {}
            }
        }
    }

    fn add_part(&mut self, var: VarId) {
        let part = self.owners.len();
        self.owners.push(Some(var));
        for node in expressions(self.tree, self.steps, var) {
            self.mention(node, &BTreeSet::from([part]));
        }
    }

    fn add_needs(&mut self, users: &BTreeSet<usize>, step: VarId) {
        for user in users {
            match self.owners[*user] {
                Some(var) if var != step => {
                    self.steps.needs.entry(var).or_default().insert(step);
                }
                Some(_) => {}
                None => {
                    self.steps.answer_needs.insert(step);
                }
            }
        }
    }

    /// Every variable in the node, definitions in it left aside: they come when it is their turn.
    fn mention(&mut self, id: NodeId, users: &BTreeSet<usize>) {
        let id = self.tree.stripped(id);
        if let Kind::Var(var) = self.tree.kind(id) {
            self.users[var.0 as usize].extend(users);
            return;
        }
        let (tree, demand) = (self.tree, self.demand);
        tree.children(id, &|object, entry| demand.keeps(object, entry), &mut |child| match child {
            Child::Node(node) => self.mention(node, users),
            Child::Callback(callback) => self.mention(callback.body, users),
        });
    }

    /// Not inside a callback or a branch that is evaluated as it stands.
    fn can_be_step(&self, var: VarId) -> bool {
        self.tree.path(self.tree.var(var).path).iter().all(|step| matches!(step, PathStep::When(_)))
    }
}

/// As cheap to evaluate again as a step is to run.
const CHEAP: usize = 6;

fn is_cheap(tree: &Tree, id: NodeId) -> bool {
    fn cost(tree: &Tree, id: NodeId) -> usize {
        let own = match tree.kind(id) {
            Kind::Constant(_) | Kind::Var(_) | Kind::ClientSince(_) => return 0,
            Kind::Get { .. } | Kind::Index { .. } | Kind::Unary(..) | Kind::Binary(..) | Kind::If { .. } => 1,
            Kind::And(..) | Kind::Or(..) | Kind::Coalesce(..) | Kind::IfPresent { .. } => 1,
            Kind::Method { method: Method::Length, .. } => 1,
            _ => CHEAP + 1,
        };
        let mut all = own;
        if all <= CHEAP {
            tree.children(id, &|_, _| true, &mut |child| {
                all += match child {
                    Child::Node(node) => cost(tree, node),
                    Child::Callback(_) => CHEAP + 1,
                };
            });
        }
        all
    }
    cost(tree, id) <= CHEAP
}

/// The order of steps, and what they wait for beside data.
fn order(tree: &Tree, demand: &Demand, kind: EndpointKind, steps: &mut Steps) {
    let mut order: BTreeSet<VarId> = steps.computed.clone();
    order.extend(steps.calls.keys());
    order.extend(
        demand.live.iter().filter(|var| matches!(tree.var(**var).def, Def::Check { .. } | Def::Guarding(_))),
    );
    let mut barrier: Option<VarId> = None;
    let mut writes: Vec<VarId> = Vec::new();
    let mut required: Vec<VarId> = Vec::new();
    for var in &order {
        let needs = steps.needs.entry(*var).or_default();
        // A problem that comes first in the text is the one that is answered, and what follows relies on it.
        needs.extend(barrier);
        match &tree.var(*var).def {
            Def::Check { .. } | Def::Guarding(_) => barrier = Some(*var),
            Def::Call(site) if kind == EndpointKind::Action => {
                needs.extend(writes.last());
                if site.writes {
                    needs.extend(&required);
                    writes.push(*var);
                    required.clear();
                } else if matches!(site.on_failure, Failure::Fail) {
                    required.push(*var);
                }
            }
            _ => {}
        }
    }
    steps.answer_needs.extend(barrier);
    steps.answer_needs.extend(&writes);
    steps.order = order.into_iter().collect();
}
