//! What else than its answer an endpoint can give: every status and code, in one table.
//!
//! Who adds a code anywhere adds it here: a test reads the sources of the engine, the perimeter and the server, and
//! wants to find each of their codes in [`ROWS`], [`FAULTS`] or [`ELSEWHERE`].

use std::collections::BTreeMap;
use std::sync::Arc;

use frontdesk_catalog::{Binding, ParamPlace, PathPart, Service, ServiceAuth};
use frontdesk_lang::Model;
use frontdesk_lang::model::{Access, AuthMethod, Bff, Demand, Idempotency, InputPlace, Versions};
use frontdesk_plan::{CallStep, FaultMapping, MemberOp, OnFailure, Op, StepKind};

use super::View;
use crate::contract::Problem;

/// What decides whether an endpoint can give an answer.
struct Facts<'a> {
    bff: &'a Bff,
    view: &'a View<'a>,
}

/// An answer, and which endpoints can give it.
struct Row {
    status: u16,
    code: &'static str,
    when: fn(&Facts<'_>) -> bool,
}

const fn row(status: u16, code: &'static str, when: fn(&Facts<'_>) -> bool) -> Row {
    Row { status, code, when }
}

/// Answers that follow from what an endpoint takes and who may ask it.
const ROWS: &[Row] = &[
    // The path is one of ours only once its parameters are filled in.
    row(400, "malformed_path", |it| it.takes(InputPlace::Path)),
    row(404, "no_such_endpoint", |it| it.takes(InputPlace::Path)),
    row(400, "invalid_input", |it| !it.view.endpoint.inputs.is_empty()),
    row(400, "malformed_body", reads_body),
    row(408, "body_too_slow", reads_body),
    row(413, "body_too_large", reads_body),
    row(415, "unsupported_media_type", |it| it.takes(InputPlace::Body)),
    // Whether it is to be carried out at all.
    row(400, "idempotency_key_required", |it| it.view.endpoint.idempotency == Idempotency::Required),
    row(400, "invalid_idempotency_key", takes_a_key),
    row(409, "idempotency_in_progress", takes_a_key),
    row(409, "idempotency_outcome_unknown", takes_a_key),
    row(422, "idempotency_key_reused", takes_a_key),
    row(503, "idempotency_unavailable", takes_a_key),
    // Which version asks, or is asked for.
    row(400, "invalid_client_version", |it| matches!(it.bff.config.versions, Versions::Client(_))),
    row(426, "client_too_old", |it| match &it.bff.config.versions {
        Versions::Client(versions) => versions.minimum.is_some(),
        _ => false,
    }),
    row(400, "unknown_version", |it| matches!(it.bff.config.versions, Versions::Dated(_))),
    row(410, "gone", |it| {
        it.view.endpoint.deprecated.as_ref().is_some_and(|it| it.enforce && it.sunset.is_some())
    }),
    // Who asks.
    row(401, "login_required", |it| !it.access().public),
    row(401, "invalid_token", |it| it.by(|method| bearer(method) || device(method))),
    row(401, "invalid_dpop_proof", |it| it.by(proves)),
    row(401, "use_dpop_nonce", |it| it.by(proves)),
    row(401, "invalid_api_key", |it| it.by(|method| matches!(method, AuthMethod::ApiKeys(_)))),
    row(503, "identity_unavailable", |it| {
        it.by(|method| bearer(method) || device(method) || session(method))
    }),
    // Whether they may.
    row(401, "step_up_required", |it| {
        let requires = &it.access().requires;
        !it.access().public && (!requires.acr.is_empty() || requires.max_age.is_some())
    }),
    row(403, "insufficient_scope", |it| {
        it.by(|method| matches!(method, AuthMethod::Bearer(bearer) if !bearer.scopes.is_empty()))
            || (!it.access().public && !it.access().requires.scopes.is_empty())
    }),
    // A device may show an approval wherever it likes; a wrong one is refused.
    row(403, "approval_required", |it| {
        it.by(device) || (!it.access().public && it.access().requires.approval)
    }),
    row(403, "cross_site_request", minds_pages),
    row(403, "origin_not_allowed", minds_pages),
    row(403, "missing_request_header", |it| {
        it.by(|method| match method {
            AuthMethod::Session(_) => it.access().headerless.is_none(),
            method => certificate(method),
        })
    }),
    // Beside the rates, too many bad credentials from one address.
    row(429, "rate_limited", |it| {
        !it.access().public || !it.bff.config.perimeter.rates.is_empty() || !it.access().rates.is_empty()
    }),
    // Before anything is done for it, when there is too much to do.
    row(503, "overloaded", |_| true),
    // A bug of ours.
    row(500, "internal", |_| true),
];

/// Codes that no endpoint answers, with where they are from.
#[cfg(test)]
const ELSEWHERE: &[(u16, &str)] = &[
    // Before a path is looked at, or for a path that is no endpoint's.
    (501, "method_not_implemented"),
    (400, "malformed_host"),
    (405, "method_not_allowed"),
    // Where callers are only said to be somebody.
    (501, "not_rehearsed"),
    // Proxy routes.
    (400, "malformed_request"),
    (504, "not_cached"),
    // Paths below `/auth/`.
    (400, "invalid_parameters"),
    (400, "invalid_code"),
    (400, "invalid_body"),
    (400, "bad_return_to"),
    (401, "login_expired"),
    (409, "no_approval_key"),
    (421, "misdirected_request"),
    (500, "session_too_large"),
];

fn takes_a_key(it: &Facts<'_>) -> bool {
    it.view.endpoint.idempotency != Idempotency::Off
}

fn session(method: &AuthMethod) -> bool {
    matches!(method, AuthMethod::Session(_))
}

fn bearer(method: &AuthMethod) -> bool {
    matches!(method, AuthMethod::Bearer(_))
}

fn device(method: &AuthMethod) -> bool {
    matches!(method, AuthMethod::Device(_))
}

fn certificate(method: &AuthMethod) -> bool {
    matches!(method, AuthMethod::Certificate(_))
}

/// Whether its callers may have to prove that they hold a key (RFC 9449).
fn proves(method: &AuthMethod) -> bool {
    device(method) || matches!(method, AuthMethod::Bearer(bearer) if bearer.dpop != Demand::Off)
}

/// Whether it matters which page makes the request: what browsers attach by themselves says who asks, or anybody may
/// write.
fn minds_pages(it: &Facts<'_>) -> bool {
    let reads = matches!(&*it.view.endpoint.method, "GET" | "HEAD" | "OPTIONS");
    it.by(|method| session(method) || certificate(method)) || (it.access().public && !reads)
}

/// Whether the body is looked at: also to see that it is the one which a device's user approved.
fn reads_body(it: &Facts<'_>) -> bool {
    it.takes(InputPlace::Body) || it.by(device)
}

impl Facts<'_> {
    fn access(&self) -> &Access {
        &self.view.endpoint.access
    }

    fn takes(&self, place: InputPlace) -> bool {
        self.view.endpoint.inputs.iter().any(|input| input.place == place)
    }

    /// Whether callers of one such method get in.
    fn by(&self, is: impl Fn(&AuthMethod) -> bool) -> bool {
        !self.access().public && self.bff.config.perimeter.auth.iter().any(is)
    }
}

/// How a required call can fail, and what the client is told unless `errors` in `bff.ts` says otherwise.
struct FaultRow {
    status: u16,
    code: &'static str,
    /// The statuses of the service that lead here, which a row of `errors` may name; the rest has none.
    statuses: &'static [u16],
    /// There are other ways here than by these statuses.
    others: bool,
    when: fn(&FaultFacts<'_>) -> bool,
}

struct FaultFacts<'a> {
    service: Option<&'a Service>,
    call: &'a CallStep,
    is_batched: bool,
    view: &'a View<'a>,
    bff: &'a Bff,
}

const fn fault(status: u16, code: &'static str, statuses: &'static [u16], others: bool) -> FaultRow {
    FaultRow { status, code, statuses, others, when: |_| true }
}

const FAULTS: &[FaultRow] = &[
    fault(404, "not_found", &[404], false),
    fault(409, "conflict", &[409], false),
    fault(422, "unprocessable", &[422], false),
    // Late, unreachable, shed, its breaker open, garbled: any call.
    fault(502, "service_failed", &[], true),
    fault(503, "service_unavailable", &[429, 503], true),
    fault(504, "deadline_exceeded", &[504], true),
    FaultRow { when: |it| it.is_built_of_input(), ..fault(400, "unsendable_argument", &[], true) },
    FaultRow { when: |it| it.needs_credential(), ..fault(503, "identity_unavailable", &[], true) },
];

impl FaultFacts<'_> {
    /// Whether a value that a client may have made up goes where not every value can: a path, a header, a message's
    /// field, a batch's id.
    fn is_built_of_input(&self) -> bool {
        let Some(service) = self.service else { return true };
        let narrow = match service.operations.get(self.call.operation.0 as usize).map(|it| &it.binding) {
            Some(Binding::Http(http)) => {
                let in_path = http.path.iter().any(|part| matches!(part, PathPart::Arg(_)));
                in_path || http.params.iter().any(|param| param.place != ParamPlace::Query) || self.is_batched
            }
            Some(Binding::Grpc(_)) | None => true,
        };
        narrow && !self.is_fixed()
    }

    fn is_fixed(&self) -> bool {
        let program = &self.view.plan.program;
        let is_constant = |id| matches!(program.op(id), Op::Constant(_));
        match *program.op(self.call.args) {
            Op::Object(run) => program.members(run).iter().all(|member| match member {
                MemberOp::Property { value, .. } => is_constant(*value),
                MemberOp::Computed { .. } | MemberOp::Spread(_) => false,
            }),
            Op::Constant(_) => true,
            _ => false,
        }
    }

    fn needs_credential(&self) -> bool {
        self.service.is_some_and(|service| {
            matches!(
                service.policy.auth,
                ServiceAuth::User { .. }
                    | ServiceAuth::Exchange { .. }
                    | ServiceAuth::ClientCredentials { .. }
            )
        })
    }

    /// Whether the caller's own sign-in may turn out to have ended.
    fn needs_caller(&self) -> bool {
        let whose = |service: &Service| {
            matches!(service.policy.auth, ServiceAuth::User { .. } | ServiceAuth::Exchange { .. })
        };
        let ends = |method: &AuthMethod| session(method) || device(method) || bearer(method);
        self.service.is_some_and(whose) && self.bff.config.perimeter.auth.iter().any(ends)
    }
}

/// In the order of status, then code; each once.
pub(super) fn problems(model: &Model, bff: &Bff, view: &View<'_>) -> Vec<Problem> {
    let facts = Facts { bff, view };
    let mut found: BTreeMap<(u16, Arc<str>), Option<Arc<str>>> = BTreeMap::new();
    let mut add = |status: u16, code: Arc<str>, title: Option<Arc<str>>| {
        let known = found.entry((status, code)).or_default();
        *known = known.take().or(title);
    };
    for row in ROWS.iter().filter(|row| (row.when)(&facts)) {
        add(row.status, row.code.into(), None);
    }
    for thrown in view.plan.program.problems.iter().chain(&view.endpoint.problems) {
        add(thrown.status, thrown.code.clone(), thrown.title.clone());
    }
    for step in &view.plan.steps {
        let (call, is_batched) = match &step.kind {
            StepKind::Call(call) => (&**call, false),
            StepKind::Each(each) => (&each.call, each.batch.is_some()),
            StepKind::Compute(_) | StepKind::Check { .. } => continue,
        };
        if !matches!(call.on_failure, OnFailure::Fail) {
            continue;
        }
        let service = model.catalog.services.get(call.service.0 as usize);
        let facts = FaultFacts { service, call, is_batched, view, bff };
        if facts.needs_caller() {
            add(401, "login_required".into(), None);
        }
        let rows = mappings(&view.plan.faults, call);
        for row in &rows {
            add(row.problem.status, row.problem.code.clone(), row.problem.title.clone());
        }
        // One that names no status takes everything that is left.
        if rows.iter().any(|row| row.status.is_none()) {
            continue;
        }
        let is_mapped = |status: &u16| rows.iter().any(|row| row.status == Some(*status));
        for fault in FAULTS.iter().filter(|fault| (fault.when)(&facts)) {
            if fault.others || !fault.statuses.iter().all(is_mapped) {
                add(fault.status, fault.code.into(), None);
            }
        }
    }
    found.into_iter().map(|((status, code), title)| Problem { status, code, title }).collect()
}

/// The rows of `errors` that can apply to a call: those that no other takes everything from.
fn mappings<'p>(rows: &'p [FaultMapping], call: &CallStep) -> Vec<&'p FaultMapping> {
    let mut kept: Vec<&FaultMapping> = Vec::new();
    for row in rows {
        let is_of_call =
            row.service == call.service && row.operation.is_none_or(|operation| operation == call.operation);
        let is_shadowed = kept.iter().any(|before| before.status.is_none() || before.status == row.status);
        if is_of_call && !is_shadowed {
            kept.push(row);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    /// `new(401, "login_required")` and its like, wherever they stand.
    fn codes_of(folder: &Path, found: &mut BTreeSet<(u16, String)>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                codes_of(&path, found);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code_only = text.split("#[cfg(test)]").next().unwrap();
            for call in ["ProblemDetails::new(", "Refusal::new(", "Self::new(", "refuse("] {
                for (at, _) in code_only.match_indices(call) {
                    let args = code_only.get(at + call.len()..).unwrap();
                    let Some((status, rest)) = args.split_once(',') else { continue };
                    let Ok(status) = status.trim().parse::<u16>() else { continue };
                    let rest = rest.trim_start();
                    let code = match rest.strip_prefix('"') {
                        Some(literal) => literal.split('"').next().unwrap().to_owned(),
                        None => format!("not a literal in {}", path.display()),
                    };
                    found.insert((status, code));
                }
            }
        }
    }

    #[test]
    fn every_code_of_the_runtime_is_in_the_table() {
        let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut found = BTreeSet::new();
        for name in ["engine", "perimeter", "server"] {
            codes_of(&crates.join(name).join("src"), &mut found);
        }
        assert!(found.len() >= 30, "the sources are not read as they should be: {found:?}");
        // Two codes are chosen between before the status is written: `perimeter/src/proofs.rs`.
        found.retain(|(status, code)| {
            !(*status == 401 && code.starts_with("not a literal") && code.ends_with("proofs.rs"))
        });
        let rows = ROWS.iter().map(|row| (row.status, row.code));
        let faults = FAULTS.iter().map(|row| (row.status, row.code));
        let known: BTreeSet<(u16, String)> = rows
            .chain(faults)
            .chain(ELSEWHERE.iter().copied())
            .map(|(status, code)| (status, code.to_owned()))
            .collect();
        let unknown: Vec<_> = found.difference(&known).collect();
        assert!(unknown.is_empty(), "the contract says nothing of {unknown:?}");
    }
}
