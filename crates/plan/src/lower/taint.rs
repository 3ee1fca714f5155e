//! Whether an answer derives from who asks.
//!
//! `demand` walks backwards from the answer over everything that its bytes, or whether there is an answer at all,
//! depend on: values, conditions, lists, arguments, what throws. So an answer derives from a member of the context if
//! that walk reads it, and from a caller's token if that walk needs a call that carries one. Nothing else of the
//! context is evaluated when the plan runs, so what is not found here cannot be in an answer. How the value gets there
//! is looked for afterwards, to be shown ([`trail`]).

mod trail;

use std::sync::Arc;

use frontdesk_catalog::{Service, ServiceAuth};
use frontdesk_diagnostics::codes::plan as codes;
use frontdesk_diagnostics::{Diagnostic, Diagnostics};
use frontdesk_lang::header_names::tells_who_asks;
use frontdesk_lang::model::{Bff, CacheScope, Constant, Endpoint, InputPlace, Model, ViewCache};

use super::demand::Demand;
use super::tree::{Def, Kind, NodeId, Site, Tree, VarId};
use crate::plan::CallerPart;
use trail::{Place, Trail};

/// The variables of the input object and of the context.
pub(super) const INPUT: VarId = VarId(0);
pub(super) const CONTEXT: VarId = VarId(1);

/// What there is of the caller to derive from, in one endpoint.
pub(crate) struct Taint<'a> {
    model: &'a Model,
    bff: &'a Bff,
    endpoint: &'a Endpoint,
    tree: &'a Tree,
    demand: &'a Demand,
}

impl<'a> Taint<'a> {
    pub fn new(
        model: &'a Model,
        bff: &'a Bff,
        endpoint: &'a Endpoint,
        tree: &'a Tree,
        demand: &'a Demand,
    ) -> Self {
        Self { model, bff, endpoint, tree, demand }
    }

    /// Every part of the caller that the answer derives from: of `session` and `auth` first, then headers, then calls.
    pub fn parts(&self) -> Vec<CallerPart> {
        let mut parts: Vec<CallerPart> = Vec::new();
        let context = self.demand.vars.get(CONTEXT.0 as usize).cloned().unwrap_or_default();
        let session = context.of_field("session");
        let claims = self.bff.config.perimeter.claims.iter().map(|claim| claim.name.clone());
        for name in std::iter::once(Arc::from("subject")).chain(claims) {
            if self.is_of_caller(&name) && !session.of_field(&name).is_nothing() {
                parts.push(CallerPart::Session(name));
            }
        }
        if !self.endpoint.access.public && !context.of_field("auth").is_nothing() {
            parts.push(CallerPart::Auth);
        }
        let input = self.demand.vars.get(INPUT.0 as usize).cloned().unwrap_or_default();
        for one in &self.endpoint.inputs {
            if self.is_credential(&one.name) && !input.of_field(&one.name).is_nothing() {
                parts.push(CallerPart::Header(one.wire.to_ascii_lowercase().into()));
            }
        }
        for var in &self.demand.live {
            if let Some(site) = self.tree.site(*var)
                && self.is_for_caller(site)
            {
                let part = CallerPart::Call(self.called(site).into());
                if !parts.contains(&part) {
                    parts.push(part);
                }
            }
        }
        parts
    }

    /// Whether a member of `session` is one caller's. `locale` and `currency` are there whoever asks, unless a claim
    /// decides them.
    fn is_of_caller(&self, member: &str) -> bool {
        let is_claimed = || self.bff.config.perimeter.claims.iter().any(|claim| *claim.name == *member);
        !self.endpoint.access.public && (!matches!(member, "locale" | "currency") || is_claimed())
    }

    /// Whether an input is a header that says who asks.
    fn is_credential(&self, input: &str) -> bool {
        let header = self.endpoint.inputs.iter().find(|one| *one.name == *input);
        header.is_some_and(|one| one.place == InputPlace::Header && tells_who_asks(&one.wire))
    }

    fn service(&self, site: &Site) -> Option<&'a Service> {
        self.model.catalog.services.get(site.service.0 as usize)
    }

    /// Whether it depends on who asks what the call answers.
    fn is_for_caller(&self, site: &Site) -> bool {
        self.service(site).is_some_and(|service| {
            gets_token(service) || (service.answers_by_caller() && !self.endpoint.access.public)
        })
    }

    /// `cart.getCart`
    fn called(&self, site: &Site) -> String {
        let service = self.service(site);
        let operation = service.and_then(|service| service.operations.get(site.operation.0 as usize));
        match (service, operation) {
            (Some(service), Some(operation)) => format!("{}.{}", service.name, operation.name),
            _ => "a call".to_owned(),
        }
    }

    /// The one of these parts that stands in this place itself.
    fn part_at(&self, place: Place, parts: &[CallerPart]) -> Option<CallerPart> {
        let part = match place {
            Place::Var(var) => {
                let site = self.tree.site(var)?;
                self.is_for_caller(site).then(|| CallerPart::Call(self.called(site).into()))
            }
            Place::Node(node) => {
                // Names for it are on the way to it.
                let is_name = |var: VarId| !matches!(var, INPUT | CONTEXT);
                if matches!(*self.tree.kind(node), Kind::Var(var) if is_name(var)) {
                    return None;
                }
                let (root, path) = self.path_of(node)?;
                let names: Vec<&str> = path.iter().map(|name| &**name).collect();
                match (root, names.as_slice()) {
                    (INPUT, [input, ..]) if self.is_credential(input) => {
                        let one = self.endpoint.inputs.iter().find(|one| *one.name == **input)?;
                        Some(CallerPart::Header(one.wire.to_ascii_lowercase().into()))
                    }
                    (CONTEXT, ["auth", ..]) => Some(CallerPart::Auth),
                    (CONTEXT, ["session", member, ..]) => Some(CallerPart::Session((*member).into())),
                    // The whole of it is read.
                    (CONTEXT, [] | ["session"]) => {
                        parts.iter().find(|part| matches!(part, CallerPart::Session(_))).cloned()
                    }
                    (INPUT, []) => parts.iter().find(|part| matches!(part, CallerPart::Header(_))).cloned(),
                    _ => None,
                }
            }
        };
        part.filter(|part| parts.contains(part))
    }

    /// `["session", "subject"]` of the context, whatever names it has here.
    fn path_of(&self, node: NodeId) -> Option<(VarId, Vec<Arc<str>>)> {
        match self.tree.kind(node) {
            Kind::Var(var) if matches!(*var, INPUT | CONTEXT) => Some((*var, Vec::new())),
            Kind::Var(var) => match &self.tree.var(*var).def {
                Def::Let(value) | Def::Guarding(value) | Def::Present(value) => self.path_of(*value),
                _ => None,
            },
            Kind::Block { result, .. } => self.path_of(*result),
            Kind::Get { object, name } => {
                let (root, mut path) = self.path_of(*object)?;
                path.push(name.clone());
                Some((root, path))
            }
            Kind::Index { object, key } => {
                let Kind::Constant(Constant::String(name)) = self.tree.kind(*key) else { return None };
                let (root, mut path) = self.path_of(*object)?;
                path.push(name.clone());
                Some((root, path))
            }
            _ => None,
        }
    }

    /// Whether the node is the context, the session or the input as a whole, of which only parts are one caller's.
    fn is_container(&self, node: NodeId) -> bool {
        self.path_of(node).is_some_and(|(root, path)| match path.as_slice() {
            [] => true,
            [one] => root == CONTEXT && **one == *"session",
            _ => false,
        })
    }

    // ---- what the author is told

    /// Reports a view that says anybody may have its answer, although it is one caller's.
    pub fn check(&self, root: NodeId, parts: &[CallerPart], diagnostics: &mut Diagnostics) {
        let Some(cache) = self.endpoint.cache.as_ref().filter(|cache| cache.scope == CacheScope::Public)
        else {
            return;
        };
        match parts {
            // That nobody has a token for it was told.
            [] if self.endpoint.access.public => {}
            [] => diagnostics.push(self.not_public(cache)),
            _ if self.endpoint.access.public
                && parts.iter().all(|part| matches!(part, CallerPart::Call(_))) => {}
            _ => diagnostics.push(self.derived(cache, root, parts)),
        }
    }

    fn not_public(&self, cache: &ViewCache) -> Diagnostic {
        Diagnostic::error(
            codes::PUBLIC_OF_CALLER,
            format!("`{}` cannot be `public`: whoever asks must have signed in", self.endpoint.name),
            cache.span,
            "caches on the way would give the answer to those who have not",
        )
        .label(self.endpoint.route_span, "asks for a proof, as `auth` in `bff.ts` says")
        .help("add `public: true` to the view if anybody may have its answer; else write `private` instead of `public`")
    }

    fn derived(&self, cache: &ViewCache, root: NodeId, parts: &[CallerPart]) -> Diagnostic {
        let mut diagnostic = Diagnostic::error(
            codes::PUBLIC_OF_CALLER,
            format!("`{}` cannot be `public`: its answer derives from who asks", self.endpoint.name),
            cache.span,
            "one caller's answer would be given to others",
        );
        let mut shown = None;
        if let Some(trail) = Trail::find(self, root, parts) {
            for (at, (span, text)) in trail.hops.iter().enumerate() {
                diagnostic = diagnostic.label(*span, format!("{}. {text}", at + 1));
            }
            if let Some((service, why)) = self.because(&trail.part) {
                diagnostic = diagnostic.label(service.span, why);
            }
            shown = Some(trail.part);
        }
        let others: Vec<String> =
            parts.iter().filter(|part| Some(*part) != shown.as_ref()).map(|part| format!("{part}")).collect();
        if !others.is_empty() {
            let also = if shown.is_some() { "it also derives" } else { "it derives" };
            diagnostic = diagnostic.note(format!("{also} from {}", others.join(", ")));
        }
        diagnostic.help(if self.endpoint.access.public {
            "write `private` instead of `public`, or leave out what derives from who asks"
        } else {
                "write `private` instead of `public`; or leave out what derives from who asks, and add `public: true` \
                 to the view"
        })
    }

    /// Why a call answers each caller in their own way, and of which service that is said.
    fn because(&self, part: &CallerPart) -> Option<(&'a Service, &'static str)> {
        let CallerPart::Call(called) = part else { return None };
        let (name, _) = called.split_once('.')?;
        let (_, service) = self.model.catalog.service(name)?;
        let why = if gets_token(service) {
            "`auth` of this service says that it gets the caller's token"
        } else {
            "`traffic` of this service sends some users to another version"
        };
        Some((service, why))
    }
}

fn gets_token(service: &Service) -> bool {
    matches!(service.policy.auth, ServiceAuth::User { .. } | ServiceAuth::Exchange { .. })
}
