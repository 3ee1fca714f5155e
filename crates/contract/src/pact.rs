//! Pacts: what a BFF needs of each service it calls, for the service's own team to verify.
//!
//! One file for each HTTP service, as the [Pact specification], version 4, has it. An interaction is one request that the
//! BFF makes and the part of its answer that is read: a field that nobody reads is in no pact, so its owner may drop it.
//! Values are examples; what is demanded is their kind (matching rules). The same plan gives the same bytes.
//!
//! [Pact specification]: https://github.com/pact-foundation/pact-specification/tree/version-4

pub mod consumer;
mod document;
mod given;
mod reading;
mod request;

use std::collections::BTreeMap;
use std::sync::Arc;

use frontdesk_catalog::{Binding, Catalog, HttpBinding, Operation, OperationId, Service, ServiceId};
use frontdesk_plan::{BffPlan, EndpointPlan, ExprId, SelectId, StepKind};

use reading::{Reading, Readings};
use request::Request;

/// The pacts of one BFF.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pacts {
    /// In the order of the catalogue.
    pub pacts: Vec<Pact>,
    /// Services that are called and cannot be in a pact of this kind.
    pub without: Vec<Without>,
}

/// What a BFF needs of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pact {
    pub service: Arc<str>,
    /// `ios-catalog.json`
    pub file: String,
    /// The JSON document, with a line break at its end.
    pub text: String,
    pub interactions: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Without {
    pub service: Arc<str>,
    /// What follows "no pact for `cart`: ".
    pub why: &'static str,
}

/// One request of the BFF, whichever endpoints make it.
struct Interaction<'c> {
    operation: &'c Operation,
    request: Request,
    reading: Reading,
    /// Endpoints by name, in the order of the plan.
    readers: Vec<String>,
}

/// A call site: what is asked, and what is read of the answer.
struct Site<'p> {
    endpoint: &'p EndpointPlan,
    service: ServiceId,
    operation: OperationId,
    args: ExprId,
    select: SelectId,
}

/// The pacts of `bff` with all services it calls, or with `only` one.
pub fn pacts(bff: &BffPlan, catalog: &Catalog, only: Option<&str>) -> Pacts {
    let mut by_service: BTreeMap<ServiceId, Vec<Interaction<'_>>> = BTreeMap::new();
    for endpoint in &bff.endpoints {
        collect(endpoint, &endpoint.name, catalog, &mut by_service);
        for (date, dated) in &endpoint.dated {
            if let Some(dated) = dated {
                collect(dated, &format!("{} of {date}", endpoint.name), catalog, &mut by_service);
            }
        }
    }
    let mut pacts = Pacts::default();
    for (id, interactions) in by_service {
        let Some(service) = catalog.services.get(id.0 as usize) else { continue };
        if only.is_some_and(|only| only != &*service.name) {
            continue;
        }
        if interactions.is_empty() {
            let why = "it is called by gRPC, which pacts of HTTP cannot say";
            pacts.without.push(Without { service: service.name.clone(), why });
            continue;
        }
        pacts.pacts.push(Pact {
            service: service.name.clone(),
            file: format!("{}-{}.json", bff.name, service.name),
            interactions: interactions.len(),
            text: document::write(&bff.name, service, &interactions),
        });
    }
    pacts
}

/// Adds what an endpoint asks for; a service whose operations are not HTTP gets an entry without interactions.
fn collect<'c>(
    endpoint: &EndpointPlan,
    reader: &str,
    catalog: &'c Catalog,
    by_service: &mut BTreeMap<ServiceId, Vec<Interaction<'c>>>,
) {
    for site in sites(endpoint) {
        let Some((service, operation)) = site.callee(catalog) else { continue };
        let interactions = by_service.entry(site.service).or_default();
        let Binding::Http(binding) = &operation.binding else { continue };
        let (request, reading) = site.said(service, operation, binding, catalog);
        match interactions.iter_mut().find(|known| known.request == request) {
            Some(known) => {
                known.reading.merge(reading);
                if !known.readers.iter().any(|known| known == reader) {
                    known.readers.push(reader.to_owned());
                }
            }
            None => {
                interactions.push(Interaction {
                    operation,
                    request,
                    reading,
                    readers: vec![reader.to_owned()],
                });
            }
        }
    }
}

/// Every call of an endpoint, in the order of its steps. Where a batch twin is declared, only that is called.
fn sites(endpoint: &EndpointPlan) -> impl Iterator<Item = Site<'_>> {
    endpoint.steps.iter().filter_map(move |step| {
        let (call, batch) = match &step.kind {
            StepKind::Call(call) => (&**call, None),
            StepKind::Each(each) => (&each.call, each.batch.as_ref()),
            StepKind::Compute(_) | StepKind::Check { .. } => return None,
        };
        let site = Site {
            endpoint,
            service: call.service,
            operation: call.operation,
            args: call.args,
            select: call.select,
        };
        Some(match batch {
            Some(batch) => {
                Site { operation: batch.operation, args: batch.args, select: batch.select, ..site }
            }
            None => site,
        })
    })
}

impl Site<'_> {
    fn callee<'c>(&self, catalog: &'c Catalog) -> Option<(&'c Service, &'c Operation)> {
        let service = catalog.services.get(self.service.0 as usize)?;
        Some((service, service.operations.get(self.operation.0 as usize)?))
    }

    fn said(
        &self,
        service: &Service,
        operation: &Operation,
        binding: &HttpBinding,
        catalog: &Catalog,
    ) -> (Request, Reading) {
        let args =
            given::Given::of(self.endpoint, self.args, &operation.args, &catalog.types, &operation.name);
        let readings = Readings::new(self.endpoint, &catalog.types);
        (Request::new(service, binding, &args), readings.of(self.select, operation))
    }
}
