//! One endpoint's plan, put together from what the other rooms found out.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use frontdesk_catalog::{Binding, Catalog, Operation, OperationId, Service, ServiceAuth, ServiceId};
use frontdesk_diagnostics::codes::plan as codes;
use frontdesk_diagnostics::{Diagnostic, Diagnostics, Severity};
use frontdesk_lang::model::{
    Bff, Constant, DatedAnswer, Endpoint, ErrorMapping, InputPlace, Model, Problem, Schema, SchemaKind,
};
use frontdesk_types::{Date, Type, Types};

use super::demand::{Demand, demand};
use super::emit::Emitter;
use super::inline::inline;
use super::pools::Pools;
use super::select::{Selector, field_paths};
use super::steps::{Steps, conditions, decide};
use super::taint::Taint;
use super::tree::{Def, Failure, NodeId, Site, Tree, VarId};
use super::uses::Use;
use super::{batch, clients, deprecated};
use super::{lints, tokens};
use crate::plan::{
    CallCache, CallStep, ContextUse, EachStep, EndpointPlan, ExprId, FaultMapping, Loop, MemberOp, OnFailure,
    Op, SelectId, Step, StepId, StepKind, Varies,
};

/// How many calls of one `.map(…)` run at once, unless the service's bulkhead is smaller.
const CONCURRENCY: u32 = 16;

pub(crate) fn endpoint(
    model: &Model,
    bff: &Bff,
    endpoint: &Endpoint,
    diagnostics: &mut Diagnostics,
) -> Option<EndpointPlan> {
    let (mut tree, root) = inline(model, endpoint, diagnostics)?;
    let mut demand = demand(&tree, root, &model.catalog, &model.types);
    for id in demand.idle() {
        tree.forget(id);
    }
    clients::narrow(&mut tree, &mut demand);
    let (steps, dependencies) = decide(&mut tree, root, &demand, endpoint.kind);
    lints::sites(model, &tree, &demand, &steps, endpoint, diagnostics);
    tokens::endpoint(model, bff, &tree, &demand, endpoint, diagnostics);
    let taint = Taint::new(model, bff, endpoint, &tree, &demand);
    let of_caller = taint.parts();
    taint.check(root, &of_caller, diagnostics);
    let routed = routed(&tree, &demand, &model.catalog);

    let emitter = Emitter::new(&tree, &demand, &steps, &model.types, Pools::default(), dependencies);
    let mut builder = Builder {
        catalog: &model.catalog,
        types: &model.types,
        emitter,
        selector: Selector::default(),
        diagnostics,
    };
    let uses = builder.uses_by_call();
    let mut ids: BTreeMap<VarId, StepId> = BTreeMap::new();
    let mut plan_steps = Vec::with_capacity(steps.order.len());
    for var in &steps.order {
        let needs = step_ids(&steps.needs.get(var).cloned().unwrap_or_default(), &ids);
        let kind = builder.step(*var, uses.get(var));
        let slot = builder.emitter.slot(*var);
        ids.insert(*var, StepId(plan_steps.len() as u32));
        plan_steps.push(Step { slot, needs, kind });
    }
    let answer = builder.emitter.expression(root, &[]);
    let faults = faults(bff, &steps, &tree, &model.catalog);
    let Builder { emitter, selector, .. } = builder;
    let (input, context) = (emitter.known_slot(VarId(0)), emitter.known_slot(VarId(1)));
    let program = emitter.pools.finish();
    let by_client_version = program.ops.iter().any(|op| matches!(op, Op::ClientSince(_)));
    let plan = EndpointPlan {
        bff: bff.name.clone(),
        name: endpoint.name.clone(),
        kind: endpoint.kind,
        method: endpoint.method.clone(),
        route: endpoint.route.clone(),
        summary: endpoint.summary.clone(),
        inputs: endpoint.inputs.clone(),
        latency: endpoint.latency,
        payload: endpoint.payload,
        response: endpoint.response.clone(),
        frame: emitter.slot_names.len() as u32,
        input,
        context,
        context_use: context_use(demand.vars.get(1)),
        client: bff.config.client.clone(),
        slot_names: emitter.slot_names,
        steps: plan_steps,
        deprecated_fields: deprecated::fields(&endpoint.response, &model.types),
        by_client_version,
        varies: varies(endpoint, &demand, by_client_version, routed),
        of_caller,
        program,
        selections: selector.selections,
        answer,
        answer_needs: step_ids(&steps.answer_needs, &ids),
        faults,
        access: endpoint.access.clone(),
        cache: endpoint.cache.clone(),
        idempotency: endpoint.idempotency,
        bulkhead: endpoint.bulkhead,
        background: endpoint.background,
        deprecated: endpoint.deprecated.clone(),
        dated: dated(model, bff, endpoint, diagnostics),
    };
    lints::plan(&plan, endpoint, diagnostics);
    Some(plan)
}

/// The endpoint as it was on earlier dates. Advice was given for the newest; of an older one only what makes it
/// impossible is told.
fn dated(
    model: &Model,
    bff: &Bff,
    newest: &Endpoint,
    diagnostics: &mut Diagnostics,
) -> Vec<(Date, Option<Arc<EndpointPlan>>)> {
    let mut plan = |answer: &DatedAnswer| {
        let older = Endpoint {
            function: answer.function.clone(),
            response: answer.response.clone(),
            locals: answer.locals,
            dated: Vec::new(),
            ..newest.clone()
        };
        let mut advice = Diagnostics::default();
        let plan = self::endpoint(model, bff, &older, &mut advice);
        // What an older answer derives from, the newest derives from too.
        let is_told =
            |one: &Diagnostic| one.severity != Severity::Error || one.code == codes::PUBLIC_OF_CALLER;
        diagnostics.extend(advice.into_iter().filter(|one| !is_told(one)));
        plan.map(Arc::new)
    };
    newest.dated.iter().map(|dated| (dated.date, dated.answer.as_ref().and_then(&mut plan))).collect()
}

/// Of `session`, `locale` and `currency` are there whoever asks.
fn context_use(of: Option<&Use>) -> ContextUse {
    let Some(of) = of else { return ContextUse::default() };
    let session = of.of_field("session");
    let says_who = |name: &str| !matches!(name, "locale" | "currency");
    ContextUse {
        identity: session.whole
            || session.rest.is_some()
            || session.fields.iter().any(|(name, of)| says_who(name) && !of.is_nothing()),
        auth: !of.of_field("auth").is_nothing(),
    }
}

/// Which headers an answer depends on.
fn varies(
    endpoint: &Endpoint,
    demand: &Demand,
    by_client_version: bool,
    routed: BTreeSet<Arc<str>>,
) -> Varies {
    let read = |var: usize| demand.vars.get(var).cloned().unwrap_or_default();
    let (input, context) = (read(0), read(1));
    let inputs = endpoint
        .inputs
        .iter()
        .filter(|one| one.place == InputPlace::Header)
        // Whatever the schema refuses is a problem for one request and none for another.
        .filter(|one| !input.of_field(&one.name).is_nothing() || !is_any_text(&one.schema))
        .map(|one| Arc::from(one.wire.to_ascii_lowercase()));
    let headers: BTreeSet<Arc<str>> = inputs.chain(routed).collect();
    Varies {
        language: !context.of_field("session").of_field("locale").is_nothing(),
        version: by_client_version || !endpoint.dated.is_empty(),
        headers: headers.into_iter().collect(),
    }
}

/// The headers by which the traffic of called services is routed.
fn routed(tree: &Tree, demand: &Demand, catalog: &Catalog) -> BTreeSet<Arc<str>> {
    let sites = demand.live.iter().filter_map(|var| tree.site(*var));
    let services = sites.filter_map(|site| catalog.services.get(site.service.0 as usize));
    services.flat_map(Service::routed_headers).cloned().collect()
}

/// Whether each header's value fits, and a missing one too.
fn is_any_text(schema: &Schema) -> bool {
    let any = SchemaKind::String { min: None, max: None, pattern: None };
    schema.kind == any && (schema.optional || schema.default.is_some())
}

fn step_ids(vars: &BTreeSet<VarId>, ids: &BTreeMap<VarId, StepId>) -> Vec<StepId> {
    vars.iter().filter_map(|var| ids.get(var).copied()).collect()
}

pub(crate) struct Builder<'a, 'd> {
    pub catalog: &'a Catalog,
    pub types: &'a Types,
    pub emitter: Emitter<'a>,
    pub selector: Selector,
    pub diagnostics: &'d mut Diagnostics,
}

impl Builder<'_, '_> {
    /// What is read of each call's answer, all sites of the same call together.
    fn uses_by_call(&self) -> BTreeMap<VarId, Use> {
        let (demand, steps): (&Demand, &Steps) = (self.emitter.demand, self.emitter.steps);
        let mut uses: BTreeMap<VarId, Use> = BTreeMap::new();
        for var in demand.live.iter().filter(|var| self.emitter.tree.site(**var).is_some()) {
            let of = &demand.vars[var.0 as usize];
            uses.entry(steps.representative(*var)).or_default().add(of);
        }
        uses
    }

    pub fn operation(&self, service: ServiceId, operation: OperationId) -> Option<(&Service, &Operation)> {
        let service = self.catalog.services.get(service.0 as usize)?;
        Some((service, service.operations.get(operation.0 as usize)?))
    }

    fn step(&mut self, var: VarId, of: Option<&Use>) -> StepKind {
        let tree = self.emitter.tree;
        match &tree.var(var).def {
            Def::Call(site) => self.call(var, site, &of.cloned().unwrap_or_default()),
            Def::Check { problem, detail } => {
                let condition = match self.emitter.all_of(&conditions(tree, var), &[]) {
                    Some(condition) => condition,
                    None => self.emitter.pools.constant_op(&Constant::Boolean(true)),
                };
                let problem = self.emitter.pools.problem(problem);
                let detail = detail.map(|detail| self.emitter.expression(detail, &[]));
                StepKind::Check { condition, problem, detail }
            }
            Def::Let(value) | Def::Guarding(value) => {
                let computed = self.emitter.expression(*value, &[]);
                let guarded =
                    self.emitter.guarded(&conditions(tree, var), computed, &Constant::Undefined, &[]);
                StepKind::Compute(guarded)
            }
            Def::Input | Def::Context | Def::Parameter | Def::Present(_) => {
                StepKind::Compute(self.emitter.pools.constant_op(&Constant::Undefined))
            }
        }
    }

    fn call(&mut self, var: VarId, site: &Site, of: &Use) -> StepKind {
        let steps = self.emitter.steps;
        let shape = steps.calls.get(&var).cloned().unwrap_or_default();
        let mut around: Vec<VarId> = Vec::new();
        let mut loops = Vec::with_capacity(shape.loops.len());
        for kept in &shape.loops {
            let over = *self.emitter.tree.loop_over(kept.id);
            let list = self.emitter.expression(over.list, &around);
            let list = self.emitter.guarded(&kept.when, list, &Constant::Array(Vec::new()), &around);
            around.extend([over.element, over.index]);
            let element = self.emitter.slot(over.element);
            loops.push(Loop { list, element, index: self.emitter.slot(over.index) });
        }
        let guard = self.emitter.all_of(&shape.guard, &around);
        let paths = self.field_list(site.service, site.operation, of);
        let args = self.args(site.args, paths, &around);
        let on_failure = match site.on_failure {
            Failure::Fail => OnFailure::Fail,
            Failure::Null => OnFailure::Null,
            Failure::Otherwise(value) => OnFailure::Otherwise(self.emitter.expression(value, &around)),
            Failure::LastGood(value) => {
                OnFailure::LastGood(value.map(|value| self.emitter.expression(value, &around)))
            }
        };
        let cache = site.cache.map(|kept| CallCache {
            lifetime: kept.lifetime,
            stale: kept.stale,
            stale_if_error: kept.stale_if_error,
            negative: kept.negative,
            tags: kept.tags.map(|tags| self.emitter.expression(tags, &around)),
        });
        let (limit, result, effect, label, bulkhead) = match self.operation(site.service, site.operation) {
            Some((service, operation)) => (
                service.policy.timeout,
                operation.result.clone(),
                operation.effect,
                format!("{}.{}", service.name, operation.name),
                service.policy.bulkhead.most().unwrap_or(CONCURRENCY),
            ),
            None => {
                (Duration::MAX, Type::Unknown, frontdesk_catalog::Effect::Reads, String::new(), CONCURRENCY)
            }
        };
        let call = CallStep {
            service: site.service,
            operation: site.operation,
            label: site.label.clone().unwrap_or_else(|| label.into()),
            guard,
            args,
            timeout: site.within.map_or(limit, |within| within.min(limit)),
            on_failure,
            select: self.select(&result, of),
            effect,
            may_repeat: steps.may_repeat.contains(&var),
            cache,
            by_caller: self.catalog.services.get(site.service.0 as usize).is_some_and(|service| {
                matches!(service.policy.auth, ServiceAuth::User { .. } | ServiceAuth::Exchange { .. })
            }),
            retries: site.retries,
            hedge: site.hedge,
        };
        if loops.is_empty() {
            return StepKind::Call(Box::new(call));
        }
        let batch = batch::batch(self, site, of, &around);
        let concurrency = if site.writes { 1 } else { CONCURRENCY.min(bulkhead.max(1)) };
        StepKind::Each(Box::new(EachStep { loops, call, batch, concurrency }))
    }

    pub fn select(&mut self, result: &Type, of: &Use) -> SelectId {
        let of = of.clone().with(&Use::kind());
        self.selector.select(result, &of, self.types, &mut self.emitter.pools.names)
    }

    /// The argument that tells the service which fields to answer, if it has one.
    pub fn field_list(
        &self,
        service: ServiceId,
        operation: OperationId,
        of: &Use,
    ) -> Option<(Arc<str>, Constant)> {
        let (_, operation) = self.operation(service, operation)?;
        let (name, through_lists) = match &operation.binding {
            Binding::Http(http) => (http.fields_param.clone()?, true),
            // A field mask stops at repeated fields: https://protobuf.dev/reference/protobuf/google.protobuf/#field-mask
            Binding::Grpc(grpc) => (grpc.mask_arg.clone()?, false),
        };
        let paths = field_paths(&operation.result, of, self.types, through_lists)?;
        let takes_list = match self.types.resolve(&operation.args) {
            Type::Object(object) => object.field(&name).is_some_and(|field| {
                let mut list = false;
                super::uses::each_member(&field.ty, self.types, &mut |member| {
                    list |= matches!(member, Type::Array(_));
                });
                list
            }),
            _ => false,
        };
        let value = if takes_list {
            Constant::Array(paths.into_iter().map(|path| Constant::String(path.into())).collect())
        } else {
            Constant::String(paths.join(",").into())
        };
        Some((name, value))
    }

    /// The argument object, with the list of fields unless the author passes one.
    fn args(&mut self, args: NodeId, fields: Option<(Arc<str>, Constant)>, around: &[VarId]) -> ExprId {
        let object = self.emitter.expression(args, around);
        let Some((name, value)) = fields else { return object };
        let mut passed = false;
        super::uses::each_member(&self.emitter.tree.node(args).ty, self.types, &mut |member| {
            passed |= matches!(member, Type::Object(object) if object.field(&name).is_some());
        });
        if passed {
            return object;
        }
        let value = self.emitter.pools.constant_op(&value);
        let name = self.emitter.pools.names.intern(&name);
        let added = MemberOp::Property { name, value };
        let members = match *self.emitter.pools.program.op(object) {
            Op::Object(run) => {
                let mut members = self.emitter.pools.program.members(run).to_vec();
                members.push(added);
                members
            }
            _ => vec![MemberOp::Spread(object), added],
        };
        let run = self.emitter.pools.members(&members);
        self.emitter.pools.op(Op::Object(run))
    }
}

/// The rows of `errors` that speak of a call of this endpoint, most specific first.
fn faults(bff: &Bff, steps: &Steps, tree: &Tree, catalog: &Catalog) -> Vec<FaultMapping> {
    let called: BTreeSet<(ServiceId, OperationId)> = steps
        .calls
        .keys()
        .filter_map(|var| tree.site(*var))
        .flat_map(|site| {
            let twin = catalog
                .services
                .get(site.service.0 as usize)
                .and_then(|service| service.operations.get(site.operation.0 as usize))
                .and_then(|operation| operation.batch.as_ref())
                .map(|batch| (site.service, batch.twin));
            [Some((site.service, site.operation)), twin].into_iter().flatten()
        })
        .collect();
    let mut faults: Vec<FaultMapping> = bff
        .config
        .errors
        .iter()
        .filter_map(|mapping| {
            let ErrorMapping::Fault { service, operation, status, code } = mapping else { return None };
            let applies =
                called.iter().any(|(of, called)| of == service && operation.is_none_or(|o| o == *called));
            applies.then(|| FaultMapping {
                service: *service,
                operation: *operation,
                status: *status,
                problem: problem(bff, code, *status),
            })
        })
        .collect();
    faults.sort_by_key(|fault| (fault.operation.is_none(), fault.status.is_none()));
    faults
}

/// What `errors` says of a code; if it says nothing, a client error keeps its status.
fn problem(bff: &Bff, code: &Arc<str>, status: Option<u16>) -> Problem {
    let declared = bff.config.errors.iter().find_map(|mapping| match mapping {
        ErrorMapping::Problem(problem) if problem.code == *code => Some(problem.clone()),
        _ => None,
    });
    declared.unwrap_or_else(|| Problem {
        code: code.clone(),
        status: status.filter(|status| matches!(status, 404 | 409 | 422)).unwrap_or(502),
        title: None,
    })
}
