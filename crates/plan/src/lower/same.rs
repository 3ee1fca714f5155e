//! Which call sites make the same call.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Write;

use super::demand::Demand;
use super::pools::constant_key;
use super::steps::{CallShape, Steps};
use super::tree::{Child, Def, Entry, Failure, Item, Kept, Kind, NodeId, Piece, Tree, VarId};

/// Arguments longer than this are compared when the calls are made.
const LONGEST: usize = 4096;

/// The calls seen so far, by what they say.
#[derive(Debug, Default)]
pub(crate) struct Same {
    known: HashMap<String, Vec<VarId>>,
}

impl Same {
    /// An earlier call that is this one again, and that is made whenever this one is. If this one is made more
    /// often, the earlier one takes its conditions over.
    pub fn find(
        &mut self,
        tree: &Tree,
        demand: &Demand,
        steps: &mut Steps,
        var: VarId,
        shape: &CallShape,
        last_write: Option<VarId>,
    ) -> Option<VarId> {
        let key = key(tree, demand, steps, var, shape)?;
        let own: BTreeSet<String> = shape.guard.iter().map(|node| text(tree, demand, steps, *node)).collect();
        let seen = self.known.entry(key).or_default();
        for earlier in seen.iter().filter(|earlier| last_write.is_none_or(|write| **earlier > write)) {
            let Some(other) = steps.calls.get(earlier) else { continue };
            let theirs: BTreeSet<String> =
                other.guard.iter().map(|node| text(tree, demand, steps, *node)).collect();
            if theirs.is_subset(&own) {
                return Some(*earlier);
            }
            // Ours are among theirs, so they are known by then.
            if own.is_subset(&theirs) {
                let theirs_kept = other
                    .guard
                    .iter()
                    .copied()
                    .filter(|node| own.contains(&text(tree, demand, steps, *node)))
                    .collect();
                if let Some(other) = steps.calls.get_mut(earlier) {
                    other.guard = theirs_kept;
                }
                return Some(*earlier);
            }
        }
        seen.push(var);
        None
    }
}

fn key(tree: &Tree, demand: &Demand, steps: &Steps, var: VarId, shape: &CallShape) -> Option<String> {
    let site = tree.site(var)?;
    let mut out = format!("{}.{}|{:?}|", site.service.0, site.operation.0, site.within);
    for kept in &shape.loops {
        let _ = write!(out, "loop{}", kept.id.0);
        for condition in &kept.when {
            out.push('&');
            out.push_str(&text(tree, demand, steps, *condition));
        }
    }
    match site.on_failure {
        Failure::Fail => out.push_str("|fail|"),
        Failure::Null => out.push_str("|null|"),
        Failure::Otherwise(value) => {
            let _ = write!(out, "|{}|", text(tree, demand, steps, value));
        }
        Failure::LastGood(value) => {
            let value = value.map(|value| text(tree, demand, steps, value));
            let _ = write!(out, "|last {}|", value.unwrap_or_default());
        }
    }
    if let Some(kept) = &site.cache {
        let Kept { lifetime, stale, stale_if_error, negative, tags } = kept;
        let tags = tags.map(|tags| text(tree, demand, steps, tags)).unwrap_or_default();
        let _ = write!(out, "kept {lifetime:?}{stale:?}{stale_if_error:?}{negative:?}{tags}|");
    }
    let _ = write!(out, "{:?}{:?}|", site.retries, site.hedge);
    out.push_str(&text(tree, demand, steps, site.args));
    (out.len() < LONGEST).then_some(out)
}

/// An expression as text that is equal for expressions that are equal but for the names of variables.
fn text(tree: &Tree, demand: &Demand, steps: &Steps, id: NodeId) -> String {
    let mut writer = Writer { tree, demand, steps, bound: Vec::new(), out: String::new() };
    writer.node(id);
    writer.out
}

struct Writer<'a> {
    tree: &'a Tree,
    demand: &'a Demand,
    steps: &'a Steps,
    bound: Vec<VarId>,
    out: String,
}

impl Writer<'_> {
    fn node(&mut self, id: NodeId) {
        if self.out.len() > LONGEST {
            return;
        }
        let id = self.tree.stripped(id);
        match self.tree.kind(id) {
            Kind::Constant(constant) => constant_key(constant, &mut self.out),
            Kind::Var(var) => self.var(*var),
            // Its definitions are written where they are mentioned.
            Kind::Block { result, .. } => self.node(*result),
            kind => {
                self.head(kind, id);
                let mut parts: Vec<(NodeId, Vec<VarId>)> = Vec::new();
                let demand = self.demand;
                self.tree.children(
                    id,
                    &|object, entry| demand.keeps(object, entry),
                    &mut |child| match child {
                        Child::Node(node) => parts.push((node, Vec::new())),
                        Child::Callback(callback) => parts.push((callback.body, callback.params.clone())),
                    },
                );
                if let Kind::IfPresent { var, .. } = kind {
                    self.bound.push(*var);
                }
                self.out.push('(');
                for (node, params) in parts {
                    let depth = self.bound.len();
                    self.bound.extend(params);
                    self.node(node);
                    self.bound.truncate(depth);
                    self.out.push(',');
                }
                self.out.push(')');
                if let Kind::IfPresent { .. } = kind {
                    self.bound.pop();
                }
            }
        }
    }

    fn var(&mut self, var: VarId) {
        if let Some(at) = self.bound.iter().rposition(|bound| *bound == var) {
            let _ = write!(self.out, "^{at}");
            return;
        }
        match &self.tree.var(var).def {
            Def::Let(value) => self.node(*value),
            Def::Call(_) => {
                let _ = write!(self.out, "${}", self.steps.representative(var).0);
            }
            _ => {
                let _ = write!(self.out, "${}", var.0);
            }
        }
    }

    fn head(&mut self, kind: &Kind, id: NodeId) {
        let _ = match kind {
            Kind::ClientSince(version) => write!(self.out, "since{version}"),
            Kind::Get { name, .. } => write!(self.out, ".{name:?}"),
            Kind::Unary(op, _) => write!(self.out, "{op:?}"),
            Kind::Binary(op, ..) => write!(self.out, "{op:?}"),
            Kind::Method { method, .. } => write!(self.out, "{method:?}"),
            Kind::Builtin { builtin, .. } => write!(self.out, "{builtin:?}"),
            Kind::If { .. } => write!(self.out, "?"),
            Kind::And(..) => write!(self.out, "&&"),
            Kind::Or(..) => write!(self.out, "||"),
            Kind::Coalesce(..) => write!(self.out, "??"),
            Kind::IfPresent { .. } => write!(self.out, "?."),
            Kind::Index { .. } => write!(self.out, "[]"),
            Kind::Throw { problem, .. } => write!(self.out, "throw{:?}", problem.code),
            Kind::Template(pieces) => {
                for piece in pieces {
                    let _ = match piece {
                        Piece::Text(text) => write!(self.out, "{text:?}"),
                        Piece::Value(_) => write!(self.out, "`"),
                    };
                }
                Ok(())
            }
            Kind::Object(entries) => {
                for entry in entries.iter().filter(|entry| self.demand.keeps(id, entry)) {
                    let _ = match entry {
                        Entry::Property { name, .. } => write!(self.out, "{name:?}:"),
                        Entry::Computed { .. } => write!(self.out, "[]:"),
                        Entry::Spread(_) => write!(self.out, "...:"),
                    };
                }
                Ok(())
            }
            Kind::Array(items) => {
                for item in items {
                    self.out.push(if matches!(item, Item::Spread(_)) { '~' } else { '-' });
                }
                Ok(())
            }
            Kind::Constant(_) | Kind::Var(_) | Kind::Block { .. } | Kind::Diverges => Ok(()),
        };
    }
}

/// Calls that may turn out to be equal to another call, or to another of their own.
pub(crate) fn repeating(tree: &Tree, steps: &Steps) -> BTreeSet<VarId> {
    let mut by_operation: HashMap<(u32, u32), Vec<VarId>> = HashMap::new();
    let mut repeating = BTreeSet::new();
    let mut calls: Vec<_> = steps.calls.iter().collect();
    calls.sort_by_key(|(var, _)| **var);
    for (var, shape) in calls {
        let Some(site) = tree.site(*var).filter(|site| !site.writes) else { continue };
        if !shape.loops.is_empty() {
            repeating.insert(*var);
        }
        let others = by_operation.entry((site.service.0, site.operation.0)).or_default();
        for other in others.iter() {
            if tree.site(*other).is_some_and(|other| !differ(tree, site.args, other.args)) {
                repeating.extend([*var, *other]);
            }
        }
        others.push(*var);
    }
    repeating
}

/// Whether two argument objects have different constants for the same argument.
fn differ(tree: &Tree, a: NodeId, b: NodeId) -> bool {
    let (Kind::Object(a), Kind::Object(b)) = (tree.kind(a), tree.kind(b)) else { return false };
    let constants = |entries: &[Entry]| -> Vec<(String, String)> {
        entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Property { name, value } => match tree.kind(*value) {
                    Kind::Constant(constant) => {
                        let mut key = String::new();
                        constant_key(constant, &mut key);
                        Some((name.to_string(), key))
                    }
                    _ => None,
                },
                _ => None,
            })
            .collect()
    };
    let of_b = constants(b);
    constants(a).iter().any(|(name, value)| of_b.iter().any(|(other, of)| other == name && of != value))
}
