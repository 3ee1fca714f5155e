//! The few pages that a person sees when signing in does not work: fixed words, nothing of the request.
//!
//! They stand alone (no script, no image, one style whose hash the policy names), may not be framed, and are kept by
//! nobody. The words say what to do next; why it happened is for the operator's log.

use std::sync::LazyLock;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use sha2::{Digest, Sha256};

/// Travels in the extensions of an answer, for the access log: nothing of it is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The problem code, as problems of endpoints have one.
    pub code: &'static str,
    /// What the operator should know. Holds no secret and nothing that the client chose.
    pub cause: Option<String>,
}

/// Which page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Page {
    /// The provider, or a store of ours, does not answer.
    Unavailable,
    /// There is no such transaction in this browser: too old, used, or another browser's.
    Expired,
    /// The person said no at the provider.
    Denied,
    /// The provider refused, or its answer cannot be trusted.
    Failed,
    /// The provider signed the person in, but not as strongly or as recently as was asked for.
    NotStrongEnough,
    /// The person was signed out everywhere while this was under way.
    SignedOut,
    /// More claims than a session can hold.
    TooLarge,
    /// Too many attempts from this address.
    TooMany,
}

struct Words {
    status: StatusCode,
    code: &'static str,
    title: &'static str,
    text: &'static str,
    link: &'static str,
}

impl Page {
    #[cfg(test)]
    pub const ALL: [Self; 8] = [
        Self::Unavailable,
        Self::Expired,
        Self::Denied,
        Self::Failed,
        Self::NotStrongEnough,
        Self::SignedOut,
        Self::TooLarge,
        Self::TooMany,
    ];

    fn words(self) -> Words {
        let (status, code, title, text, link) = match self {
            Self::Unavailable => (
                StatusCode::SERVICE_UNAVAILABLE,
                "identity_unavailable",
                "Signing in is not possible right now",
                "Please try again in a moment. If you were signed in before, you still are.",
                "Try again",
            ),
            Self::Expired => (
                StatusCode::BAD_REQUEST,
                "login_expired",
                "This sign-in is no longer valid",
                "It took too long, was already used, or was started in another browser.",
                "Sign in",
            ),
            Self::Denied => (
                StatusCode::FORBIDDEN,
                "login_denied",
                "You are not signed in",
                "Signing in was cancelled, or your account may not use this application.",
                "Sign in",
            ),
            Self::Failed => (
                StatusCode::BAD_GATEWAY,
                "login_failed",
                "Signing in did not work",
                "Nothing was changed. If it happens again, please tell whoever runs this application.",
                "Try again",
            ),
            Self::NotStrongEnough => (
                StatusCode::FORBIDDEN,
                "step_up_required",
                "Please confirm that it is you",
                "What you wanted to do needs a fresh or stronger sign-in than the one just made.",
                "Confirm",
            ),
            Self::SignedOut => (
                StatusCode::FORBIDDEN,
                "login_required",
                "You were signed out",
                "Your account was signed out while you were signing in.",
                "Sign in",
            ),
            Self::TooLarge => (
                StatusCode::INTERNAL_SERVER_ERROR,
                "session_too_large",
                "Your account cannot be used here",
                "It carries more details than this application can keep. Please tell whoever runs it.",
                "Try again",
            ),
            Self::TooMany => (
                StatusCode::TOO_MANY_REQUESTS,
                "rate_limited",
                "Too many attempts",
                "Please wait a moment before you sign in again.",
                "Try again",
            ),
        };
        Words { status, code, title, text, link }
    }

    /// The page with a link to `again`: a path of ours, already encoded.
    pub fn response(self, again: &str, cause: Option<String>) -> Response<Bytes> {
        let Words { status, code, title, text, link } = self.words();
        let mut response = page(status, "", &[title, text, link], again);
        if status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("5"));
        }
        response.extensions_mut().insert(Told { code, cause });
        response
    }

    /// The page that says how long to wait.
    pub fn too_many(again: &str, wait: Duration) -> Response<Bytes> {
        let mut response = Self::TooMany.response(again, None);
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        response
    }
}

/// A page that leads to `next` by itself, at once: a navigation of our own page brings all of our cookies along.
pub fn once_more(next: &str) -> Response<Bytes> {
    let refresh = format!("<meta http-equiv=\"refresh\" content=\"0; url={}\">\n", escaped(next));
    page(StatusCode::OK, &refresh, &["One moment", "You are being signed in.", "Continue"], next)
}

fn page(status: StatusCode, head: &str, [title, text, link]: &[&str; 3], next: &str) -> Response<Bytes> {
    let next = escaped(next);
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"robots\" content=\"noindex\">\n{head}<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n\
         <body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n<p><a href=\"{next}\">{link}</a></p>\n</main>\n\
         </body>\n</html>\n"
    );
    let mut response = Response::new(Bytes::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, POLICY.clone());
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    keep_to_itself(headers);
    response
}

/// Headers of every answer below `/auth/`: kept by no cache, told to nobody.
pub fn keep_to_itself(headers: &mut HeaderMap) {
    const CDN_CACHE_CONTROL: HeaderName = HeaderName::from_static("cdn-cache-control");
    const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CDN_CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(RESOURCE_POLICY, HeaderValue::from_static("same-origin"));
}

const STYLE: &str = ":root{color-scheme:light dark}body{margin:0;min-height:100vh;display:grid;place-items:center;\
font:1.0625rem/1.5 system-ui,sans-serif}main{max-width:32rem;padding:2rem}h1{font-size:1.5rem;line-height:1.25;\
margin:0 0 1rem}a{display:inline-block;padding:.625rem 1.25rem;border:2px solid;border-radius:.375rem;\
color:inherit;text-decoration:none}a:hover{text-decoration:underline}a:focus-visible{outline:3px solid;\
outline-offset:3px}";

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    // Base64 and fixed text are header text.
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// Fit for a quoted attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_stand_alone_and_cannot_be_framed() {
        for page in Page::ALL {
            let response = page.response("/auth/login?return_to=%2Fa&provider=x\"><script>", None);
            let header = |name: HeaderName| response.headers().get(name).unwrap().to_str().unwrap();
            let policy = header(CONTENT_SECURITY_POLICY);
            assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
            assert!(policy.ends_with("frame-ancestors 'none'"), "{policy}");
            assert_eq!(header(CACHE_CONTROL), "no-store");
            assert_eq!(header(REFERRER_POLICY), "no-referrer");
            let html = std::str::from_utf8(response.body()).unwrap();
            assert!(!html.contains("<script") && !html.contains("http"), "{html}");
            assert!(html.contains("<html lang=\"en\">") && html.contains("<h1>") && html.contains("<main>"));
            assert_eq!(html.matches("<a href=\"/auth/login?return_to=%2Fa&amp;provider=x&quot;").count(), 1);
            assert!(response.status().is_client_error() || response.status().is_server_error());
        }
    }
}
