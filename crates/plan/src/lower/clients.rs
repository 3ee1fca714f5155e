//! Which clients read a value: calls that only some versions of the client read are made only for those.
//!
//! `since` and `until` say so of what stands in them. What stands before them in a `const` and is read nowhere else
//! is for the same clients; the walk that finds out what is read finds that out on the way. It is then written into
//! the path of the `const` or call, as if it stood under the condition itself.

use frontdesk_lang::model::UnaryOp;
use frontdesk_types::{Type, Version};

use super::demand::Demand;
use super::tree::{Def, Kind, NodeId, Path, PathId, PathStep, Tree};

/// Versions of a client: ascending ranges that do not touch, each from its first version up to one that is no longer
/// in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Clients(Vec<(Version, Option<Version>)>);

impl Clients {
    pub fn none() -> Self {
        Self::default()
    }

    pub fn all() -> Self {
        Self::since(Version::default())
    }

    pub fn since(version: Version) -> Self {
        Self(vec![(version, None)])
    }

    pub fn before(version: Version) -> Self {
        let least = Version::default();
        Self(if version > least { vec![(least, Some(version))] } else { Vec::new() })
    }

    fn is_all(&self) -> bool {
        *self == Self::all()
    }

    pub fn add(&mut self, other: &Self) {
        if self.is_all() || other.0.is_empty() {
            return;
        }
        let mut ranges: Vec<_> = self.0.iter().chain(&other.0).copied().collect();
        ranges.sort();
        let mut joined: Vec<(Version, Option<Version>)> = Vec::new();
        for (from, to) in ranges {
            match joined.last_mut() {
                Some((_, end)) if end.is_none_or(|end| from <= end) => {
                    *end = end.zip(to).map(|(a, b)| a.max(b));
                }
                _ => joined.push((from, to)),
            }
        }
        self.0 = joined;
    }

    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut both = Vec::new();
        for (from, to) in &self.0 {
            for (start, end) in &other.0 {
                let least = *from.max(start);
                let most = match (to, end) {
                    (Some(a), Some(b)) => Some(*a.min(b)),
                    (a, b) => a.or(*b),
                };
                if most.is_none_or(|most| least < most) {
                    both.push((least, most));
                }
            }
        }
        both.sort();
        Self(both)
    }

    /// For whom each branch of a condition is taken; `None` if that does not depend on the client alone.
    pub fn of_branches(tree: &Tree, condition: NodeId) -> Option<(Self, Self)> {
        match tree.kind(condition) {
            Kind::ClientSince(version) => Some((Self::since(*version), Self::before(*version))),
            Kind::Unary(UnaryOp::Not, inner) => {
                Self::of_branches(tree, *inner).map(|(then, otherwise)| (otherwise, then))
            }
            Kind::Var(var) => match tree.var(*var).def {
                Def::Let(value) => Self::of_branches(tree, value),
                _ => None,
            },
            _ => None,
        }
    }

    /// For whom a path is taken, as far as that depends on the client alone.
    fn of_path(tree: &Tree, path: Option<PathId>) -> Self {
        let mut clients = Self::all();
        for step in tree.path(path) {
            if let PathStep::When(condition) = step
                && let Some((taken, _)) = Self::of_branches(tree, condition)
            {
                clients = clients.and(&taken);
            }
        }
        clients
    }

    /// The condition that one of these asks.
    fn condition(&self, tree: &mut Tree, like: NodeId) -> NodeId {
        let span = tree.node(like).span;
        let mut bare = |kind| tree.add(kind, Type::Boolean, span);
        let mut any: Option<NodeId> = None;
        for (from, to) in &self.0 {
            let since = (*from > Version::default()).then(|| bare(Kind::ClientSince(*from)));
            let until = to.map(|to| {
                let gone = bare(Kind::ClientSince(to));
                bare(Kind::Unary(UnaryOp::Not, gone))
            });
            let range = match (since, until) {
                (Some(since), Some(until)) => Some(bare(Kind::And(since, until))),
                (one, other) => one.or(other),
            };
            let Some(range) = range else { continue };
            any = Some(match any {
                Some(others) => bare(Kind::Or(others, range)),
                None => range,
            });
        }
        any.unwrap_or_else(|| bare(Kind::Constant(frontdesk_lang::model::Constant::Boolean(false))))
    }
}

/// Puts calls and `const`s that only some clients read under a condition that says so. What always happens (writes,
/// checks) stays where it is.
pub(crate) fn narrow(tree: &mut Tree, demand: &mut Demand) {
    for var in demand.live.clone() {
        let like = match &tree.var(var).def {
            Def::Call(site) if !site.writes => site.args,
            Def::Let(value) => *value,
            _ => continue,
        };
        let path = tree.var(var).path;
        let around = Clients::of_path(tree, path);
        let readers = demand.clients_of(var).and(&around);
        if readers == around {
            continue;
        }
        let condition = readers.condition(tree, like);
        let steps = tree.path(path);
        // Outermost, so that of a callback's list nothing is asked either.
        let mut outer = None;
        for step in std::iter::once(PathStep::When(condition)).chain(steps) {
            tree.paths.push(Path { outer, step });
            outer = Some(PathId(tree.paths.len() as u32 - 1));
        }
        tree.vars[var.0 as usize].path = outer;
        demand.narrowed.insert(var, condition);
    }
}

/// By variable: for whom somebody reads it.
pub(crate) fn nobody(tree: &Tree) -> Vec<Clients> {
    vec![Clients::none(); tree.vars.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> Version {
        Version::parse(text).unwrap_or_default()
    }

    #[test]
    fn ranges_are_joined_and_cut() {
        let (since, before) = (|text| Clients::since(version(text)), |text| Clients::before(version(text)));
        let mut old_and_new = before("4");
        old_and_new.add(&since("6"));
        assert_eq!(old_and_new.0.len(), 2);
        assert_eq!(old_and_new.and(&since("5")), since("6"));
        assert_eq!(old_and_new.and(&before("5")), before("4"));
        old_and_new.add(&since("4"));
        assert!(old_and_new.is_all());
        assert_eq!(since("6").and(&before("5")), Clients::none());
        assert_eq!(before("0"), Clients::none());
    }
}
