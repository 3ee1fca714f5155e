//! How one operation's arguments become a request, and its answer a value: the meeting point of `encode` and
//! `select` for each protocol.

use std::sync::Arc;
use std::time::Duration;

use bumpalo::Bump;
use frontdesk_adapter::{Fault, ServiceCall, TraceContext};
use frontdesk_catalog::{Binding, Catalog, OperationId, ServiceId};
use frontdesk_plan::{Program, SelectId, Selections};

use crate::encode::http::HttpEncoder;
use crate::encode::protobuf::MessageEncoder;
use crate::select::Selectors;
use crate::select::protobuf::MessageSelector;
use crate::value::Value;

/// An operation as one call site uses it.
#[derive(Debug)]
pub(super) struct Operation {
    pub service: ServiceId,
    pub id: OperationId,
    /// What the service is called, whichever plan is served.
    pub service_name: Arc<str>,
    /// The service's own.
    pub timeout: Duration,
    protocol: Protocol,
}

#[derive(Debug)]
enum Protocol {
    Http { encoder: HttpEncoder, select: SelectId, empty_statuses: Box<[u16]> },
    Grpc { encoder: MessageEncoder, selector: MessageSelector },
}

/// The body of a successful answer, kept until the request ends.
#[derive(Clone, Copy, Debug)]
pub(super) struct Landed<'a> {
    pub status: u16,
    pub body: &'a [u8],
    pub is_expected_type: bool,
}

impl Operation {
    /// Fails if the plan names what the catalogue does not have.
    pub fn new(
        catalog: &Catalog,
        service: ServiceId,
        id: OperationId,
        select: SelectId,
        selections: &Selections,
        program: &Program,
    ) -> Result<Self, String> {
        let owner = catalog.services.get(service.0 as usize);
        let found = owner.and_then(|owner| Some((owner, owner.operations.get(id.0 as usize)?)));
        let Some((owner, operation)) = found else {
            return Err(format!("the catalogue has no operation {} of service {}", id.0, service.0));
        };
        let protocol = match &operation.binding {
            Binding::Http(binding) => Protocol::Http {
                encoder: HttpEncoder::new(binding, operation.effect, program)
                    .ok_or_else(|| format!("`{}` is no HTTP method", binding.method))?,
                select,
                empty_statuses: binding.empty_statuses.as_slice().into(),
            },
            Binding::Grpc(binding) => Protocol::Grpc {
                encoder: MessageEncoder::new(binding, &owner.messages, operation.effect, program),
                selector: MessageSelector::new(
                    &owner.messages,
                    binding.response,
                    selections,
                    select,
                    program,
                ),
            },
        };
        Ok(Self { service, id, service_name: owner.name.clone(), timeout: owner.policy.timeout, protocol })
    }

    pub fn encode<'a>(
        &self,
        args: Value<'a>,
        program: &'a Program,
        arena: &'a Bump,
        trace: TraceContext,
    ) -> Result<ServiceCall, Fault> {
        match &self.protocol {
            Protocol::Http { encoder, .. } => encoder.encode(args, program, arena, trace),
            Protocol::Grpc { encoder, .. } => encoder.encode(args, program, arena, trace),
        }
    }

    pub fn decode<'a>(
        &'a self,
        landed: Landed<'a>,
        selectors: &'a Selectors,
        arena: &'a Bump,
    ) -> Result<Value<'a>, Fault> {
        match &self.protocol {
            Protocol::Http { select, empty_statuses, .. } => {
                if landed.body.is_empty() && empty_statuses.contains(&landed.status) {
                    return Ok(Value::Null);
                }
                if !landed.is_expected_type {
                    return Err(Fault::Malformed {
                        pointer: String::new(),
                        why: "the content type is not JSON",
                    });
                }
                selectors.select(*select, landed.body, arena)
            }
            Protocol::Grpc { selector, .. } => selector.select(landed.body, arena),
        }
    }
}
