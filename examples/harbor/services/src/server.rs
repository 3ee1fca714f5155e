//! The ports: one listener a service, HTTP/1.1 and h2c on each, faults applied to whatever the service says.

use std::cell::RefCell;
use std::collections::HashMap;
use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use futures_util::future::try_join_all;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use serde_json::{Value, json};

use crate::answer::{Answer, Asked};
use crate::body::AnyBody;
use crate::control::{Control, Mode};
use crate::data::cart::Carts;
use crate::{desks, grpc};

/// Largest request body that is read.
const BODY_LIMIT: usize = 256 * 1024;
/// Answers that one event loop keeps, in bytes, before it starts again from none.
const KEPT_BYTES: usize = 32 * 1024 * 1024;

/// The services, in the order of their ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Service {
    /// gRPC.
    Cart,
    /// OpenAPI 3.0.
    Catalog,
    /// gRPC.
    Pricing,
    /// OpenAPI 3.0.
    Tax,
    /// OpenAPI 3.0.
    Shipping,
    /// OpenAPI 3.0.
    Inventory,
    /// OpenAPI 3.0.
    Payments,
    /// OpenAPI 3.1.
    Recommendations,
    /// OpenAPI 3.0.
    Backoffice,
    /// The cart as HTTP and JSON, for comparisons.
    CartHttp,
    /// The prices as HTTP and JSON, for comparisons.
    PricingHttp,
    /// OpenAPI 3.0. Wants an access token.
    Customers,
    /// The next version of the recommendations.
    RecommendationsV2,
}

impl Service {
    /// All of them; the index is the distance from the first port.
    pub const ALL: [Self; 13] = [
        Self::Cart,
        Self::Catalog,
        Self::Pricing,
        Self::Tax,
        Self::Shipping,
        Self::Inventory,
        Self::Payments,
        Self::Recommendations,
        Self::Backoffice,
        Self::CartHttp,
        Self::PricingHttp,
        Self::Customers,
        Self::RecommendationsV2,
    ];

    /// As in `frontdesk.yaml`; a version of a service as `--url` names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cart => "cart",
            Self::Catalog => "catalog",
            Self::Pricing => "pricing",
            Self::Tax => "tax",
            Self::Shipping => "shipping",
            Self::Inventory => "inventory",
            Self::Payments => "payments",
            Self::Recommendations => "recommendations",
            Self::Backoffice => "backoffice",
            Self::CartHttp => "cartHttp",
            Self::PricingHttp => "pricingHttp",
            Self::Customers => "customers",
            Self::RecommendationsV2 => "recommendations.v2",
        }
    }

    fn speaks_grpc(self) -> bool {
        matches!(self, Self::Cart | Self::Pricing)
    }
}

/// What all event loops share.
#[derive(Default)]
pub struct Harbor {
    pub(crate) carts: Carts,
    controls: [Control; Service::ALL.len()],
}

impl Harbor {
    /// How to tell `service` to misbehave.
    pub fn control(&self, service: Service) -> &Control {
        &self.controls[service as usize]
    }
}

/// The ports, taken and not yet served.
pub struct Bound(Vec<(Service, TcpListener, SocketAddr)>);

/// Takes a port for each service: consecutive ones from `port_base`, or ones that the system chooses if it is 0.
pub fn bind(host: IpAddr, port_base: u16) -> io::Result<Bound> {
    let mut bound = Vec::new();
    for (index, service) in Service::ALL.into_iter().enumerate() {
        let port = if port_base == 0 { 0 } else { port_base.saturating_add(index as u16) };
        let listener = TcpListener::bind((host, port)).map_err(|error| {
            io::Error::new(
                error.kind(),
                format!("{}: cannot listen on {host}:{port}: {error}", service.name()),
            )
        })?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        bound.push((service, listener, address));
    }
    Ok(Bound(bound))
}

impl Bound {
    /// Where `service` listens.
    pub fn address(&self, service: Service) -> Option<SocketAddr> {
        self.0.iter().find(|(other, ..)| *other == service).map(|(.., address)| *address)
    }

    /// `{"services": {"cart": "http://127.0.0.1:9101", …}}`
    pub fn addresses(&self) -> Value {
        let services: serde_json::Map<String, Value> = self
            .0
            .iter()
            .map(|(service, _, address)| (service.name().to_owned(), json!(format!("http://{address}"))))
            .collect();
        json!({ "services": services })
    }

    /// Handles to the listeners, for one event loop; several loops may share the ports.
    pub fn listeners(&self) -> io::Result<Vec<(Service, TcpListener)>> {
        self.0.iter().map(|(service, listener, _)| Ok((*service, listener.try_clone()?))).collect()
    }
}

/// Serves all of `listeners` on this event loop, until it is dropped.
pub async fn serve(listeners: Vec<(Service, TcpListener)>, harbor: Arc<Harbor>) -> io::Result<()> {
    let services =
        listeners.into_iter().map(|(service, listener)| accept(service, listener, Arc::clone(&harbor)));
    try_join_all(services).await.map(|_| ())
}

async fn accept(service: Service, listener: TcpListener, harbor: Arc<Harbor>) -> io::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    loop {
        // A client that is gone before we look, or no descriptor left: the next one may fare better.
        let Ok((stream, _)) = listener.accept().await else {
            tokio::task::yield_now().await;
            continue;
        };
        // Answers are written whole; waiting for more would only delay them.
        let _ = stream.set_nodelay(true);
        harbor.control(service).connected();
        let harbor = Arc::clone(&harbor);
        tokio::spawn(async move {
            let respond = service_fn(move |request| {
                let harbor = Arc::clone(&harbor);
                async move { Ok::<_, Infallible>(respond(harbor, service, request).await) }
            });
            let mut server = auto::Builder::new(TokioExecutor::new());
            server.http1().keep_alive(true);
            // A connection ends when the client closes it or a fault cuts it; neither is news here.
            let _ = server.serve_connection(TokioIo::new(stream), respond).await;
        });
    }
}

async fn respond(harbor: Arc<Harbor>, service: Service, request: Request<Incoming>) -> Response<AnyBody> {
    if request.uri().path() == "/_control" {
        return control(&harbor, service, request).await;
    }
    let mode = harbor.control(service).admit();
    match mode {
        Mode::Hang => std::future::pending().await,
        Mode::Slow(time) => tokio::time::sleep(time).await,
        Mode::Fail(status) if service.speaks_grpc() => return grpc::refused(status).map(AnyBody::Grpc),
        Mode::Fail(status) => return written(failure(status)),
        _ => {}
    }
    if service.speaks_grpc() {
        let response = grpc::answer(harbor, service, request).await;
        return mangled_grpc(response, mode).await;
    }
    let answer = ask(&harbor, service, request).await;
    match answer.mode {
        Mode::Slow(time) => tokio::time::sleep(time).await,
        Mode::Fail(status) => return written(failure(status)),
        Mode::Garbage => return mangled(answer, Mode::Garbage),
        _ => {}
    }
    mangled(answer, mode)
}

/// A failure says things that no client of a BFF may ever see: where it happened, and to whom.
fn failure(status: u16) -> Answer {
    Answer::refused(status, "told_to_fail", "SECRET stack trace at db-7.harbor.internal:5432, user=root")
}

/// One answer that an event loop keeps.
type Kept = HashMap<(Service, String), Answer>;

#[derive(Default)]
struct Memory {
    kept: Kept,
    bytes: usize,
    /// The number of cart changes at which `kept` was right.
    changes: u64,
}

thread_local! {
    /// Answers are pure functions of the request, so each event loop writes each one once.
    static MEMORY: RefCell<Memory> = RefCell::default();
}

async fn ask(harbor: &Harbor, service: Service, request: Request<Incoming>) -> Answer {
    let (parts, body) = request.into_parts();
    let (path, query) = (parts.uri.path(), parts.uri.query().unwrap_or_default());
    let authorization = parts.headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    if parts.method != Method::GET {
        let Ok(body) = Limited::new(body, BODY_LIMIT).collect().await else {
            return Answer::refused(413, "too_large", "the body is too large");
        };
        return desks::answer(
            harbor,
            service,
            &Asked::new(parts.method.as_str(), path, query, &body.to_bytes()).by(authorization),
        );
    }
    let key = (service, parts.uri.path_and_query().map_or(path, |all| all.as_str()).to_owned());
    let changes = harbor.carts.changes();
    let known = MEMORY.with_borrow_mut(|memory| {
        if memory.changes != changes {
            *memory = Memory { changes, ..Memory::default() };
        }
        memory.kept.get(&key).cloned()
    });
    if let Some(answer) = known {
        return answer;
    }
    let answer = desks::answer(harbor, service, &Asked::new("GET", path, query, &[]).by(authorization));
    if answer.keep {
        MEMORY.with_borrow_mut(|memory| {
            if memory.bytes > KEPT_BYTES {
                *memory = Memory { changes, ..Memory::default() };
            }
            memory.bytes += answer.body.len() + key.1.len() + 128;
            memory.kept.insert(key, answer.clone());
        });
    }
    answer
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

fn with_body(status: u16, length: usize, body: AnyBody) -> Response<AnyBody> {
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(length));
    response
}

fn written(answer: Answer) -> Response<AnyBody> {
    let mut response = with_body(answer.status, answer.body.len(), AnyBody::Whole(Some(answer.body)));
    if let Some(lifetime) = answer.lifetime {
        response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(lifetime));
    }
    response
}

/// Sends `answer`, or what `mode` makes of it.
fn mangled(answer: Answer, mode: Mode) -> Response<AnyBody> {
    match mode {
        Mode::Truncate => {
            let half = answer.body.slice(..answer.body.len() / 2);
            with_body(answer.status, answer.body.len(), AnyBody::cut(half))
        }
        Mode::Garbage => {
            let noise = Bytes::from_static(b"{\"items\": [\x00\xff\xfe<html>not json</html>");
            with_body(200, noise.len(), AnyBody::Whole(Some(noise)))
        }
        Mode::Misfit => {
            let other = Bytes::from_static(b"{\"items\":7,\"lines\":\"none\",\"unexpected\":[true]}");
            with_body(200, other.len(), AnyBody::Whole(Some(other)))
        }
        _ => written(answer),
    }
}

/// The same for gRPC: messages are length-prefixed (one byte of flags, four of length).
async fn mangled_grpc(response: Response<tonic::body::Body>, mode: Mode) -> Response<AnyBody> {
    // A refusal has no message that could be mangled.
    if !matches!(mode, Mode::Truncate | Mode::Garbage | Mode::Misfit)
        || response.headers().contains_key("grpc-status")
    {
        return response.map(AnyBody::Grpc);
    }
    let (parts, body) = response.into_parts();
    let whole = body.collect().await.map(|all| (all.trailers().cloned(), all.to_bytes()));
    let (trailers, message) = whole.unwrap_or_default();
    if mode == Mode::Truncate {
        return Response::from_parts(parts, AnyBody::cut(message.slice(..message.len() / 2)));
    }
    // Garbage is no protobuf at all; a misfit has field 1 as a number and field 6 as a string that is no UTF-8.
    let content: &[u8] =
        if mode == Mode::Garbage { &[0xff; 24] } else { &[0x08, 0x07, 0x32, 0x02, 0xc3, 0x28] };
    let mut framed = BytesMut::with_capacity(5 + content.len());
    framed.extend_from_slice(&[0, 0, 0, 0, content.len() as u8]);
    framed.extend_from_slice(content);
    let body = http_body_util::Full::new(framed.freeze()).with_trailers(async move { trailers.map(Ok) });
    Response::from_parts(parts, AnyBody::Grpc(tonic::body::Body::new(body)))
}

async fn control(harbor: &Harbor, service: Service, request: Request<Incoming>) -> Response<AnyBody> {
    let control = harbor.control(service);
    if request.method() == Method::POST {
        let body = Limited::new(request.into_body(), BODY_LIMIT).collect().await;
        let order: Value =
            body.ok().and_then(|body| serde_json::from_slice(&body.to_bytes()).ok()).unwrap_or_default();
        match Mode::read(&order) {
            Ok((mode, times)) => control.order(mode, times),
            Err(message) => return written(Answer::refused(400, "order", &message)),
        }
    }
    written(Answer::ok(&control.state(service.name())))
}
