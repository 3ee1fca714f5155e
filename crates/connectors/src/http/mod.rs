//! Calls to services that speak HTTP: JSON in, JSON out.
//!
//! The HTTP/1.1 client is our own, because the general ones spend more on tasks, channels and header maps than
//! a call's answer costs to read. `head` and `body` read the protocol, `connection` moves bytes, `pool` keeps
//! connections, `request` writes; this file makes a call out of them, and `forward` passes a client's request
//! through.

mod body;
mod connection;
mod forward;
mod head;
mod hop_by_hop;
mod pool;
mod request;
mod upload;

use std::cell::Cell;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;

use ::http::HeaderMap;
use bytes::Bytes;
use frontdesk_adapter::{Answer, CallFuture, Connector, Deadline, Fault, ServiceCall, now};

use self::connection::Connection;
pub use self::forward::ForwardBody;
use self::pool::{Lease, Pool};
use self::request::StaticHead;
use crate::balance::{Balance, Load, Question, Site};
use crate::endpoint::Endpoint;
use crate::faults::Injection;
use crate::http2::Http2;
use crate::resilience::{Course, Exchange, Figures, Resilience, Trying, retry_after};
use crate::settings::Checked;
use crate::{Error, Settings};

/// A request body up to this size travels in the same write as its head.
const MOST_JOINED: usize = 32 * 1024;

/// An HTTP service, ready to be called from any core.
#[derive(Clone)]
pub struct HttpService {
    checked: Arc<Checked>,
}

impl HttpService {
    /// Checks the settings and sets up TLS. Opens no connection and starts nothing.
    pub fn new(settings: Settings) -> Result<Self, Error> {
        request::check_static(&settings.headers)?;
        Ok(Self { checked: Arc::new(settings.check()?) })
    }

    /// The connector of the calling thread, with pools of its own.
    pub fn local(&self) -> Rc<HttpConnector> {
        self.local_with(None)
    }

    /// The same, to whose calls is done what an administrator orders.
    pub fn local_with(&self, injection: Option<Injection>) -> Rc<HttpConnector> {
        let settings = &self.checked.settings;
        let checked = Arc::clone(&self.checked);
        let pool = move |endpoint: &Endpoint| {
            let settings = &checked.settings;
            let head = StaticHead::new(endpoint, &settings.headers);
            Pool::new(head, settings.policy.bound.most_idle(), settings.keep_alive, settings.lifetime)
        };
        let resilience = Resilience::new(settings.policy, injection);
        let outliers = &resilience.outliers;
        let protocol = if self.checked.http2 {
            Protocol::Http2(Http2::new(&self.checked, outliers))
        } else {
            Protocol::Http1(Balance::new(&self.checked, outliers, pool))
        };
        Rc::new(HttpConnector { protocol, resilience, checked: Arc::clone(&self.checked) })
    }
}

/// Calls one HTTP service from one thread.
pub struct HttpConnector {
    protocol: Protocol,
    resilience: Resilience,
    checked: Arc<Checked>,
}

enum Protocol {
    Http1(Balance<Pool>),
    Http2(Http2),
}

impl Connector for HttpConnector {
    fn call<'a>(&'a self, call: &'a ServiceCall, deadline: Deadline) -> CallFuture<'a> {
        Box::pin(self.resilience.run(self, call, deadline, Course::default()))
    }

    fn call_with_proof<'a>(
        &'a self,
        call: &'a ServiceCall,
        deadline: Deadline,
        nonce: &'a Cell<Option<String>>,
    ) -> CallFuture<'a> {
        Box::pin(self.resilience.run(self, call, deadline, Course::once(nonce)))
    }

    fn sweep(&self) {
        match &self.protocol {
            Protocol::Http1(sites) => {
                sites.sweep();
                sites.each(|site| site.pool.sweep());
            }
            Protocol::Http2(http2) => http2.sweep(),
        }
    }
}

impl Exchange for HttpConnector {
    async fn exchange(
        &self,
        call: &ServiceCall,
        deadline: Deadline,
        trying: &Trying<'_>,
    ) -> Result<Answer, Fault> {
        match &self.protocol {
            Protocol::Http1(sites) => self.attempt(sites, trying, call, deadline).await,
            Protocol::Http2(http2) => Box::pin(self.attempt_http2(http2, trying, call, deadline)).await,
        }
    }
}

impl HttpConnector {
    /// How the service does, as this thread sees it.
    pub fn figures(&self) -> Figures {
        self.resilience.figures()
    }

    async fn attempt(
        &self,
        sites: &Balance<Pool>,
        trying: &Trying<'_>,
        call: &ServiceCall,
        deadline: Deadline,
    ) -> Result<Answer, Fault> {
        let mut lease = self.lease(sites, trying, Question::of(call)).await?;
        lease.wait_until(deadline);
        let answered = self.exchange_on(&mut lease, trying, call, deadline).await;
        lease.wait_no_more();
        // The service closed the connection while it was idle, and we learn it by using it. That says nothing
        // about the service, so it does not count as a retry; but a call that writes may have been carried out.
        let closed_meanwhile = lease.is_reused
            && call.safe
            && matches!(answered, Err(Fault::Broken(_)))
            && !lease.connection().has_heard();
        if !closed_meanwhile {
            return answered;
        }
        Box::pin(self.attempt_anew(lease, sites, trying, call, deadline)).await
    }

    /// On a connection of its own.
    async fn attempt_anew(
        &self,
        lease: Lease,
        sites: &Balance<Pool>,
        trying: &Trying<'_>,
        call: &ServiceCall,
        deadline: Deadline,
    ) -> Result<Answer, Fault> {
        let site = Rc::clone(lease.site());
        drop(lease);
        // One that went altogether gives way to another.
        let mut lease = match self.dial(&site).await {
            Ok(lease) => lease,
            Err(_) => self.lease(sites, trying, Question::of(call)).await?,
        };
        lease.wait_until(deadline);
        let answered = self.exchange_on(&mut lease, trying, call, deadline).await;
        lease.wait_no_more();
        answered
    }

    /// A connection to one of the endpoints, rather one that this call has not tried; one that cannot be
    /// reached gives way to another, for nothing was sent to it.
    async fn lease(
        &self,
        sites: &Balance<Pool>,
        trying: &Trying<'_>,
        question: Question<'_>,
    ) -> Result<Lease, Fault> {
        sites.ready().await?;
        trying.again(sites, question);
        let mut last = Fault::Connect("no endpoint".to_owned());
        while let Some(site) = trying.choose(sites) {
            if let Some(lease) = Lease::idle(&site) {
                return Ok(lease);
            }
            match self.dial(&site).await {
                Ok(lease) => return Ok(lease),
                Err(fault) => last = fault,
            }
        }
        Err(last)
    }

    async fn dial(&self, site: &Rc<Site<Pool>>) -> Result<Lease, Fault> {
        let load = Load::on(site);
        // Boxed, because a handshake's state is large and each call would carry room for it.
        match Box::pin(self.checked.dialer.dial(&site.endpoint)).await {
            Ok(transport) => {
                site.wake();
                let connection = Connection::new(transport, site.pool.expected(), now());
                Ok(Lease::fresh(Box::new(connection), load))
            }
            Err(fault) => {
                site.rest();
                Err(fault)
            }
        }
    }

    async fn exchange_on(
        &self,
        lease: &mut Lease,
        trying: &Trying<'_>,
        call: &ServiceCall,
        deadline: Deadline,
    ) -> Result<Answer, Fault> {
        let site = Rc::clone(lease.site());
        let connection = lease.connection();
        connection.output.clear();
        site.pool.head.write(&mut connection.output, call, deadline)?;
        let mut more = call.body.as_slice();
        if more.len() <= MOST_JOINED {
            connection.output.extend_from_slice(more);
            more = &[];
        }
        connection.begin();
        connection.send(more, call.method == "HEAD").await?;
        let (head, headers) = if trying.course.nonce.is_none() && !call.wants_headers {
            (connection.head().await?, None)
        } else {
            let mut headers = Box::new(HeaderMap::new());
            let head = poll_fn(|cx| connection.poll_head(cx, Some(&mut headers))).await?;
            if let Some(nonce) = trying.course.nonce {
                note_nonce(nonce, &headers);
            }
            hop_by_hop::strip(&mut headers);
            (head, call.wants_headers.then_some(headers))
        };
        trying.push_back(head.pushback);
        judge(head.status, call)?;
        if head.is_encoded {
            return Err(ENCODED);
        }
        let body = connection.whole_body(self.checked.settings.body_limit).await?;
        Ok(Answer { status: head.status, body, is_expected_type: head.is_json, headers })
    }

    async fn attempt_http2(
        &self,
        http2: &Http2,
        trying: &Trying<'_>,
        call: &ServiceCall,
        deadline: Deadline,
    ) -> Result<Answer, Fault> {
        let headers = &self.checked.settings.headers;
        let build = |endpoint: &Endpoint| request::http2_head(endpoint, headers, call, deadline);
        let body = Bytes::copy_from_slice(&call.body);
        let mut reply = http2.ask(&build, body, Question::of(call), call.safe, trying).await?;
        if let Some(nonce) = trying.course.nonce {
            note_nonce(nonce, &reply.head.headers);
        }
        let status = reply.head.status.as_u16();
        if matches!(status, 429 | 503) {
            trying.push_back(retry_after::of(&reply.head.headers));
        }
        judge(status, call)?;
        let header = |name| reply.head.headers.get(name).map(::http::HeaderValue::as_bytes);
        if header(::http::header::CONTENT_ENCODING).is_some_and(|v| !v.eq_ignore_ascii_case(b"identity")) {
            return Err(ENCODED);
        }
        let is_expected_type = header(::http::header::CONTENT_TYPE).is_none_or(head::says_json);
        let body = reply.whole_body(self.checked.settings.body_limit).await?;
        let headers = call.wants_headers.then(|| {
            let mut headers = Box::new(std::mem::take(&mut reply.head.headers));
            hop_by_hop::strip(&mut headers);
            headers
        });
        Ok(Answer { status, body, is_expected_type, headers })
    }
}

fn note_nonce(nonce: &Cell<Option<String>>, headers: &HeaderMap) {
    let given = headers.get("dpop-nonce").and_then(|value| value.to_str().ok());
    nonce.set(given.map(str::to_owned));
}

const ENCODED: Fault = Fault::Malformed {
    pointer: String::new(),
    why: "compressed, though `accept-encoding: identity` was sent",
};

/// Only success is an answer. Redirects are not followed: where a call goes is the catalogue's to say, never a
/// service's, and its headers may carry secrets.
///
/// Who keeps answers with their headers asks whether they still stand: 304 says so (RFC 9110 §15.4.5).
fn judge(status: u16, call: &ServiceCall) -> Result<(), Fault> {
    match status {
        200..=299 => Ok(()),
        304 if call.wants_headers => Ok(()),
        400..=499 => Err(Fault::Rejected { status }),
        _ => Err(Fault::Failed { status }),
    }
}
