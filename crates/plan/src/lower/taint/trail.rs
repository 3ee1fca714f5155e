//! The way of a caller's value into an answer, for people: where it comes from, what it passes through, where it ends.
//!
//! The shortest of all ways, looked for from the answer backwards.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use frontdesk_diagnostics::Span;
use frontdesk_lang::model::Method;

use super::super::tree::{Child, Def, Entry, Item, Kind, NodeId, PathStep, VarId};
use super::Taint;
use crate::plan::CallerPart;

/// Where the search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Place {
    Node(NodeId),
    Var(VarId),
}

/// How a place is part of the one before it, which is nearer to the answer.
#[derive(Clone, Debug)]
enum Edge {
    /// A part of the value, or what it is made from.
    Part,
    /// The value of this property.
    Field(Arc<str>),
    /// What a callback gives for each element.
    Each,
    /// What a `const` stands for.
    Definition,
    /// What decides between values, or whether there is any.
    Condition,
    /// What a call is given.
    Argument(VarId),
    /// What decides whether a call is made, or how often.
    Guard(VarId),
    /// What decides whether a problem is answered instead.
    Refusal,
}

pub(super) struct Trail {
    pub part: CallerPart,
    /// From the source to the answer.
    pub hops: Vec<(Span, String)>,
}

struct Visit {
    place: Place,
    edge: Edge,
    from: usize,
}

struct Search<'s, 'a> {
    taint: &'s Taint<'a>,
    visits: Vec<Visit>,
    queue: VecDeque<usize>,
    seen: HashSet<Place>,
}

impl Trail {
    /// The way of one of these parts.
    pub fn find(taint: &Taint<'_>, root: NodeId, parts: &[CallerPart]) -> Option<Self> {
        let mut search = Search { taint, visits: Vec::new(), queue: VecDeque::new(), seen: HashSet::new() };
        search.visit(Place::Node(root), Edge::Part, 0);
        while let Some(at) = search.queue.pop_front() {
            let place = search.visits.get(at)?.place;
            if let Some(part) = taint.part_at(place, parts) {
                let hops = search.hops(at, &part);
                return Some(Self { part, hops });
            }
            match place {
                Place::Node(node) => search.node(node, at),
                Place::Var(var) => search.var(var, at),
            }
        }
        None
    }
}

impl Search<'_, '_> {
    fn visit(&mut self, place: Place, edge: Edge, from: usize) {
        if self.seen.insert(place) {
            self.visits.push(Visit { place, edge, from });
            self.queue.push_back(self.visits.len() - 1);
        }
    }

    fn node(&mut self, node: NodeId, at: usize) {
        let (tree, demand) = (self.taint.tree, self.taint.demand);
        // `session.locale` reads nothing else of the session.
        if matches!(tree.kind(node), Kind::Get { .. } | Kind::Index { .. })
            && self.taint.path_of(node).is_some()
            && !self.taint.is_container(node)
        {
            return;
        }
        match tree.kind(node) {
            Kind::Var(var) => self.visit(Place::Var(*var), Edge::Part, at),
            Kind::Block { vars, result } => {
                self.visit(Place::Node(*result), Edge::Part, at);
                for var in vars {
                    match tree.var(*var).def {
                        Def::Check { .. } | Def::Guarding(_) if demand.live.contains(var) => {
                            self.visit(Place::Var(*var), Edge::Refusal, at);
                        }
                        // Whether its value is read or not.
                        Def::Let(value) if demand.throws(value) => {
                            self.visit(Place::Node(value), Edge::Refusal, at);
                        }
                        _ => {}
                    }
                }
            }
            Kind::If { condition, then, otherwise } => {
                self.visit(Place::Node(*then), Edge::Part, at);
                self.visit(Place::Node(*otherwise), Edge::Part, at);
                let decides = if tree.diverges(*then) || tree.diverges(*otherwise) {
                    Edge::Refusal
                } else {
                    Edge::Condition
                };
                self.visit(Place::Node(*condition), decides, at);
            }
            Kind::Object(entries) => {
                for entry in entries.iter().filter(|entry| demand.keeps(node, entry)) {
                    match entry {
                        Entry::Property { name, value } => {
                            self.visit(Place::Node(*value), Edge::Field(name.clone()), at);
                        }
                        Entry::Computed { key, value } => {
                            self.visit(Place::Node(*key), Edge::Part, at);
                            self.visit(Place::Node(*value), Edge::Part, at);
                        }
                        Entry::Spread(value) => self.visit(Place::Node(*value), Edge::Part, at),
                    }
                }
            }
            Kind::Array(items) => {
                for item in items {
                    match item {
                        Item::Value(value) => self.visit(Place::Node(*value), Edge::Each, at),
                        Item::Spread(value) => self.visit(Place::Node(*value), Edge::Part, at),
                    }
                }
            }
            _ => {
                let mut parts = Vec::new();
                tree.children(node, &|object, entry| demand.keeps(object, entry), &mut |child| {
                    parts.push(match child {
                        Child::Node(node) => (node, Edge::Part),
                        Child::Callback(callback) => (callback.body, Edge::Each),
                    });
                });
                for (part, edge) in parts {
                    self.visit(Place::Node(part), edge, at);
                }
            }
        }
    }

    fn var(&mut self, var: VarId, at: usize) {
        let tree = self.taint.tree;
        let decides = match &tree.var(var).def {
            Def::Let(value) | Def::Guarding(value) | Def::Present(value) => {
                return self.visit(Place::Node(*value), Edge::Definition, at);
            }
            Def::Input | Def::Context | Def::Parameter => return,
            Def::Call(site) => {
                for value in std::iter::once(site.args).chain(site.beside()) {
                    self.visit(Place::Node(value), Edge::Argument(var), at);
                }
                Edge::Guard(var)
            }
            Def::Check { detail, .. } => {
                if let Some(detail) = detail {
                    self.visit(Place::Node(*detail), Edge::Refusal, at);
                }
                Edge::Refusal
            }
        };
        for step in tree.path(tree.var(var).path) {
            match step {
                PathStep::When(condition) => self.visit(Place::Node(condition), decides.clone(), at),
                PathStep::Loop(id) => self.visit(Place::Node(tree.loop_over(id).list), decides.clone(), at),
                PathStep::Inner => {}
            }
        }
    }

    // ---- the way back, in words

    fn hops(&self, found: usize, part: &CallerPart) -> Vec<(Span, String)> {
        let mut way = vec![found];
        let mut at = found;
        while at != 0
            && let Some(visit) = self.visits.get(at)
        {
            at = visit.from;
            way.push(at);
        }
        let mut hops: Vec<(Span, String)> = Vec::new();
        // What happens in one place is said in one line.
        let mut add = |span: Span, text: String| match hops.iter_mut().rev().find(|(known, _)| *known == span)
        {
            Some((_, said)) => *said = format!("{said}, {text}"),
            None => hops.push((span, text)),
        };
        if let Some(source) = self.source(found) {
            add(source, source_words(part));
        }
        for visit in way.iter().filter_map(|at| self.visits.get(*at)) {
            self.hop(visit, &mut add);
        }
        way.reverse();
        if let Some((span, path)) = self.answered(&way) {
            add(span, format!("stands in the answer as `{path}`"));
        }
        hops
    }

    fn source(&self, at: usize) -> Option<Span> {
        let tree = self.taint.tree;
        match self.visits.get(at)?.place {
            Place::Node(node) => Some(tree.node(node).span),
            Place::Var(var) => tree.site(var).map(|site| site.span),
        }
    }

    /// Where an author sees the value: of what a helper gives, where the helper is applied.
    fn seen_at(&self, node: NodeId) -> Span {
        let tree = self.taint.tree;
        let applied = tree.applied.get(&node).and_then(|applied| applied.last());
        applied.map_or(tree.node(node).span, |(_, span)| *span)
    }

    /// What happens on the way from a place to the one nearer to the answer.
    fn hop(&self, visit: &Visit, add: &mut impl FnMut(Span, String)) {
        let Place::Node(node) = visit.place else { return };
        let tree = self.taint.tree;
        for (function, span) in tree.applied.get(&node).into_iter().flatten() {
            let name = self.taint.model.functions.get(function.0 as usize).map(|function| &function.name);
            add(*span, format!("comes out of `{}`", name.map_or("a helper", |name| name)));
        }
        let of_call = |var: VarId| tree.site(var).map(|site| self.taint.called(site)).unwrap_or_default();
        let text = match &visit.edge {
            Edge::Definition => match self.visits.get(visit.from).map(|nearer| nearer.place) {
                Some(Place::Var(var)) => {
                    tree.var(var).name.as_ref().map(|name| format!("is kept as `{name}`"))
                }
                _ => None,
            },
            Edge::Condition => Some("decides what is answered".to_owned()),
            Edge::Refusal => Some("decides whether it is refused".to_owned()),
            Edge::Argument(call) => Some(format!("is passed to `{}`", of_call(*call))),
            Edge::Guard(call) => Some(format!("decides whether `{}` is called", of_call(*call))),
            Edge::Part | Edge::Field(_) | Edge::Each => None,
        };
        if let Some(text) = text {
            add(self.seen_at(node), text);
        }
    }

    /// Where in the answer the way ends, as far as the answer is written as literals: `items[].title`. `None` if what
    /// derives from the caller is whether there is an answer.
    fn answered(&self, way: &[usize]) -> Option<(Span, String)> {
        let tree = self.taint.tree;
        let mut path = String::new();
        let mut span = None;
        for visit in way.iter().filter_map(|at| self.visits.get(*at)) {
            let node = match visit.place {
                Place::Node(node) => node,
                Place::Var(var) if tree.site(var).is_none() => continue,
                Place::Var(_) => break,
            };
            match &visit.edge {
                Edge::Field(name) => {
                    if !path.is_empty() {
                        path.push('.');
                    }
                    path.push_str(name);
                    span = Some(self.seen_at(node));
                }
                Edge::Each if !path.is_empty() => path.push_str("[]"),
                Edge::Part | Edge::Each | Edge::Definition => {}
                Edge::Refusal => return None,
                Edge::Condition | Edge::Argument(_) | Edge::Guard(_) => break,
            }
            if !is_written_through(tree.kind(node)) {
                break;
            }
        }
        Some((span?, path))
    }
}

/// Whether a part of the value is a part of what the node gives, under the same name.
fn is_written_through(kind: &Kind) -> bool {
    match kind {
        Kind::Object(_) | Kind::Array(_) | Kind::Block { .. } | Kind::Var(_) => true,
        Kind::If { .. } | Kind::Or(..) | Kind::Coalesce(..) | Kind::IfPresent { .. } => true,
        Kind::Method { method, .. } => *method == Method::Map,
        _ => false,
    }
}

fn source_words(part: &CallerPart) -> String {
    match part {
        CallerPart::Session(_) | CallerPart::Auth => "says who asks".to_owned(),
        CallerPart::Header(name) => format!("the header `{name}` says who asks"),
        CallerPart::Call(called) => format!("`{called}` answers each caller in their own way"),
    }
}
