//! Runs an endpoint's plan for one request.

use std::rc::Rc;
use std::sync::Arc;

use frontdesk_adapter::{Connector, Deadline, TraceContext};
use frontdesk_catalog::{Catalog, ServiceId};
use frontdesk_plan::EndpointPlan;

use crate::outcome::{Cause, Failure, Outcome};

/// An endpoint made ready to run: selections, encoders and patterns compiled. Shared by all threads.
#[derive(Debug)]
pub struct Endpoint {
    plan: Arc<EndpointPlan>,
}

/// Why an endpoint cannot be made ready: its plan does not fit its catalogue, or a pattern is no regular expression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{bff}/{endpoint}: {why}")]
pub struct ProvisionError {
    pub bff: Arc<str>,
    pub endpoint: Arc<str>,
    pub why: String,
}

/// What the client sent, as far as the endpoint may read it.
#[derive(Clone, Copy)]
pub struct Request<'r> {
    /// The text of each `{param}` of the route, still percent-encoded, by the parameter's name.
    pub params: &'r [(&'r str, &'r str)],
    /// After the `?`, as it was sent; empty for none.
    pub query: &'r str,
    /// The value of a header by its lower-case name.
    pub header: &'r dyn Fn(&str) -> Option<&'r [u8]>,
    pub body: &'r [u8],
    /// What the view sees as `session`.
    pub session: Session<'r>,
    pub trace: TraceContext,
}

/// Who asks, as far as the view may know.
#[derive(Clone, Copy, Debug)]
pub struct Session<'r> {
    /// BCP 47, one of the BFF's locales.
    pub locale: &'r str,
    /// ISO 4217.
    pub currency: &'r str,
}

/// The connectors of one thread, by [`ServiceId`].
pub struct Connectors(Vec<Rc<dyn Connector>>);

impl Connectors {
    /// `connectors[i]` speaks to `ServiceId(i)`.
    pub fn new(connectors: Vec<Rc<dyn Connector>>) -> Self {
        Self(connectors)
    }

    pub fn get(&self, service: ServiceId) -> Option<&dyn Connector> {
        self.0.get(service.0 as usize).map(|connector| &**connector)
    }
}

impl Endpoint {
    pub fn provision(plan: Arc<EndpointPlan>, catalog: &Catalog) -> Result<Self, ProvisionError> {
        let _ = catalog;
        Ok(Self { plan })
    }

    pub fn plan(&self) -> &Arc<EndpointPlan> {
        &self.plan
    }
}

/// Answers one request: appends the response's JSON to `out`, or says why there is none.
///
/// `deadline` is the client's; the endpoint's latency budget is part of it already. Dropping the future cancels
/// every call that is outstanding.
pub async fn run(
    endpoint: &Endpoint,
    request: &Request<'_>,
    connectors: &Connectors,
    deadline: Deadline,
    out: &mut Vec<u8>,
) -> Result<Outcome, Failure> {
    let _ = (endpoint, request, connectors, deadline, out);
    std::future::ready(()).await;
    Err(Failure { cause: Cause::Internal("the engine cannot run plans yet".to_owned()), calls: Vec::new() })
}
