//! Whole exchanges with servers that are not services of views: providers of identity.
//!
//! A client sends to the origins it was made for and to nothing else, whatever a request says: addresses come from
//! metadata, which are somebody else's words. Each origin has its own roots and pools; connections are used again only
//! for moments, so that a request with a secret that must not be sent twice hardly ever meets one that was just closed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use ::http::uri::Scheme;
use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, Uri, header};
use bytes::{Bytes, BytesMut};
use frontdesk_adapter::{
    Connector, Deadline, Fault, HttpAnswer, HttpClient, HttpClientFactory, HttpFuture, HttpRequest,
    TraceContext,
};
use http_body::{Body, Frame, SizeHint};

use crate::http::{ForwardBody, HttpConnector, HttpService};
use crate::{Addresses, Error, Policy, Settings};

/// The largest answer, in bytes.
const MOST: u64 = 256 * 1024;
const KEEP_ALIVE: Duration = Duration::from_secs(2);
/// An answer that passes is read as fast as it comes; the deadline of the request is the one that counts.
const STALL: Duration = Duration::from_secs(10);
/// The most origins that may be admitted on the word of others.
const MOST_ADMITTED: usize = 64;

/// Makes clients that reach the origins that were [allowed](Self::allow).
#[derive(Clone, Default)]
pub struct WebClients {
    sites: HashMap<String, Site>,
}

#[derive(Clone)]
struct Site {
    service: HttpService,
    roots_pem: Option<Arc<str>>,
}

impl std::fmt::Debug for WebClients {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut origins: Vec<&String> = self.sites.keys().collect();
        origins.sort();
        f.debug_struct("WebClients").field("origins", &origins).finish()
    }
}

impl WebClients {
    pub fn new() -> Self {
        Self::default()
    }

    /// Lets requests go to the origin of `url` (whose path does not matter), at any address. `roots_pem` is trusted
    /// instead of the public roots.
    ///
    /// # Errors
    /// `url` is no address of a web server, or the roots cannot be read.
    pub fn allow(&mut self, url: &str, roots_pem: Option<&str>) -> Result<(), Error> {
        let refused = || Error::Url {
            url: url.to_owned(),
            why: "it must begin with `http://` or `https://` and a host",
        };
        let uri = url.parse::<Uri>().map_err(|_| refused())?;
        let origin = Origin::of(&uri).ok_or_else(refused)?.to_string();
        let site = Site::new(&origin, roots_pem.map(Arc::from), Addresses::Any)?;
        // Of two BFFs that name the same provider, the one that says which roots to trust knows more.
        if roots_pem.is_some() || !self.sites.contains_key(&origin) {
            self.sites.insert(origin, site);
        }
        Ok(())
    }
}

impl Site {
    fn new(origin: &str, roots_pem: Option<Arc<str>>, addresses: Addresses) -> Result<Self, Error> {
        let settings = Settings {
            connect_timeout: Duration::from_secs(3),
            policy: Policy::plain(128),
            body_limit: MOST,
            roots_pem: roots_pem.as_deref().map(str::to_owned),
            keep_alive: KEEP_ALIVE,
            stall: STALL,
            addresses,
            ..Settings::at(origin)
        };
        Ok(Self { service: HttpService::new(settings)?, roots_pem })
    }
}

impl HttpClientFactory for WebClients {
    fn client(&self) -> Rc<dyn HttpClient> {
        let reach = |(origin, site): (&String, &Site)| (origin.clone(), Reach::new(site.clone()));
        let reaches = self.sites.iter().map(reach).collect();
        Rc::new(WebClient { reaches: RefCell::new(reaches), admitted: RefCell::default() })
    }
}

/// The client of one thread.
struct WebClient {
    reaches: RefCell<HashMap<String, Reach>>,
    /// Origins that came later, each with the one that spoke for it.
    admitted: RefCell<HashMap<String, String>>,
}

#[derive(Clone)]
struct Reach {
    connector: Rc<HttpConnector>,
    site: Site,
}

impl Reach {
    fn new(site: Site) -> Self {
        Self { connector: site.service.local(), site }
    }
}

impl HttpClient for WebClient {
    fn send<'a>(&'a self, request: &'a HttpRequest, deadline: Deadline) -> HttpFuture<'a> {
        Box::pin(async move {
            let exchange = self.exchange(request, deadline);
            tokio::time::timeout_at(deadline.instant(), exchange).await.unwrap_or(Err(Fault::TimedOut))
        })
    }

    fn admit(&self, origin: &str, known: &str) -> Result<(), Fault> {
        let refuse = |why| Err(Fault::Unsendable { argument: "url".to_owned(), why });
        if self.reaches.borrow().contains_key(origin) {
            return Ok(());
        }
        let Some(speaker) = self.reaches.borrow().get(known).map(|reach| reach.site.clone()) else {
            return refuse("the server that names another is not known itself");
        };
        if self.admitted.borrow().contains_key(known) {
            return refuse("a server that was named by another cannot name a third");
        }
        let (Ok(new), Ok(old)) = (origin.parse::<Uri>(), known.parse::<Uri>()) else {
            return refuse("it is not an origin");
        };
        if new.scheme() != Some(&Scheme::HTTPS) && old.scheme() == Some(&Scheme::HTTPS) {
            return refuse("a server with TLS cannot name one without");
        }
        if self.admitted.borrow().len() >= MOST_ADMITTED {
            return refuse("too many servers were named by others");
        }
        // Whoever has roots of its own is in a network of its own, and so are its neighbours.
        let is_neighbour = new.host() == old.host() || speaker.roots_pem.is_some();
        let addresses = if is_neighbour { Addresses::Any } else { Addresses::Public };
        let Ok(site) = Site::new(origin, speaker.roots_pem, addresses) else {
            return refuse("it is not an origin");
        };
        self.reaches.borrow_mut().insert(origin.to_owned(), Reach::new(site));
        self.admitted.borrow_mut().insert(origin.to_owned(), known.to_owned());
        Ok(())
    }
}

impl WebClient {
    async fn exchange(&self, request: &HttpRequest, deadline: Deadline) -> Result<HttpAnswer, Fault> {
        let uri = request.url.parse::<Uri>().map_err(|_| unsendable("url", "it is not a URL"))?;
        let origin = Origin::of(&uri).ok_or_else(|| unsendable("url", "it is not an address of the web"))?;
        let origin = origin.to_string();
        let connector = self.reaches.borrow().get(&origin).map(|reach| Rc::clone(&reach.connector));
        let connector =
            connector.ok_or_else(|| unsendable("url", "this client was not made for that server"))?;
        connector.sweep();
        let sent = built(request, &uri)?;
        let answer = connector.forward(sent, TraceContext::default(), deadline).await?;
        collected(answer).await
    }
}

fn unsendable(argument: &str, why: &'static str) -> Fault {
    Fault::Unsendable { argument: argument.to_owned(), why }
}

fn built(request: &HttpRequest, uri: &Uri) -> Result<Request<Whole>, Fault> {
    let mut sent = Request::new(Whole(Some(request.body.clone()).filter(|body| !body.is_empty())));
    *sent.method_mut() = Method::from_bytes(request.method.as_bytes())
        .map_err(|_| unsendable("method", "it is not a method"))?;
    *sent.uri_mut() = uri.clone();
    let headers = sent.headers_mut();
    headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
    headers.insert(header::USER_AGENT, HeaderValue::from_static("frontdesk"));
    for (name, value) in &request.headers {
        let mut value = HeaderValue::from_str(value)
            .map_err(|_| unsendable(name, "a header cannot hold such characters"))?;
        value.set_sensitive(true);
        headers.append(HeaderName::from_static(name), value);
    }
    Ok(sent)
}

async fn collected(answer: Response<ForwardBody<Whole>>) -> Result<HttpAnswer, Fault> {
    let (parts, mut body) = answer.into_parts();
    let is_encoded = |value: &HeaderValue| !value.as_bytes().eq_ignore_ascii_case(b"identity");
    if parts.headers.get_all(header::CONTENT_ENCODING).iter().any(is_encoded) {
        return Err(Fault::Broken("compressed, though `accept-encoding: identity` was sent".to_owned()));
    }
    let too_large = Fault::TooLarge { limit: MOST };
    if body.size_hint().lower() > MOST {
        return Err(too_large);
    }
    let mut whole = BytesMut::new();
    while let Some(frame) = std::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let Ok(piece) = frame?.into_data() else { continue };
        if (whole.len() + piece.len()) as u64 > MOST {
            return Err(too_large);
        }
        whole.extend_from_slice(&piece);
    }
    Ok(HttpAnswer { status: parts.status.as_u16(), headers: texts(&parts.headers), body: whole.freeze() })
}

/// Headers that are text; others say nothing to us.
fn texts(headers: &HeaderMap) -> Vec<(String, String)> {
    let pair = |(name, value): (&HeaderName, &HeaderValue)| {
        Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
    };
    headers.iter().filter_map(pair).collect()
}

/// A server as requests and allow lists both name it: `https://host` or `https://host:port`, lower case, without a
/// port that goes without saying.
struct Origin<'u> {
    scheme: &'u str,
    host: &'u str,
    port: Option<u16>,
}

impl<'u> Origin<'u> {
    fn of(uri: &'u Uri) -> Option<Self> {
        let (scheme, usual) = match uri.scheme_str()? {
            "https" => ("https", 443),
            "http" => ("http", 80),
            _ => return None,
        };
        let authority = uri.authority()?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return None;
        }
        Some(Self {
            scheme,
            host: authority.host(),
            port: authority.port_u16().filter(|port| *port != usual),
        })
    }
}

impl std::fmt::Display for Origin<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", self.scheme, self.host.to_ascii_lowercase())?;
        match self.port {
            None => Ok(()),
            Some(port) => write!(f, ":{port}"),
        }
    }
}

/// A body that is all here.
struct Whole(Option<Bytes>);

impl Body for Whole {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Poll::Ready(self.0.take().map(|whole| Ok(Frame::data(whole))))
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.0.as_ref().map_or(0, |whole| whole.len() as u64))
    }
}
