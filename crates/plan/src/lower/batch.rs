//! Calls made once per element → few calls of the operation's batch twin.

use std::sync::Arc;

use frontdesk_catalog::{Batch, Effect, Operation};
use frontdesk_diagnostics::Diagnostic;
use frontdesk_diagnostics::codes::plan as codes;
use frontdesk_types::Type;

use super::build::Builder;
use super::tree::{Def, Entry, Kind, NodeId, Site, VarId};
use super::uses::{Use, each_member};
use crate::plan::{BatchStep, MemberOp, Op};

/// The twin's call, or a note to the author why each element has a call of its own.
pub(crate) fn batch(
    builder: &mut Builder<'_, '_>,
    site: &Site,
    of: &Use,
    around: &[VarId],
) -> Option<BatchStep> {
    let (service, operation) = builder.operation(site.service, site.operation)?;
    let name = format!("{}.{}", service.name, operation.name);
    if site.writes {
        builder.diagnostics.push(Diagnostic::new(
            frontdesk_diagnostics::Severity::Note,
            codes::WRITE_PER_ELEMENT,
            format!("`{name}` writes once per element, one after the other"),
            site.span,
            "runs once per element",
        ));
        return None;
    }
    let Some(batch) = operation.batch.clone() else {
        let concise = &operation.name;
        builder.diagnostics.push(
            Diagnostic::new(
                frontdesk_diagnostics::Severity::Note,
                codes::CALL_PER_ELEMENT,
                format!("`{name}` runs once per element"),
                site.span,
                "one call for each element of the list",
            )
            .help(format!(
                "if the service has an operation that takes many ids, declare it in frontdesk.yaml: `batch: {{ {concise}: … }}`"
            )),
        );
        return None;
    };
    match planned(builder, site, of, around, &batch) {
        Ok(step) => Some(step),
        Err(reason) => {
            builder.diagnostics.push(
                Diagnostic::new(
                    frontdesk_diagnostics::Severity::Note,
                    codes::BATCH_NOT_USED,
                    format!("`{name}` runs once per element although it has a batch twin"),
                    site.span,
                    reason,
                )
                .help(format!("pass `{}` and what the twin takes, the same for every element", batch.id_arg)),
            );
            None
        }
    }
}

fn planned(
    builder: &mut Builder<'_, '_>,
    site: &Site,
    of: &Use,
    around: &[VarId],
    batch: &Batch,
) -> Result<BatchStep, String> {
    let Some((_, twin)) = builder.operation(site.service, batch.twin) else {
        return Err("the twin is not an operation of the service".to_owned());
    };
    let twin = twin.clone();
    if twin.effect != Effect::Reads {
        return Err(format!("`{}` writes", twin.name));
    }
    let entries = literal(builder, site.args).ok_or("the arguments are not written as one object literal")?;
    let mut id = None;
    let mut shared: Vec<(Arc<str>, NodeId)> = Vec::new();
    for (name, value) in entries {
        if name == batch.id_arg {
            id = Some(value);
        } else if builder.emitter.depends_on(value, around) {
            return Err(format!("`{name}` is another one for each element"));
        } else if !takes(builder, &twin, &name) {
            return Err(format!("`{}` does not take `{name}`", twin.name));
        } else {
            shared.push((name, value));
        }
    }
    let id = id.ok_or_else(|| format!("`{}` is not passed", batch.id_arg))?;
    if let Some(missing) = missing(builder, &twin, batch, &shared) {
        return Err(format!("`{}` also needs `{missing}`", twin.name));
    }

    let id = builder.emitter.expression(id, around);
    let ids = builder.emitter.new_slot(Some(batch.ids_arg.clone()));
    let ids_value = builder.emitter.pools.op(Op::Slot(ids));
    let mut members = vec![MemberOp::Property {
        name: builder.emitter.pools.names.intern(&batch.ids_arg),
        value: ids_value,
    }];
    for (name, value) in &shared {
        let value = builder.emitter.expression(*value, &[]);
        members.push(MemberOp::Property { name: builder.emitter.pools.names.intern(name), value });
    }
    // Of each item what is read of the single answer, and the key it is found by.
    let of_item = of.clone().with(&Use::field(batch.key.clone(), Use::kind()));
    let of_list = Use::items(of_item);
    let of_answer = match &batch.items {
        Some(items) => Use::field(items.clone(), of_list),
        None => of_list,
    };
    if let Some((name, value)) = builder.field_list(site.service, batch.twin, &of_answer)
        && !shared.iter().any(|(passed, _)| *passed == name)
    {
        let value = builder.emitter.pools.constant_op(&value);
        members.push(MemberOp::Property { name: builder.emitter.pools.names.intern(&name), value });
    }
    let run = builder.emitter.pools.members(&members);
    let args = builder.emitter.pools.op(Op::Object(run));
    let names = &mut builder.emitter.pools.names;
    Ok(BatchStep {
        operation: batch.twin,
        id,
        ids,
        args,
        items: batch.items.as_ref().map(|items| names.intern(items)),
        key: names.intern(&batch.key),
        limit: batch.limit.max(1),
        select: builder.select(&twin.result, &of_answer),
    })
}

/// The properties of an argument object that is written out.
fn literal(builder: &Builder<'_, '_>, args: NodeId) -> Option<Vec<(Arc<str>, NodeId)>> {
    let tree = builder.emitter.tree;
    let args = tree.stripped(args);
    let (object, entries) = match tree.kind(args) {
        Kind::Object(entries) => (args, entries),
        Kind::Var(var) => match tree.var(*var).def {
            Def::Let(value) => match tree.kind(value) {
                Kind::Object(entries) => (value, entries),
                _ => return None,
            },
            _ => return None,
        },
        _ => return None,
    };
    entries
        .iter()
        .filter(|entry| builder.emitter.demand.keeps(object, entry))
        .map(|entry| match entry {
            Entry::Property { name, value } => Some((name.clone(), *value)),
            _ => None,
        })
        .collect()
}

fn takes(builder: &Builder<'_, '_>, twin: &Operation, name: &str) -> bool {
    let mut found = false;
    each_member(&twin.args, builder.types, &mut |member| {
        found |= matches!(member, Type::Object(object) if object.field(name).is_some());
    });
    found
}

/// An argument the twin insists on and that nobody passes.
fn missing(
    builder: &Builder<'_, '_>,
    twin: &Operation,
    batch: &Batch,
    shared: &[(Arc<str>, NodeId)],
) -> Option<Arc<str>> {
    let Type::Object(object) = builder.types.resolve(&twin.args) else { return None };
    object
        .fields
        .iter()
        .find(|field| {
            let mut may_be_missing = field.optional;
            each_member(&field.ty, builder.types, &mut |member| {
                may_be_missing |= matches!(member, Type::Undefined);
            });
            !may_be_missing
                && field.name != batch.ids_arg
                && !shared.iter().any(|(passed, _)| *passed == field.name)
        })
        .map(|field| field.name.clone())
}
