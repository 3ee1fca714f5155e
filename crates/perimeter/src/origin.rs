//! Whether a request comes from the client's own pages: the defence against cross-site request forgery.
//!
//! What a browser attaches by itself (a session cookie, a TLS certificate) proves who its user is, not whose page
//! made the request. `SameSite` does not tell a sibling origin of the same site from us, so every request that uses
//! the session is looked at here, `GET` too: what the browser says of its origin (`Sec-Fetch-Site`, else `Origin`)
//! must be good, and the request must carry a custom header, which no page of another origin can add without asking
//! first (CORS preflight). Only a navigation of the user's own, which cannot carry one, goes without.

use http::header::{HeaderName, ORIGIN, UPGRADE};
use http::{HeaderMap, Method};

use frontdesk_lang::model::{Cors, Csrf};

use crate::cors::Listed;
use crate::{Inbound, Origins, Refusal};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");

/// What a request must show, by how its caller is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rule {
    /// The session cookie says who asks.
    Session,
    /// As [`Session`](Self::Session), for endpoints with `csrf: { headerless }`: what the browser says is enough.
    Headerless,
    /// A TLS certificate says who asks. Browsers attach it by themselves, so they are held to
    /// [`Session`](Self::Session); programs, which send neither `Origin` nor `Sec-Fetch-*`, are not.
    Certificate,
    /// Nobody in particular asks. Browsers may not write from elsewhere; reading needs nothing.
    Public,
    /// A credential that no browser attaches by itself: a token in `Authorization`, a key in a header.
    Token,
}

/// The check of one BFF.
#[derive(Clone, Debug)]
pub struct CrossSite {
    header: HeaderName,
    own: Origins,
    listed: Option<Listed>,
}

impl CrossSite {
    /// `None` if the custom header's name cannot be one.
    pub fn new(own: Origins, csrf: &Csrf, cors: Option<&Cors>) -> Option<Self> {
        let header = csrf.header.to_ascii_lowercase().parse().ok()?;
        Some(Self { header, own, listed: cors.map(Listed::new) })
    }

    /// The custom header.
    pub fn header(&self) -> &HeaderName {
        &self.header
    }

    /// Lets the request in, or says why not.
    ///
    /// # Errors
    /// 403 with `cross_site_request` (by `Sec-Fetch-Site`, or because what the browser says contradicts itself),
    /// `origin_not_allowed` (by `Origin`), or `missing_request_header`.
    pub fn check(&self, request: &Inbound<'_>, rule: Rule) -> Result<(), Refusal> {
        if rule == Rule::Token {
            return Ok(());
        }
        let is_safe = matches!(*request.method, Method::GET | Method::HEAD | Method::OPTIONS);
        let is_socket = is_socket(request.headers);
        if rule == Rule::Public && is_safe && !is_socket {
            return Ok(());
        }
        let said = Said::of(request.headers).ok_or_else(cross_site)?;
        if rule == Rule::Certificate && said.is_nothing() {
            return Ok(());
        }
        if is_socket {
            return self.check_socket(request, &said, rule);
        }
        self.check_place(request, &said, rule)?;
        match rule {
            Rule::Public | Rule::Token => Ok(()),
            Rule::Headerless if said.names_a_place() => Ok(()),
            _ if said.is_navigation(request.method) || self.has_header(request.headers) => Ok(()),
            _ => Err(missing_header()),
        }
    }

    /// Where the request comes from.
    fn check_place(&self, request: &Inbound<'_>, said: &Said<'_>, rule: Rule) -> Result<(), Refusal> {
        let from_listed = said.origin.is_some_and(|origin| self.lists(origin, rule));
        match said.site {
            Some(Site::SameOrigin) => match said.origin {
                Some(origin) if !self.own.is_own(request, origin) => Err(cross_site()),
                _ => Ok(()),
            },
            Some(Site::None) if said.is_navigation(request.method) => Ok(()),
            Some(Site::Elsewhere) if from_listed => Ok(()),
            Some(_) => Err(cross_site()),
            None => match said.origin {
                Some(origin) if !from_listed && !self.own.is_own(request, origin) => Err(not_allowed()),
                _ => Ok(()),
            },
        }
    }

    /// A WebSocket handshake has no `Sec-Fetch-Site` in some browsers, no custom header in any, and no protection
    /// by CORS: its `Origin` decides, and it must have one.
    fn check_socket(&self, request: &Inbound<'_>, said: &Said<'_>, rule: Rule) -> Result<(), Refusal> {
        let origin = said.origin.ok_or_else(not_allowed)?;
        let is_own = self.own.is_own(request, origin);
        match said.site {
            _ if self.lists(origin, rule) && said.site != Some(Site::None) => Ok(()),
            None | Some(Site::SameOrigin) if is_own => Ok(()),
            Some(_) if is_own => Err(cross_site()),
            _ => Err(not_allowed()),
        }
    }

    /// Whether CORS lists this origin, with credentials if the request uses any.
    fn lists(&self, origin: &str, rule: Rule) -> bool {
        self.listed.as_ref().is_some_and(|listed| {
            listed.contains(origin.as_bytes()) && (rule == Rule::Public || listed.credentials)
        })
    }

    fn has_header(&self, headers: &HeaderMap) -> bool {
        headers.get_all(&self.header).iter().any(|value| !value.as_bytes().trim_ascii().is_empty())
    }
}

/// What the request says of where it comes from.
#[derive(Debug)]
struct Said<'r> {
    site: Option<Site>,
    mode: Option<&'r str>,
    dest: Option<&'r str>,
    origin: Option<&'r str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Site {
    SameOrigin,
    /// `same-site` or `cross-site`.
    Elsewhere,
    /// The user's own doing: an address typed, a bookmark.
    None,
}

impl<'r> Said<'r> {
    /// `None` if a header stands there twice, has a value that no browser sends, or contradicts another.
    fn of(headers: &'r HeaderMap) -> Option<Self> {
        let site = match one(headers, &SEC_FETCH_SITE)? {
            None => None,
            Some("same-origin") => Some(Site::SameOrigin),
            Some("same-site" | "cross-site") => Some(Site::Elsewhere),
            Some("none") => Some(Site::None),
            Some(_) => return None,
        };
        let said = Self {
            site,
            mode: one(headers, &SEC_FETCH_MODE)?,
            dest: one(headers, &SEC_FETCH_DEST)?,
            origin: one(headers, &ORIGIN)?,
        };
        // What the user did has no page behind it that could have an origin.
        let contradicts = said.site == Some(Site::None) && said.origin.is_some();
        (!contradicts).then_some(said)
    }

    fn is_nothing(&self) -> bool {
        self.site.is_none() && self.mode.is_none() && self.dest.is_none() && self.origin.is_none()
    }

    /// A good [`place`](CrossSite::check_place) was named, rather than none at all.
    fn names_a_place(&self) -> bool {
        self.site.is_some() || self.origin.is_some()
    }

    /// A page the user goes to, from our own pages or from none.
    fn is_navigation(&self, method: &Method) -> bool {
        matches!(*method, Method::GET | Method::HEAD)
            && matches!(self.site, Some(Site::SameOrigin | Site::None))
            && self.mode == Some("navigate")
            && self.dest == Some("document")
    }
}

/// The header's value if there is one; `None` if there are several or it is not text.
#[expect(clippy::option_option, reason = "unreadable, absent and there are three things")]
fn one<'r>(headers: &'r HeaderMap, name: &HeaderName) -> Option<Option<&'r str>> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Some(None),
        (Some(value), None) => value.to_str().ok().map(Some),
        (Some(_), Some(_)) => None,
    }
}

/// Whether this may begin a WebSocket (RFC 6455 §4.1).
fn is_socket(headers: &HeaderMap) -> bool {
    headers.get_all(UPGRADE).iter().any(|value| {
        let mut names = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        names.any(|name| name.get(..9).is_some_and(|name| name.eq_ignore_ascii_case(b"websocket")))
    })
}

fn cross_site() -> Refusal {
    Refusal::new(403, "cross_site_request").detail("The request comes from a page of another origin.")
}

fn not_allowed() -> Refusal {
    Refusal::new(403, "origin_not_allowed").detail("The request's Origin is not one that may ask here.")
}

fn missing_header() -> Refusal {
    Refusal::new(403, "missing_request_header").detail(
        "Requests that use the session carry a custom header, `x-frontdesk: 1` unless bff.ts names another.",
    )
}
