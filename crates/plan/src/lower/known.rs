//! What is known of values before anything runs: members of literals, comparisons of constants, names.

use std::sync::Arc;

use frontdesk_lang::model::{BinaryOp, Constant};

use super::inline::Inliner;
use super::tree::{Child, Def, Entry, Item, Kind, NodeId};

/// What is known of a member before anything runs.
pub(super) enum Known {
    Value(NodeId),
    Missing,
    Unclear,
}

impl Inliner<'_> {
    /// The definition behind a variable that is a `const`.
    pub(super) fn definition(&self, node: NodeId) -> Option<&Kind> {
        let Kind::Var(var) = self.tree.kind(node) else { return None };
        match self.tree.var(*var).def {
            Def::Let(value) => Some(self.tree.kind(value)),
            _ => None,
        }
    }

    /// `object.name` if `object` is a literal kept in a `const`, whose members have names.
    pub(super) fn known_member(&self, object: NodeId, name: &str) -> Known {
        let Some(Kind::Object(entries)) = self.definition(object) else { return Known::Unclear };
        for entry in entries.iter().rev() {
            match entry {
                Entry::Property { name: found, value } if &**found == name => {
                    return match self.tree.kind(*value) {
                        Kind::Var(_) | Kind::Constant(_) => Known::Value(*value),
                        _ => Known::Unclear,
                    };
                }
                Entry::Property { .. } => {}
                Entry::Computed { .. } | Entry::Spread(_) => return Known::Unclear,
            }
        }
        Known::Missing
    }

    pub(super) fn known_item(&self, array: NodeId, key: NodeId) -> Option<NodeId> {
        let Some(Kind::Array(items)) = self.definition(array) else { return None };
        let Kind::Constant(Constant::Number(at)) = self.tree.kind(key) else { return None };
        if items.iter().any(|item| matches!(item, Item::Spread(_))) || at.fract() != 0.0 || *at < 0.0 {
            return None;
        }
        match items.get(*at as usize)? {
            Item::Value(value) if matches!(self.tree.kind(*value), Kind::Var(_) | Kind::Constant(_)) => {
                Some(*value)
            }
            _ => None,
        }
    }

    /// Comparisons with `null` and `undefined` of values that are constants here: defaults of helpers.
    pub(super) fn folded(&self, op: BinaryOp, left: NodeId, right: NodeId) -> Option<bool> {
        let (Kind::Constant(left), Kind::Constant(right)) = (self.tree.kind(left), self.tree.kind(right))
        else {
            return None;
        };
        let is_nullish = |constant: &Constant| matches!(constant, Constant::Null | Constant::Undefined);
        if !is_nullish(left) && !is_nullish(right) {
            return None;
        }
        Some(match op {
            BinaryOp::Equal => left == right,
            BinaryOp::NotEqual => left != right,
            BinaryOp::LooseEqual => is_nullish(left) && is_nullish(right),
            BinaryOp::LooseNotEqual => !(is_nullish(left) && is_nullish(right)),
            _ => return None,
        })
    }

    /// What a list is called: `lines` for `basket.lines.filter(…)`.
    pub(super) fn name_of(&self, node: NodeId) -> Option<Arc<str>> {
        match self.tree.nodes.get(node.0 as usize).map(|node| &node.kind)? {
            Kind::Var(var) => self.tree.var(*var).name.clone(),
            Kind::Get { name, .. } => Some(name.clone()),
            Kind::Method { receiver, .. } => self.name_of(*receiver),
            Kind::Coalesce(value, _) => self.name_of(*value),
            Kind::IfPresent { then, .. } => self.name_of(*then),
            _ => None,
        }
    }

    /// A property that is set again keeps its place and takes the new value.
    pub(super) fn push_property(&self, entries: &mut Vec<Entry>, name: Arc<str>, value: NodeId) {
        let since_last_open =
            entries.iter().rposition(|entry| !matches!(entry, Entry::Property { .. })).map_or(0, |at| at + 1);
        let earlier = entries[since_last_open..].iter_mut().find_map(|entry| match entry {
            Entry::Property { name: known, value } if *known == name => Some(value),
            _ => None,
        });
        match earlier {
            Some(earlier) if !self.may_throw(*earlier) => *earlier = value,
            _ => entries.push(Entry::Property { name, value }),
        }
    }

    fn may_throw(&self, id: NodeId) -> bool {
        let mut found = matches!(self.tree.kind(id), Kind::Throw { .. });
        if let Kind::Block { vars, .. } = self.tree.kind(id) {
            found |= vars.iter().any(|var| match self.tree.var(*var).def {
                Def::Let(value) => self.may_throw(value),
                _ => false,
            });
        }
        self.tree.children(id, &|_, _| true, &mut |child| {
            found |= match child {
                Child::Node(node) => self.may_throw(node),
                Child::Callback(callback) => self.may_throw(callback.body),
            };
        });
        found
    }

    /// Whether a literal's members may stand in another literal: it stands there itself, or they have names.
    pub(super) fn is_repeatable(&self, literal: NodeId, entries: &[Entry]) -> bool {
        matches!(self.tree.kind(literal), Kind::Object(_))
            || entries.iter().all(|entry| match entry {
                Entry::Property { value, .. } => {
                    matches!(self.tree.kind(*value), Kind::Var(_) | Kind::Constant(_))
                }
                Entry::Computed { .. } | Entry::Spread(_) => false,
            })
    }
}

/// `line` for `lines`: a name for an element, where the author's is not known.
pub(super) fn singular(list: &str) -> Option<Arc<str>> {
    let one = match list.strip_suffix("ies") {
        Some(stem) => format!("{stem}y"),
        None => list.strip_suffix('s').filter(|stem| stem.len() > 1)?.to_owned(),
    };
    Some(one.into())
}
