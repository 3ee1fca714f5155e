//! What is read of every value, found by walking from the answer backwards.
//!
//! Definitions only mention earlier ones, so one walk against the order of evaluation sees all uses of a
//! variable before its definition. What nobody reads is not walked: its calls are not made.

use std::collections::{BTreeSet, HashMap};

use frontdesk_catalog::Catalog;
use frontdesk_lang::model::{BinaryOp, Builtin, Constant, Method};
use frontdesk_types::{Type, Types};

use super::clients::{self, Clients};
use super::tree::{Def, Entry, Item, Kind, NodeId, Operand, Piece, Tree, VarId};
use super::uses::{
    Use, asked_kind, each_member, is_primitive, keys_of, length_of, list_of, literal_keys, same_kind,
};

#[derive(Debug, Default)]
pub(crate) struct Demand {
    /// By variable.
    pub vars: Vec<Use>,
    /// Calls, checks and definitions that somebody needs.
    pub live: BTreeSet<VarId>,
    /// By variable: the clients for which somebody reads it.
    clients: Vec<Clients>,
    /// Calls and `const`s that only some clients read: the condition under which they are.
    pub narrowed: HashMap<VarId, NodeId>,
    /// Of object literals.
    objects: HashMap<NodeId, Use>,
    /// Nodes in which something may throw.
    throwing: BTreeSet<NodeId>,
    /// Nodes that were walked, and those of them whose value somebody reads.
    walked: BTreeSet<NodeId>,
    read: BTreeSet<NodeId>,
}

impl Demand {
    /// Nodes whose value nobody reads and in which nothing may throw. They must not be evaluated either: the fields
    /// they would look into are not read from any answer.
    pub fn idle(&self) -> impl Iterator<Item = NodeId> {
        self.walked.iter().filter(|id| !self.read.contains(id) && !self.throwing.contains(id)).copied()
    }

    /// Whether something in the node may throw.
    pub fn throws(&self, id: NodeId) -> bool {
        self.throwing.contains(&id)
    }

    pub fn clients_of(&self, var: VarId) -> Clients {
        self.clients.get(var.0 as usize).cloned().unwrap_or_else(Clients::all)
    }

    /// Whether a member of an object literal is worth evaluating.
    pub fn keeps(&self, object: NodeId, entry: &Entry) -> bool {
        let Some(of) = self.objects.get(&object) else { return true };
        match entry {
            Entry::Property { name, value } => {
                !of.of_field(name).is_nothing() || self.throwing.contains(value)
            }
            Entry::Computed { key, value } => {
                !of.of_any_key().is_nothing() || self.throwing.contains(key) || self.throwing.contains(value)
            }
            Entry::Spread(value) => {
                of.whole || of.rest.is_some() || !of.fields.is_empty() || self.throwing.contains(value)
            }
        }
    }
}

pub(crate) fn demand(tree: &Tree, root: NodeId, catalog: &Catalog, types: &Types) -> Demand {
    let mut walk = Walk {
        tree,
        types,
        catalog,
        here: Clients::all(),
        demand: Demand {
            vars: vec![Use::nothing(); tree.vars.len()],
            clients: clients::nobody(tree),
            ..Demand::default()
        },
    };
    walk.node(root, &Use::whole());
    walk.demand
}

struct Walk<'a> {
    tree: &'a Tree,
    types: &'a Types,
    catalog: &'a Catalog,
    /// Those for whom what is walked is evaluated.
    here: Clients,
    demand: Demand,
}

/// Whether there is something in a node that happens even if its value is not read.
#[derive(Clone, Copy, Default)]
struct Effects(bool);

impl std::ops::BitOrAssign for Effects {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

impl Walk<'_> {
    fn node(&mut self, id: NodeId, of: &Use) -> Effects {
        self.demand.walked.insert(id);
        if !of.is_nothing() {
            self.demand.read.insert(id);
        }
        let effects = self.parts(id, of);
        if effects.0 {
            self.demand.throwing.insert(id);
        }
        effects
    }

    fn parts(&mut self, id: NodeId, of: &Use) -> Effects {
        let mut effects = Effects::default();
        match self.tree.kind(id) {
            Kind::Constant(_) | Kind::ClientSince(_) | Kind::Diverges => {}
            Kind::Var(var) => {
                self.demand.vars[var.0 as usize].add(of);
                if !of.is_nothing() {
                    self.demand.clients[var.0 as usize].add(&self.here);
                }
            }
            Kind::Block { vars, result } => {
                effects |= self.node(*result, of);
                for var in vars.iter().rev() {
                    effects |= self.definition(*var);
                }
            }
            Kind::If { condition, then, otherwise } => {
                let (when, unless) =
                    Clients::of_branches(self.tree, *condition).unwrap_or((Clients::all(), Clients::all()));
                effects |= self.for_some(&unless, |me| me.node(*otherwise, of));
                effects |= self.for_some(&when, |me| me.node(*then, of));
                let asked = !of.is_nothing() || effects.0;
                effects |= self.node(*condition, &asked_kind(asked));
            }
            Kind::And(left, right) => {
                effects |= self.node(*right, of);
                let asked = !of.is_nothing() || effects.0;
                // Objects are truthy: of the left side only a falsy primitive can be the result.
                effects |= self.node(*left, &asked_kind(asked));
            }
            Kind::Or(left, right) | Kind::Coalesce(left, right) => {
                effects |= self.node(*right, of);
                let asked = !of.is_nothing() || effects.0;
                effects |= self.node(*left, &asked_kind(asked).with(of));
            }
            Kind::IfPresent { var, value, then } => {
                effects |= self.node(*then, of);
                let asked = !of.is_nothing() || effects.0;
                let of_value = asked_kind(asked).with(&self.demand.vars[var.0 as usize]);
                effects |= self.node(*value, &of_value);
            }
            Kind::Get { object, name } => {
                let of_object =
                    if of.is_nothing() { Use::nothing() } else { Use::field(name.clone(), of.clone()) };
                effects |= self.node(*object, &of_object);
            }
            Kind::Index { object, key } => effects |= self.index(*object, *key, of),
            Kind::Unary(_, value) => effects |= self.node(*value, &same_kind(of)),
            Kind::Binary(op, left, right) => effects |= self.binary(*op, *left, *right, of),
            Kind::Template(pieces) => {
                for piece in pieces.iter().rev() {
                    if let Piece::Value(value) = piece {
                        effects |= self.node(*value, &self.as_text(*value, of));
                    }
                }
            }
            Kind::Object(entries) => effects |= self.object(id, entries, of),
            Kind::Array(items) => {
                let of_item = of.of_items();
                for item in items.iter().rev() {
                    effects |= match item {
                        Item::Value(value) => self.node(*value, &of_item),
                        Item::Spread(value) => self.node(*value, &list_of(&of_item, of)),
                    };
                }
            }
            Kind::Method { method, receiver, args } => effects |= self.method(*method, *receiver, args, of),
            Kind::Builtin { builtin, args } => effects |= self.builtin(*builtin, args, of),
            Kind::Throw { detail, .. } => {
                if let Some(detail) = detail {
                    self.node(*detail, &Use::whole());
                }
                effects = Effects(true);
            }
        }
        effects
    }

    /// Walks what is evaluated for these clients only.
    fn for_some(&mut self, clients: &Clients, walk: impl FnOnce(&mut Self) -> Effects) -> Effects {
        let narrower = self.here.and(clients);
        let outer = std::mem::replace(&mut self.here, narrower);
        let effects = walk(self);
        self.here = outer;
        effects
    }

    /// Walks a definition whose uses are all known. What happens whether it is read or not happens for all clients
    /// that come here.
    fn definition(&mut self, var: VarId) -> Effects {
        let readers = match &self.tree.var(var).def {
            Def::Let(_) => self.demand.clients_of(var),
            Def::Call(site) if !site.writes => self.demand.clients_of(var),
            _ => Clients::all(),
        };
        self.for_some(&readers, |me| me.defined(var))
    }

    fn defined(&mut self, var: VarId) -> Effects {
        let of = self.demand.vars[var.0 as usize].clone();
        match &self.tree.var(var).def {
            Def::Input | Def::Context | Def::Parameter | Def::Present(_) => Effects(false),
            Def::Let(value) => {
                if !of.is_nothing() {
                    self.demand.live.insert(var);
                }
                self.node(*value, &of)
            }
            Def::Guarding(value) => {
                self.demand.live.insert(var);
                self.node(*value, &of);
                Effects(true)
            }
            Def::Check { detail, .. } => {
                self.demand.live.insert(var);
                if let Some(detail) = detail {
                    self.node(*detail, &Use::whole());
                }
                Effects(true)
            }
            Def::Call(site) => {
                if of.is_nothing() && !site.writes {
                    // It is not made; what its arguments refuse is refused all the same.
                    let mut effects = Effects(false);
                    for value in site.beside().chain([site.args]) {
                        effects |= self.node(value, &Use::nothing());
                    }
                    return effects;
                }
                self.demand.live.insert(var);
                if let Some(value) = site.on_failure.value() {
                    self.node(value, &Use::kind().with(&of));
                }
                if let Some(tags) = site.cache.and_then(|kept| kept.tags) {
                    self.node(tags, &Use::items(Use::kind()));
                }
                let args = self
                    .catalog
                    .services
                    .get(site.service.0 as usize)
                    .and_then(|service| service.operations.get(site.operation.0 as usize))
                    .map_or_else(Use::whole, |operation| Use::declared(&operation.args, self.types));
                self.node(site.args, &args);
                Effects(site.writes)
            }
        }
    }

    /// What string conversion reads: of arrays everything, of other objects nothing.
    fn as_text(&self, value: NodeId, of: &Use) -> Use {
        if of.is_nothing() {
            Use::nothing()
        } else if is_primitive(&self.tree.node(value).ty, self.types) {
            Use::kind()
        } else {
            Use::whole()
        }
    }

    fn index(&mut self, object: NodeId, key: NodeId, of: &Use) -> Effects {
        let mut effects = self.node(key, &same_kind(of));
        let mut of_object = same_kind(of);
        if !of.is_nothing() {
            let (tree, types) = (self.tree, self.types);
            let keys = match tree.kind(key) {
                Kind::Constant(Constant::String(text)) => Some(vec![text.clone()]),
                _ => literal_keys(&tree.node(key).ty, types),
            };
            each_member(&tree.node(object).ty, types, &mut |member| match (member, &keys) {
                (Type::Array(_) | Type::Tuple(_), _) => of_object.add(&Use::items(of.clone())),
                (Type::Object(_), Some(keys)) => {
                    for key in keys {
                        of_object.add(&Use::field(key.clone(), of.clone()));
                    }
                }
                (Type::Object(_), None) => of_object.add(&Use::every_key(of.clone())),
                (Type::Unknown, _) => {
                    of_object.add(&Use::items(of.clone()));
                    of_object.add(&Use::every_key(of.clone()));
                }
                _ => {}
            });
        }
        effects |= self.node(object, &of_object);
        effects
    }

    fn binary(&mut self, op: BinaryOp, left: NodeId, right: NodeId, of: &Use) -> Effects {
        let (mut of_left, mut of_right) = (same_kind(of), same_kind(of));
        match op {
            BinaryOp::Add => {
                of_left = self.as_text(left, of);
                of_right = self.as_text(right, of);
            }
            BinaryOp::In if !of.is_nothing() => {
                of_right = match self.tree.kind(left) {
                    Kind::Constant(Constant::String(name)) => Use::field(name.clone(), Use::kind()),
                    _ => Use::every_key(Use::kind()),
                };
            }
            _ => {}
        }
        let mut effects = self.node(right, &of_right);
        effects |= self.node(left, &of_left);
        effects
    }

    fn object(&mut self, id: NodeId, entries: &[Entry], of: &Use) -> Effects {
        let mut effects = Effects::default();
        let known = self.demand.objects.entry(id).or_default();
        known.add(of);
        let of = known.clone();
        // Names that a later property sets in any case: an earlier spread only has to know whether it has them.
        let mut overwritten: Vec<std::sync::Arc<str>> = Vec::new();
        for entry in entries.iter().rev() {
            match entry {
                Entry::Property { name, value } => {
                    let of_value =
                        if overwritten.contains(name) { Use::nothing() } else { of.of_field(name) };
                    effects |= self.node(*value, &of_value);
                    overwritten.push(name.clone());
                }
                Entry::Computed { key, value } => {
                    let of_value = of.of_any_key();
                    effects |= self.node(*value, &of_value);
                    effects |= self.node(*key, &same_kind(&of_value));
                }
                Entry::Spread(value) => {
                    let mut of_value = Use { items: None, ..of.clone() };
                    if of.whole || of.rest.is_some() {
                        of_value = self.spread(*value, &of, &overwritten);
                    } else {
                        of_value.fields.retain(|name, _| !overwritten.contains(name));
                    }
                    effects |= self.node(*value, &of_value);
                }
            }
        }
        effects
    }

    /// What a spread reads when all of the object is read: every declared field, but of those that are
    /// overwritten only whether they are there, for the order of keys.
    fn spread(&self, value: NodeId, of: &Use, overwritten: &[std::sync::Arc<str>]) -> Use {
        let mut out = Use { fields: of.fields.clone(), ..Use::kind() };
        let mut open = false;
        each_member(&self.tree.node(value).ty, self.types, &mut |member| match member {
            Type::Object(object) => {
                for field in &object.fields {
                    let of_field = if overwritten.contains(&field.name) {
                        Use::kind()
                    } else {
                        of.of_field(&field.name)
                    };
                    out.fields.entry(field.name.clone()).or_default().add(&of_field);
                }
                open |= object.index.is_some();
            }
            Type::Null | Type::Undefined | Type::Boolean | Type::Never => {}
            _ => open = true,
        });
        if open { Use { items: None, ..of.clone() } } else { out }
    }

    fn method(&mut self, method: Method, receiver: NodeId, args: &[Operand], of: &Use) -> Effects {
        let kind = same_kind(of);
        let of_item = of.of_items();
        let mut effects = Effects::default();
        let of_receiver = match method {
            Method::Map => {
                effects |= self.callback(args, 0, &of_item);
                self.receiver_of(args, 0, Use::nothing(), of, effects)
            }
            Method::FlatMap => {
                let of_body = self.flat_map_body(args, &of_item, of);
                effects |= self.callback(args, 0, &of_body);
                self.receiver_of(args, 0, Use::nothing(), of, effects)
            }
            Method::Filter => {
                effects |= self.callback(args, 0, &kind);
                self.receiver_of(args, 0, of_item, of, effects)
            }
            Method::Find | Method::FindLast => {
                effects |= self.callback(args, 0, &kind);
                self.receiver_of(args, 0, of.clone(), of, effects)
            }
            Method::FindIndex | Method::FindLastIndex | Method::Some | Method::Every => {
                effects |= self.callback(args, 0, &kind);
                self.receiver_of(args, 0, Use::nothing(), of, effects)
            }
            Method::ToSorted => {
                if args.is_empty() {
                    // Elements are compared as text.
                    list_of(&of_item.with(&Self::whole_of(of)), of)
                } else {
                    effects |= self.callback(args, 0, &kind);
                    let second = self.callback_param(args, 1);
                    self.receiver_of(args, 0, of_item.with(&second), of, effects)
                }
            }
            Method::Reduce | Method::ReduceRight => return self.reduce(receiver, args, of),
            Method::Concat => {
                let joined = list_of(&of_item, of);
                for arg in args.iter().rev() {
                    if let Operand::Value(value) = arg {
                        let text = is_primitive(&self.tree.node(*value).ty, self.types);
                        let of_arg = if text { kind.clone() } else { joined.clone().with(&of_item) };
                        effects |= self.node(*value, &of_arg);
                    }
                }
                joined
            }
            Method::With => {
                effects |= self.values(args, &of_item.clone().with(&kind));
                list_of(&of_item, of)
            }
            Method::Slice | Method::ToReversed => {
                effects |= self.values(args, &kind);
                list_of(&of_item, of)
            }
            Method::Values => list_of(&of_item, of),
            Method::Entries => list_of(&of_item.of_items().with(&of_item.of_field("1")), of),
            Method::At => {
                effects |= self.values(args, &kind);
                list_of(of, of)
            }
            Method::Flat => {
                effects |= self.values(args, &kind);
                let inner = self.flattened(receiver, &of_item, of);
                list_of(&inner, of)
            }
            Method::Includes | Method::IndexOf | Method::LastIndexOf => {
                effects |= self.values(args, &kind);
                list_of(&kind, of)
            }
            Method::Join | Method::ToString => {
                effects |= self.values(args, &kind);
                self.as_text(receiver, of)
            }
            _ => {
                for arg in args.iter().rev() {
                    match arg {
                        Operand::Value(value) => effects |= self.node(*value, &self.as_text(*value, of)),
                        Operand::Callback(callback) => effects |= self.node(callback.body, &Use::whole()),
                    }
                }
                kind
            }
        };
        effects |= self.node(receiver, &of_receiver);
        effects
    }

    fn builtin(&mut self, builtin: Builtin, args: &[Operand], of: &Use) -> Effects {
        let kind = same_kind(of);
        let mut effects = Effects::default();
        let list = match args.first() {
            Some(Operand::Value(list)) => *list,
            _ => return effects,
        };
        let of_list = match builtin {
            Builtin::KeyBy => {
                effects |= self.callback(args, 1, &kind);
                self.receiver_of(args, 1, of.of_any_key(), of, effects)
            }
            Builtin::GroupBy => {
                effects |= self.callback(args, 1, &kind);
                self.receiver_of(args, 1, of.of_any_key().of_items(), of, effects)
            }
            Builtin::ArrayFrom => {
                let of_item = of.of_items();
                if args.len() > 1 {
                    effects |= self.callback(args, 1, &of_item);
                    self.receiver_of(args, 1, Use::nothing(), of, effects).with(&length_of(of))
                } else {
                    list_of(&of_item, of).with(&length_of(of))
                }
            }
            Builtin::ObjectKeys => keys_of(&kind, of),
            Builtin::ObjectValues => keys_of(&of.of_items().with(&kind), of),
            Builtin::ObjectEntries => {
                let entry = of.of_items();
                keys_of(&entry.of_items().with(&entry.of_field("1")).with(&kind), of)
            }
            Builtin::ObjectFromEntries => {
                let value = of.of_any_key().with(&kind);
                list_of(&Use::items(value), of)
            }
            Builtin::ArrayIsArray | Builtin::ToBoolean => kind,
            _ => {
                for arg in args.iter().skip(1).rev() {
                    match arg {
                        Operand::Value(value) => effects |= self.node(*value, &Self::whole_of(of)),
                        Operand::Callback(callback) => effects |= self.node(callback.body, &Use::whole()),
                    }
                }
                self.as_text(list, of)
            }
        };
        effects |= self.node(list, &of_list);
        effects
    }

    fn whole_of(of: &Use) -> Use {
        if of.is_nothing() { Use::nothing() } else { Use::whole() }
    }

    fn values(&mut self, args: &[Operand], of: &Use) -> Effects {
        let mut effects = Effects::default();
        for arg in args.iter().rev() {
            if let Operand::Value(value) = arg {
                effects |= self.node(*value, of);
            }
        }
        effects
    }

    fn callback(&mut self, args: &[Operand], at: usize, of: &Use) -> Effects {
        match args.get(at) {
            Some(Operand::Callback(callback)) => self.node(callback.body, of),
            Some(Operand::Value(value)) => self.node(*value, &same_kind(of)),
            None => Effects(false),
        }
    }

    fn callback_param(&self, args: &[Operand], param: usize) -> Use {
        args.iter()
            .find_map(|arg| match arg {
                Operand::Callback(callback) => callback.params.get(param),
                Operand::Value(_) => None,
            })
            .map_or_else(Use::nothing, |var| self.demand.vars[var.0 as usize].clone())
    }

    /// What a method with a callback reads of its list: what the callback reads of elements and of the list
    /// itself, and `beside` of the elements that come through.
    fn receiver_of(&self, args: &[Operand], at: usize, beside: Use, of: &Use, effects: Effects) -> Use {
        let args = args.get(at..=at).unwrap_or_default();
        let list = self.callback_param(args, 2);
        // Calls in the callback run over the list too.
        let index = self.callback_param(args, 1);
        let item = beside.with(&self.callback_param(args, 0));
        if of.is_nothing() && !effects.0 && item.is_nothing() && index.is_nothing() {
            return list;
        }
        let mut all = Use::kind().with(&list);
        all.items = Some(Box::new(item));
        all
    }

    fn flat_map_body(&self, args: &[Operand], of_item: &Use, of: &Use) -> Use {
        let mut body = same_kind(of);
        if let Some(Operand::Callback(callback)) = args.first() {
            each_member(&self.tree.node(callback.body).ty, self.types, &mut |member| match member {
                Type::Array(_) | Type::Tuple(_) => body.add(&list_of(of_item, of)),
                Type::Unknown => {
                    body.add(&list_of(of_item, of));
                    body.add(of_item);
                }
                _ => body.add(of_item),
            });
        }
        body
    }

    /// What is read of the elements of a list that is flattened, whatever the depth.
    fn flattened(&self, receiver: NodeId, of_item: &Use, of: &Use) -> Use {
        fn nested(ty: &Type, types: &Types, of_item: &Use, of: &Use, depth: usize, out: &mut Use) {
            each_member(ty, types, &mut |member| match member {
                Type::Array(inner) if depth < 16 => {
                    let mut item = of_item.clone();
                    nested(inner, types, of_item, of, depth + 1, &mut item);
                    out.add(&list_of(&item, of));
                }
                _ => out.add(of_item),
            });
        }
        let mut out = of_item.clone();
        each_member(&self.tree.node(receiver).ty, self.types, &mut |member| {
            if let Type::Array(inner) = member {
                nested(inner, self.types, of_item, of, 0, &mut out);
            }
        });
        out
    }

    /// The accumulator's uses feed back into the callback's result: repeated until nothing is added.
    fn reduce(&mut self, receiver: NodeId, args: &[Operand], of: &Use) -> Effects {
        let mut effects = Effects::default();
        let mut of_body = of.clone();
        for round in 0.. {
            effects |= self.callback(args, 0, &of_body);
            let next = of_body.clone().with(&self.callback_param(args, 0));
            if next == of_body {
                break;
            }
            of_body = if round < 8 { next } else { Use::whole() };
        }
        let has_initial = args.len() > 1;
        effects |= self.values(args, &of_body);
        let mut item = self.callback_param(args, 1);
        if !has_initial {
            item.add(&of_body);
        }
        let list = self.callback_param(args, 3);
        let asked = !of.is_nothing() || effects.0 || !item.is_nothing();
        let mut of_receiver = asked_kind(asked).with(&list);
        if asked {
            of_receiver.items = Some(Box::new(item));
        }
        effects |= self.node(receiver, &of_receiver);
        effects
    }
}
