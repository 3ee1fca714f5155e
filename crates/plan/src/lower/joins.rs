//! `list.find((x) => x.id === wanted)` and its like, in a callback → a hash index over the list.

use frontdesk_lang::model::{BinaryOp, Method};

use super::emit::Emitter;
use super::tree::{Callback, Kind, NodeId, Operand, Tree, VarId};
use super::uses::is_primitive;
use crate::plan::{Arg, ExprId, JoinId, JoinKind, LambdaOp, Op};

/// The method as a join, if its callback compares something of the element with something else.
pub(crate) fn method(
    emitter: &mut Emitter<'_>,
    method: Method,
    receiver: NodeId,
    args: &[Operand],
) -> Option<ExprId> {
    let kind = match method {
        Method::Find => JoinKind::Find,
        Method::FindIndex => JoinKind::FindIndex,
        Method::FindLast => JoinKind::FindLast,
        Method::Filter => JoinKind::Filter,
        Method::Some => JoinKind::Some,
        _ => return None,
    };
    let [Operand::Callback(callback)] = args else { return None };
    // An index pays if the same list is looked through again and again.
    if !emitter.is_steady(receiver) {
        return None;
    }
    let element = *callback.params.first()?;
    let (definitions, condition) = opened(emitter.tree, callback.body);
    if let Some((key, probe)) = equality(emitter, condition, callback) {
        return Some(join(emitter, kind, receiver, element, &definitions, key, probe));
    }
    // `a === b && rest`: the join first, the rest on what it finds.
    let Kind::And(first, rest) = *emitter.tree.kind(condition) else { return None };
    if kind == JoinKind::FindIndex || emitter.depends_on(rest, callback.params.get(1..).unwrap_or_default()) {
        return None;
    }
    let first = emitter.tree.stripped(first);
    let (key, probe) = equality(emitter, first, callback)?;
    let receiver = join(emitter, JoinKind::Filter, receiver, element, &definitions, key, probe);
    let body = emitter.inside_with(&[element], &definitions, rest);
    let params = vec![emitter.slot(element)];
    let lambda = emitter.pools.lambda(LambdaOp { params, body });
    let args = emitter.pools.args(&[Arg::Lambda(lambda)]);
    Some(emitter.pools.op(Op::Method { method, receiver, args }))
}

/// The definitions at the head of a callback, and its result.
fn opened(tree: &Tree, body: NodeId) -> (Vec<VarId>, NodeId) {
    let body = tree.stripped(body);
    match tree.kind(body) {
        Kind::Block { vars, result } => (vars.clone(), tree.stripped(*result)),
        _ => (Vec::new(), body),
    }
}

/// The sides of `key === probe`, whichever way round it is written.
fn equality(emitter: &mut Emitter<'_>, condition: NodeId, callback: &Callback) -> Option<(NodeId, NodeId)> {
    let Kind::Binary(BinaryOp::Equal, left, right) = *emitter.tree.kind(condition) else { return None };
    let comparable = |node: NodeId, me: &Emitter<'_>| is_primitive(&me.tree.node(node).ty, me.types);
    if !comparable(left, emitter) || !comparable(right, emitter) {
        return None;
    }
    [(left, right), (right, left)].into_iter().find(|(key, probe)| {
        emitter.is_path_of(*key, callback.params[0]) && !emitter.depends_on(*probe, &callback.params)
    })
}

fn join(
    emitter: &mut Emitter<'_>,
    kind: JoinKind,
    list: NodeId,
    element: VarId,
    definitions: &[VarId],
    key: NodeId,
    probe: NodeId,
) -> ExprId {
    let list = emitter.node(list);
    let probe = emitter.with(definitions, probe);
    let key = emitter.inside_with(&[element], definitions, key);
    let element = emitter.slot(element);
    let join = JoinId(emitter.pools.program.joins);
    emitter.pools.program.joins += 1;
    emitter.pools.op(Op::Join { kind, list, element, key, probe, join })
}
