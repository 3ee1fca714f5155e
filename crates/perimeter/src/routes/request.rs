//! What a navigation to `/auth/login` and an answer of a provider ask for, read and bounded.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use http::HeaderName;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use crate::return_to;
use crate::{Inbound, Refusal};

const SEC_FETCH_MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const SEC_PURPOSE: HeaderName = HeaderName::from_static("sec-purpose");

/// The longest that texts of a login request may be, in bytes.
const LONGEST: usize = 512;
/// The longest that a code, a state or an issuer may be, in bytes: providers write codes of several kilobytes.
const LONGEST_ANSWER: usize = 8192;
/// Ten years: more says nothing.
const LONGEST_AGE: u64 = 10 * 365 * 24 * 60 * 60;

/// `prompt` of OpenID Connect Core §3.1.2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    None,
    Login,
    Consent,
    SelectAccount,
    /// Initiating User Registration via OpenID Connect 1.0.
    Create,
}

impl Prompt {
    const ALL: [Self; 5] = [Self::None, Self::Login, Self::Consent, Self::SelectAccount, Self::Create];

    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
            Self::Create => "create",
        }
    }
}

/// What `/auth/login` was asked for. Everything else in its query is ignored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoginRequest {
    pub return_to: String,
    /// The provider's name, if one was named.
    pub provider: Option<String>,
    /// Authentication contexts, any of which will do; empty if none was asked for.
    pub acr: Vec<Arc<str>>,
    /// Seconds since the person last proved who they are, at most.
    pub max_age: Option<u64>,
    pub prompt: Option<Prompt>,
}

impl LoginRequest {
    /// Reads the query of a navigation.
    ///
    /// # Errors
    /// 403 if it is not a navigation of a whole page, 400 if a parameter cannot be meant.
    pub fn read(inbound: &Inbound<'_>, is_endpoint: &dyn Fn(&str) -> bool) -> Result<Self, Refusal> {
        let prompt = match parameter(inbound, "prompt", LONGEST)? {
            Some(text) => {
                Some(Prompt::ALL.into_iter().find(|prompt| prompt.name() == text).ok_or_else(unreadable)?)
            }
            None => None,
        };
        only_navigations(inbound, prompt)?;
        let return_to = match parameter(inbound, "return_to", return_to::LONGEST) {
            Ok(Some(text)) if !text.is_empty() => {
                return_to::check(&text, is_endpoint).map_err(|_| bad_return_to())?.to_owned()
            }
            Ok(_) => "/".to_owned(),
            Err(_) => return Err(bad_return_to()),
        };
        let acr = match parameter(inbound, "acr", LONGEST)? {
            Some(text) if text.bytes().all(|byte| byte == b' ' || is_plain(byte)) => {
                text.split(' ').filter(|value| !value.is_empty()).map(Arc::from).collect()
            }
            Some(_) => return Err(unreadable()),
            None => Vec::new(),
        };
        let max_age = match parameter(inbound, "max_age", LONGEST)? {
            Some(text) if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(text.parse().unwrap_or(LONGEST_AGE).min(LONGEST_AGE))
            }
            Some(_) => return Err(unreadable()),
            None => None,
        };
        let provider = parameter(inbound, "provider", LONGEST)?.map(Cow::into_owned);
        Ok(Self { return_to, provider, acr, max_age, prompt })
    }
}

/// What came back from a provider (RFC 6749 §4.1.2, RFC 9207 §2). `Debug` is left out: it holds a code.
pub struct Answer<'r> {
    pub state: Cow<'r, str>,
    pub code: Option<Cow<'r, str>>,
    pub error: Option<Cow<'r, str>>,
    pub issuer: Option<Cow<'r, str>>,
}

impl<'r> Answer<'r> {
    /// `None` if it is no answer: no state, parameters that stand there twice (RFC 6749 §3.1), or beyond bounds.
    pub fn read(inbound: &Inbound<'r>) -> Option<Self> {
        let one = |name| parameter(inbound, name, LONGEST_ANSWER);
        let state = one("state").ok()??;
        let code = one("code").ok()?;
        let error = one("error").ok()?;
        let issuer = one("iss").ok()?;
        let answer = Self { state, code, error, issuer };
        let texts =
            [Some(&answer.state), answer.code.as_ref(), answer.error.as_ref(), answer.issuer.as_ref()];
        let is_visible =
            texts.into_iter().flatten().all(|text| text.bytes().all(|b| (0x20..=0x7e).contains(&b)));
        is_visible.then_some(answer)
    }
}

/// The one value of a parameter; twice the same parameter could be read in two ways.
fn parameter<'r>(inbound: &Inbound<'r>, name: &str, longest: usize) -> Result<Option<Cow<'r, str>>, Refusal> {
    let mut values = inbound.query().filter(|(known, _)| known == name).map(|(_, value)| value);
    match (values.next(), values.next()) {
        (Some(value), None) if value.len() <= longest => Ok(Some(value)),
        (None, _) => Ok(None),
        _ => Err(unreadable()),
    }
}

/// What a browser says of a request (Fetch Metadata). A header that stands there twice says nothing good.
#[derive(Clone, Copy)]
pub struct Fetch<'r> {
    mode: Option<&'r str>,
    dest: Option<&'r str>,
    site: Option<&'r str>,
    /// Fetched in case somebody goes there: nobody has done so yet.
    is_ahead: bool,
}

impl<'r> Fetch<'r> {
    pub fn of(inbound: &Inbound<'r>) -> Self {
        let said = |name: &HeaderName| {
            inbound.headers.contains_key(name).then(|| inbound.header(name).unwrap_or_default())
        };
        Self {
            mode: said(&SEC_FETCH_MODE),
            dest: said(&SEC_FETCH_DEST),
            site: said(&SEC_FETCH_SITE),
            is_ahead: said(&SEC_PURPOSE).is_some(),
        }
    }

    /// A person goes there, with a whole page or (`in_frame`) within a page.
    pub fn is_navigation(self, in_frame: bool) -> bool {
        let is_place = match self.dest {
            None | Some("document") => true,
            Some("iframe") => in_frame,
            Some(_) => false,
        };
        is_place && self.mode.is_none_or(|mode| mode == "navigate") && !self.is_ahead
    }

    /// The way here began on another site or origin: `Strict` cookies do not come along.
    pub fn is_from_elsewhere(self) -> bool {
        matches!(self.site, Some("cross-site" | "same-site"))
    }
}

/// Signing in begins by going somewhere: never by a script, and in a frame only where our own page asks without a
/// prompt, so that nobody else can make a session appear silently.
fn only_navigations(inbound: &Inbound<'_>, prompt: Option<Prompt>) -> Result<(), Refusal> {
    let fetch = Fetch::of(inbound);
    let is_silent = prompt == Some(Prompt::None);
    let in_frame = is_silent && fetch.site == Some("same-origin");
    // A user opens a bookmark; a page of another site must not sign its visitors in without their doing.
    let may_be_silent = matches!(fetch.site, None | Some("same-origin" | "none"));
    if fetch.is_navigation(in_frame) && (!is_silent || may_be_silent) {
        return Ok(());
    }
    Err(not_a_navigation())
}

/// A request that should be a navigation and is not.
pub fn not_a_navigation() -> Refusal {
    Refusal::new(403, "cross_site_request").detail("One signs in by going there with a whole page.")
}

fn unreadable() -> Refusal {
    Refusal::new(400, "invalid_parameters")
        .detail("A parameter is malformed, too long, or stands there twice.")
}

fn bad_return_to() -> Refusal {
    Refusal::new(400, "bad_return_to").detail("`return_to` must be the path of a page of this application.")
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'"' && byte != b'\\'
}

/// The place that a page sends its user to, to sign in as strongly as `acr` and as recently as `max_age` ask
/// (RFC 9470 §3). The page adds its own `return_to`.
pub fn login_url(acr: &[Arc<str>], max_age: Option<Duration>) -> String {
    login_with(&step_up(acr, max_age.map(|age| age.as_secs())))
}

/// The parameters that ask for more than signing in.
pub fn step_up(acr: &[Arc<str>], max_age: Option<u64>) -> Vec<(&'static str, String)> {
    let mut parameters = Vec::new();
    if !acr.is_empty() {
        parameters.push(("acr", acr.join(" ")));
    }
    parameters.extend(max_age.map(|seconds| ("max_age", seconds.to_string())));
    parameters
}

/// `/auth/login` with parameters.
pub fn login_with(parameters: &[(&str, String)]) -> String {
    let mut url = super::LOGIN.to_owned();
    for (at, (name, value)) in parameters.iter().enumerate() {
        url.push(if at == 0 { '?' } else { '&' });
        url.push_str(name);
        url.push('=');
        url.extend(utf8_percent_encode(value, NON_ALPHANUMERIC));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, Method, Uri};

    fn read(query: &str, fetch: [&str; 3]) -> Result<LoginRequest, (u16, &'static str)> {
        let uri: Uri = format!("/auth/login{query}").parse().unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in [SEC_FETCH_SITE, SEC_FETCH_MODE, SEC_FETCH_DEST].into_iter().zip(fetch) {
            for value in value.split(',').filter(|value| !value.is_empty()) {
                headers.append(&name, value.parse().unwrap());
            }
        }
        let inbound = Inbound {
            method: &Method::GET,
            uri: &uri,
            headers: &headers,
            peer: [127, 0, 0, 1].into(),
            secure: false,
            certificate: None,
        };
        LoginRequest::read(&inbound, &|path| path == "/view")
            .map_err(|refusal| (refusal.status, refusal.code))
    }

    const NAVIGATION: [&str; 3] = ["same-origin", "navigate", "document"];

    #[test]
    fn only_what_is_known_is_read() {
        let plain = read("", NAVIGATION).unwrap();
        assert_eq!((plain.return_to.as_str(), plain.prompt, plain.acr.len()), ("/", None, 0));
        let full = read(
            "?return_to=%2Forders%3Fp%3D2&provider=corp&acr=gold%20silver&max_age=300&prompt=login\
             &redirect_uri=https://evil.example&client_id=x&iss=https://evil.example&scope=admin",
            NAVIGATION,
        )
        .unwrap();
        assert_eq!(full.return_to, "/orders?p=2");
        assert_eq!(full.provider.as_deref(), Some("corp"));
        assert_eq!(full.acr.join(" "), "gold silver");
        assert_eq!((full.max_age, full.prompt), (Some(300), Some(Prompt::Login)));
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for (query, code) in [
            ("?return_to=//evil.example", "bad_return_to"),
            ("?return_to=/auth/logout", "bad_return_to"),
            ("?return_to=/view", "bad_return_to"),
            ("?return_to=/a&return_to=/b", "bad_return_to"),
            ("?return_to=%ff", "bad_return_to"),
            ("?prompt=everything", "invalid_parameters"),
            ("?prompt=none%20login", "invalid_parameters"),
            ("?max_age=-1", "invalid_parameters"),
            ("?max_age=", "invalid_parameters"),
            ("?acr=%22", "invalid_parameters"),
            ("?acr=%0d%0a", "invalid_parameters"),
            ("?acr=a&acr=b", "invalid_parameters"),
        ] {
            assert_eq!(read(query, NAVIGATION), Err((400, code)), "{query}");
        }
        assert_eq!(read("?max_age=99999999999999999999999", NAVIGATION).unwrap().max_age, Some(LONGEST_AGE));
    }

    #[test]
    fn only_navigations_of_whole_pages_begin_a_login() {
        let refused = Err((403, "cross_site_request"));
        for (query, fetch, allowed) in [
            ("", ["", "", ""], true),
            ("", ["cross-site", "navigate", "document"], true),
            ("", ["none", "navigate", "document"], true),
            ("", ["same-origin", "cors", "empty"], false),
            ("", ["same-origin", "no-cors", "image"], false),
            ("", ["same-origin", "navigate", "iframe"], false),
            ("", ["same-origin", "navigate", "frame"], false),
            ("", ["same-origin", "navigate", "object"], false),
            ("", ["same-origin", "navigate,cors", "document"], false),
            ("", ["same-origin", "navigate", "document,document"], false),
            ("", ["same-origin", "websocket", ""], false),
            ("?prompt=none", ["same-origin", "navigate", "iframe"], true),
            ("?prompt=none", ["same-site", "navigate", "iframe"], false),
            ("?prompt=none", ["cross-site", "navigate", "iframe"], false),
            ("?prompt=none", ["", "navigate", "iframe"], false),
            ("?prompt=none", ["cross-site", "navigate", "document"], false),
            ("?prompt=none", ["same-origin", "navigate", "document"], true),
            ("?prompt=login", ["same-origin", "navigate", "iframe"], false),
        ] {
            let got = read(query, fetch).map(|_| ());
            assert_eq!(got, if allowed { Ok(()) } else { refused }, "{query} {fetch:?}");
        }
    }

    #[test]
    fn a_step_up_says_what_it_needs() {
        let acr = ["urn:mace:gold".into(), "silver".into()];
        let age = Some(Duration::from_secs(300));
        assert_eq!(login_url(&acr, age), "/auth/login?acr=urn%3Amace%3Agold%20silver&max_age=300");
        assert_eq!(login_url(&[], None), "/auth/login");
    }
}
