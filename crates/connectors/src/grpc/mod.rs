//! Calls to services that speak gRPC: one message in, one message out.
//!
//! `frame` puts a message into a stream and takes it out, `metadata` writes the head of a request, `status` says
//! what an answer's status means; this file makes a call out of them, over the connections of `http2`. `reflect`
//! asks a running service for its schema.
//!
//! <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>

mod frame;
mod metadata;
mod reflection;
mod status;

use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use frontdesk_adapter::{Answer, CallFuture, Connector, Deadline, Fault, ServiceCall};

use self::metadata::Metadata;
pub use self::reflection::{ReflectError, reflect};
use self::status::Status;
use crate::balance::Question;
use crate::endpoint::Endpoint;
use crate::faults::Injection;
use crate::http2::Http2;
use crate::resilience::{Course, Exchange, Figures, Resilience, Trying, retry_after};
use crate::settings::Checked;
use crate::{Error, Settings};

/// A gRPC service, ready to be called from any core.
#[derive(Clone)]
pub struct GrpcService {
    checked: Arc<Checked>,
    metadata: Arc<Metadata>,
}

impl GrpcService {
    /// Checks the settings and sets up TLS. Opens no connection and starts nothing. Speaks HTTP/2 whatever
    /// [`Settings::http2`] says; headers whose name ends with `-bin` are sent as the base64 of their value.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        let metadata = Arc::new(Metadata::new(&settings.headers)?);
        let checked = Settings { http2: true, ..settings }.check()?;
        Ok(Self { checked: Arc::new(checked), metadata })
    }

    /// The connector of the calling thread, with connections of its own.
    pub fn local(&self) -> Rc<GrpcConnector> {
        self.local_with(None)
    }

    /// The same, to whose calls is done what an administrator orders.
    pub fn local_with(&self, injection: Option<Injection>) -> Rc<GrpcConnector> {
        let settings = &self.checked.settings;
        let resilience = Resilience::new(settings.policy, injection);
        Rc::new(GrpcConnector {
            http2: Http2::new(&self.checked, &resilience.outliers),
            metadata: Arc::clone(&self.metadata),
            body_limit: settings.body_limit,
            resilience,
        })
    }
}

/// Calls one gRPC service from one thread.
pub struct GrpcConnector {
    http2: Http2,
    metadata: Arc<Metadata>,
    body_limit: u64,
    resilience: Resilience,
}

impl Connector for GrpcConnector {
    fn call<'a>(&'a self, call: &'a ServiceCall, deadline: Deadline) -> CallFuture<'a> {
        Box::pin(self.resilience.run(self, call, deadline, Course::default()))
    }

    fn sweep(&self) {
        self.http2.sweep();
    }
}

/// What a call came to: a message, or the service's status. A failure of the connection is a [`Fault`].
type Exchanged = Result<Result<Bytes, Status>, Fault>;

impl Exchange for GrpcConnector {
    async fn exchange(
        &self,
        call: &ServiceCall,
        deadline: Deadline,
        trying: &Trying<'_>,
    ) -> Result<Answer, Fault> {
        let body = Box::pin(self.ask(call, deadline, trying)).await?.map_err(|status| status.fault())?;
        Ok(Answer { status: 200, body, is_expected_type: true, ..Answer::default() })
    }
}

impl GrpcConnector {
    /// How the service does, as this thread sees it.
    pub fn figures(&self) -> Figures {
        self.resilience.figures()
    }

    /// Sends one framed message and reads one.
    async fn ask(&self, call: &ServiceCall, deadline: Deadline, trying: &Trying<'_>) -> Exchanged {
        let body = frame::one(&call.body)?;
        let build = |endpoint: &Endpoint| self.metadata.head(endpoint, call, deadline);
        let mut reply = self.http2.ask(&build, body, Question::of(call), call.safe, trying).await?;
        if let Some(status) = status::early(&reply.head)? {
            trying.push_back(retry_after::of_grpc(&reply.head.headers));
            return Ok(Err(status));
        }
        let most = self.body_limit.saturating_add(frame::PREFIX as u64);
        let framed = reply.whole_body(most).await.map_err(|fault| match fault {
            Fault::TooLarge { .. } => Fault::TooLarge { limit: self.body_limit },
            other => other,
        })?;
        // The status has the last word: a service may fail after it began to answer.
        let trailers = reply.trailers().await?;
        trying.push_back(trailers.as_ref().and_then(retry_after::of_grpc));
        match trailers.as_ref().and_then(Status::of) {
            None => Err(Fault::Broken("the answer ended without a gRPC status".to_owned())),
            Some(status) if !status.is_ok() => Ok(Err(status)),
            Some(_) => Ok(Ok(frame::only(framed)?)),
        }
    }
}
